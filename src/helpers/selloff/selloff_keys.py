"""The key figures that one day hands on, each with its unit, interval, confidence and figure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from helpers import words
from helpers.rarity import GarchDay
from helpers.results import Output
from helpers.selloff.selloff import CHIPS, COMPOSITE, EQUAL, Day, VixDay, WeightingGap
from helpers.selloff.selloff_members import Members
from helpers.selloff.selloff_records import ranked
from helpers.selloff.selloff_study import Camps
from helpers.selloff.selloff_value import IndexLoss


@dataclass(frozen=True)
class Results:
    """All that was found about a day; what the data do not have is None or empty."""

    day: Day
    moves: pd.DataFrame
    gap: WeightingGap | None
    members: Members | None
    lost: pd.DataFrame
    focus_lost: tuple[float, float, float] | None
    seven: tuple[float, float, float] | None
    indexes: Sequence[IndexLoss]
    records: pd.DataFrame
    tests: pd.DataFrame
    companies: pd.DataFrame
    rare: Mapping[str, GarchDay]
    vix: VixDay | None
    back: pd.DataFrame
    camps: Mapping[int, Camps]
    camp_names: tuple[str, str]


def keep_keys(out: Output, found: Results) -> None:
    """Keep the key figures of the day."""
    day = found.day
    focus = day.names[day.focus]
    series = {
        "index_day_pct": day.index,
        "nasdaq_day_pct": COMPOSITE,
        "equal_weight_day_pct": EQUAL,
        "chip_fund_day_pct": CHIPS,
    }
    groups = {
        "platforms" if group == "cloud and platforms" else slug(str(group)): (group, row["mean_pct"])
        for group, row in found.moves.iterrows()
    }
    _keep(
        out,
        "day_by_company",
        ("event_date", day.date, "date", "day of the event"),
        ("focus_name", focus, "text", "company in the foreground"),
        ("focus_day_pct", day.move(day.focus), "percent", f"{focus} on the day"),
        *(
            (name, day.move(one), "percent", f"{day.names[one]} on the day")
            for name, one in series.items()
            if day.has(one)
        ),
        *(
            (f"{name}_day_pct", mean, "percent", f"{group}: mean move on the day")
            for name, (group, mean) in groups.items()
        ),
    )
    if found.gap is not None:
        label = "S&P 500 minus its equal-weighted twin"
        _keep(out, "moves_by_row", ("weighting_gap_pp", found.gap.gap_pp, "percentage points", label))
    if found.members is not None:
        _member_keys(out, found.members, day)
    _value_keys(out, found, focus)
    _test_keys(out, found, focus)
    for name, one in found.rare.items():
        first = f"{slug({CHIPS: 'chip fund', COMPOSITE: 'nasdaq'}.get(name, 'index'))}_"
        first, label = "" if name == day.focus else first, day.names[name]
        chance, years = one.probability_range, one.return_period_range_years
        for last, value, unit, told, ends in (
            ("garch_volatility_pct", one.volatility_pct, "percent", "forecast of the day's volatility", ()),
            ("garch_z", one.z, "standard deviations", "return against the forecast", ()),
            ("garch_probability", one.probability, "probability", "chance of such a day", chance),
            ("return_period_years", one.return_period_years, "years", "years between such days", years),
        ):
            _keep(out, "return_periods", (first + last, value, unit, f"{label}: {told}", *ends))
    followed = {"focus": day.focus, "chip_fund": CHIPS, "nasdaq": COMPOSITE, "index": day.index}
    for name, code in followed.items():
        if code in found.back.index and found.back.loc[code, "move_pct"] < 0:
            days = found.back.loc[code, "days"]
            label = f"{day.names[code]}: trading days until the old price"
            waited = None if pd.isna(days) else int(days)
            _keep(out, "way_back", (f"days_to_recover_{name}", waited, "trading days", label))
    if found.vix is not None:
        _keep(
            out,
            "return_periods" if found.rare else "",
            ("vix_eve", found.vix.eve, "index points", "VIX on the eve"),
            ("vix_day", found.vix.close, "index points", "VIX on the day"),
        )
    for days, camps in found.camps.items():
        label = f"{found.camp_names[0]} minus {found.camp_names[1]}, beyond the market, {words.plural(days, 'day')}"
        gap = (camps.gap_pct, "percentage points", label, camps.low_pct, camps.high_pct)
        _keep(out, "makers_and_users", (f"makers_minus_users_{days}d_pp", *gap))


def slug(text: str) -> str:
    """Turn a label into a name for a key figure.

    Examples
    --------
    >>> slug("data-centre equipment"), slug("dot-com leaders")
    ('data_centre_equipment', 'dot_com_leaders')
    """
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


def _keep(out: Output, figure: str, *rows: tuple[Any, ...]) -> None:
    """Keep the key figures that one chart shows: name, value, unit, label, and where known low, high, confidence."""
    for row in rows:
        out.key(*row, figure=figure)  # type: ignore[misc]  # a row is shorter than eight


def _member_keys(out: Output, members: Members, day: Day) -> None:
    for name, value, label, figure in (
        ("members_rose_pct", members.rose_pct, "share of the S&P 500's lines that rose", "members_map"),
        ("members_median_pct", members.median_pct, "median move of the S&P 500's lines", "moves_by_row"),
        (
            "members_weighted_pct",
            members.weighted_pct,
            "weighted mean of the S&P 500's lines",
            "contributions",
        ),
    ):
        out.key(name, value, "percent", label, figure=figure)
    if day.focus in members.lines.index:
        own = float(members.lines.loc[day.focus, "contribution_pp"])
        share, label = 100 * own / members.weighted_pct, f"{day.names[day.focus]}'s part of the index's move"
        _keep(
            out,
            "contributions",
            ("focus_contribution_pp", own, "percentage points", label),
            ("focus_contribution_share_pct", share, "percent", f"{label}, share"),
        )


def _value_keys(out: Output, found: Results, focus: str) -> None:
    for name, lost, who, sure in (
        ("focus", found.focus_lost, focus, "high"),
        ("seven", found.seven, "the seven", "medium"),
    ):
        if lost is not None:
            key, label = f"{name}_value_lost_usd_bn", f"{who}: value lost"
            _keep(out, "value_lost", (key, lost[0], "USD billion", label, *lost[1:], sure))
    for one in found.indexes:
        name, label = f"{slug(one.label.replace('&', ''))}_value_lost_usd_bn", f"{one.label}: value lost"
        figure = "value_lost" if len(found.lost) else ""
        out.key(name, one.lost_usd_bn, "USD billion", label, confidence=one.confidence, figure=figure)
    own = found.records[found.records["event"]]
    for name, column, label in (
        ("largest_dollar_loss_rank", "lost_usd_bn", "rank of the loss in dollars, up to the day"),
        ("size_rank", "share_pct", "rank of the loss as a share of the S&P 500's value, up to the day"),
        ("gdp_rank", "gdp_pct", "rank of the loss as a share of GDP, up to the day"),
    ):
        rank = ranked(found.records, column, found.day.date, found.day.focus)
        if rank is not None:
            sure = str(own["confidence"].iloc[0])
            out.key(name, rank, "rank", label, confidence=sure, figure="record_losses")
    if len(own):
        share = own.iloc[0]
        label = f"{focus}: loss as a share of the S&P 500's value"
        value, low, high, sure = share[["share_pct", "share_low", "share_high", "confidence"]]
        _keep(out, "record_losses", ("focus_loss_share_pct", value, "percent", label, low, high, sure))


def _test_keys(out: Output, found: Results, focus: str) -> None:
    companies, tests = (table[table["window"] == "(0, 0)"] for table in (found.companies, found.tests))
    for _, row in companies[companies["ticker"] == found.day.focus].iterrows():
        label = f"{focus}: abnormal return on the day"
        _keep(
            out,
            "abnormal_paths",
            ("focus_ar_pct", row["car_pct"], "percent", label, row["low_pct"], row["high_pct"]),
            ("focus_ar_p", row["p"], "p-value", f"{label}, t test"),
        )
    for _, row in tests.iterrows():
        first, label = f"{slug(row['group'])}_caar_0_0_", f"{row['group']}: mean abnormal return on the day"
        adjusted, portfolio = row["bmp_adjusted_p"], row["portfolio_p"]
        _keep(
            out,
            "abnormal_paths",
            (f"{first}pct", row["caar_pct"], "percent", label, row["low_pct"], row["high_pct"]),
            (f"{first}bmp_adjusted_p", adjusted, "p-value", f"{label}, adjusted BMP test"),
            (f"{first}portfolio_p", portfolio, "p-value", f"{label}, portfolio t test"),
        )
