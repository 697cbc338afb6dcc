"""The findings of 01_valuation_growth, the strongest objection to each, and the limits of the data."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers import cape, concentration, market_data, words
from helpers.boom.boom import COMPOSITE, EQUAL_WEIGHT, TOTAL_RETURN
from helpers.boom.boom_charts import leaders_share, made_of, weighed
from helpers.boom.boom_earnings import READINGS
from helpers.boom.boom_macro import DOTCOM_PEAK_MONTH, HORIZONS, TELECOM_BOOM
from helpers.boom.boom_macro_charts import margin_at
from helpers.boom.boom_panels import change, upper
from helpers.boom.boom_split import (
    TOGETHER,
    earners,
    earnings_share,
    peak_earnings_share,
    shares_by_reading,
    split,
)
from helpers.boom.boom_study import Study
from helpers.boom.boom_value import concentration_history, effective_number_row, leaders_value
from helpers.boom.boom_words import ratio, whole
from helpers.market import weights_on
from helpers.results import Output
from helpers.returns import last_close


def keep_findings(out: Output, study: Study) -> None:
    """Write the findings at the head of the notebook, each with the chart that shows it."""
    boom, name = study.boom, study.boom.name(study.boom.focus)
    moves = {t: change(ratio(study, t)) for t in (boom.focus, TOTAL_RETURN, EQUAL_WEIGHT, COMPOSITE)}
    out.finding(
        f"From {words.day(boom.start)} to {words.day(boom.end)} the NASDAQ Composite **{moves[COMPOSITE]}** and {name}'s price **{moves[boom.focus]}**; "
        f"the S&P 500 with dividends {moves[TOTAL_RETURN]}, with equal weights it {moves[EQUAL_WEIGHT]}.",
        "growth",
    )
    for text, figure in (_split_finding(study), _dotcom_finding(study)):
        if text:
            out.finding(text, figure)
    weights = weights_on(boom.prices, boom.end, study.snapshots)
    number = effective_number_row(weights)
    size = (
        f"{upper(boom.valued_words())} were worth **{whole(leaders_value(boom).loc[boom.end, 'gdp_pct'])} of GDP**; "
        if boom.valued()
        else ""
    )
    share = leaders_share(study.parts)
    made = (
        f"; {weighed(boom, study.parts)} {made_of(study.parts)}"
        if not np.isnan(share) and study.parts.linked.size > 1
        else ""
    )
    out.finding(
        f"{size}the seven largest companies held **{words.percent(100 * concentration.top_share(weights, 7))}** of the S&P 500, which was as concentrated as "
        f"one of about {words.number(number['low'])} equal companies{made}.",
        "concentration",
    )
    then = study.valuation
    longest = study.after[(study.after["years"] == HORIZONS[-1]) & (study.after["fifth"] == then.fifth)].iloc[0]
    out.finding(
        f"The S&P 500's CAPE of {words.month(then.month)} was **{words.number(then.cape, 1)}**, above {whole(then.percentile)} of all months since 1881. Ten-year real returns "
        f"after months of that fifth were positive in {whole(longest['positive_pct'])}, but on {words.plural(int(longest['episodes']), 'independent episode')} only "
        f"({words.number(longest['positive_low_pct'])} to {whole(longest['positive_high_pct'])}).",
        "after_cape",
    )
    filed = study.yearly[study.yearly["filed"]].dropna()
    known = filed[filed.index < boom.end.year]
    years = list(dict.fromkeys([*known.index[-1:], filed.index[-1]]))
    said = words.listing(
        f"**{words.dollars(filed.loc[year, 'usd_bn'])}** in {year} ({words.percent(filed.loc[year, 'gdp_pct'])} of GDP, "
        f"{whole(filed.loc[year, 'profit_pct'])} of their net income)"
        for year in years
    )
    telecom = study.telecom[study.telecom["label"] == TELECOM_BOOM].iloc[0]
    out.finding(
        f"Five builders of data centres spent {said}; telecom in 1996 to 2001 spent {words.percent(telecom['gdp_pct'])} of GDP a year.",
        "capex",
    )


def _split_finding(study: Study) -> tuple[str, str]:
    """Say how much of the leaders' and the focus company's rise was earnings."""
    boom = study.boom
    shares = shares_by_reading(study.now, boom.start, boom.end)
    table = split(study.now, boom.start, boom.end)
    if np.isnan(shares["trailing"]):
        return "", ""
    who = earners(boom, study.now) + (" together" if len(study.now.tickers) > 1 else "")
    text = (
        f"{part_made(shares['trailing'], table.loc[TOGETHER, 'log_price'], who)} (in logarithms; {words.number(shares.min())} to "
        f"{whole(shares.max())} by other ways to date earnings); the price went from {words.number(table.loc[TOGETHER, 'multiple_begin'])} to "
        f"{words.number(table.loc[TOGETHER, 'multiple_end'])} times earnings"
    )
    if boom.focus in study.focus.tickers:
        own = shares_by_reading(study.focus, boom.start, boom.end, boom.focus)
        if not np.isnan(own["trailing"]):
            text += f". For {boom.name(boom.focus)} the part was **{whole(own['trailing'])}** ({words.number(own.min())} to {whole(own.max())})"
    return text + ".", "decomposition"


def part_made(share: float, rise: float, who: str) -> str:
    """Say which part of a rise or fall earnings made, also where earnings and price pull apart.

    Parameters
    ----------
    share : float
        Per cent of the log growth of the price.
    rise : float
        Log growth of the price.
    who : str

    Examples
    --------
    >>> part_made(52.0, 0.9, "the seven leaders")
    'Growth in earnings made **52 %** of the rise of the seven leaders'
    >>> part_made(-10.0, 0.9, "Tesla")
    'The price of Tesla rose while earnings fell, a part of **−10 %**'
    """
    if rise > 0 and 0 <= share <= 100:
        return f"Growth in earnings made **{whole(share)}** of the rise of {who}"
    if rise > 0 and share > 100:
        return f"The earnings of {who} grew faster than the price and made **{whole(share)}** of its rise"
    moved = words.moved(share * rise)
    joined = "as" if share > 0 else "while"
    return f"The price of {who} {words.moved(rise)} {joined} earnings {moved}, a part of **{whole(share)}**"


def _dotcom_finding(study: Study) -> tuple[str, str]:
    """Say what the dot-com leaders' earnings had made after as long, and before the peak."""
    windows, boom = study.windows, study.boom
    same, late = (split(study.then, *span) for span in (windows.same_distance, windows.to_the_peak))
    spans = study.readings[list(READINGS.values())].iloc[:2]
    every = np.append(spans.to_numpy(dtype=float), study.curve.to_numpy(dtype=float))
    text = (
        f"In as long from {words.month(windows.same_distance[0])}, when sure figures begin, the dot-com leaders' earnings made **{whole(earnings_share(same))}**, and in as long before the "
        f"NASDAQ's peak {whole(earnings_share(late))}, at {words.number(late.loc[TOGETHER, 'multiple_end'])} times earnings ({words.number(np.nanmin(every))} to {whole(np.nanmax(every))} over "
        "all starts and datings)"
    )
    last = split(study.now, boom.start, boom.last)
    share = earnings_share(last)
    if boom.last > boom.end and not np.isnan(share):
        text += (
            f"; for {earners(boom, study.now)} the part rose to {whole(share)} by {words.day(boom.last)}, at "
            f"{words.number(last.loc[TOGETHER, 'multiple_end'])} times"
            if share > earnings_share(split(study.now, boom.start, boom.end))
            else f"; for {earners(boom, study.now)} it stands at {whole(share)} on {words.day(boom.last)}"
        )
    return text + ".", "paths"


def limits(study: Study) -> list[str]:
    """Say what these data cannot tell about the boom."""
    lines = sum(int((~table["stated"].astype(bool)).sum()) for table in study.now.quarters.values())
    quarters = sum(len(table) for table in study.now.quarters.values())
    said = [
        "The split into earnings and multiple rests on annual reports: "
        f"{lines} of {quarters} trailing figures are straight lines between two fiscal years.",
        "Index weights are those of an index fund by shares in free float; full market values give shares a little higher or lower.",
        "Earnings of chip makers are the spending of cloud companies: growth in earnings that the boom itself pays for "
        "lasts as long as the spending does, and no split into earnings and multiple can show that.",
    ]
    if not quarters:
        said = said[1:]
    if study.now.left_out:
        missing = words.listing(study.boom.name(ticker) for ticker in study.now.left_out)
        said.append(f"{missing}: no earnings, quoted closes or share counts in the data, so the split leaves them out.")
    return said


def objections(study: Study) -> pd.DataFrame:
    """List for each finding the strongest objection and the number that answers it.

    Returns
    -------
    DataFrame
        By finding: ``objection`` and ``answer``.
    """
    rows = {
        "Prices rose": _from_the_peak(study),
        "Earnings made part of it: the start": _trough(study),
        "Earnings made part of it: the dating": _dating(study),
        "Earnings made part of it: the choice": _index_split(study),
        "Dot-com leaders beside": _survivors(study),
        "Value over GDP": _flow(study),
        "Record concentration": _gaps(study),
        "The leaders carried the index": _merely_large(study),
        "The market was dear": _bonds(study),
        "What followed such prices": _episodes(study),
        "Spending beside telecom": _means(study),
        "Borrowed money": _with_the_market(study),
    }
    return pd.DataFrame.from_dict(
        rows, orient="index", columns=["the strongest objection", "the number that answers it"]
    ).rename_axis("finding")


def _from_the_peak(study: Study) -> tuple[str, str]:
    boom = study.boom
    months = market_data.load_table("nasdaq_monthly")["nasdaq_composite_month_end"]
    earlier = months.loc[: boom.start]
    top = pd.Timestamp(earlier.idxmax())
    gain = 100 * (last_close(boom.prices[COMPOSITE], boom.end)[1] / earlier.max() - 1)
    low = last_close(boom.prices[COMPOSITE], boom.start)[1] < 0.9 * earlier.max()
    return (
        "It starts in a bear market, so much of it is recovery." if low else "The start is chosen with hindsight.",
        f"From its last high before, the end of {words.month(top)}, the NASDAQ {change(1 + gain / 100)} to the boom's end; from the boom's start it {change(ratio(study, COMPOSITE))}.",
    )


def _trough(study: Study) -> tuple[str, str]:
    better = peak_earnings_share(study.now, study.boom.start, study.boom.end)
    plain = earnings_share(split(study.now, study.boom.start, study.boom.end))
    answer = f"Counted from the better of the two years around the start, each company's own, earnings made {whole(better)} instead of {whole(plain)}."
    return ("Earnings at the start were depressed, which flatters their growth.", answer)


def _dating(study: Study) -> tuple[str, str]:
    shares = shares_by_reading(study.now, study.boom.start, study.boom.end)
    said = words.listing(f"{READINGS[name]}: {whole(share)}" for name, share in shares.items())
    return (
        "The answer is in the dating: markets price the year to come, not the year reported.",
        f"{upper(said)}. The data hold no forecasts of earnings.",
    )


def _index_split(study: Study) -> tuple[str, str]:
    monthly = market_data.load_table("shiller_monthly")
    begin, end = (day.to_period("M").to_timestamp() for day in (study.boom.start, study.boom.end))
    known = monthly.loc[:end].dropna(subset=["earnings"])
    end = pd.Timestamp(known.index[-1])
    rise = np.log(known.loc[end, "price"] / known.loc[begin, "price"])
    earned = np.log(known.loc[end, "earnings"] / known.loc[begin, "earnings"])
    share = 100 * earned / rise if abs(rise) > 0.05 else float("nan")
    return (
        "Seven winners picked in hindsight say little about the market.",
        f"For the whole S&P 500, on Shiller's reported earnings, {words.month(begin)} to {words.month(end)}, earnings made {whole(share)} of the growth of the price.",
    )


def _survivors(study: Study) -> tuple[str, str]:
    table = study.readings
    filed, without = table["profits as filed"], table["without Oracle"]
    every = study.curve["trailing"]
    return (
        "Five survivors stand for the dot-com years, and Oracle's profit of fiscal 2000 was mostly a one-off gain, taken out here; and the start of their boom is as arbitrary.",
        f"With the gain left in, earnings made {words.number(filed.min())} to {whole(filed.max())} over the three spans; without Oracle {words.number(without.min())} to {whole(without.max())}; over every start from which as long a span fits before the peak {words.number(every.min())} to {whole(every.max())}. Companies without profits, the heart of that bubble, have no multiple and are missing on both sides.",
    )


def _flow(study: Study) -> tuple[str, str]:
    boom = study.boom
    table = split(study.now, boom.start, boom.end)
    profits = table.loc[TOGETHER, "eps_end"] / 1000.0
    output = market_data.load_table("macro_quarterly")["gdp_usd_bn"].dropna().loc[: boom.end].iloc[-1]
    return (
        "A stock over a flow, and much of these profits is earned abroad.",
        f"The ratio is only a yardstick: the profits behind it, {words.dollars(profits) if study.now.tickers else words.MISSING} in twelve months on the shares held, were {words.percent(100 * profits / output)} of GDP.",
    )


def _gaps(study: Study) -> tuple[str, str]:
    history = concentration_history(study.boom, study.snapshots)
    ten = history[history["k"] == 10]
    years = ten["date"].dt.year.nunique()
    sure = ten.loc[ten["confidence"] != "low", "date"].dt.year.nunique()
    return (
        "The history has gaps, and before 2009 only the ten largest are known.",
        f"{years} of {ten['date'].dt.year.max() - 1980 + 1} years are covered, {sure} by sure figures; as ten hold more than seven, the old figures bound the seven's share from above.",
    )


def _merely_large(study: Study) -> tuple[str, str]:
    parts, boom = study.parts, study.boom
    inside = [name for name in parts.linked.index if name != concentration.REST]
    weight = float(weights_on(boom.prices, boom.start, study.snapshots).reindex(inside).sum())
    rest = 100 * float(parts.linked[concentration.REST]) / (1 - weight)
    equal = 100 * (ratio(study, EQUAL_WEIGHT) - 1)
    return (
        "Large companies carry a weighted index by construction.",
        f"{upper(weighed(boom, parts))} started at {whole(100 * weight)} of it and {made_of(parts)}; all others returned about {whole(rest)} on their own weight, and the equal-weight fund {whole(equal)}.",
    )


def _bonds(study: Study) -> tuple[str, str]:
    then = study.valuation
    since = cape.percentile_of_last(study.months["cape"], then.month, "1995-01-01")
    return (
        "Interest rates, accounting and payouts have changed since 1881; a median over 140 years is no norm.",
        f"Since 1995 alone {whole(since)} of the months were cheaper; against bonds the excess yield of {words.percent(then.excess_yield)} was lower than in {whole(100 - then.excess_percentile)} of all months.",
    )


def _episodes(study: Study) -> tuple[str, str]:
    rows = study.after[
        (study.after["years"] == HORIZONS[-1]) & study.after["fifth"].isin([1, study.valuation.fifth])
    ].set_index("fifth")
    said = [
        f"fifth {fifth}: {words.number(row['positive_low_pct'])} to {whole(row['positive_high_pct'])}"
        for fifth, row in rows.iterrows()
    ]
    return (
        "Overlapping windows are counted as if they were evidence many times over.",
        f"On episodes that do not overlap the intervals for a positive ten-year return are {words.listing(said)}: they overlap, so the order of the fifths is not proven.",
    )


def _means(study: Study) -> tuple[str, str]:
    filed = study.yearly[study.yearly["filed"]].dropna()
    first, last = filed.iloc[0], filed.iloc[-1]
    return (
        "Telecom borrowed; these companies pay from profits.",
        f"Spending took {whole(first['profit_pct'])} of their net income in {first.name} and {whole(last['profit_pct'])} in {last.name} ; net income is after depreciation, which cash spending is not.",
    )


def _with_the_market(study: Study) -> tuple[str, str]:
    now, peak = margin_at(study.debt, study.boom.end), study.debt.loc[DOTCOM_PEAK_MONTH]
    return (
        "Debt grows with prices, so its share of GDP rises in every boom.",
        f"Per point of the S&P 500 it was {whole(100 * now['per_index_point'] / peak['per_index_point'])} of that of March 2000.",
    )
