"""Bad input: each is stopped with its code, says nothing of the data, and leaves what was accepted as it was.

One small project is accepted once; every test gets a copy, puts something bad in its inbox and runs the step again.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.flow_registers import put_register
from tests.vault_files import MONTH, NHS, as_bytes, full_project, hand_feeds, put, put_manifest, put_rows, rows_of
from wsd_pipeline.contracts import table
from wsd_pipeline.contracts.pseudo import pseudo_table
from wsd_pipeline.contracts.tokens import ROOM
from wsd_pipeline.lake import Zone, file_sha256
from wsd_pipeline.messages import Stop
from wsd_pipeline.settings import Mode, Project
from wsd_pipeline.vault import __main__ as child
from wsd_pipeline.vault.decode import decode
from wsd_pipeline.vault.keys import load
from wsd_pipeline.vault.report import Report, encode

FEED = "gp__registrations"
KEY = f"landed.{FEED}"
LATER = "202602020900"
CANARY = "ZQXJWKV"


def run(project: Project, month: str = MONTH) -> Report:
    """The step in this process, its report through the line that would cross; nothing of the data is in either."""
    made = child.run("month", project.root, month)
    line = encode(made)
    told = decode(line, Project.load(project.root), month)
    texts = [line.decode(), *(s.text() for s in told.stops), *(s.text() for s in made.stops)]
    for text in texts:
        for secret in (CANARY, CANARY.lower(), *NHS, "Okafor", "1980-05-17", "17/05/1980"):
            assert secret not in text
    return told


def accept(project: Project, report: Report) -> None:
    """What the parent does with staged tables that pass."""
    lake = Zone(project.lake)
    folder = project.lake / "_staging" / f"vault.{MONTH}.{report.key}"
    for feed in hand_feeds():
        pseudo = pseudo_table(feed).key
        made = report.tables[feed.key]
        lake.promote(pseudo, MONTH, made.key, {pseudo: folder / f"{pseudo}.parquet"}, {pseudo: made.rows})


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = full_project(tmp_path_factory.mktemp("accepted") / "data")
    report = run(project)
    assert report.stops == ()
    accept(project, report)
    return project.root


@pytest.fixture
def accepted(template: Path, tmp_path: Path) -> Project:
    root = tmp_path / "data"
    shutil.copytree(template, root)
    return Project.load(root)


def state(project: Project) -> dict[str, str]:
    """Every accepted file and pointer, by hash."""
    zones = (project.vault, project.lake)
    files = [p for z in zones for p in z.rglob("*") if p.is_file() and not {"_staging", "quarantine"} & set(p.parts)]
    return {str(p.relative_to(project.root)): file_sha256(p) for p in files}


def stopped(project: Project, key: str = KEY) -> Stop:
    """The one stop of a run, with everything accepted before untouched."""
    before = state(project)
    report = run(project)
    assert state(project) == before
    assert [s.facts.get("table") for s in report.stops] == [key]
    assert key not in report.tables
    assert len(report.tables) >= len(hand_feeds()) - 1, "the other feeds went on"
    return report.stops[0]


def with_canary(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    return [{**rows[0], "surname": CANARY}, *rows[1:]]


def good() -> bytes:
    return as_bytes(table(KEY), with_canary(rows_of(FEED)))


def changed(**values: str) -> bytes:
    """The good file with every row's columns replaced."""
    return as_bytes(table(KEY), [{**row, **values} for row in with_canary(rows_of(FEED))])


def renamed_header() -> bytes:
    return good().replace(b"nhs_number", b"nhs_no", 1)


BAD: dict[str, tuple[Callable[[], bytes], str, dict[str, object]]] = {
    "empty file": (lambda: b"", "WSD-111", {"reason": "empty"}),
    "header renamed": (renamed_header, "WSD-112", {"missing": ("nhs_number",), "extra_count": 1}),
    "feeds swapped": (lambda: as_bytes(table("landed.gp__conditions"), rows_of("gp__conditions")), "WSD-112", {}),
    "cut in the middle of a line": (lambda: good()[:-40], "WSD-111", {"reason": "last line cut", "line": 6}),
    "last line not ended": (lambda: good()[:-1], "WSD-111", {"reason": "last line cut", "line": 6}),
    "NUL": (lambda: good().replace(CANARY.encode(), b"\0" + CANARY.encode()), "WSD-111", {"reason": "NUL byte"}),
    "UTF-16": (lambda: good().decode().encode("utf-16"), "WSD-111", {"reason": "UTF-16"}),
    "Windows-1252 where UTF-8 was agreed": (
        lambda: good().replace(CANARY.encode(), "Zoë".encode("cp1252")),
        "WSD-111", {"reason": "another encoding", "line": 2},
    ),
    "hostile quotes": (
        lambda: good().replace(CANARY.encode(), b'x"' + CANARY.encode()), "WSD-111", {"reason": "stray quote"},
    ),
    "quote never closed": (lambda: good().replace(CANARY.encode(), b'"' + CANARY.encode()), "WSD-111", {}),
    "text in a date": (
        lambda: changed(birth_date=CANARY), "WSD-121", {"column": "birth_date", "failed": 5, "checked": 5},
    ),
    "spreadsheet serial in a date": (lambda: changed(birth_date="29358"), "WSD-121", {"column": "birth_date"}),
    "American dates": (lambda: changed(birth_date="05/17/1980"), "WSD-121", {"column": "birth_date"}),
    "text in a yes or no": (lambda: changed(is_carer=CANARY), "WSD-121", {"column": "is_carer"}),
    "bad check digit": (
        lambda: changed(nhs_number="9990000019"), "WSD-120", {"column": "nhs_number", "check": "valid_nhs_number"},
    ),
    "unknown code": (lambda: changed(registration_type=CANARY), "WSD-120", {"check": "one_of"}),
    "required value missing": (lambda: changed(registration_type=""), "WSD-120", {"check": "required"}),
    "no rows": (lambda: good().split(b"\n", 1)[0] + b"\n", "WSD-120", {"check": "minimum_rows"}),
    "a number that could be real": (lambda: changed(nhs_number="943 476 5919"), "WSD-130", {"count": 5}),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_stopped_and_nothing_accepted_is_lost(accepted: Project, case: str) -> None:
    make, code, facts = BAD[case]
    bad = put(accepted, FEED, make(), stamp=LATER)
    stop = stopped(accepted)
    assert stop.code == code
    assert {k: stop.facts[k] for k in facts} == facts
    before = state(accepted)
    bad.unlink()
    assert run(accepted).reused and state(accepted) == before, "mended, the month is as it was"


def test_a_missing_file_names_the_feed_and_the_folder(accepted: Project) -> None:
    shutil.rmtree(accepted.inbox / FEED)
    stop = stopped(accepted)
    assert stop.code == "WSD-101"
    assert stop.facts["folder"] == str(accepted.inbox / FEED)


def test_missing_postcodes_stop_the_step_by_name(accepted: Project) -> None:
    (accepted.inbox / "_reference" / "postcodes.csv").unlink()
    before = state(accepted)
    report = run(accepted)
    assert [(s.code, s.facts["table"]) for s in report.stops] == [("WSD-101", "reference.postcodes")]
    assert state(accepted) == before


def test_a_truncated_file_is_known_by_its_manifest(accepted: Project) -> None:
    whole = good()
    path = put(accepted, FEED, whole, stamp=LATER)
    put_manifest(path)
    path.write_bytes(whole.rsplit(b"\n", 2)[0] + b"\n")
    stop = stopped(accepted)
    assert (stop.code, stop.facts["found"], stop.facts["expected"]) == ("WSD-113", 4, 5)


def test_a_file_unlike_its_manifest_is_refused(accepted: Project) -> None:
    put_manifest(put(accepted, FEED, good(), stamp=LATER), sha256="0" * 64)
    assert stopped(accepted).code == "WSD-114"


def test_a_broken_manifest_is_refused(accepted: Project) -> None:
    path = put(accepted, FEED, good(), stamp=LATER)
    path.with_suffix(".manifest.json").write_text("{")
    assert stopped(accepted).code == "WSD-114"


def test_the_same_month_again_does_nothing(accepted: Project) -> None:
    before = state(accepted)
    report = run(accepted)
    assert report.reused
    assert all(t.reused for t in report.tables.values())
    assert len(report.checks) > 100, "results of the checks are told again"
    assert state(accepted) == before


def test_the_same_file_under_another_name_does_nothing(accepted: Project) -> None:
    put(accepted, FEED, as_bytes(table(KEY), rows_of(FEED)), stamp=LATER)
    assert run(accepted).reused


def test_a_corrected_file_replaces_its_own_table_only(accepted: Project) -> None:
    rows = rows_of(FEED)
    put_rows(accepted, FEED, [{**rows[0], "surname": CANARY}, *rows[1:]], stamp=LATER)
    report = run(accepted)
    assert report.stops == ()
    room = {contract.key for contract in ROOM}
    made = {k for k, t in report.tables.items() if not t.reused}
    assert {KEY, "tokens.identities"} <= made <= {KEY, *room}
    staged = list((accepted.lake / "_staging").rglob("*.parquet"))
    assert [p.stem for p in staged] == [f"pseudo.{FEED}"]


def test_a_few_unreadable_values_are_quarantined_and_the_rest_goes_on(accepted: Project) -> None:
    from wsd_pipeline.vault import sealed

    rows = [{**row, "local_patient_id": f"N{i}-{row['local_patient_id']}"} for i in range(40) for row in rows_of(FEED)]
    rows = [{**row, "nhs_number": ""} for row in rows]
    rows[7]["birth_date"] = CANARY
    rows[9]["registered_date"] = ""
    put_rows(accepted, FEED, rows, stamp=LATER)
    report = run(accepted)
    assert report.stops == ()
    made = report.tables[KEY]
    assert (made.rows, made.quarantined) == (199, 2)
    kept = sealed.read(next((accepted.vault / "quarantine" / FEED).rglob("*.parquet")), load(accepted), MONTH)
    assert kept.to_pylist() == [
        {"row_number": 8, "column_name": "birth_date", "reason": "unreadable_date", "raw_value": CANARY},
        {"row_number": 10, "column_name": "registered_date", "reason": "required_missing", "raw_value": None},
    ]


def test_mixed_line_ends_and_marks_are_the_same_rows(accepted: Project) -> None:
    mixed = b"\xef\xbb\xbf" + as_bytes(table(KEY), rows_of(FEED)).replace(b"\n", b"\r\n", 3)
    put(accepted, FEED, mixed, stamp=LATER)
    report = run(accepted)
    assert report.stops == ()
    assert report.tables[KEY].rows == 5


def test_columns_in_another_order_are_fine_and_unknown_ones_go_nowhere(accepted: Project) -> None:
    import polars as pl

    feed = table(KEY)
    columns = list(reversed([c.source_header for c in feed.columns]))
    names = list(reversed([c.name for c in feed.columns]))
    lines = [",".join([*columns, "phone"])]
    lines += [",".join([*(row.get(n, "") for n in names), CANARY]) for row in rows_of(FEED)]
    put(accepted, FEED, ("\n".join(lines) + "\n").encode(), stamp=LATER)
    report = run(accepted)
    assert report.stops == ()
    frame = pl.read_parquet(next((accepted.lake / "_staging").rglob(f"pseudo.{FEED}.parquet")))
    assert frame.columns == [c.name for c in pseudo_table(feed).columns]


def test_test_numbers_are_refused_among_real_people(tmp_path: Path) -> None:
    key = tmp_path / "keys" / "k"
    key.parent.mkdir()
    key.write_text("ab" * 32)
    key.chmod(0o600)
    project = full_project(tmp_path / "data", mode=Mode.LIVE, key_file=key)
    opt_outs = project.inbox / "_reference" / "national_opt_outs.csv"
    opt_outs.write_text("nhs_number,effective_from,withdrawn_on\n")
    put_register(project)
    report = run(project)
    numbered = {t.key for t in hand_feeds() if "nhs_number" in [c.name for c in t.columns]}
    assert {(s.code, s.facts["table"]) for s in report.stops} == {("WSD-131", k) for k in numbered}
    assert not any((project.vault / "_pointers" / k).exists() for k in numbered)


def test_another_key_stops_before_any_output(accepted: Project, tmp_path: Path) -> None:
    key = tmp_path / "k"
    key.write_text("cd" * 32)
    key.chmod(0o600)
    replace(accepted, key_file=key).save()
    before = state(accepted)
    report = run(accepted, "2026-02")
    assert [(s.code, s.facts["previous"]) for s in report.stops] == [("WSD-502", MONTH)]
    assert report.key == ""
    assert state(accepted) == before


def test_a_lost_key_stops_before_any_output(accepted: Project, tmp_path: Path) -> None:
    replace(accepted, key_file=tmp_path / "lost").save()
    before = state(accepted)
    assert [s.code for s in run(accepted).stops] == ["WSD-500"]
    assert state(accepted) == before


def test_a_quarterly_feed_carries_its_latest_extract_forward(accepted: Project) -> None:
    for feed in hand_feeds():
        if feed.cadence == "monthly":
            put_rows(accepted, feed.name, month="2026-02", stamp="202603010900")
    report = run(accepted, "2026-02")
    assert report.stops == ()
    carried = {k: t.carried_from for k, t in report.tables.items() if t.carried_from}
    assert carried == dict.fromkeys(("landed.asc__events", "landed.education__pupils", "landed.llpg__addresses"), MONTH)
    again = run(accepted, "2026-02")
    assert again.tables["landed.asc__events"].key == report.tables["landed.asc__events"].key


def test_a_full_disk_is_told_by_its_own_code(accepted: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    import errno

    from wsd_pipeline.vault import sealed

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, CANARY)

    monkeypatch.setattr(sealed, "write", full)
    put(accepted, FEED, good(), stamp=LATER)
    before = state(accepted)
    assert [s.code for s in run(accepted).stops] == ["WSD-420"]
    assert state(accepted) == before


def test_another_librarys_error_keeps_its_text(accepted: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    from wsd_pipeline.vault import land

    def quoting(*_: object) -> None:
        raise ValueError(CANARY)

    monkeypatch.setattr(land, "land", quoting)
    put(accepted, FEED, good(), stamp=LATER)
    report = run(accepted)
    assert [(s.code, s.facts["reason"]) for s in report.stops] == [("WSD-290", "ValueError")]
