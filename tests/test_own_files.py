"""What people export is read in one way; what may be read in two is refused, and told by row and column."""

import csv
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers import own_files
from helpers.own_files import DataError

DAYS = ["2025-01-24", "2025-01-27", "2025-01-28"]


def read(tmp_path: Path, content: str | bytes, name: str = "XYZ.csv") -> tuple[pd.DataFrame, list[int]]:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    own = own_files.read(path)
    return own.closes, own.rows.tolist()


@pytest.mark.parametrize(
    ("what", "name", "text", "series"),
    [
        ("yahoo", "XYZ.csv", "Date,Open,High,Low,Close,Adj Close,Volume\n2025-01-24,1,1,1,9,10,5\n2025-01-27,1,1,1,9,11,5\n2025-01-28,1,1,1,9,12,5\n", "XYZ"),
        ("yahoo's page", "XYZ.csv", "Date\tOpen\tClose*\tAdj Close**\nJan 28, 2025\t1\t9\t12\nJan 27, 2025\t1\t9\t11\nJan 24, 2025\t1\t9\t10\n", "XYZ"),
        ("nasdaq.com", "XYZ.csv", "Date,Close/Last,Volume,Open,High,Low\n01/28/2025,$12.00,1,$1,$1,$1\n01/27/2025,$11.00,1,$1,$1,$1\n01/24/2025,$10.00,1,$1,$1,$1\n", "XYZ"),
        ("investing.com", "XYZ.csv", '"Date","Price","Open","Vol.","Change %"\n"01/28/2025","12.00","1","2.1M","1%"\n"01/27/2025","11.00","1","2.1M","1%"\n"01/24/2025","10.00","1","2.1M","1%"\n', "XYZ"),
        ("stooq", "xyz_us_d.csv", "Date,Open,High,Low,Close,Volume\n2025-01-24,1,1,1,10,5\n2025-01-27,1,1,1,11,5\n2025-01-28,1,1,1,12,5\n", "XYZ"),
        ("FRED, with a holiday", "any.csv", "observation_date,SP500\n2025-01-20,.\n2025-01-24,10\n2025-01-27,11\n2025-01-28,12\n", "^GSPC"),
        ("an older FRED", "VIXCLS.csv", "DATE,VALUE\n2025-01-24,10\n2025-01-27,11\n2025-01-28,12\n", "^VIX"),
        ("a fund's page", "XYZ.csv", "Datum;NAV\n24.01.2025;10.0\n27.01.2025;11.0\n28.01.2025;12.0\n", "XYZ"),
        ("underscores", "XYZ.csv", "trade_date,close_price\n20250124,10\n20250127,11\n20250128,12\n", "XYZ"),
        ("Adj_Close", "XYZ.csv", "timestamp,Adj_Close\n2025/01/24,10\n2025/01/27,11\n2025/01/28,12\n", "XYZ"),
        ("time and zone", "XYZ.csv", "Time,Adjusted Close\n2025-01-24 00:00:00-05:00,10\n2025-01-27 00:00:00-05:00,11\n2025-01-28 00:00:00-05:00,12\n", "XYZ"),
        ("months in words", "any.csv", "DATE,XYZ\n24-Jan-2025,10\n27-Jan-2025,11\n28-Jan-2025,12\n", "XYZ"),
        ("a comma at each end", "any.csv", "Date,XYZ,\n24 January 2025,10,\n27 January 2025,11,\n28 January 2025,12,\n", "XYZ"),
    ],
)  # fmt: skip
def test_an_export_is_read(tmp_path: Path, what: str, name: str, text: str, series: str) -> None:
    frame, _ = read(tmp_path, text, name)
    assert [f"{day:%Y-%m-%d}" for day in frame.index] == DAYS
    assert frame.columns.tolist() == [series]
    assert frame[series].tolist() == [10, 11, 12]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_texts_are_read_in_four_encodings(tmp_path: Path, encoding: str) -> None:
    frame, _ = read(tmp_path, "Date,Größe\n2025-01-27,1.5\n".encode(encoding))
    assert frame.columns.tolist() == ["Größe"]


def test_dollars_and_thousands_are_taken_off_where_the_column_shows_its_decimal_point(tmp_path: Path) -> None:
    frame, _ = read(
        tmp_path,
        'Date,A,B\n2025-01-24,"$1,234.50","1,234,567"\n2025-01-27,$999.5,"999"\n2025-01-28,"2,000",\n',
    )
    assert frame["A"].tolist() == [1234.5, 999.5, 2000]
    np.testing.assert_equal(frame["B"].to_numpy(), [1234567, 999, np.nan])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Date,A\n01/02/2025,1\n01/03/2025,1\n", "'01/02/2025' may be 2025-01-02 or 2025-02-01, and no other row decides"),
        ("Date,A\n13/01/2025,1\n01/27/2025,1\n", "is not a date, or not written as the others are"),
        ("Date,A\n2025-01-24,1\n20250127,1\n", "row 3, column date: '20250127' is not a date, or not written as the others are"),
        ("Date,A\n2025-02-30,1\n", "row 2, column date: '2025-02-30' is not a date; write it as 2025-01-27"),
        ("Date,A\n27-Jan-25,1\n", "'27-Jan-25' is not a date"),
        ("Date,A\n1737936000,1\n", "'1737936000' is not a date"),
        ("Date,A\n0001-01-01,1\n", "'0001-01-01' is not a date"),
        ("Date,A\n01.01.0001,1\n", "'01.01.0001' is not a date"),
        ("Date,A\n,1\n", "row 2: no date"),
        ("Date;A\n2025-01-27;11,5\n", "'11,5' is not a number; write decimals with a point"),
        ("Date;A\n2025-01-27;1.234,5\n", "'1.234,5' is not a number; write decimals with a point"),
        ('Date,A\n2025-01-27,"1,234"\n', "'1,234' may be a thousand or a decimal comma"),
        ("Date,A\n2025-01-27,11,5\n", "row 2: 3 values under 2 column names"),
        ("Date,A\n2025-01-27\n", "row 2: 1 values under 2 column names"),
        ("Date,A\n2025-01-27,inf\n", "'inf' is not a number"),
        ("Date,A\n2025-01-27,0x1F\n", "'0x1F' is not a number"),
        ("Date,A,A\n2025-01-27,1,2\n", "more than one column is called A"),
        ("Date,SP500,GSPC\n2025-01-27,1,2\n", "two columns for ^GSPC"),
        ("Date\n2025-01-27\n", "a date column but no series beside it"),
    ],
)  # fmt: skip
def test_what_has_no_reading_or_two_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(DataError, match=r"XYZ\.csv") as caught:
        read(tmp_path, text)
    assert said in str(caught.value)


def test_only_a_file_strictly_newest_first_is_turned(tmp_path: Path) -> None:
    frame, rows = read(tmp_path, "Date,A\n2025-01-28,3\n2025-01-27,2\n2025-01-24,1\n")
    assert frame["A"].tolist() == [1, 2, 3]
    assert rows == [4, 3, 2]
    frame, rows = read(tmp_path, "Date,A\n2025-01-28,3\n2025-01-24,1\n2025-01-27,2\n")
    assert frame["A"].tolist() == [3, 1, 2]
    assert rows == [2, 3, 4]


def test_a_fault_in_a_file_newest_first_is_named_by_the_files_own_row(tmp_path: Path) -> None:
    from helpers.market_data import load_prices

    (tmp_path / "A.csv").write_text("Date,Close\n2025-01-28,0\n\n2025-01-27,2\n2025-01-24,1\n")
    with pytest.raises(DataError, match=r"A\.csv: row 2, column A: price 0 is not above zero"):
        load_prices(f"folder:{tmp_path}")


def test_thirty_years_are_read_in_a_moment(tmp_path: Path) -> None:
    days = pd.bdate_range("1995-01-02", periods=7800)
    with (tmp_path / "XYZ.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("Date", "Close"), *((f"{day:%d-%b-%Y}", "1.5") for day in days)])
    begun = time.process_time()  # a busy machine does not count
    assert len(own_files.read(tmp_path / "XYZ.csv").closes) == 7800
    assert time.process_time() - begun < 5
