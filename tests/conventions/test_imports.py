"""What a command may load before it answers: a second's wait is the budget of `wsd query`, and imports eat it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.conftest import CHECKOUT

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


FIRST = """
import importlib, os, sys
failed = []
for module in sys.argv[1:]:
    child = os.fork()
    if not child:
        os.close(2)
        try:
            importlib.import_module(module)
        except BaseException:
            os._exit(1)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        failed.append(module)
print(*failed)
"""


@pytest.mark.slow
def test_every_module_can_be_the_first_that_is_loaded():
    """The vault is a process of its own, and loads in another order than the rest: no module may wait for that."""
    rooms = [p.relative_to(CHECKOUT) for p in (CHECKOUT / "wsd_pipeline").rglob("*.py") if p.stem != "__main__"]
    modules = sorted(".".join(p.with_suffix("").parts).removesuffix(".__init__") for p in rooms)
    assert len(modules) > 200
    asked = [sys.executable, "-c", FIRST, *modules]
    assert subprocess.run(asked, capture_output=True, text=True, check=True, cwd=CHECKOUT).stdout.split() == []
