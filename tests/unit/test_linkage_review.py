"""Pairs for a person to look at: one row a pair, whichever end was scored first."""

from __future__ import annotations

import duckdb
import pytest

from wsd_pipeline.linkage.review import write_review

TABLES = """
create table numbered (rec integer, source varchar, record_id varchar);
create table out_spine (rec integer, source varchar, record_id varchar, person_id varchar, is_current boolean);
insert into out_spine values (1, 'gp', 'one', 'p', true), (2, 'gp', 'two', 'q', true);
create table label (rec integer, cluster integer);
insert into label values (1, 1), (2, 2);
create table decided_pair (rec_a integer, rec_b integer);
create table closed_clusters (a integer, b integer);
create table left_rec (rec integer);
create table review_before (source_a varchar, record_id_a varchar, source_b varchar, record_id_b varchar,
    month varchar, reason varchar, match_weight double, match_share double, margin_share double);
create table scored (rec_a integer, rec_b integer, is_accepted boolean, match_weight double, match_share double,
    margin_share double);
"""


@pytest.mark.parametrize("margins", [(0.25, 0.75), (0.75, 0.25)])
def test_a_pair_scored_from_both_ends_is_shown_once_and_the_same_way(margins: tuple[float, float]) -> None:
    con = duckdb.connect()
    con.execute(TABLES)
    for (a, b), margin in zip(((1, 2), (2, 1)), margins, strict=True):
        con.execute("insert into scored values (?, ?, false, 9.5, 0.6, ?)", [a, b, margin])
    write_review(con, "2026-02")
    asked = con.execute("select record_id_a, record_id_b, month, reason, margin_share from out_review").fetchall()
    assert asked == [("one", "two", "2026-02", "unsure", 0.75)]
