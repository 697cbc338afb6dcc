"""The key figures that one day hands on, each with its unit, interval, confidence and figure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
    out.key("event_date", day.date, "date", "day of the event", figure="day_by_company")
    out.key("focus_name", focus, "text", "company in the foreground", figure="day_by_company")
    out.key("focus_day_pct", day.move(day.focus), "percent", f"{focus} on the day", figure="day_by_company")
    for name, series in (
        ("index_day_pct", day.index),
        ("nasdaq_day_pct", COMPOSITE),
        ("equal_weight_day_pct", EQUAL),
        ("chip_fund_day_pct", CHIPS),
    ):
        if day.has(series):
            out.key(
                name, day.move(series), "percent", f"{day.names[series]} on the day", figure="day_by_company"
            )
    for group, row in found.moves.iterrows():
        name = "platforms" if group == "cloud and platforms" else slug(str(group))
        label = f"{group}: mean move on the day"
        out.key(f"{name}_day_pct", row["mean_pct"], "percent", label, figure="day_by_company")
    if found.gap is not None:
        out.key(
            "weighting_gap_pp",
            found.gap.gap_pp,
            "percentage points",
            "S&P 500 minus its equal-weighted twin",
            figure="moves_by_row",
        )
    if found.members is not None:
        _member_keys(out, found.members, day)
    _value_keys(out, found, focus)
    _test_keys(out, found, focus)
    for name, one in found.rare.items():
        prefix = (
            ""
            if name == day.focus
            else f"{slug({CHIPS: 'chip fund', COMPOSITE: 'nasdaq'}.get(name, 'index'))}_"
        )
        label, years = day.names[name], one.return_period_range_years
        out.key(
            f"{prefix}garch_volatility_pct",
            one.volatility_pct,
            "percent",
            f"{label}: forecast of the day's volatility",
            figure="return_periods",
        )
        out.key(
            f"{prefix}garch_z",
            one.z,
            "standard deviations",
            f"{label}: return against the forecast",
            figure="return_periods",
        )
        out.key(
            f"{prefix}garch_probability",
            one.probability,
            "probability",
            f"{label}: chance of such a day",
            *one.probability_range,
            figure="return_periods",
        )
        out.key(
            f"{prefix}return_period_years",
            one.return_period_years,
            "years",
            f"{label}: years between such days",
            *years,
            figure="return_periods",
        )
    for name, series in (
        ("focus", day.focus),
        ("chip_fund", CHIPS),
        ("nasdaq", COMPOSITE),
        ("index", day.index),
    ):
        if series in found.back.index and found.back.loc[series, "move_pct"] < 0:
            days = found.back.loc[series, "days"]
            label = f"{day.names[series]}: trading days until the old price"
            out.key(
                f"days_to_recover_{name}",
                None if pd.isna(days) else int(days),
                "trading days",
                label,
                figure="way_back",
            )
    if found.vix is not None:
        figure = "return_periods" if found.rare else ""
        out.key("vix_eve", found.vix.eve, "index points", "VIX on the eve", figure=figure)
        out.key("vix_day", found.vix.close, "index points", "VIX on the day", figure=figure)
    for days, camps in found.camps.items():
        label = f"{found.camp_names[0]} minus {found.camp_names[1]}, beyond the market, {words.plural(days, 'day')}"
        out.key(
            f"makers_minus_users_{days}d_pp", camps.gap_pct, "percentage points", label, camps.low_pct, camps.high_pct,
            figure="makers_and_users",
        )  # fmt: skip


def slug(text: str) -> str:
    """Turn a label into a name for a key figure.

    Examples
    --------
    >>> slug("data-centre equipment"), slug("dot-com leaders")
    ('data_centre_equipment', 'dot_com_leaders')
    """
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


def _member_keys(out: Output, members: Members, day: Day) -> None:
    out.key(
        "members_rose_pct",
        members.rose_pct,
        "percent",
        "share of the S&P 500's lines that rose",
        figure="members_map",
    )
    out.key(
        "members_median_pct",
        members.median_pct,
        "percent",
        "median move of the S&P 500's lines",
        figure="moves_by_row",
    )
    out.key(
        "members_weighted_pct",
        members.weighted_pct,
        "percent",
        "weighted mean of the S&P 500's lines",
        figure="contributions",
    )
    if day.focus in members.lines.index:
        own = float(members.lines.loc[day.focus, "contribution_pp"])
        label = f"{day.names[day.focus]}'s part of the index's move"
        out.key("focus_contribution_pp", own, "percentage points", label, figure="contributions")
        out.key(
            "focus_contribution_share_pct",
            100 * own / members.weighted_pct,
            "percent",
            f"{label}, share",
            figure="contributions",
        )


def _value_keys(out: Output, found: Results, focus: str) -> None:
    if found.focus_lost is not None:
        value, low, high = found.focus_lost
        out.key(
            "focus_value_lost_usd_bn",
            value,
            "USD billion",
            f"{focus}: value lost",
            low,
            high,
            figure="value_lost",
        )
    if found.seven is not None:
        value, low, high = found.seven
        out.key(
            "seven_value_lost_usd_bn",
            value,
            "USD billion",
            "the seven: value lost",
            low,
            high,
            "medium",
            "value_lost",
        )
    for one in found.indexes:
        name = f"{slug(one.label.replace('&', ''))}_value_lost_usd_bn"
        out.key(
            name,
            one.lost_usd_bn,
            "USD billion",
            f"{one.label}: value lost",
            confidence=one.confidence,
            figure="value_lost" if len(found.lost) else "",
        )
    for name, column, label in (
        ("largest_dollar_loss_rank", "lost_usd_bn", "rank of the loss in dollars, up to the day"),
        ("size_rank", "share_pct", "rank of the loss as a share of the S&P 500's value, up to the day"),
        ("gdp_rank", "gdp_pct", "rank of the loss as a share of GDP, up to the day"),
    ):
        rank = ranked(found.records, column, found.day.date, found.day.focus)
        if rank is not None:
            confidence = str(found.records.loc[found.records["event"], "confidence"].iloc[0])
            out.key(name, rank, "rank", label, confidence=confidence, figure="record_losses")
    own = found.records[found.records["event"]]
    if len(own):
        row = own.iloc[0]
        out.key(
            "focus_loss_share_pct", row["share_pct"], "percent", f"{focus}: loss as a share of the S&P 500's value", row["share_low"],
            row["share_high"], row["confidence"], "record_losses",
        )  # fmt: skip


def _test_keys(out: Output, found: Results, focus: str) -> None:
    own = found.companies[
        (found.companies["ticker"] == found.day.focus) & (found.companies["window"] == "(0, 0)")
    ]
    if len(own):
        row = own.iloc[0]
        label = f"{focus}: abnormal return on the day"
        out.key(
            "focus_ar_pct",
            row["car_pct"],
            "percent",
            label,
            row["low_pct"],
            row["high_pct"],
            figure="abnormal_paths",
        )
        out.key("focus_ar_p", row["p"], "p-value", f"{label}, t test", figure="abnormal_paths")
    for _, row in found.tests[found.tests["window"] == "(0, 0)"].iterrows():
        name, label = slug(row["group"]), f"{row['group']}: mean abnormal return on the day"
        out.key(
            f"{name}_caar_0_0_pct",
            row["caar_pct"],
            "percent",
            label,
            row["low_pct"],
            row["high_pct"],
            figure="abnormal_paths",
        )
        out.key(
            f"{name}_caar_0_0_bmp_adjusted_p",
            row["bmp_adjusted_p"],
            "p-value",
            f"{label}, adjusted BMP test",
            figure="abnormal_paths",
        )
        out.key(
            f"{name}_caar_0_0_portfolio_p",
            row["portfolio_p"],
            "p-value",
            f"{label}, portfolio t test",
            figure="abnormal_paths",
        )
