"""The home page of the site, and what every page says about its run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from helpers import claims, words
from helpers.parameters import shown
from study.pages import Chart, Run, isolated, picture, raw, rich_line, safe
from study.site_pages import NAVIGATION, VERDICT_CLASS, WIDE, claim_rows

QUESTION = "How much of the AI boom was growth, and how much was price?"
STUDIES = ("04_findings", "01_valuation_growth", "02_selloff", "03_dotcom_comparison", "00_data")
GRADES = ("high", "medium", "low")


def home(run: Run) -> str:
    """Write the home page: the question, five answers with their charts, the verdicts, how sure, which dates."""
    rows = claim_rows(run)
    found = answers(run)
    cards = "".join(
        _answer(place, finding, notebook, run, rows) for place, (notebook, finding) in enumerate(found, start=1)
    )
    counted = any(_counts_claims(finding, rows) for _, finding in found)
    last = "" if counted else _verdicts(rows) if rows else _steps(run)
    return (
        f"{WIDE}# {QUESTION}\n\n"
        + raw(f'<p class="lede">{span_sentence(run)}</p>')
        + raw(f'<ol class="answers">{cards}<li class="answer">{last}{_sure(run)}{_doors(run, rows)}</li></ol>')
    )


def answers(run: Run, count: int = 5) -> list[tuple[str, Mapping[str, Any]]]:
    """Return the findings for the home page: those of 04 where it has run, else the first of each notebook.

    Returns
    -------
    list of (notebook, finding)
    """
    found = [
        (notebook, finding) for notebook in STUDIES[:1] for finding in run.results.get(notebook, {}).get("findings", [])
    ]
    rest = [(name, run.results[name]["findings"]) for name in STUDIES[1:] if name in run.results]
    for place in range(max((len(findings) for _, findings in rest), default=0)):
        found += [(name, findings[place]) for name, findings in rest if place < len(findings)]
    return found[:count]


def chart_of(finding: Mapping[str, Any], notebook: str, run: Run) -> Chart | None:
    """Return the chart a finding points to, in its own notebook or in another."""
    wanted = str(finding.get("figure") or "")
    return run.chart(wanted.rpartition("/")[2], wanted.rpartition("/")[0] or notebook) if wanted else None


def _answer(place: int, finding: Mapping[str, Any], notebook: str, run: Run, rows: Sequence[Mapping[str, str]]) -> str:
    chart = chart_of(finding, notebook, run)
    if _counts_claims(finding, rows):
        shown = _verdicts(rows)
    else:
        shown = picture_link(chart, f"Figure {chart.number}: {chart.title}") if chart else ""
    pointer = (
        f'<a class="pointer" href="{chart.link}">Figure {safe(chart.number)}</a>'
        if chart
        else f'<a class="pointer" href="{quote(notebook)}.html">the notebook</a>'
    )
    return (
        f'<li class="answer">{shown}<p><span class="place" aria-hidden="true">{place}</span>'
        f"{rich_line(finding['text'])} {pointer}</p></li>"
    )


def _counts_claims(finding: Mapping[str, Any], rows: Sequence[Mapping[str, str]]) -> bool:
    """Tell whether a finding is about the verdicts: their counts are then its chart."""
    return bool(rows) and str(finding.get("figure")).endswith("verdicts")


def picture_link(chart: Chart, label: str) -> str:
    """Return a small chart that leads to the figure."""
    return f'<a class="thumb" href="{chart.link}"><span class="unit">{safe(chart.unit)}</span>{picture(chart, alt=label)}</a>'


def span_sentence(run: Run) -> str:
    """Say for which dates the answers hold, from the parameters of the run and the last day of its prices."""
    boom, event = run.parameters.get("01_valuation_growth", {}), run.parameters.get("02_selloff", {})
    said = []
    if "boom_start" in boom:
        said.append(f"The boom is counted from {_day(boom['boom_start'])} to {_day(boom['boom_end'])}")
    if "event_date" in event:
        said.append(f"the selloff is that of {_day(event['event_date'])}")
    last = last_day(run)
    if last:
        said.append(f"prices reach {_day(last)}")
    sentence = "; ".join(said)
    return f"{sentence[:1].upper()}{sentence[1:]}." if said else ""


def last_day(run: Run) -> str:
    """Return the last day of the daily prices of the run, or nothing where they were not kept."""
    path = run.folder / "00_data" / "data" / "prices_ai.csv"
    if not path.is_file():
        return ""
    return path.read_text(encoding="utf-8").rstrip().rpartition("\n")[2].split(",", 1)[0]


def run_facts(run: Run) -> dict[str, Any]:
    """Return what every page says about its run: name, date, what was changed, all parameters."""
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
        "run_date": safe(_day(run.finished[:10])) if run.finished else "",
        "run_time": safe(run.finished),
        "run_preset": isolated(run.preset),
        "run_changed": changed,
        "run_parameters": table,
    }


def _day(text: object) -> str:
    try:
        return safe(words.day(str(text)))
    except ValueError:
        return isolated(text)


def _verdicts(rows: Sequence[Mapping[str, str]]) -> str:
    counts = {name: sum(row["verdict"] == name for row in rows) for name in claims.VERDICTS}
    bar = "".join(
        f'<span class="part {VERDICT_CLASS[name]}" style="flex-grow:{count}"></span>'
        for name, count in counts.items()
        if count
    )
    said = "".join(
        f'<li><span class="mark {VERDICT_CLASS[name]}" aria-hidden="true"></span><b>{count}</b> {safe(_plural(name, count))}</li>'
        for name, count in counts.items()
    )
    return (
        f'<h2><a href="claims.html">{len(rows)} claims, checked</a></h2><div class="bar" aria-hidden="true">{bar}</div>'
        f'<ul class="counts">{said}</ul>'
    )


def _plural(verdict: str, count: int) -> str:
    return verdict if count == 1 else verdict.replace("holds", "hold").replace("does not", "do not")


def _steps(run: Run) -> str:
    items = "".join(
        f'<li><b>{len(content["findings"])}</b> findings in <a href="{quote(name)}.html">{NAVIGATION.get(name, safe(name))}</a></li>'
        for name, content in run.results.items()
    )
    return f'<h2>This run</h2><ul class="counts">{items}</ul>'


def _sure(run: Run) -> str:
    """Say how sure the figures are: grades and intervals of all key figures."""
    keys = [key for content in run.results.values() for key in content["keys"].values()]
    if not keys:
        return ""
    graded = [(grade, sum(key["confidence"] == grade for key in keys)) for grade in GRADES]
    said = ", ".join(f"{count} {grade}" for grade, count in graded if count)
    spans = sum(key["low"] is not None for key in keys)
    last = "04_findings" if "04_findings" in run.results else next(iter(run.results))
    return (
        f"<h2>How sure?</h2><p>Confidence of the {len(keys)} key figures: {said}. "
        f"{words.plural(spans, 'figure').capitalize()} {'carries' if spans == 1 else 'carry'} an interval. "
        f'<a href="{quote(last)}.html#sure">What would change the answers</a></p>'
    )


def _doors(run: Run, rows: Sequence[Mapping[str, str]]) -> str:
    doors = [
        *([("claims", "Every claim with its verdict")] if rows else []),
        ("charts", "All charts"),
        ("methods", "Methods, with equations and papers"),
        ("data", "The figures of record"),
    ]
    items = "".join(f'<li><a href="{name}.html">{title}</a></li>' for name, title in doors)
    return f'<ul class="doors" aria-label="Further on">{items}</ul>'
