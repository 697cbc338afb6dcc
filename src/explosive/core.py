"""The compiled part of the explosiveness tests: every window's ADF statistic in quadratic time.

For each end point the start point walks back one observation at a time, and running sums of squares and
products stand for the regression on the window, so that a window costs a few operations whatever its
length. The end points are independent of each other and are spread over the processor's cores.

Rounding. Every variable is measured from its value at the window's last row. That row lies in the window,
so the sum of squares about the mean is at least 1 / (m + 1) of the raw sum of m rows: taking the mean out
can lose a factor m of precision and no more, whatever the level of the series.
"""

from collections.abc import Callable

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

Array = NDArray[np.float64]

# Windows are handled in blocks so that a block's working arrays stay in the fastest cache.
_BLOCK = 128
# A regressor (or the residual) that keeps less than this share of its variation once the others are taken
# out leaves nothing to estimate from.
_SINGULAR = 1e-10
# Variation below this many units of rounding of the level is rounding, not data.
_ROUNDING = 64 * np.finfo(np.float64).eps


@njit(cache=True, error_model="numpy")
def _end_point_without_lags(
    level: Array, change: Array, end: int, window: int, noise: float
) -> tuple[float, float, int]:
    """Signed squares of the ADF statistic: full window, largest; and a singular window's start, or -1."""
    sx = sz = sxx = sxz = szz = 0.0
    full = best = -np.inf
    singular = -1
    for start in range(end, -1, -1):
        x = level[start] - level[end]
        z = change[start] - change[end]
        sx += x
        sz += z
        sxx += x * x
        sxz += x * z
        szz += z * z
        m = end - start + 1
        if m < window:
            continue
        share = 1.0 / m
        xx = sxx - sx * sx * share
        xz = sxz - sx * sz * share
        zz = szz - sz * sz * share
        residual = xx * zz - xz * xz
        if xx <= noise * m or residual <= xx * (_SINGULAR * zz + noise * m):
            full = -np.inf
            singular = start
            continue
        full = xz * abs(xz) * (m - 2) / residual
        best = max(best, full)
    return full, best, singular


@njit(cache=True, error_model="numpy")
def _end_point_with_lags(
    level: Array, change: Array, lag: int, end: int, window: int, noise: float
) -> tuple[float, float, int]:
    """As above with lagged changes, which are eliminated first: the statistic is a partial correlation.

    The variables of row i are change[i + lag - 1], ..., change[i] (the lags), level[i + lag] and
    change[i + lag].
    """
    p = lag + 2
    total = np.zeros(p)
    total_product = np.zeros((p, p))
    value = np.empty((p, _BLOCK))
    moment = np.empty((p, p, _BLOCK))
    threshold = np.empty((p, _BLOCK))
    slack = np.empty(_BLOCK)
    ratio = np.empty(_BLOCK)
    full = best = -np.inf
    singular = -1
    for offset in range(0, end + 1, _BLOCK):
        size = min(_BLOCK, end + 1 - offset)
        row = end - offset + lag
        for a in range(p):
            source = level if a == lag else change
            shift = 0 if a >= lag else a + 1
            anchor = source[end + lag - shift]
            for i in range(size):
                value[a, i] = source[row - shift - i] - anchor
        for a in range(p):
            for b in range(a, p):
                running = total_product[a, b]
                for i in range(size):
                    running += value[a, i] * value[b, i]
                    moment[a, b, i] = running
                total_product[a, b] = running
        for a in range(p):
            running = total[a]
            for i in range(size):
                running += value[a, i]
                value[a, i] = running
            total[a] = running
        if offset + size < window:
            continue
        for i in range(size):
            slack[i] = np.inf
            ratio[i] = 1.0 / (offset + i + 1)
        for a in range(p):
            for b in range(a, p):
                for i in range(size):
                    moment[a, b, i] -= value[a, i] * value[b, i] * ratio[i]
            for i in range(size):
                threshold[a, i] = _SINGULAR * moment[a, a, i] + noise * (offset + i + 1)
        for c in range(p - 1):
            for i in range(size):
                slack[i] = min(slack[i], moment[c, c, i] - threshold[c, i])
            if c == lag:
                break
            for a in range(c + 1, p):
                for i in range(size):
                    ratio[i] = moment[c, a, i] / moment[c, c, i]
                for b in range(a, p):
                    for i in range(size):
                        moment[a, b, i] -= ratio[i] * moment[c, b, i]
        for i in range(size):
            xx = moment[lag, lag, i]
            xz = moment[lag, lag + 1, i]
            residual = moment[lag + 1, lag + 1, i] - xz * xz / xx
            slack[i] = min(slack[i], residual - threshold[lag + 1, i])
            ratio[i] = xz * abs(xz) * (offset + i + 1 - p) / (xx * residual)
        for i in range(max(0, window - 1 - offset), size):
            if slack[i] > 0:
                full = ratio[i]
                best = max(best, full)
            else:
                full = -np.inf
                singular = end - offset - i
    return full, best, singular


@njit(parallel=True, cache=True, error_model="numpy")
def _scan(paths: Array, changes: Array, noise: Array, lag: int, window: int) -> tuple[Array, Array, NDArray[np.int64]]:
    """Signed squares of both statistics at every end point of every path, and singular windows."""
    count = paths.shape[0]
    points = paths.shape[1] - lag - window
    full = np.empty((count, points))
    best = np.empty((count, points))
    singular = np.empty((count, points), np.int64)
    # Late end points have more windows: an early one with a late one makes tasks of equal length.
    half = (points + 1) // 2
    for task in prange(count * half):
        path = task // half
        early = task % half
        for point in (early, points - 1 - early):
            end = point + window - 1
            if lag == 0:
                outcome = _end_point_without_lags(paths[path], changes[path], end, window, noise[path])
            else:
                outcome = _end_point_with_lags(paths[path], changes[path], lag, end, window, noise[path])
            full[path, point], best[path, point], singular[path, point] = outcome
    return full, best, singular


def scan(paths: Array, lag: int, window: int) -> tuple[Array, Array, NDArray[np.int64]]:
    """Compute the backward ADF and backward sup ADF statistics of every path at every end point.

    Parameters
    ----------
    paths : array (paths, n)
        One series a row, in any unit.
    lag : int
        Lagged changes in the regression.
    window : int
        Rows of the smallest regression; the first end point is observation window + lag + 1.

    Returns
    -------
    badf, bsadf : arrays (paths, points)
        points = n - lag - window. A singular window counts as minus infinity.
    singular : array (paths, points)
        First row of a window that could not be estimated, or -1.
    """
    noise = (_ROUNDING * np.abs(paths).max(axis=1)) ** 2
    full, best, singular = _scan(paths, np.diff(paths), noise, lag, window)
    return np.sign(full) * np.sqrt(np.abs(full)), np.sign(best) * np.sqrt(np.abs(best)), singular


@njit(parallel=True, cache=True, error_model="numpy")
def _scan_ends(paths: Array, changes: Array, noise: Array, lag: int, window: int, ends: NDArray[np.int64]) -> Array:
    """Signed squares of the largest statistic at the given last regression rows of every path."""
    found = np.empty((paths.shape[0], ends.size))
    for path in prange(paths.shape[0]):
        for place in range(ends.size):
            end = ends[place]
            if lag == 0:
                outcome = _end_point_without_lags(paths[path], changes[path], end, window, noise[path])
            else:
                outcome = _end_point_with_lags(paths[path], changes[path], lag, end, window, noise[path])
            found[path, place] = outcome[1]
    return found


def scan_at(paths: Array, lag: int, window: int, points: NDArray[np.int64]) -> Array:
    """Compute the backward sup ADF statistic of every path at a few end points only.

    Parameters
    ----------
    paths, lag, window
        As for `scan`.
    points : array of int (k,)
        End points, counted from 0 at observation window + lag + 1.

    Returns
    -------
    array (paths, k)
    """
    noise = (_ROUNDING * np.abs(paths).max(axis=1)) ** 2
    ends = np.asarray(points, dtype=np.int64) + window - 1
    best = _scan_ends(paths, np.diff(paths), noise, lag, window, ends)
    return np.sign(best) * np.sqrt(np.abs(best))


def null_distribution(
    draw: Callable[[int], Array], replications: int, lag: int, window: int, block: int = 500
) -> tuple[Array, Array]:
    """Compute the statistics of many simulated paths, drawn in blocks so that memory stays small.

    Parameters
    ----------
    draw : callable
        Given a number, returns that many paths, one a row.
    replications, lag, window, block : int
        How many paths, the test's settings, and paths at a time.

    Returns
    -------
    badf, bsadf : arrays (replications, points)
    """
    sizes = [min(block, replications - done) for done in range(0, replications, block)]
    parts = [scan(draw(size), lag, window)[:2] for size in sizes]
    return np.vstack([part[0] for part in parts]), np.vstack([part[1] for part in parts])


def random_walks(rng: np.random.Generator, n: int, step: float) -> Callable[[int], Array]:
    """Draw Gaussian random walks of n observations with a drift of step a period."""

    def draw(count: int) -> Array:
        return np.cumsum(rng.standard_normal((count, n)) + step, axis=1)

    return draw


def wild_paths(rng: np.random.Generator, values: Array) -> Callable[[int], Array]:
    """Draw wild bootstrap paths: each change of the series times its own standard normal number."""
    change = np.diff(values)

    def draw(count: int) -> Array:
        paths = np.zeros((count, values.size))
        np.cumsum(rng.standard_normal((count, change.size)) * change, axis=1, out=paths[:, 1:])
        return paths

    return draw


def lagged_changes(values: Array, lag: int, skip: int) -> tuple[Array, Array]:
    """Return the changes after the first `skip` (at least `lag`), and a constant with their `lag` lags."""
    change = np.diff(values)
    target = change[skip:]
    lags = [change[skip - j : change.size - j] for j in range(1, lag + 1)]
    return target, np.column_stack([np.ones_like(target), *lags])


def composite_paths(rng: np.random.Generator, values: Array, lag: int, length: int) -> Callable[[int], Array]:
    """Draw Phillips-Shi bootstrap paths of `length` observations from the series' null model.

    The changes follow the autoregression fitted under the null without its constant, from the first
    changes of the series on, with residuals drawn with replacement times standard normal numbers.
    """
    target, regressors = lagged_changes(values, lag, lag)
    coefficients = np.linalg.lstsq(regressors, target, rcond=None)[0]
    residuals = target - regressors @ coefficients

    def draw(count: int) -> Array:
        paths = np.empty((count, length))
        paths[:, 0] = values[0]
        change = np.empty((count, length - 1))
        change[:, :lag] = np.diff(values)[:lag]
        picked = residuals[rng.integers(residuals.size, size=(count, length - 1 - lag))]
        errors = picked * rng.standard_normal(picked.shape)
        for t in range(lag, length - 1):
            change[:, t] = errors[:, t - lag]
            for j in range(1, lag + 1):
                change[:, t] += coefficients[j] * change[:, t - j]
        paths[:, 1:] = values[0] + np.cumsum(change, axis=1)
        return paths

    return draw
