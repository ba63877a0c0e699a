"""The generator's tools, each against a fact that can be checked by hand."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from synthetic_data.feeds import mess
from synthetic_data.services.council import schools
from synthetic_data.world import borough, state
from synthetic_data.world.rows import Rows, fit_chances, pick_share, rank_within, scattered, stream

pytestmark = pytest.mark.slow


def test_a_stream_depends_on_its_name_and_nothing_else():
    first = stream(7, "people").random(4)
    stream(7, "homes").random(9)
    assert (first == stream(7, "people").random(4)).all()
    assert (first != stream(7, "homes").random(4)).all()
    assert (first != stream(8, "people").random(4)).all()


def test_chosen_counts_are_exact_and_follow_the_weights():
    weights = np.repeat([1.0, 4.0], 5_000)
    chosen = pick_share(stream(1, "t"), weights, 1_000)
    assert len(chosen) == len(set(chosen)) == 1_000
    assert 760 <= (chosen >= 5_000).sum() <= 840


def test_chances_are_capped_and_add_up():
    chances = fit_chances(np.array([100.0, 1, 1, 1, 0]), 3)
    assert chances[0] == 1 and chances[4] == 0
    assert chances.sum() == pytest.approx(3)
    assert fit_chances(np.array([1.0, 0.0]), 9).tolist() == [1.0, 0.0]


def test_ranks_are_places_within_a_cell():
    assert rank_within(np.array([1, 0, 1, 1]), np.array([5, 9, 2, 7])).tolist() == [1, 0, 0, 2]


def test_rows_grow_and_refuse_unknown_columns():
    rows = Rows(a=np.array([1, 2]), mother=np.array([0, 1]))
    assert rows.add(a=np.array([3])).tolist() == [2]
    assert rows["mother"].tolist() == [0, 1, -1]
    with pytest.raises(KeyError):
        rows.add(b=np.array([1]))


def test_scattering_is_one_to_one():
    assert len(np.unique(scattered(np.arange(99_991), 99_991, 7))) == 99_991


def test_nhs_numbers_are_the_published_test_ones():
    assert (state.nhs_numbers(0, np.arange(909_091)) // 10_000_000 == 999).all()
    every = np.sort(state.nhs_numbers(3, np.arange(909_091)))
    assert len(np.unique(every)) == 909_091
    assert every[:3].tolist() == [9990000018, 9990000026, 9990000034]


def test_pupil_numbers_carry_the_right_letter():
    pupils = Rows(serial=np.array([-3999 * 1000 - 1000 + 1]), entry=np.array([0]))
    digits = "211420115001"
    letter = schools.LETTERS[sum(int(d) * w for d, w in zip(digits, range(2, 14), strict=True)) % 23]
    assert letter == "J"
    made = schools.upn(Rows(serial=np.array([5_001, 123]), entry=np.array([2020, 2025])), np.arange(2))
    for upn in made:
        assert len(upn) == 13
        assert upn[0] == schools.LETTERS[sum(int(d) * w for d, w in zip(upn[1:], range(2, 14), strict=True)) % 23]
    assert len(pupils) == 1


def test_school_years_turn_in_september():
    born = np.array(["2020-08-31", "2020-09-01"], "datetime64[D]").astype(int)
    january = int(np.datetime64("2026-01-31").astype("datetime64[D]").astype(int))
    october = int(np.datetime64("2026-10-31").astype("datetime64[D]").astype(int))
    assert schools.academic_year(born, january).tolist() == [1, 0]
    assert schools.academic_year(born, october).tolist() == [2, 1]


def test_fitting_meets_every_margin():
    table = borough.resident_table(310_309)
    place = borough.place()
    assert np.allclose(table.sum(axis=2), place.ages, rtol=1e-3, atol=0.6)
    assert table.sum() == pytest.approx(310_309)
    share = table.sum(axis=(0, 1)) / table.sum()
    bangladeshi = borough.ethnicities()["dfe"].to_list().index("ABAN")
    assert share[bangladeshi] == pytest.approx(0.346, abs=0.01)


def test_wrong_births_are_wrong_and_never_in_the_future():
    today = 20_500
    birth = np.concatenate([np.arange(5_000, today, 17), np.arange(today - 400, today)])
    roll = stream(1, "roll").random(len(birth))
    wrong = mess.wrong_birth(birth, roll, today)
    assert (wrong != birth).all()
    assert (wrong <= today).all()
    first_of_year = wrong.astype("datetime64[D]").astype("datetime64[Y]").astype("datetime64[D]").astype(int) == wrong
    assert 0.35 < first_of_year.mean() < 0.5


def test_wrong_numbers_are_wrong_and_stay_in_the_test_range():
    right = state.nhs_numbers(1, np.arange(20_000))
    roll = stream(2, "roll").random(20_000)
    wrong = mess.wrong_number(right, roll, state.nhs_numbers(1, np.arange(40_000, 60_000)))
    assert (wrong != right).all()
    assert (wrong // 10_000_000 == 999).all()


def test_varied_names_are_never_the_same():
    forename = pl.Series(["MOHAMMED RAHIM", "MD ALI", "OLIVER", "LI", "JO", "X", "FATEMA", "ANNA"] * 250)
    surname = pl.Series(["MIAH", "ALI", "WHITE", "WU", "NG", "O", "BEGUM", "NOWAK"] * 250)
    roll = stream(3, "roll").random(2_000)
    new_forename, new_surname = mess.varied_names(forename, surname, roll)
    same = (new_forename == forename) & (new_surname == surname)
    assert same.sum() == 0
    assert new_surname.str.len_chars().min() >= 1
    swapped = (new_forename == surname) & (new_surname == forename)
    assert 0.03 < swapped.mean() < 0.25


def test_rates_may_differ_by_group():
    groups = np.array(["Bangladeshi", "Black", "Bangladeshi"])
    assert mess.rate_by_record({"Bangladeshi": 0.2, "": 0.1}, groups).tolist() == [0.2, 0.1, 0.2]
    assert mess.rate_by_record(0.3, groups).tolist() == [0.3] * 3
