"""A copy of the study to try things in, for the benchmarks beside this file."""

import os
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOR_A_RUN = ("notebooks", "parameters", "src")
FOR_PAGES = (*FOR_A_RUN, "report", "docs")


def copy_study(root: Path, folders: tuple[str, ...] = FOR_A_RUN) -> Path:
    """Copy folders of the repository and the figures of record; return the root of the copy."""
    for name in folders:
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "data" / "raw", root / "data" / "raw")
    return root


def environment(root: Path) -> dict[str, str]:
    """Return the variables that make a command work on a copy, with the code of the copy."""
    return {**os.environ, "STUDY_ROOT": str(root), "PYTHONPATH": str(root / "src")}
