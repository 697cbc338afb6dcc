"""The words of 04_findings: a summary for a reader, five points for a slide, what happened next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from helpers import words
from helpers.findings.findings import counts_sentence, say, value_of

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
    return [*found, (f"**The claims:** {counts_sentence(table).lower()}.", "verdicts", "")]


def pointer(results: Mapping[str, Any], keys: Keys, name: str) -> tuple[str, str]:
    """Return name and number of the figure behind a key figure."""
    key = keys.get(name, {})
    figure = key.get("figure", "")
    number = results.get(key.get("notebook", ""), {}).get("figures", {}).get(figure, {}).get("number", "")
    return figure, number


def growth_or_price(keys: Keys) -> str:
    """Say how much of the rise was earnings and how much was a higher price for them."""
    share = value_of(keys, "earnings_share_of_leaders_rise_pct")
    if share != share:
        return ""
    rest = f" and {words.percent(100 - share, 0)} a higher price for them" if 0 <= share <= 100 else ""
    leaders = f"**Growth or price:** the leaders' rise was {words.percent(share, 0)} growth in earnings{rest} (in logs{_range(keys, 'earnings_share_of_leaders_rise_pct', ' by other ways to date earnings')})"
    nvidia = say(
        keys,
        "Nvidia's price was multiplied by {times}, and growth in earnings made {share} of that",
        times="nvda_growth_multiple:number",
        share="earnings_share_of_nvda_rise_pct:whole",
    )
    dotcom = say(
        keys,
        "of the dot-com leaders' rise earnings made {start} in as long from where sure figures begin and {peak} in as long before the peak of 2000",
        start="earnings_share_of_dotcom_rise_pct:whole",
        peak="earnings_share_of_dotcom_rise_to_peak_pct:whole",
    )
    return f"{'; '.join(part for part in (leaders, nvidia, dotcom) if part)}."


def concentration(keys: Keys) -> str:
    """Say how much of the index the largest companies are."""
    return say(
        keys,
        "**Concentration:** the seven largest companies made {share} of the S&P 500, which was as concentrated as an index "
        "of {effective} equal companies; the leaders brought {part} of its return in the boom.",
        share="top7_share_pct:percent",
        effective="effective_number:round",
        part="sp500_contribution_of_seven_pct:whole",
    )


def the_day(keys: Keys) -> str:
    """Say what the day did, how rare it was, and how it came back."""
    fall = value_of(keys, "focus_day_pct")
    first = say(
        keys,
        f"**The day:** {{name}} {words.moved(fall)} by {{day}}",
        name="focus_name:text",
        day="focus_day_pct:percent",
    )
    if not first:
        return ""
    lost = say(keys, " and lost {lost}", lost="focus_value_lost_usd_bn:dollars") if fall < 0 else ""
    rose = say(keys, ", while {rose} of the lines of the S&P 500 rose", rose="members_rose_pct:whole")
    back = ""
    days = value_of(keys, "days_to_recover_focus")
    if days == days:
        back = f"; after {words.plural(round(days), 'trading day')} the old price was back"
    rare = how_rare(keys)
    return f"{first}{lost}{rose}{rare}{back}."


def how_rare(keys: Keys) -> str:
    """Say how often a surprise as large as that of the day comes, with its range where it is rarer than yearly."""
    years = value_of(keys, "return_period_years")
    if years != years:
        return ""
    low, high = keys["return_period_years"].get("low"), keys["return_period_years"].get("high")
    spread = f" ({words.how_often_range(low, high)})" if low and high and low >= 1.5 else ""
    return f"; a surprise as large comes {words.how_often(years)}{spread}"


def beside_dotcom(keys: Keys) -> str:
    """Say how today stands beside March 2000."""
    board = say(
        keys,
        "**Beside the dot-com bubble:** of {total} indicators, {hotter} are hotter than in March 2000 and {cooler} cooler",
        total="scoreboard_total:number",
        hotter="scoreboard_hotter:number",
        cooler="scoreboard_cooler:number",
    )
    then = "was" if value_of(keys, "nasdaq_episode_dotcom_months") > 0 else "was not"
    now = {"yes": "is", "no": "is not"}.get(str(keys.get("nasdaq_explosive_now", {}).get("value")), "")
    test = f"; the NASDAQ's growth {then} explosive in the dot-com years and {now} so in this boom, by one and the same test"
    return f"{board}{test if now else ''}." if board else ""


def _range(keys: Keys, name: str, after: str, form: str = "; {low} to {high} %") -> str:
    key = keys.get(name, {})
    if key.get("low") is None or key.get("high") is None:
        return ""
    return form.format(low=words.number(key["low"]), high=words.number(key["high"])) + after


def for_readers(keys: Keys, table: pd.DataFrame, as_of: str) -> str:
    """Write the summary for a newspaper reader, of at most about 200 words, every figure computed."""
    after = say(
        keys,
        "By the end of the data Nvidia was worth {value} and the seven largest companies made {share} of the index.",
        value="nvda_value_usd_bn_end:dollars",
        share="top7_share_pct_end:percent",
    )
    money = say(
        keys,
        "Debt, central-bank assets and money over GDP stood at {ratio} their level of 2000 at the median, which ranks "
        "leverage and not the odds of a crash.",
        ratio="money_ratio_median:times",
    )
    cape = say(
        keys,
        "The S&P 500 stood at {cape} times its ten-year earnings, higher than in {percentile} of all months since 1881.",
        cape="cape:number",
        percentile="cape_percentile:whole",
    )
    verdicts = f"{counts_sentence(table).replace('claims', 'claims of the article')}."
    parts = [
        growth_or_price(keys),
        concentration(keys),
        cape,
        the_day(keys),
        beside_dotcom(keys),
        money,
        verdicts,
    ]
    if as_of == "end":
        parts.append(after)
    return " ".join(without_head(part) for part in parts if part)


def without_head(point: str) -> str:
    """Take the bold head off a point, so that it reads as a sentence.

    Examples
    --------
    >>> without_head("**The day:** it fell.")
    'It fell.'
    """
    text = point.partition(":** ")[2] if point.startswith("**") else point
    return text[:1].upper() + text[1:]


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
            opposite = {"became larger": "became smaller", "became higher": "became lower", "rose": "fell"}[up]
            form = (
                words.dollars if name.endswith("usd_bn") else lambda value: words.number(value, 1 if value >= 10 else 2)
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
