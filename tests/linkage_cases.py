"""Drawn records for the tests of linkage: written as a reader would write them, turned into tokens.

    draw("gp 1", nhs="A", dob="1980-05-17", name="ALI MIAH", postcode="E1 4AA")

`name` is forename(s) then surname; tokens are unkeyed hashes, which serve as well as keyed ones where nobody is real.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from typing import Any

import duckdb
import pyarrow as pa

from wsd_pipeline.linkage.core import Inputs, Outcome, link


def token(kind: str, value: str | None) -> int | None:
    return None if not value else int.from_bytes(hashlib.sha256(f"{kind}|{value}".encode()).digest()[:8], "big")


def record_uuid(record: str) -> uuid.UUID:
    return uuid.UUID(bytes=hashlib.sha256(record.encode()).digest()[:16])


SCHEMA = pa.schema(
    [
        ("source", pa.string()), ("record_id", pa.string()), ("identity_token", pa.uint64()),
        ("nhs_token", pa.uint64()), ("nhs_state", pa.string()),
        ("forename_token", pa.uint64()), ("surname_token", pa.uint64()), ("former_surname_token", pa.uint64()),
        ("forename_phonetic_token", pa.uint64()), ("surname_phonetic_token", pa.uint64()),
        ("forename_initial_token", pa.uint64()), ("forename_left_out_token", pa.uint64()),
        ("name_tokens", pa.list_(pa.uint64())),
        ("birth_date_token", pa.uint64()), ("birth_year_token", pa.uint64()), ("birth_month_token", pa.uint64()),
        ("birth_day_token", pa.uint64()), ("is_birth_heaped", pa.bool_()), ("sex_token", pa.uint64()),
        ("postcode_token", pa.uint64()), ("sector_token", pa.uint64()), ("outward_token", pa.uint64()),
        ("uprn_token", pa.uint64()), ("practice_token", pa.uint64()), ("upn_token", pa.uint64()),
    ]
)  # fmt: skip


def draw(
    record: str, *, nhs: str | None = None, state: str | None = None, dob: str | None = None,
    name: str | None = None, former: str | None = None, sex: str | None = None, postcode: str | None = None,
    uprn: str | None = None, practice: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    """One record, `"source number"`, as a row of `tokens.identities`."""
    parts = (name or "").split()
    forename, surname = (parts[0], parts[-1]) if len(parts) > 1 else (None, parts[0] if parts else None)
    year, month, day = dob.split("-") if dob else (None, None, None)
    values = (nhs, state, dob, name, former, sex, postcode, uprn, practice)
    names = sorted({token("name", n) for n in [*parts, former] if n})
    return {
        "source": record.split()[0],
        "record_id": str(record_uuid(record)),
        "identity_token": token("identity", repr(values)),
        "nhs_token": token("nhs", nhs),
        "nhs_state": state or ("valid" if nhs else "absent"),
        "forename_token": token("name", forename),
        "surname_token": token("name", surname),
        "former_surname_token": token("name", former),
        "forename_phonetic_token": token("sound", forename and forename[:3]),
        "surname_phonetic_token": token("sound", surname and surname[:3]),
        "forename_initial_token": token("initial", forename and forename[0]),
        "forename_left_out_token": None,
        "name_tokens": names or None,
        "birth_date_token": token("date", dob),
        "birth_year_token": token("year", year),
        "birth_month_token": token("part", month),
        "birth_day_token": token("part", day),
        "is_birth_heaped": bool(dob) and dob.endswith(("-01-01", "-07-01")),
        "sex_token": token("sex", sex),
        "postcode_token": token("postcode", postcode),
        "sector_token": token("sector", postcode and postcode[:-2]),
        "outward_token": token("outward", postcode and postcode.split()[0]),
        "uprn_token": token("uprn", uprn),
        "practice_token": token("practice", practice),
        "upn_token": None,
    }


def rows(*records: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist(list(records), schema=SCHEMA)


def looks(*names: str) -> pa.Table:
    """Rows of `tokens.names`: what these names look like."""
    import polars as pl

    from wsd_pipeline.vault.names import like_forms

    made = like_forms(pl.Series(list(names)).str.to_lowercase())
    rows = [
        {
            "name_token": token("name", r["whole"].upper()),
            "prefix_token": token("prefix", r["prefix"]),
            "form_token": token("form", r["form"]),
            "variant_tokens": sorted(token("variant", v) for v in r["variants"] or ()) or None,
        }
        for r in made.to_dicts()
    ]
    schema = {"name_token": pa.uint64(), "prefix_token": pa.uint64(), "form_token": pa.uint64()}
    return pa.Table.from_pylist(rows, schema=pa.schema([*schema.items(), ("variant_tokens", pa.list_(pa.uint64()))]))


def plain_hmac(messages: pa.Array) -> pa.Array:
    """Stands for the spine HMAC: as deterministic, without a key."""
    return pa.array([hashlib.sha256(m.encode()).hexdigest()[:32] for m in messages.to_pylist()], pa.string())


class Borough:
    """Months linked one after the other: `borough.month("2026-01", record, record …)`."""

    def __init__(self, **options: Any) -> None:
        self.options = options
        self.known: dict[tuple[str, str], dict[str, Any]] = {}
        self.spine: pa.Table | None = None
        self.edges: pa.Table | None = None
        self.review: pa.Table | None = None
        self.ledgers: list[pa.Table] = []
        self.head = "0" * 64
        self.closures: pa.Table | None = None
        self.closed: pa.Table | None = None
        self.outcome: Outcome | None = None
        self.accuracy: pa.Table | None = None
        self.evidence: pa.Table | None = None
        self.holdout: pa.Table | None = None

    def month(
        self, month: str, *records: dict[str, Any], decisions: pa.Table | None = None, truth: pa.Table | None = None,
        names: pa.Table | None = None, closed: Sequence[tuple[str, str]] = (),
    ) -> Borough:  # fmt: skip
        con = duckdb.connect()
        con.execute("set threads = 1")
        known = pa.Table.from_pylist(list(self.known.values()), schema=SCHEMA) if self.known else None
        inputs = Inputs(
            identities=rows(*records), known=known, spine=self.spine, edges=self.edges, decisions=decisions,
            review=self.review, truth=truth, names=names, ledger_head=self.head,
            closures=self._closures(closed), closed=self.closed,
        )  # fmt: skip
        self.outcome = link(con, month, inputs, plain_hmac, **self.options)
        self.spine = con.sql("select * from out_spine order by source, record_id").to_arrow_table()
        self.edges = con.sql("select * from out_edges order by all").to_arrow_table()
        self.review = con.sql("select * from out_review order by all").to_arrow_table()
        self.ledgers.append(con.sql("select * from out_ledger order by event_number").to_arrow_table())
        self.accuracy = con.sql("select * from out_accuracy order by all").to_arrow_table()
        self.evidence = con.sql("select * from out_evidence order by all").to_arrow_table()
        self.holdout = con.sql("select * from out_holdout order by all").to_arrow_table()
        self.closures = con.sql("select * from closures_after").to_arrow_table()
        self.closed = con.sql("select * from closed_after").to_arrow_table()
        gone = con.sql("select * from gone_after").to_arrow_table().select(SCHEMA.names)
        self.known = {(r["source"], r["record_id"]): r for r in [*records, *_text_ids(gone)]}
        con.close()
        self.head = self.outcome.ledger_head
        return self

    def _closures(self, pairs: Sequence[tuple[str, str]]) -> pa.Table:
        """The month's list, (old number, new number), and those before."""
        old, new = ([token("nhs", pair[side]) for pair in pairs] for side in (0, 1))
        listed = pa.table({"old_nhs_token": pa.array(old, pa.uint64()), "new_nhs_token": pa.array(new, pa.uint64())})
        return listed if self.closures is None else pa.concat_tables([listed, self.closures])

    def rows(self) -> dict[str, dict[str, Any]]:
        """The spine by record id."""
        return {str(r["record_id"]): r for r in self.spine.to_pylist()}

    def row(self, record: str) -> dict[str, Any]:
        return self.rows()[str(record_uuid(record))]

    def person(self, record: str) -> Any:
        return self.row(record)["person_id"]

    def together(self, *records: str) -> bool:
        return len({self.person(r) for r in records}) == 1

    def events(self) -> list[str]:
        return self.ledgers[-1]["event"].to_pylist()


def _text_ids(table: pa.Table) -> list[dict[str, Any]]:
    return [{**r, "record_id": str(r["record_id"])} for r in table.to_pylist()]


def decisions(*pairs: tuple[str, str, str]) -> pa.Table:
    """(decision, record, record), in the order decided."""
    return pa.table(
        {
            "decision_number": pa.array(range(1, len(pairs) + 1), pa.int64()),
            "decision": [p[0] for p in pairs],
            "source_a": [p[1].split()[0] for p in pairs],
            "record_id_a": [str(record_uuid(p[1])) for p in pairs],
            "source_b": [p[2].split()[0] for p in pairs],
            "record_id_b": [str(record_uuid(p[2])) for p in pairs],
        }
    )


def unlinked(outcome: Outcome) -> int:
    return outcome.tally.nhs_conflict_records
