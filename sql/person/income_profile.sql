-- person.income_profile: one row per person in a household with a benefit claim.
with records as (
    select record_id, person_id
    from person.records
    where source = 'benefits'
),

claimants as (
    select
        record_id,
        coalesce(has_housing_benefit, false)
        or coalesce(has_council_tax_reduction, false)
        or coalesce(has_free_school_meals, false) as has_low_income
    from pseudo.benefits__claimants
    where claim_start_date <= $snapshot_date
)

select
    person_id,
    max(case when has_low_income then 1 else 0 end) = 1 as has_low_income
from claimants
join records on records.record_id = claimants.record_id
group by person_id
