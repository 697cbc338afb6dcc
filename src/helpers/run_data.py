"""What one run hands from notebook to notebook: its folder, checked prices, names of series, results."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from helpers import market_data


def in_a_run() -> bool:
    """Say whether a notebook is executed in a run that has a folder, rather than by a person in Jupyter."""
    return bool(os.environ.get("STUDY_RUN"))


def run_folder() -> Path:
    """Return the folder of the run this notebook belongs to: the runner names it, else ``interactive``."""
    return (
        Path(os.environ["STUDY_RUN"])
        if in_a_run()
        else market_data.project_root() / "data" / "processed" / "interactive"
    )


def study_prices(era: str) -> pd.DataFrame:
    """Return the daily closes of ``"ai"`` or ``"dotcom"``, USD or index points, that 00_data of this run left, or the bundled."""
    path = run_folder() / "00_data" / "data" / f"prices_{era}.csv"
    if not path.is_file():
        return _bundled(era, market_data.project_root()).copy()
    return pd.read_csv(path, index_col="date", parse_dates=["date"])


def codebook(run: Path | None = None) -> pd.DataFrame:
    """Return name, short name and group of each series of a run, this one unless told, a person's own among them."""
    path = (run or run_folder()) / "00_data" / "data" / "series.csv"
    return pd.read_csv(path, keep_default_na=False) if path.is_file() else market_data.load_table("series")


def read_results(notebook: str) -> dict[str, Any]:
    """Return what another notebook of this run left behind; `FileNotFoundError` says how to run it."""
    places = [run_folder()] if in_a_run() else [run_folder(), run_folder().with_name("deepseek-2025")]
    for place in places:
        path = place / notebook / "results.json"
        if path.is_file():
            return json.loads(path.read_text(encoding="utf-8"))
    raise FileNotFoundError(
        f"{notebook} has left no results in {places[0].name}: run it first, or all of them with `make report`"
    )


@cache
def _bundled(era: str, _root: Path) -> pd.DataFrame:
    # read and check the bundled closes once for each repository
    return market_data.load_prices("bundled", era).closes
