"""Where the figures come from: bundled files, a person's own folder, and the checks both must pass."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from helpers import own_files
from helpers.own_cells import DataError, check_names

ERAS = {"ai": "prices_daily_2022_2026", "dotcom": "prices_daily_1995_2003"}
ERA_YEARS = {"ai": (2010, 2100), "dotcom": (1960, 2009)}
LONGEST_GAP, LONGEST_REST = 5, 10  # trading days without a price; without a change
LARGEST_MOVE = 0.40
OWN_COLUMNS = ["name", "short", "group", "shares_mn"]  # of a person's own series.csv
SPLITS = (3 / 2, 2, 3, 4, 5, 7, 8, 10, 15, 20, 25, 50)
CALENDARS = {
    "XNYS": "New York",
    "XLON": "London",
    "XETR": "Frankfurt",
    "XPAR": "Paris",
    "XAMS": "Amsterdam",
    "XTKS": "Tokyo",
    "XHKG": "Hong Kong",
}


@dataclass(frozen=True)
class Prices:
    """Daily closes and what was noticed about them."""

    closes: pd.DataFrame  # shape (trading days, series), USD or index points, sorted and unique
    warnings: tuple[str, ...] = ()
    origin: dict[str, str] = field(default_factory=dict)


def project_root() -> Path:
    """Return the repository's root, found upwards from the working folder or from this file."""
    named = os.environ.get("STUDY_ROOT")
    starts = [Path(named)] if named else [Path.cwd(), Path(__file__).resolve()]
    for start in starts:
        for folder in (start, *start.parents):
            if (folder / "data" / "raw" / "datapackage.json").is_file():
                return folder
    raise DataError("data/raw/datapackage.json was not found here or above: start from the repository's folder")


def raw_folder() -> Path:
    """Return the folder of the figures of record."""
    return project_root() / "data" / "raw"


@cache
def _passport(path: Path, _stamp: int) -> dict[str, dict[str, Any]]:
    return {item["name"]: item for item in json.loads(path.read_text(encoding="utf-8"))["resources"]}


def passport(folder: Path | None = None) -> dict[str, dict[str, Any]]:
    """Return the data passport: file name without ending -> title, fields, units, sources, sha256."""
    path = (folder or raw_folder()) / "datapackage.json"
    return _passport(path, path.stat().st_mtime_ns)


def trading_days(first: Any, last: Any, calendar: str = "XNYS") -> pd.DatetimeIndex:
    """Return an exchange's trading days from `first` to `last`, both included; the unplanned closings are known."""
    first, last = pd.Timestamp(first), pd.Timestamp(last)
    margin = pd.Timedelta(days=10)
    sessions = _sessions(calendar, first - margin, max(last, first) + margin)
    return sessions[(sessions >= first) & (sessions <= last)]


@lru_cache(maxsize=32)
def _sessions(calendar: str, start: pd.Timestamp, end: pd.Timestamp) -> pd.DatetimeIndex:
    import exchange_calendars

    return pd.DatetimeIndex(exchange_calendars.get_calendar(calendar, start=start, end=end).sessions)


def load_table(name: str, folder: Path | None = None) -> pd.DataFrame:
    """Read one bundled table as its passport describes it; `DataError` lists all problems of the file at once.

    In ``shiller_monthly`` a 0 that stands for "not yet known" is missing.
    """
    folder = folder or raw_folder()
    known = passport(folder)
    if name not in known:
        raise DataError(f"no table {name!r}; there are: {', '.join(sorted(known))}")
    resource = known[name]
    path = folder / resource["path"]
    if not path.is_file():
        raise DataError(f"{path.name} is missing from data/raw: restore it with `git checkout data/raw/{path.name}`")
    fields = {item["name"]: item["type"] for item in resource["schema"]["fields"]}
    table = _read_csv(path)
    problems = _column_problems(path, list(table.columns), list(fields))
    if not problems:
        table, problems = _parse(path, table, fields)
        key = resource["schema"].get("primaryKey")
        if key and not problems:
            problems += _duplicates(path, table, [key] if isinstance(key, str) else key)
    content = hashlib.sha256(path.read_bytes()).hexdigest()
    if resource.get("hash") != f"sha256:{content}":
        problems.append(
            f"{path.name}: checksum differs from datapackage.json; if the change is meant, run `python data/passport.py`"
        )
    _refuse(problems)
    if name == "shiller_monthly":
        table = table.replace({column: {0.0: np.nan} for column in table.columns if column != "date"})
    if resource.get("kind") in ("prices", "monthly", "quarterly"):
        table = table.set_index("date")
    return table


def load_prices(source: str = "bundled", era: str = "ai", calendar: str = "XNYS") -> Prices:
    """Read the daily closes of one era from a source and check them; `DataError` names every problem of every file.

    ``"bundled"``: the figures of record. ``"folder:PATH"``: a person's own files (see `own_files`); an era that they
    do not hold is the bundled one, with a warning. ``"snapshot:NAME"``: what ``refresh`` fetched.
    ``"bundled+folder:PATH"``: the bundled series, those of the folder added or put in their place, each series whole
    from one source. Own years from 2010 on are of the era ``"ai"``, those before of ``"dotcom"``; `calendar` is the
    exchange that own files follow, such as ``"XETR"``.
    """
    if era not in ERAS:
        raise DataError(f"unknown era {era!r}: use 'ai' or 'dotcom'")
    parts = source.split("+")
    merged: pd.DataFrame | None = None
    warnings: list[str] = []
    origin: dict[str, str] = {}
    money: dict[str, str] = {}  # each currency that is named, with a series in it
    for part in parts:
        label = f"data/raw/{ERAS[era]}.csv"
        if part == "bundled":
            closes = load_table(ERAS[era])
            notes = check_prices(closes, f"{ERAS[era]}.csv")
            money.setdefault("USD", "the bundled series")
        else:
            closes, notes, own_money = _read_folder(source_folder(part), era, calendar)
            money = own_money | money
            if closes.empty and len(parts) == 1:
                years = "the dot-com years" if era == "dotcom" else "the AI years"
                closes, notes = (
                    load_table(ERAS[era]),
                    [f"the source has no prices of {years}; the bundled ones stand in"],
                )
            else:
                label = part.partition(":")[2] if part.startswith("snapshot:") else "own files"
        merged = closes if merged is None else _overlay(merged, closes)
        warnings += notes
        origin |= dict.fromkeys(closes.columns, label)
    if len(money) > 1:
        both = ", ".join(f"{name} in {currency}" for currency, name in money.items())
        raise DataError(f"prices in more than one currency: {both}; give all of them in one, or use folder:PATH alone")
    return Prices(merged, tuple(warnings), origin)


def codebook_of(source: str = "bundled") -> pd.DataFrame:
    """Return the codebook of all series of a source: the bundled one, and above it the `series.csv` of own folders.

    An own row has `series` and any of `name`, `short`, `group` and `shares_mn` (shares outstanding, millions); a series
    that no row names is called as it is.
    """
    table = load_table("series").set_index("series")
    for part in source.split("+"):
        path = source_folder(part) / "series.csv" if part != "bundled" else Path()
        if not path.is_file():
            continue
        own = _read_csv(path)
        strange = [name for name in own.columns if name not in ("series", *OWN_COLUMNS)]
        if strange or "series" not in own or own["series"].duplicated().any():
            what = f"unknown column {strange[0]}" if strange else "a column series, each once, is missing"
            raise DataError(f"{path.name} of your folder: {what}; it may have series, {', '.join(OWN_COLUMNS)}")
        own = own.set_index("series").reindex(columns=OWN_COLUMNS).replace("", np.nan)
        check_names([*own.index, *own[OWN_COLUMNS[:3]].to_numpy().ravel()], path.name)
        shares = own["shares_mn"].dropna()
        if wrong := [name for name, size in pd.to_numeric(shares, errors="coerce").items() if not 0 < size < np.inf]:
            raise DataError(
                f"{path.name} of your folder: {wrong[0]}: shares_mn {shares[wrong[0]]!r} is not a number of millions"
            )
        own["name"] = own["name"].fillna(own.index.to_series())
        own["short"] = own["short"].fillna(own["name"])
        own = own.fillna({"group": "other"}).assign(kind="stock", era="both", note="own").dropna(axis=1, how="all")
        table = pd.concat([table.drop(own.index, errors="ignore"), own])
    return table.fillna("").rename_axis("series").reset_index()


def described(source: str, calendar: str = "XNYS") -> list[str]:
    """Say in a line a file what was understood of a person's own files, the warnings behind it."""
    lines = []
    for part in source.split("+"):
        if part == "bundled":
            continue
        for path in own_files.price_files(_existing(source_folder(part))):
            own = own_files.read(path)
            warnings = check_prices(own.closes, path.name, own.rows, calendar)
            move = own.closes.pct_change(fill_method=None).abs().max().max()
            names = ", ".join(own.closes.columns[:8]) + (
                f" and {own.closes.shape[1] - 8} more" if own.closes.shape[1] > 8 else ""
            )
            first, last = own.closes.index.min(), own.closes.index.max()
            left = f"; not taken: {', '.join(own.left[:10])}" if own.left else ""
            money = f"; in {own.currency}" if own.currency else ""
            gaps = int(own.closes.isna().sum().sum())
            lines.append(
                f"{path.name}: {names} from {own.taken}, {first:%Y-%m-%d} to {last:%Y-%m-%d}, {len(own.closes)} days, "
                f"{gaps} without a price, largest move {100 * move:.1f}%{money}{left}"
            )
            lines += [f"  {note}" for note in (*own.notes, *warnings)]
    return lines


def source_folder(part: str) -> Path:
    """Return the folder that a source names: a person's own, or a dated snapshot of a live source."""
    kind, _, name = part.partition(":")
    if kind == "folder" and name:
        return Path(os.path.expanduser(name))  # noqa: PTH111  Path.expanduser stops at a home that is not there
    if kind == "snapshot" and name:
        folder = project_root() / "data" / "snapshots" / name
        if not folder.is_dir():
            there = sorted(path.name for path in folder.parent.glob("[a-z]*"))
            raise DataError(
                f"no snapshot {name!r}; there are: {', '.join(there) or 'none: make one with `python -m helpers refresh yahoo`'}"
            )
        return folder
    raise DataError(
        f"unknown data source {part!r}: use 'bundled', 'folder:PATH', 'snapshot:NAME', or two joined as 'bundled+folder:PATH'"
    )


def check_prices(
    closes: pd.DataFrame, file: str, rows: Sequence[int] | np.ndarray = (), calendar: str = "XNYS"
) -> list[str]:
    """Check daily closes; return warnings, refuse what cannot be used, naming file, row and column.

    Refused: repeated or unsorted dates, days on which the exchange was closed, prices that are not above zero or not
    finite, a series without a price, more than 5 trading days missing in a row. Warned of: moves over 40 % in a day or
    as large as a split's, ten days and more without a change. `rows` are the file's own rows, for messages.
    """
    index, problems = pd.DatetimeIndex(closes.index), []
    numbers = np.asarray(rows) if len(rows) else np.arange(len(index)) + 2
    for day in index[index.duplicated()].unique()[:5]:
        same = ", ".join(str(row) for row in numbers[index == day])
        problems.append(f"{file}: rows {same}: the date {day:%Y-%m-%d} stands more than once; keep one row")
    for place in np.flatnonzero(np.diff(index.asi8) < 0)[:5]:
        problems.append(
            f"{file}: row {numbers[place + 1]}: {index[place + 1]:%Y-%m-%d} stands after {index[place]:%Y-%m-%d}; sort by date"
        )
    open_days = trading_days(index.min(), index.max(), calendar)
    shut = np.flatnonzero(~index.isin(open_days))
    for place in shut[:5]:
        city = CALENDARS.get(calendar, calendar)
        problems.append(
            f"{file}: row {numbers[place]}: {index[place]:%Y-%m-%d} ({index[place]:%A}) was not a {city} trading day"
        )
    if len(shut) > 1 and not (index[shut].dayofweek > 4).any():
        others = [
            code
            for code in CALENDARS
            if code != calendar and index.isin(trading_days(index.min(), index.max(), code)).all()
        ]
        if others:
            where = " or ".join(f"{CALENDARS[code]} ({code})" for code in others)
            problems.append(f"{file}: its days are those of {where}: set exchange_calendar")
    for name in closes.columns:
        problems += _series_problems(closes[name], file, open_days, numbers)
    _refuse(problems)
    return [note for name in closes.columns for note in _odd(closes[name].dropna(), file)]


def _series_problems(series: pd.Series, file: str, open_days: pd.DatetimeIndex, numbers: np.ndarray) -> list[str]:
    values = series.to_numpy(float)
    if np.isinf(values).any():
        return [f"{file}: row {numbers[np.isinf(values)][0]}, column {series.name}: not a finite number"]
    if np.isnan(values).all():
        return [f"{file}: column {series.name}: no price at all"]
    problems = [
        f"{file}: row {numbers[place]}, column {series.name}: price {values[place]:g} is not above zero"
        for place in np.flatnonzero(values <= 0)[:5]
    ]
    known = pd.DatetimeIndex(series.index[~np.isnan(values)])
    positions = open_days.get_indexer(known.unique())
    positions = np.sort(positions[positions >= 0])
    for place in np.flatnonzero(np.diff(positions) > LONGEST_GAP + 1)[:3]:
        before, after = open_days[positions[place]], open_days[positions[place + 1]]
        missing = positions[place + 1] - positions[place] - 1
        problems.append(
            f"{file}: column {series.name}: {missing} trading days without a price between {before:%Y-%m-%d} and "
            f"{after:%Y-%m-%d} (at most {LONGEST_GAP})"
        )
    return problems


def _odd(series: pd.Series, file: str) -> list[str]:
    """Warn of moves as large as a split's or over 40 % in a day, and of prices that rest for ten days and more."""
    factor = (series / series.shift()).iloc[1:]
    sizes = [*SPLITS, *(1 / size for size in SPLITS)]
    split = (np.abs(np.outer(factor, sizes) - 1) < 0.01).any(axis=1)
    notes = [
        f"{file}: {series.name} moved by {move - 1:+.0%} on {day:%Y-%m-%d}: a real move or a missed split?"
        for day, move in factor[split | (factor - 1).abs().gt(LARGEST_MOVE)].items()
    ]
    level = series.ne(series.shift()).cumsum()
    days = level.value_counts().sort_index()
    return notes + [
        f"{file}: {series.name} does not change for {count - 1} days from {level.index[level == one][0]:%Y-%m-%d}: still traded?"
        for one, count in days[days > LONGEST_REST].items()
    ]


def _overlay(below: pd.DataFrame, above: pd.DataFrame) -> pd.DataFrame:
    """Put the columns of `above` in the place of those of `below`, on the days of both."""
    joined = below.drop(columns=[name for name in above.columns if name in below.columns])
    return joined.join(above, how="outer").sort_index()


def _existing(folder: Path) -> Path:
    if not folder.is_dir():
        raise DataError(f"data source folder:{folder}: there is no such folder")
    return folder


def _read_folder(folder: Path, era: str, calendar: str) -> tuple[pd.DataFrame, list[str], dict[str, str]]:
    files = own_files.price_files(_existing(folder))
    if not files:
        raise DataError(f"data source folder:{folder}: no price file in it ({', '.join(own_files.ENDINGS)})")
    first, last = ERA_YEARS[era]
    frames, problems, warnings = [], [], []
    money: dict[str, str] = {}
    for path in files:
        try:
            own = own_files.read(path)
            years = pd.DatetimeIndex(own.closes.index).year
            inside = (years >= first) & (years <= last)
            if not inside.any():
                continue
            frame = own.closes[inside].dropna(axis="columns", how="all")
            warnings += [f"{path.name}: {note}" for note in own.notes]
            warnings += check_prices(frame, path.name, own.rows[inside], calendar)
            frames.append(frame)
            if own.currency:
                money.setdefault(own.currency, str(frame.columns[0]))
        except DataError as error:
            problems.append(str(error))
    _refuse(problems)
    if not frames:
        return pd.DataFrame(index=pd.DatetimeIndex([], name="date")), [], {}
    joined = pd.concat(frames, axis=1).sort_index()
    twice = joined.columns[joined.columns.duplicated()].unique()
    if len(twice):
        raise DataError(f"data source folder:{folder}: series in more than one file: {', '.join(map(str, twice))}")
    return joined.rename_axis("date"), warnings, money


def _read_csv(path: Path) -> pd.DataFrame:
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig", skipinitialspace=True)
    except UnicodeDecodeError as error:
        raise DataError(f"{path.name}: not UTF-8 text (byte {error.start}); save it again as CSV UTF-8") from error
    except pd.errors.EmptyDataError as error:
        raise DataError(f"{path.name}: the file is empty") from error
    except pd.errors.ParserError as error:
        raise DataError(f"{path.name}: not a table of commas: {error}") from error
    if table.empty:
        raise DataError(f"{path.name}: a header without rows")
    return table


def _column_problems(path: Path, found: Sequence[str], expected: Sequence[str]) -> list[str]:
    missing = [name for name in expected if name not in found]
    extra = [name for name in found if name not in expected]
    return [f"{path.name}: missing column {name}" for name in missing] + [
        f"{path.name}: column {name} is not in datapackage.json" for name in extra
    ]


def _parse(path: Path, table: pd.DataFrame, types: dict[str, str]) -> tuple[pd.DataFrame, list[str]]:
    """Turn text into dates and numbers, naming every cell that resists."""
    parsed, problems = {}, []
    for name, kind in types.items():
        text = table[name].astype(str).str.strip()
        if kind == "date":
            values = pd.to_datetime(text.where(text != ""), format="ISO8601", errors="coerce")
            if values.dt.tz is not None:
                values = values.dt.tz_localize(None)
        elif kind in ("number", "integer"):
            values = pd.to_numeric(text.where(text != ""), errors="coerce").astype(float)
        else:
            parsed[name] = text
            continue
        for place in np.flatnonzero(values.isna() & (text != ""))[:5]:
            problems.append(
                f"{path.name}: row {place + 2}, column {name}: {text.iloc[place]!r} is not a {kind}{_hint(text.iloc[place], kind)}"
            )
        if kind == "date" and name == "date":
            problems += [f"{path.name}: row {place + 2}: no date" for place in np.flatnonzero(text == "")[:5]]
        parsed[name] = values
    return pd.DataFrame(parsed), problems


def _hint(text: str, kind: str) -> str:
    if kind == "date":
        return "; write it as 2025-01-27"
    return "; write decimals with a point" if text.count(",") == 1 and text.replace(",", "").isdigit() else ""


def _duplicates(path: Path, table: pd.DataFrame, key: list[str]) -> list[str]:
    twice = table[table.duplicated(key, keep="first")]
    shown = [
        " ".join(f"{row[name]:%Y-%m-%d}" if hasattr(row[name], "strftime") else str(row[name]) for name in key)
        for _, row in twice.head(5).iterrows()
    ]
    return [
        f"{path.name}: row {place + 2}: {what} stands more than once"
        for place, what in zip(twice.index, shown, strict=False)
    ]


def _refuse(problems: Iterable[str]) -> None:
    problems = list(problems)
    if problems:
        raise DataError("\n".join(problems))
