"""One day in the market: which prices there are for it, and who moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from eventstudy.windows import trading_window
from helpers import market_data
from helpers.parameters import Settings
from helpers.results import study_prices
from helpers.returns import TRADING_DAYS
from helpers.words import did_you_mean

INDEX, COMPOSITE, EQUAL, CHIPS, VIX = "^GSPC", "^IXIC", "RSP", "SMH", "^VIX"
ON_THE_DAY = (0, 0)
SHORT_NAMES = {
    "RSP": "S&P 500, equal weights", "SMH": "chip fund SMH", "SPY": "S&P 500 fund SPY", "QQQ": "Nasdaq-100 fund QQQ",
    "AMD": "AMD", "VRT": "Vertiv", "ANET": "Arista", "DELL": "Dell", "SMCI": "Super Micro", "CEG": "Constellation",
    "META": "Meta", "GOOGL": "Alphabet", "TSM": "TSMC", "ASML": "ASML", "CSCO": "Cisco",
}  # fmt: skip


@dataclass(frozen=True)
class Day:
    """The day under study and the prices around it.

    Attributes
    ----------
    era : {"ai", "dotcom"}
        Whose price table holds the day.
    date, eve, requested : pd.Timestamp
        The trading day, the one before, and the date asked for.
    prices : pd.DataFrame, shape (days, series)
        Closes of the era.
    moves_pct : pd.Series
        Change of each series on the day in per cent, without the VIX.
    names, groups : dict
        Series -> name, and series -> group.
    stocks : tuple of str
        Companies with both closes.
    focus, market, index : str
        The company in the foreground, the series of the market model, and the series that stands for the S&P 500.
    """

    era: str
    date: pd.Timestamp
    eve: pd.Timestamp
    requested: pd.Timestamp
    prices: pd.DataFrame
    moves_pct: pd.Series
    names: dict[str, str]
    groups: dict[str, str]
    stocks: tuple[str, ...]
    focus: str
    market: str
    index: str

    def has(self, series: str) -> bool:
        """Tell whether a series moved on the day."""
        return series in self.moves_pct.index

    def move(self, series: str) -> float:
        """Return the change of a series in per cent, or not-a-number where there is none."""
        return float(self.moves_pct.get(series, np.nan))


class WeightingGap(NamedTuple):
    """The index minus its equal-weighted twin: `gap_pp` on the day, its `rank` by size among `days`."""

    gap_pp: float
    rank: int
    days: int


class VixDay(NamedTuple):
    """The VIX on the eve and the day, the `rank` of its rise among `days`, and the daily move it implied."""

    eve: float
    close: float
    rank: int
    days: int
    implied_daily_pct: float


def selloff_day(settings: Settings) -> Day:
    """Find the day of a study in the prices of its era.

    Parameters
    ----------
    settings : Settings
        Checked parameters of 02_selloff.

    Raises
    ------
    ValueError
        For a date outside the prices, a day without trading (unless `non_trading_day` is "next"), windows that do
        not fit, or a company that is not in the table or had no price on the day.

    Examples
    --------
    >>> from helpers import parameters
    >>> day = selloff_day(parameters.check("02_selloff", {}))
    >>> day.era, f"{day.eve:%Y-%m-%d}", round(day.move("NVDA"), 2)
    ('ai', '2025-01-24', -16.97)
    """
    era, prices = _era_of(settings.event_date)
    window = trading_window(
        pd.DatetimeIndex(prices.index),
        settings.event_date,
        event_windows(settings),
        settings.estimation_days,
        settings.estimation_gap,
        settings.non_trading_day,
    )
    known = [str(name) for name in prices.columns]
    for name in [settings.event_focus, settings.market_series, *settings.event_tickers]:
        if name not in known:
            raise ValueError(
                f"{name!r} has no prices in the {era} years ({prices.index[0]:%Y} to {prices.index[-1]:%Y})"
                f"{did_you_mean(name, known)}; there are: {', '.join(known)}"
            )
    eve = prices.index[window.event_row - 1]
    moves = 100 * (prices.loc[window.event_date] / prices.loc[eve] - 1).drop(VIX, errors="ignore").dropna()
    if settings.event_focus not in moves.index:
        raise ValueError(
            f"event_focus: {settings.event_focus} has no close on {eve:%Y-%m-%d} and {window.event_date:%Y-%m-%d}: "
            "choose another company or a later day"
        )
    codebook = market_data.load_table("series").set_index("series")["group"]
    groups = {name: str(codebook.get(name, "other")) for name in known}
    stocks = [str(name) for name in moves.index if groups[str(name)] not in ("index", "fund")]
    return Day(
        era=era,
        date=window.event_date,
        eve=eve,
        requested=window.requested,
        prices=prices,
        moves_pct=moves,
        names=names_of(known),
        groups=groups,
        stocks=tuple(stocks),
        focus=settings.event_focus,
        market=settings.market_series,
        index=INDEX if INDEX in moves.index else settings.market_series,
    )


def names_of(series: Sequence[str]) -> dict[str, str]:
    """Return the name of each series as a chart has room for it; one that is not in the codebook keeps its ticker.

    Examples
    --------
    >>> names_of(["NVDA", "RSP", "XYZ"])
    {'NVDA': 'Nvidia', 'RSP': 'S&P 500, equal weights', 'XYZ': 'XYZ'}
    """
    known = market_data.load_table("series").set_index("series")["name"]
    return {name: SHORT_NAMES.get(name, str(known.get(name, name))) for name in series}


def group_moves(day: Day) -> pd.DataFrame:
    """Summarise the day by group of companies, the hardest hit first.

    Returns
    -------
    pd.DataFrame, index group
        `companies`, `mean_pct`, `median_pct`, `fell`, `lowest`, `highest` (names with moves).

    Examples
    --------
    >>> from helpers import parameters
    >>> group_moves(selloff_day(parameters.check("02_selloff", {}))).index[0]
    'power'
    """
    moves = day.moves_pct[list(day.stocks)]
    rows = {}
    for group, part in moves.groupby(day.groups):
        low, high = part.idxmin(), part.idxmax()
        rows[group] = {
            "companies": len(part),
            "mean_pct": part.mean(),
            "median_pct": part.median(),
            "fell": int((part < 0).sum()),
            "lowest": f"{day.names[low]} {part[low]:+.1f}".replace("-", "−"),
            "highest": f"{day.names[high]} {part[high]:+.1f}".replace("-", "−"),
        }
    return pd.DataFrame(rows).T.infer_objects().sort_values("mean_pct").rename_axis("group")


def shown_moves(moves: pd.DataFrame) -> pd.DataFrame:
    """Name the columns of the groups' moves for a reader."""
    return moves.set_axis(["companies", "mean, %", "median, %", "fell", "lowest, %", "highest, %"], axis=1)


def weighting_gap(day: Day) -> WeightingGap | None:
    """Compare the index with its equal-weighted twin, on the day and among all days of the data.

    Returns
    -------
    WeightingGap or None
        None where either series is missing. Rank 1 is the widest gap, in either direction.
    """
    if not (day.has(INDEX) and day.has(EQUAL)):
        return None
    moves = 100 * day.prices[[INDEX, EQUAL]].pct_change(fill_method=None).dropna()
    gaps = moves[INDEX] - moves[EQUAL]
    gap = float(gaps[day.date])
    return WeightingGap(gap, 1 + int((gaps.abs() > abs(gap)).sum()), len(gaps))


def vix_day(day: Day) -> VixDay | None:
    """Describe what the options market expected before the day and after it.

    Returns
    -------
    VixDay or None
        None where the data have no VIX. The implied daily move is VIX / sqrt(252), in per cent.
    """
    if VIX not in day.prices or day.prices[VIX].loc[[day.eve, day.date]].isna().any():
        return None
    levels = day.prices[VIX].dropna()
    rises = levels.diff().dropna()
    rank = 1 + int((rises > rises[day.date]).sum())
    eve = float(levels[day.eve])
    return VixDay(eve, float(levels[day.date]), rank, len(rises), eve / float(np.sqrt(TRADING_DAYS)))


def event_windows(settings: Settings) -> list[tuple[int, int]]:
    """Return the event windows of the parameters, the day itself always among them."""
    asked = [(first, last) for first, last in settings.event_windows]
    return asked if ON_THE_DAY in asked else [ON_THE_DAY, *asked]


def _era_of(date: str) -> tuple[str, pd.DataFrame]:
    spans = []
    for era in ("ai", "dotcom"):
        prices = study_prices(era)
        if len(prices) and prices.index[0] <= pd.Timestamp(date) <= prices.index[-1]:
            return era, prices
        if len(prices):
            spans.append(f"{prices.index[0]:%Y-%m-%d} to {prices.index[-1]:%Y-%m-%d}")
    raise ValueError(
        f"event_date {date} is outside the prices, which cover {' and '.join(spans)}: choose a day in them"
    )
