"""The command line: ``python -m helpers run|sweep|params|check|refresh|verify|slides|store|list``."""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import re
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from helpers import parameters
from helpers.market_data import DataError, project_root
from helpers.parameters import ParameterError
from study import storage

OK, DIFFERS, BAD_REQUEST, BAD_DATA, NOTEBOOK_FAILED, BUSY, INTERRUPTED = 0, 1, 2, 3, 4, 5, 130


def build_parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m helpers", description="Rerun the AI boom study with other parameters."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    run = commands.add_parser("run", help="run the notebooks that have to run, then build the site")
    _choices(run)
    run.add_argument("--name", help="name of the run: its folder below data/processed")
    run.add_argument("--force", action="store_true", help="run every notebook, changed or not")
    run.add_argument(
        "--only",
        metavar="NOTEBOOK",
        action="append",
        default=[],
        help="run this notebook only (with what it needs)",
    )
    run.add_argument("--from", dest="start", metavar="NOTEBOOK", help="run this notebook and all after it")
    run.add_argument("--dry-run", action="store_true", help="say what would run and why, run nothing")
    run.add_argument("--workers", type=int, help="notebooks side by side")
    run.add_argument("--no-site", action="store_true", help="leave the site and the slides as they are")
    params = commands.add_parser("params", help="list every parameter with type, bounds, default, unit and meaning")
    params.add_argument("notebook", nargs="?", help="one notebook only")
    check = commands.add_parser("check", help="check parameters and data, run nothing")
    _choices(check)
    sweep = commands.add_parser("sweep", help="run a grid of parameters: one run each, one tidy outcome")
    sweep.add_argument("grid", type=Path, help="a YAML file, such as parameters/sweeps/event-windows.yaml")
    sweep.add_argument("--workers", type=int, help="local processes; by default one for each processor")
    sweep.add_argument("--dask", default="", metavar="ADDRESS", help="address of a running Dask scheduler")
    refresh = commands.add_parser("refresh", help="fetch daily closes over the network into a dated snapshot")
    refresh.add_argument("source", choices=["yahoo", "fred"])
    refresh.add_argument("series", nargs="*", help="by default all series of the AI era that the source has")
    refresh.add_argument("--start", default="2022-10-03", help="first day, as 2022-10-03")
    refresh.add_argument("--end", default="", help="last day; by default today")
    verify = commands.add_parser("verify", help="run a finished run again from its manifest and say what differs")
    verify.add_argument("run")
    slides = commands.add_parser("slides", help="build site and slides of a finished run again")
    slides.add_argument("--preset", default=parameters.DEFAULT_PRESET, help="name of the run")
    commands.add_parser("store", help="store the outputs of the default run in notebooks/")
    commands.add_parser("list", help="list the presets and the finished runs")
    return parser


def _choices(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--preset", default=parameters.DEFAULT_PRESET, help="a file of parameters/ without ending, or a path"
    )
    command.add_argument(
        "-p",
        "--parameter",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="set a parameter; may be repeated",
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return the exit code.

    Notes
    -----
    0 done, 1 a verified run differs, 2 bad request, 3 bad data, 4 a notebook failed, 5 the run is being built by someone else,
    130 interrupted.
    """
    options = build_parser().parse_args(arguments)
    for number in ("SIGTERM", "SIGHUP"):  # asked to end, or the terminal closed: as by Ctrl-C
        if hasattr(signal, number):
            signal.signal(getattr(signal, number), signal.default_int_handler)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a console without our signs shows a question mark
    try:
        return COMMANDS[options.command](options, project_root())
    except ParameterError as error:
        return _fail(str(error), BAD_REQUEST)
    except DataError as error:
        return _fail(f"The data cannot be used:\n{error}", BAD_DATA)
    except storage.Busy as error:
        return _fail(str(error), BUSY)
    except KeyboardInterrupt:
        _fail("Interrupted. What was finished is kept: the same command takes it up from there.", INTERRUPTED)
        sys.stderr.flush()
        # Threads still wait for their kernels; leaving at once ends these too, for a kernel watches its parent.
        os._exit(INTERRUPTED)
    except OSError as error:
        return _fail(_system_problem(error), BAD_DATA)


def request_from(options: argparse.Namespace, root: Path) -> Any:
    """Turn a command line into a checked request; everything wrong is told at once."""
    from study import run as study

    given = parameters.load_preset(options.preset, root / "parameters")
    typed = dict(parameters.parse_assignment(text) for text in options.parameter)
    settings = parameters.check_all(given | typed)
    steps = _steps(options)
    running = sorted(study.needed(steps)) if steps else list(study.STEPS)
    parameters.check_against_data(settings, study.series_spans(settings["00_data"].data_source, root), running)
    name = getattr(options, "name", None) or _run_name(options.preset, typed)
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}", name):
        raise ParameterError(
            f"--name {name!r}: use letters, digits, dot, dash and underscore, at most 80, beginning with a letter or digit"
        )
    return study.Request(name, settings, options.preset, getattr(options, "force", False), steps)


def _run_name(preset: str, typed: dict[str, Any]) -> str:
    stem = Path(preset).stem if preset.endswith((".yaml", ".yml")) else preset
    if not typed:
        return stem
    return f"{stem}-{hashlib.sha256(json.dumps(typed, sort_keys=True).encode()).hexdigest()[:8]}"


def _steps(options: argparse.Namespace) -> tuple[str, ...]:
    from study import run as study

    asked = list(getattr(options, "only", []))
    start = getattr(options, "start", None)
    unknown = [name for name in [*asked, *([start] if start else [])] if name not in study.STEPS]
    if unknown:
        raise ParameterError(f"there is no notebook {unknown[0]!r}; there are: {', '.join(study.STEPS)}")
    if start:
        asked += list(study.STEPS)[list(study.STEPS).index(start) :]
    return tuple(asked)


def _run(options: argparse.Namespace, root: Path) -> int:
    from study import run as study

    request = request_from(options, root)
    if options.dry_run:
        for step, reason in study.plan(request, root).reasons.items():
            print(f"{step}: {f'would run ({reason})' if reason else 'unchanged'}")
        return OK
    try:
        folder = study.run(
            request,
            root,
            lambda line: print(line, flush=True),
            sys.stderr.isatty(),
            options.workers,
            not options.no_site,
        )
    except study.NotebookFailed as error:
        return _fail(str(error), NOTEBOOK_FAILED)
    for line in study.places(folder, root):
        print(line)
    return OK


def _params(options: argparse.Namespace, root: Path) -> int:
    rows = [row for row in parameters.catalogue() if options.notebook in (None, row["notebook"])]
    if not rows:
        raise ParameterError(f"there is no notebook {options.notebook!r}; there are: {', '.join(parameters.MODELS)}")
    notebook = ""
    for row in rows:
        if row["notebook"] != notebook:
            notebook = row["notebook"]
            print(f"\n{notebook}")
        bounds = f", {row['bounds']}" if row["bounds"] else ""
        print(
            f"  {row['parameter']:<18} {row['meaning']}\n{'':<20} {row['type']}{bounds}; {row['unit']}; default: {row['default']}"
        )
    return OK


def _check(options: argparse.Namespace, root: Path) -> int:
    from helpers import market_data

    request = request_from(options, root)
    for name in market_data.passport():
        market_data.load_table(name)
    for line in market_data.described(request.settings["00_data"].data_source):
        print(line)
    print(f"{len(market_data.passport())} files pass every check; the parameters of {request.preset} make sense")
    return OK


def _list(options: argparse.Namespace, root: Path) -> int:
    for path in sorted((root / "parameters").glob("*.yaml")):
        print(f"preset {path.stem}")
    for path in sorted((root / "data" / "processed").glob("*/manifest.json")):
        content = storage.read_json(path)
        print(f"run {path.parent.name}: preset {content.get('preset')}, finished {content.get('finished')}")
    return OK


def _sweep(options: argparse.Namespace, root: Path) -> int:
    from study import sweep

    asked = sweep.read_sweep(options.grid)
    folder = sweep.run_sweep(asked, root, lambda line: print(line, flush=True), options.workers, options.dask)
    failed = storage.read_json(folder / "manifest.json")["failed"]
    print(f"{len(asked.points) - failed} of {len(asked.points)} runs: {(folder / 'outcomes.csv').relative_to(root)}")
    _sweep_page(asked.preset, folder, root)
    return NOTEBOOK_FAILED if failed else OK


def _sweep_page(preset: str, folder: Path, root: Path) -> None:
    """Put the page of a sweep in the site of the run that it varies, where that run is there."""
    from study import run as study

    published = study.folders(preset, root)[1]
    if (published / "site").is_dir():
        study.rebuild_pages(preset, root, lambda line: print(line, flush=True))
        print(f"page: {(published / 'site' / f'{folder.name}.html').relative_to(root)}")
    else:
        print(f"its page comes with the site of the run: `python -m helpers run --preset {preset}`")


def _refresh(options: argparse.Namespace, root: Path) -> int:
    from study import live

    for name in ("start", "end"):
        if value := getattr(options, name):
            parameters.check_date(name, value)
    folder = live.refresh(
        options.source, options.series, options.start, options.end, lambda line: print(line, flush=True)
    )
    print(f"use it with -p data_source=snapshot:{folder.name}, or bundled+snapshot:{folder.name}")
    return OK


def _verify(options: argparse.Namespace, root: Path) -> int:
    from study import run as study
    from study import verify

    try:
        differences = verify.verify(options.run, root, lambda line: print(line, flush=True))
    except study.NotebookFailed as error:
        return _fail(str(error), NOTEBOOK_FAILED)
    print("\n".join(differences) or f"{options.run} repeats to the byte")
    return DIFFERS if differences else OK


def _slides(options: argparse.Namespace, root: Path) -> int:
    from study import run as study

    study.rebuild_pages(options.preset, root, lambda line: print(line, flush=True))
    return OK


def _store(options: argparse.Namespace, root: Path) -> int:
    from study import run as study

    stored = study.store_outputs(study.folders(parameters.DEFAULT_PRESET, root)[1], root)
    print(f"stored: {', '.join(stored)}")
    return OK


def _system_problem(error: OSError) -> str:
    where = f": {Path(error.filename).name}" if error.filename else ""
    hint = {
        28: "free some space, then give the same command again",
        13: "make the folder writable",
        30: "the file system is read-only",
    }
    return f"{error.strerror or error}{where}. {hint.get(error.errno or 0, 'Nothing was published').capitalize()}. The last report is unchanged."


def _fail(message: str, code: int) -> int:
    print(message, file=sys.stderr)
    return code


COMMANDS = {
    "run": _run,
    "sweep": _sweep,
    "params": _params,
    "check": _check,
    "refresh": _refresh,
    "verify": _verify,
    "slides": _slides,
    "store": _store,
    "list": _list,
}

if __name__ == "__main__":
    sys.exit(main())
