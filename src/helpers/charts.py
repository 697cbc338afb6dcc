"""The house style and the few chart forms of the study."""

from __future__ import annotations

import functools
import itertools
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import XAxis, YAxis
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter
from matplotlib.transforms import Bbox

from helpers.storage import write

INK, MUTED, GRID, CONTEXT, PAPER = "#1f2933", "#55616c", "#dde2e7", "#8b96a1", "#ffffff"
TEAL, BLUE, ORANGE, PURPLE, RED = "#0b8577", "#2b6cb0", "#bf5b00", "#7d55b8", "#b8344e"
GOLD, GREEN, PINK, BROWN = "#8f6d00", "#567a1c", "#b04a8f", "#7a5a45"
# Each light colour and what stands for it on a dark page; a figure is drawn once and recoloured on export.
DARK = {
    INK: "#e8ecef", MUTED: "#aab4be", GRID: "#343c44", CONTEXT: "#7f8a95", PAPER: "#14181d",
    TEAL: "#35c4b3", BLUE: "#6cb0f5", ORANGE: "#f0964a", PURPLE: "#b79ce8", RED: "#f0788d",
    GOLD: "#d9b13b", GREEN: "#a3c552", PINK: "#e58fc8", BROWN: "#c49f86",
}  # fmt: skip
ERA = {"ai": BLUE, "dotcom": ORANGE}
GROUP = {
    "chips": TEAL, "data-centre equipment": PURPLE, "power": GOLD, "cloud and platforms": BLUE,
    "devices": PINK, "dot-com leaders": ORANGE, "index": CONTEXT, "fund": CONTEXT, "other": BROWN,
}  # fmt: skip
COMPANY = {
    "NVDA": TEAL, "MSFT": BLUE, "AAPL": PINK, "AMZN": GOLD, "GOOGL": GREEN, "META": PURPLE, "TSLA": RED,
    "AVGO": BROWN, "CSCO": ORANGE, "INTC": RED, "QCOM": PURPLE, "ORCL": BROWN, "^IXIC": BLUE, "^GSPC": INK,
    "SPY": INK, "RSP": CONTEXT, "QQQ": BLUE, "SMH": TEAL,
}  # fmt: skip
FALLS = ["#9f1d3a", "#d1506a", "#eda9b5", "#d9dee3", "#a9cfe8", "#4f94c9", "#1b5c94"]
STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans", "font.size": 10, "text.color": INK, "axes.edgecolor": MUTED, "axes.labelcolor": MUTED,
    "xtick.color": MUTED, "ytick.color": MUTED, "axes.grid": True, "axes.grid.axis": "y", "grid.color": GRID,
    "grid.linewidth": 0.8, "axes.spines.top": False, "axes.spines.right": False, "axes.spines.left": False,
    "axes.axisbelow": True, "figure.facecolor": PAPER, "axes.facecolor": PAPER, "savefig.facecolor": PAPER,
    "svg.hashsalt": "study", "svg.fonttype": "path", "lines.linewidth": 1.9, "ytick.major.size": 0, "ytick.minor.size": 0,
    "axes.unicode_minus": True, "path.simplify": True, "path.simplify_threshold": 0.4,
}  # fmt: skip
WIDTH, HEIGHT, DPI = 8.6, 4.9, 110
PHONE_WIDTH = 3.75  # 360 pixels: a screen of 390 without its margins
PHONE_MOST = 4.15  # a label may reach over the page so far; the drawing is then shown a tenth smaller
# Charts that a phone cannot hold; it shows the wide drawing in a box that scrolls.
WIDE_ONLY = frozenset({
    "members_map",  # the treemap of all members
    "verdicts",  # a table of four columns
    "stated_and_measured",  # rows named by sentences
})  # fmt: skip
_ON_PHONE: ContextVar[bool] = ContextVar("on_phone", default=False)
P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Event:
    """A dated mark on a chart."""

    date: Any
    label: str


@contextmanager
def phone() -> Iterator[None]:
    """Draw for a phone: inside, `canvas` makes a narrow page with its panels one below the other.

    Examples
    --------
    >>> with phone():
    ...     float(canvas("A finding", "USD")[0].get_figwidth())
    3.75
    """
    token = _ON_PHONE.set(True)
    try:
        yield
    finally:
        _ON_PHONE.reset(token)


def on_phone() -> bool:
    """Whether a chart is being drawn for a phone."""
    return _ON_PHONE.get()


def drawn(draw: Callable[P, R]) -> Callable[P, R]:
    """Let a figure remember how it was drawn, so that it can be drawn again for a phone.

    Parameters
    ----------
    draw : callable
        Returns a Figure, a tuple that begins with one, or an object with the attribute ``figure``. Where
        one such function calls another, the outer one is remembered.

    Returns
    -------
    callable
    """

    @functools.wraps(draw)
    def remembered(*args: P.args, **kwargs: P.kwargs) -> R:
        result = draw(*args, **kwargs)
        vars(_figure_of(result))["redraw"] = lambda: _figure_of(draw(*args, **kwargs))
        return result

    return remembered


def _figure_of(result: Any) -> Figure:
    figure = result[0] if isinstance(result, tuple) else getattr(result, "figure", result)
    return figure if isinstance(figure, Figure) else result


def canvas(title: str, unit: str, height: float = HEIGHT, panels: int = 1, **grid: Any) -> tuple[Figure, list[Axes]]:
    """Make an empty chart with a finding as its title and the unit below it.

    Parameters
    ----------
    title : str
        The finding as a sentence.
    unit : str
        What is measured, in which unit.
    height : float
        Height in inches; the width is that of the page.
    panels : int
        Number of panels side by side.
    **grid
        Passed to `Figure.subplots`.

    Returns
    -------
    Figure and list of Axes
    """
    if on_phone():
        return _phone_canvas(title, height, panels, grid)
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(WIDTH, height))
        axes = figure.subplots(1, panels, squeeze=False, **grid)[0]
    lines = _title_lines(title)
    top = 1 - (0.12 + 0.235 * len(lines)) / height
    figure.text(
        0.012,
        1 - 0.09 / height,
        "\n".join(lines),
        size=12.5,
        weight="bold",
        va="top",
        ha="left",
        color=INK,
        linespacing=1.2,
    )
    figure.text(0.012, top - 0.03 / height, unit, size=9.5, va="top", ha="left", color=MUTED)
    figure.subplots_adjust(left=0.075, right=0.985, bottom=0.52 / height, top=top - 0.36 / height, wspace=0.22)
    return figure, list(axes)


def _title_lines(title: str) -> list[str]:
    """Break a title; a number stays on the line of its unit, and a hyphenated word stays whole."""
    held = title.replace(" %", "\u00a0%").replace("USD ", "USD\u00a0")
    return [line.replace("\u00a0", " ") for line in textwrap.wrap(held, 80, break_on_hyphens=False)]


def _phone_canvas(title: str, height: float, panels: int, grid: Mapping[str, Any]) -> tuple[Figure, list[Axes]]:
    """Make the page for a phone: as high a drawing in each panel, without title and unit, which the site says."""
    body = height - (0.48 + 0.235 * len(_title_lines(title))) - 0.52
    above, between, below = 0.12, 0.62, 0.42
    tall = above + panels * body + (panels - 1) * between + below
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(PHONE_WIDTH, tall))
        kept = {name: value for name, value in grid.items() if name in ("sharex", "sharey")}
        axes = figure.subplots(panels, 1, squeeze=False, **kept)[:, 0]
    figure.subplots_adjust(left=0.12, right=0.965, bottom=below / tall, top=1 - above / tall, hspace=between / body)
    return figure, list(axes)


@drawn
def lines(
    frame: pd.DataFrame,
    title: str,
    unit: str,
    colours: Mapping[str, str] | None = None,
    names: Mapping[str, str] | None = None,
    log: bool = False,
    events: Sequence[Event] = (),
    bands: Mapping[str, tuple[pd.Series, pd.Series]] | None = None,
    shade: Sequence[tuple[Any, Any]] = (),
    zero: bool = False,
    x_label: str = "",
    height: float = HEIGHT,
) -> Figure:
    """Draw a line for each column, labelled at its end.

    Parameters
    ----------
    frame : pd.DataFrame, shape (points, series)
        Index is the horizontal axis (dates or numbers). Columns without a colour are drawn as grey context.
    title, unit : str
        The finding; what is measured.
    colours, names : mapping, optional
        Column -> colour; column -> label (an empty label is not written).
    log : bool
        Logarithmic vertical axis, where growth is compared.
    events : sequence of Event
        Vertical marks.
    bands : mapping, optional
        Column -> (low, high) drawn as a band.
    shade : sequence of (start, end)
        Spans in the background.
    zero : bool
        Draw a line at zero.

    Returns
    -------
    Figure
    """
    figure, (axis,) = canvas(title, unit, height)
    colours = colours or {}
    for start, end in shade:
        axis.axvspan(start, end, color=ORANGE, alpha=0.16, lw=0)
    for name in sorted(frame.columns, key=lambda column: column in colours):
        series = frame[name].dropna()
        colour = colours.get(name, CONTEXT)
        axis.plot(
            series.index,
            series.to_numpy(),
            color=colour,
            lw=2.1 if name in colours else 1.1,
            zorder=3 if name in colours else 2,
        )
        if bands and name in bands:
            low, high = bands[name]
            axis.fill_between(low.index, low.to_numpy(), high.to_numpy(), color=colour, alpha=0.16, lw=0)
    if log:
        _log_axis(axis)
    if zero:
        axis.axhline(0, color=MUTED, lw=0.9)
    time_axis(axis, frame.index)
    axis.set_xlabel(x_label)
    if not on_phone():
        _event_marks(axis, events)
    ends = {name: frame[name].dropna() for name in frame.columns}
    labels = [
        (series.index[-1], series.iloc[-1], (names or {}).get(name, name), colours.get(name, MUTED))
        for name, series in ends.items()
        if len(series)
    ]
    end_labels(axis, labels)
    if on_phone():  # only now is the panel as narrow as it will be
        _event_marks(axis, events)
    return figure


@drawn
def bars(
    values: pd.Series,
    title: str,
    unit: str,
    colours: Mapping[str, str] | str = BLUE,
    names: Mapping[str, str] | None = None,
    form: str = "{:+.1f}",
    spans: pd.DataFrame | None = None,
    height: float | None = None,
) -> Figure:
    """Draw horizontal bars with their values, in the order given (first on top).

    Parameters
    ----------
    values : pd.Series
        Label -> value.
    spans : pd.DataFrame, optional
        Columns ``low`` and ``high`` for each label, drawn as whiskers.
    form : str
        How a value is written.

    Returns
    -------
    Figure
    """
    height = height or max(2.2, 1.15 + 0.27 * len(values))
    figure, (axis,) = canvas(title, unit, height)
    places = np.arange(len(values))[::-1]
    tints = [colours if isinstance(colours, str) else colours.get(str(name), CONTEXT) for name in values.index]
    axis.barh(places, values.to_numpy(float), color=tints, height=0.68, zorder=2)
    ends = values.to_numpy(float)
    if spans is not None:
        low, high = (
            spans.loc[values.index, "low"].to_numpy(float),
            spans.loc[values.index, "high"].to_numpy(float),
        )
        axis.hlines(places, low, high, color=INK, lw=1.1, zorder=3)
        ends = np.where(values.to_numpy(float) < 0, np.fmin(ends, low), np.fmax(ends, high))
    for place, end, value in zip(places, ends, values.to_numpy(float), strict=True):
        side = -1 if value < 0 else 1
        if np.isnan(value):
            end = 0.0
        axis.annotate(
            "not known" if np.isnan(value) else form.format(value).replace("-", "−"),
            (end, place),
            xytext=(4 * side, 0),
            textcoords="offset points",
            va="center",
            ha="right" if side < 0 else "left",
            size=9,
            color=INK,
        )
    axis.set_yticks(places, [(names or {}).get(str(name), str(name)) for name in values.index], color=INK)
    axis.grid(axis="y", visible=False)
    axis.grid(axis="x", visible=True)
    axis.axvline(0, color=MUTED, lw=0.9)
    axis.margins(x=0.3 if on_phone() else 0.12, y=0.02)
    fit_left(figure, axis)
    return figure


@drawn
def stacked(
    frame: pd.DataFrame,
    title: str,
    unit: str,
    colours: Mapping[str, str],
    names: Mapping[str, str] | None = None,
    total: str = "{:.0f}",
    height: float = HEIGHT,
) -> Figure:
    """Draw stacked columns, one for each row, with totals on top and a key in the order of the stack.

    Negative parts stack below zero; the total written is the sum of the row.
    """
    figure, (axis,) = canvas(title, unit, height)
    places = np.arange(len(frame))
    up, down = np.zeros(len(frame)), np.zeros(len(frame))
    for name in frame.columns:
        values = frame[name].fillna(0).to_numpy(float)
        base = np.where(values >= 0, up, down)
        axis.bar(
            places,
            values,
            bottom=base,
            color=colours.get(str(name), CONTEXT),
            width=0.7,
            label=(names or {}).get(str(name), str(name)),
            edgecolor=PAPER,
            linewidth=0.5,
        )
        up, down = up + np.maximum(values, 0), down + np.minimum(values, 0)
    for place, top, whole in zip(places, up, frame.sum(axis=1), strict=True):
        axis.annotate(
            total.format(whole).replace("-", "−"),
            (place, top),
            xytext=(0, 3),
            textcoords="offset points",
            ha="center",
            va="bottom",
            size=9,
            color=INK,
        )
    axis.set_xticks(places, [str(label) for label in frame.index], color=INK)
    axis.axhline(0, color=MUTED, lw=0.9)
    axis.margins(y=0.12)
    key(axis, len(frame.columns))
    return figure


@drawn
def dots(
    frame: pd.DataFrame,
    title: str,
    unit: str,
    colours: Mapping[str, str],
    names: Mapping[str, str] | None = None,
    log: bool = False,
    height: float | None = None,
) -> Figure:
    """Draw one row for each label and one dot for each column, joined by a line: then and now.

    Parameters
    ----------
    frame : pd.DataFrame
        Index: labels, columns: what is compared.
    """
    height = height or max(2.4, 1.35 + 0.34 * len(frame))
    figure, (axis,) = canvas(title, unit, height)
    places = np.arange(len(frame))[::-1]
    axis.hlines(places, frame.min(axis=1), frame.max(axis=1), color=GRID, lw=3, zorder=1)
    for name in frame.columns:
        axis.scatter(
            frame[name],
            places,
            s=52,
            color=colours.get(str(name), CONTEXT),
            zorder=3,
            label=(names or {}).get(str(name), str(name)),
        )
    axis.set_yticks(places, [str(label) for label in frame.index], color=INK)
    axis.grid(axis="y", visible=False)
    axis.grid(axis="x", visible=True)
    if log:
        axis.set_xscale("log")
        axis.xaxis.set_major_formatter(FuncFormatter(plain))
        axis.xaxis.set_minor_formatter(NullFormatter())
    axis.margins(y=0.08)
    key(axis, len(frame.columns))
    fit_left(figure, axis)
    return figure


@drawn
def treemap(
    sizes: pd.Series,
    values: pd.Series,
    groups: pd.Series,
    title: str,
    unit: str,
    limit: float = 3.0,
    height: float = 6.4,
) -> Figure:
    """Draw one rectangle for each company: area by size, colour by value, gathered by group.

    Parameters
    ----------
    sizes, values, groups : pd.Series
        By ticker: weight, move in percent, name of the group.
    limit : float
        Move in percent at which the colour is deepest.
    """
    figure, (axis,) = canvas(title, unit, height)
    figure.subplots_adjust(left=0.008, right=0.992, bottom=0.42 / height)
    axis.set_axis_off()
    axis.set(xlim=(0, 100), ylim=(0, 100))
    if values.reindex(sizes.index).isna().any() or (sizes <= 0).any():
        wrong = sizes.index[values.reindex(sizes.index).isna() | (sizes <= 0)]
        raise ValueError(f"no move or no weight for {', '.join(map(str, wrong[:5]))}: leave these lines out")
    edges = np.array([-limit, -limit / 2, -limit / 6, limit / 6, limit / 2, limit])
    totals = sizes.groupby(groups).sum().sort_values(ascending=False, kind="stable")
    for group, area in zip(totals.index, _rectangles(totals, 0, 0, 100, 100), strict=True):
        inside = sizes[groups == group].sort_values(ascending=False, kind="stable")
        left, top, wide, tall = area
        head = 2.9 if tall > 6 and wide > 6 else 0
        if head:
            axis.text(
                left + 0.4,
                100 - top - 0.4,
                textwrap.shorten(str(group), int(wide * 0.92), placeholder="…"),
                size=7.5,
                va="top",
                ha="left",
                color=INK,
                weight="bold",
            )
        cells = _rectangles(inside, left, top + head, wide, tall - head)
        for ticker, cell in zip(inside.index, cells, strict=True):
            _tile(
                axis,
                str(ticker),
                float(values[ticker]),
                cell,
                int(np.searchsorted(edges, values[ticker])),
            )
    for place, (tint, label) in enumerate(
        zip(
            FALLS,
            [
                f"under {edges[0]:+.0f} %",
                *[f"{a:+.1f} to {b:+.1f}" for a, b in itertools.pairwise(edges)],
                f"over {edges[-1]:+.0f} %",
            ],
            strict=True,
        )
    ):
        axis.add_patch(mpl.patches.Rectangle((place * 14.2 + 0.3, -3.4), 1.8, 2.2, facecolor=tint, clip_on=False))
        axis.text(place * 14.2 + 2.7, -2.3, label.replace("-", "−"), size=7.5, va="center", color=MUTED)
    return figure


def _rectangles(
    sizes: pd.Series, left: float, top: float, wide: float, tall: float
) -> list[tuple[float, float, float, float]]:
    """Divide an area among sizes in descending order, the largest in the upper left corner."""
    import squarify

    cells = squarify.squarify(squarify.normalize_sizes(sizes, wide, tall), left, top, wide, tall)
    return [(cell["x"], cell["y"], cell["dx"], cell["dy"]) for cell in cells]


def _tile(axis: Axes, ticker: str, value: float, cell: tuple[float, float, float, float], shade: int) -> None:
    left, top, wide, tall = cell
    axis.add_patch(
        mpl.patches.Rectangle((left, 100 - top - tall), wide, tall, facecolor=FALLS[shade], edgecolor=PAPER, lw=0.5)
    )
    size = min(wide * 1.55 / max(len(ticker), 3) * 2.6, tall * 1.75, 15)
    if size < 5.5:
        return
    axis.text(
        left + wide / 2,
        100 - top - tall / 2,
        f"{ticker}\n{value:+.1f} %".replace("-", "−") if size > 7 else ticker,
        size=size if size <= 7 else size * 0.78,
        ha="center",
        va="center",
        # a tile keeps its colour on a dark page, so its text must not be of a colour that is turned there
        color="#fefefe" if shade in (0, 1, 5, 6) else "#1f2934",
        linespacing=1.1,
    )


@drawn
def spans(frame: pd.DataFrame, title: str, unit: str, colours: Mapping[str, str]) -> Figure:
    """Draw one horizontal span for each row: columns ``start``, ``end`` and ``group``."""
    figure, (axis,) = canvas(title, unit, max(2.4, 1.2 + 0.2 * len(frame)))
    places = np.arange(len(frame))[::-1]
    tints = [colours.get(group, CONTEXT) for group in frame["group"]]
    starts, ends = (mpl.dates.date2num(frame[column]) for column in ("start", "end"))
    least = (ends.max() - starts.min()) / 250  # a single date still shows
    axis.barh(places, np.maximum(ends - starts, least), left=starts, color=tints, height=0.62)
    axis.xaxis_date()
    if on_phone():
        time_marks(axis, 5)
    axis.set_yticks(places, list(frame.index), color=INK, size=8)
    axis.grid(axis="y", visible=False)
    axis.grid(axis="x", visible=True)
    axis.margins(y=0.015)
    fit_left(figure, axis)
    return figure


def end_labels(axis: Axes, labels: Sequence[tuple[Any, float, str, str]], size: float = 9) -> None:
    """Write each line's label at its end, moved apart where two would overlap.

    Parameters
    ----------
    labels : sequence of (x, y, text, colour)
    """
    figure = page_of(axis)
    labels = [label for label in labels if label[2]]
    if not labels:
        return
    longest = max(len(label[2]) for label in labels)
    room = min(0.45 if on_phone() else 0.30, (longest * size * 0.62 + 12) / 72 / figure.get_figwidth())
    box = axis.get_position()
    alone = len(figure.axes) == 1
    if alone or on_phone():
        axis.set_position((box.x0, box.y0, 0.985 - box.x0 - room, box.height))
    figure.draw_without_rendering()
    to_pixels = axis.transData.transform
    at = [to_pixels((axis.convert_xunits(x), y)) for x, y, _, _ in labels]
    order = np.argsort([spot[1] for spot in at], kind="stable")
    gap = size * 1.28 * figure.dpi / 72
    heights = np.array([at[i][1] for i in order])
    floor, roof = axis.bbox.y0 + gap / 2, axis.bbox.y1 - gap / 3
    for _ in range(200):
        heights = np.clip(heights, floor, roof)
        overlap = gap - np.diff(heights)
        if (overlap <= 0.01).all():
            break
        push = np.maximum(overlap, 0) / 2
        heights[:-1] -= push
        heights[1:] += push
    right = max(spot[0] for spot in at)
    points = 72 / figure.dpi
    for place, height in zip(order, heights, strict=True):
        x, y, text, colour = labels[place]
        moved = abs(height - at[place][1]) > 4 or right - at[place][0] > 8
        arrow = {"arrowstyle": "-", "color": colour, "lw": 0.6, "shrinkA": 0, "shrinkB": 1} if moved else None
        axis.annotate(
            text,
            (x, y),
            xytext=((right + 7 - at[place][0]) * points, (height - at[place][1]) * points),
            textcoords="offset points",
            va="center",
            size=size,
            color=colour,
            annotation_clip=False,
            arrowprops=arrow,
        )


def key(axis: Axes, columns: int = 4) -> None:
    """Put a key in one line above the chart, where lines cannot be labelled themselves."""
    most = 2 if on_phone() else 5
    axis.legend(
        loc="lower left",
        bbox_to_anchor=(-0.01, 0.995),
        ncols=min(columns, most),
        frameon=False,
        fontsize=9,
        labelcolor=INK,  # the default black would vanish on a dark page
        handlelength=1.1,
        columnspacing=1.3,
        handletextpad=0.5,
        borderaxespad=0.1,
    )
    box = axis.get_position()
    rows = int(np.ceil(columns / most))
    axis.set_position((box.x0, box.y0, box.width, box.height - 0.21 * rows / page_of(axis).get_figheight()))


def plain(value: float, _place: int = 0) -> str:
    """Write an axis number without an exponent."""
    return f"{value:,.0f}" if value == int(value) else f"{value:,.6g}"


def source_line(figure: Figure, source: str) -> None:
    """Write where the data come from at the foot of a figure."""
    foot = 0.1 / figure.get_figheight()
    figure.text(0.012, foot, f"Source: {source}", size=7.5, color=MUTED, ha="left", va="bottom")


def export(figure: Figure, folder: Path, name: str, data: pd.DataFrame | None = None) -> bytes:
    """Write a figure as SVG (light and dark) and PNG with its data as CSV; return the PNG.

    Notes
    -----
    Nothing in the files depends on the time or the machine, so that equal inputs give equal bytes.
    """
    import io

    folder.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context(STYLE):
        svg = io.StringIO()
        figure.savefig(svg, format="svg", metadata={"Date": None, "Creator": None})
        png = io.BytesIO()
        figure.savefig(png, format="png", dpi=DPI, metadata={"Software": None})
    picture = _few_colours(png.getvalue())
    light = svg.getvalue()
    write(folder / f"{name}.svg", light.encode())
    write(folder / f"{name}-dark.svg", darkened(light).encode())
    write(folder / f"{name}.png", picture)
    if data is not None:
        write(
            folder / f"{name}.csv",
            data.to_csv(float_format="%.10g", lineterminator="\n", date_format="%Y-%m-%d").encode(),
        )
    return picture


def export_phone(figure: Figure, folder: Path, name: str) -> list[str] | None:
    """Draw a figure again for a phone and write it as SVG, light and dark, where no text of it is in the way.

    Parameters
    ----------
    figure : Figure
        Drawn by a function that is marked with :func:`drawn`.
    folder : Path
    name : str

    Returns
    -------
    list of str or None
        Its text problems; with any, nothing is written and the site shows the wide drawing in a box that
        scrolls. None for a chart that is wide only.
    """
    import io

    redraw = getattr(figure, "redraw", None)
    if redraw is None or name in WIDE_ONLY:
        return None
    with phone():
        narrow = redraw()
        _make_room(narrow)
    page = _grown_page(narrow)
    problems = text_problems(narrow, page)
    if problems:
        return problems
    with mpl.rc_context(STYLE):
        svg = io.StringIO()
        inches = Bbox(page.get_points() / narrow.dpi)
        narrow.savefig(svg, format="svg", bbox_inches=inches, metadata={"Date": None, "Creator": None})
    light = svg.getvalue()
    write(folder / f"{name}.phone.svg", light.encode())
    write(folder / f"{name}.phone-dark.svg", darkened(light).encode())
    return problems


def darkened(svg: str) -> str:
    """Give a light drawing the colours of a dark page."""
    for colour, other in DARK.items():
        svg = svg.replace(colour, other)
    return svg


def _grown_page(figure: Figure) -> Bbox:
    """Return a page in pixels that takes in texts beyond the edge: of any height, and a little wider at most."""
    figure.draw_without_rendering()
    whole = Bbox(figure.get_tightbbox().get_points() * figure.dpi)
    page = Bbox.union([figure.bbox, whole.padded(2)])
    if page.width > PHONE_MOST * figure.dpi:
        page = Bbox.from_extents(figure.bbox.x0, page.y0, figure.bbox.x1, page.y1)
    return page


def _make_room(figure: Figure) -> None:
    """Break the long labels of a phone's drawing, and give those of the vertical axes the room they need."""
    for axis in figure.axes:
        _break_labels(axis.xaxis, 10)
    longest = max((_break_labels(axis.yaxis, 18) for axis in figure.axes), default=1)
    if longest > 1:
        figure.set_figheight(figure.get_figheight() * (1 + 0.3 * (longest - 1)))
    figure.draw_without_rendering()
    undrawn = _undrawn_ticks(figure)
    drawn_axes = [axis for axis in figure.axes if axis.axison]
    widths = [
        label.get_window_extent().width
        for axis in drawn_axes
        for label in axis.get_yticklabels()
        if label.get_text() and id(label) not in undrawn
    ]
    # Panels that stand one below the other begin at one place.
    left = min(0.5, (max(widths, default=0) + 10) / figure.bbox.width)
    for axis in drawn_axes:
        box = axis.get_position()
        if left < box.x1 - 0.2:
            axis.set_position((left, box.y0, box.x1 - left, box.height))
    figure.draw_without_rendering()
    for axis in drawn_axes:
        legend = axis.get_legend()
        if legend is not None and legend.get_window_extent().x1 > figure.bbox.x1:
            box = axis.get_position()
            legend.set_bbox_to_anchor((-box.x0 / box.width, 0.995), transform=axis.transAxes)


def _break_labels(axis: XAxis | YAxis, width: int) -> int:
    """Break labels that were written by hand into lines; return the most lines of a label."""
    texts = [label.get_text() for label in axis.get_majorticklabels()]
    longest = max((len(part) for text in texts for part in text.split("\n")), default=0)
    by_hand = isinstance(axis.get_major_locator(), FixedLocator) and any(map(str.isalpha, "".join(texts)))
    if not by_hand or longest <= 1.2 * width:
        return 1
    broken = [
        "\n".join(textwrap.fill(part, width, break_long_words=False) for part in text.split("\n")) for text in texts
    ]
    axis.set_ticks(axis.get_majorticklocs(), broken)
    now, before = (max((text.count("\n") + 1 for text in those), default=1) for those in (broken, texts))
    if now > 1:
        axis.set_tick_params(labelsize=8)
    return now - before + 1


def _few_colours(png: bytes) -> bytes:
    """Write a PNG with a palette of its own: a third of the size, and the eye sees no difference."""
    import io

    from PIL import Image

    small = io.BytesIO()
    with Image.open(io.BytesIO(png)) as picture:
        few = picture.convert("RGB").quantize(192, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    few.save(small, format="PNG", optimize=True)
    return small.getvalue()


def text_problems(figure: Figure, page: Bbox | None = None) -> list[str]:
    """List texts of a figure that are cut off at its edge or lie on one another, measured by the renderer.

    Parameters
    ----------
    figure : Figure
    page : Bbox, optional
        What is exported of it, in pixels; by default all.
    """
    from matplotlib.text import Text

    figure.draw_without_rendering()
    edge = figure.bbox if page is None else page
    seen, undrawn = [], _undrawn_ticks(figure)
    for text in figure.findobj(Text):
        if not text.get_visible() or not text.get_text().strip() or id(text) in undrawn:
            continue
        seen.append((text.get_text().replace("\n", " "), mpl.text.Text.get_window_extent(text)))
    problems = [
        f"{words!r} is cut off"
        for words, box in seen
        if box.x0 < edge.x0 - 1 or box.y0 < edge.y0 - 1 or box.x1 > edge.x1 + 1 or box.y1 > edge.y1 + 1
    ]
    for place, (words, box) in enumerate(seen):
        for others, other in seen[place + 1 :]:
            wide = min(box.x1, other.x1) - max(box.x0, other.x0)
            tall = min(box.y1, other.y1) - max(box.y0, other.y0)
            if wide > 1.5 and tall > 2.5:
                problems.append(f"{words!r} lies on {others!r}")
    return problems


def _undrawn_ticks(figure: Figure) -> set[int]:
    """Return the identities of tick labels that stand outside their axis and so are not drawn."""
    undrawn: set[int] = set()
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            slack = abs(high - low) * 1e-9
            for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
                if not axes.axison or not low - slack <= tick.get_loc() <= high + slack:
                    undrawn |= {id(tick.label1), id(tick.label2)}
    return undrawn


def page_of(axis: Axes) -> Figure:
    """Return the whole figure that an axis belongs to."""
    figure = axis.get_figure(root=True)
    if not isinstance(figure, Figure):
        raise ValueError("these axes belong to no figure: make them with `canvas`")
    return figure


def fit_left(figure: Figure, axis: Axes) -> None:
    """Give the labels of the vertical axis the room they need."""
    figure.draw_without_rendering()
    widest = max((label.get_window_extent().width for label in axis.get_yticklabels()), default=0)
    box = axis.get_position()
    left = min(0.5, (widest + 16) / figure.bbox.width)
    axis.set_position((left, box.y0, box.x1 - left, box.height))


def _log_axis(axis: Axes) -> None:
    axis.set_yscale("log")
    low, high = axis.get_ylim()
    marks = [
        factor * 10.0**power
        for power in range(-3, 8)
        for factor in ((1, 2, 5) if high / low < 300 else (1, 3) if high / low < 3000 else (1,))
    ]
    axis.set_yticks([mark for mark in marks if low <= mark <= high])
    axis.yaxis.set_major_formatter(FuncFormatter(plain))
    axis.yaxis.set_minor_formatter(NullFormatter())
    axis.set_ylim(low, high)


def time_marks(axis: Axes, most: int, least: int = 3) -> None:
    """Mark a horizontal axis of dates so many times, with short dates."""
    locator = AutoDateLocator(minticks=least, maxticks=most)
    axis.xaxis.set_major_locator(locator)
    axis.xaxis.set_major_formatter(ConciseDateFormatter(locator, show_offset=False))


def time_axis(axis: Axes, index: pd.Index) -> None:
    """Let the horizontal axis run from the first to the last point, with short dates where it has dates."""
    if isinstance(index, pd.DatetimeIndex):
        time_marks(axis, 5 if on_phone() else 9, 3 if on_phone() else 4)
        axis.set_xlim(index[0], index[-1])
    else:
        axis.set_xlim(index[0], index[-1])


def _event_marks(axis: Axes, events: Sequence[Event]) -> None:
    """Mark dated events with numbered lines of text that step down where they would collide."""
    figure = page_of(axis)
    if not events:
        return
    figure.draw_without_rendering()
    low, high = axis.get_xlim()
    taken: list[tuple[float, float, int]] = []
    for event in sorted(
        events,
        key=lambda item: pd.Timestamp(item.date) if not isinstance(item.date, int | float) else item.date,
    ):
        x = float(axis.convert_xunits(event.date if isinstance(event.date, int | float) else pd.Timestamp(event.date)))
        if not low <= x <= high:
            continue
        axis.axvline(x, color=MUTED, lw=0.8, ls=(0, (2, 2)), zorder=1)
        pixel = axis.transData.transform((x, 1))[0]
        width = len(event.label) * 5.1 * figure.dpi / 72
        left = pixel + width + 8 > axis.bbox.x1
        start, end = (pixel - width - 5, pixel) if left else (pixel, pixel + width + 5)
        row = next(row for row in range(len(events) + 1) if all(end < a or start > b for a, b, r in taken if r == row))
        taken.append((start, end, row))
        axis.annotate(
            event.label,
            (x, 1),
            xycoords=("data", "axes fraction"),
            xytext=(-3 if left else 3, -3 - 11 * row),
            textcoords="offset points",
            ha="right" if left else "left",
            va="top",
            size=8,
            color=MUTED,
            zorder=4,
            bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 0.8, "alpha": 0.75},
        )
