"""Cells of a person's own files: text, dates and numbers, each read in one way or refused in words."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

MISSING = {"", ".", "-", "--", "n/a", "na", "nan", "null", "none", "#n/a", "#n/a n/a", "#na", "#value!"}
NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
THOUSANDS = r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?"
CURRENCIES = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY"}
TIME = r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[AP]M)?(?: ?(?:Z|UTC|[+-]\d{2}:?\d{2}))?)?"
DATE_FORMATS = (
    (r"\d{4}-\d{1,2}-\d{1,2}", ("%Y-%m-%d",)),
    (r"\d{8}", ("%Y%m%d",)),
    (r"\d{4}/\d{1,2}/\d{1,2}", ("%Y/%m/%d",)),
    (r"\d{4}\.\d{1,2}\.\d{1,2}", ("%Y.%m.%d",)),
    (r"\d{1,2}-[A-Za-z]{3,9}-\d{4}", ("%d-%b-%Y", "%d-%B-%Y")),
    (r"[A-Za-z]{3,9}-\d{1,2}-\d{4}", ("%b-%d-%Y", "%B-%d-%Y")),
    (r"\d{1,2} [A-Za-z]{3,9} \d{4}", ("%d %b %Y", "%d %B %Y")),
    (r"[A-Za-z]{3,9} \d{1,2}, ?\d{4}", ("%b %d, %Y", "%B %d, %Y")),
)  # fmt: skip
NUMBERED_DAY = r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})"
SHORT_YEAR = r"\d{1,2}[/.-](?:\d{1,2}|[A-Za-z]{3})[/.-]\d{2}"
DAY_LIKE = re.compile(
    "|".join([*(pattern for pattern, _ in DATE_FORMATS), NUMBERED_DAY.replace(r"\2", "[/.-]"), SHORT_YEAR]), re.ASCII
)


class DataError(ValueError):
    """A file that cannot be used; the message lists every problem found in it."""


def decode(content: bytes, name: str) -> str:
    """Return a file's text: UTF-8, UTF-16 with its mark, else Windows-1252."""
    marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ["utf-16"] if marked else ["utf-8-sig", "cp1252"]:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not re.search(r"[\x00-\x08\x0e-\x1f]", text):
            return text
    raise DataError(f"{name}: not UTF-8 text, nor UTF-16, nor Windows-1252; save it again as CSV UTF-8")


def check_names(names: Iterable[str], file: str) -> None:
    """Refuse a name that a page, a formula, a terminal or a spreadsheet would read as something else."""
    for name in map(str, names):
        if re.search(r"[<>`$\\\x00-\x1f\x7f]|^[=+@]", name):
            raise DataError(f"{file}: {name!r} is no name for a series: leave out < > $ ` \\ and a leading =, + or @")


def bare_day(text: str) -> str:
    """Take a weekday before a date and a time behind it away.

    >>> bare_day("Mon, Jan 27, 2025"), bare_day("1/27/2025 16:00:00"), bare_day("2025-01-27T00:00:00-05:00")
    ('Jan 27, 2025', '1/27/2025', '2025-01-27')
    """
    text = re.sub(r"^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? +", "", text.strip(), flags=re.IGNORECASE)
    return re.sub(f"(?<=\\d){TIME}$", "", text)


def is_day(text: str) -> bool:
    """Say whether a cell is written as a day."""
    return DAY_LIKE.fullmatch(bare_day(text)) is not None


def parse_dates(
    texts: Sequence[str], rows: Sequence[int] | np.ndarray, name: str
) -> tuple[list[pd.Timestamp], list[str]]:
    """Read a column of dates in the one way in which all of it can be read; return days and problems."""
    texts = [text.strip() for text in texts]
    empty = [f"{name}: row {row}: no date" for row, text in zip(rows, texts, strict=True) if not text]
    if empty:
        return [], empty[:5]
    bare = [bare_day(text) for text in texts]
    if sum(re.fullmatch(SHORT_YEAR, text, re.ASCII) is not None for text in bare) > len(bare) / 2:
        return [], [f"{name}: {texts[0]!r} is not a date of one reading: its year has two digits; write 2025-01-27"]
    if all(re.fullmatch(r"[2-6]\d{4}(?:\.0*)?", text) for text in texts):
        return [], [f"{name}: {texts[0]!r} is a day number of Excel; format the column as dates and save it again"]
    midnight = [text for text in texts if re.search(r"[T ](?:2[0-3]):\d{2}.*(?:Z|UTC|\+00:?00)$", text)]
    if len(midnight) > len(texts) / 2:
        return [], [
            f"{name}: {midnight[0]!r} is late on the day before, in universal time; export days in the exchange's own time"
        ]
    cells = pd.Series(bare, dtype=str)
    numbered = cells.str.extract(f"^{NUMBERED_DAY}$", flags=re.ASCII)
    best = max((_written(cells, pattern, forms) for pattern, forms in DATE_FORMATS), key=lambda days: days.count())
    if numbered[0].count() > best.count():
        both = [_days(numbered[3] + "-" + numbered[month] + "-" + numbered[2 - month], "%Y-%m-%d") for month in (0, 2)]
        whole = [days for days in both if days.notna().all()]
        if len(whole) == 2 and (differs := both[0] != both[1]).any():
            place = int(differs.idxmax())
            return [], [
                f"{name}: {texts[place]!r} may be {both[0][place]:%Y-%m-%d} or {both[1][place]:%Y-%m-%d}, "
                "and no other row decides; write dates as 2025-01-27"
            ]
        best = whole[0] if whole else max(both, key=lambda days: days.count())
    other = ", or not written as the others are" if best.notna().any() else ""
    problems = [
        f"{name}: row {row}, column date: {text!r} is not a date{other}; write it as 2025-01-27"
        for row, text, day in zip(rows, texts, best, strict=True)
        if pd.isna(day)
    ]
    return list(best.dropna()), problems[:5]


def parse_numbers(
    texts: Sequence[str], rows: Sequence[int] | np.ndarray, file: str, column: str
) -> tuple[np.ndarray, list[str]]:
    """Read a column of prices, whose decimals have a point; return values (missing: NaN) and problems."""
    cells = [re.sub(r"^([+-]?)[$€£¥] ?| ?(?:[A-Z]{3}|[$€£¥])$", r"\1", text.strip()) for text in texts]
    known = [cell for cell in cells if cell.lower() not in MISSING]
    if known and sum(cell.endswith("%") for cell in known) > len(known) / 2:
        return np.full(len(cells), np.nan), [f"{file}column {column} holds per cent: returns, not prices"]
    if len(known) > 2 and all(re.fullmatch(r"[0-9]{1,3}\.[0-9]{3}", cell) for cell in known):
        said = f"{known[0]!r} may be {known[0].replace('.', '')} or a decimal: each value has three digits behind its point"
        return np.full(len(cells), np.nan), [f"{file}column {column}: {said}; write 1000.00 or 1.0000"]
    # A point after a comma, or a point in a plain number, shows that commas of this column part thousands.
    shown = any("." in cell and re.fullmatch(f"{THOUSANDS}|{NUMBER}", cell) for cell in cells)
    values, problems = np.full(len(cells), np.nan), []
    for place, cell in enumerate(cells):
        thousands = re.fullmatch(THOUSANDS, cell) is not None
        if cell.lower() in MISSING:
            continue
        if re.fullmatch(NUMBER, cell) or (thousands and (shown or cell.count(",") > 1)):
            values[place] = float(cell.replace(",", ""))
            if np.isfinite(values[place]):
                continue
        what = "is not a number"
        if thousands:
            what = "may be a thousand or a decimal comma; write it without the comma"
        elif re.fullmatch(r"[+-]?[0-9.]*,[0-9]*", cell):
            what = "is not a number; write decimals with a point"
        problems.append(f"{file}row {rows[place]}, column {column}: {texts[place].strip()!r} {what}")
    return values, problems[:5]


def currency_of(texts: Sequence[str]) -> str:
    """Name the currency that a column or a header writes beside its figures, if any.

    >>> currency_of(["€12.5"]), currency_of(["12.5 USD"]), currency_of(["12.5"])
    ('EUR', 'USD', '')
    """
    for text in texts:
        found = re.search(r"[$€£¥]|\b(?:USD|EUR|GBP|JPY|CHF|HKD|SEK|CNY|CAD|AUD)\b", text)
        if found:
            return CURRENCIES.get(found[0], found[0])
    return ""


def _written(cells: pd.Series, pattern: str, forms: Sequence[str]) -> pd.Series:
    """Read the cells that are written in one pattern, in the first of its forms that fits each."""
    like = cells.where(cells.str.fullmatch(pattern, flags=re.ASCII)).str.replace(r", *", ", ", regex=True)
    return _days(like, forms[0]).fillna(_days(like, forms[-1]))


def _days(texts: pd.Series, form: str) -> pd.Series:
    # days that a market may have had; the rest is missing
    days = pd.to_datetime(texts, format=form, errors="coerce", exact=True)
    return days.where(days.dt.year.between(1701, 2199))
