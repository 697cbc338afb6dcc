"""What only Linux has is not needed: the study opens, locks, runs and publishes without it, in the interpreter it was started with."""

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from conftest import ROOT, command
from test_storage_and_study import small, write  # noqa: F401  the fixture of a study that does next to nothing

HIDDEN = """
import ctypes, os, signal, sys

for name in ("fcntl", "resource", "termios", "pwd", "grp"):
    sys.modules[name] = None
for module, name in ((signal, "SIGHUP"), (os, "sched_getaffinity"), (os, "O_NOFOLLOW")):
    if hasattr(module, name):
        delattr(module, name)

class Library(ctypes.CDLL):  # as on Windows: there is no library of the process itself, so no renameat2
    def __init__(self, name, *words, **options):
        if name is None:
            raise TypeError("no library of the process itself")
        super().__init__(name, *words, **options)

ctypes.CDLL = Library
"""


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A path of Python on which every interpreter that starts lacks what only Linux, or only Unix, has."""
    place = tmp_path_factory.mktemp("elsewhere")
    (place / "sitecustomize.py").write_text(HIDDEN)
    return os.pathsep.join([str(place), str(ROOT / "src"), os.environ.get("PYTHONPATH", "")])


def python(script: str, path: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "ignore:only soft file lock", "-c", script],
        cwd=folder, capture_output=True, text=True, check=False, env=os.environ | {"PYTHONPATH": path},
    )  # fmt: skip


def test_the_imports_of_all_notebooks_work_without_what_only_linux_has(elsewhere: str, tmp_path: Path) -> None:
    imports = []
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        cells = nbformat.read(path, as_version=4).cells
        imports.append(next(cell.source for cell in cells if cell.cell_type == "code" and "helpers" in cell.source))
    imports.append("import sys; assert sys.modules['fcntl'] is None")
    answer = python("\n".join(imports), elsewhere, tmp_path)
    assert answer.returncode == 0, answer.stderr


def test_a_lock_is_held_and_a_folder_replaced_without_what_only_linux_has(elsewhere: str, tmp_path: Path) -> None:
    script = """
from pathlib import Path
from study import storage
place = Path("run"); place.mkdir(); (place / "file").write_text("old")
new = Path("new"); new.mkdir(); (new / "file").write_text("new")
with storage.lock(Path("run"), "run x"):
    try:
        with storage.lock(Path("run"), "run x"):
            print("two builders")
    except storage.Busy as busy:
        print(busy)
    storage.publish(new, place)
with storage.lock(Path("run"), "run x"):
    print((place / "file").read_text(), sorted(path.name for path in Path().iterdir() if not path.name.startswith(".")))
"""
    answer = python(script, elsewhere, tmp_path)
    assert answer.returncode == 0, answer.stderr
    busy, after = answer.stdout.splitlines()
    assert busy.startswith("run x is being built by process ")
    assert after == "new ['run']"


def test_a_run_is_made_over_ports_where_sockets_have_no_names(small: Path, elsewhere: str) -> None:  # noqa: F811
    script = """
import sys
from study import step
from study.__main__ import main
step.transport = lambda: {}
sys.exit(main(["run", "--no-site", "--only", "00_data", "--name", "mine"]))
"""
    environment = os.environ | {"PYTHONPATH": elsewhere, "STUDY_ROOT": str(small)}
    made = subprocess.run(
        [sys.executable, "-c", script], cwd=small, capture_output=True, text=True, check=False, env=environment
    )
    assert made.returncode == 0, made.stderr
    assert sorted(json.loads((small / "data" / "processed" / "mine" / "manifest.json").read_text())["outputs"]) == [
        "00_data"
    ]


def test_a_kernel_is_that_of_the_interpreter_and_reads_no_settings_of_the_person_who_runs_it(
    small: Path,  # noqa: F811
    tmp_path: Path,
) -> None:
    kernel = tmp_path / "jupyter" / "kernels" / "python3"  # whatever `python3` is the name of on a machine
    kernel.mkdir(parents=True)
    (kernel / "kernel.json").write_text(
        json.dumps({"argv": ["/no/such/python", "-f", "{connection_file}"], "display_name": "Another", "language": "python"})
    )  # fmt: skip
    (tmp_path / "matplotlibrc").write_text("lines.linewidth: 40\n")
    work = "import matplotlib, sys; (folder.parent / 'seen').write_text(f\"{sys.executable} {matplotlib.rcParams['lines.linewidth']}\")"
    write(small, "00_data", f'folder = pathlib.Path(os.environ["STUDY_RUN"]) / "00_data"; {work}')
    own = {"JUPYTER_PATH": str(kernel.parents[1]), "MATPLOTLIBRC": str(tmp_path)}
    answer = command("run", "--no-site", "--only", "00_data", "--name", "mine", folder=small, **own)
    assert answer.returncode == 0, answer.stderr
    assert (small / "data" / "processed" / "mine" / "seen").read_text() == f"{sys.executable} 1.5"
    assert list((small / "data" / "processed" / "mine").glob(".*kernel*")) == []
