"""Row-level extracts: k by gate, l reported, a contract kept, no projects joined, files that tell nothing alone."""

from __future__ import annotations

import json
import uuid

import duckdb
import numpy as np
import polars as pl
import pyarrow.parquet as pq
import pytest
import yaml

from expectations.run import validate
from tests.golden import anonymity
from wsd_pipeline.contracts import table
from wsd_pipeline.contracts.extract import ALL, COARSER, QUASI, person_index
from wsd_pipeline.contracts.people import AGE_BANDS
from wsd_pipeline.disclosure import extracts
from wsd_pipeline.disclosure.anonymity import diversity, smallest_class
from wsd_pipeline.disclosure.extracts import STEPS, Accreditation, anonymised, create_project
from wsd_pipeline.lake import Zone
from wsd_pipeline.messages import Stop
from wsd_pipeline.settings import Mode, Project

pytestmark = pytest.mark.slow


def people(n: int, seed: int = 1, ages: int = 10) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    pick = lambda values: np.array(values)[rng.integers(0, len(values), n)]  # noqa: E731
    return pl.DataFrame(
        {
            "person_id": [uuid.UUID(int=i).hex for i in range(n)],
            "age_band": pick(AGE_BANDS[:ages]),
            "sex": pick(["female", "male"]),
            "ethnicity_group": pick(["White British", "White Other", "Bangladeshi", "Other Asian", "Black", "Mixed"]),
            "locality": pick(["NE", "NW", "SE", "SW"]),
            "lifecourse_segment": pick(["BWGW", "LW", "PI"]),
            "need_segment": pick(["complex", "healthy", "healthy_unverified"]),
        }
    )


GRANTED = Accreditation(name="frailty", purpose="test")


def test_every_row_stands_with_at_least_k_and_detail_goes_before_rows():
    made, report = anonymised(people(3000), GRANTED, "2026-01", b"k" * 32)
    assert report.k == smallest_class(made, QUASI) >= 10
    assert report.steps[0] == "age_band: six bands"
    assert report.dropped <= 0.05 * 3000 and report.rows + report.dropped == 3000
    assert report.diversity["need_segment"] == diversity(made, QUASI, "need_segment")
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


FACTS = ("has_ehcp", "ed_attendance_count", "cms_partial_score")


@pytest.fixture
def project(tmp_path, monkeypatch) -> Project:
    """A project with an accreditation and a month of 3,000 people, some facts of each kind, the GP's not evaluable."""
    made = Project(root=tmp_path / "data", name="t", mode=Mode.SYNTHETIC)
    made.save()
    create_project(made, "frailty", "test")
    asked = {"ethnicity_group": "ethnicity", "lifecourse_segment": "lifecourse", "need_segment": "need"}
    frame = people(3000)
    monkeypatch.setattr("wsd_pipeline.disclosure.prepared.person_frame", lambda project, month: frame.rename(asked))
    profile = duckdb.connect()
    profile.register("frame", frame.to_arrow())
    types = {c.name: c.type for c in table("person.profile").columns}
    values = ("row_number() over (order by person_id) % 9 = 0", "row_number() over (order by person_id) % 4", "null")
    facts = ", ".join(f"cast({value} as {types[name]}) as {name}" for name, value in zip(FACTS, values, strict=True))
    path = tmp_path / "profile.parquet"
    profile.execute(f"copy (select person_id::uuid as person_id, {facts} from frame) to '{path}' (format parquet)")
    Zone(made.lake).promote("person.profile", "2026-01", "k", {"person.profile": path}, {"person.profile": 3000})
    return made


def built(project: Project, columns=(*QUASI, "need_segment"), name: str = "frailty"):
    return extracts.build_extract(project, name, "2026-01", validate, columns)


def test_the_file_has_no_statistics_and_stands_only_when_whole(project):
    path, report = built(project)
    group = pq.ParquetFile(path).metadata.row_group(0)
    assert not any(group.column(i).is_stats_set for i in range(group.num_columns))
    assert json.loads((path.parent / "report.json").read_text())["k"] == report.k
    before = path.read_bytes()
    assert built(project)[0].read_bytes() == before
    assert path.is_relative_to(project.root / "extracts" / "frailty")


def test_the_file_is_what_its_contract_says_and_the_contract_lies_beside_it(project):
    path, _ = built(project, ["has_ehcp", "need_segment", "cms_partial_score", *reversed(QUASI), "ed_attendance_count"])
    held = duckdb.sql(f"describe select * from read_parquet('{path}')").fetchall()
    profile = {c.name: c.type for c in table("person.profile").columns}
    own = [(c.name, c.type) for c in table("extract.person_index").columns]
    assert [row[:2] for row in held] == [
        *own,
        *((n, profile[n]) for n in ("has_ehcp", "cms_partial_score", "ed_attendance_count")),
    ]
    beside = yaml.safe_load((path.parent / "extract.person_index.odcs.yaml").read_text())
    written = beside["schema"][0]["properties"]
    assert [(c["name"], c["physicalType"]) for c in written] == [row[:2] for row in held]
    assert next(c for c in written if c["name"] == "pseudonym")["primaryKey"]
    checks = json.loads((path.parent / "checks.json").read_text())
    assert {("age_band", "one_of"), ("ed_attendance_count", "between"), ("row", "k_anonymous")} <= {
        (c["column"], c["check"]) for c in checks
    }
    assert all(c["passed"] and c["severity"] == "critical" for c in checks)


def test_a_fact_that_is_not_evaluable_is_empty_in_the_file_too(project):
    frame = pl.read_parquet(built(project, [*QUASI, *FACTS])[0])
    assert frame["cms_partial_score"].null_count() == len(frame)
    assert frame["has_ehcp"].null_count() == 0 and set(frame["ed_attendance_count"]) == {0, 1, 2, 3}


def spoilt(how: str, made: pl.DataFrame) -> pl.DataFrame:
    """The rows of an extract with something the contract forbids."""
    first, mine = pl.int_range(pl.len()) == 0, pl.all_horizontal(pl.col(c) == made[c][0] for c in QUASI)
    return {
        "unlisted": lambda: made.with_columns(sex=pl.when(first).then(pl.lit("f")).otherwise("sex")),
        "empty": lambda: made.with_columns(need_segment=pl.when(~first).then("need_segment")),
        "twice": lambda: made.with_columns(pseudonym=pl.lit("a" * 32)),
        "an id": lambda: made.with_columns(pseudonym=pl.when(first).then(pl.lit("1")).otherwise("pseudonym")),
        "negative": lambda: made.with_columns(ed_attendance_count=pl.lit(-1, pl.Int32)),
        "another type": lambda: made.with_columns(ed_attendance_count=pl.col("ed_attendance_count").cast(pl.String)),
        "another column": lambda: made.with_columns(person_id="pseudonym"),
        "alone": lambda: made.filter(~mine | (pl.int_range(pl.len()).over(QUASI) < 9)),
        "few": lambda: made[:499],
    }[how]()  # fmt: skip


SPOILT = ("unlisted", "empty", "twice", "an id", "negative", "another type", "another column", "alone", "few")


@pytest.mark.parametrize("how", SPOILT, ids=[how.replace(" ", "-") for how in SPOILT])
def test_a_failing_check_stops_the_extract_and_leaves_nothing(project, monkeypatch, how):
    columns = [*QUASI, "need_segment", "ed_attendance_count"]
    real = extracts.anonymised

    def wrong(*arguments):
        made, report = real(*arguments)
        return spoilt(how, made), report

    monkeypatch.setattr(extracts, "anonymised", wrong)
    with pytest.raises(Stop) as stop:
        built(project, columns)
    assert stop.value.code == "WSD-632" and "extract.person_index" in stop.value.what
    assert not [p for p in (project.root / "extracts").rglob("*") if p.is_file() or ".new" in p.name]
    monkeypatch.setattr(extracts, "anonymised", real)
    before = built(project, columns)[0].read_bytes()
    monkeypatch.setattr(extracts, "anonymised", wrong)
    with pytest.raises(Stop):
        built(project, columns)
    (left,) = (project.root / "extracts" / "frailty").iterdir()
    assert left.name == "2026-01" and (left / "person_index.parquet").read_bytes() == before


def test_extracts_of_other_quasi_identifiers_cannot_be_joined_into_a_finer_one(project):
    whole, fewer, more = (
        set(pl.read_parquet(built(project, columns)[0])["pseudonym"])
        for columns in ([*QUASI, "need_segment"], ["age_band", "sex"], [*QUASI, "has_ehcp"])
    )
    assert whole and not whole & fewer
    assert whole == more


def test_every_step_leads_to_values_that_the_contract_lists():
    for column, how in STEPS:
        (listed,) = (check.values for check in table("extract.person_index").column(column).checks)
        assert set(COARSER[how].values() if how != ALL else [ALL]) <= set(listed), column


def test_an_extract_has_the_columns_asked_for_each_once():
    made = person_index(["need_segment", "sex", "sex", "has_ehcp", "has_ehcp"])
    assert [c.name for c in made.columns] == ["pseudonym", "sex", "need_segment", "has_ehcp"]
    assert made.column("has_ehcp") == table("person.profile").column("has_ehcp")
    with pytest.raises(KeyError):
        person_index(["nhs_number"])


def test_a_project_is_made_once_and_k_has_a_floor(tmp_path):
    project = Project(root=tmp_path, name="t", mode=Mode.SYNTHETIC)
    create_project(project, "frailty", "test")
    for name, k, code in [("frailty", 10, "WSD-631"), ("../x", 10, "WSD-631"), ("other", 5, "WSD-630")]:
        with pytest.raises(Stop) as stop:
            create_project(project, name, "test", k)
        assert stop.value.code == code
    with pytest.raises(Stop):
        extracts.accredited(project, "nobody")


@pytest.mark.parametrize("said", json.loads(anonymity.PATH.read_text())["said"], ids=range(anonymity.TABLES))
def test_k_and_l_equal_pycanons(said):
    drawn = anonymity.drawn(said["table"])
    assert anonymity.hash_of(drawn) == said["sha256"]  # the very table that pycanon was asked of
    frame, quasi = pl.DataFrame(drawn), anonymity.quasi_of(drawn)
    assert (smallest_class(frame, quasi), diversity(frame, quasi, "sensitive")) == (said["k"], said["l"])


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
    frame = people(3000).with_columns(has_ehcp=pl.lit(True))
    made, report = anonymised(frame, GRANTED, "2026-01", b"k" * 32)
    assert (
        "has_ehcp" in made.columns and report.diversity["has_ehcp"] == 1 and report.dominated["has_ehcp"] == report.rows
    )
