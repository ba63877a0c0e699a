"""The cascade as data: which columns must be equal, what else must agree, in which order.

A rule's `key` columns are equal and known on both sides; its `agrees` names predicates over the two records `l`
and `r`. Rules run in the order written; a rule removed from `RULES` is a rule that is not applied.
Source of the steps: NHS England's Master Person Service, adapted (DOMAIN §3.7).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass

AGREEMENTS = {
    # two of the three parts, or day and month swapped
    "two_date_parts": (
        "(coalesce(l.birth_year = r.birth_year, false)::int + coalesce(l.birth_month = r.birth_month, false)::int"
        " + coalesce(l.birth_day = r.birth_day, false)::int >= 2 or coalesce(l.birth_year = r.birth_year"
        " and l.birth_month = r.birth_day and l.birth_day = r.birth_month, false))"
    ),
    # one name in common, in whichever field it stands, or sounding the same in the same field
    "any_name": (
        "(coalesce(list_has_any(l.name_tokens, r.name_tokens), false)"
        " or coalesce(l.forename_phonetic = r.forename_phonetic, false)"
        " or coalesce(l.surname_phonetic = r.surname_phonetic, false))"
    ),
    "outward": "coalesce(l.outward = r.outward, false)",
    # every name of one record is among the other's, and neither forename is unknown to the other: tells twins apart
    "names_contained": (
        "(least(len(l.name_tokens), len(r.name_tokens)) >= 2"
        " and list_contains(l.name_tokens, r.forename) and list_contains(r.name_tokens, l.forename)"
        " and (list_has_all(l.name_tokens, r.name_tokens) or list_has_all(r.name_tokens, l.name_tokens)))"
    ),
    "forename_certain": "not (l.is_forename_doubtful or r.is_forename_doubtful)",
    "birth_not_heaped": "not (l.is_heaped or r.is_heaped)",
}


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One match rule of a step. `agrees` is a conjunction of alternatives, each a tuple of predicate names.

    `is_unique`: a record that the rule would join to two different people is joined to neither.
    """

    step: str
    name: str
    key: tuple[str, ...]
    agrees: tuple[tuple[str, ...], ...] = ()
    is_unique: bool = True

    @property
    def is_whole_group(self) -> bool:
        """Whether everything with one key is one person, so that pairs need not be compared."""
        return "nhs" in self.key and not self.agrees

    def condition(self) -> str:
        """The predicates as SQL over `l` and `r`."""
        return (
            " and ".join("(" + " or ".join(AGREEMENTS[name] for name in any_of) + ")" for any_of in self.agrees)
            or "true"
        )


RULES = (
    Rule(step="nhs_exact", name="number_birth", key=("nhs", "birth_date"), is_unique=False),
    Rule(
        step="nhs_partial",
        name="number_birth_parts",
        key=("nhs",),
        agrees=(("two_date_parts",), ("any_name", "outward")),
        is_unique=False,
    ),
    Rule(step="alphanumeric", name="names_birth_postcode", key=("birth_date", "postcode", "forename", "surname")),
    Rule(
        step="alphanumeric",
        name="name_tokens_birth_postcode",
        key=("birth_date", "postcode"),
        agrees=(("names_contained",),),
    ),
    Rule(
        step="alphanumeric",
        name="names_birth_practice",
        key=("birth_date", "sex", "practice", "forename", "surname"),
        agrees=(("birth_not_heaped",),),
    ),
    Rule(
        step="alphanumeric",
        name="name_tokens_birth_practice",
        key=("birth_date", "sex", "practice"),
        agrees=(("birth_not_heaped",), ("names_contained",)),
    ),
    Rule(
        step="residence",
        name="forename_birth_property",
        key=("birth_date", "uprn", "forename"),
        agrees=(("forename_certain",),),
    ),
    Rule(
        step="residence",
        name="name_tokens_birth_property",
        key=("birth_date", "uprn"),
        agrees=(("names_contained",),),
    ),
)
"""Steps 1–4. Step 0 is `records.prepare`, step 5 the `scorer` of `core.link`, steps 7 and 8 what is left."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What no rule may exceed: records in one person, and pairs compared (a floor, and a number for each record).

    With fewer than `scored_people` nothing is scored: how often strangers agree could not be measured.
    """

    cluster_records: int = 60
    pairs_floor: int = 5_000_000
    pairs_per_record: int = 40
    scored_people: int = 500

    def pairs(self, records: int) -> int:
        """Pairs a single rule may compare among that many records."""
        return max(self.pairs_floor, self.pairs_per_record * records)


def fingerprint(rules: tuple[Rule, ...], limits: Limits) -> str:
    """SHA-256 of everything that decides a match: part of the content key of a month."""
    parts = [AGREEMENTS, [asdict(rule) for rule in rules], asdict(limits)]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
