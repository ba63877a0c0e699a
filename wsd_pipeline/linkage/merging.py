"""Merging clusters under the guards. Ambiguity means no match.

Whatever the rule: a person never holds two valid NHS numbers, nor both sides of a closure (see `closures`); people
who may be twins need forenames that agree;
pairs decided `not_same` stay apart; no person of more records than the cap. Leaves in the session:

    rec        its `cluster`, after each merge
    accepted   rec_a, rec_b, step, rule and scores: the pairs that made this month's merges
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wsd_pipeline.linkage import closures
from wsd_pipeline.linkage.clusters import components
from wsd_pipeline.linkage.rules import Limits

if TYPE_CHECKING:
    import duckdb

    Connection = duckdb.DuckDBPyConnection

NO_SCORES = "null::decimal(9,3) as match_weight, null::decimal(9,6) as match_share, null::decimal(9,6) as margin_share"


@dataclass
class Tally:
    """Counts of a month's run, by rule: pairs compared, merges accepted, joins refused and why."""

    pairs: dict[str, int] = field(default_factory=dict)
    accepted: dict[str, int] = field(default_factory=dict)
    ambiguous_clusters: int = 0
    over_cap_clusters: int = 0
    nhs_conflict_records: int = 0
    possible_twins: int = 0
    is_scored: bool = False


def start(con: Connection) -> None:
    """An empty `accepted` and `candidate`."""
    con.execute(f"create table accepted as select 0 as rec_a, 0 as rec_b, '' as step, '' as rule, {NO_SCORES} limit 0")
    con.execute(f"create table candidate as select 0 as a, 0 as b, 0 as rec_a, 0 as rec_b, {NO_SCORES} limit 0")


def merge(con: Connection, step: str, rule: str, *, is_unique: bool, limits: Limits, tally: Tally) -> None:
    """Merge the clusters of `candidate` (a, b, rec_a, rec_b, scores) that pass the guards; note the pairs accepted."""
    if not con.execute("select 1 from candidate limit 1").fetchall():
        return
    con.execute(
        """
        create or replace table cluster_nhs as
        select cluster, min(nhs) as nhs, max(nhs) as last_nhs
        from rec
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
    closures.drop_candidates(con)
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
        con.execute("update rec set cluster = part.cluster from part where part.code = rec.cluster")


def _label_components(con: Connection) -> None:
    """`part`: the clusters of `candidate` (`code`) and the cluster they would become (`cluster`)."""
    import numpy as np
    import pyarrow as pa

    pairs = con.execute("select a, b from candidate").fetchnumpy()
    codes, places = np.unique(np.concatenate([pairs["a"], pairs["b"]]), return_inverse=True)
    half = len(places) // 2
    labels = components(places[:half], places[half:], len(codes))
    con.register(
        "part_rows", pa.table({"code": pa.array(codes, pa.int32()), "cluster": pa.array(codes[labels], pa.int32())})
    )
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
        con.execute("update rec set is_multiple_match = true where cluster in (from ambiguous)")


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
            from part as p join rec on rec.cluster = p.code
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
    closures.refuse_components(con)
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
            update rec set is_over_cap = true
            where cluster in (select code from part where cluster in (select cluster from refused where is_over_cap))
            """
        )
    con.execute(
        """
        delete from candidate where a in (select code from part semi join refused using (cluster))
        """
    )
    con.execute("delete from part where cluster in (select cluster from refused)")


def _refuse_clashes(con: Connection) -> None:
    """Refuse components in which two clusters have forenames quite unknown to each other: twins joined by a third.

    An initial alone and a name one edit away are not quite unknown.
    """
    con.execute(
        """
        create or replace table clash as
        with several as (  -- of two clusters the pair itself is what was compared
            select cluster from part group by cluster having count(*) > 2
        ),
        differing as (
            select p.cluster
            from part as p semi join several using (cluster)
            join rec as r on r.cluster = p.code
            group by p.cluster having min(r.forename) != max(r.forename)
        ),
        named as (
            select p.cluster, p.code, flatten(list(r.name_tokens)) as names, list(distinct r.forename) as forenames
            from part as p semi join differing using (cluster)
            join rec as r on r.cluster = p.code
            where r.forename is not null and p.cluster not in (select cluster from refused)
            group by p.cluster, p.code
        )
        select l.cluster, l.code as code_a, r.code as code_b
        from named as l join named as r on l.cluster = r.cluster and l.code < r.code
        anti join candidate as c on c.a = l.code and c.b = r.code
        where not (list_has_any(l.forenames, r.names) and list_has_any(r.forenames, l.names))
        """
    )
    con.execute(
        """
        insert into refused
        with spelt as (
            select r.cluster as code, r.forename_initial as initial,
                n.prefix_token is null and n.name_token is not null as is_short, n.variant_tokens as variants
            from rec as r left join names as n on n.name_token = r.forename
            where r.forename is not null
                and r.cluster in (select code_a from clash union all select code_b from clash)
            group by all
        ),
        alike as (
            select distinct c.code_a, c.code_b
            from clash as c join spelt as l on l.code = c.code_a join spelt as r on r.code = c.code_b
            where (l.initial = r.initial and (l.is_short or r.is_short)) or list_has_any(l.variants, r.variants)
        )
        select distinct c.cluster, false from clash as c anti join alike using (code_a, code_b)
        """
    )
