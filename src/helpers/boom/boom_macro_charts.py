"""Charts of the market's valuation, what followed such valuations, capital expenditure and margin debt."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from helpers import charts, words
from helpers.boom.boom import Boom
from helpers.boom.boom_macro import BUILDERS, DOTCOM_PEAK_MONTH, HORIZONS, TELECOM_BOOM, Valuation
from helpers.boom.boom_panels import Chart, mark_end, panel_titles, place, time_axis
from helpers.results import LOW_MARK

SHILLER = "Robert Shiller (data/raw/shiller_monthly.csv), own calculation"
CAPEX = "company filings and plans, USTelecom (data/raw/ai_capex.csv); GDP (FRED)"
EARLIER_PEAKS = ("1929-09-01", "1999-12-01")


@charts.drawn
def cape_chart(boom: Boom, months: pd.DataFrame, then: Valuation) -> Chart:
    """Draw the CAPE since 1881 and the excess CAPE yield.

    Parameters
    ----------
    boom : Boom
    months : DataFrame
        From :func:`helpers.boom.boom_macro.market_months`.
    then : Valuation
        At the boom's end.

    Returns
    -------
    Chart
    """
    ratio, extra = months["cape"].dropna(), months["excess_yield_pct"].dropna()
    title = (
        f"In {words.month(then.month)} the S&P 500's CAPE of {words.number(then.cape, 1)} was higher than in "
        f"{words.percent(then.percentile, 0)} of the months since 1881"
    )
    unit = f"price over ten years' real earnings (dashed: median, {words.number(ratio.median(), 1)}); per cent a year"
    figure, axes = charts.canvas(title, unit, panels=2)
    panel_titles(figure, ["CAPE", "excess CAPE yield over bonds"])
    place(axes[0], 0.05, 0.60)
    place(axes[1], 0.68, 0.985)
    axes[0].plot(ratio.index, ratio.to_numpy(), color=charts.INK, lw=1.4)
    axes[0].axhline(ratio.median(), color=charts.MUTED, lw=0.9, ls=(0, (2, 2)))
    marks = [pd.Timestamp(day) for day in EARLIER_PEAKS] + [then.month]
    for month in dict.fromkeys(marks):
        tint = charts.ERA["ai"] if month == then.month else charts.ERA["dotcom"] if month.year > 1990 else charts.INK
        shift = (10, 20) if month == then.month else (-6, 4)
        _spot(axes[0], month, ratio[month], f"{month:%b %Y}\n{words.number(ratio[month], 1)}", tint, shift)
    axes[0].set_ylim(0, 1.2 * ratio.max())
    time_axis(axes[0], ratio.index[0], ratio.index[-1] + pd.DateOffset(years=4), 7)
    axes[1].plot(extra.index, extra.to_numpy(), color=charts.INK, lw=1.2)
    axes[1].axhline(0, color=charts.MUTED, lw=0.9)
    _spot(axes[1], then.month, then.excess_yield, words.percent(then.excess_yield), charts.ERA["ai"], (6, -20))
    time_axis(axes[1], extra.index[0], extra.index[-1] + pd.DateOffset(years=4), 4)
    last = ratio.index[-1]
    alt = (
        f"CAPE: {words.number(ratio[marks[0]], 1)} in September 1929, {words.number(ratio[marks[1]], 1)} in December 1999, "
        f"{words.number(then.cape, 1)} in {words.month(then.month)}, {words.number(ratio.iloc[-1], 1)} in {words.month(last)}; "
        f"excess CAPE yield {words.percent(then.excess_yield)} in {words.month(then.month)}"
    )
    caption = (
        f"Price over the mean of ten years of real earnings (Campbell and Shiller), monthly to {words.month(last)}; and its "
        "inverse less the ten-year bond yield, itself less the inflation of the ten years past."
    )
    return Chart(figure, "cape", caption, alt, SHILLER, months)


def _spot(axis: Axes, x: pd.Timestamp, y: float, text: str, tint: str, shift: tuple[int, int] = (-6, 4)) -> None:
    """Mark a point of a line and name it."""
    axis.scatter(x, y, s=26, color=tint, zorder=4)
    axis.annotate(
        text,
        (x, y),
        xytext=shift,
        textcoords="offset points",
        ha="right",
        va="bottom",
        size=8.5,
        color=tint,
        bbox={"facecolor": charts.PAPER, "edgecolor": "none", "pad": 0.8, "alpha": 0.8},
    )


@charts.drawn
def after_chart(after: pd.DataFrame, then: Valuation) -> Chart:
    """Draw how often real returns were positive after each fifth of the CAPE, with honest intervals.

    Parameters
    ----------
    after : DataFrame
        From :func:`helpers.boom.boom_macro.after_valuations`.
    then : Valuation
        At the boom's end.

    Returns
    -------
    Chart
    """
    row = after[(after["years"] == max(HORIZONS)) & (after["fifth"] == then.fifth)].iloc[0]
    title = (
        f"Ten years after months as dear as {words.month(then.month)}, real returns were positive in "
        f"{words.percent(row['positive_pct'], 0)} of cases, but only {words.plural(int(row['episodes']), 'case')} "
        "did not overlap"
    )
    figure, axes = charts.canvas(
        title,
        "months followed by a positive real return, per cent, with 95 % intervals; below: median return a year, and episodes",
        5.0,
        panels=len(HORIZONS),
        sharey=True,
    )
    panel_titles(figure, [f"after {words.plural(year, 'year')}" for year in HORIZONS])
    for panel, (axis, year) in enumerate(zip(axes, HORIZONS, strict=True)):
        rows = after[after["years"] == year]
        left = 0.105 + panel * 0.2235
        place(axis, left, left + 0.205)
        for item in rows.itertuples():
            tint = charts.ERA["ai"] if item.fifth == then.fifth else charts.CONTEXT
            axis.vlines(item.fifth, item.positive_low_pct, item.positive_high_pct, color=tint, lw=3)
            axis.scatter(item.fifth, item.positive_pct, s=34, color=tint, zorder=4)
        axis.set_xlim(0.4, 5.6)
        axis.set_ylim(0, 104)
        marks = [f"{item.fifth}\n{words.number(item.median_pct, 0)} %\n{item.episodes}" for item in rows.itertuples()]
        axis.set_xticks(range(1, 6), marks, size=8)
        box = axis.get_position()
        foot = 0.3 / figure.get_figheight() if charts.on_phone() else 0.06
        axis.set_position((box.x0, box.y0 + foot, box.width, box.height - foot))
    floor = axes[0].get_position().y0
    for line, text in enumerate(("fifth", "median", "episodes")):
        y = floor - (0.145 + 0.135 * line) / figure.get_figheight()
        figure.text(0.012, y, text, size=8, color=charts.MUTED, va="center")
    alt = "; ".join(
        f"after {year} years, dearest fifth: positive in {words.percent(one['positive_pct'], 0)} "
        f"({words.number(one['positive_low_pct'])} to {words.number(one['positive_high_pct'])}), median "
        f"{words.percent(one['median_pct'])} a year, {int(one['episodes'])} episodes"
        for year, one in ((y, after[(after["years"] == y) & (after["fifth"] == 5)].iloc[0]) for y in HORIZONS)
    )
    caption = (
        "Real total returns of the S&P 500 after every month since 1881, by fifth of the month's CAPE; blue: the "
        f"fifth of {words.month(then.month)}. Windows overlap, so the Wilson intervals count only the episodes that do "
        "not. The fifths are drawn with hindsight: this is history and not a forecast."
    )
    return Chart(figure, "after_cape", caption, alt, SHILLER, after)


@charts.drawn
def capex_chart(spending: pd.DataFrame, yearly: pd.DataFrame, telecom: pd.DataFrame) -> Chart:
    """Draw the builders' capital expenditure in dollars, and over GDP beside the telecom boom.

    Parameters
    ----------
    spending, yearly, telecom : DataFrame
        From :mod:`helpers.boom.boom_macro`.

    Returns
    -------
    Chart
    """
    filed = yearly[yearly["filed"]]
    boom = telecom[telecom["label"] == TELECOM_BOOM].iloc[0]
    last = filed["gdp_pct"].dropna()
    title = (
        f"The five builders spent {words.dollars(filed['usd_bn'].iloc[-1])} in {filed.index[-1]}, "
        f"{words.percent(last.iloc[-1])} of GDP; telecom spent {words.percent(boom['gdp_pct'])} a year in 1996–2001"
    )
    figure, axes = charts.canvas(title, "first, USD billion (hatched: plans); then, per cent of GDP", panels=2)
    place(axes[0], 0.06, 0.43)
    place(axes[1], 0.60, 0.985)
    _spending_panel(axes[0], spending)
    axes[1].bar(last.index, last.to_numpy(), 0.7, color=charts.ERA["ai"])
    axes[1].hlines(boom["gdp_pct"], boom["first"] - 0.4, boom["last"] + 0.4, color=charts.ERA["dotcom"], lw=5)
    for row in telecom[telecom["first"] == telecom["last"]].itertuples():
        low = row.confidence == "low"
        fill = charts.PAPER if low else charts.ERA["dotcom"]
        axes[1].scatter(
            row.first, row.gdp_pct, s=30, facecolors=fill, edgecolors=charts.ERA["dotcom"], lw=1.4, zorder=4
        )
        if low:
            axes[1].annotate(
                LOW_MARK, (row.first, row.gdp_pct), xytext=(4, 3), textcoords="offset points", size=9, color=charts.ERA["dotcom"]
            )  # fmt: skip
    axes[1].annotate(
        "telecom and cable,\nmean of 1996–2001", (boom["first"], boom["gdp_pct"]), xytext=(0, -8), textcoords="offset points",
        va="top", size=8.5, color=charts.ERA["dotcom"],
    )  # fmt: skip
    axes[1].annotate(
        "five builders", (last.index[-1] + 0.4, last.iloc[-1]), xytext=(0, 4), textcoords="offset points", ha="right", size=8.5,
        color=charts.ERA["ai"],
    )  # fmt: skip
    axes[1].set_ylim(0, 1.18 * max(last.max(), telecom["gdp_pct"].max()))
    axes[1].set_xlim(1994.5, last.index[-1] + 1.2)
    alt = "; ".join(
        f"{year}: {words.dollars(row.usd_bn)}" + ("" if row.filed else " with plans") for year, row in yearly.iterrows()
    )
    alt += f"; telecom 1996 to 2001 {words.dollars(boom['usd_bn'])} a year"
    caption = (
        "Cash purchases of property and equipment, without finance leases: Microsoft's years end in June, Oracle's in May; "
        "hatched: what companies planned. Amazon's includes warehouses. Telecom: American wireline, wireless and cable "
        f"companies; hollow points are estimates that no source could confirm {LOW_MARK}."
    )
    data = spending.pivot_table(index="year", columns="ticker", values="usd_bn").join(
        yearly[["gdp_pct", "revenue_pct", "profit_pct"]]
    )
    return Chart(figure, "capex", caption, alt, CAPEX, data)


def _spending_panel(axis: Axes, spending: pd.DataFrame) -> None:
    """Stack the builders' spending by year, plans hatched, with names at the last column."""
    wide = spending.pivot_table(index="year", columns="ticker", values="usd_bn").reindex(columns=list(BUILDERS))
    planned = spending.pivot_table(index="year", columns="ticker", values="filed", aggfunc="all").reindex(
        columns=list(BUILDERS)
    )
    base = np.zeros(len(wide))
    names = {"AMZN": "Amazon", "GOOGL": "Alphabet", "META": "Meta", "MSFT": "Microsoft", "ORCL": "Oracle"}
    labels = []
    for ticker in BUILDERS:
        heights = wide[ticker].fillna(0).to_numpy()
        bars = axis.bar(wide.index, heights, 0.74, base, color=charts.COMPANY[ticker], edgecolor=charts.PAPER, lw=0.5)
        for bar, known in zip(bars, planned[ticker], strict=True):
            if known is False or known == 0.0:
                bar.set_hatch("////")
        labels.append((wide.index[-1] + 0.42, float(base[-1] + heights[-1] / 2), names[ticker], charts.COMPANY[ticker]))
        base += heights
    for year, top in zip(wide.index, base, strict=True):
        axis.annotate(
            words.number(top), (year, top), xytext=(0, 3), textcoords="offset points", ha="center", size=8.5, color=charts.INK
        )  # fmt: skip
    axis.set_xticks(list(wide.index), [f"’{year % 100:02d}" for year in wide.index])
    axis.margins(y=0.1)
    charts.end_labels(axis, labels, 8.5)


@charts.drawn
def margin_chart(boom: Boom, debt: pd.DataFrame) -> Chart:
    """Draw margin debt over GDP, and over the level of the S&P 500.

    Parameters
    ----------
    boom : Boom
    debt : DataFrame
        From :func:`helpers.boom.boom_macro.margin_debt`.

    Returns
    -------
    Chart
    """
    known = debt.dropna(subset=["gdp_pct"])
    now, peak = margin_at(debt, boom.end), debt.loc[DOTCOM_PEAK_MONTH]
    against = debt["per_index_point"] / peak["per_index_point"] * 100.0
    title = (
        f"Margin debt was {words.percent(now['gdp_pct'])} of GDP at the boom's end, {words.percent(peak['gdp_pct'])} in March "
        f"2000; against the index it was {words.number(100 * now['per_index_point'] / peak['per_index_point'])} % of that of March 2000"
    )
    figure, axes = charts.canvas(title, "per cent of GDP; per point of the S&P 500, March 2000 = 100", panels=2)
    panel_titles(figure, ["over GDP", "over the level of the S&P 500"])
    place(axes[0], 0.05, 0.49)
    place(axes[1], 0.555, 0.985)
    for axis, series in ((axes[0], known["gdp_pct"]), (axes[1], against.dropna())):
        axis.plot(series.index, series.to_numpy(), color=charts.INK, lw=1.5)
        _spot(axis, DOTCOM_PEAK_MONTH, series[DOTCOM_PEAK_MONTH], "Mar 2000", charts.ERA["dotcom"], (12, 6))
        month = pd.Timestamp(str(now.name))
        _spot(axis, month, series[month], f"{month:%b %Y}", charts.ERA["ai"], (-5, -18))
        axis.set_ylim(0, 1.12 * series.max())
        time_axis(axis, series.index[0], series.index[-1] + pd.DateOffset(months=6), 6)
        mark_end(axis, boom)
    alt = (
        f"Margin debt over GDP: {words.percent(peak['gdp_pct'])} in March 2000, {words.percent(now['gdp_pct'])} at the boom's "
        f"end, {words.percent(known['gdp_pct'].iloc[-1])} in {words.month(known.index[-1])}"
    )
    caption = (
        "Debit balances in customers' margin accounts at month-ends (FINRA), over the quarter's GDP (the last one known "
        "stands for later months) and over the S&P 500's monthly mean: debt that grows with the market says less than debt that outgrows it."
    )
    return Chart(figure, "margin_debt", caption, alt, "FINRA, FRED, Robert Shiller (data/raw)", debt)


def margin_at(debt: pd.DataFrame, day: pd.Timestamp) -> pd.Series:
    """Margin debt at the last month-end that a day knows.

    Parameters
    ----------
    debt : DataFrame
        From :func:`helpers.boom.boom_macro.margin_debt`, dated on the first of each month.
    day : Timestamp

    Returns
    -------
    Series
        The row of that month.

    Examples
    --------
    >>> table = pd.DataFrame({"gdp_pct": [2.0, 3.0]}, index=pd.to_datetime(["2024-12-01", "2025-01-01"]))
    >>> float(margin_at(table, pd.Timestamp("2025-01-24"))["gdp_pct"])
    2.0
    """
    ends = pd.DatetimeIndex(debt.index) + pd.offsets.MonthEnd(0)
    known = debt[np.asarray(ends <= day)].dropna(subset=["gdp_pct"])
    return known.iloc[-1] if len(known) else debt.iloc[0]
