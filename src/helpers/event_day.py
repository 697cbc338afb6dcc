"""Which prices and trading days an event has, or why it has none."""

from __future__ import annotations

import pandas as pd

from eventstudy.windows import TradingWindow, trading_window
from helpers.parameters import Settings, did_you_mean
from helpers.run_data import study_prices


def event_day(settings: Settings) -> tuple[pd.DataFrame, TradingWindow]:
    """Return the closes of the years that hold the event and its trading days; the day itself is always a window.

    >>> from helpers import parameters
    >>> prices, days = event_day(parameters.check("02_selloff", {}))
    >>> f"{days.event_date:%Y-%m-%d} {prices.index[days.event_row - 1]:%Y-%m-%d} {days.windows[0]}"
    '2025-01-27 2025-01-24 (0, 0)'

    Raises `ValueError` for a date outside the prices, a day without trading, windows that do not fit, or a series
    that is unknown or, for the company in the foreground, has no price on the day.
    """
    tables = {era: table for era in ("ai", "dotcom") if len(table := study_prices(era))}
    date = pd.Timestamp(settings.event_date)
    held = [table for table in tables.values() if table.index[0] <= date <= table.index[-1]]
    if not held:
        spans = " and ".join(f"{table.index[0]:%Y-%m-%d} to {table.index[-1]:%Y-%m-%d}" for table in tables.values())
        raise ValueError(f"event_date {date:%Y-%m-%d} is outside the prices, which cover {spans}")
    prices = held[0]
    asked = [tuple(window) for window in settings.event_windows]
    windows = asked if (0, 0) in asked else [(0, 0), *asked]
    length, gap = settings.estimation_days, settings.estimation_gap
    days = trading_window(pd.DatetimeIndex(prices.index), date, windows, length, gap, settings.non_trading_day)
    known = list(prices.columns)
    for name in [settings.event_focus, settings.market_series, *settings.event_tickers]:
        if name not in known:
            raise ValueError(
                f"{name!r} has no prices in these years{did_you_mean(name, known)}; there are: {', '.join(known)}"
            )
    if prices[settings.event_focus].iloc[days.event_row - 1 : days.event_row + 1].isna().any():
        raise ValueError(
            f"event_focus: {settings.event_focus} has no close on {days.event_date:%Y-%m-%d} or the day before"
        )
    return prices, days


def boom_days(settings: Settings) -> tuple[pd.DataFrame, pd.Timestamp, pd.Timestamp]:
    """Return the closes of the AI years with the first and last day of the boom, each the last trading day up to its date.

    >>> from helpers import parameters
    >>> prices, start, end = boom_days(parameters.check("01_valuation_growth", {"boom_start": "2023-01-01"}))
    >>> f"{start:%Y-%m-%d} {end:%Y-%m-%d}"
    '2022-12-30 2025-01-24'

    Raises `ValueError` for a date outside the prices, dates that are not in order, or a series that is unknown or, for
    the company in focus, has no price on the first day.
    """
    prices = study_prices("ai")
    known, focus = list(prices.columns), settings.focus_ticker
    for name in ["^GSPC", "SPY", "RSP", "^IXIC", focus, *settings.leaders]:
        if name not in known:
            raise ValueError(f"no prices for {name!r}{did_you_mean(name, known)}; there are: {', '.join(known)}")
    found = []
    for name, date in (("boom_start", settings.boom_start), ("boom_end", settings.boom_end)):
        if not prices.index[0] <= pd.Timestamp(date) <= prices.index[-1]:
            span = f"{prices.index[0]:%Y-%m-%d} to {prices.index[-1]:%Y-%m-%d}"
            raise ValueError(f"{name} {date} is outside the prices, which cover {span}")
        found.append(pd.Timestamp(prices.index[prices.index <= date][-1]))
    start, end = found
    if start >= end:
        raise ValueError(f"boom_end {end:%Y-%m-%d} is not after boom_start {start:%Y-%m-%d}: change one")
    if pd.isna(prices.loc[start, focus]):
        raise ValueError(
            f"focus_ticker: {focus} has no price on {start:%Y-%m-%d}; its prices begin on "
            f"{prices[focus].first_valid_index():%Y-%m-%d}: choose a later boom_start or another company"
        )
    return prices, start, end
