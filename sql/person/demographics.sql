-- person.demographics: one row per person with a record in this month's extracts, resolved at the snapshot date.
with records as (
    select
        person_id,
        count(*) as record_count,
        max(link_band) as link_band,
        -- the register of deaths stands; without it, the first date that anybody gives
        coalesce(min(case when source = 'deaths' then death_date end), min(death_date)) as death_date,
        max(case when source = 'gp' then 1 else 0 end) = 1 as has_health_record,
        max(case when is_sensitive then 1 else 0 end) = 1 as is_sensitive
    from person.records
    group by person_id
),

attributes as (
    select
        person_id,
        cast(max(case when attribute = 'birth_month' then value end) as date) as birth_month,
        max(case when attribute = 'sex' then value end) as sex,
        max(case when attribute = 'ethnicity_group' then value end) as ethnicity_group,
        max(case when attribute = 'ethnicity_group' then source end) as ethnicity_source,
        max(case when attribute = 'birth_month' and has_conflict then 1 else 0 end) = 1 as has_birth_month_conflict,
        max(case when attribute = 'sex' and has_conflict then 1 else 0 end) = 1 as has_sex_conflict,
        max(case when attribute = 'ethnicity_group' and has_conflict then 1 else 0 end) = 1 as has_ethnicity_conflict
    from person.attributes
    group by person_id
),

residences as (
    select
        person_id, residence_source, lsoa21, ralf, ward_code, locality, imd_quintile, is_resident,
        has_residence_conflict
    from person.residences
),

registrations as (
    select person_id, practice_code, pcn_code
    from person.registrations
)

select
    r.person_id, a.birth_month,
    age_on(a.birth_month, $snapshot_date) as age_years,
    age_band(age_on(a.birth_month, $snapshot_date)) as age_band,
    coalesce(a.sex, 'unknown') as sex,
    coalesce(a.ethnicity_group, 'Unknown') as ethnicity_group,
    a.ethnicity_source,
    home.lsoa21, home.ralf, home.residence_source, home.ward_code,
    case
        when r.is_sensitive then 'withheld'
        when home.locality is not null then home.locality
        when home.lsoa21 is not null then 'outside'
        else 'unknown'
    end as locality,
    home.imd_quintile,
    list.practice_code,
    list.pcn_code,
    list.person_id is not null as is_registered,
    coalesce(home.is_resident, false) as is_resident,
    case
        when list.person_id is not null and home.is_resident then 'both'
        when list.person_id is not null then 'registered'
        when home.is_resident then 'resident'
        else 'neither'
    end as population_basis,
    r.death_date is null as is_alive,
    r.death_date,
    r.death_date is null and (list.person_id is not null or coalesce(home.is_resident, false)) as is_eligible,
    r.has_health_record,
    r.is_sensitive,
    r.link_band,
    r.record_count,
    coalesce(a.has_birth_month_conflict, false) as has_birth_month_conflict,
    coalesce(a.has_sex_conflict, false) as has_sex_conflict,
    coalesce(a.has_ethnicity_conflict, false) as has_ethnicity_conflict,
    coalesce(home.has_residence_conflict, false) as has_residence_conflict
from records as r
left join attributes as a using (person_id)
left join residences as home using (person_id)
left join registrations as list using (person_id)
