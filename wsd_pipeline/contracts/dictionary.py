"""The generated pages: the data dictionary (README.md here), what was asked (ASKS.md), the messages in CONTRIBUTING.md.

`make dictionary` writes all; a test fails when what is committed is not what this module writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from wsd_pipeline.contracts import asks, tables
from wsd_pipeline.contracts.core import Column, Landed, LandedTable, Published, Table
from wsd_pipeline.contracts.reference import ReferenceTable
from wsd_pipeline.messages import listing

PATH = Path(__file__).with_name("README.md")
TRAPS = Path(__file__).resolve().parents[2] / "tests" / "traps"
CONTRIBUTING = Path(__file__).resolve().parents[2] / "CONTRIBUTING.md"
MARK = "<!-- messages -->"

LAYER_WORDS = {
    "reference": "Small facts the pipeline joins to, public but for its own notes of the month; nothing about a person.",
    "landed": "Suppliers' rows, typed. Identifiable: they exist in the vault only.",
    "tokens": "Keyed tokens of each source record that stands for a person. Linkage room only.",
    "pseudo": "The same rows without identity. Computed from `landed`: nobody writes these contracts.",
    "linked": "Which record belongs to which person, how, and how surely.",
    "person": "One row per person, or per person and thing, at the snapshot (the last day of the month).",
    "segment": "The segments a person falls in, and why.",
    "mart": "What is published: disclosure-controlled aggregates only.",
    "extract": "Rows for one accredited project, built on request and never released: personal data, k-anonymous, own pseudonyms.",
}


def dictionary() -> str:
    """The whole dictionary as Markdown."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# Data dictionary"
    yield ""
    yield "The one place a column is described. Written from the contracts in this folder by `make dictionary`;"
    yield "change a contract, not this page. A share in a check is how many values may fail it."
    for layer, found in groupby(tables().values(), key=lambda t: t.layer):
        yield ""
        yield f"## {layer}"
        yield ""
        yield LAYER_WORDS[layer]
        for table in found:
            yield ""
            yield from _table(table)
    yield from _traps()


def _traps() -> Iterator[str]:
    """What suppliers' files do that a first version gets wrong, and the test of each; the list is kept with the tests."""
    import yaml

    found = [trap for path in sorted(TRAPS.glob("*.yaml")) for trap in yaml.safe_load(path.read_text(encoding="utf-8"))]
    yield ""
    yield "## Traps"
    yield ""
    yield "What suppliers' files do that a first version gets wrong. `make test-all` takes each handling away and sees"
    yield "the test beside it fail."
    yield ""
    yield "| number | trap | test |"
    yield "|---|---|---|"
    for trap in sorted(found, key=lambda t: [int(part) for part in str(t["number"]).split(".")]):
        words = " ".join(str(trap["words"]).split()).replace("|", "\\|")
        yield f"| {trap['number']} | {words} | `{trap['test']}` |"


def _table(table: Table) -> Iterator[str]:
    yield f"### {table.key}"
    yield ""
    yield f"One row per {table.grain}. {table.description}"
    yield ""
    yield f"Key: {', '.join(f'`{k}`' for k in table.unique_key)}."
    if isinstance(table, LandedTable):
        known = ", ".join(f"`{k}`" for k in table.person_key)
        person = f"A person is known by {known}." if known else "It holds no person."
        yield f"Supplier: {table.supplier}, {table.cadence}. {person}"
    if isinstance(table, ReferenceTable):
        yield f"Vintage: {table.vintage}. Source: {table.source_note}. Kept {table.origin.value}."
    yield ""
    if isinstance(table, LandedTable):
        yield "| column | in the file | type | what it is | privacy | becomes | checks |"
        yield "|---|---|---|---|---|---|---|"
    else:
        yield "| column | type | what it is | privacy | checks |"
        yield "|---|---|---|---|---|"
    for column in table.columns:
        yield _row(column)
    for rule in table.rules:
        yield f"\nRule `{rule.name}`: {rule.description}{_share(rule.limit)}."


def _row(column: Column) -> str:
    cells = [f"`{column.name}`"]
    if isinstance(column, Landed):
        cells.append(f"`{column.source_header}`")
    what = column.description
    if isinstance(column, Published):
        what += f" A {column.measure.value}; why it is empty: `{column.status_column}`."
    cells += [column.type, what, column.privacy.value]
    if isinstance(column, Landed):
        cells.append(column.becomes.value)
    cells.append(_checks(column))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _checks(column: Column) -> str:
    words = ["required"] if column.required else []
    words += ["unique"] if column.unique else []
    words += [check.describe() + _share(check.limit) for check in column.checks]
    return "; ".join(words)


def _share(limit: float) -> str:
    return f" (up to {100 * limit:g} % may fail)" if limit else ""


def with_messages(page: str) -> str:
    """The page with the list of messages between its two marks."""
    before, _, after = page.split(MARK)
    return f"{before}{MARK}\n{listing()}\n{MARK}{after}"


if __name__ == "__main__":
    PATH.write_text(dictionary(), encoding="utf-8")
    asks.PATH.write_text(asks.page(), encoding="utf-8")
    CONTRIBUTING.write_text(with_messages(CONTRIBUTING.read_text(encoding="utf-8")), encoding="utf-8")
