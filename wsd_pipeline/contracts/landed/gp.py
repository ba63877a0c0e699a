"""GP clinical systems (EMIS, SystmOne) by way of the borough's GP extract: registrations and coded conditions."""

from __future__ import annotations

from wsd_pipeline.contracts import codes
from wsd_pipeline.contracts.checks import Between, Matches, NotInFuture, OneOf, Severity
from wsd_pipeline.contracts.clusters import out_of_bounds
from wsd_pipeline.contracts.core import Identity, LandedTable, Privacy, RowRule
from wsd_pipeline.contracts.feed import Address, Says
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

REGISTRATIONS = LandedTable(
    key="landed.gp__registrations",
    grain="person registered with a practice",
    description="The practice lists: who is registered where, since when, and where they live.",
    source="gp",
    supplier="GP practice system",
    domain_section="2.1",
    person_key=("practice_code", "local_patient_id"),
    unique_key=("practice_code", "local_patient_id"),
    latest_by=("registered_date",),
    event_date="registered_date",
    says=Says(
        seen="case when deregistered_date < $snapshot_date then deregistered_date else $snapshot_date end",
        ethnicity_list="nhs", ethnicity="ethnic_category", death_date="death_date", is_sensitive="is_sensitive",
        address=Address(
            priority=2, from_date="registered_date", seen="$snapshot_date",
            where="coalesce(deregistered_date > $snapshot_date, true)",
        ),
    ),
    columns=(
        nhs_number(invalid_limit=0.01),
        keyed("local_patient_id", "Patient number in the practice system.", required=True, pseudo_name="local_patient_key"),
        practice_code(required=True),
        name_part(Identity.SURNAME, "surname", "Surname."),
        name_part(Identity.FORENAME, "forename", "Forename or forenames."),
        name_part(Identity.FORMER_SURNAME, "former_surname", "Former surname, where recorded."),
        dropped("title", "VARCHAR", "Title."),
        birth_date("dob"),
        kept(
            "death_date",
            "DATE",
            "Date of death as the practice knows it; lags registration of the death.",
            Privacy.SENSITIVE,
            header="dod",
            checks=(NotInFuture(limit=0.01),),
        ),
        sex("sex", ("1", "2", "9", "X")),
        kept(
            "ethnic_category",
            "VARCHAR",
            "NHS ethnic category (2001).",
            Privacy.SENSITIVE,
            checks=(OneOf(values=NHS_ETHNIC_CATEGORIES, limit=0.01),),
        ),
        *address_lines(),
        postcode(),
        uprn(),
        kept(
            "registration_type",
            "VARCHAR",
            "R regular, T temporary, P private, I immediately necessary. Only R counts in the list.",
            Privacy.PAYLOAD,
            header="reg_type",
            required=True,
            checks=(OneOf(values=("R", "T", "P", "I"), limit=0.01),),
        ),
        kept(
            "registered_date", "DATE", "Start of the registration.", header="reg_start", required=True,
            checks=(NotInFuture(limit=0.01),),
        ),
        kept("deregistered_date", "DATE", "End of the registration; empty while open.", header="reg_end"),
        kept("main_language", "VARCHAR", "Main spoken language (local code).", Privacy.SENSITIVE, header="main_language_snomed", checks=(codes.language(),)),
        kept("is_interpreter_required", "BOOLEAN", "Needs an interpreter.", header="interpreter_required"),
        kept("is_carer", "BOOLEAN", "Recorded as an unpaid carer.", header="carer_flag"),
        kept("has_carer", "BOOLEAN", "Recorded as having an unpaid carer.", header="has_carer_flag"),
        kept("is_military", "BOOLEAN", "Recorded as a veteran or serving.", header="military"),
        kept("is_housebound", "BOOLEAN", "Recorded as housebound.", Privacy.SENSITIVE, header="housebound"),
        kept("is_care_home_resident", "BOOLEAN", "Recorded as living in a care home.", Privacy.SENSITIVE, header="care_home_flag"),
        kept("has_type1_optout", "BOOLEAN", "Type 1 opt-out recorded; must be absent from an extract.", header="type1_optout"),
        dropped("type1_date", "DATE", "Date of the Type 1 opt-out."),
        kept(
            "is_sensitive", "BOOLEAN",
            "Sensitive (S-flagged) record: its address is never used.", Privacy.SENSITIVE, header="s_flag",
        ),
    ),
)  # fmt: skip

CONDITIONS = LandedTable(
    key="landed.gp__conditions",
    grain="coded clinical event of a patient",
    description="Coded events by cluster: conditions with first recording and resolution, measurements, checks, vaccinations, plans.",
    source="gp",
    supplier="GP practice system",
    domain_section="2.2",
    person_key=("practice_code", "local_patient_id"),
    unique_key=("practice_code", "local_patient_id", "cluster_id", "snomed_code", "event_date"),
    rules=(
        RowRule(
            name="value_of_its_kind", failing=out_of_bounds(), limit=0.01, severity=Severity.WARN,
            description="A measured value lies within the bounds of its cluster: an HbA1c is in mmol/mol and not in per cent.",
        ),
    ),
    event_date="event_date",
    columns=(
        keyed("local_patient_id", "Patient number in the practice system.", required=True, pseudo_name="local_patient_key"),
        kept(
            "practice_code", "VARCHAR", "ODS code of the GP practice.", Privacy.QUASI, required=True,
            checks=(Matches(pattern="[A-HJ-NP-Y][0-9]{5}", means="an ODS practice code", limit=0.01),),
        ),
        kept(
            "cluster_id", "VARCHAR", "Primary-care (PCD) reference set cluster, or a local one; `contracts/clusters.py` says what those that are read record.", Privacy.SENSITIVE, required=True,
            checks=(Matches(pattern="[A-Z0-9]+_COD", means="a cluster id", system="cluster", limit=0.001),),
        ),
        kept("snomed_code", "VARCHAR", "SNOMED CT concept.", Privacy.SENSITIVE, checks=(codes.snomed(),)),
        kept(
            "event_date", "DATE", "Date of the event or first recording.", Privacy.SENSITIVE, required=True,
            checks=(NotInFuture(limit=0.01), Between(low="1900-01-01", limit=0.01)),
        ),
        kept("value", "DECIMAL(12,3)", "Measured value, where there is one.", Privacy.SENSITIVE),
        kept("unit", "VARCHAR", "Unit of the value.", checks=(codes.unit_of_measure(),)),
        kept(
            "resolved_date", "DATE", "Date the condition was recorded as resolved.", Privacy.SENSITIVE,
            checks=(NotInFuture(limit=0.01, severity=Severity.WARN),),
        ),
    ),
)  # fmt: skip

TABLES = (REGISTRATIONS, CONDITIONS)
