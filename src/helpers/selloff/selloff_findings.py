"""The findings that one day hands on, and their limits."""

from __future__ import annotations

import pandas as pd

from helpers import words
from helpers.results import Output
from helpers.selloff.selloff import EQUAL, Day
from helpers.selloff.selloff_keys import Results, keep_keys
from helpers.selloff.selloff_readings import LEVEL, thesis_title, way_title
from helpers.selloff.selloff_records import ranked
from helpers.selloff.selloff_study import HARDWARE, p_text
from helpers.selloff.selloff_words import capital, date_words, few_lines, moved_by, plain_name, some_of, span


def hand_on(out: Output, found: Results) -> None:
    """Write the findings and keep the key figures."""
    tell(out, found)
    keep_keys(out, found)


def tell(out: Output, found: Results) -> None:
    """Write the findings, three to six sentences, each with its figure."""
    day = found.day
    text = f"On {date_words(day.date)} {plain_name(day, day.focus)} {moved_by(day.move(day.focus))}"
    if found.focus_lost is not None:
        verb = "losing" if found.focus_lost[0] > 0 else "gaining"
        text += f", {verb} {words.dollars(abs(found.focus_lost[0]))} of market value ({span(*found.focus_lost[1:])})"
    in_usd, in_size = (ranked(found.records, column, day.date, day.focus) for column in ("lost_usd_bn", "share_pct"))
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
        f"{capital(some_of(fell, len(day.stocks)))} companies fell and the {index} {moved_by(day.move(day.index), 2)}"
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
    if within:
        text += f"{'; ' if beyond else ''}{words.listing(within)}, {'within it' if beyond else 'all within their own past noise'}"
    own = part[part["group"] == found.day.groups[found.day.focus]]
    if len(own) and beyond and not pd.isna(own["bmp_adjusted_p"].iloc[0]):
        row = own.iloc[0]
        text += (
            f". For {row['group']} the bootstrap's 95 % interval is {words.number(row['low_pct'], 1)} to {words.number(row['high_pct'], 1)}; the "
            f"strictest test for one common date, to which unequal reactions look like noise, gives p = {p_text(row['bmp_adjusted_p'])}"
        )
    return f"{text}."


def _rare(found: Results) -> str:
    day, own, index = found.day, found.rare.get(found.day.focus), found.rare.get(found.day.index)
    told = []
    if own is not None:
        told.append(
            f"{plain_name(day, day.focus)} moved by {words.number(abs(own.z), 1)} times what the days before let one expect of a day, a surprise "
            f"that comes {words.how_often(own.return_period_years)} ({words.how_often_range(*own.return_period_range_years)})"
        )
    if index is not None and index is not own:
        told.append(f"that of {plain_name(day, day.index)} comes {words.how_often(index.return_period_years)}")
    return f"{'; '.join(told)}."


def camp_names(day: Day) -> tuple[str, str]:
    """Name the two camps by what the data hold of them."""
    power = any(day.groups[name] == "power" for name in day.stocks if day.groups[name] in HARDWARE)
    return (
        "hardware and power" if power else "hardware",
        "platforms and users of AI" if day.era == "ai" else "software and platforms",
    )


def limits(day: Day, model: str, group: str, choices: pd.DataFrame) -> list[str]:
    """Write the limits that hold for this day."""
    said = [
        "One date is one draw: no test can tell a larger common shock from an effect of the news, and none says why prices moved.",
        "A return period asks how often a surprise of that size would come if the model held; its range holds the doubt about the "
        "parameters, not about the model, and it rests on a few years.",
    ]
    if len(choices):
        low, high = choices["caar_pct"].min(), choices["caar_pct"].max()
        said.insert(
            0,
            f"Under {len(choices)} choices of model, market and window the abnormal return of {group} on the day lies between "
            f"{words.number(low, 1)} and {words.number(high, 1)} %.",
        )
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
