"""Which trading days and which companies an event study can use, and why it cannot use the others."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

ALL = "all"
WINDOWS = ((0, 0), (-1, 1), (0, 4), (0, 20))
SHORTEST_ESTIMATION = 5  # Patell's variance (L1 - 2) / (L1 - 4) needs more than four days
LONGEST_BREAK = 10  # calendar days; the longest closure since 1995, September 2001, was 7


@dataclass(frozen=True)
class TradingWindow:
    """The days of an event study, resolved to rows of the price table.

    `requested` is the date asked for, `event_date` the trading day used; `first_row` and `event_row` are the rows of
    the first estimation day and of the event; `offsets` holds the trading days from the event of each of `event_days`.
    """

    requested: pd.Timestamp
    event_date: pd.Timestamp
    first_row: int
    event_row: int
    estimation_days: pd.DatetimeIndex
    event_days: pd.DatetimeIndex
    offsets: np.ndarray
    windows: tuple[tuple[int, int], ...]

    def blocks(self, prices: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Cut the estimation and the event days out of the prices, each with the day before, as returns need it."""
        first, last = self.event_row + self.offsets[[0, -1]]
        end = self.first_row + len(self.estimation_days)
        return prices.iloc[self.first_row - 1 : end], prices.iloc[first - 1 : last + 1]


def window_name(window: tuple[int, int]) -> str:
    """Write a window as it is printed in tables."""
    return "({}, {})".format(*(f"{day:+d}" if day else "0" for day in window))


def trading_window(
    index: pd.DatetimeIndex,
    event_date: str | pd.Timestamp,
    windows: Sequence[tuple[int, int]] = WINDOWS,
    estimation_days: int = 250,
    gap: int = 10,
    non_trading_day: str = "refuse",
) -> TradingWindow:
    """Resolve an event date, and windows in trading days from it, to the days of a price table.

    The estimation window ends `gap` + 1 days before the event. When the exchange was closed, `non_trading_day` is
    "refuse" or "next". `ValueError` for days that are not there, are missing inside, or belong to both windows.
    """
    if not isinstance(index, pd.DatetimeIndex) or not index.is_monotonic_increasing or not index.is_unique:
        raise ValueError("the price table needs a DatetimeIndex that is sorted and has no day twice")
    windows = tuple((int(first), int(last)) for first, last in windows)
    if not windows or any(first > last for first, last in windows):
        raise ValueError(f"an event window is (first day, last day), first not after last: got {list(windows)}")
    if estimation_days < SHORTEST_ESTIMATION or gap < 0:
        raise ValueError(
            f"estimation_days={estimation_days} and gap={gap}: at least {SHORTEST_ESTIMATION} days and no "
            "negative gap; 250 and 10 are usual"
        )
    requested = pd.Timestamp(event_date).normalize()
    event_row = _event_row(index, requested, non_trading_day)
    event = index[event_row]
    first, last = min(start for start, _ in windows), max(end for _, end in windows)
    if first < -gap:
        raise ValueError(
            f"a window from day {first} overlaps the estimation window, which ends {gap + 1} days before the "
            f"event: raise gap to {-first} or begin the window at day {-gap}"
        )
    begin = event_row - gap - estimation_days  # row of the first return, which needs the price of the row above
    if begin < 1:
        needed = 1 + gap + estimation_days
        first_event = f"{index[needed]:%Y-%m-%d} at the earliest" if needed < len(index) else "none fits"
        raise ValueError(
            f"the estimation window of {estimation_days} days before {event:%Y-%m-%d} begins {1 - begin} "
            f"trading days before the first return ({index[:2][-1]:%Y-%m-%d}): shorten estimation_days "
            f"to {max(estimation_days + begin - 1, 0)}, or choose a later event ({first_event})"
        )
    if event_row + last >= len(index):
        raise ValueError(
            f"a window to day {last:+d} runs beyond the prices, which end on {index[-1]:%Y-%m-%d}: the last "
            f"day that can be reached is {len(index) - 1 - event_row:+d}"
        )
    used = index[begin - 1 : event_row + last + 1]
    breaks = np.flatnonzero(np.diff(used.to_numpy()) > np.timedelta64(LONGEST_BREAK, "D"))
    if breaks.size:
        raise ValueError(
            f"days are missing from the price table between {used[breaks[0]]:%Y-%m-%d} and "
            f"{used[breaks[0] + 1]:%Y-%m-%d}, inside the windows"
        )
    return TradingWindow(
        requested=requested,
        event_date=event,
        first_row=begin,
        event_row=event_row,
        estimation_days=index[begin : begin + estimation_days],
        event_days=index[event_row + first : event_row + last + 1],
        offsets=np.arange(first, last + 1),
        windows=windows,
    )


def _event_row(index: pd.DatetimeIndex, requested: pd.Timestamp, non_trading_day: str) -> int:
    if non_trading_day not in ("refuse", "next"):
        raise ValueError(f'non_trading_day={non_trading_day!r}: choose "refuse" or "next"')
    if not len(index) or not index[0] <= requested <= index[-1]:
        span = f"{index[0]:%Y-%m-%d} to {index[-1]:%Y-%m-%d}" if len(index) else "empty"
        raise ValueError(f"event {requested:%Y-%m-%d} lies outside the prices ({span})")
    row = int(index.searchsorted(requested))
    if index[row] != requested and non_trading_day == "refuse":
        raise ValueError(
            f"event {requested:%A %Y-%m-%d} is not a trading day: the next one is {index[row]:%A %Y-%m-%d}; "
            'name that day, or pass non_trading_day="next" to move there'
        )
    return row


def study_members(
    prices: pd.DataFrame, groups: Mapping[str, str] | None, market: str, needed: bool = True
) -> dict[str, str]:
    """Check the names asked for, also the market's where the model needs one, and return ticker -> group.

    `groups` None takes every series but the market, in one group "all". `ValueError` for a series that the table does
    not have, the market among the companies, or a group named "all" beside others.
    """
    known = [str(name) for name in prices.columns]
    if needed and market not in known:
        raise ValueError(f"the market series {market!r} is missing from the prices{_instead(market, known)}")
    members = dict(groups) if groups is not None else {name: ALL for name in known if name != market}
    unknown = [f"{name!r}{_instead(name, known)}" for name in members if name not in known]
    if unknown:
        raise ValueError(f"no prices for {'; '.join(unknown)}")
    if needed and market in members:
        raise ValueError(f"{market} is the market and cannot be a company too: take it out of groups")
    if not members:
        raise ValueError("there is no company to study: groups is empty")
    if ALL in members.values() and set(members.values()) != {ALL}:
        raise ValueError(f"the group name {ALL!r} is kept for the average of all companies: rename that group")
    return members


def _instead(name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f"; did you mean {near[0]!r}?" if near else f"; there are: {', '.join(known)}"


def companies_left_out(prices: pd.DataFrame, days: TradingWindow, names: Sequence[str]) -> dict[str, str]:
    """Name each of these series that cannot be studied on these days, with the reason."""
    names, blocks = list(names), days.blocks(prices)
    columns = prices.columns.get_indexer(names)
    before, around = (block.to_numpy(dtype=float)[:, columns] for block in blocks)
    # a price of 0 is missing too, as some sources write it for not yet known, and so is an infinite one
    closes = np.vstack([before, around])
    missing = ~((closes > 0) & (closes < np.inf))
    reasons = {}
    for place in np.flatnonzero(missing.any(axis=0) | (before == before[0]).all(axis=0)):
        used = blocks[0].index.append(blocks[1].index)
        first, holes = prices.iloc[:, columns[place]].first_valid_index(), used[missing[:, place]].unique()
        if first is None or first > used[-1]:
            reason = f"listed too late: no price up to {_told(used[-1])}"
        elif first > used[0]:
            reason = f"listed too late: first price {_told(first)}, needed from {_told(used[0])}"
        elif len(holes):
            reason = f"prices missing inside the windows: {len(holes)}, first on {_told(holes[0])}"
        else:
            reason = "constant price in the estimation window"
        reasons[names[int(place)]] = reason
    return reasons


def _told(date: pd.Timestamp) -> str:
    return f"{date.day} {date:%B %Y}"
