-- mart.cost_by_segment: one row per finance line of the latest year and segment it may be shared over.
with finance as (
    select
        partner, service_line, cost_centre_code, lines.financial_year, budget_gbp, actual_gbp, is_pooled_bcf,
        lifecourse_default, allocation_basis
    from pseudo.finance__lines as lines
    join (
        select max(financial_year) as financial_year
        from pseudo.finance__lines
        -- a financial year begins in April
        where cast(substring(financial_year, 1, 4) as integer)
            <= extract(year from cast($snapshot_date - interval 3 month as date))
    ) as latest on latest.financial_year = lines.financial_year
    join reference.received_feeds as received on received.feed = 'finance__lines' and not is_stale
),

-- lines whose activity the month's records hold
held_lines as (
    select service_line, count(*) as activity_count
    from reference.costed_activities
    join reference.received_feeds as received on received.feed = costed_activities.feed and not is_stale
    group by service_line
),

people as (
    select
        people.person_id,
        coalesce(lifecourse_segment, 'unallocated') as lifecourse_segment,
        coalesce(need_segment, 'unallocated') as need_segment
    from person.demographics as people
    left join segment.lifecourse as lifecourse on lifecourse.person_id = people.person_id
    left join segment.need as needs on needs.person_id = people.person_id
),

segments as (
    select
        lifecourse_segment, need_segment,
        sum(case when lifecourse_segment <> 'unallocated' then 1 else 0 end) as person_count
    from people
    group by lifecourse_segment, need_segment
),

spent as (
    select
        lifecourse_segment, need_segment, costs.service_line, count(*) as user_count,
        sum(cost_gbp) as activity_gbp, max(cost_gbp) as largest_gbp
    from person.costs as costs
    join people on people.person_id = costs.person_id
    join held_lines on held_lines.service_line = costs.service_line
    where cost_gbp > 0
    group by lifecourse_segment, need_segment, costs.service_line
)

select
    $month as snapshot_month, segments.lifecourse_segment, segments.need_segment,
    finance.partner, finance.service_line, finance.cost_centre_code, finance.financial_year, finance.is_pooled_bcf,
    finance.allocation_basis, finance.lifecourse_default, finance.budget_gbp, finance.actual_gbp,
    segments.person_count,
    coalesce(user_count, 0) as user_count,
    coalesce(activity_gbp, 0) as activity_gbp,
    coalesce(largest_gbp, 0) as largest_gbp
from segments
left join finance on true
left join spent
    on spent.service_line = finance.service_line
    and spent.lifecourse_segment = segments.lifecourse_segment
    and spent.need_segment = segments.need_segment
