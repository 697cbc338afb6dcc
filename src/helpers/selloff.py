"""One day in the market: which prices there are for it, who moved, how rarely, how surely, and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from helpers import market_data
from helpers.charts import GROUP
from helpers.event_statistics import two_sided
from helpers.event_study import EventStudy, event_study, trading_window, window_sums
from helpers.event_tests import portfolio_t, test_table
from helpers.event_windows import suggest
from helpers.parameters import Settings
from helpers.rarity import GarchDay, day_rank, garch_day
from helpers.recovery import recoveries, recovery, recovery_curve
from helpers.results import study_prices

__all__ = [
    "HARDWARE",
    "USERS",
    "Camps",
    "Day",
    "VixDay",
    "WeightingGap",
    "camp_study",
    "camps_gap",
    "choices",
    "group_moves",
    "group_order",
    "main_study",
    "names_of",
    "other_falls",
    "path_back",
    "rarity",
    "rarity_table",
    "recovery_table",
    "selloff_day",
    "vix_day",
    "weighting_gap",
]
HARDWARE = ("chips", "data-centre equipment", "power", "dot-com leaders")
USERS = ("cloud and platforms", "devices")
INDEX, COMPOSITE, EQUAL, CHIPS, VIX = "^GSPC", "^IXIC", "RSP", "SMH", "^VIX"
MODEL_NAMES = {"market": "market", "mean": "mean", "market-adjusted": "market_adjusted"}
ON_THE_DAY = (0, 0)
BEFORE_PATH = 20  # trading days shown before the event
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


class Camps(NamedTuple):
    """Makers minus users over one window: mean moves beyond the market, their gap with an interval and p."""

    hardware_pct: float
    users_pct: float
    gap_pct: float
    low_pct: float
    high_pct: float
    p: float


def selloff_day(settings: Settings) -> Day:
    """Find the day of a study in the prices of its era.

    Parameters
    ----------
    settings : Settings
        Checked parameters of 02_selloff.

    Returns
    -------
    Day

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
        _windows(settings),
        settings.estimation_days,
        settings.estimation_gap,
        settings.non_trading_day,
    )
    known = [str(name) for name in prices.columns]
    for name in [settings.event_focus, settings.market_series, *settings.event_tickers]:
        if name not in known:
            raise ValueError(
                f"{name!r} has no prices in the {era} years ({prices.index[0]:%Y} to {prices.index[-1]:%Y}): "
                f"{suggest(name, known)}"
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
    return VixDay(eve, float(levels[day.date]), rank, len(rises), eve / float(np.sqrt(252)))


def main_study(day: Day, settings: Settings) -> EventStudy:
    """Run the event study of the parameters, with the day itself always among the windows.

    Notes
    -----
    The company in the foreground is always studied, also when `event_tickers` does not name it.
    """
    chosen = (
        list(dict.fromkeys([*settings.event_tickers, day.focus])) if settings.event_tickers else day.stocks
    )
    return event_study(
        day.prices,
        day.date,
        {name: day.groups[name] for name in chosen if name != day.market},
        day.market,
        _windows(settings),
        MODEL_NAMES[settings.return_model],
        settings.estimation_days,
        settings.estimation_gap,
    )


def camp_study(day: Day, settings: Settings) -> EventStudy | None:
    """Study those who make and power the machines against those who run services on them.

    Returns
    -------
    EventStudy or None
        With the groups "makers" and "users", and one window for the day and one for the way back; None where
        one camp has no company.
    """
    camps = {name: _camp(day.groups[name]) for name in day.stocks if name != day.market}
    groups = {name: camp for name, camp in camps.items() if camp}
    if len(set(groups.values())) < 2:
        return None
    last = min(settings.path_days, len(day.prices) - 1 - day.prices.index.get_loc(day.date))
    study = event_study(
        day.prices,
        day.date,
        groups,
        day.market,
        [ON_THE_DAY, (0, min(4, last)), (0, last)],
        MODEL_NAMES[settings.return_model],
        settings.estimation_days,
        settings.estimation_gap,
    )
    return study if study.fit["group"].nunique() == 2 else None


def camps_gap(study: EventStudy, window: tuple[int, int], level: float = 0.95) -> Camps:
    """Measure the gap between makers and users over one window.

    Parameters
    ----------
    study : EventStudy
        From `camp_study`.
    window : (int, int)
        First and last day from the event.
    level : float
        Coverage of the interval.

    Notes
    -----
    Long the makers, short the users, each with equal weights: the difference is one portfolio, so its noise is
    learnt from its own past days, whatever the companies' correlation (see `portfolio_t`).
    """
    sums = window_sums(study, window)
    makers = (study.fit["group"] == "makers").to_numpy()
    weights = np.where(makers, 1 / makers.sum(), -1 / (~makers).sum())
    t = portfolio_t(study, window, weights)
    gap = 100 * float(weights @ sums.car)
    reach = abs(gap / t) * float(stdtrit(study.df, 0.5 + level / 2))
    return Camps(
        100 * float(sums.car[makers].mean()),
        100 * float(sums.car[~makers].mean()),
        gap,
        gap - reach,
        gap + reach,
        float(two_sided(t, study.df)),
    )


def choices(day: Day, settings: Settings, group: str) -> pd.DataFrame:
    """Measure one group's abnormal return on the day under other reasonable choices.

    Parameters
    ----------
    group : str
        A group of the study, or "all".

    Returns
    -------
    pd.DataFrame, index the choice
        `caar_pct`, `portfolio_p`, `bmp_adjusted_p`; a choice that the data do not allow is left out.
    """
    chosen = MODEL_NAMES[settings.return_model]
    length, gap = settings.estimation_days, settings.estimation_gap
    base = {
        "market": day.market,
        "model": chosen,
        "estimation_days": length,
        "gap": gap,
        "log_returns": False,
    }
    other = {"market": "market model", "mean": "mean-adjusted", "market_adjusted": "market-adjusted"}
    variants: dict[str, dict[str, object]] = {"as in this study": {}}
    variants |= {words: {"model": model} for model, words in other.items() if model != chosen}
    markets = [name for name in (EQUAL, INDEX, "QQQ", COMPOSITE) if name != day.market and day.has(name)]
    variants |= {f"market: {day.names[name]}": {"market": name} for name in markets[:3] if chosen != "mean"}
    variants |= {
        f"{days} days of estimation": {"estimation_days": days} for days in (120, 400) if days != length
    }
    variants |= {"30 days left free": {"gap": 30}} if gap != 30 else {}
    variants |= {"log returns": {"log_returns": True}}
    rows = {}
    for words, changed in variants.items():
        options = base | changed
        members = {name: day.groups[name] for name in day.stocks if name != options["market"]}
        try:
            study = event_study(day.prices, day.date, members, windows=[ON_THE_DAY], **options)
        except ValueError:  # too few days before, or a market with holes: this choice is not open
            continue
        found = test_table(study).set_index("group")
        if group in found.index:
            rows[words] = found.loc[group, ["caar_pct", "portfolio_p", "bmp_adjusted_p"]].astype(float)
    return pd.DataFrame(rows).T.rename_axis("choice")


def rarity(day: Day, draws: int = 2000, seed: int = 0) -> tuple[dict[str, GarchDay], list[str]]:
    """Hold the day's moves of the focus, the chip fund and the indexes against forecasts from the days before.

    Returns
    -------
    tuple of dict and list
        Series -> `GarchDay` (falls counted for a fall, rises for a rise), and what is missing, in words.
    """
    found, missing = {}, []
    for name in dict.fromkeys([day.focus, CHIPS, INDEX if day.has(INDEX) else day.index, COMPOSITE]):
        if not day.has(name):
            missing.append(f"{SHORT_NAMES.get(name, name)}: no prices in these years")
            continue
        returns = day.prices[name].pct_change(fill_method=None)
        try:
            found[name] = garch_day(
                returns, day.date, "upper" if day.move(name) > 0 else "lower", draws, seed=seed
            )
        except ValueError as problem:
            missing.append(f"{day.names[name]}: {problem}")
    return found, missing


def rarity_table(day: Day, found: dict[str, GarchDay]) -> pd.DataFrame:
    """Put forecasts, surprises and ranks side by side.

    Returns
    -------
    pd.DataFrame, index name
        `move_pct`, `volatility_pct` (forecast), `z`, `probability_pct`, `years`, `years_low`, `years_high`,
        `rank` by move and `z_rank` by surprise among `days`.
    """
    rows = {}
    for name, one in found.items():
        returns = day.prices[name].pct_change(fill_method=None)
        rank = day_rank(returns, day.date, one.residuals, one.tail)
        rows[day.names[name]] = {
            "move_pct": one.return_pct,
            "volatility_pct": one.volatility_pct,
            "z": one.z,
            "probability_pct": 100 * one.probability,
            "years": one.return_period_years,
            "years_low": one.return_period_range_years[0],
            "years_high": one.return_period_range_years[1],
            "rank": rank.rank,
            "z_rank": rank.z_rank,
            "days": rank.days,
        }
    return pd.DataFrame(rows).T.infer_objects().rename_axis("series")


def path_back(day: Day, path_days: int) -> pd.DataFrame:
    """Follow focus, chip fund and indexes around the day, in per cent of the close before it.

    Returns
    -------
    pd.DataFrame, index trading days from the event
        A column a series; 0 is the old price. Shorter than `path_days` where the data end.
    """
    row = int(day.prices.index.get_loc(day.date))
    part = day.prices.iloc[max(row - BEFORE_PATH, 0) : row + path_days + 1]
    series = [
        name for name in dict.fromkeys([day.focus, CHIPS, COMPOSITE, day.index, EQUAL]) if day.has(name)
    ]
    path = 100 * (part[series] / part[series].loc[day.eve] - 1)
    path.index = pd.RangeIndex(len(path)) - int(part.index.get_loc(day.date))
    return path.rename_axis("day")


def other_falls(day: Day) -> pd.DataFrame:
    """Find every other fall at least as large as the day's, for the focus and each index.

    Returns
    -------
    pd.DataFrame
        `row` (what it is compared with), `ticker`, `event_date`, `fall_pct`, `days` (missing for not yet back),
        `days_watched`, `same_day`. A company is compared with all companies, an index with its own past; falls
        before an earlier one was made up are parts of it and left out.
    """
    columns = ["row", "ticker", "event_date", "fall_pct", "days", "days_watched", "same_day"]
    parts = []
    for name in _followed(day):
        if not day.move(name) < 0:
            continue
        pool = [*day.stocks] if name in day.stocks else [name]
        falls = recoveries(day.prices[pool], -day.move(name))
        falls = falls[~falls["within_earlier"]]
        own = (falls["event_date"] == day.date) & (falls["series"] == name)
        falls = falls[~own].rename(columns={"series": "ticker"})
        parts.append(falls.assign(row=name, same_day=falls["event_date"] == day.date)[columns])
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def recovery_table(day: Day, others: pd.DataFrame) -> pd.DataFrame:
    """Say how deep each price went, when the old one was seen again, and how long that took after other falls.

    Parameters
    ----------
    others : pd.DataFrame
        From `other_falls`.

    Returns
    -------
    pd.DataFrame, index series
        `name`, `move_pct`, `lowest_pct`, `lowest_on`, `back_on`, `days` (missing for not yet), `others`,
        `others_median_days` (Kaplan-Meier; missing while half are open), `others_longer` (share in per cent).
    """
    rows = {}
    for name in _followed(day):
        one = recovery(day.prices[name], day.date)
        pool = others[others["row"] == name]
        curve = recovery_curve(pool)
        half = curve.loc[curve["not_back_pct"] <= 50, "day"]
        waited = one.days if one.days is not None else one.days_watched
        longer = (pool["days"].fillna(pool["days_watched"]) > waited) | pool["days"].isna()
        rows[name] = {
            "name": day.names[name],
            "move_pct": one.fall_pct,
            "lowest_pct": min(one.trough_pct, 0.0) if one.fall_pct < 0 else np.nan,
            "lowest_on": one.trough_date if one.fall_pct < 0 else pd.NaT,
            "back_on": one.recovered_on if one.fall_pct < 0 else pd.NaT,
            "days": one.days if one.fall_pct < 0 else None,
            "others": len(pool),
            "others_median_days": float(half.iloc[0]) if len(half) else np.nan,
            "others_longer": 100 * float(longer.mean()) if len(pool) else np.nan,
        }
    table = pd.DataFrame(rows).T.infer_objects().rename_axis("series")
    return table.astype({"days": "Int64", "lowest_on": "datetime64[ns]", "back_on": "datetime64[ns]"})


def _followed(day: Day) -> list[str]:
    wanted = dict.fromkeys([day.focus, CHIPS, COMPOSITE, day.index])
    return [name for name in wanted if day.has(name)]


def _camp(group: str) -> str:
    return "makers" if group in HARDWARE else "users" if group in USERS else ""


def _windows(settings: Settings) -> list[tuple[int, int]]:
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


def group_order(groups: Sequence[str]) -> list[str]:
    """Put groups in the order of the study's palette.

    Examples
    --------
    >>> group_order(["power", "chips"])
    ['chips', 'power']
    """
    known = list(GROUP)
    return sorted(set(groups), key=lambda name: known.index(name) if name in known else len(known))
