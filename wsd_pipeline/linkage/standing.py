"""Month to month: what stands, what is open to decision, and which NHS numbers may be used.

A record unchanged since last month keeps its person. New and changed records are open. A record whose NHS
number became another, that no longer resembles itself (a claim's second member is the daughter now, since the son
left), or that a human decision takes out of its person is set apart; the records it leaves behind stay together as
far as other accepted pairs hold them.

Tells of each `rec` its `cluster` and whether it `is_open`, and makes in the session `label` (a view: rec → cluster),
`open_record`, and for the people that something was taken out of, `touched_record` and the pairs that still hold among
them, `standing_edge`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wsd_pipeline.linkage import closures
from wsd_pipeline.linkage.clusters import components, register_codes
from wsd_pipeline.linkage.rules import AGREEMENTS

if TYPE_CHECKING:
    import duckdb

    Connection = duckdb.DuckDBPyConnection

# The forename is unknown to what the record said before, and so is the date of birth; a family keeps its surname.
# Where no two dates can be compared, or they are one slip apart, no name at all may be left.
_SOMEBODY_ELSE = f"""
coalesce(
    not list_contains(l.name_tokens, r.forename) and not list_contains(r.name_tokens, l.forename)
        and l.forename_phonetic is distinct from r.forename_phonetic
        and l.birth_date is distinct from r.birth_date
        and ((l.birth_date != r.birth_date and not {AGREEMENTS["two_date_parts"]})
            or not list_has_any(l.name_tokens, r.name_tokens)),
    false)
"""

_SET_APART = f"""
create table set_apart as
with changed as (
    select r.rec, s.person_before, r.nhs, l.nhs as nhs_before, {_SOMEBODY_ELSE} as is_somebody_else
    from rec as r join state as s using (rec) join before as l using (rec)
    where s.is_changed
),
contradicted as (
    select person_before
    from rec join state using (rec)
    where person_before in (select person_before from changed)
    group by person_before
    having count(distinct nhs) > 1
)
select rec, person_before, bool_or(is_somebody_else) as is_somebody_else
from (
    select rec, person_before, is_somebody_else from changed
    where nhs != nhs_before or is_somebody_else
        or (nhs is not null and person_before in (select person_before from contradicted))
    union all
    select d.rec_b, b.person_before, false
    from decided_pair as d join state as a on a.rec = d.rec_a join state as b on b.rec = d.rec_b
    where d.decision = 'not_same' and a.person_before = b.person_before
)
group by rec, person_before
"""

# A number is borrowed when nobody else who uses it bears the record's forename, and at the same address lives
# somebody born the same day, with a number of their own, who does: a twin's number, written on the wrong twin.
_BORROWED = """
with named as (
    select rec, nhs, birth_date, postcode, uprn, forename, name_tokens
    from rec where nhs is not null and birth_date is not null and forename is not null
),
suspect as (
    select rec, nhs, birth_date, forename, name_tokens from named
    semi join (
        select birth_date, forename, postcode from named
        where postcode is not null group by all having min(nhs) != max(nhs)
    ) using (birth_date, forename, postcode)
    where rec in (from open_record)
    union
    select rec, nhs, birth_date, forename, name_tokens from named
    semi join (
        select birth_date, forename, uprn from named where uprn is not null group by all having min(nhs) != max(nhs)
    ) using (birth_date, forename, uprn)
    where rec in (from open_record)
)
select s.rec
from suspect as s join named as own on own.nhs = s.nhs and own.birth_date = s.birth_date and own.rec != s.rec
group by s.rec
having not bool_or(list_contains(own.name_tokens, s.forename) or list_contains(s.name_tokens, own.forename))
"""


def set_up(con: Connection) -> None:
    """Make the tables above from those of `records.prepare` and the input `edges_before`."""
    _join_numbers(con)
    con.execute(
        """
        update rec set nhs = null, has_nhs_conflict = true, is_excluded = b.step in ('local', 'one_time')
        from stood as b join state as s using (rec)
        where b.rec = rec.rec and b.has_nhs_conflict and not s.is_changed
        """
    )
    con.execute(_SET_APART)
    closures.part_people(con)
    _label(con)
    closures.begin_anew(con)
    borrowed = con.execute(_BORROWED).fetchnumpy()["rec"]
    if len(borrowed):
        con.execute(
            "update rec set nhs = null, has_nhs_conflict = true where rec in (select unnest(?))", [borrowed.tolist()]
        )


def _join_numbers(con: Connection) -> None:
    """One `nhs` for numbers that are one person's: superseded since last month, or joined by a human decision.

    A supplier that has not sent the record since still holds the old number; without this it would fall off.
    """
    import numpy as np
    import pyarrow as pa

    con.execute(
        """
        create table replaced_number as
        select b.nhs, min(r.nhs) as one
        from rec as r join before as b using (rec)
        anti join closed_pair as p on p.number_a = b.nhs and p.number_b = r.nhs
        where r.is_superseded and r.nhs != b.nhs
        group by b.nhs
        """
    )
    pairs = con.execute(
        """
        select nhs as number_a, one as number_b from replaced_number
        union
        select a.nhs, b.nhs
        from decided_pair as d join rec as a on a.rec = d.rec_a join rec as b on b.rec = d.rec_b
        where d.decision = 'same' and a.nhs != b.nhs
        """
    ).fetchnumpy()
    numbers, codes = np.unique(np.concatenate([pairs["number_a"], pairs["number_b"]]), return_inverse=True)
    half = len(codes) // 2
    smallest = components(codes[:half], codes[half:], len(numbers))
    con.register(
        "number_rows",
        pa.table({"nhs": pa.array(numbers, pa.uint64()), "one": pa.array(numbers[smallest], pa.uint64())}),
    )
    con.execute("create table one_number as select * from number_rows")
    con.unregister("number_rows")
    con.execute(
        """
        delete from one_number where one in (
            select a.one from closed_pair as p join one_number as a on a.nhs = p.number_a
            join one_number as b on b.nhs = p.number_b and b.one = a.one
        )
        """
    )
    closures.follow_numbers(con)
    for table in ("rec", "before_tokens"):
        con.execute(f"update {table} set nhs = o.one from one_number as o where {table}.nhs = o.nhs and o.one != o.nhs")


def _label(con: Connection) -> None:
    """Clusters to begin with, what is open, and the pairs that still hold."""
    con.execute("create table touched as select distinct person_before from set_apart")
    con.execute(
        """
        create table open_record as
        select rec from state where is_new or is_changed or person_before in (from touched)
        union
        select unnest([d.rec_a, d.rec_b])
        from decided_pair as d join state as a on a.rec = d.rec_a join state as b on b.rec = d.rec_b
        where d.decision = 'same' and a.person_before != b.person_before
        """
    )
    con.execute(
        """
        create table touched_record as
        select n.rec, n.source, n.record_id, n.rec in (select rec from set_apart) as is_set_apart
        from state as s join touched using (person_before) join numbered as n using (rec)
        """
    )
    con.execute(
        """
        create table standing_edge as
        select a.rec as rec_a, b.rec as rec_b, e.* exclude (source_a, record_id_a, source_b, record_id_b)
        from edges_before as e
        join touched_record as a on a.source = e.source_a and a.record_id = e.record_id_a
        join touched_record as b on b.source = e.source_b and b.record_id = e.record_id_b
        where not a.is_set_apart and not b.is_set_apart
        """
    )
    pairs: dict[str, Any] = dict(con.execute("select rec_a, rec_b from standing_edge").fetchnumpy())
    size = con.execute("select count(*) from rec").fetchall()[0][0]
    register_codes(con, "piece", components(pairs["rec_a"], pairs["rec_b"], size))
    con.execute(
        """
        update rec set cluster = p.cluster
        from state as s join (
            select person_before, min(rec) as cluster from state anti join touched using (person_before)
            where person_before is not null group by person_before
        ) as p using (person_before)
        where s.rec = rec.rec and s.rec != p.cluster;
        update rec set cluster = piece.cluster from piece where piece.code = rec.rec;
        update rec set is_open = true where rec in (from open_record);
        create view label as select rec, cluster from rec
        """
    )


def know_after(con: Connection) -> None:
    """Make `gone_after`: the tokens last known of records not in `identities`, replaced numbers replaced.

    With this month's own tokens it is what next month reads as `known`.
    """
    con.execute(
        """
        create view gone_after as
        select t.* exclude (rec, is_current) replace (coalesce(o.one, t.nhs_token) as nhs_token)
        from earlier as t
        left join replaced_number as o on o.nhs = t.nhs_token and t.nhs_state in ('valid', 'superseded')
        where not t.is_current
        """
    )
