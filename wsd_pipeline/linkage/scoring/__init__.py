"""The probabilistic engine: what deterministic rules leave, scored over integer codes.

    mapping     what a stranger's columns mean          reading     a file's mapped columns, as text
    cleaning    written values made comparable          coding      distinct values to tokens to integers
    levels      how alike two records are, as SQL       blocking    which pairs are compared
    passes      deterministic passes, before scoring    frequency   chance agreement (u) and frequency bands
    em          m, households and class sizes           assign      rivals weighed, one-to-one, margin
    task, session, engine  one run                      model       what was learned, as a versioned file
    files       files in, links out                     measures    links against a truth
    seam        step 5 of the borough's cascade         settings    the one set of defaults

Method: Fellegi and Sunter's weights; levels packed into one integer a pair; EM over patterns and their counts with
a latent household class; u measured among pairs known to be two people; probabilities that compete.
"""
