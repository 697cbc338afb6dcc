"""What the prices can answer: series, dates and windows of a run's parameters held against the data it would read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeAlias

import pandas as pd

from eventstudy.windows import TradingWindow, companies_left_out, trading_window
from helpers.parameters import MODELS, ParameterError, Settings, did_you_mean

COMPARED_WITH = {  # series that a notebook cannot do without, whatever it is asked
    "01_valuation_growth": {"ai": ["^IXIC", "SPY", "RSP"]},
    "03_dotcom_comparison": {"ai": ["^IXIC", "^GSPC", "NVDA", "SMH"], "dotcom": ["^IXIC", "CSCO", "SPY"]},
}
NO_COMPANY = {"index": "an index", "fund": "a fund"}
Closes: TypeAlias = Mapping[str, pd.DataFrame]  # of each era, "ai" and "dotcom"
Groups: TypeAlias = Mapping[str, str]  # of each series in the codebook


def data_problems(
    settings: Mapping[str, Settings], closes: Closes, groups: Groups, notebooks: Iterable[str] = tuple(MODELS)
) -> list[str]:
    """List what the prices cannot answer, of the notebooks that run: unknown series, dates beyond them, days without trading."""
    checks: dict[str, Callable[..., Iterator[str]]] = {
        "01_valuation_growth": _valuation_problems, "02_selloff": _selloff_problems, "03_dotcom_comparison": _dotcom_problems
    }  # fmt: skip
    asked = [name for name in notebooks if name in settings and name in checks]
    return [
        problem for name in asked for problem in _lacking(name, closes) or checks[name](settings[name], closes, groups)
    ]


def refuse_beyond_data(one: Settings, closes: Closes, groups: Groups) -> None:
    """Refuse the parameters of one notebook that the prices cannot answer; one message has all problems."""
    if problems := data_problems({one.notebook: one}, closes, groups):
        raise ParameterError(*problems)


def event_prices(one: Settings, closes: Closes) -> pd.DataFrame | None:
    """Return the closes of the years that hold the event, if any do."""
    return next((table for table in closes.values() if not list(_outside(one, "event_date", table))), None)


def event_window(one: Settings, prices: pd.DataFrame) -> TradingWindow:
    """Find the trading days of the event; the day itself is always a window."""
    windows = [(first, last) for first, last in one.event_windows]
    windows = windows if (0, 0) in windows else [(0, 0), *windows]
    index, before = pd.DatetimeIndex(prices.index), (one.estimation_days, one.estimation_gap)
    return trading_window(index, one.event_date, windows, *before, one.non_trading_day)


def _lacking(notebook: str, closes: Closes) -> list[str]:
    needed = COMPARED_WITH.get(notebook, {})
    lacking = ", ".join(f"{name} ({era})" for era in needed for name in needed[era] if name not in closes[era])
    said = f"{notebook} rests on {lacking}, which the prices lack: name the source bundled+folder:PATH, which adds your own "
    return [f"{said}series to the bundled ones, or ask for --only 02_selloff"] if lacking else []


def _valuation_problems(one: Settings, closes: Closes, groups: Groups) -> Iterator[str]:
    known = closes["ai"]
    yield from _wrong_order(one, "boom_start", "boom_end", known)
    for name, tickers in {"focus_ticker": [one.focus_ticker], "leaders": one.leaders}.items():
        yield from _unknown_tickers(name, tickers, known)
        for ticker in tickers:
            if groups.get(ticker) in NO_COMPANY:
                yield f"{name}: {ticker} is not a company but {NO_COMPANY[groups[ticker]]}"
            first = known[ticker].first_valid_index() if ticker in known else known.index[0]
            if known.index[0] <= pd.Timestamp(one.boom_start) < first:
                yield f"{name}: {ticker} has prices from {first:%Y-%m-%d} on, not on boom_start {one.boom_start}"


def _selloff_problems(one: Settings, closes: Closes, groups: Groups) -> Iterator[str]:
    prices = event_prices(one, closes)
    if prices is None:
        yield from _outside(one, "event_date", *closes.values())
        return
    asked = {"event_focus": [one.event_focus], "market_series": [one.market_series], "event_tickers": one.event_tickers}
    unknown = [line for name, tickers in asked.items() for line in _unknown_tickers(name, tickers, prices)]
    yield from unknown
    try:
        days = event_window(one, prices)
    except ValueError as error:
        yield f"event_date, event_windows, estimation_days: {error}"
        return
    if unknown:
        return
    if prices[one.event_focus].iloc[days.event_row - 1 : days.event_row + 1].isna().any():
        yield f"event_focus: {one.event_focus} has no close on {days.event_date:%Y-%m-%d} or on the day before"
    companies = [name for name in prices if name != one.market_series and groups.get(name) not in NO_COMPANY]
    left = companies_left_out(prices, days, one.event_tickers or companies)
    if len(left) == len(one.event_tickers or companies):
        yield from (f"event_tickers: {ticker}: {reason}" for ticker, reason in left.items())


def _dotcom_problems(one: Settings, closes: Closes, groups: Groups) -> Iterator[str]:
    yield from _wrong_order(one, "ai_start", "compare_on", closes["ai"])
    yield from _outside(one, "dotcom_start", closes["dotcom"])
    yield from _unknown_tickers("replay_groups", filter(None, one.replay_groups.values()), closes["dotcom"])


def _outside(one: Settings, name: str, *tables: pd.DataFrame) -> Iterator[str]:
    spans, day = [table.index[[0, -1]] for table in tables if len(table)], pd.Timestamp(one.values[name])
    if not any(first <= day <= last for first, last in spans):
        told = " and ".join(f"{first:%Y-%m-%d} to {last:%Y-%m-%d}" for first, last in spans)
        yield f"{name}: {one.values[name]} is outside the data, which cover {told or 'no day'}"


def _wrong_order(one: Settings, start: str, end: str, known: pd.DataFrame) -> Iterator[str]:
    beyond = [*_outside(one, start, known), *_outside(one, end, known)]
    yield from beyond
    if not beyond:
        first, last = known.index.searchsorted(pd.DatetimeIndex([one.values[start], one.values[end]]), side="right")
        if first >= last:  # two dates count as one where no trading day lies between them
            yield f"{end}: {one.values[end]} is not after {start} {one.values[start]}"


def _unknown_tickers(name: str, tickers: Iterable[str], known: pd.DataFrame) -> Iterator[str]:
    there = sorted(map(str, known.columns))
    for ticker in tickers:
        if ticker not in there:
            yield f"{name}: no prices for {ticker!r}{did_you_mean(ticker, there)}; there are: {', '.join(there)}"
