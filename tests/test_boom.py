"""What must hold of the boom: its sums, its dates, what was known when, and what it says for other parameters.

Sums that must be exact are held to 1e-12; facts of the bundled data to the digits in which they are printed.
"""

import dataclasses
import functools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import charts, claims, concentration, market, market_data, parameters
from helpers.boom import (
    boom,
    boom_charts,
    boom_claims,
    boom_curve_charts,
    boom_earnings,
    boom_keys,
    boom_macro,
    boom_macro_charts,
    boom_objections,
    boom_panels,
    boom_split,
    boom_split_charts,
    boom_study,
    boom_tables,
    boom_value,
    boom_words,
)
from helpers.returns import total_growth

NOTEBOOK = "01_valuation_growth"
EXACT = 1e-12
SETTINGS = settings(max_examples=40, deadline=None, derandomize=True)
ARTICLE_CLAIMS = {
    "nasdaq_two_year_gain", "nasdaq_value_added", "nvidia_value", "nvidia_largest", "top_seven_share", "top_seven_record",
    "nvidia_weight_end_2022", "nvidia_weight_eve", "nvidia_share_of_2024_return", "boom_carried_market", "trillion_of_centres",
}  # fmt: skip
WANTED_KEYS = {
    "nasdaq_gain_pct", "nvda_growth_multiple", "nvda_value_usd_bn", "nvda_value_peak_usd_bn", "seven_value_usd_bn", "seven_gdp_pct",
    "top7_share_pct", "top10_share_pct", "effective_number", "earnings_share_of_nvda_rise_pct", "earnings_share_of_leaders_rise_pct",
    "cape", "cape_percentile", "excess_cape_yield_pct", "sp500_contribution_of_seven_pct", "capex_big5_usd_bn", "capex_big5_gdp_pct",
    "margin_debt_gdp_pct",
}  # fmt: skip


def day(text):
    return pd.Timestamp(text)


def chosen(**given_parameters):
    return parameters.check(NOTEBOOK, given_parameters)


@pytest.fixture(scope="module")
def prices():
    return market_data.load_table(market_data.ERAS["ai"])


@pytest.fixture(scope="module")
def study():
    return boom_study.gather(chosen())


@pytest.fixture(scope="module")
def default(study):
    return study.boom


@functools.cache
def article():
    return boom_claims.article_boom()


class Page:
    """Stands where the page of a notebook would, and keeps what is handed on."""

    def __init__(self):
        self.keys, self.findings, self.measurements = {}, [], {}

    def key(self, name, **facts):
        self.keys[name] = facts

    def finding(self, text, figure=""):
        self.findings.append((text, figure))

    def measure(self, claim, value, low, high, figure, confidence, readings, how):
        self.measurements[claim] = (value, low, high, figure, confidence, readings, how)


# Dates and prices


def test_a_day_without_trading_means_the_close_before(prices):
    assert boom.load(chosen(boom_start="2023-01-01"), prices).start == day("2022-12-30")


@pytest.mark.parametrize(
    ("given_parameters", "words_of"),
    [
        ({"boom_start": "2021-01-04"}, "cover 2022-10-03"),
        ({"boom_start": "2025-01-24", "boom_end": "2025-01-24"}, "not after"),
        ({"boom_start": "2025-01-25", "boom_end": "2025-01-26"}, "not after"),
        ({"focus_ticker": "GEV"}, "begin on 2024-03-27"),
        ({"focus_ticker": "NVDIA"}, "No prices for NVDIA"),
    ],
)
def test_a_boom_that_makes_no_sense_is_refused_in_words(prices, given_parameters, words_of):
    with pytest.raises(ValueError, match=words_of):
        boom.load(chosen(**given_parameters), prices)


def test_a_company_listed_later_is_blank_and_left_out_of_its_group(default):
    company = boom.growth_by_company(default)
    assert np.isnan(company.loc["GE Vernova", "total growth, %"])
    assert "begins on 2024-03-27" in company.loc["GE Vernova", "note"]
    two = [1 + total_growth(default.prices[t], default.start, default.end) for t in ("VST", "CEG")]
    assert boom.growth_by_group(default).loc["power", "total growth, %"] == pytest.approx(100 * (np.mean(two) - 1))


def test_nvidias_price_was_multiplied_by_almost_ten_and_the_nasdaq_rose_by_91_percent(default):
    company, group = boom.growth_by_company(default), boom.growth_by_group(default)
    assert company.loc["Nvidia", "total growth, %"] == pytest.approx(876.6, abs=0.1)
    assert group.loc["NASDAQ Composite", "total growth, %"] == pytest.approx(90.65, abs=0.01)


def test_month_ends_are_the_last_trading_days_and_leave_an_unfinished_month_out(prices):
    ends = boom.month_ends(prices.loc[:"2025-01-15"], day("2024-11-15"), day("2025-01-15"))
    assert ends.strftime("%Y-%m-%d").tolist() == ["2024-11-29", "2024-12-31"]


def test_every_marked_event_stands_in_the_events_of_record():
    known = market_data.load_table("events")["date"].dt.strftime("%Y-%m-%d").tolist()
    assert set(boom.MARKED_EVENTS) <= set(known)


def test_growth_curves_pass_through_the_booms_own_growth(study):
    starts, ends = study.growth_curves
    assert starts.loc["2022-12-30", "Nvidia"] == pytest.approx(9.766, abs=1e-3)
    assert ends.index[-1] == study.boom.last
    assert starts.index.year.isin([2022, 2023]).all()


# Market value, weights and contributions


def test_nvidia_first_closed_above_each_trillion_on_the_days_of_record(default):
    first = boom_value.milestone_table(default, "NVDA")["first close"].dt.strftime("%Y-%m-%d")
    assert first.to_dict() == {
        1: "2023-06-13",
        2: "2024-03-01",
        3: "2024-06-05",
        4: "2025-07-10",
        5: "2025-10-29",
    }


def test_nvidia_was_first_most_valuable_on_18_june_2024(default):
    rank = boom_value.ranks(default)
    assert rank.index[rank == 1][0] == day("2024-06-18")
    assert rank.loc["2024-12-31"] == 2


def test_the_sevens_value_agrees_with_published_market_values(default):
    published = market_data.load_table("market_caps")
    published = published[(published["date"] == "2025-01-24") & published["ticker"].isin(default.leaders)]
    value = boom_value.leaders_value(default).loc["2025-01-24"]
    assert len(published) == 7
    assert value["value_usd_bn"] == pytest.approx(published["market_cap_usd_bn"].sum(), rel=5e-3)
    assert value["gdp_pct"] == pytest.approx(60.0, abs=0.3)


def test_weights_drift_with_prices_to_the_published_weight_of_the_day_after(default):
    weights = market.weights_on(default.prices, day("2025-01-27"), market.weight_snapshots())
    assert 100 * weights["NVDA"] == pytest.approx(5.69, abs=0.01)


def test_weights_before_the_first_known_day_drift_back(default):
    snapshots = market.weight_snapshots().loc["2022-12-30":]
    back = market.weights_on(default.prices, day("2022-10-03"), snapshots)["NVDA"]
    ratio = 1 + total_growth(default.prices["NVDA"], "2022-10-03", "2022-12-30")
    index = 1 + total_growth(default.prices["SPY"], "2022-10-03", "2022-12-30")
    assert back == pytest.approx(snapshots.loc["2022-12-30", "NVDA"] * index / ratio)


def test_concentration_shows_known_days_only_and_marks_what_is_not_sure(study):
    history = boom_value.concentration_history(study.boom, study.snapshots)
    published = market_data.load_table("sp500_concentration")
    assert set(history["date"]) <= set(published["date"]) | set(study.snapshots.index)
    low = history[history["confidence"] == "low"]
    assert set(low["date"].dt.year) == {1995, 2000, 2005}
    wide = history.pivot_table(index="date", columns="k", values="share_pct").dropna()
    assert (wide[1] < wide[7]).all()
    assert (wide[7] < wide[10]).all()


def test_the_effective_number_of_all_members_lies_within_the_bounds_of_the_sixty_heaviest(study):
    every = study.snapshots.loc["2025-01-24"].dropna()
    exact = boom_value.effective_number_row(every)
    bound = boom_value.effective_number_row((every / every.sum()).nlargest(60))
    assert exact["low"] == exact["high"] == pytest.approx(48.4, abs=0.1)
    assert bound["low"] < exact["low"] < bound["high"]


def test_contributions_add_up_to_the_index_return_exactly(study):
    parts = study.parts
    index = total_growth(study.boom.prices["SPY"], study.boom.start, study.boom.end)
    assert abs(parts.linked.sum() - index) < EXACT
    assert np.allclose(np.prod(1 + parts.periods.sum(axis=1)) - 1, index, rtol=0, atol=EXACT)


@SETTINGS
@given(first=st.integers(0, 400), length=st.integers(5, 500))
def test_contributions_add_up_over_any_span(first, length):
    default = article()
    days = default.prices.index
    start, end = days[first], days[first + length]
    parts = boom_value.contributions(default, start, end, ["NVDA", "AAPL"], market.weight_snapshots())
    assert abs(parts.linked.sum() - total_growth(default.prices["SPY"], start, end)) < 1e-11


def test_first_weights_held_make_weight_times_return(study):
    held = boom_value.contributions(
        study.boom, study.boom.start, study.boom.end, ["NVDA"], study.snapshots, yearly=False
    )
    growth = total_growth(study.boom.prices["NVDA"], study.boom.start, study.boom.end)
    assert held.linked["NVDA"] == pytest.approx(study.snapshots.loc["2022-12-30", "NVDA"] * growth, abs=EXACT)


def test_a_company_without_a_known_weight_stays_in_the_rest(study):
    parts = boom_value.contributions(study.boom, study.boom.start, study.boom.end, ["TSM", "NVDA"], study.snapshots)
    assert parts.missing == ("TSM",)
    assert list(parts.linked.index) == ["NVDA", concentration.REST]


# Earnings: what was known when


def test_quarters_between_fiscal_years_are_the_calendarised_figure():
    years = boom_earnings.yearly_figures()
    for ticker in ("MSFT", "AVGO", "META"):
        table = boom_earnings.quarter_table(years, ticker, "2020-01-01", "2100-01-01")
        known = years[(years["ticker"] == ticker) & (years["period_end_or_date"] > "2020-01-01")].sort_values(
            "period_end_or_date"
        )
        for quarter in table.index:
            away = (pd.to_datetime(known["period_end_or_date"]) - quarter).dt.days
            expected = np.interp(0, away, known["diluted_eps"])
            assert table.loc[quarter, "diluted_eps"] == pytest.approx(expected, abs=EXACT)


def test_only_fiscal_year_ends_and_stated_quarters_are_called_stated(study):
    nvidia, cisco = study.now.quarters["NVDA"], study.then.quarters["CSCO"]
    assert nvidia.index[nvidia["stated"].astype(bool) & ~nvidia["year_end"]].strftime("%Y-%m").tolist() == ["2024-10"]
    assert cisco.index[cisco["stated"].astype(bool) & ~cisco["year_end"]].strftime("%Y-%m").tolist() == ["2000-01"]


def test_nvidias_stated_trailing_earnings_are_2_54_and_the_straight_line_is_near():
    years = boom_earnings.yearly_figures()
    line = boom_earnings.quarter_table(years, "NVDA", "2020-01-01", "2100-01-01")
    default = boom_claims.article_boom()
    stated = boom_earnings.figures_on(boom_earnings.ai_era(default, ["NVDA"]), pd.DatetimeIndex([default.end])).iloc[
        0, 0
    ]
    assert stated == pytest.approx(2.54, abs=0.005)
    assert line.loc["2024-10", "diluted_eps"].iloc[0] == pytest.approx(stated, rel=0.02)


@pytest.mark.parametrize("reading", ["trailing", "fiscal"])
def test_no_reading_but_hindsight_uses_a_quarter_before_it_was_reported(study, reading):
    for when in study.boom.prices.index[::40]:
        ends = boom_earnings.sources_on(study.now, when, reading)["period_end"].dropna()
        assert ((when - ends).dt.days >= boom_earnings.REPORTING_DAYS).all()
        assert ((when - ends).dt.days <= boom_earnings.STALE_DAYS + boom_earnings.REPORTING_DAYS).all()


def test_an_unknown_reading_is_refused(study):
    with pytest.raises(ValueError, match="trailing, fiscal, hindsight"):
        boom_earnings.figures_on(study.now, pd.DatetimeIndex([study.boom.end]), "forward")


def test_dotcom_prices_meet_the_quotes_of_27_march_2000_on_the_basis_of_the_earnings(study):
    quoted = study.then.prices.loc["2000-03-27"]
    assert quoted["CSCO"] == pytest.approx(80.0625)
    assert quoted["MSFT"] == pytest.approx(104.0625 / 2)
    assert quoted["QCOM"] == pytest.approx(148.9375)


def test_oracles_one_off_gain_is_taken_out_and_can_be_put_back(study):
    end = day("2000-05-31")
    assert study.then.quarters["ORCL"].loc[end, "diluted_eps"] == 0.345
    assert boom_earnings.as_filed(study.then).quarters["ORCL"].loc[end, "diluted_eps"] == 1.05
    note = market_data.load_table("fundamentals").query("ticker == 'ORCL' and fiscal_year == 'FY2000'")["note"].iloc[0]
    assert "0.69 before the Oct 2000 split" in note
    assert "adjusted 2.1bn" in note


def test_a_leader_without_earnings_in_the_data_is_named_and_left_out(default):
    era = boom_earnings.ai_era(default, ["NVDA", "TSM", "AMD"])
    assert era.tickers == ("NVDA",)
    assert era.left_out == ("TSM", "AMD")


# The split


@pytest.mark.parametrize("reading", list(boom_earnings.READINGS))
def test_earnings_and_multiple_add_up_to_the_price_exactly(study, reading):
    for era, span in (
        (study.now, (study.boom.start, study.boom.end)),
        (study.then, study.windows.to_the_peak),
    ):
        table = boom_split.split(era, *span, reading)
        gap = (table["log_eps"] + table["log_multiple"] - table["log_price"]).dropna()
        assert len(gap) >= 5
        assert gap.abs().max() < EXACT


def test_revenue_margin_multiple_and_shares_add_up_to_the_price_exactly(study):
    table = boom_split.drivers(study.now, study.boom.start, study.boom.end)
    parts = table[["revenue", "margin", "multiple", "fewer shares"]].sum(axis=1)
    assert len(table) == 7
    assert (parts - table["price"]).abs().max() < 1e-10


def test_together_is_the_portfolio_of_the_shares_outstanding_at_the_start(study):
    default = study.boom
    table = boom_split.split(study.now, default.start, default.end)
    held = (
        1000
        * default.values.loc[default.start, list(default.leaders)]
        / default.quoted.loc[default.start, list(default.leaders)]
    )
    worth = [(held * default.quoted.loc[when, list(default.leaders)]).sum() for when in (default.start, default.end)]
    assert table.loc["together", "log_price"] == pytest.approx(np.log(worth[1] / worth[0]), abs=EXACT)


def test_a_loss_leaves_no_multiple_but_counts_against_the_others(study):
    table = boom_split.split(study.now, study.boom.start, study.boom.end, "hindsight")
    assert np.isnan(table.loc["AMZN", "log_eps"])
    assert "not above zero at the start" in table.loc["AMZN", "note"]
    without = dataclasses.replace(study.now, tickers=tuple(t for t in study.now.tickers if t != "AMZN"))
    rest = boom_split.split(without, study.boom.start, study.boom.end, "hindsight")
    assert table.loc["together", "log_eps"] > rest.loc["together", "log_eps"]


def test_earnings_made_all_of_nvidias_rise_and_half_of_the_leaders_by_trailing_earnings(study):
    span = (study.boom.start, study.boom.end)
    nvidia = boom_split.shares_by_reading(study.now, *span, "NVDA")
    together = boom_split.shares_by_reading(study.now, *span)
    assert nvidia.round(0).to_dict() == {"trailing": 106, "fiscal": 50, "hindsight": 120}
    assert together.round(0).to_dict() == {"trailing": 52, "fiscal": 14, "hindsight": 66}


def test_the_dotcom_leaders_earned_as_much_at_first_and_less_towards_the_peak(study):
    theirs = study.readings["four quarters then reported"]
    assert theirs.round(0).tolist() == [55, 33, 46]
    assert study.curve["trailing"].iloc[0] == pytest.approx(theirs.iloc[0])
    assert study.curve["trailing"].iloc[-1] == pytest.approx(theirs.iloc[1])


def test_no_figure_of_low_confidence_enters_the_split_of_the_dotcom_leaders(study):
    for table in study.then.quarters.values():
        assert "low" not in set(table["confidence"])
    unsure = boom_earnings.dotcom_era(sure=False)
    assert set(unsure.quarters["ORCL"].loc[:"1997-05-30", "confidence"]) == {"low"}
    assert boom_split.dotcom_windows(study.boom, unsure).whole[0] == day("1997-02-28")


def test_the_row_that_rests_on_an_estimate_is_marked(study):
    table, low = boom_tables.readings_table(study)
    assert low.sum() == 1
    assert "Feb 1997" in table.index[low][0]


def test_dotcom_spans_are_as_long_as_the_boom_and_end_at_the_nasdaqs_peak(study):
    windows, length = study.windows, study.boom.end - study.boom.start
    assert windows.whole == (day("1997-07-31"), day("2000-03-10"))
    for begin, end in (windows.same_distance, windows.to_the_peak):
        assert abs((end - begin) - length) <= pd.Timedelta(days=4)


def test_the_gap_of_a_path_is_what_the_multiple_added(study):
    table = boom_split.paths(study.now, study.boom.start, study.boom.last, study.boom.end)
    gap = table["price"] - table["earnings"] - np.log2(table["multiple"] / table["multiple"].iloc[0])
    assert table.iloc[0][["price", "earnings"]].tolist() == [0, 0]
    assert gap.abs().max() < EXACT


def test_the_curve_of_shares_passes_through_the_split_itself(study):
    starts, ends = study.share_curves
    table = boom_split.split(study.now, study.boom.start, study.boom.end)
    assert starts.loc["2022-12-30", "trailing"] == pytest.approx(boom_split.earnings_share(table), abs=1e-9)
    last = boom_split.split(study.now, study.boom.start, study.boom.last)
    assert ends["trailing"].iloc[-1] == pytest.approx(boom_split.earnings_share(last), abs=1e-9)


def test_counting_from_the_better_year_lowers_the_share_of_earnings(study):
    plain = boom_split.earnings_share(boom_split.split(study.now, study.boom.start, study.boom.end))
    assert boom_split.peak_earnings_share(study.now, study.boom.start, study.boom.end) < plain


# Valuation, spending, credit


def test_spending_by_year_equals_the_sums_of_filings_of_record():
    table = market_data.load_table("ai_capex")
    record = table[table["entity"] == "BIG5 (with ORCL), sum of filings"]
    years = record["period"].str[-4:].astype(int)
    ours = boom_macro.spending_by_year(boom_macro.capital_spending())
    for year, total in zip(years, record["capex_usd_bn"], strict=True):
        assert ours.loc[year, "usd_bn"] == pytest.approx(total, abs=1e-9)
        assert bool(ours.loc[year, "filed"])


def test_plans_stand_only_where_nothing_is_filed():
    spending = boom_macro.capital_spending()
    assert not spending.duplicated(["year", "ticker"]).any()
    assert set(spending.loc[~spending["filed"], "ticker"]) == {"AMZN", "GOOGL", "META"}
    assert (spending.loc[~spending["filed"], "year"] == 2026).all()


def test_the_builders_passed_telecoms_mean_share_of_gdp_in_2025():
    years = boom_macro.spending_by_year(boom_macro.capital_spending())
    telecom = boom_macro.telecom_spending().set_index("label")
    mean = telecom.loc[boom_macro.TELECOM_BOOM, "gdp_pct"]
    assert years.loc[2024, "gdp_pct"] < mean < years.loc[2025, "gdp_pct"]
    assert telecom.loc["CY2000", "confidence"] == "low"


def test_the_cape_of_january_2025_was_among_the_highest_three_percent(study):
    then = study.valuation
    assert then.month == day("2025-01-01")
    assert then.cape == pytest.approx(37.1, abs=0.1)
    assert then.percentile == pytest.approx(97.9, abs=0.1)
    assert then.fifth == 5


def test_the_valuation_of_a_month_does_not_know_later_months(study):
    early = boom_macro.market_valuation(study.months.loc[:"2010-06-01"], day("2005-03-15"), study.after)
    assert early == boom_macro.market_valuation(study.months, day("2005-03-15"), study.after)


def test_margin_debt_on_the_eve_is_that_of_the_month_before(study):
    assert boom_macro_charts.margin_at(study.debt, day("2025-01-24")).name == day("2024-12-01")
    assert boom_macro_charts.margin_at(study.debt, day("2025-01-31")).name == day("2025-01-01")


# Claims, keys, words


@pytest.fixture(scope="module")
def measured():
    page = Page()
    boom_claims.measure_claims(page)
    return page.measurements


def test_every_claim_about_the_boom_is_measured_within_its_own_range(measured):
    assert set(measured) == ARTICLE_CLAIMS
    for value, low, high, figure, confidence, readings, how in measured.values():
        assert low <= value <= high
        assert all(np.isfinite(one) for one in readings.values())
        assert figure
        assert confidence in ("high", "medium", "low")
        assert how.endswith(".")


def test_verdicts_on_the_claims_about_the_boom(measured):
    stated = market_data.load_table("claims").set_index("id")
    found = {}
    for name, (value, low, high, _, confidence, *_) in measured.items():
        row = stated.loc[name]
        found[name] = claims.verdict(
            row["stated_value"],
            value,
            row["comparison"],
            row["tolerance"],
            low,
            high,
            confidence,
            row["checkable"],
        )
    roughly = {
        "top_seven_share", "top_seven_record", "nvidia_share_of_2024_return", "boom_carried_market", "trillion_of_centres",
    }  # fmt: skip
    assert {name for name, verdict in found.items() if verdict == claims.ROUGHLY} == roughly
    assert all(verdict == claims.HOLDS for name, verdict in found.items() if name not in roughly)


def test_nvidias_share_of_the_return_of_2024_by_two_methods(measured):
    simple, _, daily, *_ = measured["nvidia_share_of_2024_return"]
    assert simple == pytest.approx(20.9, abs=0.1)
    assert daily == pytest.approx(21.7, abs=0.1)


def test_nvidias_weights_at_the_end_of_2022_and_on_the_eve(measured):
    assert measured["nvidia_weight_end_2022"][0] == pytest.approx(1.13, abs=0.005)
    assert measured["nvidia_weight_eve"][0] == pytest.approx(6.75, abs=0.005)


def test_daily_shares_of_all_parts_add_up_to_one_hundred(study):
    snapshots, default = study.snapshots, study.boom
    share = boom_claims.daily_share(default, *boom_claims.YEAR_2024, ["NVDA"], snapshots)
    assert 0 < share < 100
    assert share == pytest.approx(21.7, abs=0.1)


def test_key_figures_stand_at_the_booms_end_and_at_the_end_of_the_data(study):
    page = Page()
    boom_keys.keep_keys(page, study)
    assert set(page.keys) >= WANTED_KEYS
    assert {f"{name}_end" for name in WANTED_KEYS} <= set(page.keys)
    assert {"earnings_share_of_dotcom_rise_pct", "telecom_gdp_pct"} <= set(page.keys)
    for facts in page.keys.values():
        assert facts["unit"]
        assert facts["label"]
        assert facts["figure"]
        if facts.get("low") is not None:
            assert facts["low"] <= facts["value"] <= facts["high"]


def test_the_findings_point_to_charts_and_name_the_growth(study):
    page = Page()
    boom_objections.keep_findings(page, study)
    assert 3 <= len(page.findings) <= 6
    assert "rose by 91 %" in page.findings[0][0]
    assert "**52 %**" in page.findings[1][0]


def test_every_finding_meets_an_objection_with_a_number_in_the_answer(study):
    doubts = boom_objections.objections(study)
    assert len(doubts) == 12
    assert all(any(sign.isdigit() for sign in text) for text in doubts["the number that answers it"])


@pytest.mark.parametrize(
    ("share", "rise", "said"),
    [
        (52.0, 0.9, "Growth in earnings made **52 %** of the rise of X"),
        (120.0, 0.9, "The earnings of X grew faster than the price and made **120 %** of its rise"),
        (-15.0, 0.9, "The price of X rose while earnings fell, a part of **−15 %**"),
        (34.0, -0.2, "The price of X fell as earnings fell, a part of **34 %**"),
        (-50.0, -0.2, "The price of X fell while earnings rose, a part of **−50 %**"),
    ],
)
def test_words_stay_true_where_earnings_and_price_pull_apart(share, rise, said):
    assert boom_objections.part_made(share, rise, "X") == said


def test_a_falling_market_is_called_falling():
    short = boom_study.gather(chosen(boom_start="2022-10-03", boom_end="2022-12-30"))
    assert "NASDAQ Composite fell by 3 %" in boom_words.growth(short)
    page = Page()
    boom_objections.keep_findings(page, short)
    assert "added −3.0 points to its return of 5 %" in " ".join(text for text, _ in page.findings)


def test_leaders_outside_the_earnings_data_are_said_to_be_left_out():
    odd = boom_study.gather(chosen(leaders=["AVGO", "TSM", "MU"], focus_ticker="TSM"))
    assert "Broadcom (no other leader has known earnings)" in boom_words.split_said(odd)
    assert "no share count of TSMC" in boom_words.value(odd)
    assert "TSMC" in " ".join(boom_objections.limits(odd))


# Charts


def drawn(study):
    yield boom_charts.growth_chart(study.boom)
    yield boom_charts.value_chart(study.boom)
    yield boom_charts.leaders_chart(study.boom)
    yield boom_charts.concentration_chart(study.boom, study.snapshots)
    yield boom_charts.contribution_chart(study.boom, study.parts)
    yield boom_split_charts.split_chart(study.boom, study.now, study.then, study.windows)
    yield boom_split_charts.path_chart(study.boom, study.now, study.then, study.windows)
    yield boom_curve_charts.share_curve_chart(study.boom, study.now, study.share_curves, study.focus)
    yield boom_curve_charts.growth_curve_chart(study.boom, study.growth_curves)
    yield boom_macro_charts.cape_chart(study.boom, study.months, study.valuation)
    yield boom_macro_charts.after_chart(study.after, study.valuation)
    yield boom_macro_charts.capex_chart(study.spending, study.yearly, study.telecom)
    yield boom_macro_charts.margin_chart(study.boom, study.debt)


def test_every_chart_can_be_read_and_low_confidence_is_marked_on_it(study):
    marked = {"concentration", "capex"}
    for chart in drawn(study):
        assert charts.text_problems(chart.figure) == [], chart.name
        assert chart.caption
        assert chart.alt
        assert len(chart.data)
        texts = " ".join(text.get_text() for text in chart.figure.findobj(match=lambda one: hasattr(one, "get_text")))
        assert ("†" in texts) == (chart.name in marked), chart.name


def test_no_two_leaders_share_a_colour_while_there_are_colours():
    tints = boom_panels.colours(["NVDA", "AMD", "MU", "VRT", "TSM"])
    assert len(set(tints.values())) == 5
    assert tints["NVDA"] == charts.COMPANY["NVDA"]
