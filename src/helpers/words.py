"""Numbers and dates as a reader wants them in a sentence."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

MISSING = "not known"


def number(value: float, decimals: int = 0) -> str:
    """Write a number with thousands separators and a true minus sign.

    Examples
    --------
    >>> number(-1234.5, 1)
    '−1,234.5'
    >>> number(float("nan"))
    'not known'
    """
    if value is None or math.isnan(value):
        return MISSING
    return f"{round(value, decimals) + 0.0:,.{decimals}f}".replace("-", "−")


def percent(value: float, decimals: int = 1, sign: bool = False) -> str:
    """Write a figure that is already in per cent.

    Examples
    --------
    >>> percent(-16.968), percent(91.0, 0), percent(2.5, sign=True)
    ('−17.0 %', '91 %', '+2.5 %')
    """
    text = number(value, decimals)
    return text if text == MISSING else f"{'+' if sign and round(value, decimals) > 0 else ''}{text} %"


def dollars(billions: float, decimals: int | None = None) -> str:
    """Write an amount given in USD billion, in trillions from 1,000 on.

    Examples
    --------
    >>> dollars(592.66), dollars(3492.8), dollars(-1034)
    ('USD 593 billion', 'USD 3.49 trillion', '−USD 1.03 trillion')
    """
    if billions is None or math.isnan(billions):
        return MISSING
    size = abs(billions)
    sign = "−" if billions < 0 and round(size, 1) > 0 else ""
    if size >= 999.5:
        return f"{sign}USD {number(size / 1000, 2 if decimals is None else decimals)} trillion"
    return f"{sign}USD {number(size, (0 if size >= 10 else 1) if decimals is None else decimals)} billion"


def day(date: Any) -> str:
    """Write a date as 27 January 2025.

    Examples
    --------
    >>> day("2025-01-27")
    '27 January 2025'
    """
    date = pd.Timestamp(date)
    return MISSING if date is pd.NaT else f"{date.day} {date:%B %Y}"


def month(date: Any) -> str:
    """Write a month as January 2025.

    Examples
    --------
    >>> month("2025-01-01")
    'January 2025'
    """
    date = pd.Timestamp(date)
    return MISSING if date is pd.NaT else f"{date:%B %Y}"


def moved(change: float) -> str:
    """Say whether something rose, fell or did not move.

    Examples
    --------
    >>> moved(-3.1), moved(0.2), moved(0.0)
    ('fell', 'rose', 'did not move')
    """
    return "rose" if change > 0 else "fell" if change < 0 else "did not move"


def listing(items: Iterable[object]) -> str:
    """Join words with commas and a last "and".

    Examples
    --------
    >>> listing(["chips", "power", "clouds"])
    'chips, power and clouds'
    """
    words = [str(item) for item in items]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else "none"


def plural(count: int, one: str, many: str | None = None) -> str:
    """Count things, with small numbers as words.

    Examples
    --------
    >>> plural(1, "day"), plural(3, "company", "companies"), plural(24, "day")
    ('one day', 'three companies', '24 days')
    """
    small: Sequence[str] = (
        "no",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
    )
    counted = small[count] if 0 <= count < len(small) else number(count)
    return f"{counted} {one if count == 1 else many or one + 's'}"


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Name what is known and spelt most like a name that is not; nothing where none is near.

    Examples
    --------
    >>> did_you_mean("NVDIA", ["NVDA", "AMD"]), did_you_mean("gold", ["NVDA", "AMD"])
    ("; did you mean 'NVDA'?", '')
    """
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"; did you mean {near[0]!r}?" if near else ""


def ordinal(rank: int) -> str:
    """Write a rank: 1st, 2nd, 3rd, 11th.

    Examples
    --------
    >>> ordinal(1), ordinal(12), ordinal(23)
    ('1st', '12th', '23rd')
    """
    suffix = "th" if 10 <= rank % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(rank % 10, "th")
    return f"{rank}{suffix}"


def how_often(years: float) -> str:
    """Say how often something comes round that has this return period.

    Examples
    --------
    >>> how_often(19.5), how_often(0.13), how_often(1.1), how_often(4000)
    ('once in 20 years', '8 times a year', 'once a year', 'once in 4,000 years')
    """
    if years is None or math.isnan(years) or years <= 0:
        return MISSING
    if math.isinf(years):
        return "never, as far as this model goes"
    if years >= 1.5:
        return f"once in {number(years if years < 100 else float(f'{years:.2g}'))} years"
    times = round(1 / years)
    return "once a year" if times <= 1 else f"{times} times a year"


def how_often_range(low: float, high: float) -> str:
    """Say the range of a return period, in the same roundings as `how_often`.

    Examples
    --------
    >>> how_often_range(3.7, 119.7), how_often_range(0.21, 1.85), how_often_range(0.1, 0.25)
    ('4 to 120 years', '5 times a year to once in 2 years', '4 to 10 times a year')
    """
    if low >= 1.5:
        return f"{number(low)} to {number(high if high < 100 else float(f'{high:.2g}'))} years"
    if high >= 1.5:
        return f"{how_often(low)} to {how_often(high)}"
    seldom, often = max(1, round(1 / high)), max(1, round(1 / low))
    return f"{seldom} to {often} times a year" if seldom < often else how_often(high)
