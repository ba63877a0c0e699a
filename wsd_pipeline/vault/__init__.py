"""THE ONLY CODE THAT MAY SEE A NAME. It runs as one child process a month; counts come back, nothing else.

inbox.py        which file is the month's, and what its manifest says
preflight.py    bytes: encoding, structure, header, before any parser sees them
land.py         text first, then cast; quarantine; resubmissions
checks.py       the vault's own gate: SQL made from the contract
normalise.py    SQL rules for numbers, postcodes, dates; names.py for names
tokens.py       HMAC-SHA256 over columns, self-tested; keys.py where the keys come from
identities.py   tokens.identities; pseudonymise.py the pseudo tables; truth.py invented truth, sealed
sealed.py       encrypted Parquet
month.py        the step `month`; __main__.py the child; airlock.py the parent's side; report.py what may pass
"""
