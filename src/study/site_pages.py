"""The pages of the site that no notebook writes: claims, charts, data."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from helpers import claims
from study.pages import Run, anchor, raw, safe, saves, study_table

WIDE = "---\nhtml_theme.sidebar_secondary.remove: true\n---\n\n"  # no list of sections beside the page
# What a heading of the navigation calls each page; a page that is not there is left out.
NAVIGATION = {
    "04_findings": "Findings", "01_valuation_growth": "Growth or price", "02_selloff": "The selloff",
    "03_dotcom_comparison": "Then and now", "claims": "Claims", "charts": "Charts", "00_data": "Data and checks",
    "data": "Figures of record", "methods": "Methods", "glossary": "Glossary", "howto_explosiveness": "Testing for explosiveness",
    "reference": "Helper reference", "blind_test": "Blind test", "faults": "When something is wrong",
}  # fmt: skip
VERDICT_CLASS = dict(zip(claims.VERDICTS, ("holds", "roughly", "not", "unchecked"), strict=True))


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
    head = "".join(f'<th scope="col">{name}</th>' for name in ("claim", "stated", "measured", "verdict", "evidence"))
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
        else f'<a href="{quote(notebook)}.html">{NAVIGATION.get(notebook, safe(notebook))}</a>'
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
    rest = "".join(f'<td data-head="{name}"><div>{text}</div></td>' if text else "<td></td>" for name, text in cells)
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
                f'<li><a class="thumb" href="{chart.link}"><img class="only-light" src="{chart.place}.small.png" alt="" loading="lazy">'
                f'<img class="only-dark" src="{chart.place}.small-dark.png" alt="" loading="lazy">'
                f'<span class="number">Figure {safe(chart.number)}</span> {safe(chart.title)}</a>'
                + saves(chart.place, ["svg", "png", *(["csv"] if chart.data else [])], f"figure {chart.number}")
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
    table = study_table("the files", ("file", "what it holds", "rows", "kB"), rows)
    return (
        "# The figures of record\n\n"
        + raw(
            f"<p>{safe(passport.get('description', ''))} Version {safe(passport.get('version', ''))}. Every file is listed in "
            '<a href="data/datapackage.json">datapackage.json</a> with fields, units, sources, licence note and sha256.</p>'
        )
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
    table = study_table(f"fields of {file['path']}", ("field", "type", "unit", "meaning"), fields)
    sources = "; ".join(safe(source["title"]) for source in file.get("sources", []))
    return (
        f'<section class="file" id="{anchor("file", file["name"])}"><h3>{safe(file["title"])}</h3>'
        f"<p>{safe(file.get('description', ''))}</p>"
        f'<p class="saves">Save: <a href="data/{quote(file["path"])}" download>{safe(file["path"])}</a></p>'
        f"<details><summary>Fields, units and checksum</summary>"
        f"{table}"
        f'<p class="small hash">{safe(file.get("hash", ""))}</p></details>'
        f'<p class="small">Sources: {sources}. {safe(file.get("licenseNote", ""))}</p></section>'
    )
