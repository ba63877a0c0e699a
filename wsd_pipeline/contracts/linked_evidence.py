"""What is said of linking as a whole: the evidence behind the scores, and the trial without the number."""

from __future__ import annotations

from wsd_pipeline.contracts.checks import Between, OneOf
from wsd_pipeline.contracts.core import Column, Privacy, Table

MEASURES = (
    "m_share", "u_share", "household_share", "weight_bits", "threshold", "score", "own_weight", "person_size", "alarm",
)  # fmt: skip
OUTCOMES = ("right", "wrong", "missed")


def _of_nobody(name: str, type: str, description: str, *, required: bool = True) -> Column:
    return Column(name=name, type=type, description=description, privacy=Privacy.NONE, required=required)


EVIDENCE = Table(
    key="linked.evidence",
    grain="figure of the month's linking",
    description="Levels of the model, scores, what people's own records weigh, how many records people have, alarms: for the steward's page, never published.",
    unique_key=("measure", "part", "place"),
    columns=(
        Column(
            name="measure", type="VARCHAR", privacy=Privacy.NONE, required=True, checks=(OneOf(values=MEASURES),),
            description="m_share, u_share, household_share: how often a level occurs in pairs of one person, of two, of two of one home. weight_bits: log2 of m over u. threshold: probabilities that decide. score: likeliest pairs by probability. own_weight: people by what their fullest record weighs against one just like it. person_size: people by records. alarm: people who may be several.",
        ),
        _of_nobody("part", "VARCHAR", "The comparison, outcome or alarm."),
        _of_nobody("place", "INTEGER", "Place of the level, bin or alarm in its order."),
        _of_nobody("value", "VARCHAR", "The level or bin in words."),
        Column(name="record_count", type="BIGINT", description="Pairs or people counted; empty for a figure.", privacy=Privacy.PAYLOAD, checks=(Between(low=0),)),
        _of_nobody("figure", "DECIMAL(18,9)", "The share, weight or probability; empty for a count.", required=False),
    ),
)  # fmt: skip

HOLDOUT = Table(
    key="linked.holdout",
    grain="record scored once more without its NHS number",
    description="A sample of records whose number is known, scored as if it were not: whether they find their own person. Joins nobody.",
    unique_key=("source", "record_id"),
    minimum_rows=0,
    columns=(
        Column(name="source", type="VARCHAR", description="Source system of the record.", privacy=Privacy.NONE, required=True),
        Column(name="record_id", type="UUID", description="The record, as in `pseudo`.", privacy=Privacy.PSEUDONYM, required=True),
        Column(
            name="outcome", type="VARCHAR", privacy=Privacy.PAYLOAD, required=True, checks=(OneOf(values=OUTCOMES),),
            description="right: its own person; wrong: another; missed: nobody.",
        ),
    ),
)  # fmt: skip
