"""A mart of metrics made of a declaration of five: counted, divided by a group, nobody there, not available."""

from __future__ import annotations

from dataclasses import replace

import pytest

from wsd_pipeline import contracts
from wsd_pipeline.build import models
from wsd_pipeline.contracts.metrics import Metric, measured, metric_mart
from wsd_pipeline.metrics.models import metrics_sql
from wsd_pipeline.sql import parse_model

GP = ("gp__registrations",)
MART = metric_mart(
    "mart.drawn", grain="metric", description="Drawn.", version="7", sources=("person.drawn",),
    metrics=(
        Metric(id="seen_in_time", words="a ÷ b", unit="percent", feeds=GP, by=("locality", "need_segment")),
        Metric(id="children_seen", words="a ÷ b", unit="per_1000", feeds=GP, population="people_0_17"),
        Metric(id="stays_of_weeks", words="a ÷ b", unit="percent", feeds=("apc__episodes",), by=()),
        Metric(id="homes_adapted", words="a", unit="count", feeds=GP, by=("imd_quintile", "ward_code"), period="snapshot"),
    ),
)  # fmt: skip
DRAWN = """
        person.demographics
        person_id | age_years | sex    | locality | ethnicity_group | imd_quintile | is_eligible | population_basis | ward_code
        ann       | 10        | female | NE       | Black           | 1            | true        | both             | E05009317
        bob       | 17        | male   | SE       | Black           |              | true        | resident         | E05009318
        cat       | 18        | female | outside  | Mixed           | 1            | true        | registered       |
        dan       | 12        | male   | SW       | Mixed           | 2            | false       | resident         | E05009319
        eve       | 5         | male   | NE       | Mixed           | 1            | false       | neither          | E05009317

        segment.need
        person_id | need_segment
        ann       | complex
        cat       | healthy

        person.drawn
        person_id | metric_id      | numerator | denominator
        ann       | seen_in_time   | 1         | 2
        bob       | seen_in_time   | 0         | 1
        dan       | seen_in_time   | 3         | 4
        eve       | seen_in_time   | 9         | 9
        dan       | children_seen  | 2         | 0
        cat       | homes_adapted  | 1         | 0
        ann       | stays_of_weeks | 1         | 1
"""
RECEIVED = """
        reference.received_feeds
        feed              | is_stale
        gp__registrations | false
        apc__episodes     | true
        =>
"""


@pytest.fixture
def known(monkeypatch):
    """The contracts with the drawn mart and its source among them, and its model."""
    source = measured("person.drawn", "what is drawn")
    there = {**contracts.tables(), MART.key: MART, source.key: source}
    monkeypatch.setattr(contracts, "tables", lambda: there)
    return {MART.key: parse_model(MART.key, metrics_sql(MART))}


def test_what_is_counted(check, known):
    """dan has died: what he used counts, he is not divided by. eve was nobody's. In SW there is nobody to divide by; of
    bob no segment is known. A stale feed counts nothing."""
    check(
        MART.key,
        DRAWN
        + RECEIVED
        + """
        metric_id      | dimension    | dimension_value | numerator_count | denominator_count
        seen_in_time   | all          | all             | 4               | 7
        seen_in_time   | locality     | NE              | 1               | 2
        seen_in_time   | locality     | SE              | 0               | 1
        seen_in_time   | locality     | SW              | 3               | 4
        seen_in_time   | locality     | outside         | 0               | 0
        seen_in_time   | need_segment | complex         | 1               | 2
        seen_in_time   | need_segment | healthy         | 0               | 0
        seen_in_time   | need_segment | unknown         | 3               | 5
        children_seen  | all          | all             | 2               | 2
        children_seen  | locality     | NE              | 0               | 1
        children_seen  | locality     | SE              | 0               | 1
        children_seen  | locality     | SW              | 2               | 0
        children_seen  | locality     | outside         | 0               | 0
        stays_of_weeks | all          | all             |                 |
        homes_adapted  | all          | all             | 1               | 0
        homes_adapted  | imd_quintile | 1               | 1               | 0
        homes_adapted  | imd_quintile | 2               | 0               | 0
        homes_adapted  | imd_quintile | unknown         | 0               | 0
        homes_adapted  | ward_code    | E05009317       | 0               | 0
        homes_adapted  | ward_code    | E05009318       | 0               | 0
        homes_adapted  | ward_code    | E05009319       | 0               | 0
        homes_adapted  | ward_code    | outside         | 1               | 0
        """,
        known=known,
    )


def test_what_is_said_of_each_metric(check, known):
    known = {MART.key: parse_model(MART.key, known[MART.key].text + "where figures.dimension = 'all'")}
    check(
        MART.key,
        DRAWN
        + RECEIVED
        + """
        metric_id      | snapshot_month | base        | period_start | period_end | value_unit | value_per | ci_method | is_provisional | source_feeds      | rule_version
        seen_in_time   | 2026-01        | own         | 2025-02-01   | 2026-01-31 | percent    | 100       | wilson    | true           | gp__registrations | 7
        children_seen  | 2026-01        | people_0_17 | 2025-02-01   | 2026-01-31 | per_1000   | 1000      | byar      | true           | gp__registrations | 7
        stays_of_weeks | 2026-01        | own         | 2025-02-01   | 2026-01-31 | percent    | 100       | wilson    | true           | apc__episodes     | 7
        homes_adapted  | 2026-01        | own         | 2026-01-31   | 2026-01-31 | count      |           | none      | false          | gp__registrations | 7
        """,
        known=known,
    )


def test_nothing_is_counted_where_no_feed_came(check, known):
    """Every row is there, and every count is empty: nothing is ever nought for want of a feed."""
    known = {
        MART.key: parse_model(
            MART.key, known[MART.key].text + "where numerator + denominator >= 0 and feed_count is null"
        )
    }  # fmt: skip
    check(
        MART.key,
        DRAWN + "\n        reference.received_feeds\n        feed | is_stale\n=>\n metric_id | numerator_count\n",
        known=known,
    )


SHIPPED = (
    "mart.access_equity", "mart.children", "mart.flow_bcf", "mart.household_determinants", "mart.promoting_independence",
    "mart.transitions",
)  # fmt: skip


def _drawn(key: str, missing: str = "") -> tuple[list[str], str]:
    """Two people who add three of four to every metric of a mart, and all its feeds but one."""
    mart = contracts.table(key)
    people = (
        "person_id | age_years | sex | locality | ethnicity_group | imd_quintile | is_eligible | population_basis\n"
    )
    people += "ann | 9 | female | NE | Black | 1 | true | both\nbob | 80 | male | NE | Black | 1 | true | both\n"
    rows = {"person.demographics": people}
    for read in sorted(models()[key].reads - {"person.demographics", "reference.received_feeds"}):
        rows[read] = "person_id\n"
    for source in mart.sources:
        rows[source] = "person_id | metric_id | numerator | denominator\n"
    for metric in mart.metrics:
        asked = 0 if metric.population != "own" or metric.unit == "count" else 2
        rows[mart.sources[0]] += f"ann | {metric.id} | 1 | {asked}\nbob | {metric.id} | 2 | {asked}\n"
    feeds = sorted({feed for metric in mart.metrics for feed in metric.feeds} - {missing})
    rows["reference.received_feeds"] = "feed | is_stale\n" + "".join(f"{feed} | false\n" for feed in feeds)
    return feeds, "\n\n".join(f"{name}\n{drawn}" for name, drawn in rows.items())


def _whole(metric: Metric) -> int:
    ages = {"own": 4, "people": 2, "people_65_plus": 1, "people_19_plus": 1, "women_15_44": 0}
    return 0 if metric.unit == "count" else ages.get(metric.population, 1)


@pytest.mark.parametrize("key", SHIPPED)
def test_every_metric_reaches_its_mart(check, key):
    _, drawn = _drawn(key)
    text = models()[key].text + "where figures.dimension = 'all'"
    expected = "".join(f"{m.id} | 3 | {_whole(m)}\n" for m in contracts.table(key).metrics)
    head = "metric_id | numerator_count | denominator_count\n"
    check(key, f"{drawn}\n=>\n{head}{expected}", known={key: replace(models()[key], text=text)})


def _pairs() -> list[tuple[str, str]]:
    return [(key, feed) for key in SHIPPED for feed in _drawn(key)[0]]


@pytest.mark.slow
@pytest.mark.parametrize(("key", "feed"), _pairs())
def test_what_rests_on_a_missing_feed_is_not_available(check, key, feed):
    """Each feed dropped in turn: its metrics are empty, never nought, and the others stay."""
    _, drawn = _drawn(key, feed)
    text = models()[key].text + "where figures.dimension = 'all'"
    rows = [(m.id, "" if feed in m.feeds else "3") for m in contracts.table(key).metrics]
    assert any(not count for _, count in rows)
    expected = "".join(f"{name} | {count}\n" for name, count in rows)
    check(key, f"{drawn}\n=>\nmetric_id | numerator_count\n{expected}", known={key: replace(models()[key], text=text)})
