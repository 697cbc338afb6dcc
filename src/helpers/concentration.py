"""How concentrated an index is, and what each company added to its return.

Weights, returns and contributions are fractions of one (6.8 % is 0.068); percentages are refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

SHARE_CLASSES: Mapping[str, str] = {"GOOG": "GOOGL", "FOX": "FOXA", "NWS": "NWSA"}
REST = "rest of index"
_ROUNDING = 5e-4  # printed weights may add up to a little more than one


@dataclass(frozen=True)
class TailBound:
    """What companies outside a list of the largest can add to the Herfindahl index.

    Attributes
    ----------
    tail : float
        Weight outside the list, fraction.
    herfindahl_low, herfindahl_high : float
        Herfindahl index with the least and the most that the tail can add.
    """

    tail: float
    herfindahl_low: float
    herfindahl_high: float


def join_share_classes(weights: pd.Series, classes: Mapping[str, str] = SHARE_CLASSES) -> pd.Series:
    """Add up the share classes of one company, so that companies are counted and not lines.

    Parameters
    ----------
    weights : Series
        Weights by ticker.
    classes : mapping of str to str
        Ticker of the further class to the ticker that stands for the company.

    Returns
    -------
    Series
        Weights by company, largest first; their sum is unchanged.

    Examples
    --------
    >>> join_share_classes(pd.Series({"GOOGL": 0.02, "GOOG": 0.01, "NVDA": 0.06})).round(4).to_dict()
    {'NVDA': 0.06, 'GOOGL': 0.03}
    """
    company = weights.index.map(lambda ticker: classes.get(ticker, ticker))
    return weights.groupby(company).sum().sort_values(ascending=False, kind="stable")


def top_share(weights: pd.Series, k: int) -> float:
    """Weight of the k largest.

    Parameters
    ----------
    weights : Series
        Weights, fractions; need not be the whole index, as long as the k largest are among them.
    k : int
        How many.

    Returns
    -------
    float
        Fraction of the index.

    Raises
    ------
    ValueError
        If fewer than k weights are given.

    Examples
    --------
    >>> top_share(pd.Series([0.5, 0.25, 0.25]), 2)
    0.75
    """
    known = _fractions(weights)
    if not 1 <= k <= len(known):
        raise ValueError(f"The {k} largest were asked for; choose from 1 to {len(known)}, the weights given.")
    return float(np.sort(known)[-k:].sum())


def herfindahl(weights: pd.Series) -> float:
    """Herfindahl index: sum of squared weights.

    Parameters
    ----------
    weights : Series
        Weights, fractions. They are not scaled up: a part of an index gives what that part adds.

    Returns
    -------
    float
        From 1/n for n equal weights to 1 for one company alone (the 0 to 10,000 scale is this times 10,000).

    Examples
    --------
    >>> herfindahl(pd.Series([0.25] * 4))
    0.25
    """
    return float((_fractions(weights) ** 2).sum())


def unlisted_tail_bound(weights: pd.Series, index_size: int | None = None) -> TailBound:
    r"""Bound the Herfindahl index when only the largest weights are known.

    Parameters
    ----------
    weights : Series
        The largest weights, fractions; no company outside is larger than the smallest of them.
    index_size : int, optional
        Companies in the whole index; without it the tail is taken to add nothing at the least.

    Returns
    -------
    TailBound
        Least and most.

    Raises
    ------
    ValueError
        If index_size is too small.

    Notes
    -----
    With tail weight *T* and smallest listed weight *m*, squares being convex, most is added when as many
    companies as possible weigh *m*: :math:`\lfloor T/m \rfloor m^2 + (T - \lfloor T/m \rfloor m)^2`, and
    least when the *n* companies outside are equal: :math:`T^2/n`.

    Examples
    --------
    >>> bound = unlisted_tail_bound(pd.Series([0.5, 0.25]))
    >>> bound.herfindahl_low, bound.herfindahl_high
    (0.3125, 0.375)
    """
    known = _fractions(weights)
    listed, smallest = float((known**2).sum()), float(known.min())
    tail = max(0.0, 1.0 - float(known.sum()))
    if smallest <= 0:
        raise ValueError("A listed weight is zero: leave that company out, for it belongs to the tail.")
    full = np.floor(tail / smallest + 1e-12)
    most = full * smallest**2 + max(0.0, tail - full * smallest) ** 2
    outside = 0 if index_size is None else index_size - len(known)
    if index_size is not None and tail > outside * smallest + _ROUNDING:
        raise ValueError(f"{outside} companies of up to {smallest:.4f} cannot weigh {tail:.4f}.")
    least = tail**2 / outside if outside > 0 else 0.0
    low, high = listed + least, listed + most
    return TailBound(tail, low, float(high))


def contribution(weights_begin: pd.Series, returns: pd.Series) -> pd.Series:
    """Part of an index return that each company made: weight at the start times return.

    Parameters
    ----------
    weights_begin : Series
        Weights at the start of the period, fractions, by company.
    returns : Series
        Returns over the period, fractions, by company.

    Returns
    -------
    Series
        Contributions by company; with the weights of the whole index they add up to its return.

    Raises
    ------
    ValueError
        If a weighted company has no return.

    Examples
    --------
    >>> contribution(pd.Series({"A": 0.5, "B": 0.5}), pd.Series({"A": 0.5, "B": -0.25})).to_dict()
    {'A': 0.25, 'B': -0.125}
    """
    _fractions(weights_begin)
    missing = [name for name in weights_begin.index if name not in returns.index or pd.isna(returns[name])]
    if missing:
        raise ValueError(f"No return for {', '.join(map(str, missing))}: add it or leave the weight out.")
    return weights_begin * returns.reindex(weights_begin.index)


def drifted_weights(weights_begin: pd.Series, prices: pd.DataFrame, index_prices: pd.Series) -> pd.DataFrame:
    """Weights on later days if nobody traded: each grows with its return over that of the index.

    Parameters
    ----------
    weights_begin : Series
        Weights on the first day of the prices, fractions, by company.
    prices : DataFrame
        Prices by company, from the first day on.
    index_prices : Series
        The index on the same days, measured as the prices are (with or without dividends).

    Returns
    -------
    DataFrame
        Weights, days by companies.

    Notes
    -----
    :math:`w_{i,t} = w_{i,0} (P_{i,t}/P_{i,0}) / (I_t/I_0)`, without changes of members or share counts.

    Examples
    --------
    >>> prices = pd.DataFrame({"A": [1.0, 3.0]})
    >>> drifted_weights(pd.Series({"A": 0.5}), prices, pd.Series([10.0, 20.0]))["A"].tolist()
    [0.5, 0.75]
    """
    _fractions(weights_begin)
    growth = prices[list(weights_begin.index)] / prices[list(weights_begin.index)].iloc[0]
    return growth.mul(weights_begin, axis=1).div(index_prices / index_prices.iloc[0], axis=0)


def with_rest(contributions: pd.DataFrame, index_returns: pd.Series, rest: str = REST) -> pd.DataFrame:
    """Add what the companies not listed made, so that each row adds up to the index return.

    Parameters
    ----------
    contributions : DataFrame
        Periods by companies, fractions.
    index_returns : Series
        Index return of the same periods.
    rest : str
        Name of the added column.

    Returns
    -------
    DataFrame
        Contributions with one more column.

    Examples
    --------
    >>> with_rest(pd.DataFrame({"A": [0.25]}), pd.Series([1.0]))["rest of index"].tolist()
    [0.75]
    """
    return contributions.assign(**{rest: index_returns - contributions.sum(axis=1)})


def carino_link(contributions: pd.DataFrame) -> pd.Series:
    r"""Link contributions of several periods so that they add up to the compounded return exactly.

    Parameters
    ----------
    contributions : DataFrame
        Periods by companies, fractions, each row adding up to that period's index return.

    Returns
    -------
    Series
        Linked contributions by company; their sum is the compounded index return.

    Raises
    ------
    ValueError
        If a value is missing, or a period lost everything.

    Notes
    -----
    Carino (1999), Combining Attribution Effects Over Time: with :math:`k_t = \ln(1+R_t)/R_t` and *k* the
    same for the whole span, a contribution of period *t* counts :math:`k_t/k` times.

    Examples
    --------
    >>> linked = carino_link(pd.DataFrame({"A": [0.1, 0.0], "B": [0.0, 0.1]}))
    >>> linked.round(6).to_dict()
    {'A': 0.105, 'B': 0.105}
    """
    if bool(contributions.isna().to_numpy().any()):
        raise ValueError("A contribution is missing: linking needs every company in every period.")
    period = contributions.sum(axis=1).to_numpy(dtype=float)
    if (period <= -1.0).any():
        raise ValueError("A period lost everything, so nothing can be linked across it.")
    total = np.expm1(np.log1p(period).sum())
    factors = _smoothing(period) / _smoothing(np.array([total]))
    return contributions.mul(factors, axis=0).sum(axis=0)


def _smoothing(returns: np.ndarray) -> np.ndarray:
    """Carino's coefficient ln(1+R)/R, which tends to one as R tends to zero."""
    small = np.abs(returns) < 1e-12
    safe = np.where(small, 1.0, returns)
    return np.where(small, 1.0, np.log1p(safe) / safe)


def _fractions(weights: pd.Series) -> np.ndarray:
    """Give the known weights as an array, refusing percentages and negative weights."""
    known = weights.dropna().to_numpy(dtype=float)
    if len(known) == 0 or (known < 0).any() or known.sum() <= 0:
        raise ValueError("Weights must be zero or more, with at least one above zero.")
    if known.sum() > 1.0 + _ROUNDING:
        raise ValueError(f"The weights add up to {known.sum():.4f}: give fractions, percent divided by 100.")
    return known
