"""Numbers for values: the distinct of many keys, as they appear (by a hash table) or in their order (by one sort).

Key and place are sorted as one integer, the key without its last bits: several times quicker than sorting places by
key. Keys that differ in their last bits only are put in order after that; of hashes there are few.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

SAMPLE = 1 << 16
"""So many keys tell whether a hash table of all is small enough to be quick; else they are sorted."""


def distinct(keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of each key whether it is the first of its kind; and its number among those, as they appear, from 0."""
    import numpy as np

    some = keys[:SAMPLE]
    if 2 * len(np.unique(some)) > len(some):
        return _distinct_of_many(keys)
    return _distinct_of_few(keys)


def _distinct_of_few(keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    import numpy as np
    import pyarrow as pa

    # by their buffers: Arrow's own ways from and to numpy import pandas
    held = pa.Array.from_buffers(pa.uint64(), len(keys), [None, pa.py_buffer(np.ascontiguousarray(keys))])
    number = np.frombuffer(held.dictionary_encode().indices.buffers()[1], dtype=np.int32, count=len(keys))
    is_first = np.ones(len(keys), dtype=np.bool_)
    highest = np.maximum.accumulate(number)
    np.not_equal(highest[1:], highest[:-1], out=is_first[1:])
    return is_first, number


def _distinct_of_many(keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    import numpy as np

    places, starts = _sorted(keys)
    first = places[starts]
    is_first = np.zeros(len(keys), dtype=np.bool_)
    is_first[first] = True
    appears = np.cumsum(is_first, dtype=np.int32) - np.int32(1)
    number = np.empty(len(keys), dtype=np.int32)
    number[places] = np.repeat(appears.take(first), np.diff(starts, append=len(keys)))
    return is_first, number


def numbered(keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of each distinct key, in order, the place of the first that has it; and of each key its number, from 0."""
    import numpy as np

    places, starts = _sorted(keys)
    number = np.empty(len(keys), dtype=np.int32)
    number[places] = np.repeat(np.arange(len(starts), dtype=np.int32), np.diff(starts, append=len(keys)))
    return places[starts], number


def _sorted(keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The places of keys in the order of keys, then of places; and where in that each distinct key starts."""
    import numpy as np

    low = np.uint64((1 << len(keys).bit_length()) - 1)
    packed = keys & ~low
    packed |= np.arange(len(keys), dtype=np.uint64)
    packed.sort()
    packed &= low
    places = packed.view(np.int64)
    ordered = keys.take(places)
    if (ordered[1:] < ordered[:-1]).any():
        again = np.argsort(ordered, kind="stable")
        places, ordered = places[again], ordered[again]
    is_first = np.ones(len(keys), dtype=np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=is_first[1:])
    return places, np.flatnonzero(is_first)


def codes_of(tokens: pl.Series) -> pl.Series:
    """Codes 1, 2, … of tokens in their order; 0 where there is none."""
    import numpy as np
    import polars as pl

    keys = tokens.fill_null(0).to_numpy()
    first, number = numbered(keys)
    if len(first) and keys[first[0]] > 0:
        number += np.int32(1)
    return pl.Series(tokens.name, number, dtype=pl.Int32)
