"""Money over segments: to the penny, in proportion, and a penny lost stops the mart."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsd_pipeline.contracts import table
from wsd_pipeline.contracts.landed.aggregates import SERVICE_LINES
from wsd_pipeline.contracts.people import ACTIVITY_TYPES, CARE_ACTIVITY_TYPES, CARE_TYPES
from wsd_pipeline.messages import Stop
from wsd_pipeline.steps import allocation, step_version

WEIGHTS = st.lists(st.integers(0, 10**12), min_size=1, max_size=12).filter(lambda w: sum(w) > 0)


@given(st.integers(-(10**13), 10**13), WEIGHTS)
def test_shares_add_up_and_none_is_a_penny_from_its_own(amount, weights):
    parts = allocation.shared_out(amount, weights)
    assert sum(parts) == amount
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(amount * weight, sum(weights))) < 1
        assert weight or not part, "who has no weight has no share"


def test_the_largest_remainders_get_the_pennies_left():
    assert allocation.shared_out(10, [1, 1, 1]) == [4, 3, 3]
    assert allocation.shared_out(100, [50, 25, 26]) == [49, 25, 26]
    assert allocation.shared_out(-10, [1, 1, 1]) == [-4, -3, -3]


def test_money_is_whole_pence():
    assert allocation.pence(Decimal("12.30")) == 1230
    with pytest.raises(ValueError, match="penny"):
        allocation.pence(Decimal("0.001"))


def rows(*users: tuple[str, int, str, str], budget: str = "1000.00", basis: str = "direct_activity") -> pa.Table:
    """One line over segments of (name, users, activity, largest)."""
    line = {
        "snapshot_month": "2026-01", "partner": "NEL ICB", "service_line": "outpatients", "cost_centre_code": "ICB104",
        "financial_year": "2025/26", "is_pooled_bcf": False, "allocation_basis": basis, "lifecourse_default": "all",
        "budget_gbp": Decimal(budget), "actual_gbp": None,
    }  # fmt: skip
    return pa.Table.from_pylist(
        [
            {
                **line, "lifecourse_segment": name,
                "need_segment": "unallocated" if name == "unallocated" else "healthy",
                "person_count": 0 if name == "unallocated" else 100, "user_count": count,
                "activity_gbp": Decimal(spent), "largest_gbp": Decimal(most),
            }
            for name, count, spent, most in users
        ]
    )  # fmt: skip


def made(given: pa.Table) -> dict[tuple[str, str], dict]:
    return {
        (r["finance_line"], r["lifecourse_segment"]): r
        for r in allocation.step(given).to_pylist()
        if r["need_segment"] == "all"
    }


def test_the_largest_share_is_of_the_amount_and_few_users_are_as_one():
    out = made(rows(("LW", 30, "90.00", "9.00"), ("PI", 7, "10.00", "2.00")))
    line = "NEL ICB ICB104 outpatients"
    assert (out[line, "LW"]["budget_gbp"], out[line, "LW"]["largest_budget_gbp"]) == (Decimal(900), Decimal(90))
    assert (out[line, "PI"]["budget_gbp"], out[line, "PI"]["largest_budget_gbp"]) == (Decimal(100), Decimal(100))
    assert out[line, "all"]["largest_budget_gbp"] == Decimal(100)


def test_a_share_of_heads_is_as_large_as_any_other_and_counts_nobody_in_pounds():
    """1,000 over 200 people: £5 each, in all lines; of the line itself the whole only."""
    out = made(rows(("LW", 0, "0", "0"), ("PI", 0, "0", "0")))
    line = "NEL ICB ICB104 outpatients"
    assert {r["allocation_basis"] for r in out.values()} == {"capitation", None}
    assert (out[line, "PI"]["budget_gbp"], out[line, "PI"]["largest_budget_gbp"]) == (None, None)
    assert (out[line, "all"]["budget_gbp"], out[line, "all"]["largest_budget_gbp"]) == (Decimal(1000), Decimal(5))
    assert (out["all", "PI"]["budget_gbp"], out["all", "PI"]["largest_budget_gbp"]) == (Decimal(500), Decimal(5))


def test_a_line_of_one_segment_counts_nobody_and_is_given_by_segment():
    given = rows(("LW", 0, "0", "0"), ("PI", 0, "0", "0"), basis="segment_share")
    place = given.schema.get_field_index("lifecourse_default")
    out = made(given.set_column(place, "lifecourse_default", pa.array(["PI"] * 2)))
    line = "NEL ICB ICB104 outpatients"
    assert [out[line, s]["budget_gbp"] for s in ("LW", "PI", "unallocated")] == [Decimal(0), Decimal(1000), Decimal(0)]


def test_a_penny_lost_publishes_nothing(monkeypatch):
    monkeypatch.setattr(allocation, "shared_out", lambda amount, weights: [amount - 1, *[0] * (len(weights) - 1)])
    with pytest.raises(Stop) as stopped:
        allocation.step(rows(("LW", 30, "90.00", "9.00")))
    assert stopped.value.code == "WSD-240"


def test_every_activity_has_a_service_line():
    from wsd_pipeline.sql import reference_path

    text = reference_path("reference.costed_activities").read_text(encoding="utf-8").splitlines()[1:]
    lines = {row.split(",")[0]: row.split(",")[1] for row in text}
    assert set(lines) == {*ACTIVITY_TYPES, *CARE_TYPES, "adaptation"} - {*CARE_ACTIVITY_TYPES} | {"reablement"}
    assert set(lines.values()) <= set(SERVICE_LINES)


def test_what_a_step_says_is_part_of_what_is_made():
    assert step_version("mart.cost_by_segment") and step_version("mart.segment_summary") is None
    assert "money" in {c.measure.name.lower() for c in table("mart.cost_by_segment").columns if hasattr(c, "measure")}
