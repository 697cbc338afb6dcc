import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

import helpers  # noqa: F401  before numpy: it says how many threads share a sum

ROOT = Path(__file__).resolve().parents[1]
RAW = ROOT / "data" / "raw"


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture
def raw_copy(tmp_path: Path) -> Path:
    """A copy of the figures of record that a test may damage."""
    return Path(shutil.copytree(RAW, tmp_path / "raw"))


@pytest.fixture
def copied_root(tmp_path: Path) -> Path:
    """A repository to run commands in, without touching the runs of this one."""
    place = tmp_path / "study"
    place.mkdir()
    for name in ("notebooks", "parameters", "src", "report", "docs", "tests"):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns("__pycache__", ".numba_cache"))
    shutil.copytree(RAW, place / "data" / "raw")
    (place / "data" / "processed").mkdir()
    shutil.copy(ROOT / "README.md", place)
    return place


@pytest.fixture(scope="session")
def finished_run() -> Path:
    """The published default run, brought up to date where something has changed."""
    return published_run("deepseek-2025")


def published_run(preset: str, *words: str) -> Path:
    """Bring a run up to date; another worker of the same tests may be about it, and is waited for."""
    for _ in range(120):
        answer = command("run", "--preset", preset, *words)
        if answer.returncode != 5:
            break
        time.sleep(5)
    assert answer.returncode == 0, answer.stderr
    return ROOT / "data" / "processed" / preset


def command(*words: str, folder: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    """Give a command of the study as a person would, in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "helpers", *words],
        cwd=folder, capture_output=True, text=True, timeout=600, check=False, env=os.environ | {"STUDY_ROOT": str(folder)} | environment,
    )  # fmt: skip
