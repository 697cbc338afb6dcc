"""The sentences of 03_dotcom_comparison on the explosiveness tests, true for any parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from helpers import words
from helpers.dotcom.explosiveness import KINDS, MONTE_CARLO, WILD, Reading, Run, episodes


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
    return (
        f"Price over dividends was explosive in {count} since {run.result.values.index[0]:%Y}{last}; {kinds_said(now)}"
    )


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
    if spread.max() == 0:
        return "No single choice moves the share of explosive specifications at the later date."
    said = []
    for choice in spread.index[spread >= spread.max() - 1.0]:
        rows = [
            f"{int(row['above'])} of {int(row['specifications'])} with {level}"
            for level, row in table.loc[choice].iterrows()
        ]
        said.append(f"{choice} ({words.listing(rows)})")
    return f"At the later date the finding turns most on the choice of {words.listing(said)}."


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


def reading_note(readings: Sequence[tuple[str, Reading]]) -> str:
    """Put the statistic and its three critical values of several points into words."""
    rows = [
        f"{name} {words.number(one.bsadf, 2)} against {words.listing(f'{words.number(one.limits[kind], 2)} ({kind})' for kind in KINDS)}"
        for name, one in readings
    ]
    return "; ".join(rows) + "."
