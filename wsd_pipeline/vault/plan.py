"""What there is to do in a month: which extract each feed has, what it would make, and whether that stands already.

Nothing is done here but hashing files and reading pointers.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from wsd_pipeline.contracts.core import Becomes, Identity, LandedTable
from wsd_pipeline.contracts.pseudo import pseudo_table
from wsd_pipeline.contracts.tokens import CLOSURES, IDENTITIES, NAMES
from wsd_pipeline.flows import load_register
from wsd_pipeline.lake import Pointer, Zone, content_key, file_sha256
from wsd_pipeline.messages import Stop
from wsd_pipeline.settings import Project, write_text
from wsd_pipeline.supply import supplied_feeds
from wsd_pipeline.vault import normalise, opt_outs, practices, restricted
from wsd_pipeline.vault.errors import safe_errors
from wsd_pipeline.vault.faults import Fault, refusal
from wsd_pipeline.vault.gazetteer import FEED as GAZETTEER
from wsd_pipeline.vault.inbox import IDENTITY, PAYLOAD, is_part, month_files
from wsd_pipeline.vault.keys import Keys
from wsd_pipeline.vault.mapping import Layout, layout_of
from wsd_pipeline.vault.preflight import SIZE_CAP_BYTES

CODE_VERSION = f"vault_v4 {normalise.VERSION}"
"""Changed by hand whenever the same file would come out different: it is part of every content key."""

_RECORDING = threading.Lock()

POSTCODES, SUPERSESSIONS = "reference.postcodes", "reference.nhs_supersessions"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is to be done with one feed. `carried_from` names an earlier month whose accepted extract stands in.

    `files` holds its file, or the identity and payload parts of a split one; none where an earlier month stands in.
    """

    feed: LandedTable
    key: str
    files: tuple[Path, ...]
    hashes: tuple[str, ...]
    sha256: str
    layout: Layout
    carried_from: str | None
    landed: Pointer | None
    is_staged: bool
    opt_outs: tuple[str, ...]

    @property
    def is_landed(self) -> bool:
        """Whether the accepted landed table is the one this file makes."""
        return self.landed is not None and self.landed.key == self.key


def check_key(project: Project, keys: Keys, month: str) -> None:
    """Stop with WSD-502 where a month on record was made with another key, or under another project name."""
    for record in sorted((project.vault / "_months").glob("????-??.json"), reverse=True):
        if json.loads(record.read_text(encoding="utf-8")).get("kcv") != keys.check_value():
            raise Stop("WSD-502", previous=record.stem, month=month)


def record_key(project: Project, keys: Keys, month: str) -> None:
    """Keep the check value and epoch the month is made with, before its first output."""
    path = project.vault / "_months" / f"{month}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    with _RECORDING:
        write_text(path, json.dumps({"epoch": keys.epoch, "kcv": keys.check_value()}, sort_keys=True) + "\n")


def reference_path(project: Project, key: str) -> Path | None:
    """The supplied file of a reference table, or None."""
    path = project.inbox / "_reference" / f"{key.split('.', 1)[1]}.csv"
    return path if path.is_file() else None


def plans_of(
    project: Project, keys: Keys, month: str, references: Mapping[str, Path | None]
) -> tuple[list[Plan], list[Stop]]:
    """A plan for every feed the month is to have that has an extract, a stop for every other.

    The gazetteer comes first, then the feeds that hold NHS numbers: who has opted out is known by them.
    """
    hashes = {k: None if p is None else file_sha256(p) for k, p in references.items()}
    register = load_register(project)
    plans: list[Plan] = []
    stops: list[Stop] = []
    for feed in sorted(supplied_feeds(project, month), key=_turn):
        hashes[GAZETTEER] = plans[0].key if feed.has_addresses and plans and plans[0].feed.key == GAZETTEER else None
        try:
            register.check(project, feed, month)
            reasons = opt_outs.applied(feed, register.flow_of(feed.source), project.ndoo_scope)
            plans.append(_plan(project, keys, month, feed, hashes, reasons))
        except Stop as stop:
            stops.append(stop)
    return plans, stops


def _turn(feed: LandedTable) -> tuple[bool, bool, str]:
    return feed.key != GAZETTEER, Identity.NHS_NUMBER not in feed.identity_columns, feed.key


def _files(project: Project, feed: LandedTable, month: str) -> tuple[Path, ...]:
    """The feed's file of the month, or both parts of a split one. Stops with WSD-116 where one part has come alone."""
    files = month_files(project.inbox / feed.name, feed.name, month)
    if len(files) == 1 and is_part(files[0]):
        missing = IDENTITY if is_part(files[0], PAYLOAD) else PAYLOAD
        raise Stop("WSD-116", table=feed.key, reason=missing, month=month)
    return files


def _hash(path: Path, feed: LandedTable, month: str) -> str:
    """SHA-256 of a file of a size that is read at all."""
    if path.stat().st_size > SIZE_CAP_BYTES:
        raise refusal(feed.key, feed.file, Fault("too large"), month)
    return file_sha256(path)


def _plan(
    project: Project,
    keys: Keys,
    month: str,
    feed: LandedTable,
    places: Mapping[str, str | None],
    reasons: tuple[str, ...],
) -> Plan:
    vault, carried = Zone(project.vault), None
    files = _files(project, feed, month)
    with safe_errors("WSD-111", table=feed.key, reason="not a file", line=0, expected="", month=month):
        hashes = tuple(_hash(path, feed, month) for path in files)
    sha256 = hashes[0] if len(hashes) == 1 else hashlib.sha256("".join(hashes).encode()).hexdigest()
    if not files:
        carried = None if feed.cadence == "monthly" else latest_before(vault, feed.key, month)
        earlier = None if carried is None else vault.pointer(feed.key, carried)
        if carried is None or earlier is None:
            raise Stop("WSD-101", table=feed.key, month=month, folder=str(project.inbox / feed.name))
        sha256 = str(earlier.facts["file_sha256"])
        carried = earlier.facts.get("carried_from") or carried
    layout = layout_of(project, feed, month)
    uses_places = any(c.becomes is Becomes.LSOA for c in feed.landed_columns)
    key = content_key(
        {
            "file": sha256, "month": month, "contract": feed.fingerprint(), "code": CODE_VERSION,
            "kcv": keys.check_value(), "mode": project.mode.value,
            "places": places[POSTCODES] if uses_places else None,
            "mapping": layout.fingerprint,
            "gazetteer": places[GAZETTEER],
            "restricted": restricted.has_restricted(feed),
            "opt_outs": [*reasons, project.ndoo_scope, *(places[k] for k in opt_outs.LISTS)] if reasons else [],
            "merged": places[SUPERSESSIONS] if reasons else None,
        }
    )  # fmt: skip
    pseudo = Zone(project.lake).pointer(pseudo_table(feed).key, month)
    is_staged = pseudo is not None and pseudo.key == key
    return Plan(
        feed=feed, key=key, files=files, hashes=hashes, sha256=sha256, layout=layout, carried_from=carried,
        is_staged=is_staged, landed=vault.pointer(feed.key, month), opt_outs=reasons,
    )  # fmt: skip


def latest_before(vault: Zone, key: str, month: str) -> str | None:
    """The last month before this one in which the table was accepted, or None."""
    return max((m for m in vault.months(key) if m < month), default=None)


def identity_key(plans: list[Plan], keys: Keys, supersessions: Path | None) -> str:
    """The content key of tokens.identities and tokens.names: all they are made of."""
    return content_key(
        {
            "feeds": {p.feed.key: p.key for p in plans if p.feed.identity_columns},
            "contracts": [table.fingerprint() for table in (IDENTITIES, NAMES, CLOSURES)],
            "code": CODE_VERSION,
            "epoch": keys.epoch,
            "supersessions": None if supersessions is None else file_sha256(supersessions),
            "practices": practices.fingerprint(),
        }
    )
