"""A rule changed in its YAML: what depends on it is stale, and nothing else is.

Every table of a month is accepted under the content key that a run would give it, with a file that stands for its rows;
then one number is changed in a copy of the file of rules, and the planner is asked.
"""

from __future__ import annotations

import shutil
from graphlib import TopologicalSorter

import pytest

from wsd_pipeline import build, outcomes, segmentation
from wsd_pipeline.contracts import tables
from wsd_pipeline.lake import Zone, content_key, group_of
from wsd_pipeline.outcomes.framework import FRAMEWORK_FILE, load_framework
from wsd_pipeline.segmentation.rules import RULES_FILE, load_rules
from wsd_pipeline.settings import Mode, Project

pytestmark = pytest.mark.slow

MONTH = "2026-01"
THRESHOLD = ("ed_attendance_count >= 5)\n    keeps_months", "ed_attendance_count >= 6)\n    keeps_months")


def promoted(lake: Zone, key: str, tables_of: list[str], made_of: str, content: str) -> None:
    folder = lake.staging(key, MONTH, made_of)
    for name in tables_of:
        (folder / name).write_text(content)
    lake.promote(key, MONTH, made_of, {name: folder / name for name in tables_of}, dict.fromkeys(tables_of, 1))


def in_order() -> list[str]:
    """The tables made by SQL, each after those it reads."""
    known = build.models()
    order = TopologicalSorter({key: model.reads & set(known) for key, model in known.items()}).static_order()
    return list(order)


def run(project: Project) -> set[str]:
    """Make the month as `build_table` does; the tables that were made anew."""
    return {key for key in in_order() if not build.build_table(project, key, MONTH, lambda *_: []).reused}


def stale(project: Project) -> set[str]:
    """The tables that `wsd plan` would say are to be made."""
    seen: dict[str, bool] = {}
    return {key for key in tables() if key in build.models() and not build.is_current(project, key, MONTH, seen)}


def rows_of(project, model, table, month, inputs, previous, staged):
    """In place of its rows, a table's file has what it was made of."""
    staged.write_text(content_key({"text": model.text, "inputs": {k: p.sha256[k] for k, p in inputs.items()}}))
    return 1, {}


@pytest.fixture(scope="module")
def accepted(tmp_path_factory):
    """The lake of a month in which everything is accepted."""
    made = Project(root=tmp_path_factory.mktemp("rules") / "data", name="test", mode=Mode.SYNTHETIC)
    made.save()
    lake = Zone(made.lake)
    arrived: dict[str, list[str]] = {}
    for key, table in tables().items():
        if table.layer in ("pseudo", "linked"):
            arrived.setdefault(group_of(key), []).append(key)
    for group, keys in arrived.items():
        promoted(lake, group, keys, "k1", group)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "_run", rows_of)
        assert run(made) == set(build.models())
    assert not stale(made)
    return made.lake


@pytest.fixture
def project(accepted, tmp_path, monkeypatch):
    monkeypatch.setattr(build, "_run", rows_of)
    made = Project(root=tmp_path / "data", name="test", mode=Mode.SYNTHETIC)
    shutil.copytree(accepted, made.lake)
    yield made
    monkeypatch.undo()
    segmentation.generated_models.cache_clear()
    outcomes.generated_models.cache_clear()


def changed(tmp_path, path, old: str, new: str):
    """A copy of a file of rules with one thing changed."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, "what is to be changed stands once in the file"
    copy = tmp_path / path.name
    copy.write_text(text.replace(old, new), encoding="utf-8")
    return copy


@pytest.fixture
def change_segments(tmp_path, monkeypatch):
    def change(old: str, new: str) -> None:
        copy = changed(tmp_path, RULES_FILE, old, new)
        monkeypatch.setattr(segmentation, "load_rules", lambda: load_rules(copy))
        segmentation.generated_models.cache_clear()

    return change


def after(*roots: str) -> set[str]:
    """The tables named, and everything that is made of them by any number of steps."""
    found, known = set(roots), build.models()
    while more := {key for key, model in known.items() if model.reads & found} - found:
        found |= more
    return found


def test_a_threshold_of_a_need_rule_makes_segments_and_what_follows_stale(project, change_segments):
    """C08 asks for six attendances instead of five: nothing received, pseudonymised, linked or of the person layer."""
    change_segments(*THRESHOLD)
    found = stale(project)
    assert found == after("segment.reasons", "segment.need")
    assert {key.split(".")[0] for key in found} == {"segment", "mart"}
    assert {key for key in tables() if key.startswith("segment.")} == {k for k in found if k.startswith("segment.")}
    assert {"mart.segment_summary", "mart.segment_sensitivity", "mart.cost_by_segment", "mart.cohorts"} < found
    assert not found & {"mart.children", "mart.ltc_prevalence", "mart.linkage_quality", "mart.data_quality"}


def test_a_run_makes_what_is_stale_and_reuses_the_rest(project, change_segments):
    change_segments(*THRESHOLD)
    assert run(project) == after("segment.reasons", "segment.need")
    assert stale(project) == set() == run(project)


def test_what_a_changed_rule_leaves_as_it_was_is_not_made_again(project, change_segments, monkeypatch):
    """Where nobody moves, the segments are the same file as before, and the marts after them stand."""
    change_segments(*THRESHOLD)
    lake = Zone(project.lake)

    def as_before(project, model, table, month, inputs, previous, staged):
        staged.write_bytes(lake.path(table.key, month).read_bytes())
        return 1, {}

    monkeypatch.setattr(build, "_run", as_before)
    assert run(project) == {"segment.reasons", "segment.need"}


@pytest.mark.parametrize(
    ("old", "new", "roots"),
    [
        ("words: Dementia\n    when", "words: Living with dementia\n    when", ()),
        ("many_conditions: 4", "many_conditions: 5", ("segment.reasons", "segment.need")),
    ],
    ids=["only its words", "a parameter"],
)
def test_what_hangs_on_a_part_of_the_file(project, change_segments, old, new, roots):
    change_segments(old, new)
    assert stale(project) == after(*roots) if roots else not stale(project)


def test_a_metric_of_the_framework_changes_its_mart_alone(project, tmp_path, monkeypatch):
    copy = changed(tmp_path, FRAMEWORK_FILE, "id: avoidable_admissions,", "id: avoidable_admissions_19,")
    monkeypatch.setattr(outcomes, "load_framework", lambda: load_framework(copy))
    outcomes.generated_models.cache_clear()
    assert stale(project) == {"mart.outcomes_istatement"}


def test_the_policy_changes_every_mart_and_no_segment(project, monkeypatch):
    monkeypatch.setattr(
        build,
        "file_sha256",
        lambda path, real=build.file_sha256: "other" if path.name == "disclosure.yaml" else real(path),
    )
    assert stale(project) == {key for key in tables() if key.startswith("mart.")}
