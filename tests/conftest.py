"""Fixtures shared by the tests: one small borough, run once, that pipeline tests look at and must not change."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
PEOPLE, SEED = 2_000, 11
MONTHS = ("2026-01", "2026-02")
A_FEW = (
    "apc__episodes", "asc__events", "ecds__attendances", "education__pupils", "gp__conditions", "gp__registrations",
    "housing__tenancies", "llpg__addresses",
)  # fmt: skip
"""What a council may begin with: for tests that run a month many times over, and are not about the feeds."""


@dataclass(frozen=True)
class Ran:
    """What running `python -m assets.run` left: its exit code, what it printed, and the project."""

    project: object
    code: int
    output: str


def run_months(root: Path, month: str, through: str | None = None) -> tuple[int, str]:
    """Run the months as `wsd run` does, in a process of their own; exit code and everything printed."""
    import subprocess
    import sys

    command = [sys.executable, "-m", "wsd_pipeline.cli", "run", "--project", str(root), "--month", month]
    if through:
        command += ["--through", through]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=900)
    return done.returncode, done.stdout + done.stderr


def invent(
    root: Path, *, people: int = PEOPLE, months: tuple[str, ...] = MONTHS, seed: int = SEED, feeds: tuple[str, ...] = ()
):
    """A project of invented people with the extracts of these months in its inbox; of all feeds, or those named."""
    from synthetic_data import generate
    from wsd_pipeline.settings import Mode, Project

    project = Project(root=root, name="test", mode=Mode.SYNTHETIC, feeds=feeds)
    project.save()
    generate(project, people=people, months=months, seed=seed)
    return project


@pytest.fixture(scope="session")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """A borough of 2,000 people run for two months (two pipeline-months). Read it; do not change it."""
    project = invent(tmp_path_factory.mktemp("borough") / "data")
    code, output = run_months(project.root, MONTHS[0], MONTHS[-1])
    assert code == 0, output
    return Ran(project=project, code=code, output=output)
