-- mart.data_quality: one row per feed, with what was received, set aside and checked.
with received as (
    select
        feed, source, received_month, quarantined_count, resubmitted_count, checks_run, checks_touched, checks_warned
    from reference.received_feeds
),

-- what was accepted of each, and the latest event by the snapshot where the feed is of events
accepted as (
    select 'apc__episodes' as feed, count(*) as row_count,
        max(case when admission_date <= $snapshot_date then admission_date end) as latest_date
    from pseudo.apc__episodes
    union all
    select 'asc__events', count(*), max(case when event_start_date <= $snapshot_date then event_start_date end)
    from pseudo.asc__events
    union all
    select 'ecds__attendances', count(*), max(case when arrival_date <= $snapshot_date then arrival_date end)
    from pseudo.ecds__attendances
    union all
    select 'education__pupils', count(*), cast(null as date)
    from pseudo.education__pupils
    union all
    select 'gp__conditions', count(*), max(case when event_date <= $snapshot_date then event_date end)
    from pseudo.gp__conditions
    union all
    select 'gp__registrations', count(*), max(case when registered_date <= $snapshot_date then registered_date end)
    from pseudo.gp__registrations
    union all
    select 'housing__tenancies', count(*),
        max(case when tenancy_start_date <= $snapshot_date then tenancy_start_date end)
    from pseudo.housing__tenancies
    union all
    select 'llpg__addresses', count(*), cast(null as date)
    from pseudo.llpg__addresses
)

select
    $month as snapshot_month,
    received.feed,
    source,
    received_month,
    months_since(cast(concat(received_month, '-01') as date), $snapshot_date) as months_behind,
    cast(date_trunc('month', latest_date) as date) as latest_event_month,
    row_count,
    quarantined_count,
    resubmitted_count,
    checks_run,
    checks_touched,
    checks_warned
from received
join accepted on accepted.feed = received.feed
