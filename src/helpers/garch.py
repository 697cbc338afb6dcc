"""Volatility models of daily returns, fitted to their exact maximum.

The likelihood is written once for all models and works on complex numbers: a step of 1e-30 along the imaginary
axis gives its slope to the last digit (Squire and Trapp 1998, SIAM Review 40, 110-112). Newton steps on that
slope end at the same parameters from any start and on any processor.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy.optimize import brentq
from scipy.special import loggamma

from explosive.core import compiled

NAMES = ("mu", "omega", "alpha", "gamma", "beta", "nu", "skew")
# what each model estimates beside mu, omega, alpha, beta and nu
MODELS = {"GARCH-t": (), "GJR-t": ("gamma",), "EGARCH-t": ("gamma",), "skewed t": ("skew",)}
NU_LEAST, NU_MOST = 2.05, 500.0  # below no variance to speak of, above a normal distribution
STEPS, CLOSE = 60, 1e-16  # Newton steps at most; the last gains less than half of this, 1e-8 standard errors
FLAT = 1e-2  # a ridge on which 60 steps have less than this left to gain: a tenth of a standard error
RIDGE = "the likelihood is too flat to tell where its top is"
BACKCAST_DAYS, BACKCAST_DECAY = 75, 0.94
MEAN_SIZE = np.sqrt(2 / np.pi)  # of a normal error


@dataclass(frozen=True)
class Fit:
    """A model at its maximum: `parameters` of returns in per cent, all of `NAMES`; those not `free` are 0.

    `covariance` of the free ones is robust (Bollerslev and Wooldridge 1992); `start` is the squared return assumed
    before the first day; `edges` name the limits of the parameter space that the maximum lies on.
    """

    parameters: np.ndarray
    free: np.ndarray
    covariance: np.ndarray
    start: float
    log_likelihood: float
    edges: tuple[str, ...]


def variances(returns: np.ndarray, parameters: np.ndarray, start: float, model: str = "GARCH-t") -> np.ndarray:
    """Forecast each day's variance, and that of the day after the last, for many sets of parameters at once.

    `parameters` has a row for each of `NAMES` and a column a set; the result has shape (days + 1, sets).

    v_t = omega + (alpha + gamma 1[e < 0]) e_{t-1}^2 + beta v_{t-1}, e = r - mu: Bollerslev (1986), Journal of
    Econometrics 31, 307-327, and with gamma Glosten, Jagannathan and Runkle (1993), Journal of Finance 48,
    1779-1801. EGARCH: ln v_t = omega + alpha (|z| - sqrt(2 / pi)) + gamma z + beta ln v_{t-1}, z = e / sqrt(v):
    Nelson (1991), Econometrica 59, 347-370.
    """
    logs = model == "EGARCH-t"
    found = _recursion(np.ascontiguousarray(returns), np.ascontiguousarray(parameters), start, logs)
    return np.exp(found) if logs else found


@compiled()
def _recursion(returns: np.ndarray, sets: np.ndarray, start: float, logs: bool) -> np.ndarray:
    mu, omega, alpha, gamma, beta = sets[0], sets[1], sets[2], sets[3], sets[4]
    found = np.empty((len(returns) + 1, len(mu)), sets.dtype)
    found[0] = omega + beta * np.log(start) if logs else omega + (alpha + gamma / 2 + beta) * start
    for day in range(len(returns)):
        for one in range(len(mu)):
            e = returns[day] - mu[one]
            if logs:
                z = e * np.exp(-found[day, one] / 2)
                news = alpha[one] * ((z if z.real > 0 else -z) - MEAN_SIZE) + gamma[one] * z
            else:
                news = (alpha[one] + gamma[one] * (e.real < 0)) * e * e
            found[day + 1, one] = omega[one] + news + beta[one] * found[day, one]
    return found


def log_densities(z: np.ndarray, nu: np.ndarray, skew: np.ndarray) -> np.ndarray:
    """Return the log density of Student's t of variance one, skewed (0: plain) by Hansen (1994), equations 10 to 13."""
    a, b, log_c = hansen_constants(nu, skew)
    y = b * z + a
    side = np.where(y.real < 0, 1 - skew, 1 + skew)
    return np.log(b) + log_c - (nu + 1) / 2 * np.log(1 + (y / side) ** 2 / (nu - 2))


def hansen_constants(nu: np.ndarray, skew: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return a, b and log c, which give Hansen's skewed t mean 0 and variance 1 (International Economic Review 35, 705)."""
    log_c = loggamma((nu + 1) / 2) - loggamma(nu / 2) - np.log(np.pi * (nu - 2)) / 2
    a = 4 * skew * np.exp(log_c) * (nu - 2) / (nu - 1)
    return a, np.sqrt(1 + 3 * skew * skew - a * a), log_c


def fit(returns: np.ndarray, model: str = "GARCH-t", start_at: np.ndarray | None = None) -> Fit:
    """Fit a model to returns in per cent by maximum likelihood; `start_at` holds values of all `NAMES`."""
    if model not in MODELS:
        raise ValueError(f"unknown model {model!r}: choose one of {', '.join(MODELS)}")
    free = np.array([name in ("mu", "omega", "alpha", "beta", "nu", *MODELS[model]) for name in NAMES])
    days = min(BACKCAST_DAYS, len(returns))
    weights = BACKCAST_DECAY ** np.arange(days)
    start = float(weights @ (returns[:days] - returns.mean()) ** 2 / weights.sum())
    likelihood = _Likelihood(returns, model, free, start)
    point = _first_guess(likelihood, returns) if start_at is None else np.asarray(start_at, dtype=float)
    point = _with_best_mean(likelihood, point) if model == "EGARCH-t" else _climb(likelihood, point, free)
    scores, inverse = likelihood.slopes(point), np.linalg.inv(likelihood.curvature(point))
    walls, edges, words = _walls(model)
    on = walls @ point - edges < np.where(edges == NU_LEAST, 0.05, 1e-7)
    return Fit(
        parameters=np.where(np.abs(point) < 1e-12, 0.0, point),
        free=free,
        covariance=inverse @ (scores.T @ scores) @ inverse,
        start=start,
        log_likelihood=float(likelihood.total(point)),
        edges=tuple(word for word, touched in zip(words, on, strict=True) if touched) + (RIDGE,) * likelihood.flat,
    )


class _Likelihood:
    """The log likelihood of a model on given returns, its slopes by day and its curvature."""

    def __init__(self, returns: np.ndarray, model: str, free: np.ndarray, start: float) -> None:
        self.returns, self.model, self.free, self.start = returns, model, free, start
        self.flat = False  # whether a climb ended on a ridge, short of the top

    def by_day(self, sets: np.ndarray) -> np.ndarray:
        variance = variances(self.returns, sets, self.start, self.model)[:-1]
        z = (self.returns[:, None] - sets[0]) / np.sqrt(variance)
        return log_densities(z, sets[5], sets[6]) - np.log(variance) / 2

    def total(self, point: np.ndarray) -> float:
        with np.errstate(all="ignore"):  # a step too far is answered by -inf and halved
            value = self.by_day(point[:, None]).sum()
        return float(value) if np.isfinite(value) else -np.inf

    def slopes(self, *points: np.ndarray) -> np.ndarray:
        turned = np.eye(len(NAMES))[self.free].T * 1e-30j
        found = self.by_day(np.hstack([point[:, None] + turned for point in points])).imag / 1e-30
        return found if len(points) == 1 else found.sum(axis=0).reshape(len(points), -1)

    def curvature(self, point: np.ndarray) -> np.ndarray:
        size = 1e-4 * np.maximum(np.abs(point[self.free]), 0.01)
        moves = np.eye(len(NAMES))[self.free] * size[:, None]
        ends = self.slopes(*(point + moves), *(point - moves))
        half = (ends[: len(size)] - ends[len(size) :]) / (2 * size[:, None])
        return (half + half.T) / 2


def _walls(model: str) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Return the rows w, the limits e and the names of the inequalities w p >= e."""
    _, omega, alpha, gamma, beta, nu, skew = np.eye(len(NAMES))
    walls = [
        (nu, NU_LEAST, "nu is near 2, where the variance ceases to exist"),
        (-nu, -NU_MOST, f"nu is {NU_MOST:g}, so the errors are normal"),
        (beta, 0.0, "beta is 0, so a day's variance is forgotten the day after"),
        # of an EGARCH model with alpha below 0 a calm day is followed by a wild one, and its variances explode
        (alpha, 0.0, "alpha is 0, so variance does not react to returns"),
    ]
    if model == "EGARCH-t":
        walls += [(-beta, -1.0, "beta is 1, so variance has no level to come back to")]
    else:
        sum_is_one = "alpha and beta add up to 1, so variance has no level to come back to"
        walls += [(omega, 0.0, "omega is 0, so variance may die out"), (-alpha - beta - gamma / 2, -1.0, sum_is_one)]
    if model == "GJR-t":
        walls += [(alpha + gamma, 0.0, "alpha and gamma add up to 0, so falls do not move variance")]
    if model == "skewed t":
        walls += [(sign * skew, -0.99, "the skew is at its limit") for sign in (1, -1)]
    rows, edges, words = zip(*walls, strict=True)
    return np.array(rows), np.array(edges), list(words)


def _first_guess(likelihood: _Likelihood, returns: np.ndarray) -> np.ndarray:
    """Take the likeliest of a grid of usual values, each with the variance of the returns."""
    variance, log_variance = returns.var(), np.log(returns.var())
    grid = []
    for alpha, both, nu in product((0.02, 0.05, 0.1, 0.2), (0.3, 0.7, 0.9, 0.97, 0.995), (3.0, 5.0, 9.0, 20.0)):
        omega, beta = variance * (1 - both), max(both - alpha, 0)
        if likelihood.model == "EGARCH-t":
            omega, beta = log_variance * (1 - both), both
        grid.append([returns.mean(), omega, alpha, 0, beta, nu, 0])
    sets = np.array(grid).T
    return sets[:, int(np.argmax(likelihood.by_day(sets).sum(axis=0)))]


def _climb(likelihood: _Likelihood, point: np.ndarray, free: np.ndarray) -> np.ndarray:
    """Climb by Newton steps, sliding along a wall for as long as the slope presses against it."""
    walls, edges, _ = _walls(likelihood.model)
    inside, held = walls[:, free], np.zeros(len(walls), dtype=bool)
    keep = free[likelihood.free]  # those of the model's parameters that move here
    value = likelihood.total(point)
    for _ in range(STEPS):
        slope = likelihood.slopes(point)[:, keep].sum(axis=0)
        hessian = _downward(likelihood.curvature(point)[np.ix_(keep, keep)])
        step, held = _step(slope, hessian, inside, held)
        room, speed = walls @ point - edges, inside @ step
        ahead = np.where(~held & (speed < 0), room / np.minimum(speed, -1e-300) * -1, np.inf)
        reach = min(1.0, ahead.min())
        gain = -step @ hessian @ step
        last = gain < CLOSE
        hit = int(np.argmin(ahead)) if reach < 1 else None
        while True:
            trial = point.copy()
            trial[free] += reach * step
            found = likelihood.total(trial)
            if found >= value - 1e-11 * abs(value):
                break
            reach, hit = reach / 2, None
            if reach < 1e-12:
                if last:
                    return point
                raise ValueError("no way up is left, and yet the slope is not zero")
        if hit is not None:
            held[hit] = True
        point, value = trial, found
        if last:
            return point
    if gain > FLAT:
        raise ValueError(f"no maximum within {STEPS} steps")
    likelihood.flat = True
    return point


def _downward(hessian: np.ndarray) -> np.ndarray:
    """Turn the directions in which the likelihood curves upward, far from its top, into downward ones."""
    size = 1 / np.sqrt(np.maximum(np.abs(np.diag(hessian)), 1e-300))
    values, directions = np.linalg.eigh(hessian * np.outer(size, size))
    if values.max() < 0:
        return hessian
    bent = -np.maximum(np.abs(values), 1e-6)
    return (directions * bent) @ directions.T / np.outer(size, size)


def _step(slope: np.ndarray, hessian: np.ndarray, walls: np.ndarray, held: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Solve for the Newton step along the walls held, letting go of those that the slope leads away from."""
    held = held.copy()
    while True:
        rows = walls[held]
        matrix = np.block([[hessian, rows.T], [rows, np.zeros((len(rows), len(rows)))]])
        scale = 1 / np.sqrt(np.abs(np.concatenate([np.diag(hessian), np.ones(len(rows))])))
        right = np.concatenate([-slope, np.zeros(len(rows))])
        solved = scale * np.linalg.solve(matrix * np.outer(scale, scale), right * scale)
        press = solved[len(slope) :]
        if not len(press) or press.min() >= 0:
            return solved[: len(slope)], held
        held[np.flatnonzero(held)[int(np.argmin(press))]] = False


def _with_best_mean(likelihood: _Likelihood, guess: np.ndarray) -> np.ndarray:
    """Find the mean of an EGARCH model, whose likelihood has a kink wherever the mean equals a return.

    The slope of the best likelihood for a given mean changes its sign at the maximum, with a jump if that is a kink.
    """
    others = likelihood.free & (np.array(NAMES) != "mu")
    state, returns = {"point": guess}, likelihood.returns

    def slope(mu: float) -> float:
        begin, again = (np.concatenate([[mu], values[1:]]) for values in (state["point"], guess))
        # what is best at another mean may have no likelihood at this one
        state["point"] = _climb(likelihood, begin if likelihood.total(begin) > -np.inf else again, others)
        return float(likelihood.slopes(state["point"])[:, 0].sum())

    centre, half = returns.mean(), returns.std() / np.sqrt(len(returns))
    for width in (1, 2, 4, 8):
        if slope(centre - width * half) > 0 > slope(centre + width * half):
            brentq(slope, centre - width * half, centre + width * half, xtol=1e-12, rtol=1e-12)
            return state["point"]
    raise ValueError("no mean fits best")
