-- person.access_groups: one row per eligible person, with the groups by which access to services is compared.
with people as (
    select person_id from person.demographics where is_eligible
),

records as (
    select source, record_id, person_id from person.records where source in ('gp', 'asc')
),

patients as (
    select
        person_id, max(case when is_interpreter_required then 1 else 0 end) as interpreter_count,
        max(case when is_interpreter_required is not null then 1 else 0 end) as answer_count,
        max(case when is_housebound then 1 else 0 end) as housebound_count,
        max_by(main_language, sort_key(registered_date, row_id)) filter (where main_language is not null)
            as main_language
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
    select
        person_id, has_learning_disability, has_learning_disability_support,
        case when age_years > 25 then false else has_ehcp end as has_ehcp,
        case when age_years > 18 then false else is_in_need_by_disability end as is_in_need
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
)

select
    people.person_id,
    -- without a source that could say so, nobody is known not to be
    case
        when has_learning_disability or has_learning_disability_support or has_ehcp or is_in_need
            or housebound_count = 1 or impairments.event_count > 0 or supported_people.event_count > 0 then 'recorded'
        when (has_learning_disability_support or has_learning_disability or has_ehcp or is_in_need) is null
            then 'unknown'
        else 'not recorded'
    end as disability,
    case when interpreter_count = 1 then 'recorded' when answer_count = 1 then 'not recorded' else 'unknown' end
        as interpreter_need,
    -- codes of the DfE: BNGA, BNGC and BNGS are Bengali too; not obtained and refused are unknown
    case
        when main_language in ('ENG', 'ENB') then 'English'
        when main_language in ('BEN', 'BNG', 'BNGA', 'BNGC', 'BNGS') then 'Bengali'
        when main_language not in ('NOT', 'REF') then 'other'
        else 'unknown'
    end as main_language
from people
left join patients on patients.person_id = people.person_id
left join impairments on impairments.person_id = people.person_id
left join facts on facts.person_id = people.person_id
left join supported_people on supported_people.person_id = people.person_id
