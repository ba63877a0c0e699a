"""Code lists with a rule attached: what must never arrive, what an admission could have avoided, which team is which."""

from __future__ import annotations

from wsd_pipeline.contracts.checks import OneOf
from wsd_pipeline.contracts.reference_core import ReferenceTable, fact

CODE_SYSTEMS = ("icd10", "opcs4", "snomed", "read2", "treatment_function", "cluster")
RESTRICTED_CATEGORIES = (
    "assisted_conception", "sexually_transmitted_infection", "termination_of_pregnancy", "gender_recognition",
)  # fmt: skip
RESTRICTED_ACTIONS = ("reject_file", "drop_row")

RESTRICTED_CODES = ReferenceTable(
    key="reference.restricted_codes",
    grain="code or beginning of codes that the law restricts",
    description="What must not be held about an identified person. A GP file with one is refused whole, since the supplier must leave them out; an identified hospital row is dropped in the vault and counted, one stripped of identity is counted and never linked.",
    vintage="2024; SNOMED CT and local cluster names are the roots only: a live project adds the nation's four exclusion subsets",
    source_note="Human Fertilisation and Embryology Act 1990 s33A; NHS (Venereal Diseases) Regulations 1974 and Directions 2000; Abortion Regulations 1991; Gender Recognition Act 2004 s22",
    unique_key=("code_system", "code_prefix"),
    columns=(
        fact("code_system", "VARCHAR", "Which classification.", required=True, checks=(OneOf(values=CODE_SYSTEMS),)),
        fact("code_prefix", "VARCHAR", "Beginning of the code, upper case, without dots.", required=True),
        fact("is_whole_code", "BOOLEAN", "The whole code is meant, not every code that begins so.", required=True),
        fact("category", "VARCHAR", "Which law's subject.", required=True, checks=(OneOf(values=RESTRICTED_CATEGORIES),)),
        fact("gp_action", "VARCHAR", "What becomes of a GP file that holds it.", required=True, checks=(OneOf(values=RESTRICTED_ACTIONS),)),
        fact("hospital_action", "VARCHAR", "What becomes of an identified row of any other feed.", required=True, checks=(OneOf(values=RESTRICTED_ACTIONS),)),
        fact("is_local_policy", "BOOLEAN", "Restricted by the partnership's choice where the law leaves one.", required=True),
        fact("meaning", "VARCHAR", "The codes in words.", required=True),
    ),
)  # fmt: skip

TABLES = (RESTRICTED_CODES,)
