"""Publishing a month: copy the accepted marts into a folder of their own, describe and hash them, rename it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wsd_pipeline import __version__
from wsd_pipeline.build import is_current
from wsd_pipeline.contracts import table as contract
from wsd_pipeline.contracts import tables
from wsd_pipeline.contracts.checks import literal
from wsd_pipeline.contracts.core import Table
from wsd_pipeline.contracts.odcs import write_contracts
from wsd_pipeline.disclosure.families import Mart
from wsd_pipeline.disclosure.made import Made
from wsd_pipeline.disclosure.policy import load_policy
from wsd_pipeline.disclosure.publication import Agreement, agreed, withhold_select
from wsd_pipeline.disclosure.series import Release as Earlier
from wsd_pipeline.lake import Pointer, Zone, file_sha256
from wsd_pipeline.messages import Stop
from wsd_pipeline.release.rules import rules_in_force
from wsd_pipeline.release.standing import Release, latest
from wsd_pipeline.release.verify import verify
from wsd_pipeline.settings import Project, month_before, write_text
from wsd_pipeline.sql import connect, quoted, write_parquet

STORAGE_VERSION = "v1.4.0"
"""DuckDB files of this version are read by every client since 1.4."""


def mart_tables() -> list[str]:
    """Every table that is published."""
    return [key for key in tables() if key.startswith("mart.")]


def publish(project: Project, month: str) -> Release:
    """Publish the month's marts as the next revision; the standing one where nothing has changed.

    Stops with WSD-201 where a mart has not been accepted, or was made from tables replaced since, and with WSD-620
    where the marts put together would give a withheld count away.
    """
    lake, seen = Zone(project.lake), dict[str, bool]()
    pointers = {key: _current(project, lake, key, month, seen) for key in mart_tables()}
    standing = latest(project, month)
    if standing and _made_of(standing.folder) == {key: p.key for key, p in pointers.items()}:
        return standing
    revision = 1 + (int(standing.name.rsplit(".r", 1)[1]) if standing else 0)
    name = f"{month}.r{revision}"
    marts = accepted_marts(lake, pointers)
    withheld = agreed(marts, load_policy(), earlier_releases(project, month))
    aside = project.releases / f".{name}.new"
    shutil.rmtree(aside, ignore_errors=True)
    (aside / "marts").mkdir(parents=True)
    for key, pointer in pointers.items():
        _write_mart(project, key, lake.root / pointer.files[key], aside / "marts", withheld)
    contracts = write_contracts(aside / "contracts", sorted(pointers))
    hashes = _write_duckdb(project, aside, sorted(pointers))
    manifest = {
        "release": name,
        "month": month,
        "project": project.name,
        "people": "invented" if project.mode == "synthetic" else "real, disclosure-controlled",
        "code_version": __version__,
        "rules": rules_in_force(),
        "disclosure_gate": {
            "families": withheld.families,
            "shared_families": withheld.joint,
            "contradictory": list(withheld.contradictory),
            "releases_before": max(withheld.covers.values(), default=0),
        },
        "marts": {contract(key).name: _described(aside, key, p, hashes[key]) for key, p in sorted(pointers.items())},
        "files": {str(f.relative_to(aside)): file_sha256(f) for f in [aside / "wsd.duckdb", *contracts]},
    }
    write_text(aside / "manifest.json", json.dumps(manifest, indent=1, sort_keys=True) + "\n")
    verify(aside)
    for path in [*aside.rglob("*"), aside]:
        _flush(path)
    _keep_made(project, name, month, marts, withheld)
    folder = project.releases / name
    aside.rename(folder)
    write_text(project.releases / f"{month}.json", json.dumps({"release": name}) + "\n")
    return Release(name=name, folder=folder, reused=False)


def accepted_marts(lake: Zone, pointers: Mapping[str, Pointer]) -> dict[str, Mart]:
    """The marts as they were accepted, each protected by itself."""
    import pyarrow.parquet as pq

    return {
        key: Mart(table=contract(key), rows=pq.read_table(lake.root / p.files[key]), made=Made.of(p.facts))
        for key, p in pointers.items()
    }


def earlier_releases(project: Project, month: str) -> list[Earlier]:
    """The releases of the months before, oldest first, as many as are joined and without a gap, by what stands now.

    What a release was proved safe with counts only while what it was proved on stands: the releases before it.
    """
    found: list[tuple[Release, str]] = []
    for _ in range(load_policy().months_joined):
        month = month_before(month)
        if (release := latest(project, month)) is None:
            break
        found.insert(0, (release, month_before(month)))
    out, holds = [], True
    for release, before in found:
        series, standing = _told(project, release.name).get("series", {}), latest(project, before)
        holds = holds and (not series or series["after"] == (standing.name if standing else None))
        out.append(_as_earlier(project, release, series if holds else {}))
    return out


def _as_earlier(project: Project, release: Release, series: Mapping[str, Any]) -> Earlier:
    return Earlier(
        marts=released(project, release),
        stands={
            across: {family: {tuple(key): n for *key, n in cells} for family, cells in numbers.items()}
            for across, numbers in series.get("stands", {}).items()
        },
        covers=series.get("covers", {}),
    )


def released(project: Project, release: Release) -> dict[str, Mart]:
    """The marts of a release, and how each was made; of one that nothing is known of, as if nothing were left out."""
    import pyarrow.parquet as pq

    told = _told(project, release.name)
    held = {key: release.folder / "marts" / f"{contract(key).name}.parquet" for key in mart_tables()}
    return {
        key: Mart(table=contract(key), rows=pq.read_table(path), made=Made.of(told.get(key, {})))
        for key, path in held.items()
        if path.is_file()
    }


def _write_mart(project: Project, key: str, accepted: Path, folder: Path, withheld: Agreement) -> None:
    """The accepted mart, with further cells withheld and rows dropped where there are any."""
    target = folder / f"{contract(key).name}.parquet"
    further, dropped = withheld.further.get(key, {}), withheld.dropped.get(key, {})
    if not further and not dropped:
        shutil.copyfile(accepted, target)
        return
    con = connect(project.lake / "_staging" / "release", threads=project.threads, memory_limit=project.memory_limit)
    try:
        relation = f"read_parquet({literal(quoted(accepted))})"
        write_parquet(con, withhold_select(contract(key), relation, further, dropped, load_policy()), target)
    finally:
        con.close()


def _made_path(project: Project, name: str) -> Path:
    return project.lake / "_released" / f"{name}.json"


def _told(project: Project, name: str) -> dict[str, Any]:
    """What the lake knows of a release: nothing of one that was made before this was kept."""
    path = _made_path(project, name)
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}


def _keep_made(project: Project, name: str, month: str, marts: Mapping[str, Mart], withheld: Agreement) -> None:
    """Keep in the lake, for months to come, how each mart of the release was made, and after which it was proved safe.

    Neither is told with the release: which rows were left out says that somebody is in them.
    """
    path, before = _made_path(project, name), latest(project, month_before(month))
    path.parent.mkdir(parents=True, exist_ok=True)
    made = {key: m.made.further(withheld.large.get(key, {}), withheld.dropped.get(key, {})) for key, m in marts.items()}
    series = {
        "after": before.name if before else None,
        "covers": dict(withheld.covers),
        "stands": {
            across: {family: [[*key, n] for key, n in sorted(cells.items())] for family, cells in numbers.items()}
            for across, numbers in withheld.stands.items()
        },
    }
    told = {key: m.facts() for key, m in sorted(made.items())} | {"series": series}
    write_text(path, json.dumps(told, indent=1) + "\n")


def _rows_in(path: Path) -> int:
    import pyarrow.parquet as pq

    return int(pq.read_metadata(path).num_rows)


def _current(project: Project, lake: Zone, key: str, month: str, seen: dict[str, bool]) -> Pointer:
    pointer = lake.pointer(key, month)
    if pointer is None or not is_current(project, key, month, seen):
        raise Stop("WSD-201", table=f"The release of {month}", month=month, missing=key)
    return pointer


def _made_of(folder: Path) -> dict[str, str]:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return {f"mart.{name}": made["content_key"] for name, made in manifest["marts"].items()}


def _write_duckdb(project: Project, folder: Path, keys: list[str]) -> dict[str, str]:
    """Write `wsd.duckdb` with the marts as commented tables; the logical hash of each, read back from it."""
    spill = project.lake / "_staging" / "release"
    con = connect(spill, threads=project.threads, memory_limit=project.memory_limit)
    try:
        con.execute(f"attach '{quoted(folder / 'wsd.duckdb')}' as release (storage_version '{STORAGE_VERSION}')")
        con.execute("use release")
        hashes = {}
        for key in keys:
            table = contract(key)
            parquet = quoted(folder / "marts" / f"{table.name}.parquet")
            con.execute(f'create table "{table.name}" as select * from read_parquet({literal(parquet)})')
            con.execute(
                f'comment on table "{table.name}" is {literal(f"One row per {table.grain}. {table.description}")}'
            )
            for column in table.columns:
                con.execute(f'comment on column "{table.name}"."{column.name}" is {literal(column.description)}')
            hashes[key] = logical_hash(con, table)
        con.execute("checkpoint release")
        con.execute("use memory")
        con.execute("detach release")
        return hashes
    finally:
        con.close()


def logical_hash(con: Any, table: Table) -> str:
    """SHA-256 of the rows of `table` as JSON lines in the order of its key: the same whatever the file's format."""
    order = ", ".join(f'"{k}"' for k in table.unique_key)
    columns = ", ".join(f'"{c.name}"' for c in table.columns)
    rows = con.execute(
        "select sha256(string_agg(line, chr(10) order by place)) from ("
        f"select to_json(row({columns}))::varchar as line,"
        f' row_number() over (order by {order}) as place from "{table.name}")'
    ).fetchall()
    return str(rows[0][0])


def _described(folder: Path, key: str, pointer: Pointer, logical: str) -> dict[str, Any]:
    """What the manifest says of a mart."""
    table = contract(key)
    path = folder / "marts" / f"{table.name}.parquet"
    return {
        "file": f"marts/{table.name}.parquet",
        "rows": _rows_in(path),
        "sha256": file_sha256(path),
        "logical_sha256": logical,
        "content_key": pointer.key,
        "contract": table.fingerprint(),
    }


def _flush(path: Path) -> None:
    """Force a file or a folder's entries to disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
