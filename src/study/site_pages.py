"""What a run says on the pages that no notebook writes, each of which is a template of ``report/pages``."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from helpers import prose
from helpers.parameters import shown
from study.pages import Run, templates
from study.storage import read_json

QUESTION = "How much of the AI boom was growth, and how much was price?"
STUDIES = ("04_findings", "01_valuation_growth", "02_selloff", "03_dotcom_comparison", "00_data")
FIVE = 5
# Verdict -> its colour, the firmest first.
VERDICTS = {"holds": "holds", "holds roughly": "roughly", "depends on the reading": "depends", "does not hold": "not"}
# On a public site the deck lies within the site, in a run beside it.
SLIDES = "slides" if os.environ.get("STUDY_SITE_URL") else "../slides"


def pages_around(run: Run, root: Path, pdf: bool) -> dict[str, str]:
    """Write the pages around the notebooks: home, five minutes, claims, charts, presenting, data; by name."""
    rows, (answer, found) = claim_rows(run), answers(run)
    package = read_json(root / "data" / "raw" / "datapackage.json")
    # What the cells of 04 tagged for the short version say, each with the charts that its tags name.
    short = [
        (text, [chart for tag in tags if (chart := run.charts.get(tag.removeprefix("chart:")))])
        for text, tags in run.tagged("five-minutes")
    ]
    about = {
        "question": QUESTION, "answer": answer, "span": span_sentence(run), "rows": rows, "verdicts": counted(rows), "short": short,
        "findings": [(one, run.chart(one["figure"], notebook)) for notebook, one in found],
        "sure": "\n\n".join(text for text, _ in run.tagged("how-sure")), "charts": run.charts.values(), "package": package,
        "titles": {name: run.title(name) for name in run.results}, "pdf": pdf, "place": SLIDES,
    }  # fmt: skip
    wanted = {"index": True, "charts": True, "presenting": True, "claims": rows, "five_minutes": short, "data": package}
    return {name: templates(root).get_template(f"{name}.md").render(about) for name, there in wanted.items() if there}


def answers(run: Run) -> tuple[str, list[tuple[str, Mapping[str, Any]]]]:
    """Return the answer to the question and the five findings, each with its notebook.

    They are the first six findings of 04 (`docs/dev/site.md`); without it, those of the first notebook that has run.
    """
    name = next(name for name in STUDIES if name in run.results)
    found = run.results[name]["findings"]
    first = int(name == STUDIES[0])
    return "".join(one["text"] for one in found[:first]), [(name, one) for one in found[first : first + FIVE]]


def span_sentence(run: Run) -> str:
    """Say for which dates the answers hold, from the parameters of the run and the last day of its prices."""
    given = {name: value for content in run.results.values() for name, value in content["parameters"].items()}
    prices = run.folder / "00_data" / "data" / "prices_ai.csv"
    last = prices.read_text(encoding="utf-8").splitlines()[-1].partition(",")[0] if prices.is_file() else None
    start, end, event, last = (_day(date) for date in (*map(given.get, ("boom_start", "boom_end", "event_date")), last))
    said = [f"the boom is counted from {start} to {end}", f"the day studied is {event}", f"prices run to {last}"]
    return prose.prose(f"{prose.listing(text for text in said if prose.GAP not in text)}.")[0]


def run_facts(run: Run) -> dict[str, Any]:
    """Return what every page says about its run: name, date, what was changed, all parameters, its answer."""
    table = [
        (step, name, shown(value), name in run.changed.get(step, []))
        for step, content in run.results.items()
        for name, value in content["parameters"].items()
    ]
    finished = run.manifest["finished"]
    return {
        "run_name": run.manifest["run"], "run_date": _day(finished[:10]) if finished else "", "run_time": finished,
        "run_preset": run.manifest["preset"], "run_parameters": table,
        "run_changed": [f"{name} = {value}" for _, name, value, changed in table if changed],
        "summary": (answers(run)[0] or QUESTION).replace("**", ""),
    }  # fmt: skip


def counted(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, int]]:
    """Return verdict, colour and count of the verdicts that were given, the firmest first."""
    given = [row["verdict"] for row in rows]
    return [
        (name, VERDICTS.get(name, "unchecked"), given.count(name))
        for name in dict.fromkeys([*VERDICTS, *given])
        if name in given
    ]


def claim_rows(run: Run) -> list[dict[str, Any]]:
    """Return the claims with verdict and evidence, amounts written with their units; none where 04 has not run."""
    folder = run.folder / "04_findings" / "tables"
    if not (folder / "claims.csv").is_file():
        return []
    claims = pd.read_csv(folder / "claims.csv", dtype=str).set_index("claim", drop=False)
    written = pd.read_csv(folder / "claims_shown.csv", dtype=str).set_index("claim").reindex(claims.index)
    return [
        row | {
            "colour": VERDICTS.get(row["verdict"], "unchecked"), "chart": run.chart(row["figure"], row["evidence notebook"]),
            "table": run.results.get(row["evidence notebook"], {}).get("tables", {}).get("claims_measured"),
        }
        for row in claims.assign(**written).fillna("").to_dict("records")
    ]  # fmt: skip


def _day(date: object) -> str:
    return prose.day(date).replace(" ", "\u00a0")
