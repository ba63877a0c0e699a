-- person.budget_measures: one row per person and metric of weight and HbA1c before and after a budget began.
with people as (
    select person_id, birth_month
    from person.demographics
),

conditions as (
    select person_id
    from person.conditions
    where condition = 'learning_disability' and is_active
),

starts as (
    select person_id, start_date
    from person.support_starts
    where support = 'health_budget'
),

-- a percentage for an HbA1c, or a height for a body mass index, is no measurement
measurements as (
    select
        person_id, row_id, event_date, value,
        case when cluster_id = 'BMIVAL_COD' then 'weight' else 'hba1c' end as what
    from pseudo.gp__conditions as events
    join person.records as records on records.record_id = events.record_id and records.source = 'gp'
    where event_date <= $snapshot_date
        and (cluster_id = 'BMIVAL_COD' and value between 10 and 90
            or cluster_id = 'IFCCHBAM_COD' and value between 15 and 200)
),

holders as (
    select starts.person_id, start_date
    from starts
    join conditions on conditions.person_id = starts.person_id
    join people on people.person_id = starts.person_id
    where age_on(birth_month, start_date) >= 18
),

kinds as (select what from (values ('weight'), ('hba1c')) as k (what)),

-- the last of the year that ends with the day itself, and the last of months 3 to 12 after it
followed as (
    select
        holders.person_id, kinds.what,
        max_by(value, sort_key(event_date, row_id)) filter (
            where event_date <= start_date and event_date > start_date - interval 12 month
        ) as before_value,
        max_by(value, sort_key(event_date, row_id)) filter (
            where event_date >= start_date + interval 3 month and event_date <= start_date + interval 12 month
        ) as after_value
    from holders
    cross join kinds
    left join measurements on measurements.person_id = holders.person_id and measurements.what = kinds.what
    group by holders.person_id, kinds.what
),

measured as (
    select person_id, what, before_value, after_value
    from followed
    where before_value is not null and after_value is not null
)

select
    person_id, case when what = 'weight' then 'budget_weight_followed' else 'budget_hba1c_followed' end as metric_id,
    case when before_value is not null and after_value is not null then 1 else 0 end as numerator, 1 as denominator
from followed
union all
select person_id, 'budget_weight_down', case when after_value * 100 <= before_value * 95 then 1 else 0 end, 1
from measured where what = 'weight'
union all
select person_id, 'budget_weight_up', case when after_value * 100 >= before_value * 105 then 1 else 0 end, 1
from measured where what = 'weight'
union all
select person_id, 'budget_hba1c_raised_before', case when before_value >= 42 then 1 else 0 end, 1
from measured where what = 'hba1c'
union all
select person_id, 'budget_hba1c_raised_after', case when after_value >= 42 then 1 else 0 end, 1
from measured where what = 'hba1c'
