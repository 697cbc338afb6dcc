"""A run is whole or absent; what has not changed is not run again; a failure leaves the last report."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from conftest import command

from study import run as study
from study import storage

CELL = """
import json, os, pathlib, time
{extra}
folder = pathlib.Path(os.environ["STUDY_RUN"]) / "{step}"
(folder / "results.json").write_text(json.dumps(dict(notebook="{step}", parameters={{}}, changed=[], findings=[], keys={{}}, measurements=[], figures={{}}, tables={{}}, notes=[])))
"""


unix = pytest.mark.skipif(os.name != "posix", reason="signals to a group of processes are a thing of Unix")


@pytest.fixture
def small(copied_root: Path) -> Path:
    """A study whose notebooks do next to nothing."""
    for step in study.STEPS:
        write(copied_root, step)
    return copied_root


def write(root: Path, step: str, extra: str = "") -> None:
    from helpers import parameters

    model = parameters.MODELS[step]
    given = "\n".join(f"{name} = {value!r}" for name, value in model().model_dump().items())
    cells = [
        nbformat.v4.new_code_cell(given, id="parameters", metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell(CELL.format(step=step, extra=extra), id="work"),
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), root / "notebooks" / f"{step}.ipynb")


def steps_run(output: str) -> list[str]:
    return sorted(line.split(":")[0] for line in output.splitlines() if ": runs (" in line)


def test_an_unchanged_study_runs_nothing_and_a_changed_notebook_only_what_follows(small: Path) -> None:
    first = command("run", "--no-site", folder=small)
    assert first.returncode == 0, first.stderr
    assert steps_run(first.stdout) == list(study.STEPS)
    assert command("run", "--no-site", folder=small).stdout.startswith("deepseek-2025: nothing has changed")
    write(small, "02_selloff", "x = 1")
    third = command("run", "--no-site", folder=small)
    assert steps_run(third.stdout) == ["02_selloff", "04_findings"]
    assert "01_valuation_growth: unchanged" in third.stdout
    fourth = command("run", "--no-site", "--force", folder=small)
    assert steps_run(fourth.stdout) == list(study.STEPS)


def test_a_failing_notebook_is_named_with_cell_and_error_and_the_last_report_stays(small: Path) -> None:
    assert command("run", "--no-site", folder=small).returncode == 0
    published = small / "data" / "processed" / "deepseek-2025"
    before = storage.checksums(published)
    write(small, "02_selloff", "raise ZeroDivisionError('no luck')")
    answer = command("run", "--no-site", folder=small)
    assert answer.returncode == 4
    assert "02_selloff: stopped in cell 2 with ZeroDivisionError: no luck" in answer.stderr
    assert "Traceback" not in answer.stderr
    assert (small / "data" / "processed" / "failed-deepseek-2025-02_selloff.ipynb").is_file()
    assert storage.checksums(published) == before


@unix
def test_a_killed_run_is_taken_up_where_it_stopped(small: Path) -> None:
    write(small, "04_findings", "time.sleep(60)")
    process = subprocess.Popen(
        [sys.executable, "-m", "helpers", "run", "--no-site"],
        cwd=small,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
        env=os.environ | {"STUDY_ROOT": str(small)},
    )
    for line in process.stdout:
        if line.startswith("04_findings: runs"):
            break
    time.sleep(0.5)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not (small / "data" / "processed" / "deepseek-2025").exists()
    write(small, "04_findings")
    answer = command("run", "--no-site", folder=small)
    assert answer.returncode == 0, answer.stderr
    assert steps_run(answer.stdout) == ["04_findings"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["run", "-p", "event_dat=2025-01-27"], 2, "did you mean 'event_date'?"),
        (["run", "-p", "event_focus=NVDIA"], 2, "did you mean 'NVDA'?"),
        (["run", "-p", "event_date=2010-05-06"], 2, "outside the data"),
        (["run", "-p", "estimation_days=many"], 2, "should be a valid integer"),
        (["run", "-p", "nonsense"], 2, "write a parameter as name=value"),
        (["run", "--preset", "deepsek-2025"], 2, "did you mean 'deepseek-2025'?"),
        (["run", "--only", "05_more"], 2, "there is no notebook '05_more'"),
        (["run", "--name", "../up"], 2, "use letters, digits"),
        (["run", "-p", "data_source=folder:/no/such/place"], 3, "there is no such folder"),
        (["run", "-p", "data_source=elsewhere"], 3, "unknown data source"),
        (["params", "05_more"], 2, "there is no notebook"),
    ],
)
def test_a_bad_request_gets_one_message_and_no_stack_trace(
    copied_root: Path, words: list[str], code: int, said: str
) -> None:
    answer = command(*words, folder=copied_root)
    assert answer.returncode == code
    assert said in answer.stderr
    assert "Traceback" not in answer.stderr
    assert list((copied_root / "data" / "processed").glob("*/")) == []


def test_a_lock_names_its_owner_and_is_free_when_the_owner_has_gone(tmp_path: Path) -> None:
    path = tmp_path / ".run.lock"
    script = f"from study import storage; from pathlib import Path; import time\nwith storage.lock(Path({str(path)!r}), 'run x'):\n    print('held', flush=True); time.sleep(60)"
    owner = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert owner.stdout.readline() == "held\n"
    with (
        pytest.raises(storage.Busy, match=f"run x is being built by process {owner.pid}"),
        storage.lock(path, "run x"),
    ):
        pass
    owner.kill()
    owner.wait()
    with storage.lock(path, "run x"):
        assert json.loads(path.with_suffix(".owner").read_text())["pid"] == os.getpid()


def test_publishing_replaces_a_folder_whole(tmp_path: Path) -> None:
    for name, text in (("old", "1"), ("new", "2")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(text)
    storage.publish(tmp_path / "new", tmp_path / "old")
    assert (tmp_path / "old" / "file").read_text() == "2"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["old"]


def test_a_folder_moved_aside_by_a_dying_process_comes_back(tmp_path: Path) -> None:
    (tmp_path / ".run.old").mkdir()
    (tmp_path / ".run.old" / "file").write_text("1")
    storage.recover(tmp_path / "run")
    assert (tmp_path / "run" / "file").read_text() == "1"


def test_a_copied_step_shares_no_fate_with_the_old_one(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "file").write_text("1")
    storage.copy_step(tmp_path / "old", tmp_path / "new")
    storage.write_json(tmp_path / "new" / "file", {"a": 1})
    assert (tmp_path / "old" / "file").read_text() == "1"


def begun(root: Path, *words: str) -> subprocess.Popen[str]:
    """Start a run of a study whose last notebook sleeps, and wait until it does."""
    write(root, "04_findings", "time.sleep(60)")
    process = subprocess.Popen(
        [sys.executable, "-m", "helpers", "run", "--no-site", *words],
        cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        env=os.environ | {"STUDY_ROOT": str(root)}, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    for line in process.stdout:
        if line.startswith("04_findings: runs"):
            break
    time.sleep(0.5)
    return process


@unix
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_run_that_is_asked_to_end_does_so_at_once_and_says_how_to_go_on(small: Path, name: str) -> None:
    process = begun(small)
    process.send_signal(getattr(signal, name))
    _, said = process.communicate(timeout=10)
    assert process.returncode == 130
    assert "Interrupted. What was finished is kept" in said
    assert "Traceback" not in said
    write(small, "04_findings")
    assert steps_run(command("run", "--no-site", folder=small).stdout) == ["04_findings"]


@unix
def test_the_same_run_is_not_built_twice_at_once_and_another_is(small: Path) -> None:
    process = begun(small)
    second = command("run", "--no-site", folder=small)
    assert second.returncode == 5
    assert f"run deepseek-2025 is being built by process {process.pid}" in second.stderr
    write(small, "04_findings")
    other = command("run", "--no-site", "--name", "other", folder=small)
    assert other.returncode == 0, other.stderr
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def test_a_lack_of_memory_is_told_in_words(small: Path) -> None:
    write(small, "02_selloff", "raise MemoryError")
    answer = command("run", "--no-site", folder=small)
    assert answer.returncode == 4
    assert "a lack of memory: close other programs or run with `--workers 1`" in answer.stderr


def test_a_write_that_fails_leaves_the_old_file_and_no_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    storage.write(tmp_path / "file", b"old")

    def full(path: Path, content: bytes) -> int:
        with path.open("wb") as file:
            file.write(content[:1])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left"):
        storage.write(tmp_path / "file", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "old"


def test_what_a_killed_builder_of_pages_left_is_not_published(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = small / "data" / "processed" / ".deepseek-2025.building"
    for name in (".site-abc", ".slides-abc", "00_data"):
        (folder / name).mkdir(parents=True)
    (folder / "manifest.json").write_text("{}")
    with pytest.raises(study.NotebookFailed) as caught:  # there are no results to make pages from
        study.build_pages(folder, small, lambda line: None)
    assert sorted(path.name for path in folder.iterdir()) == ["00_data", "manifest.json"]
    assert "the site could not be built: ValueError: .deepseek-2025.building: no notebook" in str(caught.value)
    assert (folder.parent / "failed-deepseek-2025-site.txt").read_text().startswith("Traceback")


def test_a_step_equal_to_that_of_another_run_is_taken_over_unless_somebody_touched_it(small: Path) -> None:
    runs = small / "data" / "processed"
    assert command("run", "--no-site", folder=small).returncode == 0
    answer = command("run", "--no-site", "-p", "event_seed=7", "--name", "mine", folder=small)
    assert steps_run(answer.stdout) == ["02_selloff", "04_findings"]
    assert "00_data: the same as in run deepseek-2025" in answer.stdout
    (runs / "mine" / "00_data" / "results.json").write_text("{}")
    assert (runs / "deepseek-2025" / "00_data" / "results.json").read_text() != "{}"
    (runs / "deepseek-2025" / "00_data" / "results.json").write_text("{}")
    answer = command("run", "--no-site", "--name", "third", folder=small)
    assert "00_data" in steps_run(answer.stdout)
