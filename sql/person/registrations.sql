-- person.registrations: one row per person on the list of a practice of the borough at the snapshot date.
with registrations as (
    select record_id, practice_code, registered_date
    from pseudo.gp__registrations
    where registration_type = 'R'
        and registered_date <= $snapshot_date
        and coalesce(deregistered_date > $snapshot_date, true)
),

practices as (
    select practice_code, pcn_code, locality
    from reference.practices
    where valid_from <= $snapshot_date
        and coalesce(valid_to > $snapshot_date, true)
),

successors as (
    select practice_code, successor_code
    from reference.practice_successors
    where closed_date < $snapshot_date
        and successor_code is not null
),

records as (
    select record_id, person_id
    from person.records
    where source = 'gp'
),

open_registrations as (
    select
        records.person_id,
        registrations.record_id,
        practices.practice_code,
        practices.pcn_code,
        practices.locality as practice_locality,
        registrations.registered_date,
        count(*) over (partition by records.person_id) as registration_count
    from registrations
    -- the code of a practice that closed still arrives: its list is the successor's
    left join successors on successors.practice_code = registrations.practice_code
    join practices on practices.practice_code = coalesce(successors.successor_code, registrations.practice_code)
    join records on records.record_id = registrations.record_id
)

select
    person_id,
    practice_code,
    pcn_code,
    practice_locality,
    registered_date,
    registration_count
from open_registrations
-- two open registrations after a move: the later is where they are; the record id breaks ties
qualify row_number() over (partition by person_id order by registered_date desc, record_id) = 1
