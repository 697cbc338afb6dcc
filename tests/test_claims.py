"""The verdict rules on their edges, and the table that judges every claim."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.claims import (
    COMPARISONS,
    HOLDS,
    NOT,
    ROUGHLY,
    UNCHECKED,
    VERDICTS,
    Reading,
    sensitivity,
    sensitivity_sentence,
    verdict,
    verdict_table,
)

RAW = Path(__file__).parents[1] / "data" / "raw"
SETTINGS = settings(max_examples=150, deadline=None, derandomize=True)
numbers = st.floats(min_value=-1e4, max_value=1e4)
widths = st.floats(min_value=0, max_value=1e3)


# The edges of each rule


@pytest.mark.parametrize(
    ("measured", "expected"),
    [
        (92, HOLDS),
        (95, HOLDS),
        (89, HOLDS),
        (95.01, ROUGHLY),
        (98, ROUGHLY),
        (86, ROUGHLY),
        (98.01, NOT),
        (85.99, NOT),
    ],
)
def test_about_92_within_3(measured, expected):
    assert verdict(92, measured, "about", 3) == expected


def test_a_decimal_edge_is_not_lost_to_binary_rounding():
    assert 6.8 + 0.2 > 7.0 - 1e-15
    assert verdict(6.8, 7.0, "about", 0.2) == HOLDS
    assert verdict(1.1, 1.2, "about", 0.1) == HOLDS
    assert verdict(0.3, 0.1 + 0.2, "at least", 0) == HOLDS


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(94.9, 110, ROUGHLY), (95, 110, ROUGHLY), (95.1, 110, NOT), (None, None, NOT)],
)
def test_an_interval_that_touches_the_tolerance_rescues_to_roughly(low, high, expected):
    assert verdict(92, 100, "about", 3, low, high) == expected


@pytest.mark.parametrize(
    ("measured", "low", "high", "expected"),
    [
        (34, None, None, HOLDS),
        (35, 34, 36, HOLDS),
        (35, 33.9, 36, ROUGHLY),  # met by the point only
        (32.9, None, None, ROUGHLY),  # missed by less than 5 % of 34
        (32.3, None, None, NOT),  # missed by exactly 5 %
        (30, 28, 34, ROUGHLY),  # the interval reaches the mark
        (30, 28, 33.9, NOT),
    ],
)
def test_at_least_34(measured, low, high, expected):
    assert verdict(34, measured, "at least", 0, low, high) == expected


def test_a_given_tolerance_takes_the_place_of_five_percent():
    assert verdict(100, 96, "at least", 0) == ROUGHLY
    assert verdict(100, 95, "at least", 0) == NOT  # missed by all of the 5 %
    assert verdict(100, 96, "at least", 2) == NOT
    assert verdict(100, 98.5, "at least", 2) == ROUGHLY


@pytest.mark.parametrize(
    ("measured", "low", "high", "expected"),
    [
        (1, None, None, HOLDS),
        (0, None, None, NOT),  # the mark itself is not more than the mark
        (-0.1, None, None, NOT),
        (1, 0, 2, ROUGHLY),
        (-1, -2, 0.5, ROUGHLY),
        (-1, -2, 0, NOT),
    ],
)
def test_more_than_nothing(measured, low, high, expected):
    assert verdict(0, measured, "more than", 0, low, high) == expected


@pytest.mark.parametrize(
    ("measured", "low", "high", "tolerance", "expected"),
    [
        (1, None, None, 0, HOLDS),
        (1, 1, 1, 0, HOLDS),
        (1, 1, 2, 0, ROUGHLY),
        (2, 1, 3, 0, ROUGHLY),
        (2, None, None, 0, NOT),
        (2, None, None, 1, ROUGHLY),
        (3, 2, 4, 1, NOT),
    ],
)
def test_first_rank(measured, low, high, tolerance, expected):
    assert verdict(1, measured, "equal", tolerance, low, high) == expected


@pytest.mark.parametrize(
    ("stated", "measured", "comparison", "checkable"),
    [
        (92, None, "about", "yes"),
        (92, math.nan, "about", "yes"),
        (None, 92, "about", "yes"),
        (1, 1, "none", "yes"),
        (1, 1, "about", "no"),
    ],
)
def test_what_cannot_be_measured_is_not_judged(stated, measured, comparison, checkable):
    assert verdict(stated, measured, comparison, 1, checkable=checkable) == UNCHECKED


def test_low_confidence_never_decides():
    assert verdict(14, 14, "about", 2, confidence="low") == ROUGHLY
    assert verdict(14, 17, "about", 2, confidence="low") == ROUGHLY
    assert verdict(14, 30, "about", 2, confidence="low") == UNCHECKED
    assert verdict(14, 30, "about", 2, confidence="medium") == NOT


def test_a_partly_checkable_claim_holds_only_by_its_whole_interval():
    assert verdict(14, 14, "about", 2, checkable="partly") == ROUGHLY
    assert verdict(14, 14, "about", 2, 12.5, 15.5, checkable="partly") == HOLDS
    assert verdict(14, 14, "about", 2, 10, 18, checkable="partly") == ROUGHLY
    assert verdict(14, 14, "about", 2, 10, 18, checkable="yes") == HOLDS
    assert verdict(1, 1, "equal", 0, checkable="partly") == ROUGHLY
    assert verdict(1, 2, "equal", 0, checkable="partly") == NOT
    assert verdict(50, 55, "at least", 0, 51, 58, checkable="partly") == HOLDS


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"comparison": "roughly"}, "comparison is 'roughly'"),
        ({"confidence": "fair"}, "confidence is 'fair'"),
        ({"checkable": "maybe"}, "checkable is 'maybe'"),
        ({"tolerance": -1}, "negative"),
        ({"low": 1.0}, "both low and high"),
        ({"low": 3.0, "high": 4.0}, "outside its interval"),
        ({"low": 4.0, "high": 1.0}, "outside its interval"),
    ],
)
def test_nonsense_is_refused_with_a_reason(options, word):
    with pytest.raises(ValueError, match=word):
        verdict(**({"stated": 2.0, "measured": 2.0, "comparison": "about"} | options))


# What holds for every claim


@SETTINGS
@given(numbers, numbers, st.sampled_from(COMPARISONS[:4]), widths, widths, widths)
def test_every_claim_gets_one_of_four_verdicts_and_doubt_never_helps(stated, measured, comparison, tolerance, down, up):
    interval = (measured - down, measured + up)
    plain = verdict(stated, measured, comparison, tolerance, *interval)
    assert plain in VERDICTS
    order = {NOT: 0, UNCHECKED: 0, ROUGHLY: 1, HOLDS: 2}
    for doubt in ({"confidence": "low"}, {"checkable": "partly"}):
        assert order[verdict(stated, measured, comparison, tolerance, *interval, **doubt)] <= order[plain]


@SETTINGS
@given(numbers, numbers, st.sampled_from(COMPARISONS[:4]), widths, widths)
def test_a_wider_interval_never_makes_a_claim_fail(stated, measured, comparison, tolerance, width):
    narrow = verdict(stated, measured, comparison, tolerance)
    wide = verdict(stated, measured, comparison, tolerance, measured - width, measured + width)
    assert (wide == NOT) <= (narrow == NOT)


@SETTINGS
@given(numbers, st.sampled_from(COMPARISONS[:3]), widths, numbers, widths)
def test_for_about_nearer_is_never_judged_worse(stated, comparison, tolerance, far, step):
    order = {NOT: 0, ROUGHLY: 1, HOLDS: 2}
    near = stated + (far - stated) / 2
    if comparison == "about":
        assert order[verdict(stated, near, "about", tolerance)] >= order[verdict(stated, far, "about", tolerance)]
    else:
        more = verdict(stated, far + step, comparison, tolerance)
        assert order[more] >= order[verdict(stated, far, comparison, tolerance)]


# Readings


def test_readings_show_which_of_them_turn_the_verdict():
    readings = [
        ("to the eve", 90.6),
        Reading("to the top", 92.7),
        Reading("from October", 102.0, 99.0, 105.0),
    ]
    table = sensitivity(readings, 92, "about", 3)
    assert table["verdict"].tolist() == [HOLDS, HOLDS, NOT]
    assert table["differs"].tolist() == [False, False, True]
    assert np.isnan(table.loc[0, "low"])
    assert sensitivity_sentence(table) == "Under 2 of 3 readings it holds; under 'from October' it does not hold."


def test_readings_that_agree_say_so():
    assert sensitivity_sentence(sensitivity([("a", 92.0), ("b", 93.0)], 92, "about", 3)) == (
        "Under each of 2 readings it holds."
    )
    assert sensitivity_sentence(sensitivity([("a", 92.0)], 92, "about", 3)) == "By the only reading it holds."
    with pytest.raises(ValueError, match="No reading"):
        sensitivity([], 92, "about", 3)


# The table of all claims


@pytest.fixture(scope="module")
def claims():
    return pd.read_csv(RAW / "claims.csv")


def test_every_claim_has_a_row_whether_measured_or_not(claims):
    table = verdict_table(claims, pd.DataFrame({"id": ["nvidia_day_fall"], "measured": [16.97]}))
    assert table["id"].tolist() == claims["id"].tolist()
    judged = table.set_index("id")
    assert judged.loc["nvidia_day_fall", "verdict"] == HOLDS
    assert (judged["verdict"].drop("nvidia_day_fall") == UNCHECKED).all()
    assert judged.loc["nvidia_value", "mark"] == "not measured"
    assert judged.loc["export_controls_backfired", "mark"] == "not a matter for these data"


def test_every_comparison_in_use_has_a_rule(claims):
    assert set(claims["comparison"]) <= set(COMPARISONS)
    as_stated = verdict_table(claims, claims[["id"]].assign(measured=claims["stated_value"])).set_index("id")
    failed = as_stated.index[as_stated["verdict"] == NOT].tolist()
    assert failed == ["market_regained"]  # "more than nothing" is not met by nothing
    sure = as_stated[(as_stated["checkable"] == "yes") & (as_stated["comparison"] != "more than")]
    assert (sure["verdict"] == HOLDS).all()


def test_marks_and_evidence_stay_with_the_claim(claims):
    measured = pd.DataFrame({"id": ["nasdaq_value_added"], "measured": [15.0], "low": [12.5], "high": [18.0]})
    measured = measured.assign(confidence="low", evidence="figures/nasdaq.svg")
    row = verdict_table(claims, measured).set_index("id").loc["nasdaq_value_added"]
    assert row["verdict"] == ROUGHLY
    assert row["mark"] == "partly checkable; low-confidence data"
    assert row["evidence"] == "figures/nasdaq.svg"


def test_unknown_and_repeated_ids_are_refused(claims):
    with pytest.raises(ValueError, match="did you mean 'nvidia_value'"):
        verdict_table(claims, pd.DataFrame({"id": ["nvidia_valu"], "measured": [3.0]}))
    with pytest.raises(ValueError, match="nvidia_value more than once"):
        verdict_table(claims, pd.DataFrame({"id": ["nvidia_value"] * 2, "measured": [3.0, 3.1]}))


def test_a_wrong_interval_names_its_claim(claims):
    wrong = pd.DataFrame({"id": ["nvidia_value"], "measured": [3.4], "low": [3.5], "high": [3.6]})
    with pytest.raises(ValueError, match=r"Claim nvidia_value: .*outside its interval"):
        verdict_table(claims, wrong)
