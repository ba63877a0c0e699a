"""Pairs against the truth, for synthetic boroughs: counted from contingency tables, never by listing pairs.

A pair counts in a group when at least one of its records is in the group: of n records, k of them in the group,
n(n−1)/2 − (n−k)(n−k−1)/2 pairs do. A person found is exact when all its records are of one true person and it has
all the records of that person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb
    import numpy as np
    import polars as pl
    import pyarrow as pa

    Connection = duckdb.DuckDBPyConnection
    Cells = tuple[np.ndarray, np.ndarray, np.ndarray]

AGE_BANDS = ((5, "0-4"), (18, "5-17"), (40, "18-39"), (65, "40-64"), (80, "65-79"), (200, "80+"))


def _attributes(columns: list[str]) -> dict[str, str]:
    """SQL of a person's value, for each group type that the truth has columns for."""
    ages = " ".join(f"when t.age_years < {limit} then '{name}'" for limit, name in AGE_BANDS)
    asked = {
        "ethnicity_group": "t.ethnicity_group::varchar",
        "imd_quintile": "t.imd_quintile::varchar",
        "age_band": "t.age_band::varchar" if "age_band" in columns else f"case {ages} end",
        "sex": "t.sex::varchar",
    }
    return {
        group: f"coalesce({value}, 'unknown')"
        for group, value in asked.items()
        if group in columns or (group == "age_band" and "age_years" in columns)
    }


def tell(con: Connection, truth: pa.Table) -> None:
    """Make `true_record` (rec, true_person, kind) of this month's records, and `kind`: the groups of its people.

    Needs `numbered` alone. Groups are told as one number, for they are compared a million times.
    """
    con.register("truth", truth)
    groups = _attributes(truth.column_names)
    words = ", ".join(f"{value} as {group}" for group, value in groups.items())
    con.execute(
        f"""
        create table kind as
        select (row_number() over (order by {", ".join(groups)}))::integer as kind, *
        from (select distinct {words} from truth as t)
        """
        if groups
        else "create table kind as select 1 as kind"
    )
    same = " and ".join(f"k.{group} = {value}" for group, value in groups.items()) or "true"
    con.execute(
        f"""
        create table true_record as
        select n.rec, t.true_person, k.kind
        from truth as t join numbered as n on n.source = t.source and n.record_id = t.record_id::uuid
        join kind as k on {same}
        where n.is_current
        """
    )
    con.unregister("truth")


def write_accuracy(con: Connection, *, has_truth: bool) -> None:
    """Make `out_accuracy` from the current records of `out_spine` and `true_record` (empty where no truth was told)."""
    con.execute(
        """
        create table out_accuracy (group_type varchar, group_value varchar, record_count bigint,
            true_positive_count bigint, false_positive_count bigint, false_negative_count bigint,
            true_person_count bigint, found_person_count bigint, exact_person_count bigint)
        """
    )
    if not has_truth:
        return
    records = con.sql(
        """
        select r.cluster as person, t.true_person, t.kind, s.step, s.source
        from out_spine as s join true_record as t using (rec) join rec as r using (rec)
        where s.is_current
        """
    ).pl()
    con.register("counted", _counted(records, con.sql("from kind").pl()).to_arrow())
    con.execute("insert into out_accuracy by name from counted; drop table true_record")
    con.unregister("counted")


def _counted(records: pl.DataFrame, kinds: pl.DataFrame) -> pl.DataFrame:
    """`out_accuracy` of records (person, true_person, kind, step, source), given the groups of each kind of people."""
    import numpy as np
    import polars as pl

    found, true = _codes(records["person"]), _codes(records["true_person"])
    both = _codes(pl.Series(found << 32 | true))
    # all of a person found, and all of the true person, is in what they share
    shared = np.bincount(both)[both]
    exact = (np.bincount(found)[found] == shared) & (np.bincount(true)[true] == shared)
    ways = {"found": found, "true": true, "right": both, "exact": found[exact]}
    made = []
    for group in ("step", "source"):
        codes = _codes(records[group])
        cells = {way: _cells(part, codes[exact] if way == "exact" else codes) for way, part in ways.items()}
        made.append(_of_group(group, records[group].unique().sort(), cells))
    of_kind = records["kind"].to_numpy()
    cells = {way: _cells(part, of_kind[exact] if way == "exact" else of_kind) for way, part in ways.items()}
    for group in ("all", *kinds.columns[1:]):
        values = pl.Series(["all"]) if group == "all" else kinds[group].unique().sort()
        place = np.zeros(len(kinds) + 1, dtype=np.int64)
        if group != "all":
            place[kinds["kind"].to_numpy()] = _codes(kinds[group])
        made.append(_of_group(group, values, {way: _cells(p, place[k], n) for way, (p, k, n) in cells.items()}))
    return pl.concat(made)


def _codes(values: pl.Series) -> np.ndarray:
    """The place of each value among the distinct ones in order."""
    import numpy as np
    import polars as pl

    if values.dtype == pl.String:
        return values.cast(pl.Enum(values.unique().sort())).to_physical().to_numpy().astype(np.int64)
    codes: np.ndarray = values.rank("dense").to_numpy().astype(np.int64) - 1
    return codes


def _cells(parts: np.ndarray, codes: np.ndarray, records: np.ndarray | None = None) -> Cells:
    """Of each part and code (a group) that meet: the part, the code, and how many records they have in common.

    `records`: how many each row of parts and codes stands for; one, where it is not given.
    """
    import numpy as np

    keys = parts << 16 | codes
    order = None if records is None else np.argsort(keys)
    keys = np.sort(keys) if order is None else keys[order]
    starts = np.flatnonzero(np.diff(keys, prepend=-1))
    if records is None:
        inside = np.diff(starts, append=len(keys))
    else:
        inside = np.add.reduceat(records[order], starts) if len(starts) else records
    return keys[starts] >> 16, keys[starts] & 0xFFFF, inside


def _of_group(group: str, values: pl.Series, cells: dict[str, Cells]) -> pl.DataFrame:
    """The rows of one group type: what its values (the codes of the cells) have of people found, true, and right."""
    import numpy as np
    import polars as pl

    def per_value(way: str, weight: np.ndarray | None = None) -> np.ndarray:
        return np.bincount(cells[way][1], weight, len(values)).astype(np.int64)

    pairs = {way: per_value(way, _touching(cells[way])) for way in ("found", "true", "right")}
    counts = {
        "record_count": per_value("found", cells["found"][2]), "true_positive_count": pairs["right"],
        "false_positive_count": pairs["found"] - pairs["right"],
        "false_negative_count": pairs["true"] - pairs["right"], "true_person_count": per_value("true"),
        "found_person_count": per_value("found"), "exact_person_count": per_value("exact"),
    }  # fmt: skip
    told = pl.DataFrame({"group_value": values.cast(pl.String), **counts}).filter(pl.col("record_count") > 0)
    return told.with_columns(group_type=pl.lit(group))


def _touching(cells: Cells) -> np.ndarray:
    """How many pairs of its part touch each cell."""
    import numpy as np

    part, _, inside = cells
    total = np.bincount(part, inside).astype(np.int64)[part]
    pairs: np.ndarray = total * (total - 1) // 2 - (total - inside) * (total - inside - 1) // 2
    return pairs
