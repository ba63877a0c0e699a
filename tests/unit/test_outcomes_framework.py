"""The outcomes framework: the file that ships, and what a broken one is told."""

from __future__ import annotations

import copy
import re
from functools import cache
from pathlib import Path

import pytest
import yaml

from wsd_pipeline.contracts.marts.outcomes import EXPECTED, SUMMED, WIDE
from wsd_pipeline.messages import Stop
from wsd_pipeline.outcomes import load_framework
from wsd_pipeline.outcomes.framework import FRAMEWORK_FILE
from wsd_pipeline.outcomes.models import SOURCES
from wsd_pipeline.sql import load_model

QUICK = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
TABLES = Path(__file__).resolve().parents[2] / "synthetic_data" / "tables"
PERCEPTION = re.compile(r"\bfeel\b|satisf|experience|confidence and trust|would recommend|agree that", re.IGNORECASE)


@pytest.fixture(scope="module")
def framework():
    return load_framework()


def test_five_domains_and_seventeen_statements(framework):
    counts = {d: sum(s.domain == d for s in framework.statements) for d in framework.domains}
    assert counts == {"integrated": 3, "wider": 4, "healthy": 2, "quality": 4, "life": 4}
    assert [s.id for s in framework.statements] == [f"I{n:02d}" for n in range(1, 18)]
    assert len(framework.programmes) == 5


def test_no_feeling_is_made_from_records(framework):
    """Whatever is about what people feel is of a survey; and every linked metric counts records of a person."""
    for metric in framework.metrics:
        if PERCEPTION.search(metric.words):
            assert metric.kind == "survey", metric.id
        if metric.kind == "survey":
            assert metric.feeds == () and metric.survey is not None


def test_surveys_ask_what_is_carried_through(framework):
    """Every question of the surveys supplied is a metric, under the name the publisher's file gives it."""
    import csv

    with (TABLES / "surveys.csv").open(encoding="utf-8", newline="") as file:
        asked = {(row["survey_code"], row["question_key"]) for row in csv.DictReader(file)}
    assert {m.survey for m in framework.metrics if m.survey} == asked


def test_linked_metrics_are_counted_somewhere_and_nothing_else_is(framework):
    counted = set()
    for source in SOURCES:
        text = load_model(f"person.outcomes_{source}").text
        counted |= {m.id for m in framework.metrics if re.search(rf"'{m.id}'", text)}
        if "concat(diagnosis_group, '_admissions')" in text:
            counted |= {"avoidable_admissions", "assault_admissions", "self_harm_admissions"}
    wanted = {m.id for m in framework.metrics if m.kind in ("linked", "area")}
    assert wanted - counted == {"complex_with_support_plan"}  # of the need segment: counted in the mart itself
    assert counted <= wanted


def test_what_is_given_by_group_is_known_to_the_attacker(framework):
    assert {m.id for m in framework.metrics if "ethnicity_group" in m.breakdowns} == set(WIDE)
    for metric in framework.metrics:
        assert set(metric.breakdowns) in ({"all", "locality"}, {"all", "locality", "ethnicity_group", "imd_quintile"})
        assert "ethnicity_group" not in metric.breakdowns or metric.statement == "I10"


def test_sums_of_fractions_are_known_to_the_attacker(framework):
    """Means of places, and expected numbers: rounded each, they do not add up, and no interval is given of them."""
    assert {m.id for m in framework.metrics if m.unit == "score"} == set(SUMMED)
    of_expected = {
        m.id for m in framework.metrics if m.kind == "linked" and m.unit == "percent" and m.confidence == "none"
    }
    assert of_expected == set(EXPECTED)


def test_units_are_those_of_targets_and_comparators(framework):
    import csv

    with (TABLES / "outcomes.csv").open(encoding="utf-8", newline="") as file:
        units = {row["metric_id"]: row["value_unit"] for row in csv.DictReader(file)}
    assert all(units[m.key] == m.unit for m in framework.metrics if m.key in units)


@cache
def _shipped():
    return yaml.safe_load(FRAMEWORK_FILE.read_text(encoding="utf-8"))


def _broken(tmp_path, change):
    raw = copy.deepcopy(_shipped())
    change(raw)
    path = tmp_path / "outcomes.yaml"
    path.write_text(yaml.dump(raw, Dumper=QUICK), encoding="utf-8")
    with pytest.raises(Stop) as stopped:
        load_framework(path)
    assert stopped.value.code == "WSD-540"
    return stopped.value.facts["reason"]


LINKED = 5  # readmissions, a linked metric


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda raw: raw.pop("version"), "version is missing"),
        (lambda raw: raw.update(extra=1), "extra is not known"),
        (lambda raw: raw["statements"].append(dict(raw["statements"][0])), "it stands twice"),
        (lambda raw: raw["statements"][0].update(domain="happiness"), "domain is one of"),
        (lambda raw: raw["metrics"][LINKED].update(statement="I18"), "statement is one of"),
        (lambda raw: raw["metrics"][LINKED].update(feeds=["crystal_ball"]), "there is no feed"),
        (lambda raw: raw["metrics"][LINKED].update(feeds=[]), "names the feeds it rests on"),
        (lambda raw: raw["metrics"][LINKED].update(confidence="guess"), "confidence is one of"),
        (lambda raw: raw["metrics"][LINKED].update(unit="per_1000"), "wilson is of a percentage"),
        (lambda raw: raw["metrics"][LINKED].update(confidence="byar"), "byar is of a rate"),
        (lambda raw: raw["metrics"][LINKED].update(survey=["GPPS", "x_y"]), "names its survey and question"),
        (lambda raw: raw["metrics"][LINKED].update(coverage="no_measure_yet"), "go together"),
        (lambda raw: raw["metrics"][LINKED].update(breakdowns=["locality"]), "breakdowns begin with all"),
        (lambda raw: raw["metrics"][LINKED].update(id="Oneword"), "lower-case words"),
        (lambda raw: raw["metrics"][0].update(survey=["GOSSIP", "x_y"]), "survey is one of"),
        (lambda raw: raw["metrics"][0].update(series_breaks=[{"from": "soon", "why": "x"}]), "from a day"),
        (lambda raw: raw.update(metrics=[m for m in raw["metrics"] if m["statement"] != "I17"]), "it has no metric"),
    ],
    ids=range(17),
)  # fmt: skip
@pytest.mark.slow
def test_a_broken_framework_stops_with_a_code(tmp_path, change, reason):
    assert reason in _broken(tmp_path, change)


def test_what_is_no_yaml_stops_too(tmp_path):
    path = tmp_path / "outcomes.yaml"
    path.write_text("metrics: [", encoding="utf-8")
    with pytest.raises(Stop, match="WSD-540"):
        load_framework(path)
