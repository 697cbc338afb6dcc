"""Each of the two packages works from the built wheel, alone: without the study and without what only the study needs."""

import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import eventstudy.__main__
import explosive.__main__

ROOT = Path(__file__).parents[1]
ALONE = """
import importlib.abc, runpy, sys
package, unwanted = sys.argv[1], sys.argv[2].split(",")
class Wall(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in unwanted: raise ImportError(f"{package} needs {name}")
sys.meta_path.insert(0, Wall())
sys.argv[:3] = [package]
try:
    runpy.run_module(package, run_name="__main__")
finally:
    print(sys.modules[package].__file__, file=sys.stderr)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("wheel")
    build = "import sys; from hatchling.build import build_wheel; build_wheel(sys.argv[1])"
    subprocess.run([sys.executable, "-c", build, str(folder)], cwd=ROOT, capture_output=True, check=True)
    return next(folder.glob("*.whl"))


def unpacked(wheel, folder, package):
    """Put the package's own part of the wheel, and nothing else, in a folder."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder, [name for name in archive.namelist() if name.startswith(f"{package}/")])


def printed_alone(folder, package, unwanted, *arguments):
    """What the package prints when nothing but its own part of the wheel is there."""
    command = [sys.executable, "-c", ALONE, package, ",".join(unwanted), *map(str, arguments)]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert Path(run.stderr.strip()).parent == folder / package
    return run.stdout


def test_explosive_works_alone_with_numpy_numba_and_pandas(wheel, tmp_path, monkeypatch, capsys):
    walk = 100 + np.cumsum(np.random.default_rng(1).standard_normal(80))
    days = pd.date_range("2020-01-31", periods=80, freq="ME", name="date")
    pd.Series(walk + 2 * 1.15 ** np.clip(np.arange(80) - 50, 0, None), days, name="close").to_csv(tmp_path / "x.csv")
    monkeypatch.setattr(sys, "argv", ["explosive", str(tmp_path / "x.csv"), "--lag", "1"])
    assert explosive.__main__.main() == 0
    unwanted = ["helpers", "study", "eventstudy", "scipy", "statsmodels", "arch", "matplotlib", "exuber"]
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    unpacked(wheel, tmp_path, "explosive")
    kept = []  # the machine code that the first process leaves and the second uses
    for _ in range(2):
        found = printed_alone(tmp_path, "explosive", unwanted, tmp_path / "x.csv", "--lag", "1")
        kept.append({path.name: path.stat().st_mtime_ns for path in (tmp_path / "explosive").rglob("*.nb[ic]")})
    assert found == capsys.readouterr().out
    assert " up " in found
    assert len(kept[0]) > 2
    assert kept[1] == kept[0]


def test_eventstudy_works_alone(wheel, tmp_path, capsys):
    rng, days = np.random.default_rng(2), pd.bdate_range("2020-01-01", periods=320, name="date")
    moves = 0.01 * rng.standard_normal((320, 4))
    moves[300, 1:] -= 0.1
    prices, events = tmp_path / "prices.csv", tmp_path / "events.csv"
    pd.DataFrame(100 * np.exp(np.cumsum(moves, axis=0)), days, ["SPY", "A", "B", "C"]).to_csv(prices)
    pd.DataFrame({"ticker": ["A", "B", "C"], "date": days[300]}).to_csv(events, index=False)
    assert eventstudy.__main__.main([str(prices), str(events)]) == 0
    unwanted = ["helpers", "study", "explosive", "numba", "matplotlib"]
    unpacked(wheel, tmp_path, "eventstudy")
    found = printed_alone(tmp_path, "eventstudy", unwanted, prices, events)
    assert found == capsys.readouterr().out
    assert "(0, +4)" in found
