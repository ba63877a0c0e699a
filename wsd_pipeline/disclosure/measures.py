"""SQL of every measure that is computed: from protected counts, or withheld with them.

Each function gives (status, value) as SQL over the alias `p` of rows that hold, for each count, its protected value
and status. Statuses are decided in one order: x where something is not available, c where a count is withheld, z
where there is nobody to divide by, c where too few are.
"""

from __future__ import annotations

from dataclasses import replace

from wsd_pipeline.contracts.checks import literal
from wsd_pipeline.contracts.core import Measure, Published, Table
from wsd_pipeline.disclosure.policy import CONFIDENTIAL, NOT_APPLICABLE, NOT_AVAILABLE, Policy

Z95 = "1.959963984540054"
SIDES = ("lower", "upper")
METHODS = {Measure.INTERVAL: ("wilson", "byar", "dobson"), Measure.SLOPE: ("sii", "rii")}


def quoted(name: str, alias: str = "") -> str:
    """A column name for SQL, with its relation's alias."""
    plain = '"' + name.replace('"', '""') + '"'
    return f"{alias}.{plain}" if alias else plain


def faults(table: Table) -> list[str]:
    """The measures whose `of`, method, side or weights make no sense."""
    measures = [c for c in table.columns if isinstance(c, Published)]
    counts = {c.name for c in measures if c.measure is Measure.COUNT}
    return [c.name for c in measures if not _is_sound(c, counts)]


def _is_sound(column: Published, counts: set[str]) -> bool:
    of, kind = column.of, column.measure
    if kind is Measure.COUNT:
        return not of
    if (column.per_column or column.method_column) and kind not in (Measure.PERCENT, Measure.RATE, Measure.INTERVAL):
        return False
    if kind in METHODS and column.method not in METHODS[kind] and not column.method_column:
        return False
    if kind is Measure.INTERVAL and column.side not in SIDES:
        return False
    if kind is Measure.MONEY:
        return len(of) in (2, 3) and of[0] in counts
    if kind in (Measure.MEAN, Measure.FIT):
        return len(of) == 2 and of[1] in counts
    if _is_stratified(column):
        weighted = kind is not Measure.SLOPE
        return len(of) >= 4 and len(of) % 2 == 0 and (not weighted or len(column.weights) == len(of) // 2)
    return set(of) <= counts and len(of) in ((2, 4) if kind is Measure.RATIO else (2,))


def _is_stratified(column: Published) -> bool:
    return column.measure in (Measure.STANDARDISED, Measure.SLOPE) or column.method == "dobson"


def computed(table: Table, column: Published, policy: Policy) -> tuple[str, str]:
    """(status, value) of a measure that is not a count, as SQL."""
    if column.measure is Measure.MONEY:
        return _money(column, policy)
    if column.measure is Measure.MEAN:
        return _mean(table, column, policy)
    if column.measure is Measure.FIT:
        return _fit(column, policy)
    if _is_stratified(column):
        return _stratified(table, column, policy)
    shown = [(f"p.{quoted(f'{o}__protected')}", f"p.{quoted(f'{o}__status')}") for o in column.of]
    status = _status([s for _, s in shown], [v for v, _ in shown[1::2]], _least(table, policy))
    values = [f"cast({v} as decimal(18, 4))" for v, _ in shown]
    if column.measure is Measure.RATIO and len(values) == 4:
        status = f"case when ({status}) = '' and {values[2]} = 0 then '{NOT_APPLICABLE}' else ({status}) end"
        return status, _rounded(
            f"(1e0 * {values[0]} / {values[1]}) / (1e0 * {values[2]} / {values[3]})", column, policy
        )
    status = _stated(status, column)
    if column.measure is Measure.INTERVAL:
        return status, _rounded(_interval(column, *values), column, policy)
    return status, _rounded(f"{_per(column)} * {values[0]} / {values[1]}", column, policy)


def _per(column: Published) -> str:
    """The base of a rate: the contract's, or the row's own."""
    return quoted(column.per_column, "p") if column.per_column else str(column.per)


def _stated(status: str, column: Published) -> str:
    """The status, not applicable where the row names no base, or a method that this is not."""
    missing = [f"{_per(column)} is null"] if column.per_column else []
    if column.method_column:
        missing.append(f"coalesce({quoted(column.method_column, 'p')} not in ('wilson', 'byar'), true)")
    if not missing:
        return status
    return f"case when ({status}) = '' and ({' or '.join(missing)}) then '{NOT_APPLICABLE}' else ({status}) end"


def _rounded(value: str, column: Published, policy: Policy) -> str:
    decimals = policy.percentage_decimals if column.decimals is None else column.decimals
    return f"round({value}, {decimals})"


def _status(statuses: list[str], bases: list[str], least: str) -> str:
    """The status of something divided by `bases`, from those of its counts."""
    every = ", ".join(statuses)
    nobody = " or ".join(f"{b} = 0" for b in bases)
    few = " or ".join(f"{b} < {least}" for b in bases)
    return (
        f"case when '{NOT_AVAILABLE}' in ({every}) then '{NOT_AVAILABLE}'"
        f" when '{CONFIDENTIAL}' in ({every}) then '{CONFIDENTIAL}'"
        f" when {nobody} then '{NOT_APPLICABLE}' when {few} then '{CONFIDENTIAL}' else '' end"
    )


def _least(table: Table, policy: Policy) -> str:
    """The fewest people a rate may be of, as SQL: more where the row is of a small area."""
    limit = str(policy.minimum_denominator)
    for dimension, larger in sorted(policy.minimum_denominator_by.items()):
        if dimension in table.unique_key:
            broken_down = f"cast({quoted(dimension, 'p')} as varchar) <> {literal(policy.total)}"
            limit = f"greatest({limit}, case when {broken_down} then {larger} else 0 end)"
    return limit


def _money(column: Published, policy: Policy) -> tuple[str, str]:
    amount = quoted(column.name, "p")
    people, people_status = (quoted(f"{column.of[0]}__{part}", "p") for part in ("protected", "status"))
    largest = [f"abs({quoted(name, 'p')})" for name in column.of[1:]]
    dominated = f"{largest[0]} > {policy.dominance_one} * abs({amount})"
    if len(largest) == 2:
        dominated += f" or {largest[0]} + {largest[1]} > {policy.dominance_two} * abs({amount})"
    status = (
        f"case when {amount} is null or {people_status} = '{NOT_AVAILABLE}' then '{NOT_AVAILABLE}'"
        f" when {people_status} = '{CONFIDENTIAL}' then '{CONFIDENTIAL}'"
        f" when {people} > 0 and coalesce({dominated}, true) then '{CONFIDENTIAL}' else '' end"
    )
    return status, f"{policy.money_base} * cast(round({amount} / {policy.money_base}) as bigint)"


def _mean(table: Table, column: Published, policy: Policy) -> tuple[str, str]:
    """The sum is protected as a count is: a person may have made all of a small one. Of money, what is published."""
    total = quoted(column.of[0], "p")
    number, number_status = (quoted(f"{column.of[1]}__{part}", "p") for part in ("protected", "status"))
    if (amount := money_of(table, column)) is not None:
        money_status, pounds = _money(amount, policy)
        status = _status([number_status, f"({money_status})"], [number], _least(table, policy))
        return status, _rounded(f"cast({pounds} as decimal(18, 4)) / {number}", column, policy)
    total_status = (
        f"case when {total} is null then '{NOT_AVAILABLE}'"
        f" when abs({total}) > 0 and abs({total}) <= {policy.threshold} then '{CONFIDENTIAL}' else '' end"
    )
    status = _status([number_status, total_status], [number], _least(table, policy))
    protected = f"{policy.base} * cast(round(cast({total} as decimal(18, 4)) / {policy.base}) as bigint)"
    return status, _rounded(f"cast({protected} as decimal(18, 4)) / {number}", column, policy)


def money_of(table: Table, column: Published) -> Published | None:
    """The amount of money that a MEAN is of, where it is of one."""
    found = [c for c in table.columns if c.name in column.of and isinstance(c, Published)]
    return next((c for c in found if c.measure is Measure.MONEY and column.measure is Measure.MEAN), None)


def _fit(column: Published, policy: Policy) -> tuple[str, str]:
    """What a model of many people says of all of them; nothing where it is of fewer than the policy's number."""
    value = quoted(column.of[0], "p")
    number, number_status = (quoted(f"{column.of[1]}__{part}", "p") for part in ("protected", "status"))
    status = (
        f"case when {value} is null or {number_status} = '{NOT_AVAILABLE}' then '{NOT_AVAILABLE}'"
        f" when {number_status} = '{CONFIDENTIAL}' or {number} < {policy.model_minimum} then '{CONFIDENTIAL}'"
        f" else '' end"
    )
    return status, _rounded(value, column, policy)


def _stratified(table: Table, column: Published, policy: Policy) -> tuple[str, str]:
    """Each stratum's counts go to the nearest base, and 1 to the threshold to their middle, before anything else."""
    events, people = ([_part(name, policy) for name in column.of[i::2]] for i in (0, 1))
    missing = " or ".join(f"{quoted(name, 'p')} is null" for name in column.of)
    all_events, all_people = _sum(events), _sum(people)
    least = _least(table, policy)
    exact_events = _sum([quoted(name, "p") for name in column.of[::2]])
    few = f"{exact_events} between 1 and {policy.threshold} or {all_people} < {least}"
    if column.measure is Measure.SLOPE:
        few = " or ".join([few, *(f"{d} < {least}" for d in people)])
    status = (
        f"case when {missing} then '{NOT_AVAILABLE}' when {all_people} = 0 then '{NOT_APPLICABLE}'"
        f" when {few} then '{CONFIDENTIAL}' else '' end"
    )
    if column.measure is Measure.SLOPE:
        if column.method == "rii":
            status = f"case when ({status}) = '' and {all_events} = 0 then '{NOT_APPLICABLE}' else ({status}) end"
        return status, _rounded(_slope(column, events, people), column, policy)
    weights = [repr(float(w)) for w in column.weights]
    whole = _sum([f"(case when {d} > 0 then {w} else 0 end)" for d, w in zip(people, weights, strict=True)])
    shares = [f"coalesce({w} * {n} / nullif({d}, 0), 0)" for n, d, w in zip(events, people, weights, strict=True)]
    value = f"{column.per} * {_sum(shares)} / {whole}"
    if column.measure is Measure.INTERVAL:
        parts = zip(events, people, weights, strict=True)
        variance = _sum([f"coalesce({w} * {w} * {n} / nullif({d} * {d}, 0), 0)" for n, d, w in parts])
        edge = _byar(column.side, all_events)
        spread = f"sqrt({variance} / nullif({all_events}, 0)) * ({edge} - {all_events}) / {whole}"
        value = f"{value} + {column.per} * coalesce({spread}, 0)"
    return status, _rounded(value, column, policy)


def _part(name: str, policy: Policy) -> str:
    """The protected count of one stratum."""
    exact, middle = quoted(name, "p"), (1 + policy.threshold) / 2
    rounded = f"{policy.base} * ((cast({exact} as bigint) + {policy.half}) // {policy.base})"
    return f"(case when {exact} between 1 and {policy.threshold} then {middle} else cast({rounded} as double) end)"


def _sum(parts: list[str]) -> str:
    return "(" + " + ".join(parts) + ")"


def _interval(column: Published, top: str, bottom: str) -> str:
    """Wilson's bound of a proportion, or Byar's of a rate; where each row has its method, whichever that is."""
    if column.method_column:
        byar, wilson = (replace(column, method=method, method_column="") for method in ("byar", "wilson"))
        is_byar = f"{quoted(column.method_column, 'p')} = 'byar'"
        return f"case when {is_byar} then {_interval(byar, top, bottom)} else {_interval(wilson, top, bottom)} end"
    sign = "-" if column.side == "lower" else "+"
    if column.method == "byar":
        return f"{_per(column)} * {_byar(column.side, top)} / {bottom}"
    share, n = f"least(1e0, 1e0 * {top} / {bottom})", f"cast({bottom} as double)"
    middle = f"{share} + {Z95} * {Z95} / (2 * {n})"
    half = f"{Z95} * sqrt({share} * (1 - {share}) / {n} + {Z95} * {Z95} / (4 * {n} * {n}))"
    return f"{_per(column)} * ({middle} {sign} {half}) / (1 + {Z95} * {Z95} / {n})"


def _byar(side: str, events: str) -> str:
    """Byar's bound of a number of events."""
    if side == "upper":
        n = f"(1e0 * {events} + 1)"
        return f"({n} * pow(1 - 1 / (9 * {n}) + {Z95} / (3 * sqrt({n})), 3))"
    n = f"(1e0 * {events})"
    return f"(case when {events} = 0 then 0 else {n} * pow(1 - 1 / (9 * {n}) - {Z95} / (3 * sqrt({n})), 3) end)"


def _slope(column: Published, events: list[str], people: list[str]) -> str:
    """Least squares of the groups' rates on their middle rank, by size: the first less the last, or their ratio."""
    whole = _sum(people)
    ranks = [f"(({_sum([*people[:i], '0e0'])} + {d} / 2) / {whole})" for i, d in enumerate(people)]
    level = f"(1e0 * {_sum(events)} / {whole})"
    rising = _sum([f"{n} * ({x} - 0.5)" for n, x in zip(events, ranks, strict=True)])
    spread = _sum([f"{d} * ({x} - 0.5) * ({x} - 0.5)" for d, x in zip(people, ranks, strict=True)])
    slope = f"(-({rising}) / ({spread}))"
    if column.method == "sii":
        return f"{column.per} * {slope}"
    return f"({level} + {slope} / 2) / nullif({level} - {slope} / 2, 0)"
