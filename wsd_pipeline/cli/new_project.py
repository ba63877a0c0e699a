"""`wsd init`: a project for real people. Its key is made once, kept apart, and readable by its owner only."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from wsd_pipeline.cli.output import emit
from wsd_pipeline.flows import FILE_NAME, SHIPPED
from wsd_pipeline.messages import Stop
from wsd_pipeline.settings import Mode, Project


def make_project(folder: Path, name: str, key_file: Path) -> None:
    """Make the project's folders and its key. Stops with WSD-609 where there is one, WSD-503 for a key misplaced.

    An existing key file is never overwritten: it is taken as the key (a project restored elsewhere).
    """
    from wsd_pipeline.vault import keys

    if (folder / "project.toml").exists():
        raise Stop("WSD-609", folder=str(folder))
    project = Project(root=folder.resolve(), name=name, mode=Mode.LIVE, key_file=key_file.expanduser().resolve())
    if key_file.expanduser().resolve().is_relative_to(project.root):
        raise Stop("WSD-503", reason="inside the project")
    made = not project.key_file or not project.key_file.exists()
    if made:
        _write_key(project)
    keys.load(project)
    project.save()
    emit(
        {"project": str(folder), "key_file": str(project.key_file), "key_made": made},
        f"Project “{name}” is in {folder}.",
        f"Its key is {'new' if made else 'the one already'} in {project.key_file}. Keep two sealed copies elsewhere:",
        "without it, next month's ids will not match this month's, and nobody can make it again.",
        f"Next: write your data sharing agreements into {folder / FILE_NAME},",
        f"in the shape of {SHIPPED}.",
        f"Then: put extracts into {folder / 'inbox'}, and run: wsd run --month YYYY-MM --project {folder}",
    )


def _write_key(project: Project) -> None:
    """A new random key of 32 bytes, as hexadecimal, in a file that only its owner can read."""
    path = project.key_file
    if path is None:
        raise Stop("WSD-500", project=project.name)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32) + "\n")
        file.flush()
        os.fsync(file.fileno())
