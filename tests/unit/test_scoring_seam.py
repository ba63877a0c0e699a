"""Open records against standing people, over tokens: what the cascade's fifth step calls."""

from __future__ import annotations

import duckdb
import numpy as np
import polars as pl
import pytest

from wsd_pipeline.linkage.scoring.seam import score_open

pytestmark = pytest.mark.slow

PEOPLE = 1500


def standing(rng: np.random.Generator) -> pl.DataFrame:
    """People with tokens, two records each; homes of three."""
    number = np.arange(PEOPLE)
    person = pl.DataFrame(
        {
            "cluster": number,
            "nhs": number + 10_000_000,
            "forename": rng.integers(1, 200, PEOPLE),
            "surname": 1_000 + (number // 3) % 400,
            "birth_year": rng.integers(1930, 2020, PEOPLE),
            "birth_month": rng.integers(1, 13, PEOPLE),
            "birth_day": rng.integers(1, 29, PEOPLE),
            "sex": rng.integers(1, 3, PEOPLE),
            "uprn": 50_000 + number // 3,
            "postcode": 70_000 + number // 30,
            "outward": 90_000 + number // 300,
            "is_heaped": False,
        }
    )
    person = person.with_columns(
        birth_date=pl.col("birth_year") * 10_000 + pl.col("birth_month") * 100 + pl.col("birth_day"),
        forename_phonetic=pl.col("forename") // 2, surname_phonetic=pl.col("surname") // 2,
    )  # fmt: skip
    again = person.with_columns(pl.lit(None, dtype=pl.Int64).alias("nhs"))
    # hospital records without a name: of a twin's cluster too, where it hides whose the cluster is
    nameless = person[240:270].with_columns(
        pl.lit(None, dtype=pl.Int64).alias(c)
        for c in ("nhs", "forename", "surname", "forename_phonetic", "surname_phonetic")
    )
    sources = {"gp": person, "asc": again, "apc": nameless}
    return pl.concat([frame.with_columns(source=pl.lit(name)) for name, frame in sources.items()])


def with_ids(records: pl.DataFrame, start: int) -> pl.DataFrame:
    return records.with_columns(rec=pl.int_range(start, start + pl.len()))


def scored(left: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    con = duckdb.connect()
    everybody = pl.concat([people, left], how="diagonal_relaxed")
    tokens = [c for c in everybody.columns if c not in ("source", "rec", "cluster", "is_heaped")]
    casts = ", ".join(f"{c}::ubigint as {c}" for c in tokens)
    for name, frame in (("left_over_rows", left), ("everybody_rows", everybody)):
        con.register(name, frame.to_arrow())
        con.execute(f"create table {name[:-5]} as select source, rec, cluster, is_heaped, {casts} from {name}")
    return pl.DataFrame(score_open(con, "left_over", "everybody"))


@pytest.fixture(scope="module")
def outcome() -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    rng = np.random.default_rng(6)
    people = with_ids(standing(rng), 1)
    known = people.filter(pl.col("source") == "gp")
    moved = known.head(120).with_columns(
        source=pl.lit("housing"),
        nhs=pl.lit(None, dtype=pl.Int64),
        uprn=pl.col("cluster") + 990_000,
        postcode=pl.col("cluster") + 880_000,
    )
    wrong_day = known[120:240].with_columns(
        source=pl.lit("school"),
        nhs=pl.lit(None, dtype=pl.Int64),
        birth_day=pl.lit(30),
        birth_date=pl.col("cluster") + 30_000_000,
    )
    twins = known[240:300].with_columns(
        source=pl.lit("twin"), nhs=pl.lit(None, dtype=pl.Int64), forename=pl.lit(777), forename_phonetic=pl.lit(777)
    )
    strangers = known[300:400].with_columns(
        pl.lit(None, dtype=pl.Int64).alias("nhs"), source=pl.lit("new"),
        forename=pl.col("forename") + 5_000, surname=pl.col("surname") + 5_000,
        surname_phonetic=pl.lit(6), birth_date=pl.col("cluster") + 40_000_000, birth_year=pl.lit(1900),
        uprn=pl.col("cluster") + 770_000, postcode=pl.col("cluster") + 780_000,
    )  # fmt: skip
    left = (
        pl.concat([moved, wrong_day, twins, strangers], how="vertical_relaxed")
        .with_columns(true=pl.col("cluster"))
        .drop("rec")
    )
    left = with_ids(left, 10_000).with_columns(cluster=pl.int_range(pl.len()) + PEOPLE)
    return scored(left.drop("true"), people), left, people


def test_people_who_moved_or_were_misread_are_found(outcome: tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]) -> None:
    found, left, _ = outcome
    right = found.join(left.select("rec", "source", "true"), on="rec")
    for source in ("housing", "school"):
        of = right.filter(pl.col("source") == source)
        assert len(of) >= 110
        assert (of["cluster"] == of["true"]).mean() > 0.99


def test_twins_and_strangers_join_nobody(outcome: tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]) -> None:
    found, left, people = outcome
    joined = found.join(left.select("rec", "source"), on="rec")
    joined = joined.filter(pl.col("source").is_in(["twin", "new"]) & (pl.col("cluster") < len(people) // 2))
    assert joined.is_empty()


def test_figures_are_shares_and_bits(outcome: tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]) -> None:
    found = outcome[0]
    assert found.columns == ["rec", "cluster", "match_weight", "match_share", "margin_share"]
    assert found["match_share"].is_between(0.95, 1).all()
    assert found["margin_share"].is_between(0.75, 1).all()
    assert found["rec"].is_unique().all()


def test_nobody_open_is_nothing_to_do() -> None:
    people = with_ids(standing(np.random.default_rng(2)), 1)
    assert scored(people.head(0), people).is_empty()
