-- person.access_groups: one row per eligible person, with the groups by which access to services is compared.
with people as (
    select person_id, ralf, age_years
    from person.demographics
    where is_eligible
),

records as (
    select source, record_id, person_id
    from person.records
    where source in ('gp', 'asc')
),

patients as (
    select
        person_id, max(case when is_interpreter_required then 1 else 0 end) as interpreter_count,
        max(case when is_interpreter_required is not null then 1 else 0 end) as answer_count,
        max(case when is_housebound then 1 else 0 end) as housebound_count
    from pseudo.gp__registrations as lists
    join records on records.source = 'gp' and records.record_id = lists.record_id
    group by person_id
),

impairments as (
    select person_id, count(*) as event_count
    from pseudo.gp__conditions as events
    join records on records.source = 'gp' and records.record_id = events.record_id
    where cluster_id in ('VISIMP_COD', 'HEARIMP_COD', 'AIS_COD') and event_date <= $snapshot_date
        and coalesce(resolved_date > $snapshot_date, true)
    group by person_id
),

facts as (
    select person_id, has_learning_disability, has_ehcp, is_in_need_by_disability
    from person.profile
),

supported_people as (
    select person_id, count(*) as event_count
    from pseudo.asc__events as events
    join records on records.source = 'asc' and records.record_id = events.record_id
    where event_start_date between year_start($snapshot_date) and $snapshot_date
        and (
            plain_label(primary_support_reason) like 'physicalsupport%'
            or plain_label(primary_support_reason) like 'sensorysupport%'
            or plain_label(primary_support_reason) = 'learningdisabilitysupport'
        )
        and plain_label(client_type) = 'serviceuser'
    group by person_id
),

tenancies as (
    select
        ralf,
        max(case when landlord_type = 'LA/THH' then 1 else 0 end) as council_count,
        max(case when landlord_type = 'RP' then 1 else 0 end) as provider_count
    from pseudo.housing__tenancies
    where coalesce(tenancy_end_date > $snapshot_date, true) and tenure not in ('leasehold', 'shared ownership')
    group by ralf
)

select
    people.person_id,
    coalesce(
        has_learning_disability or has_ehcp or is_in_need_by_disability or housebound_count = 1
        or impairments.event_count > 0 or supported_people.event_count > 0, false
    ) as is_disabled,
    case when interpreter_count = 1 then 'needed' when answer_count = 1 then 'not needed' else 'unknown' end
        as interpreter_need,
    case when council_count = 1 then 'council' when provider_count = 1 then 'registered provider' else 'other' end
        as tenure
from people
left join patients on patients.person_id = people.person_id
left join impairments on impairments.person_id = people.person_id
left join facts on facts.person_id = people.person_id
left join supported_people on supported_people.person_id = people.person_id
left join tenancies on tenancies.ralf = people.ralf
