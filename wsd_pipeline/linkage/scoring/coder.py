"""What makes tokens of values, and says which names are near.

In the bench the link key is made for the run and forgotten (`Coder.keyed`); `Coder.clear` codes the clear text
instead, and takes names as near by Jaro–Winkler where tokens know one edit only, so that the two can be compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wsd_pipeline.linkage.scoring import cleaning
from wsd_pipeline.linkage.scoring.numbering import codes_of, distinct

if TYPE_CHECKING:
    import polars as pl

ROW_SEED = 20
_STREAMED = 50_000
"""From so many values on, both cores hash."""
JARO_WINKLER = 0.9
"""In clear text, names are near from this similarity on (Winkler 1990: 0.88 to 0.92 is usual)."""


@dataclass(frozen=True)
class Coder:
    """Makes tokens of values: HMAC-SHA256 under a key of their kind, or (key None) a plain 64-bit hash."""

    key: str | None

    @classmethod
    def keyed(cls, key: bytes) -> Coder:
        """A coder under the link key `key`."""
        return cls(key.hex())

    @classmethod
    def clear(cls) -> Coder:
        """A coder of clear text: for comparison with tokens only."""
        return cls(None)

    def tokens(self, values: pl.Series, kind: str) -> pl.Series:
        """The token of each value, null for null: the first 64 bits of HMAC-SHA256 under a key of the kind."""
        import polars as pl

        if self.key is None:
            return values.to_frame("v").select(pl.when(pl.col("v").is_not_null()).then(pl.col("v").hash(ROW_SEED)))["v"]
        import hashlib
        import hmac

        import polars_hash  # noqa: F401  (registers the namespace)

        kind_key = hmac.new(bytes.fromhex(self.key), kind.encode(), hashlib.sha256).hexdigest()
        hashed: Any = pl.col("v").chash  # type: ignore[attr-defined]
        token = hashed.hmac_sha256(key=kind_key).str.slice(0, 16).str.to_integer(base=16, dtype=pl.UInt64)
        plan = values.to_frame("v").lazy().select(token)
        return plan.collect(engine="streaming" if len(values) >= _STREAMED else "in-memory")["v"]

    def near(self, names: pl.DataFrame) -> pl.DataFrame:
        """Columns code and variant of names (code, name): two names that share a variant are near each other."""
        import numpy as np
        import polars as pl

        if self.key is None:
            return _alike(names)
        made = cleaning.deletions(names)
        is_first, number = distinct(made["variant"].hash(ROW_SEED).to_numpy())
        # what one name alone has makes nobody near, and is not hashed
        shared = np.bincount(number) > 1
        is_first[is_first] = shared
        code = np.zeros(len(shared), dtype=np.int32)
        code[shared] = codes_of(self.tokens(made["variant"].filter(is_first), "name.deletion")).to_numpy()
        return made.select("code", variant=code.take(number)).filter(pl.col("variant") > 0)


def _alike(names: pl.DataFrame) -> pl.DataFrame:
    """Each two names of one first letter that are alike by Jaro–Winkler, as a variant of their own."""
    import duckdb

    con = duckdb.connect()
    try:
        con.execute("set async_threads = 0")
        con.register("names", names.select("code", "name").to_arrow())
        pairs: pl.DataFrame = con.sql(
            f"""select x.code as x, y.code as y from names as x join names as y
            on x.name[1] = y.name[1] and x.code < y.code
            where jaro_winkler_similarity(x.name, y.name) >= {JARO_WINKLER} order by x.code, y.code"""
        ).pl()
    finally:
        con.close()
    return (
        pairs.with_row_index("variant")
        .unpivot(["x", "y"], index="variant", value_name="code")
        .select("code", "variant")
    )
