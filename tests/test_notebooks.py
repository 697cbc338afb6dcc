"""The stored notebooks and the default run say the same, and say it in the form the study promises."""

import json
import re
from pathlib import Path

import nbformat
import pytest
from notebook_form import code_lines, form_problems

from study import run as study

STEPS = list(study.STEPS)


@pytest.fixture(params=STEPS)
def stored(request: pytest.FixtureRequest, root: Path) -> tuple[str, Path, nbformat.NotebookNode]:
    path = root / "notebooks" / f"{request.param}.ipynb"
    return request.param, path, nbformat.read(path, as_version=4)


def outputs(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


def test_outputs_are_stored_and_in_order(stored) -> None:
    name, path, notebook = stored
    counts = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1)), f"{name}: run `make notebooks`"
    assert any("image/png" in output.get("data", {}) for output in outputs(notebook))
    assert path.stat().st_size < 1_200_000


def test_no_error_no_warning_and_no_path_of_a_machine_is_stored(stored) -> None:
    name, path, notebook = stored
    assert [output for output in outputs(notebook) if output.output_type in ("error", "stream")] == []
    assert not re.search(r"/(home|root|work|Users|tmp)/|[A-Z]:\\\\", path.read_text(encoding="utf-8")), name
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    assert "filterwarnings" not in code
    assert "simplefilter" not in code


def test_a_notebook_in_open_cells_keeps_their_form(stored) -> None:
    _, _, notebook = stored
    assert form_problems([(cell.cell_type, cell.id, cell.source) for cell in notebook.cells]) == []


def test_the_notebooks_keep_to_their_budget_of_lines(root: Path) -> None:
    lines = {}
    for step in STEPS:
        cells = nbformat.read(root / "notebooks" / f"{step}.ipynb", as_version=4).cells
        lines[step] = sum(code_lines(cell.source) for cell in cells if cell.cell_type == "code")
    assert lines["02_selloff"] <= 760
    assert sum(lines.values()) <= 3_000, lines


def test_the_ids_of_cells_are_words(stored) -> None:
    name, _, notebook = stored
    for cell in notebook.cells:
        assert re.fullmatch(r"[a-z0-9-]+", cell.id), f"{name}: cell {cell.id}"


def test_the_form_is_title_findings_parameters_sections_and_doubts(stored) -> None:
    name, _, notebook = stored
    order = [cell.id for cell in notebook.cells]
    assert order[0] == "title"
    assert order[1] == "findings"
    assert order.index("findings") < order.index("parameters") < order.index("check")
    assert order[-1] == "save"
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    assert "## How sure are we" in text, name


def test_no_figure_is_typed_into_prose(stored) -> None:
    """A number in prose is a date, a name (S&P 500, NASDAQ-100, a window such as 1881), or it was computed."""
    name, _, notebook = stored
    allowed = r"S&P 500|NASDAQ-100|Nasdaq-100|\b(1[89]|20)\d\d\b|\d{1,2} (January|March|April|September|October) |\(\d{4}\)|27 January|500 (members|companies)"
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            left = re.sub(allowed, "", cell.source)
            typed = re.findall(
                r"(?:USD|\$) ?\d[\d.,]*|\d+\.\d+ ?%?|\b\d+(?:\.\d+)? ?(?:billion|trillion|points|times)", left
            )
            assert typed == [], f"{name}: {cell.id}: {typed}"


def test_every_figure_has_title_caption_source_alt_text_and_data(finished_run: Path) -> None:
    for step in STEPS:
        content = json.loads((finished_run / step / "results.json").read_text())
        assert content["figures"], step
        for name, figure in content["figures"].items():
            assert all(figure[part] for part in ("title", "unit", "caption", "source", "alt")), f"{step}: {name}"
            assert figure["data"], f"{step}: {name} has no data"
            assert figure["text_problems"] == figure.get("slide_problems", []) == [], f"{step}: {name}"
            for ending in (".svg", "-dark.svg", ".png", ".csv", ".slide.png"):
                assert (finished_run / step / "figures" / f"{name}{ending}").stat().st_size > 0


def test_stored_findings_are_those_of_the_run(finished_run: Path, root: Path) -> None:
    """The findings cell is filled after the fact, where nbval does not look: it is compared here."""
    for step in STEPS:
        content = json.loads((finished_run / step / "results.json").read_text())
        notebook = nbformat.read(root / "notebooks" / f"{step}.ipynb", as_version=4)
        shown = next(cell for cell in notebook.cells if cell.id == "findings").outputs[0]["data"]["text/markdown"]
        said = shown.replace("\\$", "$")
        assert all(one["text"] in said and one["detail"] in said for one in content["findings"]), step
        assert 3 <= len(content["findings"]) <= 6


def test_the_readme_says_what_the_run_found(finished_run: Path, root: Path) -> None:
    text = (root / "README.md").read_text(encoding="utf-8")
    assert study.readme_with_findings(text, finished_run) == text, "run `make notebooks`"


@pytest.mark.parametrize(
    ("cell", "complaint"),
    [
        ("def rise(x):\n    return x", "FunctionDef in line 1"),
        ("try:\n    x = 1\nexcept ValueError:\n    pass", "Try in line 1"),
        ("\n".join(f"a{row} = {row}" for row in range(25)), "25 lines of code, 24 are allowed"),
        ('out.say("""\nProfit made up 47% of the rise.\n""")', "'47%' is typed into the text of say"),
        ("price = 2", "'price' is bound anew, it belongs to the section 'one'"),
    ],
)
def test_the_form_is_told_when_it_is_broken(cell: str, complaint: str) -> None:
    before = [("markdown", "one", "## One"), ("code", "a", "price = 1\nprice += 1"), ("markdown", "two", "## Two")]
    assert form_problems([*before, ("code", "b", cell)]) == [f"b: {complaint}"]


def test_text_computed_figures_and_names_with_digits_keep_the_form() -> None:
    cell = (
        'fig, ax = page()\nout.say(f"""\n'
        + "The S&P 500 of 27 January 2025 {fall:moved2} {old['a 5']}.\n" * 40
        + '""")'
    )
    again = "fig, ax = page()\nshown = [price for price in (1, 2)]"
    cells = [("markdown", "one", "## One"), ("code", "a", cell), ("markdown", "two", "## Two"), ("code", "b", again)]
    assert form_problems(cells) == []
