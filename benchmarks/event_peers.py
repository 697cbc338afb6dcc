"""How `eventstudy` compares with other packages on the same events: CPU seconds, and how far the numbers are apart.

Run `python benchmarks/event_peers.py --peer /path/to/python`, where that Python has `ffjr-eventstudies` 0.2.0 and
`py-event-studies` 0.3.0: they need an older NumPy than this study, so they live in an environment of their own.
Without `--peer` only the regressions of `statsmodels`, one for each event and company, are set beside ours. About a
minute; the times are the least of three runs after import, all on one thread.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import numpy as np  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
DATES, COMPANIES, ESTIMATION, GAP, WINDOW = 100, 20, 250, 10, 3


def seconds(work: Callable[[], object]) -> tuple[float, object]:
    """Return the least CPU time of three runs, and what the work gives."""
    times = []
    for _ in range(3):
        began = time.process_time()
        result = work()
        times.append(time.process_time() - began)
    return min(times), result


def blocks(returns: np.ndarray) -> np.ndarray:
    """Cut out each date's estimation and event days, market first: shape (dates, days, series)."""
    rows = [300 + 2 * date for date in range(DATES)]
    return np.stack([np.vstack([returns[r - GAP - ESTIMATION : r - GAP], returns[r : r + WINDOW]]) for r in rows])


def peer(path: str) -> None:
    """Print, as JSON, what the other packages take and find; runs under their own Python."""
    from eventstudies import MultipleEvents, SingleEvent, models
    from py_event_studies._car_statistic_tests import bmp_test, create_avg_corrs, kp_test

    studied = blocks(np.load(path))

    def pooled() -> MultipleEvents:
        options = {"event_window": (0, WINDOW - 1), "est_size": ESTIMATION}
        return MultipleEvents(
            [
                SingleEvent(models.MarketModel, {"daily_ret": block[:, c], "daily_mkt": block[:, 0]}, **options)
                for block in studied
                for c in range(1, COMPANIES + 1)
            ]
        )

    used, found = seconds(pooled)
    one = studied[0]  # all companies on one date
    design = np.column_stack([np.ones(len(one)), one[:, 0]])
    slopes = np.linalg.lstsq(design[:ESTIMATION], one[:ESTIMATION, 1:], rcond=None)[0]
    residuals = np.broadcast_to(one[:, 1:] - design @ slopes, (1, 10, ESTIMATION + WINDOW, COMPANIES))  # its ten models
    before, around = residuals[:, :, :ESTIMATION], residuals[:, :, ESTIMATION:]
    correlation = create_avg_corrs(before)
    day = around[:, :, :1]
    answer = {
        "seconds": used,
        "car": np.array([event.CAR[-1] for event in found.sample]).tolist(),
        "caar": float(found.CAAR[-1]),
        "t": float(found.tstat[-1]),
        "r_bar": float(correlation[0, 0]),
        "bmp": float(bmp_test(day, before, np.zeros(day.shape))[0, 0]),
        "kp": float(kp_test(around, before, correlation)[0, 0]),
    }
    print(json.dumps(answer))


def main(other: str | None) -> None:
    """Print times and differences."""
    sys.path[:0] = [str(ROOT / "src"), str(ROOT / "benchmarks")]
    import pandas as pd
    import statsmodels.api as sm
    from event_study import panel

    from eventstudy.study import event_study, pooled_study
    from eventstudy.tests import test_table

    prices = panel(COMPANIES, 720)
    dates = prices.index[301 : 301 + 2 * DATES : 2]
    events = pd.DataFrame([(name, date) for date in dates for name in prices.columns[1:]], columns=["ticker", "date"])
    window = [(0, WINDOW - 1)]
    used, study = seconds(lambda: pooled_study(prices, events, "MKT", windows=window))
    whole, table = seconds(lambda: test_table(pooled_study(prices, events, "MKT", windows=window)))
    returns = prices.pct_change().to_numpy()[1:]

    def regressions() -> np.ndarray:
        cars = []
        for block in blocks(returns):
            design = sm.add_constant(block[:, 0])
            for place in range(1, COMPANIES + 1):
                fitted = sm.OLS(block[:ESTIMATION, place], design[:ESTIMATION]).fit()
                cars.append((block[ESTIMATION:, place] - fitted.predict(design[ESTIMATION:])).sum())
        return np.array(cars)

    ols, cars = seconds(regressions)
    ours = study.car["car_pct"].to_numpy() / 100
    print(f"{DATES} dates of {COMPANIES} companies, {ESTIMATION} days of estimation, CPU seconds")
    print(f"eventstudy, CARs: {used:.2f}; with every test: {whole:.2f}")
    print(
        f"statsmodels OLS, one an event and company, CARs: {ols:.2f}; largest difference {np.abs(cars - ours).max():.0e}"
    )
    if not other:
        return
    with tempfile.TemporaryDirectory() as folder:
        np.save(Path(folder) / "returns.npy", returns)
        command = [other, __file__, "--measure", str(Path(folder) / "returns.npy")]
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        answer = subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout
    theirs = json.loads(answer.strip().splitlines()[-1])
    row = table.iloc[-1]
    one = test_table(event_study(prices, dates[0], market="MKT", windows=[(0, 0), *window])).set_index("window")
    spread = np.sqrt(COMPANIES / (COMPANIES - 1))  # its standard deviations divide by n
    bmp, kp = spread * one["bmp_t"].iloc[0], spread * one["bmp_adjusted_t"].iloc[1]
    print(
        f"ffjr-eventstudies: {theirs['seconds']:.2f}; CAR {np.abs(theirs['car'] - ours).max():.0e}, CAAR "
        f"{abs(theirs['caar'] - row['caar_pct'] / 100):.0e}; its t {theirs['t']:.2f}, ours {row['portfolio_t']:.2f}"
    )
    print(f"py-event-studies: mean correlation {abs(theirs['r_bar'] - one['r_bar'].iloc[0]):.0e}, BMP "
          f"{abs(theirs['bmp'] - bmp):.0e}, adjusted BMP of {WINDOW} days {abs(theirs['kp'] - kp):.0e}")  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer", help="a Python that has the other packages")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.measure:
        peer(asked.measure)
    else:
        main(asked.peer)
