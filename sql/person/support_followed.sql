-- person.support_followed: one row per person, support, feed and span of months on both sides of its start.
with people as (
    select person_id, birth_month, death_date
    from person.demographics
),

starts as (
    select person_id, support, start_date
    from person.support_starts
),

reaches as (
    select feed, reach_date
    from person.feed_reach
),

spans as (
    select
        person_id, support, feed, reach_date, start_date, months,
        cast(case when months = 3 then start_date - interval 3 month else start_date - interval 12 month end as date)
            as from_date,
        cast(case when months = 3 then start_date + interval 3 month else start_date + interval 12 month end as date)
            as to_date
    from starts
    cross join reaches
    cross join (values (3), (12)) as m (months)
)

-- whole in the files, and in the person's life; to_date is the day after
select
    spans.person_id, support, feed, months, start_date, from_date, to_date,
    coalesce(
        from_date >= reach_date and to_date <= $snapshot_date + interval 1 day and birth_month <= from_date
        and coalesce(death_date >= to_date, true), false
    ) as is_whole
from spans
join people on people.person_id = spans.person_id
