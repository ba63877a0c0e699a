"""How one person was put together: steps, rules, weights and agreement, without identity and without record ids."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any
from uuid import UUID

from wsd_pipeline.contracts.linked import AGREEMENT_FIELDS, COMPARED_BITS
from wsd_pipeline.lake import Zone
from wsd_pipeline.linkage.history import Event, history, newest_id
from wsd_pipeline.messages import Stop

if TYPE_CHECKING:
    import pyarrow as pa

_RECORDS = f"""
select row_number() over (order by first_month, source, record_id) as number,
    source, record_id, step, link_band, person_kind, is_current, first_month, last_month, is_superseded,
    is_multiple_match, has_nhs_conflict, is_over_cap, last_step_tried,
    {", ".join(f"has_{field}_agreement" for field in AGREEMENT_FIELDS)}
from read_parquet($spine) where person_id = $person
"""
_PARTS = ("prior_bits", *COMPARED_BITS, "rarity_bits")
_JOINS = f"""
with said as (  -- months linked before the parts were kept do not say them
    select {", ".join(f"null::decimal(9,3) as {c}" for c in _PARTS)} limit 0
)
select a.number as number_a, a.source as source_a, b.number as number_b, b.source as source_b,
    e.step, e.rule, e.month, e.match_weight, e.match_share, e.margin_share, {", ".join(f"e.{c}" for c in _PARTS)}
from (from said union all by name from read_parquet($edges)) as e
join one as a on a.source = e.source_a and a.record_id = e.record_id_a
join one as b on b.source = e.source_b and b.record_id = e.record_id_b
order by e.month, least(number_a, number_b), greatest(number_a, number_b)
"""


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """`records`: one row a record of the person, numbered from 1 in the order they came, with how it stands.

    `joins`: one row an accepted pair, by those numbers, with step, rule, month, match weight, probability and margin,
    and of a scored pair what each comparison weighed. `history`: what became of the id month by month, in words; of
    an id that is no more it is all there is. `newest_id`: the id that took its place, where one did.
    """

    records: pa.Table
    joins: pa.Table
    history: list[Event]
    newest_id: str | None


@dataclass(frozen=True)
class Fall:
    """A step of a waterfall: what it adds, in bits, and the sum so far: log2 of the odds that two are one person."""

    name: str
    bits: float
    total: float


def waterfall(join: Mapping[str, Any]) -> list[Fall]:
    """From the odds before anything is compared, comparison by comparison, to the odds of the probability told.

    The steps but the first and the last are the match weight. The last is what others do to the odds: somebody of the
    same household instead, other people as likely, and that a record has at most one person. Empty for a join
    without a score; without the last step where the probability is too near 1 to be told from it.
    """
    if join.get("prior_bits") is None:
        return []
    bits = [float(join[name]) for name in _PARTS]
    names = [name[:-5].replace("_", " ") for name in _PARTS]
    share = float(join["match_share"])
    if 0 < share < 1:
        names.append("households and rivals")
        bits.append(math.log2(share / (1 - share)) - sum(bits))
    return [Fall(*step) for step in zip(names, bits, accumulate(bits), strict=True)]


def explain(lake: Zone, month: str, person_id: str) -> Explanation:
    """How the person was put together as of the month, or what became of an id that is no more.

    Stops with WSD-601 or WSD-602 where there is none such.
    """
    import duckdb

    spine, edges = lake.path("linked.spine", month), lake.path("linked.edges", month)
    if spine is None or edges is None:
        raise Stop("WSD-601", month=month)
    con = duckdb.connect()
    try:
        con.execute("set async_threads = 0")
        try:
            person = str(UUID(person_id))
        except ValueError:
            person = str(UUID(int=0))
        con.execute("create table one as " + _RECORDS, {"spine": str(spine), "person": person})
        records = con.sql("select * exclude (record_id) from one order by number").to_arrow_table()
        told = history(lake, month, person)
        if not records.num_rows and not told:
            raise Stop("WSD-602", kind="person", name="of that id", nearest="", see="wsd status")
        joins = con.sql(_JOINS, params={"edges": str(edges)}).to_arrow_table()
    finally:
        con.close()
    newest = newest_id(lake, month, person)
    return Explanation(records=records, joins=joins, history=told, newest_id=newest if newest != person else None)
