"""Encrypted Parquet: AES-256-GCM by Parquet modular encryption, one random data key a month.

The data key lies beside the tables, wrapped (RFC 3394) by a key derived from the project's root. Destroying the
wrapped key erases the month: its files no longer decrypt.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from wsd_pipeline.vault.keys import Keys

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

DATA_KEY_BYTES = 32
_MAKING = threading.Lock()


def write(table: pa.Table, path: Path, keys: Keys, month: str) -> None:
    """Write the rows in their order to `path`, encrypted under the month's data key, names of columns included."""
    import pyarrow.parquet as pq
    from pyarrow.parquet.encryption import create_encryption_properties

    properties = create_encryption_properties(footer_key=data_key(keys, month))
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(path.name + ".new")
    pq.write_table(table, aside, compression="zstd", encryption_properties=properties)
    aside.replace(path)


def read(path: Path, keys: Keys, month: str, columns: Sequence[str] | None = None) -> pa.Table:
    """The rows of a sealed file in the order written; `columns` limits what is decrypted."""
    import pyarrow.parquet as pq
    from pyarrow.parquet.encryption import create_decryption_properties

    properties = create_decryption_properties(footer_key=data_key(keys, month, may_make=False))
    with pq.ParquetFile(path, decryption_properties=properties) as file:
        return file.read(columns=None if columns is None else list(columns))


def data_key(keys: Keys, month: str, *, may_make: bool = True) -> bytes:
    """The month's data key, unwrapped; made and kept wrapped the first time. FileNotFoundError where it was erased."""
    from cryptography.hazmat.primitives.keywrap import aes_key_unwrap, aes_key_wrap

    path = keys.folder / f"{month}.key"
    wrapping = keys.derive(f"wrap|{month}")
    if not path.is_file():
        if not may_make:
            raise FileNotFoundError(path.name)
        with _MAKING:
            if not path.is_file():
                _keep(path, aes_key_wrap(wrapping, os.urandom(DATA_KEY_BYTES)))
    return aes_key_unwrap(wrapping, path.read_bytes())


def _keep(path: Path, wrapped: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    aside = path.with_suffix(".new")
    with aside.open("wb") as file:
        file.write(wrapped)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)


def erase(keys: Keys, month: str) -> None:
    """Destroy the month's data key: overwritten once, flushed, unlinked. Its sealed files stay unreadable for ever."""
    path = keys.folder / f"{month}.key"
    with path.open("r+b") as file:
        file.write(bytes(path.stat().st_size))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
