"""Misspelt streets and buildings put right by what there is in the address's own postcode."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

FURTHEST_EDITS, SHORTEST_MENDED = 2, 5


def mend(con: duckdb.DuckDBPyConnection) -> None:
    """`mended`: the open texts, a misspelt street or building of their postcode put right; others as they are.

    Misspelt is what is within two edits of one known name, or has its first words and another ending, and is no
    name of a street or building itself.
    """
    con.execute("""create or replace temp table lexicon as
        with every as (
            select distinct postcode as place, street as name, true as is_street from doors where street <> ''
            union
            select distinct postcode, unnest(names), false from doors
        )
        select *, len(string_split(name, ' ')) as length_words, regexp_replace(name, ' [A-Z]+$', '') as core
        from every""")
    con.execute("create or replace temp table every_name as select distinct name from lexicon")
    con.execute(f"""create or replace temp table misspelt as
        with listed as (
            select id, postcode, bare, list_filter(string_split(bare, ' '), lambda w: w <> '') as word_list from still
        ),
        windows as (
            select id, postcode, size, array_to_string(word_list[start:start + size - 1], ' ') as said,
                array_to_string(word_list[start:start + size], ' ') as longer
            from listed, unnest(range(1, len(word_list) + 1)) s(start), unnest([1, 2, 3, 4, 5]) z(size)
            where start + size - 1 <= len(word_list)
        ),
        unknown as (
            select distinct w.id, w.postcode, w.size, w.said, l.name is not null as is_begun from windows w
            anti join every_name n on n.name = w.said left join every_name l on l.name = w.longer and l.name <> w.said
            where regexp_full_match(w.said, '[A-Z ]+') and length(w.said) >= {SHORTEST_MENDED - 1}
        ),
        near as (
            select u.id, u.said, l.name, l.is_street, levenshtein(u.said, l.name) as edits,
                is_street and not is_begun and length(l.core) >= {SHORTEST_MENDED - 1} and l.core = u.said as is_core
            from unknown u join lexicon l on l.place = u.postcode
                and length_words between size - 1 and size + 1 and length(l.name) >= {SHORTEST_MENDED}
            where abs(length(u.said) - length(l.name)) <= {FURTHEST_EDITS} or l.core = u.said
        )
        select id, is_street, arg_min(said, (edits, said)) as said, arg_min(name, (edits, said)) as name
        from near n join still using (id)
        where (edits <= {FURTHEST_EDITS} or is_core) and not contains(bare, ' ' || n.name || ' ')
        group by id, is_street
        having count(distinct name) = 1""")
    con.execute("""create or replace temp table mended as
        select s.* replace (coalesce(
            case when n.said is null then replace(s.bare, ' ' || m.said || ' ', ' ' || m.name || ' ')
                when m.said is null then replace(s.bare, ' ' || n.said || ' ', ' ' || n.name || ' ')
                else replace(replace(s.bare, ' ' || m.said || ' ', ' ' || m.name || ' '),
                    ' ' || n.said || ' ', ' ' || n.name || ' ') end, s.bare) as bare)
        from still s
        left join misspelt m on m.id = s.id and m.is_street left join misspelt n on n.id = s.id and not n.is_street""")
