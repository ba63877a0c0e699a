"""What suppliers get wrong, applied after the truth: how often (DOMAIN §2.20), to whom, and in what way.

A defect belongs to a record of a source and stays with it from month to month. How many records of a file have it
is exact: the parameter times the records, rounded. Parameters may differ by ethnicity group, so a gap can be planted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from synthetic_data.feeds.error_rates import DEFAULTS, Rate
from synthetic_data.world import borough as bor
from synthetic_data.world.rows import Array, pick_share, stream
from synthetic_data.world.state import YEAR, Borough

SURPLUS = 0.05  # of the defects wanted: more than this too many (when records leave a file) and some are mended
MOVER_UPRN_MISSING = 0.046 / 0.014  # address match fails this much more often in the year after a move


@dataclass(frozen=True)
class ErrorRates:
    """The share of records of each feed with each defect; `DEFAULTS` where not given."""

    feeds: Mapping[str, Mapping[str, Rate]] = field(default_factory=lambda: DEFAULTS)

    def of(self, feed: str) -> Mapping[str, Rate]:
        """The feed's defects and their rates."""
        return self.feeds.get(feed, {})

    def changed(self, feed: str, **rates: Rate) -> ErrorRates:
        """The same rates but for some of one feed."""
        return ErrorRates({**self.feeds, feed: {**self.of(feed), **rates}})

    @classmethod
    def none(cls) -> ErrorRates:
        """A borough whose suppliers make no mistakes."""
        return cls({})


def overall(rate: Rate, groups: Array) -> float:
    """The mean rate over records whose ethnicity groups are given."""
    return float(rate_by_record(rate, groups).mean()) if len(groups) else 0.0


def rate_by_record(rate: Rate, groups: Array) -> Array:
    """Each record's rate."""
    if not isinstance(rate, Mapping):
        return np.full(len(groups), float(rate))
    out = np.full(len(groups), float(rate.get("", 0.0)))
    for name, value in rate.items():
        out[groups == name] = value
    return out


class Mess:
    """Which records have which defect, remembered from month to month."""

    def __init__(self, state: Borough, rates: ErrorRates) -> None:
        self.state, self.rates = state, rates
        self._flags: dict[tuple[str, str], Array] = {}
        self._rolls: dict[tuple[str, str], Array] = {}
        self._known: dict[tuple[str, str], Array] = {}
        self.counts: dict[str, dict[str, dict[str, object]]] = {}

    def groups(self, person: Array) -> Array:
        """Ethnicity groups of people."""
        return bor.ethnicities()["group"].to_numpy()[self.state.people["eth"][person]]

    def begin_month(self) -> None:
        """Forget last month's counts, not its defects."""
        self.counts = {}

    def choose(
        self,
        feed: str,
        defect: str,
        records: Array,
        person: Array,
        label: str,
        weight: Array | None = None,
        stratum: Array | None = None,
        factor: Array | None = None,
        allowed: Array | None = None,
    ) -> tuple[Array, Array]:
        """(has the defect, a stable roll in 0–1) for each record of this month's file.

        `records` numbers the source's records; `stratum` and `factor` split them and scale the rate in each part.
        """  # fmt: skip
        rate = self.rates.of(feed).get(defect, 0.0)
        flags, rolls = self._remembered((feed, defect), int(records.max(initial=-1)) + 1)
        each = rate_by_record(rate, self.groups(person))
        parameter = float(each.mean()) if len(each) else 0.0
        if factor is not None and len(each):
            each = each * factor
        part = each if stratum is None else each + 10.0 * stratum
        rng = stream(self.state.seed, label, "mess", feed, defect)
        weight = np.ones(len(records)) if weight is None else weight
        known = self._known.setdefault((feed, defect), np.zeros(0, bool))
        known = np.r_[known, np.zeros(len(flags) - len(known), bool)]
        weight = np.where(known[records], weight * 1e-9, weight)  # new records first: an old one stays as it is
        known[records] = True
        self._known[feed, defect] = known
        able = np.ones(len(records), bool) if allowed is None else allowed
        for value in np.unique(part):
            at = np.flatnonzero(part == value)
            target = round(each[at].sum())
            short = target - int(flags[records[at]].sum())
            if short > 0:
                free = at[~flags[records[at]] & able[at]]
                taken = free[pick_share(rng, weight[free], short)]
                flags[records[taken]] = True
                rolls[records[taken]] = rng.random(len(taken))
            elif short < 0 and (
                stratum is not None or -short > SURPLUS * target
            ):  # moved from one part to another: mended with time
                had = at[flags[records[at]]]
                flags[records[had[pick_share(rng, np.ones(len(had)), -short)]]] = False
        chosen = flags[records]
        self.count(feed, defect, int(chosen.sum()), len(records), parameter)
        return chosen, rolls[records]

    def count(self, feed: str, defect: str, injected: int, eligible: int, parameter: float) -> None:
        """Note what was done to this month's file."""
        self.counts.setdefault(feed, {})[defect] = {
            "injected": injected,
            "eligible": eligible,
            "parameter": round(parameter, 6),
        }

    def _remembered(self, key: tuple[str, str], size: int) -> tuple[Array, Array]:
        flags, rolls = self._flags.get(key, np.zeros(0, bool)), self._rolls.get(key, np.zeros(0))
        if size > len(flags):
            flags = np.r_[flags, np.zeros(size - len(flags), bool)]
            rolls = np.r_[rolls, np.zeros(size - len(rolls))]
        self._flags[key], self._rolls[key] = flags, rolls
        return flags, rolls


def wrong_birth(birth: Array, roll: Array, today: int) -> Array:
    """A mistaken date of birth for each true one: 1 January, day and month swapped, a slip, a placeholder."""
    true = birth.astype("datetime64[D]")
    year = true.astype("datetime64[Y]").astype(int) + 1970
    month = true.astype("datetime64[M]").astype(int) % 12 + 1
    day = (true - true.astype("datetime64[M]")).astype(int) + 1
    kind = np.searchsorted(np.array([0.40, 0.65, 0.80, 0.95]), roll)
    fine = (roll * 7919) % 1
    swap = (kind == 1) & (day <= 12) & (day != month)
    slip = np.where(day > 3, day - 1 - (fine * 3).astype(int), day + 1 + (fine * 9).astype(int))
    new_day = np.select([kind == 0, swap, kind == 4], [1, month, 1], np.where(kind == 3, day, slip))
    new_month = np.select([kind == 0, swap, kind == 4], [1, day, 1], month)
    new_year = np.where(kind == 3, year - np.where(fine < 0.7, 1, 10), np.where(kind == 4, 1900, year))
    new_day = np.minimum(new_day, 28)
    made = _date(new_year, new_month, new_day)
    back = _date(year - 1, month, np.minimum(day, 28))
    return np.where((made == birth) | (made > today), back, made).astype(np.int32)


def _date(year: Array, month: Array, day: Array) -> Array:
    months = (np.asarray(year) - 1970) * 12 + np.asarray(month) - 1
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) + np.asarray(day) - 1


def wrong_number(number: Array, roll: Array, spare: Array) -> Array:
    """A mistaken NHS number, still in the 999 range: two digits exchanged, one mistyped, or another's valid number."""
    fine = (roll * 7919) % 1
    place = 1 + (fine * 5).astype(int)  # from the right
    low, high = number // 10**place % 10, number // 10 ** (place + 1) % 10
    swapped = number + (high - low) * 10**place + (low - high) * 10 ** (place + 1)
    typed = number + np.where(low == 9, -(10**place), 10**place)
    out = np.where(roll < 0.45, np.where(high == low, typed, swapped), np.where(roll < 0.75, typed, spare))
    return np.where(out == number, typed, out)


_SOUNDS = (
    ("PH", "F"),
    ("OU", "U"),
    ("EE", "I"),
    ("OO", "U"),
    ("CK", "K"),
    ("SH", "S"),
    ("Y$", "IE"),
    ("IE", "Y"),
    ("AH", "A"),
    ("SS", "S"),
    ("LL", "L"),
    ("TT", "T"),
    ("KH", "K"),
    ("HM", "M"),
    ("Q", "K"),
    ("Z", "S"),
    ("I", "Y"),
    ("E", "I"),
    ("U", "O"),
    ("A", "E"),
)
_MOHAMMED = ("MOHAMMED", "MOHAMMAD", "MUHAMMAD", "MUHAMMED", "MOHAMED", "MD", "MOHD", "")
_SHORT = {
    "CHRISTOPHER": "CHRIS",
    "ALEXANDER": "ALEX",
    "MICHAEL": "MIKE",
    "DANIEL": "DAN",
    "BENJAMIN": "BEN",
    "THOMAS": "TOM",
    "WILLIAM": "BILL",
    "ROBERT": "BOB",
    "ELIZABETH": "LIZ",
    "CATHERINE": "KATE",
    "JENNIFER": "JEN",
    "REBECCA": "BECKY",
    "SAMANTHA": "SAM",
    "KATARZYNA": "KASIA",
    "MAGDALENA": "MAGDA",
    "AGNIESZKA": "AGA",
    "EMMANUEL": "MANNY",
    "FRANCESCA": "FRAN",
    "ANDREEA": "ANDREA",
    "STEPHEN": "STEVE",
}


def varied_names(forename: pl.Series, surname: pl.Series, roll: Array) -> tuple[pl.Series, pl.Series]:
    """Another way of writing each name, never the same: MOHAMMED and MD, exchanged, mistyped, by ear, short, cut."""
    frame = pl.DataFrame({"f": forename, "s": surname, "roll": roll}).with_columns(fine=(pl.col("roll") * 7919) % 1)
    like = pl.col("f").str.contains("^(MOHAMM|MUHAMM|MOHAMED|MD )")
    other = pl.Series(_MOHAMMED).gather((frame["fine"] * len(_MOHAMMED)).cast(pl.UInt32))
    rest = pl.col("f").str.replace(r"^\S+ ?", "")
    frame = frame.with_columns(md=pl.concat_str(other, rest, separator=" ").str.strip_chars())
    frame = frame.with_columns(md=pl.when(pl.col("md") == "").then(pl.lit("MD")).otherwise("md"))
    first = pl.col("f").str.extract(r"^(\S+)")
    choice = (
        pl.when(like & (pl.col("roll") < 0.6)).then(pl.struct(f="md", s="s"))
        .when(pl.col("roll") < 0.15).then(pl.struct(f="s", s="f"))
        .when(pl.col("roll") < 0.38).then(pl.struct(f="f", s=_typo("s")))
        .when(pl.col("roll") < 0.58).then(pl.struct(f=_typo("f"), s="s"))
        .when(pl.col("roll") < 0.75).then(pl.struct(f="f", s=_by_ear("s")))
        .when(pl.col("roll") < 0.88).then(pl.struct(f=_by_ear("f"), s="s"))
        .when(pl.col("roll") < 0.94).then(pl.struct(f=first.replace(_SHORT), s="s"))
        .otherwise(pl.struct(f=pl.col("f").str.slice(0, 1), s="s"))
    )  # fmt: skip
    frame = frame.with_columns(new=choice).unnest("new", separator="_")
    same = (pl.col("new_f") == pl.col("f")) & (pl.col("new_s") == pl.col("s"))
    frame = frame.with_columns(new_s=pl.when(same).then(_typo("s")).otherwise("new_s"))
    return frame["new_f"], frame["new_s"]


def _typo(name: str) -> pl.Expr:
    """One letter left out or doubled; a name of one letter gets another."""
    size = pl.col(name).str.len_chars().cast(pl.Int64)
    at = (pl.col("fine") * (size - 1)).floor().cast(pl.Int64) + 1
    head, letter, tail = (pl.col(name).str.slice(0, at), pl.col(name).str.slice(at, 1), pl.col(name).str.slice(at + 1))
    doubled = pl.concat_str(head, letter, letter, tail)
    return (
        pl.when((size < 3) | (pl.col("fine") * 100 % 1 < 0.4))
        .then(pl.concat_str(doubled, pl.when(letter == "").then(pl.lit("H")).otherwise(pl.lit(""))))
        .otherwise(pl.concat_str(head, tail))
    )


def _by_ear(name: str) -> pl.Expr:
    """The first sound of the list that the name has, spelt another way; the first letter stays."""
    out = pl.col(name)
    for old, new in reversed(_SOUNDS):
        pattern = f"(.){old}"
        out = (
            pl.when(pl.col(name).str.contains(pattern))
            .then(pl.col(name).str.replace(pattern, "${1}" + new))
            .otherwise(out)
        )
    return out


def recent_movers(state: Borough, person: Array) -> Array:
    """True for those who moved home in the last twelve months."""
    return state.today - state.people["moved"][person] < YEAR
