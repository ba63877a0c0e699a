"""How the text of an address is brought to words that can be compared: upper case, one spelling, numbers whole.

Each rule is a DuckDB scalar macro: total, null for null. Both sides of a match go through the same rules, so a word
need not come out right, only the same: SAINT and STREET are both STREET, which spares telling `ST` from `ST`.
Method: after ASSIGN (Queen Mary University of London and Endeavour Health), simplified.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsd_pipeline.contracts.checks import literal
from wsd_pipeline.vault.normalise import POSTCODE_PATTERN

if TYPE_CHECKING:
    import duckdb

SPELLINGS = {
    "STREET": "ST STR SAINT STRT", "ROAD": "RD", "AVENUE": "AVE AV", "LANE": "LN LA", "SQUARE": "SQ", "PLACE": "PL",
    "CLOSE": "CL CLS", "COURT": "CT CRT CRTS COURTS", "GARDENS": "GDNS GDN GARDEN", "TERRACE": "TER TERR TCE",
    "CRESCENT": "CRES CRESC", "DRIVE": "DR DRV", "GROVE": "GRV", "GREEN": "GRN", "PARK": "PK", "MOUNT": "MT",
    "HOUSE": "HSE HO HOUS", "BUILDING": "BLDG BLDGS BLD BUILDINGS", "MANSIONS": "MANS MANSION", "ESTATE": "EST",
    "POINT": "PT PNT", "WHARF": "WHF", "YARD": "YD", "TOWER": "TWR TOWERS", "HEIGHTS": "HTS", "LODGE": "LDG",
    "BLOCK": "BLK", "APARTMENTS": "APTS", "BUSINESS": "BUS", "NORTH": "NTH", "SOUTH": "STH",
    "UPPER": "UPR", "LOWER": "LWR", "GREAT": "GT GRT", "LITTLE": "LT", "JUNCTION": "JCT", "BRIDGE": "BRDG",
    "FLAT": "FLT FLATS APT APPT APARTMENT UNIT STUDIO MAISONETTE MAIS BEDSIT SUITE PENTHOUSE", "ROOM": "RM",
    "FLOOR": "FLR FLOR", "GROUND": "GRD GRND", "BASEMENT": "BSMT BASE", "1": "ONE", "2": "TWO", "3": "THREE",
    "4": "FOUR", "5": "FIVE", "6": "SIX", "7": "SEVEN", "8": "EIGHT", "9": "NINE", "10": "TEN",
}  # fmt: skip
DROPPED = ("THE", "NO", "NUMBER", "NUM", "NOS")
FLOORS = (
    ("FLOORLG", "(LOWER (GROUND|GRD)|LWR (GROUND|GRD)|LGF|LG) ?(FLOOR|FLR|FL)?"),
    ("FLOORG", "(GROUND|GRD|GRND|GND) (FLOOR|FLR|FL)|GFF|G F F|GROUND FLAT"),
    ("FLOOR1", "(FIRST|1ST) (FLOOR|FLR|FL)|FFF"),
    ("FLOOR2", "(SECOND|2ND) (FLOOR|FLR|FL)|SFF"),
    ("FLOOR3", "(THIRD|3RD) (FLOOR|FLR|FL)|TFF"),
    ("FLOOR4", "(FOURTH|4TH) (FLOOR|FLR|FL)"),
    ("FLOORTOP", "TOP (FLOOR|FLR|FL)|TOP FLAT|UPPER FLAT"),
    ("FLOORB", "(BASEMENT|BSMT) ?(FLOOR|FLR|FL)?"),
)
NUMBER = "[0-9]+[A-Z]?(?:~[0-9]+[A-Z]?)?"
UNIT_ID = "[0-9]+[A-Z]?|[A-Z][0-9]{0,4}"


def _one_spelling() -> str:
    pairs = {word: kept for kept, words in SPELLINGS.items() for word in reversed(words.split())}
    pairs |= dict.fromkeys(DROPPED, "")
    entries = ", ".join(f"{literal(word)}: {literal(kept)}" for word, kept in pairs.items())
    return f"map {{{entries}}}"


def _replaced(value: str, rules: tuple[tuple[str, str], ...]) -> str:
    for pattern, by in rules:
        value = f"regexp_replace({value}, {literal(pattern)}, {literal(by)}, 'g')"
    return value


_MARKS = (
    ("['’`.]", ""),
    ("&", " AND "),
    (r"\bC ?/ ?O\b", " CARE OF "),
    (r"([0-9][A-Z]?) ?[-–] ?([0-9])", r"\1~\2"),
    ("[^A-Z0-9~]+", " "),
)
_JOINED = (
    ("(FLAT|FLT|APARTMENT|APT|UNIT|ROOM|RM|STUDIO|NO)([0-9])", r"\1 \2"),
    ("([0-9])([A-Z]{2,})", r"\1 \2"),
)
_PARTS = (
    (" +", " "),
    (r"\b0+([0-9])", r"\1"),
    # 12 A is 12A; FLAT FLAT, FLAT 3 FLAT 3 said twice
    (r"\b([0-9]+) ([A-Z])\b", r"\1\2"),
    (r"\bFLAT (FLOOR[A-Z0-9]+)", r"\1"),
    (r"(FLOOR[A-Z0-9]+) FLAT\b", r"\1"),
    (" +", " "),
)
_FLOORS = tuple((rf"\b({pattern})\b", f" {code} ") for code, pattern in FLOORS)
_POSTCODE_IN_TEXT = POSTCODE_PATTERN.replace("GIR0AA|", "").replace(
    ")[0-9][ABD-HJLNP-UW-Z]{2})", ") *[0-9][ABD-HJLNP-UW-Z]{2})"
)
_WHOLE_POSTCODE = literal(rf"\b{_POSTCODE_IN_TEXT}\b")
_DISTRICT_AT_END = r" ?\bLONDON( [EWNS]{1,2}C? ?[0-9]{1,2}W?)? *$"

MACROS = (
    f"create or replace temp macro address_marks(v) as {_replaced('upper(strip_accents(v))', _MARKS)}",
    f"create or replace temp macro address_floors(v) as {_replaced('v', (*_FLOORS, *_JOINED))}",
    f"""create or replace temp macro address_spelt(v) as array_to_string(
        list_transform(string_split(v, ' '), lambda word: coalesce(({_one_spelling()})[word], word)), ' ')""",
    f"create or replace temp macro address_parts(v) as {_replaced('v', _PARTS)}",
    # words between single blanks, one at either end; empty where there is none
    """create or replace temp macro address_words(v) as
        ' ' || trim(address_parts(' ' || address_spelt(address_floors(address_marks(v))) || ' ')) || ' '""",
    f"""create or replace temp macro postcode_within(v) as
        nullif(regexp_extract(upper(v), {_WHOLE_POSTCODE}), '')""",
    f"""create or replace temp macro without_postcode(v) as regexp_replace(regexp_replace(
        upper(v), {_WHOLE_POSTCODE}, ' ', 'g'), {literal(_DISTRICT_AT_END)}, '')""",
    # what a flat is called: its number or letter, R before a room's, else the floor
    f"""create or replace temp macro unit_said(w) as coalesce(
        nullif(regexp_extract(w, ' FLAT ({UNIT_ID}) ', 1), ''),
        nullif(regexp_replace(regexp_extract(w, ' ROOM ({UNIT_ID}) ', 1), '^(.)', 'R\\1'), ''),
        nullif(regexp_extract(w, ' (FLOOR(?:LG|G|TOP|B|[0-9])) ', 1), ''))""",
    f"""create or replace temp macro without_unit(w) as
        ' ' || trim(regexp_replace(regexp_replace(
            w, '\\b(?:(?:FLAT|ROOM) (?:{UNIT_ID})|FLOOR(?:LG|G|TOP|B|[0-9]))\\b', ' ', 'g'), ' +', ' ', 'g')) || ' '""",
    # FLAT A, 12 and 12A are one door
    """create or replace temp macro door_number(number, unit) as
        case when regexp_full_match(unit, '[A-Z]') and regexp_full_match(number, '[0-9]+') then number || unit
        else number end""",
    """create or replace temp macro door_unit(number, unit) as
        case when regexp_full_match(unit, '[A-Z]') and regexp_full_match(number, '[0-9]+') then '' else unit end""",
    # every number of an address, however it is ordered
    """create or replace temp macro number_tokens(w) as
        list_sort(list_distinct(regexp_extract_all(w, '[0-9]+[A-Z]?')))""",
)


def define(con: duckdb.DuckDBPyConnection) -> None:
    """Give the session every rule as a scalar macro."""
    for macro in MACROS:
        con.execute(macro)
