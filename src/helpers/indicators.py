"""Gauges of heat that stand beside each other then and now: what each measures, from which day, how surely.

A gauge is a series by the day that each value stands for: the last day of a quarter or month for what is counted
then, the first day of the month for Shiller's monthly means (so that a day is read with the mean of its own month).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import percentileofscore

from helpers import cape, market, market_data, market_totals, valuation
from helpers.explosiveness import log_real_nasdaq

MARCH_2000 = pd.Timestamp("2000-03-31")
LEVEL_PCT = 2.0  # two values closer than this, in per cent of the earlier, count as about equal
CARRY_QUARTERS = 2  # for how long the last known GDP may stand in for the next
HEAT = {"hotter": 1, "about equal": 0, "cooler": -1}


@dataclass(frozen=True)
class Indicator:
    """A gauge in words and figures; `hotter` is -1 where a low value is like the top of a boom, `low` are weak figures."""

    label: str
    unit: str
    topic: str
    values: pd.Series
    hotter: int = 1
    low: tuple[pd.Timestamp, ...] = ()
    confidence: str = "high"


class Value(NamedTuple):
    """One reading of a gauge: its value, the day it stands for, and whether it is of low confidence."""

    value: float = np.nan
    day: pd.Timestamp = pd.NaT
    low: bool = False


def read(indicator: Indicator, day: pd.Timestamp) -> Value:
    """Return the last value by a day; where a series begins later, its first one if that is less than a year away."""
    past = history(indicator, day)
    if past.empty or past.index[-1] - day > pd.Timedelta(days=366):
        return Value()
    return Value(float(past.iloc[-1]), past.index[-1], past.index[-1] in indicator.low)


def history(indicator: Indicator, day: pd.Timestamp) -> pd.Series:
    """Return the values up to a day, or the first one where the series begins later."""
    known = indicator.values.dropna()
    return known.loc[: max(day, known.index[0])] if len(known) else known


def heat_percentile(indicator: Indicator, value: float, day: pd.Timestamp) -> float:
    """Say what share of a gauge's own history up to a day was cooler than a value, per cent; equal values count half."""
    return float(percentileofscore(history(indicator, day) * indicator.hotter, value * indicator.hotter, "mean"))


def compared(then: float, now: float, hotter: int = 1) -> str:
    """Say whether now is hotter or cooler than then, or about equal (within two per cent), or not known."""
    if np.isnan(then) or np.isnan(now):
        return "not known"
    if abs(now - then) <= LEVEL_PCT / 100 * abs(then):
        return "about equal"
    return "hotter" if (now - then) * hotter > 0 else "cooler"


def then_and_now(gauges: Mapping[str, Indicator], then: pd.Timestamp, now: pd.Timestamp) -> pd.DataFrame:
    """Put the readings of two days beside each other, with verdict, history and confidence.

    `percentile` and `percentile_2000` are the shares of the gauge's own history, up to now, that were cooler than now
    and than then; `ratio` is blank where the two values differ in sign.
    """
    rows = {}
    for name, one in gauges.items():
        first, second = read(one, then), read(one, now)
        past, low = history(one, now), first.low or second.low
        rows[name] = {
            "label": one.label, "unit": one.unit, "topic": one.topic, "then": first.value, "now": second.value,
            "verdict": compared(first.value, second.value, one.hotter),
            "percentile_2000": heat_percentile(one, first.value, now), "percentile": heat_percentile(one, second.value, now),
            "ratio": second.value / first.value if first.value * second.value > 0 else np.nan,
            "then_day": first.day, "now_day": second.day, "since": past.index.min(), "values": len(past),
            "hotter_if": "higher" if one.hotter > 0 else "lower", "low": low, "confidence": "low" if low else one.confidence,
        }  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("indicator")


def all_indicators(
    closes: pd.DataFrame, bsadf: pd.Series, days: Iterable[pd.Timestamp], more: Iterable[pd.Timestamp] = ()
) -> dict[str, Indicator]:
    """Return every gauge of the study by name, with weights and market value of the S&P 500 on given trading days.

    `closes` are the daily closes of the AI era, `bsadf` the statistic of the NASDAQ's explosiveness test, and `more`
    days on which only the market value is wanted.
    """
    days = sorted(set(days))
    monthly = market_data.load_table("shiller_monthly")
    return {
        **_valuation(monthly),
        "market_value_gdp": _market_value([*days, *more], closes["^GSPC"]),
        "nasdaq_five_years": Indicator("real NASDAQ over five years", "% growth", "the run-up", _growth(60)),
        "nasdaq_two_years": Indicator("real NASDAQ over two years", "% growth", "the run-up", _growth(24)),
        "nasdaq_bsadf": Indicator("test for explosive growth of the NASDAQ", "statistic", "the run-up", bsadf),
        "top10_share": _concentration(closes, days),
        **_money(),
    }


def _growth(months: int) -> pd.Series:
    return 100 * np.expm1(log_real_nasdaq().diff(months))


def _valuation(monthly: pd.DataFrame) -> dict[str, Indicator]:
    """Valuation, yields and growth of earnings by month."""
    ratio, excess = cape.cape(monthly), cape.excess_cape_yield(monthly)
    real_yield = 100 / ratio - excess
    dear, rates = "prices", "interest rates"
    gauges = {
        "cape": Indicator("CAPE", "times", dear, ratio),
        "trailing_pe": Indicator("price to trailing earnings", "times", dear, monthly["price"] / monthly["earnings"]),
        "price_dividend": Indicator("price to dividends", "times", dear, monthly["price"] / monthly["dividend"]),
        "excess_cape_yield": Indicator("excess CAPE yield", "%", dear, excess, hotter=-1),
        "treasury_10y": Indicator("ten-year Treasury yield", "%", rates, monthly["long_rate_pct"]),
        "real_10y": Indicator("real ten-year yield", "%", rates, real_yield),
        "real_yield_per_earnings_yield": Indicator("real ten-year yield over the CAPE's earnings yield", "times", rates, real_yield * ratio / 100),
    }  # fmt: skip
    for years, word in ((2, "two"), (5, "five")):
        grown = 100 * (monthly["earnings"] / monthly["earnings"].shift(12 * years) - 1)
        gauges[f"earnings_{years}_years"] = Indicator(f"earnings over {word} years", "% growth", "profits", grown)
    return gauges


def _money() -> dict[str, Indicator]:
    """Debt and central-bank money, each over the GDP (at a yearly rate) of its own quarter, and the policy rate."""
    quarters = market_data.load_table("macro_quarterly")
    quarters.index = pd.DatetimeIndex(quarters.index) + pd.offsets.QuarterEnd(0)
    margin = market_data.load_table("margin_debt_monthly")["margin_debt_usd_mn"] / 1000
    margin.index = pd.DatetimeIndex(margin.index) + pd.offsets.MonthEnd(0)
    assets, low = _fed_assets(quarters["fed_assets_usd_bn"].dropna())
    credit = _annual("private_credit_aum")["usd_bn"]
    amounts: dict[str, tuple[str, str, pd.Series, tuple[pd.Timestamp, ...], str]] = {
        "margin_debt_gdp": ("margin debt", "debt", margin, (), "high"),
        "corporate_debt_gdp": ("debt of companies", "debt", quarters["corporate_debt_usd_bn"], (), "high"),
        "private_credit_gdp": ("private credit", "debt", credit, (), "medium"),
        "federal_debt_gdp": ("federal debt", "debt", quarters["federal_debt_usd_bn"], (), "high"),
        "fed_assets_gdp": ("Federal Reserve assets", "central-bank money", assets, low, "medium"),
        "m2_gdp": ("money (M2)", "central-bank money", quarters["m2_usd_bn"], (), "high"),
    }
    gauges = {
        name: Indicator(label, "% of GDP", topic, _of_gdp(amount.dropna()), low=weak, confidence=sure)
        for name, (label, topic, amount, weak, sure) in amounts.items()
    }
    return gauges | {"policy_rate": Indicator("policy rate", "%", "interest rates", quarters["fed_funds_pct"])}


def _of_gdp(usd_bn: pd.Series) -> pd.Series:
    return valuation.share_of_gdp(usd_bn, market_data.load_table("macro_quarterly")["gdp_usd_bn"], CARRY_QUARTERS)


def _annual(series: str) -> pd.DataFrame:
    """One yearly series of `macro_annual.csv` by day: USD billion and confidence."""
    rows = market_data.load_table("macro_annual")
    rows = rows[rows["series"] == series].set_index("as_of").sort_index()
    return pd.DataFrame({"usd_bn": 1000 * rows["value"], "confidence": rows["confidence"]})


def _fed_assets(quarterly: pd.Series) -> tuple[pd.Series, tuple[pd.Timestamp, ...]]:
    """Yearly figures before the weekly series begins joined to the quarters, and the days of low confidence."""
    yearly = _annual("fed_total_assets")
    before = yearly[yearly.index < quarterly.index[0]]
    low = pd.DatetimeIndex(before.index[before["confidence"] == "low"])
    return pd.concat([before["usd_bn"], quarterly]).sort_index(), tuple(low)


def _market_value(days: Iterable[pd.Timestamp], index: pd.Series) -> Indicator:
    """Value of the S&P 500 over GDP where its total is published, and on given days carried by the index."""
    anchors = market_totals.total_anchors("sp500_market_value")
    values = 1000 * anchors.set_index("date")["value"].astype(float)
    for day in days:
        total = market_totals.market_value_on(day + pd.Timedelta(days=1), [index], anchors)
        if total is not None:
            values[day] = total.value
    low = tuple(pd.DatetimeIndex(anchors.loc[anchors["confidence"] == "low", "date"]))
    share = _of_gdp(values.sort_index()).dropna()
    return Indicator("value of the S&P 500", "% of GDP", "prices", share, low=low, confidence="medium")


def _concentration(closes: pd.DataFrame, days: Iterable[pd.Timestamp]) -> Indicator:
    """Share of the ten largest companies: the last published value of each year, that of March 2000, and given days."""
    rows = market_data.load_table("sp500_concentration").query("measure == 'top10_share'")
    rows = rows.set_index("date").sort_index()
    kept = rows[~pd.DatetimeIndex(rows.index).year.duplicated(keep="last") | (rows.index == MARCH_2000)]
    known = market.weight_snapshots()
    today = {day: 100 * market.top_share(market.weights_on(closes, day, known), 10) for day in days}
    before = kept["value_pct"].astype(float).drop(list(today), errors="ignore")
    values = pd.concat([before, pd.Series(today, dtype=float)]).sort_index()
    low = tuple(pd.DatetimeIndex(kept.index[kept["confidence"] == "low"]))
    return Indicator("ten largest companies", "% of the S&P 500", "concentration", values, low=low, confidence="medium")
