"""What anybody knows of each count of a protected mart, read from the mart itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from wsd_pipeline.contracts.core import Published, Table
from wsd_pipeline.contracts.measures import Counts
from wsd_pipeline.disclosure.cells import UNBOUNDED, Cells
from wsd_pipeline.disclosure.policy import Policy
from wsd_pipeline.disclosure.sheet import Sheet, counted
from wsd_pipeline.disclosure.suppression import bases_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Reals = NDArray[np.float64]
    Flags = NDArray[np.bool_]


def published_cells(
    sheet: Sheet,
    table: Table,
    count: Published,
    policy: Policy,
    beside: Iterable[tuple[str, ...]] = (),
    counts: Counts | None = None,
) -> Cells:
    """What anybody knows of each count of a protected mart, in the order of its key.

    A count shown as 0 is 0; another lies within the rounding and above the threshold. A withheld one is from 1 to
    the threshold, or from 0 where a withheld cell contains it or it is part of another count, and then up to all of
    that, where that is small: more than a reader can be sure of, so that the attack errs on the safe side. One of
    `beside` was withheld only to protect others, and is above the threshold. Only rows of `counts` are taken
    (the first that is declared, where None is given), each with the dimensions that it has in its family.
    """
    import numpy as np

    counts = counts or counted(table, count, policy)[0]
    mine = sheet.held(counts)
    values: list[tuple[str, ...]] = []
    columns: list[Ints] = []
    dims = _dimensions(sheet, mine, counts, policy)
    for texts in dims.values():
        named, code = np.unique(texts[mine].astype(object), return_inverse=True)
        known = [str(v) for v in named if v != policy.total]
        place = np.array([0 if v == policy.total else known.index(str(v)) + 1 for v in named], dtype=np.int64)
        values.append(tuple(known))
        columns.append(place[code.ravel()])
    codes = np.array(columns, dtype=np.int64).T.reshape(int(mine.sum()), len(dims))
    n = _whole(sheet.numbers[count.name][mine])
    aside = set(beside)
    large = np.array([key in aside for key in sheet.keys_of(counts)], dtype=bool) & sheet.hidden[count.name][mine]
    secret = sheet.hidden[count.name][mine] & ~large
    bases = [_whole(sheet.numbers[base][mine]) for base in bases_of(table, count.name)]
    low, high = _bounds(n, codes, secret, large, bases, policy)
    return Cells(dimensions=tuple(dims), values=tuple(values), codes=codes, low=low, high=high, secret=secret)


def _whole(numbers: Reals) -> Ints:
    """Whole numbers, -1 where there is none."""
    import numpy as np

    return np.where(np.isnan(numbers), -1, np.rint(np.nan_to_num(numbers))).astype(np.int64)


def _bounds(
    n: Ints, codes: Ints, secret: NDArray[np.bool_], large: NDArray[np.bool_], bases: list[Ints], policy: Policy
) -> tuple[Ints, Ints]:
    """From where to where each count may be; `n` is -1 where none is shown."""
    import numpy as np

    least, most = np.where(inside(codes, secret), 0, 1), np.full(len(n), policy.threshold, dtype=np.int64)
    for base in bases:
        small = (base > 0) & (base - policy.half < policy.minimum_denominator)
        least = np.zeros(len(n), dtype=np.int64)
        most = np.where(small, np.maximum(most, base + policy.half), most)
    low = np.where(n == 0, 0, np.maximum(n - policy.half, policy.threshold + 1))
    high = np.where(n == 0, 0, n + policy.half)
    low = np.where(secret, least, np.where(n < 0, 0, low))
    high = np.where(secret, most, np.where(n < 0, UNBOUNDED, high))
    return np.where(large, policy.threshold + 1, low), high


def _dimensions(sheet: Sheet, mine: Flags, counts: Counts, policy: Policy) -> dict[str, NDArray[np.object_]]:
    """By the name it has in the family, the value of each dimension in every row."""
    import numpy as np

    texts, size = sheet.columns, len(mine)
    made = {counts.rename.get(d, d): texts[d] for d in counts.dimensions}
    made |= {  # no value of these is a total, whatever it is called
        f"apart {counts.rename.get(d, d)}": np.array([f"is {v}" for v in texts[d]], dtype=object) for d in counts.apart
    }
    made |= {f"before {named}": texts[d] for d, named in counts.before.items()}
    made |= {d: np.full(size, value, dtype=object) for d, value in counts.fixed.items()}
    for name, value in counts.named:
        for dimension in sorted({*texts[name][mine]} - {policy.total}):
            column = np.where(texts[name] == dimension, texts[value], policy.total)
            made[counts.rename.get(str(dimension), str(dimension))] = column
    return made


def inside(codes: Ints, secret: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which cells lie inside another withheld one: that agrees with them, or totals, in every dimension."""
    import numpy as np

    masks, which = np.unique(codes == 0, axis=0, return_inverse=True)
    which = which.ravel()
    sizes = [int(s) for s in codes.max(axis=0, initial=0) + 1]
    inside = np.zeros(len(codes), dtype=bool)

    def packed(part: Ints) -> Ints:
        key = np.zeros(len(part), dtype=np.int64)
        for d, size in enumerate(sizes):
            key = key * size + part[:, d]
        return key

    for a, above in enumerate(masks):
        held = packed(codes[secret & (which == a)])
        for b, below in enumerate(masks):
            if a == b or not (below <= above).all():
                continue
            here = np.flatnonzero(which == b)
            inside[here] |= np.isin(packed(np.where(above, 0, codes[here])), held)
    return inside
