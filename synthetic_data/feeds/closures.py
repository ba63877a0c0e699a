"""Records under a closed number are, to the truth, of another person than records under the new one."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import polars as pl

from synthetic_data.feeds.feed import Feed, contract
from synthetic_data.world.closures import CLOSED, listed
from synthetic_data.world.state import Borough


def told_apart(state: Borough, feeds: list[Feed]) -> list[Feed]:
    """The feeds; their truth says of records under a closed number, in every table of the source, who it was."""
    old = listed(state)["old_nhs_number"]
    known = cast(dict[str, pl.Series], state.facts.setdefault("keys of who people were", {}))
    for feed in feeds:
        held = contract(feed.table)
        if "nhs_number" in feed.rows.columns and held.person_key:
            key = pl.concat_str([pl.col(c).cast(pl.String) for c in held.person_key], separator="|")
            number = pl.col("nhs_number").str.replace_all(r"[^0-9]", "")
            found = feed.rows.filter(number.is_in(old)).select(key).to_series().alias("key")
            known[held.source] = pl.concat([known.get(held.source, found.clear()), found]).unique()
    nobody = pl.Series("key", [], dtype=pl.String)
    return [_told(feed, known.get(contract(feed.table).source, nobody)) for feed in feeds]


def _told(feed: Feed, keys: pl.Series) -> Feed:
    if keys.is_empty() or feed.records.is_empty():
        return feed
    was = pl.col("true_person") + pl.when(pl.col("person_key").is_in(keys)).then(CLOSED).otherwise(0)
    return replace(feed, records=feed.records.with_columns(true_person=was))
