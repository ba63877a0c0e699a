"""Civil registration: deaths and births of residents, as the registrar has them (ONS, under the council's agreement)."""

from __future__ import annotations

from wsd_pipeline.contracts import codes
from wsd_pipeline.contracts.checks import Between, NotAfter, OneOf
from wsd_pipeline.contracts.core import Landed, LandedTable, Privacy
from wsd_pipeline.contracts.feed import Address, AgeAt, Says
from wsd_pipeline.contracts.fields import birth_date, dropped, kept, keyed, nhs_number, postcode, practice_code, sex
from wsd_pipeline.contracts.national import happened

PLACES_OF_DEATH = ("home", "hospital", "care home", "hospice", "other communal", "elsewhere")
PLACES_OF_BIRTH = ("hospital", "home", "elsewhere")
MOTHER_AGE_BANDS = ("under 20", "20-24", "25-29", "30-34", "35-39", "40-44", "45 and over")


def _cause(name: str, description: str, header: str) -> Landed:
    return kept(name, "VARCHAR", description + " ICD-10.", Privacy.SENSITIVE, header=header, checks=(codes.icd10(),))


def _mention(number: int) -> Landed:
    return _cause(f"cause_{number:02d}_code", f"Cause mentioned {number}; mentions have no order.", f"cod_{number}")


DEATHS = LandedTable(
    key="landed.deaths__registrations",
    grain="death registered",
    description="Deaths with place and causes. A death is here once registered: days after it, months where a coroner held an inquest.",
    source="deaths",
    supplier="civil registration of deaths",
    domain_section="2.16",
    person_key=("death_ref",),
    unique_key=("death_ref",),
    latest_by=("registration_date",),
    event_date="registration_date",
    minimum_rows=0,
    says=Says(
        seen="death_date", death_date="death_date",
        address=Address(priority=5, from_date="death_date", seen="death_date"),
    ),
    ages=(AgeAt(name="death_age_years", on="death_date", description="Completed years at death."),),
    columns=(
        keyed("death_ref", "Entry in the register.", required=True, header="entry_no", pseudo_name="death_key"),
        nhs_number(),
        birth_date("dob"),
        kept("death_date", "DATE", "Date of death.", Privacy.SENSITIVE, header="dod", required=True, checks=(*happened(), NotAfter(other="registration_date", limit=0.01))),
        kept("registration_date", "DATE", "Date the death was registered.", Privacy.SENSITIVE, header="dor", required=True, checks=happened()),
        sex("sex", ("1", "2")),
        postcode("postcode_usual"),
        kept("death_place_type", "VARCHAR", "Kind of place where the person died.", Privacy.SENSITIVE, header="place_of_death_type", checks=(OneOf(values=PLACES_OF_DEATH, limit=0.01),)),
        kept("establishment_code", "VARCHAR", "ODS code of the establishment, where the place of death is one.", header="est_code", checks=(codes.site(),)),
        _cause("underlying_cause_code", "Underlying cause: the cause of death. The mentions say what else there was.", "icd10u"),
        *(_mention(i) for i in range(1, 16)),
        kept("is_communal", "BOOLEAN", "Died in a communal establishment.", Privacy.SENSITIVE, header="communal_est"),
        practice_code("gp_practice"),
    ),
)  # fmt: skip

BIRTHS = LandedTable(
    key="landed.births__registrations",
    grain="live birth registered",
    description="Births with weight, gestation and place; twins are two rows that agree in all but number, weight and sex.",
    source="births",
    supplier="civil registration of births",
    domain_section="2.16",
    person_key=("birth_ref",),
    unique_key=("birth_ref",),
    latest_by=("registration_date",),
    event_date="registration_date",
    minimum_rows=0,
    says=Says(
        seen="registration_date",
        address=Address(priority=5, from_date="birth_month", seen="registration_date"),
    ),
    columns=(
        keyed("birth_ref", "Entry in the register.", required=True, header="entry_no", pseudo_name="birth_key"),
        nhs_number("nhs_number_baby"),
        dropped("mother_nhs_number", "VARCHAR", "NHS number of the mother; another person's, so it goes no further.", header="nhs_number_mother"),
        birth_date("dob"),
        kept("registration_date", "DATE", "Date the birth was registered: within 42 days.", Privacy.SENSITIVE, header="dor", required=True, checks=happened()),
        sex("sex", ("1", "2")),
        postcode("mother_postcode"),
        dropped("lsoa", "VARCHAR", "LSOA as the registrar derived it; the vault derives its own."),
        kept("birth_weight_grams", "SMALLINT", "Birth weight in grams.", Privacy.SENSITIVE, header="birthweight", checks=(Between(low=200, high=7000, limit=0.01),)),
        kept("gestation_weeks", "SMALLINT", "Completed weeks of gestation.", Privacy.SENSITIVE, header="gestation", checks=(Between(low=20, high=45, limit=0.01),)),
        kept("is_multiple_birth", "BOOLEAN", "One of twins or more.", Privacy.SENSITIVE, header="multiple_birth"),
        kept("mother_age_band", "VARCHAR", "Age of the mother, in bands.", Privacy.SENSITIVE, checks=(OneOf(values=MOTHER_AGE_BANDS, limit=0.01),)),
        kept("birth_place_type", "VARCHAR", "Kind of place of birth.", Privacy.SENSITIVE, header="place", checks=(OneOf(values=PLACES_OF_BIRTH, limit=0.01),)),
    ),
)  # fmt: skip

TABLES = (DEATHS, BIRTHS)
