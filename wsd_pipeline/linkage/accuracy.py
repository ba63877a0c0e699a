"""Pairs against the truth, for synthetic boroughs: counted from contingency tables, never by listing pairs.

A pair counts in a group when at least one of its records is in the group: of n records, k of them in the group,
n(n−1)/2 − (n−k)(n−k−1)/2 pairs do. A person found is exact when all its records are of one true person and it has
all the records of that person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

    Connection = duckdb.DuckDBPyConnection

AGE_BANDS = ((5, "0-4"), (18, "5-17"), (40, "18-39"), (65, "40-64"), (80, "65-79"), (200, "80+"))


def _groups(columns: list[str]) -> dict[str, str]:
    """SQL of the group's value of a record, for each group type the truth allows."""
    ages = " ".join(f"when t.age_years < {limit} then '{name}'" for limit, name in AGE_BANDS)
    asked = {
        "all": "'all'",
        "step": "s.step",
        "source": "s.source",
        "ethnicity_group": "t.ethnicity_group::varchar",
        "imd_quintile": "t.imd_quintile::varchar",
        "age_band": f"case {ages} end",
        "sex": "t.sex::varchar",
    }
    if "age_band" in columns:
        asked["age_band"] = "t.age_band::varchar"
    elif "age_years" not in columns:
        del asked["age_band"]
    attributes = ("ethnicity_group", "imd_quintile", "sex")
    return {group: value for group, value in asked.items() if group not in attributes or group in columns}


def _touching(total: str, inside: str) -> str:
    return f"sum({total} * ({total} - 1) // 2 - ({total} - {inside}) * ({total} - {inside} - 1) // 2)"


def write_accuracy(con: Connection, *, has_truth: bool) -> None:
    """Make `out_accuracy` from the current records of `out_spine` and the input `truth` (empty without one)."""
    con.execute(
        """
        create table out_accuracy (group_type varchar, group_value varchar, record_count bigint,
            true_positive_count bigint, false_positive_count bigint, false_negative_count bigint,
            true_person_count bigint, found_person_count bigint, exact_person_count bigint)
        """
    )
    if not has_truth:
        return
    groups = _groups([row[0] for row in con.execute("describe truth").fetchall()])
    _judge(con, groups)
    for group in groups:
        con.execute(
            f"""
            insert into out_accuracy
            select '{group}', grp, sum(records), sum(found), sum(linked) - sum(found), sum(true_pairs) - sum(found),
                sum(true_people), sum(found_people), sum(exact_people)
            from (({_OF_EXACT.format(group=group)}) union all ({_OF_OTHERS.format(group=group)}))
            group by grp
            """
        )
    for done in ("judged", "exact_person"):
        con.execute(f"drop table {done}")


def _judge(con: Connection, groups: dict[str, str]) -> None:
    """`judged`: current records whose truth is known, with their group of each type; `exact_person`: whom all is right.

    Nearly everybody is: of them every pair is of one person and linked, so that only the others need be taken apart.
    """
    values = ", ".join(f"coalesce({value}, 'unknown') as {group}_group" for group, value in groups.items())
    con.execute(
        f"""
        create table judged as
        select s.person_id, t.true_person, {values}
        from out_spine as s join truth as t on t.source = s.source and t.record_id::uuid = s.record_id
        where s.is_current
        """
    )
    con.execute(
        """
        create table exact_person as
        with found as (
            select person_id, min(true_person) as true_person, count(*) as total
            from judged group by person_id having min(true_person) = max(true_person)
        ),
        known as (
            select true_person, min(person_id) as person_id
            from judged group by true_person having min(person_id) = max(person_id)
        )
        select person_id, total from found join known using (person_id, true_person)
        """
    )


_OF_EXACT = f"""
    with own as (select person_id, {{group}}_group as grp, count(*) as n from judged group by all)
    select grp, sum(n) as records, {_touching("total", "n")} as found, found as linked, found as true_pairs,
        count(*) as true_people, true_people as found_people, true_people as exact_people
    from own join exact_person using (person_id) group by grp
"""
_OF_OTHERS = f"""
    with cell as (
        select person_id, true_person, {{group}}_group as grp, count(*) as n
        from judged anti join exact_person using (person_id) group by all
    ),
    pieces as (
        select grp, sum(n) as records, {_touching("total", "n")} as found, 0 as linked, 0 as true_pairs,
            0 as true_people, 0 as found_people
        from (select *, sum(n) over (partition by person_id, true_person) as total from cell) group by grp
        union all
        select grp, 0, 0, {_touching("total", "k")}, 0, 0, count(*)
        from (select *, sum(k) over (partition by person_id) as total from
            (select person_id, grp, sum(n) as k from cell group by all)) group by grp
        union all
        select grp, 0, 0, 0, {_touching("total", "k")}, count(*), 0
        from (select *, sum(k) over (partition by true_person) as total from
            (select true_person, grp, sum(n) as k from cell group by all)) group by grp
    )
    select *, 0 as exact_people from pieces
"""
