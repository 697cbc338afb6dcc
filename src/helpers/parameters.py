"""What a run may be told: names, types, bounds, defaults and presets of the five notebooks."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator

from helpers.words import did_you_mean

DEFAULT_PRESET = "deepseek-2025"
SEVEN = ["NVDA", "AAPL", "MSFT", "AMZN", "GOOGL", "META", "TSLA"]
EVENT_SEED = 20250127
WINDOWS = [[0, 0], [-1, 1], [0, 4], [0, 20]]
REPLAY = {
    "chips": "INTC",
    "data-centre equipment": "CSCO",
    "power": "",
    "cloud and platforms": "MSFT",
    "devices": "QCOM",
}


class ParameterError(ValueError):
    """A request that makes no sense; the message lists every problem found in it."""


class PlainDates(yaml.SafeLoader):
    """YAML as people write it here: what looks like a date stays text, so that a wrong one can be named."""


PlainDates.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _iso_date(text: str) -> str:
    try:
        if dt.date.fromisoformat(text).isoformat() == text:
            return text
    except ValueError:
        pass
    raise ValueError(f"{text!r} is not a date of the calendar written as 2025-01-27")


def _window_list(windows: list[list[int]]) -> list[list[int]]:
    if not 1 <= len(windows) <= 12:
        raise ValueError("give between 1 and 12 windows")
    if len({tuple(window) for window in windows}) < len(windows):
        raise ValueError("the same window stands twice")
    for window in windows:
        if len(window) != 2 or window[0] > window[1]:
            raise ValueError(f"{window} is not a window: write [first day, last day] in trading days from the event")
        if window[0] < -60 or window[1] > 250:
            raise ValueError(f"{window} reaches further than 60 trading days before or 250 after the event")
    return windows


Date = Annotated[str, AfterValidator(_iso_date)]
Windows = Annotated[list[list[int]], AfterValidator(_window_list)]


def _described(default: Any, meaning: str, unit: str = "", **bounds: Any) -> Any:
    return Field(default, description=meaning, json_schema_extra={"unit": unit}, validate_default=False, **bounds)


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Data(_Model):
    """Parameters of 00_data."""

    data_source: str = _described(
        "bundled", "bundled, folder:PATH, snapshot:NAME or two joined by +", "source", min_length=1
    )


class Valuation(_Model):
    """Parameters of 01_valuation_growth."""

    boom_start: Date = _described("2022-12-30", "first day of the boom: growth is counted from its close", "ISO date")
    boom_end: Date = _described("2025-01-24", "last day of the boom", "ISO date")
    focus_ticker: str = _described("NVDA", "company whose market value is followed", "ticker", min_length=1)
    leaders: list[str] = _described(
        SEVEN, "companies taken together as the leaders", "tickers", min_length=2, max_length=15
    )


class Selloff(_Model):
    """Parameters of 02_selloff."""

    event_date: Date = _described("2025-01-27", "day of the event", "ISO date")
    non_trading_day: str = _described(
        "refuse",
        "event on a day without trading: refuse, or move to the next",
        "refuse or next",
        pattern="^(refuse|next)$",
    )
    event_focus: str = _described("NVDA", "company in the foreground", "ticker", min_length=1)
    market_series: str = _described(
        "SPY", "series that stands for the market in the market model", "series", min_length=1
    )
    return_model: str = _described(
        "market",
        "expected return: market model, mean-adjusted or market-adjusted",
        "market, mean or market-adjusted",
        pattern="^(market|mean|market-adjusted)$",
    )
    estimation_days: int = _described(250, "length of the estimation window", "trading days", ge=30, le=1000)
    estimation_gap: int = _described(
        10, "trading days left out between estimation window and event", "trading days", ge=0, le=120
    )
    event_windows: Windows = _described(WINDOWS, "event windows, first and last day from the event", "trading days")
    event_tickers: list[str] = _described(
        [], "companies of the event study; empty: all with prices", "tickers", max_length=100
    )
    path_days: int = _described(60, "length of the way back that is drawn", "trading days", ge=5, le=250)
    bootstrap_draws: int = _described(2000, "draws of the stationary bootstrap", "draws", ge=200, le=100_000)
    event_seed: int = _described(EVENT_SEED, "seed of the bootstrap", "seed", ge=0, le=2**31 - 1)


class Dotcom(_Model):
    """Parameters of 03_dotcom_comparison."""

    ai_start: Date = _described("2022-11-30", "start of the AI era when eras are aligned at their start", "ISO date")
    dotcom_start: Date = _described("1995-08-09", "start of the dot-com era", "ISO date")
    compare_on: Date = _described("2025-01-24", "day on which today is compared with March 2000", "ISO date")
    adf_lag: int = _described(0, "lags of the explosiveness tests", "lags", ge=0, le=12)
    confidence_pct: int = _described(95, "confidence level of the episodes: 90, 95 or 99", "percent", ge=90, le=99)
    replications: int = _described(999, "bootstrap replications", "replications", ge=199, le=20_000)
    dotcom_seed: int = _described(20000310, "seed of simulations and bootstrap", "seed", ge=0, le=2**31 - 1)
    replay_groups: dict[str, str] = _described(
        REPLAY, "replay: which dot-com series stands for which group; empty for none", "group: series"
    )

    @field_validator("confidence_pct")
    @classmethod
    def _one_of_three(cls, level: int) -> int:
        if level not in (90, 95, 99):
            raise ValueError(f"there are critical values for 90, 95 and 99 per cent, not for {level}")
        return level

    @field_validator("replay_groups")
    @classmethod
    def _known_groups(cls, groups: dict[str, str]) -> dict[str, str]:
        unknown = [group for group in groups if group not in REPLAY]
        if unknown:
            hint = did_you_mean(unknown[0], REPLAY)
            raise ValueError(f"there is no group {unknown[0]!r}{hint}; there are: {', '.join(REPLAY)}")
        return groups


class Findings(_Model):
    """Parameters of 04_findings."""

    as_of: str = _described(
        "article",
        "measure up to the article's day, or to the end of the data",
        "article or end",
        pattern="^(article|end)$",
    )


MODELS: dict[str, type[_Model]] = {
    "00_data": Data,
    "01_valuation_growth": Valuation,
    "02_selloff": Selloff,
    "03_dotcom_comparison": Dotcom,
    "04_findings": Findings,
}


@dataclass(frozen=True)
class Settings:
    """Checked parameters of one notebook.

    Attributes
    ----------
    notebook : str
        Name of the notebook without ending.
    values : dict
        Parameter -> value.
    changed : tuple of str
        Parameters that differ from the default.
    """

    notebook: str
    values: dict[str, Any] = field(default_factory=dict)
    changed: tuple[str, ...] = ()

    def __getattr__(self, name: str) -> Any:
        """Return a parameter's value by its name."""
        try:
            return self.__dict__["values"][name]
        except KeyError:
            raise AttributeError(f"{self.__dict__.get('notebook')} has no parameter {name!r}") from None

    def rows(self) -> list[dict[str, str]]:
        """Return one row a parameter: name, value, unit, meaning and whether it is the default."""
        model = MODELS[self.notebook]
        return [
            {
                "parameter": name,
                "value": shown(value),
                "unit": _unit(model, name),
                "meaning": str(model.model_fields[name].description),
                "default": "changed" if name in self.changed else "default",
            }
            for name, value in self.values.items()
        ]


def shown(value: Any) -> str:
    """Write a parameter's value as a person would.

    Examples
    --------
    >>> shown([[0, 0], [-1, 1]]), shown([]), shown("NVDA")
    ('[0, 0], [-1, 1]', 'none', 'NVDA')
    """
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {item or 'none'}" for key, item in value.items()) or "none"
    return ", ".join(map(str, value)) or "none" if isinstance(value, list) else str(value)


def check(notebook: str, given: Mapping[str, Any]) -> Settings:
    """Check the parameters of one notebook.

    Parameters
    ----------
    notebook : str
        Name without ending, such as ``"02_selloff"``.
    given : mapping
        Parameter -> value. A notebook passes ``globals()``: names that are no parameters are then passed over.

    Raises
    ------
    ParameterError
        With every problem: unknown name, wrong type, value out of bounds.

    Examples
    --------
    >>> check("04_findings", {"as_of": "end"}).changed
    ('as_of',)
    """
    if notebook not in MODELS:
        raise ParameterError(f"there is no notebook {notebook!r}{did_you_mean(notebook, MODELS)}")
    model = MODELS[notebook]
    inside = "__name__" in given
    chosen = {name: value for name, value in given.items() if not inside or name in model.model_fields}
    problems = [] if inside else unknown_names({notebook: chosen})
    known = {name: value for name, value in chosen.items() if name in model.model_fields}
    try:
        values = model(**known).model_dump()
    except ValidationError as error:
        problems += [_readable(model, item) for item in error.errors()]
        values = {}
    if problems:
        raise ParameterError(_one_message(problems))
    defaults = model().model_dump()
    return Settings(notebook, values, tuple(name for name in values if values[name] != defaults[name]))


def check_all(given: Mapping[str, Any]) -> dict[str, Settings]:
    """Check the parameters of a whole run and hand each notebook its own.

    Parameters
    ----------
    given : mapping
        Parameter -> value; a name may be written ``02_selloff.event_date`` to say where it belongs.

    Returns
    -------
    dict of str to Settings
        Notebook -> settings.

    Raises
    ------
    ParameterError
        One message with the problems of all notebooks.
    """
    spread, problems = spread_out(given)
    problems += unknown_names(spread)
    result: dict[str, Settings] = {}
    for notebook, model in MODELS.items():
        known = {name: value for name, value in spread[notebook].items() if name in model.model_fields}
        try:
            result[notebook] = check(notebook, known)
        except ParameterError as error:
            problems += [line.removeprefix("- ") for line in str(error).splitlines()[1:]]
    if problems:
        raise ParameterError(_one_message(problems))
    return result


def spread_out(given: Mapping[str, Any]) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """Give each notebook the parameters meant for it; unknown names stay with the first notebook."""
    spread: dict[str, dict[str, Any]] = {notebook: {} for notebook in MODELS}
    problems = []
    for name, value in given.items():
        prefix, _, short = name.partition(".")
        if short and prefix in MODELS:
            spread[prefix][short] = value
        elif short:
            problems.append(f"{name}: there is no notebook {prefix!r}{did_you_mean(prefix, MODELS)}")
        else:
            homes = [notebook for notebook, model in MODELS.items() if name in model.model_fields]
            for notebook in homes or ["00_data"]:
                spread[notebook][name] = value
    return spread, problems


def unknown_names(spread: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """List the names that are no parameters, each with the nearest that is."""
    everywhere = [name for model in MODELS.values() for name in model.model_fields]
    return [
        f"{name}: there is no such parameter{did_you_mean(name, everywhere)}"
        for notebook, values in spread.items()
        for name in values
        if name not in MODELS[notebook].model_fields
    ]


def catalogue() -> list[dict[str, str]]:
    """List every parameter: notebook, name, type, bounds, default, unit and meaning."""
    rows = []
    for notebook, model in MODELS.items():
        properties = model.model_json_schema()["properties"]
        for name, info in model.model_fields.items():
            facts = properties[name]
            bounds = [
                f"{word} {facts[key]}"
                for key, word in (
                    ("minimum", "from"),
                    ("maximum", "to"),
                    ("minItems", "at least"),
                    ("maxItems", "at most"),
                )
                if key in facts
            ]
            rows.append(
                {
                    "notebook": notebook,
                    "parameter": name,
                    "type": {
                        "string": "text",
                        "integer": "whole number",
                        "array": "list",
                        "object": "mapping",
                    }.get(facts.get("type", ""), "text"),
                    "bounds": " ".join(bounds),
                    "default": shown(info.default),
                    "unit": _unit(model, name),
                    "meaning": str(info.description),
                }
            )
    return rows


def load_preset(name: str, folder: Path) -> dict[str, Any]:
    """Read a preset: the parameters of a named study, from ``parameters/<name>.yaml`` or a path.

    Raises
    ------
    ParameterError
        No such preset (listing those there are), or a file that is not a mapping of parameters.
    """
    path = Path(name) if name.endswith((".yaml", ".yml")) else folder / f"{name}.yaml"
    if not path.is_file():
        there = sorted(item.stem for item in folder.glob("*.yaml"))
        raise ParameterError(
            f"preset {name!r}: there is no such preset{did_you_mean(name, there)}; there are: {', '.join(there)}"
        )
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), PlainDates) or {}
    except (yaml.YAMLError, ValueError) as error:
        raise ParameterError(f"{path.name}: not readable as YAML: {' '.join(str(error).split())}") from error
    if not isinstance(content, dict) or not isinstance(content.get("parameters") or {}, dict):
        raise ParameterError(f"{path.name}: expected a `parameters:` mapping of names to values")
    return dict(content.get("parameters") or {})


def parse_assignment(text: str) -> tuple[str, Any]:
    """Read ``name=value`` as typed on a command line; the value is YAML, dates stay text.

    Examples
    --------
    >>> parse_assignment("event_windows=[[0, 0], [0, 4]]")
    ('event_windows', [[0, 0], [0, 4]])
    >>> parse_assignment("event_date=2025-01-27")
    ('event_date', '2025-01-27')
    """
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise ParameterError(f"{text!r}: write a parameter as name=value")
    try:
        parsed = yaml.load(value, PlainDates) if value.strip() else ""
    except (yaml.YAMLError, ValueError) as error:
        raise ParameterError(f"{name}: {value!r} cannot be read as a value: {' '.join(str(error).split())}") from error
    return name.strip(), parsed


def check_date(name: str, text: str) -> None:
    """Refuse what is no date of the calendar written as 2025-01-27."""
    try:
        _iso_date(text)
    except ValueError as error:
        raise ParameterError(_one_message([f"{name}: {error}"])) from error


def check_against_data(
    settings: Mapping[str, Settings],
    series: Mapping[str, Mapping[str, tuple[str, str]]],
    notebooks: Sequence[str] = tuple(MODELS),
) -> None:
    """Check dates and tickers against the prices there are.

    Parameters
    ----------
    settings : mapping of str to Settings
        Notebook -> settings.
    series : mapping
        Era ("ai", "dotcom") -> series -> (first day, last day) as ISO dates.
    notebooks : sequence of str
        Notebooks that are to run; the parameters of the others are not held against the data.

    Raises
    ------
    ParameterError
        One message: unknown tickers (listing what exists), dates or windows beyond the data.
    """
    problems = []
    if "02_selloff" in notebooks:
        problems += _selloff_problems(settings["02_selloff"], series)
    if "01_valuation_growth" in notebooks:
        problems += _valuation_problems(settings["01_valuation_growth"], series["ai"])
    if "03_dotcom_comparison" in notebooks:
        problems += _dotcom_problems(settings["03_dotcom_comparison"], series)
    if problems:
        raise ParameterError(_one_message(problems))


def _dotcom_problems(compare: Settings, series: Mapping[str, Mapping[str, tuple[str, str]]]) -> list[str]:
    stand_ins = [name for name in compare.replay_groups.values() if name]
    return [
        *_date_problem("ai_start", compare.ai_start, series["ai"]),
        *_date_problem("dotcom_start", compare.dotcom_start, series["dotcom"]),
        *_date_problem("compare_on", compare.compare_on, series["ai"]),
        *_unknown_tickers("replay_groups", stand_ins, series["dotcom"]),
        *(
            [f"compare_on: {compare.compare_on} is not after ai_start {compare.ai_start}"]
            if compare.compare_on <= compare.ai_start
            else []
        ),
    ]


def _selloff_problems(selloff: Settings, series: Mapping[str, Mapping[str, tuple[str, str]]]) -> list[str]:
    spans = {era: _span(known) for era, known in series.items()}
    era = next((era for era, (first, last) in spans.items() if first <= selloff.event_date <= last), None)
    if era is None:
        ranges = " and ".join(f"{first} to {last}" for first, last in spans.values())
        return [f"event_date: {selloff.event_date} is outside the data, which cover {ranges}"]
    known = series[era]
    names = [
        ("event_focus", [selloff.event_focus]),
        ("market_series", [selloff.market_series]),
        ("event_tickers", selloff.event_tickers),
    ]
    problems = [line for name, tickers in names for line in _unknown_tickers(name, tickers, known)]
    needed = selloff.estimation_days + selloff.estimation_gap
    # Five trading days take about seven calendar days; the notebook counts exactly, this refuses the clearly impossible.
    had = (dt.date.fromisoformat(selloff.event_date) - dt.date.fromisoformat(spans[era][0])).days * 5 / 7
    if needed > had:
        problems.append(
            f"estimation_days: the estimation window needs {needed} trading days before {selloff.event_date}, but the data begin on "
            f"{spans[era][0]}; take a later event or at most {max(int(had * 0.96) - selloff.estimation_gap, 0)} days"
        )
    return problems


def _valuation_problems(valuation: Settings, known: Mapping[str, tuple[str, str]]) -> list[str]:
    problems = _date_problem("boom_start", valuation.boom_start, known) + _date_problem(
        "boom_end", valuation.boom_end, known
    )
    if valuation.boom_start >= valuation.boom_end:
        problems.append(f"boom_end: {valuation.boom_end} is not after boom_start {valuation.boom_start}")
    return (
        problems
        + _unknown_tickers("focus_ticker", [valuation.focus_ticker], known)
        + _unknown_tickers("leaders", valuation.leaders, known)
    )


def _span(known: Mapping[str, tuple[str, str]]) -> tuple[str, str]:
    return (
        (min(first for first, _ in known.values()), max(last for _, last in known.values()))
        if known
        else ("9999", "0000")
    )


def _date_problem(name: str, date: str, known: Mapping[str, tuple[str, str]]) -> list[str]:
    first, last = _span(known)
    return [] if first <= date <= last else [f"{name}: {date} is outside the data, which cover {first} to {last}"]


def _unknown_tickers(name: str, tickers: Sequence[str], known: Mapping[str, tuple[str, str]]) -> list[str]:
    return [
        f"{name}: no prices for {ticker!r}{did_you_mean(ticker, known)}; there are: {', '.join(sorted(known))}"
        for ticker in tickers
        if ticker not in known
    ]


def _unit(model: type[_Model], name: str) -> str:
    extra = model.model_fields[name].json_schema_extra
    return str(extra.get("unit", "")) if isinstance(extra, dict) else ""


def _readable(model: type[_Model], item: Any) -> str:
    name = str(item["loc"][0])
    inner = "".join(f"[{place}]" for place in item["loc"][1:])
    message = item["msg"].removeprefix("Value error, ")
    got = json.dumps(item["input"], default=str, ensure_ascii=False)
    if item["type"].startswith("string_pattern"):
        message = f"should be {_unit(model, name)}"
    return f"{name}{inner}: {message[0].lower()}{message[1:]} (got {got[:80]})"


def _one_message(problems: Sequence[str]) -> str:
    count = "One problem" if len(problems) == 1 else f"{len(problems)} problems"
    return "\n".join([f"{count} with the parameters:", *(f"- {problem}" for problem in problems)])
