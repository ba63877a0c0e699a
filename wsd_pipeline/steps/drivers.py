"""What explains the cost of care: least squares of a person's annual cost, a group of attributes added at a time.

Every attribute is a category. The columns of 0 and 1 of all the people are never held at once: each chunk of people
is folded into the triangle of a QR decomposition, which has the same least squares as the people have, for every step.
The fit of each step is statsmodels' (OLS by pseudo-inverse: segments follow from ages in part, so columns depend on
others).
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    Reals = NDArray[np.float64]
    Ints = NDArray[np.int64]

ORDER = ("person_id",)
STEPS = (
    ("age_sex", ("age_band", "sex")),
    ("segment", ("lifecourse_segment", "need_segment")),
    ("ethnicity", ("ethnicity_group",)),
    ("deprivation", ("imd_quintile",)),
    ("tenure_income", ("tenure", "overcrowding", "household_income")),
)
"""What each step adds to the one before it."""
NOT_KNOWN = ("unknown", "Unknown")
FEW = 50
"""A group of fewer people than this counts with the largest: a model should not hang on a handful of them."""
CHUNK = 50_000
"""People whose columns of 0 and 1 are held at once."""


def step(rows: pa.Table) -> pa.Table:
    """A row for each outcome and step: people, those of whom the step's attributes are known, and what it explains."""
    import numpy as np
    import pyarrow as pa

    made: list[dict[str, Any]] = []
    if rows.num_rows:
        names = [name for _, columns in STEPS for name in columns]
        texts = {name: rows[name].combine_chunks().dictionary_encode() for name in names}
        codes = {name: _codes(text) for name, text in texts.items()}
        pounds: Reals = rows["cost_gbp"].to_numpy().astype(np.float64)
        known = [_known(columns, texts) for _, columns in STEPS]
        for outcome, values in (("annual_cost", pounds), ("log_cost", np.log1p(pounds))):
            explained = variance_explained(values, [[codes[c] for c in columns] for _, columns in STEPS])
            made += [{"outcome": outcome, "person_count": rows.num_rows, **row} for row in _said(explained, known)]
    month = rows["snapshot_month"][0].as_py() if made else None
    texts_of = [(n, pa.string()) for n in ("snapshot_month", "outcome", "step")]
    counts = [(n, pa.int64()) for n in ("step_order", "parameter_count", "person_count", "known_count")]
    values_of = [(n, pa.float64()) for n in ("explained", "added", "adjusted")]
    schema = pa.schema([*texts_of, *counts, *values_of])
    return pa.Table.from_pylist([{"snapshot_month": month, **row} for row in made], schema=schema)


def _said(explained: Sequence[tuple[float, float, int]], known: Sequence[int]) -> list[dict[str, Any]]:
    """The steps of one outcome, in per cent; nothing of a step whose attributes are known of nobody."""
    rows, before = [], 0.0
    for order, ((name, _), (share, adjusted, parameters)) in enumerate(zip(STEPS, explained, strict=True)):
        row: dict[str, Any] = {"step": name, "step_order": order + 1, "known_count": known[order]}
        figures = {"explained": 100 * share, "added": 100 * (share - before), "adjusted": 100 * adjusted}
        is_there = known[order] > 0 and share == share
        row |= {"parameter_count": parameters} | {k: v if is_there and v == v else None for k, v in figures.items()}
        rows.append(row)
        before = share
    return rows


def variance_explained(values: Reals, steps: Sequence[Sequence[Ints]]) -> list[tuple[float, float, int]]:
    """For each step, with all before it: R², adjusted R², and how many independent parameters it has.

    `steps` holds the codes, from 0, of each category of the people. NaN where the values do not vary.
    """
    import numpy as np
    from statsmodels.regression.linear_model import OLS
    from statsmodels.tools.sm_exceptions import SingularMatrixWarning

    n, widths = len(values), [sum(int(codes.max(initial=0)) for codes in step) for step in steps]
    triangle = _triangle(values, [codes for step in steps for codes in step])
    design, target = triangle[:, :-1], triangle[:, -1]
    total = float(OLS(target, design[:, :1]).fit(method="pinv").ssr)
    out: list[tuple[float, float, int]] = []
    for last in 1 + np.cumsum(widths):
        if total <= 1e-9 * float(target @ target):
            out.append((float("nan"), float("nan"), 0))
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", category=SingularMatrixWarning)  # pinv is for columns that depend on others
            fitted = OLS(target, design[:, : int(last)]).fit(method="pinv")
        share, rank = 1 - float(fitted.ssr) / total, int(fitted.model.rank)
        adjusted = 1 - (1 - share) * (n - 1) / (n - rank) if n > rank else float("nan")
        out.append((share, adjusted, rank))
    return out


def _triangle(values: Reals, codes: Sequence[Ints]) -> Reals:
    """The triangle R of the QR decomposition of (1, columns of 0 and 1, values) over all people, chunk by chunk."""
    import numpy as np
    from threadpoolctl import threadpool_limits

    sizes = [int(code.max(initial=0)) for code in codes]
    triangle: Reals = np.zeros((0, 2 + sum(sizes)))
    with threadpool_limits(1):  # more threads wait for each other on columns so few, and add up in another order
        for first in range(0, len(values), CHUNK):
            here = slice(first, first + CHUNK)
            columns = [np.ones((len(values[here]), 1))]
            columns += [code[here, None] == np.arange(1, size + 1) for code, size in zip(codes, sizes, strict=True)]
            chunk = np.hstack([*columns, values[here, None]]).astype(np.float64)
            triangle = np.asarray(np.linalg.qr(np.vstack([triangle, chunk]), mode="r"))
    return triangle


def _codes(text: Any) -> Ints:
    """The codes of a category, in the order of its names; groups of few people count with the largest."""
    import numpy as np

    names = [str(name) for name in text.dictionary.to_pylist()]
    place = np.empty(len(names), dtype=np.int64)
    place[np.argsort(np.array(names), kind="stable")] = np.arange(len(names))
    codes = place[text.indices.to_numpy()]
    people = np.bincount(codes, minlength=len(names))
    codes = np.where(people[codes] < FEW, int(people.argmax()), codes)
    return np.unique(codes, return_inverse=True)[1].ravel().astype(np.int64)


def _known(columns: Sequence[str], texts: dict[str, Any]) -> int:
    """People of whom any of the attributes is known."""
    import numpy as np

    known = np.zeros(len(next(iter(texts.values()))), dtype=bool)
    for name in columns:
        is_known = np.array([str(v) not in NOT_KNOWN for v in texts[name].dictionary.to_pylist()], dtype=bool)
        known |= is_known[texts[name].indices.to_numpy()]
    return int(known.sum())
