"""The way back after a fall: how deep it went, and how long until the old price was seen again."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Recovery:
    """How a price came back after one day."""

    event_date: pd.Timestamp
    close_before: float  # what is to be reached again
    fall_pct: float  # the day's return, positive where the price rose
    trough_date: pd.Timestamp  # the lowest close until the recovery or the end of the data
    trough_pct: float  # its distance from the close before
    days_to_trough: int  # trading days from the event
    recovered: bool
    recovered_on: pd.Timestamp | None
    days: int | None  # trading days from the event; 0 for a price that did not fall, None for not yet
    days_watched: int  # trading days after the event in the data


def recovery(prices: pd.Series, event_date: str | pd.Timestamp) -> Recovery:
    """Follow one price from the close before an event until it is seen again; a day without a price is a `ValueError`."""
    closes = prices.dropna()
    day = pd.Timestamp(event_date).normalize()
    if day not in closes.index[1:]:
        span = (
            f"from {closes.index[1]:%Y-%m-%d} to {closes.index[-1]:%Y-%m-%d}"
            if len(closes) > 1
            else "of another series"
        )
        reason = "there is no price on that day with one before it"
        raise ValueError(f"recovery from {day:%A %Y-%m-%d}: {reason}; choose a trading day {span}")
    row = int(closes.index.get_loc(day))
    return _follow(closes.index, closes.to_numpy(dtype=float), row)


def recoveries(prices: pd.Series | pd.DataFrame, min_fall_pct: float) -> pd.DataFrame:
    """Follow every one-day fall of `min_fall_pct` per cent and more, each column by itself: a row of `Recovery` a fall.

    `within_earlier` marks falls before the price was back from an earlier one; the others are independent episodes.
    """
    if not min_fall_pct > 0:
        raise ValueError(f"min_fall_pct={min_fall_pct}: give the size of a fall in per cent as a positive number")
    table = prices.to_frame() if isinstance(prices, pd.Series) else prices
    rows = []
    for name in table.columns:
        closes = table[name].dropna()
        values = closes.to_numpy(dtype=float)
        # a fall of exactly the size asked for counts, whatever its last binary digit
        falls = 1 + np.flatnonzero(100 * (values[1:] / values[:-1] - 1) <= -min_fall_pct + 1e-9)
        open_until = -1
        for row in falls:
            found = _follow(closes.index, values, int(row))
            rows.append({"series": name, **asdict(found), "within_earlier": bool(row <= open_until)})
            if row > open_until:
                open_until = len(values) if found.days is None else int(row) + found.days
    columns = ["series", *Recovery.__dataclass_fields__, "within_earlier"]
    found_falls = pd.DataFrame(rows, columns=columns)
    return found_falls.astype({"days": "Int64", "recovered_on": "datetime64[ns]"})


def recovery_curve(falls: pd.DataFrame) -> pd.DataFrame:
    """Estimate what share of falls is not made up after a number of days, counting those still open.

    Kaplan and Meier (1958), Journal of the American Statistical Association 53, 457-481: the product over days
    of 1 - returned / at risk, where a fall still open counts until the data end.
    Leave out the falls that are `within_earlier`: they are no evidence of their own.
    """
    back = falls["days"].notna().to_numpy()
    until = falls["days"].fillna(falls["days_watched"]).to_numpy(dtype=int)
    days, returned = np.unique(until[back], return_counts=True)
    at_risk = (until[:, None] >= days).sum(axis=0)
    share = np.cumprod(1 - returned / at_risk)
    return pd.DataFrame({"day": days, "at_risk": at_risk, "returned": returned, "not_back_pct": 100 * share})


def _follow(index: pd.Index, closes: np.ndarray, row: int) -> Recovery:
    level, after = closes[row - 1], closes[row:]
    back = np.flatnonzero(after >= level)
    days = int(back[0]) if back.size else None
    trough = int((after if days is None else after[: max(days, 1)]).argmin())
    return Recovery(
        event_date=index[row],
        close_before=float(level),
        fall_pct=float(100 * (after[0] / level - 1)),
        trough_date=index[row + trough],
        trough_pct=float(100 * (after[trough] / level - 1)),
        days_to_trough=trough,
        recovered=days is not None,
        recovered_on=None if days is None else index[row + days],
        days=days,
        days_watched=len(after) - 1,
    )
