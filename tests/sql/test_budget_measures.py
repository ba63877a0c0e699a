"""Weight and HbA1c before and after a personal budget, worked out by hand. The snapshot is 31 January 2026."""

from __future__ import annotations

import pytest


def of_ann(check, measurements: str, expected: str, born: str = "1980-01-01", start: str = "2025-01-10") -> None:
    """What is made of ann, whose learning disability is recorded, of her budget and her measurements."""
    check(
        "person.budget_measures",
        f"""
        person.demographics
        person_id | birth_month
        ann       | {born}

        person.conditions
        person_id | condition           | is_active
        ann       | learning_disability | true

        person.support_starts
        person_id | support       | start_date
        ann       | health_budget | {start}

        person.records
        source | record_id | person_id
        gp     | g         | ann

        pseudo.gp__conditions
        record_id | row_id | cluster_id | event_date | value
        {measurements}
        =>
        person_id | metric_id | numerator | denominator
        {expected}
        """,
    )


NOT_MEASURED = "ann | budget_weight_followed | 0 | 1\nann | budget_hba1c_followed | 0 | 1"


def test_the_same_people_before_and_after(check):
    """ann: from 32 to 30.4, by 5 %, and HbA1c from 44 to 41; bob from 30 to 31.5, by 5 %, HbA1c never measured after.
    The last value counts. The values of another source, of another cluster, a height and a per cent are none. Not asked about are cat, whose
    learning disability is not recorded, dan, of whom it no longer is, eve, who has equipment and no budget, and fay,
    who has no budget."""
    check(
        "person.budget_measures",
        """
        person.demographics
        person_id | birth_month
        ann       | 1980-01-01
        bob       | 1990-01-01
        cat       | 1990-01-01
        dan       | 1990-01-01
        eve       | 1990-01-01
        fay       | 1990-01-01

        person.conditions
        person_id | condition           | is_active
        ann       | learning_disability | true
        ann       | diabetes            | true
        bob       | learning_disability | true
        cat       | diabetes            | true
        dan       | learning_disability | false
        eve       | learning_disability | true
        fay       | learning_disability | true

        person.support_starts
        person_id | support       | start_date
        ann       | health_budget | 2025-01-10
        bob       | health_budget | 2025-01-10
        cat       | health_budget | 2025-01-10
        dan       | health_budget | 2025-01-10
        eve       | equipment     | 2025-01-10

        person.records
        source | record_id | person_id
        gp     | a         | ann
        asc    | x         | ann
        gp     | b         | bob
        gp     | c         | cat
        gp     | e         | eve

        pseudo.gp__conditions
        record_id | row_id | cluster_id   | event_date | value
        a         | 1      | BMIVAL_COD   | 2024-10-01 | 28
        a         | 2      | BMIVAL_COD   | 2024-11-01 | 32
        a         | 3      | BMIVAL_COD   | 2025-06-01 | 34
        a         | 4      | BMIVAL_COD   | 2025-07-01 | 30.4
        a         | 5      | IFCCHBAM_COD | 2024-11-01 | 44
        a         | 6      | IFCCHBAM_COD | 2025-07-01 | 41
        a         | 7      | IFCCHBAM_COD | 2024-12-01 | 6.1
        a         | 8      | BMIVAL_COD   | 2025-08-01 | 168
        a         | 9      | BP_COD       | 2025-08-01 | 80
        x         | 10     | BMIVAL_COD   | 2025-08-01 | 50
        b         | 11     | BMIVAL_COD   | 2024-11-01 | 30
        b         | 12     | BMIVAL_COD   | 2025-07-01 | 31.5
        b         | 13     | IFCCHBAM_COD | 2024-11-01 | 60
        c         | 14     | BMIVAL_COD   | 2024-11-01 | 30
        c         | 15     | BMIVAL_COD   | 2025-07-01 | 31.5
        e         | 16     | BMIVAL_COD   | 2024-11-01 | 30
        e         | 17     | BMIVAL_COD   | 2025-07-01 | 31.5
        =>
        person_id | metric_id                  | numerator | denominator
        ann       | budget_weight_followed     | 1         | 1
        ann       | budget_hba1c_followed      | 1         | 1
        ann       | budget_weight_down         | 1         | 1
        ann       | budget_weight_up           | 0         | 1
        ann       | budget_hba1c_raised_before | 1         | 1
        ann       | budget_hba1c_raised_after  | 0         | 1
        bob       | budget_weight_followed     | 1         | 1
        bob       | budget_hba1c_followed      | 0         | 1
        bob       | budget_weight_down         | 0         | 1
        bob       | budget_weight_up           | 1         | 1
        """,
    )


@pytest.mark.parametrize(
    ("after", "down", "up"), [("38.000", 1, 0), ("38.001", 0, 0), ("41.999", 0, 0), ("42.000", 0, 1)]
)
def test_a_twentieth_of_the_weight(check, after, down, up):
    """40 before: 38 is lower by 5 %, 42 higher by 5 %."""
    of_ann(
        check,
        f"g | 1 | BMIVAL_COD | 2025-01-10 | 40\ng | 2 | BMIVAL_COD | 2025-04-10 | {after}",
        f"""ann | budget_weight_followed | 1 | 1
        ann | budget_hba1c_followed | 0 | 1
        ann | budget_weight_down | {down} | 1
        ann | budget_weight_up | {up} | 1""",
    )


@pytest.mark.parametrize(("value", "raised"), [("41.9", 0), ("42", 1), ("48", 1)])
def test_where_the_risk_of_diabetes_is_high(check, value, raised):
    of_ann(
        check,
        f"g | 1 | IFCCHBAM_COD | 2025-01-10 | {value}\ng | 2 | IFCCHBAM_COD | 2025-04-10 | {value}",
        f"""ann | budget_weight_followed | 0 | 1
        ann | budget_hba1c_followed | 1 | 1
        ann | budget_hba1c_raised_before | {raised} | 1
        ann | budget_hba1c_raised_after | {raised} | 1""",
    )


@pytest.mark.parametrize(
    ("earlier", "later", "is_followed"),
    [
        ("2024-01-11", "2025-04-10", True),
        ("2024-01-10", "2025-04-10", False),
        ("2025-01-10", "2026-01-10", True),
        ("2025-01-11", "2026-01-10", False),
        ("2025-01-10", "2026-01-11", False),
        ("2025-01-10", "2025-04-09", False),
    ],
    ids=["first days", "a day too old", "last days", "after it began", "a day too late", "a day too early"],
)
def test_days_of_before_and_after(check, earlier, later, is_followed):
    rest = "\nann | budget_weight_down | 0 | 1\nann | budget_weight_up | 0 | 1" if is_followed else ""
    of_ann(
        check,
        f"g | 1 | BMIVAL_COD | {earlier} | 30\ng | 2 | BMIVAL_COD | {later} | 30",
        f"ann | budget_weight_followed | {int(is_followed)} | 1\nann | budget_hba1c_followed | 0 | 1{rest}",
    )


def test_what_is_to_come_is_not_there_yet(check):
    of_ann(
        check,
        "g | 1 | BMIVAL_COD | 2025-09-01 | 30\ng | 2 | BMIVAL_COD | 2026-02-01 | 20",
        NOT_MEASURED,
        start="2025-10-01",
    )


@pytest.mark.parametrize(("born", "expected"), [("2007-01-01", NOT_MEASURED), ("2007-02-01", "")])
def test_adults_only(check, born, expected):
    """A child's body mass index rises as they grow: 18 on the day the budget began, to the month."""
    of_ann(check, "", expected, born=born)
