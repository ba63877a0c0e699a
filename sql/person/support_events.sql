-- person.support_events: one row per person and metric of hospital use before and after support began.
with followed as (
    select person_id, support, feed, months, start_date, from_date, to_date, is_whole
    from person.support_followed
),

events as (
    select person_id, 'admissions' as event, 'apc__episodes' as feed, admission_date as event_date
    from person.spells
    where admission_kind = 'emergency_admission'
    union all
    select person_id, 'falls', 'apc__episodes', admission_date
    from person.fall_admissions
    union all
    select person_id, 'ed', 'ecds__attendances', arrival_date
    from person.attendances
    where is_unplanned and department_type <> 'same_day'
),

names as (
    select support, event, months, metric_id
    from (values
        ('health_budget', 'admissions', 3, 'budget_admissions_3_months'),
        ('health_budget', 'admissions', 12, 'budget_admissions_12_months'),
        ('health_budget', 'falls', 3, 'budget_falls_3_months'),
        ('health_budget', 'falls', 12, 'budget_falls_12_months'),
        ('health_budget', 'ed', 3, 'budget_ed_3_months'),
        ('health_budget', 'ed', 12, 'budget_ed_12_months'),
        ('health_budget', 'followed', 3, 'budget_followed_3_months'),
        ('health_budget', 'followed', 12, 'budget_followed_12_months'),
        ('adaptation', 'admissions', 3, 'adaptation_admissions_3_months'),
        ('adaptation', 'admissions', 12, 'adaptation_admissions_12_months'),
        ('adaptation', 'falls', 3, 'adaptation_falls_3_months'),
        ('adaptation', 'falls', 12, 'adaptation_falls_12_months'),
        ('adaptation', 'ed', 3, 'adaptation_ed_3_months'),
        ('adaptation', 'ed', 12, 'adaptation_ed_12_months'),
        ('adaptation', 'followed', 3, 'adaptation_followed_3_months'),
        ('adaptation', 'followed', 12, 'adaptation_followed_12_months'),
        ('equipment', 'admissions', 3, 'equipment_admissions_3_months'),
        ('equipment', 'admissions', 12, 'equipment_admissions_12_months'),
        ('equipment', 'falls', 3, 'equipment_falls_3_months'),
        ('equipment', 'falls', 12, 'equipment_falls_12_months'),
        ('equipment', 'ed', 3, 'equipment_ed_3_months'),
        ('equipment', 'ed', 12, 'equipment_ed_12_months'),
        ('equipment', 'followed', 3, 'equipment_followed_3_months'),
        ('equipment', 'followed', 12, 'equipment_followed_12_months')
    ) as n (support, event, months, metric_id)
),

-- the day on which it began is the first of those after
counted as (
    select
        followed.person_id, support, event, months,
        case when event_date >= start_date then 1 else 0 end as numerator,
        case when event_date < start_date then 1 else 0 end as denominator
    from followed
    join events
        on events.person_id = followed.person_id and events.feed = followed.feed
        and event_date >= from_date and event_date < to_date
    where is_whole
    union all
    select person_id, support, 'followed', months, case when is_whole then 1 else 0 end, 1
    from followed
    where feed = 'apc__episodes'
)

select person_id, metric_id, sum(numerator) as numerator, sum(denominator) as denominator
from counted
join names on names.support = counted.support and names.event = counted.event and names.months = counted.months
group by person_id, metric_id
