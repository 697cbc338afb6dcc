"""Files that are whole or absent."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd


def write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """Return a table as every CSV file of the study is written: ten significant digits, days as 2025-01-27."""
    return frame.to_csv(float_format="%.10g", lineterminator="\n", date_format="%Y-%m-%d").encode()
