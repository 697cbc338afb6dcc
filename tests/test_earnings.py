"""Earnings as known on a day, and rises split into earnings and multiple: against an independent computation."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import earnings, market_data, parameters, valuation
from helpers.market_value import quoted_closes

START, EVE, LAST = (pd.Timestamp(day) for day in ("2022-12-30", "2025-01-24", "2026-07-31"))
SEVEN = list(parameters.SEVEN)


@pytest.fixture(scope="module")
def prices():
    return quoted_closes(market_data.load_table(market_data.ERAS["ai"]))


@pytest.fixture(scope="module")
def shares(prices):
    return valuation.daily_shares(market_data.load_table("shares_outstanding"), prices.index)


def split(prices, shares, tickers, begin, end, **basis):
    days = pd.DatetimeIndex([begin, end])
    return earnings.split_rise(
        prices.loc[days, tickers], earnings.earnings_on(days, tickers, **basis), shares.loc[begin, tickers]
    )


def dotcom(begin, end, basis="before one-off items"):
    leaders, days = list(earnings.DOTCOM_LEADERS), pd.DatetimeIndex([begin, end])
    closes = earnings.dotcom_prices(market_data.load_table(market_data.ERAS["dotcom"]), leaders)
    known = earnings.earnings_on(days, leaders, "dotcom", basis)
    return earnings.split_rise(closes.loc[days], known, earnings.dotcom_shares(leaders).loc[:begin].iloc[-1])


def test_profits_made_just_under_half_of_the_rise_of_the_seven(prices, shares):
    table = split(prices, shares, SEVEN, START, EVE)
    together = table.loc["together"]
    assert together["earnings_pct"] == pytest.approx(49.24, abs=0.005)
    assert together[["multiple_begin", "multiple_end"]].tolist() == pytest.approx([24.22, 39.72], abs=0.005)
    assert together["earnings_first_pct"] == pytest.approx(37.3, abs=0.05)
    assert together["multiple_first_pct"] == pytest.approx(61.2, abs=0.05)
    by_company = [104.5, -0.9, 43.3, 141.5, 49.4, 41.9, 9.8]
    assert table.loc[SEVEN, "earnings_pct"].tolist() == pytest.approx(by_company, abs=0.05)


def test_two_chip_makers_rose_while_their_profits_fell(prices, shares):
    table = split(prices, shares, ["AVGO", "AMD"], START, EVE)
    assert table.loc[["AVGO", "AMD"], "earnings_pct"].tolist() == pytest.approx([-51.7, -63.6], abs=0.05)


def test_without_the_two_fastest_profits_made_a_third_and_teslas_gain_hardly_matters(prices, shares):
    rest = [ticker for ticker in SEVEN if ticker not in ("NVDA", "AMZN")]
    assert split(prices, shares, rest, START, EVE).loc["together", "earnings_pct"] == pytest.approx(34.3, abs=0.05)
    plain = split(prices, shares, SEVEN, START, EVE, gains=False)
    assert plain.loc["together", "earnings_pct"] == pytest.approx(48.0, abs=0.05)


@pytest.mark.parametrize(("gains", "share", "multiple"), [(True, 94.1, 26.0), (False, 78.6, 31.4)])
def test_by_july_2026_the_multiple_was_almost_back(prices, shares, gains, share, multiple):
    together = split(prices, shares, SEVEN, START, LAST, gains=gains).loc["together"]
    assert together[["earnings_pct", "multiple_end"]].tolist() == pytest.approx([share, multiple], abs=0.05)


def test_december_2022_gives_the_lowest_share_of_fifteen_starting_months(prices, shares):
    months = pd.Series(prices.index, index=prices.index).loc[:"2023-12-31"].resample("ME").last()
    found = pd.Series({day: split(prices, shares, SEVEN, day, EVE).loc["together", "earnings_pct"] for day in months})
    assert found.idxmin() == START and len(found) == 15
    assert [found.min(), found.median(), found.max()] == pytest.approx([49, 84, 116], abs=0.5)


@pytest.mark.parametrize(("begin", "end", "share"), [
    ("1997-07-31", "1999-08-26", 46.8), ("1998-02-13", "2000-03-10", 34.5), ("1997-07-31", "2000-03-10", 40.6),
])  # fmt: skip
def test_the_dotcom_leaders_earned_a_third_to_a_half_of_their_rise_before_one_off_items(begin, end, share):
    assert dotcom(begin, end).loc["together", "earnings_pct"] == pytest.approx(share, abs=0.05)


def test_two_bases_are_never_added_up():
    days = pd.DatetimeIndex(["1999-01-04", "2000-03-10"])
    filed = earnings.earnings_on(days, list(earnings.DOTCOM_LEADERS), "dotcom")
    assert filed.notna().to_numpy().tolist() == [[True, False, False, False, False], [True, True, True, False, False]]
    mixed = market_data.load_table("quarterly_earnings").query("ticker == 'MSFT' and report_date < '1999-01-04'")
    assert set(mixed["kind"].tail(4)) > {"before one-off items"}  # their sum would be neither one thing nor the other
    with pytest.raises(ValueError, match="Unknown basis 'pro forma'"):
        earnings.quarters("CSCO", "dotcom", "pro forma")


@pytest.mark.parametrize("ticker", [*SEVEN, "AVGO", "AMD", "ORCL"])
def test_no_quarter_counts_before_the_day_after_its_release(ticker):
    table = earnings.quarters(ticker).dropna(subset="eps_year")
    released = pd.DatetimeIndex(table["report_date"])
    on, after = (earnings.earnings_on(days, [ticker])[ticker] for days in (released, released + pd.Timedelta(days=1)))
    assert after.tolist() == pytest.approx(table["eps_year"].tolist())
    assert on.iloc[1:].tolist() == pytest.approx(table["eps_year"].tolist()[:-1])
    assert earnings.sources_on(released[-1], [ticker]).loc[ticker, "period_end"] == table.index[-2]


def test_the_weeks_before_a_release_can_be_looked_at_and_long_silence_is_a_gap():
    days = pd.DatetimeIndex(["2022-12-31", "2027-06-01"])
    ended = earnings.earnings_on(days, ["TSLA"], dating="ended")["TSLA"]
    assert ended.iloc[0] == pytest.approx(3.616, abs=1e-3)  # reported on 25 January 2023
    assert np.isnan(ended.iloc[1])
    assert earnings.earnings_on(days, ["TSLA"], dating="fiscal year")["TSLA"].iloc[0] == pytest.approx(1.63, abs=0.01)
    with pytest.raises(ValueError, match="Unknown dating 'hindsight'"):
        earnings.earnings_on(days, ["TSLA"], dating="hindsight")


@settings(max_examples=40)
@given(st.lists(st.floats(0.1, 50), min_size=4, max_size=4), st.lists(st.floats(0.01, 5), min_size=4, max_size=4))
def test_earnings_and_multiple_add_up_to_the_price_exactly(quoted, earned):
    table = earnings.split_rise(
        pd.DataFrame(np.reshape(quoted, (2, 2)), columns=["A", "B"]),
        pd.DataFrame(np.reshape(earned, (2, 2)), columns=["A", "B"]),
        pd.Series({"A": 2.0, "B": 3.0}),
    )
    multiple = np.log((table["multiple_end"] / table["multiple_begin"]).astype(float))
    assert (table["log_eps"] + multiple).tolist() == pytest.approx(table["log_price"].tolist(), abs=1e-12)


def test_a_loss_has_no_multiple_but_counts_against_the_others():
    table = earnings.split_rise(
        pd.DataFrame({"A": [10.0, 20.0], "B": [10.0, 20.0]}),
        pd.DataFrame({"A": [1.0, 2.0], "B": [-0.5, 1.0]}),
        pd.Series(1.0, ["A", "B"]),
    )
    assert np.isnan(table.loc["B", "earnings_pct"]) and table.loc["B", "note"] == "no profit at one end"
    assert table.loc["together", "earnings_pct"] == pytest.approx(100 * np.log(6) / np.log(2))
