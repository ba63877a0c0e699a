-- person.personalised_profile: one row per person with a product of personalised care.
with records as (
    select record_id, person_id
    from person.records
    where source = 'personalised_care'
),

products as (
    select
        record_id, row_id, product, cohort, start_date, activation_score,
        coalesce(end_date > $snapshot_date, true) as is_open,
        start_date >= year_start($snapshot_date) as is_of_the_year
    from pseudo.personalised_care__products
    where start_date <= $snapshot_date
)

select
    person_id,
    max(
        case
            when is_open and product in ('PHB notional', 'PHB third-party', 'PHB direct payment', 'IPB')
                then start_date
        end
    ) as health_budget_date,
    max(case when is_open and cohort in ('CHC adult', 'continuing care child') then start_date end)
        as continuing_care_date,
    max(case when is_open and product in ('direct payment ASC', 'PHB direct payment') then start_date end)
        as direct_payment_date,
    max(case when is_of_the_year and product = 'social prescribing referral' then start_date end)
        as social_prescribing_date,
    max(case when is_of_the_year and product = 'PCSP' then start_date end) as plan_date,
    max_by(activation_score, sort_key(start_date, row_id))
        filter (where activation_score is not null) as activation_score
from products
join records on records.record_id = products.record_id
group by person_id
