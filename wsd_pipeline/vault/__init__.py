"""THE ONLY CODE THAT MAY SEE A NAME. It runs as one child process a month; counts come back, nothing else.

The parent's side:
    airlock.py      start the child, wait, take its one line
    report.py       what the line says; decode.py what of it is let in, and nothing else; listed.py reads its parts,
                    layout.py words them

The child's side (`__main__.py`):
    month.py        the step `month`: land, check, promote, pseudonymise, tokenise; plan.py what there is to do;
                    keeping.py how a feed's table is kept and brought back
    inbox.py        which file is the month's, and what its manifest says
    receive.py      a file in the inbox, whole and as its manifest says: kinds.py what it is, faults.py what is wrong
    preflight.py    text, byte by byte: encoding, structure, line ends, before any parser sees them
    reader.py       a process of its own for workbooks (workbook.py) and Parquet, with little memory and time
    mapping.py      how one supplier's file says what a contract asks: `sources/<feed>.yaml`
    reading.py      text first (both parts of a split file joined), casts.py then cast
    land.py         the typed table; quarantine; resubmissions
    examine.py      a file landed, checked and judged; date_order.py whether its dates are month first
    checks.py       the vault's own gate: SQL made from the contract
    opt_outs.py     who has said no, taken out before anything is made of a row; restricted.py what the law keeps out
    normalise.py    one form for postcodes, dates, codes; nhs_numbers.py for numbers, names.py for names
    addresses.py    address text to UPRN, on the doors of gazetteer.py, in the words of address_words.py and
                    address_spelling.py
    supersessions.py  NHS numbers that stand for others, and closed ones that never do; practices.py the same of codes
    pseudonymise.py the pseudo tables; identities.py tokens.identities; truth.py invented truth
    keys.py         one key and what is derived from it; tokens.py HMAC-SHA256 over columns
    retention.py    what is superseded or past its time, removed
    sealed.py       encrypted Parquet; errors.py keeps other libraries' errors in

For a file that is not in the inbox yet (`wsd source`), ask.py on the parent's side, sources.py on the child's:
    sniff.py        how it seems to be written; evidence.py what its values look like, as rates
    headers.py      what its headers mean; suggest.py which column is which; mapping_text.py writes that down
    told.py         what may be told of it: words of ours, kinds, shapes, counts

Kept in the vault, all for its owner only: `landed/`, `objected/` (identity only, of rows taken out) and `quarantine/`
(sealed), `_keys/` (a wrapped data key a month: destroy it and the month is erased), `_months/` (the key's check
value), `_logs/` (what children printed), `_pointers/` (counts and hashes), and in `linkage/` the linkage room
(`tokens/`, `truth/`, sealed).
"""
