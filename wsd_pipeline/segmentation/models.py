"""The rules as SQL: one SELECT a table, in the same portable style as the files in `sql/`."""

from __future__ import annotations

from collections.abc import Iterable

from wsd_pipeline.contracts.checks import literal
from wsd_pipeline.segmentation.rules import GROUPINGS, Rule, RuleSet


def reasons_sql(rules: RuleSet) -> str:
    """SQL of `segment.reasons`: for each need rule, the people of whom it holds or lately held, and evidence."""
    asked = [rule for rule in rules.need if rule.when]
    arms = [_held_arm(rule, rules) for rule in asked] + [_kept_arm(rule, rules) for rule in asked if rule.keeps_months]
    head = "-- segment.reasons: one row per person and need rule that holds.\n"
    return head + "\nunion all\n".join(arms) + "\n"


def _held_arm(rule: Rule, rules: RuleSet) -> str:
    return f"""select
    person_id,
    {literal(rule.id)} as rule_id,
    {_evidence(rule, "date")} as evidence_date,
    {_evidence(rule, "source")} as evidence_source,
    $snapshot_date as last_held_date,
    {literal(rules.version)} as rule_version
from person.profile
where {_applies(rule, rules)}
    and ({rule.when})"""


def _kept_arm(rule: Rule, rules: RuleSet) -> str:
    """Those of whom the rule held within its months of grace, and does not hold now."""
    return f"""select
    kept.person_id,
    rule_id,
    evidence_date,
    evidence_source,
    last_held_date,
    {literal(rules.version)} as rule_version
from previous.segment.reasons as kept
join person.profile as profile on profile.person_id = kept.person_id
where rule_id = {literal(rule.id)}
    and months_since(last_held_date, $snapshot_date) <= {rule.keeps_months}
    and {_applies(rule, rules)}
    and not coalesce({rule.when}, false)"""


def need_sql(rules: RuleSet) -> str:
    """SQL of `segment.need`: complex, healthy or healthy_unverified, the tier, and the rule that decided."""
    asked = [rule for rule in rules.need if rule.when]
    kept = [rule for rule in asked if rule.keeps_months]
    names = [rule.id.lower() for rule in asked]
    tiers = [rule for rule in rules.tiers if rule.when]
    columns = sorted(set().union(*(rule.asks for rule in tiers)) - {"need_segment"})
    held = [
        f"({_applies(r, rules)}) and (({r.when}){f' or coalesce(kept_{n}, false)' if r in kept else ''}) as {n}"
        for r, n in zip(asked, names, strict=True)
    ]
    graces = [f"max(case when rule_id = {literal(r.id)} then 1 else 0 end) = 1 as kept_{r.id.lower()}" for r in kept]
    return f"""-- segment.need: one row per person, with their need segment and tier.
with graces as (
    select
        person_id,
        {_lines(graces)}
    from segment.reasons
    where last_held_date < $snapshot_date
    group by person_id
),

judged as (
    select
        profile.person_id,
        {_lines(columns)},
        {_lines(held)}
    from person.profile as profile
    left join graces on graces.person_id = profile.person_id
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
    whens = [f"when {r.when} then {literal(r.id)}" if r.when else f"else {literal(r.id)}" for r in asked]
    gives = [f"when rule_id = {literal(r.id)} then {literal(r.gives)}" for r in asked]
    return f"""-- segment.lifecourse: one row per person, with the one lifecourse segment they are in.
{_with_need(asked)},

decided as (
    select
        person_id,
        case
            {_lines(whens, 12, "")}
        end as rule_id
    from people
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


def groupings_sql(rules: RuleSet) -> str:
    """SQL of `segment.groupings`: the group of each other system that a person is in, null where not known."""
    every = [rule for name in GROUPINGS for rule in rules.groupings[name]]
    cases = [
        f"case\n        {_lines(_first_known(rules.groupings[name]), 8, '')}\n    end as {name}" for name in GROUPINGS
    ]
    return f"""-- segment.groupings: one row per person, with the segments of other systems they would be in.
{_with_need(every)}

select
    person_id,
    {_lines(cases, 4)},
    {literal(rules.version)} as rule_version
from people
"""


def _first_known(rules: tuple[Rule, ...]) -> list[str]:
    """The first that holds; nothing where one that comes before cannot be known."""
    whens = []
    for rule in rules[:-1]:
        whens += [f"when {rule.when} then {literal(rule.gives)}", f"when ({rule.when}) is null then null"]
    return [*whens, f"else {literal(rules[-1].gives)}"]


def _with_need(asked: Iterable[Rule]) -> str:
    columns = sorted(set[str]().union(*(rule.asks for rule in asked)) - {"need_segment"})
    return f"""with profile as (
    select
        person_id,
        {_lines(columns)}
    from person.profile
),

needs as (
    select person_id, need_segment
    from segment.need
),

people as (
    select
        profile.person_id,
        {_lines(columns)},
        need_segment
    from profile
    join needs on needs.person_id = profile.person_id
)"""


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
