"""Seconds for a full borough: protecting a mart, attacking it, and a 5-way question.

python tests/bench/disclosure.py [people]
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

from wsd_pipeline.disclosure import load_policy
from wsd_pipeline.disclosure.asking import Ledger, People
from wsd_pipeline.disclosure.questions import load_registry
from wsd_pipeline.settings import Mode, Project

SIZES = {
    "lifecourse": 3, "need": 3, "locality": 4, "ward": 20, "pcn": 8, "age_band": 10, "sex": 2, "ethnicity": 8,
    "imd_quintile": 5, "imd_decile": 10, "population_basis": 3,
}  # fmt: skip


def people(n: int, seed: int = 1) -> pl.DataFrame:
    """Made-up people: dimensions skewed, and all but independent."""
    rng = np.random.default_rng(seed)
    made = {}
    for name, size in SIZES.items():
        values = np.array([str(i + 1) for i in range(size)])
        made[name] = values[rng.choice(size, n, p=rng.dirichlet(np.full(size, 3.0)))]
    return pl.DataFrame({"person_id": [f"{i:032x}" for i in range(n)], **made})


def main(n: int) -> None:
    """Print what each took, in seconds of wall clock."""
    frame = people(n)
    begin = time.perf_counter()
    asked = People(frame, b"k" * 32, load_registry(), load_policy())
    print(f"open {n:,} people: {time.perf_counter() - begin:.2f} s")
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger(Project(root=Path(folder), name="bench", mode=Mode.SYNTHETIC), "2026-01", "bench")
        for by in (["locality", "lifecourse"], ["locality", "lifecourse", "need", "sex", "age_band"]):
            begin = time.perf_counter()
            try:
                cells = len(asked.count(ledger, by, "imd_decile <= 5").rows)
            except Exception as stop:
                cells = str(stop)[:60]
            print(f"{len(by)}-way question, {cells} cells: {time.perf_counter() - begin:.3f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 350_000)
