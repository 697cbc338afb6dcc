"""The words of 04_findings: a summary for a reader, five points for a slide, what happened next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from helpers import claims, words
from helpers.findings import counts, counts_sentence, say, value_of

Keys = Mapping[str, Mapping[str, Any]]

NEXT = (
    ("Nvidia's market value, USD billion", "nvda_value_usd_bn", 0),
    ("the seven's market value, USD billion", "seven_value_usd_bn", 0),
    ("the seven as a share of GDP, %", "seven_gdp_pct", 1),
    ("seven largest companies' share of the S&P 500, %", "top7_share_pct", 1),
    ("share of earnings in Nvidia's rise, %", "earnings_share_of_nvda_rise_pct", 0),
    ("share of earnings in the leaders' rise, %", "earnings_share_of_leaders_rise_pct", 0),
    ("CAPE of the S&P 500", "cape", 1),
    ("its percentile since 1881", "cape_percentile", 1),
    ("excess CAPE yield, %", "excess_cape_yield_pct", 2),
    ("capital expenditure of five builders, % of GDP", "capex_big5_gdp_pct", 2),
    ("margin debt, % of GDP", "margin_debt_gdp_pct", 2),
    ("indicators hotter than in March 2000", "scoreboard_hotter", 0),
)


def five_points(results: Mapping[str, Any], keys: Keys, table: pd.DataFrame) -> list[tuple[str, str, str]]:
    """Return the five findings of the study: sentence, name and number of the figure that shows it.

    A sentence whose figures the run does not have is left out.
    """
    points = [
        (growth_or_price(keys), "earnings_share_of_leaders_rise_pct"),
        (concentration(keys), "top7_share_pct"),
        (the_day(keys), "members_rose_pct" if "members_rose_pct" in keys else "focus_day_pct"),
        (beside_dotcom(keys), "scoreboard_hotter"),
    ]
    found = [(text, *pointer(results, keys, name)) for text, name in points if text]
    return [*found, (f"{counts_sentence(table)}.", "verdicts", "")]


def pointer(results: Mapping[str, Any], keys: Keys, name: str) -> tuple[str, str]:
    """Return name and number of the figure behind a key figure."""
    key = keys.get(name, {})
    figure = key.get("figure", "")
    number = results.get(key.get("notebook", ""), {}).get("figures", {}).get(figure, {}).get("number", "")
    return figure, number


def growth_or_price(keys: Keys) -> str:
    """Say how much of the rise was earnings and how much was a higher price for them."""
    nvidia = say(
        keys,
        "Nvidia's share price rose to {times} its value; rising earnings explain {share} of that rise (in logs)",
        times="nvda_growth_multiple:times",
        share="earnings_share_of_nvda_rise_pct:whole",
    )
    leaders = say(keys, "{share} for the leaders together", share="earnings_share_of_leaders_rise_pct:whole")
    dotcom = say(
        keys,
        "{share} for the dot-com leaders up to their peak",
        share="earnings_share_of_dotcom_rise_pct:whole",
    )
    rest = words.listing([part for part in (leaders, dotcom) if part]) if leaders or dotcom else ""
    return f"{nvidia}, against {rest}." if nvidia and rest else f"{nvidia}." if nvidia else ""


def concentration(keys: Keys) -> str:
    """Say how much of the index the largest companies are."""
    share = say(
        keys,
        "On the eve of the selloff the seven largest companies made {share} of the S&P 500, as much as {effective} equal companies would spread over",
        share="top7_share_pct:percent",
        effective="effective_number:number",
    )
    return (
        share
        and f"{say(keys, 'On the eve of the selloff the seven largest companies made {share} of the value of the S&P 500; its weights were spread as over {effective} equal companies instead of 500', share='top7_share_pct:percent', effective='effective_number:number')}."
    )


def the_day(keys: Keys) -> str:
    """Say what the day did."""
    fall = value_of(keys, "focus_day_pct")
    first = (
        say(
            keys,
            "On the day, the company in the foreground {moved} by {day}",
            day="focus_day_pct:percent",
            moved="focus_moved:text",
        )
        if "focus_moved" in keys
        else say(
            keys,
            f"On the day Nvidia {words.moved(fall)} by {{day}}" if fall == fall else "",
            day="focus_day_pct:percent",
        )
    )
    lost = say(keys, " and lost {lost}", lost="focus_value_lost_usd_bn:dollars") if fall < 0 else ""
    rose = say(keys, ", while {rose} of the S&P 500's members rose", rose="members_rose_pct:whole")
    rare = say(
        keys,
        "; a fall as large for its calm was to be expected once in {years} years",
        years="return_period_years:number",
    )
    return f"{first}{lost}{rose}{rare}." if first else ""


def beside_dotcom(keys: Keys) -> str:
    """Say how today stands beside March 2000."""
    return say(
        keys,
        "Of {total} indicators, {hotter} stood hotter than in March 2000 and {cooler} cooler.",
        total="scoreboard_total:number",
        hotter="scoreboard_hotter:number",
        cooler="scoreboard_cooler:number",
    )


def for_readers(keys: Keys, table: pd.DataFrame, as_of: str) -> str:
    """Write the summary for a newspaper reader, of at most about 200 words, every figure computed."""
    found = counts(table)
    after = say(
        keys,
        "By the end of the data Nvidia was worth {value} and the seven largest companies made {share} of the index.",
        value="nvda_value_usd_bn_end:dollars",
        share="top7_share_pct_end:percent",
    )
    money = say(
        keys,
        "As shares of GDP, Federal Reserve assets and debt stood at {ratio} their level of 2000 at the median; that ranks leverage, not the odds of a crash.",
        ratio="money_ratio_median:times",
    )
    back = say(
        keys,
        "Nvidia needed {days} trading days to see its old price again.",
        days="days_to_recover_focus:number",
    )
    cape = say(
        keys,
        "The S&P 500 stood at {cape} times its ten-year earnings, higher than in {percentile} of all months since 1881.",
        cape="cape:number",
        percentile="cape_percentile:whole",
    )
    parts = [
        growth_or_price(keys), concentration(keys), cape, the_day(keys), back, beside_dotcom(keys), money,
        f"Of the article's {len(table)} claims, {words.plural(int(found[claims.HOLDS] + found[claims.ROUGHLY]), 'holds', 'hold')} at least roughly, "
        f"{words.plural(int(found[claims.NOT]), 'does not', 'do not')}, and {words.plural(int(found[claims.UNCHECKED]), 'cannot', 'cannot')} be checked with prices and accounts.",
        after if as_of == "end" else "",
    ]  # fmt: skip
    return " ".join(part for part in parts if part)


def happened_next(keys: Keys) -> pd.DataFrame:
    """Return each measure on the article's day and at the end of the data."""
    rows = {}
    for label, name, decimals in NEXT:
        then, now = value_of(keys, name), value_of(keys, f"{name}_end")
        if then == then and now == now:
            rows[label] = {
                "when the article was written": words.number(then, decimals),
                "end of the data": words.number(now, decimals),
                "change": f"{'+' if now > then else ''}{words.number(now - then, decimals)}",
            }
    return pd.DataFrame.from_dict(
        rows, orient="index", columns=["when the article was written", "end of the data", "change"]
    ).rename_axis("measure")


def next_sentences(keys: Keys) -> list[str]:
    """Say which of the article's worries came true so far, by the numbers."""
    sentences = []
    for worry, name, up in (
        (
            "**Too much in few companies.** The seven largest companies' share of the index",
            "top7_share_pct",
            "became larger",
        ),
        ("**Prices too high.** The S&P 500's price over ten-year earnings", "cape", "became higher"),
        ("**The leaders fall.** Nvidia's market value", "nvda_value_usd_bn", "rose"),
        (
            "**Too much is built.** The five builders' capital expenditure as a share of GDP",
            "capex_big5_gdp_pct",
            "rose",
        ),
        ("**Borrowed money.** Margin debt as a share of GDP", "margin_debt_gdp_pct", "rose"),
    ):
        then, now = value_of(keys, name), value_of(keys, f"{name}_end")
        if then == then and now == now:
            opposite = {"became larger": "became smaller", "became higher": "became lower", "rose": "fell"}[
                up
            ]
            form = (
                words.dollars
                if name.endswith("usd_bn")
                else lambda value: words.number(value, 1 if value >= 10 else 2)
            )
            sentences.append(
                f"{worry} {up if now > then else opposite}: {form(then)} then, {form(now)} at the end of the data."
            )
    explosive = keys.get("nasdaq_explosive_end", {}).get("value")
    if explosive:
        sentences.append(
            f"**A bubble by the test.** Explosive growth of the NASDAQ at the end of the data: {explosive}."
        )
    return sentences
