"""The study of one day: against figures known from elsewhere, and on days it was not written for."""

import functools
import itertools

import numpy as np
import pandas as pd
import pytest

from eventstudy import market_data, market_totals, parameters
from eventstudy import study as event_study
from helpers.charts import text_problems
from helpers.selloff import (
    selloff,
    selloff_back,
    selloff_claims,
    selloff_findings,
    selloff_keys,
    selloff_members,
    selloff_pictures,
    selloff_readings,
    selloff_records,
    selloff_study,
    selloff_value,
    selloff_words,
)

PRESETS = {
    "deepseek": {},
    "tariffs": {"event_date": "2025-04-03"},
    "september": {"event_date": "2024-09-03"},
    "dotcom": {"event_date": "2000-04-14", "event_focus": "CSCO"},
    "rise": {"event_date": "2025-04-09", "event_focus": "AMZN"},
    "fund in the foreground": {"event_focus": "SMH"},
}


@pytest.fixture(autouse=True, scope="module")
def bundled_prices(tmp_path_factory):
    """Read the figures of record, not what an earlier run left behind."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STUDY_RUN", str(tmp_path_factory.mktemp("run")))
        yield


def settings_of(preset: str):
    return parameters.check("02_selloff", PRESETS[preset])


@pytest.fixture(scope="module")
def day():
    return selloff.selloff_day(settings_of("deepseek"))


@pytest.fixture(scope="module")
def members(day):
    return selloff_members.members_day(day)


@pytest.fixture(scope="module")
def lost(day):
    return selloff_value.value_lost(day.prices, day.eve, day.date)


@pytest.fixture(scope="module")
def records(day):
    return selloff_records.records(day)


# the day


def test_nvidia_fell_17_percent_on_27_january_2025(day):
    assert day.move("NVDA") == pytest.approx(-16.97, abs=0.01)
    assert day.move("^GSPC") == pytest.approx(-1.46, abs=0.005)
    assert day.move("^IXIC") == pytest.approx(-3.07, abs=0.005)
    assert np.isnan(day.move("CSCO"))


def test_hardware_and_power_fell_and_platforms_hardly(day):
    moves = selloff.group_moves(day)
    assert moves.index.tolist() == [
        "power",
        "data-centre equipment",
        "chips",
        "cloud and platforms",
        "devices",
    ]
    assert moves.loc["power", "mean_pct"] == pytest.approx(np.mean([day.move(name) for name in ("VST", "CEG", "GEV")]))
    assert moves.loc["chips", "fell"] == 7
    assert "^VIX" not in day.moves_pct.index


def test_the_era_is_the_one_whose_prices_hold_the_day():
    old = selloff.selloff_day(settings_of("dotcom"))
    assert (old.era, old.index, len(old.stocks)) == ("dotcom", "SPY", 6)
    assert not old.has("RSP")
    assert selloff.weighting_gap(old) is None
    assert selloff.vix_day(old) is None


def test_a_day_without_trading_is_refused_with_the_next_one_or_moved_to_it():
    saturday = {"event_date": "2025-01-25"}
    with pytest.raises(ValueError, match="Saturday 2025-01-25 is not a trading day: the next one is Monday 2025-01-27"):
        selloff.selloff_day(parameters.check("02_selloff", saturday))
    moved = selloff.selloff_day(parameters.check("02_selloff", saturday | {"non_trading_day": "next"}))
    assert moved.date == pd.Timestamp("2025-01-27")
    assert "not a trading day" in selloff_words.day_sentences(moved, selloff.group_moves(moved))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"event_date": "2010-05-06"}, "outside the prices, which cover 2022-10-03 to .* and 1995-01-03"),
        ({"event_date": "2026-07-20"}, "beyond the prices"),
        ({"event_date": "2023-01-10"}, "estimation window"),
        ({"event_focus": "NVIDIA"}, "did you mean 'NVDA'"),
        ({"event_date": "2000-04-14"}, "'NVDA' has no prices in the dotcom years"),
        ({"event_date": "2024-01-10", "event_focus": "GEV"}, "has no close on 2024-01-09"),
    ],
)
def test_an_impossible_day_gets_one_message_that_says_what_to_do(changed, message):
    with pytest.raises(ValueError, match=message):
        selloff.selloff_day(parameters.check("02_selloff", changed))


def test_the_gap_to_equal_weights_was_among_the_widest(day):
    gap = selloff.weighting_gap(day)
    assert gap.gap_pp == pytest.approx(-1.52, abs=0.005)
    assert gap.rank == 3
    assert selloff.vix_day(day)[:2] == (14.85, 17.90)


# all members of the index


def test_contributions_of_504_lines_add_up_to_the_index_fall(members):
    assert len(members.lines) == 504
    assert members.lines["contribution_pp"].sum() == pytest.approx(members.index_pct, abs=0.001)
    assert members.lines["weight_pct"].sum() == pytest.approx(100)
    sectors = members.sectors.drop("S&P 500")
    assert len(sectors) == 11
    assert sectors["contribution_pp"].sum() == pytest.approx(members.weighted_pct, abs=1e-12)
    assert sectors["lines"].sum() == 504


def test_seventy_percent_of_lines_rose_while_the_index_fell(members):
    assert members.rose_pct == pytest.approx(69.6, abs=0.1)
    assert members.median_pct > 1 > 0 > members.weighted_pct
    assert selloff_words.few_lines(members) == (2, ["NVDA", "AVGO"])


def test_bars_of_contributions_add_up_to_the_last_one(members):
    bars = selloff_members.contribution_bars(members)
    assert bars.iloc[:-1].sum() == pytest.approx(bars.iloc[-1], abs=1e-12)
    assert bars.index[0] == "NVDA"
    assert bars.iloc[0] == pytest.approx(-1.149, abs=0.001)


def test_other_days_have_no_members_and_fall_back_on_companies():
    other = selloff.selloff_day(settings_of("tariffs"))
    assert selloff_members.members_day(other) is None
    assert "one day only" in selloff_words.no_members(other)
    strips = selloff_members.strip_table(other, None)
    assert len(strips) == len(other.stocks)
    assert np.ptp(strips["weight_pct"]) == pytest.approx(0)


# value


def test_nvidia_lost_about_593_billion(day, lost):
    value, low, high = selloff_value.focus_loss(day, lost)
    assert value == pytest.approx(24.20 * 24.490, abs=0.01)  # fall in USD times shares in billions
    assert (low, high) == (589.0, pytest.approx(592.7, abs=0.1))
    total = selloff_value.seven_lost(lost)
    assert total[0] == pytest.approx(lost.loc[parameters.SEVEN, "lost_usd_bn"].sum())
    assert total[1] <= total[0] <= total[2]
    assert lost.loc["AAPL", "lost_usd_bn"] < 0  # Apple gained


def test_the_dotcom_years_have_no_values_lost():
    old = selloff.selloff_day(settings_of("dotcom"))
    lost = selloff_value.value_lost(old.prices, old.eve, old.date)
    assert lost.empty
    assert selloff_value.focus_loss(old, lost) is None
    assert selloff_value.seven_lost(lost) is None
    assert "no value lost can be given" in selloff_words.value_sentences(old, lost, None, None, [])


def test_a_share_count_older_than_a_quarter_gives_way_to_the_line_between_counts():
    filed = pd.DataFrame(
        {"ticker": "A", "as_of": pd.to_datetime(["2024-01-01", "2025-01-01"]), "shares_mn": [10.0, 20.0]}
    )
    days = pd.DatetimeIndex(["2023-06-01", "2024-03-01", "2024-07-01", "2025-02-01"])
    found = selloff_value.counts_on(filed, days)["A"]
    assert found.iloc[[0, 1, 3]].tolist() == [10.0, 10.0, 20.0]
    assert 14.5 < found.iloc[2] < 15.5


def test_a_total_value_follows_its_index_and_is_not_carried_too_far():
    level = pd.Series([100.0, 110.0, 121.0], index=pd.to_datetime(["2020-01-01", "2020-01-02", "2020-01-03"]))
    anchors = pd.DataFrame(
        {
            "date": pd.to_datetime(["2020-01-01", "2020-01-03"]),
            "value": [1.0, 1.3],
            "confidence": ["high", "low"],
        }
    )
    total = market_totals.market_value_on(pd.Timestamp("2020-01-03"), [level], anchors)
    assert total.value == pytest.approx(1300 * 110 / 121)  # the anchor of the day itself, carried to the close before
    assert total.low == total.high == total.value
    assert market_totals.market_value_on(pd.Timestamp("2019-01-02"), [level], anchors) is None
    far = anchors.assign(date=pd.to_datetime(["2015-01-01", "2015-01-02"]))
    assert market_totals.market_value_on(pd.Timestamp("2020-01-03"), [level], far) is None


def test_losses_computed_agree_with_those_of_the_press(records):
    both = records.dropna(subset=["press_usd_bn"])
    since = both[both["date"] >= "2024-01-01"]
    assert len(since) >= 14
    assert (since["lost_usd_bn"] / since["press_usd_bn"]).between(0.97, 1.03).all()


def test_intels_loss_of_2000_is_small_in_dollars_and_large_in_size(records):
    ranks = records[["lost_usd_bn", "share_pct"]].rank(ascending=False)
    intel = records.index[(records["ticker"] == "INTC")][0]
    assert ranks.loc[intel, "lost_usd_bn"] > 50
    assert ranks.loc[intel, "share_pct"] <= 5
    assert (records["share_low"] <= records["share_pct"]).all()
    assert (records["share_pct"] <= records["share_high"]).all()


def test_nvidias_loss_was_the_largest_in_dollars_in_2024_but_not_in_size():
    september = selloff.selloff_day(settings_of("september"))
    table = selloff_records.records(september)
    assert selloff_records.ranked(table, "lost_usd_bn", september.date, "NVDA") == 1
    assert selloff_records.ranked(table, "share_pct", september.date, "NVDA") > 1
    assert selloff_records.ranked(table, "share_pct", september.date, "XYZ") is None


# the event study, rarity and the way back


def test_chips_fell_beyond_the_market_whatever_the_choice(day):
    table = selloff_study.choices(day, settings_of("deepseek"), "chips")
    assert len(table) >= 8
    assert (table["caar_pct"] < -5).all()
    assert (table["portfolio_p"] < 0.001).all()


def test_the_focus_is_studied_also_when_the_list_of_companies_leaves_it_out(day):
    chosen = parameters.check("02_selloff", {"event_tickers": ["MSFT", "AMD"], "event_windows": [[-1, 1]]})
    study = selloff_study.main_study(day, chosen)
    assert set(study.fit.index) == {"MSFT", "AMD", "NVDA"}
    assert (0, 0) in study.days.windows  # the day itself is always measured


def test_the_gap_of_the_camps_is_the_difference_of_their_means(day):
    study = selloff_study.camp_study(day, settings_of("deepseek"))
    gap = selloff_study.camps_gap(study, (0, 0))
    assert gap.gap_pct == pytest.approx(gap.hardware_pct - gap.users_pct)
    assert gap.low_pct < gap.gap_pct < gap.high_pct < 0
    assert gap.p < 1e-6
    lines, bands = selloff_study.camp_lines(study)
    assert lines.loc[-1].tolist() == [0, 0]
    assert lines.loc[0, "makers"] == pytest.approx(gap.hardware_pct)
    assert (bands["users"][0] <= lines["users"]).all()


def test_a_camp_without_companies_gives_no_comparison(day):
    alone = selloff.Day(**(vars(day) | {"stocks": ("NVDA", "AMD")}))
    assert selloff_study.camp_study(alone, settings_of("deepseek")) is None
    assert "cannot be put" in selloff_readings.thesis_sentences({}, "makers", "users")


def test_the_day_was_rarer_for_nvidia_than_for_the_index(day):
    found, missing = selloff_back.rarity(day, draws=300, seed=1)
    assert not missing
    table = selloff_back.rarity_table(day, found)
    assert table.loc["Nvidia", "rank"] == 1
    assert table.loc["Nvidia", "z"] == pytest.approx(-6.0, abs=0.1)
    assert table.loc["Nvidia", "years"] > 5 > 1 > table.loc["S&P 500", "years"]
    band = selloff_back.forecast_bands(day, found["NVDA"])
    inside = band["return_pct"].between(band["low_pct"], band["high_pct"])
    assert not inside[day.date]
    assert inside.mean() > 0.95


def test_a_series_that_the_years_do_not_have_is_named_as_missing():
    _, missing = selloff_back.rarity(selloff.selloff_day(settings_of("dotcom")), draws=200)
    assert missing == ["chip fund SMH: no prices in these years"]


def test_index_was_back_after_13_days_and_nvidia_after_92(day):
    table = selloff_back.recovery_table(day, selloff_back.other_falls(day))
    assert table.loc["^GSPC", "days"] == 13
    assert table.loc["NVDA", "days"] == 92
    prices = day.prices["NVDA"]
    back = prices.index[prices.index.get_loc(day.date) + 92]
    assert prices[back] >= prices[day.eve] > prices[day.date : back].iloc[:-1].max()


def test_other_falls_leave_the_event_out_and_are_as_large(day):
    others = selloff_back.other_falls(day)
    nvidia = others[others["row"] == "NVDA"]
    assert not ((nvidia["ticker"] == "NVDA") & (nvidia["event_date"] == day.date)).any()
    assert (nvidia["fall_pct"] <= day.move("NVDA")).all()
    assert set(others.loc[others["row"] == "^GSPC", "ticker"]) == {"^GSPC"}


def test_the_old_price_is_zero_on_the_path(day):
    path = selloff_back.path_back(day, 60)
    assert (path.loc[-1] == 0).all()
    assert path.loc[0, "NVDA"] == pytest.approx(day.move("NVDA"))
    assert path.index[-1] == 60


def test_a_path_stops_where_the_data_end():
    late = selloff.selloff_day(parameters.check("02_selloff", {"event_date": "2026-06-30"}))
    assert selloff_back.path_back(late, 60).index[-1] < 60


# claims


def test_claims_are_measured_at_their_own_dates_whatever_the_event(day, records):
    here = {one.claim: one for one in selloff_claims.measurements(day.prices, records)}
    known = set(market_data.load_table("claims")["id"])
    assert set(here) <= known
    assert len(here) == 6
    assert here["nvidia_day_fall"].value == pytest.approx(16.97, abs=0.01)
    assert here["nvidia_day_loss"].value == pytest.approx(592.7, abs=0.1)
    assert here["nvidia_record_loss"].value == 1
    assert here["market_day_loss"].value == pytest.approx(0.753, abs=0.01)
    assert here["market_regained"].value == pytest.approx(31.8, abs=0.1)
    assert here["ai_at_a_tenth"].value == pytest.approx(60 / 2.19)
    for one in here.values():
        assert one.low <= one.value <= one.high
        assert one.how
    old = selloff.selloff_day(settings_of("dotcom"))
    there = selloff_claims.measurements(day.prices, selloff_records.records(old))
    assert {one.claim: one.value for one in there} == {one.claim: one.value for one in here.values()}


def test_claims_without_their_series_are_left_out(day, records):
    few = selloff_claims.measurements(day.prices[["AMD", "SPY"]], records)
    assert {one.claim for one in few} == {"nvidia_record_loss", "ai_at_a_tenth"}
    only_index = {one.claim: one for one in selloff_claims.measurements(day.prices[["^GSPC"]], records)}
    assert only_index["market_day_loss"].high < 0.8


# words and pictures on any day


def test_readings_follow_the_tests():
    assert "whichever test" in selloff_readings.reading({"portfolio_p": 0.001, "bmp_adjusted_p": 0.01})
    assert "not sure" in selloff_readings.reading({"portfolio_p": 0.001, "bmp_adjusted_p": 0.2})
    assert "uniform" in selloff_readings.reading({"portfolio_p": 0.4, "bmp_adjusted_p": 0.01})
    assert "not to be told" in selloff_readings.reading({"portfolio_p": 0.4, "bmp_adjusted_p": np.nan})
    two = selloff_readings.reading({"portfolio_p": 0.4, "bmp_adjusted_p": 0.003, "n": 2})
    assert "too few companies" in two  # two companies that happen to agree prove nothing


class Page:
    """Stands for the page of a notebook and remembers what was handed to it."""

    def __init__(self):
        self.findings, self.keys = [], {}

    def finding(self, text, figure=""):
        self.findings.append((text, figure))

    def key(self, name, value, unit, label, low=None, high=None, confidence="high", figure=""):
        assert name not in self.keys, name
        self.keys[name] = {"value": value, "unit": unit, "low": low, "high": high, "figure": figure}


@functools.cache
def study_of(preset: str):
    settings = settings_of(preset)
    day = selloff.selloff_day(settings)
    moves, gap, members = (
        selloff.group_moves(day),
        selloff.weighting_gap(day),
        selloff_members.members_day(day),
    )
    lost = selloff_value.value_lost(day.prices, day.eve, day.date)
    seven, focus_lost = selloff_value.seven_lost(lost), selloff_value.focus_loss(day, lost)
    indexes, records = selloff_value.index_losses(day), selloff_records.records(day)
    study = selloff_study.main_study(day, parameters.check("02_selloff", PRESETS[preset] | {"bootstrap_draws": 200}))
    tests = selloff_study.group_tests(study, parameters.check("02_selloff", PRESETS[preset] | {"bootstrap_draws": 200}))
    rare, missing = selloff_back.rarity(day, draws=200)
    surprises = selloff_back.rarity_table(day, rare)
    others = selloff_back.other_falls(day)
    back, path = selloff_back.recovery_table(day, others), selloff_back.path_back(day, 60)
    camp_study, names = selloff_study.camp_study(day, settings), selloff_findings.camp_names(day)
    camps = selloff_study.all_gaps(camp_study)
    told = selloff_words.value_sentences(day, lost, seven, focus_lost, indexes)
    pictures = [
        selloff_pictures.day_by_company(day, moves),
        selloff_pictures.moves_by_row(day, members, lost),
        selloff_pictures.record_losses(day, records),
        selloff_pictures.abnormal_paths(day, study),
        selloff_pictures.return_periods(rare, surprises, day, "told"),
        selloff_pictures.forecast_band(day, rare[day.focus], "told"),
        selloff_pictures.way_back(day, path, back, "told"),
        selloff_pictures.makers_and_users(day, camp_study, camps, names),
    ]
    pictures += (
        [selloff_pictures.members_map(day, members), selloff_pictures.contributions(day, members)] if members else []
    )
    pictures += [selloff_pictures.value_lost(day, lost, seven, told)] if len(lost) else []
    pictures += [selloff_pictures.waiting_times(day, back, others, "told")] if (back["others"] > 0).any() else []
    values = (lost, focus_lost, seven, indexes, records)
    after = (tests, selloff_study.company_rows(study), rare, selloff.vix_day(day), back, camps, names)
    texts = [
        told, selloff_words.day_sentences(day, moves), selloff_words.breadth_sentences(day, members), selloff_words.gap_sentence(gap),
        selloff_words.record_sentences(records, day), selloff_readings.study_sentences(study), selloff_readings.tests_sentences(tests, "(0, 0)"),
        selloff_readings.rarity_sentences(surprises, missing), selloff_readings.way_sentences(day, back, path),
        selloff_readings.thesis_sentences(camps, *names), *selloff_findings.limits(day, "market", day.groups[day.focus], pd.DataFrame()),
    ]  # fmt: skip
    return selloff_keys.Results(day, moves, gap, members, *values, *after), pictures, texts


@pytest.mark.parametrize("preset", PRESETS)
def test_any_event_gets_true_sentences_keys_and_pictures_that_fit(preset):
    found, pictures, texts = study_of(preset)
    page = Page()
    selloff_findings.hand_on(page, found)
    names = {picture.name for picture in pictures}
    assert 3 <= len(page.findings) <= 6
    assert {figure for _, figure in page.findings} <= names
    assert {key["figure"] for key in page.keys.values()} <= names | {""}
    for text in [*texts, *(text for text, _ in page.findings)]:
        assert "nan" not in text.split()
        assert "not known" not in text
        assert "None" not in text.replace("None of", "")
    for key in page.keys.values():
        if key["low"] is not None and isinstance(key["value"], float):
            assert key["low"] <= key["value"] <= key["high"]
    for picture in pictures:
        assert text_problems(picture.figure) == [], picture.name
        assert picture.alt
        assert picture.caption.endswith(".")
        assert len(picture.data)
    verb = "rose" if found.day.move(found.day.focus) > 0 else "fell"
    assert f" {verb} by " in page.findings[0][0]


def test_the_default_study_hands_on_the_keys_that_others_read():
    found, _, _ = study_of("deepseek")
    page = Page()
    selloff_keys.keep_keys(page, found)
    wanted = [
        "focus_day_pct",
        "focus_value_lost_usd_bn",
        "index_day_pct",
        "nasdaq_day_pct",
        "equal_weight_day_pct",
        "members_rose_pct",
        "chips_day_pct",
        "platforms_day_pct",
        "focus_ar_pct",
        "chips_caar_0_0_pct",
        "chips_caar_0_0_bmp_adjusted_p",
        "garch_z",
        "garch_probability",
        "return_period_years",
        "days_to_recover_focus",
        "days_to_recover_index",
        "largest_dollar_loss_rank",
        "size_rank",
        "seven_value_lost_usd_bn",
    ]
    assert [name for name in wanted if name not in page.keys] == []
    assert page.keys["size_rank"]["value"] == 1
    assert page.keys["chips_caar_0_0_bmp_adjusted_p"]["value"] == pytest.approx(0.0506, abs=0.001)


def test_the_grid_of_tests_holds_every_test_and_says_which_to_trust(day):
    study = event_study.event_study(
        day.prices, day.date, {"NVDA": "chips", "AMD": "chips", "VST": "power"}, windows=[(0, 0)]
    )
    tests = selloff_study.group_tests(study, parameters.check("02_selloff", {"bootstrap_draws": 200}))
    grid = selloff_study.grid_of_tests(tests, "(0, 0)")
    assert len(grid) == 9
    assert grid.loc["BMP", "on one date"] == "no"
    assert grid.loc["adjusted BMP", "power"] == "–"  # a single company has no spread
    shown = selloff_study.caar_grid(tests)
    assert list(itertools.chain(shown.index)) == ["chips", "power", "all companies"]
