"""GP appointments: who was to be seen, by whom, how, and whether they were."""

from __future__ import annotations

from wsd_pipeline.contracts.checks import Between, Matches, NotAfter, OneOf, Severity
from wsd_pipeline.contracts.core import LandedTable, Privacy
from wsd_pipeline.contracts.fields import dropped, kept, keyed
from wsd_pipeline.contracts.national import NHS_BEGAN, happened

STATUSES = (
    "Booked", "Requested", "Blocked", "Arrived", "In Progress", "Finished", "Visit", "Waiting", "Patient Walked Out",
    "Did Not Attend", "No Access Visit", "Cancelled by Patient", "Cancelled by Unit", "Cancelled by Other Service",
    "Cancelled Due To Death",
)  # fmt: skip
ATTENDED = ("Arrived", "In Progress", "Finished", "Visit", "Waiting", "Patient Walked Out")
MODES = ("Face-to-Face", "Telephone", "Video/Online", "Home Visit", "Unknown")
PROFESSIONALS = ("GP", "Other Practice staff", "Unknown")

APPOINTMENTS = LandedTable(
    key="landed.gp__appointments",
    grain="appointment of a patient with a practice",
    description="Appointments with their status: attended is Arrived, In Progress, Finished, Visit, Waiting or Patient Walked Out.",
    source="gp",
    supplier="GP practice system",
    domain_section="2.2",
    person_key=("practice_code", "local_patient_id"),
    unique_key=("practice_code", "appointment_ref"),
    event_date="appointment_date",
    columns=(
        dropped("appointment_ref", "VARCHAR", "Appointment in the practice's book; its pseudonym is the row's.", required=True, header="appointment_id"),
        keyed("local_patient_id", "Patient number in the practice system.", required=True, pseudo_name="local_patient_key"),
        kept(
            "practice_code", "VARCHAR", "ODS code of the GP practice.", Privacy.QUASI, required=True,
            checks=(Matches(pattern="[A-HJ-NP-Y][0-9]{5}", means="an ODS practice code", limit=0.01),),
        ),
        kept("appointment_date", "DATE", "Day of the appointment; after the snapshot while it is to come.", Privacy.SENSITIVE, header="appt_date", required=True, checks=(Between(low=NHS_BEGAN, limit=0.01),)),
        kept(
            "booked_date", "DATE", "Day on which it was booked.", Privacy.SENSITIVE,
            checks=(*happened(), NotAfter(other="appointment_date", limit=0.01, severity=Severity.WARN)),
        ),
        kept(
            "status", "VARCHAR", "What became of it (label of the practice system).", required=True,
            checks=(OneOf(values=STATUSES, by_label=True, limit=0.01),),
        ),
        kept("mode", "VARCHAR", "How the patient was, or was to be, seen.", checks=(OneOf(values=MODES, by_label=True, limit=0.01),)),
        kept("professional_group", "VARCHAR", "Who by: a GP or other staff of the practice.", header="hcp", checks=(OneOf(values=PROFESSIONALS, by_label=True, limit=0.01),)),
    ),
)  # fmt: skip

TABLES = (APPOINTMENTS,)
