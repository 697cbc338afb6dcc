"""The indicators that stand beside each other then and now: what each measures, from which day, how surely.

An indicator is a series by the day that each value stands for: the last day of a quarter or month for
what is counted then, the first day of the month for Shiller's monthly means (so that a day is read with
the mean of its own month). A reading on a day is the last value by that day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

MARCH_2000 = pd.Timestamp("2000-03-31")
LEVEL_PCT = 2.0  # two values closer than this, in per cent of the earlier, count as level


@dataclass(frozen=True)
class Indicator:
    """One measure with its history.

    Attributes
    ----------
    name, label, unit, topic : str
        Short name; words for a table; unit; what it belongs to.
    values : Series
        By the day that each value stands for.
    hotter : int
        1 where a higher value is more like the top of a boom, -1 where a lower one is.
    low : tuple of Timestamp
        Days whose figure is of low confidence.
    confidence : str
        Of the other figures.
    """

    name: str
    label: str
    unit: str
    topic: str
    values: pd.Series
    hotter: int = 1
    low: tuple[pd.Timestamp, ...] = ()
    confidence: str = "high"


@dataclass(frozen=True)
class Value:
    """One reading of an indicator: its value, the day it stands for, and whether it is of low confidence."""

    value: float = np.nan
    day: pd.Timestamp = field(default_factory=lambda: pd.NaT)
    low: bool = False


def read(indicator: Indicator, day: pd.Timestamp) -> Value:
    """Read an indicator on a day.

    Returns
    -------
    Value
        The last value by the day; where the series begins later, its first value if that is less than a
        year away; else missing.

    Examples
    --------
    >>> yearly = pd.Series([1.0, 2.0], index=pd.to_datetime(["2000-12-31", "2001-12-31"]))
    >>> one = Indicator("a", "a", "times", "rates", yearly)
    >>> read(one, pd.Timestamp("2002-05-01")).value, read(one, pd.Timestamp("2000-03-31")).value
    (2.0, 1.0)
    """
    known = indicator.values.dropna()
    place = int(known.index.searchsorted(day, side="right")) - 1
    if place < 0:
        if known.empty or known.index[0] - day > pd.Timedelta(days=366):
            return Value()
        place = 0
    found = pd.Timestamp(known.index[place])
    return Value(float(known.iloc[place]), found, found in indicator.low)


def history(indicator: Indicator, day: pd.Timestamp) -> pd.Series:
    """Return the values up to a day (or the first one, where the series begins later)."""
    known = indicator.values.dropna()
    return known.loc[: max(day, known.index[0])] if len(known) else known


def heat_percentile(indicator: Indicator, value: float, day: pd.Timestamp) -> float:
    """Say what share of an indicator's own history, up to a day, was cooler than a value.

    Parameters
    ----------
    indicator : Indicator
    value : float
        In the unit of the indicator.
    day : Timestamp
        End of the history.

    Returns
    -------
    float
        Per cent; equal values count half.

    Examples
    --------
    >>> yields = pd.Series([5.0, 3.0, 1.0, 4.0], index=pd.date_range("2000-01-01", periods=4))
    >>> heat_percentile(Indicator("a", "a", "%", "rates", yields, hotter=-1), 1.0, yields.index[-1])
    87.5
    """
    past = history(indicator, day).to_numpy(dtype=float) * indicator.hotter
    if not len(past) or np.isnan(value):
        return np.nan
    mark = value * indicator.hotter
    return float(100.0 * ((past < mark).mean() + 0.5 * (past == mark).mean()))


def compared(indicator: Indicator, then: float, now: float) -> str:
    """Say whether now is hotter or cooler than then, or level, or not known.

    Examples
    --------
    >>> prices = Indicator("a", "a", "times", "valuation", pd.Series(dtype=float))
    >>> compared(prices, 43.2, 37.1), compared(prices, 28.3, 28.2)
    ('cooler', 'level')
    """
    if np.isnan(then) or np.isnan(now):
        return "not known"
    if abs(now - then) <= LEVEL_PCT / 100.0 * abs(then):
        return "level"
    return "hotter" if (now - then) * indicator.hotter > 0 else "cooler"


def then_and_now(indicators: Sequence[Indicator], then: pd.Timestamp, now: pd.Timestamp) -> pd.DataFrame:
    """Put the readings of two days beside each other.

    Returns
    -------
    DataFrame
        By name: ``label``, ``unit``, ``topic``, ``then``, ``then_day``, ``now``, ``now_day``, ``ratio``
        (blank where the two differ in sign), ``low`` (either of low confidence) and ``confidence``.
    """
    rows = {}
    for one in indicators:
        first, second = read(one, then), read(one, now)
        ratio = second.value / first.value if first.value * second.value > 0 else np.nan
        low = first.low or second.low
        rows[one.name] = {
            "label": one.label, "unit": one.unit, "topic": one.topic, "then": first.value, "then_day": first.day,
            "now": second.value, "now_day": second.day, "ratio": ratio, "low": low,
            "confidence": "low" if low else one.confidence,
        }  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("indicator")
