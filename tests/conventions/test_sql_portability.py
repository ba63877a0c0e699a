"""The SQL of the models: portable by allow-list, and in the house's style."""

from __future__ import annotations

import re
from functools import cache, lru_cache

import pytest
import sqlglot
from sqlglot import exp

from wsd_pipeline.build import models
from wsd_pipeline.contracts import tables
from wsd_pipeline.sql import macros, model_keys, sql_root

NODES = {
    # structure
    exp.Select, exp.From, exp.Join, exp.Where, exp.Group, exp.Having, exp.Qualify, exp.With, exp.CTE, exp.Subquery,
    exp.Union, exp.Values, exp.Tuple, exp.Table, exp.TableAlias, exp.Alias, exp.Identifier, exp.Column, exp.Star,
    exp.Parameter, exp.Placeholder, exp.Var,
    # conditions
    exp.And, exp.Or, exp.Not, exp.Paren, exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Between, exp.In, exp.Is,
    exp.Like, exp.Null, exp.Boolean, exp.Case, exp.If,
    # values
    exp.Literal, exp.Neg, exp.Add, exp.Sub, exp.Mul, exp.Cast, exp.DataType, exp.DataTypeParam, exp.Interval,
    exp.Extract,
    # windows with a full key
    exp.Window, exp.WindowSpec, exp.Order, exp.Ordered, exp.RowNumber, exp.Filter,
    # functions that mean the same in DuckDB and Spark
    exp.Count, exp.Sum, exp.Min, exp.Max, exp.ArgMax, exp.Coalesce, exp.Concat, exp.Lower, exp.Upper, exp.Substring,
    exp.DateDiff, exp.TimestampTrunc, exp.DateTrunc, exp.Translate,
}  # fmt: skip
TYPES = {"VARCHAR", "TEXT", "DATE", "UUID", "INT", "SMALLINT", "BIGINT", "DECIMAL", "BOOLEAN"}


@lru_cache(maxsize=1)
def parsed_macros() -> dict[str, tuple[list[str], exp.Expression]]:
    """Each macro's parameters and body."""
    found = {}
    for text in macros():
        tree = sqlglot.parse_one(text, read="duckdb")
        function = tree.this
        found[function.this.name] = ([p.name for p in function.expressions], tree.expression)
    return found


def expanded(tree: exp.Expression) -> exp.Expression:
    """The tree with every macro replaced by its body."""
    known = parsed_macros()
    while calls := [c for c in tree.find_all(exp.Anonymous) if c.name.lower() in known]:
        call = calls[-1]
        parameters, body = known[call.name.lower()]
        given = dict(zip(parameters, call.expressions, strict=True))

        def put(node: exp.Expression, given: dict[str, exp.Expression] = given) -> exp.Expression:
            if isinstance(node, exp.Column) and not node.table and node.name in given:
                return exp.Paren(this=given[node.name].copy())
            return node

        call.replace(exp.Paren(this=body.copy().transform(put)))
    return tree


def tree_of(key: str) -> exp.Expression:
    """The model with its macros expanded."""
    return parsed(models()[key].text)


@cache
def parsed(text: str) -> exp.Expression:
    """The parsed text with its macros expanded. The tests look at it and change nothing."""
    return expanded(written(text).copy())


@cache
def written(text: str) -> exp.Expression:
    """The parsed text as it is written."""
    return sqlglot.parse_one(text, read="duckdb")


FORBIDDEN = (
    "select first(a order by b) from x.y",
    "select list(a order by b) from x.y",
    "select hash(a) from x.y",
    "select uuid() from x.y",
    "select a from x.y asof join x.z using (b)",
    "pivot x.y on a using sum(b)",
    "select columns(*) from x.y",
    "select list_transform(a, lambda v: v) from x.y",
    "select a from x.y group by all",
    "select distinct a from x.y",
    "select extract(dow from a) from x.y",
    "select date_diff('year', a, b) from x.y",
    "select a from x.y order by a limit 1",
    "select a from x.y union select a from x.z",
    "select a::struct(b integer) from x.y",
    "select median(a) from x.y",
    "select a from x.y where regexp_matches(a, 'b')",
    "select row_number() over (partition by a order by b) from x.y",
    "select row_number() over () from x.y",
    "select cast(a as double) from x.y",
    "select a / b from x.y",
    "select b, count(*) from x.y group by upper(b)",
)


@pytest.mark.parametrize("text", FORBIDDEN, ids=range(len(FORBIDDEN)))
def test_what_is_not_portable_is_caught(text, monkeypatch):
    """The control: each forbidden construct fails one of the three tests below."""
    from wsd_pipeline.sql import parse_model

    monkeypatch.setitem(globals(), "models", lambda: {"x.made": parse_model("x.made", text)})
    caught = 0
    for rule in (only_portable, nothing_ambiguous, full_keys):
        try:
            rule("x.made")
        except AssertionError:
            caught += 1
    assert caught


def only_portable(key: str) -> None:
    """Only listed nodes, functions and types."""
    tree = tree_of(key)
    foreign = {type(n).__name__ for n in tree.walk() if type(n) not in NODES}
    foreign |= {n.name for n in tree.find_all(exp.Anonymous)}
    assert not foreign
    kinds = {d.this.name for d in tree.find_all(exp.DataType)}
    assert kinds <= TYPES
    for diff in tree.find_all(exp.DateDiff):
        assert str(diff.args["unit"]).strip("'").upper() == "DAY", "only days are counted the same everywhere"
    for part in tree.find_all(exp.Extract):
        assert part.name.lower() in ("year", "month", "day")
    for interval in tree.find_all(exp.Interval):
        assert isinstance(interval.this, exp.Literal), "an interval is a literal"


def nothing_ambiguous(key: str) -> None:
    """No distinct, no order, no union that drops rows, no grouping by expressions."""
    tree = tree_of(key)
    for select in tree.find_all(exp.Select):
        assert not select.args.get("distinct"), "distinct hides duplicates"
        assert not select.args.get("limit") and not select.args.get("order"), "rows are stored in the order of the key"
        stars = [e for e in select.expressions if isinstance(e, exp.Star)]
        froms = select.args.get("from_") or select.args.get("from")
        assert not stars or froms.this.name in {c.alias for c in tree.find_all(exp.CTE)} | {
            "condition_clusters",
            "conditions",
        }
    for join in tree.find_all(exp.Join):
        assert not join.method, "joins are plain"
    for union in tree.find_all(exp.Union):
        assert union.args.get("distinct") is False, "union all"
    for group in tree.find_all(exp.Group):
        assert not group.args.get("all")
        assert all(isinstance(e, exp.Column) for e in group.expressions), "group by columns"


def full_keys(key: str) -> None:
    """A row_number's order ends in a unique id, or in every column the partition leaves open."""
    last = {"record_id", "row_id", "spell_key", "value", "condition"}
    for window in tree_of(key).find_all(exp.Window):
        order = window.args.get("order")
        if isinstance(window.this, exp.RowNumber) or order is not None:
            assert order is not None, "a window function without order"
            ends = order.expressions[-1].this
            assert isinstance(ends, exp.Column) and ends.name in last


@pytest.mark.parametrize("rule", [only_portable, nothing_ambiguous, full_keys], ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("key", sorted(models()))
def test_models_are_portable(key, rule):
    rule(key)


def test_functions_that_depend_on_an_order_are_given_a_unique_one():
    for key, model in models().items():
        for call in written(model.text).find_all(exp.ArgMax):
            by = call.expression
            named = {c.name for c in by.find_all(exp.Column)} | {f.name for f in by.find_all(exp.Anonymous)}
            assert named & {"latest", "sort_key", "row_id"}, f"{key}: max_by on something that may tie"


@pytest.mark.parametrize("key", sorted(models()))
def test_every_model_says_what_one_row_is_and_fits_a_screen(key):
    text = models()[key].text
    first = text.splitlines()[0]
    assert re.fullmatch(rf"-- {re.escape(key)}: one row per .+\.", first), first
    if key in model_keys():
        lines = text.splitlines()
        assert len(lines) <= 80, f"{len(lines)} lines: longer means two tables"
        assert max(map(len, lines)) <= 120
        assert text.endswith("\n") and "\t" not in text
        code = "\n".join(re.sub(r"'[^']*'", "''", line.split("--")[0]) for line in lines)
        assert code == code.lower(), "lower case"


@pytest.mark.parametrize("key", sorted(models()))
def test_models_transpile_to_spark_and_keep_their_inputs(key):
    spark = tree_of(key).sql(dialect="spark", unsupported_level=sqlglot.ErrorLevel.RAISE)
    again = sqlglot.parse_one(spark, read="spark")
    reads = {f"{t.db}.{t.name}" for t in again.find_all(exp.Table) if t.db and not t.catalog}
    assert reads == set(models()[key].reads)


def test_one_macro_a_file_named_after_it_scalar_and_used():
    used = "\n".join([m.text for m in models().values()] + list(macros()))
    for path in sorted((sql_root() / "macros").glob("*.sql")):
        text = path.read_text(encoding="utf-8")
        assert text.startswith("-- ") and text.count("create function") == 1
        tree = sqlglot.parse_one(text, read="duckdb")
        assert tree.this.this.name == path.stem
        assert not tree.find(exp.Select), "macros are scalar"
        assert len(re.findall(rf"\b{path.stem}\(", used)) > 1, f"{path.stem} is not used"


@pytest.mark.slow
def test_every_column_a_model_reads_is_in_its_contract(tmp_path):
    """Bound, not guessed: each model runs over empty tables of the contracts and gives its own contract's columns."""
    from datetime import date

    from tests.drawing_board import drawing_board, engine_in
    from wsd_pipeline import sql
    from wsd_pipeline.contracts.core import Measure, Published
    from wsd_pipeline.steps import run_step

    def made_by(con, key, model):
        sql.attach_reference(con, sorted(r for r in model.reads if r.startswith("reference.")))
        sql.attach_empty(con, {r: tables()[r] for r in model.reads if not r.startswith("reference.")})
        sql.attach_empty(con, {r: tables()[r] for r in model.previous}, "previous.")
        given = {"snapshot_date": date(2026, 1, 31), "month": "2026-01"}
        con.execute(f"create table made as {model.text}", {p: given[p] for p in model.parameters} or None)
        run_step(con, key)
        return {row[0] for row in con.execute("describe made").fetchall()}

    def wanted_of(key):
        table = tables()[key]
        measures = [c for c in table.columns if isinstance(c, Published)]
        given_exact = (Measure.COUNT, Measure.MONEY)
        later = {c.status_column for c in measures} | {c.name for c in measures if c.measure not in given_exact}
        columns = {c.name for c in table.columns}
        used = {name for c in measures for name in c.of} - columns  # of the model only: what measures are made of
        return (columns - later) | used

    with engine_in(tmp_path) as engine:
        for key, model in models().items():
            with drawing_board(engine) as con:
                assert made_by(con, key, model) == wanted_of(key), key


@pytest.mark.parametrize("key", sorted(models()))
def test_lineage_read_from_words_is_that_of_the_parsed_query(key):
    tables_read = [t for t in tree_of(key).find_all(exp.Table) if t.db]
    assert models()[key].reads == {f"{t.db}.{t.name}" for t in tables_read if not t.catalog}
    assert models()[key].previous == {f"{t.db}.{t.name}" for t in tables_read if t.catalog}
