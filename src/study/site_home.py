"""What the home page, its short version and every page say about a run."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from helpers import prose
from helpers.parameters import shown
from study.pages import Chart, Run, isolated, safe

QUESTION = "How much of the AI boom was growth, and how much was price?"
STUDIES = ("04_findings", "01_valuation_growth", "02_selloff", "03_dotcom_comparison", "00_data")
# On a public site the deck lies within the site, in a run beside it.
SLIDES = "slides" if os.environ.get("STUDY_SITE_URL") else "../slides"
FIVE = 5


def home(run: Run) -> dict[str, Any]:
    """Return what the home page says: the answer, five findings with their charts, how sure they are, for which dates."""
    answer, found = answers(run)
    said = "\n\n".join(text for text, _ in run.cells("how-sure"))
    keys = [key for content in run.results.values() for key in content["keys"].values()]
    grades = [
        f"{count} {grade}"
        for grade in ("high", "medium", "low")
        if (count := sum(key["confidence"] == grade for key in keys))
    ]
    if not said and grades:
        said = f"Confidence in the {len(keys)} key figures: {prose.listing(grades)}."
    findings = [(one, chart_of(one, notebook, run)) for notebook, one in found]
    return {
        "question": QUESTION,
        "answer": answer,
        "span": span_sentence(run),
        "findings": findings,
        "sure": said,
        "short": bool(run.cells("five-minutes")),
    }


def answers(run: Run) -> tuple[str, list[tuple[str, Mapping[str, Any]]]]:
    """Return the answer to the question and the five findings, each with its notebook.

    They are the first six findings of 04 (`docs/dev/site.md`); without it, findings of each notebook and no answer.
    """
    if found := run.results.get(STUDIES[0], {}).get("findings", []):
        return str(found[0]["text"]), [(STUDIES[0], finding) for finding in found[1 : 1 + FIVE]]
    others = [(name, run.results[name]["findings"]) for name in STUDIES if name in run.results]
    longest = max((len(findings) for _, findings in others), default=0)
    return "", [
        (name, findings[place]) for place in range(longest) for name, findings in others if place < len(findings)
    ][:FIVE]


def chart_of(finding: Mapping[str, Any], notebook: str, run: Run) -> Chart | None:
    """Return the chart a finding points to, in its own notebook or in another."""
    wanted = str(finding.get("figure") or "")
    return run.chart(wanted, notebook) if wanted else None


def five_minutes(run: Run) -> list[tuple[str, list[Chart]]]:
    """Return what the cells of 04 tagged for the short version say, each with the charts that its tags name."""
    parts = []
    for text, tags in run.cells("five-minutes"):
        charts = [run.chart(tag.removeprefix("chart:")) for tag in tags if tag.startswith("chart:")]
        parts += [(text, [chart for chart in charts if chart])] if not text.lstrip().startswith("#") else []
    return parts


def span_sentence(run: Run) -> str:
    """Say for which dates the answers hold, from the parameters of the run and the last day of its prices."""
    boom, event = run.parameters.get("01_valuation_growth", {}), run.parameters.get("02_selloff", {})
    path = run.folder / "00_data" / "data" / "prices_ai.csv"
    said = []
    if "boom_start" in boom:
        said.append(f"the boom is counted from {_day(boom['boom_start'])} to {_day(boom['boom_end'])}")
    if "event_date" in event:
        said.append(f"the day studied is {_day(event['event_date'])}")
    if path.is_file():
        said.append(
            f"prices run to {_day(path.read_text(encoding='utf-8').rstrip().rpartition(chr(10))[2].split(',', 1)[0])}"
        )
    return prose.capital(f"{prose.listing(said)}.") if said else ""


def run_facts(run: Run) -> dict[str, Any]:
    """Return what every page says about its run: name, date, what was changed, all parameters, its answer."""
    changed = [
        f"{isolated(name)} = {isolated(shown(run.parameters[step][name]))}"
        for step, names in run.changed.items()
        for name in names
    ]
    table = [
        (safe(step), safe(name), isolated(shown(value)), name in run.changed.get(step, []))
        for step, values in run.parameters.items()
        for name, value in values.items()
    ]
    return {
        "run_name": isolated(run.name), "run_date": safe(_day(run.finished[:10])) if run.finished else "", "run_time": safe(run.finished),
        "run_preset": isolated(run.preset), "run_changed": changed, "run_parameters": table,
        "summary": (answers(run)[0] or QUESTION).replace("**", ""),
    }  # fmt: skip


def _day(text: object) -> str:
    try:
        return prose.day(str(text)).replace(" ", "\u00a0")
    except ValueError:
        return str(text)


def many(verdict: str, count: int) -> str:
    """Return a verdict as a verb for so many claims.

    >>> many("does not hold", 2), many("depends on the reading", 1)
    ('do not hold', 'depends on the reading')
    """
    return (
        verdict
        if count == 1
        else verdict.replace("holds", "hold").replace("does not", "do not").replace("depends", "depend")
    )
