"""Small public facts the pipeline joins to: shipped as CSV with the library, or supplied beside the extracts.

Every table says its vintage and where the facts come from; none holds anything about a person, except the
NHS-number supersession map, which is supplied to the vault and read nowhere else.

    core.py        what a reference table is, and where its file is
    places.py      LSOAs, wards, localities, practices and PCNs, postcodes, in their vintages
    codes.py       code lists with a rule attached
    opt_outs.py    who has said no, as supplied to the vault
    benchmarks.py  what figures are compared with, standardised by or expected from
"""

from __future__ import annotations

from wsd_pipeline.contracts.checks import OneOf
from wsd_pipeline.contracts.core import Column, Privacy
from wsd_pipeline.contracts.fields import ETHNICITY_GROUPS
from wsd_pipeline.contracts.reference import benchmarks, codes, opt_outs, places
from wsd_pipeline.contracts.reference.core import Origin as Origin
from wsd_pipeline.contracts.reference.core import ReferenceTable as ReferenceTable
from wsd_pipeline.contracts.reference.core import fact

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
        fact("reason", "VARCHAR", "merged, adoption or gender_recognition.", required=True, checks=(OneOf(values=("merged", "adoption", "gender_recognition")),)),
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
        fact("code_list", "VARCHAR", "nhs, dfe or cld.", required=True, checks=(OneOf(values=("nhs", "dfe", "cld")),)),
        fact(
            "code",
            "VARCHAR",
            "Code, or label where the list has labels only; compared without case or punctuation.",
            required=True,
        ),
        fact("label", "VARCHAR", "The category in words.", required=True),
        fact("ethnicity_group", "VARCHAR", "Reporting group.", required=True, checks=(OneOf(values=ETHNICITY_GROUPS),)),
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
        fact("condition", "VARCHAR", "Name used in tables and rules.", required=True, unique=True),
        fact("condition_name", "VARCHAR", "Name in words.", required=True),
        fact("qof_register", "VARCHAR", "QOF register; empty where there is none."),
        fact("is_counted", "BOOLEAN", "Counts towards the number of long-term conditions.", required=True),
        fact("is_resolvable", "BOOLEAN", "A later resolution takes a person off the register.", required=True),
        fact("counts_from", "DATE", "Codes before this day do not count."),
        fact("minimum_age_years", "SMALLINT", "Youngest age at the snapshot on the register.", required=True),
        fact("active_months", "SMALLINT", "Calendar months a code stays valid; empty for ever."),
        fact("counted_months", "SMALLINT", "Calendar months a code counts as a long-term condition; empty for ever."),
        fact("exclusive_group", "VARCHAR", "Of conditions in one group only the latest recorded stands."),
        fact(
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
        fact("condition", "VARCHAR", "The condition.", required=True),
        fact("cluster_id", "VARCHAR", "Cluster.", required=True),
        fact("snomed_code", "VARCHAR", "SNOMED CT concept within the cluster, or any.", required=True),
        fact(
            "role",
            "VARCHAR",
            "diagnosis, resolution or treatment.",
            required=True,
            checks=(OneOf(values=("diagnosis", "resolution", "treatment")),),
        ),
        fact("minimum_value", "DECIMAL(12,3)", "Least value that counts, where the code carries one."),
        fact("below_value", "DECIMAL(12,3)", "Values from here on do not count."),
        fact("within_months", "SMALLINT", "A treatment counts for so many calendar months."),
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
        fact("service_type", "VARCHAR", "Label in the specification.", required=True, unique=True),
        fact("care_type", "VARCHAR", "Short name.", required=True),
        fact("activity_type", "VARCHAR", "Activity it counts as.", required=True),
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
        fact("activity", "VARCHAR", "Care type or activity type.", required=True),
        fact("unit", "VARCHAR", "day or event.", required=True, checks=(OneOf(values=("day", "event")),)),
        fact("cost_gbp", "DECIMAL(12,2)", "Pounds for one unit.", required=True),
        fact("source_note", "VARCHAR", "Where the figure comes from.", required=True),
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
        fact("breakdown", "VARCHAR", "Name of the breakdown.", required=True, unique=True),
        fact("description", "VARCHAR", "The breakdown in words.", required=True),
        *(
            fact(f"by_{name}", "BOOLEAN", f"Broken down by {name.replace('_', ' ')}.", required=True)
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
        fact("feed", "VARCHAR", "The feed.", required=True, unique=True),
        fact("source", "VARCHAR", "Its source system.", required=True),
        fact("received_month", "VARCHAR", "Month whose extract stands, YYYY-MM; earlier where it was carried forward.", required=True),
        fact("is_stale", "BOOLEAN", "Older than the feed's cadence allows: what rests on it is no longer evaluable.", required=True),
        fact("quarantined_count", "BIGINT", "Rows of the file with a value that could not be read or was missing.", required=True),
        fact("resubmitted_count", "BIGINT", "Rows replaced by a later one of the same key.", required=True),
        fact("checks_run", "INTEGER", "Checks of the landed and the pseudonymised table.", required=True),
        fact("checks_touched", "INTEGER", "Of those, with any failing value, within the limit or not.", required=True),
        fact("checks_warned", "INTEGER", "Of those, beyond their limit; a critical one stops the feed and is not here.", required=True),
    ),
)  # fmt: skip

TABLES = (
    *places.TABLES,
    *codes.TABLES,
    *benchmarks.TABLES,
    *opt_outs.TABLES,
    NHS_SUPERSESSIONS,
    ETHNICITIES,
    CONDITIONS,
    CONDITION_CLUSTERS,
    CARE_SERVICES,
    UNIT_COSTS,
    BREAKDOWNS,
    RECEIVED_FEEDS,
)
