"""What is known of the two eras must come out of the comparison, and its arithmetic must add up."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from explosive.core import scan
from explosive.radf import datestamp, radf
from helpers import eras, explosiveness, indicators, market, market_data, parameters
from helpers.explosiveness import KINDS, MONTE_CARLO, judge, log_real_nasdaq, log_weekly

NOTEBOOK = "03_dotcom_comparison"


def settings(**given):
    return parameters.check(NOTEBOOK, given)


@pytest.fixture(scope="module")
def both():
    return eras.load(settings())


@pytest.fixture(scope="module")
def gauges(both):
    return indicators.all_indicators(both.ai, radf(log_real_nasdaq()).bsadf, [both.now, both.last])


@pytest.fixture(scope="module")
def nasdaq():
    return judge(log_real_nasdaq(), "month", 0, 95, 199, seed=1)


def above(run, day):
    """Kinds of limit that the last end point by a day passes."""
    row = run.table.loc[:day].iloc[-1]
    return [kind for kind in KINDS if row["bsadf"] > row[kind]]


# The eras


def test_nasdaq_peaked_on_10_march_2000_and_fell_by_78_percent(both):
    assert (both.peak, both.trough) == (pd.Timestamp("2000-03-10"), pd.Timestamp("2002-10-09"))
    fall = eras.deepest_falls(both.dotcom[["^IXIC"]]).loc["^IXIC"]
    assert fall["depth_pct"] == pytest.approx(100 * (1114.11 / 5048.62 - 1), abs=1e-9)
    assert pd.isna(fall["recovery"])
    assert pd.isna(fall["days_back"])


def test_an_era_stands_at_100_on_its_anchor_and_its_path_ends_at_the_gain(both):
    path = eras.since(both.ai["^IXIC"], both.ai_start)
    days = len(both.ai["^IXIC"].dropna().loc[both.ai_start : both.now]) - 1
    gain = eras.gain_after(both.ai["^IXIC"], both.ai_start, days, both.now)
    assert path[0] == 100
    assert path[days] - 100 == pytest.approx(gain["gain"])
    assert gain["gain"] == pytest.approx(73.9998256017)


def test_range_of_a_gain_holds_the_gain_and_one_beyond_the_prices_is_missing(both):
    then = eras.gain_after(both.dotcom["^IXIC"], both.dotcom_start, 538)
    assert then["low"] <= then["gain"] <= then["high"]
    assert then["gain"] == pytest.approx(67.8847875833)
    assert eras.gain_after(both.dotcom["^IXIC"], pd.Timestamp("2003-06-02"), 538).isna().all()


def test_start_moves_and_the_end_stays_where_an_end_is_given():
    prices = pd.Series(np.arange(1.0, 201), index=pd.bdate_range("2020-01-01", periods=200))
    start, end = prices.index[100], prices.index[110]
    gain = eras.gain_after(prices, start, 10, end)
    assert gain["high"] == pytest.approx(100 * (prices[end] / prices.iloc[100 - eras.SHIFT_DAYS] - 1))


def test_day_before_the_start_is_refused():
    with pytest.raises(ValueError, match="is not after ai_start"):
        eras.load(settings(compare_on="2022-11-30"))


def test_a_company_that_was_not_there_cannot_stand_for_a_group(both):
    with pytest.raises(ValueError, match="input should be 'chips', "):
        settings(replay_groups={"chip": "CSCO"})
    with pytest.raises(ValueError, match="replay_groups: no prices for 'XYZ'"):
        eras.load(settings(replay_groups={"chips": "XYZ"}))


def test_prices_without_the_compared_series_are_refused_by_name(monkeypatch):
    empty = pd.DataFrame(index=pd.DatetimeIndex([], name="date"))
    monkeypatch.setattr(eras, "study_prices", lambda era: empty)
    with pytest.raises(ValueError, match=r"rests on .*\^IXIC \(dotcom\), CSCO \(dotcom\)"):
        eras.load(settings())


def test_cisco_had_not_come_back_by_the_end_of_2003_and_the_deepest_fall_stands_first(both):
    table = eras.deepest_falls(both.dotcom.drop(columns=["SPY", "^IXIC"]))
    assert table["recovery"].isna().all()
    assert table.loc["CSCO", "depth_pct"] == pytest.approx(-89.3, abs=0.1)
    assert table["depth_pct"].is_monotonic_increasing


# Explosiveness


def test_statistic_at_a_few_end_points_is_that_of_the_whole_sequence():
    paths = np.cumsum(np.random.default_rng(0).standard_normal((5, 120)), axis=1)
    for lag in (0, 1, 3):
        points = np.array([0, 17, 120 - 25 - lag - 1])
        np.testing.assert_array_equal(scan(paths, lag, 25, points)[1], scan(paths, lag, 25)[1][:, points])


def test_dotcom_years_were_explosive_by_every_kind_and_the_quiet_years_by_none(nasdaq, both):
    assert above(nasdaq, both.peak) == KINDS
    assert above(nasdaq, pd.Timestamp("2012-06-30")) == []


@pytest.mark.parametrize(
    ("deflated", "december", "may", "july"), [(True, 0.438, 0.720, 0.571), (False, 0.856, 1.183, 1.021)]
)
def test_bsadf_of_the_nasdaq_is_what_an_independent_program_finds(deflated, december, may, july):
    bsadf = radf(log_real_nasdaq(deflated)).bsadf
    found = bsadf[["2024-12-31", "2026-05-31", "2026-07-31"]].tolist()
    assert found == pytest.approx([december, may, july], abs=1e-3)


def test_months_flagged_are_those_of_the_episodes_and_a_month_rises_or_falls(nasdaq):
    rising, falling = nasdaq.flagged("up"), nasdaq.flagged("down")
    for kind in KINDS:
        dated = datestamp(nasdaq.result, nasdaq.limits[kind], quantile=nasdaq.quantile)
        assert int(rising[kind].sum()) == int(dated.loc[dated["direction"] == "up", "duration"].sum())
    assert not (rising & falling).to_numpy().any()
    assert not rising.loc["2003":"2007"].to_numpy().any()


def test_flags_of_any_length_are_the_end_points_over_the_limit(nasdaq):
    either = nasdaq.flagged("up", 1) | nasdaq.flagged("down", 1)
    over = nasdaq.table[KINDS].lt(nasdaq.table["bsadf"], axis=0)
    pd.testing.assert_frame_equal(either, over, check_names=False)


def test_settings_are_all_there_once_and_agree_with_the_full_test(both, nasdaq):
    series = {deflated: log_real_nasdaq(deflated) for deflated in (True, False)}
    days = {"then": both.peak, "now": both.now, "early": pd.Timestamp("1971-05-31")}
    curve = explosiveness.specifications({"months": ("month", series)}, days, 95, 199, 7)
    assert len(curve) == len(curve.drop_duplicates(explosiveness.CHOICES)) == 2 * 2 * 2 * 3 * 3
    assert curve[["then", "now"]].notna().all().all()
    assert curve["early"].isna().all()
    one = curve.query("deflator == 'after inflation' and scale == 'logarithms' and lag == 0 and window == 'as usual'")
    row = nasdaq.table.loc[: both.peak].iloc[-1]
    margin = one.set_index("critical values").loc[MONTE_CARLO, "then"]
    assert margin == pytest.approx(row["bsadf"] - row[MONTE_CARLO], abs=0.25)  # two simulations


def test_a_day_long_after_a_sample_is_not_read_at_its_end():
    series = dict.fromkeys((True, False), log_real_nasdaq().loc[:"2003"])
    curve = explosiveness.specifications({"old": ("month", series)}, {"now": pd.Timestamp("2025-01-24")}, 95, 199, 7)
    assert curve["now"].isna().all()


def test_weeks_end_on_their_last_trading_day(both):
    weekly = log_weekly(both.dotcom["^IXIC"], deflated=False)
    assert pd.Timestamp("2001-09-10") in weekly.index  # the exchange stayed closed for the rest of that week
    assert weekly[pd.Timestamp("2000-03-10")] == pytest.approx(np.log(5048.62))
    assert pd.DatetimeIndex(weekly.index).to_period("W-FRI").is_unique


def test_nasdaq_ended_its_first_month_at_101_points():
    nominal = log_real_nasdaq(deflated=False)
    assert nominal.index[0] == pd.Timestamp("1971-02-28")
    assert np.exp(nominal.iloc[0]) == pytest.approx(101.34)


# Gauges


def test_march_2000_and_the_end_of_2024_are_read_from_their_quarters(gauges):
    debts = {name: gauges[name] for name in ("federal_debt_gdp", "fed_assets_gdp", "private_credit_gdp")}
    table = indicators.then_and_now(debts, indicators.MARCH_2000, pd.Timestamp("2025-01-24"))
    assert table.loc["federal_debt_gdp", "then"] == pytest.approx(100 * 5773.392 / 10002.179)
    assert table.loc["federal_debt_gdp", "now"] == pytest.approx(100 * 36218.605 / 29825.182)
    assert table.loc["fed_assets_gdp", "then_day"] == pd.Timestamp("1999-12-31")
    assert table.loc["private_credit_gdp", "then_day"] == pd.Timestamp("2000-12-31")


def test_low_confidence_years_of_the_federal_reserve_are_marked(gauges):
    assets = gauges["fed_assets_gdp"]
    assert {day.year for day in assets.low} == {1995, 1996, 1997, 2000, 2001}
    assert indicators.read(assets, pd.Timestamp("2001-03-31")).low
    assert not indicators.read(assets, indicators.MARCH_2000).low


def test_hotter_means_higher_but_lower_for_the_excess_yield():
    values = pd.Series([1.0, 3.0], index=pd.to_datetime(["2000-01-01", "2001-01-01"]))
    price = indicators.Indicator("a", "times", "valuation", values)
    spread = dataclasses.replace(price, hotter=-1)
    assert [indicators.compared(2.0, 3.0, one.hotter) for one in (price, spread)] == ["hotter", "cooler"]
    assert indicators.compared(100.0, 101.9) == "about equal"
    assert indicators.compared(np.nan, 1.0) == "not known"
    last = values.index[-1]
    assert indicators.heat_percentile(price, 3.0, last) == 100 - indicators.heat_percentile(spread, 3.0, last) == 75


def test_a_series_that_begins_much_later_has_no_reading():
    late = indicators.Indicator("a", "%", "rates", pd.Series([1.0], index=pd.to_datetime(["2010-01-01"])))
    assert np.isnan(indicators.read(late, indicators.MARCH_2000).value)


def test_cape_was_43_in_march_2000_and_share_prices_are_cooler_now(gauges, both):
    table = indicators.then_and_now(gauges, indicators.MARCH_2000, both.now)
    assert table.loc["cape", "then"] == pytest.approx(43.22, abs=0.01)
    assert table.loc[["cape", "excess_cape_yield", "policy_rate"], "verdict"].tolist() == ["cooler"] * 3
    assert table.loc[["private_credit_gdp", "top10_share"], "verdict"].tolist() == ["hotter"] * 2
    assert table[["percentile", "percentile_2000"]].apply(lambda part: part.between(0, 100)).all(axis=None)


def test_price_to_dividends_reaches_back_to_1871(gauges):
    ratio = gauges["price_dividend"].values
    assert ratio.index[0] == pd.Timestamp("1871-01-01")
    assert ratio[pd.Timestamp("2000-03-01")] == pytest.approx(86.05, abs=0.01)


def test_history_of_the_largest_companies_counts_a_year_once(gauges, both):
    shares = gauges["top10_share"].values
    others = shares.drop([both.now, both.last, indicators.MARCH_2000])
    assert pd.DatetimeIndex(others.index).year.is_unique
    assert shares[indicators.MARCH_2000] == 27.0
    assert shares[both.now] == pytest.approx(38.17, abs=0.01)


def test_weights_of_24_january_2025_are_exact_and_later_ones_drift(both):
    known = market.weight_snapshots()
    assert 100 * market.weights_on(both.ai, both.now, known)["NVDA"] == pytest.approx(6.75131)
    after = 100 * market.weights_on(both.ai, pd.Timestamp("2025-01-27"), known)
    table = market_data.load_table("sp500_concentration").set_index(["measure", "date"])["value_pct"]
    published = table.loc["single_weight"].loc["2025-01-27"]
    assert after["NVDA"] == pytest.approx(published, abs=0.05)


def test_reading_of_a_claim_does_not_hang_on_the_day_compared(gauges):
    other = eras.load(settings(compare_on="2024-06-14"))
    day = pd.Timestamp(market_data.load_table("claims").set_index("id").loc["like_dotcom", "date_to"])
    again = indicators.all_indicators(other.ai, gauges["nasdaq_bsadf"].values, [other.now, other.last], [day])
    for name in ("market_value_gdp", "cape", "federal_debt_gdp"):
        assert indicators.read(again[name], day).value == pytest.approx(indicators.read(gauges[name], day).value)
