"""The command line of the study: ``python -m helpers COMMAND``; each command says what it takes with ``--help``."""

from __future__ import annotations

import argparse
import io
import os
import re
import shutil
import signal
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from helpers import parameters
from helpers.market_data import DataError, described, load_table, passport, project_root
from helpers.parameters import ParameterError
from study import run as study
from study import storage
from study.step import NotebookFailed

DEFAULT = parameters.DEFAULT_PRESET
OK, DIFFERS, BAD_REQUEST, BAD_DATA, NOTEBOOK_FAILED, BUSY, INTERRUPTED = 0, 1, 2, 3, 4, 5, 130
CODES = {ParameterError: BAD_REQUEST, DataError: BAD_DATA, NotebookFailed: NOTEBOOK_FAILED, storage.Busy: BUSY}
HINTS = {
    28: "free some space, then give the same command again",
    13: "make the folder writable",
    30: "the file system is read-only",
    24: "allow more open files, such as by `ulimit -n 1024`",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return its exit code, as they are named above."""
    for name in {"SIGTERM", "SIGHUP"} & set(dir(signal)):  # asked to end, or the terminal closed: as by Ctrl-C
        if signal.getsignal(number := getattr(signal, name)) is not signal.SIG_IGN:  # as `nohup` has it
            signal.signal(number, signal.default_int_handler)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(
                errors="replace", line_buffering=True
            )  # a console without our signs shows a question mark
    parser = argparse.ArgumentParser("python -m helpers", description="Rerun the AI boom study with other parameters.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (_, text, words) in COMMANDS.items():
        command = commands.add_parser(name, help=text, description=text)
        for word, facts in words.items():
            command.add_argument(*word.split(), **facts)
    options, rest = parser.parse_known_args(arguments)
    if rest:
        parser.error(f"not understood: {' '.join(rest)}; name a preset by --preset NAME, a parameter by -p NAME=VALUE")
    try:
        return COMMANDS[options.command][0](options, project_root()) or OK
    except tuple(CODES) as error:
        head = "The data cannot be used:\n" if isinstance(error, DataError) else ""
        return _fail(f"{head}{error}", next(code for kind, code in CODES.items() if isinstance(error, kind)))
    except KeyboardInterrupt:
        _fail("Interrupted. What was finished is kept: the same command takes it up from there.", INTERRUPTED)
        sys.stderr.flush()
        # Threads still wait for their kernels; leaving at once ends these too, for a kernel watches its parent.
        os._exit(INTERRUPTED)
    except OSError as error:
        where = f": {Path(error.filename).name}" if error.filename else ""
        hint = HINTS.get(error.errno or 0, "Nothing was published").capitalize()
        return _fail(f"{error.strerror or error}{where}. {hint}. The last report is unchanged.", BAD_DATA)


def _fail(message: str, code: int) -> int:
    print(re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", "", message), file=sys.stderr)  # what a server said moves no cursor
    return code


def request_from(
    options: Namespace, root: Path, look: Callable[[parameters.Settings], None] = lambda data: None
) -> study.Request:
    """Turn a command line into a checked request; everything wrong is told at once, after a `look` at its source of prices."""
    problems: list[str] = []

    def tried(ask: Callable[..., Any], *words: Any) -> Any:
        try:
            return ask(*words)
        except ParameterError as error:
            problems.extend(error.problems)
            return {}

    pairs = [tried(parameters.parse_assignment, text) for text in options.parameter]
    typed, twice = parameters.named(filter(None, pairs))
    settings, wrong = parameters.judged(tried(parameters.load_preset, options.preset, root / "parameters") | typed)
    if "00_data" in settings:
        look(settings["00_data"])
    problems += [*twice, *wrong, *study.data_problems(settings, root, sorted(study.needed(options.only)), {})]
    saved = getattr(options, "save_preset", "")
    if saved and not study.NAME.fullmatch(saved):
        problems.append(f"--save-preset {saved!r}: {study.NAMES}")
    elif saved and (root / "parameters" / f"{saved}.yaml").exists():
        problems.append(f"--save-preset {saved}: parameters/{saved}.yaml is there already; choose another name")
    preset = saved or options.preset
    name = Path(preset).stem if preset.endswith((".yaml", ".yml")) else preset
    if typed and not saved:
        name += f"-{storage.fingerprint([typed])[:8]}"
    tried(study.check_name, options.name or name, root)
    if problems:
        raise ParameterError(*problems)
    return study.Request(options.name or name, settings, preset, getattr(options, "force", False), tuple(options.only))


def _run(options: Namespace, root: Path) -> None:
    request = request_from(options, root)
    if options.dry_run:
        for step, reason in study.plan(request, root).reasons.items():
            print(f"{step}: {f'would run ({reason})' if reason else 'unchanged'}")
        return
    if options.save_preset:
        changed = {name: one.values[name] for one in request.settings.values() for name in one.changed}
        kept = {"title": options.save_preset, "parameters": changed}
        storage.write_json(root / "parameters" / f"{options.save_preset}.yaml", kept)  # JSON is YAML
        print(f"kept as parameters/{options.save_preset}.yaml: --preset {options.save_preset} runs it again")
    folder = study.run(request, root, print, options.workers, not options.no_site)
    print(f"run: {folder.relative_to(root)}")
    for place in ("site/index.html", "slides/index.html", "slides/slides.pdf", "site/downloads/report.pdf"):
        if (folder / place).is_file():
            print(f"made: {(folder / place).relative_to(root)}")


def _check(options: Namespace, root: Path) -> None:
    def look(data: parameters.Settings) -> None:
        for line in described(data.data_source, data.exchange_calendar):
            print(line)

    for name in passport():
        load_table(name)
    request_from(options, root, look)
    print(f"{len(passport())} files pass every check; the parameters of {options.preset} make sense")


def _params(options: Namespace, root: Path) -> None:
    for notebook in [options.notebook] if options.notebook else parameters.MODELS:
        print(f"\n{notebook}")
        for row in [row for row in parameters.catalogue() if row["notebook"] == notebook]:
            kind = f"{row['type']}, {row['bounds']}" if row["bounds"] else row["type"]
            print(f"  {row['parameter']:<18} {row['meaning']}")
            print(f"{'':<20} {kind}; {row['unit']}; default: {row['default']}")


def _sweep(options: Namespace, root: Path) -> int:
    from study import sweep

    grid = sweep.read_sweep(options.grid)
    folder = sweep.run_sweep(grid, root, print, options.workers)
    failed = storage.read_json(folder / "manifest.json")["failed"]
    print(f"{len(grid.points) - failed} of {len(grid.points)} runs: {(folder / 'outcomes.csv').relative_to(root)}")
    published = study.folders(grid.asked.preset, root)[1]
    if (published / "site").is_dir():
        study.rebuild_pages(grid.asked.preset, root, print)
        print(f"page: {(published / 'site' / f'{folder.name}.html').relative_to(root)}")
    else:
        print(f"its page comes with the site of the run: `python -m helpers run --preset {grid.asked.preset}`")
    return NOTEBOOK_FAILED if failed else OK


def _compare(options: Namespace, root: Path) -> None:
    from study import compare

    place, differing, title = compare.publish(options.runs, root)
    print(differing.droplevel("notebook").to_string(max_colwidth=48, na_rep="", float_format="{:.4g}".format))
    print(
        f"{title}\npage: {place.relative_to(root) / 'index.html'}\nall key figures: {place.relative_to(root) / 'compare.csv'}"
    )


def _refresh(options: Namespace, root: Path) -> None:
    from study import live

    for name in ("start", "end"):
        if value := getattr(options, name):
            parameters.check_date(value)
    place = root / "data" / "snapshots"
    folder = live.refresh(place, options.source, options.series, options.start, options.end, print)
    print(f"use it with -p data_source=snapshot:{folder.name}, or bundled+snapshot:{folder.name}")


def _verify(options: Namespace, root: Path) -> int:
    from study import compare

    differences = compare.verify(options.run, root, print)
    print("\n".join(differences) or f"{options.run} repeats to the byte")
    return DIFFERS if differences else OK


def _slides(options: Namespace, root: Path) -> None:
    study.rebuild_pages(options.preset, root, print)


def _store(options: Namespace, root: Path) -> None:
    print(f"stored: {', '.join(study.store_outputs(*study.finished_run(DEFAULT, root), root))}")


def _clean(options: Namespace, root: Path) -> int:
    busy = []
    for folder in sorted((root / "data" / "processed").iterdir()):
        if storage.kind(folder):
            name = folder.name.removeprefix(".").removesuffix(".building").removesuffix(".old")
            try:
                with storage.lock(folder.with_name(name), f"the removal of {name}"):
                    shutil.rmtree(folder)
            except storage.Busy as error:
                busy.append(str(error))
        elif folder.is_dir():
            print(f"left as it is, for it holds no manifest of this study: {folder.name}")
    return _fail("\n".join(busy), BUSY) if busy else OK


def _some(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"give a whole number from 1 on, not {text}")
    return int(text)


STEPS = list(study.STEPS)
Options = dict[str, dict[str, Any]]
ASKED: Options = {
    "--preset": dict(help="a file of parameters/ without ending, or a path", default=DEFAULT),
    "-p --parameter": dict(help="set a parameter; may be repeated", default=[], metavar="NAME=VALUE", action="append"),
    "--name": dict(help="name of the run: its folder below data/processed"),
    "--only": dict(help="run this notebook only (with what it needs)", default=[], choices=STEPS, action="append"),
}
RUN: Options = ASKED | {
    "--save-preset": dict(help="keep the parameters as parameters/NAME.yaml, and run that", metavar="NAME"),
    "--force": dict(help="run every notebook, changed or not", action="store_true"),
    "--dry-run": dict(help="say what would run and why, run nothing", action="store_true"),
    "--workers": dict(help="notebooks side by side", type=_some),
    "--no-site": dict(help="leave the site and the slides as they are", action="store_true"),
}
SWEEP: Options = {
    "grid": dict(help="a YAML file, such as parameters/sweeps/event-windows.yaml", type=Path),
    "--workers": dict(help="local processes; by default one for each processor", type=_some),
}
REFRESH: Options = {
    "source": dict(help="where from", choices=["yahoo", "fred"]),
    "series": dict(help="by default all series of the AI era that the source has", nargs="*"),
    "--start": dict(help="first day, as 2022-10-03", default="2022-10-03"),
    "--end": dict(help="last day; by default today", default=""),
}
COMMANDS: dict[str, tuple[Callable[[Namespace, Path], int | None], str, Options]] = {
    "run": (_run, "run the notebooks that have to run, then build the site", RUN),
    "check": (_check, "check parameters and data, run nothing", ASKED),
    "params": (_params, "list every parameter with type, bounds, default, unit and meaning", {"notebook": dict(help="one notebook only", nargs="?", choices=STEPS)}),
    "sweep": (_sweep, "run a grid of parameters: one run each, one tidy outcome", SWEEP),
    "compare": (_compare, "set the key figures of finished runs side by side", {"runs": dict(help="two runs or more", nargs="+", metavar="RUN")}),
    "refresh": (_refresh, "fetch daily closes over the network into a dated snapshot", REFRESH),
    "verify": (_verify, "run a finished run again from its manifest and say what differs", {"run": dict(help="its name")}),
    "slides": (_slides, "build site and slides of a finished run again", {"--preset": dict(help="name of the run", default=DEFAULT)}),
    "store": (_store, "store the outputs of the default run in notebooks/", {}),
    "clean": (_clean, "remove the runs, sweeps and comparisons that nobody is building", {}),
}  # fmt: skip

if __name__ == "__main__":
    sys.exit(main())
