"""Segments of the eligible people at the snapshot date: which one, why, and under which version of the rules."""

from __future__ import annotations

from wsd_pipeline.contracts.checks import Between, Matches, Severity
from wsd_pipeline.contracts.core import Column, Privacy, RowRule, Table
from wsd_pipeline.contracts.fields import PERSON_ID
from wsd_pipeline.contracts.people import SOURCES, about, choice, count, day, flag

LIFECOURSE_SEGMENTS = ("BWGW", "LW", "PI", "age_unknown")
NEED_SEGMENTS = ("complex", "healthy", "healthy_unverified")

_RULE = Matches(pattern="[A-Za-z0-9]{1,8}", means="the id of a rule in segments.yaml")
_VERSION = Column(
    name="rule_version", type="VARCHAR", description="Version of segments.yaml.", privacy=Privacy.NONE, required=True
)

REASONS = Table(
    key="segment.reasons",
    grain="person and need rule that holds",
    description="Why a person's needs are complex: every rule that holds, or has lately held, with its evidence.",
    unique_key=("person_id", "rule_id"),
    minimum_rows=0,
    columns=(
        PERSON_ID,
        about("rule_id", "VARCHAR", "The rule, as in segments.yaml.", Privacy.SENSITIVE, _RULE, required=True),
        day("evidence_date", "Day of the evidence, where the source dates it."),
        choice("evidence_source", SOURCES, "Source of the evidence.", Privacy.NONE),
        day(
            "last_held_date",
            "Snapshot at which it last held; earlier than this one where it is kept for its months of grace.",
            Privacy.PAYLOAD,
            required=True,
        ),
        _VERSION,
    ),
)

NEED = Table(
    key="segment.need",
    grain="person eligible at the snapshot date",
    description="Complex, healthy, or healthy as far as is known: nobody is healthy while a rule could not be asked of them.",
    unique_key=("person_id",),
    columns=(
        PERSON_ID,
        choice("need_segment", NEED_SEGMENTS, "Need segment.", Privacy.SENSITIVE),
        about(
            "need_tier",
            "SMALLINT",
            "0 no condition and no risk, 1 at risk, 2 one long-term condition, 3 two or three, 4 complex, 5 end of life; null where not evaluable, as for all whose health is unverified.",
            Privacy.SENSITIVE,
            Between(low=0, high=5),
        ),
        about("rule_id", "VARCHAR", "First rule that holds; null where none does.", Privacy.SENSITIVE, _RULE),
        count("unevaluable_rule_count", "Rules that could not be asked of this person."),
        _VERSION,
    ),
    rules=(
        RowRule(
            name="complex_has_a_reason",
            failing="(need_segment = 'complex') != (rule_id is not null)",
            description="complex people, and no others, have a deciding rule",
        ),
        RowRule(
            name="healthy_is_known",
            failing="need_segment = 'healthy' and unevaluable_rule_count > 0",
            description="nobody is healthy while a rule could not be asked of them",
        ),
        RowRule(
            name="unverified_is_not_known",
            failing="need_segment = 'healthy_unverified' and unevaluable_rule_count = 0",
            description="somebody is unverified only where a rule could not be asked",
        ),
        RowRule(
            name="unverified_has_no_tier",
            failing="need_segment = 'healthy_unverified' and need_tier is not null",
            description="somebody whose health is unverified may be in any tier",
        ),
        RowRule(
            name="complex_tier",
            failing="need_segment = 'complex' and coalesce(need_tier, 0) < 4",
            description="complex people are in tier 4 or 5",
        ),
    ),
)

LIFECOURSE = Table(
    key="segment.lifecourse",
    grain="person eligible at the snapshot date",
    description="The one lifecourse segment: Born Well Growing Well, Living Well, or Promoting Independence.",
    unique_key=("person_id",),
    columns=(
        PERSON_ID,
        choice("lifecourse_segment", LIFECOURSE_SEGMENTS, "Lifecourse segment.", Privacy.PAYLOAD),
        about("rule_id", "VARCHAR", "The rule that decided.", Privacy.PAYLOAD, _RULE, required=True),
        _VERSION,
    ),
    rules=(
        RowRule(
            name="age_is_known",
            failing="lifecourse_segment = 'age_unknown'",
            description="the age of 999 people in 1,000 is known",
            limit=0.001,
            severity=Severity.CRITICAL,
        ),
    ),
)

BRIDGES_TO_HEALTH = (
    "end_of_life", "organ_failure", "frailty_dementia", "disability", "long_term_conditions", "maternal_infant",
    "acutely_ill", "healthy",
)  # fmt: skip
NWL_SEGMENTS = (
    "homeless", "advanced_dementia", "severe_physical_disability", "learning_disability", "semi", "continuing_care_cyp",
    "cancer_adult", "ltc_child", "ltc_young", "ltc_adult", "ltc_older", "healthy_child", "healthy_young", "healthy_adult",
    "healthy_older",
)  # fmt: skip

GROUPINGS = Table(
    key="segment.groupings",
    grain="person eligible at the snapshot date",
    description="The segments of other systems a person would be in, for comparison; null where it cannot be known.",
    unique_key=("person_id",),
    columns=(
        PERSON_ID,
        choice(
            "bridges_to_health", BRIDGES_TO_HEALTH, "Bridges to Health, of eight.", Privacy.SENSITIVE, required=False
        ),
        choice(
            "nwl_segment", NWL_SEGMENTS, "North West London's segment, of fifteen.", Privacy.SENSITIVE, required=False
        ),
        _VERSION,
    ),
)

COHORTS = Table(
    key="segment.cohorts",
    grain="cohort and person who meets its first criterion, all but one, or of whom one cannot be known",
    description="Who is in each cohort of cohorts.yaml, who nearly is, and how far the others come in the order of its criteria.",
    unique_key=("cohort_id", "person_id"),
    minimum_rows=0,
    columns=(
        PERSON_ID,
        about("cohort_id", "VARCHAR", "The cohort, as in cohorts.yaml.", Privacy.SENSITIVE, Matches(pattern="[a-z0-9_]{1,40}", means="the id of a cohort"), required=True),
        count("criteria_met_count", "Criteria met one after another, from the first."),
        flag("is_member", "Meets every criterion."),
        flag("is_near_miss", "Meets all but one, in any order."),
        flag("is_unknown", "A criterion cannot be known of this person."),
        _VERSION,
    ),
    rules=(
        RowRule(name="members_miss_nothing", failing="is_member and is_near_miss", description="a member is no near miss"),
    ),
)  # fmt: skip

ALTERNATIVES = Table(
    key="segment.alternatives",
    grain="alternative threshold and person eligible at the snapshot date",
    description="The segments each person would be in if one parameter of the rules were another number.",
    unique_key=("alternative", "person_id"),
    columns=(
        PERSON_ID,
        about("alternative", "VARCHAR", "The parameter and its number.", Privacy.NONE, Matches(pattern="[a-z_]+ = [0-9]+", means="a parameter and a number"), required=True),
        choice("lifecourse_segment", LIFECOURSE_SEGMENTS, "Lifecourse segment.", Privacy.PAYLOAD),
        choice("need_segment", NEED_SEGMENTS, "Need segment.", Privacy.SENSITIVE),
        _VERSION,
    ),
)  # fmt: skip

TABLES = (REASONS, NEED, LIFECOURSE, GROUPINGS, COHORTS, ALTERNATIVES)
