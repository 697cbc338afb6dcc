"""Change one thing at a time and see that the tests turn red.

    python benchmarks/mutations.py

Each mutation is made in a copy of the repository: one figure in the data (with its checksum), one line in a chart,
one sign in a statistic, one word of a verdict rule, one typed figure in a notebook. A mutation that no test sees
is a hole.
"""

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Mutation:
    """One change of one file, and the tests that should see it."""

    what: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    needs_run: bool = False
    passport: bool = False


RUN_TESTS = ("tests/test_notebooks.py",)
MUTATIONS = [
    Mutation("a price of Nvidia on the day", "data/raw/sp500_members_2025_01.csv", "142.62,118.42", "142.62,128.42", ("tests/test_market_data.py",), passport=True),
    Mutation("a share count of Nvidia", "data/raw/shares_outstanding.csv", "NVDA,2025-01-26,24477", "NVDA,2025-01-26,23477", RUN_TESTS, needs_run=True, passport=True),
    Mutation("a label of a line left out", "src/helpers/house.py", "    named.sort(key", "    named = named[1:]\n    named.sort(key", RUN_TESTS, needs_run=True),
    Mutation("the axis of a chart no longer logarithmic", "src/helpers/house.py", "{f\"{which}scale\": \"log\"}", "{}", RUN_TESTS, needs_run=True),
    Mutation("the sign of a drawdown", "src/helpers/returns.py", "np.maximum.accumulate", "np.minimum.accumulate", ("tests/test_returns.py",)),
    Mutation("the denominator of CAPE", "src/helpers/cape.py", "120", "108", ("tests/test_cape.py",)),
    Mutation("the tolerance of a verdict", "src/helpers/claims.py", "2 * tolerance", "3 * tolerance", ("tests/test_claims.py",)),
    Mutation("the explosiveness statistic", "src/explosive/radf.py", "float(bsadf.max())", "float(badf.max())", ("tests/test_bubble_tests.py",)),
    Mutation("a figure typed into prose", "notebooks/04_findings.ipynb", "## Does each claim hold?", "## Does the rise of 92.1 % hold?", RUN_TESTS),
]  # fmt: skip


def seen(mutation: Mutation) -> tuple[bool, str]:
    """Return whether a test turned red, and its last line."""
    with tempfile.TemporaryDirectory() as place:
        root = Path(place) / "study"
        leave = shutil.ignore_patterns(
            ".venv", "__pycache__", "processed", ".git", ".mypy_cache", ".ruff_cache", "interactive"
        )
        shutil.copytree(ROOT, root, ignore=leave)
        (root / "data" / "processed").mkdir(exist_ok=True)
        path = root / mutation.file
        text = path.read_text(encoding="utf-8")
        if mutation.old not in text:
            raise SystemExit(f"{mutation.what}: {mutation.file} no longer has {mutation.old!r}")
        path.write_text(text.replace(mutation.old, mutation.new, 1), encoding="utf-8")
        environment = {
            "PYTHONPATH": str(root / "src"),
            "STUDY_ROOT": str(root),
            "PATH": str(Path(sys.executable).parent) + ":/usr/bin:/bin",
            "HOME": place,
        }
        if mutation.passport:
            subprocess.run(
                [sys.executable, "data/passport.py"],
                cwd=root,
                env=environment,
                check=True,
                capture_output=True,
            )
        if mutation.needs_run:
            made = subprocess.run(
                [sys.executable, "-m", "helpers", "run", "--no-site"],
                cwd=root,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            if made.returncode:
                return True, f"the run itself stops: {made.stderr.strip().splitlines()[-1]}"
        elif (ROOT / "data" / "processed" / "deepseek-2025").is_dir():
            shutil.copytree(
                ROOT / "data" / "processed" / "deepseek-2025", root / "data" / "processed" / "deepseek-2025"
            )
        answer = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-x", *mutation.tests],
            cwd=root,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        lines = [
            line for line in answer.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))
        ] or answer.stdout.splitlines()[-1:]
    return answer.returncode == 1, lines[0][:150]


def main() -> int:
    missed = 0
    for mutation in MUTATIONS:
        red, line = seen(mutation)
        missed += not red
        print(f"{'seen' if red else 'MISSED':<7} {mutation.what}: {line}", flush=True)
    print(f"{len(MUTATIONS)} mutations, {missed} missed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
