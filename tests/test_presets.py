"""Every preset runs whole: true sentences about its own event, a verdict on every claim, no text cut off in any chart."""

import csv
import json
import math
from pathlib import Path

import pytest
import yaml
from conftest import ROOT, published_run

from helpers.prose import Fig
from study import run as study

PRESETS = sorted(path.stem for path in (ROOT / "parameters").glob("*.yaml"))


@pytest.fixture(scope="module", params=PRESETS)
def preset(request: pytest.FixtureRequest, finished_run: Path) -> tuple[str, Path, dict[str, dict]]:
    """A finished run of a preset and what its notebooks handed on; steps equal to those of another run are taken over."""
    folder = published_run(request.param, *([] if request.param == finished_run.name else ["--no-site"]))
    return (
        request.param,
        folder,
        {step: json.loads((folder / step / "results.json").read_text()) for step in study.STEPS},
    )


def test_it_studies_the_event_that_it_names(preset) -> None:
    name, _, results = preset
    given = yaml.safe_load((ROOT / "parameters" / f"{name}.yaml").read_text())["parameters"]
    used = results["02_selloff"]["parameters"]
    assert {key: used[key] for key in given} == {key: str(value) for key, value in given.items()}
    keys = results["02_selloff"]["keys"]
    told = " ".join(one["text"] + one["detail"] for one in results["04_findings"]["findings"])
    assert keys["focus_name"]["value"] in told
    assert f"{Fig(keys['focus_day_pct']['value'], 'percent'):size}" in told


def test_every_notebook_has_findings_and_no_chart_has_cut_or_overlapping_text(preset) -> None:
    _, _, results = preset
    for step, content in results.items():
        assert len(content["findings"]) >= (0 if step == "00_data" else 3), step
        assert all(finding["text"].strip() for finding in content["findings"]), step
        assert {
            name: figure["text_problems"] for name, figure in content["figures"].items() if figure["text_problems"]
        } == {}, step


def test_no_figure_is_nonsense(preset) -> None:
    _, _, results = preset
    for step, content in results.items():
        for name, key in content["keys"].items():
            numbers = [key[part] for part in ("low", "value", "high") if isinstance(key[part], int | float)]
            assert all(math.isfinite(number) for number in numbers), (step, name)
            assert numbers == sorted(numbers) or key["low"] is None or key["high"] is None, (step, name)
        said = " ".join(finding["text"] for finding in content["findings"])
        assert not any(word in said for word in ("nan", "None", "inf ", "{", "}")), (step, said)


def test_every_claim_has_the_verdict_of_the_default_run_for_claims_have_dates_of_their_own(
    preset, finished_run: Path
) -> None:
    _, folder, _ = preset
    table = Path("04_findings") / "tables" / "claims.csv"
    with (folder / table).open() as mine, (finished_run / table).open() as default:
        rows, expected = list(csv.DictReader(mine)), list(csv.DictReader(default))
    assert len(rows) == 23
    assert [row["verdict"] for row in rows] == [row["verdict"] for row in expected]
