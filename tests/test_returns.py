"""What returns, growth, drawdowns and aligned eras must give, on known series and on the bundled prices."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import returns

RAW = Path(__file__).parents[1] / "data" / "raw"
SETTINGS = settings(max_examples=60)
price_lists = st.lists(st.floats(min_value=0.01, max_value=1e5), min_size=2, max_size=60)


def daily(values, start="2023-01-02", name="A"):
    return pd.Series(np.asarray(values, dtype=float), index=pd.bdate_range(start, periods=len(values)), name=name)


@pytest.fixture(scope="module")
def ai_prices():
    return pd.read_csv(RAW / "prices_daily_2022_2026.csv", parse_dates=["date"], index_col="date")


@pytest.fixture(scope="module")
def dotcom_prices():
    return pd.read_csv(RAW / "prices_daily_1995_2003.csv", parse_dates=["date"], index_col="date")


# Series with known answers


@pytest.mark.parametrize(
    ("start", "end", "years"),
    [
        ("2022-12-30", "2024-12-30", 2.0),
        ("2020-02-29", "2021-02-28", 1.0),
        ("2023-01-01", "2023-07-02", 182 / 365),
        ("2023-12-31", "2024-07-01", 183 / 366),
        ("2025-01-24", "2025-01-24", 0.0),
    ],
)
def test_years_are_whole_anniversaries_and_the_part_of_the_year_after(start, end, years):
    assert returns.years_between(start, end) == years


def test_an_end_before_the_start_is_refused():
    with pytest.raises(ValueError, match="swap"):
        returns.years_between("2025-01-02", "2025-01-01")


def test_a_day_without_a_close_means_the_close_before_it():
    prices = daily([10.0, 11.0, 12.0, 13.0, 14.0])  # Monday to Friday
    assert returns.last_close(prices, "2023-01-08") == (pd.Timestamp("2023-01-06"), 14.0)
    with pytest.raises(ValueError, match="begins on 2023-01-02"):
        returns.last_close(prices, "2022-12-30")
    with pytest.raises(ValueError, match="last price"):
        returns.last_close(prices, "2023-03-01")


# Drawdowns


def test_a_fall_by_half_and_back_has_its_dates():
    fall = returns.max_drawdown(daily([8, 10, 7, 5, 6, 10, 11]))
    assert (fall.depth, fall.days_down, fall.days_back) == (-0.5, 2, 2)
    assert (fall.peak.day, fall.trough.day, fall.recovery.day) == (3, 5, 9)


def test_of_equal_highs_the_latest_is_the_peak():
    assert returns.max_drawdown(daily([10, 9, 10, 5])).days_down == 1


def test_a_series_that_never_fell_has_no_drawdown():
    fall = returns.max_drawdown(daily([1, 2, 3]))
    assert (fall.depth, fall.days_down, fall.days_back) == (0.0, 0, 0)


def test_a_drawdown_of_nothing_is_refused():
    with pytest.raises(ValueError, match="no prices"):
        returns.max_drawdown(pd.Series([np.nan], index=pd.bdate_range("2023-01-02", periods=1), name="A"))


@SETTINGS
@given(price_lists)
def test_the_deepest_fall_is_the_worst_of_all_pairs(values):
    worst = min(late / early - 1 for i, early in enumerate(values) for late in values[i:])
    fall = returns.max_drawdown(daily(values))
    assert fall.depth == pytest.approx(worst, abs=1e-12)
    path = daily(values)
    assert fall.depth == (path / path.cummax() - 1).min()
    assert fall.peak <= fall.trough


@SETTINGS
@given(price_lists, st.floats(min_value=1e-3, max_value=1e3))
def test_growth_and_falls_do_not_depend_on_the_unit(values, scale):
    one, other = returns.max_drawdown(daily(values)), returns.max_drawdown(daily(values) * scale)
    assert one.depth == pytest.approx(other.depth, abs=1e-12)


# Tables and eras


# The bundled prices


def test_nvidia_fell_17_percent_on_27_january_2025(ai_prices):
    move = returns.total_growth(ai_prices["NVDA"], "2025-01-24", "2025-01-27")
    assert 100 * move == pytest.approx(-17.0, abs=0.05)


def test_nasdaq_rose_by_91_percent_to_the_eve_and_93_to_the_highest_close(ai_prices):
    nasdaq = ai_prices["^IXIC"]
    assert returns.last_close(nasdaq, "2022-12-31") == (pd.Timestamp("2022-12-30"), 10466.48)
    assert nasdaq["2024-12-16"] == 20173.89 == nasdaq[:"2025-01-24"].max()
    assert 100 * returns.total_growth(nasdaq, "2022-12-31", "2025-01-24") == pytest.approx(90.6, abs=0.05)
    assert 100 * returns.total_growth(nasdaq, "2022-12-31", "2024-12-16") == pytest.approx(92.7, abs=0.05)


def test_nasdaq_lost_78_percent_after_10_march_2000_and_had_not_come_back_by_2003(dotcom_prices):
    fall = returns.max_drawdown(dotcom_prices["^IXIC"])
    assert (fall.peak, fall.trough) == (pd.Timestamp("2000-03-10"), pd.Timestamp("2002-10-09"))
    assert dotcom_prices.loc[[fall.peak, fall.trough], "^IXIC"].tolist() == [5048.62, 1114.11]
    assert 100 * fall.depth == pytest.approx(-77.9, abs=0.05)
    assert fall.recovery is None
