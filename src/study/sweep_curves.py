"""The specification curves of a sweep: a chart for each key figure that moved."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd

from helpers import house, prose, specification
from helpers.storage import csv_bytes, write

MOST_CURVES = 8
CAPTION = (
    "A point for each run, from the lowest to the highest, with its interval where it has one; the line is the middle value. "
    "The strokes below a point say what that run chose."
)


def draw_curves(outcomes: pd.DataFrame, varied: list[str], source: str, folder: Path) -> dict[str, dict[str, Any]]:
    """Draw a specification curve for each key figure collected, at most eight, with its data; return what each shows."""
    shutil.rmtree(folder, ignore_errors=True)
    drawn: dict[str, dict[str, Any]] = {}
    numbers = outcomes[outcomes["value"].map(lambda value: isinstance(value, int | float))]
    for key in numbers["key"].unique()[:MOST_CURVES]:
        frame = specification.sweep_frame(numbers, key)
        choices = [name for name in varied if name in frame]
        if not choices or frame[key].nunique() < 2:
            continue  # nothing moved: the outcomes say so without a picture
        label, unit = numbers.loc[numbers["key"] == key, ["label", "unit"]].astype(str).iloc[0]
        span = f"{frame[key].min():.3g} to {frame[key].max():.3g}".replace("-", "−")
        title = f"{prose.capital(label)}: {span} over {len(frame)} specifications"
        centre = float(frame[key].median())
        figure = specification.specification_curve(frame, key, choices, title=title, unit=unit, threshold=centre)
        house.source(figure, source)
        problems, alt = house.text_problems(figure), f"{len(frame)} runs sorted by {label}, from {span} {unit}."
        folder.mkdir(parents=True, exist_ok=True)
        data = csv_bytes(specification.specification_data(frame, key, choices, centre))
        for ending, content in (house.drawn(figure)[0] | {".csv": data}).items():
            write(folder / f"{key}{ending}", content)
        plt.close(figure)
        shown = {"title": title, "unit": unit, "source": source, "caption": CAPTION, "alt": alt}
        drawn[key] = shown | {"data": True, "text_problems": problems}
    return drawn
