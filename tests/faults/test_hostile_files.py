"""Files meant to do harm, or as broken as if they were: each ends as one coded stop of its own feed.

Nothing of a file is in a message, in the line that crosses, or in what the child prints; nothing is written but in the
vault's own folders; and the process that asked goes on. Figures of the caps are PRIVACY's.
"""

from __future__ import annotations

import io
import json
import os
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.faults.conftest import REAL_RUN
from tests.vault_files import MONTH, NHS, as_bytes, empty_project, rows_of
from tests.workbooks import book, one_sheet, sheet, text
from wsd_pipeline.contracts import table
from wsd_pipeline.messages import Stop
from wsd_pipeline.settings import Project
from wsd_pipeline.vault import __main__ as child
from wsd_pipeline.vault import preflight, receive, sources
from wsd_pipeline.vault.decode import decode
from wsd_pipeline.vault.faults import Fault
from wsd_pipeline.vault.kinds import Kind
from wsd_pipeline.vault.mapping import Layout
from wsd_pipeline.vault.report import Report, encode

FEED = "gp__registrations"
KEY = f"landed.{FEED}"
CANARY = "ZQXJWKV"
OWN_FOLDERS = ("vault/_staging", "vault/_logs", "vault/_months", "vault/quarantine", "lake/_staging")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = empty_project(tmp_path / "data", feeds=(FEED,))
    (made.inbox / FEED).mkdir()
    return made


def put(project: Project, data: bytes, suffix: str = ".csv", name: str = "") -> Path:
    path = project.inbox / FEED / (name or f"{FEED}_ORG_{MONTH}_202602010900{suffix}")
    path.write_bytes(data)
    return path


def files(folder: Path) -> set[str]:
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if not p.is_dir()}


def stopped(project: Project, capfd: pytest.CaptureFixture[str]) -> Stop:
    """The one stop of the feed; and the world as it was."""
    root = project.root.parent
    before = files(root)
    line = encode(child.run("month", project.root, MONTH))
    told = decode(line, project, MONTH)
    said = capfd.readouterr()
    for words in (line.decode(), said.out, said.err, *(s.text() for s in told.stops)):
        assert CANARY.lower() not in words.lower() and not any(number in words for number in NHS)
    new = files(root) - before
    assert not [path for path in new if not path.startswith(tuple(f"data/{own}" for own in OWN_FOLDERS))]
    assert told.tables == {}
    (stop,) = told.stops
    return stop


def good() -> bytes:
    return as_bytes(table(KEY), [{**row, "surname": CANARY} for row in rows_of(FEED)])


def cells() -> list[list[str]]:
    return [line.split(",") for line in good().decode().splitlines()]


def marked(mark: bytes) -> bytes:
    return good().replace(CANARY.encode(), mark + CANARY.encode(), 1)


TEXTS: dict[str, tuple[Callable[[], bytes], str]] = {
    "NUL bytes": (lambda: marked(b"\0"), "NUL byte"),
    "UTF-16 unannounced": (lambda: good().decode().encode("utf-16"), "UTF-16"),
    "half a character": (lambda: marked(b"\xe2\x82"), "another encoding"),
    "an overlong character": (lambda: marked(b"\xc0\xaf"), "another encoding"),
    "quotes unbalanced": (lambda: marked(b'"'), "unclosed quote"),
    "quotes in the midst": (lambda: marked(b'a"b'), "stray quote"),
    "a header twice": (lambda: good().replace(b"forename", b"surname", 1), "duplicate header"),
    "a hundred thousand columns": (
        lambda: ",".join(f"c{i}" for i in range(100_000)).encode() + b"\n",
        "too many columns",
    ),
    "an endless name in the header": (lambda: b"x" * 2_000_000 + b"," + good(), "structure"),
    "an endless cell": (lambda: marked(b"x" * 1_100_000), "line too long"),
    "a field beyond the header parser": (lambda: b'"' + b"x" * 200_000 + b'",' + good(), "structure"),
    "a header nested in quotes": (lambda: b'"' * 100_001 + b"\n", "unclosed quote"),
    "a web page": (lambda: b"<!DOCTYPE html><html><body>" + CANARY.encode() + b"</body></html>", "a web page"),
    "a web page in disguise": (lambda: b"\xef\xbb\xbf\r\n  <HTML>" + good(), "a web page"),
    "an archive": (lambda: b"\x1f\x8b\x08" + good(), "an archive"),
    "a workbook called text": (lambda: one_sheet(cells()), "another kind of file"),
    "an old workbook": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + good(), "an old or encrypted workbook"),
    "nothing but ends of lines": (lambda: b"\r\n" * 1000, "empty"),
    "one line of commas": (lambda: b"," * 1_000_000 + b"\n", "too many columns"),
}


@pytest.mark.parametrize("case", TEXTS)
def test_text_that_is_no_text(project: Project, capfd: pytest.CaptureFixture[str], case: str) -> None:
    make, reason = TEXTS[case]
    put(project, make())
    stop = stopped(project, capfd)
    assert (stop.code, stop.facts["reason"]) == ("WSD-111", reason)


def zipped(parts: dict[str, bytes], change: Callable[[zipfile.ZipInfo], None] = lambda _: None) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            change(info)
            archive.writestr(info, content)
    return out.getvalue()


def with_wrong_sizes(data: bytes) -> bytes:
    """The archive's list says that every member is 10 bytes long; what is inside is longer."""
    out = bytearray(data)
    place = out.find(b"PK\x01\x02")
    while place >= 0:
        struct.pack_into("<I", out, place + 24, 10)
        place = out.find(b"PK\x01\x02", place + 4)
    return bytes(out)


def encrypted() -> bytes:
    out = bytearray(one_sheet(cells()))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = out.find(mark)
        while place >= 0:
            out[place + offset] |= 1
            place = out.find(mark, place + 4)
    return bytes(out)


def bomb() -> bytes:
    padding = f"<worksheet>{' ' * (110 * 1024**2)}</worksheet>"
    return book({"Extract": padding})


LAUGHS = b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><sst><si><t>&b;</t></si></sst>'

WORKBOOKS: dict[str, tuple[Callable[[], bytes], str]] = {
    "a bomb": (bomb, "too large"),
    "sizes that lie": (lambda: with_wrong_sizes(one_sheet(cells())), "structure"),
    "a password": (encrypted, "encrypted"),
    "thousands of members": (lambda: one_sheet(cells(), more={f"x{i}": b"" for i in range(2_100)}), "too large"),
    "names that climb": (lambda: one_sheet(cells(), more={"../../evil.csv": b"x"}), "structure"),
    "names from the root": (lambda: one_sheet(cells(), more={"/etc/evil": b"x"}), "structure"),
    "names with a drive": (lambda: one_sheet(cells(), more={"C:/evil": b"x"}), "structure"),
    "macros": (lambda: one_sheet(cells(), more={"xl/vbaProject.bin": b"x"}), "macros"),
    "old macro sheets": (lambda: one_sheet(cells(), more={"xl/macrosheets/sheet1.xml": b"x"}), "macros"),
    "a sheet elsewhere": (
        lambda: one_sheet(cells()).replace(b"worksheets/sheet1.xml", b"../../../passwd.xml"), "structure",
    ),
    "entities in the sheet": (lambda: book({"Extract": LAUGHS.decode()}), "structure"),
    "a cell at the far corner": (lambda: one_sheet([*cells(), [text("XFD1048576", CANARY)]]), "too many columns"),
    "a formula never computed": (
        lambda: one_sheet([*cells(), [f'<c r="A9"><f>HYPERLINK("{CANARY}")</f></c>']]), "formula without value",
    ),
    "two tables": (lambda: book({"A": sheet(cells()), CANARY: sheet(cells())}), "several sheets"),
    "cut in the middle": (lambda: one_sheet(cells())[:-300], "structure"),
    "no workbook in it": (lambda: zipped({"a.csv": good()}), "structure"),
    "an archive in an archive": (lambda: zipped({"a.xlsx": one_sheet(cells())}), "structure"),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("case", WORKBOOKS)
def test_workbooks_that_are_no_table(project: Project, capfd: pytest.CaptureFixture[str], case: str) -> None:
    make, reason = WORKBOOKS[case]
    put(project, make(), ".xlsx")
    stop = stopped(project, capfd)
    assert (stop.code, stop.facts["reason"]) == ("WSD-111", reason)


def parquet(data: pa.Table, **options: object) -> bytes:
    out = io.BytesIO()
    pq.write_table(data, out, **options)
    return out.getvalue()


def plain_parquet() -> bytes:
    header, *rows = cells()
    return parquet(pa.table({name: [row[i] for row in rows] for i, name in enumerate(header)}))


PARQUET: dict[str, tuple[Callable[[], bytes], str]] = {
    "nested": (lambda: parquet(pa.table({"a": [[CANARY]]})), "nested columns"),
    "binary": (lambda: parquet(pa.table({"a": [CANARY.encode()]})), "binary columns"),
    "cut": (lambda: plain_parquet()[:-30], "structure"),
    "a footer longer than the file": (lambda: plain_parquet()[:-8] + b"\xff\xff\xff\x7fPAR1", "structure"),
    "a footer of no length": (lambda: plain_parquet()[:-8] + b"\0\0\0\0PAR1", "structure"),
    "an encrypted footer": (lambda: plain_parquet()[:-4] + b"PARE", "encrypted"),
    "only its name": (lambda: good(), "another kind of file"),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", PARQUET)
def test_parquet_that_is_no_table(project: Project, capfd: pytest.CaptureFixture[str], case: str) -> None:
    make, reason = PARQUET[case]
    put(project, make(), ".parquet")
    stop = stopped(project, capfd)
    assert (stop.code, stop.facts["reason"]) == ("WSD-111", reason)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_a_footer_that_lies_ends_in_the_readers_process(seed: int, tmp_path: Path) -> None:
    """Bytes of the footer changed by chance: cells, or a fault; never this process's end."""
    import random

    rng = random.Random(seed)
    data = bytearray(plain_parquet())
    length = struct.unpack("<I", data[-8:-4])[0]
    for _ in range(8):
        data[len(data) - 8 - rng.randrange(1, length)] = rng.randrange(256)
    try:
        receive.read_cells(bytes(data), Kind.PARQUET, None, 1, tmp_path)
    except Fault as fault:
        assert fault.reason in ("structure", "reader stopped", "nested columns", "binary columns", "too many rows",
                                "blank header", "duplicate header", "encrypted")  # fmt: skip


@pytest.mark.slow
def test_a_reader_has_little_memory(tmp_path: Path) -> None:
    """A column of one value, said to be there fifty million times in a hundred columns, is not unpacked for ever."""
    one = pa.chunked_array([pa.repeat(pa.scalar(CANARY * 20), 200_000)])
    data = parquet(pa.table({f"c{i}": one for i in range(200)}), compression="zstd")
    assert len(data) < 1_000_000
    with pytest.raises(Fault) as caught:
        receive.read_cells(data, Kind.PARQUET, None, 1, tmp_path)
    assert caught.value.reason in ("reader stopped", "structure")


@pytest.mark.parametrize("suffix", [".xlsm", ".xlsb", ".xls", ".ods", ".zip", ".gz", ".html", ".json"])
def test_a_kind_that_is_not_read_is_refused_not_passed_over(
    project: Project, capfd: pytest.CaptureFixture[str], suffix: str
) -> None:
    put(project, good())
    put(project, good(), name=f"{FEED}_ORG_{MONTH}_202602020900{suffix}")
    assert stopped(project, capfd).facts["reason"] == "another kind of file"


def test_ten_gigabytes_of_one_line_are_not_read(project: Project, capfd: pytest.CaptureFixture[str]) -> None:
    path = put(project, good())
    os.truncate(path, 10 * 1024**3)  # takes no room on the disk
    assert stopped(project, capfd).facts["reason"] == "too large"


LINKS: dict[str, Callable[[Path], None]] = {
    "a link": lambda path: path.symlink_to("/etc/passwd"),
    "a pipe": lambda path: os.mkfifo(path),
    "a folder": lambda path: path.mkdir(),
    "a link to itself": lambda path: path.symlink_to(path),
}


@pytest.mark.parametrize("case", LINKS)
def test_what_is_no_file_is_never_opened(project: Project, capfd: pytest.CaptureFixture[str], case: str) -> None:
    path = project.inbox / FEED / f"{FEED}_ORG_{MONTH}_202602010900.csv"
    LINKS[case](path)
    assert stopped(project, capfd).code == "WSD-101"
    with pytest.raises(Stop) as caught:
        preflight.read_bytes(path, KEY, Layout(), MONTH)
    assert caught.value.facts["reason"] == "not a file"


def test_a_device_is_never_read() -> None:
    with pytest.raises(Stop):
        preflight.read_bytes(Path("/dev/zero"), KEY, Layout(), MONTH)


NAMES = [
    f"{FEED}_{organisation}_{MONTH}_202602010900.csv"
    for organisation in ("..%2F..%2Fetc", "$(touch x)", "'; drop table text; --", "a\nb")
]


@pytest.mark.parametrize("place", range(len(NAMES)))
def test_a_name_is_only_a_name(project: Project, place: int) -> None:
    put(project, good(), name=NAMES[place])
    report = decode(encode(child.run("month", project.root, MONTH)), project, MONTH)
    assert report.tables[KEY].rows == 5


MANIFESTS = {
    "climbing": b'{"feed": "../../etc/passwd"}',
    "nested": b"[" * 100_000,
    "no number": b'{"row_count": 1e999}',
    "a list": b'{"sha256": ["x"], "row_count": {}}',
    "no JSON": b"\xff\xfe",
    "endless": b" " * (2 * 1024**2),
}


@pytest.mark.parametrize("case", MANIFESTS)
def test_a_manifest_can_do_no_more_than_refuse(project: Project, capfd: pytest.CaptureFixture[str], case: str) -> None:
    put(project, good()).with_suffix(".manifest.json").write_bytes(MANIFESTS[case])
    assert stopped(project, capfd).code == "WSD-114"


FORMULAS = (
    "=cmd|' /C calc'!A0",
    "@SUM(1)",
    "+1+1",
    "-2+3",
    "=HYPERLINK(1)",
    "<script>x</script>",
    "{{7*7}}",
    "${jndi:x}",
)


def test_formulas_are_text_and_go_no_further_than_the_vault(project: Project) -> None:
    rows = [
        {**row, "surname": FORMULAS[i], "main_language": FORMULAS[i + 3], "ethnic_category": FORMULAS[0]}
        for i, row in enumerate(rows_of(FEED))
    ]
    put(project, as_bytes(table(KEY), rows))
    line = encode(child.run("month", project.root, MONTH))
    told = decode(line, project, MONTH)
    texts = [line.decode(), *(s.text() for s in told.stops)]
    assert not any(formula in words for formula in FORMULAS for words in texts)
    for path in (p for p in project.lake.rglob("*") if p.is_file()):
        assert not any(formula.encode() in path.read_bytes() for formula in FORMULAS)


READ_UNANNOUNCED = ("UTF-16 unannounced", "half a character", "an overlong character")
"""Looked at, a file may be in any encoding: what it is in is what one wants to know."""


@pytest.mark.slow
def test_a_stranger_looks_at_no_hostile_file_either(project: Project, tmp_path: Path) -> None:
    """`wsd source inspect` of each: one stop, or words of ours; nothing of the file."""
    for case, (make, _) in {**TEXTS, **PARQUET}.items():
        path = tmp_path / f"x{'.parquet' if case in PARQUET else '.csv'}"
        path.write_bytes(make())
        line = sources.run(_asked(project, path))
        assert CANARY.lower() not in line.decode().lower(), case
        found = json.loads(line)
        assert ("stops" in found) != (case in READ_UNANNOUNCED), case
        assert case in READ_UNANNOUNCED or found["stops"][0]["code"] == "WSD-118", case


def _asked(project: Project, path: Path) -> object:
    import argparse

    return argparse.Namespace(step="inspect", project=project.root, file=path, feed="", month=MONTH, sheet=None)


@pytest.mark.slow
def test_the_parent_goes_on_whatever_becomes_of_the_child(project: Project) -> None:
    """The real child, over a file that its reader cannot survive."""
    put(project, with_wrong_sizes(one_sheet(cells())), ".xlsx")
    report = REAL_RUN(project, "month", MONTH)
    assert isinstance(report, Report)
    assert [(s.code, s.facts["reason"]) for s in report.stops] == [("WSD-111", "structure")]
    log = (project.vault / "_logs" / f"{MONTH}.month.log").read_text()
    assert CANARY not in log
