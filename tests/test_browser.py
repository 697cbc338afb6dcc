"""Site and slides in a real Chromium: quiet, offline, accessible, reachable by keyboard, fit for a phone."""

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from conftest import ROOT
from test_report import HOSTILE, fixture_built_run  # noqa: F401  (a fixture)

from study import slides

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(slides.find_browser() is None, reason="no Chromium on this machine"),
]
LOOKS = [(1280, "light"), (390, "dark")]
SAME = ("data", "glossary", "methods", "explosive", "eventstudy", "own_files", "presenting", "search")  # in any run
FORMS = ("index", "claims", "02_selloff", "charts")  # that a phone lays out in another way
MOST_BYTES = 3 * 2**20  # of a notebook's page with all its code and drawings, scrolled to its end
HEIGHT = 800


@pytest.fixture(scope="module", name="chromium")
def fixture_chromium() -> Iterator:
    sync_api = pytest.importorskip("playwright.sync_api")
    arguments = ["--disable-gpu", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=slides.find_browser(), args=arguments)
        yield browser
        browser.close()


class Watched:
    """A tab that writes down what goes wrong in it and what it asks for."""

    def __init__(self, browser, width: int = 1280, theme: str = "light", **options) -> None:
        self.context = browser.new_context(viewport={"width": width, "height": HEIGHT}, color_scheme=theme, **options)
        self.page = self.context.new_page()
        self.errors: list[str] = []
        self.requests: list[str] = []
        self.page.on(
            "console",
            lambda said: self.errors.append(said.text) if said.type in ("error", "warning") else None,
        )
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("requestfailed", lambda request: self.errors.append(f"failed: {request.url}"))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("dialog", lambda dialog: (self.errors.append(f"dialog: {dialog.message}"), dialog.dismiss()))

    def __enter__(self) -> "Watched":
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()

    def open(self, path: Path, rest: str = ""):
        self.page.goto(path.as_uri() + rest)
        return self.page

    def load_pictures(self) -> None:
        """Load what a reader who scrolls to the end would: pictures far down wait for their turn, hidden ones never come."""
        self.page.evaluate(
            "[...document.images].filter(i => i.checkVisibility()).forEach(i => { i.loading = 'eager'; })"
        )
        self.page.wait_for_function("[...document.images].every(i => i.complete || !i.checkVisibility())")

    def present(self, run: Path):
        """Open the deck of a run as slides."""
        page = self.open(run / "slides" / "index.html")
        page.locator(".reveal.ready").wait_for()
        return page


@pytest.fixture(scope="module", name="sites")
def fixture_sites(built_run: Path) -> list[Path]:
    """The synthetic site, and that of the default run where it has been built."""
    real = ROOT / "data" / "processed" / "deepseek-2025"
    return [run for run in (built_run, real) if (run / "site" / "index.html").is_file()]


def pages_of(runs: list[Path]) -> list[Path]:
    """All pages of the first site, and those of others that are not the same in any run."""
    pages = [path for run in runs for path in sorted((run / "site").glob("*.html"))]
    return [path for path in pages if path.is_relative_to(runs[0]) or path.stem not in SAME]


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_pages_are_quiet_offline_light_and_no_wider_than_the_screen(chromium, sites, width: int, theme: str) -> None:
    with Watched(chromium, width, theme) as tab:
        for path in pages_of(sites):
            before = len(tab.requests)
            page = tab.open(path)
            tab.load_pictures()
            files = {
                Path(unquote(urlsplit(address).path))
                for address in tab.requests[before:]
                if address.startswith("file:")
            }
            weight = sum(file.stat().st_size for file in files)
            assert weight < MOST_BYTES, f"{path.name} weighs {weight:,} bytes"
            wide, room = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
            assert wide <= room, f"{path.name} is {wide} wide on a screen of {room}"
            broken = page.evaluate(
                "[...document.images].filter(i => i.checkVisibility() && i.complete && !i.naturalWidth).map(i => i.src)"
            )
            assert not broken, f"{path.name}: {broken}"
            assert page.evaluate("document.documentElement.dataset.theme") == theme
    assert tab.errors == []
    assert [address for address in tab.requests if not address.startswith(("file:", "data:"))] == []


def test_the_first_screen_of_the_home_page_answers_its_title(chromium, built_run: Path) -> None:
    for width, height in ((1280, HEIGHT), (390, 844)):
        with Watched(chromium, width) as tab:
            tab.page.set_viewport_size({"width": width, "height": height})
            page = tab.open(built_run / "site" / "index.html")
            for part in ("h1", ".lede", ".span", ".doors"):
                box = page.locator(part).first.bounding_box()
                assert box["y"] + box["height"] <= height, (width, part)


def test_the_labels_of_a_chart_are_never_smaller_than_nine_pixels(chromium, built_run: Path) -> None:
    """The smallest letters of a drawing, 8.5 points, on a page and on a phone; what a slide writes itself has 14 points."""
    for width in (1280, 390):
        with Watched(chromium, width) as tab:
            for name in ("02_selloff", "index"):
                page = tab.open(built_run / "site" / f"{name}.html")
                drawings = page.locator("figure.chart img:visible, .answer img:visible")
                widths = drawings.evaluate_all("images => images.map(image => image.getBoundingClientRect().width)")
                assert widths or name == "index", "five findings about claims have no thumbnails"
                assert [wide for wide in widths if wide * 8.5 / (7.6 * 72) < 9 - 0.05] == [], (name, width)
    with Watched(chromium) as tab:
        tab.page.set_viewport_size({"width": 1280, "height": 720})
        page = tab.present(built_run)
        letters = page.evaluate("""() => [...document.querySelectorAll('#slides section :not(aside, aside *)')]
            .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
            .map(e => parseFloat(getComputedStyle(e).fontSize))""")
        assert min(letters) >= 14 * 96 / 72 - 0.01


CONTRASTS = """() => {
    const light = colour => {
        const [r, g, b] = colour.match(/[\\d.]+/g).slice(0, 3).map(v => v / 255)
            .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const paper = light(getComputedStyle(document.body).backgroundColor);
    return [...Reveal.getCurrentSlide().querySelectorAll(':not(aside):not(aside *):not(.bar *)')]
        .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
        .map(e => [e.outerHTML.slice(0, 60), light(getComputedStyle(e).color)])
        .map(([text, ink]) => [text, (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05)]);
}"""


def test_every_text_of_every_slide_stands_out_from_the_paper(chromium, built_run: Path) -> None:
    """Slides lie over one another, where axe gives up on contrast."""
    with Watched(chromium) as tab:
        page = tab.present(built_run)
        for place in range(page.evaluate("Reveal.getTotalSlides()")):
            page.evaluate(f"Reveal.slide({place})")
            for theme in ("light", "dark"):
                page.emulate_media(color_scheme=theme)
                contrasts = page.evaluate(CONTRASTS)
                assert contrasts
                assert [pair for pair in contrasts if pair[1] < 4.5] == [], theme


@pytest.mark.parametrize("name", ["index", "claims", "02_selloff", "glossary"])
def test_the_keyboard_reaches_everything_that_can_be_used(chromium, built_run: Path, name: str) -> None:
    wanted = """[...document.querySelectorAll('a[href], button, input, summary, [tabindex="0"]')]
        .filter(e => e.checkVisibility({visibilityProperty: true}) && e.tabIndex >= 0 && !e.closest('dialog:not([open])'))"""
    with Watched(chromium) as tab:
        page = tab.open(built_run / "site" / f"{name}.html")
        count = page.evaluate(f"{wanted}.length")
        page.evaluate(
            "window.reached = new Set(); addEventListener('focusin', event => window.reached.add(event.target))"
        )
        for _ in range(count + 40):
            page.keyboard.press("Tab")
        missed = page.evaluate(f"{wanted}.filter(e => !window.reached.has(e)).map(e => e.outerHTML.slice(0, 90))")
    assert missed == []


def test_the_buttons_of_the_claims_work_by_keyboard_and_say_what_they_did(chromium, built_run: Path) -> None:
    with Watched(chromium) as tab:
        page = tab.open(built_run / "site" / "claims.html")
        button = page.get_by_role("button", name="does not hold")
        button.focus()
        page.keyboard.press("Enter")
        assert button.get_attribute("aria-pressed") == "true"
        assert page.locator("tr[data-verdict]:visible").count() == 2
        assert page.get_by_role("status").inner_text() == "2 of 9 claims shown"
        page.get_by_role("button", name="all").press("Space")
        assert page.locator("tr[data-verdict]:visible").count() == 9


def test_without_scripts_all_claims_charts_and_answers_are_there(chromium, built_run: Path) -> None:
    with Watched(chromium, java_script_enabled=False) as tab:
        page = tab.open(built_run / "site" / "claims.html")
        assert page.locator("tr[data-verdict]:visible").count() == 9
        assert page.locator(".filter:visible").count() == 0
        page = tab.open(built_run / "site" / "02_selloff.html")
        assert page.locator("figure.chart img:visible").count() == 2
        page = tab.open(built_run / "slides" / "index.html")
        assert page.locator("section:visible").count() == 9


def test_a_term_shows_its_meaning_on_focus_and_hides_it_on_escape(chromium, built_run: Path) -> None:
    with Watched(chromium) as tab:
        page = tab.open(built_run / "site" / "02_selloff.html")
        term = page.locator("a.term", has_text="abnormal return").first
        term.focus()
        box = page.get_by_role("tooltip")
        assert "less what it would have been expected" in box.inner_text()
        assert term.get_attribute("aria-describedby") == box.get_attribute("id")
        page.keyboard.press("Escape")
        assert box.count() == 0


def test_search_finds_sections_and_figures_by_title_and_shows_a_hostile_query_as_text(
    chromium, built_run: Path
) -> None:
    with Watched(chromium) as tab:
        for query, address in {
            "was%20way_back%20large": "02_selloff.html#was-way-back-large",
            "Figure%202.2": "02_selloff.html#fig-way-back",
            "Claim%203": "claims.html#claim-c3",
            "wilson%20interval": "glossary.html#wilson-interval",
        }.items():
            page = tab.open(built_run / "site" / "search.html", f"?q={query}")
            first = page.locator(".found li a").first.get_attribute("href")
            assert first.startswith(address), query
        page = tab.open(built_run / "site" / "search.html", "?q=csv")
        pages = [link.get_attribute("href").partition(".")[0] for link in page.locator(".found li a").all()]
        assert pages[-1] in ("explosive", "eventstudy", "own_files"), (
            "what serves those who build on the study comes last"
        )
        page = tab.open(built_run / "site" / "search.html", "?q=%3Cscript%3Ealert(1)%3C/script%3E")
        assert page.locator(".found script").count() == 0
        assert page.get_by_role("status").inner_text().endswith(("place", "places"))
    assert tab.errors == []


def test_the_charts_of_a_dark_page_are_the_dark_ones_and_paper_gets_the_light_ones(chromium, built_run: Path) -> None:
    with Watched(chromium, theme="dark") as tab:
        page = tab.open(built_run / "site" / "02_selloff.html")
        assert page.locator("figure.chart img.only-dark:visible").count() == 2
        assert page.locator("figure.chart img.only-light:visible").count() == 0
        page.emulate_media(media="print", color_scheme="dark")
        assert page.locator("figure.chart img.only-light:visible").count() == 2
        assert page.locator("figure.chart img.only-dark:visible").count() == 0
        assert page.locator("header.bd-header:visible, details.hide:visible").count() == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_slide_fits_its_sheet_and_arrows_lead_through_the_deck(chromium, sites, theme: str) -> None:
    beyond = """() => [...Reveal.getCurrentSlide().querySelectorAll(':not(aside):not(aside *)')].filter(e => {
        const box = e.getBoundingClientRect();
        return box.right > innerWidth + 1 || box.bottom > innerHeight + 1 || box.left < -1 || box.top < -1;
    }).map(e => e.outerHTML.slice(0, 90))"""
    for run in sites[1:] or sites[:1]:
        with Watched(chromium, theme=theme) as tab:
            page = tab.present(run)
            count = page.evaluate("Reveal.getTotalSlides()")
            for place in range(count):
                assert page.evaluate("Reveal.getSlidePastCount()") == place
                if run == sites[-1] and len(sites) > 1:
                    assert page.evaluate(beyond) == [], f"slide {place + 1}"
                page.keyboard.press("ArrowRight")
        assert tab.errors == []
        assert [address for address in tab.requests if not address.startswith(("file:", "data:"))] == []


def test_on_a_phone_the_slides_are_a_page_to_scroll(chromium, built_run: Path) -> None:
    with Watched(chromium, 390) as tab:
        page = tab.open(built_run / "slides" / "index.html")
        assert page.locator("section:visible").count() == 9
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_speaker_view_shows_the_notes_and_the_slide_that_comes(chromium, built_run: Path) -> None:
    with Watched(chromium) as tab:
        page = tab.present(built_run)
        with tab.context.expect_page() as opened:
            page.keyboard.press("s")
        speaker = opened.value
        for width in (1100, 1440, 1920):
            speaker.set_viewport_size({"width": width, "height": round(width * 0.64)})
            speaker.locator(".speaker-controls-notes .value").get_by_text("We take no side").wait_for(timeout=10_000)
            coming = speaker.frame_locator("#upcoming-slide iframe")
            coming.locator("html.deck section.findings.present h2").wait_for(timeout=10_000)
        away = [address for address in tab.requests if not address.startswith(("file:", "data:", "about:", "blob:"))]
        assert away == []


def test_a_hostile_name_runs_nothing(chromium, built_run: Path) -> None:
    """In the deck; its pages are opened where they are to be quiet, and a dialog would be heard there too."""
    assert "alert" in HOSTILE
    with Watched(chromium) as tab:
        tab.present(built_run)
    assert tab.errors == []
