"""The cohort file: what is understood, what is refused, and that a cohort added is a cohort made."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from wsd_pipeline.messages import Stop
from wsd_pipeline.segmentation import load_rules
from wsd_pipeline.segmentation.alternatives import ALTERNATIVES, alternatives_sql, with_parameter
from wsd_pipeline.segmentation.cohorts import COHORTS_FILE, cohorts_sql, load_cohorts
from wsd_pipeline.sql import parse_model


def changed(tmp_path: Path, change) -> Path:
    raw = yaml.safe_load(COHORTS_FILE.read_text(encoding="utf-8"))
    change(raw)
    path = tmp_path / "cohorts.yaml"
    path.write_text(yaml.safe_dump(raw, sort_keys=False), encoding="utf-8")
    return path


BROKEN = {
    "no version": (lambda r: r.pop("version"), "the file"),
    "no criteria": (lambda r: r["cohorts"][0].update(criteria=[]), "maternity"),
    "unknown column": (lambda r: r["cohorts"][0].update(criteria=["has_wings"]), "maternity"),
    "a function": (lambda r: r["cohorts"][0].update(criteria=["random() > 1"]), "maternity"),
    "unknown key": (lambda r: r["cohorts"][0].update(more=1), "maternity"),
    "id twice": (lambda r: r["cohorts"][1].update(id="maternity"), "maternity"),
    "id that is no id": (lambda r: r["cohorts"][1].update(id="A; --"), "A; --"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_cohort_file_stops_with_the_cohort_named(tmp_path, name):
    change, cohort = BROKEN[name]
    with pytest.raises(Stop) as stop:
        load_cohorts(changed(tmp_path, change))
    assert stop.value.code == "WSD-531" and stop.value.facts["cohort"] == cohort


def test_a_file_that_is_no_yaml_stops(tmp_path):
    path = tmp_path / "cohorts.yaml"
    path.write_text("a: [", encoding="utf-8")
    with pytest.raises(Stop, match="WSD-531"):
        load_cohorts(path)


def test_a_new_cohort_is_a_line_of_yaml(tmp_path):
    def change(raw):
        raw["cohorts"].append({"id": "ninety", "words": "Ninety", "criteria": ["age_years >= 90", "is_carer"]})

    model = parse_model("segment.cohorts", cohorts_sql(load_cohorts(changed(tmp_path, change))))
    assert "'ninety'" in model.text
    assert model.reads == {"person.profile", "person.demographics", "segment.need", "segment.lifecourse"}


def test_every_alternative_changes_something():
    rules = load_rules()
    text = alternatives_sql(rules)
    for name, value in ALTERNATIVES:
        assert rules.parameters[name] != value
        assert with_parameter(rules, name, value).parameters[name] == value
        assert f"'{name} = {value}'" in text


def test_an_alternative_that_makes_no_sense_stops():
    with pytest.raises(Stop, match="WSD-530"):
        with_parameter(load_rules(), "child_upper_age", 70)
