"""Models: what was learned from one body of data, as versioned files, so that linking need not learn again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wsd_pipeline.linkage.scoring.em import Fit
from wsd_pipeline.linkage.scoring.levels import Comparison
from wsd_pipeline.messages import Stop
from wsd_pipeline.settings import write_text

if TYPE_CHECKING:
    import numpy as np

FORMAT = 1


@dataclass(frozen=True, kw_only=True)
class Model:
    """m, u, the household class and the shares of the frequency bands, per comparison; when it was trained.

    `match_share` is the number of matches per record of the smaller file: a first guess for other files.
    """

    trained_on: str
    rows: int
    match_share: float
    household_share: float
    m: Mapping[str, tuple[float, ...]]
    u: Mapping[str, tuple[float, ...]]
    family: Mapping[str, tuple[float, ...]]
    bands: Mapping[str, tuple[float, ...]]

    def save(self, path: Path) -> None:
        """Write the model as JSON: the same model gives the same bytes."""
        raw = {"format": FORMAT, **{k: _plain(v) for k, v in self.__dict__.items()}}
        write_text(path, json.dumps(raw, indent=1, sort_keys=True) + "\n")

    @classmethod
    def load(cls, path: Path) -> Model:
        """The model of a file. Stops with WSD-233 where it is none, or of another format."""
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
            if raw.pop("format") != FORMAT:
                raise Stop("WSD-233", reason="another format")
            tables = {k: {n: tuple(v) for n, v in raw[k].items()} for k in ("m", "u", "family", "bands")}
            return cls(**{**raw, **tables})
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            raise Stop("WSD-233", reason="not a model") from None

    def fit_for(self, compared: tuple[Comparison, ...], u: list[np.ndarray], records: int) -> Fit:
        """The model's `m` and household levels with another file's `u`. Stops with WSD-233 where levels differ."""
        import numpy as np

        for comparison in compared:
            if len(self.m.get(comparison.name, ())) != len(comparison.levels):
                raise Stop("WSD-233", reason=f"no levels for {comparison.name}")
        return Fit(
            [np.array(self.m[c.name]) for c in compared],
            u,
            [np.array(self.family[c.name]) for c in compared],
            self.match_share * records,
            self.household_share * records,
        )


def model_of(
    fitted: Fit, compared: tuple[Comparison, ...], shares: list[np.ndarray], *, trained_on: str, rows: int, records: int
) -> Model:
    """The model of a fit, its figures rounded to nine places. `trained_on` is a date, given, never the clock's."""

    def table(values: list[np.ndarray]) -> dict[str, tuple[float, ...]]:
        return {c.name: tuple(round(float(x), 12) for x in v) for c, v in zip(compared, values, strict=True)}

    return Model(
        trained_on=trained_on,
        rows=rows,
        match_share=round(fitted.matches / max(records, 1), 6),
        household_share=round(fitted.households / max(records, 1), 6),
        m=table(fitted.m),
        u=table(fitted.u),
        family=table(fitted.family),
        bands=table(shares),
    )


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value
