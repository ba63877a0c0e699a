"""Rows for accredited projects, outside releases: one table, of which a project is given the columns it asked for.

It is made on request and never by a run. What follows from the contract is in `disclosure/extracts.py`: columns that are
quasi-identifiers here are what k is counted over, and are made coarser before any row is dropped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from wsd_pipeline.contracts.checks import Matches
from wsd_pipeline.contracts.core import Column, Privacy, Table
from wsd_pipeline.contracts.fields import ETHNICITY_GROUPS, SEXES
from wsd_pipeline.contracts.people import AGE_BANDS, PERSON_LOCALITIES, choice
from wsd_pipeline.contracts.person.facts import PROFILE
from wsd_pipeline.contracts.segment import LIFECOURSE_SEGMENTS, NEED_SEGMENTS

ALL = "all"
"""What stands in a column in which no detail is left."""

COARSER: Mapping[str, Mapping[str, str]] = {
    "five groups": {"White British": "White", "White Other": "White", "Bangladeshi": "Asian", "Other Asian": "Asian"},
    "six bands": {
        "0-4": "0-11", "5-11": "0-11", "19-24": "19-34", "25-34": "19-34", "35-49": "35-64", "50-64": "35-64",
        "65-74": "65+", "75-84": "65+", "85+": "65+",
    },
    "children, adults, 65+": {"0-11": "0-18", "12-18": "0-18", "19-34": "19-64", "35-64": "19-64"},
}  # fmt: skip
"""The coarser values of a quasi-identifier by the name of the step; a value that is not named stays."""


def _coarse(name: str, values: tuple[str, ...], description: str, *steps: str) -> Column:
    """A quasi-identifier: its own values, those it has after each step, and `all`."""
    listed = (*values, *(wider for step in steps for wider in COARSER[step].values()), ALL)
    return choice(name, tuple(dict.fromkeys(listed)), description, Privacy.QUASI)


PERSON_INDEX = Table(
    key="extract.person_index",
    grain="person eligible at the snapshot date who stands with at least k alike",
    description="Rows for one accredited project under its own pseudonyms, as coarse as k asks for. A project has the columns it asked for; further ones are those of `person.profile`.",
    unique_key=("pseudonym",),
    minimum_rows=500,  # with fewer people there is no row-level extract at all (DOMAIN §8)
    columns=(
        Column(
            name="pseudonym",
            type="VARCHAR",
            description="Pseudonym of the person in this project, the same from month to month for the same quasi-identifiers.",
            privacy=Privacy.PSEUDONYM,
            required=True,
            checks=(Matches(pattern="[0-9a-f]{32}", means="32 hexadecimal digits"),),
        ),
        _coarse("age_band", AGE_BANDS, "Age band: ten, six or three of them.", "six bands", "children, adults, 65+"),
        _coarse("sex", SEXES, "Sex."),
        _coarse("ethnicity_group", ETHNICITY_GROUPS, "Ethnic group, in eight or five.", "five groups"),
        _coarse("locality", PERSON_LOCALITIES, "Locality of residence; withheld for a sensitive record."),
        _coarse("lifecourse_segment", LIFECOURSE_SEGMENTS, "Lifecourse segment."),
        choice("need_segment", NEED_SEGMENTS, "Need segment.", Privacy.SENSITIVE),
    ),
)

QUASI = tuple(c.name for c in PERSON_INDEX.columns if c.privacy is Privacy.QUASI)
SENSITIVE = tuple(c.name for c in PERSON_INDEX.columns if c.privacy is Privacy.SENSITIVE)


def person_index(columns: Sequence[str]) -> Table:
    """The contract of an extract of these columns, each once and in the order of the contract, facts of `person.profile` last.

    KeyError where a column is neither of the index nor of `person.profile`.
    """
    own = [c for c in PERSON_INDEX.columns if c.name == "pseudonym" or c.name in columns]
    known = {c.name for c in PERSON_INDEX.columns}
    facts = [PROFILE.column(name) for name in dict.fromkeys(columns) if name not in known]
    return replace(PERSON_INDEX, columns=(*own, *facts))


TABLES = (PERSON_INDEX,)
