"""The pages of the site that no notebook writes: home, claims, charts, data."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from helpers import claims, words
from helpers.pages import Chart, Run, anchor, isolated, picture, raw, rich_line, safe, saves
from helpers.parameters import shown

QUESTION = "How much of the AI boom was growth, and how much was price?"
STUDIES = ("04_findings", "01_valuation_growth", "02_selloff", "03_dotcom_comparison", "00_data")
WIDE = "---\nhtml_theme.sidebar_secondary.remove: true\n---\n\n"  # no list of sections beside the page
GRADES = ("high", "medium", "low")
VERDICT_CLASS = dict(zip(claims.VERDICTS, ("holds", "roughly", "not", "unchecked"), strict=True))


def home(run: Run) -> str:
    """Write the home page: the question, five answers with their charts, the verdicts, how sure, which dates."""
    cards = [
        _answer(place, finding, notebook, run)
        for place, (notebook, finding) in enumerate(answers(run), start=1)
    ]
    rows = claim_rows(run)
    counted = _verdict_card(rows) if rows else _steps_card(run)
    body = "".join(cards)
    return (
        f"{WIDE}# {QUESTION}\n\n"
        + raw(f'<p class="lede">{span_sentence(run)}</p>')
        + raw(f'<ol class="answers">{body}<li class="answer verdicts">{counted}{_sure(run)}</li></ol>')
        + raw(_doors(run))
    )


def answers(run: Run, count: int = 5) -> list[tuple[str, Mapping[str, Any]]]:
    """Return the findings for the home page: those of 04 where it has run, else the first of each notebook.

    Returns
    -------
    list of (notebook, finding)
    """
    found = [
        (notebook, finding)
        for notebook in STUDIES[:1]
        for finding in run.results.get(notebook, {}).get("findings", [])
    ]
    rest = [(name, run.results[name]["findings"]) for name in STUDIES[1:] if name in run.results]
    for place in range(max((len(findings) for _, findings in rest), default=0)):
        found += [(name, findings[place]) for name, findings in rest if place < len(findings)]
    return found[:count]


def chart_of(finding: Mapping[str, Any], notebook: str, run: Run) -> Chart | None:
    """Return the chart a finding points to, in its own notebook or in another."""
    wanted = str(finding.get("figure") or "")
    return run.chart(wanted.rpartition("/")[2], wanted.rpartition("/")[0] or notebook) if wanted else None


def _answer(place: int, finding: Mapping[str, Any], notebook: str, run: Run) -> str:
    chart = chart_of(finding, notebook, run)
    link = picture_link(chart, f"Figure {chart.number}: {chart.title}") if chart else ""
    pointer = (
        f'<a class="pointer" href="{chart.link}">Figure {safe(chart.number)}</a>'
        if chart
        else f'<a class="pointer" href="{quote(notebook)}.html">the notebook</a>'
    )
    return (
        f'<li class="answer">{link}<p><span class="place" aria-hidden="true">{place}</span>'
        f"{rich_line(finding['text'])} {pointer}</p></li>"
    )


def picture_link(chart: Chart, label: str) -> str:
    """Return a small chart that leads to the figure."""
    return f'<a class="thumb" href="{chart.link}"><span class="unit">{safe(chart.unit)}</span>{picture(chart, lazy=False, alt=label)}</a>'


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


def _verdict_card(rows: Sequence[Mapping[str, str]]) -> str:
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


def _steps_card(run: Run) -> str:
    items = "".join(
        f'<li><b>{len(content["findings"])}</b> findings in <a href="{quote(name)}.html">{safe(name)}</a></li>'
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


def _doors(run: Run) -> str:
    items = "".join(
        f'<li><a href="{quote(name)}.html">{safe(title)}</a></li>'
        for name, title in (
            ("claims", "Every claim with its verdict"),
            ("charts", "All charts"),
            ("methods", "Methods"),
            ("data", "The figures of record"),
        )
        if name != "claims" or claim_rows(run)
    )
    return f'<ul class="doors" aria-label="Further on">{items}</ul>'


def claim_rows(run: Run) -> list[dict[str, str]]:
    """Return the claims with verdict and evidence, amounts written with their units.

    Returns
    -------
    list of dict
        Empty where 04 has not run.
    """
    folder = run.folder / "04_findings" / "tables"
    written = {row["claim"]: row for row in read_csv(folder / "claims_shown.csv")}
    rows = []
    for row in read_csv(folder / "claims.csv"):
        texts = written.get(row["claim"], {})
        unit = row.get("unit", "")
        for part in ("stated", "measured"):
            row[part] = texts.get(part, f"{row.get(part, '')} {unit}" if row.get(part) else "")
        ends = [row[end] for end in ("low", "high") if row.get(end)]
        row["range"] = texts.get("range", " to ".join(ends))
        rows.append(row)
    return rows


def read_csv(path: Path) -> list[dict[str, str]]:
    """Read a CSV file as texts; nothing where it is missing."""
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def claims_page(run: Run) -> str:
    """Write the page of claims: all rows there without a script, buttons that show one verdict with it."""
    rows = claim_rows(run)
    buttons = "".join(
        f'<button type="button" data-verdict="{kind}" aria-pressed="false">{safe(name)} '
        f"({sum(row['verdict'] == name for row in rows)})</button>"
        for name, kind in VERDICT_CLASS.items()
    )
    head = "".join(
        f'<th scope="col">{name}</th>' for name in ("claim", "stated", "measured", "verdict", "evidence")
    )
    body = "".join(_claim(row, run) for row in rows)
    return (
        f"{WIDE}# Does each claim hold?\n\n"
        "Every figure claimed in the article of 31 January 2025, and by the people it quotes, in our words; "
        "beside it what this run measured, and a verdict given by rules that are code "
        "([how](methods.md#verdicts-on-claims)).\n\n"
        + raw(
            f'<div class="filter" role="group" aria-label="Show claims by verdict" hidden>'
            f'<button type="button" data-verdict="" aria-pressed="true">all ({len(rows)})</button>{buttons}</div>'
            f'<p class="shown" role="status"></p>'
            f'<table class="claims"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
            + saves("tables/04_findings/claims", ["csv"], "the table of claims")
        )
    )


def _claim(row: Mapping[str, str], run: Run) -> str:
    kind = VERDICT_CLASS.get(row["verdict"], "unchecked")
    notebook = row.get("evidence notebook", "")
    chart = run.chart(row.get("figure", ""), notebook) if row.get("figure") else None
    evidence = (
        f'<a href="{chart.link}">Figure {safe(chart.number)}</a>'
        if chart
        else f'<a href="{quote(notebook)}.html">{safe(notebook)}</a>'
        if notebook in run.results
        else ""
    )
    measured = safe(row["measured"]) + (f"<br><small>{safe(row['range'])}</small>" if row["range"] else "")
    how = " ".join(
        f"<span>{safe(text)}{'' if text.endswith('.') else '.'}</span>"
        for text in (row.get("how", ""), row.get("if read otherwise", ""))
        if text
    )
    grade = f"<small>confidence: {safe(row.get('confidence', ''))}</small>" if row.get("confidence") else ""
    cells = (
        ("stated", safe(row["stated"])),
        ("measured", measured),
        ("verdict", f'<span class="mark {kind}" aria-hidden="true"></span>{safe(row["verdict"])}'),
        ("evidence", f"{evidence}<br>{grade}" if grade else evidence),
    )
    rest = "".join(
        f'<td data-head="{name}"><div>{text}</div></td>' if text else "<td></td>" for name, text in cells
    )
    details = f"<details><summary>how it was measured</summary><p>{how}</p></details>" if how else ""
    return (
        f'<tr data-verdict="{kind}" id="{anchor("claim", row.get("id", ""))}"><th scope="row">{safe(row["claim"])} '
        f'<small class="said">{safe(row.get("said by", ""))}</small>{details}</th>{rest}</tr>'
    )


def charts_page(run: Run) -> str:
    """Write the gallery of all charts."""
    parts = [f"{WIDE}# All charts\n\nEach with its page, and as SVG, PNG and CSV.\n"]
    for notebook, title in titles(run).items():
        here = [chart for chart in run.charts.values() if chart.notebook == notebook]
        if here:
            cards = "".join(
                f'<li><a class="thumb" href="{chart.link}">{picture(chart, alt="")}'
                f'<span class="number">Figure {safe(chart.number)}</span> {safe(chart.title)}</a>'
                + saves(
                    chart.place, ["svg", "png", *(["csv"] if chart.data else [])], f"figure {chart.number}"
                )
                + "</li>"
                for chart in here
            )
            parts.append(f"## {title}\n\n" + raw(f'<ul class="gallery">{cards}</ul>'))
    return "\n".join(parts)


def titles(run: Run) -> dict[str, str]:
    """Return notebook -> its title, from its first cell."""
    found = {}
    for name in run.results:
        notebook = json.loads((run.folder / name / f"{name}.ipynb").read_text(encoding="utf-8"))
        first = "".join(notebook["cells"][0]["source"]).splitlines()
        found[name] = first[0].lstrip("# ") if first else name
    return found


def data_page(passport: Mapping[str, Any]) -> str:
    """Write the page of the figures of record from their data package."""
    files = passport["resources"]
    rows = "".join(
        f'<tr><th scope="row"><a href="#{anchor("file", file["name"])}">{safe(file["path"])}</a></th><td>{safe(file["title"])}</td>'
        f'<td class="num">{int(file.get("rows", 0)):,}</td><td class="num">{int(file.get("bytes", 0)) / 1024:,.0f}</td></tr>'
        for file in files
    )
    head = "".join(f'<th scope="col">{name}</th>' for name in ("file", "what it holds", "rows", "kB"))
    table = f'<div class="scroll" data-label="the files"><table class="study"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
    return (
        f"# The figures of record\n\n{_markdown(passport.get('description', ''))} "
        f"Version {_markdown(passport.get('version', ''))}. Every file is listed in "
        "[datapackage.json](data/datapackage.json) with fields, units, sources, licence note and sha256.\n\n"
        + raw(table)
        + "\n## File by file\n\n"
        + raw("".join(_file(file) for file in files))
    )


def _file(file: Mapping[str, Any]) -> str:
    fields = "".join(
        f'<tr><th scope="row">{safe(field["name"])}</th><td>{safe(field.get("type", ""))}</td>'
        f"<td>{safe(field.get('unit', ''))}</td><td>{safe(field.get('description', ''))}</td></tr>"
        for field in file.get("schema", {}).get("fields", [])
    )
    head = "".join(f'<th scope="col">{name}</th>' for name in ("field", "type", "unit", "meaning"))
    sources = "; ".join(safe(source["title"]) for source in file.get("sources", []))
    return (
        f'<section class="file" id="{anchor("file", file["name"])}"><h3>{safe(file["title"])}</h3>'
        f"<p>{safe(file.get('description', ''))}</p>"
        f'<p class="saves">Save: <a href="data/{quote(file["path"])}" download>{safe(file["path"])}</a></p>'
        f"<details><summary>Fields, units and checksum</summary>"
        f'<div class="scroll" data-label="fields of {safe(file["path"])}"><table class="study"><thead><tr>{head}</tr></thead><tbody>{fields}</tbody></table></div>'
        f'<p class="small hash">{safe(file.get("hash", ""))}</p></details>'
        f'<p class="small">Sources: {sources}. {safe(file.get("licenseNote", ""))}</p></section>'
    )


def _markdown(text: object) -> str:
    """Make a text of the data package safe inside a Markdown sentence."""
    return safe(text).replace("*", "&#42;").replace("[", "&#91;").replace("_", "&#95;")
