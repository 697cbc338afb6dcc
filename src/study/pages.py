"""Pieces that site and slides share: a finished run read back, text made safe, drawings, figures, tables."""

from __future__ import annotations

import html
import json
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup

from helpers import prose
from study.storage import read_json

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
        return f"figures/{anchor(f'{self.number}-{self.name}', 'fig')}"

    @property
    def link(self) -> str:
        """Address of the figure on its page."""
        return f"{quote(self.notebook)}.html#{anchor(self.name, 'fig')}"


@dataclass(frozen=True)
class Run:
    """A finished run; changed names and results by step, charts by ``"step/name"``, all in reading order."""

    folder: Path
    manifest: dict[str, Any]
    changed: dict[str, list[str]]
    results: dict[str, dict[str, Any]]
    charts: dict[str, Chart]

    def chart(self, name: str, notebook: str = "") -> Chart | None:
        """Return a figure by its name, from the notebook given or else from any; a name may hold its notebook."""
        named, _, name = name.rpartition("/")
        found = self.charts.get(f"{named or notebook}/{name}")
        return found or next((chart for chart in self.charts.values() if chart.name == name), None)

    def notebook(self, name: str) -> dict[str, Any]:
        """Read the executed notebook of a step."""
        return json.loads((self.folder / name / f"{name}.ipynb").read_text(encoding="utf-8"))

    def title(self, name: str) -> str:
        """Return the title of a notebook's page, its first heading."""
        return "".join(self.notebook(name)["cells"][0]["source"]).partition("\n")[0].lstrip("# ")

    def tagged(self, tag: str) -> list[tuple[str, list[str]]]:
        """Return what the cells of 04 with a tag say in Markdown, each with its tags."""
        cells = self.notebook("04_findings")["cells"] if "04_findings" in self.results else []
        found = [(cell["outputs"], cell["metadata"].get("tags", [])) for cell in cells if cell["cell_type"] == "code"]
        said = [
            ([one["data"].get("text/markdown", "") for one in shown if "data" in one], tags) for shown, tags in found
        ]
        return [("\n\n".join(map("".join, texts)), tags) for texts, tags in said if tag in tags]


def read_run(folder: Path) -> Run:
    """Read a run back from its folder; steps without results are passed over, a run of none raises `ValueError`."""
    steps = [path.parent for path in sorted(folder.glob("*/results.json"))]
    results = {step.name: read_json(step / "results.json") for step in steps if (step / f"{step.name}.ipynb").is_file()}
    if not results:
        raise ValueError(f"{folder.name}: no notebook of this run has left results; run the study first (make report)")
    manifest = {"run": folder.name, "preset": "", "finished": ""} | read_json(folder / "manifest.json")
    changed = {step: content["changed"] for step, content in results.items() if content["changed"]}
    charts = {
        f"{step}/{name}": read_chart(folder, step, name, figure)
        for step, content in results.items()
        for name, figure in content["figures"].items()
    }
    return Run(folder, manifest, changed, results, charts)


def read_chart(folder: Path, step: str, name: str, figure: Mapping[str, Any]) -> Chart:
    """Read a figure back: the size of its drawing below ``folder / step`` and what was kept about it."""
    path = folder / step / "figures" / f"{name}.svg"
    head = path.read_text(encoding="utf-8")[:2000] if path.is_file() else ""
    found = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', head)
    size = (round(float(found[1]) * 4 / 3), round(float(found[2]) * 4 / 3)) if found else (730, 326)
    texts = {part: str(figure.get(part, "")) for part in ("number", "title", "unit", "caption", "alt", "source")}
    return Chart(step, name, size=size, **texts)


def safe(value: object) -> Markup:
    """Make any value one line of text that HTML and Markdown fences show as it is."""
    return Markup(re.sub(r"[\s\x00-\x1f]+", " ", html.escape(str(value)).replace("`", "&#96;")))


def literal(value: object) -> Markup:
    """Make any value one line of Markdown, as a heading needs it, in which no sign counts."""
    return Markup(re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", " ".join(str(value).split())))


def rich(text: object, line: bool = False) -> Markup:
    """Write Markdown of a run, or one line of it, as HTML; HTML in it is shown as text and pictures are not loaded."""
    shown = _MARKDOWN.renderInline(str(text)) if line else _MARKDOWN.render(str(text)).strip()
    return Markup(shown.replace("`", "&#96;"))


def anchor(name: str, kind: str) -> str:
    """Return the id of a figure or table on its page: value_lost -> fig-value-lost."""
    return f"{kind}-{re.sub(r'[^a-z0-9]+', '-', name.lower()).strip('-')}"


def raw(markup: object) -> str:
    """Put HTML on a MyST page."""
    return f"```{{raw}} html\n{markup}\n```\n"


def sourced(source: str, plain: bool = False) -> str:
    """Name the files of record in a source line by what they hold; as HTML, each leads to what is said about it."""

    def named(file: re.Match[str]) -> str:
        words = file[1].replace("_", " ")
        return words if plain else f'<a href="data.html#{anchor(file[1], "file")}">{words}</a>'

    text = re.sub(r"(?:data/raw/)?\b(\w+)\.csv\b", named, source if plain else str(safe(source)))
    text = re.sub(r"\bdata/raw\b(/datapackage\.json)?", "the data", text)
    return text if plain else Markup(text)


def many(verdict: str, count: int) -> str:
    """Return a verdict as a verb for so many claims: 2 do not hold, 1 depends on the reading."""
    plural = verdict.replace("holds", "hold").replace("does not", "do not").replace("depends", "depend")
    return verdict if count == 1 else plural


def amount(value: Any, unit: str) -> str:
    """Write the value of any key figure with its unit."""
    if isinstance(value, str | bool) or value is None:
        return "not known" if value is None else str(value)
    digits = next((digits for digits, least in enumerate((100, 10, 0.01)) if abs(value) >= least), 4)
    plain = prose.plain(value, 0 if float(value).is_integer() else digits)
    known = {
        "percent": prose.percent(value, 1), "USD billion": prose.usd(value), "p-value": f"p = {value:.3f}",
        "count": plain, "rank": f"rank {plain}",
    }  # fmt: skip
    return known.get(unit, f"{plain} {unit}".strip())


@cache
def templates(root: Path) -> Environment:
    """Return an environment whose templates show every value as text, whatever it holds, unless a filter made it HTML."""

    def shown(value: Any) -> Markup:
        return value if isinstance(value, Markup) else safe(f"{value:,}" if isinstance(value, int) else value)

    environment = Environment(
        loader=FileSystemLoader([root / "report" / "pages", root / "report" / "slides"]), autoescape=True,
        undefined=StrictUndefined, lstrip_blocks=True, keep_trailing_newline=True, finalize=shown,
    )  # fmt: skip
    environment.filters |= {filter.__name__: filter for filter in (anchor, literal, many, rich, sourced)}
    environment.filters["line"] = partial(rich, line=True)
    return environment


def parts(root: Path) -> Any:
    """Return the pieces that pages share: a chart with its files, a table, a finding."""
    return templates(root).get_template("parts.html").module


def copy_chart(chart: Chart, folder: Path, place: Path, endings: Sequence[str] = DRAWINGS) -> None:
    """Put the files of a chart below a folder of pages or slides, named by the figure's number."""
    for end in endings:
        path = folder / chart.notebook / "figures" / f"{chart.name}{end}"
        if path.is_file():
            target = place / f"{chart.place}{end.replace('.slide', '-slide')}"
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)


def table_html(markup: str, name: str, notebook: str, root: Path) -> Markup:
    """Return a table as its notebook wrote it (text escaped), with its caption above, room to scroll and its CSV."""
    caption = r"(?s)<caption>(?:(Table [\d.]*\d)\. )?(.*?)</caption>"
    before, number, text, after = re.split(caption, markup, maxsplit=1)
    body = before + after
    # A head stands as its column does. An empty one is no head: a screen reader would announce it.
    first = re.search(r"(?s)<tbody>\s*<tr>(.*?)(?=</?tr|</tbody)", body)
    right = iter(["align" in tag for tag in re.findall(r"<t[hd]\b[^>]*>", first[0])] if first else [])
    heads = ('<th scope="col">', '<th scope="col" align="right">')
    body = re.sub(heads[0], lambda _: heads[next(right, False)], body).replace('<th scope="col"></th>', "<td></td>")
    body = re.sub(r"\b\d{4}-\d\d-\d\d\b", r'<span class="day">\g<0></span>', body)
    body = re.sub(r"<td>(?=[^<]{60})", '<td class="long">', body)
    body = re.sub(r"<td>(?=[^<]{2,16}</td>)", '<td class="day">', body)  # a verdict or an era does not break either
    files = f"tables/{quote(notebook)}/{quote(name)}" if name else ""
    return parts(root).data_table(number or "", html.unescape(text), Markup(body), name, files)
