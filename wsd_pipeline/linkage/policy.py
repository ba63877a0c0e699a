"""What a steward asks of linkage: `config/linkage.yaml`, read and checked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from wsd_pipeline.messages import Stop

FILE = Path(__file__).parents[1] / "config" / "linkage.yaml"


@dataclass(frozen=True, kw_only=True)
class GroupGap:
    """How far apart the best- and the worst-linked group of a source may be, in percentage points of `measure`.

    Groups of fewer records than `minimum_records` in a source are not judged.
    """

    points: float
    group_type: str
    measure: str
    minimum_records: int


def load_group_gap(path: Path = FILE) -> GroupGap:
    """The policy's gap. Stops with WSD-511 where it cannot be read as one."""
    import yaml

    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))["group_gap"]
        gap = GroupGap(
            points=float(raw["points"]),
            group_type=str(raw["group_type"]),
            measure=str(raw["measure"]),
            minimum_records=int(raw["minimum_records"]),
        )
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise Stop("WSD-511", reason=f"linkage.yaml: {type(error).__name__}") from None
    if not 0 < gap.points <= 100 or gap.minimum_records < 1:
        raise Stop("WSD-511", reason="linkage.yaml: points or records out of range")
    return gap
