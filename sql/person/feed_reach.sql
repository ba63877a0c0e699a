-- person.feed_reach: one row per feed of hospital activity, with the first day from which it holds everything.
with activity as (
    select 'apc__episodes' as feed, cast(date_trunc('month', discharge_date) as date) as month
    from pseudo.apc__episodes
    where discharge_date <= $snapshot_date
    union all
    select 'ecds__attendances', cast(date_trunc('month', arrival_date) as date)
    from pseudo.ecds__attendances
    where arrival_date <= $snapshot_date
),

months as (
    select feed, month, count(*) as event_count
    from activity
    group by feed, month
),

fullest as (
    select feed, max(event_count) as most_count
    from months
    group by feed
)

-- a month with less than a quarter of the fullest is one of stray dates, or of stays that began before the file does
select months.feed, min(month) as reach_date
from months
join fullest on fullest.feed = months.feed
where event_count * 4 >= most_count
group by months.feed
