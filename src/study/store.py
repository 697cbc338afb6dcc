"""Put what the default run made in the places where it is read without running anything."""

from __future__ import annotations

from pathlib import Path

from helpers.parameters import ParameterError
from study import storage
from study.run import STEPS

README_CHART = "01_valuation_growth/figures/decomposition.png"
FINDINGS_BEGIN, FINDINGS_END = "<!-- findings: written by `make notebooks` -->", "<!-- end of findings -->"


def store_outputs(folder: Path, root: Path) -> list[str]:
    """Store the executed notebooks in ``notebooks/``, the findings in the README, and its chart in ``docs/``."""
    content = storage.read_json(folder / "manifest.json")
    if not content or content["changed"] or set(content["outputs"]) != set(STEPS):
        raise ParameterError(f"{folder.name} is not a whole run with default parameters: run `make notebooks`")
    places = {f"{step}/{step}.ipynb": f"notebooks/{step}.ipynb" for step in STEPS} | {README_CHART: "docs/finding.png"}
    for made, place in places.items():
        storage.write(root / place, (folder / made).read_bytes())
    readme = root / "README.md"
    storage.write(readme, readme_with_findings(readme.read_text(encoding="utf-8"), folder).encode())
    return [*places.values(), "README.md"]


def readme_with_findings(text: str, folder: Path) -> str:
    """Return the README with the findings of a run between its two marks."""
    before, _, rest = text.partition(FINDINGS_BEGIN)
    findings = storage.read_json(folder / "04_findings" / "results.json")["findings"]
    lines = "\n".join(f"{place}. {finding['text']}" for place, finding in enumerate(findings, 1))
    return f"{before}{FINDINGS_BEGIN}\n{lines}\n{FINDINGS_END}{rest.partition(FINDINGS_END)[2]}"
