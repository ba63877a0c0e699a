"""`wsd count`: what may be asked, what comes back, and what an attacker who knows almost everything gets from it."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Callable, Sequence
from statistics import NormalDist

import numpy as np
import polars as pl
import pytest
from cell_key_perturbation.create_perturbed_table import create_perturbed_table

from wsd_pipeline.disclosure import load_policy
from wsd_pipeline.disclosure.asking import Ledger, People
from wsd_pipeline.disclosure.noise import KEYS, noise_table, perturbed, record_keys
from wsd_pipeline.disclosure.prepared import Coded
from wsd_pipeline.disclosure.questions import load_registry, question
from wsd_pipeline.messages import Stop
from wsd_pipeline.settings import Mode, Project

pytestmark = pytest.mark.slow

VALUES = {
    "locality": ("NE", "NW", "SE", "SW"),
    "sex": ("female", "male"),
    "need": ("complex", "healthy"),
    "imd_decile": tuple(str(i) for i in range(1, 11)),
    "age_band": ("00-19", "20-39", "40-64", "65+"),
}
REGISTRY = dataclasses.replace(
    load_registry(), dimensions={k: v for k, v in load_registry().dimensions.items() if k in VALUES}
)

TRIALS = 12


def drawn(n: int, seed: int) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    made = {k: np.array(v)[rng.integers(0, len(v), n)] for k, v in VALUES.items()}
    return pl.DataFrame({"person_id": [f"{seed}-{i}" for i in range(n)], **made})


def ledger(tmp_path, asker="analyst") -> Ledger:
    return Ledger(Project(root=tmp_path, name="t", mode=Mode.SYNTHETIC), "2026-01", asker)


def people(n: int = 4000, seed: int = 1, secret: bytes = b"s" * 32) -> People:
    return opened(drawn(n, seed), secret)


def opened(frame: pl.DataFrame, secret: bytes = b"s" * 32) -> People:
    return People(Coded.of(frame, secret, REGISTRY), secret, REGISTRY, load_policy())


def test_noise_has_mean_zero_and_the_spread_it_says():
    table = noise_table(b"k" * 32, 16)
    assert table.shape == (751, KEYS) and (table.sum(axis=1) == 0).all()
    assert abs(table.std() - 16) < 0.5
    assert (noise_table(b"k" * 32, 16) == table).all() and (noise_table(b"j" * 32, 16) != table).any()


def test_record_keys_are_even_and_need_the_secret():
    ids = pl.Series([str(i) for i in range(20_000)])
    keys = record_keys(ids, b"a" * 32)
    assert keys.min() == 0 and keys.max() == 255
    assert abs(keys.mean() - 127.5) < 2
    assert abs(float(np.corrcoef(keys, record_keys(ids, b"b" * 32))[0, 1])) < 0.03


def test_cell_keys_equal_the_ons_packages_cell_for_cell():
    frame = drawn(6000, 3).with_columns(record_keys(pl.Series([f"3-{i}" for i in range(6000)]), b"k" * 32))
    table = noise_table(b"k" * 32, 16)
    rows, keys = np.meshgrid(np.arange(751), np.arange(KEYS), indexing="ij")
    ptable = pl.DataFrame({"pcv": rows.ravel(), "ckey": keys.ravel(), "pvalue": table.ravel()}).to_pandas()
    pandas = frame.to_pandas()
    pandas["record_key"] = pandas["record_key"].astype("int64")
    theirs = create_perturbed_table(
        data=pandas,
        ptable=ptable,
        geog=["locality"],
        tab_vars=["sex", "age_band"],
        record_key="record_key",
        threshold=0,
    )
    mine = frame.group_by("locality", "sex", "age_band").agg(n=pl.len(), k=pl.col("record_key").cast(pl.Int64).sum())
    noisy = perturbed(mine["n"].to_numpy().astype(np.int64), mine["k"].to_numpy(), table)
    ours = {(*key, int(v)) for *key, v in zip(*(mine[c] for c in ("locality", "sex", "age_band")), noisy, strict=True)}
    assert ours == {(r.locality, r.sex, r.age_band, int(r.pre_sdc_count + r.pvalue)) for r in theirs.itertuples()}


def test_the_same_people_have_the_same_number_however_they_are_asked_for(tmp_path):
    asked = people()
    first = asked.count(ledger(tmp_path), ["sex"], "locality = 'NE'")
    total = asked.count(ledger(tmp_path, "other"), [], "locality = 'NE' and sex = 'female'")
    assert first.rows[0] == ("female", total.total, total.total_status)
    assert asked.count(ledger(tmp_path), ["sex"], "not locality in ('NW', 'SE', 'SW')") == first


def test_a_cell_of_the_same_people_has_the_same_noise_in_every_table(tmp_path):
    frame = drawn(4000, 1).with_columns(need=pl.when(pl.col("sex") == "male").then(pl.lit("x")).otherwise(pl.lit("y")))
    asked, held = opened(frame), ledger(tmp_path)
    by_sex, by_need, by_both = (asked.count(held, by) for by in (["sex"], ["need"], ["sex", "need"]))
    number = {r[:-2]: r[-2] for answer in (by_sex, by_need, by_both) for r in answer.rows}
    assert number["male",] == number["x",] == number["male", "x"]


def test_small_cells_and_empty_ones_look_alike(tmp_path):
    frame = drawn(4000, 1).with_columns(
        need=pl.when(pl.col("locality") == "NE").then(pl.lit("healthy")).otherwise("need")
    )
    answer = opened(frame).count(ledger(tmp_path), ["locality", "need"])
    cell = {r[:2]: r[2:] for r in answer.rows}
    assert ("NE", "complex") in cell
    assert all(n is None or (n >= 10 and n % 5 == 0) for n, _ in cell.values())


@pytest.mark.parametrize(
    ("by", "where", "code"),
    [
        (["localty"], None, "WSD-602"),
        (["sex", "sex"], None, "WSD-611"),
        ([], "person_id = 'x'", "WSD-602"),
        ([], "1 = 1", "WSD-611"),
        ([], "sex = 'female'; drop table people", "WSD-611"),
        ([], "sex = (select 1)", "WSD-611"),
        ([], "sex in (select sex from people)", "WSD-611"),
        ([], "sex = 'female' group by sex", "WSD-611"),
        ([], "length(sex) = 6", "WSD-611"),
        ([], "sex like 'f%'", "WSD-611"),
        ([], "sex < 'm'", "WSD-611"),
        ([], "sex = 'fmale'", "WSD-611"),
        ([], "imd_decile <= imd_decile", "WSD-611"),
        ([], "people.sex = 'female'", "WSD-611"),
        ([], "read_text('/etc/passwd') = ''", "WSD-611"),
        ([], "sex = 'female' -- '", None),
        ([], "sex = ", "WSD-611"),
    ],
    ids=range(17),
)
def test_only_what_is_declared_can_be_asked(by, where, code):
    if code is None:
        assert question(REGISTRY, VALUES, by, where, "people").over == ("sex",)
        return
    with pytest.raises(Stop) as stop:
        question(REGISTRY, VALUES, by, where, "people")
    assert stop.value.code == code


def test_two_ways_of_writing_a_condition_are_one_question():
    ways = [
        "imd_decile <= 2",
        "imd_decile in (1, 2)",
        "not imd_decile between 3 and 10",
        "imd_decile < 3 and (sex = 'male' or sex = 'female')",
    ]
    assert len({question(REGISTRY, VALUES, [], w, "people") for w in ways}) == 1


def test_too_fine_a_table_is_refused_with_a_coarser_one(tmp_path):
    with pytest.raises(Stop) as stop:
        people(600).count(ledger(tmp_path), ["locality", "sex", "age_band", "imd_decile"])
    assert stop.value.code == "WSD-610"
    assert "imd_decile" not in stop.value.next_step and "locality" in stop.value.next_step


def test_questions_on_the_same_dimensions_are_free_and_add_up(tmp_path):
    asked, held = people(), ledger(tmp_path)
    whole = asked.count(held, ["locality"])
    parts = [asked.count(held, [], f"locality = '{v}'") for v in VALUES["locality"]]
    assert {p.left for p in parts} == {whole.left} == {REGISTRY.tables - 1}
    assert [p.total for p in parts] == [row[1] for row in whole.rows]
    assert held.opened() == [("people", ("locality",))]


def test_tables_run_out_and_then_those_opened_answer_with_more_noise(tmp_path):
    few = dataclasses.replace(REGISTRY, tables=2)
    asked = People(Coded.of(drawn(40_000, 1), b"s" * 32, few), b"s" * 32, few, load_policy())
    held = ledger(tmp_path)
    first = asked.count(held, ["sex", "locality"])
    asked.count(held, ["need"])
    fallen_back = asked.count(held, ["sex"])
    assert fallen_back.noise_sd > first.noise_sd and len(held.opened()) == 2
    with pytest.raises(Stop) as stop:
        asked.count(held, ["age_band"])
    assert stop.value.code == "WSD-613"
    assert asked.count(held, ["sex", "locality"]).rows == first.rows


def test_noise_too_little_for_the_tables_is_refused(tmp_path):
    from wsd_pipeline.disclosure import questions

    loose = tmp_path / "questions.yaml"
    loose.write_text(questions.QUESTIONS_FILE.read_text().replace("noise_sd: 16", "noise_sd: 3"))
    with pytest.raises(ValueError, match="more noise"):
        load_registry(loose)


def test_the_people_kept_for_questions_are_read_back_as_they_were_and_for_their_owner_only(tmp_path):
    made = Coded.of(drawn(500, 1), b"s" * 32, REGISTRY)
    made.save(tmp_path / "people" / "made.npz")
    back = Coded.load(tmp_path / "people" / "made.npz")
    assert back.values == made.values and (back.record_key == made.record_key).all()
    assert all((back.codes[d] == made.codes[d]).all() for d in made.codes)
    assert (tmp_path / "people" / "made.npz").stat().st_mode & 0o077 == 0


def conditions(row: dict[str, str], rng: np.random.Generator) -> str:
    """A group the target is in, by what the attacker knows of them."""
    parts = []
    for name in ("locality", "sex", "imd_decile", "age_band"):
        others = [v for v in VALUES[name] if v != row[name]]
        kept = [row[name], *rng.permutation(others)[: rng.integers(0, len(others) + 1)]]
        parts.append(f"{name} in ({', '.join(repr(str(v)) for v in kept)})")
    return " and ".join(parts)


def chance(shown: int | None, n: int, sd: float, least: float) -> float:
    """How likely a shown count is of n people, under the published rules."""
    normal = NormalDist(n, sd)
    if shown is None:
        return max(normal.cdf(least + 0.5), 1e-12)
    return max(normal.cdf(shown + 2.5) - normal.cdf(max(shown - 2.5, least + 0.5)), 1e-12)


Ask = Callable[[str | None], Sequence[tuple[str, int | None]]]
"""Counts by need where a condition holds; none where the question is refused."""


def through_count(asked: People, held: Ledger) -> Ask:
    """As `wsd count` answers."""

    def ask(where: str | None) -> Sequence[tuple[str, int | None]]:
        try:
            return [(need, shown) for need, shown, _ in asked.count(held, ["need"], where).rows]
        except Stop as stop:
            assert stop.code in ("WSD-610", "WSD-613")
            return ()

    return ask


def by_rounding_alone(frame: pl.DataFrame) -> Ask:
    """Exact counts, those of 1 to 7 withheld and the rest to the nearest 5."""

    def ask(where: str | None) -> Sequence[tuple[str, int | None]]:
        found = (frame.sql(f"select * from self where {where}") if where else frame).group_by("need").len().iter_rows()
        return [(need, None if n <= 7 else 5 * ((n + 2) // 5)) for need, n in found]

    return ask


SPREADS = (1e-3, *(REGISTRY.noise_sd / part for part in (8, 4, 2, 1)))
"""What the attacker thinks the noise may be: from none to as much as is said. Which it is shows in the answers."""


def believed(
    ask: Ask, frame: pl.DataFrame, questions: int, rng: np.random.Generator, least: int, sums: bool = False
) -> float:
    """What the attacker believes of the target's true value (first row) who knows every other row.

    First asks for every table that the ledger allows, in single cells; then goes on with conditions of all kinds. Under
    `wsd count` what is a sum of cells known already tells nothing new (`sums` false), so an attacker at their best
    weighs the cells of each table once.
    """
    target, others = frame.row(0, named=True), frame[1:]
    known = ("locality", "sex", "imd_decile", "age_band")
    subsets = [c for k in range(5) for c in itertools.combinations(known, k)]
    likely = np.zeros((len(SPREADS), 2))  # log likelihood that the target has the value, and that they have the other
    for number in range(questions):
        mine = subsets[number] if number < len(subsets) else None
        where = " and ".join(f"{d} = '{target[d]}'" for d in mine) if mine is not None else conditions(target, rng)
        rows = ask(where or None)
        if mine is None and not sums:
            continue
        group = others.sql(f"select * from self where {where}") if where else others
        exact = dict(group.group_by("need").len().iter_rows())
        for need, shown in rows:
            n, has = exact.get(need, 0), need == target["need"]
            for i, sd in enumerate(SPREADS):
                likely[i] += [math.log(chance(shown, n + one, sd, least)) for one in (has, not has)]
        has, has_not = np.logaddexp.reduce(likely)
        if abs(has - has_not) > 20:  # certain
            break
    return float(1 / (1 + np.exp(has_not - has)))


def test_an_attacker_who_knows_all_but_one_learns_little_from_five_hundred_questions(tmp_path):
    rng, sure, right = np.random.default_rng(5), [], []
    least = math.floor(1.5 * REGISTRY.noise_sd)
    for trial in range(TRIALS):
        frame, held = drawn(2000, trial), ledger(tmp_path, f"a{trial}")
        ask = through_count(opened(frame, bytes([trial]) * 32), held)
        # beyond the tables that may be opened nothing is learnt: all 500 once, and those that tell something else
        belief = believed(ask, frame, 500 if trial == 0 else 24, rng, least)
        assert len(held.opened()) <= REGISTRY.tables
        sure.append(max(belief, 1 - belief))
        right.append(belief > 0.5)
    # the attacker's own certainty is what they get right on average, with far less scatter than so few guesses
    assert float(np.mean(sure)) < 0.60
    assert np.mean(right) < 0.60 + 2 * math.sqrt(0.24 / TRIALS)


def test_the_same_attacker_wins_against_rounding_alone():
    rng, right = np.random.default_rng(5), []
    for trial in range(40):
        frame = drawn(2000, trial)
        right.append(believed(by_rounding_alone(frame), frame, 500, rng, least=7, sums=True) > 0.5)
    assert np.mean(right) > 0.90
