"""Who people are at the snapshot date: what each source says of a person, where they live, and which of it stands."""

from __future__ import annotations

from wsd_pipeline.contracts.checks import Between, Matches, Severity
from wsd_pipeline.contracts.core import Column, Privacy, RowRule, Table
from wsd_pipeline.contracts.fields import ETHNICITY_GROUPS, LOCALITIES, LSOA21, PERSON_ID, PRACTICE_PATTERN, SEXES
from wsd_pipeline.contracts.people import (
    AGE_BANDS,
    AGE_YEARS,
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

TABLES = (RECORDS, ADDRESSES, RESIDENCES, REGISTRATIONS, ATTRIBUTES, DEMOGRAPHICS)
