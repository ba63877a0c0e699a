"""Which of a contract's columns a supplier's header is likely to mean: by its words alone, no value is looked at.

A header is taken apart into words (`AdmiDate`, `ADMI_DT`, `admidate`), short forms are written out and words of one
meaning made one. Words that many headers of the file share weigh little, as in other searches of short texts (inverse
document frequency). What a column may be called: its name and header in the contract, the national headers of columns
of the same name in other contracts, aliases learned from extracts and, less surely, the first words of its meaning.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import log
from pathlib import Path
from typing import Any

from wsd_pipeline.contracts import landed_tables
from wsd_pipeline.contracts.core import LandedTable

Aliases = Mapping[str, Iterable[str]]
"""Headers by the contract column's name."""

CONFIG = Path(__file__).resolve().parents[1] / "config"
WHO = frozenset({"patient", "person", "client", "tenant", "child", "applicant", "member", "council"})
"""Words for whom a column is about: nearly every column is about the same, so they tell little."""

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
_WHO_WEIGHT, _NEAR_WEIGHT, _OTHER_TABLE, _MEANING = 0.3, 0.8, 0.95, 0.7
_NEAR = 0.6
_SHORTEST_PIECE = 3
_POSSESSIVE = re.compile(r"['’](s\b)?")
_DOTTED = re.compile(r"\b(?:[A-Za-z]\.){2,}")


@dataclass(frozen=True, kw_only=True)
class Words:
    """The general dictionary: short forms, words of one meaning, words that say nothing."""

    short: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    same: Mapping[str, str] = field(default_factory=dict)
    empty: frozenset[str] = frozenset()

    def known(self) -> frozenset[str]:
        """Every word of it."""
        written = {word for words in self.short.values() for word in words}
        return frozenset({*self.short, *written, *self.same, *self.same.values(), *self.empty})


def _yaml(name: str) -> Any:
    import yaml

    return yaml.safe_load((CONFIG / name).read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def dictionary() -> Words:
    """The dictionary shipped in `config/header_words.yaml`."""
    raw = _yaml("header_words.yaml")
    same: dict[str, str] = {}
    for group in raw["same"]:
        for word in group:
            same.setdefault(str(word), str(group[0]))
    short = {str(short): tuple(str(text).split()) for short, text in raw["short"].items()}
    return Words(short=short, same=same, empty=frozenset(str(word) for word in raw["empty"]))


@lru_cache(maxsize=1)
def shipped_aliases() -> Aliases:
    """The aliases shipped in `config/header_aliases.yaml`, learned from the extracts in tests/mapping."""
    return {name: tuple(headers) for name, headers in _yaml("header_aliases.yaml").items()}


@lru_cache(maxsize=1)
def _pieces() -> frozenset[str]:
    """Words into which a run-together header may be taken apart."""
    names = [w for t in landed_tables() for c in t.columns for w in c.name.split("_")]
    return frozenset({*dictionary().known(), *names})


@lru_cache(maxsize=1)
def vocabulary() -> frozenset[str]:
    """Every word of the dictionary, of the contracts' names and headers and of the aliases shipped: none is a value.

    A header's word that is not among them is not told outside the vault: a file without a header row has somebody's
    data there.
    """
    texts = [text for t in landed_tables() for c in t.landed_columns for text in (c.name, c.source_header)]
    texts += [alias for headers in shipped_aliases().values() for alias in headers]
    return frozenset({*dictionary().known(), *(word for text in texts for word in raw_words(text))})


def raw_words(header: str) -> list[str]:
    """The words of a header in lower case; whole numbers without leading zeros."""
    plain = _DOTTED.sub(lambda found: found.group().replace(".", ""), _POSSESSIVE.sub("", header))
    return [w.lstrip("0") or "0" if w.isdigit() else w.lower() for w in _WORD.findall(plain)]


@lru_cache(maxsize=4096)
def words_of(header: str) -> tuple[str, ...]:
    """The meaning of a header as words: taken apart, written out, of one meaning made one, empty ones left out."""
    book = dictionary()
    out: list[str] = []
    for word in raw_words(header):
        for piece in _apart(word):
            for written in book.short.get(piece, (piece,)):
                if written not in book.empty:
                    out.append(book.same.get(written, written))
    return tuple(dict.fromkeys(out))


def _apart(word: str) -> list[str]:
    """A word that is not known as the known words it is run together from, the fewest; itself where it is none."""
    known = _pieces()
    if word in known or word.isdigit() or len(word) < 2 * _SHORTEST_PIECE or len(word) > 60:
        return [word]
    best: list[list[str] | None] = [[]]
    for end in range(1, len(word) + 1):
        found: list[str] | None = None
        for start in range(max(0, end - 20), end - _SHORTEST_PIECE + 1):
            before = best[start]
            if before is not None and word[start:end] in known and (found is None or len(before) + 1 < len(found)):
                found = [*before, word[start:end]]
        best.append(found)
    return best[-1] or [word]


def names_of(feed: LandedTable, aliases: Aliases) -> dict[str, list[tuple[tuple[str, ...], float]]]:
    """For each column of the contract what it may be called, as words, and how surely the name is its own."""
    others: dict[str, set[str]] = {}
    for table in landed_tables():
        for column in table.landed_columns:
            others.setdefault(column.name, set()).add(column.source_header)
    out: dict[str, list[tuple[tuple[str, ...], float]]] = {}
    for column in feed.landed_columns:
        own = (column.name, column.source_header, *aliases.get(column.name, ()))
        named = {words_of(text): 1.0 for text in own}
        for text in sorted(others[column.name]):
            named.setdefault(words_of(text), _OTHER_TABLE)
        named.setdefault(words_of(re.split(r"[.,;:(]", column.description)[0]), _MEANING)
        out[column.name] = [(words, weight) for words, weight in named.items() if words]
    return out


def likeness(feed: LandedTable, headers: Sequence[str], aliases: Aliases) -> list[list[float]]:
    """How like each of the contract's columns (rows) each header (columns) is, 0 to 1."""
    named = names_of(feed, aliases)
    given = [words_of(header) for header in headers]
    weights = _weights([*given, *(words for names in named.values() for words, _ in names[:1])])
    return [
        [
            max((sure * _shared(words, header, weights) for words, sure in named[c.name]), default=0.0)
            for header in given
        ]
        for c in feed.landed_columns
    ]


def _weights(documents: Sequence[tuple[str, ...]]) -> dict[str, float]:
    """A word's weight: less the more headers and columns have it."""
    found = Counter(word for words in documents for word in set(words))
    count = len(documents)
    return {
        word: (_WHO_WEIGHT if word in WHO else 1.0) * log(1 + count / often) / log(1 + count)
        for word, often in found.items()
    }


def _shared(one: tuple[str, ...], other: tuple[str, ...], weights: Mapping[str, float]) -> float:
    """The share of weight that two sets of words have in common (a Dice coefficient), near words counting less."""
    total = sum(weights.get(w, 1.0) for w in one) + sum(weights.get(w, 1.0) for w in other)
    if not total:
        return 0.0
    left = [w for w in other if w not in one]
    common = 2 * sum(weights.get(w, 1.0) for w in one if w in other)
    for word in one:
        if word in other or word.isdigit():
            continue
        near = [(nearness(word, w), w) for w in left if not w.isdigit()]
        if near and max(near)[0] >= _NEAR:
            _, taken = max(near)
            left.remove(taken)
            common += _NEAR_WEIGHT * (weights.get(word, 1.0) + weights.get(taken, 1.0))
    return common / total


@lru_cache(maxsize=65536)
def nearness(one: str, other: str) -> float:
    """The Dice coefficient of two words' pairs of letters, with their ends; 1 where one shortens the other."""
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) >= 4 and longer.startswith(shorter):
        return 1.0
    pairs = [Counter(f" {w} "[i : i + 2] for i in range(len(w) + 1)) for w in (one, other)]
    return 2 * sum((pairs[0] & pairs[1]).values()) / (sum(pairs[0].values()) + sum(pairs[1].values()))
