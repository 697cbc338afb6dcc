"""One workbook of a finished run: every table, the data of every chart, all key figures, with units and sources."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from study.pages import Run

KEY_COLUMNS = ["notebook", "key", "label", "value", "unit", "low", "high", "confidence"]
WIDEST = 420  # pixels of a column


def sheets(run: Run) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Give name, heading and content of each sheet: the key figures first, then tables and charts in reading order."""
    keys = [
        {"notebook": step, "key": name} | key
        for step, content in run.results.items()
        for name, key in content["keys"].items()
    ]
    yield "Key figures", "All key figures, with unit, range and confidence", pd.DataFrame(keys, columns=KEY_COLUMNS)
    for step, content in run.results.items():
        for kind, part in (("Table", "tables"), ("Figure", "figures")):
            for name, about in content[part].items():
                if (path := run.folder / step / part / f"{name}.csv").is_file():
                    head = f"{about['title']}. Unit: {about['unit']}. " if kind == "Figure" else ""
                    heading = f"{head}{about['caption']} Source: {about['source'] or 'this study'}."
                    yield f"{kind} {about['number'] or int(step[:2])} {name}", heading, pd.read_csv(path)


def write_workbook(run: Run, path: Path) -> None:
    """Write it: a list of contents that leads to each sheet, then the sheets, each below its heading."""
    text = {"options": {"strings_to_formulas": False, "strings_to_urls": False}}  # whatever a person typed
    with pd.ExcelWriter(path, engine="xlsxwriter", engine_kwargs=text) as writer:
        book: Any = writer.book
        contents, bold = book.add_worksheet("Contents"), book.add_format({"bold": True})
        contents.set_column("A:A", 34)
        contents.set_column("B:B", 120)
        for place, (name, heading, frame) in enumerate(sheets(run)):
            title = re.sub(r"[\[\]:*?/\\']", " ", name.replace("_", " "))[:31].strip()
            title = f"{title[:27]} {place}" if title in writer.sheets else title
            frame.to_excel(writer, sheet_name=title, startrow=1, index=False, freeze_panes=(2, 1))
            writer.sheets[title].autofit(WIDEST)
            writer.sheets[title].write_string("A1", heading, bold)
            contents.write_url(place, 0, f"internal:'{title}'!A1", string=title)
            contents.write_string(place, 1, heading)
