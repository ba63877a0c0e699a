"""The page of linkage: every chart has its table and its words, nothing comes from outside, no links are no page."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest

from wsd_pipeline.contracts import table
from wsd_pipeline.lake import Zone
from wsd_pipeline.settings import Mode, Project
from wsd_pipeline.site.charts import Bar, Dot, bars, columns, dots
from wsd_pipeline.site.linkage import linkage_page

MONTH = "2026-01"
ROWS = {
    "linked.evidence": """
        select 'score' as measure, 'accepted' as part, 19 as place, '0.95 to 1' as value, 40 as record_count
        union all select 'score', 'not accepted', 12, '0.6 to 0.65', 3
        union all select 'own_weight', 'bits', 31, '31', 90
        union all select 'own_weight', 'bits', 12, '12', 10
        union all select 'person_size', 'records', 1, '2', 50
        union all select 'alarm', 'more than one birth date', 2, 'people', 4
    """,
    "mart.linkage_quality": """
        select 'linked_to_health' as measure, s as source, t as group_type, v as group_value,
            90 as numerator_count, 100 as denominator_count, 90 as value_pct, 82 as value_low_pct, 95 as value_high_pct
        from (values ('education', 'all', 'all'), ('education', 'ethnicity_group', 'Black <b>')) as x(s, t, v)
        union all select 'recall', 'all', 'ethnicity_group', 'Mixed', 95, 100, 95, 89, 98
    """,
    "mart.linkage_accuracy": """
        select 'held_out_found' as measure, 'gp' as source, 'all' as group_type, 'all' as group_value,
            null as numerator_count, 20 as denominator_count, null as value_pct, null as value_low_pct,
            null as value_high_pct
    """,
}


def promote(project: Project, key: str, select: str) -> None:
    con = duckdb.connect()
    given = {row[0] for row in con.execute(f"describe {select}").fetchall()}
    columns_of = ", ".join(
        f'cast({c.name if c.name in given else "null"} as {c.type}) as "{c.name}"' for c in table(key).columns
    )
    lake = Zone(project.lake)
    path = lake.staging(key, MONTH, "k") / "rows.parquet"
    con.execute(f"copy (select {columns_of} from ({select})) to '{path}' (format parquet)")
    con.close()
    lake.promote("linked" if key.startswith("linked.") else key, MONTH, "k", {key: path}, {key: 1})


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(root=tmp_path / "data", name="page", mode=Mode.SYNTHETIC)
    made.save()
    return made


def test_nothing_linked_no_page(project: Project) -> None:
    assert linkage_page(project, MONTH) is None


def test_every_part_has_its_words_its_chart_and_its_table(project: Project) -> None:
    for key, select in ROWS.items():
        promote(project, key, select)
    path = linkage_page(project, MONTH)
    assert path is not None
    text = path.read_text(encoding="utf-8")
    for part in re.split(r'<h2 id="part-\d+">', text)[1:]:
        assert "<p>" in part and "<table>" in part and "<caption>" in part
    assert text.count("<svg") == text.count("aria-label=") - text.count('role="region"') >= 6
    assert "[c]" in text
    assert "Black &lt;b&gt;" in text and "Black <b>" not in text
    assert not re.search(r'(src|href)="https?:', text) and "<script" not in text
    assert "10.0" in text  # a tenth of people weigh less than 15 bits


def test_a_bar_below_zero_goes_left_and_marks_stay_inside() -> None:
    drawn = bars("bits", [Bar(label="same", size=8, figure="+8"), Bar(label="different", size=-4, figure="-4")])
    starts = [float(x) for x in re.findall(r'<rect x="([\d.]+)" y="\d+" width', drawn)]
    widths = [float(w) for w in re.findall(r'width="([\d.]+)" height="16"', drawn)]
    assert starts[1] < starts[0] and starts[1] + widths[1] == pytest.approx(starts[0], abs=0.11)
    assert widths[0] == pytest.approx(2 * widths[1], abs=0.11)


def test_intervals_and_bins_are_placed_by_value() -> None:
    rows = [Dot(label="a", value=50, low=40, high=60), Dot(label="b", value=100, low=90, high=100)]
    drawn = dots("rates", rows)
    places = [float(x) for x in re.findall(r'<circle cx="([\d.]+)"', drawn)]
    assert places[0] < places[1] <= 710
    assert drawn == dots("rates", rows)
    binned = columns("scores", ["0", "1"], [("accepted", [1, 4])], [(1.0, "accept from 0.5")])
    heights = [float(h) for h in re.findall(r'height="([\d.]+)" fill', binned)][1:]
    assert heights[1] == pytest.approx(2 * heights[0], abs=0.11)
    assert "accept from 0.5" in binned
