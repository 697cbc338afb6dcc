"""The pictures of 03_dotcom_comparison, each ready for `Output.figure`: figure, name, caption, alt, source, data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.figure import Figure

from helpers import charts, words
from helpers.charts import ERA, Event
from helpers.dotcom import era_charts, era_leaders, era_words, eras, explosive_words, explosiveness, money
from helpers.dotcom.eras import Eras, SameDistance
from helpers.dotcom.explosive_choices import CHOICES
from helpers.dotcom.explosiveness import Reading, Run
from helpers.dotcom.indicators import Indicator
from helpers.dotcom.replay import Replay, score
from helpers.specification import specification_curve, specification_data

Picture = tuple[Figure, str, str, str, str, pd.DataFrame]
DAILY = "daily closes 1995-2003 and 2022-2026"
TESTED = "month-ends of the NASDAQ; consumer prices (Shiller); own tests"


def at_start(found: Eras, same: SameDistance) -> Picture:
    """Draw both eras aligned at their start."""
    frame = eras.aligned(found).loc[0:]
    title = era_words.start_title(found, same)
    figure = era_charts.aligned_chart(
        frame,
        title,
        "NASDAQ Composite, 100 at the era's start, log scale",
        f"after {words.month(found.now)}",
        "",
    )
    caption = (
        f"NASDAQ Composite by trading days since {words.day(found.dotcom_start)} (orange) and since {words.day(found.ai_start)} (blue, up to "
        f"{words.day(found.now)}; grey, what followed)."
    )
    return figure, "eras_start", caption, f"Two lines from 100. {title}.", DAILY, frame


def at_peak(found: Eras) -> Picture:
    """Draw both eras aligned at their highest close."""
    frame = eras.aligned(found, at_peak=True).loc[-750:900]
    title = era_words.peak_title(frame)
    figure = era_charts.aligned_chart(
        frame,
        title,
        "NASDAQ Composite, 100 at the highest close, log scale",
        f"after {words.month(found.now)}",
        "highest close",
    )
    caption = (
        f"NASDAQ Composite by trading days around {words.day(found.peak)} (orange) and around {words.day(eras.ai_peak(found))}, the highest close known on "
        f"{words.day(found.now)} (blue; grey, what followed)."
    )
    return figure, "eras_peak", caption, f"Two lines that meet at 100 on day 0. {title}.", DAILY, frame


def leaders(found: Eras, former: pd.DataFrame, today: pd.DataFrame) -> Picture:
    """Draw Nvidia beside Cisco in price, earnings and multiple."""
    top = era_leaders.former_top(found)
    title = era_words.leaders_title(former.loc[top], today.loc[: found.now].iloc[-1])
    figure = era_charts.leaders_chart(
        former,
        today,
        found.now,
        title,
        "by years since the era's start; log scales, so that equal steepness is equal growth",
    )
    caption = (
        "Cisco and Nvidia since the start of their era: quoted price, earnings of the last four quarters then reported, and their ratio (none while "
        f"earnings were below zero). Between fiscal years earnings are drawn straight; thin: after {words.day(found.now)}."
    )
    data = pd.concat({"Cisco": former, "Nvidia": today}, names=["company", "date"]).reset_index("company")
    return (
        figure,
        "nvidia_cisco",
        caption,
        f"Three panels with two lines each. {title}.",
        "daily closes; company reports (fundamentals.csv)",
        data,
    )


def growth_or_price(split: pd.DataFrame) -> Picture:
    """Draw rises split into earnings and multiple."""
    title = era_words.split_title(split)
    labels = [f"{str(name).partition(',')[0]} {row['begin']:%Y}–{row['end']:%Y}" for name, row in split.iterrows()]
    figure = charts.stacked(
        split[["earnings", "multiple"]].set_axis(labels, axis=0), title, "doublings of the price; above each column their sum", era_charts.PARTS,
        total="{:.1f}", height=4.0,
    )  # fmt: skip
    caption = "Rise of index and leader in each era, split exactly into earnings a share and the multiple paid for them (logarithms to base two)."
    return (
        figure,
        "growth_or_price",
        caption,
        f"Four columns of two parts. {title}.",
        "Shiller; daily closes; company reports",
        split,
    )


def falls(table: pd.DataFrame) -> Picture:
    """Draw the deepest falls of both eras' leaders."""
    title = era_words.falls_title(table)
    figure = era_charts.falls_chart(
        table, title, "deepest fall from an earlier high, per cent; orange: dot-com, blue: AI"
    )
    caption = "Deepest fall of the NASDAQ and of each leader in the dot-com prices (1995 to 2003) and from the AI era's start to the end of the data."
    return figure, "leaders_falls", caption, f"Bars, the deepest first in each era. {title}.", DAILY, table


def nasdaq_test(run: Run, then: Reading, now: Reading, confidence_pct: int) -> Picture:
    """Draw the NASDAQ's monthly test since 1971."""
    title = explosive_words.nasdaq_title(then, now, confidence_pct)
    figure = era_charts.sequence_chart(
        run,
        title,
        f"BSADF statistic of the log real NASDAQ, and its {confidence_pct} % critical values",
        [Event(now.day, words.month(now.day))],
    )
    caption = (
        f"Backward sup ADF statistic at every month-end with {confidence_pct} % critical values of three kinds; shaded: episodes of at least ln(n) months above the "
        f"Monte Carlo value. Lag {run.result.lag}, smallest window {run.result.min_window} months."
    )
    return (
        figure,
        "explosiveness",
        caption,
        f"One line and three limits. {title}.",
        TESTED,
        explosiveness.sequences(run),
    )


def weekly_tests(runs: Mapping[str, Run], then: Reading, now: Reading, confidence_pct: int) -> Picture:
    """Draw the weekly tests within each era."""
    title = explosive_words.weekly_title(then, now)
    figure = era_charts.weekly_chart(
        runs,
        now.day,
        title,
        f"BSADF statistic of the log real NASDAQ by week, and its {confidence_pct} % critical values",
    )
    caption = f"The same test on weekly closes within each era, {confidence_pct} % critical values; shaded: episodes by Monte Carlo values; dashed: the day compared."
    data = pd.concat(
        {era: explosiveness.sequences(run) for era, run in runs.items()}, names=["era", "week"]
    ).reset_index("era")
    return (
        figure,
        "weekly_explosiveness",
        caption,
        f"Two panels. {title}.",
        f"{DAILY}; consumer prices (Shiller); own tests",
        data,
    )


def ratio_test(run: Run, now: Reading, confidence_pct: int) -> Picture:
    """Draw the test of the price-dividend ratio since 1871."""
    title = explosive_words.pd_title(run, now)
    figure = era_charts.sequence_chart(
        run,
        title,
        f"BSADF statistic of the S&P 500's price-dividend ratio, and its {confidence_pct} % critical values",
    )
    caption = (
        f"Backward sup ADF statistic of the monthly price-dividend ratio with {confidence_pct} % critical values of three kinds; shaded: episodes of at least ln(n) months "
        f"above the Monte Carlo value. Lag {run.result.lag}, smallest window {run.result.min_window} months."
    )
    return (
        figure,
        "pd_explosiveness",
        caption,
        f"One line and three limits since 1871. {title}.",
        "Shiller, monthly table; own tests",
        explosiveness.sequences(run),
    )


def choices(frame: pd.DataFrame, then: pd.Timestamp, now: pd.Timestamp) -> Picture:
    """Draw the specification curve of the explosiveness finding."""
    title = explosive_words.curve_title(frame, then, now)
    figure = specification_curve(
        frame, "now", CHOICES, title, "BSADF statistic minus its critical value: above zero is explosive", beside="then",
        names={"now": words.day(now), "then": words.day(then)}, colours={"now": ERA["ai"], "then": ERA["dotcom"]},
    )  # fmt: skip
    caption = (
        f"Every combination of five choices, sorted by the result for {words.day(now)} (blue); orange: the result of the same choices for {words.day(then)}. "
        "A stroke below marks what each specification chose."
    )
    data = specification_data(frame, "now", CHOICES)
    return (
        figure,
        "explosive_choices",
        caption,
        f"Points in rising order above a grid of choices. {title}.",
        f"{TESTED}; {DAILY}",
        data,
    )


def money_paths(indicators: Sequence[Indicator], now: pd.Timestamp) -> Picture:
    """Draw debt and central-bank money over GDP since 1995."""
    part = money.by_name(indicators, money.MONEY)
    title = era_words.money_title(money.ratios(indicators, money.MONEY, money.MARCH_2000, now))
    frame = money.paths(part)
    figure = era_charts.money_chart(
        part, frame, title, "per cent of GDP", era_charts.MONEY_COLOUR, era_charts.day_marks(now)
    )
    caption = (
        "Amounts over the GDP of their quarter. Open rings: figures of low confidence (the Federal Reserve's assets in some years before 2002, when only year-ends "
        "are known). Private credit: year-ends from 2000, definitions differ widely."
    )
    return (
        figure,
        "money",
        caption,
        f"Five lines. {title}.",
        "FRED series by way of macro_quarterly.csv; macro_annual.csv",
        frame,
    )


def rate_paths(indicators: Sequence[Indicator], now: pd.Timestamp) -> Picture:
    """Draw policy rate, ten-year yield and excess CAPE yield since 1995."""
    part = money.by_name(indicators, tuple(era_charts.RATE_COLOUR))
    frame = money.paths(part)
    title = era_words.rates_title(money.then_and_now(part, money.MARCH_2000, now))
    figure = era_charts.money_chart(
        part, frame, title, "per cent a year", era_charts.RATE_COLOUR, era_charts.day_marks(now), zero=True
    )
    caption = "Federal funds rate (quarters), ten-year Treasury yield and excess CAPE yield (months): inverse of the CAPE less the real ten-year yield."
    return (
        figure,
        "rates",
        caption,
        f"Three lines. {title}.",
        "FRED series by way of macro_quarterly.csv; Shiller",
        frame,
    )


def replayed(found: Replay, now: pd.Timestamp) -> Picture:
    """Draw the replay by group."""
    groups = found.by_group()
    title = era_words.replay_title(found)
    figure = era_charts.replay_chart(groups, title, f"loss in per cent of the S&P 500, weights of {words.day(now)}")
    caption = (
        "Weight of each group times the fall of the dot-com company that stands for it, from its own high to its own low. Line: from the mildest to the heaviest "
        "fall of a single dot-com leader."
    )
    return (
        figure,
        "replay",
        caption,
        f"One bar a group. {title}.",
        f"sp500_members_2025_01.csv, sp500_top_weights.csv; {DAILY}",
        found.companies,
    )


def scored(board: pd.DataFrame, now: pd.Timestamp) -> Picture:
    """Draw the scoreboard."""
    title = f"{era_words.score_title(score(board))}"
    figure = era_charts.scoreboard_chart(
        board, words.day(now), title, "share of the indicator's own history that was cooler, per cent"
    )
    caption = (
        f"For each indicator the share of its own history, up to {words.day(now)}, that was cooler than March 2000 (orange) and than {words.day(now)} (blue). "
        "Histories begin between 1871 and 2000; † low confidence."
    )
    return (
        figure,
        "scoreboard",
        caption,
        f"Two dots a row. {title}.",
        "all tables named in this notebook",
        board,
    )
