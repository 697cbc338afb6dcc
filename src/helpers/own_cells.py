"""Cells of a person's own files: text, dates and numbers, each read in one way or refused in words."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

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
    """A file that cannot be used; `problems`, and the message, list everything that was found in it."""

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


def refuse(problems: Iterable[str]) -> None:
    """Raise one `DataError` of all problems, where there are any."""
    if listed := tuple(problems):
        raise DataError(*listed)


@contextmanager
def in_file(name: str) -> Iterator[None]:
    """Put a file's name before every problem that is found in it."""
    try:
        yield
    except DataError as error:
        raise DataError(*(f"{name}: {problem}" for problem in error.problems)) from error


def decode(content: bytes) -> str:
    """Return a file's text: UTF-8, UTF-16 with its mark, else Windows-1252."""
    marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ["utf-16"] if marked else ["utf-8-sig", "cp1252"]:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not re.search(r"[\x00-\x08\x0e-\x1f]", text):
            return text
    raise DataError("not UTF-8 text, nor UTF-16, nor Windows-1252; save it again as CSV UTF-8")


def check_names(names: Iterable[object]) -> None:
    """Refuse a name that a page, a formula, a terminal or a spreadsheet would read as something else."""
    for name in map(str, names):
        if re.search(r"[<>`$\\\x00-\x1f\x7f]|^[=+@]", name):
            raise DataError(f"{name!r} is no name for a series: leave out < > $ ` \\ and a leading =, + or @")


def is_day(text: str) -> bool:
    """Say whether a cell is written as a day."""
    return DAY_LIKE.fullmatch(_bare_day(text)) is not None


def parse_dates(cells: pd.Series) -> pd.DatetimeIndex:
    """Read a column of days, its index the rows of a file, in the one way in which all of it can be read."""
    texts = cells.str.strip()
    refuse(f"row {row}: no date" for row in texts.index[texts == ""][:5])
    bare = texts.map(_bare_day)
    if bare.str.fullmatch(SHORT_YEAR, flags=re.ASCII).mean() > 0.5:
        raise DataError(f"{texts.iloc[0]!r} is not a date of one reading: its year has two digits; write 2025-01-27")
    if texts.str.fullmatch(r"[2-6]\d{4}(?:\.0*)?").all():
        raise DataError(f"{texts.iloc[0]!r} is a day number of Excel; format the column as dates and save it again")
    late = texts[texts.str.contains(r"[T ]2[0-3]:\d{2}.*(?:Z|UTC|\+00:?00)$")]
    if len(late) > len(texts) / 2:
        zone = "is late on the day before, in universal time; export days in the exchange's own time"
        raise DataError(f"{late.iloc[0]!r} {zone}")
    best = max((_written(bare, pattern, forms) for pattern, forms in DATE_FORMATS), key=lambda days: days.count())
    numbered = bare.str.extract(f"^{NUMBERED_DAY}$", flags=re.ASCII)
    if numbered[0].count() > best.count():
        both = [_days(numbered[3] + "-" + numbered[month] + "-" + numbered[2 - month], "%Y-%m-%d") for month in (0, 2)]
        best = max(both, key=lambda days: days.count())
        if both[0].notna().all() and both[1].notna().all() and (differs := both[0] != both[1]).any():
            row = differs.idxmax()
            said = f"{texts[row]!r} may be {both[0][row]:%Y-%m-%d} or {both[1][row]:%Y-%m-%d}"
            raise DataError(f"{said}, and no other row decides; write dates as 2025-01-27")
    other = ", or not written as the others are" if best.notna().any() else ""
    refuse(
        f"row {row}, column date: {text!r} is not a date{other}; write it as 2025-01-27"
        for row, text in texts[best.isna()].head().items()
    )
    return pd.DatetimeIndex(best, name="date")


def parse_numbers(cells: pd.Series) -> tuple[pd.Series, list[str]]:
    """Read a column of prices, whose decimals have a point; return values (missing: NaN) and problems by row and column."""
    column, nothing = f"column {cells.name}", pd.Series(np.nan, cells.index, name=cells.name)
    texts = cells.str.strip().str.replace(r"^([+-]?)[$€£¥] ?| ?(?:[A-Z]{3}|[$€£¥])$", r"\1", regex=True)
    known = texts[~texts.str.lower().isin(MISSING)].astype(str)
    if known.str.endswith("%").mean() > 0.5:
        return nothing, [f"{column} holds per cent: returns, not prices"]
    if len(known) > 2 and known.str.fullmatch(r"[0-9]{1,3}\.[0-9]{3}").all():
        said = f"{known.iloc[0]!r} may be {known.iloc[0].replace('.', '')} or a decimal"
        return nothing, [f"{column}: {said}: each value has three digits behind its point; write 1000.00 or 1.0000"]
    plain, parted = known.str.fullmatch(NUMBER), known.str.fullmatch(THOUSANDS)
    # A point after a comma, or a point in a plain number, shows that commas of this column part thousands.
    shown = known[plain | parted].str.contains(".", regex=False).any()
    read = known[plain | (parted & (shown | (known.str.count(",") > 1)))].str.replace(",", "").astype(float)
    read = read[np.isfinite(read)]
    problems = []
    for row, text in known.drop(read.index).head().items():
        what = "is not a number"
        if parted[row]:
            what = "may be a thousand or a decimal comma; write it without the comma"
        elif re.fullmatch(r"[+-]?[0-9.]*,[0-9]*", text):
            what = "is not a number; write decimals with a point"
        problems.append(f"row {row}, {column}: {cells[row].strip()!r} {what}")
    return read.reindex(cells.index), problems


def currency_of(texts: Iterable[str]) -> str:
    """Name the currency that headers or figures have beside them, such as EUR; two of them in one file are refused."""
    form = r"[$€£¥]|(?<=.)\b(?:USD|EUR|GBP|JPY|CHF|HKD|SEK|CNY|CAD|AUD)\b"  # a column EUR is a series
    found = sorted({CURRENCIES.get(sign, sign) for text in texts for sign in re.findall(form, text)})
    refuse([f"prices in more than one currency: {', '.join(found)}; give one in a file"] if len(found) > 1 else [])
    return "".join(found)


def _bare_day(text: str) -> str:
    # without a weekday before the date and a time behind it
    text = re.sub(r"^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? +", "", text.strip(), flags=re.IGNORECASE)
    return re.sub(f"(?<=\\d){TIME}$", "", text)


def _written(cells: pd.Series, pattern: str, forms: Sequence[str]) -> pd.Series:
    # the cells that are written in one pattern, in the first of its forms that fits each
    like = cells.where(cells.str.fullmatch(pattern, flags=re.ASCII)).str.replace(r", *", ", ", regex=True)
    return _days(like, forms[0]).fillna(_days(like, forms[-1]))


def _days(texts: pd.Series, form: str) -> pd.Series:
    # days that a market may have had; the rest is missing
    days = pd.to_datetime(texts, format=form, errors="coerce", exact=True)
    return days.where(days.dt.year.between(1701, 2199))
