"""Right-tailed unit root tests for explosive series: ADF, SADF, GSADF, their sequences and date stamps.

PWY: Phillips, Wu, Yu (2011). PSY: Phillips, Shi, Yu (2015). GSW: Guo, Sun, Wang (2019).
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd

from explosive.checks import Values, check_whole, checked_series, checked_window, default_window, singular_window
from explosive.critical import *  # noqa: F403
from explosive.critical import CriticalValues, critical_values


@dataclass(frozen=True, eq=False)
class RadfResult:
    """Statistics of one series of `n` observations, tested with `lag` lagged changes.

    `badf` and `bsadf` (n - lag - min_window,) begin with observation min_window + lag + 1. They and `values` are
    Series if one went in.
    """

    adf: float
    sadf: float
    gsadf: float
    badf: Any
    bsadf: Any
    values: Any
    lag: int
    min_window: int
    n: int


def radf(values: Values, lag: int | str = 0, min_window: int | None = None, max_lag: int = 12) -> RadfResult:
    """Test a series for explosive episodes: oldest first, in any unit, without gaps.

    `lag` changes are in every regression; with "bic", `bic_lag` chooses up to `max_lag` of them once. The smallest
    regression has `min_window` rows, or `default_window(n)`. What cannot be tested is refused with a ValueError.

    In each window dy_t = a + b y_{t-1} + sum_j c_j dy_{t-j} + e_t; ADF is b over its standard error. BADF takes the
    windows that start with the sample, BSADF the largest over all starts; SADF and GSADF are their maxima [PWY, PSY].

    Examples
    --------
    >>> walk = 100 + np.cumsum(np.random.default_rng(1).standard_normal(150))
    >>> boom = walk + 0.5 * 1.1 ** np.clip(np.arange(150) - 100, 0, None)
    >>> [bool(radf(y).gsadf > critical_values(150).gsadf[0.99]) for y in (walk, boom)]
    [False, True]
    """
    from explosive.core import scan_closely

    series = checked_series(values)
    if isinstance(lag, str):
        if lag != "bic":
            raise ValueError(f'lag "{lag}" is not known: give a whole number or "bic".')
        lag = bic_lag(values, max_lag)
    window = checked_window(series.size, lag, min_window)
    badf, bsadf, singular = scan_closely(series, lag, window)
    if (singular >= 0).any():
        point = int(np.argmax(singular >= 0))
        raise ValueError(singular_window(values, int(singular[point]), point + window + lag))
    sups = float(badf[-1]), float(badf.max()), float(bsadf.max())
    if isinstance(values, pd.Series):
        badf, bsadf = (pd.Series(s, values.index[window + lag :]) for s in (badf, bsadf))
    return RadfResult(*sups, badf, bsadf, values, lag, window, series.size)


def radf_panel(table: pd.DataFrame, lag: int | str = 0, min_window: int | None = None) -> dict[Hashable, RadfResult]:
    """Test every column of a table from its first to its last value; what is refused is refused by name."""
    found = {}
    for name, column in table.items():
        try:
            found[name] = radf(column.loc[column.first_valid_index() : column.last_valid_index()], lag, min_window)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from error
    return found


def bic_lag(values: Values, max_lag: int = 12) -> int:
    """Choose the lag of the whole sample's regression with the smallest m ln(RSS / m) + (lag + 2) ln m.

    Every regression is on the same last m changes; lags the default window cannot estimate are left out.
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
    only_if_rejected: bool = False,
) -> pd.DataFrame:
    """Date the episodes in which a statistic's sequence is above its critical values.

    Episodes shorter than `min_duration` observations, or ln(n) rounded [PSY, exuber], are left out. `sequence` is
    "bsadf" for PSY's dates, "badf" for PWY's. With `only_if_rejected` nothing is dated unless GSADF (or SADF) is
    above its own critical value, as in exuber. `start` is the first observation above (a label, or a position in an
    array), `end` the first below again, `direction` that from just before the start to the peak.
    """
    table = sequence_table(result, critical, quantile, sequence)
    shortest = round(np.log(result.n)) if min_duration is None else min_duration
    sup = {"bsadf": "gsadf", "badf": "sadf"}[sequence]
    if only_if_rejected and getattr(result, sup) <= getattr(critical, sup)[quantile]:
        shortest = np.inf
    before = np.asarray(result.values, float)[result.n - len(table) - 1 :]
    rows = []
    edges = np.flatnonzero(np.diff(table["explosive"].to_numpy(), prepend=False, append=False))
    for first, after in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if after - first < shortest:
            continue
        peak = first + int(table[sequence].iloc[first:after].argmax())
        still_open = after == len(table)
        end, way = None if still_open else table.index[after], "up" if before[peak + 1] >= before[first] else "down"
        rows.append((table.index[first], table.index[peak], end, after - first, way, still_open))
    stamps = pd.DataFrame(rows, columns=["start", "peak", "end", "duration", "direction", "open"])
    kind = table.index.dtype
    missing_end = {"M": kind, "i": "Int64"}.get(kind.kind, "object")
    return stamps.astype({"start": kind, "peak": kind, "end": missing_end, "open": bool})


def sequence_table(
    result: RadfResult, critical: CriticalValues, quantile: float = 0.95, sequence: str = "bsadf"
) -> pd.DataFrame:
    """Put a statistic's sequence beside its critical values, and whether it is above the one that decides."""
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
    table[[f"cv{100 * q:g}" for q in levels]] = limits.to_numpy()
    table["explosive"] = table[sequence] > table[f"cv{100 * quantile:g}"]
    return table


def statistics_table(result: RadfResult, critical: CriticalValues) -> pd.DataFrame:
    """Put ADF, SADF and GSADF beside their critical values and these values' standard errors."""
    rows = {}
    for name in ("adf", "sadf", "gsadf"):
        rows[name.upper()] = {"statistic": getattr(result, name)}
        for kind, values in (("cv", getattr(critical, name)), ("se", critical.standard_errors[name])):
            rows[name.upper()] |= {f"{kind}{100 * q:g}": value for q, value in values.items()}
    return pd.DataFrame(rows).T


def panel_table(results: Mapping[Hashable, RadfResult], quantile: float = 0.95) -> pd.DataFrame:
    """Judge many series by `critical_values`: one row each, with the number and the last of its episodes."""
    rows, limits_for = {}, cache(critical_values)
    for name, result in results.items():
        limits = limits_for(result.n, result.lag, result.min_window)
        stamps, limit = datestamp(result, limits, quantile=quantile), limits.gsadf[quantile]
        row = {"n": result.n, "adf": result.adf, "sadf": result.sadf, "gsadf": result.gsadf, "limit": limit}
        last = stamps["start"].iloc[-1] if len(stamps) else None
        rows[name] = row | {"explosive": result.gsadf > limit, "episodes": len(stamps), "last_start": last}
    return pd.DataFrame.from_dict(rows, orient="index")


def root_interval(values: Values, confidence: float = 0.95) -> pd.Series:
    """Estimate the root of y_t = rho y_{t-1} + e_t with its interval, and the observations it takes to double.

    The t statistic of rho is asymptotically standard normal for an explosive root [GSW]; the level counts, so
    give one episode of a price, not of its logarithm. Doubling times are infinite for a root of 1 or less.
    """
    series = checked_series(values)
    level, change = series[:-1], np.diff(series)
    slope = level @ change / (level @ level)
    rest = change - slope * level
    error = np.sqrt(rest @ rest / (rest.size - 1) / (level @ level))
    half = NormalDist().inv_cdf((1 + confidence) / 2) * error
    root = {"rho": 1 + slope, "rho_low": 1 + slope - half, "rho_high": 1 + slope + half}
    times = {"doubling": "rho", "doubling_low": "rho_high", "doubling_high": "rho_low"}
    return pd.Series(root | {key: np.log(2) / np.log(root[r]) if root[r] > 1 else np.inf for key, r in times.items()})
