"""How long the event study takes, and how that grows with companies and with events.

Run `python benchmarks/event_study.py` (about a minute). CPU seconds, the least of three runs after import; the growth
exponent is the slope of log time on log size between the two largest sizes. Times on another machine differ, so the
limits that the study sets itself are printed beside them.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))

from eventstudy.study import event_study, pooled_study  # noqa: E402
from eventstudy.tests import test_table  # noqa: E402
from helpers.rarity import garch_day, surprise  # noqa: E402

DRAWS, GROUPS = 2000, 5
WINDOWS = [(0, 0), (-1, 1), (0, 4), (0, 20), (-5, -1), (1, 5), (0, 10), (-10, 10)]
LIMITS = {("all tests with 2,000 draws", 500): "1.5 s", ("pooled, one window", 100): "0.5 s"}


def panel(companies: int, days: int) -> pd.DataFrame:
    """Prices of a market and of companies that follow it."""
    generator = np.random.default_rng(1)
    market = generator.normal(0.0005, 0.01, (days, 1))
    returns = np.hstack([market, 1.2 * market + generator.normal(0, 0.02, (days, companies))])
    names = ["MKT", *(f"C{number}" for number in range(companies))]
    return pd.DataFrame(
        100 * np.cumprod(1 + returns, axis=0), index=pd.bdate_range("2020-01-01", periods=days), columns=names
    )


def seconds(work: Callable[[], object], runs: int = 3) -> float:
    """Return the least CPU time of several runs."""
    times = []
    for _ in range(runs):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return min(times)


def by_companies(sizes: tuple[int, ...] = (24, 100, 500, 2000)) -> dict[str, dict[int, float]]:
    """Time one date with eight windows for more and more companies."""
    found: dict[str, dict[int, float]] = {}
    for size in sizes:
        prices = panel(size, 320)
        day, groups = (
            prices.index[290],
            {name: f"group {place % GROUPS}" for place, name in enumerate(prices.columns[1:])},
        )
        study = event_study(prices, day, groups, market="MKT", windows=WINDOWS)
        options = {"groups": groups, "market": "MKT", "windows": WINDOWS}
        steps: dict[str, Callable[[], object]] = {
            "fit and abnormal returns": partial(event_study, prices, day, **options),
            "all tests": partial(test_table, study),
            "all tests with 2,000 draws": partial(test_table, study, draws=DRAWS),
        }
        for name, step in steps.items():
            found.setdefault(name, {})[size] = seconds(step)
    return found


def by_events(sizes: tuple[int, ...] = (25, 50, 100, 200)) -> dict[str, dict[int, float]]:
    """Time a list of more and more dates of 20 companies each."""
    prices = panel(20, 720)
    found: dict[str, dict[int, float]] = {}
    for size in sizes:
        dates = prices.index[300 : 300 + 2 * size : 2]
        events = pd.DataFrame(
            [(name, date) for date in dates for name in prices.columns[1:]], columns=["ticker", "date"]
        )
        for name, windows in (("pooled, one window", WINDOWS[:1]), ("pooled, three windows", WINDOWS[:3])):
            work = partial(pooled_study, prices, events, "MKT", windows=windows)
            found.setdefault(name, {})[size] = seconds(lambda work=work: test_table(work()))
    return found


if __name__ == "__main__":
    import arch.bootstrap  # noqa: F401

    for title, found in (("companies", by_companies()), ("dates of 20 companies", by_events())):
        table = pd.DataFrame(found).T
        small, large = table.columns[-2:]
        table["exponent"] = np.log(table[large] / table[small]) / np.log(large / small)
        table["limit"] = [
            next((f"{LIMITS[key]} at {key[1]}" for key in LIMITS if key[0] == name), "") for name in table.index
        ]
        print(f"\nCPU seconds by {title}\n{table.round(3).to_string(na_rep='')}")
    returns = panel(1, 640)["C0"].pct_change()
    event = returns.index[600]
    print(f"\nGARCH day with 10,000 parameter draws: {seconds(lambda: garch_day(returns, event)):.2f} s")
    for model in ("GJR-t", "EGARCH-t", "skewed t"):
        print(f"{model}: {seconds(lambda model=model: surprise(returns, event, -5.0, model)):.2f} s")
