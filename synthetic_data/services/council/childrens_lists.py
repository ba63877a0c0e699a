"""Kinds of help for children and DfE's code lists, with how often each is so; a number elsewhere is a place here.

How many children have each kind is held at the rates for 10,000 children that DfE publishes for boroughs like this one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Kind:
    """A kind of help: open at any time for 10,000 children, its mean length in days, and who of which age has it."""

    table: str
    rate: float
    days: float
    ages: tuple[float, ...]


AGES = np.array([0, 1, 5, 10, 14, 16, 18])
KINDS = (
    Kind("help", 190.0, 200.0, (0.8, 1.0, 1.2, 1.2, 1.1, 0.8, 0.4)),
    Kind("need", 300.0, 300.0, (1.3, 1.0, 0.9, 1.0, 1.3, 1.4, 1.0)),
    Kind("plan", 45.0, 290.0, (2.0, 1.3, 1.0, 0.9, 0.9, 0.6, 0.2)),
    Kind("care", 52.0, 850.0, (0.9, 0.6, 0.7, 1.0, 1.6, 2.2, 2.0)),
    Kind("break", 6.0, 700.0, (0.0, 0.3, 1.0, 1.2, 1.2, 1.0, 0.6)),
)
NEED_SHARE = (0.02, 0.52, 0.10, 0.05, 0.09, 0.15, 0.02, 0.01, 0.03, 0.01)  # N0 to N9
REFERRED_BY = (
    0.05, 0.02, 0.01, 0.01, 0.18, 0.02, 0.05, 0.02, 0.04, 0.06, 0.02,
    0.01, 0.03, 0.04, 0.03, 0.03, 0.02, 0.27, 0.03, 0.03, 0.01, 0.02,
)  # fmt: skip
CLOSED_FOR = (0.04, 0.02, 0.05, 0.08, 0.02, 0.02, 0.03, 0.64, 0.10)  # RC1 to RC9
ABUSE_SHARE = (0.46, 0.07, 0.04, 0.40, 0.03)
LEGAL = ("C1", "C2", "E1", "V2", "V4", "J1", "L1")
LEGAL_SHARE = (0.14, 0.50, 0.03, 0.30, 0.0, 0.01, 0.02)
PLACES = ("U1", "U4", "U6", "K2", "H5", "P1", "P2", "R1", "K1", "R5")
PLACE_SHARE = np.array(
    [[0.17, 0.0, 0.52, 0.12, 0.06, 0.08, 0.02, 0.01, 0.01, 0.01], [0.02, 0, 0.28, 0.12, 0.5, 0, 0.06, 0, 0, 0.02]]
)
ENDS = ("X1", "E4A", "E8", "E3", "E11", "E45", "E7")  # of care: a new episode, home, other, other council, adopted …
END_SHARE = (0.0, 0.42, 0.2, 0.06, 0.07, 0.14, 0.11)
ADOPTED, NEW_EPISODE, SHORT_BREAK = 4, 0, 4
OUTSIDE_SHARE = 0.62  # of placements
