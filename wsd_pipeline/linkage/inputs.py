"""What a month of a project is linked from: its sealed tokens, what last month left, and where each of them lies."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wsd_pipeline.contracts.core import Table
from wsd_pipeline.contracts.linked import EDGES, REVIEW, SPINE
from wsd_pipeline.contracts.tokens import CLOSED_RECORDS, CLOSURES, IDENTITIES, NAMES, OPTED_OUT
from wsd_pipeline.lake import Pointer, file_sha256
from wsd_pipeline.linkage import core, ledger
from wsd_pipeline.messages import Stop
from wsd_pipeline.settings import Project

if TYPE_CHECKING:
    import pyarrow as pa

    from wsd_pipeline.vault.keys import Keys

DECISION_COLUMNS = {
    "decision_number": "BIGINT",
    "decision": "VARCHAR",
    "source_a": "VARCHAR",
    "record_id_a": "UUID",
    "source_b": "VARCHAR",
    "record_id_b": "UUID",
}


def read_inputs(project: Project, month: str, keys: Keys, tokens: Pointer, previous: Pointer | None) -> core.Inputs:
    """Everything the month is linked from, read two files at a time: one alone does not keep two cores busy.

    Stops with WSD-200 where what last month left is gone.
    """
    from wsd_pipeline.vault import sealed

    room, lake = project.linkage_room, project.lake
    truth = truth_path(project, month)
    with ThreadPoolExecutor(2) as readers:
        identities = readers.submit(sealed.read, room / tokens.files[IDENTITIES.key], keys, month)
        begun: dict[str, Future[Any]] = {}
        if previous is not None:
            basis = _basis_of(project, previous)
            begun["known"] = readers.submit(_known, project, previous, keys, identities)
            for table in (SPINE, EDGES, REVIEW):
                begun[table.name] = readers.submit(read_linked, table, lake / previous.files[table.key])
            for name, path in (("closed", gone_path(basis, CLOSED_RECORDS)), ("taken_before", taken_path(basis))):
                begun[name] = readers.submit(sealed.read, path, keys, previous.month)
        begun["names"] = readers.submit(_names, project, tokens, previous, keys)
        begun["closures"] = readers.submit(_closures, project, tokens, previous, keys)
        begun["opted_out"] = readers.submit(sealed.read, room / tokens.files[OPTED_OUT.key], keys, month)
        if truth.is_file():
            begun["truth"] = readers.submit(sealed.read, truth, keys, month)
        read = {name: each.result() for name, each in begun.items()}
    head = str(previous.facts.get("ledger_head", ledger.GENESIS)) if previous else ledger.GENESIS
    return core.Inputs(identities=identities.result(), decisions=_decisions(project), ledger_head=head, **read)


def read_linked(table: Table, path: Path) -> pa.Table:
    """A `linked` table as Arrow, its words as codes: they are few, and records many. What it did not say is null."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    words = [c.name for c in table.columns if c.type == "VARCHAR"]
    rows = pq.read_table(path, read_dictionary=words)
    for column in table.columns:
        if column.name not in rows.column_names:
            rows = rows.append_column(column.name, pa.nulls(len(rows)))
    return rows.select([c.name for c in table.columns])


def _known(project: Project, previous: Pointer, keys: Keys, identities: Future[pa.Table]) -> pa.Table:
    """Tokens last known of records of last month's spine, as far as they are not among this month's."""
    import pyarrow as pa

    current, gone = _kept(project, previous, keys, IDENTITIES)
    return changed(pa.concat_tables([current, gone.cast(current.schema)]), identities.result())


def changed(rows: pa.Table, identities: pa.Table) -> pa.Table:
    """The rows that are not, as they stand, among `identities`: told by a hash of key and token, so almost all."""
    import polars as pl

    def marks(table: pa.Table) -> pl.Series:
        keys = pl.DataFrame(table.select(["source", "record_id", "identity_token"]))
        return keys.select(pl.struct(pl.all()).hash(seed=1))["source"] if len(keys) else pl.Series([], dtype=pl.UInt64)

    return rows.filter((~marks(rows).is_in(marks(identities).implode())).to_arrow())


def _names(project: Project, tokens: Pointer, previous: Pointer | None, keys: Keys) -> pa.Table:
    """What the names of this month's records and of last month's spine look like; each name once."""
    import polars as pl

    from wsd_pipeline.vault import sealed

    tables = [sealed.read(project.linkage_room / tokens.files[NAMES.key], keys, tokens.month)]
    if previous is not None:
        tables += _kept(project, previous, keys, NAMES)
    frames = [pl.DataFrame(table) for table in tables]
    return pl.concat(frames).unique("name_token", keep="first", maintain_order=True).to_arrow()


def _closures(project: Project, tokens: Pointer, previous: Pointer | None, keys: Keys) -> pa.Table:
    """Closed numbers of this month's list and of every list before: what was once closed stays so."""
    import pyarrow as pa

    from wsd_pipeline.vault import sealed

    now = sealed.read(project.linkage_room / tokens.files[CLOSURES.key], keys, tokens.month)
    if previous is None:
        return now
    before = sealed.read(gone_path(_basis_of(project, previous), CLOSURES), keys, previous.month)
    return pa.concat_tables([now, before.cast(now.schema)])


def _kept(project: Project, previous: Pointer, keys: Keys, table: Table) -> list[pa.Table]:
    """The table's rows that last month was linked from: those of its tokens, and those of records gone before."""
    from wsd_pipeline.vault import sealed

    basis = _basis_of(project, previous)
    files = json.loads(basis.read_text(encoding="utf-8"))
    paths = (project.linkage_room / files[table.key], gone_path(basis, table))
    return [sealed.read(path, keys, previous.month) for path in paths]


def gone_path(basis: Path, table: Table) -> Path:
    """The sealed file of the table's rows that a month keeps for the next, beside its `basis_path`."""
    return basis.with_suffix(f".{table.name}.parquet")


def taken_path(basis: Path) -> Path:
    """The sealed file of a month's records of people taken out."""
    return basis.with_suffix(".taken_out.parquet")


def _basis_of(project: Project, previous: Pointer) -> Path:
    """What last month was linked from. Stops with WSD-200 where it is gone."""
    path = basis_path(project, previous.month, previous.key)
    if not path.is_file():
        raise Stop("WSD-200", month=previous.month, previous=previous.month)
    return path


def basis_path(project: Project, month: str, key: str) -> Path:
    """Where it is noted which files a month was linked from; written last, so that it is there where all is."""
    return project.linkage_room / "linked" / f"{month}.{key}.json"


def truth_path(project: Project, month: str) -> Path:
    """The sealed file of whose each invented record is."""
    return project.linkage_room / "truth" / f"{month}.parquet"


def decisions_path(project: Project) -> Path:
    """A person's decisions over pairs of records, where there are any."""
    return project.linkage_room / "decisions.csv"


def hash_of(path: Path) -> str:
    """SHA-256 of a file; of nothing where there is none."""
    return file_sha256(path) if path.is_file() else hashlib.sha256(b"").hexdigest()


def _decisions(project: Project) -> pa.Table | None:
    import pyarrow as pa
    from pyarrow import csv

    path = decisions_path(project)
    if not path.is_file():
        return None
    types = {name: pa.int64() if kind == "BIGINT" else pa.string() for name, kind in DECISION_COLUMNS.items()}
    return csv.read_csv(path, convert_options=csv.ConvertOptions(column_types=types, include_columns=list(types)))
