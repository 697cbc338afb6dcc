"""A request that makes no sense is refused in one message; notebooks and models cannot drift apart."""

from pathlib import Path

import papermill
import pytest
import yaml

from helpers import market_data, parameters
from helpers.answerable import data_problems
from helpers.parameters import ParameterError, Settings, check


@pytest.fixture(scope="module")
def closes() -> dict:
    return {era: market_data.load_prices("bundled", era).closes for era in market_data.ERAS}


@pytest.fixture(scope="module")
def groups() -> dict:
    return market_data.load_table("series").set_index("series")["group"].to_dict()


def check_all(given: dict) -> dict[str, Settings]:
    settings, problems = parameters.judged(given)
    if problems:
        raise ParameterError(*problems)
    return settings


@pytest.mark.parametrize("notebook", parameters.MODELS)
def test_parameter_cell_and_model_say_the_same(notebook: str, root: Path) -> None:
    path = root / "notebooks" / f"{notebook}.ipynb"
    if not path.exists():
        pytest.skip("not written yet")
    written = papermill.inspect_notebook(str(path))
    model = parameters.MODELS[notebook]
    assert list(written) == list(model.model_fields)
    defaults = model().model_dump()
    for name, facts in written.items():
        assert yaml.safe_load(facts["default"]) == defaults[name], name
        assert facts["help"].strip(), f"{name} has no comment"


@pytest.mark.parametrize(
    "path", sorted((Path(__file__).parents[1] / "parameters").glob("*.yaml")), ids=lambda path: path.stem
)
def test_every_preset_makes_sense(path: Path, closes: dict, groups: dict) -> None:
    settings = check_all(parameters.load_preset(path.stem, path.parent))
    assert data_problems(settings, closes, groups) == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"event_dat": "2025-01-27"}, "event_dat: there is no such parameter; did you mean 'event_date'?"),
        (
            {"02_seloff.event_date": "2025-01-27"},
            "there is no notebook '02_seloff'; did you mean '02_selloff'?",
        ),
        ({"event_date": "2025-02-30"}, "'2025-02-30' is not a date of the calendar"),
        ({"event_date": "27.01.2025"}, "written as 2025-01-27"),
        ({"event_date": 20250127}, "event_date: input should be a valid string"),
        ({"estimation_days": "250"}, "estimation_days: input should be a valid integer"),
        ({"estimation_days": 250.5}, "estimation_days: input should be a valid integer"),
        ({"estimation_days": True}, "estimation_days: input should be a valid integer"),
        ({"estimation_days": 10}, "greater than or equal to 30"),
        ({"estimation_days": 5000}, "less than or equal to 1000"),
        ({"estimation_gap": -1}, "greater than or equal to 0"),
        ({"return_model": "capm"}, "return_model: input should be 'market', 'mean' or 'market-adjusted'"),
        ({"non_trading_day": "skip"}, "non_trading_day: input should be 'refuse' or 'next'"),
        ({"event_windows": [[1, 0]]}, "[1, 0] is not a window"),
        ({"event_windows": []}, "event_windows: list should have at least 1 item"),
        (
            {"event_windows": [[0, 400]]},
            "[0, 400] is not a window: write [first day, last day] in trading days from the event, between -60 and 250",
        ),
        ({"event_windows": [0, 5]}, "event_windows: write a list of lists, such as [[0, 0], "),
        ({"event_windows": [["a", 1]]}, "event_windows[0][0]: input should be a valid integer"),
        ({"leaders": "NVDA"}, "at least 2 items"),
        ({"leaders": 3}, "leaders: input should be a valid list"),
        ({"leaders": ["NVDA", "AMD", "NVDA"]}, "leaders: more than once: NVDA"),
        ({"event_windows": [[0, 0], [0, 0]]}, "event_windows: more than once: [0, 0]"),
        ({"leaders": ["NVDA"]}, "at least 2 items"),
        ({"confidence_pct": 80}, "confidence_pct: input should be 90, 95 or 99"),
        ({"adf_lag": -1}, "greater than or equal to 0"),
        ({"exchange_calendar": "XETRA"}, "exchange_calendar: input should be 'XNYS', 'XLON', 'XETR'"),
        ({"as_of": "now"}, "as_of: input should be 'article' or 'end'"),
        ({"replay_groups": ["x"]}, "replay_groups: input should be a valid dictionary"),
        ({"replay_groups": {"chip": "INTC"}}, "replay_groups[chip]: input should be 'chips', 'data-centre equipment'"),
        ({"event_date": None}, "event_date: input should be a valid string"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused_in_words(given: dict, said: str) -> None:
    with pytest.raises(ParameterError) as caught:
        check_all(given)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"event_date": "2010-05-06"}, "outside the data, which cover 2022-"),
        ({"event_date": "2025-01-25"}, "2025-01-25 is not a trading day: the next one is Monday 2025-01-27"),
        ({"event_date": "2022-12-01"}, "the estimation window of 250 days before 2022-12-01 begins"),
        ({"event_date": "2026-07-30"}, "runs beyond the prices"),
        ({"event_windows": [[-12, 0]]}, "overlaps the estimation window"),
        ({"event_focus": "nvda"}, "no prices for 'nvda'; did you mean 'NVDA'?; there are: "),
        ({"event_focus": "NVDIA"}, "no prices for 'NVDIA'; did you mean 'NVDA'?; there are: "),
        ({"event_tickers": ["NVDA", "CSCOX"]}, "event_tickers: no prices for 'CSCOX'"),
        ({"event_date": "2000-04-14"}, "event_focus: no prices for 'NVDA'"),
        ({"market_series": "VTI"}, "market_series: no prices for 'VTI'"),
        ({"boom_start": "2025-01-24", "boom_end": "2023-01-03"}, "boom_end: 2023-01-03 is not after boom_start"),
        ({"boom_end": "2027-01-04"}, "boom_end: 2027-01-04 is outside the data"),
        ({"boom_end": "9999-12-31"}, "boom_end: 9999-12-31 is outside the data"),
        ({"leaders": ["SPY", "^VIX"]}, "leaders: SPY is not a company but a fund"),
        ({"dotcom_start": "1990-01-02"}, "dotcom_start: 1990-01-02 is outside"),
        ({"compare_on": "2022-11-30"}, "compare_on: 2022-11-30 is not after ai_start"),
        ({"replay_groups": {"chips": "AMD"}}, "replay_groups: no prices for 'AMD'"),
    ],
)
def test_a_request_that_the_data_cannot_answer_is_refused_in_words(
    given: dict, said: str, closes: dict, groups: dict
) -> None:
    problems = data_problems(check_all(given), closes, groups)
    assert any(said in problem for problem in problems), problems


def test_a_saturday_is_no_problem_where_the_event_may_move(closes: dict, groups: dict) -> None:
    moved = check_all({"event_date": "2025-01-25", "non_trading_day": "next"})
    assert data_problems(moved, closes, groups) == []


def test_what_does_not_run_is_not_held_against_the_data(closes: dict, groups: dict) -> None:
    assert data_problems(check_all({"event_date": "2025-01-25"}), closes, groups, ["01_valuation_growth"]) == []


def test_a_list_may_be_typed_without_brackets() -> None:
    typed, problems = parameters.named([parameters.parse_assignment("event_tickers=NVDA, AMD")])
    assert problems == []
    assert check_all(typed)["02_selloff"].event_tickers == ["NVDA", "AMD"]


def test_all_problems_of_all_notebooks_stand_in_one_message() -> None:
    with pytest.raises(ParameterError) as caught:
        check_all({"event_date": "x", "as_of": "y", "boom_start": "z", "nonsense": 1})
    lines = str(caught.value).splitlines()
    assert lines[0] == "4 problems with the request:"
    assert len(lines) == 5


def test_a_notebook_passes_over_names_that_are_no_parameters() -> None:
    settings = check("04_findings", {"__name__": "__main__", "as_of": "end", "other": 1})
    assert settings.as_of == "end"
    assert settings.changed == ("as_of",)
    with pytest.raises(AttributeError, match="has no parameter 'other'"):
        _ = settings.other


def test_a_preset_that_is_not_there_or_not_readable_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("parameters: [1, 2]")
    (tmp_path / "broken.yaml").write_text("parameters: {a: ")
    with pytest.raises(ParameterError, match=r"did you mean 'mine'\?; there are: broken, mine"):
        parameters.load_preset("mien", tmp_path)
    (tmp_path / "misspelt.yaml").write_text("paramters: {event_date: 2025-04-03}")
    (tmp_path / "twice.yaml").write_text("parameters: {path_days: 30, 02_selloff.path_days: 60}")
    with pytest.raises(ParameterError, match="expected a `parameters:` mapping"):
        parameters.load_preset("mine", tmp_path)
    with pytest.raises(ParameterError, match="'paramters' is not read; did you mean 'parameters'?"):
        parameters.load_preset("misspelt", tmp_path)
    with pytest.raises(ParameterError, match="path_days: given twice, as 30 and as 60"):
        parameters.load_preset("twice", tmp_path)
    with pytest.raises(ParameterError, match="not readable as YAML"):
        parameters.load_preset("broken", tmp_path)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("a=2025-01-27", "2025-01-27"),
        ("a=[1, 2]", [1, 2]),
        ("a=", ""),
        ("a=x=y", "x=y"),
        ("a=250", 250),
        ("a=0250", "0250"),  # not octal
        ("a=1:30", "1:30"),  # not sexagesimal
        ("a=[ON, NO, true]", ["ON", "NO", True]),
    ],
)
def test_values_are_read_as_typed(typed: str, value: object) -> None:
    assert parameters.parse_assignment(typed) == ("a", value)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("event_date", "write a parameter as name=value"),
        ("=1", "write a parameter as name=value"),
        ("a=[1", "not readable as YAML"),
        ("a=&a [*a, NVDA]", "cannot be repeated"),
        (f"a={'[' * 5000}", "nested too deep"),
        ("a=&a [1]\n b=&b [*a, *a]", "not readable as YAML"),
        ("a={b: 1, b: 2}", "b stands twice"),
        (f"a={'9' * 200_000}", "longer than 100,000 characters"),
        ("a=!!python/object/apply:os.getcwd []", "not readable as YAML"),
    ],
)
def test_what_is_no_assignment_is_refused(typed: str, said: str) -> None:
    with pytest.raises(ParameterError, match=said):
        parameters.parse_assignment(typed)


def test_the_catalogue_lists_every_parameter_with_unit_and_meaning() -> None:
    rows = parameters.catalogue()
    assert len(rows) == sum(len(model.model_fields) for model in parameters.MODELS.values())
    assert all(row["unit"] and row["meaning"] and row["type"] for row in rows)
