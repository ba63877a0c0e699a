"""NHS numbers that two different people seem to hold: found after step 2, set aside, counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsd_pipeline.linkage.rules import AGREEMENTS

if TYPE_CHECKING:
    import duckdb

    Connection = duckdb.DuckDBPyConnection

_CONFLICTS = f"""
create or replace table conflict as
with several as (
    select nhs
    from rec
    where nhs is not null
    group by nhs
    having min(cluster) != max(cluster)
),
holder as (
    select nhs, cluster, count(*) as records, bool_or(is_open) as is_open
    from rec semi join several using (nhs)
    where nhs in (select nhs from rec where is_open)
    group by nhs, cluster
),
shared as (
    select *,
        row_number() over w as place,
        count(*) over (partition by nhs, is_open, records) as equals
    from holder
    window w as (partition by nhs order by is_open, records desc, cluster)
    qualify count(*) over (partition by nhs) > 1
),
profile as (
    select s.nhs, s.cluster, s.place, s.is_open, s.equals, r.* exclude (nhs, cluster, is_open)
    from shared as s join rec as r on r.cluster = s.cluster and r.nhs = s.nhs
),
compared as (
    select l.nhs, l.cluster, r.cluster as first_cluster, r.is_open and r.equals > 1 as is_tie,
        bool_or(coalesce(l.birth_date = r.birth_date, false) or {AGREEMENTS["two_date_parts"]}
            or {AGREEMENTS["any_name"]} or {AGREEMENTS["outward"]}) as has_agreement
    from profile as l join profile as r on l.nhs = r.nhs and r.place = 1 and l.place > 1
    group by all
)
select nhs, cluster from compared where not has_agreement
union
select nhs, first_cluster from compared where not has_agreement and is_tie
"""


def set_aside(con: Connection) -> int:
    """Exclude from later steps the records whose number belongs to somebody else by every other sign; how many.

    Of the clusters that share a number the standing one keeps it, else the one of most records; where two are
    equal, neither may use it. A record that agrees with the holder in anything is left to later steps.
    """
    con.execute(_CONFLICTS)
    changed = con.execute(
        """
        update rec set nhs = null, has_nhs_conflict = true, is_excluded = true
        from conflict as c
        where rec.cluster = c.cluster and rec.nhs = c.nhs
        """
    ).fetchall()[0][0]
    return int(changed)
