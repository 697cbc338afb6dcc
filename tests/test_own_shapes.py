"""Files in the shapes in which sources export them: each is read as its source means it, or refused with the true reason."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers import market_data, own_files
from helpers.market_data import DataError, load_prices
from helpers.market_value import own_shares, share_counts, value_lost
from helpers.own_files import OwnFile
from helpers.valuation import daily_shares

DAYS = market_data.trading_days("2024-12-02", "2025-02-28")
CLOSES = (100 + 20 * np.sin(np.arange(len(DAYS)) / 9) + np.arange(len(DAYS)) % 7).round(2)
N = len(DAYS)
ISO = [f"{day:%Y-%m-%d}" for day in DAYS]


def table(days: list[str], *columns: object, head: str, part: str = ",") -> str:
    rows = (part.join(map(str, row)) for row in zip(days, *columns, strict=True))
    return "\n".join([head, *rows]) + "\n"


def ohlc(head: str, days: list[str] = ISO) -> str:
    return table(days, CLOSES - 1, CLOSES + 1, CLOSES - 2, CLOSES, [1000] * len(DAYS), head=head)


def read(tmp_path: Path, text: str | bytes, name: str = "AAA.csv") -> OwnFile:
    (tmp_path / name).write_bytes(text.encode() if isinstance(text, str) else text)
    return own_files.read(tmp_path / name)


ONE = table(ISO, CLOSES, head="Date,Close")
YFINANCE = "Price,Close,High\nTicker,AAA,AAA\nDate,,\n"
READ = {
    "lines above the header": ("AAA.csv", "DISCLAIMER: terms,,\n" + table(ISO, CLOSES, [1] * N, head="DATE,CLOSE,VOLUME")),
    "a line below the table": ("AAA.csv", ONE + "4321\n"),
    "a note below the table": ("AAA.csv", ONE + "Source: somebody\n"),
    "a dividend among the prices": ("AAA.csv", ONE.replace("2025-01-10,", "2025-01-10,0.01 Dividend\n2025-01-10,")),
    "a time behind the day": ("AAA.csv", table([f"{d.month}/{d.day}/{d.year} 16:00:00" for d in DAYS], CLOSES, head="Date,Close")),
    "days without zeros": ("AAA.csv", table([f"{d.year}-{d.month}-{d.day}" for d in DAYS], CLOSES, head="Date,Close")),
    "days with points, year first": ("AAA.csv", table([f"{d:%Y.%m.%d}" for d in DAYS], CLOSES, head="Date,Close")),
    "month, day, year with hyphens": ("AAA.csv", table([f"{d:%b-%d-%Y}" for d in DAYS], CLOSES, head="Date,Close")),
    "a weekday before the day": ("AAA.csv", table([f'"{d:%a, %b %d, %Y}"' for d in DAYS], CLOSES, head="Date,Close")),
    "a day with a comma, not quoted": ("AAA.csv", table([f"{d:%b %d, %Y}" for d in DAYS], CLOSES, [1] * N, head="Date, Price, Open")),
    "investing's file name": ("AAA Historical Data.csv", table(ISO, CLOSES, head="Date,Price")),
    "a second download": ("AAA (1).csv", ONE),
    "stooq's file name": ("aaa.us.csv", ohlc("Date,Open,High,Low,Close,Volume")),
    "stooq's text file": ("aaa.us.txt", ohlc("Date,Open,High,Low,Close,OpenInt")),
    "angle brackets": ("AAA.csv", table(["AAA.US"] * N, [f"{d:%Y%m%d}" for d in DAYS], CLOSES, head="<TICKER>,<DATE>,<CLOSE>")),
    "a ticker in each row": ("data.csv", table(ISO, ["AAA"] * N, CLOSES, head="Date,Symbol,Close")),
    "yfinance, three header rows": ("prices.csv", YFINANCE + table(ISO, CLOSES, CLOSES + 1, head="x").partition("\n")[2]),
    "a first column without a name": ("prices.csv", table(ISO, CLOSES, head=",AAA")),
    "Bloomberg's word for the close": ("AAA.csv", table(ISO, CLOSES, head="Date,PX_LAST")),
    "a settlement price": ("AAA.csv", table(ISO, CLOSES, [5] * N, [6] * N, head="Date,Settle,Volume,Open Interest")),
    "Excel's own first line": ("AAA.csv", "sep=;\n" + table(ISO, CLOSES, head="Date;Close", part=";")),
    "adjusted close with a point": ("AAA.csv", table(ISO, CLOSES + 3, CLOSES, head="Date,Close,Adj. Close")),
    "close and then adjusted": ("AAA.csv", table(ISO, CLOSES + 3, CLOSES, head="Date,Close,Adjusted_close")),
    "a currency behind each figure": ("AAA.csv", table(ISO, [f"{c} USD" for c in CLOSES], head="Date,Close")),
    "tabs": ("AAA.tsv", table(ISO, CLOSES, head="Date\tClose", part="\t")),
    "bars": ("AAA.txt", table(ISO, CLOSES, head="Date|Close", part="|")),
    "an index without a name": ("own.csv", table([str(n) for n in range(N)], ISO, CLOSES, head=",Date,AAA")),
    "CRSP's names": ("crsp.csv", table(["AAA"] * N, ISO, CLOSES, [0.01] * N, head="PERMNO,date,PRC,RET")),
    "German names": ("AAA.csv", table(ISO, CLOSES - 1, CLOSES + 1, CLOSES - 2, CLOSES, head="Datum;Erster;Hoch;Tief;Schlusskurs", part=";")),
    "French names": ("AAA.csv", table(ISO, CLOSES - 1, CLOSES + 1, CLOSES - 2, CLOSES, head="Date;Ouverture;Haut;Bas;Clôture", part=";")),
    "a volume beside the series": ("own.csv", table(ISO, CLOSES, CLOSES, [7] * N, head="date,AAA,BBB,Volume")),
}  # fmt: skip
REFUSED = {
    "returns in per cent": (table(ISO, [f"{c / 100:.2f}%" for c in CLOSES], head="Date,AAA"), "returns, not prices"),
    "returns around zero": (table(ISO, np.sin(CLOSES) / 50, head="date,AAA"), "moves around zero"),
    "gross returns": (table(ISO, 1 + np.sin(97 * CLOSES) / 50, head="date,AAA"), "gross returns"),
    "Excel's day numbers": (table([str((d - pd.Timestamp("1899-12-30")).days) for d in DAYS], CLOSES, head="Date,Close"), "day number of Excel"),
    "a point that may part thousands": (table(ISO, [f"{c / 7:.3f}" for c in CLOSES], head="Date;Close", part=";"), "three digits behind its point"),
    "years of two digits": (table([f"{d:%m/%d/%y}" for d in DAYS], CLOSES, head="Date,Close"), "its year has two digits"),
    "midnight of another zone": (table([f"{d - pd.Timedelta(days=1):%Y-%m-%d} 23:00:00+00:00" for d in DAYS], CLOSES, head="Date,Close"), "universal time"),
    "hours": (table([f"{d:%Y-%m-%d} {h}:30:00" for d in DAYS for h in (10, 11, 12)], np.arange(3 * N) + 1, head="Datetime,Close"), "several prices a day"),
    "weeks": (table(ISO[::5], CLOSES[::5], head="Date,Close"), "weekly prices"),
    "weeks and a last day": (table([*ISO[:-6:5], ISO[-1]], [*CLOSES[:-6:5], CLOSES[-1]], head="Date,Close"), "weekly prices"),
    "months": (table([f"20{y:02d}-{m:02d}-01" for y in (22, 23) for m in range(1, 13)], np.arange(24) + 9, head="Date,Close"), "monthly prices"),
    "a Git LFS pointer": ("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n", "Git LFS pointer"),
    "a workbook under another ending": (b"PK\x03\x04" + bytes(range(200)), "an Excel workbook"),
    "a web page": ("<!DOCTYPE html><html><body>sign in</body></html>\nx\n", "a web page"),
    "an infinite price": (ONE.replace(f",{CLOSES[3]}\n", ",1e999\n", 1), "'1e999' is not a number"),
    "days to come": (table(ISO, CLOSES, head="Date,Close").replace("2025-02-28", "2190-02-28"), "is still to come"),
    "no header": (ONE.partition("\n")[2], "no header"),
    "separators only": (",,,\n,,,\n", "the file is empty"),
    "one ticker twice a day": (table([*ISO, ISO[0]], ["AAA"] * (N + 1), [*CLOSES, 1], head="Date,Symbol,Close"), "stands more than once"),
}  # fmt: skip


@pytest.mark.parametrize("shape", READ)
def test_a_shape_is_read_as_its_source_means_it(tmp_path: Path, shape: str) -> None:
    name, text = READ[shape]
    own = read(tmp_path, text, name)
    assert own.closes.columns[0] == "AAA"
    assert set(own.closes.columns) <= {"AAA", "BBB"}
    np.testing.assert_allclose(own.closes["AAA"].reindex(DAYS[DAYS != "2025-01-10"]), CLOSES[DAYS != "2025-01-10"])


@pytest.mark.parametrize("shape", REFUSED)
def test_a_shape_that_is_no_table_of_daily_closes_is_refused_by_its_name(tmp_path: Path, shape: str) -> None:
    text, said = REFUSED[shape]
    with pytest.raises(DataError, match=r"AAA\.csv") as caught:
        read(tmp_path, text)
    assert said in str(caught.value)


@pytest.mark.parametrize("name", ["HistoricalData_1737999999999.csv", "data.csv", "download (2).csv", "Prices.csv"])
def test_a_file_name_that_is_no_ticker_is_asked_about(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match="which series is it"):
        read(tmp_path, ONE, name)


def test_a_row_a_day_and_ticker_becomes_a_column_a_ticker(tmp_path: Path) -> None:
    text = table([*ISO, *ISO], [*CLOSES, *CLOSES * 2], ["AAA"] * N + ["BBB"] * N, head="date,close,Name")
    own = read(tmp_path, text, "all_stocks.csv")
    np.testing.assert_allclose(own.closes["BBB"], 2 * own.closes["AAA"])
    assert own.rows[0] == 2


def test_tickers_that_are_also_words_stay_series(tmp_path: Path) -> None:
    own = read(
        tmp_path, table(ISO, CLOSES, CLOSES, CLOSES, CLOSES, CLOSES, head="date,AAA,LOW,OPEN,VALUE,BBB"), "own.csv"
    )
    assert {"AAA", "BBB", "VALUE"} <= set(own.closes.columns)


def test_a_workbook_is_read(tmp_path: Path) -> None:
    pd.DataFrame({"Date": DAYS, "Close": CLOSES}).to_excel(tmp_path / "AAA.xlsx", index=False)
    np.testing.assert_allclose(own_files.read(tmp_path / "AAA.xlsx").closes["AAA"], CLOSES)


def test_a_table_that_begins_somewhere_on_its_sheet_is_read(tmp_path: Path) -> None:
    sheet = pd.DataFrame({"Date": DAYS, "BBB": CLOSES})
    sheet.to_excel(tmp_path / "own.xlsx", index=False, startrow=3, startcol=2)
    own = own_files.read(tmp_path / "own.xlsx")
    assert own.closes.columns.tolist() == ["BBB"]
    assert own.rows[0] == 5


def test_what_systems_and_editors_leave_behind_is_passed_over(tmp_path: Path) -> None:
    for name in ("._AAA.csv", "~$AAA.xlsx", ".DS_Store", "series.csv", "notes.md"):
        (tmp_path / name).write_bytes(b"\x00\x01")
    (tmp_path / ".ipynb_checkpoints").mkdir()
    (tmp_path / "AAA.csv").write_text(ONE)
    assert [path.name for path in own_files.price_files(tmp_path)] == ["AAA.csv"]
    assert load_prices(f"folder:{tmp_path}").closes.columns.tolist() == ["AAA"]


def test_a_pipe_is_no_file_to_wait_for(tmp_path: Path) -> None:
    import os

    if not hasattr(os, "mkfifo"):
        pytest.skip("no pipes in this system's folders")
    os.mkfifo(tmp_path / "AAA.csv")
    with pytest.raises(DataError, match="no ordinary file"):
        own_files.read(tmp_path / "AAA.csv")


def test_a_series_has_one_source_an_empty_cell_stays_empty(tmp_path: Path) -> None:
    bundled = load_prices("bundled").closes
    own = bundled[["NVDA"]].copy()
    own.loc["2025-01-27", "NVDA"] = np.nan
    own["OTHER"] = 100.0 + np.arange(len(own)) % 5
    own.to_csv(tmp_path / "own.csv")
    both = load_prices(f"bundled+folder:{tmp_path}").closes
    assert np.isnan(both.loc["2025-01-27", "NVDA"])
    assert both.loc["2025-01-27", "AMD"] == bundled.loc["2025-01-27", "AMD"]


def test_another_exchange_is_named_and_its_calendar_reads_the_file(tmp_path: Path) -> None:
    days = market_data.trading_days("2024-12-02", "2025-02-28", "XETR")
    (tmp_path / "SAP.DE.csv").write_text(
        table([f"{d:%Y-%m-%d}" for d in days], 100 + np.arange(len(days)) % 9, head="Date,Close")
    )
    with pytest.raises(DataError, match="Frankfurt"):
        load_prices(f"folder:{tmp_path}")
    found = load_prices(f"folder:{tmp_path}", calendar="XETR")
    assert (len(found.closes), found.currency) == (len(days), "")  # no file says which: not taken for dollars
    with pytest.raises(DataError, match="the bundled series follow New York, not XETR"):
        load_prices(f"bundled+folder:{tmp_path}", calendar="XETR")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda c: np.where(np.arange(N) > 20, c[20], c), "does not change for"),
        (lambda c: np.where(np.arange(N) > 20, 100 / 1.5, 100.0 + np.arange(N) % 2), "a missed split?"),
        (lambda c: np.where(np.arange(N) > 20, 50.0, 100.0) + np.arange(N) % 2, "a missed split?"),
    ],
    ids=["stale", "three for two", "two for one"],
)
def test_prices_that_rest_or_jump_like_a_split_are_warned_of(tmp_path: Path, change, said: str) -> None:
    (tmp_path / "AAA.csv").write_text(table(ISO, change(CLOSES), head="Date,Close"))
    assert said in " ".join(load_prices(f"folder:{tmp_path}").warnings)


def test_check_says_in_a_line_what_was_understood(tmp_path: Path) -> None:
    (tmp_path / "AAA.csv").write_text(ohlc("Date,Open,High,Low,Close,Volume").replace("Close", "Close (EUR)", 1))
    line = market_data.described(f"folder:{tmp_path}")[0]
    assert line.startswith(
        "AAA.csv: AAA from Close (EUR), 2024-12-02 to 2025-02-28, 60 days, 0 without a price, largest move"
    )
    assert "in EUR" in line
    assert "not taken: Open, High, Low, Volume" in line


def test_years_between_the_eras_are_read(tmp_path: Path) -> None:
    days = market_data.trading_days("2010-01-04", "2012-12-31")
    (tmp_path / "AAA.csv").write_text(
        table([f"{d:%Y-%m-%d}" for d in days], 50 + np.arange(len(days)) % 11, head="Date,Close")
    )
    assert pd.Timestamp("2010-05-06") in load_prices(f"folder:{tmp_path}").closes.index


def test_an_own_codebook_names_and_groups_own_series(tmp_path: Path) -> None:
    (tmp_path / "AAA.csv").write_text(ONE)
    (tmp_path / "series.csv").write_text("series,name,group\nAAA,Triple A plc,chips\nBBB,,\n")
    table = market_data.codebook_of(f"bundled+folder:{tmp_path}").set_index("series")
    assert table.loc["AAA", ["name", "short", "group"]].tolist() == ["Triple A plc", "Triple A plc", "chips"]
    assert table.loc["BBB", ["name", "short", "group"]].tolist() == ["BBB", "BBB", "other"]
    assert table.loc["NVDA", "short"] == "Nvidia"
    (tmp_path / "series.csv").write_text("series,name,group,shares_mn\nNVDA,,,24400\nSTOXX,STOXX Europe 600,index,\n")
    table = market_data.codebook_of(f"bundled+folder:{tmp_path}").set_index("series")
    assert table.loc["NVDA", ["short", "group", "kind", "era"]].tolist() == ["Nvidia", "chips", "stock", "ai"]
    assert table.loc["STOXX", ["short", "group", "kind"]].tolist() == ["STOXX Europe 600", "index", "index"]
    (tmp_path / "series.csv").write_text("series,colour\nAAA,red\n")
    with pytest.raises(DataError, match="unknown column colour"):
        market_data.codebook_of(f"folder:{tmp_path}")


def test_currencies_are_not_mixed(tmp_path: Path) -> None:
    (tmp_path / "AAA.csv").write_text(ONE.replace("Close", "Close (EUR)"))
    assert load_prices(f"folder:{tmp_path}").closes.columns.tolist() == ["AAA"]
    assert [load_prices(source).currency for source in ("bundled", f"folder:{tmp_path}")] == ["USD", "EUR"]
    with pytest.raises(DataError, match="AAA in EUR, the bundled series in USD"):
        load_prices(f"bundled+folder:{tmp_path}")
    (tmp_path / "BBB.csv").write_text(ONE.replace("Close", "Close (GBP)"))
    with pytest.raises(DataError, match="AAA in EUR, BBB in GBP"):
        load_prices(f"folder:{tmp_path}")


@pytest.mark.parametrize(
    "text",
    [
        table(ISO, CLOSES, CLOSES, head="Date,AAA (EUR),BBB (USD)"),
        table(ISO, CLOSES, [f"{c} USD" for c in CLOSES], head="Date,AAA (EUR),BBB"),
        table(ISO * 2, ["AAA"] * N + ["BBB"] * N, [*CLOSES] * 2, ["EUR"] * N + ["USD"] * N, head="Date,Symbol,Close,Currency"),
    ],
    ids=["in the header", "behind the figures", "in a column"],
)  # fmt: skip
def test_two_currencies_in_one_file_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(DataError, match=r"own\.csv: prices in more than one currency: EUR, USD"):
        read(tmp_path, text, "own.csv")


def test_a_column_of_currencies_names_that_of_the_prices(tmp_path: Path) -> None:
    assert read(tmp_path, table(ISO, CLOSES, ["SEK"] * N, head="Date,Close,Currency")).currency == "SEK"


def test_an_own_company_with_its_shares_has_a_market_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "AAA.csv").write_text(ONE)
    (tmp_path / "series.csv").write_text("series,shares_mn\nAAA,2000\n")
    source = f"bundled+folder:{tmp_path}"
    kept = tmp_path / "run" / "00_data" / "data"
    kept.mkdir(parents=True)
    market_data.codebook_of(source).to_csv(kept / "series.csv", index=False)
    monkeypatch.setenv("STUDY_RUN", str(tmp_path / "run"))
    eve, day = pd.Timestamp("2025-01-24"), pd.Timestamp("2025-01-27")
    lost = value_lost(load_prices(source).closes, eve, day)
    assert (daily_shares(share_counts(DAYS[0]), DAYS, "step")["AAA"] == 2000).all()
    assert own_shares().to_dict() == {"AAA": 2000}
    closes = pd.Series(CLOSES, DAYS)
    assert lost.loc["AAA", "lost_usd_bn"] == pytest.approx(2 * (closes[eve] - closes[day]))
    assert lost.loc["NVDA", "lost_usd_bn"] == pytest.approx(592.7, abs=0.05)
    (tmp_path / "series.csv").write_text("series,shares_mn\nAAA,many\n")
    with pytest.raises(DataError, match="AAA: shares_mn 'many' is not a number"):
        market_data.codebook_of(source)


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "$x_1$", "=cmd()", "\x1b[31mAAA", "`ls`", "@SUM(A1)"])
def test_a_name_that_would_be_read_as_something_else_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match="is no name for a series|not UTF-8 text"):
        read(tmp_path, table(ISO, CLOSES, CLOSES, head=f"date,AAA,{name}"), "own.csv")
    (tmp_path / "series.csv").write_text(f"series,short\nAAA,{name}\n")
    with pytest.raises(DataError, match="is no name for a series|not UTF-8 text"):
        market_data.codebook_of(f"folder:{tmp_path}")
