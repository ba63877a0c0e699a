-- person.turned_18: one row per person with complex needs who turned 18 in the first six of the twelve months.
with young as (
    select person_id, cast(birth_month + interval 216 month as date) as birthday_month
    from person.demographics
    where birth_month is not null
),

followed as (
    select person_id, birthday_month, cast(birthday_month - interval 12 month as date) as year_before
    from young
    where birthday_month >= year_start($snapshot_date)
        and birthday_month <= cast(date_trunc('month', $snapshot_date) - interval 6 month as date)
),

records as (
    select source, record_id, person_id
    from person.records
    where source in ('csc', 'education', 'mhsds')
),

disabled_children as (
    select record_id, count(*) as row_count
    from pseudo.csc__children
    where disability_codes <> 'NONE'
    group by record_id
),

-- V3 and V4 are short breaks; N2 is a child's disability
episodes as (
    select 'education' as source, record_id, plan_start_date as start_date, plan_end_date as end_date
    from pseudo.education__ehc_plans
    union all
    select 'csc', record_id, episode_start_date, episode_end_date
    from pseudo.csc__looked_after
    where legal_status_code not in ('V3', 'V4')
    union all
    select 'csc', record_id, plan_start_date, plan_end_date
    from pseudo.csc__protection_plans
    union all
    select 'csc', needs.record_id, referral_date, closure_date
    from pseudo.csc__children_in_need as needs
    left join disabled_children on disabled_children.record_id = needs.record_id
    where not coalesce(is_no_further_action, false)
        and (primary_need_code = 'N2' or disabled_children.record_id is not null)
    union all
    select 'mhsds', record_id, referral_date, discharge_date
    from pseudo.mhsds__referrals
    where rejection_date is null
),

needs as (
    select records.person_id, start_date, end_date
    from episodes
    join records on records.source = episodes.source and records.record_id = episodes.record_id
    union all
    select person_id, first_date, resolved_date
    from person.conditions
    where condition = 'learning_disability'
)

select followed.person_id, birthday_month, cast(count(*) as integer) as need_count
from followed
join needs on needs.person_id = followed.person_id
where start_date < birthday_month and coalesce(end_date >= year_before, true)
group by followed.person_id, birthday_month
