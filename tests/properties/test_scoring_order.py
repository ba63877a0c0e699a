"""Whatever the order of rows and columns, the same links."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wsd_pipeline.linkage.scoring.files import link_files
from wsd_pipeline.linkage.scoring.mapping import pair_map

_spec = importlib.util.spec_from_file_location(
    "linkage_data_order", Path(__file__).parents[1] / "bench" / "linkage_data.py"
)
assert _spec is not None and _spec.loader is not None
DATA = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(DATA)
MAP = pair_map(DATA.MAP)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    folder = tmp_path_factory.mktemp("order")
    a, b, _ = DATA.write_pair(folder, 800, seed=5)
    found = link_files(a, b, MAP, clear=True).pairs
    return folder, pl.read_csv(a, infer_schema=False), pl.read_csv(b, infer_schema=False), found


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**31), reverse=st.booleans())
def test_order_of_rows_and_columns_changes_nothing(
    files: tuple[Path, pl.DataFrame, pl.DataFrame, pl.DataFrame], seed: int, reverse: bool
) -> None:
    folder, a, b, expected = files
    columns = a.columns[::-1] if reverse else a.columns
    a.sample(fraction=1.0, shuffle=True, seed=seed).select(columns).write_csv(folder / "x.csv")
    b.sample(fraction=1.0, shuffle=True, seed=seed + 1).write_csv(folder / "y.csv")
    found = link_files(folder / "x.csv", folder / "y.csv", MAP, clear=True).pairs
    assert found.equals(expected)
