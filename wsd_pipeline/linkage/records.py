"""Step 0: every record at its latest state, numbered, and beside it what was known of it before.

Makes these tables in the session, from the inputs `identities`, `known`, `spine_before` and `decisions`:

    earlier       tokens last known of records that changed or left their supplier's extract
    numbered      rec (place in the order of source and id), source, record_id
    rec           the record's tokens; `nhs` is the NHS number as far as it may be used
    before        what last month's spine said and, where it changed or left, its earlier tokens
    decided_pair  human decisions over pairs of numbered records
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

    Connection = duckdb.DuckDBPyConnection

_TOKENS = """
    i.identity_token, i.nhs_state = 'superseded' as is_superseded,
    case when i.nhs_state in ('valid', 'superseded') then i.nhs_token end as nhs,
    i.forename_token as forename, i.surname_token as surname,
    i.forename_phonetic_token as forename_phonetic, i.surname_phonetic_token as surname_phonetic,
    i.name_tokens, i.birth_date_token as birth_date, i.birth_year_token as birth_year,
    i.birth_month_token as birth_month, i.birth_day_token as birth_day, i.is_birth_heaped as is_heaped,
    i.sex_token as sex, i.postcode_token as postcode, i.outward_token as outward, i.uprn_token as uprn,
    i.practice_token as practice, i.sector_token as sector, i.former_surname_token as former_surname,
    i.forename_initial_token as forename_initial, i.forename_left_out_token as forename_left_out
"""


def prepare(con: Connection, month: str) -> None:
    """Make the tables above. A record in `identities` is current; one only in `known` has left its extract."""
    con.execute(
        """
        create table earlier as
        select k.*, i.record_id is not null as is_current
        from known as k
        left join (select source, record_id, identity_token from identities) as i using (source, record_id)
        where i.record_id is null or i.identity_token is distinct from k.identity_token
        """
    )
    con.execute(
        """
        create table numbered as
        select (row_number() over (order by source, record_id) - 1)::integer as rec,
            source, record_id, is_current
        from (
            select source, record_id, true as is_current from identities
            union all
            select source, record_id, false from earlier where not is_current
        )
        """
    )
    con.execute(
        f"""
        create table rec as
        select n.rec, n.is_current, false as is_excluded, false as has_nhs_conflict, false as is_multiple_match,
            false as is_over_cap, false as is_forename_doubtful, {_TOKENS}
        from (
            select * from identities
            union all by name
            select * exclude (is_current) from earlier where not is_current
        ) as i
        join numbered as n using (source, record_id)
        """
    )
    _doubt_forenames(con)
    con.execute(
        f"""
        create table before as
        select n.rec, s.* exclude (is_current, is_superseded, last_month), s.is_current as was_current, n.is_current,
            case when n.is_current then $month else s.last_month end as last_month,
            s.is_superseded as was_superseded, t.* exclude (source, record_id)
        from spine_before as s
        join numbered as n using (source, record_id)
        left join (select i.source, i.record_id, i.is_current as is_changed, {_TOKENS} from earlier as i) as t
            using (source, record_id)
        """,
        {"month": month},
    )
    con.execute(
        """
        create table state as
        select n.rec, n.is_current, b.person_id as person_before, coalesce(b.was_current, false) as was_current,
            coalesce(b.first_month, $month) as first_month, coalesce(b.last_month, $month) as last_month,
            b.rec is null as is_new,
            coalesce(b.is_changed, false) as is_changed
        from numbered as n left join before as b using (rec)
        """,
        {"month": month},
    )
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
