"""What the borough's benchmark counts: recall by group with intervals, and ids kept from month to month.

Frames in, figures out; nothing here reads a project.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

Z95 = 1.959964
NAMED = (("absorbed", "person_id", "other_person_id"), ("moved", "person_id", "other_person_id"))
"""Events that say of a record's old id (first column) which is its new one (second)."""


@dataclass(frozen=True)
class Share:
    """A share (0–1) with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Continuity:
    """Of two months: people there in both, those whose id stayed, and changes of ids that the ledger does not tell."""

    people: int
    kept: int
    records_changed: int
    unexplained: int

    def __add__(self, other: Continuity) -> Continuity:
        pairs = zip(vars(self).values(), vars(other).values(), strict=True)
        return Continuity(*(a + b for a, b in pairs))


def recall_by_group(linked: pl.DataFrame, group: str) -> dict[str, Share]:
    """Pairwise recall of each group's people. `linked`: a row a current record, true_person, person_id and the group.

    Pairs of one person stand or fall together: Wilson's interval is of as many independent pairs as say as much, by
    the design effect of people as clusters, measured over all groups.
    """
    cells = linked.drop_nulls(group).group_by(group, "true_person", "person_id").len("n")
    pairs = pl.col("n") * (pl.col("n") - 1) / 2
    people = cells.group_by(group, "true_person").agg(found=pairs.sum(), n=pl.col("n").sum()).with_columns(true=pairs)
    total = float(people["true"].sum())
    value = float(people["found"].sum()) / max(total, 1.0)
    spread = float(((people["found"] - value * people["true"]) ** 2).sum())
    effect = max(spread / (value * (1 - value) * total), 1.0) if 0 < value < 1 else 1.0
    summed = people.group_by(group).agg(pl.col("found", "true").sum()).filter(pl.col("true") > 0).sort(group)
    return {str(name): wilson(found / true, true / effect) for name, found, true in summed.iter_rows()}


def wilson(value: float, count: float) -> Share:
    """A share of so many, with Wilson's interval."""
    bottom = 1 + Z95**2 / count
    middle = (value + Z95**2 / (2 * count)) / bottom
    half = Z95 / bottom * (value * (1 - value) / count + Z95**2 / (4 * count**2)) ** 0.5
    return Share(value, max(middle - half, 0.0), min(middle + half, 1.0))


def gap(shares: dict[str, Share]) -> tuple[Share, str, str]:
    """Best less worst of the groups, with Newcombe's interval, and which they are: the best, the worst."""
    best, worst = (pick(shares, key=lambda g: shares[g].value) for pick in (max, min))
    b, w = shares[best], shares[worst]
    half = ((b.high - b.value) ** 2 + (w.value - w.low) ** 2) ** 0.5
    value = b.value - w.value
    return Share(value, value - half, value + half), best, worst


def id_of(linked: pl.DataFrame) -> pl.DataFrame:
    """The id of each true person: that of most of their current records; of two as many, either is theirs."""
    held = linked.group_by("true_person", "person_id").len("n")
    return held.filter(pl.col("n") == pl.col("n").max().over("true_person")).sort("true_person", "person_id")


def stayed(before: pl.DataFrame, now: pl.DataFrame) -> tuple[int, pl.DataFrame]:
    """How many people are in both (of `id_of`), and those (true_person, person_id) of whom no id of then is theirs now.

    A person in two parts as large has two ids: that one of them grows or leaves takes no id from them.
    """
    here = before.join(now, on="true_person", how="semi")
    kept = here.join(now, on=["true_person", "person_id"], how="semi")
    return here["true_person"].n_unique(), here.join(kept, on="true_person", how="anti")


def took_another(lost: pl.DataFrame, before: pl.DataFrame, now: pl.DataFrame) -> int:
    """Of people whose id did not stay (`lost`: true_person, person_id), those of whom a record took another id.

    Of the others every record bears the id it bore: they are in parts that were never joined, and another part is the
    larger now. `before`: source, record_id, person_id, true_person; `now` as well, without a person where the record
    has left.
    """
    theirs = before.join(lost.select("true_person", "person_id"), on=["true_person", "person_id"])
    found = theirs.join(now, on=["source", "record_id"], suffix="_now").filter(
        pl.col("true_person_now").is_null() | (pl.col("true_person_now") == pl.col("true_person"))
    )
    return found.filter(pl.col("person_id") != pl.col("person_id_now"))["true_person"].n_unique()


def continuity(before: pl.DataFrame, now: pl.DataFrame, ledger: pl.DataFrame, truth: list[pl.DataFrame]) -> Continuity:
    """What became of ids between two months' spines. `truth`: source, record_id, true_person of either month."""
    mine = [
        id_of(spine.filter("is_current").join(known, on=["source", "record_id"]))
        for spine, known in zip((before, now), truth, strict=True)
    ]
    people, lost = stayed(*mine)
    changed = before.join(now, on=["source", "record_id"], suffix="_now").filter(
        pl.col("person_id") != pl.col("person_id_now")
    )
    kept = people - lost["true_person"].n_unique()
    return Continuity(people, kept, len(changed), unexplained(before, now, changed, ledger))


def unexplained(before: pl.DataFrame, now: pl.DataFrame, changed: pl.DataFrame, ledger: pl.DataFrame) -> int:
    """Records whose change of id no event names, ids nobody was born with, and ids that went without an event.

    What is closed for adoption or gender recognition begins anew on purpose: it is `born`, and nothing leads back.
    """
    events = {name: ledger.filter(pl.col("event") == name) for name in ledger["event"].unique()}
    none = ledger.clear()
    named = [events.get(e, none).select(person_id=a, person_id_now=b) for e, a, b in NAMED]
    named.append(events.get("split", none).select(person_id="other_person_id", person_id_now="person_id"))
    begun = pl.concat([events.get(e, none).select("person_id") for e in ("born", "split")])
    gone = pl.concat([events.get(e, none).select("person_id") for e in ("absorbed", "ended", "withdrawn")])
    new = now.select("person_id").unique().join(before.select("person_id"), on="person_id", how="anti")
    here, was_here = (s.filter("is_current").select("person_id").unique() for s in (now, before))
    lost = was_here.join(here, on="person_id", how="anti")
    born = events.get("born", none).select(person_id_now="person_id")
    silent = changed.join(pl.concat(named), on=["person_id", "person_id_now"], how="anti")
    silent = silent.join(born, on="person_id_now", how="anti")
    return sum(
        len(rows)
        for rows in (
            silent,
            new.join(begun, on="person_id", how="anti"),
            lost.join(gone, on="person_id", how="anti"),
        )
    )
