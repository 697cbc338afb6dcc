"""Figures in words: what a sentence says about a number is true of it, whatever the number is."""

import math
import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.prose import (
    GAP,
    SKIP,
    Fig,
    Figs,
    bullets,
    count,
    day,
    first,
    listing,
    near,
    often,
    often_range,
    ordinal,
    plain,
    prose,
    signed,
    some_of,
    usd,
    when,
)

moves = st.floats(-99, 999, allow_nan=False)
amounts = st.floats(0.05, 50_000)
waits = st.floats(0.004, 1e7)


def value_of(text: str) -> float:
    """The first number of a text."""
    return float(re.search(r"−?[\d,]*\.?\d+", text)[0].replace("−", "-").replace(",", ""))


@given(moves)
def test_a_move_is_said_with_the_verb_of_its_sign_and_its_size(move):
    said = f"{Fig(move, 'percent'):moved}"
    if abs(move) < 0.05:
        assert said == "hardly moved"
    else:
        assert said.startswith("rose " if move > 0 else "fell ") or said == "hardly moved"
        assert said == "hardly moved" or value_of(said) == pytest.approx(
            abs(move), abs=0.5 if abs(move) >= 9.94 else 0.0500001
        )


@given(moves)
def test_a_signed_figure_never_shows_a_plus_before_zero_or_below(move):
    text = signed(move)
    assert text.startswith("+") == (value_of(text) > 0)
    assert "-" not in text  # a hyphen is no minus


@given(amounts)
def test_an_amount_keeps_two_digits_whatever_its_size(billions):
    text = usd(billions)
    size = value_of(text) * (1000 if text.endswith("tn") else 1)
    assert size == pytest.approx(billions, rel=0.06 if billions >= 0.95 else 1, abs=0.05)
    assert usd(-billions) == f"−{text}"


@given(waits, waits)
def test_a_range_of_waits_in_years_begins_with_the_shorter_and_in_times_a_year_with_the_rarer(one, other):
    text = often_range(*sorted((one, other)))
    assert text == SKIP or " to " in text
    sizes = [int(size) for size in re.findall(r"\d+", text.replace(",", ""))]
    if len(sizes) == 2 and "never" not in text and text.startswith("once in") == text.endswith("years"):
        assert sizes == sorted(sizes)


@given(st.integers(0, 40), st.integers(1, 40))
def test_some_of_says_all_only_of_all(part, whole):
    text = some_of(min(part, whole), whole)
    assert (text in ("both", "all one") or text.startswith("all ")) == (part >= whole)


@given(st.lists(st.sampled_from(["One.", f"{GAP}.", f"No {SKIP}.", "It is nan.", "- dash", ""]), max_size=8))
def test_a_sentence_without_its_figure_is_left_out_and_counted(lines):
    text, gaps = prose("\n".join(lines))
    assert gaps == lines.count(f"{GAP}.") + lines.count("It is nan.")
    assert GAP not in text and SKIP not in text and "nan" not in text
    assert text.count("One.") == lines.count("One.")


def test_nvidias_day_reads_as_a_person_would_say_it():
    fall, loss = Fig(-16.968, "percent", -17.5, -16.2), Fig(592.66, "USD billion", 589, 592.67)
    assert f"Nvidia {fall:moved}, losing {loss} ({loss:range})" == "Nvidia fell 17%, losing $593bn ($589bn to $593bn)"
    assert f"{loss:lost}, {Fig(-7.44, 'USD billion'):lost}" == "lost $593bn, gained $7.4bn"
    assert f"{Fig(69.6, 'percent'):tenths} of 504" == "seven in ten of 504"
    assert f"{Fig(-11.84, 'percent'):apart}" == "12% worse"


def test_a_missing_figure_is_a_gap_in_every_form():
    for form in ("", "moved", "range", "size1", "often", "points", "+", ".2f"):
        assert f"{Fig(None, 'percent'):{form}}" in (GAP, "nan")
    assert f"{Fig(3.0, 'percent'):range}" == GAP
    assert f"{Figs()['Cisco']}" == GAP


def test_a_range_whose_ends_print_alike_adds_nothing():
    assert f"{Fig(3.0, 'percent', 3.01, 3.02):range}" == SKIP
    assert prose(f"It is so.\nThe range is {Fig(3.0, 'percent', 3.01, 3.02):range}.") == ("It is so.", 0)


def test_a_loss_is_ranked_in_words_as_far_as_people_count():
    assert [f"{Fig(rank, 'rank')}" for rank in (1, 2, 10, 11, 33)] == [
        "the largest",
        "the second-largest",
        "the tenth-largest",
        "the 11th-largest",
        "the 33rd-largest",
    ]
    assert [ordinal(rank) for rank in (3, 12, 21, 112)] == ["third", "12th", "21st", "112th"]


def test_first_takes_what_has_its_figures_and_applies():
    assert first(f"Up {Fig(None)}.", when(False, "No."), "Yes.", "Later.") == "Yes."
    assert first(when(False, "No.")) == GAP


def test_bullets_are_a_list_without_the_rows_that_lack_a_figure():
    text, gaps = prose(
        f"Back:\n\n{bullets(f'{who} after {Fig(size)}.' for who, size in (('A', 3), ('B', None), ('C', 5)))}"
    )
    assert text == "Back:\n\n- A after 3.\n- C after 5."
    assert gaps == 1


def test_dates_counts_and_lists():
    assert day("2025-01-27") == "27 January 2025"
    assert day(pd.NaT) == GAP
    assert [count(1, "day"), count(3, "company", "companies"), count(24, "day")] == [
        "one day",
        "three companies",
        "24 days",
    ]
    assert listing(["a"]) == "a" and listing("abc") == "a, b and c" and listing([]) == GAP
    assert [near(9.94), near(9.96), near(-16.97)] == ["9.9", "10", "−17"]
    assert math.isnan(Fig(pd.NA))


def test_waits_are_said_in_words_and_a_range_says_once_what_its_ends_share():
    waits_said = {
        19.5: "once in 20 years",
        0.13: "eight times a year",
        1.1: "once a year",
        4321: "once in 4,300 years",
        0.004: "almost every day",
    }
    assert {wait: often(wait) for wait in waits_said} == waits_said
    assert often_range(3.7, 119.7) == "once in four to 120 years"
    assert often_range(0.21, 1.85) == "once in two years to five times a year"
    assert often_range(0.07, 0.25) == "four to 14 times a year"
    assert often_range(0.24, 0.55) == "two to four times a year"


def test_numbers_parts_and_sentences_are_written_as_people_write_them():
    assert [plain(-1234.56, 1), plain(-0.004, 2)] == ["−1,234.6", "0.00"]
    assert [some_of(0, 5), some_of(3, 5), some_of(0, 2)] == [
        "none of the five",
        "three of the five",
        "neither of the two",
    ]
    assert prose("One.\nTwo ␀.\nthree.\n\n- four\n- five") == ("One. Three.\n\n- Four\n- Five", 1)
