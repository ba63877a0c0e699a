"""Address matching on an invented borough: how many homes are found from the text alone, how many of them rightly.

    python -m tests.bench.addresses --people 20000

Each text of the practice lists is matched with the supplier's UPRN hidden, then judged by it.
"""

from __future__ import annotations

import argparse
import time

import duckdb

from synthetic_data.feeds.council import gazetteer as drawn
from synthetic_data.feeds.health.registrations import registrations
from synthetic_data.feeds.mess import ErrorRates, Mess
from synthetic_data.run import advance, begin
from synthetic_data.world.calendar import bounds, year_to
from wsd_pipeline.vault import address_words, addresses, gazetteer, normalise

MONTH = "2026-01"


def measure(people: int, seed: int = 7, threads: int = 2) -> dict[str, float]:
    """Counts and shares for a borough of so many people, and the seconds taken."""
    state = begin(seed, people, MONTH)
    advance(state, MONTH)
    mess = Mess(state, ErrorRates())
    mess.begin_month()
    listed = registrations(state, mess, MONTH, year_to(state.today), bounds(MONTH)[0])
    con = duckdb.connect()
    con.execute(f"set threads = {threads}")
    con.register("rows", listed.rows.to_arrow())
    con.register("places", drawn.addresses(state).rows.to_arrow())
    normalise.define(con)
    address_words.define(con)
    began, busy = time.perf_counter(), time.process_time()
    gazetteer.load(con, MONTH, "places")
    loaded, load_busy = time.perf_counter(), time.process_time()
    addresses.start(con)
    con.execute("""create temp table written as select uprn_of(uprn) as supplied, postcode_of(postcode) as postcode,
        nullif(without_postcode(concat_ws(', ', address_line_1, address_line_2, address_line_3, address_line_4)), '')
            as text from rows""")
    addresses.match_texts(con, "select distinct text, postcode from written where text is not null")
    done, done_busy = time.perf_counter(), time.process_time()
    con.execute("""create temp table judged as
        select w.supplied, m.uprn, m.qualifier, m.pattern, m.qualifier in ('best_residential', 'best_other') as is_best
        from written w left join address_matches m
            on m.text = w.text and m.postcode is not distinct from w.postcode""")
    found: dict[str, float] = dict(
        con.sql("""
        select count(*) as rows, count(*) filter (where supplied is not null) as known,
            count(*) filter (where supplied is not null and is_best) / count(supplied) as matched_share,
            count(*) filter (where is_best and uprn = supplied)
                / count(*) filter (where is_best and supplied is not null) as ppv,
            count(*) filter (where supplied is null and is_best) as gained,
            count(*) filter (where supplied is null) as missing
        from judged where supplied is null or supplied in (select uprn from uprn_targets)
        """)
        .pl()
        .row(0, named=True)
    )
    texts = con.execute("select count(*) from address_matches").fetchall()[0][0]
    return found | {
        "texts": texts, "load_seconds": loaded - began, "match_seconds": done - loaded,
        "load_cpu_seconds": load_busy - busy, "match_cpu_seconds": done_busy - load_busy,
    }  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=20_000)
    for name, value in measure(parser.parse_args().people).items():
        print(f"{name:16} {value:,.4f}")
