"""The indicators that stand beside each other then and now: what each measures, from which day, how surely.

An indicator is a series by the day that each value stands for: the last day of a quarter or month for
what is counted then, the first day of the month for Shiller's monthly means. A reading on a day is the last
value by that day; nothing that a table dates later is used.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from helpers import cape, market_data, market_totals, valuation

MARCH_2000 = pd.Timestamp("2000-03-31")
CARRY_QUARTERS = 2  # for how long the last known GDP may stand in for the next
MONEY = ("fed_assets_gdp", "federal_debt_gdp", "corporate_debt_gdp", "private_credit_gdp", "m2_gdp")
VALUATION = ("cape", "trailing_pe", "price_dividend", "market_value_gdp")
RATES = ("policy_rate", "treasury_10y", "real_10y", "real_yield_per_earnings_yield")
LEVEL_PCT = 2.0  # two values closer than this, in per cent of the earlier, count as level


@dataclass(frozen=True)
class Indicator:
    """One measure with its history.

    Attributes
    ----------
    name, label, unit, topic : str
        Short name; words for a table; unit; what it belongs to.
    values : Series
        By the day that each value stands for.
    hotter : int
        1 where a higher value is more like the top of a boom, -1 where a lower one is.
    low : tuple of Timestamp
        Days whose figure is of low confidence.
    confidence : str
        Of the other figures.
    """

    name: str
    label: str
    unit: str
    topic: str
    values: pd.Series
    hotter: int = 1
    low: tuple[pd.Timestamp, ...] = ()
    confidence: str = "high"


@dataclass(frozen=True)
class Value:
    """One reading of an indicator: its value, the day it stands for, and whether it is of low confidence."""

    value: float = np.nan
    day: pd.Timestamp = field(default_factory=lambda: pd.NaT)
    low: bool = False


def read(indicator: Indicator, day: pd.Timestamp) -> Value:
    """Read an indicator on a day.

    Parameters
    ----------
    indicator : Indicator
    day : Timestamp

    Returns
    -------
    Value
        The last value by the day; where the series begins later, its first value if that is less than a
        year away; else missing.

    Examples
    --------
    >>> yearly = pd.Series([1.0, 2.0], index=pd.to_datetime(["2000-12-31", "2001-12-31"]))
    >>> one = Indicator("a", "a", "times", "rates", yearly)
    >>> read(one, pd.Timestamp("2002-05-01")).value, read(one, pd.Timestamp("2000-03-31")).value
    (2.0, 1.0)
    """
    known = indicator.values.dropna()
    place = int(known.index.searchsorted(day, side="right")) - 1
    if place < 0:
        if known.empty or known.index[0] - day > pd.Timedelta(days=366):
            return Value()
        place = 0
    found = pd.Timestamp(known.index[place])
    return Value(float(known.iloc[place]), found, found in indicator.low)


def history(indicator: Indicator, day: pd.Timestamp) -> pd.Series:
    """Return the values up to a day (or the first one, where the series begins later)."""
    known = indicator.values.dropna()
    return known.loc[: max(day, known.index[0])] if len(known) else known


def heat_percentile(indicator: Indicator, value: float, day: pd.Timestamp) -> float:
    """Say what share of an indicator's own history, up to a day, was cooler than a value.

    Parameters
    ----------
    indicator : Indicator
    value : float
        In the unit of the indicator.
    day : Timestamp
        End of the history.

    Returns
    -------
    float
        Per cent; equal values count half.

    Examples
    --------
    >>> yields = pd.Series([5.0, 3.0, 1.0, 4.0], index=pd.date_range("2000-01-01", periods=4))
    >>> heat_percentile(Indicator("a", "a", "%", "rates", yields, hotter=-1), 1.0, yields.index[-1])
    87.5
    """
    past = history(indicator, day).to_numpy(dtype=float) * indicator.hotter
    if not len(past) or np.isnan(value):
        return np.nan
    mark = value * indicator.hotter
    return float(100.0 * ((past < mark).mean() + 0.5 * (past == mark).mean()))


def compared(indicator: Indicator, then: float, now: float) -> str:
    """Say whether now is hotter or cooler than then, or level, or not known.

    Examples
    --------
    >>> prices = Indicator("a", "a", "times", "valuation", pd.Series(dtype=float))
    >>> compared(prices, 43.2, 37.1), compared(prices, 28.3, 28.2)
    ('cooler', 'level')
    """
    if np.isnan(then) or np.isnan(now):
        return "not known"
    if abs(now - then) <= LEVEL_PCT / 100.0 * abs(then):
        return "level"
    return "hotter" if (now - then) * indicator.hotter > 0 else "cooler"


def valuation_indicators(monthly: pd.DataFrame) -> list[Indicator]:
    """Valuation of the S&P 500 by month: CAPE, trailing multiples, yields.

    Parameters
    ----------
    monthly : DataFrame
        Shiller's monthly table.

    Returns
    -------
    list of Indicator
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


def money_indicators() -> list[Indicator]:
    """Debt and central-bank money as shares of GDP by quarter, margin debt by month, and the policy rate.

    Returns
    -------
    list of Indicator

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

    Returns
    -------
    Indicator
    """
    anchors = market_totals.total_anchors("sp500_market_value").set_index("date", drop=False)
    gdp = market_data.load_table("macro_quarterly")["gdp_usd_bn"]
    values = 1000.0 * anchors["value"].astype(float)
    for day in days:
        total = market_totals.market_value_on(
            day + pd.Timedelta(days=1), [index], anchors.reset_index(drop=True)
        )
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
    values = pd.concat(
        [values[~values.index.isin(list(today))], pd.Series(dict(today), dtype=float)]
    ).sort_index()
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

    Returns
    -------
    list of Indicator
    """
    growth = 100.0 * np.expm1(log_real_nasdaq().diff(60))
    return [
        Indicator("nasdaq_five_years", "real NASDAQ over five years", "% growth", "run-up", growth),
        Indicator("nasdaq_bsadf", "explosiveness of the NASDAQ (BSADF)", "statistic", "run-up", bsadf),
    ]


def log_real_nasdaq(deflated: bool = True) -> pd.Series:
    """Return the logarithm of the NASDAQ Composite's month-ends since 1971, by default over consumer prices."""
    closes = market_data.load_table("nasdaq_monthly")["nasdaq_composite_month_end"].dropna()
    if deflated:
        prices = market_data.load_table("shiller_monthly")["cpi"].dropna()
        closes = (closes / prices.reindex(closes.index)).dropna()
    closes.index = pd.DatetimeIndex(closes.index) + pd.offsets.MonthEnd(0)
    return pd.Series(np.log(closes.to_numpy(dtype=float)), index=closes.index, name="log_nasdaq")


def then_and_now(indicators: Sequence[Indicator], then: pd.Timestamp, now: pd.Timestamp) -> pd.DataFrame:
    """Put the readings of two days beside each other.

    Parameters
    ----------
    indicators : sequence of Indicator
    then, now : Timestamp

    Returns
    -------
    DataFrame
        By name: ``label``, ``unit``, ``topic``, ``then``, ``then_day``, ``now``, ``now_day``, ``ratio``
        (blank where the two differ in sign), ``low`` (either of low confidence) and ``confidence``.
    """
    rows = {}
    for one in indicators:
        first, second = read(one, then), read(one, now)
        ratio = second.value / first.value if first.value * second.value > 0 else np.nan
        low = first.low or second.low
        rows[one.name] = {
            "label": one.label, "unit": one.unit, "topic": one.topic, "then": first.value, "then_day": first.day,
            "now": second.value, "now_day": second.day, "ratio": ratio, "low": low,
            "confidence": "low" if low else one.confidence,
        }  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("indicator")
