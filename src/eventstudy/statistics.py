"""Test statistics of an event study, each from arrays: its equation, its paper, a worked example."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr, stdtr, stdtrit

ALIKE = 1e-9  # a spread below this share of the values is none
ROUNDING = 1e-12  # what is smaller, as a share of the returns' size, is rounding: zero, or a tie


def two_sided(statistic: float, df: int | None = None) -> float:
    """Return the two-sided p-value of a statistic, from Student's t with `df` or from the standard normal.

    >>> round(float(two_sided(1.96)), 3), round(float(two_sided(2.776, df=4)), 3)
    (0.05, 0.05)
    """
    return 2 * (ndtr(-abs(statistic)) if df is None else stdtr(df, -abs(statistic)))


def interval(value: np.ndarray, se: np.ndarray, df: int, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of the interval that Student's t puts around values with these standard errors."""
    reach = float(stdtrit(df, 0.5 + level / 2)) * se
    return value - reach, value + reach


def cross_sectional_t(values: np.ndarray) -> float:
    """Test a mean by the spread across companies: of CARs the plain t test, of standardised CARs the BMP test.

    t = sqrt(n) mean / sd, Student's with n - 1 degrees of freedom under independence; NaN for one company, or for
    companies so alike that their spread is rounding. Boehmer, Musumeci and Poulsen (1991), Journal of Financial
    Economics 30, 253-272: robust to variance that the event induces, not to correlation.

    >>> round(cross_sectional_t(np.array([1.0, 2.0, 3.0])), 4)  # sqrt(3) * 2 / 1
    3.4641
    """
    return float(np.sqrt(len(values)) * values.mean() / spread(values))


def spread(values: np.ndarray) -> float:
    """Return the standard deviation across companies, NaN for one company or a spread that is rounding."""
    size = values.std(ddof=1) if len(values) > 1 else 0.0
    return float(size) if size > ALIKE * np.abs(values).max() else np.nan


def patell_z(standardised: np.ndarray, df: int) -> float:
    """Add up standardised CARs, each Student's t with `df` degrees of freedom, so that their variance is known.

    z = sum(SCAR) / sqrt(n df / (df - 2)), standard normal for independent companies and no variance induced by the
    event. Patell (1976), Journal of Accounting Research 14, 246-276; df = L1 - 2 gives his (L1 - 2) / (L1 - 4).

    >>> patell_z(np.array([1.0, 2.0]), df=4)  # 3 / sqrt(2 * 4 / 2)
    1.5
    """
    return float(standardised.sum() / np.sqrt(len(standardised) * df / (df - 2)))


def kolari_pynnonen(patell: float, bmp: float, r_bar: float, n: int) -> tuple[float, float]:
    """Adjust Patell's z and BMP's t for the mean correlation r of n companies that share one event date.

    z = patell / sqrt(1 + (n - 1) r) and t = bmp sqrt((1 - r) / (1 + (n - 1) r)), as the variance of the mean grows and
    the spread across companies shrinks: Kolari and Pynnönen (2010), Review of Financial Studies 23, 3996-4025.

    >>> kolari_pynnonen(3.0, 3.0, 0.25, 13)  # sqrt(1 + 12 / 4) = 2
    (1.5, 1.299038105676658)
    """
    if n == 1:
        return patell, bmp
    inflation = max(1 + (n - 1) * r_bar, np.finfo(float).tiny)
    return float(patell / np.sqrt(inflation)), float(bmp * np.sqrt(max(1 - r_bar, 0) / inflation))


def restandardise(event: np.ndarray) -> np.ndarray:
    """Divide each event day, of shape (days, companies), by its spread across companies (Corrado and Zivney 1992).

    Variance induced by the event then does not look like an effect. One company is left as it is.
    """
    return event / np.array([spread(day) for day in event])[:, None] if event.shape[1] > 1 else event


def mean_ranks(estimation: np.ndarray, event: np.ndarray, size: np.ndarray | None = None) -> np.ndarray:
    """Average over companies rank / (1 + days) - 1/2 of each day, estimation days first.

    Both tables have shape (days, companies). `size` is that of the returns in the unit of the residuals, by default
    the largest residual: values that differ by less than 1e-12 of it are ties, so that no rank hangs on rounding.

    >>> mean_ranks(np.array([[-1.0], [0.0]]), np.array([[3.0]])).tolist()
    [-0.25, 0.0, 0.25]
    """
    values = np.ascontiguousarray(np.vstack([estimation, event]).T)
    least = ROUNDING * (np.abs(estimation).max(axis=0) if size is None else size)
    order = np.argsort(values, axis=1)
    apart = np.diff(np.take_along_axis(values, order, axis=1), axis=1, prepend=-np.inf) > least[:, None]
    tie = apart.ravel().cumsum() - 1  # ties are numbered through all companies and share their mean place
    days = values.shape[1]
    place = np.bincount(tie, np.tile(np.arange(1.0, days + 1), len(values))) / np.bincount(tie)
    np.put_along_axis(values, order, place[tie].reshape(values.shape), axis=1)
    return (values / (1 + days) - 0.5).mean(axis=0)


def rank_z(estimation: np.ndarray, event: np.ndarray, size: np.ndarray | None = None) -> float:
    """Test a window by the ranks of its days among all days; arguments as in `mean_ranks`.

    z = sum of the window's mean ranks / (S sqrt(L2 (T - L2) / (T - 1))), S^2 the mean square of the mean ranks over all
    T = L1 + L2 days; approximately standard normal, NaN for companies alike. One day: Corrado (1989), and with
    `restandardise` Corrado and Zivney (1992), Journal of Financial and Quantitative Analysis 27, 465-478. More days:
    cumulated ranks (Cowan 1992; Campbell and Wasley 1993, Journal of Financial Economics 33) with the factor
    (T - L2) / (T - 1), for the ranks of all days sum to nothing.

    >>> round(rank_z(np.array([[-1.0], [0.0]]), np.array([[3.0]])), 4)  # 0.25 / sqrt(2 * 0.25**2 / 3)
    1.2247
    """
    if np.isnan(event).any():
        return np.nan
    ranks = mean_ranks(estimation, event, size)
    days, length = len(ranks), len(event)
    scale = np.sqrt(np.square(ranks).mean() * length * (days - length) / (days - 1))
    return float(ranks[-length:].sum() / scale)


def generalized_rank_t(estimation: np.ndarray, standardised: np.ndarray, size: np.ndarray | None = None) -> float:
    """Rank each company's standardised CAR among its days before the event, as if it were one more day.

    GRANK-T of Kolari and Pynnönen (2011), Journal of Empirical Finance 18, 953-971: t = Z sqrt((T - 2) / (T - 1 - Z^2)),
    Z = U_0 / S_U, T = L1 + 1, U the mean ranks and S_U^2 their mean square, CARs divided by their spread across
    companies; Student's t with L1 - 1 degrees of freedom, NaN for companies alike.

    >>> round(generalized_rank_t(np.array([[-1.0], [0.0], [1.0]]), np.array([3.0])), 4)  # U = 0.3, S_U^2 = 0.05
    1.7321
    """
    event = restandardise(standardised[None, :])
    if np.isnan(event).any():
        return np.nan
    ranks = mean_ranks(estimation, event, size)
    z, days = ranks[-1] / np.sqrt(np.square(ranks).mean()), len(ranks)
    return float(z * np.sqrt((days - 2) / (days - 1 - z * z)))


def generalized_sign_z(cumulative: np.ndarray, residuals: np.ndarray, size: np.ndarray | None = None) -> float:
    """Compare the number of positive CARs with the share of positive days before the event.

    z = (w - n p) / sqrt(n p (1 - p)), w the number of positive CARs and p the mean share of positive residuals; standard
    normal for independent companies: Cowan (1992), Review of Quantitative Finance and Accounting 2, 343-358. Within
    1e-12 of `size`, by default the largest residual, a value is zero, not positive.

    >>> generalized_sign_z(np.array([1.0, 2, 3, 4]), np.array([[1.0] * 4, [-1.0] * 4]))  # (4 - 2) / sqrt(1)
    2.0
    """
    least = ROUNDING * (np.abs(residuals).max(axis=0) if size is None else size)
    n, share = len(cumulative), (residuals > least).mean()
    return float(((cumulative > least).sum() - n * share) / np.sqrt(n * share * (1 - share)))
