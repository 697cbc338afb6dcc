"""What a notebook hands on: figures by their unit, charts with their files, findings, nothing half-written."""

import json
import re

import nbformat
import numpy as np
import pandas as pd
import pytest
from nbconvert import HTMLExporter

from helpers import house, parameters
from helpers.output import Output, each
from helpers.prose import when


@pytest.fixture
def shown(monkeypatch):
    """What the page showed."""
    outputs = []
    monkeypatch.setattr("helpers.output.display", lambda thing, **how: outputs.append((thing, how)))
    return outputs


@pytest.fixture
def out(tmp_path, monkeypatch, shown):
    monkeypatch.setenv("STUDY_RUN", str(tmp_path))
    return Output(parameters.check("02_selloff", {}))


def results(out):
    return json.loads((out.folder / "results.json").read_text(encoding="utf-8"))


def draw(out, name="day"):
    fig, ax = house.page("Nvidia fell", "per cent", rows=2)
    ax.barh(["Nvidia", "Apple"], [-17, 3])
    house.sideways(ax)
    out.figure(fig, name, "The day.", "daily closes", pd.DataFrame({"change": [-17, 3]}, ["NVDA", "AAPL"]))


def test_a_key_figure_takes_its_unit_from_its_name_and_its_range_from_the_others(out):
    out.about("day")
    loss = out.key("focus_value_lost_usd_bn", 592.7, "Nvidia: value lost", 590.5, np.nan, 593.0)
    assert f"{loss} ({loss:range})" == "$593bn ($590bn to $593bn)"
    draw(out)
    out.save()
    assert results(out)["keys"]["focus_value_lost_usd_bn"] == {
        "value": 592.7, "unit": "USD billion", "label": "Nvidia: value lost", "low": 590.5, "high": 593.0, "confidence": "high",
        "figure": "day",
    }  # fmt: skip


def test_a_name_without_a_unit_is_refused_with_the_endings(out):
    with pytest.raises(ValueError, match="focus_move: end the name in its unit .*_pct"):
        out.key("focus_move", 1.0, "move")


def test_a_figure_that_the_run_lacks_is_no_key_and_its_sentence_is_counted(out, shown):
    cisco = out.key("cisco_pct", None, "Cisco")
    out.say(f"Cisco {cisco:moved}.\nNvidia fell.")
    out.save()
    assert "cisco_pct" not in results(out)["keys"]
    assert results(out)["left_out"] == 1
    assert shown[0][0].data == "Nvidia fell."


def test_two_amounts_in_a_paragraph_are_no_formula(out, shown):
    out.say("It lost $593bn of $3.5tn.")
    assert shown[0][0].data == r"It lost \$593bn of \$3.5tn."


def test_keys_of_a_column_are_named_by_row(out):
    moves = out.keys(pd.Series({"data-centre equipment": -15.2, "chips": -12.0}), "{}_day_pct", "{}: mean move")
    assert f"{moves['chips']:moved}" == "fell 12%"
    assert set(out.content["keys"]) == {"data_centre_equipment_day_pct", "chips_day_pct"}


def test_a_chart_leaves_light_dark_picture_and_data(out):
    out.say("**Nvidia** fell.")
    draw(out)
    files = {path.name for path in (out.folder / "figures").iterdir()}
    assert files == {"day.svg", "day-dark.svg", "day.png", "day.slide.png", "day.csv"}
    figure = out.content["figures"]["day"]
    assert (figure["number"], figure["title"], figure["unit"], figure["alt"]) == (
        "2.1",
        "Nvidia fell",
        "per cent",
        "Nvidia fell.",
    )
    assert figure["text_problems"] == []
    with pytest.raises(ValueError, match="two charts are called day"):
        draw(out)


def test_a_finding_is_the_first_sentence_that_can_be_said(out, shown):
    lost = out.key("lost_usd_bn", None, "lost")
    out.finding("day", f"It lost {lost}.", "It fell.", more="By a sixth.\nRange nan.")
    draw(out)
    out.save()
    assert results(out)["findings"] == [{"text": "It fell.", "detail": "By a sixth.", "figure": "day"}]
    top = next(thing.data for thing, how in shown if how.get("display_id") == "findings")
    assert top == "**Findings**\n\n- **It fell.** *(Figure 2.1)*<br>By a sixth."


def test_a_finding_that_cannot_be_said_is_named_with_the_reason(out, shown):
    out.finding("day", f"It lost {out.key('lost_usd_bn', None, 'lost')}.")
    out.finding("week", when(False, "It rose."))
    out.save()
    why = ["this run lacks one of its figures", "it does not apply to what was asked"]
    assert [one["why"] for one in results(out)["absent"]] == why
    top = next(thing.data for thing, how in shown if how.get("display_id") == "findings")
    assert f"*Not said: what day would show, because {why[0]}.*" in top


def test_a_key_points_only_to_a_chart_that_was_drawn(out):
    out.about("members_map")
    out.key("rose_pct", 70.0, "share that rose")
    out.save()
    assert results(out)["keys"]["rose_pct"]["figure"] == ""


def test_a_table_is_dressed_and_its_file_keeps_all_rows(out, shown):
    frame = pd.DataFrame(
        {
            "car_pct": [-13.44, np.nan],
            "p": [0.00001, np.nan],
            "rank": [1.0, np.nan],
            "on": pd.to_datetime(["2025-01-27", None]),
        },
        index=pd.Index(["NVDA", "CSCO"], name="company"),
    )
    columns = {"on": "day", "car_pct": "beyond, %", "p": "p", "rank": "rank"}
    out.table(
        frame,
        "companies",
        "By company.",
        "closes",
        columns=columns,
        names={"NVDA": "Nvidia"},
        low=pd.Series([True, False]),
    )
    page = shown[-1][0]["text/html"]
    assert '<th scope="row">Nvidia †</th><td>27\u00a0Jan\u00a02025</td><td align="right">−13.4</td>' in page
    assert '<td align="right">&lt;0.001</td><td align="right">1</td>' in page
    assert '<th scope="row">CSCO</th><td></td><td align="right"></td>' in page  # what is missing is blank, never 0.00
    assert "nan" not in page.lower().replace("finance", "")
    kept = pd.read_csv(out.folder / "tables" / "companies.csv")
    assert list(kept.columns) == ["company", "on", "car_pct", "p", "rank"]


def test_a_column_is_called_by_its_name_and_the_unit_of_its_ending(out, shown):
    frame = pd.DataFrame({"lost_usd_bn": [592.7], "of_gdp_pct": [1.97], "companies": [7], "bmp_adjusted_p": [0.0506]})
    out.table(frame, "sizes", "Sizes.", "closes", {"of_gdp_pct": 2})
    page = shown[-1][0]["text/html"]
    assert [f">{head}</th>" in page for head in ("lost, $bn", "of GDP, %", "companies", "BMP adjusted p")] == [True] * 4
    assert [f">{cell}</td>" in page for cell in ("592.7", "1.97", "7", "0.051")] == [True] * 4


def test_a_long_table_says_how_much_it_shows(out, shown):
    out.table(pd.DataFrame({"x": range(30)}), "long", "Long.", "closes", rows=12)
    assert "The first 12 of 30 rows" in shown[-1][0]["text/html"]


def test_each_collects_answers_and_refusals():
    found, refused = each(lambda text: float(text), {"good": {"text": "7"}, "bad": {"text": "seven"}})
    assert found == {"good": 7.0}
    assert "seven" in refused["bad"]


def test_nothing_counts_until_the_last_cell(out):
    draw(out)
    assert not (out.folder / "results.json").exists()


def test_limits_are_kept_without_their_dash(out):
    out.limits("- One date is one draw.\n- Range nan.\nNot a limit.")
    assert out.content["notes"] == ["One date is one draw. Not a limit."] or out.content["notes"] == [
        "One date is one draw."
    ]


def test_a_claim_is_kept_with_its_range_and_readings(out):
    out.claim("nvidia_day_fall", 16.97, 16.9, None, readings={"adjusted": 16.9}, how="Close\nover close.")
    one = out.content["measurements"][0]
    assert (one["measured"], one["low"], one["high"], one["how"]) == (16.97, 16.9, 16.97, "Close over close.")
    out.claim("nvidia_day_loss", None, readings={}, how="")
    assert len(out.content["measurements"]) == 1
    assert out.claims().to_numpy().tolist() == [["17%", "17.0%", "16.9%", "17.0%"]]


def test_words_that_look_like_a_page_stay_words_when_the_notebook_becomes_one(out, shown):
    hostile = "<img src=x onerror=alert(1)> [a](javascript:alert(1)) $x_1$"
    out.say(f"{hostile} fell.")
    out.finding("day", f"{hostile} fell.", more=hostile)
    out.table(pd.DataFrame({hostile: [hostile]}, index=[hostile]), "words", hostile, hostile)
    out.save()
    page = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("", outputs=[
        nbformat.v4.new_output("display_data", data=thing if isinstance(thing, dict) else {"text/markdown": thing.data})
        for thing, _ in shown
    ])])  # fmt: skip
    html = HTMLExporter(template_name="basic").from_notebook_node(page)[0]
    assert "onerror" in html
    assert not re.search(r"<img[^>]*onerror|<a[^>]*javascript:", html)
