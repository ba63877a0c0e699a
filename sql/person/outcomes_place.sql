-- person.outcomes_place: one row per resident and metric of the air where they live, of the outcomes framework.
with people as (
    select person_id, lsoa21
    from person.demographics
    where is_resident and is_eligible
),

-- areas of today only: those of 2011 have other codes
air as (
    select lsoa_code, year, pm25_ugm3, no2_ugm3
    from pseudo.area__context
    where lsoa_vintage = 2021 and pm25_ugm3 is not null and no2_ugm3 is not null
),

latest_years as (
    select lsoa_code, max(year) as year
    from air
    group by lsoa_code
),

exposures as (
    select person_id, pm25_ugm3, no2_ugm3
    from people
    join latest_years on latest_years.lsoa_code = people.lsoa21
    join air on air.lsoa_code = latest_years.lsoa_code and air.year = latest_years.year
)

select person_id, 'pm25_population_weighted' as metric_id, pm25_ugm3 as numerator, 1 as denominator
from exposures
union all
select person_id, 'no2_population_weighted', no2_ugm3, 1
from exposures
union all
select person_id, 'pm25_above_who_guideline', case when pm25_ugm3 > 5 then 1 else 0 end, 1
from exposures
