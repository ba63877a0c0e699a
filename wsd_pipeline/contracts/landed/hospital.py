"""Hospital activity from SUS: admitted patient care episodes."""

from __future__ import annotations

from wsd_pipeline.contracts import codes
from wsd_pipeline.contracts.checks import Matches, NotAfter, NotInFuture, OneOf, Severity
from wsd_pipeline.contracts.core import LandedTable, Privacy
from wsd_pipeline.contracts.feed import Address, AgeAt, Says
from wsd_pipeline.contracts.fields import (
    NHS_ETHNIC_CATEGORIES,
    birth_date,
    kept,
    keyed,
    nhs_number,
    postcode,
    practice_code,
    sex,
)

ADMISSION_METHODS = (
    "11", "12", "13", "21", "22", "23", "24", "25", "2A", "2B", "2C", "2D", "28", "31", "32", "81", "82", "83",
)  # fmt: skip
EMERGENCY_ADMISSION_METHODS = ("21", "22", "23", "24", "25", "28", "2A", "2B", "2D")
ADMISSION_SOURCES = (
    "19", "29", "39", "40", "41", "42", "49", "51", "52", "53", "54", "65", "66", "79", "85", "87", "88", "98", "99",
)  # fmt: skip
DISCHARGE_DESTINATIONS = (
    "19", "29", "30", "37", "38", "48", "49", "50", "51", "52", "53", "54", "65", "66", "79", "84", "85", "87",
    "88", "98", "99",
)  # fmt: skip

EPISODES = LandedTable(
    key="landed.apc__episodes",
    grain="finished consultant episode",
    description="Admitted patient care, one row per finished consultant episode; spells are built from them.",
    source="apc",
    supplier="acute hospital (SUS)",
    domain_section="2.3",
    person_key=("provider_code", "local_patient_id"),
    unique_key=("apc_ident",),
    latest_by=("interchange_time",),
    event_date="admission_date",
    says=Says(
        seen="admission_date", ethnicity_list="nhs", ethnicity="ethnic_category",
        death_date="case when discharge_method_code = '4' then discharge_date end",
        address=Address(priority=5, from_date="admission_date", seen="admission_date"),
    ),
    ages=(AgeAt(name="admission_age_years", on="admission_date", description="Completed years at admission."),),
    columns=(
        keyed("apc_ident", "Episode identifier.", required=True, pseudo_name="episode_key"),
        keyed("spell_id", "Provider spell number.", required=True, header="provspno", pseudo_name="spell_key"),
        nhs_number(),
        keyed("local_patient_id", "Hospital number.", required=True, header="lopatid", pseudo_name="local_patient_key"),
        birth_date("dob"),
        sex("sex", ("0", "1", "2", "9")),
        kept(
            "ethnic_category", "VARCHAR", "NHS ethnic category (2001).", Privacy.SENSITIVE, header="ethnos",
            checks=(OneOf(values=NHS_ETHNIC_CATEGORIES, limit=0.01),),
        ),
        postcode("homeadd"),
        practice_code("gpprac"),
        kept(
            "provider_code", "VARCHAR", "ODS code of the provider.", Privacy.PAYLOAD, header="procode3", required=True,
            checks=(Matches(pattern="[A-Z0-9]{3}", means="a three-character provider code"),),
        ),
        kept("site_code", "VARCHAR", "ODS code of the hospital site.", header="sitetret", checks=(codes.site(),)),
        kept(
            "admission_date", "DATE", "Date of admission.", Privacy.SENSITIVE, header="admidate", required=True,
            checks=(NotInFuture(limit=0.01), NotAfter(other="discharge_date", limit=0.01, severity=Severity.WARN)),
        ),
        kept(
            "admission_method_code", "VARCHAR", "ADMIMETH; emergency is 21–25, 28, 2A, 2B, 2D.", header="admimeth",
            checks=(OneOf(values=ADMISSION_METHODS, limit=0.01),),
        ),
        kept(
            "admission_source_code", "VARCHAR", "ADMISORC.", header="admisorc",
            checks=(OneOf(values=ADMISSION_SOURCES, limit=0.01),),
        ),
        kept(
            "patient_class_code", "VARCHAR", "CLASSPAT: 1 ordinary, 2 day case, 3 and 4 regular, 5 mother and baby.",
            header="classpat", checks=(OneOf(values=("1", "2", "3", "4", "5"), limit=0.01),),
        ),
        kept("episode_start_date", "DATE", "Start of the episode.", Privacy.SENSITIVE, header="epistart", required=True),
        kept("episode_end_date", "DATE", "End of the episode.", Privacy.SENSITIVE, header="epiend"),
        kept("episode_order", "SMALLINT", "Place of the episode in its spell, from 1.", header="epiorder"),
        kept(
            "episode_status_code", "VARCHAR", "EPISTAT: 1 unfinished, 3 finished, 9 derived unfinished.", header="epistat",
            checks=(OneOf(values=("1", "3", "9"), limit=0.01),),
        ),
        kept(
            "discharge_date", "DATE", "Date of discharge; empty while in hospital.", Privacy.SENSITIVE, header="disdate",
            checks=(NotInFuture(limit=0.01),),
        ),
        kept(
            "discharge_method_code", "VARCHAR", "DISMETH; 4 is died.", Privacy.SENSITIVE, header="dismeth",
            checks=(OneOf(values=("1", "2", "3", "4", "5", "8", "9"), limit=0.01),),
        ),
        kept(
            "discharge_destination_code", "VARCHAR", "DISDEST; 19 is the usual place of residence.", header="disdest",
            checks=(OneOf(values=DISCHARGE_DESTINATIONS, limit=0.01),),
        ),
        kept("main_specialty_code", "VARCHAR", "MAINSPEF.", header="mainspef", checks=(codes.specialty(),)),
        kept("treatment_specialty_code", "VARCHAR", "TRETSPEF.", header="tretspef", checks=(codes.specialty(),)),
        *(
            kept(
                f"diagnosis_{i:02d}_code", "VARCHAR",
                "Primary diagnosis, ICD-10 without dot." if i == 1 else f"Secondary diagnosis {i}, ICD-10 without dot.",
                Privacy.SENSITIVE, header=f"diag_{i:02d}",
                checks=(codes.icd10(),),
            )
            for i in range(1, 21)
        ),
        *(
            kept(
                f"operation_{i:02d}_code", "VARCHAR",
                "Main procedure, OPCS-4 without dot." if i == 1 else f"Further procedure {i}, OPCS-4 without dot.",
                Privacy.SENSITIVE, header=f"opertn_{i:02d}", checks=(codes.opcs4(),),
            )
            for i in range(1, 25)
        ),
        kept("hrg_code", "VARCHAR", "Healthcare resource group of the spell.", header="sushrg", checks=(codes.hrg(),)),
        kept("spell_length_days", "INTEGER", "Length of the spell in days.", header="spell_los"),
        kept("critical_care_days", "INTEGER", "Days in critical care."),
        kept("cost_gbp", "DECIMAL(12,2)", "Tariff with market forces factor, in pounds.", header="cost"),
        kept("interchange_time", "TIMESTAMP", "When the provider sent the row; a later one replaces it.", header="interchange_ts"),
    ),
)  # fmt: skip

TABLES = (EPISODES,)
