"""The pages of the site that no notebook writes, each a template of ``report/pages`` filled from a run."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from study import site_home
from study.pages import Run, anchor, chart_files, figure_html, literal, picture, read_notebook, rich, safe

# What the menu calls each page, in its order; a page that is not there is left out, one that is not here is found by links.
NAVIGATION = {
    "five_minutes": "In five minutes", "01_valuation_growth": "Growth or price", "02_selloff": "The selloff",
    "03_dotcom_comparison": "Then and now", "claims": "Claims", "charts": "Charts", "data": "Data", "methods": "Methods",
    "glossary": "Glossary", "presenting": "Slides",
}  # fmt: skip
UNLISTED = {"04_findings": "Findings", "00_data": "Checks of the data"}
VERDICTS = {
    "holds": "holds",
    "holds roughly": "roughly",
    "depends on the reading": "depends",
    "does not hold": "not",
}  # verdict -> colour


def templates(folder: Path) -> Environment:
    """Return an environment whose templates show every value as text, whatever it holds, unless a filter made it HTML."""

    def marked(function: Any) -> Any:
        return lambda *given: Markup(function(*given))

    environment = Environment(
        loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined, lstrip_blocks=True, keep_trailing_newline=True,
        finalize=lambda value: value if isinstance(value, Markup) else Markup(safe(f"{value:,}" if isinstance(value, int) else value)),
    )  # fmt: skip
    environment.filters |= {
        "rich": marked(rich), "line": marked(lambda text: rich(str(text), line=True)), "literal": marked(literal), "linked": marked(linked),
        "picture": marked(picture), "figure": marked(figure_html), "files": marked(chart_files), "many": site_home.many,
        "anchor": lambda name, kind: anchor(kind, name),
    }  # fmt: skip
    return environment


def linked(title: str, address: str = "") -> str:
    """Return a source with a link to where it can be read: its address, or the public repository that its title names."""
    if not address.startswith("https://"):
        return re.sub(r"(repository )([\w.-]+/[\w.-]*\w)", r'\1<a href="https://github.com/\2">\2</a>', safe(title))
    return f'<a href="{safe(address)}">{safe(title)}</a>'


def counted(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, int]]:
    """Return verdict, colour and count of the verdicts that were given, the firmest first."""
    found = dict.fromkeys([*VERDICTS, *(row["verdict"] for row in rows)])
    return [
        (name, VERDICTS.get(name, "unchecked"), count)
        for name in found
        if (count := sum(row["verdict"] == name for row in rows))
    ]


def claim_rows(run: Run) -> list[dict[str, Any]]:
    """Return the claims with verdict and evidence, amounts written with their units; none where 04 has not run."""
    folder = run.folder / "04_findings" / "tables"
    written = {row["claim"]: row for row in read_csv(folder / "claims_shown.csv")}
    rows: list[dict[str, Any]] = []
    for row in read_csv(folder / "claims.csv"):
        texts, unit, notebook = written.get(row["claim"], {}), row.get("unit", ""), row.get("evidence notebook", "")
        for part in ("stated", "measured"):
            row[part] = texts.get(part, f"{row.get(part, '')} {unit}" if row.get(part) else "")
        row["range"] = texts.get("range", " to ".join(row[end] for end in ("low", "high") if row.get(end)))
        chart = run.chart(row["figure"], notebook) if row.get("figure") else None
        page = (notebook, (NAVIGATION | UNLISTED).get(notebook, notebook)) if notebook in run.results else None
        about = {
            "how": "",
            "if read otherwise": "",
            "confidence": "",
            "said by": "",
            "why": "",
            "headline": row["claim"],
        } | row
        rows.append(
            about
            | {
                "colour": VERDICTS.get(row["verdict"], "unchecked"),
                "chart": chart,
                "page": page,
                "anchor": anchor("claim", row.get("id", "")),
            }
        )
    return rows


def read_csv(path: Path) -> list[dict[str, str]]:
    """Read a CSV file as texts; nothing where it is missing."""
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def pages_around(run: Run, root: Path, pdf: bool) -> dict[str, str]:
    """Write the pages around the notebooks: home, five minutes, claims, charts, presenting, data; by name."""
    write, rows = templates(root / "report" / "pages").get_template, claim_rows(run)
    verdicts, short = counted(rows), site_home.five_minutes(run)
    groups = []
    for notebook in run.results:
        first = "".join(read_notebook(run, notebook)["cells"][0]["source"]).splitlines()
        groups.append(
            (
                Markup(first[0].lstrip("# ") if first else notebook),
                [chart for chart in run.charts.values() if chart.notebook == notebook],
            )
        )
    pages = {
        "index": write("index.md").render(site_home.home(run), verdicts=verdicts),
        "charts": write("charts.md").render(groups=[group for group in groups if group[1]]),
        "presenting": write("presenting.md").render(place=site_home.SLIDES, pdf=pdf),
    }
    if rows:
        pages["claims"] = write("claims.md").render(rows=rows, verdicts=verdicts)
    if short:
        studies = [(name, NAVIGATION[name]) for name in site_home.STUDIES[1:4] if name in run.results]
        pages["five_minutes"] = write("five_minutes.md").render(parts=short, studies=studies)
    passport = root / "data" / "raw" / "datapackage.json"
    if passport.is_file():
        package = json.loads(passport.read_text(encoding="utf-8"))
        package["resources"] = [
            {"description": "", "hash": "", "licenseNote": ""} | file for file in package["resources"]
        ]
        for file in package["resources"]:
            columns = file.get("schema", {}).get("fields", [])
            file["fields"] = [
                [column.get(part, "") for part in ("name", "type", "unit", "description")] for column in columns
            ]
            file["sources"] = [{"path": ""} | source for source in file.get("sources", [])]
        overview = [
            (
                Markup(f'<a href="#{anchor("file", file["name"])}">{safe(file["title"])}</a>'),
                file.get("rows", 0),
                file.get("bytes", 0) // 1024,
            )
            for file in package["resources"]
        ]
        pages["data"] = write("data.md").render(
            passport={"description": "", "version": ""} | package, overview=overview, checked="00_data" in run.results
        )
    return pages
