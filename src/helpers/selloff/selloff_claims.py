"""What the article said about its Monday, measured at the claims' own dates whatever day the study looks at."""

from __future__ import annotations

import pandas as pd

from helpers import market_data
from helpers.claims import Measured, spread
from helpers.market_totals import market_value_on, total_anchors
from helpers.selloff.selloff import COMPOSITE, INDEX
from helpers.selloff.selloff_records import ranked
from helpers.selloff.selloff_value import FULL_SHARES, value_lost

MONDAY, EVE, FRIDAY = pd.Timestamp("2025-01-27"), pd.Timestamp("2025-01-24"), pd.Timestamp("2025-01-31")
NVIDIA = "NVDA"
FIGURES = {
    "nvidia_day_fall": "day_by_company",
    "nvidia_day_loss": "value_lost",
    "nvidia_record_loss": "record_losses",
    "market_day_loss": "value_lost",
    "market_regained": "way_back",
}
CLAIM_DECIMALS = {"stated": 2, "measured": 2, "low": 2, "high": 2}
LABELS = {INDEX: "S&P 500", COMPOSITE: "NASDAQ Composite"}


def measurements(prices: pd.DataFrame, records: pd.DataFrame) -> list[Measured]:
    """Measure the claims about the selloff, leaving out those that the data cannot check.

    Parameters
    ----------
    prices : pd.DataFrame, shape (days, series)
        Closes of the AI years.
    records : pd.DataFrame
        From `selloff_records.records`.

    Examples
    --------
    >>> from helpers import parameters
    >>> from helpers.selloff import selloff, selloff_records
    >>> day = selloff.selloff_day(parameters.check("02_selloff", {}))
    >>> found = measurements(day.prices, selloff_records.records(day))
    >>> {one.claim: round(one.value, 2) for one in found}["nvidia_day_fall"]
    16.97
    """
    found = [
        _day_fall(prices),
        _day_loss(prices),
        _record(records),
        _market_loss(prices),
        _regained(prices),
        _a_tenth(),
    ]
    return [one for one in found if one is not None]


def figure_of(one: Measured, date: pd.Timestamp) -> str:
    """Return the figure that shows a measurement, where the run's event is the article's Monday."""
    return FIGURES.get(one.claim, "") if date == MONDAY else ""


def measured_table(found: list[Measured]) -> pd.DataFrame:
    """Set the measured figures beside those stated.

    Returns
    -------
    pd.DataFrame, index claim
        `stated`, `measured`, `low`, `high`, `unit` and `how`.
    """
    claims = market_data.load_table("claims").set_index("id")
    rows = {
        str(claims.loc[one.claim, "claim"]): {
            "stated": claims.loc[one.claim, "stated_value"],
            "measured": one.value,
            "low": one.low,
            "high": one.high,
            "unit": claims.loc[one.claim, "unit"],
        }
        for one in found
    }
    return pd.DataFrame(rows).T.infer_objects().rename_axis("claim")


def _closes(prices: pd.DataFrame, series: str, *days: pd.Timestamp) -> list[float] | None:
    """Return the closes of a series on some days, or None where one is missing."""
    if series not in prices:
        return None
    values = prices[series].reindex(list(days))
    return None if values.isna().any() else [float(value) for value in values]


def _day_fall(prices: pd.DataFrame) -> Measured | None:
    closes = _closes(prices, NVIDIA, EVE, MONDAY)
    if closes is None:
        return None
    adjusted = 100 * (1 - closes[1] / closes[0])
    quoted = market_data.load_table("quoted_closes").set_index(["date", "ticker"])["close_usd"]
    plain = 100 * (1 - float(quoted[MONDAY, NVIDIA]) / float(quoted[EVE, NVIDIA]))
    return Measured(
        *spread(plain, adjusted),
        "Close of 27 January 2025 over that of 24 January, as quoted; the adjusted closes of the price table beside it.",
        readings={"adjusted closes": adjusted},
        claim="nvidia_day_fall",
    )


def _day_loss(prices: pd.DataFrame) -> Measured | None:
    if _closes(prices, NVIDIA, EVE, MONDAY) is None:
        return None
    own = value_lost(prices[[NVIDIA]], EVE, MONDAY).loc[NVIDIA]
    listed = market_data.load_table("record_one_day_losses").set_index(["date", "ticker"])
    press = float(listed.loc[(MONDAY, NVIDIA), "loss_usd_bn"])
    diluted = market_data.load_table("shares_quarterly")
    diluted = diluted[(diluted["ticker"] == NVIDIA) & (diluted["date"] >= EVE)].sort_values("date")
    fall = (own["before_usd"] - own["after_usd"]) / 1000
    return Measured(
        float(own["lost_usd_bn"]),
        min(press, float(own["low"])),
        float(own["high"]),
        "Fall of the quoted close times the shares on the cover of the last report before; the range takes the counts on "
        "either side of the day and the figure of the press.",
        readings={
            "figure of the press": press,
            "lowest filed count near the day": float(own["low"]),
            "diluted shares of the quarter": float(fall * diluted["diluted_shares_mn"].iloc[0]),
        },
        claim="nvidia_day_loss",
    )


def _record(records: pd.DataFrame) -> Measured | None:
    known = records[records["date"] <= FRIDAY]
    ranks = {column: ranked(known, column, MONDAY, NVIDIA) for column in ("lost_usd_bn", "share_pct", "gdp_pct")}
    in_usd = ranks["lost_usd_bn"]
    if in_usd is None:
        return None
    labels = {"share_pct": "as a share of the S&P 500's total value", "gdp_pct": "as a share of a year's GDP"}
    return Measured(
        *spread(in_usd),
        "Rank in dollars among the losses listed by the press and those found from prices and share counts, up to 31 "
        "January 2025; before October 2022 the press's list is all there is.",
        readings={label: float(rank) for column, label in labels.items() if (rank := ranks[column]) is not None},
        claim="nvidia_record_loss",
    )


def _market_loss(prices: pd.DataFrame) -> Measured | None:
    wanted = {
        "S&P 500, float": (INDEX, "sp500_market_value"),
        "S&P 500, all shares": (INDEX, FULL_SHARES),
        "companies listed on the NASDAQ": (COMPOSITE, "nasdaq_listed_market_value"),
        "NASDAQ Composite (total value of low confidence)": (COMPOSITE, "nasdaq_composite_market_value"),
    }
    readings, confidence = {}, "high"
    for label, (series, item) in wanted.items():
        closes = _closes(prices, series, EVE, MONDAY)
        total = None if closes is None else market_value_on(MONDAY, [prices[series]], total_anchors(item))
        if closes is not None and total is not None:
            readings[label] = total.value * (1 - closes[1] / closes[0]) / 1000
            confidence = total.confidence if not readings or len(readings) == 1 else confidence
    if not readings:
        return None
    main = next(iter(readings))
    return Measured(
        *spread(*readings.values()),
        f"Total value on the eve times the index's fall ({main}); the range is that of both indexes and both share bases. "
        "Neither index is the whole market, and the two overlap.",
        confidence=confidence,
        readings={label: reading for label, reading in readings.items() if label != main},
        claim="market_day_loss",
    )


def _regained(prices: pd.DataFrame) -> Measured | None:
    week = [day for day in prices.index if MONDAY < day <= FRIDAY]
    shares: dict[str, float] = {}
    for series, label in LABELS.items():
        closes = _closes(prices, series, EVE, MONDAY, *week)
        if closes is None or not week or closes[1] >= closes[0]:
            continue
        for day, close in zip(week, closes[2:], strict=True):
            shares[f"{label}, by {day:%A}"] = 100 * (close - closes[1]) / (closes[0] - closes[1])
    fridays = {label: share for label, share in shares.items() if label.endswith("Friday")}
    if not fridays:
        return None
    main = next(iter(fridays))
    return Measured(
        *spread(*fridays.values()),
        f"Share of Monday's loss of points regained by Friday's close ({main.split(',')[0]}); the range takes both indexes.",
        readings={label: share for label, share in shares.items() if label != main},
        claim="market_regained",
    )


def _a_tenth() -> Measured | None:
    models = market_data.load_table("model_prices").set_index("model")
    dear, cheap = models.loc["o1"], models.loc["DeepSeek-R1"]
    output = float(dear["output_usd_per_mn_tokens"] / cheap["output_usd_per_mn_tokens"])
    given = float(dear["input_usd_per_mn_tokens"] / cheap["input_usd_per_mn_tokens"])
    return Measured(
        *spread(output, given),
        "List price of a million output tokens of OpenAI's o1 over that of DeepSeek-R1 on 31 January 2025; input tokens beside it. "
        "A list price is neither cost nor quality.",
        readings={"input tokens": given},
        claim="ai_at_a_tenth",
    )
