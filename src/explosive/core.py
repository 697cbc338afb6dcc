"""The compiled part of the explosiveness tests: every window's ADF statistic in quadratic time.

For each end point the start point walks back one observation at a time, and running sums of squares and
products stand for the regression on the window, so that a window costs a few operations whatever its length.

Rounding. Every variable is measured from its value at the window's last row. That row lies in the window,
so the sum of squares about the mean is at least 1 / (m + 1) of the raw sum of m rows: taking the mean out
can lose a factor m of precision and no more, whatever the level of the series. Taking the regressors out of
each other and of the changes loses much where they explain nearly everything, as in steady growth over
many orders of magnitude: such end points are done again from variables made nearly orthogonal (`_again`).
"""

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

# Windows are handled in blocks so that a block's working arrays stay in the fastest cache.
_BLOCK = 128
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
def _end_point_without_lags(
    variables: Array, slope: float, end: int, window: int, noise: float, least: float
) -> tuple[float, float, int, int]:
    """Signed squares of the ADF statistic: full window, largest; start of the largest; a singular start, or -1."""
    level, change = variables[0], variables[1]
    sx = sz = sxx = sxz = szz = 0.0
    full = best = -np.inf
    where = singular = -1
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
        if xx <= noise * m or residual <= xx * (least * zz + noise * m):
            full = -np.inf
            singular = start
            continue
        xz += slope * xx
        full = xz * abs(xz) * (m - 2) / residual
        if full > best:
            best = full
            where = start
    return full, best, where, singular


@compiled()
def _end_point_with_lags(
    variables: Array, slope: float, end: int, window: int, noise: float, least: float
) -> tuple[float, float, int, int]:
    """As above with lagged changes, which are eliminated first: the statistic is a partial correlation."""
    p = variables.shape[0]
    lag = p - 2
    total = np.zeros(p)
    total_product = np.zeros((p, p))
    value = np.empty((p, _BLOCK))
    moment = np.empty((p, p, _BLOCK))
    threshold = np.empty((p, _BLOCK))
    slack = np.empty(_BLOCK)
    ratio = np.empty(_BLOCK)
    full = best = -np.inf
    where = singular = -1
    for offset in range(0, end + 1, _BLOCK):
        size = min(_BLOCK, end + 1 - offset)
        row = end - offset
        for a in range(p):
            anchor = variables[a, end]
            for i in range(size):
                value[a, i] = variables[a, row - i] - anchor
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
                threshold[a, i] = least * moment[a, a, i] + noise * (offset + i + 1)
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
            xz += slope * xx
            ratio[i] = xz * abs(xz) * (offset + i + 1 - p) / (xx * residual)
        for i in range(max(0, window - 1 - offset), size):
            if slack[i] > 0:
                full = ratio[i]
                if full > best:
                    best = full
                    where = end - offset - i
            else:
                full = -np.inf
                singular = end - offset - i
    return full, best, where, singular


@compiled()
def _end_point(
    variables: Array, slope: float, end: int, window: int, noise: float, least: float
) -> tuple[float, float, int, int]:
    if len(variables) == 2:
        return _end_point_without_lags(variables, slope, end, window, noise, least)
    return _end_point_with_lags(variables, slope, end, window, noise, least)


@compiled(parallel=True)
def _scan(variables: Array, noise: Array, window: int, least: float, points: Integers, order: Integers) -> Any:
    """Signed squares of both statistics at the given end points of every path, and singular windows."""
    count = variables.shape[0]
    full = np.empty((count, points.size))
    best = np.empty((count, points.size))
    singular = np.empty((count, points.size), np.int64)
    for task in prange(count * points.size):
        path = task // points.size
        place = order[task % points.size]
        found = _end_point(variables[path], 0.0, points[place] + window - 1, window, noise[path], least)
        full[path, place], best[path, place], singular[path, place] = found[0], found[1], found[3]
    return full, best, singular


def _variables(paths: Array, lag: int) -> tuple[Array, Array]:
    """Regression variables (paths, lag + 2, rows): lagged changes, level, change; and the rounding of each path."""
    change = np.diff(paths)
    rows = change.shape[1] - lag
    lagged = [change[:, lag - j : lag - j + rows] for j in range(1, lag + 1)]
    noise = (_ROUNDING * np.abs(paths).max(axis=1)) ** 2
    return np.stack([*lagged, paths[:, lag : lag + rows], change[:, lag:]], axis=1), noise


def _root(signed_square: Any) -> Any:
    return np.sign(signed_square) * np.sqrt(np.abs(signed_square))


def scan(paths: Array, lag: int, window: int, points: Integers | None = None, least: float = _SINGULAR) -> Any:
    """Compute BADF, BSADF and a singular window's first row (or -1) of every path at every end point, or at some.

    Paths are rows; all three arrays are (paths, points). End points are counted from 0 at observation
    window + lag + 1, and a singular window counts as minus infinity.
    """
    variables, noise = _variables(paths, lag)
    points = np.arange(variables.shape[2] + 1 - window) if points is None else np.asarray(points, np.int64)
    # Late end points have more windows: early and late in turn give the threads equal work.
    order = np.column_stack([np.arange(points.size), np.arange(points.size)[::-1]]).ravel()[: points.size]
    usual = numba.get_num_threads()
    numba.set_num_threads(1 if len(paths) * float((points + 1).sum()) < _SMALL else usual)
    try:
        full, best, singular = _scan(variables, noise, window, least, points, order)
    finally:
        numba.set_num_threads(usual)
    return _root(full), _root(best), singular


def scan_closely(series: Array, lag: int, window: int) -> tuple[Array, Array, Integers]:
    """As `scan` for one series (n,), to the last digits also where it grows over many orders of magnitude."""
    variables, noise = _variables(series[np.newaxis], lag)
    full, best, singular = (found[0] for found in scan(series[np.newaxis], lag, window, least=_DOUBTFUL))
    for point in np.flatnonzero(singular >= 0):
        full[point], best[point], singular[point] = _again(variables[0], int(point) + window - 1, window, noise[0])
    return full, best, singular


def _again(variables: Array, end: int, window: int, noise: float) -> tuple[float, float, int]:
    """Both statistics at one end point, and a singular window, from variables made orthogonal."""
    variables = np.ascontiguousarray(variables[:, : end + 1])
    _, best, where, singular = _end_point(variables, 0.0, end, window, noise, _ORTHOGONAL)
    if singular >= 0:
        return -np.inf, -np.inf, singular
    turned, slope = _orthogonal(variables, where)
    best = _end_point(turned, slope, end, window, noise, _ORTHOGONAL)[1]
    turned, slope = _orthogonal(variables, 0)
    full = _end_point(turned, slope, end, end + 1, noise, _ORTHOGONAL)[1]
    return _root(full), _root(max(full, best)), -1


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


def scan_at(paths: Array, lag: int, window: int, points: Integers) -> Array:
    """Compute BSADF (paths, k) at k end points only."""
    return np.asarray(scan(paths, lag, window, points)[1])


def null_distribution(
    draw: Callable[[int], Array], replications: int, lag: int, window: int, block: int = 500
) -> tuple[Array, Array]:
    """Compute BADF and BSADF (replications, points) of paths drawn in blocks, so that memory stays small."""
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
    """Draw Phillips-Shi bootstrap paths of `length` observations from the series' null model."""
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
