"""Row-level extracts for accredited projects: pseudonymised personal data, outside releases, k-anonymous by gate.

Each project has a pseudonym key of its own, so two projects' extracts cannot be joined on it, nor two of one project by
other quasi-identifiers, which together would be finer than either. Quasi-identifiers are made coarser, step by step,
before any row is dropped; rows that are still too alone are dropped, and counted. What a file holds is its contract,
`contracts/extract.py`, and is checked before the file stands.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wsd_pipeline import gate
from wsd_pipeline.accepting import Validator
from wsd_pipeline.contracts.core import Table
from wsd_pipeline.contracts.extract import ALL, COARSER, PERSON_INDEX, QUASI, SENSITIVE, person_index
from wsd_pipeline.contracts.odcs import write_contract
from wsd_pipeline.disclosure.anonymity import (
    diversity,
    dominated_rows,
    rows_in_small_classes,
    smallest_class,
    uniques_with,
)
from wsd_pipeline.lake import content_key, file_sha256
from wsd_pipeline.messages import Stop
from wsd_pipeline.settings import Project, month_of, snapshot_date, write_text

if TYPE_CHECKING:
    import polars as pl

FLOOR_K = 10
DROPPED_SHARE = 0.05
"""Rows that may be dropped before the quasi-identifiers are made coarser instead (0–1)."""

STEPS: tuple[tuple[str, str], ...] = (
    ("age_band", "six bands"),
    ("ethnicity_group", "five groups"),
    ("age_band", "children, adults, 65+"),
    ("locality", ALL),
    ("ethnicity_group", ALL),
    ("age_band", ALL),
    ("sex", ALL),
    ("lifecourse_segment", ALL),
)
"""In which order quasi-identifiers are made coarser, and how far each time."""
GATED: Mapping[str, str] = {"benefits__claimants": "benefits", "council_tax__accounts": "council_tax"}
"""Feeds whose rows may be used for statistics, and by row only under a legal gateway of that name: columns made of them
are refused where none is recorded (Welfare Reform Act 2012 s.131; Local Government Finance Act 1992 sch. 2)."""


@dataclass(frozen=True, kw_only=True)
class Accreditation:
    """An accredited project: its name, what it is for, the least k it was granted, and its release series.

    `gateways` are the sources for whose rows a legal gateway is recorded (`GATED`).
    """

    name: str
    purpose: str
    k: int = FLOOR_K
    series: str = "1"
    gateways: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ExtractReport:
    """What an extract holds and what was lost on the way. Counts and shares only.

    `diversity` is ℓ of each sensitive column, `dominated` its rows where nearly all of a group have one value,
    `alone_with` the rows that one more column would single out; `kept_detail` the share (0–1) of each
    quasi-identifier's distinct values that is left.
    """

    project: str
    month: str
    rows: int
    dropped: int
    k: int
    steps: tuple[str, ...]
    diversity: Mapping[str, int]
    dominated: Mapping[str, int]
    alone_with: Mapping[str, int]
    kept_detail: Mapping[str, float] = field(default_factory=dict)


def create_project(
    project: Project, name: str, purpose: str, k: int = FLOOR_K, gateways: Sequence[str] = ()
) -> Accreditation:
    """Write an accredited project down. Stops with WSD-631 where the name is taken or not plain, WSD-630 for k < 10."""
    if not re.fullmatch(r"[a-z][a-z0-9-]{2,39}", name) or _path(project, name).exists():
        raise Stop("WSD-631", name=name[:40])
    if k < FLOOR_K:
        raise Stop("WSD-630", reason=f"k is {k}, and must be at least {FLOOR_K}", suggestion=f"k {FLOOR_K}")
    if unknown := sorted(set(gateways) - set(GATED.values())):
        raise Stop("WSD-602", kind="gateway", name=unknown[0][:40], nearest="", see=", ".join(sorted(GATED.values())))
    made = Accreditation(name=name, purpose=purpose, k=k, gateways=tuple(sorted(set(gateways))))
    _path(project, name).parent.mkdir(parents=True, exist_ok=True)
    write_text(_path(project, name), json.dumps(asdict(made), indent=1, sort_keys=True) + "\n")
    return made


def accredited(project: Project, name: str) -> Accreditation:
    """The accredited project of that name. Stops with WSD-631 where there is none."""
    if not re.fullmatch(r"[a-z][a-z0-9-]{2,39}", name) or not _path(project, name).is_file():
        raise Stop("WSD-631", name=name[:40])
    held = json.loads(_path(project, name).read_text(encoding="utf-8"))
    return Accreditation(**held | {"gateways": tuple(held.get("gateways", ()))})


def _path(project: Project, name: str) -> Path:
    return project.lake / "_projects" / f"{name}.json"


def build_extract(
    project: Project, name: str, month: str, validate: Validator, columns: Sequence[str] = (*QUASI, *SENSITIVE)
) -> tuple[Path, ExtractReport]:
    """The file and report of a project's extract of a month. Nothing is written unless it is safe.

    `columns` are those of `extract.person_index` and facts of `person.profile`; `validate` checks the file against its
    contract before it stands. Stops: WSD-601 no such month, 602 unknown column, 630 not safe or no legal gateway,
    631 no such project, 632 a check failed.
    """
    from wsd_pipeline.vault.keys import load

    granted, month = accredited(project, name), month_of(month)
    facts = facts_allowed(granted, columns)
    table = person_index(columns)
    people = _people(project, month)
    if facts:
        people = people.join(_facts(project, month, facts), on="person_id", how="left", validate="1:1")
    people = people.select("person_id", *(c.name for c in table.columns[1:]))
    keys = load(project)
    secret = keys.derive(_secret_name(granted, keys.epoch, people.columns))
    made, report = anonymised(people, granted, month, secret)
    return _write(project, granted, table, made, report, validate), report


def _secret_name(granted: Accreditation, epoch: str, columns: Sequence[str]) -> str:
    """What the pseudonyms' key is derived for: the project, and the quasi-identifiers that k holds for."""
    quasi = ",".join(c for c in columns if c in QUASI)
    return f"rel|{granted.name}|{granted.series}|{epoch}|{quasi}"


def facts_allowed(granted: Accreditation, columns: Sequence[str]) -> list[str]:
    """The facts of `person.profile` among the columns. Stops with WSD-602 (unknown), 630 (no legal gateway)."""
    from wsd_pipeline.contracts.person.facts import FACTS

    facts = {fact.name: (*fact.feeds, *fact.may_lack) for fact in FACTS}
    for name in columns:
        if name not in (*QUASI, *SENSITIVE, *facts):
            known = ", ".join((*QUASI, *SENSITIVE))
            raise Stop("WSD-602", kind="extract column", name=name[:40], nearest="", see=f"{known}, and person.profile")
        for gateway in sorted({GATED[f] for f in facts.get(name, ()) if f in GATED} - set(granted.gateways)):
            raise Stop(
                "WSD-630",
                reason=f"{name} comes from {gateway}, and the project has no legal gateway for it on record",
                suggestion=f"leave {name} out, or make a project with --gateway {gateway}",
            )
    return [c for c in dict.fromkeys(columns) if c in facts]


def _people(project: Project, month: str) -> pl.DataFrame:
    """person_id and the index's own columns, by person_id. Stops with WSD-601 where the month has no people."""
    from wsd_pipeline.disclosure.prepared import person_frame
    from wsd_pipeline.disclosure.questions import load_registry

    asked = {d.column: name for name, d in load_registry().dimensions.items()}
    frame = person_frame(project, month)
    return frame.select("person_id", **{column: asked[column] for column in (*QUASI, *SENSITIVE)})


def _facts(project: Project, month: str, facts: Sequence[str]) -> pl.DataFrame:
    """person_id and the facts as `person.profile` has them. Stops with WSD-601 where the month has no profile."""
    import polars as pl

    from wsd_pipeline.lake import Zone

    path = Zone(project.lake).path("person.profile", month)
    if path is None:
        raise Stop("WSD-601", month=month)
    frame = pl.read_parquet(path, columns=["person_id", *facts])
    is_binary = frame.schema["person_id"] == pl.Binary
    person = pl.col("person_id").bin.encode("hex") if is_binary else pl.col("person_id").cast(pl.String)
    return frame.select(person.alias("person_id"), *facts)


def anonymised(
    people: pl.DataFrame, granted: Accreditation, month: str, secret: bytes
) -> tuple[pl.DataFrame, ExtractReport]:
    """The rows of an extract under the project's own pseudonyms, in their order, and the report. Stops with WSD-630."""
    import polars as pl

    quasi = [c for c in people.columns if c in QUASI]
    sensitive = [c for c in people.columns if c not in QUASI and c != "person_id"]
    fewest, frame = PERSON_INDEX.minimum_rows, people
    if len(people) < fewest:
        raise Stop("WSD-630", reason=f"fewer than {fewest} people", suggestion="the whole borough")
    before = {c: frame[c].n_unique() for c in quasi}
    steps: list[str] = []
    for column, how in STEPS:
        if rows_in_small_classes(frame, quasi, granted.k) <= DROPPED_SHARE * len(frame):
            break
        if column in quasi:
            frame = frame.with_columns(_coarser(column, how).alias(column))
            steps.append(f"{column}: {how}")
    kept = frame.filter(pl.len().over(quasi) >= granted.k) if quasi else frame
    if len(kept) < fewest or smallest_class(kept, quasi) < granted.k:
        raise Stop("WSD-630", reason="too few people stay together", suggestion="fewer columns")
    made = kept.with_columns(pseudonyms(kept["person_id"], secret)).drop("person_id")
    made = made.select("pseudonym", *quasi, *sensitive).sort("pseudonym")
    report = ExtractReport(
        project=granted.name,
        month=month,
        rows=len(made),
        dropped=len(people) - len(made),
        k=smallest_class(made, quasi),
        steps=tuple(steps),
        diversity={s: diversity(made, quasi, s) for s in sensitive},
        dominated={s: dominated_rows(made, quasi, s) for s in sensitive},
        alone_with=uniques_with(made, quasi, sensitive),
        kept_detail={c: round(made[c].n_unique() / before[c], 3) for c in quasi},
    )
    return made, report


def pseudonyms(person_ids: pl.Series, secret: bytes) -> pl.Series:
    """The project's pseudonym of each person: 32 hex digits of an HMAC-SHA256 under the project's key."""
    import polars as pl
    import polars_hash as plh

    ids = person_ids.cast(pl.String).alias("id").to_frame()
    hashed = ids.select(plh.col("id").chash.hmac_sha256(key=secret.hex()).alias("hash"))["hash"]
    return hashed.str.slice(0, 32).alias("pseudonym")


def _coarser(column: str, how: str) -> pl.Expr:
    """The values of a quasi-identifier, one step coarser."""
    import polars as pl

    if how == ALL:
        return pl.lit(ALL)
    return pl.col(column).replace(COARSER[how])


def _write(
    project: Project,
    granted: Accreditation,
    table: Table,
    made: pl.DataFrame,
    report: ExtractReport,
    validate: Validator,
) -> Path:
    """Write rows, report, checks and contract aside, then move them into place. Stops with WSD-632 where a check fails.

    The file's footer holds no minimum or maximum.
    """
    home = project.root / "extracts" / granted.name / report.month
    aside = home.with_name(home.name + ".new")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True, mode=0o700)
    try:
        file = aside / f"{table.name}.parquet"
        made.write_parquet(file, statistics=False, compression="zstd")
        snapshot = snapshot_date(report.month)
        told = {"month": report.month, "snapshot_date": snapshot, "previous": None, "inputs": {}, "k": granted.k}
        results = validate(table, file, told)
        if stop := gate.stop_for(results, report.month, "WSD-632"):
            raise stop
        gate.save(results, aside / "checks.json")
        write_contract(aside, table)
        facts: dict[str, Any] = {**asdict(report), "granted": asdict(granted), "contract": table.fingerprint()}
        facts["key"] = content_key({**facts, "sha256": file_sha256(file)})
        write_text(aside / "report.json", json.dumps(facts, indent=1, sort_keys=True) + "\n")
        shutil.rmtree(home, ignore_errors=True)
        aside.replace(home)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return home / file.name
