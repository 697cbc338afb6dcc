"""The figures of record are what they say, and damaged files are refused with words a person can act on."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers import market_data
from helpers.market_data import DataError, check_prices, load_prices, load_table

WIDE = "Date,AAA,BBB\n2025-01-23,10,20\n2025-01-24,11,21\n2025-01-27,9,22\n2025-01-28,9.5,23\n"


@pytest.fixture(scope="module")
def ai() -> pd.DataFrame:
    return load_prices("bundled", "ai").closes


@pytest.fixture(scope="module")
def dotcom() -> pd.DataFrame:
    return load_prices("bundled", "dotcom").closes


def own(tmp_path: Path, text: str, name: str = "mine.csv") -> str:
    (tmp_path / name).write_text(text, encoding="utf-8")
    return f"folder:{tmp_path}"


def test_every_bundled_table_passes_its_own_checks() -> None:
    assert len(market_data.passport()) == 27
    for name in market_data.passport():
        assert not load_table(name).empty


def test_nvidia_fell_17_percent_on_27_january_2025(ai: pd.DataFrame) -> None:
    assert ai["NVDA"].pct_change()["2025-01-27"] == pytest.approx(-0.170, abs=5e-4)


def test_the_nasdaq_stood_at_its_known_levels(ai: pd.DataFrame, dotcom: pd.DataFrame) -> None:
    assert ai["^IXIC"]["2022-12-30"] == 10466.48
    assert ai["^IXIC"]["2024-12-16"] == 20173.89
    assert dotcom["^IXIC"]["2000-03-10"] == 5048.62
    assert dotcom["^IXIC"]["2002-10-09"] == 1114.11


def test_the_index_fell_by_its_members_weights_times_moves_while_seven_in_ten_rose(ai: pd.DataFrame) -> None:
    members = load_table("sp500_members_2025_01")
    move = members["close_2025_01_27_usd"] / members["close_2025_01_24_usd"] - 1
    weight = members["weight_2025_01_24_pct"] / members["weight_2025_01_24_pct"].sum()
    assert len(members) == 504
    assert (weight * move).sum() == pytest.approx(-0.0146, abs=1e-4)
    assert (weight * move).sum() == pytest.approx(ai["^GSPC"].pct_change()["2025-01-27"], abs=2e-4)
    assert (move > 0).mean() == pytest.approx(0.70, abs=0.01)


def test_bundled_nasdaq_agrees_with_an_independent_copy(dotcom: pd.DataFrame) -> None:
    from arch.data import nasdaq

    theirs = nasdaq.load()["Adj Close"]
    ours, theirs = dotcom["^IXIC"].align(theirs, join="inner")
    assert len(ours) > 1250
    assert (ours / theirs - 1).abs().max() < 5e-5


def test_month_ends_are_the_last_daily_closes_of_the_month(ai: pd.DataFrame, dotcom: pd.DataFrame) -> None:
    monthly = load_table("nasdaq_monthly")["nasdaq_composite_month_end"]
    for daily in (ai["^IXIC"], dotcom["^IXIC"]):
        last = daily.groupby(daily.index.to_period("M")).last()
        last.index = last.index.to_timestamp()
        gap = (monthly.reindex(last.index) / last - 1).abs().dropna()
        assert gap.max() < 1e-4


def test_shillers_prices_are_monthly_means_of_an_independent_copy() -> None:
    from arch.data import sp500

    daily = sp500.load()["Adj Close"]
    means = daily.groupby(daily.index.to_period("M")).mean()
    means.index = means.index.to_timestamp()
    gap = (load_table("shiller_monthly")["price"].reindex(means.index[:-1]) / means.iloc[:-1] - 1).abs()
    assert gap.median() < 1e-5
    assert gap.max() < 4e-3


def test_a_zero_that_means_not_yet_known_is_missing(raw_copy: Path) -> None:
    path = raw_copy / "shiller_monthly.csv"
    text = path.read_text().splitlines()
    text[-1] = text[-1].split(",")[0] + ",7000,0,0,330,4.2"
    path.write_text("\n".join(text) + "\n")
    rehash(raw_copy, "shiller_monthly")
    assert load_table("shiller_monthly", raw_copy).iloc[-1][["dividend", "earnings"]].isna().all()


def rehash(folder: Path, name: str) -> None:
    from study.storage import checksum

    passport = json.loads((folder / "datapackage.json").read_text())
    for resource in passport["resources"]:
        if resource["name"] == name:
            resource["hash"] = f"sha256:{checksum(folder / resource['path'])}"
    (folder / "datapackage.json").write_text(json.dumps(passport))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text.replace("date,ticker,close_usd", "date,ticker", 1), "missing column close_usd"),
        (lambda text: text.replace("date,ticker,close_usd", "date,ticker,close_usd,extra", 1), "column extra is not in datapackage.json"),
        (lambda text: text.replace("129.93", "12x.93", 1), "row 2, column close_usd: '12x.93' is not a number"),
        (lambda text: text.replace("2022-12-30,AMD", "30.12.2022,AMD", 1), "row 3, column date: '30.12.2022' is not a date; write it as 2025-01-27"),
        (lambda text: text.replace("2022-12-30,AMD,64.77", "2022-12-30,AAPL,64.77", 1), "row 3: 2022-12-30 AAPL stands more than once"),
        (lambda text: text.replace("129.93", "129.94", 1), "checksum differs from datapackage.json"),
    ],
)  # fmt: skip
def test_a_damaged_bundled_file_is_refused_by_name_row_and_column(raw_copy: Path, change, said: str) -> None:
    path = raw_copy / "quoted_closes.csv"
    path.write_text(change(path.read_text()))
    with pytest.raises(DataError, match="quoted_closes.csv") as caught:
        load_table("quoted_closes", raw_copy)
    assert said in str(caught.value)


def test_all_problems_of_a_file_are_told_at_once(raw_copy: Path) -> None:
    path = raw_copy / "quoted_closes.csv"
    path.write_text(path.read_text().replace("129.93", "x", 1).replace("64.77", "y", 1))
    with pytest.raises(DataError) as caught:
        load_table("quoted_closes", raw_copy)
    assert len(str(caught.value).splitlines()) == 3


def test_a_missing_bundled_file_says_how_to_restore_it(raw_copy: Path) -> None:
    (raw_copy / "events.csv").unlink()
    with pytest.raises(DataError, match="git checkout data/raw/events.csv"):
        load_table("events", raw_copy)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (WIDE.replace("2025-01-24,", "2025-01-23,"), "rows 2, 3: the date 2025-01-23 stands more than once"),
        (WIDE.replace("2025-01-28", "2025-01-21"), "row 5: 2025-01-21 stands after 2025-01-27; sort by date"),
        (
            WIDE.replace("2025-01-28", "2025-02-01"),
            "row 5: 2025-02-01 (Saturday) was not a New York trading day",
        ),
        (WIDE.replace("2025-01-23", "2025-01-09"), "2025-01-09 (Thursday) was not a New York trading day"),
        (WIDE.replace(",11,", ",-11,"), "row 3, column AAA: price -11 is not above zero"),
        (WIDE.replace(",11,", ",0,"), "price 0 is not above zero"),
        (
            WIDE.replace("2025-01-28", "2025-02-14"),
            "trading days without a price between 2025-01-27 and 2025-02-14",
        ),
        (WIDE.replace(",11,", ',"11,5",'), "'11,5' is not a number; write decimals with a point"),
        (WIDE.replace("2025-01-24", "24 Jan"), "row 3, column date: '24 Jan' is not a date"),
        ("When,AAA\n3,10\n4,11\n", "no date column; its columns are When, AAA"),
        ("Date,Open,High\n2025-01-27,1,2\n", "no close column"),
        ("", "the file is empty"),
        ("Date,AAA\n", "a header without rows"),
    ],
)
def test_an_own_file_with_a_fault_is_refused_in_words(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(DataError, match="mine.csv") as caught:
        load_prices(own(tmp_path, text))
    assert said in str(caught.value)


def test_a_picture_or_a_web_page_named_csv_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_bytes(bytes(range(256)) * 4)
    with pytest.raises(DataError, match="not UTF-8 text"):
        load_prices(f"folder:{tmp_path}")
    with pytest.raises(DataError, match="a web page, not a table"):
        load_prices(own(tmp_path, "<!doctype html><html>sign in</html>"))


def test_a_move_over_40_percent_is_let_through_and_listed(tmp_path: Path) -> None:
    prices = load_prices(own(tmp_path, WIDE.replace(",9,", ",5,").replace("9.5,", "5.5,")))
    assert prices.warnings == ("mine.csv: AAA moved by -55% on 2025-01-27: a real move or a missed split?",)


def test_newest_first_exports_with_a_close_column_are_understood(tmp_path: Path) -> None:
    text = (
        "Date,Open,High,Low,Close,Adj Close\n2025-01-28,1,1,1,9,8.5\n2025-01-27,1,1,1,8,7.5\n2025-01-24,1,1,1,10,9.5\n"
    )
    closes = load_prices(own(tmp_path, text, "XYZ.csv")).closes
    assert closes["XYZ"].tolist() == [9.5, 7.5, 8.5]


def test_own_series_are_added_to_the_bundled_ones_or_take_their_place(tmp_path: Path, ai: pd.DataFrame) -> None:
    prices = load_prices(f"bundled+{own(tmp_path, WIDE.replace('AAA', 'NVDA'))}")
    assert {"NVDA", "BBB", "SPY"} <= set(prices.closes.columns)
    assert prices.closes["NVDA"].count() == 4
    assert prices.closes["SPY"].equals(ai["SPY"])
    assert prices.origin["BBB"] == "own files"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("folder:/no/such/folder", "there is no such folder"),
        ("bundeld", "unknown data source 'bundeld'"),
        ("folder:", "unknown data source 'folder:'"),
    ],
)
def test_an_impossible_source_is_refused(source: str, said: str) -> None:
    with pytest.raises(DataError, match=said):
        load_prices(source)


def test_a_folder_without_files_or_with_the_same_series_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no price file"):
        load_prices(f"folder:{tmp_path}")
    own(tmp_path, WIDE, "one.csv")
    with pytest.raises(DataError, match="series in more than one file: AAA, BBB"):
        load_prices(own(tmp_path, WIDE, "two.csv"))


def test_a_folder_with_one_era_leaves_the_other_to_the_bundled_prices(tmp_path: Path, dotcom: pd.DataFrame) -> None:
    prices = load_prices(own(tmp_path, WIDE), "dotcom")
    assert prices.closes.equals(dotcom)
    assert prices.warnings == ("the source has no prices of the dot-com years; the bundled ones stand in",)


def test_checks_do_not_change_what_they_check(ai: pd.DataFrame) -> None:
    before = ai.copy()
    check_prices(ai, "x.csv")
    pd.testing.assert_frame_equal(ai, before)
    assert np.isfinite(ai["SPY"]).all()
