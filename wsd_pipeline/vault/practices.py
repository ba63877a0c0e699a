"""Practice codes as they count: the successor of a practice that closed, and no code that is no practice.

The default codes (V81997 none, V81998 not applicable, V81999 not known) are null already (`normalise.practice_of`).
A table of the session, `practice_standing` (code, standing): of every code that is not simply itself at the snapshot.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsd_pipeline.lake import file_sha256
from wsd_pipeline.settings import snapshot_date
from wsd_pipeline.sql import quoted, reference_path

if TYPE_CHECKING:
    import duckdb

SUCCESSORS, OTHERS = "reference.practice_successors", "reference.other_prescribers"


def load(con: duckdb.DuckDBPyConnection, month: str) -> None:
    """Make the table above. Successors are followed to the one that stands; a list that was dispersed has none."""
    successors, others = (
        f"read_csv('{quoted(reference_path(key))}', header = true, all_varchar = true)" for key in (SUCCESSORS, OTHERS)
    )
    con.execute(
        f"""create or replace temp table practice_standing as
        with recursive closed as (
            select practice_code as code, successor_code as successor from {successors}
            where cast(closed_date as date) < $snapshot
        ),
        followed as (
            select code, successor, 1 as steps from closed
            union all
            select f.code, c.successor, f.steps + 1 from followed f join closed c on c.code = f.successor
            where f.steps < 20
        )
        select code, arg_max(successor, steps) filter (successor not in (select code from closed)) as standing
        from followed group by code
        union all
        select prescriber_code, null from {others}""",
        {"snapshot": snapshot_date(month)},
    )


def settle(con: duckdb.DuckDBPyConnection) -> None:
    """Bring the practices of `people` to those that stand."""
    con.execute("update people set practice = s.standing from practice_standing s where s.code = people.practice")


def fingerprint() -> list[str]:
    """Hashes of the files it is made of."""
    return [file_sha256(reference_path(key)) for key in (SUCCESSORS, OTHERS)]
