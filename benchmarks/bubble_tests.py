"""What the explosiveness tests cost, beside pyexuber and a regression for each window, in one run.

    PYTHONPATH=src python benchmarks/bubble_tests.py

Calls alternate (ours, theirs, ours, theirs ...) and the figures are medians over PAIRS of them, of the
processor time of the whole process, so that a busy machine changes them little. Both use one thread, unless
it says otherwise. pyexuber is left out where it has no wheel. The regressions are few hundred observations
long and scaled by the number of windows, which flatters them: their windows are shorter there.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

import numba
import numpy as np
import pandas as pd

from explosive import default_window, monte_carlo_critical_values, panel_table, radf, radf_panel

try:
    import exuber
except ImportError:
    exuber = None

SIZES, LAGS, PAIRS, REFERENCE_SIZE = (500, 1000, 2000), (0, 1, 4), 7, 100
FIRST_CALL = (
    "import time, numpy as np; from explosive import radf;"
    "walk = np.random.default_rng(0).standard_normal(100).cumsum();"
    "start = time.process_time(); radf(walk); print(time.process_time() - start)"
)


def regression_for_each_window(values: np.ndarray, lag: int) -> np.ndarray:
    """BSADF by numpy least squares on every window: clear, and slow."""
    change = np.diff(values)
    target = change[lag:]
    lags = [change[lag - j : change.size - j] for j in range(1, lag + 1)]
    design = np.column_stack([values[lag:-1], np.ones_like(target), *lags])
    window = default_window(values.size)
    sequence = []
    for end in range(window, target.size + 1):
        best = -np.inf
        for start in range(end - window + 1):
            x, y = design[start:end], target[start:end]
            coefficients, rss, *_ = np.linalg.lstsq(x, y, rcond=None)
            variance = rss[0] / (y.size - lag - 2) * np.linalg.inv(x.T @ x)[0, 0]
            best = max(best, coefficients[0] / np.sqrt(variance))
        sequence.append(best)
    return np.array(sequence)


def medians(calls: dict[str, Callable[[], object]], pairs: int = PAIRS) -> dict[str, float]:
    """Median processor seconds of each of some calls, made in turn."""
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(pairs):
        for name, call in calls.items():
            start = time.process_time()
            call()
            taken[name].append(time.process_time() - start)
    return {name: float(np.median(times)) for name, times in taken.items()}


def windows(n: int, lag: int) -> int:
    points = n - lag - default_window(n)
    return points * (points + 1) // 2


def row(walk: np.ndarray, lag: int) -> dict[str, float]:
    """One size and lag: milliseconds of ours, theirs, and of regressions."""
    calls: dict[str, Callable[[], object]] = {"radf": lambda: radf(walk, lag)}
    if exuber is not None:
        calls["pyexuber"] = lambda: exuber.radf(walk, lag=lag)
    taken = medians(calls)
    short = walk[:REFERENCE_SIZE]
    scale = windows(len(walk), lag) / windows(REFERENCE_SIZE, lag)
    taken["regressions"] = medians({"": lambda: regression_for_each_window(short, lag)}, 1)[""] * scale
    found = {"n": len(walk), "lag": lag} | {f"{name}, ms": 1000 * seconds for name, seconds in taken.items()}
    if exuber is not None:
        found["pyexuber / radf"] = taken["pyexuber"] / taken["radf"]
        found["largest difference"] = np.abs(exuber.radf(walk, lag=lag).bsadf.ravel() - radf(walk, lag).bsadf).max()
    return found


def first_calls() -> list[float]:
    """Seconds of the first call in a fresh process without, then with the compiled code of the first."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"NUMBA_CACHE_DIR": folder}
        command = [sys.executable, "-c", FIRST_CALL]
        runs = [subprocess.run(command, env=environment, capture_output=True, text=True, check=True) for _ in range(2)]
    return [float(run.stdout) for run in runs]


def main() -> None:
    numba.set_num_threads(1)
    rng = np.random.default_rng(0)
    table = pd.DataFrame([row(np.cumsum(rng.standard_normal(n)), lag) for n in SIZES for lag in LAGS])
    print(f"Processor time, medians of {PAIRS} pairs, {numba.get_num_threads()} thread(s)")
    print(table.to_string(index=False, float_format="{:.3g}".format))
    for lag, rows in table.groupby("lag"):
        slopes = {name: np.polyfit(np.log(rows["n"]), np.log(rows[name]), 1)[0] for name in rows if name in MEASURED}
        print(f"lag {lag}: time grows as n to the power " + ", ".join(f"{s:.2f} ({k})" for k, s in slopes.items()))
    days = np.cumsum(rng.standard_normal(13_000))
    series = pd.DataFrame(np.cumsum(rng.standard_normal((1400, 500)), axis=0))
    taken = medians(
        {
            "13,000 days, lag 0": lambda: radf(days),
            "500 series of 1,400": lambda: radf_panel(series),
            "500 series of 1,400, judged and dated": lambda: panel_table(radf_panel(series)),
            "2,000 simulated walks of 500": lambda: monte_carlo_critical_values(500, replications=2000),
        },
        3,
    )
    for name, seconds in taken.items():
        print(f"{name}: {seconds:.2f} s")
    cold, warm = first_calls()
    print(f"first call of a fresh process: {cold:.1f} s with compilation, {warm:.2f} s with cached code")


MEASURED = ("radf, ms", "pyexuber, ms")

if __name__ == "__main__":
    main()
