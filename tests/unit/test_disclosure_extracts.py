"""Row-level extracts: k by gate, l reported, projects that cannot be joined, files that tell nothing by themselves."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pyarrow.parquet as pq
import pytest

from wsd_pipeline.contracts.people import AGE_BANDS
from wsd_pipeline.disclosure import extracts
from wsd_pipeline.disclosure.anonymity import diversity, smallest_class
from wsd_pipeline.disclosure.extracts import QUASI, Accreditation, anonymised, create_project
from wsd_pipeline.messages import Stop
from wsd_pipeline.settings import Mode, Project

pytestmark = pytest.mark.slow


def people(n: int, seed: int = 1, ages: int = 10) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    pick = lambda values: np.array(values)[rng.integers(0, len(values), n)]  # noqa: E731
    return pl.DataFrame(
        {
            "person_id": [f"p{i}" for i in range(n)],
            "age_band": pick(AGE_BANDS[:ages]),
            "sex": pick(["female", "male"]),
            "ethnicity": pick(["White British", "White Other", "Bangladeshi", "Other Asian", "Black", "Mixed"]),
            "locality": pick(["NE", "NW", "SE", "SW"]),
            "lifecourse": pick(["BWGW", "LW", "PI"]),
            "need": pick(["complex", "healthy", "healthy_unverified"]),
        }
    )


GRANTED = Accreditation(name="frailty", purpose="test")


def test_every_row_stands_with_at_least_k_and_detail_goes_before_rows():
    made, report = anonymised(people(3000), GRANTED, "2026-01", b"k" * 32)
    assert report.k == smallest_class(made, QUASI) >= 10
    assert report.steps[0] == "age_band: six bands"
    assert report.dropped <= 0.05 * 3000 and report.rows + report.dropped == 3000
    assert report.diversity["need"] == diversity(made, QUASI, "need")
    assert made["pseudonym"].is_sorted() and "person_id" not in made.columns


def test_two_projects_share_no_pseudonym_nor_its_order():
    frame = people(3000)
    one, _ = anonymised(frame, GRANTED, "2026-01", b"k" * 32)
    other, _ = anonymised(frame, GRANTED, "2026-01", b"j" * 32)
    again, _ = anonymised(frame, GRANTED, "2026-01", b"k" * 32)
    assert not set(one["pseudonym"]) & set(other["pseudonym"])
    assert one.equals(again)
    ids = frame["person_id"]
    ranks = [extracts.pseudonyms(ids, secret).rank().to_numpy() for secret in (b"k" * 32, b"j" * 32)]
    assert abs(float(np.corrcoef(*ranks)[0, 1])) < 0.06


@pytest.mark.parametrize("n", [499, 5], ids=["nearly", "few"])
def test_a_small_population_has_no_extract(n):
    with pytest.raises(Stop) as stop:
        anonymised(people(n), GRANTED, "2026-01", b"k" * 32)
    assert stop.value.code == "WSD-630"


def test_the_file_has_no_statistics_and_stands_only_when_whole(tmp_path, monkeypatch):
    project = Project(root=tmp_path, name="t", mode=Mode.SYNTHETIC)
    create_project(project, "frailty", "test")
    monkeypatch.setattr("wsd_pipeline.disclosure.prepared.person_frame", lambda project, month: people(3000))
    path, report = extracts.build_extract(project, "frailty", "2026-01")
    group = pq.ParquetFile(path).metadata.row_group(0)
    assert not any(group.column(i).is_stats_set for i in range(group.num_columns))
    assert json.loads((path.parent / "report.json").read_text())["k"] == report.k
    before = path.read_bytes()
    assert extracts.build_extract(project, "frailty", "2026-01")[0].read_bytes() == before
    assert "extracts" in path.parts and "releases" not in path.parts


def test_a_project_is_made_once_and_k_has_a_floor(tmp_path):
    project = Project(root=tmp_path, name="t", mode=Mode.SYNTHETIC)
    create_project(project, "frailty", "test")
    for name, k, code in [("frailty", 10, "WSD-631"), ("../x", 10, "WSD-631"), ("other", 5, "WSD-630")]:
        with pytest.raises(Stop) as stop:
            create_project(project, name, "test", k)
        assert stop.value.code == code
    with pytest.raises(Stop):
        extracts.accredited(project, "nobody")


@pytest.mark.parametrize("seed", range(4))
def test_k_and_l_equal_pycanons(seed):
    pycanon = pytest.importorskip("pycanon.anonymity")
    frame = people(200 + 40 * seed, seed, ages=2 + seed)
    quasi = list(QUASI[: 1 + seed])
    assert smallest_class(frame, quasi) == pycanon.k_anonymity(frame.to_pandas(), quasi)
    assert diversity(frame, quasi, "need") == pycanon.l_diversity(frame.to_pandas(), quasi, ["need"])


def test_what_comes_from_benefits_needs_a_legal_gateway_on_record(tmp_path):
    project = Project(root=tmp_path, name="t", mode=Mode.SYNTHETIC)
    plain = create_project(project, "frailty", "test")
    with pytest.raises(Stop) as stop:
        extracts.facts_allowed(plain, ["age_band", "has_low_income"])
    assert stop.value.code == "WSD-630" and "benefits" in stop.value.what
    create_project(project, "poverty", "test", gateways=["benefits"])
    assert extracts.facts_allowed(extracts.accredited(project, "poverty"), ["sex", "has_low_income"]) == [
        "has_low_income"
    ]
    assert extracts.facts_allowed(plain, ["has_ehcp"]) == ["has_ehcp"]
    for call in (
        lambda: create_project(project, "other", "test", gateways=["anything"]),
        lambda: extracts.facts_allowed(plain, ["nhs_number"]),
    ):
        with pytest.raises(Stop) as stop:
            call()
        assert stop.value.code == "WSD-602"


def test_every_further_column_counts_as_sensitive():
    frame = people(3000).with_columns(has_ehcp=pl.lit("true"))
    made, report = anonymised(frame, GRANTED, "2026-01", b"k" * 32)
    assert (
        "has_ehcp" in made.columns and report.diversity["has_ehcp"] == 1 and report.dominated["has_ehcp"] == report.rows
    )
