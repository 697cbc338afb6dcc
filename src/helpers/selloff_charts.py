"""Chart forms that only the study of one day needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

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
    fit_left,
    plain,
    time_axis,
)

LOW_MARK = " †"


def signed(value: float, decimals: int = 1) -> str:
    """Write a number with its sign and a true minus.

    Examples
    --------
    >>> signed(-16.97), signed(0.24)
    ('−17.0', '+0.2')
    """
    return f"{value:+.{decimals}f}".replace("-", "−")


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
        axis.barh(
            rows, part.to_numpy(float), height=0.74, color=GROUP.get(str(group), GROUP["other"]), zorder=2
        )
        for row, value in zip(rows, part, strict=True):
            _value(axis, value, row)
        labels += [names[str(name)] for name in part.index]
        places += rows.tolist()
        axis.annotate(
            f"{group}\nmean {signed(mean)} %",
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
    room = 0.09 * (high - low)
    axis.set_xlim(low - room if low < 0 else 0, high + room if high > 0 else 0)
    _sideways(axis)
    box = axis.get_position()
    axis.set_position((box.x0, box.y0, 0.785 - box.x0, box.height))
    fit_left(figure, axis)
    return figure


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
        sizes=(7, 420),
        alpha=0.62,
        linewidth=0.3,
        edgecolor=PAPER,
        legend=False,
        ax=axis,
        zorder=3,
    )
    for row, median in medians.items():
        axis.vlines(median, order[row] - 0.38, order[row] + 0.38, color=INK, lw=1.6, zorder=5)
    for name in label:
        if name in dots.index:
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
    _upright(axis, marks)
    axis.set_yticks(list(order.values()), list(order), color=INK)
    axis.set_ylim(-0.6, len(order) - 0.3)
    axis.set(xlabel="", ylabel="")
    _sideways(axis)
    fit_left(figure, axis)
    return figure


def two_rankings(
    left: pd.DataFrame, right: pd.DataFrame, title: str, unit: str, heads: tuple[str, str]
) -> Figure:
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
    figure, axes = canvas(title, unit, 1.5 + 0.27 * rows, panels=2)
    for axis, table, head in zip(axes, (left, right), heads, strict=True):
        places = rows - 1 - np.arange(len(table))
        tints = [
            TEAL if kind == "event" else ORANGE if kind == "dotcom" else CONTEXT for kind in table["kind"]
        ]
        axis.barh(places, table["value"].to_numpy(float), color=tints, height=0.7, zorder=2)
        for place, value, text in zip(places, table["value"], table["text"], strict=True):
            axis.annotate(
                text, (value, place), xytext=(4, 0), textcoords="offset points", va="center", size=8.5
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
    for axis, left_edge in zip(axes, (0.0, 0.5), strict=True):
        box = axis.get_position()
        axis.set_position((left_edge + 0.195, box.y0 - 0.18 / figure.get_figheight(), 0.29, box.height))
    return figure


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
            size=9,
            loc="left",
            color=colour,
            weight="bold" if clear else "normal",
            pad=3,
        )
        _plain_panel(axis, place, columns, last_row=place + columns >= len(names))
    return figure


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
    axis.fill_between(
        table.index, table["low_pct"], table["high_pct"], color=TEAL, alpha=0.18, lw=0, step="mid"
    )
    others = table.drop(event)
    outside = (others["return_pct"] < others["low_pct"]) | (others["return_pct"] > others["high_pct"])
    axis.scatter(
        others.index[~outside], others.loc[~outside, "return_pct"], s=9, color=CONTEXT, zorder=3, lw=0
    )
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
    )
    axis.axhline(0, color=MUTED, lw=0.9)
    time_axis(axis, table.index)
    axis.margins(y=0.09)
    return figure


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
            text, (high, place), xytext=(7, 0), textcoords="offset points", va="center", size=9, color=INK
        )
    axis.set_xscale("log")
    axis.xaxis.set_major_formatter(FuncFormatter(plain))
    axis.xaxis.set_minor_formatter(NullFormatter())
    low, high = float(table["low"].min()), float(table["high"].max())
    axis.set_xlim(low / 1.6, high * (high / low) ** 0.42 * 1.6)
    axis.set_yticks(places, list(table.index), color=INK)
    axis.set_ylim(-0.6, len(table) - 0.2)
    if mark:
        _upright(axis, {mark[1]: mark[0]})
    _sideways(axis, zero=False)
    fit_left(figure, axis)
    return figure


def waiting_times(
    others: pd.DataFrame, own: pd.DataFrame, names: Mapping[str, str], title: str, unit: str
) -> Figure:
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
            axis.scatter(
                [max(float(days), 1)], [place], s=150, marker="D", color=RED, zorder=5, edgecolor=PAPER, lw=1
            )
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
            )
    axis.set_xscale("log")
    axis.xaxis.set_major_formatter(FuncFormatter(plain))
    axis.xaxis.set_minor_formatter(NullFormatter())
    axis.set_yticks(range(len(rows)), [names[name] for name in reversed(rows)], color=INK)
    axis.set_ylim(-0.6, len(rows) - 0.3)
    _sideways(axis, zero=False)
    fit_left(figure, axis)
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


def _sideways(axis: Axes, zero: bool = True) -> None:
    axis.grid(axis="y", visible=False)
    axis.grid(axis="x", visible=True, color=GRID)
    if zero:
        axis.axvline(0, color=MUTED, lw=0.9, zorder=1)


def _upright(axis: Axes, marks: Mapping[str, float]) -> None:
    """Draw vertical lines whose labels stand on one line above the chart, apart from one another."""
    placed = sorted(marks.items(), key=lambda item: item[1])
    for place, (label, at) in enumerate(placed):
        axis.axvline(at, color=INK, lw=1.1, ls=(0, (4, 2)), zorder=4)
        left = place == 0 and len(placed) > 1
        axis.annotate(
            label,
            (at, 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(-3 if left else 3, 2),
            textcoords="offset points",
            ha="right" if left else "left",
            va="bottom",
            size=8.5,
            color=INK,
        )


def _plain_panel(axis: Axes, place: int, columns: int, last_row: bool) -> None:
    axis.grid(axis="y", visible=True, color=GRID, lw=0.8)
    for side in ("top", "right", "left"):
        axis.spines[side].set_visible(False)
    axis.tick_params(
        labelsize=8.5, colors=MUTED, labelbottom=last_row, labelleft=place % columns == 0, length=0
    )
    axis.margins(x=0)


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
