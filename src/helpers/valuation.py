"""Market values from shares and quoted prices, milestones, and growth split into earnings and multiple.

Levels need the price as quoted: adjusted series are lowered by every later dividend, so they serve for
returns only. Quoted closes are put on today's split basis and the adjusted series is scaled to them.
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
CONFIDENCE = ("low", "medium", "high")
TRILLIONS_USD_BN = (1000.0, 2000.0, 3000.0, 4000.0, 5000.0)


def to_split_basis(quoted: pd.DataFrame, splits: Mapping[str, Sequence[tuple[str, float]]] = SPLITS) -> pd.DataFrame:
    """Put closes as quoted on their day onto today's split basis.

    Parameters
    ----------
    quoted : DataFrame
        Long table with ``date``, ``ticker`` and ``close_usd``.
    splits : mapping of str to pairs
        By ticker: first day on the new basis and new shares for one old.

    Returns
    -------
    DataFrame
        Wide, dates by tickers, USD a share of today.

    Raises
    ------
    ValueError
        If a ticker has two closes on one date.

    Examples
    --------
    >>> before = pd.DataFrame({"date": ["2022-12-30"], "ticker": ["NVDA"], "close_usd": [146.0]})
    >>> float(to_split_basis(before).loc["2022-12-30", "NVDA"])
    14.6
    """
    dated = quoted.assign(date=pd.to_datetime(quoted["date"]))
    twice = dated[dated.duplicated(["date", "ticker"])]
    if len(twice):
        raise ValueError(f"Quoted close given twice: {twice.iloc[0]['ticker']} on {twice.iloc[0]['date']:%Y-%m-%d}.")
    wide = dated.pivot_table(index="date", columns="ticker", values="close_usd")
    for ticker in wide.columns.intersection(list(splits)):
        for day, ratio in splits[ticker]:
            before = wide.index < pd.Timestamp(day)
            wide.loc[before, ticker] = wide.loc[before, ticker] / ratio
    return wide


def quoted_prices(
    adjusted: pd.DataFrame, quoted: pd.DataFrame, splits: Mapping[str, Sequence[tuple[str, float]]] = SPLITS
) -> pd.DataFrame:
    """Estimate the quoted price of every day from adjusted prices and quoted closes at a few dates.

    Parameters
    ----------
    adjusted : DataFrame
        Daily closes adjusted for splits and dividends, dates by tickers, USD.
    quoted : DataFrame
        Long table of quoted closes, see :func:`to_split_basis`.
    splits : mapping of str to pairs
        See :func:`to_split_basis`.

    Returns
    -------
    DataFrame
        USD on today's split basis for the tickers in both tables: equal to the quoted close on its date, and
        scaled by the ratio of the nearest quoted date between (so up to half the dividends between are off).

    Examples
    --------
    >>> days = pd.date_range("2025-01-01", periods=3)
    >>> adjusted = pd.DataFrame({"A": [9.0, 10.0, 11.0]}, index=days)
    >>> closes = pd.DataFrame({"date": ["2025-01-01"], "ticker": ["A"], "close_usd": [18.0]})
    >>> quoted_prices(adjusted, closes)["A"].tolist()
    [18.0, 20.0, 22.0]
    """
    basis = to_split_basis(quoted, splits)
    ratio = (basis / adjusted.reindex(basis.index)).dropna(how="all", axis=1)
    scaled = {t: adjusted[t] * ratio[t].dropna().reindex(adjusted.index, method="nearest") for t in ratio.columns}
    return pd.DataFrame(scaled)


def daily_shares(
    shares: pd.DataFrame, days: pd.DatetimeIndex, how: Literal["linear", "step"] = "linear"
) -> pd.DataFrame:
    """Shares outstanding on every day, from counts at filing dates.

    Parameters
    ----------
    shares : DataFrame
        Long table with ``ticker``, ``as_of`` and ``shares_mn`` on today's split basis; blanks are left out.
    days : DatetimeIndex
        Days wanted.
    how : {"linear", "step"}
        Straight line between counts, or the latest count until the next, as data vendors do.

    Returns
    -------
    DataFrame
        Days by tickers, millions. Before the first and after the last count the nearest count stands.
        Alphabet's classes are one line (GOOGL), TSMC is in depositary shares of five.

    Raises
    ------
    ValueError
        If ``how`` is neither.

    Examples
    --------
    >>> filed = ["2025-01-01", "2025-01-03"]
    >>> counts = pd.DataFrame({"ticker": "A", "as_of": filed, "shares_mn": [10.0, 20.0]})
    >>> daily_shares(counts, pd.date_range("2025-01-01", periods=3))["A"].tolist()
    [10.0, 15.0, 20.0]
    """
    if how not in ("linear", "step"):
        raise ValueError(f"how is {how!r}: choose 'linear' or 'step'.")
    known = shares.dropna(subset=["shares_mn"])
    known = known.assign(ticker=known["ticker"].replace(dict(ALIASES)), as_of=pd.to_datetime(known["as_of"]))
    counts = known.pivot_table(index="as_of", columns="ticker", values="shares_mn", aggfunc="last")
    counts = counts / pd.Series(SHARES_PER_ADS).reindex(counts.columns).fillna(1.0)
    every = counts.reindex(counts.index.union(days))
    filled = every.interpolate(method="time") if how == "linear" else every.ffill()
    return filled.ffill().bfill().reindex(days)


def market_values(
    adjusted: pd.DataFrame,
    quoted: pd.DataFrame,
    shares: pd.DataFrame,
    how: Literal["linear", "step"] = "linear",
    splits: Mapping[str, Sequence[tuple[str, float]]] = SPLITS,
) -> pd.DataFrame:
    """Market value of every company on every day: shares times quoted price.

    Parameters
    ----------
    adjusted, quoted, splits
        Prices, see :func:`quoted_prices`.
    shares, how
        Share counts, see :func:`daily_shares`.

    Returns
    -------
    DataFrame
        Dates by tickers, USD billion, for the tickers that have prices, quoted closes and shares.

    Raises
    ------
    ValueError
        If no ticker has all three.

    Examples
    --------
    >>> day = pd.DatetimeIndex(["2025-01-24"])
    >>> closes = pd.DataFrame({"date": day, "ticker": ["A"], "close_usd": [142.62]})
    >>> counts = pd.DataFrame({"ticker": ["A"], "as_of": ["2025-01-01"], "shares_mn": [24490.0]})
    >>> values = market_values(pd.DataFrame({"A": [142.0]}, index=day), closes, counts)
    >>> round(float(values.loc["2025-01-24", "A"]), 1)
    3492.8
    """
    prices = quoted_prices(adjusted, quoted, splits)
    counts = daily_shares(shares, pd.DatetimeIndex(adjusted.index), how)
    both = [ticker for ticker in prices.columns if ticker in counts.columns]
    if not both:
        raise ValueError("No ticker has adjusted prices, quoted closes and share counts: check the tickers.")
    return prices[both] * counts[both] / 1000.0


def milestones(values: pd.DataFrame, levels_usd_bn: Sequence[float] = TRILLIONS_USD_BN) -> pd.DataFrame:
    """First day on which each company closed at or above each level of market value.

    Parameters
    ----------
    values : DataFrame
        Market values, dates by tickers, USD billion.
    levels_usd_bn : sequence of float
        Levels, USD billion; whole trillions unless said otherwise.

    Returns
    -------
    DataFrame
        One row for each level reached: ``ticker``, ``level_usd_bn``, ``first_day``, ``value_usd_bn`` and
        ``note``, which says when the level was already passed on the first day of the data.

    Examples
    --------
    >>> values = pd.DataFrame({"A": [900.0, 1100.0, 950.0]}, index=pd.date_range("2025-01-01", periods=3))
    >>> [f"{day:%d %B}" for day in milestones(values)["first_day"]]
    ['02 January']
    """
    rows = []
    for ticker in values.columns:
        known = values[ticker].dropna()
        for level in levels_usd_bn:
            above = known[known >= level]
            if above.empty:
                break
            note = "already above on the first day of the data" if above.index[0] == known.index[0] else ""
            rows.append((ticker, level, above.index[0], float(above.iloc[0]), note))
    return pd.DataFrame(rows, columns=["ticker", "level_usd_bn", "first_day", "value_usd_bn", "note"])


def rank_by_day(values: pd.DataFrame) -> pd.DataFrame:
    """Rank of each company by market value on each day, among the companies in the table.

    Parameters
    ----------
    values : DataFrame
        Market values, dates by tickers.

    Returns
    -------
    DataFrame
        Same shape; 1 is the largest, equal values share the better rank, missing stays missing.

    Examples
    --------
    >>> rank_by_day(pd.DataFrame({"A": [1.0], "B": [3.0], "C": [2.0]})).iloc[0].tolist()
    [3.0, 1.0, 2.0]
    """
    return values.rank(axis=1, ascending=False, method="min")


def share_of_gdp(amount_usd_bn: pd.Series, gdp_usd_bn: pd.Series, carry_quarters: int = 0) -> pd.Series:
    """Money as a percentage of gross domestic product, quarter by quarter.

    Parameters
    ----------
    amount_usd_bn : Series
        Amounts on dates, USD billion: a stock, or a flow at a yearly rate.
    gdp_usd_bn : Series
        GDP on any day of its quarter, USD billion at a seasonally adjusted yearly rate.
    carry_quarters : int
        For how many quarters the last known GDP may stand in when later ones are not yet published.

    Returns
    -------
    Series
        Percent on the dates of the amounts, each over the GDP of the quarter it falls in; missing where
        that quarter has none.

    Examples
    --------
    >>> gdp = pd.Series([20_000.0, 25_000.0], index=pd.to_datetime(["2024-10-01", "2025-01-01"]))
    >>> value = pd.Series([5_000.0], index=pd.to_datetime(["2025-01-24"]))
    >>> share_of_gdp(value, gdp).tolist()
    [20.0]
    """
    known = gdp_usd_bn.dropna()
    known.index = pd.DatetimeIndex(known.index).to_period("Q")
    quarters = pd.DatetimeIndex(amount_usd_bn.index).to_period("Q")
    wanted = pd.period_range(known.index[0], max(known.index[-1], quarters.max()), freq="Q")
    carried = known.reindex(wanted)
    if carry_quarters:
        carried = carried.ffill(limit=carry_quarters)
    return 100.0 * amount_usd_bn / np.asarray(carried.reindex(quarters), dtype=float)
