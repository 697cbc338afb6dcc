"""Earnings and multiple: how much of a rise companies earned, in the AI boom and in the dot-com years.

Prices are as quoted, on the split basis of the earnings. Growth is told in doublings (logarithms to base
two), which add up: price = earnings per share + multiple.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers import market_data, valuation
from helpers.boom.boom import COMPOSITE, Boom
from helpers.market_data import LONGEST_GAP
from helpers.results import study_prices

READINGS = {
    "trailing": "four quarters then reported",
    "fiscal": "fiscal year then reported",
    "hindsight": "twelve months to the day",
}
REPORTING_DAYS = 40  # a quarter counts as known this long after its end; large companies take 20 to 40
FIELDS = ("diluted_eps", "net_income_usd_mn", "revenue_usd_mn")
STALE_DAYS = 371  # earnings older than a year of 53 weeks are not used
DOTCOM_LEADERS = ("CSCO", "MSFT", "INTC", "ORCL", "QCOM")
DOTCOM_YEARS = ("1995-01-01", "2004-12-31")
DOTCOM_QUOTE_DAY = "2000-03-27"
# New shares for one old between that day's quote and the split basis of the earnings per share.
DOTCOM_SPLITS = {"MSFT": 2.0, "INTC": 2.0, "ORCL": 2.0}
# Fiscal years whose profit was mostly a one-off gain, with the earnings per share the company gave without
# it (USD 0.69 before the 2-for-1 split of October 2000, as the row's note says).
WITHOUT_GAINS = {("ORCL", "2000-05-31"): (0.345, 2100.0)}


@dataclass(frozen=True)
class Era:
    """The leaders of one boom with what a decomposition needs.

    Attributes
    ----------
    name : str
        "ai" or "dotcom".
    tickers : tuple of str
        Leaders that have prices and earnings.
    left_out : tuple of str
        Leaders that lack one of them.
    prices : DataFrame
        Quoted closes on the split basis of the earnings, USD.
    quarters : dict of str to DataFrame
        Ticker -> twelve-month figures by quarter end: ``diluted_eps``, ``net_income_usd_mn``,
        ``revenue_usd_mn``, ``year_end``, ``stated``, ``confidence``.
    shares : DataFrame
        Shares in millions, days by tickers, carried forward.
    """

    name: str
    tickers: tuple[str, ...]
    left_out: tuple[str, ...]
    prices: pd.DataFrame
    quarters: dict[str, pd.DataFrame]
    shares: pd.DataFrame


def yearly_figures(adjusted: bool = True, sure: bool = True) -> pd.DataFrame:
    """Annual rows of the fundamentals, by default with one-off gains taken out where the company said so.

    Parameters
    ----------
    adjusted : bool
        False leaves profits as filed.
    sure : bool
        Leave figures of low confidence out.

    Returns
    -------
    DataFrame
        Rows of ``fundamentals.csv`` of the type annual.
    """
    table = market_data.load_table("fundamentals")
    table = table[(table["record_type"] == "annual") & ~(sure & (table["confidence"] == "low"))].copy()
    for (ticker, end), (eps, income) in WITHOUT_GAINS.items() if adjusted else ():
        row = (table["ticker"] == ticker) & (table["period_end_or_date"] == end)
        table.loc[row, ["diluted_eps", "net_income_usd_mn"]] = [eps, income]
    return table


def quarter_table(years: pd.DataFrame, ticker: str, first: str, last: str) -> pd.DataFrame:
    """Twelve-month figures at every quarter end, drawn straight between fiscal years.

    Parameters
    ----------
    years : DataFrame
        From :func:`yearly_figures`.
    ticker : str
    first, last : str
        Fiscal years ending in this span are used.

    Returns
    -------
    DataFrame
        By quarter end; ``stated`` is False between fiscal years, where the figure is a straight line
        (each fiscal year taken as even), and ``confidence`` is that of the weaker year.
    """
    rows = years[(years["ticker"] == ticker) & years["period_end_or_date"].between(first, last)]
    if rows.empty:
        return pd.DataFrame()
    rows = rows.sort_values("period_end_or_date")
    ends = pd.DatetimeIndex(rows["period_end_or_date"])
    grade = rows["confidence"].map(valuation.CONFIDENCE.index).to_numpy()
    quarters = pd.DatetimeIndex(sorted({end - pd.DateOffset(months=3 * back) for end in ends for back in range(4)}))
    quarters = quarters[[not _in_a_gap(ends, quarter) for quarter in quarters]]
    lines = {field: np.interp(_days(quarters), _days(ends), rows[field].to_numpy(dtype=float)) for field in FIELDS}
    after = ends.searchsorted(quarters)
    inside = np.asarray(quarters.isin(ends))
    weaker = np.where(inside, grade[after], np.minimum(grade[after], grade[np.maximum(after - 1, 0)]))
    facts = {"year_end": inside, "stated": inside, "confidence": np.array(valuation.CONFIDENCE)[weaker]}
    return pd.DataFrame(lines | facts, index=quarters)


def _in_a_gap(ends: pd.DatetimeIndex, quarter: pd.Timestamp) -> bool:
    """Tell whether a quarter lies before the first fiscal year, or between two that do not follow one another."""
    after = int(ends.searchsorted(quarter))
    return quarter not in ends and (after == 0 or (ends[after] - ends[after - 1]).days > STALE_DAYS)


def _days(dates: pd.DatetimeIndex) -> np.ndarray:
    """Dates as numbers of days."""
    return dates.to_numpy(dtype="datetime64[D]").astype(float)


def with_stated(quarters: dict[str, pd.DataFrame], prices: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Put trailing earnings that a source states for a day in the place of straight lines.

    Parameters
    ----------
    quarters : dict of str to DataFrame
        From :func:`quarter_table`.
    prices : DataFrame
        Quoted closes on the split basis of the earnings.

    Returns
    -------
    dict of str to DataFrame
        Earnings per share of the last quarter known on the day become quoted price over stated multiple.
    """
    facts = market_data.load_table("fundamentals")
    facts = facts[(facts["record_type"] == "valuation") & facts["trailing_pe"].notna()]
    for row in facts.sort_values("period_end_or_date").itertuples():
        day = pd.Timestamp(row.period_end_or_date)
        if row.ticker not in quarters or day not in prices.index:
            continue
        table = quarters[row.ticker]
        known = table.index[table.index <= day - pd.Timedelta(days=REPORTING_DAYS)]
        if len(known) and not table.loc[known[-1], "stated"]:
            eps = float(prices.loc[day, row.ticker]) / row.trailing_pe
            table.loc[known[-1], ["diluted_eps", "stated", "confidence"]] = [eps, True, row.confidence]
    return quarters


def ai_era(boom: Boom, tickers: Sequence[str]) -> Era:
    """Leaders of the AI boom with prices, earnings and share counts.

    Parameters
    ----------
    boom : Boom
    tickers : sequence of str
        Companies wanted.
    """
    years = yearly_figures()
    quarters = {t: quarter_table(years, t, "2020-01-01", "2100-01-01") for t in tickers}
    inside = tuple(t for t in tickers if len(quarters[t]) and t in boom.quoted and t in boom.values)
    quarters = with_stated({t: quarters[t] for t in inside}, boom.quoted)
    shares = 1000.0 * boom.values[list(inside)] / boom.quoted[list(inside)]
    return Era("ai", inside, tuple(t for t in tickers if t not in inside), boom.quoted, quarters, shares)


def dotcom_era(tickers: Sequence[str] = DOTCOM_LEADERS, sure: bool = True) -> Era:
    """Leaders of the dot-com boom with prices, earnings and the share counts that both imply.

    Parameters
    ----------
    tickers : sequence of str
        Companies wanted.
    sure : bool
        Leave figures of low confidence out.

    Returns
    -------
    Era
        Prices are the adjusted closes scaled to the quotes of 27 March 2000 (none paid more than 0.3 % a
        year in dividends in these years), and the NASDAQ Composite; shares are net income over diluted
        earnings per share.
    """
    closes = study_prices("dotcom")
    if not {COMPOSITE, *tickers} <= set(closes.columns):  # a person's own prices need not reach so far back
        closes = market_data.load_table(market_data.ERAS["dotcom"])
    inside = [ticker for ticker in tickers if ticker in closes.columns]
    quotes = market_data.load_table("market_caps").set_index(["date", "ticker"])["price_used"]
    prices = pd.DataFrame(
        {
            t: closes[t] * (quotes[DOTCOM_QUOTE_DAY, t] / DOTCOM_SPLITS.get(t, 1.0) / closes[t][DOTCOM_QUOTE_DAY])
            for t in inside
        }
    )
    prices[COMPOSITE] = closes[COMPOSITE]
    years = yearly_figures(sure=sure)
    quarters = {t: quarter_table(years, t, *DOTCOM_YEARS) for t in inside}
    counts = {
        t: (table["net_income_usd_mn"] / table["diluted_eps"])[table["year_end"]] for t, table in quarters.items()
    }
    shares = pd.DataFrame(counts).sort_index().ffill()
    missing = tuple(ticker for ticker in tickers if ticker not in inside)
    return Era("dotcom", tuple(inside), missing, prices, with_stated(quarters, prices), shares)


def as_filed(era: Era) -> Era:
    """Put one-off gains back into the profits of the dot-com leaders.

    Parameters
    ----------
    era : Era
        From :func:`dotcom_era`.
    """
    years = yearly_figures(adjusted=False)
    touched = {t: quarter_table(years, t, *DOTCOM_YEARS) for t, _ in WITHOUT_GAINS if t in era.tickers}
    return dataclasses.replace(era, quarters=era.quarters | touched)


def figures_on(era: Era, days: pd.DatetimeIndex, reading: str = "trailing", field: str = "diluted_eps") -> pd.DataFrame:
    """Twelve-month figures of the leaders as they stood on given days.

    Parameters
    ----------
    era : Era
    days : DatetimeIndex
    reading : str
        A key of :data:`READINGS`: the last four quarters, or the last fiscal year, that ended 40 days before;
        or the twelve months to the day itself, part of which was reported later.
    field : str
        "diluted_eps" (USD), "net_income_usd_mn" or "revenue_usd_mn".

    Returns
    -------
    DataFrame
        Days by tickers; missing where nothing that ended within a year is known.

    Raises
    ------
    ValueError
        If the reading is unknown.
    """
    found = {ticker: _place(era.quarters[ticker], days, reading) for ticker in era.tickers}
    columns = {}
    for ticker, (table, place, usable) in found.items():
        values = table[field].to_numpy(dtype=float)
        if reading == "hindsight":
            line = np.interp(_days(days), _days(pd.DatetimeIndex(table.index)), values)
            columns[ticker] = np.where(usable, line, np.nan)
        else:
            columns[ticker] = np.where(usable, values[place], np.nan)
    return pd.DataFrame(columns, index=days, columns=list(era.tickers), dtype=float)


def sources_on(era: Era, day: pd.Timestamp, reading: str = "trailing") -> pd.DataFrame:
    """Say for each leader which twelve months stood on a day, and how sure they are.

    Parameters
    ----------
    era, reading
        See :func:`figures_on`.
    day : Timestamp

    Returns
    -------
    DataFrame
        By ticker: ``period_end``, ``stated`` (False: a straight line between fiscal years), ``confidence``.
    """
    rows = {}
    for ticker in era.tickers:
        table, place, usable = _place(era.quarters[ticker], pd.DatetimeIndex([day]), reading)
        row = table.iloc[int(place[0])]
        last = reading != "hindsight"
        rows[ticker] = {
            "period_end": (table.index[place[0]] if last else day) if usable[0] else pd.NaT,
            "stated": bool(row["stated"]) and last and bool(usable[0]),
            "confidence": row["confidence"],
        }
    return pd.DataFrame.from_dict(rows, orient="index", columns=["period_end", "stated", "confidence"])


def _place(table: pd.DataFrame, days: pd.DatetimeIndex, reading: str) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Find the rows that a reading may use, the row of each day, and whether it is recent enough."""
    if reading not in READINGS:
        raise ValueError(f"Unknown reading {reading!r}: choose one of {', '.join(READINGS)}.")
    rows = table if reading == "trailing" else table[table["year_end"].astype(bool)]
    if reading == "hindsight":
        place = rows.index.searchsorted(days, side="right") - 1
        usable = (days >= rows.index[0]) & (days <= rows.index[-1])
        return rows, np.maximum(place, 0), np.asarray(usable)
    known = days - pd.Timedelta(days=REPORTING_DAYS)
    place = rows.index.searchsorted(known, side="right") - 1
    age = (known - rows.index[np.maximum(place, 0)]).days
    return rows, np.maximum(place, 0), (place >= 0) & np.asarray(age <= STALE_DAYS)


def prices_on(era: Era, days: pd.DatetimeIndex) -> pd.DataFrame:
    """Quoted prices of the leaders on given days, the last close before where there was none.

    Returns
    -------
    DataFrame
        Days by tickers, USD.
    """
    return era.prices[list(era.tickers)].ffill(limit=LONGEST_GAP).reindex(days, method="ffill")
