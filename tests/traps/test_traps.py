"""Every trap has a test that exists and a mutation that applies; under its mutation, that test fails."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(__file__).parent
TRAPS = [trap for path in sorted(FOLDER.glob("*.yaml")) for trap in yaml.safe_load(path.read_text(encoding="utf-8"))]
NUMBER = re.compile(r"[2-9](\.\d+){1,3}")

each_trap = pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: str(trap["number"]))


@each_trap
def test_a_trap_says_what_it_is_and_where_it_is_tested(trap: dict) -> None:
    assert set(trap) == {"number", "words", "test", "mutation"} and trap["words"].strip()
    assert NUMBER.fullmatch(str(trap["number"])), "the section and its place in it, quoted"
    path, _, name = trap["test"].partition("::")
    name = name.split("::")[-1].split("[")[0]
    assert re.search(rf"^\s*def {name}\(", (ROOT / path).read_text(encoding="utf-8"), re.M), trap["test"]


@each_trap
def test_its_mutation_applies(trap: dict) -> None:
    mutation = trap["mutation"]
    text = (ROOT / mutation["file"]).read_text(encoding="utf-8")
    assert text.count(mutation["old"]) == 1, "the text to change is there once"
    assert mutation["old"] != mutation["new"]


def test_numbers_are_used_once() -> None:
    numbers = [str(trap["number"]) for trap in TRAPS]
    assert sorted(set(numbers)) == sorted(numbers)


@pytest.fixture(scope="session")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of the checkout to break."""
    root = tmp_path_factory.mktemp("mutants") / "checkout"
    skipped = shutil.ignore_patterns(".git", "data", "__pycache__", ".*_cache", "*.egg-info", ".venv")
    shutil.copytree(ROOT, root, ignore=skipped, symlinks=True)
    yield root
    shutil.rmtree(root)


def runs(copy: Path, test: str) -> int:
    """The exit code of one test in the copy: 0 passed, 1 failed, anything else did not run."""
    environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    quiet = ["-q", "-x", "-p", "no:cacheprovider", "-o", "addopts=--import-mode=importlib"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *quiet, test], cwd=copy, env=environment, capture_output=True, check=False
    ).returncode


@pytest.mark.exhaustive
@each_trap
def test_without_its_handling_the_test_fails(trap: dict, copy: Path) -> None:
    path = copy / trap["mutation"]["file"]
    whole = path.read_text(encoding="utf-8")
    assert runs(copy, trap["test"]) == 0, "it passes as things are"
    try:
        path.write_text(whole.replace(trap["mutation"]["old"], trap["mutation"]["new"]), encoding="utf-8")
        assert runs(copy, trap["test"]) == 1
    finally:
        path.write_text(whole, encoding="utf-8")
