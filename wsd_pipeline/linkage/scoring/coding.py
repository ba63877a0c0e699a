"""From written values to integers: each distinct value becomes a keyed token once, and tokens become small codes.

Codes follow the order of the tokens, so neither they nor anything after them depends on the order of rows or, under
a key, on the values.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import accumulate, chain
from typing import TYPE_CHECKING

from wsd_pipeline.linkage.scoring import cleaning
from wsd_pipeline.linkage.scoring.coder import ROW_SEED, Coder
from wsd_pipeline.linkage.scoring.mapping import FieldMap
from wsd_pipeline.linkage.scoring.numbering import codes_of, distinct, numbered
from wsd_pipeline.messages import Stop

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

NAME_COLUMNS = ("f0", "f1", "f2", "s0", "s1", "s2")
DERIVED_COLUMNS = ("fp", "sp", "f3", "fi", "fk")
BIRTH_COLUMNS = ("dob", "byear", "bmon", "bday", "heap")
PLACE_COLUMNS = ("home", "pc", "sector", "district", "number", "street", "street2", "town")
AT_ONCE = 2
CODE_COLUMNS = (*NAME_COLUMNS, *DERIVED_COLUMNS, *BIRTH_COLUMNS, "sex", *PLACE_COLUMNS)


@dataclass(frozen=True)
class Coded:
    """The coded files: one frame each of codes, 0 where not known; `rid` numbers rows by identifier, not by order.

    `ids` are identifiers in the file's order, `orders` the row each rid stands for; `variants` (code, variant)
    the names one edit from each name; `strong` how many strong identifiers, `written` whether addresses are;
    `unread` how many rows of each file have a birth date that no format fits, or a placeholder.
    """

    frames: list[pl.DataFrame]
    ids: list[pl.Series]
    orders: list[np.ndarray]
    variants: pl.DataFrame
    strong: int
    written: bool
    unread: tuple[int, ...]

    def names_of(self, file: int, rids: pl.Series) -> pl.Series:
        """The identifiers of rows of a file."""
        return self.ids[file].gather(self.orders[file][rids.to_numpy()])


def code_files(files: list[pl.DataFrame], maps: list[FieldMap], coder: Coder) -> Coded:
    """The files, coded together. Stops with WSD-232 where identifiers are missing or shared."""
    import polars as pl

    jobs = (_code_names, _code_places, _code_strong, _code_births, _code_sexes, _code_rows)
    with ThreadPoolExecutor(AT_ONCE) as pool:  # each works on columns of its own, mostly outside the interpreter
        done = list(pool.map(lambda job: job(files, maps, coder), jobs))
    (names, variants), (rows, orders) = done[0], done[-1]
    parts = [rows, names, *done[1:-1]]
    frames = [pl.concat([part[n] for part in parts], how="horizontal") for n in range(len(files))]
    ids = [f[m.unique_id].rechunk() for f, m in zip(files, maps, strict=True)]
    written = any(m.street or m.town for m in maps)
    unread = tuple(map(_unread_births, files, maps, frames))
    return Coded(frames, ids, orders, variants, len(maps[0].strong_ids), written, unread)


def _code_rows(
    files: list[pl.DataFrame], maps: list[FieldMap], _: Coder
) -> tuple[list[pl.DataFrame], list[np.ndarray]]:
    import polars as pl

    frames, orders = [], []
    for name, file, map in zip("ab", files, maps, strict=False):
        ids = file[map.unique_id]
        order, rid = numbered(ids.hash(ROW_SEED).to_numpy())
        bad = int(ids.null_count()) + len(ids) - len(order)
        if bad:
            raise Stop("WSD-232", file=f"file {name}", count=bad, column=map.unique_id)
        orders.append(order)
        frames.append(pl.DataFrame({"rid": rid}))
    return frames, orders


def _column(file: pl.DataFrame, *columns: str | None) -> pl.Series:
    """The named columns as one text, a space between, nulls left out; null where all are."""
    import polars as pl

    held = [c for c in columns if c is not None]
    if not held:
        return pl.Series("x", [None], dtype=pl.String).new_from_index(0, len(file))
    if len(held) == 1:
        return file[held[0]]
    text = pl.concat_str([pl.col(c) for c in held], separator=" ", ignore_nulls=True)
    return file.select(x=pl.when(text != "").then(text))["x"]


class _Distinct:
    """The distinct values of some columns of all files (`values`: raw), and the way back from them to rows."""

    def __init__(self, columns: list[pl.Series]) -> None:
        import numpy as np
        import polars as pl

        self.heights = [len(c) for c in columns]
        known = [c.alias("raw") if c.null_count() < len(c) else c.alias("raw").clear() for c in columns]
        whole = pl.concat(known)
        is_first, number = distinct(whole.hash(ROW_SEED).to_numpy())
        self.values = whole.filter(is_first).to_frame()
        places = pl.Series(number.view(np.uint32))
        self.numbers = [
            places.slice(end - len(c), len(c)) for c, end in zip(known, accumulate(map(len, known)), strict=True)
        ]

    def spread(self, *codes: pl.Series) -> list[pl.DataFrame]:
        """Codes of `values`, in their order, by the rows of each column."""
        import polars as pl

        table = pl.DataFrame([c.fill_null(0) for c in codes])
        return [
            table.select(pl.all().gather(number)) if len(number) else table.clear(height).fill_null(0)
            for number, height in zip(self.numbers, self.heights, strict=True)
        ]


def _coded(coder: Coder, kind: str, *columns: pl.Series) -> list[pl.Series]:
    """Codes, shared by the columns, of values that are written many times: each is made a token once."""
    written = _Distinct(list(columns))
    codes = codes_of(coder.tokens(written.values["raw"], kind))
    return [f.to_series().alias(c.name) for f, c in zip(written.spread(codes), columns, strict=True)]


def _code_names(
    files: list[pl.DataFrame], maps: list[FieldMap], coder: Coder
) -> tuple[list[pl.DataFrame], pl.DataFrame]:
    import polars as pl

    forenames = [_column(f, *m.forenames) for f, m in zip(files, maps, strict=True)]
    surnames = [_column(f, *m.surnames) for f, m in zip(files, maps, strict=True)]
    former = [_column(f, *m.former_surnames) for f, m in zip(files, maps, strict=True)]
    fore, sur = _Distinct(forenames), _Distinct([*surnames, *former])
    fore_parts = cleaning.forename_parts(fore.values["raw"])
    sur_parts = cleaning.surname_parts(sur.values["raw"])
    written_places = [
        _column(f, c)
        for column in ("street", "street_2", "town")
        for f, c in zip(files, [getattr(m, column) for m in maps], strict=True)
    ]
    place = _Distinct(written_places)
    place_parts = place.values.select(cleaning.place_word(pl.col("raw")).alias("place"))
    words = _Distinct([*fore_parts, *sur_parts, *place_parts])
    names = _name_codes(words.values["raw"], coder)
    f0, f1, f2, s0, s1, s2, at_place = words.spread(*names.drop("name"))
    like_f1 = (f1[c].alias(k) for c, k in (("phonetic", "fp"), ("prefix", "f3"), ("initial", "fi"), ("form", "fk")))
    forename_codes = fore.spread(*(f["code"].alias(k) for f, k in ((f0, "f0"), (f1, "f1"), (f2, "f2"))), *like_f1)
    surname_codes = sur.spread(
        *(f["code"].alias(k) for f, k in ((s0, "s0"), (s1, "s1"), (s2, "s2"))), s0["phonetic"].alias("sp")
    )
    written_codes = [f.to_series() for f in place.spread(at_place["code"])]
    made = []
    for n in range(len(files)):
        old = surname_codes[len(files) + n]["s0"]
        surname = surname_codes[n].with_columns(s1=pl.when(pl.col("s1") > 0).then("s1").otherwise(old))
        streets = [written_codes[k * len(files) + n].alias(c) for k, c in enumerate(("street", "street2", "town"))]
        made.append(pl.concat([forename_codes[n], surname, pl.DataFrame(streets)], how="horizontal"))
    return made, coder.near(names)


def _name_codes(words: pl.Series, coder: Coder) -> pl.DataFrame:
    """One row per distinct name word: its code, and the codes of its phonetic form, first three letters and initial."""
    import polars as pl

    name = pl.col("name")
    # an initial standing alone has no first three letters to agree on
    start = pl.when(name.str.len_chars() >= 3).then(name.str.slice(0, 3))
    frame = words.to_frame("name").with_columns(
        phonetic=cleaning.phonetic(name), prefix=start, initial=name.str.slice(0, 1), form=cleaning.full_form(name)
    )
    code = codes_of(coder.tokens(words, "name")).alias("code")
    like = [_coded(coder, f"name.{c}", frame[c]) for c in ("phonetic", "prefix", "initial", "form")]
    return pl.DataFrame([words.alias("name"), code, *chain.from_iterable(like)])


def _code_births(files: list[pl.DataFrame], maps: list[FieldMap], coder: Coder) -> list[pl.DataFrame]:
    import polars as pl

    columns = [_column(f, m.birth_date) for f, m in zip(files, maps, strict=True)]
    written = _Distinct(columns)
    formats = tuple(dict.fromkeys(f for m in maps for f in m.birth_date_formats))
    frame = cleaning.birth_parts(written.values["raw"], formats).with_columns(
        dob=pl.concat_str(["byear", "bmon", "bday"], separator="-"),
        heap=(pl.col("bday").eq("01") & pl.col("bmon").is_in(["01", "07"])).cast(pl.Int32),
    )
    codes = [
        *_coded(coder, "birth.date", frame["dob"]),
        *_coded(coder, "birth.year", frame["byear"]),
        *_coded(coder, "birth.day_or_month", frame["bmon"], frame["bday"]),
    ]
    return written.spread(*codes, frame["heap"])


def _unread_births(file: pl.DataFrame, map: FieldMap, codes: pl.DataFrame) -> int:
    """How many rows have a birth date written that was not read."""
    return 0 if map.birth_date is None else int((file[map.birth_date].is_not_null() & (codes["byear"] == 0)).sum())


def _code_sexes(files: list[pl.DataFrame], maps: list[FieldMap], _: Coder) -> list[pl.DataFrame]:
    import polars as pl

    written = _Distinct([_column(f, m.sex) for f, m in zip(files, maps, strict=True)])
    return written.spread(written.values.select(sex=cleaning.sex_code(pl.col("raw")).cast(pl.Int32))["sex"])


def _code_places(files: list[pl.DataFrame], maps: list[FieldMap], coder: Coder) -> list[pl.DataFrame]:
    import polars as pl

    def written(name: str) -> _Distinct:
        return _Distinct([_column(f, getattr(m, name)) for f, m in zip(files, maps, strict=True)])

    postcodes, homes, numbers = written("postcode"), written("home"), written("street_number")
    parts = postcodes.values.select(cleaning.postcode_parts(pl.col("raw")))
    home = coder.tokens(cleaning.compact_numbers(homes.values["raw"]), "place.home")
    number = numbers.values.select(number=cleaning.compact(pl.col("raw"), least=1))["number"]
    made = [
        postcodes.spread(*chain.from_iterable(_coded(coder, f"place.{part.name}", part) for part in parts)),
        homes.spread(codes_of(home).alias("home")),
        numbers.spread(*_coded(coder, "place.number", number)),
    ]
    return [pl.concat(columns, how="horizontal") for columns in zip(*made, strict=True)]


def _code_strong(files: list[pl.DataFrame], maps: list[FieldMap], coder: Coder) -> list[pl.DataFrame]:
    import polars as pl

    made = [[pl.DataFrame()] * len(files)]
    for number, columns in enumerate(zip(*(m.strong_ids for m in maps), strict=True), start=1):
        written = _Distinct([file[c] for file, c in zip(files, columns, strict=True)])
        tokens = coder.tokens(cleaning.compact_numbers(written.values["raw"]), f"strong.{number}")
        made.append(written.spread(codes_of(tokens).alias(f"id{number}")))
    return [pl.concat(columns, how="horizontal") for columns in zip(*made, strict=True)] or [pl.DataFrame()] * len(
        files
    )
