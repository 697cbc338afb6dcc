"""What the home page, its short version and every page say about a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helpers import prose
from helpers.parameters import shown
from study.pages import Chart, Run, isolated, safe

QUESTION = "How much of the AI boom was growth, and how much was price?"
STUDIES = ("04_findings", "01_valuation_growth", "02_selloff", "03_dotcom_comparison", "00_data")
FIVE = 5


def home(run: Run) -> dict[str, Any]:
    """Return what the home page says: the answer, five findings with their charts, how sure they are, for which dates."""
    answer, found = answers(run)
    said = "\n\n".join(text for text, _ in run.cells("how-sure"))
    grades = [key["confidence"] for content in run.results.values() for key in content["keys"].values()]
    if not said and grades:
        counts = [f"{grades.count(grade)} {grade}" for grade in ("high", "medium", "low") if grade in grades]
        said = f"Confidence in the {len(grades)} key figures: {prose.listing(counts)}."
    findings = [(one, chart_of(one, notebook, run)) for notebook, one in found]
    return {"question": QUESTION, "answer": answer, "span": span_sentence(run), "findings": findings, "sure": said}


def answers(run: Run) -> tuple[str, list[tuple[str, Mapping[str, Any]]]]:
    """Return the answer to the question and the five findings, each with its notebook.

    They are the first six findings of 04 (`docs/dev/site.md`); without it, findings of each notebook and no answer.
    """
    if found := run.results.get(STUDIES[0], {}).get("findings", []):
        return str(found[0]["text"]), [(STUDIES[0], finding) for finding in found[1 : 1 + FIVE]]
    ranked = [
        (place, name, finding)
        for name in STUDIES
        for place, finding in enumerate(run.results.get(name, {}).get("findings", []))
    ]
    return "", [(name, finding) for _, name, finding in sorted(ranked, key=lambda one: one[0])[:FIVE]]


def chart_of(finding: Mapping[str, Any], notebook: str, run: Run) -> Chart | None:
    """Return the chart a finding points to, in its own notebook or in another."""
    return run.chart(str(finding["figure"]), notebook) if finding.get("figure") else None


def five_minutes(run: Run) -> list[tuple[str, list[Chart]]]:
    """Return what the cells of 04 tagged for the short version say, each with the charts that its tags name."""
    return [
        (text, [chart for tag in tags if (chart := run.charts.get(tag.removeprefix("chart:")))])
        for text, tags in run.cells("five-minutes")
        if not text.lstrip().startswith("#")
    ]


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
        said.append(f"prices run to {_day(path.read_text(encoding='utf-8').splitlines()[-1].partition(',')[0])}")
    return prose.capital(f"{prose.listing(said)}.") if said else ""


def run_facts(run: Run) -> dict[str, Any]:
    """Return what every page says about its run: name, date, what was changed, all parameters, its answer."""
    table = [
        (safe(step), safe(name), isolated(shown(value)), name in run.changed.get(step, []))
        for step, values in run.parameters.items()
        for name, value in values.items()
    ]
    return {
        "run_name": isolated(run.name), "run_date": safe(_day(run.finished[:10])) if run.finished else "", "run_time": safe(run.finished),
        "run_preset": isolated(run.preset), "run_changed": [f"<bdi>{name}</bdi> = {value}" for _, name, value, changed in table if changed],
        "run_parameters": table, "summary": (answers(run)[0] or QUESTION).replace("**", ""),
    }  # fmt: skip


def _day(text: object) -> str:
    try:
        return prose.day(str(text)).replace(" ", "\u00a0")
    except ValueError:
        return str(text)
