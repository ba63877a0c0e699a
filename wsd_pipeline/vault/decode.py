"""What may come out of the vault, and nothing else: every part of a report's line is found on a closed list.

The parent takes the line apart and builds every message anew from what it knows itself. Anything not listed makes
the whole report void.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from wsd_pipeline.contracts import landed_tables, tables
from wsd_pipeline.contracts.checks import Check, Severity
from wsd_pipeline.contracts.core import LandedTable
from wsd_pipeline.contracts.feed import FileFormat
from wsd_pipeline.contracts.reference.opt_outs import REMOVALS, TYPE_1
from wsd_pipeline.contracts.tokens import TABLES as TOKENS
from wsd_pipeline.flows import FAULTS, REFUSALS
from wsd_pipeline.gate import CheckResult
from wsd_pipeline.messages import CODES, Stop
from wsd_pipeline.settings import Project
from wsd_pipeline.vault.checks import MINIMUM_ROWS, NOT_A_CODE, UNIQUE_KEY
from wsd_pipeline.vault.errors import KNOWN_ERRORS
from wsd_pipeline.vault.faults import REASONS
from wsd_pipeline.vault.inbox import PARTS
from wsd_pipeline.vault.land import PARTNER, READABLE, REQUIRED
from wsd_pipeline.vault.layout import Count, Names, expected_layout
from wsd_pipeline.vault.listed import (
    Unlisted,
    closed,
    flag,
    hexadecimal,
    mapping,
    matched,
    one_of,
    refuse,
    sequence,
    whole,
)
from wsd_pipeline.vault.mapping import MAPPING_REASONS, ROW_KEY, layout_of
from wsd_pipeline.vault.report import COUNTS, FACT_NAMES, LIMIT_UNIT, MAX_BYTES, STEP_NAMES, STEPS, Report, TableReport

KEY_REASONS = ("a symbolic link", "not a file", "another owner", "open to others", "among the data", "among the code")
OTHER_REASONS = ("unexpected error", "unlisted report", "no report", "changed while read")
_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")


def decode(line: bytes, project: Project, month: str) -> Report:
    """The report of a line, every part found on a closed list. Raises Unlisted otherwise, quoting nothing."""
    if len(line) > MAX_BYTES or line.count(b"\n") != 1 or not line.endswith(b"\n"):
        raise Unlisted
    try:
        body = json.loads(line.decode("ascii"), parse_constant=refuse)
    except (ValueError, RecursionError):
        raise Unlisted from None
    closed(body, {"key", "reused", "tables", "checks", "stops", "facts"})
    return Report(
        key=hexadecimal(body["key"], may_be_empty=True),
        reused=flag(body["reused"]),
        tables={one_of(k, tables()): _table(v) for k, v in mapping(body["tables"]).items()},
        checks=tuple(
            _check(one_of(k, _checked()), row) for k, rows in mapping(body["checks"]).items() for row in sequence(rows)
        ),
        stops=tuple(_stop(s, project, month) for s in sequence(body["stops"])),
        facts={one_of(k, FACT_NAMES): _fact(v) for k, v in mapping(body["facts"]).items()},
    )


@lru_cache(maxsize=1)
def check_names() -> frozenset[str]:
    """Every name a check may have."""
    found = {READABLE, REQUIRED, PARTNER, MINIMUM_ROWS, UNIQUE_KEY, NOT_A_CODE, TYPE_1}
    kinds = [Check]
    while kinds:
        kinds += kinds.pop().__subclasses__()
        found |= {kind.__new__(kind).name for kind in kinds}
    return frozenset(found | {rule.name for table in tables().values() for rule in table.rules})


@lru_cache(maxsize=1)
def _feeds() -> Mapping[str, LandedTable]:
    return {t.key: t for t in landed_tables()}


@lru_cache(maxsize=1)
def _checked() -> frozenset[str]:
    """The tables the vault checks itself."""
    return frozenset({*_feeds(), *(t.key for t in TOKENS)})


def _table(value: Any) -> TableReport:
    closed(value, {"key", "rows", "quarantined", "resubmitted", "removed", "file_sha256", "reused", "carried_from"})
    carried = value["carried_from"]
    return TableReport(
        key=hexadecimal(value["key"]),
        rows=whole(value["rows"]),
        quarantined=whole(value["quarantined"]),
        resubmitted=whole(value["resubmitted"]),
        removed={one_of(k, REMOVALS): whole(v) for k, v in mapping(value["removed"]).items()},
        file_sha256=hexadecimal(value["file_sha256"], may_be_empty=True),
        reused=flag(value["reused"]),
        carried_from=None if carried is None else matched(carried, _MONTH),
    )


def _check(table: str, row: Any) -> CheckResult:
    if len(sequence(row)) != 6:
        raise Unlisted
    column, name, severity, failed, checked, limit = row
    return CheckResult(
        table=table,
        column=one_of(column, {c.name for c in tables()[table].columns} | {""}),
        check=one_of(name, check_names()),
        severity=Severity(one_of(severity, {s.value for s in Severity})),
        failed=whole(failed),
        checked=whole(checked),
        limit=whole(limit) / LIMIT_UNIT,
    )


def _fact(value: Any) -> int | str | None:
    if value is None or value == "":
        return value  # type: ignore[no-any-return]
    if isinstance(value, int):
        return whole(value)
    if isinstance(value, str) and _MONTH.fullmatch(value):
        return value
    return hexadecimal(value)


def _limit_pct(value: Any) -> str:
    return matched(value, re.compile(r"\d{1,3}(\.\d{1,4})?"))


def _types() -> set[str]:
    return {c.type for t in tables().values() for c in t.columns}


def _stop(value: Any, project: Project, month: str) -> Stop:
    """The stop of listed facts; what the parent knows itself (folders, layouts, the project's name) is put in here."""
    given = dict(mapping(value))
    code = one_of(given.pop("code", None), CODES)
    table = one_of(given["table"], tables()) if "table" in given else ""
    facts: dict[str, Any] = {"month": month, "project": project.name, "folder": _folder(project, code, table)}
    for name, fact in given.items():
        facts[name] = _stop_fact(name, fact, table)
    if table in _feeds() or table in tables():
        facts.setdefault("expected", expected_layout(_layout(project, table, month)))
    try:
        return Stop(code, **facts)
    except (KeyError, IndexError, ValueError):
        raise Unlisted from None


def _stop_fact(name: str, fact: Any, table: str) -> Any:
    if name in COUNTS:
        return Count(whole(fact))
    if name == "missing":
        if isinstance(fact, str):
            return one_of(fact, tables())
        headers = {c.source_header for c in _feeds()[table].landed_columns} if table in _feeds() else set()
        headers |= {ROW_KEY, *(c.name for c in tables()[table].columns)} if table else set()
        return Names(one_of(h, headers) for h in sequence(fact))
    if name == "column":
        return one_of(fact, {c.name for c in tables()[table].columns} | {""}) if table else refuse("")
    if name in ("previous", "month"):
        return matched(fact, _MONTH)
    if name == "step":
        return STEP_NAMES[one_of(fact, STEPS)]
    if name == "limit_pct":
        return _limit_pct(fact)
    listed: Mapping[str, Sequence[str] | set[str] | frozenset[str]] = {
        "table": (table,),
        "check": check_names(),
        "reason": {*REASONS, *KEY_REASONS, *OTHER_REASONS, *REFUSALS, *FAULTS, *MAPPING_REASONS, *PARTS, *KNOWN_ERRORS},
        "type": _types(),
        "source": {t.source for t in landed_tables()},
    }
    return one_of(fact, listed.get(name, ()))


def _layout(project: Project, table: str, month: str) -> FileFormat:
    """The layout agreed with the supplier: the contract's, as the project's mapping changes it where it has one."""
    feed = _feeds().get(table)
    if feed is None:
        return FileFormat()
    try:
        return layout_of(project, feed, month)
    except Stop:
        return feed.file


def _folder(project: Project, code: str, table: str) -> str:
    if code != "WSD-101":
        return str(project.root)
    layer, _, name = table.partition(".")
    return str(project.inbox / ("_reference" if layer == "reference" else name))
