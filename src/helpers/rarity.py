"""How rare a day was: against what the days before led one to expect, and among all days."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import stdtr

from helpers.parameters import EVENT_SEED
from helpers.returns import TRADING_DAYS

SHORTEST_FIT = 200  # days; fewer cannot tell a fat tail from a changing variance
DECAY, WARM_UP = 0.94, 60  # RiskMetrics' weight of yesterday's variance, and the days until it is used
PARAMETERS = ["mu", "omega", "alpha", "beta", "nu"]


@dataclass(frozen=True)
class GarchDay:
    """A day's return against the forecast made from the days before it.

    Attributes
    ----------
    date, tail : pd.Timestamp, str
        The day, and whether falls ("lower") or rises ("upper") are counted.
    days : int
        Returns that the model was fitted to, all before the day.
    return_pct, mean_pct, volatility_pct : float
        The day's return; its forecast mean and standard deviation.
    z : float
        (return - mean) / volatility.
    probability, return_period_years : float
        Chance of a day at least as extreme, given the forecast; 1 / (252 probability).
    probability_range, return_period_range_years : tuple of float
        The same for parameters drawn from their estimated distribution: quantiles (1 - level) / 2 and
        (1 + level) / 2.
    level : float
        Share of the drawn values inside the ranges.
    draws : int
        Draws behind the ranges.
    parameters, standard_errors : pd.Series
        `mu, omega, alpha, beta, nu` of returns in per cent.
    residuals : pd.Series
        z of every day in the data, the later ones with the same parameters.
    """

    date: pd.Timestamp
    tail: str
    days: int
    return_pct: float
    mean_pct: float
    volatility_pct: float
    z: float
    probability: float
    return_period_years: float
    probability_range: tuple[float, float]
    return_period_range_years: tuple[float, float]
    level: float
    draws: int
    parameters: pd.Series
    standard_errors: pd.Series
    residuals: pd.Series


@dataclass(frozen=True)
class DayRank:
    """Where a day stands among all days: 1 is the most extreme; `z_rank` is None for a day without z."""

    date: pd.Timestamp
    tail: str
    return_pct: float
    rank: int
    days: int
    z: float
    z_rank: int | None
    z_days: int


def tail_probability(z: np.ndarray, nu: np.ndarray, tail: str = "lower") -> np.ndarray:
    """Return the chance of a value at least as extreme under Student's t scaled to variance one.

    Parameters
    ----------
    z, nu : array_like
        Standardised values, and degrees of freedom above 2.
    tail : {"lower", "upper"}
        Count values below or above z.

    Notes
    -----
    P(Z <= z) = T_nu(z sqrt(nu / (nu - 2))), T_nu the distribution function of Student's t.

    Examples
    --------
    >>> round(float(tail_probability(-6.0, 1e9)) * 1e9, 3), round(float(tail_probability(-6.0, 5.5)), 6)
    (0.987, 0.000214)
    """
    sign = -1.0 if tail == "upper" else 1.0
    nu = np.asarray(nu, dtype=float)
    return stdtr(nu, sign * np.asarray(z) * np.sqrt(nu / (nu - 2)))


def garch_variance(
    returns: np.ndarray, mu: np.ndarray, omega: np.ndarray, alpha: np.ndarray, beta: np.ndarray, start: float
) -> np.ndarray:
    """Forecast each day's variance from the day before, for many parameters at once.

    Parameters
    ----------
    returns : np.ndarray, shape (days,)
        Returns in per cent.
    mu, omega, alpha, beta : np.ndarray, shape (draws,)
        Parameters, one of each a draw.
    start : float
        Squared return and variance assumed before the first day.

    Returns
    -------
    np.ndarray, shape (days + 1, draws)
        Variance of each day and of the day after the last.

    Notes
    -----
    v_t = omega + alpha (r_{t-1} - mu)^2 + beta v_{t-1}: Bollerslev (1986), Journal of Econometrics 31, 307-327.

    Examples
    --------
    >>> one = np.ones(1)
    >>> garch_variance(np.array([2.0]), 0 * one, one, 0.5 * one, 0.25 * one, 1.0).ravel().tolist()
    [1.75, 3.4375]
    """
    variance = np.empty((len(returns) + 1, len(mu)))
    variance[0] = omega + (alpha + beta) * start
    for day, value in enumerate(returns):
        variance[day + 1] = omega + alpha * (value - mu) ** 2 + beta * variance[day]
    return variance


def garch_day(
    returns: pd.Series,
    event_date: str | pd.Timestamp,
    tail: str = "lower",
    draws: int = 2000,
    level: float = 0.90,
    seed: int = EVENT_SEED,
) -> GarchDay:
    """Measure how far a day's return lay outside the forecast of a GARCH(1,1) model with t errors.

    Parameters
    ----------
    returns : pd.Series
        Daily simple returns, fractions of one, by trading day; missing days at the start are dropped.
    event_date : str or pd.Timestamp
        The day; only days before it are fitted.
    tail : {"lower", "upper"}
        Count falls or rises.
    draws, level, seed : int, float, int
        Parameter draws, the share of them inside the ranges, and the seed of their generator.

    Returns
    -------
    GarchDay
        Forecast, standardised residual, probability and return period with their ranges.

    Raises
    ------
    ValueError
        For a day without a return, fewer than 200 days before it, returns in per cent or without movement, or
        a fit that does not converge.

    Notes
    -----
    Bollerslev (1987), Review of Economics and Statistics 69, 542-547: r_t = mu + sqrt(v_t) e_t, e_t Student's t
    of variance one, v_t as in `garch_variance`; fitted by the `arch` package to returns in per cent. Parameters
    are drawn from the normal distribution with the robust covariance of Bollerslev and Wooldridge (1992); alpha
    below 0 counts as 0, and draws outside omega > 0, beta >= 0, alpha + beta < 1, nu > 2.05 are left out. The
    return period asks how often such a SURPRISE comes, at whatever volatility the day before had; doubt about
    the model itself is not in the ranges.

    Examples
    --------
    >>> days = pd.bdate_range("2020-01-01", periods=601)
    >>> noise = pd.Series(np.random.default_rng(3).standard_t(6, 601) / 100, index=days)
    >>> noise.iloc[600] = -0.15
    >>> day = garch_day(noise, days[600])
    >>> day.z < -8, day.probability < 0.001, day.probability_range[0] < day.probability < day.probability_range[1]
    (True, True, True)
    """
    from arch import arch_model  # takes about two seconds to import

    if tail not in ("lower", "upper"):
        raise ValueError(f'tail={tail!r}: choose "lower" for falls or "upper" for rises')
    series = returns.loc[returns.first_valid_index() :] if returns.notna().any() else returns.dropna()
    row = _row(series, event_date, "returns")
    values = 100 * series.to_numpy(dtype=float)
    if np.isnan(values).any():
        raise ValueError(f"returns are missing on {int(np.isnan(values).sum())} days, first {_first_gap(series)}")
    if row < SHORTEST_FIT:
        raise ValueError(
            f"only {row} returns before {series.index[row]:%Y-%m-%d}: a GARCH model with t errors needs at least "
            f"{SHORTEST_FIT}"
        )
    if np.median(np.abs(values)) > 20:
        raise ValueError("the returns look like per cent: give fractions of one (0.01 for 1 %)")
    before = values[:row]
    if np.ptp(before) == 0:
        raise ValueError("the returns before the day do not move: the series is constant")
    model = arch_model(before, mean="Constant", vol="GARCH", p=1, q=1, dist="t", rescale=False)
    fitted = model.fit(disp="off", show_warning=False, options={"ftol": 1e-10, "maxiter": 1000})
    if fitted.convergence_flag:
        raise ValueError(f"the GARCH fit to the {row} days before {series.index[row]:%Y-%m-%d} did not converge")
    point = pd.Series(np.asarray(fitted.params), index=PARAMETERS)
    start = float(model.volatility.backcast(before - before.mean()))  # the value the fit began from
    one = point.to_numpy()[:, None]
    path = garch_variance(values, one[0], one[1], one[2], one[3], start)[:-1, 0]
    residuals = pd.Series((values - point["mu"]) / np.sqrt(path), index=series.index, name="z")
    probability = float(tail_probability(residuals.iloc[row], point["nu"], tail))

    mu, omega, alpha, beta, nu = _parameter_draws(point.to_numpy(), np.asarray(fitted.param_cov), draws, seed)
    volatility = np.sqrt(garch_variance(before, mu, omega, alpha, beta, start)[-1])
    drawn = tail_probability((values[row] - mu) / volatility, nu, tail)
    low, high = (float(x) for x in np.quantile(drawn, [0.5 - level / 2, 0.5 + level / 2]))
    return GarchDay(
        date=series.index[row],
        tail=tail,
        days=row,
        return_pct=float(values[row]),
        mean_pct=float(point["mu"]),
        volatility_pct=float(np.sqrt(path[row])),
        z=float(residuals.iloc[row]),
        probability=probability,
        return_period_years=_years(probability),
        probability_range=(low, high),
        return_period_range_years=(_years(high), _years(low)),
        level=level,
        draws=len(mu),
        parameters=point,
        standard_errors=pd.Series(np.sqrt(np.diag(fitted.param_cov)), index=PARAMETERS),
        residuals=residuals,
    )


def day_rank(
    returns: pd.Series, date: str | pd.Timestamp, residuals: pd.Series | None = None, tail: str = "lower"
) -> DayRank:
    """Rank a day among all days, by its return and by its return against the volatility of the days before.

    Parameters
    ----------
    returns : pd.Series
        Daily returns, fractions of one.
    date : str or pd.Timestamp
        The day.
    residuals : pd.Series, optional
        z of the days, such as `GarchDay.residuals`. Without it z is the return divided by the exponentially
        weighted volatility of the days before it.
    tail : {"lower", "upper"}
        Rank 1 is the largest fall, or the largest rise.

    Returns
    -------
    DayRank
        Ties take the better rank.

    Notes
    -----
    Without `residuals`: v_t = 0.94 v_{t-1} + 0.06 r_{t-1}^2 (RiskMetrics Technical Document, 1996), from the
    61st day.

    Examples
    --------
    >>> days = pd.bdate_range("2024-01-01", periods=100)
    >>> calm = pd.Series(np.tile([0.01, -0.01], 50), index=days)
    >>> calm.iloc[80] = -0.10
    >>> rank = day_rank(calm, days[80])
    >>> rank.rank, rank.days, round(rank.z, 1), rank.z_rank
    (1, 100, -10.0, 1)
    """
    known = returns.dropna()
    row = _row(known, date, "returns")
    if residuals is None:
        variance = known.pow(2).ewm(alpha=1 - DECAY).mean().shift(1)
        residuals = (known / np.sqrt(variance)).iloc[WARM_UP:]
    day, sign = known.index[row], -1.0 if tail == "upper" else 1.0
    z = float(residuals.get(day, np.nan))
    return DayRank(
        date=day,
        tail=tail,
        return_pct=float(100 * known.iloc[row]),
        rank=1 + int((sign * known < sign * known.iloc[row]).sum()),
        days=len(known),
        z=z,
        z_rank=None if np.isnan(z) else 1 + int((sign * residuals < sign * z).sum()),
        z_days=int(residuals.notna().sum()),
    )


def _row(series: pd.Series, date: str | pd.Timestamp, what: str) -> int:
    """Find a day's row, or say which days there are."""
    day = pd.Timestamp(date).normalize()
    if not len(series) or not series.index[0] <= day <= series.index[-1]:
        span = f"{series.index[0]:%Y-%m-%d} to {series.index[-1]:%Y-%m-%d}" if len(series) else "none"
        raise ValueError(f"{day:%Y-%m-%d} lies outside the {what} ({span})")
    row = int(series.index.searchsorted(day))
    if series.index[row] != day:
        raise ValueError(
            f"there are no {what} on {day:%A %Y-%m-%d}: the next trading day is {series.index[row]:%A %Y-%m-%d}"
        )
    return row


def _years(probability: float) -> float:
    return 1 / (TRADING_DAYS * probability) if probability else np.inf


def _first_gap(series: pd.Series) -> str:
    return f"{series.index[series.isna()][0]:%Y-%m-%d}"


def _parameter_draws(point: np.ndarray, covariance: np.ndarray, draws: int, seed: int) -> np.ndarray:
    """Draw parameters, a column a draw, from their normal distribution cut to where the model makes sense."""
    sample = np.random.default_rng(seed).multivariate_normal(point, covariance, size=20 * draws, method="eigh")
    sample[:, 2] = np.maximum(sample[:, 2], 0)  # an estimate on the edge stays there half of the time
    _, omega, alpha, beta, nu = sample.T
    sense = (omega > 0) & (beta >= 0) & (alpha + beta < 1) & (nu > 2.05)
    return sample[sense][:draws].T
