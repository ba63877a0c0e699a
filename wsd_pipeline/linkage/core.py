"""Tokens in, people out: the pure core of linkage. No key, no file, no clock; the same input gives the same output."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wsd_pipeline.contracts.core import Table
from wsd_pipeline.contracts.linked import EDGES, REVIEW, SPINE
from wsd_pipeline.contracts.tokens import CLOSED_RECORDS, CLOSURES, IDENTITIES, NAMES
from wsd_pipeline.linkage import (
    accuracy,
    cascade,
    closures,
    conflicts,
    diagnostics,
    evidence,
    holdout,
    ledger,
    merging,
    objections,
    people,
    records,
    review,
    standing,
    waterfall,
)
from wsd_pipeline.linkage.aside import Aside
from wsd_pipeline.linkage.rules import RULES, Limits, Rule

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    Connection = duckdb.DuckDBPyConnection

Scorer = Callable[["Connection", str, str, Aside], "pa.Table"]
"""Step 5. Called with the session, the names of two views of `rec`'s columns with `rec` and `cluster` (what is left
open, and everybody), and where to start what nothing else waits for. Returns likely pairs: rec, other_rec (a record of
the person), match_weight, match_share, margin_share, is_accepted. The guards of the other steps apply to those
accepted; the others, and those refused, are for a person to see."""


@dataclass(kw_only=True)
class Inputs:
    """What a month is linked from, as Arrow tables (or paths of nothing: None is an empty table).

    `identities`: this month's tokens. `known`: tokens last known of records of last month's spine, of those at least
    that changed or left.
    `names`: what the names of both look like. `closures`: numbers closed for adoption or gender recognition, of this
    month or before; `closed`: records that bore one of them last.
    `decisions`: decision_number, decision (same, not_same), source_a, record_id_a, source_b, record_id_b; of two
    decisions on a pair the later number counts. `truth`: source, record_id, true_person and attributes.
    `opted_out`, `taken_before`: see `objections`.
    `identities` and `known` are let go of once they are read.
    """

    identities: pa.Table
    known: pa.Table | None = None
    names: pa.Table | None = None
    closures: pa.Table | None = None
    closed: pa.Table | None = None
    spine: pa.Table | None = None
    edges: pa.Table | None = None
    review: pa.Table | None = None
    decisions: pa.Table | None = None
    truth: pa.Table | None = None
    opted_out: pa.Table | None = None
    taken_before: pa.Table | None = None
    ledger_head: str = ledger.GENESIS


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of it. Tables: `out_edges`, `out_spine`, `out_ledger`, `out_review`, `out_accuracy`,
    `out_evidence`, `out_holdout`."""

    ledger_head: str
    tally: merging.Tally
    facts: Mapping[str, int] = field(default_factory=dict)


def link(
    con: Connection,
    month: str,
    inputs: Inputs,
    spine_hmac: people.SpineHmac,
    *,
    rules: tuple[Rule, ...] = RULES,
    limits: Limits = Limits(),  # noqa: B008
    scorer: Scorer | None = None,
    aside: Aside | None = None,
) -> Outcome:
    """Link the month in the fresh session `con`. Stops with WSD-220 where a rule would compare too many pairs.

    Given `aside`, what is said of the month (`out_accuracy`, `out_evidence`, `out_holdout`) stands when that is done.
    """
    if aside is None:
        with Aside(con) as own:
            return link(con, month, inputs, spine_hmac, rules=rules, limits=limits, scorer=scorer, aside=own)
    register(con, inputs)
    diagnostics.define_steps(con)
    records.prepare(con, month, inputs.identities, inputs.spine)
    if inputs.truth is not None:
        aside.start(accuracy.tell, inputs.truth)
    closures.prepare(con)
    objections.mark(con, inputs.opted_out, inputs.taken_before)
    _let_go(con, inputs)
    standing.set_up(con)
    objections.mark_again(con)
    standing.know_after(con)
    evidence.start(con)
    holdout.start(con)
    waterfall.start(con)
    tally = run_cascade(con, rules, limits, scorer, aside)
    diagnostics.gather(con)
    people.name_people(con, month, spine_hmac)
    people.tell_events(con)
    diagnostics.write_spine(con, month, is_scored=tally.is_scored)
    objections.take_out(con)
    aside.start(_judge, has_truth=inputs.truth is not None)
    head = ledger.write_ledger(con, month, inputs.ledger_head)
    closures.tell_clusters(con)
    review.write_review(con, month)
    closures.keep(con)
    return Outcome(ledger_head=head, tally=tally, facts=_facts(con, tally))


def _judge(con: Connection, *, has_truth: bool) -> None:
    """What is said of the month as a whole."""
    accuracy.write_accuracy(con, has_truth=has_truth)
    evidence.write_evidence(con)
    holdout.write_holdout(con)


def run_cascade(
    con: Connection, rules: tuple[Rule, ...], limits: Limits, scorer: Scorer | None, aside: Aside
) -> merging.Tally:
    """Decisions, the rules that use the number, its conflicts set aside, the other rules, the scorer."""
    tally = merging.Tally()
    merging.start(con)
    cascade.apply_decisions(con, limits, tally)
    numbered = [rule for rule in rules if "nhs" in rule.key]
    for rule in numbered:
        cascade.apply_rule(con, rule, limits, tally)
    tally.nhs_conflict_records = conflicts.set_aside(con)
    for rule in rules:
        if rule not in numbered:
            cascade.apply_rule(con, rule, limits, tally)
    for done in ("profile", "block", "member"):
        con.execute(f"drop table if exists {done}")
    cascade.start_scores(con)
    if scorer is not None:
        cascade.apply_scores(con, scorer, limits, tally, aside)
    return tally


def register(con: Connection, inputs: Inputs) -> None:
    """The inputs as views (or empty tables) of the session, typed by their contracts."""
    con.register("identities_rows", inputs.identities)
    _view(con, "identities", IDENTITIES, "identities_rows")
    for name, table, contract in (
        ("known", inputs.known, IDENTITIES),
        ("names", inputs.names, NAMES),
        ("closures", inputs.closures, CLOSURES),
        ("closed_before", inputs.closed, CLOSED_RECORDS),
        ("spine_before", inputs.spine, SPINE),
        ("edges_before", inputs.edges, EDGES),
        ("review_before", inputs.review, REVIEW),
    ):
        if table is not None:
            con.register(f"{name}_rows", table)
        _view(con, name, contract, f"{name}_rows" if table is not None else None)
    if inputs.decisions is not None:
        con.register("decisions_rows", inputs.decisions)
        con.execute(
            """
            create view decisions as
            select decision_number, decision, source_a, record_id_a::uuid as record_id_a,
                source_b, record_id_b::uuid as record_id_b
            from decisions_rows
            """
        )
    else:
        con.execute(
            "create table decisions (decision_number bigint, decision varchar, source_a varchar, record_id_a uuid,"
            " source_b varchar, record_id_b uuid)"
        )


def _let_go(con: Connection, inputs: Inputs) -> None:
    """Free the tokens that `records.prepare` has read: half of what a following month would hold at its peak."""
    con.execute("drop view identities")
    con.unregister("identities_rows")
    if inputs.known is not None:
        con.execute("drop view known")
        con.unregister("known_rows")
    inputs.identities, inputs.known = inputs.identities.schema.empty_table(), None


def _view(con: Connection, name: str, contract: Table, rows: str | None) -> None:
    """The rows typed by the contract, or an empty table of it."""
    if rows is None:
        columns = ", ".join(f'"{c.name}" {c.type}' for c in contract.columns)
        con.execute(f"create table {name} ({columns})")
        return
    columns = ", ".join(f'cast("{c.name}" as {c.type}) as "{c.name}"' for c in contract.columns)
    con.execute(f"create view {name} as select {columns} from {rows}")


def _facts(con: Connection, tally: merging.Tally) -> dict[str, int]:
    """Counts of the month, for the report: people and records by step, events, and what was refused."""
    facts = {
        "ambiguous_clusters": tally.ambiguous_clusters,
        "over_cap_clusters": tally.over_cap_clusters,
        "nhs_conflict_records": tally.nhs_conflict_records,
        "pairs_compared": sum(tally.pairs.values()),
        "review_pairs": con.execute("select count(*) from out_review").fetchall()[0][0],
    }
    for step, records_of_step in con.execute(
        "select step, count(*) from out_spine where is_current group by step order by step"
    ).fetchall():
        facts[f"records_{step}"] = records_of_step
    for event, events in con.execute("select event, count(*) from out_ledger group by event order by event").fetchall():
        facts[f"events_{event}"] = events
    facts |= objections.facts(con)
    facts["people"] = con.execute(
        "select count(distinct person_id) from out_spine where is_current and not is_one_time"
    ).fetchall()[0][0]
    return facts
