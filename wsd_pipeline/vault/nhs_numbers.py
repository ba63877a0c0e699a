"""NHS numbers as suppliers hold them: which could be a person's in England, which are another nation's, which nobody's.

Ten digits of which the last checks the others (modulus 11), of a range that is issued (NHS Data Dictionary; England,
Wales and the Isle of Man 400–499 and 600–799 million; 999 million is for tests and invented people). A Scottish CHI
number and a Northern Irish health and care number have the same form and check, and mean somebody else's list: they
are known for what they are and never linked as NHS numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

_WEIGHTED = " + ".join(f"{11 - i} * (n // {10 ** (10 - i)} % 10)" for i in range(1, 10))

MACROS = (
    # ten digits, spaces, hyphens and a spreadsheet's .0 removed; null where it is not ten digits
    """create or replace temp macro nhs_digits(v) as nullif(regexp_extract(
        translate(case when ends_with(v, '.0') then left(v, length(v) - 2) else v end, ' -', ''),
        '^[0-9]{10}$'), '')""",
    f"create or replace temp macro nhs_number_passes(n) as (11 - ({_WEIGHTED}) % 11) % 11 = n % 10",
    # one digit or a pair repeated, digits in a row either way, 2333455667: some pass modulus 11, and all are typed
    """create or replace temp macro nhs_filler(d) as
        d = repeat(left(d, 2), 5) or d = '2333455667'
        or contains('0123456789012345678', d) or contains('9876543210987654321', d)""",
    # by the first nine digits; a CHI number begins with a date of birth, day first
    """create or replace temp macro nhs_range(d) as case
        when left(d, 3) = '999' then 'test'
        when left(d, 1) in ('4', '6', '7') then 'england'
        when d between '3200000010' and '3999999999' then 'northern_ireland'
        when regexp_matches(d, '^(0[1-9]|[12][0-9]|3[01])(0[1-9]|1[0-2])') then 'scotland'
        else 'unissued' end""",
    """create or replace temp macro nhs_state_of(v, d, is_filler, passes) as case
        when is_filler then 'placeholder'
        when passes and nhs_range(d) in ('england', 'test') then 'valid'
        when passes and nhs_range(d) in ('northern_ireland', 'scotland') then 'elsewhere'
        when regexp_full_match(v, '[^0-9]*|[0 .-]+') then 'placeholder'
        else 'invalid' end""",
)


def map_numbers(con: duckdb.DuckDBPyConnection, name: str, relation: str, column: str) -> None:
    """A temp table `name` (raw, number, state, digits): each distinct NHS number, as far as it may be linked on.

    `state` is valid, elsewhere (another nation's), invalid or placeholder; `number` is null unless valid. `digits` are
    those of any number that passes its check and is no filler: what the gate of real against invented people judges.
    """
    con.execute(f"""create or replace temp table {name} as
        with raws as (select distinct "{column}" as raw from {relation}),
        digits as (select raw, nhs_digits(raw) as d from raws where raw is not null),
        numbers as (select raw, d, try_cast(d as bigint) as n from digits),
        judged as (
            select raw, d, coalesce(nhs_number_passes(n), false) as passes, coalesce(nhs_filler(d), false) as is_filler
            from numbers
        ),
        stated as (select *, nhs_state_of(raw, d, is_filler, passes) as state from judged)
        select raw, case when state = 'valid' then d end as number, state,
            case when passes and not is_filler then d end as digits
        from stated""")


def nhs_number_with_zero(text: str) -> str:
    """SQL: a text of nine digits with the zero before it, where the check digit then holds; else as it is."""
    weighted = _WEIGHTED.replace("n //", f"try_cast({text} as bigint) //")
    holds = f"(11 - ({weighted}) % 11) % 11 = try_cast({text} as bigint) % 10"
    return f"case when regexp_full_match({text}, '[0-9]{{9}}') and {holds} then '0' || {text} else {text} end"
