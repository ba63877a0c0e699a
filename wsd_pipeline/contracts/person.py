"""People at the snapshot date: who they are, what they live with, what they use, and what segment rules may ask."""

from __future__ import annotations

from wsd_pipeline.contracts import circumstances, costs, facts, outcomes, profile
from wsd_pipeline.contracts.checks import Between, Matches, Severity
from wsd_pipeline.contracts.core import Column, Privacy, RowRule, Table
from wsd_pipeline.contracts.fields import ETHNICITY_GROUPS, LOCALITIES, LSOA21, PERSON_ID, PRACTICE_PATTERN, SEXES
from wsd_pipeline.contracts.household import HOUSEHOLDS
from wsd_pipeline.contracts.people import (
    ACTIVITY_TYPES,
    ADMISSION_KINDS,
    AGE_BANDS,
    AGE_YEARS,
    CARE_ACTIVITY_TYPES,
    CARE_TYPES,
    CONTACT_TYPES,
    DEPARTMENT_TYPES,
    PERSON_LOCALITIES,
    POPULATION_BASES,
    SOURCES,
    about,
    choice,
    count,
    day,
    flag,
)

_RECORD_ID = Column(
    name="record_id", type="UUID", description="The record, as in `pseudo`.", privacy=Privacy.PSEUDONYM, required=True
)
_SOURCE = choice("source", SOURCES, "Source system of the record.", Privacy.NONE)
_BIRTH_MONTH = day(
    "birth_month", "First day of the month of birth; null where not known or not possible.", Privacy.QUASI
)
_BAND = choice(
    "link_band",
    ("A", "B", "C", "D", "E"),
    "Link band, A certain … E weakest accepted; null where nothing was joined.",
    Privacy.PAYLOAD,
    required=False,
)
_RALF = Column(name="ralf", type="UUID", description="Residence pseudonym of the address.", privacy=Privacy.PSEUDONYM)
_ETHNICITY = choice("ethnicity_group", ETHNICITY_GROUPS, "Ethnic group, in eight.", Privacy.SENSITIVE)
_IMD = about(
    "imd_quintile",
    "SMALLINT",
    "National deprivation quintile (IMD 2025) of the residence, 1 the most deprived.",
    Privacy.QUASI,
    Between(low=1, high=5),
)
_WARD = about(
    "ward_code",
    "VARCHAR",
    "Ward of the residence (best fit).",
    Privacy.QUASI,
    Matches(pattern="E0500[0-9]{4}", means="a ward code"),
)
_PRACTICE = about(
    "practice_code",
    "VARCHAR",
    "Practice whose list the person is on.",
    Privacy.QUASI,
    Matches(pattern=PRACTICE_PATTERN, means="an ODS practice code"),
)
_PCN = about("pcn_code", "VARCHAR", "PCN of that practice at the snapshot.", Privacy.QUASI)

RECORDS = Table(
    key="person.records",
    grain="source record of a person in this month's extracts",
    description="The latest each source says of a person, in one set of codes. A record of too little identity is left out.",
    unique_key=("source", "record_id"),
    columns=(
        PERSON_ID,
        _SOURCE,
        _RECORD_ID,
        _BAND,
        _BIRTH_MONTH,
        choice("sex", SEXES[:3], "Sex; null where not known.", Privacy.QUASI, required=False),
        choice("ethnicity_group", ETHNICITY_GROUPS[:7], "Ethnic group; null where not known or not stated.", Privacy.SENSITIVE, required=False),
        day("death_date", "Date of death by the snapshot, as this source knows it."),
        day("seen_date", "Last day this source has seen the person.", Privacy.PAYLOAD, required=True),
        flag("is_sensitive", "Sensitive (S-flagged) record.", Privacy.SENSITIVE),
    ),
)  # fmt: skip

ADDRESSES = Table(
    key="person.addresses",
    grain="source record that gives an address for the snapshot date",
    description="Addresses that may be where a person lives: still open, or seen within fifteen months.",
    unique_key=("source", "record_id"),
    columns=(
        PERSON_ID,
        _SOURCE,
        _RECORD_ID,
        about("priority", "SMALLINT", "Which source goes first, 1 the tenancy, 5 hospitals.", Privacy.NONE, Between(low=1, high=5), required=True),
        LSOA21,
        _RALF,
        day("from_date", "Day the source first puts the person there, where it says.", Privacy.PAYLOAD),
        day("seen_date", "Last day the source puts the person there.", Privacy.PAYLOAD, required=True),
    ),
)  # fmt: skip

RESIDENCES = Table(
    key="person.residences",
    grain="person with a known address",
    description="Where a person lives at the snapshot: tenancy, then practice list, school roll, social care, hospital. Nobody with a sensitive record is here.",
    unique_key=("person_id",),
    columns=(
        PERSON_ID,
        choice("residence_source", SOURCES, "Source of the address.", Privacy.NONE),
        LSOA21,
        _RALF,
        _WARD,
        choice("locality", LOCALITIES, "Locality; null outside the borough.", Privacy.QUASI, required=False),
        _IMD,
        flag("is_resident", "The address is in the borough."),
        flag("has_residence_conflict", "Sources put the person in more than one LSOA."),
    ),
)  # fmt: skip

REGISTRATIONS = Table(
    key="person.registrations",
    grain="person on the list of a practice of the borough",
    description="The open regular registration of a person; of two, the later. PCN as of the snapshot.",
    unique_key=("person_id",),
    columns=(
        PERSON_ID,
        _PRACTICE,
        _PCN,
        choice("practice_locality", LOCALITIES, "Locality of the practice.", Privacy.QUASI),
        day("registered_date", "Start of the registration.", Privacy.PAYLOAD, required=True),
        count("registration_count", "Open registrations of the person; more than one after a move."),
    ),
)  # fmt: skip

ATTRIBUTES = Table(
    key="person.attributes",
    grain="person and attribute that a source states",
    description="The value that stands for month of birth, sex and ethnic group: the latest the practice knows; else what most records say.",
    unique_key=("person_id", "attribute"),
    columns=(
        PERSON_ID,
        choice("attribute", ("birth_month", "ethnicity_group", "sex"), "What is stated.", Privacy.NONE),
        about("value", "VARCHAR", "The value that stands.", Privacy.SENSITIVE, required=True),
        choice("source", SOURCES, "A source that states it.", Privacy.NONE),
        flag("has_conflict", "Another record states another value."),
    ),
)  # fmt: skip

DEMOGRAPHICS = Table(
    key="person.demographics",
    grain="person with a record in this month's extracts",
    description="Who a person is at the snapshot date, each conflict between sources resolved and marked. Registered is not resident.",
    unique_key=("person_id",),
    columns=(
        PERSON_ID,
        _BIRTH_MONTH,
        AGE_YEARS,
        choice("age_band", AGE_BANDS, "Age band.", Privacy.QUASI),
        choice("sex", SEXES, "Sex.", Privacy.QUASI),
        _ETHNICITY,
        choice("ethnicity_source", SOURCES, "Source of the ethnic group.", Privacy.NONE, required=False),
        LSOA21,
        _RALF,
        choice("residence_source", SOURCES, "Source of the address.", Privacy.NONE, required=False),
        _WARD,
        choice("locality", PERSON_LOCALITIES, "Locality of residence; withheld for a sensitive record.", Privacy.QUASI),
        _IMD,
        _PRACTICE,
        _PCN,
        flag("is_registered", "On the list of a practice of the borough."),
        flag("is_resident", "Lives in the borough, on evidence of the last fifteen months."),
        choice("population_basis", POPULATION_BASES, "Registered, resident, both or neither.", Privacy.PAYLOAD),
        flag("is_alive", "No source says that the person has died."),
        day("death_date", "Earliest date of death by the snapshot."),
        flag("is_eligible", "Alive and registered or resident: belongs to the population that is segmented."),
        flag("has_health_record", "A GP record is linked. Without one nobody is called healthy."),
        flag("is_sensitive", "A record is sensitive (S-flagged): no address is used.", Privacy.SENSITIVE),
        _BAND,
        count("record_count", "Records of the person this month."),
        flag("has_birth_month_conflict", "Records state different months of birth."),
        flag("has_sex_conflict", "Records state different sexes.", Privacy.SENSITIVE),
        flag("has_ethnicity_conflict", "Records state different ethnic groups."),
        flag("has_residence_conflict", "Sources put the person in more than one LSOA."),
    ),
    rules=(
        RowRule(
            name="eligible_people_live_here",
            failing="is_eligible and (population_basis = 'neither' or not is_alive)",
            description="eligible people are alive and registered or resident",
        ),
        RowRule(
            name="age_is_known",
            failing="is_eligible and age_years is null",
            description="the age of eligible people is known, but for 1 in 1,000",
            limit=0.001,
            severity=Severity.WARN,
        ),
        RowRule(
            name="sensitive_has_no_address",
            failing="is_sensitive and (lsoa21 is not null or ralf is not null or locality <> 'withheld')",
            description="nobody with a sensitive record has an address",
        ),
    ),
)  # fmt: skip

CONDITIONS = Table(
    key="person.conditions",
    grain="person and condition ever recorded",
    description="Conditions in the GP record, and whether each stands by the QOF rules in `reference.conditions`.",
    unique_key=("person_id", "condition"),
    minimum_rows=0,
    columns=(
        PERSON_ID,
        about("condition", "VARCHAR", "Condition, of `reference.conditions`.", Privacy.SENSITIVE, Matches(pattern="[a-z0-9_]+", means="a name in lower case"), required=True),
        day("first_date", "First recording.", required=True),
        day("latest_date", "Latest recording.", required=True),
        day("resolved_date", "Latest resolution by the snapshot."),
        flag("is_active", "Stands at the snapshot.", Privacy.SENSITIVE),
        flag("is_long_term", "Stands, and counts as a long-term condition.", Privacy.SENSITIVE),
    ),
    rules=(
        RowRule(name="first_before_latest", failing="first_date > latest_date", description="`first_date` is not after `latest_date`"),
        RowRule(name="long_term_is_active", failing="is_long_term and not is_active", description="a condition that counts stands"),
    ),
)  # fmt: skip

SPELLS = Table(
    key="person.spells",
    grain="hospital spell of a person",
    description="Hospital spells, made from episodes: the first episode says how and why, the last when it ended.",
    unique_key=("person_id", "spell_key"),
    minimum_rows=0,
    columns=(
        PERSON_ID,
        Column(name="spell_key", type="UUID", description="The spell, as in `pseudo`.", privacy=Privacy.PSEUDONYM, required=True),
        choice("admission_kind", ADMISSION_KINDS, "Kind of admission.", Privacy.PAYLOAD),
        day("admission_date", "Admission.", required=True),
        day("discharge_date", "Discharge; null while in hospital at the snapshot."),
        about("admission_method_code", "VARCHAR", "ADMIMETH of the first episode.", Privacy.PAYLOAD),
        about("admission_source_code", "VARCHAR", "ADMISORC of the first episode.", Privacy.PAYLOAD),
        about("primary_diagnosis_code", "VARCHAR", "Primary diagnosis (ICD-10) of the first episode.", Privacy.SENSITIVE),
        about("main_operation_code", "VARCHAR", "Main procedure (OPCS-4) of the first episode.", Privacy.SENSITIVE),
        about("discharge_method_code", "VARCHAR", "DISMETH.", Privacy.SENSITIVE),
        about("discharge_destination_code", "VARCHAR", "DISDEST.", Privacy.SENSITIVE),
        count("episode_count", "Episodes of the spell."),
        about("bed_days", "INTEGER", "Nights, up to the snapshot where not discharged.", Privacy.PAYLOAD, Between(low=0, limit=0.01, severity=Severity.WARN), required=True),
        about("cost_gbp", "DECIMAL(14,2)", "Sum of the episodes' tariffs, in pounds; null where the supplier gives none.", Privacy.PAYLOAD),
    ),
)  # fmt: skip

STAYS = Table(
    key="person.stays",
    grain="hospital spell of a person",
    description="Which spells are one stay: continuous inpatient spells by the rule of NHS England's indicators (within two days, and by transfer).",
    unique_key=("person_id", "spell_key"),
    minimum_rows=0,
    columns=(
        PERSON_ID,
        Column(name="spell_key", type="UUID", description="The spell, as in `pseudo`.", privacy=Privacy.PSEUDONYM, required=True),
        flag("is_transfer", "Goes on from another spell within two days, by transfer: one stay in hospital, and no new admission."),
        day("stay_admission_date", "Admission to the first hospital of the stay.", required=True),
        about("stay_days", "INTEGER", "Nights since the stay began, with those in hospitals the person came from.", Privacy.PAYLOAD, Between(low=0, limit=0.01, severity=Severity.WARN), required=True),
    ),
)  # fmt: skip

ATTENDANCES = Table(
    key="person.attendances",
    grain="attendance of a person at an emergency department",
    description="Attendances by the snapshot: at what kind of department, for how long, for what.",
    unique_key=("person_id", "attendance_key"),
    minimum_rows=0,
    columns=(
        PERSON_ID,
        Column(name="attendance_key", type="UUID", description="The attendance, as in `pseudo`.", privacy=Privacy.PSEUDONYM, required=True),
        day("arrival_date", "Arrival.", required=True),
        choice("department_type", DEPARTMENT_TYPES, "Kind of department.", Privacy.PAYLOAD),
        flag("is_unplanned", "Not said to be planned."),
        flag("is_admitted", "Went on to a ward."),
        flag("is_over_4_hours", "Left more than four hours after arrival; null where not told.", required=False),
        flag("is_over_12_hours", "Left more than twelve hours after arrival; null where not told.", required=False),
        flag("is_in_hours", "Arrived between 8 and 18:30 on a Monday to Friday, bank holidays among them; null where not told.", required=False),
        flag("is_minor", "Of standard acuity or not urgent; null where not told.", required=False),
        flag("has_begun_treatment", "A time at which treatment began is recorded."),
        about("chief_complaint_code", "VARCHAR", "Chief complaint (SNOMED CT).", Privacy.SENSITIVE),
        about("primary_diagnosis_code", "VARCHAR", "First diagnosis (SNOMED CT).", Privacy.SENSITIVE),
        about("cost_gbp", "DECIMAL(14,2)", "Tariff in pounds; null where the supplier gives none.", Privacy.PAYLOAD),
    ),
)  # fmt: skip

CARE_EPISODES = Table(
    key="person.care_episodes",
    grain="unbroken stretch of one type of social care",
    description="Social care services joined where one starts by the day after the last has ended: a stretch of ST-Max is one reablement episode.",
    unique_key=("person_id", "care_type", "start_date"),
    minimum_rows=0,
    columns=(
        PERSON_ID,
        choice("care_type", CARE_TYPES, "Type of care.", Privacy.SENSITIVE),
        choice("activity_type", CARE_ACTIVITY_TYPES, "Activity it counts as.", Privacy.PAYLOAD),
        day("start_date", "First day.", required=True),
        day("end_date", "Last day; null while open."),
        flag("is_open", "Open at the snapshot."),
        flag("is_direct_payment", "Some of it by direct payment."),
        count("service_count", "Services joined."),
    ),
    rules=(
        RowRule(name="start_before_end", failing="start_date > end_date", description="`start_date` is not after `end_date`"),
        RowRule(name="open_has_no_end", failing="is_open != (end_date is null)", description="an open stretch has no end"),
    ),
)  # fmt: skip

OUTPATIENTS = Table(
    key="person.outpatients",
    grain="outpatient appointment that was due by the snapshot",
    description="Outpatient appointments and whether they were kept. Missed of missed and attended is the DNA rate; cancelled ones are in neither.",
    unique_key=("person_id", "appointment_id"),
    minimum_rows=0,
    columns=(
        PERSON_ID,
        Column(name="appointment_id", type="UUID", description="The appointment, as `row_id` in `pseudo`.", privacy=Privacy.PSEUDONYM, required=True),
        day("appointment_date", "When it was due.", required=True),
        flag("is_attended", "Seen, on time or late."),
        flag("is_missed", "Did not attend, or came too late to be seen."),
        flag("is_first", "First attendance of a course."),
        flag("is_remote", "By telephone or video."),
        about("treatment_specialty_code", "VARCHAR", "Treatment function.", Privacy.SENSITIVE),
        about("cost_gbp", "DECIMAL(12,2)", "Tariff, where supplied.", Privacy.PAYLOAD),
    ),
)  # fmt: skip

CONTACTS = Table(
    key="person.contacts",
    grain="person and type of contact outside hospital in the twelve months to the snapshot",
    description="Contacts that took place: practice appointments, mental health, community and talking therapies; and days on a mental health ward.",
    unique_key=("person_id", "activity_type"),
    minimum_rows=0,
    columns=(
        PERSON_ID,
        choice("activity_type", CONTACT_TYPES, "Type of contact.", Privacy.PAYLOAD),
        count("contact_count", "Contacts, or days of the twelve months."),
        day("last_date", "The latest.", required=True),
    ),
)

ACTIVITY = Table(
    key="person.activity",
    grain="person and type of activity in the twelve months to the snapshot",
    description="How often, when last, how many days and at what cost. Admissions count where they begin in the twelve months, with all their nights.",
    unique_key=("person_id", "activity_type"),
    minimum_rows=0,
    columns=(
        PERSON_ID,
        choice("activity_type", ACTIVITY_TYPES, "Type of activity.", Privacy.PAYLOAD),
        count("event_count", "Events."),
        day("last_date", "Start of the latest.", required=True),
        about("day_count", "INTEGER", "Nights in hospital, or days of care within the twelve months.", Privacy.PAYLOAD, Between(low=0, limit=0.01, severity=Severity.WARN), required=True),
        about("cost_gbp", "DECIMAL(14,2)", "Cost in pounds: tariff where supplied, else unit costs.", Privacy.PAYLOAD, Between(low=0), required=True),
    ),
)  # fmt: skip

TABLES = (
    RECORDS,
    ADDRESSES,
    RESIDENCES,
    REGISTRATIONS,
    ATTRIBUTES,
    DEMOGRAPHICS,
    CONDITIONS,
    HOUSEHOLDS,
    SPELLS,
    STAYS,
    ATTENDANCES,
    CARE_EPISODES,
    OUTPATIENTS,
    CONTACTS,
    ACTIVITY,
    *costs.TABLES,
    *profile.TABLES,
    *outcomes.TABLES,
    facts.PROFILE,
    *circumstances.TABLES,
)
