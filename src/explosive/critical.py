"""Critical values of the explosiveness tests: shipped, simulated, and bootstrapped from the series.

PSY: Phillips, Shi, Yu (2015). HLST: Harvey, Leybourne, Sollis, Taylor (2016). PS: Phillips, Shi (2020).
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from explosive.checks import Array, Values, check_whole, checked_series, checked_window, default_window, window_rule

QUANTILES = (0.90, 0.95, 0.99)
SEED = 2015
NAMES = ("adf", "sadf", "gsadf", "badf", "bsadf")


@dataclass(frozen=True, eq=False)
class CriticalValues:
    """What the statistics stay below, with given probabilities, when nothing is explosive.

    `adf`, `sadf` and `gsadf` are by quantile; `badf` and `bsadf` by end observation (counted from 1) and
    quantile; `kind` says how they were made. `n`, `lag` and `min_window` must be those of the test.
    `standard_errors` holds, under the same five names, how far `replications` walks leave them uncertain.
    """

    adf: pd.Series
    sadf: pd.Series
    gsadf: pd.Series
    badf: pd.DataFrame
    bsadf: pd.DataFrame
    kind: str
    n: int
    lag: int
    min_window: int
    replications: int
    standard_errors: dict[str, Any] = field(default_factory=dict)


def monte_carlo_critical_values(
    n: int, lag: int = 0, min_window: int | None = None, replications: int = 2000, seed: int = SEED
) -> CriticalValues:
    """Simulate critical values under PSY's null, a Gaussian random walk that drifts by 1/n deviations a step.

    `bsadf` holds quantiles of BSADF at each point, as PSY's programs do. exuber puts there those of the running
    maximum of BADF: fewer and shorter episodes.
    """
    from explosive.core import random_walks

    window = checked_window(n, lag, min_window)
    draw = random_walks(np.random.default_rng(seed), n, 1.0 / n)
    return _simulated(draw, "Monte Carlo", n, lag, window, replications)


def critical_values(n: int, lag: int = 0, min_window: int | None = None, replications: int = 2000) -> CriticalValues:
    """Monte Carlo critical values from the shipped table, simulated with `replications` where it has none.

    The table holds lags of 0 to 4 and, for sizes after which the default window grows, that window and the next. It
    serves for the default window of all sizes between, straight in the logarithm of n, in the rows by which the
    window falls short of n (0.01 + 1.8 / sqrt(n)), and in the logarithm of an end point's number.

    Examples
    --------
    >>> critical_values(400).gsadf.round(1).tolist()
    [1.9, 2.2, 2.7]
    """
    window = checked_window(n, lag, min_window)
    table = _shipped()
    table = table[table["lag"] == lag]
    sizes = table["n"].unique()
    if window != default_window(n) or not len(sizes) or not sizes.min() <= n <= sizes.max():
        return monte_carlo_critical_values(n, lag, window, replications)
    below, above = sizes[sizes <= n].max(), sizes[sizes >= n].min()
    share = np.log(n / below) / np.log(above / below) if below < n else 0.0
    mixed: dict[str, Array] = dict.fromkeys(NAMES, np.zeros(1))
    for size, weight in ((below, 1 - share), (above, share)):
        rows = table[table["n"] == size]
        shortest = int(rows["min_window"].min())
        # The same part of a row short of the rule, in proportion, lies between the two windows of that size.
        short = (window_rule(n) - window) * window_rule(size) / window_rule(n)
        longer = window_rule(size) - short - shortest if size != n else 0.0
        for extra, part in ((0, weight * (1 - longer)), (1, weight * longer)):
            for name, chosen in rows[rows["min_window"] == shortest + extra].groupby("statistic"):
                mixed[str(name)] = mixed[str(name)] + part * _along(chosen, n - lag - window)
    used = table[table["n"].isin([below, above])]
    return _made(mixed, "Monte Carlo", n, lag, window, int(used["replications"].min()))


@cache
def _shipped() -> pd.DataFrame:
    return pd.read_csv(Path(__file__).with_name("critical_values.csv"))


def _along(rows: pd.DataFrame, points: int) -> Array:
    # One row for a statistic of the whole sample, else one for each of `points` end points.
    columns = rows[[f"{kind}{100 * q:g}" for kind in ("cv", "se") for q in QUANTILES]].to_numpy()
    if len(rows) == 1:
        return columns
    knots = np.log(rows["end"] - rows["min_window"] - rows["lag"])
    at = np.log(np.arange(1, points + 1)) / np.log(points) * knots.iloc[-1]
    return np.column_stack([np.interp(at, knots, column) for column in columns.T])


def wild_bootstrap_critical_values(
    values: Values, lag: int = 0, min_window: int | None = None, replications: int = 999, seed: int = SEED
) -> CriticalValues:
    """Simulate critical values that keep the series' own changes of volatility [HLST].

    Samples are y*_t = y*_{t-1} + w_t dy_t from y*_1 = 0 with independent standard normal w_t. With a few hundred
    observations GSADF then rejects less often than it says where volatility is in fact constant.
    """
    from explosive.core import wild_paths

    series = checked_series(values)
    window = checked_window(series.size, lag, min_window)
    draw = wild_paths(np.random.default_rng(seed), series)
    return _simulated(draw, "wild bootstrap", series.size, lag, window, replications)


def composite_bootstrap_critical_values(
    values: Values, tb: int, lag: int = 0, min_window: int | None = None, replications: int = 999, seed: int = SEED
) -> CriticalValues:
    """Simulate critical values for any false alarm among `tb` successive end points: 24, two years of months [PS].

    They are the same at every point; `sadf` and `gsadf` are for the largest of tb statistics, `adf` is missing.
    Samples follow the autoregression of the changes fitted under the null, without its constant; errors are residuals
    of the whole sample drawn with replacement times standard normal numbers.
    """
    from explosive.core import composite_paths

    series = checked_series(values)
    window = checked_window(series.size, lag, min_window)
    check_whole("tb", tb, 1, series.size - lag - window)
    length = window + lag + tb
    draw = composite_paths(np.random.default_rng(seed), series, lag, length)
    found = _simulated(draw, "", length, lag, window, replications)
    ends = np.arange(window + lag + 1, series.size + 1)
    badf, bsadf = (pd.DataFrame(np.tile(sup, (ends.size, 1)), ends, sup.index) for sup in (found.sadf, found.gsadf))
    kind = f"composite bootstrap over {tb} points"
    errors = {name: found.standard_errors[name] for name in ("sadf", "gsadf")} | {"adf": found.adf * np.nan}
    return replace(
        found, adf=found.adf * np.nan, badf=badf, bsadf=bsadf, kind=kind, n=series.size, standard_errors=errors
    )


def _simulated(
    draw: Callable[[int], Array], kind: str, n: int, lag: int, window: int, replications: int
) -> CriticalValues:
    from explosive.core import null_distribution

    check_whole("replications", replications, 1)
    badf, bsadf = null_distribution(draw, replications, lag, window)
    sups = badf[:, -1:], badf.max(axis=1, keepdims=True), bsadf.max(axis=1, keepdims=True)
    draws = dict(zip(NAMES, (*sups, badf, bsadf), strict=True))
    found = {}
    for name, drawn in draws.items():
        # A standard error is half the distance between the quantiles a binomial standard deviation apart.
        spread = np.sqrt(np.multiply(QUANTILES, np.subtract(1, QUANTILES)) / replications)
        levels = np.clip([QUANTILES - spread, QUANTILES, QUANTILES + spread], 0, 1)
        low, middle, high = np.quantile(drawn, levels, axis=0)
        found[name] = np.vstack([middle, (high - low) / 2]).T
    return _made(found, kind, n, lag, window, replications)


def _made(found: dict[str, Array], kind: str, n: int, lag: int, window: int, replications: int) -> CriticalValues:
    # `found` has critical values and standard errors side by side, a row for each end point.
    parts: list[dict[str, Any]] = [{}, {}]
    for name, rows in found.items():
        ends = np.arange(n - len(rows) + 1, n + 1)
        for part, columns in zip(parts, np.hsplit(rows, 2), strict=True):
            frame = pd.DataFrame(columns, ends, list(QUANTILES))
            part[name] = frame if name in NAMES[3:] else frame.iloc[0].rename(name)
    return CriticalValues(
        **parts[0], kind=kind, n=n, lag=lag, min_window=window, replications=replications, standard_errors=parts[1]
    )
