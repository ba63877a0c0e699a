"""Feeds that hold no person, and the notes and numbers that came with the first of them."""

from __future__ import annotations

from dataclasses import replace

import duckdb
import pytest

from wsd_pipeline.contracts import landed_tables, table
from wsd_pipeline.contracts.core import Becomes, Column, LandedTable, Measure, Privacy, Published, Table
from wsd_pipeline.contracts.fields import kept, name_part, uprn
from wsd_pipeline.contracts.pseudo import pseudo_table
from wsd_pipeline.disclosure import load_policy, protect_select
from wsd_pipeline.gate import CheckResult
from wsd_pipeline.notes import noted

NAMED = name_part(next(iter(table("landed.gp__registrations").identity_columns)), "name", "A name.")  # type: ignore[attr-defined]


def a_feed(*columns: object, person_key: tuple[str, ...] = ()) -> LandedTable:
    key = kept("number", "VARCHAR", "Its number.")
    return LandedTable(
        key="landed.test__places", grain="place", description="Places.", source="test", supplier="test",
        person_key=person_key, unique_key=("number",), columns=(key, *columns),
    )  # type: ignore[arg-type]  # fmt: skip


def test_a_feed_of_places_is_known_by_its_rows() -> None:
    places = pseudo_table(a_feed(replace(uprn(), identity=None)))
    assert [c.name for c in places.columns] == ["row_id", "number", "ralf"]
    assert places.unique_key == ("row_id",)
    people = pseudo_table(a_feed(uprn(), person_key=("number",)))
    assert [c.name for c in people.columns][:2] == ["record_id", "row_id"]
    assert people.unique_key == ("record_id", "row_id")


def test_a_feed_without_people_names_nobody() -> None:
    with pytest.raises(ValueError, match="no person"):
        a_feed(uprn())


def test_the_gazetteer_gives_places_and_no_address() -> None:
    gazetteer = next(feed for feed in landed_tables() if feed.key == "landed.llpg__addresses")
    becomes = {c.name: c.becomes for c in gazetteer.landed_columns}
    assert becomes["uprn"] is becomes["parent_uprn"] is Becomes.RALF
    lines = ("saon", "paon", "street", "locality_name", "town", "postcode", "easting", "northing", "council_tax_ref")
    assert {becomes[name] for name in lines} == {Becomes.DROP}


def test_a_rate_is_of_protected_counts_per_thousand() -> None:
    def published(name: str, measure: Measure, **more: object) -> Published:
        return Published(
            name=name, type="DECIMAL(8,1)", description="x", privacy=Privacy.NONE, measure=measure,
            status_column=f"{name}_status", **more,
        )  # type: ignore[arg-type]  # fmt: skip

    names = ("top", "bottom", "pct", "rate")
    status = [Column(name=f"{n}_status", type="VARCHAR", description="x", privacy=Privacy.NONE) for n in names]
    mart = Table(
        key="mart.test", grain="x", description="x", unique_key=("place",),
        columns=(
            Column(name="place", type="VARCHAR", description="x", privacy=Privacy.QUASI),
            published("top", Measure.COUNT), published("bottom", Measure.COUNT),
            published("pct", Measure.PERCENT, of=("top", "bottom")),
            published("rate", Measure.PERCENT, of=("top", "bottom"), per=1000), *status,
        ),
    )  # fmt: skip
    con = duckdb.connect()
    con.execute("create table exact as select * from (values ('a', 33, 101), ('b', 3, 101)) as t(place, top, bottom)")
    found = con.execute(
        f"select place, pct, rate, rate_status from ({protect_select(mart, 'exact', load_policy())}) order by 1"
    ).fetchall()
    assert [(p, None if v is None else float(v), None if r is None else float(r), s) for p, v, r, s in found] == [
        ("a", 35.0, 350.0, ""), ("b", None, None, "c"),
    ]  # fmt: skip


def test_the_months_notes_are_rows_of_accepted_feeds(tmp_path) -> None:
    import json

    from wsd_pipeline import gate
    from wsd_pipeline.contracts.checks import Severity
    from wsd_pipeline.lake import Zone
    from wsd_pipeline.notes import checks_path
    from wsd_pipeline.settings import Mode, Project

    project = Project(root=tmp_path, name="notes", mode=Mode.SYNTHETIC)
    made = {"rows": 90, "quarantined": 2, "resubmitted": 1, "carried_from": None, "key": "k"}
    feeds = {"landed.gp__registrations": made, "landed.llpg__addresses": {**made, "carried_from": "2025-12"}}
    (project.lake / "_vault").mkdir(parents=True)
    (project.lake / "_vault" / "2026-01.json").write_text(json.dumps({"key": "x", "feeds": feeds, "stops": {}}))

    def check(key: str, failed: int, limit: float) -> CheckResult:
        return CheckResult(
            table=key, column="c", check="one_of", severity=Severity.WARN, failed=failed, checked=1000, limit=limit
        )

    for key, results in {
        "landed.gp__registrations": [(0, 0.0), (1, 0.01)], "pseudo.gp__registrations": [(900, 0.01)],
    }.items():  # fmt: skip
        path = checks_path(Zone(project.lake), key, "2026-01")
        path.parent.mkdir(parents=True)
        gate.save([check(key, *r) for r in results], path)
    assert noted(project, ["reference.received_feeds", "reference.lsoa21", "pseudo.gp__registrations"], "2026-01") == {
        "reference.received_feeds": [
            ("gp__registrations", "gp", "2026-01", False, 2, 1, 3, 2, 1),
            ("llpg__addresses", "llpg", "2025-12", False, 2, 1, 0, 0, 0),
        ]
    }
    assert noted(project, ["reference.lsoa21"], "2026-01") == {}
