"""What is said of each record: the step it stands by, the flags, and whether it agrees with its person's others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsd_pipeline.contracts.linked import AGREEMENT_FIELDS, BANDS, COMPARED_BITS, EDGES, SPINE, STEPS

if TYPE_CHECKING:
    import duckdb

    Connection = duckdb.DuckDBPyConnection

# enough to be recognised next month: a number and a date of birth, or a name, a date of birth and one thing more
ENOUGH = (
    "(nhs is not null and birth_date is not null)"
    " or (surname is not null and birth_date is not null and (forename is not null or postcode is not null))"
)


def define_steps(con: Connection) -> None:
    """`step_place(step)` and `step_name(place)`: the steps in order of strength, from 1."""
    steps = ", ".join(f"'{step}'" for step in STEPS)
    con.execute(f"create macro step_place(step) as list_position([{steps}], step)")
    con.execute(f"create macro step_name(place) as [{steps}][place]")


def gather(con: Connection) -> None:
    """`fresh`: the records of clusters with anything open, with their cluster; the others are as they were.

    And of those: `held_edge`, the earlier pairs that still hold; `joined_record`, the step each stands by.
    """
    con.execute(
        """
        create table fresh as
        select rec, cluster from rec where cluster in (select cluster from rec where is_open)
        """
    )
    con.execute(
        """
        create table held_edge as
        select e.* from standing_edge as e join fresh as a on a.rec = e.rec_a join fresh as b on b.rec = e.rec_b
        where a.cluster = b.cluster
        """
    )
    con.execute(
        f"""
        create table cluster_kind as
        select cluster, case
            when not bool_or({ENOUGH}) then 'one_time'
            when bool_or(nhs is not null) then 'nhs_number'
            else 'local'
        end as person_kind
        from rec semi join fresh using (rec)
        group by cluster
        """
    )
    con.execute(
        """
        create table joined_record as
        with best as (
            select rec, min(place) as place
            from (
                select rec_a as rec, step_place(step) as place from accepted
                union all
                select rec_b, step_place(step) from accepted
                union all
                select rec_a, step_place(step) from held_edge
                union all
                select rec_b, step_place(step) from held_edge
                union all
                select b.rec, step_place(b.step) from stood as b join fresh using (rec)
                where b.step not in ('local', 'one_time') and b.rec not in (select rec from touched_record)
            )
            group by rec
        )
        select f.rec, k.person_kind,
            coalesce(step_name(b.place), case when k.person_kind = 'one_time' then 'one_time' else 'local' end) as step
        from fresh as f join cluster_kind as k using (cluster) left join best as b using (rec)
        """
    )


def _agreement(field: str) -> str:
    return (
        f"case when r.{field} is null or g.{field}_count < 2 then null"
        f" when g.{field}_low = g.{field}_high then true"
        f" when g.{field}_count = 2 then false else m.{field} end as has_{field}_agreement"
    )


def write_spine(con: Connection, month: str, *, is_scored: bool) -> None:
    """Make `out_spine` and `out_edges` as contracted; people with nothing open stay as they were."""
    fields = AGREEMENT_FIELDS
    con.execute(
        "create table agreed as select cluster, "
        + ", ".join(f"count({f}) as {f}_count, min({f}) as {f}_low, max({f}) as {f}_high" for f in fields)
        + " from rec semi join fresh using (rec) group by cluster having count(*) > 1"
    )
    # of two values that differ neither agrees with another; among more, each has to be counted
    mixed = " or ".join(f"({f}_low != {f}_high and {f}_count > 2)" for f in fields)
    con.execute(
        "create table mixed as select rec, "
        + ", ".join(f"count({f}) over (partition by cluster, {f}) > 1 as {f}" for f in fields)
        + f" from rec semi join fresh using (rec) where cluster in (select cluster from agreed where {mixed})"
    )
    bands = " ".join(f"when '{step}' then '{band}'" for step, band in BANDS.items())
    columns = [c.name for c in SPINE.columns]
    as_it_was = {"is_superseded": "b.was_superseded"}
    con.execute(
        f"""
        create table fresh_spine as
        select
            r.rec, n.source, n.record_id, p.person_id, j.step, case j.step {bands} end as link_band, j.person_kind,
            j.person_kind = 'one_time' as is_one_time, s.is_current, s.first_month, s.last_month, r.is_superseded,
            r.is_multiple_match or (coalesce(b.is_multiple_match, false) and not r.is_open) as is_multiple_match,
            r.has_nhs_conflict,
            r.is_over_cap or (coalesce(b.is_over_cap, false) and not r.is_open) as is_over_cap,
            {_last_step_tried(is_scored)} as last_step_tried,
            {", ".join(_agreement(f) for f in fields)}
        from rec as r
        join numbered as n using (rec)
        join state as s using (rec)
        join joined_record as j using (rec)
        join person as p on p.cluster = r.cluster
        left join agreed as g on g.cluster = r.cluster
        left join mixed as m on m.rec = r.rec
        left join stood as b on b.rec = r.rec
        """
    )
    con.execute(
        f"""
        create table out_spine as
        from fresh_spine
        union all by name
        select b.rec, {", ".join(f"{as_it_was.get(c, 'b.' + c)} as {c}" for c in columns)}
        from stood as b anti join fresh using (rec)
        """
    )
    said = ", ".join(f"e.{c.name}" for c in EDGES.columns if c.name not in EDGES.unique_key)
    rest = " - ".join(f"w.{c}" for c in COMPARED_BITS)
    con.execute(
        f"""
        create view out_edges as
        select a.source as source_a, a.record_id as record_id_a, b.source as source_b, b.record_id as record_id_b,
            {said}
        from (
            from held_edge
            union all by name
            select p.*, '{month}' as month, w.* exclude (rec_a, rec_b), p.match_weight - {rest} as rarity_bits
            from accepted as p
            left join weighed as w on w.rec_a = p.rec_a and w.rec_b = p.rec_b and p.step = 'probabilistic'
        ) as e
        join numbered as a on a.rec = e.rec_a join numbered as b on b.rec = e.rec_b
        union all
        select e.* from edges_before as e
        anti join touched_record as t on t.source = e.source_a and t.record_id = e.record_id_a
        """
    )


def _last_step_tried(is_scored: bool) -> str:
    scored = "when r.birth_year is not null or r.surname is not null then 'probabilistic'" if is_scored else ""
    return f"""
        case
            when j.step not in ('local', 'one_time') then j.step
            when r.is_excluded then 'nhs_partial'
            {scored}
            when r.birth_date is not null and r.uprn is not null and r.forename is not null then 'residence'
            when r.birth_date is not null and r.forename is not null and r.surname is not null
                and (r.postcode is not null or (r.sex is not null and r.practice is not null)) then 'alphanumeric'
            when r.nhs is not null and r.birth_year is not null then 'nhs_partial'
            else 'none'
        end
    """
