"""What 04_findings says: a verdict on every claim, the summaries, what happened next, what is not known."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from helpers import charts, claims, market_data, words
from helpers.results import LOW_MARK, read_results

STUDIES = ("01_valuation_growth", "02_selloff", "03_dotcom_comparison")
VERDICT_COLOUR = {
    claims.HOLDS: charts.TEAL,
    claims.ROUGHLY: charts.BLUE,
    claims.NOT: charts.RED,
    claims.UNCHECKED: charts.CONTEXT,
}
SIGN = {claims.HOLDS: "●", claims.ROUGHLY: "◐", claims.NOT: "○", claims.UNCHECKED: "–"}


def gather() -> dict[str, dict[str, Any]]:
    """Return the results of 01, 02 and 03 of this run."""
    return {study: read_results(study) for study in STUDIES}


def keys_of(results: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Put the key figures of all notebooks into one mapping: name -> value, unit, interval, evidence."""
    return {
        name: {**key, "notebook": study} for study, content in results.items() for name, key in content["keys"].items()
    }


def measurements(results: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """Return the measurements of all notebooks, one row a claim, with the number of the figure behind each."""
    rows = []
    for study, content in results.items():
        for row in content["measurements"]:
            figure = content["figures"].get(row["figure"], {})
            rows.append({**row, "evidence": f"Figure {figure['number']}" if figure else study})
    columns = [
        "id",
        "measured",
        "low",
        "high",
        "confidence",
        "notebook",
        "figure",
        "how",
        "readings",
        "evidence",
    ]
    return pd.DataFrame(rows, columns=columns).astype({"measured": float, "low": float, "high": float})


def judge(results: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """Give every claim its verdict, and the verdict under each other reading.

    Returns
    -------
    pd.DataFrame
        One row a claim of ``claims.csv`` in its order, indexed by id.
    """
    stated = market_data.load_table("claims")
    table = claims.verdict_table(stated, measurements(results))
    table["readings"] = [row if isinstance(row, dict) else {} for row in table["readings"]]
    table["if read otherwise"] = [_otherwise(row) for row in table.to_dict("records")]
    return table.merge(stated[["id", "topic", "note"]], on="id").set_index("id")


def _otherwise(row: Mapping[Any, Any]) -> str:
    if not row["readings"] or pd.isna(row["measured"]):
        return ""
    main = claims.Reading(
        "as measured", row["measured"], *(None if pd.isna(row[end]) else row[end] for end in ("low", "high"))
    )
    others = [claims.Reading(label, value) for label, value in row["readings"].items() if value is not None]
    found = claims.sensitivity(
        [main, *others],
        row["stated_value"],
        row["comparison"],
        row["tolerance"],
        row["confidence"],
        row["checkable"],
    )
    return claims.sensitivity_sentence(found)


def shown_claims(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table of claims as a page shows it: words, figures with units, verdict, evidence."""
    rows = [
        {
            "claim": row.claim,
            "said by": row.said_by,
            "stated": stated(row.stated_value, row.unit, row.comparison),
            "measured": amount(row.measured, row.unit) + (f" {LOW_MARK}" if row.confidence == "low" else ""),
            "range": span(row.low, row.high, row.unit),
            "verdict": row.verdict,
            "evidence": "" if pd.isna(row.measured) else row.evidence,
        }
        for row in table.itertuples()
    ]
    return pd.DataFrame(rows, index=pd.Index(range(1, len(rows) + 1), name="no."))


def exported_claims(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table of claims as it is exported: one column a fact, for the site and for spreadsheets."""
    names = {"said_by": "said by", "stated_value": "stated", "notebook": "evidence notebook"}
    kept = [
        "topic",
        "claim",
        "said_by",
        "stated_value",
        "unit",
        "comparison",
        "tolerance",
        "measured",
        "low",
        "high",
        "verdict",
        "mark",
        "notebook",
        "figure",
        "evidence",
        "confidence",
        "how",
        "if read otherwise",
    ]
    return table[kept].rename(columns=names)


def stated(value: float, unit: str, comparison: str) -> str:
    """Write the figure that a claim states, with no more digits than it was stated with.

    Parameters
    ----------
    value : float
    unit : str
    comparison : {"about", "at least", "more than", "equal", "none"}
        How the claim compares; nothing is written where it states no figure.

    Examples
    --------
    >>> stated(92.0, "percent", "about"), stated(6.8, "percent", "about"), stated(3.0, "USD trillion", "at least")
    ('92 %', '6.8 %', 'at least USD 3 tn')
    >>> stated(0.0, "percent", "more than"), stated(1.0, "comparison", "about"), stated(1.0, "comparison", "more than")
    ('more than nothing', 'as in 2000', 'more than in 2000')
    """
    if comparison == "none" or value is None or pd.isna(value):
        return ""
    if unit == "comparison":
        return {"about": "as in 2000"}.get(comparison, f"{comparison} in 2000")
    bound = "" if comparison in ("about", "equal") else f"{comparison} "
    digits = f"{value:.10f}".rstrip("0").rpartition(".")[2]
    return f"{bound}{'nothing' if value == 0 else amount(value, unit, len(digits))}"


def amount(value: float, unit: str, decimals: int | None = None) -> str:
    """Write a figure in the unit of its claim, with as many decimals as told or as its size asks for.

    Examples
    --------
    >>> amount(90.57, "percent"), amount(3.4928, "USD trillion"), amount(1, "rank"), amount(27.38, "times")
    ('90.6 %', 'USD 3.49 tn', '1st', '27.4 times')
    >>> amount(2.1, "comparison"), amount(6.8, "percent", 1), amount(600, "USD billion", 0)
    ('2.10 times', '6.8 %', 'USD 600 bn')
    """
    if value is None or pd.isna(value):
        return ""
    if unit == "rank":
        return words.ordinal(round(value))
    if unit == "percent":
        return words.percent(value, 1 if decimals is None else decimals)
    if unit.startswith("USD"):
        places = (2 if abs(value) < 100 else 0) if decimals is None else decimals
        return f"USD {words.number(value, places)} {'tn' if 'trillion' in unit else 'bn'}"
    places = (1 if abs(value) >= 10 else 2) if decimals is None else decimals
    return f"{words.number(value, places)} times"


def span(low: float, high: float, unit: str) -> str:
    """Write a range in the unit of its claim, or nothing where both ends read the same.

    Examples
    --------
    >>> span(32.9, 34.63, "percent"), span(14.8, 15.13, "USD trillion"), span(0.39, 1.36, "comparison")
    ('32.9 to 34.6 %', 'USD 14.80 to 15.13 tn', '0.39 to 1.36 times')
    >>> span(1, 2, "rank"), span(16.968, 16.969, "percent")
    ('1st to 2nd', '')
    """
    first, last = amount(low, unit), amount(high, unit)
    if first == last:
        return ""
    if unit.startswith("USD"):
        return f"{first.rpartition(' ')[0]} to {last.removeprefix('USD ')}"
    return f"{first if unit == 'rank' else first.partition(' ')[0]} to {last}"


def counts(table: pd.DataFrame) -> pd.Series:
    """Count the verdicts in the order of :data:`claims.VERDICTS`."""
    return table["verdict"].value_counts().reindex(list(claims.VERDICTS), fill_value=0)


def counts_sentence(table: pd.DataFrame) -> str:
    """Say how many claims hold, hold roughly, do not hold or cannot be checked."""
    found = counts(table)
    said = [
        f"{found[claims.HOLDS]} {'holds' if found[claims.HOLDS] == 1 else 'hold'}",
        f"{found[claims.ROUGHLY]} {'holds' if found[claims.ROUGHLY] == 1 else 'hold'} roughly",
        {0: "none fails", 1: "1 does not hold"}.get(int(found[claims.NOT]), f"{found[claims.NOT]} do not hold"),
        f"{found[claims.UNCHECKED]} cannot be checked with these data",
    ]
    return f"Of the {len(table)} claims, {words.listing(said)}"


@charts.drawn
def verdict_card(table: pd.DataFrame) -> Figure:
    """Draw the table of claims as a picture: what was said, what was measured, and the verdict."""
    height = 1.25 + 0.3 * len(table)
    figure, (axis,) = charts.canvas(
        counts_sentence(table),
        "stated figure, measured figure and verdict; the ring of the mark is full where the claim holds",
        height,
    )
    axis.set_axis_off()
    axis.set_position((0.012, 0.42 / height, 0.976, axis.get_position().y1 - 0.42 / height + 0.02))
    axis.set(xlim=(0, 100), ylim=(len(table) + 0.1, -1.1))
    for x, head, side in (
        (3, "claim", "left"),
        (66, "stated", "right"),
        (79, "measured", "right"),
        (82, "verdict", "left"),
    ):
        axis.text(x, -0.5, head, size=8.5, color=charts.MUTED, ha=side, va="center")
    shown = shown_claims(table)
    for place, (row, full) in enumerate(zip(shown.to_dict("records"), table.itertuples(), strict=True)):
        y, colour = place + 0.5, VERDICT_COLOUR[full.verdict]
        axis.axhline(place, color=charts.GRID, lw=0.6)
        axis.text(1.2, y, SIGN[full.verdict], size=11, color=colour, ha="center", va="center")
        axis.text(
            3,
            y,
            textwrap.shorten(row["claim"], 56, placeholder=" …"),
            size=8.5,
            va="center",
            color=charts.INK,
        )
        axis.text(66, y, row["stated"], size=8.5, ha="right", va="center", color=charts.INK)
        axis.text(79, y, row["measured"], size=8.5, ha="right", va="center", weight="bold", color=charts.INK)
        axis.text(82, y, full.verdict.removesuffix(" with these data"), size=8.5, va="center", color=colour)
    return figure


@charts.drawn
def ratio_chart(table: pd.DataFrame) -> Figure:
    """Draw measured over stated figure for each claim that states an amount, with its tolerance and range."""
    part = ratio_data(table)
    height = 1.6 + 0.34 * len(part)
    holding = int((part["verdict"] == claims.HOLDS).sum())
    figure, (axis,) = charts.canvas(
        f"{holding} of {len(part)} stated amounts hold; the measured figures are {part['ratio'].min():.2f} to {part['ratio'].max():.2f} times the stated ones",
        "measured figure as a multiple of the stated one; grey: tolerance for “about”; line: range of the measurement",
        height,
    )
    places = np.arange(len(part))[::-1]
    colours = [VERDICT_COLOUR[name] for name in part["verdict"]]
    axis.barh(places, 2 * part["tolerance"], left=1 - part["tolerance"], color=charts.GRID, height=0.62, zorder=1)
    axis.hlines(places, part["low"], part["high"], color=colours, lw=2, zorder=2)
    axis.scatter(part["ratio"], places, s=46, color=colours, zorder=3)
    axis.axvline(1, color=charts.MUTED, lw=0.9)
    axis.set_yticks(
        places,
        [textwrap.shorten(label, 52, placeholder=" …") for label in part["claim"]],
        color=charts.INK,
        size=8.5,
    )
    axis.grid(axis="y", visible=False)
    axis.grid(axis="x", visible=True)
    axis.set_xlim(min(0.6, part["low"].min() - 0.05), max(1.6, min(part["high"].max(), 3) + 0.05))
    charts.fit_left(figure, axis)
    return figure


def ratio_data(table: pd.DataFrame) -> pd.DataFrame:
    """Return measured figure, range and tolerance as multiples of the stated figure, where one amount is stated."""
    usable = table[
        table["measured"].notna()
        & table["unit"].isin(["percent", "USD trillion", "USD billion"])
        & (table["stated_value"] > 0)
    ]
    scale = usable["stated_value"]
    return pd.DataFrame({
        "claim": usable["claim"], "ratio": usable["measured"] / scale, "low": usable["low"].fillna(usable["measured"]) / scale,
        "high": usable["high"].fillna(usable["measured"]) / scale, "tolerance": usable["tolerance"] / scale, "verdict": usable["verdict"],
    })  # fmt: skip


def readings_table(table: pd.DataFrame) -> pd.DataFrame:
    """List the other readings of each claim, by its number in the table of claims, with the verdict under each."""
    rows = []
    for place, row in enumerate(table.to_dict("records"), start=1):
        for label, value in row["readings"].items():
            if value is None:
                continue
            found = claims.verdict(
                row["stated_value"],
                value,
                row["comparison"],
                row["tolerance"],
                confidence=row["confidence"],
                checkable=row["checkable"],
            )
            rows.append(
                {
                    "no.": place,
                    "claim": row["claim"],
                    "read as": label,
                    "measured": amount(value, row["unit"]),
                    "verdict": found,
                    "changes": found != row["verdict"],
                }
            )
    return pd.DataFrame(rows, columns=["no.", "claim", "read as", "measured", "verdict", "changes"]).set_index("no.")


def value_of(keys: Mapping[str, Mapping[str, Any]], name: str) -> float:
    """Return a key figure, or not-a-number where the run has none."""
    value = keys.get(name, {}).get("value")
    return float(value) if isinstance(value, int | float) else float("nan")


def say(keys: Mapping[str, Mapping[str, Any]], template: str, **names: str) -> str:
    """Fill a sentence with key figures; return nothing where one of them is missing.

    Parameters
    ----------
    template : str
        Text with ``{name}`` for each figure.
    **names : str
        Name in the text -> ``key:form`` with form one of percent, dollars, number, times, text.
    """
    filled = {}
    for name, wanted in names.items():
        key, _, form = wanted.partition(":")
        value = keys.get(key, {}).get("value")
        if value is None:
            return ""
        filled[name] = _FORMS[form or "percent"](value)
    return template.format(**filled)


_FORMS: dict[str, Callable[[Any], str]] = {
    "percent": lambda value: words.percent(abs(value)),
    "signed": lambda value: words.percent(value, sign=True),
    "whole": lambda value: words.percent(abs(value), 0),
    "dollars": lambda value: words.dollars(abs(value)),
    "number": lambda value: words.number(value, 0 if abs(value) >= 100 or value == int(value) else 1),
    "times": lambda value: f"{words.number(value, 1)} times",
    "round": lambda value: words.number(value),
    "text": str,
}


def markdown_table(frame: pd.DataFrame) -> str:
    """Write a table as Markdown, for people who paste it into a text."""
    head = [frame.index.name or "", *map(str, frame.columns)]
    rows = [
        [str(label), *map(str, row)]
        for label, row in zip(frame.index, frame.itertuples(index=False, name=None), strict=True)
    ]
    lines = [
        "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |"
        for row in [head, ["---"] * len(head), *rows]
    ]
    return "\n".join(lines) + "\n"


def confidence_sentence(keys: Mapping[str, Mapping[str, Any]], table: pd.DataFrame) -> str:
    """Say how sure the figures are: how many rest on which confidence."""
    graded = table.loc[table["measured"].notna(), "confidence"].value_counts()
    said = [
        f"{words.plural(int(graded[grade]), 'verdict')} on figures of {grade} confidence"
        for grade in ("high", "medium", "low")
        if grade in graded
    ]
    return f"{words.listing(said).capitalize()}; {words.plural(sum(key['low'] is not None for key in keys.values()), 'key figure')} of {len(keys)} carry an interval."


def objections(results: Mapping[str, Mapping[str, Any]]) -> Sequence[str]:
    """Return the limits that the other notebooks noted, each with its number of notebook."""
    return [f"{note} *({study})*" for study, content in results.items() for note in content["notes"]]


def limits(results: Mapping[str, Mapping[str, Any]], table: pd.DataFrame) -> list[str]:
    """Write the limits of the verdicts, most important first; those of the other notebooks are theirs to hand on.

    Parameters
    ----------
    results : mapping
        Of 01, 02 and 03.
    table : pd.DataFrame
        As :func:`judge` gives it.
    """
    others = readings_table(table)
    moved = others.loc[others["changes"]].index.nunique()
    unchecked = int(counts(table)[claims.UNCHECKED])
    keys = keys_of(results)
    low = sum(key["confidence"] == "low" for key in keys.values())
    found = ["Two episodes are not a sample: no test on two cases says how the second ends."]
    if moved:
        found.append(f"The verdict on {moved} of {len(table)} claims would change if the claim were read otherwise.")
    if unchecked:
        found.append(
            f"{unchecked} of {len(table)} claims cannot be checked with these data, which hold nothing on companies that are not listed."
        )
    if low:
        found.append(f"{low} of {len(keys)} key figures {'rests' if low == 1 else 'rest'} on low confidence.")
    return found


def how_measured(table: pd.DataFrame) -> pd.DataFrame:
    """List how each claim was measured, on which confidence, and what must be known beside its verdict."""
    rows = [
        {
            "claim": row.claim,
            "how it was measured": row.how if isinstance(row.how, str) else row.note,
            "confidence": row.confidence,
            "mark": row.mark,
        }
        for row in table.itertuples()
    ]
    return pd.DataFrame(rows, index=pd.Index(range(1, len(rows) + 1), name="no."))


def ratio_alt(table: pd.DataFrame) -> str:
    """Describe the comparison of stated and measured figures in words."""
    return "Measured over stated: " + "; ".join(
        f"{row.claim} {row.ratio:.2f}" for row in ratio_data(table).itertuples()
    )


def readings_sentence(others: pd.DataFrame) -> str:
    """Say how many verdicts another reading would change."""
    changed = others[others["changes"]]
    names = sorted(set(changed.index))
    if others.empty:
        return "No other readings were measured."
    if changed.empty:
        return f"None of the {len(others)} other readings changes a verdict."
    return f"Of {len(others)} other readings, {len(changed)} would change a verdict; they concern {'claim' if len(names) == 1 else 'claims'} {words.listing(names)}."


def slug(name: str) -> str:
    """Turn a verdict into a name for a key: letters and underscores only."""
    return "".join(letter if letter.isalnum() else "_" for letter in name)
