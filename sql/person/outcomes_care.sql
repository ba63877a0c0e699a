-- person.outcomes_care: one row per person and metric of social or personalised care of the outcomes framework.
with people as (
    select person_id, birth_month, age_years
    from person.demographics
),

care_episodes as (
    select person_id, care_type, activity_type, start_date, end_date, is_open, is_direct_payment
    from person.care_episodes
    where coalesce(end_date >= year_start($snapshot_date) - interval 12 month, true)
),

products as (
    select person_id, health_budget_date
    from person.personalised_profile
),

supported_people as (
    select person_id, learning_disability_support_date, long_term_care_date
    from person.service_profile
),

homes as (
    select person_id, max_by(plain_label(accommodation_status), sort_key(event_start_date, row_id)) as status
    from pseudo.asc__events as events
    join person.records as records on records.record_id = events.record_id and records.source = 'asc'
    where event_start_date <= $snapshot_date and plain_label(accommodation_status) <> 'unknown'
    group by person_id
),

-- a move between residential and nursing care, or one after a gap of less than a year, is not new
placements as (
    select
        placed.person_id, placed.care_type, placed.start_date,
        max(case when earlier.start_date is not null then 1 else 0 end) as earlier_count
    from care_episodes as placed
    left join care_episodes as earlier
        on earlier.person_id = placed.person_id
        and earlier.care_type in ('long_term_residential', 'long_term_nursing')
        and earlier.start_date < placed.start_date
        and coalesce(earlier.end_date >= placed.start_date - interval 12 month, true)
    where placed.care_type in ('long_term_residential', 'long_term_nursing')
        and placed.start_date >= year_start($snapshot_date)
    group by placed.person_id, placed.care_type, placed.start_date
),

clients as (
    select
        person_id,
        max(case when is_open and care_type = 'long_term_community' then 1 else 0 end) as community_count,
        max(case when is_open and care_type = 'long_term_community' and is_direct_payment then 1 else 0 end)
            as paid_community_count,
        max(case when is_direct_payment then 1 else 0 end) as paid_count
    from care_episodes
    where activity_type in ('long_term_care', 'short_term_care', 'reablement')
        and coalesce(end_date >= year_start($snapshot_date), true)
    group by person_id
)

select placements.person_id, 'residential_admissions_65' as metric_id, 1 as numerator, 0 as denominator
from placements
join people on people.person_id = placements.person_id
where earlier_count = 0 and age_on(birth_month, start_date) >= 65
group by placements.person_id
union all
select person_id, 'direct_payments', paid_community_count, 1 from clients where community_count = 1
union all
select person_id, 'direct_payments_all_clients', paid_count, 1 from clients
union all
select person_id, 'phb_per_100000', 1, 0 from products where health_budget_date is not null
union all
select supported.person_id, 'settled_accommodation', case when is_settled then 1 else 0 end, 1
from supported_people as supported
join people on people.person_id = supported.person_id
left join homes on homes.person_id = supported.person_id
left join reference.accommodation_statuses as listed on plain_label(listed.accommodation_status) = status
where learning_disability_support_date is not null and long_term_care_date is not null and age_years between 18 and 64
