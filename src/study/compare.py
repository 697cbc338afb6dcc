"""Set the key figures of finished runs side by side: a table, a CSV file and a page."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from helpers.parameters import ParameterError, shown
from helpers.storage import csv_bytes, write
from study import report, storage
from study import run as study
from study.pages import isolated, raw, safe


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


def moved(table: pd.DataFrame) -> pd.DataFrame:
    """Return the key figures that are not the same in all runs compared."""
    return _unlike(table, table.drop(columns=["what", "unit", "change"]))


def asked(names: Sequence[str], root: Path) -> pd.DataFrame:
    """Return the parameters in which finished runs differ, a row a parameter."""
    given = pd.DataFrame(
        {
            name: {
                parameter: shown(value)
                for values in study.finished_run(name, root)[1]["parameters"].values()
                for parameter, value in values.items()
            }
            for name in names
        }
    )
    return _unlike(given, given).rename_axis("parameter")


def publish(table: pd.DataFrame, names: Sequence[str], root: Path) -> Path:
    """Publish a comparison in ``data/processed/compare-<runs>``: its page, and all key figures as CSV."""
    place = root / "data" / "processed" / f"compare-{'-and-'.join(names)}"[:200]
    changed, differing = asked(names, root), moved(table)
    title = f"{len(differing)} of {len(table)} key figures differ"
    text = [
        f"# {title}",
        "## What was asked otherwise",
        _table(changed.reset_index()),
        "## What came out otherwise",
        _table(differing.droplevel("key").reset_index()),
        raw('<p class="saves">Save: <a href="compare.csv" download>all key figures (CSV)</a></p>'),
    ]
    facts = {
        "run_name": " beside ".join(map(isolated, names)), "run_date": "", "run_time": "", "run_preset": "", "run_parameters": [],
        "run_changed": [isolated(name) for name in changed.index], "summary": title, "cite": {},
    }  # fmt: skip
    with storage.held(place, "comparison"), TemporaryDirectory(prefix=".compare-", dir=place.parent) as folder:
        source, built = Path(folder) / "source", Path(folder) / "page"
        source.mkdir()
        (source / "index.md").write_text("\n\n".join(text), encoding="utf-8")
        report._sphinx(source, built, root, facts)
        write(built / "compare.csv", csv_bytes(table))
        storage.write_json(
            built / "manifest.json", {"compared": list(names), "finished": time.strftime("%Y-%m-%d %H:%M:%S%z")}
        )
        storage.publish(built, place)
    return place


def _unlike(table: pd.DataFrame, values: pd.DataFrame) -> pd.DataFrame:
    text = values.astype(str)
    return table[text.ne(text.iloc[:, 0], axis=0).any(axis=1)]


def _table(frame: pd.DataFrame) -> str:
    shown_as = frame.map(
        lambda value: safe("" if pd.isna(value) else f"{value:.4g}" if isinstance(value, float) else value)
    )
    return raw(f'<div class="scroll">{shown_as.to_html(index=False, escape=False, border=0, classes="study")}</div>')
