"""The event study by itself: ``python -m eventstudy prices.csv events.csv``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import pandas as pd

from eventstudy.study import MODELS, pooled_study
from eventstudy.tests import test_table

SHOWN = ["group", "window", "n", "dates", "caar_pct", "se_pct", "portfolio_p", "bmp_adjusted_p", "grank_p", "note"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the pooled table of a list of events; the exit code is 2 for a request that makes no sense."""
    parser = argparse.ArgumentParser("python -m eventstudy", description="Abnormal returns around a list of events.")
    parser.add_argument("prices", help="CSV: dates in the first column, one column of closes a series")
    parser.add_argument("events", help="CSV with the columns ticker, date and, if wanted, group")
    parser.add_argument("--market", default="SPY", help="column of the prices that stands for the market (%(default)s)")
    parser.add_argument("--model", default="market", choices=MODELS, help="expected return (%(default)s)")
    parser.add_argument("--factors", help="CSV of daily factors for their models; columns in per cent end in _pct")
    parser.add_argument("--windows", default="0:0,-1:1,0:4", help="first and last day of each window (%(default)s)")
    parser.add_argument("--estimation-days", type=int, default=250, help="days that fit the model (%(default)s)")
    parser.add_argument("--gap", type=int, default=10, help="days left free before the event (%(default)s)")
    parser.add_argument("--move", action="store_true", help="move an event on a closed day to the next trading day")
    parser.add_argument("--each", action="store_true", help="one row an event in place of the pooled table")
    parser.add_argument("--output", help="write all columns to this CSV as well")
    asked = parser.parse_args(arguments)
    try:
        windows = [tuple(int(day) for day in part.split(":")) for part in asked.windows.split(",")]
        if any(len(window) != 2 for window in windows):
            raise ValueError("a window is first:last, such as --windows=0:0,-1:1")
        pooled = pooled_study(
            _dated(asked.prices),
            pd.read_csv(asked.events),
            asked.market,
            windows=windows,
            model=asked.model,
            factors=_dated(asked.factors) if asked.factors else None,
            estimation_days=asked.estimation_days,
            gap=asked.gap,
            non_trading_day="next" if asked.move else "refuse",
        )
        table = pooled.car if asked.each else test_table(pooled)
        if asked.output:
            table.to_csv(asked.output, index=False)
    except (OSError, ValueError) as problem:
        print(problem, file=sys.stderr)
        return 2
    for row in pooled.left_out.itertuples():
        print(f"left out: {row.ticker}, {row.date:%Y-%m-%d}: {row.reason}", file=sys.stderr)
    shown = table if asked.each else table[SHOWN]
    print(shown.dropna(axis=1, how="all").to_string(index=False, float_format="{:.3f}".format))
    return 0


def _dated(path: str) -> pd.DataFrame:
    table = pd.read_csv(path, index_col=0, parse_dates=True, date_format="ISO8601")
    if not isinstance(table.index, pd.DatetimeIndex):
        raise ValueError(f"{path}: the first column is not dates such as 2025-01-27")
    return table.sort_index()


if __name__ == "__main__":
    sys.exit(main())
