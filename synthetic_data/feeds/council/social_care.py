"""The Client Level Data: events of adult social care, with what is known of each client."""

from __future__ import annotations

import numpy as np
import polars as pl

from synthetic_data.feeds.feed import Feed, truth_records
from synthetic_data.feeds.identity import address, ethnicity, identity, stale_home
from synthetic_data.feeds.mess import Mess
from synthetic_data.feeds.series import dates, pick
from synthetic_data.services.council import care_lists as lists
from synthetic_data.services.council import social_care as asc
from synthetic_data.world.conditions import members, number_of
from synthetic_data.world.rows import Array, scattered
from synthetic_data.world.state import Borough, stable

SOCIAL_TENANT = (
    "Tenant (including local authority, arm's length management organisation, housing association, "
    "registered social landlord)"
)


def care(state: Borough, mess: Mess, label: str, since: int, first: int) -> Feed:
    """`asc__events`: twelve months of events, cumulative, some sent again."""
    _p, e = state.people, state.tables["care"]
    at = asc.visible(state, since, state.today)
    person = e["person"][at]
    clients, where = np.unique(person, return_inverse=True)
    names = identity(state, mess, "asc__events", label, clients, clients)
    names = names.with_columns(
        nhs_number=pl.select(
            pl.when(pl.Series(stable(state, "spaced", clients) < 0.3))
            .then(names["nhs_number"].str.replace(r"^(\d{3})(\d{3})", "$1 $2 "))
            .otherwise(names["nhs_number"])
        ).to_series()
    )
    homes = address(state, mess, "asc__events", label, clients, clients, stale_home(state, "asc", clients, 60))
    ref = pl.Series(scattered(clients, 9_999_991, state.seed + 3, 1)).cast(pl.String)
    again, _ = mess.choose("asc__events", "duplicate", at, person, label)
    rows = pl.DataFrame(
        {
            "la_code": pl.Series(["711"] * len(at)),
            "reporting_period_start_date": dates(np.full(len(at), since)),
            "reporting_period_end_date": dates(np.full(len(at), state.today)),
            "client_type": pick(lists.LABELS["client_type"], e["client"][at]),
            "event_type": pick(lists.LABELS["event_type"], e["event"][at]),
            "event_reference": pl.Series(at).cast(pl.String),
            "event_start_date": dates(e["start"][at]),
            "event_end_date": dates(e["end"][at], state.today),
            **{
                name: pick(lists.LABELS[of], e[column][at]).replace("", None)
                for name, of, column in (
                    ("event_outcome", "outcome", "outcome"),
                    ("request_route", "route", "route"),
                    ("service_type", "service_type", "service"),
                    ("service_component", "component", "component"),
                    ("delivery_mechanism", "mechanism", "mechanism"),
                )
            },
            "cost": pl.Series(lists.WEEKLY_PENCE[e["service"][at]]),
            "planned_weekly_units": pl.Series(e["units"][at].astype(float)),
            "cared_for": pl.Series(e["cared_for"][at]),
        }
    )
    who = (
        pl.DataFrame({"person_ref": ref})
        .hstack(names.drop("former_surname"))
        .hstack(homes.select("postcode", "uprn"))
        .hstack(_client(state, clients))
    )
    rows = rows.hstack(who.select(pl.all().gather(where)))
    service = pl.col("event_type") == "Service"
    linked = (pl.Series(scattered(np.maximum(e["cared_for"][at], 0), 9_999_991, state.seed + 3, 1))).cast(pl.String)
    rows = rows.with_columns(
        unit_cost_gbp=pl.when(service).then((pl.col("cost") / 100).round(2)),
        cost_frequency=pl.when(service).then(pl.lit("Per week")),
        planned_weekly_units=pl.when(service).then("planned_weekly_units"),
        assessment_type=pl.when(pl.col("event_type") == "Assessment").then(pl.lit("Long Term Assessment")),
        review_reason=pl.when(pl.col("event_type") == "Review").then(pl.lit("Planned")),
        cared_for_ref=pl.when(pl.col("cared_for") >= 0).then(linked),
        cared_for_count=pl.when(pl.col("cared_for") >= 0).then(1),
        caring_hours=pl.when(pl.col("cared_for") >= 0).then(pl.lit("20-49 hours")),
    ).drop("cost", "cared_for")
    order = np.argsort(scattered(at, 9_999_991, state.seed + 5))
    second = rows.gather(np.flatnonzero(again)).with_columns(
        event_reference=pl.concat_str(pl.lit("R"), "event_reference"),
        event_outcome=pl.col("event_outcome").str.to_titlecase(),
    )
    records = truth_records("asc", ref, clients)
    return Feed("asc__events", pl.concat([second, rows.gather(order)], how="diagonal_relaxed"), records)


def _client(state: Borough, clients: Array) -> pl.DataFrame:
    p = state.people
    has = members(state)[clients]
    reason = np.select([has[:, number_of("LD")], has[:, number_of("DEM")], has[:, number_of("MH")]], [4, 3, 5],
                       np.array([0, 0, 0, 1, 1, 2, 7])[(stable(state, "reason", clients) * 7).astype(int)])  # fmt: skip
    home = p["home"][clients]
    tenure = np.where(home >= 0, state.homes["tenure"][np.maximum(home, 0)], 6)
    status = pick(
        [
            "Owner occupier or shared ownership scheme",
            "Tenant - private landlord",
            SOCIAL_TENANT,
            SOCIAL_TENANT,
            "Other temporary",
            "Registered care home",
            "Rough sleeper / squatting",
        ],
        tenure,
    )
    age = state.age(clients, state.today)
    yes = ["No", "Yes"]
    retired = pl.Series(np.where(age >= 66, 1, np.where(stable(state, "work", clients) < 0.08, 0, 2)).astype(np.int64))
    r = state.registrations
    open_at = np.flatnonzero((r["start"] <= state.today) & (r["end"] > state.today) & ~r["extra"])
    practice = np.full(len(p), -1)
    practice[r["person"][open_at]] = r["practice"][open_at]
    return pl.DataFrame(
        {
            "sex": pick(["Male", "Female"], p["sex"][clients] - 1),
            "ethnicity": ethnicity(
                state, "cld", "asc", clients, ["No data - Undeclared or Not known", "No data - Refused"]
            ),
            "death_date": dates(p["death"][clients], state.today),
            "primary_support_reason": pick(lists.LABELS["reason"], reason),
            "accommodation_status": status,
            "employment_status": pick(
                [
                    "Paid: 16 or more hours a week",
                    "Not in Paid Employment (not actively seeking work / retired)",
                    "Not in Paid Employment (seeking work)",
                ],
                retired.to_numpy(),
            ),
            "has_unpaid_carer": pick(["Yes", "No", "Unknown"], (stable(state, "carer", clients) * 3).astype(int)),
            "has_autism": pick(yes, has[:, number_of("AUT")].astype(int)),
            "has_dementia": pick(yes, has[:, number_of("DEM")].astype(int)),
            "has_visual_impairment": pick(yes, (stable(state, "sight", clients) < 0.06).astype(int)),
            "has_hearing_impairment": pick(yes, (stable(state, "hearing", clients) < 0.08).astype(int)),
            "practice_code": pick(state.practices["code"], practice[clients]),
            "funding_status": pl.Series(["Council funded"] * len(clients)),
        }
    )
