"""Pieces that site and slides share: a finished run read back, text made safe, drawings, figures, tables."""

from __future__ import annotations

import html
import json
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from markdown_it import MarkdownIt

# Text of a run may hold anything a person typed as a parameter: no HTML, and no picture from elsewhere.
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).disable("image")
DRAWINGS = (".svg", "-dark.svg", ".png", ".slide.png", ".csv")


@dataclass(frozen=True)
class Chart:
    """A figure of a run: what ``results.json`` keeps of it, and the size of its drawing in pixels."""

    notebook: str
    name: str
    number: str
    title: str
    unit: str
    caption: str
    alt: str
    source: str
    size: tuple[int, int]

    @property
    def place(self) -> str:
        """Path of its files below the site, without ending."""
        return f"figures/{anchor('fig', f'{self.number}-{self.name}')}"

    @property
    def link(self) -> str:
        """Address of the figure on its page."""
        return f"{quote(self.notebook)}.html#{anchor('fig', self.name)}"


@dataclass(frozen=True)
class Run:
    """A finished run; parameters, changed names and results by step, charts by ``"step/name"``, all in reading order."""

    folder: Path
    name: str
    preset: str
    finished: str
    parameters: dict[str, dict[str, Any]]
    changed: dict[str, list[str]]
    results: dict[str, dict[str, Any]]
    charts: dict[str, Chart]

    def chart(self, name: str, notebook: str = "") -> Chart | None:
        """Return a figure by its name, from the notebook given or else from any."""
        notebook, name = name.rpartition("/")[0] or notebook, name.rpartition("/")[2]
        found = self.charts.get(f"{notebook}/{name}")
        return found or next((chart for chart in self.charts.values() if chart.name == name), None)

    def cells(self, tag: str, notebook: str = "04_findings") -> list[tuple[str, list[str]]]:
        """Return what the cells of a notebook with a tag say in Markdown, each with its tags."""
        found = []
        for cell in read_notebook(self, notebook)["cells"] if notebook in self.results else []:
            tags = cell.get("metadata", {}).get("tags", [])
            if tag in tags:
                texts = [
                    one["data"]["text/markdown"]
                    for one in cell.get("outputs", [])
                    if "text/markdown" in one.get("data", {})
                ]
                said = [cell["source"]] if cell["cell_type"] == "markdown" else texts
                found.append(("\n\n".join("".join(text) for text in said), tags))
        return found


def read_notebook(run: Run, name: str) -> dict[str, Any]:
    """Read the executed notebook of a step."""
    return json.loads((run.folder / name / f"{name}.ipynb").read_text(encoding="utf-8"))


def read_run(folder: Path) -> Run:
    """Read a run back from its folder; steps without results are passed over, a run of none raises `ValueError`."""
    results = {}
    for path in sorted(folder.glob("*/results.json")):
        if (path.parent / f"{path.parent.name}.ipynb").is_file():
            results[path.parent.name] = json.loads(path.read_text(encoding="utf-8"))
    if not results:
        raise ValueError(f"{folder.name}: no notebook of this run has left results; run the study first (make report)")
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        manifest = {}
    given = {step: content.get("parameters", {}) for step, content in results.items()}
    changed = {step: content["changed"] for step, content in results.items() if content.get("changed")}
    charts = {
        f"{step}/{name}": read_chart(folder, step, name, figure)
        for step, content in results.items()
        for name, figure in content["figures"].items()
    }
    name, preset, finished = (
        str(manifest.get(part, other)) for part, other in (("run", folder.name), ("preset", ""), ("finished", ""))
    )
    return Run(folder, name, preset, finished, given, changed, results, charts)


def read_chart(folder: Path, step: str, name: str, figure: Mapping[str, Any]) -> Chart:
    """Read a figure back: the size of its drawing below ``folder / step`` and what was kept about it."""
    path = folder / step / "figures" / f"{name}.svg"
    head = path.read_text(encoding="utf-8")[:2000] if path.is_file() else ""
    found = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', head)
    size = (round(float(found[1]) * 4 / 3), round(float(found[2]) * 4 / 3)) if found else (730, 326)
    texts = {part: str(figure.get(part, "")) for part in ("number", "title", "unit", "caption", "alt", "source")}
    texts["source"] = (
        re.sub(r" \(?data/raw/[^;)]*\)?", "", texts["source"]) if " " in texts["source"] else texts["source"]
    )
    return Chart(step, name, size=size, **texts)


def safe(value: object) -> str:
    """Make any value text that HTML, Markdown fences and templates show as it is.

    >>> safe('<script>"a"</script>')
    '&lt;script&gt;&quot;a&quot;&lt;/script&gt;'
    """
    return re.sub(r"[\s\x00-\x1f]+", " ", _fenced(html.escape(str(value))))


def literal(value: object) -> str:
    r"""Make any value one line of Markdown, as a heading needs it, in which no sign counts.

    >>> print(literal("*stars* [away](x)"))
    \*stars\* \[away\]\(x\)
    """
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", " ".join(str(value).split()))


def isolated(value: object) -> str:
    """Make a value typed by a person safe, and keep its direction of writing to itself."""
    return f"<bdi>{safe(value)}</bdi>"


def rich(text: str, line: bool = False) -> str:
    """Write Markdown of a run, or one line of it, as HTML; HTML in it is shown as text and pictures are not loaded.

    >>> rich("*fell* by <b>17</b>%")
    '<p><em>fell</em> by &lt;b&gt;17&lt;/b&gt;%</p>'
    """
    return _fenced(_MARKDOWN.renderInline(text) if line else _MARKDOWN.render(text).strip())


def _fenced(text: str) -> str:
    return text.replace("`", "&#96;").replace("{", "&#123;").replace("}", "&#125;")


def anchor(kind: str, name: str) -> str:
    """Return the id of a figure or table on its page.

    >>> anchor("fig", "value_lost")
    'fig-value-lost'
    """
    return f"{kind}-{re.sub(r'[^a-z0-9]+', '-', name.lower()).strip('-')}"


def raw(markup: str) -> str:
    """Put HTML on a MyST page."""
    return f"```{{raw}} html\n{markup}\n```\n"


def picture(chart: Chart, alt: str | None = None) -> str:
    """Return the drawing of a chart for light and for dark pages; the one not shown is not loaded."""
    rest = f'alt="{safe(f"{chart.title}. {chart.alt}" if alt is None else alt)}" width="{chart.size[0]}" height="{chart.size[1]}" loading="lazy"'
    return "".join(
        f'<img class="only-{theme}" src="{chart.place}{end}.svg" {rest}>'
        for theme, end in (("light", ""), ("dark", "-dark"))
    )


def copy_chart(chart: Chart, folder: Path, place: Path, endings: Sequence[str] = DRAWINGS) -> None:
    """Put the files of a chart below a folder of pages or slides, named by the figure's number."""
    for end in endings:
        path = folder / chart.notebook / "figures" / f"{chart.name}{end}"
        if path.is_file():
            target = place / f"{chart.place}{end.replace('.slide', '-slide')}"
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)


def figure_html(chart: Chart, files: bool = True) -> str:
    """Return a chart with title, unit, caption, source, its own address and files to save."""
    name, label = anchor("fig", chart.name), f"figure {chart.number}"
    return (
        f'<figure class="chart" id="{name}">'
        f'<p class="chart-title">{safe(chart.title)} <a class="here" href="#{name}" aria-label="Link to {label}">#</a></p>'
        f'<p class="chart-unit">{safe(chart.unit)}</p><div class="scroll" data-label="{safe(label)}">{picture(chart)}</div>'
        f"<figcaption><strong>Figure {safe(chart.number)}.</strong> {safe(chart.caption)} "
        f'<span class="source">Source: {safe(chart.source)}.</span></figcaption>{chart_files(chart) if files else ""}</figure>'
    )


def chart_files(chart: Chart) -> str:
    """Return the links that save a chart: for a page, for a slide (without title, on no ground), its numbers."""
    return saves(
        chart.place,
        {".png": "PNG", "-slide.png": "PNG for slides", ".svg": "SVG for slides", ".csv": "CSV"},
        f"figure {chart.number}",
    )


def saves(place: str, kinds: Mapping[str, str], label: str) -> str:
    """Return the links that save the files of a figure or table."""
    links = [
        f'<a href="{place}{end}" download aria-label="Save {safe(label)} as {kind}">{kind}</a>'
        for end, kind in kinds.items()
    ]
    return f'<p class="saves">Save: {" ".join(links)}</p>'


def table_html(markup: str, name: str, notebook: str) -> str:
    """Return a table as its notebook wrote it (text escaped) with its caption above, room to scroll and its CSV."""
    found = re.search(r"<caption>(.*?)</caption>", markup, flags=re.DOTALL)
    caption = found[1] if found else ""
    # An empty head of a column is no head: a screen reader would announce it.
    body = markup.replace('<th scope="col"></th>', "<td></td>")
    body = _aligned(re.sub(r"<caption>.*?</caption>", "", body, flags=re.DOTALL))
    number = re.match(r"Table [\d.]*\d", caption)
    label = number[0].lower() if number else "table"
    if number:
        caption = f"<strong>{number[0]}.</strong>{caption[number.end() + 1 :]}"
    files = saves(f"tables/{quote(notebook)}/{quote(name)}", {".csv": "CSV"}, label) if name else ""
    place = f' id="{anchor("table", name)}"' if name else ""
    return _fenced(
        f'<figure class="table"{place}><figcaption>{caption}</figcaption>'
        f'<div class="scroll" data-label="{label}">{body}</div>{files}</figure>'
    )


def _aligned(markup: str) -> str:
    """Set columns of figures flush right, keep dates on one line, give long texts room."""
    rows = [
        re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
        for row in re.findall(r"<tr>(.*?)</tr>", markup, re.DOTALL)
    ]
    kinds = {"num": r"([+−<>-]?[\d,.]+( ?[%×†])*)?", "day": r"(\d{4}-\d\d(-\d\d)?|(\d{1,2} )?[A-Z][a-z]{2} \d{4})?"}
    columns = {}
    for column in range(min(map(len, rows), default=0) if len(rows) > 1 else 0):
        cells = [row[column].strip() for row in rows[1:]]
        fitting = (
            kind for kind, form in kinds.items() if any(cells) and all(re.fullmatch(form, cell) for cell in cells)
        )
        columns[column] = next(fitting, "long" if max(map(len, cells)) > 60 else "")

    def mark(row: re.Match[str]) -> str:
        cells = re.split(r"(?=<t[hd][ >])", row[1])
        marked = [re.sub(r"^<(t[hd])", rf'<\1 class="{columns[place - 1]}"', cell) if columns.get(place - 1) else cell
                  for place, cell in enumerate(cells)]  # fmt: skip
        return f"<tr>{''.join(marked)}</tr>"

    return re.sub(r"<tr>(.*?)</tr>", mark, markup, flags=re.DOTALL)
