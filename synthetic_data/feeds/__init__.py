"""The files as each supplier sends them: rows under the contract's names, with the mistakes suppliers make.

    health/, council/    a module for each supplier or service
    aggregates           surveys, money, projections, aims;  area: what each place is like
    opt_outs             lists of those who have said no;  closures: who a record under a closed number is of
    reference            lists beside the feeds;  postcode_directory: the borough's
    feed                 rows, and who stands behind each record;  series: days, words and blanks as columns
    identity             number, names, birth, address and group, as a source has them
    mess                 what suppliers get wrong, at error_rates
    write                the files on disk and their manifests
    month                every file of a month: the one module here that knows the two rooms inside

What happened is read from the state and never changed here. Imports world and services.
"""
