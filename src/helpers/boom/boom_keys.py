"""The key figures of the boom, at its end and at the end of the data, with units, ranges and confidence."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from helpers import concentration, market_data, valuation
from helpers.boom.boom import COMPOSITE, MARKET, TOTAL_RETURN, Boom
from helpers.boom.boom_charts import leaders_share
from helpers.boom.boom_earnings import ai_era
from helpers.boom.boom_macro import TELECOM_BOOM, market_valuation
from helpers.boom.boom_macro_charts import margin_at
from helpers.boom.boom_split import TOGETHER, earners, earnings_share, shares_by_reading, split
from helpers.boom.boom_study import Study
from helpers.boom.boom_value import contributions, effective_number_row, leaders_value
from helpers.market import weights_on
from helpers.results import Output
from helpers.returns import known_growth

NVIDIA = "NVDA"
END = "_end"
Rows = list[dict[str, Any]]


def keep_keys(out: Output, study: Study) -> pd.DataFrame:
    """Keep the key figures at the boom's end, and at the end of the data under names that end in ``_end``.

    Returns
    -------
    DataFrame
        By measure: value at the boom's end and at the end of the data, and unit.
    """
    then, now = key_rows(study, study.boom.end), key_rows(study, study.boom.last)
    begins = [row for row in now if not row["name"].endswith("_begin")]
    later = [row | {"name": row["name"] + END, "label": row["label"] + ", end of the data"} for row in begins]
    for row in [*then, *later, *dotcom_rows(study)]:
        out.key(**row)
    values = {row["name"]: row["value"] for row in now}
    shown = [row for row in then if isinstance(row["value"], int | float) and row["name"] in values]
    return pd.DataFrame(
        {
            "boom's end": [float(row["value"]) for row in shown],
            "end of the data": [float(values[row["name"]]) for row in shown],
            "unit": [row["unit"] for row in shown],
        },
        index=pd.Index([row["label"] for row in shown], name="measure"),
    )


def key_rows(study: Study, day: pd.Timestamp) -> Rows:
    """Key figures of the boom from its start to a day; those that cannot be told are left out.

    Parameters
    ----------
    study : Study
    day : Timestamp
        Trading day after the start.

    Returns
    -------
    list of dict
        Arguments of :meth:`helpers.results.Output.key`.
    """
    boom = study.boom
    rows = [*_price_rows(boom, day), *_value_rows(boom, day), *_weight_rows(study, day)]
    rows += [*_split_rows(study, day), *_market_rows(study, day)]
    return [row for row in rows if not (isinstance(row["value"], float) and np.isnan(row["value"]))]


def _row(
    name: str, value: Any, unit: str, label: str, figure: str, *spread: float, sure: str = "high"
) -> dict[str, Any]:
    """Put a key figure together; ``spread`` are other values that its range takes in."""
    row = {"name": name, "value": value, "unit": unit, "label": label, "confidence": sure, "figure": figure}
    known = [one for one in spread if not np.isnan(one)]
    return row | ({"low": min(value, *known), "high": max(value, *known)} if known else {})


def _followed(boom: Boom) -> dict[str, str]:
    """First words of the names of companies' key figures: Nvidia always, and another company in focus."""
    return {"nvda": NVIDIA} | ({} if boom.focus == NVIDIA else {"boom_focus": boom.focus})


def _price_rows(boom: Boom, day: pd.Timestamp) -> Rows:
    series = {
        "nasdaq_gain_pct": (COMPOSITE, "growth of the NASDAQ Composite"),
        "sp500_price_gain_pct": (MARKET, "growth of the S&P 500, price only"),
        "sp500_total_return_pct": (TOTAL_RETURN, "growth of the S&P 500 with dividends"),
    }
    rows = [
        _row(name, 100 * known_growth(boom.prices[code], boom.start, day), "%", label, "growth_curves")
        for name, (code, label) in series.items()
    ]
    for first, ticker in _followed(boom).items():
        if ticker in boom.prices:
            label = f"price of {boom.name(ticker)}, end over start"
            rows.append(
                _row(
                    f"{first}_growth_multiple",
                    1 + known_growth(boom.prices[ticker], boom.start, day),
                    "times",
                    label,
                    "growth",
                )
            )
    return rows


def _value_rows(boom: Boom, day: pd.Timestamp) -> Rows:
    rows: Rows = []
    filed = valuation.daily_shares(market_data.load_table("shares_outstanding"), pd.DatetimeIndex([day]), "step").iloc[
        0
    ]
    ranks = valuation.rank_by_day(boom.values.loc[[day]]).iloc[0]
    for first, ticker in _followed(boom).items():
        if ticker not in boom.values or np.isnan(boom.values.loc[day, ticker]):
            continue
        until = boom.values[ticker].loc[boom.start : day].dropna()
        stepped = float(boom.quoted.loc[day, ticker] * filed[ticker] / 1000.0)
        label = f"market value of {boom.name(ticker)}"
        rows += [
            _row(f"{first}_value_usd_bn", float(until.iloc[-1]), "USD billion", label, "value", stepped),
            _row(f"{first}_value_peak_usd_bn", float(until.max()), "USD billion", f"highest {label}", "value"),
            _row(f"{first}_value_peak_day", until.idxmax(), "date", f"day of the highest {label}", "value"),
            _row(f"{first}_rank", int(ranks[ticker]), "rank", f"rank by {label}", "value"),
        ]
    if boom.valued():
        together, label = leaders_value(boom).loc[day], f"market value of {boom.valued_words()}"
        rows += [
            _row("seven_value_usd_bn", float(together["value_usd_bn"]), "USD billion", label, "leaders_value"),
            _row("seven_gdp_pct", float(together["gdp_pct"]), "%", f"{label} over GDP", "leaders_value"),
        ]
    return rows


def _weight_rows(study: Study, day: pd.Timestamp) -> Rows:
    boom, weights = study.boom, weights_on(study.boom.prices, day, study.snapshots)
    sure = "high" if day in study.snapshots.index else "medium"
    largest = {1: "largest company", 7: "seven largest", 10: "ten largest"}
    rows = [
        _row(f"top{k}_share_pct", 100 * concentration.top_share(weights, k), "%", f"share of the S&P 500, {words_of}",
             "concentration", sure=sure)
        for k, words_of in largest.items()
    ]  # fmt: skip
    number = effective_number_row(weights)
    middle = 2.0 / (number["herfindahl_low"] + number["herfindahl_high"])
    label = "effective number of companies in the S&P 500"
    rows.append(
        _row(
            "effective_number",
            middle,
            "companies",
            label,
            "concentration",
            number["low"],
            number["high"],
            sure=sure,
        )
    )
    if NVIDIA in weights:
        weight = 100 * float(weights[NVIDIA])
        rows.append(_row("nvda_weight_pct", weight, "%", "Nvidia's weight in the S&P 500", "contributions", sure=sure))
    share, held = (
        leaders_share(contributions(boom, boom.start, day, boom.leaders, study.snapshots, yearly))
        for yearly in (True, False)
    )
    label = f"share of the S&P 500's total return that {boom.leaders_words()} made"
    rows.append(_row("sp500_contribution_of_seven_pct", share, "%", label, "contributions", held, sure="medium"))
    return rows


def _split_rows(study: Study, day: pd.Timestamp) -> Rows:
    boom, rows = study.boom, []
    followed = {first: (ai_era(boom, [ticker]), ticker, boom.name(ticker)) for first, ticker in _followed(boom).items()}
    followed["leaders"] = (study.now, TOGETHER, f"{earners(boom, study.now)} together")
    for first, (era, place, who) in followed.items():
        shares = shares_by_reading(era, boom.start, day, place)
        name, label = (
            f"earnings_share_of_{first}_rise_pct",
            f"part of the log price growth of {who} that earnings made",
        )
        rows.append(_row(name, float(shares["trailing"]), "%", label, "decomposition", *shares.dropna(), sure="medium"))
    table = split(study.now, boom.start, day)
    label = f"the same for the middle one of {earners(boom, study.now)}"
    middle = float(table.drop(TOGETHER)["eps_part_pct"].median())
    rows.append(_row("earnings_share_of_leaders_median_pct", middle, "%", label, "decomposition", sure="medium"))
    label = f"price of {earners(boom, study.now)} over earnings"
    for name, column in (("leaders_multiple_begin", "multiple_begin"), ("leaders_multiple", "multiple_end")):
        when = ", at the start" if name.endswith("_begin") else ""
        rows.append(_row(name, float(table.loc[TOGETHER, column]), "times", label + when, "paths", sure="medium"))
    return rows


def _market_rows(study: Study, day: pd.Timestamp) -> Rows:
    then, debt = market_valuation(study.months, day, study.after), margin_at(study.debt, day)
    rows = [
        _row("cape", then.cape, "ratio", "CAPE of the S&P 500", "cape"),
        _row("cape_percentile", then.percentile, "%", "months since 1881 with a lower CAPE", "cape"),
        _row("excess_cape_yield_pct", then.excess_yield, "%", "excess CAPE yield", "cape"),
        _row("margin_debt_gdp_pct", float(debt["gdp_pct"]), "%", "margin debt over GDP", "margin_debt"),
    ]
    years = study.yearly[study.yearly["filed"] & (study.yearly.index < day.year)]
    if len(years):
        spent, year = years.iloc[-1], years.index[-1]
        grades = study.spending.loc[study.spending["year"] == year, "confidence"]
        sure, label = min(grades, key=valuation.CONFIDENCE.index), "capital expenditure of the five builders"
        rows += [
            _row("capex_big5_usd_bn", float(spent["usd_bn"]), "USD billion", label, "capex", sure=sure),
            _row("capex_big5_gdp_pct", float(spent["gdp_pct"]), "%", f"{label} over GDP", "capex", sure=sure),
            _row("capex_big5_revenue_pct", float(spent["revenue_pct"]), "%", f"{label} over their revenue", "capex", sure=sure),
        ]  # fmt: skip
    return rows


def dotcom_rows(study: Study) -> Rows:
    """Key figures of the dot-com years that are set beside the boom.

    Returns
    -------
    list of dict
        Arguments of :meth:`helpers.results.Output.key`; the ranges run over spans, starts and readings.
    """
    every = np.append(study.readings.to_numpy(dtype=float), study.curve.to_numpy(dtype=float))
    spread = (float(np.nanmin(every)), float(np.nanmax(every)))
    spans = {
        "earnings_share_of_dotcom_rise_pct": (study.windows.same_distance, "in as long as the boom from the first sure figures"),
        "earnings_share_of_dotcom_rise_to_peak_pct": (study.windows.to_the_peak, "in as long before the NASDAQ's peak"),
        "earnings_share_of_dotcom_whole_rise_pct": (study.windows.whole, "from the first sure figures to the peak"),
    }  # fmt: skip
    label = "part of the dot-com leaders' log price growth that earnings made"
    rows = [
        _row(name, earnings_share(split(study.then, *span)), "%", f"{label}, {when}", "decomposition", *spread, sure="medium")
        for name, (span, when) in spans.items()
    ]  # fmt: skip
    telecom = study.telecom[study.telecom["label"] == TELECOM_BOOM].iloc[0]
    label = "telecom and cable capital expenditure over GDP, mean of 1996 to 2001"
    return [
        *rows,
        _row("telecom_gdp_pct", float(telecom["gdp_pct"]), "%", label, "capex", sure=str(telecom["confidence"])),
    ]
