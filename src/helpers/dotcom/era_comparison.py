"""Everything that 03_dotcom_comparison found, in one place for its last cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from helpers.boom.boom_earnings import Era
from helpers.dotcom.eras import Eras, SameDistance, nasdaq_fall, nasdaq_recovery
from helpers.dotcom.explosiveness import Run
from helpers.dotcom.indicators import Indicator
from helpers.dotcom.replay import Replay


@dataclass(frozen=True, eq=False)
class Comparison:
    """Everything that the notebook found, for its last cell.

    Attributes
    ----------
    eras : Eras
    same, same_end : SameDistance
        Gains by the day compared, and by the end of the data.
    focus : tuple of Era
        Cisco and Nvidia, from :func:`helpers.dotcom.era_leaders.focus_eras`.
    former, today : DataFrame
        The same, from :func:`helpers.dotcom.era_leaders.multiples`.
    split, falls : DataFrame
        From :func:`helpers.dotcom.era_leaders.growth_split` and :func:`helpers.dotcom.eras.drawdowns`.
    nasdaq, ratio : Run
        The NASDAQ by month, the price-dividend ratio.
    indicators : sequence of Indicator
    board, board_end : DataFrame
        From :func:`helpers.dotcom.replay.scoreboard`.
    loss, loss_end : Replay
    recovery : tuple of Timestamp and float
        From :func:`helpers.dotcom.eras.nasdaq_recovery`.
    fall_pct : float
        The NASDAQ's fall from peak to trough.
    curve : DataFrame
        From :func:`helpers.dotcom.explosive_choices.specifications`.
    confidence_pct : int
    """

    eras: Eras
    same: SameDistance
    same_end: SameDistance
    focus: tuple[Era, Era]
    former: pd.DataFrame
    today: pd.DataFrame
    split: pd.DataFrame
    falls: pd.DataFrame
    nasdaq: Run
    ratio: Run
    indicators: Sequence[Indicator]
    board: pd.DataFrame
    board_end: pd.DataFrame
    loss: Replay
    loss_end: Replay
    recovery: tuple[pd.Timestamp, float]
    fall_pct: float
    curve: pd.DataFrame
    confidence_pct: int


def comparison(
    both: Eras,
    gains: tuple[SameDistance, SameDistance],
    focus: tuple[Era, Era],
    paths: tuple[pd.DataFrame, pd.DataFrame],
    split: pd.DataFrame,
    falls: pd.DataFrame,
    tests: tuple[Run, Run],
    curve: pd.DataFrame,
    indicators: Sequence[Indicator],
    boards: tuple[pd.DataFrame, pd.DataFrame],
    losses: tuple[Replay, Replay],
    confidence_pct: int,
) -> Comparison:
    """Put together what the notebook found; of each pair the first is for the day compared, or the older."""
    back, fall = nasdaq_recovery(both), nasdaq_fall(both)
    pairs = (*boards, *losses)
    return Comparison(
        both,
        *gains,
        focus,
        *paths,
        split,
        falls,
        *tests,
        indicators,
        *pairs,
        back,
        fall,
        curve,
        confidence_pct,
    )
