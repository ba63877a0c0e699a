"""Ways a supplier's file goes wrong as a whole, done to a file already in the inbox: what a gate must notice.

Each function says how many rows (or, for a column, how many headers) it touched, and leaves the manifest right unless
the point is that it is wrong. None of this is done unless asked for.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from synthetic_data.checks.received import truth
from synthetic_data.feeds.feed import contract
from synthetic_data.feeds.write import file_name, manifest
from wsd_pipeline.settings import Project


def _path(project: Project, month: str, table: str) -> Path:
    return project.inbox / table / file_name(contract(table), month)


def _read(project: Project, month: str, table: str) -> pl.DataFrame:
    file = contract(table).file
    encoding = "utf8" if file.encodings[0].startswith("utf") else "windows-1252"
    path = _path(project, month, table)
    return pl.read_csv(path, separator=file.delimiter, infer_schema=False, encoding=encoding)


def _write(project: Project, month: str, table: str, rows: pl.DataFrame) -> None:
    made = contract(table)
    path = _path(project, month, table)
    path.write_bytes(rows.write_csv(separator=made.file.delimiter).encode(made.file.encodings[0]))
    manifest(made, path, month, rows.height)


def rename_column(project: Project, month: str, table: str, column: str, to: str) -> int:
    """A header of the file is another word from this month on; `column` is the contract's name."""
    header = contract(table).column(column).source_header  # type: ignore[attr-defined]
    _write(project, month, table, _read(project, month, table).rename({header: to}))
    return 1


def lose_file(project: Project, month: str, table: str) -> int:
    """The month's file never came."""
    rows = _read(project, month, table).height
    path = _path(project, month, table)
    path.unlink()
    path.with_suffix(".manifest.json").unlink()
    return rows


def lose_provider(project: Project, month: str, table: str, column: str, code: str) -> int:
    """One provider's rows are not in the file: a practice that did not send, say."""
    header = contract(table).column(column).source_header  # type: ignore[attr-defined]
    rows = _read(project, month, table)
    kept = rows.filter(pl.col(header).ne_missing(code))
    _write(project, month, table, kept)
    return rows.height - kept.height


def truncate(project: Project, month: str, table: str, share: float) -> int:
    """Only the first part of the file's bytes arrived, cut in the middle of a row; the manifest tells of the whole."""
    path = _path(project, month, table)
    whole = path.read_bytes()
    part = whole[: int(len(whole) * share)].rstrip(b"\n")[:-2]
    path.write_bytes(part)
    return whole.count(b"\n") - part.count(b"\n")


def change_label(project: Project, month: str, table: str, column: str, old: str, new: str) -> int:
    """A code or label is written another way from this month on."""
    header = contract(table).column(column).source_header  # type: ignore[attr-defined]
    rows = _read(project, month, table)
    _write(project, month, table, rows.with_columns(pl.col(header).replace(old, new)))
    return int((rows[header] == old).sum())


def events_after_death(project: Project, month: str, count: int) -> int:
    """Episodes of people who have died are dated after the death: up to `count` of them, fewer where fewer died."""
    table = "apc__episodes"
    made = contract(table)
    dead = truth(project, month, "people").filter(pl.col("death_date").is_not_null())
    records = truth(project, month, "records").filter(pl.col("source") == made.source)
    keys = records.join(dead.select("true_person", "death_date"), on="true_person").sort("person_key")
    rows = _read(project, month, table)
    headers = {c.name: c.source_header for c in made.landed_columns}
    person = pl.concat_str(*(headers[k] for k in made.person_key), separator="|")
    rows = rows.with_row_index("row").with_columns(person_key=person)
    late = rows.join(keys, on="person_key", how="left").filter(pl.col("death_date").is_not_null())
    late = late.unique("person_key", keep="first", maintain_order=True).head(count).select("row", "death_date")
    rows = rows.join(late, on="row", how="left")
    after = (pl.col("death_date") + pl.duration(days=3)).dt.strftime(made.file.date_formats[0])
    moved = [
        pl.when(pl.col("death_date").is_not_null()).then(after).otherwise(headers[name]).alias(headers[name])
        for name in ("admission_date", "episode_start_date", "episode_end_date", "discharge_date")
    ]
    _write(project, month, table, rows.with_columns(moved).sort("row").drop("row", "person_key", "death_date"))
    return late.height


def default_dates(project: Project, month: str, table: str, column: str, count: int, value: str = "1900-01-01") -> int:
    """The first dates of a column are a default, as where nothing was known: up to `count` of them."""
    made = contract(table)
    header = made.column(column).source_header  # type: ignore[attr-defined]
    shown = pl.Series([value]).str.to_date().dt.strftime(made.file.date_formats[0])[0]
    rows = _read(project, month, table)
    hit = pl.col(header).is_not_null() & (pl.col(header).is_not_null().cum_sum() <= count)
    _write(project, month, table, rows.with_columns(pl.when(hit).then(pl.lit(shown)).otherwise(header).alias(header)))
    return rows.filter(hit).height


def backwards(project: Project, month: str, table: str, begun: str, ended: str, count: int) -> int:
    """Two dates of a row have changed places, so that it ends before it begins: in up to `count` rows."""
    made = contract(table)
    first, last = (made.column(name).source_header for name in (begun, ended))  # type: ignore[attr-defined]
    rows = _read(project, month, table)
    differ = pl.col(first).is_not_null() & pl.col(last).is_not_null() & (pl.col(first) != pl.col(last))
    hit = differ & (differ.cum_sum() <= count)
    swapped = [pl.when(hit).then(a).otherwise(b).alias(b) for a, b in ((first, last), (last, first))]
    _write(project, month, table, rows.with_columns(swapped))
    return rows.filter(hit).height


def male_pregnancies(project: Project, month: str, count: int) -> int:
    """Pregnancies booked under the number and date of birth of a man: up to `count` of them."""
    table = "msds__pregnancies"
    made = contract(table)
    number, born = (made.column(name).source_header for name in ("nhs_number", "birth_date"))  # type: ignore[attr-defined]
    men = truth(project, month, "people").filter(pl.col("sex") == "male", pl.col("age_years").is_between(18, 50))
    men = men.join(truth(project, month, "identities"), on="true_person").sort("true_person").head(count)
    rows = _read(project, month, table)
    taken = min(count, rows.height, men.height)
    days = men["birth_date"].dt.strftime(made.file.date_formats[0])
    for header, values in ((number, men["nhs_number"]), (born, days)):
        rows = rows.with_columns(pl.concat([values.head(taken), rows[header].tail(rows.height - taken)]).alias(header))
    _write(project, month, table, rows)
    return taken
