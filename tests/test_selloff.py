"""The day of 27 January 2025 as the default run tells it: against figures known from elsewhere."""

import json

import pandas as pd
import pytest


@pytest.fixture(scope="module")
def run(finished_run):
    return finished_run / "02_selloff"


@pytest.fixture(scope="module")
def content(run):
    return json.loads((run / "results.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def keys(content):
    return {name: key["value"] for name, key in content["keys"].items()}


def table(run, name):
    return pd.read_csv(run / "tables" / f"{name}.csv", index_col=0)


def drawn(run, name):
    return pd.read_csv(run / "figures" / f"{name}.csv", index_col=0)


def test_nvidia_fell_17_percent_and_the_index_one_and_a_half(keys):
    found = [keys[name] for name in ("focus_day_pct", "index_day_pct", "nasdaq_day_pct", "equal_weight_day_pct")]
    assert found == [pytest.approx(x, abs=0.006) for x in (-16.97, -1.46, -3.07, 0.06)]


def test_power_fell_most_and_devices_rose(run):
    moves = table(run, "group_moves")
    assert moves.index.tolist() == ["power", "data-centre equipment", "chips", "cloud and platforms", "devices"]
    assert moves.loc["power", "mean_pct"] == pytest.approx(-23.5, abs=0.1)
    assert moves.loc["chips", "fell"] == moves.loc["chips", "companies"] == 7


def test_seven_in_ten_of_504_members_rose_while_the_index_fell(run, keys):
    members = table(run, "members")
    assert len(members) == 504
    assert keys["members_rose_pct"] == pytest.approx(69.6, abs=0.1)
    assert keys["members_median_pct"] > 1 > 0 > keys["members_weighted_pct"]


def test_contributions_add_up_to_the_fall_of_the_index(run, keys):
    members, sectors = table(run, "members"), table(run, "sectors").drop("S&P 500")
    assert members["contribution_pp"].sum() == pytest.approx(keys["index_day_pct"], abs=0.001)
    assert members["weight_pct"].sum() == pytest.approx(100)
    assert len(sectors) == 11
    assert sectors["contribution_pp"].sum() == pytest.approx(keys["members_weighted_pct"], abs=1e-9)
    assert sectors["members"].sum() == 504


def test_nvidia_and_broadcom_made_up_more_than_the_whole_fall(run, keys):
    bars = drawn(run, "contributions")["contribution_pp"]
    assert bars["Nvidia and Broadcom"] < bars["S&P 500"] < 0 < bars["the other 502"]
    assert bars["Nvidia and Broadcom"] + bars["the other 502"] == pytest.approx(bars["S&P 500"], abs=1e-8)
    assert bars["Nvidia"] == pytest.approx(-1.149, abs=0.001)


def test_nvidias_loss_was_593_billion_and_a_record_in_dollars_and_in_size(content, keys):
    loss = content["keys"]["focus_value_lost_usd_bn"]
    assert (loss["low"], loss["value"], loss["high"]) == (
        589.0,
        pytest.approx(592.7, abs=0.1),
        pytest.approx(592.7, abs=0.1),
    )
    assert keys["largest_dollar_loss_rank"] == keys["size_rank"] == 1


def test_the_chart_of_groups_the_table_and_the_text_follow_one_rule(run, content):
    tests = table(run, "tests").query("window == '(0, 0)'").set_index("group")
    outside = (tests["low_pct"] > 0) | (tests["high_pct"] < 0)
    assert (outside == (tests["portfolio_p"] < 0.05)).all()  # the interval leaves zero out just where p is below 5 %
    path = drawn(run, "abnormal_paths").query("day == 0")
    for group, low in tests["low_pct"].items():
        assert path.loc[group, "low_pct"] == pytest.approx(low, abs=1e-6)
    clear = set(tests.index[outside]) - {"all"}
    assert clear == {"power", "data-centre equipment", "chips"}
    assert all(group in content["figures"]["abnormal_paths"]["title"].lower() for group in clear)


def test_against_equal_weights_users_of_ai_fell_too(keys):
    assert keys["cloud_and_platforms_caar_0_0_pct"] == pytest.approx(-1.67, abs=0.01)
    assert keys["cloud_and_platforms_caar_0_0_equal_weight_pct"] == pytest.approx(-3.8, abs=0.05)


def test_the_factors_contain_the_event_for_momentum_fell_with_nvidia(run, keys):
    assert keys["momentum_pct"] == -3.28
    assert 3 < keys["momentum_z"] < 4.5
    assert keys["focus_ar_six_factors_pct"] == pytest.approx(-3.6, abs=0.05)
    assert keys["focus_ar_six_factors_p"] == pytest.approx(0.10, abs=0.005)
    assert {"S&P 500, equal weights", "five factors and momentum"} <= set(table(run, "yardsticks").index)


def test_part_of_the_fall_of_power_undid_a_jump_of_four_days(run, keys):
    assert keys["power_caar_five_days_pct"] == pytest.approx(-16.2, abs=0.05)
    assert keys["power_caar_before_pct"] > 5 > 0 > keys["chips_caar_before_pct"]
    path = drawn(run, "run_up")["power"]
    assert path[-5] == 0 and path[0] == pytest.approx(keys["power_caar_five_days_pct"])


def test_ties_to_nvidia_and_the_year_before_explain_four_fifths_of_who_fell(run, keys):
    found = [keys[f"exposure_{name}_r2_pct"] for name in ("tie", "past_year", "both", "members")]
    assert found == [pytest.approx(x, abs=1) for x in (37, 48, 79, 13)]
    slopes = table(run, "exposure")
    assert (slopes["coefficient"] < 0).all()  # closer, dearer, larger, technology: all fell further
    assert slopes.loc["members", "n"].tolist() == [504, 504]


def test_no_similar_day_moved_chips_as_far_down(run, keys):
    kinds = table(run, "related_events")
    assert set(kinds.index) == {"this event", "export controls", "new AI models", "Nvidia's results", "tariffs"}
    assert (kinds["portfolio_p"].drop("this event") > 0.2).all()
    assert kinds.loc["this event", "portfolio_p"] < 0.001
    days = drawn(run, "related_events")
    assert days["car_pct"].drop("this event").min() > -4 > keys["this_event_pct"]
    assert len(days) == kinds["dates"].sum()


def test_chips_fell_beyond_the_market_whatever_the_choice(run):
    choices = table(run, "choices")
    assert len(choices) >= 8
    assert (choices["caar_pct"] < -5).all()
    assert (choices["portfolio_p"] < 0.005).all()


def test_earnings_days_decide_how_rare_the_fall_was(run):
    models = table(run, "models")
    found = [models.loc[kind].round(1).tolist() for kind in ("GARCH-t", "GJR-t", "EGARCH-t", "skewed t")]
    wanted = [(19.5, 707), (15.6, 903), (13.3, 504), (32.7, 771)]  # the referee's own computation
    assert found == [[pytest.approx(usual, abs=0.06), pytest.approx(bare, abs=0.6)] for usual, bare in wanted]


def test_the_range_of_the_main_model_is_at_95_percent_and_holds_its_value(content):
    years = content["keys"]["return_period_years"]
    assert years["low"] < 5 < years["value"] < 100 < years["high"]
    assert content["keys"]["garch_z"]["value"] == pytest.approx(-6.02, abs=0.01)


def test_the_index_was_back_after_13_days_and_nvidia_after_92_and_the_chart_shows_both(run, keys):
    assert (keys["days_to_recover_index"], keys["days_to_recover_focus"]) == (13, 92)
    path = drawn(run, "way_back")
    assert path.index[-1] > 92
    assert path.loc[-1].tolist() == [0] * path.shape[1]
    assert path.loc[:91, "NVDA"].loc[0:].max() < 0 <= path.loc[92, "NVDA"]


def test_makers_did_14_6_points_worse_than_users_with_oracle_a_builder(run):
    gaps = table(run, "camps")["gap_pp"]
    found = [
        gaps[name]
        for name in ("as in this study (0, 0)", "Oracle as a user (0, 0)", "the five days up to the event (-4, 0)")
    ]
    assert found == [pytest.approx(x, abs=0.05) for x in (-14.6, -12.8, -12.5)]


def test_claims_are_measured_at_their_own_dates(content):
    here = {one["id"]: one for one in content["measurements"]}
    assert {name: one["measured"] for name, one in here.items()} == {
        "nvidia_day_fall": pytest.approx(16.97, abs=0.01),
        "nvidia_day_loss": pytest.approx(592.7, abs=0.1),
        "nvidia_record_loss": 1,
        "market_day_loss": pytest.approx(0.753, abs=0.01),
        "market_regained": pytest.approx(31.8, abs=0.1),
        "ai_at_a_tenth": pytest.approx(60 / 2.19),
    }
    assert all(one["low"] <= one["measured"] <= one["high"] and one["how"] for one in here.values())
    assert here["ai_at_a_tenth"]["low"] == pytest.approx(2, abs=0.01)  # against the model released that day


def test_findings_are_short_and_point_to_charts(content):
    assert 5 <= len(content["findings"]) <= 7
    for one in content["findings"]:
        assert len(one["text"].split()) <= 22, one["text"]
        assert one["figure"] in content["figures"]
        assert "nan" not in one["text"] + one["detail"]


def test_the_default_run_leaves_no_sentence_out(content):
    assert content["left_out"] == 0
