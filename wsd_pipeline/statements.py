"""What the feeds say of people, gathered by their contracts: SQL models that grow with every feed that is added.

`LandedTable.says` and `LandedTable.event_date` are the only things read here; no feed is named. The models are made in
the same portable style as the files of `sql/`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from wsd_pipeline.contracts import landed_tables
from wsd_pipeline.contracts.checks import literal
from wsd_pipeline.contracts.core import LandedTable
from wsd_pipeline.contracts.feed import Says
from wsd_pipeline.contracts.pseudo import pseudo_table
from wsd_pipeline.sql import Model, parse_model


@lru_cache(maxsize=1)
def gathered_models() -> Mapping[str, Model]:
    """The models of `person.records`, `person.addresses` and `mart.data_quality` over every feed there is."""
    texts = {
        "person.records": records_sql(landed_tables()),
        "person.addresses": addresses_sql(landed_tables()),
        "mart.data_quality": data_quality_sql(landed_tables()),
    }
    return {key: parse_model(key, text) for key, text in texts.items()}


def records_sql(feeds: Iterable[LandedTable]) -> str:
    """SQL of `person.records`: an arm for each feed that says something of people, then the latest of each."""
    return _RECORDS.format(arms=_union(_record_arm(feed, feed.says) for feed in feeds if feed.says))


def addresses_sql(feeds: Iterable[LandedTable]) -> str:
    """SQL of `person.addresses`: an arm for each feed that says where people live, then the latest of each source."""
    return _ADDRESSES.format(arms=_union(_address_arm(feed) for feed in feeds if feed.says and feed.says.address))


def data_quality_sql(feeds: Iterable[LandedTable]) -> str:
    """SQL of `mart.data_quality`: rows and latest event of every feed, beside what the vault noted of it."""
    return _DATA_QUALITY.format(arms=_union(_accepted_arm(feed) for feed in feeds))


def _union(arms: Iterable[str]) -> str:
    return "\n    union all\n".join(arms)


def _has(feed: LandedTable, column: str) -> bool:
    return column in {c.name for c in pseudo_table(feed).columns}


def _record_arm(feed: LandedTable, says: Says) -> str:
    birth = "birth_month" if _has(feed, "birth_month") else "cast(null as date)"
    sex = "sex_of(sex)" if _has(feed, "sex") else "'unknown'"
    ethnicity = f"plain_label({says.ethnicity})" if says.ethnicity else "cast(null as varchar)"
    return f"""    select
        {literal(feed.source)} as source, {literal(says.ethnicity_list or "none")} as code_list, record_id, row_id,
        {birth} as birth_month, {sex} as sex, {ethnicity} as ethnicity,
        {says.death_date or "cast(null as date)"} as death_date,
        {f"coalesce({says.is_sensitive}, false)" if says.is_sensitive else "false"} as is_sensitive,
        {says.seen} as seen_date
    from {pseudo_table(feed).key}"""


def _address_arm(feed: LandedTable) -> str:
    assert feed.says and feed.says.address
    says = feed.says.address
    ralf = "ralf" if _has(feed, "ralf") else "cast(null as uuid)"
    return f"""    select
        {literal(feed.source)} as source, {says.priority} as priority, record_id, row_id, lsoa21, {ralf} as ralf,
        {says.from_date or "cast(null as date)"} as from_date,
        {says.seen} as seen_date
    from {pseudo_table(feed).key}
    where {says.where or "true"}"""


def _accepted_arm(feed: LandedTable) -> str:
    day = f"max(case when {feed.event_date} <= $snapshot_date then {feed.event_date} end)"
    return f"""    select
        {literal(feed.name)} as feed, {literal(feed.source)} as source, count(*) as row_count,
        {day if feed.event_date else "cast(null as date)"} as latest_date
    from {pseudo_table(feed).key}"""


_RECORDS = """-- person.records: one row per source record of a person, with the latest its source says of them.
with spine as (
    select source, record_id, person_id, link_band
    from linked.spine
    where is_current and not is_one_time
),

ethnicities as (
    select code_list, plain_label(code) as code, ethnicity_group
    from reference.ethnicities
    where ethnicity_group <> 'Unknown'
),

statements as (
{arms}
),

-- a date that gives an age below 0 or above 120 is no date of birth
readable_statements as (
    select
        statements.source, statements.record_id, statements.is_sensitive,
        case when age_on(birth_month, $snapshot_date) between 0 and 120 then birth_month end as birth_month,
        case when sex <> 'unknown' then sex end as sex,
        ethnicities.ethnicity_group,
        case when death_date <= $snapshot_date then death_date end as death_date,
        seen_date,
        sort_key(seen_date, row_id) as latest
    from statements
    left join ethnicities
        on ethnicities.code_list = statements.code_list
        and ethnicities.code = statements.ethnicity
),

records as (
    select
        source,
        record_id,
        max_by(birth_month, latest) filter (where birth_month is not null) as birth_month,
        max_by(sex, latest) filter (where sex is not null) as sex,
        max_by(ethnicity_group, latest) filter (where ethnicity_group is not null) as ethnicity_group,
        min(death_date) as death_date,
        max(seen_date) as seen_date,
        max(case when is_sensitive then 1 else 0 end) = 1 as is_sensitive
    from readable_statements
    group by source, record_id
)

select
    person_id, source, record_id, link_band, birth_month, sex, ethnicity_group, death_date, seen_date, is_sensitive
from records
join spine using (source, record_id)
"""

_ADDRESSES = """-- person.addresses: one row per source record of a person that gives an address for the snapshot date.
with records as (
    select person_id, source, record_id
    from person.records
),

statements as (
{arms}
),

latest_addresses as (
    select
        source, priority, record_id, lsoa21, ralf, from_date, seen_date
    from statements
    where lsoa21 is not null
        and seen_date <= $snapshot_date
        and coalesce(from_date <= $snapshot_date, true)
        and months_since(seen_date, $snapshot_date) < 15
    qualify row_number() over (
        partition by source, record_id
        order by seen_date desc, from_date desc, priority, row_id
    ) = 1
)

select
    person_id,
    source,
    record_id,
    priority,
    lsoa21,
    ralf,
    from_date,
    seen_date
from latest_addresses
join records using (source, record_id)
"""

_DATA_QUALITY = """-- mart.data_quality: one row per feed, with what was received, set aside and checked.
with received as (
    select
        feed, received_month, quarantined_count, resubmitted_count, checks_run, checks_touched, checks_warned
    from reference.received_feeds
),

-- what the vault took out before anything was made of it
removed as (
    select
        feed,
        sum(case when reason in ('type_1_opt_out', 'national_opt_out', 'local_opt_out') then row_count else 0 end)
            as opted_out_count,
        sum(case when reason in ('restricted_code', 'restricted_code_unidentified') then row_count else 0 end)
            as restricted_count
    from reference.removed_rows
    group by feed
),

-- what was accepted of each, and the latest event by the snapshot where the feed is of events
accepted as (
{arms}
)

select
    $month as snapshot_month,
    accepted.feed,
    source,
    received.feed is not null as is_supplied,
    received_month,
    case
        when received_month is not null
            then months_since(cast(concat(received_month, '-01') as date), $snapshot_date)
    end as months_behind,
    cast(date_trunc('month', latest_date) as date) as latest_event_month,
    case when received.feed is not null then row_count end as row_count,
    quarantined_count,
    resubmitted_count,
    case when received.feed is not null then coalesce(opted_out_count, 0) end as opted_out_count,
    case when received.feed is not null then coalesce(restricted_count, 0) end as restricted_count,
    coalesce(checks_run, 0) as checks_run,
    coalesce(checks_touched, 0) as checks_touched,
    coalesce(checks_warned, 0) as checks_warned
from accepted
left join received on received.feed = accepted.feed
left join removed on removed.feed = accepted.feed
"""
