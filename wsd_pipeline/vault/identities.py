"""tokens.identities and tokens.names: what linkage may know of each source record and each name, as keyed tokens.

Each feed adds the people it names to `people` (one row per source and record: the latest known values); when all
feeds are in, the values are hashed, distinct values first, and joined back. Nothing empty is hashed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsd_pipeline.contracts.core import Identity, LandedTable
from wsd_pipeline.vault import names, practices, supersessions
from wsd_pipeline.vault.keys import Keys
from wsd_pipeline.vault.nhs_numbers import map_numbers
from wsd_pipeline.vault.normalise import SENSITIVE_COLUMN, map_postcodes
from wsd_pipeline.vault.pseudonymise import PLACES, birth_date, person_key_text
from wsd_pipeline.vault.tokens import token_column

if TYPE_CHECKING:
    import duckdb
    import polars as pl

ADOPTED_COLUMN = "is_adopted"
OVERUSED_BIRTH_DATES = 3
"""A number held with more dates of birth than this in one source is a default, not a person's."""

_VALUES = {
    Identity.FORENAME: "{}",
    Identity.SURNAME: "{}",
    Identity.FORMER_SURNAME: "{}",
    Identity.SEX: "sex_of({})",
    Identity.PRACTICE: "practice_of({})",
    Identity.UPN: "upn_of({})",
}
_TEXTS = ("nhs_number", "forename", "surname", "former_surname", "sex", "practice", "upn")
_COLUMNS = (*_TEXTS, "nhs_state", "birth_date", "postcode", "uprn")
_NAMES = {"forename": "forename_names", "surname": "surname_names", "former_surname": "surname_names"}


def start(con: duckdb.DuckDBPyConnection) -> None:
    """An empty `people`."""
    kinds = {"birth_date": "date"}
    columns = ", ".join(f"{c} {kinds.get(c, 'varchar')}" for c in _COLUMNS)
    con.execute(f"create or replace temp table people (source varchar, record_id uuid, preference integer, {columns})")


def add(con: duckdb.DuckDBPyConnection, feed: LandedTable, month: str) -> None:
    """Add the people of `landed`: for each record the latest known value of each identity column.

    Latest is by the contract's `latest_by`, then by place in the file. Postcode and UPRN are taken from one row,
    the latest that has either; a record ever flagged sensitive has neither. A child's record that adoption closed is
    not added: nothing of it may be tied to the child's new life.
    """
    known = feed.identity_columns
    values = []
    for part, form in _VALUES.items():
        column = known.get(part)
        values.append(f"{form.format(_of(column.name)) if column else 'null::varchar'} as {part.value}")
    number, place, born = (known.get(p) for p in (Identity.NHS_NUMBER, Identity.POSTCODE, Identity.BIRTH_DATE))
    joins = ""
    if number is not None:
        map_numbers(con, "number_forms", "landed", number.name)
        joins += f" left join number_forms on number_forms.raw = {_of(number.name)}"
    if place is not None:
        map_postcodes(con, "postcode_forms", "landed", place.name)
        joins += f" left join postcode_forms on postcode_forms.raw = {_of(place.name)}"
    if feed.has_addresses:
        found = f"select row_number as found_at, uprn as found_uprn from addressed where qualifier in {PLACES}"
        joins += f" left join ({found}) on found_at = landed.row_number"
    values.append(f"{'found_uprn' if feed.has_addresses else 'null::varchar'} as uprn")
    values.append(f"{'number_forms.number' if number else 'null::varchar'} as nhs_number")
    values.append(f"{'number_forms.state' if number else 'null::varchar'} as nhs_state")
    values.append(f"{'postcode_forms.postcode' if place else 'null::varchar'} as postcode")
    values.append(f"{birth_date(_of(born.name), month) if born else 'null::date'} as birth_date")
    flagged = SENSITIVE_COLUMN in [c.name for c in feed.columns]
    values.append(f"{f'coalesce({SENSITIVE_COLUMN}, false)' if flagged else 'false'} as is_withheld")
    open_only = (
        f"where not coalesce({ADOPTED_COLUMN}, false)" if ADOPTED_COLUMN in [c.name for c in feed.columns] else ""
    )
    order = "".join(f"{quote(c)} nulls first, " for c in feed.latest_by) + "row_number"
    texts = ", ".join(f"arg_max({t}, place) filter ({t} is not null) as {t}" for t in _TEXTS)
    preference = sum(1 for other in _feeds_before(feed))
    con.execute(f"""insert into people
        with placed as (
            select {person_key_text(feed)} as person_key_text, row_number() over (order by {order}) as place,
                {", ".join(values)}
            from landed {joins} {open_only}
        ),
        latest as (
            select person_key_text, {texts},
                arg_max(nhs_state, place) filter (nhs_state is not null) as nhs_state,
                arg_max(birth_date, place) filter (birth_date is not null) as birth_date,
                arg_max({{'postcode': postcode, 'uprn': uprn}}, place)
                    filter (postcode is not null or uprn is not null) as address,
                bool_or(is_withheld) as is_withheld
            from placed group by person_key_text
        )
        select '{feed.source}', id, {preference}, {", ".join(_TEXTS)},
            case when nhs_number is not null then 'valid' else coalesce(nhs_state, 'absent') end, birth_date,
            case when not is_withheld then address.postcode end, case when not is_withheld then address.uprn end
        from latest join record_ids on record_ids.value = latest.person_key_text""")


def columns_read(feed: LandedTable) -> list[str]:
    """The columns of the feed that say who its people are: what `add` and address matching read of `landed`."""
    wanted = {*feed.person_key, *feed.latest_by, *feed.address_lines, SENSITIVE_COLUMN, ADOPTED_COLUMN}
    wanted |= {c.name for c in feed.identity_columns.values()}
    return [c.name for c in feed.columns if c.name in wanted]


def _of(name: str) -> str:
    return f"landed.{quote(name)}"


def quote(name: str) -> str:
    """A column's name in SQL."""
    return f'"{name}"'


def _feeds_before(feed: LandedTable) -> list[str]:
    """Feeds of the same source preferred to this one: those that say more about identity, then by key."""
    from wsd_pipeline.contracts import sources

    def say(other: LandedTable) -> tuple[int, str]:
        return (-len(other.identity_columns), other.key)

    return [other.key for other in sources().get(feed.source, ()) if say(other) < say(feed)]


def build(con: duckdb.DuckDBPyConnection, keys: Keys) -> None:
    """Make `identities`, `name_forms` and `closures`, as contracted, from `people` and the maps of `supersessions`."""
    _one_row_each(con)
    practices.settle(con)
    _map_names(con, keys)
    _map_dates(con, keys)
    kinds = {"nhs": "nhs_number", "sex": "sex", "uprn": "uprn", "practice": "practice", "upn": "upn"}
    for kind, column in kinds.items():
        _map_tokens(con, f"{kind}_map", _distinct(con, column), {"token": ("value", keys.link(kind))})
    _map_postcodes(con, keys)
    _map_identities(con, keys)
    con.execute(f"create or replace temp table identities as {_SELECT}")
    supersessions.tokenise_closed(con, keys)


def _one_row_each(con: duckdb.DuckDBPyConnection) -> None:
    """One row per record over the source's feeds; defaults taken out; numbers replaced by their successors."""
    others = [c for c in _COLUMNS if c not in ("nhs_state", "postcode", "uprn")]
    first = ", ".join(f"arg_min({c}, preference) filter ({c} is not null) as {c}" for c in others)
    con.execute(f"""create or replace temp table people as
        with merged as (
            select source, record_id, {first},
                arg_min(nhs_state, preference) filter (nhs_state <> 'absent') as nhs_state,
                arg_min({{'postcode': postcode, 'uprn': uprn}}, preference)
                    filter (postcode is not null or uprn is not null) as address
            from people group by source, record_id
        ),
        overused as (
            select source, nhs_number from merged where nhs_number is not null
            group by source, nhs_number having count(distinct birth_date) > {OVERUSED_BIRTH_DATES}
        ),
        numbers as (
            select merged.source, record_id,
                case when o.nhs_number is null then coalesce(s.new_number, merged.nhs_number) end as nhs_number,
                case when o.nhs_number is not null then 'placeholder'
                    when s.new_number is not null then 'superseded'
                    when merged.nhs_number is not null then 'valid'
                    else coalesce(nhs_state, 'absent') end as nhs_state
            from merged
            left join overused o on o.source = merged.source and o.nhs_number = merged.nhs_number
            left join supersessions s on s.old_number = merged.nhs_number
        )
        select merged.* exclude (address, nhs_number, nhs_state), numbers.nhs_number, numbers.nhs_state,
            address.postcode as postcode, address.uprn as uprn
        from merged join numbers using (source, record_id)""")


def _distinct(con: duckdb.DuckDBPyConnection, *columns: str) -> pl.DataFrame:
    """The distinct values of the columns of `people`, as `value`."""
    parts = " union all ".join(f"select {c} as value from people where {c} is not null" for c in columns)
    frame: pl.DataFrame = con.sql(f"select distinct value from ({parts})").pl()
    return frame


def _map_tokens(
    con: duckdb.DuckDBPyConnection, name: str, frame: pl.DataFrame, wanted: dict[str, tuple[str, bytes]]
) -> None:
    """A temp table `name`: `value` and, for each wanted column, the token of a text column under a key."""
    tokens = {made: token_column(frame[text], key) for made, (text, key) in wanted.items()}
    _keep(con, name, frame.select("value").with_columns(**tokens))


def _keep(con: duckdb.DuckDBPyConnection, name: str, frame: pl.DataFrame) -> None:
    con.register("made_tokens", frame.to_arrow())
    con.execute(f"create or replace temp table {name} as select * from made_tokens")
    con.unregister("made_tokens")


def _map_names(con: duckdb.DuckDBPyConnection, keys: Keys) -> None:
    """`forename_names` and `surname_names`: tokens of each distinct name as it is compared."""
    import polars as pl

    forms = {
        "forename_names": names.forename_forms(_distinct(con, "forename")["value"]),
        "surname_names": names.surname_forms(_distinct(con, "surname", "former_surname")["value"]),
    }
    for table, frame in forms.items():
        made = frame.select(
            "value",
            token=token_column(frame["whole"], keys.link("name")),
            phonetic=token_column(frame["phonetic"], keys.link("phonetic")),
            initial=token_column(frame["initial"], keys.link("initial")),
        )
        if "left_out" in frame.columns:
            made = made.with_columns(left_out=token_column(frame["left_out"], keys.link("name")))
        parts = frame.select("value", "tokens").explode("tokens", empty_as_null=True).drop_nulls()
        hashed = parts.with_columns(tokens=token_column(parts["tokens"], keys.link("name")))
        lists = hashed.group_by("value").agg(pl.col("tokens").sort())
        _keep(con, table, made.join(lists, on="value", how="left"))
    _map_likeness(con, pl.concat([f["whole"] for f in forms.values()]), keys)


def _map_likeness(con: duckdb.DuckDBPyConnection, wholes: pl.Series, keys: Keys) -> None:
    """`name_forms`: of each distinct whole name the tokens of what it looks like (tokens.names)."""
    import polars as pl

    frame = names.like_forms(wholes)
    variants = frame["variants"].explode().drop_nulls().unique().sort()
    variant_map = pl.DataFrame({"variants": variants, "token": token_column(variants, keys.link("variant"))})
    lists = (
        frame.select("whole", "variants").explode("variants", empty_as_null=True).drop_nulls()
        .join(variant_map, on="variants").group_by("whole").agg(variant_tokens=pl.col("token").sort())
    )  # fmt: skip
    made = frame.select(
        "whole",
        name_token=token_column(frame["whole"], keys.link("name")),
        prefix_token=token_column(frame["prefix"], keys.link("prefix")),
        form_token=token_column(frame["form"], keys.link("form")),
    )
    _keep(con, "name_forms", made.join(lists, on="whole", how="left").drop("whole"))


def _map_dates(con: duckdb.DuckDBPyConnection, keys: Keys) -> None:
    """`date_map`: the whole date, its year, and day and month under one key so that a swap shows."""
    frame = con.sql("""select distinct birth_date as born, cast(birth_date as varchar) as value,
        strftime(birth_date, '%Y') as year, strftime(birth_date, '%m') as month, strftime(birth_date, '%d') as day
        from people where birth_date is not null""").pl()
    part = keys.link("day_or_month")
    made = frame.select(
        "born",
        token=token_column(frame["value"], keys.link("birth_date")),
        year=token_column(frame["year"], keys.link("birth_year")),
        month=token_column(frame["month"], part),
        day=token_column(frame["day"], part),
    )
    _keep(con, "date_map", made)


def _map_postcodes(con: duckdb.DuckDBPyConnection, keys: Keys) -> None:
    frame = con.sql("""select distinct postcode as value, sector_of(postcode) as sector, outward_of(postcode) as outward
        from people where postcode is not null""").pl()
    kinds = {"token": ("value", "postcode"), "sector": ("sector", "sector"), "outward": ("outward", "outward")}
    _map_tokens(con, "postcode_map", frame, {made: (text, keys.link(kind)) for made, (text, kind) in kinds.items()})


def _map_identities(con: duckdb.DuckDBPyConnection, keys: Keys) -> None:
    """`identity_map`: one token of all a record's values together."""
    whole = " || '|' || ".join(f"coalesce(cast({c} as varchar), '')" for c in sorted(_COLUMNS))
    frame = con.sql(f"select rowid as place, {whole} as value from people").pl()
    _keep(con, "identity_map", frame.select("place", token=token_column(frame["value"], keys.link("identity"))))


_SELECT = """
    select p.source, p.record_id, i.token as identity_token, n.token as nhs_token, p.nhs_state,
        f.token as forename_token, s.token as surname_token, o.token as former_surname_token,
        f.phonetic as forename_phonetic_token, s.phonetic as surname_phonetic_token,
        f.initial as forename_initial_token, f.left_out as forename_left_out_token,
        nullif(list_sort(list_distinct(
            coalesce(f.tokens, []) || coalesce(s.tokens, []) || coalesce(o.tokens, []))), []) as name_tokens,
        d.token as birth_date_token, d.year as birth_year_token, d.month as birth_month_token,
        d.day as birth_day_token,
        coalesce(day(p.birth_date) = 1 and month(p.birth_date) in (1, 7), false) as is_birth_heaped,
        x.token as sex_token, c.token as postcode_token, c.sector as sector_token, c.outward as outward_token,
        u.token as uprn_token, g.token as practice_token, pupil.token as upn_token
    from people p
    join identity_map i on i.place = p.rowid
    left join nhs_map n on n.value = p.nhs_number
    left join forename_names f on f.value = p.forename
    left join surname_names s on s.value = p.surname
    left join surname_names o on o.value = p.former_surname
    left join date_map d on d.born = p.birth_date
    left join sex_map x on x.value = p.sex
    left join postcode_map c on c.value = p.postcode
    left join uprn_map u on u.value = p.uprn
    left join practice_map g on g.value = p.practice
    left join upn_map pupil on pupil.value = p.upn
"""
