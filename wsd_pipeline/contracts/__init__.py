"""The one place a column is ever described. `TABLES` holds every contract by its key."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import lru_cache

from wsd_pipeline.contracts.core import LandedTable, Table

LAYERS = ("reference", "landed", "tokens", "pseudo", "linked", "person", "segment", "mart")
"""In the order data flows; a model reads its own layer or an earlier one."""


@lru_cache(maxsize=1)
def landed_tables() -> tuple[LandedTable, ...]:
    """Every supplier's feed, by key. A module added to `contracts/landed` is found, with no list to keep."""
    package = importlib.import_module("wsd_pipeline.contracts.landed")
    found: list[LandedTable] = []
    for module in pkgutil.iter_modules(package.__path__):
        found += importlib.import_module(f"{package.__name__}.{module.name}").TABLES
    return tuple(sorted(found, key=lambda t: t.key))


@lru_cache(maxsize=1)
def tables() -> Mapping[str, Table]:
    """Every table of the product by key, in layer order; `pseudo` is computed from `landed`."""
    landed = landed_tables()
    found: list[Table] = [*landed]
    for name in ("reference", "tokens", "linked", "person", "segment", "mart", *_mart_modules()):
        found += importlib.import_module(f"wsd_pipeline.contracts.{name}").TABLES
    found += [t.pseudo() for t in landed]
    return {t.key: t for t in sorted(found, key=lambda t: (LAYERS.index(t.layer), t.key))}


def _mart_modules() -> list[str]:
    """Families of marts, a module `mart_<family>` each: found, with no list to keep."""
    package = importlib.import_module("wsd_pipeline.contracts")
    return sorted(m.name for m in pkgutil.iter_modules(package.__path__) if m.name.startswith("mart_"))


def table(key: str) -> Table:
    """The contract of `key`; KeyError where there is none."""
    return tables()[key]


def sources() -> Mapping[str, tuple[LandedTable, ...]]:
    """The feeds of each source system."""
    out: dict[str, tuple[LandedTable, ...]] = {}
    for feed in landed_tables():
        out[feed.source] = (*out.get(feed.source, ()), feed)
    return out
