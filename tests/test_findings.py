"""What 04 says: verdicts that a referee would sign, an answer that can be read aloud, marks that are checked."""

import json
import re

import nbformat
import pytest
from conftest import ROOT

from helpers.claims import DEPENDS, HOLDS, NOT, UNCHECKED

KEPT = json.loads((ROOT / "tests" / "expected" / "golden" / "deepseek-2025" / "04_findings.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def notebook() -> nbformat.NotebookNode:
    return nbformat.read(ROOT / "notebooks" / "04_findings.ipynb", as_version=4)


def shown(notebook: nbformat.NotebookNode, tag: str) -> str:
    """All that the cells with a tag, or with an id, show as text."""
    cells = [
        cell for cell in notebook.cells if cell.cell_type == "code" and tag in (*cell.metadata.get("tags", []), cell.id)
    ]
    return "\n".join(
        one["data"]["text/markdown"] for cell in cells for one in cell.outputs if "text/markdown" in one["data"]
    )


def sentences(text: str) -> list[str]:
    return [one for one in re.split(r"(?<=[.?!])\s+", re.sub(r"[*]|\\", "", text)) if one.strip()]


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        ("like_dotcom", NOT),  # no ratio of prices or rates is that of March 2000
        ("top_seven_share", DEPENDS),  # fund weights or full market values
        ("nvidia_share_of_2024_return", DEPENDS),  # opening or daily weights
        ("market_day_loss", DEPENDS),  # S&P 500 or NASDAQ
        ("ai_at_a_tenth", DEPENDS),  # beside o1 or o3-mini
        ("debt_unprecedented", DEPENDS),  # in dollars or beside GDP
        ("nvidia_midsized", NOT),
        ("nvidia_largest", HOLDS),
        ("nvidia_day_fall", HOLDS),
        ("nvidia_day_loss", HOLDS),
        ("nvidia_record_loss", HOLDS),
        ("market_regained", HOLDS),
        ("export_controls_backfired", UNCHECKED),
    ],
)
def test_a_claim_has_the_verdict_that_its_readings_give(claim, verdict):
    assert KEPT["verdicts"][claim] == verdict


def test_counts_of_verdicts_add_up_to_the_claims():
    counts = {
        name: value[0]
        for name, value in KEPT["keys"].items()
        if name.startswith("claims_") and name != "claims_checked"
    }
    assert sum(counts.values()) == len(KEPT["verdicts"]) == 23
    assert KEPT["keys"]["claims_checked"][0] == 23 - counts["claims_cannot_be_checked"]


def test_the_answer_has_at_most_25_words_and_each_finding_20(notebook):
    text = shown(notebook, "findings")
    heads = [line.split("** *(")[0].split("**<br>")[0] for line in text.splitlines() if line.startswith("- **")]
    words = [len(re.sub(r"[-*]{1,2} ?", "", head, count=1).split()) for head in heads]
    assert words[0] <= 25
    assert max(words[1:]) <= 20, heads
    assert 4 <= len(heads) <= 6


def test_five_minutes_are_at_most_400_words_and_no_sentence_has_over_30(notebook):
    text = shown(notebook, "five-minutes")
    assert 200 <= len(text.split()) <= 400
    assert [one for one in sentences(text) if len(one.split()) > 30] == []
    assert len(shown(notebook, "how-sure").split()) <= 60


def test_nothing_is_said_that_no_person_says(notebook):
    text = "\n".join(shown(notebook, cell.id) for cell in notebook.cells if cell.id not in ("findings", "save"))
    text = re.sub(r"Source: .*", "", text)
    banned = r"in as long|moved by|stands at|stood at|in logs|USD|\d %|;|\bnan\b|None"
    assert re.findall(banned, text) == []


def test_five_to_eight_marks_would_change_our_mind_and_each_is_checked(notebook):
    cell = next(cell for cell in notebook.cells if cell.id == "minds-checked")
    table = next(one for one in cell.outputs if "text/html" in one.get("data", {}))["data"]["text/html"]
    rows = table.split('<th scope="row">')[1:]
    assert 5 <= len(rows) <= 8
    assert all(re.search(r">(yes|no)</td>", row) for row in rows)
    assert sum(">yes</td>" in row for row in rows) == KEPT["keys"]["minds_changed"][0]
