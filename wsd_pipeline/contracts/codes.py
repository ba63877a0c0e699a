"""The shapes and lists that close a coded column: nothing but a code passes, so nothing typed by hand can travel.

Every VARCHAR that goes on as itself carries one of these, or a list of its own. A pattern here lets no name of four
letters, no postcode, no date and no address through (a convention test tries them); a value that fails is null in
`pseudo` and counted. Code lists are the national ones; those marked local hold what the borough's systems send.
"""

from __future__ import annotations

from wsd_pipeline.contracts.checks import Matches, OneOf, Severity

LANGUAGES = (  # DfE Common Basic Data Set, those spoken by more than a few; local codes of the GP extract among them
    "AKA", "ALB", "AMR", "ARA", "BEN", "BNG", "BNGA", "BNGC", "BNGS", "BUL", "CAT", "CCE", "CCF", "CHI", "CHIA", "CHIC",
    "CHIM", "CZE", "DUT", "EDO", "ENB", "ENG", "EWE", "FIN", "FRN", "GAA", "GER", "GRE", "GUJ", "HAU", "HEB", "HIN",
    "HUN", "IBA", "IGB", "ITA", "JPN", "KOR", "KUR", "LAO", "LGA", "LIN", "LIT", "LTV", "MAL", "MAR", "NEP", "NOR",
    "NOT", "OTB", "OTH", "OTL", "PAT", "PHR", "PNJ", "POL", "POR", "PRS", "REF", "ROM", "RUS", "SCB", "SHO", "SIG", "SIN",
    "SLO", "SOM", "SPA", "SWA", "SWE", "TAM", "TGL", "TGR", "TUR", "TWI", "UKR", "URD", "VIE", "YOR", "ZUL",
)  # fmt: skip
UNITS = (
    "%", "kg", "kg/m2", "kg/m²", "g", "cm", "m", "mm", "mmHg", "mm[Hg]", "mmol/L", "mmol/mol", "mol/L", "umol/L", "µmol/L",
    "nmol/L", "pmol/L", "mg/L", "mg/dL", "g/L", "g/dL", "ug/L", "µg/L", "mg/mmol", "mg/g", "IU/L", "U/L", "mU/L", "ratio",
    "mL/min", "mL/min/1.73m2", "mL/min/1.73m²", "mL/min/{1.73_m2}", "L", "L/min", "L/s", "10*9/L", "10^9/L", "10*12/L",
    "10^12/L", "/min", "bpm", "units/week", "units", "/week", "/day", "per day", "cigarettes/day", "score", "points", "1",
    "year", "years", "weeks", "days", "C", "°C",
)  # fmt: skip


def snomed(limit: float = 0.02) -> Matches:
    """A SNOMED CT concept: 6 to 18 digits, of which the last three are a concept's (partition 00 or 10, then a check)."""
    return Matches(
        pattern="[1-9][0-9]{2,14}[01]0[0-9]", means="a SNOMED CT concept identifier", system="snomed", limit=limit
    )


def icd10(limit: float = 0.01) -> Matches:
    """An ICD-10 code without dot."""
    return Matches(
        pattern="[A-Z][0-9]{2}[0-9X]?[0-9A-Z]?", means="an ICD-10 code without dot", system="icd10", limit=limit
    )


def opcs4(limit: float = 0.01) -> Matches:
    """An OPCS-4 code without dot."""
    return Matches(pattern="[A-Z][0-9]{2}[0-9]?", means="an OPCS-4 code without dot", system="opcs4", limit=limit)


def hrg(limit: float = 0.01) -> Matches:
    """A healthcare resource group."""
    return Matches(pattern="[A-Z]{2}[0-9]{2}[A-Z]", means="a healthcare resource group", limit=limit)


def specialty(limit: float = 0.01) -> Matches:
    """A main specialty or treatment function."""
    means = "a three-digit specialty or treatment function"
    return Matches(pattern="[0-9]{3}", means=means, system="treatment_function", limit=limit)


def site(limit: float = 0.01) -> Matches:
    """An ODS code of an organisation or of its site: a trust's site has a digit in its last two places."""
    pattern = "[A-Z0-9]{3}|[A-Z0-9]{3}([0-9][A-Z0-9]|[A-Z0-9][0-9])|[A-Z][0-9]{5}"
    return Matches(pattern=pattern, means="an ODS organisation or site code", limit=limit)


def cqc_location(limit: float = 0.02) -> Matches:
    """A Care Quality Commission location."""
    return Matches(pattern="1-[0-9]{6,12}", means="a CQC location identifier", limit=limit, severity=Severity.WARN)


def council(limit: float = 0.0) -> Matches:
    """A council: its CASSR or DfE number, or its ONS code."""
    return Matches(pattern="[0-9]{3}|E(06|07|08|09|10)0[0-9]{5}", means="a council's code", limit=limit)


def school_urn(limit: float = 0.01) -> Matches:
    """A school's unique reference number."""
    return Matches(pattern="[0-9]{6}", means="six digits", limit=limit)


def lsoa(limit: float = 0.01) -> Matches:
    """An LSOA of England or Wales, of any vintage."""
    return Matches(pattern="[EW]01[0-9]{6}", means="an LSOA code", limit=limit)


def ward(limit: float = 0.01) -> Matches:
    """A ward of England or Wales."""
    return Matches(pattern="[EW]05[0-9]{6}", means="a ward code", limit=limit)


def landlord(limit: float = 0.05) -> Matches:
    """A landlord: the council, a provider's number at the Regulator of Social Housing, or the borough's own (local)."""
    pattern = "LBTH|THH|RP[0-9]{2,4}|(L|LH|SL)?[0-9]{4}"
    return Matches(pattern=pattern, means="a landlord's code", limit=limit, severity=Severity.WARN)


def language(limit: float = 0.05) -> OneOf:
    """A language of the DfE's list."""
    return OneOf(values=LANGUAGES, limit=limit, severity=Severity.WARN)


def unit_of_measure(limit: float = 0.05) -> OneOf:
    """A unit of a measured value, however it is punctuated."""
    return OneOf(values=UNITS, by_label=True, limit=limit, severity=Severity.WARN)


def labels(*values: str, limit: float = 0.02, severity: Severity = Severity.CRITICAL) -> OneOf:
    """One of a list of labels, whose wording may drift in case and punctuation."""
    return OneOf(values=values, by_label=True, limit=limit, severity=severity)
