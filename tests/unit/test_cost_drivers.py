"""What a step explains is what least squares of the people themselves says; few people make no group of their own."""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from wsd_pipeline.steps import drivers


def people(n: int = 2000, seed: int = 4) -> tuple[np.ndarray, list[list[np.ndarray]]]:
    """Costs and three steps of categories; the third follows from the first, in part."""
    chance = np.random.default_rng(seed)
    ages, sexes = chance.integers(0, 5, n), chance.integers(0, 2, n)
    segments, groups = (ages >= 3).astype(np.int64), chance.integers(0, 4, n)
    costs = 400.0 * ages + 90.0 * groups + chance.gamma(0.5, 900.0, n)
    return costs, [[ages, sexes], [segments], [groups]]


def by_people(values: np.ndarray, codes: list[np.ndarray]) -> float:
    """R² from the dummy columns of every person, by numpy's least squares."""
    columns = [np.ones(len(values))] + [(c == v).astype(float) for c in codes for v in np.unique(c)]
    design = np.stack(columns, axis=1)
    fitted = design @ np.linalg.lstsq(design, values, rcond=None)[0]
    return 1 - ((values - fitted) ** 2).sum() / ((values - values.mean()) ** 2).sum()


@pytest.mark.parametrize("chunk", [50_000, 300, 7])
def test_each_step_is_the_fit_of_everybody_whatever_the_chunk(monkeypatch, chunk):
    monkeypatch.setattr(drivers, "CHUNK", chunk)
    values, steps = people()
    found = drivers.variance_explained(values, steps)
    for k, (share, _, rank) in enumerate(found):
        codes = [c for step in steps[: k + 1] for c in step]
        assert share == pytest.approx(by_people(values, codes), abs=1e-10)
        columns = [np.ones(len(values)), *((c == v).astype(float) for c in codes for v in np.unique(c))]
        assert rank == np.linalg.matrix_rank(np.stack(columns, axis=1))
    assert found[1][0] == pytest.approx(found[0][0], abs=1e-12), "what follows from ages adds nothing"
    assert found[1][2] == found[0][2]


def test_one_group_explains_its_share_of_the_squares_by_hand():
    """Costs 0, 2 | 10, 12: about the mean of 6 the squares are 104, within groups 4."""
    ((share, adjusted, rank),) = drivers.variance_explained(
        np.array([0.0, 2.0, 10.0, 12.0]), [[np.array([0, 0, 1, 1], dtype=np.int64)]]
    )
    assert (share, rank) == (pytest.approx(100 / 104), 2)
    assert adjusted == pytest.approx(1 - (4 / 104) * 3 / 2)


def test_what_does_not_vary_has_nothing_to_explain():
    _, steps = people(100)
    assert all(math.isnan(share) for share, _, _ in drivers.variance_explained(np.full(100, 12.5), steps))


def rows(n: int = 400, **given: object) -> pa.Table:
    """People of two ages whose cost is by age, and by tenure; nothing else differs."""
    ages = ["25-34" if i % 2 else "65-74" for i in range(n)]
    tenures = ["council" if i % 4 < 2 else "private" for i in range(n)]
    cost = [Decimal(100 * (i % 2) + 50 * (i % 4 < 2)) for i in range(n)]
    same = {
        "sex": "female", "lifecourse_segment": "LW", "need_segment": "healthy", "ethnicity_group": "Unknown",
        "imd_quintile": "1", "overcrowding": "unknown", "household_income": "unknown",
    }  # fmt: skip
    columns = {
        "snapshot_month": ["2026-01"] * n, "person_id": list(range(n)), "age_band": ages, "tenure": tenures,
        **{name: [value] * n for name, value in same.items()}, "cost_gbp": pa.array(cost, pa.decimal128(14, 2)),
    }  # fmt: skip
    return pa.table({**columns, **given})


def made(table: pa.Table, outcome: str = "annual_cost") -> dict[str, dict]:
    return {r["step"]: r for r in drivers.step(table).to_pylist() if r["outcome"] == outcome}


def test_steps_add_up_and_say_of_whom_anything_is_known():
    """Variances 2,500 and 625 of 3,125 by design: four fifths, then the rest."""
    out = made(rows())
    assert list(out) == [name for name, _ in drivers.STEPS]
    assert out["age_sex"]["explained"] == pytest.approx(80) and out["age_sex"]["added"] == pytest.approx(80)
    assert out["tenure_income"]["explained"] == pytest.approx(100)
    assert out["tenure_income"]["added"] == pytest.approx(20)
    assert (out["ethnicity"]["known_count"], out["ethnicity"]["explained"]) == (0, None)
    assert {r["known_count"] for name, r in out.items() if name != "ethnicity"} == {400}
    assert [r["step_order"] for r in out.values()] == [1, 2, 3, 4, 5]


def test_the_logarithm_is_of_one_pound_more():
    values = np.log1p([100 * (i % 2) + 50 * (i % 4 < 2) for i in range(400)])
    expected = by_people(values, [np.arange(400) % 2])
    assert made(rows(), "log_cost")["age_sex"]["explained"] == pytest.approx(100 * expected)


def test_a_group_of_few_people_counts_with_the_largest():
    ages = ["85+" if i < 49 else "25-34" if i % 2 else "65-74" for i in range(400)]
    out = made(rows(age_band=ages))
    assert out["age_sex"]["parameter_count"] == 2
    ages[49] = "85+"
    assert made(rows(age_band=ages))["age_sex"]["parameter_count"] == 3


def test_the_order_of_people_does_not_matter_to_the_figures():
    table = rows()
    turned = table.take(pa.array(list(reversed(range(400)))))
    one, other = ({k: round(r["added"] or 0, 9) for k, r in made(t).items()} for t in (table, turned))
    assert one == other


def test_nobody_is_no_row():
    assert drivers.step(rows().slice(0, 0)).num_rows == 0
