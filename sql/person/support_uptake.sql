-- person.support_uptake: one row per person and metric of personalised care among those it is meant for.
with people as (
    select person_id, has_ehcp, has_learning_disability, ltc_count, is_on_cpa
    from person.profile
),

practice_offers as (
    select person_id, social_prescribing_date, activation_score
    from person.practice_checks
),

products as (
    select person_id, health_budget_date, direct_payment_date, social_prescribing_date, activation_score
    from person.personalised_profile
),

payments as (
    select person_id, count(*) as payment_count
    from person.care_episodes
    where is_open and is_direct_payment
    group by person_id
),

-- whoever is not known to be in a cohort is not in it
members as (
    select person_id, 'ehcp' as cohort from people where has_ehcp
    union all
    select person_id, 'learning_disability' from people where has_learning_disability
    union all
    select person_id, 'two_conditions' from people where ltc_count >= 2
    union all
    select person_id, 'cpa' from people where is_on_cpa
),

offers as (
    select
        members.person_id, cohort, support,
        case
            when support = 'health_budget' then health_budget_date is not null
            when support = 'direct_payment' then direct_payment_date is not null or payment_count is not null
            when support = 'activation' then coalesce(p.activation_score, products.activation_score) is not null
            else coalesce(p.social_prescribing_date >= year_start($snapshot_date), false)
                or products.social_prescribing_date is not null
        end as is_given
    from members
    cross join (values ('health_budget'), ('direct_payment'), ('activation'), ('prescribing')) as kinds (support)
    left join practice_offers as p on p.person_id = members.person_id
    left join products on products.person_id = members.person_id
    left join payments on payments.person_id = members.person_id
)

select
    person_id, concat(support, '_of_', cohort) as metric_id, case when is_given then 1 else 0 end as numerator,
    1 as denominator
from offers
