"""What 01_valuation_growth says, a paragraph a section, true for any parameters."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers import concentration, words
from helpers.boom.boom import (
    COMPOSITE,
    EQUAL_WEIGHT,
    LEADERS,
    MARKET,
    TOTAL_RETURN,
    price_against_total,
)
from helpers.boom.boom_charts import leaders_share, made_of, weighed
from helpers.boom.boom_earnings import STALE_DAYS, sources_on
from helpers.boom.boom_macro import DOTCOM_PEAK_MONTH, HORIZONS, TELECOM_BOOM
from helpers.boom.boom_macro_charts import margin_at
from helpers.boom.boom_panels import change, upper
from helpers.boom.boom_split import (
    TOGETHER,
    earners,
    earnings_share,
    shares_by_reading,
    split,
)
from helpers.boom.boom_study import Study
from helpers.boom.boom_value import (
    concentration_history,
    effective_number_row,
    leaders_value,
    ranks,
)
from helpers.market import weights_on
from helpers.returns import known_growth, max_drawdown


def whole(value: float) -> str:
    """Write a percentage without decimals.

    Examples
    --------
    >>> whole(51.7)
    '52 %'
    """
    return words.percent(value, 0)


def growth(study: Study) -> str:
    """Say how far prices rose in the boom, and how deep the company in focus fell on the way."""
    boom = study.boom
    moves = {t: ratio(study, t) for t in (boom.focus, TOTAL_RETURN, EQUAL_WEIGHT, COMPOSITE)}
    held = boom.prices[boom.focus].loc[boom.start : boom.end].dropna()
    fall = max_drawdown(held)
    text = (
        f"From {words.day(boom.start)} to {words.day(boom.end)} the NASDAQ Composite {change(moves[COMPOSITE])} and the S&P 500 "
        f"with dividends {change(moves[TOTAL_RETURN])}; with an equal sum in each of its companies it {change(moves[EQUAL_WEIGHT])}. "
        f"{boom.name(boom.focus)}'s price {change(moves[boom.focus])}"
    )
    if fall.depth < 0:
        text += f", with a fall of {whole(-100 * fall.depth)} from {words.day(fall.peak)} to {words.day(fall.trough)} on the way"
    return text + (
        ". The groups are those of the codebook: companies that are known today as part of the AI supply chain, so that "
        "losers who left it are not among them."
    )


def ratio(study: Study, ticker: str) -> float:
    """Last price of the boom over its first, missing where the series begins later."""
    return 1.0 + known_growth(study.boom.prices[ticker], study.boom.start, study.boom.end)


def value(study: Study) -> str:
    """Say when the company in focus reached its rank and how its value compares at the boom's end."""
    boom, rank = study.boom, ranks(study.boom)
    name = boom.name(boom.focus)
    if rank.empty:
        return f"The data hold no share count of {name}, so it has no market value here."
    within = rank.loc[boom.start : boom.end]
    best, first = int(within.min()), pd.Timestamp(within.idxmin())
    days = int((within == best).sum())
    return (
        f"Among the {boom.values.shape[1]} companies with daily values {name} ranked {words.ordinal(int(within.iloc[0]))} on the "
        f"first day it has here, {words.ordinal(int(within.iloc[-1]))} at the boom's end and {words.ordinal(int(rank.iloc[-1]))} at the end "
        f"of the data. Its best rank in the boom, {words.ordinal(best)}, was first reached on {words.day(first)} and held on "
        f"{words.plural(days, 'day')}. Companies outside the data, such as Saudi Aramco or Berkshire Hathaway, are not ranked."
    )


def leaders(study: Study) -> str:
    """Say how large the leaders became in dollars and against GDP."""
    boom = study.boom
    if not boom.valued():
        return f"None of {boom.leaders_words()} has a share count and quoted closes in the data, so they have no market value here."
    table = leaders_value(boom)
    then, now, last = (table.loc[day] for day in (boom.start, boom.end, boom.last))
    text = (
        f"{upper(boom.valued_words())} went from {words.dollars(then['value_usd_bn'])} to {words.dollars(now['value_usd_bn'])}, from "
        f"{whole(then['gdp_pct'])} to {whole(now['gdp_pct'])} of GDP"
    )
    if boom.last > boom.end:
        text += f", and to {words.dollars(last['value_usd_bn'])} ({whole(last['gdp_pct'])}) by {words.day(boom.last)}"
    lacking = [boom.name(ticker) for ticker in boom.leaders if ticker not in boom.values]
    return text + (f". {words.listing(lacking)} have no share count in the data and are left out." if lacking else ".")


def concentrated(study: Study) -> str:
    """Say how concentrated the index was, and how complete the history is."""
    boom = study.boom
    weights = weights_on(boom.prices, boom.end, study.snapshots)
    history = concentration_history(boom, study.snapshots)
    earlier = history[(history["k"] == 10) & (history["date"] < boom.start)]
    top = earlier.nlargest(1, "share_pct").iloc[0]
    now, number = 100 * concentration.top_share(weights, 10), effective_number_row(weights)
    covered = history.loc[history["k"] == 10, "date"].dt.year.nunique()
    span = f"{words.number(number['low'])} to {words.number(number['high'])}"
    if number["high"] - number["low"] < 1:
        span = words.number(number["low"])
    drifted = "" if boom.end in study.snapshots.index else " (carried by prices from the last known weights)"
    return (
        f"At the boom's end the ten largest held {words.percent(now)}{drifted}; the highest earlier value known is "
        f"{words.percent(top['share_pct'])}, of {top['date']:%B %Y}. The index was as concentrated as one of {span} equal companies. "
        f"The history has {covered} years of {history['date'].dt.year.max() - 1980 + 1}: a higher value in a year that is not "
        "covered cannot be ruled out."
    )


def carried(study: Study) -> str:
    """Say what part of the index's return the leaders made, and how that depends on who is counted."""
    parts, boom = study.parts, study.boom
    share = leaders_share(parts)
    listed = parts.linked.drop(concentration.REST).sort_values(ascending=False)
    if listed.empty or np.isnan(share):
        return "No leader has a known weight in the S&P 500, or the index hardly moved: there is nothing to share out."
    begin = weights_on(boom.prices, boom.start, study.snapshots)
    weight = 100 * float(begin.reindex(listed.index).sum())
    rest = 100 * float(parts.linked[concentration.REST])
    return (
        f"{upper(weighed(boom, parts))} made up {whole(weight)} of the index at the start and {made_of(parts)}; {boom.name(str(listed.index[0]))} alone made {words.number(100 * listed.iloc[0], 1)} of {words.number(100 * parts.total, 1)} "
        f"points. Without them the index would still have gained {words.number(rest, 1)} points. A contribution is arithmetic: it says whose "
        "weight times return it was, not what caused it."
    )


def split_said(study: Study) -> str:
    """Say how much of the rise was earnings, by company and by what is counted."""
    boom, now = study.boom, study.now
    table = split(now, boom.start, boom.end)
    shares = shares_by_reading(now, boom.start, boom.end)
    begin, end = table.loc[TOGETHER, "multiple_begin"], table.loc[TOGETHER, "multiple_end"]
    if np.isnan(shares["trailing"]):
        return f"For {earners(boom, now)} the data do not allow the split: earnings are missing, or the price hardly moved."
    single = table.drop(TOGETHER)["eps_part_pct"].dropna()
    text = (
        f"Together {earners(boom, now)} went from {words.number(begin, 1)} to {words.number(end, 1)} times their earnings: earnings made "
        f"{whole(shares['trailing'])} of the growth of the price (in logarithms), the multiple the rest. "
    )
    if len(single) > 1:
        most, least = single.idxmax(), single.idxmin()
        text += (
            f"By company it runs from {whole(single[least])} for {boom.name(str(least))} to "
            f"{whole(single[most])} for {boom.name(str(most))}; the middle one stands at {whole(single.median())}. "
        )
    stale = sources_on(now, boom.end)
    old = [boom.name(str(t)) for t in stale.index if (boom.end - stale.loc[t, "period_end"]).days > STALE_DAYS / 2]
    if old:
        text += f"For {words.listing(old)} the last known year ended more than half a year before. "
    if lossy := _with_losses(study):
        text += (
            f"{words.listing(lossy)} had a year of loss beside the dates, so a straight line between fiscal years tells "
            "little there. "
        )
    return text + "A part above 100 % means that earnings outgrew the price and the multiple fell."


def _with_losses(study: Study) -> list[str]:
    """Name the leaders with a loss in a fiscal year on either side of the boom's start or end."""
    found = []
    for ticker in study.now.tickers:
        table = study.now.quarters[ticker]
        years = table.loc[table["year_end"].astype(bool), "diluted_eps"]
        places = [int(years.index.searchsorted(day)) for day in (study.boom.start, study.boom.end)]
        near = [years.iloc[max(place - 1, 0) : place + 1] for place in places]
        if any((part <= 0).any() for part in near):
            found.append(study.boom.name(ticker))
    return found


def beside(study: Study) -> str:
    """Say how the dot-com leaders stood after as long, and how far the readings agree."""
    windows, boom = study.windows, study.boom
    same, late = split(study.then, *windows.same_distance), split(study.then, *windows.to_the_peak)
    ours = shares_by_reading(study.now, boom.start, boom.end).dropna()
    every = study.curve["trailing"].dropna()
    text = (
        f"Sure figures of the dot-com leaders begin in {words.month(windows.same_distance[0])}. After as long as the boom, in {words.month(windows.same_distance[1])}, they stood at {words.number(same.loc[TOGETHER, 'multiple_end'])} times "
        f"their earnings, and earnings had made {whole(earnings_share(same))} of their rise; in as long before the NASDAQ's peak it was "
        f"{whole(earnings_share(late))}, at {words.number(late.loc[TOGETHER, 'multiple_end'])} times. "
    )
    if len(every) > 1:
        text += f"Over the {len(every)} starts from which as long a span fits before the peak, the part runs from {whole(every.min())} to {whole(every.max())}. "
    if len(ours) > 1:
        inside = ours.min() <= every.max() and every.min() <= ours.max()
        meets = "the ranges of the two eras overlap" if inside else "the ranges of the two eras do not meet"
        text += (
            f"For {earners(boom, study.now)} the readings run from {whole(ours.min())} to {whole(ours.max())}, so {meets}: the last fiscal year is up to two "
            "years old and misses most of a fast rise, while the twelve months to the day contain quarters that nobody had seen yet. "
        )
    return text + "No company without profits can be split at all, and those were the heart of the dot-com bubble."


def other_dates(study: Study) -> str:
    """Say how growth and split depend on the dates, and what dividends add."""
    boom = study.boom
    starts, ends = study.growth_curves
    curve = study.share_curves
    dividends = price_against_total(boom)
    first = boom.name(MARKET)
    text = (
        f"Counted from other months, the leaders in equal sums were multiplied by {words.number(starts[LEADERS].min(), 1)} to "
        f"{words.number(starts[LEADERS].max(), 1)}; to other ends, by {words.number(ends[LEADERS].min(), 1)} to {words.number(ends[LEADERS].max(), 1)}. "
    )
    known = [one["trailing"].dropna() for one in curve]
    if all(len(one) for one in known):
        text += (
            f"The part that earnings made lies between {whole(known[0].min())} and {whole(known[0].max())} over the starts and "
            f"between {whole(known[1].min())} and {whole(known[1].max())} over the ends, where it stands at {whole(known[1].iloc[-1])} on the last day. "
        )
    return text + (
        f"The S&P 500 gained {words.percent(dividends.loc[first, 'price, %'])} by price alone and "
        f"{words.percent(dividends.loc[first, 'with dividends, %'])} with dividends."
    )


def valuation(study: Study) -> str:
    """Say how dear the market was, by the CAPE and against bonds."""
    then, last = study.valuation, study.months["cape"].dropna()
    peak = study.months.loc[DOTCOM_PEAK_MONTH]
    gap = (
        f" The plain earnings yield stood {words.number(abs(then.yield_gap), 1)} points {'above' if then.yield_gap > 0 else 'below'} the ten-year yield."
        if not np.isnan(then.yield_gap)
        else ""
    )
    less = 100 - then.excess_percentile < then.percentile
    return (
        f"The CAPE of {words.month(then.month)}, {words.number(then.cape, 1)}, was above {words.percent(then.percentile)} of all months before; "
        f"in March 2000 it was {words.number(peak['cape'], 1)}, and in {words.month(last.index[-1])}, the last month known, {words.number(last.iloc[-1], 1)}. "
        f"Against bonds the market was {'less' if less else 'at least as'} extreme: an excess CAPE yield of {words.percent(then.excess_yield)}, lower than in "
        f"{whole(100 - then.excess_percentile)} of the months, against {words.percent(peak['excess_yield_pct'])} in March 2000.{gap}"
    )


def after(study: Study) -> str:
    """Say what followed months as dear as this, as history and not as forecast."""
    fifth = study.after[study.after["fifth"] == study.valuation.fifth].set_index("years")
    said = [
        f"over {words.plural(year, 'year')} a median of {words.percent(fifth.loc[year, 'median_pct'])} a year, positive in "
        f"{whole(fifth.loc[year, 'positive_pct'])} ({words.number(fifth.loc[year, 'positive_low_pct'])} to {whole(fifth.loc[year, 'positive_high_pct'])})"
        for year in (HORIZONS[0], HORIZONS[-1])
    ]
    place = {1: "cheapest", 2: "second cheapest", 3: "middle", 4: "second dearest", 5: "dearest"}[study.valuation.fifth]
    longest = fifth.loc[HORIZONS[-1]]
    return (
        f"{words.month(study.valuation.month)} falls in the {place} fifth of all months. After months of that fifth real returns were: "
        f"{words.listing(said)}. The {int(longest['months'])} months of the ten-year row hold only {words.plural(int(longest['episodes']), 'window')} "
        "that do not overlap, so the interval is wide; and the fifths are known only with hindsight. This is history, not a forecast."
    )


def spending(study: Study) -> str:
    """Say what the builders spend, against their own means and beside the telecom boom."""
    filed = study.yearly[study.yearly["filed"]]
    last, first = filed.iloc[-1], filed.dropna(subset=["revenue_pct"]).iloc[0]
    telecom = study.telecom[study.telecom["label"] == TELECOM_BOOM].iloc[0]
    side = "above" if last["gdp_pct"] > telecom["gdp_pct"] else "below"
    plans = study.yearly[~study.yearly["filed"]]
    text = (
        f"In {filed.index[-1]} the five spent {whole(last['revenue_pct'])} of their revenue and {whole(last['profit_pct'])} of their net "
        f"income on property and equipment; in {first.name} it was {whole(first['revenue_pct'])} and {whole(first['profit_pct'])}. Over GDP, "
        f"{words.percent(last['gdp_pct'], 2)} lies {side} telecom's mean of {words.percent(telecom['gdp_pct'], 2)}. "
    )
    if len(plans):
        text += f"With the plans of those that have not filed, {plans.index[-1]} comes to {words.dollars(plans['usd_bn'].iloc[-1])}. "
    return (
        text
        + "The single years of telecom are estimates that no source could confirm; its mean of six years is sourced."
    )


def borrowed(study: Study) -> str:
    """Say how large margin debt was, over GDP and against the market it is secured by."""
    now, peak = margin_at(study.debt, study.boom.end), study.debt.loc[DOTCOM_PEAK_MONTH]
    known = study.debt["gdp_pct"].dropna()
    against = 100 * now["per_index_point"] / peak["per_index_point"]
    meant = "smaller" if against < 100 else "larger"
    return (
        f"Margin debt stood at {words.percent(now['gdp_pct'], 2)} of GDP in {words.month(now.name)}, {words.percent(peak['gdp_pct'], 2)} in March "
        f"2000 and {words.percent(known.iloc[-1], 2)} in {words.month(known.index[-1])}. Per point of the S&P 500 it was "
        f"{whole(against)} of March 2000's, so {meant} than then against the market that secures it. Loans "
        "against shares outside margin accounts, and leverage inside funds and options, are not in these data."
    )
