"""The pictures of one day, each drawn with its title, caption, text for the blind, source and data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pandas as pd
from matplotlib.figure import Figure

from eventstudy.study import EventStudy, caar_path
from helpers import charts, words
from helpers.rarity import GarchDay
from helpers.returns import TRADING_DAYS
from helpers.selloff import selloff_after_charts, selloff_charts
from helpers.selloff import selloff_readings as readings
from helpers.selloff import selloff_words as sentences
from helpers.selloff.selloff import Day
from helpers.selloff.selloff_back import forecast_bands, return_spans
from helpers.selloff.selloff_members import INDEX_NAME, Members, contribution_bars, strip_table
from helpers.selloff.selloff_records import ranked, top_losses
from helpers.selloff.selloff_study import Camps, camp_lines, members_of

MEMBERS_SOURCE = "holdings of an S&P 500 index fund (data/raw/sp500_members_2025_01.csv)"
CLOSES = "daily closes"


class Picture(NamedTuple):
    """A figure with all that `Output.figure` asks for, in its order."""

    figure: Figure
    name: str
    caption: str
    alt: str
    source: str
    data: pd.DataFrame


def day_by_company(day: Day, moves: pd.DataFrame) -> Picture:
    """Draw every company's move, gathered by group."""
    companies = day.moves_pct[list(day.stocks)]
    date = words.day(day.date)
    title, unit = sentences.day_title(day, moves), f"change on {date}, per cent"
    return Picture(
        selloff_charts.grouped_bars(companies, day.groups, day.names, title, unit),
        "day_by_company",
        f"Change of each company's share on {date}, by group, with the plain mean of the group.",
        sentences.day_sentences(day, moves),
        "daily closes; data/raw/series.csv for the groups",
        companies.rename("change_pct").rename_axis("ticker").to_frame(),
    )


def members_map(day: Day, members: Members) -> Picture:
    """Draw every member of the index by weight and move."""
    lines = members.lines
    unit = "area: weight in the index; colour: change on the day, per cent"
    title = sentences.members_title(members)
    return Picture(
        charts.treemap(lines["weight_pct"], lines["move_pct"], lines["sector"], title, unit),
        "members_map",
        f"All {len(lines)} member lines of the S&P 500 on {words.day(day.date)}, gathered by sector: area by weight at the close "
        "before, colour by change.",
        sentences.members_sentences(members),
        MEMBERS_SOURCE,
        lines,
    )


def moves_by_row(day: Day, members: Members | None, lost: pd.DataFrame) -> Picture:
    """Draw one dot for each line of the index by sector, or for each company by group."""
    strips = strip_table(day, members, lost["before_usd_bn"])
    title, marks = sentences.strip_title(strips, members), sentences.strip_marks(day, members)
    area = "; area of a dot: weight" if members else "; area of a dot: market value" if len(lost) else ""
    unit = f"change on {words.day(day.date)}, per cent{area}"
    return Picture(
        selloff_charts.move_strips(strips, title, unit, marks, sentences.strip_labels(strips)),
        "moves_by_row",
        f"{'Lines of the S&P 500 by sector' if members else 'Companies by group'}, one dot each; upright bars mark the median "
        "of each row, broken lines the figures written above.",
        sentences.strip_alt(strips),
        MEMBERS_SOURCE if members else CLOSES,
        strips,
    )


def contributions(day: Day, members: Members) -> Picture:
    """Draw the parts of the index's move that add up to it."""
    parts = contribution_bars(members)
    tints = {str(name): charts.RED if value < 0 else charts.BLUE for name, value in parts.items()}
    title = sentences.contribution_title(day, members)
    unit = "part of the index's move, percentage points"
    return Picture(
        charts.bars(parts, title, unit, tints | {INDEX_NAME: charts.INK}, form="{:+.2f}"),
        "contributions",
        "Weight at the close before times change, for the lines that pulled most and for all others together; these bars add "
        "up to the last one, the index.",
        sentences.adding_up(day, members),
        MEMBERS_SOURCE,
        parts.rename("contribution_pp").rename_axis("line").to_frame(),
    )


def value_lost(day: Day, lost: pd.DataFrame, seven: Sequence[float] | None, told: str) -> Picture:
    """Draw each company's change of market value with its range over share counts."""
    spans = -lost[["high", "low"]].set_axis(["low", "high"], axis=1)
    tints = {str(name): charts.GROUP.get(day.groups[str(name)], charts.CONTEXT) for name in lost.index}
    unit = "change of market value on the day, USD billion"
    title = sentences.value_title(day, lost, seven)
    return Picture(
        charts.bars(-lost["lost_usd_bn"], title, unit, tints, day.names, "{:+.0f}", spans),
        "value_lost",
        "Change of market value by company; the colour is that of the group, the line the range over share counts filed near the day.",
        told,
        "data/raw/shares_outstanding.csv, quoted_closes.csv; daily closes",
        lost,
    )


def record_losses(day: Day, records: pd.DataFrame) -> Picture:
    """Draw the largest losses in dollars beside the largest as a share of the market."""
    places = [ranked(records, column, day.date, day.focus) for column in ("lost_usd_bn", "share_pct")]
    title = sentences.record_title(records, places[0], places[1], day.names[day.focus])
    tops = top_losses(records, "lost_usd_bn"), top_losses(records, "share_pct", 2)
    green = "green: this event, " if any("event" in set(top["kind"]) for top in tops) else ""
    return Picture(
        selloff_charts.two_rankings(
            *tops,
            title,
            f"one-day losses of market value; {green}orange: dot-com years; † low confidence",
            ("USD billion", "per cent of the S&P 500's value"),
        ),
        "record_losses",
        "The ten largest one-day losses in the data, in dollars and as a share of the S&P 500's total value at the time.",
        sentences.record_sentences(records, day),
        "data/raw/record_one_day_losses.csv, sp500_totals.csv; prices times shares",
        records,
    )


def abnormal_paths(day: Day, study: EventStudy) -> Picture:
    """Draw the cumulated abnormal return of each group with its band."""
    paths = caar_path(study)
    unit = f"cumulated mean abnormal return since the close of {words.day(day.eve)}, per cent, by trading day"
    return Picture(
        selloff_after_charts.group_paths(paths, readings.paths_title(paths), unit),
        "abnormal_paths",
        "Cumulated average abnormal return by group from the close before the event, with its 95 % band; in each title the first "
        "and the last day, bold where the band leaves zero out on the last.",
        readings.paths_alt(paths),
        f"daily closes; {readings.model_words(study)}",
        paths.set_index("name"),
    )


def forecast_band(day: Day, one: GarchDay, told: str) -> Picture:
    """Draw the focus's daily changes inside the band that the days before let one expect."""
    band = forecast_bands(day, one)
    name = day.names[day.focus]
    text = f"{words.day(day.date)}: {sentences.signed(one.return_pct)} %"
    unit = f"daily change of {name}, per cent; shaded: where the model expects 99 of 100 days"
    return Picture(
        selloff_after_charts.forecast_band(band, day.date, readings.rarity_title(name, one), unit, text),
        "forecast_band",
        f"Daily changes of {name} and the 99 % band that a GARCH(1,1) model with t errors, fitted before the event, gives for each "
        "day from the days before it; orange: outside.",
        told,
        CLOSES,
        band,
    )


def return_periods(rare: Mapping[str, GarchDay], table: pd.DataFrame, day: Day, told: str) -> Picture:
    """Draw how often surprises of the day's size come, with their ranges."""
    tints = {day.names[name]: charts.COMPANY.get(name, charts.BLUE) for name in rare}
    years = next(iter(rare.values())).days / TRADING_DAYS
    unit = "years between surprises of this size, logarithmic; bar: 90 % range over the model's parameters"
    title, mark = readings.period_title(table), (years, f"{words.number(years, 1)} years of data")
    return Picture(
        selloff_after_charts.interval_dots(return_spans(table), title, unit, tints, mark),
        "return_periods",
        "How often a surprise at least as large comes, by the model fitted on the days before. Beyond the length of the data the "
        "assumed shape of the tail decides, not experience.",
        told,
        CLOSES,
        table,
    )


def way_back(day: Day, path: pd.DataFrame, back: pd.DataFrame, told: str) -> Picture:
    """Draw prices around the event against the close before it."""
    tints = {str(name): charts.COMPANY.get(str(name), charts.CONTEXT) for name in path}
    tints[day.focus] = charts.COMPANY.get(day.focus, charts.TEAL)
    if day.focus != "SMH" and "SMH" in path:
        tints["SMH"] = charts.PURPLE
    return Picture(
        charts.lines(
            path,
            readings.way_title(day, back),
            "per cent of the close before the event",
            tints,
            day.names,
            events=[charts.Event(0, words.day(day.date))],
            zero=True,
            x_label="trading days from the event",
        ),
        "way_back",
        f"Prices from {words.plural(-int(path.index[0]), 'trading day')} before the event on, against the close before it.",
        told,
        CLOSES,
        path,
    )


def waiting_times(day: Day, back: pd.DataFrame, others: pd.DataFrame, told: str) -> Picture:
    """Draw how long comparable falls took to be made up."""
    rows = {
        str(
            name
        ): f"{row['name']}: {words.plural(int(row['others']), 'other fall')} of {words.percent(-row['move_pct'])} or more"
        for name, row in back.iterrows()
    }
    unit = "trading days until the old price was seen again, logarithmic; hollow: not yet"
    return Picture(
        selloff_after_charts.waiting_times(others, back, rows, readings.waiting_title(day, back), unit),
        "waiting_times",
        "Each grey dot is another fall at least as large in the data, the bar their median, the red diamond this event. A company "
        "is compared with all companies here, an index with its own past; falls before an earlier one was made up are not counted "
        "again.",
        told,
        CLOSES,
        others,
    )


def makers_and_users(day: Day, study: EventStudy, camps: Mapping[int, Camps], names: tuple[str, str]) -> Picture:
    """Draw the two camps' cumulated abnormal returns with their bands."""
    lines, bands = camp_lines(study)
    makers, users = (words.listing(members_of(study, camp, day)) for camp in ("makers", "users"))
    return Picture(
        charts.lines(
            lines,
            readings.thesis_title(next(iter(camps.values())), *names),
            "cumulated mean abnormal return, per cent, with 95 % bands",
            {"makers": charts.TEAL, "users": charts.BLUE},
            dict(zip(("makers", "users"), names, strict=True)),
            bands=bands,
            zero=True,
            x_label="trading days from the event",
        ),
        "makers_and_users",
        f"{sentences.capital(names[0])} ({makers}) and {names[1]} ({users}), beyond what the market explains.",
        sentences.plain(readings.thesis_sentences(camps, *names)),
        CLOSES,
        lines,
    )
