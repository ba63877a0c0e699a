"""From written values to integers: each distinct value becomes a keyed token once, and tokens become small codes.

Codes follow the order of the tokens, so neither they nor anything after them depends on the order of rows or, under
a key, on the values.
"""

from __future__ import annotations

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

    orders = [_row_order(f[m.unique_id], m.unique_id, n) for n, (f, m) in enumerate(zip(files, maps, strict=True))]
    parts: list[list[pl.DataFrame]] = [[] for _ in files]
    variants = _code_names(files, maps, coder, parts)
    _code_births(files, maps, coder, parts)
    _code_places(files, maps, coder, parts)
    _code_strong(files, maps, coder, parts)
    frames = []
    for file, map, order, made in zip(files, maps, orders, parts, strict=True):
        sex = cleaning.sex_code(pl.col(map.sex)) if map.sex else pl.lit(None)
        made.append(file.with_columns(sex.cast(pl.Int32).alias("sex")).select("sex"))
        frames.append(pl.concat([_rids(order), *made], how="horizontal"))
    ids = [f[m.unique_id] for f, m in zip(files, maps, strict=True)]
    written = any(m.street or m.town for m in maps)
    return Coded(frames, ids, orders, variants, len(maps[0].strong_ids), written)


def _rids(order: np.ndarray) -> pl.DataFrame:
    import numpy as np
    import polars as pl

    rid = np.empty(len(order), dtype=np.int32)
    rid[order] = np.arange(len(order), dtype=np.int32)
    return pl.DataFrame({"rid": rid})


def _row_order(ids: pl.Series, column: str, number: int) -> np.ndarray:
    import numpy as np

    hashed = ids.hash(ROW_SEED).to_numpy()
    order = np.argsort(hashed, kind="stable")
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
    """The distinct values of some columns of all files, and the way back from them to rows."""

    def __init__(self, columns: list[pl.Series]) -> None:
        import polars as pl

        known = [c for c in columns if c.null_count() < len(c)]
        self.heights = [len(c) for c in columns]
        self.rows = [
            c.to_frame("raw").select("raw", row_hash=pl.col("raw").hash(ROW_SEED)) if c.null_count() < len(c) else None
            for c in columns
        ]
        empty = pl.DataFrame(schema={"raw": pl.String, "row_hash": pl.UInt64})
        values = [r for r in self.rows if r is not None] if known else [empty]
        self.values = pl.concat(values).drop_nulls("raw").unique("row_hash", keep="any")

    def spread(self, coded: pl.DataFrame) -> list[pl.DataFrame]:
        """`coded` (one row per distinct value, with `row_hash`) joined back to the rows of each column."""
        import polars as pl

        back = coded.drop("raw", strict=False)
        spread = []
        for rows, height in zip(self.rows, self.heights, strict=True):
            if rows is None:
                spread.append(back.drop("row_hash").clear(height))
            else:
                found = (
                    rows.lazy().select("row_hash").join(back.lazy(), on="row_hash", how="left", maintain_order="left")
                )
                spread.append(found.select(pl.exclude("row_hash")).collect())
        return spread


def _dense(tokens: list[pl.Series]) -> list[pl.Series]:
    """Codes 1, 2, … of tokens in their order, shared by all the series; null stays null."""
    import polars as pl

    ranked = pl.concat([t.alias("t") for t in tokens]).rank("dense").cast(pl.Int32)
    starts = [sum(len(t) for t in tokens[:n]) for n in range(len(tokens))]
    return [ranked.slice(start, len(t)) for start, t in zip(starts, tokens, strict=True)]


def _code_names(
    files: list[pl.DataFrame], maps: list[FieldMap], coder: Coder, parts: list[list[pl.DataFrame]]
) -> pl.DataFrame:
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
    fore_codes = fore_parts.select("row_hash")
    for column in ("f0", "f1", "f2"):
        fore_codes = fore_codes.hstack([_look_up(fore_parts[column], lookup, column)])
    sur_codes = sur_parts.select("row_hash")
    for column in ("s0", "s1", "s2"):
        sur_codes = sur_codes.hstack([_look_up(sur_parts[column], lookup, column)])
    derived = names.select("code", "phonetic", "prefix", "initial", "form")
    fore_codes = _derive(fore_codes, derived, "f1", {"phonetic": "fp", "prefix": "f3", "initial": "fi", "form": "fk"})
    sur_codes = _derive(sur_codes, derived, "s0", {"phonetic": "sp"})
    for part, frame in zip(parts, fore.spread(fore_codes), strict=True):
        part.append(frame)
    spread = sur.spread(sur_codes)
    for n, part in enumerate(parts):
        old = spread[len(files) + n]["s0"]
        part.append(spread[n].with_columns(pl.col("s1").fill_null(old)))
    place_codes = place_parts.select("row_hash").hstack([_look_up(place_parts["place"], lookup, "place")])
    for n, frame in enumerate(place.spread(place_codes)):
        column = ("street", "street2", "town")[n // len(files)]
        parts[n % len(files)].append(frame.rename({"place": column}))
    return variants


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


def _code_births(
    files: list[pl.DataFrame], maps: list[FieldMap], coder: Coder, parts: list[list[pl.DataFrame]]
) -> None:
    import polars as pl

    columns = [_column(f, m.birth_date) for f, m in zip(files, maps, strict=True)]
    distinct = _Distinct(columns)
    formats = tuple(dict.fromkeys(f for m in maps for f in m.birth_date_formats))
    frame = distinct.values.with_columns(cleaning.birth_parts(pl.col("raw"), formats))
    whole = frame.select(w=pl.concat_str(["byear", "bmon", "bday"], separator="-"))["w"]
    months, days = _dense([coder.tokens(frame[c], "birth.day_or_month") for c in ("bmon", "bday")])
    coded = frame.select(
        "row_hash",
        _dense([coder.tokens(whole, "birth.date")])[0].alias("dob"),
        _dense([coder.tokens(frame["byear"], "birth.year")])[0].alias("byear"),
        months.alias("bmon"),
        days.alias("bday"),
        (pl.col("bday").eq("01") & pl.col("bmon").is_in(["01", "07"])).cast(pl.Int32).alias("heap"),
    )
    for part, spread in zip(parts, distinct.spread(coded), strict=True):
        part.append(spread)


def _code_places(
    files: list[pl.DataFrame], maps: list[FieldMap], coder: Coder, parts: list[list[pl.DataFrame]]
) -> None:
    import polars as pl

    def column(name: str) -> list[pl.Series]:
        return [_column(f, getattr(m, name)) for f, m in zip(files, maps, strict=True)]

    postcodes = _Distinct(column("postcode"))
    frame = postcodes.values.with_columns(cleaning.postcode_parts(pl.col("raw")))
    coded = frame.select(
        "row_hash", *[_dense([coder.tokens(frame[c], f"place.{c}")])[0].alias(c) for c in ("pc", "sector", "district")]
    )
    for part, spread in zip(parts, postcodes.spread(coded), strict=True):
        part.append(spread)
    for made, name in {"home": "home", "number": "street_number"}.items():
        distinct = _Distinct(column(name))
        clean = cleaning.compact(pl.col("raw"), least=3 if made == "home" else 1)
        cleaned = distinct.values.with_columns(clean.alias("clean"))
        tokens = coder.tokens(cleaned["clean"], f"place.{made}")
        coded = cleaned.select("row_hash", _dense([tokens])[0].alias(made))
        for part, spread in zip(parts, distinct.spread(coded), strict=True):
            part.append(spread)


def _code_strong(
    files: list[pl.DataFrame], maps: list[FieldMap], coder: Coder, parts: list[list[pl.DataFrame]]
) -> None:
    for file, map, part in zip(files, maps, parts, strict=True):
        for number, column in enumerate(map.strong_ids, start=1):
            cleaned = cleaning.compact_numbers(file[column])
            part.append(coder.tokens(cleaned, f"strong.{number}").alias(f"id{number}").to_frame())
