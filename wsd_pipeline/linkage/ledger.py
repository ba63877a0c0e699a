"""The identity ledger: events of a month in a chain of hashes, so that none can be changed, dropped or slipped in.

An event's hash is SHA-256 of the hash before it and SHA-256 of the event's own text. The first event of a month
follows the last of the month before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    Connection = duckdb.DuckDBPyConnection

GENESIS = "0" * 64
_TEXT = (
    "concat_ws('|', event_number, month, event, person_id::varchar, coalesce(other_person_id::varchar, ''),"
    " coalesce(step, ''), record_count, source_count)"
)
_ORDER = ("born", "split", "absorbed", "moved", "ended", "withdrawn", "returned")


def write_ledger(con: Connection, month: str, head: str) -> str:
    """Make `out_ledger` from `happened`, chained after `head`; the new head (the same where nothing happened)."""
    import pyarrow as pa

    con.execute(
        f"""
        create table told as
        select
            row_number() over (
                order by list_position({list(_ORDER)}, event), person_id, other_person_id
            ) as event_number,
            $month as month, event, person_id, other_person_id, step, records as record_count, sources as source_count
        from happened
        """,
        {"month": month},
    )
    digests = con.sql(f"select unhex(sha256({_TEXT})) as digest from told order by event_number").to_arrow_table()
    hashes = _chain(digests["digest"].to_pylist(), head)
    links = pa.table({"event_number": pa.array(range(1, len(hashes)), pa.int64()), "a": hashes[:-1], "b": hashes[1:]})
    con.register("link_rows", links)
    con.execute(
        """
        create table out_ledger as
        select told.*, link_rows.a as previous_hash, link_rows.b as event_hash
        from told join link_rows using (event_number)
        """
    )
    con.unregister("link_rows")
    return hashes[-1]


def _chain(digests: Iterable[bytes], head: str) -> list[str]:
    """The head and then the hash after each event. A chain is a loop by its nature: 2 million a second."""
    out = [head]
    for digest in digests:
        out.append(hashlib.sha256(bytes.fromhex(out[-1]) + digest).hexdigest())
    return out


def verify(con: Connection, ledgers: Iterable[pa.Table], head: str = GENESIS) -> str | None:
    """The last hash of the months' ledgers, in order, where the whole chain holds from `head`; otherwise None."""
    for ledger in ledgers:
        con.register("ledger_rows", ledger)
        rows = con.sql(
            f"select unhex(sha256({_TEXT})) as digest, event_hash, previous_hash, event_number"
            " from ledger_rows order by event_number"
        ).to_arrow_table()
        con.unregister("ledger_rows")
        hashes = _chain(rows["digest"].to_pylist(), head)
        numbers = list(range(1, len(hashes)))
        if (
            hashes[1:] != rows["event_hash"].to_pylist()
            or hashes[:-1] != rows["previous_hash"].to_pylist()
            or numbers != rows["event_number"].to_pylist()
        ):
            return None
        head = hashes[-1]
    return head
