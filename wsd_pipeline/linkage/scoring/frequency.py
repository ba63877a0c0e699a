"""How often values agree by chance: u from frequency tables where agreement is exact, from random pairs elsewhere.

Also the frequency bands of names: eight bands, each four times rarer than the one before, so that agreement on a
rare name weighs more without any look-up at scoring time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsd_pipeline.linkage.scoring.codes import Codes
from wsd_pipeline.linkage.scoring.levels import BANDS, WRITTEN_ADDRESS, Comparison
from wsd_pipeline.linkage.scoring.numbering import numbered

if TYPE_CHECKING:
    import numpy as np

BAND_COLUMNS = {"f1": "fband", "s0": "sband"}


def add_bands(sides: list[Codes]) -> list[Codes]:
    """The sides with `fband` and `sband`: 0 for names borne by more than 1 in 64 rows, to 7 for the rarest."""
    import numpy as np

    made = list(sides)
    for column, band in BAND_COLUMNS.items():
        size = max(side.most(column) for side in sides) + 1
        counts = np.sum([np.bincount(side[column], minlength=size) for side in sides], axis=0, dtype=float)
        counts[0] = 0
        share = np.maximum(counts / max(counts.sum(), 1.0), 1e-12)
        bands = np.clip(np.floor((-np.log2(share) - 4) / 2), 0, BANDS - 1).astype(np.uint8)
        made = [side.having(**{band: bands.take(side[column])}) for side in made]
    return made


def band_shares(sides: list[Codes], comparison: Comparison) -> np.ndarray:
    """Share of rows (name known) in each band: how a true match's exact agreement spreads over the bands."""
    import numpy as np

    if not comparison.banded or comparison.exact is None:
        return np.ones(1)
    counts = np.zeros(BANDS)
    for side in sides:
        known = side[BAND_COLUMNS[comparison.exact]][side[comparison.exact] != 0]
        counts += np.bincount(known, minlength=BANDS)
    shares: np.ndarray = (counts + 1e-6) / (counts + 1e-6).sum()
    return shares


def chance(
    comparison: Comparison,
    levels: np.ndarray,
    pairs: np.ndarray,
    a: Codes,
    b: Codes,
    within: tuple[bool, bool, bool],
) -> np.ndarray:
    """u of each level of a comparison: `levels` of so many random `pairs`, exact agreement replaced by exact sums."""
    import numpy as np

    size = len(comparison.levels)
    counts = np.bincount(levels, weights=pairs, minlength=size)
    if comparison is WRITTEN_ADDRESS:
        return written_chance(counts, a, b, within)
    u = (counts + 0.25) / (counts.sum() + 0.25 * size)
    if comparison.exact is not None:
        column = comparison.exact
        if comparison.banded:
            exact = _agreement_by(a, b, column, BAND_COLUMNS[column], within)
            u[1 : 1 + BANDS] = exact
        elif column == "dob":
            u[1:3] = _agreement_by(a, b, column, "heap", within)[:2]
        else:
            u[1] = _agreement_by(a, b, column, None, within)[0]
    u = np.maximum(u, 1e-10)
    made: np.ndarray = u / u.sum()
    return made


def written_chance(counts: np.ndarray, a: Codes, b: Codes, within: tuple[bool, bool, bool]) -> np.ndarray:
    """u of the points of a written address, from `counts` of random pairs by level (0 is "not known").

    Levels too rare for the sample take what independent parts would give, but never less than how often street
    and number, or street and postcode, agree together: parts of real addresses come together.
    """
    import numpy as np

    total = counts.sum()
    made: np.ndarray = np.array([1.0])
    for column, most in (("street", 3), ("number", 1), ("pc", 3), ("town", 2), ("street2", 2)):
        agrees = float(_agreement_by(a, b, column, None, within)[0])
        part = np.zeros(most + 1)
        part[0], part[most] = 1 - agrees, agrees
        made = np.convolve(made, part)
    points = np.append(made[:10], made[10:].sum())
    same_home = _together(a, b, ("street", "number"), within)
    same_street = _together(a, b, ("street", "pc"), within)
    level = np.arange(11)
    least = np.where(level >= 7, same_home, 0.0) + np.where((level >= 6) & (level <= 9), same_street, 0.0)
    rare = np.maximum(points * (1 - counts[0] / total), least)
    sampled = counts[1:] / total
    u = np.concatenate([counts[:1] / total, np.where(counts[1:] >= 4, sampled, np.minimum(rare, 4 / total))])
    u = np.maximum(u, 1e-10)
    result: np.ndarray = u / u.sum()
    return result


def _together(a: Codes, b: Codes, columns: tuple[str, str], within: tuple[bool, bool, bool]) -> float:
    import numpy as np

    parts = [(side[columns[0]].astype(np.uint64), side[columns[1]]) for side in (a, b)]
    keys = [(one << 32 | other) * ((one > 0) & (other > 0)) for one, other in parts]
    _, number = numbered(np.concatenate([np.zeros(1, dtype=np.uint64), *keys]))  # so that 0 is not known
    one, other = (Codes({"x": n}) for n in np.split(number[1:], [len(a)]))
    return float(_agreement_by(one, other, "x", None, within)[0])


def _agreement_by(a: Codes, b: Codes, column: str, band: str | None, within: tuple[bool, bool, bool]) -> np.ndarray:
    """Probability that a pair of two people agrees on `column`, by band of the value.

    Within a file of one row per person no pair is one person: such a file is measured against itself, so that
    matches between the files do not pass for chance. `within`: one table, a is such a file, b is such a file.
    """
    import numpy as np

    one_table, a_is_unique, b_is_unique = within
    if column.startswith("id") and (a_is_unique or b_is_unique):
        return np.array([0.01 / max(float(len(a)) * len(b), 1.0)])  # two people never share one
    size = max(a.most(column), b.most(column)) + 1
    counts = [np.bincount(side[column], minlength=size).astype(float) for side in (a, b)]
    chosen = [
        (n, n - 1, len(f) * (len(f) - 1.0))
        for n, f, u in zip(counts, (a, b), (a_is_unique, b_is_unique), strict=True)
        if u
    ]
    if one_table:
        chosen = [(counts[0], counts[0] - 1, len(a) * (len(a) - 1.0))]
    if not chosen:
        chosen = [(counts[0], counts[1], float(len(a)) * len(b))]
    made = np.zeros(1 if band is None else BANDS)
    for left, right, total in chosen:
        # whole numbers until they are summed: codes, and so the order of the sum, are another's under another key
        each, of = np.maximum(left * right, 0), max(total, 1.0) * len(chosen)
        each[0] = 0
        if band is None:
            made[0] += each.sum() / of
            continue
        band_of = np.zeros(size, dtype=np.int64)
        for side in (a, b):
            band_of[side[column]] = side[band]
        made += np.bincount(band_of, weights=each, minlength=BANDS)[:BANDS] / of
    smallest = 0.01 / max(float(len(a)) * len(b), 1.0)
    result: np.ndarray = made + smallest
    return result
