"""Time the sweep that ships on one worker and on two, in one run.

    python benchmarks/sweeps.py [--sweep parameters/sweeps/event-windows.yaml]

Each works in a copy of the repository of its own, so that none finds another's finished runs, with a warm cache of
compiled code. The outcome tables must be equal to the byte. The ratio is what counts: machines differ.
"""

import argparse
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


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sweep", default="parameters/sweeps/event-windows.yaml")
    sweep = parser.parse_args().sweep
    with tempfile.TemporaryDirectory() as place:
        one, table = timed(copy_study(Path(place) / "one"), sweep, "--workers", "1")
        print(f"one worker: {one:.1f} s", flush=True)
        two, second = timed(copy_study(Path(place) / "two"), sweep, "--workers", "2")
        print(f"two workers: {two:.1f} s, {one / two:.2f} times faster", flush=True)
    same = table == second
    print(f"outcome tables: {len(table.splitlines()) - 1} rows, {'equal to the byte' if same else 'DIFFERENT'}")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
