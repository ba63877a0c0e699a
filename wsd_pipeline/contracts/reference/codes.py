"""Code lists with a rule attached: what must never arrive, what an admission could have avoided, which team is which."""

from __future__ import annotations

from wsd_pipeline.contracts.checks import Matches, OneOf
from wsd_pipeline.contracts.landed.aggregates import SERVICE_LINES
from wsd_pipeline.contracts.reference.core import ReferenceTable, fact

CODE_SYSTEMS = ("icd10", "opcs4", "snomed", "read2", "treatment_function", "cluster")
RESTRICTED_CATEGORIES = (
    "assisted_conception", "sexually_transmitted_infection", "termination_of_pregnancy", "gender_recognition",
)  # fmt: skip
RESTRICTED_ACTIONS = ("reject_file", "drop_row")

RESTRICTED_CODES = ReferenceTable(
    key="reference.restricted_codes",
    grain="code or beginning of codes that the law restricts",
    description="What must not be held about an identified person. A GP file with one is refused whole, since the supplier must leave them out; an identified hospital row is dropped in the vault and counted, one stripped of identity is counted and never linked.",
    vintage="2024; SNOMED CT and local cluster names are the roots only: a live project adds the nation's four exclusion subsets",
    source_note="Human Fertilisation and Embryology Act 1990 s33A; NHS (Venereal Diseases) Regulations 1974 and Directions 2000; Abortion Regulations 1991; Gender Recognition Act 2004 s22",
    unique_key=("code_system", "code_prefix"),
    columns=(
        fact("code_system", "VARCHAR", "Which classification.", required=True, checks=(OneOf(values=CODE_SYSTEMS),)),
        fact("code_prefix", "VARCHAR", "Beginning of the code, upper case, without dots.", required=True),
        fact("is_whole_code", "BOOLEAN", "The whole code is meant, not every code that begins so.", required=True),
        fact("category", "VARCHAR", "Which law's subject.", required=True, checks=(OneOf(values=RESTRICTED_CATEGORIES),)),
        fact("gp_action", "VARCHAR", "What becomes of a GP file that holds it.", required=True, checks=(OneOf(values=RESTRICTED_ACTIONS),)),
        fact("hospital_action", "VARCHAR", "What becomes of an identified row of any other feed.", required=True, checks=(OneOf(values=RESTRICTED_ACTIONS),)),
        fact("is_local_policy", "BOOLEAN", "Restricted by the partnership's choice where the law leaves one.", required=True),
        fact("meaning", "VARCHAR", "The codes in words.", required=True),
    ),
)  # fmt: skip

_ICD10 = (Matches(pattern="[A-Z][0-9]{1,3}", means="the beginning of an ICD-10 code, without its dot"),)

ACSC_CODES = ReferenceTable(
    key="reference.acsc_codes",
    grain="beginning of ICD-10 codes",
    description="Chronic ambulatory care sensitive conditions: an adult's emergency admission with one as its primary diagnosis could have been avoided by care outside hospital.",
    vintage="NHS Outcomes Framework 2.3i, as of 2019/20",
    source_note="NHS Digital indicator specification, as the project read it; the procedures that exclude an admission are not listed",
    unique_key=("icd10_prefix",),
    columns=(
        fact("icd10_prefix", "VARCHAR", "Beginning of the primary diagnosis.", required=True, unique=True, checks=_ICD10),
        fact("condition_group", "VARCHAR", "Condition in words joined by _.", required=True),
        fact("minimum_age_years", "SMALLINT", "Youngest age counted.", required=True),
        fact("is_excluded_with_procedure", "BOOLEAN", "The national indicator leaves out admissions with certain procedures; this one does not.", required=True),
    ),
)  # fmt: skip

DIAGNOSIS_GROUPS = ReferenceTable(
    key="reference.diagnosis_groups",
    grain="group of diagnoses and beginning of ICD-10 codes",
    description="Groups of diagnoses that measures count: falls (an injury first, a fall anywhere), asthma and wheeze of children, self-harm, assault, dental caries.",
    vintage="2019/20",
    source_note="Public Health Outcomes Framework definitions, as the project read them",
    unique_key=("diagnosis_group", "icd10_prefix"),
    columns=(
        fact("diagnosis_group", "VARCHAR", "The group.", required=True),
        fact("icd10_prefix", "VARCHAR", "Beginning of the code.", required=True, checks=_ICD10),
        fact("position", "VARCHAR", "primary, or any place among the diagnoses.", required=True, checks=(OneOf(values=("primary", "any")),)),
        fact("minimum_age_years", "SMALLINT", "Youngest age counted; empty for none."),
        fact("maximum_age_years", "SMALLINT", "Oldest age counted; empty for none."),
        fact("meaning", "VARCHAR", "The group in words.", required=True),
    ),
)  # fmt: skip

MENTAL_HEALTH_TEAMS = ReferenceTable(
    key="reference.mental_health_teams",
    grain="service or team type of the Mental Health Services Data Set",
    description="What each team is, and whether an open referral to it with two attended contacts in a year stands in for the Care Programme Approach where that is no longer recorded.",
    vintage="MHSDS version 5",
    source_note="NHS England; types not marked verified are from general knowledge of the data set",
    unique_key=("team_type_code",),
    columns=(
        fact("team_type_code", "VARCHAR", "Code.", required=True, unique=True, checks=(Matches(pattern="[A-F][0-9]{2}", means="a letter and two digits"),)),
        fact("team_type_name", "VARCHAR", "Name in words.", required=True),
        fact("team_group", "VARCHAR", "Kind of team.", required=True),
        fact("is_cpa_fallback", "BOOLEAN", "Stands in for the Care Programme Approach.", required=True),
        fact("is_verified", "BOOLEAN", "Read in NHS England's own code.", required=True),
    ),
)  # fmt: skip

COMPLAINTS = (
    "abdomen", "back_and_joints", "breathing", "chest", "ear_eye_throat", "fever", "head_and_nerves", "injury",
    "mental_health_alcohol_drugs", "pregnancy", "skin", "urinary",
)  # fmt: skip

COMPLAINT_GROUPS = ReferenceTable(
    key="reference.complaint_groups",
    grain="chief complaint of the Emergency Care Data Set",
    description="What people come to an emergency department with, in groups. A complaint that is not listed counts as other.",
    vintage="2024; common complaints only",
    source_note="SNOMED CT concepts as commonly listed, grouped by the project: not the national groups of the data set",
    unique_key=("snomed_code",),
    columns=(
        fact("snomed_code", "VARCHAR", "Concept.", required=True, unique=True, checks=(Matches(pattern="[0-9]{6,18}", means="a SNOMED CT concept"),)),
        fact("complaint_group", "VARCHAR", "The group.", required=True, checks=(OneOf(values=COMPLAINTS),)),
        fact("meaning", "VARCHAR", "The complaint in words.", required=True),
    ),
)  # fmt: skip

ACCOMMODATION_STATUSES = ReferenceTable(
    key="reference.accommodation_statuses",
    grain="accommodation status of Client Level Data",
    description="Which accommodation counts as settled (ASCOF 2E). Labels are compared without case or punctuation.",
    vintage="Client Level Data specification, release 1",
    source_note="NHS England's published ASCOF transformations",
    unique_key=("accommodation_status",),
    columns=(
        fact("accommodation_status", "VARCHAR", "Label.", required=True, unique=True),
        fact("is_settled", "BOOLEAN", "Counts as settled.", required=True),
    ),
)

COSTED_ACTIVITIES = ReferenceTable(
    key="reference.costed_activities",
    grain="activity that the records hold",
    description="The service line that pays for an activity, and the feed the activity is known from.",
    vintage="1",
    source_note="the project; service lines as in `finance__lines`",
    unique_key=("activity",),
    columns=(
        fact("activity", "VARCHAR", "Activity type or care type.", required=True, unique=True),
        fact("service_line", "VARCHAR", "What the money is spent on.", required=True, checks=(OneOf(values=SERVICE_LINES),)),
        fact("feed", "VARCHAR", "The feed it is known from.", required=True),
    ),
)  # fmt: skip

TABLES = (
    RESTRICTED_CODES,
    ACSC_CODES,
    DIAGNOSIS_GROUPS,
    COMPLAINT_GROUPS,
    MENTAL_HEALTH_TEAMS,
    ACCOMMODATION_STATUSES,
    COSTED_ACTIVITIES,
)
