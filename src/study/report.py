"""The site of a finished run: pages prepared from its notebooks and results, built by Sphinx, published whole."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from study import site_home, site_pages, slides, storage, sweep_pages, workbook
from study.pages import Run, copy_chart, figure_html, raw, read_notebook, read_run, rich, table_html


class SiteFailed(RuntimeError):
    """Sphinx could not build the site; the message holds what it said."""


def build_site(run_folder: Path, root: Path) -> Path:
    """Build the site of a finished run in ``run_folder / "site"`` and return its ``index.html``.

    It is built beside its place and published by one rename. Where Sphinx fails, `SiteFailed` says why and the last
    site stays.
    """
    run = read_run(run_folder)
    with tempfile.TemporaryDirectory(prefix=".site-", dir=run_folder) as folder:
        source, built = Path(folder) / "source", Path(folder) / "site"
        source.mkdir()
        write_sources(run, root, source)
        citation = root / "CITATION.cff"
        cite = yaml.safe_load(citation.read_text(encoding="utf-8")) if citation.is_file() else {}
        warnings = _sphinx(source, built, root, site_home.run_facts(run) | {"cite": cite})
        copy_files(run, root, built)
        (built / "warnings.txt").write_text(warnings, encoding="utf-8") if warnings else None
        storage.publish(built, run_folder / "site")
    return run_folder / "site" / "index.html"


def write_sources(run: Run, root: Path, source: Path) -> None:
    """Write what Sphinx reads into an empty folder: a prepared copy of each notebook and the pages around them."""
    for name in run.results:
        page = prepared(read_notebook(run, name), run, name, root)
        (source / f"{name}.ipynb").write_text(json.dumps(page, ensure_ascii=False), encoding="utf-8")
    pages = site_pages.pages_around(run, root, slides.find_browser() is not None)
    for sweep in sweep_pages.sweep_folders(run.folder.parent, run.name, run.preset):
        pages[sweep.name] = sweep_pages.sweep_page(sweep, run, root)
    for path in sorted((root / "docs").glob("*")) if (root / "docs").is_dir() else []:
        if path.suffix == ".md":
            pages[path.stem] = path.read_text(encoding="utf-8")
        elif path.suffix in (".svg", ".png", ".csv"):
            shutil.copy(path, source)
    menu = "\n".join(
        f"{title} <{name}>" for name, title in site_pages.NAVIGATION.items() if name in {*pages, *run.results}
    )
    pages["index"] += f"\n```{{toctree}}\n:hidden:\n\n{menu}\n```\n"
    for name, text in pages.items():
        (source / f"{name}.md").write_text(text, encoding="utf-8")


def prepared(notebook: Mapping[str, Any], run: Run, name: str, root: Path) -> dict[str, Any]:
    """Return an executed notebook as its page shows it: findings first, code folded, figures and tables with their files."""
    cells: list[dict[str, Any]] = []
    for cell in notebook["cells"]:
        kept = {
            "cell_type": cell["cell_type"],
            "id": cell.get("id", ""),
            "metadata": {},
            "source": "".join(cell["source"]),
        }
        if "five-minutes" in cell.get("metadata", {}).get("tags", []):
            continue
        if cell["cell_type"] == "code":
            outputs = [] if cell.get("id") in ("findings", "save") else page_outputs(cell.get("outputs", []), run, name)
            kept |= {"outputs": outputs, "execution_count": None, "metadata": {"tags": ["hide-input"]}}
            if cells and cells[-1]["cell_type"] == "code" and not cells[-1]["outputs"]:
                kept["source"] = f"{cells.pop()['source']}\n\n{kept['source']}"
        cells.append(kept)
    cells.insert(1, _text_cell("page-findings", findings_block(run, name, root)))
    link = f'<p class="saves">Save: <a href="downloads/{name}.ipynb" download>the executed notebook</a></p>'
    cells.append(_text_cell("page-download", raw(link)))
    return {"cells": cells, "metadata": notebook["metadata"], "nbformat": 4, "nbformat_minor": 5}


def _text_cell(name: str, text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": text}


def findings_block(run: Run, name: str, root: Path) -> str:
    """Return the findings of a notebook, each with its range and a pointer to its chart."""
    written: Any = site_pages.templates(root / "report" / "pages").get_template("parts.html").module
    found = [(one, site_home.chart_of(one, name, run)) for one in run.results[name]["findings"]]
    items = "".join(f"<li>{written.finding(one, chart)}</li>" for one, chart in found)
    return "## Findings\n\n" + raw(f'<ol class="findings">{items}</ol>') if items else ""


def page_outputs(outputs: list[dict[str, Any]], run: Run, name: str) -> list[dict[str, Any]]:
    """Return the outputs of a cell as HTML: figures, tables, and text in which nothing but Markdown counts."""
    shown: list[dict[str, Any]] = []
    said: list[str] = []

    def flush() -> None:
        if said:
            joined = "\n".join(said) if all(text.startswith("- ") for text in said) else "\n\n".join(said)
            shown.append(_html(rich(joined)))
            said.clear()

    for output in outputs:
        data, about = output.get("data", {}), output.get("metadata", {})
        chart = run.charts.get(f"{name}/{about.get('image/png', {}).get('figure')}")
        if "caption_of" in about:
            continue
        if "text/markdown" in data:
            said.append("".join(data["text/markdown"]))
            continue
        flush()
        if chart:
            shown.append(_html(figure_html(chart)))
        elif "table" in about and "text/html" in data:
            shown.append(_html(_folded_parameters(table_html("".join(data["text/html"]), str(about["table"]), name))))
        elif output["output_type"] == "execute_result" and not {"text/html", "image/png"} & set(data):
            continue  # the echo of a last line
        elif output["output_type"] in ("display_data", "execute_result"):
            kept = {kind: data[kind] for kind in ("image/png", "text/plain") if kind in data}
            shown.append({"output_type": "display_data", "data": kept, "metadata": {}})
        else:
            shown.append(output)
    flush()
    return shown


def _folded_parameters(markup: str) -> str:
    # The line above the title already says what was changed.
    if "<figcaption>Parameters of this run" not in markup:
        return markup
    return f'<details class="hide"><summary>Parameters of this notebook</summary>{markup}</details>'


def _html(markup: str) -> dict[str, Any]:
    return {"output_type": "display_data", "data": {"text/html": markup, "text/plain": ""}, "metadata": {}}


def copy_files(run: Run, root: Path, site: Path) -> None:
    """Put the files that pages show or offer to save beside them: figures, tables, notebooks, the workbook, raw data."""
    (site / "downloads").mkdir(exist_ok=True)
    for name in run.results:
        if (run.folder / name / "tables").is_dir():
            shutil.copytree(run.folder / name / "tables", site / "tables" / name)
        shutil.copy(run.folder / name / f"{name}.ipynb", site / "downloads")
    for chart in run.charts.values():
        copy_chart(chart, run.folder, site)
    for sweep in sweep_pages.sweep_folders(run.folder.parent, run.name, run.preset):
        sweep_pages.copy_sweep(sweep, site)
    workbook.write_workbook(run, site / "downloads" / "study.xlsx")
    if (root / "data" / "raw").is_dir():
        shutil.copytree(root / "data" / "raw", site / "data")


def _sphinx(source: Path, built: Path, root: Path, facts: Mapping[str, Any]) -> str:
    """Run Sphinx in this process; return its warnings."""
    with _without("rfc3987_syntax"):
        import nbformat  # noqa: F401
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


@contextmanager
def _without(module: str) -> Iterator[None]:
    """Leave out a module that others import if they can: this one compiles a grammar for two seconds, for nothing here."""
    absent = module not in sys.modules
    if absent:
        sys.modules[module] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        if absent:
            del sys.modules[module]
