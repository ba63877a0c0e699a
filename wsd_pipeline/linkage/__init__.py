"""Tokens in, people out.

The linkage room's own code: `tokens.identities` is read here and only `linked.*` comes out. `core.link` is pure
(Arrow in, tables out); `month.link_month` reads and writes a project's files inside the vault's child process.

    rules        the cascade as data
    records      step 0: every record at its latest state
    standing     what stands since last month, what is open to decision
    cascade      running the rules              merging      guards and merges
    conflicts    numbers two people hold        clusters     connected components
    closures     adoption, gender recognition: who is never joined again
    people       ids that last                  ledger       what happened to them, hash-chained
    diagnostics  what is said of a record       accuracy     pairs against the truth, where it is known
    waterfall    the parts of a score
    explain      one person's evidence, without identity
    probabilistic  step 5, by the shipped model
    review       step 6                         training     learning that model
    evidence     what is said of a month's linking as a whole
    holdout      records tried without their number        policy       what a steward asks of linkage
    scoring      the engine of step 5
"""
