-- person.flow_carried: one row per person and metric of the outcomes framework that is given by network too.
select person_id, metric_id, numerator, denominator
from person.outcomes_hospital
where metric_id in ('non_elective_admissions', 'discharge_usual_place', 'readmissions_30_days')
union all
select person_id, metric_id, numerator, denominator
from person.outcomes_reablement
where metric_id in ('reablement_91_days', 'reablement_91_days_all_year')
union all
select person_id, metric_id, numerator, denominator
from person.outcomes_care
where metric_id = 'residential_admissions_65'
