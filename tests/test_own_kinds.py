"""Twenty more files of each kind that people bring: each is read as it is meant, or refused by its true name."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers import market_data, own_files
from helpers.market_data import DataError, described, load_prices

DAYS = market_data.trading_days("2024-12-02", "2025-02-14")
CLOSES = (100 + 20 * np.sin(np.arange(len(DAYS)) / 9) + np.arange(len(DAYS)) % 7).round(2)
ISO = [f"{day:%Y-%m-%d}" for day in DAYS]
AAA = pd.Series(CLOSES, DAYS)
NO_PRICE = (
    "Open", "High", "Low", "Volume", "Vol.", "VOLUME", "Turnover", "Open Interest", "Change", "Change %", "Chg. %", "Return",
    "Trades", "Shares", "Dividends", "Stock Splits", "Capital Gains", "Bid", "Ask", "Market Cap", "Adj. Volume", "VWAP",
)  # fmt: skip
CLOSE = (
    "Close", "close", "CLOSE", "Adj Close", "Adj. Close", "adj_close", "Adj_Close", "Adjusted Close", "AdjClose", "adjclose",
    "Close/Last", "Closing Price", "PX_LAST", "Last", "Last Price", "Price", "Settle", "NAV", "<CLOSE>", "Close*", "Adj Close**",
)  # fmt: skip
DAY = (
    "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y-%m-%d 00:00:00", "%Y-%m-%dT00:00:00", "%Y-%m-%d 00:00:00-05:00",
    "%Y-%m-%d 16:00:00", "%d-%b-%Y", "%d %b %Y", "%d %B %Y", "%d-%B-%Y", "%Y-%m-%d 09:30:00", "%b-%d-%Y", "%m/%d/%Y", "%d.%m.%Y", "%d/%m/%Y",
    "%m-%d-%Y", "%d-%m-%Y", "%a %d %b %Y",
)  # fmt: skip
FILES = (
    "AAA.csv", "aaa.csv", "AAA.CSV", "AAA.txt", "AAA.tsv", "AAA (1).csv", "AAA (12).csv", "aaa.us.csv", "aaa.us.txt", "AAA.US.csv",
    "AAA Historical Data.csv", "AAA Historical Data (3).csv", "AAA Historical Prices.csv", "AAA Stock Price History.csv",
    "AAA_prices.csv", "AAA-price.csv", "AAA_daily.csv", "AAA daily.csv", "aaa_us_d.csv", "aaa_us.csv",
)  # fmt: skip
NAMELESS = (
    "data.csv", "Data.csv", "data (1).csv", "HistoricalData_1737999999999.csv", "HistoricalData-12.csv", "HistoricalData.csv",
    "historical data.csv", "table.csv", "table (4).csv", "download.csv", "download (2).csv", "export.csv", "price.csv", "prices.csv",
    "Prices (2).csv", "quotes.csv", "quote.csv", "chart.csv", "history.csv", "untitled.csv",
)  # fmt: skip
NOTHING = ("", ".", "-", "N/A", "n/a", "#N/A", "#N/A N/A", "NA", "NaN", "nan", "null", "NULL", "None", "--", "—", "#VALUE!", "#REF!", "#DIV/0!", "?", "*")  # fmt: skip
READ_AS_NONE = {"", ".", "N/A", "n/a", "#N/A", "null", "NaN", "nan"}


def written(folder: Path, text: str, name: str = "AAA.csv") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def table(*columns: object, head: str, part: str = ",") -> str:
    return "\n".join([head, *(part.join(map(str, row)) for row in zip(*columns, strict=True))]) + "\n"


@pytest.mark.parametrize("word", NO_PRICE)
def test_a_column_that_holds_no_price_is_not_taken_for_one(tmp_path: Path, word: str) -> None:
    own = own_files.read(written(tmp_path, table(ISO, CLOSES + 5, CLOSES, head=f"Date,{word},AAA"), "mine.csv"))
    pd.testing.assert_series_equal(own.closes["AAA"], AAA, check_names=False, check_freq=False)
    assert own.closes.columns.tolist() == ["AAA"]
    assert own.left == (word,)


@pytest.mark.parametrize("word", CLOSE)
def test_a_close_is_known_by_any_of_its_names_and_called_as_its_file(tmp_path: Path, word: str) -> None:
    own = own_files.read(
        written(tmp_path, table(ISO, CLOSES - 1, CLOSES, [7] * len(DAYS), head=f"Date,Open,{word},Volume"))
    )
    pd.testing.assert_series_equal(own.closes["AAA"], AAA, check_names=False, check_freq=False)


@pytest.mark.parametrize("form", DAY)
def test_a_day_is_read_in_any_writing_that_leaves_one_reading(tmp_path: Path, form: str) -> None:
    own = own_files.read(written(tmp_path, table([f"{day:{form}}" for day in DAYS], CLOSES, head="Date,Close")))
    assert own.closes.index.equals(DAYS)


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_called_by_the_ticker_in_its_name(tmp_path: Path, name: str) -> None:
    part = "\t" if name.endswith(".tsv") else ","
    own = own_files.read(written(tmp_path, table(ISO, CLOSES, head=f"Date{part}Close", part=part), name))
    assert own.closes.columns.tolist() == ["AAA"]


@pytest.mark.parametrize("name", NAMELESS)
def test_a_file_whose_name_says_nothing_is_asked_about(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match="which series is it"):
        own_files.read(written(tmp_path, table(ISO, CLOSES, head="Date,Close"), name))


@pytest.mark.parametrize("cell", NOTHING)
def test_a_cell_without_a_price_is_empty_or_is_named(tmp_path: Path, cell: str) -> None:
    values = [cell if day == pd.Timestamp("2025-01-27") else close for day, close in AAA.items()]
    written(tmp_path, table(ISO, values, head="Date,Close"), "NVDA.csv")
    try:
        closes = load_prices(f"folder:{tmp_path}").closes["NVDA"]
    except DataError as error:
        assert repr(cell) in str(error)
        assert cell not in READ_AS_NONE
    else:
        assert pd.Timestamp("2025-01-27") not in closes.dropna().index
        assert closes["2025-01-28"] == AAA["2025-01-28"]


FREQUENCIES = {
    "weekly": [range(start, 50, 5) for start in range(5)],
    "monthly": [range(start, 400, 21) for start in (0, 7, 14)],
    "quarterly or yearly": [range(start, 1300, 63) for start in (0, 30)],
}


@pytest.mark.parametrize(("kind", "places"), [(kind, places) for kind, all_ in FREQUENCIES.items() for places in all_])
def test_prices_that_are_not_of_each_day_are_refused_by_their_frequency(
    tmp_path: Path, kind: str, places: range
) -> None:
    days = market_data.trading_days("2018-01-02", "2024-12-31")[list(places)]
    with pytest.raises(DataError, match=f"{kind} prices"):
        own_files.read(
            written(tmp_path, table(days.strftime("%Y-%m-%d"), 50 + np.arange(len(days)), head="Date,Close"))
        )


@pytest.mark.parametrize("size", [*market_data.SPLITS, *(1 / size for size in market_data.SPLITS)])
def test_a_jump_as_large_as_a_splits_is_warned_of(tmp_path: Path, size: float) -> None:
    written(
        tmp_path,
        table(
            ISO, np.where(DAYS < "2025-01-15", 1, 1 / size) * (100 + np.arange(len(DAYS)) % 3 / 10), head="Date,Close"
        ),
    )
    warned = [note for note in load_prices(f"folder:{tmp_path}").warnings if "a real move or a missed split?" in note]
    assert len(warned) == 1
    assert "2025-01-15" in warned[0]


@pytest.mark.parametrize("year", [*range(1962, 2010, 5), *range(2010, 2026, 2)])
def test_every_year_belongs_to_one_of_the_eras(tmp_path: Path, year: int) -> None:
    days = market_data.trading_days(f"{year}-02-01", f"{year}-05-01")
    written(tmp_path, table(days.strftime("%Y-%m-%d"), 50 + np.arange(len(days)) % 7, head="Date,Close"))
    assert load_prices(f"folder:{tmp_path}", "ai" if year >= 2010 else "dotcom").closes.columns.tolist() == ["AAA"]


def test_each_file_of_twenty_is_told_in_a_line_with_what_was_understood(tmp_path: Path) -> None:
    for place in range(20):
        written(tmp_path, table(ISO, CLOSES + place, [1] * len(ISO), head="Date,Close (USD),Volume"), f"AA{place}.csv")
    said = [line for line in described(f"bundled+folder:{tmp_path}") if not line.startswith("  ")]
    assert len(said) == 20
    for line in said:
        assert "2024-12-02 to 2025-02-14" in line
        assert line.endswith("in USD; not taken: Volume")


@pytest.mark.parametrize("limit", ["MOST_BYTES", "MOST_ROWS", "MOST_COLUMNS"])
@pytest.mark.parametrize("over", [1, 2, 7, 30])
def test_a_file_over_a_limit_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, over: int
) -> None:
    path = written(tmp_path, table(ISO, *[CLOSES] * 4, head="Date,AAA,BBB,CCC,DDD"))
    size = {"MOST_BYTES": path.stat().st_size, "MOST_ROWS": len(ISO), "MOST_COLUMNS": 5}[limit]
    monkeypatch.setattr(own_files, limit, size - over)
    with pytest.raises(DataError, match="at most"):
        own_files.read(path)


@pytest.mark.parametrize("name", ["._AAA.csv", ".AAA.csv", "~$AAA.xlsx", ".~lock.AAA.csv#", "Thumbs.db", "desktop.ini", ".DS_Store", "AAA.csv.part", "AAA.csv~", "readme.md", "AAA.pdf", "series.csv", "AAA.csv.crdownload", "AAA.json"])  # fmt: skip
def test_what_is_no_price_file_is_passed_over(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\x00\x05\x16")
    written(tmp_path, table(ISO, CLOSES, head="Date,Close"), "BBB.csv")
    assert [path.name for path in own_files.price_files(tmp_path)] == ["BBB.csv"]
