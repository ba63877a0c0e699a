-- person.child_care_profile: one row per child with an open episode of children's social care.
with records as (
    select record_id, person_id
    from person.records
    where source = 'csc'
),

disabled_children as (
    select record_id
    from pseudo.csc__children
    where disability_codes <> 'NONE'
    group by record_id
),

-- V3 and V4 are series of short breaks, not being looked after
looked_after as (
    select record_id, episode_start_date as start_date, 'looked_after' as kind
    from pseudo.csc__looked_after
    where legal_status_code not in ('V3', 'V4')
        and episode_start_date <= $snapshot_date
        and coalesce(episode_end_date > $snapshot_date, true)
),

protection_plans as (
    select record_id, plan_start_date as start_date, 'protection_plan' as kind
    from pseudo.csc__protection_plans
    where plan_start_date <= $snapshot_date
        and coalesce(plan_end_date > $snapshot_date, true)
),

needs as (
    select
        needs.record_id, referral_date as start_date,
        case
            when primary_need_code = 'N2' or disabled_children.record_id is not null then 'disability_need'
            else 'need'
        end as kind
    from pseudo.csc__children_in_need as needs
    left join disabled_children on disabled_children.record_id = needs.record_id
    where not coalesce(is_no_further_action, false)
        and referral_date <= $snapshot_date
        and coalesce(closure_date > $snapshot_date, true)
),

early_help as (
    select record_id, start_date, 'early_help' as kind
    from pseudo.csc__early_help
    where start_date <= $snapshot_date
        and coalesce(end_date > $snapshot_date, true)
),

episodes as (
    select record_id, start_date, kind from looked_after
    union all
    select record_id, start_date, kind from protection_plans
    union all
    select record_id, start_date, kind from needs
    union all
    select record_id, start_date, kind from early_help
)

select
    person_id,
    max(case when kind = 'looked_after' then start_date end) as looked_after_date,
    max(case when kind = 'protection_plan' then start_date end) as protection_plan_date,
    max(case when kind in ('need', 'disability_need') then start_date end) as need_date,
    max(case when kind = 'disability_need' then start_date end) as disability_need_date,
    max(case when kind = 'early_help' then start_date end) as early_help_date
from episodes
join records on records.record_id = episodes.record_id
group by person_id
