"""The money behind the two eras: debt and central-bank money over GDP, rates, and the two claims that rest on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from helpers import market_data
from helpers.claims import Measured
from helpers.dotcom.indicator_series import MONEY, RATES, VALUATION
from helpers.dotcom.indicators import MARCH_2000, Indicator, then_and_now
from helpers.valuation import CONFIDENCE

SINCE = "1995-01-01"
LIKE_CLAIM, WORSE_CLAIM = "like_dotcom", "worse_than_dotcom"
CLAIMS = (LIKE_CLAIM, WORSE_CLAIM)
BACKDROP = (*MONEY, "margin_debt_gdp", "policy_rate", "treasury_10y", "real_10y", "excess_cape_yield")
MARKET = (*VALUATION, "top10_share", "earnings_2_years", "earnings_5_years", "nasdaq_five_years")


def by_name(indicators: Sequence[Indicator], names: Sequence[str]) -> list[Indicator]:
    """Return the indicators with the given names, in that order."""
    known = {one.name: one for one in indicators}
    return [known[name] for name in names if name in known]


def paths(indicators: Sequence[Indicator]) -> pd.DataFrame:
    """Return series side by side since 1995, each on its own days, blank elsewhere."""
    return pd.DataFrame({one.name: one.values.loc[SINCE:] for one in indicators}).sort_index()


def claim_days(claim: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return the two days of a claim; a day of 2000 is read at the end of its month."""
    row = market_data.load_table("claims").set_index("id").loc[claim]
    return pd.Timestamp(row["date_from"]) + pd.offsets.MonthEnd(0), pd.Timestamp(row["date_to"])


def ratios(
    indicators: Sequence[Indicator], names: Sequence[str], then: pd.Timestamp, now: pd.Timestamp
) -> pd.DataFrame:
    """Return then, now and their ratio for the named indicators, the largest ratio first.

    Returns
    -------
    DataFrame
        See :func:`helpers.dotcom.indicators.then_and_now`.
    """
    return then_and_now(by_name(indicators, names), then, now).sort_values("ratio", ascending=False)


def measured(table: pd.DataFrame, how: str) -> Measured:
    """Sum up ratios by their median and range.

    Parameters
    ----------
    table : DataFrame
        From :func:`ratios`.
    how : str

    Returns
    -------
    Measured
        Its confidence is that of the weakest figure.

    Examples
    --------
    >>> table = pd.DataFrame({"label": ["a", "b", "c"], "ratio": [3.0, 1.0, 2.0], "confidence": "high"})
    >>> found = measured(table, "")
    >>> found.value, found.low, found.high
    (2.0, 1.0, 3.0)
    """
    known = table.dropna(subset=["ratio"])
    if known.empty:
        return Measured(np.nan, np.nan, np.nan, how=how)
    weakest = min(known["confidence"], key=CONFIDENCE.index)
    readings = {str(row.label): float(row.ratio) for row in known.itertuples()}
    ends = (float(known["ratio"].median()), float(known["ratio"].min()), float(known["ratio"].max()))
    return Measured(*ends, how, "", weakest, readings)


def like_dotcom(indicators: Sequence[Indicator]) -> Measured:
    """Measure the claim that prices are high and rates a risk as at the turn of the century.

    Parameters
    ----------
    indicators : sequence of Indicator
        With those of :data:`VALUATION` and :data:`RATES`, the S&P 500's value being known on the claim's day.

    Returns
    -------
    Measured
        Median ratio over four measures of price and four of rates, with each ratio and the two medians.

    Notes
    -----
    The excess CAPE yield was below zero in 2000, so that no ratio can be made of it; the real bond yield over
    the earnings yield says the same as a ratio (above one where bonds yield more).
    """
    then, now = claim_days(LIKE_CLAIM)
    prices, rates = (ratios(indicators, names, then, now) for names in (VALUATION, RATES))
    how = (
        "Median of eight ratios now over then, four of price (CAPE, trailing multiple, price to dividends, value over GDP) and four "
        "of rates (policy rate, ten-year yield, real ten-year yield, real yield over the earnings yield), with their range"
    )
    found = measured(pd.concat([prices, rates]), how)
    medians = {
        "prices only, median": float(prices["ratio"].median()),
        "rates only, median": float(rates["ratio"].median()),
    }
    return replace(found, readings=medians | dict(found.readings))


def worse_than_dotcom(indicators: Sequence[Indicator]) -> Measured:
    """Measure the claim that central-bank money and debt make today much more serious than 2000.

    Parameters
    ----------
    indicators : sequence of Indicator
        With those of :data:`MONEY`.

    Returns
    -------
    Measured
        Median ratio now over then of five amounts as shares of GDP, with their range; the readings hold each
        ratio, and that of the Federal Reserve's assets against the end of 2000 instead of 1999.
    """
    then, now = claim_days(WORSE_CLAIM)
    how = (
        "Median ratio now over then of five amounts as shares of GDP (Federal Reserve assets, federal debt, debt of companies, "
        "private credit, M2), with their range; it ranks leverage and not the odds of a crash"
    )
    found = measured(ratios(indicators, MONEY, then, now), how)
    later = ratios(indicators, ["fed_assets_gdp"], pd.Timestamp("2000-12-31"), now)["ratio"]
    other = {"Federal Reserve assets against the end of 2000": float(later.iloc[0])} if len(later) else {}
    return replace(found, readings=dict(found.readings) | other)


def money_table(indicators: Sequence[Indicator], names: Sequence[str], now: pd.Timestamp) -> pd.DataFrame:
    """Return a table of readings for a page: March 2000, now, and their ratio, with the day of each.

    Returns
    -------
    DataFrame
        By words with the unit: ``March 2000``, ``now``, ``ratio``, ``then of``, ``now of`` and ``low``.
    """
    table = then_and_now(by_name(indicators, names), MARCH_2000, now)
    shown = pd.DataFrame(
        {
            "March 2000": table["then"],
            "now": table["now"],
            "now over then": table["ratio"],
            "first figure of": [f"{day:%Y-%m}" if pd.notna(day) else "" for day in table["then_day"]],
            "second of": [f"{day:%Y-%m}" if pd.notna(day) else "" for day in table["now_day"]],
            "low": table["low"],
        }
    )
    shown.index = pd.Index([f"{row.label}, {row.unit}" for row in table.itertuples()], name="measure")
    return shown
