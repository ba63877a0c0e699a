"""Scenario demand by hand: rates of protected counts, on the residents expected, with small strata taken together."""

from __future__ import annotations

from decimal import Decimal

import pyarrow as pa
import pytest

from wsd_pipeline.disclosure import load_policy
from wsd_pipeline.steps import projecting

WARDS = {"E05009317": "NW", "E05009318": "SE"}


def row(group: str, sex: str, counts: tuple[int | None, int], residents: str, **more: object) -> dict[str, object]:
    return {
        "snapshot_month": "2026-01", "projection_source": "ONS", "year": 2026,
        "measure": "complex", "ward_code": "E05009317", "locality": "NW",
        "age_group": group, "sex": sex, "is_supplied": counts[0] is not None,
        "event_count": counts[0], "person_count": counts[1], "residents": Decimal(residents), **more,
    }  # fmt: skip


def made(*rows: dict[str, object]) -> dict[tuple[int, str, str], dict[str, object]]:
    out = projecting.step(pa.Table.from_pylist(list(rows))).to_pylist()
    return {(r["year"], r["locality"], r["ward_code"]): r for r in out}


def test_demand_is_the_rate_of_the_protected_counts_on_the_residents_expected():
    """38 of 998 is 40 of 1,000: 4 % of 600.5 women; 13 of 52 is 15 of 50: 30 % of 100.5 men. In all 54, not 47."""
    out = made(row("35-49", "female", (38, 998), "600.5"), row("35-49", "male", (13, 52), "100.5"))
    assert out[2026, "all", "all"]["demand_count"] == round(24.02 + 30.15)
    assert out[2026, "all", "all"]["resident_count"] == 701
    assert {key[1:] for key in out} == {("all", "all"), ("NW", "all"), ("all", "E05009317")}
    assert len({r["demand_count"] for r in out.values()}) == 1


def test_places_and_years_have_their_own_residents_and_the_rates_of_the_borough():
    first = [row("35-49", "female", (100, 1000), "500", ward_code=w, locality=place) for w, place in WARDS.items()]
    later = [{**r, "year": 2031, "residents": Decimal(n)} for r, n in zip(first, (600, 900), strict=True)]
    between = [{**r, "year": year, "residents": Decimal(1)} for r in first for year in (2027, 2030)]
    out = made(*first, *later, *between)
    assert {key[0] for key in out} == {2026, 2031}, "the first year, and each fifth after it"
    shown = {key: (r["demand_count"], r["first_year_count"]) for key, r in out.items() if key[0] == 2031}
    assert shown == {
        (2031, "all", "all"): (150, 100),
        (2031, "NW", "all"): (60, 50),
        (2031, "all", "E05009317"): (60, 50),
        (2031, "SE", "all"): (90, 50),
        (2031, "all", "E05009318"): (90, 50),
    }


@pytest.mark.parametrize(
    ("women", "men", "older", "expected"),
    [
        ((7, 1000), (93, 1000), (0, 1000), 50),  # both sexes: 100 of 2,000
        ((8, 1000), (93, 1000), (0, 1000), 10),  # 8 is shown, as 10
        ((0, 1000), (93, 1000), (0, 1000), 0),  # nobody is a rate
        ((3, 1000), (4, 1000), (0, 1000), 0),  # under 65 there are but 7: all ages have as few, and nothing is said
        ((3, 1000), (4, 1000), (93, 2000), 25),  # all ages: 100 of 4,000
        ((9, 19), (91, 181), (0, 1000), 500),  # of 19 women there is no rate: both sexes, 100 of 200
    ],
)
def test_a_small_stratum_takes_the_rate_of_the_group_around_it(women, men, older, expected):
    """1,000 women of 35 to 49 are expected, and nobody else."""
    out = made(
        row("35-49", "female", women, "1000"), row("35-49", "male", men, "0"), row("75-84", "male", older, "0")
    )  # fmt: skip
    found = out[2026, "all", "all"]["demand_count"]
    assert found == (None if (women, men, older) == ((3, 1000), (4, 1000), (0, 1000)) else expected)


def test_older_people_stand_in_for_older_people_only():
    """Three women of 85 and over: the rate is that of people from 65, 200 of 1,000, not of everybody."""
    out = made(
        row("85+", "female", (3, 100), "50"),
        row("85+", "male", (2, 100), "0"),
        row("65-74", "male", (195, 800), "0"),
        row("25-34", "male", (0, 9000), "0"),
    )
    assert out[2026, "all", "all"]["demand_count"] == 10


def test_without_its_feed_a_measure_is_not_known():
    out = made(row("35-49", "female", (None, 0), "600"), row("35-49", "male", (None, 0), "600"))
    assert out[2026, "all", "all"]["demand_count"] is None and out[2026, "all", "all"]["resident_count"] == 1200


def test_rates_are_rounded_as_the_policy_says():
    policy = load_policy()
    assert [projecting._rounded(n, policy) for n in (0, 8, 12, 13, 998)] == [0, 10, 10, 15, 1000]


def test_no_projection_is_no_row():
    given = pa.Table.from_pylist([row("35-49", "female", (0, 100), "1")]).slice(0, 0)
    assert projecting.step(given).num_rows == 0
