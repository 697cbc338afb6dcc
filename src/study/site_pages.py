"""The pages of the site that no notebook writes, each a template of ``report/pages`` filled from a run."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from study import site_home
from study.pages import Chart, Run, read_notebook, templates
from study.storage import read_json

# What the menu calls each page, in its order; a page that is not there is left out, one that is not here is found by links.
NAVIGATION = {
    "five_minutes": "In five minutes", "01_valuation_growth": "Growth or price", "02_selloff": "The selloff",
    "03_dotcom_comparison": "Then and now", "claims": "Claims", "charts": "Charts", "data": "Data", "methods": "Methods",
    "glossary": "Glossary", "presenting": "Slides",
}  # fmt: skip
VERDICTS = {
    "holds": "holds",
    "holds roughly": "roughly",
    "depends on the reading": "depends",
    "does not hold": "not",
}  # -> colour
CLAIM = [
    "id", "claim", "headline", "said by", "stated", "measured", "range", "verdict", "why", "how", "if read otherwise", "evidence notebook",
    "figure", "confidence",
]  # fmt: skip
RESOURCE = {
    "description": "",
    "hash": "",
    "licenseNote": "",
    "rows": 0,
    "bytes": 0,
    "sources": [],
    "schema": {"fields": []},
}
# On a public site the deck lies within the site, in a run beside it.
SLIDES = "slides" if os.environ.get("STUDY_SITE_URL") else "../slides"


def counted(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, int]]:
    """Return verdict, colour and count of the verdicts that were given, the firmest first."""
    given = [row["verdict"] for row in rows]
    firmest = dict.fromkeys([*VERDICTS, *given])
    return [(name, VERDICTS.get(name, "unchecked"), given.count(name)) for name in firmest if name in given]


def claim_rows(run: Run) -> list[dict[str, Any]]:
    """Return the claims with verdict and evidence, amounts written with their units; none where 04 has not run."""
    folder = run.folder / "04_findings" / "tables"
    if not (folder / "claims.csv").is_file():
        return []
    claims = pd.read_csv(folder / "claims.csv", dtype=str).set_index("claim", drop=False)
    written = pd.read_csv(folder / "claims_shown.csv", dtype=str).set_index("claim").reindex(claims.index)
    rows = []
    for row in claims.assign(**written).reindex(columns=CLAIM).fillna("").to_dict("records"):
        notebook = row["evidence notebook"]
        table = run.results.get(notebook, {}).get("tables", {}).get("claims_measured")
        rows.append(row | {
            "headline": row["headline"] or row["claim"],
            "colour": VERDICTS.get(row["verdict"], "unchecked"),
            "chart": run.chart(row["figure"], notebook) if row["figure"] else None,
            "table": {"page": notebook} | table if table else None,
        })  # fmt: skip
    return rows


def pages_around(run: Run, root: Path, pdf: bool) -> dict[str, str]:
    """Write the pages around the notebooks: home, five minutes, claims, charts, presenting, data; by name."""
    write, rows, short = templates(root / "report" / "pages").get_template, claim_rows(run), site_home.five_minutes(run)
    groups: dict[str, list[Chart]] = {}
    for chart in run.charts.values():
        groups.setdefault(chart.notebook, []).append(chart)
    package = read_json(root / "data" / "raw" / "datapackage.json")
    about = site_home.home(run) | {
        "verdicts": counted(rows), "rows": rows, "short": short, "pdf": pdf, "place": SLIDES, "checked": "00_data" in run.results,
        "groups": [(title_of(run, notebook), charts) for notebook, charts in groups.items()],
        "studies": [(name, NAVIGATION[name]) for name in site_home.STUDIES[1:4] if name in run.results],
        "package": {"description": "", "version": ""} | package, "files": [RESOURCE | file for file in package.get("resources", [])],
    }  # fmt: skip
    wanted = {"index": True, "charts": True, "presenting": True, "claims": rows, "five_minutes": short, "data": package}
    return {name: write(f"{name}.md").render(about) for name, there in wanted.items() if there}


def title_of(run: Run, notebook: str) -> str:
    """Return the title of a notebook's page, its first heading."""
    first = "".join(read_notebook(run, notebook)["cells"][0]["source"]).partition("\n")[0]
    return first.lstrip("# ") or notebook
