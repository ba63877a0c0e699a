-- person.residences: one row per person with a known address, the best one at the snapshot date.
with addresses as (
    select person_id, source, record_id, priority, lsoa21, ralf, from_date, seen_date
    from person.addresses
),

sensitive_people as (
    select person_id, count(*) as record_count
    from person.records
    where is_sensitive
    group by person_id
),

areas as (
    select lsoa21, ward_code, locality, imd_quintile(imd2025_decile) as imd_quintile
    from reference.lsoa21
),

-- the address of a sensitive record is never used, nor another that would give it away
usable_addresses as (
    select addresses.person_id, source, record_id, priority, lsoa21, ralf, from_date, seen_date
    from addresses
    left join sensitive_people on sensitive_people.person_id = addresses.person_id
    where sensitive_people.person_id is null
),

agreement as (
    select person_id, min(lsoa21) <> max(lsoa21) as has_residence_conflict
    from usable_addresses
    group by person_id
),

best_addresses as (
    select person_id, source, lsoa21, ralf
    from usable_addresses
    qualify row_number() over (
        partition by person_id
        order by priority, seen_date desc, coalesce(from_date, seen_date) desc, source, record_id
    ) = 1
)

select
    best.person_id,
    best.source as residence_source,
    best.lsoa21,
    best.ralf,
    areas.ward_code,
    areas.locality,
    areas.imd_quintile,
    areas.lsoa21 is not null as is_resident,
    agreement.has_residence_conflict
from best_addresses as best
join agreement on agreement.person_id = best.person_id
left join areas on areas.lsoa21 = best.lsoa21
