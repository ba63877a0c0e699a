"""People who have said no, taken out of every feed before anything is made of their rows (DOMAIN §4.4).

Type 1: the practice should have left them out; who is still flagged goes from all that practices sent, no further.
National and local: by NHS number, superseded ones followed, in the feeds that the flow register and the project's scope
name. What such a person's row said is not kept, but for the identity by which, under scope `all`, linkage finds the
same person's rows in feeds that hold no number; there it is tokens only, and leaves the linkage room never.

Tables of the session: `opted_out` (number, reason), `cleared` (number), `objectors` (source, person_key_text, reason),
`objected` (what is kept of the rows taken out of the feed at hand), `objector_records` (source, record_id).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from wsd_pipeline.contracts.checks import Severity
from wsd_pipeline.contracts.core import Identity, LandedTable
from wsd_pipeline.contracts.reference.opt_outs import LOCAL, NATIONAL, OPT_OUTS, TYPE_1
from wsd_pipeline.flows import Flow
from wsd_pipeline.gate import CheckResult
from wsd_pipeline.messages import Stop
from wsd_pipeline.settings import Mode, Project, Scope, snapshot_date
from wsd_pipeline.vault import checks
from wsd_pipeline.vault.identities import columns_read
from wsd_pipeline.vault.keys import Keys
from wsd_pipeline.vault.nhs_numbers import map_numbers
from wsd_pipeline.vault.pseudonymise import person_key_text
from wsd_pipeline.vault.supplied import read_supplied
from wsd_pipeline.vault.tokens import token_column

if TYPE_CHECKING:
    import duckdb

NATIONAL_LIST, CLEANED_LIST = "reference.national_opt_outs", "reference.national_cleaned_list"
LOCAL_LIST = "reference.local_opt_outs"
LISTS = (NATIONAL_LIST, CLEANED_LIST, LOCAL_LIST)
FLAG = "has_type1_optout"
OLDEST_DAYS = 21
"""How old the service's answer may be at the snapshot."""


def applied(feed: LandedTable, flow: Flow | None, scope: Scope) -> tuple[str, ...]:
    """The opt-outs that apply to a feed: none to one without people."""
    if not feed.person_key or flow is None:
        return ()
    covered = scope is Scope.ALL or flow.national_opt_out
    return (*((TYPE_1,) if flow.type_1_opt_out else ()), *((NATIONAL, LOCAL) if covered else ()))


def load(con: duckdb.DuckDBPyConnection, project: Project, lists: Mapping[str, Path | None], month: str) -> None:
    """Make `opted_out` and `cleared` as of the snapshot, of numbers as they stand after merges.

    Stops with WSD-101 where a live project has no national list, WSD-142 where the service's answer is too old, and as
    any supplied table does (WSD-111, 112, 130, 131).
    """
    if project.mode is Mode.LIVE and not (lists[NATIONAL_LIST] or lists[CLEANED_LIST]):
        raise Stop("WSD-101", table=NATIONAL_LIST, month=month, folder=str(project.inbox / "_reference"))
    con.execute("create or replace temp table opted_out (number varchar, reason varchar)")
    con.execute("create or replace temp table cleared (number varchar)")
    con.execute("create or replace temp table objectors (source varchar, person_key_text varchar, reason varchar)")
    con.execute("create or replace temp table objector_records (source varchar, record_id uuid)")
    for key, reason in ((NATIONAL_LIST, NATIONAL), (LOCAL_LIST, LOCAL)):
        if (path := lists[key]) is not None:
            stands = "coalesce(try_cast(effective_from as date) <= $day, true) and"
            stands += " coalesce(try_cast(withdrawn_on as date) > $day, true)"
            _numbers(con, project, key, path, month)
            con.execute(
                f"insert into opted_out select distinct number, '{reason}' from listed_numbers where {stands}",
                {"day": snapshot_date(month)},
            )
    if (path := lists[CLEANED_LIST]) is not None:
        _numbers(con, project, CLEANED_LIST, path, month)
        oldest = con.execute("select min(try_cast(checked_on as date)) from listed_numbers").fetchall()[0][0]
        if oldest is None or oldest < snapshot_date(month) - timedelta(days=OLDEST_DAYS):
            raise Stop("WSD-142", table=CLEANED_LIST, days=OLDEST_DAYS, month=month)
        con.execute("insert into cleared select distinct number from listed_numbers")


def _numbers(con: duckdb.DuckDBPyConnection, project: Project, key: str, path: Path, month: str) -> None:
    """Make `listed_numbers`: the rows of a list with the number that stands today; what is no number is left out."""
    read_supplied(con, project, key, path, "listed_rows", month)
    if stop := checks.stop_for_numbers(con, "listed_rows", "nhs_number", project.mode, key, month):
        raise stop
    map_numbers(con, "listed_forms", "listed_rows", "nhs_number")
    con.execute("""create or replace temp table listed_numbers as
        select r.* exclude (nhs_number, row_number), coalesce(s.new_number, f.number) as number
        from listed_rows r join listed_forms f on f.raw = r.nhs_number
        left join supersessions s on s.old_number = f.number
        where f.number is not null""")


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What was taken out of a feed: rows by reason, and the check that practices send nobody with a Type 1 opt-out."""

    rows: Mapping[str, int]
    results: list[CheckResult]


def take_out(con: duckdb.DuckDBPyConnection, feed: LandedTable, reasons: tuple[str, ...], scope: Scope) -> Taken:
    """Take the rows of people who have opted out from `landed` into `objected`; all rows of a person of the source."""
    if not reasons:
        return Taken(rows={}, results=[])
    con.execute("drop table if exists objected_before")
    if is_carried := is_kept(con):
        con.execute("alter table objected rename to objected_before")
    total = con.execute("select count(*) from landed").fetchall()[0][0]
    rows: dict[str, int] = {}
    if _find(con, feed, reasons):
        key, kept = person_key_text(feed), _kept_columns(feed, scope)
        con.execute(f"""create or replace temp table objected as
            select o.reason, {", ".join(kept)} from landed l join objecting o on o.person_key_text = {key}""")
        con.execute(f"delete from landed where {key} in (select person_key_text from objecting)")
        rows = dict(con.execute("select reason, count(*) from objected group by reason").fetchall())
        if Identity.NHS_NUMBER in feed.identity_columns:
            _remember(con, feed)
        else:
            con.execute("drop table objected")
    if is_carried:
        known = " union all by name select * from objected" if is_kept(con) else ""
        con.execute(f"create or replace temp table objected as select * from objected_before{known}")
    flagged = [
        CheckResult(
            table=feed.key, column=FLAG, check=TYPE_1, severity=Severity.WARN, failed=rows.get(TYPE_1, 0), checked=total
        )
    ]
    is_asked = TYPE_1 in reasons and FLAG in {c.name for c in feed.columns}
    return Taken(rows={r: rows[r] for r in OPT_OUTS if r in rows}, results=flagged if is_asked else [])


def _find(con: duckdb.DuckDBPyConnection, feed: LandedTable, reasons: tuple[str, ...]) -> bool:
    """Make `objecting` (person_key_text, reason) of the feed's people; whether there is anybody."""
    key, number = person_key_text(feed), feed.identity_columns.get(Identity.NHS_NUMBER)
    found = [f"select person_key_text, reason from objectors where source = '{feed.source}'"]
    if TYPE_1 in reasons and FLAG in {c.name for c in feed.columns}:
        found.append(f"select {key}, '{TYPE_1}' from landed where {FLAG}")
    if number is not None and NATIONAL in reasons:
        map_numbers(con, "objection_forms", "landed", number.name)
        con.execute("""create or replace temp table objecting_numbers as
            with numbers as (
                select f.raw, coalesce(s.new_number, f.number) as number
                from objection_forms f left join supersessions s on s.old_number = f.number
                where f.number is not null
            )
            select raw, reason from numbers join opted_out using (number)
            union
            select raw, 'national_opt_out' from numbers
            where number not in (select number from cleared) and (select count(*) from cleared) > 0""")
        found.append(f'select {key}, o.reason from landed l join objecting_numbers o on o.raw = l."{number.name}"')
    con.execute(f"""create or replace temp table objecting as
        select person_key_text, list({list(OPT_OUTS)}[place] order by place)[1] as reason
        from (select person_key_text, list_position({list(OPT_OUTS)}, reason) as place
            from ({" union all ".join(found)}) as t(person_key_text, reason))
        group by person_key_text""")
    return bool(con.execute("select count(*) from objecting").fetchall()[0][0])


def _kept_columns(feed: LandedTable, scope: Scope) -> list[str]:
    """What is kept of a row taken out: whose it is at the supplier, and identity where linkage must find them again."""
    named = f"o.reason <> '{TYPE_1}'" if scope is Scope.ALL else "false"
    return [
        f'l."{name}"' if name in feed.person_key else f'case when {named} then l."{name}" end as "{name}"'
        for name in columns_read(feed)
    ]


def _remember(con: duckdb.DuckDBPyConnection, feed: LandedTable) -> None:
    """Add the people of `objected` to `objectors`, so that they are taken out of the source's other feeds."""
    con.execute(f"insert into objectors select distinct '{feed.source}', {person_key_text(feed)}, reason from objected")


def bring_back(con: duckdb.DuckDBPyConnection, feed: LandedTable, rows: object) -> None:
    """Make `objected` again from what was kept of it when the feed was landed."""
    con.register("kept_objected", rows)
    con.execute("create or replace temp table objected as select * from kept_objected")
    con.unregister("kept_objected")
    _remember(con, feed)


def is_kept(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether anything is kept of rows taken out of the feed at hand."""
    return bool(con.execute("select count(*) from duckdb_tables() where table_name = 'objected'").fetchall()[0][0])


def is_there(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether anybody was taken out of the feed at hand whose number is kept for linkage to find."""
    count = f"select count(*) from objected where reason <> '{TYPE_1}'"
    return is_kept(con) and bool(con.execute(count).fetchall()[0][0])


def put_in_place(con: duckdb.DuckDBPyConnection) -> None:
    """Make `landed` of those rows: what was landed has been used by now, and these are read as it was."""
    con.execute(
        "create or replace temp table landed as select row_number() over () as row_number, * from objected"
        f" where reason <> '{TYPE_1}'"
    )


def note_records(con: duckdb.DuckDBPyConnection, feed: LandedTable) -> None:
    """Keep the records of the people in `record_ids` apart: those of whom the number is kept."""
    con.execute(f"insert into objector_records select '{feed.source}', id from record_ids")


def tokenise(con: duckdb.DuckDBPyConnection, keys: Keys, scope: Scope) -> None:
    """Make `opted_out_tokens` (nhs_token); an objector by whose number nobody is found leaves `identities`."""
    con.execute("""delete from identities
        where nhs_token is null and (source, record_id) in (select source, record_id from objector_records)""")
    numbers = con.sql("select distinct number from opted_out order by number").pl()
    if scope is not Scope.ALL:
        numbers = numbers.clear()
    con.register("made_tokens", numbers.select(nhs_token=token_column(numbers["number"], keys.link("nhs"))).to_arrow())
    con.execute("""create or replace temp table opted_out_tokens as
        select nhs_token from made_tokens
        union
        select nhs_token from identities
        where (source, record_id) in (select source, record_id from objector_records)""")
    con.unregister("made_tokens")
