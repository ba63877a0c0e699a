"""What disclosure control of a borough takes, stage by stage: marts protected, a release attacked, questions asked.

python tests/bench/disclosure.py [--people N]                    made-up people, one mart of 13 breakdowns
python tests/bench/disclosure.py --project PATH --month YYYY-MM  the marts and people of a project; it is only read
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path

import duckdb
import numpy as np
import polars as pl

from wsd_pipeline.disclosure import load_policy, protect
from wsd_pipeline.disclosure.asking import People
from wsd_pipeline.disclosure.families import Mart
from wsd_pipeline.disclosure.ledger import Ledger
from wsd_pipeline.disclosure.prepared import Coded, person_frame
from wsd_pipeline.disclosure.publication import agreed, withhold_select
from wsd_pipeline.disclosure.questions import load_registry
from wsd_pipeline.messages import Stop
from wsd_pipeline.settings import Mode, Project

ATTACK, QUESTION = "30", "0.5"
"""Seconds that the attack on a full borough's release, and a table of 350,000 people, may take."""
ASKED = (
    (("locality", "lifecourse"), None),
    (("locality", "lifecourse"), "imd_decile <= 5"),
    (("lifecourse", "need", "sex", "ethnicity", "imd_quintile"), None),
    (("lifecourse", "pcn", "sex", "ethnicity", "imd_quintile"), None),
)
SIZES = {
    "lifecourse": 3, "need": 3, "locality": 6, "ward": 20, "pcn": 8, "age_band": 10, "sex": 2, "ethnicity": 8,
    "imd_quintile": 5, "imd_decile": 10, "population_basis": 3,
}  # fmt: skip
SUMMARY = {
    "lifecourse_segment": "lifecourse", "need_segment": "need", "locality": "locality", "pcn_code": "pcn",
    "age_band": "age_band", "sex": "sex", "ethnicity_group": "ethnicity", "imd_quintile": "imd_quintile",
}  # fmt: skip


def people(n: int, seed: int = 1) -> pl.DataFrame:
    """Made-up people: dimensions skewed, some hanging together as in a borough."""
    rng = np.random.default_rng(seed)
    made = {}
    for name, size in SIZES.items():
        values = np.array([str(i + 1) for i in range(size)])
        made[name] = values[rng.choice(size, n, p=rng.dirichlet(np.full(size, 3.0)))]
    # practices lie in places, segments follow ages, few have complex needs
    made["pcn"] = np.char.add(made["locality"], np.where(rng.random(n) < 0.9, "a", "b"))
    made["lifecourse"] = np.where(made["age_band"] <= "3", "1", np.where(made["age_band"] >= "8", "3", "2"))
    made["need"] = np.where(rng.random(n) < 0.06, "1", np.where(made["imd_quintile"] == "1", "2", "3"))
    return pl.DataFrame({"person_id": [f"{i:032x}" for i in range(n)], **made})


class Clock:
    """Prints a line of the table for what was done since the last: wall clock, processor, peak memory of the stage."""

    def __init__(self) -> None:
        print(f"{'stage':<80} {'s':>7} {'CPU s':>7} {'peak GiB':>9} {'budget s':>9}")
        self._start()

    def _start(self) -> None:
        forget_peak()
        self.wall, self.cpu = time.perf_counter(), time.process_time()

    def say(self, stage: str, budget: str = "") -> None:
        wall, cpu = time.perf_counter() - self.wall, time.process_time() - self.cpu
        print(f"{stage:<80} {wall:7.2f} {cpu:7.2f} {peak_gib():9.2f} {budget:>9}", flush=True)
        self._start()


def forget_peak() -> None:
    """Let the peak of memory begin anew, where the system can (Linux)."""
    clear = Path("/proc/self/clear_refs")
    if clear.exists():
        clear.write_text("5")


def peak_gib() -> float:
    """The most memory held since the peak was last forgotten; elsewhere than on Linux, since the start."""
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def marts(frame: pl.DataFrame, clock: Clock) -> None:
    """The segment summary's catalogue of these people, protected, then attacked as a release."""
    from wsd_pipeline.contracts import table
    from wsd_pipeline.sql import reference_path

    con = duckdb.connect()
    con.register("people", frame.rename({v: k for k, v in SUMMARY.items()}).to_arrow())
    breakdowns = pl.read_csv(reference_path("reference.breakdowns"))
    parts = []
    for row in breakdowns.iter_rows(named=True):
        columns = ", ".join(f"{d}" if row[f"by_{d}"] else f"'all' as {d}" for d in SUMMARY)
        group = ", ".join(d for d in SUMMARY if row[f"by_{d}"])
        parts.append(
            f"select '2026-01' as snapshot_month, '{row['breakdown']}' as breakdown, {columns},"
            f" count(*) as person_count from people{' group by ' + group if group else ''}"
        )
    con.execute("create table exact as " + " union all ".join(parts))
    cells = con.execute("select count(*) from exact").fetchall()[0][0]
    clock.say(f"count {len(frame):,} people in {cells:,} cells")
    contract = table("mart.segment_summary")
    made = protect(con, contract, "exact", load_policy())
    con.execute(f"create table safe as {made.select}")
    clock.say("protect them")
    rows = con.sql("select * from safe").to_arrow_table()
    found = agreed({contract.key: Mart(table=contract, rows=rows, made=made.made)}, load_policy())
    clock.say("attack what is published", ATTACK)
    left = con.execute("select count(*) filter (person_count is not null), count(*) from safe").fetchall()[0]
    beside, inside = (sum(map(len, by.values())) for by in (made.made.beside, made.made.collapsed))
    print(f"  {left[1]:,} rows, {left[0]:,} shown; {inside:,} rows inside withheld cells left out;")
    print(f"  {beside:,} withheld only to protect others; the release withholds {sum(map(len, found.further)):,} more")


def accepted(project: Project, month: str, clock: Clock) -> None:
    """A release of a project's accepted marts: reading them, the attack by itself, writing what it leaves."""
    from wsd_pipeline.lake import Zone
    from wsd_pipeline.release.publish import accepted_marts, earlier_releases, mart_tables
    from wsd_pipeline.sql import write_parquet

    lake, policy = Zone(project.lake), load_policy()
    held = accepted_marts(lake, {key: p for key in mart_tables() if (p := lake.pointer(key, month)) is not None})
    earlier = earlier_releases(project, month)
    clock.say(f"read {len(held)} marts, {sum(m.rows.num_rows for m in held.values()):,} rows")
    found = agreed(held, policy, earlier)
    clock.say(f"attack a release of them{f' and of {len(earlier)} before' if earlier else ''}", ATTACK)
    with tempfile.TemporaryDirectory() as folder:
        for key, mart in held.items():
            con = duckdb.connect()
            con.register("rows", mart.rows)
            further, dropped = found.further.get(key, {}), found.dropped.get(key, {})
            select = withhold_select(mart.table, "rows", further, dropped, policy)
            write_parquet(con, select, Path(folder) / f"{mart.table.name}.parquet")
            con.close()
    clock.say("write them")
    further = sum(len(keys) for by in found.further.values() for keys in by.values())
    print(
        f"  {found.families} families of counts; {further:,} further cells withheld;"
        f" {len(found.contradictory)} contradict each other"
    )


def questions(frame: pl.DataFrame, clock: Clock) -> None:
    """Opening people for questions, and some of them: over two dimensions and over five."""
    coded = Coded.of(frame, b"k" * 32, load_registry())
    clock.say(f"prepare {len(frame):,} people for questions (once a month)")
    with tempfile.TemporaryDirectory() as folder:
        coded.save(Path(folder) / "people.npz")
        clock.say("  write them")
        asked = People(Coded.load(Path(folder) / "people.npz"), b"k" * 32, load_registry(), load_policy())
        clock.say("open people for questions")
        ledger = Ledger(Project(root=Path(folder), name="bench", mode=Mode.SYNTHETIC), "2026-01", "bench")
        for by, where in ASKED:
            try:
                came = f"{len(asked.count(ledger, by, where).rows):,} cells"
            except Stop as stop:
                came = f"refused ({stop.code})"
            clock.say(f"{len(by)}-way: {' × '.join(by)}{' where ' + where if where else ''}, {came}", QUESTION)


def attackers(trials: int = 20_000) -> None:
    """How often who knows all but one value is right after 500 questions: each table has two cells that tell."""
    registry = load_registry()
    rng = np.random.default_rng(1)
    for name, tables in (("as set", registry.tables), ("were tables not limited", 500)):
        seen = np.rint(rng.normal(0, registry.noise_sd, (trials, tables, 2)))
        right = ((seen[:, :, 0] + 1 - 0.5).sum(axis=1) - (seen[:, :, 1] - 1 + 0.5).sum(axis=1)) > 0
        print(
            f"attacker with 500 questions, {name} ({tables} tables, noise {registry.noise_sd:g}):"
            f" right {right.mean():.1%}"
        )


def main() -> None:
    """Print what each took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=350_000, help="made-up people, where no project is given")
    parser.add_argument("--project", type=Path, help="folder of a project")
    parser.add_argument("--month", help="its month, YYYY-MM")
    given = parser.parse_args()
    if (given.project is None) != (given.month is None):
        parser.error("--project and --month go together")
    clock = Clock()
    if given.project is not None:
        project = Project.load(given.project)
        accepted(project, given.month, clock)
        frame = person_frame(project, given.month)
        clock.say("read people")
        return questions(frame, clock)
    frame = people(given.people)
    clock.say(f"invent {len(frame):,} people")
    questions(frame, clock)
    marts(frame, clock)
    return attackers()


if __name__ == "__main__":
    main()
