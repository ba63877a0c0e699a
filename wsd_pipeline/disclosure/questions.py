"""What may be asked: declared dimensions, and conditions read into sets of declared values.

Nothing an asker writes reaches SQL. A condition is parsed, checked node by node against an allow-list, and
answered over the declared values, so that two ways of writing one condition are the same question.
"""

from __future__ import annotations

import difflib
import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from wsd_pipeline.messages import Stop

QUESTIONS_FILE = Path(__file__).resolve().parent.parent / "config" / "questions.yaml"
UNKNOWN = "unknown"
LIMIT = 100_000
"""Combinations of values a condition may span."""
MOST_LEARNT = 0.16
"""The most that one asker may learn of one value in all: the square of the distance between its two possibilities, in
standard deviations of the noise. Φ(√0.16 / 2) is 58 %."""


@dataclass(frozen=True, kw_only=True)
class Dimension:
    """A dimension people may be counted by: where its value is kept, and the dimension to suggest instead."""

    name: str
    table: str
    column: str
    coarser: str | None = None


@dataclass(frozen=True, kw_only=True)
class Registry:
    """What may be asked, and how it is protected: noise in people (sd), tables an asker may open in a month."""

    measures: Mapping[str, str]
    dimensions: Mapping[str, Dimension]
    noise_sd: float
    tables: int
    withheld_share: float
    most_dimensions: int


@lru_cache(maxsize=4)
def load_registry(path: Path = QUESTIONS_FILE) -> Registry:
    """The registry of a YAML file. ValueError where its noise is too little for its number of tables."""
    import yaml

    raw: Mapping[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    dimensions = {}
    for name, given in raw["dimensions"].items():
        table, column = str(given["column"]).rsplit(".", 1)
        dimensions[name] = Dimension(name=name, table=table, column=column, coarser=given.get("coarser"))
    rules = raw["protection"]
    if rules["tables"] * 2 / rules["noise_sd"] ** 2 > MOST_LEARNT:
        raise ValueError("questions.yaml: more noise, or fewer tables")
    return Registry(
        measures={k: str(v["column"]) for k, v in raw["measures"].items()},
        dimensions=dimensions,
        noise_sd=float(rules["noise_sd"]),
        tables=int(rules["tables"]),
        withheld_share=float(rules["withheld_share"]),
        most_dimensions=int(rules["dimensions"]),
    )


@dataclass(frozen=True, kw_only=True)
class Question:
    """A question in its one form. `allowed` are the combinations of values of `over` that are counted."""

    measure: str
    by: tuple[str, ...]
    over: tuple[str, ...]
    allowed: frozenset[tuple[str, ...]]

    @property
    def table(self) -> tuple[str, ...]:
        """The dimensions it is about: those it is broken down by and those of its condition, in order."""
        return tuple(sorted({*self.by, *self.over}))


def question(
    registry: Registry, values: Mapping[str, Sequence[str]], by: Sequence[str], where: str | None, measure: str
) -> Question:
    """The question asked. `values` are the values of each dimension. Stops with WSD-602 (unknown name) or WSD-611."""
    if measure not in registry.measures:
        raise _unknown("measure", measure, registry.measures)
    for name in by:
        if name not in registry.dimensions:
            raise _unknown("dimension", name, registry.dimensions)
    if len(set(by)) != len(by) or len(by) > registry.most_dimensions:
        raise _refused(f"at most {registry.most_dimensions} dimensions, each once", "Leave some out.")
    over, allowed = _condition(registry, values, where)
    return Question(measure=measure, by=tuple(by), over=over, allowed=allowed)


def _condition(
    registry: Registry, values: Mapping[str, Sequence[str]], where: str | None
) -> tuple[tuple[str, ...], frozenset[tuple[str, ...]]]:
    """The dimensions a condition depends on, in order, and the combinations of their values that meet it."""
    if where is None or not where.strip():
        return (), frozenset({()})
    test, used = _parsed(registry, values, where)
    if math.prod(len(values[d]) for d in used) > LIMIT:
        raise _refused("the condition spans too many combinations", "Use fewer dimensions in the condition.")
    combinations = list(itertools.product(*(values[d] for d in used)))
    met = {c for c in combinations if test(dict(zip(used, c, strict=True)))}
    for name in list(used):
        place = used.index(name)
        shorter = {c[:place] + c[place + 1 :] for c in met}
        if len(shorter) * len(values[name]) == len(met):
            met, used = shorter, [d for d in used if d != name]
    return tuple(used), frozenset(met)


def _parsed(
    registry: Registry, values: Mapping[str, Sequence[str]], where: str
) -> tuple[Callable[[Mapping[str, str]], bool], list[str]]:
    import sqlglot
    from sqlglot import exp

    if len(where) > 1000:
        raise _refused("the condition is too long", "Write a shorter one.")
    try:
        tree = sqlglot.parse_one(f"select 1 where {where}", read="duckdb")
        root = tree.args["where"].this
        whole = isinstance(tree, exp.Select) and {k for k, v in tree.args.items() if v} <= {"expressions", "where"}
    except Exception:
        raise _refused("the condition could not be read", "Write it as: imd_decile <= 2 and sex = 'female'") from None
    if not whole:
        raise _refused("the condition holds more than a condition", "Write it as: imd_decile <= 2")
    used: set[str] = set()
    test = _test(root, registry, values, used)
    return test, sorted(used)


def _test(
    node: Any, registry: Registry, values: Mapping[str, Sequence[str]], used: set[str]
) -> Callable[[Mapping[str, str]], bool]:
    """The condition as a function of declared values. Only what is named here is allowed."""
    from sqlglot import exp

    if isinstance(node, exp.Paren):
        return _test(node.this, registry, values, used)
    if isinstance(node, exp.Not):
        inner = _test(node.this, registry, values, used)
        return lambda row: not inner(row)
    if isinstance(node, exp.And | exp.Or):
        left, right = (_test(n, registry, values, used) for n in (node.this, node.expression))
        if isinstance(node, exp.And):
            return lambda row: left(row) and right(row)
        return lambda row: left(row) or right(row)
    column = getattr(node, "this", None)
    if not isinstance(column, exp.Column) or column.table:
        raise _refused("only comparisons of a dimension with values are allowed", "Write it as: imd_decile <= 2")
    name = column.name
    if name not in registry.dimensions:
        raise _unknown("dimension", name, registry.dimensions)
    used.add(name)
    if isinstance(node, exp.In) and node.expressions and not node.args.get("query"):
        listed = {_value(v, name, values) for v in node.expressions}
        return lambda row: row[name] in listed
    if isinstance(node, exp.Between):
        low, high = (_value(node.args[k], name, values) for k in ("low", "high"))
        return _ordered(name, values, lambda v: _number(low) <= v <= _number(high))
    value = _value(node.args.get("expression"), name, values)
    if isinstance(node, exp.EQ):
        return lambda row: row[name] == value
    if isinstance(node, exp.NEQ):
        return lambda row: row[name] != value
    ordered: Mapping[Any, Callable[[float], bool]] = {
        exp.LT: lambda v: v < _number(value),
        exp.LTE: lambda v: v <= _number(value),
        exp.GT: lambda v: v > _number(value),
        exp.GTE: lambda v: v >= _number(value),
    }
    if type(node) in ordered:
        return _ordered(name, values, ordered[type(node)])
    raise _refused("only =, <>, <, <=, >, >=, in, between, and, or, not are allowed", "Write it as: imd_decile <= 2")


def _ordered(
    name: str, values: Mapping[str, Sequence[str]], test: Callable[[float], bool]
) -> Callable[[Mapping[str, str]], bool]:
    if not all(v == UNKNOWN or v.isdigit() for v in values[name]):
        raise _refused(f"{name} has no order", f"Use {name} = … or {name} in (…)")
    return lambda row: row[name] != UNKNOWN and test(_number(row[name]))


def _number(value: str) -> float:
    if not value.isdigit():
        raise _refused("a number is needed", "Write it as: imd_decile <= 2")
    return float(value)


def _value(node: Any, name: str, values: Mapping[str, Sequence[str]]) -> str:
    """A literal that is one of the dimension's values; a number may lie outside them."""
    from sqlglot import exp

    if not isinstance(node, exp.Literal):
        raise _refused("dimensions are compared with plain values only", f"Write it as: {name} = 'value'")
    text = str(node.this)
    known = {v.lower(): v for v in values[name]}
    if text.lower() in known:
        return known[text.lower()]
    if text.isdigit() and any(v.isdigit() for v in values[name]):
        return text
    raise _refused(f"{name} has no such value", f"Its values: {', '.join(values[name][:30])}")


def _refused(reason: str, suggestion: str) -> Stop:
    return Stop("WSD-611", reason=reason, suggestion=suggestion)


def _unknown(kind: str, name: str, known: Mapping[str, object]) -> Stop:
    close = difflib.get_close_matches(name, list(known), n=1)
    nearest = f" Did you mean {close[0]}?" if close else ""
    return Stop("WSD-602", kind=kind, name=name[:40], nearest=nearest, see=", ".join(sorted(known)))
