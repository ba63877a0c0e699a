"""Step 5 in the cascade: whom only the score joins, whom it never does, and which pairs a person is asked about."""

from __future__ import annotations

import random

import pytest

from tests.linkage_cases import Borough, decisions, draw, looks, record_uuid
from wsd_pipeline.linkage.probabilistic import load_model, score_left
from wsd_pipeline.linkage.rules import RULES, Limits

pytestmark = pytest.mark.slow

LETTERS = "BCDFGKLMNPRSTVZ"


def name(rng: random.Random) -> str:
    return "".join(rng.choice(LETTERS) + rng.choice("AEIOU") for _ in range(3))


def townspeople(people: int = 600) -> list[dict]:
    """Strangers in homes of three: a record each with an NHS number; of half, one without, some of no birthday."""
    rng = random.Random(4)
    out = []
    for i in range(people):
        if i % 3 == 0:
            surname = name(rng)
        fields = {
            "dob": f"{rng.randint(1930, 2015)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}",
            "name": f"{name(rng)} {surname}", "sex": rng.choice("MF"), "uprn": f"home {i // 3}",
            "postcode": f"E{i // 100} {i // 30 % 10}{rng.choice('AB')}A",
        }  # fmt: skip
        out.append(draw(f"gp {i}", nhs=f"of {i}", **fields))
        if i % 2:
            out.append(draw(f"housing {i}", **{**fields, "dob": None if i % 10 == 1 else fields["dob"]}))
    return out


DOB = "1980-05-17"
HOME = {"uprn": "77", "postcode": "E2 4AA", "sex": "M"}
SPECIAL = [
    # written by ear, everything else the same
    draw("gp 9001", nhs="A1", dob=DOB, name="ZUBAIDA KOROMA", **HOME),
    draw("housing 9001", dob=DOB, name="ZUBEDA KOROMA", **HOME),
    # no date of birth
    draw("gp 9002", nhs="A2", dob="1971-02-12", name="OLUMIDE ADEYEMI", uprn="78", postcode="E2 5AA", sex="M"),
    draw("housing 9002", name="OLUMIDE ADEYEMI", uprn="78", postcode="E2 5AA"),
    # twins whose names sound alike; the second is known to the council by yet another spelling
    draw("gp 9003", nhs="A3", dob="2010-03-04", name="HASAN MIAH", uprn="79", postcode="E2 6AA", sex="M"),
    draw("gp 9004", nhs="A4", dob="2010-03-04", name="JAMAL MIAH", uprn="79", postcode="E2 6AA", sex="M"),
    draw("school 9003", dob="2010-03-04", name="HASSAN MIAH", uprn="79", postcode="E2 6AA", sex="M"),
    # a stranger at the same address on the same day
    draw("gp 9005", nhs="A5", dob="1991-11-23", name="RUTH COX", uprn="80", postcode="E2 7AA", sex="F"),
    draw("housing 9005", dob="1991-11-23", name="AMY COX", uprn="80", postcode="E2 7AA"),
]


@pytest.fixture(scope="module")
def town() -> list[dict]:
    return townspeople() + SPECIAL


@pytest.fixture(scope="module")
def linked(town: list[dict]) -> Borough:
    return Borough(scorer=score_left).month("2026-01", *town)


def asked(borough: Borough) -> dict[frozenset[str], str]:
    return {frozenset((str(r["record_id_a"]), str(r["record_id_b"]))): r["reason"] for r in borough.review.to_pylist()}


def between(*records: str) -> frozenset[str]:
    return frozenset(str(record_uuid(r)) for r in records)


def test_the_score_joins_what_no_rule_does(linked: Borough, town: list[dict]) -> None:
    without = Borough().month("2026-01", *town)
    for number in ("9001", "9002"):
        assert linked.together(f"gp {number}", f"housing {number}")
        assert linked.row(f"housing {number}")["step"] == "probabilistic"
        assert linked.row(f"housing {number}")["link_band"] == "E"
        assert not without.together(f"gp {number}", f"housing {number}")
    scored = [e for e in linked.edges.to_pylist() if e["step"] == "probabilistic"]
    assert all(e["match_share"] >= 0.95 and e["match_weight"] > 0 for e in scored)
    whose = {str(record_uuid(f"{source} {i}")): i for source in ("gp", "housing") for i in range(600)}
    assert all(whose.get(str(e["record_id_a"])) == whose.get(str(e["record_id_b"])) for e in scored)


def test_a_twin_is_not_joined_by_the_score(linked: Borough) -> None:
    assert not linked.together("gp 9004", "school 9003")
    assert not linked.together("gp 9003", "school 9003")
    assert not linked.together("gp 9005", "housing 9005")
    assert linked.outcome.tally.possible_twins > 0


def test_what_a_guard_forbids_is_asked_until_somebody_decides(linked: Borough, town: list[dict]) -> None:
    pair = between("gp 9003", "school 9003")
    assert asked(linked)[pair] == "guard"
    later = Borough(scorer=score_left).month("2026-01", *town).month("2026-02", *town)
    assert asked(later)[pair] == "guard"
    assert {r["month"] for r in later.review.to_pylist()} == {"2026-01"}
    apart = decisions(("not_same", "gp 9003", "school 9003"))
    assert pair not in asked(later.month("2026-03", *town, decisions=apart))
    same = decisions(("same", "gp 9003", "school 9003"))
    later.month("2026-04", *town, decisions=same)
    assert later.together("gp 9003", "school 9003") and pair not in asked(later)


def test_order_of_rows_never_changes_what_is_scored(linked: Borough, town: list[dict]) -> None:
    shuffled = town[:]
    random.Random(1).shuffle(shuffled)
    again = Borough(scorer=score_left).month("2026-01", *shuffled)
    assert (again.spine, again.edges, again.review) == (linked.spine, linked.edges, linked.review)


def test_too_few_people_are_not_scored() -> None:
    few = Borough(scorer=score_left).month("2026-01", *SPECIAL)
    assert not few.outcome.tally.is_scored
    assert not few.together("gp 9001", "housing 9001")


def test_a_value_not_known_is_no_evidence() -> None:
    import numpy as np

    from wsd_pipeline.linkage.scoring.levels import comparisons

    compared = comparisons(written=False, strong_ids=1)
    u = [np.full(len(c.levels), 1 / len(c.levels)) for c in compared]
    fitted = load_model().fit_for(compared, u, 1000)
    for m, family, by_chance in zip(fitted.m, fitted.family, fitted.u, strict=True):
        assert m[0] == family[0] == by_chance[0]
        assert abs(m.sum() - 1) < 1e-9 and abs(family.sum() - 1) < 1e-9


def test_what_is_said_of_the_scores_adds_up(linked: Borough, town: list[dict]) -> None:
    said = linked.evidence.to_pylist()
    people = {r["person_id"] for r in linked.rows().values()}
    assert sum(r["record_count"] for r in said if r["measure"] == "person_size") == len(people)
    alarms = {r["part"]: r["record_count"] for r in said if r["measure"] == "alarm"}
    assert alarms["two valid numbers"] == 0 and alarms["more than 30 records"] == 0
    assert {r["part"]: float(r["figure"]) for r in said if r["measure"] == "threshold"} == {
        "accept": 0.95,
        "review": 0.5,
    }
    for measure in ("m_share", "u_share", "household_share"):
        shares: dict = {}
        for r in said:
            if r["measure"] == measure:
                shares[r["part"]] = shares.get(r["part"], 0) + float(r["figure"])
        assert shares and all(0 < share <= 1.000001 for share in shares.values())
    weights = {(r["part"], r["value"]): float(r["figure"]) for r in said if r["measure"] == "weight_bits"}
    assert weights["forename", "same"] > 4 > 0 > weights["forename", "different"]
    scored = [e for e in linked.edges.to_pylist() if e["step"] == "probabilistic"]
    accepted = sum(r["record_count"] for r in said if r["measure"] == "score" and r["part"] == "accepted")
    assert accepted >= len(scored) > 0


def test_the_number_held_out_finds_its_own_person_and_joins_nobody(linked: Borough, town: list[dict]) -> None:
    tried = linked.holdout.to_pylist()
    assert {r["source"] for r in tried} == {"gp"}
    right = sum(r["outcome"] == "right" for r in tried)
    assert len(tried) > 100 and right > 0.95 * len(tried)
    assert all(r["outcome"] != "wrong" for r in tried)
    # the trial leaves no trace in what is linked: every step is as the rules and the score left it
    whose = {str(record_uuid(f"gp {i}")): i for i in range(600)}
    assert len({linked.rows()[r]["person_id"] for r in whose}) == 600


def forename_scorer(con, left, people, aside):
    """Accepts whatever shares a birthday and a home with another cluster."""
    return con.sql(
        f"""
        select l.rec, min(p.rec) as other_rec, 30.0 as match_weight, 0.99 as match_share, 0.5 as margin_share,
            true as is_accepted
        from {left} as l join {people} as p on p.cluster != l.cluster and p.birth_date = l.birth_date
            and p.uprn = l.uprn and p.forename_initial = l.forename_initial
        group by l.rec
        """
    ).to_arrow_table()


@pytest.mark.parametrize(
    ("other_twin", "is_known", "joined"),
    [("JAMAL", True, True), ("HASEN", True, False), ("JAMAL", False, False)],
    ids=["a twin of quite another name", "a twin one edit away as well", "names not known to be near"],
)
def test_a_name_one_edit_away_is_no_twins_where_the_twins_is_further(
    other_twin: str, is_known: bool, joined: bool
) -> None:
    fields = {"dob": "2010-03-04", "uprn": "79", "postcode": "E2 6AA"}
    records = [
        draw("gp 1", nhs="A1", name="HASAN MIAH", **fields),
        draw("gp 2", nhs="A2", name=f"{other_twin} MIAH", **fields),
        draw("school 1", name="HASSAN MIAH", **fields),
    ]
    names = looks("HASAN", "HASSAN", "JAMAL", "HASEN", "MIAH") if is_known else None
    found = Borough(scorer=forename_scorer, limits=Limits(scored_people=0)).month("2026-01", *records, names=names)
    assert found.together("gp 1", "school 1") is joined
    assert not found.together("gp 1", "gp 2")


@pytest.mark.parametrize("is_known", [True, False])
def test_an_initial_alone_does_not_break_a_person_apart(is_known: bool) -> None:
    """Three clusters by the score: L and LAURA are not quite unknown to each other, as two twins' names would be."""
    fields = {"dob": "1960-03-04", "uprn": "79"}
    records = [
        draw("gp 1", nhs="A1", name="LAURA JONES", **fields, postcode="E2 6AA"),
        draw("housing 1", name="L JONES", **fields),
        draw("housing 2", name="LAURA JONE", **fields),
    ]
    names = looks("LAURA", "L", "JONES", "JONE") if is_known else None
    rules = tuple(rule for rule in RULES if "nhs" in rule.key)
    found = Borough(scorer=forename_scorer, limits=Limits(scored_people=0), rules=rules)
    found.month("2026-01", *records, names=names)
    assert found.together("gp 1", "housing 1", "housing 2") is is_known
