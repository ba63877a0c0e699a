"""A number that many people of one extract share is a default: known for a placeholder, never a token."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.vault_files import FORENAMES, MONTH, NHS, POSTCODES, SURNAMES, full_project, put_rows, rows_of
from wsd_pipeline.contracts.tokens import IDENTITIES
from wsd_pipeline.lake import Zone
from wsd_pipeline.vault import identities, sealed
from wsd_pipeline.vault import month as step
from wsd_pipeline.vault.keys import load

pytestmark = pytest.mark.slow

GP = "gp__registrations"


def states(root: Path, births: int) -> list[tuple[str, bool]]:
    """State and whether there is a token, of people who share one number in the GP's list, each born another day."""
    project = full_project(root)
    rows = [
        rows_of(GP)[place % 5]
        | {
            "local_patient_id": f"X{place}", "nhs_number": NHS[0], "birth_date": f"1970-01-{place + 2:02d}",
            "surname": SURNAMES[place % 5], "forename": FORENAMES[0], "postcode": POSTCODES[0][0],
        }
        for place in range(births)
    ]  # fmt: skip
    put_rows(project, GP, rows, stamp="202602020900")
    keys = load(project)
    assert step.run(project, MONTH, keys).stops == ()
    path = Zone(project.linkage_room).path(IDENTITIES.key, MONTH)
    assert path is not None
    rows_made = sealed.read(path, keys, MONTH).to_pylist()
    return [(row["nhs_state"], row["nhs_token"] is not None) for row in rows_made if row["source"] == "gp"]


@pytest.mark.parametrize(
    ("births", "expected"),
    [
        (identities.OVERUSED_BIRTH_DATES, ("valid", True)),
        (identities.OVERUSED_BIRTH_DATES + 1, ("placeholder", False)),
    ],
)
def test_a_number_with_many_dates_of_birth_is_a_default(
    tmp_path: Path, births: int, expected: tuple[str, bool]
) -> None:
    assert states(tmp_path / "data", births) == [expected] * births
