-- person.support_events: one row per person and metric of hospital use before and after support began.
with people as (
    select person_id, birth_month, death_date
    from person.demographics
),

starts as (
    select person_id, support, start_date
    from person.support_starts
),

reaches as (
    select feed, reach_date
    from person.feed_reach
),

events as (
    select person_id, 'emergency_admissions' as event, 'apc__episodes' as feed, admission_date as event_date
    from person.spells
    where admission_kind = 'emergency_admission'
    union all
    select person_id, 'falls_admissions', 'apc__episodes', admission_date
    from person.fall_admissions
    union all
    select person_id, 'ed_attendances', 'ecds__attendances', arrival_date
    from person.attendances
    where is_unplanned and department_type <> 'same_day'
),

spans as (
    select
        person_id, support, feed, reach_date, start_date, months,
        cast(case when months = 3 then start_date - interval 3 month else start_date - interval 12 month end as date)
            as from_date,
        cast(case when months = 3 then start_date + interval 3 month else start_date + interval 12 month end as date)
            as to_date
    from starts
    cross join reaches
    cross join (values (3), (12)) as m (months)
),

-- whole months on both sides, in the files and in the person's life
followed as (
    select
        spans.person_id, support, feed, start_date, months, from_date, to_date,
        from_date >= reach_date and to_date <= $snapshot_date + interval 1 day and birth_month <= from_date
        and coalesce(death_date >= to_date, true) as is_whole
    from spans
    join people on people.person_id = spans.person_id
),

counted as (
    select
        followed.person_id, concat(support, '_', event, '_', cast(months as varchar), '_months') as metric_id,
        case when event_date >= start_date then 1 else 0 end as numerator,
        case when event_date < start_date then 1 else 0 end as denominator
    from followed
    join events
        on events.person_id = followed.person_id and events.feed = followed.feed
        and event_date >= from_date and event_date < to_date
    where is_whole
    union all
    select
        person_id, concat(support, '_followed_', cast(months as varchar), '_months'),
        case when is_whole then 1 else 0 end, 1
    from followed
    where feed = 'apc__episodes'
)

select person_id, metric_id, sum(numerator) as numerator, sum(denominator) as denominator
from counted
group by person_id, metric_id
