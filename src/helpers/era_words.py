"""The sentences of 03_dotcom_comparison: titles, findings and limits, true for any parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from helpers import money, words
from helpers.eras import Eras, SameDistance
from helpers.explosiveness import KINDS, MONTE_CARLO, WILD, Reading, Run, episodes
from helpers.indicators import Indicator
from helpers.replay import COOLER, HOTTER, LEVEL, Replay
from helpers.returns import NOT_YET

FALL_DECIMALS = {"fall, %": 1, "days down": 0, "days back": 0}


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


def share_of_kinds(reading: Reading) -> str:
    """Say by how many of the three kinds of critical value a statistic is explosive.

    Examples
    --------
    >>> share_of_kinds(Reading(pd.Timestamp("2000-02-29"), 2.4, dict.fromkeys(KINDS, 1.0)))
    'by all three kinds of critical value'
    """
    count = len(reading.above)
    said = (
        "all three kinds"
        if count == 3
        else "none of three kinds"
        if count == 0
        else f"{'one' if count == 1 else 'two'} of three kinds"
    )
    return f"by {said} of critical value"


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
        text += (
            f" By the end of the data, {words.number(later.days)} days in, the NASDAQ {gained(later.ai_pct)}"
        )
        text += (
            f", against {words.percent(later.dotcom_pct)} then." if not np.isnan(later.dotcom_pct) else "."
        )
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
    return (
        f"In doublings, {', '.join(said)}" if said else "Rises split into earnings and multiple, in doublings"
    )


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
            low, high = (
                words.number(abs(value)) for value in (part["depth_pct"].max(), part["depth_pct"].min())
            )
            parts.append(
                f"the {words_of_era} by {low} to {high} % ({back} of {len(part)} made good)"
            )
    text = "; ".join(parts)
    return f"Deepest falls within the data: {text}"


def kinds_said(one: Reading, whole: bool = True) -> str:
    """Say by how many kinds of critical value a statistic is explosive, and when."""
    said = share_of_kinds(one)
    return f"{said if whole else said.removesuffix(' of critical value')} in {words.month(one.day)}"


def nasdaq_title(then: Reading, now: Reading, confidence_pct: int) -> str:
    """Title of the monthly NASDAQ test."""
    return f"Explosive at {confidence_pct} %: {kinds_said(then)}, {kinds_said(now, whole=False)}"


def nasdaq_finding(
    then: Reading,
    now: Reading,
    confidence_pct: int,
    curve: pd.DataFrame,
    days: tuple[pd.Timestamp, pd.Timestamp],
) -> str:
    """Say what the tests of the NASDAQ found."""
    early, late = (int((curve[name] > 0).sum()) for name in ("then", "now"))
    return (
        f"At {confidence_pct} % the real NASDAQ was explosive {kinds_said(then)}, {kinds_said(now, whole=False)}; of {len(curve)} ways to ask, "
        f"{early} call {words.day(days[0])} explosive and {late} call {words.day(days[1])} so."
    )


def nasdaq_note(run: Run, confidence_pct: int) -> str:
    """Paragraph below the monthly NASDAQ test."""
    dated = episodes(run)
    spans = [
        f"{words.month(row.start)} to {'the end of the data' if row.open else words.month(row.end)}"
        for row in dated.itertuples() if row.direction == "up"
    ]  # fmt: skip
    limits = {kind: float(run.limits[kind].gsadf[run.quantile]) for kind in (MONTE_CARLO, WILD)}
    verdict = {kind: "above" if run.result.gsadf > limit else "below" for kind, limit in limits.items()}
    return (
        f"Over the whole sample the GSADF statistic is {words.number(run.result.gsadf, 2)}, {verdict[MONTE_CARLO]} the {confidence_pct} % critical "
        f"value of a quiet random walk ({words.number(limits[MONTE_CARLO], 2)}) and {verdict[WILD]} that of a walk with the NASDAQ's own changes of "
        f"volatility ({words.number(limits[WILD], 2)}). Monte Carlo dates {words.plural(len(spans), 'rising episode')}: {words.listing(spans)}."
    )


def pd_title(run: Run, now: Reading) -> str:
    """Title of the price-dividend test."""
    dated = episodes(run)
    ups = dated[dated["direction"] == "up"]
    count = words.plural(len(ups), "rising episode")
    last = (
        f", the last from {words.month(ups['start'].iloc[-1])}" + (" and still open" if ups["open"].iloc[-1] else f" to {words.month(ups['end'].iloc[-1])}")
        if len(ups) else ""
    )  # fmt: skip
    return f"Price over dividends was explosive in {count} since {run.result.values.index[0]:%Y}{last}; {kinds_said(now)}"


def weekly_title(then: Reading, now: Reading) -> str:
    """Title of the weekly tests."""

    def said(one: Reading) -> str:
        gap = one.bsadf - one.limits[MONTE_CARLO]
        return f"{words.number(abs(gap), 1)} {'above' if gap > 0 else 'below'}"

    return (
        f"In weeks, the statistic was {said(then)} its Monte Carlo critical value on {words.day(then.day)}, "
        f"{said(now)} on {words.day(now.day)}"
    )


def curve_title(frame: pd.DataFrame, then: pd.Timestamp, now: pd.Timestamp) -> str:
    """Title of the specification curve."""
    return (
        f"Explosive in {int((frame['then'] > 0).sum())} of {len(frame)} specifications on {words.day(then)}, "
        f"in {int((frame['now'] > 0).sum())} on {words.day(now)}"
    )


def curve_note(table: pd.DataFrame) -> str:
    """Say which choice moves the finding most, from `specification.by_choice`."""
    spread = table.groupby(level="choice", sort=False)["above_pct"].agg(lambda part: part.max() - part.min())
    choice = str(spread.idxmax())
    if spread.max() == 0:
        return "No single choice moves the share of explosive specifications at the later date."
    part = table.loc[choice]
    rows = [
        f"{int(row['above'])} of {int(row['specifications'])} with {level}" for level, row in part.iterrows()
    ]
    return f"At the later date the finding turns most on one choice, {choice}: explosive in {words.listing(rows)}."


def money_title(table: pd.DataFrame) -> str:
    """Title of the money chart, from `money.ratios`."""
    above = int((table["ratio"] > 1).sum())
    return (
        f"{above} of {len(table)} measures of money and debt over GDP stand above 2000, "
        f"at the median at {words.number(table['ratio'].median(), 1)} times"
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


def recovery_note(
    eras: Eras, table: pd.DataFrame, recovery: tuple[pd.Timestamp, float], fall_pct: float
) -> str:
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


def kinds_note(run: Run, then: Reading, now: Reading) -> str:
    """Paragraph below the table of kinds."""
    return (
        f"The statistic of the real NASDAQ and its critical values: {reading_note([(words.month(then.day), then), (words.month(now.day), now)])} The bootstraps use "
        f"{words.number(run.limits[WILD].replications)} draws for the NASDAQ."
    )


def ratio_note(run: Run, then: Reading, now: Reading) -> str:
    """Paragraph below the price-dividend test."""
    dated = episodes(run)
    rows = [
        f"{words.month(row.start)} to {'the end' if row.open else words.month(row.end)}" + ("" if row.direction == "up" else " (falling)")
        for row in dated.itertuples()
    ]  # fmt: skip
    return (
        f"Episodes by Monte Carlo critical values: {'; '.join(rows) or 'none'}. The statistic and its critical values: "
        f"{reading_note([(words.month(then.day), then), (words.month(now.day), now)])} With {words.number(run.result.n)} months the wild bootstrap makes do with "
        f"{words.number(run.limits[WILD].replications)} draws. Companies pay less of their profit as dividends than before the 1980s and buy back shares instead, which raises the ratio for good."
    )


def weekly_note(runs: Mapping[str, Run], confidence_pct: int) -> str:
    """Paragraph below the weekly tests."""
    said = []
    for era, name in (("dotcom", "dot-com"), ("ai", "AI")):
        run = runs[era]
        limits = {kind: float(run.limits[kind].gsadf[run.quantile]) for kind in (MONTE_CARLO, WILD)}
        counts = [f"{len(episodes(run, kind))} by {kind}" for kind in KINDS]
        said.append(
            f"{name}: GSADF {words.number(run.result.gsadf, 2)} against {words.number(limits[MONTE_CARLO], 2)} (Monte Carlo) and {words.number(limits[WILD], 2)} (wild bootstrap), "
            f"episodes {words.listing(counts)}"
        )
    return f"At {confidence_pct} %, {'; '.join(said)}. A window of a few years sees weeks of haste, not a climb over many years; that is what the monthly run is for."


def money_note(indicators: Sequence[Indicator]) -> str:
    """Paragraph below the money table: the two claims at their own dates."""
    like, worse = money.like_dotcom(indicators), money.worse_than_dotcom(indicators)
    return (
        f"At the dates of the article's claims, the five amounts stand at {words.number(worse.value, 1)} times their share of GDP in 2000 at the median (from "
        f"{words.number(worse.low, 2)} to {words.number(worse.high, 1)}); prices at {words.number(like.readings['prices only, median'], 2)} and rates at "
        f"{words.number(like.readings['rates only, median'], 2)} times those of March 2000. The ratios rank leverage; they are not the odds of a crash."
    )


def reading_note(readings: Sequence[tuple[str, Reading]]) -> str:
    """Put the statistic and its three critical values of several points into words."""
    rows = [
        f"{name} {words.number(one.bsadf, 2)} against {words.listing(f'{words.number(one.limits[kind], 2)} ({kind})' for kind in KINDS)}"
        for name, one in readings
    ]
    return "; ".join(rows) + "."
