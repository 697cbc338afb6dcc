"""Weights of companies in the S&P 500, on the days on which they are known and between them."""

from __future__ import annotations

import pandas as pd

from helpers import concentration, market_data
from helpers.returns import total_growth

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
