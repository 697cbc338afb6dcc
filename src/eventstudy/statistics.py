"""Test statistics of an event study, each from arrays: its equation, its paper, a worked example."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr, stdtr

ALIKE = 1e-9  # a spread below this share of the values is none
ROUNDING = 1e-12  # what is smaller, as a share of the returns' size, is rounding: zero, or a tie


def two_sided(statistic: float, df: int | None = None) -> float:
    """Return the two-sided p-value of a statistic, from Student's t with `df` or from the standard normal.

    Examples
    --------
    >>> round(float(two_sided(1.96)), 3), round(float(two_sided(2.776, df=4)), 3)
    (0.05, 0.05)
    """
    return 2 * (ndtr(-abs(statistic)) if df is None else stdtr(df, -abs(statistic)))


def cross_sectional_t(values: np.ndarray) -> float:
    """Test a mean by the spread across companies: of CARs the plain t test, of standardised CARs the BMP test.

    Parameters
    ----------
    values : np.ndarray, shape (companies,)
        CAR of each company, or CAR divided by its standard error.

    Returns
    -------
    float
        Student's t with n - 1 degrees of freedom under independence; NaN for one company, or for companies so alike
        that their spread is rounding.

    Notes
    -----
    t = sqrt(n) mean / sd. Of standardised CARs: Boehmer, Musumeci and Poulsen (1991), Journal of Financial
    Economics 30, 253-272, robust to variance that the event induces, not to correlation.

    Examples
    --------
    >>> round(cross_sectional_t(np.array([1.0, 2.0, 3.0])), 4)  # sqrt(3) * 2 / 1
    3.4641
    """
    n = len(values)
    spread = values.std(ddof=1) if n > 1 else 0.0
    return float(np.sqrt(n) * values.mean() / spread) if spread > ALIKE * np.abs(values).max() else np.nan


def patell_z(standardised: np.ndarray, df: int) -> float:
    """Add up standardised CARs, whose variance is known.

    Parameters
    ----------
    standardised : np.ndarray, shape (companies,)
        CAR of each company divided by its standard error of prediction.
    df : int
        Degrees of freedom of the residual variance.

    Returns
    -------
    float
        Standard normal for independent companies and no variance induced by the event.

    Notes
    -----
    z = sum(SCAR) / sqrt(n df / (df - 2)): each SCAR is Student's t with that variance. Patell (1976), Journal
    of Accounting Research 14, 246-276; df = L1 - 2 gives his (L1 - 2) / (L1 - 4).

    Examples
    --------
    >>> patell_z(np.array([1.0, 2.0]), df=4)  # 3 / sqrt(2 * 4 / 2)
    1.5
    """
    return float(standardised.sum() / np.sqrt(len(standardised) * df / (df - 2)))


def mean_correlation(residuals: np.ndarray) -> float:
    """Average the correlations of all pairs of companies' residuals.

    Parameters
    ----------
    residuals : np.ndarray, shape (days, companies)
        Residuals of the estimation window.

    Returns
    -------
    float
        Mean of the off-diagonal correlations; NaN for one company.

    Examples
    --------
    >>> round(mean_correlation(np.array([[1.0, 2], [1, 2], [-1, 0], [-1, 0], [0, -2], [0, -2]])), 10)
    0.5
    """
    n = residuals.shape[1]
    if n < 2:
        return np.nan
    scaled = residuals - residuals.mean(axis=0)
    scaled = scaled / np.sqrt(np.square(scaled).sum(axis=0))
    # the sum over all pairs is the squared length of the sum, so no n-by-n matrix is needed
    return float((np.square(scaled.sum(axis=1)).sum() - n) / (n * (n - 1)))


def kolari_pynnonen(patell: float, bmp: float, r_bar: float, n: int) -> tuple[float, float]:
    """Adjust Patell's z and BMP's t for the correlation of companies that share one event date.

    Parameters
    ----------
    patell, bmp : float
        The two statistics.
    r_bar : float
        Mean correlation of the estimation-window residuals.
    n : int
        Companies.

    Returns
    -------
    tuple of float
        z = patell / sqrt(1 + (n - 1) r) and t = bmp sqrt((1 - r) / (1 + (n - 1) r)); one company needs no
        adjustment.

    Notes
    -----
    Kolari and Pynnönen (2010), Review of Financial Studies 23, 3996-4025. The variance of the mean grows by
    1 + (n - 1) r, while the spread across companies, BMP's yardstick, shrinks by 1 - r.

    Examples
    --------
    >>> kolari_pynnonen(3.0, 3.0, 0.25, 13)  # sqrt(1 + 12 / 4) = 2
    (1.5, 1.299038105676658)
    """
    if n == 1:
        return patell, bmp
    inflation = max(1 + (n - 1) * r_bar, np.finfo(float).tiny)
    return float(patell / np.sqrt(inflation)), float(bmp * np.sqrt(max(1 - r_bar, 0) / inflation))


def mean_ranks(
    estimation: np.ndarray, event: np.ndarray, restandardise: bool = True, size: np.ndarray | None = None
) -> np.ndarray:
    """Rank each company's days and average the ranks across companies.

    Parameters
    ----------
    estimation, event : np.ndarray, shapes (L1, companies) and (L2, companies)
        Standardised residuals and standardised abnormal returns.
    restandardise : bool
        Divide each event day by its standard deviation across companies (Corrado and Zivney 1992), so that
        variance induced by the event does not look like an effect; False is Corrado (1989).
    size : np.ndarray, shape (companies,), optional
        Size of the returns in the unit of the residuals, by default the largest residual: values that differ by
        less than 1e-12 of it are ties, so that no rank hangs on rounding.

    Returns
    -------
    np.ndarray, shape (L1 + L2,)
        Mean over companies of rank / (1 + days) - 1/2, the estimation days first.

    Examples
    --------
    >>> mean_ranks(np.array([[-1.0], [0.0]]), np.array([[3.0]])).tolist()
    [-0.25, 0.0, 0.25]
    """
    if restandardise and event.shape[1] > 1:
        event = event / event.std(axis=1, ddof=1, keepdims=True)
    values = np.ascontiguousarray(np.vstack([estimation, event]).T)
    least = ROUNDING * (np.abs(estimation).max(axis=0) if size is None else size)
    order = np.argsort(values, axis=1)
    steps = np.diff(np.take_along_axis(values, order, axis=1), axis=1, prepend=-np.inf) > least[:, None]
    tie = steps.ravel().cumsum() - 1  # ties are numbered through all companies and share their mean place
    days = values.shape[1]
    place = np.bincount(tie, np.tile(np.arange(1.0, days + 1), len(values))) / np.bincount(tie)
    ranks = np.empty(values.shape)
    np.put_along_axis(ranks, order, place[tie].reshape(values.shape), axis=1)
    return (ranks / (1 + days) - 0.5).mean(axis=0)


def rank_z(
    estimation: np.ndarray, event: np.ndarray, restandardise: bool = True, size: np.ndarray | None = None
) -> float:
    """Test a window by the ranks of its days among all days.

    Parameters
    ----------
    estimation, event, restandardise, size
        As in `mean_ranks`.

    Returns
    -------
    float
        Approximately standard normal; NaN for companies so alike that their spread is rounding.

    Notes
    -----
    z = sum of the window's mean ranks / (S sqrt(L2 (T - L2) / (T - 1))), S^2 the mean square of the mean ranks
    over all T = L1 + L2 days. One day: Corrado and Zivney (1992), Journal of Financial and Quantitative
    Analysis 27, 465-478. More days: cumulated ranks (Cowan 1992; Campbell and Wasley 1993, Journal of
    Financial Economics 33) with the factor (T - L2) / (T - 1), for the ranks of all days sum to nothing.

    Examples
    --------
    >>> round(rank_z(np.array([[-1.0], [0.0]]), np.array([[3.0]])), 4)  # 0.25 / sqrt(2 * 0.25**2 / 3)
    1.2247
    """
    if restandardise and event.shape[1] > 1 and (event.std(axis=1) <= ALIKE * np.abs(event).max(axis=1)).any():
        return np.nan
    ranks = mean_ranks(estimation, event, restandardise, size)
    days, length = len(ranks), len(event)
    scale = np.sqrt(np.square(ranks).mean() * length * (days - length) / (days - 1))
    return float(ranks[-length:].sum() / scale)


def generalized_rank_t(estimation: np.ndarray, standardised: np.ndarray, size: np.ndarray | None = None) -> float:
    """Rank each company's cumulated abnormal return among its days before the event, as if it were one more day.

    Parameters
    ----------
    estimation, size
        As in `mean_ranks`.
    standardised : np.ndarray, shape (companies,)
        CAR of each company divided by its standard error.

    Returns
    -------
    float
        Student's t with L1 - 1 degrees of freedom; NaN for companies so alike that their spread is rounding.

    Notes
    -----
    Kolari and Pynnönen (2011), Journal of Empirical Finance 18, 953-971, GRANK-T: t = Z sqrt((T - 2) / (T - 1 - Z^2)),
    Z = U_0 / S_U, T = L1 + 1, U the mean ranks and S_U^2 their mean square; CARs are divided by their standard
    deviation across companies.

    Examples
    --------
    >>> round(generalized_rank_t(np.array([[-1.0], [0.0], [1.0]]), np.array([3.0])), 4)  # U = 0.3, S_U^2 = 0.05
    1.7321
    """
    if len(standardised) > 1 and not standardised.std(ddof=1) > ALIKE * np.abs(standardised).max():
        return np.nan
    ranks = mean_ranks(estimation, standardised[None, :], size=size)
    z, days = ranks[-1] / np.sqrt(np.square(ranks).mean()), len(ranks)
    return float(z * np.sqrt((days - 2) / (days - 1 - z * z)))


def generalized_sign_z(cumulative: np.ndarray, residuals: np.ndarray, size: np.ndarray | None = None) -> float:
    """Compare the number of positive CARs with the share of positive days before the event.

    Parameters
    ----------
    cumulative : np.ndarray, shape (companies,)
        CAR of each company.
    residuals : np.ndarray, shape (days, companies)
        Residuals of the estimation window.
    size : np.ndarray, shape (companies,), optional
        Size of the returns, by default the largest residual: within 1e-12 of it a value is zero, not positive.

    Returns
    -------
    float
        Standard normal for independent companies.

    Notes
    -----
    z = (w - n p) / sqrt(n p (1 - p)), w the number of positive CARs and p the mean over companies of the share
    of positive residuals: Cowan (1992), Review of Quantitative Finance and Accounting 2, 343-358.

    Examples
    --------
    >>> generalized_sign_z(np.array([1.0, 2, 3, 4]), np.array([[1.0] * 4, [-1.0] * 4]))  # (4 - 2) / sqrt(1)
    2.0
    """
    least = ROUNDING * (np.abs(residuals).max(axis=0) if size is None else size)
    n, share = len(cumulative), (residuals > least).mean()
    return float(((cumulative > least).sum() - n * share) / np.sqrt(n * share * (1 - share)))
