"""Market value as known on a day: what was lost on 27 January 2025, and beside which losses it stands."""

import numpy as np
import pandas as pd
import pytest

from helpers import market_data, parameters
from helpers.market_value import count_confidence, fewest, quoted_closes, records, value_lost
from helpers.valuation import daily_shares

EVE, DAY = pd.Timestamp("2025-01-24"), pd.Timestamp("2025-01-27")


@pytest.fixture(autouse=True, scope="module")
def bundled_prices(tmp_path_factory):
    """Read the figures of record, not what an earlier run left behind."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STUDY_RUN", str(tmp_path_factory.mktemp("run")))
        yield


@pytest.fixture(scope="module")
def prices():
    return market_data.load_prices("bundled", "ai").closes


@pytest.fixture(scope="module")
def lost(prices):
    return value_lost(prices, EVE, DAY)


@pytest.fixture(scope="module")
def largest(prices):
    return records(prices, DAY, "NVDA")


def test_nvidia_lost_593_billion_on_27_january_2025(lost):
    nvidia = lost.loc["NVDA"]
    assert nvidia["lost_usd_bn"] == pytest.approx(24.20 * 24.490, abs=0.01)  # fall in USD times shares in billions
    assert nvidia["low"] <= nvidia["lost_usd_bn"] <= nvidia["high"]
    assert lost.index[0] == "NVDA"


def test_apple_gained_while_the_seven_together_lost_652_billion(lost):
    assert lost.loc["AAPL", "lost_usd_bn"] < 0
    assert lost.loc[parameters.SEVEN, "lost_usd_bn"].sum() == pytest.approx(652, abs=1)
    assert (lost["low"] <= lost["high"]).all()


def test_no_value_can_be_given_for_the_dotcom_years():
    old = market_data.load_prices("bundled", "dotcom").closes
    assert value_lost(old, pd.Timestamp("2000-04-13"), pd.Timestamp("2000-04-14")).empty


def test_a_share_count_older_than_a_quarter_gives_way_to_the_line_between_counts():
    filed = pd.DataFrame({"ticker": "A", "as_of": pd.to_datetime(["2024-01-01", "2025-01-01"]), "shares_mn": [10, 20]})
    days = pd.DatetimeIndex(["2023-06-01", "2024-03-01", "2024-07-01", "2025-02-01"])
    found = daily_shares(filed, days, "filed")["A"]
    assert found.iloc[[0, 1, 3]].tolist() == [10, 10, 20]
    assert 14.5 < found.iloc[2] < 15.5


def test_a_count_more_than_a_year_away_is_of_low_confidence():
    filed = pd.DataFrame({"ticker": ["A"], "as_of": [EVE], "shares_mn": [10.0], "confidence": ["high"]})
    assert count_confidence(filed, "A", EVE + pd.Timedelta(days=360)) == "high"
    assert count_confidence(filed, "A", EVE + pd.Timedelta(days=380)) == "low"


def test_nvidia_closed_at_142_62_dollars_on_the_eve_and_at_118_42_on_the_day(prices):
    assert quoted_closes(prices).loc[[EVE, DAY], "NVDA"].round(2).tolist() == [142.62, 118.42]


def test_losses_found_from_prices_and_counts_agree_with_those_of_the_press(largest):
    both = largest.dropna(subset=["press_usd_bn"]).query("date >= '2024-01-01'")
    assert len(both) >= 14
    assert (both["lost_usd_bn"] / both["press_usd_bn"]).between(0.97, 1.03).all()


def test_intels_loss_of_2000_is_small_in_dollars_and_large_in_size(largest):
    ranks = largest.set_index("ticker")[["lost_usd_bn", "share_pct"]].rank(ascending=False)
    assert ranks.loc["INTC", "lost_usd_bn"] > 50
    assert ranks.loc["INTC", "share_pct"] <= 5
    known = largest.dropna(subset=["share_pct"])
    assert (known["share_low"] <= known["share_pct"]).all() and (known["share_pct"] <= known["share_high"]).all()


def test_nvidias_loss_of_september_2024_was_a_record_in_dollars_but_not_in_size(prices):
    then = pd.Timestamp("2024-09-03")
    known = records(prices, then, "NVDA").query("date <= @then")
    ranks = known.set_index("event")[["lost_usd_bn", "share_pct"]].rank(ascending=False).loc[True]
    assert ranks["lost_usd_bn"] == 1
    assert ranks["share_pct"] > 1


def test_a_small_loss_of_the_company_in_front_is_listed_beside_the_large_ones(prices):
    vistra = records(prices, DAY, "VST").query("event").iloc[0]
    assert vistra["company"] == "Vistra"
    assert 10 < vistra["lost_usd_bn"] < 25
    assert np.isnan(vistra["press_usd_bn"])


def test_nvidia_and_broadcom_made_up_more_than_the_whole_fall_of_the_index():
    members = market_data.load_table("sp500_members_2025_01").set_index("ticker")
    weight = members["weight_2025_01_24_pct"] / members["weight_2025_01_24_pct"].sum()
    parts = 100 * weight * (members["close_2025_01_27_usd"] / members["close_2025_01_24_usd"] - 1)
    assert fewest(parts, parts.sum()).tolist() == ["NVDA", "AVGO"]
    assert parts.sum() == pytest.approx(-1.458, abs=0.001)


def test_the_fewest_parts_stop_at_the_first_that_reaches_the_whole():
    parts = pd.Series({"a": 3.0, "b": 2.0, "c": -4.0, "d": 1.0})
    assert fewest(parts, 2.0).tolist() == ["a"]
    assert fewest(parts, 5.0).tolist() == ["a", "b"]
    assert fewest(-parts, -5.5).tolist() == ["a", "b", "d"]
    assert fewest(parts, 99.0).tolist() == ["a", "b", "d", "c"]


def test_ibms_loss_of_1987_is_second_only_to_nvidias_beside_the_market(largest):
    by_share = largest.sort_values("share_pct", ascending=False)[["company", "share_pct"]].head(2)
    assert by_share["company"].tolist() == ["Nvidia", "IBM"]
    assert by_share["share_pct"].round(2).tolist() == [1.15, pytest.approx(0.95, abs=0.05)]
