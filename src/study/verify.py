"""Run a published run again from its manifest, and say what differs."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from helpers import parameters
from study import run as study
from study import storage


def verify(name: str, root: Path, say: study.Say) -> list[str]:
    """Repeat a published run from its own manifest; return a line for each input or output that differs, none if it repeats."""
    published, manifest = study.finished_run(name, root)
    settings = {step: parameters.check(step, values) for step, values in manifest["parameters"].items()}
    differences = _unlike("input ", manifest["inputs"], study.inputs(root), "changed since the run")
    differences += _unlike("package ", manifest["packages"], study.packages(), "{} then, {} now")
    steps = tuple(manifest["outputs"])
    # A name that no person can give to a run: the repeated one meets no other.
    again = study.Request(f".{name}.verify", settings, manifest["preset"], True, steps if len(steps) < 5 else ())
    try:
        repeated = study.run(again, root, say, pages=False)
        for step, made in manifest["outputs"].items():
            now = storage.read_json(repeated / step / "step.json").get("outputs", {})
            there = storage.checksums(published / step, leave_out=["step.json"])
            differences += _unlike(f"{step}/", made, now, "differs")
            differences += _unlike(f"{step}/", made, there, "was changed after the run")
    finally:
        for folder in study.folders(again.name, root):
            shutil.rmtree(folder, ignore_errors=True)
    return list(dict.fromkeys(differences))


def _unlike(what: str, then: Mapping[str, str], now: Mapping[str, str], said: str) -> list[str]:
    words = {name: "missing" if name not in now else "new" if name not in then else said for name in (*then, *now)}
    other = [name for name in sorted(words) if then.get(name) != now.get(name)]
    return [f"{what}{name}: {words[name].format(then.get(name), now.get(name))}" for name in other]
