"""Folders that are whole or absent: checksums, locks and publication by rename."""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import shutil
import socket
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from helpers.parameters import ParameterError
from helpers.storage import write

# what a manifest holds -> what its folder is
KINDS = {"keys": "run", "sweep": "sweep", "asked": "snapshot", "compared": "comparison"}


class Busy(RuntimeError):
    """Another process holds the run; the message names it."""


def checksum(path: Path) -> str:
    """Return the sha256 of a file, 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fingerprint(parts: Iterable[Any]) -> str:
    """Return one checksum of many things: files by name and content, all else by its JSON."""
    whole = hashlib.sha256()
    for part in parts:
        file = f"{part.name}:{checksum(part)}" if isinstance(part, Path) else ""
        whole.update((file or json.dumps(part, sort_keys=True, default=str)).encode() + b"\n")
    return whole.hexdigest()


def checksums(folder: Path, leave_out: Iterable[str] = ()) -> dict[str, str]:
    """Return relative path -> sha256 of every file below a folder, sorted."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name not in leave_out)
    return {path.relative_to(folder).as_posix(): checksum(path) for path in files}


def write_json(path: Path, content: Any) -> None:
    """Write JSON whole or not at all."""
    write(path, (json.dumps(content, indent=1, ensure_ascii=False, default=str) + "\n").encode())


def read_json(path: Path) -> dict[str, Any]:
    """Return the content of a JSON file, or an empty mapping where it is missing or cut off."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def kind(folder: Path) -> str:
    """Return what a folder is by its manifest: a run, a sweep, a snapshot, a comparison, or nothing of ours."""
    content = read_json(folder / "manifest.json")
    return next((what for mark, what in KINDS.items() if mark in content), "")


def check_free(place: Path, what: str) -> None:
    """Refuse a place that holds something else than a folder of ours of the same kind, or that some systems take for another's."""
    there = kind(place)
    if (place.exists() or place.is_symlink()) and there != what:
        held = f"a {there}" if there else f"not a {what} of this study: it has no manifest that can be read"
        raise ParameterError(f"{place.name} in {place.parent.name}/ is {held}; choose another name, or move it away")
    for other in place.parent.iterdir() if place.parent.is_dir() else ():
        if other.name != place.name and other.name.casefold() == place.name.casefold():
            raise ParameterError(
                f"{place.name} differs from {other.name} by capitals only, which some systems take for one"
            )


def now() -> str:
    """Return the time, with its zone, as manifests have it."""
    return time.strftime("%Y-%m-%d %H:%M:%S%z")


@contextmanager
def built(place: Path, what: str, about: Mapping[str, Any]) -> Iterator[Path]:
    """Give the folder in which a run, a sweep or a comparison is built, kept from others, and publish it at the end.

    What an interruption left in it is gone on with; one that is removed meanwhile is not published.
    """
    building = place.with_name(f".{place.name}.building")
    with lock(place, f"{what} {place.name.removeprefix('sweep-')}"):
        recover(place)
        for folder in (place, building):
            check_free(folder, what)
        building.mkdir(parents=True, exist_ok=True)
        write_json(building / "manifest.json", about)
        yield building
        if building.is_dir():
            publish(building, place)


def take_over(step: Path, folder: Path) -> None:
    """Copy a finished step into the folder of a run: no link, for two runs share no file that a person may edit."""
    if step.parent != folder:
        shutil.rmtree(folder / step.name, ignore_errors=True)
        shutil.copytree(step, folder / step.name)


def intact(step: Path) -> bool:
    """Say whether a folder holds a finished step with the files that it made, byte for byte."""
    return read_json(step / "step.json").get("outputs") == checksums(step, leave_out=["step.json"])


def of_key(steps: Iterable[Path], key: str) -> list[Path]:
    """Return those of some finished steps that were made from the same."""
    return [step for step in steps if read_json(step / "step.json").get("key") == key]


def failed(building: Path, name: str) -> Path:
    """Name the file beside a run in which what stopped it is kept for reading."""
    return building.with_name(f"failed-{building.name.strip('.').removesuffix('.building')}-{name}")


@contextmanager
def lock(place: Path, purpose: str) -> Iterator[None]:
    """Hold the lock of a folder while `purpose` is done, or say which living process does; it ends with its process."""
    place.parent.mkdir(parents=True, exist_ok=True)
    # The owner's note lies beside the lock: Windows lets nobody read a locked file.
    own, note = FileLock(place.with_name(f".{place.name}.lock")), place.with_name(f".{place.name}.owner")
    try:
        own.acquire(timeout=0)
    except Timeout as error:
        owner = {"purpose": "this run", "pid": "?", "host": "?", "since": "?"} | read_json(note)
        said = "{purpose} is being built by process {pid} on {host} since {since}".format_map(owner)
        raise Busy(f"{said}: wait for it or stop it (a run may also have another --name)") from error
    try:
        since = time.strftime("%Y-%m-%d %H:%M:%S")
        write_json(note, {"purpose": purpose, "pid": os.getpid(), "host": socket.gethostname(), "since": since})
        yield
    finally:
        note.unlink(missing_ok=True)
        own.release()


def publish(new: Path, place: Path) -> None:
    """Put a finished folder in its place so that a reader finds the old one or the new one, never half of either."""
    if not place.exists():
        new.rename(place)
    elif _exchange(new, place):
        shutil.rmtree(new)
    else:  # where folders cannot be exchanged in one step, `recover` mends what dies between two renames
        recover(place)
        place.rename(place.with_name(f".{place.name}.old"))
        new.rename(place)
        recover(place)


def recover(place: Path) -> None:
    """Bring back the folder that an interrupted `publish` had moved aside, or remove it where the new one stands."""
    aside = place.with_name(f".{place.name}.old")
    if aside.is_dir() and place.exists():
        shutil.rmtree(aside)
    elif aside.is_dir():
        aside.rename(place)


def _exchange(one: Path, other: Path) -> bool:
    here, swap = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError, TypeError):  # another system, an older C library, Windows
        return False
    return renameat2(here, os.fsencode(one), here, os.fsencode(other), swap) == 0
