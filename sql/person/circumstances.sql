-- person.circumstances: one row per person with a record in this month's extracts.
with people as (
    select person_id, ralf, lsoa21
    from person.demographics
),

homes as (
    select
        ralf, composition, tenure, has_low_income,
        case
            when bedroom_need_count > bedroom_count then 'overcrowded'
            when bedroom_need_count <= bedroom_count then 'not overcrowded'
        end as overcrowding
    from person.homes
),

pupils as (
    select
        records.person_id,
        max(case sen_provision when 'E' then 3 when 'K' then 2 when 'N' then 1 else 0 end) as provision,
        max(case when is_fsm_eligible then 1 when not is_fsm_eligible then 0 end) as meals,
        max_by(sen_primary_type, sort_key(ehcp_start_date, row_id)) as primary_need
    from pseudo.education__pupils as roll
    join person.records as records on records.record_id = roll.record_id and records.source = 'education'
    group by records.person_id
),

plans as (
    select person_id, has_ehcp from person.school_profile
),

latest_years as (
    select lsoa_code, max(year) as year
    from pseudo.area__context
    where lsoa_vintage = 2021 and damp_and_mould_complaint_count is not null
    group by lsoa_code
),

complaints as (
    select area.lsoa_code, damp_and_mould_complaint_count as complaint_count
    from pseudo.area__context as area
    join latest_years as latest on latest.lsoa_code = area.lsoa_code and latest.year = area.year
    where lsoa_vintage = 2021
)

select
    people.person_id,
    coalesce(tenure, 'unknown') as tenure,
    coalesce(composition, 'unknown') as household_composition,
    coalesce(overcrowding, 'unknown') as overcrowding,
    case
        when homes.has_low_income or facts.has_low_income then 'low income'
        when facts.has_low_income is not null then 'not low income'
        else 'unknown'
    end as household_income,
    case meals when 1 then 'free school meals' when 0 then 'no free school meals' else 'unknown' end
        as free_school_meals,
    case
        when plans.has_ehcp or provision = 3 then 'EHC plan'
        when provision = 2 then 'SEN support' when provision = 1 then 'none' else 'unknown'
    end as special_needs,
    case
        when plans.has_ehcp or provision >= 2 then coalesce(primary_need, 'unknown')
        when provision = 1 then 'none' else 'unknown'
    end as primary_need,
    case
        when complaint_count < 7 then 'under 7' when complaint_count < 12 then '7 to 11'
        when complaint_count >= 12 then '12 or more' else 'unknown'
    end as damp_complaints
from people
left join person.profile as facts on facts.person_id = people.person_id
left join homes on homes.ralf = people.ralf
left join pupils on pupils.person_id = people.person_id
left join plans on plans.person_id = people.person_id
left join complaints on complaints.lsoa_code = people.lsoa21
