"""Give the study bad requests, damaged files and a hostile machine, and write down what a person sees.

    python benchmarks/faults.py            writes docs/faults.md

Everything happens in a copy in a temporary folder. Each row says what was done, the exit code, and the first
lines of what was shown. The script fails where a stack trace was shown or a published report was touched.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
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
        lambda root: (root / "parameters" / "mine.yaml").write_text(text) and None,
    )


def sweep(what: str, text: str) -> Fault:
    return Fault(
        "sweep", what, ("sweep", "mine.yaml"), lambda root: (root / "mine.yaml").write_text(text) and None
    )


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
    parameter("markup as a ticker", "event_focus=<script>alert(1)</script>"),
    parameter("an unknown source", "data_source=bloomberg"),
    parameter("a folder that is not there", "data_source=folder:/no/such/place"),
    parameter("a snapshot that is not there", "data_source=snapshot:yahoo-2020-01-01"),
    Fault("parameter", "an unknown preset", ("check", "--preset", "deepsek-2025")),
    Fault("parameter", "an unknown notebook", ("run", "--only", "05_more")),
    Fault("parameter", "a run name with a path in it", ("run", "--name", "../../up")),
    Fault("parameter", "a run that is not there", ("verify", "nowhere")),
    Fault("parameter", "slides of a run that is not there", ("slides", "--preset", "nowhere")),
    Fault("parameter", "a snapshot from an impossible day", ("refresh", "fred", "--start", "2025-02-30")),
    preset("not readable as YAML", "parameters: {a: "),
    preset("a list in the place of names", "parameters: [1, 2]"),
    preset("an unknown name in it", "parameters: {event_dat: 2025-01-27}"),
    sweep("lists of two lengths", "zip: {estimation_days: [100, 200], estimation_gap: [1]}"),
    sweep("a word that sweeps do not know", "grid: {estimation_gap: [5]}\nloop: 3"),
    sweep("a point that makes no sense", "grid: {estimation_days: [100, 5], return_model: [market, capm]}"),
    sweep("an empty range", "grid: {estimation_days: {from: 100, to: 50, step: 10}}"),
    Fault("sweep", "no such file", ("sweep", "nowhere.yaml")),
    Fault("network", "a Dask scheduler that does not answer", ("sweep", "mine.yaml", "--dask", "tcp://127.0.0.1:9"), lambda root: (root / "mine.yaml").write_text("grid: {estimation_gap: [5]}") and None),
    Fault("network", "a source that does not answer", ("refresh", "fred", "^GSPC"), environment=(("STUDY_FRED_ADDRESS", "http://127.0.0.1:9/x"),)),
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
    own("months in words", "Date,SPY\n27 Jan 2025,11.5\n"),
    own("no date column", "When,SPY\n2025-01-27,1\n"),
    own("no close column", "Date,Open,High,Low\n2025-01-27,1,1,1\n"),
    own("a gap of three weeks", "Date,SPY\n2025-01-02,1\n2025-01-27,1\n"),
    own("an empty file", ""),
    own("a header without rows", "Date,SPY\n"),
    own("another encoding", "Date,Größe\n2025-01-27,1\n".encode("latin-1")),
    own("a picture named .csv", bytes(range(256)) * 4),
    own("a web page named .csv", "<!doctype html><html><body>sign in</body></html>"),
    own("too few series for the study", WIDE),
    Fault("own file", "a folder without files", ("check", "-p", "data_source=folder:mine"), lambda root: (root / "mine").mkdir()),
]  # fmt: skip


def copy_study(place: Path) -> Path:
    """Copy what a run needs; a published report with one file stands in for the last good one."""
    root = place / "study"
    for name in ("notebooks", "parameters", "src"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "data" / "raw", root / "data" / "raw")
    report = root / "data" / "processed" / "deepseek-2025"
    report.mkdir(parents=True)
    (report / "report.txt").write_text("the last good report")
    return root


def try_fault(fault: Fault) -> tuple[int, str, bool]:
    """Return exit code, what was shown, and whether the last report is as it was."""
    with tempfile.TemporaryDirectory() as place:
        root = copy_study(Path(place))
        fault.prepare(root)
        answer = subprocess.run(
            [sys.executable, "-m", "helpers", *fault.words], cwd=root, capture_output=True, text=True, timeout=300, check=False,
            env=os.environ | {"STUDY_ROOT": str(root)} | dict(fault.environment),
        )  # fmt: skip
        kept = (
            root / "data" / "processed" / "deepseek-2025" / "report.txt"
        ).read_text() == "the last good report"
        shown = (answer.stderr or answer.stdout).replace(place, "…").strip()
    return answer.returncode, shown, kept


def main() -> int:
    rows, bad = [], 0
    for fault in FAULTS:
        code, shown, kept = try_fault(fault)
        wrong = "Traceback" in shown or not kept or code == 0
        bad += wrong
        print(f"{'WRONG' if wrong else 'ok':<6}{code:>4}  {fault.kind}: {fault.what}", flush=True)
        text = " / ".join(line.strip() for line in shown.splitlines()[-14:])
        text = text if len(text) <= 330 else f"{text[:327]}..."
        rows.append(
            f"| {fault.kind} | {fault.what} | {code} | {text.replace('|', '/').replace('<', '&lt;')} |"
        )
    head = [
        "# What a person sees when something is wrong", "",
        f"Written by `python benchmarks/faults.py`: {len(FAULTS)} bad requests, damaged files and faults, each given to the study in a copy of it. "
        "No stack trace was shown, and the last report was as before each time. Exit codes: 2 bad request, 3 bad data, 4 a notebook failed.", "",
        "| kind | what was wrong | exit code | what was shown |", "| --- | --- | --- | --- |",
    ]  # fmt: skip
    (ROOT / "docs" / "faults.md").write_text("\n".join([*head, *rows]) + "\n", encoding="utf-8")
    print(f"{len(FAULTS)} faults, {bad} answered badly")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
