"""Born Well Growing Well: what is counted of children, and how it falls among them."""

from __future__ import annotations

from wsd_pipeline.contracts.metrics import Metric, measured, metric_mart

_PLACE = ("locality",)
_GROUPS = ("locality", "ethnicity_group", "imd_quintile")
_HOME = (*_GROUPS, "overcrowding", "household_income")
_SEND = (*_GROUPS, "special_needs")
_PUPILS = (*_GROUPS, "free_school_meals", "primary_need")
_MEASURED = (*_GROUPS, "free_school_meals", "overcrowding", "tenure")
_HOUSING = ("housing__tenancies", "housing__register")

CHILDREN = metric_mart(
    "mart.children",
    grain="metric of children and place or group it is given for",
    description="Born Well Growing Well: asthma and wheeze, growth, special educational needs, social care, mental health and homes of children, by who they are and how they live. What a home or a school says is unknown of children whose home or school no source has.",
    version="2026.1",
    sources=("person.children_hospital", "person.children_school", "person.children_care"),
    metrics=(
        Metric(
            id="asthma_admissions_under_19", unit="per_100000", feeds=("apc__episodes",), population="people_0_18",
            by=(*_HOME, "damp_complaints", "smoking_at_home", "ward_code"), is_shared=True,
            words="emergency admissions for asthma or wheeze (J45, J46, R06.2 first) at 0 to 18 in twelve months ÷ people of 0 to 18",
        ),
        Metric(
            id="dental_extractions_under_10", unit="per_100000", feeds=("apc__episodes",), population="people_0_9", by=_GROUPS,
            words="stays in hospital for teeth taken out (OPCS F09, F10) with caries (K02) at 0 to 9 in twelve months ÷ people of 0 to 9",
        ),
        Metric(
            id="ed_attendances_under_18", unit="per_1000", feeds=("ecds__attendances",), population="people_0_17", by=_SEND,
            words="unplanned attendances at emergency departments of people now 0 to 17 in twelve months ÷ people of 0 to 17",
        ),
        Metric(
            id="obesity_reception", unit="percent", feeds=("ncmp__measurements",), by=_MEASURED, is_shared=True,
            words="children in Reception at or above the 95th centile (UK 1990) ÷ children measured in twelve months, implausible measurements left out",
        ),
        Metric(
            id="obesity_year_6", unit="percent", feeds=("ncmp__measurements",), by=_MEASURED, is_shared=True, among="children measured in Year 6",
            words="children in Year 6 at or above the 95th centile ÷ children measured in twelve months",
        ),
        Metric(
            id="excess_weight_year_6", unit="percent", feeds=("ncmp__measurements",), by=_MEASURED, is_shared=True, among="children measured in Year 6",
            words="children in Year 6 at or above the 85th centile ÷ children measured in twelve months",
        ),
        Metric(
            id="sen_support_pupils", unit="percent", feeds=("education__pupils",), by=(*_GROUPS, "free_school_meals"), period="snapshot", among="pupils",
            words="pupils with SEN support ÷ pupils on roll",
        ),
        Metric(
            id="ehc_plan_pupils", unit="percent", feeds=("education__pupils",), by=_PUPILS, period="snapshot", among="pupils",
            words="pupils with an EHC plan ÷ pupils on roll; of a primary need, those of them who have a plan rather than support",
        ),
        Metric(
            id="ehcp_within_20_weeks", unit="percent", feeds=("education__ehc_plans",), by=(*_GROUPS, "primary_need"), is_shared=True,
            words="EHC plans issued within 140 days of the request ÷ plans issued in twelve months, those with an exception left out",
        ),
        Metric(
            id="children_in_need", unit="per_10000", feeds=("csc__children", "csc__children_in_need"), population="people_0_17",
            by=_GROUPS, period="snapshot",
            words="children with an open episode of need ÷ people of 0 to 17; those on a plan or looked after are not added",
        ),
        Metric(
            id="child_protection_plans", unit="per_10000", feeds=("csc__protection_plans",), population="people_0_17",
            by=_GROUPS, period="snapshot", words="children on a child protection plan ÷ people of 0 to 17",
        ),
        Metric(
            id="looked_after_children", unit="per_10000", feeds=("csc__looked_after",), population="people_0_17",
            by=_GROUPS, period="snapshot", is_shared=True,
            words="children looked after, short breaks apart ÷ people of 0 to 17",
        ),
        Metric(
            id="children_in_mental_health_care", unit="per_1000", feeds=("mhsds__contacts",), population="people_0_17", by=_SEND,
            words="people of 0 to 17 with a contact of specialist mental health services attended in twelve months ÷ people of 0 to 17",
        ),
        Metric(
            id="children_in_overcrowded_homes", unit="percent", feeds=_HOUSING, by=_GROUPS, period="snapshot",
            words="people of 0 to 17 whose household needs more bedrooms than it has ÷ those whose bedrooms are known: council, association and register homes for the most part",
        ),
        Metric(
            id="low_income_children", unit="percent", feeds=("benefits__claimants",), population="people_0_15",
            by=_GROUPS, period="snapshot", is_shared=True,
            words="people of 0 to 15 in a household with housing benefit, council tax reduction or free school meals by benefit ÷ people of 0 to 15",
        ),
        Metric(
            id="supported_young_men_counselled", unit="percent", by=(),
            feeds=("homelessness__people", "homelessness__placements", "mhsds__contacts", "talking_therapies__referrals"),
            words="men of 16 to 24 in supported housing or a hostel with a contact of mental health services or talking therapies attended in twelve months ÷ men of 16 to 24 in supported housing or a hostel, as far as the homelessness service has them",
        ),
    ),
)  # fmt: skip

TABLES = (
    CHILDREN,
    measured("person.children_hospital", "children's use of hospitals"),
    measured("person.children_school", "children's growth and special educational needs"),
    measured("person.children_care", "children's care, homes and mental health"),
)
