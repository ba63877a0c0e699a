"""The gate: a limit is a share, the worst critical failure speaks, warnings stop nothing."""

from __future__ import annotations

import pytest

from wsd_pipeline import gate
from wsd_pipeline.contracts.checks import Severity
from wsd_pipeline.gate import CheckResult


def result(failed, checked, limit=0.0, severity=Severity.CRITICAL, column="sex"):
    return CheckResult(
        table="person.people",
        column=column,
        check="one of a list",
        severity=severity,
        failed=failed,
        checked=checked,
        limit=limit,
    )


@pytest.mark.parametrize(
    ("failed", "checked", "limit", "passes"),
    [
        (0, 0, 0.0, True),
        (0, 10, 0.0, True),
        (1, 10_000, 0.0, False),
        (10, 1_000, 0.01, True),
        (11, 1_000, 0.01, False),
        (10, 100, 0.01, True),  # few: ten at most …
        (11, 100, 0.01, False),
        (2, 10, 0.01, True),  # … and no more than a fifth
        (3, 10, 0.01, False),
        (1, 1, 0.01, False),
    ],
)
def test_the_limit_is_a_share_and_a_few_failures_are_no_verdict(failed, checked, limit, passes):
    assert result(failed, checked, limit).passed is passes


def test_the_worst_failure_speaks():
    stop = gate.stop_for([result(1, 100, column="a"), result(50, 100, column="b"), result(0, 9)], "2026-01")
    assert stop.code == "WSD-120"
    assert "50 of 100 values of b" in stop.what
    assert "2 checks failed" in stop.what
    assert int(stop.exit_code) == 3


def test_a_warning_stops_nothing():
    assert gate.stop_for([result(50, 100, severity=Severity.WARN)], "2026-01") is None


def test_results_are_kept_and_read_back(tmp_path):
    results = [result(1, 100, 0.02), result(5, 10, severity=Severity.WARN)]
    gate.save(results, tmp_path / "a" / "2026-01.json")
    assert gate.load(tmp_path / "a" / "2026-01.json") == results
