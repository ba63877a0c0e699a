"""Contracts as Open Data Contract Standard (v3.0.2) documents, for catalogues and partners' own tools.

`python -m wsd_pipeline.contracts.odcs FOLDER` writes one YAML file a table; each release carries its marts', each extract its
own. The
documents are made from the contracts and are never read back.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from wsd_pipeline import __version__
from wsd_pipeline.contracts import tables
from wsd_pipeline.contracts.checks import Check, Severity
from wsd_pipeline.contracts.core import Column, Privacy, Table

API_VERSION = "v3.0.2"
_LOGICAL = {
    "VARCHAR": "string",
    "UUID": "string",
    "DATE": "date",
    "TIMESTAMP": "date",
    "BOOLEAN": "boolean",
    "SMALLINT": "integer",
    "INTEGER": "integer",
    "BIGINT": "integer",
    "UBIGINT": "integer",
    "DOUBLE": "number",
}
_CLASSIFICATION = {
    Privacy.IDENTIFIER: "restricted",
    Privacy.PSEUDONYM: "confidential",
    Privacy.QUASI: "confidential",
    Privacy.SENSITIVE: "restricted",
    Privacy.PAYLOAD: "confidential",
    Privacy.NONE: "public",
}


def contract_document(table: Table) -> dict[str, Any]:
    """The contract of a table as an ODCS document, ready for YAML. Its version is the contract's fingerprint."""
    return {
        "apiVersion": API_VERSION,
        "kind": "DataContract",
        "id": f"wsd:{table.key}",
        "name": table.key,
        "version": f"{__version__}+{table.fingerprint()[:12]}",
        "status": "active",
        "domain": "whole-systems",
        "tags": [table.layer],
        "description": {"purpose": table.description, "usage": f"One row per {table.grain}."},
        "schema": [
            {
                "name": table.name,
                "physicalName": table.key,
                "logicalType": "object",
                "physicalType": "table",
                "description": table.description,
                "dataGranularityDescription": f"One row per {table.grain}.",
                "properties": [_property(table, column) for column in table.columns],
                "quality": [
                    {
                        "type": "text",
                        "name": rule.name,
                        "description": rule.description + _share(rule.limit),
                        "severity": _severity(rule.severity),
                    }
                    for rule in table.rules
                ],
            }
        ],
    }


def _property(table: Table, column: Column) -> dict[str, Any]:
    made: dict[str, Any] = {
        "name": column.name,
        "physicalType": column.type,
        "logicalType": _logical_type(column.type),
        "description": column.description,
        "required": column.required,
        "unique": column.unique or table.unique_key == (column.name,),
        "classification": _CLASSIFICATION[column.privacy],
        "tags": [column.privacy.value],
    }
    if column.name in table.unique_key:
        made |= {"primaryKey": True, "primaryKeyPosition": table.unique_key.index(column.name) + 1}
    if column.checks:
        made["quality"] = [_quality(check) for check in column.checks]
    return made


def _logical_type(duckdb_type: str) -> str:
    if duckdb_type.endswith("[]"):
        return "array"
    return "number" if duckdb_type.startswith("DECIMAL") else _LOGICAL[duckdb_type]


def _quality(check: Check) -> dict[str, Any]:
    return {
        "type": "text",
        "name": check.name,
        "description": check.describe() + _share(check.limit),
        "severity": _severity(check.severity),
    }


def _share(limit: float) -> str:
    return f" (up to {100 * limit:g} % may fail)" if limit else ""


def _severity(severity: Severity) -> str:
    return "error" if severity is Severity.CRITICAL else "warning"


def write_contracts(folder: Path, keys: list[str]) -> list[Path]:
    """Write `<layer>.<name>.odcs.yaml` for each key into the folder; the paths written, in order."""
    folder.mkdir(parents=True, exist_ok=True)
    return [write_contract(folder, tables()[key]) for key in sorted(keys)]


def write_contract(folder: Path, table: Table) -> Path:
    """Write `<layer>.<name>.odcs.yaml` of a table into the folder, which is there; its path."""
    import yaml

    path = folder / f"{table.key}.odcs.yaml"
    text = yaml.safe_dump(contract_document(table), sort_keys=False, allow_unicode=True, width=120)
    path.write_text(text, encoding="utf-8")
    return path


if __name__ == "__main__":
    write_contracts(Path(sys.argv[1]), list(tables()))
