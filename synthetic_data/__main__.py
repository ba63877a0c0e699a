"""`python -m synthetic_data --people 20000 --months 2 --seed 7 --out DIR`: invent a borough's extracts."""

from __future__ import annotations

import argparse
import time
from pathlib import Path


def main() -> int:
    """Make a project of invented people in `--out` and fill its inbox."""
    parser = argparse.ArgumentParser(prog="python -m synthetic_data", description=__doc__)
    parser.add_argument("--people", type=int, default=20_000, help="people on the practice lists")
    parser.add_argument("--months", type=int, default=2)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--first", default="2026-01", help="first month, YYYY-MM")
    parser.add_argument("--out", type=Path, default=Path("data"))
    given = parser.parse_args()

    from synthetic_data.run import generate
    from wsd_pipeline.settings import Mode, Project, month_after, month_of

    names = [month_of(given.first)]
    while len(names) < given.months:
        names.append(month_after(names[-1]))
    root = given.out.resolve()
    has_project = (root / "project.toml").is_file()
    project = Project.load(root) if has_project else Project(root=root, name="demo", mode=Mode.SYNTHETIC)
    if not has_project:
        project.save()
    if project.mode is not Mode.SYNTHETIC:
        parser.error("that project is for real people")
    begun = time.monotonic()
    summary = generate(project, people=given.people, months=names, seed=given.seed)
    for month in summary.months:
        counts = ", ".join(f"{table} {rows:,}" for table, rows in summary.rows[month].items())
        print(f"{month}: {summary.residents[month]:,} residents; rows: {counts}")
    print(f"{time.monotonic() - begun:.1f} s, in {project.inbox}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
