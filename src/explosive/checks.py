"""What a series and the settings of an explosiveness test must satisfy, and why, in words for people."""

from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[np.float64]
Values: TypeAlias = pd.Series | Array


def window_rule(n: int) -> float:
    """Give the smallest regression's rows before rounding, n (0.01 + 1.8 / sqrt(n)) [PSY]."""
    return float(n * (0.01 + 1.8 / np.sqrt(n)))


def default_window(n: int) -> int:
    """Give the smallest regression's whole rows: 45 of 500 observations."""
    return int(np.floor(window_rule(n)))


def checked_series(values: Values) -> Array:
    """Return the series as floats of moderate size, or say why it cannot be tested."""
    if isinstance(values, pd.Series):
        series = values.to_numpy(dtype=float, na_value=np.nan)
    else:
        series = np.asarray(values, dtype=float)
    if series.ndim != 1:
        raise ValueError(f"Give one series, not a table of shape {series.shape}: choose a column.")
    if isinstance(values, pd.Series) and not values.index.is_monotonic_increasing:
        raise ValueError("The series is not in order: sort it by date, oldest first.")
    bad = np.flatnonzero(~np.isfinite(series))
    if bad.size:
        raise ValueError(
            f"{bad.size} missing or infinite value(s), the first at {label(values, bad[0])}: "
            "the test needs an unbroken series, so fill it or begin after the gap."
        )
    if series.size < 10:
        raise ValueError(f"The series is too short: {series.size} observations, at least 10 are needed.")
    if np.ptp(series) == 0:
        raise ValueError(f"The series is constant ({series[0]:g}): there is nothing to test.")
    # A power of two changes no digit, and the statistics do not depend on the unit.
    return np.ldexp(series, -int(np.frexp(np.abs(series).max())[1]))


def checked_window(n: int, lag: int, min_window: int | None) -> int:
    """Return the smallest regression's rows, or say why these settings cannot be."""
    check_whole("n", n, 10)
    check_whole("lag", lag, 0)
    window = default_window(n) if min_window is None else min_window
    check_whole("min_window", window, 1)
    if window > n - 1 - lag:
        raise ValueError(
            f"min_window = {window} with lag = {lag} is longer than the series of {n} observations allows "
            f"(at most {n - 1 - lag}): choose a smaller one, or a longer series."
        )
    if window < lag + 3:
        raise ValueError(
            f"min_window = {window} cannot estimate {lag + 2} coefficients: "
            f"choose at least {lag + 3}, or a smaller lag than {lag}."
        )
    return window


def check_whole(name: str, value: int, least: int, most: float = np.inf) -> None:
    """Refuse what is not a whole number between two bounds."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or not least <= value <= most:
        bounds = f"at least {least}" + (f" and at most {most:g}" if np.isfinite(most) else "")
        raise ValueError(f"{name} = {value!r} must be a whole number, {bounds}.")


def label(values: Values, position: int) -> str:
    """Name an observation: by its date or label, or by its position in an array."""
    if isinstance(values, pd.Series):
        name = values.index[position]
        return f"{name:%Y-%m-%d}" if isinstance(name, pd.Timestamp) else str(name)
    return f"position {position}"


def singular_window(values: Values, first: int, last: int) -> str:
    """Say why the regression on observations first to last has no unique answer."""
    span = np.asarray(values, dtype=float)[first : last + 1]
    rounding = 100 * np.finfo(float).eps * np.abs(span).max()
    reason = "the regression fits exactly, or its lagged changes cannot be told apart"
    for order, what in ((2, "moves by the same amount at every step"), (1, "does not move")):
        moving = np.flatnonzero(np.abs(np.diff(span, order)) > rounding)
        quiet = first + (int(moving[-1]) + 1 if moving.size else 0)
        if last - quiet > (last - first) / 2:
            reason = f"the series {what} after {label(values, quiet)}"
    where = f"{label(values, first)} to {label(values, last)}"
    return f"The window {where} is singular: {reason}. Use a larger min_window, or leave these out."
