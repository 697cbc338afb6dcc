"""Live sources, opt-in: daily closes from Yahoo Finance and FRED, kept as dated snapshots for offline runs.

This is the only module of the study that touches the network, and only when a person asks for it.
"""

from __future__ import annotations

import datetime as dt
import http.client
import io
import os
import random
import shutil
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from time import sleep

import pandas as pd

from helpers.market_data import DataError, check_prices, load_table
from helpers.storage import csv_bytes
from study import storage
from study.run import Say

FRED_SERIES = {"^GSPC": "SP500", "^IXIC": "NASDAQCOM", "^VIX": "VIXCLS"}
FRED_ADDRESS = "https://fred.stlouisfed.org/graph/fredgraph.csv"
TIME_OUT, TRIES, FIRST_WAIT = 20.0, 4, 1.0  # seconds for a whole answer; seconds before the second try
LARGEST_ANSWER = 20_000_000  # bytes


class FetchError(RuntimeError):
    """An answer that may come right on another try."""


class NoSuchSeries(RuntimeError):
    """An answer that will not come right, such as that the source does not know the series."""


def refresh(folder: Path, source: str, names: Sequence[str], start: str, end: str, say: Say) -> Path:
    """Fetch daily closes and keep them as ``<source>-<today>-<request>`` in the folder of the snapshots, for a run to name.

    Yahoo Finance has stocks, funds and indexes, adjusted for splits and dividends (needs ``yfinance``); FRED the three
    indexes. No snapshot is replaced: each request of a day makes its own. What came before a failure is kept.
    """
    fetch = {"yahoo": fetch_yahoo, "fred": fetch_fred}[source]
    end = end or f"{dt.date.today()}"
    if start >= end:
        raise DataError(f"--start {start} is not before --end {end}")
    if source == "yahoo" and not find_spec("yfinance"):
        raise DataError("the source yahoo needs the package yfinance: install the extra `live`")
    usual = FRED_SERIES if source == "fred" else load_table("series").query("era in ['ai', 'both']")["series"]
    wanted = list(dict.fromkeys(names or usual))
    asked = {"source": source, "series": wanted, "start": start, "end": end}
    place = folder / f"{source}-{dt.date.today()}-{storage.fingerprint([asked])[:6]}"
    if place.exists():
        say(f"{place.name}: fetched earlier today")
        return place
    with storage.built(place, "snapshot", {"asked": asked}) as building:
        closes, problems = {}, []
        for number, name in enumerate(wanted):
            kept = building / f"{number}.csv"
            try:
                if not kept.is_file():
                    fetched = with_retries(partial(fetch, name, start, end), name, say).to_frame(name)
                    days = fetched.index.strftime("%Y-%m-%d")
                    if len(outside := days[(days < start) | (days > end)]):
                        raise NoSuchSeries(f"{len(outside)} rows of days not asked for, the first of {outside[0]}")
                    check_prices(fetched, f"{source} answer")
                    storage.write(kept, csv_bytes(fetched.rename_axis("date")))
                closes[name] = pd.read_csv(kept, index_col="date", parse_dates=["date"])[name]
                say(f"{name}: {len(closes[name])} days")
            except (FetchError, NoSuchSeries, DataError, ConnectionError) as error:
                problems.append(f"{name}: {error}")
                if isinstance(error, ConnectionError):
                    break  # what holds for one series holds for all
        parts = [*building.glob("[0-9]*.csv")]
        if not parts:
            shutil.rmtree(building)
        if problems:
            got = f" The {len(closes)} that came are kept; the same command asks for the rest only." if closes else ""
            lost = f"{len(wanted) - len(closes)} of {len(wanted)} series could not be had.{got}"
            raise DataError("\n".join([lost, *problems]))
        table = pd.DataFrame(closes).sort_index()
        storage.write(building / "prices.csv", csv_bytes(table))
        about = {
            "asked": asked, "warnings": check_prices(table, f"{source} answer"), "rows": len(table),
            "fetched": storage.now(), "sha256": storage.checksum(building / "prices.csv"),
        }  # fmt: skip
        storage.write_json(building / "manifest.json", about)
        for part in parts:
            part.unlink()
    return place


def with_retries(fetch: Callable[[], pd.Series], name: str, say: Say) -> pd.Series:
    """Try up to four times, waiting twice as long each time with a random part, as long as an answer may come right."""
    tries = 0
    while True:
        tries += 1
        try:
            return fetch()
        except (FetchError, ConnectionError) as error:
            if tries == TRIES:
                raise type(error)(f"{error} (after {TRIES} tries)") from error
            pause = FIRST_WAIT * 2 ** (tries - 1) * (1 + random.random() / 2)
            say(f"{name}: {error}; again in {pause:.1f} s")
            sleep(pause)


def fetch_yahoo(name: str, start: str, end: str) -> pd.Series:
    """Return the adjusted daily closes of one series from Yahoo Finance."""
    import yfinance
    from yfinance.exceptions import YFException, YFRateLimitError, YFTickerMissingError

    after = (dt.date.fromisoformat(end) + dt.timedelta(days=1)).isoformat()
    options = {"auto_adjust": True, "timeout": TIME_OUT, "raise_errors": True}
    try:
        closes = yfinance.Ticker(name).history(start=start, end=after, **options)["Close"].dropna()
    except YFRateLimitError as error:
        raise FetchError("the source asks to slow down") from error
    except YFTickerMissingError as error:
        raise NoSuchSeries("the source knows no such ticker, or has no prices of these dates") from error
    except (YFException, OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise FetchError(f"no usable answer ({type(error).__name__})") from error
    if closes.empty:
        raise FetchError("an empty answer")
    return closes.set_axis(pd.DatetimeIndex(closes.index).tz_localize(None).normalize())


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
                if time.monotonic() > late or len(content) > LARGEST_ANSWER:
                    raise TimeoutError
            if answer.length or not answer.headers.get("Content-Length", "0").isdigit():  # announced, and did not come
                raise FetchError("an answer that was cut off")
    except urllib.error.HTTPError as error:
        if error.code in (400, 404):
            raise NoSuchSeries(f"the source knows no series {identifier}") from error
        raise FetchError(f"the source answers with error {error.code}: {error.reason}") from error
    except OSError as error:
        reason = getattr(error, "reason", error)
        if isinstance(reason, TimeoutError):
            raise FetchError(f"no whole answer within {TIME_OUT:.0f} s") from error
        raise ConnectionError(f"no connection ({type(reason).__name__})") from error
    except (http.client.HTTPException, ValueError) as error:
        raise FetchError(f"no usable address or answer ({error})") from error
    text = content.decode("utf-8", errors="replace")
    try:
        table = pd.read_csv(io.StringIO(text), index_col=0, keep_default_na=False, na_values=["", "."])
        closes = table[identifier].dropna().astype(float)
        closes = closes.set_axis(pd.to_datetime(closes.index, format="%Y-%m-%d"))
    except (ValueError, LookupError) as error:
        said = f"no table of {identifier}; it begins with {text[:60]!r}" if text else "an empty answer"
        raise FetchError(said) from error
    if closes.empty or not text.endswith("\n"):
        raise FetchError("a table without values" if closes.empty else "a table that was cut off")
    return closes
