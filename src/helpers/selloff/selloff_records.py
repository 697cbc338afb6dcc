"""The largest one-day losses of value, in dollars and as a share of what there was to lose."""

from __future__ import annotations

import pandas as pd

from helpers import market_data
from helpers.market_totals import Total, market_value_on, total_anchors
from helpers.results import study_prices
from helpers.selloff.selloff import INDEX, Day, names_of
from helpers.selloff.selloff_value import count_confidence, counts_on, quoted_closes
from helpers.valuation import CONFIDENCE

SMALLEST_RECORD_USD_BN = 150.0  # losses found here and not in the list are added from this size on
RECORD_DECIMALS = {
    "loss, USD bn": 0,
    "press, USD bn": 0,
    "price, %": 1,
    "S&P 500, USD tn": 1,
    "share, %": 2,
    "of GDP, %": 2,
    "rank, USD": 0,
    "rank, share": 0,
}
RECORD_SIZES = ["market_usd_tn", "share_pct", "share_low", "share_high", "gdp_pct"]


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
    ai = day.prices if day.era == "ai" else study_prices("ai")
    dotcom = day.prices if day.era == "dotcom" else study_prices("dotcom")
    found = _losses_found(day, ai, listed.index)
    table = listed[["company", "pct_change", "loss_usd_bn", "confidence"]].join(found, how="outer")
    names = names_of([str(ticker) for _, ticker in table.index])
    table["company"] = [names.get(ticker, ticker) for _, ticker in table.index]
    table = table.reset_index().rename(columns={"loss_usd_bn": "press_usd_bn"})
    table["lost_usd_bn"] = table["found_usd_bn"].fillna(table["press_usd_bn"])
    table["change_pct"] = table["found_pct"].fillna(table["pct_change"])
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
    table["gdp_pct"] = 100 * table["lost_usd_bn"] / [gdp.asof(date) for date in table["date"]]
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


def top_losses(table: pd.DataFrame, column: str, decimals: int = 0, rows: int = 10) -> pd.DataFrame:
    """Take the largest losses by one measure as `selloff_charts.two_rankings` draws them.

    Returns
    -------
    pd.DataFrame
        `label`, `value`, `text`, `kind`; a figure of low confidence is marked.
    """
    first = table.dropna(subset=[column]).sort_values(column, ascending=False).head(rows)
    return pd.DataFrame(
        {
            "label": [f"{row.company}, {row.date:%b %Y}" for row in first.itertuples()],
            "value": first[column].to_numpy(),
            "text": [
                f"{value:,.{decimals}f}{' †' if low else ''}"
                for value, low in zip(first[column], first["confidence"] == "low", strict=True)
            ],
            "kind": ["event" if row.event else "dotcom" if row.date.year <= 2003 else "" for row in first.itertuples()],
        }
    )


def shown_records(table: pd.DataFrame) -> pd.DataFrame:
    """Name the columns of the records for a reader, with both ranks.

    Returns
    -------
    pd.DataFrame, index "company, day"
    """
    index = [f"{row.company}, {row.date:%Y-%m-%d}" for row in table.itertuples()]
    shown = table[["lost_usd_bn", "press_usd_bn", "change_pct", "market_usd_tn", "share_pct", "gdp_pct"]].copy()
    for column in ("lost_usd_bn", "share_pct"):
        shown[f"rank {column}"] = table[column].rank(ascending=False)
    return shown.set_axis(list(RECORD_DECIMALS), axis=1).set_axis(pd.Index(index, name="company and day"))


def _losses_found(day: Day, prices: pd.DataFrame, listed: pd.MultiIndex) -> pd.DataFrame:
    """Compute the large losses, and those listed, from prices and share counts."""
    counts = market_data.load_table("shares_outstanding").dropna(subset=["shares_mn"])
    closes, shares = quoted_closes(prices), counts_on(counts, pd.DatetimeIndex(prices.index))
    both = closes.columns.intersection(shares.columns)
    lost = _by_date_and_ticker(-closes[both].diff() * shares[both].shift(1) / 1000)
    moves = _by_date_and_ticker(100 * closes[both].pct_change(fill_method=None))
    own = lost.index == (day.date, day.focus)
    kept = lost[(lost >= SMALLEST_RECORD_USD_BN) | lost.index.isin(listed) | (own & (lost > 0))]
    table = pd.DataFrame({"found_usd_bn": kept, "found_pct": moves.reindex(kept.index)})
    table["found_confidence"] = [count_confidence(counts, str(name), date) for date, name in kept.index]
    return table.rename_axis(["date", "ticker"])


def _by_date_and_ticker(table: pd.DataFrame) -> pd.Series:
    long = table.rename_axis("date").melt(var_name="ticker", ignore_index=False).set_index("ticker", append=True)
    return long["value"].dropna()
