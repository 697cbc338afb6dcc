"""What the study asks of the explosiveness tests: which series, which critical values, how much hangs on choices.

Three kinds of critical value answer three questions: a Gaussian random walk of constant volatility (Monte Carlo;
Phillips, Shi and Yu 2015), a walk with the series' own changes of volatility (wild bootstrap; Harvey, Leybourne,
Sollis and Taylor 2016), and any false alarm within two years of watching (composite bootstrap; Phillips and Shi 2020).
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import YearLocator

from explosive import CriticalValues, RadfResult, critical_values, datestamp, radf
from explosive.checks import default_window
from explosive.core import composite_paths, null_distribution, random_walks, scan, wild_paths
from explosive.critical import composite_bootstrap_critical_values, wild_bootstrap_critical_values
from helpers import house, market_data

MONTE_CARLO, WILD, COMPOSITE = "Monte Carlo", "wild bootstrap", "composite bootstrap"
KINDS = [MONTE_CARLO, WILD, COMPOSITE]
WATCHED = {"month": 24, "week": 104}  # the composite bootstrap watches two years
LONG_SERIES = 1000  # observations from which a bootstrap makes do with a fifth of the replications
FEWEST_REPLICATIONS = 199
CURVE_REPLICATIONS = 299
CHOICES = ["sample", "deflator", "scale", "lag", "window", "critical values"]
SCALES = ["logarithms", "index points"]
WINDOWS = {"as usual": 1.0, "half as long": 0.5, "twice as long": 2.0}


@dataclass(frozen=True, eq=False)
class Run:
    """A series tested: the statistics, critical values by kind, and `table`: BSADF beside its limit of each kind."""

    result: RadfResult
    limits: dict[str, CriticalValues]
    quantile: float
    table: pd.DataFrame

    def flagged(self, direction: str = "up", shortest: float | None = None) -> pd.DataFrame:
        """Mark, by kind, the end points that belong to an episode of rising (or falling, "down") prices."""
        marks = pd.DataFrame(False, self.table.index, KINDS)
        for kind, limits in self.limits.items():
            stamps = datestamp(self.result, limits, shortest, self.quantile).query("direction == @direction")
            for start, end in zip(stamps["start"], stamps["end"].fillna(pd.Timestamp.max), strict=True):
                marks.loc[(marks.index >= start) & (marks.index < end), kind] = True
        return marks

    def over(self, direction: str = "up") -> pd.Series:
        """Mark the end points over at least two of the three limits while prices rise (or fall, "down")."""
        return self.flagged(direction, 1).sum(axis=1) >= 2

    def draw(self, axis: Axes, since: str, day: pd.Timestamp) -> None:
        """Draw the statistic, its limits with the middle one in front, and shades where `over`: red rising, blue falling."""
        for direction, tint in (("up", house.RED), ("down", house.BLUE)):
            over, across = self.over(direction).loc[since:], axis.get_xaxis_transform()
            axis.fill_between(over.index, 0, 1, over, step="mid", transform=across, color=tint, alpha=0.22, lw=0)
        drawn = self.table.loc[since:]
        axis.plot(drawn[KINDS], color=house.CONTEXT, lw=0.8, alpha=0.7)
        axis.plot(drawn[KINDS].median(axis=1, skipna=False), color=house.PURPLE, lw=1.8, label="limit to pass")
        axis.plot(drawn["bsadf"], color=house.INK, lw=1.6, label="statistic")
        axis.plot(drawn["bsadf"].loc[:day].iloc[-1:], "o", color=house.INK, ms=7)
        house.mark(axis, day, f"{day:%b %Y}", left=True, colour=house.MUTED)
        axis.xaxis.set_major_locator(YearLocator(10))


def judge(values: pd.Series, period: str, lag: int, confidence_pct: float, replications: int, seed: int,
          window: int | None = None) -> Run:  # fmt: skip
    """Test a series of months or weeks and judge it by all three kinds of critical value.

    Series of more than 1,000 observations take a fifth of the replications, but at least 199, except for the
    composite bootstrap, whose samples are short.
    """
    result = radf(values, lag, window)
    draws = max(FEWEST_REPLICATIONS, replications // 5) if result.n > LONG_SERIES else replications
    watched = min(WATCHED[period], result.n - lag - result.min_window)
    rows, quantile = result.min_window, confidence_pct / 100
    limits = {
        MONTE_CARLO: critical_values(result.n, lag, rows, replications=draws),
        WILD: wild_bootstrap_critical_values(values, lag, rows, replications=draws, seed=seed),
        COMPOSITE: composite_bootstrap_critical_values(values, watched, lag, rows, replications, seed),
    }
    table = pd.DataFrame({"bsadf": result.bsadf} | {k: one.bsadf[quantile].to_numpy() for k, one in limits.items()})
    return Run(result, limits, quantile, table)


def specifications(samples: Mapping[str, tuple[str, Mapping[bool, pd.Series]]], days: Mapping[str, pd.Timestamp],
                   confidence_pct: float, replications: int, seed: int) -> pd.DataFrame:  # fmt: skip
    """Test prices in every combination of choices: BSADF minus its critical value on given days (above zero: explosive).

    `samples` holds for each label "month" or "week" and the log price, deflated (True) and not (False). A day before
    a sample's first end point, or more than 45 days after its last, is missing.
    """
    draws, quantile = min(replications, CURVE_REPLICATIONS), confidence_pct / 100

    @cache  # what a random walk does depends on no price
    def quiet_limits(n: int, lag: int, rows: int, points: tuple[int, ...]) -> Any:
        walks = random_walks(np.random.default_rng(seed), n, 1.0 / n)(draws)
        return np.quantile(scan(walks, lag, rows, np.array(points))[1], quantile, axis=0)

    table = []
    for (label, (period, series)), deflated, scale in itertools.product(samples.items(), (True, False), SCALES):
        values = series[deflated] if scale == "logarithms" else np.exp(series[deflated])
        prices = values.to_numpy(dtype=float)
        restless = wild_paths(np.random.default_rng(seed), prices)(draws)
        for lag, window in itertools.product((0, 1), WINDOWS):
            rows = max(int(default_window(len(values)) * WINDOWS[window]), lag + 3)
            bsadf = radf(values, lag, rows).bsadf
            read = pd.Series(bsadf.index.searchsorted(list(days.values()), side="right") - 1, list(days))
            read = read[(read >= 0) & (pd.Series(days) <= bsadf.index[-1] + pd.Timedelta(days=45))]
            watched = rows + lag + min(WATCHED[period], len(bsadf))
            family = composite_paths(np.random.default_rng(seed), prices, lag, watched)
            limits = {
                MONTE_CARLO: quiet_limits(len(values), lag, rows, tuple(read)),
                WILD: np.quantile(scan(restless, lag, rows, read.to_numpy())[1], quantile, axis=0),
                COMPOSITE: np.quantile(null_distribution(family, draws, lag, rows)[1].max(axis=1), quantile),
            }
            choice = [label, "after inflation" if deflated else "inflation left in", scale, lag, window]
            for kind, limit in limits.items():
                margin = pd.Series(bsadf.to_numpy()[read] - limit, read.index).reindex(list(days))
                table.append(dict(zip(CHOICES, [*choice, kind], strict=True)) | margin.to_dict())
    return pd.DataFrame(table)


def log_real_nasdaq(deflated: bool = True) -> pd.Series:
    """Return the logarithm of the NASDAQ Composite's month-ends since 1971, by default over consumer prices."""
    closes = market_data.load_table("nasdaq_monthly")["nasdaq_composite_month_end"].dropna()
    if deflated:
        prices = market_data.load_table("shiller_monthly")["cpi"].dropna()
        closes = (closes / prices.reindex(closes.index)).dropna()
    closes.index = pd.DatetimeIndex(closes.index) + pd.offsets.MonthEnd(0)
    return np.log(closes).rename("log_nasdaq")


def log_weekly(closes: pd.Series, deflated: bool = True) -> pd.Series:
    """Return the logarithm of each week's last close, by default over consumer prices drawn straight between mid-months."""
    known = closes.dropna()
    days = pd.DatetimeIndex(known.index)
    weekly = known[np.append(np.diff(days.to_period("W-FRI").asi8) > 0, True)]
    if deflated:
        prices = market_data.load_table("shiller_monthly")["cpi"].dropna()
        middles = pd.DatetimeIndex(prices.index) + pd.Timedelta(days=14)
        weekly = weekly / np.interp(weekly.index.asi8, middles.asi8, prices.to_numpy(dtype=float))
    return np.log(weekly)
