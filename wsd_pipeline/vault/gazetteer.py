"""The gazetteer as addresses are matched against it: every door that stands at the snapshot, in comparable words.

Tables of the session, from the landed gazetteer:

    uprn_targets   every UPRN of the gazetteer: the approved UPRN it stands for (null where none does) and its kind
    doors          each door that stands (approved, or another name of one approved), split into its parts

Kinds: home (classes of households), communal (RI), shell (P: a building as such), other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsd_pipeline import sql
from wsd_pipeline.settings import snapshot_date
from wsd_pipeline.vault.address_words import NUMBER, UNIT_ID

if TYPE_CHECKING:
    import duckdb

FEED = "landed.llpg__addresses"
COLUMNS = (
    "uprn", "parent_uprn", "property_class_code", "logical_status_code", "saon", "paon", "street", "postcode",
    "start_date", "end_date",
)  # fmt: skip

_KIND = """case
    when dwelling_kind(upper(property_class_code)) = 'home' then 'home'
    when starts_with(upper(property_class_code), 'RI') then 'communal'
    when starts_with(upper(property_class_code), 'P') then 'shell'
    else 'other' end"""

_WORDED = f"""
create or replace temp table worded as
with texts as (
    select saon as text from gazetteer_rows
    union select paon from gazetteer_rows union select street from gazetteer_rows
),
words as (select text, address_words(text) as words from texts where text is not null),
said as (
    select uprn_of(uprn) as uprn, uprn_of(parent_uprn) as parent_uprn, coalesce(logical_status_code, '1') as status,
        {_KIND} as kind, starts_with(upper(property_class_code), 'RH') as is_shared,
        coalesce(start_date <= $snapshot, true) and coalesce(end_date >= $snapshot, true) as is_dated,
        postcode_of(postcode) as postcode, trim(coalesce(s.words, '')) as street,
        coalesce(f.words, '  ') as flat_words, coalesce(h.words, '  ') as house_words
    from gazetteer_rows g left join words f on f.text = g.saon left join words h on h.text = g.paon
    left join words s on s.text = g.street
),
split as (
    select *, regexp_extract(house_words, ' ({NUMBER}) ', 1) as own_number,
        coalesce(unit_said(flat_words), nullif(regexp_extract(flat_words, '^ ({UNIT_ID}) $', 1), ''), '') as own_unit
    from said where uprn is not null
)
select * exclude (flat_words, house_words), door_number(own_number, own_unit) as number,
    door_unit(own_number, own_unit) as unit,
    list_filter([
        trim(regexp_replace(house_words, ' {NUMBER} ', ' ')),
        case when own_unit = '' or not regexp_full_match(flat_words, '^ {UNIT_ID} $')
            then trim(regexp_replace(without_unit(flat_words), ' {NUMBER} ', ' ')) else '' end
    ], lambda name: length(name) > 2) as names,
    list_filter(string_split(flat_words || house_words || street, ' '), lambda word: word <> '') as words,
    number_tokens(flat_words || house_words) as numbers
from split"""

# Of a UPRN without an approved row: the one approved address written the same way, else, of another name, its parent.
_TARGETS = """
create or replace temp table uprn_targets as
with approved as (
    select uprn, arg_min(kind, kind) as kind from worded where status = '1' and is_dated group by uprn
),
places as (
    select distinct uprn, postcode, street, number, unit, list_sort(names) as names
    from worded where postcode is not null and (number <> '' or len(names) > 0)
),
namesakes as (
    select o.uprn, min(a.uprn) as target
    from places o join places a using (postcode, street, number, unit, names) semi join approved p on p.uprn = a.uprn
    where o.uprn not in (select uprn from approved)
    group by o.uprn having count(distinct a.uprn) = 1
),
parents as (
    select w.uprn, min(p.uprn) as target
    from worded w join approved p on p.uprn = w.parent_uprn
    where w.status = '3' and p.kind <> 'shell' group by w.uprn having count(distinct p.uprn) = 1
),
resolved as (
    select u.uprn, coalesce(a.uprn, n.target, p.target) as target
    from (select distinct uprn from worded) u
    left join approved a on a.uprn = u.uprn left join namesakes n on n.uprn = u.uprn
    left join parents p on p.uprn = u.uprn
)
select resolved.uprn, target, kind from resolved left join approved on approved.uprn = target"""

_DOORS = """
create or replace temp table doors as
select t.target as uprn, t.kind, w.is_shared or t.kind = 'communal' as is_whole, w.postcode,
    sector_of(w.postcode) as sector, outward_of(w.postcode) as outward, w.street, w.number, w.unit, w.own_number,
    w.own_unit, w.names, w.words, w.numbers,
    t.kind = 'other' and bool_or(t.kind = 'home') over (
        partition by w.postcode, w.street, case when w.own_number <> '' then w.own_number else w.names::varchar end
    ) as is_below_homes
from worded w join uprn_targets t on t.uprn = w.uprn
where w.is_dated and w.status in ('1', '3') and t.target is not null and w.postcode is not null"""


def load(con: duckdb.DuckDBPyConnection, month: str, relation: str | None) -> None:
    """Make the tables above from the landed gazetteer; empty where there is none."""
    if not con.execute("select 1 from duckdb_functions() where function_name = 'dwelling_kind' limit 1").fetchall():
        con.execute(next(text for text in sql.macros() if "function dwelling_kind(" in text))
    if relation is None:
        kinds = {"start_date": "date", "end_date": "date"}
        columns = ", ".join(f"{name} {kinds.get(name, 'varchar')}" for name in COLUMNS)
        con.execute(f"create or replace temp table no_gazetteer ({columns})")
        relation = "no_gazetteer"
    con.execute(f"create or replace temp view gazetteer_rows as select {', '.join(COLUMNS)} from {relation}")
    con.execute(_WORDED, {"snapshot": snapshot_date(month)})
    con.execute(_TARGETS)
    con.execute(_DOORS)
    con.execute("drop table worded")
    con.execute("drop view gazetteer_rows")
