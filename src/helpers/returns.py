"""Growth and falls of a price series, as fractions; a date without a close means the last close before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd

TRADING_DAYS = 252
STALE_DAYS = 7  # a close older than a week is not the price "on" a date

Day: TypeAlias = str | pd.Timestamp


@dataclass(frozen=True)
class Drawdown:
    """The deepest fall below an earlier high: its depth (a fraction below zero), days, and when the high was seen again."""

    depth: float
    peak: pd.Timestamp
    trough: pd.Timestamp
    recovery: pd.Timestamp | None
    days_down: int
    days_back: int | None


def last_close(prices: pd.Series, date: Day) -> tuple[pd.Timestamp, float]:
    """Give the last close on or before a date, with its day; `ValueError` where there is none within a week."""
    day = pd.Timestamp(date)
    known = prices.loc[:day].dropna()
    if known.empty:
        later = prices.dropna()
        began = f"begins on {pd.Timestamp(later.index[0]):%Y-%m-%d}" if len(later) else "has no prices at all"
        raise ValueError(f"{prices.name}: no price by {day:%Y-%m-%d}; the series {began}.")
    found = pd.Timestamp(known.index[-1])
    if (day - found).days > STALE_DAYS:
        raise ValueError(f"{prices.name}: the last price before {day:%Y-%m-%d} is of {found:%Y-%m-%d}; go earlier.")
    return found, float(known.iloc[-1])


def years_between(start: Day, end: Day) -> float:
    """Count calendar years: whole anniversaries, then the part of the year that follows."""
    first, last = pd.Timestamp(start), pd.Timestamp(end)
    if last < first:
        raise ValueError(f"The end {last:%Y-%m-%d} lies before the start {first:%Y-%m-%d}: swap them.")
    whole = last.year - first.year
    if first + pd.DateOffset(years=whole) > last:
        whole -= 1
    before, after = first + pd.DateOffset(years=whole), first + pd.DateOffset(years=whole + 1)
    return whole + (last - before).days / (after - before).days


def total_growth(prices: pd.Series, start: Day, end: Day) -> float:
    """Return the growth from one day to another: 1.0 is a doubling."""
    return last_close(prices, end)[1] / last_close(prices, start)[1] - 1.0


def max_drawdown(prices: pd.Series) -> Drawdown:
    """Find the deepest fall below an earlier high, and whether that high was seen again."""
    known = prices.dropna()
    if known.empty:
        raise ValueError(f"{prices.name}: no prices, so no drawdown.")
    days = pd.DatetimeIndex(known.index)
    values = known.to_numpy(dtype=float)
    falls = values / np.maximum.accumulate(values) - 1.0
    trough = int(falls.argmin())
    peak = trough - int(values[trough::-1].argmax())  # of equal highs the latest
    back = np.flatnonzero(values[trough:] >= values[peak])
    days_back = int(back[0]) if len(back) else None
    recovery = None if days_back is None else days[trough + days_back]
    return Drawdown(float(falls[trough]), days[peak], days[trough], recovery, trough - peak, days_back)
