"""How a finding moves with the choices behind it: one row a specification, drawn as a specification curve.

A specification is one combination of reasonable choices. The curve sorts all of them by their outcome and shows below
which choices each made (Simonsohn, Simmons and Nelson 2020), so that nobody has to trust the one the author liked.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pandas.api.types import is_numeric_dtype

from helpers import house

RANK, ABOVE = "rank", "above"


def specification_data(frame: pd.DataFrame, outcome: str, choices: Sequence[str], threshold: float = 0.0) -> pd.DataFrame:  # fmt: skip
    """Sort specifications by their outcome, the lowest first, and say which are `above` the threshold.

    `frame` has a row a specification; those without an outcome are left out. Refused are missing columns, frames
    without an outcome, and two specifications with the same choices.
    """
    missing = [name for name in [outcome, *choices] if name not in frame.columns]
    if missing or not choices:
        there = ", ".join(map(str, frame.columns))
        raise ValueError(f"No column {', '.join(missing) or 'of choices'}: there are {there}.")
    known = frame.dropna(subset=[outcome])
    if known.empty:
        raise ValueError(f"No specification has an outcome {outcome!r}: there is nothing to compare.")
    twice = known[known.duplicated(list(choices))]
    if len(twice):
        same = ", ".join(f"{name} {twice.iloc[0][name]}" for name in choices)
        raise ValueError(f"Two specifications chose the same ({same}): name the choice that tells them apart.")
    data = known.sort_values([outcome, *choices], ignore_index=True,
                             key=lambda part: part if is_numeric_dtype(part) else part.astype(str))  # fmt: skip
    data.index = pd.RangeIndex(1, len(data) + 1, name=RANK)
    data[ABOVE] = data[outcome] > threshold
    rest = [name for name in data.columns if name not in (*choices, outcome, ABOVE)]
    return data[[*choices, outcome, ABOVE, *rest]]


def by_choice(frame: pd.DataFrame, outcome: str, choices: Sequence[str], threshold: float = 0.0) -> pd.DataFrame:
    """Describe the outcomes under each level of each choice: how many, how many above, and lowest, median, highest."""
    data = specification_data(frame, outcome, choices, threshold)
    parts = {}
    for choice, level in levels(frame.dropna(subset=[outcome]), choices):
        part = data.loc[data[choice] == level, outcome]
        above = int((part > threshold).sum())
        parts[choice, words_of(level)] = [len(part), above, 100 * above / len(part), *part.quantile([0, 0.5, 1])]
    columns = ["specifications", "above", "above_pct", "lowest", "median", "highest"]
    table = pd.DataFrame.from_dict(parts, orient="index", columns=columns)
    table.index = pd.MultiIndex.from_tuples(parts, names=["choice", "level"])
    return table


def levels(frame: pd.DataFrame, choices: Sequence[str]) -> list[tuple[str, object]]:
    """List each choice with each of its levels, numbers in order and words as they first come."""
    found: list[tuple[str, object]] = []
    for choice in choices:
        values = frame[choice].dropna().map(lambda value: str(value) if isinstance(value, list) else value)
        each = values.unique().tolist()
        numbers = all(isinstance(value, int | float) for value in each)
        found += [(choice, value) for value in (sorted(each) if numbers else each)]
    return found


def sweep_frame(outcomes: pd.DataFrame, key: str) -> pd.DataFrame:
    """Turn the outcomes of a sweep into a row a specification: what varied, the key figure, and its `low` and `high`."""
    part = outcomes[outcomes["key"] == key]
    if part.empty:
        there = ", ".join(sorted(map(str, outcomes["key"].unique())))
        raise ValueError(f"No run of the sweep has a key figure {key!r}; there are: {there}.")
    values = pd.to_numeric(part["value"], errors="coerce")
    if values.isna().all():
        raise ValueError(f"The key figure {key!r} is no number: choose one that is.")
    notes = ("run", "notebook", "key", "value", "unit", "label", "low", "high", "confidence")
    grid = [name for name in part.columns if name not in notes and len(part[name].map(str).unique()) > 1]
    ends = {end: pd.to_numeric(part[end], errors="coerce") if end in part else np.nan for end in ("low", "high")}
    return part[grid].assign(**{key: values}, **ends).reset_index(drop=True)


def specification_curve(frame: pd.DataFrame, outcome: str, choices: Sequence[str], title: str = "", unit: str = "",
                        threshold: float = 0.0, colours: Mapping[str, str] | None = None) -> Figure:  # fmt: skip
    """Draw all specifications in the order of their outcome, and below them what each of them chose.

    `colours` may hold that of the outcomes `above` the threshold and `below` it.
    """
    data = specification_data(frame, outcome, choices, threshold)
    rows = levels(frame.dropna(subset=[outcome]), choices)
    title = title or f"{outcome}: above {threshold:g} in {int(data[ABOVE].sum())} of {len(data)} specifications"
    lines = len(rows) + len(choices)
    height = 3.4 + 0.18 * lines
    figure, (upper, lower) = plt.subplots(
        2, 1, figsize=(house.WIDTH, height), sharex=True, height_ratios=[2.2, 0.18 * lines]
    )
    house.top(figure, textwrap.wrap(title, 84, break_on_hyphens=False), unit, height)
    if {"low", "high"} <= set(data.columns):
        upper.vlines(data.index, data["low"], data["high"], color=house.GRID, lw=1.4, zorder=1)
    colours = {"above": house.BLUE, "below": house.BLUE} | dict(colours or {})
    tints = np.where(data[ABOVE], colours["above"], colours["below"])
    upper.scatter(data.index, data[outcome], s=float(np.clip(900 / len(data), 6, 40)), color=tints, lw=0, zorder=3)
    upper.axhline(threshold, color=house.MUTED, lw=0.9, zorder=2)
    upper.tick_params(bottom=False)
    upper.set_xlim(0.2, len(data) + 0.8)
    _choices_panel(lower, data, choices, rows)
    for axis in (upper, lower):
        axis.spines["bottom"].set_visible(False)
        axis.grid(axis="x", visible=False)
    return figure


def words_of(level: object) -> str:
    """Write a level of a choice: whole numbers without a point."""
    return f"{level:g}" if isinstance(level, int | float) and not isinstance(level, bool) else str(level)


def _choices_panel(axis: Axes, data: pd.DataFrame, choices: Sequence[str], rows: Sequence[tuple[str, object]]) -> None:
    """Mark with a stroke, line by line, which specifications chose which level."""
    texts = []
    for choice in choices:
        texts.append(choice.replace("_", " "))
        for level in [value for name, value in rows if name == choice]:
            chosen, place = data.index[data[choice] == level], len(texts)
            axis.vlines(chosen, place - 0.36, place + 0.36, color=house.INK, lw=np.clip(100 / len(data), 0.8, 6))
            texts.append(words_of(level))
    axis.set_yticks(range(len(texts)), texts, size=8.5)
    for label in axis.get_yticklabels():
        heading = label.get_text() in [choice.replace("_", " ") for choice in choices]
        label.set(weight="bold" if heading else "normal", color=house.INK if heading else house.MUTED)
    axis.set_ylim(len(texts) - 0.4, -0.6)
    axis.tick_params(bottom=False, labelbottom=False)
