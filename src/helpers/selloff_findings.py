"""The findings and key figures that one day hands on."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from helpers import words
from helpers.rarity import GarchDay
from helpers.results import Output
from helpers.selloff import CHIPS, COMPOSITE, EQUAL, Day, VixDay, WeightingGap
from helpers.selloff_members import Members
from helpers.selloff_readings import LEVEL, thesis_title, way_title, years_range
from helpers.selloff_records import ranked
from helpers.selloff_study import HARDWARE, Camps, p_text
from helpers.selloff_value import IndexLoss
from helpers.selloff_words import capital, date_words, few_lines, moved_by, plain_name, span


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


def tell(out: Output, found: Results) -> None:
    """Write the findings, three to six sentences, each with its figure."""
    day, focus = found.day, found.day.names[found.day.focus]
    text = f"On {date_words(day.date)} {focus} {moved_by(day.move(day.focus))}"
    if found.focus_lost is not None:
        verb = "losing" if found.focus_lost[0] > 0 else "gaining"
        text += f", {verb} {words.dollars(abs(found.focus_lost[0]))} of market value ({span(*found.focus_lost[1:])})"
    in_usd, in_size = (
        ranked(found.records, column, day.date, day.focus) for column in ("lost_usd_bn", "share_pct")
    )
    if in_usd is not None:
        place = "the largest" if in_usd == 1 else f"the {words.ordinal(in_usd)} largest"
        text += f": {place} one-day loss of any company known by then"
        share = float(found.records.loc[found.records["event"], "share_pct"].iloc[0])
        size = "also the largest" if in_size == 1 else f"{words.ordinal(in_size or 0)}"
        text += f" in dollars, {size} as a share of the S&P 500's value ({words.percent(share, 2)})"
    out.finding(f"{text}.", "record_losses" if in_usd is not None else "day_by_company")
    out.finding(*_breadth(found))
    out.finding(_beyond_market(found), "abnormal_paths")
    if found.rare:
        out.finding(_rare(found), "return_periods")
    if any(found.back["move_pct"] < 0):
        out.finding(f"{way_title(day, found.back)}.", "way_back")
    if found.camps:
        first, last = next(iter(found.camps.items()))[1], list(found.camps.items())[-1]
        text = f"{thesis_title(first, *found.camp_names)}, beyond what the market explains"
        text += f" ({words.number(first.gap_pct, 1)} points, 95 % interval {words.number(first.low_pct, 1)} to {words.number(first.high_pct, 1)})"
        text += f"; after {words.plural(last[0], 'trading day')} the gap was {words.number(last[1].gap_pct, 1)} points"
        text += f" ({words.number(last[1].low_pct, 1)} to {words.number(last[1].high_pct, 1)})."
        out.finding(text, "makers_and_users")


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
        out.key("vix_eve", found.vix.eve, "index points", "VIX on the eve", figure="forecast_band")
        out.key("vix_day", found.vix.close, "index points", "VIX on the day", figure="forecast_band")
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


def _breadth(found: Results) -> tuple[str, str]:
    day, members = found.day, found.members
    if members is not None:
        enough, names = few_lines(members)
        verb = "fall" if members.weighted_pct < 0 else "rise"
        text = (
            f"It was a {verb} of the heavy, not of the many: {words.percent(members.rose_pct, 0)} of the {len(members.lines)} lines of the "
            f"S&P 500 rose and the median line moved by {words.percent(members.median_pct, 1, sign=True)} while the index moved by "
            f"{words.percent(members.weighted_pct, 2, sign=True)}; {words.plural(enough, 'line')} ({words.listing(names)}) made up more than all of it"
            if members.weighted_pct < 0 < members.median_pct
            else f"{words.percent(members.rose_pct, 0)} of the {len(members.lines)} lines of the S&P 500 rose; the index moved by "
            f"{words.percent(members.weighted_pct, 2, sign=True)}, the median line by {words.percent(members.median_pct, 1, sign=True)}"
        )
        return f"{text}.", "members_map"
    fell = int((day.moves_pct[list(day.stocks)] < 0).sum())
    index = "S&P 500" if day.index == "^GSPC" else day.names[day.index]
    text = (
        f"{fell} of the {len(day.stocks)} companies fell and the {index} {moved_by(day.move(day.index), 2)}"
    )
    if found.gap is not None:
        text += f"; with equal weights it {moved_by(day.move(EQUAL), 2)}, so the day was one of {'the many' if abs(found.gap.gap_pp) < 0.5 else 'the heavy more than of the many' if found.gap.gap_pp * day.move(day.index) > 0 else 'the many more than of the heavy'}"
    return f"{text}.", "moves_by_row"


def _beyond_market(found: Results) -> str:
    part = found.tests[(found.tests["window"] == "(0, 0)") & (found.tests["group"] != "all")]
    part = part.iloc[part["caar_pct"].abs().argsort()[::-1]]
    clear = part["portfolio_p"] < LEVEL
    told = [f"{row['group']} {words.percent(row['caar_pct'], 1, sign=True)}" for _, row in part.iterrows()]
    beyond = [text for text, one in zip(told, clear, strict=True) if one]
    within = [text for text, one in zip(told, clear, strict=True) if not one]
    text = "Beyond what the market explains, on the day: "
    text += f"{words.listing(beyond)}, larger than their own past noise" if beyond else ""
    text += ("; " if beyond and within else "") + (f"{words.listing(within)}, within it" if within else "")
    own = part[part["group"] == found.day.groups[found.day.focus]]
    if len(own) and beyond and not pd.isna(own["bmp_adjusted_p"].iloc[0]):
        row = own.iloc[0]
        text += (
            f". For {row['group']} the 95 % interval is {words.number(row['low_pct'], 1)} to {words.number(row['high_pct'], 1)}; the "
            f"strictest test for one common date, to which unequal reactions look like noise, gives p = {p_text(row['bmp_adjusted_p'])}"
        )
    return f"{text}."


def _rare(found: Results) -> str:
    day, own, index = found.day, found.rare.get(found.day.focus), found.rare.get(found.day.index)
    told = []
    if own is not None:
        told.append(
            f"{day.names[day.focus]} moved by {words.number(abs(own.z), 1)} times what the days before let one expect of a day, a surprise "
            f"that comes {words.how_often(own.return_period_years)} ({years_range(*own.return_period_range_years)})"
        )
    if index is not None and index is not own:
        told.append(
            f"that of {plain_name(day, day.index)} comes {words.how_often(index.return_period_years)}"
        )
    return f"{'; '.join(told)}."


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
            figure="value_lost",
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


def camp_names(day: Day) -> tuple[str, str]:
    """Name the two camps by what the data hold of them."""
    power = any(day.groups[name] == "power" for name in day.stocks if day.groups[name] in HARDWARE)
    return (
        "hardware and power" if power else "hardware",
        "platforms and users of AI" if day.era == "ai" else "software and platforms",
    )


def limits(day: Day, model: str, group: str, choices: pd.DataFrame) -> list[str]:
    """Write the limits that hold for this day."""
    low, high = choices["caar_pct"].min(), choices["caar_pct"].max()
    said = [
        f"Under {len(choices)} choices of model, market and window the abnormal return of {group} on the day lies between "
        f"{words.number(low, 1)} and {words.number(high, 1)} %.",
        "One date is one draw: no test can tell a larger common shock from an effect of the news, and none says why prices moved.",
        "A return period asks how often a surprise of that size would come if the model held; its range holds the doubt about the "
        "parameters, not about the model, and it rests on a few years.",
    ]
    if model == "market" and day.market in ("SPY", "^GSPC"):
        said.append(
            f"The market of the market model ({day.names[day.market]}) holds the companies studied; heavy ones pull it with them, "
            "which makes their abnormal returns smaller."
        )
    if day.era == "dotcom":
        said.append(
            "In these years the data have few companies, chosen because they are remembered; their group is no picture of the market."
        )
    return [capital(text) for text in said]
