"""What practices have coded of their patients: conditions from the registers, and what `gp_checks` says they did."""

from __future__ import annotations

import numpy as np
import polars as pl

from synthetic_data.feeds.feed import Feed
from synthetic_data.feeds.series import blanked, dates, pick
from synthetic_data.services.health import gp_checks
from synthetic_data.world.conditions import TREATED, registers
from synthetic_data.world.rows import NEVER, Array
from synthetic_data.world.state import Borough, stable
from wsd_pipeline.contracts.clusters import CLUSTERS


def coded_conditions(state: Borough, since: int) -> Feed:
    """`gp__conditions`: everything coded, from each practice where the person is on the list (the main one)."""
    c, r = state.conditions, state.registrations
    main = np.full(len(state.people), -1)
    on = np.flatnonzero((r["start"] <= state.today) & (r["end"] > since) & ~r["extra"])
    on = on[np.argsort(r["start"][on], kind="stable")]
    main[r["person"][on]] = on
    at = np.flatnonzero((c["onset"] <= state.today) & (main[c["person"]] >= 0))
    register, person = c["register"][at], c["person"][at]
    table = registers()
    treated = {table["register"].to_list().index(name): pair for name, pair in TREATED.items()}
    live = c["resolved"][at] > state.today
    frames = [
        _coded(
            state,
            main,
            person,
            pick(table["cluster"].to_list(), register),
            _codes(state, register, person, at),
            c["onset"][at],
            c["resolved"][at],
            register,
        )
    ]
    for number, (cluster, code) in treated.items():
        mine = (register == number) & live
        when = np.maximum(state.today - (stable(state, "treated", at[mine]) * 150).astype(int), c["onset"][at][mine])
        words = pl.Series([cluster] * int(mine.sum()), dtype=pl.String)
        frames.append(
            _coded(
                state,
                main,
                person[mine],
                words,
                pl.Series([code] * int(mine.sum()), dtype=pl.String),
                when,
                np.full(mine.sum(), NEVER),
                register[mine],
            )
        )
    listed = np.flatnonzero(main >= 0)
    frames += [_checked(state, main, found) for found in gp_checks.events(state, listed, since)]
    rows = pl.concat(frames).sort("practice_code", "local_patient_id", "cluster_id", "snomed_code", "event_date")
    rows = rows.unique(
        ["practice_code", "local_patient_id", "cluster_id", "snomed_code", "event_date"],
        keep="first",
        maintain_order=True,
    )
    return Feed(
        "gp__conditions",
        rows,
        pl.DataFrame(schema={"source": pl.String, "person_key": pl.String, "true_person": pl.Int64}),
    )


def _codes(state: Borough, register: Array, person: Array, at: Array) -> pl.Series:
    """SNOMED codes; kidney disease by its stage."""
    table = registers()
    codes = pick(table["snomed"].to_list(), register)
    stage = stable(state, "stage", at)
    kidney = pl.Series(register == table["register"].to_list().index("CKD"))
    late = pl.Series(np.where(stage < 0.04, 2, np.where(stage < 0.14, 1, 0)))
    return pl.select(
        pl.when(kidney & (late == 2))
        .then(pl.lit("433146000"))
        .when(kidney & (late == 1))
        .then(pl.lit("431857002"))
        .otherwise(codes)
    ).to_series()


def _coded(
    state: Borough,
    main: Array,
    person: Array,
    cluster: pl.Series,
    code: pl.Series,
    when: Array,
    resolved: Array,
    register: Array,
) -> pl.DataFrame:
    r = state.registrations
    row = main[person]
    obese = register == registers()["register"].to_list().index("OB")
    index = np.round(30 + 9 * stable(state, "bmi", person) ** 2, 1)
    return pl.DataFrame(
        {
            "local_patient_id": pl.Series(r["local"][row]).cast(pl.String),
            "practice_code": pick(state.practices["code"], r["practice"][row]),
            "cluster_id": cluster,
            "snomed_code": code,
            "event_date": dates(when),
            "value": blanked(pl.Series(index), ~obese),
            "unit": pick(["kg/m2"], np.where(obese, 0, -1)),
            "resolved_date": dates(resolved, state.today),
        }
    )


def _checked(state: Borough, main: Array, found: gp_checks.Events) -> pl.DataFrame:
    """Rows of a kind of event, of people on a list on the day."""
    r = state.registrations
    at = found.day < r["end"][main[found.person]]
    row, value = main[found.person[at]], found.value[at]
    size = len(row)
    measured = pl.Series(value, dtype=pl.Float64)
    unit = CLUSTERS[found.cluster].unit if size and not np.isnan(value).all() else None
    return pl.DataFrame(
        {
            "local_patient_id": pl.Series(r["local"][row]).cast(pl.String),
            "practice_code": pick(state.practices["code"], r["practice"][row]),
            "cluster_id": pl.repeat(found.cluster, size, dtype=pl.String, eager=True),
            "snomed_code": pl.repeat(found.snomed, size, dtype=pl.String, eager=True),
            "event_date": dates(found.day[at]),
            "value": blanked(measured, np.isnan(value)),
            "unit": pl.repeat(unit, size, dtype=pl.String, eager=True),
            "resolved_date": pl.repeat(None, size, dtype=pl.Date, eager=True),
        }
    )
