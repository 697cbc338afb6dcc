"""Value lost in a day, in dollars and as a share of what there was to lose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from helpers import market_data
from helpers.parameters import SEVEN
from helpers.results import study_prices
from helpers.selloff import COMPOSITE, INDEX, Day, names_of
from helpers.valuation import ALIASES, CONFIDENCE, SHARES_PER_ADS, daily_shares, quoted_prices

FAR_DAYS = 400  # a total value is not carried further than this
STALE_DAYS = 370  # a share count this far from the day is a guess
NEAR_DAYS = 130  # filings come every quarter: the counts before and after a day lie within this
SMALLEST_RECORD_USD_BN = 150.0  # losses found here and not in the list are added from this size on
RECORD_SIZES = ["market_usd_tn", "share_pct", "share_low", "share_high", "gdp_pct"]
FULL_SHARES = "sp500_market_value_alt"
__all__ = [
    "IndexLoss",
    "Total",
    "counts_on",
    "focus_loss",
    "index_losses",
    "market_value_on",
    "ranked",
    "records",
    "seven_lost",
    "total_anchors",
    "value_lost",
]


class Total(NamedTuple):
    """A total value in USD billion with the range its anchors allow, and their confidence."""

    value: float
    low: float
    high: float
    confidence: str


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
    closes = _quoted(prices).reindex([eve, date]).dropna(axis=1)
    used = counts_on(counts, pd.DatetimeIndex([eve])).iloc[0]
    tickers = closes.columns.intersection(used.index)
    before, after = closes.loc[eve, tickers], closes.loc[date, tickers]
    per_mn = (before - after) / 1000
    losses = {
        name: [per_mn[name] * size for size in (used[name], *_counts_near(counts, name, eve))]
        for name in tickers
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
            "confidence": {name: _confidence(counts, name, eve) for name in tickers},
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


def market_value_on(date: pd.Timestamp, levels: Sequence[pd.Series], anchors: pd.DataFrame) -> Total | None:
    """Carry a total value known at some dates to another day by the level of its index.

    Parameters
    ----------
    date : pd.Timestamp
        The day whose last level before counts.
    levels : sequence of pd.Series
        Levels of the index by date, the best first; the first that covers the day and an anchor is used.
    anchors : pd.DataFrame
        Total values: `date`, `value` (USD trillion) and `confidence`, sorted by date.

    Returns
    -------
    Total or None
        The nearest anchor in time, carried by the level; the range takes the anchors before and after. None
        where no anchor lies within 400 days.

    Examples
    --------
    >>> from helpers import market_data
    >>> index = market_data.load_prices("bundled", "ai").closes["^GSPC"]
    >>> total = market_value_on(pd.Timestamp("2025-01-27"), [index], total_anchors("sp500_market_value"))
    >>> round(total.value), total.confidence
    (51665, 'medium')
    """
    for level in levels:
        known = level.dropna()
        if known.empty or not known.index[0] < date <= known.index[-1] + pd.Timedelta(days=45):
            continue
        inside = anchors[anchors["date"].between(known.index[0], known.index[-1] + pd.Timedelta(days=45))]
        inside = inside[(inside["date"] - date).abs() <= pd.Timedelta(days=FAR_DAYS)]
        if inside.empty:
            continue
        now = float(known[known.index < date].iloc[-1])
        carried = [
            (
                abs((row.date - date).days),
                1000 * row.value * now / float(known[: row.date].iloc[-1]),
                row.confidence,
            )
            for row in inside.itertuples()
        ]
        before, after = inside["date"] <= date, inside["date"] > date
        sides = [carried[int(np.flatnonzero(before)[-1])]] if before.any() else []
        sides += [carried[int(np.flatnonzero(after)[0])]] if after.any() else []
        nearest = min(sides)
        values = [value for _, value, _ in sides]
        return Total(nearest[1], min(values), max(values), str(nearest[2]))
    return None


def total_anchors(item: str) -> pd.DataFrame:
    """Return one kind of total value by date, sorted.

    Examples
    --------
    >>> total_anchors("sp500_market_value")["value"].iloc[0]
    1.81
    """
    totals = market_data.load_table("sp500_totals")
    return totals[totals["item"] == item].sort_values("date")


def index_losses(day: Day) -> list[IndexLoss]:
    """Estimate what the S&P 500 and the NASDAQ lost, by each total value that is known.

    Examples
    --------
    >>> from helpers import parameters, selloff
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


def records(day: Day) -> pd.DataFrame:
    """Rank the largest one-day losses of value, in dollars and against what the market was worth.

    Returns
    -------
    pd.DataFrame, largest loss first
        `date, company, ticker, lost_usd_bn, press_usd_bn, change_pct, market_usd_tn, share_pct, share_low,
        share_high, gdp_pct, confidence, event`. A loss is computed from price and shares where the data have them
        (all of at least USD 150 billion since October 2022, and the focus's own), else taken from the press.
    """
    listed = market_data.load_table("record_one_day_losses").set_index(["date", "ticker"])
    found = _losses_found(day, listed.index)
    table = listed[["company", "pct_change", "loss_usd_bn", "confidence"]].join(found, how="outer")
    names = names_of([str(ticker) for _, ticker in table.index])
    table["company"] = [names.get(ticker, ticker) for _, ticker in table.index]
    table = table.reset_index().rename(columns={"loss_usd_bn": "press_usd_bn"})
    table["lost_usd_bn"] = table["found_usd_bn"].fillna(table["press_usd_bn"])
    table["change_pct"] = table["found_pct"].fillna(table["pct_change"])
    ai, dotcom = study_prices("ai"), study_prices("dotcom")
    monthly = market_data.load_table("shiller_monthly")["price"]
    levels = [
        *(frame[name] for frame, name in ((ai, INDEX), (dotcom, "SPY")) if name in frame),
        # a month's mean stands for its middle; the days between lie on the line between two middles
        monthly.set_axis(pd.DatetimeIndex(monthly.index) + pd.Timedelta(days=14)).resample("D").interpolate(),
    ]
    anchors = total_anchors("sp500_market_value")
    totals = [market_value_on(date, levels, anchors) for date in table["date"]]
    gdp = market_data.load_table("macro_quarterly")["gdp_usd_bn"].dropna()
    worth = pd.DataFrame(totals, index=table.index, columns=list(Total._fields))
    table["market_usd_tn"] = worth["value"] / 1000
    for column, total in (("share_pct", "value"), ("share_low", "high"), ("share_high", "low")):
        table[column] = 100 * table["lost_usd_bn"] / worth[total]
    table["gdp_pct"] = 100 * table["lost_usd_bn"] / [float(gdp[:date].iloc[-1]) for date in table["date"]]
    own = table["confidence"].where(table["found_usd_bn"].isna(), table["found_confidence"])
    table["confidence"] = [
        min((str(one), str(other)), key=CONFIDENCE.index)
        for one, other in zip(own, worth["confidence"].fillna("low"), strict=True)
    ]
    table["event"] = (table["date"] == day.date) & (table["ticker"] == day.focus)
    columns = [
        "date",
        "company",
        "ticker",
        "lost_usd_bn",
        "press_usd_bn",
        "change_pct",
        *RECORD_SIZES,
        "confidence",
        "event",
    ]
    return table[columns].sort_values("lost_usd_bn", ascending=False, ignore_index=True)


def ranked(table: pd.DataFrame, column: str, date: pd.Timestamp, ticker: str) -> int | None:
    """Rank one loss among all up to its day, or return None where the table does not have it.

    Parameters
    ----------
    table : pd.DataFrame
        From `records`.
    column : str
        What is ranked: `lost_usd_bn`, `share_pct` or `gdp_pct`.

    Examples
    --------
    >>> rows = [("2025-01-01", "A", 2.0), ("2025-02-01", "B", 1.0), ("2025-03-01", "C", 9.0)]
    >>> table = pd.DataFrame(rows, columns=["date", "ticker", "lost_usd_bn"]).astype({"date": "datetime64[ns]"})
    >>> ranked(table, "lost_usd_bn", pd.Timestamp("2025-02-01"), "B")
    2
    """
    known = table[table["date"] <= date]
    own = known.loc[(known["date"] == date) & (known["ticker"] == ticker), column]
    return None if own.empty or own.isna().any() else 1 + int((known[column] > float(own.iloc[0])).sum())


def focus_loss(day: Day, lost: pd.DataFrame) -> tuple[float, float, float] | None:
    """Return what the company in the foreground lost, with its range, or None where it cannot be said.

    Notes
    -----
    The range takes in the figure of the press where the list of records has one: vendors used share counts that
    no filing shows.

    Examples
    --------
    >>> from helpers import parameters, selloff
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


def _losses_found(day: Day, listed: pd.MultiIndex) -> pd.DataFrame:
    """Compute the large losses, and those listed, from prices and share counts."""
    prices = study_prices("ai")
    counts = market_data.load_table("shares_outstanding").dropna(subset=["shares_mn"])
    closes, shares = _quoted(prices), counts_on(counts, pd.DatetimeIndex(prices.index))
    both = closes.columns.intersection(shares.columns)
    lost = _by_date_and_ticker(-closes[both].diff() * shares[both].shift(1) / 1000)
    moves = _by_date_and_ticker(100 * closes[both].pct_change(fill_method=None))
    own = lost.index == (day.date, day.focus)
    kept = lost[(lost >= SMALLEST_RECORD_USD_BN) | lost.index.isin(listed) | (own & (lost > 0))]
    table = pd.DataFrame({"found_usd_bn": kept, "found_pct": moves.reindex(kept.index)})
    table["found_confidence"] = [_confidence(counts, str(name), date) for date, name in kept.index]
    return table.rename_axis(["date", "ticker"])


def _by_date_and_ticker(table: pd.DataFrame) -> pd.Series:
    long = (
        table.rename_axis("date").melt(var_name="ticker", ignore_index=False).set_index("ticker", append=True)
    )
    return long["value"].dropna()


def _quoted(prices: pd.DataFrame) -> pd.DataFrame:
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


def _confidence(counts: pd.DataFrame, ticker: str, date: pd.Timestamp) -> str:
    """Return the confidence of the nearest share count, low where it is more than a year away."""
    own = _own_counts(counts, ticker)
    apart = (own["as_of"] - date).abs()
    return (
        "low" if apart.min() > pd.Timedelta(days=STALE_DAYS) else str(own.loc[apart.idxmin(), "confidence"])
    )
