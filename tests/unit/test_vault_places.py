"""Which LSOA a postcode has: the directory's own headings, ended and re-used postcodes, areas of the wrong vintage."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from wsd_pipeline.contracts.places import WITHDRAWN_LSOA11
from wsd_pipeline.messages import Stop
from wsd_pipeline.vault import normalise, places

ONS = "pcds,dointr,doterm,lsoa11cd,lsoa21cd,lad25cd,ctry25cd"
OURS = "pcds,lsoa21,dointr,doterm,lsoa11,ward_code,lad_code,country_code"


def found(folder: Path, header: str, rows: list[str], month: str = "2026-01") -> dict[str, str | None]:
    path = folder / "postcodes.csv"
    path.write_text("\n".join([header, *rows]) + "\n")
    with duckdb.connect() as con:
        normalise.define(con)
        places.read_postcodes(con, path, folder, month)
        return dict(con.execute("select postcode, lsoa21 from postcodes").fetchall())


@pytest.mark.parametrize(
    ("header", "row"),
    [
        (ONS, "E1 4AA,198001,,E01004200,E01004200,E09000030,E92000001"),
        (OURS, "E1 4AA,E01004200,198001,,E01004200,E05009334,E09000030,E92000001"),
        ("PCDS,LSOA21CD", "E1  4AA,E01004200"),
        ("lsoa21,pcds,oa21,imd", "E01004200,e14aa,E00021000,5000"),
    ],
    ids=["ONS", "ours", "capitals", "two columns and others"],
)
def test_the_directory_is_read_under_any_of_its_headings(tmp_path, header, row):
    assert found(tmp_path, header, [row]) == {"E1 4AA": "E01004200"}


def test_an_ended_postcode_keeps_its_place(tmp_path):
    assert found(tmp_path, ONS, ["E1 4AA,198001,201906,,E01004200,,"]) == {"E1 4AA": "E01004200"}


@pytest.mark.parametrize(
    ("month", "lsoa"),
    [
        ("1979-12", "E01004201"), ("1990-06", "E01004201"), ("1999-12", "E01004201"), ("2005-01", "E01004201"),
        ("2010-02", "E01004202"), ("2026-01", "E01004202"),
    ],
)  # fmt: skip
def test_of_two_uses_the_one_at_the_snapshot_counts(tmp_path, month, lsoa):
    uses = ["E1 4AA,198001,200001,,E01004201,,", "E1 4AA,201002,,,E01004202,,"]
    for rows in (uses, uses[::-1]):
        assert found(tmp_path, ONS, rows, month) == {"E1 4AA": lsoa}


def test_the_month_a_postcode_ends_in_is_still_its_own(tmp_path):
    uses = ["E1 4AA,198001,202601,,E01004201,,", "E1 4AA,202602,,,E01004202,,"]
    assert found(tmp_path, ONS, uses, "2026-01") == {"E1 4AA": "E01004201"}
    assert found(tmp_path, ONS, uses, "2026-02") == {"E1 4AA": "E01004202"}


@pytest.mark.parametrize("code", ["E99999999", "S01010265", "N00000001", "L99999999", ""])
def test_what_is_no_lsoa_of_england_or_wales_is_no_place(tmp_path, code):
    assert found(tmp_path, ONS, [f"E1 4AA,198001,,,{code},,"]) == {"E1 4AA": None}


def test_areas_of_2011_under_the_heading_of_2021_are_refused(tmp_path):
    rows = ["E1 4AA,198001,,,E01004200,,", f"E2 0BB,198001,,,{WITHDRAWN_LSOA11[0]},,"]
    with pytest.raises(Stop) as stopped:
        found(tmp_path, ONS, rows)
    facts = stopped.value.facts
    assert (stopped.value.code, facts["table"], facts["column"], facts["check"]) == (
        "WSD-120", "reference.postcodes", "lsoa21", "none_of",
    )  # fmt: skip
    assert (facts["failed"], facts["checked"]) == (1, 2)


def test_a_directory_without_lsoas_of_2021_is_named_by_what_it_lacks(tmp_path):
    with pytest.raises(Stop) as stopped:
        found(tmp_path, "pcds,dointr,doterm,lsoa11cd", ["E1 4AA,198001,,E01004200"])
    assert (stopped.value.code, stopped.value.facts["missing"]) == ("WSD-112", ("lsoa21",))
