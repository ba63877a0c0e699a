"""Who has said no: national and local opt-outs as the lists the vault is given, and a few flagged by their practice.

About one in twenty, more in some places than in others and whole households more than by chance, as opt-outs are. Who
opts out, and when, is fixed by the seed: later months only reach further dates. The rows of such people stay in the
extracts, as they do in life; it is the vault that must take them out.
"""

from __future__ import annotations

from datetime import date

import numpy as np

from synthetic_data.world import borough as bor
from synthetic_data.world.calendar import day
from synthetic_data.world.rows import NEVER, Array, stream
from synthetic_data.world.state import Borough

NATIONAL_SHARE = 0.055  # of everybody, by the end of 2028; about 5 in 100 in 2026 (DOMAIN §4.4)
BY_LOCALITY = {"NE": 0.6, "NW": 1.5, "SE": 1.1, "SW": 0.8}
OF_HOUSEHOLD = 0.6  # how much of the leaning is the household's
LOCAL_SHARE = 0.002
TYPE_1_SHARE = 0.0005  # flagged, and yet sent: a practice system that does not leave them out
WITHDRAWN_SHARE = 0.04
BEGAN, SURGE_OVER, LAST = (day(date(*d)) for d in ((2018, 5, 25), (2021, 12, 31), (2028, 12, 31)))


def _odds(state: Borough) -> Array:
    """How likely each person is to have opted out: by where they live."""
    where, home = bor.place(), state.people["home"]
    area = np.where(home >= 0, state.homes["area"][np.maximum(home, 0)], -1)
    inside = (area >= 0) & (area < len(where.lsoa))
    leaning = np.array([BY_LOCALITY[name] for name in where.locality])
    return NATIONAL_SHARE * np.where(inside, leaning[np.where(inside, area, 0)], 1.0)


def national(state: Borough) -> tuple[Array, Array, Array]:
    """People who opt out at some time, the first day of it, and the day they withdraw it (NEVER where they do not)."""
    rng, count = stream(state.seed, "opt outs"), len(state.people)
    chance = rng.standard_normal((count, 6))
    house = state.people["house"]
    shared = stream(state.seed, "opt outs of households").standard_normal(int(house.max(initial=0)) + 2)
    lean = np.sqrt(OF_HOUSEHOLD) * shared[house] + np.sqrt(1 - OF_HOUSEHOLD) * chance[:, 0]
    opted = np.flatnonzero(_uniform(lean) < _odds(state))
    early = _uniform(chance[opted, 1]) < 0.85
    when = _uniform(chance[opted, 2])
    start = np.where(early, BEGAN + when * (SURGE_OVER - BEGAN), SURGE_OVER + when * (LAST - SURGE_OVER)).astype(int)
    start = np.maximum(start, state.people["birth"][opted] + 30)
    ended = _uniform(chance[opted, 3]) < WITHDRAWN_SHARE
    end = np.where(ended, start + 365 + (_uniform(chance[opted, 4]) * 1500).astype(int), NEVER)
    return opted, start, end


def _uniform(normal: Array) -> Array:
    """Standard normal values as uniform ones (Abramowitz and Stegun 7.1.26, right to seven places)."""
    x = np.abs(normal) / np.sqrt(2)
    t = 1 / (1 + 0.3275911 * x)
    poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    error = 1 - poly * np.exp(-x * x)
    return np.where(normal < 0, (1 - error) / 2, (1 + error) / 2)


def local(state: Borough) -> Array:
    """People with a dissent recorded locally."""
    return np.flatnonzero(stream(state.seed, "local opt outs").random(len(state.people)) < LOCAL_SHARE)


def flagged(state: Borough) -> Array:
    """People whose practice has recorded a Type 1 opt-out and sends them all the same."""
    return np.flatnonzero(stream(state.seed, "type 1").random(len(state.people)) < TYPE_1_SHARE)
