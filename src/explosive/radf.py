"""Right-tailed unit root tests for explosive series: ADF, SADF, GSADF, their sequences and date stamps.

`radf` tests, the `..._critical_values` judge, `datestamp` dates; names are the literature's and exuber's.
PWY: Phillips, Wu, Yu (2011). PSY: Phillips, Shi, Yu (2015). HLST: Harvey, Leybourne, Sollis, Taylor
(2016). PS: Phillips, Shi (2020).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from explosive.checks import (
    Values,
    check_whole,
    checked_series,
    checked_window,
    default_window,
    singular_window,
)
from explosive.critical import (
    CriticalValues,
    column_name,
    composite_bootstrap_critical_values,
    critical_values,
    monte_carlo_critical_values,
    wild_bootstrap_critical_values,
)

__all__ = [
    "CriticalValues",
    "RadfResult",
    "bic_lag",
    "composite_bootstrap_critical_values",
    "critical_values",
    "datestamp",
    "default_window",
    "monte_carlo_critical_values",
    "radf",
    "sequence_table",
    "wild_bootstrap_critical_values",
]


@dataclass(frozen=True, eq=False)
class RadfResult:
    """Statistics of one series.

    Attributes
    ----------
    adf, sadf, gsadf : float
        Statistic of the whole sample, largest of the windows that start with it, largest of all windows.
    badf, bsadf : pd.Series or array (n - lag - min_window,)
        ADF and sup ADF statistic at each end point, the first being observation min_window + lag + 1.
    values : pd.Series or array (n,)
        The series tested.
    lag, min_window, n : int
        Lagged changes, rows of the smallest regression, observations.
    """

    adf: float
    sadf: float
    gsadf: float
    badf: Any  # a Series where a Series went in, else an array
    bsadf: Any  # a Series where a Series went in, else an array
    values: Any  # a Series where a Series went in, else an array
    lag: int
    min_window: int
    n: int


def radf(values: Values, lag: int | str = 0, min_window: int | None = None, max_lag: int = 12) -> RadfResult:
    """Test a series for explosive episodes.

    Parameters
    ----------
    values : pd.Series or array (n,)
        The series in any unit, oldest first, without gaps: a log price, a price-dividend ratio.
    lag : int or "bic"
        Lagged changes in every regression, or "bic" to let `bic_lag` choose them once for all windows.
    min_window : int, optional
        Rows of the smallest regression; `default_window` if not given.
    max_lag : int
        Largest lag that "bic" may choose.

    Raises
    ------
    ValueError
        If the series has gaps, is too short or constant, a window is singular, or a setting impossible.

    Notes
    -----
    In each window dy_t = a + b y_{t-1} + sum_j c_j dy_{t-j} + e_t, and the statistic is b over its
    standard error. BADF takes the windows that start with the sample, BSADF the largest statistic over
    all start points for each end point; SADF and GSADF are their maxima [PWY, PSY].

    Examples
    --------
    >>> walk = 100 + np.cumsum(np.random.default_rng(1).standard_normal(150))
    >>> boom = walk + 0.5 * 1.1 ** np.clip(np.arange(150) - 100, 0, None)
    >>> [bool(radf(y).gsadf > critical_values(150).gsadf[0.99]) for y in (walk, boom)]
    [False, True]
    """
    from explosive.core import scan

    series = checked_series(values)
    if isinstance(lag, str):
        if lag != "bic":
            raise ValueError(f'lag "{lag}" is not known: give a whole number or "bic".')
        lag = bic_lag(values, max_lag)
    window = checked_window(series.size, lag, min_window)
    badf, bsadf, singular = (found[0] for found in scan(series[np.newaxis], lag, window))
    if (singular >= 0).any():
        point = int(np.argmax(singular >= 0))
        raise ValueError(singular_window(values, int(singular[point]), point + window + lag))
    sups = float(badf[-1]), float(badf.max()), float(bsadf.max())
    if isinstance(values, pd.Series):
        badf, bsadf = (pd.Series(s, values.index[window + lag :]) for s in (badf, bsadf))
    return RadfResult(*sups, badf, bsadf, values, lag, window, series.size)


def bic_lag(values: Values, max_lag: int = 12) -> int:
    """Choose the lag of the whole sample's regression by the Bayesian information criterion.

    Parameters
    ----------
    values : pd.Series or array (n,)
        The series.
    max_lag : int
        Largest lag considered, if the default window can estimate it.

    Returns
    -------
    int
        The k in 0..max_lag with the smallest m ln(RSS_k / m) + (k + 2) ln m, every regression being on
        the same last m = n - 1 - max_lag changes.

    Examples
    --------
    >>> bic_lag(np.cumsum(np.random.default_rng(2).standard_normal(300)))
    0
    """
    from explosive.core import lagged_changes

    series = checked_series(values)
    check_whole("max_lag", max_lag, 0)
    largest = min(max_lag, default_window(series.size) - 3)
    level = series[largest:-1] - series[largest:-1].mean()
    criteria = []
    for lag in range(largest + 1):
        change, regressors = lagged_changes(series, lag, largest)
        design = np.column_stack([regressors, level])
        residuals = change - design @ np.linalg.lstsq(design, change, rcond=None)[0]
        variance = max(float(np.mean(residuals**2)), np.finfo(float).tiny)
        criteria.append(change.size * np.log(variance) + (lag + 2) * np.log(change.size))
    return int(np.argmin(criteria))


def datestamp(
    result: RadfResult,
    critical: CriticalValues,
    min_duration: float | None = None,
    quantile: float = 0.95,
    sequence: str = "bsadf",
) -> pd.DataFrame:
    """Date the episodes in which a statistic's sequence is above its critical values.

    Parameters
    ----------
    result, critical : RadfResult, CriticalValues
        A test, and critical values for the same n, lag and window.
    min_duration : float, optional
        Shortest episode reported, in observations; ln(n), rounded, if not given [PSY, exuber].
    quantile : float
        Which critical value.
    sequence : {"bsadf", "badf"}
        Which statistic: PSY's dates or PWY's.

    Returns
    -------
    pd.DataFrame
        One row an episode: `start` (first observation above), `peak` (largest statistic), `end` (first
        observation below again, missing while open), `duration` (observations above), `direction` (up
        or down from just before the start to the peak), `open`. Dates are labels of the series, or
        positions in the array.

    Examples
    --------
    >>> walk = 100 + np.cumsum(np.random.default_rng(1).standard_normal(150))
    >>> boom = walk + 0.5 * 1.1 ** np.clip(np.arange(150) - 100, 0, None)
    >>> datestamp(radf(boom), critical_values(150))[["peak", "direction", "open"]].values.tolist()
    [[149, 'up', True]]
    """
    table = sequence_table(result, critical, quantile, sequence)
    shortest = round(np.log(result.n)) if min_duration is None else min_duration
    before = np.asarray(result.values, float)[result.n - len(table) - 1 :]
    rows = []
    edges = np.flatnonzero(np.diff(table["explosive"].to_numpy(), prepend=False, append=False))
    for first, after in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if after - first < shortest:
            continue
        peak = first + int(table[sequence].iloc[first:after].argmax())
        still_open = after == len(table)
        rows.append(
            {
                "start": table.index[first],
                "peak": table.index[peak],
                "end": None if still_open else table.index[after],
                "duration": after - first,
                "direction": "up" if before[peak + 1] >= before[first] else "down",
                "open": still_open,
            }
        )
    stamps = pd.DataFrame(rows, columns=["start", "peak", "end", "duration", "direction", "open"])
    kind = table.index.dtype
    missing_end = {"M": kind, "i": "Int64"}.get(kind.kind, "object")
    return stamps.astype({"start": kind, "peak": kind, "end": missing_end, "open": bool})


def sequence_table(
    result: RadfResult, critical: CriticalValues, quantile: float = 0.95, sequence: str = "bsadf"
) -> pd.DataFrame:
    """Put a statistic's sequence beside its critical values, ready for a chart.

    Parameters
    ----------
    result, critical : RadfResult, CriticalValues
        A test, and critical values for the same n, lag and window.
    quantile : float
        Which critical value decides.
    sequence : {"bsadf", "badf"}
        Which statistic.

    Returns
    -------
    pd.DataFrame
        By date (or position in the array): the statistic under its name, `cv90`, `cv95`, ... for the
        quantiles, and `explosive`, whether the statistic is above the one that decides.

    Examples
    --------
    >>> walk = np.cumsum(np.random.default_rng(1).standard_normal(100))
    >>> list(sequence_table(radf(walk), critical_values(100)))
    ['bsadf', 'cv90', 'cv95', 'cv99', 'explosive']
    """
    if sequence not in ("badf", "bsadf"):
        raise ValueError(f'sequence "{sequence}" is not known: give "bsadf" or "badf".')
    for name in ("n", "lag", "min_window"):
        ours, theirs = getattr(result, name), getattr(critical, name)
        if ours != theirs:
            raise ValueError(f"The test has {name} = {ours}, its critical values {theirs}: make them equal.")
    limits: pd.DataFrame = getattr(critical, sequence)
    levels = [float(level) for level in critical.gsadf.index]
    if quantile not in levels:
        raise ValueError(f"No critical values for quantile {quantile}: there are {levels}.")
    statistic = getattr(result, sequence)
    index = statistic.index if isinstance(statistic, pd.Series) else limits.index - 1
    table = pd.DataFrame({sequence: np.asarray(statistic)}, index)
    table[[column_name(q) for q in levels]] = limits.to_numpy()
    table["explosive"] = table[sequence] > table[column_name(quantile)]
    return table
