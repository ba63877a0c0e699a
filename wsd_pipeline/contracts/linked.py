"""What comes out of the linkage room: which person each record belongs to, how that was decided, what changed.

Everything is keyed by `(source, record_id)` and holds no identity: no token, no name, no date of birth.
"""

from __future__ import annotations

from wsd_pipeline.contracts.checks import Between, Matches, OneOf, Severity
from wsd_pipeline.contracts.core import Column, Privacy, RowRule, Table
from wsd_pipeline.contracts.fields import PERSON_ID
from wsd_pipeline.contracts.linked_evidence import EVIDENCE, HOLDOUT

STEPS = (
    "decision",
    "nhs_exact",
    "nhs_partial",
    "alphanumeric",
    "residence",
    "probabilistic",
    "local",
    "one_time",
)
"""The steps that can join a record or leave it alone, strongest first; a person's decision is above all."""

JOINING_STEPS = STEPS[:6]
BANDS = {
    "decision": "A",
    "nhs_exact": "A",
    "nhs_partial": "B",
    "alphanumeric": "C",
    "residence": "D",
    "probabilistic": "E",
}
"""Link band of each joining step: A certain … E weakest accepted."""

TRIED_STEPS = ("none", *STEPS[:6])
EVENTS = ("born", "absorbed", "split", "moved", "ended", "withdrawn", "returned")
PERSON_KINDS = ("nhs_number", "local", "one_time")
AGREEMENT_FIELDS = ("nhs", "forename", "surname", "birth_date", "sex", "postcode", "uprn")
COMPARED_BITS = ("forename_bits", "surname_bits", "birth_date_bits", "sex_bits", "address_bits", "nhs_bits")
"""Of a scored pair, what each comparison weighs: the parts of its match weight, with `rarity_bits` for the rest."""
REVIEW_REASONS = ("unsure", "rival", "guard")
GROUP_TYPES = ("all", "step", "source", "ethnicity_group", "imd_quintile", "age_band", "sex")

_MONTH = Matches(pattern="20[0-9]{2}-(0[1-9]|1[0-2])", means="a month, YYYY-MM")
_SHA256 = Matches(pattern="[0-9a-f]{64}", means="a SHA-256 in hex")


def _source(name: str = "source", description: str = "Source system of the record.") -> Column:
    return Column(name=name, type="VARCHAR", description=description, privacy=Privacy.NONE, required=True)


def _record(name: str = "record_id", description: str = "The record, as in `pseudo`.") -> Column:
    return Column(name=name, type="UUID", description=description, privacy=Privacy.PSEUDONYM, required=True)


def _month(name: str, description: str) -> Column:
    return Column(
        name=name, type="VARCHAR", description=description, privacy=Privacy.PAYLOAD, required=True, checks=(_MONTH,)
    )


def _flag(name: str, description: str, required: bool = True) -> Column:
    return Column(name=name, type="BOOLEAN", description=description, privacy=Privacy.PAYLOAD, required=required)


def _choice(name: str, values: tuple[str, ...], description: str, required: bool = True) -> Column:
    return Column(
        name=name,
        type="VARCHAR",
        description=description,
        privacy=Privacy.PAYLOAD,
        required=required,
        checks=(OneOf(values=values),),
    )


def _count(name: str, description: str, required: bool = True) -> Column:
    return Column(
        name=name,
        type="BIGINT",
        description=description,
        privacy=Privacy.PAYLOAD,
        required=required,
        checks=(Between(low=0),),
    )


def _bits(name: str, description: str) -> Column:
    said = f"{description}, in bits; null for rules without a score, and in pairs accepted before it was kept."
    return Column(name=name, type="DECIMAL(9,3)", description=said, privacy=Privacy.PAYLOAD)


def _score(name: str, type: str, description: str, *checks: Between) -> Column:
    return Column(name=name, type=type, description=description, privacy=Privacy.PAYLOAD, checks=checks)


EDGES = Table(
    key="linked.edges",
    grain="pair of records accepted as one person",
    description="The evidence that holds people together: every accepted pair that still stands, this month's and earlier ones.",
    unique_key=("source_a", "record_id_a", "source_b", "record_id_b"),
    minimum_rows=0,
    columns=(
        _source("source_a", "Source system of the first record."),
        _record("record_id_a", "First record of the pair; records are ordered by source and id."),
        _source("source_b", "Source system of the second record."),
        _record("record_id_b", "Second record of the pair."),
        _choice("step", JOINING_STEPS, "Step of the cascade that accepted the pair."),
        Column(name="rule", type="VARCHAR", description="Match rule of that step.", privacy=Privacy.NONE, required=True),
        _month("month", "Month in which the pair was accepted."),
        _score("match_weight", "DECIMAL(9,3)", "Match weight (log2 of the odds); null for rules without a score."),
        _score("match_share", "DECIMAL(9,6)", "Probability of a match (0–1); null for rules without a score.", Between(low=0, high=1)),
        _score("margin_share", "DECIMAL(9,6)", "Lead of that probability over the runner-up's (0–1).", Between(low=0, high=1)),
        _bits("prior_bits", "Odds that two records are one person before anything is compared (log2)"),
        *(_bits(name, f"What the comparison of {name[:-5].replace('_', ' ')} adds to the match weight") for name in COMPARED_BITS),
        _bits("rarity_bits", "What the match weight has beyond that: that the names agreed on are rarer, or commoner, than most"),
    ),
    rules=(
        RowRule(
            name="parts_of_weight",
            failing=f"abs(match_weight - ({' + '.join((*COMPARED_BITS, 'rarity_bits'))})) > 0",
            description="the parts of a match weight add up to it",
        ),
    ),
)  # fmt: skip

SPINE = Table(
    key="linked.spine",
    grain="source record ever seen that stands for a person",
    description="Which person each record belongs to, how it was joined, and the diagnostics the national Master Person Service records.",
    unique_key=("source", "record_id"),
    columns=(
        _source(),
        _record(),
        PERSON_ID,
        _choice("step", STEPS, "Strongest step that joined the record to another; `local` or `one_time` where it stands alone."),
        _choice("link_band", ("A", "B", "C", "D", "E"), "Band of that step, A certain … E weakest accepted; null where the record stands alone.", required=False),
        _choice("person_kind", PERSON_KINDS, "How the person is known: by a valid NHS number, by local identity, or by too little to be recognised."),
        _flag("is_one_time", "Too little identity to be recognised again: counted in feeds, kept out of tables of people."),
        _flag("is_current", "In the supplier's extract of this month."),
        _month("first_month", "First month the record was seen."),
        _month("last_month", "Last month the record was seen."),
        _flag("is_superseded", "Its NHS number had been superseded and was replaced by its successor."),
        _flag("is_multiple_match", "A rule found more than one person for it, so that rule joined it to none."),
        _flag("has_nhs_conflict", "Its NHS number belongs to somebody else by every other sign, so the number was not used."),
        _flag("is_over_cap", "A rule would have made a person of more records than the cap allows, so it joined none of them."),
        _choice("last_step_tried", TRIED_STEPS, "Last step that could be tried with the identity it holds."),
        *(
            _flag(f"has_{field}_agreement", f"Another record of the person has the same {field.replace('_', ' ')}; null where there is none to compare.", required=False)
            for field in AGREEMENT_FIELDS
        ),
    ),
    rules=(
        RowRule(
            name="band_with_step",
            failing="(link_band is null) != (step in ('local', 'one_time'))",
            description="a record has a link band exactly when a step joined it",
        ),
        RowRule(
            name="months_in_order",
            failing="first_month > last_month",
            description="`first_month` is not after `last_month`",
        ),
        RowRule(
            name="one_time_stands_alone",
            failing="is_one_time and person_kind != 'one_time'",
            description="a record of too little identity belongs to a person of that kind",
        ),
    ),
)  # fmt: skip

LEDGER = Table(
    key="linked.ledger",
    grain="thing that happened to a person's identity this month",
    description="What happened to identities since the month before, each event carrying the hash of the one before it; the first carries the last hash of the month before.",
    unique_key=("event_number",),
    minimum_rows=0,
    columns=(
        _count("event_number", "Place of the event in the month, from 1."),
        _month("month", "Month of the event."),
        _choice("event", EVENTS, "born; absorbed into an older person; split off from one; moved (some records changed person); ended (no record left this month); withdrawn (opted out: taken out of all that is made); returned."),
        Column(name="person_id", type="UUID", description="The person it happened to; for `moved`, the one that lost records.", privacy=Privacy.PSEUDONYM, required=True),
        Column(name="other_person_id", type="UUID", description="The person absorbed into, split off from, or moved to.", privacy=Privacy.PSEUDONYM),
        _choice("step", STEPS, "Evidence: the weakest step among this month's joins of the person, or how it stands alone; null where nothing was joined.", required=False),
        _count("record_count", "Evidence: records concerned."),
        _count("source_count", "Evidence: sources of those records."),
        Column(name="previous_hash", type="VARCHAR", description="SHA-256 of the event before; 64 zeros before the very first.", privacy=Privacy.NONE, required=True, checks=(_SHA256,)),
        Column(name="event_hash", type="VARCHAR", description="SHA-256 of the hash before and this event.", privacy=Privacy.NONE, required=True, unique=True, checks=(_SHA256,)),
    ),
    rules=(
        RowRule(
            name="other_person_where_two",
            failing="(other_person_id is not null) != (event in ('absorbed', 'split', 'moved'))",
            description="events between two people name both",
        ),
    ),
)  # fmt: skip

REVIEW = Table(
    key="linked.review",
    grain="pair of records of two people that may be one",
    description="Pairs for a person to decide: likely enough to ask about, not sure enough to join. A pair stays until it is decided, joined, scored anew or gone.",
    unique_key=("source_a", "record_id_a", "source_b", "record_id_b"),
    minimum_rows=0,
    columns=(
        _source("source_a", "Source system of the first record."),
        _record("record_id_a", "First record of the pair; records are ordered by source and id."),
        _source("source_b", "Source system of the second record."),
        _record("record_id_b", "Second record of the pair."),
        _month("month", "Month in which the pair was last scored."),
        _choice("reason", REVIEW_REASONS, "unsure: the probability is below the threshold; rival: another person is about as likely; guard: likely, but a guard forbids it (twins, two NHS numbers, too many records)."),
        _score("match_weight", "DECIMAL(9,3)", "Match weight (log2 of the odds)."),
        _score("match_share", "DECIMAL(9,6)", "Probability of a match (0–1).", Between(low=0, high=1)),
        _score("margin_share", "DECIMAL(9,6)", "Lead of that probability over the runner-up's (0–1); below 0 where another is likelier.", Between(high=1)),
    ),
    rules=(
        RowRule(
            name="records_in_order",
            failing="(source_a, record_id_a) >= (source_b, record_id_b)",
            description="the first record comes before the second by source and id",
        ),
    ),
)  # fmt: skip

ACCURACY = Table(
    key="linked.accuracy",
    grain="group of records",
    description="Pairs of this month's records against the truth of the synthetic borough; empty on live data.",
    unique_key=("group_type", "group_value"),
    minimum_rows=0,
    columns=(
        _choice("group_type", GROUP_TYPES, "What the records are grouped by; a pair counts in a group when at least one of its records is in it."),
        Column(name="group_value", type="VARCHAR", description="The group.", privacy=Privacy.PAYLOAD, required=True),
        _count("record_count", "Records of the group whose truth is known."),
        _count("true_positive_count", "Pairs of one person that were linked."),
        _count("false_positive_count", "Pairs of two people that were linked."),
        _count("false_negative_count", "Pairs of one person that were not linked."),
        _count("true_person_count", "True people with a record in the group."),
        _count("found_person_count", "People found with a record in the group."),
        _count("exact_person_count", "People found that are one true person and all of that person."),
    ),
    rules=(
        RowRule(
            name="precision",
            failing="group_type = 'all' and false_positive_count > 0.005 * (true_positive_count + false_positive_count)",
            description="at least 99.5 % of linked pairs are of one person",
            severity=Severity.WARN,
        ),
    ),
)  # fmt: skip

TABLES = (EDGES, SPINE, LEDGER, REVIEW, ACCURACY, EVIDENCE, HOLDOUT)
