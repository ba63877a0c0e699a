"""Tokens: equal in, equal out; another key, another token; and what they give away without one."""

from __future__ import annotations

import hashlib
import hmac

import numpy as np
import polars as pl
import pytest

from wsd_pipeline.linkage.scoring import cleaning, numbering
from wsd_pipeline.linkage.scoring.coder import Coder


def test_tokens_are_hmac_sha256_of_the_standard_library() -> None:
    key = b"0123456789abcdef0123456789abcdef"
    found = Coder.keyed(key).tokens(pl.Series(["SMITH", None, "Ö"]), "name").to_list()
    kind = hmac.new(key, b"name", hashlib.sha256).hexdigest().encode()
    expected = [int.from_bytes(hmac.new(kind, v.encode(), hashlib.sha256).digest()[:8], "big") for v in ("SMITH", "Ö")]
    assert found == [expected[0], None, expected[1]]


def test_equal_in_equal_out_and_other_keys_and_kinds_share_nothing() -> None:
    names = pl.Series([f"NAME{n}" for n in range(500)])
    one, again = (Coder.keyed(b"a" * 32).tokens(names, "name") for _ in range(2))
    other_key, other_kind = Coder.keyed(b"b" * 32).tokens(names, "name"), Coder.keyed(b"a" * 32).tokens(names, "place")
    assert one.to_list() == again.to_list()
    assert one.n_unique() == 500
    assert not set(one) & set(other_key)
    assert not set(one) & set(other_kind)


def test_cleaned_alike_is_coded_alike() -> None:
    written = pl.Series(["O'Brien", "OBRIEN", " o’brien", "Mrs. O'BRIEN", "Ó Brien", None, "", "obrien"])
    assert cleaning.surname_parts(written)["s0"].to_list() == [*["OBRIEN"] * 5, None, None, "OBRIEN"]


def test_a_name_of_one_plain_word_is_its_first_word_and_a_title_or_prefix_is_still_told() -> None:
    written = pl.Series(["Anna", "MD KARIM", "mohammed", "MISS ANNA MAY", "Mr"])
    assert cleaning.forename_parts(written).rows() == [
        (None, "ANNA", None), ("MOHAMMED", "KARIM", None), ("MOHAMMED", "MOHAMMED", None), (None, "ANNA", "MAY"),
        (None, None, None),
    ]  # fmt: skip


@pytest.mark.parametrize("most", [2, 50, 2**63])
def test_distinct_keys_are_numbered_as_they_appear_or_in_their_order(most: int) -> None:
    rng = np.random.default_rng(4)
    keys = rng.integers(0, 2**63, min(most, 9_000)).astype(np.uint64)[rng.integers(0, min(most, 9_000), 3_000)]
    keys = np.concatenate([keys, keys ^ np.uint64(1), keys])  # some are alike in all but the last bit
    appears = list(dict.fromkeys(keys.tolist()))
    is_first, number = numbering.distinct(keys)
    assert keys[is_first].tolist() == appears
    assert (keys[is_first][number] == keys).all()
    assert (numbering._first_in_table(keys) == numbering._first_in_order(keys)).all()
    first, number = numbering.numbered(keys)
    assert number.tolist() == np.unique(keys, return_inverse=True)[1].tolist()
    assert keys[first].tolist() == sorted(appears)


def test_one_edit_shares_a_deletion_and_two_do_not() -> None:
    names = pl.DataFrame({"name": ["MARTIN", "MARTEN", "MARTN", "MARTTIN", "MATRIN", "MORTEN"], "code": range(6)})
    held = cleaning.deletions(names).group_by("code").agg("variant").sort("code")["variant"].to_list()
    shares = [bool(set(held[0]) & set(other)) for other in held[1:]]
    assert shares == [True, True, True, True, False]


def test_rank_alignment_names_common_tokens_without_a_key_but_not_whole_people() -> None:
    """The attack of PRIVACY §2.2: order tokens by frequency, read public frequencies beside them.

    It works on single names, whatever the key: that is why tokens stay in the linkage room. It gains nothing on
    whole identities, each of which occurs once.
    """
    rng = np.random.default_rng(8)
    public = np.array([f"NAME{n:03}" for n in range(300)])
    chances = 1 / np.arange(1, 301) ** 1.0
    surnames = public[rng.choice(300, 40_000, p=chances / chances.sum())]
    born = np.array(
        [f"{y}-{d:03}" for y, d in zip(rng.integers(1930, 2020, 40_000), rng.integers(1, 366, 40_000), strict=True)]
    )
    coder = Coder.keyed(b"secret, and not known to the attacker"[:32])
    tokens = coder.tokens(pl.Series(surnames), "name")
    ranked = tokens.value_counts(sort=True)[tokens.name]
    truth = dict(zip(tokens.to_list(), surnames.tolist(), strict=True))
    named = sum(truth[t] == public[rank] for rank, t in enumerate(ranked[:10]))
    assert named >= 7
    whole = coder.tokens(pl.Series(np.char.add(np.char.add(surnames, "|"), born)), "identity")
    most = whole.value_counts(sort=True)["count"][:10].to_list()
    assert max(most) <= 25  # so flat that rank says nothing: the commonest surname alone occurs thousands of times
    assert tokens.value_counts(sort=True)["count"][0] > 50 * max(most)


def test_phonetic_code_folds_what_sounds_alike() -> None:
    names = ["CATHERINE", "KATHRYN", "PHILIP", "FILIP", "SMITH", "SMYTH", "ALI", "ELI", "BAKER", "MILLER"]
    coded = pl.DataFrame({"n": names}).select(cleaning.phonetic(pl.col("n")))["n"].to_list()
    assert coded[0] == coded[1]
    assert coded[2] == coded[3]
    assert coded[4] == coded[5]
    assert coded[6] == coded[7]
    assert coded[8] != coded[9]


def test_identifiers_that_repeat_one_digit_are_nothing() -> None:
    assert cleaning.compact_numbers(pl.Series(["0000000000", "9434765919", None])).to_list() == [
        None,
        "9434765919",
        None,
    ]
    assert cleaning.compact_numbers(pl.Series(["999 999 9999", "943 476 5919"])).to_list() == [None, "9434765919"]
