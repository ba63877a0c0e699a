"""The airlock's list: whatever is put into a report that is not on it makes the whole report void."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wsd_pipeline.contracts import tables
from wsd_pipeline.contracts.checks import Severity
from wsd_pipeline.gate import CheckResult
from wsd_pipeline.messages import Stop
from wsd_pipeline.settings import Mode, Project
from wsd_pipeline.vault.decode import decode
from wsd_pipeline.vault.layout import Count, Names
from wsd_pipeline.vault.listed import Unlisted
from wsd_pipeline.vault.report import MAX_BYTES, Report, TableReport, encode

MONTH = "2026-01"
PROJECT = Project(root=Path("/nowhere"), name="p", mode=Mode.SYNTHETIC)
FEED = "landed.gp__registrations"

REPORT = Report(
    key="a" * 24,
    reused=False,
    tables={FEED: TableReport(key="b" * 24, rows=5, quarantined=1, file_sha256="c" * 64, carried_from="2025-12")},
    checks=(
        CheckResult(
            table=FEED, column="nhs_number", check="valid_nhs_number", severity=Severity.CRITICAL, failed=3, checked=9,
            limit=0.001,
        ),
    ),
    stops=(
        Stop("WSD-112", table=FEED, missing=Names(("nhs_number",)), extra_count=Count(2), month=MONTH),
        Stop("WSD-111", table=FEED, reason="NUL byte", line=Count(3), expected="x", month=MONTH),
        Stop(
            "WSD-121", table=FEED, column="birth_date", type="DATE", failed=Count(1200), checked=Count(9),
            limit_pct="0.1", month=MONTH,
        ),
        Stop("WSD-502", previous="2025-12", month=MONTH),
    ),
    facts={"kcv": "0a1b2c", "identity_records": 12, "previous_month": "2025-12", "ledger_head": ""},
)  # fmt: skip
BODY = json.loads(encode(REPORT))


def line(body: Any) -> bytes:
    return json.dumps(body).encode() + b"\n"


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every part of the report, containers and keys of mappings included."""
    found = [path]
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in items:
        found += places(part, (*path, key))
    return found


def put(body: Any, path: tuple[Any, ...], value: Any) -> Any:
    changed = copy.deepcopy(body)
    at = changed
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return changed


PLACES = [p for p in places(BODY) if p]
LISTED = {c.name for t in tables().values() for c in t.columns} | {"", "warn", "critical"}


def test_a_listed_report_crosses_whole() -> None:
    told = decode(encode(REPORT), PROJECT, MONTH)
    assert (told.key, told.tables, told.checks, told.facts) == (REPORT.key, REPORT.tables, REPORT.checks, REPORT.facts)
    assert [s.code for s in told.stops] == [s.code for s in REPORT.stops]
    assert "1,200 of 9 values of birth_date" in told.stops[2].what
    assert "UTF-8 text" in told.stops[1].next_step, "the parent says the layout itself"


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(PLACES), st.text(min_size=1, max_size=30).filter(lambda t: t not in LISTED))
def test_no_text_that_is_not_listed_crosses_anywhere(path: tuple[Any, ...], text: str) -> None:
    intruder = "ZQX" + text
    with pytest.raises(Unlisted) as caught:
        decode(line(put(BODY, path, intruder)), PROJECT, MONTH)
    assert str(caught.value) == ""


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([p for p in PLACES if isinstance(p[-1], str)]),
    st.text(min_size=1, max_size=30).map(lambda t: "ZQX" + t),
)
def test_no_key_that_is_not_listed_crosses(path: tuple[Any, ...], text: str) -> None:
    changed = copy.deepcopy(BODY)
    at = changed
    for key in path[:-1]:
        at = at[key]
    at[text] = 1
    with pytest.raises(Unlisted):
        decode(line(changed), PROJECT, MONTH)


ODD = st.one_of(
    st.floats(), st.integers(max_value=-1), st.integers(min_value=2**63), st.lists(st.text(min_size=1), min_size=1),
    st.dictionaries(st.text(min_size=1), st.text(), min_size=1),
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(PLACES), ODD)
def test_nothing_of_another_kind_crosses(path: tuple[Any, ...], value: Any) -> None:
    with pytest.raises(Unlisted):
        decode(line(put(BODY, path, value)), PROJECT, MONTH)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_bytes_that_are_no_report_do_not_cross(data: bytes) -> None:
    with pytest.raises(Unlisted):
        decode(data, PROJECT, MONTH)


@pytest.mark.parametrize(
    "data",
    [
        encode(REPORT)[:-1],
        encode(REPORT) + b"more\n",
        encode(REPORT).replace(b":5}", b":NaN}", 1),
        b" " * (MAX_BYTES + 1) + b"\n",
        b"[" * 60_000 + b"\n",
        line({**BODY, "note": 1}),
        line({k: v for k, v in BODY.items() if k != "facts"}),
    ],
)
def test_a_report_of_another_shape_does_not_cross(data: bytes) -> None:
    with pytest.raises(Unlisted):
        decode(data, PROJECT, MONTH)


def test_a_stop_without_a_table_cannot_name_a_column() -> None:
    with pytest.raises(Unlisted):
        decode(line({**BODY, "stops": [{"code": "WSD-290", "column": "surname"}]}), PROJECT, MONTH)


def test_every_check_of_every_feed_fits_in_the_line() -> None:
    from wsd_pipeline.contracts import landed_tables

    checks = [
        CheckResult(
            table=feed.key, column=column.name, check=check.name, severity=check.severity, failed=10**6, checked=10**7,
            limit=check.limit,
        )
        for feed in landed_tables()
        for column in feed.columns
        for check in column.checks
    ]  # fmt: skip
    tables_made = {feed.key: REPORT.tables[FEED] for feed in landed_tables()}
    assert len(encode(Report(key="a" * 24, reused=False, tables=tables_made, checks=tuple(checks)))) < MAX_BYTES / 2
