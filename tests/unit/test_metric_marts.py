"""Marts of metrics: each declaration agrees with the SQL that counts it, and what is one number is one family."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from wsd_pipeline.build import models
from wsd_pipeline.contracts import landed_tables, tables
from wsd_pipeline.contracts.marts.outcomes import SHARED
from wsd_pipeline.contracts.metrics import (
    DIMENSIONS,
    OWN,
    Metric,
    MetricMart,
    denominators,
    measured,
    metric_mart,
    numerators,
)  # fmt: skip
from wsd_pipeline.outcomes import load_framework

MARTS = [table for table in tables().values() if isinstance(table, MetricMart)]
IDS = [mart.name for mart in MARTS]


@pytest.mark.parametrize("mart", MARTS, ids=IDS)
def test_every_metric_is_counted_and_nothing_else_is(mart):
    """The ids in a mart's sources are its own. An id made in SQL of parts is not seen here: write it out."""
    found = set()
    for source in mart.sources:
        assert tables()[source].columns == measured(source, "x").columns, source
        found |= set(re.findall(r"'([a-z][a-z0-9]*(?:_[a-z0-9]+)+)'", models()[source].text))
    ids = {m.id for m in mart.metrics}
    assert ids <= found, sorted(ids - found)


@pytest.mark.parametrize("mart", MARTS, ids=IDS)
def test_every_feed_and_dimension_is_there(mart):
    feeds = {feed.name for feed in landed_tables()}
    for metric in mart.metrics:
        assert set(metric.feeds) <= feeds, metric.id
        assert len(set(metric.by)) == len(metric.by), metric.id
        assert "÷" in metric.words or metric.unit == "count", metric.id


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_a_dimension_is_a_column_of_a_table_of_people(dimension):
    table = tables()[DIMENSIONS[dimension]]
    assert table.unique_key == ("person_id",)
    table.column(dimension)


@pytest.mark.parametrize("mart", MARTS, ids=IDS)
def test_what_is_named_is_asked_about(mart):
    """`all_of` names people whom a metric asks about; parts are broken down alike, and there is more than one."""
    asked = {m.among for m in mart.metrics if m.among}
    assert {m.all_of for m in mart.metrics if m.all_of} <= asked
    parts = [m for m in mart.metrics if m.part]
    for among in {m.among for m in parts}:
        them = [m for m in parts if m.among == among]
        assert len({m.part for m in them}) == len(them) > 1
        assert len({m.by for m in mart.metrics if m.among == among}) == 1


def test_a_metric_of_two_marts_says_so():
    """One number may not be shown in one mart and withheld in another without the attacker's knowing that it is one."""
    where = Counter(m.id for mart in MARTS for m in mart.metrics)
    where.update(m.id for m in load_framework().metrics)
    twice = {name for name, times in where.items() if times > 1}
    assert {m.id for mart in MARTS for m in mart.metrics if m.is_shared} == twice
    assert twice & {m.id for m in load_framework().metrics} == set(SHARED)


@pytest.mark.parametrize("mart", MARTS, ids=IDS)
@pytest.mark.parametrize("count", ["numerator_count", "denominator_count"])
def test_every_metric_belongs_to_one_family(mart, count):
    found = Counter(name for c in mart.counts[count] for name in re.findall("'([^']+)'", str(c.where)))
    assert found == Counter(m.id for m in mart.metrics)


def _metric(name: str, **other: object) -> Metric:
    return Metric(id=name, words="x ÷ y", unit="percent", feeds=("gp__registrations",), **other)


def test_families_are_broken_down_alike_and_shared_by_name():
    few = (
        _metric("a_a"), _metric("b_b", by=("locality", "imd_quintile")),
        _metric("c_c", by=("imd_quintile", "locality")),
        _metric("d_d", among="pupils"), _metric("e_e", among="pupils", by=()), _metric("f_f", is_shared=True),
        _metric("g_g", population="people_0_17"), _metric("h_h", population="people_0_17", by=()),
        _metric("i_i", among="pupils", part="seen"), _metric("j_j", all_of="pupils"),
    )  # fmt: skip
    assert {c.family: (c.where, c.apart) for c in numerators("mart.x", few)} == {
        "among pupils": ("metric_id in ('j_j')", ()),
        "f_f numerators": ("metric_id in ('f_f')", ()),
        "mart.x numerators by locality": ("metric_id in ('a_a', 'd_d', 'g_g')", ("metric_id",)),
        "mart.x numerators by imd_quintile and locality": ("metric_id in ('b_b', 'c_c')", ("metric_id",)),
        "mart.x numerators by ": ("metric_id in ('e_e', 'h_h')", ("metric_id",)),
    }
    part = numerators("mart.x", few)[0]
    assert (part.family, part.fixed, part.where) == ("among pupils", {"part": "seen"}, "metric_id in ('i_i')")
    assert {c.family: (c.where, c.apart) for c in denominators("mart.x", few)} == {
        "people 0 17": ("metric_id in ('g_g', 'h_h')", ()),
        "among pupils": ("metric_id in ('d_d', 'e_e', 'i_i')", ()),
        "f_f denominators": ("metric_id in ('f_f')", ()),
        "mart.x denominators by locality": ("metric_id in ('a_a', 'j_j')", ("metric_id",)),
        "mart.x denominators by imd_quintile and locality": ("metric_id in ('b_b', 'c_c')", ("metric_id",)),
    }


@pytest.mark.parametrize(
    "wrong", [{"unit": "days"}, {"population": "cats"}, {"period": "aeon"}, {"by": ("shoe_size",)}, {"feeds": ()},
              {"unit": "count", "population": "people"}, {"part": "seen"}],
)  # fmt: skip
def test_a_metric_that_cannot_be_is_refused(wrong):
    right = {"id": "a_b", "words": "x", "unit": "percent", "feeds": ("gp__registrations",)}
    with pytest.raises(ValueError, match="a_b"):
        Metric(**{**right, **wrong})


def test_a_metric_stands_once():
    with pytest.raises(ValueError, match="stands twice"):
        metric_mart(
            "mart.x", grain="g", description="d", version="1", sources=(), metrics=(_metric("a_a"), _metric("a_a"))
        )


@pytest.mark.parametrize(
    ("unit", "per", "method"),
    [("percent", 100, "wilson"), ("per_100", 100, "none"), ("per_1000", 1000, "byar"), ("count", None, "none")],
)
def test_the_unit_says_base_and_interval(unit, per, method):
    metric = Metric(id="a_b", words="x", unit=unit, feeds=("gp__registrations",))
    assert (metric.per, metric.method, metric.population) == (per, method, OWN)
