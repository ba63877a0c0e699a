"""How many people each segment would have under other numbers: asked of the month's people, and never written.

Counts are protected as a mart's are, and a change of so few people that a difference would tell of them is not shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from wsd_pipeline.contracts.core import Column, Privacy
from wsd_pipeline.lake import Zone
from wsd_pipeline.messages import Stop
from wsd_pipeline.segmentation.models import lifecourse_sql, need_sql
from wsd_pipeline.segmentation.rules import RULES_FILE, RuleSet, load_rules
from wsd_pipeline.settings import Project, snapshot_date
from wsd_pipeline.sql import attach_inputs, connect, macros, seal

if TYPE_CHECKING:
    from wsd_pipeline.contracts.measures import MartTable

TABLES = ("person.profile", "segment.need", "segment.lifecourse", "segment.reasons")


@dataclass(frozen=True, kw_only=True)
class Change:
    """A segment (all where not divided): people before and after, and who would come and go; None is withheld.

    Of all together, `coming` and `going` are those who would be in another segment, of one kind or the other.
    """

    lifecourse_segment: str
    need_segment: str
    before: int | None
    after: int | None
    coming: int | None
    going: int | None


def changed_rules(rules: RuleSet, numbers: Mapping[str, int]) -> RuleSet:
    """The rules under other numbers. Stops with WSD-602 where one is not known, WSD-530 where it makes no sense."""
    for name in numbers:
        if name not in rules.parameters:
            raise Stop("WSD-602", kind="parameter", name=name, nearest="", see=", ".join(sorted(rules.parameters)))
    return load_rules(RULES_FILE, {**rules.parameters, **numbers})


def what_if(project: Project, month: str, numbers: Mapping[str, int]) -> list[Change]:
    """The segments of a month under the shipped rules and under other numbers. Stops with WSD-601 where there is none.

    What has lately held still counts as in the month itself. Nothing is written but spill of the session.
    """
    import tempfile

    from wsd_pipeline.disclosure import load_policy, protect

    lake = Zone(project.lake)
    paths = {key: path for key in TABLES if (path := lake.path(key, month)) is not None}
    if len(paths) < len(TABLES):
        raise Stop("WSD-601", month=month)
    policy = load_policy()
    with tempfile.TemporaryDirectory() as folder:
        con = connect(Path(folder) / "spill", threads=project.threads, memory_limit=project.memory_limit)
        try:
            attach_inputs(con, paths)
            for macro in macros():
                con.execute(macro)
            seal(con, list(paths.values()), Path(folder))
            text = moves_sql(changed_rules(load_rules(), numbers))
            con.execute(f"create temp table moves as {text}", {"snapshot_date": snapshot_date(month)})
            con.execute(f"create temp table made as {_CELLS}")
            con.execute(f"create temp table protected as {protect(con, _table(), 'made', policy).select}")
            rows = con.execute(_SHOWN.format(few=policy.threshold)).fetchall()
        finally:
            con.close()
    names = ("lifecourse_segment", "need_segment", "before", "after", "coming", "going")
    return [Change(**dict(zip(names, row, strict=True))) for row in rows]


def moves_sql(changed: RuleSet) -> str:
    """SQL of how many people are in each pair of segments: those of the month, and those of the changed rules."""
    need = f"({_body(need_sql(changed))})"
    life = _body(lifecourse_sql(changed)).replace("from segment.need", f"from {need} as changed_need")
    return f"""select
    was_life.lifecourse_segment as from_lifecourse, was_need.need_segment as from_need,
    life.lifecourse_segment as to_lifecourse, need.need_segment as to_need, count(*) as people
from ({life}) as life
join {need} as need on need.person_id = life.person_id
join segment.lifecourse as was_life on was_life.person_id = life.person_id
join segment.need as was_need on was_need.person_id = life.person_id
group by from_lifecourse, from_need, to_lifecourse, to_need"""


def _body(text: str) -> str:
    """A model without its first line."""
    return text.split("\n", 1)[1].strip()


_CELLS = """
with ends as (
    select from_lifecourse as life, from_need as need, people as before, 0 as after,
        0 as coming, case when from_lifecourse <> to_lifecourse or from_need <> to_need then people else 0 end as going,
        case when from_lifecourse <> to_lifecourse then people else 0 end as leaving_life,
        case when from_need <> to_need then people else 0 end as leaving_need, 0 as joining_life, 0 as joining_need
    from moves
    union all
    select to_lifecourse, to_need, 0, people,
        case when from_lifecourse <> to_lifecourse or from_need <> to_need then people else 0 end, 0,
        0, 0, case when from_lifecourse <> to_lifecourse then people else 0 end,
        case when from_need <> to_need then people else 0 end
    from moves
)
select life as lifecourse_segment, 'all' as need_segment, sum(before) as before_count, sum(after) as after_count,
    sum(joining_life) as coming_count, sum(leaving_life) as going_count
from ends group by life
union all
select 'all', need, sum(before), sum(after), sum(joining_need), sum(leaving_need) from ends group by need
union all
select 'all', 'all', sum(before), sum(after), sum(coming), sum(going) from ends
"""
_SHOWN = """
select p.lifecourse_segment, p.need_segment, p.before_count,
    case
        when m.lifecourse_segment = 'all' and m.need_segment = 'all' then p.after_count
        when m.coming_count between 1 and {few} or m.going_count between 1 and {few} then null
        else p.after_count
    end,
    p.coming_count, p.going_count
from protected as p
join made as m on m.lifecourse_segment = p.lifecourse_segment and m.need_segment = p.need_segment
order by p.lifecourse_segment, p.need_segment
"""


def _table() -> MartTable:
    """What is shown, as the contract of a mart that is never made: protected like one."""
    from wsd_pipeline.contracts.measures import Counts, MartTable, count

    def key(name: str) -> Column:
        return Column(name=name, type="VARCHAR", description="Segment, or all.", privacy=Privacy.QUASI, required=True)

    keys = ("lifecourse_segment", "need_segment")
    names = ("before_count", "after_count", "coming_count", "going_count")
    return MartTable(
        key="mart.segment_what_if",
        grain="segment",
        description="Segments before and after a change of rules.",
        unique_key=keys,
        columns=(*map(key, keys), *(column for name in names for column in count(name, "People."))),
        counts={
            **{name: (Counts(family=name, dimensions=keys),) for name in names[:2]},
            **{name: (Counts(family=name, apart=keys),) for name in names[2:]},
        },
    )
