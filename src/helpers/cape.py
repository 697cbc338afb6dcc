"""Cyclically adjusted price-earnings ratio, its excess yield over bonds, and what followed.

The monthly table is Robert Shiller's: ``price`` (mean of the month's closes), ``dividend`` and
``earnings`` (twelve months), ``cpi``, ``long_rate_pct``; one row a month, blank where not yet known.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

MONTHS_OF_EARNINGS = 120
_COLUMNS = ("price", "dividend", "earnings", "cpi", "long_rate_pct")


def cape(monthly: pd.DataFrame) -> pd.Series:
    r"""Real price over the mean of the ten years of real earnings before the month.

    Parameters
    ----------
    monthly : DataFrame
        Shiller's monthly table, index points and CPI points, without missing months.

    Returns
    -------
    Series
        Ratio by month; missing where one of the 120 months of earnings is.

    Raises
    ------
    ValueError
        If a column is missing or a month is left out.

    Notes
    -----
    :math:`C_t = (P_t/CPI_t) / \frac{1}{120}\sum_{s=1}^{120} E_{t-s}/CPI_{t-s}` (Campbell and Shiller 1988).
    The month itself is not in the mean: so Shiller's sheet has it.

    Examples
    --------
    >>> months = pd.date_range("2000-01-01", periods=121, freq="MS")
    >>> flat = pd.DataFrame({"price": 20.0, "dividend": 0.5, "earnings": 1.0, "cpi": 100.0}, index=months)
    >>> float(cape(flat.assign(long_rate_pct=4.0)).iloc[-1])
    20.0
    """
    _check(monthly)
    earnings = (monthly["earnings"] / monthly["cpi"]).rolling(MONTHS_OF_EARNINGS).mean().shift(1)
    return (monthly["price"] / monthly["cpi"] / earnings).rename("cape")


def excess_cape_yield(monthly: pd.DataFrame) -> pd.Series:
    r"""Inverse of the CAPE less the real ten-year bond yield.

    Parameters
    ----------
    monthly : DataFrame
        Shiller's monthly table.

    Returns
    -------
    Series
        Percent a year by month, from the eleventh year on.

    Notes
    -----
    :math:`100/C_t - (y_t - \pi_t)` with :math:`\pi_t = 100((CPI_t/CPI_{t-120})^{1/10} - 1)`: the real yield
    takes off the inflation of the ten years past, not the one expected, as Shiller's sheet does (Shiller,
    Black and Jivraj 2020, CAPE and the COVID-19 Pandemic Effect).

    Examples
    --------
    >>> months = pd.date_range("2000-01-01", periods=121, freq="MS")
    >>> flat = pd.DataFrame({"price": 20.0, "dividend": 0.5, "earnings": 1.0, "cpi": 100.0}, index=months)
    >>> float(excess_cape_yield(flat.assign(long_rate_pct=4.0)).iloc[-1])
    1.0
    """
    relative = monthly["cpi"] / monthly["cpi"].shift(MONTHS_OF_EARNINGS)
    past_inflation = 100.0 * (relative ** (12.0 / MONTHS_OF_EARNINGS) - 1.0)
    real_yield = monthly["long_rate_pct"] - past_inflation
    return (100.0 / cape(monthly) - real_yield).rename("excess_cape_yield_pct")


def simple_yield_gap(monthly: pd.DataFrame) -> pd.Series:
    """Trailing earnings yield less the ten-year bond yield, the plain cousin of the excess CAPE yield.

    Parameters
    ----------
    monthly : DataFrame
        Shiller's monthly table.

    Returns
    -------
    Series
        Percent a year by month; a real yield set against a nominal one.

    Examples
    --------
    >>> month = pd.DataFrame({"price": 20.0, "earnings": 1.0}, index=pd.to_datetime(["2025-01-01"]))
    >>> month = month.assign(dividend=0.5, cpi=100.0)
    >>> simple_yield_gap(month.assign(long_rate_pct=4.0)).tolist()
    [1.0]
    """
    _check(monthly)
    return (100.0 * monthly["earnings"] / monthly["price"] - monthly["long_rate_pct"]).rename("yield_gap_pct")


def real_total_return_index(monthly: pd.DataFrame) -> pd.Series:
    """Value of one invested in the first month, dividends reinvested, in purchasing power.

    Parameters
    ----------
    monthly : DataFrame
        Shiller's monthly table.

    Returns
    -------
    Series
        Index by month, 1 in the first; missing once dividends or CPI are.

    Notes
    -----
    Shiller's :math:`I_t = I_{t-1} (p_t + d_t/12)/p_{t-1}`, real price *p* and real yearly dividend *d*.

    Examples
    --------
    >>> months = pd.date_range("2025-01-01", periods=2, freq="MS")
    >>> table = pd.DataFrame({"price": 8.0, "dividend": 12.0, "earnings": 1.0, "cpi": 100.0}, index=months)
    >>> real_total_return_index(table.assign(long_rate_pct=4.0)).tolist()
    [1.0, 1.125]
    """
    _check(monthly)
    price, dividend = monthly["price"] / monthly["cpi"], monthly["dividend"] / monthly["cpi"]
    growth = (price + dividend / 12.0) / price.shift(1)
    growth.iloc[0] = 1.0
    return growth.cumprod(skipna=False).rename("real_total_return_index")


def forward_returns(monthly: pd.DataFrame, years: Sequence[int] = (1, 3, 5, 10)) -> pd.DataFrame:
    """Real total return a year over the years that followed each month.

    Parameters
    ----------
    monthly : DataFrame
        Shiller's monthly table.
    years : sequence of int
        Horizons.

    Returns
    -------
    DataFrame
        Months by horizons, fraction a year from monthly mean to monthly mean; missing where not yet passed.

    Raises
    ------
    ValueError
        If a horizon is shorter than a year.

    Examples
    --------
    >>> months = pd.date_range("2024-01-01", periods=13, freq="MS")
    >>> table = pd.DataFrame({"price": 2.0 ** (np.arange(13) / 12)}, index=months)
    >>> table = table.assign(dividend=0.0, earnings=1.0, cpi=100.0, long_rate_pct=4.0)
    >>> round(float(forward_returns(table, years=[1]).iloc[0, 0]), 12)
    1.0
    """
    if min(years) < 1:
        raise ValueError(f"Horizons are whole years from 1 up, not {min(years)}.")
    index = real_total_return_index(monthly)
    ahead = {year: (index.shift(-12 * year) / index) ** (1.0 / year) - 1.0 for year in years}
    return pd.DataFrame(ahead).rename_axis(columns="years")


def wilson_interval(share: float, n: float, level: float = 0.95) -> tuple[float, float]:
    """Wilson score interval of a share.

    Parameters
    ----------
    share : float
        Observed share, fraction.
    n : float
        Independent observations behind it, above zero.
    level : float
        Confidence level.

    Returns
    -------
    tuple of float
        Low and high, fractions.

    Raises
    ------
    ValueError
        If the share is not from 0 to 1, or there is no observation.

    Notes
    -----
    Wilson (1927); it stays within 0 and 1 and suits few observations.

    Examples
    --------
    >>> tuple(round(bound, 4) for bound in wilson_interval(0.5, 10))
    (0.2366, 0.7634)
    """
    if not 0.0 <= share <= 1.0 or n <= 0:
        raise ValueError(f"share {share} of {n} observations: a share from 0 to 1 of at least one is needed.")
    z = float(stats.norm.ppf(0.5 + level / 2.0))
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * (share * (1 - share) / n + z**2 / (4 * n**2)) ** 0.5
    return max(0.0, centre - half), min(1.0, centre + half)


def independent_episodes(months: pd.DatetimeIndex, years: int) -> int:
    """Count how many windows of so many years can start in the given months without overlapping.

    Parameters
    ----------
    months : DatetimeIndex
        Months in which a window may start, sorted.
    years : int
        Length of a window.

    Returns
    -------
    int
        The largest such number.

    Examples
    --------
    >>> independent_episodes(pd.date_range("2000-01-01", periods=25, freq="MS"), years=1)
    3
    """
    count, free_from = 0, pd.Timestamp.min
    for month in months:
        if month >= free_from:  # the earliest start each time leaves the most room for others
            count, free_from = count + 1, month + pd.DateOffset(years=years)
    return count


def outcomes(ahead: pd.Series) -> dict[str, float]:
    """Describe what followed some months: `ahead` holds returns a year in per cent, by month, named by its years.

    Neighbouring windows overlap, so the Wilson interval counts only the episodes that do not.

    >>> months = pd.date_range("2000-01-01", periods=3, freq="MS")
    >>> outcomes(pd.Series([1.0, -1.0, 2.0], index=months, name=10))["episodes"]
    1
    """
    known, years = ahead.dropna(), int(str(ahead.name))
    episodes = independent_episodes(pd.DatetimeIndex(known.index), years)
    positive = float((known > 0).mean())
    low, high = wilson_interval(positive, episodes) if episodes else (np.nan, np.nan)
    return {
        "years": years, "months": len(known), "episodes": episodes, "positive_pct": 100 * positive,
        "positive_low_pct": 100 * low, "positive_high_pct": 100 * high, "median_pct": float(known.median()),
        "worst_pct": float(known.min()), "best_pct": float(known.max()),
    }  # fmt: skip


def by_fifth(signal: pd.Series, forward: pd.DataFrame) -> pd.DataFrame:
    """Describe the returns that followed each fifth of a signal, with the number of episodes that they rest on.

    Parameters
    ----------
    signal : Series
        CAPE or another measure by month.
    forward : DataFrame
        Returns a year that followed, months by horizons in years, fractions; see :func:`forward_returns`.

    Returns
    -------
    DataFrame
        One row a horizon and fifth (1 is the lowest): ``years``, ``fifth``, ``from``, ``to`` (range of the
        signal), ``months`` (overlapping windows), ``episodes`` (windows that do not overlap), ``mean_pct``,
        ``median_pct``, ``worst_pct``, ``best_pct`` a year, ``positive_pct`` and its 95 % Wilson bounds
        ``positive_low_pct``, ``positive_high_pct``.

    Notes
    -----
    Overlapping windows share most of their months and are not separate evidence. The share of positive
    windows is taken over all months, its interval as if only the ``episodes`` had been observed. The fifths
    are drawn with hindsight, over all months with a known outcome: history, not a forecast.

    Examples
    --------
    >>> months = pd.date_range("1900-01-01", periods=600, freq="MS")
    >>> signal = pd.Series(np.arange(600.0), index=months)
    >>> table = by_fifth(signal, pd.DataFrame({1: -signal}))
    >>> table["months"].tolist(), table["episodes"].tolist()
    ([120, 120, 120, 120, 120], [10, 10, 10, 10, 10])
    """
    rows = []
    for years in forward.columns:
        both = pd.DataFrame({"signal": signal, "ahead": forward[years]}).dropna()
        edges = both["signal"].quantile([0.2, 0.4, 0.6, 0.8]).to_numpy()
        place = np.searchsorted(edges, both["signal"].to_numpy(), side="left") + 1
        rows += [_fifth_row(int(years), fifth, both[place == fifth]) for fifth in np.unique(place).tolist()]
    return pd.DataFrame(rows)


def _fifth_row(years: int, fifth: int, part: pd.DataFrame) -> dict[str, float]:
    """Describe the returns that followed the months of one fifth."""
    ahead = 100.0 * part["ahead"]
    episodes = independent_episodes(pd.DatetimeIndex(part.index), years)
    positive = float((ahead > 0).mean())
    low, high = wilson_interval(positive, episodes)
    return {
        "years": years,
        "fifth": fifth,
        "from": float(part["signal"].min()),
        "to": float(part["signal"].max()),
        "months": len(part),
        "episodes": episodes,
        "mean_pct": float(ahead.mean()),
        "median_pct": float(ahead.median()),
        "worst_pct": float(ahead.min()),
        "best_pct": float(ahead.max()),
        "positive_pct": 100.0 * positive,
        "positive_low_pct": 100.0 * low,
        "positive_high_pct": 100.0 * high,
    }


def percentile_of_last(
    series: pd.Series, as_of: str | pd.Timestamp | None = None, since: str | pd.Timestamp | None = None
) -> float:
    """Place of the latest value within its own earlier history.

    Parameters
    ----------
    series : Series
        Measure on dates.
    as_of : str or Timestamp, optional
        Last date looked at, so that later values are not known; the end of the series when left out.
    since : str or Timestamp, optional
        First date of the history; all of it when left out.

    Returns
    -------
    float
        Percent of the earlier values that lie below it (equal ones count half): 100 is a record high.

    Raises
    ------
    ValueError
        If there is no earlier value.

    Examples
    --------
    >>> days = pd.date_range("2025-01-01", periods=5)
    >>> percentile_of_last(pd.Series([1.0, 2.0, 4.0, 5.0, 3.0], index=days))
    50.0
    """
    known = series.loc[since:as_of].dropna().to_numpy(dtype=float)
    if len(known) < 2:
        raise ValueError(f"{series.name}: fewer than two values between {since} and {as_of}: widen the span.")
    earlier, last = known[:-1], known[-1]
    return float(100.0 * ((earlier < last).mean() + 0.5 * (earlier == last).mean()))


def _check(monthly: pd.DataFrame) -> None:
    """Refuse a table that lacks a column or leaves a month out."""
    if missing := [name for name in _COLUMNS if name not in monthly.columns]:
        raise ValueError(f"The monthly table lacks {', '.join(missing)}.")
    months = pd.DatetimeIndex(monthly.index).to_period("M")
    wanted = pd.period_range(months[0], periods=len(months), freq="M")
    if not months.equals(wanted):
        raise ValueError(f"The months must be whole and in order: see {wanted[months != wanted][0]}.")
