"""How rare one day's moves were, and how long prices took to come back."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from helpers.rarity import GarchDay, day_rank, garch_day
from helpers.recovery import recoveries, recovery, recovery_curve
from helpers.selloff.selloff import CHIPS, COMPOSITE, EQUAL, INDEX, SHORT_NAMES, Day
from helpers.words import how_often

RECOVERY_DECIMALS = {"days": 0, "other falls": 0, "their median days": 0, "took longer, %": 0}
RARITY_DECIMALS = {
    "move, %": 2,
    "forecast volatility, %": 2,
    "surprise, sd": 1,
    "years, from": 2,
    "years": 2,
    "years, to": 1,
    "rank by move": 0,
    "rank by surprise": 0,
}
BEFORE_PATH = 20  # trading days shown before the event


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
            found[name] = garch_day(returns, day.date, "upper" if day.move(name) > 0 else "lower", draws, seed=seed)
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


def forecast_bands(day: Day, one: GarchDay, before: int = 200, after: int = 40, level: float = 0.99) -> pd.DataFrame:
    """Put the focus's returns beside the band in which the model, fitted before the day, expects them.

    Parameters
    ----------
    one : GarchDay
        From `rarity`.
    before, after : int
        Trading days shown on either side.
    level : float
        Share of the days expected inside.

    Returns
    -------
    pd.DataFrame, index days
        `return_pct`, `low_pct`, `high_pct`; each day's band uses the days before it only, with the parameters
        fitted before the event.
    """
    returns = 100 * day.prices[day.focus].pct_change(fill_method=None)
    mean, nu = one.parameters["mu"], one.parameters["nu"]
    volatility = (returns - mean) / one.residuals
    reach = stdtrit(nu, 0.5 + level / 2) * np.sqrt((nu - 2) / nu)
    table = pd.DataFrame(
        {"return_pct": returns, "low_pct": mean - reach * volatility, "high_pct": mean + reach * volatility}
    ).dropna()
    row = table.index.get_loc(day.date)
    return table.iloc[max(row - before, 0) : row + after + 1]


def path_back(day: Day, path_days: int) -> pd.DataFrame:
    """Follow focus, chip fund and indexes around the day, in per cent of the close before it.

    Returns
    -------
    pd.DataFrame, index trading days from the event
        A column a series; 0 is the old price. Shorter than `path_days` where the data end.
    """
    row = int(day.prices.index.get_loc(day.date))
    part = day.prices.iloc[max(row - BEFORE_PATH, 0) : row + path_days + 1]
    series = [name for name in dict.fromkeys([day.focus, CHIPS, COMPOSITE, day.index, EQUAL]) if day.has(name)]
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


def return_spans(table: pd.DataFrame) -> pd.DataFrame:
    """Take the return periods out of the table of surprises, as `selloff_time_charts.interval_dots` draws them."""
    spans = table[["years", "years_low", "years_high"]].set_axis(["value", "low", "high"], axis=1)
    return spans.assign(text=[how_often(years) for years in spans["value"]])


def shown_rarity(table: pd.DataFrame) -> pd.DataFrame:
    """Name the columns of the surprises for a reader."""
    columns = ["move_pct", "volatility_pct", "z", "years_low", "years", "years_high", "rank", "z_rank"]
    return table[columns].set_axis(list(RARITY_DECIMALS), axis=1)


def shown_recovery(table: pd.DataFrame) -> pd.DataFrame:
    """Name the columns of the ways back for a reader; a day not yet reached stays empty."""
    named = {
        "move_pct": "move, %",
        "lowest_pct": "lowest, %",
        "lowest_on": "lowest on",
        "back_on": "back on",
        "days": "days",
        "others": "other falls",
        "others_median_days": "their median days",
        "others_longer": "took longer, %",
    }
    return table.set_index("name")[list(named)].rename(columns=named).rename_axis("series")


def _followed(day: Day) -> list[str]:
    wanted = dict.fromkeys([day.focus, CHIPS, COMPOSITE, day.index])
    return [name for name in wanted if day.has(name)]
