"""What a stranger's columns mean: the declared mapping of one file, or of a pair of files, to the engine's fields.

A map is YAML. Every key but `unique_id` may be left out; a key under `a:` or `b:` overrides it for that file.

    unique_id: record_id
    forenames: [forename, middle_names]
    surnames: [surname]
    former_surnames: [maiden_name]
    birth_date: date_of_birth
    birth_date_formats: ["%Y-%m-%d", "%d/%m/%Y", "%d-%b-%Y"]
    sex: sex
    postcode: postcode
    home: uprn                  # one value for one dwelling
    street_number: number       # written addresses, where no `home` is known
    street: address_1
    street_2: address_2
    town: suburb
    strong_ids: [nhs_number]
    one_row_per_person: both    # both, a, b or neither
    twins_apart: false          # true: of one birth date and home but another forename is never one person
    truth: {a: id_a, b: id_b}   # columns of the truth file
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from wsd_pipeline.messages import Stop

_LISTS = ("forenames", "surnames", "former_surnames", "birth_date_formats", "strong_ids")
_NAMES = ("unique_id", "birth_date", "sex", "postcode", "home", "street_number", "street", "street_2", "town")
_SIDES = ("both", "a", "b", "neither")


@dataclass(frozen=True, kw_only=True)
class FieldMap:
    """Which columns of one file hold which field; None or empty where the file has none."""

    unique_id: str
    forenames: tuple[str, ...] = ()
    surnames: tuple[str, ...] = ()
    former_surnames: tuple[str, ...] = ()
    birth_date: str | None = None
    birth_date_formats: tuple[str, ...] = ("%Y-%m-%d", "%d/%m/%Y", "%Y%m%d")
    sex: str | None = None
    postcode: str | None = None
    home: str | None = None
    street_number: str | None = None
    street: str | None = None
    street_2: str | None = None
    town: str | None = None
    strong_ids: tuple[str, ...] = ()

    def columns(self) -> tuple[str, ...]:
        """Every column the map names, each once, in a fixed order."""
        singles = (self.birth_date, self.sex, self.postcode, self.home)
        written = (self.street_number, self.street, self.street_2, self.town)
        lists = (*self.forenames, *self.surnames, *self.former_surnames, *self.strong_ids)
        named = (self.unique_id, *lists, *(c for c in (*singles, *written) if c is not None))
        return tuple(dict.fromkeys(named))


@dataclass(frozen=True, kw_only=True)
class PairMap:
    """The maps of two files (the same map twice for one file), and what is known of them together."""

    a: FieldMap
    b: FieldMap
    one_row_per_person: str = "neither"
    twins_apart: bool = False
    truth: Mapping[str, str] = field(default_factory=lambda: {"a": "id_a", "b": "id_b"})

    @property
    def a_is_unique(self) -> bool:
        """Whether the first file has at most one row per person."""
        return self.one_row_per_person in ("both", "a")

    @property
    def b_is_unique(self) -> bool:
        """Whether the second file has at most one row per person."""
        return self.one_row_per_person in ("both", "b")


def pair_map(raw: Mapping[str, Any]) -> PairMap:
    """The map of a parsed YAML document. Stops with WSD-230 where a key is unknown or of the wrong kind."""
    shared = {k: v for k, v in raw.items() if k not in ("a", "b", "one_row_per_person", "twins_apart", "truth")}
    sides = {side: _field_map({**shared, **(raw.get(side) or {})}) for side in ("a", "b")}
    unique = str(raw.get("one_row_per_person", "neither"))
    if unique not in _SIDES:
        raise Stop("WSD-230", key="one_row_per_person", expected=" or ".join(_SIDES))
    if len(sides["a"].strong_ids) != len(sides["b"].strong_ids):
        raise Stop("WSD-230", key="strong_ids", expected="as many columns for a as for b, in the same order")
    twins_apart = raw.get("twins_apart", False)
    if not isinstance(twins_apart, bool):
        raise Stop("WSD-230", key="twins_apart", expected="true or false")
    truth = raw.get("truth") or {"a": "id_a", "b": "id_b"}
    return PairMap(
        a=sides["a"], b=sides["b"], one_row_per_person=unique, twins_apart=twins_apart, truth=dict(truth)
    )  # fmt: skip


def load_map(path: Path) -> PairMap:
    """The map of a YAML file. Stops with WSD-230 where it cannot be read as one."""
    import yaml

    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError):
        raise Stop("WSD-230", key="file", expected="a readable YAML document") from None
    if not isinstance(raw, dict):
        raise Stop("WSD-230", key="file", expected="a mapping of field to column")
    return pair_map(raw)


def without(map: PairMap, *fields: str) -> PairMap:
    """The same map with some fields taken away from both files."""
    empty: dict[str, Any] = {name: () if name in _LISTS else None for name in fields}
    return replace(map, a=replace(map.a, **empty), b=replace(map.b, **empty))


def _field_map(raw: Mapping[str, Any]) -> FieldMap:
    unknown = sorted(set(raw) - set(_LISTS) - set(_NAMES))
    if unknown:
        raise Stop("WSD-230", key=unknown[0], expected="one of " + ", ".join((*_NAMES, *_LISTS)))
    if "unique_id" not in raw:
        raise Stop("WSD-230", key="unique_id", expected="the column that names each row once")
    fields: dict[str, Any] = {}
    for name, value in raw.items():
        if name in _LISTS:
            values = [value] if isinstance(value, str) else list(value or ())
            fields[name] = tuple(str(v) for v in values)
        else:
            fields[name] = None if value is None else str(value)
    if not all(_is_date_format(f) for f in fields.get("birth_date_formats", ())):
        raise Stop("WSD-230", key="birth_date_formats", expected="made of %Y, %d and one of %m, %b and %B")
    return FieldMap(**fields)


def _is_date_format(text: str) -> bool:
    """Whether it says where year, month and day stand, each once, and nothing else."""
    marks = sorted(re.findall("%.?", text))
    return marks in (["%Y", "%d", "%m"], ["%Y", "%b", "%d"], ["%B", "%Y", "%d"])
