"""The deck as a PowerPoint file: bars and lines as charts that can be edited, pictures for the rest, the notes copied."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION, XL_TICK_LABEL_POSITION
from pptx.util import Inches, Pt

from helpers import house, market_data
from study.pages import Chart, Run

if TYPE_CHECKING:
    from study.slides import Slide

KINDS = {
    "bar": XL_CHART_TYPE.BAR_CLUSTERED, "stacked": XL_CHART_TYPE.BAR_STACKED, "column": XL_CHART_TYPE.COLUMN_CLUSTERED, "line": XL_CHART_TYPE.LINE,
}  # fmt: skip
MOST_BARS = 24
SERIES = (house.BLUE, house.GOLD, house.TEAL, house.ORANGE, house.PURPLE, house.CONTEXT)
VERDICTS = {
    "holds": house.TEAL,
    "roughly": house.BLUE,
    "depends": house.ORANGE,
    "not": house.RED,
    "unchecked": house.CONTEXT,
}
WIDE, LEFT, WIDTH = (13.333, 7.5), 0.5, 12.333  # inches


def write_powerpoint(run: Run, deck: Sequence[Slide], path: Path) -> None:
    """Write the file: a slide of the deck a slide, nothing under 14 points but what stands in a picture."""
    book: Any = Presentation()
    book.slide_width, book.slide_height = map(Inches, WIDE)
    for plan in deck:
        sheet = book.slides.add_slide(book.slide_layouts[5])
        big = plan.kind == "answer"
        _place(sheet.shapes.title, 2.0 if big else 0.55, 2.2 if big else 0.95)
        _write(sheet.shapes.title.text_frame, plan.heading, 40 if big else 28, bold=True)
        _box(sheet, plan.topic, 0.2, 0.35, 16, house.TEAL)
        if plan.chart:
            _box(sheet, plan.chart.unit, 1.45, 0.4, 16, house.MUTED)
            frame = native_data(run, plan.chart, plan.native)
            if frame is None:
                _picture(sheet, run, plan.chart)
            else:
                _chart(sheet, frame, KINDS[plan.native["kind"]], plan.chart)
            _box(sheet, f"Figure {plan.chart.number}. Source: {plan.chart.source}.", 7.02, 0.35, 14, house.MUTED)
        if plan.counts:
            frame = pd.DataFrame(
                [[count for *_, count in plan.counts]],
                index=["claims"],
                columns=[verdict for verdict, *_ in plan.counts],
            )
            chart = _chart(sheet, frame, XL_CHART_TYPE.BAR_STACKED, None, 1.6, 1.7)
            for series, (_, colour, _) in zip(chart.plots[0].series, plan.counts, strict=True):
                _colour(series, VERDICTS[colour])
        if plan.points:
            _points(sheet, plan, 3.5 if plan.counts else 1.6)
        sheet.notes_slide.notes_text_frame.text = notes(plan)
    book.core_properties.title, book.core_properties.author = "Growth or price", "The AI boom study"
    book.save(path)


def notes(plan: Slide) -> str:
    """Return what the speaker says: the text, the way to the next slide, a likely question, and the figures below a rule."""
    asked = [f"If asked: {plan.question}", plan.answer] if plan.question else []
    below = ["—" * 12, *plan.figures] if plan.figures else []
    lines = [plan.say, f"Next: {plan.following}" if plan.following else "", *asked, *below]
    return _text("\n".join(filter(None, lines)))


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
    short = market_data.load_table("series").set_index("series")["short"].to_dict()
    frame = data.set_index(how["rows"])[list(columns)].rename(columns=columns).rename(columns=short)
    frame.index, frame.attrs = pd.Index([short.get(label, label) for label in frame.index]), {"columns": list(columns)}
    return frame if len(frame) and (how["kind"] == "line" or len(frame) <= MOST_BARS) else None


def _chart(
    sheet: Any, frame: pd.DataFrame, kind: Any, about: Chart | None, top: float = 1.9, height: float = 5.1
) -> Any:
    data, line = CategoryChartData(number_format="0.0" if about else "0"), kind == XL_CHART_TYPE.LINE
    data.categories = [_text(str(label)) if isinstance(label, str) else label for label in frame.index]
    for name in frame:
        data.add_series(_text(str(name)), [None if pd.isna(value) else float(value) for value in frame[name]])
    shape = sheet.shapes.add_chart(kind, *map(Inches, (LEFT, top, WIDTH, height)), data)
    shape._element.nvGraphicFramePr.cNvPr.set("descr", _text(about.alt) if about else "counts of verdicts")
    chart = shape.chart
    chart.font.size, chart.has_title = Pt(16), False
    chart.has_legend = len(frame.columns) > 1
    if chart.has_legend:
        chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
    chart.category_axis.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    chart.value_axis.major_gridlines.format.line.color.rgb = _rgb(house.GRID)
    plot = chart.plots[0]
    if not line:
        chart.category_axis.reverse_order, plot.gap_width = kind == XL_CHART_TYPE.BAR_CLUSTERED, 45
        chart.value_axis.visible = False
        plot.has_data_labels = True
        plot.data_labels.font.size, plot.data_labels.number_format_is_linked = Pt(14), True
        if kind == XL_CHART_TYPE.BAR_STACKED:
            plot.overlap = 100
            plot.data_labels.font.color.rgb = _rgb(house.PAPER)
    for series, colour, ticker in zip(plot.series, SERIES, frame.attrs.get("columns", SERIES), strict=False):
        _colour(series, house.COMPANY.get(ticker, colour), line)
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
    path = path if path.is_file() else path.with_name(f"{chart.name}.png")
    scale = min(WIDTH / chart.size[0], 5.1 / chart.size[1])
    size = [scale * side for side in chart.size]
    shown = sheet.shapes.add_picture(str(path), *map(Inches, (LEFT + (WIDTH - size[0]) / 2, 1.9, *size)))
    shown._element.nvPicPr.cNvPr.set("descr", _text(chart.alt))


def _points(sheet: Any, plan: Slide, top: float) -> None:
    frame = sheet.shapes.add_textbox(*map(Inches, (LEFT, top, WIDTH, 7.2 - top))).text_frame
    frame.word_wrap = True
    for place, (text, detail) in enumerate(plan.points):
        paragraph = frame.paragraphs[0] if not place else frame.add_paragraph()
        paragraph.space_after = Pt(2 if detail else 18)
        _run(
            paragraph,
            f"{place + 1}.  {text}" if plan.kind == "findings" else text,
            20 if detail else 28,
            house.INK,
            bold=bool(detail),
        )
        if detail:
            below = frame.add_paragraph()
            below.space_after = Pt(10)
            _run(below, detail, 14, house.MUTED)


def _box(sheet: Any, text: str, top: float, height: float, size: int, colour: str) -> None:
    shape = sheet.shapes.add_textbox(*map(Inches, (LEFT, top, WIDTH, height)))
    shape.text_frame.word_wrap = True
    _run(shape.text_frame.paragraphs[0], text, size, colour)


def _place(shape: Any, top: float, height: float) -> None:
    shape.left, shape.top, shape.width, shape.height = map(Inches, (LEFT, top, WIDTH, height))


def _write(frame: Any, text: str, size: int, bold: bool) -> None:
    frame.word_wrap = True
    frame.paragraphs[0].alignment = 1  # left
    _run(frame.paragraphs[0], text, size, house.INK, bold)


def _run(paragraph: Any, text: str, size: int, colour: str, bold: bool = False) -> None:
    run = paragraph.add_run()
    run.text, run.font.size, run.font.bold = _text(text), Pt(size), bold
    run.font.color.rgb = _rgb(colour)


def _text(text: str) -> str:
    """Take Markdown's marks off a text, and what XML does not allow."""
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]|\*\*|(?<!\w)[*`]|[*`](?!\w)|\\(?=\$)", "", text)


def _rgb(colour: str) -> RGBColor:
    return RGBColor.from_string(colour.lstrip("#").upper())
