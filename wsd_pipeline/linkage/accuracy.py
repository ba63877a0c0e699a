"""Pairs against the truth, for synthetic boroughs: counted from contingency tables, never by listing pairs.

A pair counts in a group when at least one of its records is in the group: of n records, k of them in the group,
n(n−1)/2 − (n−k)(n−k−1)/2 pairs do. A person found is exact when all its records are of one true person and it has
all the records of that person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    Connection = duckdb.DuckDBPyConnection

AGE_BANDS = ((5, "0-4"), (18, "5-17"), (40, "18-39"), (65, "40-64"), (80, "65-79"), (200, "80+"))


def _attributes(columns: list[str]) -> dict[str, str]:
    """SQL of a person's value, for each group type that the truth has columns for."""
    ages = " ".join(f"when t.age_years < {limit} then '{name}'" for limit, name in AGE_BANDS)
    asked = {
        "ethnicity_group": "t.ethnicity_group::varchar",
        "imd_quintile": "t.imd_quintile::varchar",
        "age_band": "t.age_band::varchar" if "age_band" in columns else f"case {ages} end",
        "sex": "t.sex::varchar",
    }
    return {
        group: f"coalesce({value}, 'unknown')"
        for group, value in asked.items()
        if group in columns or (group == "age_band" and "age_years" in columns)
    }


def _touching(total: str, inside: str) -> str:
    return f"sum({total} * ({total} - 1) // 2 - ({total} - {inside}) * ({total} - {inside} - 1) // 2)"


def tell(con: Connection, truth: pa.Table) -> None:
    """Make `true_record` (rec, true_person, kind) of this month's records, and `kind`: the groups of its people.

    Needs `numbered` alone. Groups are told as one number, for they are compared a million times.
    """
    con.register("truth", truth)
    groups = _attributes(truth.column_names)
    words = ", ".join(f"{value} as {group}" for group, value in groups.items())
    con.execute(
        f"""
        create table kind as
        select (row_number() over (order by {", ".join(groups)}))::integer as kind, *
        from (select distinct {words} from truth as t)
        """
        if groups
        else "create table kind as select 1 as kind"
    )
    same = " and ".join(f"k.{group} = {value}" for group, value in groups.items()) or "true"
    con.execute(
        f"""
        create table true_record as
        select n.rec, t.true_person, k.kind
        from truth as t join numbered as n on n.source = t.source and n.record_id = t.record_id::uuid
        join kind as k on {same}
        where n.is_current
        """
    )
    con.unregister("truth")


def write_accuracy(con: Connection, *, has_truth: bool) -> None:
    """Make `out_accuracy` from the current records of `out_spine` and `true_record` (empty where no truth was told)."""
    con.execute(
        """
        create table out_accuracy (group_type varchar, group_value varchar, record_count bigint,
            true_positive_count bigint, false_positive_count bigint, false_negative_count bigint,
            true_person_count bigint, found_person_count bigint, exact_person_count bigint)
        """
    )
    if not has_truth:
        return
    _judge(con)
    attributes = [row[0] for row in con.execute("describe kind").fetchall()][1:]
    for group in ("all", *OF_RECORDS, *attributes):
        value = "'all'" if group == "all" else group
        exact = (_OF_EXACT_RECORDS if group in OF_RECORDS else _OF_EXACT).format(group=value)
        con.execute(
            f"""
            insert into out_accuracy
            select '{group}', grp::varchar, sum(records), sum(found), sum(linked) - sum(found),
                sum(true_pairs) - sum(found), sum(true_people), sum(found_people), sum(exact_people)
            from (({exact}) union all ({_OF_OTHERS.format(group=value)}))
            group by grp
            """
        )
    for done in ("judged", "exact_person", "exact_kind", "inexact", "true_record"):
        con.execute(f"drop table {done}")


def _judge(con: Connection) -> None:
    """`judged`: current records whose truth is known; `exact_person`: of whom all is right; `inexact`: other records.

    Nearly everybody is exact: of them every pair is of one person and linked, so that only the others need be taken
    apart. A person whose records are not all of one kind of people is left to these too.
    """
    con.execute(
        """
        create type of_step as enum (select step from out_spine union select 'unknown');
        create type of_source as enum (select source from numbered union select 'unknown');
        create table judged as
        select r.cluster as person, t.true_person, t.kind, s.step::of_step as step, s.source::of_source as source
        from out_spine as s join true_record as t using (rec) join rec as r using (rec)
        where s.is_current;
        create table exact_person as
        with found as (
            select person, count(*) as total, min(true_person) as true_person, min(kind) as kind
            from judged group by person
            having min(true_person) = max(true_person) and min(kind) = max(kind)
        ),
        known as (
            select true_person, min(person) as person
            from judged group by true_person having min(person) = max(person)
        )
        select * from found join known using (person, true_person);
        create table exact_kind as
        select kind.*, total, count(*) as people
        from exact_person join kind using (kind) group by all;
        create table inexact as
        select * from judged anti join exact_person using (person) join kind using (kind)
        """
    )


OF_RECORDS = ("step", "source")
"""Groups that a person's records need not share."""

_OF_EXACT = """
    select {group} as grp, sum(total * people) as records, sum(total * (total - 1) // 2 * people) as found,
        found as linked, found as true_pairs, sum(people) as true_people, true_people as found_people,
        true_people as exact_people
    from exact_kind group by grp
"""
_OF_EXACT_RECORDS = f"""
    with own as (select person, {{group}} as grp, count(*) as n from judged group by all)
    select grp, sum(n) as records, {_touching("total", "n")} as found, found as linked, found as true_pairs,
        count(*) as true_people, true_people as found_people, true_people as exact_people
    from own join exact_person using (person) group by grp
"""
_OF_OTHERS = f"""
    with cell as (
        select person, true_person, {{group}} as grp, count(*) as n
        from inexact group by all
    ),
    pieces as (
        select grp, sum(n) as records, {_touching("total", "n")} as found, 0 as linked, 0 as true_pairs,
            0 as true_people, 0 as found_people
        from (select *, sum(n) over (partition by person, true_person) as total from cell) group by grp
        union all
        select grp, 0, 0, {_touching("total", "k")}, 0, 0, count(*)
        from (select *, sum(k) over (partition by person) as total from
            (select person, grp, sum(n) as k from cell group by all)) group by grp
        union all
        select grp, 0, 0, 0, {_touching("total", "k")}, count(*), 0
        from (select *, sum(k) over (partition by true_person) as total from
            (select true_person, grp, sum(n) as k from cell group by all)) group by grp
    )
    select *, 0 as exact_people from pieces
"""
