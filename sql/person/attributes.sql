-- person.attributes: one row per person and attribute that sources state, with the value that stands.
with records as (
    select person_id, source, record_id, birth_month, sex, ethnicity_group, seen_date
    from person.records
),

registered as (
    select record_id, registered_date
    from pseudo.gp__registrations
),

statements as (
    select person_id, source, record_id, seen_date, 'birth_month' as attribute, cast(birth_month as varchar) as value
    from records
    where birth_month is not null
    union all
    select person_id, source, record_id, seen_date, 'sex' as attribute, sex as value
    from records
    where sex is not null
    union all
    select person_id, source, record_id, seen_date, 'ethnicity_group' as attribute, ethnicity_group as value
    from records
    where ethnicity_group is not null
),

gp_statements as (
    select
        statements.person_id,
        statements.attribute,
        max_by(
            statements.value,
            sort_key(statements.seen_date, sort_key(registered.registered_date, statements.record_id))
        ) as value
    from statements
    join registered on registered.record_id = statements.record_id
    where statements.source = 'gp'
    group by statements.person_id, statements.attribute
),

candidates as (
    select
        person_id,
        attribute,
        value,
        count(*) as statement_count,
        min(source) as source,
        max(seen_date) as seen_date
    from statements
    group by person_id, attribute, value
)

-- the latest the practice knows stands; without one, what most records say, then the latest said
select
    candidates.person_id,
    candidates.attribute,
    candidates.value,
    case when gp.value is not null then 'gp' else candidates.source end as source,
    count(*) over (partition by candidates.person_id, candidates.attribute) > 1 as has_conflict
from candidates
left join gp_statements as gp
    on gp.person_id = candidates.person_id
    and gp.attribute = candidates.attribute
    and gp.value = candidates.value
qualify row_number() over (
    partition by candidates.person_id, candidates.attribute
    order by
        case when gp.value is not null then 0 else 1 end,
        candidates.statement_count desc,
        candidates.seen_date desc,
        candidates.value
) = 1
