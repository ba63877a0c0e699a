"""Outpatient activity from SUS: appointments, kept or not."""

from __future__ import annotations

from wsd_pipeline.contracts import codes
from wsd_pipeline.contracts.checks import Between, Matches, OneOf
from wsd_pipeline.contracts.core import LandedTable, Privacy
from wsd_pipeline.contracts.feed import Address, AgeAt, Says
from wsd_pipeline.contracts.fields import birth_date, kept, keyed, nhs_number, postcode, practice_code, sex
from wsd_pipeline.contracts.national import NHS_BEGAN, coded, ethnic_category, happened, listed

ATTENDANCES = ("0", "2", "3", "4", "5", "6", "7")
ATTENDED = ("5", "6")  # seen on time; late, but seen
DID_NOT_ATTEND = ("3", "7")
_SEEN = "case when appointment_date < $snapshot_date then appointment_date else $snapshot_date end"

APPOINTMENTS = LandedTable(
    key="landed.op__appointments",
    grain="outpatient appointment",
    description="Hospital outpatient appointments: attended, missed, cancelled and, while they are to come, booked.",
    source="op",
    supplier="acute hospital outpatients (SUS)",
    domain_section="2.4",
    person_key=("provider_code", "local_patient_id"),
    unique_key=("op_ident",),
    latest_by=("interchange_time",),
    event_date="appointment_date",
    says=Says(
        seen=_SEEN, ethnicity_list="nhs", ethnicity="ethnic_category",
        address=Address(priority=5, from_date=_SEEN, seen=_SEEN),
    ),
    ages=(AgeAt(name="appointment_age_years", on="appointment_date", description="Completed years at the appointment."),),
    columns=(
        keyed("op_ident", "Appointment identifier.", required=True, pseudo_name="appointment_key"),
        nhs_number(),
        keyed("local_patient_id", "Hospital number.", required=True, header="lopatid", pseudo_name="local_patient_key"),
        birth_date("dob"),
        sex("sex", ("0", "1", "2", "9")),
        ethnic_category("ethnos"),
        postcode("homeadd"),
        practice_code("gpprac"),
        kept(
            "provider_code", "VARCHAR", "ODS code of the provider.", header="procode3", required=True,
            checks=(Matches(pattern="[A-Z0-9]{3}", means="a three-character provider code"),),
        ),
        kept("site_code", "VARCHAR", "ODS code of the hospital site.", header="sitetret", checks=(codes.site(),)),
        kept(
            "appointment_date", "DATE", "Date of the appointment; after the snapshot while it is to come.",
            Privacy.SENSITIVE, header="apptdate", required=True, checks=(Between(low=NHS_BEGAN, limit=0.01),),
        ),
        kept(
            "request_date", "DATE", "Date the referral request was received.", Privacy.SENSITIVE, header="reqdate",
            checks=happened(),
        ),
        kept(
            "attendance_code", "VARCHAR",
            "5 seen on time, 6 late but seen, 7 late and not seen, 3 did not attend, 2 cancelled by or for the patient,"
            " 4 cancelled by the provider, 0 not yet due.",
            header="attended", required=True, checks=(OneOf(values=ATTENDANCES, limit=0.01),),
        ),
        listed(
            "first_attendance_code", "FIRSTATT: 1 first, 2 follow-up, both face to face; 3, 4 the same at a distance; 5 n/a.",
            "firstatt", ("1", "2", "3", "4", "5"),
        ),
        kept("main_specialty_code", "VARCHAR", "MAINSPEF.", header="mainspef", checks=(codes.specialty(),)),
        kept("treatment_specialty_code", "VARCHAR", "TRETSPEF.", header="tretspef", checks=(codes.specialty(),)),
        coded("referral_source_code", "REFSOURC: 03 general practitioner, 01–11 by the consultant, 12–97 others.", "refsourc", "[0-9]{2}", "a two-digit referral source"),
        listed("priority_code", "PRIORITY: 1 routine, 2 urgent, 3 two-week wait.", "priority", ("1", "2", "3")),
        listed("outcome_code", "OUTCOME: 1 discharged, 2 another appointment given, 3 one to be made.", "outcome", ("1", "2", "3")),
        coded("consultation_medium_code", "01 face to face, 02 telephone, 03 video, 04 talk type, 05 e-mail.", "consult_medium", "[0-9]{2}", "a two-digit medium"),
        kept("cost_gbp", "DECIMAL(12,2)", "Tariff with market forces factor, in pounds; nil where nobody was seen.", header="cost"),
        kept("interchange_time", "TIMESTAMP", "When the provider sent the row; a later one replaces it.", Privacy.NONE, header="interchange_ts"),
    ),
)  # fmt: skip

TABLES = (APPOINTMENTS,)
