"""The tour of the helpers: examples that say what must come out, and stored outputs that can be read and compared."""

import ast
import doctest
import importlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[1]
TOUR = Path(__file__).with_name("helpers.ipynb")
MOST_LINES = 6


@cache
def tour() -> nbformat.NotebookNode:
    return nbformat.read(TOUR, as_version=4)


def code_cells() -> list[nbformat.NotebookNode]:
    return [cell for cell in tour().cells if cell.cell_type == "code"]


def all_modules() -> list[str]:
    """Every module, those in folders too; the command line runs when it is imported as a program only."""
    home = ROOT / "src"
    return sorted(
        ".".join(path.relative_to(home).with_suffix("").parts)
        for path in home.rglob("*.py")
        if path.stem not in ("__init__", "__main__")
    )


def texts(output: nbformat.NotebookNode) -> Iterator[str]:
    yield output.get("text", "")
    yield from (str(value) for value in output.get("data", {}).values())


def test_sections_of_the_tour_are_modules_that_there_are():
    headings = [cell.source.splitlines()[0] for cell in tour().cells if cell.cell_type == "markdown"]
    sections = sorted(heading.removeprefix("## ") for heading in headings if heading.startswith("## "))
    assert len(set(sections)) == len(sections)
    assert not set(sections) - {path.stem for path in (ROOT / "src" / "helpers").glob("*.py")}
    assert headings[0].startswith("# ")


def test_outputs_are_stored_and_in_order():
    assert [cell.execution_count for cell in code_cells()] == sorted(cell.execution_count for cell in code_cells())
    silent = [
        cell.id
        for cell in code_cells()
        if isinstance(ast.parse(cell.source).body[-1], ast.Expr) and not cell.outputs and ".measure(" not in cell.source
    ]
    assert not silent, f"no stored output: {', '.join(silent)}"


def test_nothing_went_wrong_in_the_stored_outputs():
    outputs = [(cell.id, output) for cell in code_cells() for output in cell.outputs]
    assert not [where for where, output in outputs if output.output_type == "error"]
    assert not [where for where, output in outputs if output.get("name") == "stderr"]


def test_outputs_are_text_that_any_machine_gives():
    machine = re.compile(r"/(tmp|home|root|work|Users|var)/|np\.float64\(|0x[0-9a-f]{6}")
    for cell in code_cells():
        for output in cell.outputs:
            assert not [text for text in texts(output) if machine.search(text)], cell.id
            assert "image/png" not in output.get("data", {}), cell.id
    assert TOUR.stat().st_size < 200_000


def test_stored_tour_has_no_trace_of_its_run():
    assert set(tour().metadata) <= {"kernelspec", "language_info"}
    assert "version" not in tour().metadata["language_info"]
    assert not [cell.id for cell in tour().cells if "execution" in cell.metadata]
    identities = [cell.id for cell in tour().cells]
    assert len(set(identities)) == len(identities)


def test_examples_are_short_and_say_what_must_come_out():
    for cell in code_cells()[1:]:
        lines = [line for line in cell.source.splitlines() if line and not re.match(r"(from|import) ", line)]
        assert len(lines) <= MOST_LINES, f"{cell.id} has {len(lines)} lines"
        assert any(line.startswith("# ") for line in lines), f"{cell.id} does not say what to expect"


@pytest.mark.parametrize("name", all_modules())
def test_examples_in_docstrings_give_what_they_say(name):
    outcome = doctest.testmod(importlib.import_module(name), verbose=False)
    assert outcome.failed == 0
