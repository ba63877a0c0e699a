-- person.maternity_profile: one row per mother of a pregnancy that is active at the snapshot.
with records as (
    select record_id, person_id
    from person.records
    where source = 'msds'
),

babies as (
    select pregnancy_key, max(gestation_days) as gestation_days
    from pseudo.msds__babies
    group by pregnancy_key
),

-- 280 days before the agreed date; else back from the delivery, or from the booking, by gestation
pregnancies as (
    select
        p.record_id, p.row_id, p.booking_date,
        case when p.delivery_date <= $snapshot_date then p.delivery_date end as delivery_date,
        case when p.discharge_date <= $snapshot_date then p.discharge_date end as discharge_date,
        coalesce(
            p.expected_date - interval 280 day,
            p.delivery_date - interval 1 day * b.gestation_days,
            p.booking_date - interval 1 day * p.gestation_at_booking_days,
            p.booking_date
        ) as start_date
    from pseudo.msds__pregnancies as p
    left join babies as b on b.pregnancy_key = p.pregnancy_key
    where p.booking_date <= $snapshot_date
),

-- a pregnancy without a delivery ends with its discharge, or after 308 days; after a delivery, 56 days are counted
active_pregnancies as (
    select record_id, row_id, booking_date, delivery_date, cast(start_date as date) as start_date
    from pregnancies
    where start_date <= $snapshot_date
        and case
            when delivery_date is not null then $snapshot_date <= delivery_date + interval 56 day
            when discharge_date is not null then false
            else $snapshot_date <= start_date + interval 308 day
        end
)

select
    person_id,
    booking_date as maternity_date,
    start_date as pregnancy_start_date,
    delivery_date
from active_pregnancies
join records on records.record_id = active_pregnancies.record_id
qualify row_number() over (partition by person_id order by start_date desc, row_id) = 1
