"""The gate on who is linked worse than others: what it judges, what it lets pass, and the policy it reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.test_expectations_handwritten import judged
from wsd_pipeline.linkage.policy import load_group_gap
from wsd_pipeline.messages import Stop

ROW = (
    "select 'linked_to_health' as measure, '{source}' as source, 'ethnicity_group' as group_type,"
    " '{group}' as group_value, {records} as denominator_count, {low} as value_low_pct, {high} as value_high_pct"
)
BEST = {"source": "education", "group": "Black", "records": 2000, "low": 97.0, "high": 98.5}


def result(folder: Path, **worst: object) -> object:
    rows = [BEST, {**BEST, "group": "Mixed", **worst}]
    return judged(folder, "mart.linkage_quality", " union all ".join(ROW.format(**row) for row in rows))["group_gap"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("low", "high", "passed"),
    [(91.0, 93.9, False), (91.0, 94.0, True), (96.0, 97.5, True)],
    ids=["surely further", "within three points", "as good"],
)
def test_a_group_surely_further_behind_than_three_points_fails(
    tmp_path: Path, low: float, high: float, passed: bool
) -> None:
    found = result(tmp_path, low=low, high=high)
    assert found.passed is passed
    assert found.checked == 2


@pytest.mark.slow
@pytest.mark.parametrize(
    "worst",
    [{"records": 400}, {"group": "Unknown"}, {"source": "housing"}, {"source": "all"}],
    ids=["few", "unknown", "another source", "all sources"],
)
def test_small_and_unknown_groups_and_other_sources_are_not_compared(tmp_path: Path, worst: dict) -> None:
    assert result(tmp_path, low=50.0, high=60.0, **worst).passed


def test_the_policy_is_read_and_checked(tmp_path: Path) -> None:
    assert load_group_gap().points == 3
    path = tmp_path / "linkage.yaml"
    for text in ("group_gap: {points: 0, group_type: sex, measure: linked, minimum_records: 1}", "group_gap: 3", "["):
        path.write_text(text)
        with pytest.raises(Stop) as stop:
            load_group_gap(path)
        assert stop.value.code == "WSD-511"
