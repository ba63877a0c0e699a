"""What the SELECT of a mart cannot do itself: sharing money out to the penny, fitting a model, projecting.

A step runs in the sealed session that made the rows `made`, before they are protected, and puts other rows in their
place: what it is given, exact or person by person, is never written. It has no other input, no clock and no chance;
its own text is part of the content key of what it makes.

    allocation.py   finance lines over segments, to the penny
    drivers.py      how much of the variance in cost each group of attributes explains
    projecting.py   this month's rates on the residents a projection expects
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb

STEPS: Mapping[str, str] = {
    "mart.cost_by_segment": "allocation",
    "mart.cost_drivers": "drivers",
    "mart.projection": "projecting",
}
"""By the table it makes, the module of a step: its `step(rows)` makes an Arrow table of one."""


def run_step(con: duckdb.DuckDBPyConnection, key: str) -> None:
    """Put what the step of a table makes in the place of the relation `made`; nothing where it has none."""
    if key not in STEPS:
        return
    module: Any = importlib.import_module(f"{__name__}.{STEPS[key]}")
    rows = module.step(con.sql(f"select * from made order by {', '.join(module.ORDER)}").to_arrow_table())
    con.register("stepped", rows)
    con.execute("drop table made")
    con.execute("create temp table made as select * from stepped")
    con.unregister("stepped")


@lru_cache(maxsize=8)
def step_version(key: str) -> str | None:
    """A hash of the text of a table's step, and of what every step shares; None where it has none."""
    from wsd_pipeline.lake import content_key, file_sha256

    if key not in STEPS:
        return None
    home = Path(__file__).parent
    return content_key({name: file_sha256(home / f"{name}.py") for name in ("__init__", STEPS[key])})
