"""Hand-written rules over drawn tables: each fails on the month or the neighbour it is about, and only there."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from expectations.handwritten import handwritten_rules
from expectations.run import validate
from wsd_pipeline import segmentation
from wsd_pipeline.contracts import landed_tables, table
from wsd_pipeline.contracts.core import Table
from wsd_pipeline.gate import CheckResult

pytestmark = pytest.mark.slow

FACTS: dict[str, Any] = {"month": "2026-02", "snapshot_date": date(2026, 2, 28), "previous": None, "inputs": {}}


def write(path: Path, select: str) -> Path:
    con = duckdb.connect()
    con.execute(f"copy ({select}) to '{path}' (format parquet)")
    con.close()
    return path


def full(key: str, select: str) -> str:
    """`select` with every other column of the contract NULL, typed."""
    con = duckdb.connect()
    given = {row[0] for row in con.execute(f"describe {select}").fetchall()}
    con.close()
    columns = [
        f'cast("{c.name}" as {c.type}) as "{c.name}"' if c.name in given else f'cast(null as {c.type}) as "{c.name}"'
        for c in table(key).columns
    ]
    return f"select {', '.join(columns)} from ({select})"


def judged(folder: Path, key: str, select: str, previous: str | None = None, **inputs: str) -> dict[str, CheckResult]:
    """The hand-written results only, by name."""
    facts = {**FACTS}
    if previous is not None:
        facts["previous"] = write(folder / "previous.parquet", full(key, previous))
    facts["inputs"] = {
        name.replace("_", ".", 1): write(folder / f"{name}.parquet", full(name.replace("_", ".", 1), given))
        for name, given in inputs.items()
    }
    names = {rule.check for rule in handwritten_rules(table(key), facts)}
    results = validate(table(key), write(folder / "now.parquet", full(key, select)), facts)
    return {r.check: r for r in results if r.check in names}


def uuid(number: str) -> str:
    return f"lpad(cast({number} as varchar), 32, '0')::uuid"


PERSON = "select " + uuid("i") + " as person_id{more} from range({n}) as t(i)"


@pytest.mark.parametrize(("rows", "passed"), [(1000, True), (1140, True), (1160, False), (840, False), (0, False)])
def test_volume_is_compared_with_last_month(tmp_path: Path, rows: int, passed: bool) -> None:
    found = judged(tmp_path, "person.profile", PERSON.format(n=rows, more=""), PERSON.format(n=1000, more=""))
    assert found["volume_vs_last_month"].passed is passed


def test_a_few_rows_more_or_fewer_in_a_small_table_are_chance(tmp_path: Path) -> None:
    found = judged(tmp_path, "person.profile", PERSON.format(n=40, more=""), PERSON.format(n=25, more=""))
    assert found["volume_vs_last_month"].failed == 0


def test_nothing_is_compared_in_the_first_month(tmp_path: Path) -> None:
    assert judged(tmp_path, "person.profile", PERSON.format(n=10, more="")) == {}


def test_a_column_no_longer_sent_is_noticed(tmp_path: Path) -> None:
    records = "select " + uuid("i") + " as record_id, " + uuid("i") + " as row_id, {} as tenure from range(100) as t(i)"
    key = "pseudo.housing__tenancies"
    before = records.format("'secure'")
    fewer = records.format("case when i < 80 then 'secure' end")
    assert judged(tmp_path, key, fewer, before)["filled_vs_last_month"].failed == 1
    about = records.format("case when i < 95 then 'secure' end")
    assert judged(tmp_path, key, about, before)["filled_vs_last_month"].failed == 0


SPINE = (
    "select 'gp' as source, "
    + uuid("i")
    + " as record_id, "
    + uuid("i + {shift}")
    + " as person_id, true as is_current, case when i < {linked} then 'nhs_exact' else 'local' end as step"
    " from range(1000) as t(i)"
)


def test_ids_are_kept_from_month_to_month(tmp_path: Path) -> None:
    before = SPINE.format(shift=0, linked=500)
    assert judged(tmp_path, "linked.spine", before, before)["ids_kept_since_last_month"].passed
    changed = judged(tmp_path, "linked.spine", SPINE.format(shift=7, linked=500), before)["ids_kept_since_last_month"]
    assert (changed.failed, changed.checked, changed.passed) == (1000, 1000, False)


def test_a_source_that_loses_links_is_a_warning(tmp_path: Path) -> None:
    before = SPINE.format(shift=0, linked=500)
    for linked, passed in ((600, True), (480, True), (400, False)):
        found = judged(tmp_path, "linked.spine", SPINE.format(shift=0, linked=linked), before)
        assert found["link_rate_of_gp_vs_last_month"].passed is passed
        assert found["link_rate_of_asc_vs_last_month"].checked == 0


def test_the_spine_has_exactly_the_records_of_the_month(tmp_path: Path) -> None:
    def records(source: str, count: int) -> str:
        at = sorted({feed.source for feed in landed_tables()}).index(source) * 1000
        return f"select {uuid(f'i + {at}')} as record_id, {uuid('i')} as row_id from range({count}) as t(i)"

    bearing = [feed for feed in landed_tables() if feed.identity_columns]
    inputs = {f"pseudo_{feed.name}": records(feed.source, 5) for feed in bearing}
    sources = sorted({feed.source for feed in bearing})
    spine = " union all ".join(
        f"select '{source}' as source, record_id, record_id as person_id, true as is_current, 'local' as step"
        f" from ({records(source, 5)})"
        for source in sources
    )
    check = "exactly_the_records_of_the_month"
    whole = judged(tmp_path, "linked.spine", spine, **inputs)[check]
    assert (whole.failed, whole.checked) == (0, 5 * len(sources))
    gone = f"{spine} union all select 'gp', {uuid('77777')}, {uuid('7')}, false, 'local'"
    assert judged(tmp_path, "linked.spine", gone, **inputs)[check].passed
    extra = f"{spine} union all select 'gp', {uuid('77777')}, {uuid('7')}, true, 'local'"
    assert judged(tmp_path, "linked.spine", extra, **inputs)[check].failed == 1
    missing = f"select * from ({spine}) where record_id != {uuid('1000')}"
    assert judged(tmp_path, "linked.spine", missing, **inputs)[check].failed == 1


def test_a_pair_is_one_person_in_the_spine(tmp_path: Path) -> None:
    pair = f"select 'gp' as source_a, {uuid('1')} as record_id_a, 'gp' as source_b, {uuid('2')} as record_id_b"
    check = "pairs_are_one_person"
    apart = SPINE.format(shift=0, linked=0)
    assert judged(tmp_path, "linked.edges", pair, linked_spine=apart)[check].failed == 1
    together = f"select * replace ({uuid('1')} as person_id) from ({apart})"
    assert judged(tmp_path, "linked.edges", pair, linked_spine=together)[check].failed == 0
    empty = f"select * from ({together}) where false"
    assert judged(tmp_path, "linked.edges", pair, linked_spine=empty)[check].failed == 1


def test_a_pair_for_a_person_is_two_people_in_the_spine(tmp_path: Path) -> None:
    pair = f"select 'gp' as source_a, {uuid('1')} as record_id_a, 'gp' as source_b, {uuid('2')} as record_id_b"
    check = "pairs_are_two_people"
    apart = SPINE.format(shift=0, linked=0)
    assert judged(tmp_path, "linked.review", pair, linked_spine=apart)[check].failed == 0
    together = f"select * replace ({uuid('1')} as person_id) from ({apart})"
    assert judged(tmp_path, "linked.review", pair, linked_spine=together)[check].failed == 1


@pytest.mark.parametrize(("right", "wrong", "missed", "failing"), [
    (1000, 9, 100, set()),
    (1000, 20, 100, {"precision_floor"}),
    (1000, 0, 300, {"recall_floor"}),
])  # fmt: skip
def test_accuracy_floors(tmp_path: Path, right: int, wrong: int, missed: int, failing: set[str]) -> None:
    rows = (
        f"select * from (values ('all', 'all', {right}, {wrong}, {missed}), ('sex', 'male', 0, 500, 500))"
        " as t(group_type, group_value, true_positive_count, false_positive_count, false_negative_count)"
    )
    found = judged(tmp_path, "linked.accuracy", rows)
    assert {name for name, result in found.items() if not result.passed} == failing


def test_no_truth_no_accuracy_to_fail(tmp_path: Path) -> None:
    rows = "select 'all' as group_type where false"
    assert all(r.passed and r.checked == 0 for r in judged(tmp_path, "linked.accuracy", rows).values())


def test_segments_hold_everyone_once_and_nobody_else(tmp_path: Path) -> None:
    people = PERSON.format(n=20, more="")
    check = "everyone_and_nobody_else"
    assert judged(tmp_path, "segment.need", people, person_profile=people)[check].failed == 0
    assert judged(tmp_path, "segment.need", PERSON.format(n=19, more=""), person_profile=people)[check].failed == 1
    assert judged(tmp_path, "segment.need", PERSON.format(n=21, more=""), person_profile=people)[check].failed == 1
    assert judged(tmp_path, "segment.lifecourse", people, segment_need=people)[check].failed == 0


def test_only_eligible_people_are_asked_for_a_profile(tmp_path: Path) -> None:
    everyone = PERSON.format(n=20, more=", i < 15 as is_eligible")
    found = judged(tmp_path, "person.profile", PERSON.format(n=15, more=""), person_demographics=everyone)
    assert (found["everyone_and_nobody_else"].failed, found["everyone_and_nobody_else"].checked) == (0, 15)


def test_breakdowns_add_up_within_what_protection_hides(tmp_path: Path) -> None:
    everyone = PERSON.format(n=103, more=", true as is_eligible")

    def cells(*counts: str) -> str:
        return f"select 'need' as breakdown, unnest([{', '.join(counts)}])::bigint as person_count"

    check = "breakdowns_add_up_to_everyone"
    for counts, failed in (
        (["105"], 0),
        (["95"], 1),
        (["60", "40", "null"], 0),
        (["60", "20", "null"], 0),
        (["60", "20", "20"], 0),
        (["60", "20", "15"], 1),
        (["60", "60", "null"], 1),
    ):
        found = judged(tmp_path, "mart.segment_summary", cells(*counts), person_demographics=everyone)
        assert (found[check].failed, found[check].checked) == (failed, 1)
        shown = sum(int(count) for count in counts if count != "null")
        warned = found["breakdowns_show_most_people"]
        assert (warned.failed, warned.severity.value) == (int(shown < 0.9 * 103), "warn")


def test_every_hand_written_rule_is_about_a_table_with_a_contract() -> None:
    from expectations.handwritten import _OWN

    assert all(isinstance(table(key), Table) for key in _OWN)


def test_households_hold_residents_once(tmp_path: Path) -> None:
    people = (
        f"select {uuid('i')} as person_id, {uuid('i')} as ralf, true as is_eligible, i < 100 as is_resident"
        " from range(110) as t(i)"
    )
    for counted, twice, unknown in ((100, True, True), (96, True, True), (80, True, False), (101, False, True)):
        homes = f"select {uuid('i')} as ralf, 1 as person_count from range({counted}) as t(i)"
        found = judged(tmp_path, "person.households", homes, person_demographics=people)
        assert found["nobody_lives_twice"].passed is twice
        assert found["addresses_are_in_the_gazetteer"].passed is unknown


def test_age_bands_of_the_borough_add_up(tmp_path: Path) -> None:
    people = f"select {uuid('i')} as person_id, true as is_eligible from range(100) as t(i)"
    rows = (
        "select 'age_band' as measure, * from (values ('all', '0-4', {top}), ('all', '5-11', null), ('NE', '0-4', 900))"
        " as t(locality, category, numerator_count)"
    )
    for top, passed in ((95, True), (85, True), (115, False)):
        found = judged(tmp_path, "mart.locality_profile", rows.format(top=top), person_demographics=people)
        assert found["age_bands_add_up_to_everyone"].passed is passed


def test_every_feed_is_reported_on(tmp_path: Path) -> None:
    names = [feed.name for feed in landed_tables()]
    for listed, failed in ((names, 0), (names[1:], 1)):
        rows = " union all ".join(f"select '{name}' as feed" for name in listed)
        assert judged(tmp_path, "mart.data_quality", rows)["every_feed_once"].failed == failed


def test_a_segment_that_drifts_stops_unless_it_is_declared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def people(complex_people: int) -> str:
        return (
            f"select {uuid('i')} as person_id,"
            f" case when i < {complex_people} then 'complex' else 'healthy' end as need_segment"
            " from range(20000) as t(i)"
        )

    for now, passed in ((1000, True), (1390, True), (1500, False), (500, False)):
        found = judged(tmp_path, "segment.need", people(now), people(1000))["shares_as_last_month"]
        assert found.passed is passed and found.severity.value == "critical"
    rules = segmentation.load_rules()
    monkeypatch.setattr(segmentation, "load_rules", lambda: replace(rules, declared_changes=("2026-02",)))
    assert "shares_as_last_month" not in judged(tmp_path, "segment.need", people(5000), people(1000))


COSTS = (
    "select finance_line, lifecourse_segment, 'all' as need_segment, '2025/26' as financial_year, {cells} as budget_gbp"
    " from (values ('LBTH A1 x'), ('all')) as l (finance_line)"
    " cross join (values ('all', 1), ('LW', 2), ('PI', 3), ('unallocated', 4)) as s (lifecourse_segment, place)"
)
LEDGER = (
    "select 'LBTH' as partner, 'A1' as cost_centre_code, 'x' as service_line, '2025/26' as financial_year,"
    " 9600.00 as budget_gbp"
)


@pytest.mark.parametrize(
    ("cells", "passed"),
    [
        ("[10000, 5000, 4000, 1000][place]", True),  # to the nearest thousand
        ("[11000, 5000, 4000, 1000][place]", False),  # the whole is not the control total
        ("[10000, 5000, 4000, 3000][place]", False),  # the parts are not the whole
        ("[10000, 5000, null, null][place]", True),  # what is withheld may be anything
        ("[10000, 8000, 5000, null][place]", False),  # but not less than nothing
        ("[null, 5000, null, null][place]", True),
    ],
)
def test_segments_of_a_finance_line_add_up_to_its_control_total(tmp_path: Path, cells: str, passed: bool) -> None:
    found = judged(tmp_path, "mart.cost_by_segment", COSTS.format(cells=cells), pseudo_finance__lines=LEDGER)
    assert found["control_totals_of_budget_gbp"].passed is passed


def test_a_line_that_nobody_sent_is_noticed(tmp_path: Path) -> None:
    other = LEDGER.replace("'A1'", "'A2'")
    cells = COSTS.format(cells="[10000, 5000, 4000, 1000][place]")
    found = judged(tmp_path, "mart.cost_by_segment", cells, pseudo_finance__lines=other)
    assert not found["control_totals_of_budget_gbp"].passed
