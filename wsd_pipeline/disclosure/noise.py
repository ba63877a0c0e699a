"""Cell-key noise (the ONS census method, with a wider and secret table): the same people, the same noise, for ever.

A person's record key (0–255) is made from a secret; the keys of a cell's people add up to its cell key; a secret
table gives the noise for each count and cell key. Asking again, in another table or month, redraws nothing.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

KEYS = 256
ROWS = 750
"""Counts with noise of their own; above, rows 501 to 750 are used again (as in ONS's package)."""


def record_keys(person_ids: pl.Series, secret: bytes) -> pl.Series:
    """The record key (0–255) of each person: a byte of an HMAC-SHA256, unknown to whoever lacks the secret."""
    import polars as pl
    import polars_hash as plh

    ids = person_ids.cast(pl.String).alias("id")
    hashed = ids.to_frame().select(plh.col("id").chash.hmac_sha256(key=secret.hex()).alias("hash"))["hash"]
    return hashed.str.slice(0, 2).str.to_integer(base=16).cast(pl.UInt8).alias("record_key")


def noise_table(secret: bytes, sd: float) -> NDArray[np.int64]:
    """Noise (people) by row (count 0 to 750) and cell key: normal, standard deviation `sd`, each row's mean exactly 0.

    Every number is drawn from the secret, in pairs of opposite sign: no reader knows which values a row holds, and so
    none can be told from its neighbour by what the row lacks.
    """
    import numpy as np

    seed = hmac.new(secret, b"noise-table", hashlib.sha256).digest()
    rng = np.random.Generator(np.random.PCG64(int.from_bytes(seed, "big")))
    half = np.rint(rng.normal(0, sd, (ROWS + 1, KEYS // 2))).astype(np.int64)
    return rng.permuted(np.hstack([half, -half]), axis=1)


def row_of(count: NDArray[np.int64]) -> NDArray[np.int64]:
    """The row of the noise table for a count."""
    import numpy as np

    return np.where(count <= ROWS, count, (count - 1) % 250 + 501)


def perturbed(count: NDArray[np.int64], key_sum: NDArray[np.int64], table: NDArray[np.int64]) -> NDArray[np.int64]:
    """The counts with the noise of their cell keys (the sums of their people's record keys, modulo 256)."""
    noisy: NDArray[np.int64] = count + table[row_of(count), key_sum % KEYS]
    return noisy
