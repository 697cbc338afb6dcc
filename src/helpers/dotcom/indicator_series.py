"""Where each indicator comes from: valuation and yields by month, debt and money by quarter, concentration by year."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from helpers import cape, market_data, market_totals, valuation
from helpers.dotcom.indicators import MARCH_2000, Indicator
from helpers.market_series import log_real_nasdaq

CARRY_QUARTERS = 2  # for how long the last known GDP may stand in for the next
MONEY = ("fed_assets_gdp", "federal_debt_gdp", "corporate_debt_gdp", "private_credit_gdp", "m2_gdp")
VALUATION = ("cape", "trailing_pe", "price_dividend", "market_value_gdp")
RATES = ("policy_rate", "treasury_10y", "real_10y", "real_yield_per_earnings_yield")


def valuation_indicators(monthly: pd.DataFrame) -> list[Indicator]:
    """Valuation of the S&P 500 by month: CAPE, trailing multiples, yields.

    Parameters
    ----------
    monthly : DataFrame
        Shiller's monthly table.
    """
    ratio, excess = cape.cape(monthly), cape.excess_cape_yield(monthly)
    real_yield = 100.0 / ratio - excess
    dear, rates = "valuation", "rates"
    return [
        Indicator("cape", "CAPE", "times", dear, ratio),
        Indicator("trailing_pe", "price to trailing earnings", "times", dear, monthly["price"] / monthly["earnings"]),
        Indicator("price_dividend", "price to dividends", "times", dear, monthly["price"] / monthly["dividend"]),
        Indicator("excess_cape_yield", "excess CAPE yield", "%", dear, excess, hotter=-1),
        Indicator("treasury_10y", "ten-year Treasury yield", "%", rates, monthly["long_rate_pct"]),
        Indicator("real_10y", "real ten-year yield", "%", rates, real_yield),
        Indicator(
            "real_yield_per_earnings_yield", "real ten-year yield over the CAPE's earnings yield", "times", rates,
            real_yield * ratio / 100.0,
        ),
    ]  # fmt: skip


def earnings_indicators(monthly: pd.DataFrame) -> list[Indicator]:
    """Growth of the S&P 500's trailing earnings over two and over five years, by month.

    Parameters
    ----------
    monthly : DataFrame
        Shiller's monthly table.
    """
    growth = {years: 100.0 * (monthly["earnings"] / monthly["earnings"].shift(12 * years) - 1.0) for years in (2, 5)}
    return [
        Indicator(f"earnings_{years}_years", f"earnings over {word} years", "% growth", "earnings", growth[years])
        for years, word in ((2, "two"), (5, "five"))
    ]


def money_indicators() -> list[Indicator]:
    """Debt and central-bank money as shares of GDP by quarter, margin debt by month, and the policy rate.

    Notes
    -----
    Each amount is divided by the GDP (at a yearly rate) of the quarter in which it was counted.
    """
    quarters = market_data.load_table("macro_quarterly")
    quarters.index = pd.DatetimeIndex(quarters.index) + pd.offsets.QuarterEnd(0)
    gdp = quarters["gdp_usd_bn"]
    assets, low = fed_assets(quarters["fed_assets_usd_bn"])
    credit = annual_amounts("private_credit_aum")
    margin = market_data.load_table("margin_debt_monthly")["margin_debt_usd_mn"] / 1000.0
    margin.index = pd.DatetimeIndex(margin.index) + pd.offsets.MonthEnd(0)
    amounts: list[tuple[str, str, str, pd.Series, tuple[pd.Timestamp, ...], str]] = [
        ("margin_debt_gdp", "margin debt", "borrowing", margin, (), "high"),
        ("corporate_debt_gdp", "debt of companies", "borrowing", quarters["corporate_debt_usd_bn"], (), "high"),
        ("private_credit_gdp", "private credit", "borrowing", credit["usd_bn"], (), "medium"),
        ("federal_debt_gdp", "federal debt", "borrowing", quarters["federal_debt_usd_bn"], (), "high"),
        ("fed_assets_gdp", "Federal Reserve assets", "central bank", assets, low, "medium"),
        ("m2_gdp", "money (M2)", "central bank", quarters["m2_usd_bn"], (), "high"),
    ]  # fmt: skip
    found = [
        Indicator(
            name, label, "% of GDP", topic, valuation.share_of_gdp(amount.dropna(), gdp, CARRY_QUARTERS),
            low=days, confidence=grade,
        )
        for name, label, topic, amount, days, grade in amounts
    ]  # fmt: skip
    return [*found, Indicator("policy_rate", "policy rate", "%", "rates", quarters["fed_funds_pct"])]


def annual_amounts(series: str) -> pd.DataFrame:
    """Return one yearly series of ``macro_annual.csv``: day -> ``usd_bn`` and ``confidence``."""
    rows = market_data.load_table("macro_annual")
    rows = rows[rows["series"] == series].set_index("as_of").sort_index()
    return pd.DataFrame({"usd_bn": 1000.0 * rows["value"], "confidence": rows["confidence"]})


def fed_assets(quarterly: pd.Series) -> tuple[pd.Series, tuple[pd.Timestamp, ...]]:
    """Join the Federal Reserve's yearly figures before 2002 to its quarterly ones.

    Parameters
    ----------
    quarterly : Series
        USD billion by quarter end, blank before the weekly series begins.

    Returns
    -------
    Series and tuple of Timestamp
        USD billion by day, and the days whose figure is of low confidence.
    """
    yearly, known = annual_amounts("fed_total_assets"), quarterly.dropna()
    before = yearly[yearly.index < known.index[0]]
    joined = pd.concat([before["usd_bn"], known]).sort_index()
    return joined, tuple(pd.DatetimeIndex(before.index[before["confidence"] == "low"]))


def market_value_indicator(days: Iterable[pd.Timestamp], index: pd.Series) -> Indicator:
    """Market value of the S&P 500 over GDP: at the dates with a published total, and on given days.

    Parameters
    ----------
    days : iterable of Timestamp
        Days for which the nearest total is carried by the index.
    index : Series
        Daily closes of the S&P 500 around those days.
    """
    anchors = market_totals.total_anchors("sp500_market_value").set_index("date", drop=False)
    gdp = market_data.load_table("macro_quarterly")["gdp_usd_bn"]
    values = 1000.0 * anchors["value"].astype(float)
    for day in days:
        total = market_totals.market_value_on(day + pd.Timedelta(days=1), [index], anchors.reset_index(drop=True))
        if total is not None:
            values[day] = total.value
    share = valuation.share_of_gdp(values.sort_index(), gdp, CARRY_QUARTERS).dropna()
    low = tuple(pd.DatetimeIndex(anchors.index[anchors["confidence"] == "low"]))
    return Indicator(
        "market_value_gdp",
        "value of the S&P 500",
        "% of GDP",
        "valuation",
        share,
        low=low,
        confidence="medium",
    )


def concentration_indicator(today: Mapping[pd.Timestamp, float]) -> Indicator:
    """Share of the ten largest companies of the S&P 500, one value a year and on given days.

    Parameters
    ----------
    today : mapping of Timestamp to float
        Day -> share in per cent, from the weights of that day.

    Returns
    -------
    Indicator
        Since 1980 with gaps; of years with several published values the last, and that of March 2000.
    """
    rows = market_data.load_table("sp500_concentration")
    rows = rows[rows["measure"] == "top10_share"].set_index("date").sort_index()
    years = pd.DatetimeIndex(rows.index).year
    kept = rows[~years.duplicated(keep="last") | (rows.index == MARCH_2000)]
    values = kept["value_pct"].astype(float)
    values = pd.concat([values[~values.index.isin(list(today))], pd.Series(dict(today), dtype=float)]).sort_index()
    low = tuple(pd.DatetimeIndex(kept.index[kept["confidence"] == "low"]))
    return Indicator(
        "top10_share",
        "ten largest companies",
        "% of the S&P 500",
        "concentration",
        values,
        low=low,
        confidence="medium",
    )


def nasdaq_indicators(bsadf: pd.Series) -> list[Indicator]:
    """Return the NASDAQ's real growth over five years and the statistic of its explosiveness test.

    Parameters
    ----------
    bsadf : Series
        BSADF statistic by month-end.
    """
    growth = 100.0 * np.expm1(log_real_nasdaq().diff(60))
    return [
        Indicator("nasdaq_five_years", "real NASDAQ over five years", "% growth", "run-up", growth),
        Indicator("nasdaq_bsadf", "explosiveness of the NASDAQ (BSADF)", "statistic", "run-up", bsadf),
    ]
