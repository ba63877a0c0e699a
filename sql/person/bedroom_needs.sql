-- person.bedroom_needs: one row per household whose every age is known.
with homes as (
    select ralf
    from person.households
    where not is_communal and not is_oversized and composition <> 'unknown'
),

residents as (
    select
        people.ralf, age_years, sex = 'male' as is_male,
        case when age_years >= 21 then 'grown' when age_years >= 10 then 'young' else 'small' end as age_group
    from person.demographics as people
    join homes on homes.ralf = people.ralf
    where is_eligible and is_resident
),

households as (
    select
        ralf,
        sum(case when age_group = 'grown' then 1 else 0 end) as grown_count,
        sum(case when age_group = 'young' and is_male then 1 else 0 end) as young_male_count,
        sum(case when age_group = 'young' and not is_male then 1 else 0 end) as young_other_count,
        sum(case when age_group = 'small' and is_male then 1 else 0 end) as small_male_count,
        sum(case when age_group = 'small' and not is_male then 1 else 0 end) as small_other_count
    from residents
    group by ralf
),

-- rooms that so many people need, two to a room
rooms as (
    select people, rooms
    from (values
        (0, 0), (1, 1), (2, 1), (3, 2), (4, 2), (5, 3), (6, 3), (7, 4), (8, 4), (9, 5), (10, 5),
        (11, 6), (12, 6), (13, 7), (14, 7), (15, 8), (16, 8), (17, 9), (18, 9), (19, 10), (20, 10)
    ) as r (people, rooms)
),

-- who is left over of ten to twenty shares with a child under ten of the same sex, where there is one
pairs as (
    select
        ralf, grown_count, males.rooms + others.rooms as young_rooms,
        small_male_count - case when males.rooms * 2 > young_male_count and small_male_count > 0 then 1 else 0 end
        + small_other_count - case when others.rooms * 2 > young_other_count and small_other_count > 0 then 1 else 0 end
            as small_count
    from households
    join rooms as males on males.people = young_male_count
    join rooms as others on others.people = young_other_count
)

select
    ralf,
    cast(
        grown_count - case when grown_count >= 2 then 1 else 0 end + young_rooms + smalls.rooms as integer
    ) as bedroom_need_count
from pairs
join rooms as smalls on smalls.people = small_count
