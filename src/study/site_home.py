"""The home page of the site, its short version, and what every page says about its run."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from helpers import prose
from helpers.parameters import shown
from study.pages import Chart, Run, chart_files, figure_html, isolated, picture, raw, rich, safe
from study.site_pages import NAVIGATION, WIDE, claim_rows, counted

QUESTION = "How much of the AI boom was growth, and how much was price?"
STUDIES = ("04_findings", "01_valuation_growth", "02_selloff", "03_dotcom_comparison", "00_data")
# On a public site the deck lies within the site, in a run beside it.
SLIDES = "slides" if os.environ.get("STUDY_SITE_URL") else "../slides"
FIVE = 5


def home(run: Run) -> str:
    """Write the home page: the question, its answer, five findings with their charts, how sure, where to go on."""
    answer, found = answers(run)
    rows = claim_rows(run)
    cards = "".join(
        _finding(place, finding, notebook, run, rows) for place, (notebook, finding) in enumerate(found, start=1)
    )
    lede = f'<p class="lede">{rich(answer, line=True)}</p>' if answer else ""
    return (
        f"{WIDE}# {QUESTION}\n\n"
        + raw(f'{lede}<p class="span">{span_sentence(run)}</p>{_doors(run, rows)}<ol class="answers">{cards}</ol>')
        + _sure(run, rows)
    )


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


def finding_html(finding: Mapping[str, Any], chart: Chart | None) -> str:
    """Return a finding with a pointer to its chart, and range and detail in a second, smaller line."""
    pointer = f' <a class="pointer" href="{chart.link}">Figure {safe(chart.number)}</a>' if chart else ""
    detail = rich(str(finding.get("detail") or ""), line=True)
    return (
        rich(str(finding["text"]), line=True) + pointer + (f'<small class="detail">{detail}</small>' if detail else "")
    )


def _finding(place: int, finding: Mapping[str, Any], notebook: str, run: Run, rows: Sequence[Mapping[str, str]]) -> str:
    chart = chart_of(finding, notebook, run)
    show = ""
    if rows and str(finding.get("figure")).endswith("verdicts"):
        show = _verdicts(rows)
    elif chart:
        show = (
            f'<a class="thumb" href="{chart.link}"><b>{safe(chart.title)}</b><span class="unit">{safe(chart.unit)}</span>'
            f"{picture(chart, alt=f'Figure {chart.number}: {chart.title}')}</a>"
        )
    number = f'<span class="place" aria-hidden="true">{place}</span>'
    return f'<li class="answer"><div class="said">{number}{finding_html(finding, chart)}</div>{show}</li>'


def span_sentence(run: Run) -> str:
    """Say for which dates the answers hold, from the parameters of the run and the last day of its prices."""
    boom, event = run.parameters.get("01_valuation_growth", {}), run.parameters.get("02_selloff", {})
    said = []
    if "boom_start" in boom:
        said.append(f"the boom is counted from {_day(boom['boom_start'])} to {_day(boom['boom_end'])}")
    if "event_date" in event:
        said.append(f"the day studied is {_day(event['event_date'])}")
    if last := last_day(run):
        said.append(f"prices run to {_day(last)}")
    sentence = prose.listing(said) if said else ""
    return f"{sentence[:1].upper()}{sentence[1:]}." if said else ""


def last_day(run: Run) -> str:
    """Return the last day of the daily prices of the run, or nothing where they were not kept."""
    path = run.folder / "00_data" / "data" / "prices_ai.csv"
    return path.read_text(encoding="utf-8").rstrip().rpartition("\n")[2].split(",", 1)[0] if path.is_file() else ""


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
        "run_name": isolated(run.name),
        "run_date": _day(run.finished[:10]) if run.finished else "",
        "run_time": safe(run.finished),
        "run_preset": isolated(run.preset),
        "run_changed": changed,
        "run_parameters": table,
        "summary": (answers(run)[0] or QUESTION).replace("**", ""),
    }


def _day(text: object) -> str:
    try:
        return safe(prose.day(str(text))).replace(" ", "\u00a0")
    except ValueError:
        return isolated(text)


def _verdicts(rows: Sequence[Mapping[str, str]]) -> str:
    bar = "".join(f'<span class="part {kind}" style="flex-grow:{count}"></span>' for _, kind, count in counted(rows))
    said = "".join(
        f'<li><span class="mark {kind}" aria-hidden="true"></span><b>{count}</b> {safe(many(verdict, count))}</li>'
        for verdict, kind, count in counted(rows)
    )
    return f'<a class="thumb" href="claims.html"><b>{len(rows)} claims, checked</b></a><div class="bar" aria-hidden="true">{bar}</div><ul class="counts">{said}</ul>'


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


def _sure(run: Run, rows: Sequence[Mapping[str, str]]) -> str:
    """Say how sure the answers are: in the words of 04, else by the grades of all key figures."""
    said = "\n\n".join(text for text, _ in run.cells("how-sure"))
    keys = [key for content in run.results.values() for key in content["keys"].values()]
    grades = [
        f"{count} {grade}"
        for grade in ("high", "medium", "low")
        if (count := sum(key["confidence"] == grade for key in keys))
    ]
    if not said and grades:
        said = f"Confidence in the {len(keys)} key figures: {prose.listing(grades)}."
    more = f'<p><a href="{STUDIES[0]}.html">What would change the answers</a></p>' if rows else ""
    return f"\n## How sure are we?\n\n{raw(rich(said) + more)}" if said else ""


def _doors(run: Run, rows: Sequence[Mapping[str, str]]) -> str:
    doors = [
        *([("five_minutes.html", "In five minutes")] if run.cells("five-minutes") else []),
        *([("claims.html", "Every claim")] if rows else []),
        ("charts.html", "All charts"),
        ("presenting.html", "Slides, PDF and PowerPoint"),
        ("downloads/study.xlsx", "All tables as one workbook"),
    ]
    return f'<ul class="doors" aria-label="Further on">{"".join(f"""<li><a href="{place}">{title}</a></li>""" for place, title in doors)}</ul>'


def five_minutes(run: Run) -> str:
    """Write the short version: what the cells of 04 tagged for it say, each followed by the chart that its tag names."""
    parts = []
    for text, tags in run.cells("five-minutes"):
        charts = [run.chart(tag.removeprefix("chart:")) for tag in tags if tag.startswith("chart:")]
        figures = "".join(figure_html(chart).replace(chart_files(chart), "") for chart in charts if chart)
        parts.append(raw(rich(text.lstrip()) + figures) if not text.lstrip().startswith("#") else "")
    studies = [name for name in STUDIES[1:4] if name in run.results]
    on = prose.listing(f'<a href="{quote(name)}.html">{NAVIGATION[name]}</a>' for name in studies)
    return (
        "# In five minutes\n\n"
        + "\n".join(filter(None, parts))
        + raw(f'<p class="small">More on each: {on}.</p>' if studies else "")
    )
