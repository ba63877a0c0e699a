-- person.addresses: one row per source record of a person that gives an address for the snapshot date.
with records as (
    select person_id, source, record_id
    from person.records
),

-- by priority: a tenancy, the practice's list, the school's roll, social care, hospital
statements as (
    select
        'housing' as source, 1 as priority, record_id, row_id, lsoa21, ralf,
        tenancy_start_date as from_date, $snapshot_date as seen_date
    from pseudo.housing__tenancies
    where tenancy_start_date <= $snapshot_date
        and coalesce(tenancy_end_date > $snapshot_date, true)
    union all
    select
        'gp' as source, 2 as priority, record_id, row_id, lsoa21, ralf,
        registered_date as from_date, $snapshot_date as seen_date
    from pseudo.gp__registrations
    where registered_date <= $snapshot_date
        and coalesce(deregistered_date > $snapshot_date, true)
    union all
    select
        'education' as source, 3 as priority, record_id, row_id, lsoa21, ralf,
        cast(null as date) as from_date, $snapshot_date as seen_date
    from pseudo.education__pupils
    union all
    -- an open service says where someone lives today, anything else where they lived when it happened
    select
        'asc' as source, 4 as priority, record_id, row_id, lsoa21, ralf, event_start_date as from_date,
        case
            when event_type = 'Service' and coalesce(event_end_date > $snapshot_date, true) then $snapshot_date
            when event_end_date <= $snapshot_date then event_end_date
            else event_start_date
        end as seen_date
    from pseudo.asc__events
    where event_start_date <= $snapshot_date
    union all
    select
        'apc' as source, 5 as priority, record_id, row_id, lsoa21, cast(null as uuid) as ralf,
        admission_date as from_date, admission_date as seen_date
    from pseudo.apc__episodes
    where admission_date <= $snapshot_date
    union all
    select
        'ecds' as source, 5 as priority, record_id, row_id, lsoa21, ralf,
        arrival_date as from_date, arrival_date as seen_date
    from pseudo.ecds__attendances
    where arrival_date <= $snapshot_date
),

latest_addresses as (
    select
        source, priority, record_id, lsoa21, ralf, from_date, seen_date
    from statements
    where lsoa21 is not null
        and months_since(seen_date, $snapshot_date) < 15
    qualify row_number() over (
        partition by source, record_id
        order by seen_date desc, from_date desc, row_id
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
