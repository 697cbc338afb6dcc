"""Why some companies moved more than others: abnormal returns, or plain ones, set against what they are exposed to."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from eventstudy.statistics import two_sided
from eventstudy.study import EventStudy, window_sums


def cross_section(
    values: pd.Series, exposures: pd.DataFrame, clusters: pd.Series | None = None, level: float = 0.95
) -> pd.DataFrame:
    """Regress companies' returns on their exposures, with errors that allow each its own variance.

    Parameters
    ----------
    values : pd.Series, index company
        Returns or CARs; the coefficients have their unit.
    exposures : pd.DataFrame, index company
        One column an exposure; true and false count as 1 and 0. A company with a value missing is left out.
    clusters : pd.Series, index company, optional
        Such as the industry: errors may then be correlated within it.
    level : float
        Coverage of the interval.

    Returns
    -------
    pd.DataFrame, index term (`constant` first)
        `coefficient, se, t, p, low, high, n, r2`.

    Raises
    ------
    ValueError
        For fewer than three companies more than terms, exposures that do not vary apart, or fewer than three clusters.

    Notes
    -----
    Errors: HC3 of MacKinnon and White (1985), Journal of Econometrics 29, 305-325, with Student's t of n - k degrees
    of freedom; by clusters those of Liang and Zeger (1986), Biometrika 73, 13-22, with one less than there are
    clusters. On ONE date companies share news that the exposures do not name, and both kinds of errors are then too
    small: `portfolio_slopes` learns the noise from past days instead.

    Examples
    --------
    >>> share = pd.DataFrame({"share": [0.0, 1, 2, 3, 4, 5]})
    >>> cross_section(pd.Series([1.0, 3, 5, 5, 9, 13]), share)["coefficient"].round(10).tolist()
    [0.4285714286, 2.2285714286]
    """
    import statsmodels.api as sm  # takes about a second to import

    design, kept = _design(exposures, values)
    y = values.loc[kept].to_numpy(dtype=float)
    kind, options = "HC3", {}
    if clusters is not None:
        names = clusters.reindex(kept)
        if names.isna().any() or names.nunique() < 3:
            raise ValueError(
                f"{names.nunique()} clusters, {int(names.isna().sum())} companies without one: three at least"
            )
        kind, options = "cluster", {"groups": pd.factorize(names)[0]}
    fitted = sm.OLS(y, design.to_numpy()).fit(cov_type=kind, cov_kwds=options, use_t=True)
    low, high = fitted.conf_int(1 - level).T
    columns = {"coefficient": fitted.params, "se": fitted.bse, "t": fitted.tvalues, "p": fitted.pvalues}
    columns |= {"low": low, "high": high, "n": len(y), "r2": fitted.rsquared}
    return pd.DataFrame(columns, index=design.columns.rename("term"))


def portfolio_slopes(
    study: EventStudy, window: tuple[int, int], exposures: pd.DataFrame, level: float = 0.95
) -> pd.DataFrame:
    """Regress the CARs of one date on exposures, with errors learnt from the days before the event.

    A slope is the return of a portfolio, long the exposed and short the others, so its noise is known from its own
    past days, whatever the companies' correlation.

    Returns
    -------
    pd.DataFrame, index term (`constant` first)
        `coefficient` (per cent a unit of exposure), `se, t, p, low, high, n`; t is Student's with `study.df`.

    Notes
    -----
    Sefcik and Thompson (1986), Journal of Accounting Research 24, 316-334. With W = (X'X)^-1 X' the slopes are W CAR,
    and their noise is that of W e_t over the estimation days, scaled as in `tests.portfolio_t`.
    """
    design, kept = _design(exposures, study.fit["sigma"])
    weights = np.linalg.pinv(design.to_numpy())
    place = study.fit.index.get_indexer(kept)
    sums = window_sums(study, window)
    noise = study.residuals.to_numpy()[:, place] @ weights.T
    sigma = np.sqrt(np.square(noise - noise.mean(axis=0)).sum(axis=0) / study.df)
    slope, se = 100 * weights @ sums.car[place], 100 * sigma * np.sqrt(sums.length + sums.weights @ sums.weights)
    reach = float(stdtrit(study.df, 0.5 + level / 2)) * se
    columns = {"coefficient": slope, "se": se, "t": slope / se, "p": [two_sided(t, study.df) for t in slope / se]}
    return pd.DataFrame(columns | {"low": slope - reach, "high": slope + reach, "n": len(kept)}, index=design.columns)


def _design(exposures: pd.DataFrame, values: pd.Series) -> tuple[pd.DataFrame, pd.Index]:
    """Put a constant beside the exposures of the companies that have all values."""
    table = exposures.astype(float).reindex(values.index)
    kept = values.index[table.notna().all(axis=1) & np.isfinite(values)]
    table = table.loc[kept]
    table.insert(0, "constant", 1.0)
    if len(kept) < table.shape[1] + 3:
        raise ValueError(f"{len(kept)} companies with all values are too few for {table.shape[1]} terms")
    if np.linalg.matrix_rank(table.to_numpy()) < table.shape[1]:
        raise ValueError(f"the exposures {', '.join(exposures.columns)} do not vary apart: leave one out")
    return table.rename_axis(columns="term"), kept
