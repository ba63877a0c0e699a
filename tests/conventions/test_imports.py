"""What a command may load before it answers: a second's wait is the budget of `wsd query`, and imports eat it."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("dagster", "great_expectations", "polars", "pyarrow", "recordlinkage", "pandas", "scipy", "numpy")
LOADED = {
    "wsd_pipeline.cli": (*HEAVY, "duckdb", "sqlglot", "wsd_pipeline.contracts.landed"),
    "wsd_pipeline.cli.query": (*HEAVY, "wsd_pipeline.contracts.landed", "wsd_pipeline.disclosure"),
    "wsd_pipeline.cli.show": HEAVY,
}


@pytest.mark.parametrize("module", sorted(LOADED))
def test_a_command_loads_nothing_that_it_does_not_need(module):
    text = f"import sys, {module}; print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True).stdout.split()
    assert module in found
    assert [name for name in LOADED[module] if name in found] == []
