"""The sentences of 04 hold for any event: large or small, rare or frequent, with or without a figure."""

import pytest

from helpers.findings import summary


def key(value: object, low: float | None = None, high: float | None = None) -> dict:
    return {
        "value": value,
        "low": low,
        "high": high,
        "unit": "",
        "label": "",
        "confidence": "high",
        "figure": "",
        "notebook": "",
    }


DAY = {
    "focus_name": key("Cisco"),
    "focus_day_pct": key(-6.7),
    "return_period_years": key(0.11, 0.08, 0.2),
    "days_to_recover_focus": key(1),
}


def test_a_frequent_surprise_is_not_called_once_in_no_years() -> None:
    assert (
        summary.the_day(DAY)
        == "**The day:** Cisco fell by 6.7 %; a surprise as large comes 9 times a year; after one trading day the old price was back."
    )


def test_a_rare_surprise_comes_with_its_range() -> None:
    rare = DAY | {
        "return_period_years": key(19.5, 3.6, 113.0),
        "members_rose_pct": key(69.6),
        "focus_value_lost_usd_bn": key(592.7),
    }
    said = summary.the_day(rare)
    assert "and lost USD 593 billion, while 70 % of the lines of the S&P 500 rose" in said
    assert "comes once in 20 years (4 to 110 years)" in said


@pytest.mark.parametrize("missing", list(DAY))
def test_what_the_run_does_not_have_is_left_out(missing: str) -> None:
    said = summary.the_day({name: value for name, value in DAY.items() if name != missing})
    assert "not known" not in said
    assert "nan" not in said
    assert (said == "") == (missing in ("focus_name", "focus_day_pct"))


def test_a_rise_is_called_a_rise_and_loses_nothing() -> None:
    said = summary.the_day(DAY | {"focus_day_pct": key(18.7), "focus_value_lost_usd_bn": key(-440.0)})
    assert "rose by 18.7 %" in said
    assert "lost" not in said


@pytest.mark.parametrize(
    ("share", "said"),
    [(51.7, "52 % growth in earnings and 48 % a higher price"), (120.0, "120 % growth in earnings (")],
)
def test_a_falling_multiple_is_not_called_a_higher_price(share: float, said: str) -> None:
    assert said in summary.growth_or_price({"earnings_share_of_leaders_rise_pct": key(share, 14.0, 130.0)})
