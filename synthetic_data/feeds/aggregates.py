"""What is known of places and groups, as its publishers send it: area context, surveys, money, projections, aims.

Feeds without a person behind any row. Survey values and comparators lie about published national figures and are
invented; the Better Care Fund of 2019/20 is the founding documents' own, scaled to the size of the borough.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from synthetic_data.feeds.area import area_context
from synthetic_data.feeds.feed import Feed
from synthetic_data.world import borough as bor
from synthetic_data.world.borough import TABLES
from synthetic_data.world.rows import Array, stream
from synthetic_data.world.state import Borough
from wsd_pipeline.contracts.fields import ETHNICITY_GROUPS
from wsd_pipeline.contracts.landed.aggregates import AGE_BANDS_5

LIST_OF_2020 = 343_400  # registered people the founding figures belong to
BCF_YEAR, BCF_POOL, BCF_DIRECT, BCF_TO_CARE = "2019/20", 53_780_000, 18_400_000, 8_900_000
BOROUGH, LONDON, ENGLAND, SUB_ICB = "E09000030", "E12000007", "E92000001", "A3A8R"
INFLATION = 1.031
DEPRIVED_QUARTER, WELL_OFF_QUARTER = -4.0, 4.0  # percentage points that the most and least deprived fifth differ by
GROUP_LEAN = {"Bangladeshi": -3.5, "Black": -1.5, "Other Asian": -2.0, "White British": 3.5, "White Other": 1.5}
YEARS_AHEAD = (*range(11), 15, 20)
SHARES_65 = (0.32, 0.25, 0.18, 0.13, 0.08, 0.04)  # of those 65 and over, by five-year band


def extracts(state: Borough, month: str, first_month: str) -> list[Feed]:
    """The aggregate feeds due in a month: all in the first, money each quarter, the rest each April."""
    year, first = int(month[:4]), month == first_month
    feeds: list[tuple[str, pl.DataFrame]] = []
    if first or month[5:] == "04":
        feeds += [
            ("area__context", area_context(state, (year - 2, year - 1))),
            ("survey__results", survey_results(state, year)),
            ("population__projections", projections(state, year)),
            ("outcomes__targets", targets(state, month)),
            ("outcomes__comparators", comparators(month)),
        ]
    if first or month[5:] in ("01", "04", "07", "10"):
        feeds.append(("finance__lines", finance_lines(state, month)))
    nobody = pl.DataFrame(schema={"source": pl.String, "person_key": pl.String, "true_person": pl.Int64})
    return [Feed(name, rows, nobody) for name, rows in feeds]


def size(state: Borough) -> float:
    """How large this borough is beside the one the founding figures are of."""
    return state.registered_target / LIST_OF_2020


def financial_year(month: str) -> int:
    """The year in which the month's financial year began."""
    return int(month[:4]) - (int(month[5:]) < 4)


def year_name(began: int) -> str:
    """`2019/20` for the year that began in 2019."""
    return f"{began}/{(began + 1) % 100:02d}"


def survey_results(state: Borough, year: int) -> pl.DataFrame:
    """Three waves of each question: England, London and the borough, and the borough's groups."""
    questions = pl.read_csv(TABLES / "surveys.csv")
    parts = [_wave(state, row, wave) for row in questions.iter_rows(named=True) for wave in range(year - 3, year)]
    keys = ("survey_code", "wave", "question_key", "geo_type", "geo_code", "group_type", "group_value")
    return pl.concat(parts).sort(keys)


def _wave(state: Borough, asked: dict[str, object], wave: int) -> pl.DataFrame:
    """One question in one wave (a loop over questions, not rows of people)."""
    chance = stream(state.seed, "survey", asked["survey_code"], asked["question_key"], wave)
    broken = asked["break_wave"]
    drift = 0.3 * (wave - 2024) + (float(str(asked["before_break"])) if broken and wave < int(str(broken)) else 0.0)
    groups = [("all", "all", 0.0, 1.0), ("sex", "female", -0.6, 0.52), ("sex", "male", 0.6, 0.48)]
    groups += [("ethnicity", g, GROUP_LEAN.get(g, 0.0), 0.13) for g in ETHNICITY_GROUPS if g != "Unknown"]
    fifths = np.linspace(DEPRIVED_QUARTER, WELL_OFF_QUARTER, 5)
    groups += [("imd_quintile", str(i + 1), float(lean), 0.2) for i, lean in enumerate(fifths)]
    base = float(str(asked["borough_base"]))
    places = [("england", ENGLAND, "england_pct", 60.0), ("london", LONDON, "london_pct", 9.0)]
    rows = [(kind, code, "all", "all", float(str(asked[value])), base * more) for kind, code, value, more in places]
    local = float(str(asked["borough_pct"]))
    rows += [("local_authority", BOROUGH, a, b, local + lean, base * share) for a, b, lean, share in groups]
    truth = np.clip(np.array([r[4] for r in rows]) + drift, 1, 99) / 100
    count = np.maximum(np.round(np.array([r[5] for r in rows]) * chance.uniform(0.95, 1.05)), 10).astype(int)
    positive = chance.binomial(count, truth)
    low, high = wilson(positive, count)
    return pl.DataFrame(
        {
            "survey_code": [asked["survey_code"]] * len(rows),
            "wave": [str(wave)] * len(rows),
            "question_key": [asked["question_key"]] * len(rows),
            "geo_type": [r[0] for r in rows],
            "geo_code": [r[1] for r in rows],
            "group_type": [r[2] for r in rows],
            "group_value": [r[3] for r in rows],
            "weighted_base": (count * 1.02).round(1),
            "base_count": count,
            "positive_count": positive,
            "value_pct": (100 * positive / count).round(1),
            "ci_low_pct": np.floor(1000 * low) / 10,
            "ci_high_pct": np.ceil(1000 * high) / 10,
            "is_series_break": [broken is not None and wave == int(str(broken))] * len(rows),
        }
    )


def wilson(positive: Array, count: Array, z: float = 1.959964) -> tuple[Array, Array]:
    """The 95 % interval of a proportion by Wilson's score method."""
    middle = 2 * positive + z * z
    half = z * np.sqrt(z * z + 4 * positive * (count - positive) / count)
    return (middle - half) / (2 * (count + z * z)), (middle + half) / (2 * (count + z * z))


def finance_lines(state: Borough, month: str) -> pl.DataFrame:
    """The Better Care Fund of 2019/20 as the founding documents have it, and two years' lines invented by the head."""
    now = financial_year(month)
    elapsed = ((int(month[5:]) - 4) % 12 + 1) / 12
    lines = pl.read_csv(TABLES / "finance.csv")
    parts = [_founding_pool(state)]
    for began, part in ((now - 1, 1.0), (now, elapsed)):
        budget = _pence(lines["budget_per_head_gbp"].to_numpy() * state.registered_target * INFLATION ** (began - 2024))
        over = stream(state.seed, "finance", began).normal(1.012, 0.03, lines.height)
        spent = _pence(budget / 100 * part * over)
        parts.append(
            lines.select(
                "partner", "service_line", "cost_centre_code", pl.lit(year_name(began)).alias("financial_year"),
                pl.Series("budget_gbp", _pounds(budget)), pl.Series("actual_gbp", _pounds(spent)), "is_pooled_bcf",
                "lifecourse_default", "allocation_basis", pl.lit("illustrative").alias("figure_origin"),
            )
        )  # fmt: skip
    return pl.concat(parts).sort("partner", "cost_centre_code", "service_line", "financial_year")


def _founding_pool(state: Borough) -> pl.DataFrame:
    """Three lines that add up to the pool to the penny: grants direct, to adult social care, and what is left."""
    pool, direct, care = (int(p) for p in _pence(np.array([BCF_POOL, BCF_DIRECT, BCF_TO_CARE]) * size(state)))
    money = _pounds(np.array([direct, care, pool - direct - care]))
    return pl.DataFrame(
        {
            "partner": ["LBTH", "TH CCG", "TH CCG"],
            "service_line": ["bcf_other", "adult_social_care_other", "community_health"],
            "cost_centre_code": ["BCF901", "BCF902", "BCF903"],
            "financial_year": [BCF_YEAR] * 3,
            "budget_gbp": money,
            "actual_gbp": money,
            "is_pooled_bcf": [True] * 3,
            "lifecourse_default": ["PI"] * 3,
            "allocation_basis": ["segment_share", "segment_share", "direct_activity"],
            "figure_origin": ["founding_documents"] * 3,
        }
    )


def _pence(pounds: Array) -> Array:
    return np.round(np.asarray(pounds, float) * 100).astype(np.int64)


def _pounds(pence: Array) -> list[str]:
    """Pounds as text, exact to the penny."""
    return [f"{int(p) // 100}.{int(p) % 100:02d}" for p in pence]  # a few dozen lines of money


def projections(state: Borough, year: int) -> pl.DataFrame:
    """Residents by ward, five-year band and sex, this year and on: the wards of the Isle of Dogs grow fastest."""
    where = bor.place()
    by_ward = np.zeros((len(where.wards), len(bor.AGE_GROUPS)))
    np.add.at(by_ward, where.ward, where.ages)
    band = np.zeros((len(where.wards), len(AGE_BANDS_5)))
    for group, (low, high) in enumerate(bor.AGE_EDGES):  # over six age groups
        if low >= 65:
            band[:, 13:19] += by_ward[:, [group]] * np.array(SHARES_65)
            continue
        edges = np.arange(len(AGE_BANDS_5)) * 5
        inside = np.clip(np.minimum(edges + 5, high) - np.maximum(edges, low), 0, None) / (high - low)
        band += by_ward[:, [group]] * inside
    growth = np.where(where.ward_locality == "SE", 0.019, 0.007)[:, None] + np.where(np.arange(19) >= 13, 0.012, 0.0)
    ahead = np.array(YEARS_AHEAD)
    people = band[None] * size(state) * (1 + growth[None]) ** (ahead[:, None, None] + year - 2021)
    women = np.where(np.arange(19) >= 15, 0.56, 0.492)
    both = np.stack([people * women, people * (1 - women)], axis=-1)
    at = [a.ravel() for a in np.indices(both.shape)]
    rows = pl.DataFrame(
        {
            "ward_code": pl.Series(where.wards[at[1]].tolist()),
            "ward_vintage": [2014] * both.size,
            "age_band": pl.Series(np.array(AGE_BANDS_5)[at[2]].tolist()),
            "sex": pl.Series(np.array(["female", "male"])[at[3]].tolist()),
            "year": year + ahead[at[0]],
            "residents": both.ravel().round(1),
            "projection_source": ["illustrative"] * both.size,
        }
    )
    return rows.sort("projection_source", "ward_code", "ward_vintage", "age_band", "sex", "year")


def targets(state: Borough, month: str) -> pl.DataFrame:
    """What the partnership aims at in the financial year; counts in proportion to the borough."""
    rows = pl.read_csv(TABLES / "outcomes.csv").filter(pl.col("aim").is_not_null())
    scale = pl.when(pl.col("value_unit") == "count").then(size(state)).otherwise(1.0)
    return _metrics(
        rows, financial_year(month), "local_authority", BOROUGH, (pl.col("borough") * scale).round(1), "aim"
    )


def comparators(month: str) -> pl.DataFrame:
    """London and England in the last full financial year."""
    rows, began = pl.read_csv(TABLES / "outcomes.csv"), financial_year(month) - 1
    parts = [
        _metrics(rows.filter(pl.col(kind).is_not_null()), began, kind, code, pl.col(kind))
        for kind, code in (("england", ENGLAND), ("london", LONDON))
    ]
    half = pl.col("value") * pl.when(pl.col("geo_type") == "england").then(0.004).otherwise(0.012)
    limits = ((pl.col("value") - half).round(3).alias("ci_low"), (pl.col("value") + half).round(3).alias("ci_high"))
    return pl.concat(parts).with_columns(*limits).sort("metric_id", "period_start", "geo_type")


def _metrics(rows: pl.DataFrame, began: int, kind: str, code: str, value: pl.Expr, *more: str) -> pl.DataFrame:
    return rows.select(
        "metric_id",
        pl.lit(date(began, 4, 1)).alias("period_start"),
        pl.lit(date(began + 1, 3, 31)).alias("period_end"),
        pl.lit(kind).alias("geo_type"),
        pl.lit(code).alias("geo_code"),
        value.cast(pl.Float64).alias("value"),
        "value_unit",
        "publisher",
        *more,
    ).sort("metric_id")
