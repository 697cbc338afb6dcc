"""What a run may be told: names, types, bounds, defaults and presets of the five notebooks."""

from __future__ import annotations

import datetime as dt
import difflib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from helpers.market_data import CALENDARS

DEFAULT_PRESET = "deepseek-2025"
SEVEN = ["NVDA", "AAPL", "MSFT", "AMZN", "GOOGL", "META", "TSLA"]
EVENT_SEED = 20250127
Group = Literal["chips", "data-centre equipment", "power", "cloud and platforms", "devices"]
REPLAY = dict(zip(get_args(Group), ["INTC", "CSCO", "", "MSFT", "QCOM"], strict=True))
LONGEST_TEXT, MOST_SHOWN = 100_000, 20
FILE_KEYS = ("title", "parameters")


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Name what is known and spelt most like a name that is not; nothing where none is near."""
    spelt = {one.lower(): one for one in known}
    near = difflib.get_close_matches(name.lower(), list(spelt), n=1, cutoff=0.5)
    return f"; did you mean {spelt[near[0]]!r}?" if near else ""


class ParameterError(ValueError):
    """A request that makes no sense; the message lists every problem found in it."""

    def __init__(self, *problems: str) -> None:
        self.problems = problems = tuple(dict.fromkeys(problems))
        shown = [*problems[:MOST_SHOWN], *([f"and {len(problems) - MOST_SHOWN} more"] * (len(problems) > MOST_SHOWN))]
        many = "\n".join([f"{len(problems)} problems with the request:", *(f"- {problem}" for problem in shown)])
        super().__init__(problems[0] if len(problems) == 1 else many)


class _Plain(yaml.SafeLoader):
    """YAML as people write it: dates, ON and 0250 stay text, so that they can be named; nothing repeats, no name stands twice."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("a part marked by & cannot be repeated by *: write it out")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        names = Counter(key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode))
        if twice := [name for name, count in names.items() if count > 1]:
            raise yaml.YAMLError(f"{twice[0]} stands twice")
        return super().construct_mapping(node, deep)


_Plain.yaml_implicit_resolvers = {}
for _tag, _form in {"null": "~|null|", "bool": "true|false", "int": "[-+]?(0|[1-9][0-9]*)"}.items():
    _Plain.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_form})$"), None)


def read_yaml(text: str | bytes, name: str) -> Any:
    """Read YAML as people write it; `name` says in a message what could not be read."""
    try:
        if len(text) > LONGEST_TEXT:
            raise ValueError(f"longer than {LONGEST_TEXT:,} characters")
        return yaml.load(text, _Plain)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        known = {RecursionError: "parts nested too deep", yaml.reader.ReaderError: "no plain UTF-8 text"}
        said = " ".join(known.get(type(error), str(error)).split())
        raise ParameterError(f"{name}: not readable as YAML: {said[:400]}") from error


def check_date(text: str) -> str:
    """Refuse what is no date of the calendar written as 2025-01-27."""
    try:
        if dt.date.fromisoformat(text).isoformat() == text:
            return text
    except ValueError:
        pass
    raise ParameterError(f"{text!r} is not a date of the calendar written as 2025-01-27")


def _window(window: list[int]) -> list[int]:
    if len(window) != 2 or not -60 <= window[0] <= window[1] <= 250:
        days = "[first day, last day] in trading days from the event, between -60 and 250"
        raise ValueError(f"{window} is not a window: write {days}")
    return window


def _parted(given: Any) -> Any:
    return [part.strip() for part in given.split(",") if part.strip()] if isinstance(given, str) else given


def _once(items: list[Any]) -> list[Any]:
    if twice := [name for name, count in Counter(map(str, items)).items() if count > 1]:
        raise ValueError(f"more than once: {', '.join(twice)}")
    return items


Date = Annotated[str, AfterValidator(check_date)]
Windows = Annotated[list[Annotated[list[int], AfterValidator(_window)]], AfterValidator(_once)]
Tickers = Annotated[list[str], BeforeValidator(_parted), AfterValidator(_once)]  # NVDA,AMD is read as [NVDA, AMD]


def _is(default: Any, meaning: str, unit: str = "", **bounds: Any) -> Any:
    return Field(default, description=meaning, json_schema_extra={"unit": unit}, validate_default=False, **bounds)


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


# fmt: off
class Data(_Model):
    """Parameters of 00_data."""

    data_source: str = _is("bundled", "bundled, folder:PATH, snapshot:NAME or two joined by +", "source", min_length=1)
    exchange_calendar: Literal[tuple(CALENDARS)] = _is("XNYS", "whose trading days own files follow, such as XETR", "exchange")  # type: ignore[valid-type]


class Valuation(_Model):
    """Parameters of 01_valuation_growth."""

    boom_start: Date = _is("2022-12-30", "first day of the boom: growth is counted from its close", "ISO date")
    boom_end: Date = _is("2025-01-24", "last day of the boom", "ISO date")
    focus_ticker: str = _is("NVDA", "company whose market value is followed", "ticker", min_length=1)
    leaders: Tickers = _is(SEVEN, "companies taken together as the leaders", "tickers", min_length=2, max_length=15)


class Selloff(_Model):
    """Parameters of 02_selloff."""

    event_date: Date = _is("2025-01-27", "day of the event", "ISO date")
    non_trading_day: Literal["refuse", "next"] = _is("refuse", "event on a day without trading: refuse, or move to the next", "refuse or next")
    event_focus: str = _is("NVDA", "company in the foreground", "ticker", min_length=1)
    market_series: str = _is("SPY", "series that stands for the market in the market model", "series", min_length=1)
    return_model: Literal["market", "mean", "market-adjusted"] = _is("market", "expected return: market model, mean-adjusted or market-adjusted", "market, mean or market-adjusted")
    estimation_days: int = _is(250, "length of the estimation window", "trading days", ge=30, le=1000)
    estimation_gap: int = _is(10, "trading days left out between estimation window and event", "trading days", ge=0, le=120)
    event_windows: Windows = _is([[0, 0], [-1, 1], [0, 4], [0, 20]], "event windows, first and last day from the event", "trading days", min_length=1, max_length=12)
    event_tickers: Tickers = _is([], "companies of the event study; empty: all with prices", "tickers", max_length=100)
    path_days: int = _is(60, "length of the way back that is drawn", "trading days", ge=5, le=250)
    bootstrap_draws: int = _is(2000, "draws of the stationary bootstrap", "draws", ge=200, le=100_000)
    event_seed: int = _is(EVENT_SEED, "seed of the bootstrap", "seed", ge=0, le=2**31 - 1)


class Dotcom(_Model):
    """Parameters of 03_dotcom_comparison."""

    ai_start: Date = _is("2022-11-30", "start of the AI era when eras are aligned at their start", "ISO date")
    dotcom_start: Date = _is("1995-08-09", "start of the dot-com era", "ISO date")
    compare_on: Date = _is("2025-01-24", "day on which today is compared with March 2000", "ISO date")
    adf_lag: int = _is(0, "lags of the explosiveness tests", "lags", ge=0, le=12)
    confidence_pct: Literal[90, 95, 99] = _is(95, "confidence level of the episodes: 90, 95 or 99", "percent")
    replications: int = _is(999, "bootstrap replications", "replications", ge=199, le=20_000)
    dotcom_seed: int = _is(20000310, "seed of simulations and bootstrap", "seed", ge=0, le=2**31 - 1)
    replay_groups: dict[Group, str] = _is(REPLAY, "replay: which dot-com series stands for which group; empty for none", "group: series")


class Findings(_Model):
    """Parameters of 04_findings."""

    as_of: Literal["article", "end"] = _is("article", "measure up to the article's day, or to the end of the data", "article or end")


MODELS: dict[str, type[_Model]] = {
    "00_data": Data, "01_valuation_growth": Valuation, "02_selloff": Selloff, "03_dotcom_comparison": Dotcom, "04_findings": Findings
}
# fmt: on


@dataclass(frozen=True)
class Settings:
    """Checked parameters of one notebook: their values by name, and the names of those that differ from the default."""

    notebook: str
    values: dict[str, Any] = field(default_factory=dict)
    changed: tuple[str, ...] = ()

    def __getattr__(self, name: str) -> Any:
        """Return a parameter's value by its name."""
        if name in (values := self.__dict__.get("values", {})):
            return values[name]
        raise AttributeError(f"{self.__dict__.get('notebook')} has no parameter {name!r}")

    def rows(self) -> list[dict[str, str]]:
        """Return one row a parameter: name, value, unit, meaning and whether it is the default."""
        facts = MODELS[self.notebook].model_json_schema()["properties"]
        return [
            {"parameter": name, "value": shown(value), "unit": facts[name]["unit"], "meaning": facts[name]["description"],
             "default": "changed" if name in self.changed else "default"}
            for name, value in self.values.items()
        ]  # fmt: skip


def shown(value: Any) -> str:
    """Write a parameter's value as a person would."""
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {item or 'none'}" for key, item in value.items()) or "none"
    return ", ".join(map(str, value)) or "none" if isinstance(value, list) else str(value)


def check(notebook: str, given: Mapping[str, Any]) -> Settings:
    """Check the parameters of one notebook, which passes its ``globals()``: names that are no parameters are passed over."""
    if notebook not in MODELS:
        raise ParameterError(f"there is no notebook {notebook!r}{did_you_mean(notebook, MODELS)}")
    model, inside = MODELS[notebook], "__name__" in given
    known = {name: value for name, value in given.items() if name in model.model_fields}
    problems = [] if inside else [_unknown(name) for name in given if name not in known]
    try:
        values = model(**known).model_dump()
    except ValidationError as error:
        problems += [readable(model, item) for item in error.errors()]
    if problems:
        raise ParameterError(*problems)
    defaults = model().model_dump()
    return Settings(notebook, values, tuple(name for name in values if values[name] != defaults[name]))


def judged(given: Mapping[str, Any]) -> tuple[dict[str, Settings], list[str]]:
    """Check the parameters of a whole run: the settings of each notebook that has no problem, and all problems."""
    homes = {name: notebook for notebook, model in MODELS.items() for name in model.model_fields}
    given, problems = named(given.items())
    problems += [_unknown(name) for name in given if name not in homes]
    settings = {}
    for notebook in MODELS:
        try:
            settings[notebook] = check(notebook, {name: given[name] for name in given if homes.get(name) == notebook})
        except ParameterError as error:
            problems += error.problems
    return settings, problems


def catalogue() -> list[dict[str, str]]:
    """List every parameter: notebook, name, type, bounds, default, unit and meaning."""
    ends = {"minimum": "from", "maximum": "to", "minItems": "at least", "maxItems": "at most", "enum": "one of"}
    types = {"integer": "whole number", "array": "list", "object": "mapping"}
    return [
        {"notebook": notebook, "parameter": name, "type": types.get(facts.get("type", ""), "text"),
         "bounds": " ".join(f"{word} {shown(facts[key])}" for key, word in ends.items() if key in facts),
         "default": shown(model.model_fields[name].default), "unit": facts["unit"], "meaning": facts["description"]}
        for notebook, model in MODELS.items()
        for name, facts in model.model_json_schema()["properties"].items()
    ]  # fmt: skip


def load_preset(name: str, folder: Path) -> dict[str, Any]:
    """Read the parameters of a named study, from ``parameters/<name>.yaml`` or a path; list the presets where there is none."""
    path = Path(name) if name.endswith((".yaml", ".yml")) else folder / f"{name}.yaml"
    if not path.is_file():
        there = sorted(item.stem for item in folder.glob("*.yaml"))
        near = did_you_mean(name, there)
        raise ParameterError(f"preset {name!r}: there is no such preset{near}; there are: {', '.join(there)}")
    content = read_file(path)
    problems = [f"{key!r} is not read{did_you_mean(str(key), FILE_KEYS)}" for key in content if key not in FILE_KEYS]
    given = content.get("parameters") or {}
    found, wrong = named(given.items() if isinstance(given, dict) else ())
    problems += wrong if isinstance(given, dict) else ["expected a `parameters:` mapping of names to values"]
    if problems:
        raise ParameterError(*(f"{path.name}: {problem}" for problem in problems))
    return found


def read_file(path: Path) -> dict[str, Any]:
    """Read a YAML file that is a mapping, or empty."""
    content = read_yaml(path.read_bytes(), path.name) or {}
    if not isinstance(content, dict):
        raise ParameterError(f"{path.name}: expected names with values, as `name: value`")
    return content


def named(pairs: Iterable[tuple[Any, Any]]) -> tuple[dict[str, Any], list[str]]:
    """Gather parameters by short name, and say what stands twice or where it does not belong."""
    found: dict[str, Any] = {}
    problems = []
    for full, value in pairs:
        prefix, dot, short = str(full).partition(".")
        name = short if dot else prefix
        if dot and prefix not in MODELS:
            problems.append(f"{full}: there is no notebook {prefix!r}{did_you_mean(prefix, MODELS)}")
        elif dot and name not in MODELS[prefix].model_fields:
            problems.append(_unknown(name, MODELS[prefix].model_fields, full))
        elif name in found:
            problems.append(f"{name}: given twice, as {shown(found[name])} and as {shown(value)}")
        else:
            found[name] = value
    return found, problems


def parse_assignment(text: str) -> tuple[str, Any]:
    """Read ``name=value`` as typed on a command line; the value is YAML, dates stay text."""
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise ParameterError(f"{text!r}: write a parameter as name=value")
    return name.strip(), read_yaml(value, name.strip()) if value.strip() else ""


def _unknown(name: str, among: Iterable[str] = (), full: str = "") -> str:
    known = list(among) or [name for model in MODELS.values() for name in model.model_fields]
    return f"{full or name}: there is no such parameter{did_you_mean(name, known)}"


def readable(model: type[BaseModel], item: Any) -> str:
    """Say in words what pydantic found wrong with a value."""
    name = str(item["loc"][0])
    if item["type"] == "extra_forbidden":
        return f"{name}: nothing is called so{did_you_mean(name, model.model_fields)}"
    inner = "".join(f"[{place}]" for place in item["loc"][1:] if place != "[key]")
    message = item["msg"].removeprefix("Value error, ").replace(" after validation", "")
    if item["type"] == "list_type" and inner:
        return f"{name}: write a list of lists, such as {json.dumps(model.model_fields[name].default)}"
    message = f"{name}{inner}: {message[0].lower()}{message[1:]}"
    got = json.dumps(item["input"], default=str, ensure_ascii=False)
    return message if message.startswith(f"{name}: {item['input']!r} is") else f"{message} (got {got[:80]})"
