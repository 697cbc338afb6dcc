"""Prices as quoted, shares outstanding and shares of GDP: what a market value is made of.

Levels need the price as quoted: adjusted series are lowered by every later dividend, so they serve for returns only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import pandas as pd

# First trading day on the new basis, and new shares for one old; only splits after the first quoted close.
SPLITS: Mapping[str, Sequence[tuple[str, float]]] = {
    "NVDA": (("2024-06-10", 10.0),),
    "AVGO": (("2024-07-15", 10.0),),
    "SMCI": (("2024-10-01", 10.0),),
    "ANET": (("2024-12-04", 4.0),),
}
ALIASES: Mapping[str, str] = {"GOOGL+GOOG": "GOOGL"}  # all classes are valued at the price of class A
SHARES_PER_ADS: Mapping[str, float] = {"TSM": 5.0}
NEAR_DAYS = 130  # filings come every quarter: the counts before and after a day lie within this
CONFIDENCE = ("low", "medium", "high")


def quoted_prices(adjusted: pd.DataFrame, quoted: pd.DataFrame) -> pd.DataFrame:
    """Return the quoted price of every day on today's shares, USD, of the companies in both tables.

    It is the quoted close on its date, and the adjusted series scaled by the ratio of the nearest quoted date between, so
    up to half the dividends between are off. `quoted` is a long table of `date`, `ticker` and `close_usd`.
    """
    dated = quoted.assign(date=pd.to_datetime(quoted["date"]))
    twice = dated[dated.duplicated(["date", "ticker"])]
    if len(twice):
        raise ValueError(f"Quoted close given twice: {twice.iloc[0]['ticker']} on {twice.iloc[0]['date']:%Y-%m-%d}.")
    basis = dated.pivot_table(index="date", columns="ticker", values="close_usd")
    for ticker in basis.columns.intersection(list(SPLITS)):
        for day, new_shares in SPLITS[ticker]:
            basis.loc[basis.index < pd.Timestamp(day), ticker] /= new_shares
    ratio = (basis / adjusted.reindex(basis.index)).dropna(how="all", axis=1)
    scaled = {t: adjusted[t] * ratio[t].dropna().reindex(adjusted.index, method="nearest") for t in ratio.columns}
    return pd.DataFrame(scaled)


def daily_shares(shares: pd.DataFrame, days: pd.DatetimeIndex, how: Literal["linear", "step", "filed"] = "linear") -> pd.DataFrame:  # fmt: skip
    """Return shares outstanding on every day, millions: a straight line between counts, or the latest until the next.

    "filed" is the latest, or the line from a quarter after it on. Before the first and after the last count the nearest stands. Alphabet's classes are one line, TSMC is in depositary
    shares of five. `shares` is a long table of `ticker`, `as_of` and `shares_mn`.
    """
    if how not in ("linear", "step", "filed"):
        raise ValueError(f"how is {how!r}: choose 'linear', 'step' or 'filed'.")
    known = shares.dropna(subset=["shares_mn"])
    known = known.assign(ticker=known["ticker"].replace(dict(ALIASES)), as_of=pd.to_datetime(known["as_of"]))
    counts = known.pivot_table(index="as_of", columns="ticker", values="shares_mn", aggfunc="last")
    counts = counts / pd.Series(SHARES_PER_ADS).reindex(counts.columns).fillna(1.0)
    every = counts.reindex(counts.index.union(days))
    filled = every.interpolate(method="time") if how != "step" else every.ffill()
    if how == "filed":
        age = every.apply(lambda column: every.index - every.index.to_series().where(column.notna()).ffill())
        filled = every.ffill().where(age <= pd.Timedelta(days=NEAR_DAYS), filled)
    return filled.ffill().bfill().reindex(days)


def share_of_gdp(amount_usd_bn: pd.Series, gdp_usd_bn: pd.Series, carry_quarters: int = 0) -> pd.Series:
    """Return amounts over the GDP of the quarter they fall in, per cent; the last one known stands for `carry_quarters`."""
    known = gdp_usd_bn.dropna()
    known.index = pd.DatetimeIndex(known.index).to_period("Q")
    quarters = pd.DatetimeIndex(amount_usd_bn.index).to_period("Q")
    wanted = pd.period_range(known.index[0], max(known.index[-1], quarters.max()), freq="Q")
    carried = known.reindex(wanted)
    if carry_quarters:
        carried = carried.ffill(limit=carry_quarters)
    return 100.0 * amount_usd_bn / np.asarray(carried.reindex(quarters), dtype=float)
