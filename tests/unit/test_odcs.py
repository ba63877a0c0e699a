"""The export of contracts is what the Open Data Contract Standard's own model accepts and says what they say."""

from __future__ import annotations

import pytest
import yaml
from open_data_contract_standard.model import OpenDataContractStandard

from wsd_pipeline.contracts import tables
from wsd_pipeline.contracts.odcs import contract_document, write_contracts


@pytest.mark.slow
@pytest.mark.parametrize("key", list(tables()))
def test_the_standard_reads_every_contract(key, tmp_path):
    (path,) = write_contracts(tmp_path, [key])
    read = OpenDataContractStandard.from_string(path.read_text(encoding="utf-8"))
    table = tables()[key]
    (schema,) = read.schema_
    assert read.id == f"wsd:{key}" and schema.physicalName == key
    assert [p.name for p in schema.properties] == [c.name for c in table.columns]
    keys = sorted((p for p in schema.properties if p.primaryKey), key=lambda p: p.primaryKeyPosition)
    assert tuple(p.name for p in keys) == table.unique_key
    assert {p.name for p in schema.properties if p.required} == {c.name for c in table.columns if c.required}
    for column in table.columns:
        quality = next(p for p in schema.properties if p.name == column.name).quality or []
        assert len(quality) == len(column.checks)


def test_the_same_contract_gives_the_same_document():
    key = "mart.segment_summary"
    first = yaml.safe_dump(contract_document(tables()[key]))
    assert first == yaml.safe_dump(contract_document(tables()[key]))
