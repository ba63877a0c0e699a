"""The rules as SQL: one SELECT a table, in the same portable style as the files in `sql/`."""

from __future__ import annotations

from collections.abc import Iterable

from wsd_pipeline.contracts.checks import literal
from wsd_pipeline.segmentation.rules import Rule, RuleSet


def reasons_sql(rules: RuleSet) -> str:
    """SQL of `segment.reasons`: for each need rule, the people of whom it holds, with date and source."""
    asked = [rule for rule in rules.need if rule.when]
    arms = [
        f"""select
    person_id,
    {literal(rule.id)} as rule_id,
    {_evidence(rule, "date")} as evidence_date,
    {_evidence(rule, "source")} as evidence_source,
    {literal(rules.version)} as rule_version
from person.profile
where {_applies(rule, rules)}
    and ({rule.when})"""
        for rule in asked
    ]
    head = "-- segment.reasons: one row per person and need rule that holds.\n"
    return head + "\nunion all\n".join(arms) + "\n"


def need_sql(rules: RuleSet) -> str:
    """SQL of `segment.need`: complex, healthy or healthy_unverified, the tier, and the rule that decided."""
    asked = [rule for rule in rules.need if rule.when]
    names = [rule.id.lower() for rule in asked]
    tiers = [rule for rule in rules.tiers if rule.when]
    columns = sorted(set().union(*(rule.asks for rule in tiers)) - {"need_segment"})
    held = [f"({_applies(r, rules)}) and ({r.when}) as {n}" for r, n in zip(asked, names, strict=True)]
    return f"""-- segment.need: one row per person, with their need segment and tier.
with judged as (
    select
        person_id,
        {_lines(columns)},
        {_lines(held)}
    from person.profile
),

needs as (
    select
        person_id,
        {_lines(columns)},
        case
            when {" or ".join(names)} then 'complex'
            when ({" or ".join(names)}) is null then 'healthy_unverified'
            else 'healthy'
        end as need_segment,
        case
            {_lines((f"when {n} then {literal(r.id)}" for r, n in zip(asked, names, strict=True)), 12, "")}
        end as rule_id,
        {_lines((f"case when {n} is null then 1 else 0 end" for n in names), 8, " +")} as unevaluable_rule_count
    from judged
)

select
    person_id,
    need_segment,
    -- whose health is unverified may be in a higher tier than any that holds
    case
        when need_segment = 'healthy_unverified' then null
        {_lines((f"when {r.when} then {r.gives}" for r in tiers), 8, "")}
        when ({" or ".join(f"({r.when})" for r in tiers)}) is null then null
        else {rules.tiers[-1].gives}
    end as need_tier,
    rule_id,
    unevaluable_rule_count,
    {literal(rules.version)} as rule_version
from needs
"""


def lifecourse_sql(rules: RuleSet) -> str:
    """SQL of `segment.lifecourse`: the first rule that holds, and the segment it gives."""
    asked = [rule for rule in rules.lifecourse if rule.is_evaluable]
    columns = sorted(set().union(*(rule.asks for rule in asked)) - {"need_segment"})
    whens = [f"when {r.when} then {literal(r.id)}" if r.when else f"else {literal(r.id)}" for r in asked]
    gives = [f"when rule_id = {literal(r.id)} then {literal(r.gives)}" for r in asked]
    return f"""-- segment.lifecourse: one row per person, with the one lifecourse segment they are in.
with profile as (
    select
        person_id,
        {_lines(columns)}
    from person.profile
),

needs as (
    select person_id, need_segment
    from segment.need
),

decided as (
    select
        profile.person_id,
        case
            {_lines(whens, 12, "")}
        end as rule_id
    from profile
    join needs on needs.person_id = profile.person_id
)

select
    person_id,
    case
        {_lines(gives, 8, "")}
    end as lifecourse_segment,
    rule_id,
    {literal(rules.version)} as rule_version
from decided
"""


def _applies(rule: Rule, rules: RuleSet) -> str:
    """Whom a need rule is asked of. People of unknown age are asked the adults' rules."""
    upper = rules.parameters["child_upper_age"]
    if rule.gives == "children":
        return f"coalesce(age_years <= {upper}, false)"
    return f"coalesce(age_years > {upper}, true)"


def _evidence(rule: Rule, what: str) -> str:
    shown = [(e.when, e.date if what == "date" else literal(e.source)) for e in rule.evidence]
    if len(shown) == 1:
        return shown[0][1]
    whens = " ".join(f"when {when} then {value}" for when, value in shown[:-1])
    return f"case {whens} else {shown[-1][1]} end"


def _lines(parts: Iterable[str], indent: int = 8, between: str = ",") -> str:
    return f"{between}\n{' ' * indent}".join(parts)
