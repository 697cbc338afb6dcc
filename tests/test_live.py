"""Live sources without a network: recorded shapes of real answers, and a local server that misbehaves."""

import http.server
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from helpers import market_data
from helpers.market_data import DataError
from study import live

FRED_TABLE = "observation_date,SP500\n2025-01-23,6118.71\n2025-01-24,6101.24\n2025-01-25,.\n2025-01-27,6012.28\n2025-01-28,6067.7\n"
ANSWERS: dict[str, list[tuple[int, str, str]]] = {}  # series -> what the server does, one entry a request
ASKED: list[str] = []


class Misbehaving(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        series = self.path.split("id=")[1].split("&")[0]
        ASKED.append(series)
        code, how, body = ANSWERS[series].pop(0) if len(ANSWERS[series]) > 1 else ANSWERS[series][0]
        if how == "slow":
            time.sleep(1.0)
        self.send_response(code)
        self.send_header("Content-Length", str(len(body.encode()) + (500 if how == "cut" else 0)))
        self.end_headers()
        for part in [body] if how != "drop by drop" else body:
            self.wfile.write(part.encode())
            time.sleep(0.05 if how == "drop by drop" else 0)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    ASKED.clear()
    here = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Misbehaving)
    threading.Thread(target=here.serve_forever, args=(0.01,), daemon=True).start()
    monkeypatch.setenv("STUDY_FRED_ADDRESS", f"http://127.0.0.1:{here.server_port}/graph")
    monkeypatch.setattr(live, "TIME_OUT", 0.4)
    monkeypatch.setattr(live, "sleep", lambda seconds: None)
    yield
    here.shutdown()
    here.server_close()


@pytest.fixture
def fetch(server: None, tmp_path: Path):
    """Ask the server for series, and keep what comes in a folder of the test's own."""

    def ask(*names: str, said: list[str] | None = None) -> Path:
        lines = said if said is not None else []
        return live.refresh(tmp_path, "fred", names, "2025-01-23", "2025-01-28", lines.append)

    return ask


def good(series: str) -> tuple[int, str, str]:
    return 200, "plain", FRED_TABLE.replace("SP500", series)


def test_a_good_answer_becomes_a_snapshot_that_a_run_can_name(fetch, tmp_path: Path) -> None:
    ANSWERS.update(SP500=[good("SP500")], NASDAQCOM=[good("NASDAQCOM")])
    place = fetch("^GSPC", "^IXIC")
    closes = market_data.load_prices(f"folder:{place}").closes
    assert closes.columns.tolist() == ["^GSPC", "^IXIC"]
    assert closes["^GSPC"].tolist() == [6118.71, 6101.24, 6012.28, 6067.70]
    assert [path.name for path in tmp_path.iterdir() if path.suffix != ".lock"] == [place.name]
    assert sorted(path.name for path in place.iterdir()) == ["manifest.json", "prices.csv"]


def test_what_was_fetched_today_is_not_asked_for_again(fetch) -> None:
    ANSWERS.update(SP500=[good("SP500")])
    assert fetch("^GSPC") == fetch("^GSPC")
    assert ASKED == ["SP500"]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((200, "slow", FRED_TABLE), "no whole answer within"),
        ((200, "drop by drop", FRED_TABLE), "no whole answer within"),
        ((200, "plain", "\x1f\x8b\x00\n"), "no table of SP500"),
        ((200, "cut", FRED_TABLE), "cut off"),
        ((429, "plain", "slow down"), "error 429: Too Many Requests"),
        ((500, "plain", "error"), "error 500"),
        ((503, "plain", ""), "error 503"),
        ((200, "plain", "<!doctype html><html>maintenance</html>"), "it begins with '<!doctype"),
        ((200, "plain", ""), "an empty answer"),
        ((200, "plain", "observation_date,SP500\n"), "a table without values"),
        ((200, "plain", "date,open,high\n2025-01-27,1,2\n"), "no table of SP500"),
        ((200, "plain", "observation_date,SP500\n2025-01-24,6101.24\n2025-01"), "a table that was cut off"),
        ((200, "plain", "observation_date,SP500\n2025-01-24,6101"), "a table that was cut off"),
        ((200, "plain", "observation_date,SP500\n2025-01-24,n/a\n"), "no table of SP500"),
        ((200, "plain", "observation_date,SP500\n2025-01-24,.\n"), "a table without values"),
    ],
)
def test_a_bad_answer_is_tried_four_times_and_then_told_in_words(
    fetch, monkeypatch: pytest.MonkeyPatch, answer: tuple[int, str, str], said: str
) -> None:
    if answer[1] in ("slow", "drop by drop"):
        monkeypatch.setattr(live, "TIME_OUT", 0.1)
    ANSWERS.update(SP500=[answer])
    with pytest.raises(DataError) as caught:
        fetch("^GSPC")
    assert said in str(caught.value)
    assert "after 4 tries" in str(caught.value)
    assert len(ASKED) == 4


def test_a_source_that_recovers_is_enough(fetch) -> None:
    ANSWERS.update(SP500=[(429, "plain", ""), (500, "plain", ""), good("SP500")])
    said: list[str] = []
    assert fetch("^GSPC", said=said).is_dir()
    assert len(ASKED) == 3
    assert sum("again in" in line for line in said) == 2


def test_waits_grow_and_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    def never() -> pd.Series:
        raise live.FetchError("no")

    monkeypatch.setattr(live, "sleep", waits.append)
    with pytest.raises(live.FetchError, match="after 4 tries"):
        live.with_retries(never, "x", lambda line: None)
    assert len(waits) == 3
    assert all(1.0 * 2**n <= pause <= 1.5 * 2**n for n, pause in enumerate(waits))


def test_an_unknown_series_is_not_tried_again(fetch) -> None:
    ANSWERS.update(NOSUCH=[(404, "plain", "")])
    with pytest.raises(DataError, match="knows no series NOSUCH"):
        fetch("NOSUCH")
    assert len(ASKED) == 1


def test_what_came_is_kept_and_only_the_rest_is_asked_for_again(fetch, tmp_path: Path) -> None:
    ANSWERS.update(SP500=[good("SP500")], NASDAQCOM=[(500, "plain", "")])
    with pytest.raises(DataError, match="1 of 2 series could not be had. The 1 that came are kept"):
        fetch("^GSPC", "^IXIC")
    assert not list(tmp_path.glob("fred-*"))
    ASKED.clear()
    ANSWERS.update(NASDAQCOM=[good("NASDAQCOM")])
    assert fetch("^GSPC", "^IXIC").is_dir()
    assert ASKED == ["NASDAQCOM"]


def test_no_connection_is_told_once_for_all_series_and_leaves_nothing(
    fetch, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("STUDY_FRED_ADDRESS", "http://127.0.0.1:9/graph")
    with pytest.raises(DataError, match="2 of 2 series could not be had") as caught:
        fetch("^GSPC", "^IXIC")
    assert str(caught.value).count("no connection") == 1
    assert [path.name for path in tmp_path.iterdir() if path.suffix != ".lock"] == []


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("2025-01-24,1\n2025-02-03,2\n", "1 rows of days not asked for, the first of 2025-02-03"),
        ("2025-01-24,1\n2025-01-24,2\n", "rows 2, 3: the date 2025-01-24 stands more than once"),
        ("2025-01-24,1\n2025-01-27,1e999\n", "row 3, column \\^GSPC: not a finite number"),
    ],
)
def test_an_answer_that_was_not_asked_for_is_refused(fetch, rows: str, said: str) -> None:
    ANSWERS.update(SP500=[(200, "plain", f"observation_date,SP500\n{rows}")])
    with pytest.raises(DataError, match=said):
        fetch("^GSPC")


@pytest.mark.parametrize("address", ["nonsense", "ftp:/x", "http://[::1"])
def test_an_address_that_is_none_is_told_in_words(fetch, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("STUDY_FRED_ADDRESS", address)
    with pytest.raises(DataError, match="could not be had"):
        fetch("^GSPC")


def test_a_series_of_any_name_is_asked_for(fetch) -> None:
    ANSWERS.update({"%C3%A9": [(404, "plain", "")]})
    with pytest.raises(DataError, match="knows no series é"):
        fetch("é")


def test_another_request_on_the_same_day_makes_another_snapshot(fetch, tmp_path: Path) -> None:
    ANSWERS.update(SP500=[good("SP500")], NASDAQCOM=[good("NASDAQCOM")])
    first, second = fetch("^GSPC"), fetch("^IXIC")
    assert first != second
    assert market_data.load_prices(f"folder:{first}").closes.columns.tolist() == ["^GSPC"]
    assert fetch("^IXIC") == second
    assert len(ASKED) == 2


def test_a_snapshot_that_was_changed_after_the_fetch_is_refused(fetch, copied_root: Path, here) -> None:
    ANSWERS.update(SP500=[good("SP500")])
    place = fetch("^GSPC")
    shutil.copytree(place, copied_root / "data" / "snapshots" / place.name)
    words = ("check", "--only", "00_data", "-p", f"data_source=bundled+snapshot:{place.name}")
    assert here(*words, folder=copied_root).returncode == 0
    prices = copied_root / "data" / "snapshots" / place.name / "prices.csv"
    prices.write_text(prices.read_text().replace("6118.71", "6118.72"))
    answer = here(*words, folder=copied_root)
    assert answer.returncode == 3
    assert "prices.csv was changed after it had been fetched" in answer.stderr


def test_an_answer_that_fails_the_checks_of_prices_is_refused(fetch) -> None:
    ANSWERS.update(SP500=[(200, "plain", "observation_date,SP500\n2025-01-24,6101.24\n2025-01-26,1.0\n")])
    with pytest.raises(DataError, match=r"2025-01-26 \(Sunday\) was not a New York trading day"):
        fetch("^GSPC")


def yahoo_answer() -> pd.DataFrame:
    """The shape of a real answer of yfinance: time zone, several columns."""
    days = pd.DatetimeIndex(["2025-01-24", "2025-01-27"], name="Date").tz_localize("America/New_York")
    return pd.DataFrame(
        {
            "Open": [148.0, 124.8],
            "High": [148.9, 128.4],
            "Low": [141.8, 116.7],
            "Close": [142.58, 118.38],
            "Volume": [1, 2],
            "Dividends": [0.0, 0.0],
            "Stock Splits": [0.0, 0.0],
        },
        index=days,
    )


class FakeTicker:
    answer: object = None

    def __init__(self, name: str) -> None:
        self.name = name

    def history(self, **_: object) -> object:
        if isinstance(FakeTicker.answer, Exception):
            raise FakeTicker.answer
        return FakeTicker.answer


@pytest.fixture
def yahoo(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> type[FakeTicker]:
    yfinance = pytest.importorskip("yfinance")
    monkeypatch.setattr(yfinance, "Ticker", FakeTicker)
    return FakeTicker


def test_a_yahoo_answer_becomes_closes_by_day(yahoo: type[FakeTicker]) -> None:
    yahoo.answer = yahoo_answer()
    closes = live.fetch_yahoo("NVDA", "2025-01-24", "2025-01-27")
    assert closes.to_dict() == {pd.Timestamp("2025-01-24"): 142.58, pd.Timestamp("2025-01-27"): 118.38}


def test_yahoo_faults_are_told_in_words(yahoo: type[FakeTicker]) -> None:
    from yfinance.exceptions import YFRateLimitError, YFTickerMissingError

    faults: list[tuple[object, type[Exception], str]] = [
        (YFRateLimitError(), live.FetchError, "asks to slow down"),
        (YFTickerMissingError("X", "gone"), live.NoSuchSeries, "no such ticker"),
        (ConnectionError("x"), live.FetchError, "no usable answer"),
        (KeyError("chart"), live.FetchError, "no usable answer"),
        (pd.DataFrame(), live.FetchError, "no usable answer"),
        (yahoo_answer().iloc[:0], live.FetchError, "an empty answer"),
        (None, live.FetchError, "no usable answer"),
        (yahoo_answer().drop(columns="Close"), live.FetchError, "no usable answer \\(KeyError\\)"),
    ]
    for answer, kind, said in faults:
        yahoo.answer = answer
        with pytest.raises(kind, match=said):
            live.fetch_yahoo("NVDA", "2025-01-24", "2025-01-27")
