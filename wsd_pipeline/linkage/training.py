"""Learning the model of step 5 from invented people, whose truth is known: apart from linking.

    python -m wsd_pipeline.linkage.training --project ROOT --month YYYY-MM --out FILE

`models/borough.2.json` was learned so from `wsd synth --people 20000 --months 1 --seed 101`, month 2026-01; no other
measure uses that seed.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from wsd_pipeline import sql
from wsd_pipeline.contracts.tokens import IDENTITIES, NAMES
from wsd_pipeline.lake import Zone
from wsd_pipeline.linkage import closures, core, probabilistic, records, standing
from wsd_pipeline.linkage.scoring.model import Model
from wsd_pipeline.messages import Stop
from wsd_pipeline.settings import Project

_KNOWN = """
create view known_person as
select t.true_person as cluster, r.* exclude (is_current)
from rec as r join numbered as n using (rec)
join truth as t on t.source = n.source and t.record_id::uuid = n.record_id
where not r.has_nhs_conflict
"""


def learn(project: Project, month: str) -> Model:
    """The model of a synthetic project's month. Stops with WSD-101 where its tokens or its truth are not there."""
    from wsd_pipeline.vault import keys as vault_keys
    from wsd_pipeline.vault import sealed

    keys = vault_keys.load(project)
    tokens = Zone(project.linkage_room).pointer(IDENTITIES.key, month)
    truth = project.linkage_room / "truth" / f"{month}.parquet"
    if tokens is None or not truth.is_file():
        raise Stop("WSD-101", table=IDENTITIES.key, month=month, folder=str(project.linkage_room))
    con = sql.connect(
        project.linkage_room / "_staging" / "spill", threads=project.threads, memory_limit=project.memory_limit
    )
    try:
        found = {key: sealed.read(project.linkage_room / tokens.files[key], keys, month) for key in tokens.files}
        inputs = core.Inputs(
            identities=found[IDENTITIES.key], names=found[NAMES.key], truth=sealed.read(truth, keys, month)
        )
        core.register(con, inputs)
        records.prepare(con, month, inputs.identities, None)
        closures.prepare(con)
        standing.set_up(con)
        con.execute(_KNOWN)
        return probabilistic.train(con, "known_person", trained_on=month)
    finally:
        con.close()


def main() -> None:
    """Learn and write."""
    parser = argparse.ArgumentParser(prog="wsd_pipeline.linkage.training")
    parser.add_argument("--project", type=Path, required=True)
    parser.add_argument("--month", required=True)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    learn(Project.load(given.project), given.month).save(given.out)


if __name__ == "__main__":
    main()
