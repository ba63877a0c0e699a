-- person.school_profile: one row per pupil on roll, with their plan and support.
with pupils as (
    select
        record_id, sen_provision, is_fsm_eligible, ehcp_start_date,
        -- the census says E while a plan is in force; dates alone do where the census has not caught up
        coalesce(ehcp_end_date > $snapshot_date, true)
        and coalesce(sen_provision = 'E' or ehcp_start_date <= $snapshot_date, false) as has_ehcp
    from pseudo.education__pupils
),

records as (
    select record_id, person_id
    from person.records
    where source = 'education'
)

select
    records.person_id,
    max(case when has_ehcp then 1 else 0 end) = 1 as has_ehcp,
    max(case when has_ehcp then ehcp_start_date end) as ehcp_date,
    max(case when sen_provision = 'K' then 1 else 0 end) = 1 as has_sen_support,
    max(case when is_fsm_eligible then 1 else 0 end) = 1 as is_fsm_eligible
from pupils
join records on records.record_id = pupils.record_id
group by records.person_id
