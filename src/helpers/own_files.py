"""A person's own price files, as the usual sources export them: one reading of each file, or a refusal in words.

What a file may look like
-------------------------
Ending: ``.csv``. Text: UTF-8, with or without a byte order mark; UTF-16 with one; else Windows-1252.
Columns: parted by commas, semicolons or tabs, whichever the header has most of; each row as wide as the header.

Series: a date column, then either a column a series, or one series with a close column among others, which is
then called as the file (``GSPC``, ``IXIC``, ``VIX`` and FRED's ``SP500``, ``NASDAQCOM``, ``VIXCLS`` are the three
indexes; of ``nvda_us_d.csv``, as stooq names files, NVDA). Where a file has several close columns, the adjusted
one is taken.

Dates: one way of writing for the whole file: ``2025-01-27`` (a time and a zone may follow; the day is taken as
written), ``20250127``, ``2025/01/27``, ``27-Jan-2025``, ``27 January 2025``, ``Jan 27, 2025``. Dates such as
``01/27/2025`` or ``27.01.2025`` only where the file's days leave one reading. Oldest first, or strictly newest first.

Numbers: decimals with a point; a dollar sign before them and commas between thousands are taken off, the commas only
where the column shows somewhere that its decimals have a point. Nothing, ``.``, ``-``, ``N/A``, ``NA``, ``NaN``
and ``null`` are days without a price; a row without any price is left out.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd

DATE_SPELLINGS = (
    "date", "timestamp", "time", "datetime", "day", "trade date", "trading day", "observation date", "datum",
)  # fmt: skip
CLOSE_SPELLINGS = (
    "adj close", "adjusted close", "adjclose", "close", "close price", "closing price", "close/last", "price",
    "last", "last price", "nav", "value",
)  # fmt: skip
SERIES_NAMES = {
    "GSPC": "^GSPC", "IXIC": "^IXIC", "VIX": "^VIX", "SP500": "^GSPC", "NASDAQCOM": "^IXIC", "VIXCLS": "^VIX",
}  # fmt: skip
MISSING = {"", ".", "-", "--", "n/a", "na", "nan", "null", "none"}
NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
THOUSANDS = r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?"
DATE_FORMATS = (
    (r"\d{4}-\d{2}-\d{2}(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?(?:Z|UTC|[+-]\d{2}:?\d{2}))?)?", ("%Y-%m-%d",)),
    (r"\d{8}", ("%Y%m%d",)),
    (r"\d{4}/\d{1,2}/\d{1,2}", ("%Y/%m/%d",)),
    (r"\d{1,2}-[A-Za-z]{3,9}-\d{4}", ("%d-%b-%Y", "%d-%B-%Y")),
    (r"\d{1,2} [A-Za-z]{3,9} \d{4}", ("%d %b %Y", "%d %B %Y")),
    (r"[A-Za-z]{3,9} \d{1,2}, ?\d{4}", ("%b %d, %Y", "%B %d, %Y")),
)  # fmt: skip
NUMBERED_DAY = r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})"


class DataError(ValueError):
    """A file that cannot be used; the message lists every problem found in it."""


def read(path: Path) -> tuple[pd.DataFrame, np.ndarray]:
    """Read one file of daily closes, as described at the head of this module.

    Parameters
    ----------
    path : Path

    Returns
    -------
    closes : pd.DataFrame, shape (days, series)
        Indexed by date, oldest first where the file is strictly in either order, else as the file has it.
    rows : np.ndarray of int
        The row of the file that each day stands in, for messages.

    Raises
    ------
    DataError
        With every cell that has no reading, or that has two.
    """
    header, body, rows = _cells(path)
    dates, series = _columns(path, header)
    table = {header[place]: [cells[place] for cells in body] for place in (dates, *series)}
    days, problems = parse_dates(table[header[dates]], rows, path.name)
    closes = {}
    for place in series:
        name = header[place]
        closes[name], found = parse_numbers(table[name], rows, f"{path.name}: ", name)
        problems += found
    if problems:
        raise DataError("\n".join(problems))
    if len(series) == 1 and _plain(header[series[0]]) in CLOSE_SPELLINGS:
        closes = {_file_series(path): closes[header[series[0]]]}
    frame = pd.DataFrame(closes, index=pd.DatetimeIndex(days, name="date"))
    frame.columns = pd.Index([SERIES_NAMES.get(str(name), str(name)) for name in frame.columns])
    if frame.columns.has_duplicates:
        raise DataError(f"{path.name}: two columns for {frame.columns[frame.columns.duplicated()][0]}; keep one")
    priced = frame.notna().any(axis=1).to_numpy()
    if priced.any():
        frame, rows = frame[priced], rows[priced]
    if len(frame) > 1 and (np.diff(pd.DatetimeIndex(frame.index).asi8) < 0).all():
        frame, rows = frame.iloc[::-1], rows[::-1]
    return frame, rows


def decode(content: bytes, name: str) -> str:
    r"""Return a file's text.

    Examples
    --------
    >>> decode("Größe".encode("utf-16"), "a.csv"), decode(b"Gr\xf6\xdfe", "a.csv")
    ('Größe', 'Größe')
    """
    encodings = ["utf-8-sig", "cp1252"]
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not re.search(r"[\x00-\x08\x0e-\x1f]", text):
            return text
    raise DataError(f"{name}: not UTF-8 text, nor UTF-16, nor Windows-1252; save it again as CSV UTF-8")


def parse_dates(
    texts: Sequence[str], rows: Sequence[int] | np.ndarray, name: str
) -> tuple[list[pd.Timestamp], list[str]]:
    """Read a column of dates in the one way in which all of it can be read.

    Parameters
    ----------
    texts : sequence of str
    rows : sequence of int
        Row of each text, for messages.
    name : str
        The file, for messages.

    Returns
    -------
    days : list of Timestamp
    problems : list of str
        What has no reading or two; then `days` are of no use.

    Examples
    --------
    >>> days, problems = parse_dates(["1/24/2025", "1/27/2025"], [2, 3], "a.csv")
    >>> [f"{day:%Y-%m-%d}" for day in days]
    ['2025-01-24', '2025-01-27']
    >>> parse_dates(["1/2/2025", "1/3/2025"], [2, 3], "a.csv")[1]
    ["a.csv: '1/2/2025' may be 2025-01-02 or 2025-02-01, and no other row decides; write dates as 2025-01-27"]
    """  # fmt: skip
    texts = [text.strip() for text in texts]
    empty = [f"{name}: row {row}: no date" for row, text in zip(rows, texts, strict=True) if not text]
    if empty:
        return [], empty[:5]
    readings = [_read_days(texts, pattern, formats) for pattern, formats in DATE_FORMATS]
    best = max(readings, key=lambda days: sum(day is not None for day in days))
    parted = [re.fullmatch(NUMBERED_DAY, text, re.ASCII) for text in texts]
    if sum(match is not None for match in parted) > sum(day is not None for day in best):
        month_first = [_day(match, month=1, day=3) for match in parted]
        day_first = [_day(match, month=3, day=1) for match in parted]
        whole = [days for days in (month_first, day_first) if None not in days]
        if len(whole) == 2 and month_first != day_first:
            place = next(i for i, day in enumerate(month_first) if day != day_first[i])
            return [], [
                f"{name}: {texts[place]!r} may be {month_first[place]:%Y-%m-%d} or {day_first[place]:%Y-%m-%d}, "
                "and no other row decides; write dates as 2025-01-27"
            ]
        best = whole[0] if whole else max(
            (month_first, day_first), key=lambda days: sum(day is not None for day in days)
        )  # fmt: skip
    problems = [
        f"{name}: row {row}, column date: {text!r} is not a date"
        f"{', or not written as the others are' if any(best) else ''}; write it as 2025-01-27"
        for row, text, day in zip(rows, texts, best, strict=True)
        if day is None
    ]
    return [day for day in best if day is not None], problems[:5]


def parse_numbers(
    texts: Sequence[str], rows: Sequence[int] | np.ndarray, file: str, column: str
) -> tuple[np.ndarray, list[str]]:
    """Read a column of prices; decimals have a point.

    Parameters
    ----------
    texts : sequence of str
    rows : sequence of int
        Row of each text, for messages.
    file, column : str
        What messages begin with, and the column's name.

    Returns
    -------
    values : np.ndarray of float
        Missing prices are NaN.
    problems : list of str

    Examples
    --------
    >>> parse_numbers(["$987.2", "$1,012.5", "N/A"], [2, 3, 4], "", "close")[0].tolist()
    [987.2, 1012.5, nan]
    >>> parse_numbers(["1,012"], [2], "", "close")[1]
    ["row 2, column close: '1,012' may be a thousand or a decimal comma; write it without the comma"]
    """  # fmt: skip
    cells = [re.sub(r"^([+-]?)\$ ?", r"\1", text.strip()) for text in texts]
    # A point after a comma, or a point in a plain number, shows that commas of this column part thousands.
    shown = any(re.fullmatch(THOUSANDS, cell) and "." in cell for cell in cells) or any(
        re.fullmatch(NUMBER, cell) and "." in cell for cell in cells
    )
    values, problems = np.full(len(cells), np.nan), []
    for place, cell in enumerate(cells):
        thousands = re.fullmatch(THOUSANDS, cell) is not None
        if cell.lower() in MISSING:
            continue
        if re.fullmatch(NUMBER, cell) or (thousands and (shown or cell.count(",") > 1)):
            values[place] = float(cell.replace(",", ""))
            continue
        what = "is not a number"
        if thousands:
            what = "may be a thousand or a decimal comma; write it without the comma"
        elif re.fullmatch(r"[+-]?[0-9.]*,[0-9]*", cell):
            what = "is not a number; write decimals with a point"
        problems.append(f"{file}row {rows[place]}, column {column}: {texts[place].strip()!r} {what}")
    return values, problems[:5]


def _cells(path: Path) -> tuple[list[str], list[list[str]], np.ndarray]:
    """Part a file's text into header, rows and the number of each row."""
    text = decode(path.read_bytes(), path.name)
    if not text.strip():
        raise DataError(f"{path.name}: the file is empty")
    if text.lstrip().startswith("<"):
        raise DataError(f"{path.name}: a web page, not a table; download the file again")
    first = re.sub(r'"[^"]*"', "", text.lstrip().splitlines()[0])
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=separator != "\t")
    try:
        lines = list(enumerate(reader, 1))
    except csv.Error as error:
        raise DataError(f"{path.name}: not a table: {error}") from error
    full = [(row, [cell.strip() for cell in line]) for row, line in lines if any(map(str.strip, line))]
    header, body = full[0][1], full[1:]
    while header and not header[-1]:  # a separator at the end of every line
        header = header[: len(header) - 1]
    if not body:
        raise DataError(f"{path.name}: a header without rows")
    odd = [
        f"{path.name}: row {row}: {len(line)} values under {len(header)} column names; "
        "write decimals with a point and thousands without a comma, or put such values in quotes"
        for row, line in body
        if len(line) < len(header) or any(line[len(header) :])
    ]
    if odd:
        raise DataError("\n".join(odd[:5]))
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise DataError(f"{path.name}: more than one column is called {twice[0] or 'nothing'}")
    return header, [line for _, line in body], np.array([row for row, _ in body])


def _columns(path: Path, header: list[str]) -> tuple[int, list[int]]:
    """Return the places of the date column and of the columns of closes."""
    spelled = {_plain(name): place for place, name in reversed(list(enumerate(header)))}
    listed = ", ".join(header)
    dates = next((spelled[name] for name in DATE_SPELLINGS if name in spelled), None)
    if dates is None:
        raise DataError(f"{path.name}: no date column; its columns are {listed}")
    close = next((spelled[name] for name in CLOSE_SPELLINGS if name in spelled), None)
    if close is not None:
        return dates, [close]
    if {"open", "high", "low"} & set(spelled):
        raise DataError(f"{path.name}: no close column; its columns are {listed}")
    series = [place for place in range(len(header)) if place != dates]
    if not series:
        raise DataError(f"{path.name}: a date column but no series beside it")
    return dates, series


def _plain(name: str) -> str:
    """Return a column's name without case, underscores, stars and a unit in brackets."""
    return re.sub(r"[\s_]+", " ", re.sub(r"\(.*?\)|\*", "", name)).strip().lower()


def _file_series(path: Path) -> str:
    stooq = re.fullmatch(r"([a-z.^-]+)_us_d", path.stem)
    return stooq[1].upper() if stooq else path.stem


def _read_days(texts: Sequence[str], pattern: str, formats: Sequence[str]) -> list[pd.Timestamp | None]:
    days: list[pd.Timestamp | None] = []
    for text in texts:
        found = None
        if re.fullmatch(pattern, text, re.ASCII):
            short = text[:10] if formats == ("%Y-%m-%d",) else text.replace(",", ", ").replace("  ", " ")
            found = next((day for form in formats if (day := _written_day(short, form)) is not None), None)
        days.append(found)
    return days


def _written_day(text: str, form: str) -> pd.Timestamp | None:
    try:
        return _timestamp(datetime.strptime(text, form))
    except ValueError:
        return None


def _timestamp(day: datetime) -> pd.Timestamp | None:
    """Return a day that a market may have had; pandas counts days of some other centuries differently."""
    return pd.Timestamp(day) if 1700 < day.year < 2200 else None


def _day(match: re.Match[str] | None, month: int, day: int) -> pd.Timestamp | None:
    if match is None:
        return None
    try:
        return _timestamp(datetime(int(match[4]), int(match[month]), int(match[day])))
    except ValueError:
        return None
