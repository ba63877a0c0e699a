"""How often each supplier gets what wrong (DOMAIN §2.20): parameters, by feed and defect. `mess` does it.

NHS number missing or wrong, date of birth wrong or missing, a name written another way, an address without its UPRN, a
row sent twice: shares of a feed's records.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

Rate = float | Mapping[str, float]  # by ethnicity group, "" for all others

DEFAULTS: Mapping[str, Mapping[str, Rate]] = MappingProxyType(
    {
        "gp__registrations": {
            "nhs_missing": 0.05,
            "nhs_wrong": 0.001,
            "dob_wrong": 0.015,
            "name_variant": 0.04,
            "uprn_missing": 0.014,
            "duplicate": 0.015,
        },
        "apc__episodes": {"nhs_missing": 0.01, "nhs_wrong": 0.002, "dob_wrong": 0.005, "duplicate": 0.005},
        "asc__events": {
            "nhs_missing": 0.12,
            "nhs_wrong": 0.005,
            "dob_wrong": 0.01,
            "name_variant": 0.06,
            "uprn_missing": 0.03,
            "duplicate": 0.04,
        },
        "ecds__attendances": {
            "nhs_missing": 0.07,
            "nhs_wrong": 0.003,
            "dob_wrong": 0.01,
            "name_variant": 0.05,
            "uprn_missing": 0.05,
            "duplicate": 0.005,
        },
        "education__pupils": {"dob_wrong": 0.003, "name_variant": 0.07, "uprn_missing": 0.03, "duplicate": 0.01},
        "housing__tenancies": {"dob_missing": 0.08, "name_variant": 0.10, "uprn_missing": 0.005, "duplicate": 0.02},
        "op__appointments": {"nhs_missing": 0.01, "nhs_wrong": 0.002, "dob_wrong": 0.005, "duplicate": 0.005},
        "mhsds__people": {"nhs_missing": 0.02, "nhs_wrong": 0.002, "dob_wrong": 0.005},
        "mhsds__referrals": {"duplicate": 0.01},
        "mhsds__contacts": {"duplicate": 0.01},
        "csds__people": {"nhs_missing": 0.02, "nhs_wrong": 0.002, "dob_wrong": 0.005},
        "csds__referrals": {"duplicate": 0.01},
        "csds__contacts": {"duplicate": 0.01},
        "msds__pregnancies": {"nhs_missing": 0.01, "nhs_wrong": 0.002, "dob_wrong": 0.002, "duplicate": 0.005},
        "msds__babies": {"nhs_missing": 0.06, "nhs_wrong": 0.002, "dob_wrong": 0.002, "duplicate": 0.005},
        "talking_therapies__referrals": {
            "nhs_missing": 0.02,
            "nhs_wrong": 0.002,
            "dob_wrong": 0.005,
            "duplicate": 0.01,
        },
        "deaths__registrations": {"nhs_missing": 0.02, "dob_wrong": 0.005},  # judgement, as for births
        "births__registrations": {"nhs_missing": 0.005},
        "csc__children": {
            "nhs_missing": 0.70,
            "dob_wrong": 0.005,
            "name_variant": 0.08,
            "uprn_missing": 0.03,
            "duplicate": 0.02,
        },
        "csc__children_in_need": {"duplicate": 0.02},
        "csc__protection_plans": {"duplicate": 0.02},
        "csc__looked_after": {"duplicate": 0.02},
        "csc__early_help": {"duplicate": 0.02},
        "education__ehc_plans": {"dob_wrong": 0.003, "name_variant": 0.07, "duplicate": 0.01},
        "ncmp__measurements": {
            "nhs_missing": 0.08,
            "nhs_wrong": 0.003,
            "dob_wrong": 0.002,
            "name_variant": 0.05,
            "duplicate": 0.005,
        },
        "homelessness__people": {
            "dob_wrong": 0.04,
            "dob_missing": 0.05,  # known by year of birth only
            "name_variant": 0.10,
            "uprn_missing": 0.12,
            "duplicate": 0.03,
        },
        "homelessness__placements": {"duplicate": 0.03},
        "housing__register": {"dob_missing": 0.08, "name_variant": 0.10, "uprn_missing": 0.005, "duplicate": 0.02},
        "housing__adaptations": {"dob_missing": 0.08, "name_variant": 0.10, "uprn_missing": 0.005, "duplicate": 0.02},
        "benefits__claimants": {"dob_wrong": 0.05, "name_variant": 0.10, "duplicate": 0.02},
        "personalised_care__products": {
            "nhs_missing": 0.06,
            "nhs_wrong": 0.003,
            "dob_wrong": 0.005,
            "name_variant": 0.04,
            "duplicate": 0.01,
        },
    }
)
