"""What companies' shares did around an event beyond what the market explains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from eventstudy.expected_returns import MODELS, estimation_weights, fit_model
from eventstudy.windows import (
    ALL,
    WINDOWS,
    TradingWindow,
    check_market,
    companies_left_out,
    study_members,
    trading_window,
    window_name,
)

__all__ = [
    "ALL",
    "MODELS",
    "WINDOWS",
    "EventStudy",
    "TradingWindow",
    "WindowSums",
    "averages",
    "caar_path",
    "estimation_weights",
    "event_study",
    "fit_model",
    "trading_window",
    "window_name",
    "window_sums",
]
SMALLEST_SIGMA = 1e-10  # below this a "residual" is rounding


@dataclass(frozen=True)
class EventStudy:
    """Everything the tests need; returns are fractions of one, columns ending in `_pct` are per cent.

    Attributes
    ----------
    days : TradingWindow
        The estimation window and the event windows.
    model, market : str
        Expected-return model, and the series that stood for the market ("" for none).
    df : int
        Degrees of freedom of `sigma`: L1 - 2 for the market model, else L1 - 1.
    fit : pd.DataFrame, index ticker
        `group`, `alpha`, `beta`, `sigma` (of one day's residual), `r2` and `largest`, the largest return.
    residuals, abnormal, standardised : pd.DataFrame, shape (days, companies)
        Residuals of the estimation window; abnormal returns by day relative to the event; the same divided
        by their standard error of prediction.
    market_returns : pd.Series
        Returns of the market on the estimation and then the event days (zeros without a market).
    car, caar : pd.DataFrame
        By company `ticker, group, window, car_pct, se_pct, t`; by group and for all `group, window, n,
        caar_pct`.
    left_out : pd.DataFrame
        `ticker, group, reason` of each company that could not be studied.
    """

    days: TradingWindow
    model: str
    market: str
    df: int
    fit: pd.DataFrame
    residuals: pd.DataFrame
    abnormal: pd.DataFrame
    standardised: pd.DataFrame
    market_returns: pd.Series
    car: pd.DataFrame
    caar: pd.DataFrame
    left_out: pd.DataFrame


class WindowSums(NamedTuple):
    """Abnormal returns of one window, cumulated: by company `car` and `se`; `length` in days; `weights`."""

    car: np.ndarray
    se: np.ndarray
    length: int
    weights: np.ndarray


def event_study(
    prices: pd.DataFrame,
    event_date: str | pd.Timestamp,
    groups: Mapping[str, str] | None = None,
    market: str = "SPY",
    windows: Sequence[tuple[int, int]] = WINDOWS,
    model: str = "market",
    estimation_days: int = 250,
    gap: int = 10,
    log_returns: bool = False,
    non_trading_day: str = "refuse",
) -> EventStudy:
    """Measure abnormal returns around one date for many companies.

    Parameters
    ----------
    prices : pd.DataFrame, shape (days, series)
        Adjusted closing prices, a `DatetimeIndex` of trading days by ticker.
    event_date : str or pd.Timestamp
        Day of the event, the same for all companies.
    groups : mapping of ticker to group, optional
        The companies to study; without it every series but the market, in one group.
    market : str
        The series that stands for the market (not used by `model="mean"`).
    windows, estimation_days, gap, non_trading_day
        As in `trading_window`.
    model : {"market", "mean", "market_adjusted"}
        As in `fit_model`.
    log_returns : bool
        Use log returns instead of simple ones.

    Returns
    -------
    EventStudy
        A company without all its prices, or whose price does not move, is left out and named in `left_out`.

    Raises
    ------
    ValueError
        For impossible days (see `trading_window`), an unknown series, a market with days missing, or when no
        company is left.

    Notes
    -----
    AR_it = R_it - E[R_it]; CAR is its sum over a window, CAAR the average over companies (MacKinlay 1997).

    Examples
    --------
    >>> days = pd.bdate_range("2024-01-01", periods=300)
    >>> noise = np.random.default_rng(1).normal(0, 0.01, (300, 2))
    >>> noise[280, 1] = -0.10
    >>> prices = pd.DataFrame(100 * np.exp(noise.cumsum(axis=0)), index=days, columns=["SPY", "NVDA"])
    >>> study = event_study(prices, days[280], windows=[(0, 0)])
    >>> study.caar.round(1).to_dict("records")
    [{'group': 'all', 'window': '(0, 0)', 'n': 1, 'caar_pct': -9.6}]
    """
    if model not in MODELS:
        raise ValueError(f"unknown model {model!r}: choose one of {', '.join(MODELS)}")
    members = study_members(prices, groups, market if model != "mean" else None)
    index = pd.DatetimeIndex(prices.index)
    days = trading_window(index, event_date, windows, estimation_days, gap, non_trading_day)
    start = days.event_row - gap - estimation_days
    # a return needs the price of the day before; the days between the two blocks are not used
    before = prices.iloc[start - 1 : start + estimation_days]
    around = prices.iloc[days.event_row + days.offsets[0] - 1 : days.event_row + days.offsets[-1] + 1]
    left_out = companies_left_out(prices, [before, around], members)
    kept = [name for name in members if name not in set(left_out["ticker"])]
    if not kept:
        reasons = "; ".join(f"{row.ticker}: {row.reason}" for row in left_out.itertuples())
        raise ValueError(f"no company can be studied ({reasons})")
    market_before, market_around = np.zeros(len(before) - 1), np.zeros(len(around) - 1)
    if model != "mean":
        check_market([before, around], market)
        market_before = _returns(before[[market]], log_returns)[:, 0]
        market_around = _returns(around[[market]], log_returns)[:, 0]
    own = _returns(before[kept], log_returns)
    alpha, beta, sigma, residuals, df = fit_model(own, market_before, model)
    if sigma.min() < SMALLEST_SIGMA:
        exact = ", ".join(name for name, size in zip(kept, sigma, strict=True) if size < SMALLEST_SIGMA)
        raise ValueError(f"the {model} model leaves no residual for {exact}: take it out of groups")
    abnormal = _returns(around[kept], log_returns) - alpha - np.outer(market_around, beta)
    day_weights = [estimation_weights(market_before, np.array([day]), model) for day in market_around]
    spread = np.sqrt(1 + np.square(day_weights).sum(axis=1))
    tickers, by_day = pd.Index(kept, name="ticker"), pd.Index(days.offsets, name="day")
    r2 = 1 - np.square(residuals).sum(axis=0) / np.square(own - own.mean(axis=0)).sum(axis=0)
    columns = {"alpha": alpha, "beta": beta, "sigma": sigma, "r2": r2, "largest": np.abs(own).max(axis=0)}
    fit = pd.DataFrame({"group": [members[name] for name in kept]} | columns, index=tickers)
    car, caar = [], []
    for window in days.windows:
        sums = _sums(abnormal, sigma, market_before, market_around, days.offsets, window, model)
        car.append(_car_rows(fit, window, sums))
        caar.append(_caar_rows(fit, window, sums))
    return EventStudy(
        days=days,
        model=model,
        market=market if model != "mean" else "",
        df=df,
        fit=fit,
        residuals=pd.DataFrame(residuals, index=days.estimation_days, columns=tickers),
        abnormal=pd.DataFrame(abnormal, index=by_day, columns=tickers),
        standardised=pd.DataFrame(abnormal / np.outer(spread, sigma), index=by_day, columns=tickers),
        market_returns=pd.Series(
            np.concatenate([market_before, market_around]), index=days.estimation_days.append(days.event_days)
        ),
        car=pd.concat(car, ignore_index=True),
        caar=pd.concat(caar, ignore_index=True),
        left_out=left_out,
    )


def window_sums(study: EventStudy, window: tuple[int, int]) -> WindowSums:
    """Cumulate the abnormal returns of every company over one window, with their standard errors.

    Parameters
    ----------
    study : EventStudy
        A study whose event days cover the window.
    window : (int, int)
        First and last day relative to the event.

    Returns
    -------
    WindowSums
        CAR and standard error as fractions of one, in the order of `study.fit`; see `estimation_weights` for
        the formula.

    Raises
    ------
    ValueError
        For a window that the study's days do not cover.
    """
    offsets = study.days.offsets
    if not offsets[0] <= window[0] <= window[1] <= offsets[-1]:
        raise ValueError(f"window {window_name(window)} is not within the days {offsets[0]} to {offsets[-1]}")
    before, around = np.split(study.market_returns.to_numpy(), [len(study.residuals)])
    sigma = study.fit["sigma"].to_numpy()
    return _sums(study.abnormal.to_numpy(), sigma, before, around, offsets, window, study.model)


def averages(fit: pd.DataFrame, by: str = "group") -> pd.DataFrame:
    """Return the matrix that averages companies into groups and into "all", or leaves each alone.

    Parameters
    ----------
    fit : pd.DataFrame, index ticker
        With a column `group`, as `EventStudy.fit`.
    by : {"group", "company"}
        What a row stands for.

    Returns
    -------
    pd.DataFrame, shape (names, companies)
        Equal weights adding up to one in each row.

    Examples
    --------
    >>> averages(pd.DataFrame({"group": ["chips", "power"]}, index=["NVDA", "VST"])).loc["all"].tolist()
    [0.5, 0.5]
    """
    if by not in ("group", "company"):
        raise ValueError(f'by={by!r}: choose "group" or "company"')
    if by == "company":
        return pd.DataFrame(np.eye(len(fit)), index=fit.index, columns=fit.index)
    names = [*(name for name in fit["group"].unique() if name != ALL), ALL]
    member = np.array([(fit["group"] == name) | (name == ALL) for name in names], dtype=float)
    return pd.DataFrame(member / member.sum(axis=1, keepdims=True), index=names, columns=fit.index)


def caar_path(study: EventStudy, start: int = 0, by: str = "group", level: float = 0.95) -> pd.DataFrame:
    """Cumulate average abnormal returns day by day, with a band that keeps the companies' correlation.

    Parameters
    ----------
    study : EventStudy
        The study; its widest window sets how far the path runs.
    start : int
        Day relative to the event on which the sum begins.
    by : {"group", "company"}
        One path for each group and for all, or one for each company.
    level : float
        Coverage of the band, between 0 and 1.

    Returns
    -------
    pd.DataFrame
        `name, day, date, caar_pct, se_pct, low_pct, high_pct`, the band around the estimate.

    Raises
    ------
    ValueError
        When the study does not reach back to `start`.

    Notes
    -----
    The standard error is that of the equally weighted portfolio: its residual variance over time holds
    whatever correlation its members have (Brown and Warner 1980, crude dependence adjustment).
    """
    matrix = averages(study.fit, by)
    portfolio = (study.residuals - study.residuals.mean()).to_numpy() @ matrix.to_numpy().T
    sigma = np.sqrt(np.square(portfolio).sum(axis=0) / study.df)
    reach = stdtrit(study.df, 0.5 + level / 2)
    parts = []
    for end in range(start, study.days.offsets[-1] + 1):
        sums = window_sums(study, (start, end))
        centre = 100 * matrix.to_numpy() @ sums.car
        se = 100 * sigma * np.sqrt(sums.length + sums.weights @ sums.weights)
        date = study.days.event_days[end - study.days.offsets[0]]
        path = {"name": matrix.index, "day": end, "date": date, "caar_pct": centre, "se_pct": se}
        parts.append(pd.DataFrame(path | {"low_pct": centre - reach * se, "high_pct": centre + reach * se}))
    order = {name: place for place, name in enumerate(matrix.index)}
    table = pd.concat(parts, ignore_index=True)
    return table.sort_values("name", key=lambda names: names.map(order), kind="stable", ignore_index=True)


def _returns(prices: pd.DataFrame, log_returns: bool) -> np.ndarray:
    table = prices.to_numpy(dtype=float)
    return np.diff(np.log(table), axis=0) if log_returns else table[1:] / table[:-1] - 1


def _sums(
    abnormal: np.ndarray,
    sigma: np.ndarray,
    market: np.ndarray,
    event_market: np.ndarray,
    offsets: np.ndarray,
    window: tuple[int, int],
    model: str,
) -> WindowSums:
    rows = slice(window[0] - offsets[0], window[1] - offsets[0] + 1)
    weights = estimation_weights(market, event_market[rows], model)
    length = window[1] - window[0] + 1
    se = sigma * np.sqrt(length + weights @ weights)
    return WindowSums(abnormal[rows].sum(axis=0), se, length, weights)


def _car_rows(fit: pd.DataFrame, window: tuple[int, int], sums: WindowSums) -> pd.DataFrame:
    values = {"car_pct": 100 * sums.car, "se_pct": 100 * sums.se, "t": sums.car / sums.se}
    return fit[["group"]].reset_index().assign(window=window_name(window), **values)


def _caar_rows(fit: pd.DataFrame, window: tuple[int, int], sums: WindowSums) -> pd.DataFrame:
    matrix = averages(fit)
    n, caar = (matrix > 0).sum(axis=1).to_numpy(), 100 * matrix.to_numpy() @ sums.car
    return pd.DataFrame({"group": matrix.index, "window": window_name(window), "n": n, "caar_pct": caar})
