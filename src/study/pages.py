"""Pieces that site and slides share: a finished run read back, text made safe, drawings, figures, tables."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from markdown_it import MarkdownIt

from study.drawings import Frame, drawing, frame_of, slim, whole_frame

NARROW = "screen and (max-width: 40rem)"  # as in study.css

# Text of a run may hold anything a person typed as a parameter: no HTML, and no picture from elsewhere.
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).disable("image")


@dataclass(frozen=True)
class Chart:
    """A figure of the run, as a page or slide shows it.

    Attributes
    ----------
    notebook, name, number, title, unit, caption, alt, source : str
        As kept in ``results.json``.
    frame : Frame
        Where the drawing lies, without title, unit and source line.
    data : bool
        Whether its numbers were exported.
    phone : Frame, optional
        Its drawing for a phone, where it has one.
    """

    notebook: str
    name: str
    number: str
    title: str
    unit: str
    caption: str
    alt: str
    source: str
    frame: Frame
    data: bool
    phone: Frame | None = None

    @property
    def place(self) -> str:
        """Path of its files below the site, without ending."""
        return f"figures/{quote(self.notebook)}/{quote(self.name)}"

    @property
    def link(self) -> str:
        """Address of the figure on its page."""
        return f"{quote(self.notebook)}.html#{anchor('fig', self.name)}"


@dataclass(frozen=True)
class Run:
    """A finished run.

    Attributes
    ----------
    folder : Path
    name, preset, finished : str
        Name of the run, the preset it started from, and when it was finished.
    parameters, changed : dict
        Step -> parameter -> value; step -> names that differ from the default.
    results : dict
        Step -> content of its ``results.json``, in reading order.
    charts : dict
        ``"step/name"`` -> Chart.
    """

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
        found = self.charts.get(f"{notebook}/{name}")
        return found or next((chart for chart in self.charts.values() if chart.name == name), None)


def read_run(folder: Path) -> Run:
    """Read a run back from its folder; steps that have left no results are passed over.

    Parameters
    ----------
    folder : Path
        ``data/processed/<run>``.

    Returns
    -------
    Run

    Raises
    ------
    ValueError
        Where no step has left results.
    """
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
    return Run(
        folder, str(manifest.get("run", folder.name)), str(manifest.get("preset", "")), str(manifest.get("finished", "")),
        given, changed, results, charts,
    )  # fmt: skip


def read_chart(folder: Path, step: str, name: str, figure: Mapping[str, Any]) -> Chart:
    """Read a figure back: its drawing below ``folder / step`` and what was kept about it."""
    path = folder / step / "figures" / f"{name}.svg"
    svg = path.read_text(encoding="utf-8") if path.is_file() else ""
    frame = frame_of(svg, str(figure["title"]), str(figure["unit"]))
    texts = {part: str(figure.get(part, "")) for part in ("number", "title", "unit", "caption", "alt", "source")}
    small = path.with_name(f"{name}.phone.svg")
    phone = whole_frame(small.read_text(encoding="utf-8")) if small.is_file() else None
    return Chart(step, name, frame=frame, data=bool(figure.get("data")), phone=phone, **texts)


def safe(value: object) -> str:
    """Make any value text that HTML, Markdown fences and templates show as it is.

    Examples
    --------
    >>> safe('<script>"a"</script>')
    '&lt;script&gt;&quot;a&quot;&lt;/script&gt;'
    """
    text = html.escape(str(value)).replace("`", "&#96;").replace("{", "&#123;").replace("}", "&#125;")
    return re.sub(r"[\s\x00-\x1f]+", " ", text)


def literal(value: object) -> str:
    r"""Make any value one line of Markdown, as a heading needs it, in which no sign counts.

    Examples
    --------
    >>> print(literal("*stars* [away](x)"))
    \*stars\* \[away\]\(x\)
    """
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", " ".join(str(value).split()))


def isolated(value: object) -> str:
    """Make a value typed by a person safe, and keep its direction of writing to itself."""
    return f"<bdi>{safe(value)}</bdi>"


def rich(text: str) -> str:
    """Write Markdown of a run as HTML; HTML in it is shown as text and pictures are not loaded.

    Examples
    --------
    >>> rich("*fell* by <b>17</b> %")
    '<p><em>fell</em> by &lt;b&gt;17&lt;/b&gt; %</p>'
    """
    return _fenced(_MARKDOWN.render(text).strip())


def rich_line(text: str) -> str:
    """Write one line of Markdown of a run as HTML, without a paragraph around it."""
    return _fenced(_MARKDOWN.renderInline(text))


def _fenced(text: str) -> str:
    return text.replace("`", "&#96;").replace("{", "&#123;").replace("}", "&#125;")


def anchor(kind: str, name: str) -> str:
    """Return the id of a figure or table on its page.

    Examples
    --------
    >>> anchor("fig", "value_lost")
    'fig-value-lost'
    """
    return f"{kind}-{re.sub(r'[^a-z0-9]+', '-', name.lower()).strip('-')}"


def raw(markup: str) -> str:
    """Put HTML on a MyST page."""
    return f"```{{raw}} html\n{markup}\n```\n"


def picture(chart: Chart, alt: str | None = None, narrow: bool = False) -> str:
    """Return the drawing of a chart for light and for dark pages; the one not shown is not loaded.

    Parameters
    ----------
    chart : Chart
    alt : str, optional
        In the place of title and description.
    narrow : bool
        Whether a narrow screen gets the drawing for a phone, where there is one; paper gets the wide one.
    """
    said = f"{chart.title}. {chart.alt}" if alt is None else alt
    rest = f'alt="{safe(said)}" width="{chart.frame.width}" height="{chart.frame.height}" loading="lazy"'
    images = []
    for theme, end in (("light", ""), ("dark", "-dark")):
        image = f'<img class="only-{theme}" src="{chart.place}.view{end}.svg" {rest}>'
        if narrow and chart.phone:
            size = f'width="{chart.phone.width}" height="{chart.phone.height}"'
            source = f'<source media="{NARROW}" srcset="{chart.place}.phone{end}.svg" {size}>'
            image = f"<picture>{source}{image}</picture>"
        images.append(image)
    return "".join(images)


def copy_drawings(chart: Chart, run: Run, place: Path) -> None:
    """Write the light and the dark drawing of a chart below a folder of pages or slides."""
    for end in ("", "-dark") if chart.phone else ():
        path = run.folder / chart.notebook / "figures" / f"{chart.name}.phone{end}.svg"
        target = place / "figures" / chart.notebook / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(slim(path.read_text(encoding="utf-8")), encoding="utf-8")
    for end in ("", "-dark"):
        path = run.folder / chart.notebook / "figures" / f"{chart.name}{end}.svg"
        target = place / "figures" / chart.notebook / f"{chart.name}.view{end}.svg"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(drawing(path.read_text(encoding="utf-8"), chart.frame), encoding="utf-8")


def figure_html(chart: Chart) -> str:
    """Return a chart with title, unit, caption, source and files to save."""
    label = f"figure {chart.number}"
    kinds = ["svg", "png", *(["csv"] if chart.data else [])]
    return (
        f'<figure class="chart" id="{anchor("fig", chart.name)}">'
        f'<p class="chart-title">{safe(chart.title)}</p><p class="chart-unit">{safe(chart.unit)}</p>'
        f'<div class="scroll" data-label="{safe(label)}">{picture(chart, narrow=True)}</div>'
        f"<figcaption><strong>Figure {safe(chart.number)}.</strong> {safe(chart.caption)} "
        f'<span class="source">Source: {safe(chart.source)}.</span></figcaption>'
        f"{saves(chart.place, kinds, label)}</figure>"
    )


def saves(place: str, kinds: Sequence[str], label: str) -> str:
    """Return the links that save the files of a figure or table."""
    links = [
        f'<a href="{place}.{kind}" download aria-label="Save {safe(label)} as {kind.upper()}">{kind.upper()}</a>'
        for kind in kinds
    ]
    return f'<p class="saves">Save: {" ".join(links)}</p>'


def study_table(label: str, heads: Sequence[str], rows: str) -> str:
    """Return a table of the site with room to scroll; its rows are HTML that has been made safe.

    Parameters
    ----------
    label : str
        What a screen reader calls the box that scrolls.
    heads : sequence of str
        Names of the columns, as they were typed.
    rows : str
        ``<tr>...</tr>``, one after the other.
    """
    head = "".join(f'<th scope="col">{safe(name)}</th>' for name in heads)
    return (
        f'<div class="scroll" data-label="{safe(label)}"><table class="study"><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def table_html(markup: str, name: str, notebook: str) -> str:
    """Return a table of a run with its caption above, room to scroll and its CSV.

    Parameters
    ----------
    markup : str
        The table as the notebook wrote it: ``<table class="study"><caption>...``, its text already escaped.
    name, notebook : str
        Name of its CSV file (empty where there is none) and the notebook that wrote it.
    """
    found = re.search(r"<caption>(.*?)</caption>", markup, flags=re.DOTALL)
    caption = found[1] if found else ""
    # An empty head of a column is no head: a screen reader would announce it.
    body = markup.replace('<th scope="col"></th>', "<td></td>")
    body = _aligned(re.sub(r"<caption>.*?</caption>", "", body, flags=re.DOTALL))
    number = re.match(r"Table [\d.]*\d", caption)
    label = number[0].lower() if number else "table"
    if number:
        caption = f"<strong>{number[0]}.</strong>{caption[number.end() + 1 :]}"
    files = saves(f"tables/{quote(notebook)}/{quote(name)}", ["csv"], label) if name else ""
    place = f' id="{anchor("table", name)}"' if name else ""
    return _fenced(
        f'<figure class="table"{place}><figcaption>{caption}</figcaption>'
        f'<div class="scroll" data-label="{label}">{body}</div>{files}</figure>'
    )


def _aligned(markup: str) -> str:
    """Set columns of figures flush right."""
    rows = [
        re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, flags=re.DOTALL)
        for row in re.findall(r"<tr>(.*?)</tr>", markup, flags=re.DOTALL)
    ]
    body = rows[1:]
    figures = {
        column
        for column in range(max(map(len, rows), default=0))
        if body
        and any(row[column] for row in body if column < len(row))
        and all(re.fullmatch(r"([+−-]?[\d,.]+( ?[%×†])*)?", row[column].strip()) for row in body if column < len(row))
    }

    def mark(row: re.Match[str]) -> str:
        cells = re.split(r"(?=<t[hd][ >])", row[1])
        marked = [
            re.sub(r"^<(t[hd])", r'<\1 class="num"', cell) if place - 1 in figures else cell
            for place, cell in enumerate(cells)
        ]
        return f"<tr>{''.join(marked)}</tr>"

    return re.sub(r"<tr>(.*?)</tr>", mark, markup, flags=re.DOTALL)
