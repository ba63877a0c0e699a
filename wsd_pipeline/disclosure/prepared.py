"""The people of a month kept ready for questions: a small file in the lake, personal data like what it is made of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wsd_pipeline.disclosure.noise import record_keys
from wsd_pipeline.disclosure.questions import UNKNOWN, Registry, load_registry
from wsd_pipeline.lake import Zone, content_key
from wsd_pipeline.messages import Stop
from wsd_pipeline.settings import Project, month_of

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

PEOPLE = ("person.demographics", "segment.lifecourse", "segment.need")


@dataclass(frozen=True, kw_only=True)
class Coded:
    """People as places among each dimension's values, and their record keys: what a question is counted from."""

    values: Mapping[str, tuple[str, ...]]
    codes: Mapping[str, NDArray[np.uint8]]
    record_key: NDArray[np.uint8]

    @classmethod
    def of(cls, frame: pl.DataFrame, secret: bytes, registry: Registry) -> Coded:
        """`frame` has person_id and a text column for each dimension of the registry that can be asked."""
        import polars as pl

        dims = [d for d in registry.dimensions if d in frame.columns]
        text = frame.select([pl.col(d).cast(pl.String).fill_null(UNKNOWN) for d in dims])
        values = {d: tuple(sorted(text[d].unique().to_list(), key=_in_order)) for d in dims}
        codes = {d: text[d].cast(pl.Enum(values[d])).to_physical().cast(pl.UInt8).to_numpy() for d in dims}
        return cls(values=values, codes=codes, record_key=record_keys(frame["person_id"], secret).to_numpy())

    def save(self, path: Path) -> None:
        """Write it beside, then rename, for its owner only."""
        import numpy as np

        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        aside = path.with_suffix(".new.npz")
        names = np.frombuffer(json.dumps(self.values).encode(), dtype=np.uint8)
        arrays: dict[str, Any] = {"names": names, "record_key": self.record_key, **self.codes}
        np.savez(aside, **arrays)
        aside.chmod(0o600)
        aside.replace(path)

    @classmethod
    def load(cls, path: Path) -> Coded:
        """What `save` wrote."""
        import numpy as np

        with np.load(path, allow_pickle=False) as held:
            values = {d: tuple(v) for d, v in json.loads(held["names"].tobytes()).items()}
            return cls(values=values, codes={d: held[d] for d in values}, record_key=held["record_key"])


def _in_order(value: str) -> tuple[bool, int, str]:
    return (value == UNKNOWN, int(value) if value.isdigit() else 0, value)


def coded_people(project: Project, month: str) -> tuple[Coded, bytes]:
    """The people of an accepted month and the secret of their noise. Stops with WSD-601 where the month has none.

    The file is made by the first question, or by whoever calls this before.
    """
    from wsd_pipeline.vault.keys import load

    keys = load(project)
    secret = keys.derive(f"cellkey|{keys.epoch}")
    path = _prepared(project, month, keys.check_value(), keys.epoch)
    if not path.is_file():
        Coded.of(person_frame(project, month), secret, load_registry()).save(path)
        for old in path.parent.glob("*.npz"):
            if old != path:
                old.unlink(missing_ok=True)
    return Coded.load(path), secret


def _prepared(project: Project, month: str, check_value: str, epoch: str) -> Path:
    """Where the people of a month are kept, by what they are made of."""
    lake = Zone(project.lake)
    pointers = {key: lake.pointer(key, month_of(month)) for key in PEOPLE}
    if any(p is None for p in pointers.values()):
        raise Stop("WSD-601", month=month)
    dimensions = {d.name: f"{d.table}.{d.column}" for d in load_registry().dimensions.values()}
    made_of = {"key": check_value, "epoch": epoch, "dimensions": dimensions}
    made_of |= {key: p.sha256[key] for key, p in pointers.items() if p is not None}
    return project.lake / "_questions" / month / "people" / f"{content_key(made_of)}.npz"


def person_frame(project: Project, month: str) -> pl.DataFrame:
    """person_id and every declared dimension of the people counted, as text or whole numbers, by person_id."""
    import polars as pl

    from wsd_pipeline.sql import reference_path

    lake, registry = Zone(project.lake), load_registry()
    paths = {key: lake.path(key, month_of(month)) for key in PEOPLE}
    if any(path is None for path in paths.values()):
        raise Stop("WSD-601", month=month)
    frame = pl.read_parquet(paths["person.demographics"])  # type: ignore[arg-type]
    frame = frame.filter(pl.col("is_eligible"))
    for key in PEOPLE[1:]:
        more = pl.read_parquet(paths[key])  # type: ignore[arg-type]
        keep = ["person_id", *(d.column for d in registry.dimensions.values() if d.table == key)]
        frame = frame.join(more.select(keep), on="person_id", how="left", validate="1:1")
    if wanted := [d.column for d in registry.dimensions.values() if d.table == "reference.lsoa21"]:
        places = pl.read_csv(reference_path("reference.lsoa21"), infer_schema_length=None).select("lsoa21", *wanted)
        frame = frame.join(places, on="lsoa21", how="left")
    dims = {d.name: d.column for d in registry.dimensions.values()}
    is_binary = frame.schema["person_id"] == pl.Binary  # how Polars reads DuckDB's UUID from Parquet
    person = pl.col("person_id").bin.encode("hex") if is_binary else pl.col("person_id").cast(pl.String)
    return frame.select(person.alias("person_id"), **{n: pl.col(c) for n, c in dims.items()}).sort("person_id")
