"""What a feed says beside its columns: how its file is written, and what its rows say of the person they are about.

Read by `vault` (layouts, ages) and by `statements` (the SQL of `person.records` and `person.addresses`).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class FileFormat:
    """How the supplier writes the file: delimiter, encodings accepted in order, date layouts in order."""

    delimiter: str = ","
    encodings: tuple[str, ...] = ("utf-8",)
    date_formats: tuple[str, ...] = ("%Y-%m-%d",)
    timestamp_formats: tuple[str, ...] = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S")
    missing: tuple[str, ...] = ("", "NULL", "N/K", ".", "-", "#N/A")


PLAIN_CSV = FileFormat()
"""The layout of a feed that declares none."""


@dataclass(frozen=True, kw_only=True)
class AgeAt:
    """Completed years at an event, computed in the vault where the full date of birth is known."""

    name: str
    on: str
    description: str


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where a feed's rows say that a person lives: SQL over the feed's `pseudo` columns.

    Of several, the lowest `priority` wins: 1 tenancy and council tax, 2 the practice's list, 3 the school's roll,
    4 social care and other council services, 5 health services (DOMAIN §9.3). `where` None means every row.
    """

    priority: int
    seen: str
    from_date: str | None = None
    where: str | None = None


@dataclass(frozen=True, kw_only=True)
class Says:
    """What the rows of a feed say of the person they are about: SQL over the feed's `pseudo` columns.

    `seen` is the date on which the row was last known to be true; a list as it stands says `$snapshot_date`. Month
    of birth, sex, LSOA and residence pseudonym are read wherever the `pseudo` table has them. None: it says nothing.
    """

    seen: str
    ethnicity_list: str | None = None
    ethnicity: str | None = None
    death_date: str | None = None
    is_sensitive: str | None = None
    address: Address | None = None
