"""What the charts of the boom share: a chart with its words, colours, axes, marks and room for them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter

from helpers import charts, words
from helpers.boom.boom import Boom
from helpers.results import Output

PALETTE = (  # the eras' own colours and Nvidia's last
    charts.PINK,
    charts.GOLD,
    charts.GREEN,
    charts.PURPLE,
    charts.RED,
    charts.BROWN,
    charts.BLUE,
    charts.TEAL,
)


@dataclass(frozen=True)
class Chart:
    """A drawn chart with everything that its place on the page needs.

    Attributes
    ----------
    figure : Figure
    name : str
        File name, and what findings point to.
    caption, alt, source : str
    data : DataFrame
        The numbers drawn.
    """

    figure: Figure
    name: str
    caption: str
    alt: str
    source: str
    data: pd.DataFrame


def show(out: Output, chart: Chart) -> None:
    """Put a chart on the page and into the run's folder.

    Parameters
    ----------
    out : Output
    chart : Chart
    """
    out.figure(chart.figure, chart.name, chart.caption, chart.alt, chart.source, chart.data)


def colours(tickers: Sequence[str]) -> dict[str, str]:
    """Give every company its colour, and companies without one a colour that is still free.

    Parameters
    ----------
    tickers : sequence of str

    Returns
    -------
    dict of str to str

    Examples
    --------
    >>> colours(["NVDA", "MU"])["NVDA"] == charts.COMPANY["NVDA"]
    True
    """
    known = {ticker: charts.COMPANY[ticker] for ticker in tickers if ticker in charts.COMPANY}
    free = itertools.cycle([one for one in PALETTE if one not in known.values()] or PALETTE)
    return {ticker: known[ticker] if ticker in known else next(free) for ticker in tickers}


def change(ratio: float) -> str:
    """Say how far a price went: multiplied from a doubling on, else risen or fallen by a share.

    Examples
    --------
    >>> change(9.766), change(1.631), change(0.9)
    ('was multiplied by 9.8', 'rose by 63 %', 'fell by 10 %')
    """
    if np.isnan(ratio):
        return "has no price for the whole span"
    if ratio >= 2:
        return f"was multiplied by {words.number(ratio, 1)}"
    size = words.percent(abs(100 * (ratio - 1)), 0)
    return f"{words.moved(ratio - 1)} by {size}" if abs(ratio - 1) >= 0.005 else "hardly moved"


def time_axis(axis: Axes, first: Any, last: Any, most: int = 7) -> None:
    """Give a panel dates that do not crowd.

    Parameters
    ----------
    axis : Axes
    first, last : Timestamp
    most : int
        Most marks.
    """
    locator = AutoDateLocator(minticks=3, maxticks=min(most, 5) if charts.on_phone() else most)
    axis.xaxis.set_major_locator(locator)
    axis.xaxis.set_major_formatter(ConciseDateFormatter(locator, show_offset=False))
    axis.set_xlim(first, last)


def place(axis: Axes, left: float, right: float) -> None:
    """Move a panel between two fractions of the width, keeping its height; on a phone it has the whole width.

    Parameters
    ----------
    axis : Axes
    left, right : float
        Fractions of the figure's width.
    """
    if charts.on_phone():
        return
    box = axis.get_position()
    axis.set_position((left, box.y0, right - left, box.height))


def panel_titles(figure: Figure, titles: Sequence[str], inches: float = 0.24) -> None:
    """Write above each panel what it shows, making room for it.

    Parameters
    ----------
    figure : Figure
    titles : sequence of str
        One a panel.
    inches : float
        Height of the room.
    """
    for axis, text in zip(figure.axes, titles, strict=True):
        box = axis.get_position()
        axis.set_position((box.x0, box.y0, box.width, box.height - inches / figure.get_figheight()))
        axis.text(0, 1.015, text, transform=axis.transAxes, size=9.5, color=charts.INK, ha="left", va="bottom")


def lift(figure: Figure, inches: float = 0.16) -> None:
    """Raise the foot of every panel, where the labels below it need more room than one line.

    Parameters
    ----------
    figure : Figure
    inches : float
    """
    up = inches / figure.get_figheight()
    for axis in figure.axes:
        box = axis.get_position()
        axis.set_position((box.x0, box.y0 + up, box.width, box.height - up))


def times_axis(axis: Axes) -> None:
    """Give a logarithmic vertical axis plain marks at 1, 2 and 5.

    Parameters
    ----------
    axis : Axes
    """
    axis.set_yscale("log")
    low, high = axis.get_ylim()
    steps = (1, 2, 5) if high / low < 60 else (1, 3)
    marks = [step * 10.0**power for power in range(-3, 6) for step in steps]
    axis.yaxis.set_major_locator(FixedLocator([mark for mark in marks if low <= mark <= high]))
    axis.yaxis.set_major_formatter(FuncFormatter(charts.plain))
    axis.yaxis.set_minor_formatter(NullFormatter())
    axis.set_ylim(low, high)


def mark_events(axis: Axes, events: Sequence[charts.Event]) -> None:
    """Mark dated events by dotted lines with their names above the panel, clear of what is drawn in it.

    Parameters
    ----------
    axis : Axes
    events : sequence of Event
    """
    free = -np.inf
    for event in sorted(events, key=lambda one: pd.Timestamp(one.date)):
        axis.axvline(event.date, color=charts.MUTED, lw=0.8, ls=(0, (2, 2)), zorder=1)
        middle = axis.transData.transform((axis.convert_xunits(event.date), 1))[0]
        half = 2.6 * len(event.label) * axis.figure.dpi / 72
        if middle - half < free:
            continue  # the line stays, a name on a name would not be read
        free = middle + half + 4
        axis.annotate(
            event.label,
            (event.date, 1),
            xycoords=("data", "axes fraction"),
            xytext=(0, 3),
            textcoords="offset points",
            ha="center",
            va="bottom",
            size=8,
            color=charts.MUTED,
        )


def mark_end(axis: Axes, boom: Boom, label: str = "") -> None:
    """Draw a dotted line at the boom's end when the chart goes on after it.

    Parameters
    ----------
    axis : Axes
    boom : Boom
    label : str
        Written beside the line.
    """
    if boom.end >= boom.last:
        return
    axis.axvline(boom.end, color=charts.MUTED, lw=0.9, ls=(0, (2, 2)), zorder=1)
    if label:
        axis.annotate(
            label,
            (boom.end, 1),
            xycoords=("data", "axes fraction"),
            xytext=(3, -3),
            textcoords="offset points",
            size=8,
            color=charts.MUTED,
            va="top",
        )


def upper(text: str) -> str:
    """Begin a sentence with a capital, leaving the rest as it is.

    Examples
    --------
    >>> upper("the S&P 500")
    'The S&P 500'
    """
    return text[:1].upper() + text[1:]
