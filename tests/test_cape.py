"""CAPE against what Shiller published, excess yield, and what followed high and low valuations."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import settings

from helpers import cape

HERE = Path(__file__).parent
RAW = HERE.parent / "data" / "raw"
SETTINGS = settings(max_examples=60)


@pytest.fixture(scope="module")
def monthly():
    return pd.read_csv(RAW / "shiller_monthly.csv", parse_dates=["date"], index_col="date")


def table(months, **columns):
    flat = {"price": 20.0, "dividend": 0.5, "earnings": 1.0, "cpi": 100.0, "long_rate_pct": 4.0}
    return pd.DataFrame(flat | columns, index=pd.date_range("2000-01-01", periods=months, freq="MS"))


# CAPE


def test_flat_earnings_give_the_plain_multiple_and_ten_years_pass_first():
    ratio = cape.cape(table(122))
    assert ratio.isna().sum() == 120
    assert ratio.iloc[120:].tolist() == pytest.approx([20.0, 20.0])


def test_the_months_own_earnings_do_not_count():
    jump = table(121)
    jump.loc[jump.index[-1], "earnings"] = 1000.0
    assert cape.cape(jump).iloc[-1] == pytest.approx(20.0)


def test_inflation_alone_does_not_change_the_ratio_of_real_figures():
    rising = 100.0 * 1.002 ** np.arange(140)
    nominal = table(140, cpi=rising, price=20 * rising / 100, earnings=rising / 100)
    assert cape.cape(nominal).dropna().to_numpy() == pytest.approx(np.full(20, 20.0))


def test_cape_equals_the_published_one_within_rounding_in_every_quarter_since_1995(monthly):
    published = pd.read_csv(RAW / "sp500_earnings.csv", parse_dates=["date"], index_col="date")["cape"]
    gap = cape.cape(monthly).reindex(published.index) - published
    assert len(gap) == 125
    assert gap.abs().max() < 0.006  # half a unit of its last digit, and the rounding of the inputs


def test_cape_equals_the_published_one_twice_a_year_since_1881(monthly):
    published = pd.read_csv(HERE / "data" / "shiller_cape_published.csv", comment="#", index_col="year")
    days = pd.to_datetime([f"{year}-{month}-01" for year in published.index for month in ("01", "07")])
    long = pd.Series(published[["january", "july"]].to_numpy().ravel(), index=days)
    gap = (cape.cape(monthly).reindex(long.index) / long - 1).abs()
    assert len(gap) == 266
    assert gap[:"1945"].max() < 0.0025  # early earnings have two digits in the bundled table
    assert gap["1946":].max() < 0.0001


def test_the_known_peaks_are_where_they_were(monthly):
    ratio = cape.cape(monthly)
    assert ratio.idxmax() == pd.Timestamp("1999-12-01")
    assert ratio.max() == pytest.approx(44.2, abs=0.05)
    assert ratio["1929-09-01"] == pytest.approx(32.56, abs=0.01)
    assert ratio["2025-01-01"] == pytest.approx(37.13, abs=0.01)


def test_missing_columns_and_months_left_out_are_refused():
    with pytest.raises(ValueError, match="lacks cpi"):
        cape.cape(table(121).drop(columns="cpi"))
    with pytest.raises(ValueError, match="2000-06"):
        cape.cape(table(121).drop(pd.Timestamp("2000-06-01")))


# Yields


def test_the_excess_yield_takes_off_the_real_yield_by_past_inflation():
    inflation = 1.02 ** (np.arange(121) / 12)
    steady = table(121, cpi=100 * inflation, price=20 * inflation, earnings=inflation)
    assert cape.excess_cape_yield(steady).iloc[-1] == pytest.approx(5.0 - (4.0 - 2.0))


def test_the_excess_yield_has_the_published_extremes_and_median(monthly):
    # high, low and median since 1881 as a data vendor (GuruFocus) prints them, to November 2024
    excess = cape.excess_cape_yield(monthly)[:"2024-11"]
    assert excess.max() == pytest.approx(23.53, abs=0.01)
    assert excess.min() == pytest.approx(-2.58, abs=0.01)
    assert excess.median() == pytest.approx(3.35, abs=0.01)


def test_stocks_paid_less_than_bonds_in_march_2000_and_a_little_more_in_january_2025(monthly):
    excess = cape.excess_cape_yield(monthly)
    assert excess["2000-03-01"] < -1.0
    assert 1.0 < excess["2025-01-01"] < 1.5


# What followed


def test_dividends_alone_make_the_return_of_a_flat_market():
    index = cape.real_total_return_index(table(25, dividend=2.4))
    assert index.iloc[24] == pytest.approx(1.01**24)
    assert cape.forward_returns(table(25, dividend=2.4), years=[1, 2]).iloc[0].tolist() == pytest.approx(
        [1.01**12 - 1] * 2
    )


def test_prices_that_only_keep_pace_with_inflation_earn_nothing():
    rising = 1.003 ** np.arange(37)
    ahead = cape.forward_returns(table(37, price=20 * rising, cpi=100 * rising, dividend=0.0), years=[1, 3])
    assert ahead.iloc[0].tolist() == pytest.approx([0.0, 0.0], abs=1e-12)
    assert ahead[3].notna().sum() == 1


def test_what_has_not_passed_is_not_known(monthly):
    ahead = cape.forward_returns(monthly)
    index = cape.real_total_return_index(monthly)
    last = index.last_valid_index()
    assert ahead[10].last_valid_index() == last - pd.DateOffset(years=10)
    assert index[last:].iloc[1:].isna().all()
    with pytest.raises(ValueError, match="whole years"):
        cape.forward_returns(monthly, years=[0])


def test_stocks_returned_almost_7_percent_a_year_after_inflation_since_1871(monthly):
    index = cape.real_total_return_index(monthly)[:"2024-12-01"]
    years = (len(index) - 1) / 12
    assert 100 * (index.iloc[-1] ** (1 / years) - 1) == pytest.approx(7.0, abs=0.3)


def test_the_interval_of_a_share_is_wilsons():
    # Newcombe (1998), Statistics in Medicine 17, table I: 1 of 29
    yearly = pd.Series([1.0] + [-1.0] * 28, pd.date_range("1990-01-01", periods=29, freq="YS"), name=1)
    found = cape.outcomes(yearly)
    assert found["episodes"] == 29
    assert [found["positive_low_pct"], found["positive_high_pct"]] == pytest.approx([0.61, 17.18], abs=5e-3)


def test_windows_that_overlap_are_one_episode():
    months = pd.date_range("1990-01-01", periods=240, freq="MS")
    assert cape.independent_episodes(months, 10) == 2
    assert cape.independent_episodes(months[:120], 10) == 1
    assert cape.independent_episodes(months[[0, 60, 120, 180]], 5) == 4
    assert cape.independent_episodes(months[:0], 5) == 0
