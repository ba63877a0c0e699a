"""Emergency departments and urgent treatment centres: the Emergency Care Data Set, one row per attendance."""

from __future__ import annotations

from wsd_pipeline.contracts import codes
from wsd_pipeline.contracts.checks import Matches, NotAfter, NotInFuture, OneOf, Severity
from wsd_pipeline.contracts.core import Identity, LandedTable, Privacy
from wsd_pipeline.contracts.feed import Address, AgeAt, Says
from wsd_pipeline.contracts.fields import (
    NHS_ETHNIC_CATEGORIES,
    address_lines,
    birth_date,
    dropped,
    kept,
    keyed,
    name_part,
    nhs_number,
    postcode,
    practice_code,
    sex,
    uprn,
)

DEPARTMENT_TYPES = ("01", "02", "03", "04", "05")
ATTENDANCE_CATEGORIES = ("1", "2", "3", "4")

ATTENDANCES = LandedTable(
    key="landed.ecds__attendances",
    grain="attendance at an emergency or urgent care department",
    description="Emergency Care Data Set attendances: when, where, how urgent, what for, and where the person went next.",
    source="ecds",
    supplier="emergency and urgent care (ECDS)",
    domain_section="2.5",
    person_key=("provider_code", "local_patient_id"),
    unique_key=("attendance_ident",),
    latest_by=("interchange_time",),
    event_date="arrival_date",
    says=Says(
        seen="arrival_date", ethnicity_list="nhs", ethnicity="ethnic_category",
        death_date="case when discharge_destination_code = '305398007' then arrival_date end",
        address=Address(priority=5, from_date="arrival_date", seen="arrival_date"),
    ),
    ages=(AgeAt(name="attendance_age_years", on="arrival_date", description="Completed years at arrival."),),
    columns=(
        keyed("attendance_ident", "Attendance identifier.", required=True, header="ec_ident", pseudo_name="attendance_key"),
        nhs_number(),
        keyed("local_patient_id", "Hospital number.", required=True, pseudo_name="local_patient_key"),
        name_part(Identity.SURNAME, "surname", "Surname."),
        name_part(Identity.FORENAME, "forename", "Forename or forenames, as told at the desk."),
        birth_date("dob", unreadable_limit=0.02),
        sex("sex", ("0", "1", "2", "9")),
        kept(
            "ethnic_category", "VARCHAR", "NHS ethnic category (2001).", Privacy.SENSITIVE, header="ethnos",
            checks=(OneOf(values=NHS_ETHNIC_CATEGORIES, limit=0.01),),
        ),
        *address_lines(),
        postcode(),
        uprn(),
        practice_code("gppprac"),
        kept(
            "provider_code", "VARCHAR", "ODS code of the provider.", Privacy.PAYLOAD, header="procode3", required=True,
            checks=(Matches(pattern="[A-Z0-9]{3}", means="a three-character provider code"),),
        ),
        kept("site_code", "VARCHAR", "ODS code of the hospital site or treatment centre.", header="site", checks=(codes.site(),)),
        kept("arrival_date", "DATE", "Date of arrival.", Privacy.SENSITIVE, required=True, checks=(NotInFuture(limit=0.01),)),
        kept(
            "arrival_time", "TIMESTAMP", "Date and time of arrival.", Privacy.SENSITIVE, header="arrival_dt", required=True,
            checks=(NotAfter(other="departure_time", limit=0.01, severity=Severity.WARN),),
        ),
        kept(
            "department_type_code", "VARCHAR", "01 major, 02 single specialty, 03 urgent treatment, 04 walk-in, 05 same-day.",
            header="dept_type", required=True, checks=(OneOf(values=DEPARTMENT_TYPES, limit=0.01),),
        ),
        kept(
            "attendance_category_code", "VARCHAR", "1 unplanned first, 2 and 3 unplanned follow-up, 4 planned.",
            header="attendance_category", checks=(OneOf(values=ATTENDANCE_CATEGORIES, limit=0.01),),
        ),
        kept("arrival_mode_code", "VARCHAR", "How the person arrived (SNOMED CT).", header="arrival_mode_snomed", checks=(codes.snomed(),)),
        kept("referral_source_code", "VARCHAR", "Who referred.", header="referral_source", checks=(codes.snomed(),)),
        kept("acuity_code", "VARCHAR", "Acuity at assessment (SNOMED CT).", header="acuity_snomed", checks=(codes.snomed(),)),
        kept(
            "chief_complaint_code", "VARCHAR", "Chief complaint (SNOMED CT).", Privacy.SENSITIVE,
            header="chief_complaint_snomed", checks=(codes.snomed(),),
        ),
        *(
            kept(
                f"diagnosis_{i:02d}_code", "VARCHAR", f"Diagnosis {i} (SNOMED CT, restricted reference set).", Privacy.SENSITIVE,
                header=f"diag_snomed_{i}", checks=(codes.snomed(),),
            )
            for i in range(1, 13)
        ),
        kept("treatment_time", "TIMESTAMP", "When treatment began.", Privacy.SENSITIVE, header="treat_dt"),
        kept("conclusion_time", "TIMESTAMP", "When the attendance was concluded.", Privacy.SENSITIVE, header="conclusion_dt"),
        kept("departure_time", "TIMESTAMP", "When the person left.", Privacy.SENSITIVE, header="departure_dt"),
        kept("discharge_status_code", "VARCHAR", "Discharge status (SNOMED CT).", header="discharge_status_snomed", checks=(codes.snomed(),)),
        kept("discharge_destination_code", "VARCHAR", "Discharge destination (SNOMED CT).", header="discharge_destination_snomed", checks=(codes.snomed(),)),
        kept("accommodation_status_code", "VARCHAR", "Accommodation status (SNOMED CT).", Privacy.SENSITIVE, header="accommodation_status_snomed", checks=(codes.snomed(),)),
        kept("injury_intent_code", "VARCHAR", "Injury intent.", Privacy.SENSITIVE, header="injury_intent", checks=(codes.snomed(),)),
        kept("is_alcohol_or_drug_related", "BOOLEAN", "Alcohol or drugs involved.", Privacy.SENSITIVE, header="alcohol_drug_flag"),
        dropped("lsoa", "VARCHAR", "LSOA as the provider derived it; the vault derives its own."),
        kept("cost_gbp", "DECIMAL(12,2)", "Tariff with market forces factor, in pounds.", header="cost"),
        kept("interchange_time", "TIMESTAMP", "When the provider sent the row; a later one replaces it.", header="interchange_ts"),
    ),
)  # fmt: skip

TABLES = (ATTENDANCES,)
