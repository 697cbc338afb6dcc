"""The slide deck of a finished run: one message a slide, filled from the results, with notes that can be spoken."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from markupsafe import Markup

from helpers import prose
from study import powerpoint, site_home, storage, workbook
from study.pages import Chart, Run, copy_chart, many, read_run, templates
from study.site_pages import claim_rows, counted

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
PDF_SECONDS = 60
EXAMPLES = 3


@dataclass(frozen=True)
class Slide:
    """One slide: its message with a chart, points or claims, and what the speaker says; texts are Markdown.

    `points` are (text, detail), `counts` (verdict, colour, count), `figures` the key figures behind the chart.
    """

    topic: str
    heading: str
    kind: str = "chart"
    chart: Chart | None = None
    points: tuple[tuple[str, str], ...] = ()
    counts: tuple[tuple[str, str, int], ...] = ()
    say: str = ""
    following: str = ""
    question: str = ""
    answer: str = ""
    figures: tuple[str, ...] = ()
    native: Mapping[str, Any] = field(default_factory=dict)


def build_slides(run_folder: Path, root: Path) -> Path:
    """Build deck, PowerPoint, workbook and, where a Chromium is found, PDF in ``run_folder / "slides"``; return its ``index.html``."""
    run = read_run(run_folder)
    with tempfile.TemporaryDirectory(prefix=".slides-", dir=run_folder) as folder:
        built = Path(folder) / "slides"
        built.mkdir()
        deck = slides_of(run, root)
        (built / "index.html").write_text(page(run, deck, root), encoding="utf-8")
        for slide in deck:
            if slide.chart:
                copy_chart(slide.chart, run.folder, built, (".svg", "-dark.svg"))
        home = Path(str(files("sphinx_revealjs"))) / "_static" / "revealjs"
        (built / "reveal").mkdir()
        for name in ("LICENSE", "dist/reveal.css", "dist/reveal.js", "plugin/notes/notes.js"):
            shutil.copy(home / name, built / "reveal")
        for name in ("deck.css", "deck.js"):
            shutil.copy(root / "report" / "slides" / name, built)
        powerpoint.write_powerpoint(run, deck, built / "slides.pptx")
        workbook.write_workbook(run, built / "study.xlsx")
        print_pdf(built / "index.html", built / "slides.pdf", "?print-pdf")
        storage.publish(built, run_folder / "slides")
    return run_folder / "slides" / "index.html"


def slides_of(run: Run, root: Path) -> list[Slide]:
    """Fill ``report/slides/deck.yaml`` from a run; a default run without a chart that a slide wants raises `LookupError`."""
    figures, deck, lost = figures_of(run), [], []
    for plan in yaml.safe_load((root / "report" / "slides" / "deck.yaml").read_text(encoding="utf-8")):
        names = plan.get("charts", [])
        chart = next((run.charts[name] for name in names if name in run.charts), None)
        if names and not chart:
            lost += [plan["topic"]] if names[0].partition("/")[0] in run.results else []
        elif content := {"chart": chart, "heading": chart.title} if chart else _words(plan["kind"], plan, run):
            keys = run.results[chart.notebook]["keys"].values() if chart else []
            said = _filled(f"{plan['say']}\n{'' if run.changed else plan.get('default', '')}", figures)
            answer = _filled(plan["answer"], figures)
            deck.append(Slide(
                plan["topic"], kind=plan.get("kind", "chart"), say=said, following=plan.get("next", ""), native=plan.get("native", {}),
                question=plan["question"] if answer else "", answer=answer,
                figures=tuple(key_sentence(key) for key in keys if chart and key.get("figure") == chart.name), **content,
            ))  # fmt: skip
    if lost and not run.changed:
        raise LookupError(
            f"the slides have lost the figures of {prose.listing(lost)}: name those of the notebook in report/slides/deck.yaml"
        )
    return deck


def _words(kind: str, plan: Mapping[str, Any], run: Run) -> dict[str, Any]:
    """Return message and points of a slide without a chart, or nothing where the run has none."""
    answer, found = site_home.answers(run)
    rows = claim_rows(run)
    if kind == "answer":
        return {"heading": answer or site_home.QUESTION}
    if kind == "findings":
        return {"heading": plan["heading"], "points": tuple((one["text"], one.get("detail") or "") for _, one in found)}
    if kind == "claims":
        counts = counted(rows)
        examples = [row for row in rows if row["id"] in plan["examples"]] or rows[:EXAMPLES]
        why = [row["why"] or f"Stated {row['stated']}, measured {row['measured']}." for row in examples]
        points = [
            (row["headline"], f"{prose.capital(row['verdict'])}. {text}")
            for row, text in zip(examples, why, strict=True)
        ]
        total = prose.listing(f"{count} {many(verdict, count)}" for verdict, _, count in counts)
        return (
            {"heading": f"Of {len(rows)} claims, {total}", "points": tuple(points), "counts": tuple(counts)}
            if rows
            else {}
        )
    if not run.changed:
        return {"heading": plan["heading"], "points": tuple((point, "") for point in plan["points"])}
    notes = [note for name in site_home.STUDIES for note in run.results.get(name, {}).get("notes", [])[:1]][:4]
    return {"heading": "What these figures cannot say", "points": tuple((note, "") for note in notes)} if notes else {}


def figures_of(run: Run) -> prose.Figs:
    """Return all key figures of a run as figures that write themselves; what is no number is a text."""
    found: dict[str, Any] = {}
    for content in run.results.values():
        for name, key in content["keys"].items():
            text = isinstance(key["value"], str | bool)
            found[name] = key["value"] if text else prose.Fig(key["value"], key["unit"], key["low"], key["high"])
    return prose.Figs(found)


def _filled(text: str, figures: prose.Figs) -> str:
    """Write the figures into a text of sentences, one a line or one after the other; a sentence without its figure goes."""
    lines = re.sub(r"(?<=[.!?]) (?=[A-Z{])", "\n", text.strip())
    return prose.prose("\n".join(line.format_map(figures) for line in lines.splitlines()))[0]


def key_sentence(key: Mapping[str, Any]) -> str:
    """Write a key figure with its unit, range and confidence.

    >>> key_sentence({"label": "fall of the focus", "value": -16.97, "unit": "percent", "low": -17.5, "high": -16.5, "confidence": "medium"})
    'Fall of the focus: −17.0% (−17.5% to −16.5%), medium confidence'
    """

    def amount(value: Any) -> str:
        if isinstance(value, str | bool) or value is None:
            return "not known" if value is None else str(value)
        digits = next((digits for digits, least in enumerate((100, 10, 0.01)) if abs(value) >= least), 4)
        known = {"percent": prose.percent(value, 1), "USD billion": prose.usd(value)}
        return known.get(
            key["unit"], f"{prose.plain(value, 0 if float(value).is_integer() else digits)} {key['unit']}".strip()
        )

    ends = "" if key["low"] == key["high"] else f" ({amount(key['low'])} to {amount(key['high'])})"
    sure = "" if key["confidence"] == "high" else f", {key['confidence']} confidence"
    return f"{prose.capital(key['label'])}: {amount(key['value'])}{ends}{sure}"


def page(run: Run, deck: Sequence[Slide], root: Path) -> str:
    """Fill the template of the deck."""
    facts = site_home.run_facts(run)
    return templates(root / "report" / "slides").get_template("deck.html").render(
        question=site_home.QUESTION, span=site_home.span_sentence(run), run_name=run.name, run_date=Markup(facts["run_date"]),
        changed=[Markup(text) for text in facts["run_changed"]], deck=deck,
    )  # fmt: skip


def find_browser() -> str | None:
    """Return the command of a Chromium on this machine; the variable CHROMIUM names another."""
    named = os.environ.get("CHROMIUM")
    return shutil.which(named) if named else next(filter(None, map(shutil.which, BROWSERS)), None)


def print_pdf(page: Path, target: Path, query: str = "") -> bool:
    """Print a page as PDF; without a Chromium, or with one that fails, there is none, and the answer is no."""
    browser = find_browser()
    if browser is None:
        return False
    with tempfile.TemporaryDirectory() as profile:
        arguments = [
            browser, "--headless", "--disable-gpu", "--hide-scrollbars", "--no-first-run", f"--user-data-dir={profile}", "--no-pdf-header-footer",
            "--generate-pdf-document-outline", "--virtual-time-budget=4000", f"--print-to-pdf={target}", f"{page.as_uri()}{query}",
        ]  # fmt: skip
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            arguments.insert(1, "--no-sandbox")  # Chromium refuses to sandbox the administrator
        try:
            subprocess.run(arguments, capture_output=True, timeout=PDF_SECONDS, check=True)
        except (subprocess.SubprocessError, OSError):
            return False
    return target.is_file()
