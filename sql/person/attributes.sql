-- person.attributes: one row per person and attribute that sources state, with the value that stands.
with records as (
    select person_id, source, record_id, birth_month, sex, ethnicity_group, seen_date
    from person.records
),

registrations as (
    select record_id, registered_date
    from pseudo.gp__registrations
),

-- the latest registration of a person is in place 1; other sources have no place
ranked_records as (
    select
        records.person_id, source, birth_month, sex, ethnicity_group, seen_date,
        case
            when source = 'gp' then row_number() over (
                partition by records.person_id, source
                order by seen_date desc, registered_date desc, records.record_id
            )
        end as place
    from records
    left join registrations on registrations.record_id = records.record_id
),

statements as (
    select
        person_id, source, seen_date, place, attribute,
        case
            when attribute = 'birth_month' then cast(birth_month as varchar)
            when attribute = 'sex' then sex
            else ethnicity_group
        end as value
    from ranked_records
    cross join (values ('birth_month'), ('sex'), ('ethnicity_group')) as attributes (attribute)
),

candidates as (
    select
        person_id,
        attribute,
        value,
        count(*) as statement_count,
        min(place) as place,
        min(source) as source,
        max(seen_date) as seen_date
    from statements
    where value is not null
    group by person_id, attribute, value
)

-- the latest the practice knows stands; without one, what most records say, then the latest said
select
    person_id,
    attribute,
    value,
    case when place is not null then 'gp' else source end as source,
    count(*) over (partition by person_id, attribute) > 1 as has_conflict
from candidates
qualify row_number() over (
    partition by person_id, attribute
    order by coalesce(place, 99), statement_count desc, seen_date desc, value
) = 1
