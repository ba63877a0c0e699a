"""What anybody knows of each count of a protected mart, read from the mart itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from wsd_pipeline.contracts.checks import literal
from wsd_pipeline.contracts.core import Published, Table
from wsd_pipeline.contracts.measures import Counts, MartTable
from wsd_pipeline.disclosure.cells import UNBOUNDED, Cells
from wsd_pipeline.disclosure.measures import quoted
from wsd_pipeline.disclosure.policy import CONFIDENTIAL, Policy
from wsd_pipeline.disclosure.suppression import bases_of, dimensions

if TYPE_CHECKING:
    import duckdb
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]


def counted(table: Table, count: Published, policy: Policy) -> tuple[Counts, ...]:
    """What a count of a mart counts: as its contract says, or all of its key as dimensions of a family of its own."""
    declared = table.counts.get(count.name, ()) if isinstance(table, MartTable) else ()
    return declared or (Counts(family=f"{table.key}.{count.name}", dimensions=dimensions(table, policy)),)


def published_cells(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    count: Published,
    relation: str,
    policy: Policy,
    beside: Iterable[tuple[str, ...]] = (),
    counts: Counts | None = None,
) -> Cells:
    """What anybody knows of each count of a protected relation, in the order of its key.

    A count shown as 0 is 0; another lies within the rounding and above the threshold. A withheld one is from 1 to
    the threshold, or from 0 where a withheld cell contains it or it is part of another count, and then up to all of
    that, where that is small: more than a reader can be sure of, so that the attack errs on the safe side. One of
    `beside` was withheld only to protect others, and is above the threshold. Only rows of `counts` are taken
    (the first that is declared, where None is given), each with the dimensions that it has in its family.
    """
    import numpy as np

    counts = counts or counted(table, count, policy)[0]
    _mark_beside(con, table, beside, policy)
    where = counts.where or "true"
    dims = _dimensions(con, relation, counts, policy)
    total = literal(policy.total)
    coded = [
        f"case when ({text}) = {total} then 0"
        f" else dense_rank() over (order by nullif(({text}), {total}) nulls last) end as d{i}"
        for i, text in enumerate(dims.values())
    ]
    bases = [f"coalesce(cast({quoted(b)} as bigint), -1) as b{i}" for i, b in enumerate(bases_of(table, count.name))]
    match = " and ".join(f"w.{quoted(d)} = cast(m.{quoted(d)} as varchar)" for d in dimensions(table, policy))
    order = ", ".join(f"cast(m.{quoted(d)} as varchar)" for d in table.unique_key)
    got: Any = con.execute(
        f"select {', '.join([*coded, *bases, '1 as one'])}, coalesce(cast(m.{quoted(count.name)} as bigint), -1) as n,"
        f" m.{quoted(count.status_column)} = '{CONFIDENTIAL}' as c, w.is_beside is not null as w"
        f" from (select * from {relation} where {where}) as m left join beside__ as w on {match or 'true'}"
        f" order by {order}"
    ).fetchnumpy()
    values = []
    for text in dims.values():
        found = con.execute(
            f"select distinct ({text}) as v from {relation} as m where ({where}) and ({text}) <> {total} order by v"
        ).fetchall()
        values.append(tuple(str(r[0]) for r in found))
    n, secret = np.asarray(got["n"]).astype(np.int64), np.asarray(got["c"]).astype(bool)
    codes = np.column_stack(
        [np.asarray(got[f"d{i}"]).astype(np.int64) for i in range(len(dims))] or [np.zeros((len(n), 0), np.int64)]
    )
    large = np.asarray(got["w"]).astype(bool) & secret
    secret &= ~large
    low, high = _bounds(
        n, codes, secret, large, [np.asarray(got[f"b{i}"]).astype(np.int64) for i in range(len(bases))], policy
    )
    return Cells(dimensions=tuple(dims), values=tuple(values), codes=codes, low=low, high=high, secret=secret)


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


def _dimensions(con: duckdb.DuckDBPyConnection, relation: str, counts: Counts, policy: Policy) -> dict[str, str]:
    """The dimensions of the rows in their family, and the SQL of each one's value."""
    made = {counts.rename.get(d, d): _text(d) for d in counts.dimensions}
    made |= {  # no value of these is a total, whatever it is called
        f"apart {counts.rename.get(d, d)}": f"concat('is ', {_text(d)})" for d in counts.apart
    }
    made |= {f"before {named}": _text(d) for d, named in counts.before.items()}
    made |= {d: literal(value) for d, value in counts.fixed.items()}
    for name, value in counts.named:
        found = con.execute(
            f"select distinct cast({quoted(name)} as varchar) as v from {relation} where ({counts.where or 'true'})"
            f" and cast({quoted(name)} as varchar) <> {literal(policy.total)} order by v"
        ).fetchall()
        for (dimension,) in found:
            text = f"case when cast(m.{quoted(name)} as varchar) = {literal(dimension)}"
            text += f" then {_text(value)} else {literal(policy.total)} end"
            made[counts.rename.get(str(dimension), str(dimension))] = text
    return made


def _text(name: str) -> str:
    """A key column of the mart as text; nothing is a value like others."""
    return f"coalesce(cast(m.{quoted(name)} as varchar), '')"


def _mark_beside(
    con: duckdb.DuckDBPyConnection, table: Table, beside: Iterable[tuple[str, ...]], policy: Policy
) -> None:
    """The cells of `beside` as a temp table."""
    names = [f"{quoted(d)} varchar" for d in dimensions(table, policy)]
    con.execute(f"create or replace temp table beside__ ({', '.join([*names, 'is_beside boolean'])})")
    if keys := sorted(set(beside)):
        con.executemany(f"insert into beside__ values ({', '.join(['?'] * len(names))}, true)", [list(k) for k in keys])


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
