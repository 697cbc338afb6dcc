"""The series that the explosiveness tests are asked about: real NASDAQ by month and week, price over dividends."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers import market_data


def log_real_nasdaq(deflated: bool = True) -> pd.Series:
    """Return the logarithm of the NASDAQ Composite's month-ends since 1971, by default over consumer prices."""
    closes = market_data.load_table("nasdaq_monthly")["nasdaq_composite_month_end"].dropna()
    if deflated:
        prices = market_data.load_table("shiller_monthly")["cpi"].dropna()
        closes = (closes / prices.reindex(closes.index)).dropna()
    closes.index = pd.DatetimeIndex(closes.index) + pd.offsets.MonthEnd(0)
    return pd.Series(np.log(closes.to_numpy(dtype=float)), index=closes.index, name="log_nasdaq")


def price_dividend() -> pd.Series:
    """Return the S&P 500's price-dividend ratio by month since 1871."""
    monthly = market_data.load_table("shiller_monthly")
    return (monthly["price"] / monthly["dividend"]).dropna().rename("price_dividend")


def log_weekly(closes: pd.Series, deflated: bool = True) -> pd.Series:
    """Return the logarithm of the last close of each week, by default over consumer prices.

    Parameters
    ----------
    closes : Series
        Daily closes.
    deflated : bool
        Divide by the consumer price index, drawn straight between the middles of the months.

    Returns
    -------
    Series
        By the last trading day of each week.
    """
    known = closes.dropna()
    days = pd.DatetimeIndex(known.index)
    last = np.append(np.diff(days.to_period("W-FRI").asi8) > 0, True)
    weekly = known[last]
    if deflated:
        prices = market_data.load_table("shiller_monthly")["cpi"].dropna()
        middles = _days(pd.DatetimeIndex(prices.index) + pd.Timedelta(days=14))
        weekly = weekly / np.interp(_days(pd.DatetimeIndex(weekly.index)), middles, prices.to_numpy(dtype=float))
    return pd.Series(np.log(weekly.to_numpy(dtype=float)), index=weekly.index, name="log_nasdaq")


def _days(dates: pd.DatetimeIndex) -> np.ndarray:
    """Dates as numbers of days."""
    return dates.to_numpy(dtype="datetime64[D]").astype(float)
