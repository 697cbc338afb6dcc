"""The compiled part of the explosiveness tests: every window's ADF statistic in quadratic time.

For each end point the start point walks back one observation at a time, and running sums of squares and
products stand for the regression on the window, so that a window costs a few operations whatever its length.
Many end points walk back side by side (`lanes`), so that the processor handles several at once.

Rounding. Every variable is measured from its value at the window's last row. That row lies in the window,
so the sum of squares about the mean is at least 1 / (m + 1) of the raw sum of m rows: taking the mean out
can lose a factor m of precision and no more, whatever the level of the series. Taking the regressors out of
each other and of the changes loses much where they explain nearly everything, as in steady growth over
many orders of magnitude: such end points are done again from variables made nearly orthogonal (`_closer`).
"""

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

_LANES = 128  # end points side by side: few enough for their sums to stay in the fastest caches
# A regressor (or the residual) that keeps less than this share of its variation once the others are taken
# out leaves nothing to estimate from; below the second share a statistic may be off in its tenth digit; with
# variables made orthogonal for the purpose the third is enough.
_SINGULAR, _DOUBTFUL, _ORTHOGONAL = 1e-10, 1e-4, 1e-13
_ROUNDING = 64 * np.finfo(np.float64).eps  # less variation than this share of the level is rounding, not data
_SMALL = 1_000_000  # windows: waking a second thread costs as much


def compiled(**options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Compile and keep the machine code beside the source or at home, or nowhere if neither can be written."""

    def decorate(function: Callable[..., Any]) -> Any:
        try:
            return njit(cache=True, error_model="numpy", **options)(function)
        except RuntimeError:
            return njit(error_model="numpy", **options)(function)

    return decorate


@compiled()
def _add_row(variables: Array, at: int, end: int, value: Array, total: Array, product: Array, begin: int) -> None:
    """Add each lane's row to its sums, measured from its end point; lanes before `begin` have no rows left."""
    size = value.shape[1] - begin
    for a in range(len(variables)):
        row, anchor = variables[a, at : at + size], variables[a, end : end + size]
        x, running = value[a, begin:], total[a, begin:]
        for i in range(size):
            x[i] = row[i] - anchor[i]
            running[i] += x[i]
        for b in range(a + 1):
            y, running = value[b, begin:], product[b, a, begin:]
            for i in range(size):
                running[i] += x[i] * y[i]


@compiled()
def _test_without_lags(
    total: Array, product: Array, work: Array, lane: Array, m: float, least: float, begin: int
) -> None:
    """Signed square of each lane's ADF statistic, and a slack: the statistic counts where that is positive."""
    share, noise, slope = 1.0 / m, lane[0, begin:], lane[1, begin:]
    square, slack = work[0, 0, begin:], work[0, 1, begin:]
    sx, sz, sxx = total[0, begin:], total[1, begin:], product[0, 0, begin:]
    sxz, szz = product[0, 1, begin:], product[1, 1, begin:]
    for i in range(square.size):
        xx = sxx[i] - sx[i] * sx[i] * share
        xz = sxz[i] - sx[i] * sz[i] * share
        zz = szz[i] - sz[i] * sz[i] * share
        residual = xx * zz - xz * xz
        varies = xx - noise[i] * m
        remains = residual - xx * (least * zz + noise[i] * m)
        slack[i] = varies if varies < remains else remains
        xz += slope[i] * xx
        square[i] = xz * abs(xz) * (m - 2.0) / residual


@compiled()
def _test_with_lags(total: Array, product: Array, work: Array, lane: Array, m: float, least: float, begin: int) -> None:
    """As above with lagged changes, which are eliminated first: the statistic is a partial correlation."""
    p, lag, share, noise, slope = len(total), len(total) - 2, 1.0 / m, lane[0, begin:], lane[1, begin:]
    square, slack = work[0, 0, begin:], work[0, 1, begin:]
    size = square.size
    slack[:] = np.inf
    for a in range(p):
        x, bound = total[a, begin:], work[1, a, begin:]
        for b in range(a, p):
            y, raw, centred = total[b, begin:], product[a, b, begin:], work[a + 2, b, begin:]
            for i in range(size):
                centred[i] = raw[i] - x[i] * y[i] * share
        own = work[a + 2, a, begin:]
        for i in range(size):
            bound[i] = least * own[i] + noise[i] * m
    for c in range(lag + 1):
        own, bound = work[c + 2, c, begin:], work[1, c, begin:]
        for i in range(size):
            spare, least_yet = own[i] - bound[i], slack[i]
            slack[i] = spare if spare < least_yet else least_yet
        for a in range(c + 1, p if c < lag else 0):
            x = work[c + 2, a, begin:]
            for i in range(size):
                square[i] = x[i] / own[i]
            for b in range(a, p):
                y, rest = work[c + 2, b, begin:], work[a + 2, b, begin:]
                for i in range(size):
                    rest[i] -= square[i] * y[i]
    x, both = work[p, lag, begin:], work[p, lag + 1, begin:]
    z, bound = work[p + 1, lag + 1, begin:], work[1, lag + 1, begin:]
    for i in range(size):
        residual = z[i] - both[i] * both[i] / x[i]
        spare, least_yet = residual - bound[i], slack[i]
        slack[i] = spare if spare < least_yet else least_yet
        xz = both[i] + slope[i] * x[i]
        square[i] = xz * abs(xz) * (m - p) / (x[i] * residual)


@compiled()
def _note(work: Array, found: Array, offset: int, begin: int) -> None:
    square, slack = work[0, 0, begin:], work[0, 1, begin:]
    full, best, where, singular = found[0, begin:], found[1, begin:], found[2, begin:], found[3, begin:]
    for i in range(square.size):
        new = square[i] if slack[i] > 0 else -np.inf
        largest, at, bad = best[i], where[i], singular[i]
        full[i] = new
        best[i] = new if new > largest else largest
        where[i] = offset if new > largest else at
        singular[i] = bad if slack[i] > 0 else offset


@compiled()
def _sweep(
    variables: Array, at: int, step: int, ends: Integers, window: int, lane: Array, least: float, found: Array
) -> None:
    """Walk back from the end points of all lanes (ascending), in variables (lag + 2, rows * step).

    The lanes' last rows lie from `at` on, those before them `step` earlier; `lane` has the rounding and the slope of
    each. Rows of `found`, at first minus infinity, are the signed square of the full window's statistic, the largest,
    and how many rows before the end point the window of the largest starts, and a singular one.
    """
    p, lanes = len(variables), ends.size
    value, total, product = np.empty((p, lanes)), np.zeros((p, lanes)), np.zeros((p, p, lanes))
    work = np.empty((p + 2, p, lanes))  # squares and slacks, thresholds, and moments about the mean
    begin = 0
    for offset in range(ends[-1] + 1):
        while ends[begin] < offset:
            begin += 1
        _add_row(variables, at - offset * step + begin, at + begin, value, total, product, begin)
        if offset + 1 >= window:
            if p == 2:
                _test_without_lags(total, product, work, lane, offset + 1.0, least, begin)
            else:
                _test_with_lags(total, product, work, lane, offset + 1.0, least, begin)
            _note(work, found, offset, begin)


@compiled(parallel=True)
def _scan(variables: Array, step: int, ends: Integers, window: int, lane: Array, least: float, found: Array) -> None:
    """Sweep groups of end points (groups, lanes) of every block into `found` (blocks, groups, 4, lanes)."""
    groups = len(ends)
    for task in prange(len(variables) * groups):
        block, group = task // groups, task % groups
        # Late end points have more windows: early and late in turn give the threads equal work.
        group = groups - 1 - group // 2 if group % 2 else group // 2
        at = ends[group, 0] * step
        _sweep(variables[block], at, step, ends[group], window, lane[block], least, found[block, group])


def _variables(blocks: Array, lag: int) -> tuple[Array, Array]:
    """Regression variables (blocks, lag + 2, rows * paths) and the rounding of each path in blocks of (n, paths).

    They are the lagged changes, the level and the change.
    """
    change = np.diff(blocks, axis=1)
    rows = change.shape[1] - lag
    lagged = [change[:, lag - j : lag - j + rows] for j in range(1, lag + 1)]
    noise = (_ROUNDING * np.abs(blocks).max(axis=1)) ** 2
    variables = np.stack([*lagged, blocks[:, lag : lag + rows], change[:, lag:]], axis=1)
    return variables.reshape(len(blocks), lag + 2, -1), noise


def _root(signed_square: Any) -> Any:
    return np.sign(signed_square) * np.sqrt(np.abs(signed_square))


def _swept(paths: Array, lag: int, window: int, least: float, points: Integers | None = None) -> Array:
    """Signed squares of BADF and BSADF, starts of BSADF's window and of a singular one (4, paths, points)."""
    count, n = paths.shape
    total = n - lag - window
    if points is None:  # a path's end points side by side; the last group overlaps the one before
        groups = -(-total // _LANES)
        lanes = -(-total // groups)
        first = np.minimum(np.arange(groups) * lanes, total - lanes)
        ends, blocks = first[:, np.newaxis] + np.arange(lanes), paths[:, :, np.newaxis]
    else:  # paths side by side, filled up with some of the same
        ends = np.repeat(np.asarray(points, np.int64)[:, np.newaxis], _LANES, axis=1)
        filled = paths[np.arange(-(-count // _LANES) * _LANES) % count]
        blocks = filled.reshape(-1, _LANES, n).transpose(0, 2, 1).copy()
    variables, noise = _variables(blocks, lag)
    found = np.full((len(blocks), len(ends), 4, ends.shape[1]), -np.inf)
    lane = np.zeros((len(blocks), 2, ends.shape[1]))
    lane[:, 0] = noise
    usual = numba.get_num_threads()
    numba.set_num_threads(1 if len(blocks) * float((ends + 1).sum()) < _SMALL else usual)
    try:
        _scan(variables, blocks.shape[2], ends + window - 1, window, lane, least, found)
    finally:
        numba.set_num_threads(usual)
    found[:, :, 2:] = np.where(found[:, :, 2:] < 0, -1, ends[:, np.newaxis] + window - 1 - found[:, :, 2:])
    if points is not None:
        return found.transpose(2, 0, 3, 1).reshape(4, len(blocks) * _LANES, len(ends))[:, :count]
    result = np.empty((4, count, total))
    result[:, :, ends] = found.transpose(2, 0, 1, 3)
    return result


def scan(paths: Array, lag: int, window: int, points: Integers | None = None) -> tuple[Array, Array, Integers]:
    """Compute BADF, BSADF and a singular window's first row (or -1) of every path at every end point, or at some.

    Paths are rows; all three arrays are (paths, points). End points are counted from 0 at observation
    window + lag + 1, and a singular window counts as minus infinity.
    """
    full, best, _, singular = _swept(paths, lag, window, _SINGULAR, points)
    return _root(full), _root(best), singular.astype(np.int64)


def scan_closely(series: Array, lag: int, window: int) -> tuple[Array, Array, Integers]:
    """As `scan` for one series (n,), to the last digits also where it grows over many orders of magnitude."""
    full, best, _, singular = _swept(series[np.newaxis], lag, window, _DOUBTFUL)[:, 0]
    doubtful = np.flatnonzero(singular >= 0)
    if doubtful.size:
        where, singular = _swept(series[np.newaxis], lag, window, _ORTHOGONAL)[2:, 0]
        full[singular >= 0] = best[singular >= 0] = -np.inf
        doubtful = doubtful[singular[doubtful] < 0]
    for first in range(0, doubtful.size, _LANES):
        points = doubtful[first : first + _LANES]
        ends = points + window - 1
        whole = _closer(series, lag, ends, np.zeros(ends.size), int(ends[0]) + 1)[0]
        closest = _closer(series, lag, ends, where[points], window)[1]
        full[points], best[points] = whole, np.maximum(whole, closest)
    return _root(full), _root(best), singular.astype(np.int64)


def _closer(series: Array, lag: int, ends: Integers, starts: Array, window: int) -> Array:
    """Sweep end points, a lane each, in variables made orthogonal for the window from a start to the end point."""
    variables, noise = (found[0] for found in _variables(series[np.newaxis, :, np.newaxis], lag))
    rows, lanes = int(ends[-1]) + 1, ends.size
    turned, lane, found = np.zeros((lag + 2, rows, lanes)), np.zeros((2, lanes)) + noise, np.full((4, lanes), -np.inf)
    for i, (end, start) in enumerate(zip(ends.tolist(), starts.astype(int).tolist(), strict=True)):
        turned[:, rows - 1 - end :, i], lane[1, i] = _orthogonal(variables[:, : end + 1], start)
    last = (rows - 1) * lanes
    _sweep(turned.reshape(lag + 2, -1), last, lanes, ends, window, lane, _ORTHOGONAL, found)
    return found


def _orthogonal(variables: Array, start: int) -> tuple[Array, float]:
    # Take from every variable what those before it explain from row `start` on. The level's coefficient in any
    # window is that in the new variables plus the slope taken, and residuals are the same but for rounding.
    centred = variables[:, start:] - variables[:, start:].mean(axis=1, keepdims=True)
    size = np.linalg.norm(centred, axis=1)
    turned, taken = variables.copy(), np.zeros(1)
    for a in range(1, len(variables)):
        taken = np.linalg.lstsq((centred[:a] / size[:a, np.newaxis]).T, centred[a], rcond=None)[0] / size[:a]
        turned[a] -= taken @ variables[:a]
    return turned, float(taken[-1])


def null_distribution(
    draw: Callable[[int], Array], replications: int, lag: int, window: int, block: int = 500
) -> tuple[Array, Array]:
    """Compute BADF and BSADF (replications, points) of paths drawn in blocks, so that memory stays small."""
    sizes = [min(block, replications - done) for done in range(0, replications, block)]
    parts = [scan(draw(size), lag, window)[:2] for size in sizes]
    return np.vstack([part[0] for part in parts]), np.vstack([part[1] for part in parts])


def random_walks(rng: np.random.Generator, n: int, step: float) -> Callable[[int], Array]:
    """Draw Gaussian random walks of n observations with a drift of step a period."""
    return lambda count: np.cumsum(rng.standard_normal((count, n)) + step, axis=1)


def _summed(change: Array) -> Array:
    return np.cumsum(np.pad(change, ((0, 0), (1, 0))), axis=1)


def wild_paths(rng: np.random.Generator, values: Array) -> Callable[[int], Array]:
    """Draw wild bootstrap paths from 0: each change of the series times its own standard normal number."""
    change = np.diff(values)

    return lambda count: _summed(rng.standard_normal((count, change.size)) * change)


def lagged_changes(values: Array, lag: int, skip: int) -> tuple[Array, Array]:
    """Return the changes after the first `skip` (at least `lag`), and a constant with their `lag` lags."""
    change = np.diff(values)
    lags = [change[skip - j : change.size - j] for j in range(1, lag + 1)]
    return change[skip:], np.column_stack([np.ones(change.size - skip), *lags])


def composite_paths(rng: np.random.Generator, values: Array, lag: int, length: int) -> Callable[[int], Array]:
    """Draw Phillips-Shi bootstrap paths of `length` observations from the series' null model."""
    target, regressors = lagged_changes(values, lag, lag)
    coefficients = np.linalg.lstsq(regressors, target, rcond=None)[0]
    residuals = target - regressors @ coefficients

    def draw(count: int) -> Array:
        change = np.empty((count, length - 1))
        change[:, :lag] = np.diff(values)[:lag]
        picked = residuals[rng.integers(residuals.size, size=(count, length - 1 - lag))]
        errors = picked * rng.standard_normal(picked.shape)
        for t in range(lag, length - 1):
            change[:, t] = errors[:, t - lag] + change[:, t - lag : t] @ coefficients[:0:-1]
        return values[0] + _summed(change)

    return draw
