"""A declared mart of metrics as SQL: one SELECT, made of the steps that all such marts share."""

from __future__ import annotations

from collections.abc import Mapping

from wsd_pipeline.contracts.checks import literal
from wsd_pipeline.contracts.metrics import DIMENSIONS, OWN, Metric, MetricMart
from wsd_pipeline.metrics import steps


def metrics_sql(mart: MetricMart) -> str:
    """SQL of the mart: every metric in every group it is given by, though nobody of the group be counted."""
    used = ("all", *(d for d in DIMENSIONS if any(d in m.by for m in mart.metrics)))
    return _MART.format(
        key=mart.key,
        metrics=steps.values(_row(m) for m in mart.metrics),
        feeds=steps.feeds(mart.metrics),
        breakdowns=steps.breakdowns((m.id, ("all", *m.by)) for m in mart.metrics),
        people=steps.people(used),
        populations=steps.populations(),
        counted=steps.counted(steps.MEASURED.format(source=source) for source in mart.sources),
        period_start=steps.period_start(),
        own=literal(OWN),
        version=literal(mart.version),
        compared=_COMPARED if mart.compared else "",
        beside=_beside(mart.compared),
    )


def _beside(compared: Mapping[str, str]) -> str:
    """The join of each figure to that of the group it is compared with; none where nothing is compared."""
    if not compared:
        return ""
    rows = " or ".join(
        f"(figures.dimension = {literal(d)} and beside.dimension_value = {literal(value)})"
        for d, value in compared.items()
    )
    return _BESIDE.format(rows=rows)


def _row(metric: Metric) -> str:
    per = "cast(null as integer)" if metric.per is None else str(metric.per)
    texts = (metric.id, metric.population, metric.unit, metric.method, metric.period, " ".join(metric.feeds))
    return ", ".join([*map(literal, texts), per])


_MART = """-- {key}: one row per metric and place or group it is given for.
with metrics as (
    select metric_id, base, value_unit, ci_method, period, source_feeds, value_per
    from (values
        {metrics}
    ) as m (metric_id, base, value_unit, ci_method, period, source_feeds, value_per)
),

{feeds}

{breakdowns}

{people}

-- a group in which nobody is counted is there too: none of nobody
groups as (
    select dimension, dimension_value
    from people
    group by dimension, dimension_value
),

{populations}

{counted}

figures as (
    select
        metrics.metric_id, groups.dimension, groups.dimension_value,
        coalesce(counted.numerator, 0) as numerator,
        coalesce(case when metrics.base = {own} then counted.denominator else person_count end, 0) as denominator
    from metrics
    join breakdowns on breakdowns.metric_id = metrics.metric_id
    join groups on groups.dimension = breakdowns.dimension
    left join counted
        on counted.metric_id = metrics.metric_id
        and counted.dimension = groups.dimension
        and counted.dimension_value = groups.dimension_value
    left join populations
        on populations.base = metrics.base
        and populations.dimension = groups.dimension
        and populations.dimension_value = groups.dimension_value
)

select
    $month as snapshot_month,
    figures.metric_id,
    figures.dimension,
    figures.dimension_value,
    base,
    'registered or resident' as population_basis,
    {period_start} as period_start,
    case
        when period = 'last_autumn' then cast(last_autumn($snapshot_date) + interval 3 month - interval 1 day as date)
        else $snapshot_date
    end as period_end,
    value_unit,
    value_per,
    ci_method,
    case when feed_count is null then cast(figures.numerator as bigint) end as numerator_count,
    case when feed_count is null then cast(figures.denominator as bigint) end as denominator_count,{compared}
    period <> 'snapshot' as is_provisional,
    source_feeds,
    {version} as rule_version
from figures
join metrics on metrics.metric_id = figures.metric_id
left join unsupplied on unsupplied.metric_id = figures.metric_id{beside}
"""
_COMPARED = """
    case when feed_count is null then cast(beside.numerator as bigint) end as reference_numerator_count,
    case when feed_count is null then cast(beside.denominator as bigint) end as reference_denominator_count,"""
_BESIDE = """
left join figures as beside
    on beside.metric_id = figures.metric_id and beside.dimension = figures.dimension
    and ({rows})"""
