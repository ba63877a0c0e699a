"""Bytes before parsing: what passes, what is refused, for which reason and on which line."""

from __future__ import annotations

import pytest

from wsd_pipeline.contracts.feed import FileFormat
from wsd_pipeline.messages import Stop
from wsd_pipeline.vault.inbox import Manifest
from wsd_pipeline.vault.preflight import CleanText, check

UTF8, EITHER = FileFormat(), FileFormat(encodings=("cp1252", "utf-8"))


def clean(data: bytes, layout: FileFormat = UTF8, manifest: Manifest | None = None) -> CleanText:
    return check(data, "landed.gp__registrations", layout, "2026-01", manifest)


ACCEPTED = {
    "plain": (b"a,b\n1,2\n", UTF8, b"a,b\n1,2\n", 1),
    "byte order mark": (b"\xef\xbb\xbfa,b\n1,2\n", UTF8, b"a,b\n1,2\n", 1),
    "windows line ends": (b"a,b\r\n1,2\r\n", UTF8, b"a,b\n1,2\n", 1),
    "mixed line ends": (b"a,b\r\n1,2\n3,4\r5,6\n", UTF8, b"a,b\n1,2\n3,4\n5,6\n", 3),
    "newline in quotes": (b'a,b\n"x\ny",2\n', UTF8, b'a,b\n"x\ny",2\n', 1),
    "delimiter in quotes": (b'a,b\n"x,y",2\n', UTF8, b'a,b\n"x,y",2\n', 1),
    "doubled quotes": (b'a,b\n"say ""x""",""""\n', UTF8, b'a,b\n"say ""x""",""""\n', 1),
    "windows-1252": ("a,b\nZoë,’\n".encode("cp1252"), EITHER, "a,b\nZoë,’\n".encode(), 1),
    "utf-8 where both are agreed": ("a,b\nZoë,1\n".encode(), EITHER, "a,b\nZoë,1\n".encode(), 1),
    "empty lines at the end": (b"a,b\n1,2\n\n\n", UTF8, b"a,b\n1,2\n\n\n", 1),
    "header alone": (b"a,b\n", UTF8, b"a,b\n", 0),
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_accepted(case: str) -> None:
    data, layout, expected, rows = ACCEPTED[case]
    found = clean(data, layout)
    assert (found.data, found.rows, found.headers) == (expected, rows, ("a", "b"))


REFUSED = {
    "nothing": (b"", "empty", 1),
    "blank": (b"\n \n", "empty", 1),
    "NUL": (b"a,b\n1,2\n\0,3\n", "NUL byte", 3),
    "UTF-16": ("a,b\n1,2\n".encode("utf-16"), "UTF-16", 1),
    "UTF-16 without mark": ("a,b\n1,2\n".encode("utf-16-le"), "NUL byte", 1),
    "another encoding": ("a,b\n1,2\nZoë,1\n".encode("latin-1"), "another encoding", 3),
    "too few fields": (b"a,b\n1\n1,2\n", "number of fields", 2),
    "too many fields": (b"a,b\n1,2\n1,2,3\n", "number of fields", 3),
    "blank line inside": (b"a,b\n\n1,2\n", "number of fields", 2),
    "last line cut": (b"a,b\n1,2\n1", "last line cut", 3),
    "last line not ended": (b"a,b\n1,2\n1,2", "last line cut", 3),
    "quote inside a field": (b'a,b\n1,x"y\n', "stray quote", 2),
    "text after a closing quote": (b'a,b\n1,"x"y\n', "stray quote", 2),
    "quote never closed": (b'a,b\n1,2\n1,"x\n3,4\n', "unclosed quote", 3),
    "line after a newline in quotes": (b'a,b\n"x\ny",2\n1\n3,4\n', "number of fields", 4),
    "header twice": (b"a,a\n1,2\n", "duplicate header", 1),
    "endless line": (b"a,b\n" + b"x" * (1024**2 + 1) + b",2\n", "line too long", 0),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str) -> None:
    data, reason, line = REFUSED[case]
    with pytest.raises(Stop) as caught:
        clean(data)
    assert (caught.value.code, caught.value.facts["reason"], caught.value.facts["line"]) == ("WSD-111", reason, line)


def manifest_for(data: bytes, **facts: object) -> Manifest:
    import hashlib

    return Manifest(**{"row_count": 1, "sha256": hashlib.sha256(data).hexdigest(), **facts})


def test_a_manifest_vouches_for_a_last_line_without_end() -> None:
    data = b"a,b\n1,2"
    assert clean(data, manifest=manifest_for(data)).rows == 1


@pytest.mark.parametrize(
    ("sent", "facts", "code"),
    [
        (b"a,b\n1,2\n", {"row_count": 2, "sha256": None}, "WSD-113"),
        (b"a,b\n1,2\n", {"row_count": 2}, "WSD-113"),
        (b"a,b\n1,2\n", {"sha256": "0" * 64}, "WSD-114"),
        (b"a,b\n1,2\n", {"feed": "gp__conditions"}, "WSD-114"),
        (b"a,b\n1,", {"row_count": 2, "sha256": "0" * 64}, "WSD-113"),
        (b"a,b\n1", {"row_count": 1, "sha256": "0" * 64}, "WSD-111"),
    ],
)
def test_a_file_unlike_its_manifest_is_refused(sent: bytes, facts: dict[str, object], code: str) -> None:
    with pytest.raises(Stop) as caught:
        clean(sent, manifest=manifest_for(sent, **facts))
    assert caught.value.code == code
