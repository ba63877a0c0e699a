-- mart.segment_sensitivity: one row per alternative threshold, lifecourse and need segment.
with alternatives as (
    select alternative, lifecourse_segment, need_segment
    from segment.alternatives
)

select
    $month as snapshot_month,
    alternative,
    lifecourse_segment,
    need_segment,
    count(*) as person_count
from alternatives
group by alternative, lifecourse_segment, need_segment
