"""What others publish of a metric: the latest wave of a survey, targets, and London and England to compare with.

SQL of the steps of `mart.outcomes_istatement` that only carry through what is published already. They read aggregates
(`pseudo` tables that hold no person), so nothing here needs protection.
"""

from __future__ import annotations

BOROUGH, LONDON, ENGLAND = "E09000030", "E12000007", "E92000001"
PUBLISHED = """latest_waves as (
    select survey_code, question_key, max(wave) as wave
    from pseudo.survey__results
    where geo_code = {borough} and substring(wave, 1, 4) <= substring($month, 1, 4)
    group by survey_code, question_key
),

surveys as (
    select
        metric_id, geo_code, latest.wave, value_pct, ci_low_pct, ci_high_pct, base_count, results.is_series_break
    from questions
    join latest_waves as latest
        on latest.survey_code = questions.survey_code and latest.question_key = questions.question_key
    join pseudo.survey__results as results
        on results.survey_code = latest.survey_code
        and results.question_key = latest.question_key
        and results.wave = latest.wave
    where group_type = 'all' and geo_code in ({borough}, {london}, {england})
),

targets as (
    select metric_id as metric_key, value_unit, aim, value
    from pseudo.outcomes__targets
    where geo_code = {borough} and $snapshot_date between period_start and period_end
),

-- one aim a metric: a plan that was agreed goes before a target, a target before an ambition
first_aims as (
    select metric_key, value_unit, max(aim_rank) as aim_rank
    from targets
    join (values ('plan', 3), ('target', 2), ('ambition', 1)) as aims (aim, aim_rank) on aims.aim = targets.aim
    group by metric_key, value_unit
),

aims as (
    select targets.metric_key, targets.value_unit, targets.aim, max(targets.value) as value
    from targets
    join (values ('plan', 3), ('target', 2), ('ambition', 1)) as ranks (aim, aim_rank) on ranks.aim = targets.aim
    join first_aims
        on first_aims.metric_key = targets.metric_key
        and first_aims.value_unit = targets.value_unit
        and first_aims.aim_rank = ranks.aim_rank
    group by targets.metric_key, targets.value_unit, targets.aim
),

latest_comparators as (
    select metric_id as metric_key, geo_code, value_unit, max(period_end) as period_end
    from pseudo.outcomes__comparators
    where period_end <= $snapshot_date
    group by metric_id, geo_code, value_unit
),

comparators as (
    select
        latest.metric_key, latest.value_unit,
        max(case when latest.geo_code = {london} then value end) as london_value,
        max(case when latest.geo_code = {england} then value end) as england_value
    from latest_comparators as latest
    join pseudo.outcomes__comparators as given
        on given.metric_id = latest.metric_key
        and given.geo_code = latest.geo_code
        and given.value_unit = latest.value_unit
        and given.period_end = latest.period_end
    group by latest.metric_key, latest.value_unit
),

published as (
    select
        metric_id,
        max(case when geo_code = {borough} then wave end) as wave,
        max(case when geo_code = {borough} then value_pct end) as publisher_value,
        max(case when geo_code = {borough} then ci_low_pct end) as publisher_low,
        max(case when geo_code = {borough} then ci_high_pct end) as publisher_high,
        max(case when geo_code = {borough} then base_count end) as publisher_base_count,
        max(case when geo_code = {london} then value_pct end) as london_value,
        max(case when geo_code = {england} then value_pct end) as england_value,
        max(case when is_series_break then 1 else 0 end) as break_count
    from surveys
    group by metric_id
),"""
