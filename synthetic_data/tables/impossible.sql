-- What cannot be: each block counts cases in a month's files and truth (../checks/impossible.py).
-- The block's first line is its name and, after the colon, what it means.

-- unknown_person: a record that stands for nobody
select count(*) from records
    left join people using (true_person)
    where people.sex is null;

-- row_without_record: a row of a file whose record is not in the truth
select count(*) from ( select true_person from gp__registrations
    union all select true_person from gp__conditions
    union all select true_person from apc__episodes
    union all select true_person from asc__events
    union all select true_person from ecds__attendances
    union all select true_person from education__pupils
    union all select true_person from housing__tenancies
    union all select true_person from csc__children where expected_birth_date is null
    union all select true_person from csc__looked_after
    union all select true_person from education__ehc_plans
    union all select true_person from ncmp__measurements
    union all select true_person from homelessness__people
    union all select true_person from homelessness__placements
    union all select true_person from housing__register
    union all select true_person from housing__adaptations
    union all select true_person from benefits__claimants
    union all select true_person from gp__appointments
    union all select true_person from op__appointments
    union all select true_person from mhsds__people
    union all select true_person from mhsds__referrals
    union all select true_person from mhsds__contacts
    union all select true_person from mhsds__cpa
    union all select true_person from mhsds__ward_stays
    union all select true_person from mhsds__detentions
    union all select true_person from csds__people
    union all select true_person from csds__referrals
    union all select true_person from csds__contacts
    union all select true_person from msds__pregnancies
    union all select true_person from msds__babies
    union all select true_person from talking_therapies__referrals
    union all select true_person from deaths__registrations
    union all select true_person from births__registrations
    union all select true_person from personalised_care__products )
    where true_person is null;

-- event_before_birth: an event before the person was born
select count(*) from events e
    join people p using (true_person)
    where e.day < p.birth_date;

-- event_after_death: an event after the person died
select count(*) from events e
    join people p using (true_person)
    where e.day > p.death_date
    and e.kind <> 'care end';

-- event_in_future: an event after the snapshot
select count(*) from events e
    where e.day > snapshot();

-- born_in_future: a person born after the snapshot
select count(*) from people
    where birth_date > snapshot();

-- too_old: a person of more than 112 years
select count(*) from people
    where age_years > 112;

-- death_before_birth: a death before the birth
select count(*) from people
    where death_date < birth_date;

-- resident_who_is_gone: a resident who is dead, has left or has not come
select count(*) from people
    where is_resident and (death_date <= snapshot()
    or left_date <= snapshot() or arrived_date > snapshot());

-- arrived_before_birth: somebody who came before being born
select count(*) from people
    where arrived_date < birth_date;

-- young_mother: a mother under sixteen, or over forty-six, at the birth
select count(*) from people child
    join people mother on mother.true_person = child.mother
    where datediff('day', mother.birth_date, child.birth_date) not between 16 * 365 and 46.5 * 365.25;

-- male_mother: a mother who is male
select count(*) from people child
    join people mother on mother.true_person = child.mother
    where mother.sex = 'male';

-- young_father: a father under sixteen at the birth
select count(*) from people child
    join people father on father.true_person = child.father
    where datediff('day', father.birth_date, child.birth_date) < 16 * 365;

-- close_siblings: two births of one mother less than nine months apart that are not twins
select count(*) from people a
    join people b on a.mother = b.mother and a.true_person < b.true_person
    where abs(datediff('day', a.birth_date, b.birth_date)) between 1 and 270;

-- twins_of_one_name: twins with one forename
select count(*) from people a
    join people b on a.mother = b.mother and a.birth_date = b.birth_date and a.true_person < b.true_person
    where a.forename = b.forename;

-- one_sided_couple: a partner whose partner is somebody else
select count(*) from people a
    join people b on b.true_person = a.partner
    where b.partner is distinct from a.true_person;

-- child_partner: a partner under sixteen
select count(*) from people
    where partner is not null and age_years < 16;

-- child_alone: a child under sixteen living where there is no adult
select count(*) from people c
    where c.is_resident and c.age_years < 16 and c.living = 'household'
    and not exists (select 1 from people a
    where a.household = c.household and a.is_resident and a.age_years >= 16);

-- huge_household: a household of more than twenty
select count(*) from (select household from people
    where is_resident and living = 'household'
    group by household
    having count(*) > 20);

-- divided_household: a household at two addresses at once
select count(*) from (select household from people
    where is_resident and living = 'household'
    group by household
    having count(distinct uprn) > 1);

-- shared_home: two households in one ordinary home
select count(*) from (select uprn from people
    where is_resident and living = 'household' and uprn is not null
    group by uprn
    having count(distinct household) > 1);

-- homes_in_two_areas: a home in two areas
select count(*) from (select uprn from people
    where uprn is not null and lsoa21 is not null
    group by uprn
    having count(distinct lsoa21) > 1);

-- postcode_in_two_areas: a postcode in two areas
select count(*) from (select postcode from people
    where lsoa21 is not null and postcode is not null
    group by postcode
    having count(distinct lsoa21) > 1);

-- shared_nhs_number: an NHS number that two people have
select count(*) from (select nhs_number from (select nhs_number from people
    union all select former_nhs_number from people
    where former_nhs_number is not null)
    group by nhs_number
    having count(*) > 1);

-- real_nhs_number: an NHS number outside the 999 range, in truth or in a file
select count(*) from ( select nhs_number as n from people
    union all select replace(nhs_number, ' ', '') from gp__registrations
    union all select replace(nhs_number, ' ', '') from apc__episodes
    union all select replace(nhs_number, ' ', '') from asc__events
    union all select replace(nhs_number, ' ', '') from ecds__attendances
    union all select nhs_number from op__appointments
    union all select nhs_number from mhsds__people
    union all select nhs_number from csds__people
    union all select nhs_number from msds__pregnancies
    union all select nhs_number from msds__babies
    union all select nhs_number from talking_therapies__referrals
    union all select nhs_number from deaths__registrations
    union all select nhs_number from births__registrations
    union all select replace(nhs_number, ' ', '') from csc__children
    union all select replace(nhs_number, ' ', '') from ncmp__measurements
    union all select replace(nhs_number, ' ', '') from personalised_care__products )
    where n is not null and not regexp_full_match(n, '999[0-9]{7}');

-- invalid_true_number: a true NHS number with a wrong check digit
select count(*) from (
        select nhs_number, list_sum(list_transform(range(1, 10), lambda i: (11 - i) * cast(substr(nhs_number, i, 1) as integer))) as total
        from people
    )
    where (11 - total % 11) % 11 <> cast(substr(nhs_number, 10, 1) as integer);

-- registration_backwards: a registration that ends before it starts
select count(*) from gp__registrations
    where deregistered_date < registered_date;

-- three_lists: a person on three lists at once
select count(*) from (select true_person from gp__registrations
    where deregistered_date is null
    group by true_person
    having count(*) > 2);

-- resolved_before_onset: a condition resolved before it began
select count(*) from gp__conditions
    where resolved_date < event_date;

-- discharge_before_admission: a discharge before the admission
select count(*) from apc__episodes
    where discharge_date < admission_date
    or episode_end_date < episode_start_date
    or episode_start_date < admission_date
    or episode_end_date > discharge_date;

-- two_beds: a person in two hospital beds at once
select count(*) from spells a
    join spells b on a.true_person = b.true_person and a.spell_id < b.spell_id
    where a.admission_date < b.discharge_date
    and b.admission_date < a.discharge_date;

-- stay_beyond_death: a hospital stay that goes on after death
select count(*) from spells s
    join people p using (true_person)
    where s.discharge_date > p.death_date;

-- died_in_hospital_alive: a death in hospital of somebody alive
select count(*) from spells s
    join people p using (true_person)
    where s.discharge_method_code = '4' and p.death_date is null;

-- male_delivery: a delivery by a man, or outside childbearing age
select count(*) from apc__episodes e
    join people p using (true_person)
    where e.admission_method_code in ('31', '32')
    and (p.sex = 'male' or datediff('year', p.birth_date, e.admission_date) not between 14 and 55);

-- late_birth: a birth episode that is not on the day of birth
select count(*) from apc__episodes e
    join people p using (true_person)
    where e.admission_method_code = '82'
    and e.admission_date <> p.birth_date;

-- child_client: a social care client under eighteen
select count(*) from asc__events e
    join people p using (true_person)
    where datediff('day', p.birth_date, e.event_start_date) < 18 * 365;

-- carer_of_self: somebody caring for themselves
select count(*) from asc__events
    where cared_for_ref = person_ref;

-- care_backwards: a care event that ends before it starts
select count(*) from asc__events
    where event_end_date < event_start_date;

-- child_tenant: a tenant under eighteen when the tenancy began
select count(*) from housing__tenancies t
    join people p using (true_person)
    where datediff('day', p.birth_date, t.tenancy_start_date) < 18 * 365;

-- two_tenancies: a person with open tenancies of two homes
select count(*) from (select true_person from housing__tenancies
    where tenancy_end_date is null and uprn is not null
    group by true_person
    having count(distinct uprn) > 1);

-- tenancy_backwards: a tenancy that ends before it starts
select count(*) from housing__tenancies
    where tenancy_end_date < tenancy_start_date;

-- pupil_of_wrong_age: a pupil under two or over nineteen
select count(*) from education__pupils e
    join people p using (true_person)
    where p.age_years not between 2 and 19;

-- shared_upn: a pupil number that two people have
select count(*) from (select upn from education__pupils
    group by upn
    having count(distinct true_person) > 1);

-- plan_backwards: an education, health and care plan issued before it was asked for
select count(*) from education__pupils
    where ehcp_start_date < ehcp_request_date;

-- attendance_backwards: an attendance at an emergency department that ends before it begins
select count(*) from ecds__attendances
    where departure_time < arrival_time
    or treatment_time not between arrival_time and departure_time;

-- attendance_in_bed: somebody in a hospital bed who comes to an emergency department, and is not admitted
select count(*) from ecds__attendances a
    join spells s using (true_person)
    where a.arrival_date > s.admission_date and a.arrival_date < s.discharge_date;

-- two_departments: a person in two emergency departments at once
select count(*) from ecds__attendances a
    join ecds__attendances b on a.true_person = b.true_person and a.attendance_ident < b.attendance_ident
    where a.arrival_time < b.departure_time
    and b.arrival_time < a.departure_time;

-- admitted_nowhere: an attendance that ends on a ward, without a stay that began that day and is long over
select count(*) from ecds__attendances a
    where a.discharge_destination_code = '306706006' and not exists (select 1 from spells s
    where s.true_person = a.true_person and s.admission_date = a.arrival_date)
    and a.arrival_date < snapshot() - 120;

-- home_not_in_gazetteer: a resident whose home the gazetteer does not have as a standing home
select count(*) from people p
    left join llpg__addresses g on ltrim(g.uprn, '0') = p.uprn and g.logical_status_code <> '3'
    where p.is_resident and p.uprn is not null and p.lsoa21 is not null
    and (coalesce(g.logical_status_code, '') <> '1' or g.lsoa21 <> p.lsoa21 or g.property_class_code = 'PP');

-- part_of_nothing: an address that is part of a building the gazetteer does not have
select count(*) from llpg__addresses a
    left join llpg__addresses b on b.uprn = a.parent_uprn
    where a.parent_uprn is not null and b.property_class_code is distinct from 'PP';

-- grown_child: help for a child that began when the child was eighteen
select count(*) from (select true_person, referral_date as day from csc__children_in_need
    union all select true_person, plan_start_date from csc__protection_plans
    union all select true_person, episode_start_date from csc__looked_after
    union all select true_person, start_date from csc__early_help)
    join people p using (true_person)
    where datediff('day', p.birth_date, day) >= 18 * 365.25;

-- help_backwards: help for a child that ends before it begins
select count(*) from (select referral_date as a, closure_date as b from csc__children_in_need
    union all select plan_start_date, plan_end_date from csc__protection_plans
    union all select episode_start_date, episode_end_date from csc__looked_after
    union all select start_date, end_date from csc__early_help)
    where b < a;

-- two_placements: a looked-after child in two placements at once
select count(*) from (select distinct true_person, episode_start_date, episode_end_date from csc__looked_after
    where legal_status_code not in ('V3', 'V4')) a
    join (select distinct true_person, episode_start_date, episode_end_date from csc__looked_after
    where legal_status_code not in ('V3', 'V4')) b using (true_person)
    where a.episode_start_date < b.episode_start_date
    and coalesce(a.episode_end_date, date '9999-12-31') > b.episode_start_date;

-- born_and_expected: a child with a date of birth and an expected one
select count(*) from csc__children
    where birth_date is not null and expected_birth_date is not null;

-- adopted_and_here: a child adopted from care who is still a resident
select count(*) from csc__children c
    join people p using (true_person)
    where c.is_adopted = 'Y' and p.is_resident;

-- return_against_census: a pupil whose plan has one date in the census and another in the SEN2 return
select count(*) from education__pupils e
    left join education__ehc_plans s on s.upn = e.upn and s.plan_start_date is not null
    where e.ehcp_start_date <= snapshot() and s.plan_start_date is distinct from e.ehcp_start_date;

-- plan_out_of_order: a decision to assess before the request, or after the plan
select count(*) from education__ehc_plans
    where request_outcome_date < request_date or request_outcome_date > plan_start_date
    or plan_start_date < request_date or plan_end_date < plan_start_date;

-- measured_at_wrong_age: a child measured in Reception or Year 6 at another age
select count(*) from ncmp__measurements m
    join people p using (true_person)
    where datediff('day', p.birth_date, m.measurement_date) / 365.25
    not between case m.year_group when 'R' then 3.9 else 9.9 end and case m.year_group when 'R' then 6.1 else 12.1 end;

-- child_applicant: somebody under eighteen who applied as homeless on their own account
select count(*) from homelessness__people h
    join people p using (true_person)
    where h.relationship = 'main applicant' and datediff('day', p.birth_date, h.application_date) < 18 * 365;

-- housed_before_asking: a stay in temporary accommodation that began before the application
select count(*) from homelessness__placements t
    join homelessness__people h using (case_ref, person_no)
    where t.placement_start_date < h.application_date;

-- two_stays: a person in two places of temporary accommodation at once
select count(*) from homelessness__placements a
    join homelessness__placements b on a.true_person = b.true_person and a.case_ref < b.case_ref
    where a.placement_start_date < coalesce(b.placement_end_date, date '9999-12-31')
    and b.placement_start_date < coalesce(a.placement_end_date, date '9999-12-31');

-- home_of_far_away: a stay in the borough at an address outside it, or the other way about
select count(*) from homelessness__placements t
    join (select distinct postcode from people where lsoa21 is not null) h on h.postcode = t.postcode
    where t.is_out_of_borough = 'Y';

-- two_applications: a person on two live applications for housing
select count(*) from (select true_person from housing__register
    group by true_person
    having count(distinct app_ref) > 1);

-- adaptation_out_of_order: works approved before they were asked for, or finished before they were approved
select count(*) from housing__adaptations
    where assessment_date < referral_date or approval_date < assessment_date or completion_date < approval_date;

-- wrong_cap: a cost beyond the cap that is not said to be, or the other way about
select count(*) from housing__adaptations
    where (is_cap_exceeded = 'Y') <> (cost_gbp::double > 30000);

-- two_accounts: a home with two council tax accounts
select count(*) from (select uprn from council_tax__accounts
    where liable_to_date is null
    group by uprn
    having count(*) > 1);

-- lonely_crowd: a home with the single person discount where nobody lives
select count(*) from council_tax__accounts c
    where c.discount = 'SPD25'
    and not exists (select 1 from people p where p.uprn = ltrim(c.uprn, '0') and p.is_resident);

-- two_claims: a person on two claims in payment
select count(*) from (select true_person from benefits__claimants
    group by true_person
    having count(distinct claim_ref) > 1);

-- child_claimant: a claimant under sixteen
select count(*) from benefits__claimants b
    join people p using (true_person)
    where b.claim_role = 'claimant' and p.age_years < 16;

-- payment_without_care: a direct payment to somebody who has no social care
select count(*) from personalised_care__products c
    where c.product = 'direct payment ASC' and c.end_date is null
    and not exists (select 1 from asc__events a where a.true_person = c.true_person and a.event_type = 'Service');

-- level_not_of_score: an activation level that its score does not give
select count(*) from personalised_care__products
    where activation_level::int <> case when activation_score::double >= 72.5 then 4
    when activation_score::double >= 55.2 then 3 when activation_score::double >= 47.1 then 2 else 1 end;

-- male_pregnancy: a pregnancy of a man, or outside childbearing age
select count(*) from msds__pregnancies m
    join people p using (true_person)
    where p.sex = 'male'
    or datediff('year', p.birth_date, m.booking_date) not between 14 and 47;

-- booked_after_birth: a pregnancy booked after its delivery, delivered after its discharge, or of more than 44 weeks
select count(*) from msds__pregnancies
    where booking_date >= delivery_date
    or discharge_date < delivery_date
    or delivery_date - (expected_date - 280) not between 150 and 308;

-- baby_of_nobody: a baby of a pregnancy that the file does not have, or born on another day than its mother delivered
select count(*) from msds__babies b
    join people p using (true_person)
    left join (select distinct pregnancy_ref, delivery_date, true_person as mother
        from msds__pregnancies where delivery_date is not null) m using (pregnancy_ref)
    where m.mother is null or m.delivery_date <> p.birth_date
    -- one whose record was closed and another given is one mother
    or m.mother % 1000000000 <> p.mother;

-- birth_not_registered_as_it_was: a birth registered with another mother, day or sex, or of two babies at once
select count(*) from births__registrations b
    join people p on p.true_person = b.true_person % 1000000000  -- a record closed by adoption says no kin
    where not exists (
        select 1 from (select p.mother as mother) as one
        left join people m on m.true_person % 1000000000 = one.mother
        where m.nhs_number is not distinct from b.mother_nhs_number
    )
    or b.registration_date not between p.birth_date and p.birth_date + 42
    or (b.sex = '1') <> (p.sex = 'male')
    or (b.is_multiple_birth = 'true') <> exists (select 1 from people t
    where t.mother = p.mother and t.birth_date = p.birth_date and t.true_person <> p.true_person);

-- living_dead: a death registered of somebody alive, on another day, or before it happened
select count(*) from deaths__registrations d
    join people p using (true_person)
    where p.death_date is distinct from d.death_date
    or d.registration_date < d.death_date;

-- unregistered_death: a resident's death of long ago that is not registered
select count(*) from people p
    where p.death_date between snapshot() - 364 and snapshot() - 335
    and p.left_date is null and p.lsoa21 is not null
    and not exists (select 1 from deaths__registrations d where d.true_person = p.true_person)
    and p.true_person in (select true_person from gp__registrations);

-- died_in_hospital_elsewhere: a death in hospital by one file and not by the other
select count(*) from deaths__registrations d
    join spells s using (true_person)
    where s.discharge_method_code = '4' and d.death_place_type <> 'hospital';

-- booked_in_retrospect: an appointment made or asked for after its day
select count(*) from (select booked_date as made, appointment_date as day from gp__appointments
    union all select request_date, appointment_date from op__appointments)
    where made > day;

-- seen_tomorrow: an appointment of the future that has been kept or missed, or one of the past still to come
select count(*) from (select appointment_date, status in ('Booked', 'Cancelled by Patient') as open,
        status <> 'Booked' as settled from gp__appointments
    union all select appointment_date, attendance_code in ('0', '2', '4'), attendance_code <> '0' from op__appointments)
    where (appointment_date > snapshot() and not open)
    or (appointment_date <= snapshot() and not settled);

-- seen_without_referral: a contact of mental health or community services outside the referral it belongs to
select count(*) from (select c.contact_date, r.referral_date, r.discharge_date, c.true_person, r.true_person as other
        from mhsds__contacts c left join mhsds__referrals r using (referral_ref)
    union all select c.contact_date, r.referral_date, r.discharge_date, c.true_person, r.true_person
        from csds__contacts c left join csds__referrals r using (referral_ref))
    where other is distinct from true_person
    or contact_date < referral_date or contact_date > discharge_date;

-- service_backwards: a referral, CPA, ward stay or detention that ends before it begins
select count(*) from (select referral_date as begun, coalesce(discharge_date, rejection_date) as ended from mhsds__referrals
    union all select referral_date, discharge_date from csds__referrals
    union all select cpa_start_date, cpa_end_date from mhsds__cpa
    union all select spell_start_date, spell_end_date from mhsds__ward_stays
    union all select ward_start_date, ward_end_date from mhsds__ward_stays
    union all select detention_start_date, detention_end_date from mhsds__detentions)
    where ended < begun;

-- detained_nowhere: somebody detained who is on no ward
select count(*) from mhsds__detentions d
    where not exists (select 1 from mhsds__ward_stays w
    where w.true_person = d.true_person and w.spell_start_date <= d.detention_start_date
    and coalesce(w.spell_end_date, snapshot()) >= coalesce(d.detention_end_date, snapshot()));

-- two_wards: a person on two mental health wards at once
select count(*) from (select distinct true_person, ward_stay_ref, ward_start_date, ward_end_date from mhsds__ward_stays) a
    join (select distinct true_person, ward_stay_ref, ward_start_date, ward_end_date from mhsds__ward_stays) b
    on a.true_person = b.true_person and a.ward_stay_ref < b.ward_stay_ref
    where a.ward_start_date < coalesce(b.ward_end_date, snapshot())
    and b.ward_start_date < coalesce(a.ward_end_date, snapshot());

-- child_in_adult_therapy: talking therapies for a child under sixteen
select count(*) from talking_therapies__referrals t
    join people p using (true_person)
    where datediff('day', p.birth_date, t.referral_date) < 16 * 365;

-- therapy_out_of_order: treatment before assessment, assessment before referral, or recovery without treatment completed
select count(*) from talking_therapies__referrals
    where first_assessment_date < referral_date
    or first_treatment_date < first_assessment_date
    or last_treatment_date < first_treatment_date
    or discharge_date < last_treatment_date
    or (has_recovered = 'true' and has_completed_treatment <> 'true');

-- measured_unmeasurable: a measurement outside the bounds of its kind, or a check of somebody of the wrong sex or age
select count(*) from gp__conditions c
    join people p using (true_person)
    where (cluster_id like 'LARC%' and p.sex = 'male')
    or (cluster_id like 'MMR%' and datediff('day', p.birth_date, event_date) < 360)
    or (cluster_id = 'BMI30_COD' and cast(value as double) < 30)
    or (snomed_code = '271649006' and cast(value as double) not between 60 and 240);

-- area_missing: a year of the area file without every LSOA of its vintage
select count(*) from (
    select year, lsoa_vintage from area__context group by year, lsoa_vintage
    having count(distinct lsoa_code) <> case when lsoa_vintage = 2021 then 169 else 144 end);

-- published_before_its_time: a comparator of a period that has not ended, or a survey wave that is yet to come
select (select count(*) from outcomes__comparators where period_end > snapshot())
    + (select count(*) from survey__results where cast(left(wave, 4) as integer) > year(snapshot()));
