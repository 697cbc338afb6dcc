"""The command line: ``python -m helpers run|check|sweep|compare|params|refresh|verify|slides|store|list|clean``."""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import re
import shutil
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from helpers import parameters
from helpers.market_data import DataError, described, load_table, passport, project_root
from helpers.parameters import ParameterError
from study import run as study
from study import storage
from study.step import NotebookFailed

OK, DIFFERS, BAD_REQUEST, BAD_DATA, NOTEBOOK_FAILED, BUSY, INTERRUPTED = 0, 1, 2, 3, 4, 5, 130
HINTS = {
    28: "free some space, then give the same command again",
    13: "make the folder writable",
    30: "the file system is read-only",
    24: "allow more open files, such as by `ulimit -n 1024`",
}


# fmt: off
def build_parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = argparse.ArgumentParser(prog="python -m helpers", description="Rerun the AI boom study with other parameters.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    run = commands.add_parser("run", help="run the notebooks that have to run, then build the site")
    check = commands.add_parser("check", help="check parameters and data, run nothing")
    for one in (run, check):
        one.add_argument("--preset", default=parameters.DEFAULT_PRESET, help="a file of parameters/ without ending, or a path")
        one.add_argument("-p", "--parameter", metavar="NAME=VALUE", action="append", default=[], help="set a parameter; may be repeated")
        one.add_argument("--name", default="", help="name of the run: its folder below data/processed")
        one.add_argument("--only", metavar="NOTEBOOK", action="append", default=[], help="run this notebook only (with what it needs)")
        one.add_argument("--from", dest="start", metavar="NOTEBOOK", help="run this notebook and all after it")
    run.add_argument("--save-preset", metavar="NAME", default="", help="keep the parameters as parameters/NAME.yaml, and run that")
    run.add_argument("--force", action="store_true", help="run every notebook, changed or not")
    run.add_argument("--dry-run", action="store_true", help="say what would run and why, run nothing")
    run.add_argument("--workers", type=_some, help="notebooks side by side")
    run.add_argument("--no-site", action="store_true", help="leave the site and the slides as they are")
    params = commands.add_parser("params", help="list every parameter with type, bounds, default, unit and meaning")
    params.add_argument("notebook", nargs="?", help="one notebook only")
    sweep = commands.add_parser("sweep", help="run a grid of parameters: one run each, one tidy outcome")
    sweep.add_argument("grid", type=Path, help="a YAML file, such as parameters/sweeps/event-windows.yaml")
    sweep.add_argument("--workers", type=_some, help="local processes; by default one for each processor")
    sweep.add_argument("--dask", default="", metavar="ADDRESS", help="address of a running Dask scheduler")
    compare = commands.add_parser("compare", help="set the key figures of finished runs side by side")
    compare.add_argument("runs", nargs="+", metavar="RUN", help="two runs or more")
    compare.add_argument("--csv", type=Path, help="write all key figures there, changed or not")
    refresh = commands.add_parser("refresh", help="fetch daily closes over the network into a dated snapshot")
    refresh.add_argument("source", choices=["yahoo", "fred"])
    refresh.add_argument("series", nargs="*", help="by default all series of the AI era that the source has")
    refresh.add_argument("--start", default="2022-10-03", help="first day, as 2022-10-03")
    refresh.add_argument("--end", default="", help="last day; by default today")
    commands.add_parser("verify", help="run a finished run again from its manifest and say what differs").add_argument("run")
    slides = commands.add_parser("slides", help="build site and slides of a finished run again")
    slides.add_argument("--preset", default=parameters.DEFAULT_PRESET, help="name of the run")
    for name, text in (
        ("store", "store the outputs of the default run in notebooks/"),
        ("list", "list the presets, the finished runs and sweeps"),
        ("clean", "remove the runs and sweeps that nobody is building"),
    ):
        commands.add_parser(name, help=text)
    return parser
# fmt: on


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return the exit code.

    0 done, 1 a verified run differs, 2 bad request, 3 bad data, 4 a notebook failed, 5 the run is being built by someone
    else, 130 interrupted.
    """
    for number in ("SIGTERM", "SIGHUP"):  # asked to end, or the terminal closed: as by Ctrl-C
        if hasattr(signal, number):
            signal.signal(getattr(signal, number), signal.default_int_handler)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a console without our signs shows a question mark
    options = build_parser().parse_args(arguments)
    try:
        return int(COMMANDS[options.command](options, project_root()) or OK)
    except ParameterError as error:
        return _fail(str(error), BAD_REQUEST)
    except DataError as error:
        return _fail(f"The data cannot be used:\n{error}", BAD_DATA)
    except NotebookFailed as error:
        return _fail(str(error), NOTEBOOK_FAILED)
    except storage.Busy as error:
        return _fail(str(error), BUSY)
    except KeyboardInterrupt:
        _fail("Interrupted. What was finished is kept: the same command takes it up from there.", INTERRUPTED)
        sys.stderr.flush()
        # Threads still wait for their kernels; leaving at once ends these too, for a kernel watches its parent.
        os._exit(INTERRUPTED)
    except OSError as error:
        where = f": {Path(error.filename).name}" if error.filename else ""
        hint = HINTS.get(error.errno or 0, "Nothing was published").capitalize()
        return _fail(f"{error.strerror or error}{where}. {hint}. The last report is unchanged.", BAD_DATA)


def request_from(options: argparse.Namespace, root: Path) -> study.Request:
    """Turn a command line into a checked request; everything wrong is told at once."""
    problems: list[str] = []

    def tried(ask: Any, *words: Any, otherwise: Any) -> Any:
        try:
            return ask(*words)
        except ParameterError as error:
            problems.extend(error.problems)
            return otherwise

    pairs = [tried(parameters.parse_assignment, text, otherwise=None) for text in options.parameter]
    typed, twice = parameters.named(filter(None, pairs))
    given = tried(parameters.load_preset, options.preset, root / "parameters", otherwise={})
    settings, wrong = parameters.judged(given | typed)
    steps = tried(_steps, options, otherwise=())
    problems += [*twice, *wrong]
    if "00_data" in settings:
        running = sorted(study.needed(steps)) if steps else list(study.STEPS)
        closes = study.closes(settings["00_data"].data_source, root, settings["00_data"].exchange_calendar)
        groups = study.groups(settings["00_data"].data_source)
        problems += parameters.data_problems(settings, closes, groups, running)
    saved = getattr(options, "save_preset", "")
    preset = saved or options.preset
    name = options.name or _run_name(preset, {} if saved else typed)
    problems += study.name_problems(name, root)
    if saved and not study.NAME.fullmatch(saved):
        problems.append(f"--save-preset {saved!r}: use letters, digits, dot, dash and underscore")
    elif saved and (root / "parameters" / f"{saved}.yaml").exists():
        problems.append(f"--save-preset {saved}: parameters/{saved}.yaml is there already; choose another name")
    if problems:
        raise ParameterError(*problems)
    return study.Request(name, settings, preset, getattr(options, "force", False), steps)


def _run_name(preset: str, typed: dict[str, Any]) -> str:
    stem = Path(preset).stem if preset.endswith((".yaml", ".yml")) else preset
    mark = hashlib.sha256(json.dumps(typed, sort_keys=True).encode()).hexdigest()[:8]
    return f"{stem}-{mark}" if typed else stem


def _steps(options: argparse.Namespace) -> tuple[str, ...]:
    known = list(study.STEPS)
    unknown = [name for name in [*options.only, *filter(None, [options.start])] if name not in known]
    if unknown:
        raise ParameterError(f"there is no notebook {unknown[0]!r}; there are: {', '.join(known)}")
    return (*options.only, *(known[known.index(options.start) :] if options.start else ()))


def _some(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"give a whole number from 1 on, not {text}")
    return int(text)


def _say(line: str) -> None:
    print(line, flush=True)


def _run(options: argparse.Namespace, root: Path) -> None:
    request = request_from(options, root)
    if options.dry_run:
        for step, reason in study.plan(request, root).reasons.items():
            print(f"{step}: {f'would run ({reason})' if reason else 'unchanged'}")
        return
    if options.save_preset:
        changed = {name: one.values[name] for one in request.settings.values() for name in one.changed}
        text = json.dumps({"title": options.save_preset, "parameters": changed}, indent=1, ensure_ascii=False)
        storage.write(root / "parameters" / f"{options.save_preset}.yaml", f"{text}\n".encode())  # JSON is YAML
        print(f"kept as parameters/{options.save_preset}.yaml: --preset {options.save_preset} runs it again")
    folder = study.run(request, root, _say, sys.stderr.isatty(), options.workers, not options.no_site)
    print("\n".join(study.places(folder, root)))


def _params(options: argparse.Namespace, root: Path) -> None:
    rows = [row for row in parameters.catalogue() if options.notebook in (None, row["notebook"])]
    if not rows:
        raise ParameterError(f"there is no notebook {options.notebook!r}; there are: {', '.join(parameters.MODELS)}")
    notebook = ""
    for row in rows:
        if row["notebook"] != notebook:
            notebook = row["notebook"]
            print(f"\n{notebook}")
        bounds = f", {row['bounds']}" if row["bounds"] else ""
        print(f"  {row['parameter']:<18} {row['meaning']}\n{'':<20} {row['type']}{bounds}; {row['unit']}; default: {row['default']}")  # fmt: skip


def _check(options: argparse.Namespace, root: Path) -> None:
    request = request_from(options, root)
    for name in passport():
        load_table(name)
    for line in described(request.settings["00_data"].data_source, request.settings["00_data"].exchange_calendar):
        print(line)
    print(f"{len(passport())} files pass every check; the parameters of {request.preset} make sense")


def _list(options: argparse.Namespace, root: Path) -> None:
    for path in sorted((root / "parameters").glob("*.yaml")):
        print(f"preset {path.stem}")
    for path in sorted((root / "data" / "processed").glob("[!.]*")):
        if kind := storage.kind(path):
            content = storage.read_json(path / "manifest.json")
            print(f"{kind} {path.name}: preset {content.get('preset')}, finished {content.get('finished')}")


def _sweep(options: argparse.Namespace, root: Path) -> int:
    from study import sweep

    asked = sweep.read_sweep(options.grid)
    folder = sweep.run_sweep(asked, root, _say, options.workers, options.dask)
    failed = storage.read_json(folder / "manifest.json")["failed"]
    print(f"{len(asked.points) - failed} of {len(asked.points)} runs: {(folder / 'outcomes.csv').relative_to(root)}")
    published = study.folders(asked.preset, root)[1]
    if (published / "site").is_dir():
        study.rebuild_pages(asked.preset, root, _say)
        print(f"page: {(published / 'site' / f'{folder.name}.html').relative_to(root)}")
    else:
        print(f"its page comes with the site of the run: `python -m helpers run --preset {asked.preset}`")
    return NOTEBOOK_FAILED if failed else OK


def _compare(options: argparse.Namespace, root: Path) -> None:
    from study import verify

    if len(set(options.runs)) < 2:
        raise ParameterError("give two different runs or more: `python -m helpers list` names them")
    table = verify.compare(options.runs, root)
    moved = table[table[options.runs].astype(str).nunique(axis=1) > 1]
    print(moved.reset_index(level="notebook").to_string(max_colwidth=48, na_rep="", float_format="{:.4g}".format))
    print(f"{len(moved)} of {len(table)} key figures differ")
    if options.csv:
        storage.write(options.csv, table.to_csv(float_format="%.10g", lineterminator="\n").encode())
        print(f"all of them: {options.csv}")


def _refresh(options: argparse.Namespace, root: Path) -> None:
    from study import live

    for name in ("start", "end"):
        if value := getattr(options, name):
            parameters.check_date(name, value)
    folder = live.refresh(options.source, options.series, options.start, options.end, _say)
    print(f"use it with -p data_source=snapshot:{folder.name}, or bundled+snapshot:{folder.name}")


def _verify(options: argparse.Namespace, root: Path) -> int:
    from study import verify

    differences = verify.verify(options.run, root, _say)
    print("\n".join(differences) or f"{options.run} repeats to the byte")
    return DIFFERS if differences else OK


def _slides(options: argparse.Namespace, root: Path) -> None:
    study.rebuild_pages(options.preset, root, _say)


def _store(options: argparse.Namespace, root: Path) -> None:
    from study import store

    print(f"stored: {', '.join(store.store_outputs(study.finished_run(parameters.DEFAULT_PRESET, root)[0], root))}")


def _clean(options: argparse.Namespace, root: Path) -> int:
    busy = []
    for folder in sorted((root / "data" / "processed").iterdir()):
        if storage.kind(folder) in ("run", "sweep"):
            name = folder.name.removeprefix(".").removesuffix(".building").removesuffix(".old")
            try:
                with storage.lock(folder.with_name(f".{name}.lock"), f"the removal of {name}"):
                    shutil.rmtree(folder)
            except storage.Busy as error:
                busy.append(str(error))
        elif folder.is_dir():
            print(f"left as it is, for it holds no manifest of this study: {folder.name}")
    return _fail("\n".join(busy), BUSY) if busy else OK


def _fail(message: str, code: int) -> int:
    print(re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", "", message), file=sys.stderr)  # what a server said moves no cursor
    return code


COMMANDS = {
    "run": _run, "check": _check, "sweep": _sweep, "compare": _compare, "params": _params, "refresh": _refresh, "verify": _verify,
    "slides": _slides, "store": _store, "list": _list, "clean": _clean,
}  # fmt: skip

if __name__ == "__main__":
    sys.exit(main())
