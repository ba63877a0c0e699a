"""What services do for the people of the world: who comes to them, when, for what, and what becomes of it.

    health/    hospitals, practices, community and mental health, registers of births and deaths
    council/   social care, children, schools, housing, council tax, personalised care

Events are in `state.tables`, a source's records of people in `state.sources`. How a supplier writes them down is not
known here: that is `feeds`. What belongs here imports the world only; council services may ask what hospitals did.
"""
