"""An inbox read back beside its truth, for judging what was invented: files typed by their contracts, in DuckDB.

For tests and `report` only. The pipeline proper has its own, stricter way of reading files, and never sees the truth.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from synthetic_data.feeds.feed import contract
from synthetic_data.feeds.write import file_name
from wsd_pipeline.settings import Project, snapshot_date

if TYPE_CHECKING:
    import duckdb


FEEDS = (
    "gp__registrations",
    "gp__conditions",
    "apc__episodes",
    "asc__events",
    "ecds__attendances",
    "education__pupils",
    "housing__tenancies",
    "gp__appointments",
    "op__appointments",
    "mhsds__people",
    "mhsds__referrals",
    "mhsds__contacts",
    "mhsds__cpa",
    "mhsds__ward_stays",
    "mhsds__detentions",
    "csds__people",
    "csds__referrals",
    "csds__contacts",
    "msds__pregnancies",
    "msds__babies",
    "talking_therapies__referrals",
    "deaths__registrations",
    "births__registrations",
    "csc__children",
    "csc__children_in_need",
    "csc__protection_plans",
    "csc__looked_after",
    "csc__early_help",
    "education__ehc_plans",
    "ncmp__measurements",
    "homelessness__people",
    "homelessness__placements",
    "housing__register",
    "housing__adaptations",
    "council_tax__accounts",
    "benefits__claimants",
    "personalised_care__products",
    "llpg__addresses",
    "area__context",
    "survey__results",
    "finance__lines",
    "population__projections",
    "outcomes__targets",
    "outcomes__comparators",
)
EVENTS = """
create view events as
select true_person, registered_date as day, 'registration' as kind from gp__registrations
union all select true_person, event_date, 'condition' from gp__conditions where cluster_id not like '%TRT_COD'
union all select true_person, admission_date, 'admission' from apc__episodes
union all select true_person, episode_end_date, 'episode end' from apc__episodes
union all select true_person, arrival_date, 'attendance' from ecds__attendances
union all select true_person, event_start_date, 'care' from asc__events
union all select true_person, event_end_date, 'care end' from asc__events
union all select true_person, tenancy_start_date, 'tenancy' from housing__tenancies
union all select true_person, ehcp_request_date, 'plan' from education__pupils
union all select true_person, appointment_date, 'GP appointment' from gp__appointments
    where appointment_date <= snapshot()
union all select true_person, booked_date, 'GP booking' from gp__appointments
union all select true_person, appointment_date, 'outpatients' from op__appointments where appointment_date <= snapshot()
union all select true_person, request_date, 'request' from op__appointments
union all select true_person, referral_date, 'mental health' from mhsds__referrals
union all select true_person, discharge_date, 'mental health' from mhsds__referrals
union all select true_person, contact_date, 'mental health contact' from mhsds__contacts
union all select true_person, spell_start_date, 'mental health ward' from mhsds__ward_stays
union all select true_person, spell_end_date, 'mental health ward' from mhsds__ward_stays
union all select true_person, detention_start_date, 'detention' from mhsds__detentions
union all select true_person, cpa_start_date, 'care programme' from mhsds__cpa
union all select true_person, referral_date, 'community' from csds__referrals
union all select true_person, contact_date, 'community contact' from csds__contacts
union all select true_person, booking_date, 'booking' from msds__pregnancies
union all select true_person, delivery_date, 'delivery' from msds__pregnancies
union all select true_person, referral_date, 'talking therapies' from talking_therapies__referrals
union all select true_person, last_treatment_date, 'talking therapies' from talking_therapies__referrals
union all select true_person, discharge_date, 'talking therapies' from talking_therapies__referrals
union all select true_person, request_date, 'plan' from education__ehc_plans
union all select true_person, plan_start_date, 'plan' from education__ehc_plans
union all select true_person, referral_date, 'need' from csc__children_in_need
union all select true_person, closure_date, 'care end' from csc__children_in_need
union all select true_person, plan_start_date, 'protection' from csc__protection_plans
union all select true_person, episode_start_date, 'looked after' from csc__looked_after
union all select true_person, start_date, 'early help' from csc__early_help
union all select true_person, measurement_date, 'measurement' from ncmp__measurements
union all select true_person, placement_start_date, 'temporary accommodation' from homelessness__placements
union all select true_person, application_date, 'homeless' from homelessness__people
union all select true_person, referral_date, 'adaptation' from housing__adaptations
union all select true_person, completion_date, 'adaptation' from housing__adaptations
union all select true_person, start_date, 'personalised care' from personalised_care__products
"""
SPELLS = """
create view spells as
select distinct true_person, spell_id, admission_date, discharge_date, discharge_method_code from apc__episodes
"""
_CASTS = {"SMALLINT": pl.Int64, "INTEGER": pl.Int64, "BIGINT": pl.Int64}


def feed(project: Project, month: str, table: str) -> pl.DataFrame:
    """A file as received, under the contract's column names; dates and whole numbers typed, all else text.

    Of a feed that does not come every month, the latest that has come.
    """
    made = contract(table)
    path = project.inbox / table / file_name(made, month)
    if made.cadence != "monthly":
        path = max(p for p in path.parent.glob(f"{table}_*.csv") if p.name <= path.name)
    rows = pl.read_csv(
        path,
        separator=made.file.delimiter,
        infer_schema=False,
        encoding=made.file.encodings[0].replace("cp1252", "windows-1252"),
    )
    rows = rows.rename({c.source_header: c.name for c in made.landed_columns})
    typed = []
    for column in made.landed_columns:
        if column.type == "DATE":
            typed.append(pl.col(column.name).str.to_date(made.file.date_formats[0], strict=False))
        elif column.type in _CASTS:
            typed.append(pl.col(column.name).cast(_CASTS[column.type], strict=False))
    parts = [pl.col(k).cast(pl.String) for k in made.person_key]
    key = pl.concat_str(parts, separator="|") if parts else pl.lit(None, pl.String)
    return rows.with_columns(typed).with_columns(person_key=key, source=pl.lit(made.source))


def truth(project: Project, month: str, name: str) -> pl.DataFrame:
    """`records`, `people` or `identities` of the truth folder."""
    return pl.read_parquet(truth_folder(project, month) / f"{name}.parquet")


def truth_folder(project: Project, month: str) -> Path:
    """Where a month's truth is kept."""
    return project.inbox / "_truth" / month


def open_month(project: Project, month: str) -> duckdb.DuckDBPyConnection:
    """A DuckDB session with `people` (truth, one row a person) and each feed's rows with their `true_person`."""
    import duckdb

    con = duckdb.connect(config={"threads": 2, "memory_limit": "3GB"})
    con.execute("set async_threads = 0; set preserve_insertion_order = false")
    frames = {name: truth(project, month, name) for name in ("records", "people", "identities")}
    frames |= {name: feed(project, month, name) for name in FEEDS}
    for name, frame in frames.items():
        con.register(f"{name}_frame", frame.to_arrow())
    con.execute("create table records as select * from records_frame")
    con.execute("create table people as select * from people_frame join identities_frame using (true_person)")
    for name in FEEDS:
        con.execute(
            f"create table {name} as select f.*, r.true_person from {name}_frame f"
            " left join records r on r.source = f.source and r.person_key = f.person_key"
        )
    con.execute(f"create macro snapshot() as date '{snapshot_date(month).isoformat()}'")
    con.execute(EVENTS)
    con.execute(SPELLS)
    return con
