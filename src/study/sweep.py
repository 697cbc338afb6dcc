"""Many runs over a grid of parameters, in local processes or on a Dask cluster, and one tidy outcome."""

from __future__ import annotations

import itertools
import math
import multiprocessing
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from helpers import parameters
from helpers.parameters import ParameterError, Settings
from helpers.storage import csv_bytes, write
from study import run as study
from study import storage
from study.step import allow_open_files, processors, run_step

MOST_RUNS = 5000


@dataclass(frozen=True)
class Sweep:
    """A grid of parameters: what each run has that the preset has not, the notebooks it executes, key figures to collect (all)."""

    name: str
    points: tuple[dict[str, Any], ...]
    preset: str = parameters.DEFAULT_PRESET
    notebooks: tuple[str, ...] = ("02_selloff",)
    outcomes: tuple[str, ...] = ()
    title: str = ""


def _values(given: Any) -> Sequence[Any]:
    if (
        isinstance(given, dict)
        and set(given) == {"from", "to", "step"}
        and all(type(end) is int for end in given.values())
    ):
        count = (given["to"] - given["from"]) // given["step"] + 1 if given["step"] > 0 else 0
        if count > MOST_RUNS:
            raise ValueError(f"{count:,} values; give at most {MOST_RUNS:,}")
        given = list(range(given["from"], given["to"] + 1, given["step"])) if count > 0 else []
    if not isinstance(given, list) or not given:
        raise ValueError("give a list of values, or a range as {from: 60, to: 240, step: 60}")
    return given


Axes = dict[Any, Annotated[Any, AfterValidator(_values)]]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    title: str = ""
    preset: str = parameters.DEFAULT_PRESET
    notebooks: list[Literal[tuple(study.STEPS)]] = Field(default=["02_selloff"], min_length=1)  # type: ignore[valid-type]
    outcomes: list[str] = []
    fixed: dict[Any, Any] = {}
    grid: Axes = {}
    zip: Axes = {}


def read_sweep(path: Path) -> Sweep:
    """Read a grid from a YAML file.

    ``grid`` is parameter -> list of values, or ``{from, to, step}``, and every combination is run; the lists of ``zip``
    advance together; ``fixed`` is the same in all runs. All problems of the file come in one message.
    """
    if not path.is_file():
        there = ", ".join(sorted(item.stem for item in path.parent.glob("*.yaml")))
        raise ParameterError(f"sweep {path.name!r}: there is no such file; there are: {there or 'none'}")
    problems = [] if study.NAME.fullmatch(path.stem) else [f"a sweep's name is that of its file: {study.NAMES}"]
    try:
        given = _File(**{str(name): value for name, value in parameters.read_file(path).items()})
    except ValidationError as error:
        problems += [parameters.readable(_File, item) for item in error.errors()]
        given = _File()
    lengths = {name: len(values) for name, values in given.zip.items()}
    if len(set(lengths.values())) > 1:
        problems.append(f"zipped lists must be of one length, these are not: {lengths}")
    count = math.prod(map(len, given.grid.values())) * max(lengths.values(), default=1)
    count = count if given.grid or given.zip else 0
    points: list[dict[str, Any]] = []
    if not problems and not 1 <= count <= MOST_RUNS:
        problems.append(f"{count:,} runs; give between 1 and {MOST_RUNS:,}")
    elif not problems:
        rows = [list(zip(given.zip, row, strict=True)) for row in zip(*given.zip.values(), strict=True)] or [[]]
        for values, row in itertools.product(itertools.product(*given.grid.values()), rows):
            point, problems = parameters.named([*given.fixed.items(), *zip(given.grid, values, strict=True), *row])
            points.append(point)
    if problems:
        raise ParameterError(*(f"{path.name}: {problem}" for problem in problems))
    lists = tuple(given.notebooks), tuple(given.outcomes)
    return Sweep(path.stem, tuple(points), given.preset, *lists, given.title or path.stem)


def check_sweep(sweep: Sweep, root: Path) -> list[dict[str, Settings]]:
    """Check every point of a sweep before the first run; all problems come in one message."""
    base = parameters.load_preset(sweep.preset, root / "parameters")
    checked: list[dict[str, Settings]] = []
    problems: list[str] = []
    seen: dict[Any, Any] = {}
    for place, point in enumerate(sweep.points, 1):
        settings, found = parameters.judged(base | point)
        found += study.data_problems(settings, root, sweep.notebooks, seen)
        problems += [f"run {place}: {problem}" for problem in found]
        checked.append(settings)
    if problems:
        raise ParameterError(*problems)
    return checked


def run_sweep(sweep: Sweep, root: Path, say: study.Say, workers: int | None = None, dask: str = "") -> Path:
    """Run every point of a sweep and publish the tidy outcome in ``data/processed/sweep-<name>``.

    ``outcomes.csv`` has a row for each run, notebook and key figure; runs that were finished earlier, with the same
    inputs, are kept. `dask` is the address of a running scheduler; without one, processes of this machine are used.
    """
    checked = check_sweep(sweep, root)
    allow_open_files()
    place = root / "data" / "processed" / f"sweep-{sweep.name}"
    with storage.held(place, "sweep") as building:
        storage.begin(building, "sweep", {"sweep": sweep.name})
        results: dict[int, list[dict[str, Any]]] = {}
        failures: dict[int, str] = {}
        started = time.monotonic()
        with _pool(workers or processors(), dask) as (submit, completed):
            futures = {}
            for number, settings in enumerate(checked, 1):
                name = f"run-{number:04d}"
                job = submit(run_point, settings, sweep.notebooks, root, building / name, place / name)
                futures[job] = number
            for done, future in enumerate(completed(list(futures)), 1):
                number = futures[future]
                try:
                    results[number] = future.result()
                except Exception as error:  # whatever stopped one run, the others count
                    failures[number] = str(error)
                left = (time.monotonic() - started) / done * (len(checked) - done)
                state = f"{'FAILED' if number in failures else 'done'} ({_point_text(sweep.points[number - 1])})"
                say(f"run {number} of {len(checked)} {state}; about {left:.0f} s left")
        for stray in building.glob("run-*"):
            if int(stray.name.removeprefix("run-")) > len(checked):
                shutil.rmtree(stray)
        _write(sweep, results, failures, building)
        storage.publish(building, place)
    return place


def run_point(
    settings: Mapping[str, Settings], notebooks: Sequence[str], root: Path, folder: Path, earlier: Path
) -> list[dict[str, Any]]:
    """Run the notebooks of one point, or take over what an earlier run of the sweep left; return its key figures."""
    keys = study.step_keys(settings, root)
    folder.mkdir(exist_ok=True)
    own_data = settings["00_data"].data_source != "bundled"
    rows = []
    for step in [step for step in study.STEPS if step in notebooks or (step == "00_data" and own_data)]:
        there = storage.of_key([folder / step, earlier / step], keys[step])
        found = next(filter(storage.intact, there), None)
        if not found:
            run_step(step, settings[step], keys[step], root, folder)
        elif found.parent == earlier:
            shutil.rmtree(folder / step, ignore_errors=True)
            shutil.copytree(found, folder / step)
        for name, key in storage.read_json(folder / step / "results.json").get("keys", {}).items():
            kept = {fact: key[fact] for fact in ("value", "low", "high", "unit", "label")}
            rows.append({"notebook": step, "key": name, **kept})
    return rows


def _write(
    sweep: Sweep, results: Mapping[int, list[dict[str, Any]]], failures: Mapping[int, str], folder: Path
) -> None:
    import pandas as pd

    from study import sweep_curves

    varied = sorted({name for point in sweep.points for name in point})
    rows = [
        {"run": number, **{name: parameters.shown(sweep.points[number - 1].get(name, "")) for name in varied}, **row}
        for number, found in sorted(results.items())
        for row in found
        if not sweep.outcomes or row["key"] in sweep.outcomes
    ]
    columns = ["run", *varied, "notebook", "key", "value", "low", "high", "unit", "label"]
    outcomes = pd.DataFrame(rows, columns=columns)
    failed = [(number, _point_text(sweep.points[number - 1]), text) for number, text in sorted(failures.items())]
    failed_table = pd.DataFrame(failed, columns=["run", "parameters", "what happened"])
    for name, table in (("outcomes", outcomes), ("failures", failed_table)):
        write(folder / f"{name}.csv", csv_bytes(table.set_index("run")))
    source = f"sweep {sweep.name} of preset {sweep.preset}"
    about = {
        "sweep": sweep.name, "title": sweep.title, "preset": sweep.preset, "notebooks": sweep.notebooks, "points": sweep.points,
        "failed": len(failed), "figures": sweep_curves.draw_curves(outcomes, varied, source, folder / "figures"),
        "finished": time.strftime("%Y-%m-%d %H:%M:%S%z"),
    }  # fmt: skip
    storage.write_json(folder / "manifest.json", about)


@contextmanager
def _pool(workers: int, dask: str) -> Iterator[tuple[Callable[..., Any], Callable[..., Any]]]:
    """Give `submit` and `as_completed`, of local processes or of a Dask cluster."""
    if dask:
        try:
            import distributed

            client = distributed.Client(dask, timeout=20)
        except ImportError as error:
            raise ParameterError("--dask needs the package distributed: install the extra `cluster`") from error
        except (OSError, ValueError) as error:
            raise ParameterError(f"--dask {dask}: no scheduler answers there ({type(error).__name__})") from error
        with client:
            yield lambda function, *words: client.submit(function, *words, pure=False), distributed.as_completed
        return
    pool = ProcessPoolExecutor(max_workers=workers)
    try:
        yield pool.submit, as_completed
    except BaseException:
        # A person who interrupts does not wait for the runs that are on; their kernels end with their parents.
        pool.shutdown(wait=False, cancel_futures=True)
        for process in multiprocessing.active_children():
            process.kill()
        raise
    pool.shutdown()


def _point_text(point: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={parameters.shown(value)}" for name, value in point.items())
