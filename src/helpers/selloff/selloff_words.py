"""What a day's moves, value lost and records say, in sentences that stay true whatever the day."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers import market_data, words
from helpers.selloff.selloff import COMPOSITE, EQUAL, INDEX, Day, WeightingGap
from helpers.selloff.selloff_members import Members
from helpers.selloff.selloff_value import IndexLoss


def date_words(date: pd.Timestamp) -> str:
    """Write a day with its weekday.

    Examples
    --------
    >>> date_words(pd.Timestamp("2025-01-27"))
    'Monday 27 January 2025'
    """
    return f"{date:%A} {words.day(date)}"


def moved_by(change: float, decimals: int = 1) -> str:
    """Say that something rose or fell and by how much.

    Examples
    --------
    >>> moved_by(-16.97), moved_by(0.06, 2), moved_by(0.004)
    ('fell by 17.0 %', 'rose by 0.06 %', 'hardly moved')
    """
    if abs(change) < 0.5 * 10**-decimals:
        return "hardly moved"
    return f"{words.moved(change)} by {words.percent(abs(change), decimals)}"


def signed(value: float, decimals: int = 1) -> str:
    """Write a number with its sign and a true minus.

    Examples
    --------
    >>> signed(-16.97), signed(0.24)
    ('−17.0', '+0.2')
    """
    return f"{'+' if value >= 0 else ''}{words.number(value, decimals)}"


def some_of(count: int, whole: int) -> str:
    """Say how many of some things, where all and none have words of their own.

    Examples
    --------
    >>> some_of(21, 21), some_of(0, 5), some_of(3, 5)
    ('all 21', 'none of 5', '3 of 5')
    """
    return f"all {whole}" if count == whole else f"{count or 'none'} of {whole}"


def capital(text: str) -> str:
    """Begin a text with a capital letter."""
    return text[:1].upper() + text[1:]


def day_sentences(day: Day, moves: pd.DataFrame) -> str:
    """Say what the day was and how many fell."""
    fell = int((day.moves_pct[list(day.stocks)] < 0).sum())
    indexes = [name for name in dict.fromkeys([day.index, COMPOSITE, EQUAL]) if day.has(name)]
    told = words.listing([f"{plain_name(day, name)} {moved_by(day.move(name), 2)}" for name in indexes])
    text = f"On {date_words(day.date)}, {some_of(fell, len(day.stocks))} companies with prices fell; {told}. "
    if day.requested != day.date:
        text = (
            f"The date asked for, {date_words(day.requested)}, was not a trading day; the next one is studied. {text}"
        )
    lowest, highest = moves.index[0], moves.index[-1]
    text += f"By group, {lowest} {moved_by(moves['mean_pct'].iloc[0])} on average"
    return text + (f" and {highest} {moved_by(moves['mean_pct'].iloc[-1])}." if len(moves) > 1 else ".")


def listed_event(day: Day) -> str:
    """Quote what the study's list of events has for the day."""
    events = market_data.load_table("events")
    found = events.loc[events["date"] == day.date, "event"].tolist()
    return (
        f"The list of events has for that day: {'; '.join(found)}."
        if found
        else "The list of events has nothing for that day."
    )


def day_title(day: Day, moves: pd.DataFrame) -> str:
    """Write the finding of the first chart."""
    lowest, highest = str(moves.index[0]), str(moves.index[-1])
    text = f"{capital(lowest)} {moved_by(moves['mean_pct'].iloc[0])} on average"
    if len(moves) > 1:
        text += f", {highest} {moved_by(moves['mean_pct'].iloc[-1])}"
    return text


def gap_sentence(gap: WeightingGap | None) -> str:
    """Compare the index with its equal-weighted twin."""
    if gap is None:
        return "Weighted and equal-weighted index cannot be compared: these data do not have both."
    text = (
        f"Weighted by size the index did {'worse' if gap.gap_pp < 0 else 'better'} than with equal weights, by "
        f"{words.number(abs(gap.gap_pp), 2)} points"
    )
    if gap.rank > gap.days / 2:
        return f"{text}, less than on half of all {words.number(gap.days)} days."
    place = "the widest" if gap.rank == 1 else f"the {words.ordinal(gap.rank)} widest"
    return f"{text}: {place} gap in {words.number(gap.days)} days."


def no_members(day: Day) -> str:
    """Say why there is no picture of the whole index."""
    return (
        "The weights and closes of all members of the S&P 500 are bundled for one day only, 27 January 2025. For "
        f"{words.day(day.date)} this section falls back on the {len(day.stocks)} companies with prices; they are not "
        "the index, and no statement about its breadth is made."
    )


def plain_name(day: Day, name: str) -> str:
    """Return a series' name as it stands in a sentence: an index or fund with its article."""
    if name == EQUAL:
        return "the S&P 500 with equal weights"
    return f"the {day.names[name]}" if day.groups[name] in ("index", "fund") else day.names[name]


def plain(text: str) -> str:
    r"""Take the marks of bold text and of lists out, for people who hear it read.

    Examples
    --------
    >>> plain("By group:\n- **chips** fell")
    'By group: chips fell'
    """
    return text.replace("**", "").replace("\n- ", " ").replace("\n", " ").replace("  ", " ").strip()


def strip_marks(day: Day, members: Members | None) -> dict[str, float]:
    """Choose the vertical lines of the chart of dots: the index, and its median line or its equal-weighted twin."""
    index = day.names[day.index]
    if members is not None:
        return {
            f"index {signed(members.weighted_pct)}": members.weighted_pct,
            f"median line {signed(members.median_pct)}": members.median_pct,
        }
    marks = {f"{index} {signed(day.move(day.index))}": day.move(day.index)}
    if day.has(EQUAL):
        marks[f"equal weights {signed(day.move(EQUAL))}"] = day.move(EQUAL)
    return marks


def strip_title(strips: pd.DataFrame, members: Members | None) -> str:
    """Write the finding of the chart of dots."""
    medians = strips.groupby("row")["move_pct"].median().sort_values()
    rose = int((medians > 0).sum())
    rows = "sectors" if members is not None else "groups"
    low = f"{medians.index[0]} {signed(medians.iloc[0])} %"
    return (
        f"The median line rose in {some_of(rose, len(medians))} {rows}; the lowest: {low}"
        if members is not None
        else (f"The median company rose in {some_of(rose, len(medians))} {rows}; the lowest: {low}")
    )


def strip_labels(strips: pd.DataFrame, far: int = 4, heavy: int = 2) -> list[str]:
    """Choose the dots to name: the heaviest, and those farthest from the rest."""
    away = (strips["move_pct"] - strips["move_pct"].median()).abs().sort_values(ascending=False)
    weights = strips["weight_pct"].sort_values(ascending=False)
    return [str(name) for name in dict.fromkeys([*weights.index[:heavy], *away.index[:far]])]


def strip_alt(strips: pd.DataFrame) -> str:
    """List the medians of all rows for people who do not see the chart."""
    medians = strips.groupby("row")["move_pct"].median().sort_values()
    return "Median changes: " + "; ".join(f"{row} {signed(value)} %" for row, value in medians.items()) + "."


def value_title(day: Day, lost: pd.DataFrame, seven: Sequence[float] | None) -> str:
    """Write the finding of the chart of value lost."""
    first = str(lost["lost_usd_bn"].abs().idxmax())
    largest = float(lost.loc[first, "lost_usd_bn"])
    text = f"{day.names[first]} {_lost(largest)} {words.dollars(abs(largest))}"
    if seven is None:
        return text
    together = f"the seven together {'' if seven[0] * largest > 0 else _lost(seven[0]) + ' '}"
    return f"{text}, {together}{words.dollars(abs(seven[0]))}"


def members_title(members: Members) -> str:
    """Write the finding of the picture of the whole index."""
    rose = int((members.lines["move_pct"] > 0).sum())
    verb = "fell" if members.weighted_pct < 0 else "rose"
    return (
        f"The S&P 500 {verb} by {words.percent(abs(members.weighted_pct), 2)}, yet {rose} of its "
        f"{len(members.lines)} member lines rose"
        if verb == "fell" and rose > len(members.lines) / 2
        else f"The S&P 500 {verb} by {words.percent(abs(members.weighted_pct), 2)}; {rose} of its {len(members.lines)} lines rose"
    )


def breadth_sentences(day: Day, members: Members | None) -> str:
    """Tell the breadth of the index, or why it is not known for this day."""
    return no_members(day) if members is None else members_sentences(members)


def members_sentences(members: Members) -> str:
    """Tell breadth, median, and how few lines made the index's move."""
    enough, names = few_lines(members)
    rest = members.weighted_pct - members.lines["contribution_pp"].loc[names].sum()
    return (
        f"{words.percent(members.rose_pct, 0)} of the lines rose. The median line moved by "
        f"{words.percent(members.median_pct, 2, sign=True)}, the plain mean by {words.percent(members.mean_pct, 2, sign=True)}, "
        f"the weighted mean by {words.percent(members.weighted_pct, 2)}. {capital(words.plural(enough, 'line'))} "
        f"({words.listing(names)}) made up more than the whole move of the index; all others together added "
        f"{words.number(rest, 2)} points."
    )


def few_lines(members: Members) -> tuple[int, list[str]]:
    """Count the fewest lines whose contributions add up to the index's whole move."""
    sign = -1 if members.weighted_pct < 0 else 1
    pulled = (sign * members.lines["contribution_pp"]).sort_values(ascending=False)
    enough = int(np.argmax(pulled.cumsum().to_numpy() >= abs(members.weighted_pct))) + 1
    return enough, [str(name) for name in pulled.index[:enough]]


def contribution_title(day: Day, members: Members) -> str:
    """Write the finding of the chart of contributions."""
    if day.focus not in members.lines.index:
        return f"Each line's part of the index's move of {words.percent(members.weighted_pct, 2, sign=True)}"
    own = float(members.lines.loc[day.focus, "contribution_pp"])
    return (
        f"{day.names[day.focus]} alone made {words.number(abs(own), 2)} points of the index's "
        f"{words.number(abs(members.weighted_pct), 2)}-point {'fall' if members.weighted_pct < 0 else 'rise'}"
    )


def adding_up(day: Day, members: Members) -> str:
    """Say how exactly the contributions give the index's own move."""
    difference = abs(members.weighted_pct - members.index_pct)
    own = "the index's own closes" if day.index == INDEX else f"the closes of {plain_name(day, day.index)}"
    why = "rounding of the weights" if day.index == INDEX else "the dividends and the costs of the fund"
    return (
        f"The {len(members.lines)} contributions add up to {words.number(members.weighted_pct, 4)} %; {own} give "
        f"{words.number(members.index_pct, 4)} %. The difference of {words.number(difference, 4)} points is {why}."
    )


def value_sentences(
    day: Day,
    lost: pd.DataFrame,
    seven: Sequence[float] | None,
    focus: Sequence[float] | None,
    indexes: Sequence[IndexLoss],
) -> str:
    """Tell what was lost, by whom and in all, or why that cannot be said."""
    parts = []
    listed = market_data.load_table("record_one_day_losses")
    pressed = ((listed["date"] == day.date) & (listed["ticker"] == day.focus)).any()
    if focus is not None:
        parts.append(
            f"{day.names[day.focus]} {_lost(focus[0])} {words.dollars(abs(focus[0]))} of market value; share counts on "
            f"either side of the day{' and the figure of the press' if pressed else ''} give "
            f"{span(focus[1], focus[2])}."
        )
    else:
        parts.append(
            f"For {day.names[day.focus]} the data have no share count with a quoted price near the day: no value lost can be given."
        )
    if len(lost):
        total = float(lost["lost_usd_bn"].sum())
        parts.append(
            f"The {len(lost)} companies with share counts {_lost(total)} {words.dollars(abs(total))} together."
        )
    if seven is not None:
        parts.append(f"The seven {_lost(seven[0])} {words.dollars(abs(seven[0]))}.")
    if indexes:
        told = [
            f"{one.label} {words.dollars(abs(one.lost_usd_bn))}{' †' if one.confidence == 'low' else ''}"
            for one in indexes
        ]
        parts.append(f"In all, {'lost' if indexes[0].lost_usd_bn > 0 else 'gained'}: {words.listing(told)}.")
        if any(one.confidence == "low" for one in indexes):
            parts.append("† low confidence: the total value is an estimate.")
    return " ".join(parts)


def span(low: float, high: float) -> str:
    """Write a range of amounts in USD billion.

    Examples
    --------
    >>> span(589.0, 592.7), span(592.1, 592.4)
    ('USD 589 to 593 billion', 'USD 592 billion')
    """
    bottom, top = sorted((abs(low), abs(high)))
    if f"{bottom:.0f}" == f"{top:.0f}" or bottom >= 1000 or (top < 10):
        return words.dollars(bottom)
    return f"USD {words.number(bottom)} to {words.number(top)} billion"


def record_title(table: pd.DataFrame, in_usd: int | None, in_size: int | None, company: str) -> str:
    """Write the finding of the chart of records."""
    if in_usd is None:
        example = _example(table)
        return example or "The largest one-day losses, in dollars and as a share of the market"
    dollars = "the largest" if in_usd == 1 else f"the {words.ordinal(in_usd)} largest"
    if in_size is None:
        return f"{company}'s loss was {dollars} up to that day in dollars"
    if in_usd == in_size:
        return f"{company}'s loss was {dollars} up to that day, in dollars and as a share of the market"
    share = "the largest" if in_size == 1 else f"{words.ordinal(in_size)}"
    return f"{company}'s loss was {dollars} up to that day in dollars, but {share} as a share of the market"


def record_sentences(table: pd.DataFrame, day: Day) -> str:
    """Tell what the two rankings show and where the list ends."""
    own = table[table["event"]]
    text = ""
    if len(own):
        one = own.iloc[0]
        text = (
            f"{one['company']}'s loss was {words.percent(one['share_pct'], 2)} of the S&P 500's total value and "
            f"{words.percent(one['gdp_pct'], 2)} of a year's GDP. "
        )
    text += f"{_example(table)}. " if _example(table) else ""
    found = int(table["press_usd_bn"].isna().sum())
    return text + (
        f"{found} of the {len(table)} losses are not in the press's list and come from prices times share counts, which can be "
        "done from October 2022 on; earlier ones are known only as far as the press listed them, so a loss that was "
        "larger against the market of its time may be missing."
    )


def _example(table: pd.DataFrame) -> str:
    """Find the loss that gains most places when dollars are replaced by shares of the market."""
    ranks = table[["lost_usd_bn", "share_pct"]].rank(ascending=False)
    top = ranks[(ranks["share_pct"] <= 10) & ~table["event"]]
    if top.empty:
        return ""
    place = (top["lost_usd_bn"] - top["share_pct"]).idxmax()
    row = table.loc[place]
    return (
        f"{row['company']}'s loss of {words.month(row['date'])} is {words.ordinal(int(ranks.loc[place, 'lost_usd_bn']))} in dollars "
        f"but {words.ordinal(int(ranks.loc[place, 'share_pct']))} as a share of the market"
    )


def _lost(amount: float) -> str:
    return "lost" if amount > 0 else "gained"
