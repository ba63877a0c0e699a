"""The words of the Client Level Data, and what a week of each service costs; a number elsewhere is a place here."""

from __future__ import annotations

import numpy as np

LABELS = {
    "client_type": ("Service User", "Carer"),
    "event_type": ("Request", "Assessment", "Service", "Review"),
    "service_type": (
        "",
        "Long Term Support: Nursing Care",
        "Long Term Support: Residential Care",
        "Long Term Support: Community",
        "Short Term Support: ST-Max",
        "Short Term Support: Ongoing Low Level",
        "Short Term Support: Other Short Term",
        "Carer Support: Direct to Carer",
    ),
    "component": (
        "",
        "Reablement",
        "Home Support",
        "Day Support",
        "Meals",
        "Equipment",
        "Telecare",
        "Community Supported Living",
        "Extra Care Housing",
        "Residential Care",
        "Nursing Care",
        "Short Break/respite",
        "Direct Payment",
        "Professional Support (e.g. social worker)",
    ),
    "mechanism": ("", "Direct Payment", "CASSR Managed Personal Budget", "CASSR Commissioned Support"),
    "outcome": (
        "",
        "Progress to Reablement/ST-Max",
        "Progress to Assessment",
        "Progress to Support Planning / Services",
        "No change in package",
        "Service ended as planned",
        "NFA - Deceased",
        "NFA - Information & Advice / Signposting only",
        "NFA - No services offered - other reason",
        "NFA - Support declined",
        "Provision of service",
        "NFA - Moved to another LA",
        "Admitted to Hospital",
    ),
    "route": (
        "",
        "Discharge from hospital",
        "Diversion from hospital services",
        "Community / other route",
        "Planned entry (transition)",
    ),
    "reason": (
        "Physical Support: Personal care support",
        "Physical Support: Access & mobility only",
        "Sensory Support: visual",
        "Support with Memory & Cognition",
        "Learning Disability Support",
        "Mental Health Support",
        "Social Support: Support to Carer",
        "Social Support: Support for Social Isolation/Other",
    ),
}
REQUEST, ASSESSMENT, SERVICE, REVIEW = range(4)
NURSING_CARE, RESIDENTIAL_CARE, COMMUNITY, ST_MAX, LOW_LEVEL, OTHER_SHORT, TO_CARER = range(1, 8)
WEEKLY_PENCE = np.array([0, 121_100, 104_300, 43_400, 112_000, 9_000, 18_000, 14_000])
