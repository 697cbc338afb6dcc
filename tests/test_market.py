"""The index on any day: weights, concentration, contributions; days of a boom; spending on calendar quarters."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import cape, earnings, market, market_data, parameters, valuation
from helpers.event_day import boom_days
from helpers.market_value import quoted_closes
from helpers.returns import total_growth

EXACT = 1e-12
SETTINGS = settings(max_examples=40)
PRICES = market_data.load_table(market_data.ERAS["ai"])
SNAPSHOTS = market.weight_snapshots()
START, EVE = pd.Timestamp("2022-12-30"), pd.Timestamp("2025-01-24")
BUILDERS = ["AMZN", "GOOGL", "META", "MSFT", "ORCL"]


@pytest.fixture(scope="module")
def values():
    shares = valuation.daily_shares(market_data.load_table("shares_outstanding"), PRICES.index)
    return (quoted_closes(PRICES) * shares / 1000).dropna(axis=1, how="all")


@pytest.mark.parametrize(("given_parameters", "words"), [
    ({"boom_start": "2021-01-04"}, "cover 2022-10-03"),
    ({"boom_start": "2025-01-24", "boom_end": "2025-01-24"}, "not after"),
    ({"boom_start": "2025-01-25", "boom_end": "2025-01-26"}, "not after"),
    ({"focus_ticker": "GEV"}, "has prices from 2024-03-27 on"),
    ({"focus_ticker": "NVDIA"}, "no prices for 'NVDIA'; did you mean 'NVDA'"),
])  # fmt: skip
def test_a_boom_that_makes_no_sense_is_refused_in_words(given_parameters, words):
    with pytest.raises(ValueError, match=words):
        boom_days(parameters.check("01_valuation_growth", given_parameters))


def test_nvidia_first_closed_above_each_trillion_on_the_days_of_record(values):
    first = [values.index[values["NVDA"] >= 1000 * trillion][0].strftime("%Y-%m-%d") for trillion in range(1, 6)]
    assert first == ["2023-06-13", "2024-03-01", "2024-06-05", "2025-07-10", "2025-10-29"]
    assert values.index[values.rank(axis=1, ascending=False)["NVDA"] == 1][0] == pd.Timestamp("2024-06-18")


def test_the_sevens_value_agrees_with_published_market_values(values):
    published = market_data.load_table("market_caps").set_index(["date", "ticker"])["market_cap_usd_bn"]["2025-01-24"]
    seven = list(parameters.SEVEN)
    assert values.loc[EVE, seven].sum() == pytest.approx(published[seven].sum(), rel=5e-3)


def test_weights_drift_with_prices_to_the_published_weight_of_the_day_after():
    weights = market.weights_on(PRICES, pd.Timestamp("2025-01-27"), SNAPSHOTS)
    assert 100 * weights["NVDA"] == pytest.approx(5.69, abs=0.01)


def test_weights_before_the_first_known_day_drift_back():
    known = SNAPSHOTS.loc["2022-12-30":]
    back = market.weights_on(PRICES, pd.Timestamp("2022-10-03"), known)["NVDA"]
    own, index = (1 + total_growth(PRICES[c], "2022-10-03", "2022-12-30") for c in ("NVDA", "SPY"))
    assert back == pytest.approx(known.loc["2022-12-30", "NVDA"] * index / own)


def test_nvidia_was_the_tenth_company_and_the_eleventh_line_of_the_index_before_the_boom():
    assert SNAPSHOTS.loc[START].rank(ascending=False)["NVDA"] == 10
    lines = market_data.load_table("sp500_top_weights").query("date == @START").set_index("ticker")["weight_pct"]
    assert lines.rank(ascending=False)["NVDA"] == 11


def test_the_effective_number_of_all_members_lies_within_the_bounds_of_the_sixty_heaviest():
    every = SNAPSHOTS.loc["2025-01-24"].dropna()
    exact, bound = (
        market.effective_number(every),
        market.effective_number((every / every.sum()).nlargest(60)),
    )
    assert exact[0] == exact[1] == pytest.approx(48.42, abs=0.01)
    assert bound[0] < exact[0] < bound[1]


@SETTINGS
@given(first=st.integers(0, 400), length=st.integers(5, 500), daily=st.booleans())
def test_contributions_add_up_to_the_index_return_exactly_over_any_span(first, length, daily):
    start, end = PRICES.index[first], PRICES.index[first + length]
    days = [start, *(day for day in SNAPSHOTS.index if start < day < end), end]
    linked = market.linked_contributions(PRICES, days, ["NVDA", "AAPL"], SNAPSHOTS, daily).loc["linked"]
    assert abs(linked.sum() - total_growth(PRICES["SPY"], start, end)) < 1e-11


def test_first_weights_held_make_weight_times_return_and_an_unknown_weight_stays_in_the_rest():
    linked = market.linked_contributions(PRICES, [START, EVE], ["TSM", "NVDA"], SNAPSHOTS).loc["linked"]
    assert linked["NVDA"] == pytest.approx(
        SNAPSHOTS.loc[START, "NVDA"] * total_growth(PRICES["NVDA"], START, EVE), abs=EXACT
    )
    assert list(linked.index) == ["NVDA", market.REST]


def test_nvidia_brought_a_fifth_of_the_return_of_2024_by_either_method():
    days = [pd.Timestamp("2023-12-29"), pd.Timestamp("2024-12-31")]
    by_start, by_day = (
        market.linked_contributions(PRICES, days, ["NVDA"], SNAPSHOTS, daily).loc["linked"] for daily in (False, True)
    )
    assert [100 * one["NVDA"] / one.sum() for one in (by_start, by_day)] == pytest.approx([20.96, 21.69], abs=0.02)


@pytest.fixture(scope="module")
def spent():
    capex = market_data.load_table("ai_capex").query("entity in @BUILDERS and status == 'actual'")
    cash = "cash purchases of property and equipment"
    capex = capex[capex["definition"].str.startswith(cash) & ~capex["definition"].str.contains("net of")]
    ends = capex["period"].str.extract(r"(\d{4})", expand=False) + capex["entity"].map(
        {"MSFT": "-06-30", "ORCL": "-05-31"}
    ).fillna("-12-31")
    years = pd.DataFrame({"ticker": capex["entity"], "end": ends, "months": 12, "amount": capex["capex_usd_bn"]})
    table = market_data.load_table("capex_quarterly").query("period != 'year'")
    table = table[table["definition"].str.startswith(cash)]
    months = table["definition"].str.contains("two quarters").map({True: 6, False: 3})
    quarters = pd.DataFrame(
        {
            "ticker": table["ticker"],
            "end": table["period_end"],
            "months": months,
            "amount": table["capex_usd_mn"] / 1000,
        }
    )
    return earnings.calendar_quarters(pd.concat([years.astype({"end": "datetime64[ns]"}), quarters]))


def test_the_builders_spent_411_billion_in_2025_which_was_more_than_their_net_income(spent):
    year = spent.loc["2025"].sum().sum()
    reports = pd.concat(earnings.quarters(c).assign(ticker=c) for c in BUILDERS)
    periods = reports.assign(end=reports.index, months=3, amount=reports["net_income"] / 1000)
    income = earnings.calendar_quarters(periods).loc["2025"].sum().sum()
    assert [year, 100 * year / income] == pytest.approx([411.6, 101.6], abs=0.05)


def test_four_builders_spent_more_in_every_quarter_but_that_of_the_selloff(spent):
    four = spent.loc["2024Q3":"2026Q2", ["AMZN", "GOOGL", "META", "MSFT"]].sum(axis=1)
    assert four.tolist() == pytest.approx([58.9, 72.3, 71.9, 88.2, 97.3, 118.6, 129.8, 165.1], abs=0.06)


@pytest.mark.parametrize(
    ("floor", "months", "positive", "median"), [(30, 57, 40.4, -1.13), (35, 34, 14.7, -3.03), (37.1, 28, 3.6, -3.15)]
)
def test_what_followed_months_at_least_as_dear(floor, months, positive, median):
    monthly = market_data.load_table("shiller_monthly")
    ratio, ahead = cape.cape(monthly), 100 * cape.forward_returns(monthly)[10]
    found = cape.outcomes(ahead[ratio >= floor])
    assert found["months"] == months
    assert [found["positive_pct"], found["median_pct"]] == pytest.approx([positive, median], abs=0.05)
    assert found["episodes"] == (2 if floor == 30 else 1)


def test_dearer_prices_without_any_outcome_are_a_gap_and_not_a_zero():
    nothing = cape.outcomes(pd.Series([], index=pd.DatetimeIndex([]), dtype=float, name=10))
    assert nothing["episodes"] == 0 and np.isnan(nothing["positive_pct"])
