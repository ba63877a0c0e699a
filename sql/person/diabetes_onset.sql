-- person.diabetes_onset: one row per person with non-diabetic hyperglycaemia a year ago, and whether diabetes came.
with people as (
    select person_id, age_years
    from person.demographics
    where is_eligible
),

conditions as (
    select person_id, condition, first_date
    from person.conditions
    where condition in ('diabetes', 'non_diabetic_hyperglycaemia')
),

histories as (
    select
        person_id,
        min(case when condition = 'diabetes' then first_date end) as diabetes_date,
        min(case when condition = 'non_diabetic_hyperglycaemia' then first_date end) as warning_date
    from conditions
    group by person_id
)

select
    people.person_id, 'hyperglycaemia_to_diabetes' as metric_id,
    case when diabetes_date is not null then 1 else 0 end as numerator, 1 as denominator
from histories
join people on people.person_id = histories.person_id
where age_years >= 18 and warning_date < year_start($snapshot_date)
    and coalesce(diabetes_date >= year_start($snapshot_date), true)
