-- The age band of completed years; bands never straddle 18/19 or 64/65, where lifecourse segments change.
create function age_band(age_years) as
    case
        when age_years is null then 'unknown'
        when age_years <= 4 then '0-4'
        when age_years <= 11 then '5-11'
        when age_years <= 18 then '12-18'
        when age_years <= 24 then '19-24'
        when age_years <= 34 then '25-34'
        when age_years <= 49 then '35-49'
        when age_years <= 64 then '50-64'
        when age_years <= 74 then '65-74'
        when age_years <= 84 then '75-84'
        else '85+'
    end;
