"""The one place a column is ever described. `TABLES` holds every contract by its key."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from wsd_pipeline.contracts.core import LandedTable, Table
from wsd_pipeline.contracts.pseudo import pseudo_table

LAYERS = ("reference", "landed", "tokens", "pseudo", "linked", "person", "segment", "mart", "extract")
"""In the order data flows; a model reads its own layer or an earlier one."""
ON_REQUEST = ("extract",)
"""Layers that no run of a month makes: their tables are built when somebody asks, and are in no release."""


@lru_cache(maxsize=1)
def landed_tables() -> tuple[LandedTable, ...]:
    """Every supplier's feed, by key. A module added to `contracts/landed` is found, with no list to keep."""
    return tuple(sorted(_found("landed"), key=lambda t: t.key))


@lru_cache(maxsize=1)
def tables() -> Mapping[str, Table]:
    """Every table of the product by key, in layer order; `pseudo` is computed from `landed`."""
    landed = landed_tables()
    found: list[Table] = [*landed, *_found("marts")]
    for name in ("reference", "tokens", "linked", "person", "segment", *ON_REQUEST):
        found += importlib.import_module(f"wsd_pipeline.contracts.{name}").TABLES
    found += [pseudo_table(t) for t in landed]
    return {t.key: t for t in sorted(found, key=lambda t: (LAYERS.index(t.layer), t.key))}


def _found(folder: str) -> list[Any]:
    """The tables of every module of a folder of contracts."""
    package = importlib.import_module(f"wsd_pipeline.contracts.{folder}")
    names = [f"{package.__name__}.{module.name}" for module in pkgutil.iter_modules(package.__path__)]
    return [table for name in names for table in importlib.import_module(name).TABLES]


def table(key: str) -> Table:
    """The contract of `key`; KeyError where there is none."""
    return tables()[key]


def sources() -> Mapping[str, tuple[LandedTable, ...]]:
    """The feeds of each source system."""
    out: dict[str, tuple[LandedTable, ...]] = {}
    for feed in landed_tables():
        out[feed.source] = (*out.get(feed.source, ()), feed)
    return out
