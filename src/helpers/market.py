"""Weights of companies in the S&P 500, on the days on which they are known and between them."""

from __future__ import annotations

from itertools import pairwise

import pandas as pd

from helpers import concentration, market_data
from helpers.returns import total_growth

INDEX_SIZE = 500
EXACT_DAY = pd.Timestamp("2025-01-24")  # the one day on which every member's weight is known


def weight_snapshots() -> pd.DataFrame:
    """Return known weights, days by tickers, as fractions with share classes joined; missing elsewhere.

    The sixty heaviest lines at year-ends, and all members on 24 January 2025.

    >>> round(float(weight_snapshots().loc["2022-12-30", "NVDA"]), 4)
    0.0113
    """
    yearly = market_data.load_table("sp500_top_weights")
    lines = {day: rows.set_index("ticker")["weight_pct"] for day, rows in yearly.groupby("date")}
    lines[EXACT_DAY] = market_data.load_table("sp500_members_2025_01").set_index("ticker")["weight_2025_01_24_pct"]
    joined = {day: concentration.join_share_classes(line / 100.0) for day, line in lines.items()}
    return pd.DataFrame(joined).T.sort_index()


def weights_on(prices: pd.DataFrame, day: pd.Timestamp, snapshots: pd.DataFrame) -> pd.Series:
    """Return weights on a trading day as fractions, the largest first, drifted from the last day on which they are known.

    Each grows with its return over the index's since that day, which leaves changes of share counts and members out;
    companies without daily prices keep their weight. Before the first known day, its weights stand.
    """
    before = snapshots.index[snapshots.index <= day]
    base = pd.Timestamp(before[-1] if len(before) else snapshots.index[0])
    known = snapshots.loc[base].dropna()
    if base != day and base >= prices.index[0]:
        index_growth = total_growth(prices["SPY" if "SPY" in prices else "^GSPC"], base, day) + 1.0
        for ticker in known.index.intersection(prices.loc[base].dropna().index):
            known[ticker] *= (total_growth(prices[ticker], base, day) + 1.0) / index_growth
    return known.sort_values(ascending=False)


def effective_number(weights: pd.Series) -> tuple[float, float]:
    """Return how many equal companies would be as concentrated: the least and the most that unlisted ones allow.

    >>> effective_number(pd.Series([0.5, 0.5]))
    (2.0, 2.0)
    """
    if len(weights) >= INDEX_SIZE or weights.sum() > 0.999:  # what is missing is cash, not companies
        return (1.0 / concentration.herfindahl(weights / weights.sum()),) * 2
    bound = concentration.unlisted_tail_bound(weights, INDEX_SIZE)
    return 1.0 / bound.herfindahl_high, 1.0 / bound.herfindahl_low


def linked_contributions(prices: pd.DataFrame, days: list[pd.Timestamp], tickers: list[str], snapshots: pd.DataFrame,
                         daily: bool = False) -> pd.DataFrame:  # fmt: skip
    """Return what companies and the rest of the index added to the S&P 500's return with dividends, fractions.

    One row a period between two of the `days`, weights at its start times returns, and a last row `linked` in which
    they add up to the compounded return exactly (Carino 1999). With `daily`, weights move every day within a period.
    A company whose weight is not known at the start of each period stays in the rest. The index is the fund SPY.
    """
    first = {begin: weights_on(prices, begin, snapshots) for begin in days[:-1]}
    inside = [t for t in tickers if t in prices and all(t in weights for weights in first.values())]
    rows = []
    for begin, finish in pairwise(days):
        span = prices.loc[begin:finish, list(dict.fromkeys([*inside, "SPY"]))].ffill()
        span = span if daily else span.iloc[[0, -1]]
        moves = span.pct_change(fill_method=None).iloc[1:]
        weights = (
            concentration.drifted_weights(first[begin][inside], span, span["SPY"]).shift(1).iloc[1:]
            if inside
            else moves[[]]
        )
        part = concentration.with_rest(weights * moves[inside], moves["SPY"])
        rows.append(part if daily else part.set_axis([finish]))
    periods = pd.concat(rows)
    periods.loc["linked"] = concentration.carino_link(periods)
    return periods
