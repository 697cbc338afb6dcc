"""Make the table of Monte Carlo critical values that the package ships, each with its standard error.

    PYTHONPATH=src python benchmarks/simulate_critical_values.py --hours 5

Walks are drawn in blocks of BLOCK from a seed of their size and number, and every finished block is kept in
a folder, so that the command can be stopped, started again and given more time. The table says how many walks
each row comes from.
SIZES are those after which the default window grows by a row; each is simulated for that window and the next.

One pass serves all lags: the lagged changes are eliminated one after the other, and after each the statistic
of that lag can be read. A pass for lag 0 alone costs an eighth, so that lag gets walks of its own. LANES walks
lie side by side, so that the processor handles several at once. The source of the pass is written out by a
program, because a compiler only keeps in registers what has a name.

Sums are in single precision from DOUBLE_BELOW observations on, which is three times as quick. They are of
distances from the window's last row, so little cancels: over 1,000 walks of 399 observations no statistic is
further than 0.0001 from that in double precision, and no quantile of 2,016 by more than 0.00002, when the
smallest standard error in the table is 0.0025. Shorter windows with many lags leave one or two degrees of
freedom, and there double precision is kept.
"""

import argparse
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numba import njit

from explosive.checks import default_window

ROOT = Path(__file__).parents[1]
TABLE = ROOT / "src" / "explosive" / "critical_values.csv"
SIZES = (18, 23, 29, 35, 41, 48, 63, 80, 99, 143, 207, 281, 399, 555, 802, 1135, 1599, 2016)
QUANTILES = (0.90, 0.95, 0.99)
SEED, BLOCK, LANES, KNOTS = 2015, 1000, 200, 20
REPLICATIONS, DOUBLE_BELOW, QUICK = 100_000, 100, 600


def steps_of(most: int) -> str:
    """Write out the work of one start row: add it to the sums and, if the window is long enough, test."""
    p, y, z = most + 2, most, most + 1
    sums = [f"s{a}" for a in range(p)] + [f"t{a}{b}" for a in range(p) for b in range(a, p)]
    found = [f"{kind}{lag}" for kind in ("full", "best", "next") for lag in range(most + 1)]
    place = {name: place for place, name in enumerate([*sums, *found])}
    lags = [f"lag{j}" for j in range(1, most + 1)]

    def held(name: str) -> str:
        return f"acc[{place[name] * LANES} + l]"

    def put(name: str, value: str) -> str:
        return f"    {name} = {value}; {held(name)} = {name}"

    text = []
    for task in ("add", "judge_inner", "judge_edge"):
        text += [f"def {task}(acc, {', '.join([*lags, 'level', 'change', 'anchor', 'm', 'start', 'window'])}):"]
        text += ["  share = one / m", f"  for l in range({LANES}):"]
        text += [f"    v{a} = {name}[l]" for a, name in enumerate([*lags, "level"])]
        text += [f"    v{y} -= anchor[l]; v{z} = change[l]"]
        for a in range(p):
            text.append(put(f"s{a}", f"{held(f's{a}')} + v{a}"))
            text += [put(f"t{a}{b}", f"{held(f't{a}{b}')} + v{a} * v{b}") for b in range(a, p)]
        if task == "add":
            continue
        for a in range(p):
            text += [f"    m{a}{b} = t{a}{b} - s{a} * share * s{b}" for b in range(a, p)]
        for lag in range(most + 1):
            if lag:
                c = lag - 1
                text.append(f"    r = one / m{c}{c}")
                text += [f"    m{a}{b} -= m{c}{a} * r * m{c}{b}" for a in range(lag, p) for b in range(a, p)]
            unexplained = f"m{y}{y} * m{z}{z} - m{y}{z} * m{y}{z}"
            text.append(f"    q = m{y}{z} * abs(m{y}{z}) * (m - used{lag}) / ({unexplained})")
            full, best, longer = (held(f"{kind}{lag}") for kind in ("full", "best", "next"))
            if task == "judge_inner":
                text.append(put(f"next{lag}", f"q if q > {longer} else {longer}"))
            else:
                text.append(put(f"best{lag}", f"q if q > {best} and start >= {lag} else {best}"))
                text.append(put(f"next{lag}", f"q if q > {longer} and start >= {lag} and m > window else {longer}"))
                text.append(put(f"full{lag}", f"q if start == {lag} else {full}"))
    row = ", ".join(
        [*(f"change[t - {j}]" for j in range(1, most + 1)), "level[t], change[t], anchor, real(m), start, window"]
    )
    text.append(f"""
def one_pass(level, change, window, out):
  acc = np.empty({len(place) * LANES}, real)
  for end in range(window - 1, change.shape[0] - {most}):
    acc[:{len(sums) * LANES}] = 0
    acc[{len(sums) * LANES}:] = -np.inf
    anchor = level[end + {most}]
    for start in range(end, -1, -1):
      t, m = start + {most}, end - start + 1
      if m < window:
        add(acc, {row})
      elif m > window and start > {most}:
        judge_inner(acc, {row})
      else:
        judge_edge(acc, {row})
    out[end] = acc[{len(sums) * LANES}:].reshape({len(found)}, {LANES})
""")
    return "\n".join(text)


@cache
def one_pass(most: int, real: type = np.float64, compiled: bool = True) -> Callable[..., None]:
    """Signed squares of both statistics, lags 0 to `most`, at the end points of LANES walks (rows are periods).

    Squares of the largest statistic come in two parts: of windows at the edge, and of longer windows.
    """
    space: dict[str, Any] = {"np": np, "real": real, "one": real(1)}
    space |= {f"used{lag}": real(lag + 2) for lag in range(most + 1)}
    exec(steps_of(most), space)
    for name in ("add", "judge_inner", "judge_edge", "one_pass") if compiled else ():
        space[name] = njit(space[name], fastmath={"contract"}, error_model="numpy")
    return space["one_pass"]


def walks(n: int, most: int, block: int) -> np.ndarray:
    """BLOCK walks that drift by 1/n a step; a lag's test is on the last n observations of n + most."""
    steps = np.random.default_rng([SEED, n, most, block]).standard_normal((BLOCK, n + most)) + 1.0 / n
    return np.cumsum(steps, axis=1)


def knots(points: int) -> np.ndarray:
    """End points kept: close together where the sequences bend, wide apart where they are flat."""
    return np.unique(np.geomspace(1, points, KNOTS).round().astype(int)) - 1


def statistics(n: int, most: int, block: int, compiled: bool = True) -> dict[str, np.ndarray]:
    """Statistics of a block of walks by lag and window: adf, sadf, gsadf, badf at the knots, bsadf at the knots."""
    shortest, count, real = default_window(n), most + 1, np.float64 if n < DOUBLE_BELOW else np.float32
    paths, parts = walks(n, most, block), []
    for first in range(0, BLOCK, LANES):
        level = paths[first : first + LANES].T
        rows = [np.ascontiguousarray(part, real) for part in (level, np.diff(level, axis=0))]
        out = np.empty((n - 1, 3 * count, LANES), real)
        one_pass(most, real, compiled)(*rows, shortest, out)
        parts.append(out)
    squares = np.concatenate(parts, axis=2)
    squares[:, count : 2 * count] = squares[:, count:].reshape(n - 1, 2, count, -1).max(axis=1)
    found = {}
    for lag in range(count):
        for window, shift in ((shortest, count), (shortest + 1, 2 * count)):
            full, best = (squares[window - 1 + lag :, lag + which] for which in (0, shift))
            kept = knots(len(full))
            rows = np.vstack([full[-1:], full.max(axis=0), best.max(axis=0), full[kept], best[kept]])
            found[f"{lag} {window}"] = (np.sign(rows) * np.sqrt(np.abs(rows))).astype(np.float32)
    return found


def table(n: int, files: list[Path]) -> pd.DataFrame:
    """Critical values and standard errors of one size from its finished blocks.

    The standard error of a quantile is half the distance between the quantiles one binomial standard
    deviation above and below it.
    """
    parts = []
    blocks = [np.load(file) for file in files]
    for key in max((block.files for block in blocks), key=len):
        lag, window = map(int, key.split())
        draws = np.hstack([block[key] for block in blocks if key in block.files]).astype(float)
        count = draws.shape[1]
        ends = knots(n - lag - window) + window + lag + 1
        part = pd.DataFrame({"statistic": ["adf", "sadf", "gsadf"] + ["badf"] * len(ends) + ["bsadf"] * len(ends)})
        part["end"] = np.concatenate([[n] * 3, ends, ends])
        for q in QUANTILES:
            apart = np.sqrt(q * (1 - q) / count)
            low, middle, high = np.quantile(draws, [q - apart, q, q + apart], axis=1)
            part[f"cv{100 * q:g}"], part[f"se{100 * q:g}"] = middle, (high - low) / 2
        parts.append(part.assign(n=n, lag=lag, min_window=window, replications=count))
    whole = pd.concat(parts)
    kinds = [f"{kind}{100 * q:g}" for kind in ("cv", "se") for q in QUANTILES]
    return whole[["n", "lag", "min_window", "replications", "statistic", "end", *kinds]].round(4)


def jobs() -> list[tuple[int, int, int]]:
    """Sizes, largest lags and block numbers in the order in which they are simulated.

    Lag 0 comes first, because it is quick, then the sizes of which a block takes no more than a few seconds.
    """
    every = [(n, most, block) for n in SIZES for most in (0, 4) for block in range(REPLICATIONS // BLOCK)]
    return sorted(every, key=lambda job: (job[1], job[0] > QUICK, job[2]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hours", type=float, default=5.0, help="stop after this time; 0 only writes the table")
    parser.add_argument("--blocks", type=Path, default=ROOT / "build" / "critical_values", help="finished blocks")
    parser.add_argument("--output", type=Path, default=TABLE)
    arguments = parser.parse_args()
    arguments.blocks.mkdir(parents=True, exist_ok=True)
    start = time.monotonic()
    for n, most, block in jobs():
        file = arguments.blocks / f"{n}_{most}_{block:03d}.npz"
        if time.monotonic() - start > 3600 * arguments.hours:
            break
        if not file.exists():
            before = time.process_time()
            found = statistics(n, most, block)
            half = file.with_suffix(".part")
            with half.open("wb") as stream:
                np.savez(stream, **found)
            half.replace(file)
            print(f"n = {n}, lags to {most}, block {block}: {time.process_time() - before:.1f} s of CPU", flush=True)
    tables = []
    for n in SIZES:
        if files := sorted(arguments.blocks.glob(f"{n}_*.npz")):
            tables.append(table(n, files))
    pd.concat(tables).to_csv(arguments.output, index=False)


if __name__ == "__main__":
    main()
