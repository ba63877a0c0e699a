"""Invent a borough: people in households at addresses, and the files their services would send.

`generate` writes an inbox; nothing in the library imports this package. Everyone in it is made up: NHS numbers are of
the 999 range, which is never issued. What belongs here: only what makes or judges invented data. Rooms, each of which
knows only those above it (a convention test holds that), and says itself what is in it:

    world/      the borough: people, homes, households, conditions, births, deaths and moves over months
    services/   what services do for them: health/ and council/
    feeds/      the files as each supplier sends them, mistakes included: health/, council/ and the rest
    truth/      what was true, written apart from the files
    run         from a seed to an inbox: the world begun, a year of history, then month after month written out
    checks/     an inbox read back and judged, or spoiled on purpose; only tests and commands use it
    tables/     the lists and weights all this draws from
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from synthetic_data.feeds.mess import ErrorRates
    from synthetic_data.run import Summary, generate

__all__ = ["ErrorRates", "Summary", "generate"]


def __getattr__(name: str) -> Any:
    """Load the generator when first asked for it: numpy and polars take a while to import."""
    if name in ("generate", "Summary"):
        from synthetic_data import run

        return getattr(run, name)
    if name == "ErrorRates":
        from synthetic_data.feeds.mess import ErrorRates

        return ErrorRates
    raise AttributeError(name)
