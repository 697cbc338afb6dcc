"""Two eras side by side: their days, paths from a common anchor, gains after as many days, deepest falls."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.answerable import refuse_beyond_data
from helpers.parameters import Settings
from helpers.returns import last_close, max_drawdown
from helpers.run_data import study_prices

COMPOSITE = "^IXIC"
WORDS = {"dotcom": "dot-com", "ai": "AI"}
SHIFT_DAYS = 63  # a quarter: by so much an era's start may be moved when its range is asked for


@dataclass(frozen=True, eq=False)
class Eras:
    """Daily closes of both eras; where each begins; the dot-com peak and trough; the day compared, and the last one."""

    dotcom: pd.DataFrame
    ai: pd.DataFrame
    dotcom_start: pd.Timestamp
    ai_start: pd.Timestamp
    peak: pd.Timestamp
    trough: pd.Timestamp
    now: pd.Timestamp
    last: pd.Timestamp


def load(settings: Settings) -> Eras:
    """Read the prices of both eras and find the trading days that the parameters name."""
    closes = {era: study_prices(era) for era in WORDS}
    refuse_beyond_data(settings, closes, {})
    then, today = closes["dotcom"][COMPOSITE].dropna(), closes["ai"][COMPOSITE].dropna()
    start, now = (last_close(today, day)[0] for day in (settings.ai_start, settings.compare_on))
    peak = pd.Timestamp(then.idxmax())
    trough = pd.Timestamp(then.loc[peak:].idxmin())
    first = last_close(then, settings.dotcom_start)[0]
    return Eras(closes["dotcom"], closes["ai"], first, start, peak, trough, now, pd.Timestamp(today.index[-1]))


def since(prices: pd.Series, anchor: pd.Timestamp) -> pd.Series:
    """Count trading days from an anchor, negative before it, and scale prices to 100 there."""
    known = prices.dropna()
    place = known.index.get_loc(anchor)
    days = pd.RangeIndex(-place, len(known) - place, name="day")
    return pd.Series(100 * known.to_numpy() / known.iloc[place], days, name=prices.name)


def gain_after(prices: pd.Series, start: pd.Timestamp, days: int, end: pd.Timestamp | None = None) -> pd.Series:
    """Gain over some trading days from a start, per cent: `gain`, with `low` and `high` for starts a quarter either side.

    With an `end` that day stays and only the start moves; a gain beyond the prices is missing.
    """
    known = prices.dropna()
    values, first = known.to_numpy(), known.index.get_loc(start)
    moved = np.arange(-SHIFT_DAYS, SHIFT_DAYS + 1)
    begins = first + moved
    ends = begins + days if end is None else np.full(len(moved), known.index.get_loc(end))
    inside = (begins >= 0) & (begins < ends) & (ends < len(values))
    inside &= inside[SHIFT_DAYS]  # without the gain itself there is no range
    gains = pd.Series(100 * (values[ends[inside]] / values[begins[inside]] - 1), moved[inside])
    return pd.Series({"gain": gains.get(0, np.nan), "low": gains.min(), "high": gains.max()})


def deepest_falls(prices: pd.DataFrame) -> pd.DataFrame:
    """Deepest fall of every series with a price, in per cent below zero, and the day the old high came back, if it did."""
    falls = {name: vars(max_drawdown(prices[name])) for name in prices if prices[name].notna().any()}
    table = pd.DataFrame.from_dict(falls, orient="index").rename_axis("series")
    table = table.assign(depth_pct=100 * table["depth"]).astype({"recovery": "datetime64[ns]", "days_back": float})
    columns = ["peak", "trough", "depth_pct", "days_down", "recovery", "days_back"]
    return table[columns].sort_values("depth_pct", kind="stable")
