"""THE ONLY CODE THAT MAY SEE A NAME. It runs as one child process a month; counts come back, nothing else.

The parent's side:
    airlock.py      start the child, wait, take its one line
    report.py       what may be in that line, and nothing else; listed.py reads its parts, layout.py words them

The child's side (`__main__.py`):
    month.py        the step `month`: land, check, promote, pseudonymise, tokenise; plan.py what there is to do;
                    keeping.py how a feed's table is kept and brought back
    inbox.py        which file is the month's, and what its manifest says
    preflight.py    bytes: encoding, structure, line ends, before any parser sees them
    land.py         text first, then cast; quarantine; resubmissions
    checks.py       the vault's own gate: SQL made from the contract
    opt_outs.py     who has said no, taken out before anything is made of a row; restricted.py what the law keeps out
    normalise.py    one form for postcodes, dates, codes; nhs_numbers.py for numbers, names.py for names
    addresses.py    address text to UPRN, on gazetteer.py's doors, in address_words.py's words
    supersessions.py  NHS numbers that stand for others, and closed ones that never do; practices.py the same of codes
    pseudonymise.py the pseudo tables; identities.py tokens.identities; truth.py invented truth
    keys.py         one key and what is derived from it; tokens.py HMAC-SHA256 over columns
    retention.py    what is superseded or past its time, removed
    sealed.py       encrypted Parquet; errors.py keeps other libraries' errors in

Kept in the vault, all for its owner only: `landed/`, `objected/` (identity only, of rows taken out) and `quarantine/` (sealed), `_keys/` (a wrapped data key a
month: destroy it and the month is erased), `_months/` (the key's check value), `_logs/` (what children printed),
`_pointers/` (counts and hashes), and in `linkage/` the linkage room (`tokens/`, `truth/`, sealed).
"""
