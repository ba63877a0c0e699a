"""Checking a release: needs its folder only, neither the pipeline's data nor its key."""

from __future__ import annotations

import json
from pathlib import Path

from wsd_pipeline.lake import file_sha256
from wsd_pipeline.messages import Stop


def verify(folder: Path) -> int:
    """The number of files whose SHA-256 is as the manifest says. Stops with WSD-700 naming the first that is not.

    A file the manifest does not know, or one it knows and the folder lacks, is a failure too.
    """
    name = folder.name.removeprefix(".").removesuffix(".new")
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        stated = {made["file"]: made["sha256"] for made in manifest["marts"].values()} | manifest["files"]
        said = manifest["release"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise Stop("WSD-700", release=name, file="manifest.json", reason="cannot be read") from None
    if said != name:
        raise Stop("WSD-700", release=name, file="manifest.json", reason="is of another release")
    found = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()} - {"manifest.json"}
    for file in sorted(found | set(stated)):
        if file not in stated:
            raise Stop("WSD-700", release=name, file=file, reason="is not in the manifest")
        if file not in found:
            raise Stop("WSD-700", release=name, file=file, reason="is missing")
        if file_sha256(folder / file) != stated[file]:
            raise Stop("WSD-700", release=name, file=file, reason="has been changed")
    return len(stated)
