"""Live sources, opt-in: daily closes from Yahoo Finance and FRED, kept as dated snapshots for offline runs.

This is the only module of the study that touches the network, and only when a person asks for it.
"""

from __future__ import annotations

import csv
import datetime as dt
import http.client
import io
import os
import random
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from helpers.market_data import DataError, check_prices, load_table, project_root
from study import storage

FRED_SERIES = {"^GSPC": "SP500", "^IXIC": "NASDAQCOM", "^VIX": "VIXCLS"}
FRED_ADDRESS = "https://fred.stlouisfed.org/graph/fredgraph.csv"
START = "2022-10-03"
TIME_OUT, TRIES, FIRST_WAIT = 20.0, 4, 1.0
LARGEST_ANSWER = 20_000_000
Fetch = Callable[[str, str, str], pd.Series]


class FetchError(RuntimeError):
    """An answer that may come right on another try."""


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
    """Fetch daily closes and keep them as a dated snapshot that a run can name.

    Parameters
    ----------
    source : {"yahoo", "fred"}
        Yahoo Finance (stocks, funds and indexes, adjusted for splits and dividends; needs the package
        ``yfinance``) or FRED (the three indexes, as closes).
    names : sequence of str
        Series; by default those of the AI era in the codebook, or the three indexes.
    start, end : str
        ISO dates; `end` is today where empty.
    say : callable
        Told one line of progress at a time.
    wait : callable
        Waits some seconds between two tries.

    Returns
    -------
    Path
        ``data/snapshots/<source>-<today>`` with ``prices.csv`` and ``manifest.json``. What has been fetched
        today already is not asked for again.

    Raises
    ------
    DataError
        Where a series cannot be had after four tries, or fails the checks of prices; what came is kept for the next try.
    """
    fetchers: dict[str, Fetch] = {"yahoo": fetch_yahoo, "fred": fetch_fred}
    if source not in fetchers:
        raise DataError(f"unknown live source {source!r}: use 'yahoo' or 'fred'")
    wanted = list(names) or _usual(source)
    today, end = dt.date.today().isoformat(), end or dt.date.today().isoformat()
    place = snapshots_folder() / f"{source}-{today}"
    asked = {"source": source, "series": wanted, "start": start, "end": end}
    if storage.read_json(place / "manifest.json").get("asked") == asked:
        say(f"{place.name}: fetched earlier today")
        return place
    with storage.lock(place.with_name(f".{place.name}.lock"), f"snapshot {place.name}"):
        return _fetch_all(place, asked, fetchers[source], say, wait)


def _fetch_all(
    place: Path,
    asked: Mapping[str, Any],
    fetch: Fetch,
    say: Callable[[str], None],
    wait: Callable[[float], None],
) -> Path:
    source, wanted, start, end = asked["source"], asked["series"], asked["start"], asked["end"]
    begun = place.with_name(f".{place.name}.partial")
    begun.mkdir(parents=True, exist_ok=True)
    series, problems = {}, []
    for name in wanted:
        kept = begun / f"{storage.fingerprint([name, start, end])[:16]}.csv"
        try:
            if not kept.is_file():
                _keep(kept, name, with_retries(partial(fetch, name, start, end), name, say, wait))
            series[name] = pd.read_csv(kept, index_col="date", parse_dates=["date"])[name]
            say(f"{name}: {len(series[name])} days")
        except (FetchError, NoSuchSeries) as error:
            problems.append(f"{name}: {error}")
    if problems:
        got = f" The {len(series)} that came are kept; the same command asks for the rest only." if series else ""
        raise DataError(
            "\n".join([f"{source}: {len(problems)} of {len(wanted)} series could not be had.{got}", *problems])
        )
    closes = pd.DataFrame(series).sort_index()
    warnings = check_prices(closes, f"{source} answer")
    _publish(
        place,
        begun,
        closes,
        {
            "asked": asked,
            "fetched": time.strftime("%Y-%m-%d %H:%M:%S%z"),
            "warnings": warnings,
            "rows": len(closes),
        },
    )
    return place


def with_retries(
    fetch: Callable[[], pd.Series], name: str, say: Callable[[str], None], wait: Callable[[float], None]
) -> pd.Series:
    """Try up to four times, waiting twice as long each time with a random part, as long as an answer may come right."""
    for attempt in range(1, TRIES + 1):
        try:
            return fetch()
        except FetchError as error:
            if attempt == TRIES:
                raise FetchError(f"{error} (after {TRIES} tries)") from error
            pause = FIRST_WAIT * 2 ** (attempt - 1) * (1 + random.random() / 2)
            say(f"{name}: {error}; again in {pause:.1f} s")
            wait(pause)
    raise AssertionError("unreachable")


def fetch_yahoo(name: str, start: str, end: str) -> pd.Series:
    """Return the adjusted daily closes of one series from Yahoo Finance.

    Raises
    ------
    FetchError
        Rate limit, time-out, an empty or odd answer.
    NoSuchSeries
        A ticker that the source does not know.
    DataError
        Where the package ``yfinance`` is not installed.
    """
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
    return closes[~closes.index.duplicated(keep="last")].rename(name)


def fetch_fred(name: str, start: str, end: str) -> pd.Series:
    """Return the daily closes of one index from FRED's CSV download.

    Raises
    ------
    FetchError
        Time-out, cut connection, server error, rate limit, a page instead of a table.
    NoSuchSeries
        A series that FRED does not have.
    """
    identifier = FRED_SERIES.get(name, name)
    address = f"{os.environ.get('STUDY_FRED_ADDRESS', FRED_ADDRESS)}?id={identifier}&cosd={start}&coed={end}"
    try:
        with urllib.request.urlopen(
            urllib.request.Request(address, headers={"User-Agent": "ai-boom-study"}), timeout=TIME_OUT
        ) as answer:
            content = answer.read(LARGEST_ANSWER + 1)
            if len(content) > LARGEST_ANSWER:
                raise FetchError("an answer far too large")
            announced = answer.headers.get("Content-Length")
            if announced and len(content) < int(announced):
                raise FetchError("an answer that was cut off")
    except urllib.error.HTTPError as error:
        if error.code in (400, 404):
            raise NoSuchSeries(f"the source knows no series {identifier}") from error
        said = "the source asks to slow down" if error.code == 429 else f"the source answers with error {error.code}"
        raise FetchError(said) from error
    except TimeoutError as error:
        raise FetchError(f"no answer within {TIME_OUT:.0f} s") from error
    except (urllib.error.URLError, OSError, EOFError) as error:
        slow = isinstance(getattr(error, "reason", None), TimeoutError)
        raise FetchError(
            f"no answer within {TIME_OUT:.0f} s" if slow else f"no connection ({type(error).__name__})"
        ) from error
    except http.client.HTTPException as error:
        raise FetchError("an answer that was cut off") from error
    return _fred_series(content, name, identifier)


def _fred_series(content: bytes, name: str, identifier: str) -> pd.Series:
    text = content.decode("utf-8", errors="replace")
    if text.lstrip()[:1] == "<":
        raise FetchError("a web page instead of a table")
    rows = list(csv.reader(io.StringIO(text)))
    if len(rows) < 2:
        raise FetchError("an empty answer")
    if len(rows[0]) != 2 or rows[0][1] != identifier:
        raise FetchError(f"other columns than expected: {', '.join(rows[0])[:80]}")
    if any(len(row) != 2 for row in rows[1:]):
        raise FetchError("a table that was cut off")
    try:
        values = {pd.Timestamp(day): float(value) for day, value in rows[1:] if value not in ("", ".")}
    except ValueError as error:
        raise FetchError(f"a value that is no number ({error})") from error
    if not values:
        raise FetchError("a table without values")
    return pd.Series(values, name=name)


def _usual(source: str) -> list[str]:
    if source == "fred":
        return list(FRED_SERIES)
    codebook = load_table("series")
    return codebook.loc[codebook["era"].isin(["ai", "both"]), "series"].tolist()


def _keep(path: Path, name: str, series: pd.Series) -> None:
    text = (
        series.rename_axis("date")
        .to_frame(name)
        .to_csv(float_format="%.8g", lineterminator="\n", date_format="%Y-%m-%d")
    )
    storage.write(path, text.encode())


def _publish(place: Path, partial: Path, closes: pd.DataFrame, manifest: Mapping[str, Any]) -> None:
    new = place.with_name(f".{place.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir()
    closes.rename_axis("date").to_csv(
        new / "prices.csv", float_format="%.8g", lineterminator="\n", date_format="%Y-%m-%d"
    )
    storage.write_json(new / "manifest.json", dict(manifest) | {"sha256": storage.checksum(new / "prices.csv")})
    storage.publish(new, place)
    shutil.rmtree(partial)
