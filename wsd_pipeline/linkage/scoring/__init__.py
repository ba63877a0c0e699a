"""The probabilistic engine: what deterministic rules leave, scored over integer codes.

    mapping     what a stranger's columns mean          reading     a file's mapped columns, as text
    cleaning    written values made comparable          coder       values to tokens, and near names
    numbering   distinct keys, as integers              coding      distinct values to codes
    codes       one side's codes, as arrays             pairs       two rows as one integer
    meeting     rows that agree in several columns      passes      deterministic passes, before scoring
    blocking    which pairs are compared                near        which names are one edit apart
    levels      how alike two records are               comparing   the levels of many pairs, on all cores
    frequency   chance agreement, frequency bands       chances     u of every comparison
    sampling    some of many records, random pairs      em          m, households and class sizes
    learning    what EM makes of a run's pairs          model       what was learned, as a versioned file
    assign      rivals weighed, one-to-one, margin      linking     from scored pairs to links
    task, engine  one run                               settings    the one set of defaults
    files       files in, links out                     measures    links against a truth
    seam        step 5 of the borough's cascade

Method: Fellegi and Sunter's weights; levels packed into one integer a pair; EM over patterns and their counts with
a latent household class; u measured among pairs known to be two people; probabilities that compete.
"""
