"""What a contract is made of: tables and columns; what is true of a column is its checks (`contracts.checks`).

One declaration drives reading and casting a supplier's file, the computed `pseudo` contract (`contracts.pseudo`), the
typed output of every SQL model, the gates, test fixtures, the data dictionary and Dagster's descriptions. What a feed
says beside its columns is in `contracts.feed`. Nothing here knows where a table is kept or what runs it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from enum import StrEnum
from typing import Any

from wsd_pipeline.contracts.checks import Check, Matches, OneOf, Severity
from wsd_pipeline.contracts.feed import PLAIN_CSV, AgeAt, FileFormat, Says


class Privacy(StrEnum):
    """What a column could give away about a person (UK GDPR art. 4 and 9; ISO 25237)."""

    IDENTIFIER = "direct identifier"
    PSEUDONYM = "pseudonym"
    QUASI = "quasi-identifier"
    SENSITIVE = "special category"
    PAYLOAD = "about the person, not identifying alone"
    NONE = "not about a person"


class Becomes(StrEnum):
    """What a landed column is on the other side of pseudonymisation. There is no default."""

    TOKEN = "a keyed token in the linkage room only"
    KEYED = "a keyed pseudonym (128 bit) under the source's own key"
    MONTH = "the first day of its month"
    LSOA = "the LSOA21 of the postcode"
    RALF = "a residence pseudonym (RALF)"
    KEEP = "itself"
    FLAG = "only whether there is any: above zero, or filled in"
    DROP = "nothing: it is not carried on"


class Identity(StrEnum):
    """The part a landed column plays in recognising a person; names the columns of `tokens.identities`."""

    NHS_NUMBER = "nhs_number"
    FORENAME = "forename"
    SURNAME = "surname"
    FORMER_SURNAME = "former_surname"
    BIRTH_DATE = "birth_date"
    SEX = "sex"
    POSTCODE = "postcode"
    UPRN = "uprn"
    PRACTICE = "practice"
    UPN = "upn"


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a table: what it means, its DuckDB type, its privacy class and what is true of it."""

    name: str
    type: str
    description: str
    privacy: Privacy
    required: bool = False
    unique: bool = False
    checks: tuple[Check, ...] = ()
    synthetic: Mapping[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, kw_only=True)
class Landed(Column):
    """A supplier's column. `header` is the name in the file; `becomes` what pseudonymisation makes of it.

    `pseudo_name` names the result where it differs (a KEYED `spell_id` stays, a MONTH `dob` is `birth_month`).
    `unreadable_limit` is the share of values (0–1) that may fail the cast before the file is refused. A KEYED column
    that names a person of the same source says `keyed_as="record"`: its pseudonym is that person's `record_id`.
    """

    becomes: Becomes
    header: str | None = None
    identity: Identity | None = None
    pseudo_name: str | None = None
    unreadable_limit: float = 0.01
    keyed_as: str | None = None

    @property
    def source_header(self) -> str:
        """The column's name in the supplier's file."""
        return self.header or self.name

    @property
    def closing(self) -> Check | None:
        """The check that closes a text column which goes on as itself: what fails it is no code, and is not carried on.

        None for every other column; a text column that goes on without one is refused by a convention test.
        """
        if self.becomes is not Becomes.KEEP or self.type != "VARCHAR":
            return None
        return next((check for check in self.checks if isinstance(check, OneOf | Matches)), None)


class Measure(StrEnum):
    """What kind of number a mart publishes; each has its own disclosure rule (`disclosure.measures`)."""

    COUNT = "count of people, records or events"
    PERCENT = "percentage of two counts"
    RATE = "events for so many people"
    MONEY = "pounds"
    MEAN = "sum of whole units for each person or event"
    INTERVAL = "bound of a 95 % confidence interval"
    RATIO = "ratio of two counts, or of two rates"
    STANDARDISED = "rate weighted to a standard population"
    SLOPE = "slope of a rate over groups in order"
    FIT = "statistic of a model fitted to many people"


@dataclass(frozen=True, kw_only=True)
class Published(Column):
    """A measure of a mart. Models give counts, money and sums exact; they are protected before anything is written.

    `of` names columns of the model's rows, those of counts also of the mart. Only a COUNT and MONEY are given by
    the model under their own name; every other kind is computed from protected counts, or withheld with them:

        COUNT         of nothing
        PERCENT       of (numerator, denominator), `per` 100
        RATE          of (events, people), `per` 1,000 or 100,000
        MONEY         of (people or events, largest contributor[, second largest])
        MEAN          of (sum, count): the sum of whole units (days, visits) need not be published; or of an amount of
                      MONEY of the mart, and then of what is published of it
        FIT           of (value, count): a value the model gives, and the people it was fitted to
        INTERVAL      of (numerator, denominator), or as its STANDARDISED; `method` wilson, byar or dobson; `side`
                      lower or upper
        RATIO         of (a, b): a / b, or of (a, b, c, d): (a / b) / (c / d); `per` 1
        STANDARDISED  of (events, people) for each stratum in turn, with its `weights`
        SLOPE         of (events, people) for each group in turn, the first the most deprived; `method` sii or rii

    In a mart of many metrics a row may say itself what a PERCENT's, RATE's or INTERVAL's `per` is, in the column of the
    model that `per_column` names (100, 1,000 … or null where there is no value), and its method in `method_column`
    (wilson, byar, or none). `decimals` are those of the policy where None. `status_column` holds why a cell is empty: c, x or z, else the
    empty string. `contracts.measures` has a shorthand for each kind.
    """

    measure: Measure
    status_column: str
    of: tuple[str, ...] = ()
    per: int = 100
    method: str = ""
    side: str = ""
    weights: tuple[float, ...] = ()
    decimals: int | None = None
    per_column: str = ""
    method_column: str = ""


@dataclass(frozen=True, kw_only=True)
class RowRule:
    """A rule over several columns of one row. `failing` is a SQL predicate, true where it is broken."""

    name: str
    failing: str
    description: str
    limit: float = 0.0
    severity: Severity = Severity.CRITICAL


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table: one row per `grain`, unique and written in the order of `unique_key`."""

    key: str
    grain: str
    description: str
    columns: tuple[Column, ...]
    unique_key: tuple[str, ...]
    rules: tuple[RowRule, ...] = ()
    minimum_rows: int = 1

    def __post_init__(self) -> None:
        names = [c.name for c in self.columns]
        if len(set(names)) != len(names):
            raise ValueError(f"{self.key}: a column is declared twice")
        if missing := [k for k in self.unique_key if k not in names]:
            raise ValueError(f"{self.key}: key columns not declared: {missing}")

    @property
    def layer(self) -> str:
        """The first part of the key."""
        return self.key.split(".", 1)[0]

    @property
    def name(self) -> str:
        """The second part of the key."""
        return self.key.split(".", 1)[1]

    def column(self, name: str) -> Column:
        """The column of that name; KeyError where there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.key} has no column {name}")

    def fingerprint(self) -> str:
        """SHA-256 of everything declared: part of the content key of each build."""
        return hashlib.sha256(json.dumps(plain(self), sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class LandedTable(Table):
    """A supplier's feed.

    `person_key` is what recognises a person inside the supplier's system; its HMAC under the source's own key
    is `record_id`, shared by every table of the `source`. `unique_key` is the row's own key: rows that repeat
    it are resubmissions, of which the latest by `latest_by` (then by place in the file) is carried on. The
    latest known value of each identity column of a person key is the one tokenised. A feed of places or things has
    an empty `person_key`: it has no `record_id`, adds nothing to `tokens`, and may hold no identity column.

    `restricted_by` names the law that forbids any use it does not name: such a feed is taken in only where the flow
    register records a gateway (`wsd_pipeline.flows`), and nothing made from it leaves row by row.

    `says` is what its rows tell of the person; a feed that holds identity must say it. `event_date` names the `pseudo`
    column by which its latest event is known; None for lists and places.
    """

    source: str
    supplier: str
    person_key: tuple[str, ...]
    latest_by: tuple[str, ...] = ()
    file: FileFormat = PLAIN_CSV
    ages: tuple[AgeAt, ...] = ()
    cadence: str = "monthly"
    domain_section: str = ""
    says: Says | None = field(default=None, compare=False)  # shapes what reads the rows, not the rows
    event_date: str | None = field(default=None, compare=False)
    restricted_by: str | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.person_key and (self.identity_columns or self.ages):
            raise ValueError(f"{self.key}: identity columns or ages, and no person they belong to")

    @property
    def landed_columns(self) -> tuple[Landed, ...]:
        """The columns, typed as landed ones."""
        return tuple(c for c in self.columns if isinstance(c, Landed))

    @property
    def identity_columns(self) -> Mapping[Identity, Landed]:
        """The identity part of each column that has one; empty for a feed of events only."""
        return {c.identity: c for c in self.landed_columns if c.identity is not None}

    @property
    def address_lines(self) -> tuple[str, ...]:
        """The names of the columns that hold the address as text, in order."""
        return tuple(c.name for c in self.columns if c.name.startswith("address_line_"))

    @property
    def has_addresses(self) -> bool:
        """Whether it says where its people live, as text or as UPRN: then the vault looks it up in the gazetteer."""
        return bool(self.address_lines) or Identity.UPRN in self.identity_columns


def plain(value: object) -> Any:
    """`value` as JSON-ready data: dataclasses become tagged mappings, tuples lists."""
    if is_dataclass(value) and not isinstance(value, type):
        return {
            "kind": type(value).__name__,
            **{f.name: plain(getattr(value, f.name)) for f in fields(value) if f.compare},
        }
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, tuple | list):
        return [plain(v) for v in value]
    return value
