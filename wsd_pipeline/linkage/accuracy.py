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
        group_value = "'all'" if group == "all" else f"{group}_group"
        exact = (_OF_EXACT_RECORDS if group in OF_RECORDS else _OF_EXACT).format(group=group_value)
        con.execute(
            f"""
            insert into out_accuracy
            select '{group}', grp::varchar, sum(records), sum(found), sum(linked) - sum(found),
                sum(true_pairs) - sum(found), sum(true_people), sum(found_people), sum(exact_people)
            from (({exact}) union all ({_OF_OTHERS.format(group=group_value)}))
            group by grp
            """
        )
    con.execute("drop table judged; drop table exact_person")


def _judge(con: Connection, groups: dict[str, str]) -> None:
    """`judged`: current records whose truth is known, with their group of each type; `exact_person`: whom all is right.

    Nearly everybody is: of them every pair is of one person and linked, so that only the others need be taken apart.
    A person whose records are not all of one group of people is left to these too.
    """
    told = {group: value for group, value in groups.items() if group != "all"}
    for group, value in told.items():  # words as numbers: they are compared a million times
        held = "out_spine as s" if group in OF_RECORDS else "truth as t"
        con.execute(
            f"create type {group}_word as enum (select coalesce({value}, 'unknown') from {held} union select 'unknown')"
        )
    values = ", ".join(f"coalesce({value}, 'unknown')::{group}_word as {group}_group" for group, value in told.items())
    con.execute(
        f"""
        create table judged as
        select l.cluster as person, t.true_person, {values}
        from out_spine as s join truth as t on t.source = s.source and t.record_id::uuid = s.record_id
        join label as l on l.rec = s.rec
        where s.is_current
        """
    )
    whole = [f"{group}_group" for group in told if group not in OF_RECORDS]
    con.execute(
        f"""
        create table exact_person as
        with found as (
            select person, count(*) as total, {", ".join(f"min({c}) as {c}" for c in ("true_person", *whole))}
            from judged group by person
            having {" and ".join(f"min({c}) = max({c})" for c in ("true_person", *whole))}
        ),
        known as (
            select true_person, min(person) as person
            from judged group by true_person having min(person) = max(person)
        )
        select * from found join known using (person, true_person)
        """
    )


OF_RECORDS = ("step", "source")
"""Groups that a person's records need not share."""

_OF_EXACT = """
    select {group} as grp, sum(total) as records, sum(total * (total - 1) // 2) as found, found as linked,
        found as true_pairs, count(*) as true_people, true_people as found_people, true_people as exact_people
    from exact_person group by grp
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
        from judged anti join exact_person using (person) group by all
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
