"""Invent a borough: people in households at addresses, and the files their services would send.

`generate` writes an inbox; nothing in the library imports this package. Everyone in it is made up: NHS numbers are of
the 999 range, which is never issued. What belongs here: only what makes or judges invented data. Modules, in the order
things happen:

    rows, state  columns that grow, streams of chance, and what is true as of a day
    borough      the place: public margins (iterative proportional fitting), postcodes, streets
    households   who lives with whom;  homes: where;  names: what they are called
    people       the borough on the eve of the first month
    months       a month passing: deaths, moves, arrivals, births, practice lists
    conditions   disease registers calibrated to QOF
    hospital, social_care, reablement, schools, tenancies   services used;  care_lists: the words of one of them
    pregnancies  begun nine months before the births;  past_deaths: those who died in the year before the first month
    appointments, outpatients, mental_health, community, talking_therapies, maternity, registrars   health services and
                 the registers of births and deaths, with their files (`..._feeds` where long);  gp_checks, gp_coded:
                 what practices record;  services: what these files share;  health_services: all together
    childrens_care, homeless, housing_need (by bedrooms), revenues, personalised   the council's other services, with
                 their files (`..._feeds` where long);  plans, measurements: yearly returns;  council: all together
    planted      facts with known answers, for the marts to find again;  planted_access: those of access to health care
    canaries     identities that must be found nowhere outside the vault, put in every identifying field
    mess         what suppliers get wrong, at error_rates;  drift: whole files gone wrong, only when asked
    feeds, council_feeds, council_rows, health_feeds   the files' rows;  write: the files;  truth: what was true
    run          from a seed to an inbox
    received, impossible, report   the inbox read back and judged
    tables/      the lists and weights all this draws from
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from synthetic_data.mess import ErrorRates
    from synthetic_data.run import Summary, generate

__all__ = ["ErrorRates", "Summary", "generate"]


def __getattr__(name: str) -> Any:
    """Load the generator when first asked for it: numpy and polars take a while to import."""
    if name in ("generate", "Summary"):
        from synthetic_data import run

        return getattr(run, name)
    if name == "ErrorRates":
        from synthetic_data.mess import ErrorRates

        return ErrorRates
    raise AttributeError(name)
