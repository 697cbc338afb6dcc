"""Kill a run at random moments: the old report must be whole each time, the resumed run equal to an undisturbed one.

    python benchmarks/kills.py [--kills 20] [--no-site] [--small]

Works in a copy of the repository in a temporary folder, on the real notebooks, or on small ones that write a table
and take a second each (which tries the runner more often in less time, without pages). The old report is a finished run
with few draws of its bootstraps; the run that is killed has another seed, so that 02 and 04 run again, then pages, slides
and documents; with small notebooks two steps run side by side. Moments are drawn with a fixed seed between the start
and the end of an undisturbed run.
"""

import argparse
import hashlib
import io
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import nbformat
from study_copy import FOR_PAGES, copy_study, environment

from study import run, storage

SMALL = """import json, os, pathlib, time
folder = pathlib.Path(os.environ["STUDY_RUN"]) / "{step}"
(folder / "tables").mkdir(exist_ok=True)
for place in range(10):
    (folder / "tables" / f"{{place}}.csv").write_text("day,value\\n" + f"{{place}},{value}\\n" * 1000)
    time.sleep(0.1)
(folder / "results.json").write_text(json.dumps({{"parameters": {{}}, "keys": {{}}, "findings": [], "figures": {{}}}}))
"""
FEW = ["-p", "bootstrap_draws=200", "-p", "replications=199"]
NEW = ["-p", "event_seed=7"]


def make_small(root: Path) -> None:
    for step, value in zip(run.STEPS, ("1", "boom_start", "event_seed", "dotcom_seed", "1"), strict=True):
        path = root / "notebooks" / f"{step}.ipynb"
        notebook = nbformat.read(path, as_version=4)
        given = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
        work = SMALL.format(step=step, value=f"{{{value}}}")
        notebook.cells = [*given, nbformat.v4.new_code_cell(work, id="work")]
        nbformat.write(notebook, path)


def start(root: Path, name: str, changed: bool, site: bool) -> subprocess.Popen[str]:
    again = (NEW if site else [*NEW, "-p", "boom_start=2023-01-03"]) if changed else []
    words = ["run", "--name", name, *FEW, *again, *([] if site else ["--no-site"])]
    return subprocess.Popen(
        [sys.executable, "-m", "helpers", *words], cwd=root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        start_new_session=True, env=environment(root),
    )  # fmt: skip


def finish(root: Path, name: str, changed: bool, site: bool) -> tuple[dict[str, str], float]:
    begun = time.monotonic()
    process = start(root, name, changed, site)
    shown, _ = process.communicate()
    if process.returncode:
        raise SystemExit(shown)
    return outputs(root / "data" / "processed" / name), time.monotonic() - begun


def outputs(folder: Path) -> dict[str, str]:
    """Return the checksums of all that a run made, but for the times at which a page or a document says it was made."""
    finished = storage.read_json(folder / "manifest.json").get("finished", "").encode()
    made = storage.checksums(folder, leave_out=["manifest.json", "step.json", ".stamp"])
    for path in folder.rglob("*"):
        if path.suffix in (".html", ".pdf", ".xlsx", ".pptx"):
            made[path.relative_to(folder).as_posix()] = hashlib.sha256(timeless(path, finished)).hexdigest()
    return made


def timeless(path: Path, finished: bytes) -> bytes:
    """Return a page or a document without the times that differ between two runs of the same."""
    return _timeless(path.read_bytes(), path.suffix, finished)


def _timeless(content: bytes, kind: str, finished: bytes) -> bytes:
    if kind == ".html":
        return content.replace(finished or b"-", b"")
    if kind == ".pdf":  # and Chromium counts the parts of tables from where its last page ended
        names: dict[bytes, bytes] = {}
        content = re.sub(rb"node\d{8}", lambda found: names.setdefault(found[0], b"node%d" % len(names)), content)
        return re.sub(rb"/(CreationDate|ModDate) \(D:[^)]*\)", b"", content)
    if kind not in (".xlsx", ".pptx"):
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as parts:  # the dates of the parts are left out too
        held = {name: _timeless(parts.read(name), Path(name).suffix, finished) for name in parts.namelist()}
    held["docProps/core.xml"] = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"", held["docProps/core.xml"])
    return b"".join(name.encode() + b"\0" + part for name, part in held.items())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--no-site", action="store_true")
    parser.add_argument("--small", action="store_true")
    options = parser.parse_args()
    draw = random.Random(20250127)
    with tempfile.TemporaryDirectory() as place:
        root = copy_study(Path(place) / "study", (*FOR_PAGES, "tests"))
        if options.small:
            make_small(root)
        site = not (options.no_site or options.small)
        old, _ = finish(root, "report", changed=False, site=site)
        keep = Path(place) / "old"
        shutil.copytree(root / "data" / "processed" / "report", keep)
        whole, seconds = finish(root, "report", changed=True, site=site)
        print(f"undisturbed run: {seconds:.0f} s, {len(whole)} files")
        bad = 0
        for number in range(1, options.kills + 1):
            report = root / "data" / "processed" / "report"
            shutil.rmtree(report)
            shutil.copytree(keep, report)
            moment = draw.uniform(0, seconds)
            process = start(root, "report", changed=True, site=site)
            try:
                process.communicate(timeout=moment)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            storage.recover(report)
            left = outputs(report)
            state = "old report whole" if left == old else "new report whole" if left == whole else "BROKEN"
            resumed, again = finish(root, "report", changed=True, site=site)
            other = sorted(name for name in {*resumed, *whole} if resumed.get(name) != whole.get(name))
            same = f"DIFFERS in {', '.join(other[:5])}" if other else "equal to the undisturbed run"
            bad += state == "BROKEN" or resumed != whole
            print(
                f"kill {number:>2} after {moment:5.1f} s: {state}; resumed in {again:.0f} s: {same}",
                flush=True,
            )
        print(f"{options.kills} kills, {bad} badly survived")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
