"""One workbook of a finished run: every table, the data of every chart, all key figures, with units and sources."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink

from study.pages import Run

KEY_COLUMNS = ["notebook", "key", "label", "value", "unit", "low", "high", "confidence"]


def sheets(run: Run) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Give name, heading and content of each sheet: the key figures first, then tables and charts in reading order."""
    keys = [
        {"notebook": step, "key": name} | key
        for step, content in run.results.items()
        for name, key in content["keys"].items()
    ]
    yield "Key figures", "All key figures, with unit, range and confidence", pd.DataFrame(keys, columns=KEY_COLUMNS)
    for step, content in run.results.items():
        for name, table in content["tables"].items():
            if (path := run.folder / step / "tables" / f"{name}.csv").is_file():
                heading = f"{table['caption']} Source: {table.get('source') or 'this study'}."
                yield f"Table {table.get('number') or int(step[:2])} {name}", heading, pd.read_csv(path)
        for name, figure in content["figures"].items():
            if (path := run.folder / step / "figures" / f"{name}.csv").is_file():
                heading = f"{figure['title']}. Unit: {figure['unit']}. {figure['caption']} Source: {figure['source']}."
                yield f"Figure {figure['number']} {name}", heading, pd.read_csv(path)


def write_workbook(run: Run, path: Path) -> None:
    """Write it: a list of contents that leads to each sheet, then the sheets, each below its heading."""
    book, names = Workbook(), dict[str, str]()
    contents: Any = book.active
    contents.title = "Contents"
    for name, heading, frame in sheets(run):
        title = _title(name, names)
        names[title] = heading
        sheet: Any = book.create_sheet(title)
        sheet.append([_text(heading)])
        sheet.append([_text(column) for column in frame.columns])
        for row in frame.astype(object).where(frame.notna(), None).itertuples(index=False):
            sheet.append([_text(value) for value in row])
        for cell in (*sheet[1], *sheet[2]):
            cell.font = Font(bold=True)
        for place, column in enumerate(frame.columns, start=1):
            widest = max([len(str(column)), *(len(str(value)) for value in frame[column].head(200))], default=8)
            sheet.column_dimensions[get_column_letter(place)].width = min(widest + 2, 60)
        sheet.freeze_panes = "B3"
    for title, heading in names.items():
        contents.append([title, _text(heading)])
        cell = contents.cell(contents.max_row, 1)
        cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{title}'!A1")
        cell.font = Font(color="0A6F64", underline="single")
    contents.column_dimensions["A"].width, contents.column_dimensions["B"].width = 34, 120
    book.save(path)


def _title(name: str, taken: dict[str, str]) -> str:
    """Return a sheet's name: at most 31 characters, none that Excel refuses, not one that is taken."""
    title = re.sub(r"[\[\]:*?/\\']", " ", name.replace("_", " "))[:31].strip()
    return (
        title
        if title not in taken
        else next(one for place in range(2, 999) if (one := f"{title[:27]} {place}") not in taken)
    )


def _text(value: Any) -> Any:
    """Keep a text a text: no formula begins where a person typed an equals sign, and no control character breaks the file."""
    return (
        re.sub(r"[\x00-\x08\x0b-\x1f]", " ", f"'{value}" if value[:1] in "=+@" else value)
        if isinstance(value, str)
        else value
    )
