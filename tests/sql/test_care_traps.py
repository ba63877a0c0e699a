"""Adult social care as it is recorded: what says a direct payment, however it is worded."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("component", "mechanism", "is_payment"),
    [
        ("Direct Payment", "", "true"),
        ("Home Support", "Direct Payment", "true"),
        ("direct payment", "", "true"),
        ("", "Direct-Payment", "true"),
        ("Home Support", "CASSR Managed Personal Budget", "false"),
        ("", "", "false"),
    ],
)
def test_a_direct_payment_is_known_by_component_or_mechanism(check, component, mechanism, is_payment):
    check(
        "person.care_episodes",
        f"""
        person.records
        person_id | source | record_id
        ann       | asc    | c1

        pseudo.asc__events
        record_id | row_id | event_type | service_type                 | service_component | delivery_mechanism | event_start_date
        c1        | v1     | service    | Long Term Support: Community | {component} | {mechanism} | 2025-02-21
        =>
        person_id | care_type           | is_open | is_direct_payment
        ann       | long_term_community | true    | {is_payment}
        """,
    )
