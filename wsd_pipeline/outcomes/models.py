"""The framework as SQL: one SELECT for `mart.outcomes_istatement`, as portable as the files in `sql/`."""

from __future__ import annotations

from wsd_pipeline.contracts.checks import literal
from wsd_pipeline.contracts.metrics import OWN
from wsd_pipeline.metrics import steps
from wsd_pipeline.outcomes.framework import DIMENSIONS, Framework, Metric
from wsd_pipeline.outcomes.published import BOROUGH, ENGLAND, LONDON, PUBLISHED

SOURCES = ("hospital", "reablement", "care", "support", "practice", "children", "services", "place")
"""The tables `person.outcomes_<name>` that metrics are counted in: a person's numerator and denominator of each."""
NEED = """select needs.person_id, 'complex_with_support_plan', case when plan_date is not null then 1 else 0 end, 1
    from segment.need as needs
    left join person.personalised_profile as products on products.person_id = needs.person_id
    where need_segment = 'complex'"""
"""The one metric of the need segment, counted here."""


def outcomes_sql(framework: Framework) -> str:
    """SQL of `mart.outcomes_istatement`: every metric, counted, carried through, or said to have no measure yet."""
    return _MART.format(
        metrics=steps.values(_metric_row(framework, m) for m in framework.metrics),
        counted=steps.counted(
            [*(steps.MEASURED.format(source=f"person.outcomes_{source}") for source in SOURCES), NEED]
        ),
        feeds=steps.feeds(framework.metrics),
        breakdowns=steps.breakdowns((m.id, m.breakdowns) for m in framework.metrics),
        people=steps.people(DIMENSIONS),
        populations=steps.populations(),
        questions=steps.values(_question(m) for m in framework.metrics if m.survey),
        breaks=steps.values(
            f"{literal(m.id)}, date {literal(str(day))}" for m in framework.metrics for day, _ in m.series_breaks
        ),
        period_start=steps.period_start(),
        version=literal(framework.version), own=literal(OWN), borough=literal(BOROUGH),
        published=PUBLISHED.format(borough=literal(BOROUGH), london=literal(LONDON), england=literal(ENGLAND)),
    )  # fmt: skip


def _metric_row(framework: Framework, metric: Metric) -> str:
    per = "cast(null as integer)" if metric.per is None else str(metric.per)
    domain = framework.statement(metric).domain
    texts = (
        metric.id, metric.statement, domain, metric.programme, metric.kind, metric.coverage, metric.population,
        metric.unit, metric.confidence, metric.period, metric.key, " ".join(metric.feeds or metric.survey or ()),
    )  # fmt: skip
    return ", ".join([*map(literal, texts), per])


def _question(metric: Metric) -> str:
    survey, question = metric.survey or ("", "")
    return f"{literal(metric.id)}, {literal(survey)}, {literal(question)}"


_MART = """-- mart.outcomes_istatement: one row per metric of the framework and place or group it is given for.
with metrics as (
    select
        metric_id, istatement_id, domain, programme, kind, coverage, base, value_unit, ci_method, period, metric_key,
        source_feeds, value_per
    from (values
        {metrics}
    ) as m (
        metric_id, istatement_id, domain, programme, kind, coverage, base, value_unit, ci_method, period, metric_key,
        source_feeds, value_per
    )
),

{feeds}

{breakdowns}

questions as (
    select metric_id, survey_code, question_key
    from (values
        {questions}
    ) as q (metric_id, survey_code, question_key)
),

breaks as (
    select metric_id, break_date
    from (values
        {breaks}
    ) as b (metric_id, break_date)
),

{people}

{counted}

{populations}

-- of a metric of its own denominator every cell that has one; of another every cell of its population
cells as (
    select metrics.metric_id, dimension, dimension_value, numerator, denominator
    from metrics
    join counted on counted.metric_id = metrics.metric_id
    where base = {own}
    union all
    select
        metrics.metric_id, populations.dimension, populations.dimension_value, coalesce(numerator, 0), person_count
    from metrics
    join populations on populations.base = metrics.base
    join breakdowns on breakdowns.metric_id = metrics.metric_id and breakdowns.dimension = populations.dimension
    left join counted
        on counted.metric_id = metrics.metric_id
        and counted.dimension = populations.dimension
        and counted.dimension_value = populations.dimension_value
    where kind in ('linked', 'area')
),

{published}

periods as (
    select
        metrics.metric_id,
        {period_start} as period_start,
        count(break_date) as break_count
    from metrics
    left join breaks
        on breaks.metric_id = metrics.metric_id
        and break_date > {period_start}
        and break_date <= $snapshot_date
    group by metrics.metric_id, period
),

figures as (
    select
        metrics.metric_id,
        coalesce(dimension, 'all') as dimension,
        coalesce(dimension_value, 'all') as dimension_value,
        kind in ('linked', 'area') and feed_count is null as is_counted,
        coalesce(numerator, 0) as numerator,
        coalesce(denominator, 0) as denominator
    from metrics
    left join cells on cells.metric_id = metrics.metric_id
    left join unsupplied on unsupplied.metric_id = metrics.metric_id
)

select
    $month as snapshot_month,
    metrics.metric_id,
    metrics.base,
    figures.dimension,
    figures.dimension_value,
    istatement_id,
    domain,
    programme,
    kind,
    coverage,
    case when figures.dimension = 'locality' then 'locality' else 'local_authority' end as geo_type,
    case when figures.dimension = 'locality' then figures.dimension_value else {borough} end as geo_code,
    case when kind in ('linked', 'area') then period_start end as period_start,
    case
        when period = 'last_autumn' then cast(last_autumn($snapshot_date) + interval 3 month - interval 1 day as date)
        when kind in ('linked', 'area') then $snapshot_date
    end as period_end,
    'registered or resident' as population_basis,
    metrics.value_unit,
    value_per,
    ci_method,
    case when is_counted then cast(cast(numerator as decimal(18, 0)) as bigint) end as numerator_count,
    case when is_counted then cast(cast(denominator as decimal(18, 0)) as bigint) end as denominator_count,
    wave,
    publisher_value,
    publisher_low,
    publisher_high,
    publisher_base_count,
    aims.value as target_value,
    aims.aim as target_kind,
    coalesce(comparators.london_value, published.london_value) as london_value,
    coalesce(comparators.england_value, published.england_value) as england_value,
    coalesce(published.break_count, 0) + periods.break_count > 0 as has_series_break,
    kind in ('linked', 'area') as is_provisional,
    source_feeds,
    {version} as rule_version
from figures
join metrics on metrics.metric_id = figures.metric_id
join periods on periods.metric_id = metrics.metric_id
left join published on published.metric_id = metrics.metric_id
left join aims on aims.metric_key = metrics.metric_key and aims.value_unit = metrics.value_unit
left join comparators on comparators.metric_key = metrics.metric_key and comparators.value_unit = metrics.value_unit
"""
