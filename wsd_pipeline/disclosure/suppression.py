"""Primary suppression, rounding and collapse, as one SELECT over a mart's exact rows.

The SELECT runs inside the sealed session that holds the exact numbers, so only protected ones are ever written.
Rules: PRIVACY §4.1 (HES small numbers; children of a withheld parent are withheld), percentages and money from
protected counts only. What a solver could still work out of several tables is the attacker's business.
"""

from __future__ import annotations

from wsd_pipeline.contracts.checks import literal
from wsd_pipeline.contracts.core import Measure, Privacy, Published, Table
from wsd_pipeline.disclosure.measures import computed, faults, money_of, quoted
from wsd_pipeline.disclosure.policy import CONFIDENTIAL, NOT_AVAILABLE, Policy

_NUMERIC = ("INT", "DECIMAL", "DOUBLE", "FLOAT", "REAL", "NUMERIC", "HUGEINT")


def published(table: Table, *kinds: Measure) -> tuple[Published, ...]:
    """The measures of a mart, of the given kinds or of all."""
    found = (c for c in table.columns if isinstance(c, Published))
    return tuple(c for c in found if not kinds or c.measure in kinds)


def bases_of(table: Table, count: str) -> tuple[str, ...]:
    """The counts that a count of a mart is a part of, by its percentages, rates and their intervals."""
    shares = published(table, Measure.PERCENT, Measure.RATE, Measure.INTERVAL)
    return tuple(sorted({p.of[1] for p in shares if p.of[0] == count and p.of[1] != count and len(p.of) == 2}))


def dimensions(table: Table, policy: Policy) -> tuple[str, ...]:
    """What divides people in a mart: its key without the columns that only name the breakdown."""
    return tuple(k for k in table.unique_key if k not in policy.labels)


def protect_select(table: Table, relation: str, policy: Policy, also: str | None = None) -> str:
    """DuckDB SQL for the protected rows of `relation`, an exact mart: the contract's columns, safe to publish.

    Counts from 1 to the threshold are null with status c, others rounded, 0 stays 0. A cell is also withheld
    where a cell that contains it is (it agrees with it in every dimension, or that one has `all`) unless a
    published 0 contains it. A percentage needs both its counts protected and a large enough denominator. Money
    needs its count shown and no dominant contributor. An exact null has status x, a percentage of 0 people z.
    `also` is a relation of further cells to withhold: `measure__`, then the dimensions (see `gate.protect`).
    `relation` needs no status columns. ValueError where the contract has a number that no rule covers.
    """
    check_covered(table)
    counts = published(table, Measure.COUNT)
    ctes = [
        f"exact__ as materialized (select row_number() over () as row_no__, * from {relation})",
        _keyed(table, policy),
    ]
    for count in counts:
        ctes += _withheld(table, count, policy, also)
    ctes.append(_counted(counts, policy))
    made: dict[str, str] = {}
    for column in published(table):
        made[column.name], made[column.status_column] = _cell(table, column, policy, also)
    columns = ",\n    ".join(
        f"cast({made.get(c.name, quoted(c.name, 'p'))} as {c.type}) as {quoted(c.name)}" for c in table.columns
    )
    return "with " + ",\n".join(ctes) + f"\nselect\n    {columns}\nfrom counted__ as p"


def check_covered(table: Table) -> None:
    """ValueError where a number of the mart is neither a dimension, nor a published measure, nor impersonal."""
    known = {*table.unique_key, *(c.status_column for c in published(table))}
    bare = [
        c.name
        for c in table.columns
        if c.name not in known
        and not isinstance(c, Published)
        and c.privacy is not Privacy.NONE
        and c.type.upper().startswith(_NUMERIC)
    ]
    broken = faults(table)
    if bare or broken:
        raise ValueError(f"{table.key}: no disclosure rule covers {', '.join(sorted({*bare, *broken}))}")


def _keyed(table: Table, policy: Policy) -> str:
    """Each row with its dimensions as text and its mask: a bit for each dimension it totals over."""
    total = literal(policy.total)
    keys, bits = [], ["cast(0 as bigint)"]
    for i, dimension in enumerate(dimensions(table, policy)):
        text = f"cast({quoted(dimension)} as varchar)"
        keys.append(f"{text} as key_{i}__")
        bits.append(f"case when {text} = {total} then cast({1 << i} as bigint) else 0 end")
    return f"keyed__ as materialized (select *, {', '.join([*keys, ' + '.join(bits) + ' as mask__'])} from exact__)"


def _withheld(table: Table, count: Published, policy: Policy, also: str | None) -> list[str]:
    """CTEs ending in the row numbers where the count is withheld.

    `small`: rows that are small themselves, or that are none or all of a group too small for a percentage. A count
    above its denominator is no part of it (recorded against expected), and says nothing of it. `inside`: rows within
    a small one. Of those, the ones within a 0 that is published are 0 for everybody to see, and stay 0.
    """
    name, value = count.name, quoted(count.name)
    small = f"{value} between 1 and {policy.threshold}"
    for base in map(quoted, bases_of(table, name)):
        small += f" or ({base} between 1 and {policy.minimum_denominator - 1} and {value} in (0, {base}))"
    keys = [f"key_{i}__" for i in range(len(dimensions(table, policy)))]
    total = literal(policy.total)
    same = [f"a.{k} = case when c.above__ & {1 << i} <> 0 then {total} else c.{k} end" for i, k in enumerate(keys)]
    contains = " and ".join([*same, "a.mask__ = c.above__"])
    further = ""
    if also is not None:
        match = [f"w.{quoted(d)} = k.key_{i}__" for i, d in enumerate(dimensions(table, policy))]
        on = " and ".join([f"w.measure__ = {literal(name)}", *match])
        further = f" union select k.row_no__ from keyed__ as k join {also} as w on {on}"
    parts = {part: quoted(f"{name}__{part}") for part in ("small", "inside", "zero", "shown", "withheld")}

    def within(rows: str, above: str) -> str:
        """Rows of `rows` paired with every mask of `above` that could contain them, joined to what does."""
        return (
            f"(select k.*, m.mask__ as above__ from {rows} as k join (select distinct mask__ from {above}) as m"
            f" on k.mask__ & m.mask__ = k.mask__) as c join {above} as a on {contains}"
        )

    columns = ", ".join(["row_no__", "mask__", *keys])
    return [
        f"{parts['small']} as materialized (select {columns} from keyed__ where {small})",
        f"{parts['inside']} as materialized (select distinct c.row_no__, c.mask__{''.join(f', c.{k}' for k in keys)}"
        f" from {within(f'(select {columns} from keyed__ where {value} is not null)', parts['small'])})",
        f"{parts['zero']} as materialized (select {columns} from keyed__ where {value} = 0"
        f" and row_no__ not in (select row_no__ from {parts['inside']}))",
        f"{parts['shown']} as (select distinct c.row_no__ from {within(parts['inside'], parts['zero'])})",
        f"{parts['withheld']} as materialized (select row_no__ from {parts['inside']}"
        f" where row_no__ not in (select row_no__ from {parts['shown']}){further})",
    ]


def _counted(counts: tuple[Published, ...], policy: Policy) -> str:
    """Every exact row with, for each count, its status and its protected value beside it."""
    made, joins = [], []
    for count in counts:
        value, withheld = quoted(count.name, "k"), quoted(f"{count.name}__withheld")
        status, shown = quoted(f"{count.name}__status"), quoted(f"{count.name}__protected")
        joins.append(f" left join {withheld} on {withheld}.row_no__ = k.row_no__")
        made.append(
            f"case when {value} is null then '{NOT_AVAILABLE}'"
            f" when {withheld}.row_no__ is not null then '{CONFIDENTIAL}' else '' end as {status}"
        )
        made.append(
            f"case when {withheld}.row_no__ is null"
            f" then {policy.base} * ((cast({value} as bigint) + {policy.half}) // {policy.base}) end as {shown}"
        )
    return f"counted__ as materialized (select k.*{''.join(', ' + m for m in made)} from keyed__ as k{''.join(joins)})"


def _cell(table: Table, column: Published, policy: Policy, also: str | None) -> tuple[str, str]:
    """The protected value of a measure and its status, as SQL over the counted rows."""
    if column.measure is Measure.COUNT:
        return quoted(f"{column.name}__protected", "p"), quoted(f"{column.name}__status", "p")
    status, value = computed(table, column, policy)
    amount = column if column.measure is Measure.MONEY else money_of(table, column)
    if also is not None and amount is not None:
        match = [f"w.{quoted(d)} = p.key_{i}__" for i, d in enumerate(dimensions(table, policy))]
        on = " and ".join([f"w.measure__ = {literal(amount.name)}", *match])
        found = f"({status}) = '' and exists (from {also} as w where {on})"
        status = f"case when {found} then '{CONFIDENTIAL}' else ({status}) end"
    return f"case when ({status}) = '' then {value} end", status
