"""Earnings as known on a day, and a rise in price split into earnings and multiple.

Trailing earnings are the sum of the four last quarters reported before the day, on one basis at a time: as filed
(GAAP), or before one-off items (dot-com leaders only). Per-share figures, prices and share counts are on today's shares.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from helpers import market_data
from helpers.valuation import CONFIDENCE

BASES = {"GAAP": "eps_diluted_usd", "before one-off items": "eps_before_one_offs_usd"}
FIELDS = ("eps", "net_income", "revenue")
DATINGS = {
    "reported": "the four last quarters reported",
    "fiscal year": "the last fiscal year reported",
    "ended": "the four last quarters that had ended, reported or not",
}
# Quarters that hold gains outside operations, and how much where it was told, in USD million. Where it was not, the
# quarter counts at the profit margin of the four quarters before the gains began.
GAINS = {
    ("TSLA", "2023-12-31"): 5927.0,  # deferred taxes released
    ("GOOGL", "2026-03-31"): np.nan,
    ("GOOGL", "2026-06-30"): np.nan,
    ("AMZN", "2026-03-31"): np.nan,
    ("AMZN", "2026-06-30"): np.nan,
}
STALE_DAYS = {"reported": 200, "fiscal year": 500, "ended": 200}  # a quarter and the time to report it, or a year
TOGETHER = "together"
SMALL_MOVE = 0.05  # a log growth of under 5 % has no meaningful shares
DOTCOM_LEADERS = ("CSCO", "MSFT", "INTC", "ORCL", "QCOM")
DOTCOM_QUOTE_DAY = "2000-03-27"
# New shares for one old between that day's quote, or the years of fundamentals.csv, and today's shares.
SPLITS_SINCE_QUOTE = {"MSFT": 2.0, "INTC": 2.0, "ORCL": 2.0, "QCOM": 2.0}
SPLITS_SINCE_YEARS = {"QCOM": 2.0}


def quarters(ticker: str, era: str = "ai", basis: str = "GAAP", gains: bool = True) -> pd.DataFrame:
    """Return a company's quarters by their end, per share in USD and in USD million, with sums of four (`..._year`).

    A sum is missing where one of its quarters is not known on the basis wanted, so two bases are never added up.
    Without `gains`, those outside operations (GAINS) are taken out.
    """
    if basis not in BASES:
        raise ValueError(f"Unknown basis {basis!r}: choose one of {', '.join(BASES)}.")
    table = _quarters(era)
    own = table[table["ticker"] == ticker].set_index("period_end").sort_index()
    other_basis = (basis == "GAAP") & ~own["kind"].str.startswith("GAAP")
    own = own.assign(
        eps=own[BASES[basis]].mask(other_basis), net_income=own["net_income_usd_mn"], revenue=own["revenue_usd_mn"]
    )
    own = own if gains else _without_gains(own, ticker)
    whole = own.index.to_series().diff(3).dt.days.between(255, 290)  # four quarters that follow one another
    for field in FIELDS:
        own[f"{field}_year"] = own[field].rolling(4).sum().where(whole)
    grade = own["confidence"].map(CONFIDENCE.index).rolling(4).min()
    own["confidence_year"] = grade.map(dict(enumerate(CONFIDENCE)))
    sums = [f"{field}_year" for field in FIELDS]
    return own[["fiscal_quarter", "report_date", *FIELDS, *sums, "confidence_year"]]


def earnings_on(days: pd.DatetimeIndex, tickers: list[str], era: str = "ai", basis: str = "GAAP", dating: str = "reported",
                gains: bool = True, field: str = "eps") -> pd.DataFrame:  # fmt: skip
    """Return twelve months of earnings a share as known on each day, USD; `field` may be net_income or revenue, USD mn.

    Releases come after the close: known means reported before the day. Missing where a quarter is, or where the last
    one is too long ago.
    """
    places = {ticker: _place(quarters(ticker, era, basis, gains), days, dating) for ticker in tickers}
    return pd.DataFrame({t: rows[f"{field}_year"].to_numpy(float) for t, rows in places.items()}, index=days)


def sources_on(day: pd.Timestamp, tickers: list[str], era: str = "ai", basis: str = "GAAP") -> pd.DataFrame:
    """Say by ticker which quarter was the last known on a day, when it was reported, and how sure the year is."""
    rows = {t: _place(quarters(t, era, basis), pd.DatetimeIndex([day]), "reported").iloc[0] for t in tickers}
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["period_end", "report_date", "confidence_year"])
    return table.rename(columns={"confidence_year": "confidence"})


def dotcom_prices(closes: pd.DataFrame, tickers: list[str]) -> pd.DataFrame:
    """Scale adjusted closes of the dot-com years to the quotes of 27 March 2000, USD on today's shares.

    None of these companies paid more than 0.3 % a year in dividends then, so the scale holds on other days too.
    """
    table = market_data.load_table("market_caps")
    quotes = table[table["date"] == DOTCOM_QUOTE_DAY].set_index("ticker")["price_used"]
    splits = pd.Series(SPLITS_SINCE_QUOTE).reindex(tickers).fillna(1.0)
    return closes[tickers] * (quotes[tickers] / splits / closes.loc[DOTCOM_QUOTE_DAY, tickers])


def dotcom_shares(tickers: list[str]) -> pd.DataFrame:
    """Return the shares that net income over diluted earnings a share implies, in millions by fiscal year end.

    A count stands until the next; it is missing before a company's first year.
    """
    table = market_data.load_table("fundamentals").query("record_type == 'annual' and confidence != 'low'")
    table = table[table["ticker"].isin(tickers) & table["period_end_or_date"].between("1995", "2004-12-31")]
    counts = table["net_income_usd_mn"] / table["diluted_eps"] * table["ticker"].map(SPLITS_SINCE_YEARS).fillna(1.0)
    wide = table.assign(counts=counts).pivot_table(index="period_end_or_date", columns="ticker", values="counts")
    return wide.set_axis(pd.DatetimeIndex(wide.index)).ffill().reindex(columns=tickers)


def split_rise(prices: pd.DataFrame, earnings: pd.DataFrame, held: pd.Series) -> pd.DataFrame:
    r"""Split each rise from the first to the last row into earnings and multiple, and that of the shares held together.

    :math:`\ln(P_1/P_0) = \ln(E_1/E_0) + \ln(M_1/M_0)` with :math:`M = P/E`, exact by construction; `earnings_pct` is the
    part of the first term. In dollars the order decides: `earnings_first_pct` lets earnings grow at the old multiple,
    `multiple_first_pct` at the new one. With no profit at either end there is no multiple: `note` says so. Together, a
    loss counts against the profits of the others, and a company without figures is left out.
    """
    ends = {"price_begin": prices.iloc[0], "price_end": prices.iloc[-1]}
    table = pd.DataFrame(ends | {"eps_begin": earnings.iloc[0], "eps_end": earnings.iloc[-1]})
    whole = table.dropna().index
    table.loc[TOGETHER] = table.loc[whole].mul(held[whole], axis=0).sum(min_count=1)
    sound = (table[["eps_begin", "eps_end"]] > 0).all(axis=1)
    eps = table[["eps_begin", "eps_end"]].where(sound)
    first, last = table["price_begin"] / eps["eps_begin"], table["price_end"] / eps["eps_end"]
    log_price = np.log((table["price_end"] / table["price_begin"]).astype(float))
    log_eps = np.log((eps["eps_end"] / eps["eps_begin"]).astype(float))
    moved = log_price.abs() >= SMALL_MOVE
    grown, rise = (eps["eps_end"] - eps["eps_begin"]).where(moved), table["price_end"] - table["price_begin"]
    note = pd.Series("", index=table.index).mask(table.isna().any(axis=1), "not known at both ends")
    return table.assign(
        multiple_begin=first, multiple_end=last, log_price=log_price, log_eps=log_eps, log_multiple=log_price - log_eps,
        earnings_pct=100 * log_eps / log_price.where(moved), earnings_first_pct=100 * grown * first / rise,
        multiple_first_pct=100 * grown * last / rise, note=note.mask(~sound & (note == ""), "no profit at one end"),
    )  # fmt: skip


def rise(prices: pd.DataFrame, shares: pd.DataFrame, tickers: list[str], begin: pd.Timestamp, end: pd.Timestamp,
         **how: Any) -> pd.DataFrame:  # fmt: skip
    """Split the rise of companies between two days: quoted `prices`, `shares` held from the start, `earnings_on` as told."""
    days = pd.DatetimeIndex([begin, end])
    return split_rise(prices.loc[days, tickers], earnings_on(days, tickers, **how), shares.loc[begin, tickers])


def calendar_quarters(periods: pd.DataFrame) -> pd.DataFrame:
    """Put amounts of fiscal periods on calendar quarters, by company, each spread evenly over its months.

    `periods` holds `ticker`, `end`, `months` and `amount`. The shortest periods count first: what a year holds beyond the
    quarters known within it is spread over its other months. A quarter is missing where one of its months is.
    """
    by_month: dict[tuple[str, pd.Period], float] = {}
    for row in periods.sort_values(["months", "end"]).itertuples():
        last = pd.Timestamp(row.end).to_period("M")
        inside = [(row.ticker, last - back) for back in range(row.months)]
        free = [month for month in inside if month not in by_month]
        rest = row.amount - sum(by_month.get(month, 0.0) for month in inside)
        by_month |= dict.fromkeys(free, rest / max(len(free), 1))
    table = pd.Series(by_month).unstack(level=0).sort_index()  # noqa: PD010
    return table.groupby(table.index.asfreq("Q")).sum(min_count=3)


@cache
def _quarters(era: str) -> pd.DataFrame:
    table = market_data.load_table("quarterly_earnings")
    return table[table["era"] == era]


def _without_gains(own: pd.DataFrame, ticker: str) -> pd.DataFrame:
    own, margin = own.copy(), np.nan
    for (name, end), gain in GAINS.items():
        day = pd.Timestamp(end)
        if name != ticker or day not in own.index:
            continue
        before = own[own.index < day].tail(4)
        margin = before["net_income"].sum() / before["revenue"].sum() if np.isnan(margin) else margin
        row = own.loc[day]
        plain = row["net_income"] - gain if np.isfinite(gain) else margin * row["revenue"]
        shares = row["diluted_shares_mn"] if row["diluted_shares_mn"] > 0 else row["net_income"] / row["eps"]
        own.loc[day, ["eps", "net_income"]] = [row["eps"] - (row["net_income"] - plain) / shares, plain]
    return own


def _place(table: pd.DataFrame, days: pd.DatetimeIndex, dating: str) -> pd.DataFrame:
    # the row of the last quarter known on each day, blank where it is too long ago
    if table.empty:
        return table.rename_axis("period_end").reset_index().reindex(days)
    if dating not in DATINGS:
        raise ValueError(f"Unknown dating {dating!r}: choose one of {', '.join(DATINGS)}.")
    table = table[table["fiscal_quarter"].str.endswith("Q4")] if dating == "fiscal year" else table
    known = table["report_date"].cummax() if dating != "ended" else table.index.to_series()
    place = known.searchsorted(days, side="right" if dating == "ended" else "left") - 1
    rows = table.rename_axis("period_end").reset_index().iloc[np.maximum(place, 0)].set_axis(days)
    recent = np.asarray((days - pd.DatetimeIndex(rows["period_end"])).days <= STALE_DAYS[dating])
    return rows.where(pd.Series((place >= 0) & recent, index=days))
