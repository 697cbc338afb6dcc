"""Value lost in a day, in dollars: by company, for the seven, and for the market."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from helpers import market_data
from helpers.market_totals import market_value_on, total_anchors
from helpers.parameters import SEVEN
from helpers.selloff.selloff import COMPOSITE, Day
from helpers.valuation import ALIASES, SHARES_PER_ADS, daily_shares, quoted_prices

STALE_DAYS = 370  # a share count this far from the day is a guess
NEAR_DAYS = 130  # filings come every quarter: the counts before and after a day lie within this
FULL_SHARES = "sp500_market_value_alt"


class IndexLoss(NamedTuple):
    """What an index lost: its value before, the move, the loss in USD billion, and how sure the value is."""

    label: str
    before_usd_bn: float
    lost_usd_bn: float
    confidence: str


def value_lost(prices: pd.DataFrame, eve: pd.Timestamp, date: pd.Timestamp) -> pd.DataFrame:
    """Multiply each company's fall in price by its shares.

    Parameters
    ----------
    prices : pd.DataFrame, shape (days, series)
        Adjusted closes of the AI years.
    eve, date : pd.Timestamp
        The close before and the close of the day.

    Returns
    -------
    pd.DataFrame, index ticker
        `before_usd`, `after_usd` (closes as quoted), `shares_mn`, `before_usd_bn`, `lost_usd_bn` (negative for a
        gain), `low`, `high` and `confidence`, the largest loss first; empty where no company has all it needs.

    Notes
    -----
    The count is the last one filed for a day up to the eve, as data vendors had it, or the straight line between
    counts where that one is older than a quarter; the range takes all counts within a quarter of the day. Where
    the day's quoted closes are not bundled, the adjusted ones are scaled to the nearest quoted date.

    Examples
    --------
    >>> from helpers import market_data
    >>> prices = market_data.load_prices("bundled", "ai").closes
    >>> lost = value_lost(prices, pd.Timestamp("2025-01-24"), pd.Timestamp("2025-01-27"))
    >>> lost.loc["NVDA", ["low", "lost_usd_bn", "high"]].astype(float).round(1).tolist()
    [590.5, 592.7, 592.7]
    """
    counts = market_data.load_table("shares_outstanding").dropna(subset=["shares_mn"])
    closes = quoted_closes(prices).reindex([eve, date]).dropna(axis=1)
    used = counts_on(counts, pd.DatetimeIndex([eve])).iloc[0]
    tickers = closes.columns.intersection(used.index)
    before, after = closes.loc[eve, tickers], closes.loc[date, tickers]
    per_mn = (before - after) / 1000
    losses = {
        name: [per_mn[name] * size for size in (used[name], *_counts_near(counts, name, eve))] for name in tickers
    }
    table = pd.DataFrame(
        {
            "before_usd": before,
            "after_usd": after,
            "shares_mn": used[tickers],
            "before_usd_bn": before * used[tickers] / 1000,
            "lost_usd_bn": {name: all_counts[0] for name, all_counts in losses.items()},
            "low": {name: min(all_counts) for name, all_counts in losses.items()},
            "high": {name: max(all_counts) for name, all_counts in losses.items()},
            "confidence": {name: count_confidence(counts, name, eve) for name in tickers},
        },
        index=tickers,
    )
    return table.rename_axis("ticker").sort_values("lost_usd_bn", ascending=False)


def counts_on(counts: pd.DataFrame, days: pd.DatetimeIndex) -> pd.DataFrame:
    """Return the shares of each company as known on each day.

    Parameters
    ----------
    counts : pd.DataFrame
        Counts at filing dates: `ticker`, `as_of`, `shares_mn`.
    days : pd.DatetimeIndex
        Days wanted.

    Returns
    -------
    pd.DataFrame, shape (days, companies)
        Millions: the last count filed, or the straight line between counts where that one is older than a quarter.

    Examples
    --------
    >>> dates = pd.to_datetime(["2024-01-01", "2025-01-01"])
    >>> filed = pd.DataFrame({"ticker": "A", "as_of": dates, "shares_mn": [100.0, 200.0]})
    >>> counts_on(filed, pd.DatetimeIndex(["2024-01-31", "2024-07-02"]))["A"].round(1).tolist()
    [100.0, 150.0]
    """
    step, line = daily_shares(counts, days, "step"), daily_shares(counts, days)
    filed = counts.assign(ticker=counts["ticker"].replace(dict(ALIASES)))
    result = {}
    for name in step.columns:
        dates = filed.loc[filed["ticker"] == name, "as_of"].sort_values().to_numpy()
        place = np.searchsorted(dates, days.to_numpy(), side="right") - 1
        age = days.to_numpy() - dates[np.maximum(place, 0)]
        recent = (place >= 0) & (age <= np.timedelta64(NEAR_DAYS, "D"))
        result[name] = np.where(recent, step[name], line[name])
    return pd.DataFrame(result, index=days)


def seven_lost(lost: pd.DataFrame) -> tuple[float, float, float] | None:
    """Add up the loss of the seven with its range, or return None where one of them is missing.

    Examples
    --------
    >>> seven_lost(pd.DataFrame({"lost_usd_bn": [1.0], "low": [1.0], "high": [1.0]}, index=["NVDA"])) is None
    True
    """
    if not set(SEVEN) <= set(lost.index):
        return None
    total, low, high = (float(lost.loc[SEVEN, column].sum()) for column in ("lost_usd_bn", "low", "high"))
    return total, low, high


def index_losses(day: Day) -> list[IndexLoss]:
    """Estimate what the S&P 500 and the NASDAQ lost, by each total value that is known.

    Examples
    --------
    >>> from helpers import parameters
    >>> from helpers.selloff import selloff
    >>> day = selloff.selloff_day(parameters.check("02_selloff", {}))
    >>> [round(one.lost_usd_bn) for one in index_losses(day)]
    [753, 784, 961, 982]
    """
    wanted = [
        ("S&P 500", day.index, "sp500_market_value"),
        ("S&P 500, all shares", day.index, FULL_SHARES),
        ("companies listed on the NASDAQ", COMPOSITE, "nasdaq_listed_market_value"),
        ("NASDAQ Composite", COMPOSITE, "nasdaq_composite_market_value"),
    ]
    found = []
    for label, series, item in wanted:
        if not day.has(series):
            continue
        total = market_value_on(day.date, [day.prices[series]], total_anchors(item))
        if total is not None:
            lost = -total.value * day.move(series) / 100
            found.append(IndexLoss(label, total.value, lost, total.confidence))
    return found


def focus_loss(day: Day, lost: pd.DataFrame) -> tuple[float, float, float] | None:
    """Return what the company in the foreground lost, with its range, or None where it cannot be said.

    Notes
    -----
    The range takes in the figure of the press where the list of records has one: vendors used share counts that
    no filing shows.

    Examples
    --------
    >>> from helpers import parameters
    >>> from helpers.selloff import selloff
    >>> day = selloff.selloff_day(parameters.check("02_selloff", {}))
    >>> [round(x, 1) for x in focus_loss(day, value_lost(day.prices, day.eve, day.date))]
    [592.7, 589.0, 592.7]
    """
    if day.focus not in lost.index:
        return None
    own = lost.loc[day.focus]
    listed = market_data.load_table("record_one_day_losses")
    press = listed.loc[(listed["date"] == day.date) & (listed["ticker"] == day.focus), "loss_usd_bn"].tolist()
    return float(own["lost_usd_bn"]), float(min([own["low"], *press])), float(max([own["high"], *press]))


def quoted_closes(prices: pd.DataFrame) -> pd.DataFrame:
    """Return the prices as quoted for the companies with quoted closes."""
    quoted = market_data.load_table("quoted_closes")
    have = [name for name in prices.columns if name in set(quoted["ticker"])]
    return quoted_prices(prices[have], quoted) if have else pd.DataFrame(index=prices.index)


def _own_counts(counts: pd.DataFrame, ticker: str) -> pd.DataFrame:
    return counts[counts["ticker"].replace(dict(ALIASES)) == ticker].sort_values("as_of")


def _counts_near(counts: pd.DataFrame, ticker: str, date: pd.Timestamp) -> list[float]:
    """Return all share counts within a quarter of a day."""
    own = _own_counts(counts, ticker)
    near = own.loc[(own["as_of"] - date).abs() <= pd.Timedelta(days=NEAR_DAYS), "shares_mn"]
    return (near / SHARES_PER_ADS.get(ticker, 1.0)).tolist()


def count_confidence(counts: pd.DataFrame, ticker: str, date: pd.Timestamp) -> str:
    """Return the confidence of the nearest share count, low where it is more than a year away."""
    own = _own_counts(counts, ticker)
    apart = (own["as_of"] - date).abs()
    return "low" if apart.min() > pd.Timedelta(days=STALE_DAYS) else str(own.loc[apart.idxmin(), "confidence"])
