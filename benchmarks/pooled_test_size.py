"""How often the tests call pure noise an effect when a list's dates lie near one another, by the days between them.

Run `python benchmarks/pooled_test_size.py` (about two minutes on one core). It writes docs/pooled_test_size.csv. Twelve
companies whose residuals correlate by 0.4 have their events on four dates, three on each; the window is five days. There
is no effect, so a test that keeps its word rejects 5 % of the panels; with 1,000 panels that is measured to 0.7 points.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))

from eventstudy.study import pooled_study  # noqa: E402
from eventstudy.tests import test_table  # noqa: E402

PANELS, COMPANIES, DATES, CORRELATION, LEVEL, SEED = 1000, 12, 4, 0.4, 0.05, 20250127
SPACINGS = (0, 1, 2, 5, 10, 40)
ESTIMATION, GAP, LAST_DAY = 120, 10, 4
TESTS = ("portfolio", "patell_adjusted", "bmp_adjusted", "rank", "grank", "cross", "patell", "bmp", "sign")


def panel(generator: np.random.Generator, days: int) -> pd.DataFrame:
    """Prices of a market and of companies that news of their own and common news move, without any event."""
    market = generator.normal(0.0005, 0.01, (days, 1))
    common = np.sqrt(CORRELATION) * generator.normal(size=(days, 1))
    noise = common + np.sqrt(1 - CORRELATION) * generator.normal(size=(days, COMPANIES))
    returns = np.hstack([market, market * np.linspace(0.6, 1.8, COMPANIES) + 0.02 * noise])
    names = ["MKT", *(f"C{number}" for number in range(COMPANIES))]
    return pd.DataFrame(
        100 * np.cumprod(1 + returns, axis=0), index=pd.bdate_range("2020-01-01", periods=days), columns=names
    )


def sizes() -> pd.DataFrame:
    """Rejection rates at 5 %, in per cent, one row a spacing of the dates in trading days."""
    rows = []
    for spacing in SPACINGS:
        generator = np.random.default_rng(SEED)
        first, rejected = 1 + ESTIMATION + GAP, []
        for _ in range(PANELS):
            prices = panel(generator, first + (DATES - 1) * spacing + LAST_DAY + 1)
            dates = prices.index[first + spacing * (np.arange(COMPANIES) % DATES)]
            events = pd.DataFrame({"ticker": prices.columns[1:], "date": dates})
            pooled = pooled_study(prices, events, "MKT", windows=[(0, LAST_DAY)], estimation_days=ESTIMATION, gap=GAP)
            rejected.append(test_table(pooled).iloc[0][[f"{test}_p" for test in TESTS]] < LEVEL)
        shares = (100 * pd.DataFrame(rejected).mean()).rename(lambda name: f"{name.removesuffix('_p')}_pct")
        rows.append({"days_between_dates": spacing, "panels": PANELS} | shares.to_dict())
    return pd.DataFrame(rows).round(1)


if __name__ == "__main__":
    simulated = sizes()
    simulated.to_csv(ROOT / "docs" / "pooled_test_size.csv", index=False, lineterminator="\n")
    print(simulated.drop(columns="panels").to_string(index=False))
