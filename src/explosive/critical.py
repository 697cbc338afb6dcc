"""Critical values of the explosiveness tests: shipped, simulated, and bootstrapped from the series.

PSY: Phillips, Shi, Yu (2015). HLST: Harvey, Leybourne, Sollis, Taylor (2016). PS: Phillips, Shi (2020).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from explosive.checks import Array, Values, check_whole, checked_series, checked_window

QUANTILES = (0.90, 0.95, 0.99)
SEED = 2015


@dataclass(frozen=True, eq=False)
class CriticalValues:
    """What the statistics stay below, with given probabilities, when nothing is explosive.

    Attributes
    ----------
    adf, sadf, gsadf : pd.Series
        Critical values by quantile.
    badf, bsadf : pd.DataFrame (n - lag - min_window, quantiles)
        Critical values by end observation (counted from 1) and quantile.
    kind : str
        How they were made.
    n, lag, min_window, replications : int
        Settings; the first three must be those of the test.
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


def monte_carlo_critical_values(
    n: int,
    lag: int = 0,
    min_window: int | None = None,
    replications: int = 2000,
    seed: int = SEED,
) -> CriticalValues:
    """Simulate finite-sample critical values under a Gaussian random walk, for any number of threads.

    Parameters
    ----------
    n, lag, min_window : int
        Observations and settings of the test.
    replications, seed : int
        Simulated walks and their seed.

    Notes
    -----
    The walk drifts by 1/n standard deviations a step, PSY's null; exuber simulates without drift, which
    changes little. `bsadf` holds quantiles of the BSADF statistic itself at each point, as PSY's programs
    do: at a point, a false alarm is as likely as the quantile says. exuber puts there the quantiles of the
    running maximum of BADF, which are higher: its episodes are fewer and shorter.

    Examples
    --------
    >>> monte_carlo_critical_values(100, replications=500).gsadf.round(1).tolist()
    [1.7, 2.0, 2.4]
    """
    from explosive.core import random_walks

    window = checked_window(n, lag, min_window)
    draw = random_walks(np.random.default_rng(seed), n, 1.0 / n)
    return _simulated(draw, "Monte Carlo", n, lag, window, replications)


def critical_values(n: int, lag: int = 0, min_window: int | None = None, replications: int = 2000) -> CriticalValues:
    """Monte Carlo critical values from the shipped table, simulated where it has none.

    Parameters
    ----------
    n, lag, min_window : int
        Observations and settings of the test.
    replications : int
        Simulated walks where the table has none.

    Notes
    -----
    The table (made by `benchmarks/simulate_critical_values.py`) serves when it has exactly this n, lag
    and window. Nothing is interpolated between sample sizes, since the window changes with them; a
    sequence is kept at some end points and drawn straight between these.

    Examples
    --------
    >>> critical_values(500).gsadf.round(1).tolist()
    [2.0, 2.2, 2.8]
    """
    window = checked_window(n, lag, min_window)
    table = pd.read_csv(Path(__file__).with_name("critical_values.csv"))
    table = table[(table["n"] == n) & (table["lag"] == lag) & (table["min_window"] == window)]
    if table.empty:
        return monte_carlo_critical_values(n, lag, window, replications)
    ends = np.arange(window + lag + 1, n + 1)
    found: dict[str, pd.DataFrame] = {}
    for name, rows in table.groupby("statistic"):
        knots = rows.set_index("end")[[column_name(q) for q in QUANTILES]].set_axis(list(QUANTILES), axis=1)
        found[str(name)] = pd.DataFrame({q: np.interp(ends, knots.index, knots[q]) for q in knots}, ends)
    adf, sadf, gsadf = (found[name].iloc[-1].rename(name) for name in ("adf", "sadf", "gsadf"))
    replications = int(table["replications"].iloc[0])
    return CriticalValues(adf, sadf, gsadf, found["badf"], found["bsadf"], "Monte Carlo", n, lag, window, replications)


def wild_bootstrap_critical_values(
    values: Values,
    lag: int = 0,
    min_window: int | None = None,
    replications: int = 999,
    seed: int = SEED,
) -> CriticalValues:
    """Simulate critical values that keep the series' own changes of volatility [HLST].

    Parameters
    ----------
    values : pd.Series or array (n,)
        The series tested.
    lag, min_window : int
        Settings of the test.
    replications, seed : int
        Bootstrap samples and their seed; the number of threads changes nothing.

    Notes
    -----
    Samples are y*_t = y*_{t-1} + w_t dy_t from y*_1 = 0, the w_t being independent standard normal
    numbers: walks without explosiveness whose volatility moves as that of the series. With a few hundred
    observations GSADF then rejects less often than it says where volatility is in fact constant.

    Examples
    --------
    >>> walk = np.cumsum(np.random.default_rng(3).standard_normal(100))
    >>> wild_bootstrap_critical_values(walk, replications=199).gsadf.round(1).tolist()
    [1.9, 2.2, 2.8]
    """
    from explosive.core import wild_paths

    series, window = _checked(values, lag, min_window)
    draw = wild_paths(np.random.default_rng(seed), series)
    return _simulated(draw, "wild bootstrap", series.size, lag, window, replications)


def composite_bootstrap_critical_values(
    values: Values,
    tb: int,
    lag: int = 0,
    min_window: int | None = None,
    replications: int = 999,
    seed: int = SEED,
) -> CriticalValues:
    """Simulate critical values for any false alarm among `tb` successive end points [PS].

    Parameters
    ----------
    values : pd.Series or array (n,)
        The series tested.
    tb : int
        End points watched together: 24 for two years of months.
    lag, min_window, replications, seed
        As for `wild_bootstrap_critical_values`.

    Returns
    -------
    CriticalValues
        The same at every point; `sadf` and `gsadf` are for the largest of tb statistics, `adf` is missing.

    Notes
    -----
    Samples of min_window + lag + tb observations follow the autoregression of the changes fitted under
    the null (without its constant, started at the first changes of the series); errors are residuals
    drawn with replacement times independent standard normal numbers. The critical value is a quantile
    of the largest statistic over the tb end points, so it holds for the family of tb tests. Residuals
    come from the whole sample: a lasting rise of volatility near its end is not followed.

    Examples
    --------
    >>> walk = np.cumsum(np.random.default_rng(3).standard_normal(100))
    >>> family = composite_bootstrap_critical_values(walk, tb=24, replications=199)
    >>> bool((family.bsadf[0.95] == family.gsadf[0.95]).all())
    True
    """
    from explosive.core import composite_paths

    series, window = _checked(values, lag, min_window)
    check_whole("tb", tb, 1, series.size - lag - window)
    length = window + lag + tb
    draw = composite_paths(np.random.default_rng(seed), series, lag, length)
    found = _simulated(draw, "", length, lag, window, replications)
    ends = np.arange(window + lag + 1, series.size + 1)
    badf, bsadf = (pd.DataFrame(np.tile(sup, (ends.size, 1)), ends, sup.index) for sup in (found.sadf, found.gsadf))
    kind = f"composite bootstrap over {tb} points"
    return replace(found, adf=found.adf * np.nan, badf=badf, bsadf=bsadf, kind=kind, n=series.size)


def column_name(quantile: float) -> str:
    """Name a quantile's column, for example cv95."""
    return f"cv{100 * quantile:g}"


def _checked(values: Values, lag: int, min_window: int | None) -> tuple[Array, int]:
    """Return a series that can be tested and the smallest regression's rows."""
    series = checked_series(values)
    return series, checked_window(series.size, lag, min_window)


def _simulated(
    draw: Callable[[int], Array],
    kind: str,
    n: int,
    lag: int,
    window: int,
    replications: int,
) -> CriticalValues:
    """Critical values from simulated paths."""
    from explosive.core import null_distribution

    check_whole("replications", replications, 1)
    badf, bsadf = null_distribution(draw, replications, lag, window)
    sups = (badf[:, -1], badf.max(axis=1), bsadf.max(axis=1))
    adf, sadf, gsadf = (pd.Series(np.quantile(sup, QUANTILES), list(QUANTILES)) for sup in sups)
    ends = np.arange(window + lag + 1, n + 1)
    each, worst = (pd.DataFrame(np.quantile(s, QUANTILES, axis=0).T, ends, list(QUANTILES)) for s in (badf, bsadf))
    return CriticalValues(adf, sadf, gsadf, each, worst, kind, n, lag, window, replications)
