"""What a share's return would have been without the event: three models, fitted to all companies at once."""

from __future__ import annotations

import numpy as np

MODELS = ("market", "mean", "market_adjusted")


def fit_model(
    returns: np.ndarray, market: np.ndarray, model: str = "market"
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, int]:
    """Fit an expected-return model to all companies at once.

    Parameters
    ----------
    returns : np.ndarray, shape (days, companies)
        Returns of the estimation window, fractions of one.
    market : np.ndarray, shape (days,)
        Returns of the market on the same days.
    model : {"market", "mean", "market_adjusted"}
        E[R] = alpha + beta * market by least squares; E[R] = its own mean; or E[R] = market.

    Returns
    -------
    tuple of alpha, beta, sigma, residuals, df
        One number a company, then residuals (days, companies) and the degrees of freedom of sigma.

    Raises
    ------
    ValueError
        For an unknown model.

    Notes
    -----
    MacKinlay (1997), Event studies in economics and finance, Journal of Economic Literature 35, 13-39. The
    market-adjusted model estimates nothing; its sigma is the sample standard deviation of R - market, as in
    Brown and Warner (1985), Journal of Financial Economics 14, 3-31.

    Examples
    --------
    >>> market = np.array([-1.0, 1, -1, 1, -1, 1])
    >>> noise = np.array([1.0, 1, -1, -1, 0, 0])
    >>> alpha, beta, sigma, _, df = fit_model((0.5 + 2 * market + noise)[:, None], market)
    >>> [float(x[0].round(12)) for x in (alpha, beta, sigma)], df
    ([0.5, 2.0, 1.0], 4)
    """
    if model not in MODELS:
        raise ValueError(f"unknown model {model!r}: choose one of {', '.join(MODELS)}")
    beta = np.full(returns.shape[1], float(model == "market_adjusted"))
    alpha = np.zeros(returns.shape[1])
    if model == "market":
        deviations = market - market.mean()
        beta = deviations @ (returns - returns.mean(axis=0)) / (deviations @ deviations)
    if model != "market_adjusted":
        alpha = returns.mean(axis=0) - beta * market.mean()
    residuals = returns - alpha - np.outer(market, beta)
    df = len(returns) - (2 if model == "market" else 1)
    sigma = np.sqrt(np.square(residuals - residuals.mean(axis=0)).sum(axis=0) / df)
    return alpha, beta, sigma, residuals, df


def estimation_weights(market: np.ndarray, window_market: np.ndarray, model: str = "market") -> np.ndarray:
    """Weigh each estimation day's return in the expected return summed over an event window.

    Parameters
    ----------
    market, window_market : np.ndarray, shapes (L1,) and (L2,)
        Market returns of the estimation window and of the event window.
    model : {"market", "mean", "market_adjusted"}
        As in `fit_model`.

    Returns
    -------
    np.ndarray, shape (L1,)
        The weights w: the predicted sum errs by the estimation days' noise weighted by w.

    Notes
    -----
    w_s = L2/L1 + (m_s - mean m) * sum_t(m_t - mean m) / Sxx. With independent noise
    Var(CAR) = sigma^2 (L2 + w'w) = sigma^2 (L2 + L2^2/L1 + (sum_t(m_t - mean m))^2 / Sxx), which for one day
    is Patell (1976), Journal of Accounting Research 14, 246-276, and for more days keeps the covariance of
    the prediction errors (Mikkelson and Partch 1988, Journal of Financial and Quantitative Analysis 23).

    Examples
    --------
    >>> w = estimation_weights(np.array([-1.0, 1, -1, 1, -1, 1]), np.array([1.0, 2]))
    >>> float(round(2 + w @ w, 10))  # 2 + 4/6 + 9/6
    4.1666666667
    """
    if model == "market_adjusted":
        return np.zeros(len(market))
    weights = np.full(len(market), len(window_market) / len(market))
    if model == "market":
        deviations = market - market.mean()
        weights += deviations * (window_market - market.mean()).sum() / (deviations @ deviations)
    return weights
