"""The borough itself: its people, where and with whom they live, and what befalls them from month to month.

    rows             columns that grow together, streams of chance;  calendar: days as numbers, bounds of months
    state            what is true as of a day, and the number in 0–1 that a row keeps for ever
    borough          the place: public margins (iterative proportional fitting), postcodes, streets
    households       who lives with whom
    homes            where;  addresses: what homes are called, and how people write that down
    names            what people are called, and how names run in families
    people           everybody on the eve of the first month
    past_deaths      those who died in the year before it
    months           a month passing: deaths, births;  moves: away, within and from elsewhere
    practice_lists   who is registered where, and how late lists hear of it
    conditions       disease registers calibrated to QOF
    pregnancies      begun nine months before the births
    closures         people given another NHS number;  opt_outs: people who have said no
    planted          facts put in on purpose, as parameters of chance

Imports nothing else of this package.
"""
