"""The house rules as tests: names, layers, contracts, imports, the tree, the dictionary."""

from __future__ import annotations

import ast
import importlib
import re
from functools import cache
from pathlib import Path

import pytest

from wsd_pipeline.build import models
from wsd_pipeline.contracts import LAYERS, ON_REQUEST, landed_tables, tables
from wsd_pipeline.contracts.core import Becomes, Identity, LandedTable, Privacy
from wsd_pipeline.contracts.dictionary import PATH, dictionary

CHECKOUT = Path(__file__).resolve().parents[2]
PACKAGES = ("wsd_pipeline", "assets", "expectations", "synthetic_data")
TOP_LEVEL = {*PACKAGES, "sql", "tests"}


def sources(*folders: str) -> list[Path]:
    return [p for folder in folders for p in sorted((CHECKOUT / folder).rglob("*.py"))]


@cache
def imported(path: Path) -> set[str]:
    """The top-level names a module imports, wherever in the module."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("name", PACKAGES)
def test_our_packages_resolve_inside_the_checkout(name):
    assert Path(importlib.import_module(name).__file__).resolve().is_relative_to(CHECKOUT)


def test_dagster_only_in_assets_and_great_expectations_only_in_expectations():
    for path in sources(*PACKAGES):
        where, names = path.relative_to(CHECKOUT).parts[0], imported(path)
        assert "dagster" not in names or where == "assets", path
        assert "great_expectations" not in names or where == "expectations", path


def test_the_library_imports_upwards_only_from_the_command_line():
    for path in sources("wsd_pipeline"):
        if "cli" not in path.relative_to(CHECKOUT).parts:
            assert not imported(path) & {"assets", "expectations", "synthetic_data"}, path


def test_the_library_reads_no_environment_and_no_clock():
    forbidden = re.compile(r"\bos\.environ|\bos\.getenv|datetime\.now|date\.today|time\.time\(")
    for path in sources("wsd_pipeline"):
        if "cli" not in path.relative_to(CHECKOUT).parts:
            assert not forbidden.search(path.read_text(encoding="utf-8")), path


def test_no_module_is_called_after_nothing():
    for path in sources(*PACKAGES):
        assert path.stem not in {"utils", "helpers", "common", "manager", "misc"}, path


def test_top_level_is_as_given():
    import subprocess

    tracked = subprocess.run(["git", "ls-files"], cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout
    folders = {line.split("/")[0] for line in tracked.splitlines() if "/" in line}
    assert {f for f in folders if not f.startswith(".")} == TOP_LEVEL


def test_every_sql_model_has_a_contract_and_every_contract_a_maker():
    made_by_sql = {key for key, t in tables().items() if t.layer in ("person", "segment", "mart")}
    assert set(models()) == made_by_sql


def test_every_table_has_a_drawn_test():
    drawn = "\n".join(p.read_text(encoding="utf-8") for p in (CHECKOUT / "tests" / "sql").glob("*.py"))
    for key in models():
        assert key in drawn, f"no drawn test for {key}"


def test_no_model_reads_backwards():
    for key, model in models().items():
        layer = LAYERS.index(key.split(".")[0])
        for read in model.reads | model.previous:
            assert read in tables(), f"{key} reads {read}, which has no contract"
            assert LAYERS.index(read.split(".")[0]) <= layer, f"{key} reads {read}"
            assert read.split(".")[0] not in ("landed", "tokens"), f"{key} reads {read}"


def test_what_is_built_on_request_is_made_by_no_run_and_is_in_no_release():
    """A person's row is never beside what is published: no model, no asset, no mart; and nothing is made from it."""
    from wsd_pipeline.release.publish import mart_tables

    asked = {key for key, table in tables().items() if table.layer in ON_REQUEST}
    assert asked == {"extract.person_index"} and LAYERS[-len(ON_REQUEST) :] == ON_REQUEST
    assert not asked & {*models(), *mart_tables()}
    assert not any(asked & (model.reads | model.previous) for model in models().values())


def test_no_direct_identifier_right_of_landed():
    for key, table in tables().items():
        if LAYERS.index(table.layer) >= LAYERS.index("pseudo"):
            found = [c.name for c in table.columns if c.privacy is Privacy.IDENTIFIER]
            assert not found, f"{key}: {found}"
            named = {"nhs_number", "forename", "surname", "birth_date", "postcode", "uprn", "upn", "address"}
            assert not named & {c.name for c in table.columns}, key


def test_an_identity_column_never_crosses_as_itself():
    may_stay = {Identity.SEX, Identity.PRACTICE}
    for table in landed_tables():
        for part, column in table.identity_columns.items():
            assert part in may_stay or column.becomes is not Becomes.KEEP, f"{table.key}.{column.name}"
        for column in table.landed_columns:
            assert column.privacy is not Privacy.IDENTIFIER or column.becomes is not Becomes.KEEP


def test_every_mart_is_measured():
    from wsd_pipeline.contracts.core import Published

    for key, table in tables().items():
        if table.layer == "mart":
            measures = [c for c in table.columns if isinstance(c, Published)]
            assert measures, f"{key} publishes nothing"
            names = {c.name for c in table.columns}
            assert all(c.status_column in names for c in measures), key


def test_column_suffixes_agree_with_types():
    for key, table in tables().items():
        if isinstance(table, LandedTable) or table.layer in ("reference", "pseudo"):
            continue
        for column in table.columns:
            if column.name.startswith(("is_", "has_")):
                assert column.type == "BOOLEAN", f"{key}.{column.name}"
            if column.name.endswith(("_date", "_month")) and column.name != "snapshot_month":
                assert column.type in ("DATE", "VARCHAR"), f"{key}.{column.name}"
            if column.name.endswith("_gbp"):
                assert column.type.startswith("DECIMAL"), f"{key}.{column.name}"
            if column.name.endswith("_count"):
                assert column.type in ("INTEGER", "SMALLINT", "BIGINT"), f"{key}.{column.name}"


def test_the_dictionary_is_current():
    assert PATH.read_text(encoding="utf-8") == dictionary(), "run: make dictionary"


def test_every_column_says_what_it_is():
    for key, table in tables().items():
        assert table.description and table.grain, key
        for column in table.columns:
            assert len(column.description) > 3, f"{key}.{column.name}"


def test_every_folder_says_what_it_is_for():
    for folder in sorted({p.parent for p in sources(*PACKAGES)}):
        init = folder / "__init__.py"
        doc = ast.get_docstring(ast.parse(init.read_text(encoding="utf-8"))) if init.exists() else None
        assert (doc and len(doc) > 20) or (folder / "README.md").exists(), folder


def test_no_test_passes_by_not_being_run():
    """What is compared with a package that may be missing is not: require it, or keep what it says in tests/golden."""
    left_out = re.compile(r"importor" + r"skip|mark\.skip|pytest\.skip|mark\.xfail")
    for path in sources("tests"):
        assert not left_out.search(path.read_text(encoding="utf-8")), path


def test_readme_map_matches_the_tree():
    readme = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    block = readme.split("<!-- map -->")[1]
    named = set(re.findall(r"^([a-z_]+/)", block, flags=re.M))
    assert named == {f"{name}/" for name in TOP_LEVEL}
    for path in re.findall(r"^\s+([a-z_]+/)\s", block, flags=re.M):
        assert (CHECKOUT / "wsd_pipeline" / path).is_dir(), path


def test_nothing_tracked_names_a_machine_or_an_index():
    import subprocess

    tracked = subprocess.run(["git", "ls-files"], cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout
    home = re.compile(r"/root/|/home/[a-z]+/|--(?:extra-)?index-url|/simple/")
    for name in tracked.splitlines():
        path = CHECKOUT / name
        if path.suffix in {".py", ".md", ".toml", ".txt", ".yaml", ".sql"} and name != str(
            Path(__file__).relative_to(CHECKOUT)
        ):
            assert not home.search(path.read_text(encoding="utf-8")), name
