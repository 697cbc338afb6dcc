"""What 00_data shows about the figures: coverage, sources, confidence, and a check against other people's copies."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers import charts, market_data, words
from helpers.market_data import Prices
from helpers.results import Output

TOLERANCE_PCT = 0.01


def keep_prices(out: Output, prices: dict[str, Prices]) -> None:
    """Write the checked closes of each era where the other notebooks of the run read them."""
    folder = out.folder / "data"
    folder.mkdir(exist_ok=True)
    for era, found in prices.items():
        text = found.closes.to_csv(float_format="%.10g", lineterminator="\n", date_format="%Y-%m-%d")
        charts.write(folder / f"prices_{era}.csv", text.encode())


def coverage(prices: dict[str, Prices]) -> pd.DataFrame:
    """Count the daily series of each era and group with their first and last day.

    Returns
    -------
    pd.DataFrame
        One row for each era and group.
    """
    groups = market_data.load_table("series").set_index("series")["group"]
    rows = []
    for era, found in prices.items():
        closes = found.closes
        for group, names in pd.Series(closes.columns, dtype=str).groupby(
            groups.reindex(closes.columns).fillna("other").to_numpy()
        ):
            part = closes[list(names)]
            rows.append({
                "era": era, "group": group, "series": len(names), "first day": part.first_valid_index(),
                "last day": part.last_valid_index(), "from": ", ".join(sorted({found.origin[name] for name in names})),
            })  # fmt: skip
    return pd.DataFrame(rows).set_index("era")


def table_spans() -> pd.DataFrame:
    """Return file -> start, end, group, rows for every bundled file with dates."""
    rows = {}
    for name, resource in market_data.passport().items():
        table = market_data.load_table(name)
        if isinstance(table.index, pd.DatetimeIndex):
            dates = pd.Series(table.index)
        else:
            columns = [column for column in ("date", "as_of", "period_end_or_date", "date_to") if column in table]
            if not columns:
                continue
            dates = pd.to_datetime(table[columns[0]])
        kind = resource["kind"] if resource["kind"] in ("prices", "monthly", "quarterly") else "facts"
        rows[name] = {"start": dates.min(), "end": dates.max(), "group": kind, "rows": len(table)}
    order = {"prices": 0, "monthly": 1, "quarterly": 2, "facts": 3}
    frame = pd.DataFrame.from_dict(rows, orient="index").rename_axis("file")
    return frame.sort_values(
        ["group", "start"], key=lambda column: column.map(order) if column.name == "group" else column
    )


def coverage_title(spans: pd.DataFrame) -> str:
    """Say in one sentence how far the data reach."""
    daily = spans[spans["group"] == "prices"]
    return f"Daily prices cover both eras; the longest monthly table begins in {spans['start'].min():%Y} and the data end in {daily['end'].max():%B %Y}"


def coverage_alt(spans: pd.DataFrame) -> str:
    """Describe the coverage chart in words."""
    return "Horizontal bars from first to last date: " + "; ".join(
        f"{name} {row.start:%Y} to {row.end:%Y}" for name, row in spans.iterrows()
    )


def confidence_counts() -> pd.DataFrame:
    """Count facts by file and confidence."""
    rows = {}
    for name in market_data.passport():
        table = market_data.load_table(name)
        if "confidence" in table:
            rows[f"{name}.csv"] = table["confidence"].value_counts()
    frame = pd.DataFrame(rows).T.reindex(columns=["high", "medium", "low"]).fillna(0).astype(int).rename_axis("file")
    frame["low, % of facts"] = 100 * frame["low"] / frame[["high", "medium", "low"]].sum(axis=1)
    return frame.sort_values("low", ascending=False, kind="stable")


def passport_table() -> pd.DataFrame:
    """List the bundled files with title, rows, sources and licence."""
    rows = {
        resource["path"]: {
            "what": resource["title"],
            "rows": resource["rows"],
            "sources": "; ".join(source["title"] for source in resource["sources"]),
        }
        for resource in market_data.passport().values()
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("file")


def independent_closes() -> dict[str, pd.Series]:
    """Return the daily closes 1999-2018 that the `arch` package ships: NASDAQ Composite and S&P 500."""
    from arch.data import nasdaq, sp500

    return {"nasdaq": nasdaq.load()["Adj Close"], "sp500": sp500.load()["Adj Close"]}


def cross_pairs() -> dict[str, tuple[pd.Series, pd.Series]]:
    """Pair bundled figures with the same figures computed from the `arch` package's copies.

    Returns
    -------
    dict
        Name -> (bundled, independent), both indexed by day or month, over the days that both have.
    """
    other = independent_closes()
    daily = market_data.load_table(market_data.ERAS["dotcom"])["^IXIC"]
    month_ends = market_data.load_table("nasdaq_monthly")["nasdaq_composite_month_end"]
    means = market_data.load_table("shiller_monthly")["price"]
    by_month = other["nasdaq"].resample("MS").last()
    mean = other["sp500"].resample("MS").mean()
    pairs = {
        "NASDAQ daily closes": (daily, other["nasdaq"]),
        "NASDAQ month-ends": (month_ends, by_month.iloc[:-1]),
        "S&P 500 monthly means": (means, mean.iloc[:-1]),
    }
    return {name: tuple(ours.dropna().align(theirs.dropna(), join="inner")) for name, (ours, theirs) in pairs.items()}


def cross_checks() -> pd.DataFrame:
    """Hold the bundled NASDAQ and S&P 500 figures against the `arch` package's copies.

    Returns
    -------
    pd.DataFrame
        One row a comparison: how many days or months, the largest difference in per cent, where it is, and
        the share that is equal within 0.01 %.
    """
    rows = {}
    for name, (ours, theirs) in cross_pairs().items():
        gap = 100 * (ours / theirs - 1).abs()
        rows[name] = {
            "from": gap.index[0], "to": gap.index[-1], "days or months": len(gap), "largest difference, %": gap.max(),
            "on": gap.idxmax(), "equal within 0.01 %": 100 * (gap <= TOLERANCE_PCT).mean(),
        }  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("series")


def cross_differences() -> pd.DataFrame:
    """Return the monthly differences from the independent copies in per cent of the level."""
    pairs = cross_pairs()
    return pd.DataFrame(
        {name: 100 * (pairs[name][0] / pairs[name][1] - 1) for name in ("NASDAQ month-ends", "S&P 500 monthly means")}
    )


def cross_title(checks: pd.DataFrame) -> str:
    """Say how well the bundled figures agree with the independent copies."""
    return f"Bundled monthly figures differ from an independent copy by at most {checks['largest difference, %'].iloc[1:].max():.2f} %"


def cross_alt(checks: pd.DataFrame) -> str:
    """Describe the comparison in words."""
    return "; ".join(
        f"{name}: largest difference {row['largest difference, %']:.3f} % in {row['on']:%B %Y}"
        for name, row in checks.iloc[1:].iterrows()
    )


def low_confidence() -> pd.DataFrame:
    """List the facts of low confidence by file and topic, with what ought to stand behind them."""
    rows = []
    for name in market_data.passport():
        table = market_data.load_table(name)
        if "confidence" not in table:
            continue
        weak = table[table["confidence"] == "low"]
        if weak.empty:
            continue
        topic = next(
            column for column in ("item", "measure", "series", "ticker", "entity", "company", "claim") if column in weak
        )
        for what, part in weak.groupby(topic):
            source = part["source"].iloc[0].removeprefix("unconfirmed; should stand in: ")
            rows.append({"file": f"{name}.csv", "topic": what, "facts": len(part), "ought to stand in": source[:70]})
    return pd.DataFrame(rows).set_index("file").sort_values("facts", ascending=False, kind="stable")


def data_findings(out: Output, ai: Prices, dotcom: Prices, grades: pd.DataFrame, checks: pd.DataFrame) -> None:
    """Write the findings and key figures of 00_data."""
    counts = grades[["high", "medium", "low"]].sum()
    total = int(counts.sum())
    for era, found in (("AI", ai), ("dot-com", dotcom)):
        closes = found.closes
        out.finding(
            f"{words.plural(closes.shape[1], 'daily series', 'daily series')} of the {era} era, {words.number(len(closes))} trading days from "
            f"{words.day(closes.index[0])} to {words.day(closes.index[-1])}, pass every check.",
            "coverage",
        )
    out.finding(
        f"Of {words.number(total)} single facts, {words.percent(100 * counts['high'] / total, 0)} are of high confidence, "
        f"{words.percent(100 * counts['medium'] / total, 0)} of medium and {words.percent(100 * counts['low'] / total, 0)} of low; the low ones are marked wherever they are shown."
    )
    daily = checks.iloc[0]
    out.finding(
        f"Against an independent copy of the NASDAQ Composite, {words.percent(daily['equal within 0.01 %'], 1)} of {words.number(daily['days or months'])} daily closes "
        f"are equal within {TOLERANCE_PCT} %; the largest difference is {words.percent(daily['largest difference, %'], 3)}, on {words.day(daily['on'])}.",
        "cross_check",
    )
    out.finding(
        f"The monthly figures differ from that copy by at most {words.percent(checks['largest difference, %'].iloc[1:].max(), 2)}.",
        "cross_check",
    )
    out.key("series_ai", ai.closes.shape[1], "series", "daily series of the AI era")
    out.key("series_dotcom", dotcom.closes.shape[1], "series", "daily series of the dot-com era")
    out.key("facts", total, "facts", "single facts with a source and a grade")
    out.key("facts_low_pct", float(100 * counts["low"] / total), "percent", "facts of low confidence")
    out.key(
        "nasdaq_largest_difference_pct",
        float(np.round(daily["largest difference, %"], 6)),
        "percent",
        "largest difference of a daily NASDAQ close from the independent copy",
        figure="cross_check",
    )
