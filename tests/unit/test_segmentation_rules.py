"""The rule file: what is understood, what is refused, and that every refusal is clear."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from wsd_pipeline.contracts import table
from wsd_pipeline.messages import Exit, Stop
from wsd_pipeline.segmentation import generated_models, load_rules, models_for
from wsd_pipeline.segmentation.expression import NotUnderstood, condition
from wsd_pipeline.segmentation.rules import RULES_FILE

COLUMNS = {"age_years": "SMALLINT", "sex": "VARCHAR", "has_ehcp": "BOOLEAN", "is_carer": "BOOLEAN", "ehcp_date": "DATE"}
PARAMETERS = {"child_upper_age": 18}


@pytest.mark.parametrize(
    ("text", "sql"),
    [
        ("has_ehcp", "has_ehcp"),
        ("not has_ehcp or age_years <= child_upper_age", "NOT has_ehcp OR age_years <= 18"),
        ("age_years between 19 and 25 and (has_ehcp)", "age_years BETWEEN 19 AND 25 AND (has_ehcp)"),
        ("sex in ('female', 'male') and sex <> 'other'", "sex IN ('female', 'male') AND sex <> 'other'"),
        ("age_years is null or ehcp_date is not null", "age_years IS NULL OR NOT ehcp_date IS NULL"),
        ("age_years > -1", "age_years > -1"),
    ],
)
def test_conditions_are_understood(text, sql):
    assert condition(text, COLUMNS, PARAMETERS)[0] == sql


@pytest.mark.parametrize(
    "text",
    [
        "",
        "age_years",
        "18",
        "ehcp_date",
        "has_ehcp and age_years",
        "has_ehcp = true",
        "age_years = 'ten'",
        "sex > 3",
        "age_years between 'a' and 3",
        "height > 3",
        "profile.has_ehcp",
        'has_ehcp or "has_ehcp"',
        "coalesce(has_ehcp, false)",
        "age_years + 1 > 3",
        "age_years in (select 1)",
        "exists (select 1)",
        "(select true)",
        "case when has_ehcp then true end",
        "has_ehcp; drop table person",
        "select 1",
        "has_ehcp -- and more\n; select 2",
        "sex like 'f%'",
        "age_years is not distinct from 3",
        "has_ehcp is true",
        "cast(age_years as varchar) = 'x'",
        "((",
        "$month = '2026-01'",
        "has_ehcp union select true",
    ],
)
def test_anything_else_is_refused(text):
    with pytest.raises(NotUnderstood):
        condition(text, COLUMNS, PARAMETERS)


@pytest.mark.slow
@given(st.text(max_size=40))
def test_no_text_does_anything_but_be_understood_or_refused(text):
    try:
        sql, asks = condition(text, COLUMNS, PARAMETERS)
    except NotUnderstood:
        return
    assert asks <= set(COLUMNS) and ";" not in sql.replace("';'", "")


def _changed(tmp_path: Path, change) -> Path:
    raw = yaml.safe_load(RULES_FILE.read_text(encoding="utf-8"))
    change(raw)
    path = tmp_path / "segments.yaml"
    path.write_text(yaml.safe_dump(raw, sort_keys=False), encoding="utf-8")
    return path


BROKEN = {
    "no version": (lambda r: r.pop("version"), "the file"),
    "unknown key": (lambda r: r.update(extra=1), "the file"),
    "need is no list": (lambda r: r.update(need={}), "need"),
    "unknown column": (lambda r: r["need"][0].update(when="has_wings"), "C01"),
    "a function": (lambda r: r["need"][0].update(when="random() > 1"), "C01"),
    "no words": (lambda r: r["need"][1].pop("words"), "C02"),
    "no population": (lambda r: r["need"][1].update(applies_to="dogs"), "C02"),
    "evidence without condition": (lambda r: r["need"][0].pop("when"), "C01"),
    "evidence of no date": (lambda r: r["need"][0].update(evidence=[{"date": "sex", "source": "gp"}]), "C01"),
    "evidence of no source": (lambda r: r["need"][0]["evidence"][0].update(source="x"), "C01"),
    "evidence that may be none": (lambda r: r["need"][0]["evidence"][1].update(when="has_dementia"), "C01"),
    "neither condition nor feed": (lambda r: r["need"][12].pop("awaiting"), "C13"),
    "id twice": (lambda r: r["need"][1].update(id="C01"), "C01"),
    "id that is no id": (lambda r: r["need"][1].update(id="C'; --"), "C'; --"),
    "unknown segment": (lambda r: r["lifecourse"][1].update(segment="XX"), "L1"),
    "somebody left out": (lambda r: r["lifecourse"].pop(), "lifecourse"),
    "a rule nobody reaches": (lambda r: r["lifecourse"][0].pop("when"), "lifecourse"),
    "tier of six": (lambda r: r["tiers"][0].update(tier=6), "tier 6"),
    "ages crossed": (lambda r: r["parameters"].update(child_upper_age=70), "parameters"),
    "age in words": (lambda r: r["parameters"].update(older_age="old"), "parameters"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_rule_file_stops_with_the_rule_named(tmp_path, name):
    change, rule = BROKEN[name]
    with pytest.raises(Stop) as stop:
        load_rules(_changed(tmp_path, change))
    assert stop.value.code == "WSD-530" and stop.value.exit_code is Exit.USAGE
    assert stop.value.facts["rule"] == rule and stop.value.__cause__ is None


@pytest.mark.parametrize("text", ["a: [", "- 1", "", "\x00"])
def test_a_file_that_is_no_rule_file_stops(tmp_path, text):
    path = tmp_path / "segments.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Stop, match="WSD-530"):
        load_rules(path)


def test_rules_without_a_feed_are_listed_and_not_asked():
    rules = load_rules()
    assert {r.id for r in rules.need if not r.is_evaluable} == {"C13"}
    text = generated_models()["segment.reasons"].text
    assert "'C12'" in text and "'C13'" not in text
    assert all(r.awaiting for r in (*rules.need, *rules.lifecourse) if not r.is_evaluable)


def test_a_parameter_moves_the_boundary(tmp_path):
    before = models_for(load_rules())
    after = models_for(load_rules(_changed(tmp_path, lambda r: r["parameters"].update(child_upper_age=17))))
    assert (
        "age_years <= 17" in after["segment.lifecourse"].text and "age_years <= 18" in before["segment.lifecourse"].text
    )
    assert {k for k in before if after[k].text != before[k].text} == set(before) - {
        "person.profile",
        "segment.groupings",
    }


def test_models_read_only_what_they_must():
    models = generated_models()
    assert models["segment.reasons"].reads == {"person.profile"}
    assert models["segment.need"].reads == {"person.profile", "segment.reasons"}
    assert models["segment.lifecourse"].reads == {"person.profile", "segment.need"}
    assert {k: m.previous for k, m in models.items() if m.previous} == {"segment.reasons": {"segment.reasons"}}


def test_a_new_rule_is_a_line_of_yaml(tmp_path):
    def change(raw):
        raw["need"].insert(0, {
            "id": "C99", "words": "Ninety", "applies_to": "adults", "when": "age_years >= 90",
            "evidence": [{"date": "ltc_date", "source": "gp"}],
        })  # fmt: skip

    models = models_for(load_rules(_changed(tmp_path, change)))
    con = duckdb.connect()
    columns = ", ".join(f"{c.name} {c.type}" for c in table("person.profile").columns)
    con.execute(f"create schema person; create table person.profile ({columns})")
    con.execute("insert into person.profile (person_id, age_years) values (uuid(), 90), (uuid(), 89)")
    con.execute(
        "create schema segment; create table segment.reasons (person_id uuid, rule_id varchar, last_held_date date)"
    )
    text = models["segment.need"].text
    found = con.execute(
        f"select need_segment, rule_id from ({text}) order by all", {"snapshot_date": date(2026, 1, 31)}
    ).fetchall()
    assert found == [("complex", "C99"), ("healthy_unverified", None)]
