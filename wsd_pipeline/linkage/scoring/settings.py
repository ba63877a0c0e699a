"""The engine's one set of defaults, the same for every file: nothing here is tuned to a data set."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How the engine works.

    threshold: least probability of an accepted pair. Probabilities are calibrated, so this is a judgement of cost:
        at 0.8 one wrong join weighs as much as four missed ones.
    margin: least difference of match weight (bits) between an accepted pair and the runner-up of either record.
    pairs_per_record, least_pairs: how many candidate pairs one family of blocking rules may make before its next
        tighter variant is taken: so many for each record of the smaller side and as many for its like on the other.
    pair_cap: pairs at which the tightest variant stops the run, its cause named.
    learn_from: deterministic links whose levels are looked at, to learn m.
    sample_pairs, sample_records: random pairs, and records at most, from which u of inexact levels is measured.
    """

    threshold: float = 0.8
    margin: float = 2.0
    pairs_per_record: int = 4
    least_pairs: int = 1_000_000
    pair_cap: int = 200_000_000
    sample_pairs: int = 200_000
    sample_records: int = 20_000
    learn_from: int = 50_000
    prior_strength: float = 25.0
    keep_from: float = 0.001
    iterations: int = 60
    bands: int = 8
    threads: int = 2


DEFAULTS = Settings()
