"""NHS numbers that stand for others: merged ones are followed, closed ones never.

A number is merged when two records turn out to be one person's. It is closed, and another given, at adoption or gender
recognition: then nothing may lead from one to the other but the pair itself, which goes as tokens into the linkage
room so that linkage can keep the two apart. Temporary tables of the session: `supersessions` (old_number, new_number)
and `closed_numbers` (old_number, new_number).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsd_pipeline.vault.keys import Keys
from wsd_pipeline.vault.nhs_numbers import map_numbers
from wsd_pipeline.vault.tokens import token_column

if TYPE_CHECKING:
    import duckdb

CLOSED_FOR = ("adoption", "gender_recognition")


def load(con: duckdb.DuckDBPyConnection, relation: str | None) -> None:
    """Make the tables above from the supplied list (old_nhs_number, new_nhs_number, reason); empty where there is none.

    Merges are followed to their end, chains of any length. A number said to be merged into two is left alone, as is
    what points in a circle, and whatever would lead from a closed number to the one given instead.
    """
    for table in ("supersessions", "closed_numbers"):
        con.execute(f"create or replace temp table {table} (old_number varchar, new_number varchar)")
    if relation is None:
        return
    map_numbers(con, "old_forms", relation, "old_nhs_number")
    map_numbers(con, "new_forms", relation, "new_nhs_number")
    con.execute(f"""create or replace temp table replaced as
        select distinct o.number as old_number, n.number as new_number, r.reason
        from {relation} r
        join old_forms o on o.raw = r.old_nhs_number
        join new_forms n on n.raw = r.new_nhs_number
        where o.number is not null and n.number is not null and o.number <> n.number""")
    con.execute(f"insert into closed_numbers select old_number, new_number from replaced where reason in {CLOSED_FOR}")
    con.execute("""create or replace temp table merges as
        select old_number, min(new_number) as new_number from replaced
        where reason = 'merged' group by old_number having count(*) = 1""")
    con.execute("""insert into supersessions
        with recursive followed as (
            select old_number, new_number from merges
            union
            select f.old_number, m.new_number from followed f join merges m on m.old_number = f.new_number
        ),
        ends as (
            select old_number, new_number from followed
            where new_number not in (select old_number from merges) and old_number <> new_number
        ),
        rejoining as (
            select coalesce(a.new_number, c.old_number) as ending
            from closed_numbers c
            left join ends a on a.old_number = c.old_number left join ends b on b.old_number = c.new_number
            where coalesce(a.new_number, c.old_number) = coalesce(b.new_number, c.new_number)
        )
        select old_number, new_number from ends where new_number not in (select ending from rejoining)""")
    con.execute("""create or replace temp table closed_numbers as
        select coalesce(a.new_number, c.old_number) as old_number, coalesce(b.new_number, c.new_number) as new_number
        from closed_numbers c
        left join supersessions a on a.old_number = c.old_number
        left join supersessions b on b.old_number = c.new_number""")


def tokenise_closed(con: duckdb.DuckDBPyConnection, keys: Keys) -> None:
    """Make `closures`, as contracted, from `closed_numbers`: the pairs as tokens, nothing else."""
    frame = con.sql("select distinct old_number, new_number from closed_numbers where old_number <> new_number").pl()
    key = keys.link("nhs")
    made = frame.select(
        old_nhs_token=token_column(frame["old_number"], key), new_nhs_token=token_column(frame["new_number"], key)
    )
    con.register("made_closures", made.to_arrow())
    con.execute("create or replace temp table closures as select * from made_closures")
    con.unregister("made_closures")
