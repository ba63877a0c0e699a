"""Where the project's one key comes from, what is derived from it, and how a wrong one is noticed.

Every other key is HKDF-SHA256 (RFC 5869) of the root under a purpose; nothing here writes or prints key bytes.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path

from wsd_pipeline.messages import Stop
from wsd_pipeline.settings import Mode, Project

DEMO_KEY = bytes.fromhex("5753443a20746865207075626c69736865642064656d6f206b65792c20763121")
"""The published key of demonstrations: it protects nobody, so it is refused for real people."""

LINK_KINDS = (
    "name", "phonetic", "initial", "prefix", "form", "variant", "birth_date", "birth_year", "day_or_month", "sex",
    "postcode", "sector", "outward", "uprn", "practice", "nhs", "upn", "identity",
)  # fmt: skip
"""The kinds of value the linkage room has a key for: a check for stray keys looks for each."""

_HEX_KEY = re.compile(rb"[0-9a-fA-F]{64}")


@dataclass(frozen=True)
class Keys:
    """The keys of one project. `folder` is where wrapped data keys are kept; `deployment` salts every derivation."""

    root: bytes = field(repr=False)
    deployment: str
    folder: Path
    epoch: str = "1"

    def derive(self, purpose: str) -> bytes:
        """The 32-byte key of a purpose, such as `src|gp|record`: the same for ever under the same root and project."""
        return hkdf_sha256(self.root, salt=self.deployment.encode(), info=f"wsd1|{purpose}".encode())

    def source(self, source: str, field: str) -> bytes:
        """The key of one field of one source: two sources' pseudonyms cannot be joined."""
        return self.derive(f"src|{source}|{field}")

    def link(self, kind: str) -> bytes:
        """The linkage room's key of one kind of value, for this epoch. Raises ValueError for an unknown kind."""
        if kind not in LINK_KINDS:
            raise ValueError(kind)
        return self.derive(f"link|{kind}|{self.epoch}")

    def check_value(self) -> str:
        """Six hex digits that tell one key (and project) from another and give nothing of it away."""
        return hmac.new(self.derive("kcv"), b"kcv", hashlib.sha256).digest()[:3].hex()


def hkdf_sha256(secret: bytes, *, salt: bytes, info: bytes, length: int = 32) -> bytes:
    """HKDF with SHA-256, RFC 5869."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(secret)


def load(project: Project) -> Keys:
    """The project's keys. Stops with WSD-500 (missing), 501 (demo key, real people), 503 (exposed), 504 (not a key)."""
    root = DEMO_KEY if project.key_file is None else _from_file(project, project.key_file)
    if project.mode is Mode.LIVE and hmac.compare_digest(root, DEMO_KEY):
        raise Stop("WSD-501")
    return Keys(root=root, deployment=project.name, folder=project.vault / "_keys", epoch=project.epoch)


def _from_file(project: Project, path: Path) -> bytes:
    if path.is_symlink():
        raise Stop("WSD-503", reason="a symbolic link")
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        raise Stop("WSD-500", project=project.name) from None
    with os.fdopen(handle, "rb") as file:
        if reason := _exposed(os.fstat(file.fileno()), path.resolve(), project):
            raise Stop("WSD-503", reason=reason)
        text = file.read(200).strip()
    if not _HEX_KEY.fullmatch(text):
        raise Stop("WSD-504")
    return bytes.fromhex(text.decode("ascii"))


def _exposed(status: os.stat_result, path: Path, project: Project) -> str | None:
    """Why the file is not a safe place for a key, or None."""
    if not stat.S_ISREG(status.st_mode):
        return "not a file"
    if status.st_uid != os.geteuid():
        return "another owner"
    if status.st_mode & 0o077:
        return "open to others"
    if path.is_relative_to(project.root.resolve()):
        return "among the data"
    if path.is_relative_to(Path(__file__).resolve().parents[2]):
        return "among the code"
    return None
