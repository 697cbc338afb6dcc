"""Chart forms for what came before a day and after it: paths with bands, forecasts, ranges, waiting times."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter, NullLocator

from helpers.charts import (
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
    plain,
    time_axis,
)
from helpers.selloff.selloff_charts import sideways, upright_marks
from helpers.selloff.selloff_words import signed


@drawn
def group_paths(paths: pd.DataFrame, title: str, unit: str, columns: int = 3) -> Figure:
    """Draw the cumulated abnormal return of each group in a panel of its own, with its band.

    Parameters
    ----------
    paths : pd.DataFrame
        `name, day, caar_pct, low_pct, high_pct`, as `event_study.caar_path` gives.

    Returns
    -------
    Figure
        All panels share both axes; a path whose band leaves zero out on the last day is written in bold.
    """
    names = list(dict.fromkeys(paths["name"]))
    columns = 1 if on_phone() else columns
    rows = -(-len(names) // columns)
    figure, (whole,) = canvas(title, unit, 1.15 + 1.75 * rows)
    box = whole.get_position()
    whole.remove()
    grid = figure.add_gridspec(
        rows,
        columns,
        left=0.06,
        right=0.985,
        bottom=box.y0,
        top=box.y1 - 0.1 / figure.get_figheight(),
        hspace=0.34,
        wspace=0.08,
    )
    first: Axes | None = None
    for place, name in enumerate(names):
        axis = figure.add_subplot(grid[place // columns, place % columns], sharex=first, sharey=first)
        first = first or axis
        part = paths[paths["name"] == name]
        days = np.concatenate([[-1], part["day"]])
        colour = INK if name == "all" else GROUP.get(name, GROUP["other"])
        axis.fill_between(
            days,
            np.concatenate([[0], part["low_pct"]]),
            np.concatenate([[0], part["high_pct"]]),
            color=colour,
            alpha=0.16,
            lw=0,
        )
        axis.plot(days, np.concatenate([[0], part["caar_pct"]]), color=colour, lw=2)
        axis.axhline(0, color=MUTED, lw=0.9)
        last = part.iloc[-1]
        clear = last["low_pct"] > 0 or last["high_pct"] < 0
        axis.set_title(
            f"{'all companies' if name == 'all' else name}: {signed(part['caar_pct'].iloc[0])} → {signed(last['caar_pct'])}",
            size=8.5,
            loc="left",
            color=colour,
            weight="bold" if clear else "normal",
            pad=3,
        )
        _plain_panel(axis, place, columns, last_row=place + columns >= len(names))
    return figure


@drawn
def forecast_band(table: pd.DataFrame, event: pd.Timestamp, title: str, unit: str, text: str) -> Figure:
    """Draw daily returns inside the band that the days before let one expect, with the event's return marked.

    Parameters
    ----------
    table : pd.DataFrame, index days
        `return_pct`, `low_pct`, `high_pct`.
    event : pd.Timestamp
        The day to mark.
    text : str
        What is written beside it.

    Returns
    -------
    Figure
    """
    figure, (axis,) = canvas(title, unit, 4.0)
    axis.fill_between(table.index, table["low_pct"], table["high_pct"], color=TEAL, alpha=0.18, lw=0, step="mid")
    others = table.drop(event)
    outside = (others["return_pct"] < others["low_pct"]) | (others["return_pct"] > others["high_pct"])
    axis.scatter(others.index[~outside], others.loc[~outside, "return_pct"], s=9, color=CONTEXT, zorder=3, lw=0)
    axis.scatter(others.index[outside], others.loc[outside, "return_pct"], s=20, color=ORANGE, zorder=4, lw=0)
    value = float(table.loc[event, "return_pct"])
    axis.scatter([event], [value], s=62, color=RED, zorder=5, lw=0)
    late = table.index.get_loc(event) > 0.55 * len(table)
    axis.annotate(
        text,
        (event, value),
        xytext=(-9 if late else 9, 0),
        textcoords="offset points",
        ha="right" if late else "left",
        va="center",
        size=9.5,
        color=RED,
        weight="bold",
        zorder=6,
        bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 0.8, "alpha": 0.8},
    )
    axis.axhline(0, color=MUTED, lw=0.9)
    time_axis(axis, table.index)
    axis.margins(y=0.09)
    return figure


@drawn
def interval_dots(
    table: pd.DataFrame,
    title: str,
    unit: str,
    colours: Mapping[str, str],
    mark: tuple[float, str] | None = None,
) -> Figure:
    """Draw one dot with its range for each row, on a logarithmic axis.

    Parameters
    ----------
    table : pd.DataFrame, index label
        `value`, `low`, `high`, `text`.
    mark : (value, label), optional
        A vertical line.

    Returns
    -------
    Figure
    """
    figure, (axis,) = canvas(title, unit, 1.6 + 0.42 * len(table))
    places = np.arange(len(table))[::-1]
    tints = [colours.get(str(name), CONTEXT) for name in table.index]
    axis.hlines(places, table["low"], table["high"], color=tints, lw=5, alpha=0.35, zorder=2)
    axis.scatter(table["value"], places, s=60, color=tints, zorder=3)
    for place, high, text in zip(places, table["high"], table["text"], strict=True):
        axis.annotate(
            text,
            (high, place),
            xytext=(7, 0),
            textcoords="offset points",
            va="center",
            size=9,
            color=INK,
            zorder=6,
            bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 0.8},
        )
    axis.set_xscale("log")
    if on_phone():
        axis.xaxis.set_major_locator(LogLocator(numticks=4))
    axis.xaxis.set_major_formatter(FuncFormatter(plain))
    axis.xaxis.set_minor_formatter(NullFormatter())
    low, high = float(table["low"].min()), float(table["high"].max())
    axis.set_xlim(low / 1.6, high * (high / low) ** 0.42 * 1.6)
    box = axis.get_position()
    axis.set_position((box.x0, box.y0, 0.96 - box.x0, box.height))  # room for the last tick's label
    axis.set_yticks(places, list(table.index), color=INK)
    axis.set_ylim(-0.6, len(table) - 0.2)
    if mark:
        upright_marks(axis, {mark[1]: mark[0]})
    sideways(axis, zero=False)
    fit_left(figure, axis)
    return figure


@drawn
def waiting_times(others: pd.DataFrame, own: pd.DataFrame, names: Mapping[str, str], title: str, unit: str) -> Figure:
    """Draw how long each comparable fall took to be made up, and where this one stands.

    Parameters
    ----------
    others : pd.DataFrame
        From `selloff.other_falls`.
    own : pd.DataFrame, index series
        From `selloff.recovery_table`; rows without other falls, or without a fall, are left out.
    names : mapping
        Row -> label.

    Returns
    -------
    Figure
        Logarithmic days; a hollow dot is not back yet and stands at the days watched.
    """
    rows = [str(name) for name in own.index if own.loc[name, "others"] > 0]
    figure, (axis,) = canvas(title, unit, 1.55 + 0.62 * len(rows))
    for place, name in enumerate(reversed(rows)):
        part = others[others["row"] == name]
        waits = part["days"].fillna(part["days_watched"]).astype(float).clip(lower=1)
        open_ = part["days"].isna().to_numpy()
        offsets = place - 0.03 + 0.5 * (np.arange(len(part)) * 0.618034 % 1 - 0.5)
        axis.scatter(waits[~open_], offsets[~open_], s=30, color=CONTEXT, alpha=0.8, lw=0, zorder=3)
        axis.scatter(waits[open_], offsets[open_], s=30, facecolor=PAPER, edgecolor=CONTEXT, lw=1.3, zorder=3)
        median = own.loc[name, "others_median_days"]
        if not np.isnan(median):
            axis.vlines(median, place - 0.36, place + 0.36, color=INK, lw=1.8, zorder=4)
        days = own.loc[name, "days"]
        if not pd.isna(days):
            axis.scatter([max(float(days), 1)], [place], s=150, marker="D", color=RED, zorder=5, edgecolor=PAPER, lw=1)
            axis.annotate(
                f"{int(days)}",
                (max(float(days), 1), place),
                xytext=(0, 9),
                textcoords="offset points",
                ha="center",
                va="bottom",
                size=9.5,
                weight="bold",
                color=RED,
                zorder=6,
                bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 0.6, "alpha": 0.85},
            )
    axis.set_xscale("log")
    low, high = axis.get_xlim()
    marks = [step * 10**power for power in range(4) for step in ((1,) if on_phone() else (1, 2, 5))]
    axis.set_xticks([mark for mark in marks if low <= mark <= high], minor=False)
    axis.xaxis.set_major_formatter(FuncFormatter(plain))
    axis.xaxis.set_minor_locator(NullLocator())
    axis.set_yticks(range(len(rows)), [names[name] for name in reversed(rows)], color=INK)
    axis.set_ylim(-0.6, len(rows) - 0.3)
    sideways(axis, zero=False)
    fit_left(figure, axis)
    return figure


def _plain_panel(axis: Axes, place: int, columns: int, last_row: bool) -> None:
    axis.grid(axis="y", visible=True, color=GRID, lw=0.8)
    for side in ("top", "right", "left"):
        axis.spines[side].set_visible(False)
    axis.spines["bottom"].set_color(MUTED)
    axis.set_axisbelow(True)
    axis.tick_params(labelsize=8.5, colors=MUTED, labelbottom=last_row, labelleft=place % columns == 0, length=0)
    axis.xaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    axis.margins(x=0)
