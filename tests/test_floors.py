"""A helper imports only from its own floor or below, and notebooks never reach the floors that run and publish them."""

import ast
import json
from pathlib import Path

import pytest
from conftest import ROOT

HELPERS = ROOT / "src" / "helpers"
GROUND = {"parameters", "market_data", "own_files", "charts", "words", "storage"}
ABOVE = {
    "results": 2,
    "sources": 3,
    "boom": 3,
    "selloff": 3,
    "dotcom": 3,
    "findings": 3,
    "publishing": 4,
    "running": 4,
    "__main__": 5,
}
MODULES = sorted(HELPERS.rglob("*.py"))


def floor(name: str) -> int:
    return 0 if name in GROUND else ABOVE.get(name, 1)


def imported(source: str) -> set[str]:
    """Names of modules and folders right below `helpers` that a source imports, inside functions too."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module == "helpers":
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("helpers."):
            found.add(node.module.split(".")[1])
        elif isinstance(node, ast.Import):
            found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("helpers.")}
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(HELPERS)))
def test_a_module_imports_nothing_from_a_floor_above(path: Path) -> None:
    own = path.relative_to(HELPERS).with_suffix("").parts[0]
    above = {name for name in imported(path.read_text(encoding="utf-8")) if floor(name) > floor(own)}
    assert not above, f"{own} stands on floor {floor(own)} and imports {', '.join(sorted(above))} from above"


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem)
def test_a_notebook_imports_what_it_shows_and_nothing_that_runs_or_publishes_it(path: Path) -> None:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    names = {
        name for cell in cells if cell["cell_type"] == "code" for name in imported("".join(cell["source"]))
    }
    assert names
    assert {name for name in names if floor(name) > 3} == set()


def test_the_readme_places_every_module() -> None:
    table = (
        (ROOT / "README.md")
        .read_text(encoding="utf-8")
        .partition("## Helpers")[2]
        .partition("## Dependencies")[0]
    )
    for path in MODULES:
        own = path.relative_to(HELPERS).with_suffix("").parts[0]
        stem = own.split("_")[0]
        assert own.startswith("__i") or any(f"`{name}`" in table for name in (own, f"{own}/", f"{stem}_*")), (
            own
        )
