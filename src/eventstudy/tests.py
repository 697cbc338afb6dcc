"""Was it chance? The standard tests of an event study, and which of them a common event date allows (`overview`).

When all companies share ONE event date they share that day's news too: they are correlated, and n companies hold less
evidence than n independent ones. Some tests learn that correlation from past days, some know nothing of it. None can
tell a larger common shock from a common effect: one date is one draw of it. The sizes behind the words below are in
`docs/event_test_size.csv`, made by `benchmarks/event_test_size.py`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from eventstudy import statistics
from eventstudy.study import EventStudy, PooledStudy, WindowSums, averages, portfolio_sums, window_sums
from eventstudy.windows import ALL, window_name

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
    """List the tests: `test, column, p_column` of `test_table`, `source`, and whether to trust them on `one_date`, `why`."""
    table = pd.DataFrame(TESTS, columns=["test", "column", "source", "one_date"])
    table.insert(2, "p_column", table["column"].str.replace(r"_[tzp]$", "_p", regex=True))
    return table.assign(why=table["one_date"].map(ONE_DATE))


def portfolio_gap(study: EventStudy, window: tuple[int, int], long: str, short: str) -> dict[str, float]:
    """Measure one group minus another as one portfolio, in per cent, with its 95 % interval and p-value.

    Its noise is learnt from its own past days, whatever the companies' correlation (see `portfolio_sums`).
    """
    means = averages(study.fit)
    missing = [name for name in (long, short) if name not in means.index]
    if missing:
        known = ", ".join(sorted(means.index.drop(ALL)))
        raise ValueError(f"no company of the study is in group {missing[0]!r}; there are: {known}")
    weights = np.array([means.loc[long], means.loc[short], means.loc[long] - means.loc[short]])
    caar, se = (100 * found for found in portfolio_sums(study, window, weights))
    low, high = statistics.interval(caar[2], se[2], study.df, 0.95)
    names = ("long_pct", "short_pct", "gap_pct", "low_pct", "high_pct", "p")
    return dict(zip(names, (*caar, low, high, statistics.two_sided(caar[2] / se[2], study.df)), strict=True))


def bootstrap_noise(
    study: EventStudy, draws: int = DRAWS, seed: int = SEED, block_days: int | None = None
) -> np.ndarray:
    """Draw what each CAAR would be without an event, from the days before it: fractions, shape (draws, groups, windows).

    Each draw resamples the estimation window's days twice in blocks of random length (Politis and Romano 1994, Journal
    of the American Statistical Association 89, 1303-1313): once for the event days, once for the days that fit the
    model, so that its error is in it. A day is drawn whole, for all companies at once, which keeps their correlation;
    residuals are centred and scaled by sqrt(L1 / df). Without `block_days`, the mean length of a block is that of
    Politis and White (2004), Econometric Reviews 23, as corrected in 2009. `ValueError` for too few days to draw from.
    """
    from arch.bootstrap import StationaryBootstrap, optimal_block_length  # takes about two seconds to import

    residuals = study.residuals.to_numpy()
    days, needed = len(residuals), max(SHORTEST_BOOTSTRAP, len(study.days.offsets))
    if days < needed:
        raise ValueError(f"estimation_days={days} is too short for the bootstrap, which needs {needed} to draw from")
    centred = (residuals - residuals.mean(axis=0)) * np.sqrt(days / study.df)
    averaged = centred @ averages(study.fit).to_numpy().T
    if block_days is None:
        block_days = max(1, round(optimal_block_length(residuals.mean(axis=1))["stationary"].iloc[0]))
    sampler = StationaryBootstrap(block_days, np.arange(days), seed=np.random.default_rng(seed))
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


def test_table(study: EventStudy | PooledStudy, draws: int = 0, level: float = 0.95, seed: int = SEED) -> pd.DataFrame:
    """Run every test for every group and window, of one date or of a list of events.

    `group, window, n` (events), `dates, caar_pct`; statistic and p-value of each test (`overview`); `r_bar`, the mean
    correlation that the adjusted ones used; `se_pct`, the standard error of the portfolio t; `note`, why a statistic is
    missing; `low_pct, high_pct, bootstrap_p`, for one date with bootstrap `draws`: CAAR minus the upper and lower
    quantiles of `bootstrap_noise` at `level`, and the share of draws at least as large.

    Of a list of dates, CARs covary as far as their days overlap on the calendar, by the covariance of the residuals of
    the days that both estimation windows hold; on one date that is the portfolio t and Kolari and Pynnönen's r, with
    partly overlapping windows the adjustment of Kolari, Pape and Pynnönen (2018), Journal of Empirical Finance 47.
    """
    studies = (study,) if isinstance(study, EventStudy) else study.studies
    fit = pd.concat([one.fit for one in studies])
    date = np.repeat(np.arange(len(studies)), [len(one.fit) for one in studies])
    residuals = np.hstack([one.residuals.to_numpy() for one in studies])
    groups = fit["group"].to_numpy()
    members = {name: groups == name for name in dict.fromkeys(groups) if name != ALL} | {ALL: np.full(len(fit), True)}
    shared = {name: _shared_days(studies, residuals[:, mine], date[mine]) for name, mine in members.items()}
    rows = []
    for window in studies[0].days.windows:
        sums = [window_sums(one, window) for one in studies]
        car, se = np.concatenate([one.car for one in sums]), np.concatenate([one.se for one in sums])
        standardised = np.hstack([one.standardised.loc[window[0] : window[1]] for one in studies])
        overlap = _overlap(studies, sums, window)
        for name, mine in members.items():
            line = {"group": name, "window": window_name(window), "n": int(mine.sum()), "dates": len(set(date[mine]))}
            own = (residuals[:, mine], fit[mine], car[mine], se[mine], standardised[:, mine])
            found = _every_test(*own, overlap, *shared[name], studies[0].df)
            rows.append(line | {"caar_pct": 100 * car[mine].mean()} | found)
    table = pd.DataFrame(rows).assign(low_pct=np.nan, high_pct=np.nan, bootstrap_p=np.nan)
    if not draws:
        return table
    if isinstance(study, PooledStudy):
        raise ValueError("the bootstrap draws days of one date: a list of events has the portfolio t instead")
    # the table lists window after window, and the groups in the same order within each
    noise = np.concatenate(np.moveaxis(100 * bootstrap_noise(study, draws, seed), 2, 0), axis=1)
    low, high = np.quantile(noise, [0.5 - level / 2, 0.5 + level / 2], axis=0)
    caar = table["caar_pct"].to_numpy()
    p = (1 + (np.abs(noise) >= np.abs(caar)).sum(axis=0)) / (1 + draws)
    return table.assign(low_pct=caar - high, high_pct=caar - low, bootstrap_p=p)


def _every_test(
    residuals: np.ndarray,
    fit: pd.DataFrame,
    car: np.ndarray,
    se: np.ndarray,
    standardised: np.ndarray,
    overlap: np.ndarray,
    alike: np.ndarray,
    covariance: np.ndarray,
    df: int,
) -> dict[str, float | str]:
    """Every test of some events over one window: the statistic, its p-value, and why one is missing."""
    n, scaled = len(car), car / se
    sigma, size = fit["sigma"].to_numpy(), fit["largest"].to_numpy()
    variance = float((overlap * covariance).sum()) / df
    portfolio = np.sqrt(variance) if variance > 0 else np.nan
    lengths = np.sqrt(np.diag(overlap))
    r_bar = float((overlap / np.outer(lengths, lengths) * alike).sum() - n) / (n * (n - 1)) if n > 1 else np.nan
    patell, bmp = statistics.patell_z(scaled, df), statistics.cross_sectional_t(scaled)
    patell_adjusted, bmp_adjusted = statistics.kolari_pynnonen(patell, bmp, r_bar, n)
    found = {
        "cross_t": (statistics.cross_sectional_t(car), n - 1),
        "portfolio_t": (float(car.mean() / portfolio), df),
        "patell_z": (patell, None),
        "patell_adjusted_z": (patell_adjusted, None),
        "bmp_t": (bmp, n - 1),
        "bmp_adjusted_t": (bmp_adjusted, n - 1),
        "rank_z": (statistics.rank_z(residuals / sigma, statistics.restandardise(standardised), size / sigma), None),
        "grank_t": (statistics.generalized_rank_t(residuals / sigma, scaled, size / sigma), len(residuals) - 1),
        "sign_z": (statistics.generalized_sign_z(car, residuals, size), None),
    }
    line: dict[str, float | str] = {}
    for test, (statistic, freedom) in found.items():
        line |= {test: statistic, f"{test[:-2]}_p": statistics.two_sided(statistic, freedom)}
    note = "one event has no spread across events" if n == 1 else "the events are alike: they have no spread"
    return line | {"r_bar": r_bar, "se_pct": 100 * portfolio, "note": note if np.isnan(bmp) else ""}


def _calendar(studies: Sequence[EventStudy], rows: np.ndarray) -> np.ndarray:
    """Shift each date's row of days, which begins with its first estimation day, to its place on the calendar."""
    starts = np.array([one.days.first_row for one in studies])
    starts -= starts.min()
    table = np.zeros((len(studies), starts.max() + rows.shape[1]))
    np.put_along_axis(table, starts[:, None] + np.arange(rows.shape[1]), rows, axis=1)
    return table


def _shared_days(
    studies: Sequence[EventStudy], residuals: np.ndarray, date: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Sum correlations, and covariances of the average, over pairs of events by their dates.

    Two dates are compared on the days that both estimation windows hold; a sum over pairs is a product of two sums.
    """
    centred = residuals - residuals.mean(axis=0)
    unit = centred / np.sqrt(np.square(centred).sum(axis=0))
    to_date = np.eye(len(studies))[date]
    known = _calendar(studies, np.ones((len(studies), len(residuals))))
    common = known @ known.T
    scale = np.where(common > 1, len(residuals) / np.maximum(common, 1), 0)
    sums = [_calendar(studies, (table @ to_date).T) for table in (unit, centred / len(date))]
    correlation, covariance = (table @ table.T * scale for table in sums)
    return correlation, covariance


def _overlap(studies: Sequence[EventStudy], sums: Sequence[WindowSums], window: tuple[int, int]) -> np.ndarray:
    """Multiply what each calendar day weighs in the CARs of two dates, and add up: event days 1, estimation days -w."""
    days, estimated = studies[0].days, len(studies[0].residuals)
    first = days.event_row + window[0] - days.first_row  # the same for every date, as their windows are
    rows = np.zeros((len(studies), first + sums[0].length))
    rows[:, first:] = 1
    rows[:, :estimated] -= [one.weights for one in sums]
    weights = _calendar(studies, rows)
    return weights @ weights.T
