"""Small public facts the pipeline joins to: shipped as CSV with the library, or supplied beside the extracts.

Every table says its vintage and where the facts come from; none holds anything about a person, except the
NHS-number supersession map, which is supplied to the vault and read nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from wsd_pipeline.contracts.checks import Matches, OneOf
from wsd_pipeline.contracts.core import Column, Privacy, Table
from wsd_pipeline.contracts.fields import ETHNICITY_GROUPS, LOCALITIES

SUMMARY_DIMENSIONS = (
    "lifecourse_segment",
    "need_segment",
    "locality",
    "pcn_code",
    "age_band",
    "sex",
    "ethnicity_group",
    "imd_quintile",
)
"""What the segment summary may be broken down by, in the order of its key."""


class Origin(StrEnum):
    """Where a reference table's file is."""

    SHIPPED = "with the library"
    SUPPLIED = "in the inbox"
    NOTED = "in the pipeline's own notes of the month"


@dataclass(frozen=True, kw_only=True)
class ReferenceTable(Table):
    """A table of public facts; `vintage` and `source_note` say of when and from where."""

    vintage: str
    source_note: str
    origin: Origin = Origin.SHIPPED
    is_optional: bool = False


def _fact(name: str, type: str, description: str, **options: object) -> Column:
    return Column(name=name, type=type, description=description, privacy=Privacy.NONE, **options)  # type: ignore[arg-type]


_LOCALITY = _fact(
    "locality", "VARCHAR", "Locality: NE, NW, SE or SW.", required=True, checks=(OneOf(values=LOCALITIES),)
)

LSOA21 = ReferenceTable(
    key="reference.lsoa21",
    grain="LSOA (2021) of the borough",
    description="Where each LSOA lies and how deprived it is. A ward is the population-weighted best fit, not exact.",
    vintage="LSOA21, wards of 2022 names, IMD 2025 (LSOA21) and IMD 2019 (LSOA11, best fit)",
    source_note="ONS and MHCLG, Open Government Licence; ward to locality is the partnership's own grouping",
    unique_key=("lsoa21",),
    columns=(
        _fact("lsoa21", "VARCHAR", "LSOA21 code.", required=True, unique=True),
        _fact("msoa21", "VARCHAR", "MSOA21 code.", required=True),
        _fact("ward_code", "VARCHAR", "Ward code.", required=True),
        _LOCALITY,
        _fact("imd2025_score", "DECIMAL(8,3)", "Index of Multiple Deprivation 2025, score."),
        _fact("imd2025_rank", "INTEGER", "Rank in England, 1 the most deprived."),
        _fact("imd2025_decile", "SMALLINT", "National decile, 1 the most deprived.", required=True),
        _fact("imd2019_decile", "SMALLINT", "National decile of 2019, 1 the most deprived."),
        _fact("lsoa11_codes", "VARCHAR", "LSOA11 codes it comes from, separated by |."),
    ),
)

LSOA21_POPULATION = ReferenceTable(
    key="reference.lsoa21_population",
    grain="LSOA (2021) of the borough",
    description="Residents by age group and by broad ethnic group.",
    vintage="mid-year estimate by age; Census 2021 by ethnic group",
    source_note="ONS, Open Government Licence",
    unique_key=("lsoa21",),
    columns=(
        _fact("lsoa21", "VARCHAR", "LSOA21 code.", required=True, unique=True),
        *(
            _fact(name, "INTEGER", f"Residents, {name.replace('_', ' ')}.")
            for name in ("age_0_15", "age_16_24", "age_25_34", "age_35_49", "age_50_64", "age_65_over")
        ),
        *(_fact(name, "INTEGER", f"Residents, {name} ethnic groups.") for name in ("asian", "black", "mixed", "other", "white")),
    ),
)  # fmt: skip

WARDS = ReferenceTable(
    key="reference.wards",
    grain="ward of the borough",
    description="The twenty wards and their locality.",
    vintage="boundaries of 2014, names of 2022",
    source_note="ONS, Open Government Licence; ward to locality is the partnership's own grouping",
    unique_key=("ward_code",),
    columns=(
        _fact("ward_code", "VARCHAR", "Ward code.", required=True, unique=True),
        _fact("ward_name", "VARCHAR", "Ward name.", required=True),
        _LOCALITY,
        _fact("population", "INTEGER", "Residents."),
    ),
)

LOCALITY_NAMES = ReferenceTable(
    key="reference.localities",
    grain="locality",
    description="The four localities.",
    vintage="2019",
    source_note="Tower Hamlets Together",
    unique_key=("locality",),
    columns=(_LOCALITY, _fact("locality_name", "VARCHAR", "Name in words.", required=True)),
)

PRACTICES = ReferenceTable(
    key="reference.practices",
    grain="GP practice in a primary care network from a date",
    description="Practice to PCN to locality, dated: networks 3 and 4 merged in November 2022 and practices merged and moved.",
    vintage="2019-07 to 2022-10 (eight networks) and from 2022-11 (seven PCNs)",
    source_note="ODS and the House of Commons Library; before 2022-11 the networks' own numbers stand for codes",
    unique_key=("practice_code", "valid_from"),
    columns=(
        _fact("practice_code", "VARCHAR", "ODS code.", required=True, checks=(Matches(pattern="[A-HJ-NP-Y][0-9]{5}", means="an ODS practice code"),)),
        _fact("practice_name", "VARCHAR", "Name.", required=True),
        _fact("pcn_code", "VARCHAR", "Code of the PCN; N1 to N8 are the networks before codes were issued.", required=True),
        _fact("pcn_name", "VARCHAR", "Name of the PCN.", required=True),
        _LOCALITY,
        _fact("list_count", "INTEGER", "Registered patients at the vintage."),
        _fact("valid_from", "DATE", "First day of the row.", required=True),
        _fact("valid_to", "DATE", "Day after the last; empty while current."),
    ),
)  # fmt: skip

POSTCODES = ReferenceTable(
    key="reference.postcodes",
    grain="postcode",
    description="Postcode to LSOA21, shaped as the ONS Postcode Directory. Supplied with the extracts.",
    vintage="as supplied",
    source_note="ONS Postcode Directory, Open Government Licence",
    origin=Origin.SUPPLIED,
    unique_key=("pcds",),
    columns=(
        _fact("pcds", "VARCHAR", "Postcode with one space.", required=True, unique=True),
        _fact("lsoa21", "VARCHAR", "LSOA21 code.", required=True),
        _fact("dointr", "VARCHAR", "Month introduced, YYYYMM."),
        _fact("doterm", "VARCHAR", "Month terminated, YYYYMM; empty while live."),
    ),
)

NHS_SUPERSESSIONS = ReferenceTable(
    key="reference.nhs_supersessions",
    grain="NHS number replaced by another",
    description="Merged NHS numbers, old to new. A record closed for adoption or gender recognition is never followed.",
    vintage="as supplied",
    source_note="Personal Demographics Service",
    origin=Origin.SUPPLIED,
    is_optional=True,
    minimum_rows=0,
    unique_key=("old_nhs_number",),
    columns=(
        Column(name="old_nhs_number", type="VARCHAR", description="The number replaced.", privacy=Privacy.IDENTIFIER, required=True, unique=True),
        Column(name="new_nhs_number", type="VARCHAR", description="The number that replaces it; empty where closed.", privacy=Privacy.IDENTIFIER),
        _fact("reason", "VARCHAR", "merged, adoption or gender_recognition.", required=True, checks=(OneOf(values=("merged", "adoption", "gender_recognition")),)),
    ),
)  # fmt: skip

ETHNICITIES = ReferenceTable(
    key="reference.ethnicities",
    grain="ethnicity code or label of a national code list",
    description="Every supplier's ethnicity code to one of eight reporting groups. Chinese counts as Asian, as in the Census.",
    vintage="NHS 2001 categories; DfE Common Basic Data Set; Client Level Data labels",
    source_note="NHS Data Model and Dictionary, DfE and NHS England specifications; the eight groups are the project's own",
    unique_key=("code_list", "code"),
    columns=(
        _fact("code_list", "VARCHAR", "nhs, dfe or cld.", required=True, checks=(OneOf(values=("nhs", "dfe", "cld")),)),
        _fact(
            "code",
            "VARCHAR",
            "Code, or label where the list has labels only; compared without case or punctuation.",
            required=True,
        ),
        _fact("label", "VARCHAR", "The category in words.", required=True),
        _fact(
            "ethnicity_group", "VARCHAR", "Reporting group.", required=True, checks=(OneOf(values=ETHNICITY_GROUPS),)
        ),
    ),
)

CONDITIONS = ReferenceTable(
    key="reference.conditions",
    grain="condition",
    description="When a recorded condition is on its register: since when, from what age, for how long, and whether a resolution takes it off.",
    vintage="QOF business rules as of 2019/20, simplified",
    source_note="NHS England QOF business rules; the conditions counted are the partnership's own (sixteen QOF registers); weights of Payne et al. 2020 as OpenSAFELY uses them",
    unique_key=("condition",),
    columns=(
        _fact("condition", "VARCHAR", "Name used in tables and rules.", required=True, unique=True),
        _fact("condition_name", "VARCHAR", "Name in words.", required=True),
        _fact("qof_register", "VARCHAR", "QOF register; empty where there is none."),
        _fact("is_counted", "BOOLEAN", "Counts towards the number of long-term conditions.", required=True),
        _fact("is_resolvable", "BOOLEAN", "A later resolution takes a person off the register.", required=True),
        _fact("counts_from", "DATE", "Codes before this day do not count."),
        _fact("minimum_age_years", "SMALLINT", "Youngest age at the snapshot on the register.", required=True),
        _fact("active_months", "SMALLINT", "Calendar months a code stays valid; empty for ever."),
        _fact("counted_months", "SMALLINT", "Calendar months a code counts as a long-term condition; empty for ever."),
        _fact("exclusive_group", "VARCHAR", "Of conditions in one group only the latest recorded stands."),
        _fact(
            "cms_weight",
            "DECIMAL(4,2)",
            "Weight in the Cambridge Multimorbidity Score, general outcome; empty where none.",
        ),
    ),
)

CONDITION_CLUSTERS = ReferenceTable(
    key="reference.condition_clusters",
    grain="cluster, code and value range with a part in a condition",
    description="Which primary-care clusters diagnose, resolve or treat a condition.",
    vintage="2019/20",
    source_note="NHS England primary care domain reference sets; EFI_COD (an eFI score as a value) and EPILTRT_COD are local names",
    unique_key=("condition", "cluster_id", "snomed_code"),
    columns=(
        _fact("condition", "VARCHAR", "The condition.", required=True),
        _fact("cluster_id", "VARCHAR", "Cluster.", required=True),
        _fact("snomed_code", "VARCHAR", "SNOMED CT concept within the cluster, or any.", required=True),
        _fact(
            "role",
            "VARCHAR",
            "diagnosis, resolution or treatment.",
            required=True,
            checks=(OneOf(values=("diagnosis", "resolution", "treatment")),),
        ),
        _fact("minimum_value", "DECIMAL(12,3)", "Least value that counts, where the code carries one."),
        _fact("below_value", "DECIMAL(12,3)", "Values from here on do not count."),
        _fact("within_months", "SMALLINT", "A treatment counts for so many calendar months."),
    ),
)

CARE_SERVICES = ReferenceTable(
    key="reference.care_services",
    grain="service type of Client Level Data",
    description="Each service type's short name, and the activity it is counted under.",
    vintage="Client Level Data specification, release 1",
    source_note="NHS England; labels are compared without case or punctuation",
    unique_key=("service_type",),
    columns=(
        _fact("service_type", "VARCHAR", "Label in the specification.", required=True, unique=True),
        _fact("care_type", "VARCHAR", "Short name.", required=True),
        _fact("activity_type", "VARCHAR", "Activity it counts as.", required=True),
    ),
)

UNIT_COSTS = ReferenceTable(
    key="reference.unit_costs",
    grain="activity and unit",
    description="Unit costs in pounds, for activity that arrives without a price.",
    vintage="2024",
    source_note="Suffolk and North East Essex ICS cost model; hospital figures are placeholders of the project",
    unique_key=("activity", "unit"),
    columns=(
        _fact("activity", "VARCHAR", "Care type or activity type.", required=True),
        _fact("unit", "VARCHAR", "day or event.", required=True, checks=(OneOf(values=("day", "event")),)),
        _fact("cost_gbp", "DECIMAL(12,2)", "Pounds for one unit.", required=True),
        _fact("source_note", "VARCHAR", "Where the figure comes from.", required=True),
    ),
)

BREAKDOWNS = ReferenceTable(
    key="reference.breakdowns",
    grain="breakdown of the segment summary",
    description="The fixed catalogue of breakdowns that are published, and the dimensions of each.",
    vintage="1",
    source_note="The partnership's own",
    unique_key=("breakdown",),
    columns=(
        _fact("breakdown", "VARCHAR", "Name of the breakdown.", required=True, unique=True),
        _fact("description", "VARCHAR", "The breakdown in words.", required=True),
        *(
            _fact(f"by_{name}", "BOOLEAN", f"Broken down by {name.replace('_', ' ')}.", required=True)
            for name in SUMMARY_DIMENSIONS
        ),
    ),
)

RECEIVED_FEEDS = ReferenceTable(
    key="reference.received_feeds",
    grain="feed of the month",
    description="What the vault said of each feed it accepted, and how its checks went: counts, never values.",
    vintage="the month itself",
    source_note="the vault's report and the results of the gates",
    origin=Origin.NOTED,
    unique_key=("feed",),
    columns=(
        _fact("feed", "VARCHAR", "The feed.", required=True, unique=True),
        _fact("source", "VARCHAR", "Its source system.", required=True),
        _fact("received_month", "VARCHAR", "Month whose extract stands, YYYY-MM; earlier where it was carried forward.", required=True),
        _fact("quarantined_count", "BIGINT", "Rows of the file with a value that could not be read or was missing.", required=True),
        _fact("resubmitted_count", "BIGINT", "Rows replaced by a later one of the same key.", required=True),
        _fact("checks_run", "INTEGER", "Checks of the landed and the pseudonymised table.", required=True),
        _fact("checks_touched", "INTEGER", "Of those, with any failing value, within the limit or not.", required=True),
        _fact("checks_warned", "INTEGER", "Of those, beyond their limit; a critical one stops the feed and is not here.", required=True),
    ),
)  # fmt: skip

TABLES = (
    LSOA21,
    LSOA21_POPULATION,
    WARDS,
    LOCALITY_NAMES,
    PRACTICES,
    POSTCODES,
    NHS_SUPERSESSIONS,
    ETHNICITIES,
    CONDITIONS,
    CONDITION_CLUSTERS,
    CARE_SERVICES,
    UNIT_COSTS,
    BREAKDOWNS,
    RECEIVED_FEEDS,
)
