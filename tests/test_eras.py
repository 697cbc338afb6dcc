"""What is known of the two eras must come out of the comparison, and its arithmetic must add up."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from explosive.core import scan, scan_at
from explosive.radf import radf
from helpers import claims, market_data, parameters
from helpers.boom import boom_value
from helpers.dotcom import (
    era_leaders,
    eras,
    explosive_choices,
    explosiveness,
    indicator_series,
    indicators,
    money,
    replay,
)
from helpers.dotcom.explosive_words import share_of_kinds
from helpers.market_series import log_real_nasdaq, log_weekly, price_dividend

NOTEBOOK = "03_dotcom_comparison"


def settings(**given):
    return parameters.check(NOTEBOOK, given)


@pytest.fixture(scope="module")
def both():
    return eras.load(settings())


@pytest.fixture(scope="module")
def every(both):
    return replay.indicators(both, radf(log_real_nasdaq()).bsadf, [money.claim_days(money.LIKE_CLAIM)[1]])


@pytest.fixture(scope="module")
def nasdaq():
    return explosiveness.judge_series(log_real_nasdaq(), "NASDAQ", "month", 0, 95, 199, seed=1)


# The eras


def test_nasdaq_peaked_on_10_march_2000_and_fell_by_78_percent(both):
    assert (both.peak, both.trough) == (pd.Timestamp("2000-03-10"), pd.Timestamp("2002-10-09"))
    assert eras.nasdaq_fall(both) == pytest.approx(100 * (1114.11 / 5048.62 - 1), abs=1e-9)


def test_nasdaq_needed_fifteen_years_to_come_back(both):
    day, years = eras.nasdaq_recovery(both)
    known = market_data.load_table("events").set_index("event")["date"]
    first_close = pd.Timestamp(known[next(name for name in known.index if "closes above its March 2000 peak" in name)])
    assert 0 <= (day - first_close).days <= 62  # a month-end after the first daily close above
    assert years == pytest.approx(15.2, abs=0.05)


def test_both_eras_stand_at_100_on_their_anchor(both):
    for at_peak in (False, True):
        frame = eras.aligned(both, at_peak)
        assert frame.loc[0, "dotcom"] == frame.loc[0, "ai"] == 100
    start = eras.aligned(both)
    gain = eras.same_distance(both, both.now)
    assert start["ai"].dropna().iloc[-1] - 100 == pytest.approx(gain.ai_pct)
    assert start.loc[gain.days, "dotcom"] - 100 == pytest.approx(gain.dotcom_pct)
    assert start["ai"].last_valid_index() == start["ai_after"].first_valid_index() == gain.days


def test_range_of_a_gain_holds_the_gain(both):
    for day in (both.now, both.last):
        gain = eras.same_distance(both, day)
        assert gain.ai_range[0] <= gain.ai_pct <= gain.ai_range[1]
        assert gain.dotcom_range[0] <= gain.dotcom_pct <= gain.dotcom_range[1]


def test_gain_beyond_the_dotcom_prices_is_missing_and_not_made_up():
    late = eras.load(settings(dotcom_start="2003-06-02"))
    assert np.isnan(eras.same_distance(late, late.now).dotcom_pct)


def test_peak_known_on_a_day_does_not_look_ahead(both):
    assert eras.ai_peak(both) == pd.Timestamp("2024-12-16")
    assert both.ai.loc[both.last, "^IXIC"] > both.ai.loc[eras.ai_peak(both), "^IXIC"]


def test_day_before_the_start_is_refused():
    with pytest.raises(ValueError, match="does not come after ai_start"):
        eras.load(settings(compare_on="2022-11-30"))


def test_prices_without_the_compared_series_are_refused_by_name(monkeypatch):
    empty = pd.DataFrame(index=pd.DatetimeIndex([], name="date"))
    monkeypatch.setattr(eras, "study_prices", lambda era: empty)
    with pytest.raises(ValueError, match=r"dot-com prices lack \^IXIC, CSCO"):
        eras.load(settings())


# Nvidia beside Cisco


def test_multiples_are_those_published_on_the_day(both):
    cisco, nvidia = era_leaders.focus_eras(both)
    former = era_leaders.multiples(cisco, both.dotcom_start)
    today = era_leaders.multiples(nvidia, both.ai_start)
    assert former.loc["2000-03-27", ["price", "multiple"]].tolist() == pytest.approx([80.0625, 213.5])
    assert today.loc["2025-01-24", ["price", "multiple"]].tolist() == pytest.approx([142.62, 56.2], rel=1e-4)


def test_earnings_and_multiple_add_up_to_the_price(both):
    cisco, nvidia = era_leaders.focus_eras(both)
    split = era_leaders.growth_split(
        both, era_leaders.multiples(cisco, both.dotcom_start), era_leaders.multiples(nvidia, both.ai_start)
    )
    assert list(split.index) == ["S&P 500, dot-com", "S&P 500, AI", "Cisco", "Nvidia"]
    np.testing.assert_allclose(split["earnings"] + split["multiple"], np.log2(1 + split["price_pct"] / 100))
    assert split.loc["Cisco", "multiple"] > split.loc["Cisco", "earnings"]
    assert split.loc["Nvidia", "earnings"] > split.loc["Nvidia", "multiple"]


def test_no_dotcom_leader_was_back_by_the_end_of_2003(both):
    table = eras.drawdowns(both).set_index(["era", "series"])
    assert (table.loc["dotcom", "recovery"] == "not yet").all()
    assert table.loc[("dotcom", "CSCO"), "depth_pct"] == pytest.approx(-89.3, abs=0.1)
    assert (table["by_now_pct"] >= table["depth_pct"] - 1e-9).all()


# Explosiveness


def test_statistic_at_a_few_end_points_is_that_of_the_whole_sequence():
    paths = np.cumsum(np.random.default_rng(0).standard_normal((5, 120)), axis=1)
    for lag in (0, 1, 3):
        points = np.array([0, 17, 120 - 25 - lag - 1])
        np.testing.assert_array_equal(scan_at(paths, lag, 25, points), scan(paths, lag, 25)[1][:, points])


def test_dotcom_years_were_explosive_by_every_kind_and_the_quiet_years_by_none(nasdaq, both):
    assert explosiveness.reading(nasdaq, both.peak).above == explosiveness.KINDS
    assert explosiveness.reading(nasdaq, pd.Timestamp("2012-06-30")).above == ()


def test_a_day_is_read_with_the_last_month_end_before_it(nasdaq, both):
    assert explosiveness.reading(nasdaq, both.now).day == pd.Timestamp("2024-12-31")
    assert explosiveness.reading(nasdaq, pd.Timestamp("2024-12-31")).day == pd.Timestamp("2024-12-31")
    with pytest.raises(ValueError, match="first end point"):
        explosiveness.reading(nasdaq, pd.Timestamp("1971-05-01"))


def test_months_counted_inside_a_span_are_those_of_the_episodes(nasdaq):
    whole = (pd.Timestamp("1971-01-01"), pd.Timestamp("2030-01-01"))
    for kind in explosiveness.KINDS:
        dated = explosiveness.episodes(nasdaq, kind)
        rising = int(dated.loc[dated["direction"] == "up", "duration"].sum())
        assert explosiveness.periods_inside(nasdaq, *whole, kind) == rising
    assert explosiveness.periods_inside(nasdaq, pd.Timestamp("2003-01-01"), pd.Timestamp("2008-01-01")) == 0


def test_two_of_three_kinds_decide():
    limits = dict(zip(explosiveness.KINDS, (1.0, 2.0, 3.0), strict=True))
    answers = {
        value: explosiveness.Reading(pd.Timestamp("2000-01-31"), value, limits) for value in (0.5, 1.5, 2.5, 3.5)
    }
    assert [one.explosive for one in answers.values()] == [False, False, True, True]
    assert share_of_kinds(answers[1.5]) == "by one of three kinds of critical value"


def test_specifications_are_all_there_once_and_agree_with_the_full_test(both):
    frame = explosive_choices.specifications(both.dotcom["^IXIC"], both.ai["^IXIC"], both.peak, both.now, 95, 199, 7)
    assert len(frame) == len(frame.drop_duplicates(list(explosive_choices.CHOICES))) == 2 * 3 * 2 * 3 * 3
    assert frame[["then", "now"]].notna().all().all()
    default = frame[
        (frame["frequency"] == "months since 1971") & (frame["lag"] == 0) & (frame["deflator"] == "consumer prices")
    ]
    chosen = default[(default["window"] == "default") & (default["critical values"] == explosiveness.MONTE_CARLO)].iloc[
        0
    ]
    run = explosiveness.judge_series(log_real_nasdaq(), "", "month", 0, 95, 199, 1)
    full = explosiveness.reading(run, both.peak)
    assert chosen["then"] == pytest.approx(
        full.bsadf - full.limits[explosiveness.MONTE_CARLO], abs=0.25
    )  # two simulations


def test_weeks_end_on_their_last_trading_day(both):
    weekly = log_weekly(both.dotcom["^IXIC"], deflated=False)
    assert pd.Timestamp("2001-09-10") in weekly.index  # the exchange stayed closed for the rest of that week
    assert weekly[pd.Timestamp("2000-03-10")] == pytest.approx(np.log(5048.62))
    assert pd.DatetimeIndex(weekly.index).to_period("W-FRI").is_unique


def test_price_dividend_ratio_reaches_back_to_1871():
    ratio = price_dividend()
    assert ratio.index[0] == pd.Timestamp("1871-01-01")
    assert ratio[pd.Timestamp("2000-03-01")] == pytest.approx(86.05, abs=0.01)


# Money and indicators


def test_march_2000_and_the_end_of_2024_are_read_from_their_quarters(every):
    table = indicators.then_and_now(
        money.by_name(every, money.MONEY), indicators.MARCH_2000, pd.Timestamp("2025-01-24")
    )
    assert table.loc["federal_debt_gdp", "then"] == pytest.approx(100 * 5773.392 / 10002.179)
    assert table.loc["federal_debt_gdp", "now"] == pytest.approx(100 * 36218.605 / 29825.182)
    assert table.loc["fed_assets_gdp", "then_day"] == pd.Timestamp("1999-12-31")
    assert table.loc["private_credit_gdp", "then_day"] == pd.Timestamp("2000-12-31")


def test_low_confidence_years_of_the_federal_reserve_are_marked(every):
    assets = next(one for one in every if one.name == "fed_assets_gdp")
    assert {day.year for day in assets.low} == {1995, 1996, 1997, 2000, 2001}
    assert indicators.read(assets, pd.Timestamp("2001-03-31")).low
    assert not indicators.read(assets, indicators.MARCH_2000).low


def test_hotter_means_higher_but_lower_for_the_excess_yield():
    values = pd.Series([1.0, 3.0], index=pd.to_datetime(["2000-01-01", "2001-01-01"]))
    price = indicators.Indicator("a", "a", "times", "valuation", values)
    spread = dataclasses.replace(price, hotter=-1)
    assert [indicators.compared(one, 2.0, 3.0) for one in (price, spread)] == ["hotter", "cooler"]
    assert indicators.compared(price, 100.0, 101.9) == "level"
    assert indicators.compared(price, np.nan, 1.0) == "not known"
    last = values.index[-1]
    assert indicators.heat_percentile(price, 3.0, last) == 100 - indicators.heat_percentile(spread, 3.0, last) == 75


def test_a_series_that_begins_much_later_has_no_reading():
    late = indicators.Indicator("a", "a", "%", "rates", pd.Series([1.0], index=pd.to_datetime(["2010-01-01"])))
    assert np.isnan(indicators.read(late, indicators.MARCH_2000).value)


def test_scoreboard_counts_every_indicator_once(every, both):
    board = replay.scoreboard(every, both.now)
    counts = replay.score(board)
    assert counts["total"] == len(board) == len(replay.SCORED)
    assert int(replay.topics(board).to_numpy().sum()) == counts["total"]
    assert board["percentile"].between(0, 100).all()
    assert board.loc["CAPE, times", "March 2000"] == pytest.approx(43.22, abs=0.01)
    assert board.loc["excess CAPE yield, %", "hotter or cooler"] == "cooler"
    assert board.loc["private credit, % of GDP", "hotter or cooler"] == "hotter"


def test_history_of_the_largest_companies_counts_a_year_once(both):
    shares = indicator_series.concentration_indicator({both.now: 38.2}).values
    others = shares.drop([both.now, indicators.MARCH_2000])
    assert pd.DatetimeIndex(others.index).year.is_unique
    assert shares[indicators.MARCH_2000] == 27.0


def test_claims_are_measured_at_their_own_dates_whatever_is_compared(every):
    other = eras.load(settings(compare_on="2024-06-14"))
    days = [money.claim_days(money.LIKE_CLAIM)[1]]
    again = replay.indicators(other, radf(log_real_nasdaq()).bsadf, days)
    for measure in (money.like_dotcom, money.worse_than_dotcom):
        first, second = measure(every), measure(again)
        assert first.value == pytest.approx(second.value, rel=1e-12)
        assert first.low <= first.value <= first.high
        assert first.readings == pytest.approx(second.readings)


def test_debt_of_companies_has_not_grown_against_gdp_and_decides_the_lower_end(every):
    found = money.worse_than_dotcom(every)
    assert found.readings["debt of companies"] == pytest.approx(found.low)
    assert found.low < 1 < found.value
    stated = market_data.load_table("claims").set_index("id").loc[money.WORSE_CLAIM]
    told = claims.verdict(
        stated["stated_value"],
        found.value,
        stated["comparison"],
        stated["tolerance"],
        found.low,
        found.high,
        found.confidence,
        stated["checkable"],
    )
    assert told == claims.ROUGHLY


# The replay


def test_weights_of_24_january_2025_are_exact_and_later_ones_drift(both):
    known = boom_value.weight_snapshots()
    eve = 100 * boom_value.weights_on(both.ai, pd.Timestamp("2025-01-24"), known)
    assert eve["NVDA"] == pytest.approx(6.75131)
    after = 100 * boom_value.weights_on(both.ai, pd.Timestamp("2025-01-27"), known)
    published = market_data.load_table("sp500_concentration")
    nvidia = published[(published["measure"] == "single_weight") & (published["date"] == "2025-01-27")][
        "value_pct"
    ].iloc[0]
    assert after["NVDA"] == pytest.approx(nvidia, abs=0.05)


def test_replay_is_weight_times_fall(both):
    found = replay.replay(both, {"data-centre equipment": "CSCO", "power": ""}, both.now)
    weights = 100 * boom_value.weights_on(both.ai, both.now, boom_value.weight_snapshots())
    held = weights.reindex(["ANET", "DELL", "SMCI", "VRT"]).sum()  # Vertiv was no member
    assert found.weight_pct == pytest.approx(held)
    assert found.loss_pct == pytest.approx(held * 0.892584, rel=1e-4)
    assert found.low_pct < found.loss_pct < found.high_pct
    assert found.dollars(found.loss_pct) == pytest.approx(found.value_usd_bn * found.loss_pct / 100)
    assert 50_000 < found.value_usd_bn < 53_000


def test_replay_of_nothing_loses_nothing(both):
    for groups in ({}, {"chips": ""}):
        found = replay.replay(both, groups, both.now)
        assert (found.loss_pct, found.weight_pct, len(found.companies)) == (0, 0, 0)


def test_groups_add_up_to_the_whole(both):
    found = replay.replay(both, parameters.REPLAY, both.now)
    assert found.by_group()["loss_pct"].sum() == pytest.approx(found.loss_pct)
    assert set(found.by_group().index) == {group for group, series in parameters.REPLAY.items() if series}


def test_fall_between_common_days_is_never_deeper_than_a_company_s_own(both):
    falls = replay.single_falls(both)
    assert (falls["common_pct"] >= falls["own_pct"] - 1e-9).all()


def test_unknown_groups_and_levels_are_refused_with_what_there_is(both):
    with pytest.raises(ValueError, match="did you mean 'chips'"):
        settings(replay_groups={"chip": "CSCO"})
    with pytest.raises(ValueError, match="90, 95 and 99"):
        settings(confidence_pct=97)
    with pytest.raises(ValueError, match="no dot-com company 'XYZ'"):
        replay.replay(both, {"chips": "XYZ"}, both.now)
