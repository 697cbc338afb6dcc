"""What the tests, the forecasts and the way back say, in sentences that stay true whatever the day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from eventstudy.study import EventStudy
from eventstudy.tests import overview
from helpers import words
from helpers.rarity import GarchDay
from helpers.selloff.selloff import Day, VixDay
from helpers.selloff.selloff_study import Camps, p_text
from helpers.selloff.selloff_words import capital, plain_name, some_of

FEWEST = 3  # companies from which on a spread across them says something
LEVEL = 0.05  # a p-value below this is called hard to explain by chance
MODEL_WORDS = {
    "market": "market model",
    "mean": "mean-adjusted returns",
    "market_adjusted": "market-adjusted returns",
}


def model_words(study: EventStudy) -> str:
    """Say which model gave the expected returns, over which days.

    Examples
    --------
    >>> MODEL_WORDS["mean"]
    'mean-adjusted returns'
    """
    days = study.days.estimation_days
    against = f" on {study.market}" if study.market else ""
    return f"{MODEL_WORDS[study.model]}{against}, {len(days)} days from {days[0]:%Y-%m-%d} to {days[-1]:%Y-%m-%d}"


def study_sentences(study: EventStudy) -> str:
    """Say what was estimated and who was left out."""
    text = f"Expected returns: {model_words(study)}. {capital(words.plural(len(study.fit), 'company', 'companies'))} studied"
    if len(study.left_out):
        gone = [f"{row.ticker} ({row.reason})" for row in study.left_out.itertuples()]
        text += f"; left out: {words.listing(gone)}"
    return f"{text}."


def paths_title(paths: pd.DataFrame) -> str:
    """Write the finding of the paths of abnormal returns."""
    groups = paths[paths["name"] != "all"] if paths["name"].nunique() > 2 else paths
    first = groups.groupby("name", sort=False).first()
    last = groups.groupby("name", sort=False).last()
    clear = int(((first["low_pct"] > 0) | (first["high_pct"] < 0)).sum())
    still = int(((last["low_pct"] > 0) | (last["high_pct"] < 0)).sum())
    days = int(last["day"].iloc[0])
    text = f"On the day {some_of(clear, len(first))} groups moved beyond their noise"
    later = f"{words.plural(days, 'day')} later {'none' if still == 0 else still} stood beyond it"
    return f"{text}; {later}" if days > 0 else text


def paths_alt(paths: pd.DataFrame) -> str:
    """List first and last day of each path."""
    told = []
    for name, part in paths.groupby("name", sort=False):
        one, other = part.iloc[0], part.iloc[-1]
        told.append(
            f"{name}: {words.percent(one['caar_pct'], 1, sign=True)} on the day, {words.percent(other['caar_pct'], 1, sign=True)} on day "
            f"{int(other['day'])} (band {words.number(other['low_pct'], 1)} to {words.number(other['high_pct'], 1)})"
        )
    return "; ".join(told) + "."


def period_title(table: pd.DataFrame) -> str:
    """Write the finding of the chart of return periods."""
    rare, common = table["years"].idxmax(), table["years"].idxmin()
    if rare == common:
        return f"By the model a surprise like this one comes {words.how_often(table.loc[rare, 'years'])} ({rare})"
    return (
        f"Surprises of this size come {words.how_often(table.loc[rare, 'years'])} for {rare}, "
        f"{words.how_often(table.loc[common, 'years'])} for {common}"
    )


def waiting_title(day: Day, back: pd.DataFrame) -> str:
    """Write the finding of the chart of waiting times."""
    told = []
    compared = back[back["others"] > 0]
    shown = [name for name in dict.fromkeys([day.focus, day.index]) if name in compared.index]
    for name, row in compared.loc[shown or compared.index[:1]].iterrows():
        median = row["others_median_days"]
        days = "not yet back" if pd.isna(row["days"]) else words.plural(int(row["days"]), "day")
        usual = "unknown" if np.isnan(median) else words.number(median)
        told.append(f"{day.names[str(name)]} {days} (median of others {usual})")
    return f"Back at the old price: {'; '.join(told)}"


def reading(row: Mapping[str, float]) -> str:
    """Read one group's tests: what those that a common date allows say together.

    Parameters
    ----------
    row : mapping
        `portfolio_p`, `bmp_adjusted_p` and, where known, `n` companies of one group and window.

    Examples
    --------
    >>> reading({"portfolio_p": 0.00001, "bmp_adjusted_p": 0.051})[:33]
    'hard to explain by chance as a wh'
    >>> reading({"portfolio_p": 0.4, "bmp_adjusted_p": 0.6})
    'not to be told from chance'
    """
    past, spread = row["portfolio_p"], row["bmp_adjusted_p"]
    if np.isnan(spread) or row.get("n", FEWEST) < FEWEST:
        found = "hard to explain by chance" if past < LEVEL else "not to be told from chance"
        return f"{found} (portfolio t: p {_p(past)}; too few companies for a test of their spread)"
    if past < LEVEL and spread < LEVEL:
        return "hard to explain by chance, whichever test is taken"
    if past < LEVEL:
        return (
            f"hard to explain by chance as a whole (portfolio t: p {_p(past)}), though its companies reacted so differently "
            f"that the adjusted BMP test is not sure (p {_p(spread)})"
        )
    if spread < LEVEL:
        return f"uniform enough for the adjusted BMP test (p {_p(spread)}), but no larger than the noise of the days before (p {_p(past)})"
    return "not to be told from chance"


def tests_sentences(table: pd.DataFrame, window: str) -> str:
    """Say plainly which tests can be trusted on one common date, and what they find."""
    tests = overview()
    trusted = tests.loc[tests["one_date"].str.startswith("yes"), "test"].tolist()
    loose = tests.loc[tests["one_date"] == "no", "test"].tolist()
    near = tests.loc[tests["one_date"] == "nearly", "test"].tolist()
    part = table[(table["window"] == window) & (table["group"] != "all")]
    found = [
        f"**{row['group']}** ({words.percent(row['caar_pct'], 1, sign=True)}): {reading(row)}."
        for _, row in part.iterrows()
    ]
    return (
        "All companies share one event date, so their moves share that day's news. "
        f"{capital(words.listing(loose))} take them as independent and find too much; they are shown for comparison only. "
        f"{capital(words.listing(trusted))} learn from past days how companies move together and can be trusted; "
        f"{words.listing(near)} nearly so. In the window {window}:\n\n- " + "\n- ".join(found)
    )


def rarity_title(focus: str, one: GarchDay) -> str:
    """Write the finding of the chart of forecast and return."""
    kind = "fell" if one.return_pct < 0 else "rose"
    return f"{capital(focus)} {kind} by {words.number(abs(one.z), 1)} times the daily move that the days before let one expect"


def rarity_sentences(table: pd.DataFrame, missing: Sequence[str]) -> str:
    """Tell how often such surprises come, with the range, and what is missing."""
    told = [
        f"**{name}**: forecast {words.percent(row['volatility_pct'], 2)}, moved by {words.number(abs(row['z']), 1)} times that, a surprise that "
        f"comes {words.how_often(row['years'])} ({words.how_often_range(row['years_low'], row['years_high'])}); "
        f"{largest(int(row['rank']))} {'fall' if row['move_pct'] < 0 else 'rise'} of {words.number(row['days'])} days"
        for name, row in table.iterrows()
    ]
    lines = [f"{line}." for line in told] + ([f"Missing: {'; '.join(missing)}."] if missing else [])
    return "\n\n- " + "\n- ".join(lines) if lines else "No forecast could be made."


def vix_sentence(vix: VixDay | None, forecast: GarchDay | None) -> str:
    """Compare what options had expected with the model's forecast, and say what the day did to the VIX."""
    if vix is None:
        return "The VIX is not in the data of these years."
    verb = "rose" if vix.close > vix.eve else "fell"
    text = (
        f"The VIX {verb} from {words.number(vix.eve, 2)} to {words.number(vix.close, 2)}, {largest(vix.rank)} "
        f"daily rise in points of {words.number(vix.days)}. "
        if verb == "rose"
        else f"The VIX {verb} from {words.number(vix.eve, 2)} to {words.number(vix.close, 2)}. "
    )
    text += (
        f"The evening before, options implied a daily move of the S&P 500 of {words.percent(vix.implied_daily_pct, 2)}"
    )
    return text + (f", the model {words.percent(forecast.volatility_pct, 2)}." if forecast is not None else ".")


def way_title(day: Day, table: pd.DataFrame) -> str:
    """Write the finding of the chart of the way back."""
    fell = [name for name in dict.fromkeys([day.index, day.focus]) if table.loc[name, "move_pct"] < 0]
    if not fell:
        return f"{capital(plain_name(day, day.focus))} rose: there was no old price to come back to"
    first, last = (table.loc[name] for name in (fell[0], fell[-1]))
    text = f"{capital(plain_name(day, fell[0]))} {_back(first)}"
    if len(fell) == 1:
        return text
    if pd.isna(first["days"]) or pd.isna(last["days"]):
        return f"{text}; {plain_name(day, fell[1])} {_back(last)}"
    return f"{text}, {plain_name(day, fell[1])} after {int(last['days'])}"


def way_sentences(day: Day, table: pd.DataFrame, path: pd.DataFrame) -> str:
    """Tell how deep, how long, how that compares, and where prices stood at the end of the path."""
    told = [_one_way(capital(plain_name(day, str(name))), row) for name, row in table.iterrows()]
    ends = words.listing(
        [
            f"{plain_name(day, str(name))} at {words.percent(value, 1, sign=True)}"
            for name, value in path.iloc[-1].items()
        ]
    )
    after = words.plural(int(path.index[-1]), "trading day")
    return "\n\n- " + "\n- ".join(told) + f"\n\nAfter {after}, against the old price: {ends}."


def thesis_title(camps: Camps, makers: str, users: str) -> str:
    """Write the finding of the chart of makers and users."""
    if camps.p < LEVEL:
        worse, better = (makers, users) if camps.gap_pct < 0 else (users, makers)
        return f"{capital(worse)} did {words.number(abs(camps.gap_pct), 1)} points worse than {better} that day"
    return f"{capital(makers)} cannot be told apart from {users} that day"


def thesis_sentences(gaps: Mapping[int, Camps], makers: str, users: str) -> str:
    """Tell the gap between makers and users after each number of days."""
    if not gaps:
        return "The data of this day do not hold both camps: the question cannot be put."
    told = []
    for days, one in gaps.items():
        told.append(
            f"after {words.plural(days, 'trading day')} {words.number(one.gap_pct, 1)} points "
            f"({words.number(one.low_pct, 1)} to {words.number(one.high_pct, 1)}, p {_p(one.p)})"
        )
    first, last = next(iter(gaps.values())), list(gaps.values())[-1]
    text = (
        f"Beyond what the market explains, {makers} moved by {words.percent(first.hardware_pct, 1, sign=True)} on the day and {users} "
        f"by {words.percent(first.users_pct, 1, sign=True)}. The gap was {words.listing(told)}, each with its 95 % interval. "
    )
    if first.p < LEVEL and first.gap_pct < 0:
        text += "The market read the news as bad for those who sell and power the machines, and as no harm, or less, for those who use them"
        text += (
            ": demand for machines, not demand for AI, was put in question."
            if last.p < LEVEL
            else "; some weeks later nothing of the gap can be told from noise, so the prices do not say that the reading lasted."
        )
    else:
        text += "The prices of this day do not set makers and users of AI apart in the way that the article's thesis would have it."
    return text


def largest(rank: int) -> str:
    """Write a rank by size.

    Examples
    --------
    >>> largest(1), largest(3)
    ('the largest', 'the 3rd largest')
    """
    return "the largest" if rank == 1 else f"the {words.ordinal(rank)} largest"


def _one_way(name: str, row: pd.Series) -> str:
    if not row["move_pct"] < 0:
        return f"{name} rose on the day."
    text = f"{name} {_back(row)}"
    if pd.isna(row["days"]) or row["days"] > 1:
        text += f", its lowest close on the way {words.percent(-row['lowest_pct'])} under the old price"
    if row["others"] == 0:
        return f"{text}; the data have no other fall of that size."
    median = row["others_median_days"]
    if np.isnan(median):
        return f"{text}; of {words.plural(int(row['others']), 'other fall')} of that size most are not made up yet."
    return (
        f"{text}; after {words.plural(int(row['others']), 'other fall')} of that size it took a median of "
        f"{words.plural(round(median), 'trading day')}."
    )


def _back(row: pd.Series) -> str:
    if pd.isna(row["days"]):
        return "has not seen the old price again in these data"
    return f"was back at the old price after {words.plural(int(row['days']), 'trading day')}"


def _p(p: float) -> str:
    return p_text(p) if p < 0.001 else f"= {p_text(p)}"
