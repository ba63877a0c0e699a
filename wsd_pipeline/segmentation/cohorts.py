"""Cohorts as they are written in `config/cohorts.yaml`: criteria in order, members, attrition and near misses.

A cohort is all of its criteria together. Its attrition is how many people are left after each; a near miss meets all
but one. A cohort added to the file is in `segment.cohorts` and in the marts with nothing else to change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wsd_pipeline.contracts.checks import literal
from wsd_pipeline.messages import Stop
from wsd_pipeline.segmentation.expression import NotUnderstood, condition

COHORTS_FILE = Path(__file__).resolve().parent.parent / "config" / "cohorts.yaml"
SEGMENT_COLUMNS = {
    "need_segment": "VARCHAR", "need_tier": "SMALLINT", "lifecourse_segment": "VARCHAR", "locality": "VARCHAR",
    "ethnicity_group": "VARCHAR", "imd_quintile": "SMALLINT",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Cohort:
    """A cohort: its id, its words, its criteria as SQL in the order of attrition, and the columns they ask for."""

    id: str
    words: str
    criteria: tuple[str, ...]
    written: tuple[str, ...]
    asks: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class CohortSet:
    """All cohorts of one version."""

    version: str
    cohorts: tuple[Cohort, ...]


def load_cohorts(path: Path = COHORTS_FILE) -> CohortSet:
    """The cohorts of a file. Stops with WSD-531, naming the cohort and what is wrong with it, before anything runs."""
    import yaml

    try:
        raw = yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        raise _stop("the file", "it cannot be read as YAML") from None
    if not isinstance(raw, Mapping) or set(raw) != {"version", "cohorts"} or not isinstance(raw["cohorts"], list):
        raise _stop("the file", "it has a version and a list of cohorts")
    made = tuple(_cohort(each) for each in raw["cohorts"])
    ids = [cohort.id for cohort in made]
    if twice := sorted({i for i in ids if ids.count(i) > 1}):
        raise _stop(twice[0], "its id is used twice")
    return CohortSet(version=str(raw["version"]), cohorts=made)


def _cohort(raw: Any) -> Cohort:
    if not isinstance(raw, Mapping) or set(raw) != {"id", "words", "criteria"}:
        raise _stop(
            str(raw.get("id", "a cohort"))[:20] if isinstance(raw, Mapping) else "a cohort",
            "it has id, words and criteria",
        )
    name = str(raw["id"])
    if not name.replace("_", "").isalnum() or not name.isascii() or len(name) > 40 or name != name.lower():
        raise _stop(name[:20], "an id is small letters, digits and underscores")
    if not isinstance(raw["criteria"], list) or not raw["criteria"]:
        raise _stop(name, "criteria is a list of conditions")
    try:
        read = [condition(str(text), _columns(), {}) for text in raw["criteria"]]
    except NotUnderstood as why:
        raise _stop(name, str(why)) from None
    return Cohort(
        id=name, words=str(raw["words"]), criteria=tuple(sql for sql, _ in read),
        written=tuple(str(text) for text in raw["criteria"]), asks=frozenset().union(*(asks for _, asks in read)),
    )  # fmt: skip


def _columns() -> Mapping[str, str]:
    from wsd_pipeline.contracts import table

    return {**{c.name: c.type for c in table("person.profile").columns if c.name != "person_id"}, **SEGMENT_COLUMNS}


def _stop(cohort: str, reason: str) -> Stop:
    return Stop("WSD-531", cohort=cohort, reason=reason)


def cohorts_sql(found: CohortSet) -> str:
    """SQL of `segment.cohorts`: for each cohort, its members and near misses, with how far each comes."""
    arms = "\nunion all\n".join(_arm(cohort, found.version) for cohort in found.cohorts)
    asked = sorted(frozenset[str]().union(*(cohort.asks for cohort in found.cohorts)) - set(SEGMENT_COLUMNS))
    columns = "".join(f",\n        profile.{name}" for name in asked)
    return f"""-- segment.cohorts: one row per cohort and person who meets its first criterion, or all but one.
with people as (
    select
        profile.person_id{columns},
        need_segment, need_tier, lifecourse_segment, locality, ethnicity_group, imd_quintile
    from person.profile as profile
    join person.demographics as demographics on demographics.person_id = profile.person_id
    join segment.need as need on need.person_id = profile.person_id
    join segment.lifecourse as lifecourse on lifecourse.person_id = profile.person_id
)

{arms}
"""


def _arm(cohort: Cohort, version: str) -> str:
    """People by how far they come: criteria met one after another, and those met in all."""
    met = [f"coalesce({criterion}, false)" for criterion in cohort.criteria]
    unknown = " or ".join(f"({criterion}) is null" for criterion in cohort.criteria)
    total = " + ".join(f"case when {each} then 1 else 0 end" for each in met)
    steps = " ".join(f"when not ({each}) then {place}" for place, each in enumerate(met))
    many = len(met)
    near = f"or {total} = {many - 1}" if many > 1 else ""
    return f"""select
    person_id,
    {literal(cohort.id)} as cohort_id,
    case {steps} else {many} end as criteria_met_count,
    {" and ".join(met)} as is_member,
    {total} = {many - 1} as is_near_miss,
    {unknown} as is_unknown,
    {literal(version)} as rule_version
from people
where {met[0]} {near} or {unknown}"""
