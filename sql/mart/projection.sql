-- mart.projection: one row per ward, year and measure, age group and sex of the residents expected, with the rate now.
with age_groups as (
    select age_group, age_band, first_age, last_age
    from (values
        ('0-4', '0-4', 0, 4), ('5-14', '5-9', 5, 9), ('5-14', '10-14', 10, 14), ('15-19', '15-19', 15, 19),
        ('20-24', '20-24', 20, 24), ('25-34', '25-29', 25, 29), ('25-34', '30-34', 30, 34), ('35-49', '35-39', 35, 39),
        ('35-49', '40-44', 40, 44), ('35-49', '45-49', 45, 49), ('50-64', '50-54', 50, 54), ('50-64', '55-59', 55, 59),
        ('50-64', '60-64', 60, 64), ('65-74', '65-69', 65, 69), ('65-74', '70-74', 70, 74), ('75-84', '75-79', 75, 79),
        ('75-84', '80-84', 80, 84), ('85+', '85-89', 85, 89), ('85+', '90+', 90, 200)
    ) as a (age_group, age_band, first_age, last_age)
),

measures as (
    select measure, measures.feed, measures.feed = 'none' or received.feed is not null as is_supplied
    from (values
        ('bwgw', 'none'), ('lw', 'none'), ('pi', 'none'), ('complex', 'gp__conditions'),
        ('long_term_condition', 'gp__conditions'), ('two_or_more_conditions', 'gp__conditions'),
        ('emergency_admissions', 'apc__episodes'), ('long_term_care', 'asc__events')
    ) as measures (measure, feed)
    left join reference.received_feeds as received on received.feed = measures.feed and not is_stale
),

admissions as (
    select person_id, event_count from person.activity where activity_type = 'emergency_admission'
),

carers as (
    select person_id, count(*) as care_count
    from person.care_episodes
    where is_open and activity_type = 'long_term_care'
    group by person_id
),

-- people of today, each with what they have of each measure: nothing where it cannot be known
counted as (
    select
        measure, age_group, people.sex,
        case measure
            when 'bwgw' then case when lifecourse_segment = 'BWGW' then 1 else 0 end
            when 'lw' then case when lifecourse_segment = 'LW' then 1 else 0 end
            when 'pi' then case when lifecourse_segment = 'PI' then 1 else 0 end
            when 'complex' then case when need_segment = 'complex' then 1 else 0 end
            when 'long_term_condition' then case when ltc_count >= 1 then 1 when ltc_count < 1 then 0 end
            when 'two_or_more_conditions' then case when ltc_count >= 2 then 1 when ltc_count < 2 then 0 end
            when 'emergency_admissions' then coalesce(event_count, 0)
            else case when care_count > 0 then 1 else 0 end
        end as events
    from person.demographics as people
    join age_groups on people.age_years between first_age and last_age
    join segment.lifecourse as lifecourse on lifecourse.person_id = people.person_id
    join segment.need as needs on needs.person_id = people.person_id
    join person.profile as facts on facts.person_id = people.person_id
    left join admissions on admissions.person_id = people.person_id
    left join carers on carers.person_id = people.person_id
    cross join measures
    where is_eligible and is_resident and people.sex in ('female', 'male') and is_supplied
),

rates as (
    select measure, age_group, sex, sum(events) as event_count, count(events) as person_count
    from counted
    group by measure, age_group, sex
)

select
    $month as snapshot_month, projected.projection_source, projected.ward_code, locality, projected.year,
    measures.measure, age_groups.age_group, projected.sex, is_supplied, event_count, person_count,
    sum(residents) as residents
from pseudo.population__projections as projected
join age_groups on age_groups.age_band = projected.age_band
cross join measures
left join reference.wards as wards on wards.ward_code = projected.ward_code
left join rates
    on rates.measure = measures.measure and rates.age_group = age_groups.age_group and rates.sex = projected.sex
join reference.received_feeds as received on received.feed = 'population__projections' and not received.is_stale
group by
    projected.projection_source, projected.ward_code, locality, projected.year, measures.measure, age_groups.age_group,
    projected.sex, is_supplied, event_count, person_count
