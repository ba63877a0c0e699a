"""What the outcomes framework counts of each person."""

from __future__ import annotations

from wsd_pipeline.contracts.checks import Between, Matches
from wsd_pipeline.contracts.core import Column, Privacy, Table
from wsd_pipeline.contracts.fields import PERSON_ID
from wsd_pipeline.contracts.metrics import METRIC_ID
from wsd_pipeline.contracts.people import about, choice, count, day, flag

ADMISSION_GROUPS = ("asthma_wheeze", "assault", "avoidable", "dental_caries", "falls", "self_harm")


def _counted(name: str, what: str) -> Table:
    return Table(
        key=f"person.outcomes_{name}",
        grain=f"person and metric of {what}",
        description=f"What the outcomes framework counts of each person: {what}. A metric that divides by a group of the population has no denominator here.",
        unique_key=("person_id", "metric_id"),
        minimum_rows=0,
        columns=(
            PERSON_ID,
            about("metric_id", "VARCHAR", "Metric of outcomes.yaml.", Privacy.SENSITIVE, Matches(pattern=METRIC_ID, means="the id of a metric"), required=True),
            about("numerator", "DECIMAL(12,3)", "What the person adds to the numerator.", Privacy.SENSITIVE, Between(low=0), required=True),
            about("denominator", "DECIMAL(12,3)", "What the person adds to the denominator.", Privacy.SENSITIVE, Between(low=0), required=True),
        ),
    )  # fmt: skip


TABLES = (
    Table(
        key="person.admission_groups",
        grain="emergency admission of the twelve months and group of diagnoses it counts in",
        description="Emergency admissions that measures count: avoidable by care outside hospital, falls (an injury first, a fall anywhere), asthma and wheeze, self-harm, assault, dental caries. Ages are those at admission.",
        unique_key=("person_id", "spell_key", "diagnosis_group"),
        minimum_rows=0,
        columns=(
            PERSON_ID,
            Column(name="spell_key", type="UUID", description="The spell, as in `person.spells`.", privacy=Privacy.PSEUDONYM, required=True),
            day("admission_date", "Admission.", required=True),
            choice("diagnosis_group", ADMISSION_GROUPS, "Group of diagnoses.", Privacy.SENSITIVE),
        ),
    ),
    Table(
        key="person.practice_checks",
        grain="eligible person on the list of a practice",
        description="When the practice last did what the outcomes framework asks about; a date is null where it never did.",
        unique_key=("person_id",),
        minimum_rows=0,
        columns=(
            PERSON_ID,
            count("physical_check_count", "Of the six checks of people with serious mental illness, those done in twelve months.", Privacy.SENSITIVE),
            day("learning_disability_check_date", "Latest health check of people with a learning disability."),
            day("health_check_offered_date", "Latest NHS Health Check offered or done."),
            day("health_check_date", "Latest NHS Health Check done."),
            day("contraception_date", "Latest implant or intrauterine method."),
            day("social_prescribing_date", "Latest referral to social prescribing."),
            about("activation_score", "DECIMAL(12,3)", "Latest patient activation score, 0–100.", Privacy.SENSITIVE, Between(low=0, high=100)),
            day("second_mmr_date", "Second measles, mumps and rubella vaccination, where by the month of the fifth birthday."),
        ),
    ),
    _counted("hospital", "hospital care"),
    _counted("reablement", "where people are 91 days after hospital and reablement"),
    _counted("care", "social and personalised care"),
    _counted("support", "what follows reablement, and direct payments of carers"),
    _counted("practice", "practice records"),
    _counted("children", "children and maternity"),
    _counted("services", "mental health and deaths"),
    _counted("place", "the air where people live"),
    Table(
        key="person.mental_health_measures",
        grain="person and measure of mental health need and care",
        description="What each person adds to the measures of `mart.mental_health`: need recorded and expected, contact, detention.",
        unique_key=("person_id", "measure"),
        minimum_rows=0,
        columns=(
            PERSON_ID,
            about("measure", "VARCHAR", "The measure.", Privacy.SENSITIVE, Matches(pattern="[a-z_]+", means="a name in lower case"), required=True),
            about("numerator", "DECIMAL(12,3)", "What the person adds to the numerator.", Privacy.SENSITIVE, Between(low=0), required=True),
            about("denominator", "DECIMAL(12,3)", "What the person adds to the denominator.", Privacy.SENSITIVE, Between(low=0), required=True),
        ),
    ),
    Table(
        key="person.mortality",
        grain="adult of 18 to 74 alive in the five years to the snapshot",
        description="Whether they died, and whether serious mental illness was ever recorded of them. Ages are those at the snapshot, or at death.",
        unique_key=("person_id",),
        minimum_rows=0,
        columns=(
            PERSON_ID,
            choice("age_group", ("18-34", "35-44", "45-54", "55-64", "65-74"), "Age group.", Privacy.QUASI),
            flag("has_serious_mental_illness", "Serious mental illness was recorded.", Privacy.SENSITIVE),
            flag("has_died", "A source says that the person has died.", Privacy.SENSITIVE),
        ),
    ),
)  # fmt: skip
