"""Names brought to one form, over distinct values: cleaned and coded by recordlinkage, cut into tokens.

Rules for this borough (DOMAIN §3.6): MD, MOHAMMED and their spellings come and go, so beside another name they are
left out and alone they are one name; BABY, TWIN and their like are no name; titles are dropped. Letters outside
the Latin alphabet that have no Latin base are lost.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

TITLES = (
    "mr", "mrs", "ms", "miss", "dr", "rev", "prof", "master", "mstr", "sir", "mx", "mst", "most", "mosammat",
    "mosammet", "musammat", "musammet",
)  # fmt: skip
MOHAMMED = "mohammed"
MOHAMMED_SPELLINGS = (
    "md", "mohd", "muhd", "mohammad", "mohammod", "mohamed", "mohamad", "mohamud", "mohamoud", "muhammad",
    "muhammed", "muhamad", "muhamed", "mahammad", "mahomed", "mohamet", "mohammmed",
)  # fmt: skip
NO_NAME = (
    "baby", "babyof", "babyboy", "babygirl", "twin", "triplet", "infant", "newborn", "unborn", "unknown",
    "unk", "unnamed", "notknown", "nk", "bb", "bg", "test", "dummy", "xxx", "zzz", "anon", "anonymous",
)  # fmt: skip
NO_NAME_ALONE = ("male", "female", "boy", "girl", "not", "surname", "forename", "no")
_UNDECOMPOSED = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i"}
)
_SEPARATORS = r"[\-\_./,;]"
_NO_LETTERS = r"[^ \-\_./,;A-Za-z]+"


def prepare() -> None:
    """Import recordlinkage, which takes two to four seconds: call it beside other work."""
    import recordlinkage.preprocessing  # noqa: F401


def forename_forms(values: pl.Series) -> pl.DataFrame:
    """Each distinct forename: value, whole (its first token), phonetic, initial, tokens; null where no name.

    And `left_out`: MOHAMMED, where it was left out beside another name.
    """
    import polars as pl

    frame = _tokens(values)
    first_of_all = pl.col("tokens").list.first()
    others = pl.col("tokens").list.eval(pl.element().filter(~pl.element().is_in((*NO_NAME, *NO_NAME_ALONE))))
    is_name = ~first_of_all.is_in(NO_NAME) & (others.list.len() > 0)
    named = frame.with_columns(tokens=pl.when(is_name).then(pl.col("tokens")))
    made = _coded(named.with_columns(whole=pl.col("tokens").list.first()))
    left_out = pl.when(named["has_mohammed"] & (made["whole"] != MOHAMMED)).then(pl.lit(MOHAMMED))
    return made.with_columns(left_out=left_out)


def surname_forms(values: pl.Series) -> pl.DataFrame:
    """Each distinct surname: value, whole (letters only), phonetic, initial, tokens; null where no name."""
    import polars as pl

    frame = _tokens(values, keep_mohammed=True)
    said = pl.col("tokens").list.eval(pl.element().filter(~pl.element().is_in(NO_NAME)))  # BABY BEGUM is BEGUM
    frame = frame.with_columns(tokens=pl.when(said.list.len() > 0).then(said).otherwise(pl.col("tokens")))
    whole = pl.col("tokens").list.join("")
    is_name = ~whole.is_in(NO_NAME) & ~whole.is_in(NO_NAME_ALONE)
    named = frame.with_columns(tokens=pl.when(is_name).then(pl.col("tokens")))
    return _coded(named.with_columns(whole=pl.col("tokens").list.join("")))


def like_forms(wholes: pl.Series) -> pl.DataFrame:
    """What each distinct whole name looks like: whole, prefix (null where shorter), form, variants (a list).

    `form` is the full form of a usual English short form; `variants` the name and it with one letter left out.
    """
    import polars as pl

    from wsd_pipeline.linkage.scoring.cleaning import deletions, full_form

    frame = wholes.drop_nulls().unique().sort().alias("whole").to_frame().with_row_index("code")
    variants = deletions(frame.select("code", name="whole")).unique().group_by("code").agg(pl.col("variant").sort())
    name = pl.col("whole")
    return frame.join(variants, on="code", how="left", maintain_order="left").select(
        "whole",
        pl.when(name.str.len_chars() >= 3).then(name.str.slice(0, 3)).alias("prefix"),
        full_form(name.str.to_uppercase()).str.to_lowercase().alias("form"),
        pl.col("variant").alias("variants"),
    )


def latin(text: str) -> str:
    """Letters without their marks (NFKD), and the few that do not decompose by their usual spelling."""
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFKD", text.lower()).translate(_UNDECOMPOSED)
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def cleaned(values: pl.Series) -> pl.Series:
    """Lower case, Latin letters and single spaces only, by recordlinkage's `clean`."""
    import pandas as pd
    import polars as pl
    from recordlinkage.preprocessing import clean

    texts = pd.Series([latin(v) for v in values.to_list()], dtype="object")
    if texts.empty:
        return pl.Series("clean", [], dtype=pl.String)
    made = clean(texts, replace_by_none=_NO_LETTERS, replace_by_whitespace=_SEPARATORS)
    return pl.Series("clean", made.to_list(), dtype=pl.String)


def phonetic_codes(values: pl.Series) -> pl.Series:
    """Soundex of each value by recordlinkage's `phonetic`; null stays null."""
    import pandas as pd
    import polars as pl
    from recordlinkage.preprocessing import phonetic

    distinct = values.drop_nulls().unique().sort()
    if distinct.is_empty():
        return pl.Series("phonetic", [None] * len(values), dtype=pl.String)
    codes = phonetic(pd.Series(distinct.to_list(), dtype="object"), "soundex").to_list()
    return values.replace_strict(distinct, pl.Series(codes, dtype=pl.String), default=None)


def _tokens(values: pl.Series, *, keep_mohammed: bool = False) -> pl.DataFrame:
    """Each distinct value and its name tokens in order, titles out; null where nothing is left."""
    import polars as pl

    distinct = values.drop_nulls().unique().sort().alias("value")
    is_title = pl.element().is_in(TITLES)
    one_spelling = pl.element().replace(dict.fromkeys(MOHAMMED_SPELLINGS, MOHAMMED))
    is_mohammed = pl.element() == MOHAMMED
    frame = distinct.to_frame().with_columns(cleaned(distinct).str.split(" ").alias("tokens"))
    frame = frame.with_columns(pl.col("tokens").list.eval(pl.element().filter((pl.element() != "") & ~is_title)))
    if keep_mohammed:
        return frame.with_columns(_null_if_empty(pl.col("tokens")))
    frame = frame.with_columns(pl.col("tokens").list.eval(one_spelling))
    others = pl.col("tokens").list.eval(pl.element().filter(~is_mohammed))
    tokens = pl.when(others.list.len() > 0).then(others).otherwise(pl.col("tokens").list.head(1))
    has_mohammed = pl.col("tokens").list.contains(MOHAMMED)
    return frame.with_columns(_null_if_empty(tokens).alias("tokens"), has_mohammed=has_mohammed)


def _null_if_empty(tokens: pl.Expr) -> pl.Expr:
    import polars as pl

    return pl.when(tokens.list.len() > 0).then(tokens)


def _coded(frame: pl.DataFrame) -> pl.DataFrame:
    """`whole` with its phonetic code and initial, and the tokens as they are compared, each once."""
    import polars as pl

    codes = phonetic_codes(frame["whole"])
    one_spelling = pl.element().replace(dict.fromkeys(MOHAMMED_SPELLINGS, MOHAMMED))
    tokens = pl.col("tokens").list.eval(one_spelling)
    others = tokens.list.eval(pl.element().filter(pl.element() != MOHAMMED))
    kept = pl.when(others.list.len() > 0).then(others).otherwise(tokens)
    return frame.select(
        "value",
        "whole",
        codes.alias("phonetic"),
        pl.col("whole").str.slice(0, 1).alias("initial"),
        kept.list.unique(maintain_order=True).alias("tokens"),
    )
