"""The safe query engine: any declared count of people, with noise, a threshold and a ledger in one place.

It reads person tables that the asker cannot. A question is about some dimensions; all people by these dimensions are a
table, each cell of which has noise of its own, drawn once and for ever from who is in it. An answer is a sum of such
cells, so that nothing asked of a table tells more than the table, and an asker opens a fixed number of tables a month:
together they say little of any one person, whatever the asker knows of everybody else (`config/questions.yaml` has
the sum). Differences between answers are differences of noise.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wsd_pipeline.contracts import table as contract
from wsd_pipeline.disclosure.ledger import Ledger, Opened
from wsd_pipeline.disclosure.noise import KEYS, noise_table, perturbed
from wsd_pipeline.disclosure.policy import CONFIDENTIAL, SHOWN, Policy, load_policy
from wsd_pipeline.disclosure.prepared import Coded, coded_people
from wsd_pipeline.disclosure.questions import Question, Registry, load_registry, question
from wsd_pipeline.messages import Stop
from wsd_pipeline.settings import Project, month_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

SPACE = 200_000
"""Cells that a table may have, those of nobody too."""
FAINT = 1.5
"""Below so many standard deviations of its noise a count says nothing, and is withheld."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Rows of values of `by`, a count to the nearest base (None where withheld) and its status; the same for the total.

    A row's count carries noise of `noise_sd` people (standard deviation), the total of `total_noise_sd`. `left` is how
    many tables may still be opened.
    """

    by: tuple[str, ...]
    rows: tuple[tuple[str | int | None, ...], ...]
    total: int | None
    total_status: str
    noise_sd: float
    total_noise_sd: float
    left: int


class People:
    """The people of a month, ready for questions."""

    def __init__(self, coded: Coded, secret: bytes, registry: Registry, policy: Policy) -> None:
        self.coded, self.values = coded, coded.values
        self.registry, self.policy, self.secret = registry, policy, secret
        self.noise = noise_table(secret, registry.noise_sd)

    def count(
        self, ledger: Ledger, by: Sequence[str] = (), where: str | None = None, measure: str = "people"
    ) -> Answer:
        """The answer; stops with WSD-602, 610 (too fine), 611 (not allowed), 613 (no table left to open)."""
        asked = question(self.registry, self.values, by, where, measure)
        if math.prod(len(self.values[d]) for d in asked.table) > SPACE:
            raise self._too_fine(asked, 1.0)
        with ledger.lock():
            opened = ledger.opened()
            table: Opened = (measure, asked.table)
            if table not in opened:
                if len(opened) < self.registry.tables:
                    ledger.open(table)
                    opened = [*opened, table]
                else:
                    table = self._wider(table, opened, ledger.month)
        return self._answer(asked, table[1], self.registry.tables - len(opened))

    def _wider(self, table: Opened, opened: Sequence[Opened], month: str) -> Opened:
        """The smallest table already opened that has these dimensions among others. Stops with WSD-613 without one."""
        wider = [o for o in opened if o[0] == table[0] and set(table[1]) <= set(o[1])]
        if not wider:
            raise Stop("WSD-613", asked=len(opened), month=month, limit=self.registry.tables)
        return min(wider, key=lambda o: (math.prod(len(self.values[d]) for d in o[1]), o))

    def _answer(self, asked: Question, dims: tuple[str, ...], left: int) -> Answer:
        import numpy as np

        counted, codes = self._cells(asked.measure, dims)
        kept = self._allowed(asked, dims, codes)
        sizes = [len(self.values[d]) for d in asked.by]
        place = np.zeros(int(kept.sum()), dtype=np.int64)
        for d, size in zip(asked.by, sizes, strict=True):
            place = place * size + codes[d][kept]
        rows, at = np.unique(place, return_inverse=True)
        counts = np.bincount(at, weights=counted[kept], minlength=len(rows)).astype(np.int64)
        summed = np.bincount(at, minlength=len(rows))
        shown, hidden = self._protected(counts, summed)
        if asked.by and (not len(rows) or hidden.mean() > self.registry.withheld_share):
            raise self._too_fine(asked, float(hidden.mean()) if len(rows) else 1.0)
        whole, whole_hidden = self._protected(counts.sum(keepdims=True), summed.sum(keepdims=True))
        sd = self.registry.noise_sd
        return Answer(
            by=asked.by,
            rows=tuple(self._rows(asked.by, rows, shown, hidden)) if asked.by else (),
            total=None if whole_hidden[0] else int(whole[0]),
            total_status=CONFIDENTIAL if whole_hidden[0] else SHOWN,
            noise_sd=round(sd * math.sqrt(summed.max(initial=1)), 1),
            total_noise_sd=round(sd * math.sqrt(summed.sum()), 1),
            left=left,
        )

    def _rows(self, by: tuple[str, ...], places: Ints, shown: Ints, hidden: NDArray[np.bool_]) -> Any:
        for place, value, out in zip(places.tolist(), shown.tolist(), hidden.tolist(), strict=True):
            values = []
            for d in reversed(by):
                place, code = divmod(place, len(self.values[d]))
                values.append(self.values[d][code])
            yield (*reversed(values), None if out else value, CONFIDENTIAL if out else SHOWN)

    def _cells(self, measure: str, dims: tuple[str, ...]) -> tuple[Ints, dict[str, Ints]]:
        """The noisy count of every cell of a table, those of nobody too, and each cell's place in each dimension."""
        import numpy as np

        sizes = [len(self.values[d]) for d in dims]
        place = np.zeros(len(self.coded.record_key), dtype=np.int64)
        for d, size in zip(dims, sizes, strict=True):
            place = place * size + self.coded.codes[d]
        space = math.prod(sizes)
        counts = np.bincount(place, minlength=space)
        keys = np.bincount(place, weights=self.coded.record_key, minlength=space).astype(np.int64)
        nobody = self._keys_of_nobody(measure, dims, space)
        noisy = perturbed(counts, np.where(counts > 0, keys, nobody), self.noise)
        cells, codes = np.arange(space), {}
        for d, size in zip(reversed(dims), reversed(sizes), strict=True):
            cells, codes[d] = np.divmod(cells, size)
        return noisy, codes

    def _keys_of_nobody(self, measure: str, dims: tuple[str, ...], space: int) -> Ints:
        """Cell keys for cells of nobody: nobody has no key, so one is drawn from the secret and the table."""
        import numpy as np

        named = json.dumps([measure, dims]).encode()
        seed = hmac.new(self.secret, b"nobody|" + named, hashlib.sha256).digest()
        return np.random.Generator(np.random.PCG64(int.from_bytes(seed, "big"))).integers(0, KEYS, space)

    def _allowed(self, asked: Question, dims: tuple[str, ...], codes: Mapping[str, Ints]) -> NDArray[np.bool_]:
        """Which cells meet the condition."""
        import numpy as np

        space = len(next(iter(codes.values()))) if dims else 1
        if not asked.over:
            return np.ones(space, dtype=bool)
        place = np.zeros(space, dtype=np.int64)
        met = np.zeros(len(asked.allowed), dtype=np.int64)
        lines = sorted(asked.allowed)
        for i, d in enumerate(asked.over):
            known = {v: n for n, v in enumerate(self.values[d])}
            place = place * len(known) + codes[d]
            met = met * len(known) + np.array([known[line[i]] for line in lines], dtype=np.int64)
        allowed: NDArray[np.bool_] = np.isin(place, met)
        return allowed

    def _protected(self, noisy: Ints, summed: Ints) -> tuple[Ints, NDArray[np.bool_]]:
        """To the nearest base, and whether it is withheld: few, or too few for the noise of so many cells."""
        import numpy as np

        base, least = self.policy.base, FAINT * self.registry.noise_sd * np.sqrt(summed)
        return base * ((noisy + self.policy.half) // base), noisy <= np.maximum(self.policy.threshold, least)

    def _too_fine(self, asked: Question, share: float) -> Stop:
        finest = max(asked.by or asked.table, key=lambda d: (len(self.values[d]), d))
        coarser = self.registry.dimensions[finest].coarser
        rest = [coarser if d == finest and coarser and coarser not in asked.by else d for d in asked.by]
        if finest in rest:
            rest.remove(finest)
        return Stop(
            "WSD-610",
            share_pct=f"{100 * share:.0f}",
            minimum=self.policy.threshold + 1,
            reason="after noise",
            suggestion=f"by {', '.join(rest)}" if rest else "the total only",
        )


def people_of(project: Project, month: str) -> People:
    """The people of an accepted month, ready for questions. Stops with WSD-601 where the month has none."""
    coded, secret = coded_people(project, month)
    return People(coded, secret, load_registry(), load_policy())


def count(
    project: Project,
    month: str,
    by: Sequence[str] = (),
    where: str | None = None,
    measure: str = "people",
    asker: str = "analyst",
) -> Answer:
    """How many people of a month, by up to five declared dimensions, where a condition on them holds.

    The same question always has the same answer. Stops: WSD-601 no such month, 602 unknown name, 610 too fine
    (with a coarser table to ask for), 611 not allowed, 613 no table left to open.
    """
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", asker):
        raise Stop(
            "WSD-611",
            reason="an asker is named in small letters, digits and hyphens",
            suggestion="Use your project's name.",
        )
    return people_of(project, month).count(Ledger(project, month_of(month), asker), by, where, measure)


def dimensions_text() -> dict[str, str]:
    """What can be asked by, with what each dimension means."""
    out = {}
    for name, dimension in load_registry().dimensions.items():
        out[name] = contract(dimension.table).column(dimension.column).description
    return out
