"""Which two names are one edit apart: those that share a variant, looked up by their codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsd_pipeline.linkage.scoring.numbering import numbered, ranges

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

_ODD = 0x9E3779B97F4A7C15
_BACK = pow(_ODD, -1, 1 << 64)
_PLACES_A_KEY = 8


class NearNames:
    """Every two different names that share a variant. Called with codes of names, says of each two whether they do."""

    def __init__(self, variants: pl.DataFrame) -> None:
        """Take variants (code, variant) of names, as a coder gives them."""
        import numpy as np

        keys = np.sort(_together(variants))
        keys = keys[np.diff(keys, prepend=np.uint64(0)) != 0]  # np.unique of numbers takes twenty times as long
        # the keys lie in the order of their places; of each place the first is known, and there are several to a key
        self._shift = np.uint64(64 - max(_PLACES_A_KEY * len(keys), 64).bit_length())
        keys = np.sort(keys * np.uint64(_ODD)) * np.uint64(_BACK)
        self._keys = np.append(keys, np.uint64(0))
        self._first = np.full(1 << (64 - int(self._shift)), len(keys), dtype=np.int32)
        self._first[self._place(keys)[::-1]] = np.arange(len(keys) - 1, -1, -1, dtype=np.int32)

    def __call__(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Of each two codes whether they are of names near each other. A code is not near itself."""
        import numpy as np

        found = np.zeros(len(x), dtype=np.bool_)
        asked = np.flatnonzero(x != y)
        keys = _key(x.take(asked), y.take(asked))
        place = self._place(keys)
        at = self._first.take(place)
        while len(asked):
            there = self._keys.take(at)
            found[asked[there == keys]] = True
            left = np.flatnonzero((there != keys) & (there != 0) & (self._place(there) == place))
            asked, keys, place, at = asked.take(left), keys.take(left), place.take(left), at.take(left) + 1
        return found

    def _place(self, keys: np.ndarray) -> np.ndarray:
        import numpy as np

        return ((keys * np.uint64(_ODD)) >> self._shift).view(np.int64)


def _together(variants: pl.DataFrame) -> np.ndarray:
    """The key of every two names that share a variant, as often as they share one."""
    import numpy as np
    import polars as pl

    _, number = numbered(variants["variant"].cast(pl.UInt64).to_numpy())
    spelt = np.sort(number.astype(np.uint64) << np.uint64(32) | variants["code"].cast(pl.UInt64).to_numpy())
    spelt = spelt[np.diff(spelt, prepend=np.uint64(0)) != 0]
    starts = np.flatnonzero(np.diff(spelt >> np.uint64(32), prepend=-1))
    sizes = np.diff(starts, append=len(spelt))
    # each name with those of its variant that come after it, whose codes are higher
    place = np.arange(len(spelt))
    after = np.repeat(starts + sizes, sizes) - place - 1
    codes = spelt & np.uint64(0xFFFFFFFF)
    first, second = codes.take(np.repeat(place, after)), codes.take(ranges(place + 1, after))
    return _key(first, second)


def _key(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The two codes as one number, whichever is first; never 0, for codes begin at 1."""
    import numpy as np

    low, high = np.minimum(x, y).astype(np.uint64), np.maximum(x, y).astype(np.uint64)
    made: np.ndarray = (low << np.uint64(32)) | high
    return made
