-- person.care_at_home: one row per person and metric of frailty, home care and district nursing.
with people as (
    select person_id, age_years, has_moderate_frailty
    from person.profile
),

caseloads as (
    select person_id, district_nursing_date
    from person.community_profile
),

attendances as (
    select person_id, ed_attendance_count
    from person.emergency_profile
),

records as (
    select source, record_id, person_id
    from person.records
    where source in ('asc', 'csds')
),

home_care as (
    select person_id, count(*) as service_count
    from pseudo.asc__events as events
    join records on records.source = 'asc' and records.record_id = events.record_id
    where plain_label(event_type) = 'service' and plain_label(service_component) = 'homesupport'
        and event_start_date <= $snapshot_date and coalesce(event_end_date > $snapshot_date, true)
    group by person_id
),

-- attended contacts of twelve months under a referral to district nursing
nursing as (
    select person_id, count(*) as contact_count
    from pseudo.csds__contacts as contacts
    join pseudo.csds__referrals as referrals on referrals.referral_key = contacts.referral_key
    join records on records.source = 'csds' and records.record_id = contacts.record_id
    where plain_label(team_type) = 'districtnursing' and attendance_code in ('5', '6')
        and contact_date between year_start($snapshot_date) and $snapshot_date
    group by person_id
),

frail as (
    select
        people.person_id, district_nursing_date is null as is_off_caseload,
        coalesce(ed_attendance_count, 0) > 0 as has_attended
    from people
    left join caseloads on caseloads.person_id = people.person_id
    left join attendances on attendances.person_id = people.person_id
    where has_moderate_frailty
)

select person_id, 'frail_off_caseload' as metric_id, case when is_off_caseload then 1 else 0 end as numerator,
    1 as denominator
from frail
union all
select person_id, 'frail_off_caseload_with_ed', case when is_off_caseload and has_attended then 1 else 0 end, 1
from frail
union all
select home_care.person_id, 'home_care_with_nursing', case when contact_count is not null then 1 else 0 end, 1
from home_care
left join nursing on nursing.person_id = home_care.person_id
union all
select home_care.person_id, 'home_care_65', 1, 0
from home_care
join people on people.person_id = home_care.person_id
where age_years >= 65
