"""Make the table of Monte Carlo critical values that the package ships.

    PYTHONPATH=src python benchmarks/simulate_critical_values.py

Every row can be had again from `monte_carlo_critical_values(n, lag, replications=...)`, which uses the
same seed. The sequences are kept at KNOTS end points, close together where they bend (after the
first window) and wide apart where they are flat. About ten minutes on two cores.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd

from explosive.radf import monte_carlo_critical_values

TABLE = Path(__file__).parents[1] / "src" / "explosive" / "critical_values.csv"
KNOTS = 24
LAGS = (0, 1, 2)
# Round sizes; and those of the study: weeks of 2022-26 (200, also round) and of 1995-2003 (470), months of
# Phillips, Wu, Yu (389) and of Phillips, Shi, Yu (1680), months of the NASDAQ (666) and of the S&P 500's
# dividends (1866).
SIZES = (100, 150, 200, 250, 300, 389, 400, 470, 500, 600, 666, 800, 1000, 1680, 1866)
REPLICATIONS = {n: 5000 if n <= 1000 else 2000 for n in SIZES}


def rows(n: int, lag: int, replications: int) -> pd.DataFrame:
    """Critical values of one sample size and lag in the form of the table."""
    found = monte_carlo_critical_values(n, lag, replications=replications)
    points = len(found.bsadf)
    knots = np.unique(np.geomspace(1, points, KNOTS).round().astype(int)) - 1
    parts = {name: getattr(found, name).to_frame(n).T for name in ("adf", "sadf", "gsadf")}
    parts |= {name: getattr(found, name).iloc[knots] for name in ("badf", "bsadf")}
    table = pd.concat(parts, names=["statistic", "end"]).rename(columns=lambda q: f"cv{100 * q:g}").round(3)
    settings = {"n": n, "lag": lag, "min_window": found.min_window, "replications": replications}
    return table.reset_index().assign(**settings)[[*settings, "statistic", "end", *table.columns]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=TABLE)
    arguments = parser.parse_args()
    tables = []
    for n in SIZES:
        for lag in LAGS:
            start = time.perf_counter()
            tables.append(rows(n, lag, REPLICATIONS[n]))
            print(f"n = {n}, lag {lag}: {time.perf_counter() - start:.1f} s", flush=True)
    pd.concat(tables).to_csv(arguments.output, index=False)


if __name__ == "__main__":
    main()
