"""What the explosiveness tests cost, beside a regression for each window and beside R's exuber.

    PYTHONPATH=src python benchmarks/bubble_tests.py

exuber's figures were recorded on a two-core machine for its compiled core, which is cubic in the sample.
The regressions are timed at REFERENCE_SIZE observations and scaled by the number of windows, which
flatters them: their windows are shorter there. Times are the best of several runs.
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

from explosive.radf import default_window, monte_carlo_critical_values, radf

SIZE, REFERENCE_SIZE = 1000, 200
EXUBER_SECONDS = {0: 0.30, 1: 1.14}
FIRST_CALL = (
    "import time, numpy as np; from explosive.radf import radf;"
    "walk = np.random.default_rng(0).standard_normal(100).cumsum();"
    "start = time.perf_counter(); radf(walk); print(time.perf_counter() - start)"
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


def seconds(call: Callable[[], object], runs: int) -> float:
    """Best time of several runs."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def windows(n: int, lag: int) -> int:
    points = n - lag - default_window(n)
    return points * (points + 1) // 2


def first_calls() -> list[float]:
    """Seconds of the first call in a fresh process without, then with the compiled code of the first."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"NUMBA_CACHE_DIR": folder}
        command = [sys.executable, "-c", FIRST_CALL]
        runs = [subprocess.run(command, env=environment, capture_output=True, text=True, check=True) for _ in range(2)]
    return [float(run.stdout) for run in runs]


def main() -> None:
    rng = np.random.default_rng(0)
    walk, short = np.cumsum(rng.standard_normal(SIZE)), np.cumsum(rng.standard_normal(REFERENCE_SIZE))
    rows = []
    for lag, exuber in EXUBER_SECONDS.items():
        ours = seconds(lambda lag=lag: radf(walk, lag), 40)
        slow = seconds(lambda lag=lag: regression_for_each_window(short, lag), 1)
        slow *= windows(SIZE, lag) / windows(REFERENCE_SIZE, lag)
        difference = np.abs(regression_for_each_window(short, lag) - radf(short, lag).bsadf).max()
        rows.append(
            {
                "lag": lag,
                "radf, ms": 1000 * ours,
                "exuber, ms": 1000 * exuber,
                "times faster": exuber / ours,
                "regressions, ms": 1000 * slow,
                "times faster ": slow / ours,
                "largest difference": difference,
            }
        )
    print(f"{SIZE} observations, {windows(SIZE, 0):,} windows, {numba.get_num_threads()} threads")
    print(pd.DataFrame(rows).set_index("lag").to_string(float_format="{:.4g}".format))
    simulation = seconds(lambda: monte_carlo_critical_values(500, replications=2000), 5)
    print(f"2,000 Monte Carlo replications of 500 observations: {simulation:.2f} s")
    cold, warm = first_calls()
    print(f"first call of a fresh process: {cold:.1f} s with compilation, {warm:.2f} s with cached code")


if __name__ == "__main__":
    main()
