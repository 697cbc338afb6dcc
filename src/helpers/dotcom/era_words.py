"""The sentences of 03_dotcom_comparison: titles, findings and limits, true for any parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from helpers import words
from helpers.dotcom import money
from helpers.dotcom.eras import Eras, SameDistance
from helpers.dotcom.indicators import Indicator
from helpers.dotcom.replay import COOLER, HOTTER, LEVEL, Replay
from helpers.returns import NOT_YET

FALL_DECIMALS = {"fall, %": 1, "days down": 0, "days back": 0}


def day_of(eras: Eras) -> str:
    """Return the day compared in words."""
    return words.day(eras.now)


def gained(change_pct: float) -> str:
    """Say how far a price has moved.

    Examples
    --------
    >>> gained(74.0), gained(-3.04), gained(float("nan"))
    ('had gained 74.0 %', 'had lost 3.0 %', 'is not known')
    """
    if np.isnan(change_pct):
        return "is not known"
    return f"had {'gained' if change_pct >= 0 else 'lost'} {words.percent(abs(change_pct))}"


def start_title(eras: Eras, same: SameDistance) -> str:
    """Title of the chart aligned at the start."""
    then = (
        f"as long after {words.day(eras.dotcom_start)} it {gained(same.dotcom_pct)}"
        if not np.isnan(same.dotcom_pct)
        else f"the dot-com prices do not reach as far from {words.day(eras.dotcom_start)}"
    )
    return f"{words.number(same.days)} trading days from {words.day(eras.ai_start)} the NASDAQ {gained(same.ai_pct)}; {then}"


def start_note(eras: Eras, same: SameDistance, later: SameDistance) -> str:
    """Paragraph below the chart aligned at the start."""
    parts = [
        f"The choice of the first day matters: moved by up to a quarter either way, the AI era's gain by {words.day(eras.now)} lies "
        f"between {words.percent(same.ai_range[0], 0)} and {words.percent(same.ai_range[1], 0)}"
    ]
    if not np.isnan(same.dotcom_range[0]):
        parts.append(
            f"the dot-com era's after as many days between {words.percent(same.dotcom_range[0], 0)} and {words.percent(same.dotcom_range[1], 0)}"
        )
    text = ", ".join(parts) + "."
    if eras.last > eras.now:
        text += f" By the end of the data, {words.number(later.days)} days in, the NASDAQ {gained(later.ai_pct)}"
        text += f", against {words.percent(later.dotcom_pct)} then." if not np.isnan(later.dotcom_pct) else "."
    return text


def peak_title(frame: pd.DataFrame) -> str:
    """Title of the chart aligned at the highest close."""
    known = frame["ai"].dropna()
    days, now = int(known.index[-1]), float(known.iloc[-1])
    then = float(frame["dotcom"].get(days, np.nan))
    if days == 0:
        return "The NASDAQ closed at its highest so far; as a peak it is only known afterwards"
    side = "above" if then > 100 else "below"
    return (
        f"{words.plural(days, 'trading day').capitalize()} after its highest close so far the NASDAQ stood {words.percent(100 - now)} below it; "
        f"as long after its dot-com peak {words.percent(abs(100 - then))} {side}"
    )


def peak_note(eras: Eras, frame: pd.DataFrame, high: pd.Timestamp) -> str:
    """Paragraph below the chart aligned at the highest close."""
    after = frame["ai_after"].dropna()
    text = f"The AI era is aligned at {words.day(high)}, the highest close that was known on {words.day(eras.now)}."
    if len(after) < 2:
        return text + " The data end there: whether it was a peak cannot be seen yet."
    top, last = float(after.max()), float(after.iloc[-1])
    if top > 100:
        later = f"closed above it on {int((after > 100).sum())} of the {len(after) - 1} trading days that followed, at most {words.percent(top - 100)} above"
        return f"{text} It was not the last: the NASDAQ {later}. A peak is only one in hindsight, so this picture could not have been drawn in time."
    return f"{text} It was not passed again by the end of the data, when the NASDAQ stood {words.percent(100 - last)} below it."


def leaders_title(former: pd.Series, today: pd.Series) -> str:
    """Title of Nvidia beside Cisco, from the rows of the two days compared."""
    return (
        f"Nvidia stood at {words.number(today['multiple'])} times its trailing earnings on {words.day(today.name)}, "
        f"Cisco at {words.number(former['multiple'])} times on {words.day(former.name)}"
    )


def leaders_note(known: Mapping[str, pd.Timestamp]) -> str:
    """Say up to when the earnings reach that a multiple rests on."""
    said = [
        f"on {when} those of the twelve months to {words.month(end)}" for when, end in known.items() if pd.notna(end)
    ]
    return f"Trailing earnings are those then reported: {'; '.join(said)}. Later quarters are not in the data where a year has not been filed, which makes a multiple look higher."


def split_title(split: pd.DataFrame) -> str:
    """Title of the chart that splits rises into earnings and multiple."""
    parts = {
        name: [words.number(split.loc[name, part], 1) for part in ("earnings", "multiple")]
        for name in ("Nvidia", "Cisco")
        if name in split.index
    }
    said = [
        f"{name}'s earnings moved by {earnings} and its multiple by {multiple}" if not place else f"{name}'s by {earnings} and {multiple}"
        for place, (name, (earnings, multiple)) in enumerate(parts.items())
    ]  # fmt: skip
    return f"In doublings, {', '.join(said)}" if said else "Rises split into earnings and multiple, in doublings"


def split_note(split: pd.DataFrame) -> str:
    """Paragraph below the chart that splits rises."""
    rows = [
        f"{name} ({words.month(row['begin'])} to {words.month(row['end'])}): price {words.percent(row['price_pct'], 0, sign=True)}, "
        f"multiple from {words.number(row['multiple_begin'], 1)} to {words.number(row['multiple_end'], 1)}"
        for name, row in split.iterrows()
    ]
    return "; ".join(rows) + "."


def falls_title(table: pd.DataFrame) -> str:
    """Title of the deepest falls."""
    parts = []
    for era, words_of_era in (("dotcom", "dot-com leaders"), ("ai", "AI leaders so far")):
        part = table[(table["era"] == era) & (table["series"] != "^IXIC")]
        if len(part):
            back = int((part["recovery"] != NOT_YET).sum())
            low, high = (words.number(abs(value)) for value in (part["depth_pct"].max(), part["depth_pct"].min()))
            parts.append(f"the {words_of_era} by {low} to {high} % ({back} of {len(part)} made good)")
    text = "; ".join(parts)
    return f"Deepest falls within the data: {text}"


def money_title(table: pd.DataFrame) -> str:
    """Title of the money chart, from `money.ratios`."""
    above = int((table["ratio"] > 1).sum())
    return (
        f"{above} of {len(table)} measures of money and debt over GDP stand above 2000, "
        f"at the median at {words.number(table['ratio'].median(), 1)} times their level then"
    )


def rates_title(rows: pd.DataFrame) -> str:
    """Title of the rates chart, from `indicators.then_and_now`."""
    said = [
        f"{row.label} {words.percent(row.now, 2)} against {words.percent(row.then, 2)}" for row in rows.itertuples()
    ]  # fmt: skip
    text = words.listing(said)
    return f"{text[:1].upper()}{text[1:]} in March 2000"


def replay_title(found: Replay) -> str:
    """Title of the replay."""
    return (
        f"If today's groups fell as the dot-com leaders did, the S&P 500 would lose {words.percent(found.loss_pct, 0)} "
        f"or {words.dollars(found.dollars(found.loss_pct), 1)}"
    )


def replay_note(eras: Eras, found: Replay, common: Replay, fall_pct: float) -> str:
    """Paragraph below the replay."""
    if not len(found.companies):
        return "No group is mapped to a dot-com company, so the replay loses nothing."
    return (
        f"The groups weigh {words.percent(found.weight_pct)} of the index on {words.day(eras.now)}. If every company fell only as the mildest of "
        f"the dot-com leaders, the loss would be {words.percent(found.low_pct, 0)} ({words.dollars(found.dollars(found.low_pct), 1)}); as the heaviest, "
        f"{words.percent(found.high_pct, 0)} ({words.dollars(found.dollars(found.high_pct), 1)}). Measured between the NASDAQ's high and low instead of each "
        f"company's own, it is {words.percent(common.loss_pct, 0)}. All other companies stand still here, and nobody sells because others do. The NASDAQ itself "
        f"lost {words.percent(abs(fall_pct), 0)} then."
    )


def score_title(counts: Mapping[str, int]) -> str:
    """Title of the scoreboard."""
    return (
        f"Of {counts['total']} indicators {words.plural(counts[HOTTER], 'is', 'are')} hotter than in March 2000, "
        f"{words.plural(counts[COOLER], 'is', 'are')} cooler and {words.plural(counts[LEVEL], 'is', 'are')} level"
    ).replace("no are", "none is")


def topics_note(table: pd.DataFrame) -> str:
    """Say where hotter and cooler gather, from `replay.topics`."""
    rows = [
        f"{topic}: {words.listing(f'{int(row[word])} {word}' for word in (HOTTER, COOLER, LEVEL) if row[word])}"
        for topic, row in table.iterrows()
    ]
    return f"By topic: {'; '.join(rows)}."


def shown_falls(table: pd.DataFrame) -> pd.DataFrame:
    """Return the falls as a page shows them."""
    kept = {
        "era": "era",
        "peak": "peak",
        "trough": "trough",
        "depth_pct": "fall, %",
        "days_down": "days down",
        "recovery": "made good",
        "days_back": "days back",
    }
    shown = table.set_index("name")[list(kept)].rename(columns=kept).rename_axis("company")
    shown["era"] = shown["era"].map({"dotcom": "dot-com", "ai": "AI"})
    return shown


def shown_replay(found: Replay) -> pd.DataFrame:
    """Return the replay by company as a page shows it."""
    kept = {
        "name": "company",
        "group": "group",
        "weight_pct": "weight, %",
        "stands_for": "falls as",
        "fall_pct": "by, %",
        "loss_pct": "loss of the index, %",
    }
    return found.companies[list(kept)].rename(columns=kept).set_index("company")


def recovery_note(eras: Eras, table: pd.DataFrame, recovery: tuple[pd.Timestamp, float], fall_pct: float) -> str:
    """Paragraph below the falls."""
    day, years = recovery
    back = (
        f"the first month-end above its old high was that of {words.month(day)}, {words.number(years, 1)} years after the peak"
        if pd.notna(day) else "no month-end has been above its old high since"
    )  # fmt: skip
    ai = table[(table["era"] == "ai") & (table["series"] == "^IXIC")].iloc[0]
    made_good = (
        "has not been made good within the data"
        if ai["recovery"] == NOT_YET
        else f"was made good on {words.day(ai['recovery'])}"
    )
    return (
        f"The NASDAQ lost {words.percent(abs(fall_pct))} from {words.day(eras.peak)} to {words.day(eras.trough)}; {back}. Its deepest fall since {words.day(eras.ai_start)} was "
        f"{words.percent(abs(ai['depth_pct']))} ({words.day(ai['peak'])} to {words.day(ai['trough'])}), and {made_good}. The dot-com prices end in {eras.dotcom.index[-1]:%Y}: "
        "'not yet' there says only that a stock had not come back by then. Only companies that survived are in the table; many of that time did not."
    )


def money_note(indicators: Sequence[Indicator]) -> str:
    """Paragraph below the money table: the two claims at their own dates."""
    like, worse = money.like_dotcom(indicators), money.worse_than_dotcom(indicators)
    return (
        f"At the dates of the article's claims, the five amounts stand at {words.number(worse.value, 1)} times their share of GDP in 2000 at the median (from "
        f"{words.number(worse.low, 2)} to {words.number(worse.high, 1)}); prices at {words.number(like.readings['prices only, median'], 2)} and rates at "
        f"{words.number(like.readings['rates only, median'], 2)} times those of March 2000. The ratios rank leverage; they are not the odds of a crash."
    )
