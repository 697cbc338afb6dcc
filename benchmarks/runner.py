"""Time the runner against plain papermill, one notebook after the other, in one run.

    python benchmarks/runner.py

Both work in a copy of the repository with the same data and a warm cache of compiled code; pages are left out on
both sides. The ratio is what counts: machines differ.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from study_copy import copy_study, environment

STEPS = ("00_data", "01_valuation_growth", "02_selloff", "03_dotcom_comparison", "04_findings")


def main() -> int:
    with tempfile.TemporaryDirectory() as place:
        root = copy_study(Path(place) / "study")
        begun = time.monotonic()
        for step in STEPS:
            words = [
                sys.executable,
                "-m",
                "papermill",
                "--no-progress-bar",
                f"{step}.ipynb",
                f"{place}/{step}.ipynb",
            ]
            run = {**environment(root), "STUDY_RUN": f"{place}/plain"}
            subprocess.run(words, cwd=root / "notebooks", env=run, check=True, capture_output=True)
        plain = time.monotonic() - begun
        begun = time.monotonic()
        words = [sys.executable, "-m", "helpers", "run", "--no-site"]
        subprocess.run(words, cwd=root, env=environment(root), check=True, capture_output=True)
        runner = time.monotonic() - begun
        begun = time.monotonic()
        subprocess.run(words, cwd=root, env=environment(root), check=True, capture_output=True)
        again = time.monotonic() - begun
    print(f"plain papermill, one after the other: {plain:.1f} s")
    print(f"python -m helpers run: {runner:.1f} s, ratio {runner / plain:.2f}")
    print(f"unchanged rerun: {again:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
