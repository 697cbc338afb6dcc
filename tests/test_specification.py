"""A specification curve must show every combination once, in order, with what each chose."""

import itertools

import numpy as np
import pandas as pd
import pytest

from helpers import house
from helpers.specification import by_choice, levels, specification_curve, specification_data, sweep_frame


@pytest.fixture
def runs():
    rows = [
        {"lag": lag, "kind": kind, "margin": lag - (1.5 if kind == "strict" else 0.0)}
        for lag, kind in itertools.product((2, 0, 1), ("strict", "mild"))
    ]
    return pd.DataFrame(rows)


def test_specifications_are_sorted_and_held_against_the_threshold(runs):
    data = specification_data(runs, "margin", ["lag", "kind"])
    assert data.index.tolist() == [1, 2, 3, 4, 5, 6]
    assert data["margin"].is_monotonic_increasing
    assert data["above"].tolist() == (data["margin"] > 0).tolist()
    assert int(data["above"].sum()) == 3  # 1 and 2 when mild, 2 when strict; zero itself is not above


def test_order_does_not_depend_on_the_order_of_the_rows(runs):
    shuffled = runs.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(
        specification_data(runs, "margin", ["lag", "kind"]),
        specification_data(shuffled, "margin", ["lag", "kind"]),
    )


def test_choice_that_moves_the_finding_is_told_apart_from_one_that_does_not():
    rows = [
        {"window": w, "deflator": d, "margin": 1.0 if d == "none" else -1.0}
        for w in (30, 60)
        for d in ("none", "prices")
    ]
    table = by_choice(pd.DataFrame(rows), "margin", ["window", "deflator"])
    assert table.loc["window", "above_pct"].tolist() == [50, 50]
    assert table.loc[("deflator", "none"), "above_pct"] == 100
    assert table.loc[("deflator", "prices"), "above_pct"] == 0


def test_specifications_without_an_outcome_are_left_out_and_none_at_all_is_an_error(runs):
    runs.loc[0, "margin"] = np.nan
    assert len(specification_data(runs, "margin", ["lag", "kind"])) == 5
    with pytest.raises(ValueError, match="No specification has an outcome"):
        specification_data(runs.assign(margin=np.nan), "margin", ["lag", "kind"])


def test_two_specifications_with_the_same_choices_are_refused_by_name(runs):
    with pytest.raises(ValueError, match="lag 2"):
        specification_data(runs, "margin", ["lag"])
    with pytest.raises(ValueError, match="No column speed"):
        specification_data(runs, "margin", ["speed"])


def test_numbers_come_in_order_and_words_as_they_first_came(runs):
    assert levels(runs, ["lag", "kind"]) == [
        ("lag", 0),
        ("lag", 1),
        ("lag", 2),
        ("kind", "strict"),
        ("kind", "mild"),
    ]


def test_picture_has_a_point_for_each_specification_and_no_text_on_another(runs):
    figure = specification_curve(runs, "margin", ["lag", "kind"], unit="points")
    upper, lower = figure.axes
    assert [len(points.get_offsets()) for points in upper.collections if hasattr(points, "get_sizes")][-1] == 6
    strokes = [line for line in lower.collections if len(line.get_segments())]
    assert sum(len(line.get_segments()) for line in strokes) == 12  # one stroke a choice and specification
    assert house.text_problems(figure) == []


def test_outcomes_of_a_sweep_become_one_row_a_run():
    outcomes = pd.DataFrame(
        {
            "run": [1, 1, 2, 2], "gap": [10, 10, 30, 30], "model": ["market"] * 4, "notebook": ["02"] * 4,
            "key": ["loss", "p", "loss", "p"], "value": ["3.5", "0.1", "4.5", "0.2"], "low": [3, None, 4, None],
            "high": [4, None, 5, None], "unit": ["%"] * 4, "label": ["x"] * 4,
        }
    )  # fmt: skip
    frame = sweep_frame(outcomes, "loss")
    assert list(frame) == ["gap", "loss", "low", "high"]  # the model never varied
    assert frame["loss"].tolist() == [3.5, 4.5]
    assert specification_curve(frame, "loss", ["gap"]).axes
    with pytest.raises(ValueError, match="there are: loss, p"):
        sweep_frame(outcomes, "gain")
