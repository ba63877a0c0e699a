"""What may leave: marts protected and attacked before they are written, safe questions, row-level extracts.

    policy.py       the limits, read from config/disclosure.yaml, never looser than the floor written there
    suppression.py  exact rows of a mart into protected ones, as one SELECT; measures.py, what is computed from counts
    gate.py         protect a mart so that the attacker fails; made.py, how that was done
    remedy.py       what else to withhold; folding.py, a group given whole where nothing else helps
    publication.py  marts put together: what more a release must withhold, the attack on it, the stop; families.py, how
    series.py       releases in a row, joined by flows; tied.py, their system; wall.py, numbers that a month stands at
    further.py      what else a new release withholds, so that nothing is given away of it or of those before
    cells.py        cells, what is known of each, the system of equations
    sheet.py        a mart's rows read once; known.py, what anybody knows from them
    joint.py        the counts of one family from several marts, and the equations that they make
    lattice.py      every total that tables have in common
    attacker.py     the joint bounds attack (HiGHS); room.py, how far each cell can move
    noise.py        record keys, the secret noise table, cell-key noise
    questions.py    what may be asked (config/questions.yaml), and conditions read into declared values
    asking.py       answers, under noise and threshold; ledger.py, the tables each asker has opened
    prepared.py     the people of a month kept ready for questions
    extracts.py     accredited projects and their extracts; anonymity.py, k and l

Nothing here writes an exact count. Every answer, table and file is the same for the same people and secret.
"""

from __future__ import annotations

from wsd_pipeline.disclosure.gate import Protected, protect
from wsd_pipeline.disclosure.made import Made
from wsd_pipeline.disclosure.policy import Policy, load_policy
from wsd_pipeline.disclosure.suppression import protect_select

__all__ = ["Made", "Policy", "Protected", "load_policy", "protect", "protect_select"]
