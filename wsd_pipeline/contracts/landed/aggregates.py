"""Aggregates: what is known of places and of groups, never of a person. None has a person key.

Grain and names as the publishers give them: an area file, survey tables, finance lines, a population projection, and
the targets and comparators of the outcomes framework.
"""

from __future__ import annotations

from wsd_pipeline.contracts.checks import Between, Check, Matches, OneOf
from wsd_pipeline.contracts.core import Landed, LandedTable, Privacy, RowRule
from wsd_pipeline.contracts.feed import FileFormat
from wsd_pipeline.contracts.fields import ETHNICITY_GROUPS, kept
from wsd_pipeline.contracts.places import (
    FIRST_NEW_LSOA21,
    GEOGRAPHY_PATTERN,
    GEOGRAPHY_TYPES,
    LSOA_PATTERN,
    WITHDRAWN_LSOA11,
)

CRIME_TYPES = (
    "anti_social_behaviour", "bicycle_theft", "burglary", "criminal_damage_and_arson", "drugs", "other_crime", "other_theft",
    "possession_of_weapons", "public_order", "robbery", "shoplifting", "theft_from_the_person", "vehicle_crime",
    "violence_and_sexual_offences",
)  # fmt: skip
ENVIRONMENTAL_SERVICES = ("fly_tipping", "noise_complaint", "pest_control", "damp_and_mould_complaint")
IMD_DOMAINS = ("income", "employment", "education", "health", "crime", "barriers", "environment")
PTAL_BANDS = ("0", "1a", "1b", "2", "3", "4", "5", "6a", "6b")
SURVEYS = (
    "GPPS", "CMHS", "AIP", "UEC", "MATERNITY", "ASCS", "SACE", "FFT", "ONS4", "NHSSS", "RESIDENT", "TENANT", "NDES",
)  # fmt: skip
GROUP_TYPES = ("all", "age", "sex", "ethnicity", "imd_quintile", "disability", "carer", "long_term_condition")
GROUP_VALUES = (
    "all", "0-15", "16-24", "25-34", "35-44", "45-54", "55-64", "65-74", "75-84", "85+", "18-64", "65+", "female", "male", "other",
    *ETHNICITY_GROUPS, "1", "2", "3", "4", "5", "yes", "no",
)  # fmt: skip
PARTNERS = ("LBTH", "NEL ICB", "TH CCG", "Barts Health", "ELFT", "GPCG")
SERVICE_LINES = (
    "emergency_admissions", "planned_admissions", "emergency_department", "outpatients", "maternity", "general_practice",
    "prescribing", "community_health", "mental_health_community", "mental_health_inpatient", "talking_therapies",
    "long_term_nursing", "long_term_residential", "long_term_community", "reablement", "carer_support", "adult_social_care_other",
    "disabled_facilities", "children_social_care", "special_educational_needs", "homelessness", "public_health", "bcf_other",
)  # fmt: skip
"""What partners' budgets are spent on; a line whose activity the project holds can be allocated by it."""
ALLOCATION_BASES = ("direct_activity", "capitation", "segment_share")
AGE_BANDS_5 = (*(f"{low}-{low + 4}" for low in range(0, 90, 5)), "90+")
PUBLISHERS = (
    "ASCOF", "BCF", "CSDS", "ECDS", "Founding documents", "GLA", "GPPS", "HES", "MHSDS", "MSDS", "NCMP", "NHSOF", "ONS", "Partnership",
    "PHOF", "QOF", "SEN2", "SSDA903", "Talking Therapies",
)  # fmt: skip
UNITS = ("percent", "per_1000", "per_10000", "per_100000", "count", "days", "gbp", "score", "ratio")
METRIC_PATTERN = "[a-z][a-z0-9]*(_[a-z0-9]+)+"


def _fact(name: str, type: str, description: str, *checks: Check, header: str = "", required: bool = False) -> Landed:
    return kept(name, type, description, Privacy.NONE, header=header or name, required=required, checks=checks)


def _geography() -> tuple[Landed, ...]:
    return (
        _fact("geo_type", "VARCHAR", "Kind of place.", OneOf(values=GEOGRAPHY_TYPES), required=True),
        _fact("geo_code", "VARCHAR", "Code of the place; the locality's letters where there is no code.", Matches(pattern=GEOGRAPHY_PATTERN, means="a GSS or ODS code, or a locality"), required=True),
    )  # fmt: skip


AREA_CONTEXT = LandedTable(
    key="landed.area__context",
    grain="LSOA of a vintage and year",
    description="What a place is like: deprivation, air, crime, green space, public transport, calls on environmental services. IMD 2019 is of LSOA11, IMD 2025 of LSOA21: each row says its vintage, and 2011 rows are converted through `reference.lsoa11_lsoa21`.",
    source="area",
    supplier="public health intelligence",
    domain_section="2.19",
    cadence="annual",
    person_key=(),
    unique_key=("lsoa_code", "lsoa_vintage", "year"),
    columns=(
        _fact("lsoa_code", "VARCHAR", "LSOA code, of the vintage the row says.", Matches(pattern=LSOA_PATTERN, means="an English LSOA code"), header="lsoa21", required=True),
        _fact("lsoa_vintage", "SMALLINT", "2021, or 2011 for what is published on the older areas.", OneOf(values=(2011, 2021)), required=True),
        _fact("year", "SMALLINT", "Calendar year of air, crime and environment.", Between(low=2010, high=2100), required=True),
        _fact("imd_vintage", "SMALLINT", "Release of the Index of Multiple Deprivation.", OneOf(values=(2019, 2025)), required=True),
        _fact("imd_score", "DECIMAL(8,3)", "Index of Multiple Deprivation, score.", Between(low=0, high=100)),
        _fact("imd_rank", "INTEGER", "Rank in England, 1 the most deprived.", Between(low=1, high=33755)),
        _fact("imd_decile", "SMALLINT", "National decile, 1 the most deprived.", Between(low=1, high=10), required=True),
        *(
            _fact(f"{domain}_decile", "SMALLINT", f"National decile of the {domain} domain, 1 the most deprived.", Between(low=1, high=10), header=f"imd_{domain}_decile")
            for domain in IMD_DOMAINS
        ),
        _fact("idaci_share", "DECIMAL(5,3)", "Income deprivation affecting children: share of those aged 0 to 15.", Between(low=0, high=1), header="idaci"),
        _fact("idaopi_share", "DECIMAL(5,3)", "Income deprivation affecting older people: share of those aged 60 or over.", Between(low=0, high=1), header="idaopi"),
        _fact("pm25_ugm3", "DECIMAL(6,2)", "PM2.5, annual mean, micrograms a cubic metre.", Between(low=1, high=100), header="pm25"),
        _fact("no2_ugm3", "DECIMAL(6,2)", "NO2, annual mean, micrograms a cubic metre.", Between(low=1, high=200), header="no2"),
        *(
            _fact(f"{crime}_count", "INTEGER", f"Crimes recorded in the year, police.uk type “{crime.replace('_', ' ')}”.", Between(low=0, high=20000), header=f"crime_{crime}")
            for crime in CRIME_TYPES
        ),
        *(
            _fact(f"{service}_count", "INTEGER", f"Reports to environmental services in the year: {service.replace('_', ' ')}.", Between(low=0, high=20000), header=f"env_{service}")
            for service in ENVIRONMENTAL_SERVICES
        ),
        _fact("green_space_metres", "INTEGER", "Mean distance from homes to the nearest green space, metres.", Between(low=0, high=20000), header="green_space_m"),
        _fact("ptal_code", "VARCHAR", "Public transport accessibility level of most homes, 0 the worst, 6b the best.", OneOf(values=PTAL_BANDS), header="ptal"),
    ),
    rules=(
        RowRule(
            name="lsoa11_in_lsoa21", description="A row of 2021 areas carries no code withdrawn in 2021.",
            failing=f"lsoa_vintage = 2021 and lsoa_code in ({', '.join(repr(c) for c in WITHDRAWN_LSOA11)})",
        ),
        RowRule(
            name="lsoa21_in_lsoa11", description="A row of 2011 areas carries no code drawn anew in 2021.",
            failing=f"lsoa_vintage = 2011 and lsoa_code >= '{FIRST_NEW_LSOA21}'",
        ),
        RowRule(
            name="imd_of_its_areas", description="IMD 2019 stands on LSOA11, IMD 2025 on LSOA21.",
            failing="(imd_vintage = 2019) != (lsoa_vintage = 2011)",
        ),
    ),
)  # fmt: skip

SURVEY_RESULTS = LandedTable(
    key="landed.survey__results",
    grain="survey wave, question, place and group",
    description="Published survey results with their bases and intervals. `is_series_break` marks the first wave of a new series: no trend runs across it (the GP Patient Survey began one in 2024).",
    source="survey",
    supplier="survey publishers",
    domain_section="2.19",
    cadence="annual",
    person_key=(),
    unique_key=("survey_code", "wave", "question_key", "geo_type", "geo_code", "group_type", "group_value"),
    columns=(
        _fact("survey_code", "VARCHAR", "Survey.", OneOf(values=SURVEYS), header="survey", required=True),
        _fact("wave", "VARCHAR", "Year of the wave, with a quarter where there are several.", Matches(pattern="20[0-9]{2}(Q[1-4])?", means="a year, with a quarter where there are several"), required=True),
        _fact("question_key", "VARCHAR", "Question, as the project's outcomes framework names it.", Matches(pattern=METRIC_PATTERN, means="lower-case words joined by _, two at least"), required=True),
        *_geography(),
        _fact("group_type", "VARCHAR", "What the group is of.", OneOf(values=GROUP_TYPES), required=True),
        _fact("group_value", "VARCHAR", "The group.", OneOf(values=GROUP_VALUES), required=True),
        _fact("weighted_base", "DECIMAL(12,1)", "Weighted number who gave a valid answer.", Between(low=0)),
        _fact("base_count", "INTEGER", "Number who gave a valid answer.", Between(low=0), header="n_base"),
        _fact("positive_count", "INTEGER", "Of those, number with the answer counted.", Between(low=0), header="n_positive"),
        _fact("value_pct", "DECIMAL(5,1)", "Weighted percentage.", Between(low=0, high=100), header="pct"),
        _fact("ci_low_pct", "DECIMAL(5,1)", "Lower 95 % limit.", Between(low=0, high=100), header="ci_low"),
        _fact("ci_high_pct", "DECIMAL(5,1)", "Upper 95 % limit.", Between(low=0, high=100), header="ci_high"),
        _fact("is_series_break", "BOOLEAN", "The first wave of a new series.", header="series_break_flag", required=True),
    ),
    rules=(
        RowRule(name="positive_within_base", description="No more positive answers than answers.", failing="positive_count > base_count"),
        RowRule(name="value_within_interval", description="The value lies in its interval.", failing="value_pct < ci_low_pct or value_pct > ci_high_pct"),
        RowRule(
            name="gpps_2024_is_new", description="The GP Patient Survey of 2024 is marked as a new series, and no other of its waves from 2018 is.",
            failing="survey_code = 'GPPS' and wave >= '2018' and is_series_break != (wave = '2024')",
        ),
    ),
)  # fmt: skip

FINANCE_LINES = LandedTable(
    key="landed.finance__lines",
    grain="cost centre, service line and financial year of a partner",
    description="Budgets and spending of the partners by service line, with how each line is shared over segments. Control totals: what is shared out adds up to them.",
    source="finance",
    supplier="partners' finance teams",
    domain_section="2.19",
    cadence="quarterly",
    person_key=(),
    unique_key=("partner", "cost_centre_code", "service_line", "financial_year"),
    columns=(
        _fact("partner", "VARCHAR", "Whose money it is.", OneOf(values=PARTNERS), required=True),
        _fact("service_line", "VARCHAR", "What it is spent on.", OneOf(values=SERVICE_LINES), required=True),
        _fact("cost_centre_code", "VARCHAR", "The partner's cost centre.", Matches(pattern="[A-Z]{2,5}[0-9]{2,6}", means="letters and digits"), header="cost_centre", required=True),
        _fact("financial_year", "VARCHAR", "Financial year, April to March.", Matches(pattern="20[0-9]{2}/[0-9]{2}", means="a financial year such as 2019/20"), header="year", required=True),
        _fact("budget_gbp", "DECIMAL(14,2)", "Budget of the year, pounds.", header="budget", required=True),
        _fact("actual_gbp", "DECIMAL(14,2)", "Spent so far in the year, pounds.", header="actual"),
        _fact("is_pooled_bcf", "BOOLEAN", "Part of the Better Care Fund's pool.", header="pooled_bcf", required=True),
        _fact("lifecourse_default", "VARCHAR", "Workstream the line belongs to where no activity says; all where it is everyone's.", OneOf(values=("BWGW", "LW", "PI", "all")), required=True),
        _fact("allocation_basis", "VARCHAR", "How the line is shared over segments.", OneOf(values=ALLOCATION_BASES), required=True),
        _fact("figure_origin", "VARCHAR", "ledger; founding_documents for figures they state; illustrative for invented ones.", OneOf(values=("ledger", "founding_documents", "illustrative")), required=True),
    ),
)  # fmt: skip

PROJECTIONS = LandedTable(
    key="landed.population__projections",
    grain="ward, five-year age band, sex and year of a projection",
    description="Expected residents by ward, as a published projection gives them: fractions of people, not counts.",
    source="population",
    supplier="demographic projections",
    domain_section="2.19",
    cadence="annual",
    person_key=(),
    unique_key=("projection_source", "ward_code", "ward_vintage", "age_band", "sex", "year"),
    columns=(
        _fact("ward_code", "VARCHAR", "Ward.", Matches(pattern="E05[0-9]{6}", means="a ward code"), header="ward", required=True),
        _fact("ward_vintage", "SMALLINT", "Year of the ward boundaries.", Between(low=2011, high=2100), required=True),
        _fact("age_band", "VARCHAR", "Five-year age band.", OneOf(values=AGE_BANDS_5), header="age", required=True),
        _fact("sex", "VARCHAR", "female or male.", OneOf(values=("female", "male")), required=True),
        _fact("year", "SMALLINT", "Middle of the year.", Between(low=2011, high=2100), required=True),
        _fact("residents", "DECIMAL(10,1)", "Expected residents.", Between(low=0), header="persons", required=True),
        _fact("projection_source", "VARCHAR", "Who projected it, and which variant.", OneOf(values=("ONS", "GLA housing-led", "GLA trend", "illustrative")), header="source", required=True),
    ),
)  # fmt: skip


def _metric() -> tuple[Landed, ...]:
    return (
        _fact("metric_id", "VARCHAR", "Metric of the outcomes framework.", Matches(pattern=METRIC_PATTERN, means="lower-case words joined by _, two at least"), required=True),
        _fact("period_start", "DATE", "First day of the period.", required=True),
        _fact("period_end", "DATE", "Last day of the period.", required=True),
        *_geography(),
        _fact("value", "DECIMAL(14,3)", "The value, in `value_unit`.", required=True),
        _fact("value_unit", "VARCHAR", "Unit of the value.", OneOf(values=UNITS), required=True),
        _fact("publisher", "VARCHAR", "Who published it.", OneOf(values=PUBLISHERS), header="source", required=True),
    )  # fmt: skip


_PERIOD = RowRule(
    name="period_runs_forward",
    description="A period does not end before it begins.",
    failing="period_end < period_start",
)

TARGETS = LandedTable(
    key="landed.outcomes__targets",
    grain="metric, period, place and kind of aim",
    description="What the partnership aims at: targets, plans agreed in the Better Care Fund, ambitions.",
    source="outcomes",
    supplier="partnership programme office",
    domain_section="2.19",
    cadence="annual",
    person_key=(),
    unique_key=("metric_id", "period_start", "period_end", "geo_type", "geo_code", "aim"),
    file=FileFormat(date_formats=("%Y-%m-%d", "%d/%m/%Y")),
    columns=(
        *_metric(),
        _fact("aim", "VARCHAR", "target, plan or ambition.", OneOf(values=("target", "plan", "ambition")), required=True),
    ),
    rules=(_PERIOD,),
)  # fmt: skip

COMPARATORS = LandedTable(
    key="landed.outcomes__comparators",
    grain="metric, period and place compared with",
    description="Published values of London, England and others for the metrics of the outcomes framework, with their intervals.",
    source="outcomes",
    supplier="partnership programme office",
    domain_section="2.19",
    cadence="annual",
    person_key=(),
    unique_key=("metric_id", "period_start", "period_end", "geo_type", "geo_code"),
    file=FileFormat(date_formats=("%Y-%m-%d", "%d/%m/%Y")),
    columns=(
        *_metric(),
        _fact("ci_low", "DECIMAL(14,3)", "Lower 95 % limit, where published."),
        _fact("ci_high", "DECIMAL(14,3)", "Upper 95 % limit, where published."),
    ),
    rules=(
        _PERIOD,
        RowRule(name="value_within_interval", description="The value lies in its interval.", failing="value < ci_low or value > ci_high"),
    ),
)  # fmt: skip

TABLES = (AREA_CONTEXT, SURVEY_RESULTS, FINANCE_LINES, PROJECTIONS, TARGETS, COMPARATORS)
