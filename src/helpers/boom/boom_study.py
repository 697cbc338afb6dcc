"""All that several sections of 01_valuation_growth work with, gathered once."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from helpers.boom.boom import Boom, growth_curves, load
from helpers.boom.boom_earnings import Era, ai_era, dotcom_era
from helpers.boom.boom_macro import (
    Valuation,
    after_valuations,
    capital_spending,
    margin_debt,
    market_months,
    market_valuation,
    spending_by_year,
    telecom_spending,
)
from helpers.boom.boom_split import Windows, dotcom_curve, dotcom_readings, dotcom_windows, share_curves
from helpers.boom.boom_value import Contributions, contributions
from helpers.market import weight_snapshots
from helpers.parameters import Settings


@dataclass(frozen=True)
class Study:
    """The boom with what is set beside it.

    Attributes
    ----------
    boom : Boom
    now, focus, then : Era
        The leaders, the company in focus, and the dot-com leaders.
    windows : Windows
        Spans of the dot-com years.
    readings, curve : DataFrame
        Share of earnings in the dot-com leaders' rise, by span and by start, and by reading.
    snapshots : DataFrame
        Weights in the S&P 500 where they are known.
    parts : Contributions
        What the leaders added to the S&P 500 over the boom.
    months, after : DataFrame
        Valuation by month, and what followed each fifth of it.
    valuation : Valuation
        At the boom's end.
    growth_curves, share_curves : tuple of DataFrame
        Growth, and the share of earnings in it, from other starts and to other ends.
    spending, yearly, telecom, debt : DataFrame
        Capital expenditure by company and by year, that of telecom, and margin debt.
    """

    boom: Boom
    now: Era
    focus: Era
    then: Era
    windows: Windows
    readings: pd.DataFrame
    curve: pd.DataFrame
    snapshots: pd.DataFrame
    parts: Contributions
    months: pd.DataFrame
    after: pd.DataFrame
    valuation: Valuation
    growth_curves: tuple[pd.DataFrame, pd.DataFrame]
    share_curves: tuple[pd.DataFrame, pd.DataFrame]
    spending: pd.DataFrame
    yearly: pd.DataFrame
    telecom: pd.DataFrame
    debt: pd.DataFrame


def gather(settings: Settings) -> Study:
    """Load and calculate everything that several sections use.

    Parameters
    ----------
    settings : Settings
        Checked parameters of 01_valuation_growth.
    """
    boom, then, snapshots = load(settings), dotcom_era(), weight_snapshots()
    windows, months, after = dotcom_windows(boom, then), market_months(), after_valuations()
    spending, now = capital_spending(), ai_era(boom, boom.leaders)
    return Study(
        boom=boom,
        now=now,
        focus=ai_era(boom, [boom.focus]),
        then=then,
        windows=windows,
        readings=dotcom_readings(windows, then),
        curve=dotcom_curve(windows, then),
        snapshots=snapshots,
        parts=contributions(boom, boom.start, boom.end, boom.leaders, snapshots),
        months=months,
        after=after,
        valuation=market_valuation(months, boom.end, after),
        growth_curves=growth_curves(boom),
        share_curves=share_curves(boom, now),
        spending=spending,
        yearly=spending_by_year(spending),
        telecom=telecom_spending(),
        debt=margin_debt(),
    )
