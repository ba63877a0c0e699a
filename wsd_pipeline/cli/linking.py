"""`wsd link`: the linkage engine on anyone's files."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wsd_pipeline.cli.output import emit, tabulate

if TYPE_CHECKING:
    import polars as pl

    from wsd_pipeline.linkage.scoring.files import Linked
    from wsd_pipeline.linkage.scoring.model import Model

link_app = typer.Typer(no_args_is_help=True, help="The linkage engine on files of your own.", rich_markup_mode=None)


def _into_a_folder(path: Path | None) -> Path | None:
    """The path, if it can be written to: known before the work, not after."""
    if path is not None and (path.is_dir() or not path.absolute().parent.is_dir()):
        raise typer.BadParameter("its folder is not there, or it is a folder itself")
    return path


def _a_date(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise typer.BadParameter("write it as YYYY-MM-DD") from None


FileA = Annotated[Path, typer.Argument(help="CSV or Parquet file.")]
FileB = Annotated[Path, typer.Argument(help="The other file.")]
MapOption = Annotated[Path, typer.Option("--map", help="YAML that says which column is what.")]
ModelOption = Annotated[Path | None, typer.Option("--model", help="A model learned before: nothing is learned anew.")]
ClearOption = Annotated[bool, typer.Option("--clear", help="Compare values, not tokens.")]
OutOption = Annotated[
    Path | None, typer.Option("--out", help="Where to write the pairs, as Parquet.", callback=_into_a_folder)
]


@link_app.command()
def files(
    file_a: FileA, file_b: FileB, map: MapOption, model: ModelOption = None, clear: ClearOption = False,
    out: OutOption = None,
) -> None:  # fmt: skip
    """Link two files."""
    from wsd_pipeline.linkage.scoring.files import link_files
    from wsd_pipeline.linkage.scoring.mapping import load_map

    _say(link_files(file_a, file_b, load_map(map), clear=clear, model=_model(model)), out)


@link_app.command()
def bench(
    file_a: FileA,
    file_b: FileB,
    truth: Annotated[Path, typer.Option(help="File of the true pairs.")],
    map: MapOption,
    model: ModelOption = None,
    clear: ClearOption = False,
    out: OutOption = None,
) -> None:
    """Link two files and measure the links against the truth."""
    from wsd_pipeline.linkage.scoring.files import bench_files
    from wsd_pipeline.linkage.scoring.mapping import load_map

    _say(bench_files(file_a, file_b, truth, load_map(map), clear=clear, model=_model(model)), out)


@link_app.command()
def dedupe(
    file: FileA, map: MapOption, model: ModelOption = None, clear: ClearOption = False, out: OutOption = None
) -> None:
    """Find the rows of one file that are one person."""
    from wsd_pipeline.linkage.scoring.files import dedupe_file
    from wsd_pipeline.linkage.scoring.mapping import load_map

    _say(dedupe_file(file, load_map(map), clear=clear, model=_model(model)), out)


@link_app.command()
def train(
    file_a: FileA,
    file_b: FileB,
    map: MapOption,
    trained_on: Annotated[
        str, typer.Option("--date", help="Date of training, written into the model.", callback=_a_date)
    ],
    out: Annotated[Path, typer.Option("--out", help="Where to write the model.", callback=_into_a_folder)],
) -> None:
    """Learn a model from two files, apart from linking."""
    from wsd_pipeline.linkage.scoring.files import train as learn
    from wsd_pipeline.linkage.scoring.mapping import load_map

    learn(file_a, file_b, load_map(map), trained_on=trained_on).save(out)
    emit({"model": str(out)}, f"The model is in {out}.")


def _model(path: Path | None) -> Model | None:
    from wsd_pipeline.linkage.scoring.model import Model

    return None if path is None else Model.load(path)


def _say(linked: Linked, out: Path | None) -> None:
    """Pairs, times and, where the truth is known, precision and recall; never a value of the files."""
    from dataclasses import asdict

    accepted = int(linked.pairs["is_accepted"].sum())
    facts: dict[str, Any] = {"accepted": accepted, "candidates": linked.candidates, "seconds": linked.seconds}
    facts["unread_birth_dates"] = linked.unread
    if linked.quality is not None:
        facts["quality"] = asdict(linked.quality)
    rows = [[name, f"{value:.4f}" if isinstance(value, float) else f"{value:,}"] for name, value in _flat(facts)]
    told = [
        f"{count:,} birth dates of the {which} file were not read: no format of the map's birth_date_formats fits them,"
        " or they are 1 January 1900."
        for which, count in zip(("first", "second"), linked.unread, strict=False)
        if count
    ]
    if out is not None:
        _keep(linked.pairs, out)
        told.append(f"Pairs: {out}")
    emit(facts, tabulate("Links", ["Measure", "Value"], rows), *told)


def _keep(pairs: pl.DataFrame, out: Path) -> None:
    """Write the pairs aside and rename: the file is whole or as it was."""
    aside = out.with_name(out.name + ".new")
    pairs.write_parquet(aside)
    aside.replace(out)


def _flat(facts: dict[str, Any], before: str = "") -> list[tuple[str, float | int]]:
    found: list[tuple[str, float | int]] = []
    for name, value in facts.items():
        words = f"{before}{name.replace('_', ' ')}"
        found += _flat(value, words + ": ") if isinstance(value, dict) else []
        found += [(words, value)] if isinstance(value, int | float) and not isinstance(value, bool) else []
    return found
