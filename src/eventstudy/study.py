"""What companies' shares did around an event, or around a list of events, beyond what a model explains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from eventstudy.expected_returns import (
    FACTORS,
    MODELS,
    check_model,
    estimation_weights,
    factor_table,
    fit_model,
    prediction_spread,
)
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
    "PooledStudy",
    "TradingWindow",
    "WindowSums",
    "averages",
    "caar_path",
    "estimation_weights",
    "event_study",
    "fit_model",
    "pooled_study",
    "trading_window",
    "window_name",
    "window_sums",
]
SMALLEST_SIGMA = 1e-10  # below this a "residual" is rounding


class WindowSums(NamedTuple):
    """Abnormal returns of one window, cumulated: by company `car` and `se`; `length` in days; `weights`."""

    car: np.ndarray
    se: np.ndarray
    length: int
    weights: np.ndarray


@dataclass(frozen=True)
class EventStudy:
    """Everything the tests need; returns are fractions of one, columns ending in `_pct` are per cent.

    Attributes
    ----------
    market : str
        The series that stood for the market ("" for none).
    df : int
        Degrees of freedom of `sigma`: L1 - 1, less one for each factor.
    fit : pd.DataFrame, index ticker
        `group`, `alpha`, `beta` (on the market), one column for each other factor, `sigma` (of one day's residual),
        `r2` and `largest`, the largest return.
    residuals, abnormal, standardised : pd.DataFrame, shape (days, companies)
        Residuals of the estimation window; abnormal returns by day relative to the event; the same divided
        by their standard error of prediction.
    factors : pd.DataFrame
        Returns of the market, or of the factors, on the estimation and then the event days.
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
    factors: pd.DataFrame
    left_out: pd.DataFrame

    @cached_property
    def car(self) -> pd.DataFrame:
        """By company and window `ticker, group, window, car_pct, se_pct, t`."""
        parts = []
        for window in self.days.windows:
            sums = window_sums(self, window)
            values = {"car_pct": 100 * sums.car, "se_pct": 100 * sums.se, "t": sums.car / sums.se}
            parts.append(self.fit[["group"]].reset_index().assign(window=window_name(window), **values))
        return pd.concat(parts, ignore_index=True)

    @cached_property
    def caar(self) -> pd.DataFrame:
        """By group, and for all companies, `group, window, n, caar_pct`."""
        matrix = averages(self.fit)
        n, parts = (matrix > 0).sum(axis=1).to_numpy(), []
        for window in self.days.windows:
            caar = 100 * matrix.to_numpy() @ window_sums(self, window).car
            parts.append(pd.DataFrame({"group": matrix.index, "window": window_name(window), "n": n, "caar_pct": caar}))
        return pd.concat(parts, ignore_index=True)


@dataclass(frozen=True)
class PooledStudy:
    """A list of events, a study for each date; `left_out` has `ticker, date, group, reason`."""

    studies: tuple[EventStudy, ...]
    left_out: pd.DataFrame

    @property
    def df(self) -> int:
        """Degrees of freedom of every event's sigma."""
        return self.studies[0].df

    @cached_property
    def fit(self) -> pd.DataFrame:
        """The fits of all events, by `ticker` and `date`."""
        parts = {study.days.event_date: study.fit for study in self.studies}
        return pd.concat(parts, names=["date"]).swaplevel()

    @cached_property
    def car(self) -> pd.DataFrame:
        """By event and window `date, ticker, group, window, car_pct, se_pct, t`."""
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
    """Measure abnormal returns around one date for many companies.

    Parameters
    ----------
    prices : pd.DataFrame, shape (days, series)
        Adjusted closing prices, a `DatetimeIndex` of trading days by ticker.
    groups : mapping of ticker to group, optional
        The companies to study; without it every series but the market, in one group.
    market : str
        The series that stands for the market (used by the models "market" and "market_adjusted").
    windows, estimation_days, gap, non_trading_day
        As in `trading_window`.
    model : str
        "market", "mean", "market_adjusted", or with `factors` "capm", "ff3", "carhart", "ff5", "ff5_mom" or
        "factors" (all of them): see `fit_model`.
    factors : pd.DataFrame, optional
        Daily factors, see `factor_table`. They may hold the event themselves; say so beside the result.

    Returns
    -------
    EventStudy
        A company without all its prices, or whose price does not move, is left out and named in `left_out`.

    Raises
    ------
    ValueError
        For impossible days (see `trading_window`), an unknown series, a market or factor with days missing, an
        estimation window too short for the model, or when no company is left.

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
    check_model(model)
    own_market = model in ("market", "market_adjusted")
    members = study_members(prices, groups, market, needed=own_market)
    days = trading_window(pd.DatetimeIndex(prices.index), event_date, windows, estimation_days, gap, non_trading_day)
    start = days.event_row - gap - estimation_days
    # a return needs the price of the day before; the days between the two blocks are not used
    before = prices.iloc[start - 1 : start + estimation_days]
    around = prices.iloc[days.event_row + days.offsets[0] - 1 : days.event_row + days.offsets[-1] + 1]
    left_out = companies_left_out(prices, [before, around], members)
    kept = [name for name in members if name not in set(left_out["ticker"])]
    if not kept:
        reasons = "; ".join(f"{row.ticker}: {row.reason}" for row in left_out.itertuples())
        raise ValueError(f"no company can be studied ({reasons})")
    if own_market:
        check_market([before, around], market)
    used = _explaining(before, around, days, model, market, factors, log_returns)
    free = used.pop("rf").to_numpy()[:, None]
    _check_length(estimation_days, 0 if model == "market_adjusted" else used.shape[1], model)
    known, coming = np.split(used.to_numpy(), [estimation_days])
    own = _returns(before[kept], log_returns) - free[:estimation_days]
    alpha, beta, sigma, residuals, df = fit_model(own, known, model)
    if sigma.min() < SMALLEST_SIGMA:
        exact = ", ".join(name for name, size in zip(kept, sigma, strict=True) if size < SMALLEST_SIGMA)
        raise ValueError(f"the {model} model leaves no residual for {exact}: take it out of groups")
    abnormal = _returns(around[kept], log_returns) - free[estimation_days:] - alpha - coming @ beta
    spread = prediction_spread(known, coming, model)
    tickers, by_day = pd.Index(kept, name="ticker"), pd.Index(days.offsets, name="day")
    loadings = dict(zip(["beta", *used.columns[1:]], beta if len(beta) else np.zeros((1, len(kept))), strict=False))
    r2 = 1 - np.square(residuals).sum(axis=0) / np.square(own - own.mean(axis=0)).sum(axis=0)
    columns = {"alpha": alpha} | loadings | {"sigma": sigma, "r2": r2, "largest": np.abs(own).max(axis=0)}
    return EventStudy(
        days=days,
        model=model,
        market=market if own_market else "",
        df=df,
        fit=pd.DataFrame({"group": [members[name] for name in kept]} | columns, index=tickers),
        residuals=pd.DataFrame(residuals, index=days.estimation_days, columns=tickers),
        abnormal=pd.DataFrame(abnormal, index=by_day, columns=tickers),
        standardised=pd.DataFrame(abnormal / np.outer(spread, sigma), index=by_day, columns=tickers),
        factors=used,
        left_out=left_out,
    )


def pooled_study(prices: pd.DataFrame, events: pd.DataFrame, market: str = "SPY", **options: Any) -> PooledStudy:
    """Measure abnormal returns around a list of events, each against its own estimation window.

    Windows of different events may overlap: the tests allow for it (see `tests.test_table`).

    Parameters
    ----------
    events : pd.DataFrame
        `ticker`, `date` and, if there is more than one, `group`; a company may come more than once.
    **options
        As in `event_study`: windows, model, factors, estimation_days, gap, log_returns, non_trading_day.

    Returns
    -------
    PooledStudy
        An event that cannot be measured is left out and named with the reason.

    Raises
    ------
    ValueError
        For a list without the columns or with an event twice, an unknown ticker, or when no event is left.

    Examples
    --------
    >>> days = pd.bdate_range("2024-01-01", periods=300)
    >>> noise = np.random.default_rng(1).normal(0, 0.01, (300, 3))
    >>> prices = pd.DataFrame(100 * np.exp(noise.cumsum(axis=0)), index=days, columns=["SPY", "A", "B"])
    >>> events = pd.DataFrame({"ticker": ["A", "B"], "date": [days[270], days[275]]})
    >>> pooled_study(prices, events, windows=[(0, 0)]).car["ticker"].tolist()
    ['A', 'B']
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
    needed = options.get("model", "market") in ("market", "market_adjusted")
    study_members(prices, dict(zip(table["ticker"], table["group"], strict=True)), market, needed)
    studies: dict[pd.Timestamp, EventStudy] = {}
    left_out = []
    for date, rows in table.groupby("date"):
        members = dict(zip(rows["ticker"], rows["group"], strict=True))
        try:
            study = event_study(prices, date, members, market, **options)
            if study.days.event_date in studies:
                raise ValueError(f"moved to {study.days.event_date:%Y-%m-%d}, which is in the list already")
        except ValueError as problem:
            left_out.append(rows.assign(reason=str(problem)))
            continue
        studies[study.days.event_date] = study
        left_out.append(study.left_out.assign(date=date))
    gone = pd.concat(left_out, ignore_index=True)[["ticker", "date", "group", "reason"]]
    if not studies:
        raise ValueError(f"no event can be studied; the first of {len(gone)}: {gone['reason'].iloc[0]}")
    return PooledStudy(tuple(studies.values()), gone)


def window_sums(study: EventStudy, window: tuple[int, int]) -> WindowSums:
    """Cumulate the abnormal returns of every company over one window, with their standard errors.

    Fractions of one, in the order of `study.fit`; see `estimation_weights` for the formula.

    Raises
    ------
    ValueError
        For a window that the study's days do not cover.
    """
    offsets = study.days.offsets
    if not offsets[0] <= window[0] <= window[1] <= offsets[-1]:
        raise ValueError(f"window {window_name(window)} is not within the days {offsets[0]} to {offsets[-1]}")
    known, coming = np.split(study.factors.to_numpy(), [len(study.residuals)])
    rows = slice(window[0] - offsets[0], window[1] - offsets[0] + 1)
    weights = estimation_weights(known, coming[rows], study.model)
    length = window[1] - window[0] + 1
    se = study.fit["sigma"].to_numpy() * np.sqrt(length + weights @ weights)
    return WindowSums(study.abnormal.to_numpy()[rows].sum(axis=0), se, length, weights)


def averages(fit: pd.DataFrame, by: str = "group") -> pd.DataFrame:
    """Return the matrix that averages companies into groups and into "all", or leaves each alone.

    Parameters
    ----------
    fit : pd.DataFrame, index ticker
        With a column `group`, as `EventStudy.fit`.
    by : {"group", "company"}
        What a row stands for.

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
    start : int
        Day relative to the event on which the sum begins; the study's widest window sets where it ends.
    by : {"group", "company"}
        One path for each group and for all, or one for each company.
    level : float
        Coverage of the band, between 0 and 1.

    Returns
    -------
    pd.DataFrame
        `name, day, date, caar_pct, se_pct, low_pct, high_pct`, the band around the estimate.

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


def _returns(prices: pd.DataFrame | pd.Series, log_returns: bool) -> np.ndarray:
    table = prices.to_numpy(dtype=float)
    return np.diff(np.log(table), axis=0) if log_returns else table[1:] / table[:-1] - 1


def _explaining(
    before: pd.DataFrame,
    around: pd.DataFrame,
    days: TradingWindow,
    model: str,
    market: str,
    factors: pd.DataFrame | None,
    log_returns: bool,
) -> pd.DataFrame:
    """Gather what explains returns on the estimation and the event days, with the risk-free rate as last column."""
    needed = days.estimation_days.append(days.event_days)
    if model not in FACTORS:
        plain = (
            {} if model == "mean" else {market: [_returns(block[market], log_returns) for block in (before, around)]}
        )
        columns = {name: np.concatenate(parts) for name, parts in plain.items()}
        return pd.DataFrame(columns | {"rf": np.zeros(len(needed))}, index=needed)
    chosen, free = factor_table(factors, model)
    table = chosen.assign(rf=free).reindex(needed)
    holes = table.index[table.isna().any(axis=1)]
    if len(holes):
        raise ValueError(
            f"the factors lack {len(holes)} of the days needed, first {holes[0]:%Y-%m-%d}; they run from "
            f"{chosen.index[0]:%Y-%m-%d} to {chosen.index[-1]:%Y-%m-%d}"
        )
    spread = (chosen.loc[days.estimation_days] - chosen.loc[days.estimation_days].mean()).to_numpy()
    if np.linalg.matrix_rank(spread) < spread.shape[1]:
        raise ValueError(f"the factors {', '.join(chosen)} do not move apart in the estimation window: leave one out")
    return table


def _check_length(estimation_days: int, fitted: int, model: str) -> None:
    """Refuse an estimation window that leaves Patell's variance, df / (df - 2), without meaning."""
    if estimation_days < fitted + 4:
        raise ValueError(
            f"estimation_days={estimation_days} is too short for the {model} model, which needs {fitted + 4} at least; "
            "250 is usual"
        )
