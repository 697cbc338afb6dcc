"""What 03_dotcom_comparison asks of the explosiveness tests: which series, which critical values, what changes.

Three kinds of critical value answer three questions: a Gaussian random walk of constant volatility (Monte
Carlo; PSY), a walk with the series' own changes of volatility (wild bootstrap; HLST), and any false alarm
within two years of watching (composite bootstrap; PS). PSY: Phillips, Shi, Yu (2015). HLST: Harvey,
Leybourne, Sollis, Taylor (2016). PS: Phillips, Shi (2020).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from explosive.radf import (
    CriticalValues,
    RadfResult,
    composite_bootstrap_critical_values,
    critical_values,
    datestamp,
    radf,
    sequence_table,
    wild_bootstrap_critical_values,
)
from helpers.market_series import log_weekly

MONTE_CARLO, WILD, COMPOSITE = "Monte Carlo", "wild bootstrap", "composite bootstrap"
KINDS = (MONTE_CARLO, WILD, COMPOSITE)
WATCHED = {"month": 24, "week": 104}  # two years, for the composite bootstrap
LONG_SERIES = 1000  # observations from which a bootstrap makes do with a fifth of the replications
FEWEST_REPLICATIONS = 199
KIND_DECIMALS = {"GSADF": 2, "critical value": 2, "dot-com": 0, "AI": 0}


@dataclass(frozen=True, eq=False)
class Run:
    """One series tested, with its critical values of all three kinds.

    Attributes
    ----------
    name, period : str
        What was tested; "month" or "week".
    result : RadfResult
    limits : dict of str to CriticalValues
        By kind.
    quantile : float
        Confidence level of the episodes, as a fraction.
    """

    name: str
    period: str
    result: RadfResult
    limits: dict[str, CriticalValues]
    quantile: float


@dataclass(frozen=True)
class Reading:
    """The test at one end point.

    Attributes
    ----------
    day : Timestamp
        The end point.
    bsadf : float
    limits : dict of str to float
        Critical value by kind.
    """

    day: pd.Timestamp
    bsadf: float
    limits: dict[str, float]

    @property
    def above(self) -> tuple[str, ...]:
        """Kinds of critical value that the statistic is above."""
        return tuple(kind for kind in self.limits if self.bsadf > self.limits[kind])

    @property
    def explosive(self) -> bool:
        """Whether at least two of the three kinds say so."""
        return len(self.above) >= 2


def judge_series(
    values: pd.Series, name: str, period: str, lag: int, confidence_pct: float, replications: int, seed: int
) -> Run:
    """Test a series and judge it by all three kinds of critical value.

    Parameters
    ----------
    values : Series (n,)
        The series by date, oldest first, without gaps.
    name : str
        What it is.
    period : {"month", "week"}
        Its frequency.
    lag : int
        Lagged changes.
    confidence_pct : float
        Confidence level of the episodes, per cent.
    replications, seed : int
        Of both bootstraps, and of Monte Carlo where the shipped table has nothing; series of more than 1,000
        observations take a fifth of them, but at least 199.

    Examples
    --------
    >>> walk = pd.Series(np.cumsum(np.random.default_rng(1).standard_normal(100)))
    >>> list(judge_series(walk, "a walk", "month", 0, 95, 199, seed=1).limits)
    ['Monte Carlo', 'wild bootstrap', 'composite bootstrap']
    """
    result = radf(values, lag)
    quantile = confidence_pct / 100.0
    draws = max(FEWEST_REPLICATIONS, replications // 5) if result.n > LONG_SERIES else replications
    watched = min(WATCHED[period], result.n - lag - result.min_window)
    return Run(
        name,
        period,
        result,
        {
            MONTE_CARLO: critical_values(result.n, lag, replications=draws),
            WILD: wild_bootstrap_critical_values(values, lag, replications=draws, seed=seed),
            COMPOSITE: composite_bootstrap_critical_values(values, watched, lag, replications=replications, seed=seed),
        },
        quantile,
    )


def judge_weeks(
    closes: Mapping[str, pd.Series], lag: int, confidence_pct: float, replications: int, seed: int
) -> dict[str, Run]:
    """Test the real NASDAQ by week within each era; see :func:`judge_series`."""
    return {
        era: judge_series(log_weekly(prices), f"NASDAQ, {era}", "week", lag, confidence_pct, replications, seed)
        for era, prices in closes.items()
    }


def sequences(run: Run) -> pd.DataFrame:
    """Put the BSADF statistic beside the critical values of each kind.

    Returns
    -------
    DataFrame
        By end point: ``bsadf`` and one column for each kind.
    """
    frame = pd.DataFrame({"bsadf": run.result.bsadf})
    for kind, limits in run.limits.items():
        frame[kind] = limits.bsadf[run.quantile].to_numpy()
    return frame


def reading(run: Run, day: pd.Timestamp) -> Reading:
    """Read the test at the last end point by a day.

    Raises
    ------
    ValueError
        If the first end point comes after the day.
    """
    frame = sequences(run)
    place = int(frame.index.searchsorted(day, side="right")) - 1
    if place < 0:
        raise ValueError(f"{run.name}: the test's first end point is {frame.index[0]:%Y-%m-%d}, after {day:%Y-%m-%d}.")
    row = frame.iloc[place]
    return Reading(pd.Timestamp(frame.index[place]), float(row["bsadf"]), {kind: float(row[kind]) for kind in KINDS})


def reading_or_first(run: Run, day: pd.Timestamp) -> Reading:
    """Read the test at the last end point by a day, or at its first one where that comes later."""
    return reading(run, max(day, run.result.bsadf.index[0]))


def episodes(run: Run, kind: str = MONTE_CARLO) -> pd.DataFrame:
    """Date the episodes by one kind of critical value; see :func:`explosive.radf.datestamp`."""
    return datestamp(run.result, run.limits[kind], quantile=run.quantile)


def shaded(run: Run, kind: str = MONTE_CARLO) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    """Return the spans of the episodes for a chart; one still open reaches to the last end point."""
    found, last = episodes(run, kind), run.result.bsadf.index[-1]
    return [(row.start, last if row.open else row.end) for row in found.itertuples()]


def periods_inside(run: Run, start: pd.Timestamp, end: pd.Timestamp, kind: str = MONTE_CARLO) -> int:
    """Count the end points between two days that belong to an episode with rising prices.

    Parameters
    ----------
    run : Run
    start, end : Timestamp
        Both included.
    kind : str
        Kind of critical value.

    Returns
    -------
    int
        Months or weeks.
    """
    table = sequence_table(run.result, run.limits[kind], run.quantile)
    inside = np.zeros(len(table), dtype=bool)
    for row in episodes(run, kind).itertuples():
        if row.direction == "up":
            inside |= (table.index >= row.start) & (table.index < (row.end if not row.open else pd.Timestamp.max))
    return int((inside & (table.index >= start) & (table.index <= end)).sum())


def kinds_table(run: Run, spans: Mapping[str, tuple[pd.Timestamp, pd.Timestamp]]) -> pd.DataFrame:
    """Show what changes between the three kinds of critical value.

    Parameters
    ----------
    run : Run
    spans : mapping of str to (start, end)
        Column -> span in which the end points of episodes are counted, and at whose end the statistic is read.

    Returns
    -------
    DataFrame
        One row a kind: ``GSADF``, its critical value (missing for the composite bootstrap, which judges no
        whole sample), ``any episode``, and for each span the end points in an episode.
    """
    rows = {}
    for kind in KINDS:
        whole = np.nan if kind == COMPOSITE else float(run.limits[kind].gsadf[run.quantile])
        rows[kind] = {
            "GSADF": run.result.gsadf,
            "critical value": whole,
            "whole sample explosive": "" if kind == COMPOSITE else "yes" if run.result.gsadf > whole else "no",
        } | {label: periods_inside(run, *span, kind) for label, span in spans.items()}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("critical values")


def kinds_of(runs: Mapping[str, Run], spans: Mapping[str, tuple[pd.Timestamp, pd.Timestamp]]) -> pd.DataFrame:
    """Put the tables of several series below each other; see :func:`kinds_table`."""
    parts = [
        table.set_axis([f"{name}, {kind}" for kind in table.index], axis=0)
        for name, table in ((name, kinds_table(run, spans)) for name, run in runs.items())
    ]
    return pd.concat(parts).rename_axis("series and critical values")
