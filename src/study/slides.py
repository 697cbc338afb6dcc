"""The slide deck of a finished run: one message a slide, filled from the results, with notes for the speaker."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import zip_longest
from pathlib import Path
from typing import Any

from helpers import claims, words
from study import site_home, site_pages, storage
from study.pages import Chart, Run, copy_drawings, read_run, rich_line

BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
)
PDF_SECONDS = 60
MOST_LIMITS = 6
# What each slide is about, and the figures that can carry it, best first; a slide without a figure is left out.
MESSAGES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("Growth or price", "01_valuation_growth", ("decomposition",)),
    ("Concentration", "01_valuation_growth", ("concentration",)),
    ("The day", "02_selloff", ("day_by_company",)),
    ("Who fell", "02_selloff", ("members_map", "moves_by_row")),
    ("How rare", "02_selloff", ("return_periods", "forecast_band")),
    ("Then and now", "03_dotcom_comparison", ("eras_start",)),
    ("Explosiveness", "03_dotcom_comparison", ("explosiveness",)),
    ("Money behind it", "03_dotcom_comparison", ("money",)),
)


@dataclass(frozen=True)
class Slide:
    """One slide with a chart.

    Attributes
    ----------
    topic : str
        What it is about, in two or three words.
    chart : Chart
        Its title is the message.
    notes : tuple of str
        What the speaker may say, as HTML: the finding and the numbers behind the chart.
    """

    topic: str
    chart: Chart
    notes: tuple[str, ...]


def build_slides(run_folder: Path, root: Path) -> Path:
    """Build the slides of a finished run, and their PDF where a Chromium is found.

    Parameters
    ----------
    run_folder : Path
        ``data/processed/<run>``.
    root : Path
        The repository's folder, with the template in ``report/slides``.

    Returns
    -------
    Path
        ``index.html`` of the deck, in ``run_folder / "slides"``; ``slides.pdf`` lies beside it.
    """
    run = read_run(run_folder)
    with tempfile.TemporaryDirectory(prefix=".slides-", dir=run_folder) as folder:
        built = Path(folder) / "slides"
        built.mkdir()
        deck = slides_of(run)
        (built / "index.html").write_text(page(run, deck, root), encoding="utf-8")
        for slide in deck:
            copy_drawings(slide.chart, run, built)
        _copy_reveal(built)
        for name in ("deck.css", "deck.js"):
            shutil.copy(root / "report" / "slides" / name, built)
        print_pdf(built / "index.html", built / "slides.pdf")
        storage.publish(built, run_folder / "slides")
    return run_folder / "slides" / "index.html"


def slides_of(run: Run) -> list[Slide]:
    """Choose the charts of the deck: for each message the first figure of its list that the run has.

    Raises
    ------
    LookupError
        Where a run with default parameters has none of a message's figures: one was renamed.
    """
    lost = lost_topics(run)
    if lost and not run.changed:
        raise LookupError(
            f"the slides have lost the figures of {words.listing(lost)}: name those of the notebook in MESSAGES of slides.py"
        )
    deck = []
    for topic, notebook, names in MESSAGES:
        found = next((run.charts[f"{notebook}/{name}"] for name in names if f"{notebook}/{name}" in run.charts), None)
        if found:
            deck.append(Slide(topic, found, tuple(speaker_notes(found, run))))
    return deck


def lost_topics(run: Run) -> list[str]:
    """Return the topics whose notebook has run without leaving any figure that the slides know."""
    return [
        f"“{topic}”"
        for topic, notebook, names in MESSAGES
        if notebook in run.results and not any(f"{notebook}/{name}" in run.charts for name in names)
    ]


def speaker_notes(chart: Chart, run: Run) -> list[str]:
    """Return what stands behind a chart: the findings that point to it, its key figures, what it shows."""
    content = run.results[chart.notebook]
    said = [rich_line(row["text"]) for row in content["findings"] if row["figure"] == chart.name]
    figures = [rich_line(key_sentence(key)) for key in content["keys"].values() if key.get("figure") == chart.name]
    return [*said, *figures, rich_line(chart.alt)]


def key_sentence(key: Mapping[str, Any]) -> str:
    """Write a key figure with its unit, range and confidence.

    Examples
    --------
    >>> key_sentence({"label": "fall of the focus", "value": -16.97, "unit": "percent", "low": None, "high": None, "confidence": "high"})
    'Fall of the focus: −17.0 %'
    """
    text = f"{key['label'][:1].upper()}{key['label'][1:]}: {amount(key['value'], key['unit'])}"
    if key["low"] is not None and key["high"] is not None:
        text += f" ({amount(key['low'], key['unit'])} to {amount(key['high'], key['unit'])})"
    return text + ("" if key["confidence"] == "high" else f", {key['confidence']} confidence")


def amount(value: Any, unit: str) -> str:
    """Write a value of the results in its unit."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return f"{words.MISSING if value is None else value}"
    if unit in ("percent", "%"):
        return words.percent(value)
    if unit == "USD billion":
        return words.dollars(value)
    decimals = 0 if float(value).is_integer() or abs(value) >= 1000 else 1 if abs(value) >= 10 else 2
    return f"{words.number(value, decimals)} {unit}".strip()


def page(run: Run, deck: Sequence[Slide], root: Path) -> str:
    """Fill the template of the deck; every value is escaped by the template unless it is marked as HTML."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(root / "report" / "slides"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )  # fmt: skip
    facts = site_home.run_facts(run)
    rows = site_pages.claim_rows(run)
    verdicts = [
        (name, site_pages.VERDICT_CLASS[name], [row for row in rows if row["verdict"] == name])
        for name in claims.VERDICTS
    ]
    return environment.get_template("deck.html").render(
        question=site_home.QUESTION,
        span=Markup(site_home.span_sentence(run)),
        run_name=run.name,
        run_date=Markup(facts["run_date"]),
        changed=[Markup(text) for text in facts["run_changed"]],
        answers=[Markup(rich_line(finding["text"])) for _, finding in site_home.answers(run, 3)],
        deck=[(slide, [Markup(note) for note in slide.notes]) for slide in deck],
        verdicts=verdicts if rows else [],
        total=len(rows),
        limits=[Markup(rich_line(text)) for text in limits(run)],
    )


def limits(run: Run) -> list[str]:
    """Return limits that the notebooks noted: the first of each, then the second of each, and so on.

    A topic that has no slide because this run has no figure for it is said last.
    """
    noted = [run.results.get(name, {}).get("notes", []) for name in site_home.STUDIES]
    in_turn = [note for turn in zip_longest(*noted) for note in turn if note]
    lost = lost_topics(run)
    said = [f"This run has no chart for {words.listing(lost)}."] if lost else []
    once: dict[str, str] = {}
    for note in in_turn:  # two notebooks may head a limit with the same words
        once.setdefault(note.partition(":")[0], note)
    return [*list(once.values())[: MOST_LIMITS - len(said)], *said]


def _copy_reveal(built: Path) -> None:
    """Put reveal.js beside the deck, from the package that carries it."""
    home = Path(str(files("sphinx_revealjs"))) / "_static" / "revealjs"
    (built / "reveal").mkdir()
    for name in ("LICENSE", "dist/reveal.css", "dist/reveal.js", "plugin/notes/notes.js"):
        shutil.copy(home / name, built / "reveal")


def find_browser() -> str | None:
    """Return the command of a Chromium on this machine; the variable CHROMIUM names another."""
    named = os.environ.get("CHROMIUM")
    return shutil.which(named) if named else next(filter(None, map(shutil.which, BROWSERS)), None)


def print_pdf(deck: Path, target: Path) -> bool:
    """Print the deck as PDF; return whether that was possible.

    Parameters
    ----------
    deck : Path
        ``index.html`` of the deck.
    target : Path

    Notes
    -----
    The deck itself never depends on it: without a Chromium, or with one that fails, there is no PDF.
    """
    browser = find_browser()
    if browser is None:
        return False
    with tempfile.TemporaryDirectory() as profile:
        arguments = [
            browser, "--headless", "--disable-gpu", "--hide-scrollbars", "--no-first-run", f"--user-data-dir={profile}", "--no-pdf-header-footer",
            "--virtual-time-budget=4000", f"--print-to-pdf={target}", f"{deck.as_uri()}?print-pdf",
        ]  # fmt: skip
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            arguments.insert(1, "--no-sandbox")  # Chromium refuses to sandbox the administrator
        try:
            subprocess.run(arguments, capture_output=True, timeout=PDF_SECONDS, check=True)
        except (subprocess.SubprocessError, OSError):
            return False
    return target.is_file()
