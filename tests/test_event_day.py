"""Which prices and trading days an event has, and what is said where it has none."""

import pandas as pd
import pytest

from helpers import parameters
from helpers.event_day import event_day


@pytest.fixture(autouse=True)
def bundled_prices(tmp_path, monkeypatch):
    """Read the figures of record, not what an earlier run left behind."""
    monkeypatch.setenv("STUDY_RUN", str(tmp_path))


def of(**changed):
    return event_day(parameters.check("02_selloff", changed))


def test_nvidia_fell_17_percent_on_27_january_2025():
    prices, days = of()
    moves = 100 * prices.pct_change(fill_method=None).loc[days.event_date]
    assert moves[["NVDA", "^GSPC", "^IXIC"]].round(2).tolist() == [-16.97, -1.46, -3.07]


def test_the_day_itself_is_always_a_window():
    assert of(event_windows=[[-1, 1]])[1].windows == ((0, 0), (-1, 1))


def test_the_years_are_those_whose_prices_hold_the_day():
    prices = of(event_date="2000-04-14", event_focus="CSCO")[0]
    assert "CSCO" in prices and "NVDA" not in prices
    assert prices.index[0].year == 1995


def test_a_saturday_is_refused_with_the_next_trading_day_or_moved_to_it():
    with pytest.raises(ValueError, match="Saturday 2025-01-25 is not a trading day: the next one is Monday 2025-01-27"):
        of(event_date="2025-01-25")
    days = of(event_date="2025-01-25", non_trading_day="next")[1]
    assert days.event_date == pd.Timestamp("2025-01-27")
    assert days.requested == pd.Timestamp("2025-01-25")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"event_date": "2010-05-06"}, "outside the data, which cover 2022-10-03 to .* and 1995-01-03"),
        ({"event_date": "2026-07-20"}, "beyond the prices"),
        ({"event_date": "2023-01-10"}, "estimation window"),
        ({"event_focus": "NVIDIA"}, "did you mean 'NVDA'"),
        ({"event_date": "2000-04-14"}, "no prices for 'NVDA'"),
        ({"event_date": "2024-01-10", "event_focus": "GEV"}, "has no close on 2024-01-10 or on the day before"),
    ],
)
def test_an_impossible_day_gets_one_message_that_says_what_to_do(changed, message):
    with pytest.raises(ValueError, match=message):
        of(**changed)
