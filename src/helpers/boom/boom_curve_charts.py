"""Charts of what other starts and ends would make of the boom's growth and of the part earnings made."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes

from helpers import charts, words
from helpers.boom.boom import LEADERS, TOTAL_RETURN, Boom
from helpers.boom.boom_charts import PRICES, leaders_label
from helpers.boom.boom_earnings import READINGS, Era
from helpers.boom.boom_panels import (
    Chart,
    change,
    colours,
    mark_end,
    panel_titles,
    place,
    time_axis,
    times_axis,
)
from helpers.boom.boom_split import share_curves
from helpers.boom.boom_split_charts import SOURCE, end_of

SHARE_LIMITS = (-60.0, 220.0)  # least span of the axis


@charts.drawn
def share_curve_chart(boom: Boom, era: Era, together: tuple[pd.DataFrame, pd.DataFrame], focus_era: Era) -> Chart:
    """Draw the part that earnings made of the rise for every other start and end.

    Parameters
    ----------
    boom : Boom
    era, focus_era : Era
        The leaders, and the company in focus.
    together : tuple of DataFrame
        From :func:`helpers.boom.boom_split.share_curves`, for the leaders together.

    Returns
    -------
    Chart
    """
    focus = share_curves(boom, focus_era, boom.focus) if boom.focus in focus_era.tickers else None
    starts = together[0]["trailing"].dropna()
    title = "From no start can the part that earnings made be told"
    if len(starts) == 1:
        title = f"Earnings made {words.percent(starts.iloc[0], 0)} of the leaders' growth to the boom's end"
    elif len(starts):
        title = (
            f"Whatever the month of start, earnings made {words.percent(starts.min(), 0)} to "
            f"{words.percent(starts.max(), 0)} of the leaders' rise to the boom's end"
        )
    figure, axes = charts.canvas(title, "part of the log price growth that earnings per share made, per cent", panels=2)
    panel_titles(figure, ["Other starts, to the boom's end", "Other ends, from the boom's start"])
    place(axes[0], 0.065, 0.43)
    place(axes[1], 0.50, 0.845)
    limits = _share_limits([one["trailing"] for one in (*together, *(focus or ()))])
    tint = {"leaders": charts.ERA["ai"], "focus": colours([boom.focus])[boom.focus]}
    for side, axis in enumerate(axes):
        table = together[side].clip(*limits)
        axis.fill_between(
            table.index, table.min(axis=1).to_numpy(), table.max(axis=1).to_numpy(), color=tint["leaders"], alpha=0.16, lw=0
        )  # fmt: skip
        _curve(axis, table["trailing"], tint["leaders"])
        who = "leaders" if era.left_out else leaders_label(boom)
        labels = end_of(table["trailing"], who, tint["leaders"])
        if focus is not None:
            line = focus[side]["trailing"].clip(*limits)
            _curve(axis, line, tint["focus"])
            labels += end_of(line, boom.name(boom.focus), tint["focus"])
        for level in (0, 100):
            axis.axhline(level, color=charts.MUTED, lw=0.9)
        axis.set_ylim(*limits)
        _span(axis, table.index)
        if side == 1:
            mark_end(axis, boom)
            charts.end_labels(axis, labels)
    axes[0].axvline(boom.start, color=charts.MUTED, lw=0.9, ls=(0, (2, 2)))
    data = pd.concat({"starts": together[0], "ends": together[1]}, names=["curve", "date"])
    if focus is not None:
        data = data.join(pd.concat({"starts": focus[0], "ends": focus[1]}, names=["curve", "date"]).add_prefix("focus_"))  # fmt: skip
    alt = "Leaders, four quarters then reported: " + _range_said(together[0]["trailing"], "starts")
    alt += "; " + _range_said(together[1]["trailing"], "ends")
    caption = (
        "Lines: the last four quarters then reported. Band: the leaders under all three readings ("
        + "; ".join(READINGS.values())
        + "). 100 means that the multiple did not change, more that it fell. Dotted: the boom's own start and end."
    )
    return Chart(figure, "earnings_share_curves", caption, alt, SOURCE, data)


def _share_limits(lines: Sequence[pd.Series]) -> tuple[float, float]:
    """Take in every line, within reason: shares far out come from prices that hardly moved."""
    known = pd.concat(list(lines)).dropna()
    if known.empty:
        return SHARE_LIMITS
    low, high = SHARE_LIMITS
    return max(min(low, 1.05 * known.min()), 6 * low), min(max(high, 1.05 * known.max()), 2 * high)


@charts.drawn
def growth_curve_chart(boom: Boom, curves: tuple[pd.DataFrame, pd.DataFrame]) -> Chart:
    """Draw how far prices rose for every other start and end.

    Parameters
    ----------
    boom : Boom
    curves : tuple of DataFrame
        From :func:`helpers.boom.boom.growth_curves`.

    Returns
    -------
    Chart
    """
    starts, ends = curves
    focus, market = boom.name(boom.focus), boom.name(TOTAL_RETURN)
    least, most = starts[focus].min(), starts[focus].max()
    title = f"{focus}'s price {change(most)} up to the boom's end"
    if len(starts) > 1:
        title = (
            f"{focus}'s price was multiplied by {words.number(least, 1)} to {words.number(most, 1)} up to the boom's end, "
            "depending on the month of start"
        )
    figure, axes = charts.canvas(title, "last price over first, log scale", panels=2)
    panel_titles(figure, ["Other starts, to the boom's end", "Other ends, from the boom's start"])
    place(axes[0], 0.06, 0.40)
    place(axes[1], 0.46, 0.775)
    tints = {focus: colours([boom.focus])[boom.focus], market: charts.INK, LEADERS: charts.ERA["ai"]}
    tints |= {name: charts.CONTEXT for name in starts.columns if name not in tints}
    names = {LEADERS: f"{leaders_label(boom)}, equal sums", market: "S&P 500, dividends in"}
    for axis, table in ((axes[0], starts), (axes[1], ends)):
        for name in table.columns:
            _curve(axis, table[name], tints[str(name)])
        axis.set_ylim(0.97 * min(starts.min().min(), ends.min().min()), 1.1 * max(starts.max().max(), ends.max().max()))
        times_axis(axis)
        _span(axis, table.index)
    labels = [
        one for name in ends.columns for one in end_of(ends[name], names.get(str(name), str(name)), tints[str(name)])
    ]
    mark_end(axes[1], boom)
    axes[0].axvline(boom.start, color=charts.MUTED, lw=0.9, ls=(0, (2, 2)))
    charts.end_labels(axes[1], labels)
    alt = "; ".join(f"{name}: {_range_said(starts[name], 'starts', 'times')}" for name in starts.columns)
    caption = (
        "Left: from every month-end of 2022 and 2023 in the data to the boom's end. Right: from the boom's start to every "
        "later month-end. Dotted: the boom's own start and end. The NASDAQ is without dividends, all else with."
    )
    data = pd.concat({"starts": starts, "ends": ends}, names=["curve", "date"])
    return Chart(figure, "growth_curves", caption, alt, PRICES, data)


def _curve(axis: Axes, values: pd.Series, tint: str) -> None:
    """Draw a line, or a dot where there is only one point."""
    known = values.dropna()
    axis.plot(known.index, known.to_numpy(), color=tint, lw=2.0, marker="o" if len(known) == 1 else "")


def _span(axis: Axes, index: pd.Index) -> None:
    days = pd.DatetimeIndex(index)
    room = pd.Timedelta(days=20 if len(days) < 3 else 3)
    time_axis(axis, days[0] - room, days[-1] + room, 5)


def _range_said(values: pd.Series, what: str, unit: str = "per cent") -> str:
    known = values.dropna()
    if known.empty:
        return f"no value over other {what}"
    places: Sequence[int] = (0, 0) if unit == "per cent" else (2, 2)
    return f"{words.number(known.min(), places[0])} to {words.number(known.max(), places[1])} {unit} over other {what}"
