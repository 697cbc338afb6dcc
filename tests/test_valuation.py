"""What market values, concentration, contributions and decompositions must give.

Sums that must be exact are held to 1e-12; facts of the bundled data to the digits in which they are printed.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import concentration, decomposition, returns, valuation

RAW = Path(__file__).parents[1] / "data" / "raw"
SETTINGS = settings(max_examples=60, deadline=None, derandomize=True)
SEVEN = ["NVDA", "AAPL", "MSFT", "GOOGL", "AMZN", "META", "TSLA"]
EXACT = 1e-12


def read(name, **options):
    return pd.read_csv(RAW / name, **options)


@pytest.fixture(scope="module")
def prices():
    return read("prices_daily_2022_2026.csv", parse_dates=["date"], index_col="date")


@pytest.fixture(scope="module")
def values(prices):
    return valuation.market_values(prices, read("quoted_closes.csv"), read("shares_outstanding.csv"))


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
    basis = valuation.to_split_basis(quoted)
    gap = estimated.reindex(basis.index) / basis[estimated.columns] - 1
    assert gap.abs().max().max() < EXACT


def test_quoted_prices_differ_from_adjusted_ones_only_by_later_dividends(prices):
    ratio = valuation.to_split_basis(read("quoted_closes.csv")) / prices
    ratio = ratio.dropna(how="all").dropna(how="all", axis=1)
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
    assert valuation.to_split_basis(quoted)["NVDA"].tolist() == pytest.approx([120.888, 121.79])


def test_a_quoted_close_given_twice_is_refused():
    quoted = pd.DataFrame({"date": "2024-06-07", "ticker": "NVDA", "close_usd": [1.0, 2.0]})
    with pytest.raises(ValueError, match="twice: NVDA"):
        valuation.to_split_basis(quoted)


def test_shares_run_straight_or_in_steps_between_counts():
    counts = pd.DataFrame({"ticker": "A", "as_of": ["2025-01-02", "2025-01-06"], "shares_mn": [100.0, 200.0]})
    days = pd.date_range("2025-01-01", periods=7)
    straight = valuation.daily_shares(counts, days)["A"].tolist()
    steps = valuation.daily_shares(counts, days, "step")["A"].tolist()
    assert straight == [100.0, 100.0, 125.0, 150.0, 175.0, 200.0, 200.0]
    assert steps == [100.0, 100.0, 100.0, 100.0, 100.0, 200.0, 200.0]
    with pytest.raises(ValueError, match="'linear' or 'step'"):
        valuation.daily_shares(counts, days, "cubic")


def test_of_two_counts_on_one_day_the_later_row_stands():
    counts = pd.DataFrame({"ticker": "A", "as_of": "2025-01-02", "shares_mn": [100.0, 110.0]})
    assert valuation.daily_shares(counts, pd.DatetimeIndex(["2025-01-02"]))["A"].tolist() == [110.0]


def test_share_classes_and_depositary_shares_are_counted_as_one_line():
    counts = pd.DataFrame({"ticker": ["GOOGL+GOOG", "TSM", "GEV"], "as_of": "2025-01-01"})
    counts["shares_mn"] = [12_191.0, 25_932.7, np.nan]
    shares = valuation.daily_shares(counts, pd.DatetimeIndex(["2025-01-24"])).iloc[0]
    assert shares.to_dict() == {"GOOGL": 12_191.0, "TSM": pytest.approx(5_186.54)}


def test_market_values_need_a_ticker_in_all_three_tables():
    day = pd.DatetimeIndex(["2025-01-24"])
    closes = pd.DataFrame({"date": day, "ticker": ["A"], "close_usd": [1.0]})
    counts = pd.DataFrame({"ticker": ["B"], "as_of": ["2025-01-01"], "shares_mn": [1.0]})
    with pytest.raises(ValueError, match="No ticker"):
        valuation.market_values(pd.DataFrame({"A": [1.0]}, index=day), closes, counts)


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


def test_nvidia_first_closed_above_each_trillion_on_the_days_the_press_gave(values):
    days = valuation.milestones(values[["NVDA"]]).set_index("level_usd_bn")["first_day"]
    assert [f"{day:%Y-%m-%d}" for day in days] == [
        "2023-06-13",
        "2024-03-01",
        "2024-06-05",
        "2025-07-10",
        "2025-10-29",
    ]


def test_a_level_passed_before_the_data_begin_is_marked(values):
    first = valuation.milestones(values[["AAPL", "NVDA"]]).iloc[0]
    assert (first["ticker"], first["level_usd_bn"]) == ("AAPL", 1000.0)
    assert "already above" in first["note"]


def test_nvidia_was_first_the_most_valuable_on_18_june_2024(values):
    ranks = valuation.rank_by_day(values)
    assert ranks.index[ranks["NVDA"] == 1][0] == pd.Timestamp("2024-06-18")
    assert ranks.loc["2025-01-24", "NVDA"] == 1
    assert ranks.loc["2025-01-27", "AAPL"] == 1


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
        assert concentration.herfindahl(weights) == pytest.approx(1.0 / n, rel=EXACT)
        assert concentration.top_share(weights, n) == pytest.approx(1.0, rel=EXACT)


def test_the_largest_are_found_in_any_order():
    assert concentration.top_share(pd.Series([0.1, 0.5, 0.15, 0.25]), 2) == 0.75


def test_percentages_negative_weights_and_too_many_are_refused():
    with pytest.raises(ValueError, match="percent divided by 100"):
        concentration.herfindahl(pd.Series([60.0, 40.0]))
    with pytest.raises(ValueError, match="zero or more"):
        concentration.herfindahl(pd.Series([1.0, -0.1]))
    with pytest.raises(ValueError, match="from 1 to 2"):
        concentration.top_share(pd.Series([0.5, 0.5]), 3)


def test_joined_share_classes_leave_the_total_as_it_was(members):
    weights = members["weight"]
    joined = concentration.join_share_classes(weights)
    assert weights.sum() == pytest.approx(1.0, abs=EXACT)
    assert joined.sum() == pytest.approx(1.0, abs=EXACT)
    assert len(joined) == len(weights) - 3
    assert joined["GOOGL"] == weights["GOOGL"] + weights["GOOG"]


@SETTINGS
@given(st.lists(st.floats(min_value=0.001, max_value=1.0), min_size=3, max_size=60), st.integers(1, 59))
def test_the_true_herfindahl_index_lies_within_the_bound_of_its_largest_weights(sizes, listed):
    weights = pd.Series(sizes).sort_values(ascending=False) / sum(sizes)
    listed = min(listed, len(weights) - 1)
    bound = concentration.unlisted_tail_bound(weights.iloc[:listed], index_size=len(weights))
    assert bound.herfindahl_low - EXACT <= concentration.herfindahl(weights) <= bound.herfindahl_high + EXACT
    loose = concentration.unlisted_tail_bound(weights.iloc[:listed])
    assert loose.herfindahl_low <= bound.herfindahl_low


def test_the_bound_from_sixty_weights_holds_the_whole_of_january_2025(members):
    whole = concentration.join_share_classes(members["weight"])
    bound = concentration.unlisted_tail_bound(whole.iloc[:60], index_size=len(whole))
    assert bound.herfindahl_low < concentration.herfindahl(whole) < bound.herfindahl_high
    assert 1 / bound.herfindahl_low - 1 / bound.herfindahl_high < 2.5


def test_a_tail_too_heavy_for_the_companies_outside_is_refused():
    with pytest.raises(ValueError, match="1 companies"):
        concentration.unlisted_tail_bound(pd.Series([0.2, 0.1]), index_size=3)


def test_nvidia_weighed_1_point_1_percent_at_the_end_of_2022_and_6_point_8_on_the_eve(top_weights, members):
    assert 100 * top_weights.loc["2022-12-30", "NVDA"] == pytest.approx(1.1, abs=0.05)
    assert members.loc["NVDA", "weight_2025_01_24_pct"] == pytest.approx(6.8, abs=0.05)


# Contributions


def test_the_members_moves_make_the_fall_of_the_index_while_seven_in_ten_rose(members):
    parts = concentration.contribution(members["weight"], members["move"])
    assert 100 * parts.sum() == pytest.approx(-1.46, abs=0.005)
    assert abs(parts.sum() - np.dot(members["weight"], members["move"])) < EXACT
    assert (members["move"] > 0).mean() == pytest.approx(0.70, abs=0.005)
    assert parts.idxmin() == "NVDA"


def test_a_weight_without_a_return_is_refused():
    with pytest.raises(ValueError, match="No return for B"):
        concentration.contribution(pd.Series({"A": 0.5, "B": 0.5}), pd.Series({"A": 0.1}))


@SETTINGS
@given(st.lists(st.lists(st.floats(-0.2, 0.2), min_size=3, max_size=3), min_size=1, max_size=40))
def test_linked_contributions_add_up_to_the_compounded_return_exactly(table):
    contributions = pd.DataFrame(table, columns=["A", "B", "C"])
    total = (1 + contributions.sum(axis=1)).prod() - 1
    assert concentration.carino_link(contributions).sum() == pytest.approx(total, rel=EXACT, abs=EXACT)


def test_linking_one_period_changes_nothing_and_flat_periods_do_no_harm():
    one = pd.DataFrame({"A": [0.02], "B": [-0.05]})
    assert concentration.carino_link(one).to_dict() == pytest.approx({"A": 0.02, "B": -0.05}, rel=EXACT)
    flat = pd.DataFrame({"A": [0.1, -0.1], "B": [-0.1, 0.1]})
    assert concentration.carino_link(flat).tolist() == [0.0, 0.0]


def test_linking_refuses_what_is_missing_or_a_total_loss():
    with pytest.raises(ValueError, match="missing"):
        concentration.carino_link(pd.DataFrame({"A": [0.1, np.nan]}))
    with pytest.raises(ValueError, match="lost everything"):
        concentration.carino_link(pd.DataFrame({"A": [-1.0, 0.1]}))


def test_untraded_weights_stay_one_hundred_percent(prices):
    names = ["AAPL", "MSFT", "NVDA"]
    begin = pd.Series([0.5, 0.3, 0.2], index=names)
    span = prices.loc["2024", names]
    portfolio = (begin * span / span.iloc[0]).sum(axis=1)
    weights = concentration.drifted_weights(begin, span, portfolio)
    assert (weights.sum(axis=1) - 1).abs().max() < EXACT
    daily = (weights.shift(1) * span.pct_change(fill_method=None)).dropna()
    assert concentration.carino_link(daily).sum() == pytest.approx(portfolio.iloc[-1] - 1, abs=EXACT)


def test_nvidia_made_about_a_fifth_of_the_return_of_2024_by_two_methods(prices, top_weights):
    begin = top_weights.loc["2023-12-29", ["NVDA"]]
    span = prices.loc["2023-12-29":"2024-12-31"]
    index_return = returns.total_growth(span["SPY"], "2023-12-29", "2024-12-31")
    gain = pd.Series({"NVDA": returns.total_growth(span["NVDA"], "2023-12-29", "2024-12-31")})
    once = concentration.contribution(begin, gain) / index_return
    weights = concentration.drifted_weights(begin, span, span["SPY"])
    daily = (weights.shift(1) * span[["NVDA"]].pct_change(fill_method=None)).dropna()
    linked = concentration.carino_link(
        concentration.with_rest(daily, span["SPY"].pct_change(fill_method=None).dropna())
    )
    assert linked.sum() == pytest.approx(index_return, abs=EXACT)
    assert once["NVDA"] == pytest.approx(0.210, abs=0.001)
    assert linked["NVDA"] / index_return == pytest.approx(0.217, abs=0.001)
    # the drifted weight ends where the fund's own weight stood
    assert weights["NVDA"].iloc[-1] == pytest.approx(top_weights.loc["2024-12-31", "NVDA"], abs=0.0005)


# Growth or price

positive = st.floats(min_value=0.01, max_value=1e6)


@SETTINGS
@given(st.lists(positive, min_size=4, max_size=4))
def test_earnings_and_multiple_make_the_price_growth_exactly(numbers):
    row = dict(zip(("price_begin", "price_end", "eps_begin", "eps_end"), numbers, strict=True))
    parts = decomposition.decompose_growth(pd.DataFrame([row])).iloc[0]
    assert parts["log_eps"] + parts["log_multiple"] == pytest.approx(parts["log_price"], abs=EXACT * 100)
    assert parts["log_price"] == pytest.approx(np.log(numbers[1] / numbers[0]), abs=EXACT)


@SETTINGS
@given(st.lists(positive, min_size=8, max_size=8))
def test_revenue_margin_multiple_and_shares_make_the_price_growth_exactly(numbers):
    names = [
        f"{what}_{end}"
        for what in ("price", "shares_mn", "revenue_usd_mn", "net_income_usd_mn")
        for end in ("begin", "end")
    ]
    parts = decomposition.decompose_value(pd.DataFrame([dict(zip(names, numbers, strict=True))])).iloc[0]
    total = parts[["log_revenue", "log_margin", "log_multiple", "log_shares"]].sum()
    assert total == pytest.approx(parts["log_price"], abs=EXACT * 100)


def test_a_loss_leaves_no_multiple_and_the_row_says_so():
    table = pd.DataFrame({"price_begin": 1.0, "price_end": 2.0}, index=["loss", "unknown", "losses"])
    table = table.assign(eps_begin=[-0.27, 1.0, -1.0], eps_end=[1.0, np.nan, -2.0])
    parts = decomposition.decompose_growth(table)
    assert parts["log_price"].tolist() == [np.log(2)] * 3
    assert parts[["log_eps", "log_multiple", "eps_part_pct"]].isna().all().all()
    assert parts.loc["loss", "note"] == "earnings per share not above zero at the start; no multiple exists"
    assert parts.loc["unknown", "note"] == "earnings per share missing at the end; no multiple exists"


def test_a_loss_leaves_nothing_of_the_value_split_but_the_price():
    ends = {f"{what}_{end}": [10.0] for what in ("price", "shares_mn", "revenue_usd_mn") for end in ("begin", "end")}
    parts = decomposition.decompose_value(
        pd.DataFrame(ends | {"net_income_usd_mn_begin": [1.0], "net_income_usd_mn_end": [-1.0]})
    ).iloc[0]
    assert parts["log_price"] == 0.0
    assert parts[["log_revenue", "log_margin", "log_multiple", "log_shares"]].isna().all()
    assert "net income not above zero at the end" in parts["note"]


def test_a_price_that_did_not_move_has_no_part_from_earnings():
    table = pd.DataFrame({"price_begin": [2.0], "price_end": [2.0], "eps_begin": [1.0], "eps_end": [2.0]})
    assert decomposition.decompose_growth(table)["eps_part_pct"].isna().all()


def test_missing_columns_and_prices_are_refused_by_name():
    table = pd.DataFrame({"price_begin": [2.0], "price_end": [np.nan], "eps_begin": [1.0]}, index=["NVDA"])
    with pytest.raises(ValueError, match="eps_end"):
        decomposition.decompose_growth(table)
    with pytest.raises(ValueError, match="price_end is missing or not above zero for NVDA"):
        decomposition.decompose_growth(table.assign(eps_end=1.0))


def test_nvidias_earnings_rose_more_than_its_price_and_its_multiple_fell(prices):
    years = read("fundamentals.csv", parse_dates=["period_end_or_date"]).query(
        "record_type == 'annual' and ticker == 'NVDA'"
    )
    quoted = valuation.quoted_prices(prices, read("quoted_closes.csv"))["NVDA"]
    row = {}
    for end, day in (("begin", "2022-12-30"), ("end", "2025-01-24")):
        row[f"price_{end}"] = quoted[day]
        away = (years["period_end_or_date"] - pd.Timestamp(day)).dt.days
        row[f"eps_{end}"] = np.interp(0, away, years["diluted_eps"])
    parts = decomposition.decompose_growth(pd.DataFrame([row], index=["NVDA"])).loc["NVDA"]
    assert parts["log_price"] == pytest.approx(np.log(142.62 / 14.614), abs=1e-9)
    assert parts["eps_part_pct"] > 100
    assert parts["multiple_end"] < parts["multiple_begin"]
