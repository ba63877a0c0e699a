"""The canary scan: invented identities planted in every identifying field must be found nowhere outside the vault.

A canary is searched for in many spellings and encodings, in the raw bytes of every file and, where a file is a
container (Parquet, DuckDB, SQLite, gzip, zip), in what it holds once decoded. Hits name the canary and the
file, never the text around it. Method: PRIVACY §3.5; the scan proves nothing unless its positive control is found.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import sqlite3
import struct
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, order=True)
class Hit:
    """A canary found where none may be: its id, the file, and the kind of container it was in."""

    canary: str
    file: str
    container: str


def variants(value: str) -> set[str]:
    """The spellings under which a value may leave: case, spacing of numbers and postcodes, layouts of dates."""
    plain = value.strip()
    found = {plain, plain.upper(), plain.lower(), plain.title(), plain[::-1]}
    squeezed = plain.replace(" ", "")
    if squeezed.isdigit() and len(squeezed) == 10:
        found |= {f"{squeezed[:3]} {squeezed[3:6]} {squeezed[6:]}", f"{squeezed[:3]}-{squeezed[3:6]}-{squeezed[6:]}"}
        found |= {squeezed + ".0", f"{int(squeezed):,}", squeezed[:9], squeezed.lstrip("0")}
    elif len(parts := plain.split("-")) == 3 and squeezed.replace("-", "").isdigit():
        year, month, day = parts
        found |= {f"{day}/{month}/{year}", f"{month}/{day}/{year}", f"{day}-{month}-{year}", f"{day}.{month}.{year}"}
        found |= {f"{year}{month}{day}", f"{year}/{month}/{day}"}
        found.discard(plain[::-1])
    elif not squeezed.isdigit() and squeezed != plain:
        found |= {squeezed, squeezed.lower(), *(plain.replace(" ", mark) for mark in ("+", "%20", "-", "_"))}
    elif plain.isalpha():
        found |= {cut(plain[:length]) for length in range(8, len(plain)) for cut in (str.lower, str.upper, str.title)}
    return {v for v in found if len(v) >= 6}


def encodings(text: str) -> Iterator[bytes]:
    """The bytes a spelling may be written as: UTF-8 and UTF-16, hex, base64 at each alignment, unkeyed hashes."""
    raw = text.encode()
    yield raw
    yield text.encode("utf-16-le")
    yield text.encode("utf-16-be")
    yield raw.hex().encode()
    yield raw.hex().upper().encode()
    for shift in range(3):
        whole = base64.b64encode(b"\0" * shift + raw)
        yield whole[(shift * 8 + 5) // 6 : (shift + len(raw)) * 8 // 6]
    for name in ("md5", "sha1", "sha256"):
        digest = hashlib.new(name, raw, usedforsecurity=False)
        yield from (digest.digest()[:16], digest.hexdigest().encode(), digest.hexdigest().upper().encode())
        yield base64.b64encode(digest.digest())[:20]


def patterns(canaries: Mapping[str, str]) -> dict[bytes, str]:
    """Every byte pattern to look for, and the id of the canary it stands for."""
    found: dict[bytes, str] = {}
    for name, value in sorted(canaries.items()):
        for text in sorted(variants(value)):
            for pattern in encodings(text):
                if len(pattern) >= 6:
                    found.setdefault(pattern, name)
        digits = value.replace(" ", "")
        if digits.isdigit() and 10 <= len(digits) <= 18:
            for order, mark in (("little", "<"), ("big", ">")):
                found.setdefault(int(digits).to_bytes(8, order), name)  # type: ignore[arg-type]
                found.setdefault(struct.pack(f"{mark}d", float(digits)), name)
    return found


def scan(
    folders: Iterable[Path], canaries: Mapping[str, str], spare: Iterable[Path] = (), cut_short: Iterable[Path] = ()
) -> list[Hit]:
    """Every canary found in the files under `folders`, those under `spare` left out; sorted, each once.

    Files under `cut_short` may be copies of containers half written: those that cannot be opened are read raw.
    """
    return search(folders, patterns(canaries), spare, cut_short)


def search(
    folders: Iterable[Path], wanted: Mapping[bytes, str], spare: Iterable[Path] = (), cut_short: Iterable[Path] = ()
) -> list[Hit]:
    """The same for byte patterns of any kind, each with the id it stands for."""
    find = _searcher(wanted)
    broken = [path.resolve() for path in cut_short]
    hits: set[Hit] = set()
    for file in files(folders, spare):
        hits |= {Hit(name, str(file), "name") for name in find(str(file).encode())}
        try:
            for container, content in contents(file):
                hits |= {Hit(name, str(file), container) for name in find(content)}
        except Exception:
            if not any(file.is_relative_to(path) for path in broken):
                raise
    return sorted(hits)


def files(folders: Iterable[Path], spare: Iterable[Path] = ()) -> list[Path]:
    """Every file under `folders` but those under `spare`, sorted, each once."""
    left_out = [path.resolve() for path in spare]
    found = {p.resolve() for folder in folders for p in folder.rglob("*") if p.is_file()}
    return sorted(p for p in found if not any(p.is_relative_to(path) for path in left_out))


def _searcher(wanted: Mapping[bytes, str]) -> Callable[[bytes], set[str]]:
    from ahocorasick_rs import BytesAhoCorasick

    keys = list(wanted)
    automaton = BytesAhoCorasick(keys)
    return lambda content: {wanted[keys[place]] for place, _, _ in automaton.find_matches_as_indexes(content)}


def contents(file: Path) -> Iterator[tuple[str, bytes]]:
    """The raw bytes of a file, then what is in it where it is a container this module can open."""
    raw = file.read_bytes()
    yield "raw", raw
    if raw[:4] in (b"PAR1", b"PARE"):
        yield from _parquet(file)
    elif raw[:16] == b"SQLite format 3\0":
        yield from _sqlite(file)
    elif raw[8:12] == b"DUCK":
        yield from _duckdb(file)
    elif raw[:2] == b"\x1f\x8b":
        yield "gzip", gzip.decompress(raw)
    elif raw[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            for name in archive.namelist():
                yield "zip", archive.read(name)


def _as_text(rows: Iterable[Iterable[Any]]) -> bytes:
    return "\n".join("\x1f".join("" if v is None else str(v) for v in row) for row in rows).encode()


def _parquet(file: Path) -> Iterator[tuple[str, bytes]]:
    import duckdb
    import pyarrow.parquet as pq

    try:
        metadata = pq.read_metadata(file)
    except OSError:
        return
    statistics = [
        (column.statistics.min, column.statistics.max)
        for group in range(metadata.num_row_groups)
        for place in range(metadata.num_columns)
        if (column := metadata.row_group(group).column(place)).statistics and column.statistics.has_min_max
    ]
    yield "parquet statistics", _as_text([*statistics, (metadata.metadata or {}).items()])
    con = duckdb.connect()
    con.execute("set async_threads = 0")
    cursor = con.execute("select columns(*)::varchar from read_parquet(?)", [str(file)])
    while rows := cursor.fetchmany(50_000):
        yield "parquet", _as_text(rows)


def _duckdb(file: Path) -> Iterator[tuple[str, bytes]]:
    import duckdb

    con = duckdb.connect(str(file), read_only=True)
    try:
        for (name,) in con.execute("select table_name from duckdb_tables() order by 1").fetchall():
            yield "duckdb", _as_text(con.execute(f'select columns(*)::varchar from "{name}"').fetchall())
    finally:
        con.close()


def _sqlite(file: Path) -> Iterator[tuple[str, bytes]]:
    con = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    try:
        for (name,) in con.execute("select name from sqlite_master where type = 'table' order by 1").fetchall():
            for row in con.execute(f'select * from "{name}"'):
                for value in row:
                    if isinstance(value, bytes):
                        yield "sqlite", value
                yield "sqlite", _as_text([row])
    finally:
        con.close()
