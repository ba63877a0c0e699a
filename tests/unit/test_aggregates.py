"""Feeds of places and groups: what the vault accepts of them, what it refuses, and what the borough invents."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from synthetic_data.feeds import aggregates
from synthetic_data.feeds.feed import Feed
from synthetic_data.feeds.write import as_sent
from synthetic_data.world.borough import place
from synthetic_data.world.planted import ASTHMA_WARD
from synthetic_data.world.state import Borough
from tests.vault_files import as_bytes
from tests.vault_session import vault_session
from wsd_pipeline.contracts import landed_tables, table
from wsd_pipeline.contracts.core import LandedTable
from wsd_pipeline.contracts.landed import aggregates as contracts
from wsd_pipeline.contracts.places import FIRST_NEW_LSOA21, WITHDRAWN_LSOA11
from wsd_pipeline.settings import Mode, Project
from wsd_pipeline.vault.examine import Examined, examine
from wsd_pipeline.vault.mapping import layout_of
from wsd_pipeline.vault.receive import receive

HANDWRITTEN = Path(__file__).resolve().parents[1] / "handwritten"
MONTH = "2026-01"
NAMES = [t.name for t in contracts.TABLES]


def landed(folder: Path, name: str, data: bytes) -> tuple[Examined, pl.DataFrame]:
    """What the vault makes of a file: its judgement, and the rows that would be carried on."""
    feed: LandedTable = table(f"landed.{name}")  # type: ignore[assignment]
    path = folder / f"{name}_ORG_{MONTH}_202602010900.csv"
    path.write_bytes(data)
    layout = layout_of(Project(root=folder, name="x", mode=Mode.SYNTHETIC), feed, MONTH)
    with vault_session() as con:
        found = examine(con, feed, receive(path, feed.key, layout, MONTH, folder), layout, Mode.SYNTHETIC, MONTH)
        return found, con.sql("select * exclude (row_number) from landed").pl()


def failing(found: Examined) -> set[tuple[str, str]]:
    return {(r.column, r.check) for r in found.results if r.failed}


def changed(name: str, row: int, **values: str) -> bytes:
    """The hand-written file with some values of one row changed."""
    feed: LandedTable = table(f"landed.{name}")  # type: ignore[assignment]
    text = pl.read_csv(HANDWRITTEN / f"{name}.csv", infer_schema=False)
    rows = text.rename({c.source_header: c.name for c in feed.landed_columns}).fill_null("").to_dicts()
    rows[row] |= values
    return as_bytes(feed, rows)


@pytest.mark.parametrize(
    ("name", "row", "values", "check"),
    [
        ("area__context", 0, {"lsoa_code": WITHDRAWN_LSOA11[3]}, "lsoa11_in_lsoa21"),
        ("area__context", 2, {"lsoa_code": "E01035657"}, "lsoa21_in_lsoa11"),
        ("area__context", 0, {"imd_vintage": "2019"}, "imd_of_its_areas"),
        ("area__context", 2, {"imd_vintage": "2025"}, "imd_of_its_areas"),
        ("survey__results", 1, {"is_series_break": "N"}, "gpps_2024_is_new"),
        ("survey__results", 0, {"is_series_break": "Y"}, "gpps_2024_is_new"),
        ("survey__results", 3, {"positive_count": "213"}, "positive_within_base"),
        ("survey__results", 3, {"ci_low_pct": "71.0"}, "value_within_interval"),
        ("outcomes__targets", 0, {"period_end": "31/03/2025"}, "period_runs_forward"),
        ("outcomes__comparators", 0, {"ci_high": "83.0"}, "value_within_interval"),
    ],
    ids=[
        "LSOA11 code among LSOA21s", "LSOA21 code among LSOA11s", "IMD 2019 on LSOA21", "IMD 2025 on LSOA11",
        "new series not marked", "old series marked", "more positive than asked", "below its interval", "backwards",
        "above its interval",
    ],
)  # fmt: skip
def test_one_wrong_row_stops_the_file(tmp_path, name, row, values, check):
    found, _ = landed(tmp_path, name, changed(name, row, **values))
    assert found.stop is not None and found.stop.facts["check"] == check
    assert failing(found) == {("", check)}


@dataclass
class Made:
    state: Borough
    feeds: dict[str, Feed]


@pytest.fixture(scope="module")
def made() -> Made:
    import numpy as np

    from synthetic_data.world.rows import Rows

    empty = Rows()
    state = Borough(5, 0, empty, empty, *[np.zeros(0)] * 3, empty, empty, 34_340)  # only its size and seed are asked
    return Made(state, {f.table: f for f in aggregates.extracts(state, MONTH, MONTH)})


@pytest.mark.parametrize("name", NAMES)
def test_what_is_invented_is_accepted_whole(tmp_path, made, name):
    feed: LandedTable = table(f"landed.{name}")  # type: ignore[assignment]
    sent = as_sent(feed, made.feeds[name].rows)
    assert sent.columns == [c.source_header for c in feed.landed_columns]
    found, rows = landed(tmp_path, name, sent.write_csv().encode())
    assert (found.stop, found.quarantined, found.resubmitted) == (None, 0, 0)
    assert not failing(found)
    assert rows.height == sent.height
    assert made.feeds[name].records.is_empty(), "nobody stands behind a row"


def test_they_come_when_due_and_say_the_same_whenever_they_come(made):
    again = {f.table: f.rows for f in aggregates.extracts(made.state, "2026-04", MONTH)}
    quarter = [f.table for f in aggregates.extracts(made.state, "2026-07", MONTH)]
    assert set(again) == set(NAMES) and quarter == ["finance__lines"]
    assert aggregates.extracts(made.state, "2026-02", MONTH) == []
    assert again["survey__results"].equals(made.feeds["survey__results"].rows)
    due = {t.name: t.cadence for t in landed_tables() if t.name in NAMES}
    assert {n for n, c in due.items() if c == "quarterly"} == {"finance__lines"}


def test_the_founding_pool_adds_up_to_the_penny(made):
    lines = made.feeds["finance__lines"].rows.filter(pl.col("figure_origin") == "founding_documents")
    pounds = {code: Decimal(p) for code, p in lines.select("cost_centre_code", "budget_gbp").iter_rows()}
    assert sum(pounds.values()) == Decimal("5378000.00"), "a tenth of 53.78 million for a tenth of the people"
    assert (pounds["BCF901"], pounds["BCF902"]) == (Decimal("1840000.00"), Decimal("890000.00"))
    assert lines["is_pooled_bcf"].all() and set(lines["financial_year"]) == {"2019/20"}
    rest = made.feeds["finance__lines"].rows.filter(pl.col("figure_origin") != "founding_documents")
    assert set(rest["figure_origin"]) == {"illustrative"}


def test_areas_of_2011_are_there_once_and_in_their_own_vintage(made):
    rows = made.feeds["area__context"].rows
    counts = dict(
        rows.group_by("lsoa_vintage", "year")
        .len()
        .select(pl.concat_list("lsoa_vintage", "year").cast(pl.List(pl.String)).list.join("/"), "len")
        .iter_rows()
    )
    assert counts == {"2011/2019": 144, "2021/2024": 169, "2021/2025": 169}
    older = rows.filter(pl.col("lsoa_vintage") == 2011)["lsoa_code"]
    assert set(WITHDRAWN_LSOA11) <= set(older) and (older < FIRST_NEW_LSOA21).all()


def test_air_and_damp_are_worst_where_the_asthma_cluster_is(made):
    wards = pl.DataFrame(
        {"lsoa_code": pl.Series(list(place().lsoa)), "ward": pl.Series(list(place().wards[place().ward]))}
    )
    rows = made.feeds["area__context"].rows.filter(pl.col("year") == 2025).join(wards, on="lsoa_code")
    means = rows.group_by("ward").agg(pl.col("pm25_ugm3").mean(), pl.col("damp_and_mould_complaint_count").mean())
    for column in means.columns[1:]:
        assert means.sort(column)["ward"][-1] == ASTHMA_WARD, column


def test_the_projection_starts_from_the_residents_and_grows_where_building_is(made):
    rows = made.feeds["population__projections"].rows
    total = rows.group_by("year").agg(pl.col("residents").sum()).sort("year")
    assert 29_000 < total["residents"][0] < 36_000 and total["residents"].is_sorted()
    by_ward = (
        rows.filter(pl.col("year").is_in([2026, 2036])).group_by("ward_code", "year").agg(pl.col("residents").sum())
    )
    both = by_ward.pivot("year", index="ward_code", values="residents").sort("ward_code")
    grown = dict(zip(both["ward_code"], both["2036"] / both["2026"], strict=True))
    assert grown["E05009323"] > 1.15 > grown["E05009319"] > 1.05


def test_a_survey_has_its_series_break_and_sound_intervals(made):
    rows = made.feeds["survey__results"].rows
    breaks = rows.filter("is_series_break").select("survey_code", "wave").unique().rows()
    assert breaks == [("GPPS", "2024")]
    england = rows.filter((pl.col("geo_type") == "england") & (pl.col("question_key") == "overall_experience_good"))
    assert england.filter(pl.col("wave") == "2024")["value_pct"].item() == pytest.approx(73.9, abs=1.0)
