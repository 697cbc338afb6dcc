"""How rare a day was, against what the days before led one to expect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtr

from helpers import garch
from helpers.parameters import EVENT_SEED
from helpers.returns import TRADING_DAYS, Day

SHORTEST_FIT = 200  # days; fewer cannot tell a fat tail from a changing variance
PARAMETERS = ["mu", "omega", "alpha", "beta", "nu"]
MANY_LOST = 0.2  # share of parameter draws outside what the model allows from which it is said


@dataclass(frozen=True)
class GarchDay:
    """A day's return against the forecast made from the `days` before it.

    `probability` of a day at least as extreme, given the forecast, and its return period, 1 / (252 probability); their
    ranges hold the share `level` of the `draws`. `parameters` (mu, omega, alpha, beta, nu) are those of returns in per
    cent; `residuals` are the z of every day, later ones with the same parameters; `doubts` name edges that the fit lies
    on and draws lost, as clauses, and are empty for a sound fit.
    """

    tail: str
    days: int
    return_pct: float
    volatility_pct: float
    z: float
    probability: float
    return_period_years: float
    probability_range: tuple[float, float]
    return_period_range_years: tuple[float, float]
    draws: int
    parameters: pd.Series
    standard_errors: pd.Series
    residuals: pd.Series
    doubts: tuple[str, ...]


def tail_probability(
    z: np.ndarray | float, nu: np.ndarray | float, tail: str = "lower", skew: np.ndarray | float = 0.0
) -> np.ndarray:
    """Return the chance of a value at least as extreme under Student's t of variance one, skewed as by Hansen (1994)."""
    sign = -1.0 if tail == "upper" else 1.0
    nu, skew = np.asarray(nu, dtype=float), sign * np.asarray(skew, dtype=float)
    a, b, _ = garch.hansen_constants(nu, skew)
    y = (b * sign * np.asarray(z) + a) * np.sqrt(nu / (nu - 2))
    return np.where(y < 0, (1 - skew) * stdtr(nu, y / (1 - skew)), 1 - (1 + skew) * stdtr(nu, -y / (1 + skew)))


def garch_day(
    returns: pd.Series,
    event_date: Day,
    tail: str = "lower",
    draws: int = 10_000,
    level: float = 0.9,
    seed: int = EVENT_SEED,
) -> GarchDay:
    """Measure how far a day's return (a fraction) lay outside a GARCH(1,1) forecast with t errors from the days before.

    Bollerslev (1987), Review of Economics and Statistics 69, 542-547: r_t = mu + sqrt(v_t) e_t, e_t Student's t of
    variance one. Parameters are drawn from the normal distribution with the robust covariance of Bollerslev and
    Wooldridge (1992), alpha below 0 counted as 0, without draws that make no sense. The return period asks how often
    such a SURPRISE comes, at whatever volatility the day before had. `ValueError` for a day without a return, under 200
    days before it, or a fit that finds no maximum.
    """
    if tail not in ("lower", "upper"):
        raise ValueError(f'tail={tail!r}: choose "lower" for falls or "upper" for rises')
    day, known = pd.Timestamp(event_date).normalize(), returns.dropna().index
    if not len(known) or day not in returns.loc[known[0] :].index:
        span = f"{known[0]:%Y-%m-%d} to {known[-1]:%Y-%m-%d}" if len(known) else "there are none"
        raise ValueError(f"there is no return on {day:%A %Y-%m-%d}: choose a trading day ({span})")
    series = returns.loc[known[0] :]
    index, row = series.index, int(series.index.get_loc(day))
    values = 100 * series.to_numpy(dtype=float)
    gaps = index[~np.isfinite(values)]
    if len(gaps):
        raise ValueError(f"returns are missing on {len(gaps)} days, first {gaps[0]:%Y-%m-%d}")
    before = values[:row]
    fitted = _fit(before, day, "GARCH-t")
    point = pd.Series(fitted.parameters[fitted.free], index=PARAMETERS)
    path = garch.variances(values, fitted.parameters[:, None], fitted.start)[:-1, 0]
    residuals = pd.Series((values - point["mu"]) / np.sqrt(path), index=index, name="z")
    probability = float(tail_probability(residuals.iloc[row], point["nu"], tail))

    sets, lost = _parameter_draws(fitted, draws, seed)
    volatility = np.sqrt(garch.variances(before, sets, fitted.start)[-1])
    drawn = tail_probability((values[row] - sets[0]) / volatility, sets[5], tail)
    low, high = (float(x) for x in np.quantile(drawn, [0.5 - level / 2, 0.5 + level / 2]))
    cut = f"{100 * lost:.0f}% of the drawn parameters fall outside what the model allows"
    return GarchDay(
        tail=tail,
        days=row,
        return_pct=float(values[row]),
        volatility_pct=float(np.sqrt(path[row])),
        z=float(residuals.iloc[row]),
        probability=probability,
        return_period_years=_years(probability),
        probability_range=(low, high),
        return_period_range_years=(_years(high), _years(low)),
        draws=sets.shape[1],
        parameters=point,
        standard_errors=pd.Series(np.sqrt(np.diag(fitted.covariance)), index=PARAMETERS),
        residuals=residuals,
        doubts=fitted.edges + (cut,) * (lost >= MANY_LOST),
    )


def surprise(returns: pd.Series, event_date: Day, move_pct: float, model: str = "GARCH-t") -> dict[str, Any]:
    """Ask one model of `garch.MODELS`, fitted to the returns (fractions of one) before a day, how often its move comes.

    Returns `z`, `years` between such surprises, `days` fitted and `doubts`; `ValueError` for a fit without a maximum.
    """
    event = pd.Timestamp(event_date).normalize()
    before = returns.loc[returns.index < event].dropna()
    values = 100 * before.to_numpy(dtype=float)
    fitted = _fit(values, event, model)
    mu, nu, skew = fitted.parameters[[0, 5, 6]]
    ahead = garch.variances(values, fitted.parameters[:, None], fitted.start, model)[-1, 0]
    z = float((move_pct - mu) / np.sqrt(ahead))
    years = _years(float(tail_probability(z, nu, "lower" if move_pct < 0 else "upper", skew)))
    return {"z": z, "years": years, "days": len(before), "doubts": fitted.edges}


def days_after(dates: pd.Series, index: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """Name the trading days that first heard news of an evening, such as an earnings report."""
    index = pd.DatetimeIndex(index)
    news = pd.DatetimeIndex(dates).unique()
    rows = index.searchsorted(news[(news >= index[0]) & (news < index[-1])], side="right")
    return index[np.unique(rows)]


def _years(probability: float) -> float:
    return 1 / (TRADING_DAYS * probability) if probability else np.inf


def _fit(before: np.ndarray, day: pd.Timestamp, model: str) -> garch.Fit:
    """Fit a model to returns in per cent, or say in words for people why not."""
    if len(before) < SHORTEST_FIT:
        raise ValueError(f"only {len(before)} returns before {day:%Y-%m-%d}: a model needs at least {SHORTEST_FIT}")
    if not np.isfinite(before).all():
        raise ValueError(f"a return before {day:%Y-%m-%d} is not a number")
    if np.median(np.abs(before)) > 20:
        raise ValueError("the returns look like per cent: give fractions of one (0.01 for 1 %)")
    if np.ptp(before) == 0:
        raise ValueError("the returns before the day do not move: the series is constant")
    try:
        return garch.fit(before, model)
    except (ValueError, np.linalg.LinAlgError) as problem:
        raise ValueError(f"the {model} fit to the {len(before)} days before {day:%Y-%m-%d} failed: {problem}") from None


def _parameter_draws(fitted: garch.Fit, draws: int, seed: int) -> tuple[np.ndarray, float]:
    """Draw parameters, a column a draw, from their normal distribution cut to where the model makes sense; the share cut."""
    size = np.sqrt(np.diag(fitted.covariance))
    # a Cholesky root is unique; the eigenvectors of a covariance differ in sign between machines
    root = np.linalg.cholesky(fitted.covariance / np.outer(size, size)) * size[:, None]
    noise = np.random.default_rng(seed).standard_normal((20 * draws, len(size)))
    sample = np.tile(fitted.parameters[:, None], 20 * draws)
    sample[fitted.free] += root @ noise.T
    sample[2] = np.maximum(sample[2], 0)  # an estimate on the edge stays there half of the time
    _, omega, alpha, _, beta, nu, _ = sample
    sense = (omega > 0) & (beta >= 0) & (alpha + beta < 1) & (nu > garch.NU_LEAST)
    return sample[:, sense][:, :draws], float(1 - sense.mean())
