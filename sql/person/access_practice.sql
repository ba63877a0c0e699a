-- person.access_practice: one row per person and metric of access to general practice.
with patients as (
    select people.person_id, age_years
    from person.demographics as people
    join person.registrations as lists on lists.person_id = people.person_id
    where is_eligible
),

records as (
    select record_id, person_id
    from person.records
    where source = 'gp'
),

-- what counts as attended is the set of NHS England's appointments in general practice
appointments as (
    select
        record_id,
        plain_label(status) in ('arrived', 'inprogress', 'finished', 'visit', 'waiting', 'patientwalkedout')
            as is_attended,
        plain_label(status) = 'didnotattend' as is_missed
    from pseudo.gp__appointments
    where appointment_date between year_start($snapshot_date) and $snapshot_date
),

vaccinations as (
    select person_id, count(*) as event_count
    from pseudo.gp__conditions as events
    join records on records.record_id = events.record_id
    where cluster_id = 'FLUVAC_COD' and event_date between year_start($snapshot_date) and $snapshot_date
    group by person_id
),

checks as (
    select person_id, health_check_offered_date, health_check_date
    from person.practice_checks
),

sums as (
    select
        person_id, sum(case when is_attended then 1 else 0 end) as attended_count,
        sum(case when is_missed then 1 else 0 end) as missed_count
    from appointments
    join records on records.record_id = appointments.record_id
    group by person_id
)

select
    patients.person_id, 'practice_appointments' as metric_id, coalesce(attended_count, 0) as numerator,
    1 as denominator
from patients
left join sums on sums.person_id = patients.person_id
union all
select patients.person_id, 'practice_dna', missed_count, missed_count + attended_count
from patients
join sums on sums.person_id = patients.person_id
where missed_count + attended_count > 0
union all
select patients.person_id, 'flu_vaccination_65', case when event_count is not null then 1 else 0 end, 1
from patients
left join vaccinations on vaccinations.person_id = patients.person_id
where age_years >= 65
union all
select
    patients.person_id, 'nhs_health_checks',
    case when months_since(health_check_date, $snapshot_date) < 60 then 1 else 0 end, 1
from patients
join checks on checks.person_id = patients.person_id
where age_years between 40 and 74 and months_since(health_check_offered_date, $snapshot_date) < 60
