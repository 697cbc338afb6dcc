"""The split of a rise into earnings and multiple: company by company, together, along the way, by choice."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers import decomposition, words
from helpers.boom.boom import COMPOSITE, Boom, month_ends, other_ends, other_starts
from helpers.boom.boom_earnings import READINGS, Era, as_filed, figures_on, prices_on, sources_on
from helpers.valuation import CONFIDENCE

TOGETHER = "together"
LOG2 = float(np.log(2.0))
SMALL_MOVE = 0.05  # log growth under 5 % has no meaningful shares


@dataclass(frozen=True)
class Windows:
    """Spans of the dot-com years that are set beside the boom, each of the boom's length where it fits.

    Attributes
    ----------
    same_distance : tuple of Timestamp
        From the first month-end with sure earnings of all leaders, as long as the boom.
    to_the_peak : tuple of Timestamp
        As long as the boom, ending at the NASDAQ's highest close.
    whole : tuple of Timestamp
        From that month-end to the highest close.
    """

    same_distance: tuple[pd.Timestamp, pd.Timestamp]
    to_the_peak: tuple[pd.Timestamp, pd.Timestamp]
    whole: tuple[pd.Timestamp, pd.Timestamp]


def dotcom_windows(boom: Boom, era: Era) -> Windows:
    """Find the dot-com spans to set beside the boom.

    Parameters
    ----------
    boom : Boom
    era : Era
        From :func:`helpers.boom.boom_earnings.dotcom_era`.
    """
    composite = era.prices[COMPOSITE].dropna()
    days = month_ends(era.prices, pd.Timestamp(era.prices.index[0]), pd.Timestamp(era.prices.index[-1]))
    known = pd.concat([figures_on(era, days, reading) for reading in READINGS], axis=1).notna().all(axis=1)
    start, peak = pd.Timestamp(days[known][0]), pd.Timestamp(composite.idxmax())
    length = boom.end - boom.start
    later = _on_or_before(era.prices.index, min(start + length, days[-1]))
    before = _on_or_before(era.prices.index, max(peak - length, start))
    return Windows((start, later), (before, peak), (start, peak))


def _on_or_before(days: pd.Index, day: pd.Timestamp) -> pd.Timestamp:
    return pd.Timestamp(days[days <= day][-1])


def earners(boom: Boom, era: Era) -> str:
    """Say who the leaders are that have earnings in the data.

    Parameters
    ----------
    boom : Boom
    era : Era
        From :func:`helpers.boom.boom_earnings.ai_era`.

    Returns
    -------
    str
        "the seven leaders" when all have, else how many do.
    """
    if not era.left_out or not era.tickers:
        return boom.leaders_words()
    if len(era.tickers) == 1:
        return f"{boom.name(era.tickers[0])} (no other leader has known earnings)"
    return f"the {words.plural(len(era.tickers), 'leader')} with known earnings"


def split(era: Era, begin: pd.Timestamp, end: pd.Timestamp, reading: str = "trailing") -> pd.DataFrame:
    """Split every leader's rise into earnings per share and multiple, and that of all together.

    Parameters
    ----------
    era : Era
    begin, end : Timestamp
        First and last day.
    reading : str
        See :func:`helpers.boom.boom_earnings.figures_on`.

    Returns
    -------
    DataFrame
        By ticker, and ``together`` in the last row: the columns of
        :func:`helpers.decomposition.decompose_growth`, ``eps_begin``, ``eps_end``, ``begin_period``,
        ``end_period``, ``stated`` and ``confidence``.

    Notes
    -----
    Together: the shares outstanding at the start, held; losses count against the profits of the others, so
    the split stays exact. Companies without figures at either end are left out of the sum.
    """
    days = pd.DatetimeIndex([begin, end])
    prices, eps = prices_on(era, days), figures_on(era, days, reading)
    table = pd.DataFrame(
        {
            "price_begin": prices.iloc[0],
            "price_end": prices.iloc[1],
            "eps_begin": eps.iloc[0],
            "eps_end": eps.iloc[1],
        }
    )
    table.loc[TOGETHER] = _portfolio(table, shares_held(era, begin))
    first, second = (sources_on(era, day, reading) for day in days)
    found = decomposition.decompose_growth(table)
    pairs = zip(first["confidence"], second["confidence"], strict=True)
    weaker = [min(pair, key=CONFIDENCE.index) for pair in pairs]
    facts = pd.DataFrame(
        {
            "begin_period": first["period_end"],
            "end_period": second["period_end"],
            "stated": first["stated"] & second["stated"],
            "confidence": weaker,
        }
    )
    return found.join(table[["eps_begin", "eps_end"]]).join(facts)


def shares_held(era: Era, day: pd.Timestamp) -> pd.Series:
    """Shares outstanding of each leader on a day, or the first count known after it.

    Returns
    -------
    Series
        Millions by ticker.
    """
    until = era.shares.loc[:day]
    held = until.ffill().iloc[-1] if len(until) else era.shares.iloc[0]
    return held.fillna(era.shares.bfill().iloc[0]).reindex(list(era.tickers))


def _portfolio(table: pd.DataFrame, shares: pd.Series) -> pd.Series:
    """Add up prices and earnings of the shares held, over the companies that have both."""
    whole = table.dropna().index
    sums = table.loc[whole].mul(shares[whole], axis=0).sum()
    return sums if len(whole) else pd.Series({"price_begin": 1.0, "price_end": 1.0}).reindex(table.columns)


def earnings_share(table: pd.DataFrame, row: str = TOGETHER) -> float:
    """Share of the log price growth that earnings made, in per cent.

    Parameters
    ----------
    table : DataFrame
        From :func:`split`.
    row : str
        Ticker, or "together".

    Returns
    -------
    float
        Missing where the price hardly moved, there is no multiple, or the company is not in the table.

    Examples
    --------
    >>> rows = pd.DataFrame({"log_price": [1.0, 0.01], "eps_part_pct": [40.0, 900.0]}, index=["A", "B"])
    >>> earnings_share(rows, "A"), earnings_share(rows, "B")
    (40.0, nan)
    """
    if row not in table.index or abs(table.loc[row, "log_price"]) < SMALL_MOVE:
        return float("nan")
    return float(table.loc[row, "eps_part_pct"])


def shares_by_reading(era: Era, begin: pd.Timestamp, end: pd.Timestamp, row: str = TOGETHER) -> pd.Series:
    """Share that earnings made of a rise under every reading of earnings.

    Parameters
    ----------
    era, begin, end
        See :func:`split`.
    row : str
        Ticker, or "together".

    Returns
    -------
    Series
        Per cent by reading.
    """
    return pd.Series(
        {reading: earnings_share(split(era, begin, end, reading), row) for reading in READINGS}, dtype=float
    )


def paths(
    era: Era, begin: pd.Timestamp, end: pd.Timestamp, *also: pd.Timestamp, reading: str = "trailing"
) -> pd.DataFrame:
    """Price and earnings of the leaders together since a start, month by month.

    Parameters
    ----------
    era : Era
    begin, end : Timestamp
        First and last day.
    *also : Timestamp
        Days wanted beside the month-ends.
    reading : str
        See :func:`helpers.boom.boom_earnings.figures_on`.

    Returns
    -------
    DataFrame
        Index: years since the start; ``price``, ``earnings`` in doublings and ``multiple`` (price over
        earnings) of the shares held from the start. Companies with figures at the start stay in the sum.
    """
    days = month_ends(era.prices, begin, end).union(pd.DatetimeIndex([begin, *also, end])).unique()
    prices, eps = prices_on(era, days), figures_on(era, days, reading)
    kept = [ticker for ticker in era.tickers if not np.isnan(eps.loc[begin, ticker])]
    held = shares_held(era, begin)[kept]
    price = prices[kept].mul(held).sum(axis=1, min_count=len(kept))
    earned = eps[kept].mul(held).sum(axis=1, min_count=len(kept))
    earned = earned.where(earned > 0)
    table = pd.DataFrame(
        {
            "price": np.log2(price / price.loc[begin]),
            "earnings": np.log2(earned / earned.loc[begin]),
            "multiple": price / earned,
        }
    )
    table.index = pd.Index((days - begin).days / 365.25, name="years since the start")
    return table


def share_curves(boom: Boom, era: Era, row: str = TOGETHER) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Share that earnings made of the rise, from every other start and to every other end.

    Parameters
    ----------
    boom : Boom
    era : Era
        From :func:`helpers.boom.boom_earnings.ai_era`.
    row : str
        Ticker, or "together".

    Returns
    -------
    tuple of DataFrame
        Starts and ends by reading, per cent.
    """
    starts, ends = other_starts(boom), other_ends(boom)
    days = starts.union(ends).union(pd.DatetimeIndex([boom.start, boom.end]))
    prices = prices_on(era, days)
    held = {
        day: shares_held(era, day) if row == TOGETHER else pd.Series(1.0, index=[row])
        for day in starts.union(pd.DatetimeIndex([boom.start]))
    }
    first, second = pd.DataFrame(index=starts), pd.DataFrame(index=ends)
    for reading in READINGS:
        eps = figures_on(era, days, reading)
        first[reading] = [_quick_share(held[day], prices, eps, day, boom.end) for day in starts]
        second[reading] = [_quick_share(held[boom.start], prices, eps, boom.start, day) for day in ends]
    return first, second


def _quick_share(
    held: pd.Series, prices: pd.DataFrame, eps: pd.DataFrame, begin: pd.Timestamp, end: pd.Timestamp
) -> float:
    """Share of earnings without the sources, for curves of many spans."""
    kept = [t for t in held.index if t in eps.columns and eps.loc[[begin, end], t].notna().all()]
    if not kept:
        return float("nan")
    worth, earned = (table.loc[[begin, end], kept].to_numpy() @ held[kept].to_numpy() for table in (prices, eps))
    rise = float(np.log(worth[1] / worth[0]))
    if (earned <= 0).any() or abs(rise) < SMALL_MOVE:
        return float("nan")
    return float(100.0 * np.log(earned[1] / earned[0]) / rise)


def drivers(era: Era, begin: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame:
    """Split every leader's rise into revenue, profit margin, multiple and share count, in doublings.

    Parameters
    ----------
    era : Era
    begin, end : Timestamp
        First and last day.

    Returns
    -------
    DataFrame
        By ticker: ``price`` = ``revenue`` + ``margin`` + ``multiple`` + ``fewer shares``, from the last four
        quarters then reported; ``note`` where a loss leaves nothing to
        split.
    """
    days = pd.DatetimeIndex([begin, end])
    parts = {"price": prices_on(era, days)}
    parts["shares_mn"] = pd.DataFrame([shares_held(era, day) for day in days], index=days)
    for field in ("revenue_usd_mn", "net_income_usd_mn"):
        parts[field] = figures_on(era, days, "trailing", field)
    columns = {
        f"{field}_{place}": values.iloc[row]
        for field, values in parts.items()
        for row, place in enumerate(("begin", "end"))
    }
    wide = pd.DataFrame(columns).dropna()
    if wide.empty:
        return pd.DataFrame(columns=["price", "revenue", "margin", "multiple", "fewer shares"])
    logs = decomposition.decompose_value(wide)
    names = {"log_price": "price", "log_revenue": "revenue", "log_margin": "margin"}
    names |= {"log_multiple": "multiple", "log_shares": "fewer shares"}
    table = (logs[list(names)] / LOG2).rename(columns=names)
    return table.assign(note=logs["note"]) if logs["note"].any() else table


def peak_earnings_share(era: Era, begin: pd.Timestamp, end: pd.Timestamp) -> float:
    """Share of the rise that earnings made when each company counts from its better year around the start.

    Returns
    -------
    float
        Per cent, all companies together; missing where a figure is.

    Notes
    -----
    A rise that starts in a bad year flatters the growth of earnings; the better of the fiscal years before
    and after the start takes that away.
    """
    better = {}
    for ticker in era.tickers:
        years = era.quarters[ticker].loc[era.quarters[ticker]["year_end"].astype(bool), "diluted_eps"]
        after = int(years.index.searchsorted(begin))
        better[ticker] = float(years.iloc[max(after - 1, 0) : after + 1].max())
    days = pd.DatetimeIndex([begin, end])
    eps = figures_on(era, days)
    eps.loc[begin] = pd.Series(better)
    return _quick_share(shares_held(era, begin), prices_on(era, days), eps, begin, end)


def dotcom_readings(windows: Windows, era: Era) -> pd.DataFrame:
    """Share that earnings made of the dot-com leaders' rise, by span and by what is counted.

    Parameters
    ----------
    windows : Windows
    era : Era
        With one-off gains taken out.

    Returns
    -------
    DataFrame
        Spans by reading, per cent; further columns: with profits as filed, and without Oracle.
    """
    filed = as_filed(era)
    others = dataclasses.replace(era, tickers=tuple(t for t in era.tickers if t != "ORCL"))
    spans = {
        "same distance from the start": windows.same_distance,
        "same length, to the peak": windows.to_the_peak,
        "start to peak": windows.whole,
    }
    rows = {}
    for label, (begin, end) in spans.items():
        row = shares_by_reading(era, begin, end).rename(READINGS)
        row["profits as filed"] = earnings_share(split(filed, begin, end))
        row["without Oracle"] = earnings_share(split(others, begin, end))
        rows[f"{label} ({begin:%b %Y} to {end:%b %Y})"] = row
    return pd.DataFrame(rows).T.rename_axis("span")


def dotcom_curve(windows: Windows, era: Era) -> pd.DataFrame:
    """Share that earnings made of the dot-com leaders' rise in every span as long as the boom up to the peak.

    Returns
    -------
    DataFrame
        First days (month-ends) by reading, per cent. No month is the right start of that boom either.
    """
    length = windows.to_the_peak[1] - windows.to_the_peak[0]
    starts = month_ends(era.prices, windows.whole[0], windows.to_the_peak[0])
    starts = starts.union(pd.DatetimeIndex([windows.to_the_peak[0]]))
    ends = [_on_or_before(era.prices.index, start + length) for start in starts]
    days = starts.union(pd.DatetimeIndex(ends)).unique()
    prices = prices_on(era, days)
    table = pd.DataFrame(index=starts)
    for reading in READINGS:
        eps = figures_on(era, days, reading)
        table[reading] = [
            _quick_share(shares_held(era, begin), prices, eps, begin, end)
            for begin, end in zip(starts, ends, strict=True)
        ]
    return table
