"""What market values, concentration, contributions and decompositions must give.

Sums that must be exact are held to 1e-12; facts of the bundled data to the digits in which they are printed.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import market, valuation

RAW = Path(__file__).parents[1] / "data" / "raw"
SETTINGS = settings(max_examples=60)
SEVEN = ["NVDA", "AAPL", "MSFT", "GOOGL", "AMZN", "META", "TSLA"]
EXACT = 1e-12


def read(name, **options):
    return pd.read_csv(RAW / name, **options)


@pytest.fixture(scope="module")
def prices():
    return read("prices_daily_2022_2026.csv", parse_dates=["date"], index_col="date")


@pytest.fixture(scope="module")
def values(prices):
    counts = valuation.daily_shares(read("shares_outstanding.csv"), prices.index)
    return (valuation.quoted_prices(prices, read("quoted_closes.csv")) * counts / 1000).dropna(how="all", axis=1)


@pytest.fixture(scope="module")
def top_weights():
    table = read("sp500_top_weights.csv", parse_dates=["date"])
    return table.pivot_table(index="date", columns="ticker", values="weight_pct") / 100


@pytest.fixture(scope="module")
def members():
    table = read("sp500_members_2025_01.csv").set_index("ticker")
    table["weight"] = table["weight_2025_01_24_pct"] / table["weight_2025_01_24_pct"].sum()
    table["move"] = table["close_2025_01_27_usd"] / table["close_2025_01_24_usd"] - 1
    return table


# Quoted prices and market values


def test_every_quoted_close_is_met_exactly_once_put_on_one_split_basis(prices):
    quoted = read("quoted_closes.csv")
    estimated = valuation.quoted_prices(prices, quoted)
    closes = quoted.assign(date=pd.to_datetime(quoted["date"])).pivot_table(
        index="date", columns="ticker", values="close_usd"
    )
    new_for_old = (closes[estimated.columns] / estimated.reindex(closes.index)).round(9)
    assert set(new_for_old.to_numpy()[new_for_old.notna().to_numpy()]) <= {
        1.0,
        4.0,
        10.0,
    }  # as quoted, or before one of the four splits


def test_quoted_prices_differ_from_adjusted_ones_only_by_later_dividends(prices):
    estimated = valuation.quoted_prices(prices, read("quoted_closes.csv"))
    ratio = estimated / prices[estimated.columns]
    assert ratio.min().min() > 0.9999  # a missed split would show as a factor of 4 or 10
    assert ratio.max().max() < 1.06


def test_between_quoted_closes_the_nearest_ratio_stands():
    adjusted = pd.DataFrame({"A": [10.0] * 5}, index=pd.date_range("2025-01-01", periods=5))
    quoted = pd.DataFrame({"date": ["2025-01-01", "2025-01-05"], "ticker": "A", "close_usd": [20.0, 10.0]})
    assert valuation.quoted_prices(adjusted, quoted)["A"].iloc[[0, 1, 3, 4]].tolist() == [
        20.0,
        20.0,
        10.0,
        10.0,
    ]


def test_a_split_is_undone_only_before_its_day():
    quoted = pd.DataFrame({"date": ["2024-06-07", "2024-06-10"], "ticker": "NVDA", "close_usd": [1208.88, 121.79]})
    adjusted = pd.DataFrame({"NVDA": [120.0, 121.0]}, index=pd.to_datetime(quoted["date"]))
    assert valuation.quoted_prices(adjusted, quoted)["NVDA"].tolist() == pytest.approx([120.888, 121.79])


def test_a_quoted_close_given_twice_is_refused():
    quoted = pd.DataFrame({"date": "2024-06-07", "ticker": "NVDA", "close_usd": [1.0, 2.0]})
    with pytest.raises(ValueError, match="twice: NVDA"):
        valuation.quoted_prices(pd.DataFrame({"NVDA": [1.0]}, index=pd.to_datetime(["2024-06-07"])), quoted)


def test_shares_run_straight_or_in_steps_between_counts():
    counts = pd.DataFrame({"ticker": "A", "as_of": ["2025-01-02", "2025-01-06"], "shares_mn": [100.0, 200.0]})
    days = pd.date_range("2025-01-01", periods=7)
    straight = valuation.daily_shares(counts, days)["A"].tolist()
    steps = valuation.daily_shares(counts, days, "step")["A"].tolist()
    assert straight == [100.0, 100.0, 125.0, 150.0, 175.0, 200.0, 200.0]
    assert steps == [100.0, 100.0, 100.0, 100.0, 100.0, 200.0, 200.0]
    with pytest.raises(ValueError, match="'step' or 'filed'"):
        valuation.daily_shares(counts, days, "cubic")


def test_of_two_counts_on_one_day_the_later_row_stands():
    counts = pd.DataFrame({"ticker": "A", "as_of": "2025-01-02", "shares_mn": [100.0, 110.0]})
    assert valuation.daily_shares(counts, pd.DatetimeIndex(["2025-01-02"]))["A"].tolist() == [110.0]


def test_share_classes_and_depositary_shares_are_counted_as_one_line():
    counts = pd.DataFrame({"ticker": ["GOOGL+GOOG", "TSM", "GEV"], "as_of": "2025-01-01"})
    counts["shares_mn"] = [12_191.0, 25_932.7, np.nan]
    shares = valuation.daily_shares(counts, pd.DatetimeIndex(["2025-01-24"])).iloc[0]
    assert shares.to_dict() == {"GOOGL": 12_191.0, "TSM": pytest.approx(5_186.54)}


def test_nvidia_lost_about_593_billion_on_27_january_2025(values):
    loss = values.loc["2025-01-27", "NVDA"] - values.loc["2025-01-24", "NVDA"]
    assert loss == pytest.approx(-593, abs=1.0)
    assert values.loc["2025-01-24", "NVDA"] == pytest.approx(3491, abs=3)


def test_market_values_agree_with_the_published_ones_within_3_percent(values):
    published = read("market_caps.csv", parse_dates=["date"])
    published = published[published["ticker"].isin(SEVEN) & (published["date"] >= "2022-12-30")]
    ours = [values.loc[date, ticker] for date, ticker in zip(published["date"], published["ticker"], strict=True)]
    assert len(published) == 42
    assert np.abs(np.array(ours) / published["market_cap_usd_bn"] - 1).max() < 0.03


def test_money_is_set_against_the_gdp_of_its_own_quarter():
    gdp = pd.Series([100.0, 200.0], index=pd.to_datetime(["2024-10-01", "2025-01-01"]))
    money = pd.Series(
        [50.0, 50.0, 50.0, 50.0],
        index=pd.to_datetime(["2024-12-31", "2025-01-02", "2025-05-01", "2025-09-01"]),
    )
    assert valuation.share_of_gdp(money, gdp).tolist()[:2] == [50.0, 25.0]
    assert valuation.share_of_gdp(money, gdp).isna().tolist() == [False, False, True, True]
    assert valuation.share_of_gdp(money, gdp, carry_quarters=1).isna().tolist() == [False, False, False, True]


def test_the_seven_were_worth_60_percent_of_gdp_on_the_eve(values):
    gdp = read("macro_quarterly.csv", parse_dates=["date"], index_col="date")["gdp_usd_bn"]
    share = valuation.share_of_gdp(values[SEVEN].sum(axis=1), gdp)
    assert share["2025-01-24"] == pytest.approx(60.0, abs=0.2)
    assert share["2022-12-30"] == pytest.approx(25.8, abs=0.2)


# Concentration


def test_equal_weights_are_as_many_companies_as_there_are():
    for n in (1, 4, 500):
        weights = pd.Series(np.full(n, 1.0 / n))
        assert market.herfindahl(weights) == pytest.approx(1.0 / n, rel=EXACT)
        assert market.top_share(weights, n) == pytest.approx(1.0, rel=EXACT)


def test_the_largest_are_found_in_any_order():
    assert market.top_share(pd.Series([0.1, 0.5, 0.15, 0.25]), 2) == 0.75


def test_percentages_negative_weights_and_too_many_are_refused():
    with pytest.raises(ValueError, match="percent divided by 100"):
        market.herfindahl(pd.Series([60.0, 40.0]))
    with pytest.raises(ValueError, match="zero or more"):
        market.herfindahl(pd.Series([1.0, -0.1]))
    with pytest.raises(ValueError, match="from 1 to 2"):
        market.top_share(pd.Series([0.5, 0.5]), 3)


def test_joined_share_classes_leave_the_total_as_it_was(members):
    weights = members["weight"]
    joined = market.join_share_classes(weights)
    assert weights.sum() == pytest.approx(1.0, abs=EXACT)
    assert joined.sum() == pytest.approx(1.0, abs=EXACT)
    assert len(joined) == len(weights) - 3
    assert joined["GOOGL"] == weights["GOOGL"] + weights["GOOG"]


@SETTINGS
@given(st.lists(st.floats(min_value=0.001, max_value=1.0), min_size=3, max_size=60), st.integers(1, 59))
def test_the_true_herfindahl_index_lies_within_the_bound_of_its_largest_weights(sizes, listed):
    weights = pd.Series(sizes).sort_values(ascending=False) / sum(sizes)
    listed = min(listed, len(weights) - 1)
    low, high = market.herfindahl_bounds(weights.iloc[:listed], index_size=len(weights))
    assert low - EXACT <= market.herfindahl(weights) <= high + EXACT


def test_the_bound_from_sixty_weights_holds_the_whole_of_january_2025(members):
    whole = market.join_share_classes(members["weight"])
    low, high = market.herfindahl_bounds(whole.iloc[:60], index_size=len(whole))
    assert low < market.herfindahl(whole) < high
    assert 1 / low - 1 / high < 2.5


def test_a_tail_too_heavy_for_the_companies_outside_is_refused():
    with pytest.raises(ValueError, match="1 companies"):
        market.herfindahl_bounds(pd.Series([0.2, 0.1]), index_size=3)


def test_nvidia_weighed_1_point_1_percent_at_the_end_of_2022_and_6_point_8_on_the_eve(top_weights, members):
    assert 100 * top_weights.loc["2022-12-30", "NVDA"] == pytest.approx(1.1, abs=0.05)
    assert members.loc["NVDA", "weight_2025_01_24_pct"] == pytest.approx(6.8, abs=0.05)


# Contributions


def test_the_members_moves_make_the_fall_of_the_index_while_seven_in_ten_rose(members):
    parts = members["weight"] * members["move"]
    assert 100 * parts.sum() == pytest.approx(-1.46, abs=0.005)
    assert (members["move"] > 0).mean() == pytest.approx(0.70, abs=0.005)
    assert parts.idxmin() == "NVDA"


@SETTINGS
@given(st.lists(st.lists(st.floats(-0.2, 0.2), min_size=3, max_size=3), min_size=1, max_size=40))
def test_linked_contributions_add_up_to_the_compounded_return_exactly(table):
    contributions = pd.DataFrame(table, columns=["A", "B", "C"])
    total = (1 + contributions.sum(axis=1)).prod() - 1
    assert market.carino_link(contributions).sum() == pytest.approx(total, rel=EXACT, abs=EXACT)


def test_linking_one_period_changes_nothing_and_flat_periods_do_no_harm():
    one = pd.DataFrame({"A": [0.02], "B": [-0.05]})
    assert market.carino_link(one).to_dict() == pytest.approx({"A": 0.02, "B": -0.05}, rel=EXACT)
    flat = pd.DataFrame({"A": [0.1, -0.1], "B": [-0.1, 0.1]})
    assert market.carino_link(flat).tolist() == [0.0, 0.0]


def test_linking_refuses_what_is_missing_or_a_total_loss():
    with pytest.raises(ValueError, match="missing"):
        market.carino_link(pd.DataFrame({"A": [0.1, np.nan]}))
    with pytest.raises(ValueError, match="lost everything"):
        market.carino_link(pd.DataFrame({"A": [-1.0, 0.1]}))


# Growth or price

positive = st.floats(min_value=0.01, max_value=1e6)
