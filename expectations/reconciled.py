"""Totals that must agree between tables: what is published with the people counted, households with residents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from expectations.rules import CHECKED, Rule
from wsd_pipeline.contracts import landed_tables
from wsd_pipeline.contracts.checks import Severity

UNKNOWN_HOME_LIMIT = 0.05
"""Of residents with an address, at least 95 % live where the gazetteer has a home (DOMAIN §9.2)."""


MOST_HIDDEN = 0.1
"""Of people, the share that withheld cells should hide at most in a breakdown: more is for a steward to see."""


def summary_rules(facts: Mapping[str, Any]) -> list[Rule]:
    """Published totals agree with the people counted, within what rounding and withholding can hide."""
    if "person.demographics" not in facts["inputs"]:
        return []
    wrong, hidden = _apart("person_count", "true"), _hidden("person_count", "breakdown <> 'full'")
    return [
        Rule(
            check="breakdowns_show_most_people",
            failed=(
                f"0 * count(*) + (select count(*) from (select breakdown from {CHECKED}"
                f" group by breakdown having {hidden}))"
            ),
            checked="count(distinct breakdown)",
            severity=Severity.WARN,
            description="no breakdown but the fullest hides more than a tenth of the people",
        ),
        Rule(
            check="breakdowns_add_up_to_everyone",
            failed=(
                f"0 * count(*) + (select count(*) from (select breakdown from {CHECKED}"
                f" group by breakdown having {wrong}))"
            ),
            checked="count(distinct breakdown)",
            description="the cells of each breakdown add up to the eligible people, but for what protection hides",
        ),
    ]


def profile_rules(facts: Mapping[str, Any]) -> list[Rule]:
    """The age bands of the borough add up to the people counted, within what rounding and withholding can hide."""
    if "person.demographics" not in facts["inputs"]:
        return []
    wrong = _apart("numerator_count", "measure = 'age_band' and locality = 'all'")
    return [
        Rule(
            check="age_bands_add_up_to_everyone",
            failed=f"case when {wrong} then 1 else 0 end",
            checked="1",
            description="the age bands of the borough add up to the eligible people, within what protection hides",
        )
    ]


PEOPLE = '(select count(*) from "person"."demographics" where is_eligible)'


def _apart(count: str, where: str) -> str:
    """SQL: true where cells that should hold everybody once hold too many, or too few with nothing withheld.

    A cell withheld beside another, so that neither can be worked out, may be of any size.
    """
    from wsd_pipeline.disclosure import load_policy

    shown = f"coalesce(sum({count}) filter (where {where}), 0)"
    rounding = f"count({count}) filter (where {where}) * {load_policy().base} / 2"
    nothing_hidden = f"count(*) filter (where {where} and {count} is null) = 0"
    return f"({shown} - {PEOPLE} > {rounding} or {nothing_hidden} and {PEOPLE} - {shown} > {rounding})"


def _hidden(count: str, where: str) -> str:
    """SQL: true where the cells shown leave more than a tenth of the people out."""
    shown = f"coalesce(sum({count}) filter (where {where}), 0)"
    return f"(count(*) filter (where {where}) > 0 and {PEOPLE} - {shown} > {MOST_HIDDEN} * {PEOPLE})"


def feed_rules(facts: Mapping[str, Any]) -> list[Rule]:
    """Every feed is reported on."""
    wanted = len(landed_tables())
    return [
        Rule(
            check="every_feed_once",
            failed=f"abs({wanted} - count(distinct feed))",
            checked=str(wanted),
            description="a row for each feed",
        )
    ]


def cost_rules(facts: Mapping[str, Any]) -> list[Rule]:
    """What is published of each finance line is its control total, and its segments add up to it, within rounding."""
    if "pseudo.finance__lines" not in facts["inputs"]:
        return []
    rules = []
    for amount in ("budget_gbp", "actual_gbp"):
        lines = (
            f"select concat(partner, ' ', cost_centre_code, ' ', service_line) as line, financial_year, {amount}"
            ' as control from "pseudo"."finance__lines"'
        )
        controls = (
            f"{lines} union all select 'all', financial_year, sum(control) from ({lines}) group by financial_year"
        )
        whole = f"max({amount}) filter (where lifecourse_segment = 'all' and need_segment = 'all')"
        parts = "lifecourse_segment <> 'all' and need_segment = 'all'"
        shared = (
            f"select finance_line as line, any_value(financial_year) as financial_year, {whole} as whole,"
            f" sum({amount}) filter (where {parts}) as parts, count(*) filter (where {parts}) as cells,"
            f" count(*) filter (where {parts} and {amount} is null) as hidden"
            f" from {CHECKED} where financial_year is not null group by finance_line"
        )
        apart = (
            "abs(whole - control) > 500 or case when hidden = 0 then abs(parts - control) > 500 * cells"
            " else parts > control + 500 * cells and control >= 0 end"
        )
        rules.append(
            Rule(
                check=f"control_totals_of_{amount}",
                column=amount,
                failed=(
                    f"0 * count(*) + (select count(*) from ({shared}) as shared left join ({controls}) as controls"
                    f" using (line, financial_year) where coalesce({apart}, control is null and whole is not null))"
                ),
                checked="count(distinct finance_line)",
                description="each line's segments, and what is left, add up to its control total, within rounding",
            )
        )
    return rules


def household_rules(facts: Mapping[str, Any]) -> list[Rule]:
    """Residents with an address are counted in one household each, but for addresses the gazetteer does not have."""
    if "person.demographics" not in facts["inputs"]:
        return []
    people = '(select count(*) from "person"."demographics" where is_eligible and is_resident and ralf is not null)'
    inside = "coalesce(sum(person_count), 0)"
    return [
        Rule(
            check="nobody_lives_twice",
            failed=f"greatest({inside} - {people}, 0)",
            checked=people,
            description="households have no more people than there are residents with an address",
        ),
        Rule(
            check="addresses_are_in_the_gazetteer",
            failed=f"greatest({people} - {inside}, 0)",
            checked=people,
            limit=UNKNOWN_HOME_LIMIT,
            severity=Severity.WARN,
            description="residents with an address live in a home that stands in the gazetteer",
        ),
    ]
