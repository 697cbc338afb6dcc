"""The verdict rules on their edges, and the table that judges every claim by all its readings."""

import math
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import claims
from helpers.claims import DEPENDS, HOLDS, NOT, ROUGHLY, UNCHECKED, VERDICTS, each_reading, judge, point, verdict

RAW = Path(__file__).parents[1] / "data" / "raw"
SETTINGS = settings(max_examples=150)
COMPARISONS = list(claims.COMPARISONS)
numbers = st.floats(min_value=-1e4, max_value=1e4)
widths = st.floats(min_value=0, max_value=1e3)
ORDER = {NOT: 0, ROUGHLY: 1, HOLDS: 2}


# The edges of each rule, for one reading


@pytest.mark.parametrize(
    ("measured", "expected"),
    [
        (92, HOLDS), (95, HOLDS), (89, HOLDS), (95.01, ROUGHLY), (98, ROUGHLY), (86, ROUGHLY), (98.01, NOT), (85.99, NOT),
    ],
)  # fmt: skip
def test_about_92_within_3(measured, expected):
    assert point(92, measured, "about", 3) == expected


@pytest.mark.parametrize(
    ("measured", "comparison", "expected"),
    [
        (34, "at least", HOLDS), (33, "at least", ROUGHLY), (32.2, "at least", NOT),
        (34, "more than", ROUGHLY), (34.01, "more than", HOLDS), (32.2, "more than", NOT),
    ],
)  # fmt: skip
def test_at_least_and_more_than_34_may_be_missed_by_a_twentieth(measured, comparison, expected):
    assert point(34, measured, comparison) == expected


def test_more_than_nothing_is_not_met_by_nothing():
    assert point(0, 0, "more than") == NOT
    assert point(0, 1e-3, "more than") == HOLDS


def test_a_rank_is_that_rank():
    assert [point(1, rank, "equal", 0) for rank in (1, 2)] == [HOLDS, NOT]
    assert point(1, 2, "equal", 1) == ROUGHLY


def test_a_decimal_edge_is_not_lost_to_binary_rounding():
    assert point(6.8, 7.0, "about", 0.2) == HOLDS
    assert point(1.1, 1.2, "about", 0.1) == HOLDS
    assert point(0.3, 0.1 + 0.2, "at least", 0) == HOLDS


# Several readings


@pytest.mark.parametrize(
    ("readings", "expected"),
    [
        ([92, 93, 94], HOLDS),
        ([92, 97], ROUGHLY),  # the main one meets it, the other nearly
        ([92, 101], DEPENDS),  # the main one meets it, the other does not
        ([97, 93], DEPENDS),  # the main one only nearly, but another does
        ([101, 93], DEPENDS),
        ([97, 101], ROUGHLY),  # none meets it, the main one nearly
        ([101, 97], NOT),
        ([101, 76], NOT),
    ],
)
def test_readings_of_about_92_within_3(readings, expected):
    assert verdict(92, dict(enumerate(readings)), "about", 3) == expected


def test_the_value_of_a_wide_range_is_that_of_its_ends():
    """Eight ratios from 0.4 to 1.4 do not make "as in 2000" hold roughly, for none of them is 1."""
    ratios = {"median": 0.81, "prices": 0.96, "rates": 0.59, "value": 1.36, "real yield": 0.39}
    assert verdict(1, ratios, "about", 0) == NOT


def test_low_confidence_never_decides():
    assert verdict(14, {"a": 14}, "about", 2, confidence="low") == ROUGHLY
    assert verdict(14, {"a": 30}, "about", 2, confidence="low") == UNCHECKED
    assert verdict(14, {"a": 30}, "about", 2, confidence="medium") == NOT
    assert verdict(14, {"a": 14, "b": 30}, "about", 2, confidence="low") == DEPENDS


def test_a_partly_checkable_claim_holds_only_by_more_than_one_reading():
    assert verdict(14, {"a": 14}, "about", 2, checkable="partly") == ROUGHLY
    assert verdict(14, {"a": 14, "b": 15.5}, "about", 2, checkable="partly") == HOLDS
    assert verdict(14, {"a": 14, "b": 19}, "about", 2, checkable="partly") == DEPENDS


@pytest.mark.parametrize(
    ("stated", "readings", "comparison", "checkable"),
    [
        (92, {}, "about", "yes"),
        (92, {"a": math.nan, "b": None}, "about", "yes"),
        (None, {"a": 92}, "about", "yes"),
        (1, {"a": 1}, "none", "yes"),
        (1, {"a": 1}, "about", "no"),
    ],
)
def test_what_cannot_be_measured_is_not_judged(stated, readings, comparison, checkable):
    assert verdict(stated, readings, comparison, 1, checkable=checkable) == UNCHECKED


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"comparison": "roughly"}, "comparison is 'roughly'"),
        ({"confidence": "fair"}, "confidence is 'fair'"),
        ({"checkable": "maybe"}, "checkable is 'maybe'"),
        ({"tolerance": -1}, "negative"),
    ],
)
def test_nonsense_is_refused_with_a_reason(options, word):
    with pytest.raises(ValueError, match=word):
        verdict(**({"stated": 2.0, "readings": {"a": 2.0}, "comparison": "about"} | options))


# What holds for every claim


@SETTINGS
@given(numbers, st.lists(numbers, min_size=1, max_size=6), st.sampled_from(COMPARISONS), widths)
def test_every_claim_gets_one_verdict_and_doubt_never_helps(stated, values, comparison, tolerance):
    readings = dict(enumerate(values))
    plain = verdict(stated, readings, comparison, tolerance)
    assert plain in VERDICTS
    order = {NOT: 0, UNCHECKED: 0, DEPENDS: 1, ROUGHLY: 2, HOLDS: 3}
    for doubt in ({"confidence": "low"}, {"checkable": "partly"}):
        assert order[verdict(stated, readings, comparison, tolerance, **doubt)] <= order[plain]


@SETTINGS
@given(numbers, st.lists(numbers, min_size=1, max_size=6), numbers, st.sampled_from(COMPARISONS), widths)
def test_one_more_reading_never_makes_a_claim_hold_and_never_makes_it_fail(stated, values, more, comparison, tolerance):
    before = verdict(stated, dict(enumerate(values)), comparison, tolerance)
    after = verdict(stated, dict(enumerate([*values, more])), comparison, tolerance)
    assert (after == HOLDS) <= (before == HOLDS)
    assert (after == NOT) <= (before == NOT)


@SETTINGS
@given(numbers, st.lists(numbers, min_size=2, max_size=6), st.sampled_from(COMPARISONS), widths)
def test_it_depends_only_where_readings_disagree(stated, values, comparison, tolerance):
    alone = {point(stated, value, comparison, tolerance) for value in values}
    if verdict(stated, dict(enumerate(values)), comparison, tolerance) == DEPENDS:
        assert HOLDS in alone
        assert len(alone) > 1


@SETTINGS
@given(numbers, st.sampled_from(COMPARISONS[:4]), widths, numbers)
def test_nearer_is_never_judged_worse(stated, comparison, tolerance, far):
    near = stated + (far - stated) / 2
    if comparison in ("about", "equal") or far <= stated:
        nearer, further = (point(stated, value, comparison, tolerance) for value in (near, far))
        assert ORDER[nearer] >= ORDER[further]


# The table of all claims


@pytest.fixture(scope="module")
def stated():
    return pd.read_csv(RAW / "claims.csv").set_index("id")


def measured(**values):
    rows = {
        claim: {"measured": value, "low": math.nan, "high": math.nan, "confidence": "high", "readings": {}}
        for claim, value in values.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("id")


def test_every_claim_has_a_row_whether_measured_or_not(stated):
    table = judge(stated, measured(nvidia_day_fall=16.97))
    assert table.index.tolist() == stated.index.tolist()
    assert table.loc["nvidia_day_fall", "verdict"] == HOLDS
    assert (table["verdict"].drop("nvidia_day_fall") == UNCHECKED).all()
    assert table.loc["nvidia_value", "mark"] == "not measured"
    assert table.loc["export_controls_backfired", "mark"] == "not a matter for these data"


def test_every_comparison_in_use_has_a_rule(stated):
    assert set(stated["comparison"]) <= {*COMPARISONS, "none"}
    as_stated = judge(stated, measured(**stated["stated_value"].dropna()))
    assert as_stated.index[as_stated["verdict"] == NOT].tolist() == ["market_regained"]  # more than nothing
    sure = as_stated[(as_stated["checkable"] == "yes") & ~as_stated["comparison"].isin(["more than", "none"])]
    assert (sure["verdict"] == HOLDS).all()


def test_the_ends_of_a_range_count_as_readings_and_what_agrees_is_counted(stated):
    row = measured(top_seven_share=32.9).assign(low=32.9, high=34.6, confidence="low")
    row["readings"] = [{"without cash": 33.0, "not known": None}]
    table = judge(stated, row)
    assert table.loc["top_seven_share", ["verdict", "agree", "tried", "mark"]].tolist() == [
        DEPENDS, 1, 3, "low-confidence data",
    ]  # fmt: skip
    shown = each_reading(table)
    assert shown["reading"].tolist() == ["as measured", "without cash", "high end of the range"]
    assert shown["verdict"].tolist() == [ROUGHLY, ROUGHLY, HOLDS]


def test_unknown_and_repeated_ids_are_refused(stated):
    with pytest.raises(ValueError, match="did you mean 'nvidia_value'"):
        judge(stated, measured(nvidia_valu=3.0))
    with pytest.raises(ValueError, match="nvidia_value more than once"):
        judge(stated, pd.concat([measured(nvidia_value=3.0), measured(nvidia_value=3.1)]))


def test_a_wrong_word_names_its_claim(stated):
    with pytest.raises(ValueError, match=r"claim nvidia_value: comparison is 'roughly'"):
        judge(stated.assign(comparison="roughly"), measured(nvidia_value=3.5))


def test_a_claim_is_written_in_its_unit_and_with_no_more_digits_than_it_was_stated_with():
    written = [
        claims.amount(value, unit) for value, unit in [(90.57, "percent"), (3.4928, "USD trillion"), (11, "rank")]
    ]
    assert written == ["90.6%", "$3.49tn", "11th"]
    assert claims.stated(34.0, "percent", "at least") == "at least 34%"
    assert claims.stated(6.8, "percent", "about") == "6.8%"
    assert claims.stated(0.0, "percent", "more than") == "more than nothing"
    assert claims.stated(1.0, "comparison", "more than") == "more than in 2000"
    assert claims.stated(500.0, "rank", "more than") == "below the 500th"
