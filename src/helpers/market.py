"""The S&P 500 by company: weights on any day, how concentrated they are, and what each company added to its return.

Weights, returns and contributions are fractions of one (6.8 % is 0.068); percentages are refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy.special import exprel

from helpers import market_data
from helpers.returns import total_growth

SHARE_CLASSES: Mapping[str, str] = {"GOOG": "GOOGL", "FOX": "FOXA", "NWS": "NWSA"}
REST = "rest of index"
INDEX_SIZE = 500
EXACT_DAY = pd.Timestamp("2025-01-24")  # the one day on which every member's weight is known
ROUNDING = 5e-4  # printed weights may add up to a little more than one


def weight_snapshots() -> pd.DataFrame:
    """Return known weights, days by companies, share classes joined; missing elsewhere.

    The sixty heaviest shares at year-ends, and all members on 24 January 2025.
    """
    yearly = market_data.load_table("sp500_top_weights")
    lines = {day: rows.set_index("ticker")["weight_pct"] for day, rows in yearly.groupby("date")}
    lines[EXACT_DAY] = market_data.load_table("sp500_members_2025_01").set_index("ticker")["weight_2025_01_24_pct"]
    return pd.DataFrame({day: join_share_classes(line / 100.0) for day, line in lines.items()}).T.sort_index()


def weights_on(prices: pd.DataFrame, day: pd.Timestamp, snapshots: pd.DataFrame) -> pd.Series:
    """Return weights on a trading day, the largest first, drifted from the last day on which they are known.

    Each grows with its return over the index's since that day, which leaves changes of share counts and members out;
    companies without daily prices keep their weight. Before the first known day they shrink back from it.
    """
    before = snapshots.index[snapshots.index <= day]
    base = pd.Timestamp(before[-1] if len(before) else snapshots.index[0])
    known = snapshots.loc[base].dropna()
    if base != day and base >= prices.index[0]:
        index_growth = total_growth(prices["SPY" if "SPY" in prices else "^GSPC"], base, day) + 1.0
        for ticker in known.index.intersection(prices.loc[base].dropna().index):
            known[ticker] *= (total_growth(prices[ticker], base, day) + 1.0) / index_growth
    return known.sort_values(ascending=False)


def join_share_classes(weights: pd.Series, classes: Mapping[str, str] = SHARE_CLASSES) -> pd.Series:
    """Add up the share classes of one company, so that companies are counted and not lines."""
    company = weights.index.map(lambda ticker: classes.get(ticker, ticker))
    return weights.groupby(company).sum().sort_values(ascending=False)


def top_share(weights: pd.Series, k: int) -> float:
    """Return the weight of the k largest; `weights` need only hold those."""
    known = _fractions(weights)
    if not 1 <= k <= len(known):
        raise ValueError(f"The {k} largest were asked for; choose from 1 to {len(known)}, the weights given.")
    return float(np.sort(known)[-k:].sum())


def herfindahl(weights: pd.Series) -> float:
    """Return the sum of squared weights: 1/n for n equal companies, one for a single one."""
    return float((_fractions(weights) ** 2).sum())


def herfindahl_bounds(weights: pd.Series, index_size: int) -> tuple[float, float]:
    """Bound the Herfindahl index when only the largest weights are known.

    At least, those not listed (`index_size` less the listed) are equal; at most, as many as fit are as large as the
    smallest listed.
    """
    known = _fractions(weights)
    listed, smallest = float((known**2).sum()), float(known.min())
    tail = max(0.0, 1.0 - float(known.sum()))
    if smallest <= 0:
        raise ValueError("A listed weight is zero: leave that company out, for it belongs to the tail.")
    full = np.floor(tail / smallest + 1e-12)
    most = full * smallest**2 + max(0.0, tail - full * smallest) ** 2
    outside = index_size - len(known)
    if tail > outside * smallest + ROUNDING:
        raise ValueError(f"{outside} companies of up to {smallest:.4f} cannot weigh {tail:.4f}.")
    return listed + (tail**2 / outside if outside > 0 else 0.0), listed + float(most)


def effective_number(weights: pd.Series) -> tuple[float, float]:
    """Return how many equal companies would be as concentrated: the least and the most that unlisted ones allow."""
    if len(weights) >= INDEX_SIZE or weights.sum() > 0.999:  # what is missing is cash, not companies
        return (1.0 / herfindahl(weights / weights.sum()),) * 2
    low, high = herfindahl_bounds(weights, INDEX_SIZE)
    return 1.0 / high, 1.0 / low


def linked_contributions(prices: pd.DataFrame, days: list[pd.Timestamp], tickers: list[str], snapshots: pd.DataFrame,
                         daily: bool = False) -> pd.DataFrame:  # fmt: skip
    """Return what companies and the rest of the index added to the S&P 500's return with dividends.

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
        growth = span / span.iloc[0]  # if nobody traded, a weight grows with its return over that of the index
        weights = growth[inside].mul(first[begin][inside]).div(growth["SPY"], axis=0).shift(1).iloc[1:]
        part = weights * moves[inside]
        part = part.assign(**{REST: moves["SPY"] - part.sum(axis=1)})
        rows.append(part if daily else part.set_axis([finish]))
    periods = pd.concat(rows)
    periods.loc["linked"] = carino_link(periods)
    return periods


def carino_link(contributions: pd.DataFrame) -> pd.Series:
    r"""Link contributions of several periods so that they add up to the compounded return exactly (Carino 1999).

    Those of period t are multiplied by :math:`k_t / k`, with :math:`k_t = \ln(1 + R_t) / R_t` and k the same for the whole.
    """
    if bool(contributions.isna().to_numpy().any()):
        raise ValueError("A contribution is missing: linking needs every company in every period.")
    period = contributions.sum(axis=1).to_numpy(dtype=float)
    if (period <= -1.0).any():
        raise ValueError("A period lost everything, so nothing can be linked across it.")
    logs = np.log1p(period)
    # exprel(ln(1 + R)) is R / ln(1 + R), which is one where R is zero
    return contributions.mul(exprel(logs.sum()) / exprel(logs), axis=0).sum(axis=0)


def _fractions(weights: pd.Series) -> np.ndarray:
    known = weights.dropna().to_numpy(dtype=float)
    if len(known) == 0 or (known < 0).any() or known.sum() <= 0:
        raise ValueError("Weights must be zero or more, with at least one above zero.")
    if known.sum() > 1.0 + ROUNDING:
        raise ValueError(f"The weights add up to {known.sum():.4f}: give fractions, percent divided by 100.")
    return known
