"""The specification curves of a sweep: a chart for each key figure that moved."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd

from helpers import house, specification
from helpers.storage import write

MOST_CURVES = 8


def draw_curves(outcomes: pd.DataFrame, varied: list[str], source: str, folder: Path) -> dict[str, dict[str, Any]]:
    """Draw a specification curve for each key figure collected, at most eight, with its data; return what each shows."""
    shutil.rmtree(folder, ignore_errors=True)
    drawn: dict[str, dict[str, Any]] = {}
    numbers = outcomes[outcomes["value"].map(lambda value: isinstance(value, int | float))]
    for key in list(dict.fromkeys(numbers["key"]))[:MOST_CURVES]:
        frame = specification.sweep_frame(numbers, key)
        choices = [name for name in varied if name in frame]
        if not choices or frame[key].nunique() < 2:
            continue  # nothing moved: the outcomes say so without a picture
        facts = numbers[numbers["key"] == key].iloc[0]
        centre = float(frame[key].median())
        span = f"{frame[key].min():.3g} to {frame[key].max():.3g}".replace("-", "−")
        title = f"{facts['label'][:1].upper()}{facts['label'][1:]}: {span} over {len(frame)} specifications"
        unit = str(facts["unit"])
        figure = specification.specification_curve(frame, key, choices, title=title, unit=unit, threshold=centre)
        house.source(figure, source)
        problems = house.text_problems(figure)
        folder.mkdir(parents=True, exist_ok=True)
        data = specification.specification_data(frame, key, choices, centre)
        table = data.to_csv(float_format="%.10g", lineterminator="\n").encode()
        for ending, content in (house.drawn(figure)[0] | {".csv": table}).items():
            write(folder / f"{key}{ending}", content)
        plt.close(figure)
        drawn[key] = {
            "title": title, "unit": unit, "source": source, "data": True, "text_problems": problems,
            "caption": "A point for each run, from the lowest to the highest, with its interval where it has one; the line is "
            "the middle value. The strokes below a point say what that run chose.",
            "alt": f"{len(frame)} runs sorted by {facts['label']}, from {span} {unit}.",
        }  # fmt: skip
    return drawn
