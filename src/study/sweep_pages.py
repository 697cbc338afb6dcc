"""The page of each sweep that starts from the preset of a run: what was varied, how far each finding moved."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd

from helpers import prose, specification
from study import storage
from study.pages import Chart, Run, copy_chart, read_chart, templates


def sweep_folders(processed: Path, name: str, preset: str) -> list[Path]:
    """Return the finished sweeps that vary a run: those of its preset, where the run is the preset's own."""
    manifests = sorted(processed.glob("sweep-*/manifest.json")) if name == preset else []
    return [path.parent for path in manifests if storage.read_json(path).get("preset") == preset]


def parts(processed: Path, name: str, preset: str) -> list[Path]:
    """Return the files that the pages of sweeps are made from, without what tells the time."""
    folders = sweep_folders(processed, name, preset)
    return [
        path
        for one in folders
        for path in (one / "outcomes.csv", one / "failures.csv", *sorted((one / "figures").glob("*.svg")))
    ]


def sweep_page(folder: Path, run: Run, root: Path) -> str:
    """Write the page of a sweep; the run's own value stands beside the range of each finding."""
    about = storage.read_json(folder / "manifest.json")
    outcomes, failures = pd.read_csv(folder / "outcomes.csv"), pd.read_csv(folder / "failures.csv")
    points, charts = about["points"], sweep_charts(folder)
    rest = outcomes[~outcomes["key"].isin(charts)]
    counts = rest.assign(value=rest["value"].fillna("none").astype(str)).groupby("label", sort=False)["value"].nunique()
    done = f"{prose.capital(prose.count(len(points), 'run'))} of {prose.listing(about['notebooks'])}"
    names = sorted({name for point in points for name in point})
    return templates(root / "report" / "pages").get_template("sweep.md").render(
        about=about, name=folder.name, unmoved=list(counts.index[counts == 1]), heads=list(failures.columns),
        done=done + (f", of which {len(failures)} failed" if len(failures) else ", none of which failed"),
        choices=[(name, ", ".join(dict.fromkeys(str(point.get(name, "as in the preset")) for point in points))) for name in names],
        charts=[(chart, finding(outcomes, name, run)) for name, chart in charts.items()],
        failures=[[str(value) for value in row] for row in failures.itertuples(index=False)],
    )  # fmt: skip


def sweep_charts(folder: Path) -> dict[str, Chart]:
    """Return the specification curves of a sweep, each as a chart of the site."""
    kept = storage.read_json(folder / "manifest.json").get("figures", {})
    return {
        name: read_chart(folder.parent, folder.name, name, {**figure, "number": f"S{place}"})
        for place, (name, figure) in enumerate(kept.items(), start=1)
    }


def copy_sweep(folder: Path, site: Path) -> None:
    """Put the drawings and the table of a sweep beside its page."""
    for chart in sweep_charts(folder).values():
        copy_chart(chart, folder.parent, site)
    target = site / "tables" / folder.name / "outcomes.csv"
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(folder / "outcomes.csv", target)


def finding(outcomes: pd.DataFrame, key: str, run: Run) -> str:
    """Say how far a key figure moved over the runs of a sweep, where the run stands, and which choice moved it most."""
    frame = specification.sweep_frame(outcomes, key)
    choices = [name for name in frame.columns if name not in (key, "low", "high")]
    values = frame[key].dropna()
    first = outcomes[outcomes["key"] == key].iloc[0]
    own = run.results.get(first["notebook"], {}).get("keys", {}).get(key, {}).get("value")
    digits = next((digits for digits, size in enumerate((100, 10, 0.1, 0.01)) if values.abs().max() >= size), 5)
    middle = float(values.median())
    low, high, half = (prose.plain(float(value), digits) for value in (values.min(), values.max(), middle))
    said = (
        f"From {low} to {high} ({first['unit']}) over {prose.count(len(values), 'run')}. Half of them are above {half}."
    )
    if isinstance(own, int | float):
        said += f" This report has {prose.plain(own, digits)}."
    by = specification.by_choice(frame, key, choices, middle)["median"]
    choice = str(by.groupby(level="choice").agg(lambda part: part.max() - part.min()).idxmax())
    part = by.loc[choice]
    return (
        f"{said} The choice of {choice} moves it most: the middle value is {prose.plain(part.min(), digits)} under {part.idxmin()} "
        f"and {prose.plain(part.max(), digits)} under {part.idxmax()}."
    )
