"""Total values of the market at dates between those that were published."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from helpers import market_data

FAR_DAYS = 400  # a total value is not carried further than this


class Total(NamedTuple):
    """A total value in USD billion with the range its anchors allow, and their confidence."""

    value: float
    low: float
    high: float
    confidence: str


def total_anchors(item: str) -> pd.DataFrame:
    """Return one kind of total value by date, sorted."""
    totals = market_data.load_table("sp500_totals")
    return totals[totals["item"] == item].sort_values("date", kind="stable")


def market_value_on(date: pd.Timestamp, levels: Sequence[pd.Series], anchors: pd.DataFrame) -> Total | None:
    """Carry a total value (USD trillion, by `date` in `anchors`) to another day by the level of its index; USD billion.

    The first of `levels` that covers the day and an anchor is used, and the nearest anchor in time; the range takes
    those before and after. None where no anchor lies within 400 days.
    """
    for level in levels:
        known = level.dropna()
        if known.empty or not known.index[0] < date <= known.index[-1] + pd.Timedelta(days=45):
            continue
        inside = anchors[anchors["date"].between(known.index[0], known.index[-1] + pd.Timedelta(days=45))]
        inside = inside[(inside["date"] - date).abs() <= pd.Timedelta(days=FAR_DAYS)]
        if inside.empty:
            continue
        now = float(known[known.index < date].iloc[-1])
        carried = 1000 * inside["value"] * now / known.asof(inside["date"]).to_numpy()
        before, apart = inside["date"] <= date, (inside["date"] - date).abs()
        sides = [*inside.index[before][-1:], *inside.index[~before][:1]]
        nearest = min(sides, key=lambda row: (apart[row], carried[row]))
        values = carried[sides]
        return Total(
            float(values[nearest]), float(values.min()), float(values.max()), str(inside["confidence"][nearest])
        )
    return None
