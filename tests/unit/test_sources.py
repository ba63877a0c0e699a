"""`wsd source`: what is told of a file, what is written of it, and what is taken in; no value of it in any of that."""

from __future__ import annotations

import argparse
import json
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from tests.mapping.draw import FORENAMES, SURNAMES, rows_of
from tests.mapping.learn import extracts
from tests.vault_files import empty_project
from tests.workbooks import one_sheet
from wsd_pipeline.cli.app import run_app
from wsd_pipeline.contracts import table
from wsd_pipeline.contracts.core import LandedTable
from wsd_pipeline.messages import Stop
from wsd_pipeline.settings import Project
from wsd_pipeline.vault import ask, inbox, sources, told
from wsd_pipeline.vault.listed import Unlisted
from wsd_pipeline.vault.mapping import layout_of

EMIS = next(e for e in extracts() if e.name == "emis_web")
FEED = "gp__registrations"
MONTH = "2026-10"
VALUES = (*SURNAMES, *FORENAMES, "999", "Roman Road")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return empty_project(tmp_path / "data")


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The child's work without a child: its arguments parsed and its line given back."""

    def line(
        project: Project, step: str, file: Path, month: str, feed: LandedTable | None, more: tuple[str, ...]
    ) -> bytes:
        given = {"sheet": None, "into": "", "anyway": "--anyway" in more}
        given |= {flag.strip("-"): value for flag, value in pairwise(more) if flag in ("--sheet", "--into")}
        name = feed.name if feed else ""
        return sources.run(
            argparse.Namespace(step=step, project=project.root, file=file, feed=name, month=month, **given)
        )

    monkeypatch.setattr(ask, "_line", line)


def put(path: Path, rows: list[list[str]], *, delimiter: str = ",", encoding: str = "utf-8", title: str = "") -> Path:
    text = title + "".join(delimiter.join(row) + "\n" for row in rows)
    path.write_bytes(text.encode(encoding))
    return path


@pytest.fixture
def emis(tmp_path: Path) -> Path:
    rows = [[header for header, _, _ in EMIS.headers], *rows_of(EMIS, 200)]
    return put(tmp_path / "patients.csv", rows, delimiter="|", encoding="cp1252", title="Patient list – October\n")


def asked(capsys: pytest.CaptureFixture[str], *arguments: str, project: Project) -> tuple[int, str]:
    code = run_app(["source", *arguments, "--project", str(project.root)])
    said = capsys.readouterr()
    for value in VALUES:
        assert value not in said.out.replace("9990000", "") + said.err or value == "999"
    return code, said.out + said.err


def test_a_file_is_described_by_shapes_and_counts(
    project: Project, emis: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = asked(capsys, "inspect", str(emis), project=project)
    assert code == 0
    assert "200 rows, 34 columns (text, cp1252, fields separated by |); header in line 2." in said
    assert "9999999999 100 %" in said and "99-Aaa-9999 100 %" in said and "telephone" in said
    assert "%d-%b-%Y" in said
    assert not project.root.joinpath("sources").exists()


def test_what_is_told_as_json_holds_no_value(project: Project, emis: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = asked(capsys, "inspect", str(emis), "--json", project=project)
    body = json.loads(said)
    assert code == 0 and body["columns_count"] == 34
    kinds = {" ".join(c["words"]): c["kind"] for c in body["columns"]}
    assert (kinds["nhs number"], kinds["postcode"], kinds["date of birth"]) == ("NHS number", "postcode", "date")
    texts = [c for c in body["columns"] if c["kind"] in ("text", "code")]
    assert texts and not any(c["shapes"] for c in texts), "the shape of a name may be rare"


@pytest.mark.slow
def test_a_mapping_is_written_read_and_kept(project: Project, emis: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = asked(capsys, "map", str(emis), "--feed", FEED, project=project)
    assert code == 0 and "The mapping is in" in said
    path = project.root / "sources" / f"{FEED}.yaml"
    assert path.parent.stat().st_mode & 0o077 == 0
    text = path.read_text(encoding="utf-8")
    assert not any(value in text for value in (*SURNAMES, *FORENAMES))
    written = yaml.safe_load(text)
    assert written["columns"]["surname"] == "Family Name" and written["values"]["sex"]["Female"] == "2"
    feed = table(f"landed.{FEED}")
    assert isinstance(feed, LandedTable)
    layout = layout_of(project, feed, MONTH)
    assert (layout.delimiter, layout.encodings, layout.header_row, layout.date_formats) == (
        "|",
        ("cp1252",),
        2,
        ("%d-%b-%Y",),
    )
    code, said = asked(capsys, "map", str(emis), "--feed", FEED, project=project)
    assert code == 2 and "WSD-119" in said
    assert asked(capsys, "map", str(emis), "--feed", FEED, "--replace", project=project)[0] == 0


def corrected(project: Project) -> None:
    """What a person would put right by hand: the supplier's own words for the kind of registration."""
    path = project.root / "sources" / f"{FEED}.yaml"
    said = yaml.safe_load(path.read_text(encoding="utf-8"))
    said["values"]["registration_type"] = {"GMS": "R", "Temporary": "T", "Private": "P", "Immediately Necessary": "I"}
    path.write_text(yaml.safe_dump(said), encoding="utf-8")


@pytest.mark.slow
def test_check_says_what_landing_would_and_accept_takes_in_what_passes(
    project: Project, emis: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked(capsys, "map", str(emis), "--feed", FEED, project=project)
    code, said = asked(capsys, "check", str(emis), "--feed", FEED, "--month", MONTH, project=project)
    assert code == 3 and "WSD-120" in said and "registration_type" in said
    assert asked(capsys, "accept", str(emis), "--feed", FEED, "--month", MONTH, project=project)[0] == 3
    assert not (project.inbox / FEED).exists()
    corrected(project)
    code, said = asked(capsys, "check", str(emis), "--feed", FEED, "--month", MONTH, project=project)
    assert code == 0 and "200 rows would be carried on" in said
    assert not (project.vault / "landed").exists(), "nothing is kept"
    code, said = asked(
        capsys, "accept", str(emis), "--feed", FEED, "--month", MONTH, "--org", "f84001", project=project
    )
    assert code == 0
    file = inbox.month_file(project.inbox / FEED, FEED, MONTH)
    assert file is not None and file.name.startswith(f"{FEED}_F84001_{MONTH}_")
    assert file.read_bytes() == emis.read_bytes()
    manifest = inbox.manifest_of(file, f"landed.{FEED}", MONTH)
    assert manifest is not None and (manifest.feed, manifest.row_count) == (FEED, 200)
    assert [p for p in file.parent.iterdir() if p.suffix == ".part"] == []


@pytest.mark.slow
def test_a_file_that_fails_is_taken_in_only_for_a_reason_that_is_kept(
    project: Project, emis: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked(capsys, "map", str(emis), "--feed", FEED, project=project)
    code, said = asked(
        capsys,
        "accept",
        str(emis),
        "--feed",
        FEED,
        "--month",
        MONTH,
        "--anyway",
        "agreed on the phone",
        project=project,
    )
    assert code == 0 and "WSD-120" in said
    entry = json.loads((project.root / "sources" / "accepted.jsonl").read_text())
    assert (entry["anyway"], entry["failed"], entry["feed"]) == ("agreed on the phone", ["WSD-120"], FEED)


def test_real_people_never_come_into_an_invented_project(
    project: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    feed = table(f"landed.{FEED}")
    assert isinstance(feed, LandedTable)
    values = {
        "local_patient_id": "1",
        "practice_code": "F84001",
        "nhs_number": "9434765919",
        "reg_type": "R",
        "reg_start": "2020-01-01",
    }
    headers = [c.source_header for c in feed.landed_columns]
    file = put(tmp_path / "real.csv", [headers, [values.get(h, "") for h in headers]])
    code, said = asked(capsys, "accept", str(file), "--feed", FEED, "--month", MONTH, "--anyway", "x", project=project)
    assert code == 3 and "WSD-130" in said
    assert not (project.inbox / FEED).exists()


UNREADABLE = {
    "no header": ([["Begum", "Aisha", "17/05/1980"], ["Khan", "Tom", "01/02/1990"]], "no header row"),
    "no header and no date": ([["Begum", "Aisha"], ["Khan", "Tom"]], "no header row"),
    "a header twice": ([["Surname", "Surname"], ["Khan", "Tom"]], "duplicate header"),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_a_file_without_header_tells_nothing(
    project: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str], case: str
) -> None:
    rows, reason = UNREADABLE[case]
    for step in (["inspect"], ["map", "--feed", FEED]):
        code, said = asked(capsys, step[0], str(put(tmp_path / "x.csv", rows)), *step[1:], project=project)
        assert code == 3 and f"WSD-118 The file could not be read ({reason}" in said
    assert not (project.root / "sources").exists(), "a first row of data is written nowhere"


def test_words_that_are_not_ours_are_left_out_of_a_header(
    project: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [["Surname Okafor", "Date of Birth", "Zqx Ref 7"], ["Khan", "17/05/1980", "1"]]
    _, said = asked(capsys, "inspect", str(put(tmp_path / "x.csv", rows)), project=project)
    assert "surname …" in said and "… ref 7" in said


@pytest.mark.slow
def test_a_workbook_is_looked_at_too(project: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [["Tenancies, October"], [], ["Tenancy Ref", "Surname", "Start Date"], *[["T1", "Khan", "17/05/1980"]] * 12]
    file = tmp_path / "book.xlsx"
    file.write_bytes(one_sheet(rows))
    code, said = asked(capsys, "inspect", str(file), project=project)
    assert code == 0 and "12 rows, 3 columns (workbook); header in line 3." in said


def test_every_feed_is_listed(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = asked(capsys, "list", "--json", project=project)
    feeds = {f["feed"]: f for f in json.loads(said)}
    assert code == 0 and feeds[FEED]["has_mapping"] is False and feeds[FEED]["latest_month"] is None


@pytest.mark.parametrize("arguments", [["inspect", "nowhere.csv"], ["check", "nowhere.csv", "--feed", FEED]])
def test_a_file_that_is_not_there_is_said_so(
    project: Project, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    code, said = asked(capsys, *arguments, project=project)
    assert code == 2 and "WSD-602 No file “nowhere.csv”" in said


def test_an_unknown_feed_is_said_so(project: Project, emis: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = asked(capsys, "map", str(emis), "--feed", "gp__registration", project=project)
    assert code == 2 and f"Did you mean {FEED}?" in said


# ---- what may cross

TOLD = told.Told(
    kind=sources.Kind.TEXT, encoding="utf-8", delimiter=",", header_row=1, rows=2, columns_count=1,
    date_formats=("%d/%m/%Y",), is_order_open=False,
    columns=(
        told.Looked(
            place=1, words=("surname", ""), kind="date", missing_pct=0, distinct=2, shapes=(("99/99/9999", 100),)
        ),
    ),
)  # fmt: skip


def test_what_is_told_comes_back_the_same() -> None:
    assert told.decode(told.encode(TOLD), None) == TOLD


FORBIDDEN = {
    "a word that is not ours": ("surname", "okafor"),
    "a shape of letters": ("99/99/9999", "Begum"),
    "a kind": ('"date"', '"Begum"'),
    "a format": ("%d/%m/%Y", "17/05/1980"),
    "a delimiter": ('"delimiter":","', '"delimiter":"B"'),
    "another entry": ('"rows":2', '"rows":2,"name":"Begum"'),
    "a number below nothing": ('"rows":2', '"rows":-2'),
    "a column of no contract": ('"found":[]', '"found":[["Begum",1,1]]'),
}


@pytest.mark.parametrize("case", FORBIDDEN)
def test_nothing_unlisted_crosses(case: str) -> None:
    old, new = FORBIDDEN[case]
    line = told.encode(TOLD)
    assert old.encode() in line
    with pytest.raises(Unlisted):
        told.decode(line.replace(old.encode(), new.encode()), None)


def test_a_line_of_anything_else_is_a_stop(project: Project, emis: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for line in (b"Begum\n", b"[]\n", b'{"stops":[]}\n', b'{"stops":[{"code":"Begum"}]}\n', b"\xff\n"):
        monkeypatch.setattr(ask, "_line", lambda *_, line=line: line)
        with pytest.raises(Stop) as caught:
            ask.look(project, emis, MONTH)
        assert caught.value.code == "WSD-290" and "Begum" not in caught.value.text()
