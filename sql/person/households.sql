-- person.households: one row per residence where somebody is known to live at the snapshot date.
with residents as (
    select
        person_id, ralf, age_years,
        case when age_years < 18 then 1 else 0 end as is_child,
        case when age_years >= 65 then 1 else 0 end as is_older
    from person.demographics
    where is_eligible and is_resident and ralf is not null
),

-- an address as it stands: not one of the past, or of the future
addresses as (
    select ralf, lsoa21, dwelling_kind(property_class_code) as dwelling_kind
    from pseudo.llpg__addresses
    where coalesce(logical_status_code, '1') in ('1', '3')
        and coalesce(start_date <= $snapshot_date, true)
        and coalesce(end_date >= $snapshot_date, true)
    qualify row_number() over (partition by ralf order by logical_status_code, row_id) = 1
),

areas as (
    select lsoa21, locality
    from reference.lsoa21
),

residences as (
    select
        ralf,
        count(*) as person_count,
        count(age_years) as aged_count,
        sum(is_child) as child_count,
        sum(is_older) as older_count,
        min(case when age_years >= 18 then age_years end) as youngest_adult_years,
        max(age_years) as oldest_years
    from residents
    group by ralf
),

homes as (
    select
        residences.ralf, addresses.lsoa21, locality, dwelling_kind, person_count, child_count, older_count,
        person_count - child_count as adult_count,
        oldest_years - youngest_adult_years as adult_span_years,
        dwelling_kind <> 'home' as is_communal,
        dwelling_kind = 'home' and person_count > 20 as is_oversized,
        dwelling_kind = 'home' and person_count <= 20 and aged_count = person_count as is_aged,
        child_count > 0 and older_count > 0 and person_count > child_count + older_count as has_three_ages
    from residences
    join addresses on addresses.ralf = residences.ralf
    left join areas on areas.lsoa21 = addresses.lsoa21
    where dwelling_kind is not null
)

select
    ralf, lsoa21, locality, is_communal,
    case when is_communal then dwelling_kind end as communal_type,
    person_count, child_count, adult_count, older_count, is_oversized,
    not is_communal and person_count = 1 as is_living_alone,
    not is_communal and person_count = 1 and older_count = 1 as is_living_alone_65plus,
    is_aged and has_three_ages as is_multigenerational,
    case
        when is_communal then 'communal'
        when not is_aged then 'unknown'
        when adult_count = 0 then 'children_alone'
        when person_count = 1 and older_count = 1 then 'one_person_65plus'
        when person_count = 1 then 'one_person'
        when has_three_ages then 'three_ages'
        when child_count > 0 and adult_count = 1 then 'one_adult_with_children'
        when child_count > 0 and adult_count = 2 then 'two_adults_with_children'
        when child_count > 0 then 'adults_with_children'
        when adult_count = 2 and adult_span_years <= 15 then 'two_adults_alike'
        when adult_count = 2 then 'two_adults_apart'
        else 'adults'
    end as composition
from homes
