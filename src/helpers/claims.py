"""Verdicts on claims: what was stated, what each fair reading gives, and rules written as code.

1. A reading is a figure in the claim's unit. "about": it meets the claim within the tolerance, nearly within twice that.
   "at least", "more than": it meets the mark, or misses it nearly, by less than the tolerance (5% of the mark where none is
   given). "equal" (ranks): it is that rank, or nearly, within the tolerance.
2. The claim **holds** when every reading meets it; what the data check only partly needs more than one reading for that.
3. It **depends on the reading** when the main reading meets it and another misses it, or the main one does not and another
   meets it. The ends of a measured range count as readings: being vague never helps.
4. It **holds roughly** when the main reading meets it and others do nearly, or when the main one does nearly.
5. It **does not hold** when the main reading misses it and no other meets it.
6. No measured figure, no stated one, or a claim that is no matter for these data: it **cannot be checked**.
7. Figures of low confidence never decide: "holds" becomes "holds roughly", "does not hold" cannot be checked.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

import pandas as pd

from helpers.prose import ordinal, plain

HOLDS, ROUGHLY, DEPENDS = "holds", "holds roughly", "depends on the reading"
NOT, UNCHECKED = "does not hold", "cannot be checked"
VERDICTS = (HOLDS, ROUGHLY, DEPENDS, NOT, UNCHECKED)
COMPARISONS = ("about", "equal", "at least", "more than")
CONFIDENCE, CHECKABLE = ("high", "medium", "low"), ("yes", "partly", "no")
SLACK = 0.05  # part of the mark by which "at least" may nearly be missed when no tolerance is given
ROUNDING = 1e-9  # relative: 95 is within 3 of 92 whatever the last binary digit says
UNITS = {  # sign before, unit behind, decimals
    "percent": ("", "%", 1), "USD trillion": ("$", "tn", 2), "USD billion": ("$", "bn", 0), "times": ("", " times", 1),
    "comparison": ("", " times", 2), "rank": ("", "", 0),
}  # fmt: skip


def point(stated: float, value: float, comparison: str, tolerance: float = 0.0) -> str:
    """Hold one reading against a stated figure by rule 1: holds, holds roughly or does not hold."""
    if comparison not in COMPARISONS:
        raise ValueError(f"comparison is {comparison!r}: choose one of {', '.join(COMPARISONS)}, none")
    if tolerance < 0:
        raise ValueError(f"the tolerance {tolerance} is negative: give zero or more")
    room = ROUNDING * max(abs(stated), abs(value))
    if comparison in ("about", "equal"):
        miss = abs(value - stated)
        most, near = (tolerance, 2 * tolerance) if comparison == "about" else (0.0, tolerance)
        return HOLDS if miss <= most + room else ROUGHLY if miss <= near + room else NOT
    miss = stated - value
    met = miss < 0 if comparison == "more than" else miss <= room
    return HOLDS if met else ROUGHLY if miss < (tolerance or SLACK * abs(stated)) else NOT


def verdict(stated: float | None, readings: Mapping[str, float], comparison: str, tolerance: float | None = 0.0,
            confidence: str = "high", checkable: str = "yes") -> str:  # fmt: skip
    """Judge a claim by its readings, the main one first, by the rules at the head of this module."""
    for name, word, known in (("confidence", confidence, CONFIDENCE), ("checkable", checkable, CHECKABLE)):
        if word not in known:
            raise ValueError(f"{name} is {word!r}: choose one of {', '.join(known)}")
    values = [value for value in readings.values() if not missing(value)]
    if comparison == "none" or checkable == "no" or missing(stated) or not values:
        return UNCHECKED
    allowed = 0.0 if missing(tolerance) else float(tolerance)  # type: ignore[arg-type]
    main, *others = (point(float(stated), value, comparison, allowed) for value in values)  # type: ignore[arg-type]
    found = main
    if (main == HOLDS and NOT in others) or (main != HOLDS and HOLDS in others):
        found = DEPENDS
    elif main == HOLDS and (ROUGHLY in others or (checkable == "partly" and not others)):
        found = ROUGHLY
    return {HOLDS: ROUGHLY, NOT: UNCHECKED}.get(found, found) if confidence == "low" else found


def readings_of(measured: Mapping[str, Any]) -> dict[str, float]:
    """List the readings of a measurement: the main one, the named ones, and the ends of its range where these are new."""
    if missing(measured["measured"]):
        return {}
    named = {label: value for label, value in measured["readings"].items() if not missing(value)}
    found = {"as measured": measured["measured"]} | named
    for label, end in (("low end of the range", measured["low"]), ("high end of the range", measured["high"])):
        if not missing(end) and not any(math.isclose(end, value, rel_tol=ROUNDING) for value in found.values()):
            found[label] = end
    return found


def judge(claims: pd.DataFrame, measurements: pd.DataFrame) -> pd.DataFrame:
    """Give every claim its verdict, also those that nothing was measured for; both tables are indexed by id.

    Added to the columns of both: ``verdict``; ``agree`` and ``tried``, how many readings meet the claim of how many;
    ``mark``, what a reader must know beside the verdict.
    """
    for name, table in (("claims", claims), ("measurements", measurements)):
        if not table.index.is_unique:
            raise ValueError(f"the {name} name {table.index[table.index.duplicated()][0]} more than once")
    for unknown in measurements.index.difference(claims.index):
        near = get_close_matches(unknown, claims.index, 1)
        raise ValueError(f"no claim is called {unknown!r}" + (f"; did you mean {near[0]!r}?" if near else ""))
    table = claims.join(measurements)
    table["readings"] = [one if isinstance(one, dict) else {} for one in table["readings"]]
    table["confidence"] = table["confidence"].fillna("")
    rows = table.to_dict("records")
    judged = []
    for claim, row in zip(table.index, rows, strict=True):
        try:
            judged.append(_judged(row))
        except ValueError as problem:
            raise ValueError(f"claim {claim}: {problem}") from problem
    return table.assign(**pd.DataFrame(judged, index=table.index))


def each_reading(table: pd.DataFrame) -> pd.DataFrame:
    """List every reading of every claim that `judge` judged, with what it says alone."""
    rows = [
        {"id": claim, "reading": label, "value": value, "verdict": _alone(row, value), "of_claim": row["verdict"]}
        for claim, row in zip(table.index, table.to_dict("records"), strict=True)
        if row["verdict"] != UNCHECKED
        for label, value in readings_of(row).items()
    ]
    return pd.DataFrame(rows, columns=["id", "reading", "value", "verdict", "of_claim"]).set_index("id")


def amount(value: Any, unit: str, digits: int | None = None) -> str:
    """Write a figure in the unit of its claim; nothing where there is none."""
    if missing(value):
        return ""
    if unit == "rank":
        return ordinal(round(value))
    before, behind, places = UNITS[unit]
    return f"{'−' if value < 0 else ''}{before}{plain(abs(value), places if digits is None else digits)}{behind}"


def stated(value: Any, unit: str, comparison: str) -> str:
    """Write what a claim states, with no more digits than it was stated with."""
    if comparison == "none" or missing(value):
        return ""
    if unit == "comparison":
        return "as in 2000" if comparison == "about" else f"{comparison} in 2000"
    if unit == "rank" and comparison == "more than":
        return f"below the {ordinal(round(value))}"
    digits = len(f"{value:.10f}".rstrip("0").rpartition(".")[2])
    bound = "" if comparison in ("about", "equal") else f"{comparison} "
    return f"{bound}{'nothing' if value == 0 else amount(value, unit, digits)}"


def missing(value: Any) -> bool:
    """Say whether there is no figure."""
    return value is None or bool(pd.isna(value))


def _alone(row: Mapping[Any, Any], value: float) -> str:
    return point(row["stated_value"], value, row["comparison"], row["tolerance"])


def _judged(row: Mapping[Any, Any]) -> dict[str, Any]:
    readings = readings_of(row)
    words = {name: row[name] for name in ("comparison", "tolerance", "checkable")}
    found = verdict(row["stated_value"], readings, confidence=row["confidence"] or "high", **words)
    marks = []
    if row["checkable"] == "no" or row["comparison"] == "none":
        marks = ["not a matter for these data"]
    elif not readings:
        marks = ["not measured"]
    else:
        marks += ["partly checkable"] if row["checkable"] == "partly" else []
        marks += ["low-confidence data"] if row["confidence"] == "low" else []
    judged = found != UNCHECKED
    met = sum(_alone(row, value) == HOLDS for value in readings.values()) if judged else 0
    return {"verdict": found, "agree": met, "tried": len(readings) if judged else 0, "mark": "; ".join(marks)}
