"""The site and the slides say what the run found, lead to every file, load nothing from elsewhere, and show text as text."""

import io
import json
import re
import shutil
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from conftest import ROOT
from PIL import Image

from study import drawings, pages, report, site_home, slides, social_preview

HOSTILE = "<script>alert('x')</script> \"quoted\" {{ 7*7 }} ``` &amp; שלום " + "long" * 60
STEPS = ("00_data", "01_valuation_growth", "02_selloff", "03_dotcom_comparison", "04_findings")
FIGURES = {
    "00_data": ["coverage"],
    "01_valuation_growth": ["decomposition", "concentration"],
    "02_selloff": ["day_by_company", "members_map"],
    "03_dotcom_comparison": ["explosiveness"],
    "04_findings": ["verdicts"],
}
SVG = """<?xml version="1.0" encoding="utf-8" standalone="no"?>
<svg xmlns:xlink="http://www.w3.org/1999/xlink" width="600pt" height="300pt" viewBox="0 0 600 300" xmlns="http://www.w3.org/2000/svg" version="1.1">
 <g id="patch_1"><path d="M 0.123456 0 L 600 300 z" style="fill: {fill}"/></g>
 <g id="text_1"><!-- {title} --><g style="fill: #1f2933" transform="translate(7.4 17.5) scale(0.125 -0.125)"></g></g>
 <g id="text_2"><!-- per cent, {name} --><g style="fill: #55616c" transform="translate(7.4 35) scale(0.095 -0.095)"></g></g>
 <g id="text_3"><!-- Source: data/raw --><g style="fill: #55616c" transform="translate(7.4 290) scale(0.075 -0.075)"></g></g>
</svg>
"""
PHONE_BOX = 'width="270pt" height="300pt" viewBox="0 0 270 300"'


def synthetic_run(folder: Path, steps: tuple[str, ...] = STEPS, hostile: str = HOSTILE) -> Path:
    """A small finished run whose every free text is one that a person with bad intent would type."""
    for step in steps:
        _write_step(folder / step, step, hostile)
    changed = {"02_selloff": ["event_focus"]}
    manifest = {"run": hostile, "preset": hostile, "changed": changed, "finished": "2025-11-24 06:23:00+0000"}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def _parameters(step: str, hostile: str) -> dict:
    return {
        "01_valuation_growth": {"boom_start": "2022-12-30", "boom_end": "2025-01-24"},
        "02_selloff": {"event_date": "2025-01-27", "event_focus": hostile},
    }.get(step, {"as_of": "article"})


def _write_step(place: Path, step: str, hostile: str) -> None:
    for part in ("figures", "tables", "data"):
        (place / part).mkdir(parents=True)
    number = int(step[:2])
    figures = {
        name: {
            "number": f"{number}.{count}", "title": f"Title of {name} {hostile}", "unit": f"per cent, {name}", "caption": f"Caption of {name}. {hostile}",
            "alt": f"Alt of {name}. {hostile}", "source": "data/raw", "data": True, "text_problems": [],
        }
        for count, name in enumerate(FIGURES[step], start=1)
    }  # fmt: skip
    first = next(iter(figures))
    for name, figure in figures.items():
        title = figure["title"].replace("<", "&lt;").replace(">", "&gt;")
        for end, fill in (("", "#ffffff"), ("-dark", "#14181d")):
            svg = SVG.format(title=title, name=name, fill=fill)
            (place / "figures" / f"{name}{end}.svg").write_text(svg, encoding="utf-8")
            if name == first:  # the others are wide only
                small = re.sub(r'width="[\d.]+pt" height="[\d.]+pt" viewBox="[^"]*"', PHONE_BOX, svg, count=1)
                (place / "figures" / f"{name}.phone{end}.svg").write_text(small, encoding="utf-8")
        Image.new("RGB", (600, 300), "#ffffff").save(place / "figures" / f"{name}.png")
        (place / "figures" / f"{name}.csv").write_text("a,b\n1,2\n")
    (place / "tables" / "moves.csv").write_text("company,move\nNvidia,-17\n")
    (place / "data" / "prices_ai.csv").write_text("date,NVDA\n2025-01-27,118.4\n2026-07-31,190\n")
    keys = {
        f"{first}_value": {
            "value": -16.97, "unit": "percent", "label": f"fall {hostile}", "low": -17.5, "high": -16.5, "confidence": "medium", "figure": first,
        }
    }  # fmt: skip
    findings = [{"text": f"Finding {count} of {step}: {hostile}", "figure": first} for count in range(1, 6)]
    content = {
        "notebook": step, "parameters": _parameters(step, hostile), "changed": ["event_focus"] if step == "02_selloff" else [], "findings": findings,
        "keys": keys, "measurements": [], "figures": figures, "tables": {"moves": {"number": f"{number}.1", "caption": "Moves.", "source": "data/raw", "rows": 1}},
        "notes": [f"Limit of {step}. {hostile}"],
    }  # fmt: skip
    (place / "results.json").write_text(json.dumps(content), encoding="utf-8")
    (place / f"{step}.ipynb").write_text(json.dumps(_notebook(step, figures, hostile)), encoding="utf-8")
    if step == "04_findings":
        _write_claims(place / "tables", hostile)


def _notebook(step: str, figures: dict, hostile: str) -> dict:
    import html

    cells: list[dict] = []

    def text(name: str, source: str) -> None:
        cells.append({"cell_type": "markdown", "id": name, "metadata": {}, "source": source})

    def code(name: str, source: str, *outputs: dict) -> None:
        cells.append(
            {"cell_type": "code", "id": name, "metadata": {}, "source": source, "outputs": list(outputs), "execution_count": 1}
        )  # fmt: skip

    def shown(data: dict, metadata: dict | None = None) -> dict:
        return {"output_type": "display_data", "data": data, "metadata": metadata or {}}

    text("title", f"# Page of {step}\n\n*What is the question?*")
    code("setup", "from helpers import charts")
    code("parameters", f"event_focus: str = {hostile!r}  # ticker")
    code("findings", "out.findings_here()", shown({"text/markdown": f"**Findings**\n\n- {hostile}"}))
    table = (
        f'<table class="study"><caption>{{}}</caption><thead><tr><th scope="col">company</th><th scope="col">move, %</th></tr></thead>'
        f'<tbody><tr><th scope="row">{html.escape(hostile)}</th><td>−17.0</td></tr></tbody></table>'
    )
    code(
        "shown-parameters",
        "out.parameters()",
        shown({"text/html": table.format("Parameters of this run: the defaults")}, {"table": ""}),
    )
    for name in figures:
        text(
            f"q-{name}",
            f"## Was {name} large?\n\nThe abnormal return is explained once; the abnormal return again.",
        )
        code(
            f"c-{name}",
            "out.figure(figure)",
            shown({"image/png": "iVBORw0KGgo=", "text/plain": name}, {"image/png": {"figure": name, "alt": "", "width": 791}}),
            shown({"text/markdown": "*Figure*"}, {"caption_of": name}),
            shown({"text/markdown": f"- said {hostile} ![away](https://example.org/a.png)"}),
            shown({"text/markdown": "- said *twice*"}),
        )  # fmt: skip
    caption = html.escape(f"Table {int(step[:2])}.1. Moves. Source: data/raw. {hostile}")
    code("table", "out.table(frame)", shown({"text/html": table.format(caption)}, {"table": "moves"}))
    code("printed", "print(focus)", {"output_type": "stream", "name": "stdout", "text": hostile})
    text("sure", "## How sure are we?\n\nNot very.")
    code("save", "out.save()", shown({"text/markdown": "Saved."}))
    return {
        "cells": cells,
        "metadata": {"language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _write_claims(folder: Path, hostile: str) -> None:
    import csv

    names = ("holds", "holds roughly", "does not hold", "cannot be checked with these data")
    head = [
        "id",
        "claim",
        "said by",
        "stated",
        "unit",
        "measured",
        "low",
        "high",
        "verdict",
        "evidence notebook",
        "figure",
        "confidence",
        "how",
    ]
    with (folder / "claims.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(head)
        for count in range(9):
            rows.writerow(
                [f"c{count}", f"Claim {count} {hostile}", hostile, 92, "percent", 91, 88, 95, names[count % 4], "02_selloff", "members_map", "high", hostile]
            )  # fmt: skip


@pytest.fixture(scope="session", name="built_run")
def fixture_built_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A synthetic run with its site and slides, in a folder with a hostile name."""
    folder = synthetic_run(tmp_path_factory.mktemp("runs") / "run <b> \"x\" 'y' #1 שלום")
    report.build_site(folder, ROOT)
    slides.build_slides(folder, ROOT)
    return folder


@dataclass
class Page:
    """What a page holds: (tag, attributes) of all elements, texts outside scripts, ids."""

    elements: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    @property
    def ids(self) -> set[str]:
        return {about["id"] for _, about in self.elements if about.get("id")}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page, self._inside = Page(), ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.page.elements.append((tag, {name: value or "" for name, value in attrs}))
        self._inside = tag if tag in ("script", "style") else self._inside

    def handle_endtag(self, tag: str) -> None:
        self._inside = "" if tag == self._inside else self._inside

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self.page.texts.append(data)


def read(path: Path) -> Page:
    reader = _Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    return reader.page


def all_pages(folder: Path) -> dict[str, Page]:
    return {path.name: read(path) for path in [*folder.glob("site/*.html"), *folder.glob("slides/*.html")]}


def test_there_is_a_page_for_every_notebook_and_the_pages_around_them(built_run: Path) -> None:
    there = {path.stem for path in (built_run / "site").glob("*.html")}
    assert there >= {
        *STEPS,
        "index",
        "claims",
        "charts",
        "data",
        "methods",
        "glossary",
        "search",
        "reference",
    }
    assert not (built_run / "site" / "warnings.txt").exists(), (built_run / "site" / "warnings.txt").read_text()


@pytest.mark.parametrize("step", STEPS)
def test_a_notebook_page_opens_with_the_findings_and_folds_the_code(built_run: Path, step: str) -> None:
    text = (built_run / "site" / f"{step}.html").read_text(encoding="utf-8")
    findings, code, figure = (text.index(part) for part in ('class="findings"', "<details", "<figure"))
    assert findings < code < figure
    assert text.count('class="cell_input') <= text.count("<details"), "code that is not folded"
    assert f'href="downloads/{step}.ipynb" download' in text
    assert "The findings are written here" not in text


def test_every_figure_has_title_caption_source_alt_and_its_files(built_run: Path) -> None:
    for step, names in FIGURES.items():
        page = read(built_run / "site" / f"{step}.html")
        pictures = [about for tag, about in page.elements if tag == "img"]
        assert len(pictures) == 2 * len(names)
        for picture, name in zip(pictures, [name for name in names for _ in "ld"], strict=True):
            assert f"Alt of {name}" in picture["alt"]
            assert f"Title of {name}" in picture["alt"]
            assert picture["src"].endswith(".view.svg" if "light" in picture["class"] else ".view-dark.svg")
        for count, name in enumerate(names, start=1):
            assert f"Title of {name}" in page.text
            assert re.search(rf"Figure {int(step[:2])}\.{count}\. Caption of {name}.*?Source: data/raw\.", page.text)
            saved = {about["href"] for tag, about in page.elements if tag == "a" and "download" in about}
            assert saved >= {f"figures/{step}/{name}.{kind}" for kind in ("svg", "png", "csv")}
        assert f"tables/{step}/moves.csv" in saved


def test_no_picture_is_without_words(built_run: Path) -> None:
    for name, page in all_pages(built_run).items():
        for tag, about in page.elements:
            if tag == "img":
                assert "alt" in about, name
                # In the gallery the title stands beside the picture, in the same link.
                assert about["alt"] or name == "charts.html", name


def _loaded(page: Page) -> list[str]:
    found = []
    for tag, about in page.elements:
        found += [about[name] for name in ("src", "srcset", "data", "poster") if about.get(name)]
        if tag == "link":
            found.append(about.get("href", ""))
    return found


def test_nothing_is_loaded_from_another_machine_and_all_that_is_loaded_is_there(built_run: Path) -> None:
    for place in ("site", "slides"):
        for path in (built_run / place).glob("*.html"):
            for address in _loaded(read(path)):
                parts = urlsplit(address)
                assert not parts.scheme and not parts.netloc, f"{path.name} loads {address}"
                if parts.path:
                    assert (path.parent / unquote(parts.path)).is_file(), f"{path.name} misses {address}"
        for path in (built_run / place).rglob("*.css"):
            css = path.read_text(encoding="utf-8")
            assert not re.search(r"url\(\s*['\"]?(https?:)?//|@import\s+(url\()?['\"](https?:)?//", css), path.name


def test_every_link_inside_the_site_leads_somewhere(built_run: Path) -> None:
    site = built_run / "site"
    known = {path.name: read(path) for path in site.glob("*.html")}
    for name, page in known.items():
        for tag, about in page.elements:
            parts = urlsplit(about.get("href", "")) if tag == "a" else None
            if parts is None or parts.scheme or parts.netloc:
                continue
            target = unquote(parts.path) or name
            assert (site / target).exists(), f"{name} leads to {target}, which is not there"
            if parts.fragment and target in known:
                assert unquote(parts.fragment) in known[target].ids, f"{name} leads to {target}#{parts.fragment}"


def test_what_a_person_typed_is_shown_as_text_on_pages_and_slides(built_run: Path) -> None:
    shown = " ".join(HOSTILE.split())
    for name, page in all_pages(built_run).items():
        for tag, about in page.elements:
            assert tag not in ("b", "iframe") or name == "index.html", f"{name}: a tag from a typed text"
            assert not [key for key in about if key.startswith("on")], f"{name}: {about}"
    for path in [*built_run.glob("site/*.html"), *built_run.glob("slides/*.html")]:
        assert not re.search(r"<script>\s*alert", path.read_text(encoding="utf-8")), path.name
    for name in ("index.html", "02_selloff.html", "claims.html"):
        assert shown in read(built_run / "site" / name).text, name
    assert shown in read(built_run / "slides" / "index.html").text


def test_the_home_page_answers_five_questions_of_a_reader_who_reads_nothing_else(built_run: Path) -> None:
    """A blind test. What was asked: the title. What was found: five numbered findings, each with its chart.
    How sure: grades and intervals of the key figures. For which dates: the line below the title.
    Do the claims hold: the counts of verdicts."""
    page = read(built_run / "site" / "index.html")
    assert site_home.QUESTION in page.text
    for count in range(1, 6):
        assert f"Finding {count} of 04_findings" in page.text
    assert page.text.count("Figure 4.1") >= 5
    assert "from 30 December 2022 to 24 January 2025" in page.text
    assert "the selloff is that of 27 January 2025; prices reach 31 July 2026" in page.text
    assert "Confidence of the 5 key figures: 5 medium. Five figures carry an interval." in page.text
    assert "9 claims, checked" in page.text
    assert re.search(r"3 hold 2 hold roughly 2 do not hold 2 cannot be checked", page.text)
    assert "24 November 2025" in page.text


def test_the_page_of_the_blind_test_is_there_and_types_no_answer(built_run: Path) -> None:
    page = read(built_run / "site" / "blind_test.html").text
    for head in ("Growth or price", "The day", "Beside the dot-com bubble", "How sure?"):
        assert head in page
    source = (ROOT / "docs" / "blind_test.md").read_text(encoding="utf-8")
    assert "%" not in source
    assert "USD" not in source


def test_pages_say_what_they_are_about_and_name_a_picture_only_at_a_known_address(
    built_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def about(site: Path) -> dict[str, str]:
        page = read(site / "index.html")
        return {
            given.get("property") or given.get("name", ""): given.get("content", "")
            for tag, given in page.elements
            if tag == "meta"
        }

    plain = about(built_run / "site")
    assert plain["og:title"] == site_home.QUESTION
    assert plain["og:description"].startswith("Finding 1 of 04_findings")
    assert plain["twitter:card"] == "summary"
    assert not {"og:image", "og:url"} & set(plain)
    run = synthetic_run(tmp_path / "run", hostile="plain")
    for path in run.glob("*/results.json"):
        content = json.loads(path.read_text(encoding="utf-8")) | {"changed": []}
        path.write_text(json.dumps(content), encoding="utf-8")
    root = tmp_path / "root"
    shutil.copytree(ROOT / "report", root / "report", ignore=shutil.ignore_patterns("__pycache__"))
    (root / "docs").mkdir()
    Image.new("RGB", (1280, 640)).save(root / "docs" / social_preview.NAME)
    monkeypatch.setenv("STUDY_SITE_URL", "https://example.org/study")
    report.build_site(run, root)
    published = about(run / "site")
    assert published["og:image"] == "https://example.org/study/social_preview.png"
    assert published["og:url"] == "https://example.org/study/index.html"
    assert published["twitter:card"] == "summary_large_image"
    assert (run / "site" / social_preview.NAME).is_file()


def test_the_picture_for_links_has_the_size_they_want_and_the_share_that_was_computed(tmp_path: Path) -> None:
    run = synthetic_run(tmp_path, hostile="plain")
    data = "era,company,price,earnings,multiple\nai,together,2,1.5,0.5\ndotcom,together,1,0.25,0.75\n"
    (run / "01_valuation_growth" / "figures" / "decomposition.csv").write_text(data)
    written = social_preview.picture(run)
    assert len(written) < 300_000
    assert Image.open(io.BytesIO(written)).size == (1280, 640)
    figure = social_preview.draw(pages.read_run(run))
    shares = [text.get_text().partition(" %")[0] for text in figure.axes[0].texts if "%" in text.get_text()]
    assert shares == ["75", "25", "25", "75"]


def test_every_figure_that_the_slides_name_is_one_of_the_default_run() -> None:
    stored = {
        notebook: (ROOT / "notebooks" / f"{notebook}.ipynb").read_text(encoding="utf-8")
        for notebook in {notebook for _, notebook, _ in slides.MESSAGES}
    }
    missing = [
        f"{notebook}/{name}"
        for _, notebook, names in slides.MESSAGES
        for name in names
        if f'"figure": "{name}"' not in stored[notebook]
    ]
    assert missing == []


def test_a_topic_that_lost_its_figures_stops_the_default_run_and_is_reported_in_others(
    tmp_path: Path,
) -> None:
    run = pages.read_run(synthetic_run(tmp_path, hostile="plain"))
    assert run.changed
    assert "“How rare”" in slides.lost_topics(run)
    assert "“Growth or price”" not in slides.lost_topics(run)
    assert "“How rare”" in slides.limits(run)[-1]
    with pytest.raises(LookupError, match="“How rare”.*MESSAGES"):
        slides.slides_of(replace(run, changed={}))


def test_every_page_says_which_run_it_shows_and_what_was_changed(built_run: Path) -> None:
    for path in (built_run / "site").glob("*.html"):
        text = read(path).text
        assert "24 November 2025" in text, path.name
        assert "changed: event_focus =" in text, path.name
        assert "boom_start" in text, path.name


def test_all_claims_are_there_without_a_script_and_the_buttons_count_them(built_run: Path) -> None:
    page = read(built_run / "site" / "claims.html")
    rows = [about for tag, about in page.elements if tag == "tr" and "data-verdict" in about]
    assert len(rows) == 9
    assert not any("hidden" in about for about in rows)
    assert "all (9)" in page.text
    assert "holds roughly (2)" in page.text
    assert [about["hidden"] for tag, about in page.elements if about.get("class") == "filter"] == [""]


def test_the_data_page_lists_every_file_of_the_data_package(built_run: Path) -> None:
    page = read(built_run / "site" / "data.html")
    for file in json.loads((ROOT / "data" / "raw" / "datapackage.json").read_text(encoding="utf-8"))["resources"]:
        assert file["path"] in page.text
        assert file["hash"] in page.text
        assert (built_run / "site" / "data" / file["path"]).is_file()


def test_a_term_is_explained_at_its_first_mention_only_and_as_the_glossary_does(built_run: Path) -> None:
    page = read(built_run / "site" / "02_selloff.html")
    terms = [about for tag, about in page.elements if about.get("class") == "term"]
    returns = [about for about in terms if about["href"] == "glossary.html#abnormal-return"]
    assert len(returns) == 1
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    assert returns[0]["data-meaning"] in " ".join(glossary.split())
    entries = read(built_run / "site" / "glossary.html").ids
    assert {about["href"].partition("#")[2] for about in terms} <= entries


def test_the_methods_page_names_helpers_that_exist() -> None:
    text = (ROOT / "docs" / "methods.md").read_text(encoding="utf-8")
    named = [
        name
        for line in re.findall(r"^Helpers? (`.+?)\.", text, flags=re.MULTILINE)
        for name in re.findall(r"`(\w+)`", line)
    ]
    assert len(named) > 12
    there = {path.stem for path in (ROOT / "src").rglob("*.py")}
    assert [name for name in named if name not in there] == []


def test_a_drawing_is_the_figure_without_its_title_and_source() -> None:
    svg = SVG.format(title="A title", name="x", fill="#ffffff")
    frame = drawings.frame_of(svg, "A title", "per cent, x")
    assert (frame.width, frame.height) == (800, round((282 - 39) * 4 / 3))
    drawn = drawings.drawing(svg, frame)
    assert 'viewBox="0 39.0 600 243.0"' in drawn
    assert 'd="m.12 0l599.88 300z"' in drawn
    assert "<!--" not in drawn
    assert "scale(0.125 -0.125)" in drawn
    assert drawings.frame_of("<svg></svg>", "t", "u").top == 0


def test_markdown_of_a_run_cannot_bring_html_or_pictures() -> None:
    shown = pages.rich("![a](https://example.org/a.png) <img src=x onerror=y>")
    assert shown == '<p>!<a href="https://example.org/a.png">a</a> &lt;img src=x onerror=y&gt;</p>'
    assert "href" not in pages.rich_line("[a](javascript:alert(1))")


def test_a_run_with_one_step_has_a_site_of_one_step(tmp_path: Path) -> None:
    folder = synthetic_run(tmp_path / "small", ("00_data",), "plain")
    index = report.build_site(folder, ROOT)
    assert not (index.parent / "claims.html").exists()
    assert "Finding 5 of 00_data" in read(index).text
    deck = slides.build_slides(folder, ROOT)
    assert "Title of" not in read(deck).text, "no chart of that step belongs in the deck"


def test_a_folder_without_results_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no notebook of this run has left results"):
        report.build_site(tmp_path, ROOT)


def test_an_unchanged_site_is_left_as_it_is_and_a_changed_one_is_built_again(tmp_path: Path) -> None:
    folder = synthetic_run(tmp_path / "run", ("00_data",), "plain")
    index = report.build_site(folder, ROOT)
    first = index.stat().st_ino
    assert report.build_site(folder, ROOT).stat().st_ino == first
    results = folder / "00_data" / "results.json"
    results.write_text(results.read_text().replace("Finding 1 of", "Another finding of"))
    assert report.build_site(folder, ROOT).stat().st_ino != first
    assert "Another finding of 00_data" in read(index).text


def test_a_site_that_cannot_be_built_leaves_the_last_one_and_no_rest(tmp_path: Path) -> None:
    folder = synthetic_run(tmp_path / "run", ("00_data",), "plain")
    index = report.build_site(folder, ROOT)
    before = index.read_bytes()
    (folder / "00_data" / "00_data.ipynb").write_text("{ not a notebook")
    with pytest.raises(ValueError):
        report.build_site(folder, ROOT)
    assert index.read_bytes() == before
    assert not list(folder.glob(".site-*"))


def test_an_equation_in_a_page_is_text_and_fetches_no_renderer(tmp_path: Path) -> None:
    folder = synthetic_run(tmp_path / "run", ("00_data",), "plain")
    root = tmp_path / "root"
    shutil.copytree(ROOT / "report", root / "report", ignore=shutil.ignore_patterns("__pycache__"))
    (root / "docs").mkdir()
    (root / "docs" / "sums.md").write_text("# Sums\n\n```{math}\na < b\n```\n\nand {math}`x^2`.\n")
    index = report.build_site(folder, root)
    text = (index.parent / "sums.html").read_text(encoding="utf-8")
    assert "a &lt; b" in text
    assert "x^2" in text
    assert "mathjax" not in text.lower()


def test_the_deck_tells_one_message_a_slide_with_the_titles_of_the_figures(built_run: Path) -> None:
    deck = (built_run / "slides" / "index.html").read_text(encoding="utf-8")
    parts = re.findall(r"<section.*?</section>", deck, flags=re.DOTALL)
    charts = [part for part in parts if 'class="chart"' in part]
    assert len(charts) == 5
    for part in charts:
        assert part.count("<h2>") == 1
        assert re.search(r"<h2>Title of \w+ &lt;script&gt;", part)
        assert "Source: data/raw" in part
    assert "−17.0 % (−17.5 % to −16.5 %), medium confidence" in charts[0]
    assert (
        "Of 9 claims, 3 hold, 2 hold roughly, 2 do not hold, 2 cannot be checked"
        in read(built_run / "slides" / "index.html").text
    )
    assert "Limit of 04_findings" in parts[-1]


def test_without_a_chromium_there_are_slides_and_no_pdf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROMIUM", "no-such-browser")
    folder = synthetic_run(tmp_path / "run", ("02_selloff",), "plain")
    assert slides.build_slides(folder, ROOT).is_file()
    assert not (folder / "slides" / "slides.pdf").exists()


@pytest.mark.browser
@pytest.mark.skipif(slides.find_browser() is None, reason="no Chromium")
def test_the_pdf_has_one_page_a_slide(built_run: Path) -> None:
    content = (built_run / "slides" / "slides.pdf").read_bytes()
    deck = (built_run / "slides" / "index.html").read_text(encoding="utf-8")
    assert len(re.findall(rb"/Type\s*/Page\b", content)) == deck.count("<section")
