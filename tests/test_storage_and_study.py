"""A run is whole or absent; what has not changed is not run again; a failure leaves the last report."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from conftest import command

from helpers import parameters
from study import run as study
from study import storage
from study.step import run_step

CELL = """
import json, os, pathlib, time
{extra}
folder = pathlib.Path(os.environ["STUDY_RUN"]) / "{step}"
(folder / "results.json").write_text(json.dumps(dict(notebook="{step}", parameters={{}}, changed=[], findings=[], keys={{}}, measurements=[], figures={{}}, tables={{}}, notes=[])))
"""


TWO = ("--no-site", "--only", "01_valuation_growth")  # 01 and what it needs: 00
unix = pytest.mark.skipif(os.name != "posix", reason="signals to a group of processes are a thing of Unix")


@pytest.fixture
def small(copied_root: Path) -> Path:
    """A study whose notebooks do next to nothing."""
    for step in study.STEPS:
        write(copied_root, step)
    return copied_root


def write(root: Path, step: str, extra: str = "") -> None:
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


def test_an_unchanged_study_runs_nothing_and_a_changed_notebook_only_what_follows(here, small: Path) -> None:
    first = here("run", "--no-site", folder=small)
    assert first.returncode == 0, first.stderr
    assert steps_run(first.stdout) == list(study.STEPS)
    assert here("run", "--no-site", folder=small).stdout.startswith("deepseek-2025: nothing has changed")
    write(small, "02_selloff", "x = 1")
    third = here("run", "--no-site", folder=small)
    assert steps_run(third.stdout) == ["02_selloff", "04_findings"]
    assert "01_valuation_growth: unchanged" in third.stdout
    fourth = here("run", "--no-site", "--force", folder=small)
    assert steps_run(fourth.stdout) == list(study.STEPS)


def test_a_failing_notebook_is_named_with_cell_and_error_and_the_last_report_stays(here, small: Path) -> None:
    assert here("run", "--no-site", folder=small).returncode == 0
    published = small / "data" / "processed" / "deepseek-2025"
    before = storage.checksums(published)
    write(small, "02_selloff", "raise ZeroDivisionError('no luck')")
    answer = command("run", "--no-site", folder=small)
    assert answer.returncode == 4
    assert "02_selloff: stopped in cell 2 with ZeroDivisionError: no luck" in answer.stderr
    assert "Traceback" not in answer.stderr
    assert (small / "data" / "processed" / "failed-deepseek-2025-02_selloff.ipynb").is_file()
    assert storage.checksums(published) == before


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["run", "-p", "event_dat=2025-01-27"], 2, "did you mean 'event_date'?"),
        (["run", "-p", "event_focus=NVDIA"], 2, "did you mean 'NVDA'?"),
        (["run", "-p", "event_date=2010-05-06"], 2, "outside the data"),
        (["run", "-p", "estimation_days=many"], 2, "should be a valid integer"),
        (["run", "-p", "nonsense"], 2, "write a parameter as name=value"),
        (["run", "--preset", "deepsek-2025"], 2, "did you mean 'deepseek-2025'?"),
        (["run", "--only", "05_more"], 2, "invalid choice: '05_more'"),
        (["run", "--name", "../up"], 2, "use letters, digits"),
        (["run", "-p", "data_source=folder:/no/such/place"], 3, "there is no such folder"),
        (["run", "-p", "data_source=elsewhere"], 3, "unknown data source"),
        (["params", "05_more"], 2, "invalid choice: '05_more'"),
        (["run", "--dry-run", "-p", "event_date=2025-01-25"], 2, "is not a trading day"),
        (["check", "-p", "event_date=2026-07-30"], 2, "runs beyond the prices"),
        (["check", "-p", "estimation_days=0250"], 2, 'should be a valid integer (got "0250")'),
        (
            ["check", "-p", "path_days=30", "-p", "02_selloff.path_days=60"],
            2,
            "path_days: given twice, as 30 and as 60",
        ),
        (["run", "--workers", "-3"], 2, "give a whole number from 1 on, not -3"),
        (["run", "--name", "README.md"], 2, "README.md in processed/ is not a run of this study"),
        (["run", "--name", "sweep-mine"], 2, "not beginning with sweep-"),
        (["run", "--save-preset", "tariffs-2025"], 2, "parameters/tariffs-2025.yaml is there already"),
        (["verify", "nowhere"], 2, "there is no finished run 'nowhere'; there are: none"),
        (["slides", "--preset", "../x"], 2, "there is no finished run '../x'"),
        (["compare", "a"], 2, "give two different runs or more"),
    ],
)
def test_a_bad_request_gets_one_message_and_no_stack_trace(
    here, copied_root: Path, words: list[str], code: int, said: str
) -> None:
    (copied_root / "data" / "processed" / "README.md").write_text("not ours")
    answer = here(*words, folder=copied_root)
    assert answer.returncode == code
    assert said in answer.stderr
    assert "Traceback" not in answer.stderr
    assert [path.name for path in (copied_root / "data" / "processed").iterdir()] == ["README.md"]


def test_all_that_is_wrong_is_said_at_once(here, copied_root: Path) -> None:
    words = ["nonsense", "event_date=2025-01-25", "leaders=NVDA", "colour=red", "as_of=now"]
    answer = here("check", *(word for one in words for word in ("-p", one)), "--name", "../up", folder=copied_root)
    assert answer.returncode == 2
    assert answer.stderr.startswith("6 problems with the request:\n")


def test_what_own_files_hold_is_told_even_where_the_request_is_refused(here, copied_root: Path, tmp_path: Path) -> None:
    days = pd.bdate_range("2024-08-01", "2024-08-30").strftime("%Y-%m-%d")
    (tmp_path / "ACME.csv").write_text("Date,Close\n" + "".join(f"{day},{100 + n}\n" for n, day in enumerate(days)))
    asked = ["-p", f"data_source=bundled+folder:{tmp_path}", "-p", "event_focus=ACME"]
    answer = here("check", *asked, folder=copied_root)
    assert answer.returncode == 2
    assert "ACME from Close, 2024-08-01 to 2024-08-30, 22 days" in answer.stdout
    assert "ACME has no close on 2025-01-27" in answer.stderr


def test_a_folder_that_is_not_ours_is_neither_replaced_nor_removed(here, small: Path) -> None:
    mine = small / "data" / "processed" / "mydata"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work")
    answer = here("run", "--no-site", "--name", "mydata", folder=small)
    assert answer.returncode == 2
    assert "mydata in processed/ is not a run of this study" in answer.stderr
    assert here("run", "--no-site", "--only", "00_data", "--name", "ours", folder=small).returncode == 0
    assert "differs from ours by capitals only" in here("run", "--name", "OURS", folder=small).stderr
    cleaned = here("clean", folder=small)
    assert cleaned.returncode == 0
    assert "left as it is, for it holds no manifest of this study: mydata" in cleaned.stdout
    assert sorted(path.name for path in mine.parent.iterdir() if path.is_dir()) == ["mydata"]
    assert (mine / "thesis.txt").read_text() == "years of work"


def test_a_preset_may_be_kept_from_what_was_typed_and_two_runs_compared(here, small: Path) -> None:
    extra = "keys = {'fall_pct': dict(value=float(path_days), low=None, high=None, unit='percent', label='How far it fell', confidence='high', figure='')}"
    text = (small / "notebooks" / "02_selloff.ipynb").read_text()
    (small / "notebooks" / "02_selloff.ipynb").write_text(
        text.replace("keys={}", "keys=keys").replace("import json, os", f"{extra}; import json, os")
    )
    first = here("run", "--no-site", "--only", "02_selloff", "--name", "one", folder=small)
    assert first.returncode == 0, first.stderr
    kept = here(
        "run", "--no-site", "--only", "02_selloff", "-p", "path_days=30", "--save-preset", "short", folder=small
    )
    assert kept.returncode == 0, kept.stderr
    again = here("run", "--no-site", "--only", "02_selloff", "--preset", "short", folder=small)
    assert again.stdout.startswith("short: nothing has changed")
    answer = here("compare", "one", "short", folder=small)
    assert answer.returncode == 0, answer.stderr
    assert "1 of 1 key figures differ" in answer.stdout
    place = small / "data" / "processed" / "compare-one-and-short"
    header, row = (place / "compare.csv").read_text().splitlines()
    assert header == "notebook,key,what,unit,one,short,change"
    assert row == "02_selloff,fall_pct,How far it fell,percent,60,30,-30"
    page = (place / "index.html").read_text()
    assert re.search(r"<td>path_days</td>\s*<td>60</td>\s*<td>30</td>", page)
    assert re.search(r"<td>How far it fell</td>\s*<td>percent</td>\s*<td>60</td>\s*<td>30</td>\s*<td>-30</td>", page)
    assert here("clean", folder=small).returncode == 0
    assert not place.exists()


def test_a_lock_names_its_owner_and_is_free_when_the_owner_has_gone(tmp_path: Path) -> None:
    path = tmp_path / "run"
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
        assert json.loads((tmp_path / ".run.owner").read_text())["pid"] == os.getpid()


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


def started(*words: str, folder: Path) -> subprocess.Popen[str]:
    """Give a command as at a terminal: one that hears Ctrl-C, also where who starts the tests does not, as in the background."""
    script = (
        "import signal, sys; from study.__main__ import main; "
        "signal.signal(signal.SIGINT, signal.default_int_handler); sys.exit(main(sys.argv[1:]))"
    )
    return subprocess.Popen(
        [sys.executable, "-c", script, *words], cwd=folder, env=os.environ | {"STUDY_ROOT": str(folder)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip


def begun(root: Path) -> subprocess.Popen[str]:
    """Start a run of two notebooks of which the second sleeps, and wait until it does."""
    write(root, "01_valuation_growth", "time.sleep(60)")
    process = started("run", *TWO, folder=root)
    while not process.stdout.readline().startswith("01_valuation_growth: runs"):
        assert process.poll() is None
    time.sleep(0.5)
    return process


@unix
@pytest.mark.parametrize(
    ("name", "code", "said"), [("SIGINT", 130, "Interrupted. What was finished is kept"), ("SIGKILL", -9, "")]
)
def test_a_run_that_was_stopped_is_taken_up_where_it_stopped(
    here, small: Path, name: str, code: int, said: str
) -> None:
    process = begun(small)
    os.killpg(process.pid, getattr(signal, name)) if name == "SIGKILL" else process.send_signal(signal.SIGINT)
    _, shown = process.communicate(timeout=10)
    assert process.returncode == code
    assert said in shown
    assert "Traceback" not in shown
    assert not (small / "data" / "processed" / "deepseek-2025").exists()
    write(small, "01_valuation_growth")
    answer = here("run", *TWO, folder=small)
    assert answer.returncode == 0, answer.stderr
    assert "00_data: finished earlier" in answer.stdout
    assert steps_run(answer.stdout) == ["01_valuation_growth"]


@unix
def test_a_request_to_end_and_a_closed_terminal_count_as_ctrl_c(here, copied_root: Path, monkeypatch) -> None:
    handlers = {}
    monkeypatch.setattr(signal, "signal", handlers.__setitem__)
    monkeypatch.setattr(signal, "getsignal", lambda number: signal.SIG_DFL)
    here("params", "00_data", folder=copied_root)
    assert handlers == dict.fromkeys((signal.SIGTERM, signal.SIGHUP), signal.default_int_handler)
    handlers.clear()
    monkeypatch.setattr(signal, "getsignal", {signal.SIGTERM: signal.SIG_DFL, signal.SIGHUP: signal.SIG_IGN}.get)
    here("params", "00_data", folder=copied_root)
    assert handlers == {signal.SIGTERM: signal.default_int_handler}  # a closed terminal ends nothing under `nohup`


@unix
def test_a_run_that_somebody_builds_is_neither_built_again_nor_removed_and_another_is(here, small: Path) -> None:
    runs = small / "data" / "processed"
    process = begun(small)
    for words in (("run", *TWO), ("clean",)):
        answer = here(*words, folder=small)
        assert answer.returncode == 5
        assert f"run deepseek-2025 is being built by process {process.pid}" in answer.stderr
    assert (runs / ".deepseek-2025.building" / "00_data").is_dir()
    other = here("run", "--no-site", "--only", "00_data", "--name", "other", folder=small)
    assert other.returncode == 0, other.stderr
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert here("clean", folder=small).returncode == 0
    assert [path.name for path in runs.iterdir() if path.is_dir()] == []


def test_a_lack_of_memory_is_told_in_words(small: Path) -> None:
    write(small, "00_data", "raise MemoryError")
    answer = command("run", "--no-site", "--only", "00_data", folder=small)
    assert answer.returncode == 4
    assert "a lack of memory: close other programs or run with `--workers 1`" in answer.stderr


def test_a_kernel_that_dies_before_it_answers_is_told_in_words(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def dies(*_: object, **__: object) -> None:
        raise RuntimeError("Kernel died before replying to kernel_info")

    monkeypatch.setattr("papermill.execute_notebook", dies)
    with pytest.raises(
        study.NotebookFailed, match="00_data: its kernel died; most often the machine ran out of memory"
    ):
        run_step("00_data", parameters.check("00_data", {}), "key", small, small / "data" / "processed" / "mine")


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
    assert "Traceback" in (folder.parent / "failed-deepseek-2025-site.txt").read_text()


def test_a_step_equal_to_that_of_another_run_is_taken_over_unless_somebody_touched_it(here, small: Path) -> None:
    runs = small / "data" / "processed"
    assert here("run", "--no-site", folder=small).returncode == 0
    answer = here("run", "--no-site", "-p", "event_seed=7", "--name", "mine", folder=small)
    assert steps_run(answer.stdout) == ["02_selloff", "04_findings"]
    assert "00_data: the same as in run deepseek-2025" in answer.stdout
    (runs / "mine" / "00_data" / "results.json").write_text("{}")
    assert (runs / "deepseek-2025" / "00_data" / "results.json").read_text() != "{}"
    mended = here("run", "--no-site", "-p", "event_seed=7", "--name", "mine", folder=small)
    assert "00_data: the same as in run deepseek-2025 (files of it were changed after it had run)" in mended.stdout
    for name in ("mine", "deepseek-2025"):
        (runs / name / "00_data" / "results.json").write_text("{}")
    answer = here("run", "--no-site", "--name", "third", folder=small)
    assert "00_data" in steps_run(answer.stdout)


def test_an_edited_step_of_the_own_run_is_run_again_and_said(here, small: Path) -> None:
    runs = small / "data" / "processed"
    assert here("run", "--no-site", folder=small).returncode == 0
    (runs / "deepseek-2025" / "02_selloff" / "results.json").write_text("{}")
    answer = here("run", "--no-site", folder=small)
    assert "02_selloff: runs (files of it were changed after it had run)" in answer.stdout
    assert steps_run(answer.stdout) == ["02_selloff", "04_findings"]


def test_a_notebook_asked_for_alone_stands_on_what_the_request_says_and_nothing_stale_stands_beside_it(
    here, small: Path
) -> None:
    assert here("run", "--no-site", "--name", "one", folder=small).returncode == 0
    write(small, "00_data", "checked = True")
    answer = here("run", "--no-site", "--name", "one", "--only", "02_selloff", folder=small)
    assert steps_run(answer.stdout) == ["00_data", "02_selloff"]
    assert "04_findings: left out, for it was made from something else" in answer.stdout
    runs = small / "data" / "processed"
    assert sorted(path.parent.name for path in runs.glob("one/*/step.json")) == ["00_data", "02_selloff"]
    answer = here("run", "--no-site", "--name", "one", "--only", "02_selloff", "-p", "path_days=30", folder=small)
    assert steps_run(answer.stdout) == ["02_selloff"]


def test_a_run_repeats_from_its_manifest_and_what_differs_is_said(here, small: Path) -> None:
    only = ("--no-site", "--only", "00_data")
    assert here("run", *only, folder=small).returncode == 0
    runs = small / "data" / "processed"
    answer = here("verify", "deepseek-2025", folder=small)
    assert (answer.returncode, answer.stdout.splitlines()[-1]) == (0, "deepseek-2025 repeats to the byte")
    (runs / "deepseek-2025" / "00_data" / "results.json").write_text("{}")
    (small / "data" / "raw" / "more.txt").write_text("new")
    write(small, "00_data", "(pathlib.Path(os.environ['STUDY_RUN']) / '00_data' / 'more.csv').write_text('')")
    answer = here("verify", "deepseek-2025", folder=small)
    assert answer.returncode == 1
    assert answer.stdout.splitlines()[-3:] == [
        "inputs/more.txt: new",
        "00_data/more.csv: new",
        "00_data/results.json: was changed after the run",
    ]
    assert sorted(path.name for path in runs.iterdir() if path.is_dir()) == ["deepseek-2025"]


def test_a_manifest_that_cannot_be_read_is_named(here, small: Path) -> None:
    assert here("run", "--no-site", "--only", "00_data", folder=small).returncode == 0
    (small / "data" / "processed" / "deepseek-2025" / "manifest.json").write_text('{"run": ')
    for words in (["verify", "deepseek-2025"], ["slides"]):
        answer = here(*words, folder=small)
        assert answer.returncode == 2
        assert "the manifest of deepseek-2025 cannot be read, or lacks parts" in answer.stderr


@unix
def test_too_few_open_files_are_refused_before_anything_runs(small: Path) -> None:
    script = """
import resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
from study.__main__ import main
sys.exit(main(["run", "--no-site"]))
"""
    words = [sys.executable, "-c", script]
    answer = subprocess.run(
        words, cwd=small, env=os.environ | {"STUDY_ROOT": str(small)}, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 3
    assert answer.stderr.startswith("Only 64 files may be open at once, a run needs 256")
    assert list((small / "data" / "processed").iterdir()) == []
