"""One workbook of a finished run: every table, the data of every chart, all key figures, with units and sources."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink

from study.pages import Run

KEY_COLUMNS = ["notebook", "key", "label", "value", "unit", "low", "high", "confidence"]
BOLD, LINK = Font(bold=True), Font(color="0A6F64", underline="single")


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
    with pd.ExcelWriter(path, engine="openpyxl") as writer:
        contents: Any = writer.book.create_sheet("Contents")
        for place, (name, heading, frame) in enumerate(sheets(run), start=1):
            title = re.sub(r"[\[\]:*?/\\']", " ", name.replace("_", " "))[:31].strip()
            title = f"{title[:27]} {place}" if title in writer.sheets else title
            frame = frame.map(_text).rename(columns=_text)
            frame.to_excel(writer, sheet_name=title, startrow=1, index=False, freeze_panes=(2, 1))
            sheet: Any = writer.sheets[title]
            sheet["A1"], sheet["A1"].font = _text(heading), BOLD
            for number, column in enumerate(frame, start=1):
                widest = frame[column].head(200).astype(str).str.len().max()
                sheet.column_dimensions[get_column_letter(number)].width = min(max(widest, len(column)) + 2, 60)
            contents.append([title, _text(heading)])
            cell = contents.cell(place, 1)
            cell.hyperlink, cell.font = Hyperlink(ref=cell.coordinate, location=f"'{title}'!A1"), LINK
        contents.column_dimensions["A"].width, contents.column_dimensions["B"].width = 34, 120


def _text(value: Any) -> Any:
    """Keep a text a text: no formula begins where a person typed an equals sign, and no control character breaks the file."""
    if not isinstance(value, str):
        return value
    return re.sub(r"[\x00-\x08\x0b-\x1f]", " ", f"'{value}" if value[:1] in ("=", "+", "@") else value)
