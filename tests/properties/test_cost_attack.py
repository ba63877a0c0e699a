"""Shadow budgets of made-up places withstand the attacker, whatever is small in them."""

from __future__ import annotations

from decimal import Decimal

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from wsd_pipeline.contracts import table
from wsd_pipeline.disclosure import load_policy, protect
from wsd_pipeline.disclosure.families import Mart
from wsd_pipeline.disclosure.publication import attack_release
from wsd_pipeline.steps import allocation

pytestmark = pytest.mark.slow

SEGMENTS = (
    ("BWGW", "complex", 0.01), ("BWGW", "healthy", 0.21), ("BWGW", "healthy_unverified", 0.005),
    ("LW", "healthy", 0.63), ("LW", "healthy_unverified", 0.04), ("PI", "complex", 0.06), ("PI", "healthy", 0.04),
    ("PI", "healthy_unverified", 0.002), ("unallocated", "unallocated", 0.008),
)  # fmt: skip
LINES = (
    ("emergency_admissions", "direct_activity", "all", 318, 0.05), ("outpatients", "direct_activity", "all", 158, 0.4),
    ("reablement", "direct_activity", "PI", 12, 0.001), ("long_term_nursing", "direct_activity", "PI", 44, 0.0005),
    ("general_practice", "capitation", "all", 164, 0.0), ("prescribing", "capitation", "all", 99, 0.0),
    ("homelessness", "segment_share", "LW", 89, 0.0), ("talking_therapies", "direct_activity", "LW", 14, 0.005),
)  # fmt: skip


def place(seed: int, size: int) -> pa.Table:
    """A small place: some lines have hardly a user, some segments hardly a person."""
    chance = np.random.default_rng(seed)
    people = {(life, need): int(chance.poisson(size * share)) for life, need, share in SEGMENTS}
    rows = []
    for number, (line, basis, default, per_head, used) in enumerate(LINES):
        for (life, need), count in people.items():
            users = int(chance.binomial(count, min(1.0, used * (6 if need == "complex" else 1))))
            spent = [Decimal(int(c)) / 100 for c in chance.gamma(0.5, 200_000, users)]
            rows.append(
                {
                    "snapshot_month": "2026-01", "partner": "NEL ICB", "service_line": line, "is_pooled_bcf": False,
                    "cost_centre_code": f"ICB{number:03}", "financial_year": "2025/26", "allocation_basis": basis,
                    "lifecourse_default": default, "budget_gbp": Decimal(per_head * size),
                    "actual_gbp": Decimal(per_head * size) / 4, "lifecourse_segment": life, "need_segment": need,
                    "person_count": 0 if life == "unallocated" else count, "user_count": users,
                    "activity_gbp": sum(spent, Decimal(0)), "largest_gbp": max(spent, default=Decimal(0)),
                }
            )  # fmt: skip
    return pa.Table.from_pylist([row for row in rows if people[row["lifecourse_segment"], row["need_segment"]]])


@pytest.mark.parametrize(("seed", "size"), [(1, 300), (2, 1000), (3, 3000), (4, 3000), (5, 5000), (6, 20_000)])
def test_nothing_withheld_can_be_worked_out(seed: int, size: int) -> None:
    mart, policy, con = table("mart.cost_by_segment"), load_policy(), duckdb.connect()
    con.register("stepped", allocation.step(place(seed, size)))
    con.execute("create temp table made as from stepped")
    safe = protect(con, mart, "made", policy)
    shown = con.sql(safe.select).to_arrow_table()
    con.close()
    hidden = shown["budget_gbp_status"].to_pylist().count("c")
    assert hidden and hidden < shown.num_rows / 2, "some of it is small, and most of it is not"
    assert attack_release({mart.key: Mart(table=mart, rows=shown, made=safe.made)}, policy) == []
