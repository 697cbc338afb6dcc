"""The picture that stands for the study where a link to it is shown: the question, the first finding, its chart."""

from __future__ import annotations

import io
import textwrap
from pathlib import Path

import matplotlib as mpl
import matplotlib.image as mpimg
from matplotlib.figure import Figure

from helpers import charts, storage
from helpers.publishing import site_home

WIDTH, HEIGHT = 1280, 640  # pixels, the size that hosts of code and social networks ask for


def social_preview(run_folder: Path, notebook: str, chart: str) -> bytes:
    """Draw the picture from the first finding of a finished run and one of its charts.

    Parameters
    ----------
    run_folder : Path
        ``data/processed/<run>``.
    notebook, chart : str
        Where the chart stands and its name.

    Returns
    -------
    bytes
        PNG of 1280 by 640 pixels.
    """
    finding = storage.read_json(run_folder / "04_findings" / "results.json")["findings"][0]["text"]
    with mpl.rc_context(charts.STYLE):
        figure = Figure(figsize=(WIDTH / 100, HEIGHT / 100), dpi=100, facecolor=charts.PAPER)
        _text(figure, 0.93, site_home.QUESTION, 40, 28, "bold")
        _text(figure, 0.70, site_home.first_clause(finding), 27, 18, "normal")
        figure.text(0.04, 0.06, "The AI boom: a study that reruns", size=13, color=charts.MUTED, va="bottom")
        picture = mpimg.imread(run_folder / notebook / "figures" / f"{chart}.png")
        axis = figure.add_axes((0.415, 0.035, 0.57, 0.70))
        axis.imshow(picture, interpolation="lanczos")
        axis.set_axis_off()
        png = io.BytesIO()
        figure.savefig(png, format="png", metadata={"Software": None})
    return png.getvalue()


def _text(figure: Figure, top: float, text: str, letters: int, size: float, weight: str) -> None:
    figure.text(
        0.04, top, textwrap.fill(text, letters), size=size, weight=weight, ha="left", va="top", color=charts.INK, linespacing=1.35
    )  # fmt: skip
