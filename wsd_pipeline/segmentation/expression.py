"""The little language of rules: conditions over named columns, read with sqlglot, everything else refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlglot import exp


class NotUnderstood(Exception):
    """A condition that is no condition over known columns. The text says why, in words for a steward."""


def condition(text: str, columns: Mapping[str, str], parameters: Mapping[str, int]) -> tuple[str, frozenset[str]]:
    """The condition as SQL of our own writing, parameters put in, and the columns it asks for.

    `columns` maps each name that may be used to its DuckDB type. The result is three-valued: null where what it
    rests on is null. NotUnderstood where the text is anything but and, or, not, comparisons, between, in,
    is null over those columns, parameters, numbers and words, or where a yes-or-no is expected and something
    else stands, or the other way about.
    """
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    try:
        trees = sqlglot.parse(text, read="duckdb")
    except SqlglotError:
        raise NotUnderstood("it cannot be read") from None
    tree = trees[0] if len(trees) == 1 else None
    if tree is None:
        raise NotUnderstood("it is not one condition")
    used: set[str] = set()
    for column in list(tree.find_all(exp.Column)):
        name = column.name
        if column.table or column.this.args.get("quoted"):
            raise NotUnderstood("a column is written by its bare name")
        if name in parameters:
            column.replace(exp.Literal.number(parameters[name]))
        elif name in columns:
            used.add(name)
        else:
            raise NotUnderstood(f"there is no column or parameter {name}")
    if isinstance(tree, exp.Literal):
        raise NotUnderstood("it is not one condition")
    _judge(tree, columns)
    return tree.sql(dialect="duckdb"), frozenset(used)


def _judge(node: exp.Expression, columns: Mapping[str, str]) -> None:
    """Refuse a node that is no yes-or-no."""
    from sqlglot import exp

    if isinstance(node, exp.Paren | exp.Not):
        _judge(node.this, columns)
    elif isinstance(node, exp.And | exp.Or):
        _judge(node.left, columns)
        _judge(node.right, columns)
    elif isinstance(node, exp.Column):
        if columns[node.name] != "BOOLEAN":
            raise NotUnderstood(f"{node.name} is not a yes or no")
    elif isinstance(node, exp.EQ | exp.NEQ | exp.LT | exp.LTE | exp.GT | exp.GTE):
        _comparable([node.left, node.right], columns)
    elif isinstance(node, exp.Between):
        _comparable([node.this, node.args["low"], node.args["high"]], columns)
    elif isinstance(node, exp.In) and node.expressions and not node.args.get("query"):
        _comparable([node.this, *node.expressions], columns)
    elif isinstance(node, exp.Is) and isinstance(node.expression, exp.Null) and isinstance(node.this, exp.Column):
        return
    else:
        raise NotUnderstood(f"{type(node).__name__.lower()} is not understood here")


def _comparable(nodes: list[exp.Expression], columns: Mapping[str, str]) -> None:
    """Refuse operands that are no columns, numbers or words, or not all of one kind."""
    kinds = {_kind(node, columns) for node in nodes}
    if len(kinds) > 1:
        raise NotUnderstood(f"{' and '.join(sorted(kinds))} cannot be compared")


def _kind(node: exp.Expression, columns: Mapping[str, str]) -> str:
    from sqlglot import exp

    if isinstance(node, exp.Neg):
        node = node.this
    if isinstance(node, exp.Literal):
        return "words" if node.is_string else "numbers"
    if isinstance(node, exp.Column):
        kind = columns[node.name]
        if kind == "BOOLEAN":
            raise NotUnderstood(f"{node.name} is a yes or no and is not compared")
        return "words" if kind == "VARCHAR" else "dates" if kind == "DATE" else "numbers"
    raise NotUnderstood(f"{type(node).__name__.lower()} is not understood here")
