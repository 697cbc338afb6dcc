"""Run the notebooks in order with papermill: only what changed, side by side, published whole."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from helpers import parameters
from helpers.parameters import Settings
from study import storage

STEPS: dict[str, tuple[str, ...]] = {
    "00_data": (),
    "01_valuation_growth": ("00_data",),
    "02_selloff": ("00_data",),
    "03_dotcom_comparison": ("00_data",),
    "04_findings": ("01_valuation_growth", "02_selloff", "03_dotcom_comparison"),
}
PACKAGES = ("numpy", "pandas", "scipy", "matplotlib", "seaborn", "arch", "numba", "papermill", "squarify")
NOTEBOOK_CODE = ("helpers", "explosive", "eventstudy")  # the packages that a notebook may import
README_CHART = ("01_valuation_growth", "decomposition")
FINDINGS_BEGIN, FINDINGS_END = "<!-- findings: written by `make notebooks` -->", "<!-- end of findings -->"
TIME_LIMIT = 900
MORE_MEMORY = "close other programs or run with `--workers 1`"


class NotebookFailed(RuntimeError):
    """A notebook stopped; the message names the notebook, the cell and the error."""


@dataclass(frozen=True)
class Request:
    """What is to be run.

    Attributes
    ----------
    name : str
        Name of the run: its folder below ``data/processed``.
    settings : mapping of str to Settings
        Checked parameters by notebook.
    preset : str
        The preset it started from.
    force : bool
        Run every step, changed or not.
    only : tuple of str
        Steps to run; empty for all.
    """

    name: str
    settings: Mapping[str, Settings]
    preset: str = parameters.DEFAULT_PRESET
    force: bool = False
    only: tuple[str, ...] = ()


@dataclass
class Plan:
    """Which steps have to run and why.

    Attributes
    ----------
    keys : dict
        Step -> checksum of all it depends on.
    reasons : dict
        Step -> why it runs, or ``""`` where an earlier result is taken over.
    sources : dict
        Step -> folder to take an earlier result from.
    """

    keys: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    sources: dict[str, Path] = field(default_factory=dict)


def series_spans(source: str, root: Path) -> dict[str, dict[str, tuple[str, str]]]:
    """Return era -> series -> (first day, last day) of the prices a source has.

    Raises
    ------
    market_data.DataError
        Where the source cannot be used at all.
    """
    from helpers import market_data

    return {
        era: {
            str(name): (f"{column.first_valid_index():%Y-%m-%d}", f"{column.last_valid_index():%Y-%m-%d}")
            for name, column in market_data.load_prices(source, era).closes.items()
        }
        for era in market_data.ERAS
    }


def plan(request: Request, root: Path) -> Plan:
    """Compare what each step depends on with what stands in the building folder and in the published run."""
    keys = step_keys(request.settings, root)
    result = Plan(keys=keys)
    building, published = folders(request.name, root)
    for step, before in STEPS.items():
        if request.only and step not in request.only:
            found = _finished(published, step) or _finished(building, step)
            if found is None and step in needed(request.only):
                result.reasons[step] = "needed by the steps asked for and not there yet"
            elif found is not None:
                result.reasons[step], result.sources[step] = "", found
            continue
        same = None if request.force else equal_step(step, keys[step], building, published)
        if request.force:
            result.reasons[step] = "asked for by --force"
        elif same is None:
            result.reasons[step] = _why(published, step, keys[step], request.settings[step])
        elif any(result.reasons.get(name) for name in before):
            result.reasons[step] = f"follows {next(name for name in before if result.reasons.get(name))}"
        else:
            result.reasons[step], result.sources[step] = "", same
    return result


def equal_step(step: str, key: str, building: Path, published: Path) -> Path | None:
    """Return a finished step that depends on the same things: of this run, or of any other that is as it was made.

    Parameters
    ----------
    step, key : str
        The step, and the checksum of all it depends on.
    building, published : Path
        The folders of the run; other runs stand beside them.
    """
    for place in (building, published):
        if storage.read_json(place / step / "step.json").get("key") == key:
            return place / step
    for path in sorted(published.parent.glob(f"[!.]*/{step}/step.json")):
        content = storage.read_json(path)
        if content.get("key") == key and content.get("outputs") == storage.checksums(
            path.parent, leave_out=["step.json"]
        ):
            return path.parent
    return None


def run(
    request: Request,
    root: Path,
    say: Callable[[str], None],
    progress: bool = False,
    workers: int | None = None,
    pages: bool = True,
) -> Path:
    """Run what has to run and publish the whole.

    Parameters
    ----------
    request : Request
    root : Path
        The repository's folder.
    say : callable
        Told one line of progress at a time.
    progress : bool
        Show a progress line for each notebook on the terminal.
    workers : int, optional
        Notebooks side by side; by default one more than there are processors, at most three.

    Returns
    -------
    Path
        The published folder.

    Raises
    ------
    NotebookFailed
        A notebook stopped; the published run is left as it was, what was finished is kept for the next try.
    storage.Busy
        Another process is building the same run.
    """
    building, published = folders(request.name, root)
    with storage.lock(published.with_name(f".{request.name}.lock"), f"run {request.name}"):
        storage.recover(published)
        todo = plan(request, root)
        key = pages_key(todo.keys, root, published, request.preset) if pages else ""
        if published.is_dir() and not any(todo.reasons.values()) and _complete(published, todo.keys, key):
            say(f"{request.name}: nothing has changed")
            shutil.rmtree(building, ignore_errors=True)
            return published
        building.mkdir(parents=True, exist_ok=True)
        for step in STEPS:
            if todo.reasons.get(step) == "":
                say(f"{step}: {_take_over(todo.sources[step], building, published)}")
        _run_steps(request, root, building, todo, say, progress, workers or min(3, processors() + 1))
        content = manifest(request, root, building, todo.keys)
        storage.write_json(building / "manifest.json", content)
        if pages:
            build_pages(building, root, say)
            storage.write_json(building / "manifest.json", content | {"pages": key})
        storage.publish(building, published)
    return published


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


def step_keys(settings: Mapping[str, Settings], root: Path) -> dict[str, str]:
    """Return step -> checksum of its notebook, parameters, helpers, data, package versions and earlier steps."""
    used = [
        path
        for package in NOTEBOOK_CODE
        for path in sorted((root / "src" / package).rglob("*"))
        if path.suffix in (".py", ".csv", ".mplstyle")
    ]
    common = [platform.python_version(), packages(), *used]
    shared = storage.fingerprint(common)
    data = storage.fingerprint(
        [
            *sorted(path for path in (root / "data" / "raw").iterdir() if path.is_file()),
            *_own_files(settings["00_data"].data_source),
        ]
    )
    keys: dict[str, str] = {}
    for step, before in STEPS.items():
        cells = _code_and_text(root / "notebooks" / f"{step}.ipynb")
        keys[step] = storage.fingerprint(
            [step, cells, settings[step].values, shared, data, [keys[name] for name in before]]
        )
    return keys


def manifest(request: Request, root: Path, folder: Path, keys: Mapping[str, str]) -> dict[str, Any]:
    """Describe a run: parameters, commit, versions, checksums of inputs and outputs, times."""
    steps = {
        step: storage.read_json(folder / step / "step.json")
        for step in STEPS
        if (folder / step / "step.json").is_file()
    }
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

    modules = sorted((root / "src" / "study").glob("*.py"))
    texts = [path for folder in ("report", "docs") for path in sorted((root / folder).rglob("*")) if path.is_file()]
    return storage.fingerprint(
        [
            dict(keys),
            *[
                path
                for path in [
                    *modules,
                    *texts,
                    *sweep_pages.parts(published.parent, published.name, preset),
                    root / "tests" / "helpers.ipynb",
                    root / "data" / "raw" / "datapackage.json",
                ]
                if path.is_file()
            ],
        ]
    )


def build_pages(folder: Path, root: Path, say: Callable[[str], None]) -> None:
    """Build site and slides of a run side by side, each in a process of its own, for Sphinx keeps global state.

    Raises
    ------
    NotebookFailed
        With the last lines of what the builder said.
    """
    started = time.monotonic()
    for stray in [
        *folder.glob(".site-*"),
        *folder.glob(".slides-*"),
    ]:  # what a killed builder left half-written
        shutil.rmtree(stray)
    calls = {"site": "report.build_site", "slides": "slides.build_slides"}
    running = {}
    for name, call in calls.items():
        script = f"import sys, pathlib; from study import report, slides; {call}(*map(pathlib.Path, sys.argv[1:]))"
        words = [sys.executable, "-X", "utf8", "-c", script, str(folder), str(root)]
        running[name] = subprocess.Popen(
            words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", errors="replace", cwd=root
        )
    failed = []
    for name, process in running.items():
        shown, _ = process.communicate()
        if process.returncode:
            failed.append(f"the {name} could not be built: {_last_line(shown)}{_kept_log(folder, name, shown)}")
    if failed:
        raise NotebookFailed("\n\n".join(failed))
    say(f"site and slides: done in {time.monotonic() - started:.1f} s")


def _last_line(shown: str) -> str:
    return next((line.strip() for line in reversed(shown.splitlines()) if line.strip()), "it said nothing")


def _kept_log(folder: Path, name: str, shown: str) -> str:
    """Keep all that a builder said beside the run, where there is room for it, and say where."""
    log = folder.parent / f"failed-{folder.name.strip('.').removesuffix('.building')}-{name}.txt"
    try:
        storage.write(log, shown.encode())
    except OSError:
        return ""
    return f"\nAll it said is kept for reading: {log.name}"


def rebuild_pages(name: str, root: Path, say: Callable[[str], None]) -> Path:
    """Build site and slides of a finished run again, for a new sweep or a changed template.

    Returns
    -------
    Path
        The published folder.

    Raises
    ------
    parameters.ParameterError
        Where there is no such run.
    storage.Busy
        Another process is building the run.
    """
    published = folders(name, root)[1]
    with storage.lock(published.with_name(f".{name}.lock"), f"run {name}"):
        content = storage.read_json(published / "manifest.json")
        if not content:
            raise parameters.ParameterError(
                f"there is no finished run {name!r}: run `python -m helpers run --preset {name}` first"
            )
        build_pages(published, root, say)
        key = pages_key(content["keys"], root, published, content["preset"])
        storage.write_json(published / "manifest.json", content | {"pages": key})
    return published


def places(folder: Path, root: Path) -> list[str]:
    """Say where a finished run is to be read."""
    there = {
        "site": folder / "site" / "index.html",
        "slides": folder / "slides" / "index.html",
        "slides as PDF": folder / "slides" / "slides.pdf",
    }
    found = [f"{name}: {path.relative_to(root)}" for name, path in there.items() if path.is_file()]
    return [f"run: {folder.relative_to(root)}", *found]


def packages() -> dict[str, str]:
    """Return the versions of the packages whose numbers or pictures a run shows."""
    return {name: version(name) for name in PACKAGES}


def inputs(root: Path) -> dict[str, str]:
    """Return file -> sha256 of the figures of record."""
    return {path.name: storage.checksum(path) for path in sorted((root / "data" / "raw").iterdir())}


def store_outputs(folder: Path, root: Path) -> list[str]:
    """Put what a default run made in the places where it is read without running anything.

    The executed notebooks go to ``notebooks/``, the findings to the README between its two marks, and the
    README's chart to ``docs/``.

    Raises
    ------
    parameters.ParameterError
        Where the run had other parameters than the defaults or is not whole.
    """
    content = storage.read_json(folder / "manifest.json")
    if not content or content["changed"] or set(content["outputs"]) != set(STEPS):
        raise parameters.ParameterError(
            f"{folder.name} is not a whole run with default parameters: run `make notebooks`"
        )
    for step in STEPS:
        storage.write(root / "notebooks" / f"{step}.ipynb", (folder / step / f"{step}.ipynb").read_bytes())
    step, chart = README_CHART
    storage.write(root / "docs" / "finding.png", (folder / step / "figures" / f"{chart}.png").read_bytes())
    readme = root / "README.md"
    storage.write(readme, readme_with_findings(readme.read_text(encoding="utf-8"), folder).encode())
    return [*STEPS, "README.md", "docs/finding.png"]


def readme_with_findings(text: str, folder: Path) -> str:
    """Return the README with the findings of a run between its two marks."""
    before, _, rest = text.partition(FINDINGS_BEGIN)
    _, _, after = rest.partition(FINDINGS_END)
    findings = storage.read_json(folder / "04_findings" / "results.json")["findings"]
    lines = "\n".join(f"{place}. {finding['text']}" for place, finding in enumerate(findings, 1))
    return f"{before}{FINDINGS_BEGIN}\n{lines}\n{FINDINGS_END}{after}"


def _run_steps(
    request: Request,
    root: Path,
    building: Path,
    todo: Plan,
    say: Callable[[str], None],
    progress: bool,
    workers: int,
) -> None:
    waiting = {step for step in STEPS if todo.reasons.get(step)}
    running: dict[Future[float], str] = {}
    failed: list[str] = []
    pool = ThreadPoolExecutor(max_workers=workers)
    try:
        while waiting or running:
            ready = (
                []
                if failed
                else [
                    step
                    for step in STEPS
                    if step in waiting and not any(name in waiting or name in running.values() for name in STEPS[step])
                ]
            )
            for step in ready:
                waiting.discard(step)
                say(f"{step}: runs ({todo.reasons[step]})")
                line = list(STEPS).index(step) if progress else None
                running[pool.submit(run_step, step, request.settings[step], todo.keys[step], root, building, line)] = (
                    step
                )
            if not running:
                break
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                step = running.pop(future)
                error = future.exception()
                if error is None:
                    say(f"{step}: done in {future.result():.1f} s")
                elif isinstance(error, NotebookFailed):
                    failed.append(str(error))
                    say(f"{step}: FAILED")
                else:
                    raise error
    except BaseException:
        # A person who interrupts does not wait for a notebook's end.
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()
    if failed:
        raise NotebookFailed("\n\n".join(failed))


def run_step(step: str, settings: Settings, key: str, root: Path, building: Path, line: int | None = None) -> float:
    """Execute one notebook into its folder; return the seconds it took.

    Raises
    ------
    NotebookFailed
        With notebook, cell and error; the executed part is kept beside the run for reading.
    """
    import papermill
    from nbclient.exceptions import DeadKernelError
    from papermill.exceptions import PapermillExecutionError
    from traitlets.config import Config

    folder = building / step
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    target = folder / f"{step}.ipynb"
    os.environ["STUDY_RUN"] = str(building)
    started = time.monotonic()
    changed = {name: settings.values[name] for name in settings.changed}
    bar: Any = {"desc": f"{step:<22}", "position": line, "leave": True} if line is not None else False
    connection = building / f".{step}-kernel.json"
    try:
        papermill.execute_notebook(
            root / "notebooks" / f"{step}.ipynb",
            target,
            parameters=changed,
            cwd=root / "notebooks",
            progress_bar=bar,
            request_save_on_cell_execute=False,
            execution_timeout=TIME_LIMIT,
            log_output=False,
            shutdown_kernel="immediate",  # the polite way interrupts the kernel first, which it reports as an error
            kernel_manager_class=_kernel_of_this_interpreter(),
            config=Config({"KernelManager": {"connection_file": str(connection), **transport()}}),
        )
    except PapermillExecutionError as error:
        kept = building.parent / f"failed-{building.name.strip('.').removesuffix('.building')}-{step}.ipynb"
        shutil.copyfile(target, kept)
        short = "MemoryError" in target.read_text(encoding="utf-8")
        raise NotebookFailed(_failure(step, error, kept.relative_to(root), short)) from error
    except DeadKernelError as error:
        raise NotebookFailed(
            f"{step}: its kernel died; most often the machine ran out of memory: {MORE_MEMORY}"
        ) from error
    finally:
        connection.unlink(missing_ok=True)
    normalise(target)
    seconds = time.monotonic() - started
    outputs = storage.checksums(folder)
    storage.write_json(
        folder / "step.json", {"step": step, "key": key, "seconds": round(seconds, 1), "outputs": outputs}
    )
    return seconds


def transport() -> dict[str, str]:
    """Say how to talk to a kernel: on Linux by sockets with a name and no file, so that no two kernels can want the same port."""
    return {"transport": "ipc", "ip": f"@study-{uuid.uuid4().hex}"} if sys.platform == "linux" else {}


def _kernel_of_this_interpreter() -> Any:
    """Return a manager whose kernels run in this interpreter, whatever `python3` is the name of on this machine."""
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager

    class OwnKernel(AsyncKernelManager):
        kernel_spec = KernelSpec(
            argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"], language="python"
        )

    return OwnKernel


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def normalise(path: Path) -> None:
    """Take out of an executed notebook all that differs between two equal runs: times, paths, counters of papermill."""
    import nbformat

    notebook = nbformat.read(path, as_version=4)
    notebook.metadata.pop("papermill", None)
    notebook.metadata.pop("widgets", None)
    notebook.metadata.get("language_info", {}).pop("version", None)
    for place, cell in enumerate(notebook.cells):
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        cell.metadata.pop("tags", None) if cell.metadata.get("tags") == [] else None
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell["id"] = "injected-parameters"
        cell.setdefault("id", f"cell-{place:02d}")
        for output in cell.get("outputs", []):
            output.get("metadata", {}).pop("papermill", None)
            output.pop("transient", None)
    storage.write(path, (nbformat.writes(notebook) + "\n").encode())


def _failure(step: str, error: Any, kept: Path, short_of_memory: bool) -> str:
    cell = f"cell {error.exec_count}" if error.exec_count else "a cell"
    said = f"{error.ename}: {error.evalue}".removesuffix(": ")
    if short_of_memory:
        said = f"a lack of memory: {MORE_MEMORY}"
    return f"{step}: stopped in {cell} with {said}\nThe executed part is kept for reading: {kept}\nThe last published run is unchanged."


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


def _finished(place: Path, step: str) -> Path | None:
    return place / step if (place / step / "step.json").is_file() else None


def _why(published: Path, step: str, key: str, settings: Settings) -> str:
    earlier = storage.read_json(published / step / "step.json")
    if not earlier:
        return "has not run yet"
    before = storage.read_json(published / step / "results.json").get("parameters")
    if before is not None and before != settings.values:
        names = sorted(name for name in settings.values if before.get(name) != settings.values[name])
        return f"changed parameters: {', '.join(names)}"
    return "notebook, helpers, data or packages changed"


def _complete(folder: Path, keys: Mapping[str, str], pages: str) -> bool:
    content = storage.read_json(folder / "manifest.json")
    return content.get("keys") == dict(keys) and (not pages or content.get("pages") == pages)


def _own_files(source: str) -> list[Path]:
    from helpers.market_data import source_folder
    from helpers.own_files import price_files

    named = [source_folder(part) for part in source.split("+") if part != "bundled"]
    return [path for folder in named if folder.is_dir() for path in price_files(folder)]


def _code_and_text(path: Path) -> list[list[str]]:
    """Return what a person wrote in a notebook, without outputs, so that refreshed outputs rerun nothing."""
    cells = storage.read_json(path).get("cells", [])
    return [
        [cell["cell_type"], "".join(cell["source"]), ",".join(cell.get("metadata", {}).get("tags", []))]
        for cell in cells
    ]


def _commit(root: Path) -> str:
    try:
        answer = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=12"],
            cwd=root,
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return "not in a git checkout"
    return answer.stdout.strip()
