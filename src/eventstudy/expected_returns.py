"""What a share's return would have been without the event: models fitted to all companies at once.

MacKinlay (1997), Journal of Economic Literature 35, 13-39; market-adjusted: Brown and Warner (1985), Journal of
Financial Economics 14, 3-31; factors: Fama and French (1993), Journal of Financial Economics 33, 3-56 and (2015),
116, 1-22; Carhart (1997), Journal of Finance 52, 57-82.
"""

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
) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Fit an expected-return model by least squares to returns of shape (days, companies), fractions of one.

    `factors`, of shape (days,) or (days, factors), are the market's returns or the factors'. Returns the coefficients
    (alpha first, then a row a factor), sigma of one day, the residuals, and sigma's degrees of freedom; `ValueError`
    for too few days to fit.

    >>> market = np.array([-1.0, 1, -1, 1, -1, 1])
    >>> noise = np.array([1.0, 1, -1, -1, 0, 0])
    >>> coefficients, sigma, _, df = fit_model((0.5 + 2 * market + noise)[:, None], market)
    >>> coefficients.ravel().round(12).tolist(), sigma.round(12).tolist(), df
    ([0.5, 2.0], [1.0], 4)
    """
    design = _design(factors, model)
    df = len(returns) - max(design.shape[1], 1)
    if df < 3:  # Patell's variance, df / (df - 2), has no meaning
        least = len(returns) - df + 3
        raise ValueError(f"estimation_days={len(returns)} is too short for the {model} model, which needs {least}")
    table = factors.reshape(len(returns), -1)
    coefficients = np.zeros((1 + table.shape[1], returns.shape[1]))
    coefficients[: design.shape[1]] = np.linalg.pinv(design) @ returns
    if model == "market_adjusted":
        coefficients[1] = 1
    residuals = returns - coefficients[0] - table @ coefficients[1:]
    sigma = np.sqrt(np.square(residuals - residuals.mean(axis=0)).sum(axis=0) / df)
    return coefficients, sigma, residuals, df


def estimation_weights(factors: np.ndarray, event_factors: np.ndarray, model: str = "market") -> np.ndarray:
    """Weigh each estimation day's return in each event day's expected return: shape (event days, estimation days).

    Summed over an event window of L2 days they are w_s = L2/L1 + (f_s - mean f)' Sff^-1 sum_t(f_t - mean f), and with
    independent noise Var(CAR) = sigma^2 (L2 + w'w): for one day and one factor Patell (1976), Journal of Accounting
    Research 14, 246-276, for more days with the covariance of the prediction errors (Mikkelson and Partch 1988,
    Journal of Financial and Quantitative Analysis 23).

    >>> w = estimation_weights(np.array([-1.0, 1, -1, 1, -1, 1]), np.array([1.0, 2])).sum(axis=0)
    >>> float(round(2 + w @ w, 10))  # 2 + 4/6 + 9/6
    4.1666666667
    """
    return _design(event_factors, model) @ np.linalg.pinv(_design(factors, model))


def _design(factors: np.ndarray, model: str) -> np.ndarray:
    constant = np.ones((len(factors), 1))
    if model in ("mean", "market_adjusted"):
        return constant[:, : int(model == "mean")]
    return np.column_stack([constant, factors])


def factor_table(
    factors: pd.DataFrame | None, model: str, estimation_days: pd.DatetimeIndex, event_days: pd.DatetimeIndex
) -> pd.DataFrame:
    """Give a model's factors on these days, as fractions of one, with the risk-free rate `rf` last (0 without one).

    Columns may be in Kenneth French's spelling or ours (Mkt-RF or mkt_rf_pct); those ending in `_pct` are per cent.
    `ValueError` for a factor or days that the table lacks, factors in per cent that do not say so, or that move alike.
    """
    if factors is None:
        raise ValueError(f"the model {model!r} needs a table of factors: pass factors=")
    plain = {}
    for name, column in factors.items():
        key = str(name).strip().lower().replace("-", "_")
        short = key.removesuffix("_pct")
        plain[OTHER_NAMES.get(short, short)] = column.astype(float) / (100 if key.endswith("_pct") else 1)
    free = plain.pop("rf", 0.0)
    missing = [name for name in FACTORS[model] if name not in plain]
    if missing:
        raise ValueError(f"the table of factors lacks {', '.join(missing)}; it has {', '.join(plain)}")
    chosen = pd.DataFrame({name: plain[name] for name in FACTORS[model] or plain})
    large = [name for name in chosen if chosen[name].abs().median() > PER_CENT]
    if large:
        raise ValueError(f"{', '.join(large)}: daily factors look like per cent; end the columns' names in _pct")
    table = chosen.assign(rf=free).reindex(estimation_days.append(event_days))
    holes = table.index[table.isna().any(axis=1)]
    if len(holes):
        raise ValueError(
            f"the factors lack {len(holes)} of the days needed, first {holes[0]:%Y-%m-%d}; they run from "
            f"{chosen.index[0]:%Y-%m-%d} to {chosen.index[-1]:%Y-%m-%d}"
        )
    known = table.loc[estimation_days, list(chosen)]
    if np.linalg.matrix_rank(known - known.mean()) < known.shape[1]:
        raise ValueError(f"the factors {', '.join(known)} do not move apart in the estimation window: leave one out")
    return table
