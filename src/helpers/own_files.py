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
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pandas as pd

from helpers import own_cells
from helpers.own_cells import DataError, in_file, is_day, refuse

ENDINGS = (".csv", ".txt", ".tsv", ".xlsx")
MOST_BYTES, MOST_ROWS, MOST_COLUMNS = 64_000_000, 200_000, 2_000
DATES = {
    "date", "timestamp", "time", "datetime", "day", "trade date", "trading day", "observation date", "dtyyyymmdd",
    "datadate", "datum", "fecha",
}  # fmt: skip
CLOSES = (
    "adj close", "adjusted close", "adjclose", "close adj", "close adjusted", "dividend adjusted close", "close",
    "close price", "closing price", "close/last", "price", "px last", "settle", "settlement price", "last", "last price",
    "nav", "value", "prc", "prccd", "schlusskurs", "schluss", "cloture", "clôture", "dernier", "cierre", "ultimo", "último", "chiusura",
)  # fmt: skip
TICKERS = {"symbol", "ticker", "name", "instrument", "ric", "code", "secid", "security", "tic", "permno"}
ALSO_TICKERS = {"value", "last", "price", "nav", "settle", "low", "open"}  # in capitals
NO_PRICES = {
    "open", "high", "low", "volume", "vol", "turnover", "open interest", "openint", "oi", "change", "change %", "chg", "chg%",
    "change percent", "return", "returns", "ret", "trades", "shares", "dividends", "dividend", "ex-dividend", "stock splits",
    "split ratio", "splits", "per", "adj open", "adj high", "adj low", "adj volume", "market cap", "bid", "ask", "vwap",
    "capital gains", "currency", "previous close", "prev close", "number of trades", "amount", "time",
    "eröffnung", "erster", "hoch", "tief", "umsatz", "volumen", "ouverture", "haut", "bas", "apertura", "máximo", "mínimo", "massimo", "minimo",
}  # fmt: skip
SERIES_NAMES = dict(GSPC="^GSPC", SP500="^GSPC", IXIC="^IXIC", NASDAQCOM="^IXIC", VIX="^VIX", VIXCLS="^VIX")
NAMELESS = r"(?i)historical ?data[_-]?\d*|data|table|download|export|prices?|quotes?|chart|history|untitled"
NO_TABLES = {
    rb"PK\x03\x04": "an Excel workbook under another ending; give it the ending .xlsx",
    rb"version https://git-lfs": "a Git LFS pointer, not the table; fetch it with `git lfs pull`",
    rb"[^<\w]*<(?:!doctype|html|head|body|\?xml|table)": "a web page, not a table; download the file again",
}


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


def price_files(folder: Path) -> list[Path]:
    """List the price files of a folder; what systems and editors leave behind, and `series.csv`, is passed over."""
    return sorted(
        path for path in folder.iterdir()
        if path.suffix.lower() in ENDINGS and not path.name.startswith((".", "~$")) and path.name != "series.csv" and not path.is_dir()
    )  # fmt: skip


def read(path: Path) -> OwnFile:
    """Read one file of daily closes; `DataError` lists every cell that has no reading, or two."""
    with in_file(path.name):
        head, table, dates, notes = _table(_lines(path))
        header, tickers, above = _header(head, dates)
        names = [_plain(name) for name in header]
        series = _price_columns(header, names, tickers, dates)
        days = own_cells.parse_dates(table[dates])
        columns = [own_cells.parse_numbers(table[place].rename(tickers.get(place, header[place]))) for place in series]
        refuse([problem for _, problems in columns for problem in problems][:10])
        frame, rows = pd.concat([values for values, _ in columns], axis=1).set_axis(days), table.index.to_numpy()
        others = (place for place, name in enumerate(names) if name in TICKERS and place not in (dates, *series))
        long = next(others, None) if len(series) == 1 else None
        if long is not None:
            frame, rows = _wide(frame.iloc[:, 0], table[long])
        elif len(series) == 1 and names[series[0]] in CLOSES and not tickers:
            frame.columns = [_file_series(path.stem)]
        frame.columns = pd.Index([_ticker(str(name)) for name in frame.columns])
        own_cells.check_names(frame.columns)
        refuse(f"two columns for {name}; keep one" for name in frame.columns[frame.columns.duplicated()][:1])
        priced = frame.notna().any(axis=1).to_numpy()
        if priced.any():
            frame, rows = frame[priced], rows[priced]
        if len(frame) > 1 and (np.diff(pd.DatetimeIndex(frame.index).asi8) < 0).all():
            frame, rows = frame.iloc[::-1], rows[::-1]
        _refuse_what_is_no_daily_price(frame)
        beside = [*(header[place] for place in series), *table[series].head(20).to_numpy().ravel()]
        if "currency" in names:
            beside += [f"in {cell}" for cell in table[names.index("currency")].unique()]
        currency = own_cells.currency_of(beside)
    left = tuple(name or "nameless" for place, name in enumerate(header) if place not in (dates, long, *series))
    taken = ", ".join(dict.fromkeys(header[place] for place in series)) if len(series) < 4 else f"{len(series)} columns"
    return OwnFile(frame, rows, taken, left, currency, (*notes, *above))


def _lines(path: Path) -> list[Row]:
    """Part a file into numbered rows of cells, empty ones left out; what is no table at all is refused by its name."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise DataError("no ordinary file")
    if path.stat().st_size > MOST_BYTES:
        raise DataError(f"{path.stat().st_size / 1e6:,.0f} MB; at most {MOST_BYTES / 1e6:.0f}")
    if path.suffix.lower() == ".xlsx":
        lines = _sheet(path)
    else:
        content = path.read_bytes()
        refuse(what for start, what in NO_TABLES.items() if re.match(start, content, re.IGNORECASE))
        lines = _parted(own_cells.decode(content))
    full = [(row, line) for row, line in lines if any(line)]
    if len(full) < 2:
        raise DataError("a header without rows" if full else "the file is empty")
    return full


def _parted(text: str) -> list[Row]:
    """Part text by the separator that most of its first lines have most of; Excel's own line `sep=;` may name it."""
    named = re.match(r'\ufeff?\s*"?sep=(.)"?\s*\n', text, re.IGNORECASE)
    sample = re.sub(r'"[^"]*"', "", "\n".join(text.splitlines()[:30]))
    separator = named[1] if named else max(",;\t|", key=sample.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=separator != "\t")
    try:
        lines = [(row, [cell.strip() for cell in line]) for row, line in enumerate(reader, 1)]
    except csv.Error as error:
        raise DataError(f"not a table: {error}") from error
    return lines[1:] if named else lines


def _sheet(path: Path) -> list[Row]:
    try:
        sheet = pd.read_excel(path, header=None, dtype=str, na_filter=False)
    except Exception as error:  # a damaged workbook fails in many ways
        raise DataError(f"not a workbook that can be read ({type(error).__name__}); save it as CSV") from error
    rows = enumerate(sheet.loc[:, (sheet != "").any()].itertuples(index=False), 1)  # a table may begin in column B
    return [(row, [cell.removesuffix(" 00:00:00").strip() for cell in line]) for row, line in rows]


def _table(lines: list[Row]) -> tuple[list[list[str]], pd.DataFrame, int, list[str]]:
    """Return the lines above a table, its cells by file row and column, the column of days, and what was left out below."""
    wide = Counter(len(line) for _, line in lines).most_common(1)[0][0]
    if wide > MOST_COLUMNS or len(lines) > MOST_ROWS:
        raise DataError(f"{len(lines):,} rows and {wide:,} columns; at most {MOST_ROWS:,} and {MOST_COLUMNS:,}")
    lines = [(row, _joined(line)) for row, line in lines]
    first, dates = _first_row(lines, wide)
    head, (body, notes) = [line for _, line in lines[:first]], _without_foot(lines[first:], dates)
    if not body:
        raise DataError("a header without rows")
    if not head:
        raise DataError("no header; name the columns in the first row, such as date,NVDA")
    # a separator at the end of each line makes a column without a name
    width = max((place for line in head for place, cell in enumerate(line, 1) if cell), default=0)
    odd = [(row, len(line)) for row, line in body if len(line) < width or any(line[width:])]
    quote = "write decimals with a point and thousands without a comma, or put such values in quotes"
    refuse(f"row {row}: {count} values under {width} column names; {quote}" for row, count in odd[:5])
    table = pd.DataFrame([line[:width] for _, line in body], [row for row, _ in body])
    return [line[:width] for line in head], table, dates, notes


def _first_row(lines: list[Row], wide: int) -> tuple[int, int]:
    """Find where the table begins, below its header, and which column holds the days."""
    dates = max(range(min(wide, 6)), key=lambda place: (sum(_is_day_at(line, place) for _, line in lines), -place))
    found = [place for place, (_, line) in enumerate(lines) if _is_day_at(line, dates)]
    cells = ((row, place, cell) for row, (_, line) in enumerate(lines[:10]) for place, cell in enumerate(line))
    header, named = next(((row, place) for row, place, cell in cells if _plain(cell) in DATES), (None, None))
    if header is None:
        if not found:
            raise DataError(f"no date column; its columns are {', '.join(lines[0][1])}")
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


def _is_day_at(line: list[str], place: int) -> bool:
    return len(line) > place and is_day(line[place])


def _joined(line: list[str]) -> list[str]:
    # "Feb 28, 2025" without quotes is two cells; together they are a day
    if len(line) > 1 and not is_day(line[0]) and re.fullmatch(r"\d{4}", line[1]) and is_day(f"{line[0]}, {line[1]}"):
        return [f"{line[0]}, {line[1]}", *line[2:]]
    return line


def _header(head: list[list[str]], dates: int) -> tuple[list[str], dict[int, str], list[str]]:
    """Find the row of names above a table, the tickers where yfinance writes several rows, and what else stands there."""
    by_first = {_plain(line[0]): line for line in head if line and line[0]}
    if "ticker" in by_first and len(head) > 1:
        tickers = by_first["ticker"]
        fields = by_first.get("price", ["", *["Close"] * (len(tickers) - 1)])
        return ["Date", *fields[1:]], dict(list(enumerate(tickers))[1:]), []
    named = [line for line in head if len(line) > dates and _plain(line[dates]) in DATES]
    chosen = named[-1] if named else head[-1]
    header = list(chosen)
    if len(header) > dates and not header[dates]:
        header[dates] = "date"
    if _plain(header[dates]) not in DATES and not named and dates:
        raise DataError(f"no date column; its columns are {', '.join(header)}")
    twice = sorted({name for name in header if header.count(name) > 1})
    refuse(f"more than one column is called {name or 'nothing'}" for name in twice[:1])
    above = [" ".join(line).strip()[:40] for line in head if line is not chosen]
    return header, {}, [f"{len(above)} lines above the header were left out, the first {above[0]!r}"] if above else []


def _price_columns(header: list[str], names: list[str], tickers: dict[int, str], dates: int) -> list[int]:
    """Choose the columns that hold prices: the closes of a table of fields, or each column of a table of series."""
    others = [place for place in range(len(header)) if place != dates]
    if not others:
        raise DataError("a date column but no series beside it")
    no_close = f"no close column; its columns are {', '.join(header)}"
    best = next((name for name in CLOSES if name in names), None)
    if tickers:
        refuse([] if best else [no_close])
        return [place for place in others if names[place] == best]
    known = NO_PRICES | TICKERS | set(CLOSES)
    rest = [place for place in others if names[place] and names[place] not in known and "%" not in names[place]]
    if best is not None:
        close = names.index(best)
        if len(rest) < 2 or best not in ALSO_TICKERS or not header[close].isupper():  # VALUE is a company too
            return [close]
    if not rest or (best is None and {"open", "high", "low"} <= set(names)):
        raise DataError(no_close)
    return [place for place in others if place in rest or (header[place].isupper() and names[place] in ALSO_TICKERS)]


def _wide(closes: pd.Series, tickers: pd.Series) -> tuple[pd.DataFrame, np.ndarray]:
    """Turn a row a day and ticker into a column a ticker."""
    refuse(f"row {row}: no ticker" for row in tickers.index[tickers == ""][:1])
    long = pd.DataFrame({"row": tickers.index, "date": closes.index, "ticker": tickers.array, "close": closes.array})
    twice = long[long.duplicated(["date", "ticker"])].head(1).itertuples()
    refuse(f"row {one.row}: {one.ticker} on {one.date:%Y-%m-%d} stands more than once" for one in twice)
    wide = long.pivot_table(index="date", columns="ticker", values="close").rename_axis(columns=None)
    return wide, long.groupby("date")["row"].first().to_numpy()


def _plain(name: str) -> str:
    # a column's name without case, brackets, stars, dots and underscores
    name = re.sub(r"\(.*?\)|[*<>]", "", name)
    return re.sub(r"[\s_.]+", " ", name).strip().lower()


def _file_series(stem: str) -> str:
    said = r"historical data|stock price history|historical prices|prices?|daily|us_d|us"
    stem = re.sub(rf"(?i)[ _-]+(?:{said})$", "", re.sub(r" ?\(\d+\)$", "", stem))
    if re.fullmatch(NAMELESS, stem):
        raise DataError("which series is it? Call the file by its ticker, such as NVDA.csv")
    return stem


def _ticker(name: str) -> str:
    name = re.sub(r"(?i)\.us$", "", name.strip())
    name = name.upper() if re.fullmatch(r"[a-z^][a-z0-9.^-]{0,9}", name) else name
    return SERIES_NAMES.get(name, name)


def _refuse_what_is_no_daily_price(frame: pd.DataFrame) -> None:
    days = pd.DatetimeIndex(frame.index)
    apart = np.abs(np.diff(days.asi8)) / 8.64e13
    if len(apart) > 5 and np.mean(apart == 0) > 0.5:
        raise DataError("several prices a day: the study needs one close a day")
    step = float(np.median(apart)) if len(apart) > 5 else 1.0
    if step >= 4:
        kind = "weekly" if step < 10 else "monthly" if step < 45 else "quarterly or yearly"
        raise DataError(f"{kind} prices (one in {step:.0f} days): the study needs a close a day")
    if days.max() > pd.Timestamp.now() + pd.Timedelta(days=1):
        raise DataError(f"{days.max():%Y-%m-%d} is still to come")
    for name in frame.columns:
        values = frame[name].dropna().to_numpy()
        if len(values) < 5:
            continue
        if np.median(np.abs(values)) < 0.5 and (values < 0).any():
            raise DataError(f"column {name} moves around zero: these look like returns, not prices")
        apart = values - values.mean()
        memory = float(apart[1:] @ apart[:-1]) / max(float(apart @ apart), 1e-30)
        if len(values) >= 20 and abs(values.mean() - 1) < 0.02 and 0 < values.std() < 0.1 and memory < 0.5:
            raise DataError(f"column {name} hops around one: these look like gross returns, not prices")
