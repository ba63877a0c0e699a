"""The National Child Measurement Programme: heights and weights of children in Reception and in Year 6."""

from __future__ import annotations

from wsd_pipeline.contracts.checks import Between, Matches, NotInFuture, OneOf, Severity
from wsd_pipeline.contracts.core import Identity, LandedTable, Privacy, RowRule
from wsd_pipeline.contracts.feed import Address, AgeAt, FileFormat, Says
from wsd_pipeline.contracts.fields import (
    NHS_ETHNIC_CATEGORIES,
    birth_date,
    dropped,
    kept,
    name_part,
    nhs_number,
    postcode,
    sex,
)

OVERWEIGHT, OBESE, SEVERELY_OBESE, UNDERWEIGHT = 85, 95, 99.6, 2
"""Population thresholds, UK 1990 centiles: at or above; underweight at or below."""
PLAUSIBLE_Z = 5
"""A BMI further than this from the mean, in standard deviations, is a mistake."""

MEASUREMENTS = LandedTable(
    key="landed.ncmp__measurements",
    grain="child measured in a school year",
    description="Height, weight and BMI of children in Reception and Year 6 of state-funded schools. Children whose parents opted out are not in it.",
    source="ncmp",
    supplier="school health service (NCMP)",
    domain_section="2.12",
    cadence="annual",
    person_key=("measurement_ref",),
    unique_key=("measurement_ref",),
    latest_by=("measurement_date",),
    file=FileFormat(date_formats=("%d/%m/%Y", "%Y-%m-%d")),
    ages=(AgeAt(name="measurement_age_years", on="measurement_date", description="Completed years when measured."),),
    event_date="measurement_date",
    says=Says(
        seen="measurement_date", ethnicity_list="nhs", ethnicity="ethnic_category",
        address=Address(priority=5, from_date="measurement_date", seen="measurement_date"),
    ),
    rules=(
        RowRule(
            name="height_and_weight_exchanged", failing="height_cm < weight_kg", limit=0.01, severity=Severity.WARN,
            description="A child is more centimetres tall than kilograms heavy; where not, the two were exchanged.",
        ),
    ),
    columns=(
        dropped("measurement_ref", "VARCHAR", "The programme's number of the child's measurement; stands behind `record_id`.", header="NcmpSystemId", required=True),
        nhs_number("NhsNumber"),
        name_part(Identity.SURNAME, "LastName", "Surname."),
        name_part(Identity.FORENAME, "FirstName", "Forename or forenames."),
        birth_date("DateOfBirth"),
        sex("GenderCode", ("1", "2", "9")),
        kept("ethnic_category", "VARCHAR", "NHS ethnic category (2001).", Privacy.SENSITIVE, header="EthnicityCode", checks=(OneOf(values=NHS_ETHNIC_CATEGORIES, limit=0.01),)),
        postcode("PupilPostcode"),
        kept("school_urn", "VARCHAR", "School's unique reference number.", Privacy.QUASI, header="SchoolURN", checks=(Matches(pattern="[0-9]{6}", means="a six-figure URN", limit=0.01),)),
        kept("year_group", "VARCHAR", "R Reception, 6 Year 6.", header="NcYearGroup", required=True, checks=(OneOf(values=("R", "6"), limit=0.01),)),
        kept("measurement_date", "DATE", "Date of measurement.", Privacy.SENSITIVE, header="DateOfMeasurement", required=True, checks=(NotInFuture(limit=0.01),)),
        kept("height_cm", "DECIMAL(5,1)", "Height in centimetres.", Privacy.SENSITIVE, header="Height", checks=(Between(low=70, high=210, limit=0.02, severity=Severity.WARN),)),
        kept("weight_kg", "DECIMAL(5,1)", "Weight in kilograms.", Privacy.SENSITIVE, header="Weight", checks=(Between(low=8, high=150, limit=0.02, severity=Severity.WARN),)),
        kept("bmi", "DECIMAL(6,2)", "Body mass index.", Privacy.SENSITIVE, header="Bmi"),
        kept("bmi_centile_pct", "DECIMAL(6,2)", "UK 1990 centile of the BMI for age and sex, 0–100.", Privacy.SENSITIVE, header="BmiPCentile", checks=(Between(low=0, high=100, limit=0.01),)),
        kept("bmi_z_score", "DECIMAL(6,3)", "Standard deviations from the UK 1990 mean; beyond ±5 is a mistake.", Privacy.SENSITIVE, header="BmiZScore", checks=(Between(low=-PLAUSIBLE_Z, high=PLAUSIBLE_Z, limit=0.01, severity=Severity.WARN),)),
    ),
)  # fmt: skip

TABLES = (MEASUREMENTS,)
