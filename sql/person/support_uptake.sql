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

kinds as (
    select support, cohort, metric_id
    from (values
        ('health_budget', 'ehcp', 'health_budget_of_ehcp'),
        ('direct_payment', 'ehcp', 'direct_payment_of_ehcp'),
        ('activation', 'ehcp', 'activation_score_of_ehcp'),
        ('prescribing', 'ehcp', 'social_prescribing_of_ehcp'),
        ('health_budget', 'learning_disability', 'health_budget_of_learning_disability'),
        ('direct_payment', 'learning_disability', 'direct_payment_of_learning_disability'),
        ('activation', 'learning_disability', 'activation_score_of_learning_disability'),
        ('prescribing', 'learning_disability', 'social_prescribing_of_learning_disability'),
        ('health_budget', 'two_conditions', 'health_budget_of_two_conditions'),
        ('direct_payment', 'two_conditions', 'direct_payment_of_two_conditions'),
        ('activation', 'two_conditions', 'activation_score_of_two_conditions'),
        ('prescribing', 'two_conditions', 'social_prescribing_of_two_conditions'),
        ('health_budget', 'cpa', 'health_budget_of_cpa'),
        ('direct_payment', 'cpa', 'direct_payment_of_cpa'),
        ('activation', 'cpa', 'activation_score_of_cpa'),
        ('prescribing', 'cpa', 'social_prescribing_of_cpa')
    ) as k (support, cohort, metric_id)
),

offers as (
    select
        members.person_id, metric_id,
        case
            when support = 'health_budget' then health_budget_date is not null
            when support = 'direct_payment' then direct_payment_date is not null or payment_count is not null
            when support = 'activation' then coalesce(p.activation_score, products.activation_score) is not null
            else coalesce(p.social_prescribing_date >= year_start($snapshot_date), false)
                or products.social_prescribing_date is not null
        end as is_given
    from members
    join kinds on kinds.cohort = members.cohort
    left join practice_offers as p on p.person_id = members.person_id
    left join products on products.person_id = members.person_id
    left join payments on payments.person_id = members.person_id
)

select person_id, metric_id, case when is_given then 1 else 0 end as numerator, 1 as denominator
from offers
