"""Files as the contracts describe them: header names, order, delimiter, encoding and date layout; manifests beside."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import polars as pl

from synthetic_data.feeds.feed import Feed, contract
from wsd_pipeline.contracts.core import LandedTable
from wsd_pipeline.settings import Project, snapshot_date

ORGANISATIONS = {
    "gp": "A3A8R", "apc": "R1H", "asc": "711", "ecds": "QMF", "education": "211", "housing": "5900", "llpg": "5900",
    "area": "711", "survey": "711", "finance": "711", "population": "711", "outcomes": "711",
    "op": "R1H", "mhsds": "RWK", "csds": "RWK", "msds": "R1H", "talking_therapies": "RWK", "deaths": "ONS",
    "births": "ONS", "csc": "211", "ncmp": "E09000030", "homelessness": "E09000030", "housing_register": "5900",
    "adaptations": "5900", "council_tax": "5900", "benefits": "5900", "personalised_care": "A3A8R",
}  # fmt: skip
SENT_AFTER_DAYS = 3


def file_name(feed: LandedTable, month: str) -> str:
    """`<feed>_<ORG>_<YYYY-MM>_<YYYYMMDDHHMM>.csv`, sent three days after the month's end."""
    sent = snapshot_date(month) + timedelta(days=SENT_AFTER_DAYS)
    return f"{feed.name}_{ORGANISATIONS[feed.source]}_{month}_{sent:%Y%m%d}0600.csv"


def as_sent(feed: LandedTable, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows as text under the supplier's headers, in the contract's order; columns not made are empty."""
    unknown = set(rows.columns) - {c.name for c in feed.columns}
    if unknown:
        raise KeyError(f"{feed.name}: not in the contract: {sorted(unknown)}")
    out = []
    for column in feed.landed_columns:
        if column.name not in rows.columns:
            out.append(pl.lit(None, pl.String).alias(column.source_header))
            continue
        kind = rows.schema[column.name]
        value = pl.col(column.name)
        if kind == pl.Date:
            value = value.dt.strftime(feed.file.date_formats[0])
        elif kind.is_temporal():
            value = value.dt.strftime(feed.file.timestamp_formats[0])
        elif kind.is_float():
            value = value.round(3)
        out.append(value.alias(column.source_header))
    return rows.select(out)


def write_feed(project: Project, month: str, feed: Feed) -> Path:
    """One file and its manifest in the inbox."""
    table = contract(feed.table)
    folder = project.inbox / table.name
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / file_name(table, month)
    as_sent(table, feed.rows).write_csv(path, separator=table.file.delimiter)
    if table.file.encodings[0] not in ("utf-8", "utf8"):
        path.write_bytes(path.read_bytes().decode("utf-8").encode(table.file.encodings[0]))
    manifest(table, path, month, feed.rows.height)
    return path


def manifest(table: LandedTable, path: Path, month: str, rows: int) -> None:
    """What the file is, how many rows, and its hash."""
    first = date.fromisoformat(f"{month}-01")
    sent = datetime.strptime(path.stem.rsplit("_", 1)[1], "%Y%m%d%H%M")
    with path.open("rb") as file:
        digest = sha256()
        while block := file.read(1 << 20):
            digest.update(block)
    facts = {
        "feed": table.name,
        "org_code": ORGANISATIONS[table.source],
        "period_start": first.isoformat(),
        "period_end": snapshot_date(month).isoformat(),
        "extract_ts": sent.isoformat(),
        "row_count": rows,
        "sha256": digest.hexdigest(),
        "spec_version": "1.0",
        "purpose": "whole systems dataset (invented people)",
        "dsa_ref": f"SYN-{table.source.upper()}-1",
    }
    path.with_suffix(".manifest.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
