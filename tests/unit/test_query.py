"""`wsd query`: SELECTs over marts are answered; everything else is refused twice, by the parser and by the session."""

from __future__ import annotations

import duckdb
import pytest

from wsd_pipeline.cli.query import check
from wsd_pipeline.messages import Stop
from wsd_pipeline.sql import connect, seal

MARTS = {"segment_summary"}
ALLOWED = [
    "select * from segment_summary",
    "select locality, sum(person_count) from mart.segment_summary where sex = 'all' group by locality order by 2 desc",
    "with a as (select locality, person_count from segment_summary) select count(*) from a",
    "select case when person_count is null then 'c' else cast(person_count as varchar) end from segment_summary",
    "select max(person_count) from segment_summary where locality in ('NE', 'NW') and age_band between '0' and '9'",
]

REFUSED = [
    "select * from read_parquet('data/lake/person/demographics/2026-01/x.parquet')",
    "select * from 'data/vault/x.parquet'",
    'select * from "data/vault/x.parquet"',
    "select * from person.demographics",
    "select * from pseudo.gp__registrations",
    "select * from information_schema.tables",
    "select * from duckdb_databases()",
    "select * from duckdb_settings()",
    "select * from glob('*')",
    "select read_text('/etc/passwd')",
    "select getenv('HOME')",
    "select current_setting('temp_directory')",
    "copy segment_summary to 'x.csv'",
    "attach 'x.db'",
    "install httpfs",
    "set threads = 1",
    "pragma database_list",
    "create table t as select 1",
    "drop view segment_summary",
    "insert into segment_summary values (1)",
    "export database 'x'",
    "select 1; select 2",
    "call pragma_version()",
    "explain select 1",
    "selec nonsense",
    "",
]

PROBES = [
    "select * from read_csv('/etc/passwd')",
    "select * from read_text('/etc/passwd')",
    "copy (select 1) to '{folder}/out.csv'",
    "attach '{folder}/x.db'",
    "install json",
    "load '{folder}/x.duckdb_extension'",
    "export database '{folder}/x'",
    "set enable_external_access = true",
    "reset lock_configuration",
    "set temp_directory = '{folder}'",
    "select * from glob('/etc/*')",
    "create secret s (type s3)",
    "select * from arrow_table",
]


@pytest.mark.parametrize("sql", ALLOWED)
def test_a_select_over_marts_is_allowed(sql):
    assert check(sql, MARTS).lower().startswith(("select", "with"))


@pytest.mark.parametrize("place", range(len(REFUSED)))
def test_anything_else_is_refused(place):
    with pytest.raises(Stop) as stop:
        check(REFUSED[place], MARTS)
    assert stop.value.code in ("WSD-606", "WSD-602")


def test_an_unknown_mart_gets_the_nearest():
    with pytest.raises(Stop) as stop:
        check("select * from segment_sumary", MARTS)
    assert "segment_summary" in stop.value.what


@pytest.mark.parametrize("place", range(len(PROBES)))
def test_the_sealed_session_blocks_what_the_parser_might_miss(tmp_path, place):
    import pyarrow as pa

    arrow_table = pa.table({"a": [1]})
    con = connect(tmp_path / "spill", threads=1, memory_limit="1GB")
    seal(con, [], tmp_path / "none")
    with pytest.raises(duckdb.Error):
        con.execute(PROBES[place].format(folder=tmp_path)).fetchall()
    assert arrow_table.num_rows == 1


@pytest.fixture
def release(tmp_path):
    """A release of one mart of 20,000 rows."""
    from wsd_pipeline.release.standing import Release

    (tmp_path / "marts").mkdir()
    path = tmp_path / "marts" / "segment_summary.parquet"
    duckdb.connect().execute(f"copy (select range as person_count from range(20000)) to '{path}' (format parquet)")
    return Release(name="2026-01.r1", folder=tmp_path, reused=True)


def test_a_query_that_takes_too_long_is_stopped(release, monkeypatch):
    import wsd_pipeline.cli.query as query

    monkeypatch.setattr(query, "SECONDS", 0.3)
    endless = "select count(*) from segment_summary a, segment_summary b, segment_summary c where a.person_count > 0"
    with pytest.raises(Stop) as stop:
        query.ask(release, endless)
    assert stop.value.code == "WSD-607"


def test_a_query_duckdb_cannot_answer_is_said_so_without_its_text(release):
    import wsd_pipeline.cli.query as query

    with pytest.raises(Stop) as stop:
        query.ask(release, "select sum(cast('zqx' as date)) from segment_summary")
    assert stop.value.code == "WSD-608" and "zqx" not in stop.value.text()


def test_an_unknown_column_gets_the_nearest_that_is_there(release):
    import wsd_pipeline.cli.query as query

    with pytest.raises(Stop) as stop:
        query.ask(release, "select sum(person_cuont) as people from segment_summary order by people")
    assert stop.value.code == "WSD-602" and "person_count" in stop.value.text()
    assert "wsd describe segment_summary" in stop.value.text()
