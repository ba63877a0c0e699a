"""Primary suppression, rounding and collapse, as one SELECT over a mart's exact rows.

The SELECT runs inside the sealed session that holds the exact numbers, so only protected ones are ever written.
Rules: PRIVACY §4.1 (HES small numbers; children of a withheld parent are withheld), percentages and money from
protected counts only. What a solver could still work out of several tables is the attacker's business.
"""

from __future__ import annotations

from wsd_pipeline.contracts.checks import literal
from wsd_pipeline.contracts.core import Measure, Privacy, Published, Table
from wsd_pipeline.disclosure.policy import CONFIDENTIAL, NOT_APPLICABLE, NOT_AVAILABLE, Policy

_NUMERIC = ("INT", "DECIMAL", "DOUBLE", "FLOAT", "REAL", "NUMERIC", "HUGEINT")


def published(table: Table, *kinds: Measure) -> tuple[Published, ...]:
    """The measures of a mart, of the given kinds or of all."""
    found = (c for c in table.columns if isinstance(c, Published))
    return tuple(c for c in found if not kinds or c.measure in kinds)


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
        made[column.name], made[column.status_column] = _cell(table, column, policy)
    columns = ",\n    ".join(
        f"cast({made.get(c.name, _quoted(c.name, 'p'))} as {c.type}) as {_quoted(c.name)}" for c in table.columns
    )
    return "with " + ",\n".join(ctes) + f"\nselect\n    {columns}\nfrom counted__ as p"


def check_covered(table: Table) -> None:
    """ValueError where a number of the mart is neither a dimension, nor a published measure, nor impersonal."""
    known = {*table.unique_key, *(c.status_column for c in published(table))}
    names = {c.name for c in table.columns}
    bare = [
        c.name
        for c in table.columns
        if c.name not in known
        and not isinstance(c, Published)
        and c.privacy is not Privacy.NONE
        and c.type.upper().startswith(_NUMERIC)
    ]
    broken = [c.name for c in published(table, Measure.PERCENT) if len(c.of) != 2 or not set(c.of) <= names]
    broken += [c.name for c in published(table, Measure.MONEY) if len(c.of) not in (2, 3) or c.of[0] not in names]
    if bare or broken:
        raise ValueError(f"{table.key}: no disclosure rule covers {', '.join(sorted({*bare, *broken}))}")


def _quoted(name: str, alias: str = "") -> str:
    quoted = '"' + name.replace('"', '""') + '"'
    return f"{alias}.{quoted}" if alias else quoted


def _keyed(table: Table, policy: Policy) -> str:
    """Each row with its dimensions as text and its mask: a bit for each dimension it totals over."""
    total = literal(policy.total)
    keys, bits = [], ["cast(0 as bigint)"]
    for i, dimension in enumerate(dimensions(table, policy)):
        text = f"cast({_quoted(dimension)} as varchar)"
        keys.append(f"{text} as key_{i}__")
        bits.append(f"case when {text} = {total} then cast({1 << i} as bigint) else 0 end")
    return f"keyed__ as materialized (select *, {', '.join([*keys, ' + '.join(bits) + ' as mask__'])} from exact__)"


def _withheld(table: Table, count: Published, policy: Policy, also: str | None) -> list[str]:
    """CTEs ending in the row numbers where the count is withheld.

    `small`: rows that are small themselves, or whose denominator is. `inside`: rows within a small one. Of those,
    the ones within a 0 that is published are 0 for everybody to see, and stay 0.
    """
    name, value = count.name, _quoted(count.name)
    bases = sorted({p.of[1] for p in published(table, Measure.PERCENT) if p.of[0] == name and p.of[1] != name})
    small = " or ".join(f"{_quoted(c)} between 1 and {policy.threshold}" for c in (name, *bases))
    keys = [f"key_{i}__" for i in range(len(dimensions(table, policy)))]
    total = literal(policy.total)
    same = [f"a.{k} = case when c.above__ & {1 << i} <> 0 then {total} else c.{k} end" for i, k in enumerate(keys)]
    contains = " and ".join([*same, "a.mask__ = c.above__"])
    further = ""
    if also is not None:
        match = [f"w.{_quoted(d)} = k.key_{i}__" for i, d in enumerate(dimensions(table, policy))]
        on = " and ".join([f"w.measure__ = {literal(name)}", *match])
        further = f" union select k.row_no__ from keyed__ as k join {also} as w on {on}"
    parts = {part: _quoted(f"{name}__{part}") for part in ("small", "inside", "zero", "shown", "withheld")}

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
        value, withheld = _quoted(count.name, "k"), _quoted(f"{count.name}__withheld")
        status, shown = _quoted(f"{count.name}__status"), _quoted(f"{count.name}__protected")
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


def _cell(table: Table, column: Published, policy: Policy) -> tuple[str, str]:
    """The protected value of a measure and its status, as SQL over the counted rows."""
    if column.measure is Measure.COUNT:
        return _quoted(f"{column.name}__protected", "p"), _quoted(f"{column.name}__status", "p")
    if column.measure is Measure.PERCENT:
        status, value = _percentage(table, column, policy)
    else:
        status, value = _money(column, policy)
    return f"case when ({status}) = '' then {value} end", status


def _percentage(table: Table, column: Published, policy: Policy) -> tuple[str, str]:
    top, bottom = (_quoted(f"{of}__protected", "p") for of in column.of)
    top_status, bottom_status = (_quoted(f"{of}__status", "p") for of in column.of)
    limit = str(policy.minimum_denominator)
    for dimension, larger in sorted(policy.minimum_denominator_by.items()):
        if dimension in table.unique_key:
            broken_down = f"cast({_quoted(dimension, 'p')} as varchar) <> {literal(policy.total)}"
            limit = f"greatest({limit}, case when {broken_down} then {larger} else 0 end)"
    status = (
        f"case when '{NOT_AVAILABLE}' in ({top_status}, {bottom_status}) then '{NOT_AVAILABLE}'"
        f" when '{CONFIDENTIAL}' in ({top_status}, {bottom_status}) then '{CONFIDENTIAL}'"
        f" when {bottom} = 0 then '{NOT_APPLICABLE}' when {bottom} < {limit} then '{CONFIDENTIAL}' else '' end"
    )
    return status, f"round({column.per} * cast({top} as decimal(18, 4)) / {bottom}, {policy.percentage_decimals})"


def _money(column: Published, policy: Policy) -> tuple[str, str]:
    amount, people = _quoted(column.name, "p"), _quoted(f"{column.of[0]}__status", "p")
    largest = [f"abs({_quoted(name, 'p')})" for name in column.of[1:]]
    dominated = f"{largest[0]} > {policy.dominance_one} * abs({amount})"
    if len(largest) == 2:
        dominated += f" or {largest[0]} + {largest[1]} > {policy.dominance_two} * abs({amount})"
    status = (
        f"case when {amount} is null or {people} = '{NOT_AVAILABLE}' then '{NOT_AVAILABLE}'"
        f" when {people} = '{CONFIDENTIAL}' then '{CONFIDENTIAL}'"
        f" when {_quoted(f'{column.of[0]}__protected', 'p')} > 0 and coalesce({dominated}, true) then '{CONFIDENTIAL}'"
        " else '' end"
    )
    return status, f"{policy.money_base} * cast(round({amount} / {policy.money_base}) as bigint)"
