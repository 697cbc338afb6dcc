"""The picture and the sentence that stand for the study where somebody links to it."""

from __future__ import annotations

import io
import re
import textwrap
from pathlib import Path

import matplotlib as mpl
import pandas as pd
from matplotlib.figure import Figure

from helpers import charts, words
from study import site_home
from study.pages import Run, read_run

NAME = "social_preview.png"
SIZE, DPI = (1280, 640), 100  # pixels, and pixels to the inch
STEP, CHART = "01_valuation_growth", "decomposition"
PARTS = {"earnings": ("earnings per share", charts.GREEN), "multiple": ("price paid for them", charts.PURPLE)}
ERAS = {"ai": "leaders of the AI boom", "dotcom": "leaders of the dot-com boom"}


def summary(run: Run) -> str:
    """Return what was found in one sentence of plain text: the first of the first finding.

    Notes
    -----
    The title of the first chart where no notebook of the run has a finding.
    """
    found = site_home.answers(run, 1)
    if not found:
        return site_home.QUESTION
    return first_sentence(str(found[0][1]["text"]))


def first_sentence(text: str) -> str:
    """Return the first part of a finding as a sentence, without its head, marks and brackets.

    Examples
    --------
    >>> first_sentence("**Growth or price:** the rise was 52 % growth (in logs; 14 to 66 % by others); Nvidia's more.")
    'The rise was 52 % growth.'
    """
    plain = re.sub(r"^\*\*[^*]*:\*\* ", "", text)
    plain = re.sub(r" \([^()]*\)|\*\*|`", "", plain)
    sentence = re.split(r"; |\.(?: |$)", plain)[0]
    return f"{sentence[:1].upper()}{sentence[1:]}."


def alt(run: Run) -> str:
    """Describe the picture in words."""
    return f"{site_home.QUESTION} {summary(run)} Bars split the rise of the leaders' price into earnings and multiple."


def draw(run: Run) -> Figure:
    """Draw the picture: the question, the finding as a sentence, and the split of the leaders' rise in both booms.

    Parameters
    ----------
    run : Run
        With the chart of the decomposition and its data.
    """
    data = pd.read_csv(run.folder / STEP / "figures" / f"{CHART}.csv")
    together = data[data["company"] == "together"].set_index("era").reindex(ERAS).dropna(subset=["price"])
    with mpl.rc_context(charts.STYLE):
        figure = Figure(figsize=(SIZE[0] / DPI, SIZE[1] / DPI), dpi=DPI)
        axis = figure.add_axes((0.05, 0.13, 0.9, 0.42))
    lines = [textwrap.fill(text, width) for text, width in ((site_home.QUESTION, 40), (summary(run), 84))]
    figure.text(0.05, 0.93, lines[0], size=31, weight="bold", va="top", color=charts.INK, linespacing=1.15)
    figure.text(0.05, 0.69, lines[1], size=18, va="top", color=charts.MUTED, linespacing=1.25)
    axis.set_axis_off()
    axis.set(xlim=(0, 1.0), ylim=(len(together) - 0.2, -0.45))
    for place, (era, row) in enumerate(together.iterrows()):
        axis.text(0, place - 0.06, ERAS[str(era)], size=15, color=charts.INK, va="bottom")
        left = 0.0
        for part, (label, colour) in PARTS.items():
            share = float(row[part] / row["price"])
            axis.barh(place + 0.2, share, left=left, height=0.44, color=colour)
            axis.text(
                left + share / 2, place + 0.2, f"{words.percent(100 * share, 0)} {label}", size=17,
                weight="bold", color=charts.PAPER, ha="center", va="center",
            )  # fmt: skip
            left += share
    figure.text(
        0.05, 0.055, "Share of the rise of the price, in logs. A study that reruns: growth or price?",
        size=12.5, color=charts.MUTED,
    )  # fmt: skip
    return figure


def picture(folder: Path) -> bytes:
    """Return the picture of a finished run as PNG.

    Parameters
    ----------
    folder : Path
        ``data/processed/<run>``.
    """
    written = io.BytesIO()
    with mpl.rc_context(charts.STYLE):
        draw(read_run(folder)).savefig(written, format="png", dpi=DPI, metadata={"Software": None})
    return written.getvalue()
