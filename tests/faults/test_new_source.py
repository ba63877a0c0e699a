"""A new source is a contract, a mapping and rows: no other module is touched, and its people reach the person layer."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow

CONTRACT = '''"""Library members."""

from wsd_pipeline.contracts.core import Identity, LandedTable
from wsd_pipeline.contracts.feed import Address, Says
from wsd_pipeline.contracts.fields import birth_date, dropped, kept, name_part, postcode

MEMBERS = LandedTable(
    key="landed.library__members", grain="member", description="Members of the libraries.", source="library",
    supplier="council libraries", person_key=("member_ref",), unique_key=("member_ref",), event_date="joined_date",
    says=Says(seen="joined_date", address=Address(priority=4, seen="joined_date")),
    columns=(
        dropped("member_ref", "VARCHAR", "Member number.", required=True),
        name_part(Identity.SURNAME, "surname", "Surname."),
        name_part(Identity.FORENAME, "forename", "Forename."),
        birth_date("dob"),
        postcode(),
        kept("joined_date", "DATE", "Day of joining.", required=True),
    ),
)
TABLES = (MEMBERS,)
'''
MAPPING = 'file: {delimiter: ";", date_formats: ["%d/%m/%Y"]}\ncolumns: {surname: Family Name, birth_date: Born On}\n'
ROWS = "member_ref;Family Name;forename;Born On;postcode;joined_date\nL1;Begum;Fatima;17/05/1980;E1 4AA;02/03/2025\n"
TRIED = """
import sys
from pathlib import Path
from tests.vault_files import MONTH, full_project, hand_feeds
from wsd_pipeline.contracts.people import SOURCES
from wsd_pipeline.statements import gathered_models
from wsd_pipeline.vault import __main__ as child
feeds = (*(f.name for f in hand_feeds()), "library__members")
project = full_project(Path(sys.argv[1]), feeds=feeds)
(project.root / "sources").mkdir(exist_ok=True)
(project.root / "sources" / "library__members.yaml").write_text(sys.argv[2])
folder = project.inbox / "library__members"
folder.mkdir()
(folder / f"library__members_ORG_{MONTH}_202602010900.csv").write_text(sys.argv[3])
report = child.run("month", project.root, MONTH)
assert report.stops == (), [(s.code, s.facts) for s in report.stops]
made = report.tables["landed.library__members"]
assert (made.rows, made.quarantined) == (1, 0)
assert report.tables["tokens.identities"].rows >= 1 and "library" in SOURCES
for key in ("person.records", "person.addresses", "mart.data_quality"):
    assert "pseudo.library__members" in gathered_models()[key].reads, key
"""


def test_a_new_source_is_a_contract_a_mapping_and_rows(tmp_path: Path) -> None:
    copy = tmp_path / "checkout"
    skipped = shutil.ignore_patterns(".git", "data", "__pycache__", ".*_cache", "*.egg-info", ".venv")
    shutil.copytree(ROOT, copy, ignore=skipped, symlinks=True)
    (copy / "wsd_pipeline/contracts/landed/library.py").write_text(CONTRACT)
    done = subprocess.run(
        [sys.executable, "-c", TRIED, str(tmp_path / "data"), MAPPING, ROWS],
        cwd=copy, env={**os.environ, "PYTHONPATH": str(copy)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
