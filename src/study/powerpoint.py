"""The deck as a PowerPoint file: bars and lines as charts that can be edited, pictures for the rest, the notes copied."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import (
    XL_CHART_TYPE,
    XL_LABEL_POSITION,
    XL_LEGEND_POSITION,
    XL_MARKER_STYLE,
    XL_TICK_LABEL_POSITION,
)
from pptx.enum.text import PP_ALIGN
from pptx.util import Inches, Pt

from helpers import house, run_data
from study import site_pages
from study.pages import Chart, Run, sourced

MOST_BARS = 24
SERIES = (house.BLUE, house.GOLD, house.TEAL, house.ORANGE, house.PURPLE, house.CONTEXT)
VERDICTS = {
    "holds": house.TEAL, "roughly": house.BLUE, "depends": house.ORANGE, "not": house.RED, "unchecked": house.CONTEXT,
}  # fmt: skip
WIDE, LEFT, WIDTH = (13.333, 7.5), 0.5, 12.333  # inches


def write_powerpoint(run: Run, deck: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Write the file: a slide of the deck a slide, nothing under 14 points but what stands in a picture."""
    book: Any = Presentation()
    book.slide_width, book.slide_height = map(Inches, WIDE)
    for slide in deck:
        sheet = book.slides.add_slide(book.slide_layouts[5])
        title, big, chart, counts = sheet.shapes.title, slide["kind"] == "answer", slide["chart"], slide["counts"]
        box = (LEFT, 2.0, WIDTH, 2.2) if big else (LEFT, 0.55, WIDTH, 0.95)
        title.left, title.top, title.width, title.height = map(Inches, box)
        _write(title.text_frame, slide["heading"], 40 if big else 26, bold=True)
        _write(_box(sheet, 0.2, 0.35), slide["topic"], 16, house.TEAL)
        if chart:
            _write(_box(sheet, 1.45, 0.4), chart.unit, 16, house.MUTED)
            frame = native_data(run, chart, slide["native"])
            if frame is None:
                _picture(sheet, run, chart)
            else:
                _chart(sheet, frame, XL_CHART_TYPE[slide["native"]["kind"].upper()], chart.alt)
            source = f"Figure {chart.number}. Source: {sourced(chart.source, plain=True)}."
            _write(_box(sheet, 7.02, 0.35), source, 14, house.MUTED)
        if counts:
            frame = pd.DataFrame({verdict: [count] for verdict, _, count in counts}, index=["claims"])
            drawn = _chart(sheet, frame, XL_CHART_TYPE.BAR_STACKED, "counts of verdicts", 1.6, 1.7, "0")
            for series, (_, colour, _) in zip(drawn.plots[0].series, counts, strict=True):
                _colour(series, VERDICTS[colour])
        points = _box(sheet, 3.5, 3.7) if counts else _box(sheet, 1.6, 5.6)
        for place, (text, detail) in enumerate(slide["points"], start=1):
            number = f"{place}.  " if slide["kind"] == "findings" else ""
            _write(points, f"{number}{text}", 20 if detail else 28, bold=bool(detail), after=2 if detail else 18)
            if detail:
                _write(points, detail, 14, house.MUTED, after=10)
        sheet.notes_slide.notes_text_frame.text = notes(slide)
    book.core_properties.title, book.core_properties.author = site_pages.QUESTION, "The AI boom study"
    book.save(path)


def notes(slide: Mapping[str, Any]) -> str:
    """Return what the speaker says: the text, the way to the next slide, a likely question, and the figures below a rule."""
    asked = [f"If asked: {slide['question']}", slide["answer"]] if slide["answer"] else []
    below = ["—" * 12, *slide["figures"]] if slide["figures"] else []
    onward = [f"Next: {slide['next']}"] if slide["next"] else []
    return _text("\n".join([slide["say"], *onward, *asked, *below]))


def native_data(run: Run, chart: Chart, how: Any) -> pd.DataFrame | None:
    """Return what a native chart draws, rows by series, or nothing where the chart's data are of another form."""
    path = run.folder / chart.notebook / "figures" / f"{chart.name}.csv"
    if not how or chart.name != how.get("only", chart.name) or not path.is_file():
        return None
    data = pd.read_csv(path)
    data = data.rename(columns={data.columns[0]: ""}) if how["rows"] == "" else data
    columns = how.get("columns") or {name: name for name in data.select_dtypes("number").columns if name != how["rows"]}
    where = how.get("where", {})
    if not {how["rows"], *columns, *where} <= set(data.columns):
        return None
    for column, value in where.items():
        data = data[data[column] == value]
    if "period" in how:
        data[how["rows"]] = pd.PeriodIndex(data[how["rows"]], freq="Q").strftime(how["period"])
    short = run_data.codebook(run.folder).set_index("series")["short"].to_dict()
    frame = data.set_index(how["rows"])[list(columns)].rename(columns=columns).rename(columns=short)
    frame.index = pd.Index([short.get(label, label) for label in frame.index])
    keys = run.results[chart.notebook]["keys"]
    marked = {keys[key]["label"].partition(":")[0]: keys[key]["value"] for key in how.get("marks", ()) if key in keys}
    frame.attrs = {"columns": list(columns), "marks": marked}
    return frame if len(frame) and (how["kind"] == "line" or len(frame) <= MOST_BARS) else None


def _chart(
    sheet: Any, frame: pd.DataFrame, kind: Any, alt: str, top: float = 1.9, height: float = 5.1, form: str = "0.0"
) -> Any:
    data, line = CategoryChartData(number_format=form), kind == XL_CHART_TYPE.LINE
    data.categories = [_text(label) if isinstance(label, str) else label for label in frame.index]
    for name in frame:
        data.add_series(_text(str(name)), [None if pd.isna(value) else float(value) for value in frame[name]])
    shape = sheet.shapes.add_chart(kind, *map(Inches, (LEFT, top, WIDTH, height)), data)
    shape._element.nvGraphicFramePr.cNvPr.set("descr", _text(alt))
    chart, plot = shape.chart, shape.chart.plots[0]
    chart.font.size, chart.has_title, chart.has_legend = Pt(16), False, len(frame.columns) > 1
    if chart.has_legend:
        chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
    chart.category_axis.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    chart.value_axis.major_gridlines.format.line.color.rgb = _rgb(house.GRID)
    if not line:
        chart.category_axis.reverse_order, plot.gap_width = kind == XL_CHART_TYPE.BAR_CLUSTERED, 45
        chart.value_axis.visible, plot.has_data_labels = False, True
        plot.data_labels.font.size, plot.data_labels.number_format_is_linked = Pt(14), True
    if kind == XL_CHART_TYPE.BAR_STACKED:
        plot.overlap, plot.data_labels.font.color.rgb = 100, _rgb(house.PAPER)
    for series, colour, ticker in zip(plot.series, SERIES, frame.attrs.get("columns", SERIES), strict=False):
        _colour(series, house.COMPANY.get(ticker, colour), line)
        if (row := frame.attrs.get("marks", {}).get(series.name)) in frame.index:  # the row that the title speaks of
            point = series.points[frame.index.get_loc(row)]
            point.marker.style, point.marker.size = XL_MARKER_STYLE.CIRCLE, 10
            point.data_label.has_text_frame, point.data_label.position = True, XL_LABEL_POSITION.ABOVE
            point.data_label.text_frame.text = f"{series.name} back: day {row:.0f}"
    return chart


def _colour(series: Any, colour: str, line: bool = False) -> None:
    if line:
        series.smooth, series.format.line.width = False, Pt(2.5)
        series.format.line.color.rgb = _rgb(colour)
    else:
        series.invert_if_negative = False
        series.format.fill.solid()
        series.format.fill.fore_color.rgb = _rgb(colour)


def _picture(sheet: Any, run: Run, chart: Chart) -> None:
    path = run.folder / chart.notebook / "figures" / f"{chart.name}.slide.png"
    scale = min(WIDTH / chart.size[0], 5.1 / chart.size[1])
    wide, high = (scale * side for side in chart.size)
    shown = sheet.shapes.add_picture(str(path), *map(Inches, (LEFT + (WIDTH - wide) / 2, 1.9, wide, high)))
    shown._element.nvPicPr.cNvPr.set("descr", _text(chart.alt))


def _box(sheet: Any, top: float, height: float) -> Any:
    return sheet.shapes.add_textbox(*map(Inches, (LEFT, top, WIDTH, height))).text_frame


def _write(frame: Any, text: str, size: int, colour: str = house.INK, bold: bool = False, after: int = 0) -> None:
    """Write a paragraph into a box of text, the first or one more."""
    frame.word_wrap = True
    paragraph = frame.add_paragraph() if frame.text else frame.paragraphs[0]
    paragraph.alignment, paragraph.space_after = PP_ALIGN.LEFT, Pt(after)
    run = paragraph.add_run()
    run.text, run.font.size, run.font.bold, run.font.color.rgb = _text(text), Pt(size), bold, _rgb(colour)


def _text(text: str) -> str:
    """Take Markdown's marks off a text, and what XML does not allow."""
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]|\*\*|(?<!\w)[*`]|[*`](?!\w)|\\(?=\$)", "", text)


def _rgb(colour: str) -> RGBColor:
    return RGBColor.from_string(colour.lstrip("#").upper())
