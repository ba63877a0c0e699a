"""Addresses to UPRNs: the supplier's own where the gazetteer has it, else the text matched on the gazetteer.

Over distinct addresses only, in five steps, each on what the steps before left open; a step that finds two homes
finds none. Table `addressed` of the session: for each row of `landed`, what is known of its address.

    pattern     supplied, postcode_exact, postcode_spelling (street or building within two edits, or the numbers in
                another order), sector (exact street and number, another postcode of the sector), district_building
    qualifier   best_residential: the home; best_other: a communal establishment or another building as such;
                parent: only the building of the home; child: only the homes of the building; sibling: another door
                of the building; street: only the street; outside: a UPRN the gazetteer does not have; former: one
                that stands no more

Method: after ASSIGN (Queen Mary University of London and Endeavour Health): an ordered search in which ambiguity is
no match. Only best_residential makes households.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsd_pipeline.contracts.core import Identity, LandedTable
from wsd_pipeline.vault import address_spelling
from wsd_pipeline.vault.address_words import NUMBER
from wsd_pipeline.vault.normalise import SENSITIVE_COLUMN

if TYPE_CHECKING:
    import duckdb

    Connection = duckdb.DuckDBPyConnection

STEPS = (
    ("postcode", "postcode_exact"),
    ("postcode", "postcode_spelling"),
    ("sector", "sector"),
    ("outward", "district_building"),
)


def start(con: Connection) -> None:
    """Nothing matched yet: `address_matches`, of each text and postcode once asked, over all feeds."""
    con.execute("""create or replace temp table address_matches (
        text varchar, postcode varchar, uprn varchar, qualifier varchar, pattern varchar)""")


def match(con: Connection, feed: LandedTable) -> None:
    """Make `addressed` (row_number, uprn, qualifier, pattern) for the rows of `landed` but those flagged sensitive."""
    known = feed.identity_columns
    lines = ", ".join(f'"{name}"' for name in feed.address_lines)
    text = f"nullif(without_postcode(concat_ws(', ', {lines})), '')" if lines else "null::varchar"
    within = f"postcode_of(postcode_within(concat_ws(', ', {lines})))" if lines else "null::varchar"
    place, uprn = (f'"{known[p].name}"' if p in known else "null::varchar" for p in (Identity.POSTCODE, Identity.UPRN))
    is_flagged = SENSITIVE_COLUMN in [c.name for c in feed.columns]
    where = f"where not coalesce({SENSITIVE_COLUMN}, false)" if is_flagged else ""
    con.execute(f"""create or replace temp table given as
        with raw as (
            select row_number, {text} as text, {place} as place, {within} as within, uprn_of({uprn}) as supplied
            from landed {where}
        )
        select row_number, text, coalesce(postcode_of(place), within, nullif(regexp_extract(upper(place),
            '^ *([A-Z]{{1,2}}[0-9][0-9A-Z]?) *$', 1), '')) as postcode, supplied, t.uprn is not null as is_in,
            t.target, t.kind
        from raw left join uprn_targets t on t.uprn = supplied""")
    match_texts(
        con, "select distinct text, postcode from given where text is not null and coalesce(kind in ('shell'), true)"
    )
    con.execute(_ADDRESSED)
    con.execute("drop table given")


# The supplier's UPRN wins where it is a door that stands; a matched text comes before a UPRN that says less.
_ADDRESSED = """
create or replace temp table addressed as
select row_number,
    case when kind in ('home', 'communal', 'other') then target
        when m.qualifier in ('best_residential', 'best_other') then m.uprn
        when kind = 'shell' then target
        when m.qualifier is not null then m.uprn
        else supplied end as uprn,
    case when kind = 'home' then 'best_residential'
        when kind in ('communal', 'other') then 'best_other'
        when m.qualifier in ('best_residential', 'best_other') then m.qualifier
        when kind = 'shell' then 'parent'
        when m.qualifier is not null then m.qualifier
        when supplied is null then null
        when is_in then 'former' else 'outside' end as qualifier,
    case when kind in ('home', 'communal', 'other') then 'supplied'
        when m.qualifier in ('best_residential', 'best_other') then m.pattern
        when kind = 'shell' then 'supplied'
        when m.qualifier is not null then m.pattern
        when supplied is not null then 'supplied' end as pattern
from given g left join address_matches m on m.text = g.text and m.postcode is not distinct from g.postcode"""


def match_texts(con: Connection, wanted: str) -> None:
    """Add to `address_matches` what can be made of each distinct text and postcode of the query `wanted`."""
    con.execute(f"""create or replace temp table asked as
        with fresh as (
            select text, postcode from ({wanted}) w
            anti join address_matches m on m.text = w.text and m.postcode is not distinct from w.postcode
        ),
        worded as (select text, postcode, address_words(text) as words from fresh)
        select row_number() over (order by text, postcode) as id, text, postcode, sector_of(postcode) as sector,
            outward_of(postcode) as outward, without_unit(words) as bare, unit_said(words) as flat,
            number_tokens(words) as numbers, words
        from worded""")
    if not con.execute("select 1 from asked limit 1").fetchall():
        return
    con.execute("create or replace temp table found (id bigint, uprn varchar, qualifier varchar, pattern varchar)")
    con.execute("create or replace temp table lesser (id bigint, uprn varchar, qualifier varchar, pattern varchar)")
    con.execute("create or replace temp table still as select * from asked")
    for scope, pattern in STEPS:
        if pattern == "postcode_spelling":
            address_spelling.mend(con)
        _read_parts(con, "mended" if pattern == "postcode_spelling" else "still", scope)
        _take(con, scope, pattern)
        con.execute("delete from still where id in (select id from found)")
    con.execute("""insert into address_matches
        select a.text, a.postcode, coalesce(f.uprn, l.uprn), coalesce(f.qualifier, l.qualifier),
            coalesce(f.pattern, l.pattern)
        from asked a left join found f on f.id = a.id
        left join (select id, arg_min(struct_pack(uprn, qualifier, pattern), pattern) as l from lesser group by id) x
            on x.id = a.id
        left join lateral (select x.l.uprn, x.l.qualifier, x.l.pattern) l on true""")


def _read_parts(con: Connection, relation: str, scope: str) -> None:
    """`parts`: each text split by the streets and building names known in its postcode, sector or district.

    The longest name counts. The house's number stands before the street (or after it); what is said as FLAT, or the
    one number left over, is the flat.
    """
    con.execute(f"""create or replace temp table parts as
        with streets as (select distinct {scope} as place, street from doors where street <> ''),
        names as (select distinct {scope} as place, unnest(names) as name from doors),
        in_street as (
            select id, arg_max(street, (length(street), street)) as street
            from {relation} a join streets s on s.place = a.{scope} and contains(a.bare, ' ' || s.street || ' ')
            group by id
        ),
        around as (
            select a.*, s.street, case when s.street is null then a.bare
                else left(bare, strpos(bare, ' ' || s.street || ' ')) end as before,
                case when s.street is null then ' '
                else substr(bare, strpos(bare, ' ' || s.street || ' ') + length(s.street) + 1) end as after
            from {relation} a left join in_street s using (id)
        ),
        numbered as (
            select * exclude (before, after),
                case when street is null then '' else regexp_extract(before, ' ({NUMBER}) $', 1) end as number_before,
                case when street is null then '' else regexp_extract(after, '^ ({NUMBER}) ', 1) end as number_after,
                before, after
            from around
        ),
        rest as (
            select * exclude (before, after, number_before, number_after),
                coalesce(nullif(number_before, ''), number_after) as number,
                case when number_before <> '' then regexp_replace(before, ' {NUMBER} $', ' ') || ltrim(after)
                    when number_after <> '' then before || ltrim(regexp_replace(after, '^ {NUMBER} ', ' '))
                    else before || ltrim(after) end as rest
            from numbered
        ),
        in_building as (
            select id, arg_max(name, (length(name), name)) as name
            from rest r join names n on n.place = r.{scope} and contains(r.rest, ' ' || n.name || ' ')
            group by id
        ),
        left_over as (
            select r.*, n.name, regexp_extract_all(
                case when n.name is null then rest else replace(rest, ' ' || n.name || ' ', '  ') end,
                '\\b({NUMBER})\\b', 1) as others
            from rest r left join in_building n using (id)
        )
        select id, {scope} as place, street, name, words, numbers,
            case when number = '' and street is not null and name is null then
                case when len(others) = 1 then others[1] when regexp_full_match(flat, '[0-9]+[A-Z]?') then flat
                    else '' end
                else number end as number,
            case when number = '' and street is not null and name is null then
                    case when len(others) = 1 then coalesce(flat, '') else '' end
                when starts_with(flat, 'FLOOR') and len(others) = 1 then others[1]
                when flat is not null then flat
                when len(others) = 1 then others[1]
                else '' end as unit
        from left_over""")


_BY_NUMBER = """select p.id, d.uprn, d.kind, d.is_below_homes, d.words, 1 as place_of
    from parts p join doors d on d.{scope} = p.place and d.street = p.street
        and d.number = door_number(p.number, p.unit) and d.unit = door_unit(p.number, p.unit)
    where p.number <> '' and (p.name is null or len(d.names) = 0 or list_contains(d.names, p.name))"""
_BY_NAME = """select p.id, d.uprn, d.kind, d.is_below_homes, d.words, 1 as place_of
    from parts p join (select *, unnest(names) as name from doors) d on d.{scope} = p.place and d.name = p.name
        and d.own_unit = p.unit
    where (p.number = '' or d.own_number in ('', p.number)) and (p.street is null or d.street in ('', p.street))"""
# a room, or a flat within a communal or shared house that is one address, is that address
_WITHIN = """select p.id, d.uprn, d.kind, d.is_below_homes, d.words, 2 as place_of
    from parts p join doors d on d.{scope} = p.place and d.unit = '' and (
        (d.street = p.street and d.number = p.number and p.number <> '')
        or (list_contains(d.names, p.name) and (p.number = '' or d.own_number in ('', p.number))))
    where p.unit <> '' and (d.is_whole or (starts_with(p.unit, 'R') and d.kind = 'home'))"""
_ANY_ORDER = """select p.id, d.uprn, d.kind, d.is_below_homes, d.words, 3 as place_of
    from parts p join doors d on d.{scope} = p.place and d.numbers = p.numbers
        and (d.street = p.street or list_contains(d.names, p.name))
    where len(p.numbers) > 1"""


def _take(con: Connection, scope: str, pattern: str) -> None:
    """Into `found` what the step finds one door for: homes before others, the door most fully named before the rest.

    A shop at the foot of a house with homes is not where somebody lives who gives no flat.
    """
    routes = {
        "postcode_exact": (_BY_NUMBER, _BY_NAME, _WITHIN),
        "postcode_spelling": (_BY_NUMBER, _BY_NAME, _WITHIN, _ANY_ORDER),
        "sector": (_BY_NUMBER,),
        "district_building": (_BY_NAME,),
    }[pattern]
    union = " union all ".join(route.format(scope=scope) for route in routes)
    con.execute(f"""create or replace temp table candidates as
        with every as ({union}),
        ranked as (
            select e.id, uprn, kind, place_of,
                min(len(list_filter(e.words, lambda w: not contains(p.words, ' ' || w || ' ')))) as unsaid
            from every e join parts p using (id)
            where kind <> 'shell' and not is_below_homes group by all
        )
        from ranked qualify dense_rank() over (partition by id order by place_of, kind = 'other', unsaid) = 1""")
    con.execute(f"""insert into found
        select id, min(uprn), case when bool_and(kind = 'home') then 'best_residential' else 'best_other' end,
            '{pattern}'
        from candidates group by id having count(distinct uprn) = 1""")
    if scope == "postcode":
        _keep_lesser(con, pattern)


def _keep_lesser(con: Connection, pattern: str) -> None:
    """Into `lesser` what is known of texts that have no door of their own: their building, its doors, or the street."""
    con.execute("""create or replace temp table near as
        select distinct p.id, p.unit as asked_unit, d.uprn, d.kind, d.own_unit, d.unit,
            p.unit = '' as is_bare, d.own_unit <> '' or d.own_number <> p.number as is_part,
            regexp_extract(d.own_unit, '[0-9]+') = regexp_extract(p.unit, '[0-9]+')
                and regexp_extract(p.unit, '[0-9]+') <> '' as is_like
        from (select * from parts where id not in (select id from found)) p join doors d on d.postcode = p.place and (
            (d.street = p.street and p.number <> ''
                and regexp_extract(d.own_number, '[0-9]+') = regexp_extract(p.number, '[0-9]+'))
            or (list_contains(d.names, p.name) and (p.number = '' or d.own_number in ('', p.number))))""")
    con.execute(f"""insert into lesser
        with counted as (
            select id, bool_and(is_bare) as is_bare,
                count(distinct uprn) filter (kind = 'shell') as shells, min(uprn) filter (kind = 'shell') as shell,
                count(distinct uprn) filter (kind = 'home' and is_part) as homes,
                min(uprn) filter (kind = 'home' and is_part) as home,
                count(distinct uprn) filter (kind = 'home' and is_like) as likes,
                min(uprn) filter (kind = 'home' and is_like) as alike,
                count(distinct uprn) filter (not is_part and kind <> 'shell') as wholes,
                min(uprn) filter (not is_part and kind <> 'shell') as whole
            from near group by id
        )
        select p.id,
            case when c.id is null then null
                when not is_bare and likes = 1 then alike
                when shells = 1 then shell
                when is_bare and homes = 1 then home
                when not is_bare and wholes = 1 then whole end,
            case when c.id is null then case when p.street is not null then 'street' end
                when not is_bare and likes > 0 then 'sibling'
                when shells > 0 then 'parent'
                when is_bare then 'child'
                when wholes > 0 then 'parent'
                else 'sibling' end, '{pattern}'
        from parts p left join counted c using (id)
        where p.id not in (select id from found) and (c.id is not null or p.street is not null)""")
