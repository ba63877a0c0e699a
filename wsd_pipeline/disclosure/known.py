"""What anybody knows of each count of a protected mart, read from the mart itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from wsd_pipeline.contracts.core import Published, Table
from wsd_pipeline.disclosure.cells import UNBOUNDED, Cells
from wsd_pipeline.disclosure.policy import CONFIDENTIAL, Policy
from wsd_pipeline.disclosure.suppression import dimensions

if TYPE_CHECKING:
    import duckdb
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]


def published_cells(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    count: Published,
    relation: str,
    policy: Policy,
    beside: Iterable[tuple[str, ...]] = (),
) -> Cells:
    """What anybody knows of each count of a protected relation, in the order of its key.

    A count shown as 0 is 0; another lies within the rounding and above the threshold. A withheld one is from 1 to
    the threshold, or from 0 where a withheld cell contains it: more than a reader can be sure of, so that the
    attack errs on the safe side. One of `beside` was withheld only to protect others, and is above the threshold.
    """
    import numpy as np

    dims = dimensions(table, policy)
    order = ", ".join(f'cast("{d}" as varchar)' for d in table.unique_key)
    coded = [
        f"case when cast(\"{d}\" as varchar) = '{policy.total}' then 0 else dense_rank() over"
        f" (order by nullif(cast(\"{d}\" as varchar), '{policy.total}') nulls last) end as d{i}"
        for i, d in enumerate(dims)
    ]
    got: Any = con.execute(
        f'select {", ".join(coded)}{"," if coded else ""} coalesce(cast("{count.name}" as bigint), -1) as n,'
        f" \"{count.status_column}\" = '{CONFIDENTIAL}' as c from {relation} order by {order}"
    ).fetchnumpy()
    values = []
    for d in dims:
        found = con.execute(
            f'select distinct cast("{d}" as varchar) as v from {relation}'
            f" where cast(\"{d}\" as varchar) <> '{policy.total}' order by v"
        ).fetchall()
        values.append(tuple(str(r[0]) for r in found))
    n, secret = np.asarray(got["n"]).astype(np.int64), np.asarray(got["c"]).astype(bool)
    codes = np.column_stack([np.asarray(got[f"d{i}"]).astype(np.int64) for i in range(len(dims))])
    large = _among(codes, values, set(beside), policy.total)
    secret &= ~large
    low = np.where(n == 0, 0, np.maximum(n - policy.half, policy.threshold + 1))
    high = np.where(n == 0, 0, n + policy.half)
    low = np.where(secret, np.where(_inside(codes, secret), 0, 1), np.where(n < 0, 0, low))
    high = np.where(secret, policy.threshold, np.where(n < 0, UNBOUNDED, high))
    low = np.where(large, policy.threshold + 1, low)
    return Cells(dimensions=dims, values=tuple(values), codes=codes, low=low, high=high, secret=secret)


def _among(codes: Ints, values: list[tuple[str, ...]], keys: set[tuple[str, ...]], total: str) -> NDArray[np.bool_]:
    """Which cells are those of the keys."""
    import numpy as np

    found = np.zeros(len(codes), dtype=bool)
    for key in keys:
        code = [0 if v == total else known.index(v) + 1 for v, known in zip(key, values, strict=True)]
        found |= (codes == np.array(code)).all(axis=1)
    return found


def _inside(codes: Ints, secret: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which cells lie inside another withheld one."""
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
