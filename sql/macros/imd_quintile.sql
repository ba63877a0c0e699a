-- National deprivation quintile of a decile, 1 the most deprived.
create function imd_quintile(decile) as
    cast(
        case
            when decile <= 2 then 1
            when decile <= 4 then 2
            when decile <= 6 then 3
            when decile <= 8 then 4
            when decile <= 10 then 5
        end
        as smallint
    );
