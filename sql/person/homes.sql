-- person.homes: one row per household, with its home.
with households as (
    select ralf, composition, child_count, older_count, is_living_alone_65plus
    from person.households
    where not is_communal and not is_oversized
),

placements as (
    select person_id, max(placement_start_date) as placement_date
    from pseudo.homelessness__placements as stays
    join person.records as records on records.record_id = stays.record_id and records.source = 'homelessness'
    where placement_start_date <= $snapshot_date and coalesce(placement_end_date > $snapshot_date, true)
    group by person_id
),

residents as (
    select
        people.ralf,
        min(people.person_id) as person_id,
        max(case when has_low_income then 1 when not has_low_income then 0 end) as low_income,
        max(case when placement_date is not null then 1 else 0 end) as temporary
    from person.demographics as people
    left join person.profile as facts on facts.person_id = people.person_id
    left join placements on placements.person_id = people.person_id
    where is_eligible and is_resident
    group by people.ralf
),

tenancies as (
    select
        ralf, max(bedroom_count) as bedroom_count,
        max(case when tenure in ('shared ownership', 'leasehold') then 1 else 0 end) as is_owned,
        max(case when landlord_type = 'LA/THH' then 1 else 0 end) as is_council,
        max(case when landlord_type = 'RP' then 1 else 0 end) as is_association
    from pseudo.housing__tenancies
    where tenancy_start_date <= $snapshot_date and coalesce(tenancy_end_date > $snapshot_date, true)
    group by ralf
),

applications as (
    select ralf, max(bedroom_need_count) as bedroom_need_count, max(bedroom_count) as bedroom_count
    from pseudo.housing__register
    where coalesce(application_date <= $snapshot_date, true) and bedroom_need_count is not null and bedroom_count > 0
    group by ralf
),

-- housing benefit is paid to tenants
claims as (
    select ralf, count(*) as claim_count
    from pseudo.benefits__claimants
    where has_housing_benefit and claim_start_date <= $snapshot_date
    group by ralf
),

supplied as (
    select count(*) as feed_count from reference.received_feeds where feed = 'housing__tenancies' and not is_stale
)

select
    households.ralf, person_id, composition, child_count, older_count, is_living_alone_65plus,
    coalesce(applications.bedroom_count, tenancies.bedroom_count) as bedroom_count,
    case when applications.ralf is not null then applications.bedroom_need_count else needs.bedroom_need_count end
        as bedroom_need_count,
    low_income = 1 as has_low_income,
    temporary = 1 as is_temporary,
    case
        when feed_count = 0 then 'unknown'
        when is_owned = 1 then 'shared or leasehold' when is_council = 1 then 'council'
        when is_association = 1 then 'housing association'
        when tenancies.ralf is not null or claims.ralf is not null then 'private rent'
        else 'owner or private rent'
    end as tenure
from households
join residents on residents.ralf = households.ralf
cross join supplied
left join person.bedroom_needs as needs on needs.ralf = households.ralf
left join tenancies on tenancies.ralf = households.ralf
left join applications on applications.ralf = households.ralf
left join claims on claims.ralf = households.ralf
