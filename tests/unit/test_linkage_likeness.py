"""What a name looks like, as tokens: one letter left out, first letters, full form, and MOHAMMED left out."""

from __future__ import annotations

import duckdb
import polars as pl

from wsd_pipeline.contracts.tokens import NAMES
from wsd_pipeline.vault import identities, names
from wsd_pipeline.vault.keys import Keys


def forms(*wholes: str) -> dict[str, dict]:
    return {row["whole"]: row for row in names.like_forms(pl.Series(list(wholes))).to_dicts()}


def test_names_one_edit_apart_share_a_variant_and_others_do_not() -> None:
    made = {name: set(row["variants"] or ()) for name, row in forms("hasan", "hassan", "hsaan", "jamal", "jo").items()}
    assert made["hasan"] & made["hassan"]
    assert made["hasan"] & made["hsaan"]
    assert not made["hasan"] & made["jamal"]
    assert made["jo"] == set()


def test_an_initial_has_no_first_letters_and_a_short_form_has_its_full_one() -> None:
    made = forms("l", "laura", "bob", "robert")
    assert made["l"]["prefix"] is None and made["laura"]["prefix"] == "lau"
    assert made["bob"]["form"] == made["robert"]["form"] == "robert"


def test_what_was_left_out_is_kept_as_a_token_of_its_own() -> None:
    made = names.forename_forms(pl.Series(["MD Rafiq", "MOHAMMED", "Rafiq"]))
    left_out = dict(zip(made["value"], made["left_out"], strict=True))
    assert left_out == {"MD Rafiq": "mohammed", "MOHAMMED": None, "Rafiq": None}
    wholes = dict(zip(made["value"], made["whole"], strict=True))
    assert wholes == {"MD Rafiq": "rafiq", "MOHAMMED": "mohammed", "Rafiq": "rafiq"}


def test_tokens_of_names_are_kept_once_a_name_and_change_with_the_key(tmp_path) -> None:
    def made_with(deployment: str) -> list[tuple]:
        con = duckdb.connect()
        keys = Keys(root=bytes(32), deployment=deployment, folder=tmp_path)
        identities._map_likeness(con, pl.Series(["rafiq", "begum", "rafiq", None]), keys)
        rows = con.execute("select name_token, prefix_token, form_token, variant_tokens from name_forms order by 1")
        assert [c[0] for c in rows.description] == [c.name for c in NAMES.columns]
        return rows.fetchall()

    one, again, other = made_with("a"), made_with("a"), made_with("b")
    assert one == again and len(one) == 2
    assert not {r[0] for r in one} & {r[0] for r in other}
    assert not {v for r in one for v in r[3]} & {v for r in other for v in r[3]}
