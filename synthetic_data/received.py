"""An inbox read back beside its truth, for judging what was invented: files typed by their contracts, in DuckDB.

For tests and `report` only. The pipeline proper has its own, stricter way of reading files, and never sees the truth.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from synthetic_data.write import contract, file_name
from wsd_pipeline.settings import Project, snapshot_date

if TYPE_CHECKING:
    import duckdb

FEEDS = (
    "gp__registrations",
    "gp__conditions",
    "apc__episodes",
    "asc__events",
    "ecds__attendances",
    "education__pupils",
    "housing__tenancies",
    "llpg__addresses",
    "area__context",
    "survey__results",
    "finance__lines",
    "population__projections",
    "outcomes__targets",
    "outcomes__comparators",
)
EVENTS = """
create view events as
select true_person, registered_date as day, 'registration' as kind from gp__registrations
union all select true_person, event_date, 'condition' from gp__conditions where cluster_id not like '%TRT_COD'
union all select true_person, admission_date, 'admission' from apc__episodes
union all select true_person, episode_end_date, 'episode end' from apc__episodes
union all select true_person, arrival_date, 'attendance' from ecds__attendances
union all select true_person, event_start_date, 'care' from asc__events
union all select true_person, event_end_date, 'care end' from asc__events
union all select true_person, tenancy_start_date, 'tenancy' from housing__tenancies
union all select true_person, ehcp_request_date, 'plan' from education__pupils
"""
SPELLS = """
create view spells as
select distinct true_person, spell_id, admission_date, discharge_date, discharge_method_code from apc__episodes
"""
_CASTS = {"SMALLINT": pl.Int64, "INTEGER": pl.Int64, "BIGINT": pl.Int64}


def feed(project: Project, month: str, table: str) -> pl.DataFrame:
    """A file as received, under the contract's column names; dates and whole numbers typed, all else text.

    Of a feed that does not come every month, the latest that has come.
    """
    made = contract(table)
    path = project.inbox / table / file_name(made, month)
    if made.cadence != "monthly":
        path = max(p for p in path.parent.glob(f"{table}_*.csv") if p.name <= path.name)
    rows = pl.read_csv(
        path,
        separator=made.file.delimiter,
        infer_schema=False,
        encoding=made.file.encodings[0].replace("cp1252", "windows-1252"),
    )
    rows = rows.rename({c.source_header: c.name for c in made.landed_columns})
    typed = []
    for column in made.landed_columns:
        if column.type == "DATE":
            typed.append(pl.col(column.name).str.to_date(made.file.date_formats[0], strict=False))
        elif column.type in _CASTS:
            typed.append(pl.col(column.name).cast(_CASTS[column.type], strict=False))
    parts = [pl.col(k).cast(pl.String) for k in made.person_key]
    key = pl.concat_str(parts, separator="|") if parts else pl.lit(None, pl.String)
    return rows.with_columns(typed).with_columns(person_key=key, source=pl.lit(made.source))


def truth(project: Project, month: str, name: str) -> pl.DataFrame:
    """`records`, `people` or `identities` of the truth folder."""
    return pl.read_parquet(truth_folder(project, month) / f"{name}.parquet")


def truth_folder(project: Project, month: str) -> Path:
    """Where a month's truth is kept."""
    return project.inbox / "_truth" / month


def open_month(project: Project, month: str) -> duckdb.DuckDBPyConnection:
    """A DuckDB session with `people` (truth, one row a person) and each feed's rows with their `true_person`."""
    import duckdb

    con = duckdb.connect(config={"threads": 2, "memory_limit": "3GB"})
    con.execute("set async_threads = 0; set preserve_insertion_order = false")
    frames = {name: truth(project, month, name) for name in ("records", "people", "identities")}
    frames |= {name: feed(project, month, name) for name in FEEDS}
    for name, frame in frames.items():
        con.register(f"{name}_frame", frame.to_arrow())
    con.execute("create table records as select * from records_frame")
    con.execute("create table people as select * from people_frame join identities_frame using (true_person)")
    for name in FEEDS:
        con.execute(
            f"create table {name} as select f.*, r.true_person from {name}_frame f"
            " left join records r on r.source = f.source and r.person_key = f.person_key"
        )
    con.execute(EVENTS)
    con.execute(SPELLS)
    con.execute(f"create macro snapshot() as date '{snapshot_date(month).isoformat()}'")
    return con
