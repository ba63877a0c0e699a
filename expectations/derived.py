"""Suites derived from contracts: everything a table's contract states, and nothing more.

Types and column order are not asserted again where a typed cast has written the file in this process; the tables
that come from the vault's child process (`pseudo`, `linked`) and extracts are the exception.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from expectations.rules import CHECKED, WHOLE_ROW, Rule, bound, count_where
from wsd_pipeline.contracts.checks import literal
from wsd_pipeline.contracts.core import Column, Table

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite

NOT_CAST_HERE = ("pseudo", "linked", "extract")
"""Layers whose files no typed cast has written: the vault's, and extracts, whose footers may hold no statistics."""
SHAPE = "columns_as_declared"
MINIMUM_ROWS = "minimum_rows"


def suite_for(table: Table, snapshot: date | None = None) -> ExpectationSuite:
    """The Great Expectations suite of a table's contract, named by its key."""
    from expectations.counts import suite_of

    return suite_of(table.key, rules_for(table, snapshot))


def rules_for(table: Table, snapshot: date | None = None) -> list[Rule]:
    """Every rule the contract of `table` states. ValueError where one needs the snapshot date and none is given."""
    rules = [shape_rule(table)] if table.layer in NOT_CAST_HERE else []
    rules += [_enough_rows(table), _key_is_unique(table)]
    for column in table.columns:
        rules += _column_rules(column, table, snapshot)
    return rules + [
        Rule(
            check=rule.name,
            failed=count_where(f"({bound(rule.failing, snapshot)})"),
            checked="count(*)",
            limit=rule.limit,
            severity=rule.severity,
            description=rule.description,
        )
        for rule in table.rules
    ]


def shape_rule(table: Table) -> Rule:
    """The file has exactly the declared columns, in order, with the declared types."""
    declared = ", ".join(
        f"({place}, {literal(c.name)}, {literal(_spelt(c.type))})" for place, c in enumerate(table.columns, start=1)
    )
    return Rule(
        check=SHAPE,
        failed=(
            f"0 * count(*) + (select least(count(*), {len(table.columns)})"
            f" from (values {declared}) as declared(place, name, type) full join "
            "(select row_number() over (order by column_index) as at_place, column_name, upper(data_type) as data_type"
            f" from duckdb_columns() where table_name = '{CHECKED}' and schema_name = 'main') as found"
            " on place = at_place"
            " where name is distinct from column_name or type is distinct from data_type)"
        ),
        checked=str(len(table.columns)),
        description="exactly the declared columns, in order, with the declared types",
    )


def _spelt(type: str) -> str:
    """A DuckDB type as `duckdb_columns` spells it."""
    return type.upper().replace(", ", ",")


def _enough_rows(table: Table) -> Rule:
    return Rule(
        check=MINIMUM_ROWS,
        failed=f"greatest({table.minimum_rows} - count(*), 0)",
        checked=str(table.minimum_rows),
        description=f"at least {table.minimum_rows} rows",
    )


def _key_is_unique(table: Table) -> Rule:
    key = ", ".join(f'"{name}"' for name in table.unique_key)
    distinct = key if len(table.unique_key) == 1 else f"row({key})"
    nulls = f" - max(case when {key} is null then 1 else 0 end)" if len(table.unique_key) == 1 else ""
    return Rule(
        check="unique_key",
        column=", ".join(table.unique_key),
        failed=f"coalesce(count(*) - count(distinct {distinct}){nulls}, 0)",
        checked="count(*)",
        description="one row for each " + table.grain,
    )


def _column_rules(column: Column, table: Table, snapshot: date | None) -> list[Rule]:
    name = f'"{column.name}"'
    rules = []
    if column.required:
        rules.append(
            Rule(
                check="required",
                column=column.name,
                failed=count_where(f"{name} is null"),
                checked="count(*)",
                description="never empty",
            )
        )
    if column.unique and table.unique_key != (column.name,):
        rules.append(
            Rule(
                check="unique",
                column=column.name,
                failed=f"count({name}) - count(distinct {name})",
                checked=f"count({name})",
                description="no value twice",
            )
        )
    return rules + [
        Rule(
            check=check.name,
            column=column.name,
            failed=count_where(f"{name} is not null and ({bound(check.failing(name), snapshot)})"),
            checked=f"count({name})",
            limit=check.limit,
            severity=check.severity,
            description=check.describe(),
        )
        for check in column.checks
    ]


__all__ = ["SHAPE", "WHOLE_ROW", "rules_for", "shape_rule", "suite_for"]
