"""The page of each sweep that starts from the preset of a run: what was varied, how far each finding moved."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd

from helpers import prose, specification
from study import storage
from study.pages import Chart, Run, amount, copy_chart, read_chart, templates


def sweep_folders(processed: Path, name: str, preset: str) -> list[Path]:
    """Return the finished sweeps that vary a run: those of its preset, where the run is the preset's own."""
    manifests = sorted(processed.glob("sweep-*/manifest.json")) if name == preset else []
    return [path.parent for path in manifests if storage.read_json(path).get("preset") == preset]


def sweeps_of(run: Run) -> list[Path]:
    """Return the finished sweeps that vary a run."""
    return sweep_folders(run.folder.parent, run.manifest["run"], run.manifest["preset"])


def parts(processed: Path, name: str, preset: str) -> list[Path]:
    """Return the files that the pages of sweeps are made from, without what tells the time."""
    names = ("outcomes.csv", "failures.csv", "figures/*.svg")
    return [path for one in sweep_folders(processed, name, preset) for part in names for path in sorted(one.glob(part))]


def sweep_page(folder: Path, run: Run, root: Path) -> str:
    """Write the page of a sweep; the run's own value stands beside the range of each finding."""
    about, charts = storage.read_json(folder / "manifest.json"), sweep_charts(folder)
    outcomes, failures = pd.read_csv(folder / "outcomes.csv"), pd.read_csv(folder / "failures.csv", dtype=str)
    rest = outcomes[~outcomes["key"].isin(charts)].assign(value=lambda frame: frame["value"].fillna("none").astype(str))
    counts = rest.groupby("label", sort=False)["value"].nunique()
    points = about["points"]
    return templates(root).get_template("sweep.md").render(
        about=about, name=folder.name, unmoved=list(counts.index[counts == 1]), failures=failures.to_dict("split"),
        done=f"{prose.capital(prose.count(len(points), 'run'))} of {prose.listing(about['notebooks'])}",
        choices=[
            (name, ", ".join(dict.fromkeys(str(point.get(name, "as in the preset")) for point in points)))
            for name in sorted({name for point in points for name in point})
        ],
        charts=[(chart, finding(outcomes, name, run)) for name, chart in charts.items()],
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
    (site / "tables" / folder.name).mkdir(parents=True)
    shutil.copy(folder / "outcomes.csv", site / "tables" / folder.name)


def finding(outcomes: pd.DataFrame, key: str, run: Run) -> str:
    """Say how far a key figure moved over the runs of a sweep, where the run stands, and which choice moved it most."""
    frame = specification.sweep_frame(outcomes, key)
    choices = [name for name in frame.columns if name not in (key, "low", "high")]
    values, first = frame[key].dropna(), outcomes[outcomes["key"] == key].iloc[0]
    low, half, high = (amount(value, first["unit"]) for value in values.quantile([0, 0.5, 1]))
    own = run.results.get(first["notebook"], {}).get("keys", {}).get(key, {}).get("value")
    here = f" This report has {amount(own, first['unit'])}." if isinstance(own, int | float) else ""
    by = specification.by_choice(frame, key, choices)["median"]
    choice = str(by.groupby(level="choice").agg(lambda part: part.max() - part.min()).idxmax())
    least, most = (
        f"{amount(by[choice][level], first['unit'])} under {level}"
        for level in (by[choice].idxmin(), by[choice].idxmax())
    )
    return (
        f"From {low} to {high} over {prose.count(len(values), 'run')}. Half of them are above {half}.{here} "
        f"The choice of {choice} moves it most: the middle value is {least} and {most}."
    )
