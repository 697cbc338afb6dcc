"""Why some companies moved more than others: abnormal returns, or plain ones, set against what they are exposed to."""

from __future__ import annotations

import numpy as np
import pandas as pd

from eventstudy.statistics import interval, two_sided
from eventstudy.study import EventStudy, portfolio_sums


def cross_section(
    values: pd.Series, exposures: pd.DataFrame, clusters: pd.Series | None = None, level: float = 0.95
) -> pd.DataFrame:
    """Regress companies' returns or CARs on exposures, with errors that allow each its own variance; unit of `values`.

    All are indexed by company; one with a value missing is left out. `coefficient, se, t, p, low, high, n, r2` by term.
    Errors: HC3 of MacKinnon and White (1985), Journal of Econometrics 29, 305-325; with `clusters`, such as the industry,
    those of Liang and Zeger (1986), Biometrika 73, 13-22. On ONE date companies share news that the exposures do not
    name, and both are then too small: `portfolio_slopes` learns the noise from past days. `ValueError` for too few
    companies or clusters, or exposures that do not vary apart.

    >>> share = pd.DataFrame({"share": [0.0, 1, 2, 3, 4, 5]})
    >>> cross_section(pd.Series([1.0, 3, 5, 5, 9, 13]), share)["coefficient"].round(10).tolist()
    [0.4285714286, 2.2285714286]
    """
    import statsmodels.api as sm  # takes about a second to import

    design = _design(exposures, values)
    y = values.loc[design.index].to_numpy(dtype=float)
    kind, options = "HC3", {}
    if clusters is not None:
        names = clusters.reindex(design.index)
        known, without = names.nunique(), int(names.isna().sum())
        if without or known < 3:
            raise ValueError(f"{known} clusters, {without} companies without one: three at least")
        kind, options = "cluster", {"groups": pd.factorize(names)[0]}
    fitted = sm.OLS(y, design.to_numpy()).fit(cov_type=kind, cov_kwds=options, use_t=True)
    low, high = fitted.conf_int(1 - level).T
    columns = {"coefficient": fitted.params, "se": fitted.bse, "t": fitted.tvalues, "p": fitted.pvalues}
    columns |= {"low": low, "high": high, "n": len(y), "r2": fitted.rsquared}
    return pd.DataFrame(columns, index=design.columns)


def portfolio_slopes(
    study: EventStudy, window: tuple[int, int], exposures: pd.DataFrame, level: float = 0.95
) -> pd.DataFrame:
    """Regress the CARs of one date on exposures, with errors learnt from the days before; per cent a unit of exposure.

    `coefficient, se, t, p, low, high, n` by term. A slope is the return of a portfolio, long the exposed and short the
    others, with the weights (X'X)^-1 X': its noise is known from its own past days, whatever the companies'
    correlation. Sefcik and Thompson (1986), Journal of Accounting Research 24, 316-334.
    """
    design = _design(exposures, study.fit["sigma"])
    weights = np.zeros((design.shape[1], len(study.fit)))
    weights[:, study.fit.index.get_indexer(design.index)] = np.linalg.pinv(design.to_numpy())
    slope, se = (100 * found for found in portfolio_sums(study, window, weights))
    low, high = interval(slope, se, study.df, level)
    columns = {"coefficient": slope, "se": se, "t": slope / se, "p": [two_sided(t, study.df) for t in slope / se]}
    return pd.DataFrame(columns | {"low": low, "high": high, "n": len(design)}, index=design.columns)


def _design(exposures: pd.DataFrame, values: pd.Series) -> pd.DataFrame:
    """Put a constant beside the exposures of the companies that have all values."""
    table = exposures.astype(float).reindex(values.index)
    table = table[table.notna().all(axis=1) & np.isfinite(values)]
    table.insert(0, "constant", 1.0)
    if len(table) < table.shape[1] + 3:
        raise ValueError(f"{len(table)} companies with all values are too few for {table.shape[1]} terms")
    if np.linalg.matrix_rank(table.to_numpy()) < table.shape[1]:
        raise ValueError(f"the exposures {', '.join(exposures.columns)} do not vary apart: leave one out")
    return table.rename_axis(columns="term")
