-- person.outcomes_children: one row per person and metric of children and maternity of the outcomes framework.
with records as (
    select source, record_id, person_id
    from person.records
    where source in ('ncmp', 'education', 'csds', 'births', 'msds')
),

-- further than five standard deviations from the mean is a mistake of measurement
measurements as (
    select record_id, year_group, bmi_centile_pct
    from pseudo.ncmp__measurements
    where measurement_date between year_start($snapshot_date) and $snapshot_date
        and bmi_centile_pct is not null and coalesce(bmi_z_score between -5 and 5, true)
),

plans as (
    select record_id, date_diff('day', request_date, plan_start_date) as days
    from pseudo.education__ehc_plans
    where plan_start_date between year_start($snapshot_date) and $snapshot_date
        and not coalesce(has_time_limit_exception, false)
),

feeds as (
    select record_id, max_by(breastfeeding_code, sort_key(contact_date, row_id)) as breastfeeding_code
    from pseudo.csds__contacts
    where breastfeeding_code is not null and contact_date between year_start($snapshot_date) and $snapshot_date
    group by record_id
),

births as (
    select record_id, birth_weight_grams
    from pseudo.births__registrations
    where registration_date between year_start($snapshot_date) and $snapshot_date
        and gestation_weeks >= 37 and birth_weight_grams is not null
),

bookings as (
    select record_id, gestation_at_booking_days
    from pseudo.msds__pregnancies
    where booking_date between year_start($snapshot_date) and $snapshot_date and gestation_at_booking_days is not null
),

counted as (
    select 'ncmp' as source, record_id, metric_id, case when bmi_centile_pct >= centile then 1 else 0 end as numerator
    from measurements
    join (values
        ('6', 'excess_weight_year_6', 85), ('6', 'obesity_year_6', 95), ('R', 'obesity_reception', 95)
    ) as weights (year_group, metric_id, centile) on weights.year_group = measurements.year_group
    union all
    select 'education', record_id, 'ehcp_within_20_weeks', case when days <= 140 then 1 else 0 end from plans
    union all
    select 'csds', record_id, 'breastfed_6_to_8_weeks', case when breastfeeding_code in ('01', '02') then 1 else 0 end
    from feeds
    union all
    select 'births', record_id, 'low_birth_weight_term', case when birth_weight_grams < 2500 then 1 else 0 end
    from births
    union all
    select 'msds', record_id, 'booked_within_10_weeks', case when gestation_at_booking_days <= 70 then 1 else 0 end
    from bookings
)

select person_id, metric_id, sum(numerator) as numerator, count(*) as denominator
from counted
join records on records.source = counted.source and records.record_id = counted.record_id
group by person_id, metric_id
union all
select person_id, 'looked_after_children', 1, 0
from person.child_care_profile
where looked_after_date is not null
union all
select incomes.person_id, 'low_income_children', 1, 0
from person.income_profile as incomes
join person.demographics as people on people.person_id = incomes.person_id
where has_low_income and age_years <= 15
