"""Cleaning written values before they are coded: Polars expressions over distinct values, never over rows.

Names lose case, accents, punctuation and titles; MOHAMMED and its spellings are a prefix that comes and goes,
so it yields to the name after it. The phonetic code is a Soundex without its length limit of digits, its
first letter folded by sound.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

TITLES = ("MR", "MRS", "MS", "MISS", "MASTER", "DR", "PROF", "REV", "SIR")
PREFIXES = ("MD", "MOHD", "MOHAMMED", "MOHAMMAD", "MOHAMED", "MUHAMMAD", "MUHAMMED", "MUHAMMOD")
_SHORT_FORMS = """
ALEXANDER ALEX SANDY ALEC|ALEXANDRA ALEXA|ALBERT BERT|ALFRED ALF ALFIE|ANDREW ANDY DREW|ANTHONY TONY|ARTHUR ART
BARBARA BARB|BENJAMIN BEN BENNY|BRIDGET BIDDY|CATHERINE CATHY KATE KATHERINE KATHRYN KATIE KATHY KATHLEEN
CHARLES CHARLIE CHUCK|CHRISTINE CHRISTINA CHRISSIE TINA|CHRISTOPHER CHRIS|DANIEL DAN DANNY|DAVID DAVE
DEBORAH DEBBIE DEB DEBRA|DOROTHY DOT|DOUGLAS DOUG|EDWARD TED ED EDDIE TEDDY NED|ELEANOR ELLIE NELL
ELIZABETH LIZ BETH LIZZIE BETTY ELIZA LIBBY BETSY|EUGENE GENE|FRANCES FRAN|FRANCIS FRANK|FREDERICK FRED FREDDIE
GERALD GERRY|GREGORY GREG|HAROLD HAL|HENRY HARRY HANK|ISABELLA BELLA|JACQUELINE JACKIE|JAMES JIM JIMMY JAMIE
JENNIFER JENNY JEN|JESSICA JESS|JOHN JACK JOHNNY|JONATHAN JON|JOSEPH JOE JOEY|JOSHUA JOSH|JUDITH JUDY
KENNETH KEN|LAWRENCE LARRY|LEONARD LEN|LEWIS LOUIS LOU|MARGARET MAGGIE PEGGY MEG MARGE|MATTHEW MATT
MICHAEL MIKE MICK MICKEY|NATHANIEL NATHAN NAT|NICHOLAS NICK|PAMELA PAM|PATRICIA PAT PATSY TRISH|PATRICK PADDY PADDIE
PETER PETE|PHILIP PHIL|RAYMOND RAY|REBECCA BECKY BECCA|RICHARD DICK RICK RICKY RICH|ROBERT BOB ROB BOBBY ROBBIE
RONALD RON RONNIE|RUSSELL RUSS|SAMANTHA SAM|SAMUEL SAMMY|SANDRA SANDIE|STANLEY STAN|STEPHEN STEVE STEVEN
SUSAN SUE SUSIE SUZANNE|TERENCE TERRY|THEODORE THEO|THERESA TERESA TESS|THOMAS TOM TOMMY|TIMOTHY TIM
VICTORIA VICKY VICKI|VINCENT VINCE|WALTER WALT|WILLIAM BILL WILL BILLY WILLIE LIAM|ZACHARY ZAC ZACK
"""
_FULL_FORM = {
    short: forms.split()[0]
    for line in _SHORT_FORMS.strip().splitlines()
    for forms in line.split("|")
    for short in forms.split()[1:]
}
_SOUNDS = {"PH": "F", "GH": "H", "CK": "K", "KN": "N", "WR": "R", "SCH": "S", "DG": "J"}
_CLASSES = {"BFPV": "1", "CGJKQSXZ": "2", "DT": "3", "L": "4", "MN": "5", "R": "6", "AEIOUYHW": "0"}
_MONTH_NAMES = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_MONTHS = {name: f"{n:02}" for n, name in enumerate(_MONTH_NAMES, 1)}
_PLACEHOLDERS = [c * n for c in "0123456789" for n in range(3, 20)]
_REPEATED = "^(?:" + "|".join(f"{c}+" for c in "0123456789X") + ")$"
_FIRST = {"C": "K", "Q": "K", "Z": "S", "X": "S", "J": "G", "E": "A", "I": "A", "O": "A", "U": "A", "Y": "A"}


def name_words(column: pl.Expr, drop: tuple[str, ...] = ()) -> pl.Expr:
    """The words of a written name, upper case, A to Z only; words of `drop` go unless nothing else is left."""
    import polars as pl

    letters = (
        column.str.to_uppercase()
        .str.normalize("NFKD")
        .str.replace_all(r"[^A-Z \-.,/]", "")
        .str.replace_all(r"[^A-Z]+", " ")
        .str.strip_chars(" ")
    )
    words = letters.str.split(" ").list.filter(~pl.element().is_in([*TITLES, ""]))
    kept = words.list.filter(~pl.element().is_in(list(drop))) if drop else words
    return pl.when(kept.list.len() > 0).then(kept).otherwise(words)


def forename_parts(names: pl.Series) -> pl.DataFrame:
    """`f1`, the first word of a forename, and `f2`, the second (or all together where that is an initial).

    And `f0`: MOHAMMED, in one spelling, where it was left out beside another name or stands alone.
    """
    import polars as pl

    words = name_words(pl.col("raw"), PREFIXES)
    left_out = name_words(pl.col("raw")).list.eval(pl.element().is_in(list(PREFIXES))).list.any()
    second = words.list.get(1, null_on_oob=True)
    whole = pl.when(words.list.len() > 1).then(words.list.join(""))
    parts = {
        "f0": pl.when(left_out).then(pl.lit(PREFIXES[2])),
        "f1": words.list.get(0, null_on_oob=True),
        "f2": pl.when(second.str.len_chars() >= 3).then(second).otherwise(whole),
    }
    return _parts(names, parts, plain="f1")


def surname_parts(names: pl.Series) -> pl.DataFrame:
    """`s0`, the whole surname without spaces; `s1` and `s2`, its first and last word where it has several."""
    import polars as pl

    words = name_words(pl.col("raw"))
    several = words.list.len() > 1
    whole = words.list.join("")
    parts = {
        "s0": pl.when(whole != "").then(whole),
        "s1": pl.when(several).then(words.list.get(0, null_on_oob=True)),
        "s2": pl.when(several).then(words.list.get(-1, null_on_oob=True)),
    }
    return _parts(names, parts, plain="s0")


def _parts(names: pl.Series, parts: Mapping[str, pl.Expr], plain: str) -> pl.DataFrame:
    """The parts of each name in order. One word of A to Z, which most names are, is the `plain` part and no other."""
    import polars as pl

    upper = names.alias("raw").str.to_uppercase().to_frame().with_row_index("place")
    is_plain = pl.col("raw").str.contains("^[A-Z]+$") & ~pl.col("raw").is_in([*TITLES, *PREFIXES])
    made = [
        upper.filter(is_plain).select("place", pl.col("raw").alias(plain)),
        upper.filter(is_plain.not_() | is_plain.is_null()).select("place", **parts),
    ]
    return pl.concat(made, how="diagonal").sort("place").select(parts.keys())


def full_form(column: pl.Expr) -> pl.Expr:
    """The full form of a common English short form (BOB: ROBERT); any other name as it is."""
    return column.replace(_FULL_FORM)


def phonetic(column: pl.Expr) -> pl.Expr:
    """How a name of A to Z sounds: folded first letter, then the Soundex classes of up to five consonants."""
    import polars as pl

    sounds = column.str.replace_many(list(_SOUNDS), list(_SOUNDS.values()))
    first = sounds.str.slice(0, 1).replace(_FIRST)
    letters = [c for group in _CLASSES for c in group]
    digits = [d for group, d in _CLASSES.items() for _ in group]
    coded = sounds.str.replace_many(letters, digits)
    for digit in "123456":
        coded = coded.str.replace_all(f"{digit}{digit}+", digit)
    rest = coded.str.slice(1).str.replace_all("0", "", literal=True).str.slice(0, 5)
    return pl.concat_str([first, rest])


def deletions(names: pl.DataFrame) -> pl.DataFrame:
    """Columns `code` and `variant`: each name of three letters or more, and, from four on, each with one letter gone.

    Two names share a variant when one edit (a letter put in, taken out, changed, or two swapped) leads from one
    to the other. Grain: name and variant.
    """
    import polars as pl

    longest = names.select(pl.col("name").str.len_chars().max()).item() or 0
    long = names.filter(pl.col("name").str.len_chars() >= 4)
    name = pl.col("name")
    frames = [names.filter(name.str.len_chars() >= 3).select("code", variant="name")]
    for k in range(min(int(longest), 24)):
        shorter = pl.concat_str([name.str.slice(0, k), name.str.slice(k + 1)])
        frames.append(long.filter(name.str.len_chars() > k).select("code", variant=shorter))
    return pl.concat(frames)


def postcode_parts(column: pl.Expr) -> list[pl.Expr]:
    """`pc`, the postcode without spaces; `sector` and `district`, by British shape or without the last digits."""
    import polars as pl

    whole = column.str.to_uppercase().str.replace_all(r"[^A-Z0-9]", "")
    british = whole.str.contains(r"^[A-Z]{1,2}[0-9][A-Z0-9]?[0-9][A-Z]{2}$")
    size = whole.str.len_chars()
    return [
        pl.when(whole != "").then(whole).alias("pc"),
        pl.when(size >= 3)
        .then(whole.str.slice(0, size.cast(pl.Int64) - pl.when(british).then(2).otherwise(1)))
        .alias("sector"),
        pl.when(size >= 3)
        .then(whole.str.slice(0, size.cast(pl.Int64) - pl.when(british).then(3).otherwise(2)))
        .alias("district"),
    ]


def birth_parts(dates: pl.Series, formats: tuple[str, ...]) -> pl.DataFrame:
    """`byear`, `bmon`, `bday` as padded text, by the first format that fits; null for 1900-01-01 and the rest.

    Formats are made of %Y, %d and one of %m, %b and %B (English names of months).
    """
    import polars as pl

    shapes = {f"as_{n}": _shape(f) for n, f in enumerate(formats)}
    read = dates.alias("raw").to_frame().select(**{k: pl.col("raw").str.extract_groups(v) for k, v in shapes.items()})
    parts = read.select(
        pl.coalesce(pl.col(k).struct.field(part) for k in shapes).str.zfill(2).alias(part)
        for part in ("byear", "bmon", "bday")
    )
    if any("%b" in f or "%B" in f for f in formats):
        month = pl.col("bmon").str.slice(0, 3).str.to_uppercase().replace(_MONTHS)
        known = month.is_in(list(_MONTHS.values()))
        parts = parts.with_columns(bmon=month).select(pl.when(known).then(pl.all()))
    placeholder = (pl.col("byear") == "1900") & (pl.col("bmon") == "01") & (pl.col("bday") == "01")
    return parts.select(pl.when(~placeholder).then(pl.all()))


def _shape(text: str) -> str:
    """The pattern of a date format, its parts named."""
    shape = r"^\s*"
    digits = {"%Y": r"(?P<byear>\d{4})", "%m": r"(?P<bmon>\d{1,2})", "%d": r"(?P<bday>\d{1,2})"}
    digits |= {"%b": r"(?P<bmon>[A-Za-z]{3})", "%B": r"(?P<bmon>[A-Za-z]{3,9})"}
    is_tight = len(text) == 6
    i = 0
    while i < len(text):
        if text[i : i + 2] in digits:
            pattern = digits[text[i : i + 2]]
            shape += pattern.replace("{1,2}", "{2}") if is_tight else pattern
            i += 2
        else:
            shape += r"\D"
            i += 1
    return shape


def place_word(column: pl.Expr) -> pl.Expr:
    """The letters of a written street or town, upper case, without spaces; null when none are left."""
    import polars as pl

    letters = column.str.to_uppercase().str.normalize("NFKD").str.replace_all(r"[^A-Z]", "")
    return pl.when(letters != "").then(letters)


def compact(column: pl.Expr, least: int = 3) -> pl.Expr:
    """Letters and digits only, upper case; null when fewer than `least` are left or (from 3) all are the same."""
    import polars as pl

    kept = column.str.to_uppercase().str.replace_all(r"[^A-Z0-9]", "")
    fits = kept.str.len_chars() >= least
    if least >= 3:
        fits = fits & ~kept.str.contains(_REPEATED)
    return pl.when(fits).then(kept)


def compact_numbers(values: pl.Series) -> pl.Series:
    """`compact` of a whole column, quick where every value is digits already, as identifiers mostly are.

    A number written with `.0` behind it, as tools do that know no empty integer, is the number.
    """
    import polars as pl

    column = pl.col("v")
    written = values.to_frame("v")
    if written.select(column.str.contains(r"[^0-9]").any()).item():
        return written.select(compact(column.str.replace(r"^([0-9]+)\.0$", "$1")))["v"]
    return written.select(pl.when((column.str.len_bytes() >= 3) & ~column.is_in(_PLACEHOLDERS)).then(column))["v"]


def sex_code(column: pl.Expr) -> pl.Expr:
    """1 male, 2 female, null otherwise, from M/F/1/2 or the words."""
    import polars as pl

    first = column.str.strip_chars_start().str.slice(0, 1).str.to_uppercase()
    return pl.when(first.is_in(["M", "1"])).then(1).when(first.is_in(["F", "2"])).then(2)
