"""What figures are compared with, standardised by or expected from: published rates, standards, other groupings."""

from __future__ import annotations

from wsd_pipeline.contracts.checks import Between, OneOf
from wsd_pipeline.contracts.core import Column
from wsd_pipeline.contracts.reference.core import ReferenceTable, fact


def _ages(
    low: str = "First age of the band.", high: str = "Last age of the band, 130 where it is open."
) -> tuple[Column, ...]:
    return (
        fact("age_from_years", "SMALLINT", low, required=True, checks=(Between(low=0, high=130),)),
        fact("age_to_years", "SMALLINT", high, required=True, checks=(Between(low=0, high=130),)),
    )  # fmt: skip


EUROPEAN_STANDARD_POPULATION = ReferenceTable(
    key="reference.european_standard_population",
    grain="five-year age band",
    description="The standard population of 100,000 that directly standardised rates are weighted by.",
    vintage="2013",
    source_note="Eurostat, Revision of the European Standard Population, 2013; bands over 90 are added together",
    unique_key=("age_band",),
    columns=(
        fact("age_band", "VARCHAR", "Five-year age band.", required=True, unique=True),
        *_ages(),
        fact("standard_population", "INTEGER", "People of the band among the 100,000.", required=True),
    ),
)

CMS_WEIGHTS = ReferenceTable(
    key="reference.cms_weights",
    grain="condition of the Cambridge Multimorbidity Score",
    description="Weights of the score's twenty conditions, general outcome, and the condition here that stands for each. Where none does, the score is partial and not compared with the literature.",
    vintage="2020",
    source_note="Payne et al. 2020, as OpenSAFELY uses it",
    unique_key=("cms_condition",),
    columns=(
        fact("cms_condition", "VARCHAR", "Condition as the score names it.", required=True, unique=True),
        fact("cms_weight", "DECIMAL(4,2)", "Weight.", required=True),
        fact("condition", "VARCHAR", "Condition of `reference.conditions` that stands for it; empty where none does."),
    ),
)  # fmt: skip

EXPECTED_PREVALENCE = ReferenceTable(
    key="reference.expected_prevalence",
    grain="condition, sex and age band",
    description="How many people of an age and sex a survey of the population found to have a condition, diagnosed or not: what recorded numbers are set against.",
    vintage="dementia 2011 (CFAS II); common mental disorder 2014 (APMS)",
    source_note="Each row names its survey. Rows marked approximate are read from charts or drawn together from wider bands",
    unique_key=("condition", "sex", "age_from_years"),
    columns=(
        fact("condition", "VARCHAR", "dementia or common_mental_disorder.", required=True, checks=(OneOf(values=("dementia", "common_mental_disorder")),)),
        fact("sex", "VARCHAR", "female or male.", required=True, checks=(OneOf(values=("female", "male")),)),
        *_ages(),
        fact("prevalence_pct", "DECIMAL(5,1)", "People with it, per hundred.", required=True, checks=(Between(low=0, high=100),)),
        fact("source_note", "VARCHAR", "The survey.", required=True),
        fact("certainty", "VARCHAR", "published as it stands, or approximate.", required=True, checks=(OneOf(values=("published", "approximate")),)),
    ),
)  # fmt: skip

QOF_PREVALENCE = ReferenceTable(
    key="reference.qof_prevalence",
    grain="QOF register",
    description="Recorded prevalence in the borough and in England by QOF register: what the synthetic borough is calibrated to and registers are compared with.",
    vintage="2019/20",
    source_note="House of Commons Library, modelled from QOF 2019/20; England is not standardised to the borough's ages",
    unique_key=("qof_register",),
    columns=(
        fact("qof_register", "VARCHAR", "QOF register.", required=True, unique=True),
        fact("condition", "VARCHAR", "Condition of `reference.conditions`; empty where there is none."),
        fact("borough_count", "INTEGER", "People on the register in the borough.", required=True),
        fact("denominator_count", "INTEGER", "People on the lists, of the ages the register takes in.", required=True),
        fact("borough_pct", "DECIMAL(5,2)", "Prevalence in the borough, per cent.", required=True),
        fact("england_pct", "DECIMAL(5,2)", "Prevalence in England, per cent.", required=True),
        *_ages("First age the register takes in.", "Last age the register takes in, 130 where it is open."),
    ),
)

FOUNDING_FIGURES = ReferenceTable(
    key="reference.founding_figures",
    grain="figure of the founding documents",
    description="Figures the partnership's founding documents state, as they stand there: to be set beside what the data say, never instead of it.",
    vintage="2018 to 2022, as each document says",
    source_note="S0 partnership introduction 2022; S2 health scrutiny 2022; S3 Better Care Fund narrative; S4 integration update 2020",
    unique_key=("figure",),
    columns=(
        fact("figure", "VARCHAR", "Name of the figure.", required=True, unique=True),
        fact("value", "DECIMAL(14,2)", "The figure, in `value_unit`.", required=True),
        fact("value_unit", "VARCHAR", "count, percent or gbp.", required=True, checks=(OneOf(values=("count", "percent", "gbp")),)),
        fact("document", "VARCHAR", "The document that states it.", required=True, checks=(OneOf(values=("S0", "S1", "S2", "S3", "S4")),)),
        fact("meaning", "VARCHAR", "The figure in words.", required=True),
    ),
)  # fmt: skip

BRIDGES_TO_HEALTH = ReferenceTable(
    key="reference.bridges_to_health",
    grain="segment of Bridges to Health",
    description="The eight segments, the highest first: a person is in the first whose criterion holds. For benchmarking only.",
    vintage="mapping 1",
    source_note="Lynn et al. 2007 and NHS England's segmentation; serious mental illness is put under disability, where NHS England divides it",
    unique_key=("segment_order",),
    columns=(
        fact("segment_order", "SMALLINT", "Priority, 1 the highest.", required=True, unique=True),
        fact("segment", "VARCHAR", "Short name.", required=True, unique=True),
        fact("segment_name", "VARCHAR", "Name in words.", required=True),
        fact("criterion", "VARCHAR", "What puts a person in it, in words.", required=True),
    ),
)

NWL_SEGMENTS = ReferenceTable(
    key="reference.nwl_segments",
    grain="group of the North West London segmentation",
    description="Fifteen groups of age and need, the highest first. For benchmarking only.",
    vintage="mapping 1",
    source_note="Whole Systems Integrated Care, North West London; children with long-term conditions are divided by age as the healthy are, which is the project's own reading",
    unique_key=("segment_order",),
    columns=(
        fact("segment_order", "SMALLINT", "Priority, 1 the highest.", required=True, unique=True),
        fact("segment", "VARCHAR", "Short name.", required=True, unique=True),
        fact("segment_name", "VARCHAR", "Name in words.", required=True),
        *_ages("Youngest age of the group.", "Oldest age of the group, 130 where it is open."),
        fact("need", "VARCHAR", "The need that defines it; none for the mostly healthy.", required=True),
    ),
)

TABLES = (
    EUROPEAN_STANDARD_POPULATION, CMS_WEIGHTS, EXPECTED_PREVALENCE, QOF_PREVALENCE, FOUNDING_FIGURES, BRIDGES_TO_HEALTH, NWL_SEGMENTS,
)  # fmt: skip
