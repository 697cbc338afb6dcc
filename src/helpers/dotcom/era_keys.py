"""What 03_dotcom_comparison hands on: key figures, findings, measured claims and limits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers import words
from helpers.boom import boom_earnings
from helpers.dotcom import era_words, explosive_words, explosiveness, money
from helpers.dotcom.era_comparison import Comparison
from helpers.dotcom.era_leaders import former_top
from helpers.dotcom.explosiveness import KINDS, MONTE_CARLO, WILD, Run
from helpers.dotcom.indicators import Indicator, read
from helpers.dotcom.replay import COOLER, HOTTER, score
from helpers.results import Output


def save(out: Output, found: Comparison) -> None:
    """Hand on everything: key figures, findings, measured claims, limits."""
    _gains(out, found)
    _leaders(out, found)
    _explosive(out, found)
    _falls(out, found)
    _money(out, found)
    _scores(out, found)
    findings(out, found)
    claims(out, found.indicators)
    for limit in limits(found):
        out.note(limit)


def findings(out: Output, found: Comparison) -> None:
    """Add the findings: one sentence for each part of the comparison."""
    then, now = (
        explosiveness.reading(found.nasdaq, found.eras.peak),
        explosiveness.reading(found.nasdaq, found.eras.now),
    )
    counts = score(found.board)
    worse = money.ratios(found.indicators, money.MONEY, money.MARCH_2000, found.eras.now)
    out.finding(f"{era_words.start_title(found.eras, found.same)}.", "eras_start")
    text = era_words.leaders_title(found.former.loc[former_top(found.eras)], found.today.loc[: found.eras.now].iloc[-1])
    parts = [
        f"{name}'s earnings moved by {words.number(found.split.loc[name, 'earnings'], 1)} and its multiple by {words.number(found.split.loc[name, 'multiple'], 1)}"
        for name in ("Nvidia", "Cisco") if name in found.split.index
    ]  # fmt: skip
    out.finding(f"{text}; in doublings, {words.listing(parts)}." if parts else f"{text}.", "nvidia_cisco")
    days = (found.eras.peak, found.eras.now)
    out.finding(explosive_words.nasdaq_finding(then, now, found.confidence_pct, found.curve, days), "explosiveness")
    out.finding(f"{era_words.money_title(worse)}; that ranks leverage, not the odds of a crash.", "money")
    if found.loss.weight_pct > 0:
        span = f"between {words.percent(found.loss.low_pct, 0)} and {words.percent(found.loss.high_pct, 0)} by the mildest and the heaviest single fall"
        out.finding(f"{era_words.replay_title(found.loss)}; {span}.", "replay")
    out.finding(f"{era_words.score_title(counts)}.", "scoreboard")


def claims(out: Output, indicators: Sequence[Indicator]) -> None:
    """Measure the two claims at their own dates."""
    for name, measured, figure in (
        (money.LIKE_CLAIM, money.like_dotcom(indicators), "scoreboard"),
        (money.WORSE_CLAIM, money.worse_than_dotcom(indicators), "money"),
    ):
        out.measure(**(vars(measured) | {"claim": name, "figure": figure}))


def limits(found: Comparison) -> list[str]:
    """Say what the comparison cannot tell."""
    weak = [label.partition(",")[0] for label, low in found.board["low"].items() if low]
    said = [
        "Two episodes are not a sample: no test on the dot-com years and these says how the second one ends.",
        "An explosive statistic shows growth that feeds on itself, not why; a quiet one does not show that a price is right.",
        "The replay is arithmetic on weights, not a forecast: it knows neither what the other companies would do nor how fast.",
        "The scoreboard counts each indicator once, though several of them move together; for rates, hotter means higher.",
    ]
    return said + ([f"Scoreboard figures of low confidence: {words.listing(weak)}."] if weak else [])


def _gains(out: Output, found: Comparison) -> None:
    for suffix, same, day in (("", found.same, found.eras.now), ("_end", found.same_end, found.eras.last)):
        until = f"{words.day(found.eras.ai_start)} to {words.day(day)}"
        out.key(
            f"ai_gain_same_distance_pct{suffix}", same.ai_pct, "%", f"NASDAQ, {until}; range: start moved by a quarter",
            *_ends(same.ai_range, same.ai_pct), figure="eras_start",
        )  # fmt: skip
        out.key(
            f"dotcom_gain_same_distance_pct{suffix}", same.dotcom_pct, "%",
            f"NASDAQ, {same.days} trading days from {words.day(found.eras.dotcom_start)}; range: start moved by a quarter",
            *_ends(same.dotcom_range, same.dotcom_pct), figure="eras_start",
        )  # fmt: skip


def _ends(span: tuple[float, float], value: float) -> tuple[float | None, float | None]:
    """Give a range if the value is known and inside it."""
    return span if span[0] <= value <= span[1] else (None, None)


def _leaders(out: Output, found: Comparison) -> None:
    days = {
        "nvda_multiple": found.eras.now,
        "nvda_multiple_end": found.eras.last,
        "csco_multiple_2000": former_top(found.eras),
    }
    for key, day in days.items():
        name, era, table = (
            ("Nvidia", found.focus[1], found.today)
            if key.startswith("nvda")
            else ("Cisco", found.focus[0], found.former)
        )
        until = boom_earnings.sources_on(era, day)["period_end"].iloc[0]
        earned = f"the twelve months to {words.month(until)}" if pd.notna(until) else "no twelve months known"
        out.key(
            key, table.loc[:day, "multiple"].iloc[-1], "times", f"{name}'s price on {words.day(day)} over the earnings of {earned}",
            confidence="medium", figure="nvidia_cisco",
        )  # fmt: skip


def _explosive(out: Output, found: Comparison) -> None:
    run, eras, ratio = found.nasdaq, found.eras, found.ratio
    for name, value, label, figure in (
        ("nasdaq_gsadf", run.result.gsadf, "GSADF of the log real NASDAQ since 1971", "explosiveness"),
        ("nasdaq_gsadf_cv95", _cv95(run, MONTE_CARLO), f"its 95 % critical value ({MONTE_CARLO})", "explosiveness"),
        ("nasdaq_gsadf_cv95_wild", _cv95(run, WILD), f"its 95 % critical value ({WILD})", "explosiveness"),
        ("pd_gsadf", ratio.result.gsadf, "GSADF of the S&P 500's price-dividend ratio since 1871", "pd_explosiveness"),
        ("pd_gsadf_cv95", _cv95(ratio, MONTE_CARLO), "its 95 % critical value (Monte Carlo)", "pd_explosiveness"),
    ):  # fmt: skip
        out.key(name, value, "statistic", label, figure=figure)
    for suffix, day in (("now", eras.now), ("end", eras.last)):
        one = explosiveness.reading(run, day)
        limit = one.limits[MONTE_CARLO]
        words_of = f"{words.month(one.day)} at {found.confidence_pct} %"
        out.key(
            f"nasdaq_explosive_{suffix}", "yes" if one.explosive else "no", "", f"NASDAQ explosive in {words_of}, by at least two of three kinds of critical value",
            figure="explosiveness",
        )  # fmt: skip
        out.key(
            f"nasdaq_bsadf_{suffix}", one.bsadf, "statistic", f"BSADF of the real NASDAQ in {words_of}; critical value {words.number(limit, 2)} (Monte Carlo)",
            figure="explosiveness",
        )  # fmt: skip
    for name in ("then", "now"):
        day = eras.peak if name == "then" else eras.now
        out.key(
            f"explosive_specifications_{name}", int((found.curve[name] > 0).sum()), "specifications",
            f"of {len(found.curve)} specifications, those in which the NASDAQ is explosive on {words.day(day)}", figure="explosive_choices",
        )  # fmt: skip
    for name, start, end in (
        ("dotcom", eras.dotcom_start, eras.dotcom.index[-1]),
        ("ai", eras.ai_start, eras.now),
        ("ai_end", eras.ai_start, eras.last),
    ):
        months = {kind: explosiveness.periods_inside(run, start, end, kind) for kind in KINDS}
        key = "nasdaq_episode_ai_months_end" if name == "ai_end" else f"nasdaq_episode_{name}_months"
        out.key(
            key, months[MONTE_CARLO], "months", f"months in a rising explosive episode, {words.month(start)} to {words.month(end)} (Monte Carlo; range over three kinds)",
            min(months.values()), max(months.values()), figure="explosiveness",
        )  # fmt: skip


def _cv95(run: Run, kind: str) -> float:
    return float(run.limits[kind].gsadf[0.95])


def _falls(out: Output, found: Comparison) -> None:
    (day, years), eras = found.recovery, found.eras
    label = f"NASDAQ, {words.day(eras.peak)} to {words.day(eras.trough)}"
    out.key("nasdaq_drawdown_pct", found.fall_pct, "%", label, figure="leaders_falls")
    label = f"until a month-end at or above the peak: {words.month(day) if pd.notna(day) else 'not yet'}"
    out.key("nasdaq_recovery_years", years, "years", label, figure="leaders_falls")
    for suffix, one in (("", found.loss), ("_end", found.loss_end)):
        figure = "replay" if found.loss.weight_pct > 0 else ""
        label = "direct loss if today's groups fell as the dot-com leaders did"
        ends = (one.low_pct, one.high_pct)
        out.key(f"replay_loss_pct{suffix}", one.loss_pct, "% of the S&P 500", label, *ends, figure=figure)
        dollars = [one.dollars(value) for value in (one.loss_pct, one.low_pct, one.high_pct)]
        known = not np.isnan(dollars[0])
        low, high = (dollars[1], dollars[2]) if known else (None, None)
        key, label = f"replay_loss_usd_bn{suffix}", "the same in dollars"
        out.key(key, dollars[0], "USD billion", label, low, high, "medium", figure)


def _money(out: Output, found: Comparison) -> None:
    known = {one.name: one for one in found.indicators}
    figures = dict.fromkeys([*money.MONEY], "money")
    figures |= dict.fromkeys(["policy_rate", "treasury_10y", "excess_cape_yield"], "rates")
    days = {"then_pct": money.MARCH_2000, "now_pct": found.eras.now, "now_pct_end": found.eras.last}
    for name, figure in figures.items():
        one = known[name]
        for when, day in days.items():
            value = read(one, day)
            label = f"{one.label}, {f'{value.day:%Y-%m}' if pd.notna(value.day) else words.MISSING}"
            sure = "low" if value.low else one.confidence
            out.key(f"{name}_{when}", value.value, one.unit, label, confidence=sure, figure=figure)
    for suffix, day in (("", found.eras.now), ("_end", found.eras.last)):
        total = money.measured(money.ratios(found.indicators, money.MONEY, money.MARCH_2000, day), "")
        out.key(
            f"money_ratio_median{suffix}", total.value, "times", f"median ratio {words.month(day)} over 2000 of five amounts as shares of GDP; range over the five",
            total.low, total.high, total.confidence, "money",
        )  # fmt: skip


def _scores(out: Output, found: Comparison) -> None:
    for suffix, board, day in (("", found.board, found.eras.now), ("_end", found.board_end, found.eras.last)):
        counts = score(board)
        for name, word, label in (
            ("hotter", HOTTER, "hotter than"),
            ("cooler", COOLER, "cooler than"),
            ("total", "total", "compared with"),
        ):
            told = f"indicators {label} March 2000 on {words.day(day)}"
            out.key(f"scoreboard_{name}{suffix}", counts[word], "indicators", told, figure="scoreboard")
