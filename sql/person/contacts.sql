-- person.contacts: one row per person and type of contact outside hospital in the twelve months to the snapshot.
with records as (
    select source, record_id, person_id
    from person.records
    where source in ('gp', 'mhsds', 'csds', 'talking_therapies')
),

-- what counts as attended is the set of NHS England's appointments in general practice
practice_appointments as (
    select
        'gp' as source, record_id, appointment_date as contact_date, 1 as quantity,
        case
            when plain_label(mode) in ('facetoface', 'homevisit') then 'gp_appointment_face_to_face'
            else 'gp_appointment_remote'
        end as activity_type
    from pseudo.gp__appointments
    where plain_label(status) in ('arrived', 'inprogress', 'finished', 'visit', 'waiting', 'patientwalkedout')
),

mental_health_contacts as (
    select 'mhsds' as source, record_id, contact_date, 1 as quantity, 'mental_health_contact' as activity_type
    from pseudo.mhsds__contacts
    where attendance_code in ('5', '6')
),

mental_health_days as (
    select
        'mhsds' as source, record_id, ward_start_date as contact_date,
        days_within(ward_start_date, ward_end_date, year_start($snapshot_date), $snapshot_date) as quantity,
        'mental_health_bed_day' as activity_type
    from pseudo.mhsds__ward_stays
    where coalesce(ward_end_date >= year_start($snapshot_date), true)
),

community_contacts as (
    select 'csds' as source, record_id, contact_date, 1 as quantity, 'community_contact' as activity_type
    from pseudo.csds__contacts
    where attendance_code in ('5', '6')
),

therapy_contacts as (
    select
        'talking_therapies' as source, record_id,
        coalesce(last_treatment_date, first_assessment_date, referral_date) as contact_date,
        treatment_contact_count as quantity, 'talking_therapies_contact' as activity_type
    from pseudo.talking_therapies__referrals
    where treatment_contact_count > 0
),

contacts as (
    select source, record_id, contact_date, quantity, activity_type from practice_appointments
    union all
    select source, record_id, contact_date, quantity, activity_type from mental_health_contacts
    union all
    select source, record_id, contact_date, quantity, activity_type from mental_health_days
    union all
    select source, record_id, contact_date, quantity, activity_type from community_contacts
    union all
    select source, record_id, contact_date, quantity, activity_type from therapy_contacts
)

select
    person_id,
    activity_type,
    cast(sum(quantity) as integer) as contact_count,
    max(contact_date) as last_date
from contacts
join records on records.source = contacts.source and records.record_id = contacts.record_id
where contact_date <= $snapshot_date
    and (contact_date >= year_start($snapshot_date) or activity_type = 'mental_health_bed_day')
group by person_id, activity_type
