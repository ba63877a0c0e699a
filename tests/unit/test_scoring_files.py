"""Files in, links out: small invented files through the whole engine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from tests.bench import linkage_data
from wsd_pipeline.linkage.scoring.files import bench_files, dedupe_file, link_files, train
from wsd_pipeline.linkage.scoring.mapping import load_map, pair_map
from wsd_pipeline.linkage.scoring.model import Model
from wsd_pipeline.linkage.scoring.settings import Settings
from wsd_pipeline.messages import Stop

pytestmark = pytest.mark.slow


MAP = pair_map(linkage_data.MAP)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    made: tuple[Path, Path, Path] = linkage_data.write_pair(tmp_path_factory.mktemp("pair"), 2500)
    return made


def test_links_are_right_and_their_probabilities_honest(pair: tuple[Path, Path, Path]) -> None:
    found = bench_files(*pair, MAP).quality
    assert found is not None
    assert found.precision > 0.995
    assert found.recall > 0.985
    assert abs(found.expected_precision - found.precision) < 0.004
    assert found.best_f1 - found.f1 < 0.003


def test_tokens_lose_nothing_against_clear_text(pair: tuple[Path, Path, Path]) -> None:
    tokens, clear = bench_files(*pair, MAP).quality, bench_files(*pair, MAP, clear=True).quality
    assert tokens is not None and clear is not None
    assert tokens.f1 >= clear.f1 - 0.002


def test_one_row_per_person_is_one_link_per_row(pair: tuple[Path, Path, Path]) -> None:
    accepted = link_files(pair[0], pair[1], MAP).pairs.filter("is_accepted")
    assert accepted["id_a"].is_unique().all()
    assert accepted["id_b"].is_unique().all()


def test_a_model_is_trained_apart_saved_and_used(pair: tuple[Path, Path, Path], tmp_path: Path) -> None:
    model = train(pair[0], pair[1], MAP, trained_on="2026-01-31")
    model.save(tmp_path / "model.json")
    again = Model.load(tmp_path / "model.json")
    assert again == model
    assert again.trained_on == "2026-01-31"
    used = link_files(pair[0], pair[1], MAP, model=again)
    assert used.model.m == model.m
    assert bench_files(*pair, MAP, model=again).model == again
    assert len(used.pairs.filter("is_accepted")) > 1700


def test_every_pair_is_told_once_with_the_step_that_made_it(tmp_path: Path, pair: tuple[Path, Path, Path]) -> None:
    linked = link_files(pair[0], pair[1], MAP).pairs
    both = pl.concat([pl.read_csv(p, infer_schema=False) for p in pair[:2]]).unique("id", keep="first")
    both.write_csv(tmp_path / "both.csv")
    within = dedupe_file(tmp_path / "both.csv", MAP).pairs
    for found in (linked, within):
        ids = found.select(low=pl.min_horizontal("id_a", "id_b"), high=pl.max_horizontal("id_a", "id_b"))
        assert not ids.is_duplicated().any()
        assert {"strong_exact", "names_birth_home", "probabilistic"} <= set(found["step"])


def test_a_lead_too_small_is_not_accepted(pair: tuple[Path, Path, Path]) -> None:
    wide = link_files(pair[0], pair[1], MAP, settings=Settings(margin=40.0)).pairs.filter("is_accepted")
    narrow = link_files(pair[0], pair[1], MAP).pairs.filter("is_accepted")
    assert wide["margin"].min() >= 40
    assert len(wide) < len(narrow)


def test_a_sample_of_what_is_linked_already_counts_for_all_of_it(pair: tuple[Path, Path, Path]) -> None:
    whole, sample = (link_files(pair[0], pair[1], MAP, settings=Settings(learn_from=n)).model for n in (10**6, 100))
    assert sample.match_share == pytest.approx(whole.match_share, rel=0.02)


def test_a_model_of_another_shape_is_refused(tmp_path: Path, pair: tuple[Path, Path, Path]) -> None:
    (tmp_path / "model.json").write_text("{}")
    with pytest.raises(Stop, match="WSD-233"):
        Model.load(tmp_path / "model.json")


def test_one_file_is_searched_for_people_who_are_in_it_twice(tmp_path: Path, pair: tuple[Path, Path, Path]) -> None:
    a, b = (pl.read_csv(p, infer_schema=False) for p in pair[:2])
    pl.concat([a, b]).write_csv(tmp_path / "both.csv")
    truth = {frozenset(r) for r in pl.read_csv(pair[2], infer_schema=False).iter_rows()}
    pairs = dedupe_file(tmp_path / "both.csv", MAP).pairs.filter("is_accepted")
    found = {frozenset(r) for r in pairs.select("id_a", "id_b").iter_rows()}
    assert len(found & truth) / len(found) > 0.985
    assert len(found & truth) / len(truth) > 0.97


def test_a_map_says_what_is_wrong_with_it(tmp_path: Path, pair: tuple[Path, Path, Path]) -> None:
    for text in (
        "forenames: [x]",
        "unique_id: id\nsurnam: x",
        "unique_id: id\none_row_per_person: maybe",
        "- a list",
        "a: [: b",
    ):
        (tmp_path / "map.yaml").write_text(text)
        with pytest.raises(Stop, match="WSD-230"):
            load_map(tmp_path / "map.yaml")
    (tmp_path / "map.yaml").write_text("unique_id: id\nsurnames: [no_such_column]\n")
    with pytest.raises(Stop, match="WSD-231"):
        link_files(pair[0], pair[1], load_map(tmp_path / "map.yaml"))


@pytest.mark.parametrize("text", ["id,n\n1,A\n1,B\n", "id,n\n,A\n2,B\n"], ids=["shared", "missing"])
def test_identifiers_must_name_each_row_once(tmp_path: Path, text: str) -> None:
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(text)
    with pytest.raises(Stop, match="WSD-232"):
        link_files(tmp_path / "a.csv", tmp_path / "b.csv", pair_map({"unique_id": "id", "surnames": ["n"]}))


def test_birth_dates_that_were_not_read_are_counted(pair: tuple[Path, Path, Path], tmp_path: Path) -> None:
    assert link_files(pair[0], pair[1], MAP).unread == (0, 0)
    file = pl.read_csv(pair[0], infer_schema=False)
    file.with_columns(
        birth_date=pl.when(pl.int_range(pl.len()) == 3).then(None)
        .when(pl.int_range(pl.len()) < 10).then(pl.lit("soon")).otherwise("birth_date")
    ).write_csv(tmp_path / "a.csv")  # fmt: skip
    assert link_files(tmp_path / "a.csv", pair[1], MAP).unread == (9, 0)
    assert dedupe_file(tmp_path / "a.csv", MAP).unread == (9,)


@pytest.mark.parametrize("apart", [True, False])
def test_twins_without_an_identifier_have_a_chance_only_where_the_map_allows_it(
    pair: tuple[Path, Path, Path], tmp_path: Path, apart: bool
) -> None:
    born = "2019-05-"
    twins = [
        {"id": f"{side}{n}", "surname": f"ASHDOWN{n}", "birth_date": f"{born}{n:02}", "sex": "F",
         "postcode": "AA1 1XZ", "uprn": f"{77000 + n}", "forename": forename}
        for n in range(10, 29) for side, forename in (("81", "MARGARET"), ("82", "JOSEPHINE"))
    ]  # fmt: skip
    files = []
    for number, side in enumerate(("81", "82")):
        file = pl.read_csv(pair[number], infer_schema=False)
        added = pl.DataFrame([t for t in twins if t["id"].startswith(side)])
        files.append(tmp_path / f"{side}.csv")
        pl.concat([file, added], how="diagonal").write_csv(files[-1])
    pairs = link_files(files[0], files[1], replace(MAP, twins_apart=apart)).pairs
    twin = pairs.filter(pl.col("id_a").str.len_chars() == 4, pl.col("id_b") == "82" + pl.col("id_a").str.slice(2))
    assert twin.is_empty() is apart  # not even as a pair that has a chance
