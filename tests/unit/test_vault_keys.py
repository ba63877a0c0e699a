"""Keys: published vectors, derivation, where a key file may stand, and the check value."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.vault_files import empty_project
from wsd_pipeline.messages import Stop
from wsd_pipeline.settings import Mode, Project
from wsd_pipeline.vault import keys
from wsd_pipeline.vault.keys import DEMO_KEY, hkdf_sha256, load

HEX = "0123456789abcdef" * 4

RFC5869 = {
    "test case 1": (
        b"\x0b" * 22, bytes(range(13)), bytes(range(0xF0, 0xFA)), 42,
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
    ),
    "test case 2": (
        bytes(range(80)), bytes(range(0x60, 0xB0)), bytes(range(0xB0, 0x100)), 82,
        "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09"
        "da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87",
    ),
    "test case 3": (
        b"\x0b" * 22, b"", b"", 42,
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", RFC5869)
def test_hkdf_gives_the_published_vectors(case: str) -> None:
    secret, salt, info, length, expected = RFC5869[case]
    assert hkdf_sha256(secret, salt=salt, info=info, length=length).hex() == expected


def project_with(root: Path, file: Path | None, mode: Mode = Mode.LIVE) -> Project:
    return replace(empty_project(root / "data"), key_file=file, mode=mode)


def key_file(folder: Path, text: str = HEX, mode: int = 0o600) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "project.key"
    path.write_text(text + "\n")
    path.chmod(mode)
    return path


def code(project: Project) -> tuple[str, object]:
    with pytest.raises(Stop) as caught:
        load(project)
    assert HEX not in str(caught.value)
    return caught.value.code, caught.value.facts.get("reason")


def test_a_key_file_of_its_owner_alone_is_taken(tmp_path: Path) -> None:
    taken = load(project_with(tmp_path, key_file(tmp_path / "keys")))
    assert taken.root == bytes.fromhex(HEX)
    assert HEX not in repr(taken)


def test_every_purpose_project_and_epoch_has_its_own_key(tmp_path: Path) -> None:
    one = load(project_with(tmp_path, key_file(tmp_path / "keys")))
    other, later = replace(one, deployment="other"), replace(one, epoch="2")
    made = [one.derive("a"), one.derive("b"), other.derive("a"), one.source("gp", "record"), one.link("name")]
    made += [later.link("name")]
    assert len(set(made)) == len(made)
    assert one.source("gp", "record") == later.source("gp", "record"), "records keep their ids in a new epoch"


def test_the_check_value_tells_keys_apart(tmp_path: Path) -> None:
    one = load(project_with(tmp_path, key_file(tmp_path / "keys")))
    assert len(one.check_value()) == 6
    assert one.check_value() == replace(one, epoch="2").check_value()
    assert one.check_value() != replace(one, root=DEMO_KEY).check_value()


def test_a_missing_file_is_no_key(tmp_path: Path) -> None:
    assert code(project_with(tmp_path, tmp_path / "nowhere"))[0] == "WSD-500"


def test_the_demo_key_is_for_invented_people_only(tmp_path: Path) -> None:
    assert load(project_with(tmp_path, None, Mode.SYNTHETIC)).root == DEMO_KEY
    assert code(project_with(tmp_path / "a", None))[0] == "WSD-501"
    assert code(project_with(tmp_path / "b", key_file(tmp_path / "keys", DEMO_KEY.hex())))[0] == "WSD-501"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666, 0o610])
def test_a_file_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    assert code(project_with(tmp_path, key_file(tmp_path / "keys", mode=mode))) == ("WSD-503", "open to others")


def test_a_link_to_a_key_is_refused(tmp_path: Path) -> None:
    link = tmp_path / "link.key"
    link.symlink_to(key_file(tmp_path / "keys"))
    assert code(project_with(tmp_path, link)) == ("WSD-503", "a symbolic link")


@pytest.mark.parametrize("zone", ["dagster_home", "vault", "lake", "inbox"])
def test_a_key_among_the_data_is_refused(tmp_path: Path, zone: str) -> None:
    project = project_with(tmp_path, None)
    project = replace(project, key_file=key_file(getattr(project, zone) / "k"))
    assert code(project) == ("WSD-503", "among the data")


def test_a_key_in_the_checkout_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkout = tmp_path / "checkout"
    (checkout / "wsd_pipeline" / "vault").mkdir(parents=True)
    monkeypatch.setattr(keys, "__file__", str(checkout / "wsd_pipeline" / "vault" / "keys.py"))
    assert code(project_with(tmp_path, key_file(checkout / "conf"))) == ("WSD-503", "among the code")


def test_another_owners_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = key_file(tmp_path / "keys")
    monkeypatch.setattr(keys.os, "geteuid", lambda: file.stat().st_uid + 1)
    assert code(project_with(tmp_path, file)) == ("WSD-503", "another owner")


@pytest.mark.parametrize("text", ["", "xyz", HEX[:-1], HEX + "0", HEX[:-1] + "g"])
def test_anything_but_64_hex_digits_is_no_key(tmp_path: Path, text: str) -> None:
    assert code(project_with(tmp_path, key_file(tmp_path / "keys", text)))[0] == "WSD-504"
