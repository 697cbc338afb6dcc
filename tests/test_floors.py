"""Who may import whom: statistics stand alone, helpers know no runner, notebooks reach neither runner nor pages."""

import ast
import json
from pathlib import Path

import pytest
from conftest import ROOT

SRC = ROOT / "src"
MAY_IMPORT = {
    "explosive": {"explosive"},
    "eventstudy": {"eventstudy"},
    "helpers": {"helpers", "explosive", "eventstudy"},
    "study": {"study", "helpers", "explosive", "eventstudy"},
}
DOOR = SRC / "helpers" / "__main__.py"  # ``python -m helpers`` hands over to the runner


def imported(source: str) -> set[str]:
    """Our packages that a source imports, inside functions too."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            found.add((node.module or "").split(".")[0])
        elif isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
    return found & set(MAY_IMPORT)


@pytest.mark.parametrize("path", sorted(SRC.rglob("*.py")), ids=lambda path: str(path.relative_to(SRC)))
def test_a_package_imports_only_what_stands_below_it(path: Path) -> None:
    own = path.relative_to(SRC).parts[0]
    above = imported(path.read_text(encoding="utf-8")) - MAY_IMPORT[own]
    assert path == DOOR or not above, f"{own} imports {', '.join(sorted(above))}"


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem)
def test_a_notebook_imports_nothing_that_runs_or_publishes_it(path: Path) -> None:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    names = {name for cell in cells if cell["cell_type"] == "code" for name in imported("".join(cell["source"]))}
    assert names
    assert "study" not in names


BUDGETS = {"helpers": 4_400, "explosive": 900, "eventstudy": 1_100, "study": 2_400, "": 8_500}  # lines of Python


@pytest.mark.parametrize("package", [pytest.param(name, id=name or "all") for name in BUDGETS])
def test_a_package_keeps_to_its_budget_of_lines(package: str) -> None:
    lines = sum(len(path.read_bytes().splitlines()) for path in (SRC / package).rglob("*.py"))
    assert lines <= BUDGETS[package], f"{package or 'src'}: {lines} lines: take away before you add"
