"""Many runs over a grid of parameters, in local processes, with one tidy outcome and its specification curves."""

from __future__ import annotations

import itertools
import math
import shutil
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import as_completed
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

import pandas as pd
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from helpers import parameters, prose
from helpers.parameters import ParameterError, Settings
from helpers.storage import csv_bytes, write
from study import run as study
from study import storage
from study.step import allow_open_files, processes, processors, run_step

MOST_RUNS, MOST_CURVES = 5000, 8
LARGEST = 10**12  # at either end of a range
CAPTION = (
    "A point for each run, from the lowest to the highest, with its interval where it has one; the line is the middle value. "
    "The strokes below a point say what that run chose."
)


def _values(given: Any) -> Sequence[Any]:
    if isinstance(given, dict) and set(given) == {"from", "to", "step"}:
        whole = all(type(end) is int and abs(end) <= LARGEST for end in given.values())
        given = range(given["from"], given["to"] + 1, given["step"]) if whole and given["step"] > 0 else []
    if not isinstance(given, list | range) or not given:
        raise ValueError("give a list of values, or a range as {from: 60, to: 240, step: 60}")
    return given


Rows = list[dict[str, Any]]
Axes = dict[Any, Annotated[Any, AfterValidator(_values)]]


class Asked(BaseModel):
    """What the file of a sweep may say: the notebooks each run executes, the key figures to collect (all where none is named)."""

    model_config = ConfigDict(extra="forbid", strict=True)

    title: str = ""
    preset: str = parameters.DEFAULT_PRESET
    notebooks: list[Literal[tuple(study.STEPS)]] = Field(default=["02_selloff"], min_length=1)  # type: ignore[valid-type]
    outcomes: list[str] = []
    fixed: dict[Any, Any] = {}
    grid: Axes = {}
    zip: Axes = {}


class Sweep(NamedTuple):
    """A grid of parameters: its points are what each run has that the preset has not."""

    name: str
    points: tuple[dict[str, Any], ...]
    asked: Asked = Asked()


def read_sweep(path: Path) -> Sweep:
    """Read a grid from a YAML file.

    ``grid`` is parameter -> list of values, or ``{from, to, step}``, and every combination is run; the lists of ``zip``
    advance together; ``fixed`` is the same in all runs. All problems of the file come in one message.
    """
    if not path.is_file():
        kept = sorted(path.as_posix() for path in Path("parameters/sweeps").glob("*.yaml"))
        raise ParameterError(f"sweep {str(path)!r}: there is no such file; there are: {', '.join(kept) or 'none'}")
    problems = [] if study.NAME.fullmatch(path.stem) else [f"a sweep's name is that of its file: {study.NAMES}"]
    asked = Asked()
    try:
        asked = Asked(**{str(name): value for name, value in parameters.read_file(path).items()})
    except ValidationError as error:
        problems += [parameters.readable(Asked, item) for item in error.errors()]
    lengths = {name: len(values) for name, values in asked.zip.items()}
    if len(set(lengths.values())) > 1:
        problems.append(f"zipped lists must be of one length, these are not: {lengths}")
    lists = [*map(len, asked.grid.values()), *[*lengths.values()][:1]]
    count = math.prod(lists) if lists else 0
    points: list[dict[str, Any]] = []
    if not problems and not 1 <= count <= MOST_RUNS:
        problems.append(f"{count:,} runs; give between 1 and {MOST_RUNS:,}")
    elif not problems:
        rows = [list(zip(asked.zip, row, strict=True)) for row in zip(*asked.zip.values(), strict=True)] or [[]]
        for values, row in itertools.product(itertools.product(*asked.grid.values()), rows):
            point, problems = parameters.named([*asked.fixed.items(), *zip(asked.grid, values, strict=True), *row])
            points.append(point)
    if problems:
        raise ParameterError(*(f"{path.name}: {problem}" for problem in problems))
    return Sweep(path.stem, tuple(points), asked)


def check_sweep(sweep: Sweep, root: Path) -> list[dict[str, Settings]]:
    """Check every point of a sweep before the first run; all problems come in one message."""
    base = parameters.load_preset(sweep.asked.preset, root / "parameters")
    checked: list[dict[str, Settings]] = []
    problems: list[str] = []
    seen: dict[Any, Any] = {}
    for place, point in enumerate(sweep.points, 1):
        settings, found = parameters.judged(base | point)
        found += study.data_problems(settings, root, sweep.asked.notebooks, seen)
        problems += [f"run {place}: {problem}" for problem in found]
        checked.append(settings)
    if problems:
        raise ParameterError(*problems)
    return checked


def run_sweep(sweep: Sweep, root: Path, say: study.Say, workers: int | None = None) -> Path:
    """Run what has not run of a sweep; publish a row for each run, notebook and key figure in ``outcomes.csv``."""
    checked = check_sweep(sweep, root)
    allow_open_files()
    place = root / "data" / "processed" / f"sweep-{sweep.name}"
    with storage.built(place, "sweep", {"sweep": sweep.name}) as building, processes(workers or processors()) as pool:
        names = [f"run-{number:04d}" for number in range(1, len(checked) + 1)]
        results: dict[int, Rows] = {}
        failures: dict[int, str] = {}
        started = time.monotonic()
        running = {
            pool.submit(run_point, settings, sweep.asked.notebooks, root, building / name, place / name): number
            for number, (name, settings) in enumerate(zip(names, checked, strict=True), 1)
        }
        for done, future in enumerate(as_completed(running), 1):
            number = running[future]
            try:
                results[number] = future.result()
            except Exception as error:  # whatever stopped one run, the others count
                failures[number] = str(error)
            left = (time.monotonic() - started) / done * (len(checked) - done)
            state = f"{'FAILED' if number in failures else 'done'} ({_point_text(sweep.points[number - 1])})"
            say(f"run {number} of {len(checked)} {state}; about {left:.0f} s left")
        for stray in {*building.glob("run-*")} - {building / name for name in names}:
            shutil.rmtree(stray)
        _write(sweep, results, failures, building)
    return place


def run_point(settings: dict[str, Settings], notebooks: list[str], root: Path, folder: Path, earlier: Path) -> Rows:
    """Run the notebooks of one point, or take over what an earlier run of the sweep left; return its key figures."""
    keys = study.step_keys(settings, root)
    folder.mkdir(exist_ok=True)
    own_data = settings["00_data"].data_source != "bundled"
    rows = []
    for step in [step for step in study.STEPS if step in notebooks or (step == "00_data" and own_data)]:
        found = next(filter(storage.intact, storage.of_key([folder / step, earlier / step], keys[step])), None)
        if found:
            storage.take_over(found, folder)
        else:
            run_step(step, settings[step], keys[step], root, folder)
        for name, key in storage.read_json(folder / step / "results.json").get("keys", {}).items():
            kept = {fact: key[fact] for fact in ("value", "low", "high", "unit", "label")}
            rows.append({"notebook": step, "key": name, **kept})
    return rows


def _write(sweep: Sweep, results: Mapping[int, Rows], failures: Mapping[int, str], folder: Path) -> None:
    varied = sorted({name for point in sweep.points for name in point})
    rows = [
        {"run": number, **{name: parameters.shown(sweep.points[number - 1].get(name, "")) for name in varied}, **row}
        for number, found in sorted(results.items())
        for row in found
        if not sweep.asked.outcomes or row["key"] in sweep.asked.outcomes
    ]
    columns = ["run", *varied, "notebook", "key", "value", "low", "high", "unit", "label"]
    outcomes = pd.DataFrame(rows, columns=columns)
    failed = [(number, _point_text(sweep.points[number - 1]), text) for number, text in sorted(failures.items())]
    failed_table = pd.DataFrame(failed, columns=["run", "parameters", "what happened"])
    for name, table in (("outcomes", outcomes), ("failures", failed_table)):
        write(folder / f"{name}.csv", csv_bytes(table.set_index("run")))
    source = f"sweep {sweep.name} of preset {sweep.asked.preset}"
    about = {
        "sweep": sweep.name, "title": sweep.asked.title or sweep.name, "preset": sweep.asked.preset,
        "notebooks": sweep.asked.notebooks, "points": sweep.points, "failed": len(failed),
        "figures": draw_curves(outcomes, varied, source, folder / "figures"), "finished": storage.now(),
    }  # fmt: skip
    storage.write_json(folder / "manifest.json", about)


def draw_curves(outcomes: pd.DataFrame, varied: list[str], source: str, folder: Path) -> dict[str, dict[str, Any]]:
    """Draw a specification curve for each key figure that moved, at most eight, with its data; return what each shows."""
    from helpers import house, specification  # half a second, which a refused sweep need not wait

    shutil.rmtree(folder, ignore_errors=True)
    drawn: dict[str, dict[str, Any]] = {}
    numbers = outcomes[outcomes["value"].map(lambda value: isinstance(value, int | float))]
    for key in numbers["key"].unique()[:MOST_CURVES]:
        frame = specification.sweep_frame(numbers, key)
        choices = [name for name in varied if name in frame]
        if not choices or frame[key].nunique() < 2:
            continue  # nothing moved: the outcomes say so without a picture
        label, unit = numbers.loc[numbers["key"] == key, ["label", "unit"]].astype(str).iloc[0]
        span = f"{frame[key].min():.3g} to {frame[key].max():.3g}".replace("-", "−")
        title = f"{prose.capital(label)}: {span} over {len(frame)} specifications"
        centre = float(frame[key].median())
        figure = specification.specification_curve(frame, key, choices, title=title, unit=unit, threshold=centre)
        house.source(figure, source)
        problems, alt = house.text_problems(figure), f"{len(frame)} runs sorted by {label}, from {span} {unit}."
        folder.mkdir(parents=True, exist_ok=True)
        data = csv_bytes(specification.specification_data(frame, key, choices, centre))
        for ending, content in ({".png": house.picture(figure), ".csv": data} | house.exported(figure)[0]).items():
            write(folder / f"{key}{ending}", content)
        about = {"title": title, "unit": unit, "source": source, "caption": CAPTION, "alt": alt, "data": True}
        drawn[key] = about | {"text_problems": problems}
    return drawn


def _point_text(point: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={parameters.shown(value)}" for name, value in point.items())
