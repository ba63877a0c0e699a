"""The engine and its peers, each run over the same files as one whole process: read, link, write down the links.

Splink gets the clear text it wants and good settings: its documented comparisons, term frequencies, one merged
address, u of the NHS number set by hand, three EM passes, one best link a record. recordlinkage gets the same
blocks and its ECM classifier.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

import linkage_data
import polars as pl

from wsd_pipeline.linkage.scoring.files import link_files, read_truth
from wsd_pipeline.linkage.scoring.mapping import PairMap, pair_map, without
from wsd_pipeline.linkage.scoring.measures import quality

WRITTEN = ("street_number", "street", "street_2", "town")


def map_of(name: str) -> PairMap:
    """The map of a data set: the generated files', FEBRL4's, or FEBRL4's names, birth date and postcode only."""
    if not name.startswith("febrl4"):
        return pair_map(linkage_data.MAP)
    whole = pair_map(linkage_data.FEBRL_MAP)
    return without(whole, *WRITTEN) if name.endswith("names") else whole


def run_engine(folder: Path, name: str, *, clear: bool) -> tuple[pl.DataFrame, dict[str, Any]]:
    """This engine's links."""
    linked = link_files(folder / "a.csv", folder / "b.csv", map_of(name), clear=clear)
    seconds = {"tokenise": linked.seconds["tokenise"], "link": linked.seconds["link"]}
    return linked.pairs, {**seconds, "pairs": linked.candidates}


def run_splink(folder: Path, name: str) -> tuple[pl.DataFrame, dict[str, Any]]:
    """Splink's links: train, predict, one best link a record on both sides."""
    import duckdb
    import splink.comparison_level_library as cll
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    febrl = name.startswith("febrl4")
    con = duckdb.connect()
    con.execute("set threads = 2")
    tables = []
    api = DuckDBAPI(con)
    for side in "ab":
        select = (
            "rec_id as unique_id, given_name as forename, surname, date_of_birth as birth_date, postcode,"
            " street_number, address_1, address_2, suburb"
            if febrl
            else "id as unique_id, nhs_number, forename, surname, birth_date, sex, postcode, uprn"
        )
        con.execute(
            f"create table raw_{side} as select {select} from read_csv('{folder / side}.csv', all_varchar = true)"
        )
        con.execute(
            f"create or replace table raw_{side} as select *, forename || ' ' || surname as full_name,"
            f" postcode[:-3] as sector, postcode[:-5] as district from raw_{side}"
        )
        tables.append(api.register(con.table(f"raw_{side}"), dataset_display_name=f"file_{side}"))
    levels = [cll.NullLevel("postcode")]
    if not febrl:
        levels = [
            cll.CustomLevel(
                "(uprn_l is null or uprn_r is null) and (postcode_l is null or postcode_r is null)"
            ).configure(is_null_level=True),
            cll.ExactMatchLevel("uprn"),
        ]
    levels += [cll.ExactMatchLevel("postcode")]
    levels += (
        [cll.LevenshteinLevel("postcode", 2)]
        if febrl
        else [cll.ExactMatchLevel("sector"), cll.ExactMatchLevel("district")]
    )
    comparisons = [
        cl.ForenameSurnameComparison("forename", "surname", forename_surname_concat_col_name="full_name"),
        cl.DateOfBirthComparison("birth_date", input_is_string=True, datetime_format="%Y%m%d" if febrl else "%Y-%m-%d"),
        cl.CustomComparison([*levels, cll.ElseLevel()], output_column_name="address"),
    ]
    if febrl and not name.endswith("names"):
        comparisons += [
            cl.JaroWinklerAtThresholds(c, [0.9]).configure(term_frequency_adjustments=True)
            for c in ("address_1", "suburb")
        ]
        comparisons += [cl.ExactMatch("street_number")]
    if not febrl:
        comparisons += [
            cl.ExactMatch("sex"),
            cl.CustomComparison(
                [
                    cll.NullLevel("nhs_number"),
                    cll.ExactMatchLevel("nhs_number").configure(m_probability=0.99, u_probability=1e-7),
                    cll.ElseLevel().configure(m_probability=0.01, u_probability=1 - 1e-7),
                ],
                output_column_name="nhs",
            ),
        ]
    year = "substr(birth_date, 1, 4)"
    blocks = [
        block_on("birth_date", "surname"), block_on("birth_date", "forename"), block_on("forename", "surname", year),
        block_on("postcode", "surname", year), block_on("postcode", "forename", year),
    ]  # fmt: skip
    if febrl:
        blocks += [block_on("birth_date"), block_on("postcode"), block_on("surname"), block_on("forename")]
    else:
        blocks += [
            block_on("nhs_number"),
            block_on("uprn", year),
            block_on("birth_date", "postcode"),
            block_on("birth_date", "substr(forename,1,1)", "substr(surname,1,1)"),
            block_on("uprn", "substr(forename,1,1)"),
            block_on("postcode", "substr(birth_date,6,5)"),
            block_on("postcode", "substr(birth_date,1,7)"),
            block_on("surname", "substr(birth_date,1,7)"),
            block_on("surname", "forename", "substr(birth_date,6,5)"),
            block_on("forename", "substr(birth_date,1,7)", "substr(surname,1,1)"),
        ]
    settings = SettingsCreator(
        link_type="link_only", comparisons=comparisons, blocking_rules_to_generate_predictions=blocks,
        retain_matching_columns=False,
    )  # fmt: skip
    linker = Linker(tables, settings, log_level="ERROR")
    rule = block_on("forename", "surname", "birth_date")
    linker.training.estimate_probability_two_random_records_match([rule], recall=0.7)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=7)
    for training in (
        block_on("birth_date", "forename"),
        block_on("forename", "surname"),
        block_on("birth_date", "postcode"),
    ):
        linker.training.estimate_parameters_using_expectation_maximisation(training, max_pairs=1e6)
    if not febrl:
        for level in linker._settings_obj.comparisons[-1].comparison_levels:
            if not level.is_null_level:
                level.u_probability = 1e-7 if "=" in level.sql_condition else 1 - 1e-7
    predicted = linker.inference.predict(threshold_match_probability=0.001)
    frame = con.sql(
        f"""select unique_id_l as id_a, unique_id_r as id_b, match_probability as probability, match_weight as weight,
            row_number() over (partition by unique_id_l order by match_weight desc, unique_id_r) = 1
            and row_number() over (partition by unique_id_r order by match_weight desc, unique_id_l) = 1 as is_best
        from {predicted.physical_name}"""
    ).pl()
    frame = frame.with_columns(is_accepted=pl.col("is_best") & (pl.col("probability") >= 0.5))
    return frame, {"pairs": len(frame)}


def run_recordlinkage(folder: Path, name: str) -> tuple[pl.DataFrame, dict[str, Any]]:
    """recordlinkage's links: blocks by birth date, by names and by postcode with surname; ECM; best link a record."""
    import pandas as pd
    import recordlinkage

    febrl = name.startswith("febrl4")
    names = {"given_name": "forename", "date_of_birth": "birth_date"} if febrl else {}
    key = "rec_id" if febrl else "id"
    a, b = (pd.read_csv(folder / f"{s}.csv", dtype=str).rename(columns=names).set_index(key) for s in "ab")
    index = recordlinkage.Index()
    for block in ("birth_date", ["forename", "surname"], ["postcode", "surname"]):
        index.block(block)
    pairs = index.index(a, b)
    compare = recordlinkage.Compare()
    compare.string("forename", "forename", method="jarowinkler", threshold=0.88)
    compare.string("surname", "surname", method="jarowinkler", threshold=0.88)
    for column in ("birth_date", "postcode", *(() if febrl else ("sex", "uprn", "nhs_number"))):
        compare.exact(column, column)
    features = compare.compute(pairs, a, b)
    classifier = recordlinkage.ECMClassifier(binarize=0.5)
    classifier.fit(features)
    p = classifier.prob(features)
    frame = pl.DataFrame(
        {
            "id_a": [x[0] for x in p.index],
            "id_b": [x[1] for x in p.index],
            "probability": p.to_numpy(),
            "score": features.sum(axis=1).to_numpy(),
        }
    )
    frame = frame.with_columns(weight="score").with_columns(
        is_best=pl.struct("probability", "score").rank("ordinal", descending=True).over("id_a").eq(1)
        & pl.struct("probability", "score").rank("ordinal", descending=True).over("id_b").eq(1)
    ).with_columns(is_accepted=pl.col("is_best") & (pl.col("probability") >= 0.5))  # fmt: skip
    return frame, {"pairs": len(frame)}


def run_floor(folder: Path, name: str) -> tuple[pl.DataFrame, dict[str, Any]]:
    """What nobody can do without: read both files and hash-join them once."""
    import duckdb

    con = duckdb.connect()
    con.execute("set threads = 2")
    for side in "ab":
        con.execute(f"create table {side} as select * from read_csv('{folder / side}.csv', all_varchar = true)")
    key = (
        "date_of_birth = b.date_of_birth and a.surname"
        if name.startswith("febrl4")
        else "birth_date = b.birth_date and a.surname"
    )
    pairs = con.execute(f"select count(*) from a join b on a.{key} = b.surname").fetchall()[0][0]
    return pl.DataFrame(), {"pairs": int(pairs)}


def peak_gib() -> float:
    """The most memory this process has held. Not what `resource` says, which counts what its parent held before it."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024**2


def child(tool: str, name: str, folder: Path) -> dict[str, Any]:
    """One run of one tool in this process: seconds, CPU seconds, peak memory, pairs and quality."""
    began = time.perf_counter()
    if tool == "splink":
        pairs, facts = run_splink(folder, name)
    elif tool == "recordlinkage":
        pairs, facts = run_recordlinkage(folder, name)
    elif tool == "floor":
        pairs, facts = run_floor(folder, name)
    else:
        pairs, facts = run_engine(folder, name, clear=tool == "clear text")
    total = time.perf_counter() - began
    cpu = time.process_time()
    peak = peak_gib()
    facts |= {"total": round(total, 2), "cpu": round(cpu, 2), "peak_gib": round(peak, 2)}
    if len(pairs):
        found = quality(pairs, read_truth(folder / "truth.csv", map_of(name)))
        facts |= {k: round(float(v), 5) for k, v in found.__dict__.items()}
    return {"data": name, "tool": tool, **facts}


if __name__ == "__main__":
    print(json.dumps(child(sys.argv[1], sys.argv[2], Path(sys.argv[3]))))
