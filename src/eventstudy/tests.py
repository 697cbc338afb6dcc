"""Was it chance? The standard tests of an event study, and which of them a common event date allows.

When all companies share ONE event date, their abnormal returns share that day's news too: they are correlated,
and n companies hold less evidence than n independent ones. What that does to each test:

- Not to be trusted on one date, since they take companies as independent and reject far too often:
  cross-sectional t, Patell, BMP, generalized sign.
- To be trusted as long as the event leaves the noise as large as before: the portfolio t and the stationary
  bootstrap, which learn the noise of the average from its own past days, correlation included, and the
  Kolari-Pynnönen adjusted Patell, which divides by the correlation of past residuals.
- To be trusted also when the event makes all noise larger: the adjusted BMP, which measures it by the spread
  across companies. The price is power: companies that react differently look like noise to it.
- Nearly so: the Corrado-Zivney rank test. It takes its variance from past days, but scales the event's
  returns by their spread across companies, which a common shock narrows, so it rejects a little too often.

No test can tell a larger common shock from a common effect: one date is one draw of it. The sizes behind these
words are in `docs/event_test_size.csv`, made by `benchmarks/event_test_size.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from eventstudy.statistics import (
    cross_sectional_t,
    generalized_rank_t,
    generalized_sign_z,
    kolari_pynnonen,
    patell_z,
    rank_z,
    two_sided,
)
from eventstudy.study import ALL, EventStudy, PooledStudy, WindowSums, averages, window_name, window_sums

DRAWS, SEED = 2000, 20250127
SHORTEST_BOOTSTRAP = 20  # estimation days; from fewer the length of a block cannot be told
ONE_DATE = {
    "yes": "keeps its size on one common date as long as the event leaves the noise as large as before",
    "yes, also with more noise": "keeps its size even when the event makes all noise larger, at the price of power",
    "nearly": "allows more noise as adjusted BMP does, but rejects a little too often on one common date",
    "no": "takes companies as independent and rejects far too often on one common date",
}
TESTS = (  # name, column of the statistic, paper, key of ONE_DATE
    ("portfolio t", "portfolio_t", "Brown and Warner (1980)", "yes"),
    ("stationary bootstrap", "bootstrap_p", "Politis and Romano (1994)", "yes"),
    ("adjusted Patell", "patell_adjusted_z", "Kolari and Pynnönen (2010)", "yes"),
    ("adjusted BMP", "bmp_adjusted_t", "Kolari and Pynnönen (2010)", "yes, also with more noise"),
    ("rank", "rank_z", "Corrado and Zivney (1992)", "nearly"),
    ("generalized rank", "grank_t", "Kolari and Pynnönen (2011)", "nearly"),
    ("cross-sectional t", "cross_t", "Brown and Warner (1980)", "no"),
    ("Patell", "patell_z", "Patell (1976)", "no"),
    ("BMP", "bmp_t", "Boehmer, Musumeci and Poulsen (1991)", "no"),
    ("generalized sign", "sign_z", "Cowan (1992)", "no"),
)


def overview() -> pd.DataFrame:
    """List the tests, their papers, and whether they can be trusted when all companies share one event date.

    Returns
    -------
    pd.DataFrame
        `test, column, p_column, source, one_date, why`; the columns are those of `test_table`.

    Examples
    --------
    >>> table = overview()
    >>> table.loc[table["one_date"] == "no", "test"].tolist()
    ['cross-sectional t', 'Patell', 'BMP', 'generalized sign']
    """
    table = pd.DataFrame(TESTS, columns=["test", "column", "source", "one_date"])
    table.insert(2, "p_column", table["column"].str.replace(r"_[tzp]$", "_p", regex=True))
    return table.assign(why=table["one_date"].map(ONE_DATE))


def portfolio_t(study: EventStudy, window: tuple[int, int], weights: np.ndarray) -> float:
    """Test the average of some companies as if it were one share.

    Parameters
    ----------
    window : (int, int)
        First and last day relative to the event.
    weights : np.ndarray, shape (companies,)
        Weight of each company, adding up to one; a single one for a single company.

    Returns
    -------
    float
        Student's t with `study.df` degrees of freedom; for one company its CAR divided by its standard error.

    Notes
    -----
    t = CAAR / (s sqrt(L2 + w'w)), s the standard deviation of the averaged residuals over the estimation
    window and w as in `estimation_weights`. The market model is linear, so the average of the residuals is the
    residual of the average, whatever the companies' correlation. Brown and Warner (1980), Journal of Financial
    Economics 8, 205-258, "crude dependence adjustment".
    """
    sums = window_sums(study, window)
    averaged = study.residuals.to_numpy() @ weights
    sigma = np.sqrt(np.square(averaged - averaged.mean()).sum() / study.df)
    return float(weights @ sums.car / (sigma * np.sqrt(sums.length + sums.weights @ sums.weights)))


def portfolio_gap(study: EventStudy, window: tuple[int, int], long: str, short: str) -> dict[str, float]:
    """Measure one group minus another as one portfolio, in per cent, with its 95 % interval and p-value.

    Long the first, short the second, each with equal weights: its noise is learnt from its own past days, whatever
    the companies' correlation (see `portfolio_t`).
    """
    group = study.fit["group"].to_numpy()
    for name in (long, short):
        if name not in group:
            raise ValueError(f"no company of the study is in group {name!r}; there are: {', '.join(np.unique(group))}")
    weights = (group == long) / (group == long).sum() - (group == short) / (group == short).sum()
    car, t = 100 * window_sums(study, window).car, portfolio_t(study, window, weights)
    gap = float(weights @ car)
    reach = abs(gap / t) * float(stdtrit(study.df, 0.975))
    means = {"long_pct": float(car[group == long].mean()), "short_pct": float(car[group == short].mean())}
    return means | {"gap_pct": gap, "low_pct": gap - reach, "high_pct": gap + reach, "p": two_sided(t, study.df)}


def bootstrap_noise(
    study: EventStudy,
    by: str = "group",
    draws: int = DRAWS,
    seed: int = SEED,
    block_days: int | None = None,
) -> np.ndarray:
    """Draw what each CAAR would be without an event, from the days before it.

    Parameters
    ----------
    by : {"group", "company"}
        As in `averages`.
    draws, seed : int
        Bootstrap draws, and the seed of their generator.
    block_days : int, optional
        Mean length of a block; by default `optimal_block_days`.

    Returns
    -------
    np.ndarray, shape (draws, names, windows)
        Errors of CAAR, fractions of one, with mean about zero.

    Notes
    -----
    Each draw resamples the estimation window's days twice in blocks of random length (Politis and Romano 1994,
    Journal of the American Statistical Association 89, 1303-1313): once for the event days, once for the days
    that fit the model, so that the error of the fitted alpha and beta is in it (weights of
    `estimation_weights`). A day is drawn whole, for all companies at once, which keeps their correlation; the
    residuals are centred and scaled by sqrt(L1 / df) for the freedom that the fit took.
    """
    from arch.bootstrap import StationaryBootstrap  # takes about two seconds to import

    residuals = study.residuals.to_numpy()
    days, needed = len(residuals), max(SHORTEST_BOOTSTRAP, len(study.days.offsets))
    if days < needed:
        raise ValueError(f"estimation_days={days} is too short for the bootstrap, which needs {needed} to draw from")
    centred = (residuals - residuals.mean(axis=0)) * np.sqrt(days / study.df)
    averaged = centred @ averages(study.fit, by).to_numpy().T
    block = optimal_block_days(study) if block_days is None else block_days
    sampler = StationaryBootstrap(block, np.arange(days), seed=np.random.default_rng(seed))
    fitted = np.stack([sampler.update_indices() for _ in range(draws)])
    around = np.stack([sampler.update_indices()[: len(study.days.offsets)] for _ in range(draws)])
    # counting how often a day was drawn turns each sum over drawn days into one product of matrices
    row = np.arange(draws)[:, None] * days
    noise = np.empty((draws, averaged.shape[1], len(study.days.windows)))
    for place, window in enumerate(study.days.windows):
        first = window[0] - study.days.offsets[0]
        sums = window_sums(study, window)
        event = around[:, first : first + sums.length]
        counts = np.bincount((row + event).ravel(), minlength=draws * days).astype(float)
        counts -= np.bincount((row + fitted).ravel(), np.tile(sums.weights, draws), draws * days)
        noise[:, :, place] = counts.reshape(draws, days) @ averaged
    return noise


def optimal_block_days(study: EventStudy) -> int:
    """Choose the mean block length, in whole days, for the average residual of all companies.

    Notes
    -----
    Politis and White (2004), Econometric Reviews 23, with the correction of Patton, Politis and White (2009),
    as the `arch` package computes it.
    """
    from arch.bootstrap import optimal_block_length

    best = optimal_block_length(study.residuals.mean(axis=1).to_numpy())["stationary"].iloc[0]
    return max(1, round(float(best)))


def test_table(
    study: EventStudy | PooledStudy,
    draws: int = 0,
    level: float = 0.95,
    seed: int = SEED,
    block_days: int | None = None,
) -> pd.DataFrame:
    """Run every test for every group and window, of one date or of a list of events.

    Parameters
    ----------
    draws : int
        Bootstrap draws, for one date; 0 leaves the bootstrap's columns empty.
    level : float
        Coverage of the bootstrap interval.

    Returns
    -------
    pd.DataFrame
        `group, window, n` (events), `dates, caar_pct`; statistic and p-value of each test (`overview`); `r_bar`, the
        mean correlation that the adjusted ones used; `se_pct`, the standard error of the portfolio t; `note`, why a
        statistic is missing; `low_pct, high_pct, bootstrap_p`.

    Notes
    -----
    Student's t with n - 1 degrees of freedom stands behind the cross-sectional t, BMP and adjusted BMP, with
    `study.df` behind the portfolio t, with L1 - 1 behind the generalized rank, the normal distribution behind the
    others. Interval: CAAR minus the upper and lower quantiles of `bootstrap_noise`; its p-value is the share of
    draws at least as large. Of a list of dates, CARs covary as far as their days overlap on the calendar, by the
    covariance of the residuals of the days that both estimation windows hold; on one date that is the portfolio t
    and Kolari and Pynnönen's r, with partly overlapping windows the adjustment of Kolari, Pape and Pynnönen (2018),
    Journal of Empirical Finance 47.
    """
    studies = (study,) if isinstance(study, EventStudy) else study.studies
    whole = _events(studies)
    members = _members(studies)
    shared = {name: _shared_days(studies, whole.take(mine)) for name, mine in members.items()}
    rows = []
    for window in studies[0].days.windows:
        sums = [window_sums(one, window) for one in studies]
        car, se = np.concatenate([one.car for one in sums]), np.concatenate([one.se for one in sums])
        first = window[0] - studies[0].days.offsets[0]
        event = slice(first, first + sums[0].length)
        standardised = np.hstack([one.standardised.to_numpy()[event] for one in studies])
        overlap = _overlap(studies, sums, window)
        for name, mine in members.items():
            one, dates = whole.take(mine), len(set(whole.date[mine]))
            line = {"group": name, "window": window_name(window), "n": int(mine.sum()), "dates": dates}
            found = _statistics(one, car[mine], se[mine], standardised[:, mine], overlap, shared[name], studies[0].df)
            rows.append(line | {"caar_pct": 100 * car[mine].mean()} | found)
    return _with_interval(pd.DataFrame(rows), "caar_pct", study, "group", draws, level, seed, block_days)


def pooled_path(study: PooledStudy, start: int = 0, level: float = 0.95) -> pd.DataFrame:
    """Cumulate the average abnormal return of a list of events day by day, with the band of the portfolio t.

    Returns
    -------
    pd.DataFrame
        `name, day, caar_pct, se_pct, low_pct, high_pct` for each group and for all, from day `start` of the event to
        the last day of the widest window; a path of events on one date is that of `caar_path`.
    """
    studies, whole = study.studies, _events(study.studies)
    reach, parts = stdtrit(study.df, 0.5 + level / 2), []
    for name, mine in _members(studies).items():
        _, covariance = _shared_days(studies, whole.take(mine))
        for end in range(start, studies[0].days.offsets[-1] + 1):
            sums = [window_sums(one, (start, end)) for one in studies]
            centre = 100 * np.concatenate([one.car for one in sums])[mine].mean()
            variance = float((_overlap(studies, sums, (start, end)) * covariance).sum()) / study.df
            se = 100 * np.sqrt(variance) if variance > 0 else np.nan
            parts.append((name, end, centre, se, centre - reach * se, centre + reach * se))
    return pd.DataFrame(parts, columns=["name", "day", "caar_pct", "se_pct", "low_pct", "high_pct"])


class _Events(NamedTuple):
    """Events side by side, in event time: the date each belongs to, residuals, their sigma, size of the returns."""

    date: np.ndarray
    residuals: np.ndarray
    sigma: np.ndarray
    size: np.ndarray

    def take(self, mine: np.ndarray) -> _Events:
        return _Events(self.date[mine], self.residuals[:, mine], self.sigma[mine], self.size[mine])


def _events(studies: Sequence[EventStudy]) -> _Events:
    return _Events(
        date=np.repeat(np.arange(len(studies)), [len(one.fit) for one in studies]),
        residuals=np.hstack([one.residuals.to_numpy() for one in studies]),
        sigma=np.concatenate([one.fit["sigma"] for one in studies]),
        size=np.concatenate([one.fit["largest"] for one in studies]),
    )


def _members(studies: Sequence[EventStudy]) -> dict[str, np.ndarray]:
    """Say for each group, and for all, which events belong to it."""
    groups = pd.concat([one.fit["group"] for one in studies]).to_numpy()
    names = [*(name for name in dict.fromkeys(groups) if name != ALL), ALL]
    return {name: (groups == name) | (name == ALL) for name in names}


def _statistics(
    one: _Events,
    car: np.ndarray,
    se: np.ndarray,
    standardised: np.ndarray,
    overlap: np.ndarray,
    shared: tuple[np.ndarray, np.ndarray],
    df: int,
) -> dict[str, float | str]:
    """Every test of some events over one window: the statistic, its p-value, and why one is missing."""
    n, scaled = len(car), car / se
    alike, covariance = shared
    variance = float((overlap * covariance).sum()) / df
    portfolio = np.sqrt(variance) if variance > 0 else np.nan
    lengths = np.sqrt(np.diag(overlap))
    r_bar = float((overlap / np.outer(lengths, lengths) * alike).sum() - n) / (n * (n - 1)) if n > 1 else np.nan
    patell, bmp = patell_z(scaled, df), cross_sectional_t(scaled)
    patell_adjusted, bmp_adjusted = kolari_pynnonen(patell, bmp, r_bar, n)
    found = {
        "cross_t": (cross_sectional_t(car), n - 1),
        "portfolio_t": (float(car.mean() / portfolio), df),
        "patell_z": (patell, None),
        "patell_adjusted_z": (patell_adjusted, None),
        "bmp_t": (bmp, n - 1),
        "bmp_adjusted_t": (bmp_adjusted, n - 1),
        "rank_z": (rank_z(one.residuals / one.sigma, standardised, size=one.size / one.sigma), None),
        "grank_t": (
            generalized_rank_t(one.residuals / one.sigma, scaled, one.size / one.sigma),
            len(one.residuals) - 1,
        ),
        "sign_z": (generalized_sign_z(car, one.residuals, one.size), None),
    }
    line: dict[str, float | str] = {}
    for test, (statistic, freedom) in found.items():
        line |= {test: statistic, f"{test[:-2]}_p": two_sided(statistic, freedom)}
    note = "one event has no spread across events" if n == 1 else "the events are alike: they have no spread"
    return line | {"r_bar": r_bar, "se_pct": 100 * portfolio, "note": note if np.isnan(found["bmp_t"][0]) else ""}


def _calendar(studies: Sequence[EventStudy], columns: np.ndarray) -> np.ndarray:
    """Lay estimation days of every date side by side on the calendar: a row a date, zero where it has none."""
    starts = np.array([one.days.first_row for one in studies]) - min(one.days.first_row for one in studies)
    table = np.zeros((len(studies), starts.max() + len(columns)))
    for row, start in enumerate(starts):
        table[row, start : start + len(columns)] = columns[:, row]
    return table


def _shared_days(studies: Sequence[EventStudy], one: _Events) -> tuple[np.ndarray, np.ndarray]:
    """Sum correlations, and covariances of the average, over pairs of events by their dates.

    Two dates are compared on the calendar days that both estimation windows hold; the sum over all pairs is a
    product of two sums, so no matrix of events by events is needed.
    """
    days = len(one.residuals)
    centred = one.residuals - one.residuals.mean(axis=0)
    unit = centred / np.sqrt(np.square(centred).sum(axis=0))
    to_date = np.eye(len(studies))[one.date]
    known = _calendar(studies, np.ones((days, len(studies))))
    common = known @ known.T
    scale = np.where(common > 1, days / np.maximum(common, 1), 0)
    sums = [_calendar(studies, table @ to_date) for table in (unit, centred / len(one.sigma))]
    correlation, covariance = (table @ table.T * scale for table in sums)
    return correlation, covariance


def _overlap(studies: Sequence[EventStudy], sums: Sequence[WindowSums], window: tuple[int, int]) -> np.ndarray:
    """Multiply what each calendar day weighs in the CARs of two dates, and add up: event days 1, estimation days -w."""
    first = min(one.days.first_row for one in studies)
    last = max(one.days.event_row for one in studies) + window[1]
    weights = np.zeros((len(studies), last - first + 1))
    for row, (one, summed) in enumerate(zip(studies, sums, strict=True)):
        begin = one.days.first_row - first
        weights[row, begin : begin + len(summed.weights)] = -summed.weights
        event = one.days.event_row + window[0] - first
        weights[row, event : event + summed.length] += 1
    return weights @ weights.T


def company_table(
    study: EventStudy | PooledStudy,
    draws: int = 0,
    level: float = 0.95,
    seed: int = SEED,
    block_days: int | None = None,
) -> pd.DataFrame:
    """Test every company, or every event of a list, by itself in every window; arguments as in `test_table`.

    Returns
    -------
    pd.DataFrame
        `ticker, group, window, car_pct, se_pct, t, p, low_pct, high_pct, bootstrap_p`, for a list with `date` in
        front; t is CAR divided by its standard error of prediction, Student's t with `study.df` degrees of freedom.
    """
    table = study.car.assign(p=[two_sided(t, study.df) for t in study.car["t"]])
    return _with_interval(table, "car_pct", study, "company", draws, level, seed, block_days)


def _with_interval(
    table: pd.DataFrame,
    value: str,
    study: EventStudy | PooledStudy,
    by: str,
    draws: int,
    level: float,
    seed: int,
    block_days: int | None,
) -> pd.DataFrame:
    if not draws:
        return table.assign(low_pct=np.nan, high_pct=np.nan, bootstrap_p=np.nan)
    if isinstance(study, PooledStudy):
        raise ValueError("the bootstrap draws days of one date: a list of events has the portfolio t instead")
    # the tables list window after window, and the names in the same order within each
    noise = np.concatenate(np.moveaxis(100 * bootstrap_noise(study, by, draws, seed, block_days), 2, 0), axis=1)
    low, high = np.quantile(noise, [0.5 - level / 2, 0.5 + level / 2], axis=0)
    estimate = table[value].to_numpy()
    p = (1 + (np.abs(noise) >= np.abs(estimate)).sum(axis=0)) / (1 + draws)
    return table.assign(
        low_pct=estimate - high, high_pct=estimate - low, bootstrap_p=np.where(np.isnan(estimate), np.nan, p)
    )
