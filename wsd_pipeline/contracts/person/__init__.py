"""People at the snapshot date: who they are, what they live with, what they use, and what segment rules may ask.

demographics.py   what each source says of a person, where they live, and which of it stands
household.py      who lives with whom; circumstances.py, how they live
events.py         what happened: conditions, stays, attendances, care, contacts; costs.py, what it costs
profile.py        what segment rules may ask, three-valued; facts.py, what has to be there before it can be answered
outcomes.py       what the outcomes framework counts of each person
"""

from __future__ import annotations

from wsd_pipeline.contracts.person import (
    circumstances,
    costs,
    demographics,
    events,
    facts,
    household,
    outcomes,
    profile,
)

TABLES = (
    *demographics.TABLES,
    *events.TABLES,
    household.HOUSEHOLDS,
    *costs.TABLES,
    *profile.TABLES,
    *outcomes.TABLES,
    facts.PROFILE,
    *circumstances.TABLES,
)
