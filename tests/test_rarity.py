"""How rare a day was and how it came back: forecasts, tails, ranks, recoveries, and clear words on bad input."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from arch import arch_model
from scipy import stats
from statsmodels.duration.survfunc import SurvfuncRight

from helpers import garch
from helpers.rarity import days_after, garch_day, surprise, tail_probability
from helpers.recovery import recoveries, recovery, recovery_curve

RAW = Path(__file__).parents[1] / "data" / "raw"
DATA = Path(__file__).parent / "data"
EVENT = "2025-01-27"
# the evenings on which Nvidia reported
REPORTS = [
    "2022-11-16",
    "2023-02-22",
    "2023-05-24",
    "2023-08-23",
    "2023-11-21",
    "2024-02-21",
    "2024-05-22",
    "2024-08-28",
    "2024-11-20",
]


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


def test_skewed_tails_add_up_to_one_and_have_the_density_that_was_fitted():
    for skew in (-0.4, 0.0, 0.3):
        z = np.array([-4.0, -0.1, 0.2, 3.0])
        below, above = (tail_probability(z, 5.0, tail, skew) for tail in ("lower", "upper"))
        assert below + above == pytest.approx(1, abs=1e-14)
        slope = (tail_probability(z + 1e-5, 5.0, skew=skew) - tail_probability(z - 1e-5, 5.0, skew=skew)) / 2e-5
        density = np.exp(garch.log_densities(z, np.float64(5.0), np.float64(skew)))
        assert slope == pytest.approx(density, rel=1e-6)


def test_variances_settle_at_the_long_run_value():
    parameters = np.array([[0, 0.1, 0.05, 0, 0.9, 8, 0]]).T
    path = garch.variances(np.full(3000, np.sqrt(2.0)), parameters, 9.0)
    # (omega + alpha r^2) / (1 - beta)
    assert path[-1, 0] == pytest.approx(0.1 / (1 - 0.9) + 0.05 / (1 - 0.9) * 2, rel=1e-9)


# --- the fit ---------------------------------------------------------------------------------------------------------

ASKED_OF_ARCH = {
    "GARCH-t": {"dist": "t"},
    "GJR-t": {"dist": "t", "o": 1},
    "EGARCH-t": {"dist": "t", "o": 1, "vol": "EGARCH"},
    "skewed t": {"dist": "skewt"},
}


def before_the_day(nvidia):
    return 100 * nvidia.dropna()[:"2025-01-24"].to_numpy()


@pytest.mark.parametrize("model", list(garch.MODELS))
def test_a_fit_is_at_least_as_likely_as_that_of_the_arch_package_under_its_own_likelihood(nvidia, model):
    before = before_the_day(nvidia)
    ours = garch.fit(before, model)
    theirs = arch_model(before, rescale=False, **({"vol": "GARCH"} | ASKED_OF_ARCH[model]))
    fitted = theirs.fit(disp="off", options={"ftol": 1e-10, "maxiter": 1000})
    assert theirs.fix(ours.parameters[ours.free]).loglikelihood == pytest.approx(ours.log_likelihood, abs=1e-8)
    assert ours.log_likelihood >= fitted.loglikelihood - 1e-9
    assert ours.parameters[ours.free] == pytest.approx(np.asarray(fitted.params), rel=2e-3)


@pytest.mark.parametrize("model", list(garch.MODELS))
def test_other_starts_end_at_the_same_parameters(nvidia, model):
    before = before_the_day(nvidia)
    reference = garch.fit(before, model)
    generator = np.random.default_rng(8)
    for _ in range(1 if model == "EGARCH-t" else 3):  # its mean is searched for, which takes long
        start = reference.parameters * (1 + reference.free * generator.uniform(-0.03, 0.03, 7))
        again = garch.fit(before, model, start)
        assert again.parameters == pytest.approx(reference.parameters, rel=1e-8)
        assert np.diag(again.covariance) == pytest.approx(np.diag(reference.covariance), rel=1e-6)


def test_a_start_far_away_ends_at_the_same_parameters(nvidia):
    before = before_the_day(nvidia)
    reference = garch.fit(before).parameters
    for start in ([0, 9.0, 0.05, 0, 0.1, 20, 0], [1, 0.5, 0.2, 0, 0.75, 3, 0], [0, 0.05, 0.01, 0, 0.98, 8, 0]):
        assert garch.fit(before, start_at=start).parameters == pytest.approx(reference, rel=1e-8)


def test_the_likelihood_of_the_mark_and_the_pound_is_the_published_one():
    # Bollerslev and Ghysels (1996); Fiorentini, Calzolari and Panattoni (1996) give the parameters and -1106.608
    change = np.loadtxt(DATA / "dem2gbp.csv", skiprows=1)
    mu, omega, alpha, beta = -0.00619041, 0.0107613, 0.153134, 0.805974
    start = np.square(change - mu).mean()

    def likelihood(*point):
        variance = garch.variances(change, np.array([[*point[:3], 0, point[3], 8, 0]]).T, start)[:-1, 0]
        return stats.norm.logpdf(change, point[0], np.sqrt(variance)).sum()

    assert likelihood(mu, omega, alpha, beta) == pytest.approx(-1106.608, abs=5e-4)
    for factor in (0.99, 1.01):
        assert likelihood(mu, omega * factor, alpha * factor, beta) < likelihood(mu, omega, alpha, beta)


def test_the_t_fit_of_the_mark_and_the_pound_is_that_of_fgarch_but_for_the_wall(monkeypatch):
    change = np.loadtxt(DATA / "dem2gbp.csv", skiprows=1)
    fitted = garch.fit(change)
    assert fitted.edges == ("alpha and beta add up to 1, so variance has no level to come back to",)
    assert fitted.parameters[[2, 4]].sum() == pytest.approx(1, abs=1e-12)
    # fGarch allows a sum above 1 and begins at the mean square; with both it is the same maximum
    rows, limits, words = garch._walls("GARCH-t")
    keep = ["add up to 1" not in word for word in words]
    monkeypatch.setattr(garch, "_walls", lambda _: (rows[keep], limits[keep], words))
    begun = garch._Likelihood(change, "GARCH-t", fitted.free, np.square(change - change.mean()).mean())
    found = garch._climb(begun, fitted.parameters, fitted.free)
    published = {"omega": 0.002319, "alpha": 0.12444, "beta": 0.88465, "nu": 4.1184}
    for name, value in published.items():
        assert found[garch.NAMES.index(name)] == pytest.approx(value, rel=2e-4), name
    assert found[0] == pytest.approx(0.002249, abs=1e-4)


@pytest.mark.parametrize(
    ("values", "edge"),
    [
        (lambda g: g.normal(0, 1, 600), "alpha is 0|beta is 0|nu is 500"),
        (lambda g: g.standard_t(1.5, 600), "nu is near 2"),
    ],
)
def test_a_fit_on_an_edge_names_it(values, edge):
    returns = np.append(values(np.random.default_rng(3)), -5.0) / 100
    series = pd.Series(returns, index=pd.bdate_range("2015-01-01", periods=len(returns)))
    found = garch_day(series, series.index[-1], draws=300)
    assert any(re.search(edge, doubt) for doubt in found.doubts)


@pytest.mark.parametrize("seed", [2, 7])
def test_returns_without_any_clusters_of_volatility_are_fitted_and_the_doubt_is_named(seed):
    series = pd.Series(np.random.default_rng(seed).normal(0, 0.02, 601), pd.bdate_range("2015-01-01", periods=601))
    found = garch_day(series, series.index[-1], draws=300)
    assert found.doubts
    assert found.volatility_pct == pytest.approx(100 * series.iloc[:-1].std(), rel=0.15)


def test_a_model_whose_variances_would_explode_is_fitted_on_the_edge_and_says_so(prices):
    # without a wall at alpha 0 the climb went where a calm day makes the next one wild, and overflowed
    returns = prices["AMZN"].pct_change()
    with np.errstate(all="raise", under="ignore"):
        found = surprise(returns, "2025-04-09", 100 * returns["2025-04-09"], "EGARCH-t")
    assert found["doubts"] == ("alpha is 0, so variance does not react to returns",)
    assert 4 < found["z"] < 7


def test_many_lost_draws_are_named(nvidia_day, prices):
    assert nvidia_day.doubts == ("23% of the drawn parameters fall outside what the model allows",)
    assert garch_day(prices["SMH"].pct_change(), EVENT).doubts == ()


def test_without_earnings_days_the_fall_was_30_times_rarer_whatever_the_model(nvidia):
    returns = nvidia.dropna()
    after = days_after(pd.Series(REPORTS), returns.index)
    with_days = {model: surprise(returns, EVENT, 100 * returns[EVENT], model) for model in garch.MODELS}
    without = {model: surprise(returns.drop(after), EVENT, 100 * returns[EVENT], model) for model in garch.MODELS}
    assert [round(one["years"], 1) for one in with_days.values()] == [19.5, 15.6, 13.3, 32.7]
    assert [round(one["years"]) for one in without.values()] == [707, 903, 504, 771]
    assert (with_days["GARCH-t"]["days"], without["GARCH-t"]["days"]) == (579, 570)


def test_a_surprise_of_the_main_model_is_that_of_the_day(nvidia, nvidia_day):
    found = surprise(nvidia, EVENT, nvidia_day.return_pct)
    assert found["z"] == pytest.approx(nvidia_day.z, rel=1e-12)
    assert found["years"] == pytest.approx(nvidia_day.return_period_years, rel=1e-12)
    with pytest.raises(ValueError, match="unknown model 'ARCH': choose one of GARCH-t"):
        surprise(nvidia, EVENT, -17, "ARCH")
    with pytest.raises(ValueError, match="only 60 returns before 2022-12-29"):
        surprise(nvidia, "2022-12-29", -17)


def test_the_forecast_is_that_of_the_arch_package(nvidia, nvidia_day):
    before = 100 * nvidia.dropna()[:"2025-01-24"]
    model = arch_model(before, mean="Constant", vol="GARCH", p=1, q=1, dist="t", rescale=False)
    fitted = model.fit(disp="off", options={"ftol": 1e-10, "maxiter": 1000})
    forecast = fitted.forecast(horizon=1, reindex=False)
    assert nvidia_day.days == len(before)  # below: it stops a little short of the top that ours reaches
    assert nvidia_day.volatility_pct == pytest.approx(np.sqrt(forecast.variance.iloc[0, 0]), rel=1e-5)
    assert nvidia_day.parameters["mu"] == pytest.approx(forecast.mean.iloc[0, 0], rel=1e-5)
    z = (100 * nvidia.loc[EVENT] - nvidia_day.parameters["mu"]) / nvidia_day.volatility_pct
    assert nvidia_day.z == pytest.approx(z, rel=1e-12)
    cdf = model.distribution.cdf(np.array([z]), [fitted.params["nu"]])[0]
    assert nvidia_day.probability == pytest.approx(cdf, rel=1e-6)
    assert nvidia_day.return_period_years == pytest.approx(1 / (252 * cdf), rel=1e-6)
    assert nvidia_day.standard_errors.to_numpy() == pytest.approx(fitted.std_err.to_numpy(), rel=1e-3)
    past = nvidia_day.residuals[:"2025-01-24"].to_numpy()
    assert past == pytest.approx(fitted.std_resid.to_numpy(), rel=1e-4)


# --- the day of 27 January 2025 ------------------------------------------------------------------------------------------


def test_nvidia_fell_17_percent_on_27_january_2025_six_times_the_expected_move(nvidia_day):
    assert nvidia_day.return_pct == pytest.approx(-16.97, abs=0.01)
    assert nvidia_day.z == pytest.approx(-6, abs=0.3)
    assert 5 < nvidia_day.return_period_years < 60
    low, high = nvidia_day.return_period_range_years
    assert low < nvidia_day.return_period_years < high
    assert nvidia_day.draws == 10_000


def test_the_day_was_nvidias_largest_fall_by_return_and_by_surprise(nvidia, nvidia_day):
    assert nvidia.idxmin() == nvidia_day.residuals.idxmin() == pd.Timestamp(EVENT)
    assert nvidia_day.residuals[EVENT] == nvidia_day.z
    assert len(nvidia_day.residuals) == nvidia.notna().sum()


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
    calm = garch_day(returns["RSP"], EVENT, draws=300)
    assert calm.probability == pytest.approx(0.5, abs=0.02)
    rise = garch_day(returns["AAPL"], EVENT, tail="upper", draws=300)
    fall = garch_day(returns["AAPL"], EVENT, draws=300)
    assert rise.return_pct > 3
    assert rise.probability + fall.probability == pytest.approx(1, abs=1e-12)
    assert rise.probability < 0.03


@pytest.mark.parametrize("event", ["2025-04-03", "2024-09-03"])
def test_other_events_run_for_every_series(prices, event):
    returns = prices.drop(columns="GEV").pct_change(fill_method=None)
    for name in ["NVDA", "^GSPC", "DELL"]:
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
    days, z = pd.bdate_range("2000-01-03", periods=601), -4.0
    true, covered, centre = float(tail_probability(z, 5.5)), [], []
    for _ in range(16):
        returns, variances = garch_path(generator, 601)
        returns[600] = 0.05 + z * np.sqrt(variances[600])
        day = garch_day(pd.Series(returns / 100, index=days), days[600], draws=300)
        covered.append(day.probability_range[0] <= true <= day.probability_range[1])
        centre.append(day.probability)
    assert np.sum(covered) >= 11  # 90 % of 16 is meant; fewer than 11 would come once in a thousand
    assert np.median(centre) == pytest.approx(true, rel=0.4)


def test_probabilities_of_past_days_are_uniform_when_the_model_is_true():
    returns, _ = garch_path(np.random.default_rng(12), 2501)
    series = pd.Series(returns / 100, index=pd.bdate_range("2000-01-03", periods=2501))
    day = garch_day(series, series.index[-1], draws=300)
    uniform = tail_probability(day.residuals.to_numpy(), day.parameters["nu"])
    assert stats.kstest(uniform, "uniform").pvalue > 0.01
    assert day.parameters["beta"] == pytest.approx(0.87, abs=0.06)
    assert day.parameters["nu"] == pytest.approx(5.5, abs=1.5)


# --- clear words ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("date", "message"),
    [
        ("2025-01-25", "no return on Saturday 2025-01-25: choose a trading day"),
        ("2031-01-02", "no return on Thursday 2031-01-02"),
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
    with pytest.raises(ValueError, match="there is no return on"):
        garch_day(nvidia * np.nan, EVENT)


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
        (
            "2025-01-25",
            "Saturday 2025-01-25: there is no price on that day with one before it; choose a trading day from",
        ),
        ("2022-10-03", "from 2022-10-04"),
        ("2031-01-02", "to 2026"),
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


def test_the_curve_is_that_of_statsmodels():
    generator = np.random.default_rng(6)
    for _ in range(20):
        watched = generator.integers(1, 60, 80)
        back = generator.geometric(0.05, 80)
        days = pd.array(np.where(back <= watched, back, -1), dtype="Int64")
        falls = pd.DataFrame({"days": days, "days_watched": watched})
        falls["days"] = falls["days"].mask(falls["days"] < 0)
        theirs = SurvfuncRight(np.minimum(back, watched), back <= watched)
        ours = recovery_curve(falls)
        assert ours["day"].tolist() == theirs.surv_times.tolist()
        assert ours["not_back_pct"].to_numpy() == pytest.approx(100 * theirs.surv_prob, abs=1e-10)


def test_news_of_an_evening_is_heard_on_the_next_trading_day():
    days = pd.bdate_range("2024-08-01", "2024-12-31")
    assert days_after(pd.Series(["2024-08-28", "2024-11-22"]), days).day.tolist() == [29, 25]
