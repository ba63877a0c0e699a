"""The linkage of a whole invented borough, beside what it must reach: `make bench-linkage`, or

    python tests/bench/linkage_borough.py [--people 330000] [--small 12000] [--months 12] [--out data/bench]

From `wsd synth`'s own generator: every feed of two months is received by the vault, so that tokens exist; then each
month is linked in the vault's child process, and only that is timed, the child's start and imports included. Ids are
followed over twelve months of a smaller borough. Prints a table and writes it as borough.csv.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import duckdb
import polars as pl
import pyarrow.parquet as pq
from borough_measures import Continuity, continuity, gap, id_of, recall_by_group, stayed, took_another
from targets import Row, at_least, at_most, say, write

from synthetic_data.run import generate
from wsd_pipeline.contracts.linked import LEDGER, TABLES
from wsd_pipeline.contracts.tokens import IDENTITIES
from wsd_pipeline.lake import Zone
from wsd_pipeline.linkage import ledger
from wsd_pipeline.linkage.scoring.files import bench_files
from wsd_pipeline.linkage.scoring.mapping import pair_map
from wsd_pipeline.settings import Mode, Project, month_after
from wsd_pipeline.vault import airlock, sealed
from wsd_pipeline.vault import keys as vault_keys
from wsd_pipeline.vault.decode import decode

FIRST = "2026-01"
SEED = 7
SMALL = 12_000
"""People of the borough in which ids are followed."""
LISTS = (
    # a council's list without NHS numbers: feed, its source, separator, key columns, its own columns
    ("housing__tenancies", "housing", "|", ("tenancy_ref", "tenant_no"), {}),
    ("education__pupils", "education", ",", ("upn",), {"sex": "sex"}),
    ("benefits__claimants", "benefits", "|", ("claim_ref", "member_no"), {}),
)
FIELDS = {
    "unique_id": "id", "forenames": ["forename"], "surnames": ["surname"], "birth_date": "dob",
    "postcode": "postcode", "home": "uprn",
}  # fmt: skip


def receive(root: Path, people: int, months: int) -> tuple[Project, list[str]]:
    """A borough's project with the tokens of so many months, invented and received where they are not there yet."""
    names = [FIRST]
    while len(names) < months:
        names.append(month_after(names[-1]))
    project = Project(root=root.resolve(), name="bench", mode=Mode.SYNTHETIC)
    if not (root / "project.toml").is_file():
        project.save()
        generate(project, people=people, months=names, seed=SEED)
    for month in names:
        if Zone(project.linkage_room).pointer(IDENTITIES.key, month) is None:
            airlock.run(project, "month", month)
            shutil.rmtree(project.lake / "_staging", ignore_errors=True)
    return project, names


def link(project: Project, month: str) -> tuple[float, float, float]:
    """Link the month in the vault's child process and accept it: its seconds, processor seconds and peak GiB.

    What was linked of the months before is kept; the month itself is linked anew.
    """
    for file in (project.linkage_room / "linked").glob(f"{month}.*.json"):
        file.unlink()
    reader, writer = os.pipe()
    begun = time.perf_counter()
    child = subprocess.Popen(
        airlock.command(project, "link", month, writer), cwd=Path(airlock.__file__).parents[2], pass_fds=(writer,),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={"PATH": os.defpath, "LANG": "C.UTF-8", "POLARS_MAX_THREADS": str(project.threads)},
    )  # fmt: skip
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        line = pipe.read()
    _, status, used = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - begun
    child.returncode = os.waitstatus_to_exitcode(status)
    report = decode(line, project, month)
    if report.stops:
        raise report.stops[0]
    lake = Zone(project.lake)
    if not report.reused:
        folder = lake.root / "_staging" / f"linked.{month}.{report.key}"
        staged = {t.key: folder / f"{t.key}.parquet" for t in TABLES}
        rows = {name: made.rows for name, made in report.tables.items()}
        lake.promote("linked", month, report.key, staged, rows, report.facts)
    return seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 2**20


def table(project: Project, name: str, month: str) -> pl.DataFrame:
    """An accepted `linked` table."""
    path = Zone(project.lake).path(f"linked.{name}", month)
    assert path is not None
    return duckdb.connect().read_parquet(str(path)).pl()


def truth(project: Project, month: str) -> pl.DataFrame:
    """Whose each record is: source, record_id, true_person and groups."""
    path = project.linkage_room / "truth" / f"{month}.parquet"
    return pl.DataFrame(sealed.read(path, vault_keys.load(project), month))


def whole_borough(project: Project, months: list[str]) -> Iterator[Row]:
    """Times of the first month and the one after it; how right the last is, and for whom."""
    for month, name, most in zip(months, ("first month", "following month"), (60, 20), strict=True):
        seconds, cpu, peak = link(project, month)
        yield at_most(f"{name}: time", seconds, most, "s", f" ({cpu:.1f} s of processor)")
        yield at_most(f"{name}: peak memory", peak, 4, "GiB")
    month = months[-1]
    spine = table(project, "spine", month).filter("is_current")
    yield Row(f"records, people in {month}", f"{len(spine):,}, {spine['person_id'].n_unique():,}")
    every = table(project, "accuracy", month).filter(pl.col("group_type") == "all").row(0, named=True)
    right = every["true_positive_count"]
    yield at_least("precision", right / (right + every["false_positive_count"]), 0.998)
    yield at_least("recall", right / (right + every["false_negative_count"]), 0.985)
    shares = recall_by_group(spine.join(truth(project, month), on=["source", "record_id"]), "ethnicity_group")
    between, best, worst = gap(shares)
    interval = f" ({100 * between.low:.2f} to {100 * between.high:.2f}; {best} less {worst})"
    yield at_most("recall gap between ethnic groups", 100 * between.value, 1.5, "points", interval)
    for name, share in shares.items():
        yield Row(f"  recall, {name}", f"{share.value:.4f} ({share.low:.4f} to {share.high:.4f})")


def write_lists(project: Project, month: str, feed: tuple, folder: Path) -> tuple[Path, Path, Path]:
    """A council's list, the GP list, and the true pairs of the two: from the month's files, as CSV with an id each."""
    name, source, separator, key, _ = feed
    known = pl.read_parquet(project.inbox / "_truth" / month / "records.parquet")
    paths = tuple(folder / f"{name}.{part}.csv" for part in ("a", "b", "truth"))
    folder.mkdir(parents=True, exist_ok=True)
    sides = []
    for path, feed_name, of, mark, columns in (
        (paths[0], name, source, separator, key),
        (paths[1], "gp__registrations", "gp", ",", ("practice_code", "local_patient_id")),
    ):
        file = sorted((project.inbox / feed_name).glob(f"*_{month}_*.csv"))[-1]
        rows = pl.read_csv(file, separator=mark, infer_schema=False)
        rows = rows.with_columns(
            id=pl.concat_str(columns, separator="|"), uprn=pl.col("uprn").str.strip_chars_start("0")
        )
        rows = rows.unique("id", keep="last", maintain_order=True)
        rows.write_csv(path)
        mine = known.filter(pl.col("source") == of).select(id="person_key", true_person="true_person")
        sides.append(rows.select("id").join(mine, on="id"))
    pairs = sides[0].join(sides[1], on="true_person", suffix="_b").select(id_a="id", id_b="id_b")
    pairs.sort("id_a", "id_b").write_csv(paths[2])
    return paths


def tokens_and_clear(project: Project, month: str, folder: Path) -> Iterator[Row]:
    """F1 of three council lists against the GP list, no NHS number used: as tokens and in clear, one engine."""
    for feed in LISTS:
        a, b, pairs = write_lists(project, month, feed, folder)
        shared = {**FIELDS, **feed[-1]}
        found = pair_map({**shared, "b": {"former_surnames": ["former_surname"], "sex": "sex"}})
        f1 = {}
        for clear in (False, True):
            measured = bench_files(a, b, pairs, found, clear=clear).quality
            assert measured is not None
            f1[clear] = measured.f1
        note = f" (F1 {f1[False]:.4f} as tokens, {f1[True]:.4f} in clear)"
        yield at_least(f"tokens less clear text, {feed[0]} to GP list", f1[False] - f1[True], -0.002, note=note)


def ids_over_months(project: Project, months: list[str]) -> Iterator[Row]:
    """Whether ids last: link month after month and follow everybody."""
    chain, head, total = [], ledger.GENESIS, Continuity(0, 0, 0, 0)
    before: tuple[pl.DataFrame, pl.DataFrame] | None = None
    first = mine = begun = whose = pl.DataFrame()
    for month in months:
        link(project, month)
        path = Zone(project.lake).path(LEDGER.key, month)
        assert path is not None
        chain.append(pq.read_table(path))
        now = table(project, "spine", month).select("source", "record_id", "person_id", "is_current")
        known = truth(project, month).select("source", "record_id", "true_person")
        if before is not None:
            events = table(project, "ledger", month)
            total = total + continuity(before[0], now, events, [before[1], known])
        before = now, known
        whose = now.join(known, on=["source", "record_id"], how="left")
        mine = id_of(whose.filter("is_current"))
        first, begun = (mine, whose.filter("is_current")) if month == months[0] else (first, begun)
    people, lost = stayed(first, mine)
    gone = lost["true_person"].n_unique()
    name = f"{len(months)} months"
    note = f" % ({people - gone:,} of {people:,} people there in both)"
    yield at_least(f"{name}: ids kept from the first to the last", 100 * (1 - gone / max(people, 1)), 99.8, 3, note)
    changed = took_another(lost, begun, whose)
    note = f"{changed} ({gone - changed}: parts never joined, each as it was)"
    yield Row(f"{name}: of the others, a record took another id", note)
    yield at_least(f"{name}: ids kept from month to month", 100 * total.kept / max(total.people, 1), 99.8, 3, " %")
    yield Row(f"{name}: records whose id changed", f"{total.records_changed:,} of {total.people:,} people-months")
    untold = total.unexplained
    yield Row(f"{name}: changes of ids the ledger does not tell", str(untold), "0", untold == 0)
    con = duckdb.connect()
    holds = ledger.verify(con, chain, head) is not None
    yield Row(f"{name}: chain of the ledger", "holds" if holds else "broken", "holds", holds)


def measure(out: Path, people: int, small: int, months: int) -> list[Row]:
    """The lines of the table, each printed as soon as it is measured."""
    out.mkdir(parents=True, exist_ok=True)
    print(f"A borough of {people:,}, two months; ids over {months} months of one of {small:,}", flush=True)
    whole, names = receive(out / f"borough-{people}", people, 2)
    rows = say(whole_borough(whole, names))
    rows += say(tokens_and_clear(whole, names[0], out / "lists"))
    lasting, names = receive(out / f"borough-{small}-{months}", small, months)
    return rows + say(ids_over_months(lasting, names))


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=330_000)
    parser.add_argument("--small", type=int, default=SMALL)
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--out", type=Path, default=Path("data/bench"))
    given = parser.parse_args()
    write(measure(given.out, given.people, given.small, given.months), given.out / "borough.csv")


if __name__ == "__main__":
    main()
