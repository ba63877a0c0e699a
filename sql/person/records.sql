-- person.records: one row per source record of a person, with the latest its source says of them.
with spine as (
    select source, record_id, person_id, link_band
    from linked.spine
    where is_current and not is_one_time
),

ethnicities as (
    select code_list, plain_label(code) as code, ethnicity_group
    from reference.ethnicities
    where ethnicity_group <> 'Unknown'
),

statements as (
    select 'gp' as source, 'nhs' as code_list, record_id, row_id, birth_month, sex_of(sex) as sex,
        plain_label(ethnic_category) as ethnicity, death_date, coalesce(is_sensitive, false) as is_sensitive,
        case when deregistered_date < $snapshot_date then deregistered_date else $snapshot_date end as seen_date
    from pseudo.gp__registrations
    union all
    select 'apc' as source, 'nhs' as code_list, record_id, row_id, birth_month, sex_of(sex) as sex,
        plain_label(ethnic_category) as ethnicity,
        case when discharge_method_code = '4' then discharge_date end as death_date,
        false as is_sensitive, admission_date as seen_date
    from pseudo.apc__episodes
    union all
    select 'asc' as source, 'cld' as code_list, record_id, row_id, birth_month, sex_of(sex) as sex,
        plain_label(ethnicity) as ethnicity, death_date, false as is_sensitive, event_start_date as seen_date
    from pseudo.asc__events
    union all
    select 'ecds' as source, 'nhs' as code_list, record_id, row_id, birth_month, sex_of(sex) as sex,
        plain_label(ethnic_category) as ethnicity,
        case when discharge_destination_code = '305398007' then arrival_date end as death_date,
        false as is_sensitive, arrival_date as seen_date
    from pseudo.ecds__attendances
    union all
    select 'education' as source, 'dfe' as code_list, record_id, row_id, birth_month, sex_of(sex) as sex,
        plain_label(ethnicity) as ethnicity, cast(null as date) as death_date, false as is_sensitive,
        $snapshot_date as seen_date
    from pseudo.education__pupils
    union all
    select 'housing' as source, 'none' as code_list, record_id, row_id, birth_month, 'unknown' as sex,
        cast(null as varchar) as ethnicity, cast(null as date) as death_date, false as is_sensitive,
        case when tenancy_end_date < $snapshot_date then tenancy_end_date else $snapshot_date end as seen_date
    from pseudo.housing__tenancies
),

-- a date that gives an age below 0 or above 120 is no date of birth
readable_statements as (
    select
        statements.source, statements.record_id, statements.seen_date, statements.is_sensitive,
        case when age_on(birth_month, $snapshot_date) between 0 and 120 then birth_month end as birth_month,
        case when sex <> 'unknown' then sex end as sex,
        ethnicities.ethnicity_group,
        case when death_date <= $snapshot_date then death_date end as death_date,
        sort_key(seen_date, row_id) as latest
    from statements
    left join ethnicities
        on ethnicities.code_list = statements.code_list
        and ethnicities.code = statements.ethnicity
),

records as (
    select
        source,
        record_id,
        max_by(birth_month, latest) filter (where birth_month is not null) as birth_month,
        max_by(sex, latest) filter (where sex is not null) as sex,
        max_by(ethnicity_group, latest) filter (where ethnicity_group is not null) as ethnicity_group,
        min(death_date) as death_date,
        max(seen_date) as seen_date,
        max(case when is_sensitive then 1 else 0 end) = 1 as is_sensitive
    from readable_statements
    group by source, record_id
)

select
    person_id, source, record_id, link_band, birth_month, sex, ethnicity_group, death_date, seen_date, is_sensitive
from records
join spine using (source, record_id)
