-- person.school_profile: one row per pupil on roll or person with a plan in force, with their plan and support.
with pupils as (
    select
        record_id, sen_provision, is_fsm_eligible, ehcp_start_date,
        -- the census says E while a plan is in force; dates alone do where the census has not caught up
        coalesce(ehcp_end_date > $snapshot_date, true)
        and coalesce(sen_provision = 'E' or ehcp_start_date <= $snapshot_date, false) as has_ehcp
    from pseudo.education__pupils
),

-- plans last until 25, and are made before school and for independent schools: the census has only its own pupils
statements as (
    select record_id, sen_provision, is_fsm_eligible, ehcp_start_date, has_ehcp
    from pupils
    union all
    select record_id, cast(null as varchar), false, plan_start_date, true
    from pseudo.education__ehc_plans
    where plan_start_date <= $snapshot_date and coalesce(plan_end_date > $snapshot_date, true)
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
from statements
join records on records.record_id = statements.record_id
group by records.person_id
