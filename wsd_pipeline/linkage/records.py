"""Step 0: every record at its latest state, numbered, and beside it what was known of it before.

Makes these tables in the session, from the inputs `identities`, `known`, `spine_before` and `decisions`:

    numbered      rec (place in the order of source and id), source, record_id
    rec           the record's tokens; `nhs` is the NHS number as far as it may be used; for `standing`, its `cluster`
                  and whether it `is_open`
    earlier       tokens last known of records that changed or left their supplier's extract
    stood         a view: what last month's spine said
    before        a view: that and, where a record changed or left, its earlier tokens
    state         of each record: whose it was, whether it is and was in its extract, whether it is new or changed
    decided_pair  human decisions over pairs of numbered records

The inputs' rows are joined to their numbers once, by keys alone; then a column of numbers beside them is enough.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsd_pipeline.contracts.linked import SPINE

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    Connection = duckdb.DuckDBPyConnection

_FLAGS = """
    false as is_excluded, false as has_nhs_conflict, false as is_multiple_match, false as is_over_cap,
    false as is_forename_doubtful, false as is_open, i.rec as cluster
"""
_TOKENS = """
    i.identity_token, i.nhs_state = 'superseded' as is_superseded,
    case when i.nhs_state in ('valid', 'superseded') then i.nhs_token end as nhs,
    i.forename_token as forename, i.surname_token as surname,
    i.forename_phonetic_token as forename_phonetic, i.surname_phonetic_token as surname_phonetic,
    i.name_tokens, i.birth_date_token as birth_date, i.birth_year_token as birth_year,
    i.birth_month_token as birth_month, i.birth_day_token as birth_day, i.is_birth_heaped as is_heaped,
    i.sex_token as sex, i.postcode_token as postcode, i.outward_token as outward, i.uprn_token as uprn,
    i.practice_token as practice, i.sector_token as sector, i.former_surname_token as former_surname,
    i.forename_initial_token as forename_initial, i.forename_left_out_token as forename_left_out,
    -- names that are neither forename nor surname: the first and the last of them
    case when len(i.name_tokens) > 2 or i.former_surname_token is not null then list_min(list_filter(i.name_tokens,
        lambda n: n != coalesce(i.forename_token, 0) and n != coalesce(i.surname_token, 0))) end as other_name,
    case when len(i.name_tokens) > 2 or i.former_surname_token is not null then list_max(list_filter(i.name_tokens,
        lambda n: n != coalesce(i.forename_token, 0) and n != coalesce(i.surname_token, 0))) end as last_other_name
"""


def prepare(con: Connection, month: str, identities: pa.Table, spine: pa.Table | None) -> None:
    """Make the tables above. A record of `identities` is current; one only in the input `known` has left its extract.

    Of `known` it is enough to have the records that changed or left. `spine` None: there is no month before.
    """
    spine = con.sql("from spine_before limit 0").to_arrow_table() if spine is None else spine
    spine = spine.select([c.name for c in SPINE.columns])
    _number(con, identities, spine)
    _number_rows(con, "identities_numbered", identities, "identity_place")
    now = f"select i.rec, true as is_current, {_FLAGS}, {_TOKENS} from identities_numbered as i"
    con.execute(f"create table rec as {now}")
    con.unregister("identities_numbered")
    _number_rows(con, "spine_numbered", spine, "spine_place")
    con.execute(
        """
        create table earlier as
        select k.*, n.rec, n.is_current
        from known as k join numbered as n using (source, record_id) left join rec using (rec)
        where not n.is_current or rec.identity_token is distinct from k.identity_token
        """
    )
    con.execute(f"insert into rec select i.rec, false, {_FLAGS}, {_TOKENS} from earlier as i where not i.is_current")
    con.execute(f"create table before_tokens as select i.rec, i.is_current as is_changed, {_TOKENS} from earlier as i")
    _doubt_forenames(con)
    _look_back(con, month)
    con.execute(
        """
        create table decided_pair as
        select d.decision, least(a.rec, b.rec) as rec_a, greatest(a.rec, b.rec) as rec_b
        from decisions as d
        join numbered as a on a.source = d.source_a and a.record_id = d.record_id_a
        join numbered as b on b.source = d.source_b and b.record_id = d.record_id_b
        where a.rec != b.rec
        qualify row_number() over (
            partition by least(a.rec, b.rec), greatest(a.rec, b.rec) order by d.decision_number desc
        ) = 1
        """
    )


def _number(con: Connection, identities: pa.Table, spine: pa.Table) -> None:
    """`numbered`: this month's records and last month's spine's, each once, in the order of source and record id."""
    import numpy as np
    import pyarrow as pa

    for name, table in (("now_keys", identities), ("before_keys", spine)):
        places = pa.array(np.arange(len(table), dtype=np.int32))
        con.register(name, table.select(["source", "record_id"]).append_column("place", places))
    con.execute(
        """
        create type source_name as enum (
            select source::varchar
            from (select source from now_keys union select source from before_keys union select '')
            order by 1
        )
        """
    )
    con.execute(
        """
        create table numbered as
        with now as (select source::varchar::source_name as s, record_id::uuid as r, place from now_keys),
        before as (select source::varchar::source_name as s, record_id::uuid as r, place from before_keys),
        found as (
            select coalesce(n.s, b.s) as s, coalesce(n.r, b.r) as r,
                n.place as identity_place, b.place as spine_place
            from now as n full join before as b on n.s = b.s and n.r = b.r
        )
        select (row_number() over (order by s, r) - 1)::integer as rec, s::varchar as source, r as record_id,
            identity_place is not null as is_current, identity_place, spine_place
        from found
        """
    )
    con.unregister("now_keys")
    con.unregister("before_keys")


def _number_rows(con: Connection, name: str, rows: pa.Table, place: str) -> None:
    """The relation `name`: the input's rows, not copied, each with its `rec` and whether it `is_here` this month."""
    import pyarrow as pa

    found = con.execute(f"select rec, is_current from numbered where {place} is not null order by {place}").fetchnumpy()
    numbered = rows.append_column("rec", pa.array(found["rec"], pa.int32()))
    con.register(name, numbered.append_column("is_here", pa.array(found["is_current"], pa.bool_())))


def _look_back(con: Connection, month: str) -> None:
    """`stood` and `before`, as views over last month's spine, and `state`."""
    apart = ("is_current", "is_superseded", "last_month")
    columns = ", ".join(f'cast(s."{c.name}" as {c.type}) as "{c.name}"' for c in SPINE.columns if c.name not in apart)
    con.execute(
        f"""
        create view stood as
        select s.rec, {columns}, s.is_current as was_current, s.is_superseded as was_superseded,
            s.is_here as is_current, case when s.is_here then '{month}' else s.last_month::varchar end as last_month
        from spine_numbered as s
        """
    )
    con.execute(
        "create view before as select s.*, t.* exclude (rec) from stood as s left join before_tokens as t using (rec)"
    )
    con.execute(
        """
        create table state as
        select b.rec, b.is_current, b.person_id as person_before, b.was_current, b.first_month, b.last_month,
            false as is_new, coalesce(b.is_changed, false) as is_changed
        from before as b
        union all
        select rec, true, null, false, $month, $month, true, false from numbered where spine_place is null
        """,
        {"month": month},
    )


def _doubt_forenames(con: Connection) -> None:
    """Mark records whose forename is at least as often a surname: names written the other way round, most likely.

    Two of a family so written would seem to share a forename.
    """
    con.execute(
        """
        create table surname_like as
        with forenames as (select forename as name, count(*) as uses from rec group by forename),
        surnames as (select surname as name, count(*) as uses from rec group by surname)
        select name from forenames as f join surnames as s using (name) where s.uses >= f.uses
        """
    )
    con.execute("update rec set is_forename_doubtful = true from surname_like as s where rec.forename = s.name")
