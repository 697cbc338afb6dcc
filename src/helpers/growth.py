"""Tables of growth and drawdown, series on one scale, and two eras side by side."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from helpers.returns import NOT_YET, Day, cagr, last_close, max_drawdown, volatility, years_between

PEAK = "peak"
Step = Literal["trading days", "months"]


def growth_table(prices: pd.DataFrame, start: Day, end: Day) -> pd.DataFrame:
    """Total growth, yearly growth, volatility and deepest fall of every series over one span.

    Parameters
    ----------
    prices : DataFrame
        Daily prices, one column a series.
    start, end : str or Timestamp
        First and last day of the span.

    Returns
    -------
    DataFrame
        One row a series: ``first_day``, ``last_day``, ``total_pct``, ``cagr_pct`` (blank over less than a
        year), ``volatility_pct`` a year, ``max_drawdown_pct`` and ``note``. A series that was listed later
        or ended sooner has blanks and a note that says so: its span would be another one.

    Examples
    --------
    >>> days = pd.to_datetime(["2022-12-30", "2023-12-29", "2024-12-30"])
    >>> table = growth_table(pd.DataFrame({"A": [1.0, 2.0, 4.0]}, index=days), "2022-12-30", "2024-12-30")
    >>> float(table.loc["A", "total_pct"]), float(table.loc["A", "cagr_pct"])
    (300.0, 100.0)
    """
    rows = {str(name): _growth_row(prices[name], start, end) for name in prices.columns}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("series")


def _growth_row(prices: pd.Series, start: Day, end: Day) -> dict[str, object]:
    """Make one row of the growth table, or a row of blanks with the reason."""
    row: dict[str, object] = dict.fromkeys(("first_day", "last_day"), pd.NaT)
    row |= dict.fromkeys(("total_pct", "cagr_pct", "volatility_pct", "max_drawdown_pct"), np.nan)
    try:
        (first, begin), (last, finish) = last_close(prices, start), last_close(prices, end)
    except ValueError as problem:
        return row | {"note": str(problem)}
    span = prices.loc[first:last].dropna()
    long_enough = years_between(first, last) >= 1
    return {
        "first_day": first,
        "last_day": last,
        "total_pct": 100 * (finish / begin - 1),
        "cagr_pct": 100 * cagr(prices, first, last) if long_enough else np.nan,
        "volatility_pct": 100 * volatility(span),
        "max_drawdown_pct": 100 * max_drawdown(span).depth,
        "note": "" if long_enough else "less than a year: no yearly rate",
    }


def drawdown_table(prices: pd.DataFrame, start: Day | None = None, end: Day | None = None) -> pd.DataFrame:
    """Deepest fall of every series with its dates and whether it was made good.

    Parameters
    ----------
    prices : DataFrame
        Daily prices, one column a series.
    start, end : str or Timestamp, optional
        Span looked at; all of it when left out. Only a recovery within the span is seen.

    Returns
    -------
    DataFrame
        One row a series that has a price in the span: ``peak``, ``trough``, ``depth_pct``, ``days_down``,
        ``recovery`` (a date as text, or "not yet") and ``days_back`` (blank when not yet); days are
        trading days of the series.

    Examples
    --------
    >>> days = pd.date_range("2025-01-01", periods=3)
    >>> drawdown_table(pd.DataFrame({"A": [10.0, 5.0, 6.0]}, index=days)).loc["A", "recovery"]
    'not yet'
    """
    rows = {}
    for name in prices.columns:
        span = prices[name].loc[start:end].dropna()
        if span.empty:
            continue
        fall = max_drawdown(span)
        rows[str(name)] = {
            "peak": fall.peak,
            "trough": fall.trough,
            "depth_pct": 100 * fall.depth,
            "days_down": fall.days_down,
            "recovery": NOT_YET if fall.recovery is None else f"{fall.recovery:%Y-%m-%d}",
            "days_back": np.nan if fall.days_back is None else fall.days_back,
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("series")


def rebase(prices: pd.DataFrame, base_date: Day, to: float = 100.0) -> pd.DataFrame:
    """Scale every series so that it has the same value on one day.

    Parameters
    ----------
    prices : DataFrame
        Prices on dates, one column a series.
    base_date : str or Timestamp
        Day on which each series equals ``to``; without a close, the last close before it.
    to : float
        The common value.

    Returns
    -------
    DataFrame
        Same shape and dates, index points. A series without a price by the base date is blank throughout.

    Raises
    ------
    ValueError
        If no series has a price by the base date.

    Examples
    --------
    >>> days = pd.date_range("2025-01-01", periods=2)
    >>> rebase(pd.DataFrame({"A": [4.0, 5.0], "B": [None, 7.0]}, index=days), "2025-01-01")["A"].tolist()
    [100.0, 125.0]
    """
    base = pd.Series(np.nan, index=prices.columns)
    for name in prices.columns:
        try:
            base[name] = last_close(prices[name], base_date)[1]
        except ValueError:
            continue  # listed later: stays blank
    if bool(base.isna().all()):
        raise ValueError(f"No series has a price on {pd.Timestamp(base_date):%Y-%m-%d}: choose another day.")
    return prices / base * to


def align_eras(
    first: pd.Series,
    second: pd.Series,
    anchors: tuple[str, str] | str = PEAK,
    step: Step = "trading days",
    labels: tuple[str, str] = ("dotcom", "ai"),
    to: float = 100.0,
) -> pd.DataFrame:
    """Lay two price series side by side by time since an anchor, both scaled to 100 there.

    Parameters
    ----------
    first, second : Series
        Daily prices of the earlier and the later era.
    anchors : pair of str, or "peak"
        One date for each era, or "peak" for the highest close (the first, should it be reached twice).
        In a pair, either may be "peak".
    step : {"trading days", "months"}
        "months" takes the last close of each month first; month 0 is the anchor's month.
    labels : pair of str
        Column names.
    to : float
        Value of both at the anchor.

    Returns
    -------
    DataFrame
        Index: trading days or months since the anchor, negative before it; two columns of index points,
        blank where one era has no price at that distance.

    Raises
    ------
    ValueError
        If the labels are the same, the step is unknown, or a series has no price by its anchor.

    Examples
    --------
    >>> old = pd.Series([1.0, 2.0, 1.0], index=pd.date_range("2000-03-09", periods=3))
    >>> new = pd.Series([5.0, 10.0], index=pd.date_range("2025-01-23", periods=2))
    >>> align_eras(old, new)["ai"].tolist()
    [50.0, 100.0, nan]
    """
    if labels[0] == labels[1]:
        raise ValueError(f"Both eras are labelled {labels[0]!r}: give two labels.")
    if step not in ("trading days", "months"):
        raise ValueError(f"Unknown step {step!r}: choose 'trading days' or 'months'.")
    if isinstance(anchors, str):
        if anchors != PEAK:
            raise ValueError(f"anchors is {anchors!r}: give one date for each era, or 'peak'.")
        anchors = (PEAK, PEAK)
    pairs = zip(labels, (first, second), anchors, strict=True)
    columns = {label: _since(prices, anchor, step, to) for label, prices, anchor in pairs}
    return pd.DataFrame(columns).sort_index().rename_axis(f"{step} since anchor".replace(" ", "_"))


def _since(prices: pd.Series, anchor: str, step: Step, to: float) -> pd.Series:
    """Index one series by its distance from the anchor and scale it to ``to`` there."""
    known = prices.dropna()
    days = pd.DatetimeIndex(known.index)
    values = known.to_numpy(dtype=float)
    day = days[int(values.argmax())] if anchor == PEAK else last_close(prices, anchor)[0]
    if step == "trading days":
        distance = np.arange(len(days)) - int(days.searchsorted(day))
    else:
        months = np.asarray(12 * days.year + days.month)
        last_of_month = np.append(months[1:] != months[:-1], True)
        values = values[last_of_month]
        distance = months[last_of_month] - (12 * day.year + day.month)
    return pd.Series(values / values[distance == 0] * to, index=distance)
