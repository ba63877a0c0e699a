"""From written values to integers: each distinct value becomes a keyed token once, and tokens become small codes.

Codes follow the order of the tokens, so neither they nor anything after them depends on the order of rows or, under
a key, on the values.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wsd_pipeline.linkage.scoring import cleaning
from wsd_pipeline.linkage.scoring.coder import ROW_SEED, Coder
from wsd_pipeline.linkage.scoring.mapping import FieldMap
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
    """The coded files: one frame each, whose `rid` numbers rows by identifier, so not by their order in the file.

    `ids` are identifiers in the file's order, `orders` the row each rid stands for; `variants` (code, variant)
    the names one edit from each name; `strong` how many strong identifiers, `written` whether addresses are.
    """

    frames: list[pl.DataFrame]
    ids: list[pl.Series]
    orders: list[np.ndarray]
    variants: pl.DataFrame
    strong: int
    written: bool

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
    ids = [f[m.unique_id] for f, m in zip(files, maps, strict=True)]
    written = any(m.street or m.town for m in maps)
    return Coded(frames, ids, orders, variants, len(maps[0].strong_ids), written)


def _code_rows(
    files: list[pl.DataFrame], maps: list[FieldMap], _: Coder
) -> tuple[list[pl.DataFrame], list[np.ndarray]]:
    orders = [_row_order(f[m.unique_id], m.unique_id, n) for n, (f, m) in enumerate(zip(files, maps, strict=True))]
    return [_rids(order) for order in orders], orders


def _rids(order: np.ndarray) -> pl.DataFrame:
    import numpy as np
    import polars as pl

    rid = np.empty(len(order), dtype=np.int32)
    rid[order] = np.arange(len(order), dtype=np.int32)
    return pl.DataFrame({"rid": rid})


def _row_order(ids: pl.Series, column: str, number: int) -> np.ndarray:
    import numpy as np

    hashed = ids.hash(ROW_SEED).to_numpy()
    order = np.argsort(hashed)
    ranked = hashed[order]
    bad = int(ids.null_count()) + int((ranked[1:] == ranked[:-1]).sum())
    if bad:
        raise Stop("WSD-232", file=f"file {'ab'[number]}", count=bad, column=column)
    return order


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

        known = [c.alias("raw") if c.null_count() < len(c) else c.alias("raw").clear() for c in columns]
        whole = pl.concat(known)
        hashed = whole.to_frame().select(pl.when(pl.col("raw").is_not_null()).then(pl.col("raw").hash(ROW_SEED)))
        numbered = hashed["raw"].to_arrow().dictionary_encode()
        number = pl.Series("number", numbered.indices)
        rows = np.flatnonzero(number.is_not_null().to_numpy())
        holder = np.empty(len(numbered.dictionary), dtype=np.int64)
        holder[number.drop_nulls().to_numpy()] = rows
        self.values = whole.gather(holder).to_frame()
        starts = np.cumsum([0, *(len(c) for c in known)]).tolist()
        self.numbers = [number.slice(start, len(c)) for start, c in zip(starts, known, strict=False)]
        self.heights = [len(c) for c in columns]

    def spread(self, coded: pl.DataFrame) -> list[pl.DataFrame]:
        """`coded`, which has a row for each of `values` in their order, by the rows of each column."""
        import polars as pl

        back = coded.select(pl.exclude("raw"))
        return [
            back.select(pl.all().gather(number)) if len(number) else back.clear(height)
            for number, height in zip(self.numbers, self.heights, strict=True)
        ]


def _dense(tokens: list[pl.Series]) -> list[pl.Series]:
    """Codes 1, 2, … of tokens in their order, shared by all the series; null stays null."""
    import polars as pl

    ranked = pl.concat([t.alias("t") for t in tokens]).rank("dense").cast(pl.Int32)
    starts = [sum(len(t) for t in tokens[:n]) for n in range(len(tokens))]
    return [ranked.slice(start, len(t)) for start, t in zip(starts, tokens, strict=True)]


def _code_names(
    files: list[pl.DataFrame], maps: list[FieldMap], coder: Coder
) -> tuple[list[pl.DataFrame], pl.DataFrame]:
    import polars as pl

    written = [_column(f, *m.forenames) for f, m in zip(files, maps, strict=True)]
    surnames = [_column(f, *m.surnames) for f, m in zip(files, maps, strict=True)]
    former = [_column(f, *m.former_surnames) for f, m in zip(files, maps, strict=True)]
    fore, sur = _Distinct(written), _Distinct([*surnames, *former])
    fore_parts = fore.values.with_columns(cleaning.forename_parts(pl.col("raw")))
    sur_parts = sur.values.with_columns(cleaning.surname_parts(pl.col("raw")))
    written_places = [
        _column(f, c)
        for column in ("street", "street_2", "town")
        for f, c in zip(files, [getattr(m, column) for m in maps], strict=True)
    ]
    place = _Distinct(written_places)
    place_parts = place.values.with_columns(cleaning.place_word(pl.col("raw")).alias("place"))
    words = [fore_parts["f0"], fore_parts["f1"], fore_parts["f2"], sur_parts["s0"], sur_parts["s1"], sur_parts["s2"]]
    names = _name_codes(pl.concat([*words, place_parts["place"]]).drop_nulls().unique(), coder)
    variants = coder.near(names)
    lookup = names.select("name", "code")
    fore_codes = pl.DataFrame([_look_up(fore_parts[c], lookup, c) for c in ("f0", "f1", "f2")])
    sur_codes = pl.DataFrame([_look_up(sur_parts[c], lookup, c) for c in ("s0", "s1", "s2")])
    derived = names.select("code", "phonetic", "prefix", "initial", "form")
    fore_codes = _derive(fore_codes, derived, "f1", {"phonetic": "fp", "prefix": "f3", "initial": "fi", "form": "fk"})
    sur_codes = _derive(sur_codes, derived, "s0", {"phonetic": "sp"})
    forenames, surnames_now = fore.spread(fore_codes), sur.spread(sur_codes)
    place_codes = _look_up(place_parts["place"], lookup, "place").to_frame()
    written_codes = [f["place"] for f in place.spread(place_codes)]
    made = []
    for n in range(len(files)):
        old = surnames_now[len(files) + n]["s0"]
        surname = surnames_now[n].with_columns(pl.col("s1").fill_null(old))
        streets = [written_codes[k * len(files) + n].alias(c) for k, c in enumerate(("street", "street2", "town"))]
        made.append(pl.concat([forenames[n], surname, pl.DataFrame(streets)], how="horizontal"))
    return made, variants


def _name_codes(words: pl.Series, coder: Coder) -> pl.DataFrame:
    """One row per distinct name word: its code, and the codes of its phonetic form, first three letters and initial."""
    import polars as pl

    frame = words.to_frame("name").with_columns(
        cleaning.phonetic(pl.col("name")).alias("sound"),
        pl.col("name").str.slice(0, 3).alias("start"),
        pl.col("name").str.slice(0, 1).alias("letter"),
        cleaning.full_form(pl.col("name")).alias("full"),
    )
    kinds = {"code": ("name", "name"), "phonetic": ("sound", "name.phonetic")}
    kinds |= {"prefix": ("start", "name.prefix"), "initial": ("letter", "name.initial"), "form": ("full", "name.form")}
    for made, (column, kind) in kinds.items():
        frame = frame.with_columns(_dense([coder.tokens(frame[column], kind)])[0].alias(made))
    # an initial standing alone has no first three letters to agree on
    short = pl.col("name").str.len_chars() < 3
    frame = frame.with_columns(pl.when(~short).then("prefix").alias("prefix"))
    return frame.select("name", "code", "phonetic", "prefix", "initial", "form")


def _look_up(values: pl.Series, lookup: pl.DataFrame, column: str) -> pl.Series:
    joined = values.to_frame("name").join(lookup, on="name", how="left", maintain_order="left")
    return joined["code"].alias(column)


def _derive(codes: pl.DataFrame, derived: pl.DataFrame, of: str, names: dict[str, str]) -> pl.DataFrame:
    import polars as pl

    wanted = derived.select(pl.col("code").alias(of), *[pl.col(k).alias(v) for k, v in names.items()])
    return codes.join(wanted, on=of, how="left", maintain_order="left")


def _code_births(files: list[pl.DataFrame], maps: list[FieldMap], coder: Coder) -> list[pl.DataFrame]:
    import polars as pl

    columns = [_column(f, m.birth_date) for f, m in zip(files, maps, strict=True)]
    distinct = _Distinct(columns)
    formats = tuple(dict.fromkeys(f for m in maps for f in m.birth_date_formats))
    frame = distinct.values.with_columns(cleaning.birth_parts(pl.col("raw"), formats))
    whole = frame.select(w=pl.concat_str(["byear", "bmon", "bday"], separator="-"))["w"]
    months, days = _dense([coder.tokens(frame[c], "birth.day_or_month") for c in ("bmon", "bday")])
    coded = frame.select(
        _dense([coder.tokens(whole, "birth.date")])[0].alias("dob"),
        _dense([coder.tokens(frame["byear"], "birth.year")])[0].alias("byear"),
        months.alias("bmon"),
        days.alias("bday"),
        (pl.col("bday").eq("01") & pl.col("bmon").is_in(["01", "07"])).cast(pl.Int32).alias("heap"),
    )
    return distinct.spread(coded)


def _code_sexes(files: list[pl.DataFrame], maps: list[FieldMap], _: Coder) -> list[pl.DataFrame]:
    import polars as pl

    distinct = _Distinct([_column(f, m.sex) for f, m in zip(files, maps, strict=True)])
    return distinct.spread(distinct.values.select(sex=cleaning.sex_code(pl.col("raw")).cast(pl.Int32)))


def _code_places(files: list[pl.DataFrame], maps: list[FieldMap], coder: Coder) -> list[pl.DataFrame]:
    import polars as pl

    def column(name: str) -> list[pl.Series]:
        return [_column(f, getattr(m, name)) for f, m in zip(files, maps, strict=True)]

    postcodes = _Distinct(column("postcode"))
    frame = postcodes.values.with_columns(cleaning.postcode_parts(pl.col("raw")))
    coded = frame.select(
        _dense([coder.tokens(frame[c], f"place.{c}")])[0].alias(c) for c in ("pc", "sector", "district")
    )
    made = [postcodes.spread(coded)]
    homes, numbers = _Distinct(column("home")), _Distinct(column("street_number"))
    cleaned = {
        "home": cleaning.compact_numbers(homes.values["raw"]),
        "number": numbers.values.select(cleaning.compact(pl.col("raw"), least=1))["raw"],
    }
    for distinct, (code, values) in zip((homes, numbers), cleaned.items(), strict=True):
        tokens = coder.tokens(values, f"place.{code}")
        made.append(distinct.spread(_dense([tokens])[0].alias(code).to_frame()))
    return [pl.concat(parts, how="horizontal") for parts in zip(*made, strict=True)]


def _code_strong(files: list[pl.DataFrame], maps: list[FieldMap], coder: Coder) -> list[pl.DataFrame]:
    import polars as pl

    made = []
    for file, map in zip(files, maps, strict=True):
        codes = []
        for number, column in enumerate(map.strong_ids, start=1):
            cleaned = cleaning.compact_numbers(file[column])
            codes.append(coder.tokens(cleaned, f"strong.{number}").alias(f"id{number}"))
        made.append(pl.DataFrame(codes))
    return made
