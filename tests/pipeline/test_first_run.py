"""The first whole run, looked at from outside: two months of a small borough, run once for the session."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import duckdb
import pytest

from tests.conftest import MONTHS, PEOPLE, SEED, Ran, invent, run_months
from wsd_pipeline import open_release
from wsd_pipeline.cli.app import run_app
from wsd_pipeline.contracts import ON_REQUEST, tables
from wsd_pipeline.contracts.core import Measure
from wsd_pipeline.disclosure.suppression import published
from wsd_pipeline.lake import Zone
from wsd_pipeline.notes import checks_of
from wsd_pipeline.release.standing import latest
from wsd_pipeline.release.verify import verify
from wsd_pipeline.runs import latest_run
from wsd_pipeline.settings import Project

pytestmark = pytest.mark.pipeline


def rows(project: Project, sql: str, month: str = MONTHS[-1], **paths: str):
    """Rows of a query in which `{name}` stands for the accepted file of a table, as `name="layer.table"`."""
    files = {name: f"read_parquet('{Zone(project.lake).path(key, month)}')" for name, key in paths.items()}
    return duckdb.connect().execute(sql.format(**files)).fetchall()


def hashes(project: Project, month: str) -> dict[str, str]:
    """SHA-256 of every table accepted in the lake in the month."""
    found = {}
    for path in (project.lake / "_pointers").glob(f"*/{month}.json"):
        found |= json.loads(path.read_text())["sha256"]
    return found


def test_both_months_are_released_and_verify(ran: Ran):
    for month in MONTHS:
        release = latest(ran.project, month)
        assert release.name == f"{month}.r1"
        assert verify(release.folder) == 1 + 2 * sum(key.startswith("mart.") for key in tables())


def test_the_summary_says_what_an_analyst_needs(ran: Ran):
    assert "Released 2026-02.r1" in ran.output
    for words in ("People:", "precision", "recall", "Promoting Independence", "made up", "wsd marts"):
        assert words in ran.output, words


def test_every_table_is_accepted_with_its_checks(ran: Ran):
    for key, table in tables().items():
        zone = {"landed": ran.project.vault, "tokens": ran.project.linkage_room}.get(table.layer, ran.project.lake)
        if table.layer in ("reference", *ON_REQUEST) or key == "tokens.closed_records":  # kept in no group of its own
            continue
        if table.layer == "tokens":  # one room, one pointer
            for month in MONTHS:
                pointer = Zone(zone).pointer("tokens.identities", month)
                assert pointer is not None and key in pointer.rows, key
            continue
        for month in MONTHS:
            assert Zone(zone).pointer(key, month) is not None, key
            assert checks_of(ran.project, key, month), key


def test_the_population_is_of_the_size_invented(ran: Ran):
    release = open_release(MONTHS[-1], ran.project.releases)
    whole = release.segment_summary.filter(breakdown="borough")
    assert whole.height == 1
    assert 0.9 * PEOPLE <= whole["person_count"][0] <= 1.3 * PEOPLE


def test_no_small_count_is_published(ran: Ran):
    for month in MONTHS:
        release = open_release(month, ran.project.releases)
        for name in release.marts():
            mart = release.mart(name)
            counts = published(tables()[f"mart.{name}"], Measure.COUNT)
            for column in [c.name for c in counts]:
                values = mart[column].drop_nulls()
                assert ((values == 0) | ((values >= 10) & (values % 5 == 0))).all(), f"{name}.{column}"


def test_linkage_is_precise_and_finds_most(ran: Ran):
    found = rows(
        ran.project,
        "select sum(true_positive_count), sum(false_positive_count), sum(false_negative_count) from {accuracy}"
        " where group_type = 'all'",
        accuracy="linked.accuracy",
    )
    true_positive, false_positive, false_negative = (int(v) for v in found[0])
    assert true_positive / (true_positive + false_positive) >= 0.995
    assert true_positive / (true_positive + false_negative) >= 0.85


def test_people_keep_their_ids(ran: Ran):
    both = {name: Zone(ran.project.lake).path("linked.spine", month) for name, month in zip("ab", MONTHS, strict=True)}
    same, still_here = (
        duckdb.connect()
        .execute(
            f"""select count(*) filter (a.person_id = b.person_id), count(*)
            from read_parquet('{both["a"]}') a join read_parquet('{both["b"]}') b using (source, record_id)
            where b.is_current"""
        )
        .fetchall()[0]
    )
    assert same / still_here >= 0.99


def test_one_segment_each(ran: Ran):
    for segment in ("segment.lifecourse", "segment.need"):
        counted = rows(ran.project, "select count(*), count(distinct person_id) from {t}", t=segment)[0]
        assert counted[0] == counted[1] > 0


def test_running_again_reuses_everything_and_publishes_nothing_new(ran: Ran, tmp_path: Path):
    copy = copied(ran, tmp_path)
    before = hashes(copy, MONTHS[0])
    code, output = run_months(copy.root, MONTHS[0])
    assert code == 0, output
    assert hashes(copy, MONTHS[0]) == before
    made = [line for line in latest_run(copy.root).read() if line["event"] == "table"]
    assert made and {line["state"] for line in made} == {"reused"}
    assert latest(copy, MONTHS[0]).name == f"{MONTHS[0]}.r1"


def copied(ran: Ran, tmp_path: Path) -> Project:
    """A copy of the project that a test may change."""
    root = tmp_path / "data"
    shutil.copytree(ran.project.root, root)
    return Project.load(root)


def test_the_same_inputs_give_the_same_bytes(ran: Ran, tmp_path: Path):
    again = invent(tmp_path / "data", people=PEOPLE, months=MONTHS, seed=SEED)
    code, output = run_months(again.root, MONTHS[0])
    assert code == 0, output
    assert hashes(again, MONTHS[0]) == hashes(ran.project, MONTHS[0])
    first, second = latest(ran.project, MONTHS[0]).folder, latest(again, MONTHS[0]).folder
    assert [p.read_bytes() for p in sorted((first / "marts").iterdir())] == [
        p.read_bytes() for p in sorted((second / "marts").iterdir())
    ]
    logical = [json.loads((f / "manifest.json").read_text())["marts"] for f in (first, second)]
    assert {k: v["logical_sha256"] for k, v in logical[0].items()} == {
        k: v["logical_sha256"] for k, v in logical[1].items()
    }


def test_a_failed_gate_keeps_what_was_accepted_and_exits_3(ran: Ran, tmp_path: Path):
    copy = copied(ran, tmp_path)
    before = hashes(copy, MONTHS[-1])
    (path,) = (copy.inbox / "education__pupils").glob(f"*_{MONTHS[-1]}_*.csv")
    lines = path.read_text(encoding="utf-8").splitlines()
    later = path.with_name(path.name.replace(path.stem.rsplit("_", 1)[1], "209901010000"))
    later.write_text("\n".join([lines[0].replace("dob", "date of birth"), *lines[1:]]) + "\n", encoding="utf-8")
    code, output = run_months(copy.root, MONTHS[-1])
    assert code == 3 and "WSD-112" in output and "Next:" in output
    assert hashes(copy, MONTHS[-1]) == before
    assert latest(copy, MONTHS[-1]).name == f"{MONTHS[-1]}.r1"
    later.unlink()
    code, output = run_months(copy.root, MONTHS[-1])
    assert code == 0 and hashes(copy, MONTHS[-1]) == before


@pytest.mark.parametrize(
    "command",
    [
        ["status"],
        ["marts"],
        ["why"],
        ["logs"],
        ["doctor"],
        ["release", "list"],
        ["release", "verify", "2026-01"],
        ["quality", "--month", "2026-02"],
        ["count", "--by", "locality,lifecourse", "--where", "imd_decile <= 2"],
        ["plan", "--month", "2026-02"],
        ["plan", "--month", "2026-03"],
        ["query", "select locality, person_count from segment_summary where breakdown = 'locality' order by 1"],
    ],
    ids=lambda c: "-".join(c[:2])[:20],
)
def test_every_command_answers_people_and_programs(ran: Ran, capsys, command):
    assert run_app([*command, "--project", str(ran.project.root)]) == 0
    assert capsys.readouterr().out.strip()
    assert run_app([*command, "--json", "--project", str(ran.project.root)]) == 0
    json.loads(capsys.readouterr().out)
