"""Pages read by axe, which looks for what keeps a person from using them; in a file of its own, for it takes a while."""

import pytest
from test_browser import FORMS, LOOKS, SAME, Watched, fixture_chromium, fixture_sites, pages_of, pytestmark  # noqa: F401  (fixtures, marks)
from test_report import fixture_built_run  # noqa: F401  (a fixture)

# axe measures contrast text by text, at milliseconds each: two texts of a kind, by tags and classes up to the root, do
TWO_OF_A_KIND = """() => {
    const seen = {};
    const kind = e => e ? `${kind(e.parentElement)} ${e.tagName}.${e.getAttribute('class')}.${e.getAttribute('style')}` : '';
    for (const e of [...document.querySelectorAll('body *')].filter(e => !e.childElementCount)) {
        seen[kind(e)] = (seen[kind(e)] || 0) + 1;
        if (seen[kind(e)] > 2) e.remove();
    }
}"""


@pytest.mark.parametrize("width", sorted({width for width, _ in LOOKS}))
def test_axe_finds_no_violation_of_any_level_on_any_page(chromium, sites, width: int) -> None:
    """Every page once, those of different form on a phone too; the dark look differs in its colours alone."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    found = []

    def read(name: str, theme: str, **options: object) -> None:
        violations = axe.run(page, options={**options, "resultTypes": ["violations"]}).response["violations"]
        found.extend((name, theme, one["id"], one["nodes"][0]["html"][:120]) for one in violations)

    with Watched(chromium, width, "light") as tab:
        own = [path for path in pages_of(sites[1:]) if path.stem not in SAME]
        every = [*pages_of(sites[:1]), *own, sites[0] / "slides" / "index.html"]
        for path in every if width == LOOKS[0][0] else [path for path in every if path.stem in FORMS]:
            tab.page.emulate_media(color_scheme="light")
            page = tab.open(path)
            if path in own:  # code is looked at on the small pages, that of the study is the same in kind
                page.evaluate("document.querySelectorAll('.cell details.hide').forEach(part => part.remove())")
            page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
            read(path.name, "light", rules={"color-contrast": {"enabled": False}})
            page.evaluate(TWO_OF_A_KIND)
            for theme in ("light", "dark"):
                page.emulate_media(color_scheme=theme)
                page.wait_for_timeout(60)
                read(path.name, theme, runOnly=["color-contrast"])
    assert found == []
