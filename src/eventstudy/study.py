"""What companies' shares did around an event, or around a list of events, beyond what a model explains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from eventstudy.expected_returns import FACTORS, MODELS, estimation_weights, factor_table, fit_model
from eventstudy.statistics import interval, two_sided
from eventstudy.windows import (
    ALL,
    WINDOWS,
    TradingWindow,
    companies_left_out,
    study_members,
    trading_window,
    window_name,
)

SMALLEST_SIGMA = 1e-10  # below this a "residual" is rounding
MARKET_MODELS = ("market", "market_adjusted")


class WindowSums(NamedTuple):
    """Abnormal returns of one window, cumulated: by company `car` and `se`; `length` in days; `weights`."""

    car: np.ndarray
    se: np.ndarray
    length: int
    weights: np.ndarray


@dataclass(frozen=True)
class EventStudy:
    """Everything the tests need; returns are fractions of one, columns ending in `_pct` are per cent.

    `market` is the series that stood for it ("" for none), `df` the degrees of freedom of sigma. `fit` has by ticker
    `group`, `alpha`, `beta` (on the market), a column for each other factor, `sigma` (of one day's residual), `r2` and
    `largest`, the largest return. `residuals` of the estimation window, `abnormal` returns by day from the event and
    these `standardised` by their standard error of prediction have shape (days, companies); `weights` are those of
    `estimation_weights`; `left_out` has `ticker, group, reason` of each company that could not be studied.
    """

    days: TradingWindow
    market: str
    df: int
    fit: pd.DataFrame
    residuals: pd.DataFrame
    abnormal: pd.DataFrame
    standardised: pd.DataFrame
    weights: np.ndarray
    left_out: pd.DataFrame

    @cached_property
    def car(self) -> pd.DataFrame:
        """By company and window `ticker, group, window, car_pct, se_pct, t`, and `p` of Student's t."""
        parts = []
        for window in self.days.windows:
            sums = window_sums(self, window)
            values = {"car_pct": 100 * sums.car, "se_pct": 100 * sums.se, "t": sums.car / sums.se}
            values["p"] = two_sided(values["t"], self.df)
            parts.append(self.fit[["group"]].reset_index().assign(window=window_name(window), **values))
        return pd.concat(parts, ignore_index=True)


@dataclass(frozen=True)
class PooledStudy:
    """A list of events, a study for each date; `left_out` has `ticker, date, group, reason`."""

    studies: tuple[EventStudy, ...]
    left_out: pd.DataFrame

    @cached_property
    def car(self) -> pd.DataFrame:
        """By event and window `date, ticker, group, window, car_pct, se_pct, t, p`."""
        parts = {study.days.event_date: study.car for study in self.studies}
        return pd.concat(parts, names=["date", None]).reset_index("date").reset_index(drop=True)


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
    factors: pd.DataFrame | None = None,
) -> EventStudy:
    """Measure abnormal returns around one date, AR_it = R_it - E[R_it], for many companies.

    `prices` are adjusted closes, a column a series, on a `DatetimeIndex` of trading days; `groups` maps the companies
    to study to their groups (without it every series but the market, in one). The models "capm", "ff3", "carhart",
    "ff5", "ff5_mom" and "factors" need daily `factors` (see `factor_table`), which may hold the event themselves.
    A company without all its prices, or whose price does not move, is left out and named. `ValueError` for days that
    do not fit, an unknown series, a market or factors with days missing, or when no company is left.

    >>> days = pd.bdate_range("2024-01-01", periods=300)
    >>> noise = np.random.default_rng(1).normal(0, 0.01, (300, 2))
    >>> noise[280, 1] = -0.10
    >>> prices = pd.DataFrame(100 * np.exp(noise.cumsum(axis=0)), index=days, columns=["SPY", "NVDA"])
    >>> event_study(prices, days[280], windows=[(0, 0)]).car["car_pct"].round(1).tolist()
    [-9.6]
    """
    if model not in MODELS:
        raise ValueError(f"unknown model {model!r}: choose one of {', '.join(MODELS)}")
    yardstick = [market] if model in MARKET_MODELS else []
    members = study_members(prices, groups, market, needed=bool(yardstick))
    days = trading_window(pd.DatetimeIndex(prices.index), event_date, windows, estimation_days, gap, non_trading_day)
    reasons = companies_left_out(prices, days, [*members, *yardstick])
    if yardstick and market in reasons:
        raise ValueError(f"the market series {market} cannot be used ({reasons[market]}): choose another or other days")
    left_out = [(name, members[name], why) for name, why in reasons.items()]
    kept = [name for name in members if name not in reasons]
    if not kept:
        raise ValueError(f"no company can be studied ({'; '.join(f'{name}: {why}' for name, why in reasons.items())})")
    returns = _returns(prices, days, kept, log_returns)
    if model in FACTORS:
        table = factor_table(factors, model, days.estimation_days, days.event_days)
        names, explaining = list(table), table.to_numpy()
        returns, explaining = returns - explaining[:, -1:], explaining[:, :-1]  # beyond the risk-free rate
    else:
        names, explaining = yardstick, _returns(prices, days, yardstick, log_returns)
    (own, around), (known, coming) = (np.split(part, [estimation_days]) for part in (returns, explaining))
    coefficients, sigma, residuals, df = fit_model(own, known, model)
    if sigma.min() < SMALLEST_SIGMA:
        exact = ", ".join(name for name, size in zip(kept, sigma, strict=True) if size < SMALLEST_SIGMA)
        raise ValueError(f"the {model} model leaves no residual for {exact}: take it out of groups")
    abnormal = around - coefficients[0] - coming @ coefficients[1:]
    weights = estimation_weights(known, coming, model)
    errors = np.outer(np.sqrt(1 + np.square(weights).sum(axis=1)), sigma)
    tickers, by_day = pd.Index(kept, name="ticker"), pd.Index(days.offsets, name="day")
    loadings = dict(zip(["alpha", "beta", *names[1:]], coefficients, strict=False))  # the mean model has no beta
    r2 = 1 - np.square(residuals).sum(axis=0) / np.square(own - own.mean(axis=0)).sum(axis=0)
    columns = {"group": [members[name] for name in kept], "alpha": coefficients[0], "beta": 0.0} | loadings
    columns |= {"sigma": sigma, "r2": r2, "largest": np.abs(own).max(axis=0)}
    return EventStudy(
        days=days,
        market="".join(yardstick),
        df=df,
        fit=pd.DataFrame(columns, index=tickers),
        residuals=pd.DataFrame(residuals, index=days.estimation_days, columns=tickers),
        abnormal=pd.DataFrame(abnormal, index=by_day, columns=tickers),
        standardised=pd.DataFrame(abnormal / errors, index=by_day, columns=tickers),
        weights=weights,
        left_out=pd.DataFrame(left_out, columns=["ticker", "group", "reason"]),
    )


def _returns(prices: pd.DataFrame, days: TradingWindow, names: Sequence[str], log_returns: bool) -> np.ndarray:
    """Return a column a series on the estimation and then on the event days."""
    columns = prices.columns.get_indexer(list(names))
    closes = [block.to_numpy(dtype=float)[:, columns] for block in days.blocks(prices)]
    return np.vstack([np.diff(np.log(x), axis=0) if log_returns else x[1:] / x[:-1] - 1 for x in closes])


def pooled_study(prices: pd.DataFrame, events: pd.DataFrame, market: str = "SPY", **options: Any) -> PooledStudy:
    """Measure abnormal returns around a list of events, each against its own estimation window.

    `events` has `ticker`, `date` and, if there is more than one, `group`; a company may come more than once, and
    windows may overlap: the tests allow for it. `options` are those of `event_study`. An event that cannot be measured
    is left out and named. `ValueError` for a list without the columns or with an event twice, an unknown ticker, or
    when no event is left.
    """
    table = events.rename(columns=str)
    missing = {"ticker", "date"} - set(table.columns)
    if missing:
        raise ValueError(f"the list of events lacks the column {', '.join(sorted(missing))}: ticker, date, group")
    table = table.assign(date=pd.to_datetime(table["date"]), group=table.get("group", ALL))
    table = table[["ticker", "date", "group"]].astype({"ticker": str, "group": str})
    twice = table[table.duplicated(["ticker", "date"])]
    if len(twice):
        raise ValueError(f"{twice['ticker'].iloc[0]} on {twice['date'].iloc[0]:%Y-%m-%d} is in the list twice")
    needed = options.get("model", "market") in MARKET_MODELS
    study_members(prices, dict(zip(table["ticker"], table["group"], strict=True)), market, needed)
    studies: dict[pd.Timestamp, EventStudy] = {}
    left_out: list[tuple[str, pd.Timestamp, str, str]] = []
    for date, rows in table.groupby("date"):
        members = dict(zip(rows["ticker"], rows["group"], strict=True))
        try:
            study = event_study(prices, date, members, market, **options)
            if study.days.event_date in studies:
                raise ValueError(f"moved to {study.days.event_date:%Y-%m-%d}, which is in the list already")
        except ValueError as problem:
            left_out += [(name, date, group, str(problem)) for name, group in members.items()]
            continue
        studies[study.days.event_date] = study
        left_out += [(name, date, group, why) for name, group, why in study.left_out.to_numpy()]
    if not studies:
        raise ValueError(f"no event can be studied; the first of {len(left_out)}: {left_out[0][-1]}")
    return PooledStudy(tuple(studies.values()), pd.DataFrame(left_out, columns=["ticker", "date", "group", "reason"]))


def window_sums(study: EventStudy, window: tuple[int, int]) -> WindowSums:
    """Cumulate every company's abnormal returns over one window, in fractions of one; see `estimation_weights`."""
    offsets = study.days.offsets
    if not offsets[0] <= window[0] <= window[1] <= offsets[-1]:
        raise ValueError(f"window {window_name(window)} is not within the days {offsets[0]} to {offsets[-1]}")
    rows = slice(window[0] - offsets[0], window[1] - offsets[0] + 1)
    weights, length = study.weights[rows].sum(axis=0), window[1] - window[0] + 1
    se = study.fit["sigma"].to_numpy() * np.sqrt(length + weights @ weights)
    return WindowSums(study.abnormal.to_numpy()[rows].sum(axis=0), se, length, weights)


def portfolio_sums(study: EventStudy, window: tuple[int, int], weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cumulate portfolios of the companies over a window, and give their standard errors, in fractions of one.

    `weights` have shape (portfolios, companies). The standard error is s sqrt(L2 + w'w), s the standard deviation of the
    portfolio's own residuals before the event and w as in `estimation_weights`. The model is linear, so the average of
    the residuals is the residual of the average, whatever the companies' correlation: Brown and Warner (1980), Journal
    of Financial Economics 8, 205-258, "crude dependence adjustment".
    """
    sums = window_sums(study, window)
    noise = study.residuals.to_numpy() @ weights.T
    sigma = np.sqrt(np.square(noise - noise.mean(axis=0)).sum(axis=0) / study.df)
    return weights @ sums.car, sigma * np.sqrt(sums.length + sums.weights @ sums.weights)


def averages(fit: pd.DataFrame) -> pd.DataFrame:
    """Return the matrix that averages companies into groups and into "all"."""
    names = [*(name for name in fit["group"].unique() if name != ALL), ALL]
    member = np.array([(fit["group"] == name) | (name == ALL) for name in names], dtype=float)
    return pd.DataFrame(member / member.sum(axis=1, keepdims=True), index=names, columns=fit.index)


def caar_path(study: EventStudy, start: int = 0, level: float = 0.95) -> pd.DataFrame:
    """Cumulate average abnormal returns from day `start` on, with a band that keeps the companies' correlation.

    `name, day, date, caar_pct, se_pct, low_pct, high_pct` for each group and for all; a company in a group of its own
    has its own path. The standard error is that of `portfolio_sums`.
    """
    matrix, parts = averages(study.fit), []
    for end in range(start, study.days.offsets[-1] + 1):
        caar, se = portfolio_sums(study, (start, end), matrix.to_numpy())
        date = study.days.event_days[end - study.days.offsets[0]]
        path = {"name": matrix.index, "day": end, "date": date, "caar_pct": 100 * caar, "se_pct": 100 * se}
        parts.append(pd.DataFrame(path))
    table = pd.concat(parts).sort_index(kind="stable", ignore_index=True)  # name after name, day after day
    low, high = interval(table["caar_pct"], table["se_pct"], study.df, level)
    return table.assign(low_pct=low, high_pct=high)
