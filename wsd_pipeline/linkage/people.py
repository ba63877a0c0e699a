"""Which person each cluster is: old ids to the clusters that inherit them, new ids by HMAC, and what became of whom.

An old id goes to the cluster that holds most of its records (ties: where more of them are as they were, then the
cluster of the earliest seen record). A record that has become somebody else's (see `standing`) takes no id along:
where nobody else bears it, the id ended. A cluster that inherits several ids keeps the oldest; of those as old, the
one of most records. A cluster that inherits none gets a new id: the HMAC of its first record, in the order of source
and record id; of one with a past, with the month as well, since the record alone may already be somebody's id.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    Connection = duckdb.DuckDBPyConnection

SpineHmac = Callable[["pa.Array[Any]"], "pa.Array[Any]"]
"""Messages (text) to the HMAC-SHA256 of each under the spine key: its first 16 bytes, as UUID text."""


def name_people(con: Connection, month: str, spine_hmac: SpineHmac) -> None:
    """Make `person` (cluster, person_id, is_born, is_split) of the `fresh` clusters, and `claim`: who held them."""
    import pyarrow as pa

    con.execute(
        """
        create table claim as
        with counted as (
            select s.person_before, l.cluster, count(*) filter (not coalesce(a.is_somebody_else, false)) as records,
                count(*) filter (a.rec is null) as unmoved, min(s.first_month) as first_month, min(s.rec) as first_rec
            from state as s join fresh as l using (rec) left join set_apart as a using (rec)
            where s.person_before is not null
            group by s.person_before, l.cluster
        ),
        ranked as (
            select *,
                records > 0 and row_number() over (
                    partition by person_before order by records desc, unmoved desc, first_month, first_rec
                ) = 1 as is_heir,
                min(first_month) over (partition by person_before) as person_first_month
            from counted
        )
        select *,
            row_number() over (partition by cluster order by records desc, first_rec) = 1 as is_largest,
            is_heir and row_number() over (
                partition by cluster, is_heir order by person_first_month, records desc, person_before
            ) = 1 as is_kept
        from ranked
        """
    )
    con.execute(
        """
        create table newcomer as
        select l.cluster, min(l.rec) as rec, bool_or(s.person_before is not null) as has_past,
            l.cluster in (select cluster from claim where records > 0) as is_split
        from fresh as l join state as s using (rec)
        where l.cluster not in (select cluster from claim where is_kept)
        group by l.cluster
        """
    )
    anchors = con.sql(
        """
        select n.cluster, n.is_split,
            r.source || '|' || r.record_id::varchar
                || case when n.has_past or n.rec in (select rec from reborn) then '|' || $month else '' end as message
        from newcomer as n join numbered as r using (rec)
        order by n.cluster
        """,
        params={"month": month},
    ).to_arrow_table()
    named = pa.table({"cluster": anchors["cluster"], "id": spine_hmac(anchors["message"].combine_chunks())})
    con.register("named_rows", named)
    con.execute(
        """
        create table person as
        select cluster, person_before as person_id, false as is_born, false as is_split from claim where is_kept
        union all
        select n.cluster, named_rows.id::uuid, not n.is_split, n.is_split
        from newcomer as n join named_rows using (cluster)
        """
    )
    con.unregister("named_rows")


def tell_events(con: Connection) -> None:
    """Make `happened`: one row for each event of the month, before numbering and hashing.

    Needs `joined_record` (see `diagnostics`): the step by which each record stands.
    """
    con.execute(
        """
        create table joined_step as
        select l.cluster, max(step_place(a.step)) as place
        from accepted as a join fresh as l on l.rec = a.rec_a
        group by l.cluster
        """
    )
    con.execute(
        """
        create table happened as
        with told_of as (
            select l.cluster, bool_or(s.is_current) as is_here, bool_or(s.was_current) as was_here
            from fresh as l join state as s using (rec) join person as p using (cluster)
            group by l.cluster
            having bool_or(p.is_born or p.is_split) or is_here != was_here
        ),
        size as (
            select l.cluster, count(*) as records, count(distinct n.source) as sources,
                min(h.is_here) as is_here, min(h.was_here) as was_here, min(p.step) as alone_step
            from fresh as l join told_of as h using (cluster) join numbered as n using (rec)
            join joined_record as p using (rec)
            group by l.cluster
        ),
        born as (
            select case when p.is_born then 'born' else 'split' end as event, p.person_id,
                c.person_before as other_person_id,
                coalesce(step_name(j.place), s.alone_step) as step, s.records, s.sources
            from person as p join size as s using (cluster) left join joined_step as j using (cluster)
            left join claim as c on c.cluster = p.cluster and c.is_largest and p.is_split
            where p.is_born or p.is_split
        ),
        moved as (
            select case when c.is_heir then 'absorbed' else 'moved' end as event, c.person_before, p.person_id,
                step_name(j.place) as step, count(*) as records, count(distinct n.source) as sources
            from claim as c join person as p using (cluster) left join joined_step as j using (cluster)
            join fresh as l using (cluster) join state as s on s.rec = l.rec and s.person_before = c.person_before
            join numbered as n on n.rec = l.rec
            where not c.is_kept and not (p.is_split and c.is_largest)
            group by all
        ),
        seen as (
            select case when s.was_here then 'ended' else 'returned' end as event, p.person_id,
                null::uuid, null::varchar, s.records, s.sources
            from person as p join size as s using (cluster)
            where not p.is_born and not p.is_split and s.is_here != s.was_here
        )
        select * from born union all select * from moved union all select * from seen
        union all
        select case when bool_or(s.was_current) then 'ended' else 'returned' end, s.person_before, null, null,
            count(*), count(distinct n.source)
        from state as s join numbered as n using (rec)
        where s.person_before in (select person_before from state where is_current != was_current)
            and s.person_before not in (select person_before from claim)
        group by s.person_before
        having bool_or(s.is_current) != bool_or(s.was_current)
        union all
        select 'ended', s.person_before, null, null, count(*), count(distinct n.source)
        from state as s join numbered as n using (rec)
        where s.person_before in (select person_before from claim group by person_before having not bool_or(is_heir))
        group by s.person_before
        having bool_or(s.was_current)
        union all
        select 'ended', b.person_before, null, null, count(*), count(distinct n.source)
        from reborn as b join numbered as n using (rec)
        where b.person_before not in (select person_before from state where person_before is not null)
        group by b.person_before
        """
    )
