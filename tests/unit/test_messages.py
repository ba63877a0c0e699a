"""Messages: every code is whole and listed where people look."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from wsd_pipeline.contracts.dictionary import with_messages
from wsd_pipeline.messages import CODES, Exit, Stop, named

CHECKOUT = Path(__file__).resolve().parents[2]


def facts(*texts):
    return {name for text in texts for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("code", CODES)
def test_a_message_says_what_happened_and_what_next(code):
    message = CODES[code]
    stop = Stop(code, **dict.fromkeys(facts(message.what, message.next_step), "X"))
    assert stop.text().startswith(code)
    assert len(stop.what) >= 10 and stop.next_step
    assert isinstance(stop.exit_code, Exit) and stop.exit_code is not Exit.OK


def test_every_code_is_documented():
    page = (CHECKOUT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert with_messages(page) == page, "run: make dictionary"


def test_every_code_raised_exists():
    for path in [p for f in ("wsd_pipeline", "assets", "expectations") for p in (CHECKOUT / f).rglob("*.py")]:
        for code in re.findall(r'"(WSD-\d+)"', path.read_text(encoding="utf-8")):
            assert code in CODES, path


def test_an_error_is_named_by_its_type_and_our_last_line_and_never_by_its_text():
    """Not by a line of a library, wherever that is installed."""
    try:
        Stop("WSD-999")
    except KeyError as error:
        ours = named(error)
    try:
        int("ZQX")
    except ValueError as error:
        theirs = named(error)
    assert re.fullmatch(r"KeyError at wsd_pipeline/messages\.py:\d+", ours)
    assert theirs == "ValueError"
