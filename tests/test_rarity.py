"""How rare a day was and how it came back: forecasts, tails, ranks, recoveries, and clear words on bad input."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from arch import arch_model
from scipy import stats

from helpers.rarity import (
    day_rank,
    garch_day,
    garch_variance,
    tail_probability,
)
from helpers.recovery import recoveries, recovery, recovery_curve

RAW = Path(__file__).parents[1] / "data" / "raw"
EVENT = "2025-01-27"


@pytest.fixture(scope="module")
def prices():
    return pd.read_csv(RAW / "prices_daily_2022_2026.csv", index_col="date", parse_dates=True)


@pytest.fixture(scope="module")
def nvidia(prices):
    return prices["NVDA"].pct_change(fill_method=None)


@pytest.fixture(scope="module")
def nvidia_day(nvidia):
    return garch_day(nvidia, EVENT)


def closes(values, start="2025-01-01", name="X"):
    return pd.Series(np.asarray(values, dtype=float), index=pd.bdate_range(start, periods=len(values)), name=name)


def garch_path(generator, days, mu=0.05, omega=0.1, alpha=0.08, beta=0.87, nu=5.5):
    """Returns in per cent of a GARCH(1,1) with t errors of known parameters, and the true variances."""
    errors = generator.standard_t(nu, days) * np.sqrt((nu - 2) / nu)
    variances, returns, variance = np.empty(days), np.empty(days), omega / (1 - alpha - beta)
    for day in range(days):
        variances[day], returns[day] = variance, mu + np.sqrt(variance) * errors[day]
        variance = omega + alpha * (returns[day] - mu) ** 2 + beta * variance
    return returns, variances


# --- tails and variances -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("nu", [2.5, 4.0, 5.57, 30.0])
def test_the_tail_is_that_of_students_t_with_variance_one(nu):
    scaled = stats.t(nu, scale=np.sqrt((nu - 2) / nu))
    assert scaled.std() == pytest.approx(1)
    assert tail_probability(-3.0, nu) == pytest.approx(scaled.cdf(-3), rel=1e-10)
    assert tail_probability(3.0, nu, "upper") == pytest.approx(scaled.sf(3), rel=1e-10)


def test_t_with_four_degrees_has_a_closed_form():
    # F(x) = 1/2 + 3/8 s (1 - s^2 / 12), s = 2 x / sqrt(4 + x^2) ... for x = z sqrt(2), z = -2
    x = -2 * np.sqrt(2)
    s = x / np.sqrt(1 + x**2 / 4)
    assert tail_probability(-2.0, 4.0) == pytest.approx(0.5 + 3 / 8 * s * (1 - s**2 / 12), abs=1e-12)


def test_variances_settle_at_the_long_run_value():
    one = np.ones(1)
    path = garch_variance(np.full(3000, np.sqrt(2.0)), 0 * one, 0.1 * one, 0.05 * one, 0.9 * one, 9.0)
    assert path[-1, 0] == pytest.approx(
        0.1 / (1 - 0.9) + 0.05 / (1 - 0.9) * 2, rel=1e-9
    )  # (omega + alpha r^2) / (1 - beta)


def test_the_forecast_is_that_of_the_arch_package(nvidia, nvidia_day):
    before = 100 * nvidia.dropna()[:"2025-01-24"]
    model = arch_model(before, mean="Constant", vol="GARCH", p=1, q=1, dist="t", rescale=False)
    fitted = model.fit(disp="off", options={"ftol": 1e-10, "maxiter": 1000})
    forecast = fitted.forecast(horizon=1, reindex=False)
    assert nvidia_day.days == len(before)
    assert nvidia_day.volatility_pct == pytest.approx(np.sqrt(forecast.variance.iloc[0, 0]), rel=1e-9)
    assert nvidia_day.mean_pct == pytest.approx(forecast.mean.iloc[0, 0], rel=1e-9)
    z = (100 * nvidia.loc[EVENT] - nvidia_day.mean_pct) / nvidia_day.volatility_pct
    assert nvidia_day.z == pytest.approx(z, rel=1e-12)
    cdf = model.distribution.cdf(np.array([z]), [fitted.params["nu"]])[0]
    assert nvidia_day.probability == pytest.approx(cdf, rel=1e-6)
    assert nvidia_day.return_period_years == pytest.approx(1 / (252 * cdf), rel=1e-6)
    assert nvidia_day.standard_errors.to_numpy() == pytest.approx(fitted.std_err.to_numpy(), rel=1e-6)
    past = nvidia_day.residuals[:"2025-01-24"].to_numpy()
    assert past == pytest.approx(fitted.std_resid.to_numpy(), rel=1e-8)


# --- the day of 27 January 2025 ------------------------------------------------------------------------------------------


def test_nvidia_fell_17_percent_on_27_january_2025_six_times_the_expected_move(nvidia_day):
    assert nvidia_day.return_pct == pytest.approx(-16.97, abs=0.01)
    assert nvidia_day.z == pytest.approx(-6, abs=0.3)
    assert 5 < nvidia_day.return_period_years < 60
    low, high = nvidia_day.return_period_range_years
    assert low < nvidia_day.return_period_years < high
    assert nvidia_day.draws == 2000


def test_only_days_before_the_event_are_fitted(nvidia, nvidia_day):
    later = nvidia.copy()
    later[EVENT:] = 2 * later[EVENT:] + 0.01
    changed = garch_day(later, EVENT)
    pd.testing.assert_series_equal(changed.parameters, nvidia_day.parameters)
    assert changed.volatility_pct == nvidia_day.volatility_pct
    assert changed.z < nvidia_day.z


def test_the_ranges_repeat_with_their_seed_and_widen_with_their_level(nvidia, nvidia_day):
    again = garch_day(nvidia, EVENT)
    assert again.probability_range == nvidia_day.probability_range
    wide = garch_day(nvidia, EVENT, level=0.99).probability_range
    assert wide[0] < nvidia_day.probability_range[0] < nvidia_day.probability_range[1] < wide[1]


def test_a_calm_day_is_not_rare_and_a_rise_is_counted_from_above(prices):
    returns = prices.pct_change(fill_method=None)
    calm = garch_day(returns["RSP"], EVENT)
    assert calm.probability == pytest.approx(0.5, abs=0.02)
    rise = garch_day(returns["AAPL"], EVENT, tail="upper")
    fall = garch_day(returns["AAPL"], EVENT)
    assert rise.return_pct > 3
    assert rise.probability + fall.probability == pytest.approx(1, abs=1e-12)
    assert rise.probability < 0.03


@pytest.mark.parametrize("event", ["2025-04-03", "2024-09-03"])
def test_other_events_run_for_every_series(prices, event):
    returns = prices.drop(columns="GEV").pct_change(fill_method=None)
    for name in ["NVDA", "SMH", "^GSPC", "^IXIC", "DELL"]:
        day = garch_day(returns[name], event, draws=300)
        assert 0 < day.probability < 1
        assert day.probability_range[0] < day.probability_range[1]


def test_the_dotcom_day_runs_on_its_own_prices():
    old = pd.read_csv(RAW / "prices_daily_1995_2003.csv", index_col="date", parse_dates=True)
    day = garch_day(old["^IXIC"].pct_change(), "2000-04-14")
    assert day.return_pct == pytest.approx(-9.67, abs=0.01)
    assert 2 < -day.z < 3  # the index had been wild for weeks, so its largest fall surprised little


# --- simulated truth -----------------------------------------------------------------------------------------------------


def test_ranges_cover_a_known_tail_probability():
    generator = np.random.default_rng(11)
    days, z = pd.bdate_range("2000-01-03", periods=801), -4.0
    true, covered, centre = float(tail_probability(z, 5.5)), [], []
    for _ in range(40):
        returns, variances = garch_path(generator, 801)
        returns[800] = 0.05 + z * np.sqrt(variances[800])
        day = garch_day(pd.Series(returns / 100, index=days), days[800], draws=500)
        covered.append(day.probability_range[0] <= true <= day.probability_range[1])
        centre.append(day.probability)
    assert np.mean(covered) >= 0.75  # 90 % is meant; four standard errors of 40 panels below
    assert np.median(centre) == pytest.approx(true, rel=0.4)


def test_probabilities_of_past_days_are_uniform_when_the_model_is_true():
    returns, _ = garch_path(np.random.default_rng(12), 2501)
    series = pd.Series(returns / 100, index=pd.bdate_range("2000-01-03", periods=2501))
    day = garch_day(series, series.index[-1])
    uniform = tail_probability(day.residuals.to_numpy(), day.parameters["nu"])
    assert stats.kstest(uniform, "uniform").pvalue > 0.01
    assert day.parameters["beta"] == pytest.approx(0.87, abs=0.06)
    assert day.parameters["nu"] == pytest.approx(5.5, abs=1.5)


# --- clear words ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("date", "message"),
    [
        ("2025-01-25", "no returns on Saturday 2025-01-25: the next trading day is Monday 2025-01-27"),
        ("2031-01-02", "lies outside the returns"),
        ("2022-12-30", "only 61 returns before 2022-12-30.*needs at least 200"),
    ],
)
def test_a_day_that_cannot_be_judged_is_named(nvidia, date, message):
    with pytest.raises(ValueError, match=message):
        garch_day(nvidia, date)


def test_bad_returns_are_refused_with_a_reason(nvidia, prices):
    with pytest.raises(ValueError, match="constant"):
        garch_day(nvidia * 0, EVENT)
    with pytest.raises(ValueError, match="look like per cent"):
        garch_day(100 * nvidia, EVENT)
    with pytest.raises(ValueError, match="missing on 1 days, first 2024-06-03"):
        garch_day(nvidia.mask(nvidia.index == "2024-06-03"), EVENT)
    with pytest.raises(ValueError, match='"lower" for falls'):
        garch_day(nvidia, EVENT, tail="both")
    with pytest.raises(ValueError, match="only 108 returns before 2024-09-03"):
        garch_day(prices["GEV"].pct_change(fill_method=None), "2024-09-03")
    with pytest.raises(ValueError, match=r"lies outside the returns \(none\)"):
        garch_day(nvidia * np.nan, EVENT)


# --- ranks -----------------------------------------------------------------------------------------------------------------


def test_the_day_was_nvidias_largest_fall_by_return_and_by_z(nvidia, nvidia_day):
    by_garch, by_smoothing = day_rank(nvidia, EVENT, nvidia_day.residuals), day_rank(nvidia, EVENT)
    assert (by_garch.rank, by_garch.z_rank, by_smoothing.z_rank) == (1, 1, 1)
    assert by_garch.days == by_garch.z_days == nvidia.notna().sum()
    assert by_smoothing.z_days == by_smoothing.days - 60
    assert by_garch.z == nvidia_day.z


def test_ranks_count_from_the_end_that_is_asked_for():
    returns = closes([0.01, -0.02, 0.03, -0.02, 0.0])
    assert [day_rank(returns, day).rank for day in returns.index] == [4, 1, 5, 1, 3]
    assert [day_rank(returns, day, tail="upper").rank for day in returns.index] == [2, 4, 1, 4, 3]
    early = day_rank(returns, returns.index[1])
    assert early.z_rank is None
    assert np.isnan(early.z)


def test_z_without_a_model_uses_the_days_before_only():
    generator = np.random.default_rng(5)
    returns = closes(generator.normal(0, 0.01, 150))
    weights = 0.94 ** np.arange(100)[::-1]
    volatility = np.sqrt((weights * returns.iloc[:100] ** 2).sum() / weights.sum())
    assert day_rank(returns, returns.index[100]).z == pytest.approx(returns.iloc[100] / volatility, rel=1e-9)


def test_a_rank_on_a_holiday_is_refused(nvidia):
    with pytest.raises(ValueError, match="no returns on Monday 2025-01-20: the next trading day is Tuesday 2025-01-21"):
        day_rank(nvidia, "2025-01-20")


# --- the way back ------------------------------------------------------------------------------------------------------------


def test_a_recovery_counts_trading_days_until_the_old_close():
    found = recovery(closes([90, 100, 80, 70, 85, 100, 60]), "2025-01-03")
    assert (found.close_before, found.days, found.recovered_on) == (100, 3, pd.Timestamp("2025-01-08"))
    assert (found.trough_pct, found.days_to_trough) == (pytest.approx(-30), 1)
    assert (found.fall_pct, found.days_watched) == (pytest.approx(-20), 4)


def test_a_price_not_seen_again_is_not_yet_recovered():
    found = recovery(closes([100, 80, 99.99, 70]), "2025-01-02")
    assert (found.recovered, found.recovered_on, found.days, found.days_watched) == (False, None, None, 2)
    assert found.trough_date == pd.Timestamp("2025-01-06")


def test_a_price_that_rose_is_back_at_once():
    found = recovery(closes([100, 103, 70]), "2025-01-02")
    assert (found.recovered, found.days, found.fall_pct, found.trough_pct) == (
        True,
        0,
        pytest.approx(3),
        pytest.approx(3),
    )


def test_nvidia_needed_92_trading_days(prices):
    found = recovery(prices["NVDA"], EVENT)
    assert (found.days, found.recovered_on) == (92, pd.Timestamp("2025-06-09"))
    series = prices["NVDA"][EVENT:]
    assert (series.iloc[:92] < found.close_before).all()
    assert series.iloc[92] >= found.close_before
    assert found.trough_pct == pytest.approx(100 * (series.iloc[:92].min() / found.close_before - 1))


@pytest.mark.parametrize(
    ("date", "message"),
    [
        ("2025-01-25", "Saturday 2025-01-25: the day has no price: the next day with one is 2025-01-27"),
        ("2022-10-03", "has no close before it"),
        ("2031-01-02", "the data end before"),
    ],
)
def test_a_recovery_from_a_day_without_price_is_refused(prices, date, message):
    with pytest.raises(ValueError, match=message):
        recovery(prices["NVDA"], date)


def test_falls_before_the_old_price_is_back_belong_to_one_episode():
    table = recoveries(closes([100, 80, 64, 70, 110, 88, 60]), 20)
    assert table["event_date"].dt.day.tolist() == [2, 3, 8, 9]
    assert table["within_earlier"].tolist() == [False, True, False, True]
    assert table["days"].tolist() == [3, 2, pd.NA, pd.NA]
    assert table["recovered_on"].isna().tolist() == [False, False, True, True]


def test_a_fall_of_exactly_the_size_counts_and_none_gives_an_empty_table():
    series = closes([100, 90, 100, 99])
    assert len(recoveries(series, 10)) == 1
    empty = recoveries(series, 50)
    assert empty.empty
    assert "within_earlier" in empty
    with pytest.raises(ValueError, match="positive"):
        recoveries(series, -10)


def test_every_column_of_a_table_is_followed_by_itself(prices):
    table = recoveries(prices[["NVDA", "VST", "GEV"]], 15)
    assert table["series"].unique().tolist() == ["NVDA", "VST", "GEV"]
    assert (table["fall_pct"] <= -15).all()
    single = recovery(prices["VST"], EVENT)
    row = table[(table["series"] == "VST") & (table["event_date"] == EVENT)].iloc[0]
    assert (row["days"], row["trough_date"]) == (single.days, single.trough_date)


def test_the_curve_without_open_falls_is_the_plain_share():
    falls = pd.DataFrame({"days": pd.array([2, 2, 5, 9], dtype="Int64"), "days_watched": [50, 50, 50, 50]})
    curve = recovery_curve(falls)
    assert curve["day"].tolist() == [2, 5, 9]
    assert curve["not_back_pct"].tolist() == pytest.approx([50, 25, 0])


def test_the_curve_counts_open_falls_as_long_as_they_were_watched():
    # Kaplan and Meier by hand: five falls; one is back on day 3 (5 at risk), one is lost from sight on day 4,
    # one is back on day 6 (3 at risk): 4/5, then 4/5 * 2/3.
    falls = pd.DataFrame(
        {"days": pd.array([3, None, 6, None, None], dtype="Int64"), "days_watched": [90, 4, 90, 80, 90]}
    )
    curve = recovery_curve(falls)
    assert curve["at_risk"].tolist() == [5, 3]
    assert curve["not_back_pct"].tolist() == pytest.approx([80, 160 / 3])


def test_the_curve_of_falls_never_made_up_is_empty():
    falls = pd.DataFrame({"days": pd.array([None], dtype="Int64"), "days_watched": [10]})
    assert recovery_curve(falls).empty
