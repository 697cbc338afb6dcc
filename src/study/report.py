"""The site of a finished run: pages prepared from its notebooks and results, built by Sphinx, published whole."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from study import site_home, site_pages, social_preview, storage, sweep_pages
from study.dark_thumbnails import dark_thumbnail
from study.drawings import thumbnail
from study.pages import (
    Run,
    copy_drawings,
    figure_html,
    raw,
    read_run,
    rich,
    rich_line,
    safe,
    table_html,
)

PACKAGES = ("sphinx", "myst-nb", "pydata-sphinx-theme")


class SiteFailed(RuntimeError):
    """Sphinx could not build the site; the message holds what it said."""


def build_site(run_folder: Path, root: Path) -> Path:
    """Build the site of a finished run.

    Parameters
    ----------
    run_folder : Path
        ``data/processed/<run>``; steps that have left no results are passed over.
    root : Path
        The repository's folder, with ``report/``, ``docs/`` and ``data/raw/``.

    Returns
    -------
    Path
        ``index.html`` of the site, in ``run_folder / "site"``.

    Raises
    ------
    SiteFailed
        The last site stays as it was.

    Notes
    -----
    The site is built beside its place and published by one rename. Where nothing has changed since it was
    built, it is left as it is.
    """
    place, stamp = run_folder / "site", _stamp(run_folder, root)
    if (place / ".stamp").is_file() and (place / ".stamp").read_text(encoding="utf-8") == stamp:
        return place / "index.html"
    run = read_run(run_folder)
    with tempfile.TemporaryDirectory(prefix=".site-", dir=run_folder) as folder:
        source, built = Path(folder) / "source", Path(folder) / "site"
        source.mkdir()
        write_sources(run, root, source)
        picture = root / "docs" / social_preview.NAME
        facts = site_home.run_facts(run) | {
            "summary": social_preview.summary(run),
            "preview_alt": social_preview.alt(run) if picture.is_file() and not run.changed else "",
        }
        warnings = _sphinx(source, built, root, facts)
        copy_files(run, root, built)
        (built / "warnings.txt").write_text(warnings, encoding="utf-8") if warnings else None
        (built / ".stamp").write_text(stamp, encoding="utf-8")
        storage.publish(built, place)
    return place / "index.html"


def write_sources(run: Run, root: Path, source: Path) -> None:
    """Write the sources that Sphinx reads: a prepared copy of each notebook and the pages around them.

    Parameters
    ----------
    run : Run
    root : Path
    source : Path
        An empty folder.
    """
    for name in run.results:
        path = run.folder / name / f"{name}.ipynb"
        notebook = json.loads(path.read_text(encoding="utf-8"))
        page = prepared(notebook, run, name)
        (source / f"{name}.ipynb").write_text(json.dumps(page, ensure_ascii=False), encoding="utf-8")
    pages = {"charts": site_pages.charts_page(run)}
    for sweep in sweep_pages.sweep_folders(run.folder.parent, run.name, run.preset):
        pages[sweep.name] = sweep_pages.sweep_page(sweep, run)
    if site_pages.claim_rows(run):
        pages["claims"] = site_pages.claims_page(run)
    passport = root / "data" / "raw" / "datapackage.json"
    if passport.is_file():
        pages["data"] = site_pages.data_page(json.loads(passport.read_text(encoding="utf-8")))
    for path in sorted((root / "docs").glob("*")) if (root / "docs").is_dir() else []:
        if path.suffix == ".md" and path.name != "README.md":
            pages[path.stem] = path.read_text(encoding="utf-8")
        elif path.suffix in (".svg", ".png", ".csv"):
            shutil.copy(path, source)
    tour = root / "tests" / "helpers.ipynb"
    if tour.is_file():
        # An empty head of a table is no head: a screen reader would announce it.
        text = tour.read_text(encoding="utf-8").replace("<th></th>", "<td></td>")
        (source / "reference.ipynb").write_text(text, encoding="utf-8")
    there = {*pages, *run.results, *(["reference"] if tour.is_file() else [])}
    pages["index"] = site_home.home(run) + _contents(there)
    for name, text in pages.items():
        (source / f"{name}.md").write_text(text, encoding="utf-8")


def _contents(there: set[str]) -> str:
    names = [
        *(name for name in site_pages.NAVIGATION if name in there),
        *sorted(there - set(site_pages.NAVIGATION)),
    ]
    lines = [f"{site_pages.NAVIGATION[name]} <{name}>" if name in site_pages.NAVIGATION else name for name in names]
    return "\n```{toctree}\n:hidden:\n\n" + "\n".join(lines) + "\n```\n"


def prepared(notebook: Mapping[str, Any], run: Run, name: str) -> dict[str, Any]:
    """Return a notebook as its page shows it: findings first, code folded, figures and tables with their files.

    Parameters
    ----------
    notebook : mapping
        The executed notebook.
    run : Run
    name : str
        Its name without ending.
    """
    cells: list[dict[str, Any]] = []
    for cell in notebook["cells"]:
        kept = {
            "cell_type": cell["cell_type"],
            "id": cell.get("id", ""),
            "metadata": {},
            "source": "".join(cell["source"]),
        }
        if kept["source"].startswith("## How sure"):
            kept["source"] = raw('<span id="sure"></span>') + kept["source"]
        if cell["cell_type"] == "code":
            outputs = [] if cell.get("id") in ("findings", "save") else page_outputs(cell.get("outputs", []), run, name)
            kept |= {"outputs": outputs, "execution_count": None, "metadata": {"tags": ["hide-input"]}}
            if cells and cells[-1]["cell_type"] == "code" and not cells[-1]["outputs"]:
                kept["source"] = f"{cells.pop()['source']}\n\n{kept['source']}"
        cells.append(kept)
    cells.insert(1, _text_cell("page-findings", findings_block(run, name)))
    link = f'<p class="saves">Save: <a href="downloads/{name}.ipynb" download>the executed notebook</a></p>'
    cells.append(_text_cell("page-download", raw(link)))
    return {"cells": cells, "metadata": notebook["metadata"], "nbformat": 4, "nbformat_minor": 5}


def _text_cell(name: str, text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": text}


def findings_block(run: Run, name: str) -> str:
    """Return the findings of a notebook, each with a pointer to its chart."""
    items = []
    for finding in run.results[name]["findings"]:
        chart = site_home.chart_of(finding, name, run)
        pointer = f' <a class="pointer" href="{chart.link}">Figure {safe(chart.number)}</a>' if chart else ""
        items.append(f"<li>{rich_line(finding['text'])}{pointer}</li>")
    listed = raw(f'<ol class="findings">{"".join(items)}</ol>')
    return f"## Findings\n\n{listed}" if items else ""


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
        figure = about.get("image/png", {}).get("figure")
        if "caption_of" in about:
            continue
        if "text/markdown" in data:
            said.append("".join(data["text/markdown"]))
            continue
        flush()
        chart = run.charts.get(f"{name}/{figure}")
        if chart:
            shown.append(_html(figure_html(chart)))
        elif "table" in about and "text/html" in data:
            shown.append(_html(_folded_parameters(table_html("".join(data["text/html"]), str(about["table"]), name))))
        elif output["output_type"] in ("display_data", "execute_result"):
            kept = {kind: data[kind] for kind in ("image/png", "text/plain") if kind in data}
            shown.append({"output_type": "display_data", "data": kept, "metadata": {}})
        else:
            shown.append(output)
    flush()
    return shown


def _folded_parameters(markup: str) -> str:
    """Fold the table of parameters: the line above the title already says what was changed."""
    if "<figcaption>Parameters of this run" not in markup:
        return markup
    return f'<details class="hide"><summary>Parameters of this notebook</summary>{markup}</details>'


def _html(markup: str) -> dict[str, Any]:
    return {"output_type": "display_data", "data": {"text/html": markup, "text/plain": ""}, "metadata": {}}


def copy_files(run: Run, root: Path, site: Path) -> None:
    """Put the files that pages show or offer to save beside them: figures, tables, notebooks, raw figures."""
    for name in run.results:
        here = run.folder / name
        for path in sorted((here / "figures").glob("*")) if (here / "figures").is_dir() else []:
            target = site / "figures" / name / path.name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
        if (here / "tables").is_dir():
            shutil.copytree(here / "tables", site / "tables" / name)
        (site / "downloads").mkdir(exist_ok=True)
        shutil.copy(here / f"{name}.ipynb", site / "downloads")
    for chart in run.charts.values():
        copy_drawings(chart, run, site)
        png = run.folder / chart.notebook / "figures" / f"{chart.name}.png"
        small = site / "figures" / chart.notebook / f"{chart.name}.small.png"
        thumbnail(png, small, chart.frame)
        dark_thumbnail(small, small.with_name(f"{chart.name}.small-dark.png"))
    for sweep in sweep_pages.sweep_folders(run.folder.parent, run.name, run.preset):
        sweep_pages.copy_sweep(sweep, run, site)
    if (root / "docs" / social_preview.NAME).is_file() and not run.changed:
        shutil.copy(root / "docs" / social_preview.NAME, site)
    if (root / "data" / "raw").is_dir():
        shutil.copytree(root / "data" / "raw", site / "data")


def _sphinx(source: Path, built: Path, root: Path, facts: Mapping[str, Any]) -> str:
    """Run Sphinx in this process; return its warnings."""
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
    for folder in ("_sources", "_static/vendor"):
        shutil.rmtree(built / folder, ignore_errors=True)
    # The style sheet draws the few icons: the theme's icon fonts, rules and script would only weigh.
    css = built / "_static" / "styles" / "pydata-sphinx-theme.css"
    text = re.sub(r"@font-face\{[^}]*fontawesome[^}]*\}", "", css.read_text(encoding="utf-8"))
    css.write_text(re.sub(r"(?:\.fa-[\w-]+,?)+\{--fa:[^}]*\}", "", text), encoding="utf-8")
    (built / "_static" / "scripts" / "fontawesome.js").write_text("", encoding="utf-8")
    return warnings


def _stamp(run_folder: Path, root: Path) -> str:
    """Return one checksum of all that the site is made from."""
    own, manifest = Path(__file__).parent, storage.read_json(run_folder / "manifest.json")
    files = [
        *sorted(path for path in run_folder.glob("[0-9]*/**/*") if path.is_file() and path.suffix != ".png"),
        run_folder / "manifest.json",
        *sorted(
            path
            for part in ("report", "docs")
            for path in (root / part).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        ),
        *sweep_pages.parts(run_folder.parent, manifest.get("run", ""), manifest.get("preset", "")),
        root / "tests" / "helpers.ipynb",
        root / "data" / "raw" / "datapackage.json",
        *sorted(own.glob("*.py")),
    ]
    return storage.fingerprint(
        [
            *({name: version(name)} for name in PACKAGES),
            {"address": os.environ.get("STUDY_SITE_URL", "")},
            *(path for path in files if path.is_file()),
        ]
    )
