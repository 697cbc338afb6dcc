"""Time the sweep that ships on one worker, on two, and on a local Dask cluster of two workers, in one run.

    python benchmarks/sweeps.py [--sweep parameters/sweeps/event-windows.yaml]

Each works in a copy of the repository of its own, so that none finds another's finished runs, with a warm cache of
compiled code. The outcome tables of all three must be equal to the byte. The ratios are what counts: machines differ.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from study_copy import copy_study, environment


def timed(root: Path, sweep: str, *words: str) -> tuple[float, bytes]:
    begun = time.monotonic()
    subprocess.run(
        [sys.executable, "-m", "helpers", "sweep", str(root / sweep), *words],
        cwd=root, env=environment(root), check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    seconds = time.monotonic() - begun
    (folder,) = (root / "data" / "processed").glob("sweep-*")
    return seconds, (folder / "outcomes.csv").read_bytes()


def on_dask(root: Path, sweep: str) -> tuple[float, bytes]:
    """Run on a scheduler and two workers of one thread each, which stand before the clock starts."""
    from distributed import Client, LocalCluster

    os.environ.update(environment(root))
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        with Client(cluster) as client:
            client.wait_for_workers(2)
        return timed(root, sweep, "--dask", cluster.scheduler_address)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sweep", default="parameters/sweeps/event-windows.yaml")
    sweep = parser.parse_args().sweep
    with tempfile.TemporaryDirectory() as place:
        one, table = timed(copy_study(Path(place) / "one"), sweep, "--workers", "1")
        print(f"one worker: {one:.1f} s", flush=True)
        two, second = timed(copy_study(Path(place) / "two"), sweep, "--workers", "2")
        print(f"two workers: {two:.1f} s, {one / two:.2f} times faster", flush=True)
        dask, third = on_dask(copy_study(Path(place) / "dask"), sweep)
        print(f"two workers of a Dask cluster: {dask:.1f} s, {dask / two:.2f} of the time of two local ones")
    same = table == second == third
    print(f"outcome tables: {len(table.splitlines()) - 1} rows, {'equal to the byte' if same else 'DIFFERENT'}")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
