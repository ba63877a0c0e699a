"""Codes of places that a supplier may give in the wrong vintage.

The 2021 LSOAs split or merged 25 of the borough's 144 LSOAs of 2011; their codes were withdrawn. The other 119 kept
code and boundary. `reference.lsoa11_lsoa21` says what became of each.
"""

from __future__ import annotations

WITHDRAWN_LSOA11 = (
    "E01004197", "E01004215", "E01004224", "E01004225", "E01004238", "E01004242", "E01004246", "E01004250", "E01004252",
    "E01004253", "E01004254", "E01004261", "E01004262", "E01004269", "E01004273", "E01004284", "E01004285", "E01004294",
    "E01004314", "E01004317", "E01004318", "E01004325", "E01032766", "E01032773", "E01032778",
)  # fmt: skip
"""LSOA11 codes of the borough that are no LSOA21."""

FIRST_NEW_LSOA21 = "E01033769"
"""No English LSOA of 2011 has a code from here on; every LSOA drawn anew for 2021 has."""

LSOA_PATTERN = "E01[0-9]{6}"
GEOGRAPHY_TYPES = (
    "england", "london", "icb", "sub_icb", "local_authority", "locality", "ward", "msoa21", "lsoa21", "pcn", "practice", "trust",
)  # fmt: skip
GEOGRAPHY_PATTERN = "(E[0-9]{8}|[A-HJ-NP-Y][0-9]{5}|U[0-9]{5}|N[1-8]|Q[A-Z0-9]{2}|[A-Z0-9]{3}([0-9][A-Z0-9]|[A-Z0-9][0-9])?|NE|NW|SE|SW)"
"""A GSS code, an ODS code of a practice, PCN, trust, ICB or sub-ICB, or a locality."""
