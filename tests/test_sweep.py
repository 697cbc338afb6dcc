"""A sweep runs every point once, on any number of workers with one outcome, and shows how far each finding moves."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import Future
from contextlib import nullcontext
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from conftest import ROOT, command
from test_report import HOSTILE, read, synthetic_run
from test_storage_and_study import started

from helpers import market_data, parameters, rarity
from helpers.parameters import ParameterError
from study import pages, report, site_pages, sweep, sweep_pages

WORK = """
import json, os, pathlib
if return_model == "mean" and estimation_days == 100:
    raise ValueError("no such study")
key = dict(value=estimation_days / (1 + estimation_gap), low=0.5, high=30.0, unit="percent", label="Nvidia: what moved", confidence="high", figure="")
keys = {"moves": key, "rests": {**key, "value": 1, "label": "what did not move"}}
folder = pathlib.Path(os.environ["STUDY_RUN"]) / "02_selloff"
(folder / "results.json").write_text(json.dumps(dict(notebook="02_selloff", parameters={}, changed=[], findings=[], keys=keys, measurements=[], figures={}, tables={}, notes=[])))
"""
GRID = """
title: Two windows, two gaps
notebooks: [02_selloff]
grid:
  estimation_days: {from: 100, to: 250, step: 150}
  estimation_gap: [10, 30]
"""


@pytest.fixture
def small(copied_root: Path) -> Path:
    """A study whose 02_selloff divides two of its parameters."""
    given = "\n".join(f"{name} = {value!r}" for name, value in parameters.MODELS["02_selloff"]().model_dump().items())
    cells = [
        nbformat.v4.new_code_cell(given, id="parameters", metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell(WORK, id="work"),
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(
        nbformat.v4.new_notebook(cells=cells, metadata=kernel), copied_root / "notebooks" / "02_selloff.ipynb"
    )
    return copied_root


@pytest.fixture
def quick(here, small: Path, monkeypatch: pytest.MonkeyPatch):
    """Sweep in this process, one point after the other and without kernels."""

    class Pool:
        def submit(self, function, *words) -> Future:
            future: Future = Future()
            try:
                future.set_result(function(*words))
            except Exception as error:
                future.set_exception(error)
            return future

    monkeypatch.setattr(sweep, "processes", lambda workers: nullcontext(Pool()))

    def give(text: str, *words: str) -> tuple[subprocess.CompletedProcess[str], Path]:
        (small / "mine.yaml").write_text(text, encoding="utf-8")
        return here(
            "sweep", str(small / "mine.yaml"), *words, folder=small
        ), small / "data" / "processed" / "sweep-mine"

    return give


def swept(root: Path, text: str, *words: str) -> tuple[subprocess.CompletedProcess[str], Path]:
    path = root / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return command("sweep", str(path), *words, folder=root), root / "data" / "processed" / "sweep-mine"


def points(tmp_path: Path, text: str) -> list[dict]:
    path = tmp_path / "points.yaml"
    path.write_text(text, encoding="utf-8")
    return list(sweep.read_sweep(path).points)


def test_a_grid_crosses_its_lists_and_zipped_lists_go_together(tmp_path: Path) -> None:
    text = "fixed: {alpha: 1}\ngrid: {a: [1, 2], b: {from: 0, to: 10, step: 5}}\nzip: {c: [7, 8], d: [x, y]}"
    found = points(tmp_path, text)
    assert len(found) == 2 * 3 * 2
    assert found[0] == {"alpha": 1, "a": 1, "b": 0, "c": 7, "d": "x"}
    assert {(point["c"], point["d"]) for point in found} == {(7, "x"), (8, "y")}
    assert {point["b"] for point in found} == {0, 5, 10}


def test_the_sweep_that_ships_has_24_runs_that_make_sense() -> None:
    shipped = sweep.read_sweep(ROOT / "parameters" / "sweeps" / "event-windows.yaml")
    assert len(sweep.check_sweep(shipped, ROOT)) == 24


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("zip: {a: [1, 2], b: [1]}", "zipped lists must be of one length"),
        ("grid: {a: 5}", "give a list of values, or a range as"),
        ("grid: {a: {from: 0, to: 9, step: 0}}", "give a list of values"),
        ("grid: {a: {from: 9, to: 0, step: 1}}", "give a list of values"),
        ("grid: {a: {from: 0, to: 9000, step: 1}}", "9,001 runs; give between 1 and 5,000"),
        ("grid: {a: {from: 0, to: 1000000000000, step: 1}}", "1,000,000,000,001 runs"),
        (
            "grid: {" + ", ".join(f"{letter}: {{from: 1, to: 20, step: 1}}" for letter in "abcdefghijkl") + "}",
            "4,096,000,000,000,000 runs",
        ),
        ("grid: {a: {from: 0, to: 1000000000000000000000, step: 1}}", "give a list of values, or a range"),
        ("gird: {a: [1]}", "gird: nothing is called so; did you mean 'grid'?"),
        ("preset: 5\nnotebooks: 5\ngrid: [1]\nfixed:", "4 problems"),
        ("notebooks: [2]\ngrid: {a: [1]}", r"notebooks\[0\]: input should be '00_data'"),
        ("fixed: {a: 1}\ngrid: {a: [1, 2]}", "a: given twice"),
        ("- grid", "expected names with values"),
        ("{}", "0 runs"),
        ("notebooks: [02_seloff]\ngrid: {a: [1]}", r"notebooks\[0\]: input should be '00_data', .*got .02_seloff"),
        ("grid: [", "not readable as YAML"),
    ],
)
def test_a_sweep_that_makes_no_sense_is_refused_in_words(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ParameterError, match=said):
        points(tmp_path, text)


@pytest.mark.parametrize(
    "words", [("verify", "sweep-mine"), ("slides", "--preset", "sweep-mine"), ("compare", "sweep-mine", "x")]
)
def test_what_is_for_runs_is_refused_for_a_sweep(here, copied_root: Path, words: tuple[str, ...]) -> None:
    place = copied_root / "data" / "processed" / "sweep-mine"
    place.mkdir()
    (place / "manifest.json").write_text('{"sweep": "mine", "preset": "deepseek-2025"}')
    answer = here(*words, folder=copied_root)
    assert answer.returncode == 2
    assert "sweep-mine is a sweep, not a run" in answer.stderr


def test_all_problems_of_a_sweep_come_before_its_first_run() -> None:
    points = ({"event_date": "2025-01-25", "1": 2}, {"estimation_days": 5, "event_focus": "NVDIA"})
    with pytest.raises(ParameterError) as caught:
        sweep.check_sweep(sweep.Sweep("mine", points), ROOT)
    said = str(caught.value)
    assert "run 1: event_date, event_windows, estimation_days: event Saturday 2025-01-25 is not a trading day" in said
    assert "run 1: 1: there is no such parameter" in said
    assert "run 2: estimation_days: input should be greater than or equal to 30" in said


def test_one_worker_and_two_give_the_same_tables(quick, small: Path) -> None:
    grid = GRID.replace("[10, 30]", "[10]")
    answer, folder = quick(grid)
    assert answer.returncode == 0, answer.stderr
    assert "run 2 of 2 done" in answer.stdout
    table = (folder / "outcomes.csv").read_bytes()
    moved = pd.read_csv(folder / "outcomes.csv").query("key == 'moves'")
    assert moved["value"].round(3).tolist() == [9.091, 22.727]
    shutil.rmtree(folder)
    swept(small, grid, "--workers", "2")  # kernels in two processes; above, one process after the other
    assert (folder / "outcomes.csv").read_bytes() == table


def test_a_finished_run_of_a_sweep_is_not_run_again_unless_somebody_edited_it(quick) -> None:
    _, folder = quick(GRID)
    made = [folder / f"run-000{number}" / "02_selloff" for number in (3, 4)]
    before = [(step / "step.json").stat().st_mtime_ns for step in made]
    (made[1] / "results.json").write_text("{}")
    quick(GRID)
    after = [(step / "step.json").stat().st_mtime_ns for step in made]
    assert after[0] == before[0]
    assert after[1] != before[1]
    assert pd.read_csv(folder / "outcomes.csv").query("key == 'moves'")["run"].tolist() == [1, 2, 3, 4]


def test_a_curve_is_drawn_for_what_moved_and_none_for_what_did_not(quick, small: Path) -> None:
    _, folder = quick(GRID)
    figures = json.loads((folder / "manifest.json").read_text())["figures"]
    assert list(figures) == ["moves"]
    assert figures["moves"]["title"] == "Nvidia: what moved: 3.23 to 22.7 over 4 specifications"
    assert figures["moves"]["text_problems"] == []
    assert {path.suffix for path in (folder / "figures").glob("moves.*")} >= {".svg", ".png", ".csv"}


def test_a_run_that_fails_is_collected_and_the_others_count(quick, small: Path) -> None:
    answer, folder = quick(GRID.replace("estimation_gap: [10, 30]", "return_model: [market, mean]"))
    assert answer.returncode == 4
    assert "3 of 4 runs" in answer.stdout
    failed = pd.read_csv(folder / "failures.csv")
    assert failed["parameters"].tolist() == ["estimation_days=100, return_model=mean"]
    assert "no such study" in failed["what happened"][0]
    assert pd.read_csv(folder / "outcomes.csv")["run"].unique().tolist() == [1, 3, 4]


def test_a_smaller_grid_leaves_no_runs_of_the_larger_one(quick, small: Path) -> None:
    quick(GRID)
    _, folder = quick(GRID.replace("[10, 30]", "[10]"))
    assert sorted(path.name for path in folder.glob("run-*")) == ["run-0001", "run-0002"]


def test_an_interrupted_sweep_ends_at_once_and_is_taken_up_again(quick, small: Path) -> None:
    path = small / "mine.yaml"
    path.write_text(GRID, encoding="utf-8")
    notebook = small / "notebooks" / "02_selloff.ipynb"
    text = notebook.read_text(encoding="utf-8")
    notebook.write_text(text.replace("import json, os", "import time; time.sleep(60); import json, os"))
    process = started("sweep", str(path), folder=small)
    building = small / "data" / "processed" / ".sweep-mine.building"
    while not (building / "run-0002" / "02_selloff").is_dir():
        time.sleep(0.2)
    asked = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)  # ends only when the workers have let go of what they print to
    assert process.returncode == 130
    assert time.monotonic() - asked < 10
    assert "What was finished is kept" in said
    assert "Traceback" not in said
    notebook.write_text(text)
    answer, _ = quick(GRID)
    assert answer.returncode == 0, answer.stderr


def test_the_page_of_a_sweep_says_how_far_each_finding_moves_and_keeps_text_as_text(quick, small: Path) -> None:
    hostile = GRID.replace("Two windows, two gaps", json.dumps(HOSTILE))
    _, folder = quick(hostile)
    run = pages.read_run(synthetic_run(folder.parent / "deepseek-2025", hostile="plain"))
    source, site = small / "source", small / "site"
    source.mkdir()
    (source / "index.md").write_text(sweep_pages.sweep_page(folder, run, small), encoding="utf-8")
    report.run_sphinx(source, site, small, site_pages.run_facts(run) | {"cite": {}})
    sweep_pages.copy_sweep(folder, site)
    page = read(site / "index.html")
    assert "<script>alert(‘x’)</script> <u> “quoted” {{ 7*7 }} ``` &amp; שלום" in page.text
    assert not any("alert" in about.get("src", "") for tag, about in page.elements if tag == "script")
    assert "From 3.2% to 22.7% over four runs. Half of them are above 8.6%." in page.text
    assert "The choice of estimation_gap moves it most" in page.text
    assert "what did not move" in page.text
    for kind in ("svg", "png", "csv"):
        assert len(list((site / "figures").glob(f"fig-s*-moves.{kind}"))) == 1
    assert (site / "tables" / "sweep-mine" / "outcomes.csv").read_bytes() == (folder / "outcomes.csv").read_bytes()


def test_a_run_with_other_parameters_than_its_preset_has_no_page_of_sweeps(tmp_path: Path) -> None:
    (tmp_path / "sweep-mine").mkdir()
    (tmp_path / "sweep-mine" / "manifest.json").write_text('{"preset": "deepseek-2025"}')
    there = sweep_pages.sweep_folders(tmp_path, "deepseek-2025", "deepseek-2025")
    assert there == [tmp_path / "sweep-mine"]
    assert sweep_pages.sweep_folders(tmp_path, "deepseek-2025-0a1b2c3d", "deepseek-2025") == []
    assert sweep_pages.sweep_folders(tmp_path, "dotcom-2000", "dotcom-2000") == []


def test_figures_do_not_depend_on_how_many_threads_a_machine_has() -> None:
    """A GARCH fit climbs by sums whose last digits depend on how many threads share them."""
    script = (
        "from helpers import market_data, rarity; p = market_data.load_prices('bundled', 'ai').closes['NVDA'].dropna(); "
        "print(repr(rarity.garch_day(p.pct_change(), '2025-01-27').return_period_years))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", script], env=os.environ | {"OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2"},
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    prices = market_data.load_prices("bundled", "ai").closes["NVDA"].dropna()
    here = rarity.garch_day(
        prices.pct_change(), "2025-01-27"
    ).return_period_years  # with one thread, as conftest sets it
    assert answer.stdout == f"{here!r}\n"
