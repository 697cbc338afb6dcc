"""The page of each sweep that starts from the preset of a run: what was varied, how far each finding moved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from helpers import specification, words
from study import storage
from study.pages import (
    Chart,
    Run,
    copy_drawings,
    figure_html,
    literal,
    raw,
    read_chart,
    safe,
    saves,
    study_table,
)


def sweep_folders(processed: Path, name: str, preset: str) -> list[Path]:
    """Return the finished sweeps that vary a run: those of its preset, where the run is the preset's own.

    Parameters
    ----------
    processed : Path
        ``data/processed``.
    name, preset : str
        Name of the run, and the preset it started from.
    """
    manifests = sorted(processed.glob("sweep-*/manifest.json")) if name == preset else []
    return [path.parent for path in manifests if storage.read_json(path).get("preset") == preset]


def parts(processed: Path, name: str, preset: str) -> list[Path]:
    """Return the files that the pages of sweeps are made from, without what tells the time."""
    return [
        path
        for folder in sweep_folders(processed, name, preset)
        for path in [
            folder / "outcomes.csv",
            folder / "failures.csv",
            *sorted((folder / "figures").glob("*.svg")),
        ]
    ]


def sweep_page(folder: Path, run: Run) -> str:
    """Write the page of a sweep.

    Parameters
    ----------
    folder : Path
        ``data/processed/sweep-<name>``.
    run : Run
        The report that the page belongs to; its own value stands beside the range of each finding.
    """
    about = storage.read_json(folder / "manifest.json")
    outcomes = pd.read_csv(folder / "outcomes.csv")
    failures = pd.read_csv(folder / "failures.csv")
    points = about["points"]
    many = words.plural(len(points), "run")
    done = f"{many[:1].upper()}{many[1:]} of {' and '.join(map(safe, about['notebooks']))}"
    failed = f", of which {len(failures)} failed" if len(failures) else ", none of which failed"
    return (
        f"# {literal(about['title'])}\n\n"
        + raw(
            f"<p>{done}{failed}: the choices below in turn, all else as in the preset {safe(about['preset'])}.</p>"
            + _choices(points)
            + saves(f"tables/{folder.name}/outcomes", ["csv"], "the outcomes of all runs")
        )
        + "".join(
            f"\n## {literal(chart.title.rpartition(': ')[0])}\n\n"
            + raw(f"<p>{safe(finding(outcomes, chart.name, run))}</p>{figure_html(chart)}")
            for chart in sweep_charts(folder).values()
        )
        + _unmoved(outcomes, set(sweep_charts(folder)))
        + (("\n## Runs that failed\n\n" + raw(_table(failures))) if len(failures) else "")
    )


def sweep_charts(folder: Path) -> dict[str, Chart]:
    """Return the specification curves of a sweep, each as a chart of the site."""
    kept = storage.read_json(folder / "manifest.json").get("figures", {})
    return {
        name: read_chart(folder.parent, folder.name, name, {**figure, "number": f"S{place}"})
        for place, (name, figure) in enumerate(kept.items(), start=1)
    }


def copy_sweep(folder: Path, run: Run, site: Path) -> None:
    """Put the drawings and tables of a sweep beside its page."""
    whole = Run(folder.parent, run.name, run.preset, run.finished, {}, {}, {}, sweep_charts(folder))
    for chart in whole.charts.values():
        copy_drawings(chart, whole, site)
        for kind in ("svg", "png", "csv"):
            path = folder / "figures" / f"{chart.name}.{kind}"
            storage.write(site / "figures" / folder.name / path.name, path.read_bytes())
    target = site / "tables" / folder.name / "outcomes.csv"
    target.parent.mkdir(parents=True, exist_ok=True)
    storage.write(target, (folder / "outcomes.csv").read_bytes())


def finding(outcomes: pd.DataFrame, key: str, run: Run) -> str:
    """Say how far a key figure moved over the runs of a sweep, and which choice moved it most.

    Parameters
    ----------
    outcomes : DataFrame
        The sweep's ``outcomes.csv``.
    key : str
        The key figure.
    run : Run
        The report, for its own value.
    """
    frame = specification.sweep_frame(outcomes, key)
    choices = [name for name in frame.columns if name not in (key, "low", "high")]
    values = frame[key].dropna()
    first = outcomes[outcomes["key"] == key].iloc[0]
    own = run.results.get(first["notebook"], {}).get("keys", {}).get(key, {}).get("value")
    digits = _digits(values.abs().max())

    def short(value: float) -> str:
        return words.number(float(value), digits)

    said = (
        f"From {short(values.min())} to {short(values.max())} ({first['unit']}) over {words.plural(len(values), 'run')}, "
        f"half of them above {short(values.median())}"
        + (f"; this report has {short(own)}." if isinstance(own, int | float) else ".")
    )
    by = specification.by_choice(frame, key, choices, float(values.median()))["median"]
    reach = by.groupby(level="choice").agg(lambda part: part.max() - part.min())
    choice = str(reach.idxmax())
    part = by.loc[choice]
    return (
        f"{said} The choice of {choice} moves it most: the middle value is {short(part.min())} under {part.idxmin()} "
        f"and {short(part.max())} under {part.idxmax()}."
    )


def _digits(largest: float) -> int:
    """Return the decimals that leave three digits that count."""
    return next((digits for digits, size in enumerate((100, 10, 0.1, 0.01)) if largest >= size), 5)


def _unmoved(outcomes: pd.DataFrame, drawn: set[str]) -> str:
    """Name the key figures that have no curve, for they came out the same in all runs."""
    rest = outcomes[~outcomes["key"].isin(drawn)].drop_duplicates("key")
    same = [
        row.label for row in rest.itertuples() if len(outcomes.loc[outcomes["key"] == row.key, "value"].unique()) == 1
    ]
    return "\n## What did not move\n\n" + raw(f"<p>{safe('; '.join(same))}.</p>") if same else ""


def _choices(points: list[dict[str, Any]]) -> str:
    names = sorted({name for point in points for name in point})
    rows = []
    for name in names:
        values = list(dict.fromkeys(str(point.get(name, "as in the preset")) for point in points))
        rows.append((name, ", ".join(values)))
    return _table(pd.DataFrame(rows, columns=["parameter", "values"]))


def _table(frame: pd.DataFrame) -> str:
    rows = "".join(
        f'<tr><th scope="row">{safe(row[0])}</th>{"".join(f"<td>{safe(value)}</td>" for value in row[1:])}</tr>'
        for row in frame.itertuples(index=False)
    )
    return study_table(" and ".join(map(str, frame.columns)), list(frame.columns), rows)
