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
from typing import Any

from helpers import parameters
from helpers.parameters import ParameterError, Settings, did_you_mean
from study import run as study
from study import storage
from study.step import allow_open_files, processors, run_step

MOST_RUNS = 5000
KNOWN: dict[str, type] = {
    "title": str, "preset": str, "notebooks": list, "fixed": dict, "grid": dict, "zip": dict, "outcomes": list
}  # fmt: skip


@dataclass(frozen=True)
class Sweep:
    """A grid of parameters: what each run has that the preset has not, the notebooks it executes, key figures to collect (all)."""

    name: str
    points: tuple[dict[str, Any], ...]
    preset: str = parameters.DEFAULT_PRESET
    notebooks: tuple[str, ...] = ("02_selloff",)
    outcomes: tuple[str, ...] = ()
    title: str = ""


def read_sweep(path: Path) -> Sweep:
    """Read a grid from a YAML file.

    ``grid`` is parameter -> list of values, or ``{from, to, step}``, and every combination is run; the lists of ``zip``
    advance together; ``fixed`` is the same in all runs. All problems of the file come in one message.
    """
    if not path.is_file():
        there = sorted(item.stem for item in path.parent.glob("*.yaml"))
        raise ParameterError(f"sweep {path.name!r}: there is no such file; there are: {', '.join(there) or 'none'}")
    content = parameters.read_file(path)
    problems = (
        []
        if study.NAME.fullmatch(path.stem)
        else ["a sweep's name is that of its file: use letters, digits, . - and _"]
    )
    problems += [f"a sweep has no {key!r}{did_you_mean(str(key), KNOWN)}" for key in content if key not in KNOWN]
    problems += [
        f"{key}: should be {'text' if kind is str else 'a list' if kind is list else 'names with values'}"
        for key, kind in KNOWN.items()
        if key in content and not (isinstance(content[key], kind) and content[key])
    ]
    problems += [
        f"{key}: {item!r} is not a name in text"
        for key in ("notebooks", "outcomes", "fixed", "grid", "zip")
        for item in (content[key] if key in content and isinstance(content[key], KNOWN[key]) else ())
        if not isinstance(item, str)
    ]
    if not problems:
        problems = [
            f"there is no notebook {name!r}{did_you_mean(name, study.STEPS)}; there are: {', '.join(study.STEPS)}"
            for name in content.get("notebooks", ())
            if name not in study.STEPS
        ]
    axes: dict[str, dict[str, Sequence[Any]]] = {"grid": {}, "zip": {}}
    for part, found in axes.items() if not problems else ():
        for name, given in content.get(part, {}).items():
            values = _values(given)
            problems += (
                [] if values else [f"{name}: give a list of values, or a range as {{from: 60, to: 240, step: 60}}"]
            )
            found[name] = values or ()
    lengths = {name: len(values) for name, values in axes["zip"].items()}
    if not problems and len(set(lengths.values())) > 1:
        problems.append(f"zipped lists must be of one length, these are not: {lengths}")
    count = math.prod(len(values) for values in axes["grid"].values()) * max(lengths.values(), default=1)
    count = count if axes["grid"] or axes["zip"] else 0
    if not problems and not 1 <= count <= MOST_RUNS:
        problems.append(f"{count:,} runs; give between 1 and {MOST_RUNS:,}")
    if problems:
        raise ParameterError(*(f"{path.name}: {problem}" for problem in problems))
    together = [dict(zip(axes["zip"], row, strict=True)) for row in zip(*axes["zip"].values(), strict=True)] or [{}]
    points: list[dict[str, Any]] = []
    twice: list[str] = []
    for values in itertools.product(*axes["grid"].values()):
        for row in together:
            named = [*content.get("fixed", {}).items(), *zip(axes["grid"], values, strict=True), *row.items()]
            point, twice = parameters.named(named)
            points.append(point)
    if twice:
        raise ParameterError(*(f"{path.name}: {problem}" for problem in twice))
    lists = {key: tuple(content[key]) for key in ("notebooks", "outcomes") if key in content}
    return Sweep(path.stem, tuple(points), title=content.get("title", path.stem), **lists,
                 preset=content.get("preset", parameters.DEFAULT_PRESET))  # fmt: skip


def _values(given: Any) -> Sequence[Any] | None:
    if isinstance(given, list):
        return given or None
    if not isinstance(given, dict) or set(given) != {"from", "to", "step"}:
        return None
    whole = all(type(end) is int for end in given.values()) and given["step"] > 0
    return range(given["from"], given["to"] + 1, given["step"]) or None if whole else None


def check_sweep(sweep: Sweep, root: Path) -> list[dict[str, Settings]]:
    """Check every point of a sweep before the first run; all problems come in one message."""
    base = parameters.load_preset(sweep.preset, root / "parameters")
    checked, problems, groups = [], [], study.groups()
    closes: dict[tuple[str, str], Any] = {}
    for place, point in enumerate(sweep.points, 1):
        settings, found = parameters.judged(base | point)
        if "00_data" in settings:
            source = (settings["00_data"].data_source, settings["00_data"].exchange_calendar)
            closes[source] = closes.get(source) or study.closes(source[0], root, source[1])
            found += parameters.data_problems(settings, closes[source], groups, sweep.notebooks)
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
    building = place.with_name(f".{place.name}.building")
    with storage.lock(place.with_name(f".{place.name}.lock"), f"sweep {sweep.name}"):
        storage.recover(place)
        storage.check_free(place, "sweep")
        storage.begin(building, "sweep", {"sweep": sweep.name})
        jobs = [
            (number, settings, sweep.notebooks, study.step_keys(settings, root), root, building, place)
            for number, settings in enumerate(checked, 1)
        ]
        results: dict[int, list[dict[str, Any]]] = {}
        failures: dict[int, str] = {}
        started = time.monotonic()
        with _pool(workers or processors(), dask) as (submit, completed):
            futures = {submit(run_point, *job): job[0] for job in jobs}
            for done, future in enumerate(completed(list(futures)), 1):
                number = futures[future]
                try:
                    results[number] = future.result()
                except Exception as error:  # whatever stopped one run, the others count
                    failures[number] = str(error)
                left = (time.monotonic() - started) / done * (len(jobs) - done)
                state = "FAILED" if number in failures else "done"
                point = _point_text(sweep.points[number - 1])
                say(f"run {number} of {len(jobs)} {state} ({point}); about {left:.0f} s left")
        for stray in sorted(building.glob("run-*")):
            if int(stray.name.removeprefix("run-")) > len(jobs):
                shutil.rmtree(stray)
        _write(sweep, results, failures, building)
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
    own_data = settings["00_data"].data_source != "bundled"
    rows = []
    for step in [step for step in study.STEPS if step in notebooks or (step == "00_data" and own_data)]:
        there = [
            one / step
            for one in (folder, earlier)
            if storage.read_json(one / step / "step.json").get("key") == keys[step] and storage.intact(one / step)
        ]
        if not there:
            run_step(step, settings[step], keys[step], root, folder)
        elif there[0].parent == earlier:
            shutil.rmtree(folder / step, ignore_errors=True)
            storage.copy_step(earlier / step, folder / step)
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
    failed = pd.DataFrame(
        [(number, _point_text(sweep.points[number - 1]), text) for number, text in sorted(failures.items())],
        columns=["run", "parameters", "what happened"],
    )
    for name, table in (("outcomes", outcomes), ("failures", failed)):
        table.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
    about = {
        "sweep": sweep.name, "title": sweep.title, "preset": sweep.preset, "notebooks": sweep.notebooks, "points": sweep.points,
        "failed": len(failed), "figures": sweep_curves.draw_curves(outcomes, varied, f"sweep {sweep.name} of preset {sweep.preset}", folder / "figures"),
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
