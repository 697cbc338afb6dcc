"""What ten runs are expected to give: key figures, measurements, verdicts, the data behind each chart, pictures.

    python tests/expected/refresh.py                      brings all ten up to date, keeps them, says what moved
    python tests/expected/refresh.py --step 02_selloff    one notebook only; --run NAME: one run only
    python tests/expected/refresh.py --dry                says what moved, keeps nothing

A change of a figure is meant or a mistake: read what moved, and say in the change log why. A step that a run shares with
the default run is kept there only. Pictures are kept of the default run, which is run as a person would; of the others,
only the cells of the notebooks that differ are, in this process, and charts are laid out but not drawn: a quarter of the time.
"""

from __future__ import annotations

import argparse
import atexit
import io
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path
from unittest import mock

import nbformat
import numpy as np
import pandas as pd
from PIL import Image

from helpers import house, parameters
from study import run as study

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
GOLDEN = HERE / "golden"
PROCESSED = ROOT / "data" / "processed"
STEPS = ("00_data", "01_valuation_growth", "02_selloff", "03_dotcom_comparison", "04_findings")
DEFAULT = "deepseek-2025"
RUNS: dict[str, dict[str, str]] = {
    DEFAULT: {},
    "tariffs-2025": {},
    "nvidia-2024-09": {},
    "dotcom-2000": {},
    "rise-2025-04-09": {"event_date": "2025-04-09", "event_focus": "AMZN"},
    "never-back-2000-04-03": {"event_date": "2000-04-03", "event_focus": "MSFT"},
    "too-early-2023-01-03": {"event_date": "2023-01-03", "event_focus": "TSLA", "estimation_days": "45"},
    "vst-alone": {"event_focus": "VST", "event_tickers": "[VST]"},
    "saturday": {"event_date": "2025-01-25", "non_trading_day": "next"},
    "to-the-end": {"as_of": "end"},
}
WIDTH, BUSY = 215, 5


def finished(name: str) -> Path:
    """Bring the default run up to date, without pages, or execute the cells of the notebooks of another that differ from it."""
    return published("--no-site") if name == DEFAULT else executed(name, PROCESSED / DEFAULT)


def published(*words: str) -> Path:
    """Bring the published default run up to date; another process that is about it is waited for."""
    for _ in range(120):
        answer = subprocess.run(
            [sys.executable, "-m", "helpers", "run", *words],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if answer.returncode != BUSY:
            break
        time.sleep(2)
    if answer.returncode:
        raise RuntimeError(f"{DEFAULT}: {answer.stderr}")
    return PROCESSED / DEFAULT


def executed(name: str, default: Path) -> Path:
    """Execute the cells of the notebooks that differ from the default run in a folder that goes when the process ends."""
    folder = Path(tempfile.mkdtemp(prefix="golden-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    settings, own = settings_of(name), own_steps(name)
    here = mock.patch.dict(os.environ, STUDY_RUN=str(folder))
    # laid out as for a page and a slide, with the problems there, but drawn in none of its four forms
    quick = mock.patch.multiple(house, picture=lambda figure: b"", exported=lambda figure: ({}, house.bare(figure)))
    for step in STEPS:
        if step in own:
            with here, quick, redirect_stdout(io.StringIO()):
                execute(ROOT / "notebooks" / f"{step}.ipynb", settings[step].values)
        else:
            shutil.copytree(default / step, folder / step, ignore=shutil.ignore_patterns("figures"))
    return folder


def execute(notebook: Path, values: Mapping[str, object]) -> None:
    """Execute the cells of a notebook as a kernel would, with the parameters of a run."""
    names: dict[str, object] = {"__name__": "__main__"}
    for cell in nbformat.read(notebook, as_version=4).cells:
        if cell.cell_type == "code":
            exec(compile(cell.source, f"{notebook.stem}: {cell.id}", "exec"), names)
            names |= values if "parameters" in cell.metadata.get("tags", []) else {}


def settings_of(name: str) -> Mapping[str, parameters.Settings]:
    """Return the checked parameters of each notebook of a run."""
    typed = dict(parameters.parse_assignment(f"{key}={value}") for key, value in RUNS[name].items())
    preset = parameters.DEFAULT_PRESET if typed else name
    settings, problems = parameters.judged(parameters.load_preset(preset, ROOT / "parameters") | typed)
    if problems:
        raise parameters.ParameterError(*problems)
    return settings


@cache
def own_steps(name: str) -> list[str]:
    """List the steps of a run that are not those of the default run."""
    key, other = (study.step_keys(settings_of(run), ROOT) for run in (name, DEFAULT))
    return [step for step in STEPS if name == DEFAULT or key[step] != other[step]]


def facts(folder: Path) -> dict[str, dict[str, object]]:
    """Gather what a step is held to, by section: counts, keys, claims, verdicts, charts."""
    content = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    claims = {
        row["id"]: {part: row[part] for part in ("measured", "low", "high", "confidence", "readings")}
        for row in content["measurements"]
    }
    counts = {"findings": len(content["findings"])} | {name: content[name] for name in ("left_out",) if name in content}
    found = {
        "counts": counts,
        "keys": {name: [key["value"], key["low"], key["high"]] for name, key in content["keys"].items()},
        "claims": {f"{name} {part}": value for name, row in claims.items() for part, value in row.items()},
        "charts": dict(chart_facts(folder / "figures")),
    }
    verdicts = folder / "tables" / "claims.csv"
    if verdicts.is_file():
        found["verdicts"] = pd.read_csv(verdicts, index_col=0)["verdict"].to_dict()
    return found


def chart_facts(folder: Path) -> Iterator[tuple[str, object]]:
    """Say of the data behind each chart its shape, and of each column mean, smallest, largest and last figure."""
    for path in sorted(folder.glob("*.csv")):
        table = pd.read_csv(path, index_col=0)
        yield f"{path.stem}: shape", list(table.shape)
        for name in table.columns:
            numbers = pd.to_numeric(table[name], errors="coerce").dropna()
            if len(numbers):
                figures = (numbers.mean(), numbers.min(), numbers.max(), numbers.iloc[-1])
                yield f"{path.stem}: {name}", [float(f"{figure:.12g}") for figure in figures]


def kept(name: str, step: str) -> dict[str, dict[str, object]]:
    """Return what a step is expected to give; nothing where it was not kept yet."""
    path = GOLDEN / name / f"{step}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def keep(name: str, step: str, found: dict[str, dict[str, object]]) -> None:
    """Write what a step gave, a fact a line."""
    sections = []
    for section, content in found.items():
        lines = [f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in content.items()]
        sections.append(f" {json.dumps(section)}: {{\n" + ",\n".join(lines) + "\n }")
    path = GOLDEN / name / f"{step}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{\n" + ",\n".join(sections) + "\n}\n", encoding="utf-8")


def moved(before: dict[str, dict[str, object]], after: dict[str, dict[str, object]]) -> list[tuple[float, str]]:
    """List what differs between two states of a step, with the relative change; what came, went or is text is infinite."""
    found = []
    for section in {**before, **after}:
        old, new = before.get(section, {}), after.get(section, {})
        for name in {**old, **new}:
            if name not in old or name not in new:
                found.append((math.inf, f"{section}: {name}: {'new' if name in new else 'gone'}"))
            elif old[name] != new[name]:
                found.append((change(old[name], new[name]), f"{section}: {name}: {old[name]} -> {new[name]}"))
    return found


def change(old: object, new: object) -> float:
    """Return the relative change of a figure, the largest of a list; infinite for what is no figure."""
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return max(map(change, old, new), default=0.0)
    if isinstance(old, dict) and isinstance(new, dict) and old.keys() == new.keys():
        return max((change(old[name], new[name]) for name in old), default=0.0)
    if old == new:
        return 0.0
    if isinstance(old, int | float) and isinstance(new, int | float):
        return abs(new - old) / max(abs(old), abs(new))
    return math.inf


def small(path: Path) -> np.ndarray:
    """Return a chart's picture in grey and small, so that another font's edges hardly count."""
    with Image.open(path) as picture:
        height = round(WIDTH * picture.height / picture.width)
        return np.asarray(picture.convert("L").resize((WIDTH, height), Image.Resampling.BOX), dtype=float)


def keep_pictures(step: str) -> None:
    """Keep the pictures of the default run's charts."""
    pictures = HERE / "pictures"
    pictures.mkdir(exist_ok=True)
    for old in pictures.glob(f"{step}-*.png"):
        old.unlink()
    for path in sorted((PROCESSED / DEFAULT / step / "figures").glob("*.png")):
        if not path.stem.endswith((".slide", ".phone")):
            shades = Image.fromarray(small(path).astype("uint8")).quantize(16)
            shades.save(pictures / f"{step}-{path.stem}.png", optimize=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--step", choices=STEPS, action="append", help="this notebook only")
    parser.add_argument("--run", choices=list(RUNS), action="append", help="this run only")
    parser.add_argument("--dry", action="store_true", help="keep nothing")
    parser.add_argument("--most", type=int, default=40, help="how many of the changes to print")
    options = parser.parse_args()
    everything = []
    names = options.run or list(RUNS)
    for name in dict.fromkeys([DEFAULT, *names]):  # what is equal to the default run is taken over from there
        folder = finished(name)
        print(f"{name}: up to date", flush=True)
        if name not in names:
            continue
        own = own_steps(name)
        for step in options.step or STEPS:
            after = facts(folder / step) if step in own else {}
            everything += [(size, f"{name}: {step}: {line}") for size, line in moved(kept(name, step), after)]
            if options.dry:
                continue
            if step in own:
                keep(name, step, after)
            else:
                (GOLDEN / name / f"{step}.json").unlink(missing_ok=True)
            if name == DEFAULT:
                keep_pictures(step)
    everything.sort(key=lambda pair: (-pair[0], pair[1]))
    for size, line in everything[: options.most]:
        print(f"{'' if math.isinf(size) else f'{size:.1e}':>8}  {line}")
    print(
        f"{len(everything)} figures moved"
        + (f", the {options.most} furthest shown" if len(everything) > options.most else "")
    )


if __name__ == "__main__":
    main()
