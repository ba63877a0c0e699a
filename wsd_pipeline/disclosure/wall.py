"""Numbers that a month may be taken to stand at: whoever knew them would still find nothing that is withheld.

Months before and after know of each other only through the people that flows tie. Where what is withheld is safe even
from someone who knows those people's numbers, nothing that is published later can give it away, so long as the later
release agrees with the numbers: it need not be joined whole with this one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsd_pipeline.disclosure.attacker import propagate
from wsd_pipeline.disclosure.cells import UNBOUNDED, System
from wsd_pipeline.disclosure.room import Room

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Reals = NDArray[np.float64]


def middle(system: System, variables: Ints) -> Ints | None:
    """Whole numbers of some variables near the middle of what is possible; None where there is no middle."""
    import numpy as np

    low, high = propagate(system, system.low, system.high)
    free = np.flatnonzero(high > low)
    known = np.where(high > low, 0, low).astype(np.float64)
    matrix, total = system.matrix.tocsc()[:, free].tocsr(), -(system.matrix @ known)
    rows = np.flatnonzero(np.diff(matrix.indptr))
    highest = float(high[high < UNBOUNDED].sum()) + 1000
    point = low.astype(np.float64)
    if len(rows):
        room = Room(matrix[rows], total[rows], low[free].astype(float), np.minimum(high[free].astype(float), highest))
        if not room.centre():
            return None
        point[free] = room.point
    found: Ints = np.clip(np.rint(point[variables]).astype(np.int64), low[variables], high[variables])
    return found
