"""What an event study must get right: days, models, standard errors, tests, and clear words when it cannot run."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from eventstudy import __main__ as program
from eventstudy import statistics as one
from eventstudy import tests
from eventstudy.cross_section import cross_section, portfolio_slopes
from eventstudy.expected_returns import FACTORS, estimation_weights, fit_model
from eventstudy.study import averages, caar_path, event_study, pooled_study, portfolio_sums, window_sums
from eventstudy.windows import trading_window, window_name

ROOT = Path(__file__).parents[1]
RAW = ROOT / "data" / "raw"
EVENT = "2025-01-27"
GROUPS = {
    "NVDA": "chips", "AVGO": "chips", "AMD": "chips", "TSM": "chips", "MU": "chips",
    "ANET": "equipment", "VRT": "equipment", "DELL": "equipment",
    "VST": "power", "CEG": "power",
    "MSFT": "cloud", "AMZN": "cloud", "GOOGL": "cloud", "META": "cloud",
}  # fmt: skip


@pytest.fixture(scope="module")
def prices():
    return pd.read_csv(RAW / "prices_daily_2022_2026.csv", index_col="date", parse_dates=True)


@pytest.fixture(scope="module")
def study(prices):
    return event_study(prices, EVENT, GROUPS)


@pytest.fixture(scope="module")
def table(study):
    return tests.test_table(study)


@pytest.fixture(scope="module")
def reference():
    return json.loads((ROOT / "tests" / "data" / "event_study_r_reference.json").read_text(encoding="utf-8"))


def panel(seed=0, days=300, companies=6, correlation=0.0, event=None, effect=0.0, sigma=0.02):
    """Prices of a market and companies whose residuals have a known correlation, and an effect on one day."""
    generator = np.random.default_rng(seed)
    market = generator.normal(0.0005, 0.01, days)
    common = generator.normal(size=(days, 1))
    noise = np.sqrt(correlation) * common + np.sqrt(1 - correlation) * generator.normal(size=(days, companies))
    returns = np.outer(market, np.linspace(0.6, 1.8, companies)) + sigma * noise
    if event is not None:
        returns[event] += effect
    names = ["MKT", *(f"C{number}" for number in range(companies))]
    values = np.column_stack([market, returns])
    return pd.DataFrame(
        100 * np.cumprod(1 + values, axis=0), index=pd.bdate_range("2020-01-01", periods=days), columns=names
    )


# --- days ---------------------------------------------------------------------------------------------------------


def test_the_default_estimation_window_is_250_days_ending_11_before_the_event(prices):
    found = trading_window(prices.index, EVENT)
    event = prices.index.get_loc(EVENT)
    assert len(found.estimation_days) == 250
    assert prices.index.get_loc(found.estimation_days[-1]) == event - 11
    assert found.event_days[0] == prices.index[event - 1]
    assert found.event_days[-1] == prices.index[event + 20]
    assert found.offsets[[0, -1]].tolist() == [-1, 20]


@pytest.mark.parametrize(
    ("date", "next_day"), [("2025-01-25", "Monday 2025-01-27"), ("2025-01-20", "Tuesday 2025-01-21")]
)
def test_an_event_on_a_weekend_or_holiday_is_refused_and_the_next_trading_day_named(prices, date, next_day):
    with pytest.raises(ValueError, match=f"not a trading day: the next one is {next_day}.*non_trading_day"):
        event_study(prices, date, GROUPS)


def test_an_event_on_a_weekend_moves_to_the_next_trading_day_when_asked(prices, study):
    moved = event_study(prices, "2025-01-25", GROUPS, non_trading_day="next")
    assert (moved.days.requested, moved.days.event_date) == (pd.Timestamp("2025-01-25"), pd.Timestamp(EVENT))
    pd.testing.assert_frame_equal(moved.car, study.car)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"event_date": "2023-01-27"}, r"begins 181 trading days before the first return.*estimation_days to 69.*2023-10-17"),
        ({"event_date": "2026-07-20"}, r"window to day \+20 runs beyond the prices, which end on 2026-07-31.*\+9"),
        ({"event_date": "2031-01-02"}, "lies outside the prices"),
        ({"windows": [(-15, 0)]}, "day -15 overlaps the estimation window, which ends 11 days before.*raise gap to 15"),
        ({"windows": [(3, 1)]}, "first day, last day"),
        ({"windows": []}, "first day, last day"),
        ({"estimation_days": 4}, "at least 5 days"),
        ({"gap": -1}, "no negative gap"),
        ({"non_trading_day": "skip"}, '"refuse" or "next"'),
        ({"market": "SPX"}, "market series 'SPX' is missing from the prices; did you mean 'SPY'"),
        ({"market": "no such thing"}, "market series 'no such thing' is missing.*there are: "),
        ({"groups": {"NVIDIA": "chips"}}, r"no prices for 'NVIDIA'; did you mean 'NVDA'"),
        ({"groups": {"SPY": "funds"}}, "SPY is the market and cannot be a company"),
        ({"groups": {"NVDA": "all", "VST": "power"}}, "'all' is kept"),
        ({"groups": {}}, "no company to study"),
        ({"model": "apt"}, "unknown model 'apt': choose one of market, mean, market_adjusted, capm, ff3"),
        ({"model": "ff3"}, "the model 'ff3' needs a table of factors"),
    ],
)  # fmt: skip
def test_an_impossible_study_says_what_is_wrong_and_what_to_do(prices, asked, message):
    with pytest.raises(ValueError, match=message):
        event_study(**{"prices": prices, "event_date": EVENT, "groups": GROUPS, **asked})


def test_the_first_possible_event_named_in_the_message_works(prices):
    assert event_study(prices, "2023-10-17", GROUPS).days.estimation_days[0] == prices.index[1]


def test_a_hole_in_the_calendar_is_named(prices):
    holed = prices.drop(prices.loc["2024-08-05":"2024-08-16"].index)
    with pytest.raises(ValueError, match="missing from the price table between 2024-08-02 and 2024-08-19"):
        event_study(holed, EVENT, GROUPS)


def test_an_unsorted_price_table_is_refused(prices):
    with pytest.raises(ValueError, match="sorted"):
        event_study(prices.iloc[::-1], EVENT, GROUPS)


# --- companies that cannot be studied ------------------------------------------------------------------------------


def test_a_company_listed_too_late_is_left_out_and_named_with_the_reason(prices):
    found = event_study(prices, EVENT, {**GROUPS, "GEV": "power"})
    needed = prices.index[prices.index.get_loc(EVENT) - 10 - 250 - 1]  # the price before the first return
    assert found.left_out.to_dict("records") == [
        {
            "ticker": "GEV",
            "group": "power",
            "reason": f"listed too late: first price 27 March 2024, needed from {needed.day} {needed:%B %Y}",
        }
    ]
    assert "GEV" not in found.fit.index
    assert tests.test_table(found).query("group == 'power' and window == '(0, 0)'")["n"].item() == 2


def test_the_late_company_takes_part_when_the_estimation_window_is_short_enough(prices):
    found = event_study(prices, EVENT, {**GROUPS, "GEV": "power"}, estimation_days=190)
    assert found.left_out.empty
    assert "GEV" in found.fit.index


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda closes: closes.mask(closes.index <= "2025-06-30"), "listed too late: no price up to 25 February 2025"),
        (lambda closes: closes * 0 + 50, "constant price in the estimation window"),
        (lambda closes: closes.mask(closes.index == "2024-06-03"), "prices missing inside the windows: 1, first on 3 June 2024"),
        (lambda closes: closes.mask(closes.index == "2025-01-28", 0), "prices missing inside the windows: 1, first on 28 January 2025"),
    ],
)  # fmt: skip
def test_a_company_without_usable_prices_is_left_out_and_named(prices, study, damage, reason):
    damaged = prices.assign(AMD=damage(prices["AMD"]))
    found = event_study(damaged, EVENT, GROUPS)
    assert found.left_out[["ticker", "reason"]].to_numpy().tolist() == [["AMD", reason]]
    kept = study.car[study.car["ticker"] != "AMD"].reset_index(drop=True)
    pd.testing.assert_frame_equal(found.car, kept)


def test_a_price_missing_between_the_two_windows_harms_nobody(prices, study):
    holed = prices.assign(AMD=prices["AMD"].mask(prices.index == study.days.estimation_days[-1] + pd.Timedelta(days=7)))
    assert holed["AMD"].isna().sum() == 1
    assert event_study(holed, EVENT, GROUPS).left_out.empty


def test_a_study_without_any_usable_company_names_every_reason(prices):
    with pytest.raises(
        ValueError, match=r"no company can be studied \(GEV: listed too late: first price 27 March 2024"
    ):
        event_study(prices, EVENT, {"GEV": "power"})


def test_a_market_with_holes_or_without_movement_is_refused(prices):
    holed = prices.assign(SPY=prices["SPY"].mask(prices.index == "2024-06-03"))
    with pytest.raises(
        ValueError, match="market series SPY cannot be used .prices missing inside the windows: 1, first on 3 June 2024"
    ):
        event_study(holed, EVENT, GROUPS)
    with pytest.raises(ValueError, match="market series SPY cannot be used .constant price in the estimation window"):
        event_study(prices.assign(SPY=100.0), EVENT, GROUPS)


def test_a_company_that_copies_the_market_is_refused(prices):
    with pytest.raises(ValueError, match="leaves no residual for COPY"):
        event_study(prices.assign(COPY=2 * prices["SPY"]), EVENT, {"COPY": "funds"})


# --- models and abnormal returns -----------------------------------------------------------------------------------


def test_the_market_model_agrees_with_statsmodels_to_1e10(prices, study):
    returns = prices.pct_change(fill_method=None)
    market = sm.add_constant(returns["SPY"])
    for ticker, row in study.fit.iterrows():
        fitted = sm.OLS(returns.loc[study.days.estimation_days, ticker], market.loc[study.days.estimation_days]).fit()
        expected = [*fitted.params, np.sqrt(fitted.scale), fitted.rsquared]
        assert row[["alpha", "beta", "sigma", "r2"]].to_numpy(dtype=float) == pytest.approx(expected, rel=0, abs=1e-10)
        forecast = fitted.get_prediction(market.loc[study.days.event_days])
        abnormal = returns.loc[study.days.event_days, ticker].to_numpy() - forecast.predicted_mean
        assert study.abnormal[ticker].to_numpy() == pytest.approx(abnormal, rel=0, abs=1e-10)
        assert study.standardised[ticker].to_numpy() == pytest.approx(abnormal / forecast.se_obs, rel=0, abs=1e-9)


def test_nvidias_day_was_17_percent_down_and_13_beyond_the_market(prices, study):
    day = prices["NVDA"].pct_change().loc[EVENT]
    assert 100 * day == pytest.approx(-16.97, abs=0.01)
    fit = study.fit.loc["NVDA"]
    market = prices["SPY"].pct_change().loc[EVENT]
    assert study.abnormal.loc[0, "NVDA"] == pytest.approx(day - fit["alpha"] - fit["beta"] * market, abs=1e-15)
    assert 100 * study.abnormal.loc[0, "NVDA"] == pytest.approx(-13.4, abs=0.1)


@pytest.mark.parametrize("model", ["market", "mean", "market_adjusted"])
@pytest.mark.parametrize("window", [(0, 0), (-1, 1), (0, 20)])
def test_the_standard_error_of_a_car_holds_the_covariances_of_the_prediction_errors(prices, model, window):
    found = event_study(prices, EVENT, GROUPS, model=model)
    days, market = found.days, prices["SPY"].pct_change()
    before, around = (market[part].to_numpy() for part in (days.estimation_days, days.event_days))
    rows = slice(window[0] + 1, window[1] + 2)
    design, event = (np.column_stack([np.ones(len(x)), x]) for x in (before, around[rows]))
    if model == "mean":
        design, event = design[:, :1], event[:, :1]
    covariance = np.eye(len(event))
    if model != "market_adjusted":
        covariance = covariance + event @ np.linalg.inv(design.T @ design) @ event.T
    sums = window_sums(found, window)
    assert sums.se == pytest.approx(found.fit["sigma"].to_numpy() * np.sqrt(covariance.sum()), rel=1e-12)
    assert sums.car == pytest.approx(found.abnormal.loc[window[0] : window[1]].sum().to_numpy(), rel=1e-12)


def test_mean_adjusted_and_market_adjusted_returns_are_plain_differences(prices):
    returns = prices.pct_change(fill_method=None)
    mean = event_study(prices, EVENT, GROUPS, model="mean", market="not needed")
    average = returns.loc[mean.days.estimation_days, "VST"].mean()
    assert mean.abnormal.loc[0, "VST"] == pytest.approx(returns.loc[EVENT, "VST"] - average, abs=1e-14)
    assert (mean.df, mean.market) == (249, "")
    adjusted = event_study(prices, EVENT, GROUPS, model="market_adjusted")
    assert adjusted.abnormal.loc[0, "VST"] == pytest.approx(
        returns.loc[EVENT, "VST"] - returns.loc[EVENT, "SPY"], abs=1e-14
    )
    assert adjusted.fit[["alpha", "beta"]].drop_duplicates().to_numpy().tolist() == [[0.0, 1.0]]


def test_log_returns_are_used_when_asked(prices):
    found = event_study(prices, EVENT, GROUPS, model="market_adjusted", log_returns=True)
    logs = np.log(prices).diff().loc[EVENT]
    assert found.abnormal.loc[0, "NVDA"] == pytest.approx(logs["NVDA"] - logs["SPY"], abs=1e-14)


def test_without_groups_every_series_but_the_market_is_studied():
    found = event_study(panel(), "2021-01-20", market="MKT")
    assert found.fit.index.tolist() == [f"C{number}" for number in range(6)]
    assert found.car["group"].unique().tolist() == ["all"]


def test_an_effect_that_was_put_in_is_found():
    closes = panel(seed=4, companies=40, event=280, effect=-0.05)
    found = event_study(closes, closes.index[280], market="MKT", windows=[(0, 0), (-3, -1), (1, 5)])
    result = tests.test_table(found).set_index("window")
    assert result.loc["(0, 0)", "caar_pct"] == pytest.approx(-5, abs=3 * 100 * 0.02 / np.sqrt(40))
    p_columns = [column for column in result if column.endswith("_p") and column != "bootstrap_p"]
    assert (result.loc["(0, 0)", p_columns] < 0.05).all()
    assert (result.loc[["(-3, -1)", "(+1, +5)"], ["portfolio_p", "bmp_adjusted_p"]] > 0.05).all().all()


def test_the_caar_is_the_plain_average_of_the_cars(study, table):
    cars = study.car.groupby(["group", "window"])["car_pct"].mean()
    for row in table.itertuples():
        own = (
            study.car.loc[study.car["window"] == row.window, "car_pct"].mean()
            if row.group == "all"
            else cars[row.group, row.window]
        )
        assert row.caar_pct == pytest.approx(own, abs=1e-12)


def test_a_path_ends_at_the_caar_and_its_band_is_that_of_the_portfolio_t(study, table):
    path = caar_path(study)
    assert path["name"].unique().tolist() == ["chips", "equipment", "power", "cloud", "all"]
    last = path[(path["name"] == "power") & (path["day"] == 20)].iloc[0]
    row = table.query("group == 'power' and window == '(0, +20)'").iloc[0]
    assert last["caar_pct"] == pytest.approx(row["caar_pct"], abs=1e-12)
    assert last["caar_pct"] / last["se_pct"] == pytest.approx(row["portfolio_t"], rel=1e-12)
    assert (last["high_pct"] - last["low_pct"]) / 2 / last["se_pct"] == pytest.approx(stats.t.ppf(0.975, 248), rel=1e-9)
    assert path[(path["name"] == "all") & (path["day"] == 0)]["date"].item() == pd.Timestamp(EVENT)


def test_paths_of_companies_in_groups_of_their_own_are_their_cars(study):
    path = caar_path(replace(study, fit=study.fit.assign(group=study.fit.index)), start=-1)
    nvidia = path[(path["name"] == "NVDA") & (path["day"] == 1)].iloc[0]
    row = study.car.query("ticker == 'NVDA' and window == '(-1, +1)'").iloc[0]
    assert nvidia[["caar_pct", "se_pct"]].tolist() == pytest.approx(row[["car_pct", "se_pct"]].tolist(), rel=1e-12)
    with pytest.raises(ValueError, match="not within the days -1 to 20"):
        caar_path(study, start=-5)


@pytest.mark.parametrize(
    ("file", "event"),
    [
        ("prices_daily_2022_2026.csv", "2025-04-03"),
        ("prices_daily_2022_2026.csv", "2024-09-03"),
        ("prices_daily_1995_2003.csv", "2000-04-14"),
        ("prices_daily_1995_2003.csv", "2001-09-17"),
    ],
)
def test_other_events_run_without_a_change_of_code(file, event):
    closes = pd.read_csv(RAW / file, index_col="date", parse_dates=True)
    found = event_study(closes, event, {name: "all" for name in closes if name not in ("SPY", "^VIX")})
    result = tests.test_table(found)
    assert result["group"].unique().tolist() == ["all"]
    assert (
        np.isfinite(result.drop(columns=["group", "window", "note", "low_pct", "high_pct", "bootstrap_p"])).all().all()
    )


# --- two companies by hand -------------------------------------------------------------------------------------------


def test_two_companies_computed_by_hand():
    # Six estimation days, returns in per cent. Market: -1 1 -1 1 -1 1, so mean 0 and Sxx = 6.
    #   A = 0 + 1 m + (1 1 -1 -1 0 0): the noise sums to 0 and is orthogonal to m, so alpha 0, beta 1,
    #       SSR = 4, sigma = sqrt(4 / (6 - 2)) = 1.
    #   B = 1 + 2 m + (2 2 0 0 -2 -2): likewise alpha 1, beta 2, SSR = 16, sigma = sqrt(16 / 4) = 2.
    # Event days 0 and 1, market 1 and 2; A -4 and 1, B -6 and 7.
    #   AR: A -4 - 1 = -5 and 1 - 2 = -1; B -6 - 1 - 2 = -9 and 7 - 1 - 4 = 2.
    #   Day 0: variance factor 1 + 1/6 + 1^2/6 = 4/3. Days 0-1: 2 + 2^2/6 + (1+2)^2/6 = 25/6.
    market = [-1, 1, -1, 1, -1, 1, 0, 1, 2]
    a = [0, 2, -2, 0, -1, 1, 0, -4, 1]
    b = [1, 5, -1, 3, -3, 1, 0, -6, 7]
    returns = np.column_stack([market, a, b]) / 100
    days = pd.bdate_range("2025-01-15", periods=10)
    closes = pd.DataFrame(np.vstack([np.ones(3), np.cumprod(1 + returns, axis=0)]), index=days, columns=["M", "A", "B"])
    found = event_study(closes, days[8], market="M", windows=[(0, 0), (0, 1)], estimation_days=6, gap=1)

    fit = found.fit[["alpha", "beta", "sigma"]].to_numpy()
    assert fit == pytest.approx(np.array([[0, 1, 0.01], [0.01, 2, 0.02]]), abs=1e-13)
    assert found.abnormal.to_numpy() == pytest.approx(np.array([[-0.05, -0.09], [-0.01, 0.02]]), abs=1e-13)
    cars = found.car.set_index(["window", "ticker"])
    # t = CAR / (sigma sqrt(factor)): A -5 / sqrt(4/3), B -9 / (2 sqrt(4/3)); A -6 / sqrt(25/6), B -7 / (2 sqrt(25/6))
    assert cars["car_pct"].tolist() == pytest.approx([-5, -9, -6, -7], abs=1e-10)
    assert cars["se_pct"].tolist() == pytest.approx([1.1547005384, 2.3094010768, 2.0412414523, 4.0824829046], abs=1e-9)
    assert cars["t"].tolist() == pytest.approx([-4.3301270189, -3.8971143170, -2.9393876913, -1.7146428199], abs=1e-9)

    first, second = tests.test_table(found).to_dict("records")
    # Day 0. Cross-section of (-5, -9): mean -7, sd sqrt(8), t = sqrt(2) (-7) / sqrt(8) = -3.5.
    assert first["caar_pct"] == pytest.approx(-7, abs=1e-10)
    assert first["cross_t"] == pytest.approx(-3.5, abs=1e-10)
    # Patell: (-4.33013 - 3.89711) / sqrt(2 * 4 / (4 - 2)) = -8.2272413359 / 2.
    assert first["patell_z"] == pytest.approx(-4.1136206679, abs=1e-9)
    # BMP: mean -4.11362, sd |-4.33013 + 3.89711| / sqrt(2) = 0.3061862178, t = sqrt(2) mean / sd = -19.
    assert first["bmp_t"] == pytest.approx(-19, abs=1e-9)
    # Correlation: (1*2 + 1*2) / sqrt(4 * 16) = 0.5. Adjusted: / sqrt(1.5), and * sqrt(0.5 / 1.5).
    assert first["r_bar"] == pytest.approx(0.5, abs=1e-12)
    assert first["patell_adjusted_z"] == pytest.approx(-4.1136206679 / 1.5**0.5, abs=1e-9)
    assert first["bmp_adjusted_t"] == pytest.approx(-19 / 3**0.5, abs=1e-9)
    # Portfolio: residuals (1.5 1.5 -0.5 -0.5 -1 -1), SSR = 7, s = sqrt(7/4), t = -7 / sqrt(7/4 * 4/3) = -sqrt(21).
    assert first["portfolio_t"] == pytest.approx(-(21**0.5), abs=1e-9)
    # Sign: positive residuals A 2 of 6, B 2 of 6, p = 1/3; no positive CAR: (0 - 2/3) / sqrt(2 * 1/3 * 2/3) = -1.
    assert first["sign_z"] == pytest.approx(-1, abs=1e-12)
    # Rank over seven days, event lowest for both: U = 1/8 - 1/2 = -3/8. Others, ties sharing a rank, A: 1 1 -> 6.5,
    # 0 0 -> 4.5, -1 -1 -> 2.5; B: 2 2 -> 6.5, 0 0 -> 4.5, -2 -2 -> 2.5. Mean U: (6.5 + 6.5)/16 - 1/2 = 5/16 twice,
    # (2.5 + 4.5)/16 - 1/2 = -1/16 twice, (4.5 + 2.5)/16 - 1/2 = -1/16 twice, -6/16 for the event.
    # S^2 = (25 + 25 + 4 * 1 + 36) / 256 / 7 = 90 / 1792; z = -6/16 / S.
    assert first["rank_z"] == pytest.approx(-6 / 16 / (90 / 1792) ** 0.5, abs=1e-9)
    # Days 0-1: cross-section of (-6, -7): t = sqrt(2) (-6.5) / sqrt(0.5) = -13.
    assert second["cross_t"] == pytest.approx(-13, abs=1e-9)
    # BMP: -2.93939 and -1.71464: mean -2.32702, sd 0.86603, t = -3.8 ; portfolio: -6.5 / sqrt(7/4 * 25/6).
    assert second["bmp_t"] == pytest.approx(-3.8, abs=1e-9)
    assert second["patell_z"] == pytest.approx(-(6 + 3.5) / (25 / 6) ** 0.5 / 2, abs=1e-9)
    assert second["portfolio_t"] == pytest.approx(-6.5 / (7 / 4 * 25 / 6) ** 0.5, abs=1e-9)
    # p-values: Student's t with one degree of freedom is Cauchy, P(|t| > 3.5) = 1 - 2 atan(3.5) / pi.
    assert first["cross_p"] == pytest.approx(1 - 2 * np.arctan(3.5) / np.pi, abs=1e-10)
    assert first["portfolio_p"] == pytest.approx(2 * stats.t.sf(21**0.5, 4), abs=1e-10)
    assert first["patell_p"] == pytest.approx(2 * stats.norm.sf(4.1136206679), abs=1e-9)


@pytest.mark.parametrize("rounded", [False, True])
@pytest.mark.parametrize("factor", [0.01, 0.3, 100.0, 1e6])
def test_the_currency_of_the_prices_changes_no_statistic(rounded, factor):
    for seed in range(3):
        returns = panel(seed=seed, correlation=0.2).pct_change().fillna(0)
        if rounded:  # to the whole per cent: many days are alike
            returns = returns.round(2)
        closes = 50 * (1 + returns).cumprod()
        plain, other = (
            tests.test_table(event_study(table, closes.index[270], market="MKT")).set_index(["group", "window", "note"])
            for table in (closes, factor * closes)
        )
        assert other.to_numpy(dtype=float) == pytest.approx(plain.to_numpy(dtype=float), rel=0, abs=1e-9, nan_ok=True)


def test_residuals_apart_by_rounding_are_ties_and_zeros():
    generator = np.random.default_rng(12)
    exact = generator.integers(-3, 4, (40, 5)) / 100
    shaken = exact + generator.choice([-1e-16, 0, 1e-16], exact.shape)
    assert (np.unique(shaken).size, np.unique(exact).size) == (21, 7)
    for split in (35, 39):
        for event in (one.restandardise, np.copy):
            ranks = [one.mean_ranks(x[:split], event(x[split:])) for x in (exact, shaken)]
            assert ranks[0] == pytest.approx(ranks[1], abs=1e-12)
        signs = [one.generalized_sign_z(x[split], x[:split]) for x in (exact, shaken)]
        assert signs[0] == pytest.approx(signs[1], abs=1e-12)


# --- numbers that are not ours -----------------------------------------------------------------------------------------


def test_statistics_equal_those_of_the_r_package_eventstudy(reference):
    residuals, abnormal, sigma, standardised = [], [], [], []
    for event in reference["events"].values():
        market, event_market = np.array(event["market"]), np.array(event["event_market"])
        returns = event["alpha"] + event["beta"] * market + np.array(event["noise"])
        (alpha, beta), size, left, df = fit_model(returns[:, None], market)
        abnormal.append(np.array(event["event_returns"]) - alpha[0] - beta[0] * event_market)
        residuals.append(left[:, 0])
        sigma.append(size[0])
        spread = np.square(estimation_weights(market, event_market)).sum(axis=1)
        standardised.append(abnormal[-1] / (size[0] * np.sqrt(1 + spread)))
    residuals, abnormal, standardised = (np.column_stack(x) for x in (residuals, abnormal, standardised))
    cumulated, expected = abnormal.cumsum(axis=0), reference["expected"]
    ours = {
        "aar": abnormal.mean(axis=1),
        "cross_t": [one.cross_sectional_t(row) for row in abnormal],
        "caar": cumulated.mean(axis=1),
        "cumulative_cross_t": [one.cross_sectional_t(row) for row in cumulated],
        "patell_z": [one.patell_z(row, df) for row in standardised],
        "bmp_t": [one.cross_sectional_t(row / sigma) for row in abnormal],
        "cumulative_bmp_t": [one.cross_sectional_t(row / sigma) for row in cumulated],
        "sign_z": [one.generalized_sign_z(row, residuals) for row in abnormal],
    }
    r_bar = np.corrcoef(residuals.T)[np.triu_indices(3, 1)].mean()
    for name in ("bmp_t", "cumulative_bmp_t"):
        ours[name.replace("_t", "_adjusted_t")] = [one.kolari_pynnonen(0, t, r_bar, 3)[1] for t in ours[name]]
    ranks = one.mean_ranks(residuals, abnormal)
    # its S divides by T - 1 where Corrado (1989) divides by T = 11 days
    ours["rank_z"] = ranks[-3:] / np.sqrt(np.square(ranks).sum() / 10)
    assert ours.keys() == expected.keys()
    for name, values in ours.items():
        assert np.asarray(values) == pytest.approx(expected[name], rel=1e-9), name


def test_models_equal_those_of_the_r_package_eventstudy(reference):
    single = reference["single"]
    market = np.array(single["market"])
    returns = single["returns_alpha"] + single["returns_beta"] * market + np.array(single["noise"])
    (alpha, beta), sigma, _, df = fit_model(returns[:, None], market)
    abnormal = np.array(single["event_returns"]) - alpha - beta * np.array(single["event_market"])
    assert (sigma[0], df) == (pytest.approx(single["sigma"], abs=1e-14), 4)
    assert abnormal / sigma == pytest.approx(single["ar_over_sigma"], rel=1e-10)
    for model in ("mean_adjusted", "market_adjusted"):
        given = reference[model]
        market = np.array(given.get("market", np.zeros(6)))
        fitted = fit_model(
            np.array(given["returns"])[:, None],
            market,
            model.removesuffix("_adjusted") if model == "mean_adjusted" else model,
        )
        assert (fitted[1][0], fitted[3]) == (pytest.approx(given["sigma"], abs=1e-14), 5)


def test_bmp_and_its_adjustment_equal_those_of_py_event_studies():
    # computed with its release 0.3.0 on this panel; its standard deviations divide by n
    closes = panel(seed=2, correlation=0.3)
    found = tests.test_table(event_study(closes, closes.index[270], market="MKT", windows=[(0, 0), (0, 2)]))
    day, three = found.iloc[0], found.iloc[1]
    assert day["r_bar"] == pytest.approx(0.29815778221719663, rel=1e-10)
    assert np.sqrt(6 / 5) * day["bmp_t"] == pytest.approx(6.758111830172783, rel=1e-10)
    assert np.sqrt(6 / 5) * day["bmp_adjusted_t"] == pytest.approx(3.587374002954135, rel=1e-10)
    assert np.sqrt(6 / 5) * three["bmp_adjusted_t"] == pytest.approx(2.874911461903859, rel=1e-10)


def test_cars_equal_those_of_ffjr_eventstudies():
    closes = panel(seed=2, correlation=0.3)
    found = event_study(closes, closes.index[270], market="MKT", windows=[(0, 2)])
    theirs = [
        0.0429314065313487,
        3.496334368467193,
        3.10797028656762,
        3.51215043994329,
        3.430381501423917,
        2.688220885157069,
    ]
    assert found.car["car_pct"].tolist() == pytest.approx(theirs, rel=1e-10)  # its release 0.2.0


# --- closed forms ------------------------------------------------------------------------------------------------------


def test_without_correlation_the_kolari_pynnonen_tests_are_patell_and_bmp():
    assert one.kolari_pynnonen(2.5, 2.1, 0.0, 24) == (2.5, 2.1)
    assert one.kolari_pynnonen(2.5, np.nan, np.nan, 1)[0] == 2.5


def test_adjusted_patell_is_exact_for_companies_that_are_copies():
    # n copies of one company hold the evidence of one: patell = sqrt(n) z, adjusted with r = 1 back to z
    z = one.patell_z(np.full(9, 1.7), df=10**9)
    assert one.kolari_pynnonen(z, np.nan, 1.0, 9)[0] == pytest.approx(1.7, abs=1e-8)


def test_event_induced_variance_leaves_bmp_as_it_is_and_moves_patell():
    values = np.random.default_rng(3).normal(0.5, 1, 20)
    assert one.cross_sectional_t(3 * values) == pytest.approx(one.cross_sectional_t(values), rel=1e-12)
    assert one.patell_z(3 * values, 248) == pytest.approx(3 * one.patell_z(values, 248), rel=1e-12)


def test_the_rank_test_knows_only_order():
    generator = np.random.default_rng(5)
    before, event = generator.normal(size=(100, 4)), generator.normal(size=(3, 4))
    plain = one.rank_z(before, event)
    assert one.rank_z(np.exp(before), np.exp(event)) == pytest.approx(plain, rel=1e-12)
    assert one.rank_z(-before, -event) == pytest.approx(-plain, rel=1e-9)


def test_the_cumulated_rank_statistic_has_variance_one_when_days_are_exchanged():
    generator = np.random.default_rng(6)
    days = generator.normal(size=(60, 5)) + generator.normal(size=(60, 1))
    values = []
    for _ in range(800):
        shuffled = generator.permutation(days)
        values.append(one.rank_z(shuffled[:45], shuffled[45:]))
    assert np.mean(values) == pytest.approx(0, abs=4 / np.sqrt(800))
    assert np.var(values) == pytest.approx(1, abs=4 * np.sqrt(2 / 800))


def test_the_portfolio_t_is_the_t_of_an_equally_weighted_company():
    closes = panel(seed=8, correlation=0.4)
    returns = closes.pct_change().fillna(0)
    basket = pd.DataFrame({"MKT": closes["MKT"], "BASKET": (1 + returns.drop(columns="MKT").mean(axis=1)).cumprod()})
    apart = tests.test_table(event_study(closes, closes.index[275], market="MKT"))
    whole = event_study(basket, closes.index[275], market="MKT")
    assert apart["portfolio_t"].tolist() == pytest.approx(whole.car["t"].tolist(), rel=1e-9)


def test_a_single_company_keeps_the_tests_that_make_sense_for_it(prices):
    found = event_study(prices, EVENT, {"NVDA": "chips"})
    row = tests.test_table(found).iloc[0]
    company = found.car.iloc[0]
    assert row["portfolio_t"] == pytest.approx(company["t"], rel=1e-12)
    assert row["patell_z"] == row["patell_adjusted_z"] == pytest.approx(company["t"] / np.sqrt(248 / 246), rel=1e-12)
    assert row[["cross_t", "cross_p", "bmp_t", "bmp_adjusted_t", "r_bar"]].isna().all()
    assert company["p"] == pytest.approx(2 * stats.t.sf(abs(company["t"]), 248), rel=1e-8)


# --- table and bootstrap -----------------------------------------------------------------------------------------------


def test_the_table_has_a_row_for_each_group_and_window(table):
    assert table["group"].unique().tolist() == ["chips", "equipment", "power", "cloud", "all"]
    assert table["window"].unique().tolist() == ["(0, 0)", "(-1, +1)", "(0, +4)", "(0, +20)"]
    assert len(table) == 20
    assert table.loc[table["group"] == "all", "n"].unique().tolist() == [14]
    for row in tests.overview().itertuples():
        assert {row.column, row.p_column} <= set(table.columns), row.test


def test_a_window_does_not_depend_on_the_other_windows(prices, table):
    alone = tests.test_table(event_study(prices, EVENT, GROUPS, windows=[(0, 4)]))
    together = table[table["window"] == "(0, +4)"].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, together)


def test_a_window_name_shows_signs():
    assert [window_name(window) for window in [(0, 0), (-1, 1), (-5, -2)]] == [
        "(0, 0)",
        "(-1, +1)",
        "(-5, -2)",
    ]


def test_the_bootstrap_repeats_with_its_seed(study):
    first, again, other = (tests.test_table(study, draws=200, seed=seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(first, again)
    assert not np.allclose(first["low_pct"], other["low_pct"])


def test_the_bootstrap_noise_has_the_spread_of_the_prediction_error(study):
    noise = 100 * tests.bootstrap_noise(study, draws=4000, block_days=1)
    names = averages(study.fit).index
    path = caar_path(study).set_index(["name", "day"])
    for place, last_day in ((0, 0), (2, 4), (3, 20)):
        spread = noise[:, :, place].std(axis=0)
        assert spread == pytest.approx([path.loc[(name, last_day), "se_pct"] for name in names], rel=0.07)
        assert noise[:, :, place].mean(axis=0) == pytest.approx(0 * spread, abs=5 * spread.max() / np.sqrt(4000))


def test_the_bootstrap_keeps_the_correlation_of_companies():
    closes = panel(seed=9, companies=20, correlation=0.5)
    found = event_study(closes, closes.index[275], market="MKT", windows=[(0, 0)])
    noise = tests.bootstrap_noise(found, draws=3000)[:, -1, 0]
    independent = np.sqrt(np.square(found.fit["sigma"]).sum()) / 20
    assert noise.std() > 2.5 * independent  # sqrt(1 + 19 / 2) = 3.2 times, were the companies' variances alike


def test_longer_blocks_keep_serial_correlation():
    closes = panel(seed=10, companies=1, days=600)
    returns = closes.pct_change().fillna(0)
    slow = 0.01 * pd.Series(np.random.default_rng(3).normal(size=600)).ewm(span=9).mean().to_numpy()
    closes["C0"] = (1 + returns["MKT"] + slow).cumprod()
    found = event_study(closes, closes.index[560], market="MKT", windows=[(0, 9)], estimation_days=500)
    single, blocks, chosen = (tests.bootstrap_noise(found, 500, block_days=days).std() for days in (1, 15, None))
    assert blocks > 1.5 * single
    assert chosen > 1.3 * single


def test_the_interval_is_around_the_estimate_and_agrees_with_its_p_value(study):
    table = tests.test_table(study, draws=1000)
    assert ((table["low_pct"] < table["caar_pct"]) & (table["caar_pct"] < table["high_pct"])).all()
    excludes_zero = (table["low_pct"] > 0) | (table["high_pct"] < 0)
    clear = (table["bootstrap_p"] < 0.02) | (table["bootstrap_p"] > 0.10)
    assert (excludes_zero == (table["bootstrap_p"] < 0.05))[clear].all()
    wide = tests.test_table(study, draws=1000, level=0.99)
    assert (wide["high_pct"] - wide["low_pct"] > table["high_pct"] - table["low_pct"]).all()


def test_companies_in_groups_of_their_own_have_their_own_intervals(study):
    apart = replace(study, fit=study.fit.assign(group=study.fit.index))
    table = tests.test_table(apart, draws=500).query("group != 'all'").reset_index(drop=True)
    assert table["caar_pct"].tolist() == pytest.approx(study.car["car_pct"].tolist(), abs=1e-10)
    nvidia = table.query("group == 'NVDA' and window == '(0, 0)'").iloc[0]
    assert nvidia["low_pct"] < nvidia["caar_pct"] < nvidia["high_pct"] < 0
    width = (table["high_pct"] - table["low_pct"]) / study.car["se_pct"]
    assert width.between(2, 6).all()  # 2 * 1.97 standard errors under a normal distribution


# --- which tests one date allows -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("correlation", [0.0, 0.3])
def test_only_tests_that_know_the_correlation_keep_their_size_on_one_date(correlation):
    rejected = pd.DataFrame(
        tests.test_table(
            event_study(
                panel(seed=seed, days=140, companies=20, correlation=correlation),
                "2020-07-07", market="MKT", windows=[(0, 0)], estimation_days=120,
            )
        ).iloc[0]
        for seed in range(100)
    ).filter(like="_p") < 0.05  # fmt: skip
    rates = rejected.mean()
    assert (rates[["portfolio_p", "patell_adjusted_p", "bmp_adjusted_p"]].between(0.01, 0.10)).all()
    assert rates["rank_p"] < 0.12
    naive = rates[["cross_p", "patell_p", "bmp_p", "sign_p"]]
    assert (naive > 0.35).all() if correlation else (naive < 0.12).all()


def test_the_table_in_the_documents_shows_what_the_docstring_says():
    sizes = pd.read_csv(ROOT / "docs" / "event_test_size.csv")
    usual = sizes[sizes["event_variance"] == "as before"]
    clustered = usual[usual["correlation"] == 0.3]
    assert (clustered[["cross_pct", "patell_pct", "bmp_pct", "sign_pct"]] > 40).all().all()
    trusted = ["patell_adjusted_pct", "bmp_adjusted_pct", "portfolio_pct", "bootstrap_pct"]
    assert usual[trusted].sub(5).abs().le(1.5).all().all()
    noisier = sizes[sizes["event_variance"] == "all doubled"]
    assert noisier["bmp_adjusted_pct"].sub(5).abs().le(1.5).all()
    assert (noisier[["portfolio_pct", "patell_adjusted_pct", "bootstrap_pct"]] > 12).all().all()
    assert sizes.loc[sizes["event_variance"] != "common part doubled", "rank_pct"].lt(9).all()
    common = sizes[sizes["event_variance"] == "common part doubled"]
    assert (common[[*trusted, "rank_pct"]] > 10).all().all()


def test_on_dates_near_one_another_three_tests_keep_their_size_and_the_rank_tests_do_not():
    sizes = pd.read_csv(ROOT / "docs" / "pooled_test_size.csv").set_index("days_between_dates")
    assert sizes[["portfolio_pct", "patell_adjusted_pct", "bmp_adjusted_pct"]].sub(5).abs().le(1.5).all().all()
    assert (sizes.loc[[1, 2], ["rank_pct", "grank_pct"]] > 15).all().all()
    assert (sizes[["cross_pct", "patell_pct", "bmp_pct", "sign_pct"]] > 8).all().all()


def test_the_gap_of_two_groups_is_the_difference_of_their_means_with_an_interval_of_its_own_noise(prices):
    camps = {"NVDA": "makers", "VRT": "makers", "VST": "makers", "MSFT": "users", "META": "users"}
    study = event_study(prices, EVENT, camps, windows=[(0, 0), (0, 4)])
    gap = tests.portfolio_gap(study, (0, 0), "makers", "users")
    assert gap["gap_pct"] == pytest.approx(gap["long_pct"] - gap["short_pct"], abs=1e-12)
    assert gap["low_pct"] < gap["gap_pct"] < gap["high_pct"] < 0
    assert gap["p"] < 1e-6
    back = tests.portfolio_gap(study, (0, 0), "users", "makers")
    assert (back["gap_pct"], back["p"]) == (pytest.approx(-gap["gap_pct"]), pytest.approx(gap["p"]))
    long_short = prices[["SPY"]].assign(  # the same portfolio, held as one series
        GAP=(
            1
            + prices[["NVDA", "VRT", "VST"]].pct_change().mean(axis=1)
            - prices[["MSFT", "META"]].pct_change().mean(axis=1)
        )
        .fillna(1)
        .cumprod()
    )
    one_series = event_study(long_short, EVENT, {"GAP": "gap"}, windows=[(0, 0)])
    assert 100 * window_sums(one_series, (0, 0)).car[0] == pytest.approx(gap["gap_pct"], abs=1e-9)
    with pytest.raises(ValueError, match="no company of the study is in group 'banks'; there are: makers, users"):
        tests.portfolio_gap(study, (0, 0), "banks", "users")


# --- lists of events -------------------------------------------------------------------------------------------------


def test_a_list_with_one_date_is_the_study_of_that_date(prices, study, table):
    events = pd.DataFrame({"ticker": list(GROUPS), "date": EVENT, "group": list(GROUPS.values())})
    pooled = pooled_study(prices, events)
    pd.testing.assert_frame_equal(pooled.car.drop(columns="date"), study.car)
    pd.testing.assert_frame_equal(tests.test_table(pooled), table)
    assert (table["dates"] == 1).all()


def test_the_mean_correlation_and_the_portfolio_t_of_one_date_are_those_of_their_papers(study, table):
    correlation = study.residuals.corr().to_numpy()
    for row in table.itertuples():
        weights = averages(study.fit).loc[row.group].to_numpy()
        members = np.flatnonzero(weights)
        pairs = correlation[np.ix_(members, members)][np.triu_indices(len(members), 1)]
        assert row.r_bar == pytest.approx(pairs.mean(), abs=1e-12)
        window = next(w for w in study.days.windows if window_name(w) == row.window)
        caar, se = portfolio_sums(study, window, weights[None, :])
        assert row.portfolio_t == pytest.approx(caar[0] / se[0], rel=1e-10)
        assert row.se_pct == pytest.approx(100 * se[0], rel=1e-10)


def test_every_event_of_a_list_has_its_own_estimation_window(prices):
    events = pd.DataFrame({"ticker": ["NVDA", "AMD", "NVDA"], "date": [EVENT, "2025-04-03", "2025-04-03"]})
    pooled = pooled_study(prices, events, windows=[(0, 0), (0, 4)])
    for date, members in ((EVENT, ["NVDA"]), ("2025-04-03", ["AMD", "NVDA"])):
        alone = event_study(prices, date, dict.fromkeys(members, "all"), windows=[(0, 0), (0, 4)])
        own = pooled.car[pooled.car["date"] == date].drop(columns="date").reset_index(drop=True)
        pd.testing.assert_frame_equal(own, alone.car)
    row = tests.test_table(pooled).iloc[0]
    assert (row["n"], row["dates"]) == (3, 2)
    assert row["caar_pct"] == pytest.approx(pooled.car.query("window == '(0, 0)'")["car_pct"].mean(), abs=1e-12)


def test_events_far_apart_count_as_independent_and_events_of_one_day_do_not():
    closes = panel(seed=3, days=700, companies=6, correlation=0.6)
    names = [name for name in closes if name != "MKT"]
    far = pd.DataFrame({"ticker": names, "date": [closes.index[400 + 45 * place] for place in range(6)]})
    options = {"market": "MKT", "windows": [(0, 4)], "estimation_days": 250}
    apart = tests.test_table(pooled_study(closes, far, **options)).iloc[0]
    together = tests.test_table(pooled_study(closes, far.assign(date=closes.index[500]), **options)).iloc[0]
    assert abs(apart["r_bar"]) < 0.02
    assert together["r_bar"] == pytest.approx(0.6, abs=0.1)
    assert together["se_pct"] > 1.5 * apart["se_pct"]
    # without overlap the variance of the mean is the sum of the variances, but for estimation days in common
    alone = pooled_study(closes, far, **options).car["se_pct"]
    assert apart["se_pct"] == pytest.approx(np.sqrt((alone**2).sum()) / 6, rel=0.05)


def test_windows_that_share_days_covary_by_the_days_they_share():
    closes = panel(seed=5, days=500, companies=2, correlation=0.8)
    options = {"market": "MKT", "windows": [(0, 4)], "estimation_days": 250}
    r_bars = []
    for shift in (0, 1, 3, 5):
        events = pd.DataFrame({"ticker": ["C0", "C1"], "date": [closes.index[400], closes.index[400 + shift]]})
        r_bars.append(tests.test_table(pooled_study(closes, events, **options)).iloc[0]["r_bar"])
    whole = r_bars[0]
    assert r_bars == pytest.approx([whole, 0.8 * whole, 0.4 * whole, 0], abs=0.04)


def test_overlapping_events_without_effect_are_rejected_as_often_as_they_should():
    rejected, spacing = [], 2
    for seed in range(60):
        closes = panel(seed=seed, days=160, companies=12, correlation=0.4)
        names = [name for name in closes if name != "MKT"]
        dates = [closes.index[140 + spacing * (place // 3)] for place in range(12)]
        pooled = pooled_study(
            closes, pd.DataFrame({"ticker": names, "date": dates}), "MKT", windows=[(0, 4)], estimation_days=120
        )
        rejected.append(tests.test_table(pooled).iloc[0][["portfolio_p", "patell_adjusted_p", "patell_p"]] < 0.05)
    rates = pd.DataFrame(rejected).mean()
    assert (rates[["portfolio_p", "patell_adjusted_p"]].between(0.01, 0.11)).all()
    assert rates["patell_p"] > 0.2


def test_an_event_that_cannot_be_measured_is_named_and_a_wrong_list_refused(prices):
    events = pd.DataFrame(
        {"ticker": ["NVDA", "GEV", "NVDA", "AMD"], "date": ["2025-01-25", EVENT, EVENT, "2023-01-27"]}
    )
    pooled = pooled_study(prices, events, windows=[(0, 0)])
    reasons = pooled.left_out.set_index(["ticker", pooled.left_out["date"].astype(str)])["reason"]
    assert "is not a trading day: the next one is Monday 2025-01-27" in reasons["NVDA", "2025-01-25"]
    assert "listed too late" in reasons["GEV", EVENT]
    assert "before the first return" in reasons["AMD", "2023-01-27"]
    assert pooled.car["ticker"].tolist() == ["NVDA"]
    with pytest.raises(ValueError, match="the list of events lacks the column date"):
        pooled_study(prices, events[["ticker"]])
    with pytest.raises(ValueError, match="NVDA on 2025-01-27 is in the list twice"):
        pooled_study(prices, pd.DataFrame({"ticker": ["NVDA", "NVDA"], "date": EVENT}))
    with pytest.raises(ValueError, match="no prices for 'NVIDIA'; did you mean 'NVDA'"):
        pooled_study(prices, pd.DataFrame({"ticker": ["NVIDIA"], "date": EVENT}))
    with pytest.raises(
        ValueError,
        match="no event can be studied; the first of 1: GEV|no event can be studied; the first of 1: no company",
    ):
        pooled_study(prices, pd.DataFrame({"ticker": ["GEV"], "date": EVENT}))
    with pytest.raises(ValueError, match="a list of events has the portfolio t instead"):
        tests.test_table(pooled, draws=100)


# --- factor models ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def factors():
    return pd.read_csv(RAW / "factors_daily.csv", index_col="date", parse_dates=True)


@pytest.mark.parametrize("model", ["capm", "ff3", "carhart", "ff5", "ff5_mom"])
def test_factor_models_agree_with_statsmodels(prices, factors, model):
    found = event_study(
        prices, EVENT, {"NVDA": "chips", "VST": "power"}, model=model, factors=factors, windows=[(0, 0), (-1, 1)]
    )
    columns = [f"{name}_pct" for name in FACTORS[model]]
    days = found.days
    for ticker in ("NVDA", "VST"):
        excess = 100 * prices[ticker].pct_change() - factors["rf_pct"].reindex(prices.index)
        design = sm.add_constant(factors[columns])
        fitted = sm.OLS(excess[days.estimation_days], design.loc[days.estimation_days]).fit()
        loadings = found.fit.loc[ticker, ["beta", *FACTORS[model][1:]]].to_numpy(dtype=float)
        assert loadings == pytest.approx(fitted.params[1:].to_numpy(), abs=1e-10)
        assert found.df == fitted.df_resid
        day = fitted.get_prediction(design.loc[[pd.Timestamp(EVENT)]])
        surplus = excess[EVENT] - day.predicted_mean[0]
        row = found.car.query("ticker == @ticker and window == '(0, 0)'").iloc[0]
        assert row["car_pct"] == pytest.approx(surplus, abs=1e-9)
        assert row["t"] == pytest.approx(surplus / day.se_obs[0], abs=1e-9)
        three = design.loc[days.event_days].sum().to_numpy()  # the variance of a sum of three predictions
        variance = fitted.scale * 3 + three @ fitted.cov_params().to_numpy() @ three
        wide = found.car.query("ticker == @ticker and window == '(-1, +1)'").iloc[0]
        assert wide["se_pct"] == pytest.approx(np.sqrt(variance), rel=1e-9)


def test_five_factors_and_momentum_leave_nvidia_a_fall_that_noise_could_explain(prices, factors):
    found = event_study(prices, EVENT, {"NVDA": "chips"}, model="ff5_mom", factors=factors, windows=[(0, 0)])
    row = found.car.iloc[0]
    assert row["car_pct"] == pytest.approx(-3.6, abs=0.05)
    assert row["p"] == pytest.approx(0.10, abs=0.005)


def test_factors_may_be_spelled_as_in_kenneth_frenchs_files(prices, factors):
    spelled = factors.rename(
        columns={"mkt_rf_pct": "Mkt-RF_pct", "mom_pct": "UMD_pct", "rf_pct": "RF_pct", "hml_pct": "HML_pct"}
    )
    options = {"groups": {"NVDA": "chips"}, "windows": [(0, 0)]}
    first, second = (
        event_study(prices, EVENT, model="carhart", factors=table, **options).car for table in (factors, spelled)
    )
    pd.testing.assert_frame_equal(first, second)
    plain = factors.rename(columns=lambda name: name.removesuffix("_pct"))
    pd.testing.assert_frame_equal(
        event_study(prices, EVENT, model="carhart", factors=plain / 100, **options).car, first
    )
    own = pd.DataFrame({"chips": prices["SMH"].pct_change(), "market": prices["SPY"].pct_change()})
    assert {"beta", "market"} <= set(event_study(prices, EVENT, model="factors", factors=own, **options).fit)
    for table, message in (
        (plain, "daily factors look like per cent; end the columns' names in _pct"),
        (factors.drop(columns="mom_pct"), "the table of factors lacks mom; it has mkt_rf, smb"),
        (
            factors.loc[:"2025-01-24"],
            "the factors lack 1 of the days needed, first 2025-01-27; they run from 2022-01-03",
        ),
        (factors.assign(smb_pct=2 * factors["hml_pct"]), "do not move apart in the estimation window"),
    ):
        with pytest.raises(ValueError, match=message):
            event_study(prices, EVENT, model="carhart", factors=table, **options)


# --- edges -----------------------------------------------------------------------------------------------------------


def test_an_infinite_price_leaves_the_company_out(prices):
    broken = prices.assign(AMD=prices["AMD"].mask(prices.index == "2024-06-03", np.inf))
    found = event_study(broken, EVENT, GROUPS)
    assert found.left_out[["ticker", "reason"]].to_numpy().tolist() == [
        ["AMD", "prices missing inside the windows: 1, first on 3 June 2024"]
    ]
    with pytest.raises(ValueError, match="market series SPY cannot be used .prices missing"):
        event_study(prices.assign(SPY=prices["SPY"].mask(prices.index == "2024-06-03", np.inf)), EVENT, GROUPS)


def test_the_mean_model_does_not_study_the_market():
    closes = panel()
    for model in ("market", "mean", "market_adjusted"):
        assert "MKT" not in event_study(closes, closes.index[275], market="MKT", model=model).fit.index
    assert "MKT" in event_study(closes, closes.index[275], {"MKT": "index"}, market="MKT", model="mean").fit.index


def test_companies_alike_have_no_spread_and_that_is_said():
    closes = panel(companies=1)
    for factors in ([2.0], [3.0], [2.0, 3.0]):
        alike = closes.assign(**{f"A{number}": factor * closes["C0"] for number, factor in enumerate(factors)})
        row = tests.test_table(event_study(alike, closes.index[275], market="MKT", windows=[(0, 4)])).iloc[0]
        assert (
            row[["cross_t", "cross_p", "bmp_t", "bmp_adjusted_t", "bmp_adjusted_p", "grank_t", "rank_z"]].isna().all()
        )
        assert row["note"] == "the events are alike: they have no spread"
        assert np.isfinite(row["portfolio_t"])


def test_an_estimation_window_too_short_for_what_is_asked_is_refused_by_name(prices, factors):
    with pytest.raises(ValueError, match="estimation_days=9 is too short for the ff5_mom model, which needs 10"):
        event_study(prices, EVENT, GROUPS, model="ff5_mom", factors=factors, estimation_days=9)
    short = event_study(prices, EVENT, GROUPS, estimation_days=15, windows=[(0, 0)])
    with pytest.raises(ValueError, match="estimation_days=15 is too short for the bootstrap, which needs 20"):
        tests.test_table(short, draws=50)
    for days in (5, 8, 20):
        assert np.isfinite(
            tests.test_table(event_study(prices, EVENT, GROUPS, estimation_days=days)).loc[0, "portfolio_t"]
        )
    long = event_study(prices, EVENT, GROUPS, estimation_days=20)
    with pytest.raises(ValueError, match="which needs 22"):
        tests.test_table(long, draws=50)


def test_the_generalized_rank_of_one_day_is_the_rank_test_but_for_its_distribution():
    generator = np.random.default_rng(4)
    before, event = generator.normal(size=(100, 6)), generator.normal(0.5, 1, 6)
    z = one.rank_z(
        before, one.restandardise(event[None, :])
    )  # S over T days and the factor sqrt((T - 1) / (T - 1)) of one day
    days = 101
    assert one.generalized_rank_t(before, event) == pytest.approx(
        z * np.sqrt((days - 2) / (days - 1 - z * z)), rel=1e-12
    )


# --- why some moved more ---------------------------------------------------------------------------------------------


def test_robust_errors_are_those_of_mackinnon_and_white_by_hand():
    generator = np.random.default_rng(9)
    share = pd.DataFrame({"share": generator.uniform(0, 1, 40), "size": generator.normal(size=40)})
    moved = 1 - 8 * share["share"] + generator.normal(size=40) * (0.5 + 3 * share["share"])
    found = cross_section(moved, share)
    x = np.column_stack([np.ones(40), share])
    inverse = np.linalg.inv(x.T @ x)
    errors = moved.to_numpy() - x @ inverse @ x.T @ moved
    squared = (errors / (1 - np.einsum("ij,jk,ik->i", x, inverse, x))) ** 2
    se = np.sqrt(np.diag(inverse @ (x.T * squared) @ x @ inverse))
    assert found["se"].to_numpy() == pytest.approx(se, rel=1e-10)
    assert found["p"].to_numpy() == pytest.approx(2 * stats.t.sf(np.abs(found["t"]), 37), rel=1e-9)
    assert found.loc["share", "coefficient"] == pytest.approx(-8, abs=3 * found.loc["share", "se"])
    # ten copies of a cluster's common error make the plain errors too small, and the clustered ones know it
    industry = pd.Series(np.repeat(range(10), 4))
    common = pd.DataFrame({"share": np.repeat(generator.uniform(0, 1, 10), 4)})
    together = pd.Series(np.repeat(generator.normal(size=10), 4) + 0.1 * generator.normal(size=40))
    assert (
        cross_section(together, common, industry).loc["share", "se"]
        > 1.5 * cross_section(together, common).loc["share", "se"]
    )


def test_a_regression_on_nothing_but_a_constant_is_the_portfolio_t(study, table):
    nothing = pd.DataFrame(index=study.fit.index)
    row = portfolio_slopes(study, (0, 4), nothing).loc["constant"]
    whole = table.query("group == 'all' and window == '(0, +4)'").iloc[0]
    assert row["t"] == pytest.approx(whole["portfolio_t"], rel=1e-10)
    camp = pd.DataFrame({"chips": study.fit["group"] == "chips"})
    gap = tests.portfolio_gap(_two_camps(study), (0, 4), "chips", "others")
    slope = portfolio_slopes(study, (0, 4), camp).loc["chips"]
    assert slope[["coefficient", "low", "high", "p"]].tolist() == pytest.approx(
        [gap[k] for k in ("gap_pct", "low_pct", "high_pct", "p")], rel=1e-8
    )
    assert gap["gap_pct"] < 0


def _two_camps(study):
    camps = np.where(study.fit["group"] == "chips", "chips", "others")
    return replace(study, fit=study.fit.assign(group=camps))


def test_slopes_learnt_from_past_days_keep_their_size_where_robust_errors_do_not():
    rejected = []
    for seed in range(60):
        generator = np.random.default_rng(seed)
        exposure = pd.Series(generator.uniform(0, 1, 30), [f"C{number}" for number in range(30)])
        hidden = 0.03 * generator.normal(size=(140, 1)) * exposure.to_numpy()  # news that strikes the exposed each day
        returns = generator.normal(0, 0.01, (140, 1)) + hidden + 0.01 * generator.normal(size=(140, 30))
        closes = pd.DataFrame(
            100 * np.cumprod(1 + returns, axis=0), pd.bdate_range("2020-01-01", periods=140), exposure.index
        )
        found = event_study(closes, closes.index[135], model="mean", windows=[(0, 0)], estimation_days=120)
        table = exposure.to_frame("share")
        plain = cross_section(found.car.set_index("ticker")["car_pct"], table).loc["share", "p"]
        rejected.append((plain < 0.05, portfolio_slopes(found, (0, 0), table).loc["share", "p"] < 0.05))
    robust, learnt = np.mean(rejected, axis=0)
    assert robust > 0.4
    assert 0.01 < learnt < 0.11


def test_a_cross_section_that_makes_no_sense_is_refused(study):
    moved = study.car.query("window == '(0, 0)'").set_index("ticker")["car_pct"]
    share = pd.DataFrame({"beta": study.fit["beta"], "twice": 2 * study.fit["beta"]})
    with pytest.raises(ValueError, match="beta, twice do not vary apart"):
        cross_section(moved, share)
    with pytest.raises(ValueError, match="4 companies with all values are too few for 2 terms"):
        cross_section(moved.iloc[:4], share[["beta"]])
    with pytest.raises(ValueError, match="1 clusters, 0 companies without one: three at least"):
        cross_section(moved, share[["beta"]], pd.Series("chips", moved.index))
    holed = share[["beta"]].drop("NVDA")
    assert cross_section(moved, holed)["n"].unique().tolist() == [13]


def test_members_of_the_index_with_more_technology_fell_more_that_day():
    members = pd.read_csv(RAW / "sp500_members_2025_01.csv").set_index("ticker")
    moved = 100 * (members["close_2025_01_27_usd"] / members["close_2025_01_24_usd"] - 1)
    technology = pd.DataFrame({"technology": members["sector"] == "Information Technology"})
    found = cross_section(moved, technology, members["sector"])
    mean = moved.groupby(technology["technology"]).mean()
    assert found.loc["technology", "coefficient"] == pytest.approx(mean[True] - mean[False], abs=1e-9)
    assert found.loc["technology", "coefficient"] < -3


# --- by itself -------------------------------------------------------------------------------------------------------


def test_the_command_prints_the_pooled_table_and_names_what_it_left_out(tmp_path, prices, capsys):
    events = pd.DataFrame(
        {"ticker": ["NVDA", "AMD", "GEV"], "date": [EVENT, "2025-04-03", EVENT], "group": ["chips", "chips", "power"]}
    )
    prices.to_csv(tmp_path / "prices.csv")
    events.to_csv(tmp_path / "events.csv", index=False)
    files = [str(tmp_path / "prices.csv"), str(tmp_path / "events.csv")]
    assert program.main([*files, "--windows=0:0,-1:1", "--output", str(tmp_path / "out.csv")]) == 0
    shown = capsys.readouterr()
    assert "GEV, 2025-01-27" in shown.err
    assert "(-1, +1)" in shown.out
    written = pd.read_csv(tmp_path / "out.csv")
    expected = tests.test_table(pooled_study(prices, events, windows=[(0, 0), (-1, 1)]))
    assert written["portfolio_t"].tolist() == pytest.approx(expected["portfolio_t"].tolist(), rel=1e-12)
    assert program.main([*files, "--each"]) == 0
    assert "AMD" in capsys.readouterr().out
    for wrong, message in (
        (["--market", "SPX"], "did you mean 'SPY'"),
        (["--windows=0"], "a window is first:last"),
        (["--model", "ff3"], "needs a table of factors"),
    ):
        assert program.main([*files, *wrong]) == 2
        assert message in capsys.readouterr().err
    assert program.main([files[1], files[1]]) == 2
    assert "the first column is not dates" in capsys.readouterr().err
