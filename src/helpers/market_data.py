"""Where the figures come from: bundled files, a person's own folder, and the checks both must pass."""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from helpers import own_files
from helpers.own_cells import DataError, check_names, decode, in_file, refuse

ERAS = {"ai": "prices_daily_2022_2026", "dotcom": "prices_daily_1995_2003"}
ERA_YEARS = {"ai": range(2010, 2101), "dotcom": range(1960, 2010)}
LONGEST_GAP, LONGEST_REST = 5, 10  # trading days without a price; without a change
LARGEST_MOVE = 0.40
OWN_COLUMNS = ["name", "short", "group", "shares_mn"]  # of a person's own series.csv
SPLITS = (3 / 2, 2, 3, 4, 5, 7, 8, 10, 15, 20, 25, 50)
CALENDARS = {
    "XNYS": "New York", "XLON": "London", "XETR": "Frankfurt", "XPAR": "Paris", "XAMS": "Amsterdam", "XTKS": "Tokyo",
    "XHKG": "Hong Kong",
}  # fmt: skip


@dataclass(frozen=True)
class Prices:
    """Daily closes and what was noticed about them."""

    closes: pd.DataFrame  # shape (trading days, series), USD or index points, sorted and unique
    warnings: tuple[str, ...] = ()
    origin: dict[str, str] = field(default_factory=dict)
    currency: str = "USD"  # that of every price; nothing where files of another exchange do not say


def project_root() -> Path:
    """Return the repository's root, found upwards from the working folder or from this file."""
    named = os.environ.get("STUDY_ROOT")
    starts = [Path(named)] if named else [Path.cwd(), Path(__file__).resolve()]
    for folder in (folder for start in starts for folder in (start, *start.parents)):
        if (folder / "data" / "raw" / "datapackage.json").is_file():
            return folder
    raise DataError("data/raw/datapackage.json was not found here or above: start from the repository's folder")


@cache
def _passport(path: Path, _stamp: int) -> dict[str, dict[str, Any]]:
    return {item["name"]: item for item in json.loads(path.read_text(encoding="utf-8"))["resources"]}


def passport(folder: Path | None = None) -> dict[str, dict[str, Any]]:
    """Return the data passport: file name without ending -> title, fields, units, sources, sha256."""
    path = (folder or project_root() / "data" / "raw") / "datapackage.json"
    return _passport(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=32)
def trading_days(first: Any, last: Any, calendar: str = "XNYS") -> pd.DatetimeIndex:
    """Return an exchange's trading days from `first` to `last`, both included; the unplanned closings are known."""
    import exchange_calendars

    margin = pd.Timedelta(days=10)  # a calendar of no day at all is refused
    known = exchange_calendars.get_calendar(
        calendar, start=pd.Timestamp(first) - margin, end=pd.Timestamp(last) + margin
    )
    return known.sessions[(known.sessions >= first) & (known.sessions <= last)]


def load_table(name: str, folder: Path | None = None) -> pd.DataFrame:
    """Read one bundled table as its passport describes it; `DataError` lists all problems of the file at once."""
    folder = folder or project_root() / "data" / "raw"
    known = passport(folder)
    if name not in known:
        raise DataError(f"no table {name!r}; there are: {', '.join(sorted(known))}")
    resource = known[name]
    path = folder / resource["path"]
    if not path.is_file():
        raise DataError(f"{path.name} is missing from data/raw: restore it with `git checkout data/raw/{path.name}`")
    content = path.read_bytes()
    with in_file(path.name):
        table, problems = _typed(_read_csv(content), resource["schema"])
        if resource.get("hash") != f"sha256:{hashlib.sha256(content).hexdigest()}":
            mend = "if the change is meant, run `python data/passport.py`"
            problems.append(f"checksum differs from datapackage.json; {mend}")
        refuse(problems)
    return table.set_index("date") if resource.get("kind") in ("prices", "monthly", "quarterly") else table


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
    if calendar != "XNYS" and "bundled" in source.split("+"):
        raise DataError(f"the bundled series follow New York, not {calendar}: name folder:PATH alone with its calendar")
    frames: list[pd.DataFrame] = []
    warnings: list[str] = []
    origin: dict[str, str] = {}
    money: dict[str, str] = {}  # each currency that is named, with a series in it
    for part in source.split("+"):
        if part == "bundled":
            closes, label = load_table(ERAS[era]), f"data/raw/{ERAS[era]}.csv"
            warnings += check_prices(closes, f"{ERAS[era]}.csv")
            money.setdefault("USD", "the bundled series")
        else:
            closes, notes, own_money = _read_folder(source_folder(part), era, calendar)
            if closes.empty and part == source:
                years = "the dot-com years" if era == "dotcom" else "the AI years"
                said = f"the source has no prices of {years}; the bundled ones stand in"
                return replace(load_prices("bundled", era), warnings=(said,))
            label = part.partition(":")[2] if part.startswith("snapshot:") else "own files"
            warnings, money = [*warnings, *notes], own_money | money
        frames = [*(frame.drop(columns=closes.columns, errors="ignore") for frame in frames), closes]
        origin |= dict.fromkeys(closes.columns, label)
    if len(money) > 1:
        both = ", ".join(f"{name} in {currency}" for currency, name in money.items())
        raise DataError(f"prices in more than one currency: {both}; give all of them in one, or use folder:PATH alone")
    closes = pd.concat(frames, axis=1).sort_index().rename_axis("date")
    return Prices(closes, tuple(warnings), origin, next(iter(money), "USD" if calendar == "XNYS" else ""))


def codebook_of(source: str = "bundled") -> pd.DataFrame:
    """Return the codebook of all series of a source: the bundled one, and above it the `series.csv` of own folders.

    An own row has `series` and any of `name`, `short`, `group` and `shares_mn` (shares outstanding, millions); a series
    that no row names is called as it is.
    """
    table = load_table("series").set_index("series")
    for part in source.split("+"):
        path = source_folder(part) / "series.csv" if part != "bundled" else Path()
        if path.is_file():
            with in_file(f"{path.name} of your folder"):
                own = _own_codebook(_read_csv(path.read_bytes()), table)
            table = pd.concat([table.drop(own.index, errors="ignore"), own])
    return table.fillna("").rename_axis("series").reset_index()


def _own_codebook(own: pd.DataFrame, bundled: pd.DataFrame) -> pd.DataFrame:
    may = f"; it may have series, {', '.join(OWN_COLUMNS)}"
    refuse(f"unknown column {name}{may}" for name in own.columns.difference(["series", *OWN_COLUMNS])[:1])
    if "series" not in own or own["series"].duplicated().any():
        raise DataError(f"a column series, each once, is missing{may}")
    own = own.set_index("series").reindex(columns=OWN_COLUMNS).replace("", np.nan)
    check_names([*own.index, *own[["name", "short", "group"]].to_numpy().ravel()])
    sizes = pd.to_numeric(own["shares_mn"].dropna(), errors="coerce")
    wrong = own.loc[sizes[~((sizes > 0) & (sizes < np.inf))].index, "shares_mn"]
    refuse(f"{name}: shares_mn {size!r} is not a number of millions" for name, size in wrong.items())
    own["short"] = own["short"].fillna(own["name"])
    own = own.combine_first(bundled.reindex(own.index))  # what an own row leaves empty is as in the bundled one
    own["name"] = own["name"].fillna(own.index.to_series())
    own["short"] = own["short"].fillna(own["name"])
    own = own.fillna({"group": "other", "era": "both"}).assign(note="own").dropna(axis=1, how="all")
    return own.assign(kind=own["group"].where(own["group"].isin(["index", "fund"]), "stock"))


def described(source: str, calendar: str = "XNYS") -> list[str]:
    """Say in a line a file what was understood of a person's own files, the warnings behind it."""
    lines = []
    for path in (path for part in source.split("+") if part != "bundled" for path in _price_files(source_folder(part))):
        own = own_files.read(path)
        warnings = check_prices(own.closes, path.name, own.rows, calendar)
        days, names = own.closes.index, own.closes.columns
        more = f" and {len(names) - 8} more" if len(names) > 8 else ""
        move = own.closes.pct_change(fill_method=None).abs().max().max()
        money = f"; in {own.currency}" if own.currency else ""
        left = f"; not taken: {', '.join(own.left[:10])}" if own.left else ""
        lines.append(
            f"{path.name}: {', '.join(names[:8])}{more} from {own.taken}, {days.min():%Y-%m-%d} to {days.max():%Y-%m-%d}, "
            f"{len(days)} days, {own.closes.isna().sum().sum()} without a price, largest move {100 * move:.1f}%{money}{left}"
        )
        lines += [f"  {note}" for note in (*own.notes, *warnings)]
    return lines


def source_folder(part: str) -> Path:
    """Return the folder that a source names: a person's own, or a dated snapshot of a live source."""
    kind, _, name = part.partition(":")
    if kind == "folder" and name:
        return Path(os.path.expanduser(name))  # noqa: PTH111  Path.expanduser stops at a home that is not there
    if kind != "snapshot" or not name:
        sources = "use 'bundled', 'folder:PATH', 'snapshot:NAME', or two joined as 'bundled+folder:PATH'"
        raise DataError(f"unknown data source {part!r}: {sources}")
    folder = project_root() / "data" / "snapshots" / name
    if not folder.is_dir():
        there = ", ".join(sorted(path.name for path in folder.parent.glob("[a-z]*")))
        raise DataError(
            f"no snapshot {name!r}; there are: {there or 'none: make one with `python -m helpers refresh yahoo`'}"
        )
    return folder


def check_prices(
    closes: pd.DataFrame, file: str, rows: Sequence[int] | np.ndarray = (), calendar: str = "XNYS"
) -> list[str]:
    """Check daily closes; return warnings, refuse what cannot be used, naming file, row and column.

    Refused: repeated or unsorted dates, days on which the exchange was closed, prices that are not above zero or not
    finite, a series without a price, more than 5 trading days missing in a row. Warned of: moves over 40 % in a day or
    as large as a split's, ten days and more without a change. `rows` are the file's own rows, for messages.
    """
    numbers = np.asarray(rows) if len(rows) else np.arange(len(closes)) + 2
    with in_file(file):
        refuse(_price_problems(closes, numbers, calendar))
    return [f"{file}: {note}" for name in closes.columns for note in _odd(closes[name].dropna())]


def _price_problems(closes: pd.DataFrame, rows: np.ndarray, calendar: str) -> Iterator[str]:
    index = pd.DatetimeIndex(closes.index)
    for day in index[index.duplicated()].unique()[:5]:
        same = ", ".join(map(str, rows[index == day]))
        yield f"rows {same}: the date {day:%Y-%m-%d} stands more than once; keep one row"
    for place in np.flatnonzero(np.diff(index.asi8) < 0)[:5]:
        yield f"row {rows[place + 1]}: {index[place + 1]:%Y-%m-%d} stands after {index[place]:%Y-%m-%d}; sort by date"
    open_days = trading_days(index.min(), index.max(), calendar)
    shut = np.flatnonzero(~index.isin(open_days))
    city = CALENDARS.get(calendar, calendar)
    whose = {code: trading_days(index.min(), index.max(), code) for code in CALENDARS if len(shut) > 1}
    if others := " or ".join(f"{CALENDARS[code]} ({code})" for code, days in whose.items() if index.isin(days).all()):
        yield f"its days are not those of {city} but of {others}: set exchange_calendar, and use one exchange at a time"
    for place in shut[: 0 if others else 5]:
        yield f"row {rows[place]}: {index[place]:%Y-%m-%d} ({index[place]:%A}) was not a {city} trading day"
    for name, values in closes.items():
        column = f"column {name}"
        if np.isinf(values).any():
            yield f"row {rows[np.isinf(values)][0]}, {column}: not a finite number"
        elif values.isna().all():
            yield f"{column}: no price at all"
        else:
            for place in np.flatnonzero(values <= 0)[:5]:
                yield f"row {rows[place]}, {column}: price {values.iloc[place]:g} is not above zero"
            places = np.flatnonzero(open_days.isin(index[values.notna()]))
            for place in np.flatnonzero(np.diff(places) > LONGEST_GAP + 1)[:3]:
                before, after = places[place : place + 2]
                between = (
                    f"between {open_days[before]:%Y-%m-%d} and {open_days[after]:%Y-%m-%d} (at most {LONGEST_GAP})"
                )
                yield f"{column}: {after - before - 1} trading days without a price {between}"


def _odd(series: pd.Series) -> Iterator[str]:
    """Warn of moves as large as a split's or over 40 % in a day, and of prices that rest for ten days and more."""
    factor = (series / series.shift()).iloc[1:]
    sizes = [*SPLITS, *(1 / size for size in SPLITS)]
    split = (np.abs(np.outer(factor, sizes) - 1) < 0.01).any(axis=1)
    for day, move in factor[split | (factor - 1).abs().gt(LARGEST_MOVE)].items():
        yield f"{series.name} moved by {move - 1:+.0%} on {day:%Y-%m-%d}: a real move or a missed split?"
    level = series.ne(series.shift()).cumsum()
    days = level.value_counts().sort_index()
    for one, count in days[days > LONGEST_REST].items():
        first = level.index[level == one][0]
        yield f"{series.name} does not change for {count - 1} days from {first:%Y-%m-%d}: still traded?"


def _price_files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        said = (
            f"a file; name the folder that it lies in, {folder.parent}"
            if folder.is_file()
            else "there is no such folder"
        )
        raise DataError(f"data source folder:{folder}: {said}")
    if files := own_files.price_files(folder):
        return files
    raise DataError(f"data source folder:{folder}: no price file in it ({', '.join(own_files.ENDINGS)})")


def _read_folder(folder: Path, era: str, calendar: str) -> tuple[pd.DataFrame, list[str], dict[str, str]]:
    """Return the closes of one era in a folder, what was noticed, and each currency that is named with a series in it."""
    frames: list[pd.DataFrame] = []
    warnings: list[str] = []
    problems: list[str] = []
    money: dict[str, str] = {}
    for path in _price_files(folder):
        try:
            own = own_files.read(path)
            inside = pd.DatetimeIndex(own.closes.index).year.isin(ERA_YEARS[era])
            if not inside.any():
                continue
            frame = own.closes[inside].dropna(axis="columns", how="all")
            warnings += [f"{path.name}: {note}" for note in own.notes]
            warnings += check_prices(frame, path.name, own.rows[inside], calendar)
            frames.append(frame)
            if own.currency:
                money.setdefault(own.currency, str(frame.columns[0]))
        except DataError as error:
            problems += error.problems
    refuse(problems)
    if not frames:
        return pd.DataFrame(index=pd.DatetimeIndex([], name="date")), [], {}
    joined = pd.concat(frames, axis=1).sort_index().rename_axis("date")
    if len(twice := joined.columns[joined.columns.duplicated()].unique()):
        raise DataError(f"data source folder:{folder}: series in more than one file: {', '.join(map(str, twice))}")
    return joined, warnings, money


def _read_csv(content: bytes) -> pd.DataFrame:
    try:
        table = pd.read_csv(io.StringIO(decode(content)), dtype=str, keep_default_na=False, skipinitialspace=True)
    except pd.errors.EmptyDataError as error:
        raise DataError("the file is empty") from error
    except pd.errors.ParserError as error:
        raise DataError(f"not a table of commas: {error}") from error
    refuse(["a header without rows"] if table.empty else [])
    return table


def _typed(table: pd.DataFrame, schema: dict[str, Any]) -> tuple[pd.DataFrame, list[str]]:
    """Turn text into the dates and numbers that a passport lists; name columns, rows and cells that resist."""
    kinds = {field["name"]: field["type"] for field in schema["fields"]}
    problems = [f"missing column {name}" for name in kinds if name not in table]
    problems += [f"column {name} is not in datapackage.json" for name in table if name not in kinds]
    if problems:
        return table, problems
    typed = table.copy()
    for name, kind in kinds.items():
        known = table[name].str.strip().mask(table[name].isin(schema.get("missingValues", [""])))
        if kind == "date":
            typed[name] = pd.to_datetime(known, format="ISO8601", errors="coerce")
        elif kind in ("number", "integer"):
            typed[name] = pd.to_numeric(known, errors="coerce").astype(float)
        wrong = table[name][typed[name].isna() & (known.notna() | (name == "date"))].head()
        mend = "; write it as 2025-01-27" if kind == "date" else ""
        problems += [f"row {row + 2}, column {name}: {cell!r} is not a {kind}{mend}" for row, cell in wrong.items()]
    key = np.atleast_1d(schema.get("primaryKey", [])).tolist()
    twice = table[table.duplicated(key)][key].head() if key else table.head(0)
    problems += [f"row {row + 2}: {' '.join(cells)} stands more than once" for row, cells in twice.iterrows()]
    return typed, problems
