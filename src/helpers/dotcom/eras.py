"""The dot-com and the AI era side by side: aligned paths, Nvidia beside Cisco, growth or price, falls and recoveries."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers import growth, market_data
from helpers.parameters import SEVEN, Settings
from helpers.results import study_prices
from helpers.returns import last_close, max_drawdown, years_between

COMPOSITE, SP500, FOCUS, FORMER = "^IXIC", "^GSPC", "NVDA", "CSCO"
SHIFT_DAYS = 63  # a quarter: by so much an era's start may be moved when its range is asked for
TOP_MONTH = pd.Timestamp("2000-03-01")
SHORT = {
    "CSCO": "Cisco",
    "QCOM": "Qualcomm",
    "GOOGL": "Alphabet",
    "META": "Meta",
    COMPOSITE: "NASDAQ Composite",
}


@dataclass(frozen=True, eq=False)
class Eras:
    """Both eras with the days on which they are compared.

    Attributes
    ----------
    dotcom, ai : DataFrame
        Daily closes of the two eras.
    dotcom_start, ai_start : Timestamp
        Trading days on which the eras begin.
    peak, trough : Timestamp
        Highest close of the NASDAQ Composite in the dot-com years, and the lowest after it.
    now, last : Timestamp
        Trading day that is compared, and the last of the data.
    """

    dotcom: pd.DataFrame
    ai: pd.DataFrame
    dotcom_start: pd.Timestamp
    ai_start: pd.Timestamp
    peak: pd.Timestamp
    trough: pd.Timestamp
    now: pd.Timestamp
    last: pd.Timestamp


@dataclass(frozen=True)
class SameDistance:
    """Gain of each era after equally many trading days, in per cent.

    Attributes
    ----------
    days : int
        Trading days since the start.
    ai_pct, dotcom_pct : float
        Gain from the start; missing where the dot-com prices do not reach so far.
    ai_range, dotcom_range : tuple of float
        Lowest and highest gain when the start is moved by up to a quarter either way.
    """

    days: int
    ai_pct: float
    dotcom_pct: float
    ai_range: tuple[float, float]
    dotcom_range: tuple[float, float]


def load(settings: Settings) -> Eras:
    """Read the prices of both eras and find the days that the parameters name.

    Parameters
    ----------
    settings : Settings
        Checked parameters of 03_dotcom_comparison.

    Raises
    ------
    ValueError
        If a series that the comparison rests on is missing, a day lies outside the prices, or the day
        compared does not come after the era's start.

    Examples
    --------
    >>> from helpers import parameters
    >>> eras = load(parameters.check("03_dotcom_comparison", {}))
    >>> f"{eras.peak:%Y-%m-%d} {eras.trough:%Y-%m-%d} {eras.now:%Y-%m-%d}"
    '2000-03-10 2002-10-09 2025-01-24'
    """
    dotcom, ai = study_prices("dotcom"), study_prices("ai")
    for needed, closes, era in (
        ((COMPOSITE, FORMER), dotcom, "dot-com"),
        ((COMPOSITE, SP500, FOCUS), ai, "AI"),
    ):
        missing = [name for name in needed if name not in closes.columns]
        if missing:
            raise ValueError(
                f"The {era} prices lack {', '.join(missing)}, which this comparison rests on: "
                "use the data source bundled+folder:PATH, which adds your own series to the bundled ones."
            )
    index = dotcom[COMPOSITE].dropna()
    peak = pd.Timestamp(index.idxmax())
    now = last_close(ai[COMPOSITE], settings.compare_on)[0]
    ai_start = last_close(ai[COMPOSITE], settings.ai_start)[0]
    if now <= ai_start:
        raise ValueError(
            f"compare_on: {settings.compare_on} does not come after ai_start {settings.ai_start}: take a later day."
        )
    return Eras(
        dotcom=dotcom,
        ai=ai,
        dotcom_start=last_close(dotcom[COMPOSITE], settings.dotcom_start)[0],
        ai_start=ai_start,
        peak=peak,
        trough=pd.Timestamp(index.loc[peak:].idxmin()),
        now=now,
        last=pd.Timestamp(ai[COMPOSITE].last_valid_index()),
    )


def aligned(eras: Eras, at_peak: bool = False) -> pd.DataFrame:
    """Lay the NASDAQ of both eras side by side by trading days since their start, or since their highest close.

    Parameters
    ----------
    eras : Eras
    at_peak : bool
        Align at the highest close; that of the AI era is the highest known on the day compared.

    Returns
    -------
    DataFrame
        Trading days since the anchor by ``dotcom``, ``ai`` (up to the day compared) and ``ai_after`` (from then
        on), index points with 100 at the anchor.
    """
    then, today = eras.dotcom[COMPOSITE], eras.ai[COMPOSITE]
    anchors = (eras.peak, ai_peak(eras)) if at_peak else (eras.dotcom_start, eras.ai_start)
    frame = growth.align_eras(then, today, (f"{anchors[0]:%Y-%m-%d}", f"{anchors[1]:%Y-%m-%d}"))
    place = len(today.loc[anchors[1] : eras.now].dropna()) - 1
    frame["ai_after"] = frame["ai"].where(frame.index >= place)
    frame["ai"] = frame["ai"].where(frame.index <= place)
    return frame


def ai_peak(eras: Eras) -> pd.Timestamp:
    """Return the day of the AI era's highest NASDAQ close that was known on the day compared."""
    return pd.Timestamp(eras.ai[COMPOSITE].loc[: eras.now].idxmax())


def same_distance(eras: Eras, day: pd.Timestamp) -> SameDistance:
    """Compare the NASDAQ's gains after equally many trading days.

    Parameters
    ----------
    eras : Eras
    day : Timestamp
        End of the AI era's gain.
    """
    today, then = eras.ai[COMPOSITE].dropna(), eras.dotcom[COMPOSITE].dropna()
    first, end = today.index.get_loc(eras.ai_start), today.index.get_loc(day)
    old = then.index.get_loc(eras.dotcom_start)
    days = end - first

    def gain(prices: pd.Series, start: int, finish: int) -> float:
        inside = 0 <= start < finish < len(prices)
        return 100.0 * float(prices.iloc[finish] / prices.iloc[start] - 1.0) if inside else np.nan

    moved = range(-SHIFT_DAYS, SHIFT_DAYS + 1)
    ai = [gain(today, first + shift, end) for shift in moved]
    dotcom = [gain(then, old + shift, old + shift + days) for shift in moved]
    return SameDistance(
        days, gain(today, first, end), gain(then, old, old + days), _span(ai), _span(dotcom)
    )  # fmt: skip


def _span(values: list[float]) -> tuple[float, float]:
    """Lowest and highest of the known values."""
    known = [value for value in values if not np.isnan(value)]
    return (min(known), max(known)) if known else (np.nan, np.nan)


def names() -> dict[str, str]:
    """Return short names of all series."""
    known = market_data.load_table("series").set_index("series")["name"].to_dict()
    return {str(series): str(name) for series, name in known.items()} | SHORT


def leaders(eras: Eras) -> dict[str, list[str]]:
    """Return the NASDAQ and the leaders of each era that have prices: the dot-com stocks, and the seven of today."""
    kinds = market_data.load_table("series").set_index("series")["kind"]
    stocks = [str(name) for name in eras.dotcom.columns if kinds.get(name, "stock") == "stock"]
    return {
        "dotcom": [COMPOSITE, *stocks],
        "ai": [COMPOSITE, *(name for name in SEVEN if name in eras.ai.columns)],
    }


def drawdowns(eras: Eras) -> pd.DataFrame:
    """Deepest fall of the NASDAQ and of each leader: in all dot-com prices, and since the AI era's start.

    Returns
    -------
    DataFrame
        One row a series and era, the deepest fall first: ``era``, ``series``, ``name``, ``peak``, ``trough``,
        ``depth_pct``, ``days_down``, ``recovery`` (a date as text, or "not yet" within these data),
        ``days_back`` and ``by_now_pct``, the deepest fall known on the day compared (dot-com: the same).
    """
    called, parts = names(), []
    for era, series in leaders(eras).items():
        prices = eras.dotcom if era == "dotcom" else eras.ai
        start = None if era == "dotcom" else eras.ai_start
        table = growth.drawdown_table(prices[series], start)
        known = growth.drawdown_table(prices[series], start, eras.now if era == "ai" else None)
        table = table.assign(era=era, by_now_pct=known["depth_pct"])
        parts.append(table.sort_values("depth_pct").rename_axis("series").reset_index())
    joined = pd.concat(parts, ignore_index=True)
    joined.insert(2, "name", joined["series"].map(lambda name: called.get(name, name)))
    return joined


def nasdaq_recovery(eras: Eras) -> tuple[pd.Timestamp, float]:
    """Return the first month-end at or above the dot-com peak's close, and the years it took; missing if not yet."""
    ends = market_data.load_table("nasdaq_monthly")["nasdaq_composite_month_end"]
    ends.index = pd.DatetimeIndex(ends.index) + pd.offsets.MonthEnd(0)
    high = float(eras.dotcom.loc[eras.peak, COMPOSITE])
    back = ends[(ends.index > eras.trough) & (ends >= high)]
    if back.empty:
        return pd.NaT, np.nan
    day = pd.Timestamp(back.index[0])
    return day, years_between(eras.peak, day)


def nasdaq_fall(eras: Eras) -> float:
    """Return the NASDAQ's fall from its dot-com peak to its trough, per cent."""
    return 100.0 * max_drawdown(eras.dotcom[COMPOSITE].dropna()).depth
