"""A person's own price files, as the usual sources export them: one reading of each file, or a refusal in words.

Endings: ``.csv``, ``.txt``, ``.tsv``, ``.xlsx`` (first sheet). A table has a column of days and either a column a
series, or one series with a close among other columns (then called as its file or as its Symbol column says), or a
row a day and ticker. Lines above and below the table are left out and named; a header of several rows, as yfinance
writes it, is read. The adjusted close goes before the close; volume, turnover, open interest, changes, returns and
the like are never taken for prices. Several writings of days and numbers are read (`own_cells`), each file in one way.
"""

from __future__ import annotations

import csv
import io
import re
import stat
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pandas as pd

from helpers.own_cells import DataError, check_names, currency_of, decode, is_day, parse_dates, parse_numbers

__all__ = ["DataError", "OwnFile", "price_files", "read"]

ENDINGS = (".csv", ".txt", ".tsv", ".xlsx")
MOST_BYTES, MOST_ROWS, MOST_COLUMNS = 64_000_000, 200_000, 2_000
DATES = {
    "date", "timestamp", "time", "datetime", "day", "trade date", "trading day", "observation date", "datum", "dtyyyymmdd",
}  # fmt: skip
CLOSES = (
    "adj close", "adjusted close", "adjclose", "close adj", "close adjusted", "dividend adjusted close", "close",
    "close price", "closing price", "close/last", "price", "px last", "settle", "settlement price", "last", "last price",
    "nav", "value",
)  # fmt: skip
TICKERS = {"symbol", "ticker", "name", "instrument", "ric", "code", "secid", "security"}
ALSO_TICKERS = {"value", "last", "price", "nav", "settle"}
NO_PRICES = {
    "open", "high", "low", "volume", "vol", "turnover", "open interest", "openint", "oi", "change", "change %", "chg", "chg%",
    "change percent", "return", "returns", "ret", "trades", "shares", "dividends", "dividend", "ex-dividend", "stock splits",
    "split ratio", "splits", "per", "adj open", "adj high", "adj low", "adj volume", "market cap", "bid", "ask", "vwap",
    "capital gains", "currency", "previous close", "prev close", "number of trades", "amount", "time",
}  # fmt: skip
SERIES_NAMES = {
    "GSPC": "^GSPC", "IXIC": "^IXIC", "VIX": "^VIX", "SP500": "^GSPC", "NASDAQCOM": "^IXIC", "VIXCLS": "^VIX",
}  # fmt: skip
NAMELESS = (
    r"(?i)historicaldata[_-]?\d*|data|table|download|export|prices?|quotes?|chart|history|historical ?data|untitled"
)


Row: TypeAlias = tuple[int, list[str]]  # the number of a row in its file, and its cells


@dataclass(frozen=True)
class OwnFile:
    """What one file holds, and what was understood of it."""

    closes: pd.DataFrame  # shape (days, series), oldest first where the file is strictly in either order
    rows: np.ndarray  # the row of the file that each day stands in
    taken: str  # the columns that were read as prices
    left: tuple[str, ...] = ()  # columns that were not
    currency: str = ""
    notes: tuple[str, ...] = ()


@dataclass
class Grid:
    """The cells of a file and the rows that they stand in, lines above the header kept apart."""

    head: list[list[str]]
    body: list[list[str]]
    rows: list[int]
    dates: int  # the column of days
    notes: list[str] = field(default_factory=list)


def price_files(folder: Path) -> list[Path]:
    """List the price files of a folder; what systems and editors leave behind, and `series.csv`, is passed over."""
    return sorted(
        path for path in folder.iterdir()
        if path.suffix.lower() in ENDINGS and not path.name.startswith((".", "~$")) and path.name != "series.csv" and not path.is_dir()
    )  # fmt: skip


def read(path: Path) -> OwnFile:
    """Read one file of daily closes; `DataError` lists every cell that has no reading, or two."""
    grid = _grid(path)
    header, tickers = _header(path, grid)
    names = [_plain(name) for name in header]
    series = _price_columns(path, header, names, tickers, grid.dates)
    days, problems = parse_dates([line[grid.dates] for line in grid.body], grid.rows, path.name)
    if problems:
        raise DataError("\n".join(problems))
    columns: dict[int, np.ndarray] = {}
    for place in series:
        texts = [line[place] for line in grid.body]
        columns[place], found = parse_numbers(texts, grid.rows, f"{path.name}: ", header[place])
        problems += found
    if problems:
        raise DataError("\n".join(problems[:10]))
    frame = pd.DataFrame(columns, index=pd.DatetimeIndex(days, name="date"))
    frame.columns = pd.Index([tickers.get(place, header[place]) for place in series])
    rows = np.array(grid.rows)
    long = next(
        (place for place, name in enumerate(names) if name in TICKERS and place not in (grid.dates, *series)), None
    )
    if long is not None and len(series) == 1:
        frame, rows = _wide(path, frame, [line[long] for line in grid.body], rows)
    elif len(series) == 1 and names[series[0]] in CLOSES and not tickers:
        frame.columns = pd.Index([_file_series(path)])
    frame.columns = pd.Index([_ticker(str(name)) for name in frame.columns])
    check_names(frame.columns, path.name)
    if frame.columns.has_duplicates:
        raise DataError(f"{path.name}: two columns for {frame.columns[frame.columns.duplicated()][0]}; keep one")
    priced = frame.notna().any(axis=1).to_numpy()
    if priced.any():
        frame, rows = frame[priced], rows[priced]
    if len(frame) > 1 and (np.diff(pd.DatetimeIndex(frame.index).asi8) < 0).all():
        frame, rows = frame.iloc[::-1], rows[::-1]
    _refuse_what_is_no_daily_price(path, frame)
    left = tuple(
        header[place] for place in range(len(header)) if place not in (grid.dates, long, *series) and header[place]
    )
    cells = [*header, *(line[series[0]] for line in grid.body[:20])]
    taken = ", ".join(dict.fromkeys(header[place] for place in series)) if len(series) < 4 else f"{len(series)} columns"
    return OwnFile(frame, rows, taken, left, currency_of(cells), tuple(grid.notes))


def _grid(path: Path) -> Grid:
    """Part the rows of a file into those above the table, the table, and what stands below it."""
    lines = _lines(path)
    wide = Counter(len(line) for _, line in lines).most_common(1)[0][0]
    if wide > MOST_COLUMNS or len(lines) > MOST_ROWS:
        raise DataError(
            f"{path.name}: {len(lines):,} rows and {wide:,} columns; at most {MOST_ROWS:,} and {MOST_COLUMNS:,}"
        )
    lines = [(row, _joined(line, wide)) for row, line in lines]
    first, dates = _first_row(path, lines, wide)
    head, body = [line for _, line in lines[:first]], lines[first:]
    if not body:
        raise DataError(f"{path.name}: a header without rows")
    if not head:
        raise DataError(f"{path.name}: no header; name the columns in the first row, such as date,NVDA")
    body, notes = _without_foot(body, dates)
    # a separator at the end of each line makes a column without a name
    width = max((place for line in head for place, cell in enumerate(line, 1) if cell), default=0)
    odd = [
        f"{path.name}: row {row}: {len(line)} values under {width} column names; "
        "write decimals with a point and thousands without a comma, or put such values in quotes"
        for row, line in body
        if len(line) < width or any(line[width:])
    ]
    if odd:
        raise DataError("\n".join(odd[:5]))
    return Grid([line[:width] for line in head], [line for _, line in body], [row for row, _ in body], dates, notes)


def _first_row(path: Path, lines: list[Row], wide: int) -> tuple[int, int]:
    """Find where the table begins, below its header, and which column holds the days."""
    dates = max(range(min(wide, 6)), key=lambda place: (sum(_is_day_at(line, place) for _, line in lines), -place))
    found = [place for place, (_, line) in enumerate(lines) if _is_day_at(line, dates)]
    cells = ((row, place, cell) for row, (_, line) in enumerate(lines[:10]) for place, cell in enumerate(line))
    header, named = next(((row, place) for row, place, cell in cells if _plain(cell) in DATES), (None, None))
    if header is None:
        if not found:
            raise DataError(f"{path.name}: no date column; its columns are {', '.join(lines[0][1])}")
        return found[0], dates
    if not found or (len(found) < len(lines) / 2 and named != dates):
        return header + 1, int(named or 0)  # days as Excel's numbers, or written in no known way
    several = any(_plain(line[0]) in ("ticker", "price") for _, line in lines[: found[0]])  # yfinance's rows of names
    return (header + 1 if named == dates and header < found[0] and not several else found[0]), dates


def _without_foot(body: list[Row], dates: int) -> tuple[list[Row], list[str]]:
    """Leave out lines below the table and rows of dividends and splits, and say so."""
    notes = []
    while len(body) > 1 and not _is_day_at(body[-1][1], dates) and sum(map(bool, body[-1][1])) <= 1:
        row, line = body.pop()
        notes.append(f"row {row}, {' '.join(line).strip()[:40]!r}, is no row of the table and was left out")
    spoken = [row for row, line in body if re.search(r"(?i)\b(dividend|split)\b", " ".join(line))]
    if spoken:
        notes.append(f"{len(spoken)} rows of dividends or splits were left out, the first in row {spoken[0]}")
    left = set(spoken)
    return [(row, line) for row, line in body if row not in left], notes


def _lines(path: Path) -> list[Row]:
    """Part a file into numbered rows of cells; what is no table at all is refused by its name."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise DataError(f"{path.name}: no ordinary file")
    if path.stat().st_size > MOST_BYTES:
        raise DataError(f"{path.name}: {path.stat().st_size / 1e6:,.0f} MB; at most {MOST_BYTES / 1e6:.0f}")
    content = path.read_bytes()
    if path.suffix.lower() == ".xlsx":
        lines = _sheet(path)
    else:
        if content.startswith(b"PK\x03\x04"):
            raise DataError(f"{path.name}: an Excel workbook under another ending; call it {path.stem}.xlsx")
        if content.startswith(b"version https://git-lfs"):
            raise DataError(f"{path.name}: a Git LFS pointer, not the table; fetch it with `git lfs pull`")
        text = decode(content, path.name)
        if re.match(r"\s*<(?:!doctype|html|head|body|\?xml|table)", text, re.IGNORECASE):
            raise DataError(f"{path.name}: a web page, not a table; download the file again")
        lines = _parted(path, text)
    full = [(row, cells) for row, cells in lines if any(cells)]
    if not full:
        raise DataError(f"{path.name}: the file is empty")
    if len(full) == 1:
        raise DataError(f"{path.name}: a header without rows")
    return full


def _parted(path: Path, text: str) -> list[Row]:
    """Part text by the separator that most of its first lines have most of; Excel's own line `sep=;` may name it."""
    first = text.lstrip("\ufeff").split("\n", 1)[0].strip()
    named = re.fullmatch(r'"?sep=(.)"?', first, re.IGNORECASE)
    sample = re.sub(r'"[^"]*"', "", "\n".join(text.splitlines()[:30]))
    separator = named[1] if named else max(",;\t|", key=sample.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=separator != "\t")
    try:
        lines = [(row, [cell.strip() for cell in line]) for row, line in enumerate(reader, 1)]
    except csv.Error as error:
        raise DataError(f"{path.name}: not a table: {error}") from error
    return lines[1:] if named else lines


def _sheet(path: Path) -> list[Row]:
    from openpyxl import load_workbook  # half a second to import, and few need it

    try:
        sheet = load_workbook(path, read_only=True, data_only=True).worksheets[0]
        rows = [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    except Exception as error:  # a damaged workbook fails in many ways
        raise DataError(
            f"{path.name}: not a workbook that can be read ({type(error).__name__}); save it as CSV"
        ) from error
    return [(place, [cell.removesuffix(" 00:00:00").strip() for cell in row]) for place, row in enumerate(rows, 1)]


def _is_day_at(line: list[str], place: int) -> bool:
    return len(line) > place and is_day(line[place])


def _joined(line: list[str], wide: int) -> list[str]:
    # "Feb 28, 2025" without quotes is two cells; together they are a day
    if len(line) > 1 and not is_day(line[0]) and re.fullmatch(r"\d{4}", line[1]) and is_day(f"{line[0]}, {line[1]}"):
        return [f"{line[0]}, {line[1]}", *line[2:]]
    return line


def _header(path: Path, grid: Grid) -> tuple[list[str], dict[int, str]]:
    """Find the row of names among the lines above the table, and the tickers where yfinance writes several rows."""
    by_first = {_plain(line[0]): line for line in grid.head if line and line[0]}
    width = len(grid.head[-1])
    if "ticker" in by_first and len(grid.head) > 1:
        tickers = by_first["ticker"]
        fields = by_first.get("price", ["", *["Close"] * (width - 1)])
        return ["Date", *fields[1:]], {p: tickers[p] for p in range(1, width)} if len(tickers) >= width else {}
    named = [line for line in grid.head if len(line) > grid.dates and _plain(line[grid.dates]) in DATES]
    chosen = named[-1] if named else grid.head[-1]
    header = list(chosen)
    if len(header) > grid.dates and not header[grid.dates]:
        header[grid.dates] = "date"
    above = [line for line in grid.head if line is not chosen]
    if above:
        grid.notes.append(
            f"{len(above)} lines above the header were left out, the first {' '.join(above[0]).strip()[:40]!r}"
        )
    if _plain(header[grid.dates]) not in DATES and not named and grid.dates:
        raise DataError(f"{path.name}: no date column; its columns are {', '.join(header)}")
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise DataError(f"{path.name}: more than one column is called {twice[0] or 'nothing'}")
    return header, {}


def _price_columns(path: Path, header: list[str], names: list[str], tickers: dict[int, str], dates: int) -> list[int]:
    """Choose the columns that hold prices: the closes of a table of fields, or each column of a table of series."""
    others = [place for place in range(len(header)) if place != dates]
    if not others:
        raise DataError(f"{path.name}: a date column but no series beside it")
    if tickers:
        best = next((name for name in CLOSES if name in [names[p] for p in others]), None)
        chosen = [place for place in others if names[place] == best]
        if not chosen:
            raise DataError(f"{path.name}: no close column; its columns are {', '.join(header)}")
        return chosen
    rest = [p for p in others if not names[p] or names[p] not in NO_PRICES | TICKERS | set(CLOSES)]
    close = next((names.index(name) for name in CLOSES if name in names), None)
    shared = close is not None and header[close].isupper() and names[close] in ALSO_TICKERS  # VALUE is a company too
    if close is not None and not (shared and len(rest) > 1):
        return [close]
    if not rest or (close is None and {"open", "high", "low"} <= set(names)):
        raise DataError(f"{path.name}: no close column; its columns are {', '.join(header)}")
    return [p for p in others if p in rest or (header[p].isupper() and names[p] not in TICKERS)]


def _wide(path: Path, frame: pd.DataFrame, tickers: list[str], rows: np.ndarray) -> tuple[pd.DataFrame, np.ndarray]:
    """Turn a row a day and ticker into a column a ticker."""
    if not all(tickers):
        raise DataError(f"{path.name}: row {rows[tickers.index('')]}: no ticker")
    long = pd.DataFrame({"day": frame.index, "ticker": tickers, "close": frame.iloc[:, 0].to_numpy(), "row": rows})
    twice = long[long.duplicated(["day", "ticker"])]
    if len(twice):
        one = twice.iloc[0]
        raise DataError(
            f"{path.name}: row {one['row']}: {one['ticker']} on {one['day']:%Y-%m-%d} stands more than once"
        )
    wide = long.pivot_table(index="day", columns="ticker", values="close").rename_axis("date")
    return wide.rename_axis(None, axis=1), long.groupby("day")["row"].first().to_numpy()


def _plain(name: str) -> str:
    # a column's name without case, brackets, stars, dots and underscores
    name = re.sub(r"\(.*?\)|[*<>]", "", name)
    return re.sub(r"[\s_.]+", " ", name).strip().lower()


def _file_series(path: Path) -> str:
    stem = re.sub(r" ?\(\d+\)$", "", path.stem)
    stem = re.sub(
        r"(?i)[ _-]+(?:historical data|stock price history|historical prices|prices?|daily|us_d|us)$", "", stem
    )
    if re.fullmatch(NAMELESS, stem):
        raise DataError(f"{path.name}: which series is it? Call the file by its ticker, such as NVDA.csv")
    return stem


def _ticker(name: str) -> str:
    name = re.sub(r"(?i)\.us$", "", name.strip())
    name = name.upper() if re.fullmatch(r"[a-z^][a-z0-9.^-]{0,9}", name) else name
    return SERIES_NAMES.get(name, name)


def _refuse_what_is_no_daily_price(path: Path, frame: pd.DataFrame) -> None:
    days = pd.DatetimeIndex(frame.index)
    apart = np.abs(np.diff(days.asi8)) / 8.64e13
    if len(apart) > 5 and np.mean(apart == 0) > 0.5:
        raise DataError(f"{path.name}: several prices a day: the study needs one close a day")
    step = float(np.median(apart)) if len(apart) > 5 else 1.0
    if step >= 4:
        kind = "weekly" if step < 10 else "monthly" if step < 45 else "quarterly or yearly"
        raise DataError(f"{path.name}: {kind} prices (one in {step:.0f} days): the study needs a close a day")
    if len(days) and days.max() > pd.Timestamp.now() + pd.Timedelta(days=1):
        raise DataError(f"{path.name}: {days.max():%Y-%m-%d} is still to come")
    for name in frame.columns:
        values = frame[name].dropna().to_numpy()
        if len(values) < 5:
            continue
        if np.median(np.abs(values)) < 0.5 and (values < 0).any():
            raise DataError(f"{path.name}: column {name} moves around zero: these look like returns, not prices")
        apart = values - values.mean()
        memory = float(apart[1:] @ apart[:-1]) / max(float(apart @ apart), 1e-30)
        if len(values) >= 20 and abs(values.mean() - 1) < 0.02 and 0 < values.std() < 0.1 and memory < 0.5:
            raise DataError(f"{path.name}: column {name} hops around one: these look like gross returns, not prices")
