"""Market value as known on a day: shares filed by then, value lost in a day, and the largest losses of all."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers import market_data
from helpers.market_totals import Total, market_value_on, total_anchors
from helpers.run_data import codebook, study_prices
from helpers.valuation import ALIASES, CONFIDENCE, NEAR_DAYS, SHARES_PER_ADS, daily_shares, quoted_prices

STALE_DAYS = 370  # a share count this far from the day is a guess
SMALLEST_RECORD_USD_BN = 150.0  # losses found here and not in the press's list are added from this size on


def value_lost(prices: pd.DataFrame, eve: pd.Timestamp, date: pd.Timestamp) -> pd.DataFrame:
    """Multiply each company's fall in price, as quoted, by its shares, USD billion; the largest loss first.

    The count is the last one filed up to the eve, or the straight line between counts where that one is older than
    a quarter; `low` and `high` take all counts within a quarter of the day.
    """
    counts = share_counts(eve)
    closes = quoted_closes(prices).reindex([eve, date]).dropna(axis=1)
    used = daily_shares(counts, pd.DatetimeIndex([eve]), "filed").iloc[0]
    tickers = closes.columns.intersection(used.index)
    before, after = closes.loc[eve, tickers], closes.loc[date, tickers]
    near = counts[(counts["as_of"] - eve).abs() <= pd.Timedelta(days=NEAR_DAYS)]
    near = (
        (near["shares_mn"] / near["ticker"].map(SHARES_PER_ADS).fillna(1.0)).groupby(near["ticker"]).agg(["min", "max"])
    )
    sizes = near.reindex(tickers).assign(used=used[tickers]).mul((before - after) / 1000, axis=0)
    table = pd.DataFrame({"before_usd": before, "after_usd": after, "shares_mn": used[tickers]})
    table["before_usd_bn"] = before * used[tickers] / 1000
    table["lost_usd_bn"], table["low"], table["high"] = sizes["used"], sizes.min(axis=1), sizes.max(axis=1)
    table["confidence"] = [count_confidence(counts, name, eve) for name in tickers]
    return table.rename_axis("ticker").sort_values("lost_usd_bn", ascending=False, kind="stable")


def share_counts(day: pd.Timestamp) -> pd.DataFrame:
    """Return shares outstanding, millions, as filed, and those that a person's own `series.csv` gives, which stand for any day."""
    filed = market_data.load_table("shares_outstanding").dropna(subset=["shares_mn"]).replace({"ticker": dict(ALIASES)})
    filed = filed.sort_values("as_of", kind="stable")
    own = own_shares()
    rows = pd.DataFrame({"ticker": own.index, "as_of": day, "shares_mn": own.to_numpy(), "confidence": "medium"})
    return pd.concat([filed[~filed["ticker"].isin(own.index)], rows], ignore_index=True) if len(own) else filed


def quoted_closes(prices: pd.DataFrame) -> pd.DataFrame:
    """Return the closes as quoted, USD, of the companies with quoted closes; adjusted ones are scaled between them.

    Closes of own companies with a share count stand as they are.
    """
    quoted = market_data.load_table("quoted_closes")
    own = prices.columns.intersection(own_shares().index)
    have = prices.columns.intersection(quoted["ticker"].unique()).difference(own, sort=False)
    known = quoted_prices(prices[list(have)], quoted) if len(have) else pd.DataFrame(index=prices.index)
    return known.join(prices[list(own)])


def count_confidence(counts: pd.DataFrame, ticker: str, date: pd.Timestamp) -> str:
    """Return the confidence of the nearest share count, low where it is more than a year away."""
    own = counts[counts["ticker"] == ticker]
    apart = (own["as_of"] - date).abs()
    return "low" if apart.min() > pd.Timedelta(days=STALE_DAYS) else str(own.loc[apart.idxmin(), "confidence"])


def records(prices: pd.DataFrame, date: pd.Timestamp, focus: str) -> pd.DataFrame:
    """List the largest one-day losses of value, in dollars and against what the market was worth, largest first.

    A loss comes from price and shares where the data have them (all of USD 150 billion or more since October 2022,
    and the focus's own), else from the press. `event` marks the loss of the focus on the date.
    """
    listed = market_data.load_table("record_one_day_losses").set_index(["date", "ticker"])
    ai, dotcom = study_prices("ai"), study_prices("dotcom")
    found = _losses_found(prices if "^GSPC" in prices else ai, listed.index, (date, focus))
    table = listed[["company", "pct_change", "loss_usd_bn", "confidence"]].join(found, how="outer").reset_index()
    table = table.rename(columns={"loss_usd_bn": "press_usd_bn"})
    names = codebook().set_index("series")["short"]
    table["company"] = table["ticker"].map(names).fillna(table["company"]).fillna(table["ticker"])
    table["lost_usd_bn"] = table["found_usd_bn"].fillna(table["press_usd_bn"])
    table["change_pct"] = table["found_pct"].fillna(table["pct_change"])
    monthly = market_data.load_table("shiller_monthly")["price"]
    levels = [
        *(frame[name] for frame, name in ((ai, "^GSPC"), (dotcom, "SPY")) if name in frame),
        # a month's mean stands for its middle; the days between lie on the line between two middles
        monthly.set_axis(pd.DatetimeIndex(monthly.index) + pd.Timedelta(days=14)).resample("D").interpolate(),
    ]
    anchors = total_anchors("sp500_market_value")
    totals = [market_value_on(one, levels, anchors) for one in table["date"]]
    worth = pd.DataFrame(totals, index=table.index, columns=list(Total._fields))
    gdp = market_data.load_table("macro_quarterly")["gdp_usd_bn"].dropna()
    table["market_usd_tn"] = worth["value"] / 1000
    for column, total in (("share_pct", "value"), ("share_low", "high"), ("share_high", "low")):
        table[column] = 100 * table["lost_usd_bn"] / worth[total]
    table["gdp_pct"] = 100 * table["lost_usd_bn"] / [gdp.asof(one) for one in table["date"]]
    own = table["confidence"].where(table["found_usd_bn"].isna(), table["found_confidence"])
    pairs = zip(own, worth["confidence"].fillna("low"), strict=True)
    table["confidence"] = [min((str(one), str(other)), key=CONFIDENCE.index) for one, other in pairs]
    table["event"] = (table["date"] == date) & (table["ticker"] == focus)
    columns = ["date", "company", "ticker", "lost_usd_bn", "press_usd_bn", "change_pct", "market_usd_tn", "share_pct"]
    table = table[[*columns, "share_low", "share_high", "gdp_pct", "confidence", "event"]]
    return table.sort_values("lost_usd_bn", ascending=False, ignore_index=True, kind="stable")


def fewest(parts: pd.Series, whole: float) -> pd.Index:
    """Name the fewest parts that add up to a whole at least, the largest in its direction first; all where none do."""
    pull = (np.sign(whole) * parts).sort_values(ascending=False, kind="stable")
    return pull.index[: 1 + int((pull.cumsum() < abs(whole)).cummin().sum())]


def own_shares() -> pd.Series:
    """Return the shares outstanding that a person's own `series.csv` gives, millions, by series."""
    book = codebook().set_index("series")
    return pd.to_numeric(book["shares_mn"], errors="coerce").dropna() if "shares_mn" in book else pd.Series(dtype=float)


def _losses_found(prices: pd.DataFrame, listed: pd.MultiIndex, event: tuple[pd.Timestamp, str]) -> pd.DataFrame:
    counts = share_counts(event[0])
    closes, shares = quoted_closes(prices), daily_shares(counts, pd.DatetimeIndex(prices.index), "filed")
    both = closes.columns.intersection(shares.columns).rename("ticker")
    sizes = {"found_usd_bn": -closes[both].diff() * shares[both].shift(1) / 1000}
    sizes |= {"found_pct": 100 * closes[both].pct_change(fill_method=None)}
    table = pd.DataFrame({name: frame.rename_axis("date").unstack() for name, frame in sizes.items()})  # noqa: PD010
    table = table.swaplevel()
    lost = table["found_usd_bn"]
    wanted = (lost.index.isin(listed) & lost.notna()) | ((lost.index == event) & (lost > 0))
    table = table[(lost >= SMALLEST_RECORD_USD_BN) | wanted]
    table = table.assign(found_confidence=[count_confidence(counts, str(name), one) for one, name in table.index])
    return table.rename_axis(["date", "ticker"])
