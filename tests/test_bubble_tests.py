"""What the explosiveness tests must give: other programs' figures, published figures, and known episodes."""

import importlib.util
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numba
import numpy as np
import pandas as pd
import pytest
from arch.unitroot import ADF
from hypothesis import given, settings
from hypothesis import strategies as st

import explosive as bubbles
from explosive.checks import default_window
from explosive.core import _SINGULAR, scan
from explosive.critical import CriticalValues

ROOT = Path(__file__).parents[1]
RAW = ROOT / "data" / "raw"
REFERENCE = Path(__file__).parent / "data" / "radf"
CASES = pd.read_csv(REFERENCE / "statistics.csv").to_dict("records")


def walk(n, seed=1, start=100.0):
    return start + np.cumsum(np.random.default_rng(seed).standard_normal(n))


def boom(quiet, growing, seed=1):
    """A walk, then growth of 3 % a step with noise."""
    noise = np.random.default_rng(seed + 100).standard_normal(growing)
    return np.concatenate([walk(quiet, seed), 100 * 1.03 ** np.arange(growing) + noise])


def months(values, start="1990-01"):
    return pd.Series(values, pd.date_range(start, periods=len(values), freq="MS"))


def slow_statistic(values, lag, first, last):
    """ADF statistic of regression rows first..last by least squares on centred, scaled columns."""
    change = np.diff(values)
    columns = [values[lag:-1]] + [change[lag - j : change.size - j] for j in range(1, lag + 1)]
    design = np.column_stack(columns)[first : last + 1]
    target = change[lag:][first : last + 1]
    design = design - design.mean(axis=0)
    design /= np.linalg.norm(design, axis=0)
    target = (target - target.mean()) / np.linalg.norm(target - target.mean())
    q, r = np.linalg.qr(design[:, ::-1])
    partial = q.T @ target
    rest = target - q @ partial
    freedom = target.size - lag - 2
    return np.sign(r[-1, -1]) * partial[-1] / np.sqrt(rest @ rest / freedom)


@pytest.fixture(scope="module")
def shiller():
    return pd.read_csv(RAW / "shiller_monthly.csv", index_col="date", parse_dates=True)


@pytest.fixture(scope="module")
def price_dividend(shiller):
    return (shiller["price"] / shiller["dividend"]).loc[:"2010-12"]


@pytest.fixture(scope="module")
def real_nasdaq(shiller):
    prices = pd.read_csv(RAW / "nasdaq_monthly.csv", index_col="date", parse_dates=True)
    return np.log(prices.iloc[:, 0] / shiller["cpi"]).loc["1973-02":"2005-06"]


# Agreement with other programs


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['series']}-lag{case['lag']}")
def test_statistics_agree_with_exuber(case):
    series = pd.read_csv(REFERENCE / f"{case['series']}.csv")["value"]
    sequence = pd.read_csv(REFERENCE / f"{case['series']}_lag{case['lag']}_bsadf.csv")["bsadf"]
    result = bubbles.radf(series, case["lag"])
    assert result.min_window == case["min_window"]
    assert result.bsadf.index[0] == result.min_window + result.lag
    found = [result.adf, result.sadf, result.gsadf]
    assert found == pytest.approx([case[name] for name in ("adf", "sadf", "gsadf")], abs=1e-8)
    np.testing.assert_allclose(result.bsadf, sequence, rtol=0, atol=1e-8)


@pytest.mark.parametrize("lag", [0, 1, 4])
def test_whole_sample_statistic_is_the_ordinary_adf_statistic(lag):
    series = walk(150, seed=7)
    expected = ADF(series, lags=lag, trend="c").stat
    assert bubbles.radf(series, lag).adf == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_bic_chooses_the_lag_that_arch_chooses(seed):
    steps = np.random.default_rng(seed).standard_normal(300)
    series = np.cumsum(steps[2:] + 0.5 * steps[1:-1] - 0.4 * steps[:-2])
    expected = ADF(series, max_lags=8, method="bic").lags
    assert bubbles.bic_lag(series, 8) == expected > 0
    assert bubbles.radf(series, "bic", max_lag=8).lag == expected


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("lag", [0, 1, 4])
def test_random_series_give_what_pyexuber_gives(seed, lag):
    peer = pytest.importorskip("exuber", reason="no wheel of pyexuber for this machine")
    rng = np.random.default_rng([17, seed, lag])
    n = int(rng.integers(60, 300))
    series = np.cumsum(rng.standard_t(4, n) + 0.05)
    if seed % 2:
        series = np.exp(series / 20)
    ours, theirs = bubbles.radf(series, lag), peer.radf(series, lag=lag)
    assert ours.min_window == theirs.minw
    for name in ("badf", "bsadf", "adf", "sadf", "gsadf"):
        np.testing.assert_allclose(getattr(ours, name), np.ravel(getattr(theirs, name)), rtol=1e-8, atol=1e-8)


def test_episodes_are_those_of_pyexuber_where_the_whole_sample_must_reject():
    peer = pytest.importorskip("exuber", reason="no wheel of pyexuber for this machine")
    judged = peer.radf_mc_cv(150, nrep=300, seed=1)
    levels = [0.9, 0.95, 0.99]
    sups = [pd.Series(getattr(judged, f"{name}_cv"), levels) for name in ("adf", "sadf", "gsadf")]
    ends = np.arange(judged.minw + 1, 151)
    both = [pd.DataFrame(getattr(judged, f"{name}_cv"), ends, levels) for name in ("badf", "bsadf")]
    limits = CriticalValues(*sups, *both, "exuber", 150, 0, judged.minw, 300)
    dated = 0
    for seed in range(12):
        series = boom(110, 40, seed) if seed % 3 else walk(150, seed)
        theirs = peer.datestamp(peer.radf(series), judged).get("series1", [])
        ours = bubbles.datestamp(bubbles.radf(series), limits, min_duration=1, only_if_rejected=True)
        assert ours["start"].tolist() == [episode.start for episode in theirs]
        assert ours["peak"].tolist() == [episode.peak for episode in theirs]
        assert ours["end"].fillna(-1).tolist() == [-1 if episode.end is None else episode.end for episode in theirs]
        dated += len(ours)
    assert dated > 8


@pytest.mark.parametrize("rho", [1.02, 1.06])
def test_root_and_doubling_time_are_those_of_pyexuber(rho):
    peer = pytest.importorskip("exuber", reason="no wheel of pyexuber for this machine")
    noise = np.random.default_rng(3).standard_normal(120)
    series = np.empty(120)
    series[0] = 100
    for t in range(1, 120):
        series[t] = rho * series[t - 1] + noise[t]
    ours, theirs = bubbles.root_interval(series, 0.9), peer.rootstamp(series, sig_lvl=90)
    assert ours[["rho", "rho_low", "rho_high"]].tolist() == pytest.approx([theirs.rho, *theirs.rho_ci], rel=1e-12)
    times = ours[["doubling", "doubling_low", "doubling_high"]].tolist()
    assert times == pytest.approx([theirs.doubling_time, *theirs.doubling_time_ci], rel=1e-9)


def test_a_series_that_shrinks_never_doubles():
    root = bubbles.root_interval(100 * 0.97 ** np.arange(60) + walk(60, start=0))
    assert root["rho"] < 1 and np.isinf(root["doubling"])


def extended_statistic(values, lag, first, last):
    """ADF statistic of regression rows first..last by Gram-Schmidt, done twice, in extended precision."""
    values = np.asarray(values, np.longdouble)
    change = np.diff(values)
    columns = [change[lag - j : change.size - j] for j in range(1, lag + 1)] + [values[lag:-1], change[lag:]]
    basis = []
    for column in columns:
        left = column[first : last + 1] - column[first : last + 1].mean()
        for _ in range(2):
            for vector in basis:
                left = left - vector * (vector @ left)
        basis.append(left / np.sqrt(left @ left))
        residual = left
    target = change[lag:][first : last + 1]
    return float(basis[-2] @ target / np.sqrt(residual @ residual / (last - first - lag - 1)))


@pytest.mark.skipif(np.finfo(np.longdouble).eps > 1e-18, reason="this machine has no extended precision")
@pytest.mark.parametrize("lag", [0, 2])
@pytest.mark.parametrize("noise", [1.0, 30.0])
def test_growth_over_five_orders_of_magnitude_is_exact_to_nine_digits(lag, noise):
    series = 100 * 1.05 ** np.arange(220) + noise * np.random.default_rng(5).standard_normal(220)
    result = bubbles.radf(series, lag, 28)
    assert series[-1] / series[0] > 30_000
    for point in (0, 60, 130, len(result.bsadf) - 1):
        every = [extended_statistic(series, lag, first, point + 27) for first in range(point + 1)]
        assert result.badf[point] == pytest.approx(every[0], rel=1e-9)
        assert result.bsadf[point] == pytest.approx(max(every), rel=1e-9)


AWKWARD = {
    "large offset": walk(260, start=1e9),
    "tiny unit": walk(260) * 1e-200,
    "huge unit": walk(260) * 1e200,
    "growing price": np.exp(np.cumsum(0.02 + 0.01 * np.random.default_rng(3).standard_normal(260))),
    "jump far back": np.concatenate([walk(60, start=1e4), walk(200, seed=2)]),
    "steep noisy line": 50.0 * np.arange(260) + np.random.default_rng(4).standard_normal(260),
}


@pytest.mark.parametrize("lag", [0, 1, 3])
@pytest.mark.parametrize("name", AWKWARD)
def test_running_sums_agree_with_a_regression_for_each_window(name, lag):
    series = AWKWARD[name]
    result = bubbles.radf(series, lag)
    scaled = series / np.abs(series).max()
    for point in (0, 17, len(result.bsadf) - 1):
        last = point + result.min_window - 1
        expected = [slow_statistic(scaled, lag, first, last) for first in range(point + 1)]
        assert result.badf[point] == pytest.approx(expected[0], rel=1e-7, abs=1e-7)
        assert result.bsadf[point] == pytest.approx(max(expected), rel=1e-7, abs=1e-7)


@settings(max_examples=40)
@given(seed=st.integers(0, 10_000), lag=st.integers(0, 3), shift=st.floats(-1e4, 1e4), unit=st.floats(1e-3, 1e3))
def test_unit_and_level_do_not_matter_and_sups_are_ordered(seed, lag, shift, unit):
    series = walk(60, seed)
    result, moved = bubbles.radf(series, lag), bubbles.radf(shift + unit * series, lag)
    assert moved.gsadf == pytest.approx(result.gsadf, abs=1e-5)
    assert result.adf == result.badf[-1] <= result.sadf <= result.gsadf
    assert (result.bsadf >= result.badf).all()
    assert bubbles.radf(-series, lag).gsadf == pytest.approx(result.gsadf, abs=1e-9)


# Published figures


PUBLISHED = {  # Phillips, Shi, Yu (2015), table 1: observations; 95 % values of SADF and GSADF from 2,000 walks
    100: (1.30, 2.00),
    200: (1.40, 2.08),
    400: (1.49, 2.20),
    800: (1.53, 2.34),
    1600: (1.57, 2.41),
}


@pytest.mark.parametrize("n", PUBLISHED)
def test_critical_values_agree_with_the_published_table(n):
    found = bubbles.critical_values(n)
    assert [found.sadf[0.95], found.gsadf[0.95]] == pytest.approx(PUBLISHED[n], abs=0.06)


def test_price_dividend_ratio_gives_nearly_the_published_statistics(price_dividend):
    result = bubbles.radf(price_dividend)
    assert (result.n, result.min_window, result.lag) == (1680, 90, 0)
    assert result.sadf == pytest.approx(3.30, abs=0.05)
    assert result.gsadf == pytest.approx(4.21, abs=0.05)
    assert (result.sadf, result.gsadf) > tuple(bubbles.critical_values(1680).gsadf[[0.99, 0.99]])


def test_revised_dividends_explain_the_difference_from_the_published_gsadf(price_dividend):
    vintage = pd.read_csv(REFERENCE / "psy_vintage.csv", index_col="date", parse_dates=True)
    then = price_dividend.copy()
    then[vintage.index] = vintage["price_dividend_ratio"]
    result = bubbles.radf(then)
    assert round(result.gsadf, 2) == 4.21
    assert result.bsadf.idxmax() == pd.Timestamp("1999-07-01")
    assert result.sadf == pytest.approx(3.30, abs=0.02)


def test_sadf_moves_by_a_tenth_with_the_cent_to_which_early_dividends_are_rounded(shiller):
    table = shiller.loc[:"2010-12"].copy()
    early = table.loc["1871-12":"1925-12", "dividend"]
    finer = np.interp(np.arange(len(early)), np.arange(0, len(early), 12), early[::12])
    assert np.abs(finer - early).max() < 0.0051
    table.loc[early.index, "dividend"] = finer
    result = bubbles.radf(table["price"] / table["dividend"])
    assert 0.08 < result.sadf - 3.34 < 0.15
    assert result.gsadf == pytest.approx(4.17, abs=0.01)


def test_only_lag_zero_of_the_nominal_ratio_itself_is_near_the_published_figures(price_dividend):
    others = [bubbles.radf(price_dividend, 1), bubbles.radf(np.log(price_dividend))]
    assert all(result.gsadf < 4.0 and result.sadf < 2.5 for result in others)


@pytest.mark.parametrize(
    ("start", "end", "direction"),
    [
        ("1879-10", "1880-05", "up"),
        ("1917-10", "1918-05", "down"),
        ("1928-11", "1929-10", "up"),
        ("1955-04", "1956-05", "up"),
        ("1987-01", "1987-10", "up"),
        ("1996-09", "2001-09", "up"),
    ],
)
def test_known_episodes_of_the_price_dividend_ratio_are_dated(price_dividend, start, end, direction):
    stamps = bubbles.datestamp(bubbles.radf(price_dividend), bubbles.critical_values(1680))
    month = pd.Timedelta(days=32)
    found = stamps[
        ((stamps["start"] - pd.Timestamp(start)).abs() < month) & ((stamps["end"] - pd.Timestamp(end)).abs() < month)
    ]
    assert found["direction"].tolist() == [direction]


def general_to_specific(values, max_lag):
    """ADF statistic with the largest lag whose last lagged change is significant at 5 %."""
    for lag in range(max_lag, -1, -1):
        change = np.diff(values)
        target = change[max_lag:]
        lags = [change[max_lag - j : change.size - j] for j in range(1, lag + 1)]
        design = np.column_stack([np.ones_like(target), values[max_lag:-1], *lags])
        inverse = np.linalg.inv(design.T @ design)
        coefficients = inverse @ design.T @ target
        rest = target - design @ coefficients
        t = coefficients / np.sqrt(rest @ rest / (target.size - lag - 2) * np.diag(inverse))
        if lag == 0 or abs(t[-1]) > 1.96:
            return lag, t[1]
    raise AssertionError


def test_nasdaq_is_explosive_from_mid_1995_as_phillips_wu_and_yu_found(real_nasdaq):
    assert len(real_nasdaq) == 389
    result = bubbles.radf(real_nasdaq, min_window=38)  # windows of 39 months, 10 % of the sample
    assert result.adf < -0.4 < 2.094 < result.sadf  # 2.094 is their 1 % critical value of SADF
    assert result.badf.idxmax() == pd.Timestamp("2000-02-01")
    stamps = bubbles.datestamp(result, bubbles.critical_values(389, min_window=38), sequence="badf")
    assert stamps["start"].tolist() == [pd.Timestamp("1995-07-01")]
    assert stamps["end"].tolist() == [pd.Timestamp("2001-03-01")]


def test_general_to_specific_lag_gives_the_published_adf_of_the_nasdaq(real_nasdaq):
    lag, statistic = general_to_specific(real_nasdaq.to_numpy(), 12)
    assert lag == 1
    assert statistic == pytest.approx(-0.826, abs=0.02)


def test_published_sup_adf_of_the_nasdaq_is_out_of_reach_with_month_ends(real_nasdaq):
    """They report 2.894: between lag 0 of month-ends and lag 0 of averages within the month."""
    ends = [bubbles.radf(real_nasdaq, lag, min_window=38 - lag).sadf for lag in range(13)]
    averages = np.log((np.exp(real_nasdaq) + np.exp(real_nasdaq.shift(1))) / 2).dropna()
    assert max(ends) == ends[0] < 2.894 < bubbles.radf(averages, min_window=38).sadf


# Critical values


def far(first, second, name):
    """Distance of critical values in standard errors of the difference; those of the many walks serve for both."""
    error = first.standard_errors[name] * np.sqrt(1 + first.replications / second.replications)
    return np.abs((getattr(first, name) - getattr(second, name)) / error).to_numpy().max()


@pytest.mark.parametrize(("n", "lag"), [(35, 0), (100, 4), (120, 1), (240, 0)])
def test_shipped_values_are_those_of_a_simulation_also_between_the_sizes_of_the_table(n, lag):
    shipped, made = (
        bubbles.critical_values(n, lag),
        bubbles.monte_carlo_critical_values(n, lag, replications=2000, seed=7),
    )
    assert (shipped.n, shipped.lag, shipped.min_window) == (made.n, made.lag, made.min_window)
    for name in ("adf", "sadf", "gsadf"):
        assert far(shipped, made, name) < 4
    for name in ("badf", "bsadf"):
        assert (getattr(shipped, name).index == getattr(made, name).index).all()
        assert far(shipped, made, name) < 4.5  # the largest of some hundred


def test_standard_error_is_how_much_the_values_of_separate_simulations_differ():
    runs = [bubbles.monte_carlo_critical_values(40, replications=500, seed=seed) for seed in range(60)]
    spread = np.std([run.gsadf for run in runs], axis=0, ddof=1)
    said = np.mean([run.standard_errors["gsadf"] for run in runs], axis=0)
    assert spread == pytest.approx(said, rel=0.35)


def test_shipped_table_reaches_from_20_to_2000_with_a_standard_error_for_every_value():
    table = pd.read_csv(ROOT / "src" / "explosive" / "critical_values.csv")
    assert table["n"].min() <= 20 and table["n"].max() >= 2000
    assert {0, 1, 4} <= set(table["lag"])
    assert (table["min_window"] - table["n"].map(default_window)).isin([0, 1]).all()
    sup = table[table["statistic"] == "gsadf"]
    assert ((sup["cv90"] < sup["cv95"]) & (sup["cv95"] < sup["cv99"])).all()
    assert (sup.loc[(sup["lag"] == 0) | (sup["n"] < 600), "replications"] >= 100_000).all()
    # More walks, less doubt: the error of a 95 % value times the root of their number is the same for all.
    scaled = sup["se95"] * np.sqrt(sup["replications"])
    assert scaled[sup["lag"] == 0].between(1, 3.5).all()
    big = sup[(sup["lag"] == 0) & (sup["n"] >= 99) & (sup["min_window"] == sup["n"].map(default_window))].sort_values(
        "n"
    )
    assert (np.diff(big["cv95"]) > -4 * big["se95"].iloc[:-1]).all()
    assert np.polyfit(np.log(big["n"]), big["cv95"], 1)[0] == pytest.approx(0.15, abs=0.05)


def test_page_shows_the_shipped_values_and_how_many_walks_they_come_from():
    page = (ROOT / "docs" / "explosive.md").read_text(encoding="utf-8").splitlines()
    head = next(place for place, line in enumerate(page) if line.startswith("| n | walks, lag 0 |"))
    shown = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in page[head + 2 :] if line[:3] != ""]
    rows = {int(cells[0]): cells for cells in shown if cells[0].isdigit()}
    table = pd.read_csv(ROOT / "src" / "explosive" / "critical_values.csv")
    table = table[(table["lag"] == 0) & (table["min_window"] == table["n"].map(default_window))]
    shipped = table[table["statistic"] == "gsadf"].set_index("n")
    assert list(rows) == sorted(shipped.index)
    for n, row in shipped.iterrows():
        assert rows[n][1] == f"{row['replications']:,.0f}"
        assert rows[n][3] == f"{row['cv95']:.3f} ({row['se95']:.3f})"


def test_what_the_table_has_not_is_simulated():
    wide = bubbles.critical_values(100, min_window=30)
    small = bubbles.critical_values(17)
    assert (wide.min_window, wide.replications, small.replications) == (30, 2000, 2000)
    assert wide.gsadf[0.95] < bubbles.critical_values(100).gsadf[0.95]


@pytest.mark.parametrize(("most", "doubles_below", "apart"), [(0, 100, 1e-6), (4, 100, 1e-6), (4, 0, 1e-3)])
def test_one_pass_for_all_lags_gives_what_each_test_gives(most, doubles_below, apart, monkeypatch):
    place = importlib.util.spec_from_file_location("simulate", ROOT / "benchmarks" / "simulate_critical_values.py")
    simulate = importlib.util.module_from_spec(place)
    place.loader.exec_module(simulate)
    for name, value in {"BLOCK": 16, "LANES": 8, "DOUBLE_BELOW": doubles_below}.items():
        monkeypatch.setattr(simulate, name, value)
    n, shortest = 23, default_window(23)
    found = simulate.statistics(n, most, 7, compiled=False)
    paths = simulate.walks(n, most, 7)[:, most:]
    assert len(found) == 2 * (most + 1)
    for key, rows in found.items():
        lag, window = map(int, key.split())
        assert window in (shortest, shortest + 1)
        badf, bsadf, _ = scan(paths, lag, window)
        kept = simulate.knots(badf.shape[1])
        expected = [badf[:, -1], badf.max(axis=1), bsadf.max(axis=1), *badf.T[kept], *bsadf.T[kept]]
        np.testing.assert_allclose(rows, expected, rtol=apart, atol=apart)


@pytest.mark.parametrize("method", ["monte_carlo", "wild", "composite"])
def test_simulated_values_do_not_depend_on_the_number_of_threads(method):
    series = walk(120)
    make = {
        "monte_carlo": lambda: bubbles.monte_carlo_critical_values(120, 1, replications=600),
        "wild": lambda: bubbles.wild_bootstrap_critical_values(series, 1, replications=600),
        "composite": lambda: bubbles.composite_bootstrap_critical_values(series, 24, 1, replications=600),
    }[method]
    threads = numba.get_num_threads()
    one, many = None, make()
    try:
        numba.set_num_threads(1)
        one = make()
    finally:
        numba.set_num_threads(threads)
    pd.testing.assert_frame_equal(one.bsadf, many.bsadf, check_exact=True)
    pd.testing.assert_series_equal(one.gsadf, many.gsadf, check_exact=True)


def test_each_point_is_exceeded_as_often_as_its_quantile_says():
    limits = bubbles.critical_values(150).bsadf[0.95].to_numpy()
    rng = np.random.default_rng(99)
    above = [bubbles.radf(np.cumsum(rng.standard_normal(150))).bsadf > limits for _ in range(2000)]
    assert np.mean(above, axis=0) == pytest.approx(0.05, abs=0.025)


def test_wild_bootstrap_asks_more_where_volatility_jumps_and_the_same_where_it_does_not():
    steps = np.random.default_rng(5).standard_normal(200)
    calm = np.cumsum(steps)
    shaken = np.cumsum(np.where(np.arange(200) < 120, 1.0, 4.0) * steps)
    usual = bubbles.critical_values(200).gsadf[0.95]
    limits = [bubbles.wild_bootstrap_critical_values(series).gsadf[0.95] for series in (calm, shaken)]
    assert limits[0] == pytest.approx(usual, abs=0.5)
    assert limits[1] > limits[0] + 0.5


def test_wild_bootstrap_keeps_its_size_where_monte_carlo_values_over_reject():
    table = pd.read_csv(ROOT / "docs" / "wild_bootstrap_size.csv", index_col="volatility")
    for name in ("sadf", "gsadf"):
        assert table[f"{name}_monte_carlo_pct"].filter(like="triples").min() > 20
        assert table[f"{name}_wild_bootstrap_pct"].max() < 8
        assert table.loc["constant", f"{name}_monte_carlo_pct"] == pytest.approx(5, abs=2)


def test_composite_bootstrap_allows_for_all_points_watched_together():
    series = walk(200, seed=8)
    family = {tb: bubbles.composite_bootstrap_critical_values(series, tb).bsadf[0.95] for tb in (1, 24, 120)}
    assert all(np.ptp(values) == 0 and len(values) == 173 for values in family.values())
    assert family[1].iloc[0] < family[24].iloc[0] < family[120].iloc[0]
    assert bubbles.composite_bootstrap_critical_values(series, 24).adf.isna().all()


def test_composite_bootstrap_keeps_the_serial_correlation_of_the_changes():
    from explosive.core import composite_paths

    rng = np.random.default_rng(6)
    change = np.zeros(400)
    for t in range(1, 400):
        change[t] = 0.6 * change[t - 1] + rng.standard_normal()
    paths = composite_paths(np.random.default_rng(1), np.cumsum(change), 1, 300)(50)
    steps = np.diff(paths)
    assert np.corrcoef(steps[:, 1:].ravel(), steps[:, :-1].ravel())[0, 1] == pytest.approx(0.6, abs=0.05)


# Date stamps


def made_up(statistic, limit=1.0):
    """A result and critical values with the given sequence, ten observations later than the series."""
    n = len(statistic) + 10
    values = months(np.arange(n, dtype=float))
    sequence = pd.Series(statistic, values.index[10:], dtype=float)
    result = bubbles.RadfResult(0.0, 0.0, 0.0, sequence, sequence, values, 0, 10, n)
    limits = pd.DataFrame({q: np.full(len(statistic), limit) for q in bubbles.critical_values(n).gsadf.index})
    sup = pd.Series(limit, limits.columns)
    return result, CriticalValues(sup, sup, sup, limits, limits, "made up", n, 0, 10, 1)


def test_episode_ends_with_the_first_observation_below():
    result, limits = made_up([0, 2, 3, 2, 0, 0, 2, 2, 0])
    stamps = bubbles.datestamp(result, limits, min_duration=3)
    first = result.bsadf.index
    assert stamps.to_dict("records") == [
        {
            "start": first[1],
            "peak": first[2],
            "end": first[4],
            "duration": 3,
            "direction": "up",
            "open": False,
        }
    ]


def test_episode_that_reaches_the_last_observation_is_open():
    result, limits = made_up([0, 2, 0, 2, 2, 3])
    stamps = bubbles.datestamp(result, limits, min_duration=1)
    assert stamps["open"].tolist() == [False, True]
    assert stamps["end"].isna().tolist() == [False, True]
    assert stamps["duration"].tolist() == [1, 3]


def test_default_minimum_duration_is_the_rounded_logarithm_of_the_sample():
    result, limits = made_up([0, 2, 2, 2, 0, 2, 2, 0, *[0] * 10])  # 28 observations: 3 after rounding
    assert bubbles.datestamp(result, limits)["duration"].tolist() == [3]


def test_collapse_is_told_from_a_boom():
    result, limits = made_up([0, 2, 2, 2, 0])
    fallen = replace(result, values=-result.values)
    assert bubbles.datestamp(fallen, limits, 1)["direction"].tolist() == ["down"]


def test_nothing_explosive_gives_an_empty_table_of_dates():
    stamps = bubbles.datestamp(*made_up([0.0] * 8))
    assert stamps.empty
    assert stamps["end"].dtype.kind == "M"


def test_array_without_dates_is_dated_by_position():
    series = boom(100, 50)
    result = bubbles.radf(series)
    stamps = bubbles.datestamp(result, bubbles.critical_values(150))
    assert stamps["start"].iloc[-1] in range(100, 125)
    assert isinstance(result.bsadf, np.ndarray)
    assert len(bubbles.sequence_table(result, bubbles.critical_values(150))) == len(result.bsadf)


def test_sequence_table_flags_what_is_above_the_chosen_critical_value():
    result, limits = made_up([0, 2, 0.5])
    table = bubbles.sequence_table(result, limits)
    assert list(table) == ["bsadf", "cv90", "cv95", "cv99", "explosive"]
    assert table["explosive"].tolist() == [False, True, False]
    assert (table.index == result.bsadf.index).all()


def test_nothing_is_dated_where_the_whole_sample_does_not_reject_if_so_asked():
    result, limits = made_up([0, 2, 2, 2, 0])
    assert len(bubbles.datestamp(result, limits, 1)) == 1
    assert bubbles.datestamp(result, limits, 1, only_if_rejected=True).empty
    rejecting = replace(result, gsadf=2.0)
    assert len(bubbles.datestamp(rejecting, limits, 1, only_if_rejected=True)) == 1
    assert bubbles.datestamp(rejecting, limits, 1, sequence="badf", only_if_rejected=True).empty


def test_a_panel_is_each_of_its_series_from_its_first_to_its_last_value():
    table = pd.DataFrame({"calm": walk(150), "boom": boom(110, 40)}, months(walk(150)).index)
    table.loc[table.index[:30], "calm"] = np.nan
    results = bubbles.radf_panel(table)
    assert results["calm"].n == 120
    pd.testing.assert_series_equal(results["boom"].bsadf, bubbles.radf(table["boom"]).bsadf)
    judged = bubbles.panel_table(results)
    assert judged["explosive"].tolist() == [False, True]
    assert judged.loc["boom", "last_start"] > table.index[100]
    table.iloc[70, 1] = np.nan
    with pytest.raises(ValueError, match="boom: 1 missing"):
        bubbles.radf_panel(table)


def test_statistics_stand_beside_their_limits_and_the_errors_of_these():
    limits = bubbles.critical_values(150)
    table = bubbles.statistics_table(bubbles.radf(walk(150)), limits)
    assert list(table) == ["statistic", "cv90", "cv95", "cv99", "se90", "se95", "se99"]
    assert table.loc["GSADF", "cv95"] == limits.gsadf[0.95]
    assert (table.filter(like="se") < 0.05).all(axis=None)


# What is refused


GAPPED = months(walk(60))
GAPPED.iloc[25] = np.nan
STALE = months(np.concatenate([walk(40), np.full(30, 7.0), walk(40)]))
STAIRS = months(np.concatenate([walk(40), 10.0 + np.arange(30), walk(40)]))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: bubbles.radf(GAPPED), "1 missing or infinite .* 1992-02-01"),
        (lambda: bubbles.radf([1.0, 2.0, np.inf] * 10), "10 missing or infinite .* position 2"),
        (lambda: bubbles.radf(walk(9)), "too short: 9 observations"),
        (lambda: bubbles.radf(np.full(50, 3.0)), r"constant \(3\)"),
        (lambda: bubbles.radf(walk(50), min_window=50), "longer than the series of 50"),
        (lambda: bubbles.radf(walk(50), -1), "lag = -1 must be a whole number, at least 0"),
        (lambda: bubbles.radf(walk(50), 1.5), "lag = 1.5 must be a whole number"),
        (lambda: bubbles.radf(walk(50), "aic"), '"aic" is not known'),
        (lambda: bubbles.radf(walk(50), 12), "cannot estimate 14 coefficients: choose at least 15"),
        (lambda: bubbles.radf(walk(50), min_window=2), "choose at least 3"),
        (lambda: bubbles.radf(np.ones((20, 2))), "one series, not a table"),
        (lambda: bubbles.radf(months(walk(50))[::-1]), "not in order"),
        (lambda: bubbles.radf(STALE), "1993-0.* to 1994-.* does not move after 1993-05-01"),
        (lambda: bubbles.radf(STALE, 1), "1993-0.* to 1994-.* does not move after 1993-05-01"),
        (lambda: bubbles.radf(STAIRS), "same amount at every step"),
        (lambda: bubbles.radf(1.02 ** np.arange(80)), "position 0 to .* fits exactly"),
        (lambda: bubbles.radf(np.tile([1.0, 2.0, 4.0], 30), 2), "cannot be told apart"),
        (lambda: bubbles.monte_carlo_critical_values(5), "n = 5 must be a whole number, at least 10"),
        (lambda: bubbles.monte_carlo_critical_values(50, replications=0), "replications = 0"),
        (lambda: bubbles.composite_bootstrap_critical_values(walk(50), 60), "tb = 60 .* at most 37"),
    ],
)
def test_bad_input_is_refused_in_words(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n": 61}, "n = 60, its critical values 61"),
        ({"lag": 1}, "lag = 0, its critical values 1"),
        ({"min_window": 9}, "min_window"),
    ],
)
def test_critical_values_of_another_test_are_refused(change, message):
    result = bubbles.radf(walk(60))
    limits = bubbles.monte_carlo_critical_values(60, replications=50)
    with pytest.raises(ValueError, match=message):
        bubbles.datestamp(result, replace(limits, **change))
    with pytest.raises(ValueError, match=r"quantile 0\.8"):
        bubbles.datestamp(result, limits, quantile=0.8)


def test_rounding_noise_on_a_flat_stretch_counts_as_flat():
    noise = np.random.default_rng(1).standard_normal(40) * 1e-9
    series = np.concatenate([walk(40, start=1e6), 1e6 + noise, walk(40, start=1e6)])
    with pytest.raises(ValueError, match="singular"):
        bubbles.radf(series)


def test_singular_windows_never_win_a_simulation():
    paths = np.vstack([walk(60), np.concatenate([walk(30), np.zeros(30)])])
    badf, bsadf, singular = scan(paths, 0, 14)
    assert (singular[0] == -1).all() and (singular[1] >= 0).any()
    assert not np.isnan(badf).any() and not np.isnan(bsadf).any() and 0 < _SINGULAR < 1e-6


# Cost and instructions


def test_lines_of_the_page_make_a_dated_chart(tmp_path, monkeypatch):
    page = (ROOT / "docs" / "explosive.md").read_text(encoding="utf-8")
    code = page.split("```python\n")[1].split("```")[0]
    months(boom(120, 40)).rename("close").to_csv(tmp_path / "prices.csv", index_label="date")
    monkeypatch.chdir(tmp_path)
    names = {}
    exec(code, names)
    assert names["result"].gsadf > names["limits"].gsadf[0.99]
    assert not names["episodes"].empty
    assert (tmp_path / "explosive.png").stat().st_size > 10_000


def test_importing_the_package_does_not_load_the_compiler():
    code = "import sys, explosive, explosive.radf; sys.exit('numba' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def alone(folder):
    """A copy of the package without the study, and the environment that runs it."""
    shutil.copytree(ROOT / "src" / "explosive", folder / "explosive", ignore=shutil.ignore_patterns("__pycache__"))
    return os.environ | {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}


@pytest.mark.slow
def test_package_tests_where_neither_its_folder_nor_the_home_can_be_written(tmp_path):
    environment = alone(tmp_path)
    home = tmp_path / "home"
    for obstacle in (home, tmp_path / "explosive" / "__pycache__"):  # a file where a folder would have to be made
        obstacle.touch()
    for name in ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        environment.pop(name, None)
    environment |= {"HOME": str(home), "USERPROFILE": str(home), "LOCALAPPDATA": str(home)}
    code = (
        "import numpy as np; from explosive import core, radf;"
        "print(repr(radf(np.random.default_rng(0).standard_normal(60).cumsum()).gsadf), core.__file__)"
    )
    run = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    statistic, file = run.stdout.split()
    assert Path(file).parent == tmp_path / "explosive"
    assert float(statistic) == pytest.approx(bubbles.radf(walk(60, 0, 0.0)).gsadf, rel=1e-12)


def ask(*arguments):
    command = [sys.executable, "-m", "explosive", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_command_prints_statistics_limits_and_episodes(tmp_path):
    file = tmp_path / "prices.csv"
    months(boom(120, 40)).rename("close").to_csv(file, index_label="date")
    run = ask(file, "--column", "close", "--lag", "1", "--confidence", "99")
    expected = bubbles.radf(pd.read_csv(file)["close"], 1)
    assert run.returncode == 0 and run.stderr == ""
    assert f"GSADF {expected.gsadf:.3f}".split() == next(x for x in run.stdout.splitlines() if "GSADF" in x).split()[:2]
    assert "lag 1" in run.stdout and " up " in run.stdout and "2000-03-01" in run.stdout


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        (None, [], "cannot be read"),
        ("date,close\n" + "2020-01-01,1\n" * 3, ["--column", "price"], 'no column "price", only date, close'),
        ("date,close\n2020-01-01,1\n2020-01-02,one\n", [], "holds 'one' in line 3"),
        ("date,close\nMonday,1\n", [], "must hold dates"),
        ("date,close\n2020-01-01,1\n2020-01-02,2\n", [], "too short: 2 observations"),
        ("date,close\n2020-01-01,1\n2020-01-02,-2\n", ["--log"], "0 or less"),
        ("date,close\n" + "".join(f"2020-01-{d},{d % 7}\n" for d in range(10, 30)), ["--lag", "aic"], '"aic" is not'),
    ],
)
def test_command_refuses_bad_input_in_one_message(tmp_path, content, options, message):
    file = tmp_path / "prices.csv"
    if content is not None:
        file.write_text(content)
    run = ask(file, *options)
    assert run.returncode == 2 and run.stdout == ""
    assert run.stderr.startswith("Cannot test: ") and message in run.stderr and "Traceback" not in run.stderr
