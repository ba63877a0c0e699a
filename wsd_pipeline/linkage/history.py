"""What became of a person's id, in plain words, from the ledgers of the months: also of an id that is no more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wsd_pipeline.lake import Zone

_EVENTS = """
select month, event, person_id::varchar as person_id, other_person_id::varchar as other_person_id, step,
    record_count, source_count
from read_parquet($ledgers)
where person_id = $person or other_person_id = $person
order by month, event_number
"""
# by event: what it says of the person it names first, and of the other
_WORDS = {
    "born": ("First seen, with {records}{evidence}.", ""),
    "absorbed": (
        "Found to be the same person as {other}: {records} carry that id since{evidence}.",
        "{other} was found to be the same person: {records} carry this id since{evidence}.",
    ),
    "split": (
        "Parted from {other}: {records} were found to be somebody else's and carry this id since{evidence}.",
        "{records} were found to be somebody else's and carry the id {other} since{evidence}.",
    ),
    "moved": (
        "{records} were found to be of another person, {other}, and carry that id since{evidence}.",
        "{records} that had the id {other} were found to be of this person{evidence}.",
    ),
    "ended": ("No record of this person is left; {records} there had been.", ""),
    "withdrawn": ("Opted out: {records} taken out of all that is made.", ""),
    "returned": ("Seen again, with {records}.", ""),
}


@dataclass(frozen=True, kw_only=True)
class Event:
    """One event, told of the person asked for. `is_now`: the id theirs was absorbed into, if it was."""

    month: str
    event: str
    words: str
    is_now: str | None


def history(lake: Zone, month: str, person_id: str) -> list[Event]:
    """What the ledgers up to the month tell of the id, in order; empty where they never name it."""
    import duckdb

    ledgers = [str(lake.path("linked.ledger", m)) for m in lake.months("linked.ledger") if m <= month]
    if not ledgers:
        return []
    con = duckdb.connect()
    try:
        con.execute("set async_threads = 0")
        told = con.sql(_EVENTS, params={"ledgers": ledgers, "person": person_id}).to_arrow_table().to_pylist()
    finally:
        con.close()
    return [_event(row, person_id) for row in told]


def newest_id(lake: Zone, month: str, person_id: str) -> str:
    """Whose id the person bears as of the month: that which absorbed theirs, and that which absorbed it, and so on."""
    seen: set[str] = set()
    while person_id not in seen:
        seen.add(person_id)
        absorbed = [event.is_now for event in history(lake, month, person_id) if event.is_now]
        person_id = absorbed[-1] if absorbed else person_id
    return person_id


def _event(row: Mapping[str, Any], person_id: str) -> Event:
    is_first = row["person_id"] == person_id
    other = row["other_person_id"] if is_first else row["person_id"]
    records, sources = row["record_count"], row["source_count"]
    counted = f"{records:,} record{'s' * (records != 1)} of {sources} source{'s' * (sources != 1)}"
    evidence = f" (evidence: {row['step']})" if row["step"] else ""
    words = _WORDS[row["event"]][0 if is_first else 1].format(other=other, records=counted, evidence=evidence)
    is_now = other if is_first and row["event"] == "absorbed" else None
    return Event(month=str(row["month"]), event=row["event"], words=words, is_now=is_now)
