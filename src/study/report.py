"""The site of a finished run: pages prepared from its notebooks and results, built by Sphinx, published whole."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from study import site_pages, slides, storage, sweep_pages
from study.pages import Run, copy_chart, parts, raw, read_run, rich, table_html


class SiteFailed(RuntimeError):
    """Sphinx could not build the site; the message holds what it said."""


def build_site(run_folder: Path, root: Path) -> Path:
    """Build the site of a finished run in ``run_folder / "site"`` and return its ``index.html``.

    It is built beside its place and published by one rename. Where Sphinx fails, `SiteFailed` says why and the last
    site stays.
    """
    run, cite = read_run(run_folder), root / "CITATION.cff"
    cited = yaml.safe_load(cite.read_text(encoding="utf-8")) if cite.is_file() else {}
    with tempfile.TemporaryDirectory(prefix=".site-", dir=run_folder) as folder:
        source, built = Path(folder) / "source", Path(folder) / "site"
        source.mkdir()
        write_sources(run, root, source)
        warnings = run_sphinx(source, built, root, site_pages.run_facts(run) | {"cite": cited})
        copy_files(run, root, built)
        print_report(built)
        (built / "warnings.txt").write_text(warnings, encoding="utf-8") if warnings else None
        storage.publish(built, run_folder / "site")
    return run_folder / "site" / "index.html"


def write_sources(run: Run, root: Path, source: Path) -> None:
    """Write what Sphinx reads into an empty folder: a prepared copy of each notebook and the pages around them."""
    for path in (root / "docs").glob("*.*"):
        shutil.copy(path, source)
    for name in run.results:
        page = json.dumps(prepared(run, name, root), ensure_ascii=False)
        (source / f"{name}.ipynb").write_text(page, encoding="utf-8")
    pages = site_pages.pages_around(run, root, slides.find_browser() is not None)
    pages |= {sweep.name: sweep_pages.sweep_page(sweep, run, root) for sweep in sweep_pages.sweeps_of(run)}
    for name, text in pages.items():
        (source / f"{name}.md").write_text(text, encoding="utf-8")


def prepared(run: Run, name: str, root: Path) -> dict[str, Any]:
    """Return an executed notebook as its page shows it: findings first, code folded, figures and tables with their files."""
    cells: list[dict[str, Any]] = []
    notebook = run.notebook(name)
    for cell in notebook["cells"]:
        kept = {key: cell[key] for key in ("cell_type", "id")} | {"metadata": {}, "source": "".join(cell["source"])}
        if "five-minutes" in cell["metadata"].get("tags", []):
            continue
        if cell["cell_type"] == "code":
            outputs = [] if cell["id"] in ("findings", "save") else page_outputs(cell["outputs"], run, name, root)
            kept |= {"outputs": outputs, "execution_count": None, "metadata": {"tags": ["hide-input"]}}
            if cells and cells[-1]["cell_type"] == "code" and not cells[-1]["outputs"]:
                kept["source"] = f"{cells.pop()['source']}\n\n{kept['source']}"
        cells.append(kept)
    found = [(one, run.chart(one["figure"], name)) for one in run.results[name]["findings"]]
    top = f"## Findings\n\n{raw(parts(root).findings(found))}" if found else ""
    foot = raw(parts(root).saves(f"downloads/{name}", ((".ipynb", "the executed notebook"),), "this page"))
    for place, key, text in ((1, "page-findings", top), (len(cells) + 1, "page-download", foot)):
        cells.insert(place, {"cell_type": "markdown", "id": key, "metadata": {}, "source": text})
    return {"cells": cells, "metadata": notebook["metadata"], "nbformat": 4, "nbformat_minor": 5}


def page_outputs(outputs: list[dict[str, Any]], run: Run, name: str, root: Path) -> list[dict[str, Any]]:
    """Return the outputs of a cell as HTML: figures, tables, and text in which nothing but Markdown counts."""
    shown: list[dict[str, Any]] = []
    for output in outputs:
        data, about = output.get("data", {}), output.get("metadata", {})
        chart = run.charts.get(f"{name}/{about.get('image/png', {}).get('figure')}")
        if "caption_of" in about:
            continue
        if "text/markdown" in data:
            markup = rich("".join(data["text/markdown"]))
        elif chart:
            markup = parts(root).figure(chart)
        elif "table" in about:
            table = table_html("".join(data["text/html"]), str(about["table"]), name, root)
            # The one without a name is of the parameters: the line above the title says what was changed.
            markup = table if about["table"] else parts(root).folded("Parameters of this notebook", table)
        else:  # what a person's own cell shows
            shown.append(output)
            continue
        shown.append({"output_type": "display_data", "data": {"text/html": markup, "text/plain": ""}, "metadata": {}})
    return shown


def copy_files(run: Run, root: Path, site: Path) -> None:
    """Put the files that pages show or offer to save beside them: figures, tables, notebooks, raw data."""
    (site / "downloads").mkdir(exist_ok=True)
    for name in run.results:
        if (run.folder / name / "tables").is_dir():
            shutil.copytree(run.folder / name / "tables", site / "tables" / name)
        shutil.copy(run.folder / name / f"{name}.ipynb", site / "downloads")
    for chart in run.charts.values():
        copy_chart(chart, run.folder, site)
    for sweep in sweep_pages.sweeps_of(run):
        sweep_pages.copy_sweep(sweep, site)
    if (root / "data" / "raw").is_dir():
        shutil.copytree(root / "data" / "raw", site / "data")


def print_report(site: Path) -> None:
    """Print the page that joins the others as one PDF; where there is no Chromium, or it fails, the home page offers none."""
    page = site / "printed.html"  # a site of one chapter has none
    if not (page.is_file() and slides.print_pdf(page, site / "downloads" / "report.pdf")):
        home = (site / "index.html").read_text(encoding="utf-8")
        (site / "index.html").write_text(re.sub(r'<li class="pdf">.*?</li>', "", home), encoding="utf-8")
    page.unlink(missing_ok=True)


def run_sphinx(source: Path, built: Path, root: Path, facts: Mapping[str, Any]) -> str:
    """Run Sphinx in this process; return its warnings."""
    # jsonschema imports it where it can: it compiles a grammar for two seconds, for a check that no page asks for.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    from sphinx.application import Sphinx
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    said = io.StringIO()
    report = root / "report"
    with patch_docutils(report), docutils_namespace():
        app = Sphinx(
            source, report, built, source.parent / "doctrees", "html", {"html_context": {**facts, "default_mode": "auto"}},
            status=None, warning=said, parallel=1,
        )  # fmt: skip
        app.build()
    warnings = re.sub(r"\x1b\[[\d;]*m", "", said.getvalue()).replace(f"{source}{os.sep}", "")
    if app.statuscode or not (built / "index.html").is_file():
        raise SiteFailed(f"the site could not be built:\n{warnings}")
    for path in [*(built / "_static").rglob("*.map"), built / ".buildinfo", built / "objects.inv"]:
        path.unlink(missing_ok=True)
    shutil.rmtree(built / "_sources", ignore_errors=True)
    # The style sheet draws the few icons: the theme's script of thousands would only weigh.
    (built / "_static" / "scripts" / "fontawesome.js").write_text("", encoding="utf-8")
    return warnings
