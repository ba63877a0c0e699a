"""Maternity: the Maternity Services Data Set (MSDS), a feed of pregnancies and one of the babies born of them.

Mothers and babies are people of one source: a baby's row holds the pregnancy it came of, never its mother's identity.
"""

from __future__ import annotations

from wsd_pipeline.contracts.checks import Between, NotAfter, OneOf, Severity
from wsd_pipeline.contracts.core import Landed, LandedTable, Privacy
from wsd_pipeline.contracts.feed import Address, Says
from wsd_pipeline.contracts.fields import birth_date, kept, keyed, nhs_number, postcode, practice_code, sex
from wsd_pipeline.contracts.national import (
    coded,
    ethnic_category,
    event_day,
    happened,
    listed,
    period_end_date,
    person_ref,
    provider_code,
    submission_month,
)

PREGNANCY_DAYS = 280
LATEST = ("submission_month_number",)


def _pregnancy_ref() -> Landed:
    return keyed(
        "pregnancy_ref",
        "Pregnancy, unique in the data set.",
        required=True,
        header="UniqPregID",
        pseudo_name="pregnancy_key",
    )


PREGNANCIES = LandedTable(
    key="landed.msds__pregnancies",
    grain="pregnancy booked",
    description="Pregnancies from booking to delivery and discharge (MSD001, MSD101, MSD301), of mothers known by their number.",
    source="msds",
    supplier="maternity services (MSDS)",
    domain_section="2.8",
    person_key=("person_ref",),
    unique_key=("pregnancy_ref",),
    latest_by=LATEST,
    event_date="booking_date",
    minimum_rows=0,
    says=Says(
        seen="period_end_date", ethnicity_list="nhs", ethnicity="ethnic_category",
        address=Address(priority=5, from_date="booking_date", seen="period_end_date"),
    ),
    columns=(
        _pregnancy_ref(),
        person_ref("Person_ID_Mother", "Person identifier of the mother."),
        provider_code("OrgCodeProvider"),
        submission_month(),
        period_end_date(),
        nhs_number("NHSNumberMother"),
        birth_date("PersonBirthDateMother"),
        ethnic_category("EthnicCategoryMother"),
        postcode("PostcodeMother"),
        practice_code("OrgIDGPMother"),
        kept(
            "booking_date", "DATE", "Date of the booking appointment.", Privacy.SENSITIVE, header="AntenatalAppDate", required=True,
            checks=(*happened(), NotAfter(other="delivery_date", limit=0.01, severity=Severity.WARN)),
        ),
        kept("gestation_at_booking_days", "SMALLINT", "Gestation at booking, in days.", Privacy.SENSITIVE, header="GestAgeBooking", checks=(Between(low=20, high=320, limit=0.01),)),
        kept("expected_date", "DATE", "Agreed expected date of delivery: 280 days after the pregnancy began; may lie ahead.", Privacy.SENSITIVE, header="EDDAgreed"),
        kept("previous_live_births_count", "SMALLINT", "Live births before this pregnancy.", Privacy.SENSITIVE, header="PreviousLiveBirths", checks=(Between(low=0, high=20, limit=0.01),)),
        listed("smoking_status_code", "01 smoker, 02 ex-smoker, 03 never, 04 not stated, 05 not known.", "SmokingStatusBooking", ("01", "02", "03", "04", "05"), Privacy.SENSITIVE),
        kept("alcohol_units_count", "SMALLINT", "Units of alcohol a week at booking.", Privacy.SENSITIVE, header="AlcoholUnits", checks=(Between(low=0, high=250, limit=0.01),)),
        kept("has_complex_social_factors", "BOOLEAN", "Complex social factors.", Privacy.SENSITIVE, header="ComplexSocialFactorsInd"),
        listed("support_status_code", "Y where the mother feels supported, N, Z not stated.", "SupportStatusMother", ("Y", "N", "Z"), Privacy.SENSITIVE),
        coded("employment_status_code", "Employment of the mother at booking, list as in mental health.", "EmploymentMother", "0[1-8]|ZZ|99", "a code of the employment list"),
        event_day("labour_onset_date", "Date labour began.", "LabourOnsetDate"),
        kept(
            "delivery_date", "DATE", "Date of delivery; empty while pregnant, or where the pregnancy ended otherwise.", Privacy.SENSITIVE,
            header="DeliveryDate", checks=(*happened(), NotAfter(other="discharge_date", limit=0.01, severity=Severity.WARN)),
        ),
        coded("delivery_method_code", "0–1 spontaneous, 2–6 assisted, 7 planned and 8 emergency caesarean, 9 other.", "DeliveryMethod", "[0-9X]", "one character"),
        event_day("discharge_date", "Discharge from maternity services.", "DischargeDateMatService"),
        coded("discharge_reason_code", "Why care ended before a birth, where it did.", "DischReason", "[0-9]{2}", "a two-digit reason", Privacy.SENSITIVE),
    ),
)  # fmt: skip

BABIES = LandedTable(
    key="landed.msds__babies",
    grain="baby born of a booked pregnancy",
    description="Babies (MSD401): weight, gestation, outcome, first feed. Several of one pregnancy are several rows.",
    source="msds",
    supplier="maternity services (MSDS)",
    domain_section="2.8",
    person_key=("person_ref",),
    unique_key=("pregnancy_ref", "person_ref"),
    latest_by=LATEST,
    minimum_rows=0,
    says=Says(seen="period_end_date", ethnicity_list="nhs", ethnicity="ethnic_category", death_date="death_date"),
    event_date="period_end_date",
    columns=(
        person_ref("Person_ID_Baby", "Person identifier of the baby."),
        _pregnancy_ref(),
        provider_code("OrgCodeProvider"),
        submission_month(),
        period_end_date(),
        nhs_number("NHSNumberBaby"),
        birth_date("PersonBirthDateBaby"),
        sex("PersonPhenSex", ("1", "2", "9", "X")),
        ethnic_category("EthnicCategoryBaby"),
        kept("birth_weight_grams", "SMALLINT", "Birth weight in grams.", Privacy.SENSITIVE, header="BirthWeight", checks=(Between(low=200, high=7000, limit=0.01),)),
        kept("gestation_days", "SMALLINT", "Gestation at birth, in days.", Privacy.SENSITIVE, header="GestationLengthBirth", checks=(Between(low=140, high=320, limit=0.01),)),
        kept("outcome_code", "VARCHAR", "01 live birth, 02 to 04 stillbirth, 05 other.", Privacy.SENSITIVE, header="OutcomeOfPregnancy", checks=(OneOf(values=("01", "02", "03", "04", "05"), limit=0.01),)),
        listed("first_feed_code", "01 mother's milk, 02 donor milk, 03 other.", "BabyFirstFeed", ("01", "02", "03"), Privacy.SENSITIVE),
        event_day("death_date", "Date of death, where the baby died.", "PersonDeathDateBaby"),
    ),
)  # fmt: skip

TABLES = (PREGNANCIES, BABIES)
