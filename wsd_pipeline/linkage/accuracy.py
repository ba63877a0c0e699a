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
    con.execute(
        """
        create or replace table exact_person as
        with cell as (
            select distinct s.person_id, t.true_person
            from out_spine as s join truth as t on t.source = s.source and t.record_id::uuid = s.record_id
            where s.is_current
        )
        select person_id from cell
        qualify count(*) over (partition by person_id) = 1 and count(*) over (partition by true_person) = 1
        """
    )
    columns = [row[0] for row in con.execute("describe truth").fetchall()]
    for group, value in _groups(columns).items():
        con.execute(
            f"""
            create or replace table judged as
            select s.person_id, t.true_person, coalesce({value}, 'unknown') as grp, count(*) as n
            from out_spine as s join truth as t on t.source = s.source and t.record_id::uuid = s.record_id
            where s.is_current
            group by all
            """
        )
        con.execute(
            f"""
            insert into out_accuracy
            with records as (select grp, sum(n) as n from judged group by grp),
            cell as (select *, sum(n) over (partition by person_id, true_person) as total from judged),
            found as (select grp, {_touching("total", "n")} as pairs from cell group by grp),
            linked as (select grp, {_touching("total", "k")} as pairs from (
                select grp, person_id, sum(n) as k, any_value(total) as total
                from (select *, sum(n) over (partition by person_id) as total from judged) group by grp, person_id
            ) group by grp),
            true_pairs as (select grp, {_touching("total", "k")} as pairs from (
                select grp, true_person, sum(n) as k, any_value(total) as total
                from (select *, sum(n) over (partition by true_person) as total from judged) group by grp, true_person
            ) group by grp),
            people as (
                select grp, count(distinct true_person) as true_people, count(distinct person_id) as found_people,
                    count(distinct person_id) filter (where person_id in (from exact_person)) as exact_people
                from judged group by grp
            )
            select '{group}', grp, records.n, found.pairs, linked.pairs - found.pairs, true_pairs.pairs - found.pairs,
                true_people, found_people, exact_people
            from records join found using (grp) join linked using (grp) join true_pairs using (grp)
            join people using (grp)
            """
        )
