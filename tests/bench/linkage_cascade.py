"""How long a month of the cascade takes on a whole borough's tokens, and how much memory: prints a table.

    python -m tests.bench.linkage_cascade --people 330000

Invented tokens of about seven records a person: health sources with the NHS number, council sources mostly
without. A second month moves 4 % of records' addresses and adds 2 % new people.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import tempfile
import time
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from wsd_pipeline import sql
from wsd_pipeline.contracts.linked import EDGES, REVIEW, SPINE, TABLES
from wsd_pipeline.linkage.core import Inputs, link
from wsd_pipeline.linkage.inputs import changed, read_linked
from wsd_pipeline.linkage.month import select_of
from wsd_pipeline.linkage.probabilistic import score_left
from wsd_pipeline.vault.tokens import id_column

# source, share of people with a record, share with an NHS number, share with names
SOURCES = (
    ("gp", 1.0, 0.95, 1.0), ("apc", 0.6, 0.99, 0.0), ("op", 0.9, 0.99, 0.0), ("ecds", 0.7, 0.93, 1.0),
    ("mhsds", 0.3, 0.98, 1.0), ("csds", 0.5, 0.98, 1.0), ("asc", 0.15, 0.88, 1.0), ("education", 0.3, 0.0, 1.0),
    ("housing", 0.7, 0.0, 1.0), ("revs", 0.9, 0.0, 1.0), ("vaccination", 0.9, 0.97, 1.0),
)  # fmt: skip


def tokens(people: int, month: int) -> pa.Table:
    """The identities of a month, invented from the number of each person alone, so that months follow on."""
    con = duckdb.connect()
    con.execute("set threads = 2")
    con.execute("set enable_progress_bar = false")
    con.execute(
        """
        create macro draw(who, what) as (hash(who, what) % 1000003) / 1000003.0;
        create macro tok(kind, value) as hash(kind, value)
        """
    )
    con.execute(
        """
        create table person as
        select i, 1930 + (draw(i, 'y') * 95)::int as year, 1 + (draw(i, 'm') * 12)::int as birth_month,
            1 + (draw(i, 'd') * 28)::int as birth_day, (pow(draw(i, 'f'), 2) * 3000)::int as forename,
            (pow(draw(i, 's'), 2) * 20000)::int as surname, draw(i, 'x') < 0.5 as is_male,
            (i // 3 + case when draw(i, 'moved') < 0.04 * $month then 1000000 else 0 end)::bigint as home,
            (draw(i, 'p') * 36)::int as practice
        from range((($people * (1 + 0.02 * $month))::bigint)) as t(i)
        """,
        {"people": people, "month": month},
    )
    parts = []
    for source, share, numbered, named in SOURCES:
        name = "true" if named else "false"
        parts.append(
            f"""
            select '{source}' as source, i, draw(i, '{source}n') < {numbered} as has_nhs, {name} as has_names,
                draw(i, '{source}v') < 0.05 as has_variant, draw(i, '{source}d') < 0.02 as has_wrong_date, person.*
            from person where draw(i, '{source}') < {share}
            """
        )
    table = con.sql(
        f"""
        with record as ({" union all ".join(parts)}),
        seen as (
            select *, case when has_names then case when has_variant then forename + 5000 else forename end end as f,
                case when has_names then surname end as s, case when has_wrong_date then 1 else birth_day end as d
            from record
        )
        select source, md5(source || i)::uuid::varchar as record_id,
            hash(f, s, year, d, home, has_nhs) as identity_token,
            case when has_nhs then tok('nhs', i) end as nhs_token,
            case when has_nhs then 'valid' else 'absent' end as nhs_state,
            case when f is not null then tok('name', f) end as forename_token,
            case when s is not null then tok('name', s + 100000) end as surname_token,
            null::ubigint as former_surname_token,
            case when f is not null then tok('sound', f // 4) end as forename_phonetic_token,
            case when s is not null then tok('sound', s // 4) end as surname_phonetic_token,
            case when f is not null then tok('initial', f % 26) end as forename_initial_token,
            null::ubigint as forename_left_out_token,
            case when f is not null then list_sort([tok('name', f), tok('name', s + 100000)]) end as name_tokens,
            tok('date', year * 500 + birth_month * 40 + d) as birth_date_token, tok('year', year) as birth_year_token,
            tok('part', birth_month) as birth_month_token, tok('part', d) as birth_day_token,
            birth_month = 1 and d = 1 as is_birth_heaped, tok('sex', is_male) as sex_token,
            tok('postcode', home // 10) as postcode_token, tok('sector', home // 1000) as sector_token,
            tok('outward', home // 20000) as outward_token, tok('uprn', home) as uprn_token,
            tok('practice', practice) as practice_token, null::ubigint as upn_token
        from seen
        """
    ).to_arrow_table()
    con.close()
    return table


def spine_hmac(messages: pa.Array) -> pa.Array:
    """The vault's own HMAC, under a key of zeros."""
    import polars as pl

    return id_column(pl.Series(messages), bytes(32)).to_arrow()


def run(folder: Path, people: int, number: int) -> None:
    """Link a month from what the one before left in the folder, write its tables, print a line."""
    identities = tokens(people, number)
    months = ["2026-01", "2026-02"]
    month = months[number]
    start, cpu = time.perf_counter(), time.process_time()
    earlier = {}
    if number:
        earlier = {
            "known": changed(pq.read_table(folder / "known.parquet"), identities),
            **{t.name: read_linked(t, folder / f"{t.name}.{months[number - 1]}.parquet") for t in (SPINE, EDGES)},
            "review": read_linked(REVIEW, folder / f"review.{months[number - 1]}.parquet"),
        }
    con = sql.connect(folder / "spill", threads=2, memory_limit="8GB")
    con.execute("set enable_progress_bar = false")
    inputs, records = Inputs(identities=identities, **earlier), identities.num_rows
    if not number:
        pq.write_table(identities, folder / "known.parquet")
    del earlier, identities
    outcome = link(con, month, inputs, spine_hmac, scorer=score_left)
    for contract in TABLES:
        path = folder / f"{contract.name}.{month}.parquet"
        sql.write_parquet(con, select_of(contract), path)
    seconds, worked = time.perf_counter() - start, time.process_time() - cpu
    counts = f"{records:,} | {outcome.facts['people']:,} | {outcome.facts['pairs_compared']:,}"
    print(f"| {month} | {counts} | {seconds:.1f} | {worked:.1f} | {peak():.2f} |", flush=True)
    con.close()


def peak() -> float:
    """Peak memory of this process so far, in GiB; inventing the tokens is part of it."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def main() -> None:
    """Print the table; each month in a process of its own."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=330_000)
    people = parser.parse_args().people
    print("| month | records | people | pairs compared | seconds | processor seconds | peak GiB |")
    print("|---|---|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for number in (0, 1):
            child = multiprocessing.get_context("spawn").Process(target=run, args=(Path(folder), people, number))
            child.start()
            child.join()


if __name__ == "__main__":
    main()
