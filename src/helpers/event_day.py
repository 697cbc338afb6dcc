"""Which prices and trading days an event and a boom have, or why they have none."""

from __future__ import annotations

import pandas as pd

from eventstudy.windows import TradingWindow
from helpers.parameters import ParameterError, Settings, did_you_mean, event_prices, event_window, refuse_beyond_data
from helpers.run_data import codebook, study_prices

INDICES = ("^GSPC", "SPY", "RSP", "^IXIC")  # what the study of the boom measures companies against


def event_day(settings: Settings) -> tuple[pd.DataFrame, TradingWindow]:
    """Return the closes of the years that hold the event, and its trading days.

    >>> from helpers import parameters
    >>> prices, days = event_day(parameters.check("02_selloff", {}))
    >>> f"{days.event_date:%Y-%m-%d} {prices.index[days.event_row - 1]:%Y-%m-%d} {days.windows[0]}"
    '2025-01-27 2025-01-24 (0, 0)'
    """
    prices = event_prices(settings, _checked(settings))
    assert prices is not None  # no years with the event were refused before
    return prices, event_window(settings, prices)


def boom_days(settings: Settings) -> tuple[pd.DataFrame, pd.Timestamp, pd.Timestamp]:
    """Return the closes of the AI years with the first and last day of the boom, each the last trading day up to its date.

    >>> from helpers import parameters
    >>> prices, start, end = boom_days(parameters.check("01_valuation_growth", {"boom_start": "2023-01-01"}))
    >>> f"{start:%Y-%m-%d} {end:%Y-%m-%d}"
    '2022-12-30 2025-01-24'
    """
    prices = _checked(settings)["ai"]
    known = list(prices.columns)
    for name in INDICES:
        if name not in known:
            raise ParameterError(f"no prices for {name!r}{did_you_mean(name, known)}; there are: {', '.join(known)}")
    start, end = (prices.index[prices.index <= date][-1] for date in (settings.boom_start, settings.boom_end))
    return prices, start, end


def _checked(settings: Settings) -> dict[str, pd.DataFrame]:
    closes = {era: study_prices(era) for era in ("ai", "dotcom")}
    refuse_beyond_data(settings, closes, dict(codebook().set_index("series")["group"]))
    return closes
