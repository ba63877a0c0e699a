"""The safe query engine: any declared count of people, with noise, a threshold and a ledger in one place.

It reads person tables that the asker cannot. An answer is a function of noisy counts only, also where it is
withheld or refused, and an asker has a fixed number of questions a month; so all answers together say little of
any one person, whatever the asker knows of everybody else (`config/questions.yaml` has the sum).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wsd_pipeline.contracts import table as contract
from wsd_pipeline.disclosure.ledger import Ledger
from wsd_pipeline.disclosure.noise import KEYS, noise_table, perturbed, record_keys
from wsd_pipeline.disclosure.policy import CONFIDENTIAL, SHOWN, Policy, load_policy
from wsd_pipeline.disclosure.questions import UNKNOWN, Question, Registry, load_registry, question
from wsd_pipeline.lake import Zone
from wsd_pipeline.messages import Stop
from wsd_pipeline.settings import Project, month_of

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

PEOPLE = ("person.demographics", "segment.lifecourse", "segment.need")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Rows of values of `by`, a count to the nearest base (None where withheld) and its status; the same for the total.

    Counts carry noise of `noise_sd` people, and do not add up. `left` is how many new questions may still be asked.
    """

    by: tuple[str, ...]
    rows: tuple[tuple[str | int | None, ...], ...]
    total: int | None
    total_status: str
    noise_sd: float
    left: int


class People:
    """The people of a month, by declared dimension, with their record keys; kept in memory for many questions."""

    def __init__(self, frame: pl.DataFrame, secret: bytes, registry: Registry, policy: Policy) -> None:
        """`frame` has person_id and a text column for each dimension of the registry that can be asked."""
        import duckdb
        import polars as pl

        self.registry, self.policy, self.secret = registry, policy, secret
        self.noise = noise_table(secret, registry.noise_sd)
        dims = [d for d in registry.dimensions if d in frame.columns]
        text = frame.select([pl.col(d).cast(pl.String).fill_null(UNKNOWN) for d in dims])
        self.values = {d: tuple(sorted(text[d].unique().to_list(), key=_in_order)) for d in dims}
        coded = text.select([pl.col(d).cast(pl.Enum(self.values[d])).to_physical().cast(pl.Int32) for d in dims])
        coded = coded.with_columns(record_keys(frame["person_id"], secret))
        self.con = duckdb.connect()
        self.con.execute("set async_threads = 0")
        self.con.register("coded", coded.to_arrow())
        self.con.execute("create table people as select * from coded")
        self.con.unregister("coded")

    def count(
        self, ledger: Ledger, by: Sequence[str] = (), where: str | None = None, measure: str = "people"
    ) -> Answer:
        """The answer; stops with WSD-602, 610 (too fine), 611 (not allowed), 612 (differencing), 613 (none left)."""
        with ledger.lock():
            new = question(self.registry, self.values, by, where, measure)
            earlier = ledger.asked()
            known = {q.key for q in earlier}
            if new.key not in known:
                if len(earlier) >= self.registry.questions:
                    raise Stop("WSD-613", asked=len(earlier), month=ledger.month, limit=self.registry.questions)
                ledger.add(new)
        before = earlier[: [q.key for q in earlier].index(new.key)] if new.key in known else earlier
        self._refuse_difference(new, before)
        left = self.registry.questions - len(known | {new.key})
        return self._answer(new, left)

    def _answer(self, asked: Question, left: int) -> Answer:
        import numpy as np

        codes, counts, keys = self._cells(asked)
        noisy = perturbed(counts, np.where(counts > 0, keys, self._empty_keys(asked, codes)), self.noise)
        shown, hidden = self._protected(noisy)
        total, key = int(counts.sum()), int(keys.sum())
        if total == 0:
            key = int(self._empty_keys(asked, np.full((1, len(asked.by)), -1, dtype=np.int64))[0])
        all_noisy = perturbed(np.array([total]), np.array([key]), self.noise)
        all_shown, all_hidden = self._protected(all_noisy)
        if asked.by and hidden.mean() > self.registry.withheld_share:
            raise self._too_fine(asked, float(hidden.mean()))
        rows = tuple(
            (
                *(self.values[d][c] for d, c in zip(asked.by, line, strict=True)),
                None if out else int(value),
                CONFIDENTIAL if out else SHOWN,
            )
            for line, value, out in zip(codes.tolist(), shown, hidden, strict=True)
        )
        return Answer(
            by=asked.by,
            rows=rows if asked.by else (),
            total=None if all_hidden[0] else int(all_shown[0]),
            total_status=CONFIDENTIAL if all_hidden[0] else SHOWN,
            noise_sd=self.registry.noise_sd,
            left=left,
        )

    def _cells(self, asked: Question) -> tuple[Ints, Ints, Ints]:
        """Codes, exact count and key sum of every cell the question has, those of nobody too, in order."""
        import numpy as np

        got: Any = self._grouped(asked.by, *self._condition([asked]))
        sizes = [len(self.values[d]) for d in asked.by]
        space = int(np.prod(sizes)) if sizes else 1
        place = np.zeros(len(got["n"]), dtype=np.int64)
        for d, size in zip(asked.by, sizes, strict=True):
            place = place * size + np.asarray(got[d]).astype(np.int64)
        cells = np.arange(space) if space <= 200_000 else np.sort(place)
        cells = self._possible(asked, cells, sizes)
        at = np.searchsorted(cells, place)
        counts, keys = np.zeros(len(cells), np.int64), np.zeros(len(cells), np.int64)
        counts[at], keys[at] = np.asarray(got["n"]).astype(np.int64), np.asarray(got["k"]).astype(np.int64)
        codes = []
        for size in reversed(sizes):
            codes.append(cells % size)
            cells = cells // size
        return np.column_stack(codes[::-1]) if codes else np.zeros((1, 0), np.int64), counts, keys

    def _possible(self, asked: Question, cells: Ints, sizes: list[int]) -> Ints:
        """The cells that the condition leaves open: a dimension in both has only the values allowed."""
        import numpy as np

        codes, rest = {}, cells
        for d, size in zip(reversed(asked.by), reversed(sizes), strict=True):
            codes[d], rest = rest % size, rest // size
        keep = np.ones(len(cells), dtype=bool)
        for i, d in enumerate(asked.over):
            if d in codes:
                open_ = [self.values[d].index(c[i]) for c in asked.allowed]
                keep &= np.isin(codes[d], open_)
        return cells[keep]

    def _condition(self, asked: Sequence[Question]) -> tuple[str, list[int]]:
        """SQL that is true where an odd number of the questions' conditions hold, and its parameters."""
        terms, bound = [], []
        for q in asked:
            if not q.over:
                terms.append("true")
                continue
            columns = ", ".join(f'"{d}"' for d in q.over)
            marks = (
                ", ".join(["(" + ", ".join(["?"] * len(q.over)) + ")"] * len(q.allowed))
                or "(" + ", ".join(["null"] * len(q.over)) + ")"
            )
            terms.append(
                f"coalesce(({columns}) in ({marks}), false)"
                if len(q.over) > 1
                else f"coalesce({columns} in ({marks}), false)"
            )
            bound += [self.values[d].index(v) for c in sorted(q.allowed) for d, v in zip(q.over, c, strict=True)]
        return " <> ".join(f"({t})" for t in terms), bound

    def _grouped(self, by: Iterable[str], condition: str, bound: list[int]) -> Any:
        names = [f'"{d}"' for d in by]
        group = f" group by {', '.join(names)}" if names else ""
        select = ", ".join([*names, "count(*) as n", "coalesce(sum(record_key), 0) as k"])
        return self.con.execute(f"select {select} from people where {condition}{group}", bound).fetchnumpy()

    def _protected(self, noisy: Ints) -> tuple[Ints, NDArray[np.bool_]]:
        base = self.policy.base
        return base * ((noisy + self.policy.half) // base), noisy <= self.policy.threshold

    def _empty_keys(self, asked: Question, codes: Ints) -> Ints:
        """Cell keys for cells of nobody: nobody has no key, so one is drawn from the secret and the question."""
        import numpy as np

        seed = hmac.new(self.secret, b"empty|" + asked.key.encode(), hashlib.sha256).digest()
        rng = np.random.Generator(np.random.PCG64(int.from_bytes(seed, "big")))
        return rng.integers(0, KEYS, len(codes))

    def _refuse_difference(self, new: Question, earlier: Sequence[Question]) -> None:
        """Stop with WSD-612 where the earlier question most like this one counted nearly the same people.

        Which one that is depends on how they are put, and whether it is refused on a noisy count: neither shows
        more of anybody than an answer would.
        """
        import numpy as np

        alike = [q for q in earlier if q.measure == new.measure and q.key != new.key and set(q.by) == set(new.by)]
        alike = [q for q in alike if (q.over, q.allowed) != (new.over, new.allowed)]
        if not alike:
            return
        nearest = min(alike, key=lambda q: (self._apart(q, new), q.key))
        got: Any = self._grouped((), *self._condition([nearest, new]))
        count, key = np.asarray(got["n"]).astype(np.int64), np.asarray(got["k"]).astype(np.int64)
        if count[0] == 0:
            key = self._empty_keys(new, np.zeros((1, 1), np.int64))
        if perturbed(count, key, self.noise)[0] <= self.policy.threshold:
            raise Stop(
                "WSD-612", minimum=self.policy.threshold + 1, suggestion=f"by {', '.join(nearest.by) or 'nothing'}"
            )

    def _apart(self, one: Question, other: Question) -> float:
        """The share of combinations of values that only one of two conditions allows."""
        import itertools

        over = sorted({*one.over, *other.over})
        places = [[over.index(d) for d in q.over] for q in (one, other)]
        space = 1
        for d in over:
            space *= len(self.values[d])
        if space > 100_000:
            return 1.0
        differ = sum(
            (tuple(c[p] for p in places[0]) in one.allowed) != (tuple(c[p] for p in places[1]) in other.allowed)
            for c in itertools.product(*(self.values[d] for d in over))
        )
        return differ / space

    def _too_fine(self, asked: Question, share: float) -> Stop:
        finest = max(asked.by, key=lambda d: (len(self.values[d]), d))
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


def _in_order(value: str) -> tuple[bool, int, str]:
    return (value == UNKNOWN, int(value) if value.isdigit() else 0, value)


def people_of(project: Project, month: str) -> People:
    """The people of an accepted month, ready for questions. Stops with WSD-601 where the month has none."""
    from wsd_pipeline.vault.keys import load

    keys = load(project)
    return People(person_frame(project, month), keys.derive(f"cellkey|{keys.epoch}"), load_registry(), load_policy())


def person_frame(project: Project, month: str) -> pl.DataFrame:
    """person_id and every declared dimension of the people counted, as text or whole numbers, by person_id."""
    import polars as pl

    from wsd_pipeline.sql import reference_path

    lake, registry = Zone(project.lake), load_registry()
    paths = {key: lake.path(key, month_of(month)) for key in PEOPLE}
    if any(path is None for path in paths.values()):
        raise Stop("WSD-601", month=month)
    frame = pl.read_parquet(paths["person.demographics"])  # type: ignore[arg-type]
    frame = frame.filter(pl.col("is_eligible"))
    for key in PEOPLE[1:]:
        more = pl.read_parquet(paths[key])  # type: ignore[arg-type]
        keep = ["person_id", *(d.column for d in registry.dimensions.values() if d.table == key)]
        frame = frame.join(more.select(keep), on="person_id", how="left", validate="1:1")
    if wanted := [d.column for d in registry.dimensions.values() if d.table == "reference.lsoa21"]:
        places = pl.read_csv(reference_path("reference.lsoa21"), infer_schema_length=None).select("lsoa21", *wanted)
        frame = frame.join(places, on="lsoa21", how="left")
    dims = {d.name: d.column for d in registry.dimensions.values()}
    is_binary = frame.schema["person_id"] == pl.Binary  # how Polars reads DuckDB's UUID from Parquet
    person = pl.col("person_id").bin.encode("hex") if is_binary else pl.col("person_id").cast(pl.String)
    return frame.select(person.alias("person_id"), **{n: pl.col(c) for n, c in dims.items()}).sort("person_id")


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
    (with a coarser table to ask for), 611 not allowed, 612 too near an earlier question, 613 no question left.
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
