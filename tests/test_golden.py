"""Ten runs give what they are expected to give: presets, a rise, a price that never came back, an event too early for a model.

Each says true sentences about its own event, and cuts off no text in any chart.
"""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT
from expected import refresh
from expected.tolerances import same, tolerance
from PIL import Image

from helpers.prose import Fig

EXPECTED = Path(__file__).parent / "expected"
PICTURE_LIMIT = 12.0  # root mean square of 256 shades: another font's edges stay below, another chart does not


@pytest.fixture(scope="module", params=list(refresh.RUNS))
def run(request: pytest.FixtureRequest, finished_run: Path) -> tuple[str, Path]:
    """A finished run; steps equal to those of the default run are taken over from there."""
    return request.param, finished_run if request.param == finished_run.name else refresh.finished(request.param)


def results(folder: Path, step: str) -> dict:
    return json.loads((folder / step / "results.json").read_text(encoding="utf-8"))


def differences(name: str, step: str, section: str, found: dict) -> list[str]:
    wanted = refresh.kept(name, step).get(section, {})
    return [
        f"{step}: {section}: {fact}: {wanted.get(fact, 'nothing')} expected, {found.get(fact, 'nothing')} found"
        for fact in {**wanted, **found}
        if fact not in wanted or fact not in found or not same(wanted[fact], found[fact], tolerance(section, fact))
    ]


@pytest.mark.parametrize("section", ["counts", "keys", "claims", "verdicts", "charts"])
def test_a_run_finds_what_it_is_expected_to_find(run: tuple[str, Path], section: str) -> None:
    name, folder = run
    differ = []
    for step in refresh.own_steps(name):
        differ += differences(name, step, section, refresh.facts(folder / step).get(section, {}))
    assert differ == [], f"{name}: if it is meant, `python tests/expected/refresh.py` says what moved"


def test_no_text_is_cut_or_lies_on_another_in_any_chart(run: tuple[str, Path]) -> None:
    name, folder = run
    for step in refresh.own_steps(name):
        figures = results(folder, step)["figures"]
        problems = {title: one["text_problems"] + one["slide_problems"] for title, one in figures.items()}
        assert {title: found for title, found in problems.items() if found} == {}, step


def test_a_run_studies_the_event_that_it_names_and_its_findings_are_about_it(run: tuple[str, Path]) -> None:
    name, folder = run
    content = results(folder, "02_selloff")
    given, used = refresh.settings_of(name)["02_selloff"].values, content["parameters"]
    assert {key: used[key] for key in ("event_date", "event_focus")} == {
        key: given[key] for key in ("event_date", "event_focus")
    }
    told = " ".join(one["text"] + one["detail"] for one in results(folder, "04_findings")["findings"])
    assert content["keys"]["focus_name"]["value"] in told
    assert f"{Fig(content['keys']['focus_day_pct']['value'], 'percent'):size}" in told


def test_no_figure_and_no_finding_is_nonsense(run: tuple[str, Path]) -> None:
    _, folder = run
    for step in refresh.STEPS:
        content = results(folder, step)
        for name, key in content["keys"].items():
            numbers = [key[part] for part in ("low", "value", "high") if isinstance(key[part], int | float)]
            assert all(math.isfinite(number) for number in numbers), (step, name)
            assert numbers == sorted(numbers) or key["low"] is None or key["high"] is None, (step, name)
        texts = [finding["text"].strip() for finding in content["findings"]]
        assert len(texts) >= (0 if step == "00_data" else 3), step
        assert all(texts), step
        assert not any(word in " ".join(texts) for word in ("nan", "None", "inf ", "{", "}")), (step, texts)


def test_only_what_differs_from_the_default_run_is_kept(run: tuple[str, Path]) -> None:
    name, _ = run
    assert sorted(path.stem for path in (refresh.GOLDEN / name).glob("*.json")) == refresh.own_steps(name)


def test_claims_are_measured_and_judged_at_their_own_dates_whatever_is_studied() -> None:
    default = {step: refresh.kept(refresh.DEFAULT, step) for step in refresh.STEPS}
    for name in refresh.RUNS:
        for step in ("02_selloff", "04_findings"):
            kept = refresh.kept(name, step)
            for section in ("claims", "verdicts"):
                for fact, value in kept.get(section, {}).items():
                    assert same(default[step][section][fact], value, 1e-6), (name, fact)


def test_a_million_to_one_is_seen_and_the_last_digit_of_a_processor_is_not() -> None:
    figures = json.loads((refresh.GOLDEN / refresh.DEFAULT / "02_selloff.json").read_text())["keys"]
    fall = figures["focus_day_pct"][0]
    assert not same(fall, fall * (1 + 1e-6), tolerance("keys", "focus_day_pct"))
    assert same(fall, fall * (1 + 1e-14), tolerance("keys", "focus_day_pct"))
    assert not same([0.5, 100.0], [0.5 + 1e-5, 100.0], 1e-9)
    assert not same("17.0%", "16.9%", 1e-6)


def test_charts_look_as_expected(finished_run: Path) -> None:
    differ = []
    for path in sorted((EXPECTED / "pictures").glob("*.png")):
        step, _, name = path.stem.partition("-")
        with Image.open(path) as picture:
            wanted = np.asarray(picture.convert("L"), dtype=float)
        found = refresh.small(finished_run / step / "figures" / f"{name}.png")
        distance = float(np.sqrt(((wanted - found) ** 2).mean())) if wanted.shape == found.shape else math.inf
        if distance > PICTURE_LIMIT:
            differ.append(f"{path.stem}: {distance:.1f}")
            place = ROOT / "data" / "processed" / "picture-differences"
            place.mkdir(exist_ok=True)
            if wanted.shape == found.shape:
                Image.fromarray(np.abs(wanted - found).clip(0, 255).astype("uint8")).save(place / path.name)
    assert differ == [], "see data/processed/picture-differences"
