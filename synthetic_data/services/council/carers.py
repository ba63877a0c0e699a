"""Unpaid carers of those with care at home: their assessments, and services to the carer."""

from __future__ import annotations

import numpy as np

from synthetic_data.services.council.care_lists import ASSESSMENT, SERVICE, TO_CARER
from synthetic_data.world import households as hh
from synthetic_data.world.rows import NEVER, Array, Rows
from synthetic_data.world.state import YEAR, Borough


def note_carers(state: Borough, rng: np.random.Generator, events: Rows, cared: Array, count: int) -> None:
    """Unpaid carers: an adult of the same household for about half, else another resident."""
    p = state.people
    rows = np.flatnonzero(state.is_resident(state.today))
    rows = rows[(state.age(rows, state.today) >= 18) & (p["kind"][rows] == hh.NORMAL)]
    cared = cared[rng.permutation(len(cared))[:count]]
    order = np.argsort(p["house"][rows], kind="stable")
    at = np.searchsorted(p["house"][rows[order]], p["house"][cared])
    mate = rows[order[np.minimum(at, len(rows) - 1)]]
    same = (p["house"][mate] == p["house"][cared]) & (mate != cared)
    carer = np.where(same, mate, rows[rng.integers(0, len(rows), len(cared))])
    carer, first = np.unique(carer, return_index=True)
    cared = cared[first]
    keep = carer != cared
    carer, cared = carer[keep], cared[keep]
    n = len(carer)
    start = np.maximum(
        state.today - rng.integers(10, 900, n), np.maximum(p["arrived"][carer], p["birth"][carer] + int(18 * YEAR))
    )
    base = {"client": np.ones(n, int), "cared_for": cared}
    events.add(
        person=carer,
        event=np.full(n, ASSESSMENT),
        start=start,
        end=np.minimum(start + 15, state.today),
        outcome=np.full(n, 3),
        **base,
    )
    given = rng.random(n) < 0.6
    events.add(
        person=carer[given],
        event=np.full(given.sum(), SERVICE),
        start=start[given],
        end=np.full(given.sum(), NEVER),
        service=np.full(given.sum(), TO_CARER),
        component=np.where(rng.random(given.sum()) < 0.5, 12, 13),
        mechanism=np.where(rng.random(given.sum()) < 0.5, 1, 3),
        units=np.ones(given.sum(), int),
        outcome=np.full(given.sum(), 10),
        client=np.ones(given.sum(), int),
        cared_for=cared[given],
    )
