"""The flow register: what is refused and when, and that a register is read whole or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.flow_registers import put_register, shipped
from tests.vault_files import MONTH, full_project
from wsd_pipeline import flows
from wsd_pipeline.contracts import sources, table
from wsd_pipeline.flows import load_register
from wsd_pipeline.messages import Stop
from wsd_pipeline.settings import Mode, Project
from wsd_pipeline.vault import month as step
from wsd_pipeline.vault.decode import decode
from wsd_pipeline.vault.keys import load
from wsd_pipeline.vault.report import encode

GP = table("landed.gp__registrations")


def project_in(root: Path, **options: Any) -> Project:
    return Project(root=root, name="flows", **{"mode": Mode.SYNTHETIC, **options})


def refusal(project: Project, month: str = MONTH, feed: str = GP.key) -> str | None:
    try:
        load_register(project).check(project, table(feed), month)  # type: ignore[arg-type]
    except Stop as stop:
        assert (stop.code, stop.facts["table"]) == ("WSD-140", feed)
        return str(stop.facts["reason"])
    return None


def test_the_shipped_register_names_every_source_of_the_contracts_and_lets_all_in(tmp_path):
    register = load_register(project_in(tmp_path))
    named = {source for flow in register.flows for source in flow.sources}
    assert set(sources()) <= named
    for feeds in sources().values():
        for feed in feeds:
            register.check(project_in(tmp_path), feed, MONTH)


def test_a_new_source_of_invented_people_needs_no_entry(tmp_path):
    other = replace(GP, source="brand_new")
    load_register(project_in(tmp_path)).check(project_in(tmp_path), other, MONTH)


def test_real_people_need_a_register_of_their_own(tmp_path):
    live = project_in(tmp_path, mode=Mode.LIVE)
    with pytest.raises(Stop) as stopped:
        load_register(live)
    assert (stopped.value.code, stopped.value.facts["reason"]) == ("WSD-141", "there is none")
    put_register(live, is_invented=True)
    with pytest.raises(Stop) as stopped:
        load_register(live)
    assert stopped.value.facts["reason"] == "it is of invented agreements"
    put_register(live)
    assert refusal(live) is None
    other = replace(GP, source="brand_new")
    with pytest.raises(Stop) as stopped:
        load_register(live).check(live, other, MONTH)
    assert stopped.value.facts["reason"] == flows.NO_FLOW


@pytest.mark.parametrize(("month", "refused"), [("2026-01", False), ("2026-02", True)])
@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"dsa": {"reference": "A", "expires": date(2026, 1, 31)}}, flows.AGREEMENT_ENDED),
        (
            {"s251": {"reference": "B", "expires": date(2026, 1, 31), "review_due": date(2049, 1, 1)}},
            flows.SUPPORT_ENDED,
        ),
        (
            {"s251": {"reference": "B", "expires": date(2049, 1, 1), "review_due": date(2026, 1, 31)}},
            flows.NOT_REVIEWED,
        ),
    ],
    ids=["agreement", "support", "review"],
)
def test_what_has_ended_by_the_snapshot_refuses_and_its_last_day_does_not(tmp_path, changed, reason, month, refused):
    project = project_in(tmp_path)
    put_register(project, is_invented=True, general_practice=changed)
    assert refusal(project, month) == (reason if refused else None)
    assert refusal(project, month, "landed.asc__events") is None, "other flows are not touched"


def test_a_purpose_that_a_flow_leaves_out_is_refused(tmp_path):
    research = project_in(tmp_path, purpose="research")
    assert refusal(research) == flows.OTHER_PURPOSE
    assert refusal(research, feed="landed.llpg__addresses") is None
    assert refusal(project_in(tmp_path, purpose="anything else")) == flows.OTHER_PURPOSE


@pytest.mark.parametrize("source", flows.NEEDS_GATEWAY)
def test_what_it_is_an_offence_to_disclose_needs_a_gateway(tmp_path, source):
    feed = sources()[source][0].key
    project = project_in(tmp_path)
    assert refusal(project, feed=feed) is None
    put_register(project, is_invented=True, **{source: {"legal_gateway": None}})
    assert refusal(project, feed=feed) == flows.NO_GATEWAY


def spoilt(**changed: Any) -> dict[str, Any]:
    register = shipped()
    register["flows"][0] |= changed
    return register


@pytest.mark.parametrize(
    ("register", "reason"),
    [
        ("flows: [", "it is not YAML"),
        ({"version": 1}, "an entry is missing"),
        (shipped() | {"flow": []}, "an entry it does not have"),
        (spoilt(dsa={"reference": "A"}), "an entry is missing"),
        (spoilt(dsa={"reference": "A", "expires": "next year"}), "an entry is of the wrong kind"),
        (spoilt(dsa={"reference": "A", "expires": 20260101}), "an entry is of the wrong kind"),
        (spoilt(contact="x"), "an entry it does not have"),
        (spoilt(s251=None), "an entry is missing"),
        (spoilt(common_law="statutory power"), "an entry is of the wrong kind"),
        (spoilt(national_opt_out="yes please"), "an entry is of the wrong kind"),
        (spoilt(purposes=["curiosity"]), "an unlisted purpose"),
        (spoilt(outputs=["everything"]), "an entry is of the wrong kind"),
        (spoilt(sources=["gp", "asc"]), "a source in two flows"),
        (shipped() | {"is_invented": False}, "an entry is of the wrong kind"),
        ([], "an entry is of the wrong kind"),
    ],
    ids=range(15),
)
def test_a_register_with_a_fault_is_not_used_at_all(tmp_path, register, reason):
    text = register if isinstance(register, str) else yaml.safe_dump(register)
    (tmp_path / flows.FILE_NAME).write_text(text)
    with pytest.raises(Stop) as stopped:
        load_register(project_in(tmp_path))
    assert (stopped.value.code, stopped.value.facts["reason"]) == ("WSD-141", reason)
    assert reason in flows.FAULTS


@pytest.mark.slow
def test_a_refused_feed_is_not_landed_others_are_and_the_reason_leaves_the_vault(tmp_path):
    project = full_project(tmp_path / "data")
    put_register(
        project, is_invented=True, adult_social_care={"dsa": {"reference": "A", "expires": date(2025, 12, 31)}}
    )
    report = step.run(project, MONTH, load(project))
    told = decode(encode(report), project, MONTH)
    assert [(s.code, s.facts["table"], s.facts["reason"]) for s in told.stops] == [
        ("WSD-140", "landed.asc__events", flows.AGREEMENT_ENDED)
    ]
    assert "landed.asc__events" not in report.tables and GP.key in report.tables
    assert not (project.vault / "_pointers" / "landed.asc__events").exists()


@pytest.mark.parametrize(
    ("days", "state"), [(-1, "fail"), (0, "look"), (59, "look"), (60, "ok")], ids=["over", "today", "soon", "later"]
)
def test_the_doctor_tells_of_agreements_that_end(tmp_path, days, state):
    from datetime import timedelta

    from wsd_pipeline.cli.doctor import _agreements

    project, ends = project_in(tmp_path), date.today() + timedelta(days=days)
    put_register(project, is_invented=True, housing={"dsa": {"reference": "A", "expires": ends}})
    findings = list(_agreements(project))
    assert [f.state for f in findings] == [state]
    assert ("housing" in findings[0].what) == (state != "ok")


def test_the_doctor_says_what_is_wrong_with_a_register(tmp_path):
    from wsd_pipeline.cli.doctor import _agreements

    assert [f.state for f in _agreements(project_in(tmp_path, mode=Mode.LIVE))] == ["fail"]
