"""Execute one notebook with papermill into the folder of a run, in a kernel of the running interpreter."""

from __future__ import annotations

import errno
import multiprocessing
import os
import shutil
import sys
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from helpers.parameters import Settings
from study import storage

TIME_LIMIT = 900  # seconds a cell
OPEN_FILES = 256  # sockets and files of three kernels
MORE_MEMORY = "close other programs or run with `--workers 1`"


class NotebookFailed(RuntimeError):
    """A notebook stopped; the message names the notebook, the cell and the error."""


def run_step(step: str, settings: Settings, key: str, root: Path, building: Path) -> float:
    """Execute one notebook into its folder; return the seconds it took. One that stops is kept beside the run for reading."""
    import papermill
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager
    from papermill.exceptions import PapermillExecutionError
    from traitlets.config import Config
    from zmq import ZMQError

    words = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]

    class OwnKernel(AsyncKernelManager):  # this interpreter's, whatever `python3` is the name of on this machine
        kernel_spec = KernelSpec(argv=words, language="python")

    folder = building / step
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    target = folder / f"{step}.ipynb"
    # A person's own matplotlibrc would change pictures without changing the key of the step.
    os.environ.update(STUDY_RUN=str(building), MATPLOTLIBRC=os.devnull)
    started = time.monotonic()
    connection = building / f".{step}-kernel.json"
    try:
        notebook = papermill.execute_notebook(
            root / "notebooks" / f"{step}.ipynb", target, cwd=root / "notebooks",
            parameters={name: settings.values[name] for name in settings.changed},
            progress_bar=False, request_save_on_cell_execute=False, record_timing=False, execution_timeout=TIME_LIMIT,
            shutdown_kernel="immediate",  # the polite way interrupts the kernel first, which it reports as an error
            kernel_manager_class=OwnKernel,
            config=Config({"KernelManager": {"connection_file": str(connection), **transport()}}),
        )  # fmt: skip
    except PapermillExecutionError as error:
        kept = storage.failed(building, f"{step}.ipynb")
        shutil.copyfile(target, kept)
        cell = f"cell {error.exec_count}" if error.exec_count else "a cell"
        short = "MemoryError" in target.read_text(encoding="utf-8")
        said = f"a lack of memory: {MORE_MEMORY}" if short else f"{error.ename}: {error.evalue}".removesuffix(": ")
        raise NotebookFailed(
            f"{step}: stopped in {cell} with {said}\nThe executed part is kept for reading: {kept.relative_to(root)}\n"
            "The last published run is unchanged."
        ) from error
    except RuntimeError as error:  # while a cell ran, before it answered, or it never did
        said = f"its kernel died; most often the machine ran out of memory: {MORE_MEMORY}"
        raise NotebookFailed(f"{step}: {said}") from error
    except ZMQError as error:
        raise OSError(error.errno, f"{step}: no way to talk to its kernel: {error.strerror}") from error
    finally:
        connection.unlink(missing_ok=True)
    storage.write(target, normalised(notebook))
    made = {"step": step, "key": key, "outputs": storage.checksums(folder)}
    storage.write_json(folder / "step.json", made)
    return time.monotonic() - started


def transport() -> dict[str, str]:
    """Say how to talk to a kernel: on Linux by sockets with a name and no file, so that no two kernels can want the same port."""
    return {"transport": "ipc", "ip": f"@study-{uuid.uuid4().hex}"} if sys.platform == "linux" else {}


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def allow_open_files() -> None:
    """Raise the limit of open files to what a run needs where this process may, else refuse."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if 0 <= hard < OPEN_FILES:
        raise OSError(errno.EMFILE, f"Only {hard} files may be open at once, a run needs {OPEN_FILES}")
    if 0 <= soft < OPEN_FILES:
        resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, hard))


@contextmanager
def processes(workers: int) -> Iterator[ProcessPoolExecutor]:
    """Give a pool of processes; who interrupts does not wait for what they are about."""
    pool = ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))
    try:
        yield pool
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        for process in multiprocessing.active_children():  # the kernels of these end with their parents
            process.kill()


def normalised(notebook: Any) -> bytes:
    """Return an executed notebook without what differs between two equal runs: times, paths, counters of papermill."""
    import nbformat

    notebook.metadata.get("language_info", {}).pop("version", None)
    for about in (notebook.metadata, *(cell.metadata for cell in notebook.cells)):
        for name in ("papermill", "widgets", *(["tags"] if not about.get("tags") else [])):
            about.pop(name, None)
    for cell in notebook.cells:
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell.id = "injected-parameters"
    return (nbformat.writes(notebook) + "\n").encode()
