"""What happened to people by the snapshot date: conditions, stays in hospital, attendances, care and contacts."""

from __future__ import annotations

from wsd_pipeline.contracts.checks import Between, Matches, Severity
from wsd_pipeline.contracts.core import Column, Privacy, RowRule, Table
from wsd_pipeline.contracts.fields import PERSON_ID
from wsd_pipeline.contracts.people import (
    ACTIVITY_TYPES,
    ADMISSION_KINDS,
    CARE_ACTIVITY_TYPES,
    CARE_TYPES,
    CONTACT_TYPES,
    DEPARTMENT_TYPES,
    about,
    choice,
    count,
    day,
    flag,
)

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

TABLES = (CONDITIONS, SPELLS, STAYS, ATTENDANCES, CARE_EPISODES, OUTPATIENTS, CONTACTS, ACTIVITY)
