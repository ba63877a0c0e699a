"""Adult social care: Client Level Data (NHS England specification), with the council's identifier block beside it."""

from __future__ import annotations

from wsd_pipeline.contracts import codes
from wsd_pipeline.contracts.care_labels import (
    ACCESS_ROUTES,
    ACCOMMODATION_STATUSES,
    ASSESSMENT_TYPES,
    CARING_HOURS,
    CLD_ETHNICITIES,
    COST_FREQUENCIES,
    ELIGIBLE_NEEDS,
    EMPLOYMENT_STATUSES,
    EVENT_OUTCOMES,
    FUNDING_STATUSES,
    LOCAL,
    METHODS,
    REVIEW_OUTCOMES,
    REVIEW_REASONS,
    SERVICE_COMPONENTS,
    SUPPORT_REASONS,
    YES_NO,
)
from wsd_pipeline.contracts.checks import NotAfter, NotInFuture, OneOf, Severity
from wsd_pipeline.contracts.core import Identity, LandedTable, Privacy
from wsd_pipeline.contracts.feed import Address, FileFormat, Says
from wsd_pipeline.contracts.fields import (
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

CLIENT_TYPES = ("Service User", "Carer", "Carer known by association")
EVENT_TYPES = ("Request", "Assessment", "Service", "Review")
SERVICE_TYPES = (
    "Long Term Support: Nursing Care",
    "Long Term Support: Residential Care",
    "Long Term Support: Community",
    "Long Term Support: Prison",
    "Short Term Support: ST-Max",
    "Short Term Support: Ongoing Low Level",
    "Short Term Support: Other Short Term",
    "Carer Support: Direct to Carer",
    "Carer Support: Support involving the person cared-for",
)
DELIVERY_MECHANISMS = ("Direct Payment", "CASSR Managed Personal Budget", "CASSR Commissioned Support")

EVENTS = LandedTable(
    key="landed.asc__events",
    grain="request, assessment, service or review of a person",
    description="Client Level Data events. Each quarter's file holds the last twelve months again; an event is known by its composite key, not its reference, and not by its end, which comes later.",
    source="asc",
    supplier="council adult social care",
    domain_section="2.9",
    cadence="quarterly",
    person_key=("person_ref",),
    unique_key=(
        "person_ref", "client_type", "event_type", "event_start_date", "service_type", "service_component", "delivery_mechanism",
    ),
    latest_by=("reporting_period_end_date", "event_start_date", "event_end_date"),
    event_date="event_start_date",
    says=Says(
        seen="event_start_date", ethnicity_list="cld", ethnicity="ethnicity", death_date="death_date",
        # an open service says where someone lives today, anything else where they lived when it happened
        address=Address(
            priority=4, from_date="event_start_date",
            seen=(
                "case when event_type = 'Service' and coalesce(event_end_date > $snapshot_date, true)"
                " then $snapshot_date when event_end_date <= $snapshot_date then event_end_date else event_start_date end"
            ),
        ),
    ),
    file=FileFormat(date_formats=("%d/%m/%Y", "%Y-%m-%d"), encodings=("utf-8", "cp1252")),
    columns=(
        kept("la_code", "VARCHAR", "Council (CASSR) code.", Privacy.NONE, header="LA_Code", required=True, checks=(codes.council(),)),
        kept("reporting_period_start_date", "DATE", "Start of the reporting period.", Privacy.NONE, header="Reporting_Period_Start_Date"),
        kept("reporting_period_end_date", "DATE", "End of the reporting period.", Privacy.NONE, header="Reporting_Period_End_Date"),
        nhs_number("NHS_Number", invalid_limit=0.05),  # one mistake stands on every event of its person
        dropped("practice_name", "VARCHAR", "Name of the GP practice.", header="GP_Practice_Name"),
        practice_code("GP_Practice_Code"),
        keyed("person_ref", "The council's own person identifier.", header="LA_Person_Unique_Identifier", required=True, pseudo_name="person_key"),
        name_part(Identity.FORENAME, "Forename", "Forename, from the identifier block beside the national fields."),
        name_part(Identity.SURNAME, "Surname", "Surname, from the identifier block beside the national fields."),
        sex("Gender", ("Male", "Female", "Other", "Unknown")),
        kept("ethnicity", "VARCHAR", "Ethnicity label of the CLD specification.", Privacy.SENSITIVE, header="Ethnicity", checks=(codes.labels(*CLD_ETHNICITIES),)),
        birth_date("Date_of_Birth"),
        kept("death_date", "DATE", "Date of death, where known.", Privacy.SENSITIVE, header="Date_of_Death", checks=(NotInFuture(limit=0.01),)),
        kept("client_type", "VARCHAR", "Service user or carer.", header="Client_Type", required=True, checks=(OneOf(values=CLIENT_TYPES, limit=0.01),)),
        kept("primary_support_reason", "VARCHAR", "Primary support reason.", Privacy.SENSITIVE, header="Primary_Support_Reason", checks=(codes.labels(*SUPPORT_REASONS),)),
        postcode("Postcode"),
        uprn("UPRN"),
        kept("accommodation_status", "VARCHAR", "Accommodation status.", header="Accommodation_Status", checks=(codes.labels(*ACCOMMODATION_STATUSES),)),
        kept("employment_status", "VARCHAR", "Employment status.", header="Employment_Status", checks=(codes.labels(*EMPLOYMENT_STATUSES),)),
        kept("has_unpaid_carer", "VARCHAR", "Yes, No or Unknown.", header="Has_Unpaid_Carer", checks=(OneOf(values=("Yes", "No", "Unknown"), limit=0.01),)),
        kept("has_autism", "VARCHAR", "Autism spectrum disorder.", Privacy.SENSITIVE, header="Autism_Spectrum_Disorder_ASD", checks=(codes.labels(*YES_NO),)),
        kept("has_visual_impairment", "VARCHAR", "Visual impairment.", Privacy.SENSITIVE, header="Visual_Impairment", checks=(codes.labels(*YES_NO),)),
        kept("has_hearing_impairment", "VARCHAR", "Hearing impairment.", Privacy.SENSITIVE, header="Hearing_Impairment", checks=(codes.labels(*YES_NO),)),
        kept("has_dementia", "VARCHAR", "Dementia.", Privacy.SENSITIVE, header="Dementia", checks=(codes.labels(*YES_NO),)),
        kept("funding_status", "VARCHAR", "Client funding status.", header="Client_Funding_Status", checks=(codes.labels(*FUNDING_STATUSES, **LOCAL),)),
        kept("event_type", "VARCHAR", "Request, assessment, service or review.", header="Event_Type", required=True, checks=(OneOf(values=EVENT_TYPES, limit=0.01),)),
        dropped("event_reference", "VARCHAR", "Supplier's event reference; not reliable, never a key.", header="Event_Reference"),
        kept(
            "event_start_date", "DATE", "Start of the event.", Privacy.SENSITIVE, header="Event_Start_Date", required=True,
            checks=(NotInFuture(limit=0.01), NotAfter(other="event_end_date", limit=0.01, severity=Severity.WARN)),
        ),
        kept("event_end_date", "DATE", "End of the event; empty while open.", Privacy.SENSITIVE, header="Event_End_Date"),
        dropped("event_description", "VARCHAR", "Free text, carried no further.", header="Event_Description"),
        kept("event_outcome", "VARCHAR", "Outcome label; wording drifts between suppliers.", header="Event_Outcome", checks=(codes.labels(*EVENT_OUTCOMES),)),
        kept("request_route", "VARCHAR", "Route of access of a request.", header="Request_Route_of_Access", checks=(codes.labels(*ACCESS_ROUTES),)),
        kept("assessment_type", "VARCHAR", "Type of assessment.", header="Assessment_Type", checks=(codes.labels(*ASSESSMENT_TYPES, **LOCAL),)),
        kept("eligible_needs", "VARCHAR", "Eligible needs identified.", header="Eligible_Needs_Identified", checks=(codes.labels(*ELIGIBLE_NEEDS, **LOCAL),)),
        kept("assessment_method", "VARCHAR", "Method of assessment.", header="Method_of_Assessment", checks=(codes.labels(*METHODS, **LOCAL),)),
        kept("scheduled_review_date", "DATE", "Date of the scheduled review.", header="Date_of_Scheduled_Review"),
        kept("review_reason", "VARCHAR", "Reason for the review.", header="Review_Reason", checks=(codes.labels(*REVIEW_REASONS, **LOCAL),)),
        kept("review_outcomes", "VARCHAR", "Outcomes achieved at review.", header="Review_Outcomes_Achieved", checks=(codes.labels(*REVIEW_OUTCOMES, **LOCAL),)),
        kept("review_method", "VARCHAR", "Method of review.", header="Method_of_Review", checks=(codes.labels(*METHODS, **LOCAL),)),
        kept("service_type", "VARCHAR", "Service type of a service event.", header="Service_Type", checks=(codes.labels(*SERVICE_TYPES),)),
        kept("service_component", "VARCHAR", "Service component of a service event.", header="Service_Component", checks=(codes.labels(*SERVICE_COMPONENTS),)),
        kept("delivery_mechanism", "VARCHAR", "How the service is delivered; not mandatory.", header="Delivery_Mechanism", checks=(codes.labels(*DELIVERY_MECHANISMS),)),
        kept("provider_location_code", "VARCHAR", "CQC location of the provider.", header="Provider_CQC_Location_ID", checks=(codes.cqc_location(),)),
        kept("unit_cost_gbp", "DECIMAL(12,2)", "Unit cost in pounds.", header="Unit_Cost"),
        kept("cost_frequency", "VARCHAR", "Unit the cost is for.", header="Cost_Frequency_(Unit_Type)", checks=(codes.labels(*COST_FREQUENCIES, **LOCAL),)),
        kept("planned_weekly_units", "DECIMAL(8,2)", "Planned units a week.", header="Planned_Units_Per_Week"),
        keyed("cared_for_ref", "Person identifier of the linked adult: the person cared for, whose `record_id` it becomes.", header="Adult_1_Linked_Person_ID", pseudo_name="cared_for_record_id", keyed_as="record"),
        kept("caring_hours", "VARCHAR", "Hours of caring a week, in bands.", header="Total_Hrs_Caring_per_week", checks=(codes.labels(*CARING_HOURS, **LOCAL),)),
        kept("cared_for_count", "SMALLINT", "Number of adults cared for.", header="No_of_adults_being_cared_for"),
    ),
)  # fmt: skip

TABLES = (EVENTS,)
