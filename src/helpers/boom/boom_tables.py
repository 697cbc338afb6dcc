"""The tables of 01_valuation_growth, as its page shows and keeps them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers import words
from helpers.boom.boom import growth_by_company, growth_by_group, price_against_total
from helpers.boom.boom_earnings import READINGS, dotcom_era, sources_on
from helpers.boom.boom_split import (
    TOGETHER,
    dotcom_windows,
    drivers,
    earners,
    earnings_share,
    shares_by_reading,
    split,
)
from helpers.boom.boom_study import Study
from helpers.boom.boom_value import effective_numbers, milestone_table

__all__ = [
    "capex_table",
    "company_table",
    "drivers_table",
    "effective_numbers",
    "growth_tables",
    "milestones",
    "price_against_total",
    "readings_table",
]


def readings_table(study: Study) -> tuple[pd.DataFrame, pd.Series]:
    """Share of earnings in the rise by reading of earnings, for the leaders, the focus and the dot-com leaders.

    Returns
    -------
    tuple of DataFrame and Series
        Per cent, one row a group or span, one column a reading; and which rows rest on low confidence.
    """
    span, name = study.boom, study.boom.name(study.boom.focus)
    days = span.prices.index
    ends = dict.fromkeys([span.end, pd.Timestamp(days[days <= span.end + pd.Timedelta(days=66)][-1])])
    groups = {earners(span, study.now): (study.now, TOGETHER)}
    if span.focus in study.focus.tickers:
        groups[name] = (study.focus, span.focus)
    rows = {
        f"{who}, to {end.day} {end:%b %Y}": shares_by_reading(era, span.start, end, row)
        for who, (era, row) in groups.items()
        for end in ends
    }
    table = pd.DataFrame(rows).T.rename(columns=READINGS)
    dotcom = study.readings[list(READINGS.values())].rename(index="dot-com, {}".format)
    every = study.curve.agg(["min", "max"]).rename(columns=READINGS)
    every.index = [f"dot-com, same length, the {word} of {len(study.curve)} starts" for word in ("lowest", "highest")]
    unsure = dotcom_era(sure=False)
    windows = dotcom_windows(span, unsure)
    label = f"dot-com, same length from {windows.whole[0]:%b %Y}, with an estimate for Oracle"
    early = shares_by_reading(unsure, *windows.same_distance).rename(READINGS).to_frame(label).T
    table = pd.concat([table, dotcom, every, early]).rename_axis("share of earnings in the rise, %")
    return table, pd.Series(table.index == label, index=table.index)


def company_table(study: Study) -> pd.DataFrame:
    """Price, earnings and multiple of every leader at both ends, for the page.

    Returns
    -------
    DataFrame
        By company: twelve months counted at both ends (≈ where a straight line between fiscal years stands in),
        earnings per share, multiples, and growth in per cent.
    """
    boom = study.boom
    table = split(study.now, boom.start, boom.end).drop(TOGETHER)
    ends = {"begin": sources_on(study.now, boom.start), "end": sources_on(study.now, boom.end)}
    dated = {
        end: [
            f"{'' if row.stated else '≈ '}{row.period_end:%b %Y}" if not pd.isna(row.period_end) else words.MISSING
            for row in facts.itertuples()
        ]
        for end, facts in ends.items()
    }
    shown = pd.DataFrame(
        {
            "earnings to": [f"{a} → {b}" for a, b in zip(dated["begin"], dated["end"], strict=True)],
            "EPS at start, USD": table["eps_begin"],
            "EPS at end, USD": table["eps_end"],
            "multiple at start": table["multiple_begin"],
            "multiple at end": table["multiple_end"],
            "price growth, %": 100 * np.expm1(table["log_price"].astype(float)),
            "earnings growth, %": 100 * np.expm1(table["log_eps"].astype(float)),
            "share of earnings, %": [earnings_share(table, str(ticker)) for ticker in table.index],
        }
    )
    shown.index = pd.Index([boom.name(str(ticker)) for ticker in table.index], name="company")
    return shown


def growth_tables(study: Study) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Growth of indexes and groups, and of every company.

    Returns
    -------
    tuple of DataFrame
        See :func:`helpers.boom.boom.growth_by_group` and :func:`helpers.boom.boom.growth_by_company`.
    """
    return growth_by_group(study.boom), growth_by_company(study.boom)


def milestones(study: Study) -> pd.DataFrame:
    """First close of the company in focus above each whole trillion.

    Returns
    -------
    DataFrame
        See :func:`helpers.boom.boom_value.milestone_table`; empty when it has no market value.
    """
    if study.boom.focus not in study.boom.values:
        return pd.DataFrame()
    return milestone_table(study.boom, study.boom.focus)


def drivers_table(study: Study) -> pd.DataFrame:
    """Split of every leader's rise into revenue, margin, multiple and shares, by name.

    Returns
    -------
    DataFrame
        See :func:`helpers.boom.boom_split.drivers`.
    """
    table = drivers(study.now, study.boom.start, study.boom.end)
    table.index = pd.Index([study.boom.name(str(ticker)) for ticker in table.index], name="company")
    return table


def capex_table(study: Study) -> pd.DataFrame:
    """Capital expenditure of the builders by year, with readable names.

    Returns
    -------
    DataFrame
        See :func:`helpers.boom.boom_macro.spending_by_year`.
    """
    names = {"usd_bn": "USD billion", "filed": "all filed", "revenue_pct": "of revenue, %"}
    names |= {"profit_pct": "of net income, %", "gdp_pct": "of GDP, %"}
    return study.yearly.rename(columns=names)
