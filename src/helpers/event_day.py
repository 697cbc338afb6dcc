"""Which prices and trading days an event and a boom have, or why they have none."""

from __future__ import annotations

import pandas as pd

from eventstudy.windows import TradingWindow
from helpers.answerable import event_prices, event_window, refuse_beyond_data
from helpers.parameters import ParameterError, Settings, did_you_mean
from helpers.run_data import codebook, study_prices

INDICES = ("^GSPC", "SPY", "RSP", "^IXIC")  # what the study of the boom measures companies against


def event_day(settings: Settings) -> tuple[pd.DataFrame, TradingWindow]:
    """Return the closes of the years that hold the event, and its trading days."""
    prices = event_prices(settings, _checked(settings))
    assert prices is not None  # no years with the event were refused before
    return prices, event_window(settings, prices)


def boom_days(settings: Settings) -> tuple[pd.DataFrame, pd.Timestamp, pd.Timestamp]:
    """Return the closes of the AI years with the first and last day of the boom, each the last trading day up to its date."""
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
