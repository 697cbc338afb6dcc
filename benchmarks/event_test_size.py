"""How often each test of `eventstudy.tests` calls pure noise an effect, with and without one common event date.

Run `python benchmarks/event_test_size.py` (about a minute on one core). It writes docs/event_test_size.csv and
the chart docs/event_test_size.svg. There is no effect in any panel, so a test that keeps its word rejects 5 % of
them; with 2,000 panels a size of 5 % is measured to within about one point.
"""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from arch.bootstrap import StationaryBootstrap

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))

from eventstudy.expected_returns import estimation_weights, fit_model  # noqa: E402
from eventstudy.statistics import (  # noqa: E402
    cross_sectional_t,
    generalized_rank_t,
    generalized_sign_z,
    kolari_pynnonen,
    patell_z,
    rank_z,
    restandardise,
    two_sided,
)
from helpers.house import BLUE, CONTEXT, GRID, INK, ORANGE  # noqa: E402

PANELS, COMPANIES, ESTIMATION, LEVEL, SEED = 2000, 24, 250, 0.05, 20250127
DRAWS = 500
WINDOWS = {"(0, 0)": 1, "(0, +4)": 5}
CORRELATIONS = (0.0, 0.1, 0.3)
# factor on the standard deviation of event-day noise: of the companies' own part, of the common part
VARIANCES = {
    "as before": (1.0, 1.0),
    "own part doubled": (2**0.5, 1.0),
    "all doubled": (2**0.5, 2**0.5),
    "common part doubled": (1.0, 2**0.5),
}
TESTS = {
    "cross": "cross-sectional t",
    "patell": "Patell",
    "bmp": "BMP",
    "sign": "generalized sign",
    "rank": "rank",
    "grank": "generalized rank",
    "patell_adjusted": "adjusted Patell",
    "bmp_adjusted": "adjusted BMP",
    "portfolio": "portfolio t",
    "bootstrap": "bootstrap",
}
COLOURS = {0.0: CONTEXT, 0.1: ORANGE, 0.3: BLUE}


def bootstrap_counts(generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw the days of all bootstrap samples once: with blocks of one day they do not depend on the panel."""
    sampler = StationaryBootstrap(1, np.arange(ESTIMATION), seed=generator)
    fitted = np.stack([sampler.update_indices() for _ in range(DRAWS)])
    event = np.stack([sampler.update_indices()[: max(WINDOWS.values())] for _ in range(DRAWS)])
    return fitted, event


def simulate(correlation: float, own: float, common: float, generator: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Returns of companies without any effect, on estimation and event days that all of them share."""
    days = ESTIMATION + max(WINDOWS.values())
    market = generator.normal(0.0005, 0.01, days)
    scale_own, scale_common = np.ones((2, days, 1))
    scale_own[ESTIMATION:], scale_common[ESTIMATION:] = own, common
    factor = generator.normal(size=(days, 1)) * scale_common
    noise = generator.normal(size=(days, COMPANIES)) * scale_own
    sigma = generator.uniform(0.01, 0.04, COMPANIES)
    residual = sigma * (np.sqrt(correlation) * factor + np.sqrt(1 - correlation) * noise)
    return np.outer(market, generator.uniform(0.5, 2.5, COMPANIES)) + residual, market


def p_values(returns: np.ndarray, market: np.ndarray, length: int, draws: tuple[np.ndarray, ...]) -> dict[str, float]:
    """P-value of every test for the window of the first `length` event days."""
    before, event_market = market[:ESTIMATION], market[ESTIMATION : ESTIMATION + length]
    (alpha, beta), sigma, residuals, df = fit_model(returns[:ESTIMATION], before)
    abnormal = returns[ESTIMATION : ESTIMATION + length] - alpha - np.outer(event_market, beta)
    by_day = estimation_weights(before, event_market)
    car, weights = abnormal.sum(axis=0), by_day.sum(axis=0)
    spread = np.sqrt(length + weights @ weights)
    daily = abnormal / np.outer(np.sqrt(1 + np.square(by_day).sum(axis=1)), sigma)
    r_bar = (np.corrcoef(residuals.T).sum() - COMPANIES) / (COMPANIES * (COMPANIES - 1))
    patell, bmp = patell_z(car / (sigma * spread), df), cross_sectional_t(car / (sigma * spread))
    adjusted = kolari_pynnonen(patell, bmp, r_bar, COMPANIES)
    average = residuals.mean(axis=1)
    portfolio = car.mean() / (np.sqrt(average @ average / df) * spread)
    fitted, event = draws
    noise = (average[event[:, :length]].sum(axis=1) - average[fitted] @ weights) * np.sqrt(ESTIMATION / df)
    return {
        "cross": two_sided(cross_sectional_t(car), COMPANIES - 1),
        "patell": two_sided(patell),
        "bmp": two_sided(bmp, COMPANIES - 1),
        "sign": two_sided(generalized_sign_z(car, residuals)),
        "rank": two_sided(rank_z(residuals / sigma, restandardise(daily))),
        "grank": two_sided(generalized_rank_t(residuals / sigma, car / (sigma * spread)), ESTIMATION - 1),
        "patell_adjusted": two_sided(adjusted[0]),
        "bmp_adjusted": two_sided(adjusted[1], COMPANIES - 1),
        "portfolio": two_sided(portfolio, df),
        "bootstrap": (1 + (np.abs(noise) >= abs(car.mean())).sum()) / (1 + DRAWS),
    }


def sizes() -> pd.DataFrame:
    """Rejection rates at 5 % in every setting, in per cent, one row a setting and window."""
    generator = np.random.default_rng(SEED)
    draws = bootstrap_counts(generator)
    rows = []
    for correlation in CORRELATIONS:
        for variance, (own, common) in VARIANCES.items():
            if correlation == 0 and own != common:
                continue  # without a common part there is only "as before" and "all doubled"
            found: dict[str, list[dict[str, float]]] = {window: [] for window in WINDOWS}
            for _ in range(PANELS):
                returns, market = simulate(correlation, own, common, generator)
                for window, length in WINDOWS.items():
                    found[window].append(p_values(returns, market, length, draws))
            for window, values in found.items():
                rejected = (100 * (pd.DataFrame(values) < LEVEL).mean()).add_suffix("_pct")
                setting = {"correlation": correlation, "event_variance": variance, "window": window}
                rows.append({**setting, "panels": PANELS, **rejected})
    return pd.DataFrame(rows).round(1)


def draw(table: pd.DataFrame, path: Path) -> None:
    """Draw the sizes on one day: a dot for each test and correlation, in two settings of the event's variance."""
    settings = {"as before": "The event leaves the noise as it was", "all doubled": "It doubles the variance"}
    style = {
        "svg.hashsalt": "event_test_size",
        "svg.fonttype": "none",
        "font.family": "sans-serif",
        "font.size": 9,
    }
    with mpl.rc_context(style):
        figure, axes = plt.subplots(1, 2, figsize=(8, 3.7), sharex=True, sharey=True, layout="constrained")
        for axis, (variance, title) in zip(axes, settings.items(), strict=True):
            chosen = table[(table["window"] == "(0, 0)") & (table["event_variance"] == variance)]
            for row in chosen.to_dict("records"):
                values = [row[f"{test}_pct"] for test in TESTS]
                colour = COLOURS[row["correlation"]]
                axis.plot(values, range(len(TESTS)), "o", color=colour, markersize=6, clip_on=False)
                label = f"r = {row['correlation']:g}"
                axis.annotate(label, (values[0], 0), (0, 8), textcoords="offset points", ha="center", color=colour)
            axis.vlines(100 * LEVEL, -0.3, len(TESTS) - 0.5, color=INK, linewidth=1, zorder=0)
            axis.set_title(title, loc="left", fontsize=9)
            axis.set_yticks(range(len(TESTS)), list(TESTS.values()))
            axis.spines[["top", "right", "left"]].set_visible(False)
            axis.grid(axis="y", color=GRID)
            axis.tick_params(axis="y", length=0)
        axes[0].set_ylim(len(TESTS) - 0.5, -0.9)
        axes[0].set_xlim(0, None)
        figure.supxlabel(
            "panels without any effect that the test rejects at 5 %, per cent; r = correlation of the companies",
            fontsize=9,
        )
        figure.suptitle(
            "On one common date the tests that take companies as independent call noise an effect",
            x=0.01, ha="left", fontweight="bold",
        )  # fmt: skip
        figure.savefig(path, metadata={"Date": None, "Title": "Size of event-study tests at 5 %"}, facecolor="white")
        plt.close(figure)


if __name__ == "__main__":
    simulated = sizes()
    folder = ROOT / "docs"
    folder.mkdir(exist_ok=True)
    simulated.to_csv(folder / "event_test_size.csv", index=False, lineterminator="\n")
    draw(simulated, folder / "event_test_size.svg")
    print(simulated.drop(columns="panels").to_string(index=False))
