"""All member lines of the S&P 500 on one day: breadth, sectors, and each line's part of the index's move."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from helpers import market_data
from helpers.concentration import contribution
from helpers.selloff.selloff import Day

MEMBERS_TABLE = "sp500_members_2025_01"
MEMBERS_DATE = pd.Timestamp("2025-01-27")
INDEX_NAME = "S&P 500"
SECTOR_DECIMALS = {
    "lines": 0,
    "rose, %": 0,
    "median, %": 2,
    "weighted, %": 2,
    "weight, %": 1,
    "contribution, points": 3,
}


@dataclass(frozen=True)
class Members:
    """The member lines of the index on one day.

    Attributes
    ----------
    lines : pd.DataFrame, index ticker
        `sector`, `weight_pct` (of all lines, adding up to 100), `move_pct`, `contribution_pp`.
    sectors : pd.DataFrame, index sector
        `lines`, `rose_pct`, `median_pct`, `move_pct` (weighted), `weight_pct`, `contribution_pp`; a last row for
        the index.
    rose_pct, median_pct, mean_pct, weighted_pct : float
        Share of lines that rose; median, plain mean and weighted mean of the moves.
    index_pct : float
        The index's own move, from its closes; the contributions miss it by rounding and cash only.
    """

    lines: pd.DataFrame
    sectors: pd.DataFrame
    rose_pct: float
    median_pct: float
    mean_pct: float
    weighted_pct: float
    index_pct: float


def members_day(day: Day) -> Members | None:
    """Take the index's move on the day apart, line by line.

    Returns
    -------
    Members or None
        None for any day but the one whose weights and closes are bundled.

    Notes
    -----
    A line's contribution is its weight at the close before times its move; weights are those of a fund that
    tracks the index, divided by their sum, since the fund holds some cash.

    Examples
    --------
    >>> from helpers import parameters
    >>> from helpers.selloff import selloff
    >>> members = members_day(selloff.selloff_day(parameters.check("02_selloff", {})))
    >>> len(members.lines), round(float(members.lines["contribution_pp"].sum()), 2), round(members.median_pct, 2)
    (504, -1.46, 1.28)
    """
    if day.date != MEMBERS_DATE or day.era != "ai":
        return None
    table = market_data.load_table(MEMBERS_TABLE).set_index("ticker")
    weights = table["weight_2025_01_24_pct"] / table["weight_2025_01_24_pct"].sum()
    moves = table["close_2025_01_27_usd"] / table["close_2025_01_24_usd"] - 1
    lines = pd.DataFrame(
        {
            "sector": table["sector"],
            "weight_pct": 100 * weights,
            "move_pct": 100 * moves,
            "contribution_pp": 100 * contribution(weights, moves),
        }
    ).sort_values("contribution_pp")
    return Members(
        lines=lines,
        sectors=_sectors(lines),
        rose_pct=100 * float((moves > 0).mean()),
        median_pct=100 * float(moves.median()),
        mean_pct=100 * float(moves.mean()),
        weighted_pct=float(lines["contribution_pp"].sum()),
        index_pct=day.move(day.index),
    )


def contribution_bars(members: Members, down: int = 9, up: int = 4) -> pd.Series:
    """Pick the lines that pulled most in either direction, and add up all others.

    Parameters
    ----------
    down, up : int
        Lines shown from each end.

    Returns
    -------
    pd.Series
        Label -> percentage points; with the row for all other lines they add up to the last one, the index.

    Examples
    --------
    >>> lines = pd.DataFrame({"contribution_pp": [-2.0, -0.5, 0.25, 1.0]}, index=["A", "B", "C", "D"])
    >>> contribution_bars(Members(lines, lines, 50.0, 0.0, 0.0, -1.25, -1.25), 1, 1).tolist()
    [-2.0, -0.25, 1.0, -1.25]
    """
    parts = members.lines["contribution_pp"].sort_values()
    lowest, highest = parts.iloc[:down], parts.iloc[len(parts) - up :]
    rest = parts.iloc[down : len(parts) - up]
    others = pd.Series({f"the other {len(rest)} lines": rest.sum()})
    return pd.concat([lowest, others, highest, pd.Series({INDEX_NAME: parts.sum()})])


def shown_sectors(members: Members) -> pd.DataFrame:
    """Name the columns of the sectors for a reader."""
    return members.sectors.set_axis(list(SECTOR_DECIMALS), axis=1)


def strip_table(day: Day, members: Members | None, values: pd.Series | None = None) -> pd.DataFrame:
    """Gather what the chart of dots draws: the index's lines by sector, or the companies by group.

    Parameters
    ----------
    values : pd.Series, optional
        Market values by ticker; without members they stand for the weights.

    Returns
    -------
    pd.DataFrame, index ticker
        `row`, `move_pct`, `weight_pct` (equal where no value is known).
    """
    if members is not None:
        return members.lines.rename(columns={"sector": "row"})[["row", "move_pct", "weight_pct"]]
    moves = day.moves_pct[list(day.stocks)]
    known = pd.Series(dtype=float) if values is None else values
    weights = known.reindex(moves.index)
    weights = weights.fillna(weights.median() if weights.notna().any() else 1.0)
    rows = [day.groups[str(name)] for name in moves.index]
    table = pd.DataFrame({"row": rows, "move_pct": moves, "weight_pct": 100 * weights / weights.sum()})
    return table.rename_axis("ticker")


def _sectors(lines: pd.DataFrame) -> pd.DataFrame:
    by_sector = {str(name): part for name, part in lines.groupby("sector")} | {INDEX_NAME: lines}
    rows = {}
    for name, part in by_sector.items():
        rows[name] = {
            "lines": len(part),
            "rose_pct": 100 * (part["move_pct"] > 0).mean(),
            "median_pct": part["move_pct"].median(),
            "move_pct": 100 * part["contribution_pp"].sum() / part["weight_pct"].sum(),
            "weight_pct": part["weight_pct"].sum(),
            "contribution_pp": part["contribution_pp"].sum(),
        }
    table = pd.DataFrame(rows).T.astype({"lines": int}).rename_axis("sector")
    whole = table.loc[[INDEX_NAME]]
    return pd.concat([table.drop(INDEX_NAME).sort_values("contribution_pp"), whole])
