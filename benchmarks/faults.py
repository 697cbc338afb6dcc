"""Give the study bad requests, damaged files and a hostile machine, and write down what a person sees.

    python benchmarks/faults.py            writes docs/dev/faults.md
    python benchmarks/faults.py network new    tries two kinds again: network, and what has no row on the page yet

Everything happens in a copy in a temporary folder. Each row says what was done, the exit code, and the last
lines of what was shown. The script fails where a stack trace was shown, a published report was touched, or the
exit code is not one that was meant. Full and read-only disks are real ones, of memory: making them takes root.
"""

import http.server
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from study_copy import FOR_PAGES, ROOT, copy_study, environment

WIDE = "Date,AAA,SPY\n2025-01-23,10,20\n2025-01-24,11,21\n2025-01-27,9,22\n"


@dataclass(frozen=True)
class Fault:
    """What is done wrong: a command, and what is damaged before it."""

    kind: str
    what: str
    words: tuple[str, ...]
    prepare: Callable[[Path], None] = lambda root: None
    environment: tuple[tuple[str, str], ...] = ()


def parameter(what: str, *pairs: str) -> Fault:
    return Fault("parameter", what, ("check", *(word for pair in pairs for word in ("-p", pair))))


def raw(what: str, name: str, change: Callable[[str], str]) -> Fault:
    def prepare(root: Path) -> None:
        path = root / "data" / "raw" / name
        path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")

    return Fault("figures of record", what, ("check",), prepare)


def own(what: str, text: str | bytes, name: str = "mine.csv") -> Fault:
    def prepare(root: Path) -> None:
        (root / "mine").mkdir()
        (root / "mine" / name).write_bytes(text.encode() if isinstance(text, str) else text)

    return Fault("own file", what, ("check", "-p", "data_source=folder:mine"), prepare)


def preset(what: str, text: str) -> Fault:
    return Fault(
        "preset",
        what,
        ("check", "--preset", "mine"),
        lambda root: (root / "parameters" / "mine.yaml").write_bytes(text.encode("utf-8", "surrogateescape")) and None,
    )


def sweep(what: str, text: str) -> Fault:
    return Fault("sweep", what, ("sweep", "mine.yaml"), lambda root: (root / "mine.yaml").write_text(text) and None)


def made(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def a_sweep(root: Path) -> None:
    made(root / "data" / "processed" / "sweep-mine" / "manifest.json", '{"sweep": "mine", "preset": "deepseek-2025"}')


def an_edited_snapshot(root: Path) -> None:
    folder = root / "data" / "snapshots" / "fred-2025-02-01"
    made(folder / "prices.csv", "date,^GSPC\n2025-01-24,6101.24\n2025-01-27,6012.28\n")
    made(folder / "manifest.json", '{"asked": {}, "sha256": "that of the file as it was fetched"}')


FAULTS = [
    parameter("a misspelt name", "event_dat=2025-01-27"),
    parameter("a misspelt notebook", "02_seloff.event_date=2025-01-27"),
    parameter("a name that is nothing like one", "colour=red"),
    parameter("no value", "event_date"),
    parameter("a date that does not exist", "event_date=2025-02-30"),
    parameter("a date written otherwise", "event_date=27.01.2025"),
    parameter("a number for a date", "event_date=5"),
    parameter("a date between the eras", "event_date=2010-05-06"),
    parameter("a date after the data", "event_date=2031-01-27"),
    parameter("a date too early for the estimation window", "event_date=2022-11-01"),
    parameter("text for a number", "estimation_days=many"),
    parameter("a fraction for a whole number", "estimation_days=250.5"),
    parameter("a number too small", "estimation_days=3"),
    parameter("a number too large", "estimation_days=100000"),
    parameter("a negative gap", "estimation_gap=-1"),
    parameter("an unknown model", "return_model=capm"),
    parameter("a window that ends before it begins", "event_windows=[[4, 0]]"),
    parameter("a window of one number", "event_windows=[[4]]"),
    parameter("no window", "event_windows=[]"),
    parameter("a window of a year and a half", "event_windows=[[0, 400]]"),
    parameter("an unknown ticker", "event_focus=NVDIA"),
    parameter("a ticker of the other era", "event_date=2000-04-14"),
    parameter("an unknown market", "market_series=VTI"),
    parameter("unknown tickers in a list", "event_tickers=[NVDA, XYZ, ABC]"),
    parameter("a list that is no list", "leaders=NVDA"),
    parameter("a list of one", "leaders=[NVDA]"),
    parameter("a boom that ends before it begins", "boom_start=2025-01-24", "boom_end=2023-01-03"),
    parameter("a boom beyond the data", "boom_end=2030-01-04"),
    parameter("a confidence level of 80", "confidence_pct=80"),
    parameter("a negative lag", "adf_lag=-1"),
    parameter("a replay with an unknown series", "replay_groups={chips: AMD}"),
    parameter("an unknown end", "as_of=now"),
    parameter("seven problems at once", "event_date=x", "as_of=y", "boom_start=z", "nonsense=1", "adf_lag=-1", "estimation_days=1", "leaders=3"),
    parameter("a day without trading", "event_date=2025-01-25"),
    parameter("windows beyond the data", "event_date=2026-07-29"),
    parameter("companies without prices on the day", "event_date=1999-03-01", "event_focus=CSCO", "event_tickers=[GOOGL]"),
    parameter("an index and a fund as leaders", "leaders=[SPY, ^VIX]"),
    parameter("a leader twice", "leaders=[NVDA, NVDA]"),
    parameter("a window twice", "event_windows=[[0, 0], [0, 0]]"),
    parameter("a parameter twice", "path_days=30", "path_days=60"),
    parameter("a parameter twice, by both its names", "path_days=30", "02_selloff.path_days=60"),
    parameter("a number that YAML reads as octal", "estimation_days=0250"),
    parameter("a number that YAML reads as minutes and seconds", "estimation_days=4:10"),
    parameter("a ticker that YAML reads as true", "event_focus=ON"),
    parameter("a list that holds itself", "leaders=&a [*a, NVDA]"),
    parameter("a list of 10^9 leaves in 200 letters", "leaders=[" + ", ".join(f"&{b} [{', '.join(['*' + a] * 10)}]" for a, b in zip("abcdefgh", "bcdefghi", strict=True)) + "]"),
    parameter("lists in lists in lists", "leaders=" + "[" * 3000),
    parameter("a name of another's home", "data_source=folder:~nobody-there/x"),
    Fault("parameter", "a negative number of workers", ("run", "--workers", "-3")),
    Fault("parameter", "a preset that would be overwritten", ("run", "--save-preset", "tariffs-2025")),
    Fault("parameter", "a comparison of one run", ("compare", "one")),
    Fault("parameter", "slides of a path", ("slides", "--preset", "../x")),
    parameter("markup as a ticker", "event_focus=<script>alert(1)</script>"),
    parameter("an unknown source", "data_source=bloomberg"),
    parameter("a folder that is not there", "data_source=folder:/no/such/place"),
    parameter("a snapshot that is not there", "data_source=snapshot:yahoo-2020-01-01"),
    Fault("parameter", "an unknown preset", ("check", "--preset", "deepsek-2025")),
    Fault("parameter", "a parameter of a notebook that is not there", ("params", "05_more")),
    Fault("names", "a comparison with a sweep", ("compare", "sweep-mine", "deepseek-2025"), a_sweep),
    Fault("parameter", "an unknown notebook", ("run", "--only", "05_more")),
    Fault("parameter", "a run name with a path in it", ("run", "--name", "../../up")),
    Fault("parameter", "a run that is not there", ("verify", "nowhere")),
    Fault("parameter", "slides of a run that is not there", ("slides", "--preset", "nowhere")),
    Fault("parameter", "a snapshot from an impossible day", ("refresh", "fred", "--start", "2025-02-30")),
    preset("not readable as YAML", "parameters: {a: "),
    preset("a list in the place of names", "parameters: [1, 2]"),
    preset("an unknown name in it", "parameters: {event_dat: 2025-01-27}"),
    preset("a misspelt key", "paramters: {event_date: 2025-04-03}"),
    preset("a name twice in it", "parameters: {path_days: 30, 02_selloff.path_days: 60}"),
    preset("letters of another encoding", "title: \udce9"),
    Fault("preset", "a number as its name", ("check", "--preset", "5")),
    sweep("an empty part", "fixed:\ngrid: {estimation_gap: [5]}"),
    sweep("wrong types in every part", "preset: 5\nnotebooks: 5\ngrid: [1]\ntitle: [x]"),
    sweep("numbers as names", "grid: {1: [2]}"),
    sweep("a range of 10^12", "grid: {estimation_days: {from: 0, to: 1000000000000, step: 1}}"),
    sweep("twelve axes of twenty values", "grid: {" + ", ".join(f"{name}: {{from: 1, to: 20, step: 1}}" for name in "abcdefghijkl") + "}"),
    sweep("a name in two parts", "fixed: {estimation_gap: 5}\ngrid: {estimation_gap: [5, 10]}"),
    sweep("a day without trading in one run", "grid: {event_date: [2025-01-25, 2025-01-27]}"),
    sweep("lists of two lengths", "zip: {estimation_days: [100, 200], estimation_gap: [1]}"),
    sweep("a word that sweeps do not know", "grid: {estimation_gap: [5]}\nloop: 3"),
    sweep("a point that makes no sense", "grid: {estimation_days: [100, 5], return_model: [market, capm]}"),
    sweep("an empty range", "grid: {estimation_days: {from: 100, to: 50, step: 10}}"),
    Fault("sweep", "no such file", ("sweep", "nowhere.yaml")),
    Fault("network", "a source that does not answer", ("refresh", "fred", "^GSPC"), environment=(("STUDY_FRED_ADDRESS", "http://127.0.0.1:9/x"),)),
    Fault("network", "an address that is none", ("refresh", "fred", "^GSPC"), environment=(("STUDY_FRED_ADDRESS", "nonsense"),)),
    Fault("network", "no connection, for three series", ("refresh", "fred"), environment=(("STUDY_FRED_ADDRESS", "http://127.0.0.1:9/x"),)),
    Fault("network", "dates the wrong way round", ("refresh", "fred", "--start", "2025-02-01", "--end", "2025-01-01")),
    Fault("names", "a run named like a file that is there", ("run", "--name", "README.md"), lambda root: (root / "data" / "processed" / "README.md").write_text("x") and None),
    Fault("names", "a run named like a folder of somebody's own", ("run", "--name", "mydata"), lambda root: made(root / "data" / "processed" / "mydata" / "thesis.txt", "years of work")),
    Fault("names", "a run named like a sweep", ("run", "--name", "sweep-mine")),
    Fault("names", "a run that differs from another by capitals", ("run", "--name", "DeepSeek-2025")),
    Fault("names", "the verification of a sweep", ("verify", "sweep-mine"), a_sweep),
    Fault("names", "slides of a sweep", ("slides", "--preset", "sweep-mine"), a_sweep),
    Fault("names", "a sweep named like a run", ("sweep", "mine.yaml"), lambda root: made(root / "mine.yaml", "grid: {estimation_gap: [5]}") or made(root / "data" / "processed" / "sweep-mine" / "manifest.json", '{"keys": {}}')),
    Fault("integrity", "a manifest that cannot be read", ("verify", "deepseek-2025"), lambda root: made(root / "data" / "processed" / "deepseek-2025" / "manifest.json", '{"run": ')),
    Fault("integrity", "a manifest without parameters", ("verify", "deepseek-2025")),
    Fault("integrity", "a snapshot that was edited", ("check", "-p", "data_source=bundled+snapshot:fred-2025-02-01"), an_edited_snapshot),
    raw("a changed figure", "quoted_closes.csv", lambda text: text.replace("129.93", "129.94", 1)),
    raw("a missing column", "events.csv", lambda text: text.replace(",confidence", "", 1)),
    raw("a duplicate date", "prices_daily_2022_2026.csv", lambda text: text.replace("2022-10-04,", "2022-10-03,", 1)),
    raw("text in the place of a number", "market_caps.csv", lambda text: text.replace("353", "three", 1)),
    raw("cut in the middle", "prices_daily_1995_2003.csv", lambda text: text[: len(text) // 2]),
    raw("an empty file", "claims.csv", lambda text: ""),
    Fault("figures of record", "a missing file", ("check",), lambda root: (root / "data" / "raw" / "events.csv").unlink()),
    Fault("figures of record", "no passport", ("check",), lambda root: (root / "data" / "raw" / "datapackage.json").unlink()),
    own("a duplicate date", WIDE.replace("2025-01-24", "2025-01-23")),
    own("dates out of order", "Date,SPY\n2025-01-27,1\n2025-01-23,1\n2025-01-24,1\n"),
    own("a Saturday", WIDE.replace("2025-01-24", "2025-01-25")),
    own("a negative price", WIDE.replace(",11,", ",-11,")),
    own("a zero price", WIDE.replace(",11,", ",0,")),
    own("decimal commas", 'Date;SPY\n2025-01-27;"11,5"\n'),
    own("decimal commas in quotes", 'Date,SPY\n2025-01-27,"11,5"\n'),
    own("days and months that may be exchanged", "Date,SPY\n01/02/2025,11.5\n01/03/2025,11.6\n"),
    own("a comma that may part thousands or decimals", 'Date,SPY\n2025-01-27,"1,234"\n'),
    own("no date column", "When,SPY\n2025-01-27,1\n"),
    own("no close column", "Date,Open,High,Low\n2025-01-27,1,1,1\n"),
    own("a gap of three weeks", "Date,SPY\n2025-01-02,1\n2025-01-27,1\n"),
    own("an empty file", ""),
    own("a header without rows", "Date,SPY\n"),
    own("an unquoted decimal comma", "Date,SPY\n2025-01-27,11,5\n"),
    own("a picture named .csv", bytes(range(256)) * 4),
    own("a web page named .csv", "<!doctype html><html><body>sign in</body></html>"),
    own("too few series for the study", WIDE),
    own("days of another exchange", "Date,SAP\n2024-12-30,10\n2025-01-02,11\n2025-01-09,11.2\n2025-01-20,11.1\n"),
    Fault("own file", "bundled series beside days of another exchange", ("check", "-p", "data_source=bundled+folder:mine", "-p", "exchange_calendar=XETR"), lambda root: made(root / "mine" / "SAP.csv", WIDE)),
    Fault("own file", "euros beside dollars", ("check", "-p", "data_source=bundled+folder:mine"), lambda root: made(root / "mine" / "SAP.csv", WIDE.replace("AAA,SPY", "SAP (EUR),SIE (EUR)"))),
    Fault("own file", "shares outstanding that are no number", ("check", "-p", "data_source=bundled+folder:mine"), lambda root: made(root / "mine" / "AAA.csv", WIDE) or made(root / "mine" / "series.csv", "series,shares_mn\nAAA,many\n")),
    Fault("own file", "a column that series.csv does not have", ("check", "-p", "data_source=bundled+folder:mine"), lambda root: made(root / "mine" / "AAA.csv", WIDE) or made(root / "mine" / "series.csv", "series,colour\nAAA,red\n")),
    Fault("own file", "a folder without files", ("check", "-p", "data_source=folder:mine"), lambda root: (root / "mine").mkdir()),
]  # fmt: skip


FIRST = ("run", "--only", "00_data")


@dataclass(frozen=True)
class Scene:
    """What goes wrong while the study works: the whole course of events, played in a copy."""

    kind: str
    what: str
    play: Callable[[Path], tuple[int, str]]
    codes: tuple[int, ...]
    disk_mb: float = 0  # free space on a disk of its own; 0 for none


def begin(root: Path, *words: str, before: tuple[str, ...] = ()) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*before, sys.executable, "-m", "helpers", *words], cwd=root, env=environment(root), text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def end(process: subprocess.Popen[str]) -> tuple[int, str]:
    shown, _ = process.communicate(timeout=300)
    return process.returncode, shown


def played(*words: str, before: tuple[str, ...] = ()) -> Callable[[Path], tuple[int, str]]:
    return lambda root: end(begin(root, *words, before=before))


def kernel_of(process: subprocess.Popen[str]) -> int:
    """Wait for the first kernel of a run and return its process."""
    for _ in range(300):
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        tasks = [path / "children" for path in children.parents[1].iterdir()] if children.exists() else []
        for child in {word for path in tasks if path.exists() for word in path.read_text().split()}:
            if "ipykernel" in Path(f"/proc/{child}/cmdline").read_text():
                return int(child)
        time.sleep(0.1)
    raise SystemExit("no kernel was started within 30 seconds")


def signalled(number: signal.Signals, to_kernel: bool = False) -> Callable[[Path], tuple[int, str]]:
    def play(root: Path) -> tuple[int, str]:
        process = begin(root, *FIRST, "--no-site")
        kernel = kernel_of(process)
        time.sleep(1)
        os.kill(kernel if to_kernel else process.pid, number)
        return end(process)

    return play


def killed_and_repeated(root: Path) -> tuple[int, str]:
    first = begin(root, "run", "--no-site", "--name", "other")
    while not (root / "data" / "processed" / ".other.building" / "00_data" / "step.json").is_file():
        time.sleep(0.2)
    time.sleep(2)
    os.killpg(first.pid, signal.SIGKILL)
    first.communicate()
    return end(begin(root, "run", "--no-site", "--name", "other"))


def twice(root: Path) -> tuple[int, str]:
    first = begin(root, *FIRST, "--no-site", "--name", "other")
    kernel_of(first)
    answer = end(begin(root, *FIRST, "--no-site", "--name", "other"))
    return answer if end(first)[0] == 0 else (1, "the first run failed")


def side_by_side(root: Path) -> tuple[int, str]:
    """Two runs with other names at once, then one of them alone: the tables and results must be the same."""
    both = [begin(root, *FIRST, "--no-site", "--name", name) for name in ("one", "two")]
    codes = [end(process)[0] for process in both]
    code, shown = end(begin(root, *FIRST, "--no-site", "--name", "alone"))
    made = [
        {path.name: path.read_bytes() for path in (root / "data" / "processed" / name / "00_data").rglob("*.*") if path.name != "step.json"}
        for name in ("one", "two", "alone")
    ]  # fmt: skip
    same = made[0] == made[1] == made[2]
    return (
        (code, f"both finished, equal to a run alone. {shown}") if same and codes == [0, 0] else (1, f"differ: {codes}")
    )


def stale_lock(root: Path) -> tuple[int, str]:
    owner = '{"purpose": "run deepseek-2025", "pid": 99999999, "host": "elsewhere", "since": "2025-01-27 09:30:00"}'
    for name in (".deepseek-2025.lock", ".deepseek-2025.owner"):
        (root / "data" / "processed" / name).write_text(owner)
    return end(begin(root, *FIRST, "--no-site", "--name", "deepseek-2025"))


def sweep_twice(root: Path) -> tuple[int, str]:
    (root / "mine.yaml").write_text("notebooks: [00_data]\ngrid: {event_seed: [1, 2]}\n")
    first = begin(root, "sweep", "mine.yaml")
    kernel = False
    while not kernel and first.poll() is None:
        kernel = (root / "data" / "processed" / ".sweep-mine.building" / "run-0001").is_dir()
        time.sleep(0.1)
    answer = end(begin(root, "sweep", "mine.yaml"))
    return answer if end(first)[0] == 0 else (1, "the first sweep failed")


def refreshed(code: int, body: str, how: str = "") -> Callable[[Path], tuple[int, str]]:
    """Ask a local server, which answers badly every time, for an index."""

    class Bad(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            time.sleep(30 if how == "slow" else 0)
            self.send_response(code)
            length = (
                "many" if how == "false length" else str(len(body.encode("latin-1")) + (500 if how == "cut" else 0))
            )
            self.send_header("Content-Length", length)
            self.end_headers()
            with suppress(BrokenPipeError):  # the study has stopped waiting
                for byte in body.encode("latin-1"):
                    self.wfile.write(bytes([byte]))
                    time.sleep(1 if how == "drop by drop" else 0)

        def log_message(self, *_: object) -> None:
            pass

    def play(root: Path) -> tuple[int, str]:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Bad)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        os.environ["STUDY_FRED_ADDRESS"] = f"http://127.0.0.1:{server.server_port}/graph"
        try:
            return end(begin(root, "refresh", "fred", "^GSPC", "--start", "2025-01-23", "--end", "2025-01-28"))
        finally:
            del os.environ["STUDY_FRED_ADDRESS"]
            server.shutdown()

    return play


def edited_step(root: Path) -> tuple[int, str]:
    """A step whose results were edited after the run is made again, and the run says so."""
    if (first := end(begin(root, *FIRST, "--no-site", "--name", "other")))[0]:
        return first
    made(root / "data" / "processed" / "other" / "00_data" / "results.json", "{}")
    code, shown = end(begin(root, *FIRST, "--no-site", "--name", "other"))
    whole = (root / "data" / "processed" / "other" / "00_data" / "results.json").stat().st_size > 2
    return (code, shown) if whole and "files of it were changed" in shown else (1, f"built upon: {shown}")


def cleaned_while_running(root: Path) -> tuple[int, str]:
    """Somebody removes the runs while one is being made; another run, a folder of somebody's own and a sweep stand about."""
    a_sweep(root)
    made(root / "data" / "processed" / "mydata" / "thesis.txt", "years of work")
    running = begin(root, *FIRST, "--no-site", "--name", "other")
    kernel_of(running)
    code, shown = end(begin(root, "clean"))
    left = sorted(
        path.name for path in (root / "data" / "processed").iterdir() if path.is_dir() and path.name[0] != "."
    )
    made(root / "data" / "processed" / "deepseek-2025" / "report.txt", "the last good report")
    finished = end(running)[0] == 0 and left == ["mydata"]
    return (code, shown) if finished else (1, f"the run did not finish, or {left} is left: {shown}")


def all_at_once(root: Path) -> tuple[int, str]:
    """Two runs, a sweep and somebody who removes the runs, all at the same time; what is left is whole or gone."""
    made(root / "data" / "processed" / "mydata" / "thesis.txt", "years of work")
    made(root / "mine.yaml", "notebooks: [00_data]\ngrid: {event_seed: [1, 2]}\n")
    runs = [begin(root, *FIRST, "--no-site", "--name", name) for name in ("one", "two")]
    runs.append(begin(root, "sweep", "mine.yaml"))
    seen = set()
    while any(one.poll() is None for one in runs):
        code, shown = end(begin(root, "clean"))
        seen.add(code)
    for name, text in (("report.txt", "the last good report"), ("manifest.json", '{"keys": {}}')):
        made(root / "data" / "processed" / "deepseek-2025" / name, text)
    codes = [end(one)[0] for one in runs]
    code, again = end(begin(root, *FIRST, "--no-site", "--name", "one"))
    thesis = (root / "data" / "processed" / "mydata" / "thesis.txt").is_file()
    fine = codes == [0, 0, 0] and seen <= {0, 5} and 5 in seen and thesis and code == 0
    return (code, f"all three finished. {again}") if fine else (1, f"runs {codes}, clean {sorted(seen)}: {shown}")


def clock_set_back(root: Path) -> tuple[int, str]:
    """All that was made lies in the future: a run, the files it was made from, and the lock that it left."""
    if (first := end(begin(root, *FIRST, "--no-site", "--name", "other")))[0]:
        return first
    later = time.time() + 400 * 86400
    for path in root.rglob("*"):
        os.utime(path, (later, later))
    code, shown = end(begin(root, *FIRST, "--no-site", "--name", "other"))
    if code or "nothing has changed" not in shown:
        return code or 1, shown
    notebook = root / "notebooks" / "00_data.ipynb"
    notebook.write_text(
        notebook.read_text(encoding="utf-8").replace("findings_first()", "findings_first()  # once", 1),
        encoding="utf-8",
    )
    return end(begin(root, *FIRST, "--no-site", "--name", "other"))


def strangers_folder(root: Path) -> tuple[int, str]:
    """A folder in the temporary directory that is named as the study's own once were."""
    place = root.parent / "tmp" / "study-2025-results"
    made(place / "thesis.txt", "years of work")
    os.environ["TMPDIR"] = str(place.parent)
    try:
        code, shown = end(begin(root, *FIRST, "--no-site", "--name", "other"))
    finally:
        del os.environ["TMPDIR"]
    return (code, shown) if (place / "thesis.txt").is_file() else (1, f"gone: {shown}")


def far_temporary(root: Path) -> tuple[int, str]:
    place = root.parent / ("t" * 104)
    place.mkdir()
    os.environ["TMPDIR"] = str(place)
    try:
        return end(begin(root, *FIRST, "--no-site", "--name", "other"))
    finally:
        del os.environ["TMPDIR"]


def read_only(root: Path) -> tuple[int, str]:
    subprocess.run(["mount", "-o", "remount,ro", str(root.parent)], check=True)
    return end(begin(root, *FIRST, "--no-site"))


def not_mine(root: Path) -> tuple[int, str]:
    """A folder without the right to write; the run may not use an administrator's right to write nevertheless."""
    (root / "data" / "processed").chmod(0o555)
    answer = end(begin(root, *FIRST, "--no-site", before=("setpriv", "--bounding-set=-all", "--inh-caps=-all")))
    (root / "data" / "processed").chmod(0o755)
    return answer


TABLE = "observation_date,SP500\n2025-01-23,6118.71\n2025-01-24,6101.24\n"
SCENES = [
    Scene("disk", "full while a notebook runs", played(*FIRST, "--no-site"), (3, 4), disk_mb=0.2),
    Scene("disk", "full while the pages are built", played(*FIRST), (3, 4), disk_mb=4),
    Scene("disk", "full before anything is written", played(*FIRST, "--no-site"), (3,), disk_mb=-1),
    Scene("disk", "read-only", read_only, (3,), disk_mb=40),
    Scene("disk", "a folder without the right to write", not_mine, (3,)),
    Scene("disk", "no file may be larger than 50 kB", played(*FIRST, "--no-site", before=("prlimit", "--fsize=51200")), (3, 4)),
    Scene("memory", "half of what a notebook needs", played("run", "--only", "02_selloff", "--no-site", before=("prlimit", "--as=900000000")), (3, 4)),
    Scene("kill", "a notebook's kernel dies", signalled(signal.SIGKILL, to_kernel=True), (4,)),
    Scene("kill", "Ctrl-C", signalled(signal.SIGINT), (130,)),
    Scene("kill", "asked to end (SIGTERM)", signalled(signal.SIGTERM), (130,)),
    Scene("kill", "the terminal is closed (SIGHUP)", signalled(signal.SIGHUP), (130,)),
    Scene("kill", "kill -9 of the runner: nothing can be said", signalled(signal.SIGKILL), (-9,)),
    Scene("kill", "kill -9 in the middle, then the same command again", killed_and_repeated, (0,)),
    Scene("concurrency", "the same run twice at once: the second", twice, (5,)),
    Scene("concurrency", "two different runs at once", side_by_side, (0,)),
    Scene("concurrency", "the same sweep twice at once: the second", sweep_twice, (5,)),
    Scene("concurrency", "the lock of a process that died on another machine", stale_lock, (0,)),
    Scene("concurrency", "the runs are removed while one is made", cleaned_while_running, (5,)),
    Scene("concurrency", "two runs, a sweep and the removal of runs at once", all_at_once, (0,)),
    Scene("names", "a clock that was set back by a year", clock_set_back, (0,)),
    Scene("integrity", "a step that was edited after the run", edited_step, (0,)),
    Scene("names", "a stranger's folder in the temporary directory", strangers_folder, (0,)),
    Scene("names", "a temporary directory of 104 letters", far_temporary, (0,)),
    Scene("memory", "no more than 64 open files", played(*FIRST, "--no-site", "--name", "other", before=("prlimit", "--nofile=64")), (3,)),
    Scene("memory", "no more than 24 open files", played(*FIRST, "--no-site", "--name", "other", before=("prlimit", "--nofile=24")), (3,)),
    Scene("network", "an answer of a byte a second", refreshed(200, TABLE, "drop by drop"), (3,)),
    Scene("network", "a length that is no number", refreshed(200, TABLE[:40], "false length"), (3,)),
    Scene("network", "an answer that is packed", refreshed(200, "\x1f\x8b\x08\x00\x00"), (3,)),
    Scene("network", "rows outside the dates asked for", refreshed(200, TABLE + "2025-03-03,5849.72\n"), (3,)),
    Scene("network", "a day twice", refreshed(200, TABLE + "2025-01-24,6101.25\n"), (3,)),
    Scene("network", "an infinite value", refreshed(200, TABLE + "2025-01-27,1e999\n"), (3,)),
    Scene("network", "signs that move a terminal's cursor", refreshed(200, "date,\x1b[2J\n2025-01-24,1\n"), (3,)),
    Scene("network", "an answer that never comes", refreshed(200, TABLE, "slow"), (3,)),
    Scene("network", "an answer that is cut off", refreshed(200, TABLE, "cut"), (3,)),
    Scene("network", "a table that ends in the middle of a row", refreshed(200, TABLE + "2025-01"), (3,)),
    Scene("network", "too many requests (429)", refreshed(429, "slow down"), (3,)),
    Scene("network", "an error of the server (500)", refreshed(500, "error"), (3,)),
    Scene("network", "a web page instead of a table", refreshed(200, "<!doctype html><html>maintenance</html>"), (3,)),
    Scene("network", "other columns", refreshed(200, "date,open,high\n2025-01-27,1,2\n"), (3,)),
    Scene("network", "an empty answer", refreshed(200, ""), (3,)),
    Scene("network", "a series that the source does not know (404)", refreshed(404, ""), (3,)),
]  # fmt: skip


def reported_study(place: Path) -> Path:
    """Copy the study; a published report with one file stands in for the last good one."""
    root = copy_study(place / "study", FOR_PAGES)
    report = root / "data" / "processed" / "deepseek-2025"
    report.mkdir(parents=True)
    (report / "report.txt").write_text("the last good report")
    (report / "manifest.json").write_text('{"run": "deepseek-2025", "keys": {}}')
    return root


def try_fault(fault: Fault, shared: Path) -> tuple[int, str, bool]:
    """Return exit code, what was shown, and whether the last report is as it was."""
    with tempfile.TemporaryDirectory() as place:
        harmless = fault.prepare is Fault.prepare
        root = shared if harmless else reported_study(Path(place))
        fault.prepare(root)
        answer = subprocess.run(
            [sys.executable, "-m", "helpers", *fault.words], cwd=root, capture_output=True, text=True, errors="replace", timeout=300, check=False,
            env=environment(root) | dict(fault.environment),
        )  # fmt: skip
        shown = (answer.stderr or answer.stdout).replace(str(root.parent), "…")
        return answer.returncode, shown.strip(), kept(root)


def try_scene(scene: Scene) -> tuple[int, str, bool]:
    """Return exit code, what was shown, and whether the last report is whole and nothing half-written lies about."""
    with tempfile.TemporaryDirectory() as place, disk(Path(place), scene.disk_mb):
        root = reported_study(Path(place))
        if scene.disk_mb:
            fill(root, scene.disk_mb)
        code, shown = scene.play(root)
        stray = [path.name for path in root.rglob("*.part")]
        return code, shown.replace(place, "…").strip(), kept(root, may_be_new=code == 0) and not stray


def kept(root: Path, may_be_new: bool = False) -> bool:
    report = root / "data" / "processed" / "deepseek-2025"
    old = report / "report.txt"
    new = may_be_new and '"finished"' in (report / "manifest.json").read_text()
    return new or (old.is_file() and old.read_text() == "the last good report")


@contextmanager
def disk(place: Path, free_mb: float) -> Iterator[None]:
    """Put a disk of memory at a folder, where one was asked for."""
    if not free_mb:
        yield
        return
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=100m", "tmpfs", str(place)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(root: Path, free_mb: float) -> None:
    """Fill the disk up to some megabytes; below zero nothing at all is left."""
    there = shutil.disk_usage(root).free
    leave = int(max(free_mb, 0) * 1_000_000)
    with (root / "filler").open("wb") as file:
        try:
            for _ in range(max(0, there - leave) // 4096):
                file.write(bytes(4096))
        except OSError:
            pass


def main() -> int:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell in the background hands on that it is ignored
    page = ROOT / "docs" / "dev" / "faults.md"
    asked = sys.argv[1:]
    rows = {}  # (kind, what) -> row; those of faults that are not tried now stay as they are
    for line in page.read_text(encoding="utf-8").splitlines() if asked else []:
        if line.startswith("| ") and not line.startswith(("| kind", "| ---")):
            rows[tuple(line.split(" | ")[:2])] = line
    tried, bad, slowest = 0, 0, 0.0
    with tempfile.TemporaryDirectory() as place:
        shared = reported_study(Path(place))  # for requests that damage nothing
        for fault in [*FAULTS, *SCENES]:
            name = (f"| {fault.kind}", fault.what)
            if asked and fault.kind not in asked and not ("new" in asked and name not in rows):
                continue
            before = os.times()
            code, shown, whole = try_scene(fault) if isinstance(fault, Scene) else try_fault(fault, shared)
            if isinstance(fault, Fault):
                after = os.times()
                used = after.children_user + after.children_system - before.children_user - before.children_system
                slowest = max(slowest, used)
            meant = fault.codes if isinstance(fault, Scene) else (2, 3, 4)
            wrong = "Traceback" in shown or "\x1b" in shown or 'File "' in shown or not whole or code not in meant
            tried, bad = tried + 1, bad + wrong
            print(f"{'WRONG' if wrong else 'ok':<6}{code:>4}  {fault.kind}: {fault.what}", flush=True)
            if wrong or asked:
                print("      " + shown.replace("\n", "\n      "), flush=True)
            text = " / ".join(line.strip() for line in shown.splitlines()[-14:])
            text = text if len(text) <= 330 else f"{text[:327]}..."
            if not wrong:
                rows[name] = f"{name[0]} | {fault.what} | {code} | {text.replace('|', '/').replace('<', '&lt;')} |"
    known = [(f"| {fault.kind}", fault.what) for fault in [*FAULTS, *SCENES]]
    lines = [rows[name] for name in known if name in rows]
    head = [
        "# What a person sees when something is wrong", "",
        f"Written by `python benchmarks/faults.py`: {len(lines)} bad requests, damaged files and faults, each given to the study in a copy of it. "
        "No stack trace was shown, and the last report was as before, or the new one whole, each time. Exit codes: 0 done, 2 bad request, 3 bad data or disk, 4 a notebook failed, 5 somebody else builds the same run, 130 interrupted, -9 killed.", "",
        "| kind | what was wrong | exit code | what was shown |", "| --- | --- | --- | --- |",
    ]  # fmt: skip
    page.write_text("\n".join([*head, *lines]) + "\n", encoding="utf-8")
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"{tried} faults tried, {bad} answered badly")
    print(f"the slowest refusal took {slowest:.1f} s of a processor, no process more than {most:.0f} MB")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
