-- person.practice_checks: one row per patient on a list, with when the practice last did what outcomes ask about.
with patients as (
    select people.person_id, birth_month
    from person.demographics as people
    join person.registrations as lists on lists.person_id = people.person_id
    where is_eligible
),

records as (
    select person_id, record_id
    from person.records
    where source = 'gp'
),

events as (
    select
        record_id, row_id, event_date, value,
        case
            when cluster_id in ('LSMOK_COD', 'EXSMOK_COD', 'NSMOK_COD') then 'smoking'
            when cluster_id in ('LARCIMP_COD', 'LARCIUS_COD', 'LARCIUD_COD') then 'contraception'
            when cluster_id in ('NHSHCINV_COD', 'NHSHCDONE_COD') then 'health_check'
            else cluster_id
        end as what,
        cluster_id = 'NHSHCDONE_COD' as is_done
    from pseudo.gp__conditions
    where event_date <= $snapshot_date
        and cluster_id in (
            'LSMOK_COD', 'EXSMOK_COD', 'NSMOK_COD', 'BMIVAL_COD', 'BP_COD', 'IFCCHBAM_COD', 'CHOL2_COD',
            'ALCAUDITC_COD', 'LDHC_COD', 'NHSHCINV_COD', 'NHSHCDONE_COD', 'MMR2_COD', 'LARCIMP_COD', 'LARCIUS_COD',
            'LARCIUD_COD', 'SOCPRESREF_COD', 'PAM_COD'
        )
),

-- each kind of event once a person
kinds as (
    select
        records.person_id, what, min(event_date) as first_date, max(event_date) as last_date,
        max(case when is_done then event_date end) as done_date,
        max_by(value, sort_key(event_date, row_id)) as latest_value
    from events
    join records on records.record_id = events.record_id
    group by records.person_id, what
)

select
    patients.person_id,
    cast(
        count(*) filter (
            where last_date >= year_start($snapshot_date)
                and what in ('smoking', 'BMIVAL_COD', 'BP_COD', 'IFCCHBAM_COD', 'CHOL2_COD', 'ALCAUDITC_COD')
        )
        as integer
    ) as physical_check_count,
    max(case when what = 'LDHC_COD' then last_date end) as learning_disability_check_date,
    max(case when what = 'health_check' then last_date end) as health_check_offered_date,
    max(done_date) as health_check_date,
    max(case when what = 'contraception' then last_date end) as contraception_date,
    max(case when what = 'SOCPRESREF_COD' then last_date end) as social_prescribing_date,
    max(case when what = 'PAM_COD' then latest_value end) as activation_score,
    max(case when what = 'MMR2_COD' and months_since(birth_month, first_date) <= 60 then first_date end)
        as second_mmr_date
from patients
left join kinds on kinds.person_id = patients.person_id
group by patients.person_id
