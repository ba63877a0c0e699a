-- person.community_profile: one row per person with an open referral to a community health team.
with records as (
    select record_id, person_id
    from person.records
    where source = 'csds'
),

referrals as (
    select record_id, plain_label(team_type) as team_type, referral_date
    from pseudo.csds__referrals
    where referral_date <= $snapshot_date
        and coalesce(discharge_date > $snapshot_date, true)
)

select
    person_id,
    max(case when team_type = 'palliative' then referral_date end) as palliative_service_date,
    max(case when team_type like 'childrenscommunitynursing%' then referral_date end) as childrens_nursing_date,
    max(case when team_type = 'districtnursing' then referral_date end) as district_nursing_date,
    max(
        case
            when team_type not in ('palliative', 'districtnursing')
                and team_type not like 'childrenscommunitynursing%' then referral_date
        end
    ) as other_team_date
from referrals
join records on records.record_id = referrals.record_id
group by person_id
