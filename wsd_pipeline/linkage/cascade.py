"""Running the rules: candidate pairs of clusters, guards, merges. Ambiguity means no match.

Works on `rec`, `label`, `open_record` of the session (see `records`, `standing`) and leaves there:

    accepted   rec_a, rec_b, step, rule, match_weight, match_share, margin_share: the pairs that made this month's merges

Guards, whatever the rule: a person never holds two valid NHS numbers; people who may be twins need forenames that
agree; pairs decided `not_same` stay apart; no person of more records than the cap.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wsd_pipeline.linkage.clusters import components
from wsd_pipeline.linkage.rules import Limits, Rule
from wsd_pipeline.messages import Stop

if TYPE_CHECKING:
    import duckdb

    Connection = duckdb.DuckDBPyConnection

_SCORES = "null::decimal(9,3) as match_weight, null::decimal(9,6) as match_share, null::decimal(9,6) as margin_share"
_COMPARED = (
    "nhs", "birth_date", "birth_year", "birth_month", "birth_day", "is_heaped", "sex", "postcode", "outward", "uprn",
    "practice", "forename", "surname", "forename_phonetic", "surname_phonetic", "name_tokens",
)  # fmt: skip


@dataclass
class Tally:
    """Counts of a month's run, by rule: pairs compared, merges accepted, joins refused and why."""

    pairs: dict[str, int] = field(default_factory=dict)
    accepted: dict[str, int] = field(default_factory=dict)
    ambiguous_clusters: int = 0
    over_cap_clusters: int = 0
    nhs_conflict_records: int = 0


def start(con: Connection) -> None:
    """An empty `accepted`."""
    con.execute(f"create table accepted as select 0 as rec_a, 0 as rec_b, '' as step, '' as rule, {_SCORES} limit 0")


def apply_rule(con: Connection, rule: Rule, limits: Limits, tally: Tally) -> None:
    """Join what the rule joins. Stops with WSD-220 where it would compare more pairs than the limit."""
    if rule.is_whole_group:
        _whole_groups(con, rule)
    else:
        tally.pairs[rule.name] = _compared_pairs(con, rule, limits)
    merge(con, rule.step, rule.name, is_unique=rule.is_unique, limits=limits, tally=tally)


def _whole_groups(con: Connection, rule: Rule) -> None:
    """Candidates where one key is one person: each cluster of the group with the group's first.

    The first is never a record that a decision may take out, or the group would fall apart with it.
    """
    key = ", ".join(rule.key)
    known = " and ".join(f"{k} is not null" for k in rule.key)
    con.execute(
        f"""
        create or replace table candidate as
        with member as (
            select {key}, cluster, min(rec) as rec, bool_or(rec in (select rec_b from decided_pair)) as is_removable
            from rec join label using (rec)
            semi join (select {key} from rec where rec in (from open_record)) as fresh using ({key})
            where {known} and not is_excluded
            group by {key}, cluster
        ),
        grouped as (
            select *, first_value(rec) over w as first_rec, first_value(cluster) over w as first_cluster
            from member
            window w as (partition by {key} order by is_removable, rec)
        )
        select first_cluster as a, cluster as b, first_rec as rec_a, rec as rec_b, {_SCORES}
        from grouped
        where cluster != first_cluster
        """
    )


def _compared_pairs(con: Connection, rule: Rule, limits: Limits) -> int:
    """Candidates by comparing the records that share the rule's key; the number of pairs compared.

    Records of one cluster that look the same to the rule are compared once.
    """
    key = ", ".join(rule.key)
    known = " and ".join(f"{k} is not null" for k in rule.key)
    condition = rule.condition()
    used = [c for c in _COMPARED if c in rule.key or f".{c}" in condition]
    columns = ", ".join(used)
    con.execute(
        f"""
        create or replace table profile as
        select {columns}, cluster, min(rec) as rec, bool_or(rec in (from open_record)) as is_open
        from rec join label using (rec)
        semi join (select {key} from rec where rec in (from open_record)) as fresh using ({key})
        where {known} and not is_excluded
        group by {columns}, cluster
        """
    )
    con.execute(
        f"""
        create or replace table block as
        select {key}, count(*) as members, count(*) filter (where is_open) as fresh
        from profile group by {key}
        having count(distinct cluster) > 1 and bool_or(is_open)
        """
    )
    total, records = con.execute(
        """
        select coalesce(sum(fresh * (members - fresh) + fresh * (fresh - 1) // 2), 0)::bigint, (select count(*) from rec)
        from block
        """
    ).fetchall()[0]
    if total > limits.pairs(records):
        _stop_for_pairs(con, rule, total, limits.pairs(records))
    equal = " and ".join(f"l.{k} = r.{k}" for k in rule.key)
    con.execute(
        f"""
        create or replace table candidate as
        with blocked as (select p.* from profile as p semi join block using ({key}))
        select l.cluster as a, r.cluster as b, min(l.rec) as rec_a, min(r.rec) as rec_b, {_SCORES}
        from blocked as l join blocked as r on {equal} and l.cluster < r.cluster
        where (l.is_open or r.is_open) and {condition}
        group by l.cluster, r.cluster
        """
    )
    return int(total)


def _stop_for_pairs(con: Connection, rule: Rule, pairs: int, limit: int) -> None:
    """Name the source that fills the largest block: usually its default values do."""
    key = ", ".join(rule.key)
    source = con.execute(
        f"""
        with largest as (select {key} from block order by members desc, {key} limit 1)
        select source from rec semi join largest using ({key}) join numbered using (rec)
        group by source order by count(*) desc, source limit 1
        """
    ).fetchall()[0][0]
    raise Stop("WSD-220", pairs=f"{pairs:,}", limit=f"{limit:,}", source=source) from None


def merge(con: Connection, step: str, rule: str, *, is_unique: bool, limits: Limits, tally: Tally) -> None:
    """Merge the clusters of `candidate` (a, b, rec_a, rec_b, scores) that pass the guards; note the pairs accepted."""
    if not con.execute("select count(*) from candidate").fetchall()[0][0]:
        return
    con.execute(
        """
        create or replace table cluster_nhs as
        select cluster, min(nhs) as nhs, max(nhs) as last_nhs
        from rec join label using (rec)
        where nhs is not null and cluster in (select a from candidate union select b from candidate)
        group by cluster
        """
    )
    con.execute(
        """
        create or replace table candidate as
        select c.*
        from candidate as c left join cluster_nhs as x on x.cluster = c.a left join cluster_nhs as y on y.cluster = c.b
        where x.nhs is null or y.nhs is null or (x.nhs = y.nhs and x.last_nhs = y.last_nhs)
        """
    )
    if is_unique:
        _drop_ambiguous(con, tally)
    _label_components(con)
    while _drop_decided_apart(con):
        _label_components(con)
    _refuse_components(con, is_unique, limits, tally)
    accepted = con.execute(
        """
        insert into accepted
        select least(rec_a, rec_b), greatest(rec_a, rec_b), $step, $rule, match_weight, match_share, margin_share
        from candidate
        """,
        {"step": step, "rule": rule},
    ).fetchall()[0][0]
    tally.accepted[rule] = tally.accepted.get(rule, 0) + int(accepted)
    if accepted:
        con.execute(
            """
            create or replace table label as
            select rec, coalesce(p.cluster, label.cluster) as cluster
            from label left join part as p on p.code = label.cluster
            """
        )


def _label_components(con: Connection) -> None:
    """`part`: the clusters of `candidate` (`code`) and the cluster they would become (`cluster`)."""
    import numpy as np
    import pyarrow as pa

    pairs = con.execute("select a, b from candidate").fetchnumpy()
    codes, places = np.unique(np.concatenate([pairs["a"], pairs["b"]]), return_inverse=True)
    half = len(places) // 2
    labels = components(places[:half], places[half:], len(codes))
    con.register("part_rows", pa.table({"code": pa.array(codes, pa.int32()), "cluster": pa.array(codes[labels], pa.int32())}))
    con.execute("create or replace table part as select * from part_rows")
    con.unregister("part_rows")


def _drop_ambiguous(con: Connection, tally: Tally) -> None:
    """A cluster without a number that would join two people of different numbers joins neither."""
    con.execute(
        """
        create or replace table ambiguous as
        with neighbour as (
            select a as cluster, b as other from candidate union all select b, a from candidate
        )
        select n.cluster from neighbour as n join cluster_nhs as c on c.cluster = n.other
        where n.cluster not in (select cluster from cluster_nhs)
        group by n.cluster having count(distinct c.nhs) > 1
        """
    )
    _flag_ambiguous(con, tally)
    con.execute("delete from candidate where a in (from ambiguous) or b in (from ambiguous)")


def _flag_ambiguous(con: Connection, tally: Tally) -> None:
    count = con.execute("select count(*) from ambiguous").fetchall()[0][0]
    tally.ambiguous_clusters += int(count)
    if count:
        con.execute(
            "update rec set is_multiple_match = true from label where label.rec = rec.rec and label.cluster in (from ambiguous)"
        )


def _drop_decided_apart(con: Connection) -> bool:
    """Take the second record of a pair decided `not_same` out of a component that holds both; whether there was one."""
    removed = con.execute(
        """
        with apart as (
            select distinct lb.cluster
            from decided_pair as d
            join label as la on la.rec = d.rec_a join label as lb on lb.rec = d.rec_b
            join part as pa on pa.code = la.cluster join part as pb on pb.code = lb.cluster
            where d.decision = 'not_same' and pa.cluster = pb.cluster and la.cluster != lb.cluster
        )
        delete from candidate where a in (from apart) or b in (from apart)
        """
    ).fetchall()[0][0]
    return bool(removed)


def _refuse_components(con: Connection, is_unique: bool, limits: Limits, tally: Tally) -> None:
    """Drop candidates of components that hold two numbers, too many records, or (where it must be unique) a clash."""
    con.execute(
        """
        create or replace table refused as
        with size as (
            select p.cluster, count(*) as records
            from part as p join label on label.cluster = p.code
            group by p.cluster
        ),
        numbers as (
            select p.cluster, min(c.nhs) != max(c.last_nhs) as has_two
            from part as p join cluster_nhs as c on c.cluster = p.code
            group by p.cluster
        )
        select s.cluster, s.records > $cap as is_over_cap
        from size as s left join numbers as n using (cluster)
        where s.records > $cap or n.has_two
        """,
        {"cap": limits.cluster_records},
    )
    if is_unique:
        _refuse_clashes(con)
    con.execute(
        """
        create or replace table ambiguous as
        select p.code as cluster from part as p join refused as r using (cluster)
        where not r.is_over_cap and p.code not in (select cluster from cluster_nhs)
        """
    )
    _flag_ambiguous(con, tally)
    over = con.execute("select count(*) from refused where is_over_cap").fetchall()[0][0]
    tally.over_cap_clusters += int(over)
    if over:
        con.execute(
            """
            update rec set is_over_cap = true from label join part on part.code = label.cluster
            where label.rec = rec.rec and part.cluster in (select cluster from refused where is_over_cap)
            """
        )
    con.execute(
        """
        delete from candidate where a in (select code from part semi join refused using (cluster))
        """
    )
    con.execute("delete from part where cluster in (select cluster from refused)")


def _refuse_clashes(con: Connection) -> None:
    """Refuse components in which two clusters have forenames quite unknown to each other: twins joined by a third."""
    con.execute(
        """
        insert into refused
        with named as (
            select p.cluster, p.code, flatten(list(r.name_tokens)) as names, list(distinct r.forename) as forenames
            from part as p join label on label.cluster = p.code join rec as r using (rec)
            where r.forename is not null and p.cluster not in (select cluster from refused)
            group by p.cluster, p.code
        )
        select distinct l.cluster, false
        from named as l join named as r on l.cluster = r.cluster and l.code < r.code
        anti join candidate as c on c.a = l.code and c.b = r.code
        where not (list_has_any(l.forenames, r.names) and list_has_any(r.forenames, l.names))
        """
    )


def apply_decisions(con: Connection, limits: Limits, tally: Tally) -> None:
    """Join what a person decided is the same; nothing but a later decision stands above it."""
    con.execute(
        f"""
        create or replace table candidate as
        select least(a.cluster, b.cluster) as a, greatest(a.cluster, b.cluster) as b, min(d.rec_a) as rec_a, min(d.rec_b) as rec_b, {_SCORES}
        from decided_pair as d join label as a on a.rec = d.rec_a join label as b on b.rec = d.rec_b
        where d.decision = 'same' and a.cluster != b.cluster
        group by least(a.cluster, b.cluster), greatest(a.cluster, b.cluster)
        """
    )
    merge(con, "decision", "decided_same", is_unique=False, limits=limits, tally=tally)


def apply_scores(con: Connection, scorer: Scorer, limits: Limits, tally: Tally) -> None:
    """Step 5: what the scorer accepts of what is left, under the same guards.

    Left are the records of open clusters that have no NHS number, or stand alone.
    """
    con.execute(
        """
        create or replace view people_record as
        select n.source, n.record_id, l.cluster, r.* exclude (is_current)
        from rec as r join numbered as n using (rec) join label as l using (rec)
        where not r.is_excluded
        """
    )
    con.execute(
        """
        create or replace view left_record as
        select * from people_record
        where cluster in (
            select cluster from rec join label using (rec)
            group by cluster
            having bool_or(rec in (from open_record)) and (count(nhs) = 0 or count(*) = 1)
        )
        """
    )
    con.register("score_rows", scorer(con, "left_record", "people_record"))
    con.execute(
        """
        create or replace table candidate as
        select least(l.cluster, s.cluster) as a, greatest(l.cluster, s.cluster) as b,
            min(n.rec) as rec_a, min(t.rec) as rec_b,
            max(s.match_weight)::decimal(9,3) as match_weight, max(s.match_share)::decimal(9,6) as match_share,
            max(s.margin_share)::decimal(9,6) as margin_share
        from score_rows as s
        join numbered as n on n.source = s.source and n.record_id = s.record_id::uuid
        join label as l on l.rec = n.rec
        join (select cluster, min(rec) as rec from label group by cluster) as t on t.cluster = s.cluster
        where l.cluster != s.cluster
        group by least(l.cluster, s.cluster), greatest(l.cluster, s.cluster)
        """
    )
    con.unregister("score_rows")
    merge(con, "probabilistic", "scored", is_unique=True, limits=limits, tally=tally)
