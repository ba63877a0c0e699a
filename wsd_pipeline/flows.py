"""The flow register: what law and agreement each feed comes under, and whether it may be taken in for a month.

A feed is refused where no flow covers its source, where the flow's data sharing agreement or section 251 support has
ended at the snapshot, where its purposes leave out the project's, or where a law that forbids disclosure names no
gateway. The register is `flow_register.yaml` beside project.toml; invented people have the shipped, invented one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

from wsd_pipeline.contracts.core import LandedTable
from wsd_pipeline.messages import Stop
from wsd_pipeline.settings import Mode, Project, snapshot_date

SHIPPED = Path(__file__).resolve().parent / "config" / "flow_register.yaml"
FILE_NAME = "flow_register.yaml"
ANY_OTHER = "*"
NEEDS_GATEWAY = ("benefits", "council_tax")
"""Sources whose disclosure is an offence, or barred, unless a law names the purpose."""
COMMON_LAW = ("s251", "consent", "DSCRO direction", "statutory power", "not confidential")
OUTPUTS = ("aggregate", "extract")

NO_FLOW, NO_GATEWAY, NOT_REVIEWED = (
    "no flow covers its source",
    "it names no legal gateway",
    "its annual review is overdue",
)
AGREEMENT_ENDED, SUPPORT_ENDED = "its data sharing agreement has ended", "its section 251 support has ended"
OTHER_PURPOSE = "its purposes do not include the project's"
REFUSALS = (NO_FLOW, NO_GATEWAY, NOT_REVIEWED, AGREEMENT_ENDED, SUPPORT_ENDED, OTHER_PURPOSE)
"""Why a feed is refused: what may follow WSD-140."""
FAULTS = (
    "there is none", "it is not YAML", "it is of invented agreements", "an entry it does not have",
    "an entry is missing", "an entry is of the wrong kind", "a source in two flows", "an unlisted purpose",
)  # fmt: skip
"""Why a register cannot be used: what may follow WSD-141."""


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """A data sharing agreement, or support under section 251 with the day its review is due. Days are the last ones."""

    reference: str
    expires: date
    review_due: date | None = None


@dataclass(frozen=True, kw_only=True)
class Flow:
    """One flow of data: who is answerable, under what law, for what, until when, and what may come of it."""

    flow_id: str
    sources: tuple[str, ...]
    controller: str
    processor: str
    legal_basis: Mapping[str, str | None]
    common_law: str
    s251: Agreement | None
    dsa: Agreement
    dpia: Mapping[str, Any]
    caldicott_approved: date
    purposes: tuple[str, ...]
    national_opt_out: bool
    type_1_opt_out: bool
    retention: Mapping[str, int]
    outputs: tuple[str, ...]
    small_numbers: str
    legal_gateway: str | None

    @property
    def ends(self) -> date:
        """The first day on which its agreement or support ends, or a review is due."""
        days: list[date] = [self.dsa.expires]
        if self.s251 is not None:
            days += [self.s251.expires, self.s251.review_due or self.s251.expires]
        return min(days)

    def refusal(self, source: str, purpose: str, on: date) -> str | None:
        """Why a source may not be taken in on a day for a purpose, one of `REFUSALS`; None where it may."""
        if source in NEEDS_GATEWAY and not self.legal_gateway:
            return NO_GATEWAY
        if self.dsa.expires < on:
            return AGREEMENT_ENDED
        if self.s251 is not None and self.s251.expires < on:
            return SUPPORT_ENDED
        if self.s251 is not None and self.s251.review_due is not None and self.s251.review_due < on:
            return NOT_REVIEWED
        return None if purpose in self.purposes else OTHER_PURPOSE


@dataclass(frozen=True, kw_only=True)
class Register:
    """Every flow of a project."""

    version: int
    purposes: tuple[str, ...]
    flows: tuple[Flow, ...]

    def flow_of(self, source: str) -> Flow | None:
        """The flow that covers a source system; None where none does."""
        named = {name: flow for flow in self.flows for name in flow.sources}
        return named.get(source) or named.get(ANY_OTHER)

    def check(self, project: Project, feed: LandedTable, month: str) -> None:
        """Stop with WSD-140 where the feed may not be taken in for the month."""
        flow = self.flow_of(feed.source)
        why = NO_FLOW if flow is None else flow.refusal(feed.source, project.purpose, snapshot_date(month))
        if why is not None:
            raise Stop("WSD-140", table=feed.key, reason=why, month=month)


def load_register(project: Project) -> Register:
    """The project's register. Stops with WSD-141 where it cannot be used, or a project for real people has none."""
    own = project.root / FILE_NAME
    if own.is_file():
        return read_register(own, is_live=project.mode is Mode.LIVE)
    if project.mode is Mode.LIVE:
        raise _fault("there is none")
    return read_register(SHIPPED, is_live=False)


def read_register(path: Path, *, is_live: bool) -> Register:
    """The register of a file, checked whole. Stops with WSD-141; a live project's may not be of invented agreements."""
    import yaml

    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError):
        raise _fault("it is not YAML") from None
    top = _mapping(raw, {"version", "is_invented", "purposes", "flows"}, {"defaults"})
    is_invented, purposes = _kind(top["is_invented"], bool), _words(top["purposes"])
    if is_live and is_invented:
        raise _fault("it is of invented agreements")
    defaults = _mapping(top.get("defaults", {}), set(), {f.name for f in fields(Flow)})
    flows = tuple(_flow({**defaults, **_kind(flow, dict)}) for flow in _kind(top["flows"], list))
    named = [source for flow in flows for source in flow.sources]
    if len(set(named)) != len(named):
        raise _fault("a source in two flows")
    if ANY_OTHER in named and not is_invented:
        raise _fault("an entry is of the wrong kind")
    if any(purpose not in purposes for flow in flows for purpose in flow.purposes):
        raise _fault("an unlisted purpose")
    return Register(version=_kind(top["version"], int), purposes=purposes, flows=flows)


def _flow(raw: Mapping[str, Any]) -> Flow:
    """One flow. Stops with WSD-141."""
    entry = _mapping(raw, {f.name for f in fields(Flow)})
    support = entry["s251"]
    if (entry["common_law"] == "s251") != (support is not None):
        raise _fault("an entry is missing" if support is None else "an entry is of the wrong kind")
    if entry["common_law"] not in COMMON_LAW or not {*_words(entry["outputs"])} <= {*OUTPUTS}:
        raise _fault("an entry is of the wrong kind")
    basis = _mapping(entry["legal_basis"], {"article_6", "article_9", "dpa_2018"})
    dpia = _mapping(entry["dpia"], {"reference", "approved"})
    kept = _mapping(entry["retention"], {"raw_months", "snapshot_years", "linkage_days"})
    return Flow(
        flow_id=_kind(entry["flow_id"], str),
        sources=_words(entry["sources"]),
        controller=_kind(entry["controller"], str),
        processor=_kind(entry["processor"], str),
        legal_basis={name: None if v is None else _kind(v, str) for name, v in basis.items()},
        common_law=_kind(entry["common_law"], str),
        s251=None if support is None else _agreement(support, {"reference", "expires", "review_due"}),
        dsa=_agreement(entry["dsa"], {"reference", "expires"}),
        dpia={"reference": _kind(dpia["reference"], str), "approved": _kind(dpia["approved"], date)},
        caldicott_approved=_kind(entry["caldicott_approved"], date),
        purposes=_words(entry["purposes"]),
        national_opt_out=_kind(entry["national_opt_out"], bool),
        type_1_opt_out=_kind(entry["type_1_opt_out"], bool),
        retention={name: _kind(value, int) for name, value in kept.items()},
        outputs=_words(entry["outputs"]),
        small_numbers=_kind(entry["small_numbers"], str),
        legal_gateway=None if entry["legal_gateway"] is None else _kind(entry["legal_gateway"], str),
    )


def _agreement(raw: object, names: set[str]) -> Agreement:
    entry = _mapping(raw, names)
    due = entry.get("review_due")
    return Agreement(
        reference=_kind(entry["reference"], str),
        expires=_kind(entry["expires"], date),
        review_due=None if due is None else _kind(due, date),
    )


def _mapping(raw: object, needed: set[str], may: set[str] | None = None) -> dict[str, Any]:
    """A mapping with every needed entry and none but those and the ones it may have."""
    found: dict[str, Any] = _kind(raw, dict)
    if needed - found.keys():
        raise _fault("an entry is missing")
    if found.keys() - needed - (may or set()):
        raise _fault("an entry it does not have")
    return found


def _kind(value: object, kind: type) -> Any:
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)) or value == "":
        raise _fault("an entry is of the wrong kind")
    return value


def _words(value: object) -> tuple[str, ...]:
    return tuple(_kind(word, str) for word in _kind(value, list))


def _fault(reason: str) -> Stop:
    return Stop("WSD-141", reason=reason)
