"""How a finding moves with the choices behind it: one row a specification, drawn as a specification curve.

A specification is one combination of reasonable choices. The curve sorts all of them by their outcome and
shows below which choices each of them made (Simonsohn, Simmons and Nelson 2020, Specification Curve
Analysis), so that nobody has to trust the one that the author happened to like.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers import charts

RANK, ABOVE = "rank", "above"
_ROW = 0.185  # inches of height for each line of the lower panel
_TOP = 2.55


def specification_data(
    frame: pd.DataFrame, outcome: str, choices: Sequence[str], threshold: float = 0.0
) -> pd.DataFrame:
    """Sort specifications by their outcome, ready for a chart or a CSV file.

    Parameters
    ----------
    frame : DataFrame
        One row a specification: the outcome, a column for each choice, and any further columns.
    outcome : str
        Column of the outcome, in any unit.
    choices : sequence of str
        Columns that say what was chosen.
    threshold : float
        Mark that the outcome is held against, in its unit.

    Returns
    -------
    DataFrame
        By ``rank`` from 1 (the lowest outcome): the choices, the outcome, whether it is ``above`` the
        threshold, and the further columns. Specifications without an outcome are left out.

    Raises
    ------
    ValueError
        If a column is missing, no specification has an outcome, or two have the same choices.

    Examples
    --------
    >>> runs = pd.DataFrame({"lag": [0, 1], "margin": [0.5, -0.2]})
    >>> specification_data(runs, "margin", ["lag"])["lag"].tolist()
    [1, 0]
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
    data = known.sort_values([outcome, *choices], ignore_index=True, key=_sortable)
    data.index = pd.RangeIndex(1, len(data) + 1, name=RANK)
    data[ABOVE] = data[outcome] > threshold
    rest = [name for name in data.columns if name not in (*choices, outcome, ABOVE)]
    return data[[*choices, outcome, ABOVE, *rest]]


def by_choice(frame: pd.DataFrame, outcome: str, choices: Sequence[str], threshold: float = 0.0) -> pd.DataFrame:
    """Describe the outcomes under each level of each choice: which choice moves the finding, and how far.

    Parameters
    ----------
    frame, outcome, choices, threshold
        See :func:`specification_data`.

    Returns
    -------
    DataFrame
        One row a choice and level: ``specifications``, ``above`` (how many are above the threshold),
        ``above_pct``, ``lowest``, ``median`` and ``highest`` outcome.

    Examples
    --------
    >>> runs = pd.DataFrame({"lag": [0, 0, 1], "window": [30, 60, 30], "margin": [0.5, 0.1, -0.2]})
    >>> by_choice(runs, "margin", ["lag", "window"]).loc[("lag", "0"), "above"]
    np.int64(2)
    """
    data = specification_data(frame, outcome, choices, threshold)
    parts = {}
    for choice, level in levels(frame.dropna(subset=[outcome]), choices):
        part = data.loc[data[choice] == level]
        parts[choice, words_of(level)] = {
            "specifications": len(part),
            "above": int(part[ABOVE].sum()),
            "above_pct": 100.0 * float(part[ABOVE].mean()),
            "lowest": float(part[outcome].min()),
            "median": float(part[outcome].median()),
            "highest": float(part[outcome].max()),
        }
    table = pd.DataFrame.from_dict(parts, orient="index")
    table.index = pd.MultiIndex.from_tuples(parts, names=["choice", "level"])
    return table


def levels(frame: pd.DataFrame, choices: Sequence[str]) -> list[tuple[str, object]]:
    """List each choice with each of its levels, numbers in order and words as they first come.

    Examples
    --------
    >>> levels(pd.DataFrame({"lag": [1, 0], "kind": ["wild", "plain"]}), ["lag", "kind"])
    [('lag', 0), ('lag', 1), ('kind', 'wild'), ('kind', 'plain')]
    """
    found: list[tuple[str, object]] = []
    for choice in choices:
        values = (
            frame[choice].dropna().map(lambda value: str(value) if isinstance(value, list) else value).unique().tolist()
        )
        numbers = all(isinstance(value, int | float) for value in values)
        found += [(choice, value) for value in (sorted(values) if numbers else values)]
    return found


def sweep_frame(outcomes: pd.DataFrame, key: str) -> pd.DataFrame:
    """Turn the outcomes of a sweep into one row a specification.

    Parameters
    ----------
    outcomes : DataFrame
        The sweep's ``outcomes.csv``: a row for each run and key figure, with ``key``, ``value`` and where
        known ``low`` and ``high``, and a column for each parameter of the grid.
    key : str
        Key figure wanted.

    Returns
    -------
    DataFrame
        The parameters of the grid that vary, and the key figure under its own name with ``low``, ``high``.

    Raises
    ------
    ValueError
        If no run has that key figure (listing those there are), or it is no number.

    Examples
    --------
    >>> rows = pd.DataFrame({"run": [1, 2], "key": "loss_pct", "value": [3.0, 4.0], "gap": [10, 30]})
    >>> sweep_frame(rows, "loss_pct")["loss_pct"].tolist()
    [3.0, 4.0]
    """
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


@charts.drawn
def specification_curve(
    frame: pd.DataFrame,
    outcome: str,
    choices: Sequence[str],
    title: str = "",
    unit: str = "",
    threshold: float = 0.0,
    beside: str = "",
    names: Mapping[str, str] | None = None,
    colours: Mapping[str, str] | None = None,
) -> Figure:
    """Draw all specifications sorted by their outcome, and below them what each of them chose.

    Parameters
    ----------
    frame, outcome, choices, threshold
        See :func:`specification_data`; columns ``low`` and ``high``, where there are any, are drawn as a
        line through each point.
    title, unit : str
        The finding and what is measured; by default how many outcomes are above the threshold.
    beside : str
        A second outcome, drawn at the place of the same specification.
    names, colours : mapping, optional
        Outcome or choice -> words; outcome -> colour.

    Returns
    -------
    Figure

    Examples
    --------
    >>> runs = pd.DataFrame({"lag": [0, 1], "margin": [0.5, -0.2]})
    >>> specification_curve(runs, "margin", ["lag"]).texts[0].get_text()
    'margin: above 0 in 1 of 2 specifications'
    """
    data = specification_data(frame, outcome, choices, threshold)
    names, colours = names or {}, colours or {}
    rows = levels(frame.dropna(subset=[outcome]), choices)
    height = _TOP + 1.2 + _ROW * (len(rows) + len(choices))
    figure, (upper,) = charts.canvas(title or _title(data, outcome, threshold, names), unit, height)
    box = upper.get_position()
    left, bottom, width = 0.25, 0.42 / height, box.x1 - 0.25
    foot = bottom + _ROW * (len(rows) + len(choices)) / height
    lower = figure.add_axes((left, bottom, width, foot - bottom), sharex=upper)
    _choices_panel(lower, data, choices, rows, names)
    upper.set_position((left, foot + 0.1 / height, width, box.y1 - foot - 0.1 / height))
    spots = data.index.to_numpy(dtype=float)
    size = float(np.clip(900 / len(data), 6, 40))
    if {"low", "high"} <= set(data.columns):
        upper.vlines(spots, data["low"], data["high"], color=charts.GRID, lw=1.4, zorder=1)
    for column in [name for name in (beside, outcome) if name]:
        colour = colours.get(column, charts.CONTEXT if column == beside else charts.BLUE)
        label = names.get(column, column)
        upper.scatter(spots, data[column], s=size, color=colour, lw=0, label=label, zorder=3)
    upper.axhline(threshold, color=charts.MUTED, lw=0.9, zorder=2)
    upper.tick_params(labelbottom=False, bottom=False)
    for side in upper.spines.values():
        side.set_visible(False)
    upper.set_xlim(0.2, len(data) + 0.8)
    if beside:
        charts.key(upper, 2)
    return figure


def words_of(level: object) -> str:
    """Write a level of a choice: whole numbers without a point.

    Examples
    --------
    >>> words_of(30.0), words_of("wild")
    ('30', 'wild')
    """
    return f"{level:g}" if isinstance(level, int | float) and not isinstance(level, bool) else str(level)


def _sortable(column: pd.Series) -> pd.Series:
    """Sort numbers as numbers and everything else as text."""
    return column if pd.api.types.is_numeric_dtype(column) else column.astype(str)


def _title(data: pd.DataFrame, outcome: str, threshold: float, names: Mapping[str, str]) -> str:
    count = int(data[ABOVE].sum())
    return f"{names.get(outcome, outcome)}: above {threshold:g} in {count} of {len(data)} specifications"


def _choices_panel(
    axis: Axes,
    data: pd.DataFrame,
    choices: Sequence[str],
    rows: Sequence[tuple[str, object]],
    names: Mapping[str, str],
) -> None:
    """Mark with a stroke, line by line, which specifications chose which level."""
    place, ticks, texts = 0, [], []
    spots = data.index.to_numpy(dtype=float)
    for choice in choices:
        axis.text(
            -0.012, place, names.get(choice, choice), transform=axis.get_yaxis_transform(), ha="right", va="center",
            size=8.5, weight="bold", color=charts.INK,
        )  # fmt: skip
        place += 1
        for level in [value for name, value in rows if name == choice]:
            chosen = spots[(data[choice] == level).to_numpy()]
            axis.vlines(chosen, place - 0.36, place + 0.36, color=charts.INK, lw=min(6.0, max(0.8, 100 / len(data))))
            ticks.append(place)
            texts.append(words_of(level))
            place += 1
    axis.set_yticks(ticks, texts, size=8.5, color=charts.MUTED)
    axis.set_ylim(place - 0.4, -0.6)
    axis.tick_params(left=False, bottom=False, labelbottom=False)
    axis.grid(axis="y", visible=True, color=charts.GRID, lw=0.8)
    axis.set_axisbelow(True)
    for side in axis.spines.values():
        side.set_visible(False)
