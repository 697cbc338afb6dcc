"""Nvidia beside Cisco, and how much of a rise was earnings: price, trailing earnings and multiple in both eras."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers import decomposition, market_data, valuation
from helpers.boom import boom_earnings
from helpers.boom.boom_earnings import Era
from helpers.dotcom.eras import FOCUS, FORMER, TOP_MONTH, Eras


def focus_eras(eras: Eras) -> tuple[Era, Era]:
    """Return Cisco and Nvidia with quoted prices and reported earnings, ready for multiples."""
    years = boom_earnings.yearly_figures()
    quoted = valuation.quoted_prices(eras.ai[[FOCUS]], market_data.load_table("quoted_closes"))
    quarters = {FOCUS: boom_earnings.quarter_table(years, FOCUS, "2020-01-01", "2100-01-01")}
    today = Era("ai", (FOCUS,), (), quoted, boom_earnings.with_stated(quarters, quoted), pd.DataFrame())
    return boom_earnings.dotcom_era((FORMER,)), today


def former_top(eras: Eras) -> pd.Timestamp:
    """Return the day of Cisco's highest close."""
    return pd.Timestamp(eras.dotcom[FORMER].idxmax())


def multiples(era: Era, start: pd.Timestamp) -> pd.DataFrame:
    """Price, trailing earnings per share and their ratio of a one-company era, day by day.

    Parameters
    ----------
    era : Era
        From :func:`focus_eras`.
    start : Timestamp

    Returns
    -------
    DataFrame
        Days by ``years`` since the start (negative before it), ``price`` (quoted, USD), ``earnings`` (last four quarters then
        reported, USD a share; missing where negative) and ``multiple``.
    """
    days = pd.DatetimeIndex(era.prices.index)
    ticker = era.tickers[0]
    earnings = boom_earnings.figures_on(era, days)[ticker]
    earnings = earnings.where(earnings > 0)
    price = era.prices.loc[days, ticker]
    years = (days - start).days / 365.25
    return pd.DataFrame(
        {"years": years, "price": price, "earnings": earnings, "multiple": price / earnings}, index=days
    )


def earnings_known(eras: Eras, focus: tuple[Era, Era]) -> dict[str, pd.Timestamp]:
    """Say to which day the earnings reach that stood on the days compared, and at the end of the data."""
    former, today = focus
    days = {
        "Cisco": (former, former_top(eras)),
        "Nvidia": (today, eras.now),
        "Nvidia, later": (today, eras.last),
    }
    return {
        f"{day.day} {day:%B %Y} ({name.partition(',')[0]})": boom_earnings.sources_on(era, day)["period_end"].iloc[0]
        for name, (era, day) in days.items()
    }


def growth_split(
    eras: Eras, former: pd.DataFrame, today: pd.DataFrame, until: pd.Timestamp | None = None
) -> pd.DataFrame:
    """Split the rise of index and leader in both eras into earnings and multiple, in doublings.

    Parameters
    ----------
    eras : Eras
    former, today : DataFrame
        Cisco and Nvidia, from :func:`multiples`.
    until : Timestamp, optional
        End of the AI rows; the day compared when left out.

    Returns
    -------
    DataFrame
        One row a rise: ``earnings`` and ``multiple`` in doublings (logarithms to base two, which add up),
        ``begin``, ``end``, ``price_pct``, ``multiple_begin``, ``multiple_end`` and ``earnings_part_pct``. A
        company begins where its trailing earnings are first known.
    """
    now = until or eras.now
    monthly = market_data.load_table("shiller_monthly").dropna(subset=["price", "earnings"])
    index = pd.DataFrame({"price": monthly["price"], "earnings": monthly["earnings"]})
    spans = {
        "S&P 500, dot-com": (index, eras.dotcom_start.to_period("M").to_timestamp(), TOP_MONTH),
        "S&P 500, AI": (index, eras.ai_start.to_period("M").to_timestamp(), now),
        "Cisco": (former.dropna(), eras.dotcom_start, former_top(eras)),
        "Nvidia": (today.dropna(), eras.ai_start, now),
    }
    rows = {}
    for name, (table, start, end) in spans.items():
        span = table.loc[start:end]
        if len(span) < 2:
            continue
        ends = {"begin": span.iloc[0], "end": span.iloc[-1]}
        rows[name] = {
            f"{what}_{which}": row[column]
            for which, row in ends.items()
            for what, column in (("price", "price"), ("eps", "earnings"))
        }
        rows[name] |= {"begin": span.index[0], "end": span.index[-1]}
    table = pd.DataFrame.from_dict(rows, orient="index")
    split = decomposition.decompose_growth(table)
    return pd.DataFrame(
        {
            "earnings": split["log_eps"] / np.log(2.0),
            "multiple": split["log_multiple"] / np.log(2.0),
            "begin": table["begin"],
            "end": table["end"],
            "price_pct": 100.0 * (table["price_end"] / table["price_begin"] - 1.0),
            "multiple_begin": split["multiple_begin"],
            "multiple_end": split["multiple_end"],
            "earnings_part_pct": split["eps_part_pct"],
        }
    )
