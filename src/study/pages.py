"""Pieces that site and slides share: a finished run read back, text made safe, drawings, figures, tables."""

from __future__ import annotations

import html
import json
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup

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
        """Return a figure by its name, from the notebook given or else from any; a name may hold its notebook."""
        named, _, name = name.rpartition("/")
        found = self.charts.get(f"{named or notebook}/{name}")
        return found or next((chart for chart in self.charts.values() if chart.name == name), None)

    def cells(self, tag: str, notebook: str = "04_findings") -> list[tuple[str, list[str]]]:
        """Return what the cells of a notebook with a tag say in Markdown, each with its tags."""
        found = []
        for cell in read_notebook(self, notebook)["cells"] if notebook in self.results else []:
            tags = cell.get("metadata", {}).get("tags", [])
            shown = [output.get("data", {}) for output in cell.get("outputs", [])]
            said = ["".join(data["text/markdown"]) for data in shown if "text/markdown" in data]
            if tag in tags:
                found.append(("".join(cell["source"]) if cell["cell_type"] == "markdown" else "\n\n".join(said), tags))
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
    manifest = read_json(folder / "manifest.json")
    name, preset, finished = (
        str(manifest.get(part, other)) for part, other in (("run", folder.name), ("preset", ""), ("finished", ""))
    )
    given = {step: content.get("parameters", {}) for step, content in results.items()}
    changed = {step: content["changed"] for step, content in results.items() if content.get("changed")}
    charts = {
        f"{step}/{name}": read_chart(folder, step, name, figure)
        for step, content in results.items()
        for name, figure in content["figures"].items()
    }
    return Run(folder, name, preset, finished, given, changed, results, charts)


def read_chart(folder: Path, step: str, name: str, figure: Mapping[str, Any]) -> Chart:
    """Read a figure back: the size of its drawing below ``folder / step`` and what was kept about it."""
    path = folder / step / "figures" / f"{name}.svg"
    head = path.read_text(encoding="utf-8")[:2000] if path.is_file() else ""
    found = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', head)
    size = (round(float(found[1]) * 4 / 3), round(float(found[2]) * 4 / 3)) if found else (730, 326)
    texts = {part: str(figure.get(part, "")) for part in ("number", "title", "unit", "caption", "alt", "source")}
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


def rich(text: object, line: bool = False) -> str:
    """Write Markdown of a run, or one line of it, as HTML; HTML in it is shown as text and pictures are not loaded.

    >>> rich("*fell* by <b>17</b>%")
    '<p><em>fell</em> by &lt;b&gt;17&lt;/b&gt;%</p>'
    """
    return _fenced(_MARKDOWN.renderInline(str(text)) if line else _MARKDOWN.render(str(text)).strip())


def _fenced(text: str) -> str:
    return text.replace("`", "&#96;").replace("{", "&#123;").replace("}", "&#125;")


def anchor(kind: str, name: str) -> str:
    """Return the id of a figure or table on its page.

    >>> anchor("fig", "value_lost")
    'fig-value-lost'
    """
    return f"{kind}-{re.sub(r'[^a-z0-9]+', '-', name.lower()).strip('-')}"


def raw(markup: object) -> str:
    """Put HTML on a MyST page."""
    return f"```{{raw}} html\n{markup}\n```\n"


def sourced(source: str, plain: bool = False) -> str:
    """Name the files of record in a source line by what they hold; as HTML, each leads to what is said about it.

    >>> sourced("filings (data/raw/capex_quarterly.csv); data/raw", plain=True)
    'filings (capex quarterly); the data'
    """

    def named(file: re.Match[str]) -> str:
        words = file[1].replace("_", " ")
        return words if plain else f'<a href="data.html#{anchor("file", file[1])}">{words}</a>'

    text = re.sub(r"(?:data/raw/)?\b(\w+)\.csv\b", named, source if plain else safe(source))
    return re.sub(r"\bdata/raw\b(/datapackage\.json)?", "the data", text)


def linked(title: str, address: str = "") -> str:
    """Return a source with a link to where it can be read: its address, or the public repository that its title names."""
    if not address.startswith("https://"):
        return re.sub(r"(repository )([\w.-]+/[\w.-]*\w)", r'\1<a href="https://github.com/\2">\2</a>', safe(title))
    return f'<a href="{safe(address)}">{safe(title)}</a>'


@cache
def templates(folder: Path) -> Environment:
    """Return an environment whose templates show every value as text, whatever it holds, unless a filter made it HTML."""

    def shown(value: Any) -> Any:
        return value if isinstance(value, Markup) else Markup(safe(f"{value:,}" if isinstance(value, int) else value))

    environment = Environment(
        loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined, lstrip_blocks=True, keep_trailing_newline=True, finalize=shown,
    )  # fmt: skip
    for function in (rich, literal, linked, sourced):
        environment.filters[function.__name__] = partial(_marked, function)
    environment.filters |= {
        "line": partial(_marked, partial(rich, line=True)),
        "many": many,
        "anchor": lambda name, kind: anchor(kind, name),
    }
    return environment


def _marked(function: Callable[..., str], *given: Any) -> Markup:
    return Markup(function(*given))


def parts(root: Path) -> Any:
    """Return the pieces that pages share: a chart with its files, a table, a finding."""
    return templates(root / "report" / "pages").get_template("parts.html").module


def many(verdict: str, count: int) -> str:
    """Return a verdict as a verb for so many claims.

    >>> many("does not hold", 2), many("depends on the reading", 1)
    ('do not hold', 'depends on the reading')
    """
    plural = verdict.replace("holds", "hold").replace("does not", "do not").replace("depends", "depend")
    return verdict if count == 1 else plural


def copy_chart(chart: Chart, folder: Path, place: Path, endings: Sequence[str] = DRAWINGS) -> None:
    """Put the files of a chart below a folder of pages or slides, named by the figure's number."""
    for end in endings:
        path = folder / chart.notebook / "figures" / f"{chart.name}{end}"
        if path.is_file():
            target = place / f"{chart.place}{end.replace('.slide', '-slide')}"
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)


def table_html(markup: str, name: str, notebook: str, root: Path) -> str:
    """Return a table as its notebook wrote it (text escaped), with its caption above, room to scroll and its CSV."""
    found = re.search(r"<caption>(?:(Table [\d.]*\d)\. )?(.*?)</caption>", markup, flags=re.DOTALL)
    number, caption = found.groups() if found else ("", "")
    body = re.sub(r"<caption>.*?</caption>", "", markup, flags=re.DOTALL)
    # A head stands as its column does. An empty one is no head: a screen reader would announce it.
    first = re.search(r"<tbody>\s*<tr>(.*?)(?=</?tr|</tbody)", body, flags=re.DOTALL)
    right = iter(["align" in tag for tag in re.findall(r"<t[hd]\b[^>]*>", first[0])] if first else [])
    heads = ('<th scope="col">', '<th scope="col" align="right">')
    body = re.sub(heads[0], lambda _: heads[next(right, False)], body).replace('<th scope="col"></th>', "<td></td>")
    body = re.sub(r"\b\d{4}-\d\d-\d\d\b", r'<span class="day">\g<0></span>', body)
    body = re.sub(r"<td>(?=[^<]{60})", '<td class="long">', body)
    files = f"tables/{quote(notebook)}/{quote(name)}" if name else ""
    return _fenced(str(parts(root).data_table(number or "", html.unescape(caption), Markup(body), name, files)))
