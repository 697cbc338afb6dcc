"""The site and the slides say what the run found, lead to every file, load nothing from elsewhere, and show text as text."""

import json
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import openpyxl
import pandas as pd
import pptx
import pytest
import yaml
from conftest import ROOT
from PIL import Image
from pptx.util import Pt

from study import pages, powerpoint, report, site_pages, slides, workbook

HOSTILE = "<script>alert('x')</script> <u> \"quoted\" {{ 7*7 }} ``` &amp; שלום " + "long" * 60
STEPS = ("00_data", "01_valuation_growth", "02_selloff", "03_dotcom_comparison", "04_findings")
FIGURES = {
    "00_data": ["coverage"],
    "01_valuation_growth": ["decomposition", "concentration"],
    "02_selloff": ["members_map", "way_back"],
    "03_dotcom_comparison": ["explosiveness"],
    "04_findings": ["verdicts"],
}
SVG = """<?xml version="1.0" encoding="utf-8" standalone="no"?>
<svg width="600pt" height="300pt" viewBox="0 0 600 300" xmlns="http://www.w3.org/2000/svg" version="1.1">
 <g id="patch_1"><path d="M 0 0 L 600 300 z" style="fill: {fill}"/></g>
 <g id="text_1"><text style="font-size: 10px; font-family: sans-serif" x="7.4" y="17.5">{name}</text></g>
</svg>
"""
DATA = {
    "decomposition": "era,company,price,earnings,multiple\nai,NVDA,3.3,3.5,-0.2\nai,AAPL,0.8,0.0,0.8\ndotcom,CSCO,3.8,1.3,2.5\n",
    "way_back": "day,NVDA,^GSPC\n-1,0,0\n0,-17,-1.5\n1,-9,-0.6\n",
}
VERDICTS = ("holds", "holds roughly", "depends on the reading", "does not hold", "cannot be checked with these data")


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
            "alt": f"Alt of {name}. {hostile}", "source": "filings (data/raw/ai_capex.csv)", "data": True, "text_problems": [],
        }
        for count, name in enumerate(FIGURES[step], start=1)
    }  # fmt: skip
    first = next(iter(figures))
    for name in figures:
        for end, fill in (("", "#1f2933"), ("-dark", "#e8ecef")):
            (place / "figures" / f"{name}{end}.svg").write_text(SVG.format(name=name, fill=fill), encoding="utf-8")
        for end in (".png", ".slide.png"):
            Image.new("RGB", (600, 300), "#ffffff").save(place / "figures" / f"{name}{end}")
        (place / "figures" / f"{name}.csv").write_text(DATA.get(name, "a,b\n1,2\n"))
    (place / "tables" / "claims_measured.csv").write_text("company,move\nNvidia,-17\n")
    (place / "data" / "prices_ai.csv").write_text("date,NVDA\n2025-01-27,118.4\n2026-07-31,190\n")
    keys = {
        f"{first}_value": {
            "value": -16.97, "unit": "percent", "label": f"fall {hostile}", "low": -17.5, "high": -16.5, "confidence": "medium", "figure": first,
        },
        **({"members_rose_pct": {"value": 69.6, "unit": "percent", "label": "rose", "low": None, "high": None, "confidence": "high", "figure": ""},
            "focus_name": {"value": hostile, "unit": "text", "label": "focus", "low": None, "high": None, "confidence": "high", "figure": ""}}
           if step == "02_selloff" else {}),
    }  # fmt: skip
    findings = [
        {
            "text": f"Finding {count} of {step}: {hostile}",
            "detail": f"Between {count} and 9. {hostile}",
            "figure": first,
        }
        for count in range(1, 7)
    ]
    content = {
        "notebook": step, "parameters": _parameters(step, hostile), "changed": ["event_focus"] if step == "02_selloff" else [], "findings": findings,
        "keys": keys, "measurements": [], "figures": figures, "tables": {"claims_measured": {"number": f"{number}.1", "caption": "Moves.", "source": "data/raw", "rows": 1}},
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
    code("setup", "from helpers import house")
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
    code("table", "out.table(frame)", shown({"text/html": table.format(caption)}, {"table": "claims_measured"}))
    code("printed", "print(focus)", {"output_type": "stream", "name": "stdout", "text": hostile})
    text("sure", "## How sure are we?\n\nNot very.")
    if step == "04_findings":
        text("five", "## In five minutes")
        cells[-1]["metadata"] = {"tags": ["five-minutes"]}
        code("five-words", "out.say(...)", shown({"text/markdown": f"Two years of **growth** {hostile}"}))
        cells[-1]["metadata"] = {
            "tags": ["five-minutes", "chart:01_valuation_growth/decomposition", "chart:01_valuation_growth/not_there"]
        }
        code("sure-words", "out.say(...)", shown({"text/markdown": "Well established: the day."}))
        cells[-1]["metadata"] = {"tags": ["how-sure"]}
    code("save", "out.save()", shown({"text/markdown": "Saved."}))
    return {
        "cells": cells,
        "metadata": {"language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _write_claims(folder: Path, hostile: str) -> None:
    claims = pd.DataFrame(
        {"id": [f"c{count}" for count in range(9)], "claim": [f"Claim {count} {hostile}" for count in range(9)]}
    )
    evidence = {
        "said by": hostile,
        "stated": 92,
        "unit": "percent",
        "measured": 91.2345,
        "low": 88,
        "high": 95,
        "how": hostile,
        "if read otherwise": hostile,
        "why": "It was measured.",
    }
    where = {"evidence notebook": "02_selloff", "figure": "members_map", "confidence": "high"}
    claims = claims.assign(
        headline=claims["claim"], verdict=[VERDICTS[count % 5] for count in range(9)], **evidence, **where
    )
    claims.to_csv(folder / "claims.csv", index=False)
    shown = claims[["claim", "said by", "verdict"]].assign(
        stated="92%", measured="91%", range=["88% to 95%", *[""] * 8]
    )
    shown.to_csv(folder / "claims_shown.csv", index=False)


@pytest.fixture(scope="session", name="built_run")
def fixture_built_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A synthetic run with its site and slides, in a folder with a hostile name."""
    folder = synthetic_run(tmp_path_factory.mktemp("runs") / "run <u> \"x\" 'y' #1 שלום")
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
        "five_minutes",
        "presenting",
    }
    assert not there & {"reference", "faults", "schedulers", "blind_test"}, "pages for developers"
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
            assert picture["src"].endswith("-dark.svg") == ("dark" in picture["class"])
        for count, name in enumerate(names, start=1):
            assert f"Title of {name}" in page.text
            assert re.search(
                rf"Figure {int(step[:2])}\.{count}\. Caption of {name}.*?Source: filings \( ?ai capex ?\)\.", page.text
            )
            assert "data.html#file-ai-capex" in {about.get("href") for _, about in page.elements}, (
                "to the file of record"
            )
            saved = {about["href"] for tag, about in page.elements if tag == "a" and "download" in about}
            place = f"figures/fig-{int(step[:2])}-{count}-{name.replace('_', '-')}"
            assert saved >= {f"{place}{end}" for end in (".svg", ".png", "-slide.png", ".csv")}
            assert f"#fig-{name.replace('_', '-')}" in {about.get("href") for _, about in page.elements}, "a permalink"
        assert f"tables/{step}/claims_measured.csv" in saved


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
            assert tag not in ("u", "iframe"), f"{name}: a tag from a typed text"
            assert not [key for key in about if key.startswith("on")], f"{name}: {about}"
    for path in [*built_run.glob("site/*.html"), *built_run.glob("slides/*.html")]:
        assert not re.search(r"<script>\s*alert", path.read_text(encoding="utf-8")), path.name
    for name in ("index.html", "02_selloff.html", "claims.html"):
        assert shown in read(built_run / "site" / name).text, name
    assert shown in read(built_run / "slides" / "index.html").text


def test_the_home_page_says_the_answer_then_five_findings_each_with_its_chart_and_range(built_run: Path) -> None:
    page = read(built_run / "site" / "index.html")
    assert site_pages.QUESTION in page.text
    ledes = [about for tag, about in page.elements if about.get("class") == "lede"]
    assert len(ledes) == 1
    assert page.text.index("Finding 1 of 04_findings") < page.text.index("boom is counted from")
    for count in range(2, 7):
        assert f"Finding {count} of 04_findings" in page.text
        assert f"Between {count} and 9." in page.text
    assert "Between 1 and 9." not in page.text, "the answer is one sentence"
    assert page.text.count("Figure 4.1") >= 5
    assert (
        "to 24 January 2025, the day studied is 27 January 2025 and prices run to 31 July 2026."
        in page.text.replace("\xa0", " ")
    )
    assert "Well established: the day." in page.text
    assert "9 claims, checked" in page.text
    assert re.search(r"2 hold 2 hold roughly 2 depend on the reading 2 do not hold 1 cannot be checked", page.text)
    links = {about.get("href") for tag, about in page.elements if tag == "a"}
    assert {"five_minutes.html", "presenting.html", "claims.html", "../slides/study.xlsx"} <= links


def test_without_04_the_findings_of_the_first_study_stand_there_and_no_answer(tmp_path: Path) -> None:
    run = pages.read_run(synthetic_run(tmp_path, ("01_valuation_growth", "02_selloff"), "plain"))
    answer, found = site_pages.answers(run)
    assert answer == ""
    assert [(notebook, one["text"][:9]) for notebook, one in found] == [
        ("01_valuation_growth", f"Finding {count}") for count in range(1, 6)
    ]


def test_five_minutes_holds_the_tagged_cells_and_their_charts_and_the_notebook_page_does_not(built_run: Path) -> None:
    page = read(built_run / "site" / "five_minutes.html")
    assert "Two years of growth" in page.text
    assert [about["id"] for tag, about in page.elements if tag == "figure"] == ["fig-decomposition"]
    findings = read(built_run / "site" / "04_findings.html").text
    assert "Two years of growth" not in findings
    assert "Well established: the day." in findings


def test_pages_say_what_they_are_about_and_how_to_cite_them(
    built_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def about(site: Path) -> dict[str, str]:
        metas = [given for tag, given in read(site / "index.html").elements if tag == "meta"]
        return {given.get("property") or given.get("name", ""): given.get("content", "") for given in metas}

    plain = about(built_run / "site")
    assert plain["og:title"] == site_pages.QUESTION
    assert plain["og:description"].startswith("Finding 1 of 04_findings")
    assert "og:url" not in plain
    foot = read(built_run / "site" / "index.html").text
    assert "To cite: The AI boom study, The AI boom: growth, price, and the day of DeepSeek" in foot
    run = synthetic_run(tmp_path / "run", ("00_data",), hostile="plain")
    root = tmp_path / "root"
    shutil.copytree(ROOT / "report", root / "report", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setenv("STUDY_SITE_URL", "https://example.org/study")
    report.build_site(run, root)
    assert about(run / "site")["og:url"] == "https://example.org/study/index.html"


def test_a_slide_without_its_charts_is_left_out(tmp_path: Path) -> None:
    run = pages.read_run(synthetic_run(tmp_path, hostile="plain"))
    assert [slide["topic"] for slide in slides.slides_of(run, ROOT)] == [
        "The answer", "Five findings", "Growth or price", "Concentration", "The day", "The way back", "A bubble?", "The claims", "To take away",
    ]  # fmt: skip


def test_the_default_run_draws_the_first_chart_of_every_slide_and_knows_what_powerpoint_draws_itself() -> None:
    drawn = {
        f"{path.stem}/{output['metadata']['image/png']['figure']}"
        for path in (ROOT / "notebooks").glob("0*.ipynb")
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
        for output in cell.get("outputs", [])
        if "image/png" in output.get("metadata", {})
    }
    deck = yaml.safe_load((ROOT / "report" / "slides" / "deck.yaml").read_text(encoding="utf-8"))
    assert [plan["charts"][0] for plan in deck if "charts" in plan and plan["charts"][0] not in drawn] == []
    assert len(deck) <= 12


def test_any_text_is_shown_as_it_is_and_sources_are_named_by_what_they_hold() -> None:
    assert pages.safe('<script>"a"\n```</script>') == "&lt;script&gt;&quot;a&quot; &#96;&#96;&#96;&lt;/script&gt;"
    assert pages.literal("*stars* [away](x)") == r"\*stars\* \[away\]\(x\)"
    assert pages.sourced("filings (data/raw/capex_q.csv); data/raw", plain=True) == "filings (capex q); the data"
    assert pages.sourced("<b> a.csv") == '&lt;b&gt; <a href="data.html#file-a">a</a>'
    assert [pages.many("does not hold", 2), pages.many("depends on the reading", 1)] == [
        "do not hold",
        "depends on the reading",
    ]


def test_every_page_has_the_menu_of_what_readers_want(built_run: Path) -> None:
    wanted = [
        "In five minutes",
        "Growth or price",
        "The selloff",
        "Then and now",
        "Claims",
        "Charts",
        "Data",
        "Methods",
        "Glossary",
        "Slides",
    ]
    for path in (built_run / "site").glob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert re.findall(r'class="nav-link nav-internal"[^>]*>\s*([^<]+?)\s*<', text)[: len(wanted)] == wanted, (
            path.name
        )
        assert "\n```" not in text, path.name


def test_every_page_says_which_run_it_shows_and_what_was_changed(built_run: Path) -> None:
    for path in (built_run / "site").glob("*.html"):
        text = read(path).text
        assert "24 November 2025" in text.replace("\xa0", " "), path.name
        assert "changed: event_focus =" in text, path.name
        assert "boom_start" in text, path.name


def test_all_claims_are_there_without_a_script_and_the_buttons_count_them(built_run: Path) -> None:
    page = read(built_run / "site" / "claims.html")
    rows = [about for tag, about in page.elements if tag == "tr" and "data-verdict" in about]
    assert len(rows) == 9
    assert not any("hidden" in about for about in rows)
    assert "all (9)" in page.text
    assert page.text.count("Table 2.1 , Figure 2.1") == 9, "where the number stands, and the chart beside it"
    assert page.text.count("88% to 95%") == 1
    assert "91.2" not in page.text, (
        "amounts stand as the notebook wrote them, and a range that says nothing is left out"
    )
    assert "holds roughly (2)" in page.text
    assert "depends on the reading (2)" in page.text
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


def test_markdown_of_a_run_cannot_bring_html_or_pictures() -> None:
    shown = pages.rich("![a](https://example.org/a.png) <img src=x onerror=y>")
    assert shown == '<p>!<a href="https://example.org/a.png">a</a> &lt;img src=x onerror=y&gt;</p>'
    assert "href" not in pages.rich("[a](javascript:alert(1))", line=True)


def test_a_run_with_one_step_has_a_site_of_one_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROMIUM", "no-such-browser")  # what it prints is looked at elsewhere
    folder = synthetic_run(tmp_path / "small", ("00_data",), "plain")
    index = report.build_site(folder, ROOT)
    assert not (index.parent / "claims.html").exists()
    assert "Finding 5 of 00_data" in read(index).text
    deck = slides.build_slides(folder, ROOT)
    assert "Title of" not in read(deck).text, "no chart of that step belongs in the deck"


def test_a_folder_without_results_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no notebook of this run has left results"):
        report.build_site(tmp_path, ROOT)


def test_a_site_that_cannot_be_built_leaves_the_last_one_and_no_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHROMIUM", "no-such-browser")
    folder = synthetic_run(tmp_path / "run", ("00_data",), "plain")
    index = report.build_site(folder, ROOT)
    before = index.read_bytes()
    (folder / "00_data" / "00_data.ipynb").write_text("{ not a notebook")
    with pytest.raises(ValueError):
        report.build_site(folder, ROOT)
    assert index.read_bytes() == before
    assert not list(folder.glob(".site-*"))


def test_an_equation_in_a_page_is_mathematics_and_fetches_no_renderer(tmp_path: Path) -> None:
    folder = synthetic_run(tmp_path / "run", ("00_data",), "plain")
    root = tmp_path / "root"
    shutil.copytree(ROOT / "report", root / "report", ignore=shutil.ignore_patterns("__pycache__"))
    (root / "docs").mkdir()
    (root / "docs" / "sums.md").write_text("# Sums\n\n$$\n\\frac{a}{b} < c_t\n$$\n\nand $x^2$.\n")
    text = (report.build_site(folder, root).parent / "sums.html").read_text(encoding="utf-8")
    assert "<mfrac>" in text
    assert text.count("<math") == 2
    assert not re.search(r"src=\S*mathjax", text, flags=re.IGNORECASE)


def test_the_deck_tells_one_message_a_slide_and_its_notes_can_be_spoken(built_run: Path) -> None:
    deck = (built_run / "slides" / "index.html").read_text(encoding="utf-8")
    parts = re.findall(r"<section.*?</section>", deck, flags=re.DOTALL)
    charts = [part for part in parts if 'class="chart"' in part]
    assert len(charts) == 5
    assert len(parts) == 9
    for part in parts:
        assert len(re.findall(r"<h[12][> ]", part)) == 1
        assert ("<b>Next:</b>" in part) == (part != parts[-1])
    for part in charts:
        assert re.search(r"<h2[^>]*>Title of \w+ &lt;script&gt;", part)
        assert "Source: filings (ai capex)" in part
    assert "−17.0% (−17.5% to −16.5%), medium confidence" in charts[0].partition("<hr>")[2]
    assert "Yet seven in ten shares of the index rose." in charts[2]
    asked = [place for place, part in enumerate(parts) if "<b>If asked: " in part]
    assert asked == [0, 1, 2, 3, 6, 7, 8], "an answer without its figures is not given"
    assert "focus_value_lost" not in deck, "a sentence without its figure is left out"
    assert (
        "Of 9 claims, 2 hold, 2 hold roughly, 2 depend on the reading" in read(built_run / "slides" / "index.html").text
    )
    assert "Limit of 04_findings" in parts[-1]


def smallest_letters(book) -> float:
    """The smallest letters of a presentation in points, notes apart."""
    sizes = [
        run.font.size
        for slide in book.slides
        for shape in slide.shapes
        if shape.has_text_frame
        for paragraph in shape.text_frame.paragraphs
        for run in paragraph.runs
    ]
    return min(sizes) / Pt(1)


def test_powerpoint_has_the_same_slides_charts_that_can_be_edited_and_the_notes(built_run: Path) -> None:
    book = pptx.Presentation(str(built_run / "slides" / "slides.pptx"))
    titles = [slide.shapes.title.text_frame.text for slide in book.slides]
    assert len(titles) == 9
    assert titles[2].startswith("Title of decomposition <script>")
    assert smallest_letters(book) >= 14
    for slide in book.slides:
        assert slide.notes_slide.notes_text_frame.text.count(".") >= 1
    native = {
        title[9:22]: shape.chart
        for title, slide in zip(titles, book.slides, strict=True)
        for shape in slide.shapes
        if shape.has_chart
    }
    split = native["decomposition"].plots[0]
    assert list(split.categories) == ["Nvidia", "Apple"], "the AI leaders by their names, not the dot-com ones"
    assert [series.name for series in split.series] == ["growth in profits", "price of a dollar of profit"]
    assert list(split.series[0].values) == [3.5, 0.0]
    assert list(native["way_back <scr"].plots[0].series[1].values) == [0, -1.5, -0.6]
    pictures = [shape for slide in book.slides for shape in slide.shapes if shape.shape_type == 13]
    assert len(pictures) == 3
    assert all("Alt of" in picture._element.nvPicPr.cNvPr.get("descr") for picture in pictures)


def test_a_number_of_a_native_chart_can_be_changed(built_run: Path, tmp_path: Path) -> None:
    book = pptx.Presentation(str(built_run / "slides" / "slides.pptx"))
    chart = next(shape.chart for slide in book.slides for shape in slide.shapes if shape.has_chart)
    sheet = openpyxl.load_workbook(io_of(chart.part.chart_workbook.xlsx_part.blob)).active
    assert sheet["B2"].value == 3.5, "the numbers lie in the workbook behind the chart"
    data = pptx.chart.data.CategoryChartData()
    data.categories = ["Nvidia", "Apple"]
    data.add_series("growth in profits", [1, 2])
    chart.replace_data(data)
    book.save(tmp_path / "changed.pptx")
    again = pptx.Presentation(str(tmp_path / "changed.pptx"))
    assert list(
        next(shape.chart for slide in again.slides for shape in slide.shapes if shape.has_chart)
        .plots[0]
        .series[0]
        .values
    ) == [1, 2]


def io_of(blob: bytes):
    import io

    return io.BytesIO(blob)


@pytest.mark.skipif(shutil.which("soffice") is None, reason="no LibreOffice")
def test_libreoffice_opens_the_powerpoint_and_prints_every_slide(built_run: Path, tmp_path: Path) -> None:
    shutil.copy(built_run / "slides" / "slides.pptx", tmp_path / "deck.pptx")
    command = [
        "soffice",
        f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
        "--headless",
        "--convert-to",
        "pdf",
        "--outdir",
        str(tmp_path),
    ]
    subprocess.run([*command, str(tmp_path / "deck.pptx")], check=True, capture_output=True, timeout=180)
    printed = (tmp_path / "deck.pdf").read_bytes()
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 9


def test_a_native_chart_is_left_to_the_picture_where_its_data_are_of_another_form(tmp_path: Path) -> None:
    run = pages.read_run(synthetic_run(tmp_path, ("02_selloff",), "plain"))
    chart = run.charts["02_selloff/way_back"]
    assert list(powerpoint.native_data(run, chart, {"kind": "line", "rows": "day"})) == ["Nvidia", "S&P 500"]
    for other in (
        {},
        {"kind": "line", "rows": "date"},
        {"kind": "bar", "rows": "day", "columns": {"gone": "x"}},
        {"kind": "line", "rows": "day", "only": "y"},
    ):
        assert powerpoint.native_data(run, chart, other) is None


def test_a_native_line_is_marked_on_the_day_that_its_title_speaks_of() -> None:
    frame = pd.DataFrame({"Nvidia": [-17.0, -9.0, 0.4], "S&P 500": [-1.5, 0.2, 0.3]}, index=[0, 1, 2])
    frame.attrs = {"columns": ["NVDA", "^GSPC"], "marks": {"Nvidia": 2.0, "S&P 500": 1.0, "Meta": 1.0}}
    book = powerpoint.Presentation()
    sheet = book.slides.add_slide(book.slide_layouts[5])
    chart = powerpoint._chart(sheet, frame, powerpoint.XL_CHART_TYPE.LINE, "the way back")
    labels = [
        [point.data_label.text_frame.text for point in series.points if point.data_label.has_text_frame]
        for series in chart.plots[0].series
    ]
    assert labels == [["Nvidia back: day 2"], ["S&P 500 back: day 1"]]


def test_a_figure_of_the_notes_is_written_with_a_unit_that_people_say() -> None:
    written = [pages.amount(*pair) for pair in ((6.0, "count"), (3.0, "rank"), (13.0, "trading days"), (None, "count"))]
    assert written == ["6", "rank 3", "13 trading days", "not known"]


def test_the_workbook_has_every_table_and_chart_with_unit_and_source(built_run: Path, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(built_run / "slides" / "study.xlsx")
    assert book.sheetnames[:3] == ["Contents", "Key figures", "Table 0.1 claims measured"]
    assert len(book.sheetnames) == 2 + len(STEPS) + sum(map(len, FIGURES.values()))
    sheet = book["Figure 2.2 way back"]
    assert re.match(
        r"Title of way_back .*Unit: per cent, way_back\. Caption.*Source: filings \(data/raw/ai_capex\.csv\)\.$",
        sheet["A1"].value,
    )
    assert [cell.value for cell in sheet[4]] == [0, -17, -1.5]
    assert book["Contents"]["A2"].hyperlink.location == "'Table 0.1 claims measured'!A1"
    run = pages.read_run(synthetic_run(tmp_path, ("00_data",), "plain"))
    pd.DataFrame({"a": ["=1+1", "\x01"]}).to_csv(tmp_path / "00_data" / "tables" / "claims_measured.csv", index=False)
    workbook.write_workbook(run, tmp_path / "study.xlsx")
    cells = openpyxl.load_workbook(tmp_path / "study.xlsx")["Table 0.1 claims measured"]
    assert (cells["A3"].value, cells["A3"].data_type) == ("=1+1", "s"), "a text is no formula"


def test_without_a_chromium_there_are_slides_and_no_pdf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROMIUM", "no-such-browser")
    folder = synthetic_run(tmp_path / "run", ("02_selloff",), "plain")
    assert slides.build_slides(folder, ROOT).is_file()
    assert not (folder / "slides" / "slides.pdf").exists()
    home = report.build_site(folder, ROOT)
    assert "report.pdf" not in home.read_text(encoding="utf-8")
    assert not (home.parent / "printed.html").exists()


def test_a_chromium_that_fails_leaves_no_link_to_a_pdf(tmp_path: Path) -> None:
    (tmp_path / "printed.html").write_text("")
    (tmp_path / "index.html").write_text(
        '<ul><li>a</li><li class="pdf"><a href="downloads/report.pdf">PDF</a></li></ul>'
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(slides, "print_pdf", lambda page, target: False)
        report.print_report(tmp_path)
    assert (tmp_path / "index.html").read_text() == "<ul><li>a</li></ul>"


@pytest.mark.browser
@pytest.mark.skipif(slides.find_browser() is None, reason="no Chromium")
def test_the_pdf_has_one_page_a_slide(built_run: Path) -> None:
    content = (built_run / "slides" / "slides.pdf").read_bytes()
    deck = (built_run / "slides" / "index.html").read_text(encoding="utf-8")
    assert len(re.findall(rb"/Type\s*/Page\b", content)) == deck.count("<section")


@pytest.mark.browser
@pytest.mark.skipif(slides.find_browser() is None, reason="no Chromium")
def test_the_report_is_one_pdf_that_home_leads_to_and_its_links_stay_within(built_run: Path) -> None:
    home = read(built_run / "site" / "index.html")
    assert "downloads/report.pdf" in {about.get("href") for tag, about in home.elements if tag == "a"}
    content = (built_run / "site" / "downloads" / "report.pdf").read_bytes()
    assert len(re.findall(rb"/Type\s*/Page\b", content)) >= len(STEPS) + 4, "a chapter begins a page"
    assert b"/Outlines" in content
    assert b"file:" not in content, "no link leads to a folder of this machine"


def test_the_head_of_a_column_of_figures_stands_at_the_right_as_they_do_and_dates_do_not_break() -> None:
    markup = (
        '<table class="study"><caption>Table 1.2. Falls. Source: daily closes.</caption><thead><tr><th scope="col"></th><th scope="col">move, %</th>'
        '<th scope="col">day</th></tr></thead><tbody><tr><th scope="row">a</th><td align="right">1</td><td>2025-04-04</td>'
        '<tr><th scope="row">b</th><td align="right">2</td><td>2025-04-08</td></tbody></table>'
    )
    shown = pages.table_html(markup, "falls", "02_selloff", ROOT)
    assert '<td></td><th scope="col" align="right">move, %</th><th scope="col">day</th>' in shown
    assert '<span class="day">2025-04-04</span>' in shown
    assert 'id="table-falls"><figcaption><strong>Table 1.2.</strong> Falls. Source: daily closes.</figcaption>' in shown
