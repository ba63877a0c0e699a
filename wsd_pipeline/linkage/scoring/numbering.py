"""Numbers for values: the distinct of many keys in their order, found by one sort.

Key and place are sorted as one integer, the key without its last bits: several times quicker than sorting places by
key. Where that takes two keys for one, which is seen, the slower way is gone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import polars as pl


def numbered(keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of each distinct key, in order, the place of one that has it; and of each key its number among them, from 0."""
    import numpy as np

    low = np.uint64((1 << len(keys).bit_length()) - 1)
    packed = keys & ~low
    packed |= np.arange(len(keys), dtype=np.uint64)
    packed.sort()
    places = (packed & low).view(np.int64)
    is_first = np.ones(len(keys), dtype=np.bool_)
    np.greater(packed[1:] ^ packed[:-1], low, out=is_first[1:])
    first = places[is_first]
    number = np.empty(len(keys), dtype=np.int32)
    number[places] = np.cumsum(is_first, dtype=np.int32) - np.int32(1)
    if not np.array_equal(keys.take(first).take(number), keys):
        _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
        number = inverse.astype(np.int32)
    return first, number


def codes_of(tokens: pl.Series) -> pl.Series:
    """Codes 1, 2, … of tokens in their order; 0 where there is none."""
    import numpy as np
    import polars as pl

    keys = tokens.fill_null(0).to_numpy()
    first, number = numbered(keys)
    if len(first) and keys[first[0]] > 0:
        number += np.int32(1)
    return pl.Series(tokens.name, number, dtype=pl.Int32)
