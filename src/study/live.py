"""Live sources, opt-in: daily closes from Yahoo Finance and FRED, kept as dated snapshots for offline runs.

This is the only module of the study that touches the network, and only when a person asks for it.
"""

from __future__ import annotations

import csv
import datetime as dt
import http.client
import io
import itertools
import os
import random
import shutil
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from helpers.market_data import DataError, check_prices, load_table, project_root
from study import storage

FRED_SERIES = {"^GSPC": "SP500", "^IXIC": "NASDAQCOM", "^VIX": "VIXCLS"}
FRED_ADDRESS = "https://fred.stlouisfed.org/graph/fredgraph.csv"
START = "2022-10-03"
TIME_OUT, TRIES, FIRST_WAIT = 20.0, 4, 1.0  # seconds for a whole answer; seconds before the second try
LARGEST_ANSWER = 20_000_000  # bytes
Fetch = Callable[[str, str, str], pd.Series]


class FetchError(RuntimeError):
    """An answer that may come right on another try."""


class Offline(FetchError):
    """No connection: what holds for one series holds for all."""


class NoSuchSeries(RuntimeError):
    """An answer that will not come right: the source does not know the series."""


def snapshots_folder() -> Path:
    """Return the folder of the dated snapshots."""
    return project_root() / "data" / "snapshots"


def refresh(
    source: str,
    names: Sequence[str] = (),
    start: str = START,
    end: str = "",
    say: Callable[[str], None] = lambda line: None,
    wait: Callable[[float], None] = time.sleep,
) -> Path:
    """Fetch daily closes and keep them in ``data/snapshots/<source>-<today>``, for a run to name.

    Yahoo Finance has stocks, funds and indexes, adjusted for splits and dividends (needs ``yfinance``); FRED the three
    indexes. No snapshot is ever replaced: another request on the same day makes ``<source>-<today>-2``. What came
    before a failure is kept for the next try.
    """
    fetchers: dict[str, Fetch] = {"yahoo": fetch_yahoo, "fred": fetch_fred}
    if source not in fetchers:
        raise DataError(f"unknown live source {source!r}: use 'yahoo' or 'fred'")
    today = dt.date.today().isoformat()
    wanted = list(dict.fromkeys(names or _usual(source)))
    asked = {"source": source, "series": wanted, "start": start, "end": end or today}
    if start >= (end or today):
        raise DataError(f"--start {start} is not before --end {end or today}")
    folder = snapshots_folder()
    with storage.lock(folder / f".{source}-{today}.lock", f"snapshot {source}-{today}"):
        for number in itertools.count(1):
            place = folder / (f"{source}-{today}" if number == 1 else f"{source}-{today}-{number}")
            if storage.read_json(place / "manifest.json").get("asked") == asked:
                say(f"{place.name}: fetched earlier today")
                return place
            if not place.exists():
                return _fetch_all(place, asked, fetchers[source], say, wait)
    raise AssertionError("unreachable")


def _fetch_all(
    place: Path, asked: Mapping[str, Any], fetch: Fetch, say: Callable[[str], None], wait: Callable[[float], None]
) -> Path:
    source, wanted, start, end = asked["source"], asked["series"], asked["start"], asked["end"]
    begun = place.with_name(f".{source}-{dt.date.today()}.partial")
    begun.mkdir(parents=True, exist_ok=True)
    series, problems = {}, []
    for name in wanted:
        kept = begun / f"{storage.fingerprint([name, start, end])[:16]}.csv"
        try:
            if not kept.is_file():
                fetched = with_retries(partial(fetch, name, start, end), name, say, wait)
                _write_table(kept, _checked(fetched, start, end).to_frame(name))
            series[name] = pd.read_csv(kept, index_col="date", parse_dates=["date"])[name]
            say(f"{name}: {len(series[name])} days")
        except (FetchError, NoSuchSeries) as error:
            problems.append(f"{name}: {error}")
            if isinstance(error, Offline):
                break
    if not any(begun.iterdir()):
        begun.rmdir()
    if problems:
        lost = len(wanted) - len(series)
        got = f" The {len(series)} that came are kept; the same command asks for the rest only." if series else ""
        raise DataError("\n".join([f"{source}: {lost} of {len(wanted)} series could not be had.{got}", *problems]))
    closes = pd.DataFrame(series).sort_index()
    warnings = check_prices(closes, f"{source} answer")
    new = place.with_name(f".{place.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir()
    _write_table(new / "prices.csv", closes)
    about = {"asked": asked, "fetched": time.strftime("%Y-%m-%d %H:%M:%S%z"), "warnings": warnings, "rows": len(closes)}
    storage.write_json(new / "manifest.json", about | {"sha256": storage.checksum(new / "prices.csv")})
    new.rename(place)
    shutil.rmtree(begun)
    return place


def with_retries(
    fetch: Callable[[], pd.Series], name: str, say: Callable[[str], None], wait: Callable[[float], None]
) -> pd.Series:
    """Try up to four times, waiting twice as long each time with a random part, as long as an answer may come right."""
    for attempt in range(1, TRIES):
        try:
            return fetch()
        except FetchError as error:
            pause = FIRST_WAIT * 2 ** (attempt - 1) * (1 + random.random() / 2)
            say(f"{name}: {error}; again in {pause:.1f} s")
            wait(pause)
    try:
        return fetch()
    except FetchError as error:
        raise type(error)(f"{error} (after {TRIES} tries)") from error


def fetch_yahoo(name: str, start: str, end: str) -> pd.Series:
    """Return the adjusted daily closes of one series from Yahoo Finance."""
    try:
        import yfinance
        from yfinance.exceptions import YFException, YFRateLimitError, YFTickerMissingError
    except ImportError as error:
        raise DataError("the source yahoo needs the package yfinance: install the extra `live`") from error
    after = (dt.date.fromisoformat(end) + dt.timedelta(days=1)).isoformat()
    try:
        answer = yfinance.Ticker(name).history(
            start=start, end=after, auto_adjust=True, timeout=TIME_OUT, raise_errors=True
        )
    except YFRateLimitError as error:
        raise FetchError("the source asks to slow down") from error
    except YFTickerMissingError as error:
        raise NoSuchSeries("the source knows no such ticker, or has no prices of these dates") from error
    except (YFException, OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise FetchError(f"no usable answer ({type(error).__name__})") from error
    if not isinstance(answer, pd.DataFrame) or answer.empty:
        raise FetchError("an empty answer")
    if "Close" not in answer:
        raise FetchError(f"an answer without closes; its columns are {', '.join(map(str, answer.columns))}")
    closes = answer["Close"].dropna()
    closes.index = pd.DatetimeIndex(closes.index).tz_localize(None).normalize()
    return closes.rename(name)


def fetch_fred(name: str, start: str, end: str) -> pd.Series:
    """Return the daily closes of one index from FRED's CSV download."""
    identifier = FRED_SERIES.get(name, name)
    words = urllib.parse.urlencode({"id": identifier, "cosd": start, "coed": end})
    address = f"{os.environ.get('STUDY_FRED_ADDRESS', FRED_ADDRESS)}?{words}"
    late = time.monotonic() + TIME_OUT
    try:
        with urllib.request.urlopen(
            urllib.request.Request(address, headers={"User-Agent": "ai-boom-study"}), timeout=TIME_OUT
        ) as answer:
            content = b""
            while part := answer.read1(65536):
                content += part
                if len(content) > LARGEST_ANSWER:
                    raise FetchError("an answer far too large")
                if time.monotonic() > late:
                    raise TimeoutError
            announced = answer.headers.get("Content-Length", str(len(content)))
            if not announced.isdigit() or len(content) < int(announced):
                raise FetchError("an answer that was cut off")
    except urllib.error.HTTPError as error:
        if error.code in (400, 404):
            raise NoSuchSeries(f"the source knows no series {identifier}") from error
        said = "the source asks to slow down" if error.code == 429 else f"the source answers with error {error.code}"
        raise FetchError(said) from error
    except http.client.HTTPException as error:
        raise FetchError("an answer that was cut off") from error
    except (OSError, EOFError) as error:
        reason = getattr(error, "reason", error)
        if isinstance(reason, TimeoutError):
            raise FetchError(f"no whole answer within {TIME_OUT:.0f} s") from error
        raise Offline(f"no connection ({type(reason).__name__})") from error
    except ValueError as error:
        raise NoSuchSeries(f"no usable address or answer ({error})") from error
    return _fred_series(content, name, identifier)


def _fred_series(content: bytes, name: str, identifier: str) -> pd.Series:
    text = content.decode("utf-8", errors="replace")
    if content[:2] == b"\x1f\x8b" or "\0" in text:
        raise FetchError("an answer that is no text")
    if text.lstrip()[:1] == "<":
        raise FetchError("a web page instead of a table")
    rows = list(csv.reader(io.StringIO(text)))
    if len(rows) < 2:
        raise FetchError("an empty answer")
    if len(rows[0]) != 2 or rows[0][1] != identifier:
        raise FetchError(f"other columns than expected: {', '.join(rows[0])[:80]!r}")
    if any(len(row) != 2 for row in rows[1:]) or not text.endswith("\n"):
        raise FetchError("a table that was cut off")
    known = [(day, value) for day, value in rows[1:] if value not in ("", ".")]
    try:
        days = [pd.Timestamp(dt.date.fromisoformat(day)) for day, _ in known]
        values = [float(value) for _, value in known]
    except ValueError as error:
        raise FetchError(f"a value that is no number or no date ({error})") from error
    if not values:
        raise FetchError("a table without values")
    return pd.Series(values, index=pd.DatetimeIndex(days), name=name)


def _checked(closes: pd.Series, start: str, end: str) -> pd.Series:
    """Refuse what was not asked for: days outside the request, days twice, values that are no finite number."""
    outside = closes.index[(closes.index < pd.Timestamp(start)) | (closes.index > pd.Timestamp(end))]
    if len(outside):
        raise NoSuchSeries(f"{len(outside)} rows outside the dates asked for, the first of {outside[0]:%Y-%m-%d}")
    if twice := [f"{day:%Y-%m-%d}" for day in closes.index[closes.index.duplicated()][:3]]:
        raise NoSuchSeries(f"days that stand twice: {', '.join(twice)}")
    if not np.isfinite(closes.to_numpy(dtype=float)).all():
        raise NoSuchSeries("values that are no finite number")
    return closes


def _usual(source: str) -> list[str]:
    if source == "fred":
        return list(FRED_SERIES)
    codebook = load_table("series")
    return codebook.loc[codebook["era"].isin(["ai", "both"]), "series"].tolist()


def _write_table(path: Path, closes: pd.DataFrame) -> None:
    text = closes.rename_axis("date").to_csv(float_format="%.8g", lineterminator="\n", date_format="%Y-%m-%d")
    storage.write(path, text.encode())
