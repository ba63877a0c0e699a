"""Connected components over integer codes: which clusters of records a set of accepted pairs makes one.

A component is named by its smallest member, so the result depends on the pairs alone, never on their order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb
    from numpy.typing import NDArray

    Codes = NDArray[Any]


def components(left: Codes, right: Codes, size: int) -> Codes:
    """For each code below `size`, the smallest code it is connected to by the pairs (left[i], right[i])."""
    import numpy as np
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    if size == 0:
        return np.empty(0, dtype=np.int32)
    graph = coo_matrix((np.ones(len(left), dtype=np.int8), (left, right)), shape=(size, size))
    count, labels = connected_components(graph, directed=False)
    smallest = np.empty(count, dtype=np.int32)
    codes = np.arange(size, dtype=np.int32)
    smallest[labels[::-1]] = codes[::-1]  # written from the largest down: the smallest member stays
    named: Codes = smallest[labels]
    return named


def register_codes(con: duckdb.DuckDBPyConnection, name: str, labels: Codes) -> None:
    """Make (or replace) the table `name`: each `code` that is not its component's smallest, and that as `cluster`."""
    import numpy as np
    import pyarrow as pa

    codes = np.flatnonzero(labels != np.arange(len(labels), dtype=labels.dtype)).astype(np.int32)
    rows = pa.table({"code": pa.array(codes), "cluster": pa.array(labels[codes], pa.int32())})
    con.register("code_rows", rows)
    con.execute(f"create or replace table {name} as select code, cluster from code_rows")
    con.unregister("code_rows")
