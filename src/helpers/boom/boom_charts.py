"""Charts of growth, market value, concentration and contributions in the boom, each with its words."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from helpers import charts, concentration, valuation, words
from helpers.boom.boom import EQUAL_WEIGHT, LEADERS, TOTAL_RETURN, Boom, indexed, marked_events, month_ends
from helpers.boom.boom_panels import (
    Chart,
    change,
    colours,
    lift,
    mark_end,
    mark_events,
    place,
    time_axis,
    upper,
)
from helpers.boom.boom_value import Contributions, concentration_history, effective_numbers, leaders_value
from helpers.results import LOW_MARK

PRICES = "daily closes (data/raw/prices_daily_2022_2026.csv)"
VALUES = "closes as quoted and filed share counts (data/raw)"
LONG_GAP = pd.Timedelta(days=420)  # further apart than this, two points are not joined


@charts.drawn
def growth_chart(boom: Boom) -> Chart:
    """Draw the indexed prices of the company in focus, the groups and the market.

    Parameters
    ----------
    boom : Boom

    Returns
    -------
    Chart
    """
    lines = indexed(boom)
    focus, market, equal = (boom.name(t) for t in (boom.focus, TOTAL_RETURN, EQUAL_WEIGHT))
    last = lines.iloc[-1] / 100.0
    tints = {name: charts.GROUP[name] for name in lines.columns if name in charts.GROUP}
    tints |= {focus: colours([boom.focus])[boom.focus], market: charts.INK}
    figure = charts.lines(
        lines,
        f"{focus}'s price {change(last[focus])}; the S&P 500 {change(last[market])}, with equal weights it {change(last[equal])}",
        f"index, {words.day(boom.start)} = 100, log scale, dividends reinvested",
        tints,
        {market: "S&P 500", equal: "S&P 500, equal weights"},
        log=True,
    )
    drawn = sorted(lines.columns, key=lambda name: name in tints)  # the order in which lines are drawn
    figure.axes[0].lines[drawn.index(focus)].set_linewidth(3.2)
    mark_events(figure.axes[0], marked_events(boom.start, boom.end))
    alt = "Lines from 100: " + "; ".join(f"{name} {words.number(100 * value)}" for name, value in last.dropna().items())
    caption = (
        f"Prices with dividends from {words.day(boom.start)} to {words.day(boom.end)}. Each group holds an "
        "equal sum in each of its companies, bought on the first day."
    )
    return Chart(figure, "growth", caption, alt, PRICES, lines)


@charts.drawn
def value_chart(boom: Boom) -> Chart:
    """Draw the market value of the company in focus beside the leaders, marking each whole trillion.

    Parameters
    ----------
    boom : Boom

    Returns
    -------
    Chart
    """
    shown = list(dict.fromkeys([*boom.valued(), *([boom.focus] if boom.focus in boom.values else [])]))
    values = boom.values[shown].loc[boom.start :] / 1000.0
    tint = colours([boom.focus])[boom.focus]
    reached = valuation.milestones(boom.values.loc[boom.start :, [t for t in shown if t == boom.focus]])
    reached = reached[reached["note"] == ""]
    figure = charts.lines(
        values,
        _value_title(boom, reached),
        "market value, USD trillion; dots: first close above each whole trillion",
        {boom.focus: tint},
        {ticker: boom.name(ticker) for ticker in shown},
    )
    axis = figure.axes[0]
    axis.set_ylim(bottom=0)
    for row in reached.itertuples():
        spot = (row.first_day, row.value_usd_bn / 1000.0)
        axis.scatter(*spot, s=34, color=tint, zorder=5)
        early = (row.first_day - boom.start) / (boom.last - boom.start) < 0.25
        axis.annotate(
            f"{row.level_usd_bn / 1000:.0f} tn, {row.first_day.day} {row.first_day:%b %Y}",
            spot,
            xytext=(6, -6) if early else (-7, 5),
            textcoords="offset points",
            ha="left" if early else "right",
            va="top" if early else "bottom",
            size=8.5,
            color=charts.INK,
            bbox={"facecolor": charts.PAPER, "edgecolor": "none", "pad": 0.8, "alpha": 0.75},
        )
    mark_end(axis, boom)
    eve = values.loc[boom.end].sort_values(ascending=False)
    alt = f"Market values on {words.day(boom.end)}: " + "; ".join(
        f"{boom.name(str(t))} {words.dollars(1000 * v)}" for t, v in eve.items()
    )
    caption = (
        "Shares outstanding (straight lines between filed counts) times the price as quoted, from the boom's "
        "start to the last day of the data. The dotted line is the boom's end."
    )
    return Chart(figure, "value", caption, alt, VALUES, values)


def _value_title(boom: Boom, reached: pd.DataFrame) -> str:
    """Say which trillions were passed within the boom and after it."""
    name = boom.name(boom.focus)
    if boom.focus not in boom.values:
        return f"{name} has no share count in the data; the leaders' market values"
    then, last = boom.values.loc[boom.end, boom.focus], boom.values[boom.focus].dropna().iloc[-1]
    said = f"was worth {words.dollars(then)} at the boom's end"
    if boom.last > boom.end:
        said += f" and {words.dollars(last)} at the end of the data"
    within = reached[reached["first_day"] <= boom.end]
    if len(within):
        top = within.iloc[-1]
        said = f"closed above {words.dollars(top['level_usd_bn'], 0)} on {words.day(top['first_day'])}, {said}"
    return f"{name} {said}"


@charts.drawn
def leaders_chart(boom: Boom) -> Chart:
    """Draw the leaders' market value in dollars, by company, and over GDP.

    Parameters
    ----------
    boom : Boom

    Returns
    -------
    Chart
    """
    together = leaders_value(boom)
    inside = pd.DatetimeIndex([day for day in month_ends(boom.prices, boom.start, boom.last) if day.month == 12])
    days = inside.union(pd.DatetimeIndex([boom.start, boom.end, boom.last])).unique()
    days = days[[not (0 < (boom.end - day).days < 45 and day != boom.start) for day in days]]
    columns = boom.values.loc[days, boom.valued()] / 1000.0
    gdp = together["gdp_pct"]
    title = (
        f"{upper(boom.valued_words())} were worth {words.percent(gdp.loc[boom.end], 0)} of a year's GDP "
        f"at the boom's end, {words.percent(gdp.loc[boom.start], 0)} at its start"
    )
    figure, axes = charts.canvas(title, "first, market value, USD trillion; then, per cent of GDP", panels=2)
    lift(figure)
    tints = colours(boom.valued())
    base = np.zeros(len(days))
    for ticker in boom.valued():
        heights = columns[ticker].to_numpy()
        axes[0].bar(range(len(days)), heights, 0.72, base, color=tints[ticker], edgecolor=charts.PAPER, lw=0.5)
        base += heights
    for spot, top in enumerate(base):
        axes[0].annotate(
            words.number(top, 1), (spot, top), xytext=(0, 3), textcoords="offset points", ha="center", size=9, color=charts.INK
        )  # fmt: skip
    axes[0].set_xticks(range(len(days)), [f"{day.day} {day:%b}\n{day:%Y}" for day in days], size=8)
    axes[0].margins(y=0.1)
    middle = np.cumsum(columns.iloc[-1].to_numpy()) - columns.iloc[-1].to_numpy() / 2
    place(axes[0], 0.05, 0.475)
    named = zip(boom.valued(), middle, strict=True)
    labels = [(len(days) - 0.62, float(y), boom.name(t), tints[t]) for t, y in named]
    charts.end_labels(axes[0], labels, 8.5)
    line = gdp.loc[boom.start :].dropna()
    axes[1].plot(line.index, line.to_numpy(), color=charts.ERA["ai"], lw=2.1)
    axes[1].set_ylim(bottom=0)
    time_axis(axes[1], line.index[0], line.index[-1], 6)
    place(axes[1], 0.645, 0.93)
    mark_end(axes[1], boom, "boom's end")
    charts.end_labels(axes[1], [(line.index[-1], line.iloc[-1], words.percent(line.iloc[-1], 0), charts.ERA["ai"])])
    alt = "; ".join(
        f"{words.day(day)}: {words.dollars(1000 * columns.loc[day].sum())}, {words.percent(gdp.loc[day], 0)} of GDP"
        for day in days
    )
    caption = (
        "Market value of the leaders with share counts. GDP is that of the quarter at a yearly rate; after the "
        "last quarter known it stands still. A market value is a stock and GDP a year's flow: the ratio "
        "measures size, not who owes what."
    )
    data = columns.assign(gdp_pct=gdp.reindex(days))
    return Chart(figure, "leaders_value", caption, alt, f"{VALUES}; GDP (FRED)", data)


@charts.drawn
def concentration_chart(boom: Boom, snapshots: pd.DataFrame) -> Chart:
    """Draw the share of the largest companies since 1980, and the effective number of companies.

    Parameters
    ----------
    boom : Boom
    snapshots : DataFrame
        From :func:`helpers.boom.boom_value.weight_snapshots`.

    Returns
    -------
    Chart
    """
    history, numbers = concentration_history(boom, snapshots), effective_numbers(snapshots)
    figure, axes = charts.canvas(
        _concentration_title(history, boom),
        f"first, per cent of the S&P 500's value (hollow {LOW_MARK}: low confidence); then, effective number of companies",
        panels=2,
    )
    names = {1: "largest company", 7: "seven largest", 10: "ten largest"}
    tints = {1: charts.TEAL, 7: charts.ERA["ai"], 10: charts.INK}
    labels = []
    for k, rows in history.groupby("k"):
        _with_gaps(axes[0], rows, tints[k])
        last = rows.iloc[-1]
        labels.append((last["date"], last["share_pct"], names[k], tints[k]))
    axes[0].set_ylim(bottom=0)
    time_axis(axes[0], pd.Timestamp("1979-06-01"), history["date"].max() + pd.Timedelta(days=200), 6)
    place(axes[0], 0.05, 0.50)
    charts.end_labels(axes[0], labels)
    _number_panel(axes[1], numbers)
    covered = history.loc[history["k"] == 10, "date"].dt.year.nunique()
    years = history["date"].dt.year.max() - 1980 + 1
    alt = "Share of the ten largest: " + "; ".join(
        f"{row.date:%Y} {words.percent(row.share_pct)}" for row in history[history["k"] == 10].itertuples()
    )
    caption = (
        f"Share of the one, seven and ten largest companies on the days that are known: {covered} of "
        f"{years} years since 1980 have a figure for the ten. Points further apart than a year are not "
        f"joined; hollow points are estimates that no source could confirm {LOW_MARK}. Right: one over the "
        "Herfindahl index; the bar spans what the companies outside the sixty heaviest can add at least "
        "and at most."
    )
    source = "index fund holdings; published shares (data/raw/sp500_top_weights.csv, sp500_concentration.csv)"
    return Chart(figure, "concentration", caption, alt, source, history)


def _concentration_title(history: pd.DataFrame, boom: Boom) -> str:
    ten = history[(history["k"] == 10) & (history["date"] <= boom.end)]
    seven = history[(history["k"] == 7) & (history["date"] <= boom.end)].iloc[-1]
    old = ten[ten["date"] < "2010-01-01"].nlargest(1, "share_pct").iloc[0]
    above = "more than the ten largest held" if seven["share_pct"] > old["share_pct"] else "the ten largest held"
    join = f", {above}" if above.startswith("more") else f"; {above}"
    return (
        f"The seven largest companies held {words.percent(seven['share_pct'])} of the S&P 500{join} in "
        f"{old['date']:%B %Y} ({words.percent(old['share_pct'], 0)})"
    )


def _with_gaps(axis: Axes, rows: pd.DataFrame, tint: str) -> None:
    """Draw points, hollow where of low confidence, and join those that are near in time."""
    for first, second in itertools.pairwise(rows.itertuples()):
        if second.date - first.date <= LONG_GAP:
            axis.plot([first.date, second.date], [first.share_pct, second.share_pct], color=tint, lw=1.9)
    for row in rows.itertuples():
        low = row.confidence == "low"
        axis.scatter(
            row.date, row.share_pct, s=20, zorder=4, lw=1.2, edgecolors=tint, facecolors=charts.PAPER if low else tint
        )  # fmt: skip
        if low:
            axis.annotate(
                LOW_MARK, (row.date, row.share_pct), xytext=(3, 4), textcoords="offset points", size=9, color=tint
            )  # fmt: skip


def _number_panel(axis: Axes, numbers: pd.DataFrame) -> None:
    """Draw the effective number between its bounds."""
    axis.vlines(numbers.index, numbers["low"], numbers["high"], color=charts.PURPLE, lw=4)
    exact = numbers[numbers["low"] == numbers["high"]]
    axis.scatter(exact.index, exact["low"], s=26, color=charts.PURPLE, zorder=4)
    axis.set_ylim(bottom=0)
    time_axis(axis, numbers.index[0] - pd.Timedelta(days=300), numbers.index[-1] + pd.Timedelta(days=250), 5)
    place(axis, 0.715, 0.985)
    for spot, side in ((numbers.iloc[0], "left"), (numbers.iloc[-1], "right")):
        text = f"{words.number(spot['low'])}–{words.number(spot['high'])}"
        axis.annotate(
            text,
            (spot.name, spot["low"]),
            xytext=(-4 if side == "left" else 4, -5),
            textcoords="offset points",
            ha=side,
            va="top",
            size=9,
            color=charts.PURPLE,
        )


@charts.drawn
def contribution_chart(boom: Boom, parts: Contributions) -> Chart:
    """Draw what the leaders and the rest added to the S&P 500's return, by year and over the boom.

    Parameters
    ----------
    boom : Boom
    parts : Contributions

    Returns
    -------
    Chart
    """
    table = pd.concat([parts.periods, parts.linked.to_frame("the boom").T]) * 100.0
    leaders = [name for name in table.columns if name != concentration.REST]
    share = leaders_share(parts)
    rest = 100.0 * parts.linked[concentration.REST]
    leaders_said = f"{weighed(boom, parts)} added {words.number(100 * parts.linked[leaders].sum(), 1)} points"
    title = (
        f"Of the S&P 500's {words.percent(100 * parts.total, 1)} with dividends, {leaders_said} and the rest "
        f"{words.number(rest, 1)}"
        + (f": {words.percent(share, 0)} came from them" if parts.total > 0 and 0 < share < 100 else "")
    )
    tints = colours(leaders) | {concentration.REST: charts.CONTEXT}
    names = {ticker: boom.name(ticker) for ticker in leaders} | {concentration.REST: "rest"}
    figure = charts.stacked(
        table,
        title,
        "contribution to the S&P 500's total return, percentage points (total on top)",
        tints,
        names,
        total="{:.1f}",
    )
    alt = "; ".join(
        f"{label}: leaders {words.number(row[leaders].sum(), 1)} of {words.number(row.sum(), 1)} points"
        for label, row in table.iterrows()
    )
    caption = (
        "Weight at the start of each period times return with dividends; the last column links the periods by "
        "Carino's method, so that the parts add up to the compounded return exactly. Weights are those of an "
        "index fund."
    )
    if parts.missing:
        missing = words.listing(boom.name(ticker) for ticker in parts.missing)
        caption += f" {missing} stay in the rest, having no known weight."
    return Chart(figure, "contributions", caption, alt, "index fund weights; daily closes (data/raw)", table)


def leaders_share(parts: Contributions) -> float:
    """Share of the index return that the companies listed made, in per cent.

    Parameters
    ----------
    parts : Contributions

    Returns
    -------
    float
        Missing when the index hardly moved.

    Examples
    --------
    >>> linked = pd.Series({"A": 0.1, "rest of index": 0.1})
    >>> leaders_share(Contributions(pd.DataFrame(), linked, 0.2, ()))
    50.0
    """
    if abs(parts.total) < 0.01:
        return float("nan")
    return float(100.0 * (1.0 - parts.linked[concentration.REST] / parts.total))


def weighed(boom: Boom, parts: Contributions) -> str:
    """Say whose contributions are summed: the leaders, or those of them with known weights.

    Parameters
    ----------
    boom : Boom
    parts : Contributions

    Returns
    -------
    str
    """
    if not parts.missing:
        return boom.leaders_words()
    inside = [boom.name(str(ticker)) for ticker in parts.linked.index if ticker != concentration.REST]
    return words.listing(inside) if 0 < len(inside) <= 2 else "the leaders with known weights"


def made_of(parts: Contributions) -> str:
    """Say what the companies listed made of the index return, in points where a share would mislead.

    Parameters
    ----------
    parts : Contributions

    Returns
    -------
    str

    Examples
    --------
    >>> linked = pd.Series({"A": 0.1, "rest of index": 0.1})
    >>> made_of(Contributions(pd.DataFrame(), linked, 0.2, ()))
    'made 50 % of its return of 20 %'
    """
    share, total = leaders_share(parts), words.percent(100 * parts.total, 0)
    if parts.total > 0 and 0 <= share <= 100:
        return f"made {words.percent(share, 0)} of its return of {total}"
    points = 100 * (parts.total - float(parts.linked[concentration.REST]))
    return f"added {words.number(points, 1)} points to its return of {total}"


def leaders_label(boom: Boom) -> str:
    """Return the label of the leaders in charts: how many they are."""
    return boom.leaders_words().removeprefix("the ") if boom.leaders else LEADERS
