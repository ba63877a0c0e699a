"""The two shells are shells: each library has its one door, and loading the doors does nothing."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

CHECKOUT = Path(__file__).resolve().parents[2]
DOORS = {"dagster": "assets", "great_expectations": "expectations"}


def imported(path: Path) -> set[str]:
    """The top-level packages a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("library", DOORS)
def test_a_library_is_imported_only_in_its_shell(library: str) -> None:
    packages = ("wsd_pipeline", "assets", "expectations", "synthetic_data")
    using = {p.relative_to(CHECKOUT) for package in packages for p in (CHECKOUT / package).rglob("*.py")}
    using = {p for p in using if library in imported(CHECKOUT / p)}
    assert using and {p.parts[0] for p in using} == {DOORS[library]}


def test_only_the_shell_reads_the_environment() -> None:
    reading = []
    for path in sorted((CHECKOUT / "wsd_pipeline").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv"):
                reading.append(path.relative_to(CHECKOUT).as_posix())
    assert set(reading) <= {"wsd_pipeline/vault/airlock.py"}, "the airlock alone, to hand its child an emptied one"


def test_no_asset_module_postpones_annotations() -> None:
    for path in (CHECKOUT / "assets").glob("*.py"):
        assert "from __future__ import annotations" not in path.read_text(encoding="utf-8"), path.name


def test_the_location_loads_without_a_project_and_is_quiet(tmp_path: Path) -> None:
    code = "import assets.definitions, sys; sys.exit('great_expectations' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={"WSD_PROJECT": str(tmp_path / "none"), "PATH": "", "HOME": str(tmp_path)},
        cwd=CHECKOUT,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []


def test_the_settings_keep_nothing_and_tell_nobody() -> None:
    import yaml

    settings = yaml.safe_load((CHECKOUT / "assets" / "dagster.yaml").read_text(encoding="utf-8"))
    assert settings["telemetry"] == {"enabled": False} == settings["nux"]
    assert settings["compute_logs"]["class"] == "NoOpComputeLogManager"
    assert settings["concurrency"]["runs"]["max_concurrent_runs"] == 1
