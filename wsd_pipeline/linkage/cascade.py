"""Running the rules: which clusters each would join, by comparing only records that share its key.

Works on `rec` of the session (see `records`, `standing`); what is joined, `merging` decides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsd_pipeline.linkage.merging import NO_SCORES, Tally, merge
from wsd_pipeline.linkage.rules import Limits, Rule
from wsd_pipeline.messages import Stop

if TYPE_CHECKING:
    import duckdb

    from wsd_pipeline.linkage.aside import Aside
    from wsd_pipeline.linkage.core import Scorer

    Connection = duckdb.DuckDBPyConnection

_COMPARED = (
    "nhs", "birth_date", "birth_year", "birth_month", "birth_day", "is_heaped", "is_forename_doubtful", "sex",
    "postcode", "outward", "uprn", "practice", "forename", "surname", "forename_phonetic", "surname_phonetic",
    "name_tokens",
)  # fmt: skip

_SCORED = (
    "forename", "surname", "former_surname", "other_name", "last_other_name", "forename_phonetic", "surname_phonetic",
    "forename_initial", "forename_left_out", "birth_date", "birth_year", "birth_month", "birth_day", "is_heaped", "sex",
    "postcode", "sector", "outward", "uprn",
)  # fmt: skip
"""What scoring looks at besides the number: records of a cluster equal in all of it are scored once."""


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
            from rec semi join (select {key} from rec where is_open) as fresh using ({key})
            where {known} and not is_excluded
            group by {key}, cluster
        ),
        grouped as (
            select *, first_value(rec) over w as first_rec, first_value(cluster) over w as first_cluster
            from member
            window w as (partition by {key} order by is_removable, rec)
        )
        select first_cluster as a, cluster as b, first_rec as rec_a, rec as rec_b, {NO_SCORES}
        from grouped
        where cluster != first_cluster
        """
    )


def _compared_pairs(con: Connection, rule: Rule, limits: Limits) -> int:
    """Candidates by comparing the records that share the rule's key; the number of pairs compared.

    Records of one cluster that look the same to the rule are compared once.
    """
    key = ", ".join(rule.key)
    condition = rule.condition()
    used = [c for c in _COMPARED if c in rule.key or f".{c}" in condition]
    columns = ", ".join(used)
    if not _share_keys(con, rule):
        con.execute("delete from candidate")
        return 0
    con.execute(
        f"""
        create or replace table profile as
        select {columns}, cluster, min(rec) as rec, bool_or(is_open) as is_open
        from rec semi join shared_key using ({key})
        where not is_excluded
        group by {columns}, cluster
        """
    )
    con.execute(
        f"""
        create or replace table block as
        select {key}, count(*) as members, count(*) filter (where is_open) as fresh
        from profile group by {key}
        """
    )
    total = con.execute(
        "select coalesce(sum(fresh * (members - fresh) + fresh * (fresh - 1) // 2), 0)::bigint from block"
    ).fetchall()[0][0]
    if total > limits.pairs_floor:
        limit = limits.pairs(con.execute("select count(*) from rec").fetchall()[0][0])
        if total > limit:
            _stop_for_pairs(con, rule, total, limit)
    if not total:
        con.execute("delete from candidate")
        return 0
    equal = " and ".join(f"l.{k} = r.{k}" for k in rule.key)
    con.execute(
        f"""
        create or replace table candidate as
        select l.cluster as a, r.cluster as b, min(l.rec) as rec_a, min(r.rec) as rec_b, {NO_SCORES}
        from profile as l join profile as r on {equal} and l.cluster < r.cluster
        where (l.is_open or r.is_open) and {condition}
        group by l.cluster, r.cluster
        """
    )
    return int(total)


def _share_keys(con: Connection, rule: Rule) -> int:
    """`shared_key`: the rule's keys that more than one cluster has, and something open among them; how many."""
    key = ", ".join(rule.key)
    known = " and ".join(f"{k} is not null" for k in rule.key)
    everything = con.execute("select (select count(*) from open_record) = (select count(*) from rec)").fetchall()[0][0]
    fresh = "" if everything else f"semi join (select {key} from rec where is_open) using ({key})"
    made = con.execute(
        f"""
        create or replace table shared_key as
        select {key}
        from rec {fresh}
        where {known} and not is_excluded
        group by {key}
        having min(cluster) != max(cluster)
        """
    )
    return int(made.fetchall()[0][0])


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


def apply_decisions(con: Connection, limits: Limits, tally: Tally) -> None:
    """Join what a person decided is the same; nothing but a later decision stands above it."""
    con.execute(
        f"""
        create or replace table candidate as
        select least(a.cluster, b.cluster) as a, greatest(a.cluster, b.cluster) as b,
            min(d.rec_a) as rec_a, min(d.rec_b) as rec_b, {NO_SCORES}
        from decided_pair as d join label as a on a.rec = d.rec_a join label as b on b.rec = d.rec_b
        where d.decision = 'same' and a.cluster != b.cluster
        group by least(a.cluster, b.cluster), greatest(a.cluster, b.cluster)
        """
    )
    merge(con, "decision", "decided_same", is_unique=False, limits=limits, tally=tally)


def start_scores(con: Connection) -> None:
    """`left_rec`, the records scored this month, and `scored`, the likely pairs found: both empty to begin with."""
    con.execute("create table left_rec as select 0 as rec limit 0")
    con.execute(
        f"create table scored as select 0 as rec_a, 0 as rec_b, {NO_SCORES}, true as is_accepted,"
        " false as is_possible_twin limit 0"
    )


def apply_scores(con: Connection, scorer: Scorer, limits: Limits, tally: Tally, aside: Aside) -> None:
    """Step 5: what the scorer accepts of what is left, under the same guards, and one more for twins.

    Left are the records of open clusters that have no NHS number, or stand alone.
    """
    if con.execute("select count(distinct cluster) from rec").fetchall()[0][0] < limits.scored_people:
        return
    tally.is_scored = True
    con.execute(
        """
        insert into left_rec
        select rec from rec where cluster in (
            select cluster from rec
            where cluster in (select cluster from rec where is_open)
            group by cluster
            having count(nhs) = 0 or count(*) = 1
        )
        """
    )
    compared = ", ".join(f"r.{column}" for column in _SCORED)
    con.execute(
        f"""
        create view people_record as
        select min(r.rec) as rec, count(*) as records, r.cluster, max(r.nhs) as nhs, {compared}
        from rec as r
        where not r.is_excluded
        group by r.cluster, {compared}
        """
    )
    con.execute(
        f"""
        create or replace view left_record as
        select r.rec, r.cluster, r.nhs, {compared}
        from rec as r
        where not r.is_excluded and r.rec in (select rec from left_rec)
        """
    )
    con.register("score_rows", scorer(con, "left_record", "people_record", aside))
    con.execute(
        """
        insert into scored
        select rec as rec_a, other_rec as rec_b, match_weight::decimal(9,3), match_share::decimal(9,6),
            margin_share::decimal(9,6), is_accepted, false as is_possible_twin
        from score_rows
        """
    )
    con.unregister("score_rows")
    con.execute("drop view left_record; drop view people_record")
    tally.possible_twins = _possible_twins(con)
    con.execute(
        """
        create or replace table candidate as
        select least(l.cluster, o.cluster) as a, greatest(l.cluster, o.cluster) as b,
            arg_min(s.rec_a, (-s.match_weight, s.rec_a, s.rec_b)) as rec_a,
            arg_min(s.rec_b, (-s.match_weight, s.rec_a, s.rec_b)) as rec_b,
            max(s.match_weight) as match_weight, max(s.match_share) as match_share, max(s.margin_share) as margin_share
        from scored as s join label as l on l.rec = s.rec_a join label as o on o.rec = s.rec_b
        where s.is_accepted and not s.is_possible_twin and l.cluster != o.cluster
        group by least(l.cluster, o.cluster), greatest(l.cluster, o.cluster)
        """
    )
    merge(con, "probabilistic", "scored", is_unique=True, limits=limits, tally=tally)


def _possible_twins(con: Connection) -> int:
    """Mark pairs whose forenames only resemble each other, where a third of another name shares birthday and home.

    Forenames one edit apart are no twins' where the third's is further from both.
    """
    return int(
        con.execute(
            """
            update scored set is_possible_twin = true
            from (
                select distinct s.rec_a, s.rec_b
                from scored as s
                join rec as a on a.rec = s.rec_a
                join rec as b on b.rec = s.rec_b
                join rec as o on o.birth_date = a.birth_date and (o.uprn = a.uprn or o.postcode = a.postcode)
                left join names as na on na.name_token = a.forename
                left join names as nb on nb.name_token = b.forename
                left join names as no on no.name_token = o.forename
                where s.is_accepted and a.birth_date = b.birth_date and o.cluster not in (a.cluster, b.cluster)
                    and not list_contains(a.name_tokens, b.forename) and not list_contains(b.name_tokens, a.forename)
                    and not list_contains(a.name_tokens, o.forename) and not list_contains(b.name_tokens, o.forename)
                    and not (
                        coalesce(list_has_any(na.variant_tokens, nb.variant_tokens), false)
                        and not coalesce(list_has_any(na.variant_tokens, no.variant_tokens), true)
                        and not coalesce(list_has_any(nb.variant_tokens, no.variant_tokens), true)
                    )
            ) as t
            where scored.rec_a = t.rec_a and scored.rec_b = t.rec_b
            """
        ).fetchall()[0][0]
    )
