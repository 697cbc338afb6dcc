"""How the explosiveness finding moves with frequency, lag, deflator, window and kind of critical value."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd

from explosive.checks import default_window
from explosive.core import composite_paths, null_distribution, random_walks, scan_at, wild_paths
from explosive.radf import radf
from helpers.dotcom.explosiveness import COMPOSITE, KINDS, MONTE_CARLO, WATCHED, WILD
from helpers.market_series import log_real_nasdaq, log_weekly

CURVE_REPLICATIONS = 299
CHOICES = ("frequency", "lag", "deflator", "window", "critical values")


def specifications(
    dotcom: pd.Series,
    ai: pd.Series,
    then: pd.Timestamp,
    now: pd.Timestamp,
    confidence_pct: float,
    replications: int,
    seed: int,
) -> pd.DataFrame:
    """Test the NASDAQ under every combination of the choices that a person could reasonably make.

    Parameters
    ----------
    dotcom, ai : Series
        Daily closes of the NASDAQ Composite in the two eras.
    then, now : Timestamp
        The two days compared; read at the last end point by each.
    confidence_pct : float
        Confidence level, per cent.
    replications, seed : int
        Simulated series for each critical value (at most 299) and their seed.

    Returns
    -------
    DataFrame
        One row a specification: the columns of :data:`CHOICES`, and ``then`` and ``now``, the BSADF statistic
        minus its critical value at that end point (above zero: explosive). Months are tested in one run since
        1971, weeks within each era.
    """
    rows = []
    draws = min(replications, CURVE_REPLICATIONS)
    for deflated, lag, window in itertools.product((True, False), (0, 1, 2), ("default", "half", "double")):
        monthly = log_real_nasdaq(deflated)
        weekly = {day: log_weekly(closes, deflated) for day, closes in ((then, dotcom), (now, ai))}
        for frequency, period in (("months since 1971", "month"), ("weeks of the era", "week")):
            groups = [(monthly, [then, now])] if period == "month" else [(weekly[day], [day]) for day in weekly]
            margins: dict[tuple[str, pd.Timestamp], float] = {}
            for series, days in groups:
                found = _margins(series, days, period, lag, window, confidence_pct / 100.0, draws, seed)
                margins |= {(kind, day): value for kind, values in found.items() for day, value in values.items()}
            deflator = "consumer prices" if deflated else "none"
            rows += [
                dict(zip(CHOICES, (frequency, lag, deflator, window, kind), strict=True))
                | {"then": margins[kind, then], "now": margins[kind, now]}
                for kind in KINDS
            ]
    return pd.DataFrame(rows)


def _margins(
    series: pd.Series,
    days: list[pd.Timestamp],
    period: str,
    lag: int,
    window: str,
    quantile: float,
    draws: int,
    seed: int,
) -> dict[str, dict[pd.Timestamp, float]]:
    """BSADF minus critical value at the last end points by some days, for each kind; missing before the first."""
    n = len(series)
    rows = max(int(default_window(n) * {"default": 1.0, "half": 0.5, "double": 2.0}[window]), lag + 3)
    result = radf(series, lag, rows)
    ends = result.bsadf.index
    points = {day: int(ends.searchsorted(day, side="right")) - 1 for day in days}
    points = {day: point for day, point in points.items() if point >= 0}
    values = series.to_numpy(dtype=float)
    values = values / np.abs(values).max()
    at = np.array(list(points.values()), dtype=np.int64)
    watched = min(WATCHED[period], len(ends))
    walks = random_walks(np.random.default_rng(seed), n, 1.0 / n)(draws)
    wild = wild_paths(np.random.default_rng(seed), values)(draws)
    family = composite_paths(np.random.default_rng(seed), values, lag, rows + lag + watched)
    limits = {
        kind: np.quantile(scan_at(p, lag, rows, at), quantile, axis=0)
        for kind, p in ((MONTE_CARLO, walks), (WILD, wild))
    }
    limits[COMPOSITE] = np.repeat(
        np.quantile(null_distribution(family, draws, lag, rows)[1].max(axis=1), quantile), len(at)
    )
    statistic = result.bsadf.to_numpy()[at]
    return {
        kind: {day: np.nan for day in days} | dict(zip(points, (statistic - limit).tolist(), strict=True))
        for kind, limit in limits.items()
    }
