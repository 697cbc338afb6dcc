"""How long the event study takes: 24 companies, four windows, all tests, with and without the bootstrap.

Run `python benchmarks/event_study.py` (a few seconds). Best of several runs, after import; times on another machine
differ, so the limits that the study sets itself are printed beside them.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))

from eventstudy.study import caar_path, event_study  # noqa: E402
from eventstudy.tests import company_table, test_table  # noqa: E402
from helpers.rarity import garch_day  # noqa: E402

COMPANIES, GROUPS, DAYS, DRAWS = 24, 5, 320, 2000


def panel() -> tuple[pd.DataFrame, dict[str, str]]:
    """Prices of a market and 24 companies in five groups."""
    generator = np.random.default_rng(1)
    market = generator.normal(0.0005, 0.01, (DAYS, 1))
    returns = np.hstack([market, 1.2 * market + generator.normal(0, 0.02, (DAYS, COMPANIES))])
    names = ["MKT", *(f"C{number}" for number in range(COMPANIES))]
    prices = pd.DataFrame(
        100 * np.cumprod(1 + returns, axis=0), index=pd.bdate_range("2024-01-01", periods=DAYS), columns=names
    )
    return prices, {name: f"group {place % GROUPS}" for place, name in enumerate(names[1:])}


def best(work: Callable[[], object], runs: int) -> float:
    """Return the shortest of several runs, in milliseconds."""
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return 1000 * min(times)


if __name__ == "__main__":
    prices, groups = panel()
    day = prices.index[285]
    study = event_study(prices, day, groups, market="MKT")
    began = time.perf_counter()
    import arch.bootstrap  # noqa: F401

    imported = 1000 * (time.perf_counter() - began)
    returns = prices["C0"].pct_change()
    rows = [
        (
            "fit, abnormal returns, CAR, CAAR",
            best(lambda: event_study(prices, day, groups, market="MKT"), 20),
            "",
        ),
        ("all tests, six groups, four windows", best(lambda: test_table(study), 20), ""),
        (
            "both together, without bootstrap",
            best(lambda: test_table(event_study(prices, day, groups, market="MKT")), 20),
            "50 ms",
        ),
        ("all tests with 2,000 bootstrap draws", best(lambda: test_table(study, draws=DRAWS), 3), "3,000 ms"),
        (
            "24 companies with 2,000 bootstrap draws",
            best(lambda: company_table(study, draws=DRAWS), 3),
            "3,000 ms",
        ),
        ("paths of all groups with bands", best(lambda: caar_path(study), 5), ""),
        ("GARCH day with 2,000 parameter draws", best(lambda: garch_day(returns, day), 3), ""),
        ("importing arch, once", imported, ""),
    ]
    print(pd.DataFrame(rows, columns=["step", "ms", "limit"]).round(1).to_string(index=False))
