"""Set finished runs side by side, as a table, a CSV file and a page; set a run beside its own repetition."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from helpers import parameters
from helpers.parameters import ParameterError, shown
from helpers.storage import csv_bytes, write
from study import report, storage
from study import run as study
from study.pages import raw, safe


def key_figures(names: Sequence[str], root: Path) -> pd.DataFrame:
    """Return the key figures of finished runs, a row a figure: its value in each, and the change from first to last."""
    if len(names) < 2 or len(set(names)) < len(names):
        raise ParameterError("give two different runs or more")
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for name in names:
        folder, manifest = study.finished_run(name, root)
        for step in manifest["outputs"]:
            for key, fact in storage.read_json(folder / step / "results.json").get("keys", {}).items():
                row = rows.setdefault((step, key), {"what": fact["label"], "unit": fact["unit"]})
                row[name] = fact["value"]
    index = pd.MultiIndex.from_tuples(list(rows), names=["notebook", "key"])
    table = pd.DataFrame(list(rows.values()), index, ["what", "unit", *names])
    first, last = (pd.to_numeric(table[name], errors="coerce") for name in (names[0], names[-1]))
    return table.assign(change=last - first)


def asked(names: Sequence[str], root: Path) -> pd.DataFrame:
    """Return the parameters in which finished runs differ, a row a parameter."""
    given = {name: study.finished_run(name, root)[1]["parameters"].values() for name in names}
    texts = {
        name: {one: shown(value) for step in steps for one, value in step.items()} for name, steps in given.items()
    }
    return _unlike(pd.DataFrame(texts), names).rename_axis("parameter")


def publish(names: Sequence[str], root: Path) -> tuple[Path, pd.DataFrame, str]:
    """Publish all key figures of runs as page and CSV; return the folder, those that differ, and how many in words."""
    place = root / "data" / "processed" / f"compare-{'-and-'.join(names)}"[:200]
    table = key_figures(names, root)
    changed, differing = asked(names, root), _unlike(table, names)
    title = f"{len(differing)} of {len(table)} key figures differ"
    text = [
        f"# {title}",
        "## What was asked otherwise",
        _table(changed.reset_index()),
        "## What came out otherwise",
        _table(differing.droplevel("key").reset_index()),
        raw('<p class="saves">Save: <a href="compare.csv" download>all key figures (CSV)</a></p>'),
    ]
    facts = {"run_name": " beside ".join(names), "run_changed": list(changed.index), "summary": title}
    about = {"compared": list(names), "finished": storage.now()}
    with storage.built(place, "comparison", about) as building, TemporaryDirectory() as folder:
        source = Path(folder) / "source"
        source.mkdir()
        (source / "index.md").write_text("\n\n".join(text), encoding="utf-8")
        report.run_sphinx(source, building, root, facts)
        write(building / "compare.csv", csv_bytes(table))
    return place, differing, title


def verify(name: str, root: Path, say: study.Say) -> list[str]:
    """Repeat a finished run from its own manifest; return a line for each input or output that differs, none if it repeats."""
    published, manifest = study.finished_run(name, root)
    settings = {step: parameters.check(step, values) for step, values in manifest["parameters"].items()}
    steps = tuple(manifest["outputs"])
    # A name that no person can give to a run: the repeated one meets no other.
    again = study.Request(f".{name}.verify", settings, manifest["preset"], force=True, only=steps)
    try:
        repeated = study.run(again, root, say, pages=False)
        then, now = _facts(manifest), _facts(storage.read_json(repeated / "manifest.json"))
    finally:
        for folder in study.folders(again.name, root):
            shutil.rmtree(folder, ignore_errors=True)
    there = _facts({"outputs": {step: storage.checksums(published / step, ["step.json"]) for step in steps}})
    differing = []
    for fact in sorted(then | now | there, key=lambda fact: (fact.startswith(steps), fact)):
        if then.get(fact) != now.get(fact):
            said = f"{then[fact]} then, {now[fact]} now" if fact.startswith("packages/") and fact in now else "differs"
            differing.append(f"{fact}: {'new' if fact not in then else 'missing' if fact not in now else said}")
        if fact.startswith(steps) and then.get(fact) != there.get(fact):
            differing.append(f"{fact}: was changed after the run")
    return differing


def _facts(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Return all of a manifest that a repeated run must have too: checksums of files and versions of packages."""
    parts = {part: manifest.get(part, {}) for part in ("inputs", "packages")} | manifest["outputs"]
    return {f"{part}/{name}": fact for part, facts in parts.items() for name, fact in facts.items()}


def _unlike(table: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    text = table[list(names)].astype(str)
    return table[text.ne(text.iloc[:, 0], axis=0).any(axis=1)]


def _table(frame: pd.DataFrame) -> str:
    shown_as = frame.map(
        lambda value: safe("" if pd.isna(value) else f"{value:.4g}" if isinstance(value, float) else value)
    )
    return raw(f'<div class="scroll">{shown_as.to_html(index=False, escape=False, border=0, classes="study")}</div>')
