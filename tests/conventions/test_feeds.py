"""What every supplier's feed must say of itself, so that a new one needs no other module."""

import pytest

from wsd_pipeline.contracts import landed_tables, table
from wsd_pipeline.contracts.core import LandedTable
from wsd_pipeline.contracts.pseudo import pseudo_table
from wsd_pipeline.statements import gathered_models

FEEDS = landed_tables()


@pytest.mark.parametrize("feed", FEEDS, ids=lambda feed: feed.name)
def test_a_feed_that_holds_identity_says_something_of_the_person(feed: LandedTable) -> None:
    assert bool(feed.says) or not feed.identity_columns


@pytest.mark.parametrize("feed", FEEDS, ids=lambda feed: feed.name)
def test_its_event_date_is_a_date_of_its_pseudo_table(feed: LandedTable) -> None:
    assert feed.event_date is None or pseudo_table(feed).column(feed.event_date).type == "DATE"


def test_every_feed_is_counted_and_every_statement_is_gathered() -> None:
    models = gathered_models()
    noted = {"reference.received_feeds", "reference.removed_rows"}
    assert set(models["mart.data_quality"].reads) - noted == {pseudo_table(f).key for f in FEEDS}
    assert {pseudo_table(f).key for f in FEEDS if f.says} <= set(models["person.records"].reads)
    lived = {pseudo_table(f).key for f in FEEDS if f.says and f.says.address}
    assert lived <= set(models["person.addresses"].reads)
    assert all(table(key) for key in models)
