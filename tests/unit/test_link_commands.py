"""`wsd link` as it is typed: two files, one file, a model apart, and what is said; never a value of the files."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
import yaml

from tests.bench import linkage_data
from wsd_pipeline.cli.app import run_app

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("files")
    linkage_data.write_pair(made, 1500)
    (made / "map.yaml").write_text(yaml.safe_dump(linkage_data.MAP))
    return made


def said(capsys: pytest.CaptureFixture[str], folder: Path, command: str) -> tuple[int, str, str]:
    """Exit code, output and errors of a `wsd link` command whose files are of the folder."""
    words = [str(folder / w) if w.endswith((".csv", ".yaml", ".json", ".parquet")) else w for w in command.split()]
    code = run_app(["link", *words])
    out = capsys.readouterr()
    return code, out.out, out.err


def test_two_files_are_linked_measured_and_kept(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(capsys, folder, "bench a.csv b.csv --map map.yaml --truth truth.csv --out pairs.parquet --json")
    told = json.loads(out)
    pairs = pl.read_parquet(folder / "pairs.parquet")
    assert code == 0 and not list(folder.glob("*.new"))
    assert told["quality"]["precision"] > 0.99 and told["quality"]["recall"] > 0.97
    assert told["accepted"] == pairs["is_accepted"].sum() == told["quality"]["accepted"]
    assert told["unread_birth_dates"] == [0, 0]


def test_without_a_truth_the_links_are_the_same(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("bench a.csv b.csv --map map.yaml --truth truth.csv --out x.parquet",
                    "files a.csv b.csv --map map.yaml --out y.parquet"):  # fmt: skip
        assert said(capsys, folder, command)[0] == 0
    x, y = (pl.read_parquet(folder / f"{n}.parquet").filter("is_accepted").select("id_a", "id_b", "step") for n in "xy")
    assert x.equals(y) and len(x) > 1000


@pytest.mark.parametrize("command", ["files a.csv b.csv", "dedupe b.csv"])
def test_another_key_gives_the_same_bytes(folder: Path, capsys: pytest.CaptureFixture[str], command: str) -> None:
    for name in ("one", "two", "three"):  # each with a key of its own, made for it and forgotten
        assert said(capsys, folder, f"{command} --map map.yaml --out {name}.parquet")[0] == 0
    assert len({(folder / f"{name}.parquet").read_bytes() for name in ("one", "two", "three")}) == 1


def test_a_model_learned_apart_is_used(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = "train a.csv b.csv --map map.yaml --date 2026-01-31 --out model.json"
    code, out, _ = said(capsys, folder, command)
    assert code == 0 and "The model is in" in out
    assert json.loads((folder / "model.json").read_text())["trained_on"] == "2026-01-31"
    for command in ("files a.csv b.csv", "dedupe b.csv"):
        code, out, _ = said(capsys, folder, f"{command} --map map.yaml --model model.json --json")
        assert code == 0 and "quality" not in json.loads(out)
    for command in ("files a.csv b.csv", "bench a.csv b.csv --truth truth.csv", "dedupe b.csv"):
        code, _, err = said(capsys, folder, f"{command} --map map.yaml --model truth.csv")
        assert code == 2 and err.startswith("WSD-233")


def test_one_file_is_searched_and_birth_dates_not_read_are_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    both = pl.concat([pl.read_csv(folder / f"{n}.csv", infer_schema=False) for n in "ab"], how="diagonal")
    both.write_csv(folder / "both.csv")
    known = both["birth_date"].count()
    found = {}
    for formats in (["%Y-%m-%d"], ["%d %B %Y"]):
        (folder / "other.yaml").write_text(yaml.safe_dump({**linkage_data.MAP, "birth_date_formats": formats}))
        code, out, _ = said(capsys, folder, "dedupe both.csv --map other.yaml")
        assert code == 0
        found[formats[0]] = out
    assert "birth dates" not in found["%Y-%m-%d"]
    assert f"{known:,} birth dates of the first file were not read" in found["%d %B %Y"]


@pytest.mark.parametrize(
    ("command", "code", "words"),
    [
        ("files a.csv nowhere.csv --map map.yaml", 2, "WSD-234 nowhere.csv could not be read: it is not there."),
        (
            "bench a.csv b.csv --map map.yaml --truth a.csv",
            2,
            "WSD-231 a.csv: the map names columns",
        ),
        ("files a.csv b.csv --map nowhere.yaml", 2, "WSD-230"),
        ("files a.csv b.csv --map map.yaml --out nowhere/pairs.parquet", 2, "its folder is not there"),
        ("files a.csv b.csv --map map.yaml --out .", 2, "it is a folder itself"),
        ("train a.csv b.csv --map map.yaml --date today --out model.json", 2, "write it as YYYY-MM-DD"),
    ],
)
def test_what_cannot_be_done_is_said_with_no_value_of_the_files(
    folder: Path, capsys: pytest.CaptureFixture[str], command: str, code: int, words: str
) -> None:
    got, out, err = said(capsys, folder, command)
    assert got == code and words in err and not out and "Traceback" not in err
    values = set(pl.read_csv(folder / "a.csv", infer_schema=False)["surname"].drop_nulls())
    assert not values & set(err.split())
