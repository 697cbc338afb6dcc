import io
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from hypothesis import settings

import helpers  # noqa: F401  before numpy: it says how many threads share a sum

settings.register_profile("study", derandomize=True, deadline=None)  # the same examples on every machine, however slow
settings.load_profile("study")

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
    from expected import refresh

    return refresh.published()


def command(*words: str, folder: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    """Give a command of the study as a person would, in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "helpers", *words],
        cwd=folder, capture_output=True, text=True, timeout=600, check=False, env=os.environ | {"STUDY_ROOT": str(folder)} | environment,
    )  # fmt: skip


Answer = subprocess.CompletedProcess[str]


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Answer]:
    """Give a command in this process, which spares a second a command; notebooks run without kernels."""
    from study import __main__, run, sweep

    for module in (run, sweep):
        monkeypatch.setattr(module, "run_step", without_kernel)
    monkeypatch.setattr(signal, "signal", lambda number, handler: None)
    monkeypatch.setenv("STUDY_RUN", "")  # put back as it was after the test, whatever runs in between

    def give(*words: str, folder: Path) -> Answer:
        out, err = io.StringIO(), io.StringIO()
        monkeypatch.setenv("STUDY_ROOT", str(folder))
        with redirect_stdout(out), redirect_stderr(err):
            try:
                code = __main__.main(words)
            except SystemExit as stopped:  # what argparse refuses
                code = int(stopped.code or 0)
        return subprocess.CompletedProcess(words, code, out.getvalue(), err.getvalue())

    return give


def without_kernel(step: str, settings, key: str, root: Path, building: Path) -> float:
    """Execute the cells of a notebook in this process, for a test of what is around them."""
    from expected.refresh import execute

    from study import storage

    folder = building / step
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ["STUDY_RUN"] = str(building)
    execute(root / "notebooks" / f"{step}.ipynb", settings.values)
    made = {"step": step, "key": key, "outputs": storage.checksums(folder)}
    storage.write_json(folder / "step.json", made)
    return 0.1


APART = ("test_storage_and_study.py", "test_sweep.py", "test_any_system.py", "test_live.py")  # tests that share nothing


LONG = ("notebooks/", "tests/test_golden.py", "tests/test_axe.py", "tests/test_browser.py", "tests/test_report.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no worker is left with it at the end."""
    place = {name: number for number, name in enumerate(LONG)}
    items.sort(key=lambda item: next((place[name] for name in LONG if item.nodeid.startswith(name)), len(LONG)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Say what stays together on one worker: the notebooks, which build on each other, and each file that shares fixtures."""
    from xdist.scheduler import LoadScopeScheduling

    config.option.loadscopereorder = False  # by number of tests, which says little

    class Together(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.split("::")[0]
            return "notebooks" if file.startswith("notebooks/") else nodeid if file.endswith(APART) else file

    return Together(config, log)
