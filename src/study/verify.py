"""Run a published run again from its manifest and say what differs."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from helpers import parameters
from helpers.parameters import ParameterError
from study import run as study
from study import storage


def verify(name: str, root: Path, say: Callable[[str], None]) -> list[str]:
    """Repeat a published run from its own manifest and compare every file that it made.

    Parameters
    ----------
    name : str
        A run below ``data/processed``.
    root : Path
        The repository's folder.
    say : callable
        Told one line of progress at a time.

    Returns
    -------
    list of str
        One line for each input or output that differs; empty when the run repeats to the byte.

    Raises
    ------
    ParameterError
        Where there is no such run.
    study.NotebookFailed
        Where the run no longer works.
    """
    published = root / "data" / "processed" / name
    manifest = storage.read_json(published / "manifest.json")
    if not manifest:
        there = sorted(path.parent.name for path in published.parent.glob("*/manifest.json"))
        raise ParameterError(f"there is no finished run {name!r}; there are: {', '.join(there) or 'none'}")
    settings = {step: parameters.check(step, values) for step, values in manifest["parameters"].items()}
    differences = [
        f"input {file}: {'changed' if file in manifest['inputs'] else 'new'} since the run"
        for file, found in study.inputs(root).items()
        if manifest["inputs"].get(file) != found
    ]
    differences += [
        f"package {package}: {manifest['packages'].get(package)} then, {found} now"
        for package, found in study.packages().items()
        if manifest["packages"].get(package) != found
    ]
    steps = tuple(manifest["outputs"])
    repeated = study.run(
        study.Request(
            f"{name}.verify",
            settings,
            manifest["preset"],
            force=True,
            only=steps if len(steps) < len(study.STEPS) else (),
        ),
        root,
        say,
        pages=False,
    )
    try:
        for step, then in manifest["outputs"].items():
            made: dict[str, str] = then
            again: dict[str, str] = storage.read_json(repeated / step / "step.json").get("outputs", {})
            changed = [file for file in sorted({*made, *again}) if made.get(file) != again.get(file)]
            differences += [
                f"{step}/{file}: {'differs' if file in made and file in again else 'missing' if file in made else 'new'}"
                for file in changed
            ]
            now = storage.checksums(published / step, leave_out=["step.json"])
            differences += [
                f"{step}/{file}: was changed after the run" for file, found in made.items() if now.get(file) != found
            ]
    finally:
        shutil.rmtree(repeated, ignore_errors=True)
    return differences
