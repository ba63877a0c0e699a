"""The council's and the NHS's files of one month: what each source holds of the truth, with its mistakes.

Each function returns the rows under the contract's column names, and which person stands behind each of its records.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
import polars as pl

from synthetic_data import borough as bor
from synthetic_data import schools as sch
from synthetic_data import social_care as asc
from synthetic_data.mess import Mess, overall, recent_movers, varied_names, wrong_birth, wrong_number
from synthetic_data.names import shown
from synthetic_data.people import Borough, nhs_numbers
from synthetic_data.rows import NEVER, Array, scattered

BUILDINGS = [f"{name} {kind}" for name in (
    "ALBERT", "ANCHOR", "ARBOUR", "BALFRON", "BARLEY", "BRUNEL", "CANNON", "CEDAR", "CLARE", "CUTTER", "DOCK", "EASTERN", "ELDER", "FERRY",
    "GLOBE", "HARBOUR", "IRON", "JUBILEE", "KESTREL", "LAUREL", "LIGHTER", "MAPLE", "MAST", "NELSON", "ORCHARD", "PILOT", "POPLAR", "QUAY",
    "ROPE", "SAIL", "SILK", "STEPNEY", "TIDE", "TURNER", "VICTORY", "WEAVER", "WHARF", "WILLOW") for kind in ("HOUSE", "COURT", "POINT")]  # fmt: skip
SENSITIVE_SHARE = 0.0005
UNKNOWN_ETHNICITY = {"gp": 0.05, "apc": 0.08, "asc": 0.04, "education": 0.02}


@dataclass(frozen=True)
class Feed:
    """A month's rows of a feed; `records` has the person key as written and the person behind it."""

    table: str
    rows: pl.DataFrame
    records: pl.DataFrame


def dates(days: Array, until: int | None = None) -> pl.Series:
    """Days as dates; NEVER, and days after `until`, are empty."""
    limit = NEVER - 1 if until is None else until
    values = pl.Series(np.where(days <= limit, days, 0).astype(np.int32)).cast(pl.Date)
    return pl.select(pl.when(pl.Series(days <= limit)).then(values).otherwise(None)).to_series()


def blanked(series: pl.Series, where: Array) -> pl.Series:
    """The series, empty in some places."""
    return pl.select(pl.when(pl.Series(where)).then(None).otherwise(series)).to_series()


def pick(words: list[str] | Array, number: Array) -> pl.Series:
    """Words by number; empty where the number is negative."""
    found = pl.Series(list(words), dtype=pl.String).gather(pl.Series(np.maximum(number, 0).astype(np.uint32)))
    return blanked(found, np.asarray(number) < 0)


def stable(state: Borough, name: str, number: Array) -> Array:
    """A number in 0–1 that belongs to each row for ever."""
    mixed = scattered(np.asarray(number) + 1, 9_999_991, state.seed ^ zlib.crc32(name.encode()))
    return (mixed * 31 % 99_991) / 99_991


def former_number(state: Borough, person: Array) -> Array:
    """The NHS number a person had before two records were merged; 0 for nearly everybody."""
    has = person % 331 == 7
    return np.where(has, nhs_numbers(state.seed, 909_090 - person // 331), 0)


def identity(
    state: Borough, mess: Mess, feed: str, label: str, records: Array, person: Array, weight: Array | None = None
) -> pl.DataFrame:
    """Number, names and date of birth as one feed holds them, an entry for each record."""
    p = state.people
    rates = mess.rates.of(feed)
    out: dict[str, pl.Series] = {}
    if "nhs_missing" in rates or feed in ("gp__registrations", "apc__episodes", "asc__events"):
        number = p["nhs"][person]
        old = former_number(state, person)
        number = np.where((old > 0) & (records % 2 == 0) & (feed != "gp__registrations"), old, number)
        missing, _ = mess.choose(feed, "nhs_missing", records, person, label, weight)
        wrong, roll = mess.choose(feed, "nhs_wrong", records, person, label, allowed=~missing)
        spare = nhs_numbers(state.seed, 880_000 - person % 20_000)
        number = np.where(wrong, wrong_number(number, roll, spare), number)
        out["nhs_number"] = blanked(pl.Series(number).cast(pl.String), missing)
    birth = p["birth"][person]
    if "dob_wrong" in rates:
        wrong, roll = mess.choose(feed, "dob_wrong", records, person, label)
        birth = np.where(wrong, wrong_birth(birth, roll, state.today), birth)
    shown_birth = dates(birth)
    if "dob_missing" in rates:
        shown_birth = blanked(shown_birth, mess.choose(feed, "dob_missing", records, person, label)[0])
    out["birth_date"] = shown_birth
    if feed != "apc__episodes":
        forename, surname, former = shown(p, person)
        varied, roll = mess.choose(feed, "name_variant", records, person, label)
        at = np.flatnonzero(varied)
        if len(at):
            new_f, new_s = varied_names(forename.gather(at), surname.gather(at), roll[at])
            forename, surname = forename.scatter(at, new_f), surname.scatter(at, new_s)
        out |= {"forename": forename, "surname": surname, "former_surname": former}
    return pl.DataFrame(out)


def address(
    state: Borough, mess: Mess | None, feed: str, label: str, records: Array, person: Array, home: Array
) -> pl.DataFrame:
    """Address lines, postcode and UPRN of homes, as one feed holds them; no fixed abode where the home is negative."""
    homes = state.homes
    at = np.maximum(home, 0)
    post = homes["post"][at]
    fixed = home >= 0
    if mess is None:
        missing = np.zeros(len(home), bool)
    else:
        movers = recent_movers(state, person) & fixed
        share = float(movers.mean()) if len(movers) else 0.0
        factor, stratum = None, None
        if feed == "gp__registrations" and 0 < share < 0.3:
            from synthetic_data.mess import MOVER_UPRN_MISSING as times

            factor, stratum = np.where(movers, times, (1 - share * times) / (1 - share)), movers
        missing, _ = mess.choose(
            feed, "uprn_missing", records, person, label, stratum=stratum, factor=factor, allowed=fixed
        )
    number = (post * 7 + homes["area"][at]) % 180 + 1
    street = pl.Series(state.street).gather(post.astype(np.uint32))
    lines = pl.DataFrame({
        "flat": homes["flat"][at], "number": number, "street": street,
        "building": pl.Series(BUILDINGS).gather((post % len(BUILDINGS)).astype(np.uint32)), "style": stable(state, "style", at),
        "fixed": fixed, "communal": homes["tenure"][at] >= 4,
    })  # fmt: skip
    flat = pl.format("FLAT {}", "flat")
    road = pl.format("{} {}", "number", "street")
    nowhere = pl.when(~pl.col("fixed"))
    lines = lines.select(
        nowhere.then(pl.lit("NO FIXED ABODE")).when("communal").then(pl.col("building"))
        .when(pl.col("style") < 0.12).then(pl.format("{} {}", "flat", "building")).when(pl.col("style") < 0.2).then(pl.format("{}/{}", "flat", road))
        .otherwise(flat).alias("address_line_1"),
        nowhere.then(None).when("communal").then(road).when(pl.col("style") < 0.12).then(road).when(pl.col("style") < 0.2).then(pl.lit("LONDON"))
        .otherwise("building").alias("address_line_2"),
        nowhere.then(None).when("communal").then(pl.lit("LONDON")).when(pl.col("style") < 0.12).then(pl.lit("LONDON")).when(pl.col("style") < 0.2).then(None)
        .otherwise(road).alias("address_line_3"),
        nowhere.then(None).when("communal").then(None).when(pl.col("style") < 0.2).then(None).otherwise(pl.lit("LONDON")).alias("address_line_4"),
    )  # fmt: skip
    code = pl.Series(list(state.postcode)).gather(post.astype(np.uint32))
    lines = lines.with_columns(
        postcode=pl.select(pl.when(pl.Series(fixed)).then(code).otherwise(pl.lit("ZZ99 3VZ"))).to_series(),
        uprn=blanked(pl.Series(homes["uprn"][at]).cast(pl.String), missing | ~fixed),
    )
    return lines


def ethnicity(state: Borough, column: str, source: str, person: Array, unknown: list[str]) -> pl.Series:
    """The group as a source codes it, not known for some."""
    roll = stable(state, source, person)
    known = pick(bor.ethnicities()[column].to_list(), state.people["eth"][person])
    blank = pick(unknown, (roll * 1e4).astype(int) % len(unknown))
    return pl.select(pl.when(pl.Series(roll < UNKNOWN_ETHNICITY[source])).then(blank).otherwise(known)).to_series()


def stale_home(state: Borough, source: str, person: Array, mean_days: float) -> Array:
    """The home a source knows of: for a while after a move inside the borough, the old one."""
    p = state.people
    wait = -mean_days * np.log(1 - stable(state, source + " wait", person))
    late = (state.today - p["moved"][person] < wait) & (p["home_before"][person] >= 0)
    return np.where(late, p["home_before"][person], p["home"][person])


def truth_records(source: str, keys: pl.Series, person: Array) -> pl.DataFrame:
    """One row for each record of a source: its person key as written, and the person."""
    frame = pl.DataFrame({"person_key": keys, "true_person": person.astype(np.int64)}).unique(
        "person_key", keep="first", maintain_order=True
    )
    return frame.select(pl.lit(source).alias("source"), "person_key", "true_person")


def care(state: Borough, mess: Mess, label: str, since: int, first: int) -> Feed:
    """`asc__events`: twelve months of events, cumulative, some sent again."""
    p, e = state.people, state.tables["care"]
    at = asc.visible(state, since, state.today)
    person = e["person"][at]
    clients, where = np.unique(person, return_inverse=True)
    names = identity(state, mess, "asc__events", label, clients, clients)
    names = names.with_columns(nhs_number=pl.select(
        pl.when(pl.Series(stable(state, "spaced", clients) < 0.3)).then(names["nhs_number"].str.replace(r"^(\d{3})(\d{3})", "$1 $2 ")).otherwise(names["nhs_number"])
    ).to_series())  # fmt: skip
    homes = address(state, mess, "asc__events", label, clients, clients, stale_home(state, "asc", clients, 60))
    ref = pl.Series(scattered(clients, 9_999_991, state.seed + 3, 1)).cast(pl.String)
    again, _ = mess.choose("asc__events", "duplicate", at, person, label)
    rows = pl.DataFrame({
        "la_code": pl.Series(["711"] * len(at)), "reporting_period_start_date": dates(np.full(len(at), since)),
        "reporting_period_end_date": dates(np.full(len(at), state.today)),
        "client_type": pick(asc.LABELS["client_type"], e["client"][at]), "event_type": pick(asc.LABELS["event_type"], e["event"][at]),
        "event_reference": pl.Series(at).cast(pl.String), "event_start_date": dates(e["start"][at]), "event_end_date": dates(e["end"][at], state.today),
        **{name: pick(asc.LABELS[of], e[column][at]).replace("", None) for name, of, column in (
            ("event_outcome", "outcome", "outcome"), ("request_route", "route", "route"), ("service_type", "service_type", "service"),
            ("service_component", "component", "component"), ("delivery_mechanism", "mechanism", "mechanism"))},
        "cost": pl.Series(asc.WEEKLY_PENCE[e["service"][at]]), "planned_weekly_units": pl.Series(e["units"][at].astype(float)),
        "cared_for": pl.Series(e["cared_for"][at]),
    })  # fmt: skip
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
        unit_cost_gbp=pl.when(service).then((pl.col("cost") / 100).round(2)), cost_frequency=pl.when(service).then(pl.lit("Per week")),
        planned_weekly_units=pl.when(service).then("planned_weekly_units"),
        assessment_type=pl.when(pl.col("event_type") == "Assessment").then(pl.lit("Long Term Assessment")),
        review_reason=pl.when(pl.col("event_type") == "Review").then(pl.lit("Planned")),
        cared_for_ref=pl.when(pl.col("cared_for") >= 0).then(linked), cared_for_count=pl.when(pl.col("cared_for") >= 0).then(1),
        caring_hours=pl.when(pl.col("cared_for") >= 0).then(pl.lit("20-49 hours")),
    ).drop("cost", "cared_for")  # fmt: skip
    order = np.argsort(scattered(at, 9_999_991, state.seed + 5))
    second = rows.gather(np.flatnonzero(again)).with_columns(
        event_reference=pl.concat_str(pl.lit("R"), "event_reference"), event_outcome=pl.col("event_outcome").str.to_titlecase())  # fmt: skip
    records = truth_records("asc", ref, clients)
    return Feed("asc__events", pl.concat([second, rows.gather(order)], how="diagonal_relaxed"), records)


def _client(state: Borough, clients: Array) -> pl.DataFrame:
    p = state.people
    from synthetic_data.conditions import members, number_of

    has = members(state)[clients]
    reason = np.select([has[:, number_of("LD")], has[:, number_of("DEM")], has[:, number_of("MH")]], [4, 3, 5],
                       np.array([0, 0, 0, 1, 1, 2, 7])[(stable(state, "reason", clients) * 7).astype(int)])  # fmt: skip
    home = p["home"][clients]
    tenure = np.where(home >= 0, state.homes["tenure"][np.maximum(home, 0)], 6)
    status = pick(["Owner occupier or shared ownership scheme", "Tenant - private landlord", "Tenant (including local authority, arm's length management organisation, housing association, registered social landlord)",
                   "Tenant (including local authority, arm's length management organisation, housing association, registered social landlord)", "Other temporary", "Registered care home", "Rough sleeper / squatting"], tenure)  # fmt: skip
    age = state.age(clients, state.today)
    yes = ["No", "Yes"]
    retired = pl.Series(np.where(age >= 66, 1, np.where(stable(state, "work", clients) < 0.08, 0, 2)).astype(np.int64))
    r = state.registrations
    open_at = np.flatnonzero((r["start"] <= state.today) & (r["end"] > state.today) & ~r["extra"])
    practice = np.full(len(p), -1)
    practice[r["person"][open_at]] = r["practice"][open_at]
    return pl.DataFrame({
        "sex": pick(["Male", "Female"], p["sex"][clients] - 1), "ethnicity": ethnicity(state, "cld", "asc", clients, ["No data - Undeclared or Not known", "No data - Refused"]),
        "death_date": dates(p["death"][clients], state.today), "primary_support_reason": pick(asc.LABELS["reason"], reason),
        "accommodation_status": status, "employment_status": pick(["Paid: 16 or more hours a week", "Not in Paid Employment (not actively seeking work / retired)", "Not in Paid Employment (seeking work)"], retired.to_numpy()),
        "has_unpaid_carer": pick(["Yes", "No", "Unknown"], (stable(state, "carer", clients) * 3).astype(int)),
        "has_autism": pick(yes, has[:, number_of("AUT")].astype(int)), "has_dementia": pick(yes, has[:, number_of("DEM")].astype(int)),
        "has_visual_impairment": pick(yes, (stable(state, "sight", clients) < 0.06).astype(int)), "has_hearing_impairment": pick(yes, (stable(state, "hearing", clients) < 0.08).astype(int)),
        "practice_code": pick(state.practices["code"], practice[clients]), "funding_status": pl.Series(["Council funded"] * len(clients)),
    })  # fmt: skip


def pupils(state: Borough, mess: Mess, label: str) -> Feed:
    """`education__pupils`: those on roll, a few at two schools."""
    p, s = state.people, state.sources["education"]
    at = np.flatnonzero(s["left"] == NEVER)
    person = s["person"][at]
    names = identity(state, mess, "education__pupils", label, at, person)
    homes = address(state, mess, "education__pupils", label, at, person, stale_home(state, "education", person, 40))
    twice, _ = mess.choose("education__pupils", "duplicate", at, person, label)
    year = sch.academic_year(p["birth"][person], state.today)
    numbers = pl.Series(sch.upn(s, at))
    dfe = [{"BSOM": "BAFR", "ARAB": "OOTH"}.get(c, c) for c in bor.ethnicities()["dfe"]]
    roll = stable(state, "education", person)
    level = s["support"][at]
    flags = {
        name: pick(["false", "true"], s[of][at].astype(int))
        for name, of in (("is_fsm_eligible", "fsm"), ("is_ever_fsm6", "ever"), ("has_pupil_premium", "ever"))
    }
    rows = pl.DataFrame({
        "upn": numbers, "former_upn": blanked(pl.Series(sch.upn(s, at, 3)), ~s["former"][at]),
        "sex": pick(["M", "F"], p["sex"][person] - 1), "language": pick(bor.ethnicities()["language"].to_list(), p["eth"][person]),
        "ethnicity": pl.select(pl.when(pl.Series(roll < UNKNOWN_ETHNICITY["education"])).then(pl.lit("NOBT")).otherwise(pick(dfe, p["eth"][person]))).to_series(),
        "year_group": year, "school_urn": sch.urn(np.where(year >= 7, np.maximum(s["school"][at], sch.PRIMARY), s["school"][at])), **flags,
        "sen_provision": pick(["N", "K", "E"], level), "sen_primary_type": pick(list(sch.SEN_TYPES), np.where(level > 0, s["type1"][at], -1)),
        "sen_secondary_type": pick(list(sch.SEN_TYPES), np.where(level > 0, s["type2"][at], -1)), "attendance_pct": s["attendance"][at] / 10,
        "suspension_count": s["excluded"][at], "ehcp_request_date": dates(s["asked"][at]), "ehcp_start_date": dates(s["planned"][at]),
    }).hstack(names.select("forename", "surname", "birth_date")).hstack(homes.select("postcode", "uprn"))  # fmt: skip
    order = np.argsort(scattered(at, 9_999_991, state.seed + 7))
    other = sch.urn((s["school"][at] + 13) % sch.PRIMARY)
    second = rows.with_columns(school_urn=pl.Series(other)).gather(np.flatnonzero(twice))
    return Feed(
        "education__pupils", pl.concat([rows.gather(order), second]), truth_records("education", numbers, person)
    )


def tenants(state: Borough, mess: Mess, label: str, since: int) -> Feed:
    """`housing__tenancies`: tenants of tenancies open, or ended in the last year; a few under two references."""
    p, s, t = state.people, state.sources["housing"], state.tables["tenancies"]
    at = np.flatnonzero(t["end"][s["tenancy"]] >= since)
    person, tenancy = s["person"][at], s["tenancy"][at]
    names = identity(state, mess, "housing__tenancies", label, at, person)
    home = t["home"][tenancy]
    homes = address(state, mess, "housing__tenancies", label, at, person, home)
    twice, _ = mess.choose("housing__tenancies", "duplicate", at, person, label)
    ref = pl.select(
        pl.format("TH{}", pl.Series(scattered(tenancy, 9_999_991, state.seed + 11, 1)).cast(pl.String).str.zfill(7))
    ).to_series()
    council = state.homes["tenure"][home] == 2
    untidy = pl.Series(stable(state, "postcode", at) < 0.1)
    code = homes["postcode"]
    rows = pl.DataFrame({
        "tenancy_ref": ref, "uprn": homes["uprn"], "postcode": pl.select(pl.when(untidy).then(code.str.replace(" ", "").str.to_lowercase()).otherwise(code)).to_series(),
        "landlord_code": pick(["LBTH", "RP01", "RP02", "RP03", "RP04", "RP05"], np.where(council, 0, 1 + home % 5)), "landlord_type": pick(["LA/THH", "RP"], (~council).astype(int)),
        "tenant_no": s["place"][at], "surname": names["surname"].str.to_titlecase(), "forename": names["forename"].str.to_titlecase(), "birth_date": names["birth_date"],
        "tenancy_start_date": dates(t["start"][tenancy]), "tenancy_end_date": dates(t["end"][tenancy], state.today),
        "tenure": pick(["secure", "assured", "flexible", "introductory"], t["tenure"][tenancy]), "bedroom_count": state.homes["bedrooms"][home],
        "household_count": t["persons"][tenancy], "arrears_band": pick(["none", "under 4 weeks", "4 to 12 weeks", "over 12 weeks"], t["arrears"][tenancy]),
    })  # fmt: skip
    order = np.argsort(scattered(at, 9_999_991, state.seed + 13))
    second = rows.gather(np.flatnonzero(twice)).with_columns(tenancy_ref=pl.concat_str("tenancy_ref", pl.lit("A")))
    rows = pl.concat([rows.gather(order), second])
    keys = rows.select(pl.concat_str("tenancy_ref", pl.col("tenant_no").cast(pl.String), separator="|")).to_series()
    return Feed("housing__tenancies", rows, truth_records("housing", keys, np.r_[person[order], person[twice]]))


__all__ = ["Feed", "care", "overall", "pupils", "tenants"]
