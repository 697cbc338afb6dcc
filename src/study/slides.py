"""The slide deck of a finished run: one message a slide, filled from the results, with notes that can be spoken."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from helpers import prose
from study import powerpoint, site_pages, storage, workbook
from study.pages import Run, amount, copy_chart, many, read_run, templates

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
PDF_SECONDS = 60
EXAMPLES, NOTES = 3, 4
EMPTY: dict[str, Any] = {"kind": "chart", "points": [], "counts": [], "next": "", "native": {}}


def build_slides(run_folder: Path, root: Path) -> Path:
    """Build deck, PowerPoint, workbook and, where a Chromium is found, PDF in ``run_folder / "slides"``; return its ``index.html``."""
    run = read_run(run_folder)
    with tempfile.TemporaryDirectory(prefix=".slides-", dir=run_folder) as folder:
        built = Path(folder) / "slides"
        deck = slides_of(run, root)
        about = {"question": site_pages.QUESTION, "span": site_pages.span_sentence(run), "deck": deck}
        page = templates(root).get_template("deck.html").render(site_pages.run_facts(run) | about)
        home = Path(str(files("sphinx_revealjs"))) / "_static" / "revealjs"
        (built / "reveal").mkdir(parents=True)
        for name in ("LICENSE", "dist/reveal.css", "dist/reveal.js", "plugin/notes/notes.js"):
            shutil.copy(home / name, built / "reveal")
        for name in ("deck.css", "deck.js"):
            shutil.copy(root / "report" / "slides" / name, built)
        for slide in deck:
            if slide["chart"]:
                copy_chart(slide["chart"], run.folder, built, (".svg", "-dark.svg"))
        (built / "index.html").write_text(page, encoding="utf-8")
        powerpoint.write_powerpoint(run, deck, built / "slides.pptx")
        workbook.write_workbook(run, built / "study.xlsx")
        print_pdf(built / "index.html", built / "slides.pdf", "?print-pdf")
        storage.publish(built, run_folder / "slides")
    return run_folder / "slides" / "index.html"


def slides_of(run: Run, root: Path) -> list[dict[str, Any]]:
    """Fill ``report/slides/deck.yaml`` from a run; a slide whose charts or words the run does not have is left out.

    A slide is its plan with a `heading`, its `chart`, `points` (text, detail), `counts` (verdict, colour, count), and
    `figures`, what is known of the key figures behind the chart.
    """
    figures, deck = figures_of(run), []
    for plan in yaml.safe_load((root / "report" / "slides" / "deck.yaml").read_text(encoding="utf-8")):
        chart = next((run.charts[name] for name in plan.get("charts", []) if name in run.charts), None)
        if content := {"heading": chart.title} if chart else {} if "charts" in plan else _words(plan, run):
            keys = run.results[chart.notebook]["keys"].values() if chart else []
            deck.append(EMPTY | plan | content | {
                "chart": chart, "figures": [key_sentence(key) for key in keys if chart and key["figure"] == chart.name],
                "say": _filled(f"{plan['say']}\n{'' if run.changed else plan.get('default', '')}", figures),
                "answer": _filled(plan["answer"], figures),
            })  # fmt: skip
    return deck


def _words(plan: Mapping[str, Any], run: Run) -> dict[str, Any]:
    """Return message and points of a slide without a chart, or nothing where the run has none."""
    (answer, found), rows = site_pages.answers(run), site_pages.claim_rows(run)
    if plan["kind"] == "answer":
        return {"heading": answer or site_pages.QUESTION}
    if plan["kind"] == "findings":
        return {"points": tuple((one["text"], one["detail"]) for _, one in found)}
    if plan["kind"] == "claims":
        counts = site_pages.counted(rows)
        total = prose.listing(f"{count} {many(verdict, count)}" for verdict, _, count in counts)
        examples = [row for row in rows if row["id"] in plan["examples"]] or rows[:EXAMPLES]
        points = [(row["headline"], f"{prose.capital(row['verdict'])}. {row['why']}".strip()) for row in examples]
        return {"heading": f"Of {len(rows)} claims, {total}", "points": points, "counts": counts} if rows else {}
    notes = [note for name in site_pages.STUDIES for note in run.results.get(name, {}).get("notes", [])[:1]][:NOTES]
    changed = {"heading": "What these figures cannot say", "points": [(note, "") for note in notes]} if notes else {}
    return changed if run.changed else {"points": [(point, "") for point in plan["points"]]}


def figures_of(run: Run) -> prose.Figs:
    """Return all key figures of a run as figures that write themselves; what is no number is a text."""
    keys = {name: key for content in run.results.values() for name, key in content["keys"].items()}
    return prose.Figs({
        name: key["value"] if isinstance(key["value"], str | bool) else prose.Fig(key["value"], key["unit"], key["low"], key["high"])
        for name, key in keys.items()
    })  # fmt: skip


def _filled(text: str, figures: prose.Figs) -> str:
    """Write the figures into a text of sentences, one a line or one after the other; a sentence without its figure goes."""
    lines = re.sub(r"(?<=[.!?]) (?=[A-Z{])", "\n", text.strip())
    return prose.prose("\n".join(line.format_map(figures) for line in lines.splitlines()))[0]


def key_sentence(key: Mapping[str, Any]) -> str:
    """Write a key figure with its unit, range and confidence."""
    value, low, high = (amount(key[part], key["unit"]) for part in ("value", "low", "high"))
    ends = "" if key["low"] == key["high"] else f" ({low} to {high})"
    sure = "" if key["confidence"] == "high" else f", {key['confidence']} confidence"
    return f"{prose.capital(key['label'])}: {value}{ends}{sure}"


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
