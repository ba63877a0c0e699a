-- person.access_contraception: one row per woman and metric of contraception recorded by the practice.
with women as (
    select people.person_id, age_years
    from person.demographics as people
    join person.registrations as lists on lists.person_id = people.person_id
    where is_eligible and sex = 'female'
),

records as (
    select source, record_id, person_id
    from person.records
    where source in ('gp', 'msds')
),

events as (
    select person_id, event_date, cluster_id in ('LARCIMP_COD', 'LARCIUS_COD', 'LARCIUD_COD') as is_long_acting
    from pseudo.gp__conditions as events
    join records on records.source = 'gp' and records.record_id = events.record_id
    where event_date between year_start($snapshot_date) - interval 2 month and $snapshot_date
        and cluster_id in (
            'LARCIMP_COD', 'LARCIUS_COD', 'LARCIUD_COD', 'LARCINJ_COD', 'CONTRAPILL_COD'
        )
),

-- of twelve months, and early enough to be followed for eight weeks
deliveries as (
    select person_id, delivery_date
    from pseudo.msds__pregnancies as pregnancies
    join records on records.source = 'msds' and records.record_id = pregnancies.record_id
    where delivery_date >= year_start($snapshot_date) - interval 56 day
        and delivery_date <= $snapshot_date - interval 56 day
    group by person_id, delivery_date
),

recent as (
    select
        person_id, count(*) as event_count, sum(case when is_long_acting then 1 else 0 end) as long_acting_count
    from events
    where event_date >= year_start($snapshot_date)
    group by person_id
),

after_birth as (
    select women.person_id, delivery_date, max(case when events.person_id is not null then 1 else 0 end) as numerator
    from deliveries
    join women on women.person_id = deliveries.person_id
    left join events
        on events.person_id = deliveries.person_id
        and event_date between delivery_date and delivery_date + interval 56 day
    group by women.person_id, delivery_date
)

select women.person_id, 'contraception_recorded' as metric_id, case when event_count > 0 then 1 else 0 end as numerator,
    1 as denominator
from women
left join recent on recent.person_id = women.person_id
where age_years between 15 and 44
union all
select women.person_id, 'larc_per_1000', 1, 0
from women
join recent on recent.person_id = women.person_id
where age_years between 15 and 44 and long_acting_count > 0
union all
select person_id, 'contraception_after_birth', max(numerator), 1
from after_birth
group by person_id
