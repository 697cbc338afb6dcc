"""Charts measure their own text, exports are whole and equal, results carry all that a later step needs."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from helpers import charts, parameters, results
from helpers.charts import Event


@pytest.fixture
def frame() -> pd.DataFrame:
    days = pd.date_range("2024-01-01", periods=300, freq="D")
    steps = np.linspace(0, 1, 300)
    return pd.DataFrame(
        {"NVDA": 100 * np.exp(steps), "CSCO": 100 * np.exp(1.01 * steps), "SPY": 100 + 10 * steps}, index=days
    )


@pytest.fixture
def output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> results.Output:
    monkeypatch.setenv("STUDY_RUN", str(tmp_path))
    return results.Output(parameters.check("04_findings", {}))


def test_labels_of_lines_that_end_together_do_not_lie_on_each_other(frame: pd.DataFrame) -> None:
    figure = charts.lines(
        frame, "Two lines end together", "index", {"NVDA": charts.TEAL, "CSCO": charts.ORANGE}, log=True
    )
    assert charts.text_problems(figure) == []


def test_event_marks_close_together_step_down(frame: pd.DataFrame) -> None:
    events = [
        Event(day, f"a rather long event label {place}") for place, day in enumerate(frame.index[[100, 104, 108, 290]])
    ]
    figure = charts.lines(frame[["SPY"]], "Events", "index", events=events)
    assert charts.text_problems(figure) == []


def test_text_that_is_cut_off_or_overlaps_is_found() -> None:
    figure = Figure(figsize=(4, 3))
    figure.text(0.9, 0.5, "this text runs out of the page", size=14)
    figure.text(0.2, 0.2, "one", size=14)
    figure.text(0.2, 0.2, "two", size=14)
    problems = charts.text_problems(figure)
    assert any("cut off" in problem for problem in problems)
    assert "'one' lies on 'two'" in problems


def test_a_chart_is_drawn_again_narrower_for_a_phone_and_the_outer_function_is_remembered(
    frame: pd.DataFrame, tmp_path: Path
) -> None:
    @charts.drawn
    def outer() -> Figure:
        figure = charts.lines(frame[["SPY"]], "It rose", "index")
        figure.axes[0].set_xlabel("said by the outer function")
        return figure

    figure = outer()
    assert charts.export_phone(figure, tmp_path, "rise") == []
    small = (tmp_path / "rise.phone.svg").read_text()
    assert "said by the outer function" in small
    assert "It rose" not in small
    assert charts.PAPER not in (tmp_path / "rise.phone-dark.svg").read_text()
    assert not charts.on_phone()
    assert figure.get_figwidth() == charts.WIDTH


def test_a_phone_drawing_whose_text_has_no_room_is_not_written(tmp_path: Path) -> None:
    @charts.drawn
    def crowded() -> Figure:
        figure, (axis,) = charts.canvas("Crowded", "index")
        axis.text(0.1, 0.5, "a sentence that a wide page can hold and a phone can not " * 2, size=6)
        return figure

    problems = charts.export_phone(crowded(), tmp_path, "crowded")
    assert problems and "cut off" in problems[0]
    assert list(tmp_path.iterdir()) == []


def test_a_chart_that_is_wide_only_has_no_drawing_for_a_phone(frame: pd.DataFrame, tmp_path: Path) -> None:
    name = min(charts.WIDE_ONLY)
    assert charts.export_phone(charts.lines(frame, "It rose", "index"), tmp_path, name) is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", ["bars", "stacked", "dots", "treemap", "spans"])
def test_every_chart_form_draws_without_text_problems(form: str) -> None:
    values = pd.Series({"Nvidia": -17.0, "Broadcom": -17.4, "Apple": 3.2, "Microsoft": -2.1})
    parts = pd.DataFrame({"a": [1.0, 2, 3], "b": [2.0, -1, 1]}, index=["2022", "2023", "2024"])
    when = pd.DataFrame(
        {
            "start": pd.to_datetime(["2000-01-01", "2010-01-01"]),
            "end": pd.to_datetime(["2005-01-01", "2020-01-01"]),
            "group": ["x", "y"],
        },
        index=["one", "two"],
    )
    figure = {
        "bars": lambda: charts.bars(values, "Who fell", "percent", spans=pd.DataFrame({"low": values - 1, "high": values + 1})),
        "stacked": lambda: charts.stacked(parts, "What added", "points", {"a": charts.TEAL, "b": charts.ORANGE}),
        "dots": lambda: charts.dots(parts.abs(), "Then and now", "times", {"a": charts.ORANGE, "b": charts.BLUE}),
        "treemap": lambda: charts.treemap(pd.Series({"A": 5.0, "B": 3.0, "C": 2.0}), pd.Series({"A": -5.0, "B": 0.1, "C": 2.0}), pd.Series({"A": "x", "B": "x", "C": "y"}), "All", "percent"),
        "spans": lambda: charts.spans(when, "Coverage", "years", {"x": charts.BLUE}),
    }[form]()  # fmt: skip
    assert charts.text_problems(figure) == []
    assert figure.texts[0].get_weight() == "bold"


def test_a_figure_exported_twice_is_equal_to_the_byte(tmp_path: Path, frame: pd.DataFrame) -> None:
    for name in ("one", "two"):
        charts.export(charts.lines(frame, "Title", "unit"), tmp_path / name, "chart", frame)
    for ending in (".svg", "-dark.svg", ".png", ".csv"):
        assert (tmp_path / "one" / f"chart{ending}").read_bytes() == (tmp_path / "two" / f"chart{ending}").read_bytes()
    assert charts.PAPER in (tmp_path / "one" / "chart.svg").read_text()
    assert charts.PAPER not in (tmp_path / "one" / "chart-dark.svg").read_text()


def test_results_keep_figures_tables_keys_and_findings(
    output: results.Output, frame: pd.DataFrame, tmp_path: Path
) -> None:
    output.figure(charts.lines(frame, "It rose", "index"), "rise", "Caption.", "A line that rises.", "test", frame)
    output.table(frame.head(), "head", "Five days", "test")
    output.key("gain", np.float64(171.828182845904), "percent", "gain", low=float("nan"))
    output.measure("nvidia_day_fall", 17.0, 16.9, 17.1, readings={"adjusted": 16.97})
    output.finding("it rose.", "rise")
    output.save()
    content = json.loads((tmp_path / "04_findings" / "results.json").read_text())
    assert content["figures"]["rise"]["number"] == "4.1"
    assert content["figures"]["rise"]["text_problems"] == []
    assert content["keys"]["gain"]["value"] == 171.828182846
    assert content["keys"]["gain"]["low"] is None
    assert content["findings"] == [{"text": "It rose.", "figure": "rise"}]
    assert "*(Figure 4.1)*" in results.findings_text(content)
    assert {path.name for path in (tmp_path / "04_findings" / "figures").iterdir()} == {
        "rise.svg",
        "rise-dark.svg",
        "rise.phone.svg",
        "rise.phone-dark.svg",
        "rise.png",
        "rise.csv",
    }


def test_a_table_shows_hostile_text_as_text(
    output: results.Output, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[dict] = []
    monkeypatch.setattr(results, "display", lambda bundle, **_: shown.append(bundle))
    hostile = pd.DataFrame({"<b>": ["<script>alert(1)</script>"]}, index=['"quoted"'])
    output.table(hostile, "hostile", "<i>caption</i>", "test")
    page = shown[0]["text/html"]
    assert "<script>" not in page
    assert "<i>" not in page
    assert "&lt;script&gt;" in page


def test_a_low_confidence_row_is_marked(output: results.Output, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[dict] = []
    monkeypatch.setattr(results, "display", lambda bundle, **_: shown.append(bundle))
    output.table(
        pd.DataFrame({"x": [1, 2]}, index=["sure", "unsure"]),
        "marks",
        "Caption.",
        "test",
        low=pd.Series([False, True]),
    )
    assert "unsure †" in shown[0]["text/html"]
    assert "sure †" not in shown[0]["text/html"].replace("unsure †", "")


def test_a_stale_results_file_is_gone_as_soon_as_a_notebook_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUDY_RUN", str(tmp_path))
    (tmp_path / "04_findings").mkdir()
    (tmp_path / "04_findings" / "results.json").write_text("{}")
    results.Output(parameters.check("04_findings", {}))
    with pytest.raises(FileNotFoundError, match="04_findings has left no results"):
        results.read_results("04_findings")
