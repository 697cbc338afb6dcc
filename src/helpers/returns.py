"""Returns, growth, volatility and drawdowns of price series, one by one and as tables.

Prices are a Series or a wide DataFrame on sorted, unique dates; returns are fractions (0.01 is one
per cent) unless a column name ends in ``_pct``. A date without a close means the last close before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias, TypeVar

import numpy as np
import pandas as pd

TRADING_DAYS = 252
NOT_YET = "not yet"
_STALE_DAYS = 7  # a close older than a week is not the price "on" a date

Prices = TypeVar("Prices", pd.Series, pd.DataFrame)
Day: TypeAlias = str | pd.Timestamp


@dataclass(frozen=True)
class Drawdown:
    """The deepest fall of a price series below its earlier high.

    Attributes
    ----------
    depth : float
        Fraction lost from peak to trough, zero or negative.
    peak, trough : Timestamp
        Day of the high before the fall, and of the lowest close after it.
    recovery : Timestamp or None
        First close at or above the old high; None when there was none by the last day.
    days_down, days_back : int, int or None
        Rows (trading days) from peak to trough, and from trough to recovery.
    """

    depth: float
    peak: pd.Timestamp
    trough: pd.Timestamp
    recovery: pd.Timestamp | None
    days_down: int
    days_back: int | None


def log_returns(prices: Prices) -> Prices:
    """Logarithm of the price relative, which adds up over time.

    Parameters
    ----------
    prices : Series or DataFrame
        Prices above zero.

    Returns
    -------
    Series or DataFrame
        Same shape; the first row is missing.

    Raises
    ------
    ValueError
        If a price is zero or negative.

    Examples
    --------
    >>> log_returns(pd.Series([1.0, np.e])).round(12).tolist()
    [nan, 1.0]
    """
    if bool((np.asarray(prices, dtype=float) <= 0).any()):
        raise ValueError("A price is zero or negative and has no logarithm: correct it or drop it.")
    return (prices / prices.shift(1)).transform(np.log)


def last_close(prices: pd.Series, date: Day) -> tuple[pd.Timestamp, float]:
    """Give the last close on or before a date, with the day it was made.

    Parameters
    ----------
    prices : Series
        One price series on dates.
    date : str or Timestamp
        The day asked for.

    Returns
    -------
    tuple of Timestamp and float
        The trading day and its close.

    Raises
    ------
    ValueError
        If the series begins after the date, or its last close before it is more than a week old.

    Examples
    --------
    >>> friday = pd.Series([5.0], index=pd.to_datetime(["2022-12-30"]))
    >>> last_close(friday, "2023-01-01")[1]
    5.0
    """
    day = pd.Timestamp(date)
    known = prices.loc[:day].dropna()
    if known.empty:
        later = prices.dropna()
        began = f"begins on {pd.Timestamp(later.index[0]):%Y-%m-%d}" if len(later) else "has no prices at all"
        raise ValueError(f"{prices.name}: no price by {day:%Y-%m-%d}; the series {began}.")
    found = pd.Timestamp(known.index[-1])
    if (day - found).days > _STALE_DAYS:
        raise ValueError(f"{prices.name}: the last price before {day:%Y-%m-%d} is of {found:%Y-%m-%d}; go earlier.")
    return found, float(known.iloc[-1])


def years_between(start: Day, end: Day) -> float:
    """Count calendar years: whole anniversaries, then the part of the year that follows.

    Parameters
    ----------
    start, end : str or Timestamp
        Two days, in order.

    Returns
    -------
    float
        Years, whole from one date to the same date of a later year, leap day or not.

    Raises
    ------
    ValueError
        If the end lies before the start.

    Examples
    --------
    >>> years_between("2022-12-30", "2024-12-30")
    2.0
    """
    first, last = pd.Timestamp(start), pd.Timestamp(end)
    if last < first:
        raise ValueError(f"The end {last:%Y-%m-%d} lies before the start {first:%Y-%m-%d}: swap them.")
    whole = last.year - first.year
    if first + pd.DateOffset(years=whole) > last:
        whole -= 1
    before, after = first + pd.DateOffset(years=whole), first + pd.DateOffset(years=whole + 1)
    return whole + (last - before).days / (after - before).days


def total_growth(prices: pd.Series, start: Day, end: Day) -> float:
    """Growth from one day to another as a fraction: 1.0 is a doubling.

    Parameters
    ----------
    prices : Series
        One price series on dates.
    start, end : str or Timestamp
        First and last day; see :func:`last_close` for days without a close.

    Returns
    -------
    float
        Last price over first price, less one.

    Examples
    --------
    >>> doubling = pd.Series([1.0, 2.0], index=pd.to_datetime(["2022-12-30", "2023-12-29"]))
    >>> total_growth(doubling, "2022-12-30", "2023-12-29")
    1.0
    """
    return last_close(prices, end)[1] / last_close(prices, start)[1] - 1.0


def known_growth(prices: pd.Series, start: Day, end: Day) -> float:
    """:func:`total_growth`, missing where the series begins later.

    Examples
    --------
    >>> late = pd.Series([1.0, 2.0], index=pd.to_datetime(["2022-12-30", "2023-12-29"]))
    >>> known_growth(late, "2021-12-30", "2023-12-29")
    nan
    """
    try:
        return total_growth(prices, start, end)
    except ValueError:
        return float("nan")


def cagr(prices: pd.Series, start: Day, end: Day) -> float:
    """Compound annual growth rate between two closes, in exact calendar years.

    Parameters
    ----------
    prices : Series
        One price series on dates.
    start, end : str or Timestamp
        First and last day. The years run between the closes in fact used.

    Returns
    -------
    float
        Yearly growth as a fraction.

    Raises
    ------
    ValueError
        If both days have the same close.

    Notes
    -----
    :math:`g = (P_{end} / P_{start})^{1/y} - 1` with *y* from :func:`years_between`. Over less than a
    year the rate extrapolates; :func:`growth_table` leaves it out there.

    Examples
    --------
    >>> doubling = pd.Series([1.0, 4.0], index=pd.to_datetime(["2022-12-30", "2024-12-30"]))
    >>> cagr(doubling, "2022-12-30", "2024-12-30")
    1.0
    """
    (first, begin), (last, finish) = last_close(prices, start), last_close(prices, end)
    years = years_between(first, last)
    if years == 0:
        raise ValueError(f"{prices.name}: start and end fall on the same close, {first:%Y-%m-%d}.")
    return (finish / begin) ** (1.0 / years) - 1.0


def volatility(prices: pd.Series, periods_per_year: int = TRADING_DAYS) -> float:
    """Annualised standard deviation of log returns.

    Parameters
    ----------
    prices : Series
        Prices above zero, evenly spaced (daily unless said otherwise).
    periods_per_year : int
        252 for trading days, 12 for months.

    Returns
    -------
    float
        Fraction a year: sample standard deviation times the root of the periods in a year.

    Examples
    --------
    >>> volatility(pd.Series([1.0, 2.0, 4.0, 8.0]))
    0.0
    """
    return float(log_returns(prices).std(ddof=1) * np.sqrt(periods_per_year))


def max_drawdown(prices: pd.Series) -> Drawdown:
    """Find the deepest fall below an earlier high, and whether it was made good.

    Parameters
    ----------
    prices : Series
        One price series on dates, with at least one price.

    Returns
    -------
    Drawdown
        Depth, dates and durations; a series that never fell has depth zero and its first day throughout.

    Raises
    ------
    ValueError
        If the series has no price.

    Examples
    --------
    >>> fall = max_drawdown(pd.Series([10.0, 5.0, 10.0], index=pd.date_range("2025-01-01", periods=3)))
    >>> fall.depth, f"{fall.recovery:%d %B}"
    (-0.5, '03 January')
    """
    known = prices.dropna()
    if known.empty:
        raise ValueError(f"{prices.name}: no prices, so no drawdown.")
    days = pd.DatetimeIndex(known.index)
    values = known.to_numpy(dtype=float)
    falls = values / np.maximum.accumulate(values) - 1.0
    trough = int(falls.argmin())
    peak = trough - int(values[trough::-1].argmax())  # of equal highs the latest
    back = np.flatnonzero(values[trough:] >= values[peak])
    recovered = len(back) > 0
    return Drawdown(
        depth=float(falls[trough]),
        peak=days[peak],
        trough=days[trough],
        recovery=days[trough + int(back[0])] if recovered else None,
        days_down=trough - peak,
        days_back=int(back[0]) if recovered else None,
    )
