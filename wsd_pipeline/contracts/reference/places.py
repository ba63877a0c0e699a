"""Where things are, and in which vintage: LSOAs, wards, localities, practices and PCNs, postcodes."""

from __future__ import annotations

from wsd_pipeline.contracts.checks import Matches, NoneOf, OneOf
from wsd_pipeline.contracts.fields import LOCALITIES
from wsd_pipeline.contracts.places import LSOA_PATTERN, WITHDRAWN_LSOA11
from wsd_pipeline.contracts.reference.core import Origin, ReferenceTable, fact

LOCALITY = fact("locality", "VARCHAR", "Locality: NE, NW, SE or SW.", required=True, checks=(OneOf(values=LOCALITIES),))

LSOA21 = ReferenceTable(
    key="reference.lsoa21",
    grain="LSOA (2021) of the borough",
    description="Where each LSOA lies and how deprived it is. A ward is the population-weighted best fit, not exact.",
    vintage="LSOA21, wards of 2022 names, IMD 2025 (LSOA21) and IMD 2019 (LSOA11, best fit)",
    source_note="ONS and MHCLG, Open Government Licence; ward to locality is the partnership's own grouping",
    unique_key=("lsoa21",),
    columns=(
        fact("lsoa21", "VARCHAR", "LSOA21 code.", required=True, unique=True),
        fact("msoa21", "VARCHAR", "MSOA21 code.", required=True),
        fact("ward_code", "VARCHAR", "Ward code.", required=True),
        LOCALITY,
        fact("imd2025_score", "DECIMAL(8,3)", "Index of Multiple Deprivation 2025, score."),
        fact("imd2025_rank", "INTEGER", "Rank in England, 1 the most deprived."),
        fact("imd2025_decile", "SMALLINT", "National decile, 1 the most deprived.", required=True),
        fact("imd2019_decile", "SMALLINT", "National decile of 2019, 1 the most deprived."),
        fact("lsoa11_codes", "VARCHAR", "LSOA11 codes it comes from, separated by |."),
    ),
)

LSOA21_POPULATION = ReferenceTable(
    key="reference.lsoa21_population",
    grain="LSOA (2021) of the borough",
    description="Residents by age group and by broad ethnic group.",
    vintage="mid-year estimate by age; Census 2021 by ethnic group",
    source_note="ONS, Open Government Licence",
    unique_key=("lsoa21",),
    columns=(
        fact("lsoa21", "VARCHAR", "LSOA21 code.", required=True, unique=True),
        *(
            fact(name, "INTEGER", f"Residents, {name.replace('_', ' ')}.")
            for name in ("age_0_15", "age_16_24", "age_25_34", "age_35_49", "age_50_64", "age_65_over")
        ),
        *(fact(name, "INTEGER", f"Residents, {name} ethnic groups.") for name in ("asian", "black", "mixed", "other", "white")),
    ),
)  # fmt: skip

WARDS = ReferenceTable(
    key="reference.wards",
    grain="ward of the borough",
    description="The twenty wards and their locality.",
    vintage="boundaries of 2014, names of 2022",
    source_note="ONS, Open Government Licence; ward to locality is the partnership's own grouping",
    unique_key=("ward_code",),
    columns=(
        fact("ward_code", "VARCHAR", "Ward code.", required=True, unique=True),
        fact("ward_name", "VARCHAR", "Ward name.", required=True),
        LOCALITY,
        fact("population", "INTEGER", "Residents."),
    ),
)

LOCALITY_NAMES = ReferenceTable(
    key="reference.localities",
    grain="locality",
    description="The four localities.",
    vintage="2019",
    source_note="Tower Hamlets Together",
    unique_key=("locality",),
    columns=(LOCALITY, fact("locality_name", "VARCHAR", "Name in words.", required=True)),
)

PRACTICES = ReferenceTable(
    key="reference.practices",
    grain="GP practice in a primary care network from a date",
    description="Practice to PCN to locality, dated: networks 3 and 4 merged in November 2022 and practices merged and moved.",
    vintage="2019-07 to 2022-10 (eight networks) and from 2022-11 (seven PCNs)",
    source_note="ODS and the House of Commons Library; before 2022-11 the networks' own numbers stand for codes",
    unique_key=("practice_code", "valid_from"),
    columns=(
        fact("practice_code", "VARCHAR", "ODS code.", required=True, checks=(Matches(pattern="[A-HJ-NP-Y][0-9]{5}", means="an ODS practice code"),)),
        fact("practice_name", "VARCHAR", "Name.", required=True),
        fact("pcn_code", "VARCHAR", "Code of the PCN; N1 to N8 are the networks before codes were issued.", required=True),
        fact("pcn_name", "VARCHAR", "Name of the PCN.", required=True),
        LOCALITY,
        fact("list_count", "INTEGER", "Registered patients at the vintage."),
        fact("valid_from", "DATE", "First day of the row.", required=True),
        fact("valid_to", "DATE", "Day after the last; empty while current."),
    ),
)  # fmt: skip

PRACTICE_SUCCESSORS = ReferenceTable(
    key="reference.practice_successors",
    grain="practice that closed",
    description="Practices that closed or merged, and the one that took their list. A retired code still arrives; from the day after it closed its patients are the successor's.",
    vintage="2019 to 2024",
    source_note="ODS; rows marked inferred follow from the lists of 2020 and 2024 and the day is the last of the earlier list",
    unique_key=("practice_code",),
    columns=(
        fact("practice_code", "VARCHAR", "ODS code of the practice that closed.", required=True, unique=True, checks=(Matches(pattern="[A-HJ-NP-Y][0-9]{5}", means="an ODS practice code"),)),
        fact("practice_name", "VARCHAR", "Its name.", required=True),
        fact("successor_code", "VARCHAR", "Practice that took its list; empty where it was dispersed.", checks=(Matches(pattern="[A-HJ-NP-Y][0-9]{5}", means="an ODS practice code"),)),
        fact("closed_date", "DATE", "Its last day.", required=True),
        fact("reason", "VARCHAR", "merged or list_dispersed.", required=True, checks=(OneOf(values=("merged", "list_dispersed")),)),
        fact("is_inferred", "BOOLEAN", "Inferred by the project, not published.", required=True),
        fact("note", "VARCHAR", "How it is known."),
    ),
)  # fmt: skip

OTHER_PRESCRIBERS = ReferenceTable(
    key="reference.other_prescribers",
    grain="prescriber with a code like a practice's",
    description="Codes that look like a GP practice's and are none (prescribing setting other than 4): nobody is on their list.",
    vintage="2022",
    source_note="ODS epraccur",
    unique_key=("prescriber_code",),
    columns=(
        fact("prescriber_code", "VARCHAR", "ODS code.", required=True, unique=True, checks=(Matches(pattern="[A-HJ-NP-Y][0-9]{5}", means="an ODS code"),)),
        fact("prescriber_name", "VARCHAR", "What it is.", required=True),
        fact("setting", "VARCHAR", "Kind of service.", required=True, checks=(OneOf(values=("urgent_treatment_centre", "out_of_hours", "drug_team", "other")),)),
        fact("source_note", "VARCHAR", "How it is known."),
    ),
)  # fmt: skip

LSOA11_LSOA21 = ReferenceTable(
    key="reference.lsoa11_lsoa21",
    grain="LSOA of 2011 and LSOA of 2021 that share ground",
    description="What became of each LSOA of 2011. A value of LSOA11 goes to LSOA21 as the sum of `lsoa21_share` times the value: unchanged and split ones as they stand, two merged ones half and half.",
    vintage="LSOA11 to LSOA21; IMD 2019",
    source_note="ONS best fit and exact lookups, MHCLG, Open Government Licence; of a merged LSOA the rank is that of the best fit",
    unique_key=("lsoa11", "lsoa21"),
    columns=(
        fact("lsoa11", "VARCHAR", "LSOA11 code.", required=True, checks=(Matches(pattern=LSOA_PATTERN, means="an English LSOA code"),)),
        fact("lsoa21", "VARCHAR", "LSOA21 code.", required=True, checks=(Matches(pattern=LSOA_PATTERN, means="an English LSOA code"),)),
        fact("change_type", "VARCHAR", "unchanged, split or merged.", required=True, checks=(OneOf(values=("unchanged", "split", "merged")),)),
        fact("lsoa21_share", "DECIMAL(5,4)", "Part that this LSOA11 has in the LSOA21's value.", required=True),
        fact("imd2019_rank", "INTEGER", "IMD 2019, rank in England among LSOA11s, 1 the most deprived."),
        fact("imd2019_decile", "SMALLINT", "IMD 2019, national decile, 1 the most deprived."),
    ),
)  # fmt: skip

WARD_NAMES = ReferenceTable(
    key="reference.ward_names",
    grain="ward of the borough under a name",
    description="What a ward was called when: two of the wards of 2014 were renamed, with their codes and boundaries as before.",
    vintage="boundaries of 2014, names of 2014 and 2022",
    source_note="ONS and the council; the day of the elections of 2022 is taken for the renaming",
    unique_key=("ward_code", "valid_from"),
    columns=(
        fact("ward_code", "VARCHAR", "Ward code.", required=True),
        fact("ward_name", "VARCHAR", "Ward name.", required=True),
        LOCALITY,
        fact("valid_from", "DATE", "First day of the name.", required=True),
        fact("valid_to", "DATE", "Day after the last; empty while current."),
    ),
)

POSTCODES = ReferenceTable(
    key="reference.postcodes",
    grain="postcode and the month it was introduced",
    description="Postcode to LSOA21, shaped as the ONS Postcode Directory, whose own headings are read too. Supplied with the extracts. A terminated postcode keeps its place; where one was used again, the use at the snapshot counts.",
    vintage="as supplied",
    source_note="ONS Postcode Directory, Open Government Licence",
    origin=Origin.SUPPLIED,
    unique_key=("pcds", "dointr"),
    columns=(
        fact("pcds", "VARCHAR", "Postcode with one space.", required=True),
        fact("lsoa21", "VARCHAR", "LSOA21 code; empty or a 99999999 code where there is none.", checks=(NoneOf(values=WITHDRAWN_LSOA11),)),
        fact("dointr", "VARCHAR", "Month introduced, YYYYMM."),
        fact("doterm", "VARCHAR", "Month terminated, YYYYMM; empty while live."),
        fact("lsoa11", "VARCHAR", "LSOA11 code."),
        fact("ward_code", "VARCHAR", "Ward."),
        fact("lad_code", "VARCHAR", "Local authority district."),
        fact("country_code", "VARCHAR", "Country."),
    ),
)  # fmt: skip

TABLES = (
    LSOA21, LSOA21_POPULATION, LSOA11_LSOA21, WARDS, WARD_NAMES, LOCALITY_NAMES, PRACTICES, PRACTICE_SUCCESSORS,
    OTHER_PRESCRIBERS, POSTCODES,
)  # fmt: skip
