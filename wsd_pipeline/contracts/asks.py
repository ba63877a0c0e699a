"""The generated page of what the founding documents ask, and which mart and column answers it (ASKS.md here)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from wsd_pipeline.contracts import tables

_MART = re.compile(r"mart\.[a-z_]+")
ASKS_FILE = Path(__file__).resolve().parent.parent / "config" / "asks.yaml"
PATH = Path(__file__).with_name("ASKS.md")


def asks() -> Sequence[Mapping[str, Any]]:
    """Every ask of config/asks.yaml, in its order."""
    import yaml

    found: Sequence[Mapping[str, Any]] = yaml.safe_load(ASKS_FILE.read_text(encoding="utf-8"))["asks"]
    return found


def page() -> str:
    """The page as Markdown."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# What was asked, and where it is answered"
    yield ""
    yield "Every analytic ask of the partnership's founding documents. Written from `wsd_pipeline/config/asks.yaml` by"
    yield "`make dictionary`; a test holds every mart and column named here to its contract."
    yield ""
    found = asks()
    kinds = [_kind(ask) for ask in found]
    words = ("answered", "answered in part", "not answered yet", "out of scope")
    yield ", ".join(f"{kinds.count(kind)} {kind}" for kind in words) + "."
    yield ""
    yield "| | asked | answered by | what is missing, or why not |"
    yield "|---|---|---|---|"
    for ask in found:
        answers = "<br>".join(_answer(answer) for answer in ask.get("answers", ()))
        missing = _said(ask["part"]) if ask.get("part") else ""
        if "out_of_scope" in ask:
            missing = f"**out of scope**: {_cell(ask['out_of_scope'])}"
        yield f"| {ask['number']} | {_cell(ask['ask'])} | {answers} | {missing} |"


def _kind(ask: Mapping[str, Any]) -> str:
    if "out_of_scope" in ask:
        return "out of scope"
    if not ask["answers"] and not any(mart in tables() for mart in _MART.findall(ask["part"])):
        return "not answered yet"
    return "answered in part" if ask.get("part") else "answered"


def _said(part: str) -> str:
    """What is missing, each mart that it names marked as there or not."""
    return _MART.sub(lambda m: f"`{m[0]}`" + ("" if m[0] in tables() else " (not built yet)"), _cell(part))


def _answer(answer: Mapping[str, str]) -> str:
    return f"`{answer['column']}`: {_cell(answer['where'])}"


def _cell(text: str) -> str:
    return " ".join(str(text).split()).replace("|", "\\|")
