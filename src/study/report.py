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
from itertools import groupby
from pathlib import Path
from typing import Any

import yaml
from markupsafe import Markup

from study import site_home, site_pages, slides, storage, sweep_pages
from study.pages import Run, copy_chart, parts, raw, read_notebook, read_run, rich, table_html


class SiteFailed(RuntimeError):
    """Sphinx could not build the site; the message holds what it said."""


def build_site(run_folder: Path, root: Path) -> Path:
    """Build the site of a finished run in ``run_folder / "site"`` and return its ``index.html``.

    It is built beside its place and published by one rename. Where Sphinx fails, `SiteFailed` says why and the last
    site stays.
    """
    run = read_run(run_folder)
    cite = (
        yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8")) if (root / "CITATION.cff").is_file() else {}
    )
    with tempfile.TemporaryDirectory(prefix=".site-", dir=run_folder) as folder:
        source, built = Path(folder) / "source", Path(folder) / "site"
        source.mkdir()
        write_sources(run, root, source)
        warnings = run_sphinx(source, built, root, site_home.run_facts(run) | {"cite": cite})
        copy_files(run, root, built)
        print_report(built)
        (built / "warnings.txt").write_text(warnings, encoding="utf-8") if warnings else None
        storage.publish(built, run_folder / "site")
    return run_folder / "site" / "index.html"


def write_sources(run: Run, root: Path, source: Path) -> None:
    """Write what Sphinx reads into an empty folder: a prepared copy of each notebook and the pages around them."""
    for name in run.results:
        page = json.dumps(prepared(read_notebook(run, name), run, name, root), ensure_ascii=False)
        (source / f"{name}.ipynb").write_text(page, encoding="utf-8")
    pages = site_pages.pages_around(run, root, slides.find_browser() is not None)
    for sweep in sweep_pages.sweep_folders(run.folder.parent, run.name, run.preset):
        pages[sweep.name] = sweep_pages.sweep_page(sweep, run, root)
    for path in sorted((root / "docs").glob("*")):
        if path.suffix == ".md":
            pages[path.stem] = path.read_text(encoding="utf-8")
        elif path.suffix in (".svg", ".png", ".csv"):
            shutil.copy(path, source)
    listed = [f"{title} <{name}>" for name, title in site_pages.NAVIGATION.items() if name in {*pages, *run.results}]
    pages["index"] += "\n".join(["\n```{toctree}\n:hidden:\n", *listed, "```\n"])
    for name, text in pages.items():
        (source / f"{name}.md").write_text(text, encoding="utf-8")


def prepared(notebook: Mapping[str, Any], run: Run, name: str, root: Path) -> dict[str, Any]:
    """Return an executed notebook as its page shows it: findings first, code folded, figures and tables with their files."""
    cells: list[dict[str, Any]] = []
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
    found = [(one, site_home.chart_of(one, name, run)) for one in run.results[name]["findings"]]
    top = f"## Findings\n\n{raw(parts(root).findings(found))}" if found else ""
    foot = raw(parts(root).saves(f"downloads/{name}", ((".ipynb", "the executed notebook"),), "this page"))
    for place, key, text in ((1, "page-findings", top), (len(cells) + 1, "page-download", foot)):
        cells.insert(place, {"cell_type": "markdown", "id": key, "metadata": {}, "source": text})
    return {"cells": cells, "metadata": notebook["metadata"], "nbformat": 4, "nbformat_minor": 5}


def page_outputs(outputs: list[dict[str, Any]], run: Run, name: str, root: Path) -> list[dict[str, Any]]:
    """Return the outputs of a cell as HTML: figures, tables, and text in which nothing but Markdown counts."""
    shown: list[dict[str, Any]] = []
    for is_text, group in groupby(outputs, lambda output: "text/markdown" in output.get("data", {})):
        if is_text:
            said = ["".join(one["data"]["text/markdown"]) for one in group if "caption_of" not in one["metadata"]]
            shown += (
                [_html(rich(("\n" if all(text.startswith("- ") for text in said) else "\n\n").join(said)))]
                if said
                else []
            )
            continue
        for output in group:
            data, about = output.get("data", {}), output.get("metadata", {})
            chart = run.charts.get(f"{name}/{about.get('image/png', {}).get('figure')}")
            if chart:
                shown.append(_html(parts(root).figure(chart)))
            elif "table" in about and "text/html" in data:
                table = table_html("".join(data["text/html"]), str(about["table"]), name, root)
                # The one without a name is of the parameters: the line above the title says what was changed.
                shown.append(
                    _html(table if about["table"] else parts(root).folded("Parameters of this notebook", Markup(table)))
                )
            elif output["output_type"] == "execute_result" and not {"text/html", "image/png"} & set(data):
                continue  # the echo of a last line
            else:
                kept = {kind: data[kind] for kind in ("image/png", "text/plain") if kind in data}
                shown.append({"output_type": "display_data", "data": kept, "metadata": {}} if data else output)
    return shown


def _html(markup: object) -> dict[str, Any]:
    return {"output_type": "display_data", "data": {"text/html": str(markup), "text/plain": ""}, "metadata": {}}


def copy_files(run: Run, root: Path, site: Path) -> None:
    """Put the files that pages show or offer to save beside them: figures, tables, notebooks, raw data."""
    (site / "downloads").mkdir(exist_ok=True)
    for name in run.results:
        if (run.folder / name / "tables").is_dir():
            shutil.copytree(run.folder / name / "tables", site / "tables" / name)
        shutil.copy(run.folder / name / f"{name}.ipynb", site / "downloads")
    for chart in run.charts.values():
        copy_chart(chart, run.folder, site)
    for sweep in sweep_pages.sweep_folders(run.folder.parent, run.name, run.preset):
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
