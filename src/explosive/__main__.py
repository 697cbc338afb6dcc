"""``python -m explosive prices.csv --column close``: statistics, critical values and dated episodes of a series."""

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from explosive import critical_values, datestamp, radf, statistics_table


def read(file: Path, column: str, date: str | None) -> pd.Series:
    """Read a column of numbers by date, or say what stands against it."""
    try:
        table = pd.read_csv(file)
    except (OSError, ValueError) as error:
        raise ValueError(f"{file} cannot be read as a CSV file: {error}") from error
    date = date or str(table.columns[0])
    for name in (column, date):
        if name not in table:
            raise ValueError(f'{file} has no column "{name}", only {", ".join(map(str, table))}.')
    try:
        dates = pd.to_datetime(table[date])
    except (ValueError, TypeError) as error:
        raise ValueError(f'Column "{date}" must hold dates: {error}. Name another with --date.') from error
    values = pd.to_numeric(table[column], errors="coerce")
    wrong = table[column][values.isna() & table[column].notna()]
    if len(wrong):
        raise ValueError(f'Column "{column}" holds {wrong.iloc[0]!r} in line {wrong.index[0] + 2}: numbers are needed.')
    return pd.Series(values.to_numpy(float), pd.DatetimeIndex(dates), name=column)


def main() -> int:
    """Print the report; 2 if the file or the settings do not allow a test."""
    parser = argparse.ArgumentParser("python -m explosive", description=__doc__.split("``: ")[1])
    parser.add_argument("file", type=Path, help="CSV file with a column of dates, oldest first")
    parser.add_argument("--column", default="close", help="column tested (close)")
    parser.add_argument("--date", help="column of dates (the first)")
    parser.add_argument("--log", action="store_true", help="test the logarithm")
    parser.add_argument("--lag", default="0", help='lagged changes, or "bic" (0)')
    parser.add_argument("--confidence", type=int, choices=(90, 95, 99), default=95, help="per cent, to date (95)")
    asked = parser.parse_args()
    try:
        series = read(asked.file, asked.column, asked.date)
        if asked.log and (series <= 0).any():
            raise ValueError(f'Column "{asked.column}" has values of 0 or less: no logarithm, so leave out --log.')
        result = radf(np.log(series) if asked.log else series, int(asked.lag) if asked.lag.isdigit() else asked.lag)
        limits = critical_values(result.n, result.lag)
    except ValueError as error:
        print(f"Cannot test: {error}", file=sys.stderr)
        return 2
    stamps = datestamp(result, limits, quantile=asked.confidence / 100)
    name = f"log of {asked.column}" if asked.log else asked.column
    span = f"{series.index[0]:%Y-%m-%d} to {series.index[-1]:%Y-%m-%d}"
    print(f"{name}: {result.n} observations, {span}, lag {result.lag}, windows of {result.min_window} rows and more")
    print(f"Critical values ({limits.kind}, {limits.replications:,} walks) and their standard errors:")
    print(statistics_table(result, limits).to_string(float_format="{:.3f}".format))
    print(f"Episodes by the {asked.confidence}% values, point by point:" if len(stamps) else "No episode is dated.")
    if len(stamps):
        print(stamps.assign(end=stamps["end"].dt.strftime("%Y-%m-%d").fillna("-")).to_string(index=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
