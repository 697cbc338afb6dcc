"""Cyclically adjusted price-earnings ratio, its excess yield over bonds, and what followed.

The monthly table is Robert Shiller's: `price` (mean of the month's closes), `dividend` and `earnings` (twelve months), `cpi`,
`long_rate_pct`; one row a month, blank where not yet known.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

MONTHS_OF_EARNINGS = 120
COLUMNS = ("price", "dividend", "earnings", "cpi", "long_rate_pct")


def cape(monthly: pd.DataFrame) -> pd.Series:
    """Return the real price over the mean of the ten years of real earnings before the month (Campbell and Shiller 1988)."""
    _check(monthly)
    earnings = (monthly["earnings"] / monthly["cpi"]).rolling(MONTHS_OF_EARNINGS).mean().shift(1)
    return (monthly["price"] / monthly["cpi"] / earnings).rename("cape")


def excess_cape_yield(monthly: pd.DataFrame) -> pd.Series:
    """Return the inverse of the CAPE less the ten-year bond yield after the inflation of ten years past, per cent a year."""
    relative = monthly["cpi"] / monthly["cpi"].shift(MONTHS_OF_EARNINGS)
    past_inflation = 100.0 * (relative ** (12.0 / MONTHS_OF_EARNINGS) - 1.0)
    return (100.0 / cape(monthly) - monthly["long_rate_pct"] + past_inflation).rename("excess_cape_yield_pct")


def real_total_return_index(monthly: pd.DataFrame) -> pd.Series:
    """Return the value of one invested in the first month, dividends reinvested, in purchasing power."""
    _check(monthly)
    price, dividend = monthly["price"] / monthly["cpi"], monthly["dividend"] / monthly["cpi"]
    growth = (price + dividend / 12.0) / price.shift(1)
    growth.iloc[0] = 1.0
    return growth.cumprod(skipna=False).rename("real_total_return_index")


def forward_returns(monthly: pd.DataFrame, years: Sequence[int] = (1, 3, 5, 10)) -> pd.DataFrame:
    """Return the real total return a year, a fraction, over the years that followed each month; columns are the years."""
    if min(years) < 1:
        raise ValueError(f"Horizons are whole years from 1 up, not {min(years)}.")
    index = real_total_return_index(monthly)
    ahead = {year: (index.shift(-12 * year) / index) ** (1.0 / year) - 1.0 for year in years}
    return pd.DataFrame(ahead).rename_axis(columns="years")


def independent_episodes(months: pd.DatetimeIndex, years: int) -> int:
    """Count how many windows of so many years can start in the given months without overlapping."""
    count, free_from = 0, pd.Timestamp.min
    for month in months:
        if month >= free_from:  # the earliest start each time leaves the most room for others
            count, free_from = count + 1, month + pd.DateOffset(years=years)
    return count


def outcomes(ahead: pd.Series) -> dict[str, float]:
    """Describe what followed some months: `ahead` holds returns a year in per cent, by month, named by its years.

    Neighbouring windows overlap, so the interval (Wilson 1927) counts only the episodes that do not.
    """
    from statsmodels.stats.proportion import proportion_confint  # takes half a second to import

    known, years = ahead.dropna(), int(str(ahead.name))
    episodes = independent_episodes(pd.DatetimeIndex(known.index), years)
    positive = float((known > 0).mean())
    low, high = proportion_confint(positive * episodes, episodes, method="wilson") if episodes else (np.nan, np.nan)
    return {
        "years": years, "months": len(known), "episodes": episodes, "positive_pct": 100 * positive,
        "positive_low_pct": 100 * low, "positive_high_pct": 100 * high, "median_pct": float(known.median()),
        "worst_pct": float(known.min()), "best_pct": float(known.max()),
    }  # fmt: skip


def _check(monthly: pd.DataFrame) -> None:
    if missing := [name for name in COLUMNS if name not in monthly.columns]:
        raise ValueError(f"The monthly table lacks {', '.join(missing)}.")
    months = pd.DatetimeIndex(monthly.index).to_period("M")
    wanted = pd.period_range(months[0], periods=len(months), freq="M")
    if not months.equals(wanted):
        raise ValueError(f"The months must be whole and in order: see {wanted[months != wanted][0]}.")
