"""Run the notebooks in order: only what changed, side by side, published whole."""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from helpers import answerable, market_data, own_files, parameters
from helpers.parameters import ParameterError, Settings
from study import storage
from study.step import NotebookFailed, allow_open_files, processes, processors, run_step

SIDE_BY_SIDE = (("00_data",), ("01_valuation_growth", "02_selloff", "03_dotcom_comparison"), ("04_findings",))
STEPS = {step: SIDE_BY_SIDE[place - 1] if place else () for place, row in enumerate(SIDE_BY_SIDE) for step in row}
PACKAGES = [
    "numpy", "pandas", "scipy", "statsmodels", "matplotlib", "seaborn", "arch", "numba", "papermill", "squarify",
]  # fmt: skip
NOTEBOOK_CODE = ("helpers", "explosive", "eventstudy")  # the packages that a notebook may import
FINDINGS_BEGIN, FINDINGS_END = "<!-- findings: written by `make notebooks` -->", "<!-- end of findings -->"
NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,78}[A-Za-z0-9])?")
NAMES = "use letters, digits, dot, dash and underscore, at most 80, beginning and ending with a letter or digit"
Say = Callable[[str], None]  # told one line of progress at a time


class Request(NamedTuple):
    """What is to be run: a name, the checked parameters of each notebook, and which steps (empty for all)."""

    name: str
    settings: Mapping[str, Settings]
    preset: str = parameters.DEFAULT_PRESET
    force: bool = False
    only: tuple[str, ...] = ()


class Plan(NamedTuple):
    """By step: the checksum of all it depends on; why it runs, or ""; the folder of an earlier result, and whose it is."""

    keys: dict[str, str]
    reasons: dict[str, str]
    sources: dict[str, tuple[Path, str]]
    left: list[str]  # finished earlier, no longer true, and not asked for


def plan(request: Request, root: Path) -> Plan:
    """Compare what each step depends on with what stands in the building folder, in the published run and in others."""
    result = Plan(step_keys(request.settings, root), {}, {}, [])
    building, published = folders(request.name, root)
    wanted = needed(request.only)
    for step, before in STEPS.items():
        own, edited = [building / step, published / step], ""
        others = sorted(published.parent.glob(f"[!.]*/{step}")) if step in wanted else []
        if request.force and step in (request.only or STEPS):
            found, why = None, "asked for by --force"
        else:
            same = storage.of_key([*own, *others], result.keys[step])
            found, why = next(filter(storage.intact, same), None), _why(published / step, request.settings[step])
            if found != published / step and not all(storage.intact(one) for one in same if one in own):
                why = "files of it were changed after it had run"
                edited = f" ({why})"
            if follows := next((name for name in before if result.reasons.get(name)), ""):
                found, why = None, f"follows {follows}" if found else why
        if not found and step not in wanted:
            result.left.extend([step] if any(one.is_dir() for one in own) else [])
            continue
        result.reasons[step] = "" if found else why
        if found:
            known = {building: "finished earlier", published: "unchanged"}
            whose = known.get(found.parent, f"the same as in run {found.parent.name}")
            result.sources[step] = found, f"{whose}{edited}"
    return result


def run(request: Request, root: Path, say: Say, workers: int | None = None, pages: bool = True) -> Path:
    """Run what has to run and publish the whole; what was finished is kept for the next try where a notebook stops."""
    allow_open_files()
    published = folders(request.name, root)[1]
    with storage.built(published, "run", {"run": request.name, "keys": {}}) as building:
        todo = plan(request, root)
        key = pages_key(todo.keys, root, published, request.preset) if pages else ""
        before = storage.read_json(published / "manifest.json")
        whole = before.get("keys") == todo.keys and (not pages or before.get("pages") == key)
        if whole and not any(todo.reasons.values()) and {one.parent for one, _ in todo.sources.values()} == {published}:
            say(f"{request.name}: nothing has changed")
            shutil.rmtree(building)
            return published
        for step, (source, whose) in todo.sources.items():
            say(f"{step}: {whose}")
            storage.take_over(source, building)
        for step in todo.left:
            shutil.rmtree(building / step, ignore_errors=True)
            say(f"{step}: left out, for it was made from something else; a run without --only makes it again")
        _run_steps(request, root, building, todo, say, workers or processors() + 1)
        content = manifest(request, root, building, todo.keys)
        if pages:
            storage.write_json(building / "manifest.json", content)
            build_pages(building, root, say)
            content |= {"pages": key}
        storage.write_json(building / "manifest.json", content)
    return published


def data_problems(settings: Mapping[str, Settings], root: Path, steps: Sequence[str], seen: dict) -> list[str]:
    """List what the prices that a run would read cannot answer; `seen` keeps those of a source for the next call."""
    if "00_data" not in settings:
        return []
    asked = source, calendar = settings["00_data"].data_source, settings["00_data"].exchange_calendar
    if asked not in seen:
        for folder in [market_data.source_folder(part) for part in source.split("+") if part.startswith("snapshot:")]:
            about = storage.read_json(folder / "manifest.json")
            if about and about.get("sha256") != storage.checksum(folder / "prices.csv"):
                said = "was changed after it had been fetched: refresh it, or copy the file to a folder of your own and name that"
                raise market_data.DataError(f"snapshot {folder.name}: prices.csv {said}")
        closes = {era: market_data.load_prices(source, era, calendar).closes for era in market_data.ERAS}
        seen[asked] = closes, market_data.codebook_of(source).set_index("series")["group"].to_dict()
    closes, groups = seen[asked]
    return answerable.data_problems(settings, closes, groups, steps)


def needed(only: Sequence[str]) -> set[str]:
    """Return the steps asked for (all, where none is named) and those they build on."""
    steps = set(only or STEPS)
    for step in reversed(STEPS):
        steps |= set(STEPS[step]) if step in steps else set()
    return steps


def folders(name: str, root: Path) -> tuple[Path, Path]:
    """Return the folder in which a run is built and the one in which it is published."""
    processed = root / "data" / "processed"
    return processed / f".{name}.building", processed / name


def check_name(name: str, root: Path) -> None:
    """Refuse a name for a run: other signs than a folder takes everywhere, or that of a folder that is not a run's."""
    if not NAME.fullmatch(name) or name.startswith(("sweep-", "compare-")):
        raise ParameterError(f"--name {name!r}: {NAMES}, and not beginning with sweep- or compare-")
    storage.check_free(folders(name, root)[1], "run")


def finished_run(name: str, root: Path) -> tuple[Path, dict[str, Any]]:
    """Return folder and manifest of a finished run, or say in words why there is none."""
    folder = folders(name, root)[1]
    content, kind = storage.read_json(folder / "manifest.json"), storage.kind(folder)
    if kind == "run" and {"parameters", "preset", "inputs", "packages", "outputs"} <= set(content):
        return folder, content
    there = ", ".join(sorted(path.name for path in folder.parent.glob("[!.]*") if storage.kind(path) == "run"))
    said = f"there is no finished run {name!r}; there are: {there or 'none: `python -m helpers run` makes one'}"
    if kind in ("sweep", "comparison"):
        said = f"{name} is a {kind}, not a run: give the {kind} again to bring it up to date"
    elif folder.is_dir():
        said = f"the manifest of {name} cannot be read, or lacks parts: run it again under another --name"
    raise ParameterError(said)


def step_keys(settings: Mapping[str, Settings], root: Path) -> dict[str, str]:
    """Return step -> checksum of its notebook, parameters, helpers, data, package versions and earlier steps."""
    code = [path for package in NOTEBOOK_CODE for path in sorted((root / "src" / package).rglob("*"))]
    used = [path for path in code if path.suffix in (".py", ".csv", ".mplstyle")]
    shared = storage.fingerprint([platform.python_version(), packages(), *used])
    data = storage.fingerprint([*_raw_files(root), *_own_files(settings["00_data"].data_source)])
    keys: dict[str, str] = {}
    for step, before in STEPS.items():
        # What a person wrote, without outputs, so that refreshed outputs rerun nothing.
        cells = [
            [cell["cell_type"], "".join(cell["source"]), *cell.get("metadata", {}).get("tags", [])]
            for cell in storage.read_json(root / "notebooks" / f"{step}.ipynb").get("cells", [])
        ]
        keys[step] = storage.fingerprint(
            [step, cells, settings[step].values, shared, data, [keys[one] for one in before]]
        )
    return keys


def manifest(request: Request, root: Path, folder: Path, keys: Mapping[str, str]) -> dict[str, Any]:
    """Describe a run: parameters, commit, versions, checksums of inputs and outputs, times."""
    done = {step: storage.read_json(folder / step / "step.json") for step in STEPS}
    words = ["git", "describe", "--always", "--dirty", "--abbrev=12"]
    try:
        commit = subprocess.run(words, cwd=root, capture_output=True, text=True, timeout=10, check=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        commit = "not in a git checkout"
    return {
        "run": request.name, "preset": request.preset, "finished": storage.now(),
        "parameters": {step: settings.values for step, settings in request.settings.items()},
        "changed": {step: list(settings.changed) for step, settings in request.settings.items() if settings.changed},
        "commit": commit, "python": platform.python_version(), "packages": packages(), "keys": dict(keys),
        "inputs": {path.name: storage.checksum(path) for path in _raw_files(root)},
        "outputs": {step: content["outputs"] for step, content in done.items() if content},
    }  # fmt: skip


def pages_key(keys: Mapping[str, str], root: Path, published: Path, preset: str) -> str:
    """Return one checksum of all that site and slides of a run are made from, the sweeps around it among them."""
    from study import sweep_pages

    places = ("src/study/*.py", "report/**/*", "docs/**/*", "data/raw/datapackage.json")
    files = [path for place in places for path in sorted(root.glob(place)) if path.is_file()]
    return storage.fingerprint([dict(keys), *files, *sweep_pages.parts(published.parent, published.name, preset)])


def build_pages(folder: Path, root: Path, say: Say) -> None:
    """Build site and slides of a run side by side, each in a process of its own, for Sphinx keeps global state."""
    from study import report, slides

    started, said = time.monotonic(), []
    for stray in [*folder.glob(".site-*"), *folder.glob(".slides-*")]:  # what a killed builder left half-written
        shutil.rmtree(stray)
    with processes(2) as pool:
        builders = {"site": report.build_site, "slides": slides.build_slides}
        running = {name: pool.submit(build, folder, root) for name, build in builders.items()}
        for name, future in running.items():
            if error := future.exception():
                said.append(f"the {name} could not be built: {type(error).__name__}: {error}")
                log = storage.failed(folder, f"{name}.txt")
                with suppress(OSError):  # no room for it
                    storage.write(log, "".join(traceback.format_exception(error)).encode())
                    said.append(f"All it said is kept for reading: {log.name}")
    if said:
        raise NotebookFailed("\n".join(said))
    say(f"site and slides: done in {time.monotonic() - started:.1f} s")


def rebuild_pages(name: str, root: Path, say: Say) -> None:
    """Build site and slides of a finished run again, for a new sweep or a changed template."""
    with storage.lock(finished_run(name, root)[0], f"run {name}"):
        published, content = finished_run(name, root)
        build_pages(published, root, say)
        key = pages_key(content["keys"], root, published, content["preset"])
        storage.write_json(published / "manifest.json", content | {"pages": key})


def store_outputs(folder: Path, content: Mapping[str, Any], root: Path) -> list[str]:
    """Store the notebooks of a default run in ``notebooks/``, its findings in the README, and a chart in ``docs/``."""
    if content["changed"] or set(content["outputs"]) != set(STEPS):
        raise ParameterError(f"{folder.name} is not a whole run with default parameters: run `make notebooks`")
    places = {f"{step}/{step}.ipynb": f"notebooks/{step}.ipynb" for step in STEPS}
    places |= {"01_valuation_growth/figures/decomposition.png": "docs/finding.png"}
    for made, place in places.items():
        storage.write(root / place, (folder / made).read_bytes())
    readme = root / "README.md"
    storage.write(readme, readme_with_findings(readme.read_text(encoding="utf-8"), folder).encode())
    return [*places.values(), "README.md"]


def readme_with_findings(text: str, folder: Path) -> str:
    """Return the README with the findings of a run between its two marks."""
    before, _, rest = text.partition(FINDINGS_BEGIN)
    findings = storage.read_json(folder / "04_findings" / "results.json")["findings"]
    lines = "\n".join(f"{place}. {finding['text']}" for place, finding in enumerate(findings, 1))
    return f"{before}{FINDINGS_BEGIN}\n{lines}\n{FINDINGS_END}{rest.partition(FINDINGS_END)[2]}"


def packages() -> dict[str, str]:
    """Return the versions of the packages whose numbers or pictures a run shows."""
    return {name: version(name) for name in PACKAGES}


def _run_steps(request: Request, root: Path, building: Path, todo: Plan, say: Say, workers: int) -> None:
    failed: list[str] = []

    def work(step: str) -> None:
        if failed:
            return  # those that run are waited for, no other begins
        say(f"{step}: runs ({todo.reasons[step]})")
        try:
            say(f"{step}: done in {run_step(step, request.settings[step], todo.keys[step], root, building):.1f} s")
        except NotebookFailed as error:
            failed.append(str(error))
            say(f"{step}: FAILED")

    pool = ThreadPoolExecutor(workers)
    try:
        for row in SIDE_BY_SIDE:
            list(pool.map(work, [step for step in row if todo.reasons.get(step)]))
            if failed:
                raise NotebookFailed("\n\n".join(failed))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)  # who interrupts does not wait for a notebook's end


def _why(step: Path, settings: Settings) -> str:
    if not storage.read_json(step / "step.json"):
        return "has not run yet"
    before = storage.read_json(step / "results.json").get("parameters", settings.values)
    changed = [name for name in sorted(settings.values) if before.get(name) != settings.values[name]]
    return f"changed parameters: {', '.join(changed)}" if changed else "notebook, helpers, data or packages changed"


def _raw_files(root: Path) -> list[Path]:
    return sorted(path for path in (root / "data" / "raw").glob("[!._~]*") if path.is_file())


def _own_files(source: str) -> list[Path]:
    named = [market_data.source_folder(part) for part in source.split("+") if part != "bundled"]
    return [path for folder in named if folder.is_dir() for path in own_files.price_files(folder)]
