"""The segment rules as they are written in `config/segments.yaml`, read and checked whole before anything runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from wsd_pipeline.contracts.people import SOURCES
from wsd_pipeline.messages import Stop
from wsd_pipeline.segmentation.expression import NotUnderstood, condition

RULES_FILE = Path(__file__).resolve().parent.parent / "config" / "segments.yaml"
LIFECOURSE_SEGMENTS = ("BWGW", "LW", "PI", "age_unknown")
POPULATIONS = ("adults", "children")
TIERS = (0, 1, 2, 3, 4, 5)
GROUPINGS = ("bridges_to_health", "nwl_segment")
"""Segments of other systems, for comparison: NHS England's Bridges to Health, and North West London's fifteen."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """The date and source that show a rule to hold, where `when` holds (None: always)."""

    when: str | None
    date: str
    source: str


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A rule: its id, its words, its condition as SQL, and what it is about.

    `when` None means that no condition is asked: the last of a list, or a rule that still awaits its feeds and
    is not evaluable. `asks` are the columns the condition rests on. `gives` is the segment or tier; for a need
    rule the part of the population it applies to. `keeps_months` is for how many months a need rule that has held still
    counts when it no longer does: rules of use would else move people in and out by chance.
    """

    id: str
    words: str
    gives: str
    when: str | None
    asks: frozenset[str]
    evidence: tuple[Evidence, ...] = ()
    awaiting: tuple[str, ...] = ()
    keeps_months: int = 0

    @property
    def is_evaluable(self) -> bool:
        """Whether the rule can be asked at all of what is taken in now."""
        return self.when is not None or not self.awaiting


@dataclass(frozen=True, kw_only=True)
class RuleSet:
    """All rules of one version, in the order in which they are asked."""

    version: str
    parameters: Mapping[str, int]
    need: tuple[Rule, ...]
    tiers: tuple[Rule, ...]
    lifecourse: tuple[Rule, ...]
    groupings: Mapping[str, tuple[Rule, ...]]
    declared_changes: tuple[str, ...]


def load_rules(path: Path = RULES_FILE, instead: Mapping[str, int] | None = None) -> RuleSet:
    """The rules of a file, under its parameters or those given `instead`.

    Stops with WSD-530, naming the rule and what is wrong with it, before anything runs.
    """
    try:
        raw = _read(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise _stop("the file", "it cannot be read as YAML") from None
    if not isinstance(raw, Mapping):
        raise _stop("the file", "it holds no rules")
    wanted = {"version", "parameters", "need", "tiers", "lifecourse", "groupings"}
    _known("the file", raw, wanted, optional={"declared_changes"})
    parameters = {**raw["parameters"], **(instead or {})} if isinstance(raw["parameters"], Mapping) else None
    if not isinstance(parameters, Mapping) or not all(type(v) is int for v in parameters.values()):
        raise _stop("parameters", "each is a name and a whole number")
    if not 0 < parameters.get("child_upper_age", 0) < parameters.get("older_age", 0):
        raise _stop("parameters", "child_upper_age must be below older_age")
    reader = _Reader(parameters=parameters)
    rules = RuleSet(
        version=str(raw["version"]),
        parameters=dict(parameters),
        need=tuple(reader.need(r) for r in _list("need", raw["need"])),
        tiers=tuple(reader.tier(r) for r in _list("tiers", raw["tiers"])),
        lifecourse=tuple(reader.lifecourse(r) for r in _list("lifecourse", raw["lifecourse"])),
        groupings={name: reader.grouping(name, raw["groupings"]) for name in GROUPINGS},
        declared_changes=tuple(str(month) for month in _list("declared_changes", raw.get("declared_changes", []))),
    )
    _whole(rules)
    return rules


@lru_cache(maxsize=4)
def _read(text: str) -> Any:
    """The file as YAML: read once, however many numbers are tried in it. ValueError where it is none."""
    import yaml

    try:
        return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    except yaml.YAMLError:
        raise ValueError("no YAML") from None


@dataclass(frozen=True, kw_only=True)
class _Reader:
    parameters: Mapping[str, int]

    def need(self, raw: Any) -> Rule:
        name = _name(raw, "id")
        _known(name, raw, {"id", "words", "applies_to"}, optional={"when", "evidence", "awaiting", "keeps_months"})
        if type(raw.get("keeps_months", 0)) is not int or not 0 <= raw.get("keeps_months", 0) <= 12:
            raise _stop(name, "keeps_months is a number of months up to 12")
        if raw["applies_to"] not in POPULATIONS:
            raise _stop(name, f"applies_to is one of {', '.join(POPULATIONS)}")
        if ("when" in raw) != ("evidence" in raw):
            raise _stop(name, "a condition and its evidence go together")
        if "when" not in raw and not raw.get("awaiting"):
            raise _stop(name, "it has neither a condition nor a feed that it awaits")
        evidence = tuple(self._evidence(name, e) for e in _list(name, raw.get("evidence", [])))
        return self._rule(name, raw, gives=raw["applies_to"], columns=_profile(), evidence=evidence)

    def tier(self, raw: Any) -> Rule:
        name = f"tier {_name(raw, 'tier')}"
        _known(name, raw, {"tier", "words"}, optional={"when"})
        if raw["tier"] not in TIERS:
            raise _stop(name, "a tier is a number from 0 to 5")
        return self._rule(name, raw, gives=str(raw["tier"]), columns=_profile_with_need())

    def lifecourse(self, raw: Any) -> Rule:
        name = _name(raw, "id")
        _known(name, raw, {"id", "segment", "words"}, optional={"when", "awaiting"})
        if raw["segment"] not in LIFECOURSE_SEGMENTS:
            raise _stop(name, f"segment is one of {', '.join(LIFECOURSE_SEGMENTS)}")
        return self._rule(name, raw, gives=raw["segment"], columns=_profile_with_need())

    def grouping(self, name: str, raw: Any) -> tuple[Rule, ...]:
        """The groups of another system, in order; the last has no condition."""
        _known("groupings", raw, set(GROUPINGS), optional=set())
        rules = []
        for each in _list(name, raw[name]):
            group = _name(each, "group")
            _known(group, each, {"group", "words"}, optional={"when"})
            rules.append(self._rule(group, each, gives=group, columns=_profile_with_need()))
        if [r for r in rules if r.when is None] != rules[-1:]:
            raise _stop(name, "the last group, and only it, has no condition")
        return tuple(rules)

    def _rule(
        self,
        name: str,
        raw: Mapping[str, Any],
        *,
        gives: str,
        columns: Mapping[str, str],
        evidence: tuple[Evidence, ...] = (),
    ) -> Rule:
        when, asks = (None, frozenset[str]()) if "when" not in raw else self._condition(name, raw["when"], columns)
        return Rule(
            id=name,
            words=str(raw["words"]),
            gives=gives,
            when=when,
            asks=asks,
            evidence=evidence,
            awaiting=tuple(str(feed) for feed in _list(name, raw.get("awaiting", []))),
            keeps_months=int(raw.get("keeps_months", 0)),
        )

    def _condition(self, name: str, text: Any, columns: Mapping[str, str]) -> tuple[str, frozenset[str]]:
        try:
            return condition(str(text), columns, self.parameters)
        except NotUnderstood as why:
            raise _stop(name, str(why)) from None

    def _evidence(self, name: str, raw: Any) -> Evidence:
        _known(name, raw, {"date", "source"}, optional={"when"})
        if _profile().get(raw["date"]) != "DATE":
            raise _stop(name, "its evidence is dated by a date column of person.profile")
        if raw["source"] not in SOURCES:
            raise _stop(name, f"the source of its evidence is one of {', '.join(SOURCES)}")
        when = None if "when" not in raw else self._condition(name, raw["when"], _profile())[0]
        return Evidence(when=when, date=raw["date"], source=raw["source"])


def _whole(rules: RuleSet) -> None:
    """What is true of all rules together: ids are used once, and the last of a list leaves nobody out."""
    ids = [r.id for r in (*rules.need, *rules.tiers, *rules.lifecourse)]
    if twice := sorted({i for i in ids if ids.count(i) > 1}):
        raise _stop(twice[0], "its id is used twice")
    for rule in (*rules.need, *rules.lifecourse):
        if not rule.id.isalnum() or not rule.id.isascii() or len(rule.id) > 8:
            raise _stop(rule.id[:20], "an id is a few letters and digits")
    for name, ordered in (("tiers", rules.tiers), ("lifecourse", rules.lifecourse)):
        open_ended = [r for r in ordered if r.when is None and not r.awaiting]
        if open_ended != list(ordered[-1:]):
            raise _stop(name, "the last rule, and only it, has no condition")
    for rule in rules.need:
        if rule.evidence and rule.evidence[-1].when is not None:
            raise _stop(rule.id, "its last evidence has no condition")
    if not any(r.when for r in rules.need):
        raise _stop("need", "no rule has a condition")


def _profile() -> Mapping[str, str]:
    from wsd_pipeline.contracts import table

    return {c.name: c.type for c in table("person.profile").columns if c.name != "person_id"}


def _profile_with_need() -> Mapping[str, str]:
    return {**_profile(), "need_segment": "VARCHAR"}


def _name(raw: Any, key: str) -> str:
    if not isinstance(raw, Mapping) or key not in raw:
        raise _stop("a rule", f"it has no {key}")
    return str(raw[key])


def _list(name: str, raw: Any) -> Sequence[Any]:
    if not isinstance(raw, list):
        raise _stop(name, "a list is expected")
    return raw


def _known(name: str, raw: Any, required: set[str], *, optional: set[str]) -> None:
    if not isinstance(raw, Mapping):
        raise _stop(name, "names and values are expected")
    if missing := sorted(required - set(raw)):
        raise _stop(name, f"{missing[0]} is missing")
    if extra := sorted(str(k) for k in set(raw) - required - optional):
        raise _stop(name, f"{extra[0]} is not known")


def _stop(rule: str, reason: str) -> Stop:
    return Stop("WSD-530", rule=rule, reason=reason)
