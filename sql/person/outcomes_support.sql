-- person.outcomes_support: one row per person and metric of what follows reablement, and of support of carers.
with people as (
    select person_id, birth_month
    from person.demographics
),

care_episodes as (
    select person_id, care_type, activity_type, start_date, end_date, is_open, is_direct_payment
    from person.care_episodes
),

services as (
    select records.person_id, row_id, event_start_date, event_end_date, plain_label(event_outcome) as outcome
    from pseudo.asc__events as events
    join person.records as records on records.record_id = events.record_id and records.source = 'asc'
    where plain_label(event_type) = 'service' and plain_label(service_type) = 'shorttermsupportstmax'
),

-- how the last service of each stretch ended, of those whose next seven days are known
reablements as (
    select
        stretches.person_id, start_date, end_date,
        max_by(outcome, sort_key(coalesce(event_end_date, event_start_date), row_id)) as outcome
    from care_episodes as stretches
    left join services
        on services.person_id = stretches.person_id and event_start_date between start_date and end_date
    where care_type = 'reablement' and end_date >= year_start($snapshot_date)
        and end_date <= $snapshot_date - interval 7 day
    group by stretches.person_id, start_date, end_date
),

followed as (
    select
        r.person_id, r.start_date, r.outcome,
        max(
            case
                when long_care.start_date < r.start_date and coalesce(long_care.end_date >= r.start_date, true) then 1
                else 0
            end
        ) as known_count,
        max(case when long_care.start_date between r.start_date and r.end_date + interval 7 day then 1 else 0 end)
            as long_count,
        max(case when short_care.start_date between r.end_date and r.end_date + interval 7 day then 1 else 0 end)
            as short_count
    from reablements as r
    left join care_episodes as long_care
        on long_care.person_id = r.person_id and long_care.activity_type = 'long_term_care'
    left join care_episodes as short_care
        on short_care.person_id = r.person_id and short_care.activity_type = 'short_term_care'
    group by r.person_id, r.start_date, r.outcome
),

-- whoever pays themselves, declined, died, moved, went to hospital or stopped early has no sequel
sequels as (
    select
        followed.person_id,
        case
            when long_count = 1 then 0
            when short_count = 1 then 1
            when outcome = 'progresstosupportplanningservices' then 0
            when outcome in ('serviceendedasplanned', 'nfainformationadvicesignpostingonly') then 1
            when outcome in ('nfanoservicesofferedotherreason', 'nfaother') then 1
        end as independent_count
    from followed
    join people on people.person_id = followed.person_id
    where known_count = 0 and age_on(birth_month, start_date) >= 18
)

select
    person_id, 'independent_after_reablement' as metric_id, sum(independent_count) as numerator, count(*) as denominator
from sequels
where independent_count is not null
group by person_id
union all
select person_id, 'direct_payments_carers', max(case when is_direct_payment then 1 else 0 end), 1
from care_episodes
where activity_type = 'carer_support' and is_open
group by person_id
