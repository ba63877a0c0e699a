"""Numbers for values: the distinct of many keys, as they appear or in their order.

Few distinct keys are found by a table, many by one sort. There key and place are sorted as one integer, the key
without its last bits: several times quicker than sorting places by key. Keys that differ in their last bits only are
put in order after that; of hashes there are few.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

SAMPLE = 1 << 16
"""So many keys tell whether they are few enough for a table to be quick."""
TABLE_BITS = 20


def distinct(keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of each key whether it is the first of its kind; and its number among those, as they appear, from 0.

    Keys are hashes: every bit of theirs is as good as the next.
    """
    import numpy as np

    some = np.sort(keys[:SAMPLE])
    are_few = 2 * np.count_nonzero(some[1:] != some[:-1]) < len(some)
    first = _first_in_table(keys) if are_few else _first_in_order(keys)
    is_first = first == np.arange(len(keys), dtype=np.int32)
    appears = np.cumsum(is_first, dtype=np.int32) - np.int32(1)
    return is_first, appears.take(first)


def _first_in_table(keys: np.ndarray) -> np.ndarray:
    """Of each key the place of the first of its kind, by a table of their first bits."""
    import numpy as np

    slots = (keys >> np.uint64(64 - TABLE_BITS)).view(np.int64)
    table = np.empty(1 << TABLE_BITS, dtype=np.int32)
    table[slots[::-1]] = np.arange(len(keys) - 1, -1, -1, dtype=np.int32)  # the first of a slot is written last
    first: np.ndarray = table.take(slots)
    others = np.flatnonzero(keys.take(first) != keys)
    first[others] = others.take(_first_in_order(keys.take(others)))
    return first


def _first_in_order(keys: np.ndarray) -> np.ndarray:
    """Of each key the place of the first of its kind, by sorting them."""
    import numpy as np

    places, starts = _sorted(keys)
    first = np.empty(len(keys), dtype=np.int32)
    first[places] = np.repeat(places.take(starts), np.diff(starts, append=len(keys)))
    return first


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


def ranges(starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """The integers from each start on, so many of each, one after another."""
    import numpy as np

    before = np.cumsum(lengths) - lengths
    made: np.ndarray = np.arange(int(lengths.sum())) + np.repeat(starts - before, lengths)
    return made
