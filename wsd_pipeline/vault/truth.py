"""Invented truth, for measuring linkage: who each source record really is, under the same pseudonyms, sealed.

Only a synthetic project has it. Nothing of the pipeline proper reads it; linkage reads it to score itself.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from wsd_pipeline.lake import content_key, file_sha256
from wsd_pipeline.settings import Mode, Project, write_text
from wsd_pipeline.sql import quoted
from wsd_pipeline.vault import sealed
from wsd_pipeline.vault.keys import Keys
from wsd_pipeline.vault.tokens import id_column

if TYPE_CHECKING:
    import duckdb

GROUPS = ("ethnicity_group", "imd_quintile", "age_years", "age_band", "sex")


def truth_path(project: Project, month: str) -> Path:
    """Where the month's sealed truth is: source, record_id, true_person and the groups linkage is measured by."""
    return project.linkage_room / "truth" / f"{month}.parquet"


def seal_truth(con: duckdb.DuckDBPyConnection, project: Project, keys: Keys, month: str) -> None:
    """Bring the month's truth under the records' pseudonyms; nothing where there is none or it is already done."""
    folder = project.inbox / "_truth" / month
    records, people = folder / "records.parquet", folder / "people.parquet"
    if project.mode is not Mode.SYNTHETIC or not records.is_file():
        return
    made_of = content_key(
        {p.name: file_sha256(p) for p in (records, people) if p.is_file()} | {"kcv": keys.check_value()}
    )
    target, note = truth_path(project, month), truth_path(project, month).with_suffix(".json")
    if target.is_file() and note.is_file() and json.loads(note.read_text(encoding="utf-8")) == made_of:
        return
    _make(con, records, people, keys)
    sealed.write(con.sql("select * from truth order by source, record_id").to_arrow_table(), target, keys, month)
    write_text(note, json.dumps(made_of) + "\n")


def _make(con: duckdb.DuckDBPyConnection, records: Path, people: Path, keys: Keys) -> None:
    import polars as pl

    frame = con.sql(f"select source, person_key, true_person from read_parquet('{quoted(records)}')").pl()
    parts = [
        part.with_columns(record_id=id_column(part["person_key"], keys.source(str(source), "record")))
        for (source,), part in sorted(frame.group_by("source"), key=lambda item: str(item[0][0]))
    ]
    con.register("true_records", pl.concat(parts).to_arrow())
    columns, join = "", ""
    if people.is_file():
        relation = f"read_parquet('{quoted(people)}')"
        there = [c[0] for c in con.sql(f"select * from {relation} limit 0").description]
        columns = "".join(f', p."{g}"' for g in GROUPS if g in there)
        join = f"left join {relation} p on p.true_person = r.true_person"
    con.execute(f"""create or replace temp table truth as
        select r.source, cast(r.record_id as uuid) as record_id, r.true_person{columns} from true_records r {join}""")
    con.unregister("true_records")
