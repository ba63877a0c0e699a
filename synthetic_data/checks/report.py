"""How the invented borough compares with what it should be: people, registers, mistakes, impossibilities.

Everything is counted in the files and their truth, never taken from what the generator says it did.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from synthetic_data.checks.impossible import count_impossibilities, impossibilities
from synthetic_data.checks.received import open_month, truth_folder
from synthetic_data.feeds.feed import contract
from synthetic_data.world.borough import reference
from synthetic_data.world.conditions import YEARLY, registers
from synthetic_data.world.state import YEAR
from wsd_pipeline.settings import Project

if TYPE_CHECKING:
    import duckdb


RELATIVE, ERRORS = 0.05, 3.0  # prevalence and wards: the larger of 5 % and three standard errors
DEFECT_RELATIVE = 0.10
LISTED_PER_RESIDENT = 330_000 / 310_309  # what `people` means: on the lists, of a borough whose wards add up to this

# What each defect is, in the files of a month: `has` over one row a record of the feed (or over rows, for repeats).
_RECORD = "(select distinct on ({key}) * from {feed})"
_KEY = {"housing__tenancies": "true_person, tenancy_start_date, tenant_no"}  # the same under two references
DEFECTS = {
    "nhs_missing": "nhs_number is null",
    "nhs_wrong": "replace(nhs_number, ' ', '') not in (p.nhs_number, coalesce(p.former_nhs_number, ''))",
    "dob_wrong": "f.birth_date <> p.birth_date",
    "dob_missing": "f.birth_date is null",
    "name_variant": "upper(f.forename) <> p.forename or upper(f.surname) <> p.surname",
    "uprn_missing": "f.uprn is null and replace(f.postcode, ' ', '') <> 'ZZ993VZ'",
}
REPEATS = {
    "gp__registrations": (
        "select count(*) - count(distinct true_person), count(distinct true_person) from gp__registrations"
        " where deregistered_date is null"
    ),
    "apc__episodes": "select count(*) - count(distinct apc_ident), count(distinct apc_ident) from apc__episodes",
    "ecds__attendances": (
        "select count(*) - count(distinct attendance_ident), count(distinct attendance_ident) from ecds__attendances"
    ),
    "education__pupils": "select count(*) - count(distinct upn), count(distinct upn) from education__pupils",
    "housing__tenancies": (
        "with once as (select distinct true_person, tenancy_start_date, tenant_no, uprn, bedroom_count"
        " from housing__tenancies)"
        " select (select count(*) from housing__tenancies) - count(*), count(*) from once"
    ),
}


@dataclass(frozen=True)
class ReportLine:
    """One comparison: what was found, what it should be, how far it may be off, and whether it is not further."""

    section: str
    item: str
    found: float
    target: float
    tolerance: float
    unit: str = ""

    @property
    def passed(self) -> bool:
        """Whether found is within the tolerance of the target."""
        return abs(self.found - self.target) <= self.tolerance + 1e-9


def report(project: Project, month: str) -> list[ReportLine]:
    """Every comparison of a month: population, wards, registers, defects, impossibilities."""
    con = open_month(project, month)
    try:
        return [
            *_population(con),
            *_wards(con),
            *_registers(con),
            *defect_lines(con, truth_folder(project, month) / "defects.json"),
            *_impossible(con),
        ]
    finally:
        con.close()


def _one(con: duckdb.DuckDBPyConnection, query: str) -> tuple[float, ...]:
    return tuple(float(v or 0) for v in con.execute(query).fetchall()[0])


def _population(con: duckdb.DuckDBPyConnection) -> Iterable[ReportLine]:
    listed, residents, both = _one(
        con,
        "select count(*) filter (is_registered), count(*) filter (is_resident),"
        " count(*) filter (is_registered and is_resident) from people",
    )
    yield ReportLine("population", "on a list, for each resident", listed / residents, LISTED_PER_RESIDENT, 0.01)
    yield ReportLine(
        "population", "on a list and not resident, of listed residents", (listed - both) / both, 0.12, 0.02
    )
    yield ReportLine("population", "residents with no GP", (residents - both) / residents, 0.05, 0.005)
    moved, total = _one(
        con,
        "select count(*) filter (moved_date > snapshot() - 365), count(*) from people"
        " where is_resident and age_years > 0",
    )
    yield ReportLine("population", "residents who moved in the last year", moved / total, 0.208, 0.03)


def _wards(con: duckdb.DuckDBPyConnection) -> Iterable[ReportLine]:
    """Residents of each ward against the ward profile, scaled to the number of residents."""
    con.register("lsoa_frame", reference("lsoa21").select("lsoa21", "ward_code").to_arrow())
    found = dict(
        con.execute(
            "select ward_code, count(*) from people join lsoa_frame using (lsoa21) where is_resident group by 1"
        ).fetchall()
    )
    wards = reference("wards")
    scale = sum(found.values()) / float(wards["population"].sum())
    for code, name, population in wards.select("ward_code", "ward_name", "population").sort("ward_code").iter_rows():
        target = population * scale
        yield ReportLine(
            "ward", name, found.get(code, 0), target, max(RELATIVE * target, ERRORS * target**0.5), "people"
        )


def _registers(con: duckdb.DuckDBPyConnection) -> Iterable[ReportLine]:
    """Share of each register's own denominator among people on the lists."""
    con.execute(
        "create temp table on_list as select distinct p.true_person, datediff('day', p.birth_date, snapshot()) / "
        f"{YEAR} as age from gp__registrations g join people p using (true_person)"
        " where g.deregistered_date is null and p.death_date is null"
    )
    for row in registers().iter_rows(named=True):
        recent = "and c.event_date > snapshot() - 366" if row["register"] in YEARLY else ""
        members, eligible = _one(
            con,
            f"select count(*) filter (exists (select 1 from gp__conditions c where c.true_person = o.true_person"
            f" and c.cluster_id = '{row['cluster']}' and c.resolved_date is null {recent})), count(*)"
            f" from on_list o where o.age >= {row['low']} and o.age < {row['high'] + 1}",
        )
        share = row["target_pct"] / 100
        error = (share * (1 - share) / max(eligible, 1)) ** 0.5
        tolerance = max(RELATIVE * share, ERRORS * error)
        found = members / max(eligible, 1)
        yield ReportLine("register", row["register"], 100 * found, 100 * share, 100 * tolerance, "%")


def count_defects(con: duckdb.DuckDBPyConnection, feed: str, defect: str, group: str | None = None) -> tuple[int, int]:
    """(records or rows with the defect, those that could have it), counted in the file against the truth."""
    if defect == "duplicate":
        injected, eligible = _one(con, REPEATS.get(feed) or _repeated(feed))
    else:
        only = "" if group is None else f" where p.ethnicity_group = '{group}'"
        has = DEFECTS[defect].replace("replace(nhs", "replace(f.nhs").replace("nhs_number is", "f.nhs_number is")
        records = _RECORD.format(feed=feed, key=_KEY.get(feed, "true_person, person_key"))
        injected, eligible = _one(
            con,
            f"select count(*) filter ({has}), count(*) from {records} f join people p using (true_person){only}",
        )
    return int(injected), int(eligible)


def _repeated(feed: str) -> str:
    """Rows of a feed that repeat its own key, and the keys there are; rows that stand for nobody are not counted."""
    key = ", ".join(contract(feed).unique_key)
    rows = f"(select {key} from {feed} where true_person is not null)"
    once = f"(select count(*) from (select distinct * from {rows}))"
    return f"select (select count(*) from {rows}) - {once}, {once}"


def defect_lines(con: duckdb.DuckDBPyConnection, defects: Path) -> Iterable[ReportLine]:
    """Each rate against its parameter, within ±10 % or the half record that rounding may cost."""
    for feed, named in json.loads(defects.read_text(encoding="utf-8")).items():
        for defect, facts in named.items():
            injected, eligible = count_defects(con, feed, defect)
            rate = facts["parameter"]
            tolerance = max(DEFECT_RELATIVE * rate, 0.51 / max(eligible, 1))
            yield ReportLine("defect", f"{feed} {defect}", injected / max(eligible, 1), rate, tolerance)


def _impossible(con: duckdb.DuckDBPyConnection) -> Iterable[ReportLine]:
    counts = count_impossibilities(con)
    for rule in impossibilities():
        yield ReportLine("impossible", rule.words, counts[rule.name], 0, 0, "cases")


def text(lines: list[ReportLine]) -> str:
    """The report as plain lines, what fails marked, and a verdict."""
    out = []
    for line in lines:
        mark = "ok  " if line.passed else "FAIL"
        found = f"{line.found:>12.4f} {line.target:>12.4f} ±{line.tolerance:.4f} {line.unit}"
        out.append(f"{mark} {line.section:<10} {line.item:<60} {found}")
    failed = sum(not line.passed for line in lines)
    out.append(f"{len(lines)} comparisons, {failed} outside their tolerance")
    return "\n".join(out)
