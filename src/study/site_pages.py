"""The pages of the site that no notebook writes: claims, charts, data, presenting."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from study.pages import Run, anchor, chart_files, picture, raw, read_notebook, safe, saves, study_table

WIDE = "---\nhtml_theme.sidebar_secondary.remove: true\n---\n\n"  # no list of sections beside the page
# What the menu calls each page, in its order; a page that is not there is left out, one that is not here is found by links.
NAVIGATION = {
    "five_minutes": "In five minutes", "01_valuation_growth": "Growth or price", "02_selloff": "The selloff",
    "03_dotcom_comparison": "Beside the dot-com years", "claims": "Claims", "charts": "Charts", "data": "Data", "methods": "Methods",
    "glossary": "Glossary", "presenting": "Slides",
}  # fmt: skip
UNLISTED = {"04_findings": "Findings", "00_data": "Checks of the data"}
VERDICTS = {
    "holds": "holds",
    "holds roughly": "roughly",
    "depends on the reading": "depends",
    "does not hold": "not",
}  # verdict -> colour


def kind(verdict: str) -> str:
    """Return the colour of a verdict; one that is no verdict is grey."""
    return VERDICTS.get(verdict, "unchecked")


def counted(rows: Sequence[Mapping[str, str]]) -> list[tuple[str, str, int]]:
    """Return verdict, colour and count of the verdicts that were given, the firmest first."""
    found = dict.fromkeys([*VERDICTS, *(row["verdict"] for row in rows)])
    return [(name, kind(name), count) for name in found if (count := sum(row["verdict"] == name for row in rows))]


def claim_rows(run: Run) -> list[dict[str, str]]:
    """Return the claims with verdict and evidence, amounts written with their units; none where 04 has not run."""
    folder = run.folder / "04_findings" / "tables"
    written = {row["claim"]: row for row in read_csv(folder / "claims_shown.csv")}
    rows = []
    for row in read_csv(folder / "claims.csv"):
        texts, unit = written.get(row["claim"], {}), row.get("unit", "")
        for part in ("stated", "measured"):
            row[part] = texts.get(part, f"{row.get(part, '')} {unit}" if row.get(part) else "")
        row["range"] = texts.get("range", " to ".join(row[end] for end in ("low", "high") if row.get(end)))
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
        f'<button type="button" data-verdict="{colour}" aria-pressed="false">{safe(name)} ({count})</button>'
        for name, colour, count in counted(rows)
    )
    head = "".join(f'<th scope="col">{name}</th>' for name in ("claim", "stated", "measured", "verdict", "evidence"))
    return (
        f"{WIDE}# Does each claim hold?\n\n"
        "Every figure claimed in the article of 31 January 2025, and by the people it quotes, in our words. "
        "Beside it stands what this run measured, and a verdict given by fixed rules ([how](methods.md#verdicts-on-claims)).\n\n"
        + raw(
            f'<div class="filter" role="group" aria-label="Show claims by verdict" hidden>'
            f'<button type="button" data-verdict="" aria-pressed="true">all ({len(rows)})</button>{buttons}</div>'
            f'<p class="shown" role="status"></p>'
            f'<table class="claims"><thead><tr>{head}</tr></thead><tbody>{"".join(_claim(row, run) for row in rows)}</tbody></table>'
            + saves("tables/04_findings/claims", {".csv": "CSV"}, "the table of claims")
        )
    )


def _claim(row: Mapping[str, str], run: Run) -> str:
    notebook = row.get("evidence notebook", "")
    chart = run.chart(row.get("figure", ""), notebook) if row.get("figure") else None
    evidence = f'<a href="{chart.link}">Figure {safe(chart.number)}</a>' if chart else ""
    if not chart and notebook in run.results:
        evidence = f'<a href="{quote(notebook)}.html">{(NAVIGATION | UNLISTED).get(notebook, safe(notebook))}</a>'
    measured = safe(row["measured"]) + (f"<br><small>{safe(row['range'])}</small>" if row["range"] else "")
    how = " ".join(
        f"<span>{safe(text)}{'' if text.endswith('.') else '.'}</span>"
        for text in (row.get("how", ""), row.get("if read otherwise", ""))
        if text
    )
    grade = f"<br><small>confidence: {safe(row.get('confidence', ''))}</small>" if row.get("confidence") else ""
    colour = kind(row["verdict"])
    cells = {
        "stated": safe(row["stated"]), "measured": measured,
        "verdict": f'<span class="mark {colour}" aria-hidden="true"></span>{safe(row["verdict"])}', "evidence": evidence + grade,
    }  # fmt: skip
    rest = "".join(
        f'<td data-head="{name}"><div>{text}</div></td>' if text else "<td></td>" for name, text in cells.items()
    )
    details = f"<details><summary>how it was measured</summary><p>{how}</p></details>" if how else ""
    return (
        f'<tr data-verdict="{colour}" id="{anchor("claim", row.get("id", ""))}"><th scope="row">{safe(row["claim"])} '
        f'<small class="said">{safe(row.get("said by", ""))}</small>{details}</th>{rest}</tr>'
    )


def charts_page(run: Run) -> str:
    """Write the gallery of all charts."""
    parts = [
        f"{WIDE}# All charts\n\nEach leads to its page. For slides there are pictures without a title, on no ground.\n"
    ]
    for notebook in run.results:
        cards = "".join(
            f'<li><a class="thumb" href="{chart.link}">{picture(chart, alt="")}'
            f'<span class="number">Figure {safe(chart.number)}</span> {safe(chart.title)}</a>{chart_files(chart)}</li>'
            for chart in run.charts.values()
            if chart.notebook == notebook
        )
        first = "".join(read_notebook(run, notebook)["cells"][0]["source"]).splitlines()
        parts += (
            [f"## {first[0].lstrip('# ') if first else notebook}\n\n" + raw(f'<ul class="gallery">{cards}</ul>')]
            if cards
            else []
        )
    return "\n".join(parts)


def presenting_page(run: Run, place: str, pdf: bool) -> str:
    """Write the page for those who give a talk: the deck, its PDF and PowerPoint, single charts, the workbook."""
    deck = [("index.html", "Open the slides", "in the browser; S shows the speaker's notes, F fills the screen")]
    deck += [
        (
            "slides.pptx",
            "PowerPoint",
            "the same slides; bars and lines are charts that can be edited, the notes are there",
        )
    ]
    deck += [("slides.pdf", "PDF", "one slide a page")] * pdf
    items = "".join(
        f'<li><a href="{place}/{file}"{" download" * (file != "index.html")}>{name}</a>: {what}.</li>'
        for file, name, what in deck
    )
    return (
        "# Slides, and what a talk needs\n\n"
        + raw(f"<ul>{items}</ul>")
        + "\nEvery title, figure and note was computed in this run.\n\n## Single charts\n\n"
        "Under each chart stand a picture of 2,560 pixels and a drawing whose letters can be edited, both without a title "
        "and on no ground, named by the number of the figure. All of them are in the [gallery](charts.md).\n\n## Numbers\n\n"
        + raw(
            '<p><a href="downloads/study.xlsx" download>One workbook</a> holds every table, the data of every chart and all key figures, with units and sources.</p>'
        )
    )


def data_page(passport: Mapping[str, Any]) -> str:
    """Write the page of the figures of record from their data package."""
    files = passport["resources"]
    rows = "".join(
        f'<tr><th scope="row"><a href="#{anchor("file", file["name"])}">{safe(file["title"])}</a></th>'
        f'<td class="num">{int(file.get("rows", 0)):,}</td><td class="num">{int(file.get("bytes", 0)) / 1024:,.0f}</td></tr>'
        for file in files
    )
    return (
        "# The data\n\n"
        + raw(
            f"<p>{safe(passport.get('description', ''))} Version {safe(passport.get('version', ''))}. "
            '<a href="data/datapackage.json">The passport of the data</a> lists every file with fields, units, sources, licence and checksum; '
            '<a href="00_data.html">they were checked</a> in this run.</p>'
            + study_table("the files", ("what it holds", "rows", "kB"), rows)
        )
        + "\n## File by file\n\n"
        + raw("".join(map(_file, files)))
    )  # fmt: skip


def _file(file: Mapping[str, Any]) -> str:
    fields = "".join(
        f'<tr><th scope="row">{safe(field["name"])}</th><td>{safe(field.get("type", ""))}</td>'
        f"<td>{safe(field.get('unit', ''))}</td><td>{safe(field.get('description', ''))}</td></tr>"
        for field in file.get("schema", {}).get("fields", [])
    )
    table = study_table(f"fields of {file['path']}", ("field", "type", "unit", "meaning"), fields)
    sources = "; ".join(
        f'<a href="{safe(source["path"])}">{safe(source["title"])}</a>'
        if str(source.get("path", "")).startswith("https://")
        else safe(source["title"])
        for source in file.get("sources", [])
    )
    return (
        f'<section class="file" id="{anchor("file", file["name"])}"><h3>{safe(file["title"])}</h3>'
        f"<p>{safe(file.get('description', ''))}</p>"
        f'<p class="saves">Save: <a href="data/{quote(file["path"])}" download>{safe(file["path"])}</a></p>'
        f"<details><summary>Fields, units and checksum</summary>{table}"
        f'<p class="small hash">{safe(file.get("hash", ""))}</p></details>'
        f'<p class="small">Sources: {sources}. {safe(file.get("licenseNote", ""))}</p></section>'
    )
