-- person.adaptation_times: one row per person and metric of adaptations of homes, and of those who need one.
with records as (
    select record_id, person_id
    from person.records
    where source = 'adaptations'
),

adaptations as (
    select
        record_id, row_id, landlord_type,
        date_diff('day', referral_date, approval_date) as days_to_approval,
        date_diff('day', referral_date, completion_date) as days
    from pseudo.housing__adaptations
    where completion_date between year_start($snapshot_date) and $snapshot_date
),

people as (
    select person_id, disability
    from person.access_groups
),

frail_people as (
    select person_id, has_moderate_frailty, has_severe_frailty
    from person.profile
),

completed as (
    select person_id, row_id, landlord_type, days_to_approval, days
    from adaptations
    join records on records.record_id = adaptations.record_id
),

adapted as (
    select person_id, count(*) as adaptation_count
    from completed
    group by person_id
),

-- a completion before the referral is a mistake in one of them
counted as (
    select person_id, 'adapted_within_180_days' as metric_id, case when days <= 180 then 1 else 0 end as numerator,
        1 as denominator
    from completed where days >= 0
    union all
    select person_id, 'adapted_within_365_days', case when days <= 365 then 1 else 0 end, 1
    from completed where days >= 0
    union all
    select person_id, 'approved_within_180_days', case when days_to_approval <= 180 then 1 else 0 end, 1
    from completed where days_to_approval >= 0
    union all
    select person_id, 'adaptation_grants', 1, 0 from completed
    union all
    select person_id, 'adaptations_of_providers', case when landlord_type = 'RP' then 1 else 0 end, 1
    from completed where landlord_type is not null
    union all
    select people.person_id, 'needs_adapted', case when adaptation_count is not null then 1 else 0 end, 1
    from people
    left join frail_people on frail_people.person_id = people.person_id
    left join adapted on adapted.person_id = people.person_id
    where disability = 'recorded' or coalesce(has_moderate_frailty, false) or coalesce(has_severe_frailty, false)
)

select person_id, metric_id, sum(numerator) as numerator, sum(denominator) as denominator
from counted
group by person_id, metric_id
