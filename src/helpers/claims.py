"""Verdicts on claims: a stated figure, a measured figure with its interval, and rules written as code.

The rules, in plain words
-------------------------
1. What cannot be measured is not judged: no measured figure, nothing to compare, or data that cannot
   check the claim give "cannot be checked with these data".
2. "about": within the tolerance of the stated figure the claim holds. Within twice the tolerance, or when
   the measured interval reaches into the tolerance, it holds roughly. Otherwise it does not hold.
3. "at least", "more than": it holds when the whole interval meets the mark. When only the point meets it,
   or misses it by less than the tolerance (5 % of the mark where none is given), or when the interval
   reaches the mark, it holds roughly. Otherwise it does not hold.
4. "equal" (ranks): it holds when point and interval are that rank. When only the point is, or the interval
   or the tolerance takes the rank in, it holds roughly. Otherwise it does not hold.
5. A claim that the data check only "partly" holds fully only if the whole of a given interval meets rules
   2 to 4; a point alone carries it to "holds roughly" at best. It can fail as any other: a counter-example
   counts even where the data have gaps. The table marks it.
6. Figures of low confidence never decide: "holds" becomes "holds roughly", and "does not hold" becomes
   "cannot be checked with these data". The table marks them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from helpers.words import did_you_mean

HOLDS = "holds"
ROUGHLY = "holds roughly"
NOT = "does not hold"
UNCHECKED = "cannot be checked with these data"
VERDICTS = (HOLDS, ROUGHLY, NOT, UNCHECKED)
COMPARISONS = ("about", "at least", "more than", "equal", "none")
DEFAULT_SLACK = 0.05  # part of the mark by which "at least" may be missed when no tolerance is given
_ROUNDING = 1e-9  # relative: 95 is within 3 of 92 whatever the last binary digit says


@dataclass(frozen=True)
class Measured:
    """What a claim is held against; its fields are the arguments of :meth:`helpers.results.Output.measure`.

    Attributes
    ----------
    value, low, high : float
        Measured figure with its range, in the claim's unit.
    how : str
        What was measured, in a sentence.
    figure : str
        Chart that shows it.
    confidence : {"high", "medium", "low"}
        Of the weakest figure that the measurement rests on.
    readings : mapping of str to float
        Other reasonable readings.
    claim : str
        The claim's id.
    """

    value: float
    low: float
    high: float
    how: str = ""
    figure: str = ""
    confidence: str = "high"
    readings: Mapping[str, float] = field(default_factory=dict)
    claim: str = ""


def spread(value: float, *others: float) -> tuple[float, float, float]:
    """Give a figure with the lowest and the highest among it and others.

    Examples
    --------
    >>> spread(90.6, 94.5, 88.1)
    (90.6, 88.1, 94.5)
    """
    return value, min((value, *others)), max((value, *others))


@dataclass(frozen=True)
class Reading:
    """One way to read a claim or its data, with what is then measured.

    Attributes
    ----------
    label : str
        What was chosen, such as "to the highest close before the selloff".
    value : float
        Measured figure in the unit of the claim.
    low, high : float, optional
        Its interval or range.
    """

    label: str
    value: float
    low: float | None = None
    high: float | None = None


def verdict(
    stated: float | None,
    measured: float | None,
    comparison: str,
    tolerance: float | None = 0.0,
    low: float | None = None,
    high: float | None = None,
    confidence: str = "high",
    checkable: str = "yes",
) -> str:
    """Judge a stated figure against a measured one by the rules at the head of this module.

    Parameters
    ----------
    stated, measured : float
        In the same unit; missing (None or NaN) when there is none.
    comparison : {"about", "at least", "more than", "equal", "none"}
        How the claim is meant.
    tolerance : float
        In the unit of the figures, zero or more.
    low, high : float, optional
        Interval or range of the measured figure, both or neither, with the figure inside.
    confidence : {"high", "medium", "low"}
        Of the weakest figure that the measurement rests on.
    checkable : {"yes", "partly", "no"}
        Whether the data can check the claim.

    Returns
    -------
    str
        One of :data:`VERDICTS`.

    Raises
    ------
    ValueError
        For an unknown word, a negative tolerance, half an interval, or a figure outside its interval.

    Examples
    --------
    >>> verdict(92, 94.5, "about", 3), verdict(92, 97, "about", 3), verdict(92, 99, "about", 3)
    ('holds', 'holds roughly', 'does not hold')
    >>> verdict(50, 60, "at least", low=45, high=75)
    'holds roughly'
    """
    _check_words(comparison, confidence, checkable)
    if comparison == "none" or checkable == "no" or _missing(measured) or _missing(stated):
        return UNCHECKED
    claim, value = float(stated), float(measured)  # type: ignore[arg-type]
    allowed = 0.0 if _missing(tolerance) else float(tolerance)  # type: ignore[arg-type]
    bottom, top = _interval(value, low, high, allowed)
    found = _RULES[comparison](claim, value, allowed, bottom, top)
    if checkable == "partly" and found == HOLDS:
        ends = {_RULES[comparison](claim, end, allowed, end, end) for end in (bottom, top)}
        found = HOLDS if ends == {HOLDS} and not _missing(low) else ROUGHLY
    if confidence == "low":
        found = {HOLDS: ROUGHLY, NOT: UNCHECKED}.get(found, found)
    return found


def sensitivity(
    readings: Sequence[Reading | tuple[str, float]],
    stated: float | None,
    comparison: str,
    tolerance: float | None = 0.0,
    confidence: str = "high",
    checkable: str = "yes",
) -> pd.DataFrame:
    """Give the verdict under each of several readings, the main one first.

    Parameters
    ----------
    readings : sequence of Reading or (label, value)
        The first is the reading that the verdict rests on.
    stated, comparison, tolerance, confidence, checkable
        See :func:`verdict`.

    Returns
    -------
    DataFrame
        One row a reading: ``reading``, ``measured``, ``low``, ``high``, ``verdict`` and ``differs``, true
        where the verdict is not that of the first.

    Raises
    ------
    ValueError
        If there is no reading.

    Examples
    --------
    >>> sensitivity([("to the eve", 90.6), ("to the top", 99.0)], 92, "about", 3)["verdict"].tolist()
    ['holds', 'does not hold']
    """
    if not readings:
        raise ValueError("No reading given: give at least the main one.")
    every = [one if isinstance(one, Reading) else Reading(*one) for one in readings]
    found = [
        verdict(stated, one.value, comparison, tolerance, one.low, one.high, confidence, checkable) for one in every
    ]
    return pd.DataFrame(
        {
            "reading": [one.label for one in every],
            "measured": [one.value for one in every],
            "low": [math.nan if one.low is None else one.low for one in every],
            "high": [math.nan if one.high is None else one.high for one in every],
            "verdict": found,
            "differs": [one != found[0] for one in found],
        }
    )


def sensitivity_sentence(readings: pd.DataFrame) -> str:
    """Say in one sentence how the verdict depends on the reading.

    Parameters
    ----------
    readings : DataFrame
        From :func:`sensitivity`.

    Returns
    -------
    str
        A sentence without figures but the counts.

    Examples
    --------
    >>> sensitivity_sentence(sensitivity([("to the eve", 90.6), ("to the top", 99.0)], 92, "about", 3))
    "Under 1 of 2 readings it holds; under 'to the top' it does not hold."
    """
    main, others = readings["verdict"].iloc[0], readings[readings["differs"]]
    if len(readings) == 1:
        return f"By the only reading it {main}."
    if others.empty:
        return f"Under each of {len(readings)} readings it {main}."
    turned = "; ".join(f"under '{row.reading}' it {row.verdict}" for row in others.itertuples())
    return f"Under {len(readings) - len(others)} of {len(readings)} readings it {main}; {turned}."


def verdict_table(claims: pd.DataFrame, measurements: pd.DataFrame) -> pd.DataFrame:
    """Judge every claim, also those that nothing was measured for.

    Parameters
    ----------
    claims : DataFrame
        One row a claim: ``id``, ``claim``, ``said_by``, ``stated_value``, ``unit``, ``comparison``,
        ``tolerance``, ``checkable``; further columns are ignored.
    measurements : DataFrame
        At most one row a claim: ``id``, ``measured``, and where known ``low``, ``high``, ``confidence``
        (high when left out); further columns, such as ``evidence``, are passed on.

    Returns
    -------
    DataFrame
        One row a claim in the order of the claims: its columns above, those of the measurements,
        ``verdict``, and ``mark``, which says what is partly checkable, of low confidence or not measured.

    Raises
    ------
    ValueError
        If an id is unknown or comes twice, or a figure breaks the rules of :func:`verdict`; the message
        names the claim.

    Examples
    --------
    >>> claim = {"id": ["a"], "claim": ["It rose by 92 %"], "said_by": ["the article"], "unit": ["percent"]}
    >>> claim |= {"stated_value": [92.0], "comparison": ["about"], "tolerance": [3.0], "checkable": ["yes"]}
    >>> verdict_table(pd.DataFrame(claim), pd.DataFrame({"id": ["a"], "measured": [90.6]}))["verdict"].tolist()
    ['holds']
    """
    _check_ids(claims, measurements)
    kept = ["id", "claim", "said_by", "stated_value", "unit", "comparison", "tolerance", "checkable"]
    table = claims[kept].merge(measurements, on="id", how="left", validate="one_to_one")
    for column, empty in (
        ("measured", math.nan),
        ("low", math.nan),
        ("high", math.nan),
        ("confidence", "high"),
    ):
        table[column] = table[column].fillna(empty) if column in table.columns else empty
    judged = []
    for row in table.to_dict("records"):
        words = ("comparison", "tolerance", "low", "high", "confidence", "checkable")
        try:
            judged.append(verdict(row["stated_value"], row["measured"], **{word: row[word] for word in words}))
        except ValueError as problem:
            raise ValueError(f"Claim {row['id']}: {problem}") from problem
    table["verdict"] = judged
    table["mark"] = [_mark(row) for row in table.to_dict("records")]
    table.loc[table["measured"].isna(), "confidence"] = ""
    return table


def _about(claim: float, value: float, tolerance: float, low: float, high: float) -> str:
    """Rule 2."""
    if _at_most(abs(value - claim), tolerance, claim):
        return HOLDS
    touches = _at_most(low, claim + tolerance, claim) and _at_most(claim - tolerance, high, claim)
    return ROUGHLY if touches or _at_most(abs(value - claim), 2 * tolerance, claim) else NOT


def _at_least(claim: float, value: float, tolerance: float, low: float, high: float) -> str:
    """Rule 3, where the mark itself counts."""
    if _at_most(claim, low, claim):
        return HOLDS
    slack = tolerance or DEFAULT_SLACK * abs(claim)
    return ROUGHLY if _at_most(claim, high, claim) or claim - value < slack else NOT


def _more_than(claim: float, value: float, tolerance: float, low: float, high: float) -> str:
    """Rule 3, where the mark itself does not count."""
    if low > claim:
        return HOLDS
    slack = tolerance or DEFAULT_SLACK * abs(claim)
    return ROUGHLY if high > claim or claim - value < slack else NOT


def _equal(claim: float, value: float, tolerance: float, low: float, high: float) -> str:
    """Rule 4."""
    if value == claim and low == high:
        return HOLDS
    return ROUGHLY if low <= claim <= high or _at_most(abs(value - claim), tolerance, claim) else NOT


_RULES: dict[str, Callable[[float, float, float, float, float], str]] = {
    "about": _about,
    "at least": _at_least,
    "more than": _more_than,
    "equal": _equal,
}


def _at_most(value: float, limit: float, scale: float) -> bool:
    """Compare with room for binary rounding only."""
    return value <= limit + _ROUNDING * max(abs(scale), abs(limit))


def _missing(value: float | None) -> bool:
    return value is None or math.isnan(value)


def _interval(value: float, low: float | None, high: float | None, tolerance: float) -> tuple[float, float]:
    """Give the interval, or the point twice, refusing what makes no sense."""
    if tolerance < 0:
        raise ValueError(f"The tolerance {tolerance} is negative: give zero or more.")
    if _missing(low) and _missing(high):
        return value, value
    if _missing(low) or _missing(high):
        raise ValueError("Half an interval: give both low and high, or neither.")
    bottom, top = float(low), float(high)  # type: ignore[arg-type]
    if not (_at_most(bottom, value, value) and _at_most(value, top, value)):
        raise ValueError(f"The measured {value} lies outside its interval {bottom} to {top}.")
    return bottom, top


def _check_words(comparison: str, confidence: str, checkable: str) -> None:
    """Refuse a word that the rules do not know."""
    known = {
        "comparison": COMPARISONS,
        "confidence": ("high", "medium", "low"),
        "checkable": ("yes", "partly", "no"),
    }
    for name, word in (("comparison", comparison), ("confidence", confidence), ("checkable", checkable)):
        if word not in known[name]:
            raise ValueError(f"{name} is {word!r}: choose one of {', '.join(known[name])}.")


def _check_ids(claims: pd.DataFrame, measurements: pd.DataFrame) -> None:
    """Refuse ids that come twice, and measurements of unknown claims."""
    for name, table in (("claims", claims), ("measurements", measurements)):
        twice = table.loc[table["id"].duplicated(), "id"].tolist()
        if twice:
            raise ValueError(f"The {name} name {', '.join(twice)} more than once: keep one row each.")
    for unknown in sorted(set(measurements["id"]) - set(claims["id"])):
        raise ValueError(f"No claim is called {unknown!r}{did_you_mean(unknown, claims['id'])}")


def _mark(row: Mapping[Hashable, Any]) -> str:
    """Say what a reader must know about the row beside its verdict."""
    if row["checkable"] == "no" or row["comparison"] == "none":
        return "not a matter for these data"
    if _missing(row["measured"]):
        return "not measured"
    marks = ["partly checkable"] if row["checkable"] == "partly" else []
    return "; ".join(marks + (["low-confidence data"] if row["confidence"] == "low" else []))
