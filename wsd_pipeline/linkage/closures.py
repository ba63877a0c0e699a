"""Records closed for adoption or gender recognition: who somebody was and who they are now are never one person.

The list says which number was closed and which was given instead, as tokens, in the linkage room only; a record that
bore either is marked with it, and stays marked when its number is later missing, in doubt, or the list no longer says
so. Nothing of it goes into the spine, the ledger or the review: that two people are one is what must not be told
(Gender Recognition Act 2004 s22; adoption: Master Person Service, as NHS England does). It stands above decisions.

Tables of the session:

    closed_pair   number_a, number_b: numbers of one closure, either way round; is_later: whether b was given for a
    mark          rec, number: records that bear, or last bore, a number of a closure
    reborn        rec, person_before: records whose number became the other one: somebody new from here on
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

    Connection = duckdb.DuckDBPyConnection


def prepare(con: Connection) -> None:
    """Make `closed_pair` and `mark` from `rec`, `before_tokens` and the inputs `closures` and `closed_before`."""
    con.execute(
        """
        create table closed_pair as
        select old_nhs_token as number_a, new_nhs_token as number_b, true as is_later
        from closures where old_nhs_token != new_nhs_token
        union
        select new_nhs_token, old_nhs_token, false from closures where old_nhs_token != new_nhs_token
        """
    )
    con.execute(
        """
        create table mark as
        with now as (
            select rec, nhs as number, 1 as place from rec where nhs in (select number_a from closed_pair)
        ),
        earlier_number as (
            select rec, t.nhs as number, 2 as place
            from before_tokens as t join rec using (rec)
            where rec.nhs is null and t.nhs in (select number_a from closed_pair)
        ),
        kept as (
            select rec, k.nhs_token as number, 3 as place
            from closed_before as k join numbered as n on n.source = k.source and n.record_id = k.record_id
            join rec using (rec) left join before_tokens as t using (rec)
            where rec.nhs is null and t.nhs is null and k.nhs_token in (select number_a from closed_pair)
        )
        select rec, arg_min(number, place) as number
        from (from now union all from earlier_number union all from kept) group by rec
        """
    )


def follow_numbers(con: Connection) -> None:
    """Numbers that became one since last month (`one_number`) are one here too."""
    con.execute("update mark set number = o.one from one_number as o where mark.number = o.nhs and o.one != o.nhs")
    con.execute(
        """
        create or replace table closed_pair as
        select distinct coalesce(a.one, p.number_a) as number_a, coalesce(b.one, p.number_b) as number_b, p.is_later
        from closed_pair as p
        left join one_number as a on a.nhs = p.number_a left join one_number as b on b.nhs = p.number_b
        """
    )


def part_people(con: Connection) -> None:
    """Make `reborn`, and take its records out of whom they stood with (`set_apart`).

    So leaves who bears the later number, where a person had come to hold both sides before the list said so.
    """
    con.execute(
        """
        create table reborn as
        select s.rec, s.person_before
        from before_tokens as b join closed_pair as p on p.number_a = b.nhs
        join rec as r on r.rec = b.rec and r.nhs = p.number_b join state as s on s.rec = b.rec
        where s.is_changed and s.person_before is not null
        union
        select x.rec, s.person_before
        from mark as x join state as s using (rec) join closed_pair as p on p.number_b = x.number and p.is_later
        join mark as y on y.number = p.number_a join state as t on t.rec = y.rec and t.person_before = s.person_before
        """
    )
    con.execute("insert into set_apart select *, false from reborn where rec not in (select rec from set_apart)")


def begin_anew(con: Connection) -> None:
    """Let `state` forget whose the reborn records were: nothing told of them leads back."""
    con.execute(
        """
        update state set person_before = null, was_current = false, first_month = last_month, is_new = true
        where rec in (select rec from reborn)
        """
    )


def drop_candidates(con: Connection) -> None:
    """Take out of `candidate` the pairs of clusters that are the two sides of a closure."""
    con.execute(
        f"""
        delete from candidate as c
        using ({_SIDES}) as x, ({_SIDES}) as y, closed_pair as p
        where x.cluster = c.a and y.cluster = c.b and p.number_a = x.number and p.number_b = y.number
        """
    )


def refuse_components(con: Connection) -> None:
    """Refuse components (`part`, see `merging`) that would bring two sides of a closure together by way of others."""
    con.execute(
        f"""
        insert into refused
        with side as (select distinct part.cluster, s.number from part join ({_SIDES}) as s on s.cluster = part.code)
        select distinct x.cluster, false
        from side as x join side as y using (cluster)
        join closed_pair as p on p.number_a = x.number and p.number_b = y.number
        where x.cluster not in (select cluster from refused)
        """
    )


_SIDES = "select distinct label.cluster, mark.number from mark join label using (rec)"


def tell_clusters(con: Connection) -> None:
    """Make `closed_clusters` (a, b): people who are the two sides of a closure, never shown as likely one person."""
    con.execute(
        f"""
        create table closed_clusters as
        select distinct x.cluster as a, y.cluster as b
        from ({_SIDES}) as x
        join closed_pair as p on p.number_a = x.number join ({_SIDES}) as y on y.number = p.number_b
        """
    )


def keep(con: Connection) -> None:
    """Make `closures_after` and `closed_after`: what next month must still know."""
    con.execute("create view closures_after as select distinct old_nhs_token, new_nhs_token from closures")
    con.execute(
        """
        create view closed_after as
        select n.source, n.record_id, mark.number as nhs_token from mark join numbered as n using (rec)
        """
    )
