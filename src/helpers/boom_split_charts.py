"""Charts of the split into earnings and multiple, and of what other dates would make of the boom."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers import charts, words
from helpers.boom import LEADERS, TOTAL_RETURN, Boom
from helpers.boom_charts import (
    PRICES,
    Chart,
    colours,
    leaders_label,
    lift,
    mark_end,
    panel_titles,
    place,
    time_axis,
    times_axis,
)
from helpers.boom_earnings import READINGS, Era
from helpers.boom_split import LOG2, TOGETHER, Windows, earners, earnings_share, paths, share_curves, split
from helpers.results import LOW_MARK

EARNINGS, MULTIPLE = charts.GREEN, charts.PURPLE
SOURCE = "closes as quoted, annual reports (data/raw/fundamentals.csv)"
DOTCOM_NAMES = {"CSCO": "Cisco", "MSFT": "Microsoft", "INTC": "Intel", "ORCL": "Oracle", "QCOM": "Qualcomm"}
SHARE_LIMITS = (-60.0, 220.0)  # least span of the axis
TIMES = "multiple"


def split_chart(boom: Boom, now: Era, then: Era, windows: Windows) -> Chart:
    """Draw how much of each leader's rise was earnings and how much multiple, in both eras.

    Parameters
    ----------
    boom : Boom
    now, then : Era
        Leaders of the AI boom and of the dot-com boom.
    windows : Windows

    Returns
    -------
    Chart
    """
    ours = split(now, boom.start, boom.end)
    theirs = split(then, *windows.same_distance)
    rows = max(len(ours), len(theirs))
    figure, axes = charts.canvas(
        split_title(ours, theirs, earners(boom, now)),
        "doublings of the price (1 = twice, 2 = four times) = earnings per share + multiple; dot: price",
        1.75 + 0.36 * rows,
        panels=2,
    )
    panel_titles(
        figure,
        [
            f"AI: {boom.start:%b %Y} to {boom.end:%b %Y}",
            f"Dot-com: {windows.same_distance[0]:%b %Y} to {windows.same_distance[1]:%b %Y}",
        ],
        0.42,
    )
    place(axes[0], 0.105, 0.50)
    place(axes[1], 0.61, 0.985)
    reach = [_split_panel(axes[0], ours, boom.name, rows)]
    reach.append(_split_panel(axes[1], theirs, lambda ticker: DOTCOM_NAMES.get(ticker, ticker), rows))
    low, high = min(one[0] for one in reach), max(one[1] for one in reach)
    for axis in axes:
        axis.set_xlim(low - 0.02 * (high - low), high + 0.30 * (high - low))
    _split_key(figure)
    data = pd.concat({"ai": _doublings(ours), "dotcom": _doublings(theirs)}, names=["era", "company"])
    alt = "Share of earnings in the price's growth, AI leaders: " + _shares_said(ours, boom.name)
    alt += "; dot-com leaders: " + _shares_said(theirs, lambda ticker: DOTCOM_NAMES.get(ticker, ticker))
    caption = (
        "Growth in logarithms to base two, so that earnings and multiple add up to the price exactly; at the "
        "right the part that earnings made. Earnings: the last four quarters reported by the day; between "
        "fiscal years a straight line, unless a source states them. Together: the shares outstanding at the "
        f"start, held. {LOW_MARK} rests on a figure of low confidence."
    )
    return Chart(figure, "decomposition", caption, alt, SOURCE, data)


def split_title(ours: pd.DataFrame, theirs: pd.DataFrame, who: str) -> str:
    """Say which part of the rise earnings made, now and then.

    Parameters
    ----------
    ours, theirs : DataFrame
        From :func:`helpers.boom_split.split`.
    who : str
        The leaders.

    Returns
    -------
    str
    """
    now, then = earnings_share(ours), earnings_share(theirs)
    dotcom = f"{words.percent(then, 0)} of the dot-com leaders' after as long"
    if np.isnan(now):
        return f"What earnings and what the multiple made of the price of {who}, beside the dot-com leaders"
    rise, earned = ours.loc[TOGETHER, "log_price"], ours.loc[TOGETHER, "log_eps"]
    if rise > 0 and 0 <= now <= 100:
        return f"Earnings made {words.percent(now, 0)} of the rise of {who}, and {dotcom}"
    joined = "and" if np.sign(rise) == np.sign(earned) else "while"
    return f"{who[:1].upper()}{who[1:]} {words.moved(rise)}, {joined} earnings {words.moved(earned)}; earnings made {dotcom}"


def _split_panel(axis: Axes, table: pd.DataFrame, name: object, rows: int) -> tuple[float, float]:
    """Draw one era's companies, those together on top, and return how far the bars reach."""
    parts = _doublings(table)
    order = [TOGETHER, *parts.drop(TOGETHER).sort_values("price", ascending=False).index]
    parts = parts.loc[order]
    spots = rows - 1 - np.arange(len(order))
    earned, valued = parts["earnings"].fillna(0).to_numpy(), parts["multiple"].fillna(0).to_numpy()
    same = np.sign(earned) == np.sign(valued)
    axis.barh(spots, earned, 0.62, color=EARNINGS, zorder=2)
    axis.barh(spots, valued, 0.62, left=np.where(same, earned, 0.0), color=MULTIPLE, zorder=2)
    axis.scatter(parts["price"], spots, s=30, color=charts.INK, zorder=4)
    axis.axvline(0, color=charts.MUTED, lw=0.9)
    axis.grid(axis="y", visible=False)
    axis.grid(axis="x", visible=True)
    axis.set_ylim(-0.6, rows - 0.4)
    right = np.fmax(parts["price"], np.where(same, earned + valued, np.fmax(earned, valued)))
    for spot, ticker, end in zip(spots, order, np.fmax(right, 0), strict=True):
        share = earnings_share(table, ticker)
        text = "loss: no multiple" if parts.isna().loc[ticker, "earnings"] else words.percent(share, 0)
        axis.annotate(
            "" if text == words.MISSING else text,
            (end, spot),
            xytext=(7, 0),
            textcoords="offset points",
            va="center",
            size=9,
            color=charts.INK,
            weight="bold" if ticker == TOGETHER else "normal",
        )
    labels = [_row_label(table, ticker, name) for ticker in order]
    axis.set_yticks(spots, labels, color=charts.INK, size=9)
    left = np.fmin(np.where(same, earned + valued, np.fmin(earned, valued)), parts["price"])
    return float(min(0.0, left.min())), float(right.max())


def _row_label(table: pd.DataFrame, ticker: str, name: object) -> str:
    if ticker == TOGETHER:
        return "all together"
    mark = f" {LOW_MARK}" if table.loc[ticker, "confidence"] == "low" else ""
    return f"{name(ticker) if callable(name) else ticker}{mark}"


def _split_key(figure: Figure) -> None:
    """Name the two parts of a bar above the first panel."""
    box = figure.axes[0].get_position()
    y = box.y1 + 0.30 / figure.get_figheight()
    for x, tint, text in ((0.012, EARNINGS, "earnings per share"), (0.20, MULTIPLE, "multiple")):
        figure.text(x, y, "■", color=tint, size=11, va="center")
        figure.text(x + 0.022, y, text, color=charts.INK, size=9, va="center")


def _doublings(table: pd.DataFrame) -> pd.DataFrame:
    """Turn logarithms into doublings, with readable names."""
    names = {"log_price": "price", "log_eps": "earnings", "log_multiple": "multiple"}
    logs = (table[list(names)].astype(float) / LOG2).rename(columns=names)
    return logs.assign(
        multiple_begin=table["multiple_begin"],
        multiple_end=table["multiple_end"],
        earnings_share_pct=[earnings_share(table, ticker) for ticker in table.index],
    )


def _shares_said(table: pd.DataFrame, name: object) -> str:
    return ", ".join(
        f"{_row_label(table, str(ticker), name)} {words.percent(earnings_share(table, str(ticker)), 0)}"
        for ticker in table.index
    )


def path_chart(boom: Boom, now: Era, then: Era, windows: Windows) -> Chart:
    """Draw price and earnings of both eras' leaders since their start: the gap is the multiple.

    Parameters
    ----------
    boom : Boom
    now, then : Era
    windows : Windows

    Returns
    -------
    Chart
    """
    ours = paths(now, boom.start, boom.last, boom.end)
    theirs = paths(then, windows.whole[0], pd.Timestamp(then.prices.index[-1]), windows.same_distance[1])
    distance = (boom.end - boom.start).days / 365.25
    widths = [max(ours.index[-1], 1.0), max(theirs.index[-1], 1.0)]
    figure, axes = charts.canvas(
        _path_title(ours, theirs, distance, earners(boom, now)),
        "doublings since the start, leaders together (shares held); shaded: what the multiple added",
        panels=2,
        gridspec_kw={"width_ratios": widths},
        sharey=True,
    )
    panel_titles(
        figure, [f"AI leaders since {boom.start:%b %Y}", f"Dot-com leaders since {windows.whole[0]:%b %Y}"]
    )
    lift(figure)
    usable = 0.985 - 0.06 - 0.20
    edge = 0.06 + usable * widths[0] / sum(widths)
    place(axes[0], 0.06, edge)
    place(axes[1], edge + 0.10, 0.885)
    for axis, table, tint in ((axes[0], ours, charts.ERA["ai"]), (axes[1], theirs, charts.ERA["dotcom"])):
        axis.plot(table.index, table["price"], color=tint, lw=2.1)
        axis.plot(table.index, table["earnings"], color=EARNINGS, lw=2.1)
        axis.fill_between(
            table.index.to_numpy(dtype=float),
            table["earnings"].to_numpy(),
            table["price"].to_numpy(),
            color=MULTIPLE,
            alpha=0.14,
            lw=0,
        )
        axis.axhline(0, color=charts.MUTED, lw=0.9)
        axis.axvline(distance, color=charts.MUTED, lw=0.9, ls=(0, (2, 2)))
        axis.set_xlim(0, table.index[-1])
        axis.set_xlabel("years since the start")
    _peak_mark(axes[1], windows)
    for axis, table, tint in ((axes[0], ours, charts.ERA["ai"]), (axes[1], theirs, charts.ERA["dotcom"])):
        ends = _end_of(table["price"], "price", tint) + _end_of(table["earnings"], "earnings", EARNINGS)
        charts.end_labels(axis, ends)  # once both panels are drawn, as they share the vertical axis
    data = pd.concat({"ai": ours, "dotcom": theirs}, names=["era"])
    alt = "; ".join(
        f"{label}: multiple {words.number(at(table, 0.0, TIMES))} at the start, {words.number(at(table, distance, TIMES))} "
        f"after {words.number(distance, 1)} years, {words.number(at(table, float(table.index[-1]), TIMES))} at the end"
        for label, table in (("AI leaders", ours), ("dot-com leaders", theirs))
    )
    caption = (
        "The shares outstanding at the start, held; earnings are the last four quarters reported by each "
        "month-end, losses included. The dotted line is the boom's length after each start. The data hold no "
        "fiscal year before 1996, so the dot-com leaders start at the first month-end with known earnings of "
        "all five, not in August 1995."
    )
    return Chart(figure, "paths", caption, alt, SOURCE, data)


def at(table: pd.DataFrame, years: float, column: str) -> float:
    """Value of a path at the month nearest to a distance from the start.

    Parameters
    ----------
    table : DataFrame
        From :func:`helpers.boom_split.paths`.
    years : float
    column : str

    Returns
    -------
    float

    Examples
    --------
    >>> at(pd.DataFrame({"multiple": [20.0, 30.0]}, index=[0.0, 1.0]), 0.9, "multiple")
    30.0
    """
    known = table[column].dropna()
    if known.empty:
        return float("nan")
    return float(known.iloc[int(np.abs(known.index.to_numpy(dtype=float) - years).argmin())])


def _path_title(ours: pd.DataFrame, theirs: pd.DataFrame, years: float, who: str) -> str:
    begin, end = at(ours, 0.0, TIMES), at(ours, years, TIMES)
    first, second = at(theirs, 0.0, TIMES), at(theirs, years, TIMES)
    length = f"{words.number(years, 1)} years"
    if np.isnan(begin):
        return f"In {length} the dot-com leaders went from {words.number(first)} to {words.number(second)} times earnings; for {who} the data hold none"
    return (
        f"In {length} {who} went from {words.number(begin)} to {words.number(end)} times "
        f"earnings; the dot-com leaders in as long from {words.number(first)} to {words.number(second)}"
    )


def _peak_mark(axis: Axes, windows: Windows) -> None:
    """Name the NASDAQ's peak on the dot-com panel."""
    peak = (windows.whole[1] - windows.whole[0]).days / 365.25
    axis.axvline(peak, color=charts.MUTED, lw=0.9, ls=(0, (1, 2)))
    axis.annotate(
        "NASDAQ's peak",
        (peak, 0.03),
        xycoords=("data", "axes fraction"),
        xytext=(4, 0),
        textcoords="offset points",
        size=8,
        color=charts.MUTED,
    )


def share_curve_chart(
    boom: Boom, era: Era, together: tuple[pd.DataFrame, pd.DataFrame], focus_era: Era
) -> Chart:
    """Draw the part that earnings made of the rise for every other start and end.

    Parameters
    ----------
    boom : Boom
    era, focus_era : Era
        The leaders, and the company in focus.
    together : tuple of DataFrame
        From :func:`helpers.boom_split.share_curves`, for the leaders together.

    Returns
    -------
    Chart
    """
    focus = share_curves(boom, focus_era, boom.focus) if boom.focus in focus_era.tickers else None
    starts = together[0]["trailing"].dropna()
    title = "From no start can the part that earnings made be told"
    if len(starts):
        title = (
            f"Whatever the month of start, earnings made {words.percent(starts.min(), 0)} to "
            f"{words.percent(starts.max(), 0)} of the leaders' rise to the boom's end"
        )
    figure, axes = charts.canvas(
        title, "part of the log price growth that earnings per share made, per cent", panels=2
    )
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
        labels = _end_of(table["trailing"], who, tint["leaders"])
        if focus is not None:
            line = focus[side]["trailing"].clip(*limits)
            _curve(axis, line, tint["focus"])
            labels += _end_of(line, boom.name(boom.focus), tint["focus"])
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


def growth_curve_chart(boom: Boom, curves: tuple[pd.DataFrame, pd.DataFrame]) -> Chart:
    """Draw how far prices rose for every other start and end.

    Parameters
    ----------
    boom : Boom
    curves : tuple of DataFrame
        From :func:`helpers.boom.growth_curves`.

    Returns
    -------
    Chart
    """
    starts, ends = curves
    focus, market = boom.name(boom.focus), boom.name(TOTAL_RETURN)
    least, most = starts[focus].min(), starts[focus].max()
    figure, axes = charts.canvas(
        f"{focus}'s price was multiplied by {words.number(least, 1)} to {words.number(most, 1)} up to the boom's end, depending on the month of start",
        "last price over first, log scale",
        panels=2,
    )
    panel_titles(figure, ["Other starts, to the boom's end", "Other ends, from the boom's start"])
    place(axes[0], 0.06, 0.40)
    place(axes[1], 0.46, 0.775)
    tints = {focus: colours([boom.focus])[boom.focus], market: charts.INK, LEADERS: charts.ERA["ai"]}
    tints |= {name: charts.CONTEXT for name in starts.columns if name not in tints}
    names = {LEADERS: f"{leaders_label(boom)}, equal sums", market: "S&P 500, dividends in"}
    for axis, table in ((axes[0], starts), (axes[1], ends)):
        for name in table.columns:
            _curve(axis, table[name], tints[str(name)])
        axis.set_ylim(
            0.97 * min(starts.min().min(), ends.min().min()), 1.1 * max(starts.max().max(), ends.max().max())
        )
        times_axis(axis)
        _span(axis, table.index)
    labels = [
        one
        for name in ends.columns
        for one in _end_of(ends[name], names.get(str(name), str(name)), tints[str(name)])
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


def _end_of(values: pd.Series, label: str, tint: str) -> list[tuple[object, float, str, str]]:
    known = values.dropna()
    return [(known.index[-1], float(known.iloc[-1]), label, tint)] if len(known) else []


def _range_said(values: pd.Series, what: str, unit: str = "per cent") -> str:
    known = values.dropna()
    if known.empty:
        return f"no value over other {what}"
    places: Sequence[int] = (0, 0) if unit == "per cent" else (2, 2)
    return f"{words.number(known.min(), places[0])} to {words.number(known.max(), places[1])} {unit} over other {what}"
