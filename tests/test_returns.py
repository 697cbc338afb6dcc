"""What returns, growth, drawdowns and aligned eras must give, on known series and on the bundled prices."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import growth, returns

RAW = Path(__file__).parents[1] / "data" / "raw"
SETTINGS = settings(max_examples=60, deadline=None, derandomize=True)
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


def test_a_series_that_doubles_each_year_grows_by_exactly_two():
    prices = pd.Series([1.0, 2.0, 4.0, 8.0], index=pd.to_datetime([f"{y}-12-30" for y in range(2021, 2025)]))
    assert 1 + returns.cagr(prices, "2021-12-30", "2024-12-30") == 2.0
    assert 1 + returns.total_growth(prices, "2021-12-30", "2024-12-30") == 8.0
    assert returns.volatility(prices, periods_per_year=1) == 0.0


def test_volatility_of_alternating_moves_is_their_size_times_the_root_of_the_year():
    moves = np.tile([0.01, -0.01], 500)
    prices = daily(np.exp(np.concatenate([[0.0], np.cumsum(moves)])))
    expected = 0.01 * np.sqrt(1000 / 999) * np.sqrt(252)
    assert returns.volatility(prices) == pytest.approx(expected, rel=1e-12)


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


def test_a_missing_price_is_never_filled():
    gap = daily([1.0, np.nan, 4.0, 8.0])
    assert returns.log_returns(gap).isna().tolist() == [True, True, True, False]


def test_a_price_of_zero_has_no_logarithm_and_says_so():
    with pytest.raises(ValueError, match="zero or negative"):
        returns.log_returns(daily([1.0, 0.0]))


def test_a_day_without_a_close_means_the_close_before_it():
    prices = daily([10.0, 11.0, 12.0, 13.0, 14.0])  # Monday to Friday
    assert returns.last_close(prices, "2023-01-08") == (pd.Timestamp("2023-01-06"), 14.0)
    with pytest.raises(ValueError, match="begins on 2023-01-02"):
        returns.last_close(prices, "2022-12-30")
    with pytest.raises(ValueError, match="last price"):
        returns.last_close(prices, "2023-03-01")


def test_a_yearly_rate_needs_two_closes():
    with pytest.raises(ValueError, match="same close"):
        returns.cagr(daily([1.0, 2.0]), "2023-01-03", "2023-01-04")


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


def test_what_has_not_come_back_is_said_to_have_not():
    table = growth.drawdown_table(pd.DataFrame({"A": daily([10, 5, 9]), "B": daily([10, 5, 10])}))
    assert table["recovery"].tolist() == [returns.NOT_YET, "2023-01-04"]
    assert np.isnan(table.loc["A", "days_back"])


def test_a_drawdown_of_nothing_is_refused():
    with pytest.raises(ValueError, match="no prices"):
        returns.max_drawdown(pd.Series([np.nan], index=pd.bdate_range("2023-01-02", periods=1), name="A"))


@SETTINGS
@given(price_lists)
def test_log_returns_add_up_to_the_log_of_total_growth(values):
    prices = daily(values)
    total = returns.total_growth(prices, prices.index[0], prices.index[-1])
    assert returns.log_returns(prices).sum() == pytest.approx(np.log1p(total), rel=1e-9, abs=1e-9)


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


def test_a_later_listing_has_blanks_and_says_when_it_came():
    prices = pd.DataFrame({"old": daily(np.linspace(1, 2, 400)), "new": daily(np.linspace(1, 2, 400))})
    prices.loc[:"2023-06-30", "new"] = np.nan
    table = growth.growth_table(prices, "2023-01-02", "2024-03-29")
    assert table.loc["new", ["total_pct", "cagr_pct", "volatility_pct", "max_drawdown_pct"]].isna().all()
    assert "begins on 2023-07-03" in table.loc["new", "note"]
    assert table.loc["old", "note"] == ""


def test_less_than_a_year_has_no_yearly_rate():
    row = growth.growth_table(pd.DataFrame({"A": daily([1.0, 2.0])}), "2023-01-02", "2023-01-03").loc["A"]
    assert row["total_pct"] == 100.0
    assert np.isnan(row["cagr_pct"])
    assert "less than a year" in row["note"]


def test_rebased_series_meet_on_the_base_date():
    prices = pd.DataFrame({"A": daily([4, 5, 6]), "B": daily([20, 10, 5]), "C": daily([np.nan, np.nan, 1])})
    index = growth.rebase(prices, "2023-01-03", to=1.0)
    assert index.loc["2023-01-03", ["A", "B"]].tolist() == [1.0, 1.0]
    assert index["C"].isna().all()
    with pytest.raises(ValueError, match="No series"):
        growth.rebase(prices, "2022-01-03")


def test_eras_meet_at_one_hundred_on_their_anchors():
    old, new = daily([1, 2, 4, 2], "1999-01-04"), daily([50, 100, 300], "2022-12-28")
    aligned = growth.align_eras(old, new, ("1999-01-05", "2022-12-29"))
    assert aligned.loc[0].tolist() == [100.0, 100.0]
    assert aligned.index.tolist() == [-1, 0, 1, 2]
    assert aligned["dotcom"].tolist() == [50.0, 100.0, 200.0, 100.0]
    assert np.isnan(aligned.loc[2, "ai"])
    at_peak = growth.align_eras(old, new, "peak", labels=("then", "now"))
    assert at_peak["then"].max() == at_peak["now"].max() == 100.0


def test_months_are_counted_from_the_anchor_month():
    prices = daily(np.arange(1.0, 301.0), "2022-11-15")
    aligned = growth.align_eras(prices, prices, ("2022-12-30", "2023-12-29"), step="months", labels=("a", "b"))
    assert aligned.loc[0].tolist() == [100.0, 100.0]
    assert aligned.loc[-1, "a"] == pytest.approx(100 * prices["2022-11"].iloc[-1] / prices["2022-12"].iloc[-1])
    assert aligned.index.is_monotonic_increasing


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"labels": ("a", "a")}, "labelled"),
        ({"step": "weeks"}, "Unknown step"),
        ({"anchors": "trough"}, "'peak'"),
        ({"anchors": ("1990-01-01", "peak")}, "begins on"),
    ],
)
def test_eras_that_cannot_be_laid_side_by_side_are_refused(options, word):
    with pytest.raises(ValueError, match=word):
        growth.align_eras(daily([1, 2]), daily([1, 2]), **options)


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


def test_ge_vernova_has_no_growth_from_2022_since_it_was_listed_in_2024(ai_prices):
    row = growth.growth_table(ai_prices[["GEV", "NVDA"]], "2022-12-30", "2025-01-24").loc["GEV"]
    assert np.isnan(row["total_pct"])
    assert "begins on 2024-03-27" in row["note"]


def test_both_nasdaq_eras_stand_at_one_hundred_at_their_highest_close(dotcom_prices, ai_prices):
    aligned = growth.align_eras(dotcom_prices["^IXIC"], ai_prices["^IXIC"])
    assert aligned.loc[0].tolist() == [100.0, 100.0]
    assert aligned.max().tolist() == [100.0, 100.0]
