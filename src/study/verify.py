"""Run a published run again from its manifest, and set finished runs side by side."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from helpers import parameters
from study import run as study
from study import storage


def verify(name: str, root: Path, say: study.Say) -> list[str]:
    """Repeat a published run from its own manifest; return a line for each input or output that differs, none if it repeats."""
    published, manifest = study.finished_run(name, root)
    settings = {step: parameters.check(step, values) for step, values in manifest["parameters"].items()}
    differences = [
        f"input {file}: {'changed' if file in manifest['inputs'] else 'new'} since the run"
        for file, found in study.inputs(root).items()
        if manifest["inputs"].get(file) != found
    ]
    differences += [
        f"package {package}: {manifest['packages'].get(package)} then, {found} now"
        for package, found in study.packages().items()
        if manifest["packages"].get(package) != found
    ]
    steps = tuple(manifest["outputs"])
    # A name that no person can give to a run: the repeated one meets no other.
    again = study.Request(f".{name}.verify", settings, manifest["preset"], True, steps if len(steps) < 5 else ())
    try:
        repeated = study.run(again, root, say, pages=False)
        for step, made in manifest["outputs"].items():
            for what, found in (
                ("differs", storage.read_json(repeated / step / "step.json").get("outputs", {})),
                ("was changed after the run", storage.checksums(published / step, leave_out=["step.json"])),
            ):
                changed = [file for file in sorted({*made, *found}) if made.get(file) != found.get(file)]
                differences += [
                    f"{step}/{file}: {what if file in made and file in found else 'missing' if file in made else 'new'}"
                    for file in changed
                ]
    finally:
        for folder in study.folders(again.name, root):
            shutil.rmtree(folder, ignore_errors=True)
    return list(dict.fromkeys(differences))


def compare(names: Sequence[str], root: Path) -> Any:
    """Set the key figures of finished runs side by side: a row a figure, its value in each run, and the change to the last."""
    import pandas as pd

    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for name in names:
        folder, manifest = study.finished_run(name, root)
        for step in manifest["outputs"]:
            for key, fact in storage.read_json(folder / step / "results.json").get("keys", {}).items():
                row = rows.setdefault((step, key), {"what": fact["label"], "unit": fact["unit"]})
                row[name] = fact["value"]
    table = pd.DataFrame.from_dict(rows, orient="index").reindex(columns=["what", "unit", *names])
    table.index = pd.MultiIndex.from_tuples(rows, names=["notebook", "key"])
    first, last = (pd.to_numeric(table[name], errors="coerce") for name in (names[0], names[-1]))
    return table.assign(change=last - first)
