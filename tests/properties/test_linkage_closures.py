"""Whatever the records and however they change, no person holds both sides of a closure."""

from __future__ import annotations

import random

import pytest

from tests.linkage_cases import Borough, record_uuid, token
from tests.properties.test_linkage_cascade import muddle

SEEDS = [0, 1, *(pytest.param(s, marks=pytest.mark.exhaustive) for s in range(2, 10))]
CLOSED = [(str(person), f"new {person}") for person in range(0, 25, 3)]


def lives(seed: int) -> list[dict]:
    """A muddle of people, a third of them once more under a new number, alike in everything else."""
    records = muddle(seed)
    again = []
    for person in range(0, 25, 3):
        for source in ("gp", "apc", "asc", "school", "housing"):
            for row in records:
                if row["record_id"] == str(record_uuid(f"{source} {person}")):
                    number = token("nhs", f"new {person}") if row["nhs_token"] else None
                    again.append({**row, "record_id": str(record_uuid(f"{source} new {person}")), "nhs_token": number})
    return records + again


def changed(records: list[dict], rng: random.Random) -> list[dict]:
    """The month after: numbers that go missing or come back, new spellings, records that are not sent."""
    out = []
    for row in records:
        if rng.random() < 0.1:
            continue
        if rng.random() < 0.3:
            row = {**row, "nhs_token": None, "nhs_state": "absent", "identity_token": rng.getrandbits(60)}
        elif rng.random() < 0.2:
            row = {**row, "uprn_token": None, "identity_token": rng.getrandbits(60)}
        out.append(row)
    return out


@pytest.mark.parametrize("seed", SEEDS)
def test_no_person_holds_both_sides(seed: int) -> None:
    rng = random.Random(seed)
    records = lives(seed)
    borough = Borough()
    last: dict[str, int] = {}
    other = {token("nhs", a): token("nhs", b) for a, b in CLOSED}
    for month in ("2026-01", "2026-02", "2026-03"):
        now = records if month == "2026-01" else changed(records, rng)
        borough.month(month, *now, closed=CLOSED if month == "2026-01" else ())
        last |= {row["record_id"]: row["nhs_token"] for row in now if row["nhs_token"]}
        held: dict[object, set[int]] = {}
        for record, row in borough.rows().items():
            if record in last:
                held.setdefault(row["person_id"], set()).add(last[record])
        assert not [person for person, numbers in held.items() if any(other.get(n) in numbers for n in numbers)]
    assert len(held) > 10
