"""Files in, links out: a pair of files with a truth, one file against itself, or a model from a pair of files."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from wsd_pipeline.linkage.scoring.coder import Coder
from wsd_pipeline.linkage.scoring.coding import Coded, code_files
from wsd_pipeline.linkage.scoring.engine import run
from wsd_pipeline.linkage.scoring.mapping import FieldMap, PairMap
from wsd_pipeline.linkage.scoring.measures import Quality, quality
from wsd_pipeline.linkage.scoring.model import Model
from wsd_pipeline.linkage.scoring.reading import read_columns, read_file
from wsd_pipeline.linkage.scoring.settings import DEFAULTS, Settings
from wsd_pipeline.linkage.scoring.task import Found, Task

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Linked:
    """Links of two files, or of one. `pairs`: id_a, id_b, step, weight, probability, margin, is_best, is_accepted.

    `unread`: of each file how many rows have a birth date that no format of the map fits, or a placeholder.
    """

    pairs: pl.DataFrame
    model: Model
    candidates: int
    rules: tuple[str, ...]
    seconds: dict[str, float]
    unread: tuple[int, ...]
    quality: Quality | None = None


def link_files(
    file_a: Path,
    file_b: Path,
    map: PairMap,
    *,
    clear: bool = False,
    model: Model | None = None,
    trained_on: str = "",
    settings: Settings = DEFAULTS,
) -> Linked:
    """Link two files. Values are coded as tokens under a key made for this run and forgotten, or `clear`."""
    began = time.perf_counter()
    coded = _coded([file_a, file_b], [map.a, map.b], clear)
    tokenised = time.perf_counter()
    task = Task(
        a=coded.frames[0], b=coded.frames[1], variants=coded.variants, strong_ids=coded.strong,
        written=coded.written, a_is_unique=map.a_is_unique, b_is_unique=map.b_is_unique,
        twins_apart=map.twins_apart,
    )  # fmt: skip
    found = run(task, settings=settings, trained_on=trained_on, model=model)
    return _linked(found, coded, began, tokenised)


def bench_files(
    file_a: Path,
    file_b: Path,
    truth: Path,
    map: PairMap,
    *,
    clear: bool = False,
    model: Model | None = None,
    settings: Settings = DEFAULTS,
) -> Linked:
    """Link two files and measure the links against a truth file of true pairs."""
    linked = link_files(file_a, file_b, map, clear=clear, model=model, settings=settings)
    return replace(linked, quality=quality(linked.pairs, read_truth(truth, map)))


def dedupe_file(
    file: Path, map: PairMap, *, clear: bool = False, model: Model | None = None, settings: Settings = DEFAULTS
) -> Linked:
    """Find the rows of one file that are one person. Each pair once, id_a and id_b in no meaningful order."""
    began = time.perf_counter()
    coded = _coded([file], [map.a], clear)
    tokenised = time.perf_counter()
    frame = coded.frames[0]
    task = Task(
        a=frame,
        b=frame,
        variants=coded.variants,
        strong_ids=coded.strong,
        written=coded.written,
        one_table=True,
        twins_apart=map.twins_apart,
    )
    found = run(task, settings=settings, model=model)
    return _linked(found, coded, began, tokenised)


def train(file_a: Path, file_b: Path, map: PairMap, *, trained_on: str, settings: Settings = DEFAULTS) -> Model:
    """The model learned from two files. `trained_on` is a date, written into the model."""
    return link_files(file_a, file_b, map, trained_on=trained_on, settings=settings).model


def read_truth(path: Path, map: PairMap) -> pl.DataFrame:
    """The true pairs of a truth file: id_a, id_b."""
    frame = read_columns(path, (map.truth["a"], map.truth["b"]))
    return frame.rename({map.truth["a"]: "id_a", map.truth["b"]: "id_b"})


def _coded(files: list[Path], maps: list[FieldMap], clear: bool) -> Coded:
    coder = Coder.clear() if clear else Coder.keyed(secrets.token_bytes(32))
    frames = [read_file(path, map) for path, map in zip(files, maps, strict=True)]
    return code_files(frames, maps, coder)


def _linked(found: Found, coded: Coded, began: float, tokenised: float) -> Linked:
    """What was found, by the identifiers of the first file and the last."""
    pairs = found.pairs.select(
        coded.names_of(0, found.pairs["rid_a"]).alias("id_a"),
        coded.names_of(-1, found.pairs["rid_b"]).alias("id_b"),
        "step", "weight", "probability", "margin", "is_best", "is_accepted",
    )  # fmt: skip
    seconds = {"tokenise": round(tokenised - began, 3), "link": round(time.perf_counter() - tokenised, 3)}
    return Linked(pairs, found.model, found.candidates, found.rules, {**seconds, **found.seconds}, coded.unread)
