"""Many runs over a grid of parameters, in local processes or on a Dask cluster, and one tidy outcome."""

from __future__ import annotations

import itertools
import multiprocessing
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from helpers import parameters
from helpers.parameters import ParameterError, Settings
from study import run as study
from study import storage

MOST_RUNS, MOST_CURVES = 5000, 8
KNOWN = {"title", "preset", "notebooks", "fixed", "grid", "zip", "outcomes"}


@dataclass(frozen=True)
class Sweep:
    """A grid of parameters.

    Attributes
    ----------
    name : str
        Name of the sweep: its folder is ``data/processed/sweep-<name>``.
    points : tuple of dict
        Parameters of each run that differ from the preset's.
    preset : str
        What the points start from.
    notebooks : tuple of str
        Notebooks that each run executes.
    outcomes : tuple of str
        Key figures to collect; empty for all.
    title : str
        For the table's page.
    """

    name: str
    points: tuple[dict[str, Any], ...]
    preset: str = parameters.DEFAULT_PRESET
    notebooks: tuple[str, ...] = ("02_selloff",)
    outcomes: tuple[str, ...] = ()
    title: str = ""


@dataclass
class Outcome:
    """What became of the runs: results by run and what failed."""

    results: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    failures: dict[int, str] = field(default_factory=dict)


def read_sweep(path: Path) -> Sweep:
    """Read a grid from a YAML file.

    Parameters
    ----------
    path : Path
        A file with ``grid`` (parameter -> list of values, or ``{from, to, step}``; every combination is run)
        and ``zip`` (parameter -> list; the lists advance together), either or both; optional ``preset``,
        ``notebooks``, ``fixed`` (parameters the same in all runs), ``outcomes`` (key figures to collect).

    Returns
    -------
    Sweep

    Raises
    ------
    ParameterError
        Where the file is missing, unreadable, names what a sweep does not know, or asks for no or too many runs.
    """
    if not path.is_file():
        there = sorted(item.stem for item in path.parent.glob("*.yaml"))
        raise ParameterError(f"sweep {path.name!r}: there is no such file; there are: {', '.join(there) or 'none'}")
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), parameters.PlainDates)
    except (yaml.YAMLError, ValueError) as error:
        raise ParameterError(f"{path.name}: not readable as YAML: {' '.join(str(error).split())}") from error
    if not isinstance(content, dict) or not set(content) <= KNOWN:
        unknown = sorted(set(content) - KNOWN) if isinstance(content, dict) else []
        raise ParameterError(
            f"{path.name}: a sweep has {', '.join(sorted(KNOWN))}" + (f", not {', '.join(unknown)}" if unknown else "")
        )
    points = [
        content.get("fixed", {}) | point
        for point in _points(path.name, content.get("grid") or {}, content.get("zip") or {})
    ]
    if not 1 <= len(points) <= MOST_RUNS:
        raise ParameterError(f"{path.name}: {len(points)} runs; give between 1 and {MOST_RUNS}")
    unknown = [name for name in content.get("notebooks", []) if name not in study.STEPS]
    if unknown:
        raise ParameterError(f"{path.name}: there is no notebook {unknown[0]!r}; there are: {', '.join(study.STEPS)}")
    return Sweep(
        name=path.stem,
        points=tuple(points),
        preset=content.get("preset", parameters.DEFAULT_PRESET),
        notebooks=tuple(content.get("notebooks", ("02_selloff",))),
        outcomes=tuple(content.get("outcomes", ())),
        title=content.get("title", path.stem),
    )


def _points(file: str, grid: Mapping[str, Any], zipped: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    axes = {name: _values(file, name, given) for name, given in grid.items()}
    together = {name: _values(file, name, given) for name, given in zipped.items()}
    lengths = {name: len(values) for name, values in together.items()}
    if len(set(lengths.values())) > 1:
        raise ParameterError(f"{file}: zipped lists must be of one length, these are not: {lengths}")
    rows = [dict(zip(together, row, strict=True)) for row in zip(*together.values(), strict=True)] or [{}]
    for combination in itertools.product(*axes.values()):
        for row in rows:
            yield dict(zip(axes, combination, strict=True)) | row


def _values(file: str, name: str, given: Any) -> list[Any]:
    if isinstance(given, list) and given:
        return given
    if (
        isinstance(given, dict)
        and set(given) == {"from", "to", "step"}
        and all(isinstance(end, int) for end in given.values())
        and given["step"] > 0
    ):
        return list(range(given["from"], given["to"] + 1, given["step"]))
    raise ParameterError(f"{file}: {name}: give a list of values, or whole numbers as {{from: 60, to: 240, step: 60}}")


def check_sweep(sweep: Sweep, root: Path) -> list[dict[str, Settings]]:
    """Check every point of a sweep before the first run; all problems come in one message."""
    base = parameters.load_preset(sweep.preset, root / "parameters")
    checked, problems = [], []
    spans: dict[str, Any] = {}
    for place, point in enumerate(sweep.points, 1):
        try:
            settings = parameters.check_all(base | point)
            source = settings["00_data"].data_source
            spans[source] = spans.get(source) or study.series_spans(source, root)
            parameters.check_against_data(settings, spans[source], sweep.notebooks)
            checked.append(settings)
        except ParameterError as error:
            problems += [f"run {place}: {line.removeprefix('- ')}" for line in str(error).splitlines()[1:]]
    if problems:
        shown = problems[:20] + ([f"and {len(problems) - 20} more"] if len(problems) > 20 else [])
        raise ParameterError(
            "\n".join([f"{len(problems)} problems with the sweep's parameters:", *(f"- {line}" for line in shown)])
        )
    return checked


def run_sweep(sweep: Sweep, root: Path, say: Callable[[str], None], workers: int | None = None, dask: str = "") -> Path:
    """Run every point of a sweep and publish the tidy outcome.

    Parameters
    ----------
    sweep : Sweep
    root : Path
        The repository's folder.
    say : callable
        Told one line of progress at a time.
    workers : int, optional
        Local processes; by default as many as there are processors.
    dask : str
        Address of a running Dask scheduler; empty for local processes.

    Returns
    -------
    Path
        ``data/processed/sweep-<name>`` with ``outcomes.csv`` (one row a run, notebook and key figure),
        ``failures.csv`` and ``manifest.json``. Runs that were finished earlier, with the same inputs, are kept.

    Raises
    ------
    ParameterError
        Before the first run, where any point makes no sense.
    """
    checked = check_sweep(sweep, root)
    place = root / "data" / "processed" / f"sweep-{sweep.name}"
    building = place.with_name(f".sweep-{sweep.name}.building")
    with storage.lock(place.with_name(f".sweep-{sweep.name}.lock"), f"sweep {sweep.name}"):
        storage.recover(place)
        building.mkdir(parents=True, exist_ok=True)
        jobs = [
            (number, settings, sweep.notebooks, study.step_keys(settings, root), root, building, place)
            for number, settings in enumerate(checked, 1)
        ]
        outcome, started = Outcome(), time.monotonic()
        with _pool(workers or study.processors(), dask) as submit:
            futures = {submit(run_point, *job): job[0] for job in jobs}
            for done, future in enumerate(_completed(futures, dask), 1):
                number = futures[future]
                try:
                    outcome.results[number] = future.result()
                    state = "done"
                except Exception as error:
                    outcome.failures[number] = str(error)
                    state = "FAILED"
                left = (time.monotonic() - started) / done * (len(jobs) - done)
                say(
                    f"run {number} of {len(jobs)} {state} ({_point_text(sweep.points[number - 1])}); about {left:.0f} s left"
                )
        for stray in sorted(building.glob("run-*")):
            if int(stray.name.removeprefix("run-")) > len(jobs):
                shutil.rmtree(stray)
        _write(sweep, outcome, building)
        storage.publish(building, place)
    return place


def run_point(
    number: int,
    settings: Mapping[str, Settings],
    notebooks: Sequence[str],
    keys: Mapping[str, str],
    root: Path,
    building: Path,
    place: Path,
) -> list[dict[str, Any]]:
    """Run the notebooks of one point, or take over what an earlier run of the sweep left; return its key figures."""
    folder, earlier = building / f"run-{number:04d}", place / f"run-{number:04d}"
    folder.mkdir(exist_ok=True)
    needed = [
        step
        for step in study.STEPS
        if step in notebooks or (step == "00_data" and settings["00_data"].data_source != "bundled")
    ]
    rows = []
    for step in needed:
        if storage.read_json(folder / step / "step.json").get("key") != keys[step]:
            if storage.read_json(earlier / step / "step.json").get("key") == keys[step]:
                shutil.rmtree(folder / step, ignore_errors=True)
                storage.copy_step(earlier / step, folder / step)
            else:
                study.run_step(step, settings[step], keys[step], root, folder)
        for name, key in storage.read_json(folder / step / "results.json").get("keys", {}).items():
            rows.append(
                {
                    "notebook": step,
                    "key": name,
                    "value": key["value"],
                    "low": key["low"],
                    "high": key["high"],
                    "unit": key["unit"],
                    "label": key["label"],
                }
            )
    return rows


def _write(sweep: Sweep, outcome: Outcome, folder: Path) -> None:
    import pandas as pd

    varied = sorted({name for point in sweep.points for name in point})
    rows = [
        {
            "run": number,
            **{name: parameters.shown(sweep.points[number - 1].get(name, "")) for name in varied},
            **row,
        }
        for number, found in sorted(outcome.results.items())
        for row in found
        if not sweep.outcomes or row["key"] in sweep.outcomes
    ]
    columns = ["run", *varied, "notebook", "key", "value", "low", "high", "unit", "label"]
    pd.DataFrame(rows, columns=columns).to_csv(folder / "outcomes.csv", index=False, lineterminator="\n")
    figures = _curves(pd.DataFrame(rows, columns=columns), varied, sweep, folder / "figures")
    failed = [
        {"run": number, "parameters": _point_text(sweep.points[number - 1]), "what happened": text}
        for number, text in sorted(outcome.failures.items())
    ]
    pd.DataFrame(failed, columns=["run", "parameters", "what happened"]).to_csv(
        folder / "failures.csv", index=False, lineterminator="\n"
    )
    storage.write_json(
        folder / "manifest.json",
        {
            "sweep": sweep.name,
            "title": sweep.title,
            "preset": sweep.preset,
            "notebooks": sweep.notebooks,
            "points": sweep.points,
            "failed": len(failed),
            "figures": figures,
            "finished": time.strftime("%Y-%m-%d %H:%M:%S%z"),
        },
    )


def _curves(outcomes: Any, varied: list[str], sweep: Sweep, folder: Path) -> dict[str, dict[str, Any]]:
    """Draw a specification curve for each key figure collected, at most eight, with its data; return what each shows."""
    import matplotlib.pyplot as plt

    from helpers import charts, house, specification

    shutil.rmtree(folder, ignore_errors=True)
    drawn: dict[str, dict[str, Any]] = {}
    numbers = outcomes[outcomes["value"].map(lambda value: isinstance(value, int | float))]
    for key in list(dict.fromkeys(numbers["key"]))[:MOST_CURVES]:
        frame = specification.sweep_frame(numbers, key)
        choices = [name for name in varied if name in frame]
        if not choices or frame[key].nunique() < 2:
            continue  # nothing moved: the outcomes say so without a picture
        facts = numbers[numbers["key"] == key].iloc[0]
        centre = float(frame[key].median())
        span = f"{frame[key].min():.3g} to {frame[key].max():.3g}".replace("-", "−")
        title = f"{facts['label'][:1].upper()}{facts['label'][1:]}: {span} over {len(frame)} specifications"
        figure = specification.specification_curve(
            frame, key, choices, title=title, unit=str(facts["unit"]), threshold=centre
        )
        source = f"sweep {sweep.name} of preset {sweep.preset}"
        house.source(figure, source)
        problems = house.text_problems(figure)
        charts.export(figure, folder, key, specification.specification_data(frame, key, choices, centre))
        plt.close(figure)
        drawn[key] = {
            "title": title,
            "unit": str(facts["unit"]),
            "caption": "A point for each run, from the lowest to the highest, with its interval where it has one; the line is "
            "the middle value. The strokes below a point say what that run chose.",
            "alt": f"{len(frame)} runs sorted by {facts['label']}, from {span} {facts['unit']}.",
            "source": source,
            "data": True,
            "text_problems": problems,
        }
    return drawn


@contextmanager
def _pool(workers: int, dask: str) -> Iterator[Callable[..., Any]]:
    """Give a `submit` function, of local processes or of a Dask cluster."""
    if not dask:
        pool = ProcessPoolExecutor(max_workers=workers)
        try:
            yield pool.submit
        except BaseException:
            # A person who interrupts does not wait for the runs that are on; their kernels end with their parents.
            pool.shutdown(wait=False, cancel_futures=True)
            for process in multiprocessing.active_children():
                process.kill()
            raise
        pool.shutdown()
        return
    from distributed import Client

    try:
        client = Client(dask, timeout=20)
    except (OSError, ValueError) as error:
        raise ParameterError(f"--dask {dask}: no scheduler answers there ({type(error).__name__})") from error
    with client:
        yield lambda function, *arguments: client.submit(function, *arguments, pure=False)


def _completed(futures: Mapping[Future[Any], int], dask: str) -> Iterator[Any]:
    if not dask:
        yield from as_completed(futures)
        return
    from distributed import as_completed as completed

    yield from completed(list(futures))


def _point_text(point: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={parameters.shown(value)}" for name, value in point.items())
