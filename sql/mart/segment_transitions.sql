-- mart.segment_transitions: one row per segments of last month and segments of this month.
with now as (
    select lifecourse.person_id, lifecourse_segment, need_segment
    from segment.lifecourse as lifecourse
    join segment.need as need on need.person_id = lifecourse.person_id
),

before as (
    select lifecourse.person_id, lifecourse_segment, need_segment
    from previous.segment.lifecourse as lifecourse
    join previous.segment.need as need on need.person_id = lifecourse.person_id
),

moves as (
    select
        coalesce(before.lifecourse_segment, 'not_here') as from_lifecourse_segment,
        coalesce(before.need_segment, 'not_here') as from_need_segment,
        coalesce(now.lifecourse_segment, 'not_here') as lifecourse_segment,
        coalesce(now.need_segment, 'not_here') as need_segment
    from now
    full join before on before.person_id = now.person_id
),

-- in the first month there is nothing to have moved from
months as (
    select count(*) > 0 as has_before
    from before
)

select
    $month as snapshot_month,
    from_lifecourse_segment,
    from_need_segment,
    lifecourse_segment,
    need_segment,
    count(*) as person_count
from moves
cross join months
where has_before
group by from_lifecourse_segment, from_need_segment, lifecourse_segment, need_segment
