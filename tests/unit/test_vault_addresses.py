"""Address text to UPRN: a small gazetteer drawn by hand, and addresses as people in east London write them.

None of it comes from the generator. Streets are real ones or could be; who lives there is nobody.
"""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from wsd_pipeline.vault import address_words, addresses, gazetteer, normalise

MONTH = "2026-01"

# UPRN, parent, class, status, flat, house, street, postcode
GAZETTEER = (
    # a block with a name and a number; its shell, a shop, and another block at the same postcode
    ("100", "", "PP", "1", "", "ALBERT HOUSE 45", "CABLE STREET", "E1 8AA"),
    ("101", "100", "RD06", "1", "FLAT 1", "ALBERT HOUSE 45", "CABLE STREET", "E1 8AA"),
    ("102", "100", "RD06", "1", "FLAT 2", "ALBERT HOUSE 45", "CABLE STREET", "E1 8AA"),
    ("103", "100", "RD06", "1", "FLAT 3", "ALBERT HOUSE 45", "CABLE STREET", "E1 8AA"),
    ("112", "100", "RD06", "1", "FLAT 12", "ALBERT HOUSE 45", "CABLE STREET", "E1 8AA"),
    ("145", "100", "RD06", "1", "FLAT 45", "ALBERT HOUSE 45", "CABLE STREET", "E1 8AA"),
    ("150", "", "RD06", "1", "FLAT 3", "CLARE COURT", "CABLE STREET", "E1 8AA"),
    ("151", "", "RD06", "1", "FLAT 4", "CLARE COURT", "CABLE STREET", "E1 8AA"),
    # houses, a house in two (12 and 12A), a house cut into lettered flats, floors over a shop
    ("200", "", "RD04", "1", "", "10", "CABLE STREET", "E1 8AB"),
    ("201", "", "RD04", "1", "", "12", "CABLE STREET", "E1 8AB"),
    ("202", "", "RD06", "1", "FLAT A", "14", "CABLE STREET", "E1 8AB"),
    ("203", "", "RD06", "1", "FLAT B", "14", "CABLE STREET", "E1 8AB"),
    ("204", "", "CR08", "1", "", "16", "CABLE STREET", "E1 8AB"),
    ("205", "", "RD06", "1", "FIRST FLOOR FLAT", "16", "CABLE STREET", "E1 8AB"),
    ("206", "", "RD06", "1", "SECOND FLOOR FLAT", "16", "CABLE STREET", "E1 8AB"),
    ("207", "", "RD06", "1", "", "18A", "CABLE STREET", "E1 8AB"),
    ("208", "", "RH02", "1", "", "20", "CABLE STREET", "E1 8AB"),
    ("209", "", "RD04", "1", "", "22-24", "CABLE STREET", "E1 8AB"),
    # saints and streets; a street within a street's name; an apostrophe
    ("300", "", "RD04", "1", "", "7", "ST STEPHEN'S ROAD", "E3 5JD"),
    ("301", "", "RD04", "1", "", "7", "STEPHEN STREET", "E3 5JE"),
    ("302", "", "RD04", "1", "", "9", "HIGH STREET", "E1W 2NP"),
    ("303", "", "RD04", "1", "", "9", "WAPPING HIGH STREET", "E1W 2NP"),
    # a tower by name alone, another with the same flats in the next district
    ("400", "", "PP", "1", "", "BALFRON TOWER", "ST LEONARDS ROAD", "E14 0QT"),
    ("401", "400", "RD06", "1", "FLAT 81", "BALFRON TOWER", "ST LEONARDS ROAD", "E14 0QT"),
    ("402", "400", "RD06", "1", "FLAT 82", "BALFRON TOWER", "ST LEONARDS ROAD", "E14 0QT"),
    ("403", "", "RD06", "1", "FLAT 1204", "PAN PENINSULA EAST TOWER", "PAN PENINSULA SQUARE", "E14 9HG"),
    ("404", "", "RD06", "1", "APARTMENT 1204", "PAN PENINSULA WEST TOWER", "PAN PENINSULA SQUARE", "E14 9HG"),
    # a care home, a hostel that became flats, another name, a house pulled down, one not yet built
    ("500", "", "RI01", "1", "", "TOBY LODGE 30", "MILE END ROAD", "E1 4TP"),
    ("600", "", "RD06", "8", "FLAT 5", "OLD HALL", "BOW ROAD", "E3 3AA"),
    ("601", "", "RD06", "1", "FLAT 5", "OLD HALL", "BOW ROAD", "E3 3AA"),
    ("602", "", "RD04", "8", "", "99", "BOW ROAD", "E3 3AA"),
    ("603", "601", "RD06", "3", "FLAT 5", "THE HOSTEL", "BOW ROAD", "E3 3AA"),
    ("604", "", "RD04", "6", "", "101", "BOW ROAD", "E3 3AA"),
    # one street over two postcodes of a sector, and the same house number in both
    ("700", "", "RD04", "1", "", "60", "ROMAN ROAD", "E2 0RN"),
    ("701", "", "RD04", "1", "", "62", "ROMAN ROAD", "E2 0RP"),
    ("702", "", "RD04", "1", "", "5", "OLD FORD ROAD", "E2 0RN"),
    ("703", "", "RD04", "1", "", "5", "OLD FORD ROAD", "E2 0RP"),
    ("704", "", "RD04", "1", "", "60", "NORTH STREET", "E2 0RQ"),
    ("705", "", "RD04", "1", "", "60", "SOUTH STREET", "E2 0RS"),
)  # fmt: skip

HOME, OTHER = "best_residential", "best_other"
EXACT, SPELLING, SECTOR, DISTRICT = "postcode_exact", "postcode_spelling", "sector", "district_building"

# what is written: postcode, lines; and what it is: UPRN, qualifier, pattern
WRITTEN = {
    "as the gazetteer has it": ("E1 8AA", ("FLAT 3, ALBERT HOUSE", "45 CABLE STREET", "LONDON"), "103", HOME, EXACT),
    "all in one line, lower case": ("e18aa", ("flat 3 albert house 45 cable street london",), "103", HOME, EXACT),
    "short forms and stops": ("E1 8AA", ("Flt. 3, Albert Hse.", "45 Cable St.", "London"), "103", HOME, EXACT),
    "apartment for flat": ("E1 8AA", ("APT 12", "ALBERT HOUSE, CABLE STREET"), "112", HOME, EXACT),
    "unit for flat, no street": ("E1 8AA", ("UNIT 12 ALBERT HOUSE",), "112", HOME, EXACT),
    "the flat's number alone before the building": ("E1 8AA", ("12 ALBERT HOUSE", "CABLE ST"), "112", HOME, EXACT),
    "flat and building said twice": ("E1 8AA", ("FLAT 12", "12 ALBERT HOUSE"), "112", HOME, EXACT),
    "number, building, street, no word for flat": ("E1 8AA", ("3 ALBERT HOUSE", "45 CABLE STREET"), "103", HOME, EXACT),
    "flat slash house": ("E1 8AA", ("3/45 CABLE STREET",), "103", HOME, EXACT),
    "house slash flat": ("E1 8AA", ("45/3 CABLE STREET",), "103", HOME, SPELLING),
    "house before flat": ("E1 8AA", ("45 CABLE STREET", "FLAT 3"), "103", HOME, EXACT),
    "street first, its number after": ("E1 8AA", ("CABLE STREET 45", "FLAT 3"), "103", HOME, EXACT),
    "building last": ("E1 8AA", ("45 CABLE STREET", "FLAT 2", "ALBERT HOUSE"), "102", HOME, EXACT),
    "a nought before the number": ("E1 8AA", ("FLAT 03 ALBERT HOUSE",), "103", HOME, EXACT),
    "no blank after flat": ("E1 8AA", ("FLAT3", "45 CABLE ST"), "103", HOME, EXACT),
    "same flat number in two buildings, told apart": ("E1 8AA", ("FLAT 3 CLARE CT",), "150", HOME, EXACT),
    "a flat numbered as the house": ("E1 8AA", ("FLAT 45", "45 CABLE STREET"), "145", HOME, EXACT),
    "care of somebody": ("E1 8AA", ("C/O MRS BIBI", "FLAT 4 CLARE COURT"), "151", HOME, EXACT),
    "postcode within the lines, none beside": ("", ("FLAT 4 CLARE COURT", "LONDON E1 8AA"), "151", HOME, EXACT),
    "o for nought in the postcode": ("E14 OQT", ("81 BALFRON TOWER",), "401", HOME, EXACT),
    "a house": ("E1 8AB", ("12 CABLE STREET",), "201", HOME, EXACT),
    "a lettered flat as letter after the number": ("E1 8AB", ("14A CABLE STREET",), "202", HOME, EXACT),
    "a lettered flat, blank between": ("E1 8AB", ("14 B CABLE STREET",), "203", HOME, EXACT),
    "letter flat, house": ("E1 8AB", ("FLAT B", "14 CABLE STREET"), "203", HOME, EXACT),
    "a number with a letter as flat and letter": ("E1 8AB", ("FLAT A", "18 CABLE STREET"), "207", HOME, EXACT),
    "first floor as 1st": ("E1 8AB", ("1ST FLOOR", "16 CABLE ST"), "205", HOME, EXACT),
    "floor flat in words": ("E1 8AB", ("Second Floor Flat 16 Cable Street",), "206", HOME, EXACT),
    "a number range": ("E1 8AB", ("22 - 24 CABLE STREET",), "209", HOME, EXACT),
    "a room in a house in multiple occupation": ("E1 8AB", ("ROOM 3", "20 CABLE STREET"), "208", HOME, EXACT),
    "a lodger's room": ("E1 8AB", ("RM 2", "10 CABLE STREET"), "200", HOME, EXACT),
    "saint, not street": ("E3 5JD", ("7 ST STEPHENS RD",), "300", HOME, EXACT),
    "saint spelt out": ("E3 5JD", ("7 SAINT STEPHEN'S ROAD", "BOW"), "300", HOME, EXACT),
    "street, not saint": ("E3 5JE", ("7 STEPHEN ST",), "301", HOME, EXACT),
    "the longer of two streets": ("E1W 2NP", ("9 WAPPING HIGH ST",), "303", HOME, EXACT),
    "the shorter of two streets": ("E1W 2NP", ("9 HIGH STREET", "WAPPING"), "302", HOME, EXACT),
    "tower in the east": ("E14 9HG", ("Apartment 1204 East Tower", "Pan Peninsula Sq"), "none", "street", EXACT),
    "tower in the west": ("E14 9HG", ("1204 PAN PENINSULA WEST TOWER",), "404", HOME, EXACT),
    "a street misspelt": ("E1 8AB", ("12 CABEL STREET",), "201", HOME, SPELLING),
    "a street without its kind": ("E1 8AB", ("12 CABLE", "LONDON"), "201", HOME, SPELLING),
    "a street of another kind": ("E1 8AB", ("12 CABLE ROAD",), "201", HOME, SPELLING),
    "a building misspelt": ("E14 0QT", ("FLAT 82, BALFRONT TOWER",), "402", HOME, SPELLING),
    "two streets a letter or two apart are two streets": ("E2 0RQ", ("60 SOUTH STREET",), "705", HOME, SECTOR),
    "postcode of the next houses": ("E2 0RP", ("60 ROMAN ROAD",), "700", HOME, SECTOR),
    "a postcode nobody has": ("E2 0ZZ", ("62 ROMAN RD", "BETHNAL GREEN"), "701", HOME, SECTOR),
    "two houses of one number in the sector": ("E2 0RQ", ("5 OLD FORD ROAD",), "none", None, None),
    "a building in the district": ("E14 9XX", ("FLAT 81", "BALFRON TOWER"), "401", HOME, DISTRICT),
    "only the district is known": ("E14", ("82 BALFRON TOWER",), "402", HOME, DISTRICT),
    "a care home": ("E1 4TP", ("TOBY LODGE", "30 MILE END ROAD"), "500", OTHER, EXACT),
    "a room in a care home": ("E1 4TP", ("ROOM 14", "TOBY LODGE"), "500", OTHER, EXACT),
    "the address of the past is the approved one": ("E3 3AA", ("FLAT 5 OLD HALL",), "601", HOME, EXACT),
    "another name of an approved address": ("E3 3AA", ("FLAT 5", "THE HOSTEL", "BOW RD"), "601", HOME, EXACT),
    "a house that is gone": ("E3 3AA", ("99 BOW ROAD",), "none", "street", EXACT),
    "a house not yet built": ("E3 3AA", ("101 BOW ROAD",), "none", "street", EXACT),
    "no flat given: only the building": ("E1 8AA", ("45 CABLE STREET",), "100", "parent", EXACT),
    "a flat there is not": ("E1 8AA", ("FLAT 99 ALBERT HOUSE",), "100", "parent", EXACT),
    "a flat beside one there is": ("E1 8AA", ("FLAT 12A ALBERT HOUSE",), "112", "sibling", EXACT),
    "a flat of a house that has none": ("E1 8AB", ("FLAT 7", "12 CABLE STREET"), "201", "parent", EXACT),
    "above the shop, floor not said": ("E1 8AB", ("16 CABLE STREET",), "none", "child", EXACT),
    "a house of flats, letter not said": ("E1 8AB", ("14 CABLE STREET",), "none", "child", EXACT),
    "a house there is not": ("E1 8AB", ("500 CABLE STREET",), "none", "street", EXACT),
    "one flat number in two buildings, not told apart": ("E1 8AA", ("FLAT 3", "CABLE STREET"), "none", "street", EXACT),
    "no fixed abode": ("ZZ99 3VZ", ("NO FIXED ABODE",), "none", None, None),
    "nothing": ("E1 8AA", ("",), "none", None, None),
    "another town": ("M1 1AA", ("45 CABLE STREET", "MANCHESTER"), "none", None, None),
}  # fmt: skip


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    con = duckdb.connect()
    normalise.define(con)
    address_words.define(con)
    columns = (
        "uprn",
        "parent_uprn",
        "property_class_code",
        "logical_status_code",
        "saon",
        "paon",
        "street",
        "postcode",
    )
    con.execute(f"create temp table drawn ({' varchar, '.join(columns)} varchar, start_date date, end_date date)")
    con.executemany(
        f"insert into drawn ({', '.join(columns)}) values ({', '.join('?' * 8)})", [list(row) for row in GAZETTEER]
    )
    gazetteer.load(con, MONTH, "drawn")
    addresses.start(con)
    yield con
    con.close()


@pytest.fixture(scope="module")
def matched(con: duckdb.DuckDBPyConnection) -> dict[str, tuple[str, str | None, str | None]]:
    con.execute("create temp table written (name varchar, text varchar, postcode varchar)")
    con.executemany(
        "insert into written values (?, ?, ?)",
        [[name, ", ".join(lines), place] for name, (place, lines, *_) in WRITTEN.items()],
    )
    con.execute("""create temp table read as select name, nullif(without_postcode(text), '') as text,
        coalesce(postcode_of(postcode), postcode_of(postcode_within(text)),
            nullif(regexp_extract(postcode, '^[A-Z]{1,2}[0-9][0-9A-Z]?$'), '')) as postcode
        from written""")
    addresses.match_texts(con, "select distinct text, postcode from read where text is not null")
    rows = con.execute("""select name, coalesce(uprn, 'none'), qualifier, pattern from read r
        left join address_matches m on m.text = r.text and m.postcode is not distinct from r.postcode""").fetchall()
    return {name: tuple(found) for name, *found in rows}  # type: ignore[misc]


@pytest.mark.parametrize("name", WRITTEN)
def test_an_address_as_it_is_written(matched: dict[str, tuple[str, str | None, str | None]], name: str) -> None:
    assert matched[name] == WRITTEN[name][2:]
