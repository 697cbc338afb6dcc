"""What the environment files promise is what the project needs, and nothing names a registry or a machine."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

CONDA_NAMES = {"arch": "arch-py", "matplotlib": "matplotlib-base", "playwright": "playwright-python"}


def split(requirement: str) -> tuple[str, str]:
    name, limits = re.fullmatch(r"([A-Za-z0-9_.-]+)(.*)", requirement.replace(" ", "")).groups()
    return name.lower(), limits


@pytest.fixture(scope="module")
def project(root: Path) -> dict:
    return tomllib.loads((root / "pyproject.toml").read_text())["project"]


def test_environment_yml_holds_the_same_packages_with_the_same_limits(project: dict, root: Path) -> None:
    conda = yaml.safe_load((root / "environment.yml").read_text())["dependencies"]
    by_pip = next(item["pip"] for item in conda if isinstance(item, dict))
    listed = dict(split(item) for item in [*conda, *by_pip] if isinstance(item, str) and not item.startswith("-e"))
    python = listed.pop("python")
    listed.pop("pip")
    wanted = [
        *project["dependencies"],
        *(item for extra, items in project["optional-dependencies"].items() for item in items if extra != "peers"),
    ]
    needed = {CONDA_NAMES.get(name, name): limits for name, limits in map(split, wanted)}
    assert listed == needed
    assert python == project["requires-python"]


def test_the_lock_holds_every_package_with_hashes_and_no_address(project: dict, root: Path) -> None:
    lock = (root / "requirements.lock").read_text()
    assert "://" not in lock
    locked = set(re.findall(r"^([a-z0-9_.-]+)==", lock, re.M))
    wanted = [
        *project["dependencies"],
        *(item for extra, items in project["optional-dependencies"].items() for item in items if extra != "peers"),
    ]
    assert {split(item)[0] for item in wanted} <= locked
    assert len(re.findall("--hash=sha256:", lock)) >= len(locked)


def test_the_readme_gives_every_dependency_its_line(project: dict, root: Path) -> None:
    table = (root / "README.md").read_text().split("## Dependencies")[1].split("##")[0]
    wanted = [
        *project["dependencies"],
        *(item for extra, items in project["optional-dependencies"].items() for item in items if extra != "peers"),
    ]
    assert [name for name, _ in map(split, wanted) if not re.search(rf"\b{re.escape(name)}\b", table)] == []


def test_no_tracked_text_names_a_registry_or_a_machine(root: Path) -> None:
    answer = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=False)
    if answer.returncode:
        pytest.skip("not a git checkout")
    wrong = re.compile(r"py" r"pi\.org|python" r"hosted|npm" r"js\.(org|com)|/root" r"/|/work" r"/main|/tmp/" r"bash")
    hits = []
    for name in filter(None, answer.stdout.split("\0")):
        path = root / name
        if path.suffix not in (".png", ".svg") and path.is_file():
            hits += [
                f"{name}: {found.group()}"
                for found in wrong.finditer(path.read_text(encoding="utf-8", errors="ignore"))
            ]
    assert hits == []


def test_the_passport_agrees_with_the_files(root: Path) -> None:
    import sys

    answer = subprocess.run(
        [sys.executable, "data/passport.py", "--check"], cwd=root, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stdout
