"""The outcomes framework as it is written in `config/outcomes.yaml`, read and checked whole before anything runs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from wsd_pipeline.contracts import metrics
from wsd_pipeline.contracts.metrics import OWN, PERIODS, POPULATIONS
from wsd_pipeline.messages import Stop

FRAMEWORK_FILE = Path(__file__).resolve().parent.parent / "config" / "outcomes.yaml"
KINDS = ("linked", "area", "survey", "none")
COVERAGES = ("measured", "proxy", "no_measure_yet")
METHODS = ("wilson", "byar", "dsr", "none")
DIMENSIONS = ("all", "locality", "ethnicity_group", "imd_quintile")
UNITS: Mapping[str, int | None] = {**metrics.UNITS, "score": 1, "days": 1}
"""What a unit multiplies numerator by denominator with; a count has no denominator."""


@dataclass(frozen=True, kw_only=True)
class Statement:
    """An I-statement: its domain, its words, and the year they were agreed."""

    id: str
    domain: str
    words: str
    wording: str


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A metric of a statement: what it counts and how, as `config/outcomes.yaml` says field by field."""

    id: str
    statement: str
    kind: str
    coverage: str
    words: str
    unit: str
    programme: str
    population: str
    feeds: tuple[str, ...]
    survey: tuple[str, str] | None
    period: str
    confidence: str
    breakdowns: tuple[str, ...]
    high_is_good: bool | None
    series_breaks: tuple[tuple[date, str], ...]
    key: str

    @property
    def per(self) -> int | None:
        """What numerator by denominator is multiplied with; None where the value is the numerator itself."""
        return UNITS[self.unit]


@dataclass(frozen=True, kw_only=True)
class Framework:
    """The whole framework of one version, in the order of the file."""

    version: str
    domains: Mapping[str, str]
    programmes: Mapping[str, str]
    statements: tuple[Statement, ...]
    metrics: tuple[Metric, ...]

    def statement(self, metric: Metric) -> Statement:
        """The statement a metric belongs to."""
        return next(s for s in self.statements if s.id == metric.statement)


def load_framework(path: Path = FRAMEWORK_FILE) -> Framework:
    """The framework of a file. Stops with WSD-540, naming the entry and what is wrong with it, before anything runs."""
    import yaml

    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        raise _stop("the file", "it cannot be read as YAML") from None
    _fields("the file", raw, {"version", "domains", "programmes", "statements", "metrics"})
    domains = _names("domains", raw["domains"])
    programmes = _names("programmes", raw["programmes"])
    statements = tuple(_statement(each, domains) for each in _list("statements", raw["statements"]))
    _once("statements", [s.id for s in statements])
    known = {s.id for s in statements}
    metrics = tuple(_metric(each, known, programmes) for each in _list("metrics", raw["metrics"]))
    _once("metrics", [m.id for m in metrics])
    if unmeasured := sorted(known - {m.statement for m in metrics}):
        raise _stop(unmeasured[0], "it has no metric: say so with one of kind none")
    return Framework(
        version=str(raw["version"]), domains=domains, programmes=programmes, statements=statements, metrics=metrics
    )


def _statement(raw: Any, domains: Mapping[str, str]) -> Statement:
    name = _name(raw)
    _fields(name, raw, {"id", "domain", "words", "wording"})
    _one_of(name, "domain", raw["domain"], domains)
    return Statement(id=name, domain=raw["domain"], words=str(raw["words"]), wording=str(raw["wording"]))


def _metric(raw: Any, statements: set[str], programmes: Mapping[str, str]) -> Metric:
    name = _name(raw)
    _fields(
        name, raw, {"id", "statement", "kind", "coverage", "words", "unit", "programme"},
        {"population", "feeds", "survey", "period", "confidence", "breakdowns", "high_is_good", "series_breaks", "key"},
    )  # fmt: skip
    if not re.fullmatch("[a-z][a-z0-9]*(_[a-z0-9]+)+", name):
        raise _stop(name, "an id is lower-case words joined by _, two at least")
    _one_of(name, "statement", raw["statement"], statements)
    _one_of(name, "programme", raw["programme"], programmes)
    for field, allowed in (("kind", KINDS), ("coverage", COVERAGES), ("unit", UNITS)):
        _one_of(name, field, raw[field], allowed)
    survey = _list(name, raw["survey"]) if "survey" in raw else None
    if survey is not None and len(survey) != 2:
        raise _stop(name, "survey is a survey and its question")
    metric = Metric(
        id=name, statement=raw["statement"], kind=raw["kind"], coverage=raw["coverage"], words=str(raw["words"]),
        unit=raw["unit"], programme=raw["programme"], population=str(raw.get("population", OWN)),
        feeds=tuple(str(f) for f in _list(name, raw.get("feeds", []))),
        survey=(str(survey[0]), str(survey[1])) if survey else None, period=str(raw.get("period", "twelve_months")),
        confidence=str(raw.get("confidence", "none")),
        breakdowns=tuple(str(b) for b in _list(name, raw.get("breakdowns", ["all", "locality"]))),
        high_is_good=raw.get("high_is_good"), key=str(raw.get("key", name)),
        series_breaks=tuple(_break(name, b) for b in _list(name, raw.get("series_breaks", []))),
    )  # fmt: skip
    _sound(metric)
    return metric


def _sound(metric: Metric) -> None:
    """What is true of a metric's fields together."""
    from wsd_pipeline.contracts import landed_tables
    from wsd_pipeline.contracts.landed.aggregates import SURVEYS

    name = metric.id
    _one_of(name, "period", metric.period, PERIODS)
    _one_of(name, "confidence", metric.confidence, METHODS)
    _one_of(name, "population", metric.population, (OWN, *POPULATIONS))
    for breakdown in metric.breakdowns:
        _one_of(name, "breakdowns", breakdown, DIMENSIONS)
    if metric.breakdowns[:1] != ("all",):
        raise _stop(name, "breakdowns begin with all")
    if metric.high_is_good not in (True, False, None):
        raise _stop(name, "high_is_good is true, false, or left out")
    if (metric.kind == "survey") != (metric.survey is not None):
        raise _stop(name, "a survey metric names its survey and question, and no other does")
    if metric.survey is not None:
        _one_of(name, "survey", metric.survey[0], SURVEYS)
    if (metric.kind == "none") != (metric.coverage == "no_measure_yet"):
        raise _stop(name, "kind none and coverage no_measure_yet go together")
    if (metric.kind in ("linked", "area")) != bool(metric.feeds):
        raise _stop(name, "a linked or area metric names the feeds it rests on, and no other does")
    known = {feed.name for feed in landed_tables()}
    if missing := sorted(set(metric.feeds) - known):
        raise _stop(name, f"there is no feed {missing[0][:40]}")
    if metric.confidence == "wilson" and metric.unit != "percent":
        raise _stop(name, "wilson is of a percentage")
    if metric.confidence == "byar" and not metric.unit.startswith("per_"):
        raise _stop(name, "byar is of a rate")


def _break(name: str, raw: Any) -> tuple[date, str]:
    _fields(name, raw, {"from", "why"})
    if not isinstance(raw["from"], date):
        raise _stop(name, "a series break is from a day")
    return raw["from"], str(raw["why"])


def _names(what: str, raw: Any) -> Mapping[str, str]:
    entries = _list(what, raw)
    for each in entries:
        _fields(what, each, {"id", "name"})
    _once(what, [str(e["id"]) for e in entries])
    return {str(e["id"]): str(e["name"]) for e in entries}


def _name(raw: Any) -> str:
    if not isinstance(raw, Mapping) or not isinstance(raw.get("id"), str):
        raise _stop("an entry", "it has no id")
    return str(raw["id"])[:60]


def _list(name: str, raw: Any) -> Sequence[Any]:
    if not isinstance(raw, list):
        raise _stop(name, "a list is expected")
    return raw


def _once(what: str, ids: Sequence[str]) -> None:
    if twice := sorted({i for i in ids if ids.count(i) > 1}):
        raise _stop(twice[0], f"it stands twice among {what}")


def _one_of(name: str, field: str, value: Any, allowed: Any) -> None:
    if value not in list(allowed):
        raise _stop(name, f"{field} is one of {', '.join(sorted(allowed))}")


def _fields(name: str, raw: Any, required: set[str], optional: set[str] | None = None) -> None:
    if not isinstance(raw, Mapping):
        raise _stop(name, "names and values are expected")
    if missing := sorted(required - set(raw)):
        raise _stop(name, f"{missing[0]} is missing")
    if extra := sorted(str(k) for k in set(raw) - required - (optional or set())):
        raise _stop(name, f"{extra[0][:40]} is not known")


def _stop(entry: str, reason: str) -> Stop:
    return Stop("WSD-540", entry=entry, reason=reason)
