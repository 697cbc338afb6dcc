"""How much of a price rise was growth and how much was price: exact decompositions in logarithms."""

from __future__ import annotations

import numpy as np
import pandas as pd


def decompose_growth(companies: pd.DataFrame) -> pd.DataFrame:
    r"""Split each log price growth into log growth of earnings per share and of the multiple.

    Parameters
    ----------
    companies : DataFrame
        One row a company: ``price_begin``, ``price_end`` (quoted, on one split basis, USD), ``eps_begin``,
        ``eps_end`` (on the same basis, USD).

    Returns
    -------
    DataFrame
        ``log_price`` = ``log_eps`` + ``log_multiple``; ``multiple_begin``, ``multiple_end`` (price over
        earnings); ``eps_part_pct``, the part of the log growth that earnings made (beyond 0 to 100 when the
        two pull apart; missing when the price did not move); ``note``. Where earnings are zero or negative
        no multiple exists: the row keeps ``log_price``, the rest is missing, and the note says so.

    Raises
    ------
    ValueError
        If a column is missing, or a price is missing or not above zero.

    Notes
    -----
    :math:`\ln(P_1/P_0) = \ln(E_1/E_0) + \ln(M_1/M_0)` with :math:`M = P/E`, exact by construction.

    Examples
    --------
    >>> one = {"price_begin": [10.0], "price_end": [40.0], "eps_begin": [1.0], "eps_end": [2.0]}
    >>> decompose_growth(pd.DataFrame(one))["eps_part_pct"].round(6).tolist()
    [50.0]
    """
    _check_columns(companies, ("price", "eps"))
    sound = (companies[["eps_begin", "eps_end"]] > 0).all(axis=1)
    eps = companies[["eps_begin", "eps_end"]].where(sound)
    multiple_begin = companies["price_begin"] / eps["eps_begin"]
    multiple_end = companies["price_end"] / eps["eps_end"]
    log_price = (companies["price_end"] / companies["price_begin"]).transform(np.log)
    log_eps = (eps["eps_end"] / eps["eps_begin"]).transform(np.log)
    return pd.DataFrame(
        {
            "log_price": log_price,
            "log_eps": log_eps,
            "log_multiple": (multiple_end / multiple_begin).transform(np.log),
            "multiple_begin": multiple_begin,
            "multiple_end": multiple_end,
            "eps_part_pct": 100.0 * log_eps / log_price.where(log_price != 0),
            "note": _notes(companies, "eps", "earnings per share"),
        }
    )


def decompose_value(companies: pd.DataFrame) -> pd.DataFrame:
    r"""Split each log price growth into revenue, profit margin, multiple and share count.

    Parameters
    ----------
    companies : DataFrame
        One row a company; with ``_begin`` and ``_end``: ``price`` (quoted, USD), ``shares_mn`` (same split
        basis), ``revenue_usd_mn`` and ``net_income_usd_mn`` (twelve months).

    Returns
    -------
    DataFrame
        ``log_price`` = ``log_revenue`` + ``log_margin`` + ``log_multiple`` + ``log_shares``, the last being
        above zero when shares were bought back; and ``note``. With a loss at either end there is neither
        margin nor multiple to split: the row keeps ``log_price`` and says so.

    Raises
    ------
    ValueError
        If a column is missing, or a price, share count or revenue is missing or not above zero.

    Notes
    -----
    :math:`P = R \cdot (I/R) \cdot (PN/I) \cdot 1/N`: revenue, margin, multiple of profit, shares.

    Examples
    --------
    >>> one = {"price_begin": [10.0], "price_end": [40.0], "shares_mn_begin": [5.0], "shares_mn_end": [5.0]}
    >>> one |= {"revenue_usd_mn_begin": [10.0], "revenue_usd_mn_end": [20.0]}
    >>> one |= {"net_income_usd_mn_begin": [1.0], "net_income_usd_mn_end": [4.0]}
    >>> parts = decompose_value(pd.DataFrame(one))
    >>> (parts[["log_price", "log_revenue", "log_margin"]] / np.log(2)).round(6).iloc[0].tolist()
    [2.0, 1.0, 1.0]
    """
    _check_columns(companies, ("price", "shares_mn", "revenue_usd_mn"), ("net_income_usd_mn",))
    profit = companies[["net_income_usd_mn_begin", "net_income_usd_mn_end"]]
    profit = profit.where((profit > 0).all(axis=1))
    ends: dict[str, pd.DataFrame] = {}
    for end in ("begin", "end"):
        income, revenue = profit[f"net_income_usd_mn_{end}"], companies[f"revenue_usd_mn_{end}"]
        price, shares = companies[f"price_{end}"], companies[f"shares_mn_{end}"]
        factors = {"price": price, "revenue": revenue.where(income.notna()), "margin": income / revenue}
        factors |= {"multiple": price * shares / income, "shares": (1.0 / shares).where(income.notna())}
        ends[end] = pd.DataFrame(factors)
    growth = (ends["end"] / ends["begin"]).transform(np.log).add_prefix("log_")
    return growth.assign(note=_notes(companies, "net_income_usd_mn", "net income"))


def _check_columns(companies: pd.DataFrame, positive: tuple[str, ...], any_sign: tuple[str, ...] = ()) -> None:
    """Refuse a table that lacks a column, or a value that must be above zero."""
    names = [f"{name}_{end}" for name in positive for end in ("begin", "end")]
    others = [f"{name}_{end}" for name in any_sign for end in ("begin", "end")]
    missing = [name for name in names + others if name not in companies.columns]
    if missing:
        raise ValueError(f"Missing columns: {', '.join(missing)}.")
    for name in names:
        if name.startswith("eps"):
            continue
        bad = companies.index[~(companies[name] > 0)]
        if len(bad):
            raise ValueError(f"{name} is missing or not above zero for {', '.join(map(str, bad))}: correct or drop it.")


def _notes(companies: pd.DataFrame, column: str, words: str) -> pd.Series:
    """Say for each row at which end the earnings are missing or not above zero."""
    notes = pd.Series("", index=companies.index)
    for end, when in (("begin", "at the start"), ("end", "at the end")):
        value = companies[f"{column}_{end}"]
        notes = notes.mask(value <= 0, notes + f"{words} not above zero {when}; ")
        notes = notes.mask(value.isna(), notes + f"{words} missing {when}; ")
    return notes.where(notes == "", notes + "no multiple exists")
