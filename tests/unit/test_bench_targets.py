"""What the linkage benchmark says of its figures: each asked-for line is there, and falls short when it does."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from tests.bench import targets

GOOD: list[dict[str, Any]] = [
    {"data": "febrl4", "tool": "engine", "f1": 0.9975, "best_f1": 0.999, "total": 1, "cpu": 1, "peak_gib": 0.2},
    {"data": "febrl4", "tool": "clear text", "f1": 0.9976, "best_f1": 0.999, "total": 2, "cpu": 2, "peak_gib": 0.2},
    {"data": "300k", "tool": "engine", "f1": 0.996, "best_f1": 0.9965, "total": 2, "cpu": 3, "peak_gib": 0.5},
    {"data": "300k", "tool": "splink", "f1": 0.99, "best_f1": 0.992, "total": 14, "cpu": 30, "peak_gib": 1.3},
    {"data": "1000k", "tool": "floor", "total": 1.5, "cpu": 3, "peak_gib": 0.4},
    {"data": "1000k", "tool": "engine", "f1": 0.995, "best_f1": 0.995, "total": 5, "cpu": 8, "peak_gib": 0.9},
    {"data": "1000k", "tool": "splink", "f1": 0.99, "best_f1": 0.991, "total": 55, "cpu": 90, "peak_gib": 3.3},
]


def verdicts(rows: list[dict[str, Any]]) -> dict[str, str]:
    return {row.measure: row.verdict for row in targets.of_files(rows)}


def changed(data: str, tool: str, **to: float) -> list[dict[str, Any]]:
    return [{**row, **to} if (row["data"], row["tool"]) == (data, tool) else row for row in GOOD]


def test_every_line_that_can_be_judged_is_judged():
    found = verdicts(GOOD)
    assert set(found.values()) == {"reached"} and len(found) == 8


@pytest.mark.parametrize(
    ("rows", "measure"),
    [
        (changed("300k", "splink", total=11.9), "300k: Splink's time"),
        (changed("300k", "splink", best_f1=0.9966), "300k: best F1, Splink's to reach"),
        (changed("300k", "engine", f1=0.9954), "300k: F1 at the default less the best"),
        (changed("1000k", "splink", total=49.9), "1000k: Splink's time"),
        (changed("1000k", "floor", total=0.99), "1000k: time"),
        (changed("1000k", "engine", peak_gib=1.51), "1000k: peak memory"),
        (changed("febrl4", "engine", f1=0.9969), "febrl4: F1 at the default threshold"),
        (changed("febrl4", "clear text", f1=0.9996), "febrl4: tokens less clear text"),
    ],
)
def test_a_figure_just_short_falls_short_alone(rows, measure):
    assert {name for name, verdict in verdicts(rows).items() if verdict != "reached"} == {measure}


def test_a_peer_left_out_is_not_judged_against():
    alone = verdicts([row for row in GOOD if row["tool"] == "engine"])
    assert set(alone) == {"febrl4: F1 at the default threshold", "1000k: peak memory"}
    assert verdicts([row for row in GOOD if row["tool"] != "engine"]) == {}


def test_the_table_is_printed_as_it_is_measured_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    rows = targets.say(targets.of_files(GOOD))
    assert capsys.readouterr().out.count("reached\n") == len(rows) == 8
    targets.write(rows, tmp_path / "targets.csv")
    with (tmp_path / "targets.csv").open(encoding="utf-8") as file:
        assert [row["verdict"] for row in csv.DictReader(file)] == [row.verdict for row in rows]
