"""Run the notebooks in order: only what changed, side by side, published whole."""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from helpers import parameters
from helpers.parameters import ParameterError, Settings
from study import storage
from study.step import NotebookFailed, allow_open_files, processors, run_step

STEPS: dict[str, tuple[str, ...]] = {
    "00_data": (),
    "01_valuation_growth": ("00_data",),
    "02_selloff": ("00_data",),
    "03_dotcom_comparison": ("00_data",),
    "04_findings": ("01_valuation_growth", "02_selloff", "03_dotcom_comparison"),
}
PACKAGES = (
    "numpy",
    "pandas",
    "scipy",
    "statsmodels",
    "matplotlib",
    "seaborn",
    "arch",
    "numba",
    "papermill",
    "squarify",
)
NOTEBOOK_CODE = ("helpers", "explosive", "eventstudy")  # the packages that a notebook may import
NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,78}[A-Za-z0-9])?")
Say = Callable[[str], None]  # told one line of progress at a time


@dataclass(frozen=True)
class Request:
    """What is to be run: a name, the checked parameters of each notebook, and which steps (empty for all)."""

    name: str
    settings: Mapping[str, Settings]
    preset: str = parameters.DEFAULT_PRESET
    force: bool = False
    only: tuple[str, ...] = ()


@dataclass
class Plan:
    """By step: the checksum of all it depends on; why it runs, or ""; the folder that an earlier result is taken from."""

    keys: dict[str, str]
    reasons: dict[str, str] = field(default_factory=dict)
    sources: dict[str, Path] = field(default_factory=dict)
    edited: dict[str, str] = field(default_factory=dict)


def plan(request: Request, root: Path) -> Plan:
    """Compare what each step depends on with what stands in the building folder, in the published run and in others."""
    result = Plan(step_keys(request.settings, root))
    building, published = folders(request.name, root)
    for step, before in STEPS.items():
        key, own = result.keys[step], [building / step, published / step]
        follows = next((name for name in before if result.reasons.get(name)), "")
        if request.only and step not in request.only:
            found, why = _first_intact([published / step, building / step]), "needed by the steps asked for"
            if not found and step not in needed(request.only):
                continue
        elif request.force:
            found, why = None, "asked for by --force"
        else:
            others = sorted(published.parent.glob(f"[!.]*/{step}"))
            same = [one for one in [*own, *others] if storage.read_json(one / "step.json").get("key") == key]
            found, why = _first_intact(same), _why(published / step, key, request.settings[step])
            edited = [one for one in same if one in own and not storage.intact(one)]
            if edited and found != published / step:
                result.edited[step] = why = "files of it were changed after it had run"
            if follows:
                found, why = None, why if not found else f"follows {follows}"
        result.reasons[step] = "" if found else why
        if found:
            result.sources[step] = found
    return result


def run(
    request: Request, root: Path, say: Say, progress: bool = False, workers: int | None = None, pages: bool = True
) -> Path:
    """Run what has to run and publish the whole; what was finished is kept for the next try where a notebook stops.

    By default one notebook more than there are processors runs at a time, at most three.
    """
    allow_open_files()
    building, published = folders(request.name, root)
    with storage.lock(published.with_name(f".{request.name}.lock"), f"run {request.name}"):
        storage.recover(published)
        storage.check_free(published, "run")
        todo = plan(request, root)
        key = pages_key(todo.keys, root, published, request.preset) if pages else ""
        here = all(source.parent == published for source in todo.sources.values())
        if not any(todo.reasons.values()) and here and _complete(published, todo.keys, key):
            say(f"{request.name}: nothing has changed")
            if storage.kind(building) == "run":
                shutil.rmtree(building)
            return published
        storage.begin(building, "run", {"run": request.name, "keys": {}})
        for step, source in todo.sources.items():
            edited = f" ({todo.edited[step]})" if step in todo.edited else ""
            say(f"{step}: {_take_over(source, building, published)}{edited}")
        _run_steps(request, root, building, todo, say, progress, workers or min(3, processors() + 1))
        content = manifest(request, root, building, todo.keys)
        storage.write_json(building / "manifest.json", content)
        if pages:
            build_pages(building, root, say)
            storage.write_json(building / "manifest.json", content | {"pages": key})
        storage.publish(building, published)
    return published


def closes(source: str, root: Path, calendar: str = "XNYS") -> dict[str, Any]:
    """Return the daily closes of each era that a source has; a snapshot must hold what was fetched."""
    from helpers import market_data

    for part in source.split("+"):
        folder = root / "data" / "snapshots" / part.removeprefix("snapshot:")
        about = storage.read_json(folder / "manifest.json") if part.startswith("snapshot:") else {}
        if about and about.get("sha256") != storage.checksum(folder / "prices.csv"):
            raise market_data.DataError(
                f"snapshot {folder.name}: prices.csv was changed after it had been fetched: "
                "refresh it, or copy the file to a folder of your own and name that"
            )
    return {era: market_data.load_prices(source, era, calendar).closes for era in market_data.ERAS}


def groups(source: str = "bundled") -> dict[str, str]:
    """Return series -> group of the codebook, a person's own series among them."""
    from helpers import market_data

    return market_data.codebook_of(source).set_index("series")["group"].to_dict()


def needed(only: Sequence[str]) -> set[str]:
    """Return the steps asked for and all those they build on."""
    steps = set(only)
    for step in reversed(STEPS):
        if step in steps:
            steps |= set(STEPS[step])
    return steps


def folders(name: str, root: Path) -> tuple[Path, Path]:
    """Return the folder in which a run is built and the one in which it is published."""
    processed = root / "data" / "processed"
    return processed / f".{name}.building", processed / name


def name_problems(name: str, root: Path) -> list[str]:
    """Say why a run cannot have a name: other signs than a folder takes everywhere, or a folder that is not a run's."""
    if not NAME.fullmatch(name) or name.startswith("sweep-"):
        return [f"--name {name!r}: use letters, digits, dot, dash and underscore, at most 80, beginning and ending with a letter or "
                "digit, and not beginning with sweep-"]  # fmt: skip
    try:
        storage.check_free(folders(name, root)[1], "run")
    except ParameterError as error:
        return list(error.problems)
    return []


def finished_run(name: str, root: Path) -> tuple[Path, dict[str, Any]]:
    """Return folder and manifest of a finished run, or say in words why there is none."""
    folder = folders(name, root)[1]
    content = storage.read_json(folder / "manifest.json")
    if storage.kind(folder) == "run" and {"parameters", "preset", "inputs", "packages", "outputs"} <= set(content):
        return folder, content
    if storage.kind(folder) == "sweep":
        raise ParameterError(f"{name} is a sweep, not a run: give the sweep again to bring it up to date")
    if folder.is_dir():
        raise ParameterError(
            f"the manifest of {name} cannot be read, or lacks parts: run it again under another --name"
        )
    there = sorted(path.name for path in folder.parent.glob("[!.]*") if storage.kind(path) == "run")
    raise ParameterError(
        f"there is no finished run {name!r}; there are: {', '.join(there) or 'none'}; `python -m helpers run` makes one"
    )


def step_keys(settings: Mapping[str, Settings], root: Path) -> dict[str, str]:
    """Return step -> checksum of its notebook, parameters, helpers, data, package versions and earlier steps."""
    used = [
        path
        for package in NOTEBOOK_CODE
        for path in sorted((root / "src" / package).rglob("*"))
        if path.suffix in (".py", ".csv", ".mplstyle")
    ]
    shared = storage.fingerprint([platform.python_version(), packages(), *used])
    data = storage.fingerprint([*_raw_files(root), *_own_files(settings["00_data"].data_source)])
    keys: dict[str, str] = {}
    for step, before in STEPS.items():
        cells = _code_and_text(root / "notebooks" / f"{step}.ipynb")
        keys[step] = storage.fingerprint(
            [step, cells, settings[step].values, shared, data, [keys[name] for name in before]]
        )
    return keys


def manifest(request: Request, root: Path, folder: Path, keys: Mapping[str, str]) -> dict[str, Any]:
    """Describe a run: parameters, commit, versions, checksums of inputs and outputs, times."""
    done = {step: storage.read_json(folder / step / "step.json") for step in STEPS}
    steps = {step: content for step, content in done.items() if content}
    return {
        "run": request.name,
        "preset": request.preset,
        "parameters": {step: settings.values for step, settings in request.settings.items()},
        "changed": {step: list(settings.changed) for step, settings in request.settings.items() if settings.changed},
        "commit": _commit(root),
        "python": platform.python_version(),
        "packages": packages(),
        "inputs": inputs(root),
        "keys": dict(keys),
        "seconds": {step: content.get("seconds") for step, content in steps.items()},
        "finished": time.strftime("%Y-%m-%d %H:%M:%S%z"),
        "outputs": {step: content.get("outputs", {}) for step, content in steps.items()},
    }


def pages_key(keys: Mapping[str, str], root: Path, published: Path, preset: str) -> str:
    """Return one checksum of all that site and slides of a run are made from, the sweeps around it among them."""
    from study import sweep_pages

    made_from = [
        *sorted((root / "src" / "study").glob("*.py")),
        *[path for folder in ("report", "docs") for path in sorted((root / folder).rglob("*"))],
        *sweep_pages.parts(published.parent, published.name, preset),
        root / "data" / "raw" / "datapackage.json",
    ]
    return storage.fingerprint([dict(keys), *[path for path in made_from if path.is_file()]])


def build_pages(folder: Path, root: Path, say: Say) -> None:
    """Build site and slides of a run side by side, each in a process of its own, for Sphinx keeps global state."""
    started = time.monotonic()
    for stray in [*folder.glob(".site-*"), *folder.glob(".slides-*")]:  # what a killed builder left half-written
        shutil.rmtree(stray)
    running = {}
    for name, call in {"site": "report.build_site", "slides": "slides.build_slides"}.items():
        script = f"import sys, pathlib; from study import report, slides; {call}(*map(pathlib.Path, sys.argv[1:]))"
        words = [sys.executable, "-X", "utf8", "-c", script, str(folder), str(root)]
        running[name] = subprocess.Popen(
            words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", errors="replace", cwd=root
        )
    failed = []
    for name, process in running.items():
        shown, _ = process.communicate()
        if process.returncode:
            last = next((line.strip() for line in reversed(shown.splitlines()) if line.strip()), "it said nothing")
            failed.append(f"the {name} could not be built: {last}{_kept_log(folder, name, shown)}")
    if failed:
        raise NotebookFailed("\n\n".join(failed))
    say(f"site and slides: done in {time.monotonic() - started:.1f} s")


def rebuild_pages(name: str, root: Path, say: Say) -> Path:
    """Build site and slides of a finished run again, for a new sweep or a changed template."""
    published, _ = finished_run(name, root)
    with storage.lock(published.with_name(f".{name}.lock"), f"run {name}"):
        published, content = finished_run(name, root)
        build_pages(published, root, say)
        key = pages_key(content["keys"], root, published, content["preset"])
        storage.write_json(published / "manifest.json", content | {"pages": key})
    return published


def places(folder: Path, root: Path) -> list[str]:
    """Say where a finished run is to be read."""
    there = {"site": "site/index.html", "slides": "slides/index.html", "slides as PDF": "slides/slides.pdf"}
    found = [
        f"{name}: {(folder / path).relative_to(root)}" for name, path in there.items() if (folder / path).is_file()
    ]
    return [f"run: {folder.relative_to(root)}", *found]


def packages() -> dict[str, str]:
    """Return the versions of the packages whose numbers or pictures a run shows."""
    return {name: version(name) for name in PACKAGES}


def inputs(root: Path) -> dict[str, str]:
    """Return file -> sha256 of the figures of record."""
    return {path.name: storage.checksum(path) for path in _raw_files(root)}


def _run_steps(
    request: Request, root: Path, building: Path, todo: Plan, say: Say, progress: bool, workers: int
) -> None:
    waiting = [step for step in STEPS if todo.reasons.get(step)]
    running: dict[Future[float], str] = {}
    failed: list[str] = []
    pool = ThreadPoolExecutor(max_workers=workers)
    try:
        while (waiting and not failed) or running:
            busy = {*waiting, *running.values()}
            for step in [step for step in waiting if not failed and busy.isdisjoint(STEPS[step])]:
                waiting.remove(step)
                say(f"{step}: runs ({todo.reasons[step]})")
                line = list(STEPS).index(step) if progress else None
                one = pool.submit(run_step, step, request.settings[step], todo.keys[step], root, building, line)
                running[one] = step
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                step = running.pop(future)
                try:
                    say(f"{step}: done in {future.result():.1f} s")
                except NotebookFailed as error:
                    failed.append(str(error))
                    say(f"{step}: FAILED")
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)  # who interrupts does not wait for a notebook's end
        raise
    pool.shutdown()
    if failed:
        raise NotebookFailed("\n\n".join(failed))


def _take_over(source: Path, building: Path, published: Path) -> str:
    """Put a finished step into the folder in which the run is built; say where it comes from."""
    step = building / source.name
    if source == step:
        return "finished earlier"
    shutil.rmtree(step, ignore_errors=True)
    if source.parent == published:
        storage.copy_step(source, step)
        return "unchanged"
    shutil.copytree(source, step)  # no link: two runs share no file that a person may edit
    return f"the same as in run {source.parent.name}"


def _first_intact(steps: Sequence[Path]) -> Path | None:
    return next((step for step in steps if (step / "step.json").is_file() and storage.intact(step)), None)


def _why(step: Path, key: str, settings: Settings) -> str:
    if not storage.read_json(step / "step.json"):
        return "has not run yet"
    before = storage.read_json(step / "results.json").get("parameters")
    if before is not None and before != settings.values:
        return f"changed parameters: {', '.join(sorted(n for n in settings.values if before.get(n) != settings.values[n]))}"
    return "notebook, helpers, data or packages changed"


def _complete(folder: Path, keys: Mapping[str, str], pages: str) -> bool:
    content = storage.read_json(folder / "manifest.json")
    return content.get("keys") == dict(keys) and (not pages or content.get("pages") == pages)


def _kept_log(folder: Path, name: str, shown: str) -> str:
    """Keep all that a builder said beside the run, where there is room for it, and say where."""
    log = folder.parent / f"failed-{folder.name.strip('.').removesuffix('.building')}-{name}.txt"
    try:
        storage.write(log, shown.encode())
    except OSError:
        return ""
    return f"\nAll it said is kept for reading: {log.name}"


def _raw_files(root: Path) -> list[Path]:
    return sorted(path for path in (root / "data" / "raw").glob("[!._~]*") if path.is_file())


def _own_files(source: str) -> list[Path]:
    from helpers.market_data import source_folder
    from helpers.own_files import price_files

    named = [source_folder(part) for part in source.split("+") if part != "bundled"]
    return [path for folder in named if folder.is_dir() for path in price_files(folder)]


def _code_and_text(path: Path) -> list[list[str]]:
    """Return what a person wrote in a notebook, without outputs, so that refreshed outputs rerun nothing."""
    cells = storage.read_json(path).get("cells", [])
    return [[cell["cell_type"], "".join(cell["source"]), *cell.get("metadata", {}).get("tags", [])] for cell in cells]


def _commit(root: Path) -> str:
    words = ["git", "describe", "--always", "--dirty", "--abbrev=12"]
    try:
        answer = subprocess.run(words, cwd=root, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return "not in a git checkout"
    return answer.stdout.strip()
