"""The market's valuation, the builders' capital expenditure and margin debt around the boom."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers import cape, market_data, valuation
from helpers.boom.boom_value import CARRY_QUARTERS, gdp

BUILDERS = ("AMZN", "GOOGL", "META", "MSFT", "ORCL")
CASH = "cash purchases of property and equipment"
TELECOM = "US broadband and telecom providers"
TELECOM_BOOM = "1996-2001 average per year"
DOTCOM_PEAK_MONTH = pd.Timestamp("2000-03-01")
HORIZONS = (1, 3, 5, 10)


@dataclass(frozen=True)
class Valuation:
    """Valuation of the S&P 500 in one month.

    Attributes
    ----------
    month : Timestamp
        First day of the month.
    cape, percentile : float
        Ratio; per cent of the months before it, since 1881, that were lower.
    excess_yield, excess_percentile : float
        Excess CAPE yield, per cent, and the per cent of earlier months that were lower.
    yield_gap : float
        Trailing earnings yield less the ten-year bond yield, points; missing while earnings are not known.
    fifth : int
        Fifth of all months with a known ten-year outcome that the ratio falls in, 5 the dearest.
    """

    month: pd.Timestamp
    cape: float
    percentile: float
    excess_yield: float
    excess_percentile: float
    yield_gap: float
    fifth: int


def market_months() -> pd.DataFrame:
    """Return the monthly table with CAPE, excess CAPE yield and simple yield gap.

    Returns
    -------
    DataFrame
        Months by ``cape``, ``excess_yield_pct``, ``yield_gap_pct``, from 1881 on.
    """
    monthly = market_data.load_table("shiller_monthly")
    table = pd.DataFrame(
        {
            "cape": cape.cape(monthly),
            "excess_yield_pct": cape.excess_cape_yield(monthly),
            "yield_gap_pct": cape.simple_yield_gap(monthly),
        }
    )
    return table.loc[table["cape"].first_valid_index() :]


def market_valuation(months: pd.DataFrame, day: pd.Timestamp, after: pd.DataFrame) -> Valuation:
    """Valuation in the month of a day, or in the last month before it that is known.

    Parameters
    ----------
    months : DataFrame
        From :func:`market_months`.
    day : Timestamp
    after : DataFrame
        From :func:`after_valuations`, for the borders of the fifths.
    """
    known = months.loc[:day].dropna(subset=["cape"])
    month = pd.Timestamp(known.index[-1])
    last = known.iloc[-1]
    longest = after[after["years"] == max(HORIZONS)]
    fifth = int(longest.loc[longest["from"] <= last["cape"], "fifth"].max())
    return Valuation(
        month=month,
        cape=float(last["cape"]),
        percentile=cape.percentile_of_last(months["cape"], month),
        excess_yield=float(last["excess_yield_pct"]),
        excess_percentile=cape.percentile_of_last(months["excess_yield_pct"], month),
        yield_gap=float(last["yield_gap_pct"]),
        fifth=fifth,
    )


def after_valuations() -> pd.DataFrame:
    """Real total returns of the S&P 500 after each fifth of the CAPE, over 1, 3, 5 and 10 years.

    Returns
    -------
    DataFrame
        From :func:`helpers.cape.by_fifth`.
    """
    monthly = market_data.load_table("shiller_monthly")
    return cape.by_fifth(cape.cape(monthly), cape.forward_returns(monthly, HORIZONS))


def capital_spending() -> pd.DataFrame:
    """Capital expenditure of the five builders by year, from filings, and from plans where nothing is filed.

    Returns
    -------
    DataFrame
        Long: ``year``, ``ticker``, ``usd_bn``, ``filed`` (False: the company's plan), ``confidence``. Years
        are fiscal for Microsoft (to June) and Oracle (to May), calendar for the others; cash purchases of
        property and equipment, gross, without finance leases.

    Examples
    --------
    >>> table = capital_spending()
    >>> round(float(table[table["year"] == 2024]["usd_bn"].sum()), 3)
    224.133
    """
    table = market_data.load_table("ai_capex")
    table = table[table["entity"].isin(BUILDERS)]
    table = table.assign(year=table["period"].str.extract(r"(\d{4})", expand=False).astype(int))
    filed = table[(table["status"] == "actual") & table["definition"].str.startswith(CASH)]
    filed = filed[~filed["definition"].str.contains("net of")].assign(filed=True)
    plans = table[(table["status"] == "guidance") & (table["definition"] == "total capex")].assign(filed=False)
    plans = plans[plans["year"] > filed["year"].groupby(filed["entity"]).max()[plans["entity"]].to_numpy()]
    both = pd.concat([filed, plans]).rename(columns={"entity": "ticker", "capex_usd_bn": "usd_bn"})
    kept = ["year", "ticker", "usd_bn", "filed", "confidence"]
    return both[kept].sort_values(["year", "ticker"], ignore_index=True)


def spending_by_year(spending: pd.DataFrame) -> pd.DataFrame:
    """Capital expenditure of the builders together, over their revenue and profit and over GDP.

    Parameters
    ----------
    spending : DataFrame
        From :func:`capital_spending`.

    Returns
    -------
    DataFrame
        By year, for years in which all five have a figure: ``usd_bn``, ``filed`` (all five), ``revenue_pct``,
        ``profit_pct`` of net income, ``gdp_pct`` (missing where a denominator is).
    """
    figures = market_data.load_table("fundamentals")
    figures = figures[(figures["record_type"] == "annual") & figures["ticker"].isin(BUILDERS)]
    years = figures["fiscal_year"].str.extract(r"(\d{4})", expand=False).astype(int)
    sums = figures.groupby(years)[["revenue_usd_mn", "net_income_usd_mn"]].sum()
    complete = figures.groupby(years)["ticker"].nunique() == len(BUILDERS)
    sums = sums[complete] / 1000.0
    table = spending.groupby("year").agg(
        usd_bn=("usd_bn", "sum"), filed=("filed", "all"), companies=("ticker", "nunique")
    )
    table = table[table["companies"] == len(BUILDERS)].drop(columns="companies")
    output = yearly_gdp().reindex(table.index)
    return table.assign(
        revenue_pct=100 * table["usd_bn"] / sums["revenue_usd_mn"].reindex(table.index),
        profit_pct=100 * table["usd_bn"] / sums["net_income_usd_mn"].reindex(table.index),
        gdp_pct=100 * table["usd_bn"] / output,
    )


def yearly_gdp() -> pd.Series:
    """Return the mean GDP of each year with four known quarters, USD billion.

    Examples
    --------
    >>> round(float(yearly_gdp()[2024]))
    29298
    """
    quarters = gdp()
    year = pd.DatetimeIndex(quarters.index).year
    means = quarters.groupby(year).mean()
    return means[quarters.groupby(year).count() == 4]


def telecom_spending() -> pd.DataFrame:
    """Capital expenditure of American telecom and cable companies around 2000, with its share of GDP.

    Returns
    -------
    DataFrame
        ``label``, ``first``, ``last`` (years), ``usd_bn``, ``gdp_pct``, ``confidence``.
    """
    table = market_data.load_table("ai_capex")
    table = table[table["entity"] == TELECOM]
    years = table["period"].str.extractall(r"(\d{4})")[0].astype(int).groupby(level=0)
    table = table.assign(first=years.min(), last=years.max())
    output = yearly_gdp()
    means = [output.loc[row.first : row.last].mean() for row in table.itertuples()]
    table = table.assign(gdp_pct=100 * table["capex_usd_bn"] / np.array(means))
    names = {"period": "label", "capex_usd_bn": "usd_bn"}
    kept = ["label", "first", "last", "usd_bn", "gdp_pct", "confidence"]
    return table.rename(columns=names)[kept].sort_values(["first", "last"], ignore_index=True)


def margin_debt() -> pd.DataFrame:
    """Debt in margin accounts by month, over GDP and over the S&P 500's level.

    Returns
    -------
    DataFrame
        Months by ``usd_bn``, ``gdp_pct`` and ``per_index_point`` (USD million per point of the S&P 500's
        monthly mean): debt grows with the market that secures it.
    """
    debt = market_data.load_table("margin_debt_monthly")["margin_debt_usd_mn"] / 1000.0
    price = market_data.load_table("shiller_monthly")["price"].reindex(debt.index)
    share = valuation.share_of_gdp(debt, gdp(), carry_quarters=CARRY_QUARTERS)
    return pd.DataFrame({"usd_bn": debt, "gdp_pct": share, "per_index_point": 1000.0 * debt / price})
