-- mart.linkage_accuracy: one row per measure of how rightly records were linked, source and group of records.
with people as (
    select person_id, ethnicity_group
    from person.demographics
),

trials as (
    select
        case when scope = 'each' then tried.source else 'all' end as source, group_type,
        case when group_type = 'all' then 'all' else coalesce(ethnicity_group, 'Unknown') end as group_value, outcome
    from linked.holdout as tried
    join linked.spine as known on known.source = tried.source and known.record_id = tried.record_id
    left join people on people.person_id = known.person_id
    cross join (values ('each'), ('all')) as scopes (scope)
    cross join (values ('all'), ('ethnicity_group')) as group_types (group_type)
),

trial_groups as (
    select
        source, group_type, group_value, count(*) as tried_count,
        count(*) filter (where outcome = 'right') as right_count,
        count(*) filter (where outcome <> 'missed') as found_count
    from trials
    group by source, group_type, group_value
)

select
    $month as snapshot_month, measure, 'all' as source, group_type, group_value,
    case when measure = 'f1' then 2 * true_positive_count else exact_person_count end as numerator_count,
    case
        when measure = 'person_precision' then found_person_count
        when measure = 'person_recall' then true_person_count
        else 2 * true_positive_count + false_positive_count + false_negative_count
    end as denominator_count
from linked.accuracy
cross join (values ('f1'), ('person_precision'), ('person_recall')) as measures (measure)
union all
select
    $month as snapshot_month, measure, source, group_type, group_value, right_count as numerator_count,
    case when measure = 'held_out_found' then tried_count else found_count end as denominator_count
from trial_groups
cross join (values ('held_out_found'), ('held_out_right')) as measures (measure)
