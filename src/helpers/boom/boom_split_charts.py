"""Charts of the split into earnings and multiple, and of what other dates would make of the boom."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers import charts, words
from helpers.boom.boom import Boom
from helpers.boom.boom_earnings import Era
from helpers.boom.boom_panels import Chart, lift, panel_titles, place
from helpers.boom.boom_split import LOG2, TOGETHER, Windows, earners, earnings_share, paths, split
from helpers.results import LOW_MARK

EARNINGS, MULTIPLE = charts.GREEN, charts.PURPLE
SOURCE = "closes as quoted, annual reports (data/raw/fundamentals.csv)"
DOTCOM_NAMES = {"CSCO": "Cisco", "MSFT": "Microsoft", "INTC": "Intel", "ORCL": "Oracle", "QCOM": "Qualcomm"}
TIMES = "multiple"


@charts.drawn
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
        "start, held."
    )
    if (pd.concat([ours, theirs])["confidence"] == "low").any():
        caption += f" {LOW_MARK} rests on a figure of low confidence."
    return Chart(figure, "decomposition", caption, alt, SOURCE, data)


def split_title(ours: pd.DataFrame, theirs: pd.DataFrame, who: str) -> str:
    """Say which part of the rise earnings made, now and then.

    Parameters
    ----------
    ours, theirs : DataFrame
        From :func:`helpers.boom.boom_split.split`.
    who : str
        The leaders.

    Returns
    -------
    str
    """
    now, then = earnings_share(ours), earnings_share(theirs)
    dotcom = f"{words.percent(then, 0)} of the dot-com leaders' in as long"
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
        text = words.MISSING if len(parts) == 1 else text
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
    scale = charts.WIDTH / figure.get_figwidth()
    for x, tint, text in ((0.012, EARNINGS, "earnings per share"), (0.20, MULTIPLE, "multiple")):
        figure.text(x * scale, y, "■", color=tint, size=11, va="center")
        figure.text((x + 0.022) * scale, y, text, color=charts.INK, size=9, va="center")


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


@charts.drawn
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
    panel_titles(figure, [f"AI leaders since {boom.start:%b %Y}", f"Dot-com leaders since {windows.whole[0]:%b %Y}"])
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
        ends = end_of(table["price"], "price", tint) + end_of(table["earnings"], "earnings", EARNINGS)
        charts.end_labels(axis, ends)  # once both panels are drawn, as they share the vertical axis
    data = pd.concat({"ai": ours, "dotcom": theirs}, names=["era"])
    alt = "; ".join(
        f"{label}: multiple {words.number(at(table, 0.0, TIMES))} at the start, {words.number(at(table, distance, TIMES))} "
        f"after {words.number(distance, 1)} years, {words.number(at(table, float(table.index[-1]), TIMES))} at the end"
        for label, table in (("AI leaders", ours), ("dot-com leaders", theirs))
    )
    caption = (
        "The shares outstanding at the start, held; earnings are the last four quarters reported by each "
        "month-end, losses included. The dotted line is the boom's length after each start. Sure earnings of all "
        f"five are known from {windows.whole[0]:%B %Y} on only, so the dot-com leaders start there, years after their boom began."
    )
    return Chart(figure, "paths", caption, alt, SOURCE, data)


def at(table: pd.DataFrame, years: float, column: str) -> float:
    """Value of a path at the month nearest to a distance from the start.

    Parameters
    ----------
    table : DataFrame
        From :func:`helpers.boom.boom_split.paths`.
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


def end_of(values: pd.Series, label: str, tint: str) -> list[tuple[object, float, str, str]]:
    """Give a line's last known point with its label, as :func:`helpers.charts.end_labels` wants it.

    Parameters
    ----------
    values : Series
    label, tint : str

    Returns
    -------
    list of tuple
        Empty when nothing is known.

    Examples
    --------
    >>> end_of(pd.Series([1.0, 2.0, None]), "A", charts.INK)[0][1:3]
    (2.0, 'A')
    """
    known = values.dropna()
    return [(known.index[-1], float(known.iloc[-1]), label, tint)] if len(known) else []
