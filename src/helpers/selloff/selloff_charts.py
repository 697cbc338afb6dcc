"""Chart forms for one day: groups of companies, dots by sector, two rankings."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.charts import (
    BLUE,
    CONTEXT,
    GRID,
    GROUP,
    INK,
    MUTED,
    ORANGE,
    PAPER,
    RED,
    TEAL,
    canvas,
    drawn,
    fit_left,
    on_phone,
)
from helpers.selloff.selloff_words import signed


@drawn
def grouped_bars(
    moves: pd.Series, groups: Mapping[str, str], names: Mapping[str, str], title: str, unit: str
) -> Figure:
    """Draw each company's move as a bar, gathered by group, with the group's mean beside it.

    Parameters
    ----------
    moves : pd.Series
        Ticker -> per cent.
    groups, names : mapping
        Ticker -> group, ticker -> name. Groups and companies are sorted, the lowest on top.

    Returns
    -------
    Figure
    """
    means = moves.groupby(groups).mean().sort_values()
    figure, (axis,) = canvas(title, unit, 1.25 + 0.215 * (len(moves) + 0.7 * len(means)))
    labels, places, at = [], [], 0.0
    low, high = min(moves.min(), 0.0), max(moves.max(), 0.0)
    for group, mean in means.items():
        part = moves[[groups[str(name)] == group for name in moves.index]].sort_values()
        rows = at - np.arange(len(part))
        axis.barh(rows, part.to_numpy(float), height=0.74, color=GROUP.get(str(group), GROUP["other"]), zorder=2)
        for row, value in zip(rows, part, strict=True):
            _value(axis, value, row)
        labels += [names[str(name)] for name in part.index]
        places += rows.tolist()
        axis.annotate(
            f"{textwrap.fill(str(group), 12) if on_phone() else group}\nmean {signed(mean)} %",
            (1.0, (rows[0] + rows[-1]) / 2),
            xycoords=("axes fraction", "data"),
            xytext=(8, 0),
            textcoords="offset points",
            va="center",
            size=9,
            color=GROUP.get(str(group), GROUP["other"]),
            weight="bold",
            annotation_clip=False,
        )
        at = rows[-1] - 1.7
    axis.set_yticks(places, labels, color=INK, size=9)
    axis.set_ylim(places[-1] - 0.7, 0.7)
    room = (0.55 if on_phone() else 0.09) * (high - low)
    axis.set_xlim(low - room if low < 0 else 0, high + room if high > 0 else 0)
    sideways(axis)
    box = axis.get_position()
    axis.set_position((box.x0, box.y0, (0.66 if on_phone() else 0.785) - box.x0, box.height))
    fit_left(figure, axis)
    return figure


@drawn
def move_strips(
    table: pd.DataFrame, title: str, unit: str, marks: Mapping[str, float], label: Sequence[str] = ()
) -> Figure:
    """Draw one dot for each share in the row of its group: area by weight, colour by rise or fall.

    Parameters
    ----------
    table : pd.DataFrame, index ticker
        `row`, `move_pct`, `weight_pct`; rows are drawn in the order of their median.
    marks : mapping of str to float
        Moves drawn as vertical lines over all rows, with a label.
    label : sequence of str
        Tickers written beside their dots.

    Returns
    -------
    Figure
        A short upright line marks the median of each row.
    """
    import seaborn as sns  # takes a second to import

    medians = table.groupby("row")["move_pct"].median().sort_values()
    order = {row: len(medians) - 1 - place for place, row in enumerate(medians.index)}
    dots = table.sort_values("weight_pct", ascending=False).copy()
    dots["y"] = dots["row"].map(order).astype(float) + _spread(dots)
    dots["direction"] = np.where(dots["move_pct"] > 0, "rose", "fell")
    figure, (axis,) = canvas(title, unit, 1.5 + 0.36 * len(medians))
    sns.scatterplot(
        dots,
        x="move_pct",
        y="y",
        hue="direction",
        palette={"rose": BLUE, "fell": RED},
        size="weight_pct",
        sizes=(7, 420) if np.ptp(dots["weight_pct"]) > 0 else (70, 71),
        alpha=0.62,
        linewidth=0.3,
        edgecolor=PAPER,
        legend=False,
        ax=axis,
        zorder=3,
    )
    for row, median in medians.items():
        axis.vlines(median, order[row] - 0.38, order[row] + 0.38, color=INK, lw=1.6, zorder=5)
    written: list[tuple[str, float]] = []
    reach = float(np.ptp(dots["move_pct"]))
    for name in label:
        if name not in dots.index:
            continue
        at = (str(dots.loc[name, "row"]), float(dots.loc[name, "move_pct"]))
        if all(row != at[0] or abs(move - at[1]) > (0.2 if on_phone() else 0.07) * reach for row, move in written):
            written.append(at)
            rise = 3 + 5.5 * np.sqrt(dots.loc[name, "weight_pct"] / dots["weight_pct"].max())
            axis.annotate(
                name,
                (dots.loc[name, "move_pct"], dots.loc[name, "y"]),
                xytext=(0, rise),
                textcoords="offset points",
                size=7.5,
                color=INK,
                ha="center",
                va="bottom",
                zorder=6,
            )
    upright_marks(axis, marks)
    axis.set_yticks(list(order.values()), list(order), color=INK)
    axis.set_ylim(-0.6, len(order) - 0.3)
    axis.set(xlabel="", ylabel="")
    sideways(axis)
    fit_left(figure, axis)
    return figure


@drawn
def two_rankings(left: pd.DataFrame, right: pd.DataFrame, title: str, unit: str, heads: tuple[str, str]) -> Figure:
    """Draw two rankings of losses side by side, the event and the dot-com years in colour.

    Parameters
    ----------
    left, right : pd.DataFrame
        `label`, `value`, `text` (as written), `kind` ("event", "dotcom" or ""), largest first.
    heads : tuple of str
        What each side ranks.

    Returns
    -------
    Figure
    """
    rows = max(len(left), len(right))
    figure, axes = canvas(title, unit, 1.37 + 0.27 * rows, panels=2)
    for axis, table, head in zip(axes, (left, right), heads, strict=True):
        places = rows - 1 - np.arange(len(table))
        tints = [TEAL if kind == "event" else ORANGE if kind == "dotcom" else CONTEXT for kind in table["kind"]]
        axis.barh(places, table["value"].to_numpy(float), color=tints, height=0.7, zorder=2)
        for place, value, text in zip(places, table["value"], table["text"], strict=True):
            axis.annotate(
                text,
                (value, place),
                xytext=(4, 0),
                textcoords="offset points",
                va="center",
                size=8.5,
                color=INK,
            )
        axis.set_yticks(places, list(table["label"]), color=INK, size=8.5)
        axis.set_xlim(0, float(table["value"].max()) * 1.2)
        axis.set_xticks([])
        axis.set_ylim(-0.6, rows - 0.4)
        axis.grid(visible=False)
        axis.spines["bottom"].set_visible(False)
        axis.text(
            0,
            1.01,
            head,
            transform=axis.transAxes,
            size=9.5,
            weight="bold",
            va="bottom",
            ha="left",
            color=INK,
        )
    for axis, left_edge in zip(axes, (0.0, 0.5), strict=True) if not on_phone() else ():
        box = axis.get_position()
        bottom = 0.3 / figure.get_figheight()
        axis.set_position((left_edge + 0.195, bottom, 0.285, box.y1 - bottom - 0.12 / figure.get_figheight()))
    return figure


def _value(axis: Axes, value: float, row: float) -> None:
    side = -1 if value < 0 else 1
    axis.annotate(
        signed(value),
        (value, row),
        xytext=(3 * side, 0),
        textcoords="offset points",
        ha="right" if side < 0 else "left",
        va="center",
        size=8.5,
        color=INK,
    )


def sideways(axis: Axes, zero: bool = True) -> None:
    """Draw the grid of a chart that is read from left to right."""
    axis.grid(axis="y", visible=False)
    axis.grid(axis="x", visible=True, color=GRID)
    if zero:
        axis.axvline(0, color=MUTED, lw=0.9, zorder=1)


def upright_marks(axis: Axes, marks: Mapping[str, float]) -> None:
    """Draw vertical lines whose labels stand on one line above the chart, apart from one another."""
    placed = sorted(marks.items(), key=lambda item: item[1])
    for place, (label, at) in enumerate(placed):
        axis.axvline(at, color=INK, lw=1.1, ls=(0, (4, 2)), zorder=4)
        left = place == 0 and len(placed) > 1
        axis.annotate(
            textwrap.fill(label, 10) if on_phone() else label,
            (at, 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(-3 if left else 3, 2),
            textcoords="offset points",
            ha="right" if left else "left",
            va="bottom",
            size=8.5,
            color=INK,
        )


def _spread(dots: pd.DataFrame) -> np.ndarray:
    """Move dots of one row apart, more where they crowd, always in the same way."""
    offsets = pd.Series(0.0, index=dots.index)
    for _, part in dots.groupby("row"):
        ordered = part["move_pct"].sort_values()
        width = max(float(ordered.std(ddof=0)) if len(ordered) > 1 else 1.0, 0.3) / 2
        distance = np.abs(ordered.to_numpy()[:, None] - ordered.to_numpy())
        crowd = np.exp(-np.square(distance / width)).sum(axis=1) / max(len(ordered), 12)
        turn = np.arange(len(ordered)) * 0.618034 % 1 - 0.5
        offsets[ordered.index] = 0.72 * turn * np.minimum(1.0, 2.2 * crowd)
    return offsets.to_numpy()
