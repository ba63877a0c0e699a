"""What the vault no longer needs, removed at the end of every month's step.

Superseded files go at once: no pointer leads to them. In a project for real people raw months go when their time in
the flow register is over (`raw_months`: the suppliers' files, what was landed of them and what was set aside), and
what linkage worked with sooner (`linkage_days`), but never what the coming month is made from. With the last sealed
file of a month its data key goes, so that no copy of one can be read. Rectifying or purging one person is not done
here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from wsd_pipeline.contracts.linked import SPINE
from wsd_pipeline.contracts.tokens import IDENTITIES
from wsd_pipeline.flows import Register, load_register
from wsd_pipeline.lake import Zone
from wsd_pipeline.settings import Mode, Project
from wsd_pipeline.supply import supplied_feeds
from wsd_pipeline.vault import sealed
from wsd_pipeline.vault.keys import Keys

MONTH_GLOB = "????-??"
DAYS_A_MONTH = 30
MONTHS_LINKED_FROM = 2
"""This month's and last month's: what linkage goes on from."""


def sweep(project: Project, keys: Keys, month: str, accepted: Iterable[str]) -> dict[str, int]:
    """Remove what is superseded and what is past its time as of the month; how many files of each.

    `accepted` names the feeds that were accepted in this run: of any other what was set aside stays to be looked at.
    """
    superseded = [*_unreferenced(project), *_old_quarantine(project, accepted), *_old_bases(project)]
    expired = list[Path]()
    if project.mode is Mode.LIVE:
        register = load_register(project)
        expired = [*_expired_raw(project, register, month), *_expired_linkage(project, register, month)]
    for path in {*superseded, *expired}:
        path.unlink(missing_ok=True)
    if expired:
        _erase_keys(project, keys)
    return {"superseded_files": len(set(superseded)), "expired_files": len(set(expired) - set(superseded))}


def months_between(earlier: str, later: str) -> int:
    """Whole months from one month to another."""
    return 12 * (int(later[:4]) - int(earlier[:4])) + int(later[5:]) - int(earlier[5:])


def _pointed(zone: Zone) -> set[Path]:
    """Every file that a pointer of the zone leads to."""
    pointers = (
        json.loads(path.read_text(encoding="utf-8")) for path in zone.root.glob(f"_pointers/*/{MONTH_GLOB}.json")
    )
    return {zone.root / file for pointer in pointers for file in pointer["files"].values()}


def _unreferenced(project: Project) -> Iterator[Path]:
    """Sealed tables that no pointer and no month that was linked leads to."""
    vault, room = Zone(project.vault), Zone(project.linkage_room)
    kept = _pointed(vault) | _pointed(room)
    for basis in room.root.glob("linked/*.json"):
        if _is_linked(project, basis):
            kept |= {room.root / file for file in json.loads(basis.read_text(encoding="utf-8")).values()}
    found = (vault.root / "landed", vault.root / "objected", room.root / "tokens")
    yield from (path for folder in found for path in sorted(folder.glob("*/*/*.parquet")) if path not in kept)


def _is_linked(project: Project, basis: Path) -> bool:
    """Whether the month that was linked from this is the accepted one."""
    month, key = basis.name.split(".")[:2]
    pointer = Zone(project.lake).pointer(SPINE.key, month)
    return pointer is not None and pointer.key == key


def _old_bases(project: Project) -> Iterator[Path]:
    """What earlier tries of a month were linked from, once the month stands."""
    for path in sorted(project.linkage_room.glob(f"linked/{MONTH_GLOB}.*")):
        if Zone(project.lake).pointer(SPINE.key, path.name[:7]) and not _is_linked(project, path):
            yield path


def _old_quarantine(project: Project, accepted: Iterable[str]) -> Iterator[Path]:
    """What was set aside of files that another has replaced."""
    zone = Zone(project.vault)
    for key in sorted(accepted):
        for path in sorted((zone.root / "quarantine" / key.split(".", 1)[1]).glob(f"{MONTH_GLOB}/*.parquet")):
            pointer = zone.pointer(key, path.parent.name)
            if pointer is not None and pointer.key != path.stem:
                yield path


def _expired_raw(project: Project, register: Register, month: str) -> Iterator[Path]:
    """A feed's files and tables of months past its flow's time; its latest accepted month stays, to be carried on."""
    zone = Zone(project.vault)
    for feed in supplied_feeds(project, month):
        flow = register.flow_of(feed.source)
        if flow is None:
            continue
        latest = max(zone.months(feed.key), default="")
        old = [m for m in _months_held(project, feed.name) if months_between(m, month) > flow.retention["raw_months"]]
        for before in (m for m in old if m != latest):
            yield zone.pointer_path(feed.key, before)
            for layer in ("landed", "objected", "quarantine"):
                yield from sorted((zone.root / layer / feed.name / before).glob("*.parquet"))
            yield from sorted(p for p in (project.inbox / feed.name).glob(f"{feed.name}_*_{before}_*") if p.is_file())


def _months_held(project: Project, feed: str) -> list[str]:
    """Every month of which something of a feed is kept."""
    folders = (project.vault / layer / feed for layer in ("landed", "objected", "quarantine"))
    held = {path.name for folder in folders for path in folder.glob(MONTH_GLOB)}
    named = (path.name.removeprefix(f"{feed}_").split("_") for path in (project.inbox / feed).glob(f"{feed}_*"))
    return sorted(held | {part for parts in named for part in parts if len(part) == 7 and part[4] == "-"})


def _expired_linkage(project: Project, register: Register, month: str) -> Iterator[Path]:
    """Tokens and what months were linked from, past the shortest time of any flow; what is gone on from stays."""
    room = Zone(project.linkage_room)
    days = min(flow.retention["linkage_days"] for flow in register.flows)
    kept = max(MONTHS_LINKED_FROM, -(-days // DAYS_A_MONTH))
    for before in room.months(IDENTITIES.key):
        if months_between(before, month) >= kept:
            yield room.pointer_path(IDENTITIES.key, before)
            yield from sorted((room.root / "tokens").glob(f"*/{before}/*.parquet"))
            yield from sorted((room.root / "linked").glob(f"{before}.*"))
            yield from sorted((room.root / "truth").glob(f"{before}.*"))


def _erase_keys(project: Project, keys: Keys) -> None:
    """Destroy the data key of every month of which no sealed file is left."""
    for path in sorted(keys.folder.glob(f"{MONTH_GLOB}.key")):
        month = path.stem
        folders = [*project.vault.glob(f"*/*/{month}"), *project.linkage_room.glob(f"*/*/{month}")]
        held = [file for folder in folders for file in folder.glob("*.parquet")]
        held += [*project.linkage_room.glob(f"linked/{month}.*"), *project.linkage_room.glob(f"truth/{month}.*")]
        if not held:
            sealed.erase(keys, month)
