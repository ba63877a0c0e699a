"""People who have opted out leave everything that linkage makes, whoever's records they are in.

Their own rows never came this far but as tokens: what is found with them here is a person's records in feeds that hold
no NHS number, and what was known of them before the objection. Of the whole person nothing goes on, and the ledger says
`withdrawn` of those who were there last month. Who was taken out is kept in the linkage room, so that a council record
stays out when the record that told whose it is has gone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    Connection = duckdb.DuckDBPyConnection


def mark(con: Connection, opted_out: pa.Table | None, taken_before: pa.Table | None) -> None:
    """Make `objecting` (rec, nhs_token): records that bear the number of somebody who has opted out, or were taken out.

    `opted_out`: nhs_token. `taken_before`: source, record_id, nhs_token of those out since last month. Called before
    number is set aside in doubt.
    """
    con.execute("create table objecting (rec integer, nhs_token ubigint)")
    con.execute("create table opted_out (nhs_token ubigint)")
    if opted_out is not None:
        con.register("opted_out_rows", opted_out)
        con.execute("insert into opted_out select nhs_token from opted_out_rows")
        con.unregister("opted_out_rows")
    if taken_before is not None:
        con.register("taken_before_rows", taken_before)
        con.execute(
            """
            insert into objecting
            select n.rec, t.nhs_token from taken_before_rows as t
            join numbered as n on n.source = t.source and n.record_id = t.record_id::uuid
            where t.nhs_token in (from opted_out)
            """
        )
        con.unregister("taken_before_rows")
    mark_again(con)


def mark_again(con: Connection) -> None:
    """Add the records whose number as it now stands is of the list: one replaced since the record was last sent."""
    con.execute("insert into objecting select rec, nhs from rec where nhs in (from opted_out)")


def take_out(con: Connection) -> None:
    """Make `taken_out` (rec, source, record_id, person_id, is_current, nhs_token); spine, pairs and events without.

    Needs `objecting`, `out_spine`, `out_edges`, `stood` and `happened`.
    """
    con.execute(
        """
        create table taken_out as
        with people as (
            select s.person_id, min(o.nhs_token) as nhs_token
            from out_spine as s join objecting as o using (rec)
            group by s.person_id
        )
        select s.rec, s.source, s.record_id, s.person_id, s.is_current, p.nhs_token
        from out_spine as s join people as p using (person_id)
        """
    )
    if con.execute("select count(*) from taken_out").fetchall()[0][0]:
        _hide(con)
        _tell(con)


def _hide(con: Connection) -> None:
    """The spine and the accepted pairs without those taken out."""
    for kind, name, same in (
        ("table", "out_spine", "t.rec = o.rec"),
        ("view", "out_edges", "t.source = o.source_a and t.record_id = o.record_id_a"),
    ):
        con.execute(f"alter {kind} {name} rename to {name}_of_all")
        con.execute(f"create view {name} as from {name}_of_all as o anti join taken_out as t on {same}")


def _tell(con: Connection) -> None:
    """Of this month's events those of people taken out are not told; that people of last month withdrew is."""
    con.execute(
        """
        delete from happened
        where person_id in (select person_id from taken_out)
            or other_person_id in (select person_id from taken_out)
        """
    )
    con.execute(
        """
        insert into happened
        select 'withdrawn', b.person_id, null, null, count(*), count(distinct t.source)
        from taken_out as t join stood as b using (rec)
        group by b.person_id
        having b.person_id not in (select person_id from out_spine)
        """
    )


def facts(con: Connection) -> dict[str, int]:
    """How many people were taken out who have a record this month, and how many such records: counts."""
    people, records = con.execute(
        "select count(distinct person_id), count(*) from taken_out where is_current"
    ).fetchall()[0]
    return {"opted_out_people": people, "opted_out_records": records}
