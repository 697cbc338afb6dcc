"""What a share's return would have been without the event: models fitted to all companies at once."""

from __future__ import annotations

import numpy as np
import pandas as pd

FACTORS = {  # columns of a table of factors, as Kenneth French names them, in lower case
    "capm": ("mkt_rf",),
    "ff3": ("mkt_rf", "smb", "hml"),
    "carhart": ("mkt_rf", "smb", "hml", "mom"),
    "ff5": ("mkt_rf", "smb", "hml", "rmw", "cma"),
    "ff5_mom": ("mkt_rf", "smb", "hml", "rmw", "cma", "mom"),
    "factors": (),  # every column but the risk-free rate
}
MODELS = ("market", "mean", "market_adjusted", *FACTORS)
OTHER_NAMES = {"wml": "mom", "umd": "mom", "mktrf": "mkt_rf", "mkt": "mkt_rf"}
PER_CENT = 0.1  # a factor whose typical day is larger is in per cent


def fit_model(
    returns: np.ndarray, factors: np.ndarray, model: str = "market"
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, int]:
    """Fit an expected-return model to all companies at once, by least squares.

    Parameters
    ----------
    returns : np.ndarray, shape (days, companies)
        Returns of the estimation window, fractions of one; beyond the risk-free rate for factor models.
    factors : np.ndarray, shape (days,) or (days, factors)
        Returns of the market, or of the factors, on the same days; not used by `model="mean"`.
    model : str
        One of `MODELS`. "market_adjusted" takes the market's return itself for the expected one.

    Returns
    -------
    tuple of alpha, beta, sigma, residuals, df
        One number a company, `beta` of shape (companies,) or (factors, companies); residuals (days, companies);
        degrees of freedom of sigma.

    Notes
    -----
    MacKinlay (1997), Journal of Economic Literature 35, 13-39; market-adjusted: Brown and Warner (1985), Journal
    of Financial Economics 14, 3-31; factors: Fama and French (1993), Journal of Financial Economics 33, 3-56 and
    (2015), 116, 1-22; Carhart (1997), Journal of Finance 52, 57-82.

    Examples
    --------
    >>> market = np.array([-1.0, 1, -1, 1, -1, 1])
    >>> noise = np.array([1.0, 1, -1, -1, 0, 0])
    >>> alpha, beta, sigma, _, df = fit_model((0.5 + 2 * market + noise)[:, None], market)
    >>> [float(x[0].round(12)) for x in (alpha, beta, sigma)], df
    ([0.5, 2.0, 1.0], 4)
    """
    check_model(model)
    table = factors.reshape(len(returns), -1)
    beta = np.full((table.shape[1], returns.shape[1]), float(model == "market_adjusted"))
    alpha, fitted = np.zeros(returns.shape[1]), 0
    if model not in ("mean", "market_adjusted"):
        deviations, fitted = table - table.mean(axis=0), table.shape[1]
        beta = np.linalg.solve(deviations.T @ deviations, deviations.T @ (returns - returns.mean(axis=0)))
    if model != "market_adjusted":
        alpha = returns.mean(axis=0) - table.mean(axis=0) @ beta
    residuals = returns - alpha - table @ beta
    df = len(returns) - 1 - fitted
    sigma = np.sqrt(np.square(residuals - residuals.mean(axis=0)).sum(axis=0) / df)
    return alpha, beta[0] if factors.ndim == 1 else beta, sigma, residuals, df


def estimation_weights(factors: np.ndarray, window_factors: np.ndarray, model: str = "market") -> np.ndarray:
    """Weigh each estimation day's return in the expected return summed over an event window.

    Parameters
    ----------
    factors, window_factors : np.ndarray, shapes (L1,) and (L2,), or (L1, factors) and (L2, factors)
        Returns of the market or the factors in the estimation window and in the event window.

    Returns
    -------
    np.ndarray, shape (L1,)
        The weights w: the predicted sum errs by the estimation days' noise weighted by w.

    Notes
    -----
    w_s = L2/L1 + (f_s - mean f)' Sff^-1 sum_t(f_t - mean f). With independent noise Var(CAR) = sigma^2 (L2 + w'w),
    which for one day and one factor is Patell (1976), Journal of Accounting Research 14, 246-276, and for more
    days keeps the covariance of the prediction errors (Mikkelson and Partch 1988, Journal of Financial and
    Quantitative Analysis 23).

    Examples
    --------
    >>> w = estimation_weights(np.array([-1.0, 1, -1, 1, -1, 1]), np.array([1.0, 2]))
    >>> float(round(2 + w @ w, 10))  # 2 + 4/6 + 9/6
    4.1666666667
    """
    if model == "market_adjusted":
        return np.zeros(len(factors))
    weights = np.full(len(factors), len(window_factors) / len(factors))
    if model != "mean":
        table, window = factors.reshape(len(factors), -1), window_factors.reshape(len(window_factors), -1)
        deviations = table - table.mean(axis=0)
        surplus = (window - table.mean(axis=0)).sum(axis=0)
        weights += deviations @ np.linalg.solve(deviations.T @ deviations, surplus)
    return weights


def prediction_spread(factors: np.ndarray, window_factors: np.ndarray, model: str = "market") -> np.ndarray:
    """Return the standard error of each single day's abnormal return, as a multiple of sigma; shape (L2,).

    Examples
    --------
    >>> (prediction_spread(np.array([-1.0, 1, -1, 1, -1, 1]), np.array([1.0])) ** 2).round(10).tolist()  # 1 + 1/6 + 1/6
    [1.3333333333]
    """
    squared = np.ones(len(window_factors))
    if model != "market_adjusted":
        squared += 1 / len(factors)
    if model not in ("mean", "market_adjusted"):
        table = factors.reshape(len(factors), -1)
        deviations = table - table.mean(axis=0)
        surplus = window_factors.reshape(len(window_factors), -1) - table.mean(axis=0)
        squared += (surplus * np.linalg.solve(deviations.T @ deviations, surplus.T).T).sum(axis=1)
    return np.sqrt(squared)


def check_model(model: str) -> None:
    """Refuse a model that there is not."""
    if model not in MODELS:
        raise ValueError(f"unknown model {model!r}: choose one of {', '.join(MODELS)}")


def factor_table(factors: pd.DataFrame | None, model: str) -> tuple[pd.DataFrame, pd.Series]:
    """Choose a model's factors and the risk-free rate from a table, as fractions of one.

    Parameters
    ----------
    factors : pd.DataFrame, index of days
        Columns in any order and in Kenneth French's spelling or ours (Mkt-RF or mkt_rf_pct, RF or rf); those ending
        in `_pct` are per cent. Without a risk-free rate returns are taken as they are.

    Raises
    ------
    ValueError
        For no table, a factor that it lacks, or factors in per cent that do not say so.

    Examples
    --------
    >>> table, free = factor_table(pd.DataFrame({"Mkt-RF_pct": [1.0], "HML_pct": [2.0], "RF_pct": [0.5]}), "factors")
    >>> table.to_dict("records"), free.tolist()
    ([{'mkt_rf': 0.01, 'hml': 0.02}], [0.005])
    """
    if factors is None:
        raise ValueError(f"the model {model!r} needs a table of factors: pass factors=")
    plain = {}
    for name, column in factors.items():
        key = str(name).strip().lower().replace("-", "_")
        short = key.removesuffix("_pct")
        plain[OTHER_NAMES.get(short, short)] = column.astype(float) / (100 if key.endswith("_pct") else 1)
    table = pd.DataFrame(plain)
    free = table.pop("rf") if "rf" in table else pd.Series(0.0, table.index)
    missing = [name for name in FACTORS[model] if name not in table]
    if missing:
        raise ValueError(f"the table of factors lacks {', '.join(missing)}; it has {', '.join(table.columns)}")
    chosen = table[list(FACTORS[model]) or list(table.columns)]
    large = [name for name in chosen if chosen[name].abs().median() > PER_CENT]
    if large:
        raise ValueError(f"{', '.join(large)}: daily factors look like per cent; end the columns' names in _pct")
    return chosen, free
