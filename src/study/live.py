"""Live sources, opt-in: daily closes from Yahoo Finance and FRED, kept as dated snapshots for offline runs.

This is the only module of the study that touches the network, and only when a person asks for it.
"""

from __future__ import annotations

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
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.market_data import DataError, check_prices, load_table
from helpers.storage import csv_bytes
from study import storage

FRED_SERIES = {"^GSPC": "SP500", "^IXIC": "NASDAQCOM", "^VIX": "VIXCLS"}
FRED_ADDRESS = "https://fred.stlouisfed.org/graph/fredgraph.csv"
TIME_OUT, TRIES, FIRST_WAIT = 20.0, 4, 1.0  # seconds for a whole answer; seconds before the second try
LARGEST_ANSWER = 20_000_000  # bytes
Say = Callable[[str], None]
Wait = Callable[[float], None]


class FetchError(RuntimeError):
    """An answer that may come right on another try."""


class Offline(FetchError):
    """No connection: what holds for one series holds for all."""


class NoSuchSeries(RuntimeError):
    """An answer that will not come right, such as that the source does not know the series."""


def refresh(
    folder: Path, source: str, names: Sequence[str], start: str, end: str, say: Say, wait: Wait = time.sleep
) -> Path:
    """Fetch daily closes and keep them as ``<source>-<today>`` in the folder of the snapshots, for a run to name.

    Yahoo Finance has stocks, funds and indexes, adjusted for splits and dividends (needs ``yfinance``); FRED the three
    indexes. No snapshot is ever replaced: another request on the same day makes ``<source>-<today>-2``. What came
    before a failure is kept for the next try.
    """
    fetch = {"yahoo": fetch_yahoo, "fred": fetch_fred}[source]
    today = dt.date.today().isoformat()
    end = end or today
    if start >= end:
        raise DataError(f"--start {start} is not before --end {end}")
    wanted = list(dict.fromkeys(names or _usual(source)))
    asked = {"source": source, "series": wanted, "start": start, "end": end}
    first = folder / f"{source}-{today}"
    with storage.lock(first, f"snapshot {first.name}"):
        later = (first.with_name(f"{first.name}-{number}") for number in itertools.count(2))
        for place in itertools.chain([first], later):
            if storage.read_json(place / "manifest.json").get("asked") == asked:
                say(f"{place.name}: fetched earlier today")
                return place
            if not place.exists():
                break
        begun = first.with_name(f".{first.name}.partial")
        begun.mkdir(parents=True, exist_ok=True)
        series, problems = {}, []
        for name in wanted:
            kept = begun / f"{storage.fingerprint([name, start, end])[:16]}.csv"
            try:
                if not kept.is_file():
                    fetched = _checked(with_retries(partial(fetch, name, start, end), name, say, wait), start, end)
                    storage.write(kept, csv_bytes(fetched.to_frame(name).rename_axis("date")))
                series[name] = pd.read_csv(kept, index_col="date", parse_dates=["date"])[name]
                say(f"{name}: {len(series[name])} days")
            except (FetchError, NoSuchSeries) as error:
                problems.append(f"{name}: {error}")
                if isinstance(error, Offline):
                    break
        if not any(begun.iterdir()):
            begun.rmdir()
        if problems:
            got = f" The {len(series)} that came are kept; the same command asks for the rest only." if series else ""
            lost = f"{len(wanted) - len(series)} of {len(wanted)} series could not be had.{got}"
            raise DataError("\n".join([lost, *problems]))
        closes = pd.DataFrame(series).sort_index()
        about = {"asked": asked, "warnings": check_prices(closes, f"{source} answer"), "rows": len(closes)}
        new = place.with_name(f".{place.name}.new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir()
        storage.write(new / "prices.csv", csv_bytes(closes))
        about |= {"fetched": time.strftime("%Y-%m-%d %H:%M:%S%z"), "sha256": storage.checksum(new / "prices.csv")}
        storage.write_json(new / "manifest.json", about)
        new.rename(place)
        shutil.rmtree(begun)
    return place


def with_retries(fetch: Callable[[], pd.Series], name: str, say: Say, wait: Wait) -> pd.Series:
    """Try up to four times, waiting twice as long each time with a random part, as long as an answer may come right."""
    for attempt in range(TRIES):
        try:
            return fetch()
        except FetchError as error:
            if attempt == TRIES - 1:
                raise type(error)(f"{error} (after {TRIES} tries)") from error
            pause = FIRST_WAIT * 2**attempt * (1 + random.random() / 2)
            say(f"{name}: {error}; again in {pause:.1f} s")
            wait(pause)
    raise AssertionError("unreachable")


def fetch_yahoo(name: str, start: str, end: str) -> pd.Series:
    """Return the adjusted daily closes of one series from Yahoo Finance."""
    try:
        import yfinance
        from yfinance.exceptions import YFException, YFRateLimitError, YFTickerMissingError
    except ImportError as error:
        raise DataError("the source yahoo needs the package yfinance: install the extra `live`") from error
    after = (dt.date.fromisoformat(end) + dt.timedelta(days=1)).isoformat()
    options = {"auto_adjust": True, "timeout": TIME_OUT, "raise_errors": True}
    try:
        answer = yfinance.Ticker(name).history(start=start, end=after, **options)
        closes = answer["Close"].dropna()
    except YFRateLimitError as error:
        raise FetchError("the source asks to slow down") from error
    except YFTickerMissingError as error:
        raise NoSuchSeries("the source knows no such ticker, or has no prices of these dates") from error
    except (YFException, OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise FetchError(f"no usable answer ({type(error).__name__})") from error
    if closes.empty:
        raise FetchError("an empty answer")
    closes.index = pd.DatetimeIndex(closes.index).tz_localize(None).normalize()
    return closes.rename(name)


def fetch_fred(name: str, start: str, end: str) -> pd.Series:
    """Return the daily closes of one index from FRED's CSV download."""
    identifier = FRED_SERIES.get(name, name)
    words = urllib.parse.urlencode({"id": identifier, "cosd": start, "coed": end})
    address = f"{os.environ.get('STUDY_FRED_ADDRESS', FRED_ADDRESS)}?{words}"
    late, content = time.monotonic() + TIME_OUT, b""
    try:
        asked = urllib.request.Request(address, headers={"User-Agent": "ai-boom-study"})
        with urllib.request.urlopen(asked, timeout=TIME_OUT) as answer:
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
        raise FetchError(f"the source answers with error {error.code}: {error.reason}") from error
    except http.client.HTTPException as error:
        raise FetchError("an answer that was cut off") from error
    except OSError as error:
        reason = getattr(error, "reason", error)
        if isinstance(reason, TimeoutError):
            raise FetchError(f"no whole answer within {TIME_OUT:.0f} s") from error
        raise Offline(f"no connection ({type(reason).__name__})") from error
    except ValueError as error:
        raise NoSuchSeries(f"no usable address or answer ({error})") from error
    if not content:
        raise FetchError("an empty answer")
    return _fred_series(content, identifier)


def _fred_series(content: bytes, identifier: str) -> pd.Series:
    text = content.decode("utf-8", errors="replace")
    try:
        table = pd.read_csv(io.StringIO(text), index_col=0, keep_default_na=False, na_values=["", "."])
        closes = table[identifier].dropna()
        if not text.endswith("\n"):
            raise FetchError("a table that was cut off")
        closes = closes.astype(float).set_axis(pd.to_datetime(closes.index, format="%Y-%m-%d"))
    except (ValueError, LookupError) as error:
        raise FetchError(f"no table of {identifier}; it begins with {text[:60]!r}") from error
    if closes.empty:
        raise FetchError("a table without values")
    return closes


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
    codebook = load_table("series")
    of_the_era = codebook.loc[codebook["era"].isin(["ai", "both"]), "series"].tolist()
    return list(FRED_SERIES) if source == "fred" else of_the_era
