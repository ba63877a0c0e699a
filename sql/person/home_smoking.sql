-- person.home_smoking: one row per person who lives in a household, with whether anybody smokes there.
with residents as (
    select people.person_id, people.ralf, is_current_smoker
    from person.demographics as people
    join person.homes as homes on homes.ralf = people.ralf
    left join person.profile as facts on facts.person_id = people.person_id
    where is_eligible and is_resident
),

-- nobody is known not to smoke of whom no practice has a record
homes as (
    select
        ralf,
        max(case when is_current_smoker then 1 else 0 end) as smoker_count,
        max(case when is_current_smoker is null then 1 else 0 end) as unknown_count
    from residents
    group by ralf
)

select
    person_id,
    case when smoker_count = 1 then 'smoker' when unknown_count = 0 then 'no smoker' else 'unknown' end
        as smoking_at_home
from residents
join homes on homes.ralf = residents.ralf
