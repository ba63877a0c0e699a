"""The labels of Client Level Data (adult social care, NHS England, release 1), which its coded columns may hold.

Compared without case or punctuation, since their wording drifts between suppliers and releases. Lists whose wording
the project could not verify are marked `LOCAL` where they are used: what is not on them is withheld with a warning.
"""

from __future__ import annotations

from typing import TypedDict

from wsd_pipeline.contracts.checks import Severity


class Leniency(TypedDict):
    """How far a list is trusted to be whole."""

    limit: float
    severity: Severity


LOCAL: Leniency = {"limit": 0.05, "severity": Severity.WARN}
YES_NO = ("Yes", "No", "Unknown", "Not known", "Undeclared / Not known")
_MIXED, _ASIAN = "Mixed or multiple ethnic groups", "Asian or Asian British"
_BLACK = "Black, Black British, Caribbean or African"
CLD_ETHNICITIES = (
    "White - English, Welsh, Scottish, Northern Irish or British", "White - Irish", "White - Gypsy or Irish Traveller",
    "White - Roma", "White - Any other White background", f"{_MIXED} - White and Black Caribbean",
    f"{_MIXED} - White and Black African", f"{_MIXED} - White and Asian",
    f"{_MIXED} - Any other Mixed or multiple ethnic background", f"{_ASIAN} - Indian", f"{_ASIAN} - Pakistani",
    f"{_ASIAN} - Bangladeshi", f"{_ASIAN} - Chinese", f"{_ASIAN} - Any other Asian background",
    f"{_BLACK} - Caribbean", f"{_BLACK} - African",
    f"{_BLACK} - Any other Black, Black British or Caribbean background", "Other ethnic group - Arab",
    "Other ethnic group - Any other", "Other ethnic group - Any other ethnic group",
    "No data - Undeclared or Not known", "No data - Refused",
)  # fmt: skip
SUPPORT_REASONS = (
    "Physical Support: Access & mobility only", "Physical Support: Personal care support", "Sensory Support: visual",
    "Sensory Support: Support for visual impairment", "Sensory Support: hearing",
    "Sensory Support: Support for hearing impairment", "Sensory Support: dual",
    "Sensory Support: Support for dual impairment", "Support with Memory & Cognition", "Learning Disability Support",
    "Mental Health Support", "Social Support: Substance misuse", "Social Support: Substance misuse support",
    "Social Support: Asylum seeker", "Social Support: Asylum seeker support", "Social Support: Support to Carer",
    "Social Support: Support for Social Isolation/Other", "Unknown",
)  # fmt: skip
ACCOMMODATION_STATUSES = (
    "Owner occupier or shared ownership scheme",
    "Tenant (including local authority, arm's length management organisation, housing association, registered social landlord)",
    "Tenant", "Tenant - private landlord", "Settled mainstream housing with family / friends",
    "Supported accommodation / supported lodgings / supported group home", "Shared Lives scheme",
    "Approved premises for offenders released from prison or under probation supervision",
    "Sheltered housing / extra care housing / other sheltered housing", "Sheltered housing / extra care housing",
    "Mobile accommodation for Gypsy/Roma and Traveller communities", "Mobile accommodation for Gypsy/Roma and Traveller",
    "Rough sleeper / squatting", "Night shelter / emergency hostel / direct access hostel",
    "Night shelter / emergency hostel", "Refuge", "Placed in temporary accommodation by the council",
    "Placed in temporary accommodation by the council (inc. homelessness resettlement)",
    "Staying with family / friends as a short-term guest", "Staying with family/friends as short-term guest",
    "Acute / long-term healthcare residential facility or hospital", "Registered care home", "Registered nursing home",
    "Prison / Young offenders institution / detention centre", "Prison/YOI",
    "Other temporary", "Other temporary accommodation", "Unknown",
)  # fmt: skip
EMPLOYMENT_STATUSES = (
    "Paid: 16 or more hours a week", "Paid: Less than 16 hours a week", "Paid: Less than 16 hours", "Paid: hours unknown",
    "Not in Paid Employment (seeking work)", "Not in Paid Employment (not actively seeking work / retired)",
    "Not in Paid Employment (voluntary work only)", "Unknown",
)  # fmt: skip
EVENT_OUTCOMES = (
    "Progress to Reablement/ST-Max", "Progress to Assessment", "Progress to Assessment/Unplanned Review",
    "Admitted to Hospital", "Progress to Re-assessment / Unplanned Review", "Progress to Re-assessment",
    "Progress to Support Planning / Services", "Progress to End of Life Care", "No change in package",
    "Service ended as planned", "Progress to financial assessment", "Provision of service", "NFA - Deceased",
    "NFA - Moved to another LA", "NFA - 100% NHS-funded care", "NFA - Information & Advice / Signposting only",
    "NFA - Self-funded client (inc. 12wk disregard)", "NFA - Support declined", "NFA - Support ended - other reason",
    "NFA - No services offered - other reason", "NFA - Other",
)  # fmt: skip
ACCESS_ROUTES = (
    "Discharge from hospital", "Diversion from hospital services", "Community / other route",
    "Planned entry (transition)", "Prison", "Self-funder with depleted funds", "Unknown",
)  # fmt: skip
SERVICE_COMPONENTS = (
    "Reablement", "Home Support", "Day Support", "Meals", "Transport", "Equipment", "Telecare",
    "Community Supported Living", "Extra Care Housing", "Shared Lives", "Residential Care", "Nursing Care",
    "Short Break/respite", "Professional Support (e.g. social worker)", "Professional Support", "Direct Payment",
)  # fmt: skip
FUNDING_STATUSES = (
    "Council funded", "Fully council funded", "LA funded", "Fully funded client", "Fully self-funded", "Self-funded",
    "Partially funded", "Part self-funded", "Jointly funded with the NHS", "Joint funded", "100% NHS funded",
    "NHS funded", "Free under statute", "Section 117", "Not applicable", "Unknown",
)  # fmt: skip
ASSESSMENT_TYPES = (
    "Long Term Assessment", "Short Term Assessment", "Short Term Support Assessment", "Carer Assessment",
    "Carer's Assessment", "Joint Assessment", "Financial Assessment", "Re-assessment", "Unknown",
)  # fmt: skip
ELIGIBLE_NEEDS = ("Yes", "No", "Eligible needs identified", "No eligible needs identified", "Unknown")
METHODS = ("Face to face", "In person", "Telephone", "Video", "Online", "Remote", "Self-assessment", "Joint", "Unknown")
REVIEW_REASONS = ("Planned", "Unplanned", "Unplanned - Hospital", "Unplanned - Carer related", "Unplanned - Safeguarding concern",
    "Unplanned - Other reason", "Unplanned - Provider failure", "Unplanned - Change in circumstances", "Unknown")  # fmt: skip
REVIEW_OUTCOMES = ("Fully achieved", "Partially achieved", "Not achieved", "Yes", "No", "Partially", "Unknown")
COST_FREQUENCIES = (
    "Per session", "Hourly", "Per hour", "Daily", "Per day", "Weekly", "Per week", "Fortnightly", "4-weekly", "Four-weekly",
    "Monthly", "Per month", "Quarterly", "Annually", "Per year", "One-off", "Unknown",
)  # fmt: skip
CARING_HOURS = (
    "0-4 hours", "1-9 hours", "1-19 hours", "5-9 hours", "10-19 hours", "20-34 hours", "20-49 hours",
    "35-49 hours", "50-99 hours", "50+ hours", "100+ hours", "Unknown",
)  # fmt: skip
