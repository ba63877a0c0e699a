"""Why one person is in their segments: each rule that holds, does not, or cannot be asked, and what is missing for it.

Read from the lake by whoever may read it. No identity and no values: rules, whether they hold, and names of feeds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from wsd_pipeline.contracts.person.facts import FACTS
from wsd_pipeline.lake import Zone
from wsd_pipeline.messages import Stop
from wsd_pipeline.notes import noted
from wsd_pipeline.segmentation.rules import Rule, RuleSet, load_rules
from wsd_pipeline.settings import Project, snapshot_date
from wsd_pipeline.sql import quoted

HOLDS, KEPT, FAILS, UNKNOWN, NOT_ASKED = "holds", "kept", "does not hold", "not evaluable", "not asked"
TABLES = ("person.profile", "segment.need", "segment.lifecourse", "segment.reasons")
NO_RECORD = "no GP record is linked"


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One rule of one person: its state, the day of its evidence, and what is missing where it is not evaluable.

    `kept`: it has lately held, and still counts for its months of grace. `missing` names feeds that were not supplied,
    or says that no GP record is linked.
    """

    rule_id: str
    words: str
    state: str
    evidence_date: str = ""
    evidence_source: str = ""
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """The segments a person is in, the rule that decided each, and every rule in the order in which it is asked."""

    lifecourse_segment: str
    lifecourse_rule_id: str
    need_segment: str
    need_rule_id: str
    need_tier: int | None
    rule_version: str
    need: tuple[Judged, ...]
    lifecourse: tuple[Judged, ...]


def explain(project: Project, month: str, person_id: str, rules: RuleSet | None = None) -> Explanation:
    """Why the person is in their segments. Stops with WSD-601 or 602 where there is no such month or person.

    Stops with WSD-530 where the segments were made under another version of the rules.
    """
    rules = rules or load_rules()
    person, reasons = _read(project, month, person_id, rules)
    if person["rule_version"] != rules.version:
        raise Stop("WSD-530", rule="version", reason=f"the month was segmented under {person['rule_version']}")
    received = noted(project, ["reference.received_feeds"], month)["reference.received_feeds"]
    stands = {str(row[0]) for row in received if not row[3]}
    upper = rules.parameters["child_upper_age"]
    is_child = person["age_years"] is not None and person["age_years"] <= upper
    need = tuple(_need(rule, is_child, person, reasons, stands, month) for rule in rules.need)
    return Explanation(
        lifecourse_segment=person["lifecourse_segment"], lifecourse_rule_id=person["lifecourse_rule"],
        need_segment=person["need_segment"], need_rule_id=person["need_rule"] or "", need_tier=person["need_tier"],
        rule_version=rules.version, need=need,
        lifecourse=tuple(_lifecourse(rules, person, stands)),
    )  # fmt: skip


def _read(project: Project, month: str, person_id: str, rules: RuleSet) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is known of the person, each rule's answer as a column, and the reasons kept of them."""
    import duckdb

    lake = Zone(project.lake)
    paths = {key: lake.path(key, month) for key in TABLES}
    if None in paths.values():
        raise Stop("WSD-601", month=month)
    asked = [r for r in (*rules.need, *rules.lifecourse) if r.when]
    answers = ", ".join(f'({rule.when}) as "{rule.id}"' for rule in asked)
    profile, needs, lifecourse, reasons = (f"read_parquet('{quoted(path)}')" for path in paths.values() if path)
    con = duckdb.connect()
    try:
        con.execute("set async_threads = 0")
        one = {"person": _uuid(person_id)}
        people = con.execute(
            f"select *, {answers} from (select profile.*, need_segment, need_tier, need.rule_id as need_rule,"
            f" need.rule_version, lifecourse_segment, life.rule_id as lifecourse_rule from {profile} as profile"
            f" join {needs} as need using (person_id) join {lifecourse} as life using (person_id)"
            " where person_id = $person)",
            one,
        )
        names = [d[0] for d in people.description]
        rows = people.fetchall()
        held = con.execute(
            f"select rule_id, evidence_date, evidence_source, last_held_date from {reasons} where person_id = $person",
            one,
        ).fetchall()
    finally:
        con.close()
    if not rows:
        raise Stop("WSD-602", kind="person", name="of that id", nearest="", see="wsd status")
    return dict(zip(names, rows[0], strict=True)), {str(row[0]): row[1:] for row in held}


def _uuid(person_id: str) -> str:
    try:
        return str(UUID(person_id))
    except ValueError:
        return str(UUID(int=0))


def _need(
    rule: Rule, is_child: bool, person: dict[str, Any], reasons: dict[str, Any], stands: set[str], month: str
) -> Judged:
    """A need rule: asked of adults or of children; kept where it no longer holds and is a reason all the same."""
    if (rule.gives == "children") != is_child:
        return Judged(rule_id=rule.id, words=rule.words, state=NOT_ASKED)
    judged = _judged(rule, person, stands)
    if (reason := reasons.get(rule.id)) is None:
        return judged
    day, source, last = reason
    state = HOLDS if last == snapshot_date(month) else KEPT
    return Judged(
        rule_id=rule.id, words=rule.words, state=state, evidence_date=str(day or ""), evidence_source=str(source)
    )


def _lifecourse(rules: RuleSet, person: dict[str, Any], stands: set[str]) -> list[Judged]:
    """The lifecourse rules as far as the one that decided; those after it are not asked."""
    found, decided = [], False
    for rule in rules.lifecourse:
        if decided:
            found.append(Judged(rule_id=rule.id, words=rule.words, state=NOT_ASKED))
            continue
        decided = rule.id == person["lifecourse_rule"]
        holds = Judged(rule_id=rule.id, words=rule.words, state=HOLDS)
        found.append(holds if decided else _judged(rule, person, stands))
    return found


def _judged(rule: Rule, person: dict[str, Any], stands: set[str]) -> Judged:
    """A rule as its condition answers: true, false, or not evaluable and for want of what."""
    if rule.when is None:
        return Judged(rule_id=rule.id, words=rule.words, state=UNKNOWN, missing=rule.awaiting)
    answer = person[rule.id]
    if answer is not None:
        return Judged(rule_id=rule.id, words=rule.words, state=HOLDS if answer else FAILS)
    return Judged(rule_id=rule.id, words=rule.words, state=UNKNOWN, missing=_missing(rule, person, stands))


def _missing(rule: Rule, person: dict[str, Any], stands: set[str]) -> tuple[str, ...]:
    """The feeds whose absence leaves a fact of the rule unknown, and whether it is for want of a GP record."""
    missing: set[str] = set()
    for fact in FACTS:
        if fact.name not in rule.asks or person[fact.name] is not None:
            continue
        missing |= {feed for feed in fact.feeds if feed not in stands}
        if fact.of_patients and not person["has_health_record"]:
            missing.add(NO_RECORD)
    return tuple(sorted(missing))
