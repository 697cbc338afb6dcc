"""Market values, index weights and contributions to the index during the boom."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers import concentration, market_data, valuation
from helpers.boom.boom import TOTAL_RETURN, Boom
from helpers.market import EXACT_DAY, weights_on
from helpers.returns import total_growth

TOP = (1, 7, 10)
CARRY_QUARTERS = 3  # a market value after the last GDP figure stands over that figure
INDEX_SIZE = 500
NEAR = pd.Timedelta(days=183)


@dataclass(frozen=True)
class Contributions:
    """What each company added to the S&P 500's return with dividends.

    Attributes
    ----------
    periods : DataFrame
        Periods (as text) by company, fractions; each row adds up to the index return of the period.
    linked : Series
        Over all periods, by company: adds up to the compounded index return exactly.
    total : float
        Compounded index return, fraction.
    missing : tuple of str
        Companies whose weight is not known, which stay in the rest.
    """

    periods: pd.DataFrame
    linked: pd.Series
    total: float
    missing: tuple[str, ...]


def ranks(boom: Boom) -> pd.Series:
    """Rank of the company in focus by market value on every day, among the companies in the data.

    Returns
    -------
    Series
        1 is the largest; empty when the company has no market value.
    """
    if boom.focus not in boom.values.columns:
        return pd.Series(dtype=float)
    return valuation.rank_by_day(boom.values)[boom.focus].dropna()


def milestone_table(boom: Boom, ticker: str) -> pd.DataFrame:
    """Days on which a company first closed above each whole trillion, with its rank that day.

    Parameters
    ----------
    boom : Boom
    ticker : str
        Company with a market value.

    Returns
    -------
    DataFrame
        One row a trillion: ``first close``, ``value, USD bn``, ``rank``, and the years since the boom's start.
    """
    reached = valuation.milestones(boom.values[[ticker]])
    rank = valuation.rank_by_day(boom.values)[ticker]
    table = pd.DataFrame(
        {
            "first close": reached["first_day"],
            "value, USD bn": reached["value_usd_bn"],
            "rank that day": [int(rank[day]) for day in reached["first_day"]],
            "years since the start": [(day - boom.start).days / 365.25 for day in reached["first_day"]],
            "note": reached["note"],
        }
    ).set_index(pd.Index((reached["level_usd_bn"] / 1000).astype(int), name="USD trillion"))
    return table if reached["note"].any() else table.drop(columns="note")


def gdp() -> pd.Series:
    """Return gross domestic product by quarter, USD billion at a yearly rate."""
    return market_data.load_table("macro_quarterly")["gdp_usd_bn"].dropna()


def leaders_value(boom: Boom) -> pd.DataFrame:
    """Market value of the leaders together, in dollars and over GDP.

    Returns
    -------
    DataFrame
        Days by ``value_usd_bn`` and ``gdp_pct``.

    Raises
    ------
    ValueError
        If no leader has a market value.
    """
    if not boom.valued():
        raise ValueError("None of the leaders has share counts and quoted closes: choose other leaders.")
    together = boom.values[boom.valued()].sum(axis=1, min_count=len(boom.valued())).dropna()
    share = valuation.share_of_gdp(together, gdp(), carry_quarters=CARRY_QUARTERS)
    return pd.DataFrame({"value_usd_bn": together, "gdp_pct": share})


def concentration_history(boom: Boom, snapshots: pd.DataFrame) -> pd.DataFrame:
    """Share of the one, seven and ten largest companies since 1980, on the days on which it is known.

    Parameters
    ----------
    boom : Boom
    snapshots : DataFrame
        From :func:`weight_snapshots`.

    Returns
    -------
    DataFrame
        Long: ``date``, ``k`` (1, 7 or 10), ``share_pct``, ``confidence``, ``origin``. Published shares stand
        only where no fund weights are known within half a year.
    """
    rows = [
        (day, k, 100 * concentration.top_share(snapshots.loc[day].dropna(), k), "high", "fund weights")
        for day in snapshots.index
        for k in TOP
    ]
    if boom.end not in snapshots.index:
        weights = weights_on(boom.prices, boom.end, snapshots)
        rows += [(boom.end, k, 100 * concentration.top_share(weights, k), "medium", "drifted weights") for k in TOP]
    published = market_data.load_table("sp500_concentration")
    rows += _published_lists(published)
    total = published[published["measure"] == "top10_share"]
    rows += [(row.date, 10, row.value_pct, row.confidence, "published share") for row in total.itertuples()]
    return _sparse(pd.DataFrame(rows, columns=["date", "k", "share_pct", "confidence", "origin"]))


def _published_lists(published: pd.DataFrame) -> list[tuple[pd.Timestamp, int, float, str, str]]:
    """Shares of the largest from printed lists of ten, as sure as the least sure company on the list."""
    rows: list[tuple[pd.Timestamp, int, float, str, str]] = []
    lists = published[published["measure"] == "top10_list_weight"]
    for day, listed in lists[lists["date"] < "2009-01-01"].groupby("date"):
        weights = (listed["value_pct"] / 100.0).reset_index(drop=True)
        grade = min(listed["confidence"], key=valuation.CONFIDENCE.index)
        for k in TOP[:2]:
            share = 100 * concentration.top_share(weights, k)
            rows.append((pd.Timestamp(str(day)), k, share, grade, "published list"))
    return rows


def _sparse(table: pd.DataFrame) -> pd.DataFrame:
    """Leave published figures out where fund weights, which count companies alike, are near."""
    own = table["origin"].isin(["fund weights", "drifted weights"])
    kept = []
    for row in table[~own].itertuples():
        near = (table.loc[own & (table["k"] == row.k), "date"] - row.date).abs() <= NEAR
        kept += [] if near.any() else [int(row.Index)]
    return pd.concat([table[own], table.loc[kept]]).sort_values(["k", "date"], ignore_index=True)


def effective_numbers(snapshots: pd.DataFrame) -> pd.DataFrame:
    """Effective number of companies in the S&P 500, between what the unlisted ones can add at least and most.

    Parameters
    ----------
    snapshots : DataFrame
        From :func:`weight_snapshots`.

    Returns
    -------
    DataFrame
        Days by ``low``, ``high`` (equal where all members are known), ``herfindahl_low``,
        ``herfindahl_high`` and ``tail_pct``, the weight of the companies not listed.
    """
    rows = {day: effective_number_row(snapshots.loc[day].dropna()) for day in snapshots.index}
    return pd.DataFrame.from_dict(rows, orient="index")


def effective_number_row(weights: pd.Series) -> dict[str, float]:
    """Bounds of the effective number for one day's weights.

    Parameters
    ----------
    weights : Series
        Fractions by company; the whole index, or its largest.

    Returns
    -------
    dict
        ``low``, ``high``, ``herfindahl_low``, ``herfindahl_high``, ``tail_pct``.

    Examples
    --------
    >>> row = effective_number_row(pd.Series([0.5, 0.5]))
    >>> row["low"], row["high"], row["tail_pct"]
    (2.0, 2.0, 0.0)
    """
    if len(weights) >= INDEX_SIZE or weights.sum() > 0.999:  # what is missing is cash, not companies
        full = concentration.herfindahl(weights / weights.sum())
        bound = concentration.TailBound(0.0, full, full)
    else:
        bound = concentration.unlisted_tail_bound(weights, INDEX_SIZE)
    return {
        "low": 1.0 / bound.herfindahl_high,
        "high": 1.0 / bound.herfindahl_low,
        "herfindahl_low": bound.herfindahl_low,
        "herfindahl_high": bound.herfindahl_high,
        "tail_pct": 100.0 * bound.tail,
    }


def contributions(
    boom: Boom,
    start: pd.Timestamp,
    end: pd.Timestamp,
    tickers: Sequence[str],
    snapshots: pd.DataFrame,
    yearly: bool = True,
) -> Contributions:
    """Measure what companies added to the S&P 500's return with dividends, by calendar year and over the span.

    Parameters
    ----------
    boom : Boom
    start, end : Timestamp
        Trading days.
    tickers : sequence of str
        Companies.
    snapshots : DataFrame
        From :func:`weight_snapshots`; weights stand at the start of each period.
    yearly : bool
        Cut the span at year-ends with known weights; False holds the first weights throughout.

    Notes
    -----
    Weight at the start times return, linked by Carino (1999). The index return is the fund SPY's, 0.09 % a
    year below the index. Weights are those of an index fund, by shares in free float.
    """
    cuts = [day for day in snapshots.index if start < day < end and day != EXACT_DAY] if yearly else []
    edges = [start, *cuts, end]
    first = {begin: weights_on(boom.prices, begin, snapshots) for begin in edges[:-1]}
    inside = [
        ticker
        for ticker in tickers
        if all(ticker in weights for weights in first.values()) and ticker in boom.prices.columns
    ]
    rows, index_returns = {}, {}
    for begin, finish in itertools.pairwise(edges):
        label = _period_label(begin, finish)
        moves = pd.Series({ticker: total_growth(boom.prices[ticker], begin, finish) for ticker in inside})
        rows[label] = concentration.contribution(first[begin][inside], moves) if inside else moves
        index_returns[label] = total_growth(boom.prices[TOTAL_RETURN], begin, finish)
    returns = pd.Series(index_returns)
    periods = concentration.with_rest(pd.DataFrame(rows).T.reindex(columns=inside), returns)
    linked = concentration.carino_link(periods)
    total = float(np.expm1(np.log1p(returns).sum()))
    return Contributions(periods, linked, total, tuple(ticker for ticker in tickers if ticker not in inside))


def _period_label(begin: pd.Timestamp, finish: pd.Timestamp) -> str:
    """Name a period by its year when it fills one, else by its months."""
    year = finish.year
    if begin.year == year - 1 and (begin.month, finish.month) == (12, 12):
        return str(year)
    after = begin + pd.Timedelta(days=1)
    if after.year == year or (begin.month == 12 and begin.day >= 28):
        return f"to {finish.day} {finish:%b %Y}"
    return f"{begin:%b %Y} to {finish:%b %Y}"
