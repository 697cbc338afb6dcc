"""The charts of 03_dotcom_comparison that need more than one of the house's chart forms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter

from helpers import charts, words
from helpers.charts import ERA, Event
from helpers.dotcom.explosiveness import COMPOSITE, KINDS, MONTE_CARLO, WILD, Run, sequences, shaded
from helpers.dotcom.indicators import Indicator

KIND_COLOUR = {MONTE_CARLO: charts.RED, WILD: charts.PURPLE, COMPOSITE: charts.GREEN}
LEADER = {"Cisco": charts.COMPANY["CSCO"], "Nvidia": charts.COMPANY["NVDA"]}
PARTS = {"earnings": charts.GREEN, "multiple": charts.PURPLE}
MONEY_COLOUR = {
    "fed_assets_gdp": charts.TEAL, "federal_debt_gdp": charts.RED, "corporate_debt_gdp": charts.PURPLE,
    "private_credit_gdp": charts.GOLD, "m2_gdp": charts.BLUE,
}  # fmt: skip
RATE_COLOUR = {"policy_rate": charts.TEAL, "treasury_10y": charts.BLUE, "excess_cape_yield": charts.ORANGE}


@charts.drawn
def aligned_chart(frame: pd.DataFrame, title: str, unit: str, after: str, mark: str) -> Figure:
    """Draw both eras by trading days since their anchor, what followed the day compared in grey.

    Parameters
    ----------
    frame : DataFrame
        From :func:`helpers.dotcom.eras.aligned`.
    title, unit : str
    after : str
        Label of what followed.
    mark : str
        What day 0 is.
    """
    colours = {"dotcom": ERA["dotcom"], "ai": ERA["ai"]}
    events = [Event(0, mark)] if frame.index[0] < 0 else []
    figure = charts.lines(
        frame, title, unit, colours, dict.fromkeys(frame.columns, ""), log=True, events=events,
        x_label="trading days since the anchor",
    )  # fmt: skip
    for name, label in (("dotcom", "dot-com"), ("ai", "AI"), ("ai_after", after)):
        if frame[name].count() > 1:
            figure.axes[0].plot([], [], color=colours.get(name, charts.CONTEXT), label=label)
    charts.key(figure.axes[0], 3)
    return figure


@charts.drawn
def leaders_chart(former: pd.DataFrame, today: pd.DataFrame, now: pd.Timestamp, title: str, unit: str) -> Figure:
    """Draw price, earnings and multiple of Cisco and Nvidia in three panels by years since their era's start.

    Parameters
    ----------
    former, today : DataFrame
        From :func:`helpers.dotcom.era_leaders.multiples`.
    now : Timestamp
        Day compared; what followed is drawn thin.
    title, unit : str
    """
    figure, axes = charts.canvas(title, unit, 4.3, panels=3)
    panels = {
        "price": "price, USD",
        "earnings": "trailing earnings a share, USD",
        "multiple": "price over earnings, times",
    }
    for axis, (column, head) in zip(axes, panels.items(), strict=True):
        for name, whole in (("Cisco", former), ("Nvidia", today)):
            table = whole[whole["years"] >= 0]
            known = table.loc[:now, column] if name == "Nvidia" else table[column]
            axis.plot(table["years"], table[column], color=LEADER[name], lw=0.9, alpha=0.75)
            axis.plot(table["years"].reindex(known.index), known, color=LEADER[name], lw=2, label=name)
        _log_panel(axis, head)
    axes[0].legend(
        loc="lower right",
        frameon=False,
        labelcolor=charts.INK,
        fontsize=9,
        handlelength=1.1,
        borderaxespad=0.1,
    )
    return figure


def _log_panel(axis: Axes, head: str) -> None:
    """Give a small panel a logarithmic axis with few plain marks, and a heading with room above it."""
    axis.set_yscale("log")
    low, high = axis.get_ylim()
    steps = (1, 2, 5) if high / low < 300 else (1,)
    marks = [step * 10.0**power for power in range(-3, 5) for step in steps]
    axis.yaxis.set_major_locator(FixedLocator([mark for mark in marks if low <= mark <= high]))
    axis.yaxis.set_major_formatter(FuncFormatter(charts.plain))
    axis.yaxis.set_minor_formatter(NullFormatter())
    axis.tick_params(labelsize=8.5)
    _heading(axis, head)


def _heading(axis: Axes, head: str, inches: float = 0.2) -> None:
    """Write a small heading over a panel and make room for it."""
    box = axis.get_position()
    room = inches / charts.page_of(axis).get_figheight()
    axis.set_position((box.x0, box.y0, box.width, box.height - room))
    axis.set_title(head, size=9.5, loc="left", color=charts.INK, pad=4)


@charts.drawn
def sequence_chart(run: Run, title: str, unit: str, events: Sequence[Event] = (), since: str = "1800") -> Figure:
    """Draw the BSADF statistic with its critical values of each kind, the dated episodes shaded.

    Parameters
    ----------
    run : Run
    title, unit : str
    events : sequence of Event
    since : str
        First year drawn.
    """
    frame = sequences(run).loc[since:]
    shade = [span for span in shaded(run) if span[1] >= frame.index[0]]
    names = {"bsadf": "statistic"} | dict.fromkeys(KINDS, "")
    figure = charts.lines(frame[["bsadf"]], title, unit, {"bsadf": charts.INK}, names, events=events, shade=shade)
    axis = figure.axes[0]
    for kind in KINDS:
        axis.plot(frame.index, frame[kind], color=KIND_COLOUR[kind], lw=1.1, label=kind)
    axis.relim()
    axis.autoscale_view(scalex=False)
    charts.key(axis, 3)
    return figure


@charts.drawn
def weekly_chart(runs: Mapping[str, Run], now: pd.Timestamp, title: str, unit: str) -> Figure:
    """Draw the weekly BSADF statistic of both eras in two panels of one scale.

    Parameters
    ----------
    runs : mapping of str to Run
        "dotcom" and "ai".
    now : Timestamp
        Day compared, marked in the AI panel.
    title, unit : str
    """
    figure, axes = charts.canvas(title, unit, 4.6, panels=2, sharey=True)
    top = axes[0].get_position().y1
    for axis, (era, run) in zip(axes, runs.items(), strict=True):
        frame = sequences(run)
        for start, end in shaded(run):
            axis.axvspan(start, end, color=charts.ORANGE, alpha=0.16, lw=0)
        axis.plot(frame.index, frame["bsadf"], color=ERA[era], lw=1.9, zorder=3)
        for kind in KINDS:
            axis.plot(frame.index, frame[kind], color=KIND_COLOUR[kind], lw=1.1, label=kind)
        charts.time_axis(axis, frame.index)
        axis.xaxis.set_major_locator(mpl.dates.YearLocator())
        axis.xaxis.set_major_formatter(mpl.dates.DateFormatter("%Y"))
        _heading(axis, "", 0.45 if charts.on_phone() else 0.25)
        _heading(
            axis,
            f"weeks {frame.index[0]:%Y} to {frame.index[-1]:%Y}: {'dot-com' if era == 'dotcom' else 'AI'}",
        )
        if frame.index[0] <= now < frame.index[-1]:
            axis.axvline(now, color=charts.MUTED, lw=0.8, ls=(0, (2, 2)))
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(
        handles, labels, loc="upper left", bbox_to_anchor=(0.06, top + 0.05 / 4.6), ncols=2 if charts.on_phone() else 3, frameon=False, fontsize=9,
        labelcolor=charts.INK, handlelength=1.1, columnspacing=1.3, handletextpad=0.5, borderaxespad=0.1,
    )  # fmt: skip
    return figure


@charts.drawn
def falls_chart(table: pd.DataFrame, title: str, unit: str) -> Figure:
    """Draw the deepest fall of every leader of both eras as bars in the colour of the era.

    Parameters
    ----------
    table : DataFrame
        From :func:`helpers.dotcom.eras.drawdowns`.
    title, unit : str
    """
    values = pd.Series(table["depth_pct"].to_numpy(), index=[f"{row.era} {row.series}" for row in table.itertuples()])
    colours = {f"{row.era} {row.series}": ERA[str(row.era)] for row in table.itertuples()}
    names = {f"{row.era} {row.series}": str(row.name) for row in table.itertuples(index=False)}
    return charts.bars(values, title, unit, colours, names, form="{:.0f}")


@charts.drawn
def money_chart(
    indicators: Sequence[Indicator], frame: pd.DataFrame, title: str, unit: str, colours: Mapping[str, str],
    events: Sequence[Event], zero: bool = False,
) -> Figure:  # fmt: skip
    """Draw measures since 1995 as lines, with an open ring at every figure of low confidence.

    Parameters
    ----------
    indicators : sequence of Indicator
    frame : DataFrame
        From :func:`helpers.dotcom.money.paths`.
    title, unit : str
    colours : mapping
        Name -> colour.
    events : sequence of Event
    zero : bool
        Draw a line at zero.
    """
    names = {one.name: one.label for one in indicators}
    figure = charts.lines(frame, title, unit, colours, names, events=events, zero=zero)
    for one in indicators:
        weak = frame[one.name].reindex(pd.DatetimeIndex(one.low)).dropna()
        figure.axes[0].scatter(
            weak.index,
            weak,
            s=26,
            facecolor=charts.PAPER,
            edgecolor=colours.get(one.name, charts.CONTEXT),
            lw=1.3,
            zorder=5,
        )
    return figure


@charts.drawn
def replay_chart(groups: pd.DataFrame, title: str, unit: str) -> Figure:
    """Draw the loss that each group would cause, with the range that single companies' falls give.

    Parameters
    ----------
    groups : DataFrame
        From :meth:`helpers.dotcom.replay.Replay.by_group`.
    title, unit : str
    """
    values = pd.Series(
        groups["loss_pct"].to_numpy(),
        index=[f"{name} as {row['stands_for']}" for name, row in groups.iterrows()],
    )
    spans = pd.DataFrame(
        {"low": groups["low_pct"].to_numpy(), "high": groups["high_pct"].to_numpy()}, index=values.index
    )
    return charts.bars(values, title, unit, charts.BLUE, form="{:.1f}", spans=spans, height=1.5 + 0.36 * len(values))


@charts.drawn
def scoreboard_chart(board: pd.DataFrame, now: str, title: str, unit: str) -> Figure:
    """Draw for every indicator how much of its own history was cooler, in March 2000 and now.

    Parameters
    ----------
    board : DataFrame
        From :func:`helpers.dotcom.replay.scoreboard`.
    now : str
        Words for the day compared.
    title, unit : str
    """
    frame = board[["percentile_2000", "percentile"]].set_axis(["March 2000", now], axis=1)
    marks = np.where(board["low"], f" {chr(0x2020)}", "")
    frame.index = pd.Index([label.partition(",")[0] + mark for label, mark in zip(board.index, marks, strict=True)])
    figure = charts.dots(frame, title, unit, {"March 2000": ERA["dotcom"], now: ERA["ai"]})
    figure.axes[0].set_xlim(-2, 102)
    return figure


def day_marks(now: pd.Timestamp) -> list[Event]:
    """Return marks for March 2000 and the day compared."""
    return [Event("2000-03-31", "March 2000"), Event(now, words.month(now))]
